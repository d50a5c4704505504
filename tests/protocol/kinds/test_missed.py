"""P1, to the day: what counts as missed, when it opens, what renews it, and who closes it.

Source: process specification, section 3, P1.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import Child
from processes import assert_alone, assert_every_day, closings, in_t2, openings, the

UNTIL = "2025-03-01"


def missed(child: Child, day: str, service: str = "clinic", **fields: Any) -> Child:
    return child.add("was_not_brought", day, service=service, **fields)


# --- (b): two near to each other ----------------------------------------------------------------


@pytest.mark.parametrize(("second", "opens"), [("2024-06-28", True), ("2024-06-29", True), ("2024-06-30", False)])
def test_another_at_89_and_90_days_opens_and_at_91_does_not(second: str, opens: bool) -> None:
    # 31 March to 28, 29 and 30 June: 89, 90 and 91 days.
    child = missed(missed(Child(), "2024-03-31", "clinic"), second, "audiology")
    assert openings(child, "P1", UNTIL) == ([(second, "open")] if opens else [])


def test_one_alone_opens_nothing_without_concern() -> None:
    assert openings(missed(Child(), "2024-04-10"), "P1", UNTIL) == []


def test_one_that_becomes_known_late_opens_on_the_day_it_is_known() -> None:
    child = missed(missed(Child(), "2024-04-10", "clinic"), "2024-05-10", "audiology", late=12)
    assert openings(child, "P1", UNTIL) == [("2024-05-22", "open")]


def test_it_says_whom_and_how_often() -> None:
    child = missed(missed(Child(), "2024-04-10", "clinic"), "2024-05-10", "audiology")
    found = the(child, "P1", "2024-05-10")
    assert found.says == (
        "audiology did not see the child on 10 May 2024; 2 appointments missed in 30 days. "
        "See the child, and ask what got in the way."
    )
    assert [o.deadline.isoformat() for o in found.obligations] == ["2024-05-11", "2024-05-11"]


def test_a_service_that_is_named_by_an_adjective_is_a_team_that_did_not_see() -> None:
    child = missed(missed(Child(), "2024-04-10", "dietetic"), "2024-05-10", "paediatric")
    assert the(child, "P1", "2024-05-10").says.startswith("the paediatric team did not see the child on 10 May 2024")


# --- (c): the same service with nobody between ---------------------------------------------------


@pytest.mark.parametrize(
    ("between", "opens"),
    [
        ({}, True),
        ({"service": "clinic"}, False),
        ({"service": " CLINIC "}, False),
        ({"service": "audiology"}, True),
        # One without a service does not break the run.
        ({"service": None}, True),
        ({"service": "clinic", "face_to_face": False}, True),
    ],
)
def test_two_running_at_one_service_far_apart(between: dict[str, Any], opens: bool) -> None:
    child = missed(Child(), "2024-02-10", "clinic")
    if between:
        child.contact("2024-05-01", **between)
    missed(child, "2024-08-10", "Clinic")
    assert openings(child, "P1", UNTIL) == ([("2024-08-10", "open")] if opens else [])


def test_two_far_apart_at_two_services_open_nothing() -> None:
    assert openings(missed(missed(Child(), "2024-02-10"), "2024-08-10", "audiology"), "P1", UNTIL) == []


# --- (a): concern and protection ------------------------------------------------------------------


def test_in_t2_one_is_enough_from_the_day_it_began_to_be_known() -> None:
    # T2 from day 60 (15 March 2024).
    child = in_t2()
    assert child.review("2024-03-15").tier == "T2" and child.review("2024-03-14").tier == "T0"
    assert openings(missed(child.copy(), "2024-03-14"), "P1", "2024-04-30") == []
    assert openings(missed(child.copy(), "2024-03-15"), "P1", "2024-04-30") == [("2024-03-15", "open")]
    # What happened before and is known since counts, unless the child was seen since: weighed on 15 March.
    assert openings(missed(child.copy(), "2024-03-10", late=6), "P1", "2024-04-30") == []
    assert openings(missed(child.copy(), "2024-03-15", late=6), "P1", "2024-04-30") == [("2024-03-21", "open")]


def test_a_child_that_was_seen_since_need_not_be_seen_again() -> None:
    # Section 0: what is done on the day on which it would have fired is done, and no finding opens.  Missed on
    # 4 March, weighed on 7 March: the plan of 21 March would open P1, and its deed was done before.
    child = missed(Child(), "2024-03-04").weigh(5.2, "2024-03-07")
    child.add("protection_plan", "2024-03-21", state="began")
    assert openings(child, "P1", UNTIL) == closings(child, "P1", UNTIL) == []
    # Nor does it wait, open, for a day on which anything happens.
    assert_every_day(child, "2024-05-01")
    # The next one opens it, by itself.
    missed(child, "2024-04-02", "audiology")
    assert openings(child, "P1", UNTIL) == [("2024-04-02", "open")]
    # On the day of the appointment it is not known who came first.
    child = missed(Child(), "2024-03-07").weigh(5.2, "2024-03-07").add("protection_plan", "2024-03-21", state="began")
    assert openings(child, "P1", UNTIL) == [("2024-03-21", "open")]


def test_two_that_become_known_when_the_child_was_seen_open_nothing() -> None:
    child = missed(missed(Child(), "2024-04-10"), "2024-05-10", "audiology", late=12).contact("2024-05-15")
    assert openings(child, "P1", UNTIL) == []
    # Seen only before the later of them: it opens.
    child = missed(missed(Child(), "2024-04-10"), "2024-05-10", "audiology", late=12).contact("2024-05-09")
    assert openings(child, "P1", UNTIL) == [("2024-05-22", "open")]


@pytest.mark.parametrize(("day", "opens"), [("2024-03-05", False), ("2024-03-06", True), ("2024-06-10", True)])
def test_a_protection_plan_looks_back_ninety_days(day: str, opens: bool) -> None:
    # The plan of 4 June 2024 is 90 days after 6 March and 91 after 5 March.
    child = missed(Child(), day).add("protection_plan", "2024-06-04", state="began")
    assert openings(child, "P1", UNTIL) == ([(max(day, "2024-06-04"), "open")] if opens else [])


# --- what does not count ---------------------------------------------------------------------------


def two(**fields: Any) -> Child:
    return missed(missed(Child(), "2024-04-01", "audiology"), "2024-04-10", "clinic", **fields)


def test_cancelled_by_the_service_does_not_count() -> None:
    assert openings(two(kind="cancelled_by_service"), "P1", UNTIL) == []
    for kind in ("not_brought", "refused", "no_access", "cancelled"):
        assert openings(two(kind=kind), "P1", UNTIL) == [("2024-04-10", "open")], kind


@pytest.mark.parametrize(
    ("day", "counts"), [("2024-04-07", True), ("2024-04-08", False), ("2024-04-10", False), ("2024-04-11", True)]
)
def test_one_on_a_day_in_hospital_does_not_count(day: str, counts: bool) -> None:
    child = missed(Child(), "2024-04-01", "audiology")
    missed(child, day, "clinic")
    child.add("admission", "2024-04-08").add("discharged", "2024-04-10")
    opened = openings(child, "P1", UNTIL)
    assert bool(opened) is counts


@pytest.mark.parametrize(("to", "opens"), [("2024-05-08", "2024-05-09"), ("2024-05-09", "2024-04-10")])
def test_one_moved_by_up_to_28_days_counts_the_day_after_if_it_was_not_kept(to: str, opens: str) -> None:
    # 10 April to 8 May are 28 days; 29 days ahead it counts at once.
    child = two(kind="cancelled", moved_to=dt.date.fromisoformat(to))
    assert openings(child, "P1", UNTIL) == [(opens, "open")]


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"service": "clinic"}, True),
        ({"service": "audiology"}, False),
        ({"service": "clinic", "face_to_face": False}, False),
    ],
)
def test_one_moved_and_kept_does_not_count(fields: dict[str, Any], kept: bool) -> None:
    child = two(kind="cancelled", moved_to=dt.date(2024, 4, 24)).contact("2024-04-24", **fields)
    assert openings(child, "P1", UNTIL) == ([] if kept else [("2024-04-25", "open")])


def test_of_a_kind_of_service_its_own_people_show_that_it_was_kept() -> None:
    child = two(kind="cancelled", moved_to=dt.date(2024, 4, 24), service_kind="gp").examined("2024-04-20", role="gp")
    assert openings(child, "P1", UNTIL) == []
    child = two(kind="cancelled", moved_to=dt.date(2024, 4, 24), service_kind="gp")
    assert openings(child.examined("2024-04-20", role="paediatrician"), "P1", UNTIL) == [("2024-04-25", "open")]


def test_a_second_move_running_counts_at_once_and_the_first_no_longer() -> None:
    child = missed(Child(), "2024-04-10", kind="cancelled", moved_to=dt.date(2024, 4, 24))
    missed(child, "2024-04-24", kind="cancelled", moved_to=dt.date(2024, 5, 8))
    assert openings(child, "P1", UNTIL) == []  # one alone
    child = missed(Child(), "2024-04-01", "audiology")
    missed(child, "2024-04-10", kind="cancelled", moved_to=dt.date(2024, 4, 24))
    missed(child, "2024-04-24", kind="cancelled", moved_to=dt.date(2024, 5, 8))
    assert openings(child, "P1", UNTIL) == [("2024-04-24", "open")]
    assert "2 appointments missed in 23 days" in the(child, "P1", "2024-04-24").says


@pytest.mark.parametrize(("seen", "closes"), [("2024-05-08", True), ("2024-05-09", False)])
def test_one_cancelled_without_a_day_counts_until_the_service_sees_the_child_in_28_days(
    seen: str, closes: bool
) -> None:
    # It counts at once.  Seen by the service on day 28 it counts no more; whoever sees the child closes what is open.
    child = missed(Child(), "2024-04-10", "clinic", kind="cancelled").contact(seen, service="clinic")
    missed(child, "2024-06-01", "audiology")
    assert openings(child, "P1", UNTIL) == ([] if closes else [("2024-06-01", "open")])


# --- renewing and closing ---------------------------------------------------------------------------


def test_each_further_one_renews_the_deadline_and_the_first_stays() -> None:
    child = missed(two(), "2024-04-12")
    found = the(child, "P1", "2024-04-12")
    assert {o.deadline.isoformat() for o in found.obligations} == {"2024-04-11", "2024-04-13"}
    assert openings(child, "P1", UNTIL) == [("2024-04-10", "open")]


@pytest.mark.parametrize(
    "seen",
    [
        lambda c: c.contact("2024-04-12", id="seen"),
        lambda c: c.weigh(5.0, "2024-04-12", id="seen"),
        lambda c: c.examined("2024-04-12", id="seen"),
        lambda c: c.add("admission", "2024-04-12", id="seen"),
    ],
)
def test_whoever_sees_the_child_closes_it(seen: Any) -> None:
    assert closings(seen(two()), "P1", UNTIL) == [("2024-04-12", "seen")]


def test_a_call_does_not_close_it_nor_a_visit_before_the_last() -> None:
    child = two().contact("2024-04-12", face_to_face=False).contact("2024-04-09", late=4)
    assert closings(child, "P1", UNTIL) == []


@pytest.mark.parametrize(
    ("missed_at", "seen_at", "closes"),
    [
        (dt.time(10), dt.time(10, 1), True),
        (dt.time(10), dt.time(10), False),
        (None, dt.time(15), False),
        (dt.time(10), None, False),
    ],
)
def test_on_the_same_day_only_with_a_later_time(
    missed_at: dt.time | None, seen_at: dt.time | None, closes: bool
) -> None:
    child = two(time=missed_at).contact("2024-04-10", time=seen_at)
    assert bool(the_open(child)) is not closes


def the_open(child: Child) -> list[str]:
    return [f.key for f in child.review("2024-04-11").findings if f.rule == "P1"]


def test_it_opens_anew_only_on_one_that_no_finding_rested_on() -> None:
    child = two().contact("2024-04-12", id="seen", service="audiology")
    assert openings(child, "P1", UNTIL) == [("2024-04-10", "open")]
    missed(child, "2024-05-10", "audiology")
    assert openings(child, "P1", UNTIL) == [("2024-04-10", "open"), ("2024-05-10", "open")]
    assert the(child, "P1", "2024-05-10").key == "P1@seen"


@pytest.mark.parametrize(("service_kind", "relevant"), [("other", False), ("gp", True), (None, True)])
def test_only_one_of_a_service_that_bears_on_growth_leads_to_social_care(
    service_kind: str | None, relevant: bool
) -> None:
    child = missed(Child(), "2024-04-01", "audiology", service_kind="other")
    missed(child, "2024-04-10", "clinic", service_kind=service_kind)
    child.sign("sunken_eyes", "2024-04-10")
    found = the(child, "H1", "2024-04-10")
    rungs = {o.id.split("#")[1].split(".")[1] for o in found.obligations}
    assert any(r.startswith("E4") for r in rungs) is relevant, rungs


# --- promises ---------------------------------------------------------------------------------------


# --- one appointment, entered by two teams ---------------------------------------------------------


def test_two_entries_of_one_appointment_open_nothing_and_give_one_point() -> None:
    child = missed(missed(Child(), "2024-04-10"), "2024-04-10", late=3)
    assert openings(child, "P1", UNTIL) == []
    assert [p.number for p in child.review("2024-04-20").points if p.what == "missed"] == [1]


def test_a_late_entry_of_one_that_is_known_renews_nothing() -> None:
    child = missed(missed(Child(), "2024-04-10"), "2024-05-10", "audiology")
    before = the(child, "P1", "2024-05-15")
    missed(child, "2024-05-10", "Audiology", late=4)
    assert openings(child, "P1", UNTIL) == [("2024-05-10", "open")]
    found = the(child, "P1", "2024-05-15")
    assert "2 appointments missed in 30 days" in found.says
    assert found.obligations == before.obligations


def test_where_one_entry_was_an_error_the_other_stands() -> None:
    child = missed(missed(Child(), "2024-04-10"), "2024-05-10", "audiology", id="ours")
    missed(child, "2024-05-10", "audiology", id="theirs")
    child.add("entered_in_error", "2024-05-20", target="ours", reason="entered twice")
    found = the(child, "P1", "2024-05-25")
    assert found.opened_on.isoformat() == "2024-05-10" and "2 appointments missed" in found.says
    child.add("entered_in_error", "2024-06-01", target="theirs", reason="another child")
    assert "P1" not in child.levels("2024-06-02")


def test_an_entry_that_comes_once_the_child_was_seen_opens_nothing() -> None:
    child = missed(missed(Child(), "2024-04-10"), "2024-05-10", "audiology").contact("2024-05-13")
    missed(child, "2024-05-10", "audiology", late=10)
    assert openings(child, "P1", UNTIL) == [("2024-05-10", "open")]


def many() -> list[tuple[Child, str]]:
    moved = two(kind="cancelled", moved_to=dt.date(2024, 5, 8))
    return [
        (two(), "2024-04-11"),
        (moved, "2024-05-10"),
        (two(late=9), "2024-04-20"),
        (missed(missed(Child(), "2024-02-10"), "2024-08-10"), "2024-08-10"),
        (missed(Child(), "2024-03-06").add("protection_plan", "2024-06-04", state="began"), "2024-06-05"),
        (missed(in_t2(), "2024-03-15"), "2024-03-16"),
        (missed(two(), "2024-04-12"), "2024-04-13"),
    ]


@pytest.mark.parametrize("n", range(len(many())))
def test_every_day_gives_the_same_and_so_does_its_witness_alone(n: int) -> None:
    child, day = many()[n]
    assert_every_day(child, "2024-09-30")
    assert_alone(child, "P1", day)


def test_in_t2_by_time_alone_what_was_known_before_opens_nothing() -> None:
    # "T2 ... and the event known since that began".  Born on 15 January: 84 days after the best of day 185 the clock
    # is red, and nobody has seen the child between.
    child = Child(birth_kg=3.0).weigh(8.0, 185).weigh(8.0, 190)
    assert [child.review(day).tier for day in (268, 269)] == ["T0", "T2"]
    began = child.date(269).isoformat()
    assert openings(missed(child.copy(), child.date(266).isoformat()), "P1", "2024-12-01") == []
    assert openings(missed(child.copy(), began), "P1", "2024-12-01") == [(began, "open")]
