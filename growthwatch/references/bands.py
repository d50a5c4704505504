"""The figures of a local recalibration: votes, robust estimates in bands of age, and the curve through them.

What is estimated, and why so: `growthwatch.references.recalibration`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import lsq_linear
from scipy.special import ndtri
from scipy.stats import t as student

from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.references.distributions import Floats
from growthwatch.references.limits import limits
from growthwatch.references.links import ByAge

__all__ = [
    "BIWEIGHT_EFFICIENCY",
    "Band",
    "Knots",
    "Votes",
    "band_of",
    "biweight",
    "votes_in",
    "within_slopes",
    "without_moved",
]

BIWEIGHT_C = 2.7
BIWEIGHT_EFFICIENCY = 0.65
"""Efficiency of Tukey's biweight with c = 2.7 for normal data, its spread found from the upper side (simulated)."""
SPREAD_EFFICIENCY = 0.18
"""Of the upper half-median deviation for a normal sample's log SD: half that of the MAD, 0.37."""
PRIOR_CHILDREN = 10
"""Children that the packaged SD between children counts for, beside the one found."""
MIDDLE = 0.6744897501960817
"""Upper quartile of the standard normal distribution."""


@dataclass(frozen=True)
class Band:
    """Estimates in one band of age.

    Attributes
    ----------
    from_days, until_days
        The band of used age [days].
    age_days
        Median age of the votes [days].
    n
        Children, each with one vote.
    raw_shift, raw_interval
        What the children alone say [SD]: the robust mean of z and its interval.
    weight
        Share of the children's own estimate in `shift`: n / (n + 9).
    shift, interval
        The estimate, drawn toward the prior, and its interval [SD].
    scale, scale_interval
        Spread between children over that of the reference, drawn toward 1.
    """

    from_days: float
    until_days: float
    age_days: float
    n: int
    raw_shift: float
    raw_interval: tuple[float, float]
    weight: float
    shift: float
    interval: tuple[float, float]
    scale: float
    scale_interval: tuple[float, float]


def biweight(votes: Floats, sd: float, prior: float, weights: Floats | None = None) -> tuple[float, float]:
    """Tukey's biweight of the votes, and the spread used.

    The spread is that of the votes above the middle, where no faltering child is, held near
    the `sd` that is expected as if `prior` children had shown it.
    """
    w: Floats = np.full(votes.size, 1.0) if weights is None else weights * votes.size
    middle, spread = _median(votes, w), sd
    for _ in range(200):
        above = votes > middle
        if above.any():
            found = _median(votes[above] - middle, w[above]) / MIDDLE
            half = votes.size / 2
            spread = math.sqrt((prior * sd**2 + half * found**2) / (prior + half))
        near = 1 - ((votes - middle) / (BIWEIGHT_C * spread)) ** 2
        weight = w * np.square(np.maximum(near, 0.0))
        new = float((weight * votes).sum() / weight.sum())
        if abs(new - middle) < 1e-9:
            break
        middle = new
    return middle, spread


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    ordered: Floats = values[order]
    below: Floats = np.cumsum(weights[order])
    half = float(below[-1]) / 2
    k, again = (int(np.searchsorted(below, half * (1 + e))) for e in (-1e-12, 1e-12))
    return (float(ordered[k]) + float(ordered[min(again, values.size - 1)])) / 2


class Votes(NamedTuple):
    """One vote a child in a band: its number, the median of its z, one a day, and of their ages."""

    low: float
    high: float
    child: npt.NDArray[np.intp]
    age: Floats
    z: Floats


def votes_in(low: float, high: float, child: npt.NDArray[np.intp], age: Floats, z: Floats) -> Votes:
    """Votes of the children of a band, from its rows."""
    order = np.lexsort((z, age, child))
    c, a, v = child[order], age[order], z[order]
    same_day = np.concatenate(([True], (c[1:] != c[:-1]) | (a[1:] != a[:-1])))
    c, a, v = _medians(np.cumsum(same_day) - 1, c, a, v)
    who, which = np.unique(c, return_inverse=True)
    _, ages, scores = _medians(which, c, a, v)
    return Votes(low, high, who, ages, scores)


def without_moved(bands: Sequence[Votes], children: int) -> tuple[list[Votes], int]:
    """Leave out the votes of children who have moved too far from their own first band; and how many they are.

    Twice, because the middle of the others shifts a little when the first of them have left.
    """
    rules = limits().recalibration
    left, moved = list(bands), np.zeros(children, np.bool_)
    for _ in range(2):
        middles = [biweight(b.z, rules.sd_between_children, PRIOR_CHILDREN)[0] if b.z.size else 0.0 for b in left]
        first = np.full(children, np.nan)
        moved[:] = False
        kept: list[Votes] = []
        for band, middle in zip(bands, middles, strict=True):
            off = band.z - middle
            begins = np.isnan(first[band.child])
            first[band.child[begins]] = off[begins]
            moved[band.child] |= np.abs(off - first[band.child]) > rules.most_own_change_z
            stay = ~moved[band.child]
            kept.append(Votes(band.low, band.high, band.child[stay], band.age[stay], band.z[stay]))
        left = kept
    return left, int(moved.sum())


def _medians(
    group: npt.NDArray[Any], child: npt.NDArray[Any], age: Floats, z: Floats
) -> tuple[npt.NDArray[Any], Floats, Floats]:
    def middle(values: Floats) -> Floats:
        order = np.lexsort((values, group))
        sizes = np.bincount(group)
        starts = np.cumsum(sizes) - sizes
        ordered = values[order]
        return (ordered[starts + (sizes - 1) // 2] + ordered[starts + sizes // 2]) / 2

    first = np.unique(group, return_index=True)[1]
    return child[first], middle(age), middle(z)


def band_of(given: Votes, prior: ByAge, tau: float, level: float) -> Band:
    """Estimates in one band, drawn toward the prior."""
    rules, bounds = limits().recalibration, limits().scale
    low, high, _, ages, votes = given
    n, sd = votes.size, rules.sd_between_children
    raw, spread = biweight(votes, sd, PRIOR_CHILDREN)
    error = spread / math.sqrt(n * BIWEIGHT_EFFICIENCY)
    at = float(np.median(ages))
    weight = n / (n + (sd / tau) ** 2)
    centre = weight * raw + (1 - weight) * float(prior.at(np.array([at]))[0])
    wide = math.hypot(weight * error, (1 - weight) * tau)
    q = float(ndtri(0.5 + level / 2))
    q_raw = float(student.ppf(0.5 + level / 2, 4 + n / 2))
    # Spread from the upper side alone: faltering children lie on the lower one.
    above = votes[votes > raw] - raw
    found = math.log(max(float(np.median(above)) / MIDDLE if above.size else 1.0, 0.2))
    error_log = math.sqrt(1 / (2 * n * SPREAD_EFFICIENCY))
    share = rules.prior_sd_log_scale**2 / (rules.prior_sd_log_scale**2 + error_log**2)
    wide_log = rules.prior_sd_log_scale * math.sqrt(1 - share)
    scale = min(max(math.exp(share * found), bounds.least), bounds.most)
    return Band(
        from_days=low,
        until_days=high,
        age_days=at,
        n=n,
        raw_shift=raw,
        raw_interval=(raw - q_raw * error, raw + q_raw * error),
        weight=weight,
        shift=centre,
        interval=(centre - q * wide, centre + q * wide),
        scale=scale,
        scale_interval=(math.exp(share * found - q * wide_log), math.exp(share * found + q * wide_log)),
    )


Knots = tuple[tuple[float, float], ...]


def within_slopes(bands: Sequence[Band]) -> tuple[Knots, Knots]:
    """Knots of shift and scale nearest to the estimates, weighed by the number of children, within the limits on slope.

    The limit is on what both explain together: ``|step of shift| + z |step of scale|``, z being the
    furthest for which it holds.  With ``u = shift + z scale`` and ``v = shift - z scale`` that is
    a limit on each step of u and of v.
    """
    bounds = limits()
    slope, most, far = bounds.slope, bounds.shift.most_z, bounds.slope.within_z
    ages = sorted({b.age_days for b in bands})
    if len(ages) > 1 and ages[0] < slope.early_until_days < ages[-1]:
        ages = sorted({*ages, slope.early_until_days})
    steps = [
        (b - a) / DAYS_PER_MONTH * (slope.early_z_per_month if a < slope.early_until_days else slope.late_z_per_month)
        for a, b in zip(ages, ages[1:])  # noqa: B905, RUF007
    ]
    design = np.array([[1.0, *(1.0 if b.age_days >= a else 0.0 for a in ages[1:])] for b in bands])
    root = np.sqrt(np.array([float(b.n) for b in bands]))
    shifts = np.clip(np.array([b.shift for b in bands]), -most, most)
    scales = np.array([b.scale for b in bands])
    # Columns: u, then v.  Rows: shifts, scales (as far off as for a child at z 1), and a trace of weight on each step,
    # which chooses among equals where no band holds a knot.
    half, part = design * root[:, None] / 2, design * root[:, None] / (2 * far)
    tidy = np.diag([0.0, *([1e-4] * len(steps))] * 2)
    system = np.vstack([np.hstack([half, half]), np.hstack([part, -part]), tidy])
    wanted = np.concatenate([shifts * root, scales * root, np.zeros(2 * len(ages))])
    caps = np.array([most + far * bounds.scale.most, *(max(s * (1 - 1e-9), 1e-12) for s in steps)] * 2)
    made: Any = lsq_linear(system, wanted, (-caps, caps))
    u, v = np.cumsum(made.x[: len(ages)]), np.cumsum(made.x[len(ages) :])
    found = np.clip((u + v) / 2, -most, most).tolist()
    spread = np.clip((u - v) / (2 * far), bounds.scale.least, bounds.scale.most).tolist()
    return tuple(zip(ages, found, strict=True)), tuple(zip(ages, spread, strict=True))
