"""Simulated children: worlds of healthy growth, weighing schedules and shapes of decline.

Others import this; run alone it prints how well the sampler's covariance fits the packaged one.

    python benchmarks/worlds.py

Arrays are [rank of the weighing, child]; z is in SD; ages in days; NaN ages are weighings that
never took place.  The sampler is the packaged one (`growthwatch.growth.healthy`); here are the
schedules, and the worlds in which its model is wrong.  Everything is drawn from the generator
given, so that a seed fixes a world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import growthwatch as gw
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from growthwatch.growth.false_alarm_table import wilson
from growthwatch.growth.healthy import STANDARD, Walk
from growthwatch.growth.model import WeightModel, noise_sd, weight_model
from growthwatch.references import Reference

Floats = npt.NDArray[np.float64]
Sexes = npt.NDArray[np.uint8]

MONTH, YEAR = DAYS_PER_MONTH, DAYS_PER_YEAR

VERSION_1 = replace(
    weight_model("2"), tau_days=20.5, length=1.43, damping=1.0, permanent=0.275, transient=0.032, transient_days=21.0
)
"""Another fit of the covariance to the published correlations: the first one of this library."""
VERSION_2 = weight_model("2")
"""The second: like the first, fitted before there were correlations of real children by month beyond a year."""
REAL = Path(__file__).parents[1] / "tests" / "data" / "real_weight_correlation_by_month.csv"
"""Correlations of the weight z of real children, by month: see the file."""

# --- schedules -------------------------------------------------------------------------------

# Days of routine weighing in the United Kingdom, and how far each may be off either way: 10-14 days,
# 8, 12 and 16 weeks, 9-12 months, 1 year, 2-2.5 years, before school, entry to school.
SPARSE = (
    (14.0, 0.0),
    (56.0, 5.0),
    (84.0, 6.0),
    (112.0, 7.0),
    (300.0, 20.0),
    (400.0, 25.0),
    (822.0, 60.0),
    (1278.0, 45.0),
    (1700.0, 60.0),
)

# The same where the review at 2 years is held on its first day: a child is weighed by 2 years of age.
ROUTINE = (*SPARSE[:6], (730.0, 0.0), *SPARSE[7:])

# What a known growth risk is weighed by at home visits: days between weighings until an age.
STEPPED: dict[str, tuple[tuple[float, float], ...]] = {
    "condition": ((14.0, 180.0), (30.0, np.inf)),
    "ceiling": ((1.0, 30.4375), (7.0, 182.625), (14.0, 365.25), (30.4375, np.inf)),
}

EVERY = {
    "yearly": 365.25,
    "half-yearly": 182.625,
    "quarterly": 91.3125,
    "two-monthly": 60.875,
    "monthly": MONTH,
    "fortnightly": 14.0,
    "weekly": 7.0,
    "twice-weekly": 3.5,
    "daily": 1.0,
}

SCHEDULES = ("sparse", "routine", *EVERY, *STEPPED, "clustered", "irregular")


def schedule(
    name: str,
    n: int,
    rng: np.random.Generator,
    until_days: float = 2 * YEAR,
    *,
    from_days: float = 14.0,
    birth: bool = False,
    jitter_days: float = 0.0,
) -> Floats:
    """Whole days of weighing [rank, child], never falling; NaN after the last of a child.

    Parameters
    ----------
    name
        One of `SCHEDULES`: ``sparse`` (United Kingdom, routine), an interval of `EVERY`,
        ``condition`` (fortnightly, from 6 months monthly), ``ceiling`` (as often as NICE NG75
        allows where there is concern), ``clustered`` (one to four weeks of daily weighing, two
        to sixteen without), ``irregular`` (gaps of 1 to 120 days, each day as likely in
        logarithm).
    n
        Children.
    until_days
        Last age [days].
    from_days
        First age after birth [days].
    birth
        Whether a weighing at birth comes first.
    jitter_days
        How far each may be off either way, beside what the schedule itself has.
    """
    if name in ("sparse", "routine"):
        plan = np.array([(d, j) for d, j in (SPARSE if name == "sparse" else ROUTINE) if d >= from_days])
        at, off = plan[:, :1], plan[:, 1:]
    elif name in EVERY:
        first = [from_days] if EVERY[name] > 14 else []
        at = np.concatenate(
            (first, np.arange(EVERY[name] if first else from_days, until_days + EVERY[name], EVERY[name]))
        )
        at, off = at[(at >= from_days)][:, None], 0.0
    elif name in STEPPED:
        days: list[float] = []
        day = from_days
        while day <= until_days:
            days.append(day)
            day += next(gap for gap, until in STEPPED[name] if day < until)
        at, off = np.array(days)[:, None], 3.0 if name == "condition" else 0.0
    elif name in ("clustered", "irregular"):
        at, off = _gaps(name, n, rng, until_days, from_days), 0.0
    else:
        raise ValueError(f"schedule: {name!r} is none of {SCHEDULES}")
    spread = off + jitter_days
    age = np.round(at + rng.uniform(-1.0, 1.0, (at.shape[0], n)) * spread)
    age = np.maximum(np.maximum.accumulate(age), from_days)
    age[age > until_days] = np.nan
    age = age[~np.isnan(age).all(axis=1)]
    return np.concatenate((np.zeros((1, n)), age)) if birth else age


def _gaps(name: str, n: int, rng: np.random.Generator, until_days: float, from_days: float) -> Floats:
    """Ages at gaps that differ from child to child."""
    if name == "irregular":
        ranks = int((until_days - from_days) / 10.0) + 20
        gaps = np.exp(rng.uniform(0.0, np.log(120.0), (ranks, n)))
        gaps[0] = 0.0
    else:
        turns = int(until_days / 21.0) + 2
        long = np.round(rng.uniform(14.0, 112.0, (turns, n)))
        days = np.round(rng.uniform(7.0, 28.0, (turns, n)))
        place = np.arange(28)[None, :, None]
        gaps = np.where(place == 0, long[:, None], np.where(place < days[:, None], 1.0, 0.0))
        gaps[0, 0] = 0.0
        gaps = gaps.reshape(-1, n)
    age = from_days + np.cumsum(gaps, axis=0)
    if name == "clustered":  # a gap of nothing is no weighing
        age[1:][gaps[1:] == 0] = np.inf
        age = np.sort(age, axis=0)
    return np.where(age > until_days, 10.0 * until_days, age)


# --- healthy growth --------------------------------------------------------------------------


class HeavyTails(Walk):
    """Weighing noise with heavy tails: Student's t of 4 degrees, of the same variance."""

    def error(self) -> Floats:
        """Errors of one weighing of all, of unit variance."""
        return self.rng.standard_t(4, self.shape) / np.sqrt(2.0)


def walk(
    n: int,
    rng: np.random.Generator,
    *,
    length: float = 1.0,
    transient: float | None = None,
    transient_days: float | None = None,
    permanent: float | None = None,
    t_noise: bool = False,
    base: WeightModel | None = None,
) -> Walk:
    """Children of a world that is not the one the packaged model has.

    Parameters
    ----------
    n
        Children.
    rng
        Generator.
    length
        Factor on the length of the slow drift: less than 1 drifts faster than the model has it.
    transient, transient_days
        Share of the variance that fades in weeks, and in how many days; the model's if None.
    permanent
        Share that never changes; the model's if None.
    t_noise
        Whether weighing noise has heavy tails.
    base
        The fit of the covariance from which all this starts; None: the packaged one.
    """
    base = base or weight_model()
    model = replace(
        base,
        length=base.length * length,
        transient=base.transient if transient is None else transient,
        transient_days=base.transient_days if transient_days is None else transient_days,
        permanent=base.permanent if permanent is None else permanent,
    )
    return (HeavyTails if t_noise else Walk)(n, rng, model)


def healthy(
    age: Floats,
    rng: np.random.Generator,
    sex: Sexes,
    *,
    reference: str | Reference = STANDARD,
    noise: Floats | None = None,
    ell: float = 1.0,
    transient: float | None = None,
    transient_days: float | None = None,
    noise_kg: float | None = None,
    sd: float = 1.0,
    permanent: float | None = None,
    t_noise: bool = False,
    base: WeightModel | None = None,
    wrong_share: float = 0.0,
    wrong_sd: float = 1.5,
) -> tuple[Floats, Floats]:
    """Z of healthy children at ages [rank, child]; every argument left out is as the packaged model has it.

    Parameters
    ----------
    age
        Ages [rank, child], from `schedule`; NaN where there is no weighing.
    rng
        Generator.
    sex
        0 male, 1 female, one a child.
    reference, noise
        Reference that says what the noise of a weighing is worth in SD; or that noise itself
        [rank, child].
    ell, transient, transient_days, permanent, t_noise, base
        As for `walk`.
    noise_kg
        SD of one weighing in truth [kg].
    sd
        SD of z in truth.
    wrong_share, wrong_sd
        Share of weights that are wrong, and the SD of z by which they are.

    Returns
    -------
    z, noise
        Z, and the noise [SD of z] that the packaged model believes in: what a detector is told.
    """
    ranks, n = age.shape
    known = np.where(np.isnan(age), 0.0, age)
    known = np.maximum.accumulate(known)
    if noise is None:
        ref = gw.reference(reference) if isinstance(reference, str) else reference
        noise = noise_sd(ref, np.broadcast_to(sex, age.shape).ravel(), known.ravel()).reshape(age.shape)
    true = noise * (1.0 if noise_kg is None else noise_kg / weight_model().noise_kg)
    drawn = walk(
        n,
        rng,
        length=ell,
        transient=transient,
        transient_days=transient_days,
        permanent=permanent,
        t_noise=t_noise,
        base=base,
    )
    z = np.empty(age.shape)
    for k in range(ranks):
        z[k] = drawn.step(known[k], true[k])
    if wrong_share > 0:
        z += (rng.random(age.shape) < wrong_share) * rng.standard_normal(age.shape) * wrong_sd
    z *= sd
    z[np.isnan(age)] = np.nan
    return z, noise


def real_correlation() -> Floats:
    """Correlations of the weight z of real children at 0 to 24 months [month, month]."""
    table = np.loadtxt(REAL, delimiter=",", skiprows=4)
    first, second = table[:, :2].astype(int).T
    out = np.eye(25)
    out[first, second] = out[second, first] = table[:, 3]
    return out


def as_real(
    n: int, rng: np.random.Generator, wrong_share: float = 0.02, wrong_sd: float = 1.5
) -> tuple[Floats, Floats, Floats, Sexes]:
    """Children whose weights hang together as those of real children, weighed at birth and monthly to 2 years.

    What is new at each weighing is drawn as Student's t with 5 degrees of freedom, of unit variance, and comes
    together by the Cholesky factor of the correlations of real children; a share of weights is wrong.

    Returns
    -------
    age, z, noise
        [rank, child]; the noise is that which the packaged model believes in.
    sex
        One a child.
    """
    sex = sexes(n, rng)
    new = rng.standard_t(5, (25, n)) / np.sqrt(5.0 / 3.0)
    z = np.linalg.cholesky(real_correlation()) @ new
    z += (rng.random(z.shape) < wrong_share) * rng.normal(0.0, wrong_sd, z.shape)
    age = np.repeat((np.arange(25) * MONTH)[:, None], n, axis=1)
    noise = noise_sd(gw.reference(STANDARD), np.broadcast_to(sex, age.shape).ravel(), age.ravel()).reshape(age.shape)
    return age, z, noise, sex


def sexes(n: int, rng: np.random.Generator) -> Sexes:
    """Half of each."""
    return (rng.random(n) < 0.5).astype(np.uint8)


def watched(
    n: int,
    rng: np.random.Generator,
    until_days: float = 2 * YEAR,
    *,
    soon_days: float = 1.0,
    usual_days: float = 28.0,
    reference: str | Reference = STANDARD,
    decline: Callable[[Floats], Floats] | None = None,
    **world: Any,
) -> tuple[Floats, Floats, Floats, Sexes]:
    """Children weighed again the sooner, the worse the last weight looked.

    The next gap runs from `usual_days` where the last z did not fall to `soon_days` where it
    fell by half an SD or more from the highest so far: the schedule depends on the outcome,
    which no test with a fixed number of looks allows for.

    Returns
    -------
    age, z, noise
        [rank, child], NaN after the last weighing of each child.
    sex
        One a child.
    """
    sex = sexes(n, rng)
    ref = gw.reference(reference) if isinstance(reference, str) else reference
    ell = world.pop("ell", 1.0)
    drawn = walk(n, rng, length=ell, **world)
    age, best = np.full(n, 14.0), np.full(n, -np.inf)
    columns: list[tuple[Floats, Floats, Floats]] = []
    while (age <= until_days).any():
        inside = age <= until_days
        noise = noise_sd(ref, sex, np.minimum(age, 5 * YEAR))
        z = drawn.step(age, noise)
        if decline is not None:
            z = z + decline(age)
        columns.append((np.where(inside, age, np.nan), np.where(inside, z, np.nan), noise))
        best = np.maximum(best, z)
        worry = np.clip((best - z) / 0.5, 0.0, 1.0)
        age = age + np.maximum(np.round(usual_days * (soon_days / usual_days) ** worry), 1.0)
    ages, zs, noises = (np.stack(c) for c in zip(*columns, strict=True))
    return ages, zs, noises, sex


# --- decline ---------------------------------------------------------------------------------


def ramp(age: Floats, onset_days: float, per_month: float, most: float = np.inf) -> Floats:
    """A fall of `per_month` SD a month from an age on, and no further than `most` SD."""
    return -np.minimum(np.maximum(age - onset_days, 0.0) / MONTH * per_month, most)


def step(age: Floats, onset_days: float, size: float = 0.7, over_days: float = 28.0) -> Floats:
    """A fall of `size` SD within `over_days`, never made good."""
    return -size * np.clip((age - onset_days) / over_days, 0.0, 1.0)


def stairs(
    age: Floats, onset_days: float, per_month: float = 0.15, falls_days: float = 45.0, rests_days: float = 45.0
) -> Floats:
    """A fall that stops and starts."""
    since = np.maximum(age - onset_days, 0.0)
    whole = falls_days + rests_days
    turns = np.floor(since / whole)
    return -per_month / MONTH * (falls_days * turns + np.minimum(since - whole * turns, falls_days))


def acute(
    age: Floats, onset_days: float, size: float = 0.77, over_days: float = 3.0, recovers_days: float = np.inf
) -> Floats:
    """A loss of weight within days: 0.77 SD is 8 % of the weight at a year; made good over `recovers_days`."""
    fall = np.clip((age - onset_days) / over_days, 0.0, 1.0)
    if not np.isfinite(recovers_days):
        return -size * fall
    return -size * (fall - np.clip((age - onset_days - over_days) / recovers_days, 0.0, 1.0))


def still(age: Floats, z: Floats, sex: Sexes, onset_days: float, rng: np.random.Generator) -> Floats:
    """Z of children who gain nothing from an age on: each keeps the last weight before it, but for weighing noise."""
    ref = gw.reference(STANDARD)
    known = np.maximum.accumulate(np.where(np.isnan(age), 0.0, age))
    codes = np.broadcast_to(sex, age.shape)
    rank = np.maximum((known <= onset_days).sum(axis=0) - 1, 0)
    children = np.arange(age.shape[1])
    curves = ref.curves("weight")
    kept = curves.value(z[rank, children], codes[0], known[rank, children])
    kg = kept + weight_model().noise_kg * rng.standard_normal(age.shape)
    after = curves.z(kg.ravel(), codes.ravel(), known.ravel()).reshape(age.shape)
    return np.where(np.arange(len(age))[:, None] > rank, np.where(np.isnan(age), np.nan, after), z)


# --- columns ---------------------------------------------------------------------------------


def columns(
    age: Floats, z: Floats, noise: Floats
) -> tuple[tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]], npt.NDArray[np.intp]]:
    """Ragged columns (age, z, noise, fresh) and offsets, as `growthwatch.growth.evidence.channels` takes them.

    Of weighings of one day the first is kept.
    """
    seen = ~np.isnan(age)
    seen[1:] &= ~(age[1:] == age[:-1])
    rows = seen.T
    offsets = np.concatenate(([0], np.cumsum(rows.sum(axis=1)))).astype(np.intp)
    a, b, c = (x.T[rows] for x in (age, z, noise))
    return (a, b, c, np.zeros(a.size, np.bool_)), offsets


def ever(values: Floats, offsets: npt.NDArray[np.intp]) -> Floats:
    """Greatest value of each child; every child has a row."""
    return np.maximum.reduceat(values, offsets[:-1])


def share(hits: int, n: int) -> tuple[float, float, float]:
    """Share, and its 95 % interval (Wilson)."""
    p, low, high = wilson(hits, n)
    return float(p), float(low), float(high)


def main() -> None:
    rng = np.random.default_rng(20250101)
    n = 200_000
    sex = sexes(n, rng)
    age = np.repeat(np.array([0.0, 14, 15, 30, 61, 91, 183, 365, 730, 1400])[:, None], n, axis=1)
    z, noise = healthy(age, rng, sex)
    got = np.cov(z)
    girls = weight_model().covariance(age[:, 0], noise[:, sex == 1][:, 0])
    boys = weight_model().covariance(age[:, 0], noise[:, sex == 0][:, 0])
    print("greatest difference of covariance", np.abs(got - (girls + boys) / 2).max())
    for name in SCHEDULES:
        days = schedule(name, 1000, rng)
        print(f"{name:14s} {days.shape[0]:5d} ranks, {(~np.isnan(days)).sum(axis=0).mean():7.1f} weighings by 2 years")
    days, *_ = watched(1000, rng)
    print(f"{'watched':14s} {days.shape[0]:5d} ranks, {(~np.isnan(days)).sum(axis=0).mean():7.1f} weighings by 2 years")


if __name__ == "__main__":
    main()
