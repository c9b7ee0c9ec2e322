import pytest

from pipeline import MissingTable, NoChampion, champion, evaluate, path_of, publish, read_table, score, train

OLD, NEW = "2013-02-22/2013-03-07", "2013-02-24/2013-03-09"
DAY = "2013-03-10"


@pytest.fixture
def judged(lake_with_history):
    """A function: a model trained on a window, and its metrics on DAY."""

    def of(window):
        model = train(window)
        return model, evaluate(model, DAY)

    return of


def changed(metrics, **figures):
    return {**metrics, **figures}


def test_a_model_past_the_gate_becomes_champion(judged):
    model, metrics = judged(OLD)
    verdict = publish(model, metrics)
    assert verdict["published"] is True
    assert verdict["model"] == verdict["champion"] == model
    assert champion() == {"model": model, "metrics": metrics}


def test_publishing_twice_is_publishing_once(judged):
    model, metrics = judged(OLD)
    publish(model, metrics)
    once = path_of("champion.json").read_bytes()
    assert publish(model, metrics)["published"] is True
    assert path_of("champion.json").read_bytes() == once


@pytest.mark.parametrize("baseline", ["base_rate", "carrier_hour"])
def test_a_model_no_better_than_a_baseline_is_not_published(judged, baseline):
    model, metrics = judged(OLD)
    verdict = publish(model, changed(metrics, **{baseline: {"auc": 0.5, "brier": metrics["brier"]}}))
    assert verdict["published"] is False
    assert verdict["champion"] is None
    assert f"baseline {baseline}" in verdict["reason"]
    assert verdict["reason"].count("\n") == 0
    assert not path_of("champion.json").exists()


def test_a_model_that_ranks_no_better_than_carrier_and_hour_is_not_published(judged):
    model, metrics = judged(OLD)
    tie = {"auc": metrics["auc"], "brier": 0.9}
    verdict = publish(model, changed(metrics, carrier_hour=tie))
    assert verdict["published"] is False
    assert "AUC" in verdict["reason"]


@pytest.mark.parametrize("figure, step", [("brier", 1e-6), ("auc", -1e-6)])
def test_the_champion_stays_when_the_challenger_is_worse_on_the_same_window(judged, figure, step):
    old, held = judged(OLD)
    publish(old, held)
    before = path_of("champion.json").read_bytes()
    new, _ = judged(NEW)
    easy = {"auc": 0.5, "brier": 0.9}
    rival = changed(held, model=new, base_rate=easy, carrier_hour=easy, **{figure: held[figure] + step})
    verdict = publish(new, rival)
    assert verdict["published"] is False
    assert verdict["champion"] == old
    assert "champion" in verdict["reason"]
    assert path_of("champion.json").read_bytes() == before
    assert publish(new, changed(rival, **{figure: held[figure]}))["champion"] == new, "an equal one passes"


def test_the_champion_is_measured_again_not_remembered(judged):
    old, held = judged(OLD)
    publish(old, changed(held, brier=0.0, auc=1.0))
    new, _ = judged(NEW)
    easy = {"auc": 0.5, "brier": 0.9}
    assert publish(new, changed(held, model=new, base_rate=easy, carrier_hour=easy))["published"] is True


def test_an_older_model_does_not_replace_a_newer_champion(judged):
    new, metrics = judged(NEW)
    publish(new, metrics)
    old = train("2013-02-21/2013-03-04")
    rival = changed(evaluate(old, "2013-03-07"), brier=0.0, auc=1.0)  # better than anything, but old
    verdict = publish(old, rival)
    assert verdict["published"] is False
    assert "later days" in verdict["reason"]
    assert champion()["model"] == new


def test_metrics_of_another_model_are_refused(judged):
    _, metrics = judged(OLD)
    with pytest.raises(ValueError, match=r"evaluate models/other\.skops first"):
        publish("models/other.skops", metrics)


def test_only_a_champion_scores(lake_with_history):
    with pytest.raises(NoChampion, match="publish"):
        score(DAY)


def test_scoring_covers_every_flight_and_is_idempotent(judged):
    model, metrics = judged(OLD)
    publish(model, metrics)
    ref = score(DAY)
    once = path_of(ref).read_bytes()
    assert score(DAY) == ref == "predictions/day=2013-03-10.parquet"
    assert path_of(ref).read_bytes() == once
    predicted = read_table(ref)
    assert predicted.columns.tolist() == ["day", "origin", "carrier", "flight", "probability", "model"]
    assert len(predicted) == 908, "cancelled flights are scored as well"
    assert predicted["probability"].between(0, 1).all()
    assert set(predicted["model"]) == {model}
    with pytest.raises(MissingTable, match="features"):
        score("2013-06-01")
