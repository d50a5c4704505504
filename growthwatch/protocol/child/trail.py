"""Evidence and conditional gains of one child's weights, each worked out once.

A review judges a child again on each day with news, by the weights that counted on that day.
The evidence after a weight depends on the weights before it alone (it is causal), so that a
state kept after each weight is where the next one, or a late one, goes on from.  A `Trail`
holds the states as a tree: each step from the root is one more weight that counts, and a path
from the root is one set of weights.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from growthwatch.core.units import PRETERM_DAYS, TERM_DAYS
from growthwatch.growth.detector import detector
from growthwatch.growth.facts import GrowthFacts
from growthwatch.growth.model import noise_sd, weight_model
from growthwatch.growth.running import ChildEvidence, Running, Weighed
from growthwatch.growth.steps import conditional
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = ["Gains", "Likely", "Trail"]


_FEW = 20


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
        The rows that will probably count: what steps along them need is worked out in one go.  If
        they do not count after all, nothing is wrong.

    Attributes
    ----------
    weights
        How many weights were gone over so far.
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
        self.weights = 0
        self._child = ChildEvidence(reference, sex, gestation_days)
        self._kg, self._age = kg, age_days
        self._likely = likely
        self._weighed: list[Weighed | None] | None = None
        # The likely rows come first, one step after another.
        self._path, self._after = likely.order, dict[tuple[int, int], int]()
        self._row, self._before = [-1, *likely.order], list(range(-1, len(likely.order)))
        self._state: list[Running | None] = [self._child.start(), *[None] * len(likely.order)]
        self._ratio: dict[int, tuple[float, float]] = {}
        self._order: dict[int, int] | None = None
        self._far = 8

    def then(self, kg: Floats, age_days: Sequence[int], likely: Likely) -> Trail:
        """A trail over further rows too; what is known of those so far is kept, and this one is left as it is."""
        other = copy.copy(self)
        other._kg, other._age, other._likely = kg, age_days, likely
        other._order, other._far = None, 8
        other._row, other._before = self._row.copy(), self._before.copy()
        other._after, other._state, other._ratio = self._after.copy(), self._state.copy(), self._ratio.copy()
        known = self._weighed
        if known is not None:
            n = len(known)
            facts = likely.facts.part(n, len(kg))
            other._weighed = [*known, *self._child.weighed(kg[n:], age_days[n:], facts)]
        return other

    def learn(self, ratio: Sequence[float], said: Sequence[float]) -> None:
        """Take the evidence after each of the rows that look valid, and what words say, as worked out in columns."""
        ages = [self._age[row] for row in self._path]
        for step, (age, *found) in enumerate(zip(ages, ratio, said, strict=True), 1):
            if step == len(ages) or ages[step] != age:  # weights of one day count as one
                self._ratio[step] = (found[0], found[1])

    def after(self, step: int, row: int) -> int:
        """The step that adds a weight after another."""
        if step < len(self._path) and self._path[step] == row:
            return step + 1
        found = self._after.get((step, row))
        if found is None:
            found = self._after[step, row] = len(self._row)
            self._row.append(row)
            self._before.append(step)
            self._state.append(None)
        return found

    def ratio(self, step: int) -> float | None:
        """Evidence after a step; None where its weight has no z, or is beyond the ages of the model."""
        found = self._found(step)
        return None if found is None or found[0] != found[0] else found[0]

    def said(self, step: int) -> float | None:
        """What words say after a step; None where nothing was read."""
        found = self._found(step)
        return None if found is None or found[1] != found[1] else found[1]

    def _found(self, step: int) -> tuple[float, float] | None:
        if step == 0:
            return None
        if (learnt := self._ratio.get(step)) is not None:
            return learnt
        if self._weights()[self._row[step]] is None:
            return None
        found = self._state[step]
        if found is None:
            found = self._work_out(step)
        return found.ratio, found.said

    def _weights(self) -> list[Weighed | None]:
        found = self._weighed
        if found is None:
            found = self._weighed = self._child.weighed(self._kg, self._age, self._likely.facts)
            self._child.prepare([w for w in map(found.__getitem__, self._likely.rows()) if w is not None])
        return found

    def _work_out(self, step: int) -> Running:
        """Go on to a step from the last state before it that is known."""
        path: list[int] = []
        at, state = step, self._state[step]
        while state is None:
            path.append(at)
            at = self._before[at]
            state = self._state[at]
        path.reverse()
        weights = self._weights()
        scored = [(s, w) for s in path for w in [weights[self._row[s]]] if w is not None]
        asked = len(scored)
        scored += [(s, w) for s in self._ahead(step) for w in [weights[self._row[s]]] if w is not None]
        self.weights += len(scored)
        here = state
        for taken, after in self._child.days(state, [w for _, w in scored]):
            self._state[scored[taken - 1][0]] = after
            here = after if taken <= asked else here
        self._state[step] = here
        return here

    def _ahead(self, step: int) -> list[int]:
        """Steps that will probably be asked for next: along the rows that look valid, twice as many each time."""
        if self._likely.order[-1:] == (self._row[step],):
            return []  # nothing comes after the last
        order = self._order
        if order is None:
            rows, written, order = self._likely.rows(), self._likely.written, dict[int, int]()
            times = [written[row] for row in rows]
            last = list(accumulate(times, max))
            first = list(accumulate(reversed(times), min))[::-1]
            # One that was written down late may not be known yet, and puts all that came after it in another light
            prompt = [a == t == b for a, t, b in zip(last, times, first, strict=True)]
            order |= {rows[k - 1]: rows[k] for k in range(1, len(rows)) if prompt[k - 1] and prompt[k]}
            self._order = order
        row, out = self._row[step], list[int]()
        later = order.get(row)
        if later is None or self._age[later] == self._age[row]:
            return out  # weights of one day count as one: what is asked for is without the later one
        while later is not None and len(out) < self._far:
            step = self.after(step, later)
            out.append(step)
            later = order.get(later)
        self._far *= 2
        return out


@dataclass(frozen=True)
class Likely:
    """Weights that will probably count: in order of date, without those that jump.

    Attributes
    ----------
    facts
        Growth facts of every weighing.
    order
        Rows that look valid, in order of date.
    days
        Day of every weighing, by row.
    jump_z, jump_within_days
        A change by more within so many days is no likely one [SD], [days].
    written
        When every weighing was written down, by row [s].
    """

    facts: GrowthFacts
    order: tuple[int, ...]
    days: Sequence[int]
    jump_z: float
    jump_within_days: int
    written: Sequence[float]

    def rows(self) -> list[int]:
        """Those rows."""
        out: list[int] = []
        for r in self.order:
            if out:
                change = self.facts.scores.difference(out[-1], r)
                jumps = change is not None and abs(change) > self.jump_z
                if jumps and self.days[r] - self.days[out[-1]] <= self.jump_within_days:
                    continue
            out.append(r)
        return out


class Gains:
    """Conditional gains between pairs of a child's weighings, against the model of healthy growth.

    The correlation is that of the packaged model; each is worked out once.
    """

    def __init__(
        self,
        reference: Reference,
        age_days: Sequence[int],
        sex: str | None,
        gestation_days: int | None,
        noise: Floats | None = None,
    ) -> None:
        self._reference, self._sex, self._gestation = reference, sex, gestation_days
        age = np.array(age_days, np.float64)
        if gestation_days is not None and gestation_days < PRETERM_DAYS and reference.correction != "none":
            age = age - (TERM_DAYS - gestation_days)
        if noise is None:
            code = {"male": 0, "female": 1}.get(sex or "", 2)
            noise = noise_sd(reference, np.full(age.size, code, np.uint8), np.maximum(age, 0.0))
        self._noise = noise
        self._age = age
        self._correlations: dict[tuple[int, int], float | None] = {}

    def then(self, age_days: Sequence[int]) -> Gains:
        """Gains over further rows too: their ages [days]; this one is left as it is."""
        more = Gains(self._reference, age_days, self._sex, self._gestation)
        other = copy.copy(self)
        other._noise, other._age = np.append(self._noise, more._noise), np.append(self._age, more._age)
        other._correlations = self._correlations.copy()
        return other

    def followed(self, rows: Sequence[int]) -> tuple[Floats, Floats]:
        """Ages by which growth is followed [days], and SD of one weighing [SD of z], of some rows."""
        return self._age[rows], self._noise[rows]

    def conditional(self, first: int, second: int, z: float, change: float) -> float | None:
        """Conditional gain from one row to another, from z there and the change; None outside the model's ages."""
        key = (first, second)
        if key not in self._correlations:
            self._correlations |= self._between(*key)
        r = self._correlations[key]
        return None if r is None else conditional(z, change, r)

    def _between(self, first: int, second: int) -> dict[tuple[int, int], float | None]:
        """Correlations of two rows; with few rows, of all pairs: in one go they cost little more than one."""
        n, until = self._age.size, detector().ages.until_days
        before, after = [first], [second]
        if n <= _FEW and not self._correlations:
            before = after = list(range(n))
        age, noise = self._age, self._noise
        found = weight_model().correlation(
            age[before][:, None], age[after][None, :], noise[before][:, None], noise[after][None, :]
        )
        old, young = (age[after] > until).tolist(), (age[before] < 0.0).tolist()
        return {
            (a, b): r if -1.0 < r < 1.0 and not (young[i] or old[k]) else None
            for i, (a, row) in enumerate(zip(before, found.tolist(), strict=True))
            for k, (b, r) in enumerate(zip(after, row, strict=True))
        }
