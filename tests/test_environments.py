"""What is locked is what is installed, the same everywhere; setting up twice does nothing the second time."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder import environments
from autograder.environments import ENVIRONMENTS, ROOT, SetupError, lock_file, prefix

SCRIPT = ROOT / "autograder" / "environments.py"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TOOL = "triad-course"


def blocks(environment: str) -> list[str]:
    """The entries of a lock file, a requirement with its hashes and comments each."""
    text = lock_file(environment).read_text(encoding="utf-8")
    return re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"\A(#.*\n)+", "", text))


def locked(environment: str) -> list[Requirement]:
    return [Requirement(block.split("\n")[0].rstrip(" \\")) for block in blocks(environment)]


def site_packages(environment: str) -> Path:
    (found,) = prefix(environment).glob("lib/python*/site-packages")
    return found


# The lock files


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_lock_file_names_no_index_and_says_how_to_make_it(name: str) -> None:
    text = lock_file(name).read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|-i |file:", text)
    assert "make lock" in text.splitlines()[1]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_pin_is_exact_and_has_a_hash(name: str) -> None:
    entries = blocks(name)
    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==[^ ;]+( ;.*)? \\\n    --hash=sha256:[0-9a-f]{64}", entry), entry[:200]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_pins_are_read_as_pip_reads_them(name: str) -> None:
    expected: dict[str, list[str]] = {}
    for requirement in locked(name):
        (pin,) = requirement.specifier
        expected.setdefault(requirement.name, []).append(pin.version)
    read = {package: [pin.split(";")[0].strip() for pin in pins] for package, pins in environments.pins(name).items()}
    assert read == expected


def test_what_the_pipeline_needs_has_the_same_pins_everywhere() -> None:
    names = [canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]]
    assert {"pandas", "duckdb", "scikit-learn"} <= set(names)
    for name in names:
        pins = {environment: environments.pins(environment).get(name) for environment in ENVIRONMENTS}
        assert pins["hub"]
        assert all(pin == pins["hub"] for pin in pins.values()), pins


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_pins_satisfy_what_pyproject_asks_for(name: str) -> None:
    for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"][name]]:
        wanted = Requirement(line)
        pins = [pin.split(";")[0].strip() for pin in environments.pins(name)[canonicalize_name(wanted.name)]]
        assert pins
        assert all(wanted.specifier.contains(pin, prereleases=True) for pin in pins), (line, pins)


@pytest.mark.parametrize("name", environments.ORCHESTRATORS)
def test_an_orchestrators_environment_holds_no_other_orchestrator(name: str) -> None:
    packages = {"airflow": "apache-airflow", "prefect": "prefect", "dagster": "dagster"}
    assert {tool for tool, package in packages.items() if package in environments.pins(name)} == {name}
    assert not set(packages.values()) & set(environments.pins("hub"))


@pytest.mark.slow
def test_lock_files_are_what_pyproject_asks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locked again with the pins kept where they still fit, nothing changes. Asks the package index."""
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    committed = {name: lock_file(name).read_text(encoding="utf-8") for name in ENVIRONMENTS}
    uv = environments.find_uv()
    monkeypatch.setattr(environments, "find_uv", lambda: uv)
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    environments.lock()
    for name, text in committed.items():
        assert (tmp_path / "requirements" / f"{name}.txt").read_text(encoding="utf-8") == text, "Run `make lock`."


# What is installed


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_is_installed_is_what_is_locked(name: str) -> None:
    found = importlib.metadata.distributions(path=[str(site_packages(name))])
    installed = {canonicalize_name(one.metadata["Name"]): one.version for one in found}
    ask = [environments.program(name), "-c", "import platform; print(platform.python_version())"]
    version = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    here = default_environment() | {"python_full_version": version, "python_version": version.rpartition(".")[0]}
    wanted: dict[str, str] = {}
    for requirement in locked(name):
        if requirement.marker is None or requirement.marker.evaluate(here):
            (pin,) = requirement.specifier
            assert requirement.name not in wanted, f"two pins of {requirement.name} apply here"
            wanted[requirement.name] = pin.version
    assert {package: installed.get(package) for package in wanted} == wanted
    assert TOOL in installed


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_course_is_installed_in_place(name: str) -> None:
    code = "import autograder.course, pipeline; print(autograder.course.__file__); print(pipeline.__file__)"
    done = subprocess.run([environments.program(name), "-c", code], capture_output=True, text=True, cwd="/")
    assert done.stdout.split() == [str(ROOT / "autograder" / "course.py"), str(ROOT / "pipeline" / "__init__.py")]


def test_conda_installs_the_hubs_lock_file_and_nothing_else_with_pip() -> None:
    made = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert made["name"] == "triad"
    (pip,) = [entry["pip"] for entry in made["dependencies"] if isinstance(entry, dict)]
    assert pip == ["-r requirements/hub.txt"]
    others = {re.split(r"[ =<>]", entry)[0]: entry for entry in made["dependencies"] if isinstance(entry, str)}
    assert set(others) == {"python", "pip", "make", "git"}
    assert others["python"].removeprefix("python ") == PROJECT["requires-python"]
    assert PROJECT["requires-python"] == ">=" + ".".join(map(str, environments.MINIMUM_PYTHON))


def test_an_active_conda_environment_of_that_name_is_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path))
    monkeypatch.setenv("CONDA_DEFAULT_ENV", "base")
    assert prefix("hub") == environments.folder() / "hub"
    monkeypatch.setenv("CONDA_DEFAULT_ENV", "triad")
    assert prefix("hub") == tmp_path
    assert prefix("dagster") == environments.folder() / "dagster"


# Setting up


def state(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}


def run_setup(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script as `make setup` does, by a Python that has the standard library alone."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), "setup", *arguments]
    return subprocess.run(command, env=os.environ | {"TRIAD_ENVS": str(folder)}, capture_output=True, text=True)


def ready(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).mkdir()
        (folder / name / ".made-from").write_text(environments.fingerprint(name))


def test_a_second_set_up_does_nothing_and_needs_the_standard_library_alone(tmp_path: Path) -> None:
    ready(tmp_path, *ENVIRONMENTS)
    for name in environments.ORCHESTRATORS:
        kernel = tmp_path / "hub" / "share" / "jupyter" / "kernels" / name / "kernel.json"
        kernel.parent.mkdir(parents=True)
        kernel.write_text("{}")
    before = state(tmp_path)
    done = run_setup(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert state(tmp_path) == before


def test_an_environment_is_ready_only_while_what_it_is_made_from_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, envs = tmp_path / "course", tmp_path / "envs"
    (root / "requirements").mkdir(parents=True)
    envs.mkdir()
    shutil.copy(ROOT / "pyproject.toml", root)
    for name in ENVIRONMENTS:
        shutil.copy(lock_file(name), root / "requirements")
    monkeypatch.setattr(environments, "ROOT", root)
    monkeypatch.setenv("TRIAD_ENVS", str(envs))
    assert not any(map(environments.is_ready, ENVIRONMENTS))
    ready(envs, *ENVIRONMENTS)
    assert all(map(environments.is_ready, ENVIRONMENTS))
    with lock_file("prefect").open("a") as file:
        file.write("# another pin\n")
    assert [name for name in ENVIRONMENTS if not environments.is_ready(name)] == ["prefect"]
    with (root / "pyproject.toml").open("a") as file:
        file.write("# another wish\n")
    assert not any(map(environments.is_ready, ENVIRONMENTS))


def test_one_environment_that_cannot_be_made_does_not_keep_the_others_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAD_ENVS", str(tmp_path))
    made, kernels = [], []

    def make(name: str, uv: Path) -> None:
        if name == "airflow":
            raise SetupError("Installing requirements/airflow.txt failed (exit status 1).")
        made.append(name)
        ready(tmp_path, name)

    monkeypatch.setattr(environments, "make", make)
    monkeypatch.setattr(environments, "find_uv", lambda: tmp_path / "uv")
    monkeypatch.setattr(environments, "register_kernel", kernels.append)
    monkeypatch.setattr(sys, "argv", ["environments.py", "setup"])
    assert environments.main() == 2
    assert sorted(made) == ["dagster", "hub", "prefect"]
    assert sorted(kernels) == ["dagster", "prefect"]
    said = capsys.readouterr()
    assert said.out == ""
    assert "airflow: failed" in said.err
    assert said.err.strip().endswith("Installing requirements/airflow.txt failed (exit status 1).")
    assert "Traceback" not in said.err


def test_a_step_that_fails_shows_its_last_lines_and_what_to_do() -> None:
    code = "import sys\nfor n in range(50): print('line', n)\nprint('no such package', file=sys.stderr); sys.exit(3)"
    with pytest.raises(SetupError) as raised:
        environments.run("Installing the moon", sys.executable, "-c", code)
    lines = str(raised.value).splitlines()
    assert lines[0] == "Installing the moon failed (exit status 3)."
    assert "no such package" in lines
    assert "line 49" in lines
    assert "line 0" not in lines
    assert len(lines) <= 10
    assert "check the network and the package index, then run `make setup` again" in lines[-1]


def test_a_step_that_succeeds_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    environments.run("Counting", sys.executable, "-c", "print('quietly')")
    assert capfd.readouterr() == ("", "")


def test_a_python_that_is_too_old_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environments, "MINIMUM_PYTHON", (99, 1))
    monkeypatch.setattr(sys, "argv", ["environments.py"])
    assert environments.main() == 2
    assert "The course needs Python 99.1 or newer" in capsys.readouterr().err


def test_an_interrupted_set_up_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environments, "setup", interrupted)
    monkeypatch.setattr(sys, "argv", ["environments.py", "setup"])
    assert environments.main() == 130
    assert "Run `make setup` again to go on" in capsys.readouterr().err


@pytest.mark.parametrize("name", environments.ORCHESTRATORS)
def test_each_orchestrator_is_a_kernel_of_the_hub(name: str) -> None:
    spec = yaml.safe_load(environments.kernel_spec(name).read_text(encoding="utf-8"))
    assert spec["argv"][0] == str(environments.program(name))
    assert spec["display_name"] == name.capitalize()
    assert spec["env"]["PATH"].startswith(str(environments.program(name).parent) + os.pathsep)
