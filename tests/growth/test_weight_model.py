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
from growthwatch.growth.model import FREE_LEVEL_SD, Filter, noise_sd, weight_model

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
    assert error.mean() < 0.0077


@pytest.mark.parametrize("sex", [0, 1])
@pytest.mark.parametrize("reference", ["who-2006", "uk-who"])
def test_the_matrix_is_near_for_each_sex(sex: int, reference: str) -> None:
    sd = noise_sd(gw.reference(reference), np.full(13, sex, np.uint8), MONTHS)
    ours = MODEL.covariance(MONTHS, sd)
    error = np.abs(ours - MATRIX)[~np.eye(13, dtype=bool)]
    assert error.max() < 0.024
    assert error.mean() < 0.0078
    for z in (0.0, -2 / 3, -4 / 3, -2.0, -8 / 3):
        assert max(abs(line(ours[a, b], z) - line(MATRIX[a, b], z)) for a, b in PAIRS) < 0.05


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
        (1, 2, -0.73, -0.77),
        (2, 3, -0.61, -0.63),
        (5, 6, -0.49, -0.53),
        (6, 8, -0.58, -0.58),
        (10, 11, -0.43, -0.44),
        (6, 12, -0.88, -0.85),
    ],
)
def test_thrive_lines_from_the_median(first: int, second: int, ours: float, published: float) -> None:
    assert line(OURS[first, second], 0.0) == pytest.approx(ours, abs=0.006)
    assert line(MATRIX[first, second], 0.0) == pytest.approx(published, abs=0.006)


@pytest.mark.parametrize(("z", "most", "mean"), [(0.0, 0.05, 0.018), (-4 / 3, 0.037, 0.012), (-2.0, 0.033, 0.009)])
def test_thrive_lines_of_every_pair_of_months(z: float, most: float, mean: float) -> None:
    error = np.array([line(OURS[a, b], z) - line(MATRIX[a, b], z) for a, b in PAIRS])
    assert np.abs(error).max() < most
    assert np.abs(error).mean() < mean


def test_beyond_a_year_it_stays_with_the_joint_fit_to_cohorts() -> None:
    # Version 1 of the figures, fitted to the months and to four cohorts beyond them
    first = replace(MODEL, tau_days=20.5, length=1.43, damping=1.0, permanent=0.275, transient=0.032)
    age = np.array([0, 1, 3, 6, 9, 12, 15, 18, 21, 24, 30, 36, 48, 60]) * 30.4375
    late = np.triu(np.ones((age.size, age.size), bool), 1) & (age > 13 * 30.4375)
    sd = noise(age)
    assert np.abs(MODEL.covariance(age, sd) - first.covariance(age, sd))[late].max() < 0.06


def test_thrive_lines_are_those_of_the_correlation() -> None:
    for sex, code in (("male", 0), ("female", 1)):
        found = thrive_line(WHO, z=[0.0, -2.0], age_days=61, until_days=91, sex=sex)
        sd = noise_sd(WHO, np.full(2, code, np.uint8), np.array([61.0, 91.0]))
        r = MODEL.correlation(61.0, 91.0, sd[0], sd[1])
        assert found.z == pytest.approx([line(r, z0) for z0 in (0.0, -2.0)], abs=1e-12)
        assert WHO.z(found.weight_kg, age_days=91, sex=sex) == pytest.approx(found.z, abs=1e-9)
        assert found.cole_z == pytest.approx([line(cole_correlation(61, 91), z0) for z0 in (0.0, -2.0)], abs=1e-12)
