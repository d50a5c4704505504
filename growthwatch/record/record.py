"""The record of one child: an append-only log of events, immutable in memory.

A `Record` never changes: `append` and `merge` give a new one.  It keeps everything that
anybody ever wrote; `effective` says which events counted, as far as it was known then.
"""

from __future__ import annotations

import bisect
import datetime as dt
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Self, cast, final

from growthwatch.core.alike import alike, warn_of_alike
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.html_table import html_table
from growthwatch.record.effective import Links
from growthwatch.record.events import AnyEvent, as_event, parse_event
from growthwatch.record.facts import EnteredInError
from growthwatch.record.files import MOST_EVENTS, SCHEMA, check_amount, contents, read_file, write_file
from growthwatch.record.forms import Event, read_json
from growthwatch.record.hashed import Hashed
from growthwatch.record.values import as_instant, check_identifier, shown

__all__ = ["Record"]

_MOST_SHOWN = 10
_ROWS = 30
_LONGEST = 100
# Columns of their own in a table of events, or of no use to a reader there.
_NOT_GIST = frozenset({"id", "type", "on", "recorded_at", "actor", "role", "note"})


@final
class Record:
    """All that was written down about one child.

    Parameters
    ----------
    child_id
        Identifies the child: text of 1 to 200 characters.
    events
        Events, or mappings in the written form, in any order.

    Raises
    ------
    GrowthwatchError
        When an event has a wrong form, or two different events have one id.

    Warns
    -----
    GrowthwatchWarning
        When ids differ only in spaces, joiners, letter case or leading zeros.

    Notes
    -----
    Events are kept in canonical order: by `recorded_at`, then `on`, then `time` (none counts
    as 00:00), then `id`.  The order in which they were given never matters.  Two events with
    one id and the same content are one event.
    """

    __slots__ = ("_child_id", "_events", "_hashed", "_index", "_links", "_recorded")

    _child_id: str
    _events: tuple[AnyEvent, ...]
    _index: dict[str, AnyEvent]
    _recorded: tuple[dt.datetime, ...]
    # What is worked out when it is asked for, and handed on to the record that this one grows into.
    _links: Links
    _hashed: Hashed | None

    def __init__(self, child_id: str, events: Iterable[Event | Mapping[str, Any]] = ()) -> None:
        child_id = check_identifier("child_id", child_id)
        given = cast("Any", events)
        if isinstance(given, (str, bytes)) or hasattr(given, "keys") or not hasattr(given, "__iter__"):
            raise GrowthwatchError.of("events", given, "a list of events")
        index: dict[str, AnyEvent] = {}
        _add(index, _all_events(cast("Iterable[Any]", given)))
        warn_of_alike("id", index)
        in_order = tuple(sorted(index.values(), key=_order))
        self._fill(child_id, in_order, index, tuple(e.recorded_at for e in in_order), Links.of(in_order), None)

    def _fill(
        self,
        child_id: str,
        events: tuple[AnyEvent, ...],
        index: dict[str, AnyEvent],
        recorded: tuple[dt.datetime, ...],
        links: Links,
        hashed: Hashed | None,
    ) -> None:
        put = object.__setattr__
        put(self, "_child_id", child_id)
        put(self, "_events", events)
        put(self, "_index", index)
        put(self, "_recorded", recorded)
        put(self, "_links", links)
        put(self, "_hashed", hashed)

    def _grown(self, more: Sequence[AnyEvent]) -> Self:
        """Return a record with more events; what is known of those before the first of them still holds."""
        index = dict(self._index)
        _add(index, more)
        new = sorted({e.id: index[e.id] for e in more if e.id not in self._index}.values(), key=_order)
        if not new:
            return self
        place = bisect.bisect_right(self._events, new[0].order, key=_order)
        before = self._events[place:]
        now = tuple(sorted([*before, *new], key=_order))
        events = self._events[:place] + now
        record = object.__new__(type(self))
        record._fill(
            self._child_id,
            events,
            index,
            self._recorded[:place] + tuple(e.recorded_at for e in now),
            self._links.grown(place, events),
            None if self._hashed is None else self._hashed.grown(place, before, now),
        )
        return record

    # ------------------------------------------------------------ looking

    @property
    def child_id(self) -> str:
        """The child's identifier."""
        return self._child_id

    @property
    def events(self) -> tuple[AnyEvent, ...]:
        """Every event ever written, in canonical order."""
        return self._events

    @property
    def ids(self) -> Set[str]:
        """The ids of all events."""
        return self._index.keys()

    @property
    def content_hash(self) -> str:
        """``sha256:`` and the hash of the record's content."""
        if self._hashed is None:
            object.__setattr__(self, "_hashed", Hashed.of(self._child_id, self._events))
        return cast("Hashed", self._hashed).content_hash

    def event(self, id: str) -> AnyEvent:
        """Return the event with this id.

        Raises
        ------
        GrowthwatchError
            When the record has none.
        """
        try:
            return self._index[id]
        except (KeyError, TypeError):
            raise GrowthwatchError.of(
                "id", id, f"the id of one of the {len(self._events)} events of the record"
            ) from None

    def effective(self, known_at: dt.datetime | None = None) -> tuple[AnyEvent, ...]:
        """Return the events that counted, by what had been written down at a moment.

        Parameters
        ----------
        known_at
            An aware moment: only events recorded at or before it are known.  None: all are.

        Returns
        -------
        tuple
            The known events in canonical order, without error marks, events entered in
            error, and events that a correction replaced.

        Notes
        -----
        - An error mark counts unless it is itself entered in error or replaced; so a mark on a
          mark brings the event back.
        - Corrections form chains (C corrects B corrects A): of a chain, the latest link that
          was not entered in error counts.  If C was entered in error, B counts again; if B
          was, C still does; if both were, A does.  Two corrections of one event both count.
        - A mark or correction whose target is not known (yet) has no effect on anything.
        - Where marks and corrections go round in a circle, the circle is opened at its first
          event in canonical order: what that one says of the next has no effect.  So the
          later word stands.
        """
        return self._links.effective(self._count(known_at))

    def taken_back(self, known_at: dt.datetime | None = None) -> tuple[AnyEvent, ...]:
        """Return the events that had been written down by a moment and counted no longer.

        Parameters
        ----------
        known_at
            An aware moment: only events recorded at or before it are known.  None: all are.

        Returns
        -------
        tuple
            Events entered in error and events that a correction replaced, in canonical order; error marks are
            not among them.
        """
        return self._links.taken_back(self._count(known_at))

    def _count(self, known_at: dt.datetime | None) -> int:
        """How many events had been written down by a moment."""
        if known_at is None:
            return len(self._events)
        # Only an instant in UTC compares quickly and the same way everywhere.
        moment = None if isinstance(known_at, str) else as_instant(known_at)
        if moment is None:
            raise GrowthwatchError.of("known_at", known_at, "an aware datetime, or None for all that is known")
        return bisect.bisect_right(self._recorded, moment)

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[AnyEvent]:
        return iter(self._events)

    def __contains__(self, event: object) -> bool:
        return isinstance(event, Event) and self._index.get(event.id) == event

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        return self._child_id == other._child_id and self._events == other._events

    def __hash__(self) -> int:
        return hash((self._child_id, self._events))

    def __repr__(self) -> str:
        decisions = sum(e.is_decision for e in self._events)
        return f"Record({self._child_id!r}, {len(self._events) - decisions} facts, {decisions} decisions)"

    def _repr_html_(self) -> str:
        newest = self._events[-_ROWS:]
        counted = {e.id for e in self.effective()}
        rows = [
            (
                e.on,
                e.type.replace("_", " "),
                _gist(e) if e.id in counted or isinstance(e, EnteredInError) else f"(no longer counts) {_gist(e)}",
                f"{e.recorded_at:%Y-%m-%d %H:%M}",
                e.role.replace("_", " "),
            )
            for e in newest
        ]
        older = len(self._events) - len(newest)
        after = f"and {older} events written down before these" if older else ""
        return html_table(repr(self), ("on", "event", "what", "written down (UTC)", "by"), rows, after)

    def __setattr__(self, name: str, value: object) -> None:
        raise GrowthwatchError(
            f"{name}: a record cannot be changed; append and merge give a new one",
            field=name,
            value=value,
            expected="no change",
        )

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Record, (self._child_id, self._events))

    # ------------------------------------------------------------ growing

    def append(self, event: Event | Mapping[str, Any] | str | bytes) -> Record:
        """Return a record with one more event; only its form is checked.

        The same event a second time changes nothing.

        Parameters
        ----------
        event
            An event, a mapping in the written form, or the same as JSON: text, or bytes in UTF-8.

        Raises
        ------
        GrowthwatchError
            When the form is wrong, or the id belongs to an event with other content.
        """
        return self._grown([_one_event(event)])

    def merge(self, other: Record) -> Record:
        """Return a record with the events of both.

        Merging is idempotent, commutative and associative.

        Raises
        ------
        GrowthwatchError
            When the records are of different children, or an id has different content in them.
        """
        given = cast("object", other)
        if not isinstance(given, Record):
            raise GrowthwatchError.of("other", given, "a Record")
        if other._child_id != self._child_id:
            same = " (the two differ only in spelling)" if alike((self._child_id, other._child_id)) else ""
            raise GrowthwatchError.of("child_id", other._child_id, f"the same child, {self._child_id!r}{same}")
        merged = self._grown(other._events)
        if merged is not self:
            warn_of_alike("id", merged._index)
        return merged

    # ------------------------------------------------------------ reading and writing

    def to_dict(self) -> dict[str, Any]:
        """Return the written form as plain data."""
        return {
            "schema": SCHEMA,
            "schema_version": max((e.version for e in self._events), default=1),
            "child_id": self._child_id,
            "events": [e.to_dict() for e in self._events],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Record:
        """Make a record from its written form as plain data.

        Raises
        ------
        GrowthwatchError
            When the header or any event is wrong; every wrong event is named.
        """
        return cls(*contents(data))

    @classmethod
    def loads(cls, text: str | bytes) -> Record:
        """Read a record from JSON text (or UTF-8 bytes).

        Raises
        ------
        GrowthwatchError
            When it is not JSON, has a key twice, has a number that is not finite, or is not a record; or when it
            is larger than any record.
        """
        given: Any = text
        if not isinstance(given, (str, bytes, bytearray)):
            raise GrowthwatchError.of("text", given, "JSON text")
        check_amount(given)
        return cls.from_dict(read_json(given))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Record:
        """Read a record from a file.

        Raises
        ------
        GrowthwatchError
            When the file cannot be read or is not a record, or has more than 30,000,000 bytes or 50,000 events.
        """
        data = read_file(path)
        try:
            return cls.loads(data)
        except GrowthwatchError as e:
            raise e.within(os.fspath(path)) from None

    def dumps(self) -> str:
        """Return the record as JSON text: always the same text for the same content."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def dump(self, path: str | os.PathLike[str], *, merge: bool = False) -> Record:
        """Write the record to a file: wholly or not at all, and never over events that it lacks.

        Parameters
        ----------
        path
            The file.  A new one is for its owner alone; one that is there keeps its mode.
        merge
            Whether events that the file holds and this record lacks are kept.

        Returns
        -------
        Record
            What the file now holds.

        Raises
        ------
        GrowthwatchError
            When the file holds events that this record lacks and they are not to be merged, or is a record of
            another child, or one that cannot be read; when it is not a regular file, or cannot be written; when
            it would be larger than what is read.
            What was there before is then still there.
        """
        written = self

        def make(there: bytes | None) -> bytes:
            nonlocal written
            if there is not None and (old := _as_record(path, there)) is not None:
                written = self._over(old, path, merge)
            data = written.dumps().encode("utf-8")
            try:
                check_amount(data)
                if len(written) > MOST_EVENTS:
                    raise GrowthwatchError.of("events", f"{len(written)} events", f"at most {MOST_EVENTS} of one child")
            except GrowthwatchError as e:
                raise e.within(f"cannot write {os.fspath(path)}, which nobody could read again") from None
            return data

        write_file(path, make)
        return written

    def _over(self, old: Record, path: str | os.PathLike[str], merge: bool) -> Record:
        """Return what may take the place of what a file holds."""
        where = os.fspath(path)
        if old._child_id != self._child_id:
            raise GrowthwatchError(
                f"cannot write {where}: it holds the record of {old._child_id!r}, this is one of {self._child_id!r}",
                field="path",
                value=path,
                expected="a file of the same child, or a new one",
            )
        if merge:
            return self.merge(old)
        lacking = [e.id for e in old._events if e.id not in self._index]
        if lacking:
            names = ", ".join(repr(i) for i in lacking[:_MOST_SHOWN])
            more = f" and {len(lacking) - _MOST_SHOWN} more" if len(lacking) > _MOST_SHOWN else ""
            count = "an event" if len(lacking) == 1 else f"{len(lacking)} events"
            raise GrowthwatchError(
                f"cannot write {where}: it holds {count} that this record lacks ({names}{more}): "
                "somebody else wrote there; dump with merge=True keeps both",
                field="path",
                value=path,
                expected="a file whose events this record has, or merge=True",
            )
        self.merge(old)  # one id, two contents: refused, with both
        return self


# ---------------------------------------------------------------- helpers


def _as_record(path: str | os.PathLike[str], there: bytes) -> Record | None:
    """Read what a file holds; None if it is no record at all, which loses nothing that was written down."""
    try:
        return Record.loads(there)
    except GrowthwatchError as e:
        if SCHEMA.encode() not in there.replace(b"\0", b""):  # in UTF-16 it is a record too
            return None
        raise GrowthwatchError(
            f"cannot write {os.fspath(path)}: it is a record that cannot be read, "
            f"and may hold what this one lacks: {e}",
            field="path",
            value=path,
            expected="a record that can be read, or a new file",
        ) from None


def _order(event: AnyEvent) -> tuple[dt.datetime, dt.date, dt.time, str]:
    return event.order


def _one_event(event: object) -> AnyEvent:
    return as_event(event) if isinstance(event, Event) else parse_event(cast("Mapping[str, Any]", event))


def _all_events(events: Iterable[Any]) -> list[AnyEvent]:
    """Make every event; name all the wrong ones at once."""
    made: list[AnyEvent] = []
    wrong: list[tuple[str, GrowthwatchError]] = []
    for place, event in enumerate(events):
        try:
            if isinstance(event, (str, bytes)):
                raise GrowthwatchError.of("event", event, "an object with named keys")
            made.append(_one_event(event))
        except GrowthwatchError as e:
            at = f"events[{place}]"
            inside = [p._replace(field=f"{at}.{p.field}", sentence=f"{at}: {p.sentence}") for p in e.problems]
            error = GrowthwatchError(str(e), field=e.field, value=e.value, expected=e.expected, problems=inside)
            wrong.append((f"{at}: {e}", error))
    if wrong:
        more = len(wrong) - _MOST_SHOWN
        lines = [text for text, _ in wrong[:_MOST_SHOWN]] + ([f"and {more} more wrong events"] if more > 0 else [])
        first = wrong[0][1]
        raise GrowthwatchError(
            "\n".join(lines),
            field=first.field,
            value=first.value,
            expected=first.expected,
            problems=[p for _, e in wrong for p in e.problems],
        ) from None
    return made


def _add(index: dict[str, AnyEvent], events: Iterable[AnyEvent]) -> None:
    """Add events to an index by id; an id stands for one content."""
    for event in events:
        there = index.setdefault(event.id, event)
        if there is event or there == event:
            continue
        one, two = there.to_dict(), event.to_dict()
        differing = [key for key in {**one, **two} if one.get(key) != two.get(key)]
        raise GrowthwatchError(
            f"event {event.id!r} is there twice with different content: "
            + ", ".join(f"{key} {shown(one.get(key))} and {shown(two.get(key))}" for key in differing),
            field="id",
            value=event.id,
            expected="one content for one id; a change is a new event that corrects the old one",
        )


def _gist(event: AnyEvent) -> str:
    """What an event says beyond when, what and who, cut to one short line."""
    said = ((k, v) for k, v in event.to_dict().items() if k not in _NOT_GIST and v is not None)
    text = " ".join("; ".join(f"{k} {v}" for k, v in said).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
