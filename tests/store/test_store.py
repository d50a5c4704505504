"""Appending and reading, the same over SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from store_writers import append_in_turn, append_the_same, process, weighing

import growthwatch as gw
from growthwatch.store import Conflict, Head
from growthwatch.store import tables as t
from growthwatch.store.store import Store

ROOT = Path(__file__).parents[2]
EXAMPLE = gw.Record.load(ROOT / "examples" / "c1-slow-decline.json")


def test_what_is_appended_is_read(store: Store) -> None:
    store.append("child", EXAMPLE.events)
    found = store.record("child")
    assert found.events == EXAMPLE.events and found.child_id == "child"
    assert store.children() == ("child",) and len(store) == 1
    assert store.verify(store.head())


def test_a_whole_record_is_the_same_record_when_it_comes_out(store: Store) -> None:
    added = store.add(EXAMPLE)
    assert (added.children, added.events, added.known) == (1, len(EXAMPLE), 0)
    assert store.record(EXAMPLE.child_id).content_hash == EXAMPLE.content_hash
    again = store.add([EXAMPLE])
    assert (again.events, again.known, again.head) == (0, len(EXAMPLE), added.head)


@pytest.mark.parametrize("at_once", [1, 2, 3, 4, 100])
def test_of_many_records_none_is_left_out(store: Store, at_once: int) -> None:
    """Wherever one batch ends and the next begins."""
    records = [gw.Record(f"child{n}", [weighing(n)]) for n in range(7)]
    added = store.add(iter(records), at_once=at_once)
    assert (added.children, added.events, added.known, added.head.position) == (7, 7, 0, 7)
    assert list(store.records()) == records


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "1"])
def test_a_batch_has_at_least_one_record(store: Store, wrong: object) -> None:
    with pytest.raises(gw.GrowthwatchError, match="at_once"):
        store.add(EXAMPLE, at_once=wrong)  # pyright: ignore
    assert store.head().position == 0


def test_a_store_that_is_opened_again_has_everything(url: str) -> None:
    with gw.store.open(url) as store:
        head = store.append("child", weighing(1))
        whole, id = store.head(), store.id
    with gw.store.open(url, create=False) as store:
        assert (store.head("child"), store.head(), store.id) == (head, whole, id)


def test_a_record_as_of_a_moment_has_what_was_written_down_by_then(store: Store) -> None:
    late = weighing(2, recorded_at=dt.datetime(2024, 1, 10, 23, 30, tzinfo=dt.UTC))
    store.append("child", [weighing(1), late])
    noon = dt.datetime(2024, 1, 9, 12, tzinfo=dt.UTC)
    ids = lambda moment: [e.id for e in store.record("child", as_of=moment)]  # noqa: E731
    assert ids(noon - dt.timedelta(seconds=1)) == []
    assert ids(noon) == ["w1"] == ids(dt.date(2024, 1, 9))
    assert ids(dt.date(2024, 1, 10)) == ["w1", "w2"] == ids(None)
    # Half past eleven in the evening in UTC is the next day in London's summer.
    summer = weighing(3, recorded_at=dt.datetime(2024, 7, 9, 23, 30, tzinfo=dt.UTC))
    store.append("summer", summer)
    assert len(store.record("summer", as_of=dt.date(2024, 7, 9))) == 0
    assert len(store.record("summer", as_of=dt.date(2024, 7, 10))) == 1


def test_a_day_without_a_time_zone_is_refused(store: Store) -> None:
    store.append("child", weighing(1))
    with pytest.raises(gw.GrowthwatchError):
        store.record("child", as_of=dt.datetime(2024, 1, 9))  # noqa: DTZ001


def test_records_come_one_after_the_other(store: Store) -> None:
    for child in ("b", "a", "c"):
        store.append(child, [weighing(1), weighing(2)])
    assert [r.child_id for r in store.records()] == ["b", "a", "c"]
    assert all(len(r) == 2 for r in store.records())
    assert all(len(r) == 0 for r in store.records(as_of=dt.date(2020, 1, 1)))


def test_of_whom_something_was_stored_since_a_head(store: Store) -> None:
    """What a night asks: whose record is another than yesterday; those erased since have none."""
    before = store.head()
    assert store.children(since=before) == ()
    for child in ("b", "a", "c", "d"):
        store.append(child, weighing(1))
    evening = store.head()
    assert store.children(since=before) == ("b", "a", "c", "d") == store.children()
    assert store.children(since=evening) == ()
    store.append("c", weighing(1))  # it was known
    store.append("a", [weighing(2), weighing(3)])
    store.append("new", weighing(1))
    store.append("d", weighing(2))
    store.erase("d", because="asked", by="data officer")
    assert store.children(since=evening) == ("a", "new") == store.children(since=str(evening))


def test_of_a_head_that_is_not_of_this_chain_nobody_can_say_what_is_new(store: Store, url: str) -> None:
    store.append("child", weighing(1))
    head = store.head()
    for wrong in (
        Head("0" * 32, 1, head.hash),
        Head(head.store, 1, "0" * 64),
        Head(head.store, 2, head.hash),
        Head(head.store, 0, "0" * 64),
        Head(head.store, -1, head.hash),
        *(Head(head.store, sign * 2**n, head.hash) for n in (62, 63, 70, 2000) for sign in (1, -1)),
        store.head("child"),
    ):
        with pytest.raises(gw.GrowthwatchError, match="another store, or this one was changed") as caught:
            store.children(since=wrong)
        assert caught.value.field == "since"
    for none in ("yesterday", 1, [head], b"", True):
        with pytest.raises(gw.GrowthwatchError, match="not a head"):
            store.children(since=none)  # pyright: ignore
    for none in ("yesterday", 1, ["yesterday"], [1], True):
        with pytest.raises(gw.GrowthwatchError, match="not a head"):
            store.verify(none)  # pyright: ignore


# ---------------------------------------------------------------- two writers


def test_the_same_event_twice_is_once(store: Store) -> None:
    first = store.append("child", weighing(1))
    whole = store.head()
    assert store.append("child", weighing(1)) == first == store.append("child", [weighing(1), weighing(1)])
    assert store.head() == whole and whole.position == 1


def test_a_writer_who_was_not_told_asks_again(store: Store) -> None:
    """The answer was lost: the same with the same expectation is not a conflict, though the head has moved."""
    now = store.append("child", weighing(1), expected=0)
    assert store.append("child", weighing(1), expected=0) == now


def test_an_id_with_another_content_is_refused(store: Store) -> None:
    store.append("child", weighing(1))
    for events in (weighing(1, 9.0), [weighing(2), weighing(1, 9.0)]):
        with pytest.raises(gw.GrowthwatchError, match="other content"):
            store.append("child", events)
    with pytest.raises(gw.GrowthwatchError, match="other content"):
        store.append("other", [weighing(5), weighing(5, 9.0)])
    assert store.head().position == 1 and store.children() == ("child",)


def test_the_same_id_may_be_of_another_child(store: Store) -> None:
    store.append("one", weighing(1))
    store.append("two", weighing(1, 9.0))
    assert store.head().position == 2


def test_a_conflict_has_the_heads_of_both(store: Store) -> None:
    seen = store.append("child", weighing(1))
    theirs = store.append("child", weighing(2), expected=seen)
    before = store.head()
    for yours in (seen, 1, 0, 5):
        with pytest.raises(Conflict) as caught:
            store.append("child", weighing(3), expected=yours)
        assert caught.value.yours == yours and caught.value.theirs == theirs
        assert f"seen {yours.position if isinstance(yours, Head) else yours}" in str(caught.value)
        assert "the store has 2" in str(caught.value) and theirs.hash[:8] in str(caught.value)
    assert store.head() == before, "nothing was stored"
    assert store.append("child", weighing(3), expected=theirs).position == 3


def test_a_head_of_another_history_of_the_same_length_is_a_conflict(store: Store) -> None:
    store.append("child", weighing(1))
    other = store.append("other", weighing(1))
    with pytest.raises(Conflict):
        store.append("child", weighing(2), expected=other)
    assert store.append("new", weighing(1), expected=store.head("new")).position == 1


@pytest.mark.parametrize("wrong", [-1, True, "1", 1.0])
def test_an_expectation_is_a_head_or_a_number(store: Store, wrong: object) -> None:
    with pytest.raises(gw.GrowthwatchError, match="expected"):
        store.append("child", weighing(1), expected=wrong)  # pyright: ignore
    assert store.head().position == 0


def test_all_of_several_events_are_stored_or_none(store: Store) -> None:
    with pytest.raises(gw.GrowthwatchError, match=r"events\[1\]"):
        store.append("child", [weighing(1), {"type": "weighed"}])
    assert store.children() == () and store.head().position == 0


@pytest.mark.parametrize("writers", [2, 8])
def test_concurrent_writers_lose_and_double_nothing(store: Store, url: str, writers: int) -> None:
    each = 24 // writers
    others = [process(append_in_turn, url, who, each) for who in range(writers)]
    for other in others:
        other.join(120)
        assert other.exitcode == 0
    assert store.record("child").ids == {f"w{who}-{n}" for who in range(writers) for n in range(each)}
    assert store.head("child").position == writers * each == store.head().position
    assert store.verify()


def test_writers_of_the_same_events_store_each_once(store: Store, url: str) -> None:
    others = [process(append_the_same, url, 10) for _ in range(4)]
    for other in others:
        other.join(120)
        assert other.exitcode == 0
    assert store.record("child").ids == {f"w{n}" for n in range(10)} and store.head().position == 10
    assert store.verify()


# ---------------------------------------------------------------- opening


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with gw.store.open(f"sqlite:///{path}") as store:
        store.append("child", weighing(1))
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


def test_sqlite_keeps_what_it_acknowledges(tmp_path: Path) -> None:
    with gw.store.open(f"sqlite:///{tmp_path / 'store.db'}") as store, store._way.reading() as c:
        ask = lambda name: c.exec_driver_sql(f"PRAGMA {name}").scalar()  # noqa: E731
        assert (ask("journal_mode"), ask("synchronous"), ask("foreign_keys"), ask("secure_delete")) == ("wal", 2, 1, 1)


@pytest.mark.parametrize(
    "url", ["", "store.db", "mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:", "sqlite:///x?mode=memory", "::"]
)
def test_a_url_of_no_store_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(gw.GrowthwatchError, match=r"^url: ") as caught:
        gw.store.open(url)
    assert "secret" not in str(caught.value) and caught.value.field == "url"


def test_no_store_is_made_where_none_is_wanted(url: str, tmp_path: Path) -> None:
    with pytest.raises(gw.GrowthwatchError, match=r"no store|there is no file|there is none"):
        gw.store.open(url, create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes, which are long enough to be no database at all\n" * 50)
    with pytest.raises(gw.GrowthwatchError, match="the file is no store"):
        gw.store.open(f"sqlite:///{path}")
    assert path.read_text().startswith("my notes")


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    """Each place where the name of a table stands is made no text, in turn."""
    path = tmp_path / "store.db"
    with gw.store.open(f"sqlite:///{path}") as store:
        store.append("child", weighing(1))
    whole = path.read_bytes()
    places = [m.start() for m in re.finditer(b"growthwatch_", whole[:4096])]
    assert len(places) > 3
    for at in places:
        path.write_bytes(whole[:at] + b"\xa4" + whole[at + 1 :])
        with pytest.raises(gw.GrowthwatchError) as caught, gw.store.open(f"sqlite:///{path}", create=False) as store:
            store.record("child")
            raise gw.GrowthwatchError("it was read all the same")
        assert "codec" not in str(caught.value)


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(gw.GrowthwatchError, match="cannot be reached") as caught:
        gw.store.open(f"postgresql://someone:secret@/db?host={tmp_path}")
    assert "secret" not in str(caught.value) and caught.value.__suppress_context__


def test_a_store_of_a_newer_growthwatch_is_refused(store: Store, url: str) -> None:
    with store._way.writing() as c:
        c.execute(sa.update(t.meta).where(t.meta.c.key == "version").values(value="99"))
    with pytest.raises(gw.GrowthwatchError, match="newer growthwatch"):
        gw.store.open(url)


def test_a_store_of_an_older_version_is_migrated_step_by_step(store: Store, url: str) -> None:
    head = store.append("child", weighing(1))

    def second(c: sa.Connection) -> None:
        c.exec_driver_sql("CREATE TABLE growthwatch_more (n INTEGER)")

    def third(c: sa.Connection) -> None:
        c.exec_driver_sql("INSERT INTO growthwatch_more VALUES (3)")

    with store._way.writing() as c:
        t.migrate(c, (*t.MIGRATIONS, second, third))
        t.migrate(c, (*t.MIGRATIONS, second, third))  # once only
    with store._way.reading() as c:
        assert t.version_of(c) == 3 and list(c.scalars(sa.text("SELECT n FROM growthwatch_more"))) == [3]
    assert store.head("child") == head and store.verify()


def test_a_migration_that_fails_changes_nothing(store: Store) -> None:
    def half(c: sa.Connection) -> None:
        c.exec_driver_sql("CREATE TABLE growthwatch_more (n INTEGER)")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store._way.writing() as c:
        t.migrate(c, (*t.MIGRATIONS, half))
    with store._way.reading() as c:
        assert t.version_of(c) == 1 and not sa.inspect(c).has_table("growthwatch_more")


def test_a_store_opened_to_be_read_writes_nothing(url: str) -> None:
    with gw.store.open(url) as store:
        store.append("child", weighing(1))
    with gw.store.open(url, read_only=True) as store:
        assert len(store.record("child")) == 1 and store.verify()
        for write in (
            lambda: store.append("child", weighing(2)),
            lambda: store.add(EXAMPLE),
            lambda: store.erase("child", because="asked", by="data officer"),
        ):
            with pytest.raises(gw.GrowthwatchError, match="read only"):
                write()


def test_importing_growthwatch_and_the_room_needs_no_sqlalchemy(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "import growthwatch as gw\n"
        "try:\n    gw.store.open('sqlite:///x.db')\n"
        "except gw.GrowthwatchError as e:\n    print(e)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert 'pip install "growthwatch[store]"' in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_head_is_written_and_read(store: Store) -> None:
    store.append("child", weighing(1))
    head = store.head()
    assert Head.parse(str(head)) == head == Head.parse(f"  {head}\n")
    for wrong in ("", "growthwatch-store 1 2 3", str(head)[:-1], f"{head}0"):
        with pytest.raises(gw.GrowthwatchError, match="head"):
            Head.parse(wrong)


def test_whether_a_child_is_in_it_can_be_asked(store: Store) -> None:
    assert "child" not in store and store.head("child").position == 0
    store.append("child", weighing(1), expected=store.head("child"))
    assert "child" in store and "Child" not in store
    for none in ("", " child", "x" * 300, "\ud800", 3, None, b"child"):
        assert none not in store
    store.erase("child", because="asked", by="data officer")
    assert "child" not in store


@pytest.mark.parametrize("wrong", [None, 3, "child", {"child": 1}, [3], [EXAMPLE.to_dict()]])
def test_what_is_no_record_is_not_added(store: Store, wrong: Any) -> None:
    with pytest.raises(gw.GrowthwatchError, match="not a Record") as caught:
        store.add(wrong)
    assert caught.value.field == "records" and "example" not in caught.value.redacted
    assert len(store) == 0


def test_what_is_no_record_is_named_by_its_place_and_what_came_before_is_kept(store: Store) -> None:
    mixed: Any = [EXAMPLE, gw.Record("b", [weighing(1)]), 3]
    with pytest.raises(gw.GrowthwatchError, match=r"records\[2\]"):
        store.add(mixed, at_once=1)
    assert store.children() == ("example-c1", "b")


def test_the_classes_of_what_it_gives_can_be_named() -> None:
    from growthwatch import store as room

    assert room.Store is Store
    for name in room.__all__:
        assert callable(getattr(room, name)), name
    with pytest.raises(AttributeError, match="Stroe"):
        room.Stroe  # type: ignore[attr-defined]  # noqa: B018
