"""Whether the sex or the date of birth is wrong: the odds are those of dense Gaussian processes on either account."""

from __future__ import annotations

import numpy as np
import pytest

import growthwatch as gw
from growthwatch.growth import quality
from growthwatch.growth.model import noise_sd, weight_model
from growthwatch.growth.quality import suspected
from growthwatch.growth.slips import EntryError, entry_errors

UK = gw.reference("uk-who")
AGES = np.array([60.0, 95, 150, 210, 290, 400])
# A child whose line is not straight: then every weight that is not taken in moves all later expectations.
KG = np.asarray(UK.value(np.array([-0.6, -0.9, -0.5, -1.2, -1.0, -1.5]), age_days=AGES, sex="male"))
PRIOR, SHIFT = 0.2, 40.0


def log_density(ages: np.ndarray, sex: str, level_sd: float) -> np.ndarray:
    """Of the weights so far [kg], were the child of that age and sex, up to what both accounts have in common."""
    z = np.asarray(UK.z(KG, age_days=ages, sex=sex))
    noise = noise_sd(UK, np.full(z.size, sex == "female", np.uint8), ages)
    model = weight_model()
    c = model.covariance(ages, noise) + model.permanent * (level_sd**2 - 1.0)
    out = []
    for n in range(1, z.size + 1):
        part = c[:n, :n]
        fit = -0.5 * (z[:n] @ np.linalg.solve(part, z[:n]) + np.linalg.slogdet(part)[1])
        out.append(fit + np.log(noise[:n]).sum())  # noise is the same in kilograms: a density a kilogram
    return np.array(out)


@pytest.mark.parametrize("hindsight", [False, True])
@pytest.mark.parametrize("what", [EntryError.WRONG_BIRTH_DATE, EntryError.WRONG_SEX])
def test_the_odds_are_those_of_dense_gaussian_processes(
    what: EntryError, hindsight: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    date = what == EntryError.WRONG_BIRTH_DATE
    figures = entry_errors()
    real = figures.real.model_copy(update={"inflation": 1.0})
    series = figures.series.model_copy(
        update={
            "wrong": 0.0,  # no weight of its own is wrong: each counts in full
            "wrong_sex": 0.0 if date else PRIOR,
            "wrong_birth_date": PRIOR if date else 0.0,
            "shifts_days": (SHIFT,),
            "least_weights": 1,
            "misfit": -1e9,
        }
    )
    made_up = figures.model_copy(update={"real": real, "series": series})
    monkeypatch.setattr(quality, "entry_errors", lambda: made_up)
    found = suspected(KG, age_days=AGES, sex="male", hindsight=hindsight)
    level_sd = figures.real.level_sd
    other = log_density(AGES + SHIFT, "male", level_sd) if date else log_density(AGES, "female", level_sd)
    odds = PRIOR * np.exp(other - log_density(AGES, "male", level_sd))
    expected = odds / (1.0 + odds)
    # Fair: nothing is decided at once, so that each weight shows.
    assert np.ptp(expected) > 0.005 and expected.min() > 0.01 and expected.max() < 0.99
    expected = np.full(AGES.size, expected[-1]) if hindsight else expected
    np.testing.assert_allclose(found.series_probability, expected, rtol=1e-5)
