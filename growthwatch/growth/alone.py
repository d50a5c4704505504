"""A best weight that stands alone: above both its neighbours, which are near each other.

A loss is measured from the best weight so far.  Where that best was itself one high reading, the loss is of
the scales: of real children who had lost a tenth, in two of five the best was a one-off high.  It is
asked about before its loss is believed; it hides nothing, for the loss fires all the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import broadcast_shape, numeric
from growthwatch.growth.rules import Alone, alone
from growthwatch.references.distributions import Floats

__all__ = ["places_alone", "stands_alone"]

_HAIR = 1e-9


def stands_alone(
    before_kg: Any, best_kg: Any, after_kg: Any, *, before_days: Any, after_days: Any, below_z: Any = np.nan
) -> npt.NDArray[np.bool_]:
    """Whether weights stand alone between their neighbours; arguments broadcast.

    Parameters
    ----------
    before_kg, best_kg, after_kg
        A weight, and the valid ones before and after it [kg].
    before_days, after_days
        How far those are from it [days].
    below_z
        By how much z the nearer of the two is below it [SD]; only looked at where one is further away than
        `Alone.within_days`.  NaN: not known.

    Notes
    -----
    Both are at least `Alone.below_percent` below it, and within `Alone.apart_percent` of each other (of the lower);
    figures and source: ``data/growth-rules.toml``.
    """
    names = ("before_kg", "best_kg", "after_kg", "before_days", "after_days", "below_z")
    given = (before_kg, best_kg, after_kg, before_days, after_days, below_z)
    columns = {k: numeric(k, v).astype(np.float64) for k, v in zip(names, given, strict=True)}
    broadcast_shape(**columns)
    before, best, after, gap, more, z = columns.values()
    found: Alone = alone()
    lower, higher = np.minimum(before, after), np.maximum(before, after)
    # In thousandths of a gram: 5 % below 10 kg is 9.5 kg
    least = best * (1.0 - found.below_percent / 100.0)
    high = higher <= least + _HAIR
    near = higher - lower <= lower * found.apart_percent / 100.0 + _HAIR
    soon = np.maximum(gap, more) <= found.within_days
    with np.errstate(invalid="ignore"):
        far = z >= found.else_below_z - _HAIR
    return high & near & (soon | far)


def places_alone(kg: Floats, age_days: Floats, z: Floats, offsets: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Which weights of children stand alone, rows of one child together and in order: the last of each never does.

    Parameters
    ----------
    kg, age_days, z
        Valid weights [kg], ages [days] and z carried across changes of table [SD]; NaN where there is none.
    offsets
        First row of each child, and the number of rows.
    """
    out = np.zeros(kg.size, np.bool_)
    if kg.size < 3:
        return out
    owner = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))
    at = np.flatnonzero(owner[2:] == owner[:-2]) + 1
    below = z[at] - np.maximum(z[at - 1], z[at + 1])
    out[at] = stands_alone(
        kg[at - 1],
        kg[at],
        kg[at + 1],
        before_days=age_days[at] - age_days[at - 1],
        after_days=age_days[at + 1] - age_days[at],
        below_z=below,
    )
    return out
