"""What a trajectory chart shows: what was to be expected, what is likely next, the evidence, the parts of a fall."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from growthwatch.charts.facts import ChartFacts, Point, lowest_of_days
from growthwatch.charts.sources import Source
from growthwatch.core.canonical import short_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.growth.detector import detector
from growthwatch.growth.figures import gain_settings
from growthwatch.growth.forecast import forecast
from growthwatch.growth.one_child import latest_fit
from growthwatch.growth.series import Series
from growthwatch.growth.trajectory import Trajectory
from growthwatch.protocol.answers.trajectory import trajectory
from growthwatch.references.distributions import Floats

__all__ = ["Band", "Part", "Step", "TrajectoryFacts", "read_trajectory"]

STEPS = 40
"""Ages at which a band is worked out."""

AHEAD = (28.0, 56.0)
"""Least and most that is looked ahead [days]; between them a tenth of the age."""


class Band(NamedTuple):
    """Weights that a child's past lets expect, by age since birth: the middle, and what holds nine in ten [kg]."""

    ages: Floats
    middle: Floats
    low: Floats
    high: Floats


class Step(NamedTuple):
    """The evidence after one weighing that was judged."""

    age_days: float
    ratio: float


class Part(NamedTuple):
    """One part of the change, with its interval [SD of the standard]."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class TrajectoryFacts:
    """All that a trajectory chart shows of one child.

    Attributes
    ----------
    chart
        The weights and their lines.
    start
        Weight at which the expected band begins; None: there is none before the latest.
    by_kg
        Whether that is the best weight; else it is the best position that was held.
    expected, likely
        The band from there to the latest weight, and the one from the latest weight on.
    latest
        The latest weight that counts.
    gap_kg
        How much less than expected the latest weight is [kg].
    evidence
        After each weighing that was judged.
    amber, usual_amber, red
        From which evidence on it is amber for this child, and for others; and red.
    fit
        How many times better slowing fits by now than healthy growth; not a number: nothing was read.
    began_days
        Age at which slowing most likely began [days]; None where the evidence says nothing.
    parts, parts_from, parts_until
        What the change is made of, between which ages [days].
    danger
        Dangers that the latest weights show, a sentence each.
    high_need
        Whether the threshold for high need applies.
    judged_until
        Age up to which the model of healthy growth reaches [days].
    model
        Short hash of the model of healthy growth.
    """

    chart: ChartFacts
    start: Point | None
    by_kg: bool
    expected: Band | None
    likely: Band | None
    latest: Point | None
    gap_kg: float | None
    evidence: tuple[Step, ...]
    amber: float
    usual_amber: float
    red: float
    fit: float
    began_days: float | None
    parts: tuple[Part, ...]
    parts_from: float | None
    parts_until: float | None
    danger: tuple[str, ...]
    high_need: bool
    judged_until: float
    model: str

    @property
    def level(self) -> str:
        """``red``, ``amber`` or empty, by the last step."""
        ratio = self.evidence[-1].ratio if self.evidence else 0.0
        return "red" if ratio >= self.red else "amber" if ratio >= self.amber else ""


def read_trajectory(source: Source, chart: ChartFacts) -> TrajectoryFacts:
    """Read what a trajectory chart shows.

    Raises
    ------
    GrowthwatchError
        Where it is asked for with the knowledge of another moment: a trajectory is read as it was known then.
    """
    if source.known != source.moment:
        raise GrowthwatchError.of("known_at", source.known, "None: a trajectory is read as it was known at its moment")
    t = trajectory(source.record, chart.reference, source.moment, source.protocol)
    counted = [p for p in chart.points if p.counts and not p.repeated and p.z is not None]
    at = t.latest()
    latest = next((p for p in reversed(counted) if at is not None and p.age_days == t.age_days[at]), None)
    # The model of healthy growth has no newborn loss: it begins at two weeks.
    from_days = detector().ages.from_days
    start, by_kg = _start(t, [p for p in counted if p.age_days >= from_days], latest)
    expected = None
    if start is not None and latest is not None:
        expected = _band(_until(t.primary.series, start.age_days), start.age_days + 1.0, float(latest.age_days))
    likely = None
    if latest is not None and not t.died and latest.age_days >= from_days:
        age = float(latest.age_days)
        ahead = min(max(0.1 * age, AHEAD[0]), AHEAD[1])
        likely = _band(_until(t.primary.series, latest.age_days), age + 1.0, age + ahead)
    gap = None if expected is None or latest is None else float(expected.middle[-1]) - latest.value
    found, parts = t.attribution, list[Part]()
    whole = found.on_condition if t.on_condition is not None and found.on_condition is not None else found.on_standard
    if found.from_days.size and whole.status_code[0] == 0:
        names = [("Change", whole.observed), ("The condition", whole.condition), ("Ordinary drift", whole.natural)]
        names.append(("Left over", whole.excess))
        if t.on_condition is None:
            del names[1]
        parts = [Part(name, *(float(column[0]) for column in part)) for name, part in names]
    columns = t.primary
    judged = columns.counts & np.isfinite(columns.evidence.ratio) & np.isfinite(columns.z)
    steps = [
        Step(float(a), float(r))
        for a, r in zip(columns.age_days[judged], columns.evidence.ratio[judged], strict=True)
        if detector().ages.from_days <= a
    ]
    began = t.evidence.began if steps else None
    return TrajectoryFacts(
        chart=chart,
        start=start,
        by_kg=by_kg,
        expected=expected,
        likely=likely,
        latest=latest,
        gap_kg=None if gap is None or math.isnan(gap) else gap,
        evidence=tuple(steps),
        amber=t.amber,
        usual_amber=detector().thresholds.amber,
        red=detector().thresholds.red,
        fit=latest_fit(columns),
        began_days=None if began is None else float(began.age_days),
        parts=tuple(parts),
        parts_from=float(found.from_days[0]) if parts else None,
        parts_until=float(found.until_days[0]) if parts else None,
        danger=t.danger,
        high_need=t.high_need,
        judged_until=detector().ages.until_days,
        model=short_hash(columns.evidence.model_hash),
    )


def _start(t: Trajectory, counted: list[Point], latest: Point | None) -> tuple[Point | None, bool]:
    """From which weight on growth is compared: the best; of a child who still gains, the best position held."""
    before = [] if latest is None else lowest_of_days(p for p in counted if p.age_days < latest.age_days)
    if latest is None or not before:
        return None, False
    best = max(before, key=lambda p: (p.value, p.age_days))
    if best.value > latest.value:
        return best, True
    since, z = float(t.since_best.since_days[0]), float(t.since_best.z[0])
    # A child who keeps its line tends to be a little below what the best of its earlier weights let expect.
    if math.isnan(since) or not z < gain_settings().since_best.told_below:
        return None, False
    return min(before, key=lambda p: abs(p.age_days - since)), False


def _until(series: Series, age_days: float) -> Series:
    return series.only(series.chronological_days <= age_days + 0.5)


def _band(series: Series, start: float, end: float) -> Band | None:
    """What the weighings of a series let expect between two ages; None where nothing can be said."""
    if not series.z.size or end < start:
        return None
    ages = np.unique(np.append(np.linspace(start, end, STEPS), end))
    ahead: Any = forecast(series, ages)
    known = np.isfinite(ahead.weight_kg) & np.isfinite(ahead.band_kg).all(axis=0)
    if not known.any():
        return None
    low, high = ahead.band_kg[0][known], ahead.band_kg[-1][known]
    return Band(ages[known], ahead.weight_kg[known], low, high)
