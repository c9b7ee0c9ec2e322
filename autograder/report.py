"""Grades for a person to read: tables and verdicts in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from autograder.judge.verdict import Verdict
from autograder.record import Graded

SIGNS = {"passed": ("✔", "green"), "untouched": ("○", "dim"), "grader-error": ("⚠", "yellow")}


def sign(outcome: str) -> Text:
    mark, style = SIGNS.get(outcome, ("✘", "red"))
    return Text(f"{mark} {outcome}", style)


def grades_table(all_graded: list[Graded]) -> Table:
    """One row for each submission: who, what, points, and what became of the exercises."""
    table = Table(title="Grades", title_justify="left", header_style="bold")
    for name in ("Learner", "Module", "Tool"):
        table.add_column(name)
    table.add_column("Points", justify="right")
    table.add_column("Exercises")
    table.add_column("Seconds", justify="right")
    for one in sorted(all_graded, key=lambda one: (one.learner, one.module, one.tool)):
        marks = Text(" ").join(Text(*_mark(verdict)) for verdict in one.verdicts)
        points = f"{one.points:g} / {one.max_points:g}"
        table.add_row(one.learner, one.module, one.tool, points, marks, f"{one.seconds:.1f}")
    return table


def _mark(verdict: Verdict) -> tuple[str, str]:
    return SIGNS.get(verdict.outcome, ("✘", "red"))


def needs_a_look(all_graded: list[Graded]) -> Iterator[str]:
    """What a person should know about a run beside its marks: notices and grader-errors, a line each."""
    for one in all_graded:
        who = f"{one.learner} {one.module}/{one.tool}"
        yield from (f"{who}: {notice}" for notice in one.notices)
        yield from (f"{who}: grader-error in `{v.exercise}`: {v.message}" for v in one.grader_errors)


def verdict_panel(verdict: Verdict) -> RenderableType:
    """A verdict as `check` shows it in a notebook."""
    got = "–" if verdict.points is None else f"{verdict.points:g}"
    lines: list[RenderableType] = []
    for test in verdict.tests if verdict.outcome != "blocked" else []:
        mark, style = SIGNS.get(test.outcome, ("✘", "red"))
        lines.append(Text(f"{mark} {test.name}" + (" (another situation)" if test.hidden else ""), style))
        if test.message:
            lines.append(Text("  " + test.message.replace("\n", "\n  ")))
    title = Text.assemble(sign(verdict.outcome), f" · {verdict.title} · {got} of {verdict.max_points:g} points")
    body = Group(*lines) if lines else Text(verdict.message)
    return Panel(body, title=title, title_align="left", border_style=SIGNS.get(verdict.outcome, ("", "red"))[1])


def print_grades(console: Console, all_graded: list[Graded]) -> None:
    console.print(grades_table(all_graded))
    for line in needs_a_look(all_graded):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if not all(one.isolated for one in all_graded):
        console.print(
            "[dim]Submissions ran as ordinary processes of yours, not in a sandbox: grade only what you would run.[/]"
        )
