"""What several test files share: a course of one small notebook, and notebooks as learners hand them in."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from autograder import build, course
from autograder.build import check_cell_id

SOURCE = """\
# %% [markdown]
# # Gates
#
# **Time:** 5 minutes.

# %%
from autograder import check, hint

# %% [markdown]
# ## 1 · Count the gates

# %% tags=["exercise"] id="count-gates" points=2
def gates(terminal):
    ### BEGIN SOLUTION
    return len(GATES_OF_THE_TERMINAL[terminal])
    ### END SOLUTION

# %% [markdown] tags=["hint"]
# Where are the gates kept?

# %% [markdown] tags=["hint"]
# `len(...)` counts.

# %% tags=["wrong"] id="count-gates" name="one-terminal" says="any terminal"
def gates(terminal):
    return 31

# %% tags=["wrong"] id="count-gates" name="letters" says="letters"
def gates(terminal):
    return len(terminal)

# %% tags=["check"]
check("count-gates")

# %% [markdown]
# ## 2 · Name the busiest

# %% tags=["exercise"] id="busiest-gate" points=3 needs=["count-gates"] seconds=30
### BEGIN SOLUTION
busiest = max(GATES_OF_THE_TERMINAL, key=gates)
### END SOLUTION

# %% [markdown] tags=["hint"]
# `max` takes a `key`.

# %% tags=["wrong"] id="busiest-gate" name="first" says="the first one"
busiest = list(GATES_OF_THE_TERMINAL)[0]

# %% tags=["wrong"] id="busiest-gate" name="smallest" says="the smallest"
busiest = min(GATES_OF_THE_TERMINAL, key=gates)

# %% tags=["check"]
check("busiest-gate")
"""


def write_source(folder: Path, text: str = SOURCE, module: str = "40_gates", tool: str = "python") -> Path:
    """A source file where the build looks for one, with its module's README beside it."""
    path = folder / module / f"{tool}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.with_name("README.md").write_text("# 40 · Gates\n\nOf New York.\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def source() -> Callable[..., Path]:
    """The function that writes the small course's source, or another one: (folder, text, module, tool)."""
    return write_source


@pytest.fixture(scope="session")
def source_text() -> str:
    return SOURCE


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`modules/` of the small course."""
    folder = tmp_path_factory.mktemp("small")
    write_source(folder / "solutions")
    build.write(build.outputs(build.sources(folder / "solutions")), folder / "modules")
    return folder / "modules"


@pytest.fixture
def small(built: Path, monkeypatch: pytest.MonkeyPatch) -> course.Course:
    """The small course, in the place of the real one."""
    monkeypatch.setenv("TRIAD_MODULES", str(built))
    return course.load()


def make_cell(source: Any, grade_id: Any = None, kind: str = "code", **rest: Any) -> dict[str, Any]:
    """One cell of a notebook file, as JSON."""
    metadata = {} if grade_id is None else {"nbgrader": {"grade_id": grade_id, "schema_version": 3}}
    outputs = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": metadata, "source": source, **outputs} | rest


def make_notebook(*cells: Any, **rest: Any) -> dict[str, Any]:
    """A notebook file, as JSON."""
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python3", "language": "python"}}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5} | rest


def make_answers(answers: dict[str, str], opening: str = "from autograder import check") -> dict[str, Any]:
    """A notebook with an opening cell, and for each exercise its answer and its check."""
    cells = [make_cell(opening)]
    for exercise, code in answers.items():
        cells += [make_cell(code, exercise), make_cell(f'check("{exercise}")', check_cell_id(exercise))]
    return make_notebook(*cells)


@pytest.fixture(scope="session")
def cell() -> Callable[..., dict[str, Any]]:
    return make_cell


@pytest.fixture(scope="session")
def notebook() -> Callable[..., dict[str, Any]]:
    return make_notebook


@pytest.fixture(scope="session")
def answers() -> Callable[..., dict[str, Any]]:
    return make_answers


@pytest.fixture(scope="session")
def start() -> build.Source:
    """The source of module 00 of the real course."""
    return build.read(build.SOLUTIONS / "00_start" / "python.py")


@pytest.fixture(scope="session")
def solutions(start: build.Source) -> dict[str, str]:
    """Exercise id of module 00 to its solution."""
    exercises = {exercise.id for exercise in start.notebook.exercises}
    book: NotebookNode = build.solved(start)
    return {cell.id: cell.source for cell in book.cells if cell.id in exercises}


@pytest.fixture(scope="session")
def command() -> list[str]:
    """The command `course`, in this environment."""
    return [str(Path(sys.executable).with_name("course"))]


@pytest.fixture(autouse=True, scope="session")
def _no_settings_from_outside() -> None:
    """A check in a test is judged by the test's own judge."""
    os.environ.pop("TRIAD_JUDGE", None)
