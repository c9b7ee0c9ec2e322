"""Prefect's dialect: a flow run becomes a run record.

This is the only place where the grader knows Prefect.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from prefect import Flow, flow_engine, task_engine
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import TaskRun
from prefect.exceptions import ParameterBindError, ParameterTypeError, SignatureMismatchError
from prefect.utilities import engine

from autograder.observe.probes import Unusable, describe
from autograder.observe.runs import Run, Task

# A sync flow ends by waiting, for a second, for the thread that sends its heartbeats; the record is complete without.
flow_engine._send_heartbeats = functools.partial(flow_engine._send_heartbeats, join_on_exit=False)

RECORD_SECONDS = 30
"""How long to wait for the record of a run to be complete."""
_last_states: dict[UUID, dict[UUID, str | None]] = {}
"""Flow run to its task runs, and the name of the state that each was last said to be in."""


def _note_state(emit: Callable[..., Any]) -> Callable[..., Any]:
    """Keep what this process tells the API about its task runs, so that it is known when the API has it all."""

    @functools.wraps(emit)
    def noted(task_run: TaskRun, initial_state: Any, validated_state: Any, *rest: Any, **others: Any) -> Any:
        if task_run.flow_run_id:
            _last_states.setdefault(task_run.flow_run_id, {})[task_run.id] = validated_state.name
        return emit(task_run, initial_state, validated_state, *rest, **others)

    return noted


for _module in (task_engine, engine):  # the one has it by name, the other is asked for it at each call
    _module.emit_task_run_state_change_event = _note_state(_module.emit_task_run_state_change_event)

STATES = {"COMPLETED": "success", "FAILED": "failed", "CRASHED": "failed", "CANCELLED": "failed"}
REFUSALS = (ParameterTypeError, ParameterBindError, SignatureMismatchError)


def observe_run(pipeline: object, **parameters: Any) -> Run:
    """Run a flow once, in this process, and return its record.

    Raises:
        Unusable: when `pipeline` is no flow.
    """
    if not isinstance(pipeline, Flow):
        raise Unusable(f"A flow is needed, a function with `@flow` above it, but this is {describe(pipeline)}.")
    try:
        state = _run(pipeline, parameters)
    except REFUSALS as error:
        return Run("prefect", None, "refused", error=_one_line(error))
    raised = _raised(state)
    if isinstance(raised, REFUSALS):
        return Run("prefect", None, "refused", parameters=parameters, error=str(raised))
    return read_run(state.state_details.flow_run_id, parameters, error=_why(state, raised))


def _run(flow: Flow[Any, Any], parameters: dict[str, Any]) -> Any:
    outcome = flow(**parameters, return_state=True)
    if inspect.isawaitable(outcome):
        # The kernel's own loop is running in this thread: an async flow gets a loop in another one.
        with ThreadPoolExecutor(1) as executor:
            return executor.submit(lambda: asyncio.run(_awaited(outcome))).result()
    return outcome


async def _awaited(outcome: Any) -> Any:
    return await outcome


def read_run(run_id: UUID, parameters: dict[str, Any] | None = None, error: str | None = None) -> Run:
    """The record of a flow run that has ended, from Prefect's API."""
    mine = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(run_id)
        # Task runs reach the API as events, a while after the flow has ended: wait for the last one of each.
        said = _last_states.pop(run_id, {})
        give_up = time.monotonic() + RECORD_SECONDS
        while True:
            tasks = client.read_task_runs(flow_run_filter=mine, limit=200)
            if said.items() <= {task.id: task.state_name for task in tasks}.items() or time.monotonic() > give_up:
                break
            time.sleep(0.05)
    names = {task.id: _name(task) for task in tasks}
    kinds = [_name(task) for task in tasks]
    indices: dict[str, int] = {}
    record: list[Task] = []
    for task in sorted(tasks, key=lambda task: str(task.id)):  # ids count up in time
        name = names[task.id]
        index = indices[name] = indices.get(name, -1) + 1
        record.append(
            Task(
                name=name,
                state=_state(task),
                attempts=task.run_count,
                map_key=str(index) if kinds.count(name) > 1 else None,
                started=_seconds(task.start_time),
                ended=_seconds(task.end_time),
                upstream=_upstream(task, names),
            )
        )
    return Run(
        tool="prefect",
        id=str(run.id),
        state=STATES.get(run.state_type.value if run.state_type else "", "failed"),
        tasks=tuple(record),
        parameters=parameters,
        started=_seconds(run.start_time),
        ended=_seconds(run.end_time),
        error=error,
    )


def _name(task: TaskRun) -> str:
    """The task's own name. A run's is that and the first letters of its key, unless the author gave it another."""
    own = task.name.removesuffix(f"-{task.dynamic_key[:3]}")
    return own if own != task.name else task.task_key.rsplit("-", 1)[0]


def _state(task: TaskRun) -> str:
    if task.state_name == "NotReady" or task.start_time is None:
        return "not-run"
    return STATES.get(task.state_type.value if task.state_type else "", "not-run")


def _upstream(task: TaskRun, names: dict[UUID, str]) -> tuple[str, ...]:
    """Names of the tasks whose results it takes, or that it was told to wait for."""
    ids = [given.id for inputs in task.task_inputs.values() for given in inputs if given.input_type == "task_run"]
    return tuple(dict.fromkeys(names[i] for i in ids if i in names))


def _raised(state: Any) -> BaseException | None:
    """What made a run fail, where it failed."""
    if not state.is_failed() and not state.is_crashed():
        return None
    raised = state.result(raise_on_failure=False)
    return raised if isinstance(raised, BaseException) else RuntimeError(state.message)


def _why(state: Any, raised: BaseException | None) -> str | None:
    if raised is None:
        return None
    said = (state.message or "").removeprefix("Flow run encountered an exception: ")
    return said.split("\n")[0][:200] or _one_line(raised)


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".split("\n")[0][:200]


def _seconds(moment: Any) -> float | None:
    return moment.timestamp() if moment else None
