"""What was known by then: for a moment, each day with its news, and what was taken back.

An event counts from the day on which it has both happened and been written down.  Here that is worked
out once, for whoever reads a record: the protocol day by day, trajectories and charts at one moment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from growthwatch.core.calendar import end_of_day, local_day
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record.effective import link
from growthwatch.record.events import AnyEvent
from growthwatch.record.record import Record

__all__ = ["Dated", "Known"]

Dated = tuple[int, AnyEvent]
"""An event with the day from which it counts."""


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

    Notes
    -----
    - Without hindsight (`known_at` not after `as_of`) an event counts from the later of two local days:
      that on which it happened, and that on which it was written down.  What was taken back counts until
      the day of the mark or correction.
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
    _day: Mapping[str, int] = field(repr=False)
    _by_day: Mapping[int, tuple[Dated, ...]] = field(repr=False)
    # Days of events that were written down before they happened.
    _ahead: frozenset[int] = field(repr=False)
    # Days of marks and corrections; and of each event that they name, the first day on which one was written down.
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
        turning: set[int] = set()
        targets: dict[str, int] = {} if before is None else dict(before._targets)
        known = 0 if before is None else len(before.events)
        for e in record.events[known:]:
            if e.recorded_at > known_at:
                break
            known += 1
            on, recorded = e.on.toordinal(), _local(e.recorded_at, zone)
            day = day_of[e.id] = on if hindsight and e.recorded_at > as_of else max(on, recorded)
            if day > recorded:
                ahead.add(day)
            target = None if hindsight else link(e)
            if target is not None:
                turning.add(day)
                targets[target] = min(recorded, targets.get(target, recorded))
            if counted is None or e.id in counted:
                by_day[day] = (*by_day.get(day, ()), (day, e))
        last = _local(as_of, zone)
        days = sorted(by_day)
        return cls(
            record,
            zone,
            as_of,
            known_at,
            last,
            record.events[:known],
            tuple(d for d in days if d <= last),
            tuple(d for d in days if d > last),
            day_of,
            by_day,
            frozenset(ahead) if before is None else before._ahead | ahead,
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

    def adds(self, day: int) -> bool:
        """Whether the news of a day only adds to what was known the day before, and comes after all of it."""
        if day in self._turning:
            return False
        # What is taken back later still counts on its day.
        if self._targets and any(self._targets.get(e.id, day + 1) <= day for _, e in self.news(day)):
            return False
        # What is dated ahead goes in among what was written down later; and a mark dated ahead
        # counts from when it was written down, whatever day it says.
        return not self._ahead or not (self.hindsight or day in self._ahead or self._ahead & self._turning)

    @property
    def turns(self) -> bool:
        """Whether there is a day on which something is taken back or put right."""
        return bool(self._turning)

    def effective(self, day: int | None = None) -> list[Dated]:
        """Return the events that counted at the end of a day, in canonical order; None: of the last day."""
        day = self.last if day is None else day
        return [(d, e) for e in self._effective(day) if (d := self._day[e.id]) <= day]

    def taken_back(self, day: int) -> frozenset[str]:
        """Return the ids of events once known that counted no longer at the end of a day; of none with hindsight."""
        if not self._turning:
            return frozenset()
        return frozenset(e.id for e in self.record.taken_back(self._end(day)))

    @property
    def to_come(self) -> tuple[AnyEvent, ...]:
        """Events written down already whose day is after the last, in canonical order."""
        if not self.days_to_come:
            return ()
        later = {e.id for day in self.days_to_come for _, e in self._by_day[day]}
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


def _local(moment: dt.datetime, zone: str) -> int:
    """Local day of a moment; at the very edge of the calendar the day in UTC."""
    try:
        return local_day(moment, zone).toordinal()
    except GrowthwatchError:
        return moment.date().toordinal()
