"""Public tests of module 00."""

from autograder.judge import exercise

COLUMNS = 15


@exercise("count-flights", counted={"day": "2013-03-10"})
def test_the_day_of_the_example_has_908_flights(counted):
    value = counted["value"]
    assert value is not None, (
        f"Expected a number of flights, got {counted['described']}.\n"
        "Does your function `return` the number, rather than print it or return the table?"
    )
    assert value != 908 * COLUMNS, (
        f"Expected 908 flights on 2013-03-10, got {value}: 908 rows times {COLUMNS} columns.\n"
        "`size` counts cells. Which function counts the rows of a DataFrame?"
    )
    assert value != COLUMNS, (
        f"Expected 908 flights on 2013-03-10, got {value}, the number of columns.\n"
        "A flight is a row. Which function counts the rows of a DataFrame?"
    )
    assert value not in (902, 903), (
        f"Expected 908 flights on 2013-03-10, got {value}: as many as really flew.\n"
        "Flights that were cancelled were scheduled, too: count every row, whatever its times say."
    )
    assert value == 908, (
        f"Expected 908 flights on 2013-03-10, from all three airports; got {value}.\n"
        "Count the rows of `read_flights(day)`, all of them."
    )


@exercise("late-share", share={"day": "2013-02-08"})
def test_cancelled_flights_do_not_count_as_punctual(share):
    value = share["value"]
    assert value is not None, (
        f"Expected a share from 0 to 1 for 2013-02-08, got {share['described']}.\n"
        "Does your function `return` one number? A Series or a text is not one."
    )
    assert not 1 < value <= 100, (
        f"Expected a share from 0 to 1 for 2013-02-08, got {value:g}.\n"
        "That looks like a percentage or a count: divide, and do not multiply by 100."
    )
    assert abs(value - 223 / 930) > 0.001, (
        f"Expected 49.0 % late on 2013-02-08, got {value:.1%}: you divided by all 930 flights.\n"
        "475 of them never arrived. Compared with 15, a missing delay is `False`, which counts them as punctual:\n"
        "leave them out before you compare."
    )
    assert abs(value - 125 / 458) > 0.001, (
        f"Expected 223 late flights of 455 that arrived on 2013-02-08, 49.0 %; got {value:.1%}: the share of those\n"
        "that left late. Late is `arr_delay` of 15 or more; `dep_delay` is another column, and it is not the label."
    )
    assert abs(value - 223 / 455) < 0.001, (
        f"Expected 223 late flights of 455 that arrived on 2013-02-08, 49.0 %; got {value:.1%}.\n"
        "Late is `arr_delay` of 15 or more. Divide the number of late flights by that of the flights that arrived."
    )


@exercise("late-share", share={"day": "2013-03-10", "arr_delay": [14, 15, 16, 40], "dep_delay": 0})
def test_15_minutes_are_late_and_14_are_not(share):
    value = share["value"]
    said = share["described"] if value is None else f"{value:g}"
    assert value is not None and abs(value - 0.5) > 0.001, (
        f"Four flights arrived 14, 15, 16 and 40 minutes late; expected 3 of 4, got {said}.\n"
        "A flight that is exactly 15 minutes behind is late: 15 or more, so `>=`."
    )
    assert abs(value - 0.75) < 0.001, (
        f"Four flights left on time and arrived 14, 15, 16 and 40 minutes late; expected 3 of 4, got {said}.\n"
        "Only the arrival counts, `arr_delay`: `dep_delay` says how late a flight left."
    )


def hold(interval, day, start, end, hours):
    """What is true of every right answer, whatever the day."""
    assert interval["pair"], (
        f"Expected a pair of two `datetime` objects for {day}, got {interval['described']}.\n"
        "End your function with `return start, end`."
    )
    got = " to ".join(interval["shown"])
    assert interval["aware"], (
        f"Expected instants with a time zone for {day}, got {got}.\n"
        "A `datetime` without a zone is a clock reading anywhere. Make midnight with `tzinfo=NEW_YORK`, then go to UTC."
    )
    assert (interval["start"], interval["end"]) != (f"{day} 00:00", end[:10] + " 00:00"), (
        f"Expected the day in New York, {start} UTC to {end} UTC; got {got}: that is the day of UTC.\n"
        "Midnight comes to New York hours later. Make midnight there, and turn it into UTC with `astimezone`."
    )
    assert interval["start"] == start, (
        f"Expected {day} to begin at {start} UTC, but yours begins at {interval['shown'][0]}.\n"
        "New York is five hours behind UTC in winter and four hours behind in summer: let `ZoneInfo` know when."
    )
    assert interval["end"] == end, (
        f"Expected {day} to end at {end} UTC, after {hours} hours; yours ends at {interval['shown'][1]}.\n"
        "Did you add 24 hours, or keep one offset from UTC for both ends? New York is five hours behind in winter and\n"
        "four hours behind in summer: make the *next* midnight on its calendar, then turn that into UTC."
    )
    assert interval["utc"], (
        f"Both instants of {day} are right, but they are not in UTC: got {got}.\n"
        "Two times in New York's zone are subtracted as clock readings, which gives 24 hours on every day.\n"
        "Return them in UTC: `.astimezone(UTC)`."
    )


@exercise("day-interval", interval={"day": "2013-03-10"})
def test_the_day_when_clocks_go_forward_has_23_hours(interval):
    hold(interval, "2013-03-10", "2013-03-10 05:00", "2013-03-11 04:00", 23)


@exercise("day-interval", interval={"day": "2013-01-16"})
def test_a_day_in_winter_begins_at_0500_utc(interval):
    hold(interval, "2013-01-16", "2013-01-16 05:00", "2013-01-17 05:00", 24)
