"""Whether the weights so far fit another birth date, or the other sex, much better than those of the record."""

from __future__ import annotations

from functools import lru_cache

from growthwatch.growth.quality import suspected
from growthwatch.protocol.child import UNDATED, Child
from growthwatch.references import Reference

__all__ = ["questioned_birth"]

_LOOKED_AT_FROM_Z = 2.5
"""Nearer to the middle no other birth fits by so much: it spares work, and decides nothing."""


def questioned_birth(child: Child, day: int) -> str:
    """What to ask about the child's birth date or sex, in words, as a trajectory asks it; empty where nothing is.

    The gestation is asked about first, where the birth weight does not allow it.
    """
    birth = child.ages.birth
    if birth is None or birth.sex is None or child.weights.gestation_doubted_by is not None or child.dead_on(day):
        return ""
    if not child.growth.far(_LOOKED_AT_FROM_Z):
        return ""
    ahead = {n.event.id for n in child.notices if n.what == "ahead"}
    weights = [w for w in child.weights.all if w.id not in ahead and not (w.validity == UNDATED and w.age_days < 0)]
    if not any(w.z is not None and abs(w.z) > _LOOKED_AT_FROM_Z for w in weights):
        return ""
    born = None if birth.gestation_days is None else float(birth.gestation_days)
    kg, ages = tuple(w.kg for w in weights), tuple(float(w.age_days) for w in weights)
    return _asked(child.reference, kg, ages, birth.sex, born)


@lru_cache(maxsize=256)
def _asked(
    reference: Reference, kg: tuple[float, ...], age_days: tuple[float, ...], sex: str, gestation_days: float | None
) -> str:
    found = suspected(kg, age_days=age_days, sex=sex, gestation_days=gestation_days, reference=reference)
    return str(found.series_question[-1])
