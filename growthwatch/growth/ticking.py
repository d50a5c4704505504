"""Where the clock of no net gain stands on a day between two weighings: it runs on, weighed or not."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from growthwatch.core.calendar import add_months
from growthwatch.core.errors import GrowthwatchError
from growthwatch.growth.rules import ClockBand, GrowthRule

__all__ = ["Reached", "reached"]


class Reached(NamedTuple):
    """The gravest limit that a clock has reached.

    Attributes
    ----------
    level
        Its level, from 1 (amber) to 2 (red).
    band
        The band of ages whose limit it is, from 0.
    limit_days
        The limit of that level at the age of the day asked about: what the clock is held to now [days].
    age_days
        Age on the day on which it was reached [days].
    """

    level: int
    band: int
    limit_days: float
    age_days: float


def reached(
    rule: GrowthRule, from_age_days: float, until_age_days: float, high_need: bool, birth_date: dt.date | None
) -> Reached | None:
    """The gravest limit that a clock reaches up to a day, the first day of it; None where it reaches none.

    Parameters
    ----------
    rule
        The clock.
    from_age_days, until_age_days
        Age at the weight from which it runs, and on the day asked about [days].
    high_need
        Whether the limits for high need apply.
    birth_date
        By which calendar months are counted; None: months of 30.4375 days.

    Notes
    -----
    As in a review: read on every day by the limits of the age on that day, and no birthday lowers a level.
    """
    starts = [_start_days(band, birth_date) for band in rule.clock]
    limits = [_limits(band, high_need) for band in rule.clock]
    now = limits[max(sum(start <= until_age_days for start in starts) - 1, 0)]
    out: Reached | None = None
    for k, start in enumerate(starts):
        for level, limit in enumerate(limits[k], 1):
            day = max(from_age_days + limit, start)
            over = k + 1 < len(starts) and day >= starts[k + 1]
            if day <= until_age_days and not over and (out is None or level > out.level):
                out = Reached(level, k, now[level - 1], day)
    return out


def _limits(band: ClockBand, high_need: bool) -> tuple[float, float]:
    """Amber and red of a band [days]."""
    amber, red = band.amber_days, band.red_days
    return (band.high_need_amber_days or amber, band.high_need_red_days or red) if high_need else (amber, red)


def _start_days(band: ClockBand, birth_date: dt.date | None) -> float:
    """Age from which a band of a clock counts [days]."""
    if band.from_months is None or birth_date is None:
        return band.start_days
    try:
        return float((add_months(birth_date, band.from_months) - birth_date).days)
    except GrowthwatchError:  # beyond the calendar
        return band.start_days
