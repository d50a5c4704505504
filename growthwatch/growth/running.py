"""Running evidence of one child, weight by weight.

>>> import growthwatch as gw
>>> child = ChildEvidence(gw.reference("uk-who"), "female")
>>> state = child.start()
>>> for weight in child.weighed([6.1, 6.9, 7.5, 7.7, 7.7], [90, 120, 150, 190, 230]):
...     state, ratio = child.step(state, weight)
>>> float(gw.evidence([6.1, 6.9, 7.5, 7.7, 7.7], age_days=[90, 120, 150, 190, 230], sex="female")[-1]) == ratio
True

A state can be kept and pickled, and what follows from it is, to the last bit, what all weights
in one pass would give.  One more weight costs a step, however many came before.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.core.sex import SEXES
from growthwatch.core.status import Status
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.facts import GrowthFacts, growth_facts
from growthwatch.growth.model import noise_sd
from growthwatch.growth.series import followed_age
from growthwatch.growth.watch import Row, State, watch
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = ["ChildEvidence", "Running", "Weighed"]


class Weighed(NamedTuple):
    """A weight as the evidence reads it.

    Attributes
    ----------
    kg, age_days
        Weight [kg], age since birth [days].
    followed_days
        Age by which growth is followed: from term for the preterm of a reference that corrects [days].
    z
        Published z [SD].
    noise
        SD of one weighing [SD of z].
    tables
        Z in every table of the reference, by chronological and by corrected age [table][basis].
    official, basis
        The table, and the basis, that are official for it.
    """

    kg: float
    age_days: float
    followed_days: float
    z: float
    noise: float
    tables: tuple[tuple[float, float], ...]
    official: int
    basis: int

    @property
    def day(self) -> int:
        """Day by which growth is followed: weights of one day count as their median."""
        return math.floor(self.followed_days)

    def change_to(self, later: Weighed) -> float | None:
        """`growthwatch.references.change.TableScores.difference` to a later weight."""
        for k in (later.official, self.official, *range(len(self.tables))):
            for basis in (self.basis, later.basis):
                change = later.tables[k][basis] - self.tables[k][basis]
                if change == change:
                    return change
        return None


class Running(NamedTuple):
    """Where the running evidence of one child stands.

    Attributes
    ----------
    earlier
        The state before the latest day.
    last, last_z
        The weight of the day before the latest, and its z, carried across changes of table [SD].
    day
        Weights of the latest day.
    now
        The state after the latest day.
    row, z
        The median weight of the latest day, and its carried z [SD].
    """

    earlier: State = State()
    last: Weighed | None = None
    last_z: float = 0.0
    day: tuple[Weighed, ...] = ()
    now: State = State()
    row: Weighed | None = None
    z: float = 0.0

    @property
    def ratio(self) -> float:
        """Evidence after the latest day: 0 before anything is judged; NaN beyond the ages of the model."""
        ages = detector().ages
        if self.row is None or self.row.followed_days < ages.from_days:
            return 0.0
        return math.nan if self.row.followed_days > ages.until_days else self.now.ratio

    @property
    def said(self) -> float:
        """What words go by after the latest day (`growthwatch.growth.evidence.Evidence.said`)."""
        ages = detector().ages
        if self.row is None or not ages.from_days <= self.row.followed_days <= ages.until_days:
            return math.nan
        return self.now.said


class ChildEvidence:
    """The running evidence of a child on a reference, by the packaged detector.

    Parameters
    ----------
    reference
        On which the weights are judged.
    sex
        ``"male"`` or ``"female"``; of any other no weight has a z.
    gestation_days
        Completed gestation at birth [days]; None: term.
    found, model
        Versions of the figures of the detector and of the model of healthy growth; None: the latest.
    """

    def __init__(
        self,
        reference: Reference,
        sex: str | None,
        gestation_days: float | None = None,
        found: str | None = None,
        model: str | None = None,
    ):
        self.reference = reference
        self.gestation_days = gestation_days
        self._sex = SEXES.index(sex) if sex in SEXES else 2
        self.watch = watch(reference_error(reference), found, model)

    def start(self) -> Running:
        """The state before any weight."""
        return Running()

    def weighed(self, weight_kg: Any, age_days: Any, facts: GrowthFacts | None = None) -> list[Weighed | None]:
        """Score weights; None where there is no z.

        Parameters
        ----------
        weight_kg, age_days
            Columns: weight [kg], age since birth [whole days].
        facts
            Their growth facts on the reference, where they are known.
        """
        kg, age = np.asarray(weight_kg, np.float64), np.asarray(age_days, np.int64)
        if facts is None:
            facts = self._facts(kg, age)
        return [
            weight if has else None
            for weight, has in zip(
                self._weights(kg, age.astype(np.float64), facts),
                ((facts.status_code <= Status.IMPLAUSIBLE) & np.isfinite(facts.z)).tolist(),
                strict=True,
            )
        ]

    def _facts(self, kg: Floats, age_days: npt.NDArray[np.int64]) -> GrowthFacts:
        gestation = math.nan if self.gestation_days is None else self.gestation_days
        sexes = np.full(kg.size, self._sex, np.uint8)
        return growth_facts(self.reference, kg, age_days, sexes, np.full(kg.size, gestation))

    def _weights(self, kg: Floats, age_days: Floats, facts: GrowthFacts) -> Iterator[Weighed]:
        gestation = None if self.gestation_days is None else np.full(kg.size, float(self.gestation_days))
        followed = followed_age(self.reference, age_days, gestation)
        noise = noise_sd(self.reference, np.full(kg.size, self._sex, np.uint8), np.maximum(followed, 0.0))
        scores = facts.scores
        by_row: list[list[list[float]]] = np.moveaxis(scores.z, 2, 0).tolist()
        tables = [tuple([(first, second) for first, second in row]) for row in by_row]
        official, basis = scores.official.tolist(), scores.basis.tolist()
        columns = (kg.tolist(), age_days.tolist(), followed.tolist(), facts.z.tolist(), noise.tolist())
        return map(Weighed, *columns, tables, official, basis)

    def step(self, at: Running, *weights: Weighed) -> tuple[Running, float]:
        """Go on by further weights, in order of date; the state after them, and the evidence."""
        days = self.days(at, weights)
        after = days[-1][1] if days else at
        return after, after.ratio

    def days(self, at: Running, weights: Sequence[Weighed]) -> list[tuple[int, Running]]:
        """Go on by further weights: how many were taken by the end of each day, and the state then."""
        found = self._rows(at, weights)
        if not found:
            return []
        judged = [self._is_judged(row) for _, _, row in found]
        state = found[0][1].earlier
        states = iter(self.watch.run(state, [row for (_, _, row), so in zip(found, judged, strict=True) if so]))
        out: list[tuple[int, Running]] = []
        for (taken, day, _), so in zip(found, judged, strict=True):
            earlier, state = state, next(states) if so else state
            out.append((taken, day._replace(earlier=earlier, now=state)))
        return out

    def prepare(self, weights: Sequence[Weighed]) -> None:
        """Work out in one go what steps along weights will need; without it each works out its own."""
        rows = [row for _, _, row in self._rows(Running(), weights)]
        self.watch.prepare(State(), list(filter(self._is_judged, rows)))

    def _is_judged(self, row: Row) -> bool:
        ages = self.watch.found.ages
        return ages.from_days <= row.age_days <= ages.until_days

    def _rows(self, at: Running, weights: Sequence[Weighed]) -> list[tuple[int, Running, Row]]:
        """Days of further weights: how many weights by the end of each, and the row that stands for it."""
        out: list[tuple[int, Running, Row]] = []
        taken = 0
        for day, of_day in groupby(weights, key=_day):
            new = tuple(of_day)
            taken += len(new)
            if at.row is not None and day < at.row.day:
                raise ValueError(f"day {day} after day {at.row.day}")
            if at.row is not None and at.row.day == day:
                new = (*at.day, *new)
            else:
                at = Running(at.now, at.row, at.z)
            row = self._median(new)
            change = None if at.last is None else at.last.change_to(row)
            z = row.z if at.last is None else at.last_z + (0.0 if change is None else change)
            fresh = at.last is not None and change is None
            at = at._replace(day=new, row=row, z=z)
            out.append((taken, at, Row(row.followed_days, z, row.noise, fresh)))
        return out

    def _median(self, weights: tuple[Weighed, ...]) -> Weighed:
        """The weight that stands for a day: that of the lower middle, at the median of both middles."""
        if len(weights) == 1:
            return weights[0]
        ordered = sorted(weights, key=_kg_and_age)
        low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
        kg = low.kg / 2.0 + high.kg / 2.0  # halves: the sum of two may be too large
        if kg == low.kg:
            return low
        column, age = np.array([kg]), np.array([low.age_days])
        return next(self._weights(column, age, self._facts(column, age.astype(np.int64))))


def _day(weight: Weighed) -> int:
    return weight.day


def _kg_and_age(weight: Weighed) -> tuple[float, float]:
    return weight.kg, weight.age_days
