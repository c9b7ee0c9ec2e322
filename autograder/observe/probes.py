"""Probes: functions that drive what a learner defined against a situation, and return what could be seen.

A probe file (`checks/NN_topic/probes_<tool>.py`) registers them with `@probe("exercise-id")`. They run in the
learner's kernel and decide nothing: what comes out is data.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import sys
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.observe.runs import to_json

CHECKS = Path(__file__).resolve().parent.parent / "checks"
_registry: dict[tuple[str, str], Callable[..., Any]] = {}


class NotDefined(KeyError):
    """The learner has not (yet) defined a name that the probe needs."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Unusable(Exception):
    """What the learner defined cannot be driven at all; the message tells the learner why and what to do."""


class Notebook(Mapping[str, Any]):
    """The names that the learner's cells have defined so far, read-only."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace

    def __getitem__(self, name: str) -> Any:
        if name not in self._namespace:
            raise NotDefined(name)
        return self._namespace[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._namespace)

    def __len__(self) -> int:
        return len(self._namespace)

    def function(self, name: str) -> Callable[..., Any]:
        """What is defined under that name, which must be callable.

        Raises:
            NotDefined: when there is no such name.
            Unusable: when it is not a function.
        """
        found = self[name]
        if not callable(found):
            raise Unusable(f"`{name}` should be a function, but it is {describe(found)}.")
        return found

    def call(self, name: str, *arguments: Any) -> Any:
        """What the learner's function of that name returns for these arguments.

        Raises:
            NotDefined: when there is no such name.
            Unusable: when it is not a function, or the call failed before any of the learner's code ran, as it does
                with a wrong number of parameters.
        """
        function = self.function(name)
        try:
            return function(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if self.is_behind(error):
                raise
            raise Unusable(
                f"`{name}` was called with {len(arguments)} argument(s), and that failed before any code of yours ran: "
                f"{type(error).__name__}: {error}.\nIs `{name}` a function with the parameters that the exercise names?"
            ) from None

    def is_behind(self, error: BaseException) -> bool:
        """Whether an exception passed through code of the learner's cells."""
        return any(frame.f_globals is self._namespace for frame, _ in traceback.walk_tb(error.__traceback__))


def number(value: object) -> float | int | None:
    """A Python or NumPy number as a plain one; None for everything else, booleans too."""
    if isinstance(value, bool | str | bytes):
        return None
    try:
        plain = value.item() if hasattr(value, "item") else value
        float(plain)  # type: ignore[arg-type]  # an int can be too large to be compared with a float
    except Exception:
        return None
    return plain if isinstance(plain, int | float) and not isinstance(plain, bool) else None


def describe(value: object) -> str:
    """A value in a few words for a message: its type, and the value where it is short."""
    try:
        text = repr(value)
    except Exception:  # a class of the learner's own can get that wrong, too
        text = "<no text>"
    kind = type(value).__name__
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    return f"{article} {kind}" + (f" ({text})" if len(text) <= 40 and "<" not in text else "")


def probe(exercise_id: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a probe. Its name is what a test's argument is called, its keyword arguments are the situation."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _registry[exercise_id, function.__name__] = function
        return function

    return register


def load(module: str, tool: str) -> None:
    """Import a module's probes for one tool afresh, so that an edit is seen without a restart.

    The module's folder becomes a package for the purpose: a probe file imports what it shares from `.situations`.
    """
    name = f"checks_{module}"
    for loaded in [loaded for loaded in sys.modules if loaded == name or loaded.startswith(f"{name}.")]:
        del sys.modules[loaded]
    package = types.ModuleType(name)
    package.__path__ = [str(CHECKS / module)]
    sys.modules[name] = package
    importlib.import_module(f"{name}.probes_{tool}")


def observe(module: str, tool: str, exercise_id: str, name: str, situation: dict, namespace: dict) -> dict:
    """Run one probe in one situation; return `{"observation": …}` or `{"fault": {"kind", "message"}}` as plain JSON.

    A fault's kind is `missing` (a name is not defined), `error` (learner code raised), `timeout` (interrupted) or
    `grader-error` (the probe itself is at fault: it raised without learner code in its call stack).
    """
    try:
        if (exercise_id, name) not in _registry:
            load(module, tool)
        function = _registry[exercise_id, name]
        with quiet():
            return {"observation": to_json(function(Notebook(namespace), **situation))}
    except NotDefined as error:
        message = (
            f"`{error.name}` is not defined. Define it in the exercise's cell, and run that cell before the check."
            " (If that cell raised an error, read the error first.)"
        )
        return {"fault": {"kind": "missing", "message": message, "name": error.name}}
    except Unusable as error:
        return {"fault": {"kind": "failed", "message": str(error)}}
    except KeyboardInterrupt:
        return {
            "fault": {
                "kind": "timeout",
                "message": "It was still running when its time was up, and was stopped.",
            }
        }
    except BaseException as error:  # learner code may raise anything, SystemExit included
        frames = list(traceback.walk_tb(error.__traceback__))
        theirs = [(frame, line) for frame, line in frames if frame.f_globals is namespace]
        if not theirs:
            return {
                "fault": {
                    "kind": "grader-error",
                    "message": "".join(traceback.format_exception(error))[-4000:],
                }
            }
        frame, line = theirs[-1]
        where = f"in `{frame.f_code.co_name}`, line {line} of its cell"
        if isinstance(error, NotImplementedError) and not str(error):
            return {
                "fault": {
                    "kind": "unsolved",
                    "message": f"There is still a `raise NotImplementedError()` {where}.",
                }
            }
        return {
            "fault": {
                "kind": "error",
                "message": f"Your code raised {type(error).__name__}: {error}\n({where})",
            }
        }


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what a probe makes the learner's code print out of the check's output: the verdict alone is shown there."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)
