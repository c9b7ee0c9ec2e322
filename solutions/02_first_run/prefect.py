# %% [markdown]
# # First run in Prefect
#
# In module 01 you built a pipeline out of plain functions. It works, until somebody asks: *did it run last night? which
# step failed? how long did it take? can it run for 3 March again?* An orchestrator answers these questions, because it
# runs the steps for you and keeps a record of every one. In Prefect the price is a decorator.
#
# **You will be able to**
#
# * turn functions into tasks, and wire them into a flow in which each waits for what it needs;
# * fan out over a list that is known only when the flow runs, and join again;
# * give a flow a typed parameter;
# * read the record of a run: states, attempts, times;
# * show that the orchestrated pipeline publishes the same model as plain Python.
#
# **45 minutes** · builds on 01 pipeline · the same notebook exists for Airflow and Dagster

# %%
from datetime import date

import pipeline
from autograder import check, hint

from prefect import flow, get_client, task, unmapped
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

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
# ## Tasks and flows
# A **task** is a function with `@task` above it, a **flow** is a function with `@flow` above it that calls tasks. Nothing
# else changes: call the flow, and it runs. Around each call Prefect keeps a record: when it started, what state it
# ended in, how often it was tried.
#
# Before you run this cell: what will it print first, the length or the line from inside the flow?


# %%
@task
def count(day: str) -> int:
    return len(pipeline.read_flights(day))


@flow
def small(day: str) -> int:
    flights = count(day)
    print(f"inside of the flow: {flights} flights")
    return flights


small(DAY)

# %% [markdown]
# `count(day)` starts a task and waits for it. `count.submit(day)` starts it and gives a *future* at once, which another task
# takes in the place of the value. A flow does not wait for futures that it drops: return the last one, or call its
# `.wait()`.
#
# The flow ran here, in this process, at once: that is what people mean when they say that Prefect starts light. (The
# first flow of a notebook takes ten seconds or so. With no server in sight Prefect starts one of its own on this machine,
# for that is who keeps the record.)

# %% [markdown]
# ## 1 · Wire the stages of one day
# Make three tasks named `ingest`, `validate` and `features`, which call the stages of the same names in `pipeline`, and
# a flow **`one_day`** without parameters that runs them for `DAY`. Each task gets what the task before it returned.
#
# *Observed:* your flow is run in a lake of its own. The record must show the three tasks, each waiting for the one
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
@flow
def one_day():
    ### BEGIN SOLUTION
    raw = ingest.submit(DAY)
    valid = validate.submit(raw)
    return features.submit(valid)
    ### END SOLUTION


# %% [markdown] tags=["hint"]
# A task can have the name of the stage that it calls, because the stage is reached as `pipeline.ingest`. Write
# `@task` above a function that does nothing but call the stage and return what it returns.

# %% [markdown] tags=["hint"]
# How does Prefect know who waits for whom? It sees that a task's argument is another task's *future* or result. So hand
# it on: `raw = ingest.submit(DAY)`, then `validate.submit(raw)`. (`raw = ingest(DAY)` works too: it waits at once.)

# %% [markdown] tags=["hint"]
# ```python
# @task
# def ingest(day):
#     return pipeline.ingest(day)
#
# @flow
# def one_day():
#     raw = ingest.submit(DAY)
#     ...                       # validate gets raw, features gets what validate gives
#     return features.submit(valid)
# ```


# %% tags=["wrong"] id="wire-one-day" name="no-tasks" says="no task at all"
@flow
def one_day():
    return pipeline.features(pipeline.validate(pipeline.ingest(DAY)))


# %% tags=["wrong"] id="wire-one-day" name="one-big-task" says="Is `ingest` a task of its own"
@task
def everything(day):
    return pipeline.features(pipeline.validate(pipeline.ingest(day)))


@flow
def one_day():
    return everything(DAY)


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


@flow
def one_day():
    ingest(DAY)
    validate(f"raw/day={DAY}")
    return features(f"valid/day={DAY}.parquet")


# %% tags=["check"]
check("wire-one-day")

# %% [markdown]
# Stuck? Every exercise has hints. They come one at a time: run this cell again for the next one.

# %%
hint("wire-one-day")

# %% [markdown]
# ## 2 · Fan out over the airports
# New York has three airports, and three downloads can run side by side. But how many there are on a given day is known
# only when the flow asks: `pipeline.airports(DAY)`. `task.map` makes one instance of a task for each element of a list,
# and returns a list of futures; `unmapped` marks an argument that is the same for all.


# %%
@task
def shout(word: str, mark: str) -> str:
    return word + mark


@flow
def fan() -> list[str]:
    return shout.map(["EWR", "JFK"], unmapped("!")).result()


fan()

# %% [markdown]
# Make a flow **`by_airport`** that asks for the airports of `DAY`, maps a task named `ingest` over them
# (`pipeline.ingest(day, origin)`, which takes the place of exercise 1's task of that name), and hands the list of references to *one* `validate`, then `features`.
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
@flow
def by_airport():
    ### BEGIN SOLUTION
    raw = ingest.map(unmapped(DAY), airports(DAY))
    valid = validate.submit(raw)
    return features.submit(valid)
    ### END SOLUTION


# %% [markdown] tags=["hint"]
# `ingest` needs two arguments now, a day and an origin. Only the origin differs between the instances.

# %% [markdown] tags=["hint"]
# `ingest.map(unmapped(DAY), origins)` gives a list of futures. A task that gets such a list waits for all of them, and
# receives the list of their results: `pipeline.validate` takes a list of references.

# %% [markdown] tags=["hint"]
# `raw = ingest.map(unmapped(DAY), pipeline.airports(DAY))` and then `valid = validate.submit(raw)`. Nothing needs to be
# collected by hand.


# %% tags=["wrong"] id="fan-out" name="loop-inside-one-task" says="a loop inside of one task"
@task
def ingest(day):
    return [pipeline.ingest(day, origin) for origin in pipeline.airports(day)]


@task
def validate(raw):
    return pipeline.validate(raw)


@flow
def by_airport():
    return validate(ingest(DAY))


# %% tags=["wrong"] id="fan-out" name="airports-typed-in" says="On a day without flights from LGA"
@task
def ingest(day, origin):
    return pipeline.ingest(day, origin)


@task
def validate(raw):
    return pipeline.validate(raw)


@flow
def by_airport():
    return validate(ingest.map(unmapped(DAY), ["EWR", "JFK", "LGA"]))


# %% tags=["wrong"] id="fan-out" name="error-swallowed" says="shows no failed instance"
@task
def ingest(day, origin):
    try:
        return pipeline.ingest(day, origin)
    except pipeline.PipelineError:
        return None


@task
def validate(raw):
    return pipeline.validate([ref for ref in raw if ref])


@flow
def by_airport():
    return validate(ingest.map(unmapped(DAY), pipeline.airports(DAY)))


# %% tags=["check"]
check("fan-out")

# %% [markdown]
# ## 3 · A day as a parameter
# A pipeline that knows one day is of little use. The parameters of a flow are those of its function, and Prefect takes
# the type annotations seriously: what is given is checked, and converted, *before* anything runs. Predict what each of
# these two runs will do.


# %%
@flow
def twice(number: int) -> int:
    return 2 * number


print(twice("21"))
print(twice("many", return_state=True).type.value)

# %% [markdown]
# The text `"21"` became the number 21; `"many"` is no number, so that run failed before its first line.
#
# Make a flow **`any_day`** with one parameter `day` that runs the tasks `ingest`, `validate` and `features` for that day
# (with or without the fan-out, as you like).
#
# *Observed:* asked for a day, the run writes that day and no other; asked for 30 February, no task is started.


# %% tags=["exercise"] id="any-day" points=4 needs=["wire-one-day"]
### BEGIN SOLUTION
@flow
def any_day(day: date):
    raw = ingest.map(unmapped(day), airports(day))
    return features.submit(validate.submit(raw))


### END SOLUTION

# %% [markdown] tags=["hint"]
# The flow is that of exercise 1 or 2 with `day` in the place of `DAY`. What does its annotation have to say?

# %% [markdown] tags=["hint"]
# `def any_day(day: date)`, with `date` from `datetime`, which is imported above. Every stage of `pipeline` takes a date as
# well as a text.


# %% tags=["wrong"] id="any-day" name="no-type" says="it then refuses such a run before anything has happened"
@flow
def any_day(day):
    return features(validate(ingest.map(unmapped(day), airports(day))))


# %% tags=["wrong"] id="any-day" name="day-still-fixed" says="Is the day still fixed"
@flow
def any_day(day: date):
    return features(validate(ingest.map(unmapped(DAY), airports(DAY))))


# %% tags=["wrong"] id="any-day" name="stops-half-way" says="wrote no features"
@flow
def any_day(day: date):
    return validate(ingest.map(unmapped(day), airports(day)))


# %% tags=["check"]
check("any-day")

# %% [markdown]
# ## 4 · Read the run's record
# Now for the questions of the beginning. Prefect's API has every flow run with its task runs, and `get_client` speaks
# to it. A *state* knows the id of its run.

# %%
state = small(DAY, return_state=True)
run_id = state.state_details.flow_run_id
with get_client(sync_client=True) as client:
    run = client.read_flow_run(run_id)
    tasks = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
print("flow:", run.name, run.state_name, run.total_run_time)
for one in tasks:
    print("task:", one.name, one.state_name, "tries:", one.run_count, one.start_time, one.end_time)

# %% [markdown]
# What to notice: a task run's name is the task's own name, a hyphen, and some letters and digits that tell its instances apart. A
# task that never started has no `start_time`.
#
# Write a function **`slowest_task(run_id)`** that returns the name of the task whose run took longest in that flow run
# (one instance of a mapped task counts by itself), and its seconds: `("validate", 0.31)`.
#
# *Observed:* what it says of runs that we make, with tasks that sleep.


# %% tags=["exercise"] id="slowest-task" points=3
def slowest_task(run_id):
    ### BEGIN SOLUTION
    with get_client(sync_client=True) as client:
        tasks = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
    ran = [one for one in tasks if one.start_time]
    slowest = max(ran, key=lambda one: one.end_time - one.start_time)
    return slowest.name.rsplit("-", 1)[0], (slowest.end_time - slowest.start_time).total_seconds()
    ### END SOLUTION


# %% [markdown] tags=["hint"]
# Everything that you need is in the cell above: read the task runs, leave out those without a `start_time`, and take the
# one with the largest difference of end and start.

# %% [markdown] tags=["hint"]
# The difference of two times is a `timedelta`, and has `.total_seconds()`. The name is `one.name.rsplit("-", 1)[0]`.


# %% tags=["wrong"] id="slowest-task" name="name-of-the-instance" says="took longest; `slowest_task` says"
def slowest_task(run_id):
    with get_client(sync_client=True) as client:
        tasks = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
    slowest = max((one for one in tasks if one.start_time), key=lambda one: one.end_time - one.start_time)
    return slowest.name, (slowest.end_time - slowest.start_time).total_seconds()


# %% tags=["wrong"] id="slowest-task" name="last-to-end" says="took longest; `slowest_task` says `features`"
def slowest_task(run_id):
    with get_client(sync_client=True) as client:
        tasks = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
    slowest = max((one for one in tasks if one.end_time), key=lambda one: one.end_time)
    return slowest.name.rsplit("-", 1)[0], (slowest.end_time - slowest.start_time).total_seconds()


# %% tags=["wrong"] id="slowest-task" name="name-alone" says="Return a tuple of two"
def slowest_task(run_id):
    with get_client(sync_client=True) as client:
        tasks = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
    slowest = max((one for one in tasks if one.start_time), key=lambda one: one.end_time - one.start_time)
    return slowest.name.rsplit("-", 1)[0]


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
# Make a flow **`publish_day`** with a parameter `day` that does all of it: ingest, validate, features; then `train` on
# `pipeline.window_before(day)`, `evaluate` the model on the day, `publish`, and `score` the day. Each stage is a task
# of that name.
# The history is in the lake already when your flow is run.
#
# *Observed:* the tasks, each waiting for what it reads; the published model and its metrics, against plain Python's; the
# predictions of the day.
#
# Take care: `evaluate(model, day)` reads the day's features, and `score(day)` uses the champion that `publish(model, metrics)`
# has chosen, but no value tells Prefect so. Calling and submitting have an argument for that: `wait_for=[…]`, a list of
# futures or results. Say it even where you call tasks one after the other: the record shows only what is said.


# %% tags=["exercise"] id="same-metrics" points=5 needs=["any-day"]
### BEGIN SOLUTION
@task
def train(window):
    return pipeline.train(window)


@task
def evaluate(model, day):
    return pipeline.evaluate(model, str(day))


@task
def publish(model, metrics):
    return pipeline.publish(model, metrics)


@task
def score(day):
    return pipeline.score(day)


@flow
def publish_day(day: date):
    raw = ingest.map(unmapped(day), airports(day))
    table = features.submit(validate.submit(raw))
    model = train.submit(pipeline.window_before(day))
    metrics = evaluate.submit(model, day, wait_for=[table])
    published = publish.submit(model, metrics)
    return score.submit(day, wait_for=[published])


### END SOLUTION

# %% [markdown] tags=["hint"]
# `train` needs only the days before, so it may run at any time. But `evaluate` reads the day's features, and `score` uses
# the champion that `publish` has chosen: they must wait, though no value goes from one to the other.

# %% [markdown] tags=["hint"]
# Where no value is handed on, say it: `evaluate.submit(model, day, wait_for=[table])`.

# %% [markdown] tags=["hint"]
# `metrics = evaluate.submit(model, day, wait_for=[table])`, `published = publish.submit(model, metrics)`, and last
# `return score.submit(day, wait_for=[published])`.


# %% tags=["wrong"] id="same-metrics" name="trains-on-another-window" says="Train on the two weeks before the day"
@flow
def publish_day(day: date):
    features(validate(ingest.map(unmapped(day), airports(day))))
    model = task(pipeline.train)(pipeline.window_before(day, days=7))
    metrics = task(pipeline.evaluate)(model, str(day))
    task(pipeline.publish)(model, metrics)
    return task(pipeline.score)(day)


# %% tags=["wrong"] id="same-metrics" name="never-published" says="there is no champion in the lake"
@flow
def publish_day(day: date):
    features(validate(ingest.map(unmapped(day), airports(day))))
    model = task(pipeline.train)(pipeline.window_before(day))
    return task(pipeline.evaluate)(model, str(day))


# %% tags=["wrong"] id="same-metrics" name="never-scored" says="Is `score` the last stage"
@flow
def publish_day(day: date):
    features(validate(ingest.map(unmapped(day), airports(day))))
    model = task(pipeline.train)(pipeline.window_before(day))
    metrics = task(pipeline.evaluate)(model, str(day))
    return task(pipeline.publish)(model, metrics)


# %% tags=["check"]
check("same-metrics")

# %% [markdown]
# ## Remember
# * A task is a function with `@task`, a flow is a function with `@flow`; calling the flow runs it here and now.
# * Prefect learns who waits for whom from what is handed on; `wait_for` says it where nothing is.
# * `task.map` makes as many instances as the list has elements when the flow runs.
# * A flow's annotations are checked before its first line: say `day: date`, and 30 February is refused.
# * Every run leaves a record, and the record is an API.
#
# ## The same in the other two
# | | Airflow | Dagster |
# |---|---|---|
# | a step | `@task` in a function with `@dag` | `@dg.asset`: named after what it makes, not after what it does |
# | who waits | values handed from task to task | an asset's arguments are the assets before it |
# | fan out | `ingest.partial(day=DAY).expand(origin=airports())` | `DynamicOut`, or a partition for each airport |
# | a day as parameter | `params={"day": Param(..., format="date")}` | a partition: `DailyPartitionsDefinition` |
# | run it here | `my_dag.test()` | `dg.materialize([...])` |
# | the record | task instances in its database | events of a run in its instance |
#
# Their notebooks: [Airflow](airflow.ipynb), [Dagster](dagster.ipynb).
#
# **To think about:** the flow is ordinary Python, so an `if` on a result is allowed in it. What does Prefect know about a
# flow before it has run, and what can it therefore not show you?
