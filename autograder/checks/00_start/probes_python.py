"""Probes of module 00: what the learner's three functions return."""

from __future__ import annotations

from datetime import UTC, datetime
from numbers import Real
from typing import Any

from autograder.observe import Notebook, describe, number, probe


@probe("count-flights")
def counted(notebook: Notebook, day: str) -> dict[str, Any]:
    value = notebook.call("flights_on", day)
    return {"value": number(value), "described": describe(value)}


@probe("late-share")
def share(
    notebook: Notebook, day: str, arr_delay: list[float | None] | None = None, dep_delay: float = 0
) -> dict[str, Any]:
    """The share for a real day, or for as many of its flights as there are planted arrival delays."""
    from pipeline.source import package_flights

    flights = package_flights(day).copy()
    if arr_delay is not None:
        flights = flights.head(len(arr_delay)).assign(
            arr_delay=[float("nan") if d is None else float(d) for d in arr_delay], dep_delay=float(dep_delay)
        )
    value = notebook.call("late_share", flights)
    plain = value
    if isinstance(value, Real) and not isinstance(value, bool):  # a Fraction is a number as well
        try:
            plain = float(value)
        except Exception:
            plain = None
    return {"value": number(plain), "none": value is None, "described": describe(value)}


@probe("day-interval")
def interval(notebook: Notebook, day: str) -> dict[str, Any]:
    value = notebook.call("interval_of", day)
    two = isinstance(value, tuple | list) and len(value) == 2
    pair = two and all(isinstance(v, datetime) for v in value)
    seen: dict[str, Any] = {"described": describe(value), "pair": pair}
    if two and type(value[0]) is type(value[1]):
        seen["described"] = f"a pair of two {type(value[0]).__name__}"
    if not pair:
        return seen
    try:
        offsets = [None if v.utcoffset() is None else v.utcoffset().total_seconds() for v in value]
        seen["aware"] = None not in offsets
        seen["utc"] = offsets == [0, 0]
        seen["shown"] = [f"{v:%Y-%m-%d %H:%M} {v.tzname() or 'without a zone'}" for v in value]
        # A naive time is told as it stands: astimezone would take this computer's zone for it.
        seen["start"], seen["end"] = (
            (v if v.utcoffset() is None else v.astimezone(UTC)).strftime("%Y-%m-%d %H:%M") for v in value
        )
    except Exception:  # pandas' NaT is a datetime that has neither an offset nor a date
        seen["pair"] = False
    return seen
