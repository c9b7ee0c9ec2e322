"""`check` and `hint`: what a learner calls in a notebook.

`check` holds a conversation, one JSON object a line, with a judge in another process: it names the exercise, observes
what the judge asks for, and shows the verdict. In a learner's own kernel the judge is a process of the hub that was
started ahead of time; when a submission is graded, it is the grader, behind the socket that `TRIAD_JUDGE` names.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import socket
import subprocess
from collections import Counter
from typing import IO, Any

from autograder import course, environments
from autograder.observe import home, probes
from autograder.observe.display import Hint, Verdict

#: Verdicts so far in this kernel: exercise id to whether it passed. Tells "builds on what has not passed" apart.
_passed: dict[str, bool] = {}
_hints_shown: Counter[str] = Counter()
_sources: dict[str, str] = {}
_spare: subprocess.Popen[str] | None = None


@functools.cache
def tool() -> str:
    """The orchestrator of this environment (each has one), or `python` where there is none."""
    return next((name for name in environments.ORCHESTRATORS if importlib.util.find_spec(name)), "python")


def check(exercise_id: str) -> Verdict:
    """Check your answer to an exercise: run it in the situations that the course has for it, and say what was seen."""
    reader, writer = _judge()
    _send(writer, {"check": exercise_id, "tool": tool(), "source": _sources.get(exercise_id), "passed": _passed})
    for line in reader:
        message = json.loads(line)
        if "observe" in message:
            _send(writer, probes.observe(**message["observe"], namespace=_namespace()))
        elif "verdict" in message:
            verdict = Verdict(**message["verdict"])
            _passed[exercise_id] = verdict.outcome == "passed"
            _warm_up()
            return verdict
    raise RuntimeError(
        "The judge ended without a verdict. That is a fault of the course, not of your answer: run the cell again, and"
        " if it stays, run `course doctor` in a terminal."
    )


def hint(exercise_id: str) -> Hint:
    """Reveal an exercise's hints, one more at each call."""
    _, exercise = course.load().find(exercise_id, tool())
    _hints_shown[exercise_id] = min(_hints_shown[exercise_id] + 1, len(exercise.hints))
    return Hint(exercise_id, exercise.hints[: _hints_shown[exercise_id]], of=len(exercise.hints))


def _send(writer: IO[str], message: dict[str, Any]) -> None:
    writer.write(json.dumps(message) + "\n")
    writer.flush()


def _judge() -> tuple[IO[str], IO[str]]:
    """A judge to talk to: its lines, and where to write ours."""
    global _spare
    if address := os.environ.get("TRIAD_JUDGE"):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(address)
        return connection.makefile("r", encoding="utf-8"), connection.makefile("w", encoding="utf-8")
    _warm_up()
    judge, _spare = _spare, None
    assert judge is not None
    assert judge.stdin is not None
    assert judge.stdout is not None
    return judge.stdout, judge.stdin


def _warm_up() -> None:
    """Keep one judge ready: it starts while the learner reads, so that a check does not wait for it."""
    global _spare
    if os.environ.get("TRIAD_JUDGE") or (_spare and _spare.poll() is None):
        return
    python = environments.program("hub")
    if not python.exists():
        raise RuntimeError(
            f"The check needs the course's hub environment, and {python} is not there. Run `make setup`."
        )
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "TRIAD_JUDGE", "FLIGHTS_"))}
    # Its own session: interrupting the notebook must not end it. It ends by itself when this process closes the pipe.
    _spare = subprocess.Popen(
        [python, "-m", "autograder.judge"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=clean,
        start_new_session=True,
    )


def _namespace() -> dict[str, Any]:
    return _shell().user_ns


def _shell() -> Any:
    from IPython import get_ipython  # comes with the kernel that this runs in

    return get_ipython()


def _remember_source(result: Any) -> None:
    """Keep what was last run in each cell: our cells' ids are the exercises' ids."""
    if cell := getattr(result.info, "cell_id", None):
        _sources[cell] = result.info.raw_cell


def watch_notebook() -> None:
    """Called when a notebook imports the course: the tool gets a home, cells are known by id, a judge is warm."""
    if importlib.util.find_spec("IPython") and (shell := _shell()):
        home.prepare(tool())
        shell.events.register("post_run_cell", _remember_source)
        _warm_up()
