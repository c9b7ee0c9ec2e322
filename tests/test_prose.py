"""Prose keeps its promises: links resolve, commands run, code blocks are Python that works."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import nbformat
import pytest

from autograder.environments import ROOT, program

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("modules/*/README.md"))]
PAGES += sorted(ROOT.glob("docs/*.md"))
NOTEBOOKS = sorted(ROOT.glob("modules/*/*.ipynb"))


def text_of(page: Path) -> str:
    """A page's Markdown; of a notebook, that of its Markdown cells."""
    if page.suffix != ".ipynb":
        return page.read_text(encoding="utf-8")
    return "\n\n".join(
        c.source for c in nbformat.read(page.open(encoding="utf-8"), 4).cells if c.cell_type == "markdown"
    )


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text_of(page), re.M | re.S)


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


@pytest.mark.parametrize("page", named(PAGES + NOTEBOOKS))
def test_every_link_to_a_file_resolves(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", text_of(page))
    local = [link.split("#")[0] for link in links if not re.match(r"https?://|#", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", named(PAGES))
def test_every_shell_command_is_one_that_works(page: Path, tmp_path: Path) -> None:
    for line in "".join(blocks(page, "sh")).splitlines():
        words = shlex.split(line)
        if words[0] == "make":  # what the targets do has tests of its own, or is this one
            done = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True)
        else:
            assert words[0] == ".envs/hub/bin/course", f"{line}: say in the test how to try this command"
            # Commands follow one another in a page, as `build --solved` and then `grade`, in a folder of their own.
            folder = {"solved": tmp_path / "solved", "grades": tmp_path / "grades"}
            rest = [str(tmp_path / word) if word.split("/")[0] in folder else word for word in words[1:]]
            done = subprocess.run([program("hub", "course"), *rest], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", named(PAGES))
def test_every_python_block_runs(page: Path) -> None:
    for block in blocks(page, "python"):
        indent = len(block) - len(block.lstrip(" "))
        code = "\n".join(line[indent:] for line in block.splitlines())
        exec(compile(code, str(page), "exec"), {"__name__": "a_page"})
