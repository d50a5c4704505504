"""Gains: conditional, by the day, along a thrive line, to come."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

import growthwatch as gw
from growthwatch import GrowthwatchError
from growthwatch.core.status import Status
from growthwatch.growth.figures import cole_correlation
from growthwatch.growth.forecast import (
    evidence_below,
    fall_below,
    forecast,
    gain_at_least,
    innovation_at_least,
    next_weight,
    z_at_least,
)
from growthwatch.growth.gain import conditional_gain, innovations, thrive_line, velocity
from growthwatch.growth.model import noise_sd, weight_model
from growthwatch.growth.series import Series, weight_series
from growthwatch.references import increments

UK, WHO, DOWN = (gw.reference(i) for i in ("uk-who", "who-2006", "trisomy-21-us-2015"))
AGES = [0, 30, 61, 91, 120, 150, 190, 230]
KG = [3.4, 4.4, 5.3, 6.1, 6.9, 7.5, 7.7, 7.75]
ONE = weight_series(UK, KG, AGES, "female")
FIGURES = {
    conditional_gain: ("z", "cole_z", "r", "cole_r", "change", "gap_days", "status_code", "cole_status_code"),
    innovations: ("z", "expected", "variance", "level", "status_code"),
    velocity: ("g_per_day", "g_per_kg_day", "gap_days", "who_z", "status_code", "who_status_code"),
}


def children(seed: int, n: int = 12, on: gw.Reference = UK, most_age: int = 1700) -> dict[str, np.ndarray]:
    """Weighings of some children, in any order; some ages twice, some weights missing."""
    rng = np.random.default_rng(seed)
    count = rng.integers(1, 15, n)
    child = np.repeat(np.arange(n), count)
    age = np.floor(most_age * rng.beta(0.7, 1.5, child.size))
    sex = rng.integers(0, 2, n)[child]
    born = rng.choice([np.nan, 280, 215, 190, 250], n)[child]
    z = rng.normal(-0.5, 1.0, n)[child] + rng.normal(0, 0.3, child.size)
    kg = on.value(z, age_days=age, sex=sex, gestation_days=born, sex_coding={0: "male", 1: "female"})
    kg[rng.random(child.size) < 0.05] = np.nan
    order = rng.permutation(child.size)
    made = {"weight_kg": kg, "age_days": age, "sex": sex, "gestation_days": born, "child": child}
    return {k: v[order] for k, v in made.items()}


def series(columns: dict[str, np.ndarray], on: gw.Reference = UK) -> Series:
    return weight_series(on, **columns, sex_coding={0: "male", 1: "female"})


def equal(a: Any, b: Any) -> bool:
    if a.dtype.kind in "fc":
        return bool(np.allclose(a, b, rtol=0, atol=1e-12, equal_nan=True))
    return bool(np.array_equal(a, b))


# --- pairs ------------------------------------------------------------------------------------


def test_a_pair_is_the_published_formula() -> None:
    found = conditional_gain(ONE)
    sd = noise_sd(UK, np.full(2, 1, np.uint8), np.array([30.0, 61.0]))
    r = float(weight_model().correlation(30.0, 61.0, sd[0], sd[1]))
    z = UK.z(np.array([4.4, 5.3]), age_days=[30, 61], sex="female")
    z1 = z[0]  # as published: the weights before, and their table, say nothing here
    assert found.r[2] == pytest.approx(r, abs=1e-12)
    assert found.z[2] == pytest.approx((z1 + z[1] - z[0] - r * z1) / np.sqrt(1 - r * r), abs=1e-12)
    rc = cole_correlation(30, 61)
    assert found.cole_z[2] == pytest.approx((z1 + z[1] - z[0] - rc * z1) / np.sqrt(1 - rc * rc), abs=1e-12)
    assert found.status.tolist() == ["no_previous"] + ["ok"] * 7
    assert found.against.tolist() == [-1, 0, 1, 2, 3, 4, 5, 6]


def test_a_pair_is_judged_on_its_two_weights_alone() -> None:
    kg, age = [3.3, 5.2, 6.4, 6.7], [0, 60, 120, 180]
    alone = conditional_gain(weight_series(UK, kg[1:], age[1:], "female"))
    for birth in (2.4, 3.3, 4.4):
        found = conditional_gain(weight_series(UK, [birth, *kg[1:]], age, "female"))
        assert found.z[2:] == pytest.approx(alone.z[1:], abs=1e-12)
        assert found.cole_z[2:] == pytest.approx(alone.cole_z[1:], abs=1e-12)


def test_the_latest_weighing_at_least_four_weeks_earlier() -> None:
    s = weight_series(WHO, [4, 4.2, 4.5, 4.7, 5.1], [28, 35, 55, 56, 84], "male")
    found = conditional_gain(s)
    assert found.against.tolist() == [-1, -1, -1, 0, 3]
    assert found.gap_days[3:].tolist() == [28, 28]
    assert conditional_gain(s, least_gap_days=7).against.tolist() == [-1, 0, 1, 1, 3]
    assert conditional_gain(s, least_gap_days=7).cole_status.tolist() == [
        "no_previous",
        "interval_not_covered",
        "interval_not_covered",
        "interval_not_covered",
        "ok",
    ]
    chosen = conditional_gain(s, against=[-1, 0, 0, -1, 0])
    assert chosen.against.tolist() == [-1, 0, 0, -1, 0]
    assert np.isfinite(chosen.z).tolist() == [False, True, True, False, True]


def test_a_pair_chosen_must_be_of_the_child() -> None:
    s = weight_series(WHO, [4, 5, 4, 5], [30, 60, 30, 60], "male", child=[0, 0, 1, 1])
    with pytest.raises(GrowthwatchError, match="same child"):
        conditional_gain(s, against=[-1, 0, -1, 0])
    for wrong in ([0, 1], [-2, 0, 0, 0], [-1, 0, 9, 0], [0.5, 0, 0, 0]):
        with pytest.raises(GrowthwatchError, match="places"):
            conditional_gain(s, against=wrong)
    assert conditional_gain(s, against=[1, -1, -1, 2]).against.tolist() == [-1, -1, -1, 2]  # never a later one


def test_where_each_formula_ends() -> None:
    s = weight_series(WHO, [9, 10, 11, 17.0, 17.1], [300, 700, 731, 1820, 1850], "male")
    found = conditional_gain(s)
    assert found.cole_status_code[2] == Status.AGE_ABOVE_REFERENCE
    assert np.isnan(found.cole_z[2])
    assert np.isfinite(found.z[2])
    early = weight_series(UK, [2.5, 3.0, 3.6], [10, 30, 53], "male", gestation_days=240)
    assert conditional_gain(early, least_gap_days=20).status.tolist()[2] == "age_below_reference"
    assert innovations(early).status.tolist()[:2] == ["age_below_reference"] * 2
    across = weight_series(UK, [3.0, 4.5], [30, 75], "male", gestation_days=240)
    assert conditional_gain(across).status.tolist() == ["no_previous", "no_common_table"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
@pytest.mark.parametrize("of", list(FIGURES))
def test_one_child_equals_a_caseload_and_order_does_not_matter(of: Any, seed: int) -> None:
    columns = children(seed)
    whole = of(series(columns))
    n = columns["age_days"].size
    order = np.random.default_rng(seed).permutation(n)
    mixed = of(series({k: v[order] for k, v in columns.items()}))
    for name in FIGURES[of]:
        assert equal(getattr(whole, name)[order], getattr(mixed, name)), name
    for number in np.unique(columns["child"]):
        mine = columns["child"] == number
        alone = of(series({k: v[mine] for k, v in columns.items()}))
        for name in FIGURES[of]:
            assert equal(getattr(whole, name)[mine], getattr(alone, name)), name


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 1700))
@pytest.mark.parametrize("of", list(FIGURES))
def test_nothing_later_changes_what_was_said(of: Any, seed: int, day: int) -> None:
    columns = children(seed)
    then = columns["age_days"] <= day
    if not then.any():
        return
    whole, cut = of(series(columns)), of(series({k: v[then] for k, v in columns.items()}))
    for name in FIGURES[of]:
        assert equal(getattr(whole, name)[then], getattr(cut, name)), name


@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize("join", [14, 1461])
@pytest.mark.parametrize("z", [-8 / 3, -2, 0, 2])
def test_a_join_of_tables_is_no_gain_and_no_loss(sex: str, join: int, z: float) -> None:
    """A child weighed a day earlier or later is said to have gained as much, whatever the table of that day."""
    start, later = (12, 60) if join == 14 else (1300, 1500)
    made: list[tuple[float, ...]] = []
    published: list[float] = []
    for end in (join - 1, join, join + 1):
        kg = [WHO.value(z, age_days=a, sex=sex) for a in (start, end)]
        s = weight_series(UK, kg, [start, end], sex)
        made.append((innovations(s).z[1], forecast(s, later).expected_z[0]))
        if join == 1461:
            made[-1] += (conditional_gain(s).z[1],)
        published.append(s.published_z[1] / np.sqrt(innovations(s).variance[1]))
    jump = np.abs(np.diff(np.array(made), axis=0)).max()
    assert jump < 0.3
    if np.ptp(published) > 1:  # as it would jump, were published z compared
        assert jump < 0.25 * np.ptp(published)
    before, until = (14, 60) if join == 14 else (join - 200, join)
    line = [thrive_line(UK, z=z, age_days=before + d, until_days=until + d, sex=sex) for d in (-1, 0, 1)]
    kg = np.array([found.weight_kg for found in line])
    assert np.abs(np.diff(kg)).max() < (0.35 if join == 14 else 0.15)


# --- the whole past ---------------------------------------------------------------------------


@pytest.mark.parametrize("on", [UK, DOWN])
@pytest.mark.parametrize("level_sd", [1.0, 20.0])
def test_innovations_are_those_of_the_dense_process(on: gw.Reference, level_sd: float) -> None:
    s = weight_series(on, KG[1:], AGES[1:], "female")
    found = innovations(s, level_sd=level_sd)
    error = 0.1 if on is DOWN else 0.0
    c = weight_model().covariance(s.age_days, s.noise, error, 365.25) + weight_model().permanent * (level_sd**2 - 1)
    expected = np.linalg.solve(np.linalg.cholesky(c), s.level)
    assert found.z[1:] == pytest.approx(expected[1:], abs=1e-9)
    assert found.status.tolist() == ["no_previous"] + ["ok"] * 6
    assert innovations(s, error=0.3).variance[3] > innovations(s, error=0.0).variance[3]


def test_healthy_children_have_standard_innovations() -> None:
    rng = np.random.default_rng(1)
    age = np.array([20, 40, 45, 75, 130, 131, 220, 380, 700, 1500.0])
    c = weight_model().covariance(age, noise_sd(WHO, np.zeros(age.size, np.uint8), age))
    z = rng.standard_normal((4000, age.size)) @ np.linalg.cholesky(c).T
    kg = WHO.value(z.ravel(), age_days=np.tile(age, 4000), sex="male")
    s = weight_series(WHO, kg, np.tile(age, 4000), "male", child=np.arange(4001) * age.size)
    e = innovations(s).z.reshape(4000, -1)[:, 1:]
    assert np.abs(e.mean(axis=0)).max() < 0.07
    assert e.std(axis=0) == pytest.approx(np.ones(age.size - 1), abs=0.05)
    assert np.abs(np.corrcoef(e.T) - np.eye(age.size - 1)).max() < 0.07
    pairs = conditional_gain(s).z.reshape(4000, -1)
    share = (pairs[:, [3, 4, 6, 7, 8, 9]] < norm.ppf(0.05)).mean(axis=0)
    assert share == pytest.approx(np.full(6, 0.05), abs=0.015)


# --- thrive lines -----------------------------------------------------------------------------


def test_thrive_lines_work_on_any_reference_and_broadcast() -> None:
    ours = DOWN
    found = thrive_line(ours, z=[[0.0], [-2.0]], age_days=[100, 400], until_days=[160, 800], sex="female", centile=10)
    assert found.z.shape == (2, 2)
    assert found.centile == 10
    assert (found.z[0] < 0).all()
    assert np.isfinite(found.weight_kg).all()
    assert found.cole_status_code.tolist() == [[0, Status.AGE_ABOVE_REFERENCE]] * 2
    scalar = thrive_line(ours, z=-2.0, age_days=100, until_days=160, sex="female", centile=10)
    assert isinstance(scalar.z, float)
    assert scalar.z == pytest.approx(found.z[1, 0])
    kg = ours.value(-2.0, age_days=100, sex="female")
    assert thrive_line(ours, weight_kg=kg, age_days=100, until_days=160, sex="female", centile=10).z == pytest.approx(
        scalar.z
    )
    median = thrive_line(WHO, z=-2.0, age_days=100, until_days=160, sex="female", centile=50)
    assert median.z == pytest.approx(-2 * median.r)


def test_a_thrive_line_is_where_the_conditional_gain_is_at_its_centile() -> None:
    for on in (UK, WHO, DOWN):
        end = thrive_line(on, weight_kg=6.0, age_days=120, until_days=180, sex="male")
        for kg, name in ((end.weight_kg, "z"), (end.cole_weight_kg, "cole_z")):
            s = weight_series(on, [6.0, kg], [120, 180], "male")
            assert getattr(conditional_gain(s), name)[1] == pytest.approx(norm.ppf(0.05), abs=1e-9)


def test_thrive_lines_say_why_there_is_none() -> None:
    ask = {"sex": ["male", "male", "male", None, "male"], "age_days": [100, 200, 100, 100, 100]}
    found = thrive_line(UK, z=[0, 0, 0, 0, np.nan], until_days=[200, 100, 3000, 200, 200], **ask)
    assert found.status_code.tolist() == [
        Status.OK,
        Status.INTERVAL_NOT_COVERED,
        Status.AGE_ABOVE_REFERENCE,
        Status.MISSING_SEX,
        Status.MISSING_VALUE,
    ]
    assert np.isnan(found.z[1:]).all()
    assert np.isnan(found.weight_kg[1:]).all()
    for wrong in ({}, {"z": 0, "weight_kg": 3}, {"z": 0, "centile": 0}, {"z": 0, "coefficients": "1990"}):
        with pytest.raises(GrowthwatchError):
            thrive_line(UK, age_days=100, until_days=200, sex="male", **wrong)


# --- velocity ---------------------------------------------------------------------------------


def test_velocity() -> None:
    found = velocity(ONE)
    assert found.g_per_day[1] == pytest.approx(1000 / 30)
    assert found.g_per_kg_day[1] == pytest.approx(1000 * np.log(4.4 / 3.4) / 30)
    assert found.who_interval.tolist() == ["", "0-4w", "4w-2m", "2-3m", "3-4m", "4-5m", "", ""]
    assert found.who_status.tolist() == ["no_previous"] + ["ok"] * 5 + ["interval_not_covered"] * 2
    months = np.rint(np.arange(1, 13) * 30.4375)
    exact = weight_series(WHO, np.linspace(4, 9, 12), months, "male")
    got = velocity(exact)
    assert got.who_interval.tolist()[1:4] == ["4w-2m", "2-3m", "3-4m"]
    scale = 30.4375 / (months[2] - months[1])
    assert got.who_z[2] == pytest.approx(increments.z(scale * 5 / 11, interval="2-3m", sex="male"), abs=1e-9)
    assert velocity(exact, tolerance_days=0).who_status.tolist()[1:] == ["interval_not_covered"] * 11


def test_the_weighing_nearest_to_the_start_is_taken() -> None:
    s = weight_series(WHO, [5.0, 5.1, 5.2, 6.0], [58, 60, 62, 91], "male")
    found = velocity(s)
    assert found.who_against.tolist() == [-1, -1, -1, 1]
    wide = weight_series(WHO, [5.0, 6.0], [57, 91], "male")
    assert velocity(wide).who_status.tolist() == ["no_previous", "interval_not_covered"]


# --- forecasts --------------------------------------------------------------------------------


def test_a_forecast_is_what_the_next_innovation_is_measured_from() -> None:
    found = innovations(ONE)
    for k in range(2, 8):
        ahead = forecast(ONE, AGES[k], weight_kg=KG[k])
        assert ahead.row[0] == k - 1
        assert ahead.given_z[0] == pytest.approx(found.z[k], abs=1e-9)
        assert ahead.given_centile[0] == pytest.approx(100 * norm.cdf(found.z[k]), abs=1e-7)
        at = forecast(ONE, AGES[k], weight_kg=ahead.weight_kg)
        assert at.given_z[0] == pytest.approx(0, abs=1e-9)
        low = forecast(ONE, AGES[k], weight_kg=ahead.band_kg[0])
        assert low.given_centile[0] == pytest.approx(5, abs=1e-6)


def test_forecasts_for_many() -> None:
    columns = children(3)
    s = series(columns)
    who, age = np.array([0, 0, 5, 7, 1]), np.array([1750, 1790, 1750, 1800, -3.0])
    found = forecast(s, age, child=who, centiles=(2.5, 50, 97.5))
    assert found.band_kg.shape == (3, 5)
    ok = found.status_code == 0
    assert (found.band_kg[0][ok] < found.weight_kg[ok]).all()
    assert found.band_kg[1][ok] == pytest.approx(found.weight_kg[ok])
    assert (np.isnan(found.weight_kg) == ~ok).all()
    assert found.status[-1] in ("no_previous", "age_below_reference")
    for k in np.flatnonzero(ok):
        mine = columns["child"] == who[k]
        alone = forecast(series({c: v[mine] for c, v in columns.items()}), age[k], centiles=(2.5, 50, 97.5))
        assert alone.weight_kg[0] == pytest.approx(found.weight_kg[k], abs=1e-9)
    with pytest.raises(GrowthwatchError):
        forecast(s, [100.0, 200.0])
    with pytest.raises(GrowthwatchError):
        forecast(s, [100.0], child=[99])


def test_bands_hold_what_they_should() -> None:
    rng = np.random.default_rng(5)
    age = np.array([30, 60, 120, 200, 300.0])
    c = weight_model().covariance(age, noise_sd(DOWN, np.zeros(5, np.uint8), age), 0.1, 365.25)
    n = 4000
    z = rng.standard_normal((n, 5)) @ np.linalg.cholesky(c).T
    kg = DOWN.value(z.ravel(), age_days=np.tile(age, n), sex="male").reshape(n, 5)
    s = weight_series(DOWN, kg[:, :4].ravel(), np.tile(age[:4], n), "male", child=np.arange(n + 1) * 4)
    found = forecast(s, 300, weight_kg=kg[:, 4])
    inside = (found.band_kg[0] <= kg[:, 4]) & (kg[:, 4] <= found.band_kg[1])
    assert inside.mean() == pytest.approx(0.90, abs=0.015)


# --- the next weight --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "test", [gain_at_least(), innovation_at_least(), z_at_least(-4 / 3), fall_below(4 / 3, "best"), fall_below(0.7)]
)
def test_the_next_weight_is_the_least_that_does(test: Any) -> None:
    found = next_weight(ONE, 260, test)
    assert found.holds == "from"
    assert found.weight_kg == pytest.approx(round(found.weight_kg, 2))
    for kg, answer in ((found.weight_kg, True), (found.weight_kg - 0.01, False)):
        s = weight_series(UK, [*KG, kg], [*AGES, 260], "female")
        assert bool(test(s)[0]) is answer


def test_the_next_weight_that_keeps_the_evidence_low() -> None:
    ages, kg = [30 * k for k in range(1, 13)], [4.4, 5.5, 6.3, 6.9, 7.4, 7.7, 7.7, 7.6, 7.4, 7.2, 7.0, 6.8]
    s = weight_series(UK, kg, ages, "female")
    last = gw.evidence(kg, age_days=ages, sex="female")[-1]
    assert last > 5
    found = next_weight(s, 390, evidence_below(float(last)))
    assert found.holds == "from"
    for weight, below in ((found.weight_kg, True), (found.weight_kg - 0.01, False)):
        assert (gw.evidence([*kg, weight], age_days=[*ages, 390], sex="female")[-1] < last) is np.bool_(below)
    assert next_weight(s, 390, z_at_least(9)).holds == "never"
    assert next_weight(s, 390, z_at_least(-9)).holds == "always"
    with pytest.raises(GrowthwatchError):
        next_weight(weight_series(UK, [4, 5], [30, 60], "male", child=[0, 1]), 90, z_at_least(0))
