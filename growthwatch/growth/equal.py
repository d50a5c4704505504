"""How likely a healthy child shows the very weight of the last time again: what makes a copied reading suspect.

A reading has a resolution: 0.1 kg where both readings are tenths of a kilogram.  Of a healthy child who
weighed w at one age, the weight at a later age is spread by the model of healthy growth, and the chance
of the same reading is what of that falls within half a step of w.  Soon after, on coarse scales, it is
large, and an equal reading says nothing; after a month in infancy, to 10 g, it is below one in a hundred.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtr

from growthwatch.core.columns import broadcast_shape, numeric
from growthwatch.core.sex import FEMALE, MALE, SexCoding, sex_codes
from growthwatch.growth.model import WeightModel, noise_sd
from growthwatch.growth.past import chosen_model, covered
from growthwatch.growth.series import chosen_reference, followed_age
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = ["RESOLUTIONS_KG", "chance_of_equal", "resolution_kg"]

RESOLUTIONS_KG = (0.1, 0.01, 0.001)
"""Steps in which weights are written down [kg], the coarsest first: protocol specification, Q1."""

_CODING = {MALE: "male", FEMALE: "female"}
_NEAR = 1e-6  # of a step: weights are read from decimals


def resolution_kg(weight_kg: Any) -> Floats:
    """The coarsest step of `RESOLUTIONS_KG` of which weights are multiples [kg]; the finest where none fits."""
    kg = numeric("weight_kg", weight_kg).astype(np.float64)
    out = np.full(kg.shape, RESOLUTIONS_KG[-1])
    with np.errstate(invalid="ignore", over="ignore"):
        for step in RESOLUTIONS_KG[-2::-1]:
            steps = kg / step
            out = np.where(np.abs(steps - np.rint(steps)) < _NEAR, step, out)
    return out


def chance_of_equal(
    reference: str | Reference,
    weight_kg: Any,
    *,
    age_days: Any,
    later_days: Any,
    sex: Any,
    gestation_days: Any = None,
    step_kg: Any = None,
    sex_coding: SexCoding | None = None,
    model: WeightModel | None = None,
) -> Floats:
    """Chance that a healthy child who weighed so much reads the same at a later age; arguments broadcast.

    ``P(|w2 - w| < step / 2)``, where z2 given z1 is normal about r z1 with variance 1 - r²: r is the
    correlation of the packaged model at the two ages, weighing noise included (Cole TJ. Arch Dis Child
    1995;73:8-16: a gain given its start).

    Parameters
    ----------
    reference
        Id of a packaged reference, or a `Reference`, adjusted ones included.
    weight_kg
        The weight that was read twice [kg].
    age_days, later_days
        Chronological ages of the two readings [days].
    sex, gestation_days, sex_coding
        As for `Reference.score`.
    step_kg
        Resolution of the reading [kg]; None: `resolution_kg` of the weight.
    model
        Another covariance.

    Returns
    -------
    ndarray
        From 0 to 1; NaN where the weight has no z at one of the ages, or the model has none of them.

    Raises
    ------
    GrowthwatchError
        For a wrong argument.

    Examples
    --------
    >>> chance_of_equal("uk-who", 6.1, age_days=98, later_days=126, sex="male").round(3)
    array(0.011)
    >>> chance_of_equal("uk-who", 6.12, age_days=98, later_days=126, sex="male").round(4)
    array(0.0011)
    """
    reference, model = chosen_reference("reference", reference), chosen_model(model)
    kg, first, second = (
        numeric(name, value).astype(np.float64)
        for name, value in (("weight_kg", weight_kg), ("age_days", age_days), ("later_days", later_days))
    )
    code = sex_codes(sex, sex_coding)
    born = None if gestation_days is None else numeric("gestation_days", gestation_days).astype(np.float64)
    step = resolution_kg(kg) if step_kg is None else numeric("step_kg", step_kg).astype(np.float64)
    shape = broadcast_shape(
        weight_kg=kg, age_days=first, later_days=second, sex=code, gestation_days=born, step_kg=step
    )
    kg, first, second, step = (np.broadcast_to(c, shape).ravel() for c in (kg, first, second, step))
    code = np.broadcast_to(code, shape).ravel()
    born = None if born is None else np.broadcast_to(born, shape).ravel()
    words = np.where(code <= FEMALE, code, np.nan)

    def z(weight: Floats, age: Floats) -> Floats:
        return np.atleast_1d(
            np.asarray(
                reference.z(weight, age_days=age, sex=words, gestation_days=born, sex_coding=_CODING), np.float64
            )
        )

    ages = [followed_age(reference, a, born) for a in (first, second)]
    inside = covered(ages[0]) & covered(ages[1]) & (ages[1] >= ages[0])
    noise = [noise_sd(reference, code, np.where(inside, a, 0.0)) for a in ages]
    r = model.correlation(*(np.where(inside, a, 0.0) for a in ages), *noise)
    # Of two weights of one age only the weighing noise differs
    spread = np.sqrt(np.maximum(1.0 - r * r, noise[1] ** 2))
    start = z(kg, first)
    low, high = ((z(kg + half * step, second) - r * start) / spread for half in (-0.5, 0.5))
    out = np.where(inside, ndtr(high) - ndtr(low), np.nan)
    return out.reshape(shape)
