"""How far one may adjust: the figures of ``adjustment-limits.toml``, each with its source."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError

from growthwatch.core.closed import Closed, tuples
from growthwatch.references.metadata import explain_validation, read_toml

__all__ = ["Limits", "limits"]


class _Sourced(Closed):
    source: str = Field(min_length=1)
    tag: Literal["N", "G", "L"]
    review_by: dt.date


_Knots = Annotated[tuple[tuple[float, float], ...], BeforeValidator(tuples)]
_Days = Annotated[tuple[float, ...], BeforeValidator(tuples)]


class ShiftLimit(_Sourced):
    """Greatest shift of z, either way [SD]."""

    most_z: float = Field(gt=0)


class ScaleLimit(_Sourced):
    """Least and greatest scale."""

    least: float = Field(gt=0)
    most: float = Field(gt=0)


class SlopeLimit(_Sourced):
    """Greatest slope of what shift and scale explain together, either way [SD a month], before and from an age.

    It holds for every child from ``-within_z`` to ``within_z``.  From `age_shift_from_days` on it
    also bounds the fall that a shift of age explains.
    """

    within_z: float = Field(gt=0)

    age_shift_from_days: float
    early_until_days: float
    early_z_per_month: float = Field(ge=0)
    late_z_per_month: float = Field(ge=0)


class AgeLimit(_Sourced):
    """Greatest shift of age, either way [days]."""

    most_days: float = Field(ge=0)


class HorizonLimit(_Sourced):
    """Longest time from signature to review, and of use before an age [calendar months]."""

    most_months: int = Field(gt=0)
    young_until_days: float = Field(ge=0)
    young_most_months: int = Field(gt=0)


class BirthWeight(_Sourced):
    """Correlation of SDS at birth and later, by age [days]."""

    correlation: _Knots


class ParentalSize(_Sourced):
    """Correlation of the child's SDS with that of its family."""

    correlation: float = Field(gt=0, lt=1)


class FitLimit(_Sourced):
    """Greatest error of a curve fitted to published centiles [SD]."""

    most_error_z: float = Field(gt=0)


class RecalibrationLimits(_Sourced):
    """Numbers of the local recalibration."""

    sd_between_children: float = Field(gt=0)
    prior_sd: float = Field(gt=0)
    least_prior_sd: float = Field(gt=0)
    most_prior_sd: float = Field(gt=0)
    prior_sd_log_scale: float = Field(gt=0)
    most_drift_z_per_year: float = Field(gt=0)
    most_own_change_z: float = Field(gt=0)
    least_children: int = Field(gt=1)
    least_children_in_band: int = Field(gt=1)
    bands_days: _Days


class Limits(Closed):
    """The packaged limits, each with its source."""

    shift: ShiftLimit
    scale: ScaleLimit
    slope: SlopeLimit
    age: AgeLimit
    horizon: HorizonLimit
    birth_weight: BirthWeight
    parental_size: ParentalSize
    fit: FitLimit
    recalibration: RecalibrationLimits


@cache
def limits() -> Limits:
    """Return the packaged limits (``adjustment-limits.toml``)."""
    path = resources.files("growthwatch.references") / "adjustment-limits.toml"
    try:
        return Limits.model_validate(read_toml(path))
    except ValidationError as e:  # pragma: no cover - the packaged file is tested
        raise explain_validation(e, str(path)) from None
