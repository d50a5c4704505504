"""What no key of the settings says alone: bands that rise, routine weights with one span, dates in order."""

from __future__ import annotations

from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol.file.marks import Marks
from growthwatch.protocol.file.settings import Settings
from growthwatch.protocol.file.values import TIERS, rising

__all__ = ["faults_of"]


def faults_of(settings: Settings, where: str) -> list[str]:
    """Faults that span keys; none for most files.

    Raises
    ------
    GrowthwatchError
        For bands that do not begin at birth, a routine weight without one span, or a mark that stands twice.
    """
    bands = [b.from_months for b in settings.schedule.bands]
    if bands[0] != 0 or bands != sorted(set(bands)):
        raise GrowthwatchError.of(f"{where}: schedule.bands", bands, "from_months rising from 0")
    for point in settings.schedule.routine:
        starts, ends = (point.from_days, point.from_months), (point.by_days, point.by_months)
        if starts.count(None) != 1 or ends.count(None) != 1:
            expected = "one of from_days and from_months, and one of by_days and by_months"
            raise GrowthwatchError.of(f"{where}: schedule.routine", point.name, expected)
    try:
        Marks(settings.numbers)
    except GrowthwatchError as e:
        raise GrowthwatchError(f"{where}: numbers: {e}", field="numbers", value=e.value, expected=e.expected) from None
    problems: list[str] = []
    ages = [a.name for a in settings.tiers.risk_ages]
    for floor in settings.schedule.floors:
        by_gestation = any(b.from_gestation_days is not None for b in floor.bands)
        field = "from_gestation_days" if by_gestation else "from_months"
        problems += rising(f"schedule.floors {floor.name}: {field}", [getattr(b, field) for b in floor.bands])
        if not set(floor.risk_ages) <= set(ages):
            problems.append(
                f"schedule.floors {floor.name}: risk_ages: got {list(floor.risk_ages)}, expected some of {ages}"
            )
    for age in settings.tiers.risk_ages:
        if (age.born_before_days is None) == (age.lighter_than_kg is None):
            problems.append(f"tiers.risk_ages {age.name}: expected one of born_before_days and lighter_than_kg")
    protected = settings.tiers.protected
    if protected is not None and TIERS.index(protected.to) <= TIERS.index(protected.tier):
        problems.append(f"tiers.protected: got {protected.to}, expected a tier above {protected.tier}")
    until = settings.effective_until
    if until is not None and until < settings.effective_from:
        problems.append(f"effective_until: got {until}, expected a day not before {settings.effective_from}")
    return problems
