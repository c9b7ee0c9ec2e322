import duckdb
import pytest

from pipeline import MissingTable, WarehouseBusy, evaluate, path_of, prepare, run_day, train, warehouse
from pipeline.lake import lake_at

DAY = "2013-03-10"


def test_one_day_runs_through_all_stages(lake_with_history, contents):
    result = run_day(DAY)
    assert result["rows"] == {"raw": 908, "valid": 908, "features": 908, "predictions": 908}
    assert result["model"] == "models/2013-02-24_2013-03-09.skops"
    assert result["metrics"] == evaluate(train("2013-02-24/2013-03-09"), DAY)
    assert (result["metrics"]["auc"], result["metrics"]["brier"]) == (0.661654, 0.145906), "in every environment"
    assert result["published"]["published"] is True
    once = contents(lake_with_history)
    assert run_day(DAY) == result
    assert contents(lake_with_history) == once, "running a day twice leaves what running it once leaves"


def test_preparing_makes_only_what_is_missing(history, empty_lake, contents):
    assert prepare("2013-02-21/2013-02-22") == 2
    path_of("features/day=2013-02-21.parquet").unlink()
    assert prepare("2013-02-21/2013-02-22") == 1
    assert prepare("2013-02-21/2013-02-22") == 0
    mine, theirs = contents(empty_lake), contents(history)
    assert mine == {name: theirs[name] for name in mine}, "days can be made in any order, with the same bytes"


@pytest.fixture
def scored(lake_with_history):
    run_day(DAY)


def test_loading_twice_is_loading_once(scored):
    assert warehouse.load(DAY) == warehouse.load(DAY) == {"features": 908, "predictions": 908}
    answer = warehouse.query(
        "select count(*) as flights, count(late) as arrived, avg(probability) as expected "
        "from features join predictions using (day, origin, carrier, flight)"
    )
    assert answer["flights"].tolist() == [908]
    assert answer["arrived"].tolist() == [902]
    assert 0 < answer["expected"].iloc[0] < 1


def test_a_load_that_fails_half_way_changes_nothing(scored):
    warehouse.load(DAY)
    path_of(f"predictions/day={DAY}.parquet").write_bytes(b"not Parquet")
    with pytest.raises(duckdb.Error):
        warehouse.load(DAY)
    counts = warehouse.query("select (select count(*) from features) f, (select count(*) from predictions) p")
    assert counts.values.tolist() == [[908, 908]]


def test_a_query_cannot_write(scored):
    warehouse.load(DAY)
    with pytest.raises(duckdb.Error):
        warehouse.query("delete from features")
    assert warehouse.query("select count(*) n from features")["n"].tolist() == [908]


def test_a_busy_warehouse_says_so(scored):
    warehouse.load(DAY)
    with duckdb.connect(str(path_of("warehouse.duckdb"))), pytest.raises(WarehouseBusy, match="try again"):
        warehouse.query("select 1")


def test_what_is_not_there_is_named(tmp_path):
    with lake_at(tmp_path):
        with pytest.raises(MissingTable, match=r"warehouse\.load"):
            warehouse.query("select 1")
        with pytest.raises(MissingTable, match="features"):
            warehouse.load(DAY)
