"""`admit`: facts always, decisions by the same guards as those found in a record.

Source: process specification, section 5, with its words.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pytest
from builders import HV, Child
from children import children
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import event_lists

import growthwatch as gw
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import Admitted, Refused
from growthwatch.record import Record, parse_event


def low() -> Child:
    return Child(birth_kg=None).led().at_z(-2.1, 200)


def last(child: Child) -> tuple[Record, Any]:
    record = Record("child", child.events)
    return Record("child", child.events[:-1]), next(e for e in record.events if e.id == child.last)


def asked(child: Child, **more: Any) -> Admitted | Refused:
    record, event = last(child)
    return gw.admit(record, event, protocol=HV, **more)


@pytest.mark.parametrize(
    "child",
    [
        low().weigh(5.9, 210),
        low().weigh(5.9, 210, late=300),
        low().weigh(99.0, 210),
        low().add("concern", 201, raised_by="aunt", about="thin", role="family"),
        low().add("declined", 201, request="nothing", by="mother", reason="no", by_family=True, role="other"),
        low().add("died", 201, role="administrator"),
        low().add("list_read", 201, list="sha256:" + "0" * 64, by="Hana Reid"),
        low().add("explained", 201, target="G4@start", words="small", **{"as": "family_size"}),
    ],
)
def test_a_fact_is_always_admitted_however_late_or_odd(child: Child) -> None:
    found = asked(child)
    assert isinstance(found, Admitted) and bool(found)
    assert found.record.events == child.record.events and found.event.id == child.last


def test_words_of_a_refusal() -> None:
    # "{Decision} of {date} by {role} was not accepted: {reason}; {reason}. What would make it acceptable: {condition}."
    found = asked(low().plan(204, plan="care", outcome_for_child=None, review_by=None))
    assert isinstance(found, Refused) and not found
    assert str(found) == (
        "Plan signed of 6 August 2024 by health visitor was not accepted: it names no outcome for the child; it does not "
        "say when it is looked at again. What would make it acceptable: an outcome for the child; review by."
    )
    assert found.to_dict() == {
        "event": found.event.id,
        "reasons": ["it names no outcome for the child", "it does not say when it is looked at again"],
        "helps": ["an outcome for the child", "review_by"],
    }


def test_words_of_a_refused_decision_name_what_was_decided() -> None:
    found = asked(low().decide(204, "lower_tier", tier="T2", role="named_nurse"))
    assert str(found) == (
        "Lower tier of 6 August 2024 by named nurse was not accepted: T2 is not below the present tier, T2. "
        "What would make it acceptable: a tier below T2."
    )


def test_words_of_an_admitted_decision() -> None:
    found = asked(low().plan(204))
    assert str(found) == "Plan signed of 6 August 2024 by health visitor was accepted."


def test_a_refused_decision_leaves_the_record_and_is_judged_the_same_if_it_is_written_down() -> None:
    child = low().decide(204, "close_finding", target="G4@start")
    record, event = last(child)
    found = gw.admit(record, event, protocol=HV)
    assert isinstance(found, Refused) and found.record is record
    (there,) = child.review(204).refused
    assert (there.event, there.reasons, there.helps) == (event.id, found.reasons, found.helps)


def test_what_was_decided_before_it_on_the_day_counts_first() -> None:
    # Two good weights: the finding is signed closed at noon, and then the tier.
    child = low().steady(-1.8, [220, 234])  # P8: 0.3 regained, more than two ninths
    child.decide(240, "close_finding", target="G4@start")
    assert isinstance(asked(child.copy().decide(240, "lower_tier", tier="T0")), Admitted)
    alone = low().steady(-1.8, [220, 234]).decide(240, "lower_tier", tier="T0")
    assert isinstance(asked(alone), Refused)


def test_at_a_later_moment_by_what_is_known_then() -> None:
    record, event = last(low().decide(204, "close_finding", target="G4@start"))
    later = record.append(parse_event(Child().weigh(6.0, 206).events[-1] | {"id": "later"}))
    assert isinstance(gw.admit(later, event, protocol=HV, at=dt.date(2024, 8, 10)), Refused)


def test_a_moment_before_the_decision_is_refused_in_words() -> None:
    record, event = last(low().decide(204, "close_finding", target="G4@start"))
    with pytest.raises(GrowthwatchError, match="a moment not before the decision was written down"):
        gw.admit(record, event, protocol=HV, at=dt.datetime(2024, 8, 6, 1, tzinfo=dt.UTC))


def test_a_record_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(GrowthwatchError, match="record"):
        gw.admit("child", last(low().plan(204))[1], protocol=HV)  # type: ignore[arg-type]


DECISIONS: list[tuple[str, dict[str, Any]]] = [
    ("decision_signed", {"decision": "close_finding", "target": "G4@start", "reason": "seen"}),
    ("decision_signed", {"decision": "lower_tier", "tier": "T0", "reason": "seen"}),
    ("decision_signed", {"decision": "lower_tier", "tier": "T1", "reason": "seen"}),
    ("decision_signed", {"decision": "accept_conflict", "reason": "seen"}),
    ("decision_signed", {"decision": "end_plan", "target": "none", "reason": "seen"}),
    ("plan_signed", {"plan": "care", "reason": "r"}),
    ("plan_signed", {"plan": "care", "reason": "r", "floor_days": 40, "outcome_for_child": "1 kg"}),
    ("snoozed", {"target": "P5@start", "until": "2026-01-01", "why": "other", "reason": "r"}),
    ("withdrawn", {"request": "none", "reason": "r"}),
]


def _same(record: Record, event: Any) -> None:
    found = gw.admit(record, event, protocol=HV)
    there = gw.review(record.append(event), protocol=HV, as_of=event.recorded_at)
    told = dict(there.refused)
    if found:
        assert event.id not in told
    else:
        assert isinstance(found, Refused)
        assert told[event.id] == "; ".join(found.reasons) and len(set(found.reasons)) == len(found.reasons)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    child=children(),
    what=st.sampled_from(DECISIONS),
    role=st.sampled_from(["health_visitor", "team_lead", "family", "paediatrician"]),
    after=st.integers(0, 40),
)
def test_the_guards_are_those_for_decisions_found_in_a_record(
    child: Child, what: tuple[str, dict[str, Any]], role: str, after: int
) -> None:
    moment = max(e["recorded_at"] for e in child.events) + dt.timedelta(days=after, hours=1)
    event = {
        "id": "decided",
        "type": what[0],
        "on": moment.date(),
        "recorded_at": moment,
        "actor": "Dr Vale",
        "role": role,
    }
    _same(child.record, parse_event(event | what[1]))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=event_lists(corrects=False))
def test_whatever_is_decided_is_admitted_or_refused_in_words(events: list[Any]) -> None:
    for n, event in enumerate(events):
        record = Record("child", events[:n])
        if any(x.id == event.id for x in record.events):
            continue
        found = gw.admit(record, event, protocol=HV)
        assert str(found).endswith(".")
        if not event.is_decision:
            assert isinstance(found, Admitted)


def test_a_mapping_in_the_written_form_is_an_event() -> None:
    # `Record.append` takes one, too; the answer holds the event itself.
    record, event = last(low().decide(205, "close_finding", target="G4@start"))
    written = gw.admit(record, event.to_dict(), protocol=HV)
    assert written == gw.admit(record, event, protocol=HV) and isinstance(written, Refused)
    fact = {**event.to_dict(), "type": "concern", "raised_by": "aunt", "about": "thin"}
    for key in ("decision", "target", "reason"):
        del fact[key]
    assert gw.admit(record, fact, protocol=HV).event.id == event.id
    with pytest.raises(GrowthwatchError, match="decision: missing"):
        gw.admit(record, {k: v for k, v in event.to_dict().items() if k != "decision"}, protocol=HV)


def test_a_refusal_says_of_which_finding_and_which_are_open() -> None:
    found = asked(low().decide(205, "close_finding", target="P3@start"))
    assert isinstance(found, Refused)
    assert str(found).startswith("Close finding P3@start of 7 August 2024 by ")
    assert found.reasons == ("no finding P3@start is open",)
    named = found.helps[0].removeprefix("the key of a finding that is open: ").split(", ")
    assert sorted(named) == sorted(f.key for f in low().review(205).findings)
    nothing = asked(Child().decide(2, "close_finding", target="G4@start"))
    assert isinstance(nothing, Refused) and nothing.helps == ("the key of a finding that is open",)


def test_json_as_somebody_sent_it_is_an_event() -> None:
    record, event = last(low().decide(205, "close_finding", target="G4@start"))
    sent = json.dumps(event.to_dict())
    assert gw.admit(record, sent, protocol=HV) == gw.admit(record, sent.encode(), protocol=HV)
    assert gw.admit(record, sent, protocol=HV) == gw.admit(record, event, protocol=HV)
    twice = sent[:-1] + ', "reason": "another"}'
    with pytest.raises(GrowthwatchError, match="each key once"):
        gw.admit(record, twice, protocol=HV)


NAIVE = dt.datetime(2024, 9, 1)  # noqa: DTZ001


@pytest.mark.parametrize("wrong", [NAIVE, "2024-09-01", 3, np.datetime64("2024-09-01")])
def test_a_moment_that_is_none_is_refused_for_facts_too(wrong: Any) -> None:
    for child in (low().weigh(5.9, 210), low().decide(205, "close_finding", target="G4@start")):
        with pytest.raises(GrowthwatchError, match="at: got"):
            asked(child, at=wrong)


def test_a_fact_is_admitted_at_any_moment() -> None:
    assert isinstance(asked(low().weigh(5.9, 210), at=dt.date(2020, 1, 1)), Admitted)


@pytest.mark.parametrize(
    ("type", "fields"),
    [
        ("decision_signed", {"decision": "close_finding", "target": "G4@start", "reason": "seen"}),
        ("decision_signed", {"decision": "lower_tier", "tier": "T0", "reason": "seen"}),
        ("snoozed", {"target": "G4@start", "until": "2029-05-01", "why": "other", "reason": "r"}),
        ("withdrawn", {"request": "none", "reason": "r"}),
        ("overridden", {"refused": "x", "because": "a", "risk_now": "b", "safeguards": "c", "review_by": "2029-04-20"}),
    ],
)
@pytest.mark.parametrize("days", [1, 365])
def test_a_decision_that_is_dated_ahead_is_refused(type: str, fields: dict[str, Any], days: int) -> None:
    # Specification of the protocol, section 0, "Dated ahead": a happening never counts until its day is put right; so
    # it must not be said to be accepted, whoever signs.
    record = low().record
    at = record.events[-1].recorded_at + dt.timedelta(days=1)
    event = {"id": "d", "type": type, "recorded_at": at, "actor": "a", "role": "team_lead", **fields}
    found = gw.admit(record, {**event, "on": at.date() + dt.timedelta(days=days)}, protocol=HV)
    assert isinstance(found, Refused)
    assert len(found.reasons) == 1 and "after the day on which it was written down" in found.reasons[0]
    assert found.helps == ("the day on which it was decided",)


@pytest.mark.parametrize("ahead", [0, 1, 40, 3000])
def test_a_plan_that_begins_later_is_judged_as_of_its_day(ahead: int) -> None:
    # It counts from its day (the same section), and is refused then: so it is refused now.  Section 5: who may sign.
    record = low().record
    at = record.events[-1].recorded_at + dt.timedelta(days=1)
    on = at.date() + dt.timedelta(days=ahead)
    plan = {"id": "p", "type": "plan_signed", "plan": "care", "reason": "r", "outcome_for_child": "1 kg more"}
    plan |= {"recorded_at": at, "on": on, "review_by": on + dt.timedelta(days=28), "actor": "a"}
    good = gw.admit(record, {**plan, "role": "paediatrician"}, protocol=HV)
    assert isinstance(good, Admitted)
    assert not any(r.event == "p" for r in gw.review(good.record, protocol=HV, as_of=on).refused)
    wrong = gw.admit(record, {**plan, "role": "family"}, protocol=HV)
    assert isinstance(wrong, Refused) and "signed by family, who cannot sign this" in wrong.reasons
    (then,) = gw.review(record.append(wrong.event), protocol=HV, as_of=on).refused
    assert set(then.reasons) == set(wrong.reasons)


def test_a_protocol_that_is_adopted_from_later_is_judged_as_of_its_day() -> None:
    record = low().record
    at = record.events[-1].recorded_at + dt.timedelta(days=1)
    on = at.date() + dt.timedelta(days=30)
    adopts = {"id": "p", "type": "protocol_adopted", "on": on, "recorded_at": at, "actor": "a", "role": "team_lead"}
    adopts |= {"protocol": HV.id, "hash": HV.hash}
    assert isinstance(gw.admit(record, adopts, protocol=HV), Admitted)
    assert isinstance(gw.admit(record, {**adopts, "role": "family"}, protocol=HV), Refused)
    assert isinstance(gw.admit(record, {**adopts, "hash": "sha256:" + "0" * 64}, protocol=HV), Refused)


def test_the_last_day_of_the_calendar_is_no_crash() -> None:
    record = low().record
    at = record.events[-1].recorded_at + dt.timedelta(days=1)
    plan = {"id": "p", "type": "plan_signed", "plan": "care", "reason": "r", "on": dt.date.max, "recorded_at": at}
    assert isinstance(gw.admit(record, {**plan, "actor": "a", "role": "family"}, protocol=HV), Refused)


def test_a_decision_of_the_day_in_london_is_not_dated_ahead() -> None:
    # 23:30 UTC in August is half past midnight of the next day in London.
    record = low().record
    at = dt.datetime(2025, 8, 1, 23, 30, tzinfo=dt.UTC)
    event = {"id": "d", "type": "decision_signed", "decision": "close_finding", "target": "none", "reason": "r"}
    found = gw.admit(
        record, {**event, "on": "2025-08-02", "recorded_at": at, "actor": "a", "role": "team_lead"}, protocol=HV
    )
    assert isinstance(found, Refused) and "no finding none is open" in found.reasons
