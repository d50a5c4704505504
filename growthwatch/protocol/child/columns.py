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

from growthwatch.core.units import TERM_DAYS
from growthwatch.growth import GrowthFacts, growth_facts
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.evidence import running_evidence
from growthwatch.growth.follow import Levels, Rows, best_before, clock, conditional_gain, lowest_before
from growthwatch.growth.model import noise_sd, weight_model
from growthwatch.growth.series import followed_age, weight_series
from growthwatch.protocol.child.scorer import BirthFacts, Scorer
from growthwatch.protocol.file.settings import Settings
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = ["Flags", "Followed", "follow_together"]

_HAIR = 1e-6
"""As near as weights in columns come to what was written [kg]."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Followed:
    """What follows from the weights of children whose weights all count, one row a weight, child after child.

    Changes of z are a hair other than those of one child alone: a kind that asks whether it could be met
    allows for that.

    Attributes
    ----------
    offsets
        First row of each child, and the number of rows.
    age_days, day
        Age since birth [days], and the day [ordinal].
    until
        Day before the next weight of a later day, or infinity for the last of a child [ordinal].
    kg, z
        Weight [kg] and its published z [SD].
    previous_kg
        Lowest weight of the day of weighing before; NaN where there is none [kg].
    birth_kg, birth_z, term_birth_z
        Weight at birth [kg], its z at the gestation of birth and that at 40 weeks [SD]; NaN where it is not known.
    best_kg
        Best weight of the days before, from the protocol's age on, or the birth weight; NaN for none [kg].
    clock_from
        Day of the weight from which the clock of no net gain runs; NaN where none does, or where that is of this
        day [ordinal].
    ratio
        Evidence of slowing after the weight; NaN where there is none.
    levels
        z carried across changes of table.
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
    term_birth_z: Floats
    best_kg: Floats
    clock_from: Floats
    ratio: Floats
    levels: Levels
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
        return conditional_gain(
            self.levels,
            self.z,
            self.followed_days,
            self.noise,
            weight_model(),
            least_days,
            until_days=detector().ages.until_days,
        ).z


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
        What follows from the weights that look valid; and for each child whether they all have a z, no two are of
        one day, none of them would be doubted, and the others are none but upper bounds: only then is what follows
        that child's.
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
    ratio, said = _ratios(reference, kg[order], age[order], sex, gestation, likely)
    noise = noise_sd(reference, sex[owner], np.maximum(_followed(reference, age, gestation[owner]), 0.0))
    ratios: list[float] = ratio.tolist()
    fits: list[float] = said.tolist()
    at = 0
    for s, b, start, end, n in zip(scorers, births, starts.tolist(), ends.tolist(), likely.tolist(), strict=True):
        s.learn(b, facts.part(start, end), ratios[at : at + n], noise[start:end], fits[at : at + n])
        at += n
    followed = _follow(settings, reference, facts, order, likely, ratio, kg, age, days, gestation, noise)
    dated = np.array([s.all_dated(b) and s.each_once() for s, b in zip(scorers, births, strict=True)], np.bool_)
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
) -> tuple[Floats, Floats]:
    """Evidence after each weight, and what words say of it."""
    if not kg.size:
        return np.zeros(0), np.zeros(0)
    owner = np.repeat(np.arange(sizes.size), sizes)
    series = weight_series(
        reference,
        kg,
        age.astype(np.float64),
        sex[owner].astype(np.int64),
        gestation[owner],
        child=owner,  # ids: as many offsets as weights would be taken for ids
        sex_coding={0: "male", 1: "female"},
    )
    found = running_evidence(series, reference_error(reference))
    return found.ratio, found.said


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
    n, child = kg.size, np.repeat(np.arange(sizes.size), sizes)
    rows = Rows(offsets, age)
    head = offsets[:-1][child] if n else np.zeros(0, np.intp)
    later = np.flatnonzero(np.arange(n) > head)
    change = np.zeros(n)
    change[later] = facts.scores.differences(order[later - 1], order[later])[0]
    at_birth = age[head] == 0
    birth_kg = np.where(at_birth, kg[head], np.nan)
    birth_z, term_birth_z = (np.where(at_birth, z[order][head], np.nan) for z in (facts.birth_z, facts.term_birth_z))
    from_age = settings.terms.best_from_age_days
    best, ticking = best_before(rows, kg, from_age), clock(rows, kg, from_age)
    clock_from = np.where(ticking.last >= 0, day[np.maximum(ticking.anchor, 0)], np.nan) if n else day
    followed = _followed(reference, every_age[order], gestation[child])
    return Followed(
        offsets, age, day, _until(rows, day), kg, facts.z[order], lowest_before(rows, kg), birth_kg, birth_z,
        term_birth_z, best.kg, clock_from, ratio, Levels.along(rows, change), followed, noise[order], gestation[child],
    )  # fmt: skip


def _until(rows: Rows, day: Floats) -> Floats:
    """Day before the next day of weighing of each row, infinite after the last of a child."""
    days = rows.days
    out = np.full(days.first.size, np.inf)
    out[:-1] = np.where(days.starts[1:], np.inf, day[days.first[1:]] - 1)
    return out[days.of]


def _sound(
    settings: Settings,
    facts: GrowthFacts,
    followed: Followed,
    order: npt.NDArray[np.intp],
    likely: npt.NDArray[np.intp],
) -> Flags:
    """Of each child: whether the weights that look valid all have a z, one a day, and none would be doubted."""
    rules = settings.weights.suspected
    out = np.ones(likely.size, np.bool_)
    child = np.repeat(np.arange(likely.size), likely)
    doubtful = ~(np.abs(followed.z) <= rules.beyond_z)
    # A birth weight that its gestation does not allow: weights are then doubted otherwise.
    doubtful |= (followed.age_days == 0) & (np.abs(followed.birth_z) > rules.birth_beyond_z)
    later = np.flatnonzero(child[1:] == child[:-1]) + 1
    change = facts.scores.differences(order[later - 1], order[later])[0]
    # Two weights of one day are read as one, which is neither.
    doubtful[later] |= ~(np.abs(change) <= rules.jump_z) | (followed.day[later] == followed.day[later - 1])
    # Too high, as far as one weight tells: that it may only return to an earlier one is left to who reads them alone.
    gap, rise = followed.day[later] - followed.day[later - 1], rules.rise
    more = followed.kg[later] >= followed.kg[later - 1] * (1.0 + rise.percent / 100.0) - _HAIR
    early = np.fmax(TERM_DAYS - followed.gestation_days[later], 0.0)
    old = followed.age_days[later] >= rise.from_days + early
    doubtful[later] |= old & (
        (more & (gap <= rise.percent_within_days)) | ((change > rise.z) & (gap <= rise.z_within_days))
    )
    out[child[doubtful]] = False
    return out
