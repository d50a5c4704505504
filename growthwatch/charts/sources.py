"""A record at a moment, read once for whatever is drawn of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from growthwatch.core.calendar import as_instant, local_day
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import long_date
from growthwatch.protocol import Change, Review, replay, review
from growthwatch.protocol.child import Child, Scorer, read_child
from growthwatch.protocol.child.ages import Birth
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.document import protocol as packaged_protocol
from growthwatch.record import AnyEvent, Record
from growthwatch.record.known import Known

__all__ = ["Source", "missing", "read_source"]


@dataclass(frozen=True)
class Source:
    """One record, as far as it was known at a moment.

    Attributes
    ----------
    record
        All of it.
    protocol, rules
        The protocol, and what of it counts on the day.
    moment, known
        The moment asked about, and whose knowledge answers.
    today, known_on
        Their local days.
    by_then, child, birth
        What was known, the facts of the child, and its birth.
    """

    record: Record
    protocol: Protocol
    rules: Protocol
    moment: dt.datetime
    known: dt.datetime
    today: dt.date
    known_on: dt.date
    by_then: Known
    child: Child
    birth: Birth

    @property
    def day(self) -> int:
        """The local day of the moment [ordinal day]."""
        return self.today.toordinal()

    @property
    def died(self) -> bool:
        """Whether the child is dead on the day."""
        return self.child.dead_on(self.day)

    @cached_property
    def events(self) -> list[AnyEvent]:
        """What counts by then, in order of recording; no happening that is dated ahead."""
        found = [e for _, e in self.by_then.effective(self.day)]
        return [e for e in found if e.id not in self.by_then.in_doubt]

    @cached_property
    def review(self) -> Review:
        """What the protocol says on the day."""
        return review(self.record, protocol=self.protocol, as_of=self.moment, known_at=self.known)

    @cached_property
    def changes(self) -> list[Change]:
        """Every change of state up to the day."""
        return list(replay(self.record, protocol=self.protocol, until=self.moment, known_at=self.known))


def read_source(
    record: object,
    as_of: dt.date | None = None,
    known_at: dt.date | None = None,
    protocol: object = None,
) -> Source:
    """Read a record at a moment; arguments as for `growthwatch.charts.chart`.

    Raises
    ------
    GrowthwatchError
        For a wrong argument, and where the record has no birth at that moment.
    """
    if not isinstance(record, Record):
        raise GrowthwatchError.of("record", record, "a Record, such as Record.load('child.json')")
    rules = packaged_protocol("uk-hv") if protocol is None else protocol
    if not isinstance(rules, Protocol):
        raise GrowthwatchError.of("protocol", protocol, "a Protocol, or None for the packaged one")
    zone = rules.zone
    if as_of is not None:
        moment = as_instant(as_of, zone, "as_of")
    elif record.events:
        moment = max(e.recorded_at for e in record.events)
    else:
        raise missing("birth", "the record has no events")
    known = moment if known_at is None else as_instant(known_at, zone, "known_at")
    today = local_day(moment, zone)
    whole, rules = rules, rules.on(today)
    by_then = Known.of(record, as_of=moment, known_at=known, zone=zone)
    events = [e for _, e in by_then.effective(today.toordinal())]
    scorer = Scorer(rules.settings, rules.reference, events, by_then.in_doubt)
    child = read_child(rules.settings, rules.reference, by_then.effective(today.toordinal()), scorer)
    if child.ages.birth is None:
        raise missing("birth", f"no birth was recorded by {long_date(today)}")
    return Source(record, whole, rules, moment, known, today, local_day(known, zone), by_then, child, child.ages.birth)


def missing(field: str, why: str) -> GrowthwatchError:
    """What is said of a record that lacks what a chart needs."""
    return GrowthwatchError(f"{field}: {why}", field=field, value=None, expected=f"a record that says the {field}")
