"""What the family's chart shows and says: weights that count, in everyday words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import growthwatch
from growthwatch.charts.facts import ChartFacts, Point
from growthwatch.charts.sources import Source
from growthwatch.core.units import DAYS_PER_YEAR
from growthwatch.core.words import count_words, days_words, long_date

__all__ = [
    "FamilyFacts",
    "alt_text",
    "body",
    "last_words",
    "metadata",
    "read_family",
    "table",
    "title",
    "words_of_lines",
]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
A_WEEK = 7


@dataclass(frozen=True)
class FamilyFacts:
    """All that the family's chart shows.

    Attributes
    ----------
    chart
        The weights and their lines.
    points
        Weights that count, each of them; of a weight that was repeated the repeat.
    """

    chart: ChartFacts
    points: tuple[Point, ...]

    @property
    def last(self) -> Point | None:
        """The latest of them."""
        return self.points[-1] if self.points else None

    @property
    def many(self) -> str:
        """Children of that age, in a word."""
        return "babies" if self.chart.age_days < DAYS_PER_YEAR else "children"

    @property
    def unit(self) -> str:
        """In what ages are said: weeks up to 12 of them, months before 3 years, then years."""
        if self.chart.age_days <= 12 * A_WEEK:
            return "weeks"
        return "months" if self.chart.age_days < 3 * DAYS_PER_YEAR else "years"


def read_family(_: Source, chart: ChartFacts) -> FamilyFacts:
    """Read what the family's chart shows."""
    return FamilyFacts(chart, tuple(p for p in chart.points if p.counts and not p.repeated))


def title(facts: FamilyFacts) -> str:
    """The usual title: no name, unless the caller gives one."""
    return "Your child’s weight"


def body(facts: FamilyFacts) -> str:
    """What a dot is, and when the last one was."""
    chart = facts.chart
    if not facts.points:
        return "No weight has been written down yet."
    words = f"Each dot is a day on the scales. Most {facts.many} are in the shaded part."
    if chart.unused is not None:
        words += " We would like to check the last weight."
    if chart.stale_days is not None:
        words += f" The last dot is {_ago(chart.stale_days)} ago."
    return words


def _ago(days: int) -> str:
    """Days below 100, then whole weeks, then whole years."""
    if days < 100:
        return days_words(days)
    if days < 2 * DAYS_PER_YEAR - 1:
        return count_words(days // A_WEEK, "week")
    return count_words(round(days / DAYS_PER_YEAR - 0.49), "year")


def words_of_lines(facts: FamilyFacts) -> tuple[str, str]:
    """What the two lines are."""
    return f"the middle of all {facts.many}", f"2 {facts.many} in 100 are lighter than this line"


def last_words(facts: FamilyFacts) -> str:
    """The latest weight and its day."""
    last = facts.last
    assert last is not None
    day = facts.chart.birth + dt.timedelta(days=last.age_days)
    return f"{_kg(last.value)}, {_day(day, facts.chart.as_of)}"


def _kg(value: float) -> str:
    return f"{value:.1f} kg"


def _day(day: dt.date, today: dt.date) -> str:
    """A day as people say it: with its weekday up to a week back, with the year if it is not this one."""
    if day == today:
        return "today"
    words = long_date(day)
    if day.year == today.year:
        words = words.removesuffix(f" {day.year}")
    return f"{WEEKDAYS[day.weekday()]} {words}" if (today - day).days <= A_WEEK else words


def alt_text(facts: FamilyFacts) -> str:
    """The chart in words."""
    out = [f"A picture of weights. {body(facts)}"]
    if facts.points:
        first = facts.points[0]
        start = "at birth" if first.age_days == 0 else "at first"
        more = f"{_kg(first.value)} {start}; " if len(facts.points) > 1 else ""
        out.append(f"{more}{last_words(facts)}.")
    return " ".join(out)


def metadata(facts: FamilyFacts, text: str, description: str) -> dict[str, str]:
    """Text chunks of the picture."""
    chart = facts.chart
    return {
        "Title": text,
        "Software": f"growthwatch {growthwatch.__version__}",
        "Reference": chart.reference.id,
        "Reference hash": chart.reference.hash,
        "As of": chart.as_of.isoformat(),
        "Description": description,
    }


def table(facts: FamilyFacts) -> list[dict[str, Any]]:
    """The dots as rows."""
    return [{"age_days": p.age_days, "weight_kg": p.value} for p in facts.points]
