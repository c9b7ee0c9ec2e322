"""Module 02 in Prefect: flows, tasks and mapped tasks."""

import time

from prefect import flow, task

import pipeline
from autograder.observe import probe
from autograder.observe.prefect import observe_run, read_run

from .situations import answer, downloads, lake, models, tables

NAMES = {name: name for name in ("ingest", "validate", "features", "train", "evaluate", "publish", "score")}


@probe("wire-one-day")
def one_day(notebook, times=1, faults=()):
    with lake(faults=faults) as requests:
        seen = [{"run": observe_run(notebook["one_day"]), "tables": tables()} for _ in range(times)]
        return {"names": NAMES, "first": seen[0], "last": seen[-1], "downloads": downloads(requests)}


@probe("fan-out")
def by_airport(notebook, closed=(), faults=()):
    with lake(closed=closed, faults=faults) as requests:
        run = observe_run(notebook["by_airport"])
        return {"names": NAMES, "run": run, "tables": tables(), "downloads": downloads(requests)}


@probe("any-day")
def any_day(notebook, days):
    with lake():
        runs = [observe_run(notebook["any_day"], day=day) for day in days]
        return {"names": NAMES, "runs": runs, "tables": tables()}


@probe("slowest-task")
def slowest(notebook, seconds, mapped=(), failing=None):
    def wait(name, wanted):
        time.sleep(wanted)
        if name == failing:
            raise RuntimeError("This task was made to fail.")

    tasks = {name: task(wait, name=name) for name in seconds}

    @flow
    def made_for_the_check():
        before = [tasks["ingest"].submit("ingest", wanted) for wanted in mapped or [seconds["ingest"]]]
        for name in list(seconds)[1:]:
            before = [tasks[name].submit(name, seconds[name], wait_for=before)]
        return before

    state = made_for_the_check(return_state=True)
    run_id = state.state_details.flow_run_id
    record = read_run(run_id)
    return {"answer": answer(notebook.call("slowest_task", run_id)), "run": record}


@probe("same-metrics")
def publish_day(notebook, day, history=True):
    with lake(history_of=day if history else None):
        run = observe_run(notebook["publish_day"], day=day)
        seen = {"models": models(), "champion": pipeline.champion(), "tables": tables()}
        return {"names": NAMES, "run": run} | seen
