"""What makes a weight look like an entry error, beside the weights before it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from growthwatch.core.units import TERM_DAYS
from growthwatch.core.words import days_words, percent_words
from growthwatch.growth import GrowthFacts
from growthwatch.growth.steps import percent_below
from growthwatch.protocol.child.weight import Weight
from growthwatch.protocol.file.settings import SuspectedRise

__all__ = ["is_low", "least_z", "rise_words"]

_TINY = 1e-9


def rise_words(rise: SuspectedRise, gestation_days: int | None, last: Weight, w: Weight, change: float) -> str:
    """By how much too much, too soon, a weight is more than the last valid one of the days before; empty for no doubt.

    Source: specification of the protocol, section 0, Weights: suspected as too high.

    Parameters
    ----------
    rise
        From when it is doubted.
    gestation_days
        At birth; None: term [days].
    last, w, change
        The two weights, and the change of z from one to the other [SD].
    """
    early = 0 if gestation_days is None else TERM_DAYS - gestation_days
    if w.age_days < rise.from_days + max(early, 0):
        return ""
    days, percent = w.day - last.day, -percent_below(last.exact, w.exact)
    if days <= rise.percent_within_days and percent >= Decimal(repr(rise.percent)):
        return f"{percent_words(percent)} more than the last valid weight, {days_words(days)} before"
    if days <= rise.z_within_days and change > rise.z + _TINY:
        return f"{change:.1f} SD more than the last valid weight, {days_words(days)} before"
    return ""


def least_z(fits: Sequence[GrowthFacts], row: int) -> float:
    """How far a weight is from the middle on the reference that fits it best; 0 where there is no z [SD]."""
    found = [abs(z) for f in fits if (z := float(f.z[row])) == z]
    return min(found, default=0.0)


def is_low(change: float | None, last: Weight | None, w: Weight) -> bool:
    """Whether a doubted weight is doubted for being low."""
    if change is not None:
        return change < 0
    if last is not None:
        return w.exact < last.exact
    return w.z is not None and w.z < 0
