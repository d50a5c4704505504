"""Lengths, heights and other measures; heights of the parents; and reviews of nutrition."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, Self

from growthwatch.protocol.child.ages import months_after
from growthwatch.protocol.child.ledger import Dated, Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Answered, Examined, Measured, ParentsMeasured, RequestMade

__all__ = ["Measures", "Parent", "Taken"]


class Taken(NamedTuple):
    """A measure of the child as it was taken: the day [ordinal], what it was [cm], in which position, and the event."""

    day: int
    cm: float
    position: str | None
    id: str


class Parent(NamedTuple):
    """The height of a parent [cm], whether it was told and not measured, and the event."""

    cm: float
    reported: bool
    id: str


class Measures(Ledger):
    """Measures of the child and its parents, and reviews of nutrition: by who examined feeding, or was asked to."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "measured": frozenset({"conditions", "measures"}),
        "parents_measured": frozenset({"measures"}),
        "examined": frozenset({"conditions"}),
        "request_made": frozenset({"conditions"}),
        "answered": frozenset({"conditions"}),
    }

    def __init__(self, settings: Settings) -> None:
        self._rules = settings.plans
        self.lengths, self._looked = Dated(), Dated()
        self._others = {"arm": Dated(), "triceps_skinfold": Dated()}
        self._taken: dict[str, Taken] = {}
        self._parents: list[tuple[int, ParentsMeasured]] = []
        self._asked: set[str] = set()
        self._answers: list[tuple[int, str, str]] = []

    def take(self, day: int, e: Any) -> None:
        """Take a measurement, an examination, a request for a dietetic review, or an answer."""
        on = e.on.toordinal()
        if isinstance(e, Measured):
            kept = self.lengths if e.measure == "height" else self._others.get(e.measure)
            if kept is not None:
                kept.add(on, e.id)
                self._taken[e.id] = Taken(on, e.value_cm, e.position, e.id)
        elif isinstance(e, ParentsMeasured):
            self._parents.append((on, e))
        elif isinstance(e, Examined):
            if e.feeding is not None and e.role in self._rules.nutrition_roles:
                self._looked.add(on, e.id)
        elif isinstance(e, RequestMade):
            if e.kind == "dietetic_review":
                self._asked.add(e.id)
        elif isinstance(e, Answered) and e.final:
            self._answers.append((on, e.id, e.request))

    def length_near(self, day: int, within_days: int) -> Taken | None:
        """The length or height nearest to a day, of equally near ones the later, of one day the greatest."""
        near = [
            (abs(on - day), -on, -self._taken[id].cm, id) for on, _, id in self.lengths if abs(on - day) <= within_days
        ]
        if not near:
            return None
        return self._taken[min(near)[-1]]

    def fork(self) -> Self:
        """A ledger that can go on from here without touching this one."""
        other = super().fork()
        other._others = {name: kept.copy() for name, kept in self._others.items()}
        return other

    def latest(self, measure: str, day: int, greatest: bool = False) -> Taken | None:
        """The latest height (or length), arm or triceps skinfold up to a day; of one day the least, or the greatest.

        Parameters
        ----------
        measure
            ``height``, ``arm`` or ``triceps_skinfold``.
        day
            Up to which day it was taken [ordinal].
        greatest
            Of several of one day the greatest, not the least.
        """
        kept = self.lengths if measure == "height" else self._others[measure]
        last = kept.last_by(day)
        if last is None:
            return None
        of_day = [self._taken[id] for id in kept.between(last - 1, last)]
        by = max if greatest else min
        return by(of_day, key=_how_much)

    def parents(self) -> tuple[Parent | None, Parent | None]:
        """Heights of the mother and of the father: measured ones before those that were told, of these the latest."""
        mothers = [
            (not e.reported, on, Parent(e.mother_cm, e.reported, e.id)) for on, e in self._parents if e.mother_cm
        ]
        fathers = [
            (not e.reported, on, Parent(e.father_cm, e.reported, e.id)) for on, e in self._parents if e.father_cm
        ]
        mother, father = (max(found, key=_measured_on, default=None) for found in (mothers, fathers))
        return None if mother is None else mother[2], None if father is None else father[2]

    def _latest_length(self, day: int) -> tuple[int, str] | None:
        return max(((on, id) for on, _, id in self.lengths if on <= day), default=None)

    def _latest_review(self, day: int) -> tuple[int, tuple[str, ...]] | None:
        """The latest review of nutrition: its day, and the events that show it."""
        found = [(on, (id,)) for on, _, id in self._looked if on <= day]
        found += [(on, (asked, id)) for on, id, asked in self._answers if asked in self._asked and on <= day]
        return max(found, default=None)

    def stand(self, day: int) -> tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...]]:
        """What is missing for a plan's reference to judge, in words; the events that stand; until when they do.

        The last are the days after the last on which each counts.
        """
        rules = self._rules
        length, review = self._latest_length(day), self._latest_review(day)
        missing: list[str] = []
        events: tuple[str, ...] = ()
        ends: tuple[int, ...] = ()
        if length is None or day - length[0] > rules.length_within_days:
            missing.append(f"a length or height of the last {rules.length_within_days} days")
        else:
            events, ends = (length[1],), (length[0] + rules.length_within_days + 1,)
        if review is None or day > months_after(review[0], rules.nutrition_within_months):
            missing.append(f"a review of nutrition of the last {rules.nutrition_within_months} months")
        else:
            events, ends = (*events, *review[1]), (*ends, months_after(review[0], rules.nutrition_within_months) + 1)
        return tuple(missing), events, ends


def _how_much(taken: Taken) -> tuple[float, str]:
    return taken.cm, taken.id


def _measured_on(found: tuple[bool, int, Parent]) -> tuple[bool, int, float]:
    return found[0], found[1], found[2].cm
