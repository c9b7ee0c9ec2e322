"""The lake: one folder with all tables, each named by a reference (its path relative to the lake, with `/`)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import pandas as pd
import pyarrow.parquet as pq

from pipeline.errors import MissingTable
from pipeline.tables import to_arrow

MADE_BY = {
    "raw": "ingest(day)",
    "valid": "validate(raw)",
    "features": "features(valid), or prepare(window) for a history of days",
    "models": "train(window)",
    "predictions": "score(day)",
    "warehouse.duckdb": "warehouse.load(day)",
}


def lake() -> Path:
    """The lake's folder, absolute: `FLIGHTS_LAKE`, or `work/lake` under the current folder.

    Configuration comes from the environment, as the twelve-factor app asks: one code base runs on a laptop, in a test
    and on a worker, and each only sets its own variables. It is read at every call, so no process holds a stale one.
    """
    return Path(os.environ.get("FLIGHTS_LAKE") or "work/lake").absolute()


@contextmanager
def lake_at(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Use `folder` as the lake inside the block. It sets the process's environment: not for one thread alone."""
    before = os.environ.get("FLIGHTS_LAKE")
    os.environ["FLIGHTS_LAKE"] = str(Path(folder).absolute())
    try:
        yield lake()
    finally:
        if before is None:
            del os.environ["FLIGHTS_LAKE"]
        else:
            os.environ["FLIGHTS_LAKE"] = before


def path_of(ref: str) -> Path:
    """The file or folder behind a reference; ValueError for one that leaves the lake."""
    parts = PurePosixPath(ref)
    if not ref or parts.is_absolute() or ".." in parts.parts:
        raise ValueError(f"{ref!r} is not a reference: expected a path inside the lake, such as 'raw/day=2013-03-10'.")
    return lake() / parts


def existing(ref: str) -> Path:
    """`path_of(ref)` if it is there; else MissingTable, which names the stage that makes it."""
    path = path_of(ref)
    if not path.exists():
        raise missing([ref])
    return path


def missing(refs: list[str]) -> MissingTable:
    """The error for references that are not in the lake; they are of one kind."""
    maker = MADE_BY.get(refs[0].partition("/")[0], "an earlier stage")
    return MissingTable(f"Not in the lake {lake()}: {', '.join(refs)}. Make it first with {maker}.")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name to write to, which becomes `path` in one step if the block succeeds.

    A reader sees the old file or the new one, never half of one, and a writer that dies leaves the old one. The
    temporary file lives in the lake, since a rename is atomic only within one file system, but outside of any table.
    """
    scratch = lake() / ".tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=scratch))
    try:
        yield folder / path.name
        path.parent.mkdir(parents=True, exist_ok=True)
        (folder / path.name).replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_bytes(ref: str, content: bytes) -> str:
    """Put `content` at `ref` in one step; returns `ref`."""
    with replacing(path_of(ref)) as temporary:
        temporary.write_bytes(content)
    return ref


def write_table(ref: str, frame: pd.DataFrame, schema, strict: bool = True) -> str:
    """Put `frame` at `ref` as Parquet with `schema`, in one step; returns `ref`. See `to_arrow` for `strict`."""
    table = to_arrow(frame, schema, strict)
    with replacing(path_of(ref)) as temporary:
        pq.write_table(table, temporary)
    return ref


def read_table(ref: str) -> pd.DataFrame:
    """The rows behind `ref`: one file, or all files of a folder in the order of their names."""
    path = existing(ref)
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise missing([ref])
    # Each file by itself: in raw data two files of one day may disagree about a type, and that is for the contract.
    frames = [pq.ParquetFile(file).read().to_pandas() for file in files]
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
