"""Whatever is done to a store, in whatever order, it is what a plain list of events would be."""

from __future__ import annotations

import datetime as dt
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import store_tampering as tampering
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from store_writers import weighing

import growthwatch as gw
from growthwatch.store import Conflict, Head
from growthwatch.store.store import Store
from growthwatch.store.verify import verify

NAMES = ("one", "two", "three")
names = st.sampled_from(NAMES)
writers = st.integers(0, 2)
numbers = st.integers(0, 11)
hours = st.integers(0, 200)
NOON = dt.datetime(2024, 1, 9, 12, tzinfo=dt.UTC)


def mark(n: int, hour: int) -> dict[str, Any]:
    """An event that says that another was an error; its id is x and the number."""
    made = weighing(n, recorded_at=NOON + dt.timedelta(hours=hour))
    del made["weight_kg"]
    return {**made, "id": f"x{n}", "type": "entered_in_error", "target": f"w{n}", "reason": "wrong child"}


class Machine(RuleBasedStateMachine):
    """Three writers over one store, beside a list of what they were told."""

    url: Callable[[Path], str]

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="gw-machine-")
        self.at = type(self).url(Path(self.folder.name))
        self.writers: list[Store] = [gw.store.open(self.at) for _ in range(3)]
        # The model: events of each child by id, in order; how long the chains are; heads, with what was there then.
        self.children: dict[str, dict[str, dict[str, Any]]] = {}
        self.entries = 0
        self.erased: list[int] = []
        self.lengths: dict[str, int] = {}
        self.kept: list[Head] = [self.writers[0].head()]
        self.seen: dict[str, list[Head]] = {n: [self.writers[0].head(n)] for n in NAMES}
        self.copies = 0

    def teardown(self) -> None:
        if hasattr(self, "writers"):
            for store in self.writers:
                store.close()
            self.folder.cleanup()

    # ------------------------------------------------------------ writing

    def _new(self, child: str, events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        there = self.children.get(child, {})
        return {e["id"]: e for e in events if e["id"] not in there}

    def _clash(self, child: str, events: list[dict[str, Any]]) -> bool:
        known: dict[str, Any] = dict(self.children.get(child, {}))
        return any(known.setdefault(e["id"], e) != e for e in events)

    def _append(self, store: Store, child: str, events: list[dict[str, Any]], expected: Head | int | None) -> None:
        seen = self.lengths.get(child, 0)
        new = self._new(child, events)
        if self._clash(child, events):
            with pytest.raises(gw.GrowthwatchError, match="other content"):
                store.append(child, events, expected=expected)
            return
        stale = expected is not None and self._stale(child, expected)
        if new and stale:
            with pytest.raises(Conflict) as caught:
                store.append(child, events, expected=expected)
            assert caught.value.yours == expected and caught.value.theirs.position == seen
            return
        head = store.append(child, events, expected=expected)
        assert head.position == seen + len(new)
        if new:
            self.children.setdefault(child, {}).update(new)
            self.lengths[child] = head.position
            self.entries += len(new)
        if head.position:
            self.seen[child].append(head)

    def _stale(self, child: str, expected: Head | int) -> bool:
        position = self.lengths.get(child, 0)
        if isinstance(expected, int):
            return expected != position
        return expected.position != position or (position > 0 and expected != self.seen[child][-1])

    @rule(
        by=writers,
        child=names,
        ns=st.lists(numbers, min_size=1, max_size=4),
        kg=st.sampled_from([7.25, 8.5]),
        hour=hours,
    )
    def append(self, by: int, child: str, ns: list[int], kg: float, hour: int) -> None:
        """Facts, whatever is there: the same twice is once, another content under a known id is refused."""
        at = NOON + dt.timedelta(hours=hour % 2)
        self._append(self.writers[by], child, [weighing(n, kg, recorded_at=at) for n in ns], None)

    @rule(by=writers, child=names, n=st.integers(100, 10**6), back=st.integers(0, 3), as_number=st.booleans())
    def decide(self, by: int, child: str, n: int, back: int, as_number: bool) -> None:
        """With what was seen, now or some time ago."""
        heads = self.seen[child]
        head = heads[max(0, len(heads) - 1 - back)]
        self._append(self.writers[by], child, [weighing(n)], head.position if as_number else head)

    @precondition(lambda self: any(self.children.values()))
    @rule(by=writers, data=st.data(), hour=hours)
    def put_right(self, by: int, data: st.DataObject, hour: int) -> None:
        """An event is marked in error by another."""
        child = data.draw(st.sampled_from(sorted(self.children)))
        known = [e["id"] for e in self.children[child].values() if e["type"] == "weighed"]
        if known:
            n = int(data.draw(st.sampled_from(known))[1:])
            self._append(self.writers[by], child, [self.children[child].get(f"x{n}", mark(n, hour))], None)

    @precondition(lambda self: self.children)
    @rule(by=writers, data=st.data())
    def ask_again(self, by: int, data: st.DataObject) -> None:
        """A writer that was not told appends the same, with what it had seen then."""
        child = data.draw(st.sampled_from(sorted(self.children)))
        event = data.draw(st.sampled_from(list(self.children[child].values())))
        before = self.writers[by].head()
        self._append(self.writers[by], child, [event], data.draw(st.sampled_from([None, 0, 1])))
        assert self.writers[by].head() == before

    @rule(by=writers, new=st.lists(st.tuples(names, numbers), max_size=3), at_once=st.integers(1, 3))
    def add_records(self, by: int, new: list[tuple[str, int]], at_once: int) -> None:
        given = {child: weighing(n, 7.25, recorded_at=NOON) for child, n in new}
        if any(self._clash(child, [e]) for child, e in given.items()):
            return  # what is stored before the refusal depends on at_once, which a test of its own looks at
        fresh = {child: self._new(child, [e]) for child, e in given.items()}
        added = self.writers[by].add([gw.Record(child, [e]) for child, e in given.items()], at_once=at_once)
        assert (added.children, added.events) == (len(given), sum(map(len, fresh.values())))
        for child, events in fresh.items():
            if events:
                self.children.setdefault(child, {}).update(events)
                self.lengths[child] = self.lengths.get(child, 0) + len(events)
                self.entries += len(events)
                self.seen[child].append(self.writers[by].head(child))

    @precondition(lambda self: self.children)
    @rule(by=writers, data=st.data())
    def erase(self, by: int, data: st.DataObject) -> None:
        child = data.draw(st.sampled_from(sorted(self.children)))
        done = self.writers[by].erase(child, because="asked", by="data officer")
        assert done.events == len(self.children.pop(child))
        self.entries += 1
        self.erased.append(done.events)
        assert done.head.position == self.entries
        del self.lengths[child]
        self.seen[child].append(self.writers[by].head(child))
        assert self.seen[child][-1].position == 0

    # ------------------------------------------------------------ keeping heads, opening, copying

    @rule(by=writers)
    def keep_a_head(self, by: int) -> None:
        self.kept.append(Head.parse(str(self.writers[by].head())))

    @rule(by=writers)
    def open_again(self, by: int) -> None:
        self.writers[by].close()
        self.writers[by] = gw.store.open(self.at, create=False)

    @precondition(lambda self: self.copies < 3 and self.at.startswith("sqlite"))
    @rule(by=writers)
    def back_up(self, by: int) -> None:
        self.copies += 1
        path = Path(self.folder.name) / f"copy-{self.copies}.db"
        head = self.writers[by].backup(path)
        assert head == self.writers[by].head() and stat.S_IMODE(path.stat().st_mode) == 0o600
        with gw.store.open(f"sqlite:///{path}", create=False, read_only=True) as copy:
            self._is_the_model(copy)
            assert all(copy.verify(kept) for kept in self.kept)

    # ------------------------------------------------------------ reading

    def _is_the_model(self, store: Store) -> None:
        assert set(store.children()) == set(self.children) and len(store) == len(self.children)
        assert {r.child_id: list(r.events) for r in store.records()} == {
            child: list(gw.Record(child, list(events.values())).events) for child, events in self.children.items()
        }
        assert store.head().position == self.entries

    @rule(by=writers, child=names, hour=hours)
    def read_as_of(self, by: int, child: str, hour: int) -> None:
        store, moment = self.writers[by], NOON + dt.timedelta(hours=hour)
        if child not in self.children:
            with pytest.raises(gw.GrowthwatchError, match="no child"):
                store.record(child, as_of=moment)
            return
        by_then = {id for id, e in self.children[child].items() if e["recorded_at"] <= moment}
        assert store.record(child, as_of=moment).ids == by_then

    @precondition(lambda self: self.children)
    @rule(by=writers, data=st.data())
    def export(self, by: int, data: st.DataObject) -> None:
        child = data.draw(st.sampled_from(sorted(self.children)))
        made = self.writers[by].export(child)
        assert gw.Record.from_dict(made["record"]).ids == set(self.children[child])
        assert [e["event"] for e in made["entries"]] == list(self.children[child]), "in the order of storing"
        assert [e["of_child"] for e in made["entries"]] == list(range(1, len(self.children[child]) + 1))

    @precondition(lambda self: self.entries)
    @rule(by=writers, how=st.sampled_from(tampering.ALWAYS_FOUND + tampering.FOUND_BY_A_WITNESS), data=st.data())
    def tamper(self, by: int, how: Callable[..., bool], data: st.DataObject) -> None:
        """Whatever is changed in the tables is found; afterwards it is put back."""
        at = data.draw(st.integers(1, self.entries))
        store = self.writers[by]
        witness = store.head()
        with store._way.engine.connect() as c:
            c = c.execution_options(growthwatch_writes=True)
            change = c.begin()
            tampering.without_guards(c)
            if how(c, store.id, at):
                own = [p for p in verify(c, store.id).problems if p.what != "guards"]
                told = [p for p in verify(c, store.id, [witness]).problems if p.what != "guards"]
                assert told, "a head that was kept elsewhere shows it"
                if how in tampering.ALWAYS_FOUND:
                    assert own
                if how is tampering.forged:
                    # Neither the store itself nor a head from before what was forged can tell.
                    early = [k for k in self.kept if k.position < at]
                    assert not own
                    assert not [p for p in verify(c, store.id, early).problems if p.what != "guards"]
            change.rollback()
        assert store.verify(witness)

    @invariant()
    def it_is_the_model(self) -> None:
        if hasattr(self, "writers"):
            reader = self.writers[self.entries % 3]
            self._is_the_model(reader)
            found = reader.verify(self.kept[-1])
            assert found and [e.events for e in found.erasures] == self.erased
            assert reader.verify(self.kept)


def run(url: Callable[[Path], str], examples: int, steps: int, seed: int | None = None) -> None:
    made = type("Machine", (Machine,), {"url": staticmethod(url)})
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # Not made shorter: each step waits for the disk, and the steps are few.
        phases=(Phase.generate,),
        derandomize=seed is None,
        database=None,
    )
    if seed is not None:
        from hypothesis import seed as seeded

        made = seeded(seed)(made)
    run_state_machine_as_test(made, settings=how)


def in_sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.db'}"


def test_a_store_in_sqlite_is_what_a_list_of_events_would_be() -> None:
    run(in_sqlite, 12, 25)


def test_a_store_in_postgresql_is_what_a_list_of_events_would_be(database: Callable[[], str]) -> None:
    run(lambda _: database(), 3, 15)


@pytest.mark.slow
def test_many_stores_in_sqlite_are_what_lists_of_events_would_be() -> None:
    run(in_sqlite, 300, 50, seed=20261128)


@pytest.mark.slow
def test_many_stores_in_postgresql_are_what_lists_of_events_would_be(database: Callable[[], str]) -> None:
    run(lambda _: database(), 60, 40, seed=20261128)
