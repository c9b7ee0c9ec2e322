"""From observations to a verdict: what each outcome means, and that a kernel cannot talk its way to another one."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, Exercise, Notebook
from autograder.environments import ENVIRONMENTS, program
from autograder.judge import exam, exercise, verdict
from autograder.judge.exam import Result, Unobservable, examine
from autograder.judge.verdict import Verdict, ask, converse, judge, untouched, weigh
from autograder.observe.runs import Run, Task, to_json

PROLOGUE = "from autograder.judge import exercise\n"
STUB = "def gates():\n    # YOUR CODE HERE\n    raise NotImplementedError()"
ANSWER = "def gates():\n    return 31"
GATES = Exercise("count-gates", "Count the gates", 4, STUB, ("Look.",))
BUSIEST = dataclasses.replace(GATES, id="busiest-gate", needs=("count-gates",))
_number = itertools.count()


@pytest.fixture
def checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Notebook]]:
    """A function that writes an exam, file name to code, and returns a notebook to examine with it."""
    monkeypatch.setattr(exam, "CHECKS", tmp_path)
    names: list[str] = []

    def write(**files: str) -> Notebook:
        names.append(f"exam_{next(_number)}")  # pytest imports a module of one name once
        for name, code in files.items():
            path = tmp_path / names[-1] / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(PROLOGUE + textwrap.dedent(code))
        return Notebook(names[-1], "python", "Gates", 5, (GATES, BUSIEST))

    yield write
    for module in [module for module in sys.modules if module.startswith(tuple(names) or ("exam_0",))]:
        del sys.modules[module]


def seen(**observations: Any) -> Callable[[str, dict[str, Any]], Any]:
    """An `observe` that gives what is known of each probe; an exception is raised."""

    def observe(probe: str, situation: dict[str, Any]) -> Any:
        found = observations[probe]
        if isinstance(found, Exception):
            raise found
        return found

    return observe


def judged(notebook: Notebook, observe: Any, code: str | None = ANSWER, passed: Any = None) -> Verdict:
    return judge(notebook, GATES, code, passed or {}, observe)


TWO = """
    @exercise("count-gates", counted={"terminal": "B"})
    def test_terminal_b_has_31(counted):
        assert counted == 31, f"Expected 31, got {counted}."

    @exercise("count-gates", named={"terminal": "B"}, weight=3)
    def test_they_have_names(named):
        assert named, "Expected names, got none."
"""


# Outcomes and points


def test_full_marks_when_every_test_passes(checks: Any) -> None:
    found = judged(checks(public=TWO), seen(counted=31, named=["B1"]))
    assert (found.exercise, found.title, found.outcome) == ("count-gates", "Count the gates", "passed")
    assert (found.points, found.max_points, found.message) == (4, 4, "")
    assert [(test.name, test.outcome, test.message, test.weight, test.hidden) for test in found.tests] == [
        ("Terminal b has 31", "passed", "", 1, False),
        ("They have names", "passed", "", 3, False),
    ]


def test_each_test_that_passes_earns_its_share(checks: Any) -> None:
    notebook = checks(public=TWO)
    names_only = judged(notebook, seen(counted=30, named=["B1"]))
    assert (names_only.outcome, names_only.points, names_only.message) == ("failed", 3, "Expected 31, got 30.")
    count_only = judged(notebook, seen(counted=31, named=[]))
    assert (count_only.outcome, count_only.points, count_only.message) == ("failed", 1, "Expected names, got none.")
    nothing = judged(notebook, seen(counted=30, named=[]))
    assert (nothing.outcome, nothing.points, nothing.message) == ("failed", 0, "Expected 31, got 30.")


def test_points_are_rounded_to_hundredths() -> None:
    results = [Result(str(n), "passed" if n else "failed", "", 1, hidden=False) for n in range(3)]
    assert weigh(GATES, results, [], {}).points == 2.67


def test_a_hidden_test_is_said_to_be_hidden_and_counts_alike(checks: Any) -> None:
    hidden = 'assert_ = exercise("count-gates", counted={"terminal": "C"})\n'
    hidden += '@assert_\ndef test_any_terminal(counted):\n    assert counted == 40, "Expected 40."\n'
    found = judged(checks(public=TWO, hidden=hidden), seen(counted=31, named=["B1"]))
    assert (found.outcome, found.points) == ("failed", 3.2)
    assert [test.hidden for test in found.tests] == [False, False, True]


def test_tests_of_one_tool_are_for_that_tool_alone(checks: Any) -> None:
    always = '@exercise("count-gates", counted={})\ndef test_it(counted):\n    assert counted, "Expected something."\n'
    notebook = checks(public=always, public_dagster=always, hidden_python=always, hidden_prefect=always)
    for tool, files in {"python": 2, "dagster": 2, "airflow": 1}.items():
        results = examine(notebook.module, tool, "count-gates", seen(counted=1))
        assert [result.outcome for result in results] == ["passed"] * files


def test_tests_of_other_exercises_are_left_out(checks: Any) -> None:
    other = '@exercise("busiest-gate", named={})\ndef test_it(named):\n    assert False, "Never asked."\n'
    found = judged(checks(public=textwrap.dedent(TWO) + other), seen(counted=31, named=["B1"]))
    assert found.outcome == "passed"


@pytest.mark.parametrize("code", [STUB, "# My notes\ndef gates():\n\n    raise NotImplementedError()  # later"])
def test_an_untouched_exercise_is_not_even_looked_at(code: str, checks: Any) -> None:
    found = judged(checks(public=TWO), seen(), code)
    assert (found.outcome, found.points, found.tests) == ("untouched", 0.0, [])
    assert found == untouched(GATES)


def test_the_stubs_own_exception_means_untouched_where_the_cell_is_not_known(checks: Any) -> None:
    unsolved = Unobservable("unsolved", "There is still a `raise NotImplementedError()`.")
    found = judged(checks(public=TWO), seen(counted=unsolved, named=["B1"]), code=None)
    assert (found.outcome, found.points) == ("untouched", 0.0)


def test_a_not_implemented_error_in_a_changed_cell_is_an_error(checks: Any) -> None:
    unsolved = Unobservable("unsolved", "There is still a `raise NotImplementedError()`.")
    found = judged(checks(public=TWO), seen(counted=unsolved, named=["B1"]))
    assert (found.outcome, found.points) == ("error", 3)
    assert "NotImplementedError" in found.message


@pytest.mark.parametrize("kind", ["missing", "error", "failed"])
def test_the_reason_why_nothing_was_seen_is_the_outcome(kind: str, checks: Any) -> None:
    found = judged(checks(public=TWO), seen(counted=Unobservable(kind, "Because."), named=["B1"]))
    assert (found.outcome, found.points, found.message) == (kind, 3, "Because.")


@pytest.mark.parametrize("kind", ["timeout", "crashed"])
def test_whoever_was_stopped_or_is_dead_is_not_asked_again(kind: str, checks: Any) -> None:
    asked = []

    def observe(probe: str, situation: dict[str, Any]) -> Any:
        asked.append(probe)
        raise Unobservable(kind, "It was over.")

    found = judged(checks(public=TWO), observe)
    assert asked == ["counted"]
    assert (found.outcome, found.points, [test.outcome for test in found.tests]) == (kind, 0, [kind, kind])


@pytest.mark.parametrize("kind, outcome", [("missing", "blocked"), ("error", "blocked"), ("failed", "failed")])
def test_an_exercise_is_blocked_when_what_it_builds_on_has_failed(kind: str, outcome: str) -> None:
    results = [Result("It", kind, "`gates` is not defined.", 1, hidden=False)]
    found = weigh(BUSIEST, results, ["count-gates"], {})
    assert (found.outcome, found.points) == (outcome, 0)
    assert found.message.endswith("`gates` is not defined.")
    assert found.message.startswith("This builds on `count-gates`") == (outcome == "blocked")


@pytest.mark.parametrize("passed, outcome", [({"count-gates": False}, "blocked"), ({"count-gates": True}, "missing")])
def test_only_a_need_that_is_known_to_have_failed_blocks(passed: dict, outcome: str, checks: Any) -> None:
    notebook = checks(public='@exercise("busiest-gate", named={})\ndef test_it(named):\n    assert named, "None."\n')
    observe = seen(named=Unobservable("missing", "`gates` is not defined."))
    assert judge(notebook, BUSIEST, ANSWER, passed, observe).outcome == outcome
    assert judge(notebook, BUSIEST, ANSWER, {}, observe).outcome == "missing"


def test_time_spent_observing_and_judging_is_told_apart(checks: Any) -> None:
    found = judged(checks(public=TWO), seen(counted=31, named=["B1"]))
    assert set(found.seconds) == {"observing", "judging"}
    assert 0 <= found.seconds["observing"] < found.seconds["judging"]


# Faults of our own


def body(*lines: str) -> str:
    """A test of the exercise that does this."""
    return '@exercise("count-gates", counted={})\ndef test_it(counted):\n' + "".join(f"    {line}\n" for line in lines)


FAULTY = {
    "a file that does not import": "import no_such_module_of_ours\n",
    "a file that is no Python": "def test_(:\n",
    "a test that raises": body('counted["x"]["y"]'),
    "a test that raises an exception of its own": body('raise ValueError("no")'),
    "a test that skips": body("import pytest", 'pytest.skip("not today")'),
    "a test that exits": body("raise SystemExit(0)"),
    "a test that stops the exam": body("raise KeyboardInterrupt"),
    "a test that exits pytest": body("import pytest", 'pytest.exit("enough")'),
    "a signature that does not fit": body("pass").replace("(counted)", "(seen)"),
    "no test of the exercise": body("pass").replace("count-gates", "busiest-gate"),
    "no test at all": "",
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_fault_of_ours_is_never_a_zero(fault: str, checks: Any) -> None:
    found = judged(checks(public=FAULTY[fault]), seen(counted=31))
    assert (found.outcome, found.points, found.max_points) == ("grader-error", None, 4)
    assert found.message


@pytest.mark.parametrize("fault", [name for name in FAULTY if not name.startswith("no test")])
def test_a_fault_of_ours_wins_over_passes_and_failures(fault: str, checks: Any) -> None:
    found = judged(checks(public=TWO, hidden=FAULTY[fault]), seen(counted=30, named=["B1"]))
    assert (found.outcome, found.points) == ("grader-error", None)


def test_a_notebook_without_an_exam_is_a_fault_of_ours_and_no_other_file_is_taken_for_one(
    checks: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test_of_a_learner.py").write_text("from pathlib import Path\nPath('ran').touch()\n")
    monkeypatch.chdir(tmp_path)
    found = judged(checks(), seen())
    assert not (tmp_path / "ran").exists()
    assert (found.outcome, found.points) == ("grader-error", None)
    assert "No test of `count-gates` was found for python" in found.message


def test_an_observation_that_a_test_cannot_read_is_a_fault_of_ours(checks: Any) -> None:
    notebook = checks(
        public='@exercise("count-gates", counted={})\ndef test_it(counted):\n    assert counted["n"], "0"\n'
    )
    found = judged(notebook, seen(counted=7))
    assert found.outcome == "grader-error"
    assert "TypeError" in found.message


def test_a_probe_that_nobody_knows_is_a_fault_of_ours(checks: Any) -> None:
    assert judged(checks(public=TWO), seen(counted=31)).outcome == "grader-error"


# Asking


def test_each_observation_is_asked_for_once(checks: Any) -> None:
    three = textwrap.dedent(TWO) + textwrap.dedent("""
        @exercise("count-gates", counted={"terminal": "B"}, named={"terminal": "B"})
        def test_as_many_names_as_gates(counted, named):
            assert counted == 31 and named, "Expected as many names."

        @exercise("count-gates", counted={"terminal": "C"})
        def test_terminal_c(counted):
            assert counted == 31, "Expected 31."
    """)
    asked = []

    def observe(probe: str, situation: dict[str, Any]) -> Any:
        asked.append((probe, situation["terminal"]))
        return 31

    assert judged(checks(public=three), observe).outcome == "passed"
    assert asked == [("counted", "B"), ("named", "B"), ("counted", "C")]


def test_an_observation_that_could_not_be_made_is_asked_for_once_too(checks: Any) -> None:
    twice = textwrap.dedent(TWO).replace("named", "counted").replace("they_have", "again_they_have")
    asked = []

    def observe(probe: str, situation: dict[str, Any]) -> Any:
        asked.append(probe)
        raise Unobservable("missing", "Not there.")

    assert [test.outcome for test in judged(checks(public=twice), observe).tests] == ["missing", "missing"]
    assert asked == ["counted"]


@pytest.mark.parametrize("situations", [{}, {"seen": {}}, {"counted": {}, "seen": {}}])
def test_a_test_must_take_the_observations_that_it_names(situations: dict[str, Any]) -> None:
    def test_it(counted: Any) -> None:
        """Never run."""

    with pytest.raises(TypeError, match="test_it must take exactly the observations"):
        exercise("count-gates", **situations)(test_it)


# The conversation with a kernel


class Kernel:
    """The other side of a conversation: says what it was told to, and keeps what it hears."""

    def __init__(self, *lines: str) -> None:
        self.reader, self.writer = io.StringIO("".join(lines)), io.StringIO()

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.writer.getvalue().splitlines()]


def line(message: Any) -> str:
    return json.dumps(message) + "\n"


@pytest.fixture
def asking(checks: Any) -> Callable[[Kernel], Any]:
    notebook = checks(public=TWO)
    return lambda kernel: ask(kernel.reader, kernel.writer, notebook, GATES)("counted", {"terminal": "B"})


def test_a_run_record_comes_back_as_one(asking: Callable[[Kernel], Any]) -> None:
    run = Run("prefect", "1", "success", (Task("fetch", "success", 2, upstream=("a",)),))
    kernel = Kernel(line({"observation": to_json({"run": run})}))
    assert asking(kernel) == {"run": run}
    (wanted,) = kernel.heard
    assert wanted["observe"] == {
        "module": wanted["observe"]["module"],
        "tool": "python",
        "exercise_id": "count-gates",
        "name": "counted",
        "situation": {"terminal": "B"},
    }


@pytest.mark.parametrize("kind", verdict.FAULTS)
def test_a_fault_is_what_the_kernel_says_it_is(kind: str, asking: Callable[[Kernel], Any]) -> None:
    with pytest.raises(Unobservable, match="Because") as raised:
        asking(Kernel(line({"fault": {"kind": kind, "message": "Because."}})))
    assert raised.value.kind == kind


NONSENSE = {
    "no JSON": "passed!\n",
    "an empty line": "\n",
    "a number": "7\n",
    "text": '"fault"\n',
    "a list": '["observation"]\n',
    "nothing": "null\n",
    "an empty object": "{}\n",
    "a fault that is text": line({"fault": "missing"}),
    "a fault without a kind": line({"fault": {"message": "x"}}),
    "a fault without a message": line({"fault": {"kind": "missing"}}),
    "a fault that says passed": line({"fault": {"kind": "passed", "message": ""}}),
    "a fault that says untouched": line({"fault": {"kind": "untouched", "message": ""}}),
    "a fault of a kind that is a list": line({"fault": {"kind": ["passed"], "message": ""}}),
    "a record without tasks": line({"observation": {"record": "run", "tool": "prefect"}}),
    "a record with tasks of text": line({"observation": {"record": "run", "tasks": ["a"], "assets": []}}),
    "a record with more than it has": line({"observation": {"record": "run", "tasks": [], "assets": [], "x": 1}}),
    "nested deeply": "[" * 100_000 + "]" * 100_000 + "\n",
    "half a line": '{"observation": 31}',
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_from_a_kernel_counts_as_a_crash(name: str, asking: Callable[[Kernel], Any]) -> None:
    with pytest.raises(Unobservable, match="was no observation") as raised:
        asking(Kernel(NONSENSE[name]))
    assert raised.value.kind == "crashed"


def test_a_kernel_that_hangs_up_has_crashed(asking: Callable[[Kernel], Any]) -> None:
    with pytest.raises(Unobservable, match="The notebook's kernel died") as raised:
        asking(Kernel())
    assert raised.value.kind == "crashed"
    kernel = Kernel(line({"observation": 31}))
    kernel.writer.write = lambda text: (_ for _ in ()).throw(BrokenPipeError())  # type: ignore[method-assign]
    with pytest.raises(Unobservable, match="The notebook's kernel died"):
        asking(kernel)


def test_an_observation_may_be_as_long_as_is_said_and_no_longer(
    asking: Callable[[Kernel], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = line({"observation": "x" * 100})
    monkeypatch.setattr(verdict, "MAX_LINE", len(whole))
    assert asking(Kernel(whole)) == "x" * 100
    monkeypatch.setattr(verdict, "MAX_LINE", len(whole) - 1)
    with pytest.raises(Unobservable, match=f"longer than {len(whole) - 1} characters"):
        asking(Kernel(whole))


def test_a_kernel_that_claims_to_have_passed_gets_nothing(checks: Any) -> None:
    notebook = checks(public=TWO)
    kernel = Kernel(*[line({"fault": {"kind": "passed", "message": ""}})] * 2)
    found = judged(notebook, ask(kernel.reader, kernel.writer, notebook, GATES))
    assert (found.outcome, found.points) == ("crashed", 0)


def request(**changes: Any) -> str:
    return line({"check": "count-gates", "tool": "python", "source": ANSWER, "passed": {}} | changes)


def test_a_check_is_answered_with_a_verdict(checks: Any) -> None:
    course = Course((checks(public=TWO),))
    kernel = Kernel(request(), line({"observation": 31}), line({"observation": ["B1"]}))
    found = converse(kernel.reader, kernel.writer, course)
    assert found is not None
    assert found.outcome == "passed"
    assert [next(iter(message)) for message in kernel.heard] == ["observe", "observe", "verdict"]
    assert kernel.heard[-1]["verdict"] == dataclasses.asdict(found)


def test_what_is_known_here_replaces_what_a_kernel_says_of_itself(checks: Any) -> None:
    course = Course((checks(public=TWO),))
    kernel = Kernel(request(source=STUB), line({"observation": 31}), line({"observation": ["B1"]}))
    found = converse(kernel.reader, kernel.writer, course, lambda said: said | {"source": ANSWER})
    assert found is not None
    assert found.outcome == "passed"


def test_an_exercise_that_the_course_does_not_have_is_missing(checks: Any) -> None:
    kernel = Kernel(request(check="gates-of-rome"))
    found = converse(kernel.reader, kernel.writer, Course((checks(public=TWO),)))
    assert found is not None
    assert (found.exercise, found.outcome, found.points, found.max_points) == ("gates-of-rome", "missing", 0, 0)
    assert "The course has no exercise `gates-of-rome` for python. It has: count-gates" in found.message
    assert kernel.heard[-1]["verdict"]["outcome"] == "missing"


@pytest.mark.parametrize(
    "opening", ["", "hello\n", "7\n", "[]\n", "{}\n", '{"check": ["a"]}\n', "[" * 100_000 + "\n", '{"check": "count']
)
def test_a_kernel_that_asks_for_nothing_in_particular_gets_no_answer(opening: str, checks: Any) -> None:
    kernel = Kernel(opening)
    assert converse(kernel.reader, kernel.writer, Course((checks(public=TWO),))) is None
    assert kernel.heard == []


def test_a_kernel_that_dies_in_the_middle_has_crashed(checks: Any) -> None:
    kernel = Kernel(request(), line({"observation": 31}))
    found = converse(kernel.reader, kernel.writer, Course((checks(public=TWO),)))
    assert found is not None
    assert (found.outcome, found.points) == ("crashed", 1)


def test_the_exam_is_not_installed_where_learners_work() -> None:
    """The judge runs in the hub: no orchestrator's environment can make marks."""
    for name in ENVIRONMENTS:
        has_pytest = bool(list(program(name).parent.parent.glob("lib/python*/site-packages/pytest/__init__.py")))
        assert has_pytest == (name == "hub")
