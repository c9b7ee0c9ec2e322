"""Module 02, first run: what a learner's own check looks at. One exam for the three tools."""

from autograder.judge import exercise, plain_python

from .wiring import assert_wired

DAY = "2013-03-10"


# 1 · Wire the stages of one day


@exercise("wire-one-day", one_day={})
def test_the_run_succeeds_and_writes_the_features_of_10_march(one_day):
    run, rows = (
        one_day["first"]["run"],
        one_day["first"]["tables"].get(f"features/day={DAY}.parquet", {}).get("rows", 0),
    )
    assert run.state == "success", (
        f"Expected the run of `one_day` to succeed, but its state is `{run.state}`: {run.error}\n"
        "Does each stage get what the stage before it returned?"
    )
    wanted = plain_python(DAY)["rows"]["features"]
    assert rows == wanted, (
        f"Expected {wanted} rows in the features of {DAY}; the lake has {rows} after your run.\n"
        f"It holds: {', '.join(one_day['first']['tables']) or 'nothing'}."
        " Are all three stages called, each by a task, for `DAY`?"
    )


@exercise("wire-one-day", one_day={})
def test_each_stage_is_a_task_that_waits_for_the_one_before(one_day):
    assert_wired(one_day, one_day["first"]["run"], ("ingest", "validate"), ("validate", "features"))
    asked = one_day["downloads"]
    assert len(asked) <= 1 or sorted(asked) == ["EWR", "JFK", "LGA"], (
        f"The source of flights was asked {len(asked)} times for one day.\n"
        "Does a later task begin again, in place of using the reference that it was given?"
    )


# 2 · Fan out over the airports


@exercise("fan-out", by_airport={})
def test_ingest_is_mapped_over_the_three_airports(by_airport):
    run, name = by_airport["run"], by_airport["names"]["ingest"]
    assert run.state != "refused", f"The tool would not start the run: {run.error}"
    instances = run.named(name)
    assert len(instances) == 3, (
        f"Expected three instances of `{name}`, one for each airport; the run's record shows {len(instances)}.\n"
        f"Its tasks: {run.task_names()}. Map `{name}` over the list: a loop inside of one task, or in the"
        " definition of the pipeline, makes no instances."
    )
    asked = by_airport["downloads"]
    assert sorted(asked) == ["EWR", "JFK", "LGA"], (
        "Expected the source to be asked for EWR, JFK and LGA, once each; it was asked for"
        f" {', '.join(asked) or 'nothing'}.\n"
        "Does each instance ingest its own airport: `pipeline.ingest(day, origin)`?"
    )


@exercise("fan-out", by_airport={})
def test_one_validate_joins_them_all_again(by_airport):
    run, names = by_airport["run"], by_airport["names"]
    validate = run.task(names["validate"])
    assert_wired(by_airport, run, ("ingest", "validate"), ("validate", "features"))
    rows = by_airport["tables"].get(f"valid/day={DAY}.parquet", {}).get("rows", 0)
    wanted = plain_python(DAY)["rows"]["valid"]
    assert rows == wanted, (
        f"Expected {wanted} valid rows, the flights of all three airports; the lake has {rows}.\n"
        f"Does `{validate.name}` get all references, as one list?"
    )


# 3 · A day as a parameter


@exercise("any-day", any_day={"days": ["2013-03-03"]}, weight=2)
def test_the_day_that_was_asked_for_is_written_and_no_other(any_day):
    run = any_day["runs"][0]
    assert run.state == "success", (
        f"Expected a run for 2013-03-03 to succeed, but its state is `{run.state}`: {run.error}\n"
        "Does every task know the day of its run, and wait for what it reads?"
    )
    parts = [part for table in any_day["tables"] for part in table.replace(".", "/").split("/")]
    written = sorted({part for part in parts if part.startswith("day=")})
    assert written == ["day=2013-03-03"], (
        f"Asked for 2013-03-03, the run wrote {', '.join(written) or 'nothing'}.\n"
        "Is the day still fixed somewhere in the pipeline, or its parameter not named `day`?"
    )
    assert any(table.startswith("features/") for table in any_day["tables"]), (
        "The run wrote no features. Are all three stages wired, as in exercise 1?"
    )
    assert_wired(any_day, run, ("ingest", "validate"), ("validate", "features"))


@exercise("any-day", any_day={"days": ["2013-03-03", "2013-02-30"]})
def test_a_day_that_does_not_exist_is_refused_before_any_task_runs(any_day):
    assert any("day=2013-03-03" in table for table in any_day["tables"]), (
        "Asked for 2013-03-03 first, the pipeline wrote nothing for that day, so nothing can be said of refusing one.\n"
        "Let it take the day that it is asked for."
    )
    run = any_day["runs"][1]
    ran = [task.name for task in run.tasks if task.attempts]
    assert run.state != "success", (
        "Asked for 30 February 2013, the run ended as a success.\nWhich day did it take? The parameter must be a date."
    )
    assert not ran, (
        f"Asked for 30 February 2013, the run started `{ran[0]}` before it failed.\n"
        "Tell the tool what a day is (a type, a format, or the days that there are): it then refuses such a run"
        " before anything has happened."
    )


# 4 · Read the run's record


@exercise("slowest-task", slowest={"seconds": {"ingest": 0.3, "validate": 0.05, "features": 0.1}})
def test_the_task_that_took_longest_is_named(slowest):
    _names_the_slowest(slowest)


def _names_the_slowest(slowest):
    got = slowest["answer"]
    assert isinstance(got, list), (
        "Expected `slowest_task` to return a name and seconds, as in `('validate', 0.31)`;"
        f" it returned {got['instead']}.\n"
        "Return a tuple of two: the task's name, and how long it ran."
    )
    # Of a mapped task the slowest instance: it comes last and replaces the others.
    timed = {task.name: task.seconds for task in sorted(slowest["run"].tasks, key=lambda task: task.seconds)}
    name = max(slowest["run"].tasks, key=lambda task: task.seconds).name
    shown = ", ".join(f"{one} {seconds:.2f} s" for one, seconds in timed.items())
    assert got[0] == name, (
        f"In this run `{name}` took longest; `slowest_task` says `{got[0]}`.\nThe run's record: {shown}."
    )
    assert abs(got[1] - timed[name]) < 0.05, (
        f"`{name}` ran for {timed[name]:.2f} s; `slowest_task` says {got[1]:.2f} s.\n"
        "Take the time from the task's own start to its own end, in seconds with fractions."
    )


# 5 · The same metrics as plain Python


@exercise("same-metrics", publish_day={"day": DAY}, weight=2)
def test_the_published_model_has_the_metrics_of_plain_python(publish_day):
    _same_metrics(publish_day, DAY)


def _same_metrics(publish_day, day):
    run, champion, wanted = publish_day["run"], publish_day["champion"], plain_python(day)["metrics"]
    assert not publish_day["models"] or wanted["model"] in publish_day["models"], (
        f"Expected the model {wanted['model']}; the run trained {', '.join(publish_day['models'])}.\n"
        "Train on the two weeks before the day: `pipeline.window_before(day)`."
    )
    assert run.state == "success", (
        f"Expected the run of `publish_day` for {day} to succeed, but its state is `{run.state}`: {run.error}\n"
        "Does every stage take the day of its own run, and wait for what it reads?"
    )
    assert champion is not None, (
        f"The run for {day} published no model: there is no champion in the lake.\n"
        "Does `publish` get the model and its metrics?"
    )
    for metric in ("auc", "brier"):
        got = champion["metrics"].get(metric)
        assert isinstance(got, float) and abs(got - wanted[metric]) < 1e-4, (
            f"Plain Python's model has {metric} {wanted[metric]:.4f} for {day}; the one that you published has {got}.\n"
            "Is it evaluated on that day, which it has not seen?"
        )


@exercise("same-metrics", publish_day={"day": DAY}, weight=2)
def test_each_stage_is_a_task_that_waits_for_what_it_reads(publish_day):
    assert_wired(
        publish_day,
        publish_day["run"],
        ("ingest", "validate"),
        ("validate", "features"),
        ("train", "evaluate"),
        ("features", "evaluate"),
        ("evaluate", "publish"),
        ("publish", "score"),
    )


@exercise("same-metrics", publish_day={"day": DAY})
def test_the_day_is_scored_by_the_new_champion(publish_day):
    rows = publish_day["tables"].get(f"predictions/day={DAY}.parquet", {}).get("rows", 0)
    wanted = plain_python(DAY)["rows"]["predictions"]
    assert rows == wanted, (
        f"Expected {wanted} predictions for {DAY}, one for each flight; the lake has {rows}.\n"
        "Is `score` the last stage, and does it wait for `publish`?"
    )
