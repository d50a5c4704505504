"""A record hands on what it knows: hashes, and what counted, are those of a record made at once."""

from __future__ import annotations

import pickle
import timeit

from hypothesis import given
from hypothesis import strategies as st
from small_records import at, contact, usual
from strategies import event_lists, linked_lists

from growthwatch.core.canonical import content_hash
from growthwatch.record import Event, Record


@usual
@given(data=st.data(), listed=event_lists() | linked_lists(), child=st.sampled_from(["c", 'é "1"\\']))
def test_a_record_that_grew_is_one_made_at_once(data: st.DataObject, listed: list[Event], child: str) -> None:
    """Whatever was asked of it in between, in whatever order its events came, alone or many at a time."""
    record = Record(child)
    waiting = data.draw(st.permutations(listed))
    while waiting:
        asked = data.draw(st.sampled_from(["nothing", "hash", "effective", "both"]))
        if asked in ("hash", "both"):
            assert record.content_hash == content_hash(record.to_dict())
        if asked in ("effective", "both"):
            for hour in (0, 2, 4):
                record.effective(at(hour))
            record.effective()
        size = data.draw(st.integers(1, 3))
        some, waiting = waiting[:size], waiting[size:]
        record = record.append(some[0]) if size == 1 else record.merge(Record(child, some))
        anew = Record(child, record.events)
        assert record == anew and record.events == anew.events
        assert record.content_hash == anew.content_hash == content_hash(record.to_dict())
        for moment in (None, *(at(hour) for hour in range(6))):
            assert record.effective(moment) == anew.effective(moment)
        assert all(record.event(e.id) == e for e in anew)
        assert pickle.loads(pickle.dumps(record)).content_hash == record.content_hash


def test_the_hash_of_an_empty_record() -> None:
    assert Record("c").content_hash == content_hash(Record("c").to_dict())
    assert Record("c").append(contact("a")).content_hash == Record("c", [contact("a")]).content_hash


def test_two_records_that_grow_from_one_do_not_meet() -> None:
    stem = Record("c", [contact("a", 1)])
    before = stem.content_hash
    one, two = stem.append(contact("b", 2)), stem.append(contact("b", 2, note="other"))
    assert one.content_hash == content_hash(one.to_dict()) != two.content_hash == content_hash(two.to_dict())
    assert stem.content_hash == before


def test_one_more_event_costs_little() -> None:
    record = Record("c", [contact(f"e{i}", i % 24) for i in range(2000)])
    record.effective()
    more = contact("more", 23)
    anew = min(timeit.repeat(lambda: content_hash(record.to_dict()), number=1, repeat=5))
    assert record.content_hash == content_hash(record.to_dict())
    grown = min(timeit.repeat(lambda: record.append(more).content_hash, number=1, repeat=9))
    assert grown < anew / 20, (grown, anew)
