"""P6, to the day: a hand-over that lacks something, is not accepted, is refused, or was never sent.

Source: process specification, section 3, P6, and section 7.  Easter 2024: 29 March and 1 April are not worked.
"""

from __future__ import annotations

from typing import Any

import pytest
from builders import Child, folded
from processes import assert_alone, assert_every_day, closings, openings, the

UNTIL = "2024-06-30"


def sent(child: Child, day: str = "2024-03-20", id: str = "sent", **fields: Any) -> Child:
    whole = {"sender": "North", "recipient": "South", "items": ["schedule", "open_findings", "risks"]}
    return child.add("handover_sent", day, id=id, **whole | fields)


def accepted(child: Child, day: str, **fields: Any) -> Child:
    return child.add("handover_accepted", day, **{"by": "South", "handover": "sent", "id": "yes"} | fields)


def half(child: Child, **fields: Any) -> Child:
    return sent(child, items=["schedule", "open_findings"], **fields)


# --- sent -----------------------------------------------------------------------------------------


def test_not_accepted_from_the_day_after_five_working_days() -> None:
    child = sent(Child())
    assert openings(child, "P6:sent", UNTIL) == [("2024-03-28", "not accepted")]
    found = the(child, "P6:sent", "2024-03-28")
    assert found.says == (
        "NOT handed over: the child is still with the sender. South has not accepted the hand-over of 20 March 2024."
    )
    assert [(o.deadline.isoformat(), o.owner) for o in found.obligations] == [("2024-04-02", "both_team_leads")]


@pytest.mark.parametrize(("day", "late"), [("2024-03-27", False), ("2024-03-28", False), ("2024-03-29", True)])
def test_accepted_in_time_on_the_day_and_late(day: str, late: bool) -> None:
    child = accepted(sent(Child()), day)
    assert openings(child, "P6:sent", UNTIL) == ([("2024-03-28", "not accepted")] if late else [])
    assert closings(child, "P6:sent", UNTIL) == ([(day, "yes")] if late else [])


def test_its_own_sender_does_not_accept_it() -> None:
    child = accepted(sent(Child()), "2024-03-25", by="north")
    assert openings(child, "P6:sent", UNTIL) == [("2024-03-28", "not accepted")]


def test_one_that_lacks_something_is_its_senders_to_complete_and_waits_for_acceptance_all_the_same() -> None:
    child = half(Child())
    assert openings(child, "P6:sent", UNTIL) == [("2024-03-20", "incomplete"), ("2024-03-28", "not accepted")]
    found = the(child, "P6:sent", "2024-03-20")
    assert (
        found.says == "NOT handed over: the child is still with the sender. The hand-over of 20 March 2024 lacks risks."
    )
    assert [o.deadline.isoformat() for o in found.obligations] == ["2024-03-21"]


def test_another_that_completes_it_closes_it_and_has_its_own_clock() -> None:
    # Of Friday 22 March: the fifth working day is Tuesday 2 April.
    child = sent(half(Child()), "2024-03-22", "whole", completes="sent")
    assert closings(child, "P6:sent", UNTIL) == [("2024-03-22", "whole")]
    assert openings(child, "P6:whole", UNTIL) == [("2024-04-03", "not accepted")]


def test_one_accepted_as_it_is_stays_open_with_its_sender() -> None:
    child = accepted(
        half(Child().add("lead_named", "2024-02-01", name="Ann", lead_role="health_visitor")), "2024-03-22", lead="Sue"
    )
    assert openings(child, "P6:sent", UNTIL) == [("2024-03-20", "incomplete")]
    assert closings(child, "P6:sent", UNTIL) == []
    owner = folded(child.record, child.date("2024-03-22")).state.child.offices.owner(
        child.date("2024-03-22").toordinal()
    )
    assert owner.name == "Sue"
    whole = sent(child, "2024-03-25", "whole", completes="sent")
    assert closings(whole, "P6:sent", UNTIL) == [("2024-03-25", "whole")]


def test_declined_opens_the_same_day() -> None:
    child = sent(Child()).add("declined", "2024-03-22", request="sent", by="South", reason="full", id="no")
    assert openings(child, "P6:sent", UNTIL) == [("2024-03-22", "declined")]
    assert "South declined the hand-over of 20 March 2024." in the(child, "P6:sent", "2024-03-22").says
    assert closings(accepted(child, "2024-03-25"), "P6:sent", UNTIL) == [("2024-03-25", "yes")]


def test_withdrawn_closes_it() -> None:
    child = sent(Child()).add("withdrawn", "2024-04-03", request="sent", reason="stays here", id="gone")
    assert closings(child, "P6:sent", UNTIL) == [("2024-04-03", "gone")]


def test_one_of_school_age_says_the_schooling() -> None:
    # Four years and nine months on 15 October 2024.
    for day, lacks in (("2024-10-14", False), ("2024-10-15", True)):
        child = sent(Child("2020-01-15"), day)
        assert (openings(child, "P6:sent", day) == [(day, "incomplete")]) is lacks, day
        assert openings(sent(Child("2020-01-15"), day, schooling="home_educated"), "P6:sent", day) == []


# --- never sent -----------------------------------------------------------------------------------


def stepped_down(day: str = "2024-04-12", **fields: Any) -> Child:
    child = Child().add("level_changed", "2024-02-01", to="early_help")
    return child.add("level_changed", day, id="down", **{"from": "early_help", "to": "universal"} | fields)


def test_a_change_of_level_without_a_hand_over_by_the_next_working_day() -> None:
    # Friday 12 April: Monday is the next working day.
    child = stepped_down()
    assert openings(child, "P6:down", UNTIL) == [("2024-04-16", "not handed over")]
    assert the(child, "P6:down", "2024-04-16").says == (
        "NOT handed over: the child is still with the sender. "
        "The level of service changed on 12 April 2024, and no hand-over was sent."
    )
    assert openings(stepped_down(plan_transferred=True), "P6:down", UNTIL) == []
    assert openings(stepped_down(plan_transferred=False), "P6:down", UNTIL) == [("2024-04-16", "not handed over")]


@pytest.mark.parametrize("day", ["2024-04-12", "2024-04-15", "2024-04-16"])
def test_a_hand_over_in_time_is_one(day: str) -> None:
    assert openings(sent(stepped_down(), day), "P6:down", UNTIL) == []


def test_a_whole_one_closes_it_and_half_of_one_does_not() -> None:
    assert closings(sent(stepped_down(), "2024-04-18"), "P6:down", UNTIL) == [("2024-04-18", "sent")]
    assert closings(half(stepped_down(), day="2024-04-18"), "P6:down", UNTIL) == []


def test_from_universal_nothing_is_handed_over() -> None:
    child = Child().add("level_changed", "2024-04-12", **{"from": "universal", "to": "early_help"})
    assert openings(child, "P6", UNTIL) == []


def test_moved_away_and_moved_in() -> None:
    child = Child().add("moved_away", "2024-04-12", id="away")
    assert openings(child, "P6:away", UNTIL) == [("2024-04-16", "not handed over")]
    assert "The family moved away on 12 April 2024" in the(child, "P6:away", "2024-04-16").says
    assert closings(sent(child, "2024-04-18"), "P6:away", UNTIL) == [("2024-04-18", "sent")]
    came = Child().add("moved_in", "2024-04-12", id="in")
    assert openings(came, "P6:in", UNTIL) == [("2024-04-12", "not received")]
    found = the(came, "P6:in", "2024-04-12")
    assert [(o.owner, o.deadline.isoformat()) for o in found.obligations] == [("team_lead", "2024-04-15")]
    assert openings(sent(Child(), "2024-04-10").add("moved_in", "2024-04-12", id="in"), "P6:in", UNTIL) == []
    assert closings(sent(came, "2024-04-18"), "P6:in", UNTIL) == [("2024-04-18", "sent")]


# --- school ---------------------------------------------------------------------------------------


def nearly_five() -> Child:
    """A child with coeliac disease, T1, four years and nine months old on 15 October 2024, whom Ann leads."""
    child = Child("2020-01-15").condition("coeliac", "2023-01-01")
    return child.add("lead_named", "2023-01-01", name="Ann", lead_role="health_visitor")


def test_school_entry_opens_at_four_years_and_nine_months() -> None:
    child = nearly_five()
    assert openings(child, "P6:school", "2025-03-01") == [("2024-10-15", "school entry")]
    found = the(child, "P6:school", "2024-10-15")
    # Twenty working days from Tuesday 15 October end on Tuesday 12 November.
    assert [o.deadline.isoformat() for o in found.obligations] == ["2024-11-12"]
    assert found.key == "P6:school@start"


def test_nobody_but_who_accepts_takes_the_child_over_whatever_the_birthday() -> None:
    child = nearly_five()
    for day in ("2025-01-14", "2025-01-15", "2025-06-01"):
        found = folded(child.record, child.date(day)).state.child.offices.owner(child.date(day).toordinal())
        assert (found.name, found.standing) == ("Ann", "lead")
    sent(child, "2024-11-01", schooling="school")
    assert closings(child.copy(), "P6:school", "2025-03-01") == []
    accepted(child, "2024-11-05", lead="Sue")
    assert closings(child, "P6:school", "2025-03-01") == [("2024-11-05", "yes")]


def test_of_t0_with_nothing_open_nobody_is_asked() -> None:
    child = Child("2020-01-15").steady(0.0, [14, 28, 56, 112, 250, 365, 700, 1100, 1500, 1740])
    assert child.review("2024-10-20").tier == "T0" and not child.levels("2024-10-20")
    assert openings(child, "P6:school", "2024-10-20") == []
    # A request that waits is enough; it opens on the first day with one.
    child.add("request_made", "2024-10-18", kind="other", to=[{"name": "GP"}], ask="see him")
    assert openings(child, "P6:school", "2024-10-20") == [("2024-10-18", "school entry")]


# --- promises -------------------------------------------------------------------------------------


def many() -> list[tuple[Child, str, str]]:
    declined = sent(Child()).add("declined", "2024-03-22", request="sent", by="South", reason="full")
    return [
        (sent(Child()), "P6:sent", "2024-03-30"),
        (half(Child()), "P6:sent", "2024-03-21"),
        (half(Child()), "P6:sent", "2024-03-30"),
        (sent(Child(), late=20), "P6:sent", "2024-04-10"),
        (declined, "P6:sent", "2024-03-23"),
        (stepped_down(), "P6:down", "2024-04-17"),
        (Child().add("moved_away", "2024-04-12", id="away"), "P6:away", "2024-04-17"),
        (Child().add("moved_in", "2024-04-12", id="in"), "P6:in", "2024-04-13"),
        (nearly_five(), "P6:school", "2024-10-16"),
    ]


@pytest.mark.parametrize("n", range(len(many())))
def test_every_day_gives_the_same_and_so_does_its_witness_alone(n: int) -> None:
    child, slot, day = many()[n]
    assert_every_day(child, "2024-12-31" if slot == "P6:school" else UNTIL)
    assert_alone(child, slot, day)


def test_no_lead_after_an_acceptance_that_named_none_is_one_to_name() -> None:
    child = Child().add("level_changed", "2024-02-01", to="early_help")
    child.add("lead_named", "2024-02-01", name="Ann", lead_role="health_visitor")
    accepted(sent(child), "2024-03-25")
    assert openings(child, "P5", UNTIL)[0] == ("2024-03-25", "to name")
    assert_every_day(child, UNTIL)
    assert_alone(child, "P5", "2024-03-26")
