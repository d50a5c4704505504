"""Gains of weight: against what the child's own past lets expect, by the day, and to come.

The child who is light tends to gain, and the child who is heavy to fall back; how much depends
on the two ages.  A gain is therefore judged *conditionally*, on the weight or weights before it:

- *a pair*: ``z_c = (z2 - r z1) / sqrt(1 - r^2)``, r the correlation of z at the two ages, from
  the packaged model and, side by side, from Cole's closed formula (``data/cole-conditional.toml``);
- *the whole past*: the innovation ``(z_k - E[z_k | past]) / sqrt(Var[z_k | past])`` of the model,
  which is N(0, 1) for healthy children, independent from weighing to weighing, at whatever ages;
- *since the best sustained position*: the least such figure over all that the weights up to an earlier
  time let expect of the latest one (`growthwatch.growth.sustained`): a rank to sort a caseload by, and no alarm;
- *a thrive line*: where a child who starts at z1 is led by a gain along a low centile.

Every use costs: one healthy gain in twenty is below the 5th centile, and a child who is weighed
often crosses it sooner or later (``benchmarks``).  None of this is a diagnosis.

z is carried across changes of table (`growthwatch.growth.series`); where two weighings have no
ground in common there is no number.  Sources: Cole TJ. Arch Dis Child 1995;73:8-16; Cole TJ.
Lancet 1997;349:102-103; the model: `growthwatch.growth.model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import broadcast_shape, numeric, one_number
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import FEMALE, MALE, SexCoding, sex_codes
from growthwatch.core.status import Status, status_words
from growthwatch.growth.carry import carried
from growthwatch.growth.detector import detector
from growthwatch.growth.figures import cole, cole_pairs, gain_settings, quantile_of
from growthwatch.growth.model import WeightModel, noise_sd
from growthwatch.growth.past import (
    Codes,
    assumed,
    chosen_model,
    covered,
    given_status,
    row_status,
    run_filter,
    stretch_begins,
)
from growthwatch.growth.series import Places, Series, chosen_reference, followed_age, given_series
from growthwatch.growth.sustained import SinceBest, since_best
from growthwatch.growth.velocity import Velocity, velocity
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = [
    "ConditionalGain",
    "Innovations",
    "SinceBest",
    "ThriveLine",
    "Velocity",
    "conditional_gain",
    "innovations",
    "since_best",
    "thrive_line",
    "velocity",
]

_CODING = {MALE: "male", FEMALE: "female"}


# --- the whole past ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Innovations:
    """How far each weighing is from what all weighings before it let expect, aligned with the weighings given.

    Attributes
    ----------
    z
        (z - expected) / SD [SD]: N(0, 1) for healthy children, independent between weighings.
    expected, variance
        Of z given the past, weighing noise included [SD], [SD²].
    level
        Z to which they are compared: carried across changes of table [SD].
    status_code
        ``no_previous`` for the first on its ground; age or weight as elsewhere.
    reference, model_hash
        What made them.
    """

    z: Floats
    expected: Floats
    variance: Floats
    level: Floats
    status_code: Codes
    reference: ReferenceLabel
    model_hash: str

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)


def innovations(
    series: Series, *, level_sd: float = 1.0, error: float | None = None, model: WeightModel | None = None
) -> Innovations:
    """Conditional gain on the whole history, for any number of children.

    Parameters
    ----------
    series
        From `weight_series`.
    level_sd
        Prior SD of the permanent level, in units of its own; `FREE_LEVEL_SD` where only changes may count.
    error
        SD of the reference's own error; None: `reference_error` of the reference.
    model
        Another covariance than the packaged one.

    Returns
    -------
    Innovations
        One row a weighing given; weights of one day are one.  Only earlier weighings count.

    Raises
    ------
    GrowthwatchError
        For a wrong argument.
    """
    series = given_series(series)
    how = assumed(series.on, model, level_sd, error)
    run = run_filter(series, how)
    status = row_status(series)
    z = (series.level - run.expected) / np.sqrt(run.variance)
    first = stretch_begins(series)
    status[first & (status == 0)] = Status.NO_PREVIOUS
    z[status > 0] = np.nan
    return Innovations(
        series.given(z),
        series.given(run.expected),
        series.given(run.variance),
        series.given(series.level),
        given_status(series, status),
        series.reference,
        how.model.hash,
    )


# --- pairs ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConditionalGain:
    """Gain between two weighings given the first, aligned with the weighings given.

    Attributes
    ----------
    z
        ``(z2 - r z1) / sqrt(1 - r^2)`` with r of the model [SD]; -1.645 is the 5th centile.
    r
        That correlation, weighing noise counted.
    cole_z, cole_r
        The same by Cole's formula.
    change
        Z now less z then, carried across changes of table [SD].
    against
        Place, among the weighings given, of the weighing it is compared with; -1 for none.
    gap_days
        Days between the two.
    status_code, cole_status_code
        Why there is a number, or none: by the model; by Cole's formula.
    reference, model_hash, cole_hash
        What made them.
    """

    z: Floats
    r: Floats
    cole_z: Floats
    cole_r: Floats
    change: Floats
    against: Places
    gap_days: Floats
    status_code: Codes
    cole_status_code: Codes
    reference: ReferenceLabel
    model_hash: str
    cole_hash: str

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)

    @cached_property
    def cole_status(self) -> npt.NDArray[Any]:
        """Status of Cole's formula as words."""
        return status_words(self.cole_status_code)


def least_days(given: float | None) -> float:
    """Return the argument `least_gap_days`: the packaged one for None [days]."""
    if given is None:
        return gain_settings().pair.least_gap_days
    return one_number("least_gap_days", given, "a number of days from 0 on", least=0.0)


def _conditional(first: Floats, second: Floats, r: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.abs(r) < 1, (second - r * first) / np.sqrt(1.0 - r * r), np.nan)


def conditional_gain(
    series: Series,
    *,
    least_gap_days: float | None = None,
    against: Any = None,
    coefficients: str | None = None,
    model: WeightModel | None = None,
) -> ConditionalGain:
    """Conditional gain of each weighing against an earlier one of the child.

    Parameters
    ----------
    series
        From `weight_series`.
    least_gap_days
        Each is compared with the latest weighing at least so much earlier [days]; None: 28.
    against
        Instead: for each weighing given, the place of the one to compare it with, -1 for none.
    coefficients
        Set of Cole's coefficients, ``"1998"`` (None) or ``"1995"``.
    model
        Another covariance than the packaged one.

    Raises
    ------
    GrowthwatchError
        For an `against` of another length, or of another child; for any other wrong argument.
    """
    series, model = given_series(series), chosen_model(model)
    n = series.z.size
    rows = np.arange(n)
    if against is None:
        gap = least_days(least_gap_days)
        earlier = series.latest(series.owner, series.age_days - gap)
        earlier[earlier >= rows] = -1
    else:
        earlier = _chosen(series, against)
    status, cole_status, figures = _pairs(series, earlier, coefficients, model)
    place = np.full(series.row.shape, -1, np.intp)
    has = series.row >= 0
    then = earlier[series.row[has]]
    place[has] = np.where(then >= 0, series.first_given[then], -1) if n else -1
    z, r, cole_z, cole_r, change, days = (series.given(f) for f in figures)
    return ConditionalGain(
        z,
        r,
        cole_z,
        cole_r,
        change,
        place,
        days,
        given_status(series, status),
        given_status(series, cole_status),
        series.reference,
        model.hash,
        cole().hash,
    )


def _chosen(series: Series, against: Any) -> Places:
    """Earlier row of each row, from places among the weighings given."""
    places = numeric("against", against)
    given = series.row.size
    if places.shape != (given,) or not bool(((places >= -1) & (places < given) & (places == np.rint(places))).all()):
        raise GrowthwatchError.of("against", against, f"{given} places from 0 to {given - 1}, or -1")
    places = places.astype(np.intp)
    has = (places >= 0) & (series.row >= 0)
    if bool((series.children[has] != series.children[places[has]]).any()):
        raise GrowthwatchError.of("against", against, "places of weighings of the same child")
    out = np.full(series.z.size, -1, np.intp)
    out[series.row[has]] = series.row[places[has]]
    out[out >= np.arange(out.size)] = -1
    return out


def _pairs(
    series: Series, earlier: Places, coefficients: str | None, model: WeightModel
) -> tuple[Codes, Codes, tuple[Floats, ...]]:
    """Status and figures of rows against earlier rows."""
    has = earlier >= 0
    stretch = np.repeat(np.arange(series.stretches.size - 1), np.diff(series.stretches))
    before = np.where(has, earlier, 0)
    common = has & (stretch[before] == stretch) if has.size else has
    status = np.full(has.shape, np.uint8(Status.NO_PREVIOUS))
    status[has] = Status.NO_COMMON_TABLE
    status[common] = Status.OK

    def then(column: Floats) -> Floats:
        return np.where(common, column[before], np.nan) if has.size else column

    cole_status = status.copy()
    age, level = series.age_days, series.level
    age1, level1, noise1 = then(age), then(level), then(series.noise)
    # The start is where it was published; what was carried from there on is the child's own change.
    z1 = then(series.published_z)
    z2 = z1 + (level - level1)
    inside = covered(age) & covered(age1)
    out_of_model = common & ~inside
    status[out_of_model] = np.where(age1[out_of_model] < 0, Status.AGE_BELOW_REFERENCE, Status.AGE_ABOVE_REFERENCE)
    r = np.where(inside, model.correlation(age1, age, noise1, series.noise), np.nan)
    cole_r, outside = cole_pairs(age1, age, coefficients)
    cole_status[common] = outside[common]
    far = cole().valid.most_z
    odd = common & (cole_status == 0) & ((np.abs(z2) >= far) | (np.abs(z1) >= far))
    cole_status[odd] = Status.OUTSIDE_DISTRIBUTION
    cole_r = np.where(odd, np.nan, cole_r)
    z, cole_z = _conditional(z1, z2, r), _conditional(z1, z2, cole_r)
    return status, cole_status, (z, r, cole_z, cole_r, level - level1, age - age1)


# --- thrive lines -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ThriveLine:
    """Where a gain along a centile leads.

    Attributes
    ----------
    z, weight_kg
        By the model: z on the level of the start, carried across changes of table [SD], and weight [kg].
    r
        Correlation of z at the two ages.
    cole_z, cole_weight_kg, cole_r
        By Cole's formula.
    status_code, cole_status_code
        Why there is a number, or none.
    centile
        Of the gain.
    """

    z: Any
    weight_kg: Any
    r: Any
    cole_z: Any
    cole_weight_kg: Any
    cole_r: Any
    status_code: Any
    cole_status_code: Any
    centile: float
    reference: ReferenceLabel
    model_hash: str
    cole_hash: str


def thrive_line(
    reference: str | Reference,
    *,
    age_days: Any,
    until_days: Any,
    sex: Any,
    z: Any = None,
    weight_kg: Any = None,
    gestation_days: Any = None,
    centile: float | None = None,
    coefficients: str | None = None,
    model: WeightModel | None = None,
    sex_coding: SexCoding | None = None,
) -> ThriveLine:
    """Weight that a child reaches if it gains along a centile, from one age to another.

    ``z2 = r z1 + z_p sqrt(1 - r^2)``, for any interval of the model's ages and any reference.

    Parameters
    ----------
    reference
        Id of a packaged reference, or a `Reference`, adjusted ones included.
    age_days, until_days
        Chronological ages at the start and the end [days].
    sex, gestation_days
        As for `Reference.score`.
    z, weight_kg
        Start: published z [SD], or weight [kg]; one of the two.
    centile
        Of the gain; None: 5.
    coefficients, model
        Cole's set; another covariance.

    Returns
    -------
    ThriveLine
        Python scalars for scalars, arrays of the common shape for arrays.

    Raises
    ------
    GrowthwatchError
        If not exactly one of `z` and `weight_kg` is given, or the centile is not between 0 and 100;
        for any other wrong argument.
    """
    reference = chosen_reference("reference", reference)
    if (z is None) == (weight_kg is None):
        raise GrowthwatchError.of("z", z, "either z or weight_kg, and not both")
    settings, model = gain_settings(), chosen_model(model)
    centile = settings.thrive.centile if centile is None else centile
    quantile = quantile_of("centile", centile)
    start = numeric("weight_kg", weight_kg) if z is None else numeric("z", z)
    age, until, code = numeric("age_days", age_days), numeric("until_days", until_days), sex_codes(sex, sex_coding)
    gestation = None if gestation_days is None else numeric("gestation_days", gestation_days)
    shape = broadcast_shape(start=start, age_days=age, until_days=until, sex=code, gestation_days=gestation)
    start, age, until = (np.broadcast_to(c, shape).ravel().astype(np.float64) for c in (start, age, until))
    code = np.broadcast_to(code, shape).ravel()
    known = code <= FEMALE
    words = np.where(known, code, np.nan)
    born = None if gestation is None else np.broadcast_to(gestation, shape).ravel().astype(np.float64)
    kg = (
        start if z is None else reference.value(start, age_days=age, sex=words, gestation_days=born, sex_coding=_CODING)
    )
    # Where a z has no weight, the reason is one that any weight has, or the distribution
    stand_in = np.where(np.isnan(kg) & np.isfinite(start), 1.0, kg)
    score = reference.score(stand_in, age_days=age, sex=words, gestation_days=born, sex_coding=_CODING)
    reason = np.where(
        np.isnan(kg) & (score.status_code <= Status.IMPLAUSIBLE), Status.OUTSIDE_DISTRIBUTION, score.status_code
    )
    first, second = (followed_age(reference, a, born) for a in (age, until))
    z1 = np.where(np.isnan(kg), np.nan, score.z)
    status = np.where(reason <= Status.IMPLAUSIBLE, Status.OK, reason).astype(np.uint8)
    cole_r, outside = cole_pairs(first, second, coefficients)
    cole_status = np.where(status > 0, status, outside)
    far = (np.abs(z1) >= cole().valid.most_z) & (cole_status == 0)
    cole_status[far], cole_r[far] = Status.OUTSIDE_DISTRIBUTION, np.nan
    inside = covered(first) & covered(second) & (second >= first)
    noise = [noise_sd(reference, code, np.maximum(a, 0.0)) for a in (first, second)]
    fine = status == 0
    status[fine & (second < first)] = Status.INTERVAL_NOT_COVERED
    status[fine & (second > detector().ages.until_days)] = Status.AGE_ABOVE_REFERENCE
    status[fine & (first < 0)] = Status.AGE_BELOW_REFERENCE
    status[fine & np.isnan(second)] = Status.MISSING_AGE
    # Infinite ages have no correlation, and none is wanted of them
    r = np.where(inside, model.correlation(*(np.where(inside, a, 0.0) for a in (first, second)), *noise), np.nan)
    figures: list[Floats] = []
    for correlation, code_ in ((r, status), (cole_r, cole_status)):
        line = correlation * z1 + quantile * np.sqrt(1.0 - correlation * correlation)
        weight = carried(reference, kg, age, code, line - z1, until, born)
        lost = (code_ == 0) & np.isfinite(line) & np.isnan(weight)
        code_[lost] = Status.NO_COMMON_TABLE
        figures += [np.where(code_ == 0, line, np.nan), weight, correlation]
    made = [float(f[0]) if shape == () else f.reshape(shape) for f in figures]
    codes = [int(c[0]) if shape == () else c.reshape(shape) for c in (status, cole_status)]
    line_z, line_kg, r_, cole_z, cole_kg, cole_r_ = made
    return ThriveLine(
        line_z,
        line_kg,
        r_,
        cole_z,
        cole_kg,
        cole_r_,
        codes[0],
        codes[1],
        centile,
        reference.label,
        model.hash,
        cole().hash,
    )
