"""Long records: what is read a little at a time is what is read at once, and a day costs the same late as early."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from typing import Any

from builders import HV, Child
from children import children, some
from hypothesis import given

from growthwatch.protocol import review
from growthwatch.protocol.child import Child as Known
from growthwatch.protocol.child import Scorer
from growthwatch.record import AnyEvent, Record

WANTED = frozenset({"vomiting", "sunken_eyes", "fever"})


def state(known: Known) -> list[Any]:
    """What the rules can see of the weights and of what was done."""
    weights, signs, contacts = known.weights, known.signs, known.contacts
    last = weights.all[-1].day if weights.all else 0
    done = (contacts.seen, contacts.asked, signs.examined, known.signed.planned, known.signed.sick_day)
    return [
        [(w.id, w.place, w.validity, w.reason, w.low, w.replaced_by) for w in weights.all],
        [w.id for w in weights.valid],
        [(best.id if (best := known.growth.best_before(w)) is not None else None) for w in weights.all],
        [s.id for s in signs.unanswered(WANTED)],
        [signs.ill_near(w.day) for w in weights.all],
        [weights.by_id[w.id] is w for w in weights.all],
        weights.weighed_from(last - 30),
        contacts.met.between(last - 60, last),
        [what.first_from(last - 60) for what in done],
    ]


def new(events: Sequence[AnyEvent]) -> Known:
    return Known(HV.settings, HV.reference, Scorer(HV.settings, HV.reference, events))


@given(children(most_weights=14, most_events=10))
@some
def test_a_little_at_a_time_is_the_same_as_at_once(child: Child) -> None:
    events = [e for e in child.record.events if e.type != "entered_in_error" and e.corrects is None]
    known, before = new(events), None
    dated = [(max(e.recorded_at.date(), e.on).toordinal(), e) for e in events]
    for n, one in enumerate(dated, start=1):
        fork = known.fork()
        known.read([one])
        at_once = new(events)
        at_once.read(dated[:n])
        assert state(known) == state(at_once), n
        assert before is None or state(fork) == before, "what goes on from a child leaves it as it was"
        before = state(known)


def test_a_weight_that_changes_keeps_what_was_judged_on_it() -> None:
    child = Child().steady(0.0, [14, 40, 70]).weigh(3.0, 75).weigh(3.0, 77)
    dated = [(e.on.toordinal(), e) for e in child.record.events]
    known = new(child.record.events)
    known.read(dated[:-1])
    doubted = known.weights.all[-1]
    assert doubted.validity == "suspected"
    known.read(dated[-1:])
    now = known.weights.by_id[doubted.id]
    assert now.counts and now is not doubted and not doubted.counts


def lines_run(days: int) -> int:
    """Lines of the protocol room run by a review of daily weights: a measure that no busy machine disturbs."""
    child = Child()
    for day in range(1, days):
        z = -min(2.0, day / 400)
        child.at_z(z, day, clothing="clothed" if day % 7 == 3 else "naked")
        if day % 11 == 0:
            child.contact(day).sign("vomiting", day).examined(day)
    record = child.record
    count = 0

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal count
        if "protocol" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        review(record, protocol=HV, as_of=child.date(days))
    finally:
        sys.settrace(before)
    return count


def test_a_day_costs_the_same_late_as_early() -> None:
    first, second = lines_run(120), lines_run(360)
    assert second < 3.6 * first, (first, second)


def test_what_comes_after_the_day_asked_about_stays_out_of_the_answer() -> None:
    child = Child().steady(0.0, [14, 40]).add("died", 100).contact(120, late=10)
    for known_at in (None, child.date(100), child.date(140)):
        told = child.review(100, known_at=known_at)
        assert told.died_on == child.date(100), "a contact on a later day is not yet a contradiction"
        assert "died on" in told.explain()
    assert child.review(140).died_on is None


def test_several_protocols_and_events_dated_ahead_are_read_on_too() -> None:
    child = Child().steady(0.0, list(range(14, 80, 2)))
    plain = child.review(80)
    ahead = Record("child", [*child.record.events, *_letter(child)])
    letter = _letter(child)[0].id
    found = [f.key for f in review(ahead, protocol=HV, as_of=child.date(80)).findings]
    assert found == [f"Q1:dated_ahead:{letter}@start", *(f.key for f in plain.findings)]
    several = review(child.record, protocol=[HV, HV], as_of=child.date(80))
    assert (several.tier, several.due) == (plain.tier, plain.due)


def _letter(child: Child) -> list[Any]:
    told = Child().add("contact", 60, face_to_face=True, recorded_at=dt.datetime(2024, 1, 20, 9, tzinfo=dt.UTC))
    return [e for e in told.record.events if e.type == "contact"]
