"""What was known by then, against its rules read literally."""

from __future__ import annotations

import datetime as dt
import pickle
import timeit
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from random_records import last_day, random_record
from small_records import at, contact, ids, mark, usual
from strategies import event_lists, instants, linked_lists

from growthwatch.core.calendar import end_of_day, local_day
from growthwatch.record import Contact, EnteredInError, Event, Record, Sign, SignRecorded, parse_event
from growthwatch.record.known import Known

LONDON = "Europe/London"
DAY = dt.timedelta(days=1)

lists = event_lists() | linked_lists()
moments = instants | st.integers(-30, 60).map(lambda hours: at(0) + dt.timedelta(hours=hours))


_WHO = {"on": "2021-02-01", "recorded_at": "2020-01-02T00:00:00Z", "actor": "0", "role": "health_visitor"}
AHEAD = {
    "danger": parse_event({"id": "e1", "type": "examined", "outcome": "0", "danger_signs": "present", **_WHO}),
    "oedema": parse_event({"id": "e1", "type": "examined", "outcome": "0", "oedema": "present", **_WHO}),
    "visit": parse_event({"id": "e1", "type": "contact", "face_to_face": True, "danger_signs": "present", **_WHO}),
    "well": parse_event({"id": "e1", "type": "examined", "outcome": "0", "danger_signs": "none", **_WHO}),
}
"""Dated ahead of the day on which they were written down."""


def day_of(e: Event, known: Known) -> int:
    recorded = local_day(e.recorded_at, LONDON).toordinal()
    if e.on.toordinal() > recorded and not e.is_arrangement:
        return recorded
    if known.known_at > known.as_of < e.recorded_at:
        return e.on.toordinal()
    return max(recorded, e.on.toordinal())


def ahead(e: Event) -> bool:
    return e.on > local_day(e.recorded_at, LONDON)


def happening_ahead(e: Event) -> bool:
    return ahead(e) and not e.is_arrangement and not isinstance(e, EnteredInError)


def as_read(e: Event) -> Event | None:
    """A happening dated ahead is read as of the day on which it was written down, if it may alarm, or not at all."""
    if not happening_ahead(e):
        return e
    day = local_day(e.recorded_at, LONDON)
    if e.type in ("weighed", "sign_recorded", "illness_recorded", "concern", "was_not_brought"):
        return e.model_copy(update={"on": day})
    # Of a visit or an examination only what was found of danger alarms, and the visit itself has not happened.
    shared: dict[str, Any] = {
        name: getattr(e, name) for name in ("id", "time", "recorded_at", "actor", "role", "corrects", "note")
    }
    if getattr(e, "danger_signs", None) == "present":
        return Contact(**shared, on=day, face_to_face=False, danger_signs="present")
    if getattr(e, "oedema", None) == "present":
        return SignRecorded(**shared, on=day, signs=(Sign.OEDEMA,))
    return None


def unknown(known: Known, e: Event, day: int) -> bool:
    """Whether an event names an id that nobody knew by the end of a day, nor as it was written down."""
    names = [n for field in ("corrects", *e.refers) if (n := getattr(e, field)) is not None]
    there = {o.id: o for o in known.events}
    return any(
        n not in there
        or (there[n].order > e.order and local_day(there[n].recorded_at, LONDON) > dt.date.fromordinal(day))
        for n in names
    )


def counted(known: Known, day: int) -> list[Event]:
    """The rules, read literally and slowly."""
    moment = known.known_at
    if not known.hindsight:
        moment = min(moment, end_of_day(dt.date.fromordinal(day), LONDON))
    return [r for e in known.record.effective(moment) if day_of(e, known) <= day and (r := as_read(e)) is not None]


@usual
@given(listed=lists, as_of=moments, known_at=st.none() | moments)
@example(listed=[AHEAD["danger"]], as_of=at(0), known_at=None)
@example(listed=[AHEAD["oedema"]], as_of=at(0), known_at=None)
@example(listed=[AHEAD["visit"]], as_of=at(0), known_at=None)
@example(listed=[AHEAD["well"]], as_of=at(0), known_at=None)
def test_known_follows_its_rules(listed: list[Event], as_of: dt.datetime, known_at: dt.datetime | None) -> None:
    record = Record("c", listed)
    known = Known.of(record, as_of=as_of, known_at=known_at, zone=LONDON)
    until = known_at or as_of
    assert known.last == local_day(as_of, LONDON).toordinal()
    assert list(known.events) == [e for e in record if e.recorded_at <= until]
    assert all(known.day(e) == day_of(e, known) for e in known.events)
    now = {e.id for e in record.effective(until)}
    told = [e for e in known.events if not known.hindsight or e.id in now]
    days = {day_of(e, known) for e in told if as_read(e) is not None}
    assert days <= {*known.days, *known.days_to_come}
    assert [*known.days, *known.days_to_come] == sorted({*known.days, *known.days_to_come})
    assert known.in_doubt == {e.id for e in known.events if happening_ahead(e) and as_read(e) is not None}
    assert all(d <= known.last for d in known.days) and all(d > known.last for d in known.days_to_come)
    assert known.to_come == tuple(e for e in told if day_of(e, known) > known.last and as_read(e) is not None)
    for day in {*known.days, *known.days_to_come, known.last, known.last - 1}:
        assert known.news(day) == tuple(
            (day, r) for e in told if day_of(e, known) == day and (r := as_read(e)) is not None
        )
        noticed_now = {n.event.id for n in known.notices(day) if n.what == "ahead"}
        counts = {
            e.id
            for e in known.record.effective(
                known.known_at
                if known.hindsight or day >= known.last
                else min(until, end_of_day(dt.date.fromordinal(day), LONDON))
            )
        }
        assert noticed_now == {
            e.id
            for e in known.events
            if ahead(e) and e.id in counts and local_day(e.recorded_at, LONDON).toordinal() <= day
        }
        assert {n.event.id for n in known.notices(day) if n.what == "unknown" and n.event.id in counts} == {
            e.id
            for e in known.events
            if e.id in counts and local_day(e.recorded_at, LONDON).toordinal() <= day and unknown(known, e, day)
        }
        found = known.effective(day)
        assert [e for _, e in found] == counted(known, day)
        kept = {e.id for _, e in found}
        back = known.taken_back(day)
        if known.hindsight:
            assert back == frozenset()
        else:
            marks = {e.id for e in listed if isinstance(e, EnteredInError)}
            by_then = {e.id for e in known.events if local_day(e.recorded_at, LONDON).toordinal() <= day}
            effective = {e.id for e in record.effective(min(until, end_of_day(dt.date.fromordinal(day), LONDON)))}
            assert back == by_then - effective - marks and not back & kept
    assert known.effective() == known.effective(known.last)


@usual
@given(listed=lists, as_of=moments, known_at=st.none() | moments)
def test_news_that_only_adds_can_be_added(
    listed: list[Event], as_of: dt.datetime, known_at: dt.datetime | None
) -> None:
    known = Known.of(Record("c", listed), as_of=as_of, known_at=known_at, zone=LONDON)
    for day in (*known.days, *known.days_to_come):
        if known.adds(day):
            before, now = known.effective(day - 1), known.effective(day)
            if known.hindsight:
                assert sorted([*before, *known.news(day)], key=lambda x: x[1].order) == now
            else:
                assert [*before, *known.news(day)] == now
            assert known.taken_back(day) == known.taken_back(day - 1)


def test_what_is_undone_before_it_is_written_down_is_no_mere_addition() -> None:
    who = {"actor": "hv", "role": "health_visitor"}
    corrects = {
        "id": "c1", "type": "condition_diagnosed", "condition": "coeliac", "corrects": "x1", "on": "2020-01-01",
        "recorded_at": "2020-01-02T09:00:00Z", **who,
    }  # fmt: skip
    later = {
        "id": "x1", "type": "examined", "outcome": "well", "on": "2025-02-10",
        "recorded_at": "2022-08-06T09:00:00Z", **who,
    }  # fmt: skip
    record = Record("c", [parse_event(corrects), parse_event(later)])
    known = Known.of(record, as_of=dt.datetime(2023, 1, 1, tzinfo=dt.UTC), zone=LONDON)
    day = dt.date(2022, 8, 6).toordinal()
    assert known.taken_back(day) == {"x1"} and known.taken_back(day - 1) == frozenset()
    assert not known.adds(day)


def test_an_id_that_becomes_known_on_the_same_day_is_no_notice_when_going_on() -> None:
    who = {"type": "contact", "face_to_face": True, "actor": "hv1", "role": "health_visitor"}
    when = {"on": "2024-01-01", "recorded_at": "2024-01-01T00:00:00Z"}
    whole = Record("c", [{"id": "e0", "corrects": "e1", **who, **when}, {"id": "e1", **who, **when}])
    before = Known.of(Record("c", whole.events[:1]), as_of=at(0), zone=LONDON)
    day = dt.date(2024, 1, 1).toordinal()
    assert [n.what for n in before.notices(day)] == ["unknown"]
    after = before.then(whole, as_of=at(0))
    assert not after.notices(day) and after == Known.of(whole, as_of=at(0), zone=LONDON)


@usual
@given(data=st.data(), listed=lists)
def test_going_on_is_reading_from_the_beginning(data: st.DataObject, listed: list[Event]) -> None:
    some = data.draw(st.lists(st.sampled_from(listed))) if listed else []
    cut = data.draw(st.integers(0, len(listed)))
    whole = Record("c", listed)
    for part in (Record("c", some), Record("c", whole.events[:cut])):
        first, second = data.draw(moments), data.draw(moments)
        later = data.draw(st.none() | moments)
        before = Known.of(part, as_of=first, known_at=data.draw(st.none() | moments), zone=LONDON)
        assert before.then(whole, as_of=second, known_at=later) == Known.of(
            whole, as_of=second, known_at=later, zone=LONDON
        )


@pytest.mark.parametrize("seed", range(20))
def test_going_on_night_after_night(seed: int) -> None:
    record = random_record(seed)
    known = Known.of(Record(record.child_id), as_of=record.events[0].recorded_at, zone=LONDON)
    written = Record(record.child_id)
    for e in record:
        written = written.append(e)
        known = known.then(written, as_of=e.recorded_at)
        assert known == Known.of(written, as_of=e.recorded_at, zone=LONDON)
        assert known.effective() == Known.of(record, as_of=e.recorded_at, zone=LONDON).effective()
    assert last_day(record).toordinal() >= known.last


def test_a_mark_counts_from_its_own_day() -> None:
    late = mark("m", "a").model_copy(update={"recorded_at": at(12) + DAY})
    record = Record("c", [contact("a", 8), contact("b", 9), late])
    known = Known.of(record, as_of=at(12) + 2 * DAY, zone=LONDON)
    first, second = known.days
    assert second == first + 1
    assert ids(tuple(e for _, e in known.effective(first))) == ["a", "b"] and known.taken_back(first) == frozenset()
    assert ids(tuple(e for _, e in known.effective(second))) == ["b"] and known.taken_back(second) == {"a"}
    assert known.adds(first), "what is taken back later still counts on its day"
    assert not known.adds(second)
    after = Known.of(record, as_of=at(10), known_at=at(12) + 2 * DAY, zone=LONDON)
    assert ids(tuple(e for _, e in after.effective())) == ["b"] and after.taken_back(first) == frozenset()


def test_a_day_is_a_local_day() -> None:
    summer = dt.datetime(2024, 7, 1, 23, 30, tzinfo=dt.UTC)
    e = contact("a").model_copy(update={"on": dt.date(2024, 7, 1), "recorded_at": summer})
    for zone, day in ((LONDON, 2), ("UTC", 1), ("America/New_York", 1)):
        known = Known.of(Record("c", [e]), as_of=summer, zone=zone)
        assert known.days == (dt.date(2024, 7, day).toordinal(),)
        assert known.last == dt.date(2024, 7, day).toordinal()


def test_the_edges_of_the_calendar() -> None:
    end = dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)
    start = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
    listed = [
        contact("a").model_copy(update={"on": dt.date.min, "recorded_at": start}),
        contact("b").model_copy(update={"on": dt.date.max, "recorded_at": start}),
        contact("d", corrects="b").model_copy(update={"on": dt.date.max, "recorded_at": end}),
    ]
    for zone in (LONDON, "Pacific/Kiritimati", "America/Los_Angeles"):
        known = Known.of(Record("c", listed), as_of=end, zone=zone)
        assert ids(tuple(e for _, e in known.effective())) == ["a", "d"]
        assert known.taken_back(known.last) == {"b"}
        assert ids(tuple(e for _, e in known.effective(1))) == ["a"]


def test_known_is_a_value() -> None:
    record = random_record(7)
    known = Known.of(record, as_of=record.events[-1].recorded_at, zone=LONDON)
    assert pickle.loads(pickle.dumps(known)) == known
    with pytest.raises(AttributeError):
        known.last = 3  # type: ignore[misc]


def test_going_on_costs_little() -> None:
    n = 2000
    listed = [
        contact(f"e{i}").model_copy(update={"on": dt.date(2018, 1, 1) + i * DAY, "recorded_at": at(0) + i * DAY})
        for i in range(n)
    ]
    long, longer = Record("c", listed[:-1]), Record("c", listed)
    as_of = at(0) + n * DAY
    before = Known.of(long, as_of=as_of, zone=LONDON)
    anew = min(timeit.repeat(lambda: Known.of(longer, as_of=as_of, zone=LONDON), number=1, repeat=9))
    on = min(timeit.repeat(lambda: before.then(longer, as_of=as_of), number=1, repeat=9))
    assert on < anew / 4, (on, anew)


def test_of_two_marks_of_an_event_the_first_takes_it_back() -> None:
    # Marked on the first, before it was written down on the fifth, and marked again on the eighth.
    start = at(0)
    listed = [
        mark("first", "late").model_copy(update={"recorded_at": start}),
        contact("late").model_copy(update={"recorded_at": start + 4 * DAY}),
        mark("second", "late").model_copy(update={"recorded_at": start + 7 * DAY}),
    ]
    known = Known.of(Record("c", listed), as_of=start + 9 * DAY, zone=LONDON)
    first = known.last - 9
    assert not known.adds(first + 4), "it is news on the fifth, and was taken back already"
    for day in (first + 4, first + 6, first + 8):
        assert [e.id for _, e in known.effective(day)] == []
    assert known.undone(first + 4) == {"late": "first"}
