"""The weights of one day, read as one where the child is followed in z: by their median."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from growthwatch.growth import GrowthFacts
from growthwatch.growth.steps import lowest, median_kg
from growthwatch.protocol.child.ages import Birth
from growthwatch.protocol.child.scorer import Scorer
from growthwatch.protocol.child.weight import Weight
from growthwatch.references import Reference

__all__ = ["On", "Reading", "readings"]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Weights that are read as one: the valid ones of a day, or one alone that does not count.

    Attributes
    ----------
    weights
        In order.
    exact
        Their median [kg].
    row
        Row of a weight that is the median; -1 where it lies between two of them.
    """

    weights: tuple[Weight, ...]
    exact: Decimal
    row: int

    @classmethod
    def of(cls, weights: tuple[Weight, ...]) -> Reading:
        """The reading of some weights of one day."""
        middle = weights[0].exact if len(weights) == 1 else median_kg(weights)
        return cls(weights, middle, next((w.row for w in weights if w.exact == middle), -1))

    @property
    def day(self) -> int:
        """Day on which they were taken [ordinal]."""
        return self.weights[0].day

    @property
    def age_days(self) -> int:
        """Age on that day [days]."""
        return self.weights[0].age_days

    @property
    def kg(self) -> float:
        """Their median [kg]."""
        return float(self.exact)

    @property
    def lowest(self) -> Weight:
        """The lowest of them: what one weight shows, the others of its day must show too."""
        return self.weights[0] if len(self.weights) == 1 else lowest(self.weights)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all of them."""
        return tuple([w.id for w in self.weights])


def readings(weights: Iterable[Weight]) -> Iterator[Reading]:
    """Read weights in order of date as one a day."""
    return (Reading.of(tuple(of_day)) for _, of_day in groupby(weights, key=_weighed_on))


def _weighed_on(w: Weight) -> int:
    return w.day


@dataclass(frozen=True, slots=True)
class On:
    """A reference on which the weights of a child are read.

    Attributes
    ----------
    reference
        The reference.
    facts
        Growth facts of every weighing on it.
    scorer, birth
        Where those of a median that nobody weighed come from.
    """

    reference: Reference
    facts: GrowthFacts
    scorer: Scorer
    birth: Birth

    def at(self, r: Reading) -> tuple[GrowthFacts, int]:
        """Growth facts of a reading, and its row among them."""
        return (self.facts, r.row) if r.row >= 0 else (self.scorer.between(self.reference, self.birth, r.day, r.kg), 0)

    def z(self, r: Reading) -> float | None:
        """Published z of a reading; None where there is none [SD]."""
        facts, row = self.at(r)
        z = float(facts.z[row])
        return z if z == z else None

    def step(self, first: Reading, second: Reading) -> float | None:
        """Change of z from one reading to another in a table that both have; None where there is none [SD]."""
        (facts, row), (later, place) = self.at(first), self.at(second)
        return facts.scores.difference(row, place, later.scores)
