"""The store: events of many children, appended and read, and never changed."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, cast

import sqlalchemy as sa

from growthwatch.core.calendar import as_instant
from growthwatch.core.canonical import canonical_json
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import AnyEvent, Event, Record, parse_event
from growthwatch.record.values import check_identifier
from growthwatch.store import tables as t
from growthwatch.store.chain import ERASED, EVENT, Head, commitment, entry_of_child, new_salt, start, start_of_child
from growthwatch.store.conflict import Conflict
from growthwatch.store.copies import alone_in_a_new_file
from growthwatch.store.engine import Way
from growthwatch.store.retention import Kept, retention_of
from growthwatch.store.verify import Verification, verify
from growthwatch.store.writing import check_expected, found_child, held_head, newest, written

__all__ = ["Added", "Erased", "Store"]

ZONE: Final = "Europe/London"
"""Whose days are meant where a day stands for its end."""

_LOCK = 0x67726F77
"""PostgreSQL's lock for making and migrating a store: nobody else has a reason to ask for this number."""

Given = Event | Mapping[str, Any]


class Added(NamedTuple):
    """What adding records did.

    Attributes
    ----------
    children
        Records that were given.
    events
        Events that were stored.
    known
        Events that the store had already.
    head
        The head of the store afterwards.
    """

    children: int
    events: int
    known: int
    head: Head


class Erased(NamedTuple):
    """What an erasure did.

    Attributes
    ----------
    events
        Events whose content is gone.
    head
        The head of the store afterwards: the tombstone.
    swept
        Whether nothing of it is left in the files of the database; its backups are another matter.
    """

    events: int
    head: Head
    swept: bool


class Store:
    """A store of records: made by `growthwatch.store.open`.

    Notes
    -----
    Nothing in it is changed or taken out; what is wrong is put right by another event, as in any record.  An
    erasure empties what a child's entries hold, and leaves their places and hashes.
    """

    def __init__(self, url: str, *, create: bool, read_only: bool, identify: bool, wait_seconds: float) -> None:
        self._way = Way(url, create=create, read_only=read_only, wait_seconds=wait_seconds)
        self._identify = identify
        try:
            self._id = self._prepared(create)
        except BaseException:
            self._way.close()
            raise

    # ------------------------------------------------------------ opening and closing

    def _prepared(self, create: bool) -> str:
        """Make or migrate the tables, where they are not as this growthwatch writes them; return the store's id."""
        with self._way.reading() as c:
            version = t.version_of(c)
        if version > t.VERSION:
            raise GrowthwatchError(
                f"version: this store is of version {version}, this growthwatch knows up to {t.VERSION}: "
                "a newer growthwatch wrote it",
                field="version",
                value=version,
                expected=f"at most {t.VERSION}",
            )
        if version < t.VERSION:
            if version == 0 and not create:
                raise GrowthwatchError(
                    "store: there is none in this database", field="store", expected="a store, or create=True"
                )
            with self._way.writing() as c:
                if not self._way.is_file:
                    c.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                t.migrate(c)
        with self._way.reading() as c:
            return str(c.scalar(sa.select(t.meta.c.value).where(t.meta.c.key == "id")))

    def close(self) -> None:
        """Close the store's connections; it can be opened again."""
        self._way.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        kind = "SQLite" if self._way.is_file else "PostgreSQL"
        return f"Store({kind}, {self._id})"

    @property
    def id(self) -> str:
        """Which store it is: 32 hexadecimal digits, drawn when it was made."""
        return self._id

    # ------------------------------------------------------------ growing

    def append(
        self,
        child: str,
        events: Given | Iterable[Given],
        *,
        expected: Head | int | None = None,
    ) -> Head:
        """Store events of a child; when it returns, they are on the disk.

        Parameters
        ----------
        child
            The child's id: a pseudonym.
        events
            One event, or several: all are stored, or none.
        expected
            What you had seen of this child when you decided to write: the head that `head(child)` or an earlier
            `append` gave, or how many entries it had.  None: whatever is there.  Facts may be appended so; say it
            for a decision, which rests on what its author had read.

        Returns
        -------
        Head
            The child's head now.

        Raises
        ------
        Conflict
            When something else was stored for the child since: with both heads.
        GrowthwatchError
            When an event has a wrong form, an id is there with another content, or the store cannot be written.
            Nothing is then stored.

        Notes
        -----
        An event that is there already, with the same content, is not stored again; where all are, the call does
        nothing, whatever was expected.  So a writer that does not know whether it was heard asks again.
        """
        made = self._events(events)
        child = self._child_id(child)
        check_expected(expected)
        with self._identified(), self._way.writing() as c:
            head = held_head(c)
            return written(c, self._id, head, child, made, expected)[0]

    def add(self, records: Record | Iterable[Record], *, at_once: int = 100) -> Added:
        """Store all events of records that are not there yet; many children at once, quickly.

        Parameters
        ----------
        records
            Records, read one after the other.
        at_once
            How many records are on the disk together: if one cannot be stored, none of these is, and all before
            them are.

        Raises
        ------
        GrowthwatchError
            As `append`; or when anything given is no record.
        """
        if not isinstance(at_once, int) or isinstance(at_once, bool) or at_once < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise GrowthwatchError.of("at_once", at_once, "a whole number from 1")
        given = cast("Any", (records,) if isinstance(records, Record) else records)
        if not hasattr(given, "__iter__"):
            raise _not_a_record("records")
        source: Iterator[object] = iter(cast("Iterable[object]", given))
        count = stored = known = 0
        while batch := list(itertools.islice(source, at_once)):
            with self._identified(), self._way.writing() as c:
                head = held_head(c)
                for place, record in enumerate(batch, count):
                    if not isinstance(record, Record):
                        raise _not_a_record(f"records[{place}]")
                    self._child_id(record.child_id)
                    new = written(c, self._id, head, record.child_id, record.events, None)[1]
                    count, stored, known = count + 1, stored + new, known + len(record) - new
        return Added(count, stored, known, self.head())

    # ------------------------------------------------------------ reading

    def head(self, child: str | None = None) -> Head:
        """Return the head of the store, or of one child in it (position 0 of one that it does not have).

        Write the head of the store down elsewhere, each day: `verify` tells by it what was changed since.  Ask for
        the head of a child *before* its record: handed to `append`, it then stands for no more than was read.
        """
        with self._way.reading() as c:
            if child is None:
                last = newest(c)
                return Head(self._id, last.position, last.hash.hex())
            found = found_child(c, self._child_id(child))
        return Head(self._id, 0, "") if found is None else Head(self._id, found.position, found.hash.hex())

    def children(self, *, since: Head | str | None = None) -> tuple[str, ...]:
        """Return the ids of all children that were not erased, in the order in which they came.

        Parameters
        ----------
        since
            A head of the store, kept from an earlier time, such as last night: only those of whom something was
            stored after it.  None: all.

        Raises
        ------
        GrowthwatchError
            When the head is of another store, or no longer the one of that place: `verify` says what was changed.
        """
        asked = sa.select(t.children.c.name).where(t.children.c.name.is_not(None)).order_by(t.children.c.number)
        with self._way.reading() as c:
            if since is not None:
                head = _head(since)
                self._check_head(c, head)
                came = sa.select(t.entries.c.child).where(t.entries.c.position > head.position)
                asked = asked.where(t.children.c.number.in_(came))
            return tuple(c.scalars(asked))

    def __contains__(self, child: object) -> bool:
        """Whether the store has a child of this id that was not erased."""
        try:
            name = self._child_id(child)
        except GrowthwatchError:
            return False
        with self._way.reading() as c:
            return found_child(c, name) is not None

    def __len__(self) -> int:
        with self._way.reading() as c:
            asked = sa.select(sa.func.count()).select_from(t.children).where(t.children.c.name.is_not(None))
            return int(c.scalar(asked) or 0)

    def record(
        self, child: str, *, as_of: dt.date | dt.datetime | None = None, checked: bool = True, zone: str = ZONE
    ) -> Record:
        """Return the record of a child, as far as it had been written down by a moment.

        Parameters
        ----------
        child
            The child's id.
        as_of
            An aware moment, or a day, which means its end: events recorded (`recorded_at`) later are left out.
            None: everything.
        checked
            Whether an entry that was changed in the database is refused.  With False it is read as it is: look at
            what `verify` says of it.
        zone
            IANA name of the time zone of the day.

        Raises
        ------
        GrowthwatchError
            When the store has no such child, or an entry is not as it was stored.
        """
        name = self._child_id(child)
        moment = None if as_of is None else as_instant(as_of, zone)
        with self._way.reading() as c:
            asked = sa.select(t.children.c.number, t.children.c.commitment).where(t.children.c.name == name)
            found = c.execute(asked).one_or_none()
            if found is None:
                raise self._no_child(child)
            of = t.entries.c
            rows = c.execute(
                sa.select(of.child_position, of.kind, of.commitment, of.child_hash, of.salt, of.body)
                .where(of.child == found.number)
                .order_by(of.child_position)
            ).all()
        if checked:
            before = start_of_child(self._id, int(found.number), bytes(found.commitment))
            for place, row in enumerate(rows, 1):
                before = entry_of_child(before, place, t.as_count(row.kind), row.commitment)
                whole = row.body is not None and commitment(row.salt or b"", row.body) == row.commitment
                if not whole or row.child_position != place or row.child_hash != before:
                    raise GrowthwatchError(
                        f"child: entry {place} of this child is not as it was stored: verify() says what was changed; "
                        "checked=False reads it all the same",
                        field="child",
                        expected="a record that nobody changed in the database",
                    )
        with self._identified():
            return _record(name, (bytes(row.body) for row in rows if row.body is not None), moment)

    def records(self, *, as_of: dt.date | dt.datetime | None = None, zone: str = ZONE) -> Iterator[Record]:
        """Give the record of each child, in the order in which they came, from one moment of the store.

        They are read as they are asked for: a store of any size fits.  `verify` looks whether they were changed.

        Parameters
        ----------
        as_of, zone
            As for `record`.
        """
        moment = None if as_of is None else as_instant(as_of, zone)
        with self._way.reading() as c:
            asked = (
                sa.select(t.entries.c.child, t.children.c.name, t.entries.c.body)
                .join_from(t.entries, t.children)
                .where(t.entries.c.kind == EVENT, t.children.c.name.is_not(None), t.entries.c.body.is_not(None))
                .order_by(t.entries.c.child, t.entries.c.child_position)
            )
            name: str | None = None
            bodies: list[bytes] = []
            for row in c.execution_options(yield_per=1000).execute(asked):
                if row.name != name:
                    if name is not None:
                        yield self._read(name, bodies, moment)
                    name, bodies = str(row.name), []
                bodies.append(bytes(row.body))
        if name is not None:
            yield self._read(name, bodies, moment)

    def _read(self, name: str, bodies: list[bytes], moment: dt.datetime | None) -> Record:
        with self._identified():
            return _record(name, bodies, moment)

    # ------------------------------------------------------------ looking whether it was changed

    def verify(self, head: Head | str | Iterable[Head | str] | None = None) -> Verification:
        """Look at every entry: whether it was edited, put in, moved or taken out.

        Parameters
        ----------
        head
            A head of this store that was written down elsewhere, at any time.  Only it shows that nobody wrote the
            chains anew, or took out the newest entries and put the store's own head back.  Several are held against
            the store in one go: a head from after a forgery does not show it, one from before may.

        Returns
        -------
        Verification
            What was found; true where all is as it was stored.
        """
        witnesses = () if head is None else _heads(head)
        with self._way.reading() as c:
            return verify(c, self._id, witnesses)

    # ------------------------------------------------------------ privacy

    def export(self, child: str) -> dict[str, Any]:
        """Return all that the store holds of a child, as plain data, for a request for access.

        Returns
        -------
        dict
            The record in its written form (`Record.from_dict` reads it), and for each entry its place in the
            store, its place among the child's, and its hash.
        """
        record = self.record(child)
        with self._way.reading() as c:
            of = t.entries.c
            rows = c.execute(
                sa.select(of.position, of.child_position, of.event, of.store_hash)
                .join_from(t.entries, t.children)
                .where(t.children.c.name == record.child_id)
                .order_by(of.child_position)
            ).all()
        return {
            "schema": "growthwatch.store.export",
            "schema_version": 1,
            "store": self._id,
            "record": record.to_dict(),
            "entries": [
                {
                    "position": r.position,
                    "of_child": r.child_position,
                    "event": r.event,
                    "hash": (r.store_hash or b"").hex(),
                }
                for r in rows
            ],
        }

    def erase(self, child: str, *, because: str, by: str, at: dt.datetime | None = None) -> Erased:
        """Erase all that the store holds of a child; a tombstone says that it was done, why, by whom and when.

        The entries stay as places in the chains, with hashes that tell nothing: every head that was ever written
        down still verifies.

        Parameters
        ----------
        child
            The child's id.
        because
            The reason: it stays.  Name nobody in it.
        by
            Who answers for it: it stays.
        at
            When: an aware moment.  None: now.

        Raises
        ------
        GrowthwatchError
            When the store has no such child, or the reason or name is empty.
        """
        for field, words in (("because", because), ("by", by)):
            if not isinstance(words, str) or not words.strip():  # pyright: ignore[reportUnnecessaryIsInstance]
                expected = "text that is not empty: an erasure has a reason and a name"
                raise GrowthwatchError(f"{field}: expected {expected}", field=field, expected=expected)
        moment = dt.datetime.now(dt.UTC) if at is None else as_instant(at, "UTC", "at").astimezone(dt.UTC)
        name = self._child_id(child)
        with self._way.writing() as c:
            head = held_head(c)
            found = found_child(c, name)
            if found is None:
                raise self._no_child(child)
            told = {"at": moment.isoformat(), "because": because, "by": by, "entries": found.position}
            body, salt = canonical_json(told).encode(), new_salt()
            row, _ = head.next(found, ERASED, commitment(salt, body))
            c.execute(sa.insert(t.entries), {**row, "event": None, "salt": salt, "body": body})
            head.keep(c)
            emptied = sa.update(t.entries).where(t.entries.c.child == found.number, t.entries.c.kind == EVENT)
            c.execute(emptied.values(event=None, salt=None, body=None))
            c.execute(sa.update(t.children).where(t.children.c.number == found.number).values(name=None, salt=None))
        swept = self._way.sweep(t.entries.name, t.children.name)
        return Erased(found.position, Head(self._id, head.position, head.hash.hex()), swept)

    def retention(self, as_of: dt.date) -> tuple[Kept, ...]:
        """List until when each child's record is kept, the first to end first; nothing is erased by it.

        Parameters
        ----------
        as_of
            The day asked about.

        Returns
        -------
        tuple
            One row a child.  `Kept.over` says whether somebody may look whether it goes; a child without a birth
            date has no day and is listed last.
        """
        return retention_of(self.records(), as_of)

    # ------------------------------------------------------------ copies

    def backup(self, path: str | os.PathLike[str]) -> Head:
        """Copy a store in a file as it is at one moment, while others write; the copy is a store as well.

        Parameters
        ----------
        path
            A new file; it is for its owner alone.

        Returns
        -------
        Head
            The head of the copy.

        Raises
        ------
        GrowthwatchError
            When the file is there, cannot be written, or the store is in PostgreSQL, whose own tools copy it.
        """
        with (
            alone_in_a_new_file(self._way, path) as beside,
            Store(f"sqlite:///{beside}", create=False, read_only=True, identify=False, wait_seconds=5) as copy,
        ):
            return copy.head()

    # ------------------------------------------------------------ helpers

    def _check_head(self, c: sa.Connection, head: Head) -> None:
        """Refuse a head after which nobody can say what is new, because it is not one of this chain."""
        here = start(self._id) if head.position == 0 else None
        # No database takes a number that no entry can have.
        if 0 < t.as_count(head.position) < 1 << 63:
            here = c.scalar(sa.select(t.entries.c.store_hash).where(t.entries.c.position == head.position))
        if head.store != self._id or here is None or here.hex() != head.hash:
            raise GrowthwatchError(
                "since: it is of another store, or this one was changed since: verify(head) says what was changed",
                field="since",
                value=head,
                expected=f"a head of store {self._id}",
            )

    def _child_id(self, child: object) -> str:
        try:
            return check_identifier("child", child)
        except GrowthwatchError as e:
            if self._identify:
                raise
            words = f"child: not an id, expected {e.expected}"
            raise GrowthwatchError(words, field="child", expected=e.expected, for_logs=words) from None

    def _no_child(self, child: str) -> GrowthwatchError:
        shown = f" {child!r}" if self._identify else ""
        return GrowthwatchError(
            f"child{shown}: the store has no child of this id",
            field="child",
            value=child if self._identify else None,
            expected="the id of a child in the store",
            for_logs="child: the store has no child of this id",
        )

    def _events(self, events: Given | Iterable[Given]) -> list[AnyEvent]:
        given = cast("Any", [events] if isinstance(events, (Event, Mapping)) else events)
        if isinstance(given, (str, bytes, Record)) or not hasattr(given, "__iter__"):
            raise GrowthwatchError(
                "events: got something else, expected an event, or a list of events", field="events", expected="events"
            )
        out: list[AnyEvent] = []
        for place, event in enumerate(given):
            with self._identified(f"events[{place}]: not in the form of an event"):
                out.append(parse_event(event))
        return out

    @contextlib.contextmanager
    def _identified(self, otherwise: str | None = None) -> Generator[None]:
        """Leave out of an error of the record what it holds of a child, unless that was asked for."""
        hidden: GrowthwatchError | None = None
        try:
            yield
        except Conflict:
            raise
        except GrowthwatchError as e:
            if self._identify or (e.value is None and otherwise is None and e.field in _OWN):
                raise
            words = otherwise or "an event in the store cannot be read by this growthwatch"
            hidden = GrowthwatchError(
                f"{words} (a store opened with identify=True says what is wrong)",
                field="events",
                expected="events in the form of a record",
                for_logs=words,
            )
        if hidden is not None:
            raise hidden from None


def _heads(given: Head | str | Iterable[Head | str]) -> tuple[Head, ...]:
    """Heads as they were given, or written down."""
    one = isinstance(given, Head | str) or not hasattr(given, "__iter__")
    return tuple(map(_head, cast("Any", (given,) if one else given)))


def _head(given: Head | str) -> Head:
    return given if isinstance(given, Head) else Head.parse(given)


_OWN = frozenset({"store", "child", "expected", "events", "records"})
"""Fields of errors that the store itself makes."""


def _record(name: str, bodies: Iterable[bytes], moment: dt.datetime | None) -> Record:
    events = [parse_event(body) for body in bodies]
    return Record(name, events if moment is None else [e for e in events if e.recorded_at <= moment])


def _not_a_record(place: str) -> GrowthwatchError:
    words = f"{place}: not a Record, expected a record or records, such as Record.load('child.json')"
    return GrowthwatchError(words, field="records", expected="a Record, or several", for_logs=words)
