"""The exam: ordinary pytest tests whose arguments are observations.

`checks/NN_topic/public.py` holds the tests that a learner's copy of the course has, `hidden.py` those that it may lack;
`public_<tool>.py` and `hidden_<tool>.py` are for what one tool alone can meet. An examination runs whichever are there.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.observe.probes import CHECKS

Observe = Callable[[str, dict[str, Any]], Any]
"""Given a probe's name and a situation, returns the observation, or raises `Unobservable`."""


class Unobservable(Exception):
    """There is no observation to judge: the kernel says why (`kind`, as in a fault, and a message)."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


@dataclass(frozen=True)
class Result:
    """What one test found."""

    name: str
    outcome: str
    """`passed`, `failed`, or the kind of fault for which there was nothing to judge."""
    message: str
    weight: float
    hidden: bool


def exercise(exercise_id: str, *, weight: float = 1, **situations: dict[str, Any]) -> Callable[..., Any]:
    """Make a function a test of an exercise.

    Each argument of the function is an observation: it has the name of a probe, and `situations` says in which
    situation that probe is to look. `weight` is the test's share of the exercise's points.
    """

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        if set(inspect.signature(test).parameters) != set(situations):
            raise TypeError(f"{test.__name__} must take exactly the observations {sorted(situations)}.")

        @pytest.mark.exercise(exercise_id, weight=weight)
        @functools.wraps(test)
        def observed(observe: Observe) -> None:
            test(**{probe: observe(probe, situation) for probe, situation in situations.items()})

        # pytest reads the signature to find fixtures: it is to see `observe`, not the observations.
        observed.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter("observe", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        )
        return observed

    return decorate


def files(module: str, tool: str) -> list[Path]:
    """The test files of a module that apply to a tool and are there."""
    names = [f"{kind}{of}.py" for kind in ("public", "hidden") for of in ("", f"_{tool}")]
    return [CHECKS / module / name for name in names if (CHECKS / module / name).exists()]


def examine(module: str, tool: str, exercise_id: str, observe: Observe) -> list[Result]:
    """Run all tests of an exercise; observations come from `observe`, each asked for once, none after a time-out.

    Our own fault (a test that raises something other than an assertion, a file that cannot be imported) gives a
    result with outcome `grader-error`.
    """
    no_tests = _fault("The exam has tests", f"No test of `{exercise_id}` was found for {tool} in checks/{module}.")
    found = files(module, tool)
    if not found:  # given no file, pytest would take whatever lies in the working directory
        return [no_tests]
    examination = _Examination(exercise_id, observe)
    options = [f"--rootdir={CHECKS}", f"--confcutdir={CHECKS}", "-c", os.devnull, "--import-mode=importlib"]
    # Nothing but what tests need: no plugin of this environment, no terminal, no capture, no rewritten assertions
    # (a learner is shown the message that the author wrote, and nothing else).
    options += ["--disable-plugin-autoload", "--assert=plain", "--capture=no"]
    for plugin in (
        "terminal",
        "cacheprovider",
        "faulthandler",
        "threadexception",
        "unraisableexception",
        "logging",
    ):
        options += ["-p", f"no:{plugin}"]
    status = pytest.main([*options, *map(str, found)], plugins=[examination])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
        examination.results.append(_fault("The exam is finished", f"pytest stopped before the end ({status!r})."))
    return examination.results or [no_tests]


def _fault(name: str, message: str) -> Result:
    return Result(name, "grader-error", message, 1, hidden=False)


class _Examination:
    """A pytest plugin: selects the tests of one exercise, gives them observations, keeps their results."""

    def __init__(self, exercise_id: str, observe: Observe) -> None:
        self.exercise_id = exercise_id
        self.results: list[Result] = []
        self._observe = observe
        self._seen: dict[str, Any] = {}
        self._over: Unobservable | None = None

    @pytest.fixture
    def observe(self) -> Observe:
        return self._once

    def _once(self, probe: str, situation: dict[str, Any]) -> Any:
        if self._over:  # whoever was stopped once, or is dead, is not asked again
            raise self._over
        key = f"{probe} {situation!r}"
        if key not in self._seen:
            try:
                self._seen[key] = self._observe(probe, situation)
            except Unobservable as fault:
                self._seen[key] = fault
                self._over = fault if fault.kind in ("timeout", "crashed") else None
        if isinstance(self._seen[key], Unobservable):
            raise self._seen[key]
        return self._seen[key]

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "exercise(id, weight): the exercise that a test belongs to")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if _exercise_of(item) == self.exercise_id]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.results.append(_fault(report.nodeid, report.longreprtext))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "call" or report.failed:
            outcome, message = _finding(call, report)
            mark = item.get_closest_marker("exercise")
            assert mark
            name = item.name.removeprefix("test_").replace("_", " ")
            name = name[0].upper() + name[1:]
            hidden = item.path.name.startswith("hidden")
            self.results.append(Result(name, outcome, message, mark.kwargs["weight"], hidden))
        return report


def _exercise_of(item: pytest.Item) -> str | None:
    mark = item.get_closest_marker("exercise")
    return mark.args[0] if mark else None


def _finding(call: pytest.CallInfo[None], report: pytest.TestReport) -> tuple[str, str]:
    if call.excinfo is None:
        return "passed", ""
    raised = call.excinfo.value
    if isinstance(raised, Unobservable):
        return raised.kind, raised.message
    if isinstance(raised, AssertionError) and call.when == "call":
        return "failed", str(raised)
    return "grader-error", f"{report.nodeid}\n{report.longreprtext}"
