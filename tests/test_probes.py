"""Probes survive whatever a learner defines: a mistake gets a mark and a message, never a grader-error."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder import build, course
from autograder.execute import execute
from autograder.intake import Submission, receive

SOURCES = build.sources()
ODD = {
    "nothing": "None",
    "a-number": "42",
    "a-function-that-returns-nothing": "lambda *args, **kwargs: None",
    "a-function-that-raises": "lambda *args, **kwargs: {}['no such key']",
    "a-list": "[1, 'two', None]",
}


def names_defined(source: build.Source, exercise: str) -> list[str]:
    """The names at the left edge of an exercise's solution: functions, classes and values."""
    import ast

    cell = next(c for c in build.solved(source).cells if c.id == exercise)
    found: list[str] = []
    for statement in ast.parse(cell.source).body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(statement.name)
        elif isinstance(statement, ast.Assign):
            found += [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return list(dict.fromkeys(found))


@pytest.mark.slow
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("source", [pytest.param(s, id=f"{s.module}/{s.tool}") for s in SOURCES])
def test_an_odd_value_under_every_name_is_a_learners_mistake(source: build.Source, odd: str, tmp_path: Path) -> None:
    answers = {
        exercise.id: "\n".join(f"{name} = {ODD[odd]}" for name in names_defined(source, exercise.id))
        for exercise in source.notebook.exercises
    }
    path = tmp_path / f"{source.tool}.ipynb"
    nbformat.write(build.solved(source, answers), path)
    executed = execute(receive(Submission("someone", source.notebook, path)), course.load())
    for verdict in executed.verdicts:
        assert verdict.outcome in ("failed", "error", "missing", "blocked"), f"{verdict.exercise}: {verdict.message}"
        assert verdict.message
        assert verdict.points is not None
        assert verdict.points < verdict.max_points
