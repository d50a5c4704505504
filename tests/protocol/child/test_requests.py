"""Where a request stands on a day: its state, who owes what, who is late, and what was said that counts.

Source: process specification, section 2.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import Child, folded
from processes import asked, iso, taken_on

from growthwatch.protocol.child.standing import Stand
from growthwatch.protocol.engine.findings import look


def stand(child: Child, day: str, id: str = "letter") -> Stand:
    state = folded(child.record, dt.date.fromisoformat(day)).state
    found = state.child.requests.of(id)
    assert found is not None
    return look(state).stand(found)


def late(child: Child, day: str, id: str = "letter") -> list[tuple[str, str, str | None]]:
    return [(a.party.name, a.what, iso(a.since)) for a in stand(child, day, id).arrears]


def request(child: Child, day: str, kind: str = "other", id: str = "request", **fields: Any) -> Child:
    return child.add("request_made", day, id=id, **{"kind": kind, "to": [{"name": "GP"}], "ask": "see him"} | fields)


def said(child: Child, type: str, day: str, request: str = "letter", by: str = "GP", **fields: Any) -> Child:
    needed = {"answered": {"outcome": "seen"}, "declined": {"reason": "full"}}.get(type, {})
    return child.add(type, day, request=request, by=by, **needed | {"role": "gp"} | fields)


# --- states ---------------------------------------------------------------------------------------


def test_sent_acknowledged_answered() -> None:
    child = asked(Child(), "2024-03-20")
    found = stand(child, "2024-03-20")
    assert (found.state, iso(found.acknowledge_by), iso(found.twice)) == ("sent", "2024-03-27", "2024-04-05")
    taken_on(child, "2024-03-22", "2024-04-10")
    found = stand(child, "2024-03-22")
    assert (found.state, iso(found.promised), found.acknowledge_by, iso(found.since)) == (
        "acknowledged",
        "2024-04-10",
        None,
        "2024-03-22",
    )
    said(child, "answered", "2024-04-08", id="end")
    found = stand(child, "2024-04-08")
    assert (found.state, found.by, iso(found.since), found.owing, found.ended) == (
        "answered",
        "end",
        "2024-04-08",
        (),
        True,
    )


def test_what_is_said_after_the_end_is_kept_and_changes_nothing() -> None:
    child = said(asked(Child(), "2024-03-20"), "answered", "2024-03-22", id="end")
    taken_on(said(child, "declined", "2024-03-25"), "2024-03-26", "2024-03-27")
    assert (stand(child, "2024-06-01").state, stand(child, "2024-06-01").by) == ("answered", "end")
    request = folded(child.record, child.date("2024-06-01")).state.child.requests.of("letter")
    assert request is not None and [w.what for w in request.words] == ["answered", "declined", "acknowledged"]


def test_drafted_is_late_two_working_days_after_drafting() -> None:
    # Thursday 28 March: Easter between, the second working day is Wednesday 3 April.
    found = stand(request(Child(), "2024-03-28", drafted=True), "2024-03-28", "request")
    assert (found.state, iso(found.acknowledge_by), found.ended) == ("drafted", "2024-04-03", False)


def test_a_draft_that_was_sent_runs_from_then_also_where_the_sending_was_known_first() -> None:
    for order in (1, -1):
        child = Child()
        steps = [
            lambda c=child: request(c, "2024-03-20", drafted=True, late=10),
            lambda c=child: c.add("request_sent", "2024-03-25", request="request", late=6),
        ][::order]
        for step in steps:
            step()
        # Monday 25 March: 26, 27, 28 March, 2 and 3 April.
        found = stand(child, "2024-04-01", "request")
        assert (found.state, iso(found.acknowledge_by)) == ("sent", "2024-04-03")


@pytest.mark.parametrize("final", [True, False])
def test_an_answer_that_is_not_the_last_word_leaves_it_waiting(final: bool) -> None:
    child = said(request(Child(), "2024-04-10"), "answered", "2024-04-12", "request", final=final)
    assert stand(child, "2024-04-12", "request").ended is final
    # Whoever answers owes no acknowledgement; the last word is due on 24 April all the same.
    assert late(child, "2024-04-24", "request") == []
    assert late(child, "2024-04-25", "request") == ([] if final else [("GP", "answer", "2024-04-25")])


def test_declined_waits_for_another_and_taken_on_after_all_it_does_not() -> None:
    child = said(asked(Child(), "2024-04-10"), "declined", "2024-04-12", id="no")
    found = stand(child, "2024-04-12")
    assert (found.state, found.by, found.ended) == ("declined", "no", False)
    assert late(child, "2024-04-15") == []
    assert late(child, "2024-04-16") == [("GP", "declined", "2024-04-16")]
    taken_on(child, "2024-04-16", "2024-05-30")
    assert stand(child, "2024-04-16").state == "acknowledged"


def test_one_of_two_answered_it_is_not_at_an_end() -> None:
    child = asked(Child(), "2024-03-20", to=[{"name": "GP"}, {"name": "Dietitian"}])
    said(child, "answered", "2024-03-22")
    found = stand(child, "2024-03-22")
    assert (found.state, [p.name for p in found.owing]) == ("sent", ["Dietitian"])
    assert stand(said(child, "answered", "2024-03-25", by="Dietitian"), "2024-03-25").state == "answered"


def test_a_letter_that_does_not_ask_owes_nothing() -> None:
    child = asked(Child(), "2024-03-20", asks=False)
    assert (stand(child, "2024-06-01").owing, stand(child, "2024-06-01").arrears) == ((), ())


# --- who owes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("expects", [None, "act", "answer"])
def test_each_who_was_asked_owes_a_word(expects: str | None) -> None:
    child = asked(Child(), "2024-03-20", to=[{"name": "GP", "expects": expects}])
    assert [p.name for p in stand(child, "2024-03-20").owing] == ["GP"]


def test_a_copy_owes_one_where_the_letter_names_an_open_finding() -> None:
    copy = {"name": "School", "expectation": "to know"}
    child = Child().add("level_changed", "2024-03-01", to="early_help")
    for key, owes in (("P5@start", True), ("G5@start", False)):
        letter = asked(child.copy(), "2024-03-20", copies=[copy], findings=[key])
        assert ("School" in [p.name for p in stand(letter, "2024-03-20").owing]) is owes


def test_needs_and_silence_stop_no_clock() -> None:
    child = said(asked(Child(), "2024-03-20"), "acknowledged", "2024-03-21", needs="the weights")
    assert late(child, "2024-03-28") == [("GP", "acknowledge", "2024-03-28")]


# --- whose word counts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "fields", "still"),
    [
        ("GP", {}, ["Dietitian"]),
        (" gp ", {}, ["Dietitian"]),
        ("Dietitian", {}, ["GP"]),
        ("Clerk", {"on_behalf_of": "GP"}, ["Dietitian"]),
        ("GP", {"on_behalf_of": "Dietitian"}, ["GP"]),
        # Of two who are waited for, a third does not say for whom.
        ("Clerk", {"role": "other"}, ["GP", "Dietitian"]),
    ],
)
def test_a_word_counts_for_who_says_it_or_whom_it_names(by: str, fields: dict[str, str], still: list[str]) -> None:
    child = asked(Child(), "2024-03-20", to=[{"name": "GP"}, {"name": "Dietitian"}])
    taken_on(child, "2024-03-21", "2025-06-01", by=by, **fields)
    assert [name for name, _, _ in late(child, "2024-03-28")] == still


def test_a_role_that_one_alone_has_speaks_for_it() -> None:
    to = [{"name": "Green Lane", "role": "gp"}, {"name": "Kitchen", "role": "dietitian"}]
    child = taken_on(asked(Child(), "2024-03-20", to=to), "2024-03-21", "2025-06-01", by="Dr Bell", role="gp")
    assert [name for name, _, _ in late(child, "2024-03-28")] == ["Kitchen"]


# --- links ----------------------------------------------------------------------------------------


def test_what_is_said_to_a_letter_twice_put_right_is_said_to_the_last() -> None:
    child = taken_on(asked(Child(), "2024-03-20"), "2024-03-21", "2025-06-01")
    asked(child, "2024-03-20", id="right", corrects="letter", late=3)
    asked(child, "2024-03-20", id="better", corrects="right", late=4)
    assert stand(child, "2024-03-28", "better").state == "acknowledged"
    assert stand(said(child, "answered", "2024-04-02", "right"), "2024-04-02", "better").state == "answered"


def test_a_letter_that_completes_another_does_so_whichever_is_known_first() -> None:
    for first, then in ((0, 5), (5, 0)):
        child = asked(Child(), "2024-03-20", purpose=None, late=first)
        asked(child, "2024-03-20", id="whole", completes="letter", late=then)
        assert (stand(child, "2024-03-25").state, stand(child, "2024-03-25").by) == ("withdrawn", "whole")


def test_a_request_that_was_put_right_twice_keeps_its_answer_and_its_sending() -> None:
    child = request(Child(), "2024-04-10", "carer_assessment", drafted=True)
    child.add("request_sent", "2024-04-11", request="request")
    said(child, "answered", "2024-04-15", "request")
    request(child, "2024-04-10", "carer_assessment", "right", drafted=True, corrects="request", late=6)
    request(child, "2024-04-10", "carer_assessment", "better", drafted=True, corrects="right", late=7)
    assert stand(child, "2024-04-18", "better").state == "answered"
    replies = folded(child.record, child.date("2024-04-18")).state.child.replies
    assert [iso(r.day) for r in replies.of_kind("carer_assessment")] == ["2024-04-15"]
    made = replies.made("carer_assessment", "P12b@start", child.date("2024-04-11").toordinal())
    assert made == (child.date("2024-04-11").toordinal(), "better")


def test_a_draft_is_not_asked_until_it_is_sent() -> None:
    child = request(Child(), "2024-04-10", "carer_assessment", drafted=True)
    since = child.date("2024-04-10").toordinal()
    assert (
        folded(child.record, child.date("2024-04-10")).state.child.replies.made("carer_assessment", "k", since) is None
    )
    child.add("request_sent", "2024-04-12", request="request")
    found = folded(child.record, child.date("2024-04-12")).state.child.replies.made("carer_assessment", "k", since)
    assert found == (since + 2, "request")


def test_a_hand_over_put_right_twice_is_accepted_by_its_first_name() -> None:
    child = Child()
    whole = {"sender": "North", "recipient": "South", "items": ["schedule", "open_findings", "risks"]}
    child.add("handover_sent", "2024-03-01", id="one", **whole)
    child.add("handover_sent", "2024-03-01", id="two", corrects="one", late=1, **whole)
    child.add("handover_sent", "2024-03-01", id="three", corrects="two", late=2, **whole)
    child.add("handover_accepted", "2024-03-05", by="South", handover="one", lead="Sue", id="yes")
    offices = folded(child.record, child.date("2024-03-05")).state.child.offices
    assert offices.handovers["three"].accepted_by == "yes"
    assert offices.owner(child.date("2024-03-05").toordinal()).name == "Sue"


def test_a_letter_that_is_put_right_after_it_was_chased_is_chased_once() -> None:
    child = asked(Child(), "2024-03-20")
    asked(child, "2024-03-20", id="right", corrects="letter", late=10)
    for day in ("2024-03-30", "2024-04-03"):
        found = [f.key for f in child.review(day).findings if f.rule == "P3"]
        assert len(found) == 1, found


# --- what is said to a rung covers that rung alone --------------------------------------------------


def test_taking_on_one_duty_of_a_finding_takes_on_no_other() -> None:
    child = Child().add("lead_named", "2024-02-01", name="Ann", lead_role="health_visitor")
    child.add("level_changed", "2024-02-01", to="early_help").add("lead_left", "2024-03-28")
    plain = child.review("2024-04-10").to_dict()["findings"]
    taken_on(child, "2024-03-28", "2024-04-20", "P5@start#ownerless.0.0", by="team lead", role="team_lead")
    with_word = child.review("2024-04-10").to_dict()["findings"]
    # It lowers no level and no rung: the named nurse has it on 9 April all the same.
    assert [(f["key"], f["level"]) for f in with_word] == [(f["key"], f["level"]) for f in plain]


def test_who_is_asked_owes_it_though_the_same_words_stand_among_the_copies() -> None:
    # Section 2: "Owing an acknowledgement: each `to`"; a copy without `expects` owes nothing in T0.
    child = Child()
    child.add(
        "letter_sent", "2024-03-20", id="letter", sender="Dietetics", to=[{"name": "GP"}], copies=[{"name": "GP"}],
        purpose="growth", requested_action="see her",
    )  # fmt: skip
    found = stand(child, "2024-03-21")
    assert found.state == "sent" and [(p.name, p.copied) for p in found.owing] == [("GP", False)]


@pytest.mark.parametrize("decided", [False, True])
def test_social_care_that_takes_a_referral_on_still_owes_its_decision_the_next_working_day(decided: bool) -> None:
    """Section 2: referral to social care, decision 1 wd, final 45 wd; "a non-final answer meets the decision limit only".

    Monday 3 June 2024: Tuesday the 4th is in time.
    """
    child = Child().add("referral_made", "2024-06-03", id="ref", to="Social care", kind="safeguarding", about="neglect")
    said(
        child,
        "acknowledged",
        "2024-06-03",
        "ref",
        "Social care",
        role="social_worker",
        will_do="look",
        by_when="2024-07-01",
    )
    if decided:
        said(child, "answered", "2024-06-04", "ref", "Social care", role="social_worker", final=False)
    assert late(child, "2024-06-04", "ref") == []
    expected = [] if decided else [("Social care", "decide", "2024-06-05")]
    assert late(child, "2024-06-05", "ref") == expected
