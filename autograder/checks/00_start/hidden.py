"""Hidden tests of module 00: the same questions in other situations."""

from autograder.judge import exercise


def counts(counted, day, flights):
    """The count is right; no message tells the number, or it could be copied."""
    assert counted["value"] != 908, (
        "Another day was asked for, and the answer was 908 again, the flights of 2013-03-10.\n"
        "Your function should read the flights of the day it is given, whatever `day` is."
    )
    assert counted["value"] == flights, (
        f"Expected the number of flights that were scheduled on {day}; got {counted['described']}.\n"
        "Some of them were cancelled, and they were scheduled all the same: count every row of that day."
    )


@exercise("count-flights", counted={"day": "2013-02-09"})
def test_the_day_after_the_blizzard_is_counted_too(counted):
    counts(counted, "2013-02-09", 684)


@exercise("count-flights", counted={"day": "2013-06-08"})
def test_a_day_in_summer_is_counted_too(counted):
    counts(counted, "2013-06-08", 779)


@exercise("late-share", share={"day": "2013-12-17"})
def test_any_other_day_has_its_own_share(share):
    value = share["value"]
    assert value is not None and abs(value - 648 / 835) < 0.001, (
        f"Expected 648 late flights of 835 that arrived on 2013-12-17, a share of 0.776; got {share['described']}.\n"
        "Compute it from the table that your function is given: late ones over those whose `arr_delay` is not missing."
    )


@exercise("late-share", share={"day": "2013-02-09", "arr_delay": [None, None, None]})
def test_nothing_is_said_of_a_day_without_arrivals(share):
    assert share["none"], (
        f"Three flights, none of which arrived: expected None, got {share['described']}.\n"
        "There is nothing to divide by. Look whether any arrival delay is left before you take the mean."
    )


@exercise("late-share", share={"day": "2013-07-01", "arr_delay": [0, 3, -5]})
def test_three_punctual_flights_have_a_share_of_0(share):
    assert share["value"] == 0, (
        f"Three flights arrived 0, 3 and -5 minutes late: expected a share of 0.0, got {share['described']}.\n"
        "None is for days on which no flight arrived. Here three did, and a share of 0 is an answer."
    )


@exercise("late-share", share={"day": "2013-07-01", "arr_delay": [0, 0, None, 0]})
def test_a_delay_of_0_minutes_is_an_arrival(share):
    assert share["value"] == 0, (
        f"Three flights arrived with a delay of 0, one was cancelled: expected 0.0, got {share['described']}.\n"
        "A delay of 0 is not a missing one, though both are false to `any` and `if`. Ask `isna()` or use `dropna()`."
    )


@exercise("late-share", share={"day": "2013-07-01", "arr_delay": [-20, None, 15, 200, None], "dep_delay": 300})
def test_a_mix_of_early_late_and_cancelled_flights(share):
    value = share["value"]
    assert value is not None and abs(value - 2 / 3) < 0.001, (
        f"Five flights: 20 minutes early, 15 and 200 late, two cancelled. Expected 2 of 3, got {share['described']}.\n"
        "The cancelled ones belong neither above nor below the line, and `dep_delay` does not matter."
    )


def hold(interval, day, start, end, hours):
    got = " to ".join(interval["shown"]) if interval["pair"] else interval["described"]
    assert interval["pair"] and interval["utc"] and (interval["start"], interval["end"]) == (start, end), (
        f"Expected {day} to last {hours} hours, from {start} UTC to {end} UTC; got {got}.\n"
        "Both ends are midnights on the New York calendar, each turned into UTC by itself: no hours are added."
    )


@exercise("day-interval", interval={"day": "2013-11-03"})
def test_the_day_when_clocks_go_back_has_25_hours(interval):
    hold(interval, "2013-11-03", "2013-11-03 04:00", "2013-11-04 05:00", 25)


@exercise("day-interval", interval={"day": "2013-07-31"})
def test_the_last_day_of_a_month_in_summer(interval):
    hold(interval, "2013-07-31", "2013-07-31 04:00", "2013-08-01 04:00", 24)


@exercise("day-interval", interval={"day": "2013-12-31"})
def test_the_last_day_of_the_year_ends_in_the_next(interval):
    hold(interval, "2013-12-31", "2013-12-31 05:00", "2014-01-01 05:00", 24)
