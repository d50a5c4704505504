"""Tampering of every kind is found; the guards stop accidents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
import store_tampering as tampering
from store_writers import weighing

import growthwatch as gw
from growthwatch.store import Head
from growthwatch.store import tables as t
from growthwatch.store.chain import after, commitment, entry_of_child, start, start_of_child
from growthwatch.store.store import Store
from growthwatch.store.verify import Problem

Alter = Callable[..., None]
E = "growthwatch_entries"


@pytest.fixture
def full(store: Store) -> Store:
    """Two children, whose entries alternate: 1, 3, 5 and 2, 4, 6 of the store."""
    for n in range(1, 7):
        store.append("one" if n % 2 else "two", weighing(n, 5 + n / 8))
    return store


def found(store: Store, head: Head | None = None) -> list[tuple[str, int]]:
    return [(p.what, p.position) for p in store.verify(head).problems]


def test_a_store_as_it_was_written_is_sound(full: Store) -> None:
    for head in (None, full.head(), str(full.head())):
        assert full.verify(head) and full.verify(head).sound and full.verify(head).problems == ()
    assert full.verify().head == full.head() and full.verify().children == 2


def test_each_earlier_head_is_a_witness(store: Store) -> None:
    heads = [store.head()]
    for n in range(4):
        store.append(f"child{n % 2}", weighing(n))
        heads.append(store.head())
    assert [h.position for h in heads] == [0, 1, 2, 3, 4]
    assert all(store.verify(h) for h in heads)
    assert "3 entries after it" in str(store.verify(heads[1]))


def test_without_a_head_from_elsewhere_the_answer_says_so(full: Store) -> None:
    assert "nobody can tell" in str(full.verify()) and "As it was written" in str(full.verify(full.head()))


def test_an_edited_event_is_found(full: Store, alter: Alter) -> None:
    with full._way.reading() as c:
        body = bytes(c.scalar(sa.select(t.entries.c.body).where(t.entries.c.position == 3)) or b"")
    assert b"5.375" in body
    alter(f"UPDATE {E} SET body = (SELECT body FROM {E} WHERE position = 5) WHERE position = 3")
    assert found(full) == [("edited", 3)]
    with pytest.raises(gw.GrowthwatchError, match="entry 2 of this child is not as it was stored"):
        full.record("one")
    assert len(full.record("two")) == 3


def test_text_where_bytes_belong_is_found(full: Store, alter: Alter, url: str) -> None:
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL holds its columns to their types")
    alter(f"UPDATE {E} SET body = body || ' ' WHERE position = 3")  # of SQLite's || comes text
    assert found(full) == [("edited", 3)]
    with pytest.raises(gw.GrowthwatchError, match="is not as it was stored"):
        for child in full.children():
            full.record(child)


def test_one_bit_of_any_stored_column_is_found(full: Store, alter: Alter, url: str) -> None:
    """Of one entry in the middle, each column in turn is changed and put back."""
    zero = "zeroblob(32)" if url.startswith("sqlite") else r"decode(repeat('00', 32), 'hex')"
    for column, other in {
        "event": "'w99'",
        "salt": zero,
        "commitment": zero,
        "child_hash": zero,
        "store_hash": zero,
        "child_position": "77",
        "kind": "1",
        "child": "2",
    }.items():
        if column == "child":
            other = "2, child_position = 9"
        alter(f"CREATE TABLE before AS SELECT * FROM {E} WHERE position = 3")
        alter(f"UPDATE {E} SET {column} = {other} WHERE position = 3")
        assert any(p in (3, 5) for _, p in found(full)), column
        columns = ", ".join(c.name for c in t.entries.c if c.name != "position")
        alter(f"UPDATE {E} SET ({columns}) = (SELECT {columns} FROM before) WHERE position = 3", "DROP TABLE before")
        assert found(full) == [], column


def test_a_deleted_event_is_found(full: Store, alter: Alter) -> None:
    alter(f"DELETE FROM {E} WHERE position = 3")
    assert found(full) == [("missing", 3), ("order", 5)], "in the chain of the store and in that of the child"
    assert "entry 3 is gone" in str(full.verify())


def test_the_newest_of_a_child_is_missed(full: Store, alter: Alter) -> None:
    alter(f"DELETE FROM {E} WHERE position = 5")
    assert found(full) == [("missing", 5)]


def test_the_last_of_the_store_is_missed(full: Store, alter: Alter) -> None:
    alter(f"DELETE FROM {E} WHERE position = 6")
    assert found(full) == [("missing", 6)] and not full.verify()


def test_the_last_of_the_store_is_missed_though_its_head_was_put_back(full: Store, alter: Alter) -> None:
    head = full.head()
    alter(
        f"DELETE FROM {E} WHERE position = 6",
        f"UPDATE growthwatch_head SET position = 5, hash = (SELECT store_hash FROM {E} WHERE position = 5)",
    )
    assert found(full) == [], "nothing in the database tells"
    assert found(full, head) == [("missing", 6)], "what was written down elsewhere does"


def test_a_whole_child_that_is_taken_out_is_missed(full: Store, alter: Alter) -> None:
    alter(f"DELETE FROM {E} WHERE child = 2", "DELETE FROM growthwatch_children WHERE number = 2")
    assert [p for _, p in found(full)] == [2, 4, 6] and {w for w, _ in found(full)} == {"missing"}


def test_reordered_events_are_found(full: Store, alter: Alter) -> None:
    alter(
        f"UPDATE {E} SET position = 99 WHERE position = 3",
        f"UPDATE {E} SET position = 3 WHERE position = 4",
        f"UPDATE {E} SET position = 4 WHERE position = 99",
    )
    assert {("order", 3), ("order", 4)} <= set(found(full))


def test_contents_that_changed_places_are_found(full: Store, alter: Alter) -> None:
    alter(
        f"CREATE TABLE one AS SELECT * FROM {E} WHERE position = 1",
        f"UPDATE {E} SET event = 'x' WHERE position = 1",
        f"UPDATE {E} SET (event, salt, body) = (SELECT 'w1', salt, body FROM one) WHERE position = 3",
        f"UPDATE {E} SET event = 'w3' WHERE position = 1",
    )
    assert {3} <= {p for w, p in found(full) if w == "edited"}


def test_an_event_that_was_put_in_is_found(full: Store, alter: Alter) -> None:
    columns = "child, child_position, kind, event, salt, body, commitment, child_hash, store_hash"
    alter(
        f"INSERT INTO {E} (position, {columns}) SELECT 7, child, 4, kind, 'w99', salt, body, commitment, child_hash, "
        f"store_hash FROM {E} WHERE position = 5"
    )
    assert ("order", 7) in found(full) and ("head", 7) in found(full)


def rewrite(store: Store, position: int, body: bytes, alter: Alter) -> None:
    """What somebody who knows everything does: edit an event, and make every hash after it anew, the head too."""
    with store._way.reading() as c:
        rows = [dict(r) for r in c.execute(sa.select(t.entries).order_by(t.entries.c.position)).mappings()]
        names = {r.number: bytes(r.commitment) for r in c.execute(sa.select(t.children))}
    hashes = {n: start_of_child(store.id, n, name) for n, name in names.items()}
    newest = start(store.id)
    alter()
    engine = store._way.engine
    with engine.begin() as c:
        if engine.dialect.name == "sqlite":
            for (name,) in list(c.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))):
                c.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            c.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for r in rows:
            if r["position"] == position:
                r["body"], r["commitment"] = body, commitment(bytes(r["salt"]), body)
            of_child = entry_of_child(hashes[r["child"]], r["child_position"], r["kind"], bytes(r["commitment"]))
            hashes[r["child"]] = r["child_hash"] = of_child
            newest = r["store_hash"] = after(newest, r["position"], r["child"], of_child)
            c.execute(sa.update(t.entries).where(t.entries.c.position == r["position"]).values(**r))
        c.execute(sa.update(t.head).values(hash=newest))


def test_chains_that_were_made_anew_are_found_by_a_head_from_elsewhere(full: Store, alter: Alter) -> None:
    first, head = None, full.head()
    with full._way.reading() as c:
        row = c.execute(sa.select(t.entries).where(t.entries.c.position == 1)).one()
        first = Head(full.id, 1, bytes(row.store_hash).hex())
        body = bytes(c.scalar(sa.select(t.entries.c.body).where(t.entries.c.position == 3)) or b"")
    rewrite(full, 3, body.replace(b"5.375", b"9.375"), alter)
    assert [w for w, _ in found(full) if w != "guards"] == []
    assert [p for p in found(full, head) if p[0] != "guards"] == [("head", 6)]
    assert [p for p in found(full, first) if p[0] != "guards"] == [], "a head from before the forgery cannot tell"


def test_of_several_heads_each_is_held_against_the_store(full: Store, alter: Alter) -> None:
    """A head that was taken after a forgery is of the forged chain: the one from before shows it."""
    early = full.head()
    rewrite(full, 3, b'{"id":"w3"}', alter)
    late = full.head()
    assert [p for p in found(full, late) if p[0] != "guards"] == []
    told = [(p.what, p.position) for p in full.verify([str(late), early]).problems if p.what != "guards"]
    assert told == [("head", 6)] and full.verify([late, early]).witness is not None


def test_a_child_under_another_id_is_found(full: Store, alter: Alter) -> None:
    alter("UPDATE growthwatch_children SET name = 'three' WHERE number = 2")
    assert found(full) == [("child", 0)]


def test_a_child_without_entries_is_found(full: Store, alter: Alter) -> None:
    alter(
        "INSERT INTO growthwatch_children (number, name, salt, commitment) "
        "SELECT 3, 'three', salt, commitment FROM growthwatch_children WHERE number = 2"
    )
    assert found(full) == [("child", 0), ("child", 0)]


def test_content_that_is_gone_without_a_tombstone_is_found(full: Store, alter: Alter) -> None:
    alter(f"UPDATE {E} SET body = NULL, salt = NULL, event = NULL WHERE position = 3")
    assert found(full) == [("erased", 3)]
    alter("UPDATE growthwatch_children SET name = NULL, salt = NULL WHERE number = 1")
    assert ("child", 0) in found(full)


def test_a_tombstone_that_was_edited_or_undone_is_found(full: Store, alter: Alter) -> None:
    with full._way.reading() as c:
        body, salt = c.execute(sa.select(t.entries.c.body, t.entries.c.salt).where(t.entries.c.position == 2)).one()
    full.erase("two", because="asked", by="data officer")
    assert found(full, full.head()) == []
    with full._way.engine.connect() as c:
        assert c.dialect.name in ("sqlite", "postgresql")
    alter(f"UPDATE {E} SET body = (SELECT body FROM {E} WHERE position = 1) WHERE position = 2")
    assert found(full) == [("erased", 2)]
    alter(
        f"UPDATE {E} SET body = NULL WHERE position = 2",
        f"UPDATE {E} SET body = (SELECT body FROM {E} WHERE position = 1) WHERE position = 7",
    )
    assert found(full) == [("edited", 7)] and body and salt


def test_the_stores_own_head_is_looked_at(full: Store, alter: Alter) -> None:
    alter("UPDATE growthwatch_head SET position = 4")
    assert found(full) == [("head", 6)]
    alter("DELETE FROM growthwatch_head")
    assert found(full) == [("head", 6)]
    with pytest.raises(gw.GrowthwatchError, match="its head is gone"):
        full.append("one", weighing(9))


def test_a_head_of_another_store_is_refused(full: Store) -> None:
    with pytest.raises(gw.GrowthwatchError, match="another store"):
        full.verify(Head("0" * 32, 1, "0" * 64))


def test_what_a_problem_says_holds_nothing_of_a_record(full: Store, alter: Alter) -> None:
    alter(
        f"UPDATE {E} SET event = 'w98' WHERE position = 3",
        "UPDATE growthwatch_children SET name = 'three' WHERE number = 2",
    )
    said = str(full.verify())
    assert "NOT as it was written" in said
    assert not any(word in said for word in ("w3", "w98", "three", "two", "5.375"))
    assert all(isinstance(p, Problem) for p in full.verify().problems)


@pytest.mark.parametrize("how", tampering.ALWAYS_FOUND)
def test_whatever_stands_in_the_tables_is_a_finding_and_no_other_error(
    how: Callable[[sa.Connection, str, int], bool], tmp_path: Path
) -> None:
    """Numbers, types and content that no store writes too; reading and writing then say so, or go on.

    In SQLite, which keeps anything in any column; test_machine.py changes tables of PostgreSQL, too.
    """
    with gw.store.open(f"sqlite:///{tmp_path / 'store.db'}") as full:
        for n in range(1, 7):
            full.append("one" if n % 2 else "two", weighing(n, 5 + n / 8))
        full.erase("two", because="asked", by="data officer")
        with full._way.engine.connect() as c:
            c = c.execution_options(growthwatch_writes=True)
            with c.begin():
                tampering.without_guards(c)
                assert how(c, full.id, 2 if how is tampering.put_back else 3)
        says_so(full)


def says_so(full: Store) -> None:
    assert [p for p in full.verify().problems if p.what != "guards"]
    for call in (
        lambda: full.record("one"),
        lambda: full.record("one", checked=False),
        lambda: list(full.records()),
        lambda: full.export("one"),
        lambda: full.head("one"),
        lambda: full.append("one", weighing(77)),
        lambda: full.erase("one", because="asked", by="data officer"),
        lambda: full.verify(),
    ):
        try:
            call()
        except gw.GrowthwatchError as e:
            assert "5.375" not in str(e) and "w3" not in str(e)


def test_an_id_that_was_given_back_to_an_erased_child_is_found(full: Store, alter: Alter) -> None:
    full.erase("two", because="asked", by="data officer")
    alter("UPDATE growthwatch_children SET name = 'two' WHERE number = 2")
    assert found(full) == [("erased", 0)]


@pytest.mark.parametrize("values", ["position = -1", "hash = 'text'", "hash = X''", "position = 'x'"])
def test_a_head_that_is_none_is_said(tmp_path: Path, values: str) -> None:
    with gw.store.open(f"sqlite:///{tmp_path / 'store.db'}") as full:
        full.append("one", weighing(1))
        with full._way.writing() as c:
            c.exec_driver_sql(f"UPDATE growthwatch_head SET {values}")
        assert found(full) == [("head", 1)]
        for call in (full.head, lambda: full.append("one", weighing(9))):
            with pytest.raises(gw.GrowthwatchError, match="its head is none: somebody changed it"):
                call()


# ---------------------------------------------------------------- guards against accidents


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {E} SET body = salt",
        f"UPDATE {E} SET position = position + 100",
        f"UPDATE {E} SET event = NULL, salt = NULL, body = NULL WHERE child = 1",
        f"DELETE FROM {E} WHERE position = 6",
        "UPDATE growthwatch_children SET name = 'x' WHERE number = 1",
        "UPDATE growthwatch_children SET name = NULL, salt = NULL WHERE number = 1",
        "DELETE FROM growthwatch_children",
        "DELETE FROM growthwatch_head",
        "DELETE FROM growthwatch_store",
    ],
)
def test_an_accident_is_stopped(full: Store, statement: str) -> None:
    with pytest.raises(gw.GrowthwatchError, match="the database refused it"), full._way.writing() as c:
        c.execute(sa.text(statement))
    assert full.verify(full.head())


def test_postgresql_does_not_truncate(full: Store) -> None:
    if full._way.is_file:
        return  # SQLite has no such statement
    with pytest.raises(gw.GrowthwatchError), full._way.writing() as c:
        c.execute(sa.text(f"TRUNCATE {E}, growthwatch_children CASCADE"))
    assert full.verify()


def test_a_guard_that_is_gone_is_said(full: Store) -> None:
    with full._way.writing() as c:
        c.exec_driver_sql(
            f"DROP TRIGGER {E}_kept" if full._way.is_file else f"ALTER TABLE {E} DISABLE TRIGGER {E}_kept"
        )
    assert found(full) == [("guards", 0)] and f"{E}_kept" in full.verify().problems[0].says
