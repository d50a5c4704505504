"""Which decisions are refused, and every reason why.

Source: process specification, section 5, Guards: facts never, decisions by the table; each reason is listed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import HV, Child
from children import children, end
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch.record import Record

NAMED, TEAM, PAED = "named_nurse", "team_lead", "paediatrician"
GRAVER = "paediatrician or named nurse or team lead"


def judged(child: Child) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Reasons and helps of the last event of a child, were it to be written down now; none where it is admitted."""
    *before, last = child.events
    record = Record("child", before)
    found = gw.admit(record, Record("child", child.events).events[-1], protocol=HV)
    assert found.event.id == last["id"]
    return () if found else (found.reasons, found.helps)  # type: ignore[return-value]


def reasons(child: Child) -> tuple[str, ...]:
    found = judged(child)
    return found[0] if found else ()


def low() -> Child:
    """Below the 2nd centile on day 200, then above it on days 220 and 234."""
    return Child(birth_kg=None).led().steady(0.0, [40, 100]).at_z(-2.1, 200).steady(-1.9, [220, 234])


# --- plans -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", ["care", "condition"])
@pytest.mark.parametrize(
    ("more", "why", "helps"),
    [
        ({"outcome_for_child": None}, ("it names no outcome for the child",), ("an outcome for the child",)),
        ({"review_by": None}, ("it does not say when it is looked at again",), ("review_by",)),
        (
            {"outcome_for_child": None, "review_by": None, "role": "family"},
            (
                "signed by family, who cannot sign this",
                "it names no outcome for the child",
                "it does not say when it is looked at again",
            ),
            None,
        ),
        ({"review_by": "2024-07-01"}, ("it ends before it begins",), ("review_by on the day of signing or later",)),
    ],
)
def test_a_plan_without_outcome_or_day_of_review_is_refused(plan: str, more: Any, why: Any, helps: Any) -> None:
    found = judged(low().plan(240, plan=plan, **more))
    assert found[0] == why
    assert helps is None or found[1] == helps


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"outcome_for_child": "finishes her bottle"},
        {"outcome_for_child": None, "outcome": {"what": "weight_kg", "target": 8.0, "unit": "kg", "by": "2024-10-01"}},
    ],
)
def test_a_plan_that_says_both_is_admitted(more: Any) -> None:
    assert judged(low().plan(240, **more)) == ()


def test_a_sick_day_plan_needs_neither() -> None:
    assert judged(low().plan(240, plan="sick_day")) == ()


def test_a_refused_plan_ticks_nothing_off_moves_no_floor_and_p10_says_what_is_missing() -> None:
    # G4 of day 200 asks for a plan; T2 from 6 to 12 months: 28 days.
    child = Child(birth_kg=None).led().at_z(-2.1, 200)
    without = child.review(201)
    refused = child.copy().plan(201, floor_days=7, review_by=None)
    r = refused.review(201)
    assert (r.due.floor_days, r.tier) == (28, "T2")
    plan = [o for f in r.findings if f.rule == "G4" for o in f.obligations if "plan" in o.do.lower()]
    assert plan and all(o.done_on is None for o in plan)
    assert [f.rule for f in r.findings if f.rule not in {x.rule for x in without.findings}] == ["P10"]
    # Removing it gives the same review but for its line and P10 (a), also when the record is read anew.
    later = refused.at_z(-2.15, 228)
    later.add("entered_in_error", 229, target=later.last, reason="another child")
    bare = Child(birth_kg=None)
    bare.events = [e for e in later.events if e["type"] != "plan_signed"]
    one, two = later.review(240), bare.review(240)
    kept = [f for f in one.findings if f.rule != "P10"]
    assert [(f.key, f.level, f.obligations) for f in kept] == [(f.key, f.level, f.obligations) for f in two.findings]
    assert (one.tier, one.due) == (two.tier, two.due)


def test_a_plan_of_more_than_six_months_is_cut_and_that_is_said() -> None:
    # Signed on 11 September 2024 (day 240): counts to the end of 11 March 2025.
    r = low().plan(240, review_by="2025-06-30").review(241)
    assert r.refused == ()
    told = "The plan of 11 September 2024 is to be looked at on 30 June 2025: it counts to the end of 11 March 2025, "
    assert f"{told}6 months after it was signed." in r.notes
    assert not any("it counts to the end" in n for n in low().plan(240, review_by="2025-03-11").review(241).notes)


@pytest.mark.parametrize("role", ["gp", "health_visitor", TEAM])
def test_a_plan_that_names_a_reference_is_signed_by_a_paediatrician_or_hospital_doctor(role: str) -> None:
    child = low().condition("trisomy_21", 236).plan(240, plan="condition", reference="trisomy-21-uk-2002", role=role)
    (why,), helps = judged(child)
    assert why.endswith("; only paediatrician or hospital doctor can")
    assert helps == ("a signature by paediatrician or hospital doctor",)


@pytest.mark.parametrize(("tier_child", "floor", "most"), [("T2", 57, 56), ("T0 young", 29, 28)])
def test_a_floor_beyond_twofold_or_28_days_in_the_first_six_months(tier_child: str, floor: int, most: int) -> None:
    child = Child(birth_kg=None).led().at_z(-2.1, 200) if tier_child == "T2" else Child().led().steady(0, [12, 40])
    on = 201 if tier_child == "T2" else 41
    why = f"its {floor} days between weights is more than the {most} days that a plan may set here"
    assert judged(child.copy().plan(on, floor_days=floor)) == ((why,), (f"floor_days of {most} or fewer",))
    assert judged(child.copy().plan(on, floor_days=most)) == ()


def test_in_t0_from_six_months_any_floor_is_admitted() -> None:
    assert judged(Child().led().steady(0, [12, 40, 300]).plan(301, floor_days=200)) == ()


WATCH = {"plan": "watch", "review_by": "2024-11-30", "limit_kg": 5.0, "dietitian": "Sam Hale", "role": PAED}


def watched() -> Child:
    child = Child(birth_kg=None, gmfcs=5).led().at_z(-2.1, 200).add("measured", 230, measure="height", value_cm=63.0)
    return child.contact(238, danger_signs="none")


def test_a_watch_plan_with_all_its_parts_is_admitted() -> None:
    assert judged(watched().plan(240, **WATCH)) == ()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"role": "gp"}, "signed by GP; only paediatrician can"),
        ({"limit_kg": None}, "limit_kg is missing"),
        ({"limit_kg": 9.0}, "limit_kg is 9.00 kg, not below the last valid weight, 5.824 kg"),
        ({"dietitian": None}, "the dietitian is missing"),
        ({"review_by": None}, "review_by within 3 months is missing"),
        ({"review_by": "2024-12-12"}, "review_by within 3 months is missing"),
    ],
)
def test_a_watch_plan_lacks_a_part(more: Any, why: str) -> None:
    assert reasons(watched().plan(240, **WATCH | more)) == (why,)


def test_a_watch_plan_lacks_what_the_record_must_hold_and_all_of_it_is_listed() -> None:
    child = Child(birth_kg=None).led().at_z(-2.1, 200).plan(240, **WATCH | {"limit_kg": None, "dietitian": None})
    assert reasons(child) == (
        "a watch plan is for a child of high need",
        "limit_kg is missing",
        "the dietitian is missing",
        "a length or height of the last 90 days is missing",
        "danger signs recorded as none in the last 7 days are missing",
    )


# --- close_finding -----------------------------------------------------------------------------------------------


def test_close_finding_not_open_and_not_by_a_signature() -> None:
    assert reasons(low().decide(240, "close_finding", target="G5@start")) == ("no finding G5@start is open",)
    child = Child(gmfcs=1).decide(2, "close_finding", target="P5@start")
    assert judged(child) == (
        ("P5 does not close by a signature: it closes when exactly one lead stands, or none is required any more",),
        ("that exactly one lead stands, or none is required any more",),
    )


def test_close_finding_lists_the_role_that_it_is_met_and_the_weights() -> None:
    child = Child(birth_kg=None).led().at_z(-2.1, 200).decide(205, "close_finding", target="G4@start", role="family")
    one, two, three = reasons(child)
    assert one == "signed by family, who cannot sign this" and two.startswith("G4 is still met: ")
    assert three == "G4 needs two consecutive valid weights inside its threshold, at least 14 days apart, first"
    helps = judged(child)[1]
    assert helps[-1] == "two consecutive valid weights inside its threshold, at least 14 days apart"
    assert helps[0].startswith("a signature by health visitor or ")


def test_the_sole_dismisser_signs_nothing_closed_while_p9_is_open() -> None:
    # "Condition" explains G4 away: P9 opens; the same person may not sign G4 closed, another may.
    child = low().condition("coeliac", 10).add("explained", 236, target="G4@start", words="small family", actor="Ann",
                                               **{"as": "condition"})  # fmt: skip
    assert "P9" in child.levels(236)
    own = child.copy().decide(240, "close_finding", target="G4@start", actor="ann ")
    assert judged(own) == (
        ("its signer alone explained it away, and nobody else has looked again",),
        ("a signature by somebody who has not explained it away",),
    )
    assert judged(child.copy().decide(240, "close_finding", target="G4@start", actor="Bea")) == ()
    both = child.add(
        "explained", 237, target="G4@start", words="the coeliac disease", actor="Bea", **{"as": "condition"}
    )
    assert judged(both.decide(240, "close_finding", target="G4@start", actor="Ann")) == ()


def points() -> Child:
    child = Child(birth_kg=None).led().steady(0.0, [40, 100, 200])
    for n, who in enumerate(["grandmother", "nursery", "father", "aunt"]):
        child.add("concern", 205 + n, raised_by=who, about="thin", topics=["looks"])
    return child


def test_p7_is_signed_by_the_named_nurse_when_chronology_and_supervision_are_answered() -> None:
    child = points()
    assert "P7" in child.levels(209)
    (role, *waiting) = reasons(child.copy().decide(210, "close_finding", target="P7@start"))
    assert role == "only named nurse can sign this" and len(waiting) == 2
    assert all(w.startswith("not answered since the last of them: ") for w in waiting)
    assert len(reasons(child.copy().decide(210, "close_finding", target="P7@start", role=NAMED))) == 2


# --- lower_tier --------------------------------------------------------------------------------------------------


def test_lower_tier_lists_everything_that_holds() -> None:
    child = Child(birth_kg=None).at_z(-2.1, 200).decide(220, "lower_tier", tier="T0", role="system")
    found = reasons(child)
    assert found[0] == "signed by a computer, who cannot sign this"
    assert "G4 (below the 2nd centile) is open and holds the child in T2" in found
    assert "G4 (below the 2nd centile) is still met" in found
    assert "P5 (no lead) is open" in found
    # T2 since day 200, and no valid weight taken after 14 days: P8 is open from day 215.
    assert any(x.startswith("P8 ") and x.endswith(" is open") for x in found)
    assert "two consecutive valid weights inside every threshold, at least 14 days apart, are needed first" in found


def test_lower_tier_not_lower() -> None:
    assert reasons(low().decide(240, "lower_tier", tier="T2")) == ("T2 is not below the present tier, T2",)


def risk() -> Child:
    """In T1 for early help that has ended, with two good weights: nothing else holds the tier."""
    child = Child(birth_kg=None).led().add("level_changed", 300, to="early_help")
    child.add("level_changed", 310, to="universal", plan_transferred=True)
    return child.steady(0.0, [330, 344])


def test_lower_tier_is_admitted_where_nothing_speaks_against_it() -> None:
    assert judged(risk().decide(345, "lower_tier", tier="T0")) == ()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (lambda c: c.add("lead_left", 344), "P5 (no lead) is open"),
        (
            lambda c: c.add("handover_sent", 344, sender="ours", recipient="theirs", items=["lead"], schooling=None),
            "P6",
        ),
        (lambda c: c.condition("coeliac", 344), "a known growth risk holds the child in T1"),
    ],
)
def test_lower_tier_with_an_open_p5_p6_or_risk(more: Any, why: str) -> None:
    found = reasons(more(risk()).decide(345, "lower_tier", tier="T0"))
    assert any(x.startswith(why) for x in found), found


def test_under_a_protection_plan_t3_is_not_signed_down() -> None:
    child = low().add("protection_plan", 210, state="began")
    assert child.review(210).tier == "T3"
    found = judged(child.decide(240, "lower_tier", tier="T2"))
    assert "a protection plan or an open safeguarding referral holds the child in T3" in found[0]
    assert "that the plan or the referral has ended" in found[1]


def steady() -> Child:
    """Below the 2nd centile and growing along its line: T2 for more than 56 days, length and feeding found normal."""
    child = Child(birth_kg=None).led().steady(-2.1, [200, 214, 228, 242, 256, 270])
    return child.examined(262, length="normal", feeding="normal", role="health_visitor")


def test_the_steady_exit_is_barred_by_no_finding_of_growth_nor_by_p8_but_by_who_leads() -> None:
    child = steady()
    assert {"G4", "P8"} <= child.levels(271).keys()
    assert judged(child.copy().decide(271, "lower_tier", tier="T1")) == ()
    alone = reasons(child.copy().add("lead_left", 270).decide(271, "lower_tier", tier="T1"))
    assert "P5 (no lead) is open" in alone


# --- confirm_weight, confirm_fact --------------------------------------------------------------------------------


def doubted() -> Child:
    """9.3 kg on day 210 is far more than the weights beside it let expect: doubted."""
    return Child(birth_kg=None).led().steady(0.0, [40, 100, 200]).weigh(9.3, 210, id="w", actor="Ann")


def test_confirm_weight_unknown_or_by_who_weighed_it() -> None:
    child = doubted()
    assert reasons(child.copy().decide(211, "confirm_weight", target="nowhere")) == ("no weighing nowhere is known",)
    own = child.copy().decide(211, "confirm_weight", target="w", actor=" ann")
    assert judged(own) == (
        ("who weighed it signed it",),
        ("a signature by somebody else than who weighed",),
    )
    both = child.copy().decide(211, "confirm_weight", target="w", actor="Ann", role="family")
    assert reasons(both) == ("signed by family, who cannot sign this", "who weighed it signed it")
    assert judged(child.copy().decide(211, "confirm_weight", target="w", actor="Bea")) == ()


def test_a_confirmation_by_who_weighed_it_changes_nothing() -> None:
    child = doubted()
    own = child.copy().decide(211, "confirm_weight", target="w", actor="Ann").review(211)
    assert (own.due, own.tier) == (child.review(211).due, child.review(211).tier)
    other = child.copy().decide(211, "confirm_weight", target="w", actor="Bea").review(211)
    assert other.due.last_valid_kg == 9.3 != own.due.last_valid_kg


def test_confirm_fact_asks_for_an_open_question() -> None:
    (why,) = reasons(low().decide(240, "confirm_fact", target="born-0"))
    assert why == "nothing is asked about born-0"


def test_confirm_fact_of_a_happening_dated_ahead_and_of_a_death_is_refused() -> None:
    ahead = Child().led().weigh(8.0, 230, id="ahead", recorded_at=dt.datetime(2024, 8, 1, 12, tzinfo=dt.UTC))
    assert "Q1" in ahead.levels(205)
    assert judged(ahead.copy().decide(205, "confirm_fact", target="ahead"))[1] == ("a correction of its date",)
    assert "Q1" in ahead.decide(205, "confirm_fact", target="ahead").levels(206)
    died = Child().led().add("died", 200, role="administrator", id="died")
    assert "Q1" in died.levels(201)
    assert "Q1" in died.copy().decide(201, "confirm_fact", target="died").levels(202)
    # Section 7: "a clinician confirms it (...) or it is marked in error; then all stands again".
    (_,), (helps,) = judged(died.decide(201, "confirm_fact", target="died"))
    assert "a death recorded by a clinician" in helps and "a mark that it is an error" in helps


# --- the others --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["end_plan", "choose_reference"])
def test_only_a_graver_role_ends_a_plan_or_chooses_a_reference(decision: str) -> None:
    child = low().plan(236, id="plan").decide(240, decision, target="nothing", role="gp")
    found = reasons(child)
    assert found[0] == f"signed by GP; only {GRAVER} can" and len(found) == 2


def test_a_plan_is_ended_by_a_graver_role_alone_and_the_refused_end_leaves_it() -> None:
    child = low().plan(236, id="plan", floor_days=7)
    assert child.copy().decide(240, "end_plan", target="plan", role="gp").review(241).due.floor_days == 7
    assert child.copy().decide(240, "end_plan", target="plan", role=TEAM).review(241).due.floor_days == 28


def said_of_plans(child: Child, day: int) -> list[str]:
    return [f.level for f in child.review(day).findings if f.rule == "P10"]


@pytest.mark.parametrize(
    ("plan", "level"),
    [({"outcome_for_child": None}, "not said"), ({"review_by": "2024-08-20"}, "ended")],
)
def test_the_end_of_a_plan_answers_what_is_asked_about_it_where_it_was_admitted(plan: Any, level: str) -> None:
    # Section 3, P10, "closes answered: such a plan in force, end_plan": a refused decision changes nothing (section 5),
    # and the one who may sign it ends a plan that has run out, or that was refused, too.  Day 240 is 11 September.
    child = low().plan(200, id="plan", **plan)
    assert said_of_plans(child, 239) == [level]
    by_hv = child.copy().decide(240, "end_plan", target="plan", role="health_visitor")
    assert reasons(by_hv) == (f"signed by health visitor; only {GRAVER} can",)
    assert said_of_plans(by_hv, 241) == [level]
    child.decide(240, "end_plan", target="plan", role=PAED)
    assert reasons(child) == () and said_of_plans(child, 240) == []
    # And when that was an error, it is asked again.
    child.add("entered_in_error", 243, target=child.last, reason="another child")
    assert said_of_plans(child, 242) == [] and said_of_plans(child, 243) == [level]


def test_a_plan_that_was_ended_in_error_is_in_force_again() -> None:
    child = low().plan(236, id="plan", floor_days=7).decide(240, "end_plan", target="plan", role=TEAM)
    child.add("entered_in_error", 243, target=child.last, reason="another child")
    assert [child.review(day).due.floor_days for day in (242, 243)] == [28, 7]


def test_accept_conflict_where_none_is_shown_or_for_more_than_six_months() -> None:
    assert reasons(low().decide(240, "accept_conflict", role="family")) == (
        "signed by family, who cannot sign this",
        "no conflict of floors is shown",
    )
    often = Child(gmfcs=1).led().steady(0, [4, 12, 50, 400]).plan(401, floor_days=27)
    assert often.review(402).due.conflict is not None
    # Signed on 20 February 2025: six months end on 20 August.
    assert judged(often.copy().decide("2025-02-20", "accept_conflict", target="2025-08-20")) == ()
    assert judged(often.copy().decide("2025-02-20", "accept_conflict", target="2025-08-21")) == (
        ("it is for more than 6 months",),
        ("an end no later than 20 August 2025",),
    )


@pytest.mark.parametrize(
    ("target", "role", "why"),
    [
        ("2024-10-09", NAMED, ()),  # 28 days after 11 September
        ("2024-10-10", NAMED, ("it holds the page back for 29 days; the longest is 28 days",)),
        (None, NAMED, ("it names no day until which the page is held back",)),
        (None, "gp", ("signed by GP; only named nurse can", "it names no day until which the page is held back")),
    ],
)
def test_hold_family_page(target: str | None, role: str, why: tuple[str, ...]) -> None:
    assert reasons(low().decide(240, "hold_family_page", target=target, role=role)) == why


def asked(**more: Any) -> Child:
    fields: dict[str, Any] = {"kind": "dietetic_review", "to": [{"name": "Sam Hale"}], "ask": "look", "actor": "Ann"}
    return low().add("request_made", 236, id="r", **fields | more)


@pytest.mark.parametrize(
    ("child", "who", "why"),
    [
        (asked(), {"actor": "ann"}, ()),
        (asked(), {"actor": "Bea", "role": TEAM}, ()),
        (asked(), {"actor": "Bea"}, ("only who asked, or their team lead, can withdraw it",)),
        (
            asked(findings=["G4@start"]),
            {"actor": "Ann"},
            ("G4@start is open and asked for it, and nothing takes its place",),
        ),
        (
            asked(findings=["G4@start"]),
            {"actor": "Bea"},
            (
                "only who asked, or their team lead, can withdraw it",
                "G4@start is open and asked for it, and nothing takes its place",
            ),
        ),
        (asked(findings=["G5@start"]), {"actor": "Ann"}, ()),
    ],
)
def test_withdrawn(child: Child, who: dict[str, str], why: tuple[str, ...]) -> None:
    assert reasons(child.copy().add("withdrawn", 240, request="r", reason="no need", **who)) == why


def test_withdrawn_where_another_request_takes_its_place() -> None:
    child = asked(findings=["G4@start"])
    child.add("request_made", 238, kind="dietetic_review", to=[{"name": "Jo Birch"}], ask="look", findings=["G4@start"])
    assert reasons(child.add("withdrawn", 240, request="r", reason="moved", actor="Ann")) == ()


def test_a_referral_to_social_care_is_not_withdrawn_and_no_unknown_request() -> None:
    child = low().add("referral_made", 236, id="s", to="social care", kind="safeguarding", about="worry", actor="Ann")
    # Section 5: refused for a safeguarding referral; section 2: `answered` with `final` by them is its end.
    assert judged(child.copy().add("withdrawn", 240, request="s", reason="no", actor="Ann")) == (
        ("a referral to social care is not withdrawn",),
        ("an answer by social care, which ends it",),
    )
    assert reasons(child.add("withdrawn", 240, request="x", reason="no", actor="Ann")) == ("no request x is known",)


@pytest.mark.parametrize("role", ["gp", "health_visitor", "system"])
def test_protocol_adopted_by_who_answers_for_it(role: str) -> None:
    child = low().add("protocol_adopted", 240, protocol="uk-hv", hash=HV.hash, role=role)
    assert judged(child)[1] == ("a signature by team lead or named nurse or paediatrician",)


def test_protocol_adopted_for_days_that_have_passed() -> None:
    child = low().add("protocol_adopted", 240, protocol="uk-hv", hash=HV.hash, role=TEAM, late=3)
    assert judged(child) == (
        ("in force before the day on which it was written down, 14 September 2024",),
        ("a day in force from 14 September 2024 on",),
    )


# --- invariant 20 ------------------------------------------------------------------------------------------------


def told(child: Child, day: dt.date) -> Any:
    r = child.review(day)
    found = [f for f in r.findings if f.rule not in ("P10", "Q1")]
    due = (r.due.earliest, r.due.due, r.due.overdue_from, r.due.lapsed_from, r.due.floor_days)
    return r.tier, r.owner, due, [(f.key, f.level, f.opened_on, f.obligations) for f in found]


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    child=children(),
    more=st.lists(
        st.tuples(
            st.integers(0, 400),
            st.sampled_from(["plan", "plan on a reference", "close", "lower", "confirm", "adopt", "snooze"]),
            st.sampled_from(["health_visitor", "family", TEAM]),
        ),
        max_size=4,
    ),
)
def test_a_refused_decision_changes_nothing(child: Child, more: list[tuple[int, str, str]]) -> None:
    weighed = [e["id"] for e in child.events if e["type"] == "weighed"]
    for day, what, role in more:
        if what == "plan":
            child.plan(day, floor_days=5, review_by=None, role=role)
        elif what == "plan on a reference":
            child.plan(day, plan="condition", reference="trisomy-21-uk-2002", role=role)
        elif what == "close":
            child.decide(day, "close_finding", target="G4@start", role=role)
        elif what == "lower":
            child.decide(day, "lower_tier", tier="T0", role=role)
        elif what == "confirm":
            child.decide(day, "confirm_weight", target=weighed[0] if weighed else "none", actor="a", role=role)
        elif what == "adopt":
            child.add("protocol_adopted", day, protocol="uk-hv", hash=HV.hash, role=role, late=0 if role != TEAM else 2)
        else:
            until = child.date(day) + dt.timedelta(days=30)
            child.add("snoozed", day, target="G4@start", until=until, why="other", reason="away", role=role)
    day = end(child) + dt.timedelta(days=20)
    refused = {id for id, _ in child.review(day).refused}
    bare = child.copy()
    bare.events = [e for e in bare.events if e["id"] not in refused]
    assert told(child, day) == told(bare, day)
