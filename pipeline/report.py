"""An honest report: what the model and its baselines achieve on a later window."""

from __future__ import annotations

from typing import Any

from pipeline.days import Window
from pipeline.model import evaluate, train
from pipeline.run import prepare


def backtest(train_window: str | Window, test_window: str | Window) -> dict[str, Any]:
    """Train on one window and evaluate on a later one, making what is missing; returns what `evaluate` returns."""
    for window in (train_window, test_window):
        prepare(window)
    return evaluate(train(train_window), test_window)
