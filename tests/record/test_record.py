"""The record: order, identity, merging, and a log in use."""

from __future__ import annotations

import copy
import datetime as dt
import json
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from small_records import (
    BASE,
    but,
    contact,
    ids,
    mark,
    oracle,
    usual,
)
from strategies import event_lists, events, records

from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import (
    EnteredInError,
    Event,
    Record,
    Weighed,
)

ROOT = Path(__file__).parents[2]


@usual
@given(record=records())
def test_record_round_trip(record: Record) -> None:
    text = record.dumps()
    again = Record.loads(text)
    assert again == record and hash(again) == hash(record)
    assert again.dumps() == text
    assert again.content_hash == record.content_hash
    assert Record.loads(text.encode()) == record
    assert text.endswith("}\n") and "\r" not in re.sub(r"\\r", "", text)
    assert json.loads(text) == record.to_dict()


@usual
@given(data=st.data(), listed=event_lists())
def test_order_of_insertion_never_matters(data: st.DataObject, listed: list[Event]) -> None:
    shuffled = data.draw(st.permutations(listed))
    one, two = Record("child", listed), Record("child", [*shuffled, *listed])
    three = Record("child")
    for event in shuffled:
        three = three.append(event)
    assert one == two == three
    assert one.dumps() == two.dumps() == three.dumps()
    keys = [(e.recorded_at, e.on, e.time or dt.time(), e.id) for e in one]
    assert keys == sorted(keys)


@usual
@given(data=st.data(), listed=event_lists())
def test_merge_laws(data: st.DataObject, listed: list[Event]) -> None:
    a, b, c = (
        Record(
            "child",
            [e for e, keep in zip(listed, data.draw(st.lists(st.booleans(), min_size=8)), strict=False) if keep],
        )
        for _ in range(3)
    )
    assert a.merge(a) == a
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(b).merge(b) == a.merge(b)
    assert set(a.merge(b)) == {*a, *b}
    assert a.merge(Record("child")) == a


def test_conflicts_name_the_id_and_the_fields() -> None:
    one = Record("c", [but()])
    other = but(weight_kg=9.26, note="typed wrong")
    for attempt in (
        lambda: one.append(other),
        lambda: one.merge(Record("c", [other])),
        lambda: Record("c", [but(), other]),
    ):
        with pytest.raises(GrowthwatchError) as caught:
            attempt()
        assert "'w1'" in str(caught.value)
        assert "weight_kg" in str(caught.value) and "note" in str(caught.value)
        assert "actor" not in str(caught.value)
        assert (caught.value.field, caught.value.value) == ("id", "w1")
    assert one.append(but(weight_kg=9.62)) is one
    assert one.append(but(recorded_at="2024-01-09T15:30:00+01:00")) is one


def test_a_conflict_of_type() -> None:
    with pytest.raises(GrowthwatchError, match="type"):
        Record("c", [but(), but(type="contact", weight_kg=..., face_to_face=True)])


def test_records_of_two_children_do_not_merge() -> None:
    with pytest.raises(GrowthwatchError, match="child_id"):
        Record("a").merge(Record("b"))
    with pytest.raises(GrowthwatchError, match="other"):
        Record("a").merge([])  # type: ignore[arg-type]


def test_a_record_never_changes() -> None:
    one = Record("c")
    two = one.append(BASE)
    assert len(one) == 0 and len(two) == 1
    assert one != two and one.content_hash != two.content_hash
    for name in ("child_id", "_events", "new"):
        with pytest.raises(GrowthwatchError, match="cannot be changed"):
            setattr(one, name, "x")
        with pytest.raises(GrowthwatchError, match="cannot be changed"):
            delattr(one, name)
    assert not hasattr(one, "__dict__")


def test_record_as_a_python_object() -> None:
    record = Record("c", [but(), but(id="w2", note="secret")])
    assert repr(record) == "Record('c', 2 facts, 0 decisions)"
    assert "secret" not in repr(record)
    assert copy.deepcopy(record) == copy.copy(record) == pickle.loads(pickle.dumps(record)) == record
    assert {record, copy.copy(record)} == {record}
    assert record != "c" and Record("d", record) != record
    assert record.event("w2").note == "secret"
    assert record.event("w2") in record and contact("w2") not in record and "w2" not in record
    assert [e.id for e in record] == ["w1", "w2"] and record.events == tuple(record)
    for id in ("w3", None, []):
        with pytest.raises(GrowthwatchError):
            record.event(id)  # type: ignore[arg-type]


@pytest.mark.parametrize("child_id", ["", " a", "a\n", 3, None, True, "x" * 201])
def test_wrong_child_ids(child_id: Any) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        Record(child_id)
    assert caught.value.field == "child_id"


@pytest.mark.parametrize("given_events", [None, 3, "abc", {"id": "w1"}, [3], [None], ["{}"], [[]]])
def test_wrong_event_lists(given_events: Any) -> None:
    with pytest.raises(GrowthwatchError):
        Record("c", given_events)


def test_events_of_a_class_of_ones_own_are_refused() -> None:
    class Odd(Weighed, frozen=True):
        pass

    odd = Odd(**{k: v for k, v in BASE.items() if k != "type"})
    with pytest.raises(GrowthwatchError):
        Record("c", [odd])
    with pytest.raises(GrowthwatchError):
        Record("c").append(odd)


def test_every_wrong_event_of_a_record_is_named() -> None:
    data = [but(weight_kg=-1), but(id="w2"), but(id="w3", clothing="hat")]
    with pytest.raises(GrowthwatchError) as caught:
        Record("c", data)
    assert "events[0]: event 'w1' (weighed): weight_kg" in str(caught.value)
    assert "events[2]: event 'w3' (weighed): clothing" in str(caught.value)
    assert caught.value.field == "weight_kg"
    with pytest.raises(GrowthwatchError, match="and 15 more wrong events"):
        Record("c", [but(weight_kg=-1)] * 25)


class LogInUse(RuleBasedStateMachine):
    """Two teams write in logs of their own, correct, mark, and merge."""

    def __init__(self) -> None:
        super().__init__()
        self.teams = [Record("c"), Record("c")]
        self.written: dict[str, Event] = {}
        self.owners: list[set[str]] = [set(), set()]

    def write(self, team: int, event: Event) -> None:
        before = self.teams[team]
        self.teams[team] = before.append(event)
        assert before.append(event) == self.teams[team] == self.teams[team].append(event)
        assert len(self.teams[team]) == len(before) + 1
        self.written[event.id] = event
        self.owners[team].add(event.id)

    def fresh(self) -> str:
        return f"e{len(self.written)}"

    def someone(self, data: st.DataObject) -> str | None:
        return data.draw(st.sampled_from(sorted(self.written))) if self.written else None

    @rule(team=st.integers(0, 1), data=st.data())
    def write_anything(self, team: int, data: st.DataObject) -> None:
        self.write(
            team,
            data.draw(
                events(ids=st.just(self.fresh()) | st.just("other"), corrects=False).filter(
                    lambda e: e.id == self.fresh()
                )
            ),
        )

    @rule(team=st.integers(0, 1), hour=st.integers(0, 23))
    def write_contact(self, team: int, hour: int) -> None:
        self.write(team, contact(self.fresh(), hour))

    @rule(team=st.integers(0, 1), hour=st.integers(0, 23), data=st.data())
    def correct(self, team: int, hour: int, data: st.DataObject) -> None:
        self.write(team, contact(self.fresh(), hour, corrects=self.someone(data)))

    @rule(team=st.integers(0, 1), hour=st.integers(0, 23), data=st.data())
    def mark_in_error(self, team: int, hour: int, data: st.DataObject) -> None:
        target = self.someone(data)
        if target is not None:
            self.write(team, mark(self.fresh(), target, hour))

    @rule(team=st.integers(0, 1), data=st.data())
    def change_in_place_is_refused(self, team: int, data: st.DataObject) -> None:
        if self.owners[team]:
            id = data.draw(st.sampled_from(sorted(self.owners[team])))
            changed = self.written[id].model_copy(update={"actor": "somebody else entirely"})
            with pytest.raises(GrowthwatchError, match="actor"):
                self.teams[team].append(changed)

    @rule(team=st.integers(0, 1))
    def merge(self, team: int) -> None:
        mine, theirs = self.teams[team], self.teams[1 - team]
        self.teams[team] = mine.merge(theirs)
        assert self.teams[team] == theirs.merge(mine)
        self.owners[team] |= self.owners[1 - team]

    @rule(team=st.integers(0, 1))
    def through_a_file(self, team: int) -> None:
        self.teams[team] = Record.loads(self.teams[team].dumps())

    @invariant()
    def nothing_is_forgotten(self) -> None:
        for team, owned in zip(self.teams, self.owners, strict=True):
            assert set(team) == {self.written[i] for i in owned}

    @invariant()
    def what_counts_follows_the_rules(self) -> None:
        for team in self.teams:
            found = team.effective()
            assert ids(found) == oracle(list(team))
            named = {e.target if isinstance(e, EnteredInError) else e.corrects for e in team}
            for event in team:
                if event.id not in named and not isinstance(event, EnteredInError):
                    assert event in found
            assert [e.order for e in found] == sorted(e.order for e in found)


TestLogInUse = LogInUse.TestCase


TestLogInUse.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_import_is_light() -> None:
    code = (
        "import sys, growthwatch.record;"
        "print([m for m in ('matplotlib', 'scipy', 'narwhals', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
