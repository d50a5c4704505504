"""Who owns the child on a day: leads, those who stand in, and hand-overs.

Source: process specification, section 7.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import Child, folded

from growthwatch.protocol.child.offices import Offices, Owner


def offices(child: Child, day: str = "2024-12-31") -> Offices:
    return folded(child.record, dt.date.fromisoformat(day)).state.child.offices


def owner(child: Child, day: str, known: str = "2024-12-31") -> Owner:
    return offices(child, known).owner(dt.date.fromisoformat(day).toordinal())


def who(child: Child, day: str) -> tuple[str | None, str]:
    found = owner(child, day)
    return found.name, found.standing


def named(child: Child, day: str, name: str = "Ann", **fields: Any) -> Child:
    return child.add("lead_named", day, name=name, **{"lead_role": "health_visitor"} | fields)


def away(child: Child, since: str, until: str | None = None, **fields: Any) -> Child:
    days = {"from": dt.date.fromisoformat(since), "until": until and dt.date.fromisoformat(until)}
    return child.add("lead_away", fields.pop("day", since), **days | fields)


def sent(child: Child, day: str, id: str = "sent", **fields: Any) -> Child:
    whole = {"sender": "North", "recipient": "South", "items": ["schedule", "open_findings", "risks"]}
    return child.add("handover_sent", day, id=id, **whole | fields)


def accepted(child: Child, day: str, **fields: Any) -> Child:
    return child.add("handover_accepted", day, **{"by": "South", "handover": "sent"} | fields)


# --- leads ----------------------------------------------------------------------------------------


def test_read_at_the_end_of_the_day_one_who_is_named_stands_and_one_who_left_is_gone() -> None:
    child = named(Child(), "2024-02-01").add("lead_left", "2024-03-01")
    assert who(child, "2024-01-31") == (None, "team_lead")
    assert who(child, "2024-02-01") == ("Ann", "lead")
    assert who(child, "2024-02-29") == ("Ann", "lead")
    assert who(child, "2024-03-01") == (None, "team_lead")


def test_of_two_leads_the_earlier_owns_the_child_and_is_the_one_who_leaves() -> None:
    child = named(named(Child(), "2024-02-01"), "2024-02-10", "Bea")
    assert who(child, "2024-02-10") == ("Ann", "lead")
    assert who(child.copy().add("lead_left", "2024-03-01"), "2024-03-01") == ("Bea", "lead")
    assert who(child.copy().add("lead_left", "2024-03-01", name="bea "), "2024-03-01") == ("Ann", "lead")


def test_one_named_again_keeps_the_place_and_has_the_new_deputy() -> None:
    child = named(named(Child(), "2024-02-01"), "2024-02-10", "Bea")
    named(child, "2024-02-20", "ANN", deputy="Dan")
    away(child, "2024-03-01")
    assert [x.name for x in offices(child).leads(dt.date(2024, 3, 1).toordinal())] == ["ANN", "Bea"]
    assert who(child, "2024-03-01") == ("Dan", "deputy")


def test_one_that_replaces_another_ends_it() -> None:
    child = named(named(Child(), "2024-02-01", id="ann"), "2024-02-10", "Bea", replaces="ann")
    assert [x.name for x in offices(child).leads(dt.date(2024, 2, 10).toordinal())] == ["Bea"]
    assert who(child, "2024-02-09") == ("Ann", "lead")


def test_a_correction_of_a_naming_that_was_replaced_is_replaced_too() -> None:
    child = named(Child(), "2024-02-01", "Anne", id="wrong")
    named(child, "2024-02-01", "Ann", id="right", corrects="wrong", late=3)
    named(child, "2024-02-10", "Bea", replaces="wrong")
    assert [x.name for x in offices(child).leads(dt.date(2024, 2, 10).toordinal())] == ["Bea"]


# --- absence --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lead", "cover", "owns"),
    [
        ({}, {"cover": "Gus", "cover_role": "school_nurse"}, ("Gus", "school_nurse", "cover")),
        ({}, {"cover": "Gus"}, ("Gus", "health_visitor", "cover")),
        ({"deputy": "Dan"}, {"cover": "Gus"}, ("Gus", "health_visitor", "cover")),
        ({"deputy": "Dan", "deputy_role": "community_nurse"}, {}, ("Dan", "community_nurse", "deputy")),
        ({}, {}, (None, "team_lead", "team_lead")),
    ],
)
def test_away_the_cover_then_the_deputy_then_the_team_lead(
    lead: dict[str, str], cover: dict[str, str], owns: tuple[str, str, str]
) -> None:
    child = away(named(Child(), "2024-02-01", **lead), "2024-03-01", "2024-03-10", **cover)
    for day, there in (("2024-02-29", False), ("2024-03-01", True), ("2024-03-10", True), ("2024-03-11", False)):
        found = owner(child, day)
        expected = owns if there else ("Ann", "health_visitor", "lead")
        assert (found.name, found.role, found.standing) == expected, day


def test_away_without_an_end_until_another_is_named() -> None:
    child = away(named(Child(), "2024-02-01"), "2024-03-01", cover="Gus")
    assert who(child, "2024-12-01") == ("Gus", "cover")
    named(child.add("lead_left", "2024-06-01"), "2024-06-01", "Bea")
    assert who(child, "2024-06-01") == ("Bea", "lead")


def test_of_several_absences_the_latest_recorded_counts() -> None:
    child = away(named(Child(), "2024-02-01"), "2024-03-01", "2024-03-20", cover="Gus")
    away(child, "2024-03-05", "2024-03-08", cover="Hal")
    assert [who(child, f"2024-03-{d:02}")[0] for d in (4, 5, 8, 9, 20, 21)] == [
        "Gus",
        "Hal",
        "Hal",
        "Gus",
        "Gus",
        "Ann",
    ]


def test_an_absence_told_ahead_begins_on_its_day() -> None:
    child = away(named(Child(), "2024-02-01"), "2024-03-01", cover="Gus", day="2024-02-10")
    assert who(child, "2024-02-29") == ("Ann", "lead")
    assert who(child, "2024-03-01") == ("Gus", "cover")


# --- hand-over ------------------------------------------------------------------------------------


def test_until_acceptance_the_sender_keeps_the_child_and_then_the_new_lead_has_it() -> None:
    child = sent(named(Child(), "2024-02-01"), "2024-03-01")
    accepted(child, "2024-03-06", lead="Sue", lead_role="school_nurse")
    assert who(child, "2024-03-05") == ("Ann", "lead")
    found = owner(child, "2024-03-06")
    assert (found.name, found.role, found.standing) == ("Sue", "school_nurse", "lead")


def test_the_sender_keeps_it_even_when_their_lead_has_left() -> None:
    child = sent(named(Child(), "2024-02-01"), "2024-03-01").add("lead_left", "2024-03-02")
    assert owner(child, "2024-03-05").of == "North"


def test_accepted_without_a_lead_it_is_the_recipients_team_leads() -> None:
    child = accepted(sent(named(Child(), "2024-02-01"), "2024-03-01"), "2024-03-06")
    found = owner(child, "2024-03-06")
    assert (found.name, found.standing, found.of) == (None, "team_lead", "South")


@pytest.mark.parametrize("by", ["North", " north"])
def test_the_sender_cannot_accept_its_own(by: str) -> None:
    child = accepted(sent(named(Child(), "2024-02-01"), "2024-03-01"), "2024-03-06", by=by, lead="Sue")
    assert who(child, "2024-03-06") == ("Ann", "lead")
    assert offices(child).handovers["sent"].accepted_by is None


def test_a_lead_named_since_stays_and_another_of_the_acceptance_is_a_second() -> None:
    child = sent(named(Child(), "2024-02-01"), "2024-03-01")
    named(child, "2024-03-04", "Bea", replaces=child.events[-2]["id"])
    day = dt.date(2024, 3, 6).toordinal()
    assert [x.name for x in offices(accepted(child.copy(), "2024-03-06")).leads(day)] == ["Bea"]
    assert [x.name for x in offices(accepted(child.copy(), "2024-03-06", lead="bea")).leads(day)] == ["Bea"]
    both = offices(accepted(child.copy(), "2024-03-06", lead="Sue"))
    assert [x.name for x in both.leads(day)] == ["Bea", "Sue"]


def test_an_acceptance_without_an_id_is_of_the_last_that_waits() -> None:
    child = sent(named(Child(), "2024-02-01"), "2024-03-01")
    accepted(child, "2024-03-06", handover=None, lead="Sue", id="yes")
    assert offices(child).handovers["sent"].accepted_by == "yes"
    assert who(child, "2024-03-06") == ("Sue", "lead")


def test_an_acceptance_that_is_known_before_its_hand_over_counts_when_that_is_known() -> None:
    child = accepted(named(Child(), "2024-02-01"), "2024-03-06", lead="Sue")
    sent(child, "2024-03-01", late=9)
    assert owner(child, "2024-03-09", known="2024-03-09").name == "Ann"
    assert owner(child, "2024-03-10", known="2024-03-10").name == "Sue"


def test_an_acceptance_of_another_hand_over_changes_nothing() -> None:
    child = accepted(sent(named(Child(), "2024-02-01"), "2024-03-01"), "2024-03-06", handover="nothing", lead="Sue")
    assert who(child, "2024-03-06") == ("Ann", "lead")


@pytest.mark.parametrize(
    ("fields", "lacks"),
    [
        ({"items": ["schedule", "open_findings", "risks"]}, ()),
        ({"items": ["schedule", "risks", "lead", "plan"]}, ("open_findings",)),
        ({"items": []}, ("schedule", "open_findings", "risks")),
        ({"items": [], "contains": ["all"]}, ()),
        ({"items": [], "missing": ["the plan"]}, ("the plan",)),
        ({"items": [], "contains": ["weights"], "missing": ["risks"]}, ("risks",)),
    ],
)
def test_what_a_hand_over_lacks(fields: dict[str, Any], lacks: tuple[str, ...]) -> None:
    assert offices(sent(Child(), "2024-03-01", **fields)).handovers["sent"].lacks == lacks


def test_a_whole_one_completes_another_and_one_that_lacks_something_does_not() -> None:
    child = sent(Child(), "2024-03-01", items=["schedule"])
    assert offices(sent(child.copy(), "2024-03-04", "more", completes="sent")).handovers["sent"].completed_by == "more"
    half = offices(sent(child.copy(), "2024-03-04", "more", completes="sent", items=["schedule", "risks"]))
    assert half.handovers["sent"].completed_by is None


def test_every_day_has_exactly_one_owner() -> None:
    child = away(named(Child(), "2024-02-01"), "2024-03-01", "2024-03-05")
    accepted(sent(child, "2024-03-10"), "2024-03-15")
    named(child, "2024-03-20", "Sue")
    found = [owner(child, (dt.date(2024, 1, 20) + dt.timedelta(days=n)).isoformat()) for n in range(0, 90, 3)]
    assert all((o.name is None) == (o.standing == "team_lead") for o in found)


# --- asked again ----------------------------------------------------------------------------------


def test_who_owns_the_child_is_asked_anew_when_more_is_known() -> None:
    child = named(Child(), "2024-02-01")
    ledger, day = offices(child, "2024-02-20"), dt.date(2024, 3, 15).toordinal()
    assert ledger.owner(day).name == "Ann"
    fork = ledger.fork()
    away(child, "2024-03-10", "2024-03-20", cover="Cy", day="2024-03-01")
    gone = next(e for e in child.record if e.type == "lead_away")
    fork.take(dt.date(2024, 3, 1).toordinal(), gone)
    assert (fork.owner(day).name, fork.owner(day).standing) == ("Cy", "cover")
    assert ledger.owner(day).name == "Ann", "what a fork learns is its own"
    child.add("lead_left", "2024-03-05")
    left = next(e for e in child.record if e.type == "lead_left")
    ledger.take(dt.date(2024, 3, 5).toordinal(), left)
    assert (ledger.owner(day).name, ledger.owner(day).standing) == (None, "team_lead")
