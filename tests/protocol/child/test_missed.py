"""Which appointments count as missed on a day, dated and known from which, and who has seen the child since.

Source: process specification, section 3, P1.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import Child, folded

from growthwatch.protocol.child.missed import Counted, Missed


def ledger(child: Child, day: str) -> Missed:
    return folded(child.record, dt.date.fromisoformat(day)).state.child.missed


def counted(child: Child, day: str) -> list[tuple[str, str]]:
    """Ids and days of what counts at the end of a day."""
    on = dt.date.fromisoformat(day).toordinal()
    found: tuple[Counted, ...] = folded(child.record, dt.date.fromisoformat(day)).state.child.not_brought(on)
    return [(c.id, dt.date.fromordinal(c.day).isoformat()) for c in found]


def missed(child: Child, day: str, id: str = "one", service: str = "clinic", **fields: Any) -> Child:
    return child.add("was_not_brought", day, service=service, id=id, **fields)


def cancelled(child: Child, day: str, to: str | None = None, id: str = "one", **fields: Any) -> Child:
    moved = None if to is None else dt.date.fromisoformat(to)
    return missed(child, day, id, kind="cancelled", moved_to=moved, **fields)


@pytest.mark.parametrize("kind", ["not_brought", "refused", "no_access"])
def test_each_counts_once_by_its_own_day_however_late_it_is_known(kind: str) -> None:
    child = missed(Child(), "2024-04-10", kind=kind, late=5)
    assert counted(child, "2024-04-14") == []
    assert counted(child, "2024-04-15") == [("one", "2024-04-10")]
    found = ledger(child, "2024-04-20").counted(dt.date(2024, 4, 20).toordinal(), lambda day: False)
    assert [c.known_day for c in found] == [dt.date(2024, 4, 15).toordinal()]


def test_one_moved_waits_for_the_end_of_its_new_day() -> None:
    child = cancelled(Child(), "2024-04-10", "2024-04-24")
    assert counted(child, "2024-04-24") == []
    # Not kept: it counts the day after, dated the day to which it was moved.
    assert counted(child, "2024-04-25") == [("one", "2024-04-24")]
    assert counted(child.copy().contact("2024-04-24", service="clinic"), "2024-04-25") == []
    assert counted(child.copy().contact("2024-04-25", service="clinic"), "2024-04-25") == [("one", "2024-04-24")]


@pytest.mark.parametrize(("to", "day"), [("2024-05-08", "2024-05-08"), ("2024-05-09", "2024-04-10")])
def test_28_days_ahead_and_29(to: str, day: str) -> None:
    assert counted(cancelled(Child(), "2024-04-10", to), "2024-06-01") == [("one", day)]


def test_a_second_move_running_counts_by_its_own_day_and_the_first_no_longer() -> None:
    child = cancelled(cancelled(Child(), "2024-04-10", "2024-04-24"), "2024-04-20", "2024-05-08", "two")
    assert counted(child, "2024-04-20") == [("two", "2024-04-20")]
    assert counted(child, "2024-05-09") == [("two", "2024-04-20")]


def test_a_move_at_another_service_is_no_second_one() -> None:
    child = cancelled(
        cancelled(Child(), "2024-04-10", "2024-04-24"), "2024-04-20", "2024-05-08", "two", service="audiology"
    )
    assert counted(child, "2024-05-09") == [("one", "2024-04-24"), ("two", "2024-05-08")]


def test_one_moved_and_then_not_brought_counts_once_by_the_later() -> None:
    child = missed(cancelled(Child(), "2024-04-10", "2024-04-24"), "2024-04-24", "two")
    assert counted(child, "2024-04-25") == [("two", "2024-04-24")]


@pytest.mark.parametrize(("seen", "counts"), [("2024-05-08", False), ("2024-05-09", True)])
def test_one_cancelled_counts_at_once_and_no_more_when_the_service_has_seen_the_child(seen: str, counts: bool) -> None:
    child = cancelled(Child(), "2024-04-10").contact(seen, service="clinic")
    assert counted(child, "2024-05-07") == [("one", "2024-04-10")]
    assert (counted(child, "2024-05-10") == [("one", "2024-04-10")]) is counts


def test_the_first_and_last_day_in_hospital_are_days_in_hospital() -> None:
    child = missed(
        missed(missed(missed(Child(), "2024-04-09"), "2024-04-10", "two"), "2024-04-12", "three"), "2024-04-13", "four"
    )
    child.add("admission", "2024-04-10").add("discharged", "2024-04-12")
    assert [id for id, _ in counted(child, "2024-04-20")] == ["one", "four"]


@pytest.mark.parametrize(
    ("kind", "role", "kept"),
    [
        ("health_visiting", "health_visitor", True),
        ("health_visiting", "gp", False),
        ("gp", "practice_nurse", True),
        ("paediatrics", "paediatrician", True),
        ("dietetics", "dietitian", True),
        ("speech_and_language", "speech_and_language_therapist", True),
        ("hospital", "emergency_department", True),
        ("hospital", "paediatrician", False),
        ("other", "gp", False),
        (None, "gp", False),
    ],
)
def test_by_the_kind_of_service_whose_examination_keeps_it(kind: str | None, role: str, kept: bool) -> None:
    child = cancelled(Child(), "2024-04-10", "2024-04-24", service_kind=kind).examined("2024-04-24", role=role)
    assert (counted(child, "2024-04-25") == []) is kept


def test_the_first_who_saw_the_child_after_it() -> None:
    child = missed(Child(), "2024-04-10", time=dt.time(10)).contact("2024-04-10", time=dt.time(9))
    child.contact("2024-04-12", id="later").contact("2024-04-11", id="first", late=2)
    on = dt.date(2024, 4, 20).toordinal()
    found = ledger(child, "2024-04-20")
    seen = found.after(found.counted(on, lambda day: False)[0])
    assert seen is not None and seen.id == "first"


def test_the_days_on_which_a_moved_one_will_count_are_told_ahead() -> None:
    child = cancelled(Child(), "2024-04-10", "2024-04-24")
    found = ledger(child, "2024-04-12")
    told = [dt.date.fromordinal(d).isoformat() for d in found.days(dt.date(2024, 4, 12).toordinal())]
    assert told == ["2024-04-25"]
    assert found.days(dt.date(2024, 4, 25).toordinal()) == ()


def test_one_in_error_counts_no_more() -> None:
    child = missed(Child(), "2024-04-10").add("entered_in_error", "2024-04-12", target="one", reason="another child")
    assert counted(child, "2024-04-11") == [("one", "2024-04-10")]
    assert counted(child, "2024-04-12") == []


# --- one appointment, entered twice ---------------------------------------------------------------
#
# Section 3, P1: an appointment "counts once, by `on`".  Section 0 of the protocol's specification takes contacts of one
# day and service, at times that are equal or missing, for one; of appointments it says nothing.  Two teams write one
# down in their own words and under their own names, so that only times tell two of one day and service apart.


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ({}, {}, 1),
        ({}, {"service": " Clinic "}, 1),
        ({}, {"kind": "no_access"}, 1),
        ({}, {"actor": "somebody else", "role": "gp"}, 1),
        ({"time": "10:00"}, {}, 1),
        ({"time": "10:00"}, {"time": "10:00"}, 1),
        ({"time": "10:00"}, {"time": "11:00"}, 2),
        ({}, {"service": "audiology"}, 2),
        ({}, {"day": "2024-04-11"}, 2),
    ],
)
def test_one_appointment_that_is_entered_twice_counts_once(
    first: dict[str, Any], second: dict[str, Any], count: int
) -> None:
    child = Child()
    for id, fields in (("one", first), ("two", second)):
        fields = {"day": "2024-04-10", "service": "clinic"} | fields
        if "time" in fields:
            fields["time"] = dt.time.fromisoformat(fields["time"])
        child.add("was_not_brought", fields.pop("day"), id=id, **fields)
        child.events[-1] |= {"actor": fields.get("actor", "a")}
    found = counted(child, "2024-05-01")
    assert len(found) == count and found[0][0] == "one"


def test_of_several_entries_without_a_time_two_times_leave_two() -> None:
    child = missed(Child(), "2024-04-10", "none")
    for n, time in enumerate((dt.time(10), dt.time(11), dt.time(10))):
        missed(child, "2024-04-10", f"n{n}", time=time)
    assert [id for id, _ in counted(child, "2024-05-01")] == ["n1", "none"]


def test_the_worse_account_of_one_appointment_counts() -> None:
    # One team writes that its service cancelled, the other that the child was not brought.
    child = missed(Child(), "2024-04-10", "ours", kind="cancelled_by_service")
    assert counted(child, "2024-05-01") == []
    assert counted(missed(child, "2024-04-10", "theirs"), "2024-05-01") == [("theirs", "2024-04-10")]


def test_it_bears_on_growth_where_one_of_its_entries_may() -> None:
    child = missed(Child(), "2024-04-10", "one", service_kind="other")
    missed(child, "2024-04-10", "two", service_kind="health_visiting")
    on = dt.date(2024, 5, 1)
    (found,) = folded(child.record, on).state.child.not_brought(on.toordinal())
    assert (found.id, found.copies, found.service_kind) == ("one", ("two",), None)


def test_one_move_that_is_entered_twice_is_no_second_move() -> None:
    # Moved to 24 April: it waits for that day, however often that is written down; a second move counts at once.
    child = cancelled(cancelled(Child(), "2024-04-10", "2024-04-24"), "2024-04-10", "2024-04-24", id="copy")
    assert counted(child, "2024-04-24") == []
    assert counted(child, "2024-04-25") == [("one", "2024-04-24")]
    kept = child.copy().contact("2024-04-24", service="clinic")
    assert counted(kept, "2024-05-10") == []
    cancelled(child, "2024-04-23", "2024-05-10", id="second")
    assert counted(child, "2024-04-23") == [("second", "2024-04-23")]
