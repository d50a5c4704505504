"""One weighing, as the protocol reads it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from growthwatch.protocol.file.settings import WeightRules
from growthwatch.record import Weighed

__all__ = [
    "ASSUMED",
    "NO_WEIGHT",
    "SUSPECTED",
    "UNCERTAIN",
    "UNDATED",
    "UPPER_BOUND",
    "VALID",
    "Weight",
    "in_order",
    "minutes_between",
    "on_class_iii",
    "validity",
    "worse",
]

VALID, ASSUMED, UPPER_BOUND, UNDATED, SUSPECTED = "valid", "assumed", "upper_bound", "undated", "suspected"
NO_WEIGHT = "no_weight"
"""A figure that no child weighs: repeat now; no rule looks at it."""
UNCERTAIN = "uncertain"
"""Wrong in both directions: on another scale, or weighed by the family alone."""

_BY_WORTH = (VALID, ASSUMED, UPPER_BOUND, SUSPECTED, UNCERTAIN)

_DRESSED = {"nappy": "in a nappy", "light_clothes": "in light clothes", "clothed": "clothed"}


@dataclass(slots=True, eq=False)
class Weight:
    """One weighing; ``place`` is its index among the child's weights, ``row`` that among the columns."""

    id: str
    day: int
    known_day: int
    recorded_at: dt.datetime
    age_days: int
    kg: float
    exact: Decimal
    validity: str
    reason: str
    z: float | None
    status: str
    row: int
    replaced_by: str | None = None
    low: bool = False
    place: int = -1
    class_iii: bool = False
    """Whether it is known to have been taken on a scale as the protocol asks, and not by the family alone."""

    @property
    def date(self) -> dt.date:
        """Its day."""
        return dt.date.fromordinal(self.day)

    @property
    def counts(self) -> bool:
        """Whether it may reassure: valid or assumed valid."""
        return self.validity in (VALID, ASSUMED)

    @property
    def unused(self) -> bool:
        """Whether no rule looks at it: its date is not certain, or it is no weight."""
        return self.validity in (UNDATED, NO_WEIGHT)


def worse(a: tuple[str, str], b: tuple[str, str]) -> tuple[str, str]:
    """Of two accounts of one weighing (validity, and why) the one that may reassure less; of equals the first."""
    return b if _BY_WORTH.index(b[0]) > _BY_WORTH.index(a[0]) else a


def validity(e: Weighed, naked_age: bool, rules: WeightRules) -> tuple[str, str]:
    """Validity of a weighing from what was recorded, and why, in words."""
    if not e.date_certain:
        return UNDATED, "the date is not certain"
    allowed = rules.clothing_below if naked_age else rules.clothing_from
    if e.scale in rules.scales and e.clothing in allowed and not _family_alone(e):
        return VALID, ""
    family, other = _family_alone(e), e.scale is not None and e.scale not in rules.scales
    if family or other:
        how = [w for w, so in (("weighed by the family", family), ("on a scale that is not class III", other)) if so]
        return UNCERTAIN, " ".join(how)
    if e.clothing is not None and e.clothing not in allowed:
        return UPPER_BOUND, _DRESSED.get(e.clothing, e.clothing)
    missing = [n for n, v in (("clothing", e.clothing), ("scale", e.scale)) if v is None]
    if missing:
        return ASSUMED, " and ".join(missing) + " not recorded"
    return VALID, ""


def _family_alone(e: Weighed) -> bool:
    """Whether the family weighed and nobody else watched."""
    return (e.role == "family" or e.weighed_by == "family") and e.witnessed_by is None


def on_class_iii(e: Weighed, rules: WeightRules) -> bool:
    """Whether a weighing is known to be on a scale as the protocol asks, and not by the family alone."""
    return e.scale in rules.scales and not _family_alone(e)


Order = tuple[dt.date, dt.time, dt.datetime, float, str]
"""By what weighings are put in order."""


def in_order(e: Weighed) -> Order:
    """Weighings in order of date, of one moment the heavier first: ids tell apart only what is alike in all else."""
    return e.on, e.time or dt.time.min, e.recorded_at, -e.weight_kg, e.id


def minutes_between(a: Weighed, b: Weighed) -> float | None:
    """Minutes from one weighing to another of the same day, where both have a time."""
    if a.time is None or b.time is None or a.on != b.on:
        return None
    return (b.time.hour * 60 + b.time.minute + b.time.second / 60) - (
        a.time.hour * 60 + a.time.minute + a.time.second / 60
    )
