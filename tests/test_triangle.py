"""The triangle, for every exercise in every tool: right answers pass, stubs get nothing, wrong answers are told why."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder import build, course
from autograder.execute import Executed, execute
from autograder.intake import Submission, receive

SOURCES = build.sources()
EVERY = [pytest.param(source, id=f"{source.module}/{source.tool}") for source in SOURCES]
EVERY_WRONG = [
    pytest.param(source, wrong, id=f"{source.module}/{source.tool}/{wrong.exercise}/{wrong.name}")
    for source in SOURCES
    for wrong in source.wrongs
]


def run(source: build.Source, book: nbformat.NotebookNode, folder: Path, only: str | None = None) -> Executed:
    path = folder / f"{source.tool}.ipynb"
    nbformat.write(book, path)
    received = receive(Submission("someone", source.notebook, path))
    return execute(received.up_to(only) if only else received, course.load())


@pytest.mark.parametrize("source", EVERY)
def test_the_solution_gets_full_marks_and_no_cell_fails(source: build.Source, tmp_path: Path) -> None:
    executed = run(source, build.solved(source), tmp_path)
    assert [(v.exercise, v.outcome, v.message) for v in executed.verdicts] == [
        (exercise.id, "passed", "") for exercise in source.notebook.exercises
    ]
    assert sum(v.points or 0 for v in executed.verdicts) == sum(e.points for e in source.notebook.exercises)
    outputs = [output for cell in executed.book.cells for output in cell.outputs]
    assert [output.evalue for output in outputs if output.output_type == "error"] == []
    # nbgrader takes text on standard error in a check cell for a failure.
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    for verdict in executed.verdicts:
        assert any(test.hidden for test in verdict.tests), f"{verdict.exercise} has no hidden test"
        assert any(not test.hidden for test in verdict.tests), f"{verdict.exercise} has no public test"


@pytest.mark.parametrize("source", EVERY)
def test_the_untouched_stub_gets_nothing_and_is_told_apart(source: build.Source, tmp_path: Path) -> None:
    executed = run(source, source.released, tmp_path)
    assert {(v.outcome, v.points) for v in executed.verdicts} == {("untouched", 0.0)}


@pytest.mark.parametrize("source, wrong", EVERY_WRONG)
def test_a_wrong_answer_fails_with_words_that_help(source: build.Source, wrong: build.Wrong, tmp_path: Path) -> None:
    executed = run(source, build.wrong(source, wrong), tmp_path, only=wrong.exercise)
    (verdict,) = executed.verdicts
    assert verdict.outcome in ("failed", "error", "timeout", "missing"), verdict
    assert (verdict.points or 0) < verdict.max_points
    said = "\n".join(test.message for test in verdict.tests)
    assert wrong.says in said, f"the check was to say {wrong.says!r}; it said: {said}"
