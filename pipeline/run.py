"""The reference: the whole pipeline for one day in plain Python, which every orchestrator must equal."""

from __future__ import annotations

from typing import Any

from pipeline.champion import publish, score
from pipeline.contract import validate
from pipeline.days import Day, Window, as_day, window_before
from pipeline.feature_table import features
from pipeline.ingestion import ingest
from pipeline.lake import path_of, read_table
from pipeline.model import evaluate, train
from pipeline.source import airports


def run_day(day: Day) -> dict[str, Any]:
    """All stages for `day`, trained on the two weeks before it (make their feature tables with `prepare` first).

    Returns {"day", "rows": {"raw", "valid", "features", "predictions"}, "model", "metrics", "published"}, where
    "published" is what `publish` returned.
    """
    day = as_day(day)
    raw = [ingest(day, origin) for origin in airports(day)]
    valid = validate(raw)
    table = features(valid)
    model = train(window_before(day))
    metrics = evaluate(model, day.isoformat())
    published = publish(model, metrics)
    predictions = score(day)
    rows = {
        "raw": sum(len(read_table(ref)) for ref in raw),
        "valid": len(read_table(valid)),
        "features": len(read_table(table)),
        "predictions": len(read_table(predictions)),
    }
    return {
        "day": day.isoformat(),
        "rows": rows,
        "model": model,
        "metrics": metrics,
        "published": published,
    }


def prepare(window: str | Window) -> int:
    """Make the feature tables of `window` that the lake does not hold yet; returns how many days that were."""
    absent = [day for day in Window.parse(window).days if not path_of(f"features/day={day}.parquet").exists()]
    for day in absent:
        features(validate(ingest(day)))
    return len(absent)
