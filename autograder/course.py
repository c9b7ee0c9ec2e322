"""What the course consists of: modules, tools, exercises, points, hints.

The facts stand in `solutions/`; `build` collects them into `modules/manifest.json`, and everybody else reads them here.
Standard library alone: a learner's kernel reads hints from it too.
"""

from __future__ import annotations

import ast
import json
import os
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from autograder.environments import ROOT


class CourseError(Exception):
    """Something that the course does not have was asked for; the message says what it has."""


@dataclass(frozen=True)
class Exercise:
    """One exercise in one tool's notebook, as the learner is given it."""

    id: str
    title: str
    points: float
    stub: str
    hints: tuple[str, ...]
    needs: tuple[str, ...] = ()
    """Exercises of the same notebook that it builds on."""
    seconds: int = 120
    """The longest that its check may take."""

    def is_stub(self, code: str) -> bool:
        """Whether a cell is as it was given: comments, blank lines and layout do not count."""
        try:
            return ast.dump(ast.parse(code)) == ast.dump(ast.parse(self.stub))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return code.split() == self.stub.split()


@dataclass(frozen=True)
class Notebook:
    """One notebook: a module in one tool."""

    module: str
    tool: str
    title: str
    minutes: int
    exercises: tuple[Exercise, ...]

    @property
    def path(self) -> Path:
        """Where the learner's notebook stands."""
        return modules_folder() / self.module / f"{self.tool}.ipynb"

    def exercise(self, exercise_id: str) -> Exercise:
        for exercise in self.exercises:
            if exercise.id == exercise_id:
                return exercise
        known = ", ".join(exercise.id for exercise in self.exercises)
        raise CourseError(f"{self.module}/{self.tool} has no exercise `{exercise_id}`. It has: {known}.")


@dataclass(frozen=True)
class Course:
    """All notebooks, in the order in which they are taken."""

    notebooks: tuple[Notebook, ...]
    titles: dict[str, str] = field(default_factory=dict)
    """Module to its title."""

    @cached_property
    def modules(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(notebook.module for notebook in self.notebooks))

    def tools(self, module: str) -> tuple[str, ...]:
        return tuple(notebook.tool for notebook in self.notebooks if notebook.module == module)

    def module(self, name: str) -> str:
        """The module's full name, from that name or from its number (`02`)."""
        for module in self.modules:
            if name == module or name == module.split("_")[0]:
                return module
        raise CourseError(f"There is no module `{name}`. There is: {', '.join(self.modules)}.")

    def notebook(self, module: str, tool: str) -> Notebook:
        module = self.module(module)
        for notebook in self.notebooks:
            if (notebook.module, notebook.tool) == (module, tool):
                return notebook
        raise CourseError(f"{module} has no notebook for `{tool}`. It has: {', '.join(self.tools(module))}.")

    def find(self, exercise_id: str, tool: str) -> tuple[Notebook, Exercise]:
        """The exercise of that id for that tool. Plain-Python exercises are the same whatever the kernel.

        Raises:
            CourseError: when no notebook has it.
        """
        for wanted in (tool, "python"):
            for notebook in self.notebooks:
                for exercise in notebook.exercises:
                    if notebook.tool == wanted and exercise.id == exercise_id:
                        return notebook, exercise
        ids = {e.id: n.module for n in self.notebooks for e in n.exercises if n.tool in (tool, "python")}
        near = ", ".join(f"{exercise} ({module})" for exercise, module in ids.items())
        raise CourseError(f"The course has no exercise `{exercise_id}` for {tool}. It has: {near}.")

    def address(self, text: str) -> tuple[Notebook, Exercise | None]:
        """What an address such as `02/prefect` or `02_first_run/prefect/fan-out` names."""
        parts = text.strip("/").split("/")
        if len(parts) not in (2, 3):
            raise CourseError(f"`{text}` is no address. Write MODULE/TOOL or MODULE/TOOL/EXERCISE, as in 02/prefect.")
        notebook = self.notebook(parts[0], parts[1])
        return notebook, notebook.exercise(parts[2]) if len(parts) == 3 else None


def modules_folder() -> Path:
    """Where the learner's notebooks stand: `modules/` of the course, or what `TRIAD_MODULES` names."""
    return Path(os.environ.get("TRIAD_MODULES") or ROOT / "modules")


def dump(course: Course) -> str:
    notebooks = [asdict(notebook) for notebook in course.notebooks]
    made = {"made_by": "course build, from solutions/", "titles": course.titles, "notebooks": notebooks}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def load() -> Course:
    """Read the manifest.

    Raises:
        CourseError: when there is none, or it is not one of ours.
    """
    manifest = modules_folder() / "manifest.json"
    try:
        data = json.loads(manifest.read_text(encoding="utf-8"))
        notebooks = tuple(
            Notebook(**(n | {"exercises": tuple(map(_exercise, n["exercises"]))})) for n in data["notebooks"]
        )
        return Course(notebooks, data["titles"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(f"The course's manifest {manifest} cannot be read ({error}). Run `make build`.") from error


def _exercise(data: dict) -> Exercise:
    return Exercise(**(data | {"hints": tuple(data["hints"]), "needs": tuple(data["needs"])}))
