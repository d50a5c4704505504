"""Healthy children drawn from the packaged model of weight z, weighed as a child was, and what they meet.

The sampler is exact: the state space of `growthwatch.growth.model`, one step a weighing, for all
children at once.  Everything is drawn from the generator given, so that a seed fixes the children.

The z of healthy children has the same distribution on every reference that is theirs.  What a z
is worth in kilograms, and a weighing's noise in z, is taken from the WHO standard.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.units import DAYS_PER_MONTH, TERM_DAYS
from growthwatch.growth.detector import detector
from growthwatch.growth.evidence import channels
from growthwatch.growth.follow import Rows
from growthwatch.growth.model import WeightModel, noise_sd, steps, weight_model
from growthwatch.growth.published import Followed, judge, may_meet
from growthwatch.growth.rules import GrowthRule
from growthwatch.growth.series import Places
from growthwatch.growth.weighings import Weighings
from growthwatch.references import reference
from growthwatch.references.distributions import Floats

__all__ = [
    "FROM_DAYS",
    "STANDARD",
    "Alike",
    "Walk",
    "as_weighings",
    "condition_path",
    "evidence_ratio",
    "first_ages",
    "first_evidence",
    "watched_alike",
    "weighing_noise",
]

STANDARD = "who-2006"
"""The reference that turns z into kilograms."""

FROM_DAYS = 14.0
"""Age from which the model holds [days from term]: it knows birth, and nothing of the newborn loss."""

_SEED = 20250101
_ROWS = 300_000
_MOST, _LEAST = 4_000, 500
_EVIDENCE_ROWS, _EVIDENCE_LEAST = 60_000, 200


class Normals(Protocol):
    """What standard normal deviates come from: a generator, or a row of them that it gave before."""

    def standard_normal(self, size: Any) -> Floats:
        """Return the next deviates, in an array of this shape."""
        ...


class _Kept:
    """Deviates that are kept, given out anew."""

    def __init__(self, drawn: Floats) -> None:
        self._drawn = drawn
        self._next = 0

    def standard_normal(self, size: Any) -> Floats:
        first, self._next = self._next, self._next + math.prod(size)
        return self._drawn[first : self._next].reshape(size)


class Walk:
    """Children who grow healthily, one weighing of all of them at a time.

    Parameters
    ----------
    children
        How many, or the shape of an array of them.
    rng
        Generator, or what else gives deviates.
    model
        Another covariance than the packaged one.
    """

    def __init__(self, children: int | tuple[int, ...], rng: Normals, model: WeightModel | None = None) -> None:
        self.model = model or weight_model()
        self.rng = rng
        self.shape = (children,) if isinstance(children, int) else children
        self.level, self.slow, rate, self.fast = rng.standard_normal((4, *self.shape))
        self.rate = rate * self.model.rate
        self.age: Floats | None = None

    def error(self) -> Floats:
        """Errors of one weighing of all, of unit variance."""
        return self.rng.standard_normal(self.shape)

    def step(self, age_days: Floats, noise: Floats) -> Floats:
        """Z of all children at their next ages [days], with this weighing noise [SD of z].

        Both are columns, of one figure for each place on the last axis of the children.
        """
        if self.age is not None:
            s = steps(self.model, self.age, age_days, noise, (self.model.transient_days,))
            e0, e1, e2 = self.rng.standard_normal((3, *self.shape))
            s0 = np.sqrt(np.maximum(s[4], 0.0))
            s01 = s[5] / np.where(s0 > 0.0, s0, np.inf)
            s1 = np.sqrt(np.maximum(s[6] - s01**2, 0.0))
            slow = s[0] * self.slow + s[1] * self.rate + s0 * e0
            self.rate = s[2] * self.slow + s[3] * self.rate + s01 * e0 + s1 * e1
            self.slow = slow
            self.fast = s[9] * self.fast + np.sqrt(s[10]) * e2
        self.age = age_days
        return (
            math.sqrt(self.model.permanent) * self.level
            + np.sqrt(self.model.drift_share(noise)) * self.slow
            + math.sqrt(self.model.transient) * self.fast
            + noise * self.error()
        )


def weighing_noise(age_days: Floats, sex: npt.NDArray[np.uint8]) -> Floats:
    """SD of one weighing at ages since term [days], by sex (0 male, 1 female), in SD of z on the standard."""
    return noise_sd(reference(STANDARD), sex, age_days)


def condition_path(age_days: Floats, depth: float = 2.2, by_days: float = 10 * DAYS_PER_MONTH) -> Floats:
    """Mean z, on the general standard, of a condition whose children fall to `depth` by an age and stay there."""
    return -depth * np.clip(age_days / by_days, 0.0, 1.0)


def as_weighings(
    offsets: Places,
    age_days: Floats,
    z: Floats,
    noise: Floats,
    sex: npt.NDArray[np.uint8],
    *,
    early_days: float = 0.0,
    high_need: bool = False,
    weight_kg: Floats | None = None,
) -> Weighings:
    """Children as the growth rules read them.

    Parameters
    ----------
    offsets
        First row of each child, which is its birth, and the number of rows.
    age_days, z, noise, sex
        One row a weighing: age from term [days], z, noise [SD of z], 0 male or 1 female.
    early_days
        How long before term all were born [days]: their chronological age runs ahead by so much.
    high_need
        Whether all have high need.
    weight_kg
        What these z weigh, where it is known [kg].
    """
    n = offsets.size - 1
    kg = _kilograms(age_days, z, sex) if weight_kg is None else weight_kg
    first = offsets[:-1]
    return Weighings(
        offsets, _since_birth(age_days, early_days, first), age_days, kg, kg, kg, z, z, np.zeros(z.size, np.bool_),
        noise, np.zeros(z.size, np.uint8), kg[first], z[first], z[first], np.full(n, TERM_DAYS - early_days),
        np.full(n, high_need),
    )  # fmt: skip


def _kilograms(age_days: Floats, z: Floats, sex: npt.NDArray[np.uint8]) -> Floats:
    """What z weigh on the standard, as scales show it [kg]: without rounding every weight would differ from all."""
    return np.round(reference(STANDARD).curves("weight").value(z, sex, age_days), 2)


def _since_birth(age_days: Floats, early_days: float, first: Places) -> Floats:
    """Chronological age of ages from term, of which some are at birth [days]."""
    since = age_days + early_days
    since[first] = 0.0
    return since


def first_ages(rule: GrowthRule, weighings: Weighings | Alike) -> list[Floats]:
    """Age at which each child first met each level of a rule [days]; infinite for those who never did."""
    out = [np.full(weighings.offsets.size - 1, np.inf) for _ in rule.levels]
    # To pyright a cached property is not the property of a protocol.
    may = may_meet(cast("Followed", weighings), rule)
    if may.any():
        some = weighings.of(may)
        level = judge(some, rule).level
        for k, ages in enumerate(out, 1):
            ages[may] = _first(level >= k, some.age_days, some.offsets)
    return out


def _first(met: npt.NDArray[np.bool_], age_days: Floats, offsets: Places) -> Floats:
    return np.minimum.reduceat(np.where(met, age_days, np.inf), offsets[:-1])


def evidence_ratio(offsets: Places, age_days: Floats, z: Floats, noise: Floats) -> Floats:
    """Running evidence at every weighing, birth left out by the caller; ages from term [days]."""
    columns = (age_days, z, noise, np.zeros(z.size, np.bool_))
    return channels(columns, offsets, 0.0, detector(), weight_model()).ratio


# --- as one child was weighed ------------------------------------------------------------------


@lru_cache(maxsize=1)
def _deviates(weighings: int, half: int) -> Floats:
    """All deviates of so many children of each sex, weighed at birth and so often after."""
    # Of each child the four states at birth and its error; at each later weighing three steps and an error.
    drawn = np.random.default_rng([_SEED, weighings]).standard_normal((5 + 4 * weighings) * 2 * half)
    drawn.flags.writeable = False
    return drawn


class Alike:
    """Children weighed at birth and at the same ages after, of whom kilograms are worked out where they are read.

    Attributes
    ----------
    offsets, age_days, followed_days, z, published_z, noise, high_need
        As of `growthwatch.growth.weighings.Weighings`.
    """

    def __init__(
        self, z: Floats, noise: Floats, from_term: Floats, sexes: npt.NDArray[np.uint8], early_days: float, needs: bool
    ) -> None:
        ranks, half, _ = z.shape
        n = 2 * half
        self.offsets: Places = np.arange(n + 1, dtype=np.intp) * ranks
        self.followed_days = np.tile(from_term, n)
        self.z = self.published_z = z.reshape(ranks, n).T.ravel()
        self.noise = np.tile(noise.T.ravel(), half)
        self.high_need = np.full(n, needs)
        self._sex, self._early_days, self._needs = np.repeat(np.tile(sexes, half), ranks), early_days, needs

    @cached_property
    def age_days(self) -> Floats:
        """Age since birth of each row [days]."""
        return _since_birth(self.followed_days, self._early_days, self.offsets[:-1])

    @cached_property
    def sure_kg(self) -> Floats:
        """Weights of all [kg]."""
        return _kilograms(self.followed_days, self.z, self._sex)

    @cached_property
    def rows(self) -> Rows:
        """All rows, to be followed in kilograms."""
        return Rows(self.offsets, self.age_days)

    @property
    def child(self) -> Places:
        """Number of the child of each row."""
        return self.rows.child

    def of(self, children: npt.NDArray[np.bool_]) -> Weighings:
        """Some of the children, one flag a child, as the growth rules read them."""
        some = np.flatnonzero(children)
        ranks = int(self.offsets[1])
        offsets = np.arange(some.size + 1, dtype=np.intp) * ranks

        def rows(column: npt.NDArray[Any]) -> Any:
            return column.reshape(-1, ranks)[some].ravel()

        known = rows(self.sure_kg) if "sure_kg" in self.__dict__ else None
        columns = (rows(x) for x in (self.followed_days, self.z, self.noise, self._sex))
        return as_weighings(offsets, *columns, early_days=self._early_days, high_need=self._needs, weight_kg=known)


@lru_cache(maxsize=2)
def watched_alike(days: tuple[float, ...], early_days: float, on_standard: bool, high_need: bool) -> Alike:
    """Draw healthy children, half of each sex, weighed at birth and at these ages [days since birth].

    As many as make 300,000 weighings, but 500 at least and 4,000 at most; always the same ones.

    Parameters
    ----------
    days
        Ages of weighing, rising, each from 14 days after term on.
    early_days
        How long before term they were born [days]; their z vary from the due date as term children's do.
    on_standard
        Whether they have a condition, and are judged on the general standard: see `condition_path`.
    high_need
        Whether all have high need.
    """
    half = min(max(_ROWS // (len(days) + 1), _LEAST), _MOST) // 2
    walk, sexes = Walk((half, 2), _Kept(_deviates(len(days), half))), np.array([0, 1], np.uint8)
    from_term = np.concatenate(([0.0], np.array(days) - early_days))
    z = np.empty((from_term.size, half, 2))
    noise = weighing_noise(np.repeat(from_term, 2), np.tile(sexes, from_term.size)).reshape(-1, 2)
    for k, age in enumerate(from_term.tolist()):
        z[k] = walk.step(np.full(2, age), noise[k])
    if on_standard:
        z += condition_path(from_term)[:, None, None]
    return Alike(z, noise, from_term, sexes, early_days, high_need)


def first_evidence(weighings: Weighings | Alike, ratio: float, weights_at_least: int) -> Floats:
    """Age at which children of `watched_alike` first reached a ratio of evidence [days]; infinite where never.

    Of the first children, as many as make 60,000 weighings, but 200 at least: it takes longer than a rule.
    """
    ranks = int(weighings.offsets[1])
    n = min(max(_EVIDENCE_ROWS // ranks, _EVIDENCE_LEAST), weighings.offsets.size - 1)
    age, followed, z, noise = (
        x.reshape(-1, ranks)[:n, 1:].ravel()
        for x in (weighings.age_days, weighings.followed_days, weighings.z, weighings.noise)
    )
    offsets = np.arange(n + 1, dtype=np.intp) * (ranks - 1)
    enough = np.arange(2, ranks + 1) >= weights_at_least
    met = (evidence_ratio(offsets, followed, z, noise) >= ratio) & np.tile(enough, n)
    return _first(met, age, offsets)
