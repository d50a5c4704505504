"""Deadlines in calendar days and in working days, and the most urgent one of a day."""

from __future__ import annotations

import datetime as dt

import pytest
from builders import Child
from losing import found


def by(child: Child, day: int) -> list[str]:
    """By when the dietetic review is to be asked for, and answered."""
    return [o.deadline.isoformat() for o in found(child.review(day), "G14b").obligations]


@pytest.mark.parametrize(
    ("born", "opened", "asked", "due"),
    [
        # Asked in two days of the calendar; answered ten working days from Thursday 19 September 2024: Thursday 3 October.
        ("2023-11-24", "2024-09-19", "2024-09-21", "2024-10-03"),
        # Over Christmas: from Monday 16 December 2024, with 25, 26 December and 1 January: Wednesday 1 January is none.
        ("2024-02-20", "2024-12-16", "2024-12-18", "2025-01-02"),
        # A Saturday and a Sunday count from Monday 23 September, which is day 0.
        ("2023-11-26", "2024-09-21", "2024-09-23", "2024-10-07"),
        ("2023-11-27", "2024-09-22", "2024-09-24", "2024-10-07"),
    ],
)
def test_ten_working_days_in_england(born: str, opened: str, asked: str, due: str) -> None:
    # G13 by a table alone or steady asks for ten working days; so does G14b (tube-fed, risen by more than 2 spaces).
    child = Child(born).condition("tube_feeding", 20)
    day = (dt.date.fromisoformat(opened) - child.birthday).days
    child.at_z(-1.0, day - 100).at_z(0.6, day)
    assert by(child, day) == [asked, due]


@pytest.mark.parametrize(
    ("opened", "asked", "due"),
    [
        # Beyond the years of the calendar weekends alone are not worked: from Monday 8 January 2080 two weeks on.
        ("2080-01-08", "2080-01-10", "2080-01-22"),
        ("2080-01-12", "2080-01-14", "2080-01-26"),
        ("2080-01-13", "2080-01-15", "2080-01-29"),
        ("2080-01-14", "2080-01-16", "2080-01-29"),
        ("2080-01-15", "2080-01-17", "2080-01-29"),
    ],
)
def test_beyond_the_calendar_weekends_alone_are_not_worked(opened: str, asked: str, due: str) -> None:
    on = dt.date.fromisoformat(opened)
    assert on.weekday() in (0, 4, 5, 6)
    child = Child(on - dt.timedelta(days=300)).condition("tube_feeding", 20).at_z(-1.0, 200).at_z(0.6, 300)
    assert by(child, 300) == [asked, due]


def deadlines(child: Child, until: int) -> dict[int, int | None]:
    return {(c.on - child.birthday).days: child.age(c.deadline) for c in child.changes(until)}


def test_the_most_urgent_deadline_newly_set_on_a_day() -> None:
    # G4 on day 200: two days.  H1 on day 210: today.  Its answer sets none.
    child = Child(birth_kg=None).at_z(-2.2, 200).sign("sunken_eyes", 210)
    child.examined(211, role="gp", danger_signs="none", actor="another")
    found = deadlines(child, 211)
    assert (found[200], found[210], found[211]) == (202, 210, None)


def test_of_two_on_one_day_the_sooner() -> None:
    child = Child(birth_kg=None).at_z(-2.2, 200).sign("sunken_eyes", 200)
    assert deadlines(child, 200)[200] == 200
    # -2.75 after -2.5: G5 falling (today) and G4 (two days).
    low = Child(birth_kg=None).at_z(-1.9, 170).at_z(-2.75, 200)
    assert deadlines(low, 200)[200] == 200


def test_a_finding_that_grows_graver_sets_those_of_its_graver_level() -> None:
    # No new best since day 185 (6 to 9 months): amber on day 241, a week to weigh; red on day 269, paediatrics by the
    # next day.
    child = Child().steady(0, [4, 12, 50, 150]).weigh(7.5, 185).weigh(7.4, 230)
    assert child.opened("G9", 269) == [(241, "amber"), (269, "red")]
    made = deadlines(child, 269)
    assert (made[241], made[269]) == (248, 270)


def test_a_finding_that_can_wait_longer_sets_those_of_its_calmer_level() -> None:
    # G13 on Sunday 10 November 2024: today.  Steady on Tuesday 10 December: ten working days, with 25 and 26 December
    # and no weekend: Tuesday 24 December.
    child = Child(birth_kg=None).at_z(-3.1, 300).at_z(-3.1, 330)
    (opened, *_), (eased,) = child.changes(300), [c for c in child.changes(330) if c.eased]
    assert [c.deadline for c in child.changes(330) if c.on == child.date(300)] == [child.date(300)]
    assert eased.on == child.date(330)
    (g13,) = [f for f in child.review(330).findings if f.rule == "G13"]
    assert {o.deadline for o in g13.obligations if "#steady." in o.id} == {dt.date(2024, 12, 24)}
    # Of all that is newly set on that day the managers' is the first: two working days after the team lead's.
    assert eased.deadline == dt.date(2024, 12, 12)
    assert opened.on <= child.date(300)
