"""The flights API: flights over real HTTP on this machine, with faults by plan, for lessons and tests on failure.

    GET /flights/2013-03-10               all flights of a day, as JSON rows with the columns of `tables.FLIGHTS`
    GET /flights/2013-03-10?origin=EWR    those of one airport
    GET /airports/2013-03-10              the airports with flights that day

A fault plan is a list that is used up request by request; after its end all is well. Its entries:

    None or "ok"     the true answer
    any of 400-599   that status, with no flights
    "hang"           silence for `hang` seconds (or until the server stops), then the true answer
    "late"           the day without its flights from 18:00 on, as if they had not been reported yet
    "duplicated"     every row twice
    "malformed"      text where the first row's distance belongs
    "missing"        no column sched_arr_time

Give one list for all requests, or a mapping from the beginning of a path to a list (`{"/flights/": [503]}`,
`{"/flights/2013-03-10?origin=EWR": [503, 503]}`): a request uses the list with the longest beginning that fits. Faults
in flights leave answers about airports as they are. Nothing is random: equal requests in equal order meet equal faults.

Run it by hand with `python -m pipeline.api --port 8013 --fault 503 --fault 503`; Ctrl-C stops it.
"""

from __future__ import annotations

import argparse
import json
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from pipeline.source import package_airports, package_flights

Fault = int | str | None
Faults = Sequence[Fault] | Mapping[str, Sequence[Fault]]

LATE_FROM = 1800  # clock time HHMM


class FlightsAPI:
    """A running server: its address `url`, and `requests`, the log of what it was asked.

    A log entry is {"path", "day", "origin", "fault", "status", "at"}: `at` is seconds since the start, by a clock
    that never goes back; `status` is None while, or because, no answer was given.
    """

    def __init__(self, faults: Faults, hang: float, port: int, closed: Sequence[str] = ()) -> None:
        self.requests: list[dict[str, Any]] = []
        self.hang, self.closed = hang, frozenset(closed)
        plans = dict(faults) if isinstance(faults, Mapping) else {"": faults}
        self._plans = {beginning: [_checked(fault) for fault in plan] for beginning, plan in plans.items()}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._start = time.monotonic()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.api = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="flights-api")
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """End every hang, answer what is under way, and leave neither a thread nor a socket."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def note(self, target: str) -> dict[str, Any]:
        """Log a request for `target` (path and query) and take its fault from the plan."""
        parts = urlsplit(target)
        entry: dict[str, Any] = {
            "path": parts.path,
            "day": parts.path.rpartition("/")[2],
            "origin": parse_qs(parts.query).get("origin", [None])[0],
            "status": None,
        }
        with self._lock:
            fitting = [plan for beginning, plan in sorted(self._plans.items()) if target.startswith(beginning)]
            plan = fitting[-1] if fitting else []
            entry |= {"fault": plan.pop(0) if plan else None, "at": time.monotonic() - self._start}
            self.requests.append(entry)
        return entry

    def sleep(self) -> bool:
        """Hang as long as the plan says; true if the server was stopped meanwhile."""
        return self._stopping.wait(self.hang)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for answers under way
    api: FlightsAPI


class _Handler(BaseHTTPRequestHandler):
    timeout = 5.0  # seconds for a client to say what it wants
    server: _Server

    def do_GET(self) -> None:
        entry = self.server.api.note(self.path)
        fault = entry["fault"]
        if fault == "hang" and self.server.api.sleep():
            self.close_connection = True
            return
        status, content = (
            (fault, {"error": fault}) if isinstance(fault, int) else _answer(entry, self.server.api.closed)
        )
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        entry["status"] = status
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            entry["status"] = None  # the client had given up

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal: `requests` is the log."""


def _answer(entry: dict[str, Any], closed: frozenset[str]) -> tuple[int, Any]:
    """Status and content of a request; the content is JSON bytes or something to make JSON of."""
    try:
        if entry["path"] == f"/airports/{entry['day']}":
            return 200, [airport for airport in package_airports(entry["day"]) if airport not in closed]
        if entry["path"] == f"/flights/{entry['day']}":
            flights = package_flights(entry["day"], entry["origin"])
            flights = _spoilt(flights[~flights["origin"].isin(closed)], entry["fault"])
            return 200, flights.to_json(orient="records").encode()
    except ValueError as error:  # an unknown origin is the caller's mistake, an unknown day is not there
        return (400 if "origin" in str(error) else 404), {"error": str(error)}
    return 404, {"error": "ask for /flights/DAY or /airports/DAY"}


def _spoilt(flights: pd.DataFrame, fault: Fault) -> pd.DataFrame:
    flights = flights.assign(day=flights["day"].astype(str))
    if fault == "late":
        return flights[flights["sched_dep_time"] < LATE_FROM]
    if fault == "duplicated":
        return pd.concat([flights, flights], ignore_index=True)
    if fault == "malformed":
        distance = flights["distance"].astype(object)
        distance.iloc[0] = "far"
        return flights.assign(distance=distance)
    if fault == "missing":
        return flights.drop(columns="sched_arr_time")
    return flights


def _checked(fault: Fault) -> Fault:
    known = (None, "ok", "hang", "late", "duplicated", "malformed", "missing")
    if fault in known or (isinstance(fault, int) and 400 <= fault <= 599):
        return fault
    raise ValueError(f"{fault!r} is not a fault: choose a status from 400 to 599, or one of {known}.")


@contextmanager
def flights_api(
    faults: Faults = (), hang: float = 30.0, port: int = 0, closed: Sequence[str] = ()
) -> Iterator[FlightsAPI]:
    """Serve flights inside the block, on a free port unless told.

    `hang` is how many seconds a "hang" lasts; `closed` are airports from which nothing flies on any day.
    """
    api = FlightsAPI(faults, hang, port, closed)
    try:
        yield api
    finally:
        api.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pipeline.api", description="Serve flights over HTTP.")
    parser.add_argument("--port", type=int, default=8013, help="0 takes a free one (default: 8013)")
    parser.add_argument("--fault", action="append", default=[], help="a status or a fault's name; repeat for a plan")
    parser.add_argument("--hang", type=float, default=30.0, help="seconds that a hang lasts (default: 30)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        faults = [int(fault) if fault.isdigit() else fault for fault in options.fault]
        with flights_api(faults, options.hang, options.port) as api:
            print(f"{api.url} serves flights; Ctrl-C stops it.", flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    except (ValueError, OSError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
