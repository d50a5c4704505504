"""Calendar months, working days and local days: every date rule of the library, written once.

Three small families:

- months from a birth date (`add_months`, `age_months`, and `month_days` for columns);
- working days of a place, from a frozen table of bank holidays (`WorkingCalendar`, `load_calendar`);
- the day an instant falls on, and the instant a day ends (`local_day`, `end_of_day`, `as_instant`).

Nothing here reads a clock.
"""

from __future__ import annotations

import operator
import tomllib
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta, tzinfo
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, SupportsIndex, cast
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import numpy.typing as npt

from growthwatch.core.canonical import content_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import TEXT_LIMIT, read_within
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.core.wrong import Wrong

__all__ = [
    "WorkingCalendar",
    "add_months",
    "age_months",
    "as_day",
    "as_instant",
    "end_of_day",
    "load_calendar",
    "local_day",
    "month_days",
    "time_zone",
]

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SCHEMA = 1
_SUFFIX = "-bank-holidays.toml"
_KEYS = {
    "schema": int,
    "id": str,
    "first_day": date,
    "last_day": date,
    "weekend": list,
    "source": str,
    "library": str,
    "library_version": str,
    "generated_on": date,
    "holidays": dict,
}


def _plain_date(value: object, name: str, expected: str = "a date without a time") -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise GrowthwatchError.of(name, value, expected)
    return value


def _whole(value: SupportsIndex, name: str) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise GrowthwatchError.of(name, value, "a whole number") from None


# --- months -----------------------------------------------------------------------------------


def add_months(origin: date, months: int) -> date:
    """Return the day on which `months` calendar months from `origin` are completed.

    Parameters
    ----------
    origin
        The day to count from, usually the birth date.
    months
        Calendar months; negative counts backwards.  Years are 12 months [months].

    Returns
    -------
    date
        The same day of the target month.  Where that month has no such day, the first day
        after it ends.

    Raises
    ------
    GrowthwatchError
        If `origin` is not a plain date, or the result is outside years 1 to 9999.

    Notes
    -----
    One rule serves both awkward cases: a birthday on 29 February counts as 1 March in other
    years, and one month from 31 January is 1 March.  A missing day is never moved back, so
    nobody reaches an age early.  Months are always counted from `origin` and never chained:
    one month twice from 31 January is 1 April, two months is 31 March.

    Examples
    --------
    >>> add_months(date(2020, 2, 29), 12)
    datetime.date(2021, 3, 1)
    >>> add_months(date(2023, 1, 31), 1)
    datetime.date(2023, 3, 1)
    """
    origin = _plain_date(origin, "origin")
    year, month = divmod(origin.year * 12 + origin.month - 1 + _whole(months, "months"), 12)
    if year >= MINYEAR:
        try:
            return date(year, month + 1, origin.day)
        except (ValueError, OverflowError):
            if year <= MAXYEAR:  # the day is missing, so the month is not December
                return date(year, month + 2, 1)
    raise GrowthwatchError.of("months", months, "a number of months that stays in years 1 to 9999")


def month_days(origin: npt.NDArray[Any], months: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Days from each origin until so many calendar months are completed: `add_months` for columns.

    Parameters
    ----------
    origin
        Days to count from, as ``datetime64[D]``; NaT where one is not known.
    months
        Calendar months [months].

    Returns
    -------
    ndarray
        [month, origin], in days; for an origin that is not known, months of the mean length.
    """
    start = origin.astype("datetime64[D]")
    month = start.astype("datetime64[M]")
    known = ~np.isnat(start)
    target = month + np.asarray(months, np.int64)[:, None]
    # A day that the month does not have is the first of the next.
    day = np.minimum(target.astype("datetime64[D]") + (start - month), (target + 1).astype("datetime64[D]"))
    mean = np.asarray(months, np.float64)[:, None] * DAYS_PER_MONTH
    return np.where(known, (day - start) / np.timedelta64(1, "D"), mean)


def age_months(origin: date, on: date) -> int:
    """Return the calendar months completed from `origin` to `on`.

    Parameters
    ----------
    origin
        The day to count from, usually the birth date.
    on
        The day asked about.

    Returns
    -------
    int
        The greatest `m` for which ``add_months(origin, m) <= on`` [months].  Negative before
        `origin`: the day before is -1.

    Examples
    --------
    >>> age_months(date(2020, 2, 29), date(2021, 2, 28))
    11
    >>> age_months(date(2020, 2, 29), date(2021, 3, 1))
    12
    """
    origin, on = _plain_date(origin, "origin"), _plain_date(on, "on")
    months = (on.year - origin.year) * 12 + on.month - origin.month
    return months if add_months(origin, months) <= on else months - 1


# --- working days -----------------------------------------------------------------------------


@dataclass(frozen=True)
class WorkingCalendar:
    """The working days of one place, over the days that its table covers.

    Parameters
    ----------
    id
        Name of the calendar, such as ``"england"``.
    first_day, last_day
        First and last day that the table covers.
    weekend
        Names of the weekdays that are never worked, such as ``("saturday", "sunday")``.
    holidays
        Bank holidays as ``(day, name)``, in order of day.
    source
        Where the table came from, in words.
    generated_on
        The day the table was written; holidays proclaimed later are not in it.

    Notes
    -----
    Two calendars are equal when they give the same answers: names of holidays, `source` and
    `generated_on` do not count, in equality or in `hash`.
    """

    id: str
    first_day: date
    last_day: date
    weekend: tuple[str, ...]
    holidays: tuple[tuple[date, str], ...] = field(repr=False, compare=False)
    source: str = field(default="", repr=False, compare=False)
    generated_on: date | None = field(default=None, repr=False, compare=False)
    _days: tuple[date, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the table, and put it in order."""
        first, last = _plain_date(self.first_day, "first_day"), _plain_date(self.last_day, "last_day")
        wrong = Wrong(f"calendar {self.id}")
        if last < first:
            wrong.add("last_day", last.isoformat(), f"a day not before first_day, {first}")
        for name in self.weekend:
            if name not in _WEEKDAYS:
                wrong.add("weekend", name, "names of weekdays in lower case, such as 'saturday'")
        if set(self.weekend) == set(_WEEKDAYS):
            wrong.add("weekend", self.weekend, "at least one weekday that is worked")
        holidays = tuple(sorted((_plain_date(day, "holidays"), name) for day, name in self.holidays))
        days = tuple(day for day, _ in holidays)
        for day, previous in zip(days, (None, *days), strict=False):
            if not first <= day <= last:
                wrong.add("holidays", day.isoformat(), f"days from {first} to {last}")
            if day == previous:
                wrong.add("holidays", day.isoformat(), "each day once")
        wrong.raise_all()
        weekend = tuple(name for name in _WEEKDAYS if name in self.weekend)
        object.__setattr__(self, "weekend", weekend)
        object.__setattr__(self, "holidays", holidays)
        object.__setattr__(self, "_days", days)

    @classmethod
    def load(cls, path: str | Path) -> WorkingCalendar:
        """Read a calendar from a TOML file laid out as the packaged ones are.

        Raises
        ------
        GrowthwatchError
            If the file cannot be read, is not TOML, or has a key that is missing, unknown or of
            the wrong type.
        """
        try:
            text = read_within(Path(path), TEXT_LIMIT).decode("utf-8-sig")
        except UnicodeDecodeError as e:
            raise GrowthwatchError(
                f"path: cannot read {path}: {e}", field="path", value=str(path), expected="a readable TOML file"
            ) from None
        return _parse(text, str(path))

    @cached_property
    def hash(self) -> str:
        """Content hash of all that can change an answer.

        It is `growthwatch.core.canonical.content_hash` of an object with the keys ``schema`` (1),
        ``id``, ``first_day``, ``last_day``, ``weekend`` (names, Monday first) and ``holidays``
        (days alone, in order), days written as ``YYYY-MM-DD``.
        """
        return content_hash(
            {
                "schema": _SCHEMA,
                "id": self.id,
                "first_day": self.first_day.isoformat(),
                "last_day": self.last_day.isoformat(),
                "weekend": list(self.weekend),
                "holidays": [day.isoformat() for day in self._days],
            }
        )

    @cached_property
    def _closed(self) -> tuple[frozenset[int], frozenset[date]]:
        return frozenset(map(_WEEKDAYS.index, self.weekend)), frozenset(self._days)

    def is_working_day(self, day: date) -> bool:
        """Tell whether `day` is worked: neither at a weekend nor a bank holiday.

        Raises
        ------
        GrowthwatchError
            If `day` is not a plain date, or is outside the table.
        """
        day = _plain_date(day, "day")
        if not self.first_day <= day <= self.last_day:
            covered = (
                f"a day in the calendar {self.id!r}, which covers the years {self.first_day.year} to "
                f"{self.last_day.year} ({self.first_day} to {self.last_day})"
            )
            raise GrowthwatchError(f"day: got {day}, expected {covered}", field="day", value=day, expected=covered)
        weekend, holidays = self._closed
        return day.weekday() not in weekend and day not in holidays

    def add_working_days(self, day: date, n: int) -> date:
        """Return the day at whose end `n` working days after `day` have passed.

        Parameters
        ----------
        day
            The day of the event: day 0.  An event on a day that is not worked counts from the
            next working day, which is then day 0.
        n
            Working days to count after day 0; 0 gives day 0 itself [working days].

        Raises
        ------
        GrowthwatchError
            If `n` is negative, or the count leaves the table.
        """
        left = _whole(n, "n")
        if left < 0:
            raise GrowthwatchError.of("n", n, "0 or more working days")
        day = _plain_date(day, "day")
        while not self.is_working_day(day):
            day += _DAY
        while left:
            day += _DAY
            left -= self.is_working_day(day)
        return day


def _parse(text: str, where: str) -> WorkingCalendar:
    try:
        raw: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError) as e:  # not TOML, a number of thousands of digits, or nested too deeply
        raise GrowthwatchError(f"calendar: {where}: {e}", field="calendar", value=where, expected="TOML") from None
    wrong = Wrong(where)
    for key in dict.fromkeys((*_KEYS, *raw)):
        if key not in raw or key not in _KEYS:
            problem = "missing" if key not in raw else "not known"
            wrong.lacks(key, f"{key}: {problem} in {where}", "the keys " + ", ".join(_KEYS), raw.get(key))
        elif type(raw[key]) is not _KEYS[key]:
            wrong.add(key, raw[key], f"{_KEYS[key].__name__} in {where}")
        elif key == "schema" and raw[key] != _SCHEMA:
            wrong.add("schema", raw["schema"], f"{_SCHEMA}, the layout this version reads")
    holidays: list[tuple[date, str]] = []
    given = raw.get("holidays")
    for key, name in cast("dict[str, object]", given if isinstance(given, dict) else {}).items():
        try:
            day = date.fromisoformat(key)
        except ValueError:
            day = None
        if day is None or day.isoformat() != key:
            wrong.add("holidays", key, "a day written YYYY-MM-DD")
        elif not isinstance(name, str):
            wrong.add("holidays", name, f"the name of the holiday on {key}")
        else:
            holidays.append((day, name))
    wrong.raise_all()
    return WorkingCalendar(
        id=raw["id"],
        first_day=raw["first_day"],
        last_day=raw["last_day"],
        weekend=tuple(raw["weekend"]),
        holidays=tuple(holidays),
        source=f"{raw['source']} ({raw['library']} {raw['library_version']})",
        generated_on=raw["generated_on"],
    )


@lru_cache(maxsize=32)
def load_calendar(id: str = "england") -> WorkingCalendar:
    """Return a calendar that comes with the package, read once and kept.

    Parameters
    ----------
    id
        Name of the calendar.

    Raises
    ------
    GrowthwatchError
        If there is no such calendar; `WorkingCalendar.load` reads a file of your own.
    """
    folder = resources.files("growthwatch.core") / "data"
    found = {f.name.removesuffix(_SUFFIX): f for f in folder.iterdir() if f.name.endswith(_SUFFIX)}
    if id not in found:
        raise GrowthwatchError.of("calendar", id, "one of: " + ", ".join(sorted(found)))
    return _parse(found[id].read_text(encoding="utf-8"), found[id].name)


# --- local days -------------------------------------------------------------------------------


@lru_cache(maxsize=128)
def time_zone(name: str) -> ZoneInfo:
    """Return the time zone of that IANA name, such as ``"Europe/London"``.

    Raises
    ------
    GrowthwatchError
        If the name is not known, or the system has no time-zone data.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, AttributeError, OSError):
        expected = "the IANA name of a time zone, such as 'Europe/London'"
        if not available_timezones():
            raise GrowthwatchError(
                f"zone: {name!r} cannot be looked up: this system has no time-zone data; install it with "
                "'pip install tzdata'",
                field="zone",
                value=name,
                expected=expected,
            ) from None
        raise GrowthwatchError.of("zone", name, expected) from None


def _aware(value: object, name: str, expected: str) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None or value.utcoffset() is None:
        raise GrowthwatchError.of(name, value, expected)
    return value


def _shifted(instant: datetime, zone: tzinfo, name: str) -> datetime:
    try:
        return instant.astimezone(zone)
    except OverflowError:
        raise GrowthwatchError.of(name, instant.isoformat(), "an instant in years 1 to 9999") from None


def local_day(instant: datetime, zone: str) -> date:
    """Return the day that `instant` falls on in `zone`.

    Parameters
    ----------
    instant
        An aware datetime.
    zone
        IANA name of the time zone.

    Raises
    ------
    GrowthwatchError
        If `instant` has no time zone, or `zone` is not known.
    """
    return _shifted(_aware(instant, "instant", "a datetime with a time zone"), time_zone(zone), "instant").date()


def end_of_day(day: date, zone: str) -> datetime:
    """Return the last microsecond of `day` in `zone`, in UTC.

    Parameters
    ----------
    day
        A plain date.
    zone
        IANA name of the time zone.

    Notes
    -----
    Right where clocks change at midnight too: if the hour after midnight is skipped, or an hour
    of the day comes twice, the day still ends at its last instant.  A day that a zone skipped
    altogether ends when the one before it does.

    Raises
    ------
    GrowthwatchError
        If `day` is not a plain date, or `zone` is not known.
    """
    return _end_of_day(_plain_date(day, "day"), zone, "day")


def _end_of_day(day: date, zone: str, field: str) -> datetime:
    """The end of a day; an error names the argument that the day was given as."""
    where = time_zone(zone)
    try:
        midnight = datetime.combine(day + _DAY, datetime.min.time(), where)
        ends = [midnight.replace(fold=fold).astimezone(UTC) - _TICK for fold in (0, 1)]
        return max(end for end in ends if end.astimezone(where).date() <= day)
    except OverflowError:
        raise GrowthwatchError.of(field, day.isoformat(), "a day in years 1 to 9999 that ends before they do") from None


def as_day(value: date, field: str) -> date:
    """A plain date, or say which argument is none.

    Raises
    ------
    GrowthwatchError
        Naming the field, if it is not a date without a time.
    """
    return _plain_date(value, field)


def as_instant(value: date | datetime, zone: str, field: str = "as_of") -> datetime:
    """Return the instant, in UTC, that a date or an aware datetime stands for.

    Parameters
    ----------
    value
        A date, meaning the end of that day in `zone`, or an aware datetime, meaning itself.
    zone
        IANA name of the time zone.
    field
        Name of the argument, for the error.

    Raises
    ------
    GrowthwatchError
        If `value` is a datetime without a time zone, a string, or anything else.
    """
    expected = "a date (the end of that day) or a datetime with a time zone"
    if isinstance(value, datetime):
        return _shifted(_aware(value, field, expected), UTC, field)
    return _end_of_day(_plain_date(value, field, expected), zone, field)
