"""Whatever is handed in is either graded or named in one sentence; nothing of it is run or changed on the way in."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course import Course
from autograder.intake import MAX_BYTES, Received, Submission, Unusable, find, receive

RIGHT = {"count-gates": "def gates(terminal):\n    return len(GATES[terminal])", "busiest-gate": "busiest = 'B'"}
STUB = "def gates(terminal):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


@pytest.fixture
def hand_in(small: Course, tmp_path: Path) -> Callable[..., Submission]:
    """Write a file (JSON for whatever is not text) in the place of the small course's notebook."""

    def write(content: Any) -> Submission:
        path = tmp_path / "handed in" / "40_gates" / "python.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return Submission("ada", small.notebooks[0], path)

    return write


@pytest.fixture
def taken(hand_in: Callable[..., Submission]) -> Callable[..., Received]:
    """Hand in and take in; what comes out can be run, and holds each of the course's checks once."""

    def take(content: Any) -> Received:
        received = receive(hand_in(content))
        nbformat.validate(received.book)
        nbformat.writes(received.book).encode()
        codes = [cell.source for cell in received.book.cells]
        assert [codes.count(f'check("{name}")') for name in received.sources] == [1, 1]
        assert set(received.sources) == {"count-gates", "busiest-gate"}
        return received

    return take


def codes(received: Received) -> list[str]:
    return [cell.source for cell in received.book.cells]


# What cannot be used


def deep(levels: int) -> str:
    return '{"cells": ' + "[" * levels + "]" * levels + ', "nbformat": 4}'


BOOK = '{"cells": [%s], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
UNUSABLE = {
    "empty file": ("", "this is not JSON"),
    "text": ("Dear sir or madam", "this is not JSON"),
    "cut off": (BOOK[:40], "this is not JSON"),
    "not text at all": (b"\x89PNG\r\n\x1a\n\xff\xfe", "this is not a text file"),
    "a list": ("[1, 2]", "no notebook: it has no cells"),
    "another object": ('{"name": "triad"}', "no notebook: it has no cells"),
    "a number": ("7", "no notebook: it has no cells"),
    "format 3": (
        '{"worksheets": [{"cells": []}], "nbformat": 3, "metadata": {}}',
        "in format 3; format 4 is needed",
    ),
    "no format": ('{"cells": [], "metadata": {}}', "in format None; format 4 is needed"),
    "format in quotes": ('{"cells": [], "nbformat": "4"}', "in format '4'; format 4 is needed"),
    "cells that are a number": ('{"cells": 7, "nbformat": 4}', "no valid notebook"),
    "cells that are an object": ('{"cells": {"a": 1}, "nbformat": 4}', "no valid notebook"),
    "worksheets in format 4": ('{"worksheets": [], "nbformat": 4}', "no valid notebook"),
    "a cell that is text": (BOOK % '"print(1)"', "no valid notebook"),
    "a cell that is nothing": (BOOK % "null", "no valid notebook"),
    "a cell of an unknown type": (BOOK % '{"cell_type": "heading", "source": "x"}', "of an unknown type"),
    "a cell without a type": (BOOK % '{"source": "x", "metadata": {}}', "no valid notebook"),
    "a cell without text": (BOOK % '{"cell_type": "code", "metadata": {}}', "no valid notebook"),
    "a number for text": (BOOK % '{"cell_type": "code", "source": 5, "metadata": {}}', "a cell without text"),
    "numbers for lines": (BOOK % '{"cell_type": "code", "source": [1], "metadata": {}}', "no valid notebook"),
    "a cell's metadata a list": (BOOK % '{"cell_type": "code", "source": "", "metadata": [1]}', "no valid notebook"),
    "a cell's metadata text": (BOOK % '{"cell_type": "code", "source": "", "metadata": "x"}', "no valid notebook"),
    "half a character": (BOOK % '{"cell_type": "code", "source": "\\ud83d", "metadata": {}}', "no valid notebook"),
    "nested deeply": (deep(100_000), "nested too deeply"),
    "a long number": ('{"nbformat": ' + "4" * 5000 + "}", "this is not JSON"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_is_no_notebook_is_named_in_one_sentence(name: str, hand_in: Callable[..., Submission]) -> None:
    content, says = UNUSABLE[name]
    submission = hand_in(content)
    with pytest.raises(Unusable) as refused:
        receive(submission)
    message = str(refused.value)
    assert says in message
    assert message.startswith(f"{submission.path}: ")
    assert "\n" not in message
    assert message.endswith((".", "?"))


def test_metadata_nested_as_deeply_as_json_allows_is_taken_or_named(hand_in: Callable[..., Submission]) -> None:
    graded = refused = 0
    for levels in (100, 300, 500, 700, 900, 980, 1100, 2000):
        metadata = '{"a": ' * levels + "1" + "}" * levels
        cell = f'{{"cell_type": "code", "source": "x = 1", "metadata": {metadata}}}'
        try:
            received = receive(hand_in(BOOK % cell))
            nbformat.writes(received.book)
            graded += 1
        except Unusable:
            refused += 1
    assert (graded >= 2, refused >= 2) == (True, True)


def test_a_file_of_fifty_megabytes_is_not_even_read(hand_in: Callable[..., Submission]) -> None:
    submission = hand_in("{}")
    os.truncate(submission.path, 50 * 2**20)
    with pytest.raises(Unusable, match=r"it is 50 MB, and at most 20 MB is taken\. Clear all outputs"):
        receive(submission)


def test_a_file_as_large_as_allowed_is_read(taken: Callable[..., Received], cell: Any, notebook: Any) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "x" * (MAX_BYTES - 2000)}
    received = taken(notebook(cell("x = 1", outputs=[output])))
    assert "x = 1" in codes(received)
    assert all(cell.outputs == [] for cell in received.book.cells)


def test_a_missing_file_is_named(small: Course, tmp_path: Path) -> None:
    (found,) = find(tmp_path / "nowhere.ipynb", small)
    assert str(found) == f"{tmp_path / 'nowhere.ipynb'}: there is no such file or folder."
    with pytest.raises(Unusable, match=r"nowhere\.ipynb: it cannot be read \(No such file or directory\)"):
        receive(Submission("ada", small.notebooks[0], tmp_path / "nowhere.ipynb"))


def test_a_pipe_in_the_place_of_a_notebook_is_not_waited_for(small: Course, tmp_path: Path) -> None:
    folder = tmp_path / "ada" / "40_gates"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "python.ipynb")
    (found,) = find(tmp_path, small)
    assert isinstance(found, Submission)
    with pytest.raises(Unusable, match=r"python\.ipynb: this is no ordinary file"):
        receive(found)


# What is put right, with a notice


def test_an_honest_notebook_is_taken_without_a_notice(taken: Callable[..., Received], answers: Any) -> None:
    received = taken(answers(RIGHT))
    assert received.notices == ()
    assert received.sources == RIGHT
    assert codes(received) == [
        "from autograder import check",
        RIGHT["count-gates"],
        'check("count-gates")',
        RIGHT["busiest-gate"],
        'check("busiest-gate")',
    ]


def test_the_notebook_as_it_was_given_is_taken_without_a_notice(
    taken: Callable[..., Received], built: Path, small: Course
) -> None:
    received = taken((built / "40_gates" / "python.ipynb").read_text(encoding="utf-8"))
    assert received.notices == ()
    for exercise in small.notebooks[0].exercises:
        assert received.sources[exercise.id] == exercise.stub


@pytest.mark.parametrize(
    "metadata, says",
    [
        ({}, "The notebook names no kernel; it was graded with `python3`."),
        ({"kernelspec": []}, "The notebook names no kernel"),
        ([1], "The notebook names no kernel"),
        (None, "The notebook names no kernel"),
        ({"kernelspec": {"name": "conda-env-base"}}, "names the kernel `conda-env-base`; 40_gates/python was graded"),
    ],
)
def test_another_kernel_or_none_is_noticed_and_the_right_one_taken(
    metadata: Any, says: str, taken: Callable[..., Received], answers: Any
) -> None:
    received = taken(answers(RIGHT) | {"metadata": metadata})
    (notice,) = received.notices
    assert says in notice
    assert received.book.metadata.kernelspec.name == "python3"
    assert received.sources == RIGHT


def test_a_deleted_answer_is_noticed_and_what_other_cells_define_counts(
    taken: Callable[..., Received], answers: Any
) -> None:
    book = answers(RIGHT)
    del book["cells"][1]
    received = taken(book)
    assert received.sources == {"count-gates": None, "busiest-gate": RIGHT["busiest-gate"]}
    assert received.notices == (
        "The cell of `count-gates` was deleted or renamed; what the other cells define counts.",
    )


def test_a_renamed_answer_still_runs_before_its_check(taken: Callable[..., Received], answers: Any) -> None:
    book = answers(RIGHT)
    book["cells"][1]["metadata"]["nbgrader"]["grade_id"] = "my-own-name"
    received = taken(book)
    assert received.sources["count-gates"] is None
    assert codes(received).index(RIGHT["count-gates"]) < codes(received).index('check("count-gates")')
    assert len(received.notices) == 1


def test_answer_and_check_deleted_together_are_checked_at_the_end(taken: Callable[..., Received], answers: Any) -> None:
    received = taken(answers({"busiest-gate": RIGHT["busiest-gate"]}))
    assert codes(received)[-1] == 'check("count-gates")'
    assert received.sources["count-gates"] is None


def test_a_stub_copied_behind_the_answer_does_not_undo_it(
    taken: Callable[..., Received], answers: Any, cell: Any
) -> None:
    book = answers(RIGHT)
    book["cells"].insert(2, cell(STUB, "count-gates"))
    received = taken(book)
    assert received.sources["count-gates"] == RIGHT["count-gates"]
    assert STUB not in codes(received)
    assert received.notices == ("There are 2 cells of `count-gates`; the last one with an answer counts.",)


def test_the_answer_in_a_copy_counts(taken: Callable[..., Received], answers: Any, cell: Any) -> None:
    book = answers(RIGHT | {"count-gates": STUB})
    book["cells"].append(cell(RIGHT["count-gates"], "count-gates"))
    received = taken(book)
    assert received.sources["count-gates"] == RIGHT["count-gates"]
    assert STUB not in codes(received)
    assert codes(received)[-2:] == [RIGHT["count-gates"], 'check("count-gates")']


def test_of_two_answers_the_last_counts_and_both_run(taken: Callable[..., Received], answers: Any, cell: Any) -> None:
    book = answers(RIGHT)
    book["cells"].insert(2, cell("def gates(terminal): return 2", "count-gates"))
    received = taken(book)
    assert received.sources["count-gates"] == "def gates(terminal): return 2"
    assert codes(received)[1:4] == [
        RIGHT["count-gates"],
        "def gates(terminal): return 2",
        'check("count-gates")',
    ]


@pytest.mark.parametrize("edited", ["check('busiest-gate')", "print('passed')", "", "check = lambda name: 3"])
def test_an_edited_check_is_restored(edited: str, taken: Callable[..., Received], answers: Any) -> None:
    book = answers(RIGHT)
    book["cells"][2]["source"] = edited
    received = taken(book)
    assert received.notices == ("The check cell of `count-gates` had been edited; it was restored.",)
    assert codes(received) == codes(taken(answers(RIGHT)))


def test_ones_own_copy_of_the_course_is_no_authority_on_checks(
    small: Course, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: Any
) -> None:
    """In `modules/` learners edit the very notebooks that the course gave them."""
    shutil.copytree(built, tmp_path / "modules")
    monkeypatch.setenv("TRIAD_MODULES", str(tmp_path / "modules"))
    path = small.notebooks[0].path
    whole = receive(Submission("me", small.notebooks[0], path))
    book = json.loads(path.read_text(encoding="utf-8"))
    first, second = [place for place, cell in enumerate(book["cells"]) if cell["id"].startswith("check-")]
    book["cells"][first]["source"] = "print('passed')"
    del book["cells"][second]
    path.write_text(json.dumps(book), encoding="utf-8")
    received = receive(Submission("me", small.notebooks[0], path))
    assert codes(received) == codes(whole)
    assert [("edited" in notice, "deleted" in notice) for notice in received.notices] == [(True, False), (False, True)]


def test_a_deleted_check_is_restored_behind_its_answer(taken: Callable[..., Received], answers: Any) -> None:
    book = answers(RIGHT)
    del book["cells"][2]
    received = taken(book)
    assert received.notices == ("The check cell of `count-gates` was deleted or renamed; it was restored.",)
    assert codes(received) == codes(taken(answers(RIGHT)))


def test_a_check_moved_before_the_answer_comes_after_it(taken: Callable[..., Received], answers: Any) -> None:
    book = answers(RIGHT)
    book["cells"][1:3] = [book["cells"][2], book["cells"][1]]
    assert codes(taken(book)) == codes(taken(answers(RIGHT)))


def test_a_check_stays_behind_the_cells_that_a_learner_put_before_it(
    taken: Callable[..., Received], answers: Any, cell: Any
) -> None:
    book = answers(RIGHT)
    book["cells"].insert(2, cell("GATES = {'B': range(31)}"))
    assert codes(taken(book))[1:4] == [RIGHT["count-gates"], "GATES = {'B': range(31)}", 'check("count-gates")']


def test_a_check_cell_turned_into_text_is_restored(taken: Callable[..., Received], answers: Any) -> None:
    book = answers(RIGHT)
    book["cells"][2]["cell_type"] = "raw"
    received = taken(book)
    assert codes(received) == codes(taken(answers(RIGHT)))


def test_an_empty_notebook_is_said_to_be_empty(taken: Callable[..., Received], notebook: Any) -> None:
    received = taken(notebook())
    assert received.notices[0] == "The notebook is empty: it has no code."
    assert received.sources == {"count-gates": None, "busiest-gate": None}
    assert len(received.book.cells) == 2


def test_a_notebook_of_text_alone_is_said_to_have_no_code(
    taken: Callable[..., Received], notebook: Any, cell: Any
) -> None:
    received = taken(notebook(cell("# Sorry\n\nI was ill.", kind="markdown"), cell("raw", kind="raw")))
    assert received.notices[0] == "The notebook is empty: it has no code."
    assert codes(received) == ['check("count-gates")', 'check("busiest-gate")']


@pytest.mark.parametrize("grade_id", [7, ["count-gates"], {"a": 1}, None, True])
def test_ids_that_are_no_text_name_nothing(
    grade_id: Any, taken: Callable[..., Received], answers: Any, cell: Any
) -> None:
    book = answers(RIGHT)
    book["cells"].append(cell("x = 1", metadata={"nbgrader": {"grade_id": grade_id}}))
    book["cells"].append(cell("y = 2", metadata={"nbgrader": [1, 2]}))
    received = taken(book)
    assert received.sources == RIGHT
    assert codes(received)[-2:] == ["x = 1", "y = 2"]


def test_ids_of_cells_may_be_anything(taken: Callable[..., Received], answers: Any) -> None:
    book = answers(RIGHT)
    for cell, name in zip(book["cells"], ["", "a b", "x" * 99, 7, "x" * 99], strict=True):
        cell["id"] = name
    received = taken(book)
    assert received.notices == ()
    assert len({cell.id for cell in received.book.cells}) == 5


def test_lines_in_a_list_are_the_same_as_text(taken: Callable[..., Received], answers: Any) -> None:
    book = answers(RIGHT)
    book["cells"][1]["source"] = RIGHT["count-gates"].splitlines(keepends=True)
    assert taken(book).sources == RIGHT


def test_up_to_an_exercise_means_its_check_and_no_other(taken: Callable[..., Received], answers: Any) -> None:
    received = taken(answers(RIGHT))
    before = codes(received)
    assert codes(received.up_to("count-gates")) == before[:3]
    assert codes(received.up_to("busiest-gate")) == [code for code in before if code != 'check("count-gates")']
    assert codes(received) == before


# Where it is


def put(folder: Path, *names: str) -> None:
    """Copies of nothing much in the places named."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text('{"cells": [], "metadata": {}, "nbformat": 4}', encoding="utf-8")


def found_in(path: Path, course: Course, **options: str) -> list[tuple[str, str] | str]:
    """Learner and file of each submission; the message of what cannot be used."""
    found = list(find(path, course, **options))
    return [
        (one.learner, one.path.relative_to(path if path.is_dir() else path.parent).as_posix())
        if isinstance(one, Submission)
        else str(one)
        for one in found
    ]


def test_modules_of_the_course_are_the_learners_own(built: Path, small: Course) -> None:
    assert found_in(built, small) == [("me", "40_gates/python.ipynb")]
    assert found_in(built, small, learner="ada") == [("ada", "40_gates/python.ipynb")]


def test_a_learners_folder_is_that_learners(small: Course, tmp_path: Path) -> None:
    put(tmp_path / "ada", "40_gates/python.ipynb")
    assert found_in(tmp_path / "ada", small) == [("ada", "40_gates/python.ipynb")]


def test_a_cohort_is_each_ones_own(small: Course, tmp_path: Path) -> None:
    put(tmp_path, "all/ada/40_gates/python.ipynb", "all/Zoë Müller/40_gates/python.ipynb")
    assert found_in(tmp_path / "all", small, learner="nobody") == [
        ("Zoë Müller", "Zoë Müller/40_gates/python.ipynb"),
        ("ada", "ada/40_gates/python.ipynb"),
    ]
    assert found_in(tmp_path, small)[-1] == ("ada", "all/ada/40_gates/python.ipynb")


def test_a_folder_named_in_another_encoding_is_still_somebodys(small: Course, tmp_path: Path) -> None:
    put(tmp_path, os.fsdecode(b"M\xfcller") + "/40_gates/python.ipynb")
    (found,) = find(tmp_path, small)
    assert isinstance(found, Submission)
    assert found.learner == "M\ufffdller"
    assert receive(found).notices


def test_a_single_file_is_whose_it_is_said_to_be(small: Course, tmp_path: Path) -> None:
    put(tmp_path, "40_gates/python.ipynb")
    file = tmp_path / "40_gates" / "python.ipynb"
    assert found_in(file, small) == [("me", "python.ipynb")]
    assert found_in(file, small, learner="ada") == [("ada", "python.ipynb")]
    assert found_in(file.parent, small, learner="ada") == [("ada", "python.ipynb")]


def test_work_folders_and_hidden_ones_hold_no_submission(small: Course, tmp_path: Path) -> None:
    ours = "ada/40_gates"
    put(tmp_path, f"{ours}/python.ipynb", f"{ours}/work/python.ipynb", f"{ours}/.ipynb_checkpoints/python.ipynb")
    put(tmp_path, f"{ours}/.python.ipynb", f"{ours}/notes.txt")
    assert found_in(tmp_path, small) == [("ada", f"{ours}/python.ipynb")]


def test_a_folder_without_notebooks_is_named(small: Course, tmp_path: Path) -> None:
    (tmp_path / "ada" / "40_gates").mkdir(parents=True)
    (message,) = found_in(tmp_path, small)
    assert (
        message == f"{tmp_path}: there is no notebook in this folder. Expected <learner>/<module>/<tool>.ipynb in it."
    )


@pytest.mark.parametrize(
    "name, says",
    [
        ("ada/41_gates/python.ipynb", "There is no module `41_gates`. There is: 40_gates."),
        ("ada/40_gates/luigi.ipynb", "40_gates has no notebook for `luigi`. It has: python."),
        ("ada/40_gates/python (1).ipynb", "40_gates has no notebook for `python (1)`."),
        ("ada/python.ipynb", "There is no module `ada`."),
    ],
)
def test_a_place_that_the_course_does_not_have_is_named(name: str, says: str, small: Course, tmp_path: Path) -> None:
    put(tmp_path, "ben/40_gates/python.ipynb", name)
    first, second = found_in(tmp_path, small)
    assert first == ("ben", "ben/40_gates/python.ipynb") or second == ("ben", "ben/40_gates/python.ipynb")
    message = next(one for one in (first, second) if isinstance(one, str))
    assert message.startswith(f"{tmp_path / name}: cannot tell which notebook of the course this is. {says}")
    assert "\n" not in message


def test_a_copy_that_stands_alone_is_known_by_what_it_says_of_itself(
    small: Course, built: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "Übung 2 (copy).ipynb"
    shutil.copy(built / "40_gates" / "python.ipynb", copy)
    (found,) = find(copy, small, "Zoë")
    assert found == Submission("Zoë", small.notebooks[0], copy)
    assert receive(found).notices == ()


@pytest.mark.parametrize(
    "triad, says",
    [
        ({"module": "41_gates", "tool": "python"}, "it says of itself that it is 41_gates/python. There is no module"),
        ({"module": 5, "tool": None}, "it says of itself that it is 5/None. There is no module `5`."),
        ({}, "cannot tell which notebook of the course this is"),
        ([], "cannot tell which notebook of the course this is"),
    ],
)
def test_a_copy_that_says_nothing_true_is_named(
    triad: Any, says: str, small: Course, tmp_path: Path, notebook: Any
) -> None:
    copy = tmp_path / "Übung 2.ipynb"
    copy.write_text(json.dumps(notebook(metadata={"triad": triad})), encoding="utf-8")
    (message,) = found_in(copy, small)
    assert isinstance(message, str)
    assert message.startswith(f"{copy}: ")
    assert says in message


def test_a_notebook_is_not_believed_to_be_another_than_its_place_says(
    small: Course, built: Path, tmp_path: Path
) -> None:
    put(tmp_path, "ada/40_gates/x.ipynb")
    shutil.copy(built / "40_gates" / "python.ipynb", tmp_path / "ada" / "40_gates" / "x.ipynb")
    (message,) = found_in(tmp_path, small)
    assert "40_gates has no notebook for `x`" in message


# Links


def link(at: Path, to: Path) -> None:
    at.parent.mkdir(parents=True, exist_ok=True)
    at.symlink_to(to)


def test_a_link_out_of_the_submission_is_refused(small: Course, tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/40_gates/python.ipynb")
    link(tmp_path / "in" / "ada" / "40_gates" / "python.ipynb", tmp_path / "elsewhere" / "40_gates" / "python.ipynb")
    for path in (
        tmp_path / "in",
        tmp_path / "in" / "ada",
        tmp_path / "in" / "ada" / "40_gates",
        tmp_path / "in" / "ada" / "40_gates" / "python.ipynb",
    ):
        (message,) = found_in(path, small)
        assert "python.ipynb: this is a symbolic link that leads out of the submission" in message


def test_a_link_into_another_learners_folder_is_refused(small: Course, tmp_path: Path) -> None:
    put(tmp_path, "ada/40_gates/python.ipynb")
    link(tmp_path / "ben" / "40_gates" / "python.ipynb", tmp_path / "ada" / "40_gates" / "python.ipynb")
    ada, ben = found_in(tmp_path, small)
    assert ada == ("ada", "ada/40_gates/python.ipynb")
    assert ben == (
        f"{tmp_path}/ben/40_gates/python.ipynb: this is a symbolic link that leads out of the submission."
        " Hand in the file itself."
    )


@pytest.mark.parametrize("at", ["ben", "ben/40_gates"])
def test_a_folder_that_is_a_link_is_not_walked_into(at: str, small: Course, tmp_path: Path) -> None:
    put(tmp_path / "cohort", "ada/40_gates/python.ipynb")
    put(tmp_path / "outside", "ada/40_gates/python.ipynb")
    for place in ("cohort", "outside"):
        to = tmp_path / place / ("ada" if at == "ben" else "ada/40_gates")
        link(tmp_path / "cohort" / at, to)
        found = found_in(tmp_path / "cohort", small)
        assert ("ada", "ada/40_gates/python.ipynb") in found
        (message,) = [one for one in found if isinstance(one, str)]
        assert message.startswith(f"{tmp_path / 'cohort' / at}: this is a symbolic link")
        (tmp_path / "cohort" / at).unlink()


def test_a_link_that_leads_nowhere_or_in_a_circle_is_refused(small: Course, tmp_path: Path) -> None:
    link(tmp_path / "ada" / "40_gates" / "python.ipynb", tmp_path / "gone.ipynb")
    link(tmp_path / "ben" / "40_gates" / "python.ipynb", Path("python.ipynb"))
    for found in find(tmp_path, small):
        if isinstance(found, Submission):  # inside by its name; there is nothing to read all the same
            with pytest.raises(Unusable, match="cannot be read"):
                receive(found)
        else:
            assert "this is a symbolic link" in str(found)


def test_a_link_within_ones_own_submission_is_followed(small: Course, tmp_path: Path) -> None:
    put(tmp_path, "ada/drafts.txt")
    link(tmp_path / "ada" / "40_gates" / "python.ipynb", tmp_path / "ada" / "drafts.txt")
    (found,) = find(tmp_path, small)
    assert isinstance(found, Submission)
    assert receive(found).notices[-1].startswith("The cell of `busiest-gate` was deleted")


# Nothing is changed


def test_nothing_on_disk_changes(small: Course, built: Path, tmp_path: Path, answers: Any) -> None:
    put(tmp_path, "ada/40_gates/python.ipynb", "ben/x.ipynb", "cem/40_gates/python.ipynb")
    (tmp_path / "ada" / "40_gates" / "python.ipynb").write_text(json.dumps(answers(RIGHT)))
    (tmp_path / "cem" / "40_gates" / "python.ipynb").write_text("no notebook")

    def state() -> dict[str, tuple[bytes, int]]:
        files = [path for folder in (tmp_path, built) for path in folder.rglob("*") if path.is_file()]
        return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    before = state()
    taken = 0
    for one in find(tmp_path, small):
        if isinstance(one, Submission):
            try:
                receive(one).up_to("count-gates")
                taken += 1
            except Unusable:
                continue
    assert taken == 1
    assert state() == before
