"""Birth, the marks of age on the calendar, correction for gestation, and death."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from growthwatch.core.calendar import add_months
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.units import PRETERM_DAYS, TERM_DAYS
from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Born, Died
from growthwatch.references.metadata import corrections

__all__ = ["UNBORN", "Ages", "Birth", "Death", "months_after"]

_T = TypeVar("_T")

_LAST = dt.date.max.toordinal()

_ALL: frozenset[Topic] = frozenset(
    {"weights", "signs", "contacts", "conditions", "measures", "people", "requests", "days"}
)


class Death(NamedTuple):
    """A death that somebody wrote down."""

    event: str
    day: int
    role: str


@dataclass(frozen=True, slots=True)
class Birth:
    """Birth facts; gestation None means that it was not recorded and term is taken."""

    day: int
    date: dt.date
    sex: str | None
    gestation_days: int | None
    event: str

    @property
    def preterm(self) -> bool:
        """Born before 37 weeks."""
        return self.gestation_days is not None and self.gestation_days < PRETERM_DAYS


UNBORN = Birth(1, dt.date.min, None, None, "")
"""Stands for a birth of which nothing is known, where only kilograms are looked at: nobody is too young for a rule."""


def months_after(day: int, months: int) -> int:
    """Day so many calendar months after another, no further than the calendar goes."""
    try:
        return add_months(dt.date.fromordinal(min(max(day, 1), _LAST)), months).toordinal()
    except GrowthwatchError:
        return _LAST


class Ages(Ledger):
    """When the child was born, and how old it is on a day."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {"born": _ALL, "died": _ALL}

    def __init__(self, settings: Settings) -> None:
        self._correction = corrections().named(settings.correction)
        self.birth: Birth | None = None
        self.births_differ: list[str] = []
        self.sex_from: str | None = None
        """Id of the birth that says the sex."""
        self.died: int | None = None
        self.deaths: list[Death] = []
        self._marks: dict[tuple[int, bool], int] = {}
        self._kept: dict[object, Any] = {}

    def take(self, day: int, e: Any) -> None:
        """Take a birth or a death; a second birth fills gaps, and where two differ the first stands and is doubted."""
        if isinstance(e, Died):
            self.died = e.on.toordinal()
            self.deaths.append(Death(e.id, self.died, str(e.role)))
        elif isinstance(e, Born):
            self._born(e)

    def _born(self, e: Born) -> None:
        known = self.birth
        self._marks, self._kept = {}, {}
        if e.sex is not None and self.sex_from is None:
            self.sex_from = e.id
        if known is None:
            self.birth = Birth(e.on.toordinal(), e.on, e.sex, e.gestation_days, e.id)
            return
        theirs = (e.on, e.sex or known.sex, e.gestation_days or known.gestation_days)
        ours = (known.date, known.sex or theirs[1], known.gestation_days or theirs[2])
        if theirs != ours:
            self.births_differ.append(e.id)
        self.birth = Birth(known.day, known.date, ours[1], ours[2], known.event)

    def assume(self, sex: str) -> None:
        """Take a sex that is not recorded, to see what would hold for it."""
        if self.birth is not None:
            self.birth = replace(self.birth, sex=sex)
            self._marks, self._kept = {}, {}

    def fork(self) -> Self:
        """A ledger that can go on from here; days of age are the same for both until a birth is read."""
        other = super().fork()
        other._marks, other._kept = self._marks, self._kept
        return other

    def once(self, key: object, make: Callable[[], _T]) -> _T:
        """Work something out that hangs on the birth alone, and keep it until a birth is read."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = make()
        return found

    def mark(self, months: int, corrected: bool = False) -> int:
        """Day on which the child is so many calendar months old (29 February counts as 1 March)."""
        key = (months, corrected)
        found = self._marks.get(key)
        if found is None:
            assert self.birth is not None
            shift = 0
            if corrected and self.birth.gestation_days is not None:
                shift = TERM_DAYS - self.birth.gestation_days
            found = self._marks[key] = months_after(self.birth.day + shift, months)
        return found

    def gestation_mark(self, days: int) -> int:
        """Day on which gestation and age together are so many days; term is taken where none is recorded."""
        assert self.birth is not None
        return self.birth.day + days - (self.birth.gestation_days or TERM_DAYS)

    def corrected_on(self, day: int) -> bool:
        """Whether correction for gestation applies on a day."""
        birth = self.birth
        if birth is None or birth.gestation_days is None or birth.gestation_days >= PRETERM_DAYS:
            return False
        corrected = day - birth.day - (TERM_DAYS - birth.gestation_days)
        for rule in self._correction.rules:
            if birth.gestation_days < rule.born_before_days:
                return corrected < rule.until_corrected_age_days
        return False
