"""What follows one weight at a time, and what the columns say of the same weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from growthwatch.growth import follow
from growthwatch.growth.follow import Levels, Rows
from growthwatch.growth.model import weight_model
from growthwatch.growth.steps import (
    Best,
    Clock,
    Held,
    Level,
    carried_to,
    change,
    conditional,
    fall,
    highest_recent,
    left_after,
    lowest,
    median_kg,
    percent_below,
)

FROM, APART, LATE, LEAST = 14, 14, 28, 7


@dataclass(frozen=True)
class W:
    """A weight, by its row."""

    row: int
    day: int
    age_days: int
    exact: Decimal
    counts: bool
    z: float
    step: float | None


@st.composite
def weights(draw: st.DrawFn) -> list[W]:
    """Weights with gaps, some of one day, of kilograms near each other; some do not count, some have no z."""
    out: list[W] = []
    age = draw(st.sampled_from([0, 0, 13, 14, 30]))
    for row in range(draw(st.integers(0, 14))):
        gram = draw(st.sampled_from([3000, 3150, 3400, 3434, 3435, 3500, 3501, 4000, 4040]))
        step = draw(st.one_of(st.none(), st.sampled_from([-1.5, -0.25, 0.0, 0.125, 0.5, 1.0])))
        z = draw(st.sampled_from([-2.0, -1.0, 0.0, 0.5, math.nan]))
        out.append(W(row, 738000 + age, age, Decimal(gram) / 1000, draw(st.integers(0, 3)) > 0, z, step))
        age += draw(st.sampled_from([0, 0, 1, 7, 14, 28, 60]))
    return out


def rows_of(ws: list[W]) -> Rows:
    age = np.array([w.age_days for w in ws], np.float64)
    return Rows(np.array([0, len(ws)], np.intp), age, np.array([w.counts for w in ws], np.bool_))


def place(w: W | None) -> int:
    return -1 if w is None else w.row


@given(weights(), st.sampled_from([0, 1]))
@settings(max_examples=300, deadline=None)
def test_kilograms_step_by_step_are_the_columns(ws: list[W], need: int) -> None:
    rows, kg = rows_of(ws), np.array([float(w.exact) for w in ws])
    best, clock = follow.best_before(rows, kg, FROM), follow.clock(rows, kg, FROM, float(need))
    loss = follow.percent_below(best.kg, kg)
    at: Best[W] = Best()
    ticking: Clock[W] = Clock()
    for i, w in enumerate(ws):
        before = at.before(w)
        assert place(before) == best.row[i]
        if before is not None:
            assert float(percent_below(before.exact, w.exact)) == loss[i] or math.isclose(
                float(percent_below(before.exact, w.exact)), loss[i], rel_tol=0, abs_tol=1e-12
            )
        if w.counts:
            at = at.after(w, FROM)
            ticking = ticking.after(w, Decimal(need)) if w.age_days >= FROM else ticking
        if i + 1 == len(ws) or ws[i + 1].day > w.day:  # a column tells a day by all of its weights
            assert (place(ticking.anchor), place(ticking.last)) == (clock.anchor[i], clock.last[i])


@given(weights())
@settings(max_examples=300, deadline=None)
def test_z_step_by_step_is_the_columns(ws: list[W]) -> None:
    held: Held[W] = Held()
    at: Level[W] | None = None
    levels: list[Level[W] | None] = []
    helds: list[Held[W]] = []
    for w in ws:
        here = None if w.z != w.z else carried_to(at, w, w.z, w.step)
        if w.counts and here is not None:
            at, held = here, held.after(here, APART)
        levels.append(here)
        helds.append(held)
    # Columns: a row that begins a stretch of its own has no table in common with the row before it.
    z = np.array([math.nan if n is None else n.z for n in levels])
    counted = [i for i, w in enumerate(ws) if w.counts and levels[i] is not None]
    picked = [ws[i] for i in counted]
    rows = Rows(np.array([0, len(picked)], np.intp), np.array([w.age_days for w in picked], np.float64))
    fresh = np.array([j > 0 and ws[i].step is None for j, i in enumerate(counted)], np.bool_)
    columns = Levels(rows, z[counted], fresh)
    fallen, best = follow.fallen(columns, LATE, LEAST), follow.held_best(columns, APART)
    published, age = np.array([w.z for w in picked]), np.array([float(w.age_days) for w in picked])
    noise = np.full(len(picked), 0.1)
    gain = follow.conditional_gain(columns, published, age, noise, weight_model(), 28.0)

    def since(w: W, days: int) -> Level[W] | None:
        earlier = [v for v in picked if w.day - v.day >= days]
        return levels[earlier[-1].row] if earlier else None

    for j, (i, w) in enumerate(zip(counted, picked, strict=True)):
        here = levels[i]
        assert here is not None
        found = change(highest_recent([n for k in counted[:j] if (n := levels[k])], here, LATE, LEAST), here)
        assert (found is None) == math.isnan(fallen[j])
        assert found is None or found == fallen[j]
        assert (place(helds[i].since), place(helds[i].until)) == tuple(
            -1 if k < 0 else counted[k] for k in (best.since[j], best.until[j])
        )
        assert helds[i].z is None or helds[i].z == best.z[j]
        first = since(w, 28)
        step = change(first, levels[i])
        if first is not None and step is not None:
            r = float(weight_model().correlation(float(first.weight.age_days), float(w.age_days), 0.1, 0.1))
            assert math.isclose(conditional(first.weight.z, step, r), gain.z[j], rel_tol=1e-12, abs_tol=1e-12)
        else:
            assert math.isnan(gain.z[j])
        assert math.isclose(fall(0.5, w.z), follow.fall_from_birth(rows, published, np.array([0.5]))[j])


def test_of_one_day_the_lowest_and_of_equals_the_first() -> None:
    ws = [W(i, 1, 1, Decimal(kg), True, 0.0, 0.0) for i, kg in enumerate(["3.5", "3.4", "3.4"])]
    assert lowest(ws) is ws[1]


@pytest.mark.parametrize(
    ("kg", "median"), [("5.2 6.1", "5.65"), ("6.1 5.2 5.4", "5.4"), ("5.2", "5.2"), ("5.2 6.1 5.3 5.31", "5.305")]
)
def test_the_median_of_a_day(kg: str, median: str) -> None:
    assert median_kg(W(0, 1, 1, Decimal(x), True, 0.0, 0.0) for x in kg.split()) == Decimal(median)


@pytest.mark.parametrize(
    ("days", "highest"),
    [
        ({72: 2.0, 73: 1.0, 90: 0.5}, 73),  # the 28th day before day 101 is day 73: it counts, the 29th does not
        ({60: 2.0, 94: 0.5}, 94),  # one of these is 7 days before: no need to look further back
        ({60: 2.0, 95: 0.5}, 60),  # none is: the last one before them counts too
        ({50: 3.0, 60: 0.0, 95: 0.5}, 95),  # the last one, not the highest
        ({60: 2.0}, 60),
        ({80: 1.0, 94: 1.0}, 80),
        ({101: 3.0}, None),  # of the same day is not before
    ],
)
def test_the_highest_of_late(days: dict[int, float], highest: int | None) -> None:
    levels = [Level(W(i, d, d, Decimal(5), True, z, 0.0), z) for i, (d, z) in enumerate(days.items())]
    found = highest_recent(levels, Level(W(9, 101, 101, Decimal(5), True, 0.0, 0.0), 0.0), LATE, LEAST)
    assert (None if found is None else found.weight.day) == highest
    other = Level(W(9, 101, 101, Decimal(5), True, 0.0, 0.0), 0.0, ground=1)
    assert highest_recent(levels, other, LATE, LEAST) is None


def test_what_is_left_after_a_loss_is_exact() -> None:
    assert left_after(Decimal("3.5"), Decimal(10)) == Decimal("3.15")
    assert percent_below(Decimal("3.5"), Decimal("3.15")) == 10
