"""Every error that a store can raise, each raised once: none holds a name, an id or a weight, and none can be new.

The places where growthwatch.store raises are read from its source: one that no case here reaches fails the test.
"""

from __future__ import annotations

import ast
import sqlite3
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from store_writers import weighing

import growthwatch as gw
import growthwatch.store
from growthwatch.store import Head, pseudonym
from growthwatch.store import tables as t
from growthwatch.store.pseudonyms import is_nhs_number
from growthwatch.store.store import Store

FOLDER = Path(growthwatch.store.__file__).parent
NAME, ID, KG, ACTOR, NUMBER = "SmithJohn", "w77", 7.654321, "hv-Jones", "9434765919"
SECRETS = (NAME, ID, str(KG), ACTOR, NUMBER, "Smith", "Jones")
EVENT = weighing(ID[1:], KG, actor=ACTOR)
WHY = {"because": "asked", "by": "data officer"}

Case = Callable[[Store, Path, pytest.MonkeyPatch], object]


def places() -> set[tuple[str, int]]:
    """Each place in the source where something is raised, but what is only raised again, and names that are not there."""
    return {
        (file.name, node.lineno)
        for file in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) and node.exc is not None and "AttributeError" not in ast.unparse(node.exc)
    }


def opened(folder: Path, **how: object) -> Store:
    return gw.store.open(f"sqlite:///{folder / 'store.db'}", **how)  # pyright: ignore


def altered(store: Store, *statements: str) -> None:
    with store._way.writing() as c:
        for (name,) in list(c.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))):
            c.exec_driver_sql(f"DROP TRIGGER {name}")
        for statement in statements:
            c.exec_driver_sql(statement)


def no_sqlalchemy(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.delitem(sys.modules, "growthwatch.store.store")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    return opened(folder)


def no_file_to_copy(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(store._way, "path", None)
    return store.backup(folder / "copy.db")


def damaged(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Where the name of a table stands is no text; the error of SQLite would be one of Python."""
    path = folder / "other.db"
    gw.store.open(f"sqlite:///{path}").close()
    whole = path.read_bytes()
    for at in (n for n in range(4096) if whole[n : n + 12] == b"growthwatch_"):
        path.write_bytes(whole[:at] + b"\xa4" + whole[at + 1 :])
        try:
            gw.store.open(f"sqlite:///{path}", create=False).close()
        except gw.GrowthwatchError as e:
            if any("_CORRUPT" in (f.line or "") for f in traceback.extract_tb(e.__traceback__)):
                raise
    return None


def no_database(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    (folder / "notes.db").write_text(f"{NAME} {KG}\n" * 500)
    return gw.store.open(f"sqlite:///{folder / 'notes.db'}")


def newer(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    altered(store, "UPDATE growthwatch_store SET value = '99' WHERE key = 'version'")
    return opened(folder)


def empty(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    sqlite3.connect(folder / "empty.db").close()
    return gw.store.open(f"sqlite:///{folder / 'empty.db'}", create=False)


def guarded(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    with store._way.writing() as c:
        return c.execute(sa.delete(t.entries))


def changed(store: Store, *statements: str) -> Store:
    altered(store, *statements)
    return store


def unreadable(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """An event that this growthwatch does not know, as a newer one may write it."""
    return changed(store, f"""UPDATE growthwatch_entries SET body = CAST('{{"{NAME}": {KG}}}' AS BLOB)""").record(
        NAME, checked=False
    )


CASES: dict[str, Case] = {
    "SQLAlchemy is not there": no_sqlalchemy,
    "no head": lambda s, f, m: Head.parse(f"{NAME},{KG}"),
    "a backup of PostgreSQL": no_file_to_copy,
    "a backup over a file": lambda s, f, m: s.backup(f / "store.db"),
    "a backup nowhere": lambda s, f, m: s.backup(f / "nowhere" / "copy.db"),
    "a copy that cannot be opened": lambda s, f, m: s._way.copy(f),
    "no file": lambda s, f, m: gw.store.open(f"sqlite:///{f / 'none.db'}", create=False),
    "read only": lambda s, f, m: opened(f, read_only=True).append(NAME, EVENT),
    "no URL": lambda s, f, m: gw.store.open(f"mysql://{NAME}@h/d"),
    "in memory": lambda s, f, m: gw.store.open("sqlite://"),
    "no folder": lambda s, f, m: gw.store.open(f"sqlite:///{f / 'nowhere' / 'x.db'}"),
    "a guard": guarded,
    "a damaged file": damaged,
    "no database": no_database,
    "a short key": lambda s, f, m: pseudonym(NUMBER, b"short"),
    "nothing to stand for": lambda s, f, m: pseudonym(" ", b"k" * 16),
    "an NHS number": lambda s, f, m: s.append(NUMBER, EVENT),
    "a newer store": newer,
    "no store": empty,
    "a batch of nothing": lambda s, f, m: s.add(gw.Record(NAME, [EVENT]), at_once=0),
    "no record": lambda s, f, m: s.add(None),  # pyright: ignore
    "no records": lambda s, f, m: s.add([{**EVENT, "id": NAME}]),  # pyright: ignore
    "nobody to read": lambda s, f, m: s.record(NAME + "2"),
    "a changed entry": lambda s, f, m: changed(s, "UPDATE growthwatch_entries SET body = salt").record(NAME),
    "no reason": lambda s, f, m: s.erase(NAME, because="", by=ACTOR),
    "a reason of another type": lambda s, f, m: s.erase(NAME, because={NAME: KG}, by=ACTOR),  # pyright: ignore
    "nobody to erase": lambda s, f, m: s.erase(NAME + "2", **WHY),
    "no id": lambda s, f, m: s.append(" " + NAME, EVENT),
    "no events": lambda s, f, m: s.append(NAME, f"{NAME} {KG}"),  # pyright: ignore
    "no event": lambda s, f, m: s.append(NAME, {**EVENT, "weight_kg": f"{KG} kg", NAME: 1}),
    "an event that cannot be read": unreadable,
    "a head of another store": lambda s, f, m: s.verify(Head("0" * 32, 1, "0" * 64)),
    "news since a head of another store": lambda s, f, m: s.children(since=Head("0" * 32, 1, "0" * 64)),
    "the head is gone": lambda s, f, m: changed(s, "DELETE FROM growthwatch_head").append(NAME, weighing(1)),
    "the head is none": lambda s, f, m: changed(s, "UPDATE growthwatch_head SET position = -1").head(),
    "a child's head is none": lambda s, f, m: changed(s, "UPDATE growthwatch_entries SET child_hash = x'00'").head(
        NAME
    ),
    "two contents": lambda s, f, m: s.append(NAME, [weighing(78, KG), weighing(78, 9.0)]),
    "another content": lambda s, f, m: s.append(NAME, {**EVENT, "weight_kg": 9.0}),
    "an expectation that is none": lambda s, f, m: s.append(NAME, weighing(78, KG), expected=NAME),  # pyright: ignore
    "a conflict": lambda s, f, m: s.append(NAME, weighing(78, KG), expected=0),
}


def test_no_error_holds_a_name_an_id_or_a_weight_and_no_error_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_nhs_number(NUMBER)
    reached: set[tuple[str, int]] = set()
    for n, (what, case) in enumerate(CASES.items()):
        folder = tmp_path / str(n)
        folder.mkdir()
        with opened(folder) as store, monkeypatch.context() as patch:
            store.append(NAME, EVENT)
            with pytest.raises(gw.GrowthwatchError) as caught:
                case(store, folder, patch)
        e = caught.value
        # What a log would hold of it: its words, and the whole traceback, with what it came from.
        frames = traceback.TracebackException.from_exception(e)
        logged = [
            str(e),
            e.redacted,
            str(e.expected),
            str(e.field),
            repr(e.value),
            "".join(frames.format_exception_only()),
        ]
        assert not [s for s in SECRETS for text in logged if s in text], (what, logged)
        assert e.__suppress_context__ or e.__context__ is None, f"{what}: what it came from would be shown with it"
        assert str(folder) not in e.redacted and ".db" not in e.redacted, what
        walk = e.__traceback__
        while walk is not None:
            file = Path(walk.tb_frame.f_code.co_filename)
            if file.parent == FOLDER:
                reached.add((file.name, walk.tb_lineno))
            walk = walk.tb_next
    missing = sorted(
        place for place in places() if not any((place[0], at) in reached for at in range(place[1], place[1] + 9))
    )
    assert not missing, f"no case reaches these: {missing}"


def test_who_asks_for_it_is_told(tmp_path: Path) -> None:
    with gw.store.open(f"sqlite:///{tmp_path / 'store.db'}", identify=True) as store:
        store.append(NAME, EVENT)
        for call, word in (
            (lambda: store.record(NAME + "2"), NAME),
            (lambda: store.append(NAME, {**EVENT, "id": "w9", "weight_kg": f"{KG} kg"}), str(KG)),
            (lambda: store.append(" " + NAME, EVENT), NAME),
        ):
            with pytest.raises(gw.GrowthwatchError) as caught:
                call()
            assert word in str(caught.value) and word not in caught.value.redacted


def test_nothing_of_a_record_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever switches everything on sees statements of SQLAlchemy, and no value in them."""
    import logging

    with caplog.at_level(logging.DEBUG), opened(tmp_path) as store:
        logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
        try:
            store.append(NAME, EVENT)
            store.record(NAME)
            store.erase(NAME, **WHY)
        finally:
            logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    assert caplog.records and not [r for r in caplog.records if any(s in r.getMessage() for s in SECRETS)]
