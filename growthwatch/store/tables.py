"""The tables of a store, their guards, and how they came to be as they are: migrations by version."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from growthwatch.store.chain import start

__all__ = [
    "GUARDS",
    "MIGRATIONS",
    "VERSION",
    "as_count",
    "children",
    "entries",
    "head",
    "meta",
    "migrate",
    "missing_guards",
    "version_of",
]

_TABLES = sa.MetaData()


class _Bytes(sa.LargeBinary):
    """Bytes; what somebody put in their place reads as none, which no hash fits.

    SQLite keeps whatever it is given in whatever column.
    """

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return _as_bytes


def _as_bytes(value: Any) -> bytes | None:
    if value is None:
        return None
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else b""  # pyright: ignore[reportUnknownArgumentType]


def as_count(value: object) -> int:
    """Return a whole number that was read; what somebody put in its place is -1, which no entry has."""
    return value if isinstance(value, int) and value >= 0 else -1


# In SQLite only INTEGER is the row's own number.
_Count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

meta = sa.Table(
    "growthwatch_store",
    _TABLES,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""What this store is: its id, and the version of its tables."""

head = sa.Table(
    "growthwatch_head",
    _TABLES,
    sa.Column("one", sa.SmallInteger, sa.CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    sa.Column("position", _Count, nullable=False),
    sa.Column("hash", _Bytes, nullable=False),
)
"""One row: the newest entry.  Writers hold it while they append, one after the other."""

children = sa.Table(
    "growthwatch_children",
    _TABLES,
    sa.Column("number", _Count, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, unique=True),
    sa.Column("salt", _Bytes),
    sa.Column("commitment", _Bytes, nullable=False),
)
"""Ids of children; an erased one has a number only."""

entries = sa.Table(
    "growthwatch_entries",
    _TABLES,
    sa.Column("position", _Count, primary_key=True, autoincrement=False),
    sa.Column("child", _Count, sa.ForeignKey(children.c.number), nullable=False),
    sa.Column("child_position", _Count, nullable=False),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("event", sa.Text),
    sa.Column("salt", _Bytes),
    sa.Column("body", _Bytes),
    sa.Column("commitment", _Bytes, nullable=False),
    sa.Column("child_hash", _Bytes, nullable=False),
    sa.Column("store_hash", _Bytes, nullable=False),
    sa.UniqueConstraint("child", "child_position"),
    sa.UniqueConstraint("child", "event"),
)
"""All that was ever stored, in order; what was erased has its place and hashes only."""


# ---------------------------------------------------------------- guards against accidents

_WORDS = "what is in a store is never changed or taken out"
_KEPT = {
    "growthwatch_entries": ("position", "child", "child_position", "kind", "commitment", "child_hash", "store_hash"),
    "growthwatch_children": ("number", "commitment"),
}
# An erasure may empty these, after its tombstone stands.
_EMPTIED = {"growthwatch_entries": ("event", "salt", "body"), "growthwatch_children": ("name", "salt")}
_NUMBER = {"growthwatch_entries": "child", "growthwatch_children": "number"}
_NEVER_TAKEN_OUT = ("growthwatch_entries", "growthwatch_children", "growthwatch_head", "growthwatch_store")


def _erasing(table: str, same: str) -> str:
    """Condition, on OLD and NEW, under which an UPDATE only empties a row of a child that has a tombstone."""
    parts = [f"NEW.{c} {same} OLD.{c}" for c in _KEPT[table]] + [f"NEW.{c} IS NULL" for c in _EMPTIED[table]]
    if table == "growthwatch_entries":
        parts.append("OLD.kind = 0")
    parts.append(f"EXISTS (SELECT 1 FROM growthwatch_entries t WHERE t.child = OLD.{_NUMBER[table]} AND t.kind = 1)")
    return " AND ".join(parts)


def _sqlite_guards() -> list[str]:
    out = [
        f"CREATE TRIGGER {t}_unchanged BEFORE UPDATE ON {t} WHEN NOT ({_erasing(t, 'IS')}) "
        f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        for t in _KEPT
    ]
    return out + [
        f"CREATE TRIGGER {t}_kept BEFORE DELETE ON {t} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        for t in _NEVER_TAKEN_OUT
    ]


def _postgresql_guards() -> list[str]:
    out: list[str] = []
    for t in _KEPT:
        out += [
            (
                f"CREATE FUNCTION {t}_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {_erasing(t, 'IS NOT DISTINCT FROM')} THEN RETURN NEW; END IF; "
                f"RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'raise_exception'; END $$"
            ),
            f"CREATE TRIGGER {t}_unchanged BEFORE UPDATE ON {t} FOR EACH ROW EXECUTE FUNCTION {t}_unchanged()",
        ]
    out.append(
        "CREATE FUNCTION growthwatch_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'raise_exception'; END $$"
    )
    for t in _NEVER_TAKEN_OUT:
        out += [
            f"CREATE TRIGGER {t}_kept BEFORE DELETE ON {t} FOR EACH ROW EXECUTE FUNCTION growthwatch_kept()",
            f"CREATE TRIGGER {t}_whole BEFORE TRUNCATE ON {t} FOR EACH STATEMENT EXECUTE FUNCTION growthwatch_kept()",
        ]
    return out


GUARDS: Final = (
    *(f"{t}_unchanged" for t in _KEPT),
    *(f"{t}_kept" for t in _NEVER_TAKEN_OUT),
)
"""Names of the triggers that both databases have."""


def missing_guards(connection: sa.Connection) -> tuple[str, ...]:
    """Return the names of the triggers that somebody took away or switched off."""
    if connection.dialect.name == "sqlite":
        asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        asked = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    there = {str(name) for name in connection.scalars(sa.text(asked))}
    return tuple(name for name in GUARDS if name not in there)


# ---------------------------------------------------------------- migrations


def _first(connection: sa.Connection) -> None:
    _TABLES.create_all(connection)
    for statement in _sqlite_guards() if connection.dialect.name == "sqlite" else _postgresql_guards():
        connection.exec_driver_sql(statement)


MIGRATIONS: Sequence[Callable[[sa.Connection], None]] = (_first,)
"""What makes of a store of one version one of the next; the first makes a store of nothing."""

VERSION: Final = len(MIGRATIONS)
"""The version of the tables that this growthwatch writes."""


def version_of(connection: sa.Connection) -> int:
    """Return the version of a store's tables; 0 where there are none."""
    if not sa.inspect(connection).has_table(meta.name):
        return 0
    return int(connection.scalar(sa.select(meta.c.value).where(meta.c.key == "version")) or 0)


def migrate(connection: sa.Connection, steps: Sequence[Callable[[sa.Connection], None]] = MIGRATIONS) -> None:
    """Bring the tables to the newest version, step by step, in one transaction; a new store gets its id."""
    version = version_of(connection)
    for step in steps[version:]:
        step(connection)
    if version == 0:
        id = uuid.uuid4().hex
        connection.execute(sa.insert(meta), [{"key": "id", "value": id}, {"key": "version", "value": str(len(steps))}])
        connection.execute(sa.insert(head), {"one": 1, "position": 0, "hash": start(id)})
    elif version < len(steps):
        connection.execute(sa.update(meta).where(meta.c.key == "version").values(value=str(len(steps))))
