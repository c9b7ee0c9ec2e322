"""`make bench`: run every notebook's solution as a learner's kernel would, time its checks, write `RESULTS.md`.

A check's time is that of its cell. What the probes took of it, they report; the rest is the check's own overhead, the
judge's work and the way to it and back included.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from rich.console import Console

from autograder import build
from autograder.course import Course, load
from autograder.environments import KERNELS, ROOT, program
from autograder.execute import execute
from autograder.intake import Submission, receive

RESULTS = ROOT / "bench" / "RESULTS.md"
REPEATS = 3
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
TIMED = """
import json as _json, time as _time
_start = _time.perf_counter()
_verdict = check({id!r})
_took = _time.perf_counter() - _start
print(_json.dumps([_took, _verdict.seconds["observing"], _verdict.seconds["judging"], _verdict.outcome]))
"""


@dataclass(frozen=True)
class Check:
    """One check, timed in a learner's kernel."""

    notebook: str
    exercise: str
    total: float
    probes: float
    judging: float

    @property
    def overhead(self) -> float:
        return self.total - self.probes


def time_checks(source: build.Source) -> Iterator[Check]:
    """Solve a notebook cell by cell in a kernel of its own, and time each check `REPEATS` times."""
    book = build.solved(source)
    checks = {build.check_cell_id(exercise.id): exercise.id for exercise in source.notebook.exercises}
    for cell in book.cells:
        if cell.id in checks:
            cell.source = TIMED.format(id=checks[cell.id]) * REPEATS
    with tempfile.TemporaryDirectory(prefix="triad-bench-") as folder:
        client = NotebookClient(book, kernel_name=KERNELS[source.tool], timeout=300)
        path = f"{program('hub' if source.tool == 'python' else source.tool).parent}{os.pathsep}{os.environ['PATH']}"
        client.execute(cwd=folder, env=os.environ | {"PATH": path}, **SILENT)
    for cell in book.cells:
        if cell.id in checks:
            lines = [line for output in cell.outputs if output.name == "stdout" for line in output.text.splitlines()]
            for line in lines:
                total, probes, judging, outcome = json.loads(line)
                assert outcome == "passed", f"{checks[cell.id]}: {outcome}"
                yield Check(f"{source.module}/{source.tool}", checks[cell.id], total, probes, judging)


def time_whole(source: build.Source, course: Course) -> tuple[float, float]:
    """Seconds for the solved notebook: its cells alone in a plain kernel (the baseline), and graded."""
    with tempfile.TemporaryDirectory(prefix="triad-bench-") as folder:
        path = Path(folder, f"{source.tool}.ipynb")
        nbformat.write(build.solved(source), path)
        received = receive(Submission("bench", source.notebook, path))
        start = time.perf_counter()
        execute(received, course)
        graded = time.perf_counter() - start
        bare = nbformat.from_dict(dict(received.book))
        bare.cells = [cell for cell in bare.cells if not cell.id.startswith("check-")]
        start = time.perf_counter()
        client = NotebookClient(bare, kernel_name=KERNELS[source.tool], timeout=300, allow_errors=True)
        client.execute(cwd=folder, **SILENT)
        return time.perf_counter() - start, graded


def main() -> None:
    console = Console(stderr=True)
    course = load()
    rows, wholes = [], []
    for source in build.sources():
        name = f"{source.module}/{source.tool}"
        with console.status(f"{name} …"):
            checks = list(time_checks(source))
            bare, graded = time_whole(source, course)
        wholes.append(f"| {name} | {bare:.1f} | {graded:.1f} | {graded / bare:.2f} |")
        for exercise in source.notebook.exercises:
            mine = [check for check in checks if check.exercise == exercise.id]
            middle = [statistics.median(values) for values in zip(*map(_figures, mine), strict=True)]
            worst = max(check.overhead for check in mine)
            figures = " | ".join(f"{value:.3f}" for value in (*middle, worst))
            rows.append(f"| {name} | {exercise.id} | {figures} | {middle[2] / middle[0]:.0%} |")
    memory = psutil.virtual_memory().total / 2**30
    RESULTS.write_text(
        "\n".join(
            [
                "# Benchmarks",
                "",
                f"Written by `make bench` on a machine with {os.cpu_count()} cores and {memory:.0f} GiB.",
                "",
                "## What a check costs beside what it looks at",
                "",
                f"Median of {REPEATS}, in seconds, in a learner's own kernel. *Overhead* is all but the probes.",
                "",
                "| notebook | exercise | check | probes | overhead | worst overhead | overhead / check |",
                "|---|---|---:|---:|---:|---:|---:|",
                *rows,
                "",
                "## A whole submission",
                "",
                "Seconds. The baseline is the same cells without their checks in a plain kernel (nbclient).",
                "",
                "| notebook | cells alone | graded | ratio |",
                "|---|---:|---:|---:|",
                *wholes,
                "",
            ]
        ),
        encoding="utf-8",
    )
    console.print(f"Written to {RESULTS.relative_to(ROOT)}.")


def _figures(check: Check) -> tuple[float, float, float]:
    return check.total, check.probes, check.overhead


if __name__ == "__main__":
    main()
