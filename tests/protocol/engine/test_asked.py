"""Weights that findings ask for: from which day to which, and what a stay in hospital does to them."""

from __future__ import annotations

from typing import Any

import pytest
from builders import Child, folded

from growthwatch.protocol.child.runs import Start, gained, gaining
from growthwatch.protocol.file.settings import Gains


def again(child: Child, rule: str, day: int) -> list[Any]:
    found = [f for f in child.review(day).findings if f.rule == rule]
    return [o for f in found for o in f.obligations if o.do.startswith("Weigh again")]


def stuck(day: int, **more: Any) -> Child:
    """No gain from day 400 (over 1 year) or 250 (under) until the clock of G9 is amber by a weight of that day."""
    start = 400 if day > 366 else 250
    child = Child(birth_kg=3.3, **more).steady(0, [4, 12, 50, 200])
    return child.weigh(9.0, start).weigh(9.0, start + 20).weigh(9.0, day)


@pytest.mark.parametrize(
    ("child", "day", "within"),
    [
        # G9 amber: 112 days from 1 year (ordinary), 56 with high need; 84 from 9 months, 42 with high need.
        (stuck(512), 512, 28),
        (stuck(456, gmfcs=5), 456, 14),
        (stuck(334), 334, 7),
        (stuck(292, gmfcs=5), 292, 7),
    ],
)
def test_g9_amber_asks_for_a_weight_by_age_and_need(child: Child, day: int, within: int) -> None:
    assert child.levels(day)["G9"] == "amber"
    (o,) = again(child, "G9", day)
    assert child.age(o.deadline) == day + within


@pytest.mark.parametrize(("day", "done"), [(525, False), (526, True), (540, True), (545, True)])
def test_a_weight_before_the_first_day_of_the_window_is_not_the_one_that_was_asked_for(day: int, done: bool) -> None:
    child = stuck(512).weigh(9.0, day)
    (o,) = again(child, "G9", day)
    assert (o.done_on is not None) is done


def test_high_need_is_weighed_again_on_day_7_to_14_from_1_year_too() -> None:
    child = stuck(456, gmfcs=5)
    for day, done in ((462, False), (463, True)):
        (o,) = again(child.copy().weigh(9.0, day), "G9", day)
        assert (o.done_on is not None) is done


def test_g7_and_g12_under_a_year_on_day_7_to_14() -> None:
    child = Child(birth_kg=None).weigh(8.0, 200).weigh(8.0, 300)
    rules = {f.rule for f in child.review(300).findings} & {"G7", "G12"}
    assert "G7" in rules
    for rule in rules:
        for o in again(child, rule, 300):
            assert child.age(o.deadline) == 314
    early, late = child.copy().weigh(8.1, 306), child.copy().weigh(8.1, 307)
    assert again(early, "G7", 306)[0].done_on is None
    assert not again(late, "G7", 307) or again(late, "G7", 307)[0].done_on == child.date(307)


def test_what_is_asked_for_rests_in_hospital_and_is_due_with_the_next_weight_after_it() -> None:
    child = stuck(512).add("admission", 520, role="hospital_doctor")
    assert again(child, "G9", 525) == [], "it rests, and is not late"
    assert child.review(525).due.due is None and child.review(525).due.asked_by is None
    child.contact(525, role="hospital_nurse").add("discharged", 530, role="hospital_doctor")
    # T0, L = 7 days: the old date, day 540, is later than the end and more than 7 days after it.
    r = child.review(530)
    assert child.age(r.due.due) == 537
    (o,) = again(child, "G9", 530)
    assert child.age(o.deadline) == 537 and not o.overdue
    assert again(child, "G9", 538)[0].overdue


def test_a_stay_and_what_follows_are_the_same_whatever_days_are_visited() -> None:
    child = stuck(512).add("admission", 520, role="hospital_doctor").add("discharged", 560, role="hospital_doctor")
    for day in (521, 526, 534, 540, 560, 570, 590):
        jump, daily = (folded(child.record, child.date(day), every_day=e) for e in (False, True))
        assert {f.key: f.level for f in jump.state.open.values()} == {f.key: f.level for f in daily.state.open.values()}
        assert jump.state.due.wakes() == daily.state.due.wakes()


def test_s2_is_daily_for_a_weight_due_before_28_days_of_age_and_weekly_from_then_on() -> None:
    child = Child().add("level_changed", 0, to="early_help").steady(0, [4, 20])
    (f,) = [f for f in child.review(29).findings if f.rule == "S2"]
    assert (child.age(child.review(29).due.due), f.level, f.loudness) == (27, "amber", "daily")
    child = Child().add("level_changed", 0, to="early_help").steady(0, [4, 11, 21])
    (f,) = [f for f in child.review(30).findings if f.rule == "S2"]
    assert (child.age(child.review(30).due.due), f.level, f.loudness) == (28, "amber", "weekly")


# --- runs of gains ------------------------------------------------------------------------------------

RUN = Gains(gains=2, least_days=7, least_percent=1)


def weights(*pairs: tuple[int, float]) -> list[Any]:
    child = Child(birth_kg=None)
    for day, kg in pairs:
        child.weigh(kg, day)
    return folded(child.record, child.date(pairs[-1][0])).state.child.weights.valid


@pytest.mark.parametrize(
    ("pairs", "there"),
    [
        ([(400, 10.0), (407, 10.05), (414, 10.1)], True),
        ([(400, 10.0), (407, 10.05), (414, 10.099)], False),
        ([(400, 10.0), (406, 10.05), (414, 10.1)], False),
        ([(400, 10.0), (407, 10.0), (414, 10.2)], False),
        ([(400, 10.0), (407, 10.05), (410, 10.02), (414, 10.1)], True),
        ([(400, 10.0), (407, 10.05), (414, 10.2), (414, 10.04)], False),
        ([(400, 10.0), (407, 10.2)], False),
    ],
)
def test_two_gains_three_weights_each_a_week_after_the_last_and_1_percent(
    pairs: list[tuple[int, float]], there: bool
) -> None:
    valid = weights(*pairs)
    assert gaining(valid, valid[0].day, RUN) is there


def test_gains_are_counted_from_the_weight_that_closed_and_stay() -> None:
    run = Gains(gains=2, least_days=7, least_percent=0)
    valid = weights((20, 3.5), (27, 3.6), (34, 3.6), (41, 3.8), (48, 4.0), (55, 3.95))
    start = Start(valid[0].day, valid[0].exact)
    assert [gained(start, valid[:n], run) for n in (2, 3, 4, 5, 6)] == [False, False, False, True, True]
