import os

import pandas as pd
import pytest

from pipeline import MissingTable, airports, ingest, lake, lake_at, path_of, read_flights, read_table
from pipeline import lake as lake_folder
from pipeline.lake import replacing, write_table
from pipeline.tables import FLIGHTS


def test_the_lake_is_named_by_the_environment_at_each_call(tmp_path, monkeypatch):
    monkeypatch.delenv("FLIGHTS_LAKE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert lake() == tmp_path / "work/lake"
    with lake_at(tmp_path / "a"):
        with lake_at(tmp_path / "b"):
            assert lake() == tmp_path / "b"
        assert lake() == tmp_path / "a"
    assert "FLIGHTS_LAKE" not in os.environ


@pytest.mark.parametrize("ref", ["/etc/passwd", "../outside.parquet", "raw/../../x", ""])
def test_a_reference_cannot_leave_the_lake(empty_lake, ref):
    with pytest.raises(ValueError, match="not a reference"):
        path_of(ref)


def test_a_day_becomes_one_file_per_airport(empty_lake):
    assert airports("2013-03-10") == ["EWR", "JFK", "LGA"]
    assert ingest("2013-03-10") == "raw/day=2013-03-10"
    assert sorted(p.name for p in path_of("raw/day=2013-03-10").iterdir()) == [
        "origin=EWR.parquet",
        "origin=JFK.parquet",
        "origin=LGA.parquet",
    ]
    assert len(read_table("raw/day=2013-03-10")) == 908
    assert read_table("raw/day=2013-03-10").columns.tolist() == FLIGHTS.names


def test_ingesting_twice_leaves_the_same_bytes(empty_lake, contents):
    ingest("2013-03-10")
    once = contents(empty_lake)
    ingest("2013-03-10")
    assert contents(empty_lake) == once
    assert len(once) == 3


def test_airport_by_airport_gives_the_same_bytes_as_the_day_at_once(tmp_path, contents):
    with lake_at(tmp_path / "whole"):
        ingest("2013-03-10")
    with lake_at(tmp_path / "parts"):
        refs = [ingest("2013-03-10", origin) for origin in ("LGA", "EWR", "JFK")]
    assert refs[1] == "raw/day=2013-03-10/origin=EWR.parquet"
    assert contents(tmp_path / "whole") == contents(tmp_path / "parts")


def test_what_an_earlier_run_left_is_removed(empty_lake, contents):
    stale = path_of("raw/day=2013-03-10/origin=BOS.parquet")
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"from another time")
    ingest("2013-03-10")
    assert not stale.exists()
    ingest("2013-03-10", "EWR")
    assert len(contents(empty_lake)) == 3, "one airport's file must leave the others' alone"


def test_an_unknown_airport_and_an_impossible_day_write_nothing(empty_lake, contents):
    with pytest.raises(ValueError, match=r"'BOS' is not an origin.*EWR, JFK, LGA"):
        ingest("2013-03-10", "BOS")
    with pytest.raises(ValueError, match="not a day"):
        ingest("2013-02-30")
    assert not lake_folder().exists()


def test_a_writer_that_dies_leaves_the_old_file_whole(empty_lake, contents):
    ref = ingest("2013-03-10", "EWR")
    before = contents(empty_lake)

    def die_half_way():
        with replacing(path_of(ref)) as temporary:
            temporary.write_bytes(b"half a fi")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die_half_way()
    assert contents(empty_lake) == before


def test_a_reader_never_sees_a_file_that_is_being_written(empty_lake):
    path = path_of("raw/day=2013-03-10/origin=EWR.parquet")
    with replacing(path) as temporary:
        temporary.write_bytes(b"half a fi")
        assert not path.exists()
        assert list(empty_lake.glob("raw/**/*")) == []
        temporary.write_bytes(b"a whole file")
    assert path.read_bytes() == b"a whole file"


def test_a_missing_table_says_which_stage_makes_it(empty_lake):
    with pytest.raises(MissingTable, match=r"raw/day=2013-03-10.*ingest\(day\)") as caught:
        read_table("raw/day=2013-03-10")
    assert isinstance(caught.value, FileNotFoundError)


def test_pandas_leaves_no_trace_in_the_files(empty_lake):
    import pyarrow.parquet as pq

    flights = read_flights("2013-03-10", "EWR")
    ref = write_table("raw/x.parquet", flights.sample(frac=1, random_state=1).sort_index(), FLIGHTS)
    assert pq.read_schema(path_of(ref)).metadata is None
    pd.testing.assert_frame_equal(read_table(ref), flights)
