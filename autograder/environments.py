"""The four environments: where they are, what is in them, and how they are set up.

Runs under any Python >= 3.11 with nothing installed (`python autograder/environments.py`), since it makes the
environments that everything else runs in: so it imports the standard library alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ORCHESTRATORS = ("airflow", "prefect", "dagster")
ENVIRONMENTS = ("hub", *ORCHESTRATORS)
#: The kernel that each tool's notebooks name. `python` is the hub's own kernel: the plain pipeline needs no more.
KERNELS = {"python": "python3"} | {tool: tool for tool in ORCHESTRATORS}
MINIMUM_PYTHON = (3, 11)


class SetupError(Exception):
    """Setting up failed; the message says at which step, why, and what to do."""


def folder() -> Path:
    """Where the environments stand: `.envs` in the course, or what `TRIAD_ENVS` names."""
    return Path(os.environ.get("TRIAD_ENVS") or ROOT / ".envs")


def prefix(environment: str) -> Path:
    """Where one environment stands. An active conda environment named `triad` (see environment.yml) is the hub."""
    if environment == "hub" and os.environ.get("CONDA_DEFAULT_ENV") == "triad":
        return Path(os.environ["CONDA_PREFIX"])
    return folder() / environment


def program(environment: str, name: str = "python") -> Path:
    """Path of a program in one environment, whether or not it is there."""
    where = prefix(environment)
    return where / "Scripts" / f"{name}.exe" if os.name == "nt" else where / "bin" / name


def lock_file(environment: str) -> Path:
    return ROOT / "requirements" / f"{environment}.txt"


def fingerprint(environment: str) -> str:
    """What an environment is made from. When this changes, it is made again."""
    made_from = hashlib.sha256(f"{sys.version_info[:3]} {ROOT}".encode())
    for file in (lock_file(environment), ROOT / "pyproject.toml", Path(__file__)):
        made_from.update(file.read_bytes())
    return made_from.hexdigest()


def is_ready(environment: str) -> bool:
    stamp = prefix(environment) / ".made-from"
    return stamp.is_file() and stamp.read_text() == fingerprint(environment)


def run(step: str, *command: str | Path, timeout: float = 1800) -> None:
    """Run one step of the set-up; its output is shown only when it fails."""
    # Bytecode is wanted here whatever the shell says: without it every kernel starts twice as slowly.
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=timeout,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-8:])
        raise SetupError(
            f"{step} failed (exit status {done.returncode}).\n{tail}\n"
            "If a package could not be fetched, check the network and the package index, then run `make setup` again:"
            " what is done already is kept."
        )


def find_uv() -> Path:
    """The uv on this machine, or one of our own, installed with pip on first use."""
    if found := shutil.which("uv"):
        return Path(found)
    own = folder() / "uv"
    uv = own / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    if not uv.exists():
        shutil.rmtree(own, ignore_errors=True)
        # pip can install into a plain folder: this works where a distribution has left `venv` out of Python.
        run("Installing uv with pip", sys.executable, "-m", "pip", "install", "--quiet", "--target", own, "uv")
    return uv


def make(environment: str, uv: Path) -> None:
    """Make one environment from its lock file, with the course itself installed in place."""
    where, python = prefix(environment), program(environment)
    (where / ".made-from").unlink(missing_ok=True)
    if not python.exists():
        new: list[str | Path] = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, where]
        run(f"Making the {environment} environment", *new)
    options: list[str | Path] = ["--quiet", "--python", python, "--compile-bytecode"]
    # A lock file is complete: nothing is resolved again, and what was overridden when it was made stays so. `sync` also
    # removes what the file no longer has; conda's environment holds more than ours, and is added to only.
    how = ["sync"] if where == folder() / environment else ["install", "--no-deps", "-r"]
    locked: list[str | Path] = [uv, "pip", *how, lock_file(environment), "--require-hashes", *options]
    run(f"Installing requirements/{environment}.txt", *locked)
    course: list[str | Path] = [uv, "pip", "install", "--no-deps", "--no-build-isolation", "--editable", ROOT, *options]
    run(f"Installing the course in {environment}", *course)
    if environment == "hub":
        configure_lab(where)
    (where / ".made-from").write_text(fingerprint(environment))


def configure_lab(where: Path) -> None:
    """Settings of JupyterLab for the course: nothing pops up to ask for news, since there may be no network."""
    settings = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    }
    file = where / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(settings, indent=1))


def kernel_spec(environment: str) -> Path:
    return prefix("hub") / "share" / "jupyter" / "kernels" / environment / "kernel.json"


def register_kernel(environment: str) -> None:
    """Make an orchestrator's environment a Jupyter kernel of the hub, named as the orchestrator is."""
    label = environment.capitalize()
    run(
        f"Making {environment} a Jupyter kernel",
        *(program(environment), "-m", "ipykernel", "install", "--prefix", prefix("hub")),
        *("--name", environment, "--display-name", label),
        # The directory of the tool's own commands comes first, as it does in an activated environment.
        *("--env", "PATH", f"{program(environment).parent}{os.pathsep}${{PATH}}"),
    )


def setup(environments: tuple[str, ...] = ENVIRONMENTS) -> None:
    """Make those of the environments that are not ready, side by side, and tell how it goes.

    Raises:
        SetupError: when one cannot be made; the others are finished first.
    """
    missing = [name for name in environments if not is_ready(name)]
    failed = make_all(missing) if missing else []
    for name in ORCHESTRATORS:  # once the hub is there: that is where the kernels are listed
        if is_ready("hub") and is_ready(name) and (name in missing or not kernel_spec(name).exists()):
            register_kernel(name)
    if failed:
        raise SetupError("\n\n".join(failed))


def make_all(missing: list[str]) -> list[str]:
    """Make environments side by side; return why some could not be made."""
    tell(f"Setting up {', '.join(missing)} in {folder()} (once; a few minutes on a new machine).")
    uv = find_uv()
    failed: list[str] = []

    def one(name: str) -> None:
        start = time.monotonic()
        try:
            make(name, uv)
            tell(f"  {name}: ready after {time.monotonic() - start:.0f} s")
        except (SetupError, subprocess.TimeoutExpired, OSError) as error:
            failed.append(str(error))
            tell(f"  {name}: failed")

    threads = [threading.Thread(target=one, args=(name,)) for name in missing]
    for thread in threads:
        thread.start()
    waited_from = time.monotonic()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.2)
        if time.monotonic() - waited_from > 20:
            waited_from = time.monotonic()
            busy = [name for name, thread in zip(missing, threads, strict=True) if thread.is_alive()]
            tell(f"  still working on {', '.join(busy)} …")
    return failed


def lock(upgrade: bool = False) -> None:
    """Write `requirements/*.txt` from `pyproject.toml`. Kept pins stay as they are unless `upgrade`."""
    uv = find_uv()
    for name in ENVIRONMENTS:
        # Whoever reads or installs the file is not told from which index it was made.
        quietly = ["--quiet", "--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock"]
        compile_ = ["pip", "compile", "pyproject.toml", "--extra", name, "--universal", "--generate-hashes", *quietly]
        newest = ["--upgrade"] if upgrade else []
        run(f"Locking {name}", uv, *compile_, *newest, "--output-file", lock_file(name))
        tell(f"requirements/{name}.txt")


def pins(environment: str) -> dict[str, list[str]]:
    """Package to the pins that its lock file holds, markers included (a package can have one pin per platform)."""
    found: dict[str, list[str]] = {}
    for line in lock_file(environment).read_text().splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            name, _, version = line.rstrip(" \\").partition("==")
            found.setdefault(name, []).append(version)
    return found


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="environments.py", description=__doc__)
    parser.add_argument("action", choices=["setup", "lock", "upgrade"], nargs="?", default="setup")
    parser.add_argument("--only", choices=ENVIRONMENTS, nargs="*", help="these environments alone")
    arguments = parser.parse_args()
    if sys.version_info < MINIMUM_PYTHON:
        wanted, found = ".".join(map(str, MINIMUM_PYTHON)), sys.version.split()[0]
        tell(f"The course needs Python {wanted} or newer; this is {found}. Try `make setup PYTHON=python3.12`.")
        return 2
    try:
        if arguments.action == "setup":
            setup(tuple(arguments.only or ENVIRONMENTS))
        else:
            lock(upgrade=arguments.action == "upgrade")
    except SetupError as error:
        tell(f"\n{error}")
        return 2
    except KeyboardInterrupt:
        tell("\nStopped. Run `make setup` again to go on: what is done already is kept.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
