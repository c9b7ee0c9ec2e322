"""What came in: a file that somebody handed in becomes a notebook that can be executed, or one sentence why not.

Nothing of a submission is run or imported here, and nothing of it is changed on disk.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.build import LANGUAGE, check_cell, check_cell_id, kernel_spec
from autograder.course import Course, CourseError, Notebook
from autograder.environments import KERNELS

MAX_BYTES = 20 * 2**20


class Unusable(Exception):
    """A submission that cannot be graded; the message says which, why, and what to do."""


@dataclass(frozen=True)
class Submission:
    """A file that is to be graded, and for whom."""

    learner: str
    notebook: Notebook
    path: Path


@dataclass(frozen=True)
class Received:
    """A submission taken in."""

    submission: Submission
    book: NotebookNode
    """The learner's cells without outputs, with the course's own check cells, each behind the answer that it checks."""
    sources: dict[str, str | None]
    """Exercise id to the answer's code; None when the notebook has no cell for it."""
    notices: tuple[str, ...]
    """What was put right on the way in, a sentence each."""

    def up_to(self, exercise_id: str) -> Received:
        """The same, with the cells up to one exercise's check, and no other check."""
        wanted = check_cell_id(exercise_id)
        others = {check_cell_id(name) for name in self.sources} - {wanted}
        end = next(place for place, cell in enumerate(self.book.cells) if cell.id == wanted)
        book = copy.deepcopy(self.book)
        book.cells = [cell for cell in book.cells[: end + 1] if cell.id not in others]
        return replace(self, book=book)


def find(path: Path, course: Course, learner: str = "me") -> Iterator[Submission | Unusable]:
    """The submissions at a path: a notebook, a folder of modules, a learner's folder, or a cohort's.

    The layout is nbgrader's, `<learner>/<module>/<tool>.ipynb`. A folder that holds modules itself is `learner`'s.
    What cannot be used comes out too, as the exception that says why.
    """
    if not path.exists():
        yield Unusable(f"{path}: there is no such file or folder.")
        return
    if path.is_file():
        yield _one(path, path, course, learner)
        return
    found = False
    for file in sorted(_notebooks(path)):
        found = True
        yield _one(file, path, course, learner)
    if not found:
        yield Unusable(f"{path}: there is no notebook in this folder. Expected <learner>/<module>/<tool>.ipynb in it.")


def _notebooks(folder: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "work"]
        # A link to a folder is not walked into: it is named as what it is.
        yield from (Path(where, name) for name in folders if Path(where, name).is_symlink())
        yield from (Path(where, name) for name in files if name.endswith(".ipynb") and not name.startswith("."))


def _one(file: Path, root: Path, course: Course, learner: str) -> Submission | Unusable:
    inside = file.relative_to(root).parts if file != root else (file.name,)
    # What one learner handed in: the folder that holds the modules, or the notebook's own where there is none.
    handed_in = file.parent.parent if len(inside) > 1 else file.parent
    if file.is_dir():
        return Unusable(f"{file}: this is a symbolic link to a folder, and is not followed. Hand in the folder itself.")
    try:
        leads_out = handed_in.resolve() not in file.resolve().parents
    except (OSError, RuntimeError):  # a link to itself
        leads_out = True
    if leads_out:
        return Unusable(f"{file}: this is a symbolic link that leads out of the submission. Hand in the file itself.")
    if len(inside) > 2:
        learner = inside[-3]
    elif len(inside) == 2 and not (root / "manifest.json").exists():  # a folder with one is a copy of the course
        learner = root.resolve().name
    learner = os.fsencode(learner).decode("utf-8", "replace")  # a name from an archive can be in any encoding
    try:
        return Submission(learner, course.notebook(file.absolute().parent.name, file.stem), file)
    except CourseError as by_place:
        named = _named_inside(file) if len(inside) == 1 else None
        if named is None:
            return Unusable(f"{file}: cannot tell which notebook of the course this is. {by_place}")
        try:
            return Submission(learner, course.notebook(*named), file)
        except CourseError as by_name:
            return Unusable(f"{file}: it says of itself that it is {'/'.join(named)}. {by_name}")


def _named_inside(file: Path) -> tuple[str, str] | None:
    """Module and tool that a notebook's own metadata name. Believed only of a file that stands by itself."""
    try:
        data = json.loads(_read(file))["metadata"]["triad"]
        return str(data["module"]), str(data["tool"])
    except (Unusable, ValueError, KeyError, TypeError, RecursionError):
        return None


def _read(file: Path) -> str:
    try:
        size = file.stat().st_size
        if not file.is_file():
            raise Unusable(f"{file}: this is no ordinary file, so it is no notebook.")
        if size > MAX_BYTES:
            raise Unusable(
                f"{file}: it is {size / 2**20:.0f} MB, and at most {MAX_BYTES // 2**20} MB is taken. Clear all outputs"
                " in JupyterLab (Edit menu), save, and hand it in again."
            )
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Unusable(f"{file}: this is not a text file, so it is no notebook.") from None
    except OSError as error:
        raise Unusable(f"{file}: it cannot be read ({error.strerror}).") from None


def receive(submission: Submission) -> Received:
    """Take a submission in.

    Raises:
        Unusable: when it is no notebook that can be executed.
    """
    file = submission.path
    book = _parse(file)
    notices = [*_kernel_notices(book, submission.notebook)]
    book, sources, more = _sanitise(book, submission.notebook)
    return Received(submission, book, sources, tuple(notices + more))


def _parse(file: Path) -> NotebookNode:
    try:
        data = json.loads(_read(file))
    except RecursionError:
        raise Unusable(f"{file}: it is nested too deeply to be a notebook.") from None
    except ValueError as error:
        raise Unusable(f"{file}: this is not JSON, so it is no notebook ({error}). Was it saved completely?") from None
    if not isinstance(data, dict) or not ("cells" in data or "worksheets" in data):
        raise Unusable(f"{file}: this is JSON, but no notebook: it has no cells.")
    version = data.get("nbformat")
    if version != 4:
        raise Unusable(
            f"{file}: this notebook is in format {version!r}; format 4 is needed. Open it in JupyterLab and save it."
        )
    try:
        book = nbformat.from_dict(data)
        for cell in book.cells:
            if isinstance(cell.get("source"), list):
                cell.source = "".join(cell.source)
        if not all(isinstance(c.source, str) and c.cell_type in ("code", "markdown", "raw") for c in book.cells):
            raise ValueError("a cell without text, or of an unknown type")
        for cell in book.cells:
            cell.source.encode()  # JSON can name half a character, which no file can hold
            cell.metadata = nbformat.from_dict(cell.get("metadata") or {})
            if not isinstance(cell.metadata, dict):
                raise ValueError("a cell whose metadata is no object")
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise Unusable(f"{file}: this is no valid notebook ({error}).") from None
    return book


def _kernel_notices(book: NotebookNode, notebook: Notebook) -> Iterator[str]:
    wanted = KERNELS[notebook.tool]
    metadata = book.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    named = spec.get("name") if isinstance(spec, dict) else None
    if named is None:
        yield f"The notebook names no kernel; it was graded with `{wanted}`."
    elif named != wanted:
        yield f"The notebook names the kernel `{named}`; {notebook.module}/{notebook.tool} was graded with `{wanted}`."


def _sanitise(book: NotebookNode, notebook: Notebook) -> tuple[NotebookNode, dict[str, str | None], list[str]]:
    """The learner's code cells with our check cells; answers by exercise; and notices of what was put right."""
    notices: list[str] = []
    # Made from the manifest: in a learner's own copy of the course the notebook is the learner's.
    ours = {exercise.id: check_cell(exercise.id, exercise.points) for exercise in notebook.exercises}
    code = [(place, _grade_id(cell), cell.source) for place, cell in enumerate(book.cells) if cell.cell_type == "code"]
    kept = {place: source for place, _, source in code}
    if not any(source.strip() for source in kept.values()):
        notices.append("The notebook is empty: it has no code.")
    sources: dict[str, str | None] = {}
    check_after: dict[str, float] = {}
    for exercise in notebook.exercises:
        check = ours[exercise.id]
        answers = [place for place, name, _ in code if name == exercise.id]
        checks = [place for place, name, _ in code if name == check.id]
        solved = [place for place in answers if not exercise.is_stub(kept[place])]
        sources[exercise.id] = kept[(solved or answers)[-1]] if answers else None
        if not answers:
            notices.append(f"The cell of `{exercise.id}` was deleted or renamed; what the other cells define counts.")
        if len(answers) > 1:
            notices.append(f"There are {len(answers)} cells of `{exercise.id}`; the last one with an answer counts.")
        if solved:  # a copy of the stub behind the answer would undo it
            for place in set(answers) - set(solved):
                del kept[place]
        if any(kept[place].strip() != check.source.strip() for place in checks):
            notices.append(f"The check cell of `{exercise.id}` had been edited; it was restored.")
        if not checks and answers:
            notices.append(f"The check cell of `{exercise.id}` was deleted or renamed; it was restored.")
        # The check stays where the learner has it, unless that is before the answer.
        last_answer = max(answers, default=-1)
        check_after[exercise.id] = max([last_answer, *checks]) if answers or checks else float("inf")
        for place in checks:
            del kept[place]
    cells = [(float(place), nbformat.v4.new_code_cell(source, id=f"cell-{place}")) for place, source in kept.items()]
    # Sorting is stable: behind a cell at the same place, and in the course's order among themselves.
    cells += [(place, ours[name]) for name, place in check_after.items()]
    metadata = {"kernelspec": kernel_spec(notebook.tool), "language_info": LANGUAGE}
    made = nbformat.v4.new_notebook(
        cells=[cell for _, cell in sorted(cells, key=lambda item: item[0])],
        metadata=nbformat.from_dict(metadata),
    )
    return made, sources, notices


def _grade_id(cell: NotebookNode) -> str | None:
    data = cell.metadata.get("nbgrader")
    name = data.get("grade_id") if isinstance(data, dict) else None
    return name if isinstance(name, str) else None
