"""The same pipeline for the same days, in plain Python and in the three tools: what each wrote, and that they agree."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import nbformat
from rich.table import Table

from autograder import build
from autograder.environments import ORCHESTRATORS
from autograder.execute import run
from autograder.intake import Submission, receive
from autograder.judge.exam import Unobservable
from autograder.judge.verdict import Verdict, ask, given
from autograder.observe.runs import Run

DAYS = ("2013-03-10", "2013-03-21")
MODULE, EXERCISE = "02_first_run", "same-metrics"
PLAIN = "plain Python"


class DemoError(Exception):
    """A tool's pipeline could not be run; the message says why."""


@dataclass(frozen=True)
class Row:
    """What one tool made of one day."""

    tool: str
    day: str
    rows: dict[str, int]
    """Table (`raw`, `valid`, `features`, `predictions`) to the rows written for the day."""
    auc: float
    brier: float
    tasks: int | None
    """Task instances in the run's record; None in plain Python, which keeps none."""
    attempts: int | None
    seconds: float

    @property
    def result(self) -> tuple[Any, ...]:
        """What must be the same in every tool."""
        return (sorted(self.rows.items()), round(self.auc, 4), round(self.brier, 4))


def compare(days: list[str], tell: Callable[[str], None] = lambda tool: None) -> Iterator[Row]:
    """Run the pipeline for each day, in plain Python first.

    Raises:
        DemoError: when one of them does not come to an end.
    """
    tell(PLAIN)
    yield from map(plain, days)
    for tool in ORCHESTRATORS:
        tell(tool)
        yield from orchestrated(tool, days)


def plain(day: str) -> Row:
    """The reference, in this process."""
    import pipeline

    with tempfile.TemporaryDirectory(prefix="triad-demo-") as folder, pipeline.lake_at(folder):
        pipeline.prepare(pipeline.window_before(day))
        start = time.perf_counter()
        result = pipeline.run_day(day)
        seconds = time.perf_counter() - start
    metrics = result["metrics"]
    return Row(PLAIN, day, result["rows"], metrics["auc"], metrics["brier"], None, None, seconds)


def orchestrated(tool: str, days: list[str]) -> list[Row]:
    """The solved pipeline of module 02, run by the tool itself and observed as the grader does."""
    source = build.read(build.SOLUTIONS / MODULE / f"{tool}.py")
    notebook = source.notebook
    exercise = notebook.exercise(EXERCISE)
    seen: list[dict[str, Any]] = []

    def look(reader: IO[str], writer: IO[str]) -> Verdict:
        reader.readline()  # which exercise it is, is known
        observe = ask(reader, writer, notebook, exercise)
        try:
            seen.extend(observe("publish_day", {"day": day}) for day in days)
        except Unobservable as fault:
            raise DemoError(f"{tool}: {fault.message}") from None
        finally:
            writer.write(json.dumps({"verdict": asdict(given(exercise, "passed", ""))}) + "\n")
        return given(exercise, "passed", "")

    with tempfile.TemporaryDirectory(prefix="triad-demo-") as folder:
        path = Path(folder, f"{tool}.ipynb")
        nbformat.write(build.solved(source), path)
        received = receive(Submission("demo", notebook, path)).up_to(EXERCISE)
        _, died = run(received, look)
    if died or len(seen) != len(days):
        raise DemoError(f"{tool}: {died or 'its notebook did not get to the end'}")
    return [_row(tool, day, observation) for day, observation in zip(days, seen, strict=True)]


def _row(tool: str, day: str, observation: dict[str, Any]) -> Row:
    run_: Run = observation["run"]
    if observation["champion"] is None:
        raise DemoError(f"{tool}: the run for {day} published no model ({run_.error or run_.state}).")
    rows = {
        table: sum(
            data["rows"] for name, data in observation["tables"].items() if name.startswith(f"{table}/day={day}")
        )
        for table in ("raw", "valid", "features", "predictions")
    }
    metrics = observation["champion"]["metrics"]
    attempts = sum(task.attempts for task in run_.tasks)
    seconds = (run_.ended or 0.0) - (run_.started or 0.0)
    return Row(tool, day, rows, metrics["auc"], metrics["brier"], len(run_.tasks), attempts, seconds)


def differing(rows: list[Row]) -> list[str]:
    """Who does not agree with plain Python, a phrase each."""
    reference = {row.day: row.result for row in rows if row.tool == PLAIN}
    return [f"{row.tool} on {row.day}" for row in rows if row.result != reference[row.day]]


def table(rows: list[Row]) -> Table:
    made = Table(title="One pipeline, three orchestrators", title_justify="left", header_style="bold")
    for column in ("Day", "Run by"):
        made.add_column(column)
    for column in ("Raw", "Valid", "Features", "Predictions", "AUC", "Brier", "Tasks", "Attempts", "Seconds"):
        made.add_column(column, justify="right")
    for row in sorted(rows, key=lambda row: row.day):
        counts = [str(row.rows[name]) for name in ("raw", "valid", "features", "predictions")]
        record = ["–" if number is None else str(number) for number in (row.tasks, row.attempts)]
        made.add_row(row.day, row.tool, *counts, f"{row.auc:.4f}", f"{row.brier:.4f}", *record, f"{row.seconds:.2f}")
    return made
