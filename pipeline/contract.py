"""`validate`: raw flights keep the contract, or they go no further."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from pipeline.days import NEW_YORK, as_day
from pipeline.errors import ContractError
from pipeline.lake import read_table, write_table
from pipeline.source import carriers
from pipeline.tables import KEY, ORIGINS, VALID

_DAY = re.compile(r"(?:^|/)day=(\d{4}-\d{2}-\d{2})(?=/|\.parquet$|$)")


def validate(raw: str | list[str]) -> str:
    """Check the raw flights of one day against the contract; write and return `valid/day=D.parquet`.

    `raw` is a reference or a list of them, of one day: files, or the day's folder. Raises ContractError, which names
    every broken rule with an example, and then writes nothing; MissingTable if there is nothing to read; ValueError
    if the references are not of one day.
    """
    refs = [raw] if isinstance(raw, str) else list(raw)
    day = _day_of(refs)
    flights = pd.concat([read_table(ref) for ref in refs], ignore_index=True)
    problems = _problems(flights, day)
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise ContractError(
            f"The raw flights of {day} break the contract; nothing was written.\n{listed}\n"
            "Ask the source for the day again, or mend the source; the contract is in pipeline/contract.py."
        )
    flights = flights.assign(time_hour=pd.to_datetime(flights["time_hour"], utc=True))
    return write_table(f"valid/day={day}.parquet", flights.sort_values(KEY, ignore_index=True), VALID)


def _day_of(refs: list[str]) -> date:
    found = {match.group(1) if (match := _DAY.search(ref)) else None for ref in refs}
    if len(found) != 1 or None in found:
        raise ValueError(f"validate needs raw references of one day, such as 'raw/day=2013-03-10', not {refs}.")
    return as_day(str(found.pop()))


@cache
def _contract() -> Any:
    """The rules for each column as a pandera schema; each rule's `error` completes "<column> ..."."""
    import pandera.pandas as pa  # here, because only this stage needs it and it takes 0.3 s to import

    def between(low: float, high: float, unit: str) -> pa.Check:
        return pa.Check.in_range(low, high, error=f"must be {low} to {high} {unit}".rstrip())

    def one_of(values: tuple[str, ...]) -> pa.Check:
        return pa.Check.isin(values, error=f"must be one of {', '.join(values)}")

    clock = pa.Check(lambda t: (t % 100 < 60) & t.between(0, 2359), error="must be a clock time HHMM, 0 to 2359")
    clock_24 = pa.Check(lambda t: (t % 100 < 60) & t.between(0, 2400), error="must be a clock time HHMM, 0 to 2400")
    late = between(-180, 2880, "minutes")
    return pa.DataFrameSchema(
        {
            "day": pa.Column(object, pa.Check(lambda d: d.map(type) == date, error="must be a date")),
            "origin": pa.Column(str, one_of(ORIGINS)),
            "carrier": pa.Column(str, one_of(tuple(sorted(carriers())))),
            "flight": pa.Column(int, between(1, 9999, "")),
            "dest": pa.Column(str, pa.Check.str_matches("^[A-Z]{3}$", error="must be three capital letters")),
            "sched_dep_time": pa.Column(int, clock),
            "sched_arr_time": pa.Column(int, clock),
            "distance": pa.Column(int, between(10, 6000, "miles")),
            "time_hour": pa.Column(
                str,
                pa.Check.str_matches(
                    r"^2013-\d\d-\d\dT\d\d:00:00Z$|^2014-01-01T0\d:00:00Z$",
                    error="must be a full hour in UTC such as 2013-03-10T10:00:00Z",
                ),
            ),
            "tailnum": pa.Column(str, nullable=True),
            "dep_time": pa.Column(float, clock_24, nullable=True),
            "dep_delay": pa.Column(float, late, nullable=True),
            "arr_time": pa.Column(float, clock_24, nullable=True),
            "arr_delay": pa.Column(float, late, nullable=True),
            "air_time": pa.Column(float, between(1, 1200, "minutes"), nullable=True),
        },
        strict=True,
    )


def _problems(flights: pd.DataFrame, day: date) -> list[str]:
    """One sentence for each broken rule; empty when the flights keep the contract."""
    from pandera.errors import SchemaErrors

    if flights.empty:
        return ["the table is empty: no flight is known for this day"]
    try:
        _contract().validate(flights, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        # One line a column, and its type first: a wrong type makes other rules of that column fail as well.
        cases = cases.loc[
            cases["check"].astype(str).str.startswith("dtype").sort_values(ascending=False, kind="stable").index
        ]
        firsts = cases.assign(of=cases["column"].where(cases["check"] != "column_in_dataframe", cases["failure_case"]))
        return [_explain(case, flights) for _, case in firsts.drop_duplicates("of").iterrows()]
    return [problem for problem in (_days(flights, day), _hours(flights), _twice(flights)) if problem]


def _explain(case: pd.Series, flights: pd.DataFrame) -> str:
    check = str(case["check"])
    if check == "column_in_dataframe":
        return f"column '{case['failure_case']}' is missing"
    if check == "column_in_schema":
        return f"column '{case['failure_case']}' is not part of the contract"
    column, rule = str(case["column"]), check
    values = flights[column]
    if check.startswith("dtype"):
        wanted = _contract().columns[column].dtype.type
        number = getattr(wanted, "kind", "O") in "if"
        if not number:
            return _example(column, "must be text", flights, values.index)
        parsed = pd.to_numeric(values, errors="coerce")
        texts = values[parsed.isna() & values.notna()]
        if len(texts):
            return _example(column, "must be a number", flights, texts.index)
        if not _contract().columns[column].nullable and values.isna().any():
            return _example(column, "must not be missing", flights, values[values.isna()].index)
        return _example(column, "must be a whole number", flights, values[parsed % 1 != 0].index)
    if check == "not_nullable":
        return _example(column, "must not be missing", flights, values[values.isna()].index)
    cases = flights.index if pd.isna(case["index"]) else [case["index"]]
    return _example(column, rule, flights, cases)


def _example(column: str, rule: str, flights: pd.DataFrame, rows: Any) -> str:
    row = flights.loc[rows[0]] if len(rows) else flights.iloc[0]
    found = "nothing" if pd.isna(row[column]) else repr(getattr(row[column], "item", lambda: row[column])())
    return f"column '{column}' {rule}; found {found} (flight {_name(row)})"


def _name(row: pd.Series) -> str:
    return f"{row.get('carrier', '?')} {row.get('flight', '?')} from {row.get('origin', '?')}"


def _days(flights: pd.DataFrame, day: date) -> str | None:
    others = flights[flights["day"] != day]
    if others.empty:
        return None
    row = others.iloc[0]
    return f"column 'day' must be {day}, the day of the table; found {row['day']} (flight {_name(row)})"


def _hours(flights: pd.DataFrame) -> str | None:
    """The instant `time_hour` and the clock time `sched_dep_time` must agree, also when clocks are changed."""
    local = pd.to_datetime(flights["time_hour"], utc=True).dt.tz_convert(NEW_YORK)
    wrong = flights[(local.dt.hour != flights["sched_dep_time"] // 100) | (local.dt.date != flights["day"])]
    if wrong.empty:
        return None
    row = wrong.iloc[0]
    return (
        f"column 'time_hour' must be the hour of sched_dep_time in New York; found {row['time_hour']} for "
        f"{row['sched_dep_time']:04d} on {row['day']} (flight {_name(row)})"
    )


def _twice(flights: pd.DataFrame) -> str | None:
    again = flights[flights.duplicated(KEY)]
    if again.empty:
        return None
    return f"a flight ({', '.join(KEY)}) must occur once; {len(again)} rows repeat one (flight {_name(again.iloc[0])})"
