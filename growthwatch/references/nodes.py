"""The three adjustments that there are: a closed set of nodes over a source.

`ShiftScale`
    ``z' = (z - shift) / scale``, each a number or by age.
`AgeShift`
    the source read at another age.
`Blend`
    values of two sources mixed at equal z.

All work on the *used* age: chronological, after the correction for gestation has been applied.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from growthwatch.references.curves import MeasureCurves
from growthwatch.references.links import ByAge
from growthwatch.references.metadata import MeasureInfo, TableInfo
from growthwatch.references.moved import mixed, moved, paired, shifted
from growthwatch.references.source import Source, Span

__all__ = ["AgeShift", "Blend", "Node", "ShiftScale"]


def _least(a: float | None, b: float | None) -> float | None:
    return a if b is None else b if a is None else min(a, b)


@dataclass(frozen=True)
class ShiftScale:
    """``z' = (z - shift) / scale``."""

    shift: ByAge
    scale: ByAge
    kind: str = field(default="shift-scale", init=False)

    def plain(self) -> dict[str, Any]:
        """Content, for hashing."""
        return {"node": self.kind, "shift": self.shift.plain(), "scale": self.scale.plain()}

    def words(self) -> str:
        """What it does."""
        return f"z less {self.shift.words()}, over {self.scale.words()}"

    def bounds(self) -> tuple[tuple[str, float, float], ...]:
        """Least and greatest of each thing that it changes."""
        slopes = [s for _, _, s in self.shift.slopes()] or [0.0]
        return (
            ("shift", self.shift.least, self.shift.most),
            ("scale", self.scale.least, self.scale.most),
            ("slope", min(slopes), max(slopes)),
        )

    def info(self, base: MeasureInfo, measure: str) -> MeasureInfo | None:
        """Metadata of the adjusted measure; one by length has no age, and takes plain numbers only."""
        if base.x != "age_days" and len(self.shift.knots) + len(self.scale.knots) > 2:
            return None
        return base.model_copy(update={"interpolation": "linear"})

    def curves(self, base: MeasureCurves, measure: str, info: MeasureInfo) -> MeasureCurves:
        """The adjusted curves."""
        return shifted(base, info, self.shift, self.scale)

    def span(self, base: Span | None, measure: str, sex: str) -> Span | None:
        """The adjusted span."""
        return base

    def others(self) -> tuple[Source, ...]:
        """Sources that it needs beside the one it adjusts."""
        return ()


@dataclass(frozen=True)
class AgeShift:
    """The source is read at the used age plus `days`."""

    days: float
    kind: str = field(default="age-shift", init=False)

    def plain(self) -> dict[str, Any]:
        """Content, for hashing."""
        return {"node": self.kind, "days": self.days}

    def words(self) -> str:
        """What it does."""
        return f"read at an age {abs(self.days):g} days {'older' if self.days > 0 else 'younger'}"

    def bounds(self) -> tuple[tuple[str, float, float], ...]:
        """Least and greatest of each thing that it changes."""
        return (("days", self.days, self.days),)

    def info(self, base: MeasureInfo, measure: str) -> MeasureInfo | None:
        """Metadata of the adjusted measure: every boundary moves with the age."""
        if base.x != "age_days":
            return None

        def then(at: float | None) -> float | None:
            return None if at is None else at - self.days

        position = base.position
        if position is not None and position.standing_from_age_days is not None:
            position = position.model_copy(update={"standing_from_age_days": then(position.standing_from_age_days)})
        return base.model_copy(
            update={
                "interpolation": "linear",
                "tables": tuple(
                    t.model_copy(update={"from_": then(t.from_), "until": then(t.until)}) for t in base.tables
                ),
                "breaks": tuple(b.model_copy(update={"at": then(b.at)}) for b in base.breaks),
                "position": position,
            }
        )

    def curves(self, base: MeasureCurves, measure: str, info: MeasureInfo) -> MeasureCurves:
        """The adjusted curves."""
        return moved(base, info, self.days)

    def span(self, base: Span | None, measure: str, sex: str) -> Span | None:
        """The adjusted span."""
        return None if base is None else (base[0] - self.days, base[1] - self.days)

    def others(self) -> tuple[Source, ...]:
        """Sources that it needs beside the one it adjusts."""
        return ()


@dataclass(frozen=True)
class Blend:
    """Values of two sources mixed at equal z; `weight` is the share of the second."""

    other: Source
    weight: ByAge
    kind: str = field(default="blend", init=False)

    def plain(self) -> dict[str, Any]:
        """Content, for hashing."""
        return {"node": self.kind, "other": [self.other.id, self.other.hash], "weight": self.weight.plain()}

    def words(self) -> str:
        """What it does."""
        return f"mixed at equal z with {self.other.id}, whose share is {self.weight.words()}"

    def bounds(self) -> tuple[tuple[str, float, float], ...]:
        """Least and greatest of each thing that it changes."""
        return (("weight", self.weight.least, self.weight.most),)

    def info(self, base: MeasureInfo, measure: str) -> MeasureInfo | None:
        """Metadata of the adjusted measure, None where the two do not measure alike.

        Of whom either says nothing, the blend says nothing.
        """
        other = self.other.info.measures.get(measure)
        if other is None or base.x != "age_days" or other.x != "age_days":
            return None
        if base.unit != other.unit or base.position != other.position:
            return None
        return base.model_copy(
            update={
                "interpolation": "linear",
                "advisory_z": max(base.advisory_z, other.advisory_z),
                "implausible_z": max(base.implausible_z, other.implausible_z),
                "latest_age_days": _least(base.latest_age_days, other.latest_age_days),
                "needs_gestation": base.needs_gestation or other.needs_gestation,
                "born_before_days": _least(base.born_before_days, other.born_before_days),
                "tables": tuple(
                    TableInfo.model_validate(
                        {
                            "id": p.id,
                            "from": None if p.overlap or math.isinf(p.low) else p.low,
                            "until": None if p.overlap or math.isinf(p.high) else p.high,
                            "overlap": p.overlap,
                            "label": p.label,
                        }
                    )
                    for p in paired(base, other)
                ),
                "breaks": tuple(
                    sorted(
                        {(b.at, b.reason): b for b in (*base.breaks, *other.breaks)}.values(),
                        key=lambda b: (b.at, b.reason),
                    )
                ),
            }
        )

    def curves(self, base: MeasureCurves, measure: str, info: MeasureInfo) -> MeasureCurves:
        """The adjusted curves."""
        return mixed(base, self.other.curves(measure), info, self.weight)

    def span(self, base: Span | None, measure: str, sex: str) -> Span | None:
        """The adjusted span."""
        other = self.other.span(measure, sex)
        if base is None or other is None:
            return None
        low, high = max(base[0], other[0]), min(base[1], other[1])
        return (low, high) if low <= high else None

    def others(self) -> tuple[Source, ...]:
        """Sources that it needs beside the one it adjusts."""
        return (self.other,)


Node = ShiftScale | AgeShift | Blend
"""One adjustment."""
