"""What the chart of the first three weeks says."""

from __future__ import annotations

from typing import Any

import growthwatch
from growthwatch.charts.facts import NEWBORN_DAYS, Newborn, Point
from growthwatch.charts.words import age_words, both_ages, boy_or_girl, warnings
from growthwatch.core.words import kg_words, percent_words

__all__ = ["alt_text", "metadata", "summary", "table"]


def summary(facts: Newborn) -> str:
    """The row under the title of the chart of the first three weeks."""
    if facts.birth_kg is None:
        return "No birth weight that counts is recorded, so no change can be said."
    last = facts.last
    if last is None:
        return "No weight that counts since birth."
    chart = facts.chart
    words = f"{kg_words(last.value)} at {age_words(chart, last.age_days)}: {_from_birth(facts, last)}"
    since = [p for p in facts.points if p.counts and p.age_days > 0]
    lowest = min(since, key=lambda p: p.value)
    if lowest is not last and lowest.value < facts.birth_kg:
        words += (
            f". Lowest {kg_words(lowest.value)} at {age_words(chart, lowest.age_days)}: {_from_birth(facts, lowest)}"
        )
    if chart.loss is None:
        words += ". Birth weight has been regained"
    elif chart.loss.at.age_days > NEWBORN_DAYS:
        words += f". Not regained since: {percent_words(chart.loss.percent)} below at {both_ages(chart, chart.loss.at)}"
    return f"{words}."


def _from_birth(facts: Newborn, point: Point) -> str:
    assert facts.birth_kg is not None
    change = 100 * (point.value - facts.birth_kg) / facts.birth_kg
    if change == 0:
        return "the birth weight"
    return f"{percent_words(abs(change))} {'below' if change < 0 else 'above'} birth weight"


def alt_text(facts: Newborn) -> str:
    """The chart of the first three weeks in words."""
    of = "" if facts.birth_kg is None else f", birth weight {kg_words(facts.birth_kg)}"
    head = f"Chart of weight after birth, days 0 to {NEWBORN_DAYS}, {boy_or_girl(facts.chart)}{of}"
    return " ".join([f"{head}.", *warnings(facts.chart, loss=False), summary(facts)])


def metadata(facts: Newborn, title: str, description: str) -> dict[str, str]:
    """Text chunks of the PNG of the first three weeks."""
    return {
        "Title": title,
        "Software": f"growthwatch {growthwatch.__version__}",
        "Protocol": facts.protocol,
        "As of": facts.chart.as_of.isoformat(),
        "Age basis": "days since birth",
        "Description": description,
    }


def table(facts: Newborn) -> list[dict[str, Any]]:
    """Its weights as rows, oldest first."""
    born = facts.birth_kg
    return [
        {
            "age_days": p.age_days,
            "weight_kg": p.value,
            "change_percent": None if born is None else 100 * (p.value - born) / born,
            "validity": p.validity,
        }
        for p in facts.points
    ]
