import numpy as np
import pandas as pd
import pytest

from pipeline import (
    AFTER_DEPARTURE,
    FEATURES,
    feature_table,
    features,
    ingest,
    path_of,
    publish,
    read_table,
    score,
    source,
    train,
    validate,
)
from pipeline.lake import write_table
from pipeline.tables import FEATURE_TABLE, VALID, WEATHER

DAY = "2013-03-10"


@pytest.fixture
def made(empty_lake):
    """A function: the feature table of a day."""
    return lambda day: read_table(features(validate(ingest(day))))


def test_making_features_twice_gives_the_same_bytes(empty_lake):
    valid = validate(ingest(DAY))
    once = path_of(features(valid)).read_bytes()
    assert path_of(features(valid)).read_bytes() == once
    table = read_table(f"features/day={DAY}.parquet")
    assert table.columns.tolist() == FEATURE_TABLE.names
    assert len(table) == 908


def test_no_model_input_is_known_only_after_departure():
    assert not set(FEATURES) & set(AFTER_DEPARTURE)
    assert not set(FEATURE_TABLE.names) & set(AFTER_DEPARTURE)
    assert set(FEATURES) < set(FEATURE_TABLE.names) - {"late"}


def test_features_and_predictions_ignore_what_happened_after_departure(lake_with_history):
    model = train("2013-02-24/2013-03-09")
    publish(model, passing_metrics(model))
    before = read_table(f"features/day={DAY}.parquet")
    predicted = path_of(score(DAY)).read_bytes()
    random = np.random.default_rng(7)
    flights = read_table(f"valid/day={DAY}.parquet")
    for column in AFTER_DEPARTURE:
        wild = random.permutation(flights[column].to_numpy(dtype=object))
        flights[column] = wild if column == "tailnum" else random.normal(0, 1e6, len(flights))
    after = read_table(features(write_table(f"valid/day={DAY}.parquet", flights, VALID)))
    pd.testing.assert_frame_equal(after.drop(columns="late"), before.drop(columns="late"))
    assert not after["late"].equals(before["late"]), "the label does come from what happened"
    assert path_of(score(DAY)).read_bytes() == predicted


def passing_metrics(model):
    worse = {"auc": 0.5, "brier": 0.2}
    return {"model": model, "window": "2013-03-10", "auc": 0.6, "brier": 0.1, "base_rate": worse, "carrier_hour": worse}


@pytest.mark.parametrize("day", [DAY, "2013-11-03", "2013-07-10"])
def test_weather_is_at_least_an_hour_older_than_the_departure(made, day):
    table = made(day)
    lag = table["departs_at"] - table["weather_at"]
    assert lag.min() >= pd.Timedelta(hours=1)
    assert lag.median() <= pd.Timedelta(hours=2)


def test_weather_of_later_hours_changes_nothing(made, monkeypatch):
    before = made(DAY)
    noon = pd.Timestamp("2013-03-10 12:00", tz="America/New_York")
    real = source.weather()
    storm = real.assign(**{name: real[name].where(real["weather_at"] < noon, 1e6) for name in WEATHER})
    monkeypatch.setattr(feature_table, "weather", lambda: storm)
    after = made(DAY)
    early = before["departs_at"] < noon + pd.Timedelta(hours=1)
    assert 100 < early.sum() < len(before)
    pd.testing.assert_frame_equal(after[early], before[early])
    assert (after.loc[~early, "temp"] == 1e6).all(), "later flights may know it, so the test has teeth"


def test_a_days_features_need_no_other_day(made, empty_lake):
    made(DAY)
    assert [p.name for p in (empty_lake / "raw").iterdir()] == [f"day={DAY}"]


def test_flights_that_never_arrived_have_no_label(made):
    table = made("2013-02-09")
    assert len(table) == 684
    assert table["late"].isna().sum() == 393
    assert set(table["late"].dropna()) == {0.0, 1.0}


def test_the_label_begins_at_fifteen_minutes(lake_with_history):
    flights = read_table(f"valid/day={DAY}.parquet").head(3).assign(arr_delay=[14.0, 15.0, None])
    table = read_table(features(write_table(f"valid/day={DAY}.parquet", flights, VALID)))
    assert table["late"].iloc[:2].tolist() == [0.0, 1.0]
    assert pd.isna(table["late"].iloc[2])


@pytest.mark.parametrize(
    "day, six_o_clock",
    [("2013-03-09", 11), (DAY, 10), ("2013-11-02", 10), ("2013-11-03", 11)],
)
def test_departures_follow_the_change_of_clocks(made, day, six_o_clock):
    table = made(day)
    six = table[table["hour"] == 6]
    assert set(six["departs_at"].dt.hour) == {six_o_clock}, "hours in UTC"
    assert (six["departs_at"].dt.minute == six["minute_of_day"] - 360).all()
    assert (table["departs_at"].dt.tz_convert("America/New_York").dt.hour == table["hour"]).all()


def test_planned_minutes_see_through_time_zones_and_midnight(made):
    table = made("2013-02-27")
    by_dest = table.groupby("dest")["planned_minutes"].median()
    assert 600 < by_dest["HNL"] < 720, "New York to Honolulu takes eleven hours"
    assert 330 < by_dest["LAX"] < 400
    assert 60 < by_dest["BOS"] < 95
    assert 200 < by_dest["SJU"] < 260, "often lands after midnight"
    assert table["planned_minutes"].between(30, 720).all()


def test_a_day_without_weather_reports_has_none(made):
    assert made("2013-12-31").query("hour >= 12")[WEATHER].isna().all(axis=None)
