"""What a review says of people: who owns the child, what was asked of whom, what adds up, and how far it has climbed.

Source: process specification, sections 2, 4, 7 and 8.  Day 200 is Friday 2 August 2024.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from builders import Child

from growthwatch.protocol import Review


def low() -> Child:
    return Child(birth_kg=None).led().at_z(-2.1, 200)


# --- the owner ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("child", "words", "plain"),
    [
        (Child(), "the team lead", (None, "team_lead", "team_lead")),
        (low(), "Hana Reid, health visitor", ("Hana Reid", "health_visitor", "lead")),
        (
            low().add("lead_away", 200, cover="Jo Birch", cover_role="community_nurse", **{"from": "2024-08-02"}),
            "Jo Birch, community nurse, cover",
            ("Jo Birch", "community_nurse", "cover"),
        ),
        (
            low().add("lead_away", 200, **{"from": "2024-08-02"}),
            "Tom Ellis, health visitor, deputy",
            ("Tom Ellis", "health_visitor", "deputy"),
        ),
        (low().add("lead_left", 200), "the team lead", (None, "team_lead", "team_lead")),
    ],
)
def test_exactly_one_owner_and_in_words(child: Child, words: str, plain: tuple[Any, ...]) -> None:
    r = child.review(201)
    assert r.owner.words == words and f"Owner: {words}." in r.explain()
    assert (r.owner.name, r.owner.role, r.owner.standing) == plain
    assert r.to_dict()["owner"] == dict(zip(("name", "role", "standing"), plain, strict=True)) | {"team": r.owner.team}


def test_the_day_on_which_a_lead_is_back_is_foretold_though_no_rule_requires_a_lead() -> None:
    # Section 7: a lead who is away is covered, here by the deputy; section 9, invariant 27: the owner is of the answer.
    child = Child().led(0).at_z(0, 10).at_z(0, 40).at_z(0, 70).at_z(0, 100)
    child.add("lead_away", 101, **{"from": child.date(101), "until": child.date(110)})
    seen, day = [], 102
    while day < 111:
        review = child.review(day)
        assert review.tier == "T0" and review.owner.standing == "deputy"
        seen.append(day)
        assert review.changes_on is not None
        day = (review.changes_on - child.birthday).days
    assert seen and day == 111 and child.review(day).owner.standing == "lead"


def test_of_two_leads_the_earlier_owns() -> None:
    two = low().led(190, name="Jo Birch")
    assert two.review(201).owner.name == "Hana Reid"


def test_a_child_that_has_died_has_no_owner_in_the_words() -> None:
    assert "Owner:" not in low().add("died", 201, role="gp").review(210).explain()


# --- requests ----------------------------------------------------------------------------------------------------


def letter(**more: Any) -> Child:
    fields = {
        "sender": "Hana Reid", "to": [{"name": "Dr Vale", "expects": "act"}], "purpose": "low weight",
        "requested_action": "see her", "action_owner": "Dr Vale", "respond_by": "2024-08-30",
    }  # fmt: skip
    return low().add("letter_sent", 200, id="l", **fields | more)


def line(child: Child, day: int, id: str = "l") -> Any:
    return next(r for r in child.review(day).requests if r.id == id)


def test_a_request_says_who_was_asked_until_when_and_what_comes_next() -> None:
    child = letter()
    r = line(child, 201)
    # Five working days from Friday 2 August: Friday 9 August (207).
    assert (r.form, r.state, r.asked_by, r.asked_of) == ("letter", "sent", "Hana Reid", ("Dr Vale",))
    assert (child.age(r.asked_on), child.age(r.acknowledge_by), child.age(r.answer_by)) == (200, 207, 228)
    assert r.next == "Dr Vale: by 9 August 2024, or Hana Reid asks again" and r.late == ()
    assert line(child, 208).late == ("Dr Vale",)
    assert line(child, 208).next == "Hana Reid asks Dr Vale again"
    assert "- see her, asked on 2 August 2024 (sent): Dr Vale: by 9 August 2024" in child.review(201).explain()


def test_acknowledged_answered_declined_and_withdrawn() -> None:
    taken = letter().add("letter_acknowledged", 202, letter="l", by="Dr Vale", will_do="see her", by_when="2024-08-20")
    r = line(taken, 203)
    assert (r.state, taken.age(r.promised), r.late) == ("acknowledged", 218, ())
    assert line(taken.copy(), 219).late == ("Dr Vale",), "the promise has passed"
    done = taken.add("answered", 210, request="l", by="Dr Vale", outcome="seen")
    assert (line(done, 211).state, line(done, 211).next) == ("answered", "")
    no = letter().add("declined", 202, request="l", by="Dr Vale", reason="not ours")
    assert (line(no, 203).state, line(no, 203).next) == (
        "declined",
        "Hana Reid asks another, or says that they disagree",
    )
    back = letter(findings=None).add("withdrawn", 202, request="l", reason="seen already", actor="Hana Reid")
    assert line(back, 203).state == "withdrawn" and back.review(203).refused == ()


def test_a_draft_and_what_is_needed_first_are_duties_of_who_asks() -> None:
    fields = {"kind": "dietetic_review", "to": [{"name": "Sam Hale"}], "ask": "look", "actor": "Ann"}
    draft = low().add("request_made", 200, id="r", drafted=True, **fields)
    # Two working days from Friday 2 August: Tuesday 6 August (204).
    (duty,) = [o for o in draft.review(201).obligations if o.id == "r#drafted"]
    assert (duty.owner_name, draft.age(duty.deadline), duty.overdue) == ("Ann", 204, False)
    assert [o.overdue for o in draft.review(205).obligations if o.id == "r#drafted"] == [True]
    sent = draft.add("request_sent", 205, request="r")
    assert [o for o in sent.review(205).obligations if o.id == "r#drafted"] == []
    needs = sent.add("acknowledged", 206, request="r", by="Sam Hale", needs="a food diary")
    (duty,) = [o for o in needs.review(206).obligations if o.id == "r#needs"]
    # From Thursday 8 August two working days: Monday 12 August (210).
    assert duty.do == "Give Sam Hale what is needed first: a food diary" and needs.age(duty.deadline) == 210


# --- points and rungs --------------------------------------------------------------------------------------------


def test_points_are_told_one_by_one_and_their_sum_is_that_of_the_ledger() -> None:
    child = low().add("concern", 201, raised_by="aunt", about="thin", id="c").clothed(6.0, 203, id="w")
    r = child.review(204)
    # The weighing of G4, a worry, and a weight not valid: 2 of child and family, 1 of ours.
    assert [(child.age(p.on), p.what, p.number, p.ours) for p in r.points] == [
        (200, "sign", 1, False),
        (201, "worry", 1, False),
        (203, "gap", 1, True),
    ]
    assert [child.age(p.until) for p in r.points] == [380, 381, 383], "day - date <= 180"
    assert len({p.event for p in r.points}) == len(r.points)
    assert [p["event"] for p in r.to_dict()["points"]] == [p.event for p in r.points]


def test_rungs_are_told_the_highest_first() -> None:
    r = low().review(203)
    assert (r.ladder[0].key, r.ladder[0].rung) == ("G4@start", "E2")
    order = [float(x.rung[1:]) for x in r.ladder]
    assert order == sorted(order, reverse=True)
    top = r.ladder[0]
    assert top.asked_of == ("team_lead",) and top.to_dict()["asked_of"] == ["team_lead"]


def test_a_review_with_people_is_plain_data_and_says_the_same_when_written_and_read() -> None:
    child = letter().add("snoozed", 201, target="G4@start", until="2024-08-08", why="family_away", reason="away")
    plain = json.loads(child.review(203).to_json())
    assert {"owner", "requests", "ladder"} <= plain.keys()
    (rung,) = [x for x in plain["ladder"] if x["key"] == "G4@start"]
    assert (rung["rung"], rung["snoozed_until"], rung["snoozed_because"]) == ("E1", "2024-08-08", "away")


# --- what is to be done ------------------------------------------------------------------------------------------


def groups(r: Review) -> list[tuple[str, str, bool]]:
    return [(t.group, t.do, t.late) for t in r.to_do()]


def test_what_is_to_be_done_begins_with_what_cannot_wait() -> None:
    child = low().sign("green_vomit", 200)
    found = groups(child.review(200))
    assert found[0][0] == "now" and "danger sign" in found[0][1]
    order = ["now", "today", "late", "next"]
    assert [order.index(g) for g, _, _ in found] == sorted(order.index(g) for g, _, _ in found)


def test_the_same_deed_is_told_once_with_the_first_deadline_and_late_when_it_has_passed() -> None:
    r = low().review(203)
    measure = [d for t in r.to_do() for d in t.deeds if d.do == "Measure length or height"]
    assert [d.rules for d in measure] == [("G4", "S5")]
    (line,) = [t for t in r.to_do() if measure[0] in t.deeds]
    assert line.late and "Was due by 4 August 2024, 1 day ago" in line.explain(r.on)


def test_nothing_is_to_be_done_for_a_child_who_has_died() -> None:
    child = letter().add("died", 201, role="gp")
    assert child.review(230).to_do() == ()


def test_after_a_death_no_request_is_late() -> None:
    child = Child().led().add("died", 60, role="hospital_doctor")
    child.add("referral_made", 61, id="r", to="Dr Gil", kind="clinical", about="growth", urgent=True)
    for day in (61, 62, 100):
        (line,) = child.review(day).requests
        assert (line.state, line.late, line.next) == ("sent", (), "")
    assert child.review(61).changes_on is None
