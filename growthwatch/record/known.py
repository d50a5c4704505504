"""What was known by then: for a moment, each day with its news, and what was taken back.

An event counts from the day on which it has both happened and been written down.  What was written down
before the day that it bears is one of two things.  An *arrangement* (a lead who will leave, a plan, a move)
counts from its day.  All else is a *happening*: it cannot have happened yet, so its day is wrong, and it never
counts, on no later day, until it is corrected; a weight, sign, concern or missed appointment may alarm all the
same, as of the day on which it was written down (specification of the protocol, section 0, "Dated ahead").

Here that is worked out once, for whoever reads a record: the protocol day by day, trajectories and charts at
one moment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, cast

from growthwatch.core.calendar import end_of_day, local_day
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record.effective import link
from growthwatch.record.events import AnyEvent
from growthwatch.record.facts import EnteredInError
from growthwatch.record.record import Record

__all__ = ["Dated", "Known", "Notice", "day_of_moment"]

Dated = tuple[int, AnyEvent]
"""An event with the day from which it counts."""


class Notice(NamedTuple):
    """Something about an event that somebody must look at, whatever it says.

    Attributes
    ----------
    what
        ``ahead``: it is dated after the day on which it was written down; ``unknown``: it names an id that no
        event has.
    day
        On which it was written down [ordinal day].
    event
        The event, as it was written.
    target
        The id that it names; empty for ``ahead``.
    until
        Day on which that id became known, or None [ordinal day].
    """

    what: Literal["ahead", "unknown"]
    day: int
    event: AnyEvent
    target: str = ""
    until: int | None = None

    @property
    def lasts(self) -> bool:
        """Whether it is one at the end of any day: an id that was known on the same day never was unknown."""
        return self.until is None or self.until > self.day


@dataclass(frozen=True, slots=True)
class Known:
    """A record as it was known at a moment.

    Made by `Known.of`, or from what was known before by `then`; it never changes.

    Parameters
    ----------
    record
        The child's record.
    zone
        IANA name of the time zone whose days are counted.
    as_of
        The moment asked about.
    known_at
        Whose knowledge answers.
    last
        Local day of `as_of`; at the very edge of the calendar the day in UTC [ordinal day].
    events
        Every event written down by `known_at`, in canonical order: marks and what they mark included.
    days
        Days up to the last on which something becomes known, in order [ordinal days].
    days_to_come
        Later days of what is written down already, in order [ordinal days].
    in_doubt
        Ids of events dated ahead that are read as of the day on which they were written down: they may alarm, and
        never reassure.

    Notes
    -----
    - Without hindsight (`known_at` not after `as_of`) an event counts from the later of two local days:
      that on which it happened, and that on which it was written down.  What was taken back counts until
      the day of the mark or correction.
    - Of what is dated ahead only an arrangement counts, from its day; a happening never does.
    - With hindsight everything is as it is known now: what was taken back never counted, and what was
      written down after `as_of` counts from the day on which it happened.
    - The last day ends at the moment asked about.
    """

    record: Record
    zone: str
    as_of: dt.datetime
    known_at: dt.datetime
    last: int
    events: tuple[AnyEvent, ...]
    days: tuple[int, ...]
    days_to_come: tuple[int, ...]
    in_doubt: frozenset[str]
    _day: Mapping[str, int] = field(repr=False)
    _by_day: Mapping[int, tuple[Dated, ...]] = field(repr=False)
    # Days of arrangements that were written down before them.
    _ahead: frozenset[int] = field(repr=False)
    # Happenings that are dated ahead: as they are read, or None where they are not.
    _instead: Mapping[str, AnyEvent | None] = field(repr=False)
    _notices: tuple[Notice, ...] = field(repr=False)
    # Days of marks and corrections, and of what they undo where that is written down after them; and of each event
    # that they name, the first day on which one was written down.
    _turning: frozenset[int] = field(repr=False)
    _targets: Mapping[str, int] = field(repr=False)

    @classmethod
    def of(cls, record: Record, *, as_of: dt.datetime, known_at: dt.datetime | None = None, zone: str) -> Known:
        """Read a record as it was known at a moment.

        Parameters
        ----------
        record
            The child's record.
        as_of
            The moment asked about: aware.
        known_at
            Whose knowledge answers: aware; `as_of` if None.
        zone
            IANA name of the time zone whose days are counted.
        """
        return cls._read(record, zone, as_of, known_at or as_of, None)

    def then(self, record: Record, *, as_of: dt.datetime, known_at: dt.datetime | None = None) -> Known:
        """Read a record of the same child, going on from what was known of an earlier one where that is exact.

        It is where neither has hindsight, the knowledge is no older, and the record goes on with what was
        known of this one; else it is read from its beginning.  The answer is the same.
        """
        known_at = known_at or as_of
        goes_on = not self.hindsight and self.known_at <= known_at <= as_of
        goes_on = goes_on and record.events[: len(self.events)] == self.events
        return self._read(record, self.zone, as_of, known_at, self if goes_on else None)

    @classmethod
    def _read(cls, record: Record, zone: str, as_of: dt.datetime, known_at: dt.datetime, before: Known | None) -> Known:
        hindsight = known_at > as_of
        counted = {e.id for e in record.effective(known_at)} if hindsight else None
        day_of = {} if before is None else dict(before._day)
        by_day: dict[int, tuple[Dated, ...]] = {} if before is None else dict(before._by_day)
        ahead: set[int] = set()
        instead: dict[str, AnyEvent | None] = {} if before is None else dict(before._instead)
        again = [] if before is None else [_again(n, record, known_at, zone) for n in before._notices]
        notices = [n for n in again if n.lasts]
        turning: set[int] = set()
        targets: dict[str, int] = {} if before is None else dict(before._targets)
        known = 0 if before is None else len(before.events)
        for e in record.events[known:]:
            if e.recorded_at > known_at:
                break
            known += 1
            on, recorded = e.on.toordinal(), day_of_moment(e.recorded_at, zone)
            day = on if hindsight and e.recorded_at > as_of else max(on, recorded)
            read: AnyEvent | None = e
            if on > recorded:
                if isinstance(e, EnteredInError):
                    day = recorded  # a mark counts from when it was written down, whatever day it bears
                else:
                    notices.append(Notice("ahead", recorded, e))
                    if e.is_arrangement:
                        ahead.add(day)
                    else:
                        day = recorded
                        read = instead[e.id] = _as_of(e, recorded)
            day_of[e.id] = day
            notices += _unknown(e, record, known_at, zone)
            target = None if hindsight else link(e)
            if e.id in targets:
                turning.add(recorded)  # what undoes it was written down before it
            if target is not None:
                turning.add(day)
                targets[target] = min(recorded, targets.get(target, recorded))
            if read is not None and (counted is None or e.id in counted):
                by_day[day] = (*by_day.get(day, ()), (day, read))
        last = day_of_moment(as_of, zone)
        days = sorted({*by_day, *(n.day for n in notices)})
        return cls(
            record,
            zone,
            as_of,
            known_at,
            last,
            record.events[:known],
            tuple(d for d in days if d <= last),
            tuple(d for d in days if d > last),
            frozenset(id for id, read in instead.items() if read is not None),
            day_of,
            by_day,
            frozenset(ahead) if before is None else before._ahead | ahead,
            instead,
            tuple(notices),
            frozenset(turning) if before is None else before._turning | turning,
            targets,
        )

    @property
    def hindsight(self) -> bool:
        """Whether what was written down after the moment asked about is known."""
        return self.known_at > self.as_of

    def day(self, event: AnyEvent) -> int:
        """Return the day from which one of the known events counts [ordinal day]."""
        return self._day[event.id]

    def news(self, day: int) -> tuple[Dated, ...]:
        """Return what becomes known on a day, marks and corrections included, in canonical order."""
        return self._by_day.get(day, ())

    def notices(self, day: int | None = None) -> tuple[Notice, ...]:
        """Return what somebody must look at by the end of a day, of events that counted then; None: of the last.

        In order of what they are about; what was answered by then is left out.
        """
        day = self.last if day is None else day
        found = [n for n in self._notices if n.day <= day and (n.until is None or n.until > day)]
        if not found or not (self._turning or self.hindsight):
            return tuple(found)
        counted = {e.id for e in self._effective(day)} | {e.id for e in self.events if isinstance(e, EnteredInError)}
        return tuple(n for n in found if n.event.id in counted)

    def undone(self, day: int) -> Mapping[str, str]:
        """Return for what was taken back by the end of a day the id of the mark or correction that did it last."""
        gone = self.taken_back(day)
        if not gone:
            return {}
        end = self._end(day)
        return {t: e.id for e in self.events if e.recorded_at <= end and (t := link(e)) is not None and t in gone}

    @property
    def read(self) -> tuple[AnyEvent, ...]:
        """The known events as they are read: without happenings dated ahead, or as of when those were written down."""
        if not self._instead:
            return self.events
        return tuple(read for e in self.events if (read := self._instead.get(e.id, e)) is not None)

    def adds(self, day: int) -> bool:
        """Whether the news of a day only adds to what was known the day before, and comes after all of it."""
        if day in self._turning:
            return False
        # What is taken back later still counts on its day.
        if self._targets and any(self._targets.get(e.id, day + 1) <= day for _, e in self.news(day)):
            return False
        # An arrangement dated ahead goes in among what was written down later.
        return not self._ahead or not (self.hindsight or day in self._ahead or self._ahead & self._turning)

    @property
    def turns(self) -> bool:
        """Whether there is a day on which something is taken back or put right."""
        return bool(self._turning)

    def effective(self, day: int | None = None) -> list[Dated]:
        """Return the events that counted at the end of a day, in canonical order; None: of the last day."""
        day = self.last if day is None else day
        found = [(d, e) for e in self._effective(day) if (d := self._day[e.id]) <= day]
        if not self._instead:
            return found
        return [(d, read) for d, e in found if (read := self._instead.get(e.id, e)) is not None]

    def taken_back(self, day: int) -> frozenset[str]:
        """Return the ids of events once known that counted no longer at the end of a day; of none with hindsight."""
        if not self._turning:
            return frozenset()
        return frozenset(e.id for e in self.record.taken_back(self._end(day)))

    def lost(self, day: int) -> tuple[tuple[str, int, int], ...]:
        """Return of those the type, the day on which they were said to have happened, and since when they are lost.

        Both days as ordinal days.
        """
        if not self._turning:
            return ()
        gone = self.record.taken_back(self._end(day))
        return tuple((e.type, e.on.toordinal(), self._targets.get(e.id, day)) for e in gone)

    @property
    def to_come(self) -> tuple[AnyEvent, ...]:
        """Events written down already that count only from a day after the last, in canonical order."""
        if not self.days_to_come:
            return ()
        later = {e.id for day in self.days_to_come for _, e in self.news(day)}
        return tuple(e for e in self.events if e.id in later)

    def _end(self, day: int) -> dt.datetime:
        """The moment up to which a day's knowledge goes."""
        if day >= self.last:
            return self.known_at
        return min(end_of_day(dt.date.fromordinal(max(day, 1)), self.zone), self.known_at)

    def _effective(self, day: int) -> Sequence[AnyEvent]:
        if self.hindsight:
            return self.record.effective(self.known_at)
        return self.record.effective(self._end(day)) if self._turning else self.events


def _as_of(e: AnyEvent, day: int) -> AnyEvent | None:
    """A happening dated ahead as it is read: on the day on which it was written down, or not at all."""
    return cast("AnyEvent | None", e.in_doubt(dt.date.fromordinal(day)))


def _unknown(e: AnyEvent, record: Record, known_at: dt.datetime, zone: str) -> list[Notice]:
    """A notice for each id that an event names before any event has it."""
    out: list[Notice] = []
    for name in ("corrects", *e.refers):
        target = getattr(e, name)
        if target is not None:
            notice = _again(Notice("unknown", day_of_moment(e.recorded_at, zone), e, target), record, known_at, zone)
            if notice.lasts:
                out.append(notice)
    return out


def _again(notice: Notice, record: Record, known_at: dt.datetime, zone: str) -> Notice:
    """A notice by what is known now: an id that nobody knew may have become known."""
    if notice.what != "unknown" or notice.until is not None or notice.target not in record.ids:
        return notice
    there = record.event(notice.target).recorded_at
    return notice._replace(until=day_of_moment(there, zone)) if there <= known_at else notice


def day_of_moment(moment: dt.datetime, zone: str) -> int:
    """Local day of a moment; at the very edge of the calendar the day in UTC."""
    try:
        return local_day(moment, zone).toordinal()
    except GrowthwatchError:
        return moment.date().toordinal()
