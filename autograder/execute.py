"""Run a submission: papermill executes its cells in a kernel of its own, and a judge outside answers its checks.

The kernel gets a private home, an environment without the grader's own variables, and a time limit for each cell. It is
not a sandbox: `Executed.isolated` says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import nbformat
import psutil
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.engines import papermill_engines
from papermill.iorw import load_notebook_node

from autograder.build import check_cell_id
from autograder.course import Course, Exercise
from autograder.environments import KERNELS, program
from autograder.intake import Received
from autograder.judge.verdict import Verdict, converse, given

#: What a kernel may know of the environment that the grader runs in.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "OMP_NUM_THREADS", "TRIAD_ENVS", "TRIAD_MODULES")


@dataclass(frozen=True)
class Executed:
    """A submission that was run."""

    received: Received
    book: NotebookNode
    """The notebook with its outputs."""
    verdicts: tuple[Verdict, ...]
    """One for each exercise, in the notebook's order."""
    seconds: float
    isolated: bool = False


Converse = Callable[[IO[str], IO[str]], Verdict | None]
"""Holds one conversation with a kernel that called `check`: lines to read, where to write, and the verdict."""


class Judging:
    """A judge that answers the checks of one running notebook, and keeps its verdicts."""

    def __init__(self, received: Received, course: Course) -> None:
        self.verdicts: dict[str, Verdict] = {}
        self._received, self._course = received, course

    def __call__(self, reader: IO[str], writer: IO[str]) -> Verdict | None:
        verdict = converse(reader, writer, self._course, self._known)
        if verdict is not None:
            self.verdicts[verdict.exercise] = verdict
        return verdict

    def _known(self, request: dict[str, Any]) -> dict[str, Any]:
        """The request with what the kernel says of itself replaced by what is known here."""
        notebook = self._received.submission.notebook
        passed = {name: verdict.outcome == "passed" for name, verdict in self.verdicts.items()}
        source = self._received.sources.get(request.get("check", ""))
        return {"check": request.get("check"), "tool": notebook.tool, "source": source, "passed": passed}


@contextlib.contextmanager
def listening(address: Path, answer: Converse) -> Iterator[None]:
    """Let a kernel's checks reach `answer` at a Unix socket while the block runs."""

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with (
                connection,
                # Whatever goes wrong in here, the next check is answered; this one ends without a verdict.
                contextlib.suppress(Exception),
                connection.makefile("r", encoding="utf-8") as reader,
                connection.makefile("w", encoding="utf-8") as writer,
            ):
                answer(reader, writer)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(address))
        server.listen()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)  # ends accept()
            thread.join(timeout=10)


def execute(received: Received, course: Course) -> Executed:
    """Run one submission and judge its exercises."""
    start = time.monotonic()
    judging = Judging(received, course)
    book, died = run(received, judging)
    verdicts = tuple(
        judging.verdicts.get(exercise.id) or _without_check(exercise, received, book, died)
        for exercise in received.submission.notebook.exercises
        if any(cell.id == check_cell_id(exercise.id) for cell in book.cells)
    )
    return Executed(received, book, verdicts, round(time.monotonic() - start, 2))


def run(received: Received, answer: Converse) -> tuple[NotebookNode, str | None]:
    """Run a submission's cells in a kernel of its own, whose checks are answered by `answer`.

    Returns:
        The notebook with its outputs, and why the kernel ended before its time (None when it did not).
    """
    notebook = received.submission.notebook
    limits = {check_cell_id(exercise.id): exercise.seconds for exercise in notebook.exercises}
    book = received.book
    with tempfile.TemporaryDirectory(prefix="triad-", ignore_cleanup_errors=True) as home:
        address, handed_in = Path(home, "judge"), Path(home, f"{notebook.tool}.ipynb")
        nbformat.write(book, handed_in)
        book = load_notebook_node(str(handed_in))
        shown = {cell.id: cell.source for cell in book.cells if cell.id in limits}
        for cell in book.cells:
            if cell.id in limits:
                # The course's own `check`, and the learner's names as they are: one of them may be called `check`.
                cell.source = f'__import__("autograder").{cell.source}'
        died: str | None = None
        with listening(address, answer), no_leftovers():
            try:
                book = papermill_engines.execute_notebook_with_engine(
                    "triad",
                    book,
                    kernel_name=KERNELS[notebook.tool],
                    output_path=None,
                    progress_bar=False,
                    environment=kernel_environment(notebook.tool, Path(home), address),
                    cell_seconds=limits,
                    resources={"metadata": {"path": home}},
                )
            except DeadKernelError:
                died = "The notebook's kernel died while it ran. Does a cell end the process, or use up the memory?"
            except CellTimeoutError:
                died = (
                    "The notebook was ended: a cell did not stop when its time was up. Does it catch every exception?"
                )
    for cell in book.cells:
        cell.source = shown.get(cell.id, cell.source)
    return book, died


def _without_check(exercise: Exercise, received: Received, book: NotebookNode, died: str | None) -> Verdict:
    """The verdict on an exercise whose check did not come to one."""
    source = received.sources.get(exercise.id)
    if source is not None and exercise.is_stub(source):
        return given(exercise, "untouched", "The exercise is as it was given.")
    if died:
        return given(exercise, "crashed", died)
    cell = next(cell for cell in book.cells if cell.id == check_cell_id(exercise.id))
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    if not errors or errors[0].ename == "KeyboardInterrupt":
        return given(exercise, "timeout", f"The check was still running after {exercise.seconds} s, and was stopped.")
    said = f"{errors[0].ename}: {errors[0].evalue}"
    return given(exercise, "grader-error", f"The check cell of `{exercise.id}` failed with {said}")


def kernel_environment(tool: str, home: Path, judge: Path) -> dict[str, str]:
    """All environment variables of a submission's kernel: a private home, and nothing of the grader's."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    own = program("hub" if tool == "python" else tool).parent
    return kept | {
        "PATH": f"{own}{os.pathsep}{kept.get('PATH', os.defpath)}",
        "HOME": str(home),
        "TMPDIR": str(home),
        "TRIAD_JUDGE": str(judge),
        "IPYTHONDIR": str(home / ".ipython"),
        "MPLCONFIGDIR": str(home / ".matplotlib"),
    }


@contextlib.contextmanager
def no_leftovers() -> Iterator[None]:
    """End every process that was started in the block and is still there after it."""
    adopt_orphans()
    me = psutil.Process()
    before = {process.pid for process in me.children(recursive=True)}
    started: dict[int, psutil.Process] = {}
    done = threading.Event()

    def look() -> None:
        with contextlib.suppress(psutil.Error):
            started.update({p.pid: p for p in me.children(recursive=True) if p.pid not in before})

    def watch() -> None:
        while not done.wait(0.5):
            look()  # where orphans are not ours, a child that the kernel leaves behind is no longer found below us

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        look()
        for process in started.values():
            with contextlib.suppress(psutil.Error):  # psutil tells a process from another that got its number
                process.kill()
        psutil.wait_procs(list(started.values()), timeout=5)


def adopt_orphans() -> None:
    """Make this process the parent of what a dead kernel leaves behind, so that it is found (on Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
