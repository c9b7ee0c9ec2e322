import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import pandas as pd
import pytest

from pipeline import (
    ContractError,
    NoSuchDay,
    SourceBusy,
    SourceError,
    SourceTimeout,
    airports,
    flights_api,
    ingest,
    read_flights,
    read_table,
    source_at,
    validate,
)

DAY = "2013-03-10"


def get(api, target):
    connection = http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=5)
    connection.request("GET", target)
    answer = connection.getresponse()
    status, body = answer.status, json.loads(answer.read())
    connection.close()
    return status, body


@pytest.mark.parametrize("day, origin", [(DAY, None), (DAY, "EWR"), ("2013-02-09", "LGA")])
def test_flights_over_http_are_the_flights_of_the_package(day, origin):
    local = read_flights(day, origin)
    with flights_api() as api, source_at(api.url):
        pd.testing.assert_frame_equal(read_flights(day, origin), local)
        assert airports(day) == ["EWR", "JFK", "LGA"]


def test_a_lake_filled_over_http_has_the_same_bytes(tmp_path, contents):
    from pipeline import lake_at

    with lake_at(tmp_path / "package"):
        ingest(DAY)
    with lake_at(tmp_path / "http"), flights_api() as api, source_at(api.url):
        ingest(DAY)
    assert len(api.requests) == 1, "a whole day is one request"
    assert contents(tmp_path / "package") == contents(tmp_path / "http")


def test_the_log_tells_what_was_asked_and_answered():
    with flights_api([503]) as api:
        assert get(api, f"/flights/{DAY}?origin=EWR")[0] == 503
        assert get(api, f"/airports/{DAY}") == (200, ["EWR", "JFK", "LGA"])
    first, second = api.requests
    at, later = first.pop("at"), second.pop("at")
    assert first == {"path": f"/flights/{DAY}", "origin": "EWR", "day": DAY, "status": 503, "fault": 503}
    assert second == {"path": f"/airports/{DAY}", "origin": None, "day": DAY, "status": 200, "fault": None}
    assert 0 <= at <= later < 5


@pytest.mark.parametrize(
    "fault, error, says",
    [(503, SourceBusy, "busy"), (404, NoSuchDay, "no such day"), (500, SourceError, "500")],
)
def test_a_status_becomes_an_error_with_a_name_and_then_all_is_well(fault, error, says):
    with flights_api([fault, fault]) as api, source_at(api.url):
        for _ in range(2):
            with pytest.raises(error, match=says):
                read_flights(DAY, "EWR")
        assert len(read_flights(DAY, "EWR")) == 326
    assert [request["status"] for request in api.requests] == [fault, fault, 200]


def test_a_hang_becomes_a_timeout_and_ends_when_the_server_stops(monkeypatch):
    monkeypatch.setenv("FLIGHTS_TIMEOUT", "0.2")
    start = time.monotonic()
    with flights_api(["hang"], hang=60) as api, source_at(api.url):
        with pytest.raises(SourceTimeout, match=r"within 0\.2 s") as caught:
            read_flights(DAY)
        assert isinstance(caught.value, TimeoutError)
        assert len(read_flights(DAY, "LGA")) == 267, "others are served meanwhile"
    assert time.monotonic() - start < 5
    assert api.requests[0]["status"] is None


def test_a_short_hang_is_only_slow():
    with flights_api(["hang"], hang=0.1) as api, source_at(api.url):
        start = time.monotonic()
        assert len(read_flights(DAY, "LGA")) == 267
        assert time.monotonic() - start >= 0.1


def test_a_late_day_lacks_its_last_flights_and_is_whole_later(empty_lake):
    with flights_api(["late"]) as api, source_at(api.url):
        first = read_table(validate(ingest(DAY)))
        second = read_table(validate(ingest(DAY)))
    assert first["sched_dep_time"].max() < 1800
    assert (len(first), len(second)) == (677, 908)


@pytest.mark.parametrize(
    "fault, says",
    [
        ("duplicated", "must occur once; 326 rows"),
        ("malformed", "column 'distance' must be a number; found 'far'"),
        ("missing", "column 'sched_arr_time' is missing"),
    ],
)
def test_a_spoilt_day_is_ingested_as_it_came_and_stopped_by_the_contract(empty_lake, fault, says):
    with flights_api([fault]) as api, source_at(api.url):
        raw = ingest(DAY, "EWR")
    with pytest.raises(ContractError, match=says):
        validate(raw)


def test_faults_can_be_planned_per_path():
    plan = {"/flights/": [500], f"/flights/{DAY}?origin=EWR": [503]}
    with flights_api(plan) as api:
        targets = [f"/airports/{DAY}", f"/flights/{DAY}?origin=EWR", f"/flights/{DAY}?origin=JFK"]
        assert [get(api, target)[0] for target in targets * 2] == [200, 503, 500, 200, 200, 200]


def test_unknown_days_airports_and_paths_have_their_own_status():
    with flights_api() as api:
        assert get(api, "/flights/2014-01-01")[0] == 404
        assert get(api, "/airports/soon")[0] == 404
        assert get(api, f"/flights/{DAY}?origin=BOS")[0] == 400
        assert get(api, "/")[0] == 404


def test_a_fault_nobody_knows_is_refused_before_the_start():
    with pytest.raises(ValueError, match="'explode' is not a fault"), flights_api(["explode"]):
        pass


def test_the_server_leaves_no_thread_and_no_open_port():
    before = threading.enumerate()
    with flights_api() as api, source_at(api.url):
        read_flights(DAY, "EWR")
    assert threading.enumerate() == before
    with source_at(api.url), pytest.raises(SourceError, match="start it, or check FLIGHTS_SOURCE"):
        read_flights(DAY)


def test_a_source_that_is_no_address_is_refused():
    with source_at("ftp://example.org"), pytest.raises(ValueError, match="FLIGHTS_SOURCE"):
        read_flights(DAY)


def test_the_server_runs_by_hand_and_stops_on_ctrl_c():
    command = [sys.executable, "-W", "error", "-m", "pipeline.api", "--port", "0", "--fault", "503"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().split()[0]
        with source_at(url):
            with pytest.raises(SourceBusy):
                airports(DAY)
            assert airports(DAY) == ["EWR", "JFK", "LGA"]
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_a_closed_airport_has_no_flights_and_is_not_listed() -> None:
    with flights_api(closed=["LGA"]) as api, source_at(api.url):
        assert airports(DAY) == ["EWR", "JFK"]
        assert set(read_flights(DAY)["origin"]) == {"EWR", "JFK"}
