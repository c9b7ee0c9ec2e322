"""The run record: what one run of a pipeline did, in the same words for every orchestrator.

Made by the adapters in the learner's kernel, sent as JSON, and read by tests in the hub.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


class NoSuchTask(AssertionError):
    """A test asked for a task that the run does not have. That is an answer about the run, hence an assertion."""


@dataclass(frozen=True)
class Task:
    """One task instance: a task, or one of the instances that a mapped task was expanded into."""

    name: str
    state: str
    """`success`, `failed`, `skipped` or `not-run` (it never started: what it builds on failed)."""
    attempts: int
    map_key: str | None = None
    """Which of a mapped task's instances, in the tool's own words; None for a task that is not mapped."""
    started: float | None = None
    """Seconds since the epoch, as for `ended`; None when it did not."""
    ended: float | None = None
    upstream: tuple[str, ...] = ()
    """Names of the tasks that it waits for."""

    @property
    def seconds(self) -> float:
        return (self.ended or 0.0) - (self.started or 0.0) if self.started else 0.0


@dataclass(frozen=True)
class Asset:
    """One materialisation of a data asset."""

    key: str
    partition: str | None
    metadata: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """One run of a pipeline."""

    tool: str
    id: str | None
    """The tool's own id of the run; None when the tool refused to start one."""
    state: str
    """`success`, `failed`, or `refused`: the tool would not start it (an impossible parameter, say)."""
    tasks: tuple[Task, ...] = ()
    parameters: dict[str, Any] | None = None
    partition: str | None = None
    """The partition or logical date that the run is for, where it has one."""
    started: float | None = None
    ended: float | None = None
    assets: tuple[Asset, ...] = ()
    error: str | None = None
    """Why it failed: the first failed task's exception in one line."""

    def named(self, name: str) -> list[Task]:
        """All instances of a task; an empty list when the run has none."""
        return [task for task in self.tasks if task.name == name]

    def task(self, name: str) -> Task:
        """The one instance of a task.

        Raises:
            NoSuchTask: when there is none, or more than one.
        """
        found = self.named(name)
        if not found:
            raise NoSuchTask(
                f"Expected a task named `{name}`, but the run's record shows {self.task_names()}.\n"
                f"Is `{name}` a task of its own, under that name, and is it part of the pipeline?"
            )
        if len(found) > 1:
            raise NoSuchTask(
                f"Expected `{name}` to run once, but the run's record shows it {len(found)} times.\n"
                "Hand it the whole list at once, rather than to map it too."
            )
        return found[0]

    def task_names(self) -> str:
        """The names of its tasks for a message, in order of their start."""
        names = dict.fromkeys(f"`{t.name}`" for t in sorted(self.tasks, key=lambda t: t.started or float("inf")))
        return ", ".join(names) or "no task at all"

    def waits_for(self, name: str, upstream: str) -> bool:
        """Whether a task waits for another one, directly or through others."""
        seen: set[str] = set()
        ahead = [name]
        while ahead:
            for task in self.named(ahead.pop()):
                ahead += [u for u in task.upstream if u not in seen]
                seen.update(task.upstream)
        return upstream in seen


def to_json(value: Any) -> Any:
    """Plain JSON for a value that may hold run records; what is not JSON becomes its description."""
    if isinstance(value, Run):
        return {"record": "run", **to_json(asdict(value))}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)  # `str(value)` of an Enum is its name
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)  # a subclass (numpy's float64, an Enum) becomes what JSON has
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(item) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item") and getattr(value, "size", 1) == 1:
        return to_json(value.item())
    return {"type": type(value).__name__}


def from_json(value: Any) -> Any:
    """The inverse of `to_json` where it counts: run records come back as `Run`."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    fields = {key: from_json(item) for key, item in value.items()}
    if fields.pop("record", None) != "run":
        return fields
    tasks = tuple(Task(**(task | {"upstream": tuple(task["upstream"])})) for task in fields.pop("tasks"))
    assets = tuple(Asset(**asset) for asset in fields.pop("assets"))
    return Run(tasks=tasks, assets=assets, **fields)
