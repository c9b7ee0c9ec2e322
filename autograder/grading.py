"""A grading run: submissions in, graded ones out, spread over the cores."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import traceback
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from autograder import course
from autograder.execute import execute
from autograder.intake import Submission, Unusable, receive
from autograder.record import Graded, graded, not_graded, write_executed

Outcome = Graded | Unusable


def grade_one(submission: Submission, out: Path | None = None) -> Outcome:
    """Grade one submission. Whatever goes wrong in the grader itself becomes a grader-error of this one alone."""
    try:
        executed = execute(receive(submission), course.load())
        if out is not None:
            write_executed(executed, out)
        return graded(executed)
    except Unusable as error:
        return error
    except Exception:
        return not_graded(submission, traceback.format_exc(limit=-6))


def grade_all(submissions: list[Submission], out: Path, jobs: int) -> Iterator[tuple[Submission, Outcome]]:
    """Grade submissions side by side; each comes out as soon as it is done."""
    if not submissions:
        return
    unfinished = list(submissions)
    with workers(min(jobs, len(submissions))) as pool:
        waiting = {pool.submit(grade_one, submission, out): submission for submission in submissions}
        try:
            for done in as_completed(waiting):
                with contextlib.suppress(BrokenProcessPool):
                    outcome = done.result()
                    unfinished.remove(waiting[done])
                    yield waiting[done], outcome
        except GeneratorExit:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    # A worker that dies takes the whole pool with it. Each of the rest gets one of its own: one culprit, one fault.
    for submission in unfinished:
        yield submission, grade_apart(submission, out)


def grade_apart(submission: Submission, out: Path) -> Outcome:
    """Grade one submission in a worker that no other one shares."""
    with workers(1) as pool:
        try:
            return pool.submit(grade_one, submission, out).result()
        except BrokenProcessPool:
            return not_graded(submission, "The grader's worker process died on it, for want of memory perhaps.")


def workers(jobs: int) -> Executor:
    """Where submissions are graded: processes of this machine. Anything with the same interface will do."""
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
