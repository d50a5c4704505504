"""Signs, illnesses, and the examinations that answer them."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Dated, Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Admission, AnyEvent, Examined, IllnessRecorded, SignRecorded

__all__ = ["Examination", "Looked", "SeenSigns", "Signs"]


@dataclass(frozen=True, slots=True)
class SeenSigns:
    """Signs that somebody recorded, on one occasion."""

    day: int
    known_day: int
    moment: tuple[dt.time, dt.datetime]
    id: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """An examination by a clinician."""

    day: int
    moment: tuple[dt.time, dt.datetime]
    id: str
    answers: tuple[str, ...]
    general: bool
    """Whether it answers every sign before it: it names no answers, or a finding about signs among them."""

    def answered(self, seen: SeenSigns) -> bool:
        """Whether it answers signs: it names them, or it came after they were seen and answered nothing else."""
        if seen.id in self.answers:
            return True
        if not self.general:
            return False
        return self.day > seen.day or (self.day == seen.day and self.moment > seen.moment)


@dataclass(frozen=True, slots=True)
class Looked:
    """What an examination found of length or feeding: ``normal`` or ``not_normal``."""

    day: int
    recorded_at: dt.datetime
    id: str
    what: str
    found: str


def _moment(e: AnyEvent) -> tuple[dt.time, dt.datetime]:
    """Order of events of one day: by time of day where it is known, then by when they were written down."""
    return (e.time or dt.time.min, e.recorded_at)


class Signs(Ledger):
    """What was seen of illness, and who looked."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "sign_recorded": frozenset({"signs"}),
        "illness_recorded": frozenset({"signs"}),
        "examined": frozenset({"signs"}),
        "admission": frozenset({"signs"}),
    }

    def __init__(self, settings: Settings) -> None:
        terms = settings.terms
        self._examining, self._window, self._rules = terms.examining_roles, terms.ill_within_days, terms.sign_rules
        self.seen: list[SeenSigns] = []
        self.illnesses: list[tuple[int, str]] = []
        self.examinations: list[Examination] = []
        self.looked: list[Looked] = []
        self.examined, self.feeding = Dated(), Dated()
        # Days of illness or signs, and the first of each day.
        self._ill_days: list[int] = []
        self._ill: dict[int, str] = {}
        self._signed: dict[int, str] = {}
        # Signs that examinations name, and the latest examination that answers whatever came before it.
        self._named: set[str] = set()
        self._latest: tuple[int, tuple[dt.time, dt.datetime]] | None = None
        self._standing: dict[frozenset[str], list[SeenSigns]] = {}

    def take(self, day: int, e: Any) -> None:
        """Take signs, an illness, an examination or an admission (an admitted child is examined)."""
        on = e.on.toordinal()
        if isinstance(e, SignRecorded):
            self._see(SeenSigns(on, day, _moment(e), e.id, tuple(str(s) for s in e.signs)))
        elif isinstance(e, IllnessRecorded):
            self.illnesses.append((on, e.id))
            if on not in self._ill and on not in self._signed:
                insort(self._ill_days, on)
            self._ill.setdefault(on, e.id)
            if e.signs:
                self._see(SeenSigns(on, day, _moment(e), e.id, tuple(str(s) for s in e.signs)))
        elif isinstance(e, Admission):
            self._examine(Examination(on, _moment(e), e.id, (), general=True))
        elif isinstance(e, Examined) and e.role in self._examining:
            # The key of a finding begins with its rule: "H2@start".
            general = not e.answers or any(a.partition("@")[0] in self._rules for a in e.answers)
            self._examine(Examination(on, _moment(e), e.id, e.answers, general))
            for what, found in (("length", e.length), ("feeding", e.feeding)):
                if found is not None:
                    self.looked.append(Looked(on, e.recorded_at, e.id, what, found))
                    if what == "feeding":
                        self.feeding.add(on, e.id)

    def _see(self, seen: SeenSigns) -> None:
        self.seen.append(seen)
        if seen.day not in self._ill and seen.day not in self._signed:
            insort(self._ill_days, seen.day)
        self._signed.setdefault(seen.day, seen.id)
        for wanted, standing in self._standing.items():
            if wanted.intersection(seen.signs) and self._stands(seen):
                self._standing[wanted] = [*standing, seen]

    def _examine(self, x: Examination) -> None:
        self.examinations.append(x)
        self.examined.add(x.day, x.id)
        self._named.update(x.answers)
        if x.general and (self._latest is None or (x.day, x.moment) > self._latest):
            self._latest = (x.day, x.moment)
        # What was answered once stays answered.
        self._standing = {w: [s for s in standing if self._stands(s)] for w, standing in self._standing.items()}

    def _stands(self, s: SeenSigns) -> bool:
        return s.id not in self._named and (self._latest is None or self._latest <= (s.day, s.moment))

    def ill_near(self, day: int) -> str | None:
        """Id of an illness or sign recorded within the protocol's days of a day, or None.

        Of one day an illness comes before a sign, and of either the first that was read.
        """
        days = self._ill_days
        at = bisect_right(days, day + self._window) - 1
        if at < 0 or days[at] < day - self._window:
            return None
        return self._ill.get(days[at]) or self._signed[days[at]]

    def well_after(self, ill: str | None) -> tuple[int, ...]:
        """First day that an illness or sign no longer counts as near; none for None."""
        days = [day for day, id in self.illnesses if id == ill] + [s.day for s in self.seen if s.id == ill]
        return tuple(day + self._window + 1 for day in days)

    def unanswered(self, wanted: frozenset[str]) -> Sequence[SeenSigns]:
        """Occasions on which one of the signs was recorded that no examination has answered."""
        found = self._standing.get(wanted)
        if found is None:
            found = [s for s in self.seen if wanted.intersection(s.signs) and self._stands(s)]
            self._standing[wanted] = found
        return found

    def answer_to(self, seen: SeenSigns) -> Examination | None:
        """First examination that answers signs, in order of day."""
        return min((x for x in self.examinations if x.answered(seen)), key=lambda x: (x.day, x.moment), default=None)
