"""Where a tool keeps its records in a notebook, and how much it says: set before the tool is imported.

What a learner has set already is left as it is.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path


def prepare(tool: str) -> None:
    """Give the environment's orchestrator a home in `work/`, beside the notebook."""
    work = Path("work").absolute()
    settings = {
        "airflow": {
            "AIRFLOW_HOME": str(work / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            # The default is five minutes, for which a check would have to wait.
            "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "1",
            # What fails is raised or recorded; a log of every step would fill the notebook.
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL",
        },
        "prefect": {
            "PREFECT_HOME": str(work / "prefect"),
            "PREFECT_LOGGING_LEVEL": "CRITICAL",
            # No API is named, so the first flow starts a server on loopback. On a new database that takes ten
            # seconds and more, and Prefect would give up after twenty.
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
            "PREFECT_SERVER_UI_ENABLED": "false",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        },
        "dagster": {"DAGSTER_HOME": str(work / "dagster"), "DAGSTER_DISABLE_TELEMETRY": "1"},
    }
    if tool == "dagster":
        # Said at every run in a kernel, whose own event loop it is that is not closed; nothing is wrong.
        warnings.filterwarnings("ignore", "coroutine 'BaseEventLoop.shutdown_asyncgens'", RuntimeWarning)
    for name, value in settings.get(tool, {}).items():
        os.environ.setdefault(name, value)
        if name.endswith("_HOME"):
            Path(os.environ[name]).mkdir(parents=True, exist_ok=True)
