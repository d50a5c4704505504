"""What a chart of z against age shows: which readings one table covers, and where the tables change."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

import growthwatch
from growthwatch.charts.facts import ChartFacts, Point, lowest_of_days
from growthwatch.charts.sources import Source
from growthwatch.charts.words import (
    age_basis_words,
    boy_or_girl,
    minus,
    moment_words,
    notes,
    reference_words,
    short_title,
    summary,
    warnings,
)
from growthwatch.charts.words import table as rows_of
from growthwatch.core.words import z_words

__all__ = ["Jump", "ZFacts", "alt_text", "body", "footer", "jump_words", "metadata", "read_z", "table", "title"]


class Jump(NamedTuple):
    """Where z changes though the weight does not.

    Attributes
    ----------
    age_days
        Age since birth.
    before, after
        Z of one and the same reading on both sides [SD].
    why
        What changes there: which tables, or that correction ends.
    """

    age_days: float
    before: float
    after: float
    why: str


@dataclass(frozen=True)
class ZFacts:
    """All that a chart of z shows.

    Attributes
    ----------
    chart
        The readings and their places.
    joined, broken
        Pairs of readings that count, one after the other: of one table and one way to count age, or not.  Of several
        on one day the lowest is joined: a line between two of them would be a fall in no time.
    jumps
        Where z jumps between two readings.
    """

    chart: ChartFacts
    joined: tuple[tuple[Point, Point], ...]
    broken: tuple[tuple[Point, Point], ...]
    jumps: tuple[Jump, ...]


def read_z(_: Source, chart: ChartFacts) -> ZFacts:
    """Read what a chart of z against age shows."""
    curves = chart.reference.curves(chart.measure.name)
    counted = [p for p in chart.points if p.counts and not p.repeated and p.z is not None]
    counted = counted if chart.measure.by_length else lowest_of_days(counted)
    tables = curves.official_table(np.array([_used(chart, p) for p in counted], np.float64)) if counted else ()
    ground = [(int(t), p.corrected) for t, p in zip(tables, counted, strict=True)]
    joined: list[tuple[Point, Point]] = []
    broken: list[tuple[Point, Point]] = []
    jumps: list[Jump] = []
    for (a, on_a), (b, on_b) in pairwise(zip(counted, ground, strict=True)):
        if on_a == on_b:
            joined.append((a, b))
            continue
        broken.append((a, b))
        jumps += _jumps(chart, a, b, on_a, on_b)
    return ZFacts(chart, tuple(joined), tuple(broken), tuple(jumps))


def _used(chart: ChartFacts, p: Point) -> float:
    return p.at if chart.measure.by_length else p.corrected_age_days


def _jumps(chart: ChartFacts, a: Point, b: Point, on_a: tuple[int, bool], on_b: tuple[int, bool]) -> list[Jump]:
    """Where z jumps between two readings: the reading of one straight between them, on both sides of the change."""
    if chart.measure.by_length or b.age_days == a.age_days:
        return []
    curves, sex = chart.reference.curves(chart.measure.name), np.array([0 if chart.sex == "male" else 1], np.uint8)
    shift = a.age_days - a.corrected_age_days
    out: list[Jump] = []

    def score(table: int, value: float, used: float) -> float:
        name = curves.official[table].id
        return float(curves.z_in(name, np.array([value]), sex, np.array([used]))[0])

    def between(age: float) -> float:
        return a.value + (b.value - a.value) * (age - a.age_days) / (b.age_days - a.age_days)

    table = on_a[0]
    for change in sorted(curves.info.breaks, key=lambda k: k.at):
        age = change.at + shift
        # The age at which correction ends is a change of its own; tables change at the age that counts then.
        if not a.age_days < age <= b.age_days:
            continue
        following = int(curves.official_table(np.array([change.at]))[0])
        before, after = (score(t, between(age), change.at) for t in (table, following))
        if table != following and np.isfinite(before) and np.isfinite(after):
            out.append(Jump(age, before, after, change.reason))
        table = following
    until = chart.corrected_until_days
    if on_a[1] and not on_b[1] and until is not None and np.isfinite(until):
        age = until + shift
        if a.age_days < age <= b.age_days:
            last = int(curves.official_table(np.array([age]))[0])
            before, after = score(table, between(age), until), score(last, between(age), age)
            if np.isfinite(before) and np.isfinite(after):
                out.append(Jump(age, before, after, "correction for gestation ends"))
    return out


# --- words ------------------------------------------------------------------------------------


def title(facts: ZFacts) -> str:
    """The usual title."""
    chart = facts.chart
    return f"{chart.measure.chart} SDS against age, {boy_or_girl(chart)}: {short_title(chart)}"


def body(facts: ZFacts, titled: bool = False) -> str:
    """The last reading, and what a jump is."""
    words = summary(facts.chart, titled)
    if facts.jumps or facts.broken:
        words += " Joined where one table covers both. Where the lines of dots jump, the tables do, not the child."
    return words


def jump_words(jump: Jump, thing: str = "weight") -> str:
    """Both z of the same reading."""
    return minus(f"same {thing}: {z_words(jump.before)} → {z_words(jump.after)}")


def alt_text(facts: ZFacts) -> str:
    """The chart in words."""
    chart = facts.chart
    out = [f"{title(facts)}.", *(minus(w) for w in warnings(chart)), body(facts)]
    for jump in facts.jumps:
        out.append(f"{jump_words(jump, chart.measure.thing)} ({jump.why}).")
    return " ".join(out)


def footer(facts: ZFacts, low: float, high: float, short: bool = False) -> list[str]:
    """The small print."""
    chart = facts.chart
    return [
        f"{reference_words(chart, low, high, False, short)}.".replace("..", "."),
        "Changes are summed within one table; a jump where the table changes is never counted as a fall or a gain.",
        f"The axis is time since birth. Age for the score: {age_basis_words(chart)}.",
        *notes(chart, scores=True),
        f"{moment_words(chart)}.",
    ]


def metadata(facts: ZFacts, text: str, description: str) -> dict[str, str]:
    """Text chunks of the picture."""
    chart = facts.chart
    return {
        "Title": text,
        "Software": f"growthwatch {growthwatch.__version__}",
        "Reference": chart.reference.id,
        "Reference hash": chart.reference.hash,
        "As of": chart.as_of.isoformat(),
        "Age basis": age_basis_words(chart),
        "Description": description,
    }


def table(facts: ZFacts) -> list[dict[str, Any]]:
    """The readings as rows; ``joined`` says whether one table covers a reading and the one before."""
    joined = {id(b) for _, b in facts.joined}
    return [row | {"joined": id(p) in joined} for p, row in zip(facts.chart.points, rows_of(facts.chart), strict=True)]
