"""Dagster's dialect: the run of a job, or the materialisation of assets, becomes a run record.

This is the only place where the grader knows Dagster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import dagster as dg
from dagster._check import CheckError
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from autograder.observe.probes import Unusable, describe
from autograder.observe.runs import Asset, Run, Task

#: What an instance made here is told: Dagster's own log would fill a notebook.
QUIET = {"python_logs": {"python_log_level": "CRITICAL"}, "telemetry": {"enabled": False}}
REFUSALS = (dg.DagsterUnknownPartitionError, dg.DagsterInvalidConfigError, dg.DagsterInvalidInvocationError)
STATES = {"STEP_SUCCESS": "success", "STEP_FAILURE": "failed", "STEP_SKIPPED": "skipped"}


def observe_run(
    pipeline: object,
    *,
    partition: str | None = None,
    config: dict[str, Any] | None = None,
    instance: dg.DagsterInstance | None = None,
    **resources: Any,
) -> Run:
    """Run a job once, or materialise a set of assets, in this process; return the run's record.

    Args:
        pipeline: a job, an asset, a list of assets, or Definitions (all of its assets).
        partition: the partition key to run for.
        config: run configuration.
        instance: where the run is recorded; one that is forgotten, by default.

    Raises:
        Unusable: when `pipeline` is none of these, or Dagster cannot make a run of it.
        KeyboardInterrupt: when the run was interrupted.
    """
    instance = instance or dg.DagsterInstance.ephemeral(settings=QUIET)
    options: dict[str, Any] = {"partition_key": partition, "run_config": config, "instance": instance}
    try:
        if isinstance(pipeline, dg.JobDefinition):
            result = pipeline.execute_in_process(**options, raise_on_error=False)
        else:
            assets = _assets(pipeline)
            result = dg.materialize(assets, **options, resources=resources or None, raise_on_error=False)
    except REFUSALS as error:
        return Run("dagster", None, "refused", partition=partition, error=_one_line(type(error).__name__, error))
    except (dg.DagsterError, CheckError, ValueError) as error:  # a ValueError for assets that go round in a circle
        raise Unusable(_objection(error, partition)) from error
    run = read_run(instance, result.run_id)
    if run.error and run.error.startswith("DagsterExecutionInterruptedError"):
        raise KeyboardInterrupt  # Dagster takes it for one more way to fail
    return run


def _objection(error: Exception, partition: str | None) -> str:
    """Why Dagster would not start a run of what a learner has made, and what to do about it."""
    said = str(error).split("\n")[0].removeprefix("Failure condition: ")
    if isinstance(error, CheckError) and partition:
        return (
            f"Asked for the partition {partition}, Dagster says: {said}.\n"
            "Give each asset (or the job) the same `partitions_def`."
        )
    if found := re.search(r'Input asset "(.+)" is not produced', said):
        name = "/".join(re.findall(r'"(.+?)"', found[1]))
        return (
            f"An asset takes `{name}`, but no asset of that name is among those to be materialised.\n"
            "An argument is the name of another asset, and that one must be in the list too."
        )
    return f"Dagster cannot make a run of this: {said}."


def _assets(pipeline: object) -> Sequence[Any]:
    if isinstance(pipeline, UnresolvedAssetJobDefinition):
        raise Unusable(f"The job `{pipeline.name}` names assets but does not hold them: put both into Definitions.")
    if isinstance(pipeline, dg.Definitions):
        pipeline = list(pipeline.assets or [])
    found = list(pipeline) if isinstance(pipeline, list | tuple | set) else [pipeline]
    wrong = [one for one in found if not isinstance(one, dg.AssetsDefinition | dg.SourceAsset | dg.AssetSpec)]
    if wrong or not found:
        verb = "is" if wrong and wrong[0] is pipeline else "has"
        what = f"this {verb} {describe(wrong[0])}" if wrong else "this is empty"
        graph = " (`.to_job()` makes a job of a graph, and `@dg.job` makes one at once)"
        way = graph if wrong and isinstance(wrong[0], dg.GraphDefinition) else ""
        raise Unusable(
            f"A job is needed, or a list of assets (functions with `@dg.asset` above them), but {what}{way}."
        )
    return found


def read_run(instance: dg.DagsterInstance, run_id: str) -> Run:
    """The record of a run that has ended, from the instance's event log."""
    run = instance.get_run_by_id(run_id)
    if run is None:
        raise LookupError(f"The instance has no run {run_id}.")
    started: dict[str, float] = {}
    ended: dict[str, tuple[str, float]] = {}
    restarts: dict[str, int] = {}
    assets: list[Asset] = []
    times: list[float] = []
    error: str | None = None
    for entry in instance.all_logs(run_id):
        event = entry.dagster_event
        if event is None:
            continue
        times.append(entry.timestamp)
        step, kind = event.step_key, event.event_type_value
        if step and kind == "STEP_START":
            started[step] = entry.timestamp
        elif step and kind == "STEP_RESTARTED":
            restarts[step] = restarts.get(step, 0) + 1
        elif step and kind in STATES:
            ended[step] = (STATES[kind], entry.timestamp)
            if kind == "STEP_FAILURE" and error is None:
                error = _reason(event.step_failure_data.error)
        elif kind == "ASSET_MATERIALIZATION":
            made = event.step_materialization_data.materialization
            metadata = {key: getattr(value, "value", None) for key, value in made.metadata.items()}
            assets.append(Asset(made.asset_key.to_user_string(), made.partition, metadata))
    upstream = _upstream(instance, run)
    # A mapped step stands in the plan once, as `ingest[?]`, and in the log as each instance that ran.
    ran = dict.fromkeys([*started, *ended])
    planned = [key for key in upstream if key not in ran and not any(_name(key) == _name(step) for step in ran)]
    tasks = tuple(
        Task(
            name=_name(step),
            state=ended[step][0] if step in ended else "failed" if step in started else "not-run",
            attempts=1 + restarts.get(step, 0) if step in started else 0,
            map_key=_map_key(step),
            started=started.get(step),
            ended=ended[step][1] if step in ended else None,
            upstream=upstream.get(step) or upstream.get(f"{_name(step)}[?]", ()),
        )
        for step in [*ran, *planned]
    )
    return Run(
        tool="dagster",
        id=run_id,
        state="success" if run.status == dg.DagsterRunStatus.SUCCESS else "failed",
        tasks=tasks,
        parameters=dict(run.run_config) if run.run_config else None,
        partition=run.tags.get("dagster/partition"),
        started=min(times, default=None),
        ended=max(times, default=None),
        assets=tuple(assets),
        error=error,
    )


def _upstream(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dict[str, tuple[str, ...]]:
    """Each planned step and the names of the steps that it takes something from."""
    if run.execution_plan_snapshot_id is None:
        return {}
    plan = instance.get_execution_plan_snapshot(run.execution_plan_snapshot_id)
    return {step.key: _names(h.step_key for i in step.inputs for h in _handles(i)) for step in plan.steps}


def _handles(step_input: Any) -> Iterable[Any]:
    for handle in step_input.upstream_output_handles:
        # What comes from a mapped step is wrapped: it is not known yet from which of its instances.
        yield getattr(handle, "unresolved_step_handle", handle) if not hasattr(handle, "step_key") else handle


def _names(steps: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_name(step) for step in steps))


def _name(step: str) -> str:
    """`graph.ingest[EWR]` is an instance of `ingest`."""
    return step.split("[")[0].rsplit(".", 1)[-1]


def _map_key(step: str) -> str | None:
    found = re.search(r"\[(.*)\]$", step)
    return found[1] if found and found[1] != "?" else None


def _reason(error: Any) -> str:
    """The learner's own exception: Dagster wraps it."""
    if found := re.search(r'loading input "(.+)" of step "(.+)"', error.message):
        # Its cause names a file that Dagster looked for: that is nothing a learner knows of.
        return (
            f"`{_name(found[2])}` could not load its input `{found[1]}`, for not all of that was made"
            " (an asset without partitions takes every partition of what it is made from)"
        )
    while error.cause is not None:
        error = error.cause
    return _one_line(error.cls_name, error.message.split(":", 1)[-1].strip())


def _one_line(name: object, text: object) -> str:
    return f"{name}: {text}".split("\n")[0][:200]
