"""Checks of single arguments that several files of this room share."""

from __future__ import annotations

import numpy as np

from growthwatch.core.columns import numeric
from growthwatch.core.errors import GrowthwatchError
from growthwatch.references.metadata import corrections

__all__ = ["check_gestation", "check_measure", "check_number"]


def check_measure(measure: object) -> None:
    """Refuse a measure that is not a word."""
    if not isinstance(measure, str):
        raise GrowthwatchError.of("measure", measure, "a word, such as 'weight'")


def check_number(name: str, value: object) -> None:
    """Refuse anything but None and a finite number."""
    if value is not None and (isinstance(value, str) or np.ndim(numeric(name, value)) or not np.isfinite(value)):  # pyright: ignore[reportArgumentType, reportCallIssue]
        raise GrowthwatchError.of(name, value, "a finite number")


def check_gestation(gestation_days: float) -> None:
    """Refuse a gestation that cannot be: most often weeks given for days."""
    possible = corrections().gestation
    if not possible.least_days <= gestation_days <= possible.most_days:
        weeks = possible.least_days <= 7 * gestation_days <= possible.most_days
        hint = f"; {gestation_days:g} weeks are {7 * gestation_days:g} days" if weeks else ""
        expected = f"completed days of gestation, {possible.least_days} to {possible.most_days}{hint}"
        raise GrowthwatchError.of("gestation_days", gestation_days, expected)
