"""Whether a store is as it was written: every entry is looked at, in the order in which it came."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast

import sqlalchemy as sa

from growthwatch.core.errors import GrowthwatchError
from growthwatch.store import tables as t
from growthwatch.store.chain import ERASED, EVENT, Head, after, commitment, entry_of_child, start, start_of_child

__all__ = ["Erasure", "Problem", "Verification", "verify"]

What = Literal["edited", "missing", "order", "child", "erased", "head", "guards"]
_MOST_SHOWN = 10


class Problem(NamedTuple):
    """One thing that is not as it was written; it holds nothing of a record.

    Attributes
    ----------
    what
        ``edited``: the content of an entry is another.  ``missing``: entries are gone.  ``order``: an entry does not
        follow from those before it: it was put in, moved, or its hashes were changed.  ``child``: the table of
        children was changed.  ``erased``: content is gone without a tombstone.  ``head``: the chain is not the one
        that the head was taken of.  ``guards``: a trigger against accidents is gone.
    position
        Of which entry of the store; 0 where it is about none.
    says
        The same in words.
    """

    what: What
    position: int
    says: str


class Erasure(NamedTuple):
    """A tombstone: that a child's events were erased.

    Attributes
    ----------
    position
        Its place in the store.
    events
        How many events were erased.
    at, because, by
        When, why, and who answers for it.
    """

    position: int
    events: int
    at: str
    because: str
    by: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What looking at every entry of a store has found.  It is true where nothing was.

    Parameters
    ----------
    head
        The head that follows from the entries.
    witness
        The head that was given, of several the newest, if any.
    children
        How many children there are, erased ones included.
    erasures
        Every tombstone, oldest first.
    problems
        What is not as it was written, in the order of positions.
    """

    head: Head
    witness: Head | None
    children: int
    erasures: tuple[Erasure, ...]
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    def __bool__(self) -> bool:
        return self.sound

    def __str__(self) -> str:
        count = f"{self.head.position} entries of {self.children} children"
        if self.problems:
            shown = [p.says for p in self.problems[:_MOST_SHOWN]]
            more = len(self.problems) - len(shown)
            return "\n".join([f"NOT as it was written ({count}):", *shown, *([f"and {more} more"] if more else [])])
        if self.witness is None:
            return (
                f"Nothing was found ({count}). Without a head that was kept elsewhere, nobody can tell whether the "
                "newest entries are gone, or everything was written anew."
            )
        since = self.head.position - self.witness.position
        return f"As it was written ({count}): up to the head that was given, and {since} entries after it."


class _Place:
    """Where one child's chain has come to."""

    __slots__ = ("erased_at", "hash", "position")

    def __init__(self, hash: bytes) -> None:
        self.position = 0
        self.hash = hash
        self.erased_at: int | None = None


def verify(c: sa.Connection, store: str, witnesses: Sequence[Head] = ()) -> Verification:
    """Look at every entry of a store, of one moment.

    Parameters
    ----------
    c
        A transaction that reads.
    store
        The store's id.
    witnesses
        Heads that were written down elsewhere.
    """
    for witness in witnesses:
        if witness.store != store:
            raise GrowthwatchError(
                "head: it is of another store", field="head", value=witness, expected=f"a head of store {store}"
            )
    places = {w.position for w in witnesses}
    found: list[Problem] = []
    children = _children(c, store, found)
    tombstones = {
        t.as_count(child): t.as_count(place)
        for child, place in c.execute(
            sa.select(t.entries.c.child, sa.func.max(t.entries.c.position))
            .where(t.entries.c.kind == ERASED)
            .group_by(t.entries.c.child)
        )
    }
    erasures: list[Erasure] = []
    position, before = 0, start(store)
    seen = {0: before}
    rows = c.execution_options(yield_per=1000).execute(sa.select(t.entries).order_by(t.entries.c.position))
    for row in rows:
        here, number = t.as_count(row.position), t.as_count(row.child)
        if here < 1:
            found.append(Problem("order", 0, "an entry stands at a place that none can have"))
            continue
        if here != position + 1:
            gone = here - position - 1
            which = f"entry {position + 1} is" if gone == 1 else f"entries {position + 1} to {here - 1} are"
            found.append(Problem("missing", position + 1, f"{which} gone"))
        child = children.get(number)
        if child is None:
            found.append(Problem("child", here, f"entry {here} is of a child that is not there"))
            child = children[number] = _Place(b"")
        content = row.commitment
        found += _of_content(row, here, content, tombstones.get(number))
        place, kind = t.as_count(row.child_position), t.as_count(row.kind)
        of_child = entry_of_child(child.hash, place, kind, content)
        follows = (
            place == child.position + 1
            and of_child == row.child_hash
            and after(before, here, number, of_child) == row.store_hash
            and child.erased_at is None
        )
        # After a gap the hashes cannot follow: that is told already.
        if not follows and here == position + 1:
            found.append(Problem("order", here, f"entry {here} does not follow from those before it"))
        if kind == ERASED:
            child.erased_at = here
            if (told := _tombstone(here, row)) is not None:
                erasures.append(told)
        child.position, child.hash = place, row.child_hash
        position, before = here, row.store_hash or b""
        if here in places:
            seen[here] = before
    _of_head(c, position, before, found)
    for witness in sorted(set(witnesses), key=lambda w: w.position):
        _of_witness(witness, position, seen.get(witness.position), found)
    for number, child in children.items():
        if child.position == 0:
            found.append(Problem("child", 0, f"child number {number} has no entries"))
    found += [Problem("guards", 0, f"a guard against accidents is gone: {g}") for g in t.missing_guards(c)]
    found.sort(key=lambda p: p.position or position + 1)
    last = max(witnesses, key=lambda w: w.position, default=None)
    return Verification(Head(store, position, before.hex()), last, len(children), tuple(erasures), tuple(found))


def _children(c: sa.Connection, store: str, found: list[Problem]) -> dict[int, _Place]:
    """The beginning of each child's chain; whether its id is the one that it was stored under."""
    out: dict[int, _Place] = {}
    erased = set(c.scalars(sa.select(t.entries.c.child).where(t.entries.c.kind == ERASED)))
    for row in c.execute(sa.select(t.children).order_by(t.children.c.number)):
        number, made = t.as_count(row.number), row.commitment
        if row.name is None and row.salt is None:
            if number not in erased:
                found.append(Problem("child", 0, f"the id of child number {number} is gone, without a tombstone"))
        elif number in erased:
            found.append(Problem("erased", 0, f"child number {number} was erased, and its id or salt is there"))
        elif commitment(row.salt or b"", str(row.name).encode("utf-8", "replace")) != made:
            found.append(Problem("child", 0, f"the id of child number {number} is another than it was"))
        out[number] = _Place(start_of_child(store, number, made))
    return out


def _of_content(row: Any, here: int, content: bytes, tombstone: int | None) -> list[Problem]:
    """What is wrong with the content of one entry."""
    if row.kind not in (EVENT, ERASED):
        return [Problem("edited", here, f"entry {here} is of a kind that there is not")]
    if row.body is None:
        fits = row.kind == EVENT and tombstone is not None and tombstone > here
        if fits and not (row.event is None and row.salt is None):
            return [Problem("erased", here, f"entry {here} was erased, and its id or salt is there")]
        return [] if fits else [Problem("erased", here, f"the content of entry {here} is gone, without a tombstone")]
    if tombstone is not None and row.kind == EVENT:
        return [Problem("erased", here, f"entry {here} was erased, and its content is there")]
    if commitment(row.salt or b"", row.body) != content:
        return [Problem("edited", here, f"the content of entry {here} is another than it was")]
    told = _told(row.body)
    if told is None or (row.kind == ERASED and _tombstone(here, row) is None):
        return [Problem("edited", here, f"the content of entry {here} is none that growthwatch writes")]
    if row.kind == EVENT and told.get("id") != row.event:
        return [Problem("edited", here, f"entry {here} is listed under the id of another event")]
    return []


def _told(body: bytes | None) -> dict[str, Any] | None:
    """What stored bytes say; None where they are no object of JSON, which nothing that was stored is."""
    try:
        told: object = json.loads(body or b"")
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", told) if isinstance(told, dict) else None


def _tombstone(here: int, row: Any) -> Erasure | None:
    """What a tombstone says; None where it was edited."""
    told = _told(row.body) or {}
    words, events = [told.get(key) for key in ("at", "because", "by")], told.get("entries")
    if not isinstance(events, int) or not all(isinstance(w, str) for w in words):
        return None
    return Erasure(here, events, *map(str, words))


def _of_head(c: sa.Connection, position: int, hash: bytes, found: list[Problem]) -> None:
    """Whether the store's own head is that of its newest entry."""
    row = c.execute(sa.select(t.head.c.position, t.head.c.hash)).one_or_none()
    if row is None:
        found.append(Problem("head", position, "the head of the store is gone"))
    elif t.as_count(row.position) > position:
        gone = int(row.position) - position
        which = "the newest entry is" if gone == 1 else f"the newest {gone} entries are"
        found.append(Problem("missing", position + 1, f"{which} gone: the store had {row.position}"))
    elif row.position != position or row.hash != hash:
        found.append(Problem("head", position, "the newest entry is not the one that the store's head names"))


def _of_witness(witness: Head, position: int, seen: bytes | None, found: list[Problem]) -> None:
    """Whether the chain is the one that a head was taken of."""
    if seen is not None and seen.hex() == witness.hash:
        return
    if witness.position > position:
        words = f"the store has {position} entries, the head that was given is of {witness.position}"
        found.append(Problem("missing", position + 1, words))
    else:
        words = f"up to entry {witness.position} this is not what the head that was given was taken of"
        found.append(Problem("head", witness.position, words))
