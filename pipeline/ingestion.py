"""`ingest`: from the source to `raw/`, as it came. One file per day and airport."""

from __future__ import annotations

from pipeline.days import Day, as_day
from pipeline.lake import path_of, write_table
from pipeline.source import read_flights
from pipeline.tables import FLIGHTS


def ingest(day: Day, origin: str | None = None) -> str:
    """Copy the flights of `day` from the source to the lake; returns the reference.

    With `origin`, writes that airport's file and returns it (`raw/day=2013-03-10/origin=EWR.parquet`). Without, asks
    once for the whole day, writes one file per airport, removes what an earlier run left for airports that the source
    no longer has, and returns the folder (`raw/day=2013-03-10`). Everything is fetched before anything is written.

    Errors: ValueError for an impossible day or unknown origin; SourceBusy, SourceTimeout, NoSuchDay from the API.
    """
    folder = f"raw/day={as_day(day)}"
    flights = read_flights(day, origin)
    if origin is not None:
        return write_table(f"{folder}/origin={origin}.parquet", flights, FLIGHTS, strict=False)
    written = {
        path_of(write_table(f"{folder}/origin={airport}.parquet", rows, FLIGHTS, strict=False))
        for airport, rows in flights.groupby("origin")
    }
    for stale in set(path_of(folder).glob("*.parquet")) - written:
        stale.unlink(missing_ok=True)
    return folder
