"""Suspected entry errors: weights that a slip explains better than growth or illness does.

Each weight is compared with the child's own forecast under a mixture of accounts: it is right
(growth as forecast; a larger stray, as in illness; or it agrees with an odd weight just
before), or it is one of a closed list of slips.  What a slip makes likely is the weight that
was meant: 83.1 kg is likely, as a misplaced decimal point, if 8.31 kg was to be expected::

    p(slip | weight) = share(slip) p(weight | slip) / sum over all accounts

- *At entry*, the default, a weight is judged by what came before alone: nothing later changes
  what was said.  *In hindsight* it is judged by all other weights, before and after.
- *Real loss is believed.*  Real weights have heavy tails, heavier for falls, and at entry a
  fall of up to two SD is never called an error unless it repeats the last weight exactly.
- *Nothing is changed.*  Weights are neither corrected nor dropped; a suspicion is a question
  for a person.  A suspected weight may be left out of evidence, and must never reassure; rules
  about danger use it as it stands.

Figures and their sources are in ``data/entry-errors.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.core.canonical import content_hash
from growthwatch.core.closed import Closed, tuples
from growthwatch.core.columns import broadcast_shape, flags, numeric, one_flag
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import FEMALE, MALE, MISSING_SEX, SexCoding, sex_codes
from growthwatch.core.status import status_words
from growthwatch.growth.model import Filter, WeightModel, noise_sd, weight_model
from growthwatch.growth.series import Block, Places, Series, blocks, chosen_reference, weight_series
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["QUESTIONS", "EntryError", "EntryErrors", "Suspicions", "entry_errors", "suspected"]

Flags = npt.NDArray[np.bool_]

_BLOCK = 512
_FAR = 1e3  # z of a weight that has none: nobody weighs it
_TURNED = 0.05  # change of trust in a weight that is worth another look at all others
_CODING = {MALE: "male", FEMALE: "female"}


class EntryError(IntEnum):
    """What is suspected.  ``str(EntryError.POUNDS)`` is the word shown."""

    NONE = 0
    TENFOLD = 1
    GRAMS = 2
    POUNDS = 3
    SWAPPED_DIGITS = 4
    OTHER_CHILD = 5
    CARRIED_FORWARD = 6
    CLOTHED = 7
    WRONG_SEX = 8
    WRONG_BIRTH_DATE = 9

    def __str__(self) -> str:
        return self.name.lower()


_FIT = "and {implied} kg would fit better."
_EXPECTED = "and from this child we expected about {low} to {high} kg."
QUESTIONS: dict[EntryError, str] = {
    EntryError.NONE: "",
    EntryError.TENFOLD: "Is the decimal point in the right place? {kg} kg was entered, " + _FIT,
    EntryError.GRAMS: "Could this have been entered in grams? {kg} was entered as kilograms, " + _FIT,
    EntryError.POUNDS: "Could pounds and kilograms have been mixed up? {kg} kg was entered, " + _FIT,
    EntryError.SWAPPED_DIGITS: "Could two digits have changed places? {kg} kg was entered, " + _FIT,
    EntryError.OTHER_CHILD: "Is this the right child's weight? {kg} kg was entered, "
    + _EXPECTED
    + " If you can, please weigh again now.",
    EntryError.CARRIED_FORWARD: "Was the child weighed on this day? {kg} kg is exactly the last weight, " + _EXPECTED,
    EntryError.CLOTHED: "Was the child weighed in clothes, shoes or a nappy? {kg} kg was entered, " + _EXPECTED,
    EntryError.WRONG_SEX: "Is the sex in the record right? The weights so far fit the other chart much better.",
    EntryError.WRONG_BIRTH_DATE: "Is the date of birth in the record right? "
    "The weights so far fit a child {days} much better.",
}
"""What to ask for each suspicion, in plain English; figures in braces are filled in."""

_WORDS = np.array([str(e) for e in EntryError])
_BY_ROW = 7  # kinds of slip that concern one weight: codes 1 to 7


class _Sourced(Closed):
    source: str
    tag: str


class Scales(_Sourced):
    """Slips that multiply the weight: what was entered as a multiple of it, and the share of weights."""

    tenfold: tuple[tuple[float, float], ...]
    grams: tuple[tuple[float, float], ...]
    pounds: tuple[tuple[float, float], ...]


class Swapped(_Sourced):
    """Two neighbouring digits changed places."""

    share: float


class Other(_Sourced):
    """Another child's weight: log normal over a caseload [kg]."""

    share: float
    median_kg: float
    log_sd: float


class Carried(_Sourced):
    """The last weight entered again, at least so many days later."""

    share: float
    least_days: float


class Clothed(_Sourced):
    """What clothes add [kg]."""

    share: float
    mean_kg: float
    sd_kg: float
    least_kg: float


class Real(_Sourced):
    """How far a true weight may be from the forecast."""

    level_sd: float
    inflation: float
    strays: tuple[tuple[float, float, float], ...]
    believed_fall_z: float
    agrees_sd: float
    agrees_days: float
    agrees: float
    agrees_rise: float
    agrees_explained: float
    again: float
    splice_z: float
    splice_sd: float


class SeriesErrors(_Sourced):
    """Wrong sex or birth date."""

    wrong_sex: float
    wrong_birth_date: float
    shifts_days: tuple[float, ...]
    wrong: float
    wrong_sd: float
    least_weights: int
    misfit: float
    misfit_each: float


class EntryErrors(Closed):
    """Figures on entry errors, as packaged in ``data/entry-errors.toml``."""

    version: str
    source: str
    tag: str
    review_by: Any
    threshold: float
    scales: Scales
    swapped: Swapped
    other: Other
    carried: Carried
    clothed: Clothed
    real: Real
    series: SeriesErrors

    @property
    def hash(self) -> str:
        """Content hash of the figures."""
        return content_hash(self.model_dump(mode="json"))


@cache
def entry_errors() -> EntryErrors:
    """Return the packaged figures on entry errors."""
    text = (files("growthwatch.growth") / "data" / "entry-errors.toml").read_text("utf-8")
    return EntryErrors.model_validate(tuples(tomllib.loads(text)))


@dataclass(frozen=True)
class Suspicions:
    """Suspected entry errors, one row a weighing, aligned with the weighings given.

    Attributes
    ----------
    code
        What is suspected (`EntryError`, as a byte): the likeliest slip where `probability` is at
        least `threshold`, otherwise ``NONE``.
    probability
        That the weight is an entry error of any kind; NaN where there is no z to judge.
    likeliest
        The likeliest slip, whatever its probability.
    implied_kg
        The weight that was meant, if the likeliest slip was made; NaN where it does not say [kg].
    expected_kg, low_kg, high_kg
        The child's own forecast, and a band that holds 95 % of healthy weights [kg].
    series_code, series_probability
        Whether the child's weights, so far or in hindsight all of them, fit another sex or
        another birth date; the probability is that of either.
    shift_days
        Days to add to the ages for the birth date that fits best; 0 where none is suspected [days].
    weight_kg
        As given [kg].
    status_code
        Why each weighing was, or was not, judged.
    threshold
        Probability from which on a weight is suspected.
    hindsight
        Whether later weights were used.
    reference
        Id and hash of the reference.
    figures_hash, model_hash
        Content hashes of the figures on entry errors and of the model of growth.
    """

    code: npt.NDArray[np.uint8]
    probability: Floats
    likeliest: npt.NDArray[np.uint8]
    implied_kg: Floats
    expected_kg: Floats
    low_kg: Floats
    high_kg: Floats
    series_code: npt.NDArray[np.uint8]
    series_probability: Floats
    shift_days: Floats
    weight_kg: Floats
    status_code: npt.NDArray[np.uint8]
    threshold: float
    hindsight: bool
    reference: ReferenceLabel
    figures_hash: str
    model_hash: str

    @cached_property
    def suspect(self) -> Flags:
        """Weights that are suspected one by one: those that evidence may leave out, and that must never reassure.

        A wrong sex or birth date is no reason to leave weights out, and does not count here.
        """
        return self.code != EntryError.NONE

    @cached_property
    def word(self) -> npt.NDArray[Any]:
        """`code` as words."""
        return _WORDS[self.code]

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)

    @cached_property
    def question(self) -> npt.NDArray[Any]:
        """What to ask about each weight, in plain English; empty where nothing is suspected."""
        out = np.full(self.code.shape, "", object)
        for i in np.flatnonzero(self.suspect).tolist():
            out[i] = QUESTIONS[EntryError(self.code[i])].format(
                kg=_kg(self.weight_kg[i]),
                implied=_kg(self.implied_kg[i], 2),
                low=_kg(self.low_kg[i], 1),
                high=_kg(self.high_kg[i], 1),
            )
        return out

    @cached_property
    def series_question(self) -> npt.NDArray[Any]:
        """What to ask about the child's sex or birth date; empty where neither is suspected."""
        out = np.full(self.code.shape, "", object)
        for i in np.flatnonzero(self.series_code).tolist():
            days = int(self.shift_days[i])
            about = f"about {abs(days)} days {'older' if days > 0 else 'younger'}"
            out[i] = QUESTIONS[EntryError(self.series_code[i])].format(days=about)
        return out


def _kg(value: float, decimals: int = 3) -> str:
    """Kilograms for a sentence, without trailing zeros beyond the first decimal."""
    if not np.isfinite(value):
        return "unknown"
    text = f"{value:.{decimals}f}" if value < 1e6 else f"{value:.3g}"
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part}" if part else whole


class _Columns(NamedTuple):
    """Columns as given, of one length."""

    kg: Floats
    age: Floats
    sex: npt.NDArray[np.uint8]
    gestation: Floats | None
    dressed: Flags

    def asked(self, rows: Places, days: Floats | float = 0.0, other_sex: bool = False) -> dict[str, Any]:
        """Arguments with which a reference scores some rows, at another age or for the other sex if need be."""
        age, sex = self.age[rows], self.sex[rows]
        return {
            "age_days": age + days,
            "sex": 1 - sex if other_sex else sex,
            "gestation_days": None if self.gestation is None else self.gestation[rows],
            "sex_coding": _CODING,
        }


class _Rows(NamedTuple):
    """Weighings in order of child, day and weight; what each kind of slip would mean.

    Attributes
    ----------
    day
        Row of the series (child and day) of each weighing.
    kg, z
        Weight [kg] and z carried across changes of table.
    meant
        Weights that may have been meant [slip, row], and their z.
    meant_z
        Z of those.
    other
        Density of another child's weight [per SD of z].
    repeats
        Probability that a true weight is the same as the last one, per unit of density of z;
        0 where it is not the same, or not long enough after.
    clothes_z, clothes_sd, clothes_least
        What clothes add [SD of z].
    dressed
        Recorded as weighed in clothes.
    """

    day: Places
    kg: Floats
    z: Floats
    meant: Floats
    meant_z: Floats
    other: Floats
    repeats: Floats
    clothes_z: Floats
    clothes_sd: Floats
    clothes_least: Floats
    dressed: Flags

    def take(self, rows: Places) -> _Rows:
        """Some of the weighings."""
        kept: list[Any] = [c[..., rows] for c in self]
        return _Rows(*kept)


class _Days(NamedTuple):
    """Child-days: where the forecast is made."""

    age: Floats
    noise: Floats
    splice: Floats  # variance of z that a change of table read from an odd weight leaves open
    first: Places  # first weighing of the day among `_Rows`
    many: Places  # weighings of the day


class _Slip(NamedTuple):
    """A way in which the weight that was meant became the weight that was entered."""

    code: int
    factor: float  # entered / meant; nan for swapped digits
    share: float


@cache
def _slips() -> tuple[_Slip, ...]:
    found = entry_errors()
    scaled = [
        _Slip(code, factor, share)
        for code, pairs in ((1, found.scales.tenfold), (2, found.scales.grams), (3, found.scales.pounds))
        for factor, share in pairs
    ]
    return (*scaled, *[_Slip(4, np.nan, found.swapped.share / 3.0)] * 3)


def _swaps(kg: Floats) -> Floats:
    """Weights with two neighbouring digits changed back: tens and units, units and tenths, tenths and hundredths.

    NaN where that changes nothing, or nobody would write it so.
    """
    grams = np.rint(np.minimum(kg, 1e6) * 1000.0).astype(np.int64)
    out = np.full((3, kg.size), np.nan)
    for i, place in enumerate((1000, 100, 10)):
        low, high = grams // place % 10, grams // (place * 10) % 10
        changed = grams + (high - low) * place + (low - high) * place * 10
        usual = (low != high) & (changed > 0) & (kg < 1000.0)
        if place == 1000:
            usual &= (grams >= 10_000) & (changed >= 10_000)
        out[i, usual] = changed[usual] / 1000.0
    return out


def _normal(squares: Floats, variance: Floats) -> Floats:
    """Density of a normal deviate, from its square."""
    return np.exp(-0.5 * squares / variance) / np.sqrt(2.0 * np.pi * variance)


class _Judged(NamedTuple):
    """How likely each account of a weight is."""

    right: Floats  # it is a true weight
    stray: Floats  # share of that in which it strays further than forecast, and the variance this adds
    confirms: Floats  # it is true, and confirms the odd weight before
    slips: Floats  # [kind, row], codes 1 to 7
    meant: Floats  # [slip, row] of those with a weight that was meant


class _Before(NamedTuple):
    """What was thought of the weight before."""

    z: Floats
    age: Floats
    odd: Floats  # probability that it was another child's, or unexplained
    slips: Floats  # [kind, child]


def _judge(
    found: EntryErrors,
    rows: _Rows,
    expected: Floats,
    variance: Floats,
    before: _Before | None = None,
    age: Floats | None = None,
) -> _Judged:
    """Weigh all accounts of some weights against a forecast."""
    real, slips = found.real, _slips()
    v = variance * real.inflation**2
    error = rows.z - expected
    squares = np.minimum(error * error, 1e6)
    falls = error < 0
    plain = 1.0 - sum(share for share, *_ in real.strays)
    narrow = plain * _normal(squares, v)
    right, stray = narrow.copy(), np.zeros(v.shape)
    for share, fall, rise in real.strays:
        extra = np.where(falls, fall, rise) ** 2
        part = share * _normal(squares, v + extra)
        right += part
        stray += part * extra
    stray /= np.maximum(right, 1e-300)
    share_, fall_, rise_ = real.strays[0]
    away = rows.meant_z - expected
    meant_squares = np.minimum(away * away, 1e6)
    likely = (1.0 - share_) * _normal(meant_squares, v)
    likely += share_ * _normal(meant_squares, v + np.where(away < 0, fall_, rise_) ** 2)
    # Densities are those of the weight entered: where it was multiplied they are spread as widely.
    weight = np.array([s.share / (s.factor if s.factor == s.factor else 1.0) for s in slips])[:, None]
    meant = weight * likely
    kinds = np.zeros((_BY_ROW, v.size))
    codes = np.array([s.code for s in slips])
    confirms = np.zeros(v.shape)
    if before is not None and age is not None:
        soon = age - before.age <= real.agrees_days
        for code in (1, 2, 3):
            of_kind = codes == code
            again = real.again * before.slips[code - 1] * soon
            meant[of_kind] *= 1.0 + again / max(float(sum(s.share for s in slips if s.code == code)), 1e-12)
        explained = before.slips[:4].sum(axis=0)
        near = rows.z - before.z
        agrees = np.where(before.z < expected, real.agrees, real.agrees_rise)
        prior = soon * (agrees * before.odd * (1.0 - explained) + real.agrees_explained * explained)
        confirms = prior * _normal(np.minimum(near * near, 1e6), real.agrees_sd**2 + 0.3 * v)
    for code in (1, 2, 3, 4):
        kinds[code - 1] = meant[codes == code].sum(axis=0)
    kinds[4] = found.other.share * rows.other
    more = np.maximum(error - rows.clothes_z, -30.0)
    clothed = np.where(rows.dressed, 1.0, found.clothed.share)
    kinds[6] = np.where(error > rows.clothes_least, clothed * _normal(more * more, v + rows.clothes_sd**2), 0.0)
    # A repeat is compared by its probability, not by a density: exactly this weight, to the last digit.
    repeat = rows.repeats > 0
    kinds[5][repeat] = found.carried.share / rows.repeats[repeat]
    total = right + confirms + kinds.sum(axis=0)
    lost = ~(total > 1e-290)  # nothing explains it: then it is not this child's
    total = np.where(lost, 1.0, total)
    right, confirms, kinds, meant = right / total, confirms / total, kinds / total, meant / total
    kinds[4] = np.where(lost, 1.0, kinds[4])
    return _Judged(right + confirms, stray, confirms, kinds, meant)


class _Step(NamedTuple):
    """One step of the filter, kept for looking back."""

    size: int
    rows: Places
    toward: Floats
    variance: Floats
    expected: Floats
    innovation: Floats
    gain: Floats
    trust: Floats
    observed: Floats
    carry: tuple[Floats, Floats, Floats]


class _Forecasts(NamedTuple):
    """Forecast of each child-day, and what was thought of the weight before it."""

    expected: Floats
    variance: Floats
    before: _Before
    confirmed: Floats  # a later weight confirmed this one


def _open(watch: Filter, level: Floats, transient: Floats) -> None:
    """Let the level, and the transient part, be wrong by variances of z more."""
    model, m = watch.model, level.size
    for state, extra, share in ((0, level, model.permanent), (3, transient, model.transient)):
        watch.covariance[state, state] += extra / share
        watch.toward[state] += extra / np.sqrt(share)
        watch.variance += extra
    assert watch.variance.size == m


def _nearest(rows: _Rows, days: _Days, at: Places, expected: Floats) -> Places:
    """The weighing of each day that is nearest to what was expected."""
    chosen = days.first[at]
    most = int(days.many[at].max())
    if most == 1:
        return chosen
    best = np.abs(rows.z[chosen] - expected)
    for k in range(1, most):
        has = np.flatnonzero(days.many[at] > k)
        other = days.first[at[has]] + k
        away = np.abs(rows.z[other] - expected[has])
        nearer = away < best[has]
        chosen[has[nearer]] = other[nearer]
        best[has[nearer]] = away[nearer]
    return chosen


def _at_entry(found: EntryErrors, model: WeightModel, rows: _Rows, days: _Days, block: Block, out: _Forecasts) -> None:
    """Forecast each day of a block from the days before; odd weights hardly move the forecast."""
    n = block.starts.size
    watch = Filter(model, days.age[block.starts], found.real.level_sd)
    before = _Before(np.zeros(n), np.full(n, -np.inf), np.zeros(n), np.zeros((_BY_ROW, n)))
    for rank, m in block.ranks():
        at = block.starts[:m] + rank
        age = days.age[at]
        expected, _ = watch.predict(age, days.noise[at])
        _open(watch, days.splice[at], np.zeros(m))
        before = _Before(before.z[:m], before.age[:m], before.odd[:m], before.slips[:, :m])
        out.expected[at], out.variance[at] = expected, watch.variance
        for kept, value in zip(out.before, before, strict=True):
            kept[..., at] = value
        chosen = _nearest(rows, days, at, expected)
        judged = _judge(found, rows.take(chosen), expected, watch.variance, before, age)
        z = rows.z[chosen]
        confirms = judged.confirms
        if rank:
            out.confirmed[at - 1] = confirms
        # A true stray is a change of the child, a confirmed one for good.
        stray = judged.stray * np.maximum(judged.right - confirms, 0.0)
        _open(watch, 0.5 * stray + 9.0 * confirms, 0.5 * stray)
        watch.update(np.clip(z - expected, -20.0, 20.0), judged.right)
        before = _Before(z, age, judged.slips[4], judged.slips)


def _in_hindsight(
    found: EntryErrors,
    model: WeightModel,
    rows: _Rows,
    days: _Days,
    block: Block,
    chosen: Places,
    trust: Floats,
    steps_up: Floats,
    out: _Forecasts,
) -> None:
    """Forecast each day of a block from all other days, each trusted as far as it is."""
    n = block.starts.size
    watch = Filter(model, days.age[block.starts], found.real.level_sd)
    steps: list[_Step] = []
    for rank, m in block.ranks():
        at = block.starts[:m] + rank
        expected, _ = watch.predict(days.age[at], days.noise[at])
        _open(watch, days.splice[at] + steps_up[at], np.zeros(m))
        innovation = np.clip(rows.z[chosen[at]] - expected, -20.0, 20.0)
        toward, variance, trusted = watch.toward.copy(), watch.variance.copy(), trust[at]
        gain = watch.update(innovation, trusted)
        steps.append(
            _Step(m, at, toward, variance, expected, innovation, gain, trusted, watch.observed.copy(), watch.carry)
        )
    score, weight = np.zeros((4, n)), np.zeros((4, 4, n))
    for k in range(len(steps) - 1, -1, -1):
        step = steps[k]
        m = step.size
        if k + 1 < len(steps):
            after = steps[k + 1]
            _back(score[:, : after.size], after)
            _back(weight[:, :, : after.size], after)
            _back(weight[:, :, : after.size].transpose(1, 0, 2), after)
        r, big, toward = score[:, :m], weight[:, :, :m], step.toward
        # What is left of the innovation once its own part in the forecasts after it is taken away.
        known = (toward * np.einsum("ijm,jm->im", big, toward)).sum(axis=0) / step.variance
        own = 1.0 + step.trust * known
        left = (step.innovation - (toward * r).sum(axis=0)) / own
        out.expected[step.rows] = step.expected + step.innovation - left
        out.variance[step.rows] = np.maximum(step.variance * (1.0 - known / own), days.noise[step.rows] ** 2)
        h, gain = step.observed, step.gain
        share = step.trust / step.variance
        r += h * (share * step.innovation - (gain * r).sum(axis=0))
        # (I - K h')' N (I - K h') + h h' w / v
        across = np.einsum("ijm,im->jm", big, gain)
        twice = (across * gain).sum(axis=0)
        big -= h[:, None] * across[None]
        big -= across[:, None] * h[None]
        big += (h[:, None] * h[None]) * (twice + share)


def _back(states: Floats, step: _Step) -> None:
    """Carry scores of states [state, ..., child] back over a step, in place: the transpose of the filter's move."""
    (f00, f10), (f01, f11), fades = step.carry
    f, rate = states[1].copy(), states[2].copy()
    states[1] = f00 * f + f10 * rate
    states[2] = f01 * f + f11 * rate
    states[3] *= fades[0]


def _coarseness(kg: Floats, starts: Flags) -> Floats:
    """How finely a child's scales tell [kg]: the coarsest step of which three in four weights so far are multiples."""
    grams = np.minimum(kg, 1e6) * 1000.0
    place = np.arange(starts.size)
    begin = np.maximum.accumulate(np.where(starts, place, 0))
    out = np.full(kg.shape, 1.0)
    for step in (2, 5, 10, 20, 50, 100, 500):
        odd = np.abs(np.rint(grams / step) * step - grams) > 0.01
        seen = np.cumsum(odd)
        seen -= seen[begin] - odd[begin]
        # One weight converted or copied from elsewhere does not make scales finer.
        out[seen <= (place - begin + 1) // 4] = step
    return out / 1000.0


def _read_rows(
    found: EntryErrors, reference: Reference, series: Series, columns: _Columns
) -> tuple[_Rows, _Days, Places, Floats]:
    """Lay out the weighings that have a z.  Also the order in which they were given, and z less published z."""
    kg_given = columns.kg
    given = np.flatnonzero(series.row >= 0)
    given = given[np.lexsort((kg_given[given], series.row[given]))]
    day, kg = series.row[given], kg_given[given]
    asked = columns.asked(given)
    published: Floats = np.asarray(reference.z(kg, **asked), np.float64)
    slips = _slips()
    meant = np.empty((len(slips), kg.size))
    scaled = [i for i, s in enumerate(slips) if s.factor == s.factor]
    bounded = np.clip(kg, 1e-6, 1e9)
    for i in scaled:
        meant[i] = bounded / slips[i].factor
    meant[len(scaled) :] = _swaps(bounded)
    meant_z = np.empty(meant.shape)
    for i, column in enumerate(meant):
        meant_z[i] = reference.z(column, **asked)
    # How far the series' z is from the published one changes only where the table does.
    own = series.offsets[:-1][np.diff(series.offsets) > 0]
    jump = np.zeros(series.z.size)
    jump[1:] = np.diff(series.z) - np.diff(series.published_z)
    jump[own] = 0.0
    jump[np.abs(jump) < 1e-9] = 0.0
    jump[series.fresh] = 0.0
    previous = np.concatenate(([0.0], series.published_z[:-1]))
    # Without a common table z is taken over as it is: a level that is free anew would forecast nothing.
    unsure = series.fresh | (np.abs(jump) > found.real.splice_z) | ((jump != 0) & (np.abs(previous) > 5.0))
    jump[unsure] = 0.0
    moved = np.cumsum(jump)
    moved -= np.repeat(moved[own] - jump[own], np.diff(series.offsets)[np.diff(series.offsets) > 0])
    noise = series.noise
    shift = moved[day]
    z = np.where(np.isfinite(published), np.clip(published, -_FAR, _FAR), _FAR) + shift
    meant_z = np.where(np.isfinite(meant_z), np.clip(meant_z, -_FAR, _FAR), _FAR) + shift
    spread = weight_model().noise_kg / noise[day]  # kilograms an SD
    other = found.other
    log = np.log(bounded / other.median_kg)
    density = _normal(log * log, np.full(log.shape, other.log_sd**2)) / bounded * spread
    many = np.bincount(day, minlength=series.z.size).astype(np.intp)
    first = np.concatenate(([0], np.cumsum(many)[:-1])).astype(np.intp)
    days = _Days(
        series.age_days,
        noise,
        np.where(unsure, found.real.splice_sd**2, 0.0),
        first,
        many,
    )
    starts_day = np.zeros(series.z.size, np.bool_)
    starts_day[own] = True
    starts_row = np.zeros(kg.size, np.bool_)
    starts_row[first[own]] = True
    last = np.where(starts_day, 0, np.arange(series.z.size) - 1)[day]
    lowest, highest = kg[first[last]], kg[first[last] + many[last] - 1]
    same = (np.abs(kg - lowest) < 5e-4) | (np.abs(kg - highest) < 5e-4)
    same &= ~starts_day[day] & (series.age_days[day] - series.age_days[last] >= found.carried.least_days)
    repeats = np.zeros(kg.size)
    if same.any():
        repeats[same] = (_coarseness(kg, starts_row) / spread)[same]
    clothes = found.clothed
    rows = _Rows(
        day,
        kg,
        z,
        meant,
        meant_z,
        density,
        repeats,
        clothes.mean_kg / spread,
        clothes.sd_kg / spread,
        clothes.least_kg / spread,
        columns.dressed[given],
    )
    return rows, days, given, shift


def _fits(
    found: EntryErrors, model: WeightModel, z: Floats, age: Floats, noise: Floats, fresh: Flags, offsets: Places
) -> Floats:
    """Log density of each day's weight given those before, under one account of sex and birth date."""
    out = np.empty(z.size)
    known = np.isfinite(z) & np.isfinite(noise)
    z, noise = np.where(known, z, 0.0), np.where(known, noise, 0.1)
    per_kg = np.log(noise)  # up to a constant: noise has the same kilograms at every age
    for block in blocks(offsets, _BLOCK):
        watch = Filter(model, age[block.starts], found.real.level_sd)
        for rank, m in block.ranks():
            at = block.starts[:m] + rank
            expected, variance = watch.predict(age[at], noise[at], fresh[at])
            error = np.clip(z[at] - expected, -20.0, 20.0)
            right, total = _fit(found, error, variance)
            sure = known[at]
            out[at] = np.where(sure, np.log(total) + per_kg[at], -15.0)
            watch.update(error, np.where(sure, right / total, 0.0))
    return out


def _fit(found: EntryErrors, error: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Density of a difference from the forecast: of a right weight, and in all."""
    figures, squares, v = found.series, error * error, variance * found.real.inflation**2
    right = (1.0 - figures.wrong) * _normal(squares, v)
    return right, right + figures.wrong * _normal(squares, v + figures.wrong_sd**2) + 1e-8


def _series_errors(
    found: EntryErrors,
    model: WeightModel,
    reference: Reference,
    series: Series,
    columns: _Columns,
    one: Places,
    misfit: Floats,
    hindsight: bool,
) -> tuple[npt.NDArray[np.uint8], Floats, Floats]:
    """Code, probability and shift of the birth date [days], for each day of the series.

    Other accounts are tried only for children, and from the day, whose weights fit the record's own
    poorly: `misfit` says by how much less likely than forecast each was, as a log density.
    """
    size = series.z.size
    figures = found.series
    code, probability, shift = np.zeros(size, np.uint8), np.zeros(size), np.zeros(size)
    born = columns.age[one] < 1.0  # the birth weight stays on the day of birth

    def fits(rows: Places, offsets: Places, days: float, other_sex: bool) -> Floats:
        moved = np.where(born[rows], 0.0, days)
        asked = columns.asked(one[rows], moved, other_sex)
        z = np.asarray(reference.z(series.weight_kg[rows], **asked), np.float64)
        age = np.maximum(series.age_days[rows] + moved, 0.0 if days < 0 else -np.inf)
        sex = (1 - series.sex[rows] if other_sex else series.sex[rows]).astype(np.uint8)
        noise = noise_sd(reference, sex, np.maximum(age, 0.0))
        return _fits(found, model, z, age, noise, series.fresh[rows], offsets)

    counts = np.diff(series.offsets)
    poor = _running(misfit - figures.misfit_each, series.offsets) >= figures.misfit
    tried = np.bincount(np.repeat(np.arange(counts.size), counts)[poor], minlength=counts.size) > 0
    rows = np.flatnonzero(np.repeat(tried, counts))
    if not rows.size:
        return code, probability, shift
    counts = counts[tried]
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.intp)
    begins, ends = np.repeat(offsets[:-1], counts), np.repeat(offsets[1:], counts) - 1
    shifts = figures.shifts_days
    cases = [(0.0, True), *((d, False) for d in shifts)]
    priors = [figures.wrong_sex, *[figures.wrong_birth_date / len(shifts)] * len(shifts)]
    usual = fits(rows, offsets, 0.0, False)
    gains = np.stack([_running(fits(rows, offsets, *case) - usual, offsets) for case in cases])
    odds = np.exp(np.clip(gains, -300.0, 300.0)) * np.array(priors)[:, None]
    odds *= np.arange(rows.size) - begins + 1 >= figures.least_weights
    seen = np.cumsum(poor[rows])
    odds *= seen > (seen - poor[rows])[begins]
    if hindsight:
        odds = odds[:, ends]
    total, dates = odds.sum(axis=0), odds[1:].sum(axis=0)
    probability[rows] = total / (1.0 + total)
    named = np.where(dates > odds[0], EntryError.WRONG_BIRTH_DATE, EntryError.WRONG_SEX).astype(np.uint8)
    named[probability[rows] < found.threshold] = EntryError.NONE
    code[rows] = named
    best = np.array(shifts)[np.argmax(odds[1:], axis=0)]
    shift[rows] = np.where(named == EntryError.WRONG_BIRTH_DATE, best, 0.0)
    return code, probability, shift


def _running(values: Floats, offsets: Places) -> Floats:
    """Sums of each child's values so far."""
    total = np.cumsum(values)
    counts = np.diff(offsets)
    has = counts > 0
    begins = offsets[:-1][has]
    return total - np.repeat(total[begins] - values[begins], counts[has])


def _columns(
    weight_kg: Any, age_days: Any, sex: Any, gestation_days: Any, clothed: Any, sex_coding: SexCoding | None
) -> _Columns:
    kg, age, code = numeric("weight_kg", weight_kg), numeric("age_days", age_days), sex_codes(sex, sex_coding)
    gestation = None if gestation_days is None else numeric("gestation_days", gestation_days)
    shape = broadcast_shape(weight_kg=kg, age_days=age, sex=code, gestation_days=gestation) or (1,)
    if len(shape) != 1:
        raise GrowthwatchError.of("weight_kg", shape, "one-dimensional columns")
    dressed = flags("clothed", False if clothed is None else clothed, shape[0])
    return _Columns(
        np.broadcast_to(kg, shape).astype(np.float64),
        np.broadcast_to(age, shape).astype(np.float64),
        np.broadcast_to(code, shape),
        None if gestation is None else np.broadcast_to(gestation, shape).astype(np.float64),
        dressed,
    )


def suspected(
    weight_kg: Any,
    *,
    age_days: Any,
    sex: Any,
    gestation_days: Any = None,
    reference: str | Reference = "uk-who",
    child: Any = None,
    hindsight: bool = False,
    clothed: Any = None,
    sex_coding: SexCoding | None = None,
) -> Suspicions:
    """Which weights may be entry errors: of what kind, how probably, and what to ask.

    Parameters
    ----------
    weight_kg, age_days, sex, gestation_days
        One row a weighing, in any order: weight [kg], chronological age [days], sex, completed
        gestation at birth [days] (None or NaN: term).
    reference
        Id of a packaged reference, or a `Reference`, adjusted ones included.
    child
        Id of the child of each row, or offsets (first row of each child, and the number of
        rows); None if all are of one child.
    hindsight
        Judge each weight by all others, later ones included; by default by earlier ones alone,
        as at entry.
    clothed
        Whether the weight is recorded as taken in clothes, one a row; such a weight is always
        suspected of it.
    sex_coding
        Meaning of codes of sex, where they are not words.

    Returns
    -------
    Suspicions
        Columns in the order given.  A weight without a z on the reference is not judged: NaN,
        and its reason in ``status``; nor is any of a child whose rows do not agree on sex or on
        gestation.  Weights of one day are each judged by other days alone.

    Raises
    ------
    GrowthwatchError
        For columns of unequal length, ids that are missing, an unknown reference, or a `clothed`
        that is not true or false.

    Notes
    -----
    Method and limits: this module's docstring.  Beyond 5 years the model of growth is
    extrapolated.  A probability rests on the packaged shares of each slip, which are assumptions.

    Examples
    --------
    >>> from growthwatch.growth.quality import suspected
    >>> found = suspected([3.5, 4.4, 5.6, 63.0], age_days=[0, 28, 56, 84], sex="male")
    >>> found.word.tolist()
    ['none', 'none', 'none', 'tenfold']
    >>> found.question[3]
    'Is the decimal point in the right place? 63 kg was entered, and 6.3 kg would fit better.'
    """
    ref = chosen_reference("reference", reference)
    hindsight = one_flag("hindsight", hindsight)
    columns = _columns(weight_kg, age_days, sex, gestation_days, clothed, sex_coding)
    coded = np.where(columns.sex == MISSING_SEX, np.nan, columns.sex)
    series = weight_series(ref, columns.kg, columns.age, coded, columns.gestation, child, _CODING)
    found, model = entry_errors(), weight_model()
    n, size = columns.kg.size, series.z.size
    code, likeliest, series_code = (np.zeros(n, np.uint8) for _ in range(3))
    probability, implied, expected, low, high, series_probability = (np.full(n, np.nan) for _ in range(6))
    shift_days = np.zeros(n)
    if size:
        rows, days, given, shift = _read_rows(found, ref, series, columns)
        out = _forecasts(size)
        for block in series.blocks(_BLOCK):
            _at_entry(found, model, rows, days, block, out)
        nearest = _nearest(rows, days, np.arange(size), out.expected)
        total = _fit(found, np.clip(rows.z[nearest] - out.expected, -20.0, 20.0), out.variance)[1]
        misfit = -0.5 * np.log(2.0 * np.pi * out.variance * found.real.inflation**2) - np.log(total)
        if hindsight:
            out = _look_back(found, model, rows, days, series, out)
        day = rows.day
        centre, variance = out.expected[day], out.variance[day]
        before = _Before(*(c[..., day] for c in out.before))
        judged = _judge(found, rows, centre, variance, before, days.age[day])
        wrong: Floats = np.minimum(judged.slips.sum(axis=0), 1.0)
        kind = np.where(wrong > 0, np.argmax(judged.slips, axis=0) + 1, 0).astype(np.uint8)
        falls = (rows.z < centre) & (rows.z >= centre - found.real.believed_fall_z)
        believed = kind == EntryError.OTHER_CHILD if hindsight else kind != EntryError.CARRIED_FORWARD
        wrong = np.where(falls & believed, np.minimum(wrong, 0.9 * found.threshold), wrong)
        known = np.isfinite(days.noise[day])
        wrong[~known], kind[~known] = np.nan, EntryError.NONE
        told: Flags = rows.dressed & known & ~((wrong >= found.threshold) & (kind != EntryError.CLOTHED))
        wrong[told], kind[told] = 1.0, EntryError.CLOTHED
        best = np.argmax(np.where(_of_kind(kind), judged.meant, -1.0), axis=0)
        has = (kind > 0) & (kind <= EntryError.SWAPPED_DIGITS)
        implied[given] = np.where(has, rows.meant[best, np.arange(kind.size)], np.nan)
        probability[given], likeliest[given] = wrong, kind
        code[given] = np.where(wrong >= found.threshold, kind, EntryError.NONE)
        sd = np.sqrt(variance) * found.real.inflation
        asked = columns.asked(given)
        for column, away in ((expected, 0.0), (low, -1.96), (high, 1.96)):
            column[given] = ref.value(centre - shift + away * sd, **asked)
        one = given[days.first]
        figures = _series_errors(found, model, ref, series, columns, one, misfit, hindsight)
        for column, values in zip((series_code, series_probability, shift_days), figures, strict=True):
            column[given] = values[day]
    return Suspicions(
        code,
        probability,
        likeliest,
        implied,
        expected,
        low,
        high,
        series_code,
        series_probability,
        shift_days,
        columns.kg.copy(),
        series.status_code,
        found.threshold,
        hindsight,
        series.reference,
        found.hash,
        model.hash,
    )


def _of_kind(kind: npt.NDArray[np.uint8]) -> Flags:
    """Which slips are of the kind suspected of each row [slip, row]."""
    return np.array([s.code for s in _slips()])[:, None] == kind


def _blocks_of(starts: Places, counts: Places) -> Iterator[Block]:
    """Some children in blocks, those weighed about as often together."""
    order = np.argsort(-counts, kind="stable")
    for i in range(0, order.size, _BLOCK):
        yield Block(starts[order[i : i + _BLOCK]], counts[order[i : i + _BLOCK]])


def _forecasts(size: int) -> _Forecasts:
    before = _Before(np.zeros(size), np.full(size, -np.inf), np.zeros(size), np.zeros((_BY_ROW, size)))
    return _Forecasts(np.zeros(size), np.ones(size), before, np.zeros(size))


def _look_back(
    found: EntryErrors, model: WeightModel, rows: _Rows, days: _Days, series: Series, live: _Forecasts
) -> _Forecasts:
    """Forecast each day from all others: once to learn which weights are odd, once more without those."""
    every = np.arange(series.z.size)
    chosen = _nearest(rows, days, every, live.expected)
    now = live
    judged = _judge(found, rows.take(chosen), live.expected, live.variance, live.before, days.age)
    # What a later weight confirmed was right, and the child's level really changed there.
    steps_up = 9.0 * live.confirmed
    trust = np.maximum(judged.right, live.confirmed)
    now = live._replace(expected=np.zeros(every.size), variance=np.ones(every.size))
    counts = np.diff(series.offsets)
    turned = counts > 0
    for _ in range(2):
        for block in _blocks_of(series.offsets[:-1][turned], counts[turned]):
            _in_hindsight(found, model, rows, days, block, chosen, trust, steps_up, now)
        chosen = _nearest(rows, days, every, now.expected)
        judged = _judge(found, rows.take(chosen), now.expected, now.variance, now.before, days.age)
        better = np.maximum(judged.right, live.confirmed)
        # Again only for children of whom some weight is now seen in another light.
        changes = np.concatenate(([0], np.cumsum(np.abs(better - trust) > _TURNED)))[series.offsets]
        turned = np.diff(changes) > 0
        trust = better
    return now
