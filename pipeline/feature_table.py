"""`features`: from valid flights to what a model may know before departure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from pipeline.days import NEW_YORK
from pipeline.lake import read_table, write_table
from pipeline.source import time_zones, weather
from pipeline.tables import FEATURE_TABLE, WEATHER

LATE_MINUTES = 15

# The forecast must be ready before boarding, and an observation takes time to be published: a flight may use only
# weather observed an hour or more before its scheduled departure. Weather at departure, or later, would be a leak.
WEATHER_LAG = timedelta(hours=1)
# When the station was silent for longer than this, the weather is unknown.
WEATHER_TOO_OLD = timedelta(hours=12)


def features(valid: str) -> str:
    """Make the feature table of one day: `valid/day=D.parquet` to `features/day=D.parquet`; returns the reference.

    One row per flight, cancelled ones included, with the columns of `tables.FEATURE_TABLE`. Rows of other days are not
    read, so days can be made in any order.
    """
    flights = read_table(valid)
    table = _with_weather(_schedule(flights))
    table["late"] = (flights["arr_delay"] >= LATE_MINUTES).astype(float).where(flights["arr_delay"].notna())
    day = flights["day"].iloc[0]
    return write_table(f"features/day={day}.parquet", table, FEATURE_TABLE)


def _schedule(flights: pd.DataFrame) -> pd.DataFrame:
    """What the timetable says, in the order of `flights`."""
    hour, minute = flights["sched_dep_time"] // 100, flights["sched_dep_time"] % 100
    days = pd.to_datetime(flights["day"])
    table = flights[["day", "origin", "carrier", "flight", "dest", "distance"]].copy()
    table["departs_at"] = flights["time_hour"] + pd.to_timedelta(minute, unit="min")
    table["hour"] = hour
    table["minute_of_day"] = hour * 60 + minute
    table["carrier_hour"] = flights["carrier"] + hour.map(" {:02d}".format)
    table["weekday"] = days.dt.day_of_week
    table["month"] = days.dt.month
    table["planned_minutes"] = _planned_minutes(flights, table["minute_of_day"])
    return table


def _planned_minutes(flights: pd.DataFrame, departure: pd.Series) -> pd.Series:
    """Scheduled minutes from gate to gate.

    Both times are read off local clocks, so the difference is corrected by how far the destination's clock is ahead of
    New York's that noon; flights that land after midnight come out right because a day is 1,440 minutes.
    """
    arrival = flights["sched_arr_time"] // 100 * 60 + flights["sched_arr_time"] % 100
    noon = datetime.combine(flights["day"].iloc[0], time(12))
    here = _ahead_of_utc(NEW_YORK, noon)
    ahead = {dest: _ahead_of_utc(time_zones().get(dest, NEW_YORK), noon) - here for dest in flights["dest"].unique()}
    return (arrival - departure - flights["dest"].map(ahead)) % 1440


def _ahead_of_utc(zone: str, noon: datetime) -> int:
    """Minutes that clocks in `zone` are ahead of UTC at `noon` there."""
    offset = noon.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    return int((offset or timedelta()).total_seconds()) // 60


def _with_weather(table: pd.DataFrame) -> pd.DataFrame:
    """`table` and the latest weather at its origin that was known WEATHER_LAG before departure, in the same order."""
    known_by = (table["departs_at"] - WEATHER_LAG).rename("known_by")
    asked = table[["origin"]].assign(known_by=known_by).rename_axis("row").reset_index().sort_values("known_by")
    found = pd.merge_asof(
        asked,
        weather()[["origin", "weather_at", *WEATHER]],
        left_on="known_by",
        right_on="weather_at",
        by="origin",
        tolerance=pd.Timedelta(WEATHER_TOO_OLD),
    )
    return table.join(found.set_index("row")[["weather_at", *WEATHER]])
