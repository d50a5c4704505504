"""What can be charted: each measure's words, and its readings in a record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import kg_words
from growthwatch.protocol.child import UNDATED, VALID, Child, Weight
from growthwatch.record import AnyEvent, Measured, Weighed
from growthwatch.references.metadata import read_toml

__all__ = ["MEASURES", "Measure", "Reading", "named", "readings"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure that can be charted.

    Attributes
    ----------
    name
        As references name it.
    title, chart
        What the picture is called in its title, and in its alternative text.
    axis
        Name of the upright axis, with the unit.
    thing, one
        The word for a reading, and for reading it once.
    column
        The key of the reading in the table.
    event
        The ``measure`` of the events that it is read from; of two parts for those worked out from a
        weight and a length.
    by_length
        Whether the axis below is a length [cm] and not an age.
    """

    name: str
    title: str
    chart: str
    axis: str
    thing: str
    one: str
    column: str
    event: str = ""
    unit: str = "cm"
    factor: float = 1.0
    by_length: bool = False

    @property
    def of_weight(self) -> bool:
        """Whether its readings are weighings."""
        return self.name == "weight"

    def words(self, value: float) -> str:
        """Write a reading with its unit."""
        if self.unit == "kg":
            return kg_words(value)
        return f"{value:.1f} {self.unit}"


MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        Measure("weight", "Weight for age", "Weight", "Weight (kg)", "weight", "weighing", "weight_kg", unit="kg"),
        Measure(
            "height", "Length or height for age", "Length or height", "Length or height (cm)", "length or height",
            "measurement", "height_cm", "height",
        ),
        Measure(
            "head", "Head circumference for age", "Head circumference", "Head circumference (cm)",
            "head circumference", "measurement", "head_cm", "head",
        ),
        Measure(
            "arm", "Arm circumference for age", "Arm circumference", "Arm circumference (cm)",
            "arm circumference", "measurement", "arm_cm", "arm",
        ),
        Measure(
            "triceps-skinfold", "Triceps skinfold for age", "Triceps skinfold", "Triceps skinfold (mm)",
            "triceps skinfold", "measurement", "triceps_skinfold_mm", "triceps_skinfold", unit="mm", factor=10.0,
        ),
        Measure("bmi", "BMI for age", "BMI", "BMI (kg/m²)", "BMI", "measurement", "bmi", "height", unit="kg/m²"),
        Measure(
            "weight-for-length", "Weight for length", "Weight for length", "Weight (kg)", "weight", "weighing",
            "weight_kg", "height", unit="kg", by_length=True,
        ),
        Measure(
            "weight-for-height", "Weight for height", "Weight for height", "Weight (kg)", "weight", "weighing",
            "weight_kg", "height", unit="kg", by_length=True,
        ),
    )
}  # fmt: skip
"""The measures that a record has readings of, by name."""


def named(measure: object) -> Measure:
    """The measure of a name.

    Raises
    ------
    GrowthwatchError
        If it is none that can be charted.
    """
    found = MEASURES.get(measure) if isinstance(measure, str) else None
    if found is None:
        raise GrowthwatchError.of("measure", measure, f"one of {list(MEASURES)}: no other measure is charted")
    return found


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a measure as a record has it.

    Attributes
    ----------
    age_days
        Age since birth [days].
    value
        In the unit of the measure.
    validity, reason
        As the protocol judges the weighing, and why; other measures are ``valid``.
    repeated
        Whether a later reading repeats this one and counts in its place.
    replaced
        Whether it gave way to a repeat altogether.
    length_cm, position
        The length that belongs to it, and how the child was measured, where that is known.
    """

    age_days: int
    value: float
    validity: str = VALID
    reason: str = ""
    repeated: bool = False
    replaced: bool = False
    length_cm: float | None = None
    position: str | None = None

    @property
    def dated(self) -> bool:
        """Whether its place on an axis of ages is known."""
        return self.validity != UNDATED and self.age_days >= 0


def readings(
    measure: Measure, child: Child, events: Iterable[AnyEvent], birth_day: int, in_doubt: Set[str] = frozenset()
) -> tuple[list[Reading], int]:
    """Readings of a measure, oldest first, and how many weights had no length near enough.

    `in_doubt`: events that are dated after they were written down; their weights have no place.
    """
    if not measure.event:
        counted = {w.id for w in child.weights.valid}
        again = {e.repeats for e in events if isinstance(e, Weighed) and e.repeats is not None and e.id in counted}
        return [_weighed(w, w.id in again, w.id in in_doubt) for w in child.weights.all], 0
    taken = _measured(events, measure.event)
    if not measure.by_length and measure.name != "bmi":
        return [
            Reading(e.on.toordinal() - birth_day, e.value_cm * measure.factor, position=e.position) for e in taken
        ], 0
    return _paired(measure, child, taken, birth_day)


def _measured(events: Iterable[AnyEvent], what: str) -> list[Measured]:
    found = [e for e in events if isinstance(e, Measured) and e.measure == what]
    return sorted(found, key=lambda e: (e.on, e.recorded_at, e.id))


def _weighed(w: Weight, repeated: bool, in_doubt: bool) -> Reading:
    # What is no weight, and what cannot have happened yet, has no place on the chart either.
    validity = UNDATED if w.unused or in_doubt else w.validity
    return Reading(w.age_days, w.kg, validity, w.reason, repeated, w.replaced_by is not None)


def _paired(measure: Measure, child: Child, taken: Sequence[Measured], birth_day: int) -> tuple[list[Reading], int]:
    """Each weight with the length that was measured nearest to it, if near enough; how many have none."""
    within, out, alone = _within_days(), list[Reading](), 0
    for w in child.weights.all:
        if w.unused or w.replaced_by is not None:
            continue
        near = min(taken, key=lambda e: abs(e.on.toordinal() - w.day), default=None)
        if near is None or abs(near.on.toordinal() - w.day) > within:
            alone += 1
            continue
        value = w.kg if measure.by_length else w.kg / (near.value_cm / 100) ** 2
        position = near.position if measure.by_length else None
        out.append(Reading(w.day - birth_day, value, w.validity, w.reason, length_cm=near.value_cm, position=position))
    return out, alone


@cache
def _within_days() -> int:
    """Greatest distance of a length from the weight that it is used with [days]: ``pairing.toml``."""
    found: Any = read_toml(resources.files("growthwatch.charts") / "pairing.toml")
    return int(found["pairing"]["within_days"])
