"""Every type of event, attacked: facts are always admitted; a decision is admitted, or refused with every reason.

Table by table from the process specification, section 5 (Guards, Override), with sections 4 (Snooze) and 7 (Death:
"open findings are kept, read-only"; Moving area: "`moved_away` ends nothing").  Each refusal says what would help, and
the same guards judge a decision that is found in a record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from builders import HV, Child
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import events

import growthwatch as gw
from growthwatch.record import EVENT_TYPES, Record

NAMED, TEAM, PAED = "named_nurse", "team_lead", "paediatrician"
ON = 240
"""The day of most decisions: 11 September 2024."""


def low() -> Child:
    """Below the 2nd centile on day 200 (G4, T2), then above it on days 220 and 234, two good weights."""
    return Child(birth_kg=None).led().steady(0.0, [40, 100]).at_z(-2.1, 200).steady(-1.9, [220, 234])


def risk() -> Child:
    """In T1 for early help that has ended, with two good weights."""
    child = Child(birth_kg=None).led().add("level_changed", 100, to="early_help")
    child.add("level_changed", 110, to="universal", plan_transferred=True)
    return child.steady(0.0, [220, 234])


def doubted() -> Child:
    """9.3 kg on day 238, weighed by Ann, is far more than the weights beside it let expect."""
    return Child(birth_kg=None).led().steady(0.0, [40, 100, 230]).weigh(9.9, 238, id="w", actor="Ann")


def twofold() -> Child:
    """Two weights of day 238 that disagree: which is right is asked."""
    return Child(birth_kg=None).led().steady(0.0, [40, 230]).weigh(7.0, 238, id="one").weigh(7.9, 238, id="two")


def planned() -> Child:
    return low().plan(236, id="plan", floor_days=7)


def followed() -> Child:
    child = low().condition("trisomy_21", 236)
    return child.plan(236, id="plan", plan="condition", reference="trisomy-21-uk-2002")


def often() -> Child:
    """A floor of 27 days beside a ceiling of a month: a conflict."""
    return Child(gmfcs=1).led().steady(0, [4, 12, 50, 230]).plan(239, floor_days=7)


def worried() -> Child:
    """A worry on day 239 and no weight since: S7, daily, with two days to weigh."""
    return Child(birth_kg=None).led().steady(0.0, [40, 100, 230]).add("concern", 239, raised_by="aunt", about="thin")


def asked() -> Child:
    return low().add("request_made", 236, id="r", kind="dietetic_review", to=[{"name": "Sam"}], ask="look", actor="Ann")


def refused() -> Child:
    return Child(birth_kg=None).led().at_z(-2.1, 236).decide(ON, "lower_tier", tier="T0", id="no", actor="Ann")


class Case(NamedTuple):
    """A decision that is admitted for a child, and what of it makes it refused, each with words of the reason."""

    child: Callable[[], Child]
    type: str
    good: dict[str, Any]
    attacks: list[tuple[dict[str, Any], str]]


def signed(decision: str, **fields: Any) -> dict[str, Any]:
    return {"decision": decision, "reason": "seen", **fields}


def wrong_role(role: str = "family", words: str = "signed by family") -> tuple[dict[str, Any], str]:
    return {"role": role}, words


OVERRIDE = {
    "refused": "no", "because": "b", "risk_now": "r", "safeguards": "s", "review_by": "2024-09-25", "role": PAED,
    "actor": "Dr Vale",
}  # fmt: skip
PLAN = {"plan": "care", "reason": "r", "outcome_for_child": "7 kg by March", "review_by": "2025-02-01"}
WITH_REFERENCE = PLAN | {"plan": "condition", "reference": "trisomy-21-uk-2002", "role": PAED}

CASES: dict[str, Case] = {
    "close_finding": Case(
        low,
        "decision_signed",
        signed("close_finding", target="G4@start"),
        [
            wrong_role(),
            ({"target": "G4@other"}, "no finding G4@other is open"),
            ({"target": "G5@start"}, "no finding G5@start is open"),
            ({"target": "S5@start"}, "S5 does not close by a signature"),
            ({"on": "2024-08-20"}, "needs two consecutive valid weights"),  # before the second of them
        ],
    ),
    "lower_tier": Case(
        risk,
        "decision_signed",
        signed("lower_tier", tier="T0"),
        [wrong_role(), ({"tier": "T1"}, "T1 is not below the present tier, T1"), ({"tier": "T2"}, "is not below")],
    ),
    "confirm_weight": Case(
        doubted,
        "decision_signed",
        signed("confirm_weight", target="w", actor="Bea"),
        [
            wrong_role(),
            ({"target": "nothing"}, "no weighing nothing is known"),
            ({"target": "born-0"}, "no weighing born-0 is known"),
            ({"actor": " ann"}, "who weighed it signed it"),
        ],
    ),
    "confirm_fact": Case(
        twofold,
        "decision_signed",
        signed("confirm_fact", target="two"),
        [
            wrong_role(),
            wrong_role("administrator", "signed by administrator"),
            ({"target": "nothing"}, "nothing is asked about nothing"),
            ({"target": "one"}, "nothing is asked about one"),
        ],
    ),
    "end_plan": Case(
        planned,
        "decision_signed",
        signed("end_plan", target="plan", role=PAED),
        [
            wrong_role(),
            wrong_role("health_visitor", "only paediatrician or named nurse or team lead can"),
            ({"target": "nothing"}, "no plan nothing is in force"),
            ({"target": None}, "no plan None is in force"),
        ],
    ),
    "choose_reference": Case(
        followed,
        "decision_signed",
        signed("choose_reference", target="trisomy-21-uk-2002", role=PAED),
        [
            wrong_role("gp", "only paediatrician or named nurse or team lead can"),
            ({"target": "cp-gmfcs-5-oral"}, "it describes how children grow, not how they should"),
            ({"target": "nowhere"}, "it is not among the references of this package"),
            ({"target": None}, "it names no reference"),
        ],
    ),
    "accept_conflict": Case(
        often,
        "decision_signed",
        signed("accept_conflict", target="2025-03-11"),
        [
            wrong_role(),
            ({"target": "2025-03-12"}, "it is for more than 6 months"),
            ({"target": "2024-09-10"}, "it ends before it begins"),
        ],
    ),
    "hold_family_page": Case(
        low,
        "decision_signed",
        signed("hold_family_page", target="2024-10-09", role=NAMED),
        [
            wrong_role("health_visitor", "only named nurse can"),
            wrong_role(PAED, "only named nurse can"),
            ({"target": None}, "it names no day until which the page is held back"),
            ({"target": "soon"}, "it names no day until which the page is held back"),
            ({"target": "2024-10-10"}, "it holds the page back for 29 days; the longest is 28 days"),
            ({"target": "2024-09-10"}, "it ends before it begins"),
        ],
    ),
    "release_family_page": Case(
        low, "decision_signed", signed("release_family_page", role=NAMED), [wrong_role(TEAM, "only named nurse can")]
    ),
    "plan_signed": Case(
        low,
        "plan_signed",
        PLAN,
        [
            wrong_role(),
            ({"outcome_for_child": None}, "it names no outcome for the child"),
            ({"review_by": None}, "it does not say when it is looked at again"),
            ({"review_by": "2024-09-10"}, "it ends before it begins"),
            ({"floor_days": 57}, "is more than the 56 days that a plan may set here"),
            ({"plan": "watch", "role": PAED}, "a watch plan is for a child of high need"),
        ],
    ),
    "plan_signed on a reference": Case(
        lambda: low().condition("trisomy_21", 236),
        "plan_signed",
        WITH_REFERENCE,
        [
            wrong_role("gp", "only paediatrician or hospital doctor can"),
            (
                {"reference": "cp-gmfcs-5-oral"},
                "'cp-gmfcs-5-oral': it describes how children grow, not how they should",
            ),
            ({"reference": "nowhere"}, "'nowhere': it is not among the references of this package"),
            ({"reference": "uk-who"}, "'uk-who': it is no reference of a condition"),
        ],
    ),
    "snoozed": Case(
        worried,
        "snoozed",
        {"target": "S7@start", "until": "2024-09-18", "why": "family_away", "reason": "away"},
        [
            wrong_role(),
            ({"target": "S7@other"}, "no finding S7@other is open"),
            ({"until": "2024-09-19"}, "it is for 8 days; the longest is 7 days"),
            ({"until": "2024-09-10"}, "it ends before it begins"),
            # Two days to weigh, from day 239: late from Friday 13 September on.
            ({"on": "2024-09-13", "until": "2024-09-14"}, "something that it asks for is late"),
        ],
    ),
    "withdrawn": Case(
        asked,
        "withdrawn",
        {"request": "r", "reason": "moved", "actor": "Ann"},
        [({"actor": "Bea"}, "only who asked, or their team lead"), ({"request": "x"}, "no request x is known")],
    ),
    "protocol_adopted": Case(
        low,
        "protocol_adopted",
        {"protocol": "uk-hv", "hash": HV.hash, "role": TEAM},
        [
            wrong_role("health_visitor", "only team lead or named nurse or paediatrician can"),
            ({"hash": "sha256:" + "0" * 64}, "'uk-hv' ('00000000') is not among the protocols given"),
            ({"protocol": "ours", "hash": "garbage"}, "is not among the protocols given"),
            ({"on": "2024-09-10"}, "in force before the day on which it was written down, 11 September 2024"),
        ],
    ),
    "overridden": Case(
        refused,
        "overridden",
        OVERRIDE,
        [
            wrong_role("gp", "only paediatrician or named nurse or team lead can"),
            ({"actor": "ANN"}, "somebody else than the one refused must sign it"),
            ({"refused": "nothing"}, "no refused decision nothing is known"),
            ({"refused": "born-0"}, "no refused decision born-0 is known"),
            ({"review_by": "2024-09-26"}, "review_by is 15 days ahead; the longest is 14 days"),
            ({"review_by": "2024-09-10"}, "it ends before it begins"),
        ],
    ),
}
AFTER_DEATH = {"confirm_fact", "confirm_weight", "hold_family_page", "release_family_page", "protocol_adopted"}
ATTACKS = [
    pytest.param(name, more, words, id=f"{name}: {words}")
    for name, case in CASES.items()
    for more, words in case.attacks
]  # fmt: skip


def decided(case: Case, child: Child, **more: Any) -> tuple[Record, Any]:
    """The record without the decision, and the decision, written down on its day after all else of that day."""
    fields = {k: v for k, v in (case.good | more).items() if v is not None}
    on = child.date(fields.pop("on", ON))
    late = (child.date(ON) - on).days if case.type == "protocol_adopted" else 0
    before = child.record
    child.add(case.type, on, late=late, **fields)
    return before, next(e for e in child.record.events if e.id == child.last)


def admitted(record: Record, event: Any) -> gw.protocol.Admitted | gw.protocol.Refused:
    """What is said of a decision; the guards of a record that holds it say the same, and a refused one does nothing."""
    found = gw.admit(record, event, protocol=HV)
    there = gw.review(record.append(event), protocol=[HV], as_of=event.recorded_at)
    told = {r.event: (r.reasons, r.helps) for r in there.refused}
    if isinstance(found, gw.protocol.Admitted):
        assert event.id not in told and event in found.record.events
        return found
    assert told[event.id] == (found.reasons, found.helps)
    assert found.record is record and found.reasons and len(set(found.reasons)) == len(found.reasons)
    assert found.helps and all(h.strip() == h != "" for h in found.helps), "each refusal says what would help"
    text = str(found)
    assert (
        ".." not in text
        and ".;" not in text
        and text.endswith(f"What would make it acceptable: {'; '.join(found.helps).replace('_', ' ')}.")
    )
    assert (
        text in there.explain()
        or f"Decision {event.id} was not accepted: {'; '.join(found.reasons)}." in there.explain()
    )
    bare = gw.review(record, protocol=[HV], as_of=event.recorded_at)
    assert (there.tier, there.owner, there.due) == (bare.tier, bare.owner, bare.due)
    assert {f.key for f in bare.findings} == {f.key for f in there.findings if f.rule not in ("P10", "Q1")} | {
        f.key for f in bare.findings if f.rule in ("P10", "Q1")
    }
    return found


def test_every_type_of_decision_is_attacked() -> None:
    decisions = {name for name, form in EVENT_TYPES.items() if form.is_decision}
    assert {case.type for case in CASES.values()} == decisions
    words = set(EVENT_TYPES["decision_signed"].model_fields["decision"].annotation.__args__)  # type: ignore[union-attr]
    assert {case.good["decision"] for case in CASES.values() if "decision" in case.good} == words - {"other"}


@pytest.mark.parametrize("name", CASES)
def test_a_good_one_is_admitted(name: str) -> None:
    case = CASES[name]
    assert admitted(*decided(case, case.child()))


@pytest.mark.parametrize(("name", "more", "words"), ATTACKS)
def test_each_fault_is_refused_in_words(name: str, more: dict[str, Any], words: str) -> None:
    case = CASES[name]
    found = admitted(*decided(case, case.child(), **more))
    assert isinstance(found, gw.protocol.Refused)
    assert any(words in reason for reason in found.reasons), found.reasons


def two_faults(case: Any) -> tuple[Any, ...]:
    """A wrong role, and another fault that can stand beside it; fewer where a decision has not both."""
    role = [a for a in case.attacks if "role" in a[0]]
    other = [a for a in case.attacks if not {"role", "on", "plan"} & set(a[0]) and "is not below" not in a[1]]
    return (*role[:1], *other[:1])


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if len(two_faults(case)) == 2])
def test_all_faults_together_are_all_listed(name: str) -> None:
    """Each reason is listed: two faults of two keys that stand beside each other are both said."""
    case = CASES[name]
    role, other = two_faults(case)
    found = admitted(*decided(case, case.child(), **other[0], **role[0]))
    assert isinstance(found, gw.protocol.Refused)
    assert all(any(w in r for r in found.reasons) for w in (role[1], other[1])), found.reasons


@pytest.mark.parametrize("name", CASES)
def test_for_a_child_who_has_died_all_is_kept_as_it_was(name: str) -> None:
    case = CASES[name]
    found = admitted(*decided(case, case.child().add("died", ON, role="gp")))
    if name in AFTER_DEATH:  # none of them touches what was open
        assert not any("died" in r for r in getattr(found, "reasons", ()))
        return
    assert isinstance(found, gw.protocol.Refused)
    assert any("the child died on 11 September 2024" in r for r in found.reasons)
    assert "a mark that the death was entered in error" in found.helps


@pytest.mark.parametrize("name", CASES)
def test_a_move_ends_nothing(name: str) -> None:
    case = CASES[name]
    found = admitted(*decided(case, case.child().add("moved_away", ON - 1, to_area="Leeds")))
    if name == "lower_tier":  # P6 asks for a hand-over from the next working day on, and bars it
        found = admitted(*decided(case, case.child().add("moved_away", ON - 5, to_area="Leeds")))
        assert isinstance(found, gw.protocol.Refused) and "P6 (not handed over) is open" in found.reasons
    else:
        assert isinstance(found, gw.protocol.Admitted), found


@pytest.mark.parametrize("name", [n for n in CASES if n not in ("protocol_adopted", "snoozed", "overridden")])
def test_written_down_ten_days_late_it_is_judged_when_it_is_known(name: str) -> None:
    case = CASES[name]
    child = case.child()
    record = child.record
    child.add(case.type, ON, late=10, **{k: v for k, v in case.good.items() if v is not None})
    event = record.append(child.record.events[-1]).events[-1]
    before = gw.review(child.record, protocol=[HV], as_of=child.date(ON + 9))
    assert event.id not in [r.event for r in before.refused]
    admitted(record, event)


def test_what_is_confirmed_on_the_day_on_which_it_would_be_asked_is_done_and_no_more_later() -> None:
    # "What is done on the day on which it would have fired is done"; confirm_fact: refused without an open Q1.
    child = Child(birth_kg=None).led().steady(0.0, [40, 230]).weigh(7.0, ON, id="one").weigh(7.9, ON, id="two")
    child.decide(ON, "confirm_fact", target="two")
    r = child.review(ON)
    assert r.refused == () and not any(f.rule == "Q1" for f in (*r.findings, *r.closed))
    again = twofold().decide(239, "confirm_fact", target="two").decide(ON, "confirm_fact", target="two")
    assert [x.why for x in again.review(ON).refused] == ["nothing is asked about two"]


def test_what_has_ended_is_not_withdrawn() -> None:
    # Invariant 9: answered and withdrawn have no successor.
    child = asked().add("answered", 238, request="r", by="Sam", outcome="seen", role="dietitian")
    found = admitted(*decided(CASES["withdrawn"], child))
    assert isinstance(found, gw.protocol.Refused) and found.reasons == ("it has ended already",)
    child = asked().add("withdrawn", 238, request="r", reason="moved", actor="Ann")
    assert admitted(*decided(CASES["withdrawn"], child)).__class__ is gw.protocol.Refused


def test_a_plan_on_a_chart_that_only_describes_moves_nothing_and_sets_no_floor() -> None:
    child = low().condition("trisomy_21", 236)
    bare = child.review(241)
    child.plan(ON, plan="condition", reference="cp-gmfcs-5-oral", floor_days=7)
    r = child.review(241)
    assert r.due == bare.due and not any("signed plan names the reference" in n for n in r.notes)
    (one,) = r.refused
    assert one.helps == ("a standard or reference of the condition with weights by age, or none",)


def test_after_a_death_that_was_an_error_a_decision_is_made_anew() -> None:
    child = low().add("died", ON, id="death", role="gp").decide(ON + 1, "close_finding", target="G4@start", id="first")
    child.add("entered_in_error", ON + 2, target="death", reason="another child")
    child.decide(ON + 3, "close_finding", target="G4@start", id="second")
    r = child.review(ON + 3)
    assert [x.event for x in r.refused] == ["first"] and "G4@start" not in {f.key for f in r.findings}


# --- facts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type", sorted(name for name, form in EVENT_TYPES.items() if not form.is_decision))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), dead=st.booleans(), moved=st.booleans())
def test_every_type_of_fact_is_always_admitted(type: str, data: st.DataObject, dead: bool, moved: bool) -> None:
    child = low()
    if moved:
        child.add("moved_away", 236, to_area="Leeds")
    if dead:
        child.add("died", 238, role="gp")
    event: Any = data.draw(events(type))
    found = gw.admit(child.record, event, protocol=HV)
    assert isinstance(found, gw.protocol.Admitted) and found.event is event
    assert str(found).endswith(" was accepted.") and event in found.record.events


def test_a_moment_before_it_was_written_down_is_no_moment_to_judge_it() -> None:
    record, event = decided(CASES["plan_signed"], low())
    with pytest.raises(gw.GrowthwatchError, match="at"):
        gw.admit(record, event, protocol=HV, at=event.recorded_at - dt.timedelta(seconds=1))
