"""What somebody does to the tables of a store who may: each way is to be found, or cannot be told without a witness."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from growthwatch.store import tables as t
from growthwatch.store.chain import EVENT, after, commitment, entry_of_child, start, start_of_child

E = "growthwatch_entries"
Rows = list[dict[str, Any]]


def without_guards(c: sa.Connection) -> None:
    """Switch the triggers off, until the transaction ends."""
    if c.dialect.name == "sqlite":
        for (name,) in list(c.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))):
            c.exec_driver_sql(f"DROP TRIGGER {name}")
    else:
        c.exec_driver_sql("SET LOCAL session_replication_role = replica")


def rows_of(c: sa.Connection) -> Rows:
    """All entries, in order."""
    return [dict(r) for r in c.execute(sa.select(t.entries).order_by(t.entries.c.position)).mappings()]


def chained_anew(c: sa.Connection, store: str, rows: Rows) -> None:
    """Write entries with hashes that fit, and the head that follows from them: what somebody does who knows all."""
    names = {int(r.number): bytes(r.commitment) for r in c.execute(sa.select(t.children))}
    before = {n: (0, start_of_child(store, n, name)) for n, name in names.items()}
    newest, position = start(store), 0
    c.execute(sa.delete(t.entries))
    for position, row in enumerate(rows, 1):
        child = row["child"]
        place = before[child][0] + 1
        of_child = entry_of_child(before[child][1], place, row["kind"], bytes(row["commitment"]))
        before[child] = (place, of_child)
        newest = after(newest, position, child, of_child)
        made = {"position": position, "child_position": place, "child_hash": of_child, "store_hash": newest}
        c.execute(sa.insert(t.entries), {**row, **made})
    c.execute(sa.update(t.head).values(position=position, hash=newest))


def edited(c: sa.Connection, store: str, at: int) -> bool:
    """Other content, under the hashes that were there."""
    row = rows_of(c)[at - 1]
    if row["body"] is None:
        return False
    body = bytes(row["body"])
    c.execute(sa.update(t.entries).where(t.entries.c.position == at).values(body=body[:-1] + b" }"))
    return True


def taken_out(c: sa.Connection, store: str, at: int) -> bool:
    c.execute(sa.delete(t.entries).where(t.entries.c.position == at))
    return True


def swapped(c: sa.Connection, store: str, at: int) -> bool:
    """Two entries that follow each other have changed places."""
    rows = rows_of(c)
    if at == len(rows):
        return False
    for old, new in ((at, -1), (at + 1, at), (-1, at + 1)):
        c.execute(sa.update(t.entries).where(t.entries.c.position == old).values(position=new))
    return True


def put_in(c: sa.Connection, store: str, at: int) -> bool:
    """A copy of an entry stands at the end."""
    rows = rows_of(c)
    mine = [r for r in rows if r["child"] == rows[at - 1]["child"]]
    more = {"position": len(rows) + 1, "child_position": mine[-1]["child_position"] + 1, "event": "put-in"}
    c.execute(sa.insert(t.entries), {**rows[at - 1], **more})
    return True


def emptied(c: sa.Connection, store: str, at: int) -> bool:
    """Content is gone, and no tombstone says so."""
    row = rows_of(c)[at - 1]
    if row["body"] is None:
        return False
    c.execute(sa.update(t.entries).where(t.entries.c.position == at).values(event=None, salt=None, body=None))
    return True


def odd_places(c: sa.Connection, store: str, at: int) -> bool:
    """A number that no entry can have."""
    c.execute(sa.update(t.entries).where(t.entries.c.position == at).values(child_position=-at))
    return True


def odd_kind(c: sa.Connection, store: str, at: int) -> bool:
    c.execute(sa.update(t.entries).where(t.entries.c.position == at).values(kind=-7))
    return True


def odd_position(c: sa.Connection, store: str, at: int) -> bool:
    c.execute(sa.update(t.entries).where(t.entries.c.position == at).values(position=-at))
    return True


def short_hash(c: sa.Connection, store: str, at: int) -> bool:
    c.execute(sa.update(t.entries).where(t.entries.c.position == at).values(commitment=b"", child_hash=b"\0"))
    return True


def text_for_bytes(c: sa.Connection, store: str, at: int) -> bool:
    """SQLite keeps whatever it is given in whatever column."""
    if c.dialect.name != "sqlite":
        return False
    c.exec_driver_sql(f"UPDATE {E} SET body = 'text', commitment = 'text', kind = 'x' WHERE position = {int(at)}")
    return True


def renamed(c: sa.Connection, store: str, at: int) -> bool:
    """A child is listed under another's id."""
    child = rows_of(c)[at - 1]["child"]
    c.execute(sa.update(t.children).where(t.children.c.number == child).values(name=f"renamed-{child}"))
    return True


def put_back(c: sa.Connection, store: str, at: int) -> bool:
    """An erased entry has an id again."""
    row = rows_of(c)[at - 1]
    if row["body"] is not None:
        return False
    c.execute(sa.update(t.entries).where(t.entries.c.position == at).values(event="w0"))
    return True


def last_gone_and_head_put_back(c: sa.Connection, store: str, at: int) -> bool:
    chained_anew(c, store, rows_of(c)[:-1])
    return True


def forged(c: sa.Connection, store: str, at: int) -> bool:
    """Another weight, and every hash made anew."""
    rows = rows_of(c)
    row = rows[at - 1]
    if row["body"] is None or row["kind"] != EVENT:
        return False
    told = {**json.loads(bytes(row["body"])), "weight_kg": 99}
    return _rewritten(c, store, rows, at, json.dumps(told).encode())


def forged_without_sense(c: sa.Connection, store: str, at: int) -> bool:
    """Content that is no event at all, and every hash made anew."""
    return _rewritten(c, store, rows_of(c), at, b"[1]" if at % 2 else b"\xff{")


def _rewritten(c: sa.Connection, store: str, rows: Rows, at: int, body: bytes) -> bool:
    row = rows[at - 1]
    if row["body"] is None:
        return False
    row["body"], row["commitment"] = body, commitment(bytes(row["salt"]), body)
    chained_anew(c, store, rows)
    return True


ALWAYS_FOUND: tuple[Callable[[sa.Connection, str, int], bool], ...] = (
    edited,
    taken_out,
    swapped,
    put_in,
    emptied,
    odd_places,
    odd_kind,
    odd_position,
    short_hash,
    text_for_bytes,
    renamed,
    put_back,
    forged_without_sense,
)
"""What the store itself shows; each gives whether it did anything."""

FOUND_BY_A_WITNESS = (last_gone_and_head_put_back, forged)
"""What only a head shows that was kept elsewhere."""
