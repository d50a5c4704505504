"""What follows from weights, against a walk through them, one child at a time."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from builders import Child
from hypothesis import given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch.growth import follow
from growthwatch.growth.follow import Levels, Rows
from growthwatch.growth.model import weight_model

FROM = 14.0


@st.composite
def one(draw: st.DrawFn) -> dict[str, Any]:
    """A child: days, whole grams, whether each counts, carried z, fresh starts."""
    n = draw(st.integers(0, 12))
    gaps = draw(st.lists(st.sampled_from([0, 0, 1, 7, 14, 28, 60]), min_size=n, max_size=n))
    start = draw(st.sampled_from([0, 0, 13, 14, 30]))
    day = (start + np.cumsum(gaps)).astype(float) if n else np.zeros(0)
    gram = draw(st.lists(st.sampled_from([3000, 3150, 3400, 3434, 3435, 3500, 3501, 4000]), min_size=n, max_size=n))
    z = np.round(draw(st.lists(st.sampled_from([-2.0, -1.5, -1.0, 0.0, 0.5, math.nan]), min_size=n, max_size=n)), 2)
    return {
        "day": day,
        "gram": np.array(gram, float),
        "counts": np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool),
        "z": np.array(z, float),
        "fresh": np.array(draw(st.lists(st.sampled_from([False] * 5 + [True]), min_size=n, max_size=n)), bool),
        "percent": draw(st.sampled_from([0.0, 1.0])),
    }


def everything(children: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """All that follows, with rows named by their place in their child."""
    sizes = [c["day"].size for c in children]
    offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.intp)
    column = {k: np.concatenate([c[k] for c in children]) for k in ("day", "gram", "counts", "z", "fresh")}
    rows = Rows(offsets, column["day"], column["counts"])
    levels = Levels(rows, column["z"], column["fresh"])
    kg, start = column["gram"] / 1000.0, np.repeat(offsets[:-1], sizes)
    best = follow.best_before(rows, kg, FROM)
    clock = follow.clock(rows, kg, FROM, np.array([c["percent"] for c in children]))
    held = follow.held_best(levels, 14.0)
    fallen = follow.fallen(levels, 28, 7)
    noise = np.full(kg.shape, 0.1)
    gain = follow.conditional_gain(levels, column["z"], column["day"], noise, weight_model(), 28.0)
    places = {"best": best.row, "anchor": clock.anchor, "last": clock.last, "since": held.since, "until": held.until}
    places |= {"pair": gain.since}
    out = {k: np.where(v >= 0, v - start, -1) for k, v in places.items()}
    loss = follow.percent_below(best.kg, kg)
    return out | {"loss": loss, "held": held.z, "fallen": fallen, "gain": gain.z, "days": clock.days(rows)}


def slow(c: dict[str, Any]) -> dict[str, list[float]]:
    """The same, written a second time, row by row; of a day the lowest that counts, before is on an earlier day."""
    out: dict[str, list[float]] = {k: [] for k in ("best", "anchor", "last", "loss", "fallen", "held")}
    day, gram, counts = c["day"], c["gram"], c["counts"]

    def lowest(d: float) -> int | None:
        there = [i for i in range(day.size) if day[i] == d and counts[i]]
        return min(there, key=lambda i: (gram[i], i)) if there else None

    ground = np.cumsum(c["fresh"])
    z, has = c["z"], ~np.isnan(c["z"])
    for j in range(day.size):
        before = [i for d in sorted({x for x in day if FROM <= x < day[j]}) if (i := lowest(d)) is not None]
        best = -1
        for i in before:
            best = i if best < 0 or gram[i] > gram[best] else best
        born = lowest(0.0) if day[j] > 0 else None
        best = born if best < 0 and born is not None else best
        out["best"].append(best)
        lost = math.nan if best < 0 else float((Decimal(gram[best]) - Decimal(gram[j])) * 100 / Decimal(gram[best]))
        out["loss"].append(lost)
        anchor = last = -1
        for i in [i for d in sorted({x for x in day if FROM <= x <= day[j]}) if (i := lowest(d)) is not None]:
            if c["percent"]:
                up = anchor < 0 or gram[i] * 100 >= gram[anchor] * 101
            else:
                up = anchor < 0 or gram[i] > gram[anchor]
            anchor, last = (i, -1) if up else (anchor, i)
        out["anchor"].append(anchor)
        out["last"].append(last)
        picked = [i for i in range(j + 1) if counts[i] and has[i] and ground[i] == ground[j]]
        late = [i for i in picked if day[j] - 28 <= day[i] < day[j]]
        older = [i for i in picked if day[i] < day[j] - 28]
        if not any(day[j] - day[i] >= 7 for i in late):
            late += older[-1:]
        out["fallen"].append(z[j] - max(z[i] for i in late) if late and has[j] else math.nan)
        held = [
            min(z[i] for i in picked if a <= i <= b)
            for b in picked
            for a in picked
            if a <= b and day[b] - day[a] >= 14.0
        ]
        out["held"].append(max(held, default=math.nan))
    return out


@given(st.lists(one(), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_a_caseload_is_what_a_walk_through_each_child_gives(children: list[dict[str, Any]]) -> None:
    found = everything(children)
    for name in ("best", "anchor", "last", "loss", "fallen", "held"):
        expected = [x for c in children for x in slow(c)[name]]
        np.testing.assert_allclose(found[name], expected, rtol=0, atol=1e-12, err_msg=name)


def by_days(c: dict[str, Any]) -> list[int]:
    """Ends of the days of weighing."""
    day = c["day"]
    return [i + 1 for i in range(day.size) if i + 1 == day.size or day[i + 1] > day[i]]


@given(one(), st.data())
@settings(max_examples=100, deadline=None)
def test_what_follows_a_row_rests_on_the_rows_up_to_its_day(c: dict[str, Any], data: st.DataObject) -> None:
    if not c["day"].size:
        return
    end = data.draw(st.sampled_from(by_days(c)))
    part = {k: v[:end] if isinstance(v, np.ndarray) else v for k, v in c.items()}
    whole, some, both = everything([c]), everything([part]), everything([c, part])
    for name, column in some.items():
        np.testing.assert_array_equal(whole[name][:end], column)
        np.testing.assert_array_equal(both[name][c["day"].size :], column)


@pytest.mark.parametrize(("base", "now", "percent"), [(3.5, 3.15, 10.0), (4.0, 3.7, 7.5), (3.4, 3.23, 5.0)])
def test_per_cent_of_whole_weights_is_exact(base: float, now: float, percent: float) -> None:
    assert follow.percent_below(np.array([base]), np.array([now]))[0] == percent


def test_no_row_and_no_child() -> None:
    for offsets in ([0], [0, 0, 0]):
        rows = Rows(np.array(offsets, np.intp), np.zeros(0))
        assert follow.best_before(rows, np.zeros(0), FROM).row.size == 0
        assert follow.clock(rows, np.zeros(0), FROM).days(rows).size == 0
        levels = Levels(rows, np.zeros(0), np.zeros(0, bool))
        assert follow.held_best(levels, 14.0).z.size == 0
        assert follow.fallen(levels, 28, 7).size == 0


def always(kg: list[float], days: list[float], percent: float = 0.0) -> bool:
    """Whether one child is said to have gained at every row."""
    rows = Rows(np.array([0, len(kg)], np.intp), np.array(days))
    return bool(follow.always_gains(rows, np.array(kg), np.array([percent]))[0])


def test_who_gained_at_every_row() -> None:
    assert always([3.0, 3.5, 4.0], [0, 14, 30]) and always([3.0], [0]) and always([], [])
    assert not always([3.0, 3.5, 3.5], [0, 14, 30]), "as much is no gain"
    assert not always([3.0, 3.5, 3.4], [0, 14, 30])
    assert not always([3.0, 3.5, 4.0], [0, 14, 14]), "two of one day"
    assert not always([3.0, math.nan, 4.0], [0, 14, 30])
    assert always([10.0, 10.1], [60, 90], 1.0) and not always([10.0, 10.09], [60, 90], 1.0)
    both = Rows(np.array([0, 2, 2, 4], np.intp), np.array([0.0, 14.0, 0.0, 14.0]))
    said = follow.always_gains(both, np.array([4.0, 3.0, 3.0, 4.0]), np.zeros(3))
    assert said.tolist() == [False, True, True], "each child by itself"


@given(st.lists(one(), max_size=6), st.sampled_from([-np.inf, 0.0, FROM]))
@settings(max_examples=200)
def test_the_clock_never_runs_on_who_gained_at_every_row(children: list[dict[str, Any]], start: float) -> None:
    offsets = np.concatenate(([0], np.cumsum([c["day"].size for c in children]))).astype(np.intp)
    day, gram = (np.concatenate([np.zeros(0), *(c[k] for c in children)]) for k in ("day", "gram"))
    percent, rows = np.array([c["percent"] for c in children]), Rows(offsets, day)
    gained = follow.always_gains(rows, gram / 1000.0, percent)
    days = follow.clock(rows, gram / 1000.0, start, percent).days(rows)
    assert not (days[gained[rows.child]] > 0).any()


@given(st.integers(1, 4), st.integers(0, 5), st.data())
@settings(max_examples=200)
def test_children_of_as_many_weights_are_as_each_alone(ranks: int, count: int, data: st.DataObject) -> None:
    gram = data.draw(
        st.lists(st.sampled_from([3000, 3400, 3401, 4000]), min_size=ranks * count, max_size=ranks * count)
    )
    kg, day = np.array(gram, float) / 1000.0, np.tile(np.arange(ranks) * 20.0, count)
    together = Rows(np.arange(count + 1, dtype=np.intp) * ranks, day)
    clock, best = follow.clock(together, kg, 0.0).days(together), follow.best_before(together, kg, 0.0).kg
    for child in range(count):
        own = slice(child * ranks, (child + 1) * ranks)
        ahead = [max(kg[own][:k], default=math.nan) for k in range(ranks)]
        assert np.array_equal(best[own], ahead, equal_nan=True)
        anchor = [max(range(k + 1), key=lambda j: (kg[own][j], -j)) for k in range(ranks)]
        assert clock[own].tolist() == [20.0 * (k - a) for k, a in enumerate(anchor)]


# --- calendar months ----------------------------------------------------------------------------


def stuck(born: dt.date, until: int) -> Child:
    """No gain since day 91; weighed again at `until`."""
    child = Child(born=born).weigh(4.2, 28).weigh(5.0, 60).weigh(5.6, 121 - 28)
    return child.weigh(5.6, until)


def test_at_121_days_the_clock_goes_by_the_calendar_as_in_a_review() -> None:
    for born, four_months in ((dt.date(2024, 2, 1), 121), (dt.date(2024, 7, 1), 123)):
        child = stuck(born, 121)
        found = gw.trajectory(child.record).primary.rules["no-net-gain"]
        levels = {f.rule: f.level for f in child.review(121).findings}
        # 28 days: red from two to four months, amber from four.
        assert found.value[-1] == 28 and found.level[-1] == (1 if four_months <= 121 else 2)
        assert levels["G9"] == ("amber" if four_months <= 121 else "red")


def test_columns_count_calendar_months_where_the_birth_date_is_given() -> None:
    kg, age = [3.4, 4.2, 5.0, 5.6, 5.6], [0, 28, 60, 93, 121]
    red, amber = (
        gw.trajectories(kg, age_days=age, sex="female", birth_date=born).rules["no-net-gain"].level[-1]
        for born in (None, dt.date(2024, 2, 1))
    )
    assert (red, amber) == (2, 1)
    each = gw.trajectories(
        kg * 2, age_days=age * 2, sex="female", child=np.repeat([0, 1], 5),
        birth_date=[dt.date(2024, 2, 1)] * 5 + [None] * 5,
    )  # fmt: skip
    assert each.rules["no-net-gain"].level[[4, 9]].tolist() == [1, 2]
    with pytest.raises(gw.GrowthwatchError, match="birth_date"):
        gw.trajectories(kg, age_days=age, sex="female", birth_date="2024-02-01")
    with pytest.raises(gw.GrowthwatchError, match="birth_date"):
        gw.trajectories(kg, age_days=age, sex="female", birth_date=[dt.date(2024, 2, 1)])


# --- two weights of one day ---------------------------------------------------------------------


def test_of_two_weights_of_one_day_the_lower_is_compared_and_neither_is_a_loss_of_the_other() -> None:
    found = gw.trajectories([3.4, 5.0, 6.0, 5.2, 5.9], age_days=[0, 60, 91, 91, 98], sex="female").rules
    loss, clock = found["loss-from-best"], found["no-net-gain"]
    assert loss.value.tolist()[1:4] == [0.0, 0.0, 0.0]  # 5.00 kg was the best before that day
    assert loss.value[4] == 0.0 and clock.value[4] == 0.0  # the best took the lower: 5.20 kg
    found = gw.trajectories([3.4, 5.8, 6.0, 5.2], age_days=[0, 60, 91, 91], sex="female").rules
    assert found["loss-from-best"].value[3] == pytest.approx(60 / 5.8)
    assert found["loss-from-best"].level[3] == 4


def test_the_birth_weight_is_the_greatest_of_the_day_of_birth() -> None:
    found = gw.trajectories([3.6, 3.0, 3.2, 3.2], age_days=[0, 0, 5, 5], sex="female").rules
    assert found["newborn-loss"].value[-1] == pytest.approx(100 * 0.4 / 3.6)


def test_a_weight_doubted_for_being_low_is_no_best_of_its_day() -> None:
    kg, age = [3.4, 4.2, 5.0, 5.6, 0.56, 5.0], [0, 28, 60, 91, 91, 98]
    found = gw.trajectories(kg, age_days=age, sex="female")
    assert found.doubted.tolist() == [False] * 4 + [True, False]
    assert found.rules["loss-from-best"].value[-1] == pytest.approx(100 * 0.6 / 5.6)
