"""What runs in a learner's kernel: it looks, says what it saw in plain data, and shows a verdict."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from enum import Enum, IntEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import autograder.observe.notebook as kernel
from autograder.course import Course, CourseError
from autograder.observe import Notebook, home, observe_run, probes
from autograder.observe.display import Hint, Verdict
from autograder.observe.probes import NotDefined, Unusable, describe, observe
from autograder.observe.runs import Asset, NoSuchTask, Run, Task, from_json, to_json

TASKS = (
    Task("ingest", "success", 1, started=10.0, ended=12.5),
    Task("score", "failed", 3, map_key="EWR", started=13.0, ended=14.0, upstream=("ingest",)),
    Task("score", "success", 1, map_key="JFK", started=13.5, ended=14.0, upstream=("ingest",)),
    Task("report", "not-run", 0, upstream=("score",)),
)
RUN = Run(
    "airflow",
    "manual__1",
    "failed",
    TASKS,
    parameters={"day": "2013-03-10"},
    partition="2013-03-10",
    started=9.5,
    ended=14.0,
    assets=(Asset("flights", "2013-03-10", {"rows": 908}),),
    error="ValueError: no gate",
)


def through_json(value: Any) -> Any:
    return from_json(json.loads(json.dumps(to_json(value))))


# Run records


def test_a_run_record_survives_the_way_to_the_judge() -> None:
    assert through_json(RUN) == RUN
    assert through_json({"runs": [RUN, RUN], "n": 2}) == {"runs": [RUN, RUN], "n": 2}
    assert through_json(Run("dagster", None, "refused")) == Run("dagster", None, "refused")


class Colour(str, Enum):  # noqa: UP042 -- an Enum of the older kind, as Prefect's states are
    RED = "red"


class Level(IntEnum):
    LOW = 1


@pytest.mark.parametrize(
    "value, plain",
    [
        (np.float64(0.25), 0.25),
        (np.float32(0.25), 0.25),
        (np.int64(908), 908),
        (np.bool_(True), True),
        (np.str_("JFK"), "JFK"),
        (np.array([7]), 7),
        (np.array([1, 2]), {"type": "ndarray"}),
        (np.datetime64("2013-03-10"), "2013-03-10"),
        (date(2013, 3, 10), "2013-03-10"),
        (datetime(2013, 3, 10, 5, tzinfo=UTC), "2013-03-10T05:00:00+00:00"),
        (pd.Timestamp("2013-03-10"), "2013-03-10T00:00:00"),
        (pd.DataFrame({"a": [1, 2]}), {"type": "DataFrame"}),
        (Colour.RED, "red"),
        (Level.LOW, 1),
        (True, True),
        (None, None),
        ((1, (2, 3)), [1, [2, 3]]),
        ({5}, [5]),
        ({1: {"a": object()}}, {"1": {"a": {"type": "object"}}}),
        (b"x", {"type": "bytes"}),
        (len, {"type": "builtin_function_or_method"}),
        (float("inf"), float("inf")),
    ],
)
def test_what_a_probe_returns_becomes_plain_json(value: Any, plain: Any) -> None:
    found = through_json(value)
    assert found == plain
    assert type(found) is type(plain)


@pytest.mark.parametrize("value", [float("nan"), np.float64("nan")])
def test_a_missing_number_stays_missing(value: float) -> None:
    assert through_json({"auc": value})["auc"] != through_json({"auc": value})["auc"]


def test_a_task_is_found_by_its_name() -> None:
    assert RUN.task("ingest") is TASKS[0]
    assert RUN.named("score") == list(TASKS[1:3])
    assert RUN.named("train") == []


def test_a_task_that_is_not_there_is_an_answer_about_the_run() -> None:
    with pytest.raises(AssertionError) as raised:
        RUN.task("train")
    expected, advice = str(raised.value).splitlines()
    assert expected == "Expected a task named `train`, but the run's record shows `ingest`, `score`, `report`."
    assert advice.startswith("Is `train` a task of its own")
    with pytest.raises(NoSuchTask, match=r"Expected `score` to run once, but the run's record shows it 2 times\."):
        RUN.task("score")
    with pytest.raises(NoSuchTask, match="the run's record shows no task at all"):
        Run("prefect", "1", "success").task("train")


def test_tasks_are_named_in_the_order_of_their_start() -> None:
    late = Task("late", "success", 1, started=5.0)
    early = Task("early", "success", 1, started=1.0)
    never = Task("never", "not-run", 0)
    assert Run("dagster", "1", "failed", (never, late, early)).task_names() == "`early`, `late`, `never`"


def test_a_task_waits_for_another_directly_or_through_others() -> None:
    assert RUN.waits_for("score", "ingest")
    assert RUN.waits_for("report", "ingest")
    assert not RUN.waits_for("ingest", "report")
    assert not RUN.waits_for("report", "train")
    assert not RUN.waits_for("train", "ingest")


def test_tasks_that_wait_for_each_other_come_to_an_end() -> None:
    circle = (Task("a", "success", 1, upstream=("b",)), Task("b", "success", 1, upstream=("a", "b")))
    run = Run("airflow", "1", "success", circle)
    assert run.waits_for("a", "b")
    assert run.waits_for("a", "a")
    assert not run.waits_for("a", "c")


def test_a_tasks_seconds_are_those_between_start_and_end() -> None:
    assert [task.seconds for task in TASKS] == [2.5, 1.0, 0.5, 0.0]


# Observing


class Learner:
    """A learner's notebook: cells that were run, and a probe that looks at what they define."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self._monkeypatch = monkeypatch

    def run(self, code: str) -> Learner:
        exec(compile(code, "<cell>", "exec"), self.namespace)
        return self

    def seen_by(self, probe: Callable[..., Any], **situation: Any) -> dict[str, Any]:
        self._monkeypatch.setitem(probes._registry, ("count-gates", "counted"), probe)
        found = observe("40_gates", "python", "count-gates", "counted", situation, self.namespace)
        json.dumps(found)
        return found

    def fault(self, probe: Callable[..., Any], **situation: Any) -> dict[str, Any]:
        found = self.seen_by(probe, **situation)
        assert set(found) == {"fault"}
        return found["fault"]


@pytest.fixture
def learner(monkeypatch: pytest.MonkeyPatch) -> Learner:
    return Learner(monkeypatch)


def call(notebook: Notebook, **arguments: Any) -> Any:
    """A probe that calls what the learner defined."""
    return notebook.function("gates")(**arguments)


def test_an_observation_is_what_the_probe_returns(learner: Learner) -> None:
    learner.run("def gates(terminal): return {'B': 31}[terminal]")
    assert learner.seen_by(call, terminal="B") == {"observation": 31}
    assert learner.seen_by(lambda notebook: {"run": RUN}) == {"observation": to_json({"run": RUN})}


def test_what_is_not_defined_is_missing_by_name(learner: Learner) -> None:
    fault = learner.fault(call)
    assert (fault["kind"], fault["name"]) == ("missing", "gates")
    assert fault["message"].startswith("`gates` is not defined. Define it in the exercise's cell")
    assert learner.fault(lambda notebook: notebook["busiest"])["name"] == "busiest"


def test_a_notebook_can_be_asked_what_it_has(learner: Learner) -> None:
    notebook = Notebook(learner.run("gates = 31").namespace)
    assert "gates" in notebook
    assert "doors" not in notebook
    assert notebook.get("doors", 4) == 4
    assert dict(notebook)["gates"] == 31
    assert len(notebook) == len(learner.namespace)
    with pytest.raises(NotDefined):
        notebook["doors"]
    with pytest.raises(Unusable, match=r"`gates` should be a function, but it is an int \(31\)\."):
        notebook.function("gates")


def test_what_cannot_be_driven_has_failed_with_the_reason(learner: Learner) -> None:
    assert learner.run("gates = None").fault(call) == {
        "kind": "failed",
        "message": "`gates` should be a function, but it is a NoneType (None).",
    }


def test_an_error_in_a_learners_code_names_the_line_of_the_cell(learner: Learner) -> None:
    learner.run("def door(n):\n    return 1 / n\n\ndef gates():\n    return door(0)")
    assert learner.fault(call) == {
        "kind": "error",
        "message": "Your code raised ZeroDivisionError: division by zero\n(in `door`, line 2 of its cell)",
    }


def test_an_error_deep_in_a_library_is_the_learners_who_called_it(learner: Learner) -> None:
    learner.run("import json\n\ndef gates():\n    return json.loads('{')")
    fault = learner.fault(call)
    assert fault["kind"] == "error"
    assert "JSONDecodeError" in fault["message"]
    assert "in `gates`, line 4" in fault["message"]


@pytest.mark.parametrize("raised", ["SystemExit(0)", "GeneratorExit()", "BaseException('x')", "RecursionError('x')"])
def test_a_learners_code_may_raise_anything(raised: str, learner: Learner) -> None:
    fault = learner.run(f"def gates(): raise {raised}").fault(call)
    assert fault["kind"] == "error"
    assert f"Your code raised {raised.split('(')[0]}" in fault["message"]


def test_endless_recursion_is_the_learners_error(learner: Learner) -> None:
    assert learner.run("def gates(): return gates()").fault(call)["kind"] == "error"


def test_an_interrupt_means_that_time_was_up(learner: Learner) -> None:
    fault = learner.run("def gates(): raise KeyboardInterrupt").fault(call)
    assert fault == {"kind": "timeout", "message": "It was still running when its time was up, and was stopped."}


def test_the_stubs_exception_means_unsolved_and_one_with_words_does_not(learner: Learner) -> None:
    fault = learner.run("def gates():\n    raise NotImplementedError()").fault(call)
    assert fault["kind"] == "unsolved"
    assert "line 2" in fault["message"]
    assert learner.run("def gates(): raise NotImplementedError('not mine')").fault(call)["kind"] == "error"


def test_a_fault_of_a_probe_is_the_graders(learner: Learner) -> None:
    def broken(notebook: Notebook) -> Any:
        return {}["nothing"]

    fault = learner.run("gates = 31").fault(broken)
    assert fault["kind"] == "grader-error"
    assert "KeyError: 'nothing'" in fault["message"]
    assert "in broken" in fault["message"]


def test_a_situation_that_does_not_fit_the_probe_is_the_graders_fault(learner: Learner) -> None:
    fault = learner.fault(lambda notebook, day: day, terminal="B")
    assert fault["kind"] == "grader-error"
    assert "TypeError" in fault["message"]


def test_a_probe_that_is_not_there_is_the_graders_fault() -> None:
    fault = observe("00_start", "python", "count-flights", "no-such-probe", {}, {})["fault"]
    assert fault["kind"] == "grader-error"
    fault = observe("99_nowhere", "python", "count-gates", "counted", {}, {})["fault"]
    assert fault["kind"] == "grader-error"


def test_what_a_probe_makes_a_learners_code_print_is_swallowed(
    learner: Learner, capfd: pytest.CaptureFixture[str]
) -> None:
    learner.run(
        "import logging, sys\n\ndef gates():\n    print('gate'); print('gate', file=sys.stderr)\n"
        "    logging.getLogger('x').critical('gate'); return 31"
    )
    assert learner.seen_by(call) == {"observation": 31}
    assert capfd.readouterr() == ("", "")
    assert logging.root.manager.disable == logging.NOTSET
    learner.run("def gates(): 1 / 0")
    assert learner.fault(call)["kind"] == "error"
    assert logging.root.manager.disable == logging.NOTSET
    print("heard again")
    assert capfd.readouterr().out == "heard again\n"


def test_probes_are_read_from_the_modules_folder_with_what_they_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "CHECKS", tmp_path)
    folder = tmp_path / "41_shared"
    folder.mkdir()
    (folder / "situations.py").write_text("BUSY = 503\n")
    (folder / "probes_python.py").write_text(
        "from autograder.observe import probe\nfrom .situations import BUSY\n\n"
        "@probe('count-gates')\ndef shared(notebook, plus):\n    return BUSY + plus\n"
    )
    try:
        assert observe("41_shared", "python", "count-gates", "shared", {"plus": 1}, {}) == {"observation": 504}
        (folder / "situations.py").write_text("BUSY = 404  # another length\n")
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        probes.load("41_shared", "python")
        assert observe("41_shared", "python", "count-gates", "shared", {"plus": 1}, {}) == {"observation": 405}
    finally:
        probes._registry.pop(("count-gates", "shared"), None)
        for name in [name for name in sys.modules if name.startswith("checks_41_shared")]:
            del sys.modules[name]


class Rude:
    def __init__(self, text: Any) -> None:
        self._text = text

    def __repr__(self) -> str:
        if isinstance(self._text, Exception):
            raise self._text
        return self._text


@pytest.mark.parametrize(
    "value, words",
    [
        (31, "an int (31)"),
        ("B", "a str ('B')"),
        (None, "a NoneType (None)"),
        (1.5, "a float (1.5)"),
        ([], "a list ([])"),
        ("x" * 50, "a str"),
        (object(), "an object"),
        (len, "a builtin_function_or_method"),
        (pd.DataFrame({"a": range(100)}), "a DataFrame"),
        (Rude("quite"), "a Rude (quite)"),
        (Rude(ValueError("no")), "a Rude"),
        (Rude(None), "a Rude"),
        (type("", (), {})(), "an "),
    ],
)
def test_a_value_is_described_in_a_few_words(value: object, words: str) -> None:
    assert describe(value).startswith(words)
    assert len(describe(value)) <= len(words) + 20


def test_plain_python_has_no_runs_to_observe() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"autograder\.observe\.python"):
        observe_run(len)


# `check` and `hint`


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A notebook's kernel of which only the names are there; the judge is a real one."""
    shell = SimpleNamespace(user_ns={"__name__": "__main__"})
    monkeypatch.delenv("TRIAD_MODULES", raising=False)
    monkeypatch.setattr(kernel, "_shell", lambda: shell)
    for name in ("_passed", "_sources"):
        monkeypatch.setattr(kernel, name, {})
    monkeypatch.setattr(kernel, "_spare", None)
    started = []
    popen = kernel.subprocess.Popen
    monkeypatch.setattr(kernel.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[-1])
    yield shell
    for judge in started:
        with contextlib.suppress(BrokenPipeError):
            judge.stdin.close()
        assert judge.wait(timeout=20) == 0, "a judge ends by itself when its notebook has gone"
        judge.stdout.close()


def test_a_check_in_a_learners_kernel_is_judged_by_a_process_of_the_hub(
    shell: SimpleNamespace, solutions: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    exec("from pipeline import read_flights\n" + solutions["count-flights"], shell.user_ns)
    verdict = kernel.check("count-flights")
    assert (verdict.outcome, verdict.points) == ("passed", 1)
    assert kernel._passed == {"count-flights": True}
    exec("def flights_on(day): return 908", shell.user_ns)
    verdict = kernel.check("count-flights")
    assert (verdict.outcome, verdict.points) == ("failed", 0.33)
    assert "the answer was 908 again" in verdict.message
    assert kernel._passed == {"count-flights": False}
    verdict = kernel.check("count-trains")
    assert (verdict.outcome, verdict.max_points) == ("missing", 0)
    assert capfd.readouterr() == ("", "")


def test_a_judge_that_ends_without_a_verdict_is_a_fault_of_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(write)
    monkeypatch.setattr(kernel, "_judge", lambda: (os.fdopen(read), open(os.devnull, "w")))  # noqa: PTH123, SIM115
    with pytest.raises(RuntimeError, match="That is a fault of the course, not of your answer"):
        kernel.check("count-flights")


def test_a_hub_that_is_not_there_is_said_to_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAD_ENVS", str(tmp_path))
    monkeypatch.setattr(kernel, "_spare", None)
    with pytest.raises(RuntimeError, match=r"The check needs the course's hub environment.* Run `make setup`"):
        kernel.check("count-flights")


def test_what_was_last_run_in_a_cell_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_sources", {})
    for code in ("x = 1", "x = 2"):
        kernel._remember_source(SimpleNamespace(info=SimpleNamespace(cell_id="count-gates", raw_cell=code)))
    kernel._remember_source(SimpleNamespace(info=SimpleNamespace(cell_id=None, raw_cell="y = 1")))
    kernel._remember_source(SimpleNamespace(info=None))
    assert kernel._sources == {"count-gates": "x = 2"}


def test_hints_are_revealed_one_more_at_each_call(small: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_hints_shown", type(kernel._hints_shown)())
    first, second, third = (kernel.hint("count-gates") for _ in range(3))
    assert first.texts == ("Where are the gates kept?",)
    assert second.texts == third.texts == ("Where are the gates kept?", "`len(...)` counts.")
    assert kernel.hint("busiest-gate").texts == ("`max` takes a `key`.",)
    assert "Hint 1 of 2" in first._repr_markdown_()
    assert "`len" not in first._repr_markdown_()
    assert "*Run the cell again for the next one.*" in first._repr_markdown_()
    assert "again" not in second._repr_markdown_()


def test_a_hint_in_a_terminal_is_plain_text() -> None:
    assert repr(Hint("count-gates", ("Look.",), of=1)) == "Hint 1 of 1\n\nLook."


def test_a_hint_for_nothing_says_what_there_is(small: Course) -> None:
    with pytest.raises(CourseError, match=r"no exercise `gates-of-rome` for python. It has: count-gates \(40_gates\)"):
        kernel.hint("gates-of-rome")


# How a verdict looks

ATTACK = "<script>alert('`x`')</script>\n<img src=x onerror=\"alert(1)\">"


def verdict_of(outcome: str, points: float | None = 0.0, message: str = "", **test: Any) -> Verdict:
    tests = (
        [{"name": "It", "outcome": outcome, "message": message, "weight": 1, "hidden": False} | test] if test else []
    )
    return Verdict("count-gates", "Count the gates", outcome, points, 4, message, tests)


@pytest.mark.parametrize("test", [{}, {"hidden": False}, {"name": ATTACK, "hidden": True}])
def test_what_learners_make_a_verdict_say_is_shown_and_not_run(test: dict[str, Any]) -> None:
    html = verdict_of("failed", message=ATTACK, **test)._repr_html_()
    assert "&lt;script&gt;alert(" in html
    for tag in ("<script", "<img", 'onerror="'):
        assert tag not in html
    assert "&lt;script&gt;" in Verdict("x", ATTACK, ATTACK, 0, 1, ATTACK)._repr_html_()
    assert "<script" not in Verdict("x", ATTACK, ATTACK, 0, 1, ATTACK)._repr_html_()


@pytest.mark.parametrize("points, text", [(2.67, "2.67"), (4, "4.0"), (0.0, "0.0"), (None, "0.0")])
def test_a_verdict_as_text_is_its_points_as_nbgrader_reads_them(points: float | None, text: str) -> None:
    assert repr(verdict_of("failed", points)) == text


def test_a_verdict_says_its_outcome_and_points() -> None:
    assert "✔ Count the gates: passed</b> · 4 of 4 points" in verdict_of("passed", 4)._repr_html_()
    assert "○ Count the gates: not started</b> · 0 of 4 points" in verdict_of("untouched")._repr_html_()
    assert "✘ Count the gates: failed</b> · 2.67 of 4 points" in verdict_of("failed", 2.67)._repr_html_()
    ours = verdict_of("grader-error", None)._repr_html_()
    assert "a fault of the course, not of your answer</b> · – of 4 points" in ours


def test_a_verdict_shows_each_test_and_what_the_failed_ones_say() -> None:
    html = verdict_of("failed", message="Expected `31`.\nGot 30.", hidden=True)._repr_html_()
    assert "✘ It <i>(another situation)</i>" in html
    assert "Expected <code>31</code>.<br>Got 30." in html
    assert "✔ It</div>" in verdict_of("passed", 4, hidden=False)._repr_html_()


def test_a_blocked_exercise_says_what_blocks_it() -> None:
    blocked = verdict_of("blocked", message="This builds on `count-gates`.\nNo name.", hidden=False)
    assert "This builds on <code>count-gates</code>." in blocked._repr_html_()


# Where a tool keeps its records


@pytest.mark.parametrize(
    "tool, variable", [("airflow", "AIRFLOW_HOME"), ("prefect", "PREFECT_HOME"), ("dagster", "DAGSTER_HOME")]
)
def test_a_tool_gets_a_home_beside_the_notebook_unless_it_has_one(
    tool: str, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(os.environ)
    monkeypatch.delenv(variable, raising=False)
    try:
        home.prepare(tool)
        assert os.environ[variable] == str(tmp_path / "work" / tool)
        assert (tmp_path / "work" / tool).is_dir()
        os.environ[variable] = str(tmp_path / "mine")
        home.prepare(tool)
        assert os.environ[variable] == str(tmp_path / "mine")
        assert (tmp_path / "mine").is_dir()
    finally:
        for name in set(os.environ) - before:
            del os.environ[name]


def test_plain_python_needs_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)
    home.prepare("python")
    assert dict(os.environ) == before
    assert list(tmp_path.iterdir()) == []
