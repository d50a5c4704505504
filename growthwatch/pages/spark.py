"""The small chart beside a child: weight SDS up to today, with the 50th, 2nd and 0.4th centile lines."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import kg_words, long_date
from growthwatch.record import Record
from growthwatch.references import Reference

__all__ = ["Spark", "spark_of"]

_WIDE, _HIGH, _TOP, _BOTTOM = 137.0, 66.0, 2.8, -4.3
_LINES = tuple((line.z, line.ordinal) for line in reversed(UK_NINE.lines) if line.label in ("50", "2", "0.4"))
_WINDOWS = ((70, 56, "8 weeks"), (213, 183, "6 months"), (10**6, 731, "2 years"))
"""Up to which age how many days back are shown [days], and the words for it."""


@dataclass(frozen=True)
class Spark:
    """A small chart: places in pixels, and the words that stand beside it and in place of it."""

    points: tuple[tuple[float, float], ...]
    lines: tuple[tuple[float, str], ...]
    words: str
    caption: str
    window: str
    doubted: bool


def spark_of(record: Record, reference: Reference, on: dt.date, doubted: bool) -> Spark | None:
    """The small chart of a child; None where no weight has a z.

    Parameters
    ----------
    record
        The child's record.
    reference
        By which z are worked out.
    on
        The day of the list, at which the chart ends.
    doubted
        Whether nothing is sure of the latest weight: its mark is open.
    """
    counted = record.effective()
    born = next((e for e in counted if e.type == "born"), None)
    if born is None or born.sex is None:
        return None
    weights = sorted((e.on, e.weight_kg) for e in counted if e.type == "weighed" and born.on <= e.on <= on)
    if not weights:
        return None
    ages = np.array([(day - born.on).days for day, _ in weights], float)
    kg = np.array([w for _, w in weights], float)
    z = np.asarray(reference.z(kg, age_days=ages, sex=born.sex, gestation_days=born.gestation_days), float)
    _, back, window = next(w for w in _WINDOWS if (on - born.on).days <= w[0])
    shown = [
        (_WIDE * (1 - (on - day).days / back), _y(value), value)
        for (day, _), value in zip(weights, z.tolist(), strict=True)
        if (on - day).days <= back and value == value
    ]
    if not shown:
        return None
    last_day, last_kg = weights[-1]
    ago = (on - last_day).days
    when = "today" if ago == 0 else "yesterday" if ago == 1 else f"{ago} days ago" if ago < 100 else long_date(last_day)
    sds = "" if z[-1] != z[-1] else f", SDS {z[-1]:.2f}".replace("-", "−")
    told = "; ".join(f"{v:.1f}".replace("-", "−") for _, _, v in shown[-3:])
    doubt = ", in doubt" if doubted else sds
    return Spark(
        tuple((round(x, 1), round(y, 1)) for x, y, _ in shown),
        tuple((round(_y(value), 1), name) for value, name in _LINES),
        f"Weight SDS, last {window} to today: {told}",
        f"{'? ' if doubted else ''}{kg_words(last_kg)} {when}{doubt}",
        f"{window} to today",
        doubted,
    )


def _y(z: float) -> float:
    return _HIGH * (_TOP - min(_TOP, max(_BOTTOM, z))) / (_TOP - _BOTTOM)
