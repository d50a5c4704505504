"""The mixture of slips: what each kind of slip is, and how likely each account of a weight is.

Each weight is compared with the child's own forecast under a mixture of accounts: it is right
(growth as forecast; a larger stray, as in illness; or it agrees with an odd weight just
before), or it is one of a closed list of slips.  What a slip makes likely is the weight that
was meant: 83.1 kg is likely, as a misplaced decimal point, if 8.31 kg was to be expected::

    p(slip | weight) = share(slip) p(weight | slip) / sum over all accounts

Figures and their sources are in ``data/entry-errors.toml``.
"""

from __future__ import annotations

import tomllib
from enum import IntEnum
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.canonical import content_hash
from growthwatch.core.closed import Closed, tuples
from growthwatch.core.sex import FEMALE, MALE
from growthwatch.growth.model import steps_along, weight_model
from growthwatch.growth.series import Places, Series
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = ["EntryError", "EntryErrors", "entry_errors"]

Flags = npt.NDArray[np.bool_]


_FAR = 1e3  # z of a weight that has none: nobody weighs it
CODING = {MALE: "male", FEMALE: "female"}


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


_MOST_AT_ONCE = 16_384

BY_ROW = 7  # kinds of slip that concern one weight: codes 1 to 7


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
    chance_below: float


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

    @cached_property
    def hash(self) -> str:
        """Content hash of the figures."""
        return content_hash(self.model_dump(mode="json"))


@cache
def entry_errors() -> EntryErrors:
    """Return the packaged figures on entry errors."""
    text = (files("growthwatch.growth") / "data" / "entry-errors.toml").read_text("utf-8")
    return EntryErrors.model_validate(tuples(tomllib.loads(text)))


class Columns(NamedTuple):
    """Columns as given, of one length."""

    kg: Floats
    age: Floats
    sex: npt.NDArray[np.uint8]
    gestation: Floats | None
    dressed: Flags

    def asked(self, rows: Places, days: Floats | float = 0.0, other_sex: Flags | bool = False) -> dict[str, Any]:
        """Arguments with which a reference scores some rows, at another age or for the other sex if need be."""
        age, sex = self.age[rows], self.sex[rows]
        return {
            "age_days": age + days,
            "sex": np.where(other_sex, 1 - sex, sex),
            "gestation_days": None if self.gestation is None else self.gestation[rows],
            "sex_coding": CODING,
        }


class Rows(NamedTuple):
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

    def take(self, rows: Places) -> Rows:
        """Some of the weighings."""
        kept: list[Any] = [c[..., rows] for c in self]
        return Rows(*kept)


class Days(NamedTuple):
    """Child-days: where the forecast is made."""

    age: Floats
    noise: Floats
    splice: Floats  # variance of z that a change of table read from an odd weight leaves open
    first: Places  # first weighing of the day among `Rows`
    many: Places  # weighings of the day
    step: Floats  # how the filter moves to the day, from `steps_along`


class _Slip(NamedTuple):
    """A way in which the weight that was meant became the weight that was entered."""

    code: int
    factor: float  # entered / meant; nan for swapped digits
    share: float


@cache
def ways() -> tuple[_Slip, ...]:
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


def normal(squares: Floats, variance: Floats) -> Floats:
    """Density of a normal deviate, from its square."""
    return np.exp(-0.5 * squares / variance) / np.sqrt(2.0 * np.pi * variance)


class Accounts(NamedTuple):
    """How likely each account of a weight is."""

    right: Floats  # it is a true weight
    stray: Floats  # share of that in which it strays further than forecast, and the variance this adds
    confirms: Floats  # it is true, and confirms the odd weight before
    slips: Floats  # [kind, row], codes 1 to 7
    meant: Floats  # [slip, row] of those with a weight that was meant


class Before(NamedTuple):
    """What was thought of the weight before."""

    z: Floats
    age: Floats
    odd: Floats  # probability that it was another child's, or unexplained
    slips: Floats  # [kind, child]


@cache
def _figures() -> tuple[Floats, list[slice], Places, Floats]:
    """Weight of each slip whose weight was meant, and which are of each code.

    Of those that multiply the weight, which stand first, also the place of the code and its share.
    """
    slips = ways()
    # Densities are those of the weight entered: where it was multiplied they are spread as widely.
    weight = np.array([s.share / (s.factor if s.factor == s.factor else 1.0) for s in slips])[:, None]
    codes = [s.code for s in slips]  # rising
    places = [slice(codes.index(code), codes.index(code) + codes.count(code)) for code in (1, 2, 3, 4)]
    scaled = [code for code in codes if code < 4]
    shares = {code: max(float(sum(s.share for s in slips if s.code == code)), 1e-12) for code in (1, 2, 3)}
    return weight, places, np.array(scaled, np.intp) - 1, np.array([shares[code] for code in scaled])[:, None]


@lru_cache(maxsize=8)
def _strays(known: tuple[tuple[float, float, float], ...]) -> tuple[float, tuple[float, ...], Floats, Floats]:
    """Share of weights that do not stray, shares of those that do, and the variance that each adds, down and up."""
    shares, falls, rises = zip(*known, strict=True)
    return 1.0 - sum(shares), shares, np.array(falls)[:, None] ** 2, np.array(rises)[:, None] ** 2


def accounts(
    found: EntryErrors,
    rows: Rows,
    expected: Floats,
    variance: Floats,
    before: Before | None = None,
    age: Floats | None = None,
) -> Accounts:
    """Weigh all accounts of some weights against a forecast."""
    real, (weight, kinds_at, code_of, share_of) = found.real, _figures()
    plain, parts, falling, rising = _strays(real.strays)
    v = variance * real.inflation**2
    error = rows.z - expected
    squares = np.minimum(error * error, 1e6)
    extra = np.where(error < 0, falling, rising)  # [stray, row]
    spreads: Floats = np.concatenate((v[None], v + extra))
    density = normal(squares, spreads)
    right, stray = plain * density[0], np.zeros(v.shape)
    for k, share in enumerate(parts):
        part = share * density[k + 1]
        right += part
        stray += part * extra[k]
    stray /= np.maximum(right, 1e-300)
    away = rows.meant_z - expected
    meant_squares = np.minimum(away * away, 1e6)
    meant_spreads = np.empty((2, *away.shape))
    meant_spreads[0] = v
    meant_spreads[1] = cast("Floats", v + np.where(away < 0, falling[0], rising[0]))
    near, wide = normal(meant_squares, meant_spreads)
    meant = weight * ((1.0 - parts[0]) * near + parts[0] * wide)
    kinds = np.zeros((BY_ROW, v.size))
    confirms = np.zeros(v.shape)
    if before is not None and age is not None:
        soon = age - before.age <= real.agrees_days
        again = real.again * before.slips[code_of] * soon
        meant[: code_of.size] *= 1.0 + again / share_of
        explained = before.slips[:4].sum(axis=0)
        near = rows.z - before.z
        agrees = np.where(before.z < expected, real.agrees, real.agrees_rise)
        prior = soon * (agrees * before.odd * (1.0 - explained) + real.agrees_explained * explained)
        confirms = prior * normal(np.minimum(near * near, 1e6), real.agrees_sd**2 + 0.3 * v)
    for kind, of_kind in enumerate(kinds_at):
        meant[of_kind].sum(axis=0, out=kinds[kind])
    kinds[4] = found.other.share * rows.other
    more = np.maximum(error - rows.clothes_z, -30.0)
    clothed = np.where(rows.dressed, 1.0, found.clothed.share)
    kinds[6] = np.where(error > rows.clothes_least, clothed * normal(more * more, v + rows.clothes_sd**2), 0.0)
    # A repeat is compared by its probability, not by a density: exactly this weight, to the last digit.
    repeat = rows.repeats > 0
    if repeat.any():
        kinds[5][repeat] = found.carried.share / rows.repeats[repeat]
    total = right + confirms + kinds.sum(axis=0)
    lost = ~(total > 1e-290)  # nothing explains it: then it is not this child's
    total = np.where(lost, 1.0, total)
    right, confirms, kinds, meant = right / total, confirms / total, kinds / total, meant / total
    kinds[4] = np.where(lost, 1.0, kinds[4])
    return Accounts(right + confirms, stray, confirms, kinds, meant)


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


def _scored(reference: Reference, kg: Floats, columns: Columns, rows: Places) -> tuple[Floats, Floats]:
    """Z of some rows [row], and of them with other weights [slip, row]: the weights are [0 and slip, row]."""
    z = np.empty(kg.shape)
    at_once = max(1, _MOST_AT_ONCE // max(rows.size, 1))
    for first in range(0, len(kg), at_once):
        part = kg[first : first + at_once]
        z[first : first + at_once] = reference.z(part.ravel(), **columns.asked(np.tile(rows, len(part)))).reshape(
            part.shape
        )
    return z[0], z[1:]


def read_rows(
    found: EntryErrors, reference: Reference, series: Series, columns: Columns
) -> tuple[Rows, Days, Places, Floats]:
    """Lay out the weighings that have a z.  Also the order in which they were given, and z less published z."""
    kg_given = columns.kg
    given = np.flatnonzero(series.row >= 0)
    given = given[np.lexsort((kg_given[given], series.row[given]))]
    day, kg = series.row[given], kg_given[given]
    slips = ways()
    meant = np.empty((len(slips), kg.size))
    scaled = [i for i, s in enumerate(slips) if s.factor == s.factor]
    bounded = np.clip(kg, 1e-6, 1e9)
    for i in scaled:
        meant[i] = bounded / slips[i].factor
    meant[len(scaled) :] = _swaps(bounded)
    published, meant_z = _scored(reference, np.concatenate((kg[None], meant)), columns, given)
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
    model = weight_model()
    spread = model.noise_kg / noise[day]  # kilograms an SD
    other = found.other
    log = np.log(bounded / other.median_kg)
    density = normal(log * log, np.full(log.shape, other.log_sd**2)) / bounded * spread
    many = np.bincount(day, minlength=series.z.size).astype(np.intp)
    first = np.concatenate(([0], np.cumsum(many)[:-1])).astype(np.intp)
    days = Days(
        series.age_days,
        noise,
        np.where(unsure, found.real.splice_sd**2, 0.0),
        first,
        many,
        steps_along(model, series.age_days, noise, series.offsets, (model.transient_days,)),
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
    rows = Rows(
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


def fit(found: EntryErrors, error: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Density of a difference from the forecast: of a right weight, and in all."""
    figures, squares, v = found.series, error * error, variance * found.real.inflation**2
    right = (1.0 - figures.wrong) * normal(squares, v)
    return right, right + figures.wrong * normal(squares, v + figures.wrong_sd**2) + 1e-8
