"""Appending, inside the transaction that holds the head: one writer after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import AnyEvent, parse_event
from growthwatch.store import tables as t
from growthwatch.store.chain import EVENT, HASH_BYTES, Head, after, commitment, entry_of_child, new_salt, start_of_child
from growthwatch.store.conflict import Conflict
from growthwatch.store.pseudonyms import check_pseudonym

__all__ = ["Child", "Newest", "check_expected", "found_child", "held_head", "newest", "written"]

_AT_ONCE = 500
"""Values in one question: every SQLite takes as many."""


class Child(NamedTuple):
    """A child in the store: its number, and its newest entry."""

    number: int
    position: int
    hash: bytes


class Newest:
    """The head of a store, while entries are put after it."""

    def __init__(self, position: int, hash: bytes) -> None:
        self.position = position
        self.hash = hash

    def next(self, child: Child, kind: int, content: bytes) -> tuple[dict[str, Any], Child]:
        """Return the row of one more entry, without its content, and the child with it."""
        place = child.position + 1
        of_child = entry_of_child(child.hash, place, kind, content)
        self.position += 1
        self.hash = after(self.hash, self.position, child.number, of_child)
        row = {
            "position": self.position,
            "child": child.number,
            "child_position": place,
            "kind": kind,
            "commitment": content,
            "child_hash": of_child,
            "store_hash": self.hash,
        }
        return row, Child(child.number, place, of_child)

    def keep(self, c: sa.Connection) -> None:
        """Write it down."""
        c.execute(sa.update(t.head).values(position=self.position, hash=self.hash))


def newest(c: sa.Connection, *, hold: bool = False) -> Newest:
    """Return the head of the store; `hold`: no other writer gets it until the transaction ends."""
    asked = sa.select(t.head.c.position, t.head.c.hash)
    row = c.execute(asked.with_for_update() if hold else asked).one_or_none()
    if row is None:
        raise GrowthwatchError("store: its head is gone", field="store", expected="a store that nobody has changed")
    position = t.as_count(row.position)
    if position < 0 or len(row.hash or b"") != HASH_BYTES:
        raise _changed("its head is none")
    return Newest(position, row.hash)


def held_head(c: sa.Connection) -> Newest:
    """The head, which no other writer gets until the transaction ends."""
    return newest(c, hold=True)


def _stored(c: sa.Connection, number: int, ids: list[str]) -> dict[str, bytes]:
    """The stored bytes of those events of a child that are there."""
    out: dict[str, bytes] = {}
    for first in range(0, len(ids), _AT_ONCE):
        asked = sa.select(t.entries.c.event, t.entries.c.body).where(
            t.entries.c.child == number, t.entries.c.event.in_(ids[first : first + _AT_ONCE])
        )
        out.update((str(event), bytes(body)) for event, body in c.execute(asked))
    return out


def found_child(c: sa.Connection, name: str) -> Child | None:
    """The child of that id, with its newest entry."""
    row = c.execute(
        sa.select(t.children.c.number, t.entries.c.child_position, t.entries.c.child_hash)
        .join_from(t.children, t.entries)
        .where(t.children.c.name == name)
        .order_by(t.entries.c.child_position.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    position = t.as_count(row.child_position)
    if position < 1 or len(row.child_hash or b"") != HASH_BYTES:
        raise _changed("the newest entry of this child is none")
    return Child(int(row.number), position, row.child_hash)


def _changed(what: str) -> GrowthwatchError:
    words = f"store: {what}: somebody changed it; verify() says what was changed"
    return GrowthwatchError(words, field="store", expected="a store that nobody has changed", for_logs=words)


def written(
    c: sa.Connection, store: str, head: Newest, name: str, events: Sequence[AnyEvent], expected: Head | int | None
) -> tuple[Head, int]:
    """Store what is not there yet, in the transaction that holds the head; return the child's head, how many."""
    bodies: dict[str, tuple[bytes, AnyEvent]] = {}
    for e in events:
        body = e.canonical().encode()
        if bodies.setdefault(e.id, (body, e))[0] != body:
            raise _two_contents()
    child = found_child(c, name)
    there = {} if child is None else _stored(c, child.number, list(bodies))
    for id, body in there.items():
        if body != bodies[id][0] and parse_event(body) != bodies[id][1]:
            raise _two_contents()
    new = [(id, body) for id, (body, _) in bodies.items() if id not in there]
    here = Head(store, 0, "") if child is None else Head(store, child.position, child.hash.hex())
    if not new:
        return here, 0
    _check_seen(expected, here)
    if child is None:
        child = _new_child(c, store, name)
    rows: list[dict[str, Any]] = []
    for id, body in new:
        salt = new_salt()
        row, child = head.next(child, EVENT, commitment(salt, body))
        rows.append({**row, "event": id, "salt": salt, "body": body})
    c.execute(sa.insert(t.entries), rows)
    head.keep(c)
    return Head(store, child.position, child.hash.hex()), len(new)


def _new_child(c: sa.Connection, store: str, name: str) -> Child:
    check_pseudonym(name)
    number = int(c.scalar(sa.select(sa.func.coalesce(sa.func.max(t.children.c.number), 0))) or 0) + 1
    salt = new_salt()
    made = commitment(salt, name.encode())
    c.execute(sa.insert(t.children), {"number": number, "name": name, "salt": salt, "commitment": made})
    return Child(number, 0, start_of_child(store, number, made))


def _two_contents() -> GrowthwatchError:
    words = "events: an event of this child has an id that another of its events has, with other content"
    return GrowthwatchError(
        words, field="events", expected="one content for one id; a change is a new event that corrects the old one"
    )


def check_expected(expected: object) -> None:
    """Refuse what says nothing of what a writer had seen."""
    right = expected is None or isinstance(expected, Head) or (isinstance(expected, int) and expected >= 0)
    if not right or isinstance(expected, bool):
        fits = "a head of the child, a number of entries from 0, or None"
        raise GrowthwatchError(
            f"expected: got another type or number, expected {fits}", field="expected", expected=fits
        )


def _check_seen(expected: Head | int | None, here: Head) -> None:
    """Refuse what was decided without knowing all that is there."""
    if expected is None:
        return
    seen = expected.position if isinstance(expected, Head) else expected
    # A head of position 0 is that of a child that the store does not have: it has no hash.
    other = isinstance(expected, Head) and (expected.store, expected.hash) != (here.store, here.hash)
    if seen != here.position or (other and here.position > 0):
        raise Conflict(expected, here)
