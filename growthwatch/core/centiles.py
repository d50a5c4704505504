"""The centile scheme: one object from which both the picture and the words come.

The nine lines of the UK charts lie at exact multiples of two thirds of a standard
deviation.  Their labels (0.4, 2, 9 … 99.6) are roundings, and no line is ever drawn or
compared at the z of a rounded label.

Source: RCPCH, Digital Growth Charts, client specification (centile lines, dash
pattern, "on" a centile within a quarter of a space; beyond the outermost lines
growthwatch says so); Cole TJ, BMJ 1994;308:641-2 (nine centiles two thirds of an SD apart).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["UK_NINE", "CentileLine", "CentileScheme", "centile_text"]

_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class CentileLine:
    """One drawn line: its label, its exact place in SD, and whether it is dashed."""

    label: str
    place: Fraction
    dashed: bool

    @property
    def z(self) -> float:
        """Exact place as a float [SD]."""
        return float(self.place)

    @property
    def ordinal(self) -> str:
        """The label as said: ``2nd``, ``0.4th``."""
        return f"{self.label}{'nd' if self.label == '2' else 'st' if self.label == '91' else 'th'}"


@dataclass(frozen=True, slots=True)
class CentileScheme:
    """A family of lines with equal spaces between them.

    Attributes
    ----------
    lines
        From the lowest to the highest.
    space
        Distance between neighbouring lines [SD].
    """

    lines: tuple[CentileLine, ...]
    space: Fraction

    @property
    def on_within(self) -> Fraction:
        """A measurement within this distance of a line is said to be on it [SD]: a quarter of a space.

        Not so outside the outermost lines: there a rule, and whoever reads it, means what lies beyond the line.
        """
        return self.space / 4

    def describe(self, z: float) -> str:
        """Say where a z lies: ``on the 9th``, ``between the 2nd and 9th``, ``below the 0.4th``.

        Raises
        ------
        ValueError
            If `z` is NaN.
        """
        if math.isnan(z):
            raise ValueError("z is NaN: there is no place to describe")
        near = float(self.on_within)
        if z < self.lines[0].z - _TINY:
            return f"below the {self.lines[0].ordinal} centile"
        if z > self.lines[-1].z + _TINY:
            return f"above the {self.lines[-1].ordinal} centile"
        for line in self.lines:
            if abs(z - line.z) <= near:
                return f"on the {line.ordinal} centile"
        upper = next(i for i, line in enumerate(self.lines) if line.z > z)
        return f"between the {self.lines[upper - 1].ordinal} and {self.lines[upper].ordinal} centiles"

    def spaces(self, z: float) -> float:
        """Convert a distance in SD into centile spaces."""
        return z / float(self.space)


UK_NINE = CentileScheme(
    lines=tuple(
        CentileLine(label, Fraction(2, 3) * k, dashed)
        for label, k, dashed in (
            ("0.4", -4, True),
            ("2", -3, False),
            ("9", -2, True),
            ("25", -1, False),
            ("50", 0, True),
            ("75", 1, False),
            ("91", 2, True),
            ("98", 3, False),
            ("99.6", 4, True),
        )
    ),
    space=Fraction(2, 3),
)
"""The nine lines of UK growth charts, dashed and continuous as RCPCH specifies."""


def centile_text(centile: float) -> str:
    """Write a centile for people: a whole number, or ``<0.4`` and ``>99.6`` outside the lines."""
    if math.isnan(centile):
        return "no centile"
    if centile < 0.4:
        return "<0.4"
    if centile > 99.6:
        return ">99.6"
    if centile < 0.95 or centile > 99.05:
        return f"{centile:.1f}"
    return f"{centile:.0f}"
