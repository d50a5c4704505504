"""The next day on which the answer changes, by hand: what `changes_on` names, and the day before it.

Source: specification of the protocol, section 1 (due, overdue, lapsed) and table 2b; a deadline is late from the day
after it (process specification, section 0).  The children are born on 15 January 2024; days are ages.
"""

from __future__ import annotations

import pytest
from builders import Child


def changes(child: Child, day: int) -> int | None:
    return child.age(child.review(day).changes_on)


@pytest.mark.parametrize(
    ("day", "next_day"),
    [
        # Floor 28 days, last weight on day 200: due on 228 (a reminder, no answer), 3 days of grace, overdue on 232.
        (201, 232),
        (228, 232),
        (231, 232),
        # Weigh within 2 days of day 232: late on 235; lapsed on 256 (twice the floor).
        (232, 235),
        (234, 235),
        (235, 256),
        # The team lead has 2 days: late on 259.  Then nothing more comes by itself.
        (256, 259),
        (258, 259),
        (259, None),
    ],
)
def test_an_overdue_weight(day: int, next_day: int | None) -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [4, 12, 19, 40, 68, 96, 124, 152, 180, 200])
    assert changes(child, day) == next_day


@pytest.mark.parametrize(
    ("day", "next_day"),
    [
        # No new best since day 200 (6 to 9 months: 56 and 84 days), a weight after it: amber on day 256.
        (230, 256),
        (255, 256),
        # Weigh again within 7 days: late on 264.  The weight that was asked for has 3 days of grace: overdue on 267,
        # lapsed 7 days after that grace, on 273; those who are then to act have 2 days each.
        (256, 264),
        (263, 264),
        (264, 267),
        (267, 270),
        (270, 273),
        # From 9 months, day 274, it asks for 84 and 112 days: for ten days what is open is no longer met.
        (273, 274),
        (274, 276),
        (276, 284),
        (284, 312),
        (311, 312),
    ],
)
def test_a_clock(day: int, next_day: int) -> None:
    child = Child().steady(0, [4, 12, 50, 150]).weigh(7.5, 200).weigh(7.4, 230)
    assert child.levels(230) == {}
    assert changes(child, day) == next_day


@pytest.mark.parametrize(("day", "next_day"), [(302, 315), (314, 315), (315, None)])
def test_signs_that_no_rule_asks_about_are_told_for_two_weeks(day: int, next_day: int | None) -> None:
    # Poor intake of a child of T0 over 6 months opens nothing; the note stands for 14 days.
    child = Child().steady(0, [4, 12, 50, 300]).sign("poor_intake", 300, late=2)
    assert any("No examination is recorded since" in n for n in child.review(day).notes) is (next_day is not None)
    assert changes(child, day) == next_day
