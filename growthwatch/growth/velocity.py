"""Gain by the day, and against the WHO velocity standards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import instance, one_number
from growthwatch.core.sex import FEMALE, MALE
from growthwatch.core.status import Status, status_words
from growthwatch.growth.figures import gain_settings
from growthwatch.growth.past import Codes, given_status
from growthwatch.growth.series import Places, Series, given_series
from growthwatch.references import ReferenceLabel
from growthwatch.references.distributions import Floats
from growthwatch.references.increments import Increments, increments

__all__ = ["Velocity", "velocity"]

_CODING = {MALE: "male", FEMALE: "female"}
_GRAMS = 1000.0
_PAIRS = 200_000  # weighings and published intervals that are compared at once


@dataclass(frozen=True)
class Velocity:
    """Gain by the day, aligned with the weighings given.

    Attributes
    ----------
    g_per_day
        Since the weighing before [g/day].
    g_per_kg_day
        ``1000 ln(w2 / w1) / days`` [g/kg/day].
    gap_days
        Days since the weighing before.
    who_z
        Z of the gain over a published interval of the WHO velocity standards (2009) that ends at
        this weighing and began at an earlier one, both within the tolerance; the gain is scaled
        to the interval's length [SD].
    who_interval
        Name of that interval as published, the shortest that fits; empty for none.
    who_against
        Place of the earlier weighing among those given; -1 for none.
    status_code, who_status_code
        Why there is a number, or none.
    increments
        Id and hash of the velocity standards.
    """

    g_per_day: Floats
    g_per_kg_day: Floats
    gap_days: Floats
    who_z: Floats
    who_interval: npt.NDArray[np.str_]
    who_against: Places
    status_code: Codes
    who_status_code: Codes
    increments: ReferenceLabel

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)

    @cached_property
    def who_status(self) -> npt.NDArray[Any]:
        """Status of the WHO velocity as words."""
        return status_words(self.who_status_code)


@lru_cache(maxsize=4)
def _published(standards: Increments) -> tuple[Floats, Floats, Floats, npt.NDArray[np.str_]]:
    """Starts, ends and lengths [days] and names of the intervals of published gains, the shortest first."""
    found = sorted(standards.intervals("weight-gain"), key=lambda i: (i.days, i.start_days))
    days = np.array([(i.start_days, i.end_days, i.days) for i in found], np.float64)
    return days[:, 0].copy(), days[:, 1].copy(), days[:, 2].copy(), np.array([i.name for i in found])


def _intervals(series: Series, starts: Floats, ends: Floats, tolerance: float) -> tuple[Places, Places]:
    """For each row the first of the published intervals that it ends, and the row that begins it; -1 for none."""
    age, n = series.age_days, series.z.size
    chosen, start = np.full(n, -1, np.intp), np.full(n, -1, np.intp)
    ages = np.sort(age)
    # A day more at either side: which weighings end an interval is decided below.
    reached = np.searchsorted(ages, ends - tolerance - 1.0) < np.searchsorted(ages, ends + tolerance + 1.0)
    numbers = np.flatnonzero(reached)
    at_once = max(1, _PAIRS // max(n, 1))
    for begin in range(0, numbers.size, at_once):
        some = numbers[begin : begin + at_once]
        which, row = np.nonzero((chosen < 0) & (np.abs(age - ends[some][:, None]) <= tolerance))
        if not row.size:
            continue
        number = some[which]
        begins = starts[number]
        best, miss = np.full(row.size, -1, np.intp), np.full(row.size, np.inf)
        owner = series.owner[row]
        before = series.latest(owner, begins)
        after = np.where(before >= 0, before + 1, series.offsets[owner])
        for place in (before, after):  # the nearest weighing to the start is one of the two beside it
            near = (place >= 0) & (place < row)
            off = np.where(near, np.abs(age[np.where(near, place, 0)] - begins), np.inf)
            better = (off <= tolerance) & (off < miss)
            best[better], miss[better] = place[better], off[better]
        hit = np.flatnonzero(best >= 0)[::-1]  # of several of a row the first, which is the last to be written
        chosen[row[hit]], start[row[hit]] = number[hit], best[hit]
    return chosen, start


def velocity(series: Series, *, tolerance_days: float | None = None, of: Increments | None = None) -> Velocity:
    """Gain by the day since the weighing before, and z of the gain over a published interval.

    Parameters
    ----------
    series
        From `weight_series`.  Weighings that it cannot score have no velocity either.
    tolerance_days
        How far a weighing may be from each end of a published interval [days]; None: 3.
    of
        Velocity standards; None: the packaged ones.

    Raises
    ------
    GrowthwatchError
        For a wrong argument.

    References
    ----------
    WHO Child Growth Standards: growth velocity. Geneva: WHO, 2009.  g/kg/day: Patel AL, Engstrom
    JL, Meier PP, Kimura RE. Pediatrics 2005;116:1466-73.
    """
    series = given_series(series)
    standards = increments() if of is None else instance("of", of, Increments, "velocity standards, or None")
    tolerance = gain_settings().velocity.tolerance_days
    if tolerance_days is not None:
        tolerance = one_number("tolerance_days", tolerance_days, "a number of days from 0 on", least=0.0)
    n, age, kg = series.z.size, series.age_days, series.weight_kg
    later = np.ones(n, np.bool_)
    later[series.offsets[:-1][np.diff(series.offsets) > 0]] = False
    status = np.where(later, Status.OK, Status.NO_PREVIOUS).astype(np.uint8)
    days, grams, relative = (np.full(n, np.nan) for _ in range(3))
    second = np.flatnonzero(later)
    days[second] = age[second] - age[second - 1]
    grams[second] = (kg[second] - kg[second - 1]) * _GRAMS / days[second]
    relative[second] = _GRAMS * np.log(kg[second] / kg[second - 1]) / days[second]

    starts, ends, lengths, every_name = _published(standards)
    chosen, start = _intervals(series, starts, ends, tolerance)
    who = np.flatnonzero(chosen >= 0)
    names = np.full(n, "", every_name.dtype)
    who_z = np.full(n, np.nan)
    who_status = np.where(later, Status.INTERVAL_NOT_COVERED, Status.NO_PREVIOUS).astype(np.uint8)
    if who.size:
        names[who] = every_name[chosen[who]]
        gain = (kg[who] - kg[start[who]]) * lengths[chosen[who]] / (age[who] - age[start[who]])
        who_z[who] = standards.z(gain, interval=names[who], sex=series.sex[who].astype(np.int64), sex_coding=_CODING)
        who_status[who] = np.where(np.isnan(who_z[who]), Status.OUTSIDE_DISTRIBUTION, Status.OK)
    against, interval_names = np.full(series.row.shape, -1, np.intp), np.full(series.row.shape, "", names.dtype)
    has = np.flatnonzero(series.row >= 0)
    of_row = series.row[has]
    interval_names[has] = names[of_row]
    fits = start[of_row] >= 0
    against[has[fits]] = series.first_given[start[of_row[fits]]]
    return Velocity(
        series.given(grams),
        series.given(relative),
        series.given(days),
        series.given(who_z),
        interval_names,
        against,
        given_status(series, status),
        given_status(series, who_status),
        standards.label,
    )
