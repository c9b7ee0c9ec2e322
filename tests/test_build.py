"""The build sorts a source into the right hands, and refuses one that breaks a rule."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution, is_task

from autograder import build, course

SOURCES = build.sources()
EVERY = [pytest.param(source, id=f"{source.module}/{source.tool}") for source in SOURCES]
OURS = ("work", ".ipynb_checkpoints")


def solution_lines(source: build.Source) -> dict[str, list[str]]:
    """Exercise id to the lines between its solution markers."""
    found: dict[str, list[str]] = {}
    for cell in source.cells:
        if "exercise" in cell.metadata.get("tags", []):
            regions = re.findall(r"### BEGIN SOLUTION\n(.*?)\s*### END SOLUTION", cell.source, re.S)
            found[cell.metadata["id"]] = [line.strip() for region in regions for line in region.splitlines()]
    return found


def shown(source: build.Source) -> str:
    """Code and text that the author shows to learners: the cells that are neither an answer nor kept back."""
    return "\n".join(cell.source for cell in source.cells if "exercise" not in cell.metadata.get("tags", []))


def strings(value: Any) -> Iterator[str]:
    """Every text in a notebook file: sources, metadata."""
    if isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def leaks(source: build.Source, book: NotebookNode) -> list[str]:
    """What a notebook holds of its source that learners are not to have."""
    texts = list(strings(json.loads(json.dumps(book))))
    everything = "\n".join(texts)
    kept_back = [text for hints in source.hints.values() for text in hints]
    kept_back += [wrong.source for wrong in source.wrongs]
    # A line as short as `try:` says nothing.
    kept_back += [line for found in solution_lines(source).values() for line in found if len(line) > 6]
    # What the author shows elsewhere, to learn from, is no secret.
    found = [text for text in kept_back if text in everything and text not in shown(source)]
    return found + [wrong.name for wrong in source.wrongs if wrong.name in texts]


@pytest.mark.parametrize("source", EVERY)
def test_a_learners_notebook_holds_no_solution_hint_or_wrong_answer(source: build.Source) -> None:
    assert leaks(source, source.released) == []


@pytest.mark.parametrize("source", EVERY)
def test_the_search_for_leaks_finds_those_that_are_planted(source: build.Source) -> None:
    assert len(leaks(source, build.solved(source))) >= len(source.notebook.exercises)
    for wrong in source.wrongs:
        if wrong.source not in shown(source):
            assert wrong.source in leaks(source, build.wrong(source, wrong))
    for text in [*source.hints[source.notebook.exercises[0].id], source.wrongs[0].name]:
        book = nbformat.from_dict(source.released)
        book.cells[0].metadata = {"note": text}
        assert text in leaks(source, book)
        del book.cells[0].metadata["note"]


@pytest.mark.parametrize("source", EVERY)
def test_an_answers_cell_is_a_stub_and_every_other_cell_is_the_authors(source: build.Source) -> None:
    assert len(source.released.cells) == len(source.cells)
    for released, written in zip(source.released.cells, source.cells, strict=True):
        if "exercise" in written.metadata.get("tags", []):
            assert released.id == written.metadata["id"]
            assert "# YOUR CODE HERE\n" in released.source
            assert "raise NotImplementedError()" in released.source
        else:
            assert released.source == written.source


@pytest.mark.parametrize("source", EVERY)
def test_a_learners_notebook_is_a_valid_one_that_jupyterlab_does_not_change(source: build.Source) -> None:
    book = source.released
    nbformat.validate(book)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    ids = [cell.id for cell in book.cells]
    assert len(set(ids)) == len(ids)
    assert book.metadata.language_info.file_extension == ".py"
    assert book.metadata.kernelspec.name == ("python3" if source.tool == "python" else source.tool)
    assert all(cell.outputs == [] and cell.execution_count is None for cell in book.cells if cell.cell_type == "code")


@pytest.mark.parametrize("source", EVERY)
def test_nbgrader_reads_answers_checks_and_points_as_they_are_meant(source: build.Source) -> None:
    exercises = {exercise.id: exercise for exercise in source.notebook.exercises}
    checks = {build.check_cell_id(name): exercise for name, exercise in exercises.items()}
    for cell in source.released.cells:
        kind = (is_solution(cell), is_grade(cell), is_locked(cell), is_task(cell))
        if cell.id in exercises:
            assert kind == (True, False, False, False)
            assert cell.metadata.nbgrader.grade_id == cell.id
        elif cell.id in checks:
            assert kind == (False, True, True, False)
            assert cell.metadata.nbgrader.grade_id == cell.id
            assert cell.metadata.nbgrader.points == checks[cell.id].points
        else:
            assert kind == (False, False, False, False)
    assert sum(map(is_solution, source.released.cells)) == sum(map(is_grade, source.released.cells)) == len(exercises)


@pytest.mark.parametrize("source", EVERY)
def test_a_solved_notebook_has_every_answer_and_no_marker(source: build.Source) -> None:
    book = build.solved(source)
    nbformat.validate(book)
    text = "\n".join(cell.source for cell in book.cells)
    assert not re.search(r"### (BEGIN|END) SOLUTION|YOUR CODE HERE", text)
    for lines in solution_lines(source).values():
        assert lines
        assert all(line in text for line in lines)
    by_id = {cell.id: cell.source for cell in book.cells}
    assert not any(exercise.is_stub(by_id[exercise.id]) for exercise in source.notebook.exercises)


@pytest.mark.parametrize("source", EVERY)
def test_building_twice_gives_the_same_bytes(source: build.Source) -> None:
    again = build.read(source.path)
    assert nbformat.writes(again.released) == nbformat.writes(source.released)
    assert nbformat.writes(build.solved(again)) == nbformat.writes(build.solved(source))


MADE = build.outputs(SOURCES)
MODULES = build.ROOT / "modules"


@pytest.mark.parametrize("name", sorted(MADE))
def test_modules_is_what_solutions_builds(name: str) -> None:
    assert (MODULES / name).read_text(encoding="utf-8") == MADE[name], "Run `make build`."


def test_modules_holds_no_stray_file() -> None:
    found = [path.relative_to(MODULES) for path in MODULES.rglob("*") if path.is_file()]
    stray = [str(path) for path in found if not set(path.parts) & set(OURS) and path.as_posix() not in MADE]
    assert stray == []


def test_every_made_text_says_what_made_it() -> None:
    for name, text in MADE.items():
        assert "`course build`" in text or "course build, from solutions/" in text, name


def test_is_current_tells_a_changed_and_a_missing_file(tmp_path: Path) -> None:
    made = {"a/one.txt": "1\n", "two.txt": "2\n"}
    assert build.write(made, tmp_path) == ["a/one.txt", "two.txt"]
    assert build.write(made, tmp_path) == []
    (tmp_path / "two.txt").write_text("edited\n")
    (tmp_path / "a" / "one.txt").unlink()
    assert build.write(made, tmp_path) == ["a/one.txt", "two.txt"]
    assert (tmp_path / "two.txt").read_text() == "2\n"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "one.txt", "two.txt"]


def test_solved_notebooks_are_written_in_nbgraders_layout(tmp_path: Path) -> None:
    paths = build.write_solved(SOURCES, tmp_path, "ada")
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        f"ada/{source.module}/{source.tool}.ipynb" for source in SOURCES
    ]
    assert nbformat.read(paths[0], as_version=4) == build.solved(SOURCES[0])


# The manifest


def test_the_manifest_comes_back_as_it_was_written(small: course.Course, built: Path) -> None:
    assert course.dump(small) == (built / "manifest.json").read_text(encoding="utf-8")
    assert small.titles == {"40_gates": "40 · Gates"}
    (notebook,) = small.notebooks
    assert (notebook.module, notebook.tool, notebook.title, notebook.minutes) == ("40_gates", "python", "Gates", 5)
    count, busiest = notebook.exercises
    assert (count.id, count.title, count.points, count.needs, count.seconds) == (
        "count-gates",
        "Count the gates",
        2,
        (),
        120,
    )
    assert count.hints == ("Where are the gates kept?", "`len(...)` counts.")
    assert count.stub == "def gates(terminal):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert (busiest.title, busiest.needs, busiest.seconds) == ("Name the busiest", ("count-gates",), 30)


def test_the_real_manifest_agrees_with_the_sources() -> None:
    loaded = course.load()
    assert loaded.notebooks == tuple(source.notebook for source in SOURCES)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"notebooks": [{}], "titles": {}}', '{"notebooks": 1}'])
def test_a_manifest_that_is_none_of_ours_is_said_to_be_unreadable(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAD_MODULES", str(tmp_path))
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(course.CourseError, match=r"manifest\.json cannot be read .* Run `make build`\."):
        course.load()


@pytest.mark.parametrize(
    "code, is_it",
    [
        ("def gates(terminal):\n    # YOUR CODE HERE\n    raise NotImplementedError()", True),
        ("# a note\ndef gates( terminal ):\n\n        raise NotImplementedError()  # later", True),
        ("def gates(terminal):\n    raise NotImplementedError('soon')", False),
        ("def gates(terminal):\n    pass", False),
        ("", False),
        ("def gates(", False),
        ("-" * 100_000 + "1", False),
        ("def gates():\n\0", False),
    ],
)
def test_a_stub_is_told_by_its_code_not_by_comments_or_layout(code: str, is_it: bool, small: course.Course) -> None:
    assert small.notebooks[0].exercise("count-gates").is_stub(code) is is_it


def test_an_address_names_a_notebook_or_an_exercise(small: course.Course) -> None:
    notebook = small.notebooks[0]
    assert small.address("40/python") == (notebook, None)
    assert small.address("40_gates/python/") == (notebook, None)
    assert small.address("40/python/busiest-gate") == (notebook, notebook.exercises[1])


@pytest.mark.parametrize(
    "address, says",
    [
        ("40", r"`40` is no address"),
        ("1/2/3/4", r"is no address"),
        ("", r"is no address"),
        ("41/python", r"no module `41`. There is: 40_gates"),
        ("40/dagster", r"40_gates has no notebook for `dagster`. It has: python"),
        ("40/python/gate", r"40_gates/python has no exercise `gate`. It has: count-gates, busiest-gate"),
    ],
)
def test_an_address_that_names_nothing_is_told_what_there_is(address: str, says: str, small: course.Course) -> None:
    with pytest.raises(course.CourseError, match=says):
        small.address(address)


# The rules


def without(text: str, start: str, end: str = "\n\n") -> str:
    """The text without the part that starts with one string and goes up to the next occurrence of another."""
    first = text.index(start)
    return text[:first] + text[text.index(end, first) + len(end) :]


HINT = '# %% [markdown] tags=["hint"]\n# `max` takes'
LETTERS = '# %% tags=["wrong"] id="count-gates" name="letters"'
BROKEN: dict[str, tuple[Callable[[str], str], str]] = {
    "no hint": (lambda t: without(t, HINT), "`busiest-gate` has no hint"),
    "one wrong answer": (lambda t: without(t, LETTERS), "`count-gates` needs at least two wrong answers"),
    "two wrong answers of one name": (
        lambda t: t.replace('name="letters"', 'name="one-terminal"'),
        "`count-gates` needs at least two wrong answers with different names",
    ),
    "no check": (
        lambda t: without(t, '# %% tags=["check"]\ncheck("count'),
        "`count-gates` must have exactly one check cell",
    ),
    "two checks": (
        lambda t: t + '\n# %% tags=["check"]\ncheck("count-gates")\n',
        "`count-gates` must have exactly one check cell",
    ),
    "two checks in a cell": (
        lambda t: without(t, '# %% tags=["check"]\ncheck("count').replace(
            'check("busiest-gate")', 'check("count-gates")\ncheck("busiest-gate")'
        ),
        "a check cell holds one line",
    ),
    "a check in other quotes": (lambda t: t.replace('check("busiest-gate")', "check('busiest-gate')"), "one line"),
    "a check that does more": (
        lambda t: t.replace('check("busiest-gate")', 'check("busiest-gate"); print("done")'),
        "a check cell holds one line",
    ),
    "a check of nothing": (
        lambda t: t + '\n# %% tags=["check"]\ncheck("gates-of-rome")\n',
        r"checks without an exercise: \['gates-of-rome'\]",
    ),
    "capital letters in an id": (lambda t: t.replace("busiest-gate", "Busiest_Gate"), "'Busiest_Gate'"),
    "an id that is no text": (
        lambda t: t.replace('id="busiest-gate" points', "id=7 points"),
        "an id in lower case .* 7",
    ),
    "no id": (lambda t: t.replace('id="busiest-gate" points', "points"), "an exercise needs points, and an id"),
    "no points": (lambda t: t.replace(" points=3", ""), "an exercise needs points, and an id .*'busiest-gate'"),
    "one id twice": (
        lambda t: t + '\n# %% tags=["exercise"] id="count-gates" points=1\nagain = 1\n',
        "two exercises `count-gates`",
    ),
    "a hint before every exercise": (
        lambda t: t.replace("# %%\nfrom", '# %% [markdown] tags=["hint"]\n# Ahead.\n\n# %%\nfrom'),
        "a hint stands before the first exercise",
    ),
    "a wrong answer to nothing": (
        lambda t: t.replace('id="count-gates" name="letters"', 'id="gates-of-rome" name="letters"'),
        "a wrong answer needs the id of an exercise above it",
    ),
    "a wrong answer that nothing is said of": (
        lambda t: t.replace(' says="letters"', ""),
        "a wrong answer needs .* says",
    ),
    "a need that is not in the notebook": (
        lambda t: t.replace('needs=["count-gates"]', 'needs=["gates-of-rome"]'),
        r"`busiest-gate` needs \['gates-of-rome'\]",
    ),
    "no title": (lambda t: t.replace("# # Gates", "# Gates"), "must be Markdown, begin with `# Title`"),
    "no minutes": (lambda t: t.replace("5 minutes", "not long"), "say how many minutes"),
    "a solution that does not end": (
        lambda t: t.replace("    ### END SOLUTION\n", "", 1),
        "end solution|solution region",
    ),
    "a solution outside of an exercise": (
        lambda t: t + "\n# %%\n### BEGIN SOLUTION\nbusiest = 1\n### END SOLUTION\n",
        "[Ss]olution region",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_source_that_breaks_a_rule_is_refused_by_name(
    broken: str, source: Callable[..., Path], source_text: str, tmp_path: Path
) -> None:
    change, says = BROKEN[broken]
    text = change(source_text)
    assert text != source_text
    path = source(tmp_path, text)
    with pytest.raises(build.BuildError, match=says) as refused:
        build.outputs(build.sources(tmp_path))
    assert str(refused.value).startswith(f"{path}: ")


def test_the_unbroken_source_is_taken(source: Callable[..., Path], tmp_path: Path) -> None:
    source(tmp_path)
    assert sorted(build.outputs(build.sources(tmp_path))) == [
        "40_gates/README.md",
        "40_gates/python.ipynb",
        "manifest.json",
    ]


def test_a_source_named_after_no_tool_is_refused(source: Callable[..., Path], tmp_path: Path) -> None:
    path = source(tmp_path, tool="luigi")
    with pytest.raises(
        build.BuildError, match=r"luigi\.py: a source is named after a tool: python, airflow"
    ) as refused:
        build.sources(tmp_path)
    assert str(path) in str(refused.value)


def test_an_id_names_one_exercise_of_the_course(source: Callable[..., Path], tmp_path: Path) -> None:
    source(tmp_path)
    source(tmp_path, tool="dagster")  # the same module in another tool: the same exercise
    assert len(build.sources(tmp_path)) == 2
    path = source(tmp_path, module="41_gates")
    with pytest.raises(build.BuildError, match="the id `count-gates` is taken by 40_gates") as refused:
        build.sources(tmp_path)
    assert str(path) in str(refused.value)


def test_a_module_without_a_readme_is_refused(source: Callable[..., Path], tmp_path: Path) -> None:
    path = source(tmp_path)
    path.with_name("README.md").unlink()
    with pytest.raises(build.BuildError, match=r"README\.md"):
        build.outputs(build.sources(tmp_path))


def test_tools_of_a_module_are_taken_in_the_courses_order(source: Callable[..., Path], tmp_path: Path) -> None:
    for tool in ("prefect", "dagster", "airflow"):
        source(tmp_path, tool=tool)
    assert [found.tool for found in build.sources(tmp_path)] == ["airflow", "prefect", "dagster"]
