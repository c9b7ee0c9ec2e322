"""Days and windows of days. A day is a calendar day in New York, the city that the flights leave from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

YEAR = 2013
NEW_YORK = "America/New_York"

Day = str | date


def as_day(day: Day) -> date:
    """`"2013-03-10"` or a `date` as a `date`; ValueError for anything that is not a day in 2013."""
    if isinstance(day, datetime):
        # The same instant is another day in another zone; guessing here would shift a whole partition.
        raise ValueError(f"{day!r} is an instant, not a day: convert it to New York time and pass its .date().")
    if not isinstance(day, date):
        try:
            parsed = date.fromisoformat(day)
        except (TypeError, ValueError):
            parsed = None
        if parsed is None or parsed.isoformat() != day:
            raise ValueError(f"{day!r} is not a day: write it as YYYY-MM-DD, for example '2013-03-10'.") from None
        day = parsed
    if day.year != YEAR:
        raise ValueError(f"{day} has no flights: the data covers {YEAR} only.")
    return day


@dataclass(frozen=True)
class Window:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"The window {self.first}/{self.last} ends before it begins.")

    @classmethod
    def parse(cls, window: str | date | Window) -> Window:
        """`"2013-02-24/2013-03-09"`, or one day, as a Window; ValueError if it is neither."""
        if isinstance(window, Window):
            return window
        if isinstance(window, str) and "/" in window:
            first, _, last = window.partition("/")
            return cls(as_day(first), as_day(last))
        return cls(as_day(window), as_day(window))

    @property
    def days(self) -> list[str]:
        """Every day of the window, in order, as ISO strings."""
        return [(self.first + timedelta(days=n)).isoformat() for n in range((self.last - self.first).days + 1)]

    def __str__(self) -> str:
        return self.first.isoformat() if self.first == self.last else f"{self.first}/{self.last}"


def window_before(day: Day, days: int = 14) -> str:
    """The training window for `day`: the `days` days that end the day before; ValueError if 2013 has fewer."""
    day = as_day(day)
    if days < 1:
        raise ValueError(f"A training window needs at least one day, not {days}.")
    available = (day - date(YEAR, 1, 1)).days
    if available < days:
        raise ValueError(f"{day} has only {available} days before it in {YEAR}; a window of {days} needs more.")
    return str(Window(day - timedelta(days=days), day - timedelta(days=1)))
