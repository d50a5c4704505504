"""How likely a healthy child weighs the same again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from growthwatch.growth.equal import chance_of_equal, resolution_kg
from growthwatch.growth.model import noise_sd, weight_model
from growthwatch.references import reference

UK = reference("uk-who")


@pytest.mark.parametrize(
    ("kg", "step"), [(6.1, 0.1), (5.0, 0.1), (6.12, 0.01), (6.123, 0.001), (6.1234, 0.001), (19.99, 0.01)]
)
def test_how_finely_a_weight_was_read(kg: float, step: float) -> None:
    assert resolution_kg([kg, kg])[1] == step


@given(st.integers(200, 30_000), st.sampled_from([1, 10, 100]))
def test_every_whole_number_of_steps_is_read_so(n: int, grams: int) -> None:
    kg = n * grams / 1000
    coarser = next(s for s in (100, 10, 1) if n * grams % s == 0)
    assert resolution_kg(kg) == coarser / 1000


@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize(("kg", "first", "gap"), [(6.1, 98, 28), (6.12, 98, 28), (9.3, 300, 60), (12.34, 800, 56)])
def test_the_chance_is_that_of_weights_drawn_from_the_model(sex: str, kg: float, first: int, gap: int) -> None:
    # Drawn anew: z then, z now given it, and the weight now as the scales read it.
    rng = np.random.default_rng(1)
    second = first + gap
    z1 = float(UK.z(kg, age_days=first, sex=sex))
    code = np.array([0 if sex == "male" else 1], np.uint8)
    noise = [noise_sd(UK, code, np.array([float(a)]))[0] for a in (first, second)]
    r = float(weight_model().correlation(first, second, *noise))
    z2 = r * z1 + np.sqrt(1 - r * r) * rng.standard_normal(400_000)
    near = np.linspace(-6, 6, 4001)
    weights = np.interp(z2, near, np.asarray(UK.value(near, age_days=second, sex=sex)))
    step = float(resolution_kg(kg))
    drawn = float((np.rint(weights / step) == round(kg / step)).mean())
    found = float(chance_of_equal(UK, kg, age_days=first, later_days=second, sex=sex))
    assert abs(found - drawn) < 4 * np.sqrt(drawn * (1 - drawn) / z2.size) + 2e-5


def test_coarser_scales_and_shorter_gaps_make_it_likelier() -> None:
    gaps = 98 + np.array([1, 7, 14, 28, 56])
    by_gap = chance_of_equal(UK, 6.1, age_days=98, later_days=gaps, sex="male")
    assert (np.diff(by_gap) < 0).all()
    # A tenth of the step, a tenth of the chance, about.
    fine = chance_of_equal(UK, 6.11, age_days=98, later_days=gaps, sex="male")
    assert np.all(np.abs(by_gap / fine / 10 - 1) < 0.15)


def test_there_is_no_value_where_the_model_has_none() -> None:
    kg = [6.1, 6.1, 6.1, np.nan, -1.0, 6.1]
    first = [98, 98, 98, 98, 98, np.inf]
    second = [2000, 90, 120, 120, 120, np.inf]
    sex = ["male", "male", None, "male", "male", "male"]
    assert np.isnan(chance_of_equal(UK, kg, age_days=first, later_days=second, sex=sex)).all()


def test_shapes_broadcast_and_scalars_stay_scalars() -> None:
    assert chance_of_equal(UK, 6.1, age_days=98, later_days=126, sex="male").shape == ()
    grid = chance_of_equal(UK, np.full((2, 1), 6.1), age_days=98, later_days=[120, 126, 140], sex="female")
    assert grid.shape == (2, 3) and (grid[0] == grid[1]).all()


def test_a_baby_born_early_is_followed_by_corrected_age() -> None:
    early = chance_of_equal(UK, 6.1, age_days=138, later_days=166, sex="male", gestation_days=238)
    term = chance_of_equal(UK, 6.1, age_days=98, later_days=126, sex="male", gestation_days=278)
    assert 0 < early < 1 and abs(early - term) / term < 0.3
    # Before its due date the model says nothing of it.
    assert np.isnan(chance_of_equal(UK, 2.1, age_days=10, later_days=17, sex="male", gestation_days=210))
