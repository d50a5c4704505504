"""What follows from the weights of one child: changes of z, gains, evidence and positions, each worked out once."""

from __future__ import annotations

import copy
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import numpy as np

from growthwatch.growth import GrowthFacts
from growthwatch.protocol.child.ages import Birth
from growthwatch.protocol.child.scorer import Scorer
from growthwatch.protocol.child.weight import Weight
from growthwatch.protocol.file.settings import Settings
from growthwatch.references import Reference

__all__ = ["Growth", "Position"]

_State = TypeVar("_State")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a child stands on a reference, carried from weight to weight, and the best position held.

    Attributes
    ----------
    z
        Position after the last weight that has one: its changes are changes of the child [SD].
    best
        Highest position that two weights so many days apart, and all between them, reached [SD].
    best_from, best_until
        Those two weights.
    recent
        The last weight that is old enough for the next one to count with it, and all since.
    """

    z: float = 0.0
    best: float | None = None
    best_from: Weight | None = None
    best_until: Weight | None = None
    recent: tuple[tuple[Weight, float], ...] = ()

    @property
    def last(self) -> Weight | None:
        """Last weight that has a position."""
        return self.recent[-1][0] if self.recent else None


class Growth:
    """What follows from the weights of a child, walked over weight by weight."""

    def __init__(self, settings: Settings, reference: Reference, scorer: Scorer) -> None:
        self.facts: GrowthFacts | None = None
        self._settings, self._reference = settings, reference
        self.scorer = scorer
        self._weights: list[Weight] = []
        self._valid: list[Weight] = []
        self._birth: Birth | None = None
        self._changes: dict[tuple[int, int], float | None] = {}
        self._running: dict[object, list[Any]] = {}

    def follow(self, birth: Birth, weights: list[Weight], valid: list[Weight], first: int) -> None:
        """Go on with weights of which those from a place on are new, or have changed."""
        if birth != self._birth:
            self._birth, self.facts = birth, self.scorer.facts(birth).growth
            self._changes = {}
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
        other._changes = self._changes.copy()
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
        """Greatest valid weight before a weighing, from the protocol's age on; the birth weight while there is none."""
        start = self._settings.terms.best_from_age_days

        def greater(best: Weight | None, w: Weight) -> Weight | None:
            return w if w.counts and w.age_days >= start and (best is None or w.exact > best.exact) else best

        best = self.running("best", None, greater)[weight.place]
        return self._birth_weight() if best is None and weight.age_days > 0 else best

    def pair_change(self, first: Weight, second: Weight) -> float | None:
        """Change of z over the valid weighings from `first` to `second`, or None where a link has no common table."""
        assert self.facts is not None
        i, j = self._place(first), self._place(second)
        assert i is not None and j is not None
        total = 0.0
        for a, b in zip(self._valid[i:j], self._valid[i + 1 : j + 1], strict=True):
            key = (a.row, b.row)
            if key not in self._changes:
                self._changes[key] = self.facts.scores.difference(a.row, b.row)
            step = self._changes[key]
            if step is None:
                return None
            total += step
        return total

    def latest_change(self, weight: Weight, least_days: int) -> tuple[float, Weight, Weight] | None:
        """Change of z up to a weight from the last valid one at least so many days before it, if there is one."""
        if self.facts is None:
            return None
        before: Weight | None = None
        for at in range(bisect_right(self._valid, weight.day, key=_weighed_on) - 1, -1, -1):
            w = self._valid[at]
            if w is weight or (w.day, w.recorded_at) > (weight.day, weight.recorded_at):
                continue
            before = before or w
            if weight.day - w.day >= least_days:
                total = self.pair_change(w, before)
                step = self.facts.scores.difference(before.row, weight.row)
                return None if total is None or step is None else (total + step, w, weight)
        return None

    def evidence_after(self, weight: Weight) -> float | None:
        """Running evidence of slowing after a weight, from the weights that count; None where there is none."""
        birth = self._birth
        if birth is None or birth.sex is None or weight.z is None:
            return None
        trail = self.scorer.trail(birth)

        def one_more(step: int, w: Weight) -> int:
            return trail.after(step, w.row) if w.counts else step

        return trail.ratio(self.running(("trail", birth), 0, one_more)[weight.place + 1])

    def pair_before(self, weight: Weight, least_days: int) -> Weight | None:
        """Latest valid weight at least so many days before another."""
        at = bisect_right(self._valid, weight.day - least_days, key=_weighed_on) - 1
        return self._valid[at] if at >= 0 and self._valid[at] is not weight else None

    def conditional_gain(self, first: Weight, second: Weight) -> float | None:
        """Conditional gain z from a valid weight to a later one; None where it cannot be told."""
        if self._birth is None or self.facts is None or first.z is None:
            return None
        if second.counts:
            change = self.pair_change(first, second)
        else:
            last = self._valid[bisect_left(self._valid, second.place, key=_place) - 1]
            change, step = self.pair_change(first, last), self.facts.scores.difference(last.row, second.row)
            change = None if change is None or step is None else change + step
        if change is None:
            return None
        return self.scorer.gains(self._birth).conditional(first.row, second.row, first.z, change)

    def position_on(self, ref: Reference, weight: Weight, least_days: int) -> tuple[Position, float] | None:
        """Where the child stood on a reference after the valid weights up to a weight, and the weight's own place."""
        assert self._birth is not None
        facts = self.scorer.facts_on(ref, self._birth)

        def step(at: Position, w: Weight) -> Position:
            z = float(facts.z[w.row])
            if not w.counts or z != z:
                return at
            last = at.last
            change = None if last is None else facts.scores.difference(last.row, w.row)
            if change is None:
                return Position(z, recent=((w, z),))  # no common ground: no number reaches across
            here = at.z + change
            recent = [*at.recent, (w, here)]
            while len(recent) > 1 and recent[1][0].day <= w.day - least_days:
                recent.pop(0)
            first = recent[0][0]
            held = min(p for _, p in recent) if first.day <= w.day - least_days else None
            if held is not None and (at.best is None or held > at.best):
                return Position(here, held, first, w, tuple(recent))
            return Position(here, at.best, at.best_from, at.best_until, tuple(recent))

        states = self.running(("position", ref.hash, least_days, self._birth), Position(), step)
        at = states[weight.place + 1]
        if at.last is weight:
            return at, at.z
        z = facts.scores.difference(at.last.row, weight.row) if at.last is not None else None
        return None if z is None else (at, at.z + z)

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

    def _birth_weight(self) -> Weight | None:
        return self._valid[0] if self._valid and self._valid[0].age_days == 0 else None

    def _place(self, weight: Weight) -> int | None:
        at = bisect_left(self._valid, weight.place, key=_place)
        return at if at < len(self._valid) and self._valid[at] is weight else None


def _place(w: Weight) -> int:
    return w.place


def _weighed_on(w: Weight) -> int:
    return w.day
