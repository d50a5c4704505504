"""Growth facts of the weighings of many children, worked out together.

What is worked out here is what each child's `Scorer` would work out alone, in blocks.  Beside it stand
columns from which a kind of rule can tell on which weights it could be met at all: of children whose
weights were all entered on their day, are all valid, and none of them doubted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from growthwatch.growth import GrowthFacts, growth_facts
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.evidence import running_evidence
from growthwatch.growth.model import noise_sd, weight_model
from growthwatch.growth.series import followed_age, weight_series
from growthwatch.protocol.child.scorer import BirthFacts, Scorer
from growthwatch.protocol.file.settings import Settings
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = ["Flags", "Followed", "follow_together"]

Flags = npt.NDArray[np.bool_]
_SLACK_KG = 1e-6


@dataclass(frozen=True)
class Followed:
    """What follows from the weights of children whose weights all count, one row a weight, child after child.

    It may be a hair wrong where it says how much a weight is above another: a kind that asks whether it
    could be met allows for that.

    Attributes
    ----------
    offsets
        First row of each child, and the number of rows.
    age_days, day
        Age since birth [days], and the day [ordinal].
    until
        Day before the next weight, or infinity for the last of a child [ordinal].
    kg, z
        Weight [kg] and its published z [SD].
    previous_kg
        The weight before; NaN for the first of a child [kg].
    birth_kg, birth_z
        Weight at birth [kg], and its z at the gestation of birth [SD]; NaN where it is not known.
    best_kg
        Greatest weight before this one, from the protocol's age on, or the birth weight; NaN for none [kg].
    clock_from
        Day of the weight from which the clock of no net gain runs; NaN where none does, or where this weight is
        itself a gain [ordinal].
    ratio
        Evidence of slowing after the weight; NaN where there is none.
    carried
        z carried across changes of table, from the first weight of the child on [SD].
    followed_days, noise
        Age by which growth is followed [days], and SD of one weighing [SD of z].
    gestation_days
        At birth; NaN: not recorded [days].
    """

    offsets: npt.NDArray[np.intp]
    age_days: Floats
    day: Floats
    until: Floats
    kg: Floats
    z: Floats
    previous_kg: Floats
    birth_kg: Floats
    birth_z: Floats
    best_kg: Floats
    clock_from: Floats
    ratio: Floats
    carried: Floats
    followed_days: Floats
    noise: Floats
    gestation_days: Floats

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.kg.size

    def none(self) -> Flags:
        """No row."""
        return np.zeros(self.size, np.bool_)

    def all(self) -> Flags:
        """Every row."""
        return np.ones(self.size, np.bool_)

    def gain_z(self, least_days: int) -> Floats:
        """Conditional gain up to each row from the last one at least so many days before; NaN where there is none."""
        rows = np.arange(self.size)
        child = np.repeat(np.arange(self.offsets.size - 1), np.diff(self.offsets))
        far = 4e6  # days: beyond any calendar
        before = np.searchsorted(child * far + self.day, child * far + self.day - least_days, side="right") - 1
        out = np.full(self.size, np.nan)
        there = (before >= self.offsets[child]) & (before < rows)
        first, second = before[there], rows[there]
        r = weight_model().correlation(
            self.followed_days[first], self.followed_days[second], self.noise[first], self.noise[second]
        )
        z, change = self.z[first], self.carried[second] - self.carried[first]
        with np.errstate(invalid="ignore", divide="ignore"):
            out[there] = (z + change - r * z) / np.sqrt(1.0 - r * r)
        outside = (self.followed_days[first] < 0) | (self.followed_days[second] > detector().ages.until_days)
        out[second[outside]] = np.nan
        return out


def follow_together(
    settings: Settings, reference: Reference, scorers: Sequence[Scorer], births: Sequence[BirthFacts]
) -> tuple[Followed, Flags]:
    """Work out the growth facts of many children, hand each its own, and follow their weights.

    Parameters
    ----------
    settings, reference
        Of the protocol.
    scorers, births
        One a child: each learns its growth facts and evidence for those birth facts.

    Returns
    -------
    followed, sound
        What follows from the weights that look valid; and for each child whether they all have a z, none of them
        would be doubted, and the others are none but upper bounds: only then is what follows that child's.
    """
    kg = np.concatenate([s.kg for s in scorers]) if scorers else np.zeros(0)
    days = np.concatenate([s.days for s in scorers]) if scorers else np.zeros(0, np.int64)
    sizes = np.array([s.kg.size for s in scorers], np.intp)
    ends = np.cumsum(sizes)
    starts = ends - sizes
    born = np.array([b[0] for b in births], np.int64)
    sex = np.array([{"male": 0, "female": 1}.get(b[1] or "", 2) for b in births], np.uint8)
    gestation = np.array([np.nan if b[2] is None else float(b[2]) for b in births])
    owner = np.repeat(np.arange(len(births)), sizes)
    age = days - born[owner]
    facts = growth_facts(reference, kg, age, sex[owner], gestation[owner])
    orders = [s.likely_rows(b) for s, b in zip(scorers, births, strict=True)]
    order = np.array(
        [start + row for start, rows in zip(starts.tolist(), orders, strict=True) for row in rows], np.intp
    )
    likely = np.array([len(rows) for rows in orders], np.intp)
    ratio = _ratios(reference, kg[order], age[order], sex, gestation, likely)
    noise = noise_sd(reference, sex[owner], np.maximum(_followed(reference, age, gestation[owner]), 0.0))
    ratios: list[float] = ratio.tolist()
    at = 0
    for s, b, start, end, n in zip(scorers, births, starts.tolist(), ends.tolist(), likely.tolist(), strict=True):
        s.learn(b, facts.part(start, end), ratios[at : at + n], noise[start:end])
        at += n
    followed = _follow(settings, reference, facts, order, likely, ratio, kg, age, days, gestation, noise)
    dated = np.array([s.all_dated(b) for s, b in zip(scorers, births, strict=True)], np.bool_)
    return followed, dated & _sound(settings, facts, followed, order, likely)


def _followed(reference: Reference, age: npt.NDArray[np.int64], gestation: Floats) -> Floats:
    return followed_age(reference, age.astype(np.float64), gestation)


def _ratios(
    reference: Reference,
    kg: Floats,
    age: npt.NDArray[np.int64],
    sex: npt.NDArray[np.uint8],
    gestation: Floats,
    sizes: npt.NDArray[np.intp],
) -> Floats:
    """Evidence after each weight."""
    if not kg.size:
        return np.zeros(0)
    owner = np.repeat(np.arange(sizes.size), sizes)
    series = weight_series(
        reference,
        kg,
        age.astype(np.float64),
        sex[owner].astype(np.int64),
        gestation[owner],
        child=np.append(0, np.cumsum(sizes)),
        sex_coding={0: "male", 1: "female"},
    )
    return running_evidence(series, reference_error(reference)).ratio


def _follow(
    settings: Settings,
    reference: Reference,
    facts: GrowthFacts,
    order: npt.NDArray[np.intp],
    sizes: npt.NDArray[np.intp],
    ratio: Floats,
    every_kg: Floats,
    every_age: npt.NDArray[np.int64],
    every_day: npt.NDArray[np.int64],
    gestation: Floats,
    noise: Floats,
) -> Followed:
    """What follows from the weights that look valid, in order of date."""
    offsets = np.append(0, np.cumsum(sizes)).astype(np.intp)
    kg, age, day = every_kg[order], every_age[order].astype(np.float64), every_day[order].astype(np.float64)
    n, rows = kg.size, np.arange(kg.size)
    child = np.repeat(np.arange(sizes.size), sizes)
    first = np.zeros(n, np.bool_)
    first[offsets[:-1][sizes > 0]] = True
    previous = np.full(n, np.nan)
    previous[1:] = np.where(first[1:], np.nan, kg[:-1])
    until = np.full(n, np.inf)
    until[:-1] = np.where(first[1:], np.inf, day[1:] - 1)
    head = offsets[:-1][child] if n else np.zeros(0, np.intp)
    at_birth = age[head] == 0
    birth_kg = np.where(at_birth, kg[head], np.nan)
    birth_z = np.where(at_birth, facts.birth_z[order][head], np.nan)
    # The greatest weight so far: children are set so far apart that the greatest of one is below all of the next.
    counts = age >= settings.terms.best_from_age_days
    apart = 1e4
    running = np.maximum.accumulate(np.where(counts, kg + child * apart, child * apart))
    so_far = np.full(n, 0.0)
    so_far[1:] = np.where(first[1:], 0.0, running[:-1] - child[1:] * apart)
    best = np.where(so_far > 0, so_far, np.where(age > 0, birth_kg, np.nan))
    gains = counts & (kg > so_far + _SLACK_KG)
    anchor = np.maximum.accumulate(np.where(gains, rows, -1)) if n else rows
    clocked = counts & ~gains & (anchor >= head)
    clock_from = np.where(clocked, day[np.maximum(anchor, 0)], np.nan)
    change = np.zeros(n)
    later = np.flatnonzero(~first)
    change[later] = facts.scores.differences(order[later - 1], order[later])[0]
    carried = np.cumsum(np.where(np.isnan(change), 0.0, change))
    followed = _followed(reference, every_age[order], gestation[child])
    return Followed(
        offsets, age, day, until, kg, facts.z[order], previous, birth_kg, birth_z, best, clock_from, ratio, carried,
        followed, noise[order], gestation[child],
    )  # fmt: skip


def _sound(
    settings: Settings,
    facts: GrowthFacts,
    followed: Followed,
    order: npt.NDArray[np.intp],
    likely: npt.NDArray[np.intp],
) -> Flags:
    """Of each child: whether the weights that look valid all have a z, and none would be doubted."""
    rules = settings.weights.suspected
    out = np.ones(likely.size, np.bool_)
    child = np.repeat(np.arange(likely.size), likely)
    doubtful = ~(np.abs(followed.z) <= rules.beyond_z)
    later = np.flatnonzero(child[1:] == child[:-1]) + 1
    change = facts.scores.differences(order[later - 1], order[later])[0]
    doubtful[later] |= ~(np.abs(change) <= rules.jump_z)
    out[child[doubtful]] = False
    return out
