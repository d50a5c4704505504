"""The first weeks: loss from birth weight, loss that goes on, birth weight not regained (G1, G1b, G2)."""

from __future__ import annotations

from typing import Any

import pytest
from builders import Child, deadlines


@pytest.mark.parametrize(
    ("kg", "level"),
    [
        (3.221, None),
        (3.22, "watch"),
        (3.15, "watch"),
        (3.149, "over 10 %"),
        (3.081, "over 10 %"),
        (3.08, "12 % or more"),
        (2.9, "12 % or more"),
    ],
)
def test_g1_percentages_are_exact(kg: float, level: str | None) -> None:
    assert Child(birth_kg=3.5).weigh(kg, 5).levels(5).get("G1") == level


@pytest.mark.parametrize(("day", "opens"), [(1, True), (20, True), (21, False)])
def test_g1_is_for_the_first_three_weeks(day: int, opens: bool) -> None:
    child = Child(birth_kg=3.5).weigh(3.1, day)
    assert ("G1" in child.levels(day)) is opens
    if opens:
        assert deadlines(child, "G1", day) == [0]


def test_g1_closes_on_a_valid_weight_within_the_limit() -> None:
    # 0.4, section 2, G1: recovered by a later valid weight < 8 % below.
    child = Child(birth_kg=3.5).weigh(3.1, 5).clothed(3.3, 6).weigh(3.22, 7)
    assert child.closed("G1", 7) == []
    child.weigh(3.221, 8)
    assert [d for d, _ in child.closed("G1", 8)] == [8]


def test_g1_grows_graver_and_never_milder() -> None:
    child = Child(birth_kg=3.5).weigh(3.1, 5).weigh(3.0, 6).weigh(3.12, 7)
    assert child.opened("G1", 7) == [(5, "over 10 %"), (6, "12 % or more")]
    assert child.levels(7)["G1"] == "12 % or more"


@pytest.mark.parametrize(("day", "opens"), [(5, True), (27, True), (28, False)])
def test_g1b_days(day: int, opens: bool) -> None:
    child = Child(birth_kg=3.4).weigh(3.4, 4).weigh(3.39, day)
    assert ("G1b" in child.levels(day)) is opens


@pytest.mark.parametrize(
    ("first", "second", "opens"),
    [((3, 3.4), (5, 3.39), False), ((4, 3.4), (5, 3.4), False), ((4, 3.4), (5, 3.41), False)],
)
def test_g1b_needs_a_fall_from_day_4_on(first: Any, second: Any, opens: bool) -> None:
    child = Child(birth_kg=3.4).weigh(first[1], first[0]).weigh(second[1], second[0])
    assert ("G1b" in child.levels(second[0])) is opens


@pytest.mark.parametrize(
    ("kg", "level", "days"), [(3.326, "below the weight before", [2]), (3.325, "5 % below the best", [0])]
)
def test_g1b_levels(kg: float, level: str, days: list[int]) -> None:
    child = Child(birth_kg=3.5).weigh(3.4, 6).weigh(kg, 8)
    assert child.levels(8)["G1b"] == level
    assert deadlines(child, "G1b", 8) == days


def test_g1b_closes_at_the_weight_before() -> None:
    child = Child(birth_kg=3.4).weigh(3.4, 6).weigh(3.35, 8).weigh(3.39, 9).weigh(3.4, 12)
    assert [d for d, _ in child.closed("G1b", 12)] == [12]


def test_g2_opens_on_day_21_without_a_weight() -> None:
    child = Child(birth_kg=3.5).weigh(3.45, 15)
    assert child.due_age(16) == 21
    assert "G2" not in child.levels(20)
    assert child.levels(21)["G2"] == "not back"
    assert deadlines(child, "G2", 21) == [1]


@pytest.mark.parametrize(("kg", "opens"), [(3.5, False), (3.499, True)])
def test_g2_with_a_weight_on_day_21(kg: float, opens: bool) -> None:
    child = Child(birth_kg=3.5).weigh(3.45, 15).weigh(kg, 21)
    assert ("G2" in child.levels(21)) is opens


def test_g2_is_graver_with_illness_and_closes_at_birth_weight() -> None:
    child = Child(birth_kg=3.5).weigh(3.45, 15).ill(22).weigh(3.49, 25).clothed(3.9, 26)
    assert child.opened("G2", 26) == [(21, "not back"), (22, "not back, and ill")]
    assert child.closed("G2", 26) == []
    child.weigh(3.5, 27)
    assert [d for d, _ in child.closed("G2", 27)] == [27]


def test_the_first_weight_of_the_day_of_birth_is_not_lowered_by_a_later_one() -> None:
    assert "G1" in Child(birth_kg=3.5).weigh(3.1, 5).levels(5)


def test_a_lower_second_weight_on_the_day_of_birth_hides_no_loss() -> None:
    assert "G1" in Child(birth_kg=3.5).weigh(3.4, 0).weigh(3.1, 5).levels(5)
