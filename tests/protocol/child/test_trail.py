"""The running evidence of a child: what the columns say, and each weight gone over once."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

import pytest
from builders import Child, folded
from children import some
from hypothesis import given
from hypothesis import strategies as st
from losing import MONTHLY, declining, slowing, without

import growthwatch as gw
from growthwatch.growth.evidence import evidence
from growthwatch.protocol.child.trail import Gains
from growthwatch.protocol.kinds.weights import evidence_after


def gone_over(child: Child, day: int) -> tuple[int, int]:
    """How many weights count by a day, and how many the evidence went over until then."""
    known = folded(child.record, child.date(day)).state.child
    assert known.ages.birth is not None
    return len(known.weights.valid), known.growth.scorer.trail(known.ages.birth).weights


def test_the_evidence_of_a_review_goes_over_each_weight_once() -> None:
    weights, gone = gone_over(slowing(), 400)
    assert gone == weights > 5
    assert gone_over(slowing().clothed(8.0, 405).contact(410), 420) == (weights, gone)
    assert gone_over(Child().at_z(0, 60), 60) == (2, 0), "two weights: not at all"


def test_a_weight_that_is_entered_late_costs_from_where_it_comes_in() -> None:
    late = slowing()
    late.at_z(0.4, 205, late=100)
    again = sum(205 < day <= 305 for day in MONTHLY)
    weights, gone = gone_over(late, 420)
    assert weights <= gone <= weights + again


def test_weights_that_are_entered_late_turn_about_cost_what_came_after_them() -> None:
    child = Child(birth_kg=None)
    for day in range(20, 60):
        child.at_z(-day / 200, day, late=12 if day % 2 else 0)
    weights, gone = gone_over(child, 80)
    assert gone <= weights + 12 * 20, "those of 12 days, for each of 20"
    for day in (40, 52, 80):
        state = folded(child.record, child.date(day)).state
        valid = state.child.weights.valid
        columns = evidence(
            [w.kg for w in valid], age_days=[w.age_days for w in valid], sex="female", gestation_days=280
        )
        assert evidence_after(state.child, valid[-1]) == pytest.approx(columns[-1], rel=1e-5)


def test_a_weight_that_is_put_right_costs_itself_and_nothing_that_comes_after() -> None:
    """What was worked out ahead holds: nobody expects that a weight counts which is known to be put right."""
    child, days = Child(), list(range(21, 700, 7))
    for day in days:
        child.at_z(-day / 500, day, id=f"w{day}")
        if day % 6 == 0:
            child.at_z(-day / 500 - 0.05, day, late=5, id=f"c{day}", corrects=f"w{day}")
    put_right = sum(day % 6 == 0 for day in days)
    weights, gone = gone_over(child, 720)
    assert put_right > 10 and weights <= gone <= weights + put_right + 1


def test_where_no_rule_asks_nothing_is_worked_out(tmp_path: Path) -> None:
    none = without(tmp_path, "G12", "G3c")
    child = slowing()
    known = folded(child.record, child.date(400), none).state.child
    assert known.ages.birth is not None
    assert known.growth.scorer.trail(known.ages.birth).weights == 0


@given(declining(), st.integers(0, 400))
@some
def test_the_trail_is_the_columns(child: Child, day: int) -> None:
    state = folded(child.record, child.date(day)).state
    known = state.child
    if known.ages.birth is None or len(known.weights.valid) < 1:
        return
    columns = evidence(
        [w.kg for w in known.weights.valid], age_days=[w.age_days for w in known.weights.valid], sex=known.ages.birth.sex,
        gestation_days=known.ages.birth.gestation_days,
    )  # fmt: skip
    got = evidence_after(known, known.weights.valid[-1])
    if got is None:
        assert math.isnan(columns[-1])
    else:
        assert got == pytest.approx(columns[-1], rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("gestation", [None, 238])
def test_a_gain_is_the_same_among_few_weights_and_among_many(gestation: int | None) -> None:
    ages = [0, 20, 30, 60, 61, 130, 400, 2000]
    reference = gw.reference("uk-who")
    few = Gains(reference, ages, "female", gestation)
    many = Gains(reference, [*ages, *range(2100, 2140)], "female", gestation)
    longer = few.then(list(range(2100, 2140)))
    for first, second in combinations(range(len(ages)), 2):
        gain = few.conditional(first, second, -0.5, -0.7)
        assert gain == many.conditional(first, second, -0.5, -0.7) == longer.conditional(first, second, -0.5, -0.7)
        # The model begins at term, and ends at five years.
        before_term = gestation is not None and ages[first] < 280 - gestation
        assert (gain is None) == (before_term or ages[second] == 2000)
