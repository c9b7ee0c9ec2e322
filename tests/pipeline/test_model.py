import io
import json
import zipfile
from datetime import date

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from pipeline import MissingTable, UntrustedModel, backtest, evaluate, path_of, read_table, train
from pipeline.lake import lake_at, write_bytes
from pipeline.model import baseline_probabilities, card, probabilities
from pipeline.tables import FEATURES

WINDOW = "2013-02-24/2013-03-09"


@pytest.fixture
def model(lake_with_history):
    return train(WINDOW)


def test_training_twice_gives_the_same_bytes(model):
    stem = path_of(model).with_suffix("")
    once = [stem.with_suffix(end).read_bytes() for end in (".skops", ".json")]
    assert model == "models/2013-02-24_2013-03-09.skops"
    assert train(WINDOW) == model
    assert [stem.with_suffix(end).read_bytes() for end in (".skops", ".json")] == once


def test_training_in_another_process_gives_the_same_bytes(model, lake_with_history):
    import subprocess
    import sys

    once = path_of(model).read_bytes()
    subprocess.run([sys.executable, "-c", f"import pipeline; pipeline.train('{WINDOW}')"], check=True)
    assert path_of(model).read_bytes() == once


def test_the_card_tells_what_the_model_learnt_from(model):
    known = card(model)
    assert known["window"] == WINDOW
    assert known["features"] == FEATURES
    assert known["rows"] == 12283
    assert known["positive_rate"] == pytest.approx(known["baselines"]["base_rate"], abs=1e-6)


def test_days_without_features_are_named(lake_with_history):
    path_of("features/day=2013-03-01.parquet").unlink()
    path_of("features/day=2013-03-02.parquet").unlink()
    with pytest.raises(MissingTable, match=r"2013-03-01.*2013-03-02.*prepare\(window\)"):
        train(WINDOW)


def test_a_window_where_every_flight_was_cancelled_cannot_be_trained_on(lake_with_history):
    from pipeline import features
    from pipeline.lake import write_table
    from pipeline.tables import VALID

    grounded = read_table("valid/day=2013-03-09.parquet").assign(arr_delay=float("nan"))
    features(write_table("valid/day=2013-03-09.parquet", grounded, VALID))
    with pytest.raises(ValueError, match="late and punctual"):
        train("2013-03-09")


def test_metrics_are_what_scikit_learn_says_of_labelled_flights(model):
    metrics = evaluate(model, date(2013, 3, 10))
    table = read_table("features/day=2013-03-10.parquet").dropna(subset="late")
    probability = probabilities(model, table)
    base, pairs = baseline_probabilities(card(model), table)
    assert metrics["rows"] == len(table) == 902
    assert metrics["positives"] == table["late"].sum()
    assert metrics["window"] == "2013-03-10"
    assert metrics["auc"] == round(roc_auc_score(table["late"], probability), 6)
    assert metrics["brier"] == round(brier_score_loss(table["late"], probability), 6)
    assert metrics["base_rate"] == {"auc": 0.5, "brier": round(brier_score_loss(table["late"], base), 6)}
    assert metrics["carrier_hour"]["auc"] == round(roc_auc_score(table["late"], pairs), 6)
    assert json.loads(json.dumps(metrics)) == metrics


def test_an_unseen_pair_of_carrier_and_hour_gets_the_base_rate(model):
    table = read_table("features/day=2013-03-10.parquet").head(2).assign(carrier_hour=["ZZ 03", "UA 06"])
    base, pairs = baseline_probabilities(card(model), table)
    assert pairs[0] == base[0]
    assert 0 < pairs[1] < base[1], "United at six is more punctual than most"


def test_an_unseen_airline_and_destination_can_be_scored(model):
    table = read_table("features/day=2013-03-10.parquet").head(2)
    table = table.assign(carrier="ZZ", dest="XXX", carrier_hour="ZZ 03", temp=float("nan"))
    assert np.isfinite(probabilities(model, table)).all()


@pytest.mark.parametrize("window", ["2013-03-09/2013-03-10", "2013-03-01", "2013-02-23", WINDOW])
def test_a_model_is_not_judged_by_days_up_to_its_training(model, window):
    with pytest.raises(ValueError, match="leak"):
        evaluate(model, window)


def test_a_model_that_is_not_there_is_asked_for_by_its_stage(lake_with_history):
    with pytest.raises(MissingTable, match=r"train\(window\)"):
        evaluate("models/2013-01-01_2013-01-14.skops", "2013-03-10")


def test_a_file_with_a_foreign_type_is_not_loaded(model):
    with zipfile.ZipFile(path_of(model)) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    schema = json.loads(content["schema.json"])
    schema["__class__"], schema["__module__"] = "Popen", "subprocess"
    content["schema.json"] = json.dumps(schema).encode()
    forged = io.BytesIO()
    with zipfile.ZipFile(forged, "w") as parts:
        for name, part in content.items():
            parts.writestr(name, part)
    write_bytes(model, forged.getvalue())
    with pytest.raises(UntrustedModel, match=r"subprocess\.Popen"):
        evaluate(model, "2013-03-10")


def test_a_later_window_shows_the_model_ahead_of_both_baselines(history):
    with lake_at(history):
        metrics = backtest("2013-02-21/2013-03-06", "2013-03-07/2013-03-10")
    assert metrics["brier"] < metrics["carrier_hour"]["brier"] < metrics["base_rate"]["brier"]
    assert metrics["auc"] > metrics["carrier_hour"]["auc"] > metrics["base_rate"]["auc"] == 0.5
