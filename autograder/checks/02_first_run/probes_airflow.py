"""Module 02 in Airflow: DAGs, tasks and mapped tasks."""

import time

from airflow.sdk import DAG, dag, task

import pipeline
from autograder.observe import Unusable, describe, probe
from autograder.observe.airflow import observe_run, read_run, register

from .situations import answer, downloads, lake, models, tables

NAMES = {name: name for name in ("ingest", "validate", "features", "train", "evaluate", "publish", "score")}


@probe("wire-one-day")
def one_day(notebook, times=1, faults=()):
    with lake(faults=faults) as requests:
        seen = [{"run": _run(notebook, "one_day"), "tables": tables()} for _ in range(times)]
        return {"names": NAMES, "first": seen[0], "last": seen[-1], "downloads": downloads(requests)}


@probe("fan-out")
def by_airport(notebook, closed=(), faults=()):
    with lake(closed=closed, faults=faults) as requests:
        run = _run(notebook, "by_airport")
        return {"names": NAMES, "run": run, "tables": tables(), "downloads": downloads(requests)}


@probe("any-day")
def any_day(notebook, days):
    with lake():
        runs = [_run(notebook, "any_day", day=day) for day in days]
        return {"names": NAMES, "runs": runs, "tables": tables()}


@probe("slowest-task")
def slowest(notebook, seconds, mapped=(), failing=None):
    def wait(name, wanted):
        time.sleep(wanted)
        if name == failing:
            raise RuntimeError("This task was made to fail.")

    tasks = {name: task(wait, task_id=name) for name in seconds}

    @dag
    def made_for_the_check():
        if mapped:
            before = tasks["ingest"].partial(name="ingest").expand(wanted=list(mapped))
        else:
            before = tasks["ingest"]("ingest", seconds["ingest"])
        for name in list(seconds)[1:]:
            after = tasks[name](name, seconds[name])
            before >> after
            before = after

    made = made_for_the_check()
    register(made)
    run = made.test()
    record = read_run(run, made)
    return {"answer": answer(notebook.call("slowest_task", run.dag_id, run.run_id)), "run": record}


@probe("same-metrics")
def publish_day(notebook, day, history=True):
    with lake(history_of=day if history else None):
        run = _run(notebook, "publish_day", day=day)
        seen = {"models": models(), "champion": pipeline.champion(), "tables": tables()}
        return {"names": NAMES, "run": run} | seen


def _run(notebook, name, **parameters):
    """Run the DAG that the learner has under a name."""
    found = notebook[name]
    if not isinstance(found, DAG):
        raise Unusable(
            f"`{name}` should be a DAG, but it is {describe(found)}.\n"
            f"A DAG is what the function with `@dag` above it returns: end the cell with `{name} = {name}()`.\n"
            "If that line is there, run the cell again: the line raised an error, or was not reached."
        )
    return observe_run(found, **parameters)
