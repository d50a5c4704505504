"""How far a weight is below the best sustained position, copied readings, and a best that stands alone."""

from __future__ import annotations

import numpy as np
import pytest
from builders import Child
from hypothesis import given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch.growth.alone import places_alone, stands_alone
from growthwatch.growth.equal import chance_of_equal, resolution_kg
from growthwatch.growth.gain import since_best
from growthwatch.growth.model import FREE_LEVEL_SD, WeightModel, noise_sd, weight_model
from growthwatch.growth.quality import EntryError, suspected
from growthwatch.growth.series import weight_series
from growthwatch.growth.sustained import beside_a_rule, since_best_of_one, since_best_words

UK, WHO = gw.reference("uk-who"), gw.reference("who-2006")


def by_hand(age: np.ndarray, z: np.ndarray, noise: np.ndarray, model: WeightModel, free: bool) -> tuple[float, float]:
    """The least conditional z of the last, from dense Gaussian regression on each beginning of the past."""
    c = model.covariance(age, noise) + (model.permanent * (FREE_LEVEL_SD**2 - 1.0) if free else 0.0)
    best, since = np.inf, np.nan
    for j in range(1, age.size):
        if age[-1] - age[j - 1] < 27:
            continue
        weights = np.linalg.solve(c[:j, :j], c[:j, -1])
        score = (z[-1] - weights @ z[:j]) / np.sqrt(c[-1, -1] - weights @ c[:j, -1])
        if score < best:
            best, since = score, age[j - 1]
    return best, since


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_it_is_the_least_conditional_z_by_the_dense_process(seed: int, free: bool) -> None:
    rng = np.random.default_rng(seed)
    age = np.cumsum(rng.integers(28, 60, rng.integers(2, 15))).astype(float)  # no two in one span
    z = np.cumsum(rng.normal(-0.1, 0.4, age.size))
    kg = WHO.value(z, age_days=age, sex="male")
    series = weight_series(WHO, kg, age, "male")
    found = since_best(series, level_free=free)
    least, since = by_hand(age, series.level, series.noise, weight_model(), free)
    assert found.z[0] == pytest.approx(least, abs=1e-6)
    assert found.since_days[0] == since and found.age_days[0] == age[-1]
    assert (series.level[-1] - found.expected[0]) / found.sd[0] == pytest.approx(least, abs=1e-6)
    one = since_best_of_one(series.age_days, series.level, series.noise, level_free=free)
    assert one[0] == pytest.approx(least, abs=1e-8) and age[one[1]] == since


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_one_child_is_as_in_a_caseload_and_as_by_itself(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 40, 6)
    child = np.repeat(np.arange(6), counts)
    age = rng.integers(0, 1826, child.size).astype(float)
    kg = UK.value(rng.normal(-1.0, 0.8, child.size), age_days=age, sex="female")
    offsets_known = child.size > 0
    if not offsets_known:
        return
    free = rng.random(np.unique(child).size) < 0.5
    whole = since_best(weight_series(UK, kg, age, "female", None, child), level_free=free)
    for k, number in enumerate(np.unique(child)):
        mine = child == number
        series = weight_series(UK, kg[mine], age[mine], "female")
        alone = since_best(series, level_free=bool(free[k]))
        np.testing.assert_allclose(alone.z, whole.z[k : k + 1], rtol=0, atol=1e-9)
        np.testing.assert_array_equal(alone.since_days, whole.since_days[k : k + 1])
        kept = series.age_days >= 14
        if not series.fresh.any() and kept.any():
            z = series.z[kept] - series.z[kept][0] + series.published_z[kept][0]
            dense, _ = since_best_of_one(series.age_days[kept], z, series.noise[kept], level_free=bool(free[k]))
            assert dense == pytest.approx(float(alone.z[0]), abs=1e-7, nan_ok=True)


def boy(flat: int) -> tuple[list[float], list[float]]:
    """A boy who gains nothing from 98 days on, weighed so many times more."""
    return [3.5, 4.5, 5.4, 6.1, *[6.1] * flat], [12.0, 42.0, 70.0, *(98.0 + 28.0 * np.arange(flat + 1))]


def test_a_boy_who_gains_nothing_is_told_of_since_when() -> None:
    found = [since_best(weight_series(WHO, *boy(flat), "male")) for flat in (1, 2, 3)]
    # By version 2 of the model -2.5, -3.5 and -4.0
    assert [f.z[0] for f in found] == pytest.approx([-2.44, -3.34, -3.86], abs=0.01)
    assert all(f.since_days[0] == 98 for f in found)
    said = "Since 98 days of age his weight is 3.9 SD below what his earlier weights let expect."
    assert found[-1].explain(0, "his") == said
    second = [since_best(weight_series(WHO, *boy(flat), "male"), model=weight_model("2")).z[0] for flat in (1, 2, 3)]
    assert second == pytest.approx([-2.5, -3.5, -4.0], abs=0.07)


def test_the_level_counts_unless_it_is_free() -> None:
    age = np.arange(30.0, 400.0, 30.0)
    series = [
        weight_series(WHO, WHO.value(np.full(age.size, z), age_days=age, sex="male"), age, "male") for z in (0, -3)
    ]
    informed, free = ([since_best(s, level_free=f).z[0] for s in series] for f in (False, True))
    assert informed[1] < informed[0] - 1.0, "far below the middle, a child is expected to come nearer"
    assert abs(free[1] - free[0]) < 0.03


def test_who_has_none_is_told_why() -> None:
    few = since_best(weight_series(WHO, [5.0, 5.2], [60.0, 80.0], "male"))
    assert np.isnan(few.z[0]) and few.status.tolist() == ["no_previous"] and few.explain() == ""
    early = since_best(weight_series(WHO, [3.4, 3.2, 5.0], [0.0, 5.0, 60.0], "male"))
    assert np.isnan(early.z[0]), "the first two weeks do not count"
    late = since_best(weight_series(UK, [17.0, 17.5, 19.0], [1700.0, 1800.0, 1900.0], "male"))
    assert late.status.tolist() == ["age_above_reference"]
    none = since_best(weight_series(WHO, [], [], []))
    assert none.z.size == 0 or np.isnan(none.z).all()
    with pytest.raises(gw.GrowthwatchError) as raised:
        since_best(weight_series(WHO, [5.0, 6.0], [60.0, 90.0], "male"), level_free="yes")
    assert raised.value.field == "level_free"


def test_in_words() -> None:
    assert since_best_words(-2.04, 98.2) == (
        "Since 98 days of age the weight is 2.0 SD below what its earlier weights let expect."
    )
    assert since_best_words(0.31, 610, "her").startswith("Since 20 months of age her weight is 0.3 SD above what her")
    assert since_best_words(float("nan"), 98) == ""
    # What most healthy children have says nothing beside a rule that is met
    assert beside_a_rule(-0.9, 98, "male") == "" and "his weight is 1.0 SD below" in beside_a_rule(-1.0, 98, "male")


def test_a_trajectory_and_a_review_say_the_same() -> None:
    child = Child(sex="male", birth_kg=None)
    for kg, day in zip(*boy(3), strict=True):
        child.weigh(kg, int(day))
    said = "Since 98 days of age his weight is 3.9 SD below what his earlier weights let expect."
    silent = (
        "The running evidence (1.7; it speaks at 5) has not reached its level: it adds up months and is set to be "
        "silent in 99 of 100 healthy children, so that its silence takes nothing back."
    )
    notes = child.review(182).notes
    assert any(silent in n and n.endswith(said) and n.startswith("The rules are met and stand.") for n in notes)
    trajectory = gw.trajectory(child.record)
    text = trajectory.explain()
    assert "Evidence: the weights fit slowing growth 10 times better than healthy growth. The rules are met and" in text
    assert f"stand. {silent} {said}" in text
    assert trajectory.since_best.z[0] == pytest.approx(-3.86, abs=0.01)
    assert "about equally well" not in text


def test_where_a_rule_is_met_healthy_growth_is_not_said_to_fit_better() -> None:
    child = Child(sex="male", birth_kg=None).steady(-2.3, [60, 90, 120, 150, 180, 210])
    assert "G4" in child.levels(210)
    text = gw.trajectory(child.record).explain()
    assert "fit healthy growth" not in text and "its silence takes nothing back" in text
    well = gw.trajectory(Child(sex="male", birth_kg=None).steady(0.0, [60, 90, 120, 150, 180, 210]).record)
    assert "the weights fit healthy growth better" in well.explain() or "do not yet tell" in well.explain()


def test_a_child_with_a_condition_is_judged_level_free_on_the_standard() -> None:
    child = Child(sex="male", birth_kg=None).condition("trisomy_21", 5).steady(-2.5, [60, 90, 120, 150, 180, 210])
    other = Child(sex="male", birth_kg=None).steady(-2.5, [60, 90, 120, 150, 180, 210])
    with_, without = (gw.trajectory(c.record).since_best for c in (child, other))
    assert with_.level_free[0] and not without.level_free[0]
    assert without.z[0] < -1.0 < with_.z[0]


# --- copied readings ----------------------------------------------------------------------------


def test_the_coarsest_step_that_fits() -> None:
    assert resolution_kg([6.1, 7.0, 6.15, 6.125, 12.3, 0.29, np.nan]).tolist() == [
        0.1, 0.1, 0.01, 0.001, 0.1, 0.01, 0.001,
    ]  # fmt: skip


def test_the_chance_of_an_equal_reading_is_what_falls_within_half_a_step() -> None:
    # By hand: z2 given z1 is normal about r z1 with variance 1 - r^2
    sd = noise_sd(WHO, np.zeros(2, np.uint8), np.array([98.0, 126.0]))
    r = float(weight_model().correlation(98.0, 126.0, sd[0], sd[1]))
    z1 = WHO.z(6.12, age_days=98, sex="male")
    drawn = r * z1 + np.sqrt(1 - r * r) * np.random.default_rng(1).standard_normal(400_000)
    kg = WHO.value(drawn, age_days=126, sex="male")
    for step in (0.1, 0.5):
        share = (np.abs(kg - 6.12) < step / 2).mean()
        chance = float(chance_of_equal(WHO, 6.12, age_days=98, later_days=126, sex="male", step_kg=step))
        assert chance == pytest.approx(share, abs=4 * np.sqrt(share / 400_000) + 1e-5)


def test_the_chance_falls_with_the_gap_and_rises_with_the_step() -> None:
    by_gap = chance_of_equal(UK, 6.1, age_days=98, later_days=[105, 112, 126, 154], sex="male")
    assert (np.diff(by_gap) < 0).all() and by_gap[0] > 0.1 and by_gap[-1] < 0.01
    fine = chance_of_equal(UK, 6.12, age_days=98, later_days=[105, 112, 126, 154], sex="male")
    assert (fine < by_gap).all()
    assert np.isnan(chance_of_equal(UK, 6.1, age_days=126, later_days=98, sex="male"))
    assert np.isnan(chance_of_equal(UK, 20.0, age_days=1800, later_days=1900, sex="male"))


@pytest.mark.parametrize(
    ("kg", "days", "asked"),
    [
        (6.1, 28, False),  # to 100 g, after four weeks: one healthy child in 90
        (6.12, 28, True),  # to 10 g: one in 900
        (6.12, 7, False),  # within a week or so it is no wonder
    ],
)
def test_an_equal_reading_is_asked_about_by_its_chance(kg: float, days: int, asked: bool) -> None:
    before, ages = [3.62, 4.51, 5.43, kg], [20.0, 42.0, 70.0, 98.0]
    found = suspected([*before, kg], age_days=[*ages, 98.0 + days], sex="male")
    chance = float(chance_of_equal(UK, kg, age_days=98, later_days=98 + days, sex="male"))
    assert (chance < 0.01) is asked
    assert bool(found.code[-1] == EntryError.CARRIED_FORWARD) is asked
    assert not asked or "exactly the last weight" in found.question[-1]


# --- a best that stands alone --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "gaps", "below", "alone"),
    [
        (9.5, 9.4, (28, 28), np.nan, True),
        (9.51, 9.4, (28, 28), np.nan, False),  # 4.9 % below
        (9.5, 9.2, (28, 28), np.nan, False),  # 3.3 % apart
        (9.5, 9.4, (29, 28), np.nan, False),
        (9.5, 9.4, (28, 29), 5 / 9, True),  # further away, and 5/9 z below
        (9.5, 9.4, (28, 29), 0.55, False),
        (10.5, 9.4, (28, 28), np.nan, False),
    ],
)
def test_when_a_best_stands_alone(
    before: float, after: float, gaps: tuple[int, int], below: float, alone: bool
) -> None:
    found = stands_alone(before, 10.0, after, before_days=gaps[0], after_days=gaps[1], below_z=below)
    assert bool(found) is alone


def test_in_columns_the_last_never_stands_alone_nor_do_two_children_make_one() -> None:
    kg = np.array([9.4, 10.0, 9.4, 9.4, 10.0, 9.4, 10.0])
    age = np.array([100.0, 120, 140, 100, 120, 140, 100])
    found = places_alone(kg, age, np.zeros(7), np.array([0, 3, 5, 7]))
    assert found.tolist() == [False, True, False, False, False, False, False]
    assert not places_alone(kg[:2], age[:2], np.zeros(2), np.array([0, 2])).any()


def test_a_trajectory_asks_whether_the_best_is_right() -> None:
    kg = [8.2, 8.5, 8.7, 9.3, 8.8]
    child = Child(sex="female", birth_kg=None)
    for w, day in zip(kg, (250, 278, 306, 334, 362), strict=True):
        child.weigh(w, day)
    text = gw.trajectory(child.record).explain()
    assert "9.30 kg, the best weight so far, stands alone: 8.70 kg and 8.80 kg before and after it." in text
    assert "The loss from it is judged all the same; is that weight right?" in text
    child.weigh(9.4, 390)
    assert "stands alone" not in gw.trajectory(child.record).explain()
