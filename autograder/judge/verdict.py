"""From the results of tests to an outcome, points and a message; and the conversation that leads there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import IO, Any

from autograder.course import Course, CourseError, Exercise, Notebook
from autograder.judge.exam import Observe, Result, Unobservable, examine
from autograder.observe.runs import from_json

MAX_LINE = 8 * 2**20
"""The longest observation that is read, in characters: run records are a few kB."""
FAULTS = ("missing", "failed", "error", "timeout", "unsolved", "grader-error")
"""What a kernel may give as the kind of a fault: it must not say `passed` of itself."""


@dataclass(frozen=True)
class Verdict:
    """An exercise judged."""

    exercise: str
    title: str
    outcome: str
    points: float | None
    """None when the grader is at fault: that is never a zero."""
    max_points: float
    message: str
    tests: list[Result] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def judge(
    notebook: Notebook,
    exercise: Exercise,
    source: str | None,
    passed: dict[str, bool],
    observe: Observe,
) -> Verdict:
    """Judge one exercise.

    Args:
        source: the answer's cell where it is known; equal to the stub, it is `untouched` and nothing is observed.
        passed: whether the other exercises passed, as far as they have been judged.
        observe: asks the kernel for an observation.
    """
    if source is not None and exercise.is_stub(source):
        return untouched(exercise)
    waited = 0.0

    def timed(probe: str, situation: dict[str, Any]) -> Any:
        nonlocal waited
        start = time.perf_counter()
        try:
            return observe(probe, situation)
        finally:
            waited += time.perf_counter() - start

    start = time.perf_counter()
    results = examine(notebook.module, notebook.tool, exercise.id, timed)
    if any(result.outcome == "unsolved" for result in results):
        # The stub's own exception. Where the cell is not known this is all that tells an untouched one.
        if source is None:
            return untouched(exercise)
        results = [replace(r, outcome="error") if r.outcome == "unsolved" else r for r in results]
    seconds = {"observing": round(waited, 4), "judging": round(time.perf_counter() - start - waited, 4)}
    return weigh(exercise, results, [need for need in exercise.needs if passed.get(need) is False], seconds)


def weigh(exercise: Exercise, results: list[Result], failed_needs: list[str], seconds: dict[str, float]) -> Verdict:
    """Outcome and points of an exercise from its tests: each test that passed earns its share."""
    wrong = [result for result in results if result.outcome != "passed"]
    outcome = wrong[0].outcome if wrong else "passed"
    if any(result.outcome == "grader-error" for result in wrong):
        outcome = "grader-error"
    earned = sum(result.weight for result in results if result.outcome == "passed")
    points = round(exercise.points * earned / sum(result.weight for result in results), 2)
    message = next((r.message for r in wrong if r.outcome == outcome), "")
    if failed_needs and outcome in ("missing", "error"):
        outcome = "blocked"
        message = f"This builds on `{failed_needs[0]}`, which has not passed: solve that one first.\n{message}"
    if outcome == "grader-error":
        return Verdict(exercise.id, exercise.title, outcome, None, exercise.points, message, results, seconds)
    return Verdict(exercise.id, exercise.title, outcome, points, exercise.points, message, results, seconds)


def untouched(exercise: Exercise) -> Verdict:
    return given(exercise, "untouched", "The exercise is as it was given. Write your answer in its cell, and run it.")


def given(exercise: Exercise, outcome: str, message: str) -> Verdict:
    """A verdict without tests: nothing was observed, for the reason that the message gives."""
    points = None if outcome == "grader-error" else 0.0
    return Verdict(exercise.id, exercise.title, outcome, points, exercise.points, message)


def ask(reader: IO[str], writer: IO[str], notebook: Notebook, exercise: Exercise) -> Observe:
    """The `observe` that asks a kernel on the other side of a pair of text streams."""

    def observe(probe: str, situation: dict[str, Any]) -> Any:
        wanted = {"module": notebook.module, "tool": notebook.tool, "exercise_id": exercise.id, "name": probe}
        try:
            say(writer, {"observe": wanted | {"situation": situation}})
            reply = json.loads(_line(reader))
            if "fault" in reply:
                if reply["fault"]["kind"] not in FAULTS:
                    raise ValueError("a fault of an unknown kind")
                raise Unobservable(str(reply["fault"]["kind"]), str(reply["fault"]["message"]))
            return from_json(reply["observation"])
        except (EOFError, OSError):
            raise Unobservable("crashed", "The notebook's kernel died while this was checked.") from None
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            message = f"What came back from the notebook's kernel was no observation ({type(error).__name__}: {error})."
            raise Unobservable("crashed", message) from None

    return observe


def _line(reader: IO[str]) -> str:
    """The next line. EOFError when there is none, ValueError when it is longer than an observation may be."""
    line = reader.readline(MAX_LINE)
    if not line:
        raise EOFError
    if not line.endswith("\n"):
        raise ValueError(f"longer than {MAX_LINE} characters")
    return line


def say(writer: IO[str], message: dict[str, Any]) -> None:
    writer.write(json.dumps(message) + "\n")
    writer.flush()


def converse(
    reader: IO[str],
    writer: IO[str],
    course: Course,
    known: Callable[[dict[str, Any]], dict[str, Any]] = lambda request: request,
) -> Verdict | None:
    """Hold one conversation with a learner's kernel: a check comes in, a verdict goes out.

    Args:
        known: puts what is known on this side in the place of what the kernel says of itself.

    Returns:
        The verdict, or None when the kernel went away before it asked for one, or asked for nothing in particular.
    """
    try:
        said = json.loads(_line(reader))
    except (EOFError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("check"), str):
        return None
    request = known(said)
    try:
        notebook, exercise = course.find(request["check"], request["tool"])
    except CourseError as error:
        unknown = Exercise(str(request["check"]), str(request["check"]), 0, "", ())
        verdict = given(unknown, "missing", str(error))
    else:
        verdict = judge(
            notebook, exercise, request["source"], request["passed"], ask(reader, writer, notebook, exercise)
        )
    say(writer, {"verdict": asdict(verdict)})
    return verdict
