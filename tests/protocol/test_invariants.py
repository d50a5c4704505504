"""The invariants of the process specification, section 9, on histories of moves; and each seen to fail by a fault."""

from __future__ import annotations

import copy
import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from builders import HV
from builders import Child as Builder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invariants import INVARIANTS, watched
from moves import History, histories, seeded

from growthwatch.protocol.child import Child, standing
from growthwatch.protocol.child.offices import Offices
from growthwatch.protocol.child.requests import Requests
from growthwatch.protocol.engine import ahead, findings, fold, guards, ladder
from growthwatch.protocol.kinds import kind
from growthwatch.protocol.kinds.letters import NotAcknowledged, UnclearLetter
from growthwatch.protocol.kinds.no_lead import NoLead
from growthwatch.protocol.kinds.points import Point, Points
from growthwatch.record import Record
from growthwatch.record.known import Known

SHARE = 16
"""Part of the examples of the profile that each of the invariants has."""

held = settings(
    max_examples=max(settings().max_examples // SHARE, 2), deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("number", sorted(INVARIANTS))
@held
@given(h=histories(16), chance=st.integers(0, 2**32))
def test_it_holds(number: int, h: History, chance: int) -> None:
    INVARIANTS[number](h, random.Random(chance))


# --- each of them can fail -------------------------------------------------------------------------


def wrapped(patch: pytest.MonkeyPatch, owner: Any, name: str, by: Callable[..., Any]) -> None:
    """Put `by`, which is given what stood there first, in the place of something of the engine."""
    there = getattr(owner, name)
    patch.setattr(owner, name, lambda *args, **more: by(there, *args, **more))


FAULTS: dict[int, Callable[[pytest.MonkeyPatch], None]] = {}


def fault(number: int) -> Callable[[Any], Any]:
    def put(plant: Any) -> Any:
        FAULTS[number] = plant
        return plant

    return put


@fault(1)
def an_absence_is_not_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Offices, "away", lambda self, day: None)


@fault(2)
def only_a_plan_needs_a_lead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(NoLead, "required", lambda self, at: at.child.people.protection_plan is not None)


@fault(3)
def a_letter_is_clear_after_three_days(patch: pytest.MonkeyPatch) -> None:
    def closed_by(there: Any, self: Any, at: Any, opened: Any) -> Any:
        r = at.child.requests.of(at.subject)
        return r.id if r is not None and at.day > r.known_day + 3 else there(self, at, opened)

    wrapped(patch, UnclearLetter, "closed_by", closed_by)


@fault(4)
def silence_is_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    def subjects(there: Any, self: Any, at: Any) -> Any:
        return [s for s in there(self, at) if (r := at.child.requests.of(s)) is not None and r.words]

    wrapped(patch, NotAcknowledged, "subjects", subjects)


@fault(5)
def a_word_counts_for_all(patch: pytest.MonkeyPatch) -> None:
    def take(there: Any, self: Any, day: int, e: Any) -> None:
        there(self, day, e)
        for id in [id for id in self.all if e.type == "acknowledged" and id != e.request]:
            there(self, day, e.model_copy(update={"request": id, "by": self.all[id].parties[0].name}))

    wrapped(patch, Requests, "take", take)


@fault(6)
def many_points_are_none(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, Points, "ledger", lambda there, self, at: p if len(p := there(self, at)) < 3 else [])


@fault(7)
def a_point_is_dated_too_early(patch: pytest.MonkeyPatch) -> None:
    def early(there: Any, self: Any, at: Any) -> Any:
        return [p._replace(day=p.day - 1) for p in there(self, at)]

    wrapped(patch, Points, "_all", early)


@fault(8)
def a_rung_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    def climb(there: Any, state: Any, change: Any, news: bool) -> None:
        there(state, change, news)
        for f in state.open.values():
            f.tasks = [t for t in f.tasks if t.rung is None or t.set_on == state.day]

    wrapped(patch, fold, "climb", climb)


@fault(9)
def an_answer_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    def stand(there: Any, child: Any, r: Any, day: int, *args: Any) -> Any:
        found = there(child, r, day, *args)
        return replace(found, state="sent") if found.state == "answered" and day % 2 else found

    wrapped(patch, kind, "stand", stand)


@fault(10)
def one_alone_is_named(patch: pytest.MonkeyPatch) -> None:
    def judge(there: Any, self: Any, at: Any) -> Any:
        found = there(self, at)
        values = dict(found.values)
        return replace(found, values=values | {"whom": values["whom"][:1]} if "whom" in values else values)

    wrapped(patch, NotAcknowledged, "judge", judge)


@fault(11)
def the_first_step_is_skipped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(NotAcknowledged, "steps_below", lambda self, level: ())


@fault(12)
def everything_may_be_snoozed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guards, "_not_to_be_snoozed", lambda state, finding, loud: [])


@fault(13)
def a_snooze_puts_off(patch: pytest.MonkeyPatch) -> None:
    def climb(there: Any, state: Any, change: Any, news: bool) -> None:
        there(state, change, news)
        for f in state.open.values():
            if ladder.snooze_of(state, f) is not None:
                f.tasks = [replace(t, deadline=t.deadline + 1) for t in f.tasks]

    wrapped(patch, fold, "climb", climb)


@fault(14)
def a_point_counts_twice(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, Points, "_all", lambda there, self, at: [p for p in there(self, at) for _ in range(2)])


@fault(15)
def what_was_read_opens_again(patch: pytest.MonkeyPatch) -> None:
    def judge(there: Any, self: Any, at: Any) -> Any:
        others = copy.copy(at)
        others.closed = [f for f in at.closed if f.rule.id != "P7"]
        return there(self, others)

    wrapped(patch, Points, "judge", judge)


@fault(16)
def a_contact_is_a_point(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, Points, "_all", lambda there, self, at: [*there(self, at), *_points_for(at, "contact")])


def _points_for(at: Any, type: str) -> list[Point]:
    return [Point(k.on, k.id, 1, True, "gap") for k in at.child.happened.of(type)]


@fault(17)
def a_merge_keeps_one_side(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Record, "merge", lambda self, other: self)


@fault(18)
def what_comes_later_is_known(patch: pytest.MonkeyPatch) -> None:
    there = Known.of

    def of(record: Any, *, as_of: Any, **more: Any) -> Any:
        return there(record, as_of=as_of, **more | {"known_at": as_of + dt.timedelta(days=400)})

    patch.setattr(Known, "of", of)


@fault(19)
def a_witness_is_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(findings, "witness", lambda state, rule, outcome: outcome.witness[:1])


@fault(20)
def a_refused_decision_lowers(patch: pytest.MonkeyPatch) -> None:
    def decide(there: Any, state: Any, change: Any) -> Any:
        before = len(state.refused)
        out = there(state, change)
        if len(state.refused) > before:
            state.open.clear()
        return out

    wrapped(patch, fold, "decide", decide)


@fault(21)
def an_override_never_lapses(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fold, "lapse", lambda state, change: False)


@fault(22)
def a_change_closes(patch: pytest.MonkeyPatch) -> None:
    def comes(there: Any, self: Any, protocol: Any, change: Any) -> None:
        there(self, protocol, change)
        for slot in list(self.state.open):
            findings.close(self.state, slot, "y1", change)

    wrapped(patch, fold.Fold, "_comes_into_force", comes)


@fault(23)
def less_is_more(patch: pytest.MonkeyPatch) -> None:
    def limits(there: Any, settings: Any, name: str) -> Any:
        found = there(settings, name)
        n = found.acknowledge_wd
        return found if n is None else found.model_copy(update={"acknowledge_wd": max(1, 8 - n)})

    wrapped(patch, standing, "limits", limits)


@fault(24)
def every_file_is_new(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, Record, "to_dict", lambda there, self: there(self) | {"schema_version": 2})


@fault(25)
def an_acceptance_is_a_point(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, Points, "_all", lambda there, self, at: [*there(self, at), *_points_for(at, "handover_accepted")])


@fault(26)
def nobody_dies(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Child, "dead_on", lambda self, day: False)


@fault(27)
def no_deadline_is_looked_at(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ahead, "_deadlines", lambda state: iter(()))


SEEDS = range(40)
"""Histories of which one must show a fault."""
SNOOZE = {"why": "family_away", "reason": "on holiday", "role": "health_visitor"}
UNCLEAR = {"sender": "Ann", "to": [{"name": "Dr Fox"}], "requested_action": "see", "action_owner": "Dr Fox"}
AFTER_ALL = {"because": "well", "risk_now": "low", "safeguards": "visits", "role": "paediatrician", "actor": "Dr Vale"}


def away() -> Builder:
    more = {"until": dt.date(2024, 4, 20), "cover": "Gus Tan", "from": dt.date(2024, 4, 10)}
    return Builder().led(0).add("lead_away", "2024-04-10", **more).contact("2024-04-12")


def letter() -> Builder:
    return Builder().weigh(4.9, "2024-03-01").add("letter_sent", "2024-03-04", id="l", **UNCLEAR)


def snoozed_letter() -> Builder:
    return letter().add("snoozed", "2024-03-04", target="P2:l@start", until=dt.date(2024, 3, 12), **SNOOZE)


def snoozed_danger() -> Builder:
    child = Builder().weigh(4.9, "2024-03-01").sign("sunken_eyes", "2024-03-04")
    return child.add("snoozed", "2024-03-04", target="H1@start", until=dt.date(2024, 3, 9), **SNOOZE)


def signed_points() -> Builder:
    """Four worries of four people, all that is asked for answered, and signed by the named nurse."""
    child = Builder().weigh(4.9, "2024-03-01")
    for n, who in enumerate(("mother", "father", "aunt", "gran")):
        child.add("concern", f"2024-03-0{n + 4}", raised_by=who, about="looks thin", topics=("looks",))
    for deed in ("0.0", "1.0", "0.1", "1.1"):  # a weight that was missed made it four before the last of them
        read = {"by": "Nia Oak", "outcome": "read", "role": "named_nurse"}
        child.add("answered", "2024-03-08", request=f"P7@start#open.{deed}", **read)
    return child.decide("2024-03-08", "close_finding", target="P7@start", role="named_nurse")


def overridden() -> Builder:
    """G4 closed by a signature that was refused, and carried out for a fortnight all the same."""
    child = Builder(birth_kg=None).led().at_z(-2.1, 200).decide(204, "close_finding", target="G4@start", id="no")
    return child.add("overridden", 204, refused="no", review_by=child.date(218), **AFTER_ALL)


SELDOM = {1: away, 3: letter, 12: snoozed_danger, 13: snoozed_letter, 15: signed_points, 21: overridden}
"""For what few histories have, such as a snooze that is admitted: the child to which it happens."""


def told(number: int) -> Iterator[History]:
    if number in SELDOM:
        yield History((), SELDOM[number]())
    else:
        yield from (seeded(seed, 20) for seed in SEEDS)


@pytest.mark.parametrize("number", sorted(SELDOM))
def test_nothing_is_wrong_with_what_seldom_happens(number: int) -> None:
    for check in INVARIANTS.values():
        check(History((), SELDOM[number]()), random.Random(1))


@pytest.mark.parametrize("number", sorted(INVARIANTS))
def test_a_planted_fault_is_seen(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[number](monkeypatch)
    for h in told(number):
        try:
            INVARIANTS[number](h, random.Random(1))
        except AssertionError:
            return
    pytest.fail(f"invariant {number} holds under its fault, too")


def test_there_is_a_check_and_a_fault_for_each() -> None:
    assert sorted(INVARIANTS) == sorted(FAULTS) == list(range(1, 28))


# --- what the moves have found -----------------------------------------------------------------------


def test_a_loss_over_ten_per_cent_is_a_danger_on_the_first_day() -> None:
    # Process specification, section 7: G1 above 10 %, met by the latest weight, is for today.
    child = (
        Builder(birth_kg=4.0).weigh(3.5, 5).add("protocol_adopted", 6, protocol=HV.id, hash=HV.hash, role="team_lead")
    )
    (found,) = [f for f in child.review(6).findings if f.rule == "G1"]
    assert {o.deadline for o in found.obligations} == {child.date(6)}


def test_a_child_seen_after_its_death_was_recorded_is_judged_whole_on_that_day() -> None:
    # Section 7: a later sighting reopens all.  Asked on Monday 4 March 2024, and not acknowledged by the 11th: when the
    # child is seen on the 20th nobody has answered for more than twice as long.
    child = Builder().led().add("died", "2024-03-01", role="hospital_doctor")
    child.add("request_made", "2024-03-04", kind="other", to=[{"name": "Dr Fox"}], ask="see", id="r")
    assert "P3" not in child.levels("2024-03-19")
    child.contact("2024-03-20")
    assert child.levels("2024-03-20")["P3"] == "team lead"
    child.weigh(5.5, "2024-04-20")
    (found,) = [f for f in child.review("2024-04-20").findings if f.rule == "P3"]
    assert found.opened_on.isoformat() == "2024-03-20"


def test_a_step_that_is_late_when_it_is_set_leads_on_the_next_day() -> None:
    # Two weights of one day that cannot both be (Q1), on Monday 29 January 2024; the child is held for dead from
    # 1 February to the 14th.  The steps of the managers run each from the end of the one before, so that the one set on
    # the 14th is late on the 15th, whether or not anything is written down on that day.
    child = Builder().weigh(3.9, 14).weigh(3.1, 14)
    child.add("died", "2024-02-01", role="hospital_doctor").contact("2024-02-14")
    busy = child.copy().add("sibling_known", "2024-02-15", none=True)
    told = [
        {f.key: f.stage for f in c.review(day).findings}
        for day in ("2024-02-14", "2024-02-15", "2024-02-16")
        for c in (child, busy)
    ]
    (key,) = (k for k in told[0] if k.startswith("Q1:same_day"))
    assert [x[key] for x in told] == ["E5.3", "E5.3", "E5.4", "E5.4", "E5.4", "E5.4"]


def test_a_request_is_withdrawn_since_the_day_of_that() -> None:
    child = Builder().add("request_made", "2024-03-04", kind="other", to=[{"name": "Dr Fox"}], ask="see", id="r")
    child.add("withdrawn", "2024-03-06", request="r", reason="not needed", role="team_lead")
    for day in ("2024-03-06", "2024-05-01"):
        (asked,) = [x for x in child.review(day).requests if x.id == "r"]
        assert (asked.state, asked.since.isoformat()) == ("withdrawn", "2024-03-06")


def test_a_decision_that_was_an_error_has_no_effect_any_more() -> None:
    # A letter without a purpose: P2, weekly, completed by 5 March 2024; asked again if it is not acknowledged by the 11th.
    letter = {"sender": "Ann", "to": [{"name": "Dr Fox"}], "requested_action": "see", "action_owner": "Dr Fox"}
    child = (
        Builder()
        .led()
        .weigh(4.9, "2024-03-01")
        .add("letter_sent", "2024-03-04", respond_by="2024-06-01", id="l", **letter)
    )
    withdrawn = child.copy().add("withdrawn", "2024-03-05", request="l", reason="no", role="team_lead", id="d")
    assert withdrawn.review("2024-03-12").refused == () and "P3" not in withdrawn.levels("2024-03-12")
    withdrawn.add("entered_in_error", "2024-03-08", target="d", reason="another child")
    for day in ("2024-03-08", "2024-03-12", "2024-03-26"):
        ours, theirs = withdrawn.review(day), child.review(day)
        told = [[(x.rule, x.level) for x in r.findings if x.rule in ("P2", "P3")] for r in (ours, theirs)]
        assert told[0] == told[1], day
        assert [x.state for x in ours.requests] == [x.state for x in theirs.requests]
    more = {"until": "2024-03-15", "why": "other", "reason": "away", "role": "health_visitor"}
    child.add("snoozed", "2024-03-04", target="P2:l@start", id="d", **more)
    asked = [[o.rung for f in child.review("2024-03-09").findings if f.rule == "P2" for o in f.obligations]]
    child.add("entered_in_error", "2024-03-08", target="d", reason="another child")
    (found,) = [f for f in child.review("2024-03-09").findings if f.rule == "P2"]
    assert asked == [["E1"]]
    # On the day on which it ends so does what it held, and the team lead is asked.
    assert [(o.owner, o.set_on.isoformat()) for o in found.obligations][1] == ("team_lead", "2024-03-08")


def test_whoever_owes_more_because_of_a_condition_is_named_on_that_day() -> None:
    # Section 2: a copy of which nothing is expected owes an acknowledgement for a child of high need.
    letter = {"sender": "Ann", "to": [{"name": "Dr Fox"}], "copies": [{"name": "Kim Hay"}], "action_owner": "Dr Fox"}
    child = (
        Builder()
        .led()
        .add("level_changed", "2024-03-01", to="child_in_need")
        .add("letter_sent", "2024-03-04", **letter)
    )
    child.add("sibling_known", "2024-03-12", none=True)
    child.condition("cerebral_palsy", "2024-03-14", gmfcs=4)
    for until in ("2024-03-14", "2024-04-20"):  # whether or not it is the day that was asked about
        days = {d.day: d.open for d in watched(child.record, child.date(until)).days}
        before, then = (days[child.date(day).toordinal()] for day in ("2024-03-12", "2024-03-14"))
        assert before["P3:letter_sent-4"].values["whom"] == ("Dr Fox",)
        assert then["P3:letter_sent-4"].values["whom"] == ("Dr Fox", "Kim Hay")


def test_an_arm_in_error_is_read_no_more() -> None:
    child = Builder().add("measured", 200, measure="arm", value_cm=12.0)
    child.add("entered_in_error", 210, target=child.last, reason="another child")
    assert "G11" not in child.levels(215)


def test_who_asked_and_the_team_lead_both_ring_where_both_limits_passed_before_it_was_known() -> None:
    # Section 2: steps add up; none replaces another.
    letter = {
        "sender": "Ann",
        "to": [{"name": "Dr Fox"}],
        "purpose": "p",
        "requested_action": "see",
        "action_owner": "Dr Fox",
    }
    child = Builder().add("letter_sent", "2024-03-04", late=30, respond_by="2024-06-01", **letter)
    (found,) = [f for f in child.review("2024-04-03").findings if f.rule == "P3"]
    assert (found.level, {o.level for o in found.obligations}) == ("team lead", {"chase", "team lead"})


def test_a_promise_does_not_bring_the_team_lead_before_silence_does() -> None:
    # Section 2: s2 at twice the limit.  Asked on Friday 15 March 2024: twice five working days end on 2 April.
    letter = {
        "sender": "Ann",
        "to": [{"name": "Dr Fox"}],
        "purpose": "p",
        "requested_action": "see",
        "action_owner": "Dr Fox",
    }
    child = Builder().add("letter_sent", "2024-03-15", respond_by="2024-06-01", **letter)
    child.add("acknowledged", "2024-03-18", request=child.last, by="Dr Fox", will_do="see", by_when="2024-03-20")
    assert child.levels("2024-03-21")["P3"] == child.levels("2024-04-02")["P3"] == "chase"
    assert child.levels("2024-04-03")["P3"] == "team lead"
