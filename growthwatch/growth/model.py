"""How the weight z of healthy children hangs together over time, birth to 5 years.

::

    z(t) = sqrt(p) a + sqrt(q(t)) f(T) + sqrt(s) u(t) + e(t),   T = ln(1 + t / tau)

with independent parts: a, N(0, 1), the level a child keeps; f, a damped oscillation of unit
variance driven by noise in warped age T, the slow drift between centiles (it has momentum, and
turns back; critically damped it is a Matern-3/2 process); u, an Ornstein-Uhlenbeck process of
unit variance in days, the weeks of a cold; e, weighing noise of variance R(t).  q(t) is what
is left, so that the variance of z is 1 at every age.  A sum of positive definite kernels is
positive definite at every set of ages, which published tables of correlations are not.

Figures and their sources are in ``data/weight-model-<version>.toml``: the latest version is in use, and
the earlier ones stay for what was worked out with them.
"""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.canonical import content_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = [
    "FREE_LEVEL_SD",
    "LEAST_DRIFT",
    "Filter",
    "WeightModel",
    "noise_sd",
    "packaged_version",
    "packaged_versions",
    "steps",
    "steps_along",
    "turns",
    "weight_model",
]

FREE_LEVEL_SD = 20.0
"""Prior SD of the permanent level in units of its own SD where only changes may count: flat, for all that matters."""

LEAST_DRIFT = 0.3
"""Least q(t): where weighing noise would take more of the variance than the model has, z varies by more than 1."""


@dataclass(frozen=True)
class WeightModel:
    """The covariance model and its figures.

    Attributes
    ----------
    tau_days, length, damping
        Warp of age [days]; length of the slow drift in warped age, and its damping, above 0 and at
        most 1, which is critical.
    permanent, transient
        Shares p and s of the variance.
    transient_days
        Time in which the transient part fades [days].
    noise_kg
        SD of one weighing [kg].
    wider
        SD of what is not foreseen over months, against that of these figures, where intervals are given.
    hash
        Content hash of the figures.
    """

    tau_days: float
    length: float
    damping: float
    permanent: float
    transient: float
    transient_days: float
    noise_kg: float
    wider: float
    hash: str
    citation: str
    review_by: dt.date

    @property
    def rate(self) -> float:
        """Natural frequency of the drift in warped age: sqrt(3) / length, as of a Matern-3/2."""
        return math.sqrt(3.0) / self.length

    def swing(self, step: Floats) -> tuple[Floats, Floats]:
        """Response of the drift to a step in warped age: ``exp(-c d) cos(w d)`` and ``exp(-c d) sin(w d) / w``.

        c is `damping` times `rate`, and w what is left of it: ``rate sqrt(1 - damping^2)``.
        """
        fades = np.exp(-self.damping * self.rate * step)
        turns = self.rate * math.sqrt(1.0 - self.damping**2) * step
        return fades * np.cos(turns), fades * step * np.sinc(turns / np.pi)

    def warped(self, age_days: Floats) -> Floats:
        """Warped age T = ln(1 + t / tau); ages before birth count as birth."""
        return np.log1p(np.maximum(age_days, 0.0) / self.tau_days)

    def drift_share(self, noise_sd: Floats) -> Floats:
        """Share q of the variance that drifts slowly, beside a weighing noise [SD of z]."""
        return np.maximum(1.0 - self.permanent - self.transient - noise_sd * noise_sd, LEAST_DRIFT)

    def correlation(self, first_days: Any, second_days: Any, first_noise: Any = 0.0, second_noise: Any = 0.0) -> Floats:
        """Correlation of z at two different ages; arguments broadcast.

        Parameters
        ----------
        first_days, second_days
            Ages [days].
        first_noise, second_noise
            SD of weighing noise at each [SD of z], from `noise_sd`.
        """
        a, b = np.asarray(first_days, float), np.asarray(second_days, float)
        even, odd = self.swing(np.abs(self.warped(a) - self.warped(b)))
        q = np.sqrt(
            self.drift_share(np.asarray(first_noise, float)) * self.drift_share(np.asarray(second_noise, float))
        )
        fades = np.exp(-np.abs(a - b) / self.transient_days)
        return self.permanent + q * (even + self.damping * self.rate * odd) + self.transient * fades

    def covariance(
        self, age_days: Any, noise: Any = 0.0, reference_sd: float = 0.0, reference_days: float = 1.0
    ) -> Floats:
        """Covariance matrix of z at a set of ages [n] -> [n, n], weighing noise on the diagonal.

        `reference_sd` and `reference_days` add the error of a reference's own mean: its SD
        [SD of z] and the time over which it changes [days].
        """
        age = np.atleast_1d(np.asarray(age_days, float))
        sd = np.broadcast_to(np.asarray(noise, float), age.shape)
        out = self.correlation(age[:, None], age[None, :], sd[:, None], sd[None, :])
        out += reference_sd**2 * np.exp(-np.abs(age[:, None] - age[None, :]) / reference_days)
        return out + np.diag(sd * sd)


_VERSIONS = ("2", "3")
"""Of the packaged figures; the last is in use."""


def packaged_version(name: str, given: str, versions: Sequence[str], hash_of: Callable[[str], str]) -> str:
    """Which version of packaged figures is meant by a version, or by a content hash."""
    for version in versions:
        if given in (version, hash_of(version)):
            return version
    raise GrowthwatchError.of(name, given, f"one of {list(versions)}, or the content hash of one of them")


@cache
def _packaged(version: str) -> WeightModel:
    text = (files("growthwatch.growth") / "data" / f"weight-model-{version}.toml").read_text("utf-8")
    table = tomllib.loads(text)
    c = table["covariance"]
    return WeightModel(
        c["tau_days"],
        c["length"],
        c["damping"],
        c["permanent"],
        c["transient"],
        c["transient_days"],
        table["noise"]["sd_kg"],
        table["interval"]["wider"],
        content_hash({"covariance": c, "noise_kg": table["noise"]["sd_kg"], "wider": table["interval"]["wider"]}),
        table["citation"],
        table["review_by"],
    )


def packaged_versions() -> tuple[str, ...]:
    """Versions of the packaged figures, oldest first; the last is the one that is taken where none is named."""
    return _VERSIONS


def weight_model(version: str | None = None) -> WeightModel:
    """Return the packaged model of weight z, birth to 5 years.

    Parameters
    ----------
    version
        A version of its figures, or their content hash as an answer names it; None: the latest.

    Raises
    ------
    GrowthwatchError
        For a version or hash that is not packaged.
    """
    if version is None:
        return _packaged(_VERSIONS[-1])
    return _packaged(packaged_version("version", version, _VERSIONS, lambda v: _packaged(v).hash))


# Ages between which the spread of a reference in kg is taken as linear [days]: it bends most at birth.
_KNOTS = np.concatenate(
    (np.arange(0.0, 56.0, 7.0), np.arange(56.0, 366.0, 15.21875), np.arange(1, 61.0) * 91.3125 + 365.25)
)


@lru_cache(maxsize=64)
def _spread_kg(reference: Reference, sex: int) -> Floats:
    """Kilograms that one SD of weight is worth at each knot, between the lines at -1 and +1 SD."""
    codes, curves = np.full(_KNOTS.shape, sex, np.uint8), reference.curves("weight")
    high, low = (curves.value(np.full(_KNOTS.shape, z), codes, _KNOTS) for z in (1.0, -1.0))
    spread: Floats = (high - low) / 2.0
    known = ~np.isnan(spread)
    return np.interp(_KNOTS, _KNOTS[known], spread[known]) if known.any() else np.full(_KNOTS.shape, np.nan)


def noise_sd(reference: Reference, sex: npt.NDArray[np.uint8], used_age_days: Floats) -> Floats:
    """SD of one weighing, in SD of z, on a reference.

    Parameters
    ----------
    reference
        The reference on which the z are.
    sex
        0 male, 1 female, one a row.
    used_age_days
        Age on the reference's axis [days], corrected where it is.
    """
    out = np.empty(used_age_days.shape)
    kg = weight_model().noise_kg
    for code in (0, 1):
        rows = sex == code
        if rows.any():
            out[rows] = kg / np.interp(used_age_days[rows], _KNOTS, _spread_kg(reference, code))
    out[sex > 1] = np.nan
    return out


def turns(model: WeightModel, before_days: Floats, age_days: Floats) -> Floats:
    """How drift and rate move from one age to another, as columns [figure, step].

    Figures: the four of the transition, and the three of their new variance.
    """
    rate = model.rate
    even, odd = model.swing(model.warped(age_days) - model.warped(before_days))
    damped = model.damping * rate * odd
    out = np.empty((7, age_days.size))
    f00, f01, f10, f11 = out[:4]
    spread = rate * rate
    f00[:], f01[:], f10[:], f11[:] = even + damped, odd, -spread * odd, even - damped
    out[4] = 1.0 - (f00 * f00 + spread * f01 * f01)
    out[5] = -(f00 * f10 + spread * f01 * f11)
    out[6] = spread - (f10 * f10 + spread * f11 * f11)
    return out


def steps(
    model: WeightModel, before_days: Floats, age_days: Floats, noise: Floats, fade_days: tuple[float, ...]
) -> Floats:
    """What `Filter.advance` needs of each step between weighings, as columns [figure, weighing].

    Figures: those of `turns`, how much of z is drift, the variance of the weighing, and for each
    state that fades what is left of it, then its new variance.
    """
    out = np.empty((9 + 2 * len(fade_days), age_days.size))
    out[:7] = turns(model, before_days, age_days)
    out[7] = np.sqrt(model.drift_share(noise))
    out[8] = noise * noise
    for k, days in enumerate(fade_days):
        out[9 + k] = np.exp((before_days - age_days) / days)
        out[9 + len(fade_days) + k] = 1.0 - out[9 + k] ** 2
    return out


def steps_along(
    model: WeightModel, age_days: Floats, noise: Floats, offsets: npt.NDArray[np.intp], fade_days: tuple[float, ...]
) -> Floats:
    """`steps` of each weighing from the one before of its child, the first from its own age.

    `offsets` are the first weighing of each child, and the number of weighings.
    """
    before = np.empty(age_days.size)
    before[1:] = age_days[:-1]
    first = offsets[:-1][np.diff(offsets) > 0]
    before[first] = age_days[first]
    return steps(model, before, age_days, noise, fade_days)


def _along(row: Sequence[float], weights: Sequence[float]) -> float:
    """Weighted sum, in the order in which numpy takes it."""
    total = row[0] * weights[0]
    for k in range(1, len(row)):
        total += row[k] * weights[k]
    return total


class Filter:
    """The model in state space, for many children side by side: the exact Kalman recursion.

    States: permanent level a, slow drift f and its rate f', transient part u, and, if asked
    for, the error of the reference itself (an Ornstein-Uhlenbeck process).  Rows are children;
    the arrays hold the states first, so that each operation runs over children.  One step a
    weighing: `predict`, then `update` for as many children as are still weighed, which must be
    the first ones.

    Parameters
    ----------
    model
        The covariance.
    age_days, noise
        Of the first weighing of each child [days], [SD of z].
    level_sd
        Prior SD of the permanent level, in units of its own: 1 where the level is informative,
        `FREE_LEVEL_SD` where only changes may count.
    reference_sd, reference_days
        Error of the reference's mean [SD of z] and the time over which it changes [days].
    """

    def __init__(
        self,
        model: WeightModel,
        age_days: Floats,
        level_sd: float = 1.0,
        reference_sd: float = 0.0,
        reference_days: float = 365.25,
    ):
        self.model = model
        n = age_days.size
        self.states = 5 if reference_sd > 0 else 4
        self.age = age_days.astype(np.float64)
        variances = [level_sd**2, 1.0, model.rate**2, 1.0, 1.0][: self.states]
        self.mean: Floats = np.zeros((self.states, n))
        self.covariance: Floats = np.zeros((self.states, self.states, n))
        for i, v in enumerate(variances):
            self.covariance[i, i] = v
        self._fade_days = (model.transient_days, reference_days)
        self.observed = np.empty((self.states, n))
        self.observed[0] = math.sqrt(model.permanent)
        self.observed[2] = 0.0
        self.observed[3] = math.sqrt(model.transient)
        if self.states == 5:
            self.observed[4] = reference_sd

    def _move(self, states: Floats, from_slow: Floats, from_rate: Floats, fade: Floats) -> None:
        """Carry states [state, ..., child] over a step, in place; its figures are [figure, ..., child]."""
        moved = from_slow * states[1]
        moved += from_rate * states[2]
        states[1:3] = moved
        states[3:] *= fade

    def predict(
        self, age_days: Floats, noise: Floats, fresh: npt.NDArray[np.bool_] | None = None
    ) -> tuple[Floats, Floats]:
        """Move the first children to their next age; return expectation and variance of z there.

        Parameters
        ----------
        age_days, noise
            Next age [days] and weighing noise [SD of z] of the first `age_days.size` children.
        fresh
            Children whose z has no common ground with what came before: their level is free anew.

        Returns
        -------
        expected, variance
            Of the next z given all z so far, weighing noise included.
        """
        m = age_days.size
        step = steps(self.model, self.age[:m], age_days, noise, self._fade_days[: self.states - 3])
        self.age[:m] = age_days
        return self.advance(step, fresh)

    def advance(self, step: Floats, fresh: npt.NDArray[np.bool_] | None = None) -> tuple[Floats, Floats]:
        """Move by a step of `steps` [figure, child]; otherwise as `predict`, which it spares the same sums again."""
        m = step.shape[1]
        self.carry = step[0:4:2], step[1:4:2], step[9 : 6 + self.states]
        c = self.covariance[:, :, :m]
        self.mean = self.mean[:, :m]
        if m == 1 and fresh is None:
            return self._advance_one(step)
        self._move(self.mean, *self.carry)
        across = [figures[:, None] for figures in self.carry]
        self._move(c, *across)
        self._move(c.transpose(1, 0, 2), *across)
        c[1, 1] += step[4]
        c[1, 2] += step[5]
        c[2, 1] += step[5]
        c[2, 2] += step[6]
        for k in range(3, self.states):
            c[k, k] += step[6 + k + self.states - 3]
        if fresh is not None and fresh.any():
            c[0, 0, fresh] += FREE_LEVEL_SD**2
        self.covariance, self.observed = c, self.observed[:, :m]
        h = self.observed
        h[1] = step[7]
        self.toward = (c * h).sum(axis=1)
        self.variance = (self.toward * h).sum(axis=0) + step[8]
        return self.see(self.mean), self.variance

    def _advance_one(self, step: Floats) -> tuple[Floats, Floats]:
        """`advance` of one child: the same sums in the same order with plain numbers, at a third of the cost."""
        f00, f01, f10, f11, v11, v12, v22, seen, noise, *fading = step[:, 0].tolist()
        fade, faded = fading[: self.states - 3], fading[self.states - 3 :]
        self.covariance, self.observed = self.covariance[:, :, :1], self.observed[:, :1]
        _, s1, s2, *rest = self.mean[:, 0].tolist()
        last = [s * f for s, f in zip(rest, fade, strict=True)]
        self.mean[1:, 0] = f00 * s1 + f01 * s2, f10 * s1 + f11 * s2, *last
        rows: list[list[float]] = self.covariance[:, :, 0].tolist()
        r0, r1, r2, *others = rows
        carried = [r0, [f00 * b + f01 * c for b, c in zip(r1, r2, strict=True)]]
        carried.append([f10 * b + f11 * c for b, c in zip(r1, r2, strict=True)])
        carried += [[x * f for x in row] for row, f in zip(others, fade, strict=True)]
        moved = [
            [a, f00 * b + f01 * c, f10 * b + f11 * c, *[x * f for x, f in zip(tail, fade, strict=True)]]
            for a, b, c, *tail in carried
        ]
        moved[1][1] += v11
        moved[1][2] += v12
        moved[2][1] += v12
        moved[2][2] += v22
        for k, new in enumerate(faded, 3):
            moved[k][k] += new
        self.covariance[:, :, 0] = moved
        self.observed[1] = seen
        as_seen = self.observed[:, 0].tolist()
        toward = [_along(row, as_seen) for row in moved]
        self.toward = np.array(toward)[:, None]
        self.variance = np.array([_along(toward, as_seen) + noise])
        return self.see(self.mean), self.variance

    def see(self, states: Floats) -> Floats:
        """Z that states [state, ..., child] are seen as."""
        h = self.observed
        out = states[0] * h[0]
        out += states[1] * h[1]
        for i in range(3, self.states):
            out += states[i] * h[i]
        return out

    def update(self, innovation: Floats, weight: Floats | float = 1.0) -> Floats:
        """Take in a z: its difference from the expectation, counted with a weight from 0 to 1.

        Returns the gain [state, child].
        """
        gain = self.toward / self.variance * weight
        self.mean += gain * innovation
        self.covariance -= gain[:, None] * self.toward[None]
        return gain
