"""Airflow's dialect: a DAG run becomes a run record; and `register`, which makes a DAG of a notebook known to Airflow.

This is the only place where the grader knows Airflow.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from airflow.configuration import AIRFLOW_HOME
from airflow.listeners import hookimpl
from airflow.models.dagrun import DagRun
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException, ParamValidationError
from airflow.sdk.listener import get_listener_manager

from autograder.observe.probes import Unusable, describe
from autograder.observe.runs import Run, Task

HOME = Path(AIRFLOW_HOME)
STUB = HOME / "dags" / "from_a_notebook.py"
STATES = {
    "success": "success",
    "failed": "failed",
    "skipped": "skipped",
    "upstream_failed": "not-run",
    "removed": "skipped",
    "None": "not-run",
}


class Failures:
    """Listens to Airflow for what made a task fail: the record keeps the state alone, and the log is kept quiet."""

    def __init__(self) -> None:
        self._of: dict[str, list[tuple[str, BaseException]]] = {}

    @hookimpl
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any) -> None:
        one, number = task_instance, task_instance.map_index
        name = f"{one.task_id}[{number}]" if number is not None and number >= 0 else one.task_id
        raised = error if isinstance(error, BaseException) else RuntimeError(str(error))
        self._of.setdefault(one.run_id, []).append((name, raised))
        print(f"task `{name}` failed: {type(raised).__name__}: {raised}")

    def first(self, run_id: str) -> str | None:
        """Why a run failed, in one line."""
        for name, raised in self._of.get(run_id, []):
            return f"task `{name}` failed: {type(raised).__name__}: {raised}".split("\n")[0][:200]
        return None

    def stopped(self, run_id: str) -> bool:
        """Whether somebody interrupted one of its tasks. Airflow takes that for a failure of the task, and goes on."""
        return any(isinstance(raised, KeyboardInterrupt) for _, raised in self._of.get(run_id, []))


failures = Failures()
get_listener_manager().add_listener(failures)


def register(*dags: DAG) -> None:
    """Make DAGs that were defined in a notebook known to Airflow's database, as the DAG processor does with files.

    The first call makes the database (two seconds).
    """
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db

    wrong = [one for one in dags if not isinstance(one, DAG)]
    if wrong:
        raise _no_dag(wrong[0])
    if not (HOME / "airflow.db").exists():
        from airflow.utils.db import initdb

        initdb()
    if not STUB.exists():
        STUB.parent.mkdir(parents=True, exist_ok=True)
        STUB.write_text("# Stands for the DAGs that were defined in a notebook: Airflow wants a file for each.\n")
    DagBundlesManager().sync_bundles_to_db()
    bag = DagBag(dag_folder=os.devnull)
    for one in dags:
        one.fileloc, one.relative_fileloc = str(STUB), STUB.name
        bag.bag_dag(one)
    sync_bag_to_db(bag, "dags-folder", None)


def _no_dag(found: object) -> Unusable:
    return Unusable(
        f"A DAG is needed: the value of calling the function that has `@dag` above it. This is {describe(found)}."
    )


def observe_run(pipeline: object, *, logical_date: Any = None, **parameters: Any) -> Run:
    """Run a DAG once, in this process, and return its record.

    Args:
        parameters: values for the DAG's params.

    Raises:
        Unusable: when `pipeline` is no DAG.
    """
    if not isinstance(pipeline, DAG):
        raise _no_dag(pipeline)
    try:
        register(pipeline)
        run = pipeline.test(logical_date=logical_date, run_conf=parameters or None)
    except ParamValidationError as error:
        return Run("airflow", None, "refused", parameters=parameters, error=str(error).split("\n")[0])
    except AirflowException as error:
        # Before any task has started: two tasks that wait for each other, for example.
        raise Unusable(f"Airflow cannot run the DAG `{pipeline.dag_id}`: {type(error).__name__}: {error}") from None
    if failures.stopped(run.run_id):
        raise KeyboardInterrupt
    return read_run(run, pipeline, parameters)


def read_run(run: DagRun, dag: DAG, parameters: dict[str, Any] | None = None) -> Run:
    """The record of a DAG run that has ended, from Airflow's database."""
    tasks = tuple(
        Task(
            name=_name(one.task_id),
            state=STATES.get(str(one.state), "failed"),
            attempts=one.try_number if one.start_date and str(one.state) != "upstream_failed" else 0,
            map_key=str(one.map_index) if one.map_index >= 0 else None,
            started=_seconds(one.start_date) if str(one.state) != "upstream_failed" else None,
            ended=_seconds(one.end_date) if str(one.state) != "upstream_failed" else None,
            upstream=tuple(sorted(map(_name, dag.task_dict[one.task_id].upstream_task_ids))),
        )
        for one in sorted(run.get_task_instances(), key=lambda one: (_seconds(one.start_date) or 0, one.map_index))
    )
    failed = [task.name for task in tasks if task.state == "failed"]
    return Run(
        tool="airflow",
        id=run.run_id,
        state="success" if str(run.state) == "success" else "failed",
        tasks=tasks,
        parameters=parameters or None,
        partition=run.logical_date.isoformat() if run.logical_date else None,
        started=_seconds(run.start_date),
        ended=_seconds(run.end_date),
        error=failures.first(run.run_id) or (f"task `{failed[0]}` failed" if failed else None),
    )


def _name(task_id: str) -> str:
    """The task's own name: that of a task in a group begins with the group's."""
    return task_id.rsplit(".", 1)[-1]


def _seconds(moment: Any) -> float | None:
    return moment.timestamp() if moment else None
