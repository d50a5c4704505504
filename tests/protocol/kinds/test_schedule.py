"""A weight that is due, overdue, or not taken though the child is seen (S1, S2, S3)."""

from __future__ import annotations

import pytest
from builders import Child


def test_s1_reminds_on_the_due_day_and_is_no_finding() -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    child.add("carer_asked", 100, history="asked", sleep="asked", support="asked", safety="asked")
    assert child.review(227).reminders == ()
    assert child.review(228).reminders and child.review(228).findings == ()
    assert child.review(228).due.state == "due"


@pytest.mark.parametrize(
    ("weighed", "overdue"),
    # Day 3 on meets the first week (overdue from day 8), 10 on the visit (15), 42 on the weight by 18 weeks (127),
    # 9 months on the one of a year: 13 months from 15 January 2024 are 15 February 2025, day 397.
    [
        ([], 8), ([2], 8), ([3], 15), ([9], 15), ([10], 127), ([14], 127), ([12, 50], 398), ([12, 41], 127),
        ([12, 50, 275], None),
    ],
)  # fmt: skip
def test_s2_in_tier_0_at_the_routine_points_only(weighed: list[int], overdue: int | None) -> None:
    child = Child().steady(0, weighed)
    opened = [d for d, level in child.opened("S2", 1500) if level == "amber"]
    late = [d for d in opened if not weighed or d > weighed[-1]]
    assert late == ([] if overdue is None else [overdue])


def test_s2_opens_after_grace_and_turns_red_at_twice_the_floor() -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    assert child.opened("S2", 400)[-2:] == [(232, "amber"), (256, "red")]


@pytest.mark.parametrize("kind", ["clothed", "earlier"])
def test_s2_closes_by_a_valid_weight_only(kind: str) -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    child.clothed(8.0, 240) if kind == "clothed" else child.weigh(7.0, 190, late=50)
    assert "S2" in child.levels(241)
    child.at_z(0, 242)
    assert "S2" not in child.levels(242)


@pytest.mark.parametrize(
    ("contacts", "opens"),
    [([201, 202, 203], 229), ([201, 202], None), ([200, 201, 202], None), ([201, 202, 240], 240)],
)
def test_s3_three_contacts_and_due_passed(contacts: list[int], opens: int | None) -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    for day in contacts:
        child.contact(day, role="social_worker")
    child.add("contact", 210, face_to_face=False)
    assert [d for d, _ in child.opened("S3", 300)] == ([] if opens is None else [opens])


def test_s3_closes_by_a_valid_weight_only() -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    for day in (201, 202, 203):
        child.contact(day)
    child.clothed(9.0, 240).examined(241)
    assert "S3" in child.levels(260)
    child.at_z(0, 261)
    assert "S3" not in child.levels(261)


def test_birth_on_29_february_counts_as_1_march() -> None:
    for day, floor in (("2025-02-28", 56), ("2025-03-01", 84)):
        child = Child(born="2024-02-29").add("level_changed", 1, to="early_help")
        child.weigh(9.0, day)
        assert child.review(day).due.floor_days == floor
