"""How likely it is that a healthy child weighs the same again, to the last digit that was read.

A weight that is entered again without weighing looks like no gain.  Whether an equal reading is a surprise hangs
on the gap, on the age and on how finely the scales were read: two readings to 0.1 kg are often equal within a
week, two to 0.01 kg four weeks apart hardly ever.  The chance is that of the packaged model of healthy growth
(`growthwatch.growth.model`): given z at the first weighing, z at the second is normal about ``r z1`` with SD
``sqrt(1 - r^2)``, r the correlation of z at the two ages, weighing noise counted; an equal reading is one within
half a step of the scales either way.

How finely the scales were read is told by the reading itself: by the coarsest of 0.1, 0.01 and 0.001 kg of
which it is a whole number (specification of the protocol ``uk-hv``, section 2, Q1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import numeric
from growthwatch.core.sex import FEMALE, SexCoding, sex_codes
from growthwatch.growth.detector import detector
from growthwatch.growth.facts import growth_facts
from growthwatch.growth.model import noise_sd, weight_model
from growthwatch.growth.series import followed_age
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats
from growthwatch.references.special import ndtr

__all__ = ["STEPS_KG", "equal_chance", "step_of"]

STEPS_KG = (0.1, 0.01, 0.001)
"""How finely scales are read [kg], the coarsest first."""


def step_of(weight_kg: npt.ArrayLike) -> Floats:
    """How finely weights were read: the coarsest of the usual steps of which each is a whole number.

    Parameters
    ----------
    weight_kg
        Weights [kg].

    Returns
    -------
    Floats
        0.1, 0.01 or 0.001 [kg]; the finest where none fits.
    """
    kg = np.minimum(np.abs(np.asarray(weight_kg, np.float64)), 1e6)
    out = np.full(kg.shape, STEPS_KG[-1])
    for step in reversed(STEPS_KG):
        # What is written with two digits is a whole number of hundredths, up to the last bits of the machine.
        out[np.abs(np.rint(kg / step) * step - kg) < 1e-6] = step
    return out


def equal_chance(
    reference: Reference,
    weight_kg: npt.ArrayLike,
    first_days: npt.ArrayLike,
    second_days: npt.ArrayLike,
    sex: Any,
    gestation_days: Any = np.nan,
    *,
    sex_coding: SexCoding | None = None,
) -> Floats:
    """Return the chance that a healthy child who weighed so much weighs the same at a later age, as it is read.

    Parameters
    ----------
    reference
        On which the model of healthy growth is read.
    weight_kg
        Weight, the same at both ages [kg].
    first_days, second_days
        Ages since birth, the second later [days].
    sex, sex_coding
        As for `Reference.score`.
    gestation_days
        At birth [days]; NaN: not known, and term is taken.

    Returns
    -------
    Floats
        Chances, from 0 to 1, aligned with the arguments, which broadcast; NaN where the model has no value: outside
        its ages, without a sex, where a weight has no z, or where no one table covers both ages.
    """
    columns = [
        numeric("weight_kg", weight_kg),
        numeric("first_days", first_days),
        numeric("second_days", second_days),
        numeric("gestation_days", gestation_days),
    ]
    read = sex_codes(sex, sex_coding)
    shape = np.broadcast_shapes(read.shape, *(c.shape for c in columns))
    kg, first, second, gestation = (np.array(np.broadcast_to(c, shape), np.float64).ravel() for c in columns)
    codes = np.array(np.broadcast_to(read, shape)).ravel()
    sound = (codes <= FEMALE) & np.isfinite(kg) & (kg > 0) & (kg < 1e6) & (second > first) & (first >= 0)
    sound &= second <= 10 * detector().ages.until_days
    out = np.full(kg.size, np.nan)
    rows = np.flatnonzero(sound)
    if rows.size:
        out[rows] = _chances(reference, kg[rows], first[rows], second[rows], codes[rows], gestation[rows])
    return out.reshape(shape)


def _chances(
    reference: Reference, kg: Floats, first: Floats, second: Floats, codes: npt.NDArray[np.uint8], gestation: Floats
) -> Floats:
    """Chances of equal readings: z then, z now less half a step and more half a step, and the correlation."""
    n, half = kg.size, step_of(kg) / 2
    weights = np.concatenate((kg, kg, np.maximum(kg - half, 1e-6), kg + half))
    ages = np.concatenate((first, second, second, second))
    facts = growth_facts(reference, weights, np.rint(ages).astype(np.int64), np.tile(codes, 4), np.tile(gestation, 4))
    place = np.arange(n)
    change = facts.scores.differences(place, place + n)[0]
    then, low, high = facts.z[:n], facts.z[2 * n : 3 * n], facts.z[3 * n :]
    width = high - low
    a, b = (followed_age(reference, age, gestation) for age in (first, second))
    noise = [noise_sd(reference, codes, np.maximum(x, 0.0)) for x in (a, b)]
    r = weight_model().correlation(a, b, *noise)
    inside = (a >= 0) & (b > a) & (b <= detector().ages.until_days) & (np.abs(r) < 1)
    spread = np.sqrt(np.where(inside, 1.0 - r * r, 1.0))
    off = then * (1.0 - r) + change
    chance = ndtr((off + width / 2) / spread) - ndtr((off - width / 2) / spread)
    return np.where(inside, chance, np.nan)
