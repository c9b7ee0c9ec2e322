"""`train` and `evaluate`: one logistic regression, and the two baselines that it has to beat.

A model is two files: `models/FIRST_LAST.skops`, and beside it a card, `models/FIRST_LAST.json`, with what it was
trained on and its baselines, so that `evaluate` needs nothing else.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from pipeline.days import Window
from pipeline.errors import UntrustedModel
from pipeline.lake import existing, missing, path_of, read_table, write_bytes
from pipeline.tables import CATEGORIES, FEATURES, TIMETABLE, WEATHER

# scikit-learn and skops are imported where they are used: together they take over a second, which whoever only wires
# stages together (a scheduler parsing a file, say) should not wait for.

# skops trusts scikit-learn's and NumPy's own types; this is all that our models need on top.
TRUSTED = ["numpy.dtype"]

# A pair of carrier and hour counts as if it had this many flights more, late as often as all flights are.
PAIR_WEIGHT = 20


def train(window: str | Window) -> str:
    """Fit a model on the labelled flights of `window`; returns its reference, `models/FIRST_LAST.skops`.

    Deterministic: the same feature tables give the same bytes. Raises MissingTable naming the days that have no
    feature table, ValueError if the window has no labelled flights of both kinds.
    """
    window = Window.parse(window)
    flights = labelled(window)
    if flights["late"].nunique() < 2:
        raise ValueError(f"{window} needs both late and punctual flights to train on; it has one kind or none.")
    fitted = _estimator().fit(flights[FEATURES], flights["late"].astype(int))
    stem = f"models/{window.first}_{window.last}"
    card = {
        "model": f"{stem}.skops",
        "window": str(window),
        "rows": len(flights),
        "features": FEATURES,
        "positive_rate": round(float(flights["late"].mean()), 6),
        "baselines": _baselines(flights),
    }
    # The card goes first: whoever sees the model finds its card.
    write_bytes(f"{stem}.json", (json.dumps(card, indent=1) + "\n").encode())
    return write_bytes(f"{stem}.skops", _dump(fitted))


def evaluate(model: str, window: str | Window) -> dict[str, Any]:
    """How well `model` predicts the labelled flights of `window`, and how well the two baselines of its card do.

    Returns {"model", "window", "rows", "positives", "auc", "brier", "base_rate": {"auc", "brier"}, "carrier_hour":
    {"auc", "brier"}}, figures rounded to 6 digits. Raises ValueError for a window that does not lie wholly after the
    training window: a model must not be judged by days that it has seen, nor by days before them.
    """
    window = Window.parse(window)
    learnt = Window.parse(card(model)["window"])
    if window.first <= learnt.last:
        raise ValueError(
            f"{model} was trained on {learnt}, so {window} would leak the future into its test: "
            f"evaluate it on days after {learnt.last}."
        )
    flights = labelled(window)
    late = flights["late"].to_numpy(dtype=int)
    if len(set(late)) < 2:
        raise ValueError(f"{window} needs both late and punctual flights to evaluate on; it has one kind or none.")
    base, pairs = baseline_probabilities(card(model), flights)
    return {
        "model": model,
        "window": str(window),
        "rows": len(late),
        "positives": int(late.sum()),
        **_scores(late, probabilities(model, flights)),
        "base_rate": _scores(late, base),
        "carrier_hour": _scores(late, pairs),
    }


def labelled(window: Window) -> pd.DataFrame:
    """The feature tables of `window` without the flights that never arrived: those have no label."""
    refs = [f"features/day={day}.parquet" for day in window.days]
    absent = [ref for ref in refs if not path_of(ref).exists()]
    if absent:
        raise missing(absent)
    flights = pd.concat([read_table(ref) for ref in refs], ignore_index=True)
    return flights[flights["late"].notna()].reset_index(drop=True)


def probabilities(model: str, flights: pd.DataFrame) -> np.ndarray:
    """The probability of arriving late for each row of a feature table."""
    return load(model).predict_proba(flights[FEATURES])[:, 1]


def baseline_probabilities(card: dict[str, Any], flights: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """What the base rate, and the mean by carrier and hour, predict for each row of a feature table."""
    base, pairs = card["baselines"]["base_rate"], card["baselines"]["carrier_hour"]
    return np.full(len(flights), base), flights["carrier_hour"].map(pairs).fillna(base).to_numpy()


def card(model: str) -> dict[str, Any]:
    """The card of `model`; MissingTable if there is no such model."""
    return json.loads(existing(str(PurePosixPath(model).with_suffix(".json"))).read_text())


def load(model: str) -> Any:
    """The fitted scikit-learn Pipeline; UntrustedModel if the file holds anything that `train` does not store."""
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        return skops.io.load(existing(model), trusted=TRUSTED)
    except UntrustedTypesFoundException as error:
        raise UntrustedModel(f"{model} was not loaded: {error} Train it again with train(window).") from None


def _estimator() -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    def numbers() -> Any:
        return make_pipeline(SimpleImputer(strategy="median"), StandardScaler())

    categories = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=30, sparse_output=False)
    columns = ColumnTransformer(
        [
            ("categories", categories, CATEGORIES),
            ("timetable", numbers(), TIMETABLE),
            ("weather", numbers(), WEATHER),
        ],
        # Two weeks hold thousands of flights but little weather. Columns scaled down are regularised more strongly, so
        # one stormy day does not teach the model that pressure decides everything. This weight and C below were chosen
        # by daily runs in January and February; March was looked at meanwhile, so an honest test begins in April.
        transformer_weights={"weather": 0.03},
    )
    # Newton's method goes all the way to the one optimum, so every environment finds the same coefficients.
    return make_pipeline(columns, LogisticRegression(C=0.05, solver="newton-cholesky", tol=1e-8))


def _baselines(flights: pd.DataFrame) -> dict[str, Any]:
    base = flights["late"].mean()
    pairs = flights.groupby("carrier_hour")["late"].agg(["sum", "count"])
    means = (pairs["sum"] + PAIR_WEIGHT * base) / (pairs["count"] + PAIR_WEIGHT)
    return {"base_rate": float(base), "carrier_hour": {pair: float(mean) for pair, mean in means.items()}}


def _scores(late: np.ndarray, probability: np.ndarray) -> dict[str, float]:
    from sklearn.metrics import roc_auc_score

    return {
        "auc": round(float(roc_auc_score(late, probability)), 6),
        "brier": round(float(np.mean((probability - late) ** 2)), 6),
    }


def _dump(fitted: Any) -> bytes:
    """`fitted` as a skops file that depends on nothing else.

    skops names its parts by memory addresses and stamps them with the time of day; here they are numbered in order and
    undated, so that training twice gives the same bytes.
    """
    import skops.io

    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(fitted))) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    numbers: dict[str, str] = {}

    def renumber(match: re.Match[str]) -> str:
        return numbers.setdefault(match.group(), str(len(numbers) + 1))

    address = re.compile(r"(?<=\"__id__\": )\d+|(?<=\")\d+(?=\.npy\")")
    schema = address.sub(renumber, content.pop("schema.json").decode())
    files = {f"{numbers[name.removesuffix('.npy')]}.npy": array for name, array in content.items()}
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as parts:
        for name, part in [*sorted(files.items()), ("schema.json", schema.encode())]:
            parts.writestr(zipfile.ZipInfo(name), part)
    return whole.getvalue()
