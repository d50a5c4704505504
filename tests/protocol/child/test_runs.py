"""Runs of gains: two gains running are three weights (specification, section 1).

After G1 or G2: each at least 7 days after and above the one before, counted from the weight that closed it.  In T3
from one year: three valid weights, each at least 7 days after and above the last, the third at least 1 % above the
first.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import Child, folded

from growthwatch.protocol.child import Weight
from growthwatch.protocol.child.runs import Start, gained, gaining
from growthwatch.protocol.file.settings import Gains

TWO = Gains(gains=2, least_days=7, least_percent=0)
ONE_PERCENT = Gains(gains=2, least_days=7, least_percent=1)


def weights(*told: tuple[int, float]) -> list[Weight]:
    """Valid weights by age [days] and kilograms, of a toddler."""
    child = Child("2022-01-01", birth_kg=None)
    for day, kg in told:
        child.weigh(kg, 800 + day)
    return folded(child.record, child.date(900)).state.child.weights.valid


def day_of(n: int) -> int:
    return Child("2022-01-01").date(800 + n).toordinal()


def has_gained(kg: float, *told: tuple[int, float], run: Gains = TWO) -> bool:
    return gained(Start(day_of(0), Decimal(repr(kg))), weights(*told), run)


@pytest.mark.parametrize(
    ("told", "so"),
    [
        ([(7, 10.1), (14, 10.2)], True),
        ([(7, 10.1), (13, 10.2)], False),
        ([(6, 10.1), (13, 10.2)], False),
        ([(7, 10.1), (14, 10.1)], False),
        ([(7, 10.0), (14, 10.1)], False),
        # Not above: it counts anew from there.
        ([(7, 9.9), (14, 10.0), (21, 10.1)], True),
        ([(7, 10.1), (14, 10.0), (21, 10.1)], False),
        # A weight in between, too soon, neither helps nor harms.
        ([(3, 9.0), (7, 10.1), (10, 9.0), (14, 10.2)], True),
        # Once it has been, it has been.
        ([(7, 10.1), (14, 10.2), (21, 9.9)], True),
        # Of two weights of one day the lowest.
        ([(7, 10.1), (14, 10.2), (14, 10.05)], False),
        ([], False),
    ],
)
def test_two_gains_counted_from_a_weight(told: list[tuple[int, float]], so: bool) -> None:
    assert has_gained(10.0, *told) is so


@pytest.mark.parametrize(("last", "so"), [(10.09, False), (10.1, True)])
def test_the_last_is_so_many_per_cent_above_the_first(last: float, so: bool) -> None:
    assert has_gained(10.0, (7, 10.05), (14, last), run=ONE_PERCENT) is so


def is_gaining(since: int, *told: tuple[int, float], run: Gains = ONE_PERCENT) -> bool:
    return gaining(weights(*told), day_of(since), run)


@pytest.mark.parametrize(
    ("since", "told", "so"),
    [
        (0, [(0, 10.0), (7, 10.1), (14, 10.2)], True),
        # All but the first were taken after the tier rose.
        (6, [(0, 10.0), (7, 10.1), (14, 10.2)], True),
        (7, [(0, 10.0), (7, 10.1), (14, 10.2)], False),
        (0, [(0, 10.0), (6, 10.1), (13, 10.2)], False),
        (0, [(0, 10.0), (7, 10.05), (14, 10.09)], False),
        (0, [(0, 10.0), (7, 10.05), (14, 10.1)], True),
        # Above the last, not as much.
        (0, [(0, 10.0), (7, 10.0), (14, 10.2)], False),
        (0, [(0, 10.0), (7, 10.3), (14, 10.2)], False),
        # Weighing in between takes no run away: the last that lies a week before counts.
        (0, [(0, 10.0), (7, 10.1), (10, 9.8), (14, 10.2)], True),
        (0, [(7, 10.1), (14, 10.2)], False),
        (0, [], False),
        # A fall before the run is not part of it.
        (0, [(-7, 11.0), (0, 10.0), (7, 10.1), (14, 10.2)], True),
    ],
)
def test_the_latest_weights_are_a_run(since: int, told: list[tuple[int, float]], so: bool) -> None:
    assert is_gaining(since, *told) is so
