"""What is kept of a grading run: `grades.json`, and the executed notebooks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.execute import Executed
from autograder.files import write_text
from autograder.intake import Submission
from autograder.judge.verdict import Verdict, given

SCHEMA = 1


@dataclass(frozen=True)
class Graded:
    """One submission with its marks."""

    learner: str
    module: str
    tool: str
    seconds: float
    isolated: bool
    verdicts: tuple[Verdict, ...]
    notices: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """Points so far: an exercise that the grader failed on has none yet."""
        return round(sum(verdict.points or 0.0 for verdict in self.verdicts), 2)

    @property
    def max_points(self) -> float:
        return sum(verdict.max_points for verdict in self.verdicts)

    @property
    def grader_errors(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.outcome == "grader-error"]


def graded(executed: Executed) -> Graded:
    submission = executed.received.submission
    return Graded(
        submission.learner,
        submission.notebook.module,
        submission.notebook.tool,
        executed.seconds,
        executed.isolated,
        executed.verdicts,
        executed.received.notices,
    )


def not_graded(submission: Submission, fault: str) -> Graded:
    """A submission that the grader itself failed on."""
    verdicts = tuple(given(exercise, "grader-error", fault) for exercise in submission.notebook.exercises)
    return Graded(submission.learner, submission.notebook.module, submission.notebook.tool, 0.0, False, verdicts)


def as_json(all_graded: list[Graded]) -> dict[str, Any]:
    """The contents of `grades.json`. Points of a grader-error are null: they are not known, and no zero."""
    return {
        "schema": SCHEMA,
        "submissions": [
            {
                "learner": one.learner,
                "module": one.module,
                "tool": one.tool,
                "points": one.points,
                "max_points": one.max_points,
                "seconds": one.seconds,
                "isolated": one.isolated,
                "notices": list(one.notices),
                "exercises": [
                    {
                        "id": verdict.exercise,
                        "points": verdict.points,
                        "max_points": verdict.max_points,
                        "outcome": verdict.outcome,
                        "message": verdict.message,
                    }
                    for verdict in one.verdicts
                ],
            }
            for one in sorted(all_graded, key=lambda one: (one.learner, one.module, one.tool))
        ],
    }


def write_grades(all_graded: list[Graded], folder: Path) -> Path:
    """Write `grades.json`, whole or not at all."""
    path = folder / "grades.json"
    write_text(path, json.dumps(as_json(all_graded), indent=1, ensure_ascii=False) + "\n")
    return path


def write_executed(executed: Executed, folder: Path) -> Path:
    """Keep the executed notebook, outputs and verdicts included."""
    submission = executed.received.submission
    path = folder / "executed" / submission.learner / submission.notebook.module / f"{submission.notebook.tool}.ipynb"
    write_text(path, nbformat.writes(executed.book) + "\n")
    return path
