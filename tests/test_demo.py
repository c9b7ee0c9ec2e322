"""Parity: what the three tools write and publish is what plain Python does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder import demo
from autograder.environments import ORCHESTRATORS

DAY = demo.DAYS[0]


@pytest.fixture(scope="module")
def plain() -> demo.Row:
    return demo.plain(DAY)


@pytest.mark.parametrize("tool", ORCHESTRATORS)
def test_a_tool_writes_the_same_tables_and_publishes_the_same_metrics(tool: str, plain: demo.Row) -> None:
    (row,) = demo.orchestrated(tool, [DAY])
    assert demo.differing([plain, row]) == []
    assert row.tasks is not None
    assert row.tasks >= 7
    assert row.attempts == row.tasks


def test_a_difference_is_seen_and_named(plain: demo.Row) -> None:
    fewer = replace(plain, tool="airflow", rows=plain.rows | {"features": 1})
    worse = replace(plain, tool="prefect", brier=plain.brier + 0.001)
    assert demo.differing([plain, fewer, worse]) == [f"airflow on {DAY}", f"prefect on {DAY}"]
