"""Evidence and conditional gains of one child's weights, each worked out once.

A review judges a child again on each day with news, by the weights that counted on that day.
The evidence after a weight depends on the weights before it alone (it is causal), so that one
pass over the weights gives it for every earlier day too.  A `Trail` holds what was worked out
as a tree: each step from the root is one more weight that counts, and a path from the root is
one set of weights.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from growthwatch.core.units import PRETERM_DAYS, TERM_DAYS
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.evidence import running_evidence
from growthwatch.growth.facts import GrowthFacts
from growthwatch.growth.model import noise_sd, weight_model
from growthwatch.growth.series import weight_series
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = ["Gains", "Likely", "Trail"]


_MOST_WEIGHTS = 200_000  # in one pass over the sets that late entries make


class Trail:
    """Running evidence along the weights of a child that count.

    A step is a number: 0 is the root, and each other step is one more weight after another step.

    Parameters
    ----------
    reference
        On which the weights are judged.
    kg, age_days
        Of every weighing ever recorded, by row: weight [kg], age since birth [days].
    sex, gestation_days
        Of the child; None for gestation: term.
    likely
        The rows that will probably count, in order: they are worked out in the same pass.  If
        they do not count after all, nothing is wrong, and another pass is made.
    """

    def __init__(
        self,
        reference: Reference,
        kg: Floats,
        age_days: Sequence[int],
        sex: str | None,
        gestation_days: int | None,
        likely: Likely,
    ) -> None:
        self.passes = 0
        self._reference = reference
        self._kg = kg
        self._age = age_days
        self._sex = sex
        self._gestation = gestation_days
        self._likely = likely
        self._row, self._before = [-1], [-1]
        self._after: dict[tuple[int, int], int] = {}
        self._ratio: list[float | None] = [None]

    def then(self, step: int, row: int) -> int:
        """The step that adds a weight after another."""
        found = self._after.get((step, row))
        if found is None:
            found = self._after[step, row] = len(self._row)
            self._row.append(row)
            self._before.append(step)
            self._ratio.append(None)
        return found

    def ratio(self, step: int) -> float | None:
        """Evidence after a step; None where its weight has no z, or is beyond the ages of the model."""
        found = self._ratio[step]
        if found is None and step > 0:
            self._work_out(step)
            found = self._ratio[step]
        return found if found == found else None

    def _rows(self, step: int) -> list[int]:
        out: list[int] = []
        while step > 0:
            out.append(self._row[step])
            step = self._before[step]
        return out[::-1]

    def _work_out(self, step: int) -> None:
        """Fill in the evidence of a step, of those before it, and of those that will probably follow."""
        self.passes += 1
        age = self._age
        coming = self._likely.after(self._row[step])
        if coming and age[coming[0]] == age[self._row[step]]:
            coming = []  # weights of one day count as one: the day as it stands is asked about
        sets = [self._rows(step) + coming]
        if self.passes == 2:
            sets += self._likely.sets()  # weights were entered late: the sets to come, side by side in one pass
        rows = [row for one in sets for row in one]
        n = len(rows)
        series = weight_series(
            self._reference,
            self._kg[rows],
            np.array([age[r] for r in rows], np.float64),
            [self._sex] * n,
            None if self._gestation is None else np.full(n, float(self._gestation)),
            np.repeat(np.arange(len(sets)), [len(one) for one in sets]),
        )
        ratios = iter(running_evidence(series, reference_error(self._reference)).ratio.tolist())
        for one in sets:
            at = 0
            for i, (row, ratio) in enumerate(zip(one, ratios, strict=False)):
                at = self.then(at, row)
                if self._ratio[at] is None and (i + 1 == len(one) or age[one[i + 1]] != age[row]):
                    self._ratio[at] = ratio


@dataclass(frozen=True)
class Likely:
    """Weights that will probably count: in order of date, without those that jump.

    Attributes
    ----------
    facts
        From which changes of z are taken.
    order
        Rows that look valid, in order of date.
    days, known
        Day of every weighing, and day from which it was known, by row.
    jump_z, jump_within_days
        A change by more within so many days is no likely one [SD], [days].
    """

    facts: GrowthFacts
    order: tuple[int, ...]
    days: Sequence[int]
    known: Sequence[int]
    jump_z: float
    jump_within_days: int

    @cached_property
    def _places(self) -> dict[int, int]:
        return {row: i for i, row in enumerate(self.order)}

    def after(self, row: int) -> list[int]:
        """Rows that will probably count after a row."""
        return self._without_jumps(row, self.order[self._places.get(row, len(self.order)) + 1 :])

    def sets(self) -> list[list[int]]:
        """Sets of weights that will probably have counted on some day, none of them the beginning of the next."""
        out: list[list[int]] = []
        there: list[int] = []
        size = 0
        for place in sorted(range(len(self.order)), key=lambda p: (self.known[self.order[p]], p)):
            if there and place < there[-1]:
                out.append(self._of(there))
                size += len(there)
                if size > _MOST_WEIGHTS:
                    break
            insort(there, place)
        return [one for one in [*out, self._of(there)] if one]

    def _of(self, places: list[int]) -> list[int]:
        rows = [self.order[p] for p in places]
        return [*rows[:1], *self._without_jumps(rows[0], rows[1:])] if rows else []

    def _without_jumps(self, last: int, rows: Sequence[int]) -> list[int]:
        out: list[int] = []
        for r in rows:
            change = self.facts.scores.difference(last, r)
            if (
                change is not None
                and abs(change) > self.jump_z
                and self.days[r] - self.days[last] <= self.jump_within_days
            ):
                continue
            out.append(r)
            last = r
        return out


class Gains:
    """Conditional gains between pairs of a child's weighings, against the model of healthy growth.

    ``z_c = (z2 - r z1) / sqrt(1 - r^2)``: Cole TJ. Arch Dis Child 1995;73:8-16; r is that of the
    packaged model.  z2 is z1 and the change carried over the weighings between.
    """

    def __init__(
        self, reference: Reference, age_days: Sequence[int], sex: str | None, gestation_days: int | None
    ) -> None:
        age = np.array(age_days, np.float64)
        if gestation_days is not None and gestation_days < PRETERM_DAYS and reference.correction != "none":
            age = age - (TERM_DAYS - gestation_days)
        code = {"male": 0, "female": 1}.get(sex or "", 2)
        self._noise = noise_sd(reference, np.full(age.size, code, np.uint8), np.maximum(age, 0.0))
        self._age = age
        self._correlations: dict[tuple[int, int], float | None] = {}

    def conditional(self, first: int, second: int, z: float, change: float) -> float | None:
        """Conditional gain from one row to another, from z there and the change; None outside the model's ages."""
        key = (first, second)
        if key not in self._correlations:
            self._correlations[key] = self._correlation(first, second)
        r = self._correlations[key]
        return None if r is None else float((z + change - r * z) / np.sqrt(1.0 - r * r))

    def _correlation(self, first: int, second: int) -> float | None:
        age, noise = self._age, self._noise
        if age[first] < 0.0 or age[second] > detector().ages.until_days:
            return None
        r = float(weight_model().correlation(age[first], age[second], noise[first], noise[second]))
        return r if -1.0 < r < 1.0 else None
