"""The command `course`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder import course as the_course
from autograder.course import CourseError

app = typer.Typer(
    help="One ML pipeline, three orchestrators: check, grade and build the course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console()
complain = Console(stderr=True)

UNUSABLE, GRADER_ERROR, INTERRUPTED = 2, 3, 130

Address = Annotated[str, typer.Argument(help="MODULE/TOOL or MODULE/TOOL/EXERCISE, as in 02/prefect/fan-out.")]


def fail(message: object, status: int = UNUSABLE) -> typer.Exit:
    complain.print(str(message), style="red", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(status)


@app.command()
def doctor() -> None:
    """Say what is there, what is missing, and how to get it."""
    from autograder import doctor as room

    findings = room.examine()
    console.print(room.table(findings))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def build(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if modules/ is not up to date.")
    ] = False,
    solved: Annotated[Path | None, typer.Option(help="Write the solved notebooks into this folder instead.")] = None,
    learner: Annotated[str, typer.Option(help="With --solved: whose they are.")] = "solution",
) -> None:
    """Make modules/ from solutions/, or the solved notebooks in nbgrader's layout."""
    from autograder import build as room

    try:
        found = room.sources()
        if solved:
            paths = room.write_solved(found, solved, learner)
            console.print(f"Wrote {len(paths)} solved notebooks to {solved / learner}.")
            return
        made = room.outputs(found)
    except room.BuildError as error:
        raise fail(error) from None
    if check:
        stale = [n for n, text in made.items() if not room.is_current(the_course.modules_folder() / n, text)]
        if stale:
            raise fail(f"Not up to date: {', '.join(stale)}. Run `make build`.", 1)
        return
    written = room.write(made)
    console.print(f"{len(written)} of {len(made)} files written" + (f": {', '.join(written)}" if written else ""))


@app.command()
def check(address: Address) -> None:
    """Check your own notebook, or one exercise of it."""
    from autograder.execute import execute
    from autograder.intake import Submission, Unusable, receive
    from autograder.report import verdict_panel

    try:
        course = the_course.load()
        notebook, exercise = course.address(address)
        received = receive(Submission("me", notebook, notebook.path))
    except (CourseError, Unusable) as error:
        raise fail(error) from None
    if exercise:
        received = received.up_to(exercise.id)
    with console.status(f"Running {notebook.module}/{notebook.tool} …"):
        executed = execute(received, course)
    for notice in received.notices:
        console.print(notice, markup=False)
    verdicts = [v for v in executed.verdicts if exercise is None or v.exercise == exercise.id]
    for verdict in verdicts:
        console.print(verdict_panel(verdict))
    if any(verdict.outcome == "grader-error" for verdict in verdicts):
        raise typer.Exit(GRADER_ERROR)


@app.command()
def hint(
    address: Address,
    step: Annotated[int, typer.Option(min=1, help="Show the hints up to this one.")] = 1,
) -> None:
    """Show an exercise's hints, one by one."""
    try:
        _, exercise = the_course.load().address(address)
    except CourseError as error:
        raise fail(error) from None
    if exercise is None:
        raise fail(f"Which exercise? Write {address.rstrip('/')}/EXERCISE.")
    for number, text in enumerate(exercise.hints[:step], 1):
        console.print(Markdown(f"**Hint {number} of {len(exercise.hints)}**\n\n{text}"))
    if step < len(exercise.hints):
        console.print(f"[dim]The next one: course hint {address} --step {step + 1}[/]")


@app.command()
def demo(
    days: Annotated[list[str] | None, typer.Argument(help="Days of 2013 to run the pipeline for.")] = None,
) -> None:
    """Run the same pipeline for the same days in plain Python and in the three tools: they must agree."""
    from autograder import demo as room

    with console.status("plain Python …") as status:
        rows = list(room.compare(days or list(room.DAYS), lambda tool: status.update(f"{tool} …")))
    console.print(room.table(rows))
    if differing := room.differing(rows):
        raise fail(f"They do not agree: {'; '.join(differing)}.", 1)
    console.print("All agree with plain Python.")


@app.command()
def grade(
    paths: Annotated[list[Path] | None, typer.Argument(help="Notebooks, a learner's folder, or a cohort's.")] = None,
    out: Annotated[Path, typer.Option(help="Where grades.json and the executed notebooks go.")] = Path("grades"),
    learner: Annotated[str, typer.Option(help="Whose a notebook is when no folder says so.")] = "me",
    jobs: Annotated[int, typer.Option(min=0, help="How many side by side; 0 for one on each core.")] = 0,
) -> None:
    """Grade notebooks; the default is your own, in modules/.

    Exit status: 0 all graded, whatever the marks; 2 some input was unusable (the rest is graded); 3 the grader itself
    failed on something.
    """
    from autograder.grading import cores, grade_all
    from autograder.intake import Submission, Unusable, find
    from autograder.record import Graded, write_grades
    from autograder.report import print_grades

    try:
        course = the_course.load()
    except CourseError as error:
        raise fail(error) from None
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fail(f"{out}: grades cannot be written into this folder ({error.strerror}).") from None
    found = [one for path in paths or [the_course.modules_folder()] for one in find(path, course, learner)]
    unusable = [str(one) for one in found if isinstance(one, Unusable)]
    submissions: dict[tuple[str, str, str], Submission] = {}
    for one in found:
        if isinstance(one, Submission):
            first = submissions.setdefault((one.learner, one.notebook.module, one.notebook.tool), one)
            if first.path.resolve() != one.path.resolve():
                unusable.append(f"{one.path}: {first.path} was handed in as the same notebook of the same learner.")
    graded: list[Graded] = []
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    interrupted = False
    with Progress(*columns, console=complain, transient=True) as progress:
        bar = progress.add_task("", total=len(submissions))
        try:
            for submission, outcome in grade_all(list(submissions.values()), out, jobs or cores()):
                if isinstance(outcome, Unusable):
                    unusable.append(str(outcome))
                else:
                    graded.append(outcome)
                    write_grades(graded, out)  # at once: what is done is not lost by what comes after
                notebook = submission.notebook
                progress.update(bar, advance=1, description=f"{submission.learner} {notebook.module}/{notebook.tool}")
        except KeyboardInterrupt:
            interrupted = True
    path = write_grades(graded, out)
    if graded:
        print_grades(console, graded)
    for line in unusable:
        complain.print(line, style="red", markup=False, highlight=False, soft_wrap=True)
    console.print(f"{len(graded)} graded, {len(unusable)} unusable. Written to {path}.", highlight=False)
    if interrupted:
        raise fail(
            "Stopped. What was graded until then is in the file; run the same command for the rest.",
            INTERRUPTED,
        )
    if any(one.grader_errors for one in graded):
        raise typer.Exit(GRADER_ERROR)
    if unusable:
        raise typer.Exit(UNUSABLE)


if __name__ == "__main__":
    app()
