"""What error marks and corrections leave of a record."""

from __future__ import annotations

import datetime as dt
import itertools
import timeit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_records import (
    at,
    contact,
    ids,
    mark,
    oracle,
    usual,
)
from strategies import event_lists, instants, linked_lists

from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import (
    EnteredInError,
    Event,
    Record,
)


def test_known_at() -> None:
    record = Record("c", [contact("a", 9), contact("b", 10), contact("z", 10), contact("c", 11)])
    at = dt.datetime(2024, 1, 1, 10, tzinfo=dt.UTC)
    assert ids(record.effective(at)) == ["a", "b", "z"]
    assert ids(record.effective(at - dt.timedelta(microseconds=1))) == ["a"]
    assert ids(record.effective(at.astimezone(ZoneInfo("America/New_York")))) == ["a", "b", "z"]
    assert ids(record.effective()) == ["a", "b", "z", "c"]
    for wrong in (dt.datetime(2024, 1, 1), dt.date(2024, 1, 1), "2024-01-01T10:00:00Z", 3):  # noqa: DTZ001
        with pytest.raises(GrowthwatchError) as caught:
            record.effective(wrong)  # type: ignore[arg-type]
        assert caught.value.field == "known_at"


def test_a_correction_replaces_from_its_recording_on() -> None:
    record = Record("c", [contact("a", 9), contact("b", 11, corrects="a"), contact("x", 10)])
    assert ids(record.effective(at(10))) == ["a", "x"]
    assert ids(record.effective(at(11))) == ["x", "b"]


def test_chains_of_corrections() -> None:
    chain = [contact("a", 9), contact("b", 10, corrects="a"), contact("c", 11, corrects="b")]
    assert ids(Record("c", chain).effective()) == ["c"]
    assert ids(Record("c", [*chain, mark("m", "c")]).effective()) == ["b"]
    assert ids(Record("c", [*chain, mark("m", "b")]).effective()) == ["c"]
    assert ids(Record("c", [*chain, mark("m", "b"), mark("n", "c")]).effective()) == ["a"]
    assert ids(Record("c", [*chain, mark("m", "a")]).effective()) == ["c"]
    assert ids(Record("c", [*chain, mark("m", "a"), mark("n", "b"), mark("o", "c")]).effective()) == []


def test_two_corrections_of_one_event_both_count() -> None:
    record = Record("c", [contact("a", 9), contact("b", 10, corrects="a"), contact("c", 11, corrects="a")])
    assert ids(record.effective()) == ["b", "c"]


def test_marks_on_marks() -> None:
    marks = [contact("a", 8), mark("m1", "a", 9), mark("m2", "m1", 10), mark("m3", "m2", 11)]
    assert [ids(Record("c", marks).effective(at(h))) for h in (8, 9, 10, 11)] == [["a"], [], ["a"], []]
    twice = [contact("a", 8), mark("m1", "a", 9), mark("m2", "a", 10), mark("m3", "m1", 11)]
    assert ids(Record("c", twice).effective()) == []


def test_a_mark_that_was_replaced_does_not_count() -> None:
    record = Record("c", [contact("a", 8), mark("m", "a", 9), contact("b", 10, corrects="m")])
    assert ids(record.effective()) == ["a", "b"]
    record = record.append(mark("n", "b", 11))
    assert ids(record.effective()) == []


def test_targets_that_do_not_exist() -> None:
    record = Record("c", [contact("a", 9), contact("b", 10, corrects="none"), mark("m", "nobody")])
    assert ids(record.effective()) == ["a", "b"]
    late = record.append(contact("none", 13))
    assert ids(late.effective()) == ["a", "b"]


def test_circles_open_at_their_first_event() -> None:
    two = Record("c", [contact("a", 9, corrects="b"), contact("b", 10, corrects="a")])
    assert ids(two.effective()) == ["b"]
    assert ids(two.append(mark("m", "b")).effective()) == ["a"]
    same_time = Record("c", [contact("a", 9, corrects="b"), contact("b", 9, corrects="a")])
    assert ids(same_time.effective()) == ["b"]
    marks = Record("c", [contact("a", 8), mark("m", "n", 9), mark("n", "m", 10), mark("o", "a", 11)])
    assert ids(marks.effective()) == []
    mixed = Record("c", [contact("a", 8, corrects="m"), mark("m", "a", 9)])
    assert ids(mixed.effective()) == []
    three = Record("c", [contact("a", 9, corrects="b"), contact("b", 10, corrects="c"), contact("c", 11, corrects="a")])
    # a <- c <- b: a was first, so that a replaced b counts for nothing.
    assert ids(three.effective()) == ["b"]


@settings(max_examples=300, deadline=None)
@given(data=st.data(), listed=linked_lists())
def test_effective_agrees_with_its_rules(data: st.DataObject, listed: list[Event]) -> None:
    record = Record("c", data.draw(st.permutations(listed)))
    for hour in range(6):
        assert ids(record.effective(at(hour))) == oracle([e for e in listed if e.recorded_at <= at(hour)])
    assert ids(record.effective()) == oracle(listed)
    assert record.effective() == record.effective()


@usual
@given(listed=linked_lists() | event_lists())
def test_what_does_not_count_was_taken_back(listed: list[Event]) -> None:
    record = Record("c", listed)
    for moment in (None, *(at(hour) for hour in range(6))):
        known = [e for e in record if moment is None or e.recorded_at <= moment]
        counted = set(record.effective(moment))
        left = [e for e in known if e not in counted and not isinstance(e, EnteredInError)]
        assert list(record.taken_back(moment)) == left
    with pytest.raises(GrowthwatchError, match="known_at"):
        record.taken_back("2024-01-01")  # type: ignore[arg-type]


def test_marks_of_a_later_hour_take_nothing_back_before() -> None:
    many = [contact(f"e{i:04}", i % 24) for i in range(2000)]
    record = Record("c", [*many, *(mark(f"m{i}", f"e{i:04}", 23) for i in range(20))])
    before = record.effective(at(22))
    assert record.effective(at(22)) == before and len(record.effective()) == 1980
    assert record.append(contact("late", 23)).taken_back(at(22)) == record.taken_back(at(22)) == ()


def test_long_chains_and_circles_end() -> None:
    n = 3000
    chain = [contact(f"e{i:04}", corrects=f"e{i - 1:04}" if i else None) for i in range(n)]
    assert ids(Record("c", chain).effective()) == [f"e{n - 1:04}"]
    ring = [contact("e0000", corrects=f"e{n - 1:04}"), *chain[1:]]
    assert ids(Record("c", ring).effective()) == [f"e{n - 1:04}"]
    marks = [contact("e0000"), *(mark(f"e{i:04}", f"e{i - 1:04}") for i in range(1, n))]
    assert ids(Record("c", marks).effective()) == ([] if n % 2 == 0 else ["e0000"])


@usual
@given(listed=event_lists(corrects=False), moments=st.lists(instants, min_size=2, max_size=4))
def test_knowledge_only_grows_without_corrections(listed: list[Event], moments: list[dt.datetime]) -> None:
    record = Record("c", [e for e in listed if not isinstance(e, EnteredInError)])
    for early, late in itertools.pairwise(sorted(moments)):
        before, after = record.effective(early), record.effective(late)
        assert after[: len(before)] == before
    assert record.effective() == record.events


@usual
@given(listed=event_lists(), moment=instants)
def test_later_events_never_change_what_was_known(listed: list[Event], moment: dt.datetime) -> None:
    whole = Record("c", listed)
    then = Record("c", [e for e in listed if e.recorded_at <= moment])
    assert whole.effective(moment) == then.effective() == then.effective(moment)


def test_effective_is_fast() -> None:
    record = Record("c", [contact(f"e{i}", i % 24) for i in range(30)])
    moment = at(12)
    seconds = min(timeit.repeat(lambda: record.effective(moment), number=200, repeat=5)) / 200
    assert seconds < 30e-6
