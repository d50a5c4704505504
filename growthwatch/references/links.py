"""Who adjusted, why, from when and until when; and numbers by age."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import numpy as np

from growthwatch.core.columns import is_number
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.core.words import long_date
from growthwatch.references.distributions import Floats
from growthwatch.references.limits import limits

__all__ = ["ByAge", "Link", "Number", "day", "horizon_months", "iso_day", "signature"]

Number = float | Sequence[tuple[float, float]]
"""A number, or knots ``[(age_days, value), ...]``: linear between them, flat outside."""


@dataclass(frozen=True)
class ByAge:
    """A number by age: linear between knots, flat outside.

    Attributes
    ----------
    knots
        ``((age_days, value), ...)``, ages rising; a plain number has one knot.
    """

    knots: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, name: str, value: Any) -> ByAge:
        """Read a number or knots.

        Raises
        ------
        GrowthwatchError
            For anything else, figures that are not finite, or ages that do not rise.
        """
        expected = "a finite number, or knots [(age_days, value), ...] at rising ages"
        if isinstance(value, ByAge):
            return value
        if is_number(value):
            return cls(((0.0, float(value) + 0.0),))
        try:
            rows = [tuple(row) for row in value]
        except TypeError:
            raise GrowthwatchError.of(name, value, expected) from None
        good = rows and all(len(r) == 2 and is_number(r[0]) and is_number(r[1]) for r in rows)
        if not good or any(float(b[0]) <= float(a[0]) for a, b in pairwise(rows)):
            raise GrowthwatchError.of(name, cast("object", value), expected)
        return cls(tuple((float(a) + 0.0, float(v) + 0.0) for a, v in rows))

    def at(self, x: Floats) -> Floats:
        """Values at ages [days]."""
        ages, values = zip(*self.knots, strict=True)
        if len(ages) == 1:
            return np.full(x.shape, values[0])
        return np.interp(x, ages, values)

    @property
    def ages(self) -> list[float]:
        """Ages of the knots [days]."""
        return [a for a, _ in self.knots]

    @property
    def least(self) -> float:
        """Least value."""
        return min(v for _, v in self.knots)

    @property
    def most(self) -> float:
        """Greatest value."""
        return max(v for _, v in self.knots)

    def slopes(self) -> list[tuple[float, float, float]]:
        """From age, to age [days] and slope a month of each piece between knots."""
        return [(a, b, (w - v) / (b - a) * DAYS_PER_MONTH) for (a, v), (b, w) in pairwise(self.knots)]

    def words(self) -> str:
        """The number as it is written down: one figure, or ``from … to …``."""
        if self.least == self.most:
            return f"{self.least:g}"
        return ", ".join(f"{v:g} at {a:g} d" for a, v in self.knots)

    def plain(self) -> list[list[float]]:
        """As plain data, for hashing; the age of a single knot means nothing."""
        if len(self.knots) == 1:
            return [[0.0, self.knots[0][1]]]
        return [[a, v] for a, v in self.knots]


@dataclass(frozen=True)
class Link:
    """Who adjusted, why, until when, and how far.

    Attributes
    ----------
    kind
        ``shift-scale``, ``age-shift`` or ``blend``.
    says
        What it does, in words.
    because, by
        Reason and author.
    review_by
        Last day on which it counts.
    signed_on
        First day on which it counts, None if not said.
    specialist
        Who signed off that it goes beyond the limits, None if it does not.
    measures
        Measures that it concerns.
    bounds
        Least and greatest of what it changes: ``(("shift", -1.3, 0.0), ("scale", 1.0, 1.0))``.
    """

    kind: str
    says: str
    because: str
    by: str
    review_by: dt.date
    signed_on: dt.date | None
    specialist: str | None
    measures: tuple[str, ...]
    bounds: tuple[tuple[str, float, float], ...]

    def last_day(self, age_days: float | None = None) -> dt.date:
        """Last day on which it counts for a child of that age: earlier than `review_by` for a young one."""
        rule = limits().horizon
        if age_days is None or age_days >= rule.young_until_days or self.signed_on is None:
            return self.review_by
        return min(self.review_by, _months_later(self.signed_on, rule.young_most_months))

    def counts_on(self, day: dt.date, age_days: float | None = None) -> bool:
        """Whether it counts on a day, for a child of that age: signed by then, and not yet expired.

        Without a day of signature, it cannot have been signed by then if its review is further
        away than any signature of that day allows.
        """
        if self.signed_on is None:
            return day <= self.review_by <= _months_later(day, horizon_months(age_days))
        return self.signed_on <= day <= self.last_day(age_days)

    def words(self) -> str:
        """Author and last day, as a chart says them; and that the day of signature is missing, if it is."""
        undated = ", not dated: signed_on is missing" if self.signed_on is None else ""
        return f"by {self.by}, until {long_date(self.review_by)}{undated}"

    def plain(self) -> dict[str, Any]:
        """What is signed, as plain data."""
        return {
            "because": self.because,
            "by": self.by,
            "review_by": self.review_by.isoformat(),
            "signed_on": None if self.signed_on is None else self.signed_on.isoformat(),
            "specialist": self.specialist,
            "measures": list(self.measures),
        }


LONGEST_NAME, LONGEST_REASON = 200, 1000
"""Letters of a name and of a reason, at most: both are printed."""


def horizon_months(age_days: float | None = None) -> int:
    """Longest time of use from a signature, for a child of that age [calendar months]."""
    rule = limits().horizon
    return rule.young_most_months if age_days is not None and age_days < rule.young_until_days else rule.most_months


def _plain_words(name: str, value: str, most: int) -> str:
    """One line of text that prints as it is written; other spaces than the plain one become it."""
    text = "".join(" " if unicodedata.category(c) == "Zs" else c for c in value.strip())
    bad = next((c for c in text if not c.isprintable()), None)
    if bad is not None:
        raise GrowthwatchError.of(name, value, f"one line of printable text, without U+{ord(bad):04X}")
    if len(text) > most:
        raise GrowthwatchError.of(name, value, f"at most {most} letters, not {len(text)}")
    return text


def signature(because: Any, by: Any, review_by: Any, signed_on: Any, specialist: Any) -> dict[str, Any]:
    """Check who signs, why and until when: nothing of it is optional but the last two."""
    for name, value in (("because", because), ("by", by)):
        if not isinstance(value, str) or not value.strip():
            expected = "who signs for it" if name == "by" else "the reason"
            raise GrowthwatchError.of(name, value, f"{expected}, in words: an unsigned adjustment does not apply")
    if specialist is not None and (not isinstance(specialist, str) or not specialist.strip()):
        raise GrowthwatchError.of("specialist", specialist, "who signed it off, or None")
    because, by = _plain_words("because", because, LONGEST_REASON), _plain_words("by", by, LONGEST_NAME)
    day(review_by, "review_by")
    if signed_on is not None:
        day(signed_on, "signed_on")
        months = limits().horizon.most_months
        last = _months_later(signed_on, months)
        if not signed_on <= review_by <= last:
            raise GrowthwatchError.of(
                "review_by", review_by, f"a day from {signed_on} to {last}, {months} months after it was signed"
            )
    return {
        "because": because,
        "by": by,
        "review_by": review_by,
        "signed_on": signed_on,
        "specialist": None if specialist is None else _plain_words("specialist", specialist, LONGEST_NAME),
    }


def day(value: Any, name: str) -> dt.date:
    """Check that an argument is a day."""
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise GrowthwatchError.of(name, value, "a date, such as datetime.date(2027, 5, 31)")
    return value


def _months_later(start: dt.date, months: int) -> dt.date:
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    if year >= dt.MAXYEAR:
        return dt.date.max
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return dt.date(year, month + 1, min(start.day, (following - dt.timedelta(days=1)).day))


def iso_day(text: str, name: str) -> dt.date:
    """Read a day as it is written in a file."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise GrowthwatchError.of(name, text, "a date, such as 2027-05-31") from None
