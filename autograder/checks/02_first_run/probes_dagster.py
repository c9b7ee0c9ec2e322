"""Module 02 in Dagster: assets, a job of ops with a dynamic output, and partitions."""

import time

import dagster as dg

import pipeline
from autograder.observe import probe
from autograder.observe.dagster import QUIET, observe_run, read_run

from .situations import answer, downloads, lake, models, tables

# An asset is named after what a stage makes, an op after the stage.
ASSETS = {
    "ingest": "raw",
    "validate": "valid",
    "features": "features",
    "train": "model",
    "evaluate": "metrics",
    "publish": "champion",
    "score": "predictions",
}
OPS = {stage: stage for stage in ASSETS}


@probe("wire-one-day")
def one_day(notebook, times=1, faults=()):
    with lake(faults=faults) as requests:
        seen = [{"run": observe_run(notebook["one_day"]), "tables": tables()} for _ in range(times)]
        return {"names": ASSETS, "first": seen[0], "last": seen[-1], "downloads": downloads(requests)}


@probe("fan-out")
def by_airport(notebook, closed=(), faults=()):
    with lake(closed=closed, faults=faults) as requests:
        run = observe_run(notebook["by_airport"])
        return {"names": OPS, "run": run, "tables": tables(), "downloads": downloads(requests)}


@probe("any-day")
def any_day(notebook, days):
    with lake():
        runs = [observe_run(notebook["any_day"], partition=day) for day in days]
        return {"names": ASSETS, "runs": runs, "tables": tables()}


@probe("slowest-task")
def slowest(notebook, seconds, mapped=(), failing=None):
    instance = dg.DagsterInstance.ephemeral(settings=QUIET)
    run_id = _sleeping(seconds, mapped, failing).execute_in_process(instance=instance, raise_on_error=False).run_id
    record = read_run(instance, run_id)
    return {"answer": answer(notebook.call("slowest_task", instance, run_id)), "run": record}


def _sleeping(seconds, mapped, failing):
    """A job of ops that sleep, one after the other; `ingest` has an instance for each of `mapped`, if given."""

    def sleeping(name):
        @dg.op(name=name)
        def sleep(before):
            # What comes before `ingest` tells each of its instances how long to sleep.
            time.sleep(before if name == "ingest" else seconds[name])
            if name == failing:
                raise RuntimeError("This op was made to fail.")

        return sleep

    @dg.op
    def day():
        return seconds["ingest"]

    @dg.op(out=dg.DynamicOut())
    def airports():
        for number, wanted in enumerate(mapped):
            yield dg.DynamicOutput(wanted, mapping_key=str(number))

    @dg.op(out=dg.Out(is_required=False))
    def nothing_today():
        yield from ()

    @dg.op
    def skipped(before):
        return before

    @dg.job
    def made_for_the_check():
        if failing:  # a step that is skipped has an end, and no start
            skipped(nothing_today())
        ingest, *others = map(sleeping, seconds)
        before = airports().map(ingest).collect() if mapped else ingest(day())
        for other in others:
            before = other(before)

    return made_for_the_check


@probe("same-metrics")
def publish_day(notebook, day, history=True):
    with lake(history_of=day if history else None):
        run = observe_run(notebook["publish_day"], partition=day)
        seen = {"models": models(), "champion": pipeline.champion(), "tables": tables()}
        return {"names": ASSETS, "run": run} | seen
