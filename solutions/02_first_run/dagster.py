# %% [markdown]
# # First run in Dagster
#
# In module 01 you built a pipeline out of plain functions. It works, until somebody asks: *did it run last night? which
# step failed? how long did it take? can it run for 3 March again?* An orchestrator answers these questions, because it
# runs the steps for you and keeps a record of every one. In Dagster the price is a decorator, and a change of view: you
# name what is made, rather than what is done.
#
# **You will be able to**
#
# * turn functions into assets, and wire them so that each waits for what it is made from;
# * fan out over a list that is known only when the run asks for it, and join again;
# * run the same assets for any day, by partition;
# * read the record of a run: states, attempts, times;
# * show that the orchestrated pipeline publishes the same model as plain Python.
#
# **45 minutes** · builds on 01 pipeline · the same notebook exists for Airflow and Prefect

# %%
import pipeline
from autograder import check, hint

import dagster as dg

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
# ## Assets
# An **asset** is a thing that is worth keeping: a table, a model, a report. The function with `@dg.asset` above it says
# how that thing is made, so it has the thing's name, a noun. An argument is the name of another asset: what that one
# returned is handed in. **Materialising** assets means making them; an **instance** keeps the records, this one until
# the notebook ends. (Dagster logs each step that it takes; `QUIET` spares you that.)
#
# The list names the headline before the count that it is made from. Before you run this cell: will that work?

# %%
QUIET = {"python_logs": {"python_log_level": "CRITICAL"}}
instance = dg.DagsterInstance.ephemeral(settings=QUIET)


@dg.asset
def flight_count() -> int:
    return len(pipeline.read_flights(DAY))


@dg.asset
def headline(flight_count: int) -> str:
    return f"{flight_count} flights left New York on {DAY}"


small = [headline, flight_count]
run = dg.materialize(small, instance=instance)
print(run.success, run.output_for_node("headline"))

# %% [markdown]
# It works: the arguments decide the order, the list does not. Nobody *called* `headline` either; Dagster did, in this
# process, once the count was there. In between it pickled the count into a folder of the instance, as it does with
# whatever an asset returns. For a number or a reference that is nothing; module 05 is about larger things.

# %% [markdown]
# ## 1 · Wire the stages of one day
# Make three assets, each by an `@dg.asset` function of its own, named after what the stages make: `raw` (by `pipeline.ingest`), `valid` (by `pipeline.validate`) and
# `features`, for `DAY`; and a list **`one_day`** of the three. Each asset returns its reference, and gets the reference
# that the asset before it returned.
#
# *Observed:* your list is materialised in a lake of its own. The record must show the three assets, each waiting for
# the one before; the features of the day must be there. (The checks say *task* for whatever a tool runs as one step: in
# Dagster an asset or an op.) To try it yourself: `dg.materialize(one_day, instance=instance).success`.


# %% tags=["exercise"] id="wire-one-day" points=4
### BEGIN SOLUTION
@dg.asset
def raw() -> str:
    return pipeline.ingest(DAY)


@dg.asset
def valid(raw: str) -> str:
    return pipeline.validate(raw)


@dg.asset
def features(valid: str) -> str:
    return pipeline.features(valid)


one_day = [raw, valid, features]
### END SOLUTION

# %% [markdown] tags=["hint"]
# Each asset is a function that does nothing but call its stage and return the reference. The first has no argument: it
# comes from outside, for `DAY`.

# %% [markdown] tags=["hint"]
# How does Dagster know who waits for whom? An argument has the name of an asset: `def valid(raw):` is made from `raw`.
# Inside of the function `raw` is the reference that `raw` returned.

# %% [markdown] tags=["hint"]
# ```python
# @dg.asset
# def raw():
#     return pipeline.ingest(DAY)
#
# @dg.asset
# def valid(raw):
#     ...                       # and features gets valid
#
# one_day = [raw, valid, features]
# ```


# %% tags=["wrong"] id="wire-one-day" name="one-big-asset" says="Is `raw` a task of its own"
@dg.asset
def features():
    return pipeline.features(pipeline.validate(pipeline.ingest(DAY)))


one_day = [features]


# %% tags=["wrong"] id="wire-one-day" name="references-typed-in" says="does not wait for `raw`"
@dg.asset
def raw():
    return pipeline.ingest(DAY)


@dg.asset
def valid():
    return pipeline.validate(f"raw/day={DAY}")


@dg.asset
def features():
    return pipeline.features(f"valid/day={DAY}.parquet")


one_day = [raw, valid, features]


# %% tags=["wrong"] id="wire-one-day" name="argument-is-no-asset" says="no asset of that name"
@dg.asset
def raw():
    return pipeline.ingest(DAY)


@dg.asset
def valid(reference):
    return pipeline.validate(reference)


@dg.asset
def features(valid):
    return pipeline.features(valid)


one_day = [raw, valid, features]


# %% tags=["wrong"] id="wire-one-day" name="only-the-last-one" says="no asset of that name"
@dg.asset
def raw():
    return pipeline.ingest(DAY)


@dg.asset
def valid(raw):
    return pipeline.validate(raw)


@dg.asset
def features(valid):
    return pipeline.features(valid)


one_day = [features]


# %% tags=["wrong"] id="wire-one-day" name="functions-without-decorator" says="functions with `@dg.asset` above them"
def raw():
    return pipeline.ingest(DAY)


def valid(raw):
    return pipeline.validate(raw)


def features(valid):
    return pipeline.features(valid)


one_day = [raw, valid, features]

# %% tags=["check"]
check("wire-one-day")

# %% [markdown]
# Stuck? Every exercise has hints. They come one at a time: run this cell again for the next one.

# %%
hint("wire-one-day")

# %% [markdown]
# ## The friction of nouns: only the last one
# `dg.materialize` does not mean *call this function*; it means *make the things in this list anew*, and nothing else. So what
# becomes of the argument? Here the headline alone is selected, first in an instance that has no record of anything, then
# in the one from above. Predict both lines.

# %%
empty = dg.DagsterInstance.ephemeral(settings=QUIET)
for where in (empty, instance):
    run = dg.materialize(small, selection="headline", instance=where, raise_on_error=False)
    print(run.success, [event.step_key for event in run.get_step_success_events()])

# %% [markdown]
# In the empty instance it failed: there is no count to load. In the other one it took the count that was kept, however
# old that is, and counted nothing. This saves work, and it can surprise: that a run succeeded says nothing about how
# fresh its inputs were.

# %% [markdown]
# ## 2 · Fan out over the airports
# New York has three airports, and three downloads can run side by side (here, in one process, they
# take turns; a deployment runs them in parallel). But how many there are on a given day is known
# only when the run asks: `pipeline.airports(DAY)`. A set of assets is fixed before a run begins, so here you need what
# lies beneath assets: an **op** is a step (a verb again), and a **job** wires ops. An op with a `DynamicOut` yields as
# many outputs as it likes, each with a key; `map` makes one instance of an op for each, and `collect` gives a list.


# %%
@dg.op(out=dg.DynamicOut(str))
def words():
    for word in ("EWR", "JFK"):
        yield dg.DynamicOutput(word, mapping_key=word)


@dg.op
def shout(word: str) -> str:
    return word + "!"


@dg.op
def join(shouts: list[str]) -> str:
    return " ".join(shouts)


@dg.job
def fan():
    join(words().map(shout).collect())


fan.execute_in_process(instance=instance).output_for_node("join")

# %% [markdown]
# What to notice: the body of `fan` ran when the cell defined it, once, and saw no airport. It only draws the wires; the
# ops run later. So a loop or an `if` over data belongs in an op, never into the job.
#
# Make a job **`by_airport`**: an op asks for the airports of `DAY` and yields each, an op named `ingest` is mapped over
# them (`pipeline.ingest(DAY, origin)`), *one* op `validate` gets the list of references, and last comes `features`.
#
# *Observed:* one instance of `ingest` for each airport, in the tables too; one `validate` after all of them. If an airport
# fails, nothing is joined.


# %% tags=["exercise"] id="fan-out" points=4
### BEGIN SOLUTION
@dg.op(out=dg.DynamicOut(str))
def airports():
    for origin in pipeline.airports(DAY):
        yield dg.DynamicOutput(origin, mapping_key=origin)


@dg.op
def ingest(origin: str) -> str:
    return pipeline.ingest(DAY, origin)


@dg.op
def validate(raw: list[str]) -> str:
    return pipeline.validate(raw)


@dg.op
def features(valid: str) -> str:
    return pipeline.features(valid)


@dg.job
def by_airport():
    features(validate(airports().map(ingest).collect()))


### END SOLUTION

# %% [markdown] tags=["hint"]
# It is `fan` with other ops: `words` becomes an op that yields the airports, `shout` becomes `ingest`, `join` becomes
# `validate`, and one more op follows.

# %% [markdown] tags=["hint"]
# `DAY` need not be wired: an op may use it. Only the origin differs between the instances, so `ingest` has one argument,
# and `pipeline.validate` takes a list of references as it is.

# %% [markdown] tags=["hint"]
# The job is one line: `features(validate(airports().map(ingest).collect()))`. The op `airports` loops over
# `pipeline.airports(DAY)` and yields `dg.DynamicOutput(origin, mapping_key=origin)`.


# %% tags=["wrong"] id="fan-out" name="loop-inside-one-op" says="a loop inside of one task"
@dg.op
def ingest() -> list[str]:
    return [pipeline.ingest(DAY, origin) for origin in pipeline.airports(DAY)]


@dg.op
def validate(raw: list[str]) -> str:
    return pipeline.validate(raw)


@dg.op
def features(valid: str) -> str:
    return pipeline.features(valid)


@dg.job
def by_airport():
    features(validate(ingest()))


# %% tags=["wrong"] id="fan-out" name="ops-inside-an-op" says="Its tasks: `everything`"
@dg.op
def ingest(origin):
    return pipeline.ingest(DAY, origin)


@dg.op
def validate(raw):
    return pipeline.validate(raw)


@dg.op
def features(valid):
    return pipeline.features(valid)


@dg.op
def everything():
    return features(validate([ingest(origin) for origin in pipeline.airports(DAY)]))


@dg.job
def by_airport():
    everything()


# %% tags=["wrong"] id="fan-out" name="airports-typed-in" says="On a day without flights from LGA"
@dg.op(out=dg.DynamicOut(str))
def airports():
    for origin in ("EWR", "JFK", "LGA"):
        yield dg.DynamicOutput(origin, mapping_key=origin)


@dg.op
def ingest(origin):
    return pipeline.ingest(DAY, origin)


@dg.op
def validate(raw):
    return pipeline.validate(raw)


@dg.op
def features(valid):
    return pipeline.features(valid)


@dg.job
def by_airport():
    features(validate(airports().map(ingest).collect()))


# %% tags=["wrong"] id="fan-out" name="error-swallowed" says="shows no failed instance"
@dg.op(out=dg.DynamicOut(str))
def airports():
    for origin in pipeline.airports(DAY):
        yield dg.DynamicOutput(origin, mapping_key=origin)


@dg.op
def ingest(origin):
    try:
        return pipeline.ingest(DAY, origin)
    except pipeline.PipelineError:
        return None


@dg.op
def validate(raw):
    return pipeline.validate([ref for ref in raw if ref])


@dg.op
def features(valid):
    return pipeline.features(valid)


@dg.job
def by_airport():
    features(validate(airports().map(ingest).collect()))


# %% tags=["wrong"] id="fan-out" name="not-collected" says="Expected `validate` to run once"
@dg.op(out=dg.DynamicOut(str))
def airports():
    for origin in pipeline.airports(DAY):
        yield dg.DynamicOutput(origin, mapping_key=origin)


@dg.op
def ingest(origin):
    return pipeline.ingest(DAY, origin)


@dg.op
def validate(raw):
    return pipeline.validate(raw)


@dg.op
def features(valid):
    return pipeline.features(valid)


@dg.job
def by_airport():
    airports().map(ingest).map(validate).map(features)


# %% tags=["check"]
check("fan-out")

# %% [markdown]
# Most people who use Dagster would take **partitions** here rather than ops: three airports that are known beforehand can
# be three partitions of `raw`, each with its own place in the catalogue and its own *run it again*. A dynamic output is
# for lists that nobody knows before the run, such as the files in an inbox.

# %% [markdown]
# ## 3 · A day as a parameter
# A pipeline that knows one day is of little use. In Dagster a day is a **partition**: an asset says into which pieces it
# is cut, and a run makes one of them. `context.partition_key` tells which. (Things that are cut into days get an instance of their own
# here: a folder of days cannot stand where the file of an uncut `raw` stands.) Predict what each of these two runs will do.

# %%
by_day = dg.DagsterInstance.ephemeral(settings=QUIET)
DAYS = dg.DailyPartitionsDefinition(start_date="2013-01-01", end_date="2014-01-01")  # the end is not among them


@dg.asset(partitions_def=DAYS)
def flights_of_day(context: dg.AssetExecutionContext) -> int:
    return len(pipeline.read_flights(context.partition_key))


for day in ("2013-03-03", "2013-02-30"):
    try:
        run = dg.materialize([flights_of_day], partition_key=day, instance=by_day)
        print(day, run.output_for_node("flights_of_day"))
    except dg.DagsterUnknownPartitionError as error:
        print(error)

# %% [markdown]
# There are 365 partitions, and 30 February is none of them: that run was refused before anything happened.
#
# Make a list **`any_day`** of the assets `raw`, `valid` and `features`, cut into `DAYS`, which ingest, validate and
# compute the features of the run's partition.
#
# *Observed:* asked for a day, the run writes that day and no other; asked for 30 February, no asset is made. To try it
# yourself: `dg.materialize(any_day, partition_key="2013-03-03", instance=by_day).success`.


# %% tags=["exercise"] id="any-day" points=4 needs=["wire-one-day"]
### BEGIN SOLUTION
@dg.asset(partitions_def=DAYS)
def raw(context: dg.AssetExecutionContext) -> str:
    return pipeline.ingest(context.partition_key)


@dg.asset(partitions_def=DAYS)
def valid(raw: str) -> str:
    return pipeline.validate(raw)


@dg.asset(partitions_def=DAYS)
def features(valid: str) -> str:
    return pipeline.features(valid)


any_day = [raw, valid, features]
### END SOLUTION

# %% [markdown] tags=["hint"]
# The assets are those of exercise 1, with `partitions_def=DAYS` in the decorator. Only one of them has to ask which day
# it is; the others get a reference that says it.

# %% [markdown] tags=["hint"]
# `def raw(context):` can call `pipeline.ingest(context.partition_key)`. If you leave `partitions_def` out of `valid`, it is
# one thing made from *all* days of `raw`: so all three need it.


# %% tags=["wrong"] id="any-day" name="no-partitions" says="`partitions_def`"
@dg.asset
def raw():
    return pipeline.ingest("2013-03-03")


@dg.asset
def valid(raw):
    return pipeline.validate(raw)


@dg.asset
def features(valid):
    return pipeline.features(valid)


any_day = [raw, valid, features]


# %% tags=["wrong"] id="any-day" name="only-the-first-is-partitioned" says="could not load its input `raw`"
@dg.asset(partitions_def=DAYS)
def raw(context):
    return pipeline.ingest(context.partition_key)


@dg.asset
def valid(raw):
    return pipeline.validate(raw)


@dg.asset
def features(valid):
    return pipeline.features(valid)


any_day = [raw, valid, features]


# %% tags=["wrong"] id="any-day" name="day-still-fixed" says="Is the day still fixed"
@dg.asset(partitions_def=DAYS)
def raw():
    return pipeline.ingest(DAY)


@dg.asset(partitions_def=DAYS)
def valid(raw):
    return pipeline.validate(raw)


@dg.asset(partitions_def=DAYS)
def features(valid):
    return pipeline.features(valid)


any_day = [raw, valid, features]


# %% tags=["wrong"] id="any-day" name="stops-half-way" says="wrote no features"
@dg.asset(partitions_def=DAYS)
def raw(context):
    return pipeline.ingest(context.partition_key)


@dg.asset(partitions_def=DAYS)
def valid(raw):
    return pipeline.validate(raw)


any_day = [raw, valid]

# %% tags=["wrong"] id="any-day" name="day-made-of-text" says="Which day did it take?"
NAMES = [f"2013-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 32)]
ALL = dg.StaticPartitionsDefinition(NAMES)


@dg.asset(partitions_def=ALL)
def raw(context):
    month, day = map(int, context.partition_key.split("-")[1:])
    return pipeline.ingest(f"2013-{month:02}-{min(day, 28):02}")


@dg.asset(partitions_def=ALL)
def valid(raw):
    return pipeline.validate(raw)


@dg.asset(partitions_def=ALL)
def features(valid):
    return pipeline.features(valid)


any_day = [raw, valid, features]

# %% tags=["check"]
check("any-day")

# %% [markdown]
# ## 4 · Read the run's record
# Now for the questions of the beginning. The instance has every run, with all that happened in it as a log of events
# (`instance.all_logs(run_id)`). For the steps, `get_run_step_stats` sums that log up.

# %%
run = dg.materialize(small, instance=instance)
print("run:", instance.get_run_by_id(run.run_id).status.value)
for step in instance.get_run_step_stats(run.run_id):
    print("step:", step.step_key, step.status.value, "tries:", step.attempts, step.start_time, step.end_time)

# %% [markdown]
# What to notice: times are seconds, as `time.time()` counts them. An asset's step has the asset's name. An instance of a
# mapped op has its key in brackets behind the name, as in `ingest[EWR]`. A skipped step has an `end_time`, but
# `None` for its `start_time`; a step whose input failed does not stand here at all. Leave both out.
#
# Write a function **`slowest_task(instance, run_id)`** that returns the name of the op or asset whose step took longest in
# that run (one instance of a mapped op counts by itself; its name is what stands before the bracket), and its seconds:
# `("validate", 0.31)`.
#
# *Observed:* what it says of runs that we make, with ops that sleep.


# %% tags=["exercise"] id="slowest-task" points=3
def slowest_task(instance, run_id):
    ### BEGIN SOLUTION
    ran = [step for step in instance.get_run_step_stats(run_id) if step.start_time]
    slowest = max(ran, key=lambda step: step.end_time - step.start_time)
    return slowest.step_key.split("[")[0], slowest.end_time - slowest.start_time
    ### END SOLUTION


# %% [markdown] tags=["hint"]
# Everything that you need is in the cell above: read the steps, leave out those without a `start_time`, and take the one
# with the largest difference of end and start.

# %% [markdown] tags=["hint"]
# The difference is in seconds already. The name is `step.step_key.split("[")[0]`.


# %% tags=["wrong"] id="slowest-task" name="name-of-the-instance" says="took longest; `slowest_task` says `ingest["
def slowest_task(instance, run_id):
    ran = [step for step in instance.get_run_step_stats(run_id) if step.start_time]
    slowest = max(ran, key=lambda step: step.end_time - step.start_time)
    return slowest.step_key, slowest.end_time - slowest.start_time


# %% tags=["wrong"] id="slowest-task" name="last-to-end" says="took longest; `slowest_task` says `features`"
def slowest_task(instance, run_id):
    ran = [step for step in instance.get_run_step_stats(run_id) if step.start_time]
    slowest = max(ran, key=lambda step: step.end_time)
    return slowest.step_key.split("[")[0], slowest.end_time - slowest.start_time


# %% tags=["wrong"] id="slowest-task" name="name-alone" says="Return a tuple of two"
def slowest_task(instance, run_id):
    ran = [step for step in instance.get_run_step_stats(run_id) if step.start_time]
    slowest = max(ran, key=lambda step: step.end_time - step.start_time)
    return slowest.step_key.split("[")[0]


# %% tags=["wrong"] id="slowest-task" name="time-of-the-whole-run" says="Take the time from the task's own start"
def slowest_task(instance, run_id):
    ran = [step for step in instance.get_run_step_stats(run_id) if step.start_time]
    slowest = max(ran, key=lambda step: step.end_time - step.start_time)
    stats = instance.get_run_stats(run_id)
    return slowest.step_key.split("[")[0], stats.end_time - stats.start_time


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
# Make a list **`publish_day`** of assets, cut into `DAYS`, that does all of it: `raw`, `valid`, `features`; then a `model`
# (`train` on `pipeline.window_before(day)`), its `metrics` (`evaluate` it on the day), the `champion` (`publish`) and the
# `predictions` (`score` the day). The history is in the lake already when your list is materialised.
#
# *Observed:* the seven assets, each waiting for what it reads; the published model and its metrics, against plain
# Python's; the predictions of the day. To try it: `dg.materialize(publish_day, partition_key=DAY, instance=by_day).success`.
#
# Take care: `evaluate(model, day)` reads the day's features, and `score(day)` uses the champion that `publish(model, metrics)`
# has chosen, but no value tells Dagster so.
# Where no value is handed on, `@dg.asset(deps=["features"])` names what an asset builds on.


# %% tags=["exercise"] id="same-metrics" points=5 needs=["any-day"]
### BEGIN SOLUTION
@dg.asset(partitions_def=DAYS)
def model(context: dg.AssetExecutionContext) -> str:
    return pipeline.train(pipeline.window_before(context.partition_key))


@dg.asset(partitions_def=DAYS, deps=["features"])
def metrics(context: dg.AssetExecutionContext, model: str) -> dict:
    return pipeline.evaluate(model, context.partition_key)


@dg.asset(partitions_def=DAYS)
def champion(model: str, metrics: dict) -> dict:
    return pipeline.publish(model, metrics)


@dg.asset(partitions_def=DAYS, deps=["champion"])
def predictions(context: dg.AssetExecutionContext) -> str:
    return pipeline.score(context.partition_key)


publish_day = [*any_day, model, metrics, champion, predictions]
### END SOLUTION

# %% [markdown] tags=["hint"]
# The first three are those of exercise 3: `[*any_day, ...]`. `model` needs only the days before, so it may be made at any
# time. But `evaluate` reads the day's features, and `score` uses the champion that `publish` has chosen: they must wait,
# though no value goes from one to the other.

# %% [markdown] tags=["hint"]
# Where a value is handed on, an argument does it: `def champion(model, metrics):`. Where none is, say it:
# `@dg.asset(partitions_def=DAYS, deps=["features"])` above `def metrics(context, model):`.

# %% [markdown] tags=["hint"]
# `predictions` has `deps=["champion"]` and returns `pipeline.score(context.partition_key)`. Last,
# `publish_day = [*any_day, model, metrics, champion, predictions]`.


# %% tags=["wrong"] id="same-metrics" name="trains-on-another-window" says="Train on the two weeks before the day"
@dg.asset(partitions_def=DAYS)
def model(context):
    return pipeline.train(pipeline.window_before(context.partition_key, days=7))


@dg.asset(partitions_def=DAYS, deps=["features"])
def metrics(context, model):
    return pipeline.evaluate(model, context.partition_key)


@dg.asset(partitions_def=DAYS)
def champion(model, metrics):
    return pipeline.publish(model, metrics)


@dg.asset(partitions_def=DAYS, deps=["champion"])
def predictions(context):
    return pipeline.score(context.partition_key)


publish_day = [*any_day, model, metrics, champion, predictions]


# %% tags=["wrong"] id="same-metrics" name="never-published" says="there is no champion in the lake"
@dg.asset(partitions_def=DAYS)
def model(context):
    return pipeline.train(pipeline.window_before(context.partition_key))


@dg.asset(partitions_def=DAYS, deps=["features"])
def metrics(context, model):
    return pipeline.evaluate(model, context.partition_key)


publish_day = [*any_day, model, metrics]


# %% tags=["wrong"] id="same-metrics" name="never-scored" says="Is `score` the last stage"
@dg.asset(partitions_def=DAYS)
def model(context):
    return pipeline.train(pipeline.window_before(context.partition_key))


@dg.asset(partitions_def=DAYS, deps=["features"])
def metrics(context, model):
    return pipeline.evaluate(model, context.partition_key)


@dg.asset(partitions_def=DAYS)
def champion(model, metrics):
    return pipeline.publish(model, metrics)


publish_day = [*any_day, model, metrics, champion]


# %% tags=["wrong"] id="same-metrics" name="metrics-do-not-wait" says="MissingTable"
@dg.asset(partitions_def=DAYS)
def model(context):
    return pipeline.train(pipeline.window_before(context.partition_key))


@dg.asset(partitions_def=DAYS)
def metrics(context, model):
    return pipeline.evaluate(model, context.partition_key)


@dg.asset(partitions_def=DAYS)
def champion(model, metrics):
    return pipeline.publish(model, metrics)


@dg.asset(partitions_def=DAYS, deps=["champion"])
def predictions(context):
    return pipeline.score(context.partition_key)


publish_day = [*any_day, model, metrics, champion, predictions]


# %% tags=["wrong"] id="same-metrics" name="predictions-do-not-wait" says="No model has been published"
@dg.asset(partitions_def=DAYS)
def model(context):
    return pipeline.train(pipeline.window_before(context.partition_key))


@dg.asset(partitions_def=DAYS, deps=["features"])
def metrics(context, model):
    return pipeline.evaluate(model, context.partition_key)


@dg.asset(partitions_def=DAYS)
def champion(model, metrics):
    return pipeline.publish(model, metrics)


@dg.asset(partitions_def=DAYS, deps=["features"])
def predictions(context):
    return pipeline.score(context.partition_key)


publish_day = [*any_day, model, metrics, champion, predictions]

# %% tags=["check"]
check("same-metrics")

# %% [markdown]
# ## Remember
# * An asset is a thing, and its function says how it is made; `dg.materialize` makes the things that you name, no others.
# * Dagster learns who waits for whom from the names of arguments; `deps` says it where no value is handed on.
# * A job's body draws wires, before any data is there. A `DynamicOut` makes as many instances as the run finds.
# * A day is a partition: `partitions_def` on each asset, and 30 February is refused.
# * Every run leaves a record of events, and the instance has it.
#
# ## The same in the other two
# | | Airflow | Prefect |
# |---|---|---|
# | a step | `@task` in a function with `@dag` | `@task`, called in a function with `@flow` |
# | who waits | values handed from task to task | futures handed on; `wait_for=[...]` where there is none |
# | fan out | `ingest.partial(day=DAY).expand(origin=airports())` | `ingest.map(unmapped(DAY), airports(DAY))` |
# | a day as parameter | `params={"day": Param(..., format="date")}` | an argument with a type: `day: date` |
# | run it here | `my_dag.test()` | call the flow |
# | the record | task instances in its database | flow runs and task runs behind its API |
#
# Their notebooks: [Airflow](airflow.ipynb), [Prefect](prefect.ipynb).
#
# **To think about:** `model` is made from the features of the fourteen days before, but no wire says so: the lake has them
# or it has not. What would Dagster be able to tell you if it knew?
