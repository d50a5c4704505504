"""Going on from an earlier review: the same bytes as judging the record from its beginning."""

from __future__ import annotations

import datetime as dt
import pickle
import random

import pytest
from builders import HV, Child, folded
from random_records import last_day, ordinary_record, random_record

from growthwatch.core.calendar import as_instant
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import Review, review
from growthwatch.protocol.child import Scorer
from growthwatch.protocol.engine.resume import Kept
from growthwatch.record import Record
from growthwatch.record.known import Known


def parts(seed: int, of: Record) -> tuple[Record, dt.date, dt.date]:
    """A record as it was at some moment, that day, and a later one."""
    r = random.Random(seed)
    moments = sorted({e.recorded_at for e in of.events})
    cut = r.choice(moments)
    early = Record(of.child_id, [e for e in of.events if e.recorded_at <= cut])
    return early, cut.date(), max(cut.date(), last_day(of)) + dt.timedelta(days=r.choice((0, 1, 90)))


def went_on(state: Kept | None, record: Record, day: dt.date) -> bool:
    assert state is not None
    known = Known.of(record, as_of=as_instant(day, HV.zone), zone=HV.zone)
    return state.goes_on(known, [HV], None) is not None


@pytest.mark.parametrize("make", [random_record, ordinary_record])
def test_going_on_gives_the_same_bytes_as_beginning_anew(make: type) -> None:
    gone = 0
    for seed in range(24):
        record = make(seed)
        early, first, then = parts(seed, record)
        before = review(early, protocol=HV, as_of=first, resumable=True)
        again = before.to_json()
        kept: Review = pickle.loads(pickle.dumps(before)) if seed % 3 == 0 else before
        on = review(record, protocol=HV, as_of=then, after=kept, resumable=True)
        fresh = review(record, protocol=HV, as_of=then)
        assert on.to_json() == fresh.to_json(), seed
        assert on.explain() == fresh.explain(), seed
        # What was gone on from is as it was, and can be gone on from again, by another record too.
        assert before.to_json() == again
        assert review(early, protocol=HV, as_of=first, after=before).to_json() == again
        third = review(record, protocol=HV, as_of=then + dt.timedelta(days=40), after=on)
        assert third.to_json() == review(record, protocol=HV, as_of=then + dt.timedelta(days=40)).to_json(), seed
        gone += went_on(before.state, record, then)
    assert gone > 12, "most of the time it is exact"


def test_weights_of_the_last_day_are_read_anew() -> None:
    child = Child().steady(0.0, [14, 28, 60, 90])
    before = child.review(90, resumable=True)
    child.weigh(4.1, 90)
    assert child.review(90, after=before).to_json() == child.review(90).to_json()
    child.weigh(5.6, 91)
    assert child.review(120, after=before).to_json() == child.review(120).to_json()


@pytest.mark.parametrize("late", [1, 3, 30])
def test_what_comes_late_is_judged_from_the_beginning(late: int) -> None:
    child = Child().steady(0.0, [14, 28, 60, 90])
    before = child.review(90, resumable=True)
    child.weigh(4.0, 90 - late, late=late + 1)
    assert not went_on(before.state, child.record, child.date(120))
    assert child.review(120, after=before).to_json() == child.review(120).to_json()


def test_two_ways_on_from_one_state_do_not_meet() -> None:
    child = Child().steady(0.0, [14, 28, 60, 90])
    before, record = child.review(90, resumable=True), child.record
    base = {"id": "new", "type": "weighed", "on": child.date(100), "recorded_at": "2024-04-24T12:00:00Z"}
    base |= {"actor": "a", "role": "health_visitor", "clothing": "naked", "scale": "class_iii"}
    one, other = (record.append({**base, "weight_kg": kg}) for kg in (6.9, 4.2))
    for _ in range(2):
        for way in (one, other):
            fresh = review(way, protocol=HV, as_of=child.date(120))
            assert review(way, protocol=HV, as_of=child.date(120), after=before).to_json() == fresh.to_json()


def test_another_team_s_log_is_judged_from_the_beginning_where_it_must_be() -> None:
    for seed in range(12):
        record = random_record(seed)
        r = random.Random(seed)
        ours = Record(record.child_id, [e for e in record.events if r.random() < 0.6])
        if not ours.events:
            continue
        theirs = Record(record.child_id, [e for e in record.events if e not in ours.events or r.random() < 0.3])
        day = last_day(ours)
        before = review(ours, protocol=HV, as_of=day, resumable=True)
        both = ours.merge(theirs)
        then = max(day, last_day(both))
        on = review(both, protocol=HV, as_of=then, after=before)
        assert on.to_json() == review(both, protocol=HV, as_of=then).to_json(), seed


def test_a_mark_of_error_takes_back_what_was_judged_before() -> None:
    child = Child().steady(0.0, [14, 28, 60]).weigh(3.9, 90)
    wrong = child.last
    before = child.review(90, resumable=True)
    child.add("entered_in_error", 95, target=wrong, reason="wrong child")
    assert child.review(120, after=before).to_json() == child.review(120).to_json()


def test_another_protocol_child_or_past_begins_anew() -> None:
    child = Child().steady(0.0, [14, 28, 60, 90])
    before = child.review(90, resumable=True)
    assert review(child.record, protocol=[HV, HV], as_of=child.date(95), after=before).to_json()
    assert not went_on(before.state, Record("another", child.events), child.date(95))
    assert not went_on(before.state, child.record, child.date(80))
    assert child.review(80, after=before).to_json() == child.review(80).to_json()


def test_only_a_resumable_review_can_be_gone_on_from() -> None:
    child = Child().steady(0.0, [14, 28])
    with pytest.raises(GrowthwatchError, match="resumable=True"):
        child.review(40, after=child.review(30))
    with pytest.raises(GrowthwatchError, match="after"):
        child.review(40, after="yesterday")
    assert child.review(30).state is None


def test_a_state_that_was_cut_is_refused() -> None:
    child = Child().steady(0.0, [14, 28])
    kept: Review = pickle.loads(pickle.dumps(child.review(30, resumable=True)))
    assert kept.state is not None
    kept.state._frozen = kept.state._frozen[:-50]
    with pytest.raises(GrowthwatchError, match="cannot be read"):
        child.review(40, after=kept)


def test_a_state_of_another_version_is_passed_over() -> None:
    child = Child().steady(0.0, [14, 28])
    kept: Review = pickle.loads(pickle.dumps(child.review(30, resumable=True)))
    assert kept.state is not None
    kept.state.version = "0.0"
    assert not went_on(kept.state, child.record, child.date(40))
    assert child.review(40, after=kept).to_json() == child.review(40).to_json()


def test_what_was_known_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    child = Child().steady(0.0, [14, 28, 60, 90])
    before = child.review(90, resumable=True)
    child.at_z(0.0, 120)
    fresh = child.review(120).to_json()

    def fails(*args: object, **more: object) -> Known:
        raise AssertionError("the record is read from its beginning")

    monkeypatch.setattr(Known, "of", fails)
    assert child.review(120, after=before).to_json() == fresh
    with pytest.raises(AssertionError, match="from its beginning"):
        child.review(120)


def test_a_state_of_another_zone_or_protocol_does_not_read_on() -> None:
    child = Child().steady(0.0, [14, 28, 60, 90])
    before = child.review(90, resumable=True)
    child.at_z(0.0, 120)
    assert before.state is not None
    moment = as_instant(child.date(120), HV.zone)
    fresh = Known.of(child.record, as_of=moment, zone=HV.zone)
    assert before.state.known(child.record, [HV], moment, moment) == fresh
    other = Kept(fresh, [HV, HV], folded(child.record, child.date(120)).state, {})
    assert other.known(child.record, [HV], moment, moment) == fresh
    away = Known.of(child.record, as_of=moment, zone="Pacific/Auckland")
    far = Kept(away, [HV], folded(child.record, child.date(120)).state, {})
    assert far.known(child.record, [HV], moment, moment) == fresh


@pytest.mark.parametrize("day", [100, 75, 5, 60])
def test_which_weights_look_valid_is_gone_on_with(day: int) -> None:
    child = Child().steady(0.0, [14, 28, 60]).clothed(6.9, 88).at_z(0.0, 90)
    birth = (child.birthday.toordinal(), "female", 280)
    scorer = Scorer(HV.settings, HV.reference, child.record.events)
    scorer.likely_rows(birth)
    child.at_z(0.1, day).clothed(6.9, day + 1).at_z(0.1, day + 2)
    then = scorer.then(child.record.events)
    fresh = Scorer(HV.settings, HV.reference, child.record.events)
    named = [[s.weighings[row].id for row in s.likely_rows(birth)] for s in (then, fresh)]
    assert named[0] == named[1] and len(named[0]) == 7
    doubted = frozenset({fresh.weighings[fresh.likely_rows(birth)[0]].id})
    assert len(scorer.then(child.record.events, doubted).likely_rows(birth)) == 6, "a date that cannot be right"
