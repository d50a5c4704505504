"""The model of healthy weight: exact, positive definite, and near the published correlations."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch.growth.figures import cole_correlation
from growthwatch.growth.gain import thrive_line
from growthwatch.growth.model import FREE_LEVEL_SD, Filter, WeightModel, noise_sd, weight_model

DATA = Path(__file__).parents[1] / "data"
MODEL = weight_model()
WHO = gw.reference("who-2006")
MONTHS = np.arange(13) * 30.4375
ages = st.lists(st.integers(0, 1826), min_size=1, max_size=25, unique=True).map(lambda a: np.array(sorted(a), float))


def rows(name: str) -> list[list[str]]:
    text = (DATA / name).read_text(encoding="utf-8").splitlines()
    return list(csv.reader(line for line in text if not line.startswith("#")))


PAIRS = list(combinations(range(13), 2))


def noise(age: np.ndarray) -> np.ndarray:
    """Noise of one weighing on WHO 2006, the mean of both sexes."""
    return sum(noise_sd(WHO, np.full(age.size, sex, np.uint8), age) for sex in (0, 1)) / 2.0


MATRIX = np.array([[float(v) for v in row[1:]] for row in rows("rcpch_weight_correlation_by_month.csv")[1:]])
OURS = MODEL.covariance(MONTHS, noise(MONTHS))


@settings(max_examples=60, deadline=None)
@given(ages, st.integers(0, 2**32 - 1), st.sampled_from([1.0, FREE_LEVEL_SD]), st.sampled_from([0.0, 0.1, 0.3]))
def test_the_filter_is_the_dense_gaussian_process(age: np.ndarray, seed: int, level_sd: float, error: float) -> None:
    z, sd, days = np.random.default_rng(seed).normal(size=age.size), noise(age), 365.25
    dense = MODEL.covariance(age, sd, error, days) + MODEL.permanent * (level_sd**2 - 1.0)
    expected = np.linalg.solve(np.linalg.cholesky(dense), z)
    one = Filter(MODEL, age[:1], level_sd, error, days)
    for k in range(age.size):
        mean, variance = one.predict(age[k : k + 1], sd[k : k + 1])
        assert abs((z[k] - mean[0]) / np.sqrt(variance[0]) - expected[k]) < 1e-9
        one.update(z[k : k + 1] - mean)


@settings(max_examples=60, deadline=None)
@given(ages, st.integers(0, 2**32 - 1), st.sampled_from([1.0, FREE_LEVEL_SD]), st.sampled_from([0.0, 0.1]))
def test_one_child_is_filtered_to_the_last_bit_as_beside_others(
    age: np.ndarray, seed: int, level_sd: float, error: float
) -> None:
    draw, sd = np.random.default_rng(seed), noise(age)
    alone, beside = Filter(MODEL, age[:1], level_sd, error), Filter(MODEL, np.repeat(age[:1], 3), level_sd, error)
    leaves = age.size // 2  # from there on nobody is beside it
    for k in range(age.size):
        z, trust, m = draw.normal(size=3), draw.random(3), 3 if k < leaves else 1
        one = alone.predict(age[k : k + 1], sd[k : k + 1])
        many = beside.predict(np.repeat(age[k], m), np.repeat(sd[k], m))
        for mine, theirs in zip(
            (*one, alone.toward, alone.observed), (*many, beside.toward, beside.observed), strict=True
        ):
            assert np.array_equal(mine[..., 0], theirs[..., 0])
        for run, (expected, _) in ((alone, one), (beside, many)):
            run.update(z[: expected.size] - expected, trust[: expected.size])
        assert np.array_equal(alone.mean[:, 0], beside.mean[:, 0])
        assert np.array_equal(alone.covariance[:, :, 0], beside.covariance[:, :, 0])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(0, 1826.25), min_size=1, max_size=60, unique=True).map(lambda a: np.array(a)),
    st.floats(0.0, 0.4),
    st.sampled_from([0.0, 0.2]),
)
def test_the_covariance_is_positive_definite(age: np.ndarray, sd: float, error: float) -> None:
    c = MODEL.covariance(age, sd, error, 365.25)
    assert np.allclose(c, c.T, atol=1e-15)
    # Without noise, weighings seconds apart are the same weighing
    assert np.linalg.eigvalsh(c)[0] > (0.9 * sd * sd if sd > 1e-4 else -1e-12)
    assert np.allclose(np.diag(c), 1.0 + error**2)


@pytest.mark.parametrize("step", [1, 7, 30.4375])
def test_it_is_positive_definite_on_every_grid(step: float) -> None:
    age = np.arange(14, 1826, step)
    assert np.linalg.eigvalsh(MODEL.covariance(age))[0] > 0


def test_the_published_matrix_by_month_is_reproduced() -> None:
    off = ~np.eye(13, dtype=bool)
    error = np.abs(OURS - MATRIX)[off]
    assert error.max() < 0.024
    assert error.mean() < 0.0093


@pytest.mark.parametrize("sex", [0, 1])
@pytest.mark.parametrize("reference", ["who-2006", "uk-who"])
def test_the_matrix_is_near_for_each_sex(sex: int, reference: str) -> None:
    sd = noise_sd(gw.reference(reference), np.full(13, sex, np.uint8), MONTHS)
    ours = MODEL.covariance(MONTHS, sd)
    error = np.abs(ours - MATRIX)[~np.eye(13, dtype=bool)]
    assert error.max() < 0.024
    assert error.mean() < 0.0093
    for z in (0.0, -2 / 3, -4 / 3, -2.0, -8 / 3):
        assert max(abs(line(ours[a, b], z) - line(MATRIX[a, b], z)) for a, b in PAIRS) < 0.095


@pytest.mark.parametrize(("coefficients", "column"), [("1998", 2), ("1995", 3), (None, 2)])
def test_the_closed_formula_gives_its_printed_table(coefficients: str | None, column: int) -> None:
    table = np.array([[float(v) for v in row] for row in rows("cole_conditional_correlation.csv")[1:]])
    assert len(table) == 300
    made = cole_correlation(table[:, 0] * 30.4375, table[:, 1] * 30.4375, coefficients)
    assert np.abs(made - table[:, column]).max() < 1e-6


def line(r: np.ndarray, z: float) -> np.ndarray:
    return r * z - 1.6448536269514722 * np.sqrt(1.0 - r * r)


@pytest.mark.parametrize(
    ("first", "second", "ours", "published"),
    [
        (1, 2, -0.744, -0.77),
        (2, 3, -0.615, -0.63),
        (5, 6, -0.496, -0.53),
        (6, 8, -0.609, -0.58),
        (10, 11, -0.45, -0.44),
        (6, 12, -0.894, -0.85),
    ],
)
def test_thrive_lines_from_the_median(first: int, second: int, ours: float, published: float) -> None:
    assert line(OURS[first, second], 0.0) == pytest.approx(ours, abs=0.006)
    assert line(MATRIX[first, second], 0.0) == pytest.approx(published, abs=0.006)


@pytest.mark.parametrize(("z", "most", "mean"), [(0.0, 0.093, 0.025), (-4 / 3, 0.063, 0.014), (-2.0, 0.049, 0.012)])
def test_thrive_lines_of_every_pair_of_months(z: float, most: float, mean: float) -> None:
    error = np.array([line(OURS[a, b], z) - line(MATRIX[a, b], z) for a, b in PAIRS])
    assert np.abs(error).max() < most
    assert np.abs(error).mean() < mean


REAL = np.eye(25)
for _first, _second, _, _r in rows("real_weight_correlation_by_month.csv")[1:]:
    REAL[int(_first), int(_second)] = REAL[int(_second), int(_first)] = float(_r)
TWO_YEARS = np.arange(25) * 30.4375


def unforeseen(model: WeightModel) -> np.ndarray:
    """SD, against the model's, of what is new at each month in children with the real correlations, 1 to 24."""
    root = np.linalg.cholesky(model.covariance(TWO_YEARS, noise(TWO_YEARS)))
    return np.sqrt((np.linalg.solve(root, np.linalg.cholesky(REAL)) ** 2).sum(axis=1))[1:]


def lag_one(model: WeightModel) -> np.ndarray:
    """Correlation of what is new at a month with what was at the month before."""
    root = np.linalg.cholesky(model.covariance(TWO_YEARS, noise(TWO_YEARS)))
    new = np.linalg.solve(root, np.linalg.solve(root, REAL).T)
    return np.diag(new, 1) / np.sqrt(np.diag(new)[1:] * np.diag(new)[:-1])


def test_it_holds_for_the_correlations_of_real_children() -> None:
    error = np.abs(MODEL.covariance(TWO_YEARS, noise(TWO_YEARS)) - REAL)[np.triu_indices(25, 1)]
    assert error.mean() < 0.028 and error.max() < 0.125
    halves = np.sqrt((unforeseen(MODEL).reshape(4, 6) ** 2).mean(axis=1))
    assert halves == pytest.approx([1.14, 0.97, 1.02, 1.00], abs=0.01)
    # Changes over several months are as wide as foreseen: what is new one month says little of the next
    assert np.abs(lag_one(MODEL)[6:]).mean() < 0.08


def test_the_covariance_of_before_did_not() -> None:
    before = weight_model("2")
    assert before.transient < MODEL.transient and before.transient_days < MODEL.transient_days
    error = np.abs(before.covariance(TWO_YEARS, noise(TWO_YEARS)) - REAL)[np.triu_indices(25, 1)]
    assert error.mean() > 0.033
    halves = np.sqrt((unforeseen(before).reshape(4, 6) ** 2).mean(axis=1))
    assert (halves[2:] > 1.12).all()
    assert lag_one(before)[12:].mean() > 0.15


def deviance(model: WeightModel) -> float:
    """How much less likely the real correlations are under a model than under themselves, a child."""
    root = np.linalg.cholesky(model.covariance(TWO_YEARS, noise(TWO_YEARS)))
    spread = np.trace(np.linalg.solve(root, np.linalg.solve(root, REAL).T))
    return float(np.log(np.diag(root)).sum() + 0.5 * (spread - np.linalg.slogdet(REAL)[1] - 25))


def test_it_is_nearer_to_real_children_than_any_fit_before() -> None:
    first = replace(weight_model("2"), tau_days=20.5, length=1.43, damping=1.0, permanent=0.275, transient=0.032)
    assert deviance(MODEL) < 0.56 < 0.86 < deviance(first) < deviance(weight_model("2"))


def test_thrive_lines_are_those_of_the_correlation() -> None:
    for sex, code in (("male", 0), ("female", 1)):
        found = thrive_line(WHO, z=[0.0, -2.0], age_days=61, until_days=91, sex=sex)
        sd = noise_sd(WHO, np.full(2, code, np.uint8), np.array([61.0, 91.0]))
        r = MODEL.correlation(61.0, 91.0, sd[0], sd[1])
        assert found.z == pytest.approx([line(r, z0) for z0 in (0.0, -2.0)], abs=1e-12)
        assert WHO.z(found.weight_kg, age_days=91, sex=sex) == pytest.approx(found.z, abs=1e-9)
        assert found.cole_z == pytest.approx([line(cole_correlation(61, 91), z0) for z0 in (0.0, -2.0)], abs=1e-12)
