"""How much of a change of weight is the condition, how much ordinary drift, and how much is left.

For a child weighed at t0 and t1, z being measured on a standard and z_c on the reference of its
condition::

    observed  = z(t1) - z(t0)
    condition = mu(t1) - mu(t0)                            mu: the condition's median, in z of the standard
    natural   = what z_c(t1) was to be expected from the weighings up to t0, less z_c(t0),
                in z of the standard: momentum, and noise of the baseline
    excess    = observed - condition - natural

Where one SD of the condition is worth sigma on the standard, ``natural`` is ``sigma(t1) E[z_c(t1) |
past] - sigma(t0) z_c(t0)`` and ``excess`` is ``sigma(t1) (z_c(t1) - E[z_c(t1) | past])``.  Here the
map from z_c to z is not taken as a straight line but read from both tables: weights of z_c at t1
are scored on the standard.  The expectation and its variance are those of the model of healthy
growth (`growthwatch.growth.model`), by the Kalman filter on the weighings up to t0, with the error
of the reference's own mean as a state of its own: a constant error cancels, an error of its slope
does not, and widens the interval.  Intervals are a little wider than the model's own (`WeightModel.wider`):
fits of it that are as near to what is published differ by so much.

*Only changes count*: the level of the child is free, so that a child who keeps its line has nothing left
over, whatever the line.  A child who is far from the middle tends to come nearer; that this one did not is
no fall, and the interval is as wide as the children of all lines need.

*It starts at two weeks*, as the evidence does: the model of healthy growth has no newborn loss, and the tables
that references use at birth are not those of later weights.  Weights of the first two weeks do not count.
Where it is asked for from birth (`from_days` below 14), the birth weight stands where it was published, as
in the rule of the fall from birth.

Three ways to say how far one child fell do differ: from birth (the published z at birth and now, newborn days
included), from the best position held for two weeks (the best of many is high by chance), and what is left over
here (from two weeks, less what was to be expected).  The words of a trajectory say so where they differ.

All changes are carried across changes of table (`growthwatch.growth.series`); that of the
condition's median is the change of a child who keeps to it, weighed on the same days.

Two ends alone say little: the SD of the excess is near 0.4 z over half a year of infancy.  It is a
statement about weights, not about causes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from growthwatch.core.columns import is_number, numeric, one_number
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import FEMALE, MALE, SexCoding
from growthwatch.core.status import Status
from growthwatch.growth.carry import level_change, weight_ahead
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.figures import gain_settings
from growthwatch.growth.model import FREE_LEVEL_SD, WeightModel
from growthwatch.growth.parts import Attribution, Part, Parts
from growthwatch.growth.past import assumed, predictions
from growthwatch.growth.series import Places, Series, chosen_reference, given_series, weight_series
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = ["Attribution", "Part", "Parts", "attribute", "attribution"]

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]


_CODING = {MALE: "male", FEMALE: "female"}


def attribution(
    weight_kg: Any,
    *,
    age_days: Any,
    sex: Any,
    gestation_days: Any = None,
    condition: str | Reference | None = None,
    standard: str | Reference = "uk-who",
    from_days: Any = None,
    until_days: Any = None,
    child: Any = None,
    sex_coding: SexCoding | None = None,
    coverage: float | None = None,
    model: WeightModel | None = None,
) -> Attribution:
    """Take the change of weight of each child apart: condition, natural drift and regression, excess.

    Parameters
    ----------
    weight_kg, age_days, sex, gestation_days
        One row a weighing, in any order: weight [kg], chronological age [days], sex, completed
        gestation at birth [days] (None or NaN: term).
    condition
        Reference of the condition, or any adjusted reference; None: the standard alone.
    standard
        Reference in whose z the change is said.
    from_days, until_days
        The change is from the last weighing at or before the one age to the last at or before the
        other [chronological days]: a number, or one a child.  None: the first from two weeks on and the last
        weighing that both references cover.  Weighings before count as history, those after do not count.  Before
        14 days only the birth weight counts, where it was published.
    child
        Id of the child of each row, or offsets; None if all are of one child.  Rows of the result
        are in the order of the sorted ids.
    sex_coding
        Meaning of codes of sex.
    coverage
        Of the intervals; None: 0.9.
    model
        Another covariance than the packaged one.

    Returns
    -------
    Attribution
        One row a child; NaN with a status where there are no two weighings to compare.

    Raises
    ------
    GrowthwatchError
        For a wrong argument.

    Notes
    -----
    Definitions and limits: this module's docstring.  Never a diagnosis.
    """
    on = chosen_reference("standard", standard)
    series = weight_series(on, weight_kg, age_days, sex, gestation_days, child, sex_coding)
    return attribute(series, condition, from_days=from_days, until_days=until_days, coverage=coverage, model=model)


def attribute(
    series: Series,
    condition: str | Reference | None = None,
    *,
    from_days: Any = None,
    until_days: Any = None,
    coverage: float | None = None,
    model: WeightModel | None = None,
) -> Attribution:
    """Take changes apart as `attribution` does, from weighings that are already read on the standard.

    Raises
    ------
    GrowthwatchError
        For a wrong argument.
    """
    series = given_series(series)
    condition = None if condition is None else chosen_reference("condition", condition)
    coverage = gain_settings().attribution.coverage if coverage is None else coverage
    if not is_number(coverage) or not 0.0 < coverage < 1.0:
        raise GrowthwatchError.of("coverage", coverage, "a share between 0 and 1")
    quantile = float(ndtri(0.5 + coverage / 2.0))
    children = series.offsets.size - 1
    begin = _ages("from_days", from_days, children)
    end = _ages("until_days", until_days, children)
    unread = np.where(series.torn > 0, series.torn, np.uint8(Status.NO_PREVIOUS))
    for column in (begin, end):
        if column is not None:
            unread[np.isinf(column)] = Status.NOT_FINITE
            unread[np.isnan(column)] = Status.MISSING_AGE
            column[np.isinf(column)] = np.nan
    series = _from_two_weeks(series)
    other = series if condition is None else _from_two_weeks(_rescored(series, condition))
    first, last = _ends(series, other, begin, end)
    alone = _parts(series, series, (first, last), unread, quantile, model)
    adjusted = None if condition is None else _parts(series, other, (first, last), unread, quantile, model)
    depends = np.zeros(children, np.bool_)
    if adjusted is not None:
        both = (alone.status_code == 0) & (adjusted.status_code == 0)
        depends = both & (alone.verdict != adjusted.verdict)
    ages: list[Floats] = []
    for row in (first, last):
        made = np.full(children, np.nan)
        made[row >= 0] = series.chronological_days[row[row >= 0]]
        ages.append(made)
    return Attribution(
        alone,
        adjusted,
        depends,
        ages[0],
        ages[1],
        coverage,
        series.reference,
        assumed(series.on, model, 1.0, 0.0).model.hash,
    )


def _ages(name: str, given: Any, children: int) -> Floats | None:
    if given is None:
        return None
    column = numeric(name, given)
    if column.shape not in ((), (children,)):
        raise GrowthwatchError.of(name, column.shape, f"one age, or one for each of {children} children")
    if column.ndim == 0:
        one_number(name, column.item(), "an age in days, from 0 on", least=0.0)
    return np.broadcast_to(column, (children,)).astype(np.float64)


def _rescored(series: Series, reference: Reference, weight_kg: Floats | None = None) -> Series:
    """Score the same children, on the same days, on another reference or with other weights."""
    made = weight_series(
        reference,
        series.weight_kg if weight_kg is None else weight_kg,
        series.chronological_days,
        series.sex.astype(np.int64),
        series.gestation_days,
        series.owner,
        _CODING,
    )
    children = np.arange(series.offsets.size)  # those without a row keep their place
    return replace(made, offsets=np.searchsorted(series.owner[made.first_given], children).astype(np.intp))


def _newborn(series: Series) -> Flags:
    """Rows before the age from which growth is judged."""
    return series.age_days < detector().ages.from_days


def _from_two_weeks(series: Series) -> Series:
    """Without weights of the first two weeks, but for the birth weight, which stands where it was published."""
    early = _newborn(series)
    series = series.only(~early | (series.chronological_days < 1.0))
    early = _newborn(series)
    before = np.flatnonzero(early[:-1] & ~early[1:] & (series.owner[:-1] == series.owner[1:]))
    if not before.size:
        return series
    z = series.z.copy()
    z[before] = z[before + 1] + series.published_z[before] - series.published_z[before + 1]
    return replace(series, z=z)


def _part_of(series: Series, rows: Places) -> Series:
    """Only some rows of a series, in their order; the number of children stays."""
    kept = np.zeros(series.z.size, np.bool_)
    kept[rows] = True
    return replace(
        series,
        offsets=np.concatenate(([0], np.cumsum(kept)))[series.offsets].astype(np.intp),
        age_days=series.age_days[rows],
        weight_kg=series.weight_kg[rows],
        sex=series.sex[rows],
        chronological_days=series.chronological_days[rows],
        gestation_days=None if series.gestation_days is None else series.gestation_days[rows],
        z=series.z[rows],
    )


def _ends(series: Series, other: Series, begin: Floats | None, end: Floats | None) -> tuple[Places, Places]:
    """Rows of the standard's series at both ends, -1 where there is none; both references cover them."""
    both = other.row >= 0 if other is not series else np.ones(series.z.size, np.bool_)
    until = detector().ages.until_days
    both &= (series.age_days >= 0) & (series.age_days <= until)
    if other is not series:
        covered = np.where(both, other.row, 0)
        both &= (other.age_days[covered] >= 0) & (other.age_days[covered] <= until) if other.z.size else both
    age, owner = series.chronological_days, series.owner
    children = series.offsets.size - 1
    ends: list[Places] = []
    for limit, least in ((begin, True), (end, False)):
        usable = both & ~_newborn(series) if limit is None or not least else both
        usable = usable if limit is None else usable & (np.floor(age) <= limit[owner])
        rows = np.flatnonzero(usable)
        out = np.full(children, -1, np.intp)
        if limit is None and least:
            out[owner[rows[::-1]]] = rows[::-1]
        else:
            out[owner[rows]] = rows  # the last written is the last row of the child
        ends.append(out)
    first, last = ends
    last = np.where((first >= 0) & (last > first), last, -1)
    return np.where(last >= 0, first, -1), last


def _parts(
    series: Series,
    other: Series,
    ends: tuple[Places, Places],
    unread: Codes,
    quantile: float,
    model: WeightModel | None,
) -> Parts:
    """Take changes of a standard's series apart by the reference of another series of the same rows.

    `ends` are rows, -1 where there is none; `unread` says why there is none.
    """
    first, last = ends
    children = first.size
    status = np.where(last >= 0, np.uint8(Status.OK), unread)
    who = np.flatnonzero(last >= 0)
    nan = np.full(children, np.nan)
    t0, t1 = first[who], last[who]
    c0, c1 = (t0, t1) if other is series else (other.row[t0], other.row[t1])
    error = reference_error(other.on)
    made = assumed(other.on, model, FREE_LEVEL_SD, error)
    age1, noise1 = other.age_days[c1], other.noise[c1]
    level_then, variance_then = predictions(other, c0, age1, noise1, made)
    sd_then = made.model.wider * np.sqrt(variance_then)

    shared = _stretch(series, t0) == _stretch(series, t1)
    shared &= _stretch(other, c0) == _stretch(other, c1)

    observed = series.z[t1] - series.z[t0]
    noise = np.sqrt(series.noise[t0] ** 2 + series.noise[t1] ** 2)
    levels = (level_then, level_then - quantile * sd_then, level_then + quantile * sd_then)
    # In the table in which the last step of z itself was taken, on either reference
    weights = [weight_ahead(other, c1 - 1, level, other.chronological_days[c1]) for level in levels]
    before = t1 - 1
    excess, most, least = (
        observed - (series.level[before] - series.level[t0] + level_change(series, before, t1, kg)) for kg in weights
    )
    median, up, down = (_published(series, t1, _line(other, c1, z)) for z in (0.0, 1.0, -1.0))
    worth = (up - down) / 2.0
    # From birth there is no table in common: what is left over is the difference of the published places.
    hop = _newborn(series)[before]
    excess, most, least = (
        np.where(hop, worth * (other.level[c1] - level), figure)
        for figure, level in zip((excess, most, least), levels, strict=True)
    )
    if other is series:
        condition, slope = np.zeros(who.size), np.zeros(who.size)
    else:
        condition = _median_change(series, other.on, first, last)[who]
        fades = np.exp(-(other.age_days[c1] - other.age_days[c0]) / detector().reference_error.days)
        slope = worth * error * np.sqrt(2.0 * (1.0 - fades))
    natural = observed - condition - excess
    # The interval of the natural part is without the error of the reference, which is the condition's
    narrow = np.ones(who.size)
    if error > 0:
        free_sd = made.model.wider * np.sqrt(
            predictions(other, c0, age1, noise1, assumed(other.on, model, FREE_LEVEL_SD, 0.0))[1]
        )
        narrow = np.minimum(free_sd / sd_then, 1.0)
    below, above = (most - excess) * narrow, (excess - least) * narrow

    good = shared & np.isfinite(excess) & np.isfinite(most) & np.isfinite(least) & np.isfinite(condition)
    missing = who[~good]
    status[missing] = np.where(shared[~good], Status.OUTSIDE_DISTRIBUTION, Status.NO_COMMON_TABLE)

    def spread(column: Floats) -> Floats:
        out = nan.copy()
        out[who[good]] = column[good]
        return out

    verdict = np.zeros(children, np.int8)
    verdict[who[good]] = np.where(most[good] < 0, -1, np.where(least[good] > 0, 1, 0))
    return Parts(
        Part(spread(observed), spread(observed - quantile * noise), spread(observed + quantile * noise)),
        Part(spread(condition), spread(condition - quantile * slope), spread(condition + quantile * slope)),
        Part(spread(natural), spread(natural - below), spread(natural + above)),
        Part(spread(excess), spread(least), spread(most)),
        verdict,
        spread(median),
        spread(worth),
        spread(level_then),
        spread(variance_then),
        status,
        other.reference,
        other.on.info.short_title,
    )


def _stretch(series: Series, rows: Places) -> Places:
    return np.searchsorted(series.stretches, rows, side="right").astype(np.intp)


def _line(series: Series, rows: Places, z: float) -> Floats:
    """Weight on a line of a series' own reference at rows."""
    return series.on.value(
        np.full(rows.size, z),
        age_days=series.chronological_days[rows],
        sex=series.sex[rows].astype(np.int64),
        gestation_days=None if series.gestation_days is None else series.gestation_days[rows],
        sex_coding=_CODING,
    )


def _published(series: Series, rows: Places, weight_kg: Floats) -> Floats:
    """Published z of other weights at rows."""
    return series.on.z(
        weight_kg,
        age_days=series.chronological_days[rows],
        sex=series.sex[rows].astype(np.int64),
        gestation_days=None if series.gestation_days is None else series.gestation_days[rows],
        sex_coding=_CODING,
    )


def _median_change(series: Series, reference: Reference, first: Places, last: Places) -> Floats:
    """Change of z of a child who keeps to the median of a reference, weighed on the same days; one row a child."""
    children = first.size
    out = np.full(children, np.nan)
    row = np.arange(series.z.size)
    rows = np.flatnonzero((row >= first[series.owner]) & (row <= last[series.owner]) & (last[series.owner] >= 0))
    if not rows.size:
        return out
    window = _part_of(series, rows)
    kg = _line(replace(window, on=reference), np.arange(rows.size), 0.0)
    along = _rescored(window, series.on, kg)
    has = np.flatnonzero((last >= 0) & (np.diff(window.offsets) > 1))
    start, end = along.row[window.offsets[has]], along.row[window.offsets[has + 1] - 1]
    fine = (start >= 0) & (end >= 0)
    fine &= _stretch(along, np.maximum(start, 0)) == _stretch(along, np.maximum(end, 0))
    out[has[fine]] = along.z[end[fine]] - along.z[start[fine]]
    return out
