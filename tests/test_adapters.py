"""One pipeline in three dialects: the adapters give the same run record, whatever the tool."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path

import pytest

from autograder.environments import ORCHESTRATORS, program
from autograder.observe.runs import Run, from_json

HERE = Path(__file__).parent / "adapters"
DAYS = ("2013-03-10", "2013-03-02", "not-a-day")
DRIVER = """
import json, runpy, sys
from autograder.observe.runs import to_json
run = runpy.run_path(sys.argv[1])["run"]
print("RECORDS", json.dumps([to_json(run(day)) for day in sys.argv[2:]]))
"""


@cache
def records(tool: str) -> tuple[Run, Run, Run]:
    """A run that succeeds, one in which JFK's instance fails, and one that the tool refuses."""
    command = [program(tool), "-c", DRIVER, HERE / f"{tool}.py", *DAYS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    line = next((line for line in done.stdout.splitlines() if line.startswith("RECORDS ")), None)
    assert line, done.stdout + done.stderr
    return tuple(from_json(json.loads(line.removeprefix("RECORDS "))))


@pytest.mark.parametrize("tool", ORCHESTRATORS)
def test_a_run_that_succeeds_has_each_task_once_and_ingest_three_times(tool: str) -> None:
    run = records(tool)[0]
    assert (run.tool, run.state, run.error) == (tool, "success", None)
    assert {(task.name, task.state, task.attempts) for task in run.tasks} == {
        (name, "success", 1) for name in ("airports", "ingest", "validate", "features")
    }
    assert len({task.map_key for task in run.named("ingest")}) == 3
    assert run.task("validate").map_key is None


@pytest.mark.parametrize("tool", ORCHESTRATORS)
def test_who_waits_for_whom_is_in_the_record(tool: str) -> None:
    run = records(tool)[0]
    assert run.waits_for("features", "airports")
    assert run.task("validate").upstream == ("ingest",)
    assert not run.waits_for("airports", "features")


@pytest.mark.parametrize("tool", ORCHESTRATORS)
def test_times_are_of_the_tasks_own_run_and_in_order(tool: str) -> None:
    run = records(tool)[0]
    last_ingest = max(task.ended or 0 for task in run.named("ingest"))
    assert (run.task("validate").started or 0) >= last_ingest
    assert all(0 <= task.seconds < 60 for task in run.tasks)
    assert run.started is not None
    assert run.started <= min(task.started or 0 for task in run.tasks)


@pytest.mark.parametrize("tool", ORCHESTRATORS)
def test_a_failed_instance_stops_what_waits_for_it_and_nothing_else(tool: str) -> None:
    run = records(tool)[1]
    assert run.state == "failed"
    assert sorted(task.state for task in run.named("ingest")) == ["failed", "success", "success"]
    for name in ("validate", "features"):
        task = run.task(name)
        assert (task.state, task.attempts, task.started) == ("not-run", 0, None)


@pytest.mark.parametrize("tool", ORCHESTRATORS)
def test_an_impossible_parameter_is_refused_before_any_task(tool: str) -> None:
    run = records(tool)[2]
    assert (run.state, run.tasks) == ("refused", ())
    assert run.error
