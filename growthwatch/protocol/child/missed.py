"""Appointments to which the child was not brought, and by whom it was seen since.

Source: process specification, section 3, P1.
"""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from growthwatch.core.words import same_name
from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import Admission, Contact, Examined, WasNotBrought, Weighed

__all__ = ["Counted", "Missed", "SeenBy"]

_Moment = tuple[dt.datetime, dt.time, float, str]
"""When somebody saw the child, as it was recorded, and what tells two of one moment apart."""


@dataclass(frozen=True, slots=True)
class SeenBy:
    """Somebody saw the child: on which day, at what time if it is known, and for which service."""

    day: int
    time: dt.time | None
    id: str
    service: str
    role: str
    known_day: int


@dataclass(frozen=True, slots=True)
class Counted:
    """An appointment that counts as missed: dated which day, known from which day, at which service.

    `copies` are ids of further entries of the same one.
    """

    day: int
    known_day: int
    id: str
    time: dt.time | None
    service: str
    name: str
    service_kind: str | None
    copies: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all its entries."""
        return self.id, *self.copies


class Missed(Ledger):
    """Appointments not kept, and who saw the child, in order of day."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "was_not_brought": frozenset({"contacts"}),
        "contact": frozenset({"contacts"}),
        "examined": frozenset({"contacts"}),
        "admission": frozenset({"contacts"}),
        "weighed": frozenset({"weights"}),
    }

    def __init__(self, settings: Settings) -> None:
        self._rules = settings.process
        self.events: list[tuple[int, dt.datetime, str, int, WasNotBrought]] = []
        self.seen: list[tuple[int, _Moment, SeenBy]] = []

    def take(self, day: int, e: Any) -> None:
        """Take an appointment that was not kept, or one who saw the child."""
        on = e.on.toordinal()
        if isinstance(e, WasNotBrought):
            insort(self.events, (on, e.recorded_at, e.id, day, e), key=_order)
        elif isinstance(e, Contact):
            if e.face_to_face:
                self._see(on, day, e, e.service or "")
        elif isinstance(e, Examined | Admission | Weighed):
            self._see(on, day, e, "")

    def _see(self, on: int, day: int, e: Any, service: str) -> None:
        by = SeenBy(on, e.time, e.id, same_name(service), str(e.role), day)
        # In order of recording; of two weighings of one moment the heavier first, whatever their ids (`in_order`).
        kg = e.weight_kg if isinstance(e, Weighed) else 0.0
        insort(self.seen, (on, (e.recorded_at, e.time or dt.time.min, -kg, e.id), by), key=_first_two)

    def by_service(self, e: WasNotBrought, after: int, until: int) -> bool:
        """Whether the service of an appointment saw the child after one day and up to another."""
        roles = self._rules.seen_by.get(e.service_kind or "", ())
        name = same_name(e.service)
        return any(
            after < s.day <= until and (s.service == name or (not s.service and s.role in roles))
            for _, _, s in self.seen
        )

    def between(self, service: str, after: int, until: int) -> bool:
        """Whether the child was seen at a service, after one day and up to another: a nameless visit is nobody's."""
        return any(after < s.day <= until and s.service == service for _, _, s in self.seen)

    def after(self, last: Counted) -> SeenBy | None:
        """The first who saw the child after an appointment: of the same day only at a later time that is known."""
        for _, _, s in self.seen:
            if s.day > last.day:
                return s
            if s.day == last.day and last.time is not None and s.time is not None and s.time > last.time:
                return s
        return None

    def latest_seen(self, day: int) -> str | None:
        """Id of the last that saw the child up to a day, or None."""
        return next((s.id for _, _, s in reversed(self.seen) if s.day <= day), None)

    def counted(self, day: int, in_hospital: Callable[[int], bool]) -> tuple[Counted, ...]:
        """Appointments that count as missed at the end of a day, in order of day; each once, however often entered.

        Parameters
        ----------
        day
            The day [ordinal day].
        in_hospital
            Whether the child was in hospital on a day, its first and last included.
        """
        out: list[Counted] = []
        for place, (on, _, id, known, e) in enumerate(self.events):
            if e.kind == "cancelled_by_service" or in_hospital(on):
                continue
            dated, known_day, time = on, known, e.time
            if e.kind == "cancelled":
                if e.moved_to is not None:
                    to = e.moved_to.toordinal()
                    if to - on <= self._rules.moved_within_days and not self._second_move(place, e, on):
                        if self._moved_again(place, e, to) or self.by_service(e, on, min(to, day)) or day <= to:
                            continue
                        dated, known_day, time = to, max(known, to + 1), None
                elif self.by_service(e, on, min(day, on + self._rules.moved_within_days)):
                    continue
            out.append(Counted(dated, known_day, id, time, same_name(e.service), e.service, e.service_kind))
        return tuple(sorted(_once(out), key=_dated))

    def _same(self, a: WasNotBrought, b: WasNotBrought) -> bool:
        return same_name(a.service) == same_name(b.service)

    def _moves(self, e: WasNotBrought, on: int) -> bool:
        return (
            e.kind == "cancelled"
            and e.moved_to is not None
            and e.moved_to.toordinal() - on <= self._rules.moved_within_days
        )

    def _second_move(self, place: int, e: WasNotBrought, on: int) -> bool:
        """Whether the appointment was itself one to which another had been moved."""
        for before_on, _, _, _, before in self.events[:place]:
            if _is_copy(before, e):
                continue
            moved = before.moved_to if self._moves(before, before_on) and self._same(before, e) else None
            if moved is not None and before_on <= on <= moved.toordinal():
                return True
        return False

    def _moved_again(self, place: int, e: WasNotBrought, to: int) -> bool:
        """Whether the new appointment was moved or missed in its turn, and counts by its own day."""
        return any(
            on <= to and self._same(e, later) and not _is_copy(later, e)
            for on, _, _, _, later in self.events[place + 1 :]
        )

    def days(self, day: int) -> tuple[int, ...]:
        """Later days on which an appointment that was moved counts if it was not kept."""
        out = [
            e.moved_to.toordinal() + 1
            for on, _, _, _, e in self.events
            if self._moves(e, on) and e.moved_to is not None and e.moved_to.toordinal() >= day
        ]
        return tuple(out)


def _is_copy(a: WasNotBrought, b: WasNotBrought) -> bool:
    """Whether two entries tell the same of one appointment: day, service, what happened, and times equal or missing."""
    same = (a.on, a.kind, a.moved_to, same_name(a.service)) == (b.on, b.kind, b.moved_to, same_name(b.service))
    return same and (a.time is None or b.time is None or a.time == b.time)


def _once(counted: list[Counted]) -> list[Counted]:
    """Each appointment once: entries of one day and service are one, but where their times tell them apart.

    Two teams may write down one appointment, each in its own words.  Of one the entry that was known first stands, and
    it bears on growth where any of its entries may.
    """
    together: dict[tuple[int, str], list[Counted]] = {}
    for c in counted:
        together.setdefault((c.day, c.service), []).append(c)
    out: list[Counted] = []
    for found in together.values():
        order = sorted(found, key=_known)
        # An entry without a time may be of any of them: it is taken for one of the first.
        times = list(dict.fromkeys(c.time for c in order if c.time is not None)) or [None]
        for time in times:
            kept, *copies = (c for c in order if c.time == time or (c.time is None and time == times[0]))
            kinds = {c.service_kind for c in (kept, *copies)}
            kind = kept.service_kind if len(kinds) == 1 else None
            out.append(replace(kept, service_kind=kind, copies=tuple(c.id for c in copies)))
    return out


def _order(entry: tuple[int, dt.datetime, str, int, WasNotBrought]) -> tuple[int, dt.datetime, str]:
    return entry[:3]


def _first_two(entry: tuple[int, _Moment, SeenBy]) -> tuple[int, _Moment]:
    return entry[:2]


def _dated(c: Counted) -> tuple[int, int, str]:
    return c.day, c.known_day, c.id


def _known(c: Counted) -> int:
    return c.known_day
