"""A weight that is due, overdue, or not taken though the child is seen (S1, S2, S3)."""

from __future__ import annotations

import pytest
from builders import Child


def test_s1_reminds_on_the_due_day_and_is_no_finding() -> None:
    child = Child().condition("tube_feeding", 1).led(1).steady(0, [200])
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


# --- S3 in T0 without a date: specification, section 2, S3 --------------------------------------------------------


def undated(*contacts: int, last: int = 300) -> Child:
    """A child of T0 whose routine points are behind, weighed last on a day, and then seen."""
    child = Child().steady(0, [4, 12, 50, 280, last])
    for day in contacts:
        child.contact(day)
    return child


@pytest.mark.parametrize(
    ("contacts", "opens"),
    [
        # The last valid weight more than 180 days ago: from day 481 on; three contacts within 90 days.
        ([470, 475, 480], 481),
        ([460, 470, 480], 481),
        ([470, 480, 481], 481),
        ([480, 490, 500], 500),
        # 90 days: the first of the three still counts 90 days after it, and not on the next.
        ([391, 440, 481], 481),
        ([390, 440, 481], None),
        ([480, 490], None),
        ([300, 470, 480], None),
    ],
)
def test_s3_without_a_date_three_contacts_of_90_days_and_no_weight_for_180(
    contacts: list[int], opens: int | None
) -> None:
    child = undated(*contacts)
    assert child.review(481).due.due is None
    assert [d for d, _ in child.opened("S3", 560)] == ([] if opens is None else [opens])


def test_s3_without_a_date_is_due_in_seven_days_and_with_one_in_two() -> None:
    (o,) = next(f for f in undated(470, 475, 480).review(481).findings if f.rule == "S3").obligations
    assert (o.deadline - o.set_on).days == 7
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    for day in (201, 202, 203):
        child.contact(day)
    (o,) = next(f for f in child.review(229).findings if f.rule == "S3").obligations
    assert (o.deadline - o.set_on).days == 2


@pytest.mark.parametrize(("born", "opens"), [("2020-01-15", True), ("2020-01-14", False)])
def test_s3_without_a_date_under_five_years(born: str, opens: bool) -> None:
    # On 14 January 2025 the one is a day short of five years, the other five.
    child = Child(born).steady(0, [4, 12, 50, 280, 1500])
    for day in ("2025-01-12", "2025-01-13", "2025-01-14"):
        child.contact(day)
    assert ("S3" in child.levels("2025-01-14")) is opens


def test_s3_never_weighed_counts_from_birth_on() -> None:
    # T1 from birth: due on day 5 (first week); three contacts since birth, its own day included.
    child = Child(birth_kg=None).condition("tube_feeding", 0).contact(0).contact(2).contact(4)
    assert "S3" not in child.levels(5) and "S3" in child.levels(6)
    (finding,) = [f for f in child.review(6).findings if f.rule == "S3"]
    assert finding.says == "Seen 3 times, not weighed since birth; a weight was due on 20 January 2024."


def test_s3_without_a_birth_date_the_contacts_alone_tell() -> None:
    child = Child(born=None, birth_kg=None).contact(3).contact(4).contact(5)
    assert "S3" not in child.levels(4)
    (finding,) = [f for f in child.review(5).findings if f.rule == "S3"]
    assert finding.says == (
        "Seen 3 times, not weighed since the record began; no birth date is recorded, so no day is known on which a "
        "weight was due."
    )


def test_s1_says_when_and_why() -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    assert child.review(228).reminders == ("A weight is due: 30 August 2024 (tube feeding).",)
    assert child.review(231).reminders == child.review(228).reminders
    assert child.review(232).reminders == (), "from then on it is overdue, a finding"
