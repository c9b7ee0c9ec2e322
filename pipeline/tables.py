"""What the tables hold: names and types of columns, and which of them may reach a model."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

ORIGINS = ("EWR", "JFK", "LGA")

# What tells flights apart. Without the origin it would not do: some flight numbers leave from two airports in a day.
KEY = ["day", "origin", "carrier", "flight"]

# What the source tells about a flight. Clock times are whole numbers HHMM (517 is 05:17) at the airport concerned,
# delays and air_time are minutes, distance is miles. Numbers that can be missing are floats, as in pandas itself.
FLIGHTS = pa.schema(
    {
        "day": pa.date32(),
        "origin": pa.string(),
        "carrier": pa.string(),
        "flight": pa.int64(),
        "dest": pa.string(),
        "sched_dep_time": pa.int64(),
        "sched_arr_time": pa.int64(),
        "distance": pa.int64(),
        "time_hour": pa.string(),  # the hour of sched_dep_time as an instant in UTC, 2013-03-10T10:00:00Z
        "tailnum": pa.string(),
        "dep_time": pa.float64(),
        "dep_delay": pa.float64(),
        "arr_time": pa.float64(),
        "arr_delay": pa.float64(),
        "air_time": pa.float64(),
    }
)

# What nobody knows before departure. `tailnum` looks harmless but names the plane that flew in the end: it can change
# until the last minutes, and in this data it is missing only for flights that never left.
AFTER_DEPARTURE = ["tailnum", "dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]

VALID = FLIGHTS.set(FLIGHTS.get_field_index("time_hour"), pa.field("time_hour", pa.timestamp("us", "UTC")))

FEATURE_TABLE = pa.schema(
    {
        "day": pa.date32(),
        "origin": pa.string(),
        "carrier": pa.string(),
        "flight": pa.int64(),
        "dest": pa.string(),
        "departs_at": pa.timestamp("us", "UTC"),  # scheduled departure as an instant
        "hour": pa.int64(),  # of the scheduled departure, New York time
        "minute_of_day": pa.int64(),  # likewise, by the clock
        "carrier_hour": pa.string(),  # both in one, as in "UA 06"
        "weekday": pa.int64(),  # Monday is 0
        "month": pa.int64(),
        "distance": pa.int64(),  # miles
        "planned_minutes": pa.int64(),  # gate to gate, by the schedule
        "weather_at": pa.timestamp("us", "UTC"),  # when the weather below was observed
        "temp": pa.float64(),  # °F
        "humid": pa.float64(),  # %
        "wind_speed": pa.float64(),  # mph
        "precip": pa.float64(),  # inches in the hour
        "pressure": pa.float64(),  # millibars
        "visib": pa.float64(),  # miles
        "late": pa.float64(),  # 1 arrived 15 or more minutes late, 0 did not, missing never arrived
    }
)

WEATHER = ["temp", "humid", "wind_speed", "precip", "pressure", "visib"]
CATEGORIES = ["origin", "carrier", "dest", "hour", "carrier_hour"]
TIMETABLE = ["minute_of_day", "distance", "planned_minutes"]

# The model's inputs. `weekday` and `month` are for people: two weeks hold too few of either to learn from.
FEATURES = [*CATEGORIES, *TIMETABLE, *WEATHER]

PREDICTIONS = pa.schema(
    {
        "day": pa.date32(),
        "origin": pa.string(),
        "carrier": pa.string(),
        "flight": pa.int64(),
        "probability": pa.float64(),  # of arriving 15 or more minutes late
        "model": pa.string(),  # reference of the model that gave it
    }
)


def to_arrow(frame: pd.DataFrame, schema: pa.Schema, strict: bool = True) -> pa.Table:
    """`frame` as a table of `schema`, without pandas metadata: equal rows give equal bytes whatever the pandas.

    With `strict=False` it keeps what does not fit (text where a number belongs, a missing or an extra column), because
    raw data must show what the source said.
    """
    if strict:
        return pa.Table.from_pandas(frame[schema.names], schema, preserve_index=False).replace_schema_metadata()
    names = [n for n in schema.names if n in frame] + [n for n in frame if n not in schema.names]
    return pa.table({name: _lenient(frame[name], schema) for name in names})


def _lenient(column: pd.Series, schema: pa.Schema) -> pa.Array:
    agreed = schema.field(column.name).type if column.name in schema.names else None
    for kind in (agreed, None):  # None lets Arrow find a type that holds all values
        try:
            return pa.array(column, type=kind, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            continue
    return pa.array([None if pd.isna(value) else str(value) for value in column], type=pa.string())
