"""`publish` and `score`: a model becomes the champion only past the gate, and only the champion predicts."""

from __future__ import annotations

import json
from typing import Any

from pipeline.days import Day, Window, as_day
from pipeline.errors import NoChampion
from pipeline.lake import path_of, read_table, write_bytes, write_table
from pipeline.model import card, evaluate, probabilities
from pipeline.tables import KEY, PREDICTIONS

CHAMPION = "champion.json"


def champion() -> dict[str, Any] | None:
    """The published model: {"model": reference, "metrics": what `publish` was given}, or None before the first."""
    path = path_of(CHAMPION)
    return json.loads(path.read_text()) if path.exists() else None


def publish(model: str, metrics: dict[str, Any]) -> dict[str, Any]:
    """Make `model` the champion if its `metrics` (from `evaluate`) pass the gate.

    The gate: a lower Brier score than both baselines, a higher AUC than the mean by carrier and hour, and neither
    worse than the present champion's on the same window; an equal model passes, so publishing twice is publishing
    once. Returns {"published", "model", "reason", "champion"}, where champion is the reference of whoever holds the
    title afterwards, or None. Raises ValueError if the metrics are another model's.

    It reads the champion, compares and then writes: run one `publish` at a time.
    """
    if metrics.get("model") != model:
        raise ValueError(f"These metrics are of {metrics.get('model')!r}, not of {model!r}: evaluate {model} first.")
    holder = champion()
    objection = _below_baselines(metrics) or (holder and _below_champion(holder["model"], model, metrics))
    if objection:
        return {
            "published": False,
            "model": model,
            "reason": objection,
            "champion": holder["model"] if holder else None,
        }
    write_bytes(CHAMPION, (json.dumps({"model": model, "metrics": metrics}, indent=1) + "\n").encode())
    beaten = f" and is not worse than {holder['model']}" if holder and holder["model"] != model else ""
    reason = f"Its Brier score {metrics['brier']:.4f} and AUC {metrics['auc']:.4f} beat both baselines{beaten}."
    return {"published": True, "model": model, "reason": reason, "champion": model}


def _below_baselines(metrics: dict[str, Any]) -> str | None:
    for name in ("base_rate", "carrier_hour"):
        if not metrics["brier"] < metrics[name]["brier"]:
            return (
                f"Its Brier score {metrics['brier']:.4f} on {metrics['window']} is not below "
                f"{metrics[name]['brier']:.4f} of the baseline {name}."
            )
    if not metrics["auc"] > metrics["carrier_hour"]["auc"]:
        return (
            f"Its AUC {metrics['auc']:.4f} on {metrics['window']} is not above "
            f"{metrics['carrier_hour']['auc']:.4f} of the baseline carrier_hour."
        )
    return None


def _below_champion(holder: str, model: str, metrics: dict[str, Any]) -> str | None:
    if holder == model:
        return None
    learnt = Window.parse(card(holder)["window"])
    if learnt.last >= Window.parse(metrics["window"]).first:
        # It cannot be measured on days that it was trained on; and an older model does not replace a newer one.
        return f"The champion {holder} was trained on later days, up to {learnt.last}: it stays."
    held = evaluate(holder, metrics["window"])
    if metrics["brier"] > held["brier"] or metrics["auc"] < held["auc"]:
        return (
            f"On {metrics['window']} the champion {holder} is better: Brier {held['brier']:.4f} and AUC "
            f"{held['auc']:.4f}, against {metrics['brier']:.4f} and {metrics['auc']:.4f}."
        )
    return None


def score(day: Day) -> str:
    """Write the champion's predictions for every flight of `day` to `predictions/`; returns the reference.

    Columns: those of KEY, `probability`, and `model`, which gave it. Raises NoChampion, or MissingTable without the
    day's feature table.

    Whoever holds the title now does the scoring: a day of the past scored again may get a newer model's predictions,
    even those of a model that has learnt from that day. The column `model` tells.
    """
    day = as_day(day)
    holder = champion()
    if holder is None:
        raise NoChampion(f"No model has been published, so {day} cannot be scored: publish(model, metrics) one first.")
    flights = read_table(f"features/day={day}.parquet")
    predicted = flights[KEY].assign(probability=probabilities(holder["model"], flights), model=holder["model"])
    return write_table(f"predictions/day={day}.parquet", predicted, PREDICTIONS)
