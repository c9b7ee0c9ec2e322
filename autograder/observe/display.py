"""How a verdict and a hint look in a notebook and in a terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

MARKS = {"passed": ("✔", "#1a7f37", "passed"), "untouched": ("○", "#6e7781", "not started")}
OTHERWISE = ("✘", "#b42318", "")
OURS = ("⚠", "#9a6700", "a fault of the course, not of your answer")
BOX = "border-left:4px solid {colour};padding:.4em .9em;margin:.2em 0;line-height:1.5;max-width:52em"


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Its plain-text form is the number of points alone: nbgrader reads partial credit from the value of a check cell.
    """

    exercise: str
    title: str
    outcome: str
    points: float | None
    max_points: float
    message: str
    tests: list[dict[str, Any]] = field(default_factory=list)
    """One for each test: `name`, `outcome`, `message`, `hidden`."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Where the time went: `observing` and `judging`."""

    def __repr__(self) -> str:
        return str(float(self.points or 0.0))

    def _repr_html_(self) -> str:
        mark, colour, said = OURS if self.outcome == "grader-error" else MARKS.get(self.outcome, OTHERWISE)
        got = "–" if self.points is None else f"{self.points:g}"
        head = f"<b style='color:{colour}'>{mark} {escape(self.title)}: {said or escape(self.outcome)}</b>"
        head += f" · {got} of {self.max_points:g} points"
        # What tests say of an exercise that builds on an unsolved one would lead astray.
        shown = [] if self.outcome == "blocked" else self.tests
        body = "" if shown else _paragraphs(self.message)
        for test in shown:
            ok = test["outcome"] == "passed"
            label = escape(test["name"]) + (" <i>(another situation)</i>" if test["hidden"] else "")
            body += f"<div style='margin-top:.3em'>{'✔' if ok else '✘'} {label}</div>"
            body += "" if ok else f"<div style='margin-left:1.4em'>{_paragraphs(test['message'])}</div>"
        return f"<div role='status' style='{BOX.format(colour=colour)}'>{head}{body}</div>"


@dataclass(frozen=True)
class Hint:
    """The hints of an exercise that have been revealed so far."""

    exercise: str
    texts: tuple[str, ...]
    of: int

    def _repr_markdown_(self) -> str:
        shown = "\n\n".join(f"**Hint {n} of {self.of}**\n\n{text}" for n, text in enumerate(self.texts, 1))
        return shown + ("\n\n*Run the cell again for the next one.*" if len(self.texts) < self.of else "")

    def __repr__(self) -> str:
        return self._repr_markdown_().replace("**", "").replace("*", "")


def _paragraphs(text: str) -> str:
    """Text with `code` and line breaks as HTML."""
    parts = escape(text).split("`")
    inline = "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
    return "<div>" + inline.replace("\n", "<br>") + "</div>"
