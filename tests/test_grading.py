"""A grading run: honest and hostile submissions go in, marks come out, and no one submission spoils another."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from typer.testing import CliRunner, Result

from autograder import build, cli, course, doctor, environments, grading, intake, record
from autograder.execute import Executed
from autograder.execute import execute as execute_submission
from autograder.intake import Submission, Unusable
from autograder.judge.verdict import Verdict, given

MODULES = build.ROOT / "modules"
OPENING = "from datetime import UTC, date, datetime, timedelta\nfrom zoneinfo import ZoneInfo\n"
OPENING += "from autograder import check, hint\nfrom pipeline import read_flights\n"
OPENING += 'NEW_YORK = ZoneInfo("America/New_York")\n'
IDS = ("count-flights", "late-share", "day-interval")
LIMIT = 8
SECRET = f"token-{uuid.uuid4().hex}"
NAP = f"300.{uuid.uuid4().int % 10**9}"
"""As long as this sleeps a process that a submission leaves behind: nobody else sleeps just as long."""

LEFTOVERS = f"""
import os, subprocess
subprocess.Popen(["sleep", "{NAP}"], start_new_session=True)
subprocess.run(["sh", "-c", "(setsid sleep {NAP} >/dev/null 2>&1 &)"])
if os.fork() == 0:
    os.setsid()
    os.execvp("sleep", ["sleep", "{NAP}"])
"""


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course in which the check of `late-share` may take a few seconds only."""
    folder = tmp_path_factory.mktemp("limited") / "modules"
    shutil.copytree(MODULES, folder, ignore=shutil.ignore_patterns("work", ".*"))
    real = course.load()
    notebooks = tuple(
        replace(n, exercises=tuple(replace(e, seconds=LIMIT) if e.id == "late-share" else e for e in n.exercises))
        for n in real.notebooks
    )
    (folder / "manifest.json").write_text(course.dump(course.Course(notebooks, real.titles)), encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Run:
    """What a run of `course grade` said and left."""

    status: int
    out: str
    err: str
    folder: Path
    seconds: float

    @property
    def grades(self) -> dict[str, Any]:
        return json.loads((self.folder / "grades.json").read_text(encoding="utf-8"))

    def of(self, learner: str) -> dict[str, tuple[str, float | None]]:
        """Exercise to outcome and points."""
        return {e["id"]: (e["outcome"], e["points"]) for e in self.submission(learner)["exercises"]}

    def submission(self, learner: str) -> dict[str, Any]:
        (found,) = [one for one in self.grades["submissions"] if one["learner"] == learner]
        return found

    def executed(self, learner: str) -> nbformat.NotebookNode:
        return nbformat.read(self.folder / "executed" / learner / "00_start" / "python.ipynb", as_version=4)


def grade(command: list[str], *arguments: str | Path, out: Path, modules: Path = MODULES) -> Run:
    start = time.monotonic()
    done = subprocess.run(
        [*command, "grade", *map(str, arguments), "--out", str(out)],
        env=os.environ | {"TRIAD_MODULES": str(modules), "OUR_SECRET": SECRET, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return Run(done.returncode, done.stdout, done.stderr, out, time.monotonic() - start)


@pytest.fixture(scope="module")
def cohort(
    tmp_path_factory: pytest.TempPathFactory,
    limited: Path,
    command: list[str],
    solutions: dict[str, str],
    start: build.Source,
    answers: Any,
    cell: Any,
) -> Run:
    """One run over a cohort of which some mean well."""
    folder = tmp_path_factory.mktemp("cohort")

    def hand_in(learner: str, book: Any) -> None:
        path = folder / learner / "00_start" / "python.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(book if isinstance(book, str) else json.dumps(book), encoding="utf-8")

    right = {name: solutions[name] for name in IDS}

    book = answers(right, OPENING)
    environment, question = "import os\nprint(sorted(os.environ.items()))", "name = input('Your name?')"
    book["cells"] += [cell(environment), cell(question), cell(LEFTOVERS)]
    hand_in("ada", book)
    hand_in("ben", answers({exercise.id: exercise.stub for exercise in start.notebook.exercises}, OPENING))
    hand_in("cem", "no notebook")
    hand_in("dora", answers(right | {"late-share": "def late_share(flights):\n    while True: pass"}, OPENING))
    book = answers(right, OPENING)
    book["cells"].insert(3, cell("import os\nos._exit(0)"))
    hand_in("emil", book)
    hand_in("fay", answers(right, "import nothing_of_the_kind"))
    return grade(command, folder, "--jobs", "2", out=tmp_path_factory.mktemp("out"), modules=limited)


def napping() -> list[int]:
    """Processes that a submission left behind."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if NAP in process.cmdline():
                found.append(process.pid)
    return found


def test_the_search_for_leftovers_finds_one() -> None:
    with subprocess.Popen(["sleep", NAP], start_new_session=True) as left:
        time.sleep(0.1)
        assert napping() == [left.pid]
        left.kill()


def test_an_honest_submission_of_the_cohort_gets_its_marks(cohort: Run) -> None:
    assert cohort.of("ada") == {
        "count-flights": ("passed", 1.0),
        "late-share": ("passed", 2.0),
        "day-interval": ("passed", 3.0),
    }
    assert (cohort.submission("ada")["points"], cohort.submission("ada")["max_points"]) == (6, 6)


def test_stubs_get_nothing_and_are_told_apart(cohort: Run) -> None:
    assert cohort.of("ben") == dict.fromkeys(IDS, ("untouched", 0.0))


def test_an_unusable_file_is_named_and_the_rest_is_graded(cohort: Run) -> None:
    assert cohort.status == cli.UNUSABLE == 2
    assert [one["learner"] for one in cohort.grades["submissions"]] == ["ada", "ben", "dora", "emil", "fay"]
    (sentence,) = [line for line in cohort.err.splitlines() if "cem" in line]
    assert "cem/00_start/python.ipynb: this is not JSON" in sentence
    assert "5 graded, 1 unusable." in cohort.out
    assert "Traceback" not in cohort.out + cohort.err


def test_an_endless_loop_in_a_check_is_stopped_and_the_rest_is_graded(cohort: Run) -> None:
    assert cohort.of("dora") == {
        "count-flights": ("passed", 1.0),
        "late-share": ("timeout", 0.0),
        "day-interval": ("passed", 3.0),
    }
    assert cohort.submission("dora")["seconds"] >= LIMIT


def test_a_cell_that_ends_the_process_keeps_the_points_before_it(cohort: Run) -> None:
    assert cohort.of("emil") == {
        "count-flights": ("passed", 1.0),
        "late-share": ("crashed", 0.0),
        "day-interval": ("crashed", 0.0),
    }
    messages = {exercise["message"] for exercise in cohort.submission("emil")["exercises"][1:]}
    assert messages == {"The notebook's kernel died while it ran. Does a cell end the process, or use up the memory?"}


def test_a_first_cell_that_fails_costs_only_what_needs_it(cohort: Run) -> None:
    assert cohort.of("fay") == {
        "count-flights": ("error", 0.0),
        "late-share": ("passed", 2.0),
        "day-interval": ("error", 0.0),
    }
    assert "NameError" in cohort.submission("fay")["exercises"][0]["message"]


def test_a_kernel_sees_nothing_of_the_graders_environment(cohort: Run) -> None:
    environment = str(cohort.executed("ada").cells[-3].outputs)
    assert "TRIAD_JUDGE" in environment
    assert SECRET not in environment
    assert "OUR_SECRET" not in environment
    assert str(Path.home()) not in environment.split("'HOME', ")[1].split(")")[0]


def test_a_question_to_the_user_is_an_error_that_says_so(cohort: Run) -> None:
    (output,) = cohort.executed("ada").cells[-2].outputs
    assert (output.output_type, output.ename) == ("error", "StdinNotImplementedError")
    assert "does not support input requests" in output.evalue


def test_processes_that_a_submission_leaves_behind_are_gone(cohort: Run) -> None:
    assert cohort.executed("ada").cells[-1].outputs == []  # they were started
    assert napping() == []


def test_executed_notebooks_are_kept_with_their_verdicts(cohort: Run) -> None:
    for learner in ("ada", "ben", "dora", "emil", "fay"):
        nbformat.validate(cohort.executed(learner))
    check = next(c for c in cohort.executed("ada").cells if c.id == "check-late-share")
    assert check.outputs[0].data["text/plain"] == "2.0"  # what nbgrader reads
    assert "2 of 2 points" in check.outputs[0].data["text/html"]


def test_it_is_never_claimed_that_submissions_ran_in_a_sandbox(cohort: Run) -> None:
    assert {one["isolated"] for one in cohort.grades["submissions"]} == {False}
    assert "not in a sandbox" in cohort.out


# Solved notebooks, from the command that makes them to the marks


def test_solved_notebooks_get_full_marks_and_grades_have_their_schema(command: list[str], tmp_path: Path) -> None:
    made = run_course("build", "--solved", tmp_path, "--learner", "zoë")
    assert made.exit_code == 0
    run = grade(command, tmp_path / "zoë" / "00_start" / "python.ipynb", "--learner", "zoë", out=tmp_path / "out")
    assert (run.status, run.err.strip()) == (0, "")
    assert set(run.grades) == {"schema", "submissions"}
    assert run.grades["schema"] == 1
    (submission,) = run.grades["submissions"]
    seconds = submission.pop("seconds")
    assert 0 < seconds < run.seconds
    assert submission == {
        "learner": "zoë",
        "module": "00_start",
        "tool": "python",
        "points": 6,
        "max_points": 6,
        "isolated": False,
        "notices": [],
        "exercises": [
            {"id": "count-flights", "points": 1, "max_points": 1, "outcome": "passed", "message": ""},
            {"id": "late-share", "points": 2, "max_points": 2, "outcome": "passed", "message": ""},
            {"id": "day-interval", "points": 3, "max_points": 3, "outcome": "passed", "message": ""},
        ],
    }
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["executed", "grades.json"]


# In this process: faults of the grader, and limits made small


@pytest.fixture
def submission(tmp_path: Path, solutions: dict[str, str], answers: Any) -> Submission:
    path = tmp_path / "in" / "ada" / "00_start" / "python.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(answers({name: solutions[name] for name in IDS}, OPENING)), encoding="utf-8")
    return Submission("ada", course.load().notebook("00", "python"), path)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grade in this process, one submission after the other."""
    monkeypatch.setattr(grading, "workers", lambda jobs: ThreadPoolExecutor(1))


def run_course(*arguments: str | Path) -> Result:
    """The command `course` in this process. An exception is never what a user gets."""
    result = CliRunner().invoke(cli.app, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def outcomes(graded: Any) -> list[tuple[str, float | None]]:
    return [(verdict.outcome, verdict.points) for verdict in graded.verdicts]


def test_cells_that_do_not_end_are_stopped_and_then_the_kernel_is(
    submission: Submission, monkeypatch: pytest.MonkeyPatch, cell: Any
) -> None:
    monkeypatch.setattr("autograder.engine.CELL_SECONDS", 4)
    monkeypatch.setattr("autograder.engine.STOP_SECONDS", 1)
    book = json.loads(submission.path.read_text(encoding="utf-8"))
    # What takes long to import is imported in the check, whose limit is another.
    book["cells"][0] = cell("from autograder import check")
    book["cells"][1]["source"] = book["cells"][1]["source"].replace(
        "    return", "    from pipeline import read_flights\n    return"
    )
    endless = "import time\nwhile True:\n    time.sleep(0.01)"
    stubborn = endless.replace("time.sleep(0.01)", "try: time.sleep(60)\n    except BaseException: pass")
    book["cells"].insert(1, cell(endless))
    book["cells"].insert(4, cell(stubborn))
    submission.path.write_text(json.dumps(book), encoding="utf-8")
    graded = grading.grade_one(submission)
    assert isinstance(graded, record.Graded)
    assert outcomes(graded) == [("passed", 1.0), ("crashed", 0.0), ("crashed", 0.0)]
    assert "a cell did not stop when its time was up" in graded.verdicts[1].message
    assert 9 < graded.seconds < 50


def test_a_judge_that_fails_is_a_grader_error_in_each_exercise(
    submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("autograder.execute.converse", broken)
    graded = grading.grade_one(submission)
    assert isinstance(graded, record.Graded)
    assert outcomes(graded) == [("grader-error", None)] * 3
    assert "The check cell of `count-flights` failed with" in graded.verdicts[0].message


def test_whatever_goes_wrong_in_the_grader_is_a_grader_error_with_its_trace(
    submission: Submission, monkeypatch: pytest.MonkeyPatch, here: None, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no kernel to be had")

    monkeypatch.setattr(grading, "execute", broken)
    result = run_course("grade", submission.path.parents[2], tmp_path / "nothing", "--out", tmp_path / "out")
    assert result.exit_code == cli.GRADER_ERROR == 3  # before 2: it is ours
    assert "grader-error in `count-flights`" in result.stdout
    (graded,) = json.loads((tmp_path / "out" / "grades.json").read_text())["submissions"]
    assert graded["points"] == 0
    assert [(e["outcome"], e["points"], e["max_points"]) for e in graded["exercises"]] == [
        ("grader-error", None, 1),
        ("grader-error", None, 2),
        ("grader-error", None, 3),
    ]
    assert "OSError: no kernel to be had" in graded["exercises"][0]["message"]


def test_an_unusable_submission_comes_out_as_the_reason(submission: Submission, here: None, tmp_path: Path) -> None:
    submission.path.write_text("{")
    ((given_in, outcome),) = grading.grade_all([submission], tmp_path, 1)
    assert given_in == submission
    assert isinstance(outcome, Unusable)
    assert list(grading.grade_all([], tmp_path, 4)) == []


def quickly(monkeypatch: pytest.MonkeyPatch, outcome: str = "passed") -> list[Path]:
    """Make grading a matter of no time; return the list of what was graded."""
    done: list[Path] = []

    def grade_all(submissions: list[Submission], out: Path, jobs: int) -> Iterator[tuple[Submission, record.Graded]]:
        for one in submissions:
            verdicts = tuple(given(exercise, outcome, "") for exercise in one.notebook.exercises)
            yield one, record.Graded(one.learner, one.notebook.module, one.notebook.tool, 0.1, False, verdicts)
            kept = json.loads((out / "grades.json").read_text(encoding="utf-8"))  # the command has gone on until here
            assert len(kept["submissions"]) == len(done) + 1
            assert sorted(path.name for path in out.iterdir()) == ["grades.json"]
            done.append(one.path)

    monkeypatch.setattr(grading, "grade_all", grade_all)
    return done


def cohort_of(folder: Path, *learners: str) -> None:
    for learner in learners:
        path = folder / learner / "00_start" / "python.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')


def test_grades_are_on_disk_and_whole_after_each_submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = quickly(monkeypatch)
    cohort_of(tmp_path / "in", "ada", "ben", "cem")
    assert run_course("grade", tmp_path / "in", "--out", tmp_path / "out").exit_code == 0
    assert len(done) == 3


def test_what_is_handed_in_twice_is_graded_once_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = quickly(monkeypatch)
    cohort_of(tmp_path / "monday", "ada", "ben")
    cohort_of(tmp_path / "tuesday", "ada")
    result = run_course("grade", tmp_path / "monday", tmp_path / "tuesday", "--out", tmp_path / "out")
    assert result.exit_code == 2
    first, second = (tmp_path / day / "ada" / "00_start" / "python.ipynb" for day in ("monday", "tuesday"))
    assert result.stderr.strip() == f"{second}: {first} was handed in as the same notebook of the same learner."
    assert [path.parts[-4] for path in done] == ["monday", "monday"]
    quickly(monkeypatch)
    again = run_course("grade", tmp_path / "monday", tmp_path / "monday" / "ada", "--out", tmp_path / "out2")
    assert again.exit_code == 0  # the same file by two ways is no contradiction


def test_an_interrupted_run_keeps_what_was_graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quickly(monkeypatch)
    before = grading.grade_all

    def interrupted(*arguments: Any) -> Iterator[Any]:
        for number, one in enumerate(before(*arguments)):
            if number == 2:
                raise KeyboardInterrupt
            yield one

    monkeypatch.setattr(grading, "grade_all", interrupted)
    cohort_of(tmp_path / "in", "ada", "ben", "cem")
    result = run_course("grade", tmp_path / "in", "--out", tmp_path / "out")
    assert result.exit_code == cli.INTERRUPTED == 130
    assert "Stopped." in result.stderr
    kept = json.loads((tmp_path / "out" / "grades.json").read_text())
    assert [one["learner"] for one in kept["submissions"]] == ["ada", "ben"]


def test_a_worker_that_dies_leaves_grader_errors_and_no_zeros(
    submission: Submission, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Dying(ThreadPoolExecutor):
        def submit(self, *_: Any) -> Any:
            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool())
            return future

    monkeypatch.setattr(grading, "workers", lambda jobs: Dying(1))
    ((_, outcome),) = grading.grade_all([submission], tmp_path, 1)
    assert isinstance(outcome, record.Graded)
    assert outcomes(outcome) == [("grader-error", None)] * 3


def test_nothing_but_unusable_files_still_gives_grades(tmp_path: Path) -> None:
    cohort_of(tmp_path / "in", "ada")
    (tmp_path / "in" / "ada" / "00_start" / "python.ipynb").rename(tmp_path / "in" / "ada" / "x.ipynb")
    result = run_course("grade", tmp_path / "in", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert json.loads((tmp_path / "out" / "grades.json").read_text()) == {"schema": 1, "submissions": []}


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here first")
    result = run_course("grade", tmp_path, "--out", tmp_path / "file")
    assert result.exit_code == 2
    assert "grades cannot be written" in result.stderr
    assert (tmp_path / "file").read_text() == "here first"


# The record


def graded_as(*verdicts: Verdict, learner: str = "ada") -> record.Graded:
    return record.Graded(learner, "00_start", "python", 1.5, False, verdicts, ("A notice.",))


def verdict_of(outcome: str, points: float | None) -> Verdict:
    return Verdict("count-flights", "Count", outcome, points, 2, "", [])


def test_points_that_are_not_known_are_null_and_add_nothing() -> None:
    graded = graded_as(verdict_of("passed", 2), verdict_of("grader-error", None), verdict_of("failed", 0.67))
    assert (graded.points, graded.max_points) == (2.67, 6)
    assert [verdict.outcome for verdict in graded.grader_errors] == ["grader-error"]
    (kept,) = record.as_json([graded])["submissions"]
    assert [exercise["points"] for exercise in kept["exercises"]] == [2, None, 0.67]
    assert kept["notices"] == ["A notice."]


def test_grades_stand_in_the_same_order_whoever_was_done_first(tmp_path: Path) -> None:
    one, two = graded_as(learner="ada"), graded_as(learner="ben")
    first = record.write_grades([two, one], tmp_path / "a").read_bytes()
    assert record.write_grades([one, two], tmp_path / "b").read_bytes() == first
    assert [entry["learner"] for entry in json.loads(first)["submissions"]] == ["ada", "ben"]


def test_grades_replace_what_was_there_and_leave_nothing_else(tmp_path: Path) -> None:
    record.write_grades([graded_as(), graded_as(learner="ben")], tmp_path)
    path = record.write_grades([graded_as()], tmp_path)
    assert len(json.loads(path.read_text())["submissions"]) == 1
    assert list(tmp_path.iterdir()) == [path]


# The other commands


@pytest.fixture
def own_copy(limited: Path, tmp_path: Path, submission: Submission, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's own copy of the course, in which module 00 is solved."""
    folder = tmp_path / "modules"
    shutil.copytree(limited, folder)
    shutil.copy(submission.path, folder / "00_start" / "python.ipynb")
    monkeypatch.setenv("TRIAD_MODULES", str(folder))
    return folder


def test_one_exercise_is_checked_from_the_terminal(own_copy: Path) -> None:
    book = own_copy / "00_start" / "python.ipynb"
    before = book.read_bytes()
    result = run_course("check", "00/python/count-flights")
    assert result.exit_code == 0, result.output
    assert "Count the flights of a day" in result.stdout
    assert "1 of 1 points" in result.stdout
    assert "The share of late flights" not in result.stdout
    assert book.read_bytes() == before


def test_a_check_of_a_notebook_that_is_none_names_it(own_copy: Path) -> None:
    (own_copy / "00_start" / "python.ipynb").write_text("{")
    result = run_course("check", "00/python")
    assert result.exit_code == 2
    assert "this is not JSON" in result.stderr
    (own_copy / "00_start" / "python.ipynb").unlink()
    assert "cannot be read" in run_course("check", "00/python").stderr


def test_a_check_that_the_grader_fails_on_exits_with_its_status(
    own_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(received: Any, _: Any) -> Executed:
        exercise = received.submission.notebook.exercises[0]
        return Executed(received, received.book, (given(exercise, "grader-error", "Our fault."),), 0.1)

    monkeypatch.setattr("autograder.execute.execute", broken)
    result = run_course("check", "00/python")
    assert result.exit_code == 3
    assert "Our fault." in result.stdout


def test_hints_come_step_by_step(small: course.Course) -> None:
    first = run_course("hint", "40/python/count-gates")
    assert first.exit_code == 0
    assert "Where are the gates kept?" in first.stdout
    assert "counts" not in first.stdout
    assert "course hint 40/python/count-gates --step 2" in first.stdout
    second = run_course("hint", "40/python/count-gates", "--step", "2")
    assert "Hint 1 of 2" in second.stdout
    assert "Hint 2 of 2" in second.stdout
    assert "--step" not in second.stdout
    assert run_course("hint", "40/python/count-gates", "--step", "9").stdout == second.stdout


@pytest.mark.parametrize("verb", ["check", "hint"])
@pytest.mark.parametrize(
    "address, says",
    [
        ("40", "`40` is no address. Write MODULE/TOOL or MODULE/TOOL/EXERCISE, as in 02/prefect."),
        ("77/python", "There is no module `77`. There is: 40_gates."),
        ("40/luigi", "40_gates has no notebook for `luigi`. It has: python."),
        ("40/python/x", "40_gates/python has no exercise `x`. It has: count-gates, busiest-gate."),
        ("[red]/[/]", "There is no module `[red]`. There is: 40_gates."),
    ],
)
def test_an_unknown_address_gets_one_sentence_and_status_2(
    verb: str, address: str, says: str, small: course.Course
) -> None:
    result = run_course(verb, address)
    assert result.exit_code == 2
    assert result.stderr.strip() == says
    assert result.stdout == ""


def test_a_hint_needs_an_exercise(small: course.Course) -> None:
    result = run_course("hint", "40/python/")
    assert result.exit_code == 2
    assert result.stderr.strip() == "Which exercise? Write 40/python/EXERCISE."


@pytest.mark.parametrize("command_line", [["check", "00/python"], ["hint", "00/python/x"], ["grade"]])
def test_a_course_that_was_not_built_is_said_to_be_so(
    command_line: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAD_MODULES", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    result = run_course(*command_line)
    assert result.exit_code == 2
    assert "Run `make build`." in result.stderr


def test_build_says_what_it_wrote_and_check_says_what_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Any
) -> None:
    source(tmp_path / "solutions")
    monkeypatch.setattr(build, "SOLUTIONS", tmp_path / "solutions")
    monkeypatch.setenv("TRIAD_MODULES", str(tmp_path / "modules"))
    stale = run_course("build", "--check")
    assert (stale.exit_code, (tmp_path / "modules").exists()) == (1, False)
    assert "40_gates/python.ipynb" in stale.stderr
    assert "3 of 3 files written" in run_course("build").stdout
    assert run_course("build", "--check").exit_code == 0
    assert run_course("build").stdout.strip() == "0 of 3 files written"
    (tmp_path / "modules" / "40_gates" / "README.md").write_text("mine")
    stale = run_course("build", "--check")
    assert stale.exit_code == 1
    assert "40_gates/README.md" in stale.stderr
    assert "python.ipynb" not in stale.stderr


def test_a_source_that_breaks_a_rule_is_said_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Any
) -> None:
    source(tmp_path, "# %%\nno_title = True\n")
    monkeypatch.setattr(build, "SOLUTIONS", tmp_path)
    result = run_course("build", "--check")
    assert result.exit_code == 2
    assert "begin with `# Title`" in result.stderr


@pytest.mark.parametrize("ok, status", [(True, 0), (False, 1)])
def test_doctor_exits_with_1_when_something_is_missing(ok: bool, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [doctor.Finding("Python", True, "3.12"), doctor.Finding("disk", ok, "1 GiB", "Make room.")]
    monkeypatch.setattr(doctor, "examine", lambda: findings)
    result = run_course("doctor")
    assert result.exit_code == status
    assert ("Make room." in result.stdout) == (not ok)


def test_doctor_examines_this_machine_and_knows_what_is_installed() -> None:
    found = {finding.what: finding for finding in doctor.examine()}
    for name in environments.ENVIRONMENTS:
        assert found[f"environment {name}"].found.split()[-1] == doctor.version(name, doctor.SHOWN[name][-1])
    for name in environments.ORCHESTRATORS:
        assert found[f"kernel {name}"].ok, found[f"kernel {name}"]
    assert found["notebooks"].ok
    assert all(finding.advice for finding in found.values() if not finding.ok)


def test_doctor_on_a_new_machine_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAD_ENVS", str(tmp_path / "envs"))
    monkeypatch.setenv("TRIAD_MODULES", str(tmp_path / "modules"))
    result = run_course("doctor")
    assert result.exit_code == 1
    assert result.stdout.count("Run `make setup`.") >= 4
    found = {finding.what: finding for finding in doctor.examine()}
    assert not any(found[f"environment {name}"].ok for name in environments.ENVIRONMENTS)
    assert not found["notebooks"].ok
    assert list(tmp_path.iterdir()) == []  # nothing is made on the way


def test_a_version_that_is_not_the_locked_one_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "pins", lambda name: {"prefect": ["0.1 ; python_version > '3'"]})
    found = {finding.what: finding for finding in doctor.examine()}
    assert not found["environment prefect"].ok
    assert found["environment prefect"].advice == "prefect is not the locked one. Run `make setup`."


def test_an_answer_may_call_something_of_its_own_check(tmp_path: Path) -> None:
    source = next(source for source in build.sources() if source.module == "00_start")
    answers = {cell.id: cell.source for cell in build.solved(source).cells}
    ours = {"late-share": answers["late-share"] + "\n\n\ncheck = None\n"}
    path = tmp_path / "python.ipynb"
    nbformat.write(build.solved(source, ours), path)
    executed = execute_submission(intake.receive(Submission("ada", source.notebook, path)), course.load())
    assert {verdict.outcome for verdict in executed.verdicts} == {"passed"}
    assert [c.source for c in executed.book.cells if c.id == "check-late-share"] == ['check("late-share")']
