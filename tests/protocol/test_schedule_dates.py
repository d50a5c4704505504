"""The four dates of the next weighing, by hand: earliest, due, overdue from, lapsed from; and what is said of them.

Source: specification of the protocol, section 1: due = last valid weight + floor; earliest = due - a quarter of the
floor; overdue from due + grace + 1 day, the grace never more than a quarter of the floor, rounded up; lapsed at twice
the floor after the last valid weight, never before overdue.  Days are ages; born on 15 January 2024.
"""

from __future__ import annotations

import pytest
from builders import Child

Dates = tuple[int | None, int | None, int | None, int | None]


def dates(child: Child, day: int) -> Dates:
    due = child.review(day).due
    return child.age(due.earliest), child.age(due.due), child.age(due.overdue_from), child.age(due.lapsed_from)


def tube(*days: int) -> Child:
    return Child().condition("tube_feeding", 1).steady(0, [4, 12, *days])


@pytest.mark.parametrize(
    ("child", "day", "found", "why"),
    [
        # T1 under 1 month: 7 days, grace of 1.
        (Child(gmfcs=1).steady(0, [4, 12]), 12, (18, 19, 21, 26), "T1, under 1 month"),
        # 1 to 6 months: 28 days, 3 of grace.
        (Child(gmfcs=1).steady(0, [4, 12, 100]), 100, (121, 128, 132, 156), "T1, 1 to 6 months"),
        # 6 to 12 months: 56 days, 3 of grace; a quarter of 56 is 14.
        (Child(gmfcs=1).steady(0, [4, 12, 50, 200]), 200, (242, 256, 260, 312), "T1, 6 to 12 months"),
        # From 1 year: 84 days, 7 of grace.
        (Child(gmfcs=1).steady(0, [4, 12, 50, 400]), 400, (463, 484, 492, 568), "T1, 1 year and over"),
        # The floor's band is the age at the last weight, the grace's that on the due date.
        (Child(gmfcs=1).steady(0, [4, 12, 50, 365]), 365, (407, 421, 429, 477), "T1, 6 to 12 months"),
        # Tube-fed: 28 days under 2 years; the grace is at most a quarter of it: 7.
        (tube(50, 400), 400, (421, 428, 436, 456), "tube feeding"),
        # Kidney disease from 1 year: 42 days; grace 7, not 10.5.
        (
            Child().condition("chronic_kidney_disease", 1).steady(0, [4, 12, 50, 400]),
            400,
            (432, 442, 450, 484),
            "chronic kidney disease",
        ),
        # ... under 1 month 3 days: a quarter, rounded up, is 1; earliest the day before... 0.75 of a day is none.
        (
            Child().condition("chronic_kidney_disease", 1).steady(0, [4, 12]),
            12,
            (15, 15, 17, 18),
            "chronic kidney disease",
        ),
        # Heart disease of the highest risk: 7 days; from 1 year the grace of 7 is cut to 2.
        (
            Child().condition("congenital_heart_disease", 1, highest_risk=True).steady(0, [4, 12, 50, 400]),
            400,
            (406, 407, 410, 414),
            "heart disease, highest risk, before surgery",
        ),
    ],
)
def test_the_dates_of_a_floor(child: Child, day: int, found: Dates, why: str) -> None:
    assert dates(child, day) == found
    assert child.review(day).due.why == why


@pytest.mark.parametrize(
    ("weighed", "day", "found", "why"),
    [
        # First week: from day 3, due day 5, overdue from day 8, lapsed from day 10.
        ([], 1, (3, 5, 8, 10), "routine: first week"),
        # The visit: 10 to 14, overdue from 15, lapsed 28 days after.
        ([4], 4, (10, 14, 15, 42), "routine: new-birth visit"),
        # One weight by 18 weeks.
        ([4, 12], 12, (42, 126, 127, 154), "routine: one weight between 8 and 16 weeks"),
        # 9 to 13 months: 15 October 2024 (day 274) to 15 February 2025 (day 397).
        ([4, 12, 50], 50, (274, 397, 398, 425), "routine: one-year review"),
        ([4, 12, 50, 300], 300, (None, None, None, None), "no routine weight is planned at this age"),
    ],
)
def test_the_dates_of_routine_points(weighed: list[int], day: int, found: Dates, why: str) -> None:
    child = Child(birth_kg=None).steady(0, weighed)
    assert dates(child, day) == found and child.review(day).due.why == why


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (200, "not_yet"), (241, "not_yet"), (242, "may_weigh"), (255, "may_weigh"), (256, "due"), (259, "due"),
        (260, "overdue"), (311, "overdue"), (312, "lapsed"), (400, "lapsed"),
    ],
)  # fmt: skip
def test_where_a_day_stands_against_them(day: int, state: str) -> None:
    assert Child(gmfcs=1).steady(0, [4, 12, 50, 200]).review(day).due.state == state


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (
            201,
            (
                "Next weight due 27 September 2024 (T1, 6 to 12 months); overdue from 1 October 2024; not needed before "
                "13 September 2024. Last valid weight {kg} on 2 August 2024."
            ),
        ),
        (
            242,
            (
                "Next weight due 27 September 2024 (T1, 6 to 12 months); overdue from 1 October 2024. Last valid weight "
                "{kg} on 2 August 2024."
            ),
        ),
        (
            260,
            (
                "The weight due 27 September 2024 (T1, 6 to 12 months) is overdue. Last valid weight {kg} on 2 August "
                "2024."
            ),
        ),
        (
            312,
            (
                "The weight due 27 September 2024 (T1, 6 to 12 months) is overdue and lapsed on 22 November 2024. Last "
                "valid weight {kg} on 2 August 2024."
            ),
        ),
    ],
)
def test_what_is_said_of_the_next_weight(day: int, text: str) -> None:
    # A lead, or the child without one cannot wait, and nobody is told that a weight can.
    child = Child(gmfcs=1).led().steady(0, [4, 12, 50]).weigh(7.5, 200)
    assert child.review(day).due.explain() == text.format(kg="7.50 kg")


def test_what_is_said_where_none_is_due() -> None:
    assert Child(born=None, birth_kg=None).contact(3).review(4).due.explain() == (
        "It cannot be worked out when a weight is due: no birth date is recorded that can be used."
    )
    assert Child().steady(0, [4, 12, 50, 300]).review(301).due.explain() == (
        "No weight is due: no routine weight is planned at this age."
    )
    assert Child(birth_kg=None).review(1).due.explain().endswith(" No valid weight is recorded.")


# --- signed plans ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("floor", "admitted"),
    [
        (84, True),
        (168, True),  # at most twofold
        (169, False),
        (14, True),
    ],
)
def test_a_plan_stretches_a_floor_at_most_twofold_or_is_refused(floor: int, admitted: bool) -> None:
    child = Child(gmfcs=1).steady(0, [4, 12, 50, 400]).plan(401, floor_days=floor)
    r = child.review(402)
    if admitted:
        assert r.due.floor_days == floor and r.due.why == "signed plan until 19 August 2025" and r.refused == ()
    else:
        assert r.due.floor_days == 84
        why = "its 169 days between weights is more than the 168 days that a plan may set here"
        assert [tuple(x) for x in r.refused] == [(child.last, why)]


def test_a_plan_signed_where_there_was_no_floor_stretches_that_of_a_later_tier_at_most_twofold_and_says_so() -> None:
    # T0 has no floor, so 300 days are admitted; the condition of day 420 brings T1, 84 days: at most 168.
    child = Child().steady(0, [4, 12, 50, 400]).plan(401, floor_days=300).condition("coeliac", 420)
    due = child.review(421).due
    told = "The plan's 300 days is more than the 168 days that a plan may set here; 168 days is used."
    assert due.floor_days == 168 and told in due.notes and told in due.explain()


def test_a_plan_makes_nothing_due_before_it_is_signed() -> None:
    # Weighed on day 400; a plan of 7 days signed on day 420: due that day, and overdue from two days after (7 / 4 = 2).
    child = Child(gmfcs=1).steady(0, [4, 12, 50, 400]).plan(420, floor_days=7)
    assert dates(child, 420) == (419, 420, 423, 427)
    # Renewed, it makes nothing due later than before.
    assert dates(child.plan(424, floor_days=7), 424) == (419, 420, 423, 427)


@pytest.mark.parametrize(("floor", "conflict"), [(27, True), (28, False)])
def test_a_floor_shorter_than_the_ceiling_is_a_conflict(floor: int, conflict: bool) -> None:
    child = Child(gmfcs=1).steady(0, [4, 12, 50, 400]).plan(401, floor_days=floor)
    told = (
        "Weighing every 27 days is more often than the usual ceiling for this age (monthly): a signed reason is needed."
    )
    assert child.review(402).due.conflict == (told if conflict else None)


def test_the_floors_of_t3_are_no_conflict() -> None:
    child = Child(birth_kg=3.0).steady(0, [40, 500]).weigh(12.0, 860).weigh(11.0, 900)
    review = child.review(900)
    assert review.tier == "T3" and review.due.floor_days == 7 and review.due.conflict is None


# --- what a finding asks for ----------------------------------------------------------------------------------------


def test_a_weight_that_a_finding_asks_for_moves_all_three() -> None:
    # G7 on day 230 asks for a weight on day 7 to 14: due 244; 3 days of grace; lapsed 7 days after the grace.  G9 amber
    # on day 241 asks for one by day 248: of several the earliest counts.
    child = Child().steady(0, [4, 12, 50]).weigh(7.5, 185).weigh(7.4, 230)
    found = dates(child, 241)
    assert found[1:] == (244, 248, 254)
    assert child.review(241).due.why == "asked for by an open finding"


def test_under_a_month_it_lapses_two_days_later() -> None:
    # G1 watch on day 4: weigh again by day 6; grace 1; lapsed 1 + 7 + 2 days after the day that was asked for, but
    # never later than without it: the first week is met, the visit lapses on day 42.
    child = Child(birth_kg=3.5).weigh(3.2, 4)
    assert dates(child, 4)[1:] == (6, 8, 16)
