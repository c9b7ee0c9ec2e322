"""papermill's engine for grading, registered with papermill under the name `triad`.

A module of its own: papermill imports it while it is itself being imported, to find its engines.
"""

from __future__ import annotations

import subprocess
from typing import Any

from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine

CELL_SECONDS = 60
"""The longest that one of the learner's own cells may take."""
STOP_SECONDS = 10
"""The longest that a cell may take to stop once it was interrupted; then the kernel is ended."""


class TriadEngine(NBClientEngine):
    """papermill's engine, made fit for grading: it goes on after an error, and each cell has its own time limit."""

    @classmethod
    def execute_managed_notebook(  # type: ignore[override]
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        start_timeout: int = 60,
        environment: dict[str, str] | None = None,
        cell_seconds: dict[str, int] | None = None,
        **options: Any,
    ) -> NotebookNode:
        """Execute a notebook.

        Args:
            environment: all environment variables that the kernel gets; None for those of this process.
            cell_seconds: cell id to the longest that the cell may take; others have `CELL_SECONDS`.
        """
        limits = cell_seconds or {}
        client = PapermillNotebookClient(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            allow_errors=True,
            interrupt_on_timeout=True,
            # Interrupted once and not for ever: code that catches the interrupt would never come to an end.
            error_on_timeout={"ename": "TimeoutError", "evalue": "time was up", "traceback": []},
            iopub_timeout=STOP_SECONDS,
            raise_on_iopub_timeout=True,
            timeout_func=lambda cell: limits.get(cell.get("id"), CELL_SECONDS),
            **{k: v for k, v in options.items() if k == "resources"},
        )
        # What a kernel process itself says on its terminal is for nobody: cells' outputs come through the protocol.
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return client.execute(**silent, **({"env": environment} if environment is not None else {}))
