import pandas as pd
import pytest

from pipeline import ContractError, MissingTable, ingest, path_of, read_flights, read_table, validate
from pipeline.lake import write_table
from pipeline.tables import FLIGHTS, VALID

REF = "raw/day=2013-03-10/origin=EWR.parquet"


def with_value(flights, column, value, row=3):
    """`flights` with one value replaced, whatever its type."""
    changed = flights[column].astype(object)
    changed.iloc[row] = value
    return flights.assign(**{column: changed.infer_objects()})


@pytest.fixture(scope="module")
def ewr():
    return read_flights("2013-03-10", "EWR")


@pytest.fixture
def complaint(empty_lake):
    """A function: what validate says about flights that break the contract, having written nothing."""

    def of(flights):
        write_table(REF, flights, FLIGHTS, strict=False)
        with pytest.raises(ContractError) as caught:
            validate(REF)
        assert not path_of("valid/day=2013-03-10.parquet").exists()
        return str(caught.value)

    return of


def test_a_good_day_passes_and_twice_gives_the_same_bytes(empty_lake):
    raw = ingest("2013-03-10")
    ref = validate(raw)
    once = path_of(ref).read_bytes()
    assert ref == "valid/day=2013-03-10.parquet"
    assert validate([f"{raw}/origin={origin}.parquet" for origin in ("LGA", "JFK", "EWR")]) == ref
    assert path_of(ref).read_bytes() == once, "the order of the references must not matter"
    valid = read_table(ref)
    assert len(valid) == 908
    assert valid.columns.tolist() == VALID.names
    assert str(valid["time_hour"].dt.tz) == "UTC"


@pytest.mark.parametrize(
    "day, flights", [("2013-02-09", 684), ("2013-11-03", 902), ("2013-12-31", 776), ("2013-07-04", 737)]
)
def test_days_with_cancellations_clock_changes_and_holidays_pass(empty_lake, day, flights):
    assert len(read_table(validate(ingest(day)))) == flights


@pytest.mark.parametrize(
    "column, value, says",
    [
        ("distance", "far", "column 'distance' must be a number; found 'far'"),
        ("distance", float("nan"), "column 'distance' must not be missing; found nothing"),
        ("distance", 0.5, "column 'distance' must be a whole number; found 0.5"),
        ("distance", 99999, "column 'distance' must be 10 to 6000 miles; found 99999"),
        ("origin", "BOS", "column 'origin' must be one of EWR, JFK, LGA; found 'BOS'"),
        ("carrier", "ZZ", "column 'carrier' must be one of 9E, AA"),
        ("carrier", None, "column 'carrier' must not be missing"),
        ("dest", "Boston", "column 'dest' must be three capital letters; found 'Boston'"),
        ("flight", 0, "column 'flight' must be 1 to 9999; found 0"),
        ("sched_dep_time", 1275, "column 'sched_dep_time' must be a clock time HHMM, 0 to 2359; found 1275"),
        ("sched_arr_time", 2400, "column 'sched_arr_time' must be a clock time HHMM, 0 to 2359; found 2400"),
        ("dep_time", "noon", "column 'dep_time' must be a number; found 'noon'"),
        ("arr_delay", 1e6, "column 'arr_delay' must be -180 to 2880 minutes; found 1000000.0"),
        ("air_time", -1.0, "column 'air_time' must be 1 to 1200 minutes; found -1.0"),
        ("time_hour", "10 March", "column 'time_hour' must be a full hour in UTC"),
        ("time_hour", "2013-03-10T03:00:00Z", "column 'time_hour' must be the hour of sched_dep_time in New York"),
    ],
)
def test_each_broken_rule_is_named_with_an_example(ewr, complaint, column, value, says):
    message = complaint(with_value(ewr, column, value))
    assert says in message
    assert "from EWR" in message or column == "origin"


def test_all_offending_columns_are_named_at_once(ewr, complaint):
    message = complaint(with_value(with_value(ewr, "distance", "far"), "carrier", "ZZ").drop(columns="dest"))
    assert "column 'dest' is missing" in message
    assert "column 'distance'" in message
    assert "column 'carrier'" in message
    assert len(message.splitlines()) == 5


def test_a_column_nobody_agreed_on_is_refused(ewr, complaint):
    assert "column 'weather_delay' is not part of the contract" in complaint(ewr.assign(weather_delay=0))


def test_a_flight_that_occurs_twice_is_refused(ewr, complaint):
    message = complaint(pd.concat([ewr, ewr.head(2)]))
    assert "a flight (day, origin, carrier, flight) must occur once; 2 rows repeat one" in message


def test_rows_of_another_day_are_refused(ewr, complaint):
    other = read_flights("2013-03-11", "EWR").head(1).assign(flight=9998)
    assert "column 'day' must be 2013-03-10" in complaint(pd.concat([ewr, other]))


def test_a_day_without_rows_is_refused(ewr, complaint):
    assert "the table is empty" in complaint(ewr.head(0))


def test_a_bad_day_does_not_replace_a_good_one(ewr, empty_lake):
    good = path_of(validate(ingest("2013-03-10"))).read_bytes()
    write_table(REF, ewr.assign(distance=-1), FLIGHTS)
    with pytest.raises(ContractError):
        validate("raw/day=2013-03-10")
    assert path_of("valid/day=2013-03-10.parquet").read_bytes() == good


def test_references_must_exist_and_be_of_one_day(empty_lake):
    with pytest.raises(MissingTable, match="ingest"):
        validate("raw/day=2013-03-10")
    with pytest.raises(ValueError, match="of one day"):
        validate(["raw/day=2013-03-10", "raw/day=2013-03-11"])
    with pytest.raises(ValueError, match="of one day"):
        validate([])
