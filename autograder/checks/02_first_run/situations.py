"""Situations that a learner's pipeline is run in, and what is looked at afterwards; shared by the three dialects."""

from __future__ import annotations

import functools
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pipeline
from autograder.observe import describe, number


@contextmanager
def lake(history_of: str | None = None, faults: Any = (), closed: Sequence[str] = ()) -> Iterator[None]:
    """A lake of its own for one run.

    Args:
        history_of: a day; the lake holds the two weeks before it.
        faults: what is wrong with the source of flights: a fault plan of `pipeline.api`.
        closed: airports without a flight.

    Yields:
        The log of the source of flights: which days and airports it was asked for.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lake-")), "lake")
        if history_of:
            shutil.copytree(_history(history_of), folder)
        stack.enter_context(pipeline.lake_at(folder))
        api = stack.enter_context(pipeline.flights_api(faults, closed=closed))
        stack.enter_context(pipeline.source_at(api.url))
        yield api.requests


@functools.cache
def _history(day: str) -> Path:
    """A lake with the two weeks before a day, made once in this kernel and copied for each run."""
    folder = Path(tempfile.mkdtemp(prefix="history-"))
    with pipeline.lake_at(folder):
        pipeline.prepare(pipeline.window_before(day))
    return folder


def tables() -> dict[str, Any]:
    """What the lake holds: reference of each Parquet file to its number of rows and the hash of its bytes."""
    root = pipeline.lake()
    files = sorted(root.rglob("*.parquet"))
    return {
        str(file.relative_to(root).as_posix()): {
            "rows": len(pipeline.read_table(file.relative_to(root).as_posix())),
            "hash": hashlib.sha256(file.read_bytes()).hexdigest()[:16],
        }
        for file in files
    }


def models() -> list[str]:
    """References of the models that the lake holds, sorted."""
    return sorted(f"models/{file.name}" for file in (pipeline.lake() / "models").glob("*.skops"))


def downloads(requests: list[dict[str, Any]]) -> list[str]:
    """The airports whose flights were asked for, in order; `all` where the whole day was."""
    return [entry["origin"] or "all" for entry in requests if entry["path"].startswith("/flights/")]


def answer(value: object) -> Any:
    """What `slowest_task` returned, as data: `[name, seconds]`, or what it was instead."""
    if isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str):
        seconds = number(value[1])
        if seconds is not None:
            return [str(value[0]), float(seconds)]
        return {"instead": f"`{value[0]}` and {describe(value[1])}"}
    return {"instead": describe(value)}
