"""What follows from the weights of one child: changes of z, gains, evidence and positions, each worked out once."""

from __future__ import annotations

import copy
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import Any, Self, TypeGuard, TypeVar

import numpy as np

from growthwatch.core.centiles import UK_NINE
from growthwatch.growth import GrowthFacts
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.steps import Best, Held, Level, carried_to, change, highest_recent, percent_below
from growthwatch.growth.sustained import since_best_of_one
from growthwatch.protocol.child.ages import Birth
from growthwatch.protocol.child.reading import On, Reading, readings
from growthwatch.protocol.child.scorer import Scorer
from growthwatch.protocol.child.trail import Trail
from growthwatch.protocol.child.weight import NO_WEIGHT, SUSPECTED, UNCERTAIN, UNDATED, Weight
from growthwatch.protocol.file.settings import Settings
from growthwatch.references import Reference

__all__ = ["Growth"]

_SPACE = float(UK_NINE.space)
_TINY = 1e-9
_ODD = (SUSPECTED, NO_WEIGHT, UNDATED)

_State = TypeVar("_State")
_Stood = Level[Reading] | None


class Growth:
    """What follows from the weights of a child, walked over weight by weight in kilograms, and day by day in z.

    Attributes
    ----------
    days
        The valid weights, read as one a day, in order of date.
    facts
        Growth facts of every weighing; None before there is a birth.
    """

    def __init__(self, settings: Settings, reference: Reference, scorer: Scorer) -> None:
        self.facts: GrowthFacts | None = None
        self._settings, self._reference = settings, reference
        self.scorer = scorer
        self.days: list[Reading] = []
        self._weights: list[Weight] = []
        self._valid: list[Weight] = []
        self._birth: Birth | None = None
        self._running: dict[object, list[Any]] = {}
        self._daily: dict[object, list[Any]] = {}

    def follow(self, birth: Birth, weights: list[Weight], valid: list[Weight], first: int) -> None:
        """Go on with weights of which those from a place on are new, or have changed."""
        if birth != self._birth:
            self._birth, self.facts = birth, self.scorer.facts(birth).growth
        self._weights, self._valid = weights, valid
        for states in self._running.values():
            del states[first + 1 :]
        if first < len(weights):
            day = weights[first].day
            del self.days[bisect_left(self.days, day, key=_read_on) :]
            for stood in self._daily.values():
                del stood[len(self.days) + 1 :]
            self.days += readings(valid[bisect_left(valid, day, key=_weighed_on) :])

    def go_on(self, scorer: Scorer) -> None:
        """Take growth facts of further weighings."""
        self.scorer = scorer
        if self._birth is not None:
            self.facts = scorer.facts(self._birth).growth

    def fork(self, weights: list[Weight], valid: list[Weight]) -> Self:
        """Growth that can go on from here without touching this one."""
        other = copy.copy(self)
        other._weights, other._valid, other.days = weights, valid, self.days.copy()
        other._running = {key: states.copy() for key, states in self._running.items()}
        other._daily = {key: states.copy() for key, states in self._daily.items()}
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

    @property
    def odd(self) -> tuple[Weight, ...]:
        """Weights that may be entry errors, are none, or have no certain day, in order of date."""

        def step(odd: tuple[Weight, ...], w: Weight) -> tuple[Weight, ...]:
            return (*odd, w) if w.validity in _ODD else odd

        return self.running("odd", (), step)[-1]

    def far(self, z: float) -> bool:
        """Whether any weight is further from the middle than a z [SD]."""
        return self.running(("far", z), False, lambda far, w: far or (w.z is not None and abs(w.z) > z))[-1]

    def _day_by_day(self, key: object, start: _State, step: Callable[[_State, int], _State]) -> list[_State]:
        """The same of the days on which there is a valid weight, each by its place among them."""
        states: list[_State] = self._daily.setdefault(key, [start])
        for place in range(len(states) - 1, len(self.days)):
            states.append(step(states[-1], place))
        return states

    # --- which weights are read together --------------------------------------------------

    def reading(self, weight: Weight) -> Reading:
        """The valid weights of the day of a valid weight; one that does not count is read alone."""
        return self.days[self._day_place(weight.day)] if weight.counts else Reading.of((weight,))

    def _day_place(self, day: int) -> int:
        """How many days with a valid weight there are before one."""
        return bisect_left(self.days, day, key=_read_on)

    def days_before(self, weight: Weight) -> list[Reading]:
        """The days with a valid weight before that of a weight, in order."""
        return self.days[: self._day_place(weight.day)]

    def previous(self, weight: Weight) -> Weight | None:
        """Latest valid weight of a day before a weighing: of that day the lowest."""
        place = self._day_place(weight.day)
        return self.days[place - 1].lowest if place else None

    @property
    def latest(self) -> Weight | None:
        """The latest valid weight: of its day the lowest."""
        return self.days[-1].lowest if self.days else None

    # --- kilograms ------------------------------------------------------------------------

    def best_before(self, weight: Weight) -> Weight | None:
        """Best weight of the days before a weighing, from the protocol's age on; else the birth weight."""
        start = self._settings.terms.best_from_age_days

        def step(best: Best[Weight], w: Weight) -> Best[Weight]:
            return best.after(w, start) if w.counts else best

        none: Best[Weight] = Best()
        return self.running("best", none, step)[weight.place].before(weight)

    def stands_alone(self, best: Weight) -> tuple[str, ...]:
        """The weights that tell that a best may be wrong: those before and after it stand together, well below it.

        None where it does not stand alone.  Source: specification of the protocol, section 0, Weights.
        """
        rules, place = self._settings.weights.best_alone, self._day_place(best.day)
        if not 0 < place < len(self.days) - 1:
            return ()
        before, at, after = self.days[place - 1 : place + 2]
        below = Decimal(repr(rules.below_percent))
        if any(percent_below(best.exact, n.exact) < below for n in (before, after)):
            return ()
        lower, higher = sorted((before.exact, after.exact))
        if -percent_below(lower, higher) > Decimal(repr(rules.neighbours_within_percent)):
            return ()
        beside = (*before.ids, *after.ids)
        if at.day - before.day <= rules.within_days and after.day - at.day <= rules.within_days:
            return beside
        levels = self._levels(self._on(), None)[place : place + 3]
        falls = [change(levels[1], levels[0]), change(levels[1], levels[2])]
        return beside if all(n is not None and n <= -rules.further_below_z + _TINY for n in falls) else ()

    def uncertain_falls(self) -> tuple[tuple[Weight, Weight], ...]:
        """Each two uncertain weights running of which the second is well below the first, in order of date.

        No valid weight lies between them, they are of two days, and both from an age on.  Of several of one day the
        last before, and the first after, are compared.

        Source: specification of the protocol, section 0, Weights.
        """
        rules, facts = self._settings.weights.uncertain, self.facts
        start: tuple[Weight | None, tuple[tuple[Weight, Weight], ...]] = None, ()

        def step(
            so_far: tuple[Weight | None, tuple[tuple[Weight, Weight], ...]], w: Weight
        ) -> tuple[Weight | None, tuple[tuple[Weight, Weight], ...]]:
            before, found = so_far
            if w.counts:
                return None, found
            if w.validity != UNCERTAIN or w.age_days < rules.from_age_days:
                return so_far
            if before is not None and before.day < w.day and facts is not None:
                moved = facts.scores.difference(before.row, w.row)
                if moved is not None and moved < -rules.falling_more_than_spaces * _SPACE - _TINY:
                    found = (*found, (before, w))
            return w, found

        return self.running(("uncertain", self._birth), start, step)[-1][1]

    # --- z --------------------------------------------------------------------------------

    def _on(self, ref: Reference | None = None) -> On:
        """The weights on the protocol's reference, or on another."""
        assert self._birth is not None and self.facts is not None
        if ref is None:
            return On(self._reference, self.facts, self.scorer, self._birth)
        return On(ref, self.scorer.facts_on(ref, self._birth), self.scorer, self._birth)

    def z(self, weight: Weight) -> float | None:
        """Published z of a weight as it is read: of a valid one that of the median of its day [SD]."""
        r = self.reading(weight)
        return weight.z if len(r.weights) == 1 else self._on().z(r)

    def _levels(self, on: On, key: object) -> list[_Stood]:
        """Where the child stood before each day with a valid weight, and after the last, by those that have a z."""

        def step(at: _Stood, place: int) -> _Stood:
            return self._stand(on, at, self.days[place]) or at

        return self._day_by_day(("level", key), None, step)

    def _stand(self, on: On, at: _Stood, r: Reading) -> _Stood:
        """Where the child stands by a reading, after the last of those before; None where it has no z."""
        z = on.z(r)
        if z is None:
            return None
        return carried_to(at, r, z, None if at is None else on.step(at.weight, r))

    def _level(self, w: Weight, alone: bool = False) -> _Stood:
        """Where a weight stands on the protocol's reference, as it is read; `alone`: itself, not the median of its day.

        None where it has no z.
        """
        on, place = self._on(), self._day_place(w.day)
        levels = self._levels(on, None)
        if alone or not w.counts:
            return self._stand(on, levels[place], Reading.of((w,)))
        at = levels[place + 1]
        return at if at is not None and at.weight is self.days[place] else None

    def _level_before(self, w: Weight, least_days: int) -> _Stood:
        """Where the child stood by the last day with a z at least so many days before a weight."""
        return self._levels(self._on(), None)[bisect_right(self.days, w.day - least_days, key=_read_on)]

    def change_since_day(self, first: Weight, second: Weight) -> float | None:
        """Change of z from the day of a valid weight to another weight alone, or None where nothing reaches across."""
        return None if self.facts is None else change(self._level(first), self._level(second, alone=True))

    def fallen(self, weight: Weight, opened_on: int | None = None) -> tuple[float, Reading] | None:
        """How far z stands below the highest of late, or below where it stood when a finding opened, and since when.

        Source: specification of the protocol, section 0, Falling.  The one reading of it: how far is too far is
        for the rule that asks.

        Parameters
        ----------
        weight
            As it is read: of a valid one the median of its day.
        opened_on
            Day on which the finding opened, if there is one [ordinal].

        Returns
        -------
        The lower of the two changes, negative for a fall [SD], and the reading from which it is counted; None where
        there is nothing on common ground to compare with.
        """
        at = None if self.facts is None else self._level(weight)
        if at is None:
            return None
        terms, levels = self._settings.terms, self._levels(self._on(), None)
        # Where the child stood before each day of late, and so on the last one before them too.
        late: list[Level[Reading]] = []
        for n in levels[self._day_place(weight.day - terms.falling_within_days) : self._day_place(weight.day) + 1]:
            if n is not None and not (late and late[-1] is n):  # a day without a z leaves it where it was
                late.append(n)
        since = [highest_recent(late, at, terms.falling_within_days, terms.falling_least_days)]
        if opened_on is not None:
            since.append(self._stood_on(opened_on))
        found = [(moved, n.weight) for n in since if n is not None and (moved := change(n, at)) is not None]
        return min(found, key=_moved, default=None)

    def held_since(self, weight: Weight, opened_on: int, least: float) -> tuple[int, float] | None:
        """How long the child has held its place since a finding opened, and how far z has come since then.

        Parameters
        ----------
        weight
            The latest valid weight.
        opened_on
            Day on which the finding opened [ordinal].
        least
            Change of z since the last valid weight of that day, below which a weight does not hold [SD].

        Returns
        -------
        Days from the first to the last of the latest valid weights, from that one on, of which none lies lower; and
        the change up to the last [SD].  None where the last does not hold, or cannot be compared.
        """
        start = None if self.facts is None else self._stood_on(opened_on)
        if start is None:
            return None
        levels, place = self._levels(self._on(), None), self._day_place(weight.day)
        moved = change(start, levels[place + 1])
        if moved is None or moved < least:
            return None
        first = weight.day
        for at in range(place - 1, -1, -1):
            before = change(start, levels[at + 1])
            if self.days[at].day < start.weight.day or before is None or before < least:
                break
            first = self.days[at].day
        return weight.day - first, moved

    def risen(self, weight: Weight, since: int) -> tuple[float, Reading] | None:
        """How far z has come from its lowest since a day up to a valid weight [SD], and from which reading.

        None where nothing before it can be compared.
        """
        at = None if self.facts is None else self._level(weight)
        if at is None:
            return None
        levels, place = self._levels(self._on(), None), self._day_place(weight.day)
        found: list[tuple[float, Reading]] = []
        for k in range(bisect_left(self.days, since, key=_read_on), place):
            before = levels[k + 1]
            if before is not None and before.weight is self.days[k] and (moved := change(before, at)) is not None:
                found.append((moved, before.weight))
        return max(found, key=_moved, default=None)

    def _stood_on(self, day: int) -> _Stood:
        """Where the child stood by the last valid weight of a day, as it was known then."""
        place = bisect_right(self.days, day, key=_read_on)
        while place and all(w.known_day > day for w in self.days[place - 1].weights):
            place -= 1
        return self._levels(self._on(), None)[place] if place else None

    def conditional_gain(self, weight: Weight, least_days: int, alone: bool = False) -> tuple[float, Reading] | None:
        """Conditional gain z up to a weight from the last day with a z at least so many days before, and that day.

        None where it cannot be told.  `alone`: of the weight itself, not of the median of its day.
        """
        if self._birth is None or self.facts is None:
            return None
        first = self._level_before(weight, least_days)
        moved = change(first, self._level(weight, alone))
        start = None if first is None else self._on().z(first.weight)
        if first is None or moved is None or start is None:
            return None
        # Of one day any row will do: the correlation goes by age.
        rows = first.weight.weights[0].row, weight.row
        gain = self.scorer.gains(self._birth).conditional(*rows, start, moved)
        return None if gain is None else (gain, first.weight)

    def position_on(
        self, ref: Reference, weight: Weight, least_days: int, alone: bool = False
    ) -> tuple[Held[Reading], float] | None:
        """Best position held on a reference up to a weight, and the weight's own place.

        `alone`: that of the weight itself, not of the median of its day.
        """
        on = self._on(ref)
        levels = self._levels(on, ref.hash)

        def step(held: Held[Reading], place: int) -> Held[Reading]:
            level = levels[place + 1]
            return held if not _by(level, self.days[place]) else held.after(level, least_days)

        none: Held[Reading] = Held()
        place = self._day_place(weight.day)
        states = self._day_by_day(("held", ref.hash, least_days, self._birth), none, step)
        before = levels[place]
        if weight.counts:
            at = levels[place + 1]
            if not _by(at, self.days[place]):
                return None
            here = self._stand(on, before, Reading.of((weight,))) if alone else at
            return None if here is None else (states[place + 1], here.z)
        here = self._stand(on, before, Reading.of((weight,)))
        return None if here is None or change(before, here) is None else (states[place], here.z)

    # --- evidence -------------------------------------------------------------------------

    def evidence_after(self, weight: Weight) -> float | None:
        """Running evidence of slowing after the day of a weight, from the weights that count; None for none."""
        found = self._trail()
        if found is None or weight.z is None:
            return None
        trail, steps = found
        return trail.ratio(steps[bisect_right(self._weights, weight.day, key=_weighed_on)])

    def evidence_with(self, weight: Weight) -> float | None:
        """The same, had the weight been the only one of its day."""
        found = self._trail()
        if found is None or weight.z is None:
            return None
        trail, steps = found
        return trail.ratio(trail.after(steps[bisect_left(self._weights, weight.day, key=_weighed_on)], weight.row))

    def _trail(self) -> tuple[Trail, list[int]] | None:
        """The trail of evidence, and the step at which it stood before each weight and after the last."""
        birth = self._birth
        if birth is None or birth.sex is None:
            return None
        trail = self.scorer.trail(birth)

        def one_more(step: int, w: Weight) -> int:
            return trail.after(step, w.row) if w.counts else step

        return trail, self.running(("trail", birth), 0, one_more)

    def fit_after(self, weight: Weight) -> float | None:
        """What words say of the evidence after the day of a weight; None where nothing was read."""
        found = self._trail()
        if found is None or weight.z is None:
            return None
        trail, steps = found
        return trail.said(steps[bisect_right(self._weights, weight.day, key=_weighed_on)])

    def since_best(self, level_free: bool) -> tuple[float, int] | None:
        """Conditional z of the latest day's weight since the best sustained position, and the age then [days].

        See `growthwatch.growth.sustained`; None where there is none.  `level_free`: only changes count.
        """
        if self._birth is None or self.facts is None:
            return None
        on = self._on()
        levels = self._levels(on, None)
        own = [(day, at) for place, day in enumerate(self.days) if _by(at := levels[place + 1], day)]
        own = [(day, at) for day, at in own if at.ground == own[-1][1].ground]
        age, noise = self.scorer.gains(self._birth).followed([day.weights[0].row for day, _ in own])
        first = np.flatnonzero(age >= detector().ages.from_days)
        if not first.size:
            return None
        z = np.array([at.z for _, at in own])
        # On the place at which the first that counts was published
        begins = int(first[0])
        z += (on.z(own[begins][0]) or 0.0) - z[begins]
        found, place = since_best_of_one(age, z, noise, level_free=level_free, error=reference_error(self._reference))
        return None if place < 0 else (found, own[place][0].age_days)

    def table_jump(self, weight: Weight) -> tuple[float, str] | None:
        """Jump of z that a change of table or of age basis since the day before made at the same weight.

        Returns the jump [SD] and what changed; None where nothing did, where the two cannot be compared, or for a
        weight that does not count.
        """
        facts, birth, place = self.facts, self._birth, self._day_place(weight.day)
        if not weight.counts or not place or facts is None or birth is None or birth.sex is None:
            return None
        on, now, scores = self._on(), self.days[place], facts.scores
        before, row = self.days[place - 1].weights[0].row, now.weights[0].row  # of one day the tables are the same
        new, old = int(scores.official[row]), int(scores.official[before])
        jump, reasons = 0.0, list[str]()
        if scores.basis[row] != scores.basis[before]:
            at_now, here = on.at(now)
            step = float(at_now.scores.z[new, 0, here] - at_now.scores.z[new, 1, here])
            if step == step:
                jump, reasons = step, ["correction for gestation ended"]
        if new != old:
            curves = self._reference.curves("weight")
            at = curves.official[new].from_
            if at is not None:
                kg, x, sex = (
                    np.array([now.kg]),
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


def _by(level: _Stood, r: Reading) -> TypeGuard[Level[Reading]]:
    """Whether the child stands so by a reading, and not by one before it."""
    return level is not None and level.weight is r


def _moved(found: tuple[float, Reading]) -> float:
    return found[0]


_read_on = _weighed_on = attrgetter("day")
