"""What a chart shows, before anything is drawn: one reading of the record, as points and places."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

from growthwatch.charts.measures import Measure
from growthwatch.core.units import PRETERM_DAYS, TERM_DAYS
from growthwatch.protocol.child import ASSUMED, SUSPECTED, UPPER_BOUND, VALID
from growthwatch.references import Reference
from growthwatch.references.metadata import Correction, corrections

__all__ = [
    "AFTER_TERM_DAYS",
    "NEWBORN_DAYS",
    "Beside",
    "ChartFacts",
    "Limit",
    "Loss",
    "Newborn",
    "Place",
    "Point",
    "RuleLine",
    "Unused",
    "is_special",
    "lowest_of_days",
]


def is_special(reference: Reference) -> bool:
    """Whether a reference is of children with a condition: a standard stands beside it."""
    return reference.kind == "descriptive" or reference.info.condition != ""


AFTER_TERM_DAYS = 14.0
"""Age from term at which the axis goes from weeks of gestation to weeks of age: 42 weeks [days]."""


NEWBORN_DAYS = 21
"""Last day of the chart of the first weeks: 0 to 21 days."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reading lies on one reference; None where there is no score, with the reason in ``status``."""

    z: float | None
    centile: float | None
    status: str


@dataclass(frozen=True, slots=True)
class Point:
    """One reading that is drawn.

    Attributes
    ----------
    age_days
        Age since birth.
    corrected_age_days
        The age that was used for the score; it equals ``age_days`` where no correction applies.
    at
        Its place on the axis below: the age since birth [days], or the length [cm].
    value
        In the unit of the measure.
    place, beside
        On the reference of the lines, and on those that are shown beside it (`ChartFacts.beside`).
    crossed, dotted
        Whether it has a cross at the corrected age, and a mark at the age since birth.
    """

    age_days: int
    corrected_age_days: float
    at: float
    value: float
    place: Place
    validity: str
    reason: str = ""
    repeated: bool = False
    beside: tuple[Place, ...] = ()
    length_cm: float | None = None
    crossed: bool = False
    dotted: bool = True

    @property
    def z(self) -> float | None:
        """Standard deviation score on the reference of the lines."""
        return self.place.z

    @property
    def corrected(self) -> bool:
        """Whether the two ages differ."""
        return self.corrected_age_days != self.age_days

    @property
    def counts(self) -> bool:
        """Whether the reading is valid, or assumed to be."""
        return self.validity in (VALID, ASSUMED)

    @property
    def kind(self) -> str:
        """Which mark it has: ``dots`` where it counts, else ``upper bounds``, ``suspected`` or ``uncertain``."""
        if self.counts:
            return "dots"
        return {UPPER_BOUND: "upper bounds", SUSPECTED: "suspected"}.get(self.validity, "uncertain")

    @property
    def places(self) -> tuple[float, ...]:
        """Places on the axis below at which it is marked."""
        return (*((self.at,) if self.dotted else ()), *((self.corrected_age_days,) if self.crossed else ()))


def lowest_of_days(points: Iterable[Point]) -> list[Point]:
    """One reading of each day, in order of age: of several the lowest, as the protocol takes it for the best weight."""
    out: dict[int, Point] = {}
    for p in points:
        if p.age_days not in out or p.value < out[p.age_days].value:
            out[p.age_days] = p
    return [out[age] for age in sorted(out)]


@dataclass(frozen=True, slots=True)
class Unused:
    """The latest weight, where it does not count, and how many more since the last that counts."""

    validity: str
    reason: str
    value: float
    point: Point | None
    more: int


@dataclass(frozen=True, slots=True)
class Loss:
    """Loss from birth weight that has not been regained [percent], with the lowest weight since."""

    birth: float
    percent: float
    lowest: Point
    lowest_percent: float
    at: Point


@dataclass(frozen=True, slots=True)
class Beside:
    """A reference that is shown beside that of the lines.

    ``unadjusted`` says that it is the base of an adjusted one: three of its lines are drawn.  Otherwise it
    is the standard beside a chart of a condition.
    """

    reference: Reference
    unadjusted: bool


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A line that a rule reads and that is none of the nine: its place [SD], its name, and whose it is."""

    z: float
    ordinal: str
    rule: str
    title: str


@dataclass(frozen=True)
class ChartFacts:
    """All that a chart shows of one child at one moment.

    ``gestation_doubted`` is a weight at birth [kg] that the gestation recorded does not allow, and its z there;
    ``apart`` says that the latest weights that count are of one day and too far apart for one child.
    ``rule_lines`` are lines that a rule reads on this reference beside the nine.
    """

    measure: Measure
    reference: Reference
    beside: tuple[Beside, ...]
    child_id: str
    sex: str
    birth: dt.date
    gestation_days: int | None
    points: tuple[Point, ...]
    undated: int
    replaced: int
    unpaired: int
    later: int
    unused: Unused | None
    loss: Loss | None
    stale_days: int | None
    died_age_days: int | None
    as_of: dt.date
    known_on: dt.date | None
    loss_percent: float | None
    adjustments: tuple[str, ...] = ()
    gestation_doubted: tuple[float, float] | None = None
    apart: bool = False
    rule_lines: tuple[RuleLine, ...] = ()

    @property
    def preterm(self) -> bool:
        """Born before 37 weeks, by a gestation that can be meant."""
        return self.gestation_days is not None and self.believed and self.gestation_days < PRETERM_DAYS

    @property
    def believed(self) -> bool:
        """Whether the gestation is one that can be meant, or none is recorded."""
        limits = corrections().gestation
        return self.gestation_days is None or limits.least_days <= self.gestation_days <= limits.most_days

    @property
    def at_birth_only(self) -> bool:
        """Whether the reference is one of births, by their gestation."""
        return self.reference.curves(self.measure.name).info.latest_age_days == 0

    @property
    def by_gestation(self) -> bool:
        """Whether ages before 42 weeks are weeks of gestation: where age is corrected for it, or births are judged."""
        if self.measure.by_length:
            return False
        if self.at_birth_only:
            return True
        return self.preterm and (self.corrected_until_days is not None or any(p.crossed for p in self.points))

    @property
    def age_days(self) -> int:
        """Age on the day asked about, or at death [days]."""
        return (self.as_of - self.birth).days if self.died_age_days is None else self.died_age_days

    @property
    def rule(self) -> Correction:
        """The correction of the reference."""
        return corrections().named(self.reference.correction)

    @property
    def corrected_until_days(self) -> float | None:
        """Corrected age at which correction stops [days]; infinite for life, None where there is no correction."""
        return self.corrected_until(self.reference)

    def corrected_until(self, reference: Reference) -> float | None:
        """As `corrected_until_days`, of any reference."""
        if self.gestation_days is None or self.gestation_days == TERM_DAYS or not self.believed:
            return None
        for rule in corrections().named(reference.correction).rules:
            if self.gestation_days < rule.born_before_days:
                return rule.until_corrected_age_days
        return None

    @property
    def is_adjusted(self) -> bool:
        """Whether the lines are those of an adjusted reference, and it counts on the day."""
        return bool(self.reference.links)

    @property
    def of_condition(self) -> bool:
        """Whether the lines are those of a condition as they were published: few are drawn, with names of their own."""
        return not self.is_adjusted and is_special(self.reference)

    @property
    def last(self) -> Point | None:
        """The latest reading that counts and was not repeated; the latest of any kind while there is none.

        Of several on one day that are too far apart for one child, the least: it reassures least.
        """
        counted = [p for p in self.points if p.counts and not p.repeated]
        counted = counted or [p for p in self.points if p.counts] or list(self.points)
        if self.apart:
            return min((p for p in counted if p.age_days == counted[-1].age_days), key=lambda p: p.value)
        return counted[-1] if counted else None

    @property
    def doubted(self) -> Point | None:
        """The latest reading, where it is suspected of being an entry error and drawn: what must be repeated now."""
        unused = self.unused
        return unused.point if unused is not None and unused.validity == SUSPECTED else None

    @property
    def also(self) -> tuple[float, ...]:
        """What else was read on the day of the latest reading that counts, where it differs: the least first."""
        last = self.last
        if last is None or not last.counts:
            return ()
        same = {p.value for p in self.points if p.counts and not p.repeated and p.age_days == last.age_days}
        return tuple(sorted(same - {last.value}))

    @property
    def unadjusted(self) -> int | None:
        """Which of the references beside is the base of an adjusted one."""
        return next((i for i, b in enumerate(self.beside) if b.unadjusted), None)

    @property
    def standard(self) -> int | None:
        """Which of the references beside is the standard."""
        return next((i for i, b in enumerate(self.beside) if not b.unadjusted), None)

    @property
    def standard_from(self) -> float:
        """Age from which the standard's lines may stand beside the child's own [days].

        Where the standard corrects age for gestation and the child's own reference does not, one mark cannot
        be read on both until the standard's correction stops.
        """
        if self.standard is None or self.rule.rules or self.gestation_days is None or not self.believed:
            return -math.inf
        for rule in corrections().named(self.beside[self.standard].reference.correction).rules:
            if self.gestation_days < rule.born_before_days:
                return rule.until_corrected_age_days + TERM_DAYS - self.gestation_days
        return -math.inf

    def span(self, reference: Reference | None = None) -> tuple[float, float] | None:
        """Least and greatest place on the axis below that the lines cover."""
        found = (self.reference if reference is None else reference).span(self.measure.name, self.sex)
        return None if found is None else (float(found[0]), float(found[1]))

    def number(self, *validities: str) -> int:
        """How many drawn readings have one of these validities."""
        return sum(p.validity in validities for p in self.points)

    @property
    def age_basis(self) -> tuple[str, float | None]:
        """Name of the correction, and until when it counts for this child [days]."""
        until = self.corrected_until_days
        return self.reference.correction, None if until is not None and math.isinf(until) else until


@dataclass(frozen=True, slots=True)
class Limit:
    """A loss of birth weight that a protocol names [percent], from where it counts, what it wants, and whose it is."""

    percent: float
    name: str
    does: str
    whose: str


@dataclass(frozen=True, slots=True)
class Newborn:
    """What the chart of the first three weeks shows.

    Attributes
    ----------
    chart
        The child, its weights and its warnings, as on the growth chart.
    points
        The weights of days 0 to 21.
    birth_kg
        The birth weight; None where none counts.
    limits, regained_by
        Losses that the protocol names, the smallest first, and the day by which it wants birth weight regained.
    protocol
        Its id and short hash.
    later
        How many weights came after the last day of the chart.
    """

    chart: ChartFacts
    points: tuple[Point, ...]
    birth_kg: float | None
    limits: tuple[Limit, ...]
    regained_by: int | None
    protocol: str
    later: int = 0

    @property
    def last(self) -> Point | None:
        """The latest of its weights that counts, after the day of birth."""
        return next((p for p in reversed(self.points) if p.counts and p.age_days > 0), None)
