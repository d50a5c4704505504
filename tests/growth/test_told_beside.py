"""What must stand beside a figure so that nobody is misled by it: the harder simulation, real children, from where."""

from __future__ import annotations

import pytest
from builders import UK, Child

import growthwatch as gw
from growthwatch.growth.detector import detector


def on_lines(*places: tuple[int, float]) -> Child:
    """A boy weighed at these ages and z; at birth (day 0) as the chart plots it."""
    child = Child(sex="male", birth_kg=None)
    for day, z in places:
        at = {"corrected_age_days": 0.0} if day == 0 else {"age_days": float(day)}
        child.weigh(round(float(UK.value(z, sex="male", **at)), 2), day)  # pyright: ignore[reportArgumentType]
    return child


SLOWING = ((0, 0.0), (28, 0.0), (60, 0.0), (90, -0.2), (120, -0.9), (150, -1.6), (180, -2.2), (210, -2.8), (240, -3.3))


def test_amber_and_red_are_told_with_the_figure_of_the_harder_simulation() -> None:
    harder = detector().harder
    assert harder is not None
    told = gw.trajectory(on_lines(*SLOWING).record).evidence
    assert told.level
    figure = harder.red if told.level == "red" else harder.amber
    # The figures that benchmarks/evidence_acceptance.py prints: 3.2 and 1.0 %.
    assert (harder.amber, harder.red) == (0.032, 0.010)
    assert f"where weights vary as those of real children do, weighed monthly, {100 * figure:.1f} %" in told.explain()


def test_a_review_tells_it_too() -> None:
    child = on_lines(*SLOWING)
    assert child.levels(240)["G12"] in ("amber", "red")
    said = " ".join(child.review(240).explain().split())
    assert "Of children whose weights vary as those of real children do, weighed monthly, one healthy child in" in said


def test_a_forecast_says_how_many_real_children_were_within_its_range() -> None:
    text = gw.trajectory(on_lines(*((d, 0.3) for d in (0, 28, 60, 120, 200, 300))).record).explain()
    assert "(of real children, 82 to 89 in 100 were within such a range, by an earlier version)" in text


def test_three_ways_to_say_how_far_a_child_fell_say_why_they_differ() -> None:
    # z 2 at birth, 0.5 from two weeks on: 2.25 spaces from birth, and none from the best position held since.
    text = gw.trajectory(on_lines((0, 2.0), *((d, 0.5) for d in (14, 28, 56, 112, 182, 274, 365))).record).explain()
    assert "How far it fell depends on from where" in text
    assert "from birth, by the chart's own place at birth and newborn days included, 2." in text
    assert "from the best position held for two weeks, nothing" in text


@pytest.mark.parametrize("z", [-1.75, 0.0, 1.2])
def test_where_the_three_agree_nothing_is_said_of_them(z: float) -> None:
    text = gw.trajectory(on_lines(*((d, z) for d in (0, 14, 28, 56, 112, 182, 274, 365))).record).explain()
    assert "depends on from where" not in text and "needs an explanation" not in text
