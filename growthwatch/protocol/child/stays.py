"""Stays in hospital: from when to when, what ended them, and the last word from the ward."""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from growthwatch.protocol.child.ledger import Dated, Ledger, Topic
from growthwatch.protocol.child.weight import Weight
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Admission, AnyEvent, Contact, Discharged, Examined, Weighed

__all__ = ["Stay", "Stays"]

_Moment = tuple[int, dt.time | None, str]
"""Day, time of day where it is known, and id of an event."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in hospital.

    Attributes
    ----------
    since, admission
        Day and id of the admission [ordinal day].
    until, ended_by
        Day and id of what ended it; None while it lasts.
    by_weight
        Whether a valid weight taken elsewhere ended it.
    word, word_by
        Day and id of the last word from the ward; the admission is one [ordinal day].
    """

    since: int
    admission: str
    until: int | None
    ended_by: str | None
    by_weight: bool
    word: int
    word_by: str


class Stays(Ledger):
    """Admissions, what ends them, and words from the ward.

    A stay lasts from an admission until a discharge, or a valid weight or contact face to face that is not the
    hospital's and does not name it (specification, section 1).
    """

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "admission": frozenset({"contacts"}),
        "discharged": frozenset({"contacts"}),
        "contact": frozenset({"contacts"}),
        "examined": frozenset({"contacts"}),
        "weighed": frozenset({"weights"}),
    }
    HEARS: ClassVar[frozenset[Topic]] = frozenset({"contacts"})
    """What a word from the ward touches, whatever its type."""

    def __init__(self, settings: Settings) -> None:
        self._rules = settings.schedule.stay
        self._admissions: list[tuple[_Moment, str]] = []
        self._ends: list[tuple[_Moment, str | None]] = []
        """What may end a stay, with its words: one that names the hospital does not; None: a discharge."""
        self._weights: dict[str, tuple[_Moment, str]] = {}
        """Weighings that are not the hospital's, with their words: a valid one ends a stay."""
        self._named: list[tuple[_Moment, str]] = []
        """Contacts with their words: one that names the hospital of the admission is a word from it."""
        self._words = Dated()

    def heard(self, e: AnyEvent) -> bool:
        """Whether an event is a word from a hospital by who wrote it; if so, take it as such."""
        if e.role not in self._rules.roles and vars(e).get("service_kind") != "hospital":
            return False
        self._words.add(e.on.toordinal(), e.id)
        return True

    def take(self, day: int, e: Any) -> None:
        """Take an admission, a discharge, a contact, an examination or a weighing."""
        moment = (e.on.toordinal(), e.time, e.id)
        ours = e.role not in self._rules.roles
        if isinstance(e, Admission):
            insort(self._admissions, (moment, _folded(e.hospital)), key=_order)
        elif isinstance(e, Discharged):
            insort(self._ends, (moment, None), key=_order)
        elif isinstance(e, Contact):
            words = _folded(e.service, e.about, e.advice, e.presentation)
            self._named.append((moment, words))
            if ours and e.face_to_face:
                insort(self._ends, (moment, words), key=_order)
        elif isinstance(e, Examined):
            if ours and e.role not in self._rules.on_the_ward:
                insort(self._ends, (moment, _folded(e.outcome)), key=_order)
        elif isinstance(e, Weighed) and ours:
            self._weights[e.id] = (moment, _folded(e.setting))

    def _names(self, words: str, hospital: str) -> bool:
        """Whether words name a hospital, or the one of the admission."""
        return words != "" and ((hospital != "" and hospital in words) or self._rules.named_in(words))

    def outside(self, weight: str) -> bool:
        """Whether a weighing is not the hospital's and names none."""
        found = self._weights.get(weight)
        return found is not None and not self._names(found[1], "")

    def latest(self, day: int, valid: Sequence[Weight]) -> Stay | None:
        """The latest stay that began by a day, as it stands at the end of that day; None if there was none.

        Parameters
        ----------
        day
            The day asked about [ordinal day].
        valid
            Weights that count, in order of date.
        """
        begun = [a for a in self._admissions if a[0][0] <= day]
        if not begun:
            return None
        start, hospital = begun[-1]
        end: _Moment | None = None
        by_weight = False
        for moment, words in self._ends:
            named = words is not None and self._names(words, hospital)
            if moment[0] <= day and not named and _after(moment, start, unless_earlier=words is None):
                end = moment
                break
        for w in valid:
            if w.day < start[0] or w.day > day or w.id not in self._weights:
                continue
            moment, words = self._weights[w.id]
            if not _after(moment, start) or self._names(words, hospital):
                continue
            if end is None or w.day <= end[0]:
                end, by_weight = moment, True
            break
        until = None if end is None else end[0]
        word, by = start[0], start[2]
        last = day if until is None else until
        for on, _, id in self._words:
            if word <= on <= last:
                word, by = on, id
        for moment, words in self._named:
            if word < moment[0] <= last and self._names(words, hospital):
                word, by = moment[0], moment[2]
        return Stay(start[0], start[2], until, None if end is None else end[2], by_weight, word, by)


def _order(entry: tuple[_Moment, str | None]) -> tuple[int, dt.time, str]:
    (day, time, id), _ = entry
    return day, time or dt.time.max, id


def _after(moment: _Moment, start: _Moment, unless_earlier: bool = False) -> bool:
    """Whether something came after an admission: of its day only with a later time, a discharge unless earlier."""
    if moment[0] != start[0]:
        return moment[0] > start[0]
    if moment[1] is None or start[1] is None:
        return unless_earlier
    return moment[1] > start[1]


def _folded(*texts: str | None) -> str:
    return " ".join(" ".join(t.casefold().split()) for t in texts if t)
