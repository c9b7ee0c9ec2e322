"""Probes of module 01: what the learner's stages leave behind, and how they react to what we change."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import math
import os
import pathlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.observe import Notebook, Unusable, describe, number, probe

# --- ingest ------------------------------------------------------------------------------------------------------


class FullDisk:
    """While it is in force, writing data to a file fails half-way, as on a full disk. `met` says if anyone noticed."""

    def __init__(self) -> None:
        self.met = False

    def _raise(self) -> None:
        self.met = True
        raise OSError(errno.ENOSPC, "No space left on device")

    @contextlib.contextmanager
    def in_force(self) -> Iterator[None]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        write_table, write_bytes = pq.ParquetWriter.write_table, pathlib.Path.write_bytes

        def half_a_table(writer: Any, table: Any, *args: Any, **kwargs: Any) -> None:
            if isinstance(getattr(writer, "where", None), io.BytesIO | pa.BufferOutputStream):
                write_table(writer, table, *args, **kwargs)  # memory is not full
                return
            write_table(writer, table.slice(0, table.num_rows // 2), *args, **kwargs)
            self._raise()

        def half_the_bytes(path: Path, data: Any) -> int:
            write_bytes(path, bytes(data)[: len(data) // 2])
            self._raise()
            return 0

        pq.ParquetWriter.write_table, pathlib.Path.write_bytes = half_a_table, half_the_bytes  # type: ignore
        try:
            yield
        finally:
            pq.ParquetWriter.write_table, pathlib.Path.write_bytes = write_table, write_bytes  # type: ignore


@probe("idempotent-ingest")
def stored(notebook: Notebook, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is in the folder after each run. A run: `day`; `rows`, how many of its flights; `full_disk`."""
    from pipeline.source import package_flights

    notebook.function("store_day")
    seen = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder, keep = Path(name) / "days", Path(name) / "keep"
        folder.mkdir()
        for run in runs:
            flights = package_flights(run["day"]).head(run.get("rows", 5000))
            path, disk, raised = folder / f"day={run['day']}.parquet", FullDisk(), None
            # A second name for the old file: it keeps the old rows when a new file takes the first name, and loses
            # them when somebody writes into the old one.
            keep.unlink(missing_ok=True)
            before = path.read_bytes() if path.is_file() else None
            if before is not None:
                os.link(path, keep)
            try:
                with disk.in_force() if run.get("full_disk") else contextlib.nullcontext():
                    notebook.call("store_day", flights.copy(), run["day"], folder)
            except Exception as error:
                if not disk.met:
                    raise
                raised = type(error).__name__
            left = [p.name for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix != ".parquet"]
            in_place = before is not None and keep.read_bytes() != before
            seen.append(
                {
                    "raised": raised,
                    "met": disk.met,
                    "in_place": in_place,
                    "left": left,
                    "files": _files(folder, flights),
                }
            )
    return seen


def _rows(table: Any) -> list[tuple[str, ...]]:
    return sorted(table.astype(str).itertuples(index=False, name=None))


def _files(folder: Path, flights: Any) -> dict[str, dict[str, Any]]:
    """Every file that a reader of *.parquet finds: its rows (None if it cannot be read), and if they are `flights`.

    The order of the rows does not matter.
    """
    import pyarrow.parquet as pq

    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.rglob("*.parquet")):
        try:
            table = pq.ParquetFile(path).read().to_pandas()
            columns = ["origin", "carrier", "flight", "dest"]
            same = set(columns) <= set(table.columns) and _rows(table[columns]) == _rows(flights[columns])
            found[path.relative_to(folder).as_posix()] = {"rows": len(table), "same": same}
        except Exception:
            found[path.relative_to(folder).as_posix()] = {"rows": None, "same": False}
    return found


# --- validate ----------------------------------------------------------------------------------------------------


@probe("validation-gate")
def found(
    notebook: Notebook,
    day: str,
    change: list[list[Any]] | None = None,
    repeat: dict[str, Any] | None = None,
    of: str | None = None,
) -> dict[str, Any]:
    """The problems found in a day's flights.

    Args:
        change: faults, each `[column, row, value]`.
        repeat: the first flight comes a second time, with these values changed.
        of: the day that the flights are said to be of, where it is another one.
    """
    import pandas as pd

    from pipeline.source import package_flights

    flights = package_flights(day).copy()
    for column, row, value in change or []:
        # A number leaves a column of numbers what it is; a text or a missing value makes it one of objects.
        values = flights[column] if isinstance(value, int) else flights[column].astype(object)
        values = values.copy()
        values.iloc[row] = value
        flights[column] = values
    if repeat is not None:
        again = flights.head(1).assign(**repeat)
        flights = pd.concat([flights, again], ignore_index=True)
    given = flights.copy()
    try:
        value = notebook.call("find_problems", given, of or day)
    except (NotImplementedError, NameError, Unusable):
        raise
    except Exception as error:  # an answer of its own: dirty data must not make a gate fall over
        return {
            "raised": f"{type(error).__name__}: {error}"[:200],
            "described": "nothing",
            "texts": False,
            "problems": [],
            "altered": False,
        }
    texts = isinstance(value, list | tuple | set) and all(isinstance(problem, str) for problem in value)
    problems = [str(problem)[:300] for problem in value] if texts else []
    altered = not (given.equals(flights) and list(given.columns) == list(flights.columns))
    return {"raised": None, "described": describe(value), "texts": texts, "problems": problems, "altered": altered}


# --- features ----------------------------------------------------------------------------------------------------


def _valid_flights(day: str) -> Any:
    import pandas as pd

    from pipeline.source import package_flights

    flights = package_flights(day)
    return flights.assign(time_hour=pd.to_datetime(flights["time_hour"], utc=True).dt.as_unit("us"))


def _features(notebook: Notebook, flights: Any, weather: Any) -> Any:
    import pandas as pd

    value = notebook.call("make_features", flights.copy(), weather.copy())
    if not isinstance(value, pd.DataFrame):
        raise Unusable(
            f"`make_features` should return a DataFrame, but it returned {describe(value)}.\n"
            "Does it end with `return`, followed by the table of features?"
        )
    return value


def _differing(before: Any, after: Any, rows: Any = slice(None)) -> list[str]:
    """The columns whose values in some rows are not the same in two tables."""
    differing = []
    for name in before.columns:
        try:
            same = before[name].iloc[rows].astype(str).tolist() == after[name].iloc[rows].astype(str).tolist()
        except Exception:  # a column that comes and goes, or a name that occurs twice
            same = False
        if not same:
            differing.append(str(name))
    return differing


@probe("leak-free-features")
def reactions(notebook: Notebook, day: str) -> dict[str, Any]:
    """The features of a day, and which of them change when something changes that nobody knows before departure."""
    import pandas as pd

    from pipeline.source import weather as observations
    from pipeline.tables import AFTER_DEPARTURE, WEATHER

    flights, weather = _valid_flights(day), observations()
    base = _features(notebook, flights, weather)
    seen: dict[str, Any] = {"flights": len(flights), "rows": len(base), "columns": [str(name) for name in base.columns]}
    seen["cancelled"] = int(flights["arr_delay"].isna().sum())
    if len(base) != len(flights):
        return seen
    seen["moved_by"] = {}
    for column in AFTER_DEPARTURE:
        turned = flights[column].iloc[::-1].to_numpy()
        other = turned if column == "tailnum" else turned + 37
        # Other values first; then every third one missing, which only a count of them would notice.
        gaps = flights[column].mask(pd.Series(range(len(flights)), index=flights.index) % 3 == 0)
        for changed in (other, gaps):
            table = _features(notebook, flights.assign(**{column: changed}), weather)
            moved = _differing(base, table) if len(table) == len(base) else ["(the rows)"]
            if moved:
                seen["moved_by"][column] = moved
                break
    # From noon in New York on the weather is another one; flights that leave by 13:00 cannot know.
    noon = pd.Timestamp(f"{day} 12:00", tz="America/New_York")
    later = weather.copy()
    later.loc[later["weather_at"] > noon, WEATHER] += 37.0
    departs_at = flights["time_hour"] + pd.to_timedelta(flights["sched_dep_time"] % 100, unit="min")
    early = (departs_at <= noon + pd.Timedelta(hours=1)).to_numpy().nonzero()[0]
    other = _features(notebook, flights, later)
    seen["moved_by_later_weather"] = _differing(base, other, early) if len(other) == len(base) else ["(the rows)"]
    return seen


@probe("leak-free-features")
def planted(notebook: Notebook, flights: list[dict[str, Any]], weather: list[list[Any]]) -> dict[str, Any]:
    """The three columns for flights and observations `[origin, instant, visib]` of a test's making."""
    import pandas as pd

    from pipeline.source import weather as observations

    table = _valid_flights("2013-07-01").head(len(flights)).copy()
    for column in flights[0]:
        values = [flight[column] for flight in flights]
        table[column] = (
            pd.to_datetime(pd.Series(values), utc=True).dt.as_unit("us") if column == "time_hour" else values
        )
    seen = observations().head(len(weather)).copy()
    seen["origin"] = [row[0] for row in weather]
    seen["weather_at"] = pd.to_datetime(pd.Series([row[1] for row in weather]), utc=True).dt.as_unit("us")
    seen["visib"] = [float(row[2]) for row in weather]
    made = _features(notebook, table, seen.sort_values("weather_at", ignore_index=True))
    columns = {}
    for name in ("hour", "distance", "visib"):
        values = list(made[name]) if name in made and getattr(made[name], "ndim", 0) == 1 else None
        plain = [number(value) for value in values] if values is not None else None
        columns[name] = plain and [None if v is None or math.isnan(v) else float(v) for v in plain]
    return columns


# --- split -------------------------------------------------------------------------------------------------------


@probe("honest-split")
def windows(notebook: Notebook, today: str) -> dict[str, Any]:
    try:
        value = notebook.call("split", today)
    except ValueError as error:
        return {"raised": f"ValueError: {error}"}
    pair = isinstance(value, tuple | list) and len(value) == 2
    return {"raised": None, "described": describe(value), "pair": [str(one) for one in value] if pair else None}


# --- publish -----------------------------------------------------------------------------------------------------

WINDOW = "2013-03-10/2013-03-16"


@probe("evaluation-gate")
def gate(
    notebook: Notebook,
    challenger: list[float],
    champion: list[float] | None = None,
    stored: list[float] | None = None,
    base_rate: float = 0.20,
    carrier_hour: tuple[float, float] = (0.65, 0.19),
    same_model: bool = False,
) -> dict[str, Any]:
    """What the gate did. Figures are `[AUC, Brier]`.

    Args:
        champion: figures on the window that the challenger is tested on; None when there is no champion.
        stored: figures of the champion in the file, from other days.
        same_model: the challenger *is* the champion.
    """

    def figures(model: str, window: str, auc: float, brier: float) -> dict[str, Any]:
        return {
            "model": model,
            "window": window,
            "rows": 6000,
            "positives": 1400,
            "auc": auc,
            "brier": brier,
            "base_rate": {"auc": 0.5, "brier": base_rate},
            "carrier_hour": {"auc": carrier_hour[0], "brier": carrier_hour[1]},
        }

    new, old = "models/2013-02-24_2013-03-09.skops", "models/2013-02-10_2013-02-23.skops"
    if same_model:
        old = new
    calls: list[list[str]] = []

    def evaluate(model: str, window: str) -> dict[str, Any]:
        calls.append([str(model), str(window)])
        if model == new:
            return figures(new, str(window), *challenger)
        if champion is not None and model == old:
            return figures(old, str(window), *champion)
        raise ValueError(f"There is no model {model!r}.")

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "champion.json"
        before = None
        if champion is not None:
            published = {"model": old, "metrics": figures(old, "2013-02-24/2013-03-02", *(stored or champion))}
            path.write_text(json.dumps(published, indent=1) + "\n")
            before = path.read_bytes()
        value = notebook.call("publish_if_better", new, WINDOW, path, evaluate)
        try:
            after = path.read_bytes() if path.is_file() else None
            content = json.loads(after) if after else None
        except ValueError:
            content = "not JSON"
    expected = figures(new, WINDOW, *challenger)
    named = content.get("model") if isinstance(content, dict) else content
    metrics = content.get("metrics") if isinstance(content, dict) else None
    boolean = isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")  # NumPy's has two names
    return {
        "returned": bool(value) if boolean else None,
        "described": "None" if value is None else describe(value),
        "intact": after == before,
        "file": named if isinstance(named, str) or named is None else describe(named),
        "right_figures": isinstance(metrics, dict) and all(metrics.get(k) == v for k, v in expected.items()),
        "challenger": new,
        "champion": old,
        "asked": calls,
    }
