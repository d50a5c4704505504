"""P2 and P3, to the day: letters that say nothing, requests that nobody takes on, letters to us that nobody read.

Source: process specification, sections 2 and 3.  Easter 2024: Good Friday is 29 March, Easter Monday 1 April.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import Child
from processes import asked, assert_alone, assert_every_day, closings, in_t2, openings, taken_on, the

UNTIL = "2024-06-30"


def request(child: Child, day: str, kind: str = "other", id: str = "request", **fields: Any) -> Child:
    return child.add("request_made", day, id=id, **{"kind": kind, "to": [{"name": "GP"}], "ask": "see him"} | fields)


# --- P3: the acknowledgement --------------------------------------------------------------------


def test_a_letter_nobody_answers_is_chased_after_five_working_days_and_the_team_lead_rings_after_ten() -> None:
    child = asked(Child(), "2024-03-20")
    assert openings(child, "P3:letter", UNTIL) == [("2024-03-28", "chase"), ("2024-04-06", "team lead")]
    found = the(child, "P3", "2024-03-28")
    assert found.says == "Nobody at GP has said they will act on see him (asked on 20 March 2024)."
    # Ring within one working day: 29 March and 1 April are holidays.
    assert [(o.deadline.isoformat(), o.owner) for o in found.obligations] == [("2024-04-02", "health_visitor")]


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2024-03-27", [], []),
        # What is done on the day on which it would have fired is done.
        ("2024-03-28", [], []),
        ("2024-03-29", [("2024-03-28", "chase")], [("2024-03-29", "word")]),
    ],
)
def test_acknowledged_in_time_on_the_day_and_late(day: str, opens: list[Any], closes: list[Any]) -> None:
    child = taken_on(asked(Child(), "2024-03-20"), day, "2025-06-01", id="word")
    assert (openings(child, "P3", UNTIL), closings(child, "P3", UNTIL)) == (opens, closes)


@pytest.mark.parametrize("lacks", ["will_do", "by_when"])
def test_an_acknowledgement_without_what_or_when_is_none(lacks: str) -> None:
    child = taken_on(asked(Child(), "2024-03-20"), "2024-03-21", "2025-06-01", **{lacks: None})
    assert openings(child, "P3", "2024-04-01") == [("2024-03-28", "chase")]


@pytest.mark.parametrize(
    ("type", "fields"),
    [
        ("letter_read", {"letter": "letter", "by": "GP", "asks_of_us": "nothing"}),
        ("letter_found", {"letter": "letter", "by": "GP"}),
        ("chased", {"request": "letter", "how": "telephone", "spoke_to": "GP"}),
        ("contact", {"face_to_face": True}),
    ],
)
def test_reading_finding_and_ringing_acknowledge_nothing(type: str, fields: dict[str, Any]) -> None:
    child = asked(Child(), "2024-03-20").add(type, "2024-03-21", **fields)
    assert ("2024-03-28", "chase") in openings(child, "P3:letter", UNTIL)


def test_the_asker_does_not_acknowledge_their_own_letter() -> None:
    child = taken_on(asked(Child(), "2024-03-20"), "2024-03-21", "2025-06-01", by="Ann")
    assert openings(child, "P3:letter", "2024-04-01") == [("2024-03-28", "chase")]


def test_another_who_takes_it_on_acknowledges_it() -> None:
    child = taken_on(asked(Child(), "2024-03-20"), "2024-03-21", "2025-06-01", by="Dr Locum")
    assert openings(child, "P3:letter", UNTIL) == []


def test_a_letter_of_the_other_name_of_an_acknowledgement_is_the_same() -> None:
    # `letter_acknowledged` is `acknowledged`; the same name is equal but for case and white space.
    child = asked(Child(), "2024-03-20", to=[{"name": "Green  Lane"}])
    said = {"letter": "letter", "by": "green lane", "will_do": "see him", "by_when": dt.date(2025, 6, 1)}
    assert openings(child.add("letter_acknowledged", "2024-03-22", **said), "P3:letter", UNTIL) == []


def test_a_letter_written_down_late_opens_at_the_step_it_has_reached() -> None:
    # Of Wednesday 20 March, known on Wednesday 10 April: twice the limit passed on 5 April.
    child = asked(Child(), "2024-03-20", late=21)
    assert openings(child, "P3:letter", UNTIL) == [("2024-04-10", "team lead")]


def test_a_word_that_comes_before_its_letter_counts_when_the_letter_is_known() -> None:
    child = taken_on(Child(), "2024-03-21", "2025-06-01")
    assert openings(asked(child, "2024-03-20", late=21), "P3:letter", UNTIL) == []


def test_a_corrected_letter_keeps_what_was_said_and_its_clock() -> None:
    child = taken_on(asked(Child(), "2024-03-20"), "2024-03-21", "2025-06-01")
    asked(child, "2024-03-20", id="right", corrects="letter", requested_action="weigh him", late=5)
    assert openings(child, "P3", UNTIL) == []
    child = asked(Child(), "2024-03-20")
    asked(child, "2024-03-20", id="right", corrects="letter", requested_action="weigh him", late=5)
    assert openings(child, "P3", "2024-04-02") == [("2024-03-28", "chase")]


def test_a_letter_entered_in_error_closes_it() -> None:
    child = asked(Child(), "2024-03-20")
    child.add("entered_in_error", "2024-04-03", target="letter", reason="another child", id="wrong")
    assert closings(child, "P3", UNTIL) == [("2024-04-03", "wrong")]


# --- recipients one by one ----------------------------------------------------------------------


def test_one_recipients_word_never_counts_for_another() -> None:
    child = asked(Child(), "2024-03-20", to=[{"name": "GP"}, {"name": "Dietitian"}])
    taken_on(child, "2024-03-21", "2025-06-01")
    assert openings(child, "P3:letter", "2024-04-01") == [("2024-03-28", "chase")]
    assert the(child, "P3", "2024-03-28").says.startswith("Nobody at Dietitian has")
    said = child.copy()
    taken_on(said, "2024-03-22", "2025-06-01", by="GP", on_behalf_of="dietitian")
    assert openings(said, "P3:letter", UNTIL) == []


COPY = {"name": "School", "expectation": "to know that he is watched"}


@pytest.mark.parametrize("expects", ["act", "answer"])
def test_a_copy_that_is_to_act_or_answer_owes_a_word(expects: str) -> None:
    child = asked(Child(), "2024-03-20", copies=[{"name": "School", "expects": expects}])
    taken_on(child, "2024-03-21", "2025-06-01")
    assert openings(child, "P3:letter", "2024-04-01") == [("2024-03-28", "chase")]
    assert the(child, "P3", "2024-03-28").says.startswith("Nobody at School has")


def test_a_copy_of_which_nothing_is_said_owes_a_word_only_where_care_is_due() -> None:
    def silent(child: Child) -> Child:
        asked(child, "2024-03-20", copies=[COPY])
        return taken_on(child, "2024-03-21", "2025-06-01")

    def chased(child: Child) -> bool:
        return openings(child, "P3:letter", "2024-04-01") == [("2024-03-28", "chase")]

    healthy = Child()
    assert not chased(silent(healthy))
    assert chased(silent(Child(gmfcs=4)))
    assert chased(silent(Child().add("protection_plan", "2024-03-01", state="began")))
    known = Child().copy()
    asked(known, "2024-03-20", copies=[COPY | {"expects": "know"}])
    assert openings(taken_on(known, "2024-03-21", "2025-06-01"), "P3:letter", UNTIL) == []


def test_in_t2_a_silent_copy_owes_a_word_and_one_to_know_never() -> None:
    def watched(copy: dict[str, str]) -> Child:
        child = in_t2()
        assert child.review("2024-03-28").tier == "T2"
        asked(child, "2024-03-20", copies=[copy])
        return taken_on(child, "2024-03-21", "2025-06-01")

    assert ("2024-03-28", "chase") in openings(watched(COPY), "P3:letter", "2024-03-31")
    assert openings(watched(COPY | {"expects": "know"}), "P3:letter", UNTIL) == []


def test_in_t3_one_working_day() -> None:
    # Oedema: T3.  Letter of Wednesday: acknowledged on Thursday; chased on Friday, the team lead on Saturday.
    child = asked(Child(), "2024-04-10").examined("2024-04-09", oedema="present")
    assert child.review("2024-04-13").tier == "T3"
    assert openings(child, "P3:letter", UNTIL) == [("2024-04-12", "chase"), ("2024-04-13", "team lead")]
    assert the(child, "P3", "2024-04-12").loudness == "daily"
    assert the(asked(Child(), "2024-03-20"), "P3", "2024-03-28").loudness == "weekly"


# --- promises and answers -----------------------------------------------------------------------


def test_a_promise_that_passes_before_twice_the_limit_is_chased_and_the_team_lead_comes_at_twice() -> None:
    child = taken_on(asked(Child(), "2024-03-20"), "2024-03-21", "2024-03-26")
    assert openings(child, "P3:letter", UNTIL) == [("2024-03-27", "chase"), ("2024-04-06", "team lead")]
    says = the(child, "P3", "2024-03-27").says
    assert says == "GP said they would act on see him (asked on 20 March 2024), and the day they named has passed."


def test_a_promise_that_passes_after_twice_the_limit_leads_to_the_next_step_and_on_when_its_time_has_passed() -> None:
    # Promised for Friday 12 April; chased from Saturday 13, by Tuesday 16 (Monday is day 0); then the team lead.
    child = taken_on(asked(Child(), "2024-03-20"), "2024-03-21", "2024-04-12")
    assert openings(child, "P3:letter", UNTIL) == [("2024-04-13", "chase"), ("2024-04-17", "team lead")]
    # Had it been chased before, the team lead is the next step.
    child = taken_on(asked(Child(), "2024-03-20"), "2024-03-30", "2024-04-12")
    assert openings(child, "P3:letter", UNTIL) == [("2024-03-28", "chase"), ("2024-04-13", "team lead")]


def test_a_promise_does_not_move_the_requests_own_limit() -> None:
    child = asked(Child(), "2024-03-20", respond_by=dt.date(2024, 4, 15))
    taken_on(child, "2024-03-21", "2024-05-31")
    assert openings(child, "P3:letter", "2024-04-30")[0] == ("2024-04-16", "chase")


def test_without_a_day_an_answer_is_due_in_ten_working_days() -> None:
    # Wednesday 10 April: the tenth working day is Wednesday 24 April.
    child = taken_on(request(Child(), "2024-04-10"), "2024-04-10", "2024-05-31", "request")
    assert openings(child, "P3:request", "2024-04-25") == [("2024-04-25", "chase")]
    said = child.copy().add("answered", "2024-04-24", request="request", by="GP", outcome="seen", role="gp")
    assert openings(said, "P3:request", UNTIL) == []
    late = child.copy().add("answered", "2024-04-26", request="request", by="GP", outcome="seen", role="gp", id="end")
    assert closings(late, "P3:request", UNTIL) == [("2024-04-26", "end")]


def test_an_answer_limit_is_not_told_where_the_request_names_an_open_finding() -> None:
    child = Child().add("protection_plan", "2024-03-01", state="began")
    key = next(f.key for f in child.review("2024-04-25").findings if f.rule == "P5")
    taken_on(request(child, "2024-04-10", findings=[key]), "2024-04-10", "2024-05-31", "request")
    assert openings(child, "P3:request", "2024-05-30") == []
    assert openings(child, "P3:request", "2024-06-02") == [("2024-06-01", "chase")]


def test_a_referral_to_social_care_is_decided_in_a_day_and_ended_in_forty_five() -> None:
    # Wednesday 10 April: decided by Thursday 11.  Forty-five working days, with two holidays in May: 14 June.
    made = {"to": "social care", "kind": "safeguarding", "about": "neglect", "id": "referral"}
    child = Child().add("referral_made", "2024-04-10", **made)
    assert openings(child, "P3:referral", "2024-04-20") == [("2024-04-12", "chase"), ("2024-04-13", "team lead")]
    decided = {"request": "referral", "by": "social care", "outcome": "assessed", "role": "social_worker"}
    child.add("answered", "2024-04-11", final=False, **decided)
    assert openings(child, "P3:referral", "2024-06-14") == []
    assert openings(child, "P3:referral", "2024-06-15") == [("2024-06-15", "chase")]


def test_a_referral_to_social_care_that_was_taken_on_is_decided_in_a_day_all_the_same() -> None:
    # Section 2: "decision 1 wd"; "A promise Y later than the request's own limit does not move the limit."
    made = {"to": "social care", "kind": "safeguarding", "about": "neglect", "id": "referral"}
    child = Child().add("referral_made", "2024-04-10", **made)
    taken_on(child, "2024-04-10", "2024-05-20", "referral", "social care")
    assert openings(child, "P3:referral", "2024-04-20")[0] == ("2024-04-12", "chase")
    assert the(child, "P3:referral", "2024-04-12").says.startswith("social care has not answered")


@pytest.mark.parametrize(("urgent", "opens"), [(True, [("2024-04-11", "team lead")]), (False, [])])
def test_an_urgent_referral_is_acknowledged_on_the_day(urgent: bool, opens: list[Any]) -> None:
    made = {"to": "paediatrics", "kind": "clinical", "about": "weight", "service": "paediatrics", "id": "referral"}
    child = Child().add("referral_made", "2024-04-10", urgent=urgent, **made)
    assert openings(child, "P3:referral", "2024-04-17") == opens
    assert openings(child, "P3:referral", "2024-04-18")[0] == (opens or [("2024-04-18", "chase")])[0]
    taken_on(child, "2024-04-10", "2024-04-12", "referral", by="paediatrics")
    assert openings(child, "P3:referral", "2024-04-12") == []


@pytest.mark.parametrize(
    ("kind", "opens"),
    [
        # From Wednesday 10 April 2024, nobody saying anything: the first day late.
        ("supervision", "2024-04-13"),
        ("second_review", "2024-04-13"),
        ("managers_talk", "2024-04-12"),
        ("sibling_review", "2024-04-18"),
        ("growth_summary", "2024-04-18"),
        ("specialist_opinion", "2024-04-13"),
        ("legal_advice", "2024-04-13"),
        ("carer_assessment", "2024-04-18"),
        ("paediatric_review", "2024-04-18"),
        ("dietetic_review", "2024-04-18"),
        ("other", "2024-04-18"),
    ],
)
def test_each_kind_has_its_limit(kind: str, opens: str) -> None:
    child = request(Child(), "2024-04-10", kind)
    assert openings(child, "P3:request", "2024-05-30")[0] == (opens, "chase")


def test_of_a_summary_of_growth_the_acknowledgement_is_the_answer() -> None:
    child = taken_on(request(Child(), "2024-04-10", "growth_summary"), "2024-04-12", "2024-04-12", "request")
    assert openings(child, "P3:request", UNTIL) == []


def test_declined_is_the_askers_to_ask_another_in_one_working_day() -> None:
    child = request(Child(), "2024-04-10", findings=["G3@start"])
    child.add("declined", "2024-04-12", request="request", by="GP", reason="full", role="gp")
    # Friday 12 April: Monday 15 is the first working day.
    assert openings(child, "P3:request", "2024-04-30")[0] == ("2024-04-16", "chase")
    assert "declined" in the(child, "P3:request", "2024-04-16").says
    other = request(child.copy(), "2024-04-15", id="other", findings=["G3@start"], to=[{"name": "Dietitian"}])
    assert openings(other, "P3:request", "2024-05-30") == []
    raised = {"about": "request", "with": "GP", "risk_now": "thin", "decision_wanted": "see him", "stage": 1}
    argued = child.copy().add("disagreement_raised", "2024-04-15", **raised)
    assert openings(argued, "P3:request", "2024-05-30") == []


def test_a_draft_owes_nothing_until_it_is_sent() -> None:
    child = request(Child(), "2024-04-01", drafted=True)
    assert openings(child, "P3:request", UNTIL) == []
    child.add("request_sent", "2024-04-10", request="request")
    assert openings(child, "P3:request", "2024-04-18") == [("2024-04-18", "chase")]


def test_withdrawn_ends_it() -> None:
    child = request(Child(), "2024-04-10")
    child.add("withdrawn", "2024-04-19", request="request", reason="moved", id="gone")
    assert closings(child, "P3:request", UNTIL) == [("2024-04-19", "gone")]


def test_a_letter_to_two_says_who_is_late() -> None:
    child = asked(Child(), "2024-03-20", to=[{"name": "GP"}, {"name": "Dietitian"}])
    assert the(child, "P3", "2024-03-28").says.startswith("Nobody at GP and Dietitian has said")


# --- P3: letters to us --------------------------------------------------------------------------


def ours(**fields: Any) -> Child:
    child = Child().add("lead_named", "2024-02-01", name="Ann", lead_role="health_visitor")
    return asked(child, "2024-04-10", **{"sender": "Dr Bell", "role": "gp", "to": [{"name": "Ann"}]} | fields)


@pytest.mark.parametrize(
    "to", [{"name": "ann"}, {"name": "team", "role": "health_visitor"}, {"name": "x", "role": "team_lead"}]
)
def test_a_letter_to_us_is_read_in_two_working_days(to: dict[str, str]) -> None:
    child = ours(to=[to])
    assert openings(child, "P3:letter:ours", UNTIL) == [("2024-04-13", "unread by us")]
    found = the(child, "P3:letter:ours", "2024-04-13")
    assert found.key == "P3:letter:ours@start"
    assert found.says == "Letter of 10 April 2024 from Dr Bell: nobody has written down what it asks of us."


@pytest.mark.parametrize(("day", "late"), [("2024-04-12", False), ("2024-04-14", True)])
def test_written_down_what_it_asks(day: str, late: bool) -> None:
    child = ours().add("letter_read", day, letter="letter", by="Ann", asks_of_us="nothing", id="read")
    assert openings(child, "P3:letter:ours", UNTIL) == ([("2024-04-13", "unread by us")] if late else [])
    assert closings(child, "P3:letter:ours", UNTIL) == ([(day, "read")] if late else [])
    # Reading acknowledges nothing.
    assert openings(child, "P3:letter", "2024-04-18") == [("2024-04-18", "chase")]


def test_our_own_acknowledgement_says_that_we_read_it() -> None:
    child = taken_on(ours(), "2024-04-11", "2025-06-01", by="Ann", role="health_visitor")
    assert openings(child, "P3:letter:ours", UNTIL) == []


def test_a_copy_to_us_counts_and_our_own_letter_does_not() -> None:
    assert openings(ours(to=[{"name": "GP"}], copies=[{"name": "Ann", "expects": "know"}]), "P3:letter:ours", UNTIL)
    assert openings(ours(sender="Ann", role="health_visitor"), "P3:letter:ours", UNTIL) == []
    assert openings(ours(to=[{"name": "GP"}]), "P3:letter:ours", UNTIL) == []


def test_a_letter_recorded_late_is_read_two_working_days_from_then() -> None:
    # Known on Wednesday 24 April: by Friday 26.
    assert openings(ours(late=14), "P3:letter:ours", UNTIL) == [("2024-04-27", "unread by us")]


# --- P2 -----------------------------------------------------------------------------------------

MISSING = {
    "purpose": "its purpose",
    "requested_action": "what is asked for",
    "action_owner": "who is to do it",
    "respond_by": "by when",
}


@pytest.mark.parametrize("lacks", list(MISSING))
def test_a_letter_that_asks_says_all_four(lacks: str) -> None:
    child = asked(Child(), "2024-04-10", **{lacks: None})
    assert openings(child, "P2:letter", UNTIL) == [("2024-04-10", "open")]
    found = the(child, "P2", "2024-04-10")
    assert found.says == f"The letter of 10 April 2024 from Ann does not say {MISSING[lacks]}."
    assert [(o.deadline.isoformat(), o.owner) for o in found.obligations] == [("2024-04-11", "health_visitor")]


def test_each_copy_says_what_is_expected() -> None:
    for copy in ({"name": "School", "expects": "know"}, COPY):
        assert openings(asked(Child(), "2024-04-10", copies=[copy]), "P2", UNTIL) == []
    child = asked(Child(), "2024-04-10", copies=[COPY, {"name": "Nursery"}])
    assert the(child, "P2", "2024-04-10").says.endswith("does not say what is expected of each copy.")


BARE: dict[str, Any] = {"requested_action": None, "action_owner": None, "respond_by": None}


@pytest.mark.parametrize(
    ("fields", "asks"),
    [
        (BARE, False),
        (BARE | {"asks": True}, True),
        (BARE | {"purpose": None}, True),
        (BARE | {"purpose": None, "asks": False}, False),
        (BARE | {"to": [{"name": "GP", "expects": "act"}]}, True),
        (BARE | {"to": [{"name": "GP", "expects": "know"}]}, False),
        (BARE | {"copies": [{"name": "School", "expects": "answer"}]}, True),
        (BARE | {"copies": [{"name": "School", "expects": "know"}]}, False),
        (BARE | {"action_owner": "GP"}, True),
        ({"asks": False}, False),
    ],
)
def test_whether_a_letter_asks(fields: dict[str, Any], asks: bool) -> None:
    child = asked(Child(), "2024-03-20", **fields)
    assert bool(openings(child, "P2", UNTIL)) is asks
    # An unclear letter counts as asking.
    assert bool(openings(child, "P3", "2024-04-01")) is asks


def test_a_letter_that_completes_it_ends_it_and_its_clocks() -> None:
    child = asked(Child(), "2024-03-20", purpose=None)
    asked(child, "2024-04-03", id="whole", completes="letter")
    assert closings(child, "P2", UNTIL) == [("2024-04-03", "whole")]
    assert closings(child, "P3:letter", UNTIL) == [("2024-04-03", "whole")]
    # Wednesday 3 April: five working days end on Wednesday 10.
    assert openings(child, "P3:whole", UNTIL)[0] == ("2024-04-11", "chase")


def test_a_letter_that_completes_it_and_lacks_something_does_not() -> None:
    child = asked(Child(), "2024-03-20", purpose=None)
    asked(child, "2024-04-03", id="half", completes="letter", respond_by=None)
    assert closings(child, "P2:letter", UNTIL) == []
    assert openings(child, "P2:half", UNTIL) == [("2024-04-03", "open")]


def test_a_correction_that_lacks_nothing_closes_it() -> None:
    child = asked(Child(), "2024-03-20", purpose=None)
    asked(child, "2024-03-20", id="right", corrects="letter", late=7)
    assert [day for day, _ in closings(child, "P2:letter", UNTIL)] == ["2024-03-27"]
    assert openings(child, "P2:right", UNTIL) == []


def test_p2_is_daily_in_t3() -> None:
    child = asked(Child(), "2024-04-10", purpose=None)
    assert the(child, "P2", "2024-04-10").loudness == "weekly"
    child.examined("2024-04-09", oedema="present")
    assert the(child, "P2", "2024-04-10").loudness == "daily"


# --- promises of both ---------------------------------------------------------------------------


def many() -> list[tuple[Child, str, str]]:
    promised = taken_on(asked(Child(), "2024-03-20"), "2024-03-21", "2024-04-12")
    refused = request(Child(), "2024-04-10", findings=["G3@start"])
    refused.add("declined", "2024-04-12", request="request", by="GP", reason="full", role="gp")
    return [
        (asked(Child(), "2024-03-20"), "P3:letter", "2024-03-29"),
        (asked(Child(), "2024-03-20"), "P3:letter", "2024-04-07"),
        (asked(Child(), "2024-03-20", late=21), "P3:letter", "2024-04-11"),
        (promised, "P3:letter", "2024-04-14"),
        (promised, "P3:letter", "2024-04-18"),
        (refused, "P3:request", "2024-04-17"),
        (ours(), "P3:letter:ours", "2024-04-14"),
        (asked(Child(), "2024-03-20", purpose=None), "P2:letter", "2024-03-20"),
    ]


@pytest.mark.parametrize("n", range(len(many())))
def test_every_day_gives_the_same_and_so_does_its_witness_alone(n: int) -> None:
    child, slot, day = many()[n]
    assert_every_day(child, UNTIL)
    assert_alone(child, slot, day)


# --- what is acknowledged with the answer: "s2, twice the acknowledgement limit" -------------------------------------------


@pytest.mark.parametrize(
    ("kind", "openings_"),
    [
        # Asked on Monday 8 January 2024.  Section 2: answered in 1, 2 and 5 working days, and acknowledged with that:
        # late from Wednesday 10, Thursday 11 and Tuesday 16; the team lead when as long again has passed.
        ("managers_talk", [("2024-01-10", "chase"), ("2024-01-11", "team lead")]),
        ("supervision", [("2024-01-11", "chase"), ("2024-01-13", "team lead")]),
        ("second_review", [("2024-01-11", "chase"), ("2024-01-13", "team lead")]),
        ("sibling_review", [("2024-01-16", "chase"), ("2024-01-23", "team lead")]),
    ],
)
def test_what_is_acknowledged_with_the_answer_goes_to_the_team_lead_at_twice_its_time(
    kind: str, openings_: Any
) -> None:
    child = Child("2023-06-01").led()
    child.add("request_made", "2024-01-08", id="r", kind=kind, to=[{"name": "Ruth Vale"}], ask="look")
    assert openings(child, "P3:r", "2024-02-01") == openings_


def test_the_list_says_whom_to_ring_about_what() -> None:
    # Two requests of one person that are silent: one line, which names both.
    child = request(Child(), "2024-03-20", id="a", ask="see him")
    request(child, "2024-03-20", id="b", to=[{"name": "Dr Iyer"}], ask="look at the feed")
    (line,) = [t for t in child.review("2024-03-28").to_do() if t.rules == ("P3",)]
    assert "(P3): GP, about see him; Dr Iyer, about look at the feed." in line.explain(dt.date(2024, 3, 28))


def test_two_who_have_not_answered_have_not() -> None:
    child = request(Child(), "2024-03-20", to=[{"name": "GP"}, {"name": "Dr Iyer"}])
    for by in ("GP", "Dr Iyer"):
        taken_on(child, "2024-03-21", "2024-05-01", request="request", by=by)
    # Answered in 10 working days from 20 March: 5 April, Easter between.
    assert the(child, "P3", "2024-04-06").says == "GP and Dr Iyer have not answered: see him (asked on 20 March 2024)."
