"""P4, to the day: advice outside of hours that was written down late, or not at all.

Source: process specification, section 3, P4.  Monday 6 May 2024 is a holiday.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import Child
from processes import assert_alone, assert_every_day, closings, in_t2, openings, taken_on, the

UNTIL = "2024-06-30"


def reported(child: Child, late: int = 0, **fields: Any) -> Child:
    """Advice given on Friday 3 May 2024, and reported so many days later."""
    said = {
        "advice_on": dt.date(2024, 5, 3),
        "given_by": "Dr Night",
        "reported_by": "mother",
        "about": "give less milk",
    }
    on = dt.date(2024, 5, 3) + dt.timedelta(days=late)
    return child.add("advice_reported", on, id="report", **said | fields)


def written(child: Child, late: int, **fields: Any) -> Child:
    """The same advice, written down by who gave it."""
    call = {"face_to_face": False, "out_of_hours": True, "advice": "give less milk", "role": "out_of_hours_clinician"}
    return child.contact("2024-05-03", id="call", late=late, **call | fields)


@pytest.mark.parametrize(("late", "opens"), [(0, False), (4, False), (5, True), (9, True)])
def test_written_down_by_the_next_working_day_or_late(late: int, opens: bool) -> None:
    day = (dt.date(2024, 5, 3) + dt.timedelta(days=late)).isoformat()
    assert openings(written(Child(), late), "P4:call", UNTIL) == ([(day, "late")] if opens else [])


def test_a_call_in_hours_is_none_of_it() -> None:
    assert openings(written(Child(), 9, out_of_hours=False), "P4", UNTIL) == []


def test_the_lead_reads_it_in_one_working_day_and_closes_it() -> None:
    child = written(Child(), 5).add("lead_named", "2024-02-01", name="Ann", lead_role="health_visitor")
    found = the(child, "P4", "2024-05-08")
    assert found.says == (
        "Advice given outside hours on 3 May 2024 was written down on 8 May 2024: give less milk. "
        "Read it, and say what changes."
    )
    assert [o.deadline.isoformat() for o in found.obligations] == ["2024-05-09"]
    other = taken_on(child.copy(), "2024-05-09", "2024-05-20", "call", by="Bea", role="health_visitor")
    assert closings(other, "P4", UNTIL) == []
    lead = taken_on(child.copy(), "2024-05-09", "2024-05-20", "call", by="ann", id="read")
    assert closings(lead, "P4", UNTIL) == [("2024-05-09", "read")]


def test_reported_and_not_written_down_opens_the_day_after_the_limit() -> None:
    child = reported(Child())
    assert openings(child, "P4", UNTIL) == [("2024-05-08", "not written down")]
    assert (
        the(child, "P4", "2024-05-08").says
        == "Dr Night gave advice on 3 May 2024 that is not written down: give less milk."
    )
    # Reported after the limit, it opens on the day on which it is known.
    assert openings(reported(Child(), 9), "P4", UNTIL) == [("2024-05-12", "not written down")]
    assert openings(reported(Child(), 4), "P4", UNTIL) == [("2024-05-08", "not written down")]


@pytest.mark.parametrize("late", [4, 5])
def test_written_down_on_the_last_day_or_the_day_on_which_it_would_have_opened(late: int) -> None:
    child = written(reported(Child()), late)
    assert openings(child, "P4:report", UNTIL) == []
    assert openings(child, "P4:call", UNTIL) == ([("2024-05-08", "late")] if late == 5 else [])


def test_written_down_later_the_one_closes_and_the_other_speaks() -> None:
    child = written(reported(Child()), 7)
    assert closings(child, "P4:report", UNTIL) == [("2024-05-10", "call")]
    assert openings(child, "P4:call", UNTIL) == [("2024-05-10", "late")]


def test_a_call_of_another_day_does_not_write_it_down() -> None:
    child = reported(Child()).contact("2024-05-04", face_to_face=False, out_of_hours=True)
    assert openings(child, "P4:report", UNTIL) == [("2024-05-08", "not written down")]


def test_it_is_weekly_and_in_t2_daily() -> None:
    assert the(reported(Child()), "P4", "2024-05-08").loudness == "weekly"
    assert the(reported(in_t2()), "P4", "2024-05-08").loudness == "daily"


@pytest.mark.parametrize(
    ("child", "slot", "day"),
    [(written(Child(), 5), "P4:call", "2024-05-09"), (reported(Child()), "P4:report", "2024-05-09")],
)
def test_every_day_gives_the_same_and_so_does_its_witness_alone(child: Child, slot: str, day: str) -> None:
    assert_every_day(child, UNTIL)
    assert_every_day(taken_on(child.copy(), "2024-05-10", "2024-05-20", "call"), UNTIL)
    assert_alone(child, slot, day)
