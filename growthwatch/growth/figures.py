"""Figures by which gains are read: settings, and Cole's closed formula of the correlation of weight z.

They stand in ``data/gain.toml`` and ``data/cole-conditional.toml``, with their sources.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from growthwatch.core.canonical import content_hash
from growthwatch.core.closed import Closed
from growthwatch.core.columns import broadcast_shape, is_number, numeric, one_of
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.status import Status
from growthwatch.references.distributions import Floats

__all__ = [
    "Cole",
    "GainSettings",
    "SinceBestSettings",
    "cole",
    "cole_correlation",
    "cole_pairs",
    "gain_settings",
    "quantile_of",
]

Codes = npt.NDArray[np.uint8]

_NEVER = 1e9  # days: an age that nobody has


class _Sourced(Closed):
    source: str
    tag: Literal["N", "G", "L"]


class PairSettings(_Sourced):
    """With which earlier weighing one is compared."""

    least_gap_days: float


class ThriveSettings(_Sourced):
    """Centile of the gain along a thrive line."""

    centile: float


class SinceBestSettings(_Sourced):
    """How long before the latest weighing a sustained position must lie, and how many count."""

    told_below: float
    least_gap_days: float
    every_days: list[list[float]]

    def new_position(self, age_days: Floats) -> npt.NDArray[np.bool_]:
        """Which of ages that rise count as positions: the first in each span of days [days]."""
        begins, spans = np.array(self.every_days).T
        span = spans[np.searchsorted(begins, age_days, side="right") - 1]
        place = np.floor(age_days / span)
        new = np.ones(age_days.size, np.bool_)
        new[1:] = (place[1:] != place[:-1]) | (span[1:] != span[:-1])
        return new


class ForecastSettings(_Sourced):
    """Centiles of the band of a forecast."""

    centiles: list[float]


class VelocitySettings(_Sourced):
    """How near to the ends of a published interval a weighing must be."""

    tolerance_days: float


class AttributionSettings(_Sourced):
    """How much the intervals of an attribution cover."""

    coverage: float


class NextWeightSettings(_Sourced):
    """How finely, and how far from the expected weight, weights are tried."""

    step_kg: float
    reach_sd: float


class GainSettings(Closed):
    """How gains are read, as packaged in ``data/gain.toml``."""

    version: str
    review_by: dt.date
    pair: PairSettings
    thrive: ThriveSettings
    forecast: ForecastSettings
    since_best: SinceBestSettings
    velocity: VelocitySettings
    attribution: AttributionSettings
    next_weight: NextWeightSettings


class ColeLimits(Closed):
    """Where Cole's formula counts."""

    from_days: float
    until_days: float
    least_gap_days: float
    most_z: float
    source: str


class ColeSet(Closed):
    """One set of coefficients."""

    b1: float
    b2: float
    b3: float
    b4: float
    b5: float
    b6: float
    source: str


class Cole(Closed):
    """Cole's closed formula, as packaged in ``data/cole-conditional.toml``."""

    version: str
    citation: str
    tag: Literal["N", "G", "L"]
    review_by: dt.date
    packaged: str
    valid: ColeLimits
    sets: dict[str, ColeSet]

    @property
    def hash(self) -> str:
        """Content hash of the figures."""
        return content_hash(self.model_dump(mode="json"))

    def named(self, name: str | None) -> ColeSet:
        """Return a set of coefficients; the packaged choice for None."""
        return self.sets[self.packaged if name is None else one_of("coefficients", name, list(self.sets))]


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((files("growthwatch.growth") / "data" / name).read_text("utf-8"))


@cache
def gain_settings() -> GainSettings:
    """Return the packaged settings."""
    return GainSettings.model_validate(_table("gain.toml"))


@cache
def cole() -> Cole:
    """Return Cole's formula as packaged."""
    return Cole.model_validate(_table("cole-conditional.toml"))


def cole_correlation(first_days: Any, second_days: Any, coefficients: str | None = None) -> Any:
    """Correlation of weight z at two ages by Cole's closed formula.

    Parameters
    ----------
    first_days, second_days
        Ages [days]; they broadcast.
    coefficients
        ``"1998"`` (packaged choice) or ``"1995"``.

    Returns
    -------
    float or ndarray
        NaN where the formula does not count: before birth, after 2 years, or less than 4 weeks apart.

    References
    ----------
    Cole TJ. Arch Dis Child 1995;73:8-16. doi:10.1136/adc.73.1.8; coefficients of 1998: LMSgrowth.
    """
    first, second = numeric("first_days", first_days), numeric("second_days", second_days)
    shape = broadcast_shape(first_days=first, second_days=second)
    a, b = (np.broadcast_to(c, shape).astype(np.float64) for c in (first, second))
    out = cole_pairs(np.atleast_1d(a), np.atleast_1d(b), coefficients)[0]
    return float(out[0]) if shape == () else out


def cole_pairs(first: Floats, second: Floats, coefficients: str | None) -> tuple[Floats, Codes]:
    """Correlation and status."""
    c, valid = cole().named(coefficients), cole().valid
    status = np.zeros(first.shape, np.uint8)
    first, second = (np.clip(a, -_NEVER, _NEVER) for a in (first, second))  # infinite ages have no difference
    status[~(second - first >= valid.least_gap_days)] = Status.INTERVAL_NOT_COVERED
    status[second > valid.until_days] = Status.AGE_ABOVE_REFERENCE
    status[first < valid.from_days] = Status.AGE_BELOW_REFERENCE
    status[np.isnan(first) | np.isnan(second)] = Status.MISSING_AGE
    good = status == 0
    weeks = np.where(good, second - first, 7.0) / 7.0
    mean = np.log(np.where(good, second + first, 14.0) / 14.0)
    gap = np.log(weeks)
    fisher = c.b1 + c.b2 * gap + c.b3 * mean * gap + c.b4 / weeks + mean * (c.b5 + c.b6 * mean)
    return np.where(good, np.tanh(fisher), np.nan), status


def quantile_of(name: str, centile: float) -> float:
    """Return the z of a centile, which must lie between 0 and 100."""
    if not is_number(centile) or not 0.0 < centile < 100.0:
        raise GrowthwatchError.of(name, centile, "a centile between 0 and 100")
    return float(ndtri(centile / 100.0))
