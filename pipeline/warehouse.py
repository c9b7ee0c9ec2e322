"""The warehouse: features and predictions of all days in one DuckDB file, for questions in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.days import Day, as_day
from pipeline.errors import WarehouseBusy
from pipeline.lake import existing, path_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WAREHOUSE = "warehouse.duckdb"
TABLES = ("features", "predictions")


def load(day: Day) -> dict[str, int]:
    """Replace the day's rows in the tables `features` and `predictions`, in one transaction: both or neither.

    Loading twice leaves what loading once leaves. Returns the number of rows put into each table. Raises MissingTable
    if the day has not been scored, WarehouseBusy while another process holds the file.
    """
    day = as_day(day)
    files = {table: str(existing(f"{table}/day={day}.parquet")) for table in TABLES}
    path_of(WAREHOUSE).parent.mkdir(parents=True, exist_ok=True)
    with _connected(read_only=False) as connection:
        connection.begin()
        loaded = {}
        for table, file in files.items():
            rows = "read_parquet(?, hive_partitioning = false)"
            connection.execute(f"create table if not exists {table} as from {rows} limit 0", [file])
            connection.execute(f"delete from {table} where day = ?", [day])
            connection.execute(f"insert into {table} by name from {rows}", [file])
            counted = connection.execute(f"select count(*) from {table} where day = ?", [day]).fetchall()
            loaded[table] = int(counted[0][0])
        connection.commit()
    return loaded


def query(sql: str) -> pd.DataFrame:
    """The answer to `sql`. The file is opened read-only and closed at once, so nobody is locked out for longer."""
    existing(WAREHOUSE)
    with _connected(read_only=True) as connection:
        return connection.execute(sql).df()


@contextmanager
def _connected(read_only: bool) -> Iterator[DuckDBPyConnection]:
    import duckdb

    path = path_of(WAREHOUSE)
    try:
        connection = duckdb.connect(str(path), read_only=read_only)
    except (duckdb.IOException, duckdb.ConnectionException) as error:
        raise WarehouseBusy(
            f"{path} is held by another connection, and DuckDB lets one process write at a time: "
            f"close the other one, or try again in a moment. DuckDB says: {error}"
        ) from None
    try:
        yield connection
    finally:
        connection.close()
