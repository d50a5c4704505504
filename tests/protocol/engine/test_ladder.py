"""The ladder: silence leads to the next rung; what is asked adds up, and a snooze holds the next step alone.

Source: process specification, sections 2 and 4.  The child was born on 15 January 2024: day 200 is Friday 2 August 2024.
"""

from __future__ import annotations

from typing import Any

import pytest
from builders import HV, Child
from random_records import last_day, random_record

import growthwatch as gw

KEY = "G4@start"


def low() -> Child:
    """Below the 2nd centile on day 200: G4, T2, daily; its four deeds are due on day 202."""
    return Child(birth_kg=None).led().at_z(-2.1, 200)


def rungs(child: Child, days: range | list[int], key: str = KEY) -> list[str]:
    return [next(r.rung for r in child.review(day).ladder if r.key == key) for day in days]


def asked(child: Child, day: int, rung: str, key: str = KEY) -> list[tuple[str, int | None, int | None]]:
    """Who owes a deed of a rung, and the ages at which it was set and is due."""
    f = next(f for f in child.review(day).findings if f.key == key)
    return [(o.owner, child.age(o.set_on), child.age(o.deadline)) for o in f.obligations if o.rung == rung]


def last(child: Child, day: int, key: str = KEY) -> tuple[str, int | None, int | None]:
    f = next(f for f in child.review(day).findings if f.key == key)
    o = max(f.obligations, key=lambda o: (o.set_on, o.deadline))
    return o.owner, child.age(o.set_on), child.age(o.deadline)


# --- rungs of a growth finding -----------------------------------------------------------------------------------


def test_a_growth_finding_of_which_nobody_says_anything() -> None:
    child = low()
    # Late from day 203: the team lead, 2 days; not asked, the team lead asks, 1 day, still E2; then the managers.
    assert rungs(child, range(200, 209)) == ["E1"] * 3 + ["E2"] * 5 + ["E5.2"]
    assert last(child, 203) == ("team_lead", 203, 205)
    assert last(child, 206) == ("team_lead", 206, 207)
    # Saturday 10 August moves to Monday 12: two working days end on Wednesday 14 (day 212).
    assert last(child, 208) == ("team_lead", 208, 212)
    # Five from the end of that one: Wednesday 21 August (219); ten more, over the bank holiday: 5 September (234).
    assert rungs(child, [212, 213, 219, 220]) == ["E5.2", "E5.3", "E5.3", "E5.4"]
    assert last(child, 213) == ("named_nurse", 213, 219)
    assert last(child, 220) == ("named_nurse", 220, 234)
    assert rungs(child, [300]) == ["E5.4"]


def test_what_was_asked_before_stays_asked() -> None:
    child = low()
    f = next(f for f in child.review(208).findings if f.key == KEY)
    assert [child.age(o.set_on) for o in f.obligations] == [200] * 4 + [203, 206, 208]
    assert [o.overdue for o in f.obligations] == [True] * 6 + [False]


def referred(day: int = 204, **more: Any) -> Child:
    fields = {"to": "Dr Vale", "kind": "clinical", "about": "weight", "service": "paediatrics", "findings": [KEY]}
    return low().add("referral_made", day, id="ref", **fields | more)


def test_asked_and_no_reply_the_managers_speak() -> None:
    # Asked on Tuesday 6 August: acknowledged within five working days, Tuesday 13 (211).
    child = referred()
    assert rungs(child, [205, 206, 208, 211, 212]) == ["E2"] * 4 + ["E5.2"]
    # It is the acknowledgement with what and by when that counts; a telephone call, or "received", is none.
    for word in ({"will_do": None, "by_when": None}, {"will_do": "see her", "by_when": None}):
        received = referred().add("acknowledged", 206, request="ref", by="Dr Vale", **word)
        assert rungs(received, [212]) == ["E5.2"]
    chased = referred().add("chased", 206, request="ref", how="telephone")
    assert rungs(chased, [212]) == ["E5.2"]
    taken = referred().add("acknowledged", 206, request="ref", by="Dr Vale", will_do="see her", by_when="2024-08-20")
    assert rungs(taken, [212, 216]) == ["E2", "E2"]


def test_once_the_deed_is_done_nothing_climbs() -> None:
    child = low()
    child.add("measured", 201, measure="height", value_cm=65.0)
    child.examined(201, role="health_visitor", history_taken=True, feed_observed=True, feeding="normal").plan(201)
    assert rungs(child, [203, 230]) == ["E1", "E1"]


# --- what cannot wait --------------------------------------------------------------------------------------------

H1 = "H1@start"


def sick() -> Child:
    return Child(birth_kg=None).led().at_z(0, 190).sign("green_vomit", 200)


def test_what_cannot_wait_climbs_every_day_of_the_year() -> None:
    child = sick()
    # Seen today (Friday); late on Saturday: urgent paediatrics today, by the team lead; on Sunday 999, and no further.
    assert rungs(child, range(200, 204), H1) == ["E2", "E3", "E3", "E3"]
    assert asked(child, 201, "E3", H1) == [("team_lead", 201, 201)]
    assert {last(child, day, H1)[1:] for day in (202, 203, 230)} == {(202, 202)}
    f = next(f for f in child.review(202).findings if f.key == H1)
    assert {o.do for o in f.obligations if child.age(o.set_on) == 202} == {
        "Ring 999 or send to the emergency department",
        "Tell the named nurse",
    }


def declined(child: Child, day: int, deed: str = "H1@start#seen today.0.0", **more: Any) -> Child:
    return child.add("declined", day, request=deed, by="mother", reason="no", **{"by_family": True} | more)


def test_care_that_the_family_declines_goes_to_social_care_the_same_day() -> None:
    child = declined(sick(), 200)
    assert rungs(child, [200], H1) == ["E4"]
    e4 = asked(child, 200, "E4", H1)
    # Today by telephone, the named nurse today, in writing within one working day: Monday 5 August (203).
    assert sorted(e4) == [("health_visitor", 200, 200), ("health_visitor", 200, 200), ("health_visitor", 200, 203)]


def test_a_clinician_who_declines_is_not_the_family() -> None:
    child = declined(sick(), 200, by_family=False)
    assert rungs(child, [200], H1) == ["E3"]


def test_social_care_is_asked_once_for_a_child() -> None:
    # A loss of 8.3 % (G8) beside H1: both are grave, and one deed refers.
    child = Child(birth_kg=3.0).led().weigh(12.0, 860).weigh(11.0, 900).sign("green_vomit", 900)
    child = declined(child, 900)
    r = child.review(905)
    e4 = [o for f in r.findings for o in f.obligations if (o.rung or "").startswith("E4")]
    assert len({o.key for o in e4}) == 1 and len(e4) == 3


def test_a_referral_to_social_care_closed_without_action_is_disagreed_with_the_same_day() -> None:
    child = declined(sick(), 200).add("referral_made", 200, id="sc", to="social care", kind="safeguarding", about="w")
    for n in (1, 2):  # the named nurse was told, and it was put in writing
        child.add("answered", 200, request=f"H1@start#seen today.E4-{n}.0", by="Hana Reid", outcome="done")
    assert rungs(child.copy(), [200, 204], H1) == ["E4", "E4"]
    child.add("referral_closed", 204, referral="sc", outcome="no action", action_taken=False, role="social_worker")
    assert rungs(child, [204], H1) == ["E5.1"]


def test_a_referral_to_social_care_that_nobody_makes_is_late_on_the_next_day_whatever_else_happens() -> None:
    # Section 4: E4 today by telephone; late: E5.  Its examination found no explanation, on Monday 5 August 2024 (203).
    child = sick().examined(203, explanation="none_found", danger_signs="present", role="paediatrician", id="x")
    # What it reaches by time alone, it reaches whether or not anything is written down meanwhile.
    busy = child.copy().add("sibling_known", 206, none=True)
    for told in (child, busy):
        assert rungs(told, [203, 204], H1) == ["E4", "E5.1"]
        assert [set_on for _, set_on, _ in asked(told, 230, "E5.1", H1)] == [204]


@pytest.mark.parametrize(("found", "rung"), [("none_found", "E4"), ("found", "E2")])
def test_no_explanation_found_beside_a_grave_finding(found: str, rung: str) -> None:
    assert rungs(sick().examined(200, explanation=found, id="x"), [200], H1) == [rung]


def test_points_of_our_own_gaps_do_not_report_a_family() -> None:
    # Four gaps of ours (weights not valid): P7 with no point of child and family: E3, and the named nurse is told.
    child = Child(birth_kg=None).led().at_z(0, 100)
    for day in (150, 160, 170, 180):
        child.clothed(7.0, day)
    child.sign("green_vomit", 200)
    assert "P7" in child.levels(200)
    assert rungs(child, [200], H1) == ["E3"]
    told = [o for f in child.review(200).findings if f.key == H1 for o in f.obligations if o.rung == "E3"]
    assert [o.do for o in told] == ["Urgent paediatrics today", "Tell the named nurse"]
    # Two worries are points of child and family: E4.
    worried = (
        child.copy()
        .add("concern", 198, raised_by="aunt", about="thin")
        .add("concern", 199, raised_by="gran", about="t")
    )
    assert rungs(worried, [200], H1) == ["E4"]


@pytest.mark.parametrize("sign", ["fever", "vomiting"])
def test_an_unwell_child_whom_nobody_sees_goes_to_the_team_lead_and_to_paediatrics(sign: str) -> None:
    # H2 in T1: E1, today; late on day 201: the team lead asks today; on day 202 urgent paediatrics.
    child = Child(birth_kg=None).led().condition("coeliac", 1).at_z(0, 190).sign(sign, 200)
    assert rungs(child, range(200, 204), "H2@start") == ["E1", "E2", "E3", "E3"]


# --- disagreement ------------------------------------------------------------------------------------------------


def disagreeing() -> Child:
    """Day 208: the managers speak, E5.2."""
    fields = {"with": "clinic", "risk_now": "falls", "decision_wanted": "see her", "about": KEY, "actor": "Ann"}
    return low().add("disagreement_raised", 209, id="d2", stage=2, **fields)


@pytest.mark.parametrize("how", ["agreed", "changed"])
def test_a_settled_disagreement_ends_the_rung(how: str) -> None:
    child = disagreeing().add("disagreement_settled", 210, disagreement="d2", how=how, by="managers")
    assert rungs(child, [213, 230]) == ["E5.2", "E5.2"]


def test_upheld_lets_the_one_who_raised_it_go_on_at_once() -> None:
    child = disagreeing().add("disagreement_settled", 210, disagreement="d2", how="upheld", by="managers")
    assert rungs(child.copy(), [213]) == ["E5.2"]
    fields = {"with": "clinic", "risk_now": "falls", "decision_wanted": "see her", "about": KEY, "stage": 3}
    own = child.copy().add("disagreement_raised", 210, actor="ann", **fields)
    assert rungs(own, [210]) == ["E5.3"]
    # Five working days from Monday 12 August (210): Monday 19 August (217).
    assert last(own, 210) == ("named_nurse", 210, 217)
    other = child.copy().add("disagreement_raised", 210, actor="Bea", **fields)
    assert rungs(other, [210]) == ["E5.2"]


# --- acknowledgement ---------------------------------------------------------------------------------------------


def test_an_acknowledgement_covers_its_level_and_rung_and_nothing_else() -> None:
    child = low().add("acknowledged", 201, request=KEY, by="Hana Reid", will_do="visit", by_when="2024-08-04")
    (one,) = [r for r in child.review(202).ladder if r.key == KEY]
    assert (one.rung, one.acknowledged_by, child.age(one.acknowledged_on)) == ("E1", "Hana Reid", 201)
    (two,) = [r for r in child.review(203).ladder if r.key == KEY]
    assert (two.rung, two.acknowledged_by) == ("E2", None), "a higher rung is news"


@pytest.mark.parametrize("day", [203, 208, 213, 230])
def test_without_what_was_acknowledged_chased_or_snoozed_nothing_is_lower(day: int) -> None:
    # Invariant 4.
    child = referred().add("chased", 206, request="ref", how="telephone")
    child.add("acknowledged", 206, request="ref", by="Dr Vale", will_do="see her", by_when="2024-08-15")
    child.add("acknowledged", 201, request=KEY, by="Hana Reid", will_do="visit", by_when="2024-08-15")
    bare = child.copy()
    bare.events = [e for e in bare.events if e["type"] not in ("acknowledged", "chased", "snoozed")]
    one, two = child.review(day), bare.review(day)
    order = ("E1", "E2", "E3", "E4", "E5.1", "E5.2", "E5.3", "E5.4")
    assert order.index(rungs(bare, [day])[0]) >= order.index(rungs(child, [day])[0])
    assert one.tier == two.tier


# --- snooze ------------------------------------------------------------------------------------------------------


def snoozed(child: Child, on: int, until: int, key: str = KEY, **more: Any) -> Child:
    return child.add(
        "snoozed", on, target=key, until=child.date(until), **{"why": "family_away", "reason": "away"} | more
    )


def refusals(child: Child, day: int) -> list[str]:
    return [why for id, why in child.review(day).refused if id == child.last]


def test_a_snooze_holds_the_next_step_and_moves_no_deadline() -> None:
    child = snoozed(low(), 201, 207)
    assert rungs(child, range(200, 209)) == ["E1"] * 8 + ["E2"]
    assert last(child, 208) == ("team_lead", 208, 210)
    f = next(f for f in child.review(204).findings if f.key == KEY)
    assert {child.age(o.deadline) for o in f.obligations} == {202} and all(o.overdue for o in f.obligations)
    assert f"{KEY} until 9 August 2024: away" in child.review(207).explain()  # day 207
    assert [r.snoozed_until for r in child.review(208).ladder if r.key == KEY] == [None]


def test_what_ends_a_snooze_ends_it_before_the_first_day_too() -> None:
    # Section 4: it ends at once when a lower valid weight is known.  Section 7: growth is judged from birth.
    for day, held in ((203, None), (None, "2024-08-09")):
        child = snoozed(low(), 201, 207)
        if day is not None:
            child.at_z(-2.5, day)
        child.add("protocol_adopted", 205, protocol="uk-hv", hash=HV.hash, role="team_lead")
        (held_until,) = [r.snoozed_until for r in child.review(206).ladder if r.key == KEY]
        assert (held_until is None) == (held is None), day


@pytest.mark.parametrize(("until", "why"), [(208, []), (209, ["it is for 8 days; the longest is 7 days"])])
def test_a_daily_finding_waits_for_at_most_seven_days(until: int, why: list[str]) -> None:
    assert refusals(snoozed(low(), 201, until), 201) == why


def test_a_weekly_finding_waits_for_at_most_fourteen_days() -> None:
    for until, why in ((215, []), (216, ["it is for 15 days; the longest is 14 days"])):
        assert refusals(snoozed(low(), 201, until, "S5@start"), 201) == why


@pytest.mark.parametrize(
    "worse",
    [
        lambda c: c.weigh(5.7, 204),  # 5.82 kg on day 200
        lambda c: c.sign("vomiting", 204),
        lambda c: c.add("was_not_brought", 204, service="clinic"),
        lambda c: c.sign("green_vomit", 204),
    ],
)
def test_it_ends_at_once_when_the_child_does_worse(worse: Any) -> None:
    child = worse(snoozed(low(), 201, 208))
    assert [r.snoozed_until for r in child.review(204).ladder if r.key == KEY] == [None]
    assert (rungs(child, [204])[0], asked(child, 204, "E2")[:1]) == ("E2", [("team_lead", 204, 206)])


def test_it_ends_when_the_appointment_that_was_its_reason_is_missed() -> None:
    for why, held in (("appointment_booked", False), ("family_away", True)):
        child = snoozed(low(), 201, 208, why=why)
        child.add(
            "was_not_brought", 204, service="clinic", service_kind="other", kind="cancelled", moved_to="2024-08-20"
        )
        assert [r.snoozed_until is not None for r in child.review(204).ladder if r.key == KEY] == [held]


@pytest.mark.parametrize(
    ("child", "key", "why"),
    [
        (sick(), H1, "what cannot wait is not snoozed"),
        (Child(gmfcs=1).at_z(0, 190), "P5@start", "P5 is never snoozed"),
        (low().add("protection_plan", 201, state="began"), KEY, "the child is in T3"),
        (low(), "G5@start", "no finding G5@start is open"),
    ],
)
def test_what_is_never_snoozed(child: Child, key: str, why: str) -> None:
    assert why in "; ".join(refusals(snoozed(child.copy(), 201, 205, key), 201))


def test_of_what_is_never_snoozed_it_is_said_that_it_is_to_be_done() -> None:
    # Section 5: "{reason}. What would make it acceptable: {condition}."  P5 is never snoozed, whoever signs.
    child = snoozed(Child(gmfcs=1).at_z(0, 190), 191, 195, "P5@start")
    (helps,) = [r.helps for r in child.review(191).refused if r.event == child.last]
    assert "that what it asks for is done: it cannot be put off" in helps


def test_what_is_late_is_not_snoozed_nor_where_the_weight_has_lapsed() -> None:
    assert "something that it asks for is late" in refusals(snoozed(low(), 203, 205), 203)[0]
    # T2 from 6 to 12 months: 28 days, lapsed after 56: day 256.
    assert "the weight that was due has lapsed" in refusals(snoozed(low(), 256, 258), 256)[0]


def test_who_may_not_sign_snoozes_nothing_and_every_reason_is_listed() -> None:
    (why,) = refusals(snoozed(low(), 203, 220, role="family"), 203)
    assert why.split("; ") == [
        "signed by family, who cannot sign this",
        "it is for 17 days",
        "the longest is 7 days",
        "something that it asks for is late",
    ]


def test_a_rung_stays_reached_when_a_very_low_weight_no_longer_falls() -> None:
    # G13: "Danger -> steady lowers loudness and deeds; key, rung and tier stay"; steady spans 28 days from the opening.
    child = Child(birth_kg=None).at_z(-2.5, 100).at_z(-3.5, 130)
    at = {day: next(r for r in child.review(day).ladder if r.key == "G13@start") for day in (130, 132)}
    assert [at[day].level for day in at] == ["danger", "danger"] and at[132].rung == "E3"
    child.at_z(-3.3, 140).at_z(-3.2, 160)
    (rung,) = [r for r in child.review(160).ladder if r.key == "G13@start"]
    assert (rung.level, rung.rung) == ("steady", "E3")


# --- each rung is a change of its day, in a replay ----------------------------------------------------------------


def climbed(child: Child, day: int, rule: str) -> list[tuple[int | None, str]]:
    """On which days a rule's findings went on along the ladder, and to which rung."""
    changes = gw.replay(child.record, protocol=HV, until=child.date(day))
    return [(child.age(c.on), rung) for c in changes for _, r, rung in c.climbed if r == rule]


def test_a_replay_tells_each_rung_on_the_day_on_which_it_is_reached() -> None:
    # As in the first test of this page: the days, who is asked, and by when.
    child = low()
    assert climbed(child, 240, "G4") == [(203, "E2"), (206, "E2"), (208, "E5.2"), (213, "E5.3"), (220, "E5.4")]
    changes = {child.age(c.on): c for c in gw.replay(child.record, protocol=HV, until=child.date(240))}
    told = "The ladder of G4 climbs to E2: asked of the team lead: do it or ask the GP, dietitian or paediatrician"
    assert told in changes[203].says and ", by 7 August 2024." in changes[203].says
    assert changes[203].deadline == child.date(205) and changes[203].climbed == ((KEY, "G4", "E2"),)
    assert (
        "climbs to E5.2: asked of the team lead: the managers of both sides speak, by 14 August 2024."
        in changes[208].says
    )


def test_the_team_lead_asked_on_the_first_rung_is_told_as_a_step() -> None:
    # S5 at day 200: measure in 14 d, late on day 215; then the team lead, the same limit once more.
    child = low()
    assert climbed(child, 216, "S5") == [(215, "E1")]
    (change,) = [c for c in gw.replay(child.record, protocol=HV, until=child.date(216)) if child.age(c.on) == 215]
    assert "The ladder of S5 goes one step on, on E1: asked of the team lead: measure length or height" in change.says


def test_social_care_is_told_with_all_that_it_asks_for() -> None:
    child = declined(sick(), 200)
    change = [c for c in gw.replay(child.record, protocol=HV, until=child.date(200)) if c.climbed][-1]
    assert ("H1@start", "H1", "E4") in change.climbed
    said = "The ladder of H1 climbs to E4: asked of the owner: refer to children's social care today"
    assert said in change.says and "put the referral in writing" in change.says


@pytest.mark.parametrize("seed", range(12))
def test_a_replay_and_the_reviews_tell_the_same_rungs(seed: int) -> None:
    record = random_record(seed)
    until = last_day(record)
    told = {(c.on, key, rung) for c in gw.replay(record, protocol=HV, until=until) for key, _, rung in c.climbed}
    review = gw.review(record, protocol=HV, as_of=until)
    for f in (*review.findings, *review.closed):
        for o in f.obligations:
            # What a rung asks for has the rung in its id, where the level's own actions have a number.
            if o.id.removeprefix(f"{f.key}#{o.level}.").startswith("E"):
                assert (o.set_on, f.key, o.rung) in told, o
