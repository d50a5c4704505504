"""Working days, counted on ordinals."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from typing import Any

from growthwatch.core.calendar import WorkingCalendar, load_calendar

__all__ = ["Working", "working_days"]


class Working:
    """The working days of a calendar, as days since 1 January of year 1.

    Outside the years of the calendar no holiday is known: there only its weekend is not worked, so that a duty
    of a far day has a last day all the same.
    """

    def __init__(self, calendar: WorkingCalendar) -> None:
        names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        self._weekend = frozenset(names.index(name) for name in calendar.weekend)
        self._holidays = frozenset(day.toordinal() for day, _ in calendar.holidays)
        self._id = calendar.id
        # The worked days of the table, in order, and of each day of it the place of the first from there on.
        self._first, last = calendar.first_day.toordinal(), calendar.last_day.toordinal()
        days = range(self._first, last + 1)
        self._worked = [day for day in days if self.worked(day)]
        self._place = [bisect_left(self._worked, day) for day in days]

    def __reduce__(self) -> tuple[Any, ...]:
        """One that is pickled is named, and found again."""
        return working_days, (self._id,)

    def worked(self, day: int) -> bool:
        """Whether a day is worked."""
        return (day - 1) % 7 not in self._weekend and day not in self._holidays

    def add(self, day: int, n: int) -> int:
        """The n-th working day after a day; a day that is not worked moves to the next that is, which is day 0.

        Source: process specification, section 0, wd.
        """
        at = day - self._first
        if 0 <= at < len(self._place) and self._place[at] + n < len(self._worked):
            return self._worked[self._place[at] + n]
        while not self.worked(day):
            day += 1
        while n:
            day += 1
            n -= self.worked(day)
        return day

    def following(self, day: int) -> int:
        """The first working day after a day."""
        day += 1
        while not self.worked(day):
            day += 1
        return day


@cache
def working_days(calendar: str) -> Working:
    """The working days of a packaged calendar.

    Raises
    ------
    GrowthwatchError
        If there is none of that name.
    """
    return Working(load_calendar(calendar))
