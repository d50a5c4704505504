"""Gains of weight: against what the child's own past lets expect, by the day, and to come.

The child who is light tends to gain, and the child who is heavy to fall back; how much depends
on the two ages.  A gain is therefore judged *conditionally*, on the weight or weights before it:

- *a pair*: ``z_c = (z2 - r z1) / sqrt(1 - r^2)``, r the correlation of z at the two ages, from
  the packaged model and, side by side, from Cole's closed formula (``data/cole-conditional.toml``);
- *the whole past*: the innovation ``(z_k - E[z_k | past]) / sqrt(Var[z_k | past])`` of the model,
  which is N(0, 1) for healthy children, independent from weighing to weighing, at whatever ages;
- *a thrive line*: where a child who starts at z1 is led by a gain along a low centile.

Every use costs: one healthy gain in twenty is below the 5th centile, and a child who is weighed
often crosses it sooner or later (``benchmarks``).  None of this is a diagnosis.

z is carried across changes of table (`growthwatch.growth.series`); where two weighings have no
ground in common there is no number.  Sources: Cole TJ. Arch Dis Child 1995;73:8-16; Cole TJ.
Lancet 1997;349:102-103; the model: `growthwatch.growth.model`.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict
from scipy.special import ndtr, ndtri

from growthwatch.core.canonical import content_hash
from growthwatch.core.columns import broadcast_shape, numeric
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import FEMALE, MALE, SexCoding, sex_codes
from growthwatch.core.status import Status, status_words
from growthwatch.core.units import TERM_DAYS
from growthwatch.growth.evidence import detector, reference_error, running_evidence
from growthwatch.growth.model import Filter, WeightModel, noise_sd, weight_model
from growthwatch.growth.series import Places, Series, blocks, followed_age, weight_series
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.change import table_scores
from growthwatch.references.distributions import Floats
from growthwatch.references.increments import Increments, increments
from growthwatch.references.metadata import corrections
from growthwatch.references.scoring import corrected_age

__all__ = [
    "ConditionalGain",
    "Forecast",
    "Innovations",
    "NextWeight",
    "ThriveLine",
    "Velocity",
    "carried_weight",
    "cole_correlation",
    "conditional_gain",
    "evidence_below",
    "fall_below",
    "forecast",
    "gain_at_least",
    "gain_settings",
    "innovation_at_least",
    "innovations",
    "next_weight",
    "thrive_line",
    "velocity",
    "z_at_least",
]

_BLOCK = 2048  # children at a time
_CODING = {MALE: "male", FEMALE: "female"}
_GRAMS = 1000.0

Codes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


# --- figures ------------------------------------------------------------------------------


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Sourced(_Closed):
    source: str
    tag: Literal["N", "G", "L"]


class PairSettings(_Sourced):
    """With which earlier weighing one is compared."""

    least_gap_days: float


class ThriveSettings(_Sourced):
    """Centile of the gain along a thrive line."""

    centile: float


class ForecastSettings(_Sourced):
    """Centiles of the band of a forecast."""

    centiles: list[float]


class VelocitySettings(_Sourced):
    """How near to the ends of a published interval a weighing must be."""

    tolerance_days: float


class AttributionSettings(_Sourced):
    """How much the intervals of an attribution cover."""

    coverage: float


class NextWeightSettings(_Sourced):
    """How finely, and how far from the expected weight, weights are tried."""

    step_kg: float
    reach_sd: float


class GainSettings(_Closed):
    """How gains are read, as packaged in ``data/gain.toml``."""

    version: str
    review_by: dt.date
    pair: PairSettings
    thrive: ThriveSettings
    forecast: ForecastSettings
    velocity: VelocitySettings
    attribution: AttributionSettings
    next_weight: NextWeightSettings


class ColeLimits(_Closed):
    """Where Cole's formula counts."""

    from_days: float
    until_days: float
    least_gap_days: float
    most_z: float
    source: str


class ColeSet(_Closed):
    """One set of coefficients."""

    b1: float
    b2: float
    b3: float
    b4: float
    b5: float
    b6: float
    source: str


class Cole(_Closed):
    """Cole's closed formula, as packaged in ``data/cole-conditional.toml``."""

    version: str
    citation: str
    tag: Literal["N", "G", "L"]
    review_by: dt.date
    packaged: str
    valid: ColeLimits
    sets: dict[str, ColeSet]

    @property
    def hash(self) -> str:
        """Content hash of the figures."""
        return content_hash(self.model_dump(mode="json"))

    def named(self, name: str | None) -> ColeSet:
        """Return a set of coefficients; the packaged choice for None."""
        found = self.sets.get(self.packaged if name is None else name)
        if found is None:
            raise GrowthwatchError.of("coefficients", name, f"one of {list(self.sets)}")
        return found


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((files("growthwatch.growth") / "data" / name).read_text("utf-8"))


@cache
def gain_settings() -> GainSettings:
    """Return the packaged settings."""
    return GainSettings.model_validate(_table("gain.toml"))


@cache
def cole() -> Cole:
    """Return Cole's formula as packaged."""
    return Cole.model_validate(_table("cole-conditional.toml"))


def cole_correlation(first_days: Any, second_days: Any, coefficients: str | None = None) -> Any:
    """Correlation of weight z at two ages by Cole's closed formula.

    Parameters
    ----------
    first_days, second_days
        Ages [days]; they broadcast.
    coefficients
        ``"1998"`` (packaged choice) or ``"1995"``.

    Returns
    -------
    float or ndarray
        NaN where the formula does not count: before birth, after 2 years, or less than 4 weeks apart.

    References
    ----------
    Cole TJ. Arch Dis Child 1995;73:8-16. doi:10.1136/adc.73.1.8; coefficients of 1998: LMSgrowth.
    """
    first, second = numeric("first_days", first_days), numeric("second_days", second_days)
    shape = broadcast_shape(first_days=first, second_days=second)
    a, b = (np.broadcast_to(c, shape).astype(np.float64) for c in (first, second))
    out = _cole(np.atleast_1d(a), np.atleast_1d(b), coefficients)[0]
    return float(out[0]) if shape == () else out


def _cole(first: Floats, second: Floats, coefficients: str | None) -> tuple[Floats, Codes]:
    """Correlation and status."""
    c, valid = cole().named(coefficients), cole().valid
    status = np.zeros(first.shape, np.uint8)
    status[~(second - first >= valid.least_gap_days)] = Status.INTERVAL_NOT_COVERED
    status[second > valid.until_days] = Status.AGE_ABOVE_REFERENCE
    status[first < valid.from_days] = Status.AGE_BELOW_REFERENCE
    status[np.isnan(first) | np.isnan(second)] = Status.MISSING_AGE
    good = status == 0
    weeks = np.where(good, second - first, 7.0) / 7.0
    mean = np.log(np.where(good, second + first, 14.0) / 14.0)
    gap = np.log(weeks)
    fisher = c.b1 + c.b2 * gap + c.b3 * mean * gap + c.b4 / weeks + mean * (c.b5 + c.b6 * mean)
    return np.where(good, np.tanh(fisher), np.nan), status


# --- the model along a series -----------------------------------------------------------------


class _Run(NamedTuple):
    """The filter run over a series: expectation and variance of each row, and states after rows that were kept."""

    expected: Floats
    variance: Floats
    mean: Floats
    covariance: Floats
    kept: Places
    states: int


class Assumed(NamedTuple):
    """What is assumed of the model: covariance, prior of the level, error of the reference."""

    model: WeightModel
    level_sd: float
    error: float
    error_days: float

    def filter(self, age: Floats) -> Filter:
        """Start the filter at an age."""
        return Filter(self.model, age, self.level_sd, self.error, self.error_days)


def assumed(reference: Reference, model: WeightModel | None, level_sd: float, error: float | None) -> Assumed:
    error = reference_error(reference) if error is None else error
    return Assumed(model or weight_model(), level_sd, error, detector().reference_error.days)


def _covered(age: Floats) -> Flags:
    """Ages of which the model of healthy growth speaks."""
    return (age >= 0.0) & (age <= detector().ages.until_days)


def _run(series: Series, how: Assumed, keep: Flags | None = None) -> _Run:
    """Run the filter over each stretch of a series; after rows in `keep`, keep the states."""
    inside = _covered(series.age_days)
    rows = np.flatnonzero(inside)
    offsets = np.concatenate(([0], np.cumsum(inside)))[series.stretches].astype(np.intp)
    age, z, noise = series.age_days[rows], series.level[rows], series.noise[rows]
    n, states = rows.size, 5 if how.error > 0 else 4
    expected, variance = np.full(series.z.size, np.nan), np.full(series.z.size, np.nan)
    e, v = np.empty(n), np.empty(n)
    wanted = np.zeros(n, np.bool_) if keep is None else keep[rows]
    place = np.cumsum(wanted) - 1
    count = int(wanted.sum())
    mean, covariance = np.empty((states, count)), np.empty((states, states, count))
    for block in blocks(offsets, _BLOCK):
        run = how.filter(age[block.starts])
        for rank, m in block.ranks():
            now = block.starts[:m] + rank
            e[now], v[now] = run.predict(age[now], noise[now])
            run.update(z[now] - e[now])
            if count:
                chosen = np.flatnonzero(wanted[now])
                if chosen.size:
                    to = place[now[chosen]]
                    mean[:, to] = run.mean[:, chosen]
                    covariance[:, :, to] = run.covariance[:, :, chosen]
    expected[rows], variance[rows] = e, v
    kept = np.full(series.z.size, -1, np.intp)
    kept[rows[wanted]] = place[wanted]
    return _Run(expected, variance, mean, covariance, kept, states)


def predictions(series: Series, row: Places, age_days: Floats, noise: Floats, how: Assumed) -> tuple[Floats, Floats]:
    """Expectation and variance of z at later ages, given each child's weighings up to a row.

    Parameters
    ----------
    series
        The histories.
    row
        Last row that is known, one a target; -1 for none.
    age_days, noise
        Of the targets [days], [SD of z].

    Returns
    -------
    expected, variance
        On the level of ``series.level``; NaN without a row, or outside the ages of the model.
    """
    expected, variance = np.full(row.shape, np.nan), np.full(row.shape, np.nan)
    has = (row >= 0) & _covered(age_days) & np.isfinite(noise)
    has[has] = _covered(series.age_days[row[has]]) & (series.age_days[row[has]] <= age_days[has])
    at = np.flatnonzero(has)
    if at.size:
        keep = np.zeros(series.z.size, np.bool_)
        keep[row[at]] = True
        run = _run(series, how, keep)
        for start in range(0, at.size, _BLOCK):
            part = at[start : start + _BLOCK]
            known = run.kept[row[part]]
            ahead = how.filter(series.age_days[row[part]])
            ahead.mean, ahead.covariance = run.mean[:, known], run.covariance[:, :, known]
            expected[part], variance[part] = ahead.predict(age_days[part], noise[part])
    return expected, variance


def _row_status(series: Series) -> Codes:
    """Status of each row by its age alone, as far as the model speaks."""
    out = np.zeros(series.z.size, np.uint8)
    out[series.age_days < 0] = Status.AGE_BELOW_REFERENCE
    out[series.age_days > detector().ages.until_days] = Status.AGE_ABOVE_REFERENCE
    return out


def _given_status(series: Series, rows: Codes) -> Codes:
    """Spread status of rows over the weighings given; a row without a number says why, else why it was flagged."""
    out = series.status_code.copy()
    has = series.row >= 0
    of_row = rows[series.row[has]]
    out[has] = np.where(of_row > 0, of_row, out[has])
    return out


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
    """
    how = assumed(series.on, model, level_sd, error)
    run = _run(series, how)
    status = _row_status(series)
    z = (series.level - run.expected) / np.sqrt(run.variance)
    first = _stretch_begins(series)
    status[first & (status == 0)] = Status.NO_PREVIOUS
    z[status > 0] = np.nan
    return Innovations(
        series.given(z),
        series.given(run.expected),
        series.given(run.variance),
        series.given(series.level),
        _given_status(series, status),
        series.reference,
        how.model.hash,
    )


def _stretch_begins(series: Series) -> Flags:
    """Rows that are the first of their stretch that the model covers."""
    inside = _covered(series.age_days)
    stretch = np.repeat(np.arange(series.stretches.size - 1), np.diff(series.stretches))
    out = np.zeros(inside.size, np.bool_)
    rows = np.flatnonzero(inside)
    out[rows[np.unique(stretch[rows], return_index=True)[1]]] = True
    return out


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
        For an `against` of another length, or of another child.
    """
    model = model or weight_model()
    n = series.z.size
    rows = np.arange(n)
    if against is None:
        gap = gain_settings().pair.least_gap_days if least_gap_days is None else least_gap_days
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
        _given_status(series, status),
        _given_status(series, cole_status),
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
    inside = _covered(age) & _covered(age1)
    out_of_model = common & ~inside
    status[out_of_model] = np.where(age1[out_of_model] < 0, Status.AGE_BELOW_REFERENCE, Status.AGE_ABOVE_REFERENCE)
    r = np.where(inside, model.correlation(age1, age, noise1, series.noise), np.nan)
    cole_r, outside = _cole(age1, age, coefficients)
    cole_status[common] = outside[common]
    far = cole().valid.most_z
    odd = common & (cole_status == 0) & ((np.abs(level) >= far) | (np.abs(level1) >= far))
    cole_status[odd] = Status.OUTSIDE_DISTRIBUTION
    cole_r = np.where(odd, np.nan, cole_r)
    z, cole_z = _conditional(level1, level, r), _conditional(level1, level, cole_r)
    return status, cole_status, (z, r, cole_z, cole_r, level - level1, age - age1)


# --- from z to kilograms, across tables -------------------------------------------------------


def carried_weight(
    reference: Reference,
    weight_kg: Any,
    age_days: Any,
    sex: Any,
    change: Any,
    until_days: Any,
    gestation_days: Any = None,
    sex_coding: SexCoding | None = None,
) -> Any:
    """Weight that a child has at a later age if its z changes by so much, blind to changes of table.

    The way back from a change of z (`growthwatch.references.change`): the change is counted in
    one table, on one age basis, that covers both ages.

    Parameters
    ----------
    reference
        The reference.
    weight_kg, age_days, sex, gestation_days
        The child then: weight [kg], chronological age [days], sex, completed gestation [days].
    change
        Change of z [SD].
    until_days
        Chronological age at the end [days].

    Returns
    -------
    float or ndarray
        Weight [kg]; NaN where no one table covers both ages.
    """
    columns = [
        numeric(name, value)
        for name, value in (
            ("weight_kg", weight_kg),
            ("age_days", age_days),
            ("change", change),
            ("until_days", until_days),
            ("gestation_days", gestation_days),
        )
    ]
    code = sex_codes(sex, sex_coding)
    shape = broadcast_shape(
        weight_kg=columns[0], age_days=columns[1], change=columns[2], until_days=columns[3], sex=code
    )
    kg, age, moved, until, gestation = (np.broadcast_to(c, shape).ravel().astype(np.float64) for c in columns)
    flat = np.broadcast_to(code, shape).ravel()
    out = _carried(reference, kg, age, flat, moved, until, None if gestation_days is None else gestation)
    return float(out[0]) if shape == () else out.reshape(shape)


def _carried(
    reference: Reference,
    kg: Floats,
    age: Floats,
    sex: npt.NDArray[np.uint8],
    change: Floats,
    until: Floats,
    gestation: Floats | None,
) -> Floats:
    curves, rule = reference.curves("weight"), corrections().named(reference.correction)
    tables = [*curves.official, *(t for t in curves.info.tables if t.overlap)]
    bases: list[tuple[Floats, Floats]] = []
    for ages in (age, until):
        used = corrected_age(ages, gestation, rule).astype(np.float64)
        corrected = ages if gestation is None else ages - (TERM_DAYS - gestation)
        bases.append((used, corrected))
    (used1, corrected1), (used2, corrected2) = bases
    out = np.full(kg.shape, np.nan)
    kg = np.where(kg > 0, kg, np.nan)
    found: dict[tuple[int, int], Floats] = {}

    def at(k: int, basis: int) -> Floats:
        made = found.get((k, basis))
        if made is None:
            first, second = ((age, until), (corrected1, corrected2))[basis]
            z = curves.z_in(tables[k].id, kg, sex, first)
            z[np.isinf(z)] = np.nan
            made = found[k, basis] = curves.value_in(tables[k].id, z + change, sex, second)
        return made

    official1, official2 = (curves.official_table(u).astype(np.intp) for u in (used1, used2))
    basis1, basis2 = ((u != a).astype(np.intp) for u, a in ((used1, age), (used2, until)))
    choices: list[npt.NDArray[np.intp]] = [official2, official1]
    choices += [np.full(kg.shape, k, np.intp) for k in range(len(tables))]
    for which in choices:  # in the order in which a change is taken
        for basis in (basis1, basis2):
            for k in range(len(tables)):
                for b in (0, 1):
                    rows = np.isnan(out) & (which == k) & (basis == b)
                    if rows.any():
                        out[rows] = at(k, b)[rows]
    return out


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


def _quantile(name: str, centile: float) -> float:
    if not 0.0 < centile < 100.0:
        raise GrowthwatchError.of(name, centile, "a centile between 0 and 100")
    return float(ndtri(centile / 100.0))


def thrive_line(
    reference: Reference,
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
        The reference; adjusted ones too.
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
        If not exactly one of `z` and `weight_kg` is given, or the centile is not between 0 and 100.
    """
    if (z is None) == (weight_kg is None):
        raise GrowthwatchError.of("z", z, "either z or weight_kg, and not both")
    settings, model = gain_settings(), model or weight_model()
    centile = settings.thrive.centile if centile is None else centile
    quantile = _quantile("centile", centile)
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
    cole_r, outside = _cole(first, second, coefficients)
    cole_status = np.where(status > 0, status, outside)
    far = (np.abs(z1) >= cole().valid.most_z) & (cole_status == 0)
    cole_status[far], cole_r[far] = Status.OUTSIDE_DISTRIBUTION, np.nan
    noise = [noise_sd(reference, code, np.maximum(a, 0.0)) for a in (first, second)]
    inside = _covered(first) & _covered(second) & (second >= first)
    fine = status == 0
    status[fine & (second < first)] = Status.INTERVAL_NOT_COVERED
    status[fine & (second > detector().ages.until_days)] = Status.AGE_ABOVE_REFERENCE
    status[fine & (first < 0)] = Status.AGE_BELOW_REFERENCE
    status[fine & np.isnan(second)] = Status.MISSING_AGE
    r = np.where(inside, model.correlation(first, second, *noise), np.nan)
    figures: list[Floats] = []
    for correlation, code_ in ((r, status), (cole_r, cole_status)):
        line = correlation * z1 + quantile * np.sqrt(1.0 - correlation * correlation)
        weight = _carried(reference, kg, age, code, line - z1, until, born)
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


# --- velocity ---------------------------------------------------------------------------------


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

    References
    ----------
    WHO Child Growth Standards: growth velocity. Geneva: WHO, 2009.  g/kg/day: Patel AL, Engstrom
    JL, Meier PP, Kimura RE. Pediatrics 2005;116:1466-73.
    """
    standards = of or increments()
    tolerance = gain_settings().velocity.tolerance_days if tolerance_days is None else tolerance_days
    n, age, kg = series.z.size, series.age_days, series.weight_kg
    rows = np.arange(n)
    later = np.ones(n, np.bool_)
    later[series.offsets[:-1][np.diff(series.offsets) > 0]] = False
    status = np.where(later, Status.OK, Status.NO_PREVIOUS).astype(np.uint8)
    days, grams, relative = (np.full(n, np.nan) for _ in range(3))
    second = np.flatnonzero(later)
    days[second] = age[second] - age[second - 1]
    grams[second] = (kg[second] - kg[second - 1]) * _GRAMS / days[second]
    relative[second] = _GRAMS * np.log(kg[second] / kg[second - 1]) / days[second]

    chosen, start = np.full(n, -1, np.intp), np.full(n, -1, np.intp)
    published = sorted(standards.intervals("weight-gain"), key=lambda i: (i.days, i.start_days))
    for number, interval in enumerate(published):
        ends = np.flatnonzero((chosen < 0) & (np.abs(age - interval.end_days) <= tolerance))
        if not ends.size:
            continue
        best, miss = np.full(ends.size, -1, np.intp), np.full(ends.size, np.inf)
        owner = series.owner[ends]
        before = series.latest(owner, np.full(ends.size, interval.start_days))
        after = np.where(before >= 0, before + 1, series.offsets[owner])
        for place in (before, after):  # the nearest weighing to the start is one of the two beside it
            near = (place >= 0) & (place < ends)
            off = np.where(near, np.abs(age[np.where(near, place, 0)] - interval.start_days), np.inf)
            better = (off <= tolerance) & (off < miss)
            best[better], miss[better] = place[better], off[better]
        hit = best >= 0
        chosen[ends[hit]], start[ends[hit]] = number, best[hit]
    who = np.flatnonzero(chosen >= 0)
    names = np.full(n, "", dtype=f"<U{max(len(i.name) for i in published)}")
    who_z = np.full(n, np.nan)
    who_status = np.where(later, Status.INTERVAL_NOT_COVERED, Status.NO_PREVIOUS).astype(np.uint8)
    if who.size:
        lengths = np.array([i.days for i in published])[chosen[who]]
        names[who] = np.array([i.name for i in published])[chosen[who]]
        gain = (kg[who] - kg[start[who]]) * lengths / (age[who] - age[start[who]])
        who_z[who] = standards.z(gain, interval=names[who], sex=series.sex[who].astype(np.int64), sex_coding=_CODING)
        who_status[who] = np.where(np.isnan(who_z[who]), Status.OUTSIDE_DISTRIBUTION, Status.OK)
    against, interval_names = np.full(series.row.shape, -1, np.intp), np.full(series.row.shape, "", names.dtype)
    has = np.flatnonzero(series.row >= 0)
    of_row = series.row[has]
    interval_names[has] = names[of_row]
    fits = start[of_row] >= 0
    against[has[fits]] = series.first_given[start[of_row[fits]]]
    assert rows.size == n
    return Velocity(
        series.given(grams),
        series.given(relative),
        series.given(days),
        series.given(who_z),
        interval_names,
        against,
        _given_status(series, status),
        _given_status(series, who_status),
        standards.label,
    )


# --- forecasts --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Forecast:
    """What each child's weighings let expect at an age, one row a target.

    Attributes
    ----------
    weight_kg
        Expected (median) weight [kg].
    band_kg
        Weights at the centiles asked for [kg], one row a centile [centile, target].
    expected_z, sd_z
        Of z, on the level of the child's series, weighing noise included [SD].
    centiles
        Of the band.
    given_z, given_centile
        Where a weight was given: how far it is from the expected [SD], and how many in a hundred
        healthy children with such a past weigh less.
    row
        Row of the series that is the last before each target; -1 for none.
    status_code
        Why there is a forecast, or none.
    """

    weight_kg: Floats
    band_kg: Floats
    expected_z: Floats
    sd_z: Floats
    centiles: tuple[float, ...]
    given_z: Floats
    given_centile: Floats
    row: Places
    status_code: Codes
    reference: ReferenceLabel
    model_hash: str

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)


def forecast(
    series: Series,
    age_days: Any,
    *,
    child: Any = None,
    weight_kg: Any = None,
    centiles: Sequence[float] | None = None,
    level_sd: float = 1.0,
    error: float | None = None,
    model: WeightModel | None = None,
) -> Forecast:
    """Expected weight and band at ages to come, and how odd a given weight would be.

    Only weighings on earlier days than a target count, so that the forecast of a weighing that is
    in the series is what it would have been before.

    Parameters
    ----------
    series
        The weighings so far.
    age_days
        Chronological age of each target [days]; a number or a column.
    child
        Number of the child of each target (place of its offset in the series); None if there is
        one child, or one target for each.
    weight_kg
        A weight at each target, to be compared [kg].
    centiles
        Of the band; None: 5 and 95.
    level_sd, error, model
        As for `innovations`.

    Raises
    ------
    GrowthwatchError
        For columns of unequal length, or a number that is of no child.
    """
    how = assumed(series.on, model, level_sd, error)
    band = tuple(gain_settings().forecast.centiles if centiles is None else centiles)
    quantiles = [_quantile("centiles", c) for c in band]
    children = series.offsets.size - 1
    age, weight = numeric("age_days", age_days), numeric("weight_kg", weight_kg)
    who = None if child is None else numeric("child", child)
    shape = broadcast_shape(age_days=age, weight_kg=weight, child=who) or (1,)
    if who is None:
        if children > 1 and shape == (1,):
            shape = (children,)
        if children != 1 and shape != (children,):
            raise GrowthwatchError.of("child", None, f"the number of the child of each of {shape} targets")
        who = np.zeros(1, np.intp) if children == 1 else np.arange(children)
    if len(shape) != 1:
        raise GrowthwatchError.of("age_days", shape, "a number or a one-dimensional column")
    age, weight, who = (np.broadcast_to(c, shape) for c in (age, weight, who))
    if who.size and not bool(((who >= 0) & (who < children) & (who == np.rint(who))).all()):
        raise GrowthwatchError.of("child", child, f"numbers of children, 0 to {children - 1}")
    who, age, weight = who.astype(np.intp), age.astype(np.float64), weight.astype(np.float64)
    first = series.offsets[who]
    has_any = first < series.offsets[who + 1]
    known = np.where(has_any, first, 0)
    sex = (
        np.where(has_any, series.sex[known], np.uint8(2)).astype(np.uint8)
        if series.z.size
        else np.full(shape, 2, np.uint8)
    )
    gestation = None
    if series.gestation_days is not None:
        gestation = np.where(has_any, series.gestation_days[known], np.nan) if series.z.size else np.full(shape, np.nan)
    followed = followed_age(series.on, age, gestation)
    row = series.latest(who, np.ceil(np.floor(followed) - 1e-6) - 1e-6)  # the days before
    noise = noise_sd(series.on, sex, np.maximum(followed, 0.0))
    expected, variance = predictions(series, row, followed, noise, how)
    status = np.zeros(shape, np.uint8)
    status[np.isnan(expected)] = Status.AGE_ABOVE_REFERENCE
    status[followed < 0] = Status.AGE_BELOW_REFERENCE
    status[row < 0] = Status.NO_PREVIOUS
    status[np.isnan(age)] = Status.MISSING_AGE
    sd = np.sqrt(variance)
    kg = weight_ahead(series, row, expected, age)
    bands = [weight_ahead(series, row, expected + q * sd, age) for q in quantiles]
    status[(status == 0) & np.isnan(kg)] = Status.NO_COMMON_TABLE
    given = np.full(shape, np.nan)
    if weight_kg is not None:
        given = (_level_of(series, row, weight, age) - expected) / sd
    return Forecast(
        kg,
        np.array(bands).reshape(len(band), *shape),
        expected,
        sd,
        band,
        given,
        np.asarray(ndtr(given)) * 100.0,
        row,
        status,
        series.reference,
        how.model.hash,
    )


def weight_ahead(series: Series, row: Places, level: Floats, age_days: Floats) -> Floats:
    """Weight at which a child has a level at an age, after a row."""
    out = np.full(row.shape, np.nan)
    at = np.flatnonzero((row >= 0) & np.isfinite(level))
    k = row[at]
    if at.size:
        gestation = None if series.gestation_days is None else series.gestation_days[k]
        out[at] = _carried(
            series.on,
            series.weight_kg[k],
            series.chronological_days[k],
            series.sex[k],
            level[at] - series.level[k],
            age_days[at],
            gestation,
        )
    return out


def _level_of(series: Series, row: Places, weight_kg: Floats, age_days: Floats) -> Floats:
    """Level at which a child is with a weight at an age, after a row."""
    out = np.full(row.shape, np.nan)
    at = np.flatnonzero((row >= 0) & np.isfinite(weight_kg) & np.isfinite(age_days))
    out[at] = series.level[row[at]] + _change_to(series, row[at], weight_kg[at], age_days[at])
    return out


def _change_to(series: Series, before: Places, weight_kg: Floats, age_days: Floats) -> Floats:
    n = before.size
    if not n:
        return np.zeros(0)
    gestation = None if series.gestation_days is None else np.tile(series.gestation_days[before], 2)
    scores = table_scores(
        series.on,
        np.concatenate((series.weight_kg[before], weight_kg)),
        np.tile(series.sex[before], 2),
        np.concatenate((series.chronological_days[before], age_days)),
        gestation,
    )
    return scores.differences(np.arange(n), np.arange(n, 2 * n))[0]


def level_change(series: Series, before: Places, rows: Places, weight_kg: Floats) -> Floats:
    """Change of z from rows `before` to rows `rows`, were the weights there others [kg]."""
    return _change_to(series, before, weight_kg, series.chronological_days[rows])


# --- what would the next weight have to be ----------------------------------------------------

Test = Callable[[Series], Flags]
"""Whether a finding is clear, one answer a child, each judged on its last weighing."""


@dataclass(frozen=True)
class NextWeight:
    """The least next weight with which a test is met.

    Attributes
    ----------
    weight_kg
        That weight, in steps of 10 g [kg]; NaN where there is none.
    holds
        ``from``: with this weight and above (as far as was tried); ``always``: with every weight
        tried; ``never``: with none.
    age_days
        Chronological age at the next weighing [days].
    tried_kg
        Least and greatest weight tried [kg].
    """

    weight_kg: float
    holds: Literal["from", "always", "never"]
    age_days: float
    tried_kg: tuple[float, float]


def _candidates(series: Series, age_days: float, weights: Floats) -> Series:
    """Return one child a weight: the history before a day, and that weight on it."""
    row = int(series.latest(np.zeros(1, np.intp), np.array([np.inf]))[0]) + 1
    before = np.flatnonzero(np.floor(series.chronological_days[:row]) < np.floor(age_days))
    n, each = weights.size, before.size + 1
    kg = np.empty((n, each))
    kg[:, :-1], kg[:, -1] = series.weight_kg[before], weights
    age = np.append(series.chronological_days[before], age_days)
    gestation = None
    if series.gestation_days is not None:
        gestation = np.full(kg.size, series.gestation_days[0])
    return weight_series(
        series.on,
        kg.ravel(),
        np.tile(age, n),
        np.full(kg.size, int(series.sex[0])),
        gestation,
        np.repeat(np.arange(n), each),
        _CODING,
    )


def next_weight(
    series: Series, age_days: float, test: Test, *, within_kg: tuple[float, float] | None = None
) -> NextWeight:
    """Least weight at the next weighing with which a test is met.

    Candidate weights are tried side by side, as so many children with the same past, first in
    coarse steps and then between the two neighbours in steps of 10 g.  Of several runs of weights
    that meet the test, the one that holds the expected weight counts, or else the next above it:
    a wildly low weight that is taken for a slip meets no test.

    Parameters
    ----------
    series
        The weighings of one child; those on earlier days count.
    age_days
        Chronological age at the next weighing [days].
    test
        From `gain_at_least`, `innovation_at_least`, `z_at_least`, `fall_below`, `evidence_below`,
        or any function from a `Series` of candidates to one answer a child.
    within_kg
        Least and greatest weight to try; None: 8 SD of the forecast around what is expected.

    Raises
    ------
    GrowthwatchError
        For a series of more children than one, or of none; for an age at which there is no forecast.
    """
    if series.offsets.size != 2 or not series.z.size:
        raise GrowthwatchError.of("series", series.offsets.size - 1, "the weighings of one child")
    settings = gain_settings().next_weight
    ahead = forecast(series, float(age_days), level_sd=1.0)
    expected = float(ahead.weight_kg[0])
    if within_kg is None:
        if not np.isfinite(expected):
            raise GrowthwatchError.of("age_days", age_days, f"an age with a forecast ({ahead.status[0]})")
        reach = settings.reach_sd * float(ahead.sd_z[0])
        ends = weight_ahead(
            series,
            np.repeat(ahead.row, 2),
            ahead.expected_z[0] + np.array([-reach, reach]),
            np.full(2, float(age_days)),
        )
        # Where the distribution ends before, as far as makes sense
        low = float(ends[0]) if np.isfinite(ends[0]) else expected / 2.0
        high = float(ends[1]) if np.isfinite(ends[1]) else expected * 2.0
    else:
        low, high = within_kg
    step = settings.step_kg
    first, last = int(np.ceil(low / step)), int(np.floor(high / step))
    if not 0 < first <= last:
        raise GrowthwatchError.of("within_kg", within_kg, "a least and a greatest weight, at least 10 g")

    def meets(steps: Places) -> Flags:
        made = np.asarray(test(_candidates(series, float(age_days), steps.astype(np.float64) * step)), np.bool_)
        if made.shape != steps.shape:
            raise GrowthwatchError.of("test", made.shape, f"a column of {steps.size} answers")
        return made

    grid = np.unique(np.linspace(first, last, 65).round().astype(np.intp))
    answer = meets(grid)
    tried = (first * step, last * step)
    if not answer.any():
        return NextWeight(float("nan"), "never", float(age_days), tried)
    middle = int(np.clip(np.searchsorted(grid, expected / step), 0, grid.size - 1)) if np.isfinite(expected) else 0
    if answer[middle]:
        gaps = np.flatnonzero(~answer[:middle])
        at = int(gaps[-1]) + 1 if gaps.size else 0
    else:
        above = np.flatnonzero(answer[middle:])
        if not above.size:
            return NextWeight(float("nan"), "never", float(age_days), tried)
        at = middle + int(above[0])
    if at == 0:
        every = bool(answer.all())
        return NextWeight(float(round(grid[0] * step, 6)), "always" if every else "from", float(age_days), tried)
    low_step, high_step = int(grid[at - 1]), int(grid[at])
    while high_step - low_step > 1:
        fine = np.unique(np.linspace(low_step + 1, high_step, 64).round().astype(np.intp))
        no = np.flatnonzero(~meets(fine))
        k = int(no[-1]) + 1 if no.size else 0
        low_step, high_step = (int(fine[k - 1]) if k else low_step), int(fine[min(k, fine.size - 1)])
    return NextWeight(round(high_step * step, 6), "from", float(age_days), tried)


def _lasts(series: Series) -> Places:
    return series.offsets[1:] - 1


def _of_lasts(series: Series, figures: Floats) -> Floats:
    """Figures, aligned with the weighings given, of each child's last weighing."""
    return figures[series.first_given[_lasts(series)]]


def gain_at_least(centile: float | None = None, least_gap_days: float | None = None) -> Test:
    """Test that the conditional gain is at least at a centile; None: the 5th."""
    quantile = _quantile("centile", gain_settings().thrive.centile if centile is None else centile)

    def test(series: Series) -> Flags:
        return _of_lasts(series, conditional_gain(series, least_gap_days=least_gap_days).z) >= quantile

    return test


def innovation_at_least(centile: float | None = None) -> Test:
    """Test that the gain given the whole history is at least at a centile; None: the 5th."""
    quantile = _quantile("centile", gain_settings().thrive.centile if centile is None else centile)

    def test(series: Series) -> Flags:
        return _of_lasts(series, innovations(series).z) >= quantile

    return test


def z_at_least(z: float) -> Test:
    """Test that the published z is at least so much [SD]."""

    def test(series: Series) -> Flags:
        return series.published_z[_lasts(series)] >= z

    return test


def fall_below(fall_z: float, since: Literal["first", "best"] = "first") -> Test:
    """Test that z has fallen by less than so much [SD] since the first weighing, or the best on the same ground.

    Splice-aware; the NICE fall from birth, which subtracts published z, is the protocol's.
    """

    def test(series: Series) -> Flags:
        rows, level = _lasts(series), series.level
        stretch = np.searchsorted(series.stretches, rows, side="right") - 1
        starts = series.stretches[stretch]
        highest = level[starts].copy()
        if since == "best":
            ends = np.stack((starts, rows + 1), axis=1).ravel()
            highest = np.maximum.reduceat(np.append(level, -np.inf), ends)[::2]
        return highest - level[rows] < fall_z

    return test


def evidence_below(ratio: float | None = None) -> Test:
    """Test that the running evidence of slowing is below a ratio; None: amber."""
    least = detector().thresholds.amber if ratio is None else ratio

    def test(series: Series) -> Flags:
        return _of_lasts(series, running_evidence(series, reference_error(series.on)).ratio) < least

    return test
