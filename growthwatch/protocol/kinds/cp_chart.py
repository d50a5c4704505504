"""G10: low on the chart of children with cerebral palsy of the same level of movement."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from statistics import NormalDist
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from growthwatch.core.words import kg_words, long_date, ordinal, z_words
from growthwatch.protocol.child import Child, Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.child.conditions import Known
from growthwatch.protocol.child.measures import Taken
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Months, Percent, Sourced, Text
from growthwatch.protocol.kinds.kind import (
    At,
    Cm,
    Count,
    Day,
    GrowthKind,
    Kg,
    Outcome,
    Seen,
    Topic,
    Values,
    Z,
)
from growthwatch.protocol.kinds.on_weights import Judged
from growthwatch.protocol.kinds.weights import TINY, day_notes, inside_whichever, no_birth, whichever_sex
from growthwatch.record import Condition
from growthwatch.references import Reference, reference, references

__all__ = ["CpChart"]

_ROMAN = ("I", "II", "III", "IV", "V")
_SKINFOLD = "triceps-skinfold"
_NO_SKINFOLD = "no reference is given for a triceps skinfold, so that of {} is not judged"
_RATE = "No false-alarm rate: the chart is of children with cerebral palsy, and of these none was simulated."


class CpLevel(Sourced):
    """The chart of a level of the Gross Motor Function Classification System, and the centile that is judged.

    ``tube_reference`` is the chart of those who are fed by tube, where it is another.
    """

    gmfcs: Literal["I", "II", "III", "IV", "V"]
    reference: Text
    tube_reference: Text | None = None
    below_centile: Percent


class _Chart(NamedTuple):
    """The chart of a child, the z below which it is low [SD], and the events that chose it."""

    reference: Reference
    gmfcs: int
    centile: float
    limit: float
    events: tuple[str, ...]


@cache
def _limit(centile: float) -> float:
    """Convert a centile to a z [SD]."""
    return NormalDist().inv_cdf(centile / 100.0)


class CpChart(GrowthKind):
    """G10: a weight below the centile under which children with cerebral palsy of the level are more often ill.

    It adds an alarm and moves none: the charts describe how these children were found to grow.  A triceps skinfold is
    judged where a reference for it is given; else it is named.  Source: specification of the process, section 3, G10;
    Brooks 2011.
    """

    KIND = "cp_chart"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "conditions", "measures"})
    condition: Condition
    tube_condition: Condition
    from_months: Months
    until_months: Months
    charts: tuple[CpLevel, ...] = Field(min_length=1)
    skinfold_reference: Text | None = None
    skinfold_below_centile: Percent
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def faults(self) -> list[str]:
        """Each level has one chart; each chart is packaged, with weights, that of the skinfold with skinfolds."""
        packaged = {r.id: r.measures for r in references()}
        asked = [(name, "weight") for c in self.charts for name in (c.reference, c.tube_reference) if name is not None]
        asked += [] if self.skinfold_reference is None else [(self.skinfold_reference, _SKINFOLD)]
        out = [
            f"got {name}, expected a packaged reference with {measure}"
            for name, measure in asked
            if measure not in packaged.get(name, {})
        ]
        levels = [c.gmfcs for c in self.charts]
        return out + ([f"charts: got gmfcs {levels}, expected each once"] if len(set(levels)) != len(levels) else [])

    def centile_read(self, reference: str, measure: str) -> float | None:
        """Which centile of a chart is the one below which more are ill."""
        if measure == _SKINFOLD:
            return self.skinfold_below_centile if reference == self.skinfold_reference else None
        if measure != "weight":
            return None
        return next((c.below_centile for c in self.charts if reference in (c.reference, c.tube_reference)), None)

    # --- what there is ----------------------------------------------------------------

    def _known(self, child: Child) -> Known | None:
        known = child.conditions.known.get(self.condition)
        return None if known is None or known.gmfcs is None else known

    def _chart(self, child: Child) -> _Chart | None:
        """The chart of the child's level, as it is fed; None where the level is not known."""
        known = self._known(child)
        level = (
            None if known is None else next((c for c in self.charts if _ROMAN.index(c.gmfcs) + 1 == known.gmfcs), None)
        )
        if known is None or level is None:
            return None
        tube = child.conditions.known.get(self.tube_condition)
        by_tube = tube is not None and level.tube_reference is not None
        name = level.tube_reference if by_tube and level.tube_reference is not None else level.reference
        events = (known.event, tube.event) if by_tube and tube is not None else (known.event,)
        return _Chart(
            reference(name), _ROMAN.index(level.gmfcs) + 1, level.below_centile, _limit(level.below_centile), events
        )

    def _of_age(self, child: Child, day: int) -> bool:
        return child.ages.mark(self.from_months) <= day < child.ages.mark(self.until_months)

    def _z(self, child: Child, chart: _Chart, w: Weight, alone: bool = False) -> float | None:
        """Z of a weight on the chart, as it is read; `alone`: of itself, not of the median of its day."""
        birth = child.ages.birth
        if birth is None or not self._of_age(child, w.day):
            return None
        scorer, of_day = child.growth.scorer, child.growth.reading(w)
        row = w.row if alone else of_day.row
        if row >= 0:
            z = float(scorer.facts_on(chart.reference, birth).z[row])
        else:
            z = float(scorer.between(chart.reference, birth, of_day.day, of_day.kg).z[0])
        return z if z == z else None

    def _skinfold(self, child: Child, day: int) -> Taken | None:
        taken = child.measures.latest("triceps_skinfold", day)
        return None if taken is None or not self._of_age(child, taken.day) else taken

    def _skinfold_z(self, child: Child, taken: Taken) -> float | None:
        birth = child.ages.birth
        if self.skinfold_reference is None or birth is None or birth.sex is None:
            return None
        ref, sex, age = reference(self.skinfold_reference), birth.sex, taken.day - birth.day
        value = taken.cm * 10.0 if ref.info.measures[_SKINFOLD].unit == "mm" else taken.cm

        def make() -> float:
            return float(ref.z(value, measure=_SKINFOLD, age_days=age, sex=sex, gestation_days=birth.gestation_days))

        z = child.ages.once((ref.hash, _SKINFOLD, value, age), make)
        return z if z == z else None

    # --- judging ----------------------------------------------------------------------

    def judge(self, at: At) -> Outcome:
        """Judge the latest valid weight, and the latest skinfold."""
        child = at.child
        if self._known(child) is None:
            return Outcome()
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        return whichever_sex(self._judge, at) if child.as_either else self._judge(at)

    def _judge(self, at: At) -> Outcome:
        child, chart, w = at.child, self._chart(at.child), at.child.growth.latest
        assert child.ages.birth is not None
        if chart is None:
            return Outcome()
        birth, witness, met = child.ages.birth.event, list[str](), list[str]()
        values: Values = {"gmfcs": Count(chart.gmfcs)}
        weight, notes, why = None, tuple[str, ...](), None
        if w is not None and self._of_age(child, w.day):
            z, of_day = self._z(child, chart, w), child.growth.reading(w)
            if z is None:
                why = f"the weight of {long_date(w.day)} has no z on {chart.reference.id}"
            elif z < chart.limit - TINY:
                met.append("weight")
                weight, notes = w, day_notes(child, w)
                values |= {
                    "kg": Kg(of_day.kg),
                    "on": Day(w.day),
                    "z": Z(z),
                    "limit_z": Z(chart.limit),
                    "centile": Decimal(repr(chart.centile)),
                    "reference": chart.reference.id,
                    "reference_hash": chart.reference.hash,
                }
                witness += [*of_day.ids]
        taken = self._skinfold(child, at.day)
        if taken is not None:
            z = self._skinfold_z(child, taken)
            if z is None and self.skinfold_reference is None:
                why = why or _NO_SKINFOLD.format(long_date(taken.day))
            elif z is None:
                why = why or f"the triceps skinfold of {long_date(taken.day)} has no z on {self.skinfold_reference}"
            elif z < _limit(self.skinfold_below_centile) - TINY:
                met.append(_SKINFOLD)
                values |= {
                    "skinfold_cm": Cm(taken.cm),
                    "skinfold_on": Day(taken.day),
                    "skinfold_z": Z(z),
                    "skinfold_centile": Decimal(repr(self.skinfold_below_centile)),
                }
                witness.append(taken.id)
        if not met:
            return Outcome(not_judged=why)
        values["measures"] = tuple(met)
        notes += () if why is None else (f"{why[0].upper()}{why[1:]}.",)
        ids = tuple(dict.fromkeys((birth, *chart.events, *witness)))
        return Outcome(0, values, ids, weight=weight, notes=notes)

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether at a weight neither it nor the skinfold of then is low; None where what opened it cannot be told."""
        if child.as_either:
            return inside_whichever(self.inside, child, weight, opened)
        chart = self._chart(child) if child.ages.birth is not None else None
        if chart is None:
            return None
        z = self._z(child, chart, weight, alone=True)
        taken = self._skinfold(child, weight.day)
        fold = None if taken is None else self._skinfold_z(child, taken)
        told = {
            "weight": None if z is None else z >= chart.limit - TINY,
            _SKINFOLD: None if fold is None else fold >= _limit(self.skinfold_below_centile) - TINY,
        }
        if False in told.values():
            return False
        if any(told[m] is None for m in opened.values.get("measures", ())):
            return None
        return True if True in told.values() else None

    def may_meet(self, followed: Followed) -> Flags:
        """Never in a child without a condition."""
        return followed.none()

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """No rate is known of these children."""
        return _RATE

    def say(self, seen: Seen, level: int) -> str:
        """Say what is low on which chart, and whom to ask."""
        said: list[str] = []
        if "weight" in seen["measures"]:
            where = f"z {z_words(seen['z'], seen['limit_z'])} on {seen['reference']}"
            said.append(
                f"{kg_words(seen['kg'])} on {long_date(seen['on'])} is below the {ordinal(seen['centile'])} centile "
                f"({where}): the line under which children with cerebral palsy at this level are more often ill."
            )
        if _SKINFOLD in seen["measures"]:
            fold, day = f"{seen['skinfold_cm'] * 10:g} mm", long_date(seen["skinfold_on"])
            said.append(
                f"The triceps skinfold of {fold} on {day} is below the {ordinal(seen['skinfold_centile'])} centile."
            )
        return f"{' '.join(said)} Ask the dietitian and a paediatrician."
