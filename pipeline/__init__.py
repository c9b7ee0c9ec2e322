"""The flight-delay pipeline in plain Python: `ingest → validate → features → train → evaluate → publish → score`.

It knows no orchestrator. Stages hand each other references: short strings such as `features/day=2013-03-10.parquet`
that name a table in the lake. Each stage is a function of its inputs, and running it twice leaves what running it once
leaves. `run_day` runs them all.
"""

from typing import TYPE_CHECKING, Any

from pipeline import warehouse
from pipeline.champion import champion, publish, score
from pipeline.contract import validate
from pipeline.days import Window, window_before
from pipeline.errors import (
    ContractError,
    MissingTable,
    NoChampion,
    NoSuchDay,
    PipelineError,
    SourceBusy,
    SourceError,
    SourceTimeout,
    UntrustedModel,
    WarehouseBusy,
)
from pipeline.feature_table import features
from pipeline.ingestion import ingest
from pipeline.lake import lake, lake_at, path_of, read_table
from pipeline.model import evaluate, train
from pipeline.report import backtest
from pipeline.run import prepare, run_day
from pipeline.source import airports, read_flights, source_at
from pipeline.tables import AFTER_DEPARTURE, FEATURES, KEY

if TYPE_CHECKING:
    from pipeline.api import flights_api


def __getattr__(name: str) -> Any:
    # Only when asked for: `python -m pipeline.api` must be the first to load that module.
    if name == "flights_api":
        from pipeline.api import flights_api

        return flights_api
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "AFTER_DEPARTURE",
    "FEATURES",
    "KEY",
    "ContractError",
    "MissingTable",
    "NoChampion",
    "NoSuchDay",
    "PipelineError",
    "SourceBusy",
    "SourceError",
    "SourceTimeout",
    "UntrustedModel",
    "WarehouseBusy",
    "Window",
    "airports",
    "backtest",
    "champion",
    "evaluate",
    "features",
    "flights_api",
    "ingest",
    "lake",
    "lake_at",
    "path_of",
    "prepare",
    "publish",
    "read_flights",
    "read_table",
    "run_day",
    "score",
    "source_at",
    "train",
    "validate",
    "warehouse",
    "window_before",
]
