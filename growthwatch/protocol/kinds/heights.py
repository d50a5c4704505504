"""Heights, and how heavy a child is for its length: body mass index, and weight for length or height."""

from __future__ import annotations

import math

from growthwatch.protocol.child import Child
from growthwatch.protocol.child.measures import Taken
from growthwatch.references import reference

__all__ = ["bmi_z", "for_length_z", "height_z", "is_standing"]


def is_standing(child: Child, day: int, position: str | None, from_months: int) -> bool:
    """Whether a length was taken standing: as it was written down, else by the age on the day."""
    return position == "standing" or (position is None and day >= child.ages.mark(from_months))


def for_length_z(child: Child, kg: float, taken: Taken, day: int, on: str, standing_from_months: int) -> float | None:
    """Z of a weight for a length or height on a reference [SD]; None where it has none.

    Parameters
    ----------
    child
        Whose sex is known.
    kg
        Weight [kg].
    taken, day
        The length, and the day of the weight [ordinal].
    on
        Id of a reference with weight for length and weight for height.
    standing_from_months
        From which age a length was taken standing where nobody said how [months].
    """
    birth = child.ages.birth
    if birth is None or birth.sex is None:
        return None
    standing = is_standing(child, day, taken.position, standing_from_months)
    measure, sex = "weight-for-height" if standing else "weight-for-length", birth.sex

    def make() -> float:
        return float(reference(on).z(kg, measure=measure, length_cm=taken.cm, sex=sex))

    z = child.ages.once((on, measure, kg, taken.cm), make)
    return z if z == z else None


def bmi_z(child: Child, kg: float, cm: float, age_days: int) -> float | None:
    """Z of the body mass index on the protocol's reference [SD]; None where it has none."""
    birth = child.ages.birth
    if birth is None or birth.sex is None:
        return None
    sex, gestation = birth.sex, birth.gestation_days
    square = (cm / 100.0) * (cm / 100.0)
    bmi = kg / square if square else math.inf
    if not math.isfinite(bmi):
        return None

    def make() -> float:
        return float(child.reference.z(bmi, measure="bmi", age_days=age_days, sex=sex, gestation_days=gestation))

    z = child.ages.once(("bmi", kg, cm, age_days), make)
    return z if z == z else None


def height_z(child: Child, taken: Taken, sex: str | None = None, age_days: int | None = None) -> float | None:
    """Z of a length or height on the protocol's reference [SD]; None where it has none.

    Parameters
    ----------
    child, taken
        The child, and what was measured.
    sex, age_days
        Of somebody else, such as a parent; None: those of the child on the day.
    """
    birth = child.ages.birth
    if birth is None or (sex is None and birth.sex is None):
        return None
    who = sex or birth.sex
    age = taken.day - birth.day if age_days is None else age_days
    gestation = birth.gestation_days if age_days is None else None

    def make() -> float:
        return float(child.reference.z(taken.cm, measure="height", age_days=age, sex=who, gestation_days=gestation))

    z = child.ages.once(("height", taken.cm, age, who), make)
    return z if z == z else None
