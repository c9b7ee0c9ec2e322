"""From an author's sources to notebooks: the learner's, the solved one, and one for each known wrong answer.

A source is `solutions/NN_topic/<tool>.py` in jupytext's percent format. Beside ordinary cells it has, by tag:

* `exercise` (id, points; needs, seconds): the answer, with nbgrader's solution markers around what a learner writes;
* `hint`: a step of help with the exercise above it;
* `wrong` (id, name, says): a known wrong answer, and words that the check is to say about it;
* `check`: the cell that checks the exercise above it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import Course, Exercise, Notebook, dump, modules_folder
from autograder.environments import KERNELS, ROOT
from autograder.files import write_text

SOLUTIONS = ROOT / "solutions"
TOOLS = tuple(KERNELS)
LANGUAGE = {
    "name": "python",
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "codemirror_mode": {"name": "ipython", "version": 3},
}
"""JupyterLab takes a notebook without it for changed as soon as it is opened."""
NBGRADER = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
"""What nbgrader wants to know of every cell that it cares for."""


class BuildError(Exception):
    """A source breaks a rule of the course; the message names the file, the exercise and the rule."""


@dataclass(frozen=True)
class Wrong:
    """A known wrong answer to an exercise."""

    exercise: str
    name: str
    says: str
    """Words that the check is to say about it."""
    source: str


@dataclass(frozen=True)
class Source:
    """One source file, sorted: what learners get, and what they do not."""

    path: Path
    module: str
    tool: str
    cells: tuple[NotebookNode, ...]
    """The cells of a notebook, solutions included; hints and wrong answers are not among them."""
    hints: dict[str, tuple[str, ...]]
    wrongs: tuple[Wrong, ...]

    def fail(self, what: str) -> BuildError:
        return BuildError(f"{self.path}: {what}")

    @cached_property
    def released(self) -> NotebookNode:
        """The learner's notebook."""
        try:
            return _release(self)
        except RuntimeError as error:  # nbgrader's: a solution that does not end, or outside of an exercise
            raise self.fail(str(error)) from None

    @cached_property
    def notebook(self) -> Notebook:
        """What the manifest says about it."""
        opening = self.cells[0].source
        title = re.match(r"# (.+)", opening)
        minutes = re.search(r"(\d+) minutes", opening)
        if not title or not minutes:
            raise self.fail("the first cell must be Markdown, begin with `# Title` and say how many minutes it takes.")
        return Notebook(self.module, self.tool, title[1], int(minutes[1]), tuple(self._exercises()))

    def _exercises(self) -> Iterable[Exercise]:
        heading = ""
        stubs = {cell.id: cell.source for cell in self.released.cells}
        for cell in self.cells:
            if (
                found := re.findall(r"^#+ (?:\d+ · )?(.+)$", cell.source, re.M)
                if cell.cell_type == "markdown"
                else None
            ):
                heading = found[-1]
            if _tagged(cell, "exercise"):
                data, name = cell.metadata, cell.metadata["id"]
                needs = tuple(data.get("needs", ()))
                options = {"seconds": data["seconds"]} if "seconds" in data else {}
                yield Exercise(name, heading, data["points"], stubs[name], self.hints[name], needs, **options)


def read(path: Path) -> Source:
    """Read one source file.

    Raises:
        BuildError: when it breaks a rule.
    """
    import jupytext  # takes a second, and who only grades does not read sources

    book = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    cells: list[NotebookNode] = []
    hints: dict[str, tuple[str, ...]] = {}
    wrongs: list[Wrong] = []
    current = ""
    for cell in book.cells:
        if _tagged(cell, "exercise"):
            current = cell.metadata.get("id", "")
            named = isinstance(current, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", current)
            if not named or "points" not in cell.metadata:
                raise BuildError(
                    f"{path}: an exercise needs points, and an id in lower case with hyphens: {current!r}."
                )
            if current in hints:
                raise BuildError(f"{path}: there are two exercises `{current}`.")
            hints[current] = ()
            cells.append(cell)
        elif _tagged(cell, "hint"):
            if current not in hints:
                raise BuildError(f"{path}: a hint stands before the first exercise.")
            hints[current] += (cell.source,)
        elif _tagged(cell, "wrong"):
            data = cell.metadata
            if data.get("id") not in hints or not data.get("name") or not data.get("says"):
                raise BuildError(f"{path}: a wrong answer needs the id of an exercise above it, a name, and says.")
            wrongs.append(Wrong(data["id"], data["name"], data["says"], cell.source))
        else:
            cells.append(cell)
    source = Source(path, path.parent.name, path.stem, tuple(cells), hints, tuple(wrongs))
    _hold_to_rules(source)
    return source


def _hold_to_rules(source: Source) -> None:
    if source.tool not in TOOLS:
        raise source.fail(f"a source is named after a tool: {', '.join(TOOLS)}.")
    checks = [cell.source for cell in source.cells if _tagged(cell, "check")]
    if others := [code for code in checks if not re.fullmatch(r'check\("[\w-]+"\)', code)]:
        raise source.fail(f'a check cell holds one line, such as `check("fan-out")`, and nothing else: {others[0]!r}.')
    checked = [found for code in checks for found in _checks(code)]
    for name in source.hints:
        if checked.count(name) != 1:
            raise source.fail(f"`{name}` must have exactly one check cell.")
        if not source.hints[name]:
            raise source.fail(f"`{name}` has no hint.")
        known = [wrong.name for wrong in source.wrongs if wrong.exercise == name]
        if len(set(known)) < 2:
            raise source.fail(f"`{name}` needs at least two wrong answers with different names; it has {known}.")
    for cell in source.cells:
        if unknown := set(cell.metadata.get("needs", ())) - set(source.hints):
            raise source.fail(f"`{cell.metadata['id']}` needs {sorted(unknown)}, which this notebook does not have.")
    if unknown := set(checked) - set(source.hints):
        raise source.fail(f"there are checks without an exercise: {sorted(unknown)}.")


def _tagged(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def _checks(code: str) -> list[str]:
    return re.findall(r"^check\([\"']([\w-]+)[\"']\)$", code, re.M)


def _release(source: Source) -> NotebookNode:
    """The learner's notebook: nbgrader's own steps clear the solutions and lock the check cells."""
    # Takes seconds, and only this needs it.
    from nbgrader.preprocessors import (
        CheckCellMetadata,
        ClearOutput,
        ClearSolutions,
        ComputeChecksums,
        LockCells,
    )

    book = nbformat.v4.new_notebook(cells=copy.deepcopy(list(source.cells)))
    points = {c.metadata["id"]: c.metadata["points"] for c in book.cells if _tagged(c, "exercise")}
    for number, cell in enumerate(book.cells):
        cell.id = f"{source.module}-{source.tool}-{number:02d}"
        if _tagged(cell, "exercise"):
            cell.id = cell.metadata["id"]
            cell.metadata = {"nbgrader": NBGRADER | {"solution": True, "grade_id": cell.id}}
        elif _tagged(cell, "check"):
            (exercise,) = _checks(cell.source)
            book.cells[number] = check_cell(exercise, points[exercise])
            continue
        else:
            tags = cell.metadata.get("tags")
            cell.metadata = {"tags": tags} if tags else {}
        cell.metadata = nbformat.from_dict(cell.metadata)
    book.metadata = nbformat.from_dict(
        {
            "kernelspec": kernel_spec(source.tool),
            "language_info": LANGUAGE,
            "triad": {
                "module": source.module,
                "tool": source.tool,
                "made_by": f"course build, from solutions/{source.module}/{source.tool}.py",
            },
        }
    )
    resources: dict = {"unique_key": source.module}
    for step in (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums):
        book, resources = step().preprocess(book, resources)
    nbformat.validate(book)
    return book


def kernel_spec(tool: str) -> dict[str, str]:
    """How a notebook names the kernel that it runs in."""
    kernel = KERNELS[tool]
    return {"name": kernel, "display_name": kernel.capitalize(), "language": "python"}


def check_cell_id(exercise: str) -> str:
    """The id of an exercise's check cell, in the notebook and in the gradebook."""
    return f"check-{exercise}"


def check_cell(exercise: str, points: float) -> NotebookNode:
    """An exercise's check cell: locked, and worth its points to nbgrader."""
    name = check_cell_id(exercise)
    nbgrader = NBGRADER | {"grade": True, "locked": True, "grade_id": name, "points": points}
    metadata = nbformat.from_dict({"nbgrader": nbgrader})
    return nbformat.v4.new_code_cell(f'check("{exercise}")', id=name, metadata=metadata)


def solved(source: Source, replace: dict[str, str] | None = None) -> NotebookNode:
    """The learner's notebook with every exercise answered: by the solution, or by what `replace` gives for its id."""
    book = copy.deepcopy(source.released)
    answers = {c.metadata["id"]: _without_markers(c.source) for c in source.cells if _tagged(c, "exercise")}
    answers |= replace or {}
    for cell in book.cells:
        cell.source = answers.get(cell.id, cell.source)
    return book


def wrong(source: Source, answer: Wrong) -> NotebookNode:
    """The solved notebook with one known wrong answer in it."""
    return solved(source, {answer.exercise: answer.source})


def _without_markers(code: str) -> str:
    return "\n".join(line for line in code.splitlines() if not re.match(r"\s*### (BEGIN|END) SOLUTION", line))


def sources(folder: Path | None = None) -> list[Source]:
    """All sources, in the order in which they are taken."""
    folder = folder or SOLUTIONS
    paths = [path for module in sorted(folder.iterdir()) if module.is_dir() for path in module.glob("*.py")]
    place = {tool: number for number, tool in enumerate(TOOLS)}  # `read` refuses what is named after none of them
    found = [read(path) for path in sorted(paths, key=lambda p: (p.parent.name, place.get(p.stem, -1)))]
    seen: dict[str, str] = {}
    for source in found:
        for name in source.hints:
            if seen.setdefault(name, source.module) != source.module:
                raise source.fail(f"the id `{name}` is taken by {seen[name]}; an id names one exercise of the course.")
    return found


def outputs(found: list[Source]) -> dict[str, str]:
    """What stands in `modules/`: file name to text."""
    made: dict[str, str] = {}
    titles: dict[str, str] = {}
    for source in found:
        made[f"{source.module}/{source.tool}.ipynb"] = nbformat.writes(source.released) + "\n"
        if source.module not in titles:
            readme_path = source.path.with_name("README.md")
            if not readme_path.is_file():
                raise source.fail("its module has no README.md, whose first line is the module's title.")
            readme = readme_path.read_text(encoding="utf-8")
            titles[source.module] = readme.split("\n", 1)[0].removeprefix("# ")
            made[f"{source.module}/README.md"] = _note(f"solutions/{source.module}/README.md") + readme
    made["manifest.json"] = dump(Course(tuple(source.notebook for source in found), titles))
    return made


def _note(made_from: str) -> str:
    return f"<!-- Made from {made_from} by `course build`: edit that file, and run `make build`. -->\n"


def write(made: dict[str, str], folder: Path | None = None) -> list[str]:
    """Bring `modules/` up to date; return the names of the files that were not."""
    folder = folder or modules_folder()
    stale = [name for name, text in made.items() if not is_current(folder / name, text)]
    for name in stale:
        write_text(folder / name, made[name])
    return stale


def is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def write_solved(found: Iterable[Source], folder: Path, learner: str) -> list[Path]:
    """Write solved notebooks as `folder/<learner>/<module>/<tool>.ipynb`, the layout that nbgrader and `grade` read."""
    paths = []
    for source in found:
        path = folder / learner / source.module / f"{source.tool}.ipynb"
        write_text(path, nbformat.writes(solved(source)) + "\n")
        paths.append(path)
    return paths
