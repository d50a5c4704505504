"""What follows from weights, one weight at a time: the stepping form of `growthwatch.growth.follow`.

Whoever reads a child weight by weight keeps a small value of what followed from the weights so
far, and steps it on by one more.  The values are frozen, so that each may be kept, and gone on
from again when a weight comes late.  A step gives what the columns give of the same weights (a
test holds them to each other), in plain Python: at size 1 a column costs more than what it holds.

- Weights are anything with a day, an age and kilograms.  They come in order of date, and only
  those that count are stepped on.
- *Before* is on an earlier day.  Of the weights of one day the lowest is followed in kilograms, of
  equal ones the first; in z their median is, which stands for all of them.
- *Per cent of a weight* is taken of the weights as they were written, so that it is exact.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

__all__ = [
    "Best",
    "Clock",
    "Held",
    "Level",
    "OneWeight",
    "carried_to",
    "change",
    "conditional",
    "fall",
    "highest_recent",
    "left_after",
    "lowest",
    "median_kg",
    "percent_below",
]


class OneWeight(Protocol):
    """A weight, as far as it is followed."""

    @property
    def day(self) -> int:
        """Day on which it was taken [ordinal]."""
        ...

    @property
    def age_days(self) -> int:
        """Age on that day [days]."""
        ...

    @property
    def exact(self) -> Decimal:
        """The weight as it was written [kg]."""
        ...


W = TypeVar("W", bound=OneWeight)


# --- kilograms -------------------------------------------------------------------------------


def percent_below(base_kg: Decimal, kg: Decimal) -> Decimal:
    """How far a weight is below another, in per cent of this; negative where it is above."""
    return (base_kg - kg) / base_kg * 100


def left_after(base_kg: Decimal, loss_percent: Decimal) -> Decimal:
    """What is left of a weight after a loss of so many per cent [kg]."""
    return base_kg * (1 - loss_percent / 100)


def lowest(weights: Iterable[W]) -> W:
    """The lowest of some weights, at least one; of equal ones the first."""
    return min(weights, key=_kg)


def median_kg(weights: Iterable[OneWeight]) -> Decimal:
    """Median of some weights, at least one [kg]."""
    kg = sorted(map(_kg, weights))
    return kg[len(kg) // 2] if len(kg) % 2 else (kg[len(kg) // 2 - 1] + kg[len(kg) // 2]) / 2


def _kg(w: OneWeight) -> Decimal:
    return w.exact


@dataclass(frozen=True, slots=True)
class Best(Generic[W]):
    """The best weight so far.

    Attributes
    ----------
    earlier
        The best of the days before the last one.
    latest
        Lowest weight of the last day that may be a best.
    birth
        Lowest weight of the day of birth: it stands in while there is no best.
    """

    earlier: W | None = None
    latest: W | None = None
    birth: W | None = None

    def after(self, w: W, from_age_days: float) -> Best[W]:
        """The best after one more weight; one younger than an age [days] is none."""
        birth = self.birth
        if w.age_days == 0 and (birth is None or w.exact < birth.exact):
            birth = w
        if w.age_days < from_age_days:
            return self if birth is self.birth else Best(self.earlier, self.latest, birth)
        last = self.latest
        if last is not None and last.day == w.day:
            return Best(self.earlier, w, birth) if w.exact < last.exact else self
        return Best(_greater(self.earlier, last), w, birth)

    def before(self, w: OneWeight) -> W | None:
        """The best of the days before a weight that is of the last day or later; None where there is none."""
        last = self.latest
        best = self.earlier if last is None or last.day == w.day else _greater(self.earlier, last)
        return self.birth if best is None and w.age_days > 0 else best


def _greater(best: W | None, w: W | None) -> W | None:
    return best if w is None or (best is not None and w.exact <= best.exact) else w


@dataclass(frozen=True, slots=True)
class Clock(Generic[W]):
    """The clock of no net gain.

    Attributes
    ----------
    anchor
        The weight from which it runs: the last that was a gain; None where none has been.
    last
        The latest weight after that one, and so no gain; None where there is none.
    day
        Lowest weight of the last day.
    before
        The clock before that day; None for the first.
    """

    anchor: W | None = None
    last: W | None = None
    day: W | None = None
    before: Clock[W] | None = None

    def after(self, w: W, gain_percent: Decimal) -> Clock[W]:
        """The clock after one more weight.

        Parameters
        ----------
        w
            The weight.
        gain_percent
            What makes a gain: 0, any weight above the best before; otherwise at least so many per cent above the
            weight that last was a gain.
        """
        day, start = self.day, self
        none: Clock[W] = Clock()
        if day is not None and day.day == w.day:
            if w.exact >= day.exact:
                return self
            start = none if self.before is None else self.before
        before: Clock[W] = Clock(start.anchor, start.last)
        anchor = start.anchor
        if anchor is None or (
            w.exact >= anchor.exact * (1 + gain_percent / 100) if gain_percent else w.exact > anchor.exact
        ):
            return Clock(w, None, w, before)
        return Clock(anchor, w, w, before)


# --- z ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Level(Generic[W]):
    """Where a weight stands on a reference.

    Attributes
    ----------
    weight
        The weight.
    z
        Z carried across changes of table, so that its changes are changes of the child [SD].
    ground
        Number of the stretch on common ground: nothing reaches across from one to another.
    """

    weight: W
    z: float
    ground: int = 0


def carried_to(before: Level[W] | None, w: W, z: float, step: float | None) -> Level[W]:
    """Where the next weight stands.

    Parameters
    ----------
    before
        Where the last weight that counts stands; None for the first.
    w, z
        The weight, and its published z [SD].
    step
        Change of z from that weight in a table that both have; None where there is none [SD].
    """
    if before is None:
        return Level(w, z)
    return Level(w, z, before.ground + 1) if step is None else Level(w, before.z + step, before.ground)


def change(first: Level[W] | None, second: Level[W] | None) -> float | None:
    """Change of z from one weight to another; None where nothing reaches across [SD]."""
    if first is None or second is None or first.ground != second.ground:
        return None
    return second.z - first.z


def highest_recent(levels: Sequence[Level[W]], at: Level[W], within_days: int, least_days: int) -> Level[W] | None:
    """Where the child stood highest of late, on common ground: see `growthwatch.growth.follow.fallen`.

    Parameters
    ----------
    levels
        Where weights stand, one a day, in order of date; those of the day of `at` and later are not looked at.
    at
        Where the child stands.
    within_days, least_days
        How far back levels are recent, and how far back one of them is to be [days].
    """
    day = at.weight.day
    first, after = bisect_left(levels, day - within_days, key=_day), bisect_left(levels, day, key=_day)
    recent = [n for n in levels[first:after] if n.ground == at.ground]
    if (
        not any(n.weight.day <= day - least_days for n in recent)
        and first > 0
        and levels[first - 1].ground == at.ground
    ):
        recent.insert(0, levels[first - 1])
    return max(recent, key=_z, default=None)


def _day(level: Level[W]) -> int:
    return level.weight.day


def _z(level: Level[W]) -> float:
    return level.z


def conditional(z: float, moved: float, correlation: float) -> float:
    """Gain from a z on, by so much, given that z: see `growthwatch.growth.follow.conditional_gain` [SD]."""
    return (z + moved - correlation * z) / math.sqrt(1.0 - correlation * correlation)


def fall(base_z: float, z: float) -> float:
    """How far a z is below another [SD]."""
    return base_z - z


@dataclass(frozen=True, slots=True)
class Held(Generic[W]):
    """The best position held.

    Attributes
    ----------
    z
        Highest position that two weights so far apart, and all between them, reached [SD]; None where there is none.
    since, until
        Those two weights.
    recent
        The last weight that is old enough for the next one to count with it, and all since.
    """

    z: float | None = None
    since: W | None = None
    until: W | None = None
    recent: tuple[Level[W], ...] = ()

    def after(self, level: Level[W], least_days: int) -> Held[W]:
        """The best position after one more weight; the two are at least so many days apart."""
        if not self.recent or self.recent[-1].ground != level.ground:
            return Held(recent=(level,))  # no common ground: no number reaches across
        w = level.weight
        recent = [*self.recent, level]
        while len(recent) > 1 and recent[1].weight.day <= w.day - least_days:
            recent.pop(0)
        first, kept = recent[0].weight, tuple(recent)
        held = min(at.z for at in recent) if first.day <= w.day - least_days else None
        if held is not None and (self.z is None or held > self.z):
            return Held(held, first, w, kept)
        return Held(self.z, self.since, self.until, kept)
