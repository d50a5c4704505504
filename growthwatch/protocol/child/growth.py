"""What follows from the weights of one child: changes of z, gains, evidence and positions, each worked out once."""

from __future__ import annotations

import copy
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any, Self, TypeVar

import numpy as np

from growthwatch.growth import GrowthFacts
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.steps import Best, Held, Level, carried_to, change, lowest
from growthwatch.growth.sustained import since_best_of_one
from growthwatch.protocol.child.ages import Birth
from growthwatch.protocol.child.scorer import Scorer
from growthwatch.protocol.child.weight import Weight
from growthwatch.protocol.file.settings import Settings
from growthwatch.references import Reference

__all__ = ["Growth"]

_State = TypeVar("_State")


class Growth:
    """What follows from the weights of a child, walked over weight by weight."""

    def __init__(self, settings: Settings, reference: Reference, scorer: Scorer) -> None:
        self.facts: GrowthFacts | None = None
        self._settings, self._reference = settings, reference
        self.scorer = scorer
        self._weights: list[Weight] = []
        self._valid: list[Weight] = []
        self._birth: Birth | None = None
        self._running: dict[object, list[Any]] = {}

    def follow(self, birth: Birth, weights: list[Weight], valid: list[Weight], first: int) -> None:
        """Go on with weights of which those from a place on are new, or have changed."""
        if birth != self._birth:
            self._birth, self.facts = birth, self.scorer.facts(birth).growth
        self._weights, self._valid = weights, valid
        for states in self._running.values():
            del states[first + 1 :]

    def go_on(self, scorer: Scorer) -> None:
        """Take growth facts of further weighings."""
        self.scorer = scorer
        if self._birth is not None:
            self.facts = scorer.facts(self._birth).growth

    def fork(self, weights: list[Weight], valid: list[Weight]) -> Self:
        """Growth that can go on from here without touching this one."""
        other = copy.copy(self)
        other._weights, other._valid = weights, valid
        other._running = {key: states.copy() for key, states in self._running.items()}
        return other

    def running(self, key: object, start: _State, step: Callable[[_State, Weight], _State]) -> list[_State]:
        """Go over the weights in order, and keep where it stood before each and after the last.

        Only weights that are new, or changed since the last time, are gone over again: so a
        daily weight costs one step, however long the record.  `key` names the walk.
        """
        states: list[_State] = self._running.setdefault(key, [start])
        for w in self._weights[len(states) - 1 :]:
            states.append(step(states[-1], w))
        return states

    def best_before(self, weight: Weight) -> Weight | None:
        """Best weight of the days before a weighing, from the protocol's age on; else the birth weight."""
        start = self._settings.terms.best_from_age_days

        def step(best: Best[Weight], w: Weight) -> Best[Weight]:
            return best.after(w, start) if w.counts else best

        none: Best[Weight] = Best()
        return self.running("best", none, step)[weight.place].before(weight)

    def previous(self, weight: Weight) -> Weight | None:
        """Latest valid weight of a day before a weighing: of that day the lowest."""
        return self._lowest_of_day(bisect_left(self._valid, weight.day, key=_weighed_on))

    @property
    def latest(self) -> Weight | None:
        """The latest valid weight: of its day the lowest."""
        return self._lowest_of_day(len(self._valid))

    def _lowest_of_day(self, end: int) -> Weight | None:
        """Lowest valid weight of the day of the last before a place among them."""
        if not end:
            return None
        last = self._valid[end - 1]
        if end == 1 or self._valid[end - 2].day != last.day:
            return last
        return lowest(self._valid[bisect_left(self._valid, last.day, key=_weighed_on) : end])

    def _levels(self, facts: GrowthFacts, on: object) -> list[Level[Weight] | None]:
        """Where the child stood before each weight, and after the last, by the weights that count and have a z."""

        def step(at: Level[Weight] | None, w: Weight) -> Level[Weight] | None:
            return self._stand(facts, at, w) or at if w.counts else at

        return self.running(("level", on), None, step)

    def _stand(self, facts: GrowthFacts, at: Level[Weight] | None, w: Weight) -> Level[Weight] | None:
        """Where a weight stands, after the last that counts; None where it has no z."""
        z = float(facts.z[w.row])
        if z != z:
            return None
        return carried_to(at, w, z, None if at is None else facts.scores.difference(at.weight.row, w.row))

    def _level(self, w: Weight) -> Level[Weight] | None:
        """Where a weight stands on the protocol's reference."""
        assert self.facts is not None
        levels = self._levels(self.facts, None)
        at = levels[w.place + 1]
        return at if at is not None and at.weight is w else self._stand(self.facts, levels[w.place], w)

    def _level_before(self, w: Weight, least_days: int) -> Level[Weight] | None:
        """Where the latest valid weight stands that has a z and is at least so many days before another."""
        assert self.facts is not None
        at = bisect_right(self._valid, w.day - least_days, key=_weighed_on) - 1
        return self._levels(self.facts, None)[self._valid[at].place + 1] if at >= 0 else None

    def pair_change(self, first: Weight, second: Weight) -> float | None:
        """Change of z from one weight to another, or None where a link between has no common table."""
        return None if self.facts is None else change(self._level(first), self._level(second))

    def latest_change(self, weight: Weight, least_days: int) -> tuple[float, Weight] | None:
        """Change of z up to a weight from the last valid one at least so many days before it, and that one."""
        if self.facts is None:
            return None
        first = self._level_before(weight, least_days)
        moved = change(first, self._level(weight))
        return None if first is None or moved is None else (moved, first.weight)

    def evidence_after(self, weight: Weight) -> float | None:
        """Running evidence of slowing after a weight, from the weights that count; None where there is none."""
        birth = self._birth
        if birth is None or birth.sex is None or weight.z is None:
            return None
        trail = self.scorer.trail(birth)

        def one_more(step: int, w: Weight) -> int:
            return trail.after(step, w.row) if w.counts else step

        return trail.ratio(self.running(("trail", birth), 0, one_more)[weight.place + 1])

    def fit_after(self, weight: Weight) -> float | None:
        """What words say of the evidence after a weight; None where nothing was read."""
        if self.evidence_after(weight) is None or self._birth is None:
            return None
        trail = self.scorer.trail(self._birth)
        return trail.said(self._running["trail", self._birth][weight.place + 1])

    def since_best(self, level_free: bool) -> tuple[float, int] | None:
        """Conditional z of the latest valid weight since the best sustained position, and the age then [days].

        See `growthwatch.growth.sustained`; None where there is none.  `level_free`: only changes count.
        """
        if self._birth is None or self.facts is None or self.latest is None:
            return None
        levels = self._levels(self.facts, None)
        own = [at for w in self._valid if (at := levels[w.place + 1]) is not None and at.weight is w]
        by_day: dict[int, list[Level[Weight]]] = {}
        for at in own:
            if at.ground == own[-1].ground:
                by_day.setdefault(at.weight.day, []).append(at)
        days = [same[0].weight for same in by_day.values()]  # weights of one day are their median
        rows = [w.row for w in days]
        age, noise = self.scorer.gains(self._birth).followed(rows)
        z = np.array([np.median([at.z for at in same]) if len(same) > 1 else same[0].z for same in by_day.values()])
        first = np.flatnonzero(age >= detector().ages.from_days)
        if not first.size:
            return None
        # On the place at which the first weight that counts was published
        z += float(self.facts.z[rows[first[0]]]) - z[first[0]]
        found, place = since_best_of_one(age, z, noise, level_free=level_free, error=reference_error(self._reference))
        return None if place < 0 else (found, days[place].age_days)

    def conditional_gain(self, weight: Weight, least_days: int) -> tuple[float, Weight] | None:
        """Conditional gain z up to a weight from the latest valid one at least so many days before, and that one.

        None where it cannot be told.
        """
        if self._birth is None or self.facts is None or weight.z is None:
            return None
        first = self._level_before(weight, least_days)
        moved = None if first is None else change(first, self._level(weight))
        if first is None or moved is None or first.weight.z is None:
            return None
        gains = self.scorer.gains(self._birth)
        gain = gains.conditional(first.weight.row, weight.row, first.weight.z, moved)
        return None if gain is None else (gain, first.weight)

    def position_on(self, ref: Reference, weight: Weight, least_days: int) -> tuple[Held[Weight], float] | None:
        """Best position held on a reference up to a weight, and the weight's own place."""
        assert self._birth is not None
        facts = self.scorer.facts_on(ref, self._birth)
        levels = self._levels(facts, ref.hash)

        def step(held: Held[Weight], w: Weight) -> Held[Weight]:
            level = levels[w.place + 1]
            return held if level is None or level.weight is not w else held.after(level, least_days)

        none: Held[Weight] = Held()
        held = self.running(("held", ref.hash, least_days, self._birth), none, step)[weight.place + 1]
        at = levels[weight.place + 1]
        if at is None:
            return None
        if at.weight is weight:
            return held, at.z
        here = self._stand(facts, at, weight)
        return None if here is None or change(at, here) is None else (held, here.z)

    def table_jump(self, weight: Weight) -> tuple[float, str] | None:
        """Jump of z that a change of table or of age basis since the valid weight before made at the same weight.

        Returns the jump [SD] and what changed; None where nothing did, or the two cannot be compared.
        """
        place = self._place(weight)
        facts, birth = self.facts, self._birth
        if place is None or place < 1 or facts is None or birth is None or birth.sex is None:
            return None
        before, scores = self._valid[place - 1], facts.scores
        new, old = int(scores.official[weight.row]), int(scores.official[before.row])
        jump, reasons = 0.0, list[str]()
        if scores.basis[weight.row] != scores.basis[before.row]:
            step = float(scores.z[new, 0, weight.row] - scores.z[new, 1, weight.row])
            if step == step:
                jump, reasons = step, ["correction for gestation ended"]
        if new != old:
            curves = self._reference.curves("weight")
            at = curves.official[new].from_
            if at is not None:
                kg, x, sex = (
                    np.array([weight.kg]),
                    np.array([at]),
                    np.array([0 if birth.sex == "male" else 1], np.uint8),
                )
                step = float(
                    curves.z_in(scores.tables[new], kg, sex, x)[0] - curves.z_in(scores.tables[old], kg, sex, x)[0]
                )
                if step == step:
                    jump += step
                    reasons += [b.reason for b in curves.info.breaks if b.at == at] or ["the table changes"]
        return (jump, "; ".join(reasons)) if reasons else None

    def _place(self, weight: Weight) -> int | None:
        at = bisect_left(self._valid, weight.place, key=_place)
        return at if at < len(self._valid) and self._valid[at] is weight else None


def _place(w: Weight) -> int:
    return w.place


def _weighed_on(w: Weight) -> int:
    return w.day
