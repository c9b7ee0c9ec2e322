from datetime import date, datetime

import pytest

from pipeline import Window, window_before
from pipeline.days import as_day


@pytest.mark.parametrize(
    "day", ["2013-3-10", "20130310", "2013-W10-7", "2013-02-30", "tomorrow", "", "2012-03-10", 20130310]
)
def test_an_impossible_day_is_refused_in_one_sentence(day):
    with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
        as_day(day)


def test_an_instant_is_not_taken_for_a_day():
    with pytest.raises(ValueError, match="instant"):
        as_day(datetime(2013, 3, 10, 2))


def test_a_day_may_be_text_or_a_date():
    assert as_day("2013-03-10") == as_day(date(2013, 3, 10)) == date(2013, 3, 10)


def test_a_window_includes_both_ends():
    window = Window.parse("2013-02-27/2013-03-02")
    assert window.days == ["2013-02-27", "2013-02-28", "2013-03-01", "2013-03-02"]
    assert str(window) == "2013-02-27/2013-03-02"
    assert Window.parse(window) is window


def test_one_day_is_a_window_too():
    assert Window.parse("2013-03-10") == Window.parse(date(2013, 3, 10)) == Window.parse("2013-03-10/2013-03-10")
    assert str(Window.parse("2013-03-10")) == "2013-03-10"


@pytest.mark.parametrize("window", ["2013-03-10/2013-03-09", "2013-03-10/", "/2013-03-10", "2013-03-10/2014-01-01"])
def test_a_window_that_is_none_is_refused(window):
    with pytest.raises(ValueError, match=r"ends before it begins|is not a day|covers 2013 only"):
        Window.parse(window)


def test_the_training_window_ends_the_day_before():
    assert window_before("2013-03-10") == "2013-02-24/2013-03-09"
    assert window_before(date(2013, 3, 10), days=1) == "2013-03-09"
    assert window_before("2013-01-15") == "2013-01-01/2013-01-14"


def test_a_training_window_does_not_reach_into_the_year_before():
    with pytest.raises(ValueError, match="only 9 days before"):
        window_before("2013-01-10")
