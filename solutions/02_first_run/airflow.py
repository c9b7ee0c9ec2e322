# %% [markdown]
# # First run in Airflow
#
# In module 01 you built a pipeline out of plain functions. It works, until somebody asks: *did it run last night? which
# step failed? how long did it take? can it run for 3 March again?* An orchestrator answers these questions, because it
# runs the steps for you and keeps a record of every one. In Airflow the price is to say first what there is to do, and
# to let it be done afterwards.
#
# **You will be able to**
#
# * turn functions into tasks, and wire them into a DAG in which each waits for what it needs;
# * fan out over a list that is known only when the DAG runs, and join again;
# * give a DAG a typed parameter, and read it at the right time;
# * read the record of a run: states, attempts, times;
# * show that the orchestrated pipeline publishes the same model as plain Python.
#
# **45 minutes** · builds on 01 pipeline · the same notebook exists for Prefect and Dagster

# %%
import pipeline
from autograder import check, hint  # before Airflow: this gives it a home in work/, beside the notebook
from autograder.observe.airflow import register

from airflow.models import DagRun
from airflow.sdk import Param, dag, task
from airflow.sdk.exceptions import ParamValidationError

DAY = "2013-03-10"

# %% [markdown]
# ## The friction: a pipeline without a record
# Here are three stages of module 01 in plain Python, for one day. Each hands on a *reference*: a short string that names
# a table in the lake. Run the cell, and then try to answer from its output: how long did `validate` take? Would you know
# if it had failed at three in the morning?

# %%
raw = pipeline.ingest(DAY)
valid = pipeline.validate(raw)
print(raw, valid, pipeline.features(valid), sep="\n")

# %% [markdown]
# ## Tasks and DAGs
# A **task** is a function with `@task` above it. A **DAG** (directed acyclic graph) says which tasks there are and which
# waits for which; calling a function with `@dag` above it builds one. Building is not running: `test()` runs the DAG
# once, here, and around each task Airflow keeps a record: when it started, what state it ended in, how often it was tried.
#
# Airflow runs only DAGs that its database knows. In production a process of its own, the *DAG processor*, reads them from
# a folder of Python files; in a notebook the course's `register` does its work.
#
# Before you run this cell: in which order will the three lines be printed?


# %%
@task
def count(day: str) -> int:
    flights = len(pipeline.read_flights(day))
    print(f"inside of the task: {flights} flights")
    return flights


@dag
def small():
    count(DAY)
    print("inside of the DAG's function")


small = small()
register(small)
print("registered")
run = small.test()

# %% [markdown]
# The DAG's function ran first, and once: it is a *description*, so `count(DAY)` in it counted nothing, and only noted that
# there will be such a task. The task ran in `test()`. Keep these two times apart, **build time** and **run time**: most
# surprises of this notebook come from mixing them up.
#
# You may have waited for several seconds. In Airflow 3 a task speaks to the record through an API only, and `test()`
# builds one in this process the first time. Here is what the next one takes, and where the task's value went: what a task
# returns is stored beside the record, as its *XCom*.

# %%
run = small.test()
print("seconds:", round((run.end_date - run.start_date).total_seconds(), 1))
print("XCom:", run.get_task_instance("count").xcom_pull(task_ids="count"))

# %% [markdown]
# ## 1 · Wire the stages of one day
# Make three tasks named `ingest`, `validate` and `features`, which call the stages of the same names in `pipeline`, and
# a DAG **`one_day`** without parameters that runs them for `DAY`. Each task gets what the task before it returned. As
# above, `one_day` must name the DAG itself in the end: the cell's last line does that.
#
# *Observed:* your DAG is run in a lake of its own. The record must show the three tasks, each waiting for the one
# before; the features of the day must be there.


# %% tags=["exercise"] id="wire-one-day" points=4
### BEGIN SOLUTION
@task
def ingest(day):
    return pipeline.ingest(day)


@task
def validate(raw):
    return pipeline.validate(raw)


@task
def features(valid):
    return pipeline.features(valid)


### END SOLUTION
@dag
def one_day():
    ### BEGIN SOLUTION
    raw = ingest(DAY)
    valid = validate(raw)
    features(valid)
    ### END SOLUTION


one_day = one_day()

# %% [markdown] tags=["hint"]
# A task can have the name of the stage that it calls, because the stage is reached as `pipeline.ingest`. Write
# `@task` above a function that does nothing but call the stage and return what it returns.

# %% [markdown] tags=["hint"]
# How does Airflow know who waits for whom? In the DAG's function, calling a task does not run it; the call returns a
# stand-in for the value to come. Hand that on: `raw = ingest(DAY)`, then `validate(raw)`.

# %% [markdown] tags=["hint"]
# ```python
# @task
# def ingest(day):
#     return pipeline.ingest(day)
#
# @dag
# def one_day():
#     raw = ingest(DAY)
#     ...                       # validate gets raw, features gets what validate gives
#     features(valid)
#
# one_day = one_day()
# ```


# %% tags=["wrong"] id="wire-one-day" name="stages-at-build-time" says="no task at all"
@dag
def one_day():
    pipeline.features(pipeline.validate(pipeline.ingest(DAY)))


one_day = one_day()


# %% tags=["wrong"] id="wire-one-day" name="one-big-task" says="Is `ingest` a task of its own"
@task
def everything(day):
    return pipeline.features(pipeline.validate(pipeline.ingest(day)))


@dag
def one_day():
    everything(DAY)


one_day = one_day()


# %% tags=["wrong"] id="wire-one-day" name="references-typed-in" says="does not wait for `ingest`"
@task
def ingest(day):
    return pipeline.ingest(day)


@task
def validate(raw):
    return pipeline.validate(raw)


@task
def features(valid):
    return pipeline.features(valid)


@dag
def one_day():
    ingest(DAY)
    validate(f"raw/day={DAY}")
    features(f"valid/day={DAY}.parquet")


one_day = one_day()


# %% tags=["wrong"] id="wire-one-day" name="never-called" says="end the cell with `one_day = one_day()`"
@task
def ingest(day):
    return pipeline.ingest(day)


@task
def validate(raw):
    return pipeline.validate(raw)


@task
def features(valid):
    return pipeline.features(valid)


@dag
def one_day():
    features(validate(ingest(DAY)))


# %% tags=["check"]
check("wire-one-day")

# %% [markdown]
# Stuck? Every exercise has hints. They come one at a time: run this cell again for the next one.

# %%
hint("wire-one-day")

# %% [markdown]
# ## 2 · Fan out over the airports
# New York has three airports, and three downloads can run side by side. But how many there are on a given day is known
# only when somebody asks: `pipeline.airports(DAY)`. `expand` makes one instance of a task for each element of a list;
# `partial` gives the arguments that are the same for all. The list may be one that another task returns.


# %%
@task
def cities() -> list[str]:
    return ["EWR", "JFK"]


@task
def shout(word: str, mark: str) -> str:
    return word + mark


@task
def show(words):
    print("shown:", list(words))


@dag
def fan():
    show(shout.partial(mark="!").expand(word=cities()))


fan = fan()
print("before the run:", {one.task_id: sorted(one.upstream_task_ids) for one in fan.tasks})
register(fan)
run = fan.test()
print("after the run:", sorted((one.task_id, one.map_index) for one in run.get_task_instances()))

# %% [markdown]
# Before the run Airflow knows all tasks and who waits for whom, but not how often `shout` will run. Afterwards the record
# has an instance for each element, told apart by its `map_index` (-1 is a task that was not mapped).
#
# Make a DAG **`by_airport`** that asks for the airports of `DAY`, maps a task named `ingest` over them
# (`pipeline.ingest(day, origin)`), and hands the list of references to *one* `validate`, then `features`. As before, end
# with `by_airport = by_airport()`.
#
# *Observed:* one instance of `ingest` for each airport, in the tables too; one `validate` after all of them. If an airport
# fails, nothing is joined.


# %% tags=["exercise"] id="fan-out" points=4
### BEGIN SOLUTION
@task
def airports(day):
    return pipeline.airports(day)


@task
def ingest(day, origin):
    return pipeline.ingest(day, origin)


@task
def validate(raw):
    return pipeline.validate(raw)


@task
def features(valid):
    return pipeline.features(valid)


### END SOLUTION
@dag
def by_airport():
    ### BEGIN SOLUTION
    raw = ingest.partial(day=DAY).expand(origin=airports(DAY))
    valid = validate(raw)
    features(valid)
    ### END SOLUTION


by_airport = by_airport()

# %% [markdown] tags=["hint"]
# `ingest` needs two arguments now, a day and an origin. Only the origin differs between the instances. And the airports
# must be asked for at run time: which function runs then?

# %% [markdown] tags=["hint"]
# A task `airports(day)` returns the list, and `ingest.partial(day=DAY).expand(origin=airports(DAY))` maps over it. A task
# that gets what this returns waits for all instances, and receives the sequence of their values: `pipeline.validate`
# takes it as it is.

# %% [markdown] tags=["hint"]
# `raw = ingest.partial(day=DAY).expand(origin=airports(DAY))` and then `valid = validate(raw)`. Nothing needs to be
# collected by hand.


# %% tags=["wrong"] id="fan-out" name="airports-at-build-time" says="On a day without flights from LGA"
@task
def ingest(day, origin):
    return pipeline.ingest(day, origin)


@task
def validate(raw):
    return pipeline.validate(raw)


@dag
def by_airport():
    validate(ingest.partial(day=DAY).expand(origin=pipeline.airports(DAY)))


by_airport = by_airport()


# %% tags=["wrong"] id="fan-out" name="loop-in-the-dag" says="Map `ingest` over the list"
@task
def ingest(day, origin):
    return pipeline.ingest(day, origin)


@task
def validate(raw):
    return pipeline.validate(raw)


@dag
def by_airport():
    validate([ingest(DAY, origin) for origin in pipeline.airports(DAY)])


by_airport = by_airport()


# %% tags=["wrong"] id="fan-out" name="loop-inside-one-task" says="a loop inside of one task"
@task
def ingest(day):
    return [pipeline.ingest(day, origin) for origin in pipeline.airports(day)]


@task
def validate(raw):
    return pipeline.validate(raw)


@dag
def by_airport():
    validate(ingest(DAY))


by_airport = by_airport()


# %% tags=["wrong"] id="fan-out" name="validate-expanded-too" says="Expected `validate` to run once"
@task
def airports(day):
    return pipeline.airports(day)


@task
def ingest(day, origin):
    return pipeline.ingest(day, origin)


@task
def validate(raw):
    return pipeline.validate(raw)


@dag
def by_airport():
    validate.expand(raw=ingest.partial(day=DAY).expand(origin=airports(DAY)))


by_airport = by_airport()


# %% tags=["wrong"] id="fan-out" name="joins-what-there-is" says="the day was joined without it"
@task
def airports(day):
    return pipeline.airports(day)


@task
def ingest(day, origin):
    return pipeline.ingest(day, origin)


@task(trigger_rule="all_done")
def validate(raw):
    return pipeline.validate(list(raw))


@dag
def by_airport():
    validate(ingest.partial(day=DAY).expand(origin=airports(DAY)))


by_airport = by_airport()


# %% tags=["wrong"] id="fan-out" name="error-swallowed" says="shows no failed instance"
@task
def airports(day):
    return pipeline.airports(day)


@task
def ingest(day, origin):
    try:
        return pipeline.ingest(day, origin)
    except pipeline.PipelineError:
        return None


@task
def validate(raw):
    return pipeline.validate([ref for ref in raw if ref])


@dag
def by_airport():
    validate(ingest.partial(day=DAY).expand(origin=airports(DAY)))


by_airport = by_airport()

# %% tags=["check"]
check("fan-out")

# %% [markdown]
# ## 3 · A day as a parameter
# A pipeline that knows one day is of little use. The parameters of a DAG are its `params`. A `Param` has a value for when
# none is given, and says what is allowed, in the words of JSON Schema: `type="string", format="date"`. A run is given its
# own values as `run_conf`.
#
# But a DAG is built before it is known which day it will be asked for. So its function cannot have the day; what it can
# have is a *template*, `"{{ params.day }}"`, that Airflow fills in just before the task runs. Predict the four lines.


# %%
@task
def tell(day):
    print("the task has:", day)


@dag(params={"day": Param(DAY, type="string", format="date")})
def telling():
    day = "{{ params.day }}"
    print("the DAG's function has:", day)
    tell(day)


telling = telling()
register(telling)
telling.test()
telling.test(run_conf={"day": "2013-07-04"})
try:
    telling.test(run_conf={"day": "2013-02-30"})
except ParamValidationError as error:
    print(str(error).splitlines()[0])

# %% [markdown]
# The same DAG, two days; and 30 February was refused before any task started. For the DAG's function the day is a text in
# braces, so *compute* nothing from it there: that is work for a task. (Inside of a task, `get_current_context()["params"]`
# has the parameters too.)
#
# Make a DAG **`any_day`** with one parameter `day` and tasks `ingest`, `validate` and `features`, which do their stages for
# that day (with or without the fan-out, as you like). The cell is empty: end it with `any_day = any_day()`.
#
# *Observed:* asked for a day, the run writes that day and no other; asked for 30 February, no task is started.


# %% tags=["exercise"] id="any-day" points=4 needs=["wire-one-day"]
### BEGIN SOLUTION
@dag(params={"day": Param(DAY, type="string", format="date")})
def any_day():
    day = "{{ params.day }}"
    raw = ingest.partial(day=day).expand(origin=airports(day))
    features(validate(raw))


any_day = any_day()
### END SOLUTION

# %% [markdown] tags=["hint"]
# The DAG is that of exercise 1 or 2 with a template in the place of `DAY`, and with `params` in its `@dag(…)`.

# %% [markdown] tags=["hint"]
# `@dag(params={"day": Param(DAY, type="string", format="date")})`. In the function begin with `day = "{{ params.day }}"`,
# and hand `day` to the tasks that need it. Templates work in the arguments of a task, in `partial` too.


# %% tags=["wrong"] id="any-day" name="any-text-will-do" says="it then refuses such a run before anything has happened"
@dag(params={"day": Param(DAY, type="string")})
def any_day():
    day = "{{ params.day }}"
    features(validate(ingest.partial(day=day).expand(origin=airports(day))))


any_day = any_day()


# %% tags=["wrong"] id="any-day" name="day-still-fixed" says="Is the day still fixed"
@dag(params={"day": Param(DAY, type="string", format="date")})
def any_day():
    features(validate(ingest.partial(day=DAY).expand(origin=airports(DAY))))


any_day = any_day()

# %% tags=["wrong"] id="any-day" name="read-at-build-time" says="Is the day still fixed"
from airflow.sdk import DAG

with DAG("any_day", params={"day": Param(DAY, type="string", format="date")}) as any_day:
    day = any_day.params["day"]
    features(validate(ingest.partial(day=day).expand(origin=airports(day))))


# %% tags=["wrong"] id="any-day" name="stops-half-way" says="wrote no features"
@dag(params={"day": Param(DAY, type="string", format="date")})
def any_day():
    day = "{{ params.day }}"
    validate(ingest.partial(day=day).expand(origin=airports(day)))


any_day = any_day()

# %% tags=["check"]
check("any-day")

# %% [markdown]
# ## 4 · Read the run's record
# Now for the questions of the beginning. Airflow's database has every DAG run with its task instances. In production it is
# behind the API server (`GET /api/v2/dags/small/dagRuns/…/taskInstances`) and its pages; here, where there is no server,
# Airflow's own classes read it. A run is found by the ids of its DAG and of itself.

# %%
run_id = small.test().run_id
(run,) = DagRun.find(dag_id="small", run_id=run_id)
print("DAG run:", run.run_type, run.state, run.end_date - run.start_date)
for one in run.get_task_instances():
    print("task:", one.task_id, one.map_index, one.state, "tries:", one.try_number, "seconds:", one.duration)

# %% [markdown]
# What to notice: `find` gives a list. All instances of a mapped task have the same `task_id`. A task that never started
# has the duration 0, or None.
#
# Write a function **`slowest_task(dag_id, run_id)`** that returns the name of the task whose instance took longest in that
# DAG run (one instance of a mapped task counts by itself), and its seconds: `("validate", 0.31)`.
#
# *Observed:* what it says of runs that we make, with tasks that sleep.


# %% tags=["exercise"] id="slowest-task" points=3
def slowest_task(dag_id, run_id):
    ### BEGIN SOLUTION
    (run,) = DagRun.find(dag_id=dag_id, run_id=run_id)
    slowest = max(run.get_task_instances(), key=lambda one: one.duration or 0)
    return slowest.task_id, slowest.duration
    ### END SOLUTION


# %% [markdown] tags=["hint"]
# Everything that you need is in the cell above: find the run, read its task instances, and take the one with the
# largest `duration`, where None counts as 0.

# %% [markdown] tags=["hint"]
# `max(run.get_task_instances(), key=lambda one: one.duration or 0)` gives the instance; its `task_id` and its `duration`
# are the answer.


# %% tags=["wrong"] id="slowest-task" name="instances-added-up" says="Take the time from the task's own start to its own end"
def slowest_task(dag_id, run_id):
    (run,) = DagRun.find(dag_id=dag_id, run_id=run_id)
    seconds = {}
    for one in run.get_task_instances():
        seconds[one.task_id] = seconds.get(one.task_id, 0) + (one.duration or 0)
    name = max(seconds, key=seconds.get)
    return name, seconds[name]


# %% tags=["wrong"] id="slowest-task" name="last-to-end" says="took longest; `slowest_task` says `features`"
def slowest_task(dag_id, run_id):
    (run,) = DagRun.find(dag_id=dag_id, run_id=run_id)
    slowest = max(run.get_task_instances(), key=lambda one: one.end_date)
    return slowest.task_id, slowest.duration


# %% tags=["wrong"] id="slowest-task" name="successes-only" says="took longest; `slowest_task` says `ingest`"
def slowest_task(dag_id, run_id):
    (run,) = DagRun.find(dag_id=dag_id, run_id=run_id)
    slowest = max(run.get_task_instances(state="success"), key=lambda one: one.duration)
    return slowest.task_id, slowest.duration


# %% tags=["wrong"] id="slowest-task" name="run-alone" says="with the parameters that the exercise names"
def slowest_task(run_id):
    (run,) = DagRun.find(run_id=run_id)
    slowest = max(run.get_task_instances(), key=lambda one: one.duration)
    return slowest.task_id, slowest.duration


# %% tags=["wrong"] id="slowest-task" name="name-alone" says="Return a tuple of two"
def slowest_task(dag_id, run_id):
    (run,) = DagRun.find(dag_id=dag_id, run_id=run_id)
    return max(run.get_task_instances(), key=lambda one: one.duration or 0).task_id


# %% tags=["check"]
check("slowest-task")

# %% [markdown]
# ## 5 · The same metrics as plain Python
# An orchestrator must not change what is computed. Here is the whole pipeline of module 01 in plain Python: it needs the
# feature tables of the two weeks before the day, so make these first.

# %%
pipeline.prepare(pipeline.window_before(DAY))
plain = pipeline.run_day(DAY)
print(plain["model"], plain["published"]["published"])
print({name: plain["metrics"][name] for name in ("rows", "auc", "brier")})

# %% [markdown]
# Make a DAG **`publish_day`** with a parameter `day` that does all of it: ingest, validate, features; then `train` on
# `pipeline.window_before(day)`, `evaluate` the model on the day, `publish`, and `score` the day. Each stage is a task
# of that name.
# The history is in the lake already when your DAG is run.
#
# *Observed:* the tasks, each waiting for what it reads; the published model and its metrics, against plain Python's; the
# predictions of the day.
#
# Take care: `evaluate(model, day)` reads the day's features, and `score(day)` uses the champion that `publish(model, metrics)`
# has chosen, but no value tells Airflow so. An arrow does: `first >> second` says that `second` waits for `first`, where both
# are what calling a task gave in the DAG's function. And when is the day known from which the window is computed?


# %% tags=["exercise"] id="same-metrics" points=5 needs=["any-day"]
### BEGIN SOLUTION
@task
def train(day):
    return pipeline.train(pipeline.window_before(day))


@task
def evaluate(model, day):
    return pipeline.evaluate(model, day)


@task
def publish(model, metrics):
    return pipeline.publish(model, metrics)


@task
def score(day):
    return pipeline.score(day)


@dag(params={"day": Param(DAY, type="string", format="date")})
def publish_day():
    day = "{{ params.day }}"
    raw = ingest.partial(day=day).expand(origin=airports(day))
    table = features(validate(raw))
    model = train(day)
    metrics = evaluate(model, day)
    table >> metrics
    publish(model, metrics) >> score(day)


publish_day = publish_day()
### END SOLUTION

# %% [markdown] tags=["hint"]
# `train` needs only the days before, so it may run at any time. But `evaluate` reads the day's features, and `score` uses
# the champion that `publish` has chosen: they must wait, though no value goes from one to the other. The window is
# computed from the day, so compute it inside of the task `train`.

# %% [markdown] tags=["hint"]
# Where no value is handed on, say it with an arrow: `table >> metrics`, where `table = features(…)` and
# `metrics = evaluate(model, day)`.

# %% [markdown] tags=["hint"]
# `model = train(day)`, `metrics = evaluate(model, day)`, `table >> metrics`, and last
# `publish(model, metrics) >> score(day)`.


# %% tags=["wrong"] id="same-metrics" name="window-at-build-time" says="task `train` failed"
@dag(params={"day": Param(DAY, type="string", format="date")})
def publish_day():
    day = "{{ params.day }}"
    table = features(validate(ingest.partial(day=day).expand(origin=airports(day))))
    model = task(pipeline.train)(pipeline.window_before(DAY))
    metrics = task(pipeline.evaluate)(model, day)
    table >> metrics
    task(pipeline.publish)(model, metrics) >> task(pipeline.score)(day)


publish_day = publish_day()


# %% tags=["wrong"] id="same-metrics" name="window-of-a-template" says="run the cell again: the line raised an error"
@dag(params={"day": Param(DAY, type="string", format="date")})
def publish_day():
    day = "{{ params.day }}"
    table = features(validate(ingest.partial(day=day).expand(origin=airports(day))))
    model = task(pipeline.train)(pipeline.window_before(day))
    metrics = task(pipeline.evaluate)(model, day)
    table >> metrics
    task(pipeline.publish)(model, metrics) >> task(pipeline.score)(day)


publish_day = publish_day()


# %% tags=["wrong"] id="same-metrics" name="score-does-not-wait" says="does it wait for `publish`"
@task
def train(day):
    return pipeline.train(pipeline.window_before(day))


@dag(params={"day": Param(DAY, type="string", format="date")})
def publish_day():
    day = "{{ params.day }}"
    table = features(validate(ingest.partial(day=day).expand(origin=airports(day))))
    model = train(day)
    metrics = task(pipeline.evaluate)(model, day)
    table >> metrics
    task(pipeline.publish)(model, metrics)
    task(pipeline.score)(day)


publish_day = publish_day()


# %% tags=["wrong"] id="same-metrics" name="evaluate-does-not-wait" says="task `evaluate` failed"
@task
def train(day):
    return pipeline.train(pipeline.window_before(day))


@dag(params={"day": Param(DAY, type="string", format="date")})
def publish_day():
    day = "{{ params.day }}"
    features(validate(ingest.partial(day=day).expand(origin=airports(day))))
    model = train(day)
    metrics = task(pipeline.evaluate)(model, day)
    task(pipeline.publish)(model, metrics) >> task(pipeline.score)(day)


publish_day = publish_day()


# %% tags=["wrong"] id="same-metrics" name="never-published" says="there is no champion in the lake"
@task
def train(day):
    return pipeline.train(pipeline.window_before(day))


@dag(params={"day": Param(DAY, type="string", format="date")})
def publish_day():
    day = "{{ params.day }}"
    table = features(validate(ingest.partial(day=day).expand(origin=airports(day))))
    table >> task(pipeline.evaluate)(train(day), day)


publish_day = publish_day()

# %% tags=["check"]
check("same-metrics")

# %% [markdown]
# ## Remember
# * A task is a function with `@task`; calling a function with `@dag` builds a DAG, and `test()` runs it here and now.
# * Build time is not run time: what the DAG's function calls itself happens before any run, and leaves no record.
# * Airflow learns who waits for whom from what is handed on; `>>` says it where nothing is.
# * `expand` makes as many instances as the list has elements when the DAG runs, if a task returns the list.
# * A `Param` is checked before the first task: say `format="date"`, and 30 February is refused.
#
# ## The same in the other two
# | | Prefect | Dagster |
# |---|---|---|
# | a step | `@task`, called in a function with `@flow` | `@dg.asset`: named after what it makes, not after what it does |
# | who waits | values handed from task to task | an asset's arguments are the assets before it |
# | where nothing is handed on | `wait_for=[table]` | `deps=[table]` |
# | fan out | `ingest.map(unmapped(DAY), airports(DAY))` | `DynamicOut`, or a partition for each airport |
# | a day as parameter | the flow's argument: `day: date` | a partition: `DailyPartitionsDefinition` |
# | run it here | call the flow | `dg.materialize([...])` |
# | the record | task runs behind its API | events of a run in its instance |
#
# Their notebooks: [Prefect](prefect.ipynb), [Dagster](dagster.ipynb).
#
# **To think about:** Airflow knew every task of a DAG before anything ran. What can it show, check or plan that a tool
# cannot in which the flow is ordinary Python, and what does an `if` on a task's result cost you in return?
