"""Runs of gains: so many in a row, each long enough after the weight before."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from growthwatch.protocol.child.weight import Weight
from growthwatch.protocol.file.settings import Gains

__all__ = ["Start", "gained", "gaining"]


class Start(NamedTuple):
    """A weight from which gains are counted: its day, and how much it is [kg]."""

    day: int
    exact: Decimal


def _lowest_of_days(valid: Sequence[Weight]) -> list[Weight]:
    """Of each day the lowest weight, in order of day."""
    out: list[Weight] = []
    for w in valid:
        if out and out[-1].day == w.day:
            if w.exact < out[-1].exact:
                out[-1] = w
        else:
            out.append(w)
    return out


def gaining(valid: Sequence[Weight], tier_since: int, run: Gains) -> bool:
    """Whether the latest weights are a run of gains, of which all but the first were taken after the tier rose.

    Each is the last that lies long enough before the next, so that weighing in between takes no run away.
    """
    weights = _lowest_of_days(valid)
    if not weights:
        return False
    chain = [weights[-1]]
    for w in reversed(weights[:-1]):
        if len(chain) > run.gains:
            break
        if chain[-1].day - w.day >= run.least_days:
            if w.exact >= chain[-1].exact:
                return False
            chain.append(w)
    if len(chain) <= run.gains or chain[-2].day <= tier_since:
        return False
    first, last = (Decimal(str(w.exact)) for w in (chain[-1], chain[0]))
    return last * 100 >= first * (100 + Decimal(str(run.least_percent)))


def gained(start: Start, valid: Sequence[Weight], run: Gains) -> bool:
    """Whether a run of gains, counted from a weight on, has been there: once it has, it has been.

    Parameters
    ----------
    start
        The weight from which it counts.
    valid
        Weights that count, in order of date.
    run
        How many gains, each how long after the weight before.
    """
    base, gains, first = start, 0, start
    for w in _lowest_of_days(valid):
        if w.day - base.day < run.least_days:
            continue
        if w.exact > base.exact:
            gains += 1
        else:
            gains, first = 0, Start(w.day, w.exact)
        base = Start(w.day, w.exact)
        if gains >= run.gains and base.exact * 100 >= first.exact * (100 + Decimal(str(run.least_percent))):
            return True
    return False
