"""The next day on which the answer changes, by hand: what `changes_on` names, and the day before it.

Source: specification of the protocol, section 1 (due, overdue, lapsed) and table 2b; a deadline is late from the day
after it (process specification, section 0), and the ladder takes its next step then (section 4).  The children are born on 15 January 2024; days are ages.
"""

from __future__ import annotations

import datetime as dt

import pytest
from builders import Child

from growthwatch.protocol.answers.review import answer


def changes(child: Child, day: int) -> int | None:
    return child.age(child.review(day).changes_on)


@pytest.mark.parametrize(
    ("day", "next_day"),
    [
        # Floor 28 days, last weight on day 200: due on 228 (a reminder, no answer), 3 days of grace, overdue on 232.
        (201, 232),
        (228, 232),
        (231, 232),
        # Weigh within 2 days of day 232: late on 235.  The team lead has the same 2 days once more: late on 238, Monday
        # 9 September 2024.  The managers have 2 working days, senior managers 5 from the end of those, the partnership
        # 10 from the end of these: Wednesday 11 (late on 241), 18 September (248), 2 October (262).
        (232, 235),
        (234, 235),
        (235, 238),
        (238, 241),
        (241, 248),
        # Lapsed on 256 (twice the floor): the team lead has 2 days, and 2 more: late on 259 and 262, Thursday
        # 3 October.  Managers by Monday 7 (late on 267), senior managers by 14 (274), the partnership by 28 October.
        (248, 256),
        (256, 259),
        (258, 259),
        (259, 262),
        (262, 267),
        (267, 274),
        (274, 288),
        # Then nothing more comes by itself before the carer is to be asked again: six calendar months after 16 July
        # 2024, the day after them.
        (288, 368),
    ],
)
def test_an_overdue_weight(day: int, next_day: int | None) -> None:
    child = Child().led(1).condition("tube_feeding", 1).steady(0, [4, 12, 19, 40, 68, 96, 124, 152, 180, 200])
    child.add("carer_asked", 183, history="asked", sleep="asked", support="asked", safety="asked")
    assert changes(child, day) == next_day


@pytest.mark.parametrize(
    ("day", "next_day"),
    [
        # No new best since day 200 (6 to 9 months: 56 and 84 days), a weight after it: amber on day 256.
        (230, 256),
        (255, 256),
        # Weigh again within 7 days: late on 264.  The team lead does it or asks in 2 days (late on 267), asks in 1 day
        # (late on 269, Thursday 10 October), then managers by Monday 14 (day 273).  The weight that was asked for has
        # 3 days of grace: overdue on 267, lapsed 7 days after that grace, on 273; those who are then to act have 2 days
        # each: late on 270, and the same once more, late on 273.
        (256, 264),
        (263, 264),
        (264, 267),
        (267, 269),
        (269, 270),
        (270, 273),
        # From 9 months, day 274, it asks for 84 and 112 days: for ten days what is open is no longer met.
        (273, 274),
        # Of S2 the managers come next, and the lapsed weight once more: all of it late on 276; the second time late on
        # 279, a Sunday: managers by Wednesday 23 (282).  Senior managers by 21 October for G9 (late on 281) and by 23
        # for S2 (late on 283); G9 is met again after 84 days, on 284.
        (274, 276),
        (276, 279),
        (279, 281),
        (281, 283),
        (283, 284),
        # Senior managers for the lapsed weight by 30 October (late on 290); the partnership by 4 November (late on 295),
        # 6 (297) and 13 (304).  Red after 112 days.
        (284, 290),
        (290, 295),
        (295, 297),
        (297, 304),
        (304, 312),
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


def test_a_birthday_that_changes_no_limit_of_the_clock_is_no_change() -> None:
    """Table 2b: high need has 56 and 84 days from 1 to 2 years and from 2 to 3 alike."""
    child = Child(gmfcs=5).steady(0, [14, 100, 200, 300, 400, 500, 540]).weigh(10.0, 560)
    second_birthday = child.age(dt.date(2026, 1, 15))
    before = child.review(second_birthday - 30)
    assert "G9" in {f.rule for f in before.findings}
    days = []
    while before.changes_on is not None and before.changes_on <= child.date(second_birthday + 5):
        days.append(child.age(before.changes_on))
        after = child.review(days[-1])
        assert answer(after) != answer(child.review(days[-1] - 1))
        before = after
    assert second_birthday not in days
