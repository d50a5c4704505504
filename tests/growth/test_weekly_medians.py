"""The slow channel looks at the median of a week: an odd weight among others of the week is not what it sees."""

from __future__ import annotations

import numpy as np
import pytest

from growthwatch.growth.detector import detector
from growthwatch.growth.evidence import channels
from growthwatch.growth.model import weight_model
from growthwatch.growth.watch import Row, State, Watch

START = 200
"""Age of the first look; the channel looks again after a fortnight (`evidence-2.toml`, every_days) [days]."""
LOOK = START + 14


def slow(z_on: dict[int, float]) -> tuple[float, float]:
    """Evidence of the slow channel after the last weight: in columns, and weight by weight.

    The child was weighed on the days given, at those z; before the first it is known to have held 0 for months.
    """
    before = {START - 14 * k: 0.0 for k in range(6, 0, -1)} | {START: 0.0}
    z_on = before | z_on
    age, z = np.array(list(z_on), float), np.array(list(z_on.values()))
    noise, fresh = np.full(age.size, 0.05), np.zeros(age.size, np.bool_)
    twice = (np.tile(age, 2), np.tile(z, 2), np.tile(noise, 2), np.tile(fresh, 2))  # of several children, in columns
    found = channels(twice, np.array([0, age.size, 2 * age.size]), 0.0, detector(), weight_model())
    rows = [Row(*row) for row in zip(age.tolist(), z.tolist(), noise.tolist(), fresh.tolist(), strict=True)]
    last = list(Watch(detector(), weight_model()).run(State(), rows))[-1]
    return float(found.slow[-1]), float(last.slow_ratio)


def week(*z: float) -> dict[int, float]:
    """Weights of the days up to and with the look, the last of them on its day."""
    return {LOOK - len(z) + 1 + i: each for i, each in enumerate(z)}


def both(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return bool(np.allclose(a, b, rtol=1e-9, atol=0))


@pytest.mark.parametrize("low", [-0.6, -1.5])
def test_three_low_weights_of_seven_are_not_seen_and_four_are(low: float) -> None:
    held = slow(week(*[0.0] * 7))
    assert both(slow(week(*[0.0] * 6, low)), held)
    assert both(slow(week(*[0.0] * 4, low, low, low)), held)
    all_low = slow(week(*[low] * 7))
    assert both(slow(week(*[0.0] * 3, *[low] * 4)), all_low)
    assert all_low[0] > held[0] and all_low[1] > held[1]


def test_of_two_weights_of_a_week_the_middle_is_seen() -> None:
    # -0.2 and -0.6 on the two days up to the look: their middle is -0.4, at the middle of both days, in either order.
    assert both(slow({LOOK - 2: -0.2, LOOK: -0.6}), slow({LOOK - 2: -0.6, LOOK: -0.2}))
    assert both(slow({LOOK - 2: -0.2, LOOK: -0.6}), slow({LOOK - 2: -0.4, LOOK: -0.4}))
    assert not both(slow({LOOK - 2: -0.2, LOOK: -0.6}), slow({LOOK: -0.6}))


@pytest.mark.parametrize(("days", "counts"), [(1, True), (6, True), (7, False), (8, False)])
def test_a_weight_less_than_a_week_before_the_look_counts(days: int, counts: bool) -> None:
    # Window of 7 days (`evidence-2.toml`, window_days): a weight of exactly a week before is outside it.
    held, fell = slow({LOOK - days: 0.0, LOOK: -0.8}), slow({LOOK - days: -0.8, LOOK: -0.8})
    assert both(held, fell) is not counts


def test_a_weight_that_stands_alone_is_seen_as_it_is() -> None:
    held, fell = slow({LOOK: 0.0}), slow({LOOK: -0.6})
    assert fell[0] > held[0] and fell[1] > held[1]
