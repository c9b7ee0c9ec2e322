"""Module 02, first run: the same in situations that the public tests do not show."""

from autograder.judge import exercise

from .public import DAY, _names_the_slowest, _same_metrics


@exercise("wire-one-day", one_day={"times": 2})
def test_running_it_twice_leaves_what_running_it_once_leaves(one_day):
    first, last = one_day["first"]["tables"], one_day["last"]["tables"]
    assert any(table.startswith("features/") for table in first), (
        f"The first of two runs of `one_day` wrote no features: {one_day['first']['run'].error or 'it had no error'}\n"
        "Does each task return the reference that its stage gives?"
    )
    assert first == last, (
        "After a second run of `one_day` the lake differs from what the first one left.\n"
        "Leave the writing to the stages: each replaces what it wrote before."
    )


@exercise("wire-one-day", one_day={"faults": {"/flights/": ["missing"] * 4}})
def test_what_comes_after_a_failed_stage_does_not_run(one_day):
    run, names, tables = one_day["first"]["run"], one_day["names"], one_day["first"]["tables"]
    _fails_at(run, names, "validate", when="The day came with a column missing")
    # A program that stops at the error has no record of what it did not call; a tool that plans ahead has one.
    assert not any(task.attempts for task in run.named(names["features"])), (
        f"The day came with a column missing. `{names['validate']}` fails then, and `{names['features']}` was started"
        f" all the same.\nIt must wait for what `{names['validate']}` gives. Is the error caught somewhere on the way?"
    )
    assert not any(table.startswith("features/") for table in tables), (
        "The day came with a column missing, and its features were written all the same.\n"
        "Does every stage wait for the one before it?"
    )


@exercise("fan-out", by_airport={"closed": ["LGA"]})
def test_a_day_on_which_only_two_airports_have_flights_gives_two_instances(by_airport):
    run, name = by_airport["run"], by_airport["names"]["ingest"]
    instances = run.named(name)
    assert len(instances) == 2, (
        f"On a day without flights from LGA, expected two instances of `{name}`; the run's record shows"
        f" {len(instances)}.\nAsk `pipeline.airports(DAY)` while the run is under way: the list is not known before."
    )
    assert any(table.startswith("valid/") for table in by_airport["tables"]), (
        "On a day without flights from LGA, no valid table was written. Does the join take however many there are?"
    )


@exercise("fan-out", by_airport={"faults": {f"/flights/{DAY}?origin=JFK": [503]}})
def test_when_one_airport_fails_the_others_finish_and_nothing_is_joined(by_airport):
    run, names = by_airport["run"], by_airport["names"]
    states = sorted(task.state for task in run.named(names["ingest"]))
    assert "failed" in states, (
        "The source was busy (503) for some airports, and the record shows no failed instance of"
        f" `{names['ingest']}`.\nLet the error out: a task that swallows it looks like one that worked."
        " Or does one download fetch them all?"
    )
    assert not any(table.startswith("valid/") for table in by_airport["tables"]), (
        "One airport could not be ingested, and the day was joined without it.\n"
        f"`{names['validate']}` must wait for all instances to succeed."
    )


@exercise("any-day", any_day={"days": ["2013-11-03", "2013-07-04"]})
def test_two_days_one_after_the_other_are_kept_apart(any_day):
    for day in ("2013-11-03", "2013-07-04"):
        rows = any_day["tables"].get(f"features/day={day}.parquet", {}).get("rows", 0)
        assert rows > 500, (
            f"Asked for 2013-11-03 and then for 2013-07-04, the lake has {rows} rows of features for {day}.\n"
            "Does every task take the day of its own run?"
        )


@exercise("slowest-task", slowest={"seconds": {"ingest": 0.1, "validate": 0.05}, "mapped": [0.05, 0.4, 0.05]})
def test_one_slow_instance_of_a_mapped_task_counts_by_itself(slowest):
    _names_the_slowest(slowest)


@exercise(
    "slowest-task", slowest={"seconds": {"ingest": 0.05, "validate": 0.3, "features": 0.1}, "failing": "validate"}
)
def test_a_run_that_failed_can_be_read_too(slowest):
    _names_the_slowest(slowest)


@exercise("same-metrics", publish_day={"day": DAY, "history": False})
def test_without_the_two_weeks_before_training_fails_and_nothing_is_published(publish_day):
    run, names = publish_day["run"], publish_day["names"]
    _fails_at(run, names, "train", when="The lake held no history")
    assert publish_day["champion"] is None, "The lake held no history, and a model was published all the same."
    score = run.named(names["score"])
    assert not any(task.attempts for task in score), (
        f"The lake held no history, so no model was published, and `{names['score']}` was started all the same.\n"
        f"It must wait for `{names['publish']}`."
    )


def _fails_at(run, names, stage, when):
    """The run failed in the task of that stage, and not in an earlier one that does its work."""
    tasks = run.named(names[stage])
    assert tasks and all(task.state == "failed" for task in tasks), (
        f"{when}, which is for `{names[stage]}` to find, and it did not fail.\n"
        "Does each task do its own stage, no other, and let the error out?"
    )


@exercise("same-metrics", publish_day={"day": "2013-03-21"})
def test_another_day_has_the_metrics_of_plain_python_too(publish_day):
    _same_metrics(publish_day, "2013-03-21")
