"""Coordinates of the lines: each official table by itself, up to its own bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from growthwatch.references import Reference
from growthwatch.references.curves import Table
from growthwatch.references.distributions import Floats
from growthwatch.references.metadata import TableInfo

__all__ = ["Stretch", "clipped", "highest", "interpolated", "line_stretches", "lowest", "standing_from"]


def interpolated(x: Floats, xs: Floats, ys: Floats) -> Floats:
    """Values of a drawn line: straight between its points."""
    return np.interp(x, xs, ys)  # pyright: ignore[reportUnknownVariableType]


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The lines of one table.

    Attributes
    ----------
    x
        Ages [days]; both bounds of the table's stretch are among them.
    y
        Weights [kg], a row for each z; NaN where the distribution has none.
    """

    table: str
    z: tuple[float, ...]
    x: Floats
    y: Floats

    def at(self, row: int, x: float) -> float:
        """Weight on one line at an age, between two points that are drawn; NaN outside."""
        if not self.x[0] <= x <= self.x[-1]:
            return float("nan")
        return float(interpolated(np.array([x]), self.x, self.y[row])[0])


def _ages(info: TableInfo, table: Table, of_length: bool) -> Floats:
    """Ages close enough for the eye: daily at first, weekly after two years, with bounds and straight-line knots.

    Of weight for length: lengths, half a centimetre apart.
    """
    least = table.least if info.from_ is None else max(table.least, info.from_)
    most = table.most if info.until is None else min(table.most, info.until)
    steps = _LENGTHS if of_length else _STEPS
    fine = [np.arange(np.ceil(a), b + 0.5, step) for a, b, step in steps]
    knots = table.knots if table.interpolation == "linear" else np.empty(0)
    x = np.unique(np.concatenate([*fine, knots, np.array([least, most])]))
    return x[(x >= least) & (x <= most)]


_STEPS = ((-140.0, 91.0, 1.0), (91.0, 731.0, 3.0), (731.0, 40_000.0, 7.0))
_LENGTHS = ((20.0, 250.0, 0.5),)


@lru_cache(maxsize=128)
def line_stretches(reference: Reference, sex: int, measure: str, z: tuple[float, ...]) -> tuple[Stretch, ...]:
    """Compute the lines at these z, a stretch for each official table that has figures for the sex."""
    curves = reference.curves(measure)
    out: list[Stretch] = []
    for info in curves.official:
        table = curves.tables[info.id][sex]
        if table is None:
            continue
        x = _ages(info, table, curves.info.x == "length_cm")
        xs, zs = np.tile(x, len(z)), np.repeat(np.array(z), x.size)
        y = curves.value_in(info.id, zs, np.full(xs.size, sex, np.uint8), xs).reshape(len(z), x.size)
        x.flags.writeable = y.flags.writeable = False
        out.append(Stretch(info.id, z, x, y))
    stands, steps = _standing(reference, measure)
    return _broken(out, stands) if stands is not None and steps else tuple(out)


def _standing(reference: Reference, measure: str) -> tuple[float | None, bool]:
    """Age from which children are measured standing [days], and whether tables that cover it step there."""
    if measure not in ("height", "bmi") or "height" not in reference.measures:
        return None, False
    position = reference.curves("height").info.position
    if position is None:
        return None, False
    return position.standing_from_age_days, position.lying_minus_standing_cm is not None


def standing_from(reference: Reference, measure: str) -> float | None:
    """Age from which a reference means standing height and no longer lying length [days]; None: it has no such age."""
    return _standing(reference, measure)[0]


def _broken(stretches: Sequence[Stretch], at: float) -> tuple[Stretch, ...]:
    """Lines without the day on which one table goes from lying to standing: it would be drawn as growth."""
    out: list[Stretch] = []
    for s in stretches:
        if not s.x[0] < at < s.x[-1]:
            out.append(s)
            continue
        for part in (s.x < at, s.x >= at):
            out.append(Stretch(s.table, s.z, s.x[part], s.y[:, part]))
    return tuple(out)


def clipped(stretches: Sequence[Stretch], without: tuple[float, float] | None) -> tuple[Stretch, ...]:
    """The parts of lines that lie before and after a stretch of x."""
    if without is None:
        return tuple(stretches)
    out: list[Stretch] = []
    for s in stretches:
        for low, high in ((s.x[0], min(without[0], s.x[-1])), (max(without[1], s.x[0]), s.x[-1])):
            if not low < high:
                continue
            x = np.unique(np.concatenate([s.x[(s.x >= low) & (s.x <= high)], np.array([low, high])]))
            y = np.stack([interpolated(x, s.x, row) for row in s.y])
            out.append(Stretch(s.table, s.z, x, y))
    return tuple(out)


def _rows(stretches: Sequence[Stretch], row: int, low: float, high: float) -> list[float]:
    values: list[float] = []
    for s in stretches:
        inside = s.y[row][(s.x >= low) & (s.x <= high)]
        values += inside[~np.isnan(inside)].tolist()
        values += [v for v in (s.at(row, low), s.at(row, high)) if v == v]
    return values


def highest(stretches: Sequence[Stretch], row: int, low: float, high: float) -> float | None:
    """Greatest weight on a line between two ages, None where it has none."""
    return max(_rows(stretches, row, low, high), default=None)


def lowest(stretches: Sequence[Stretch], row: int, low: float, high: float) -> float | None:
    """Least weight on a line between two ages, None where it has none."""
    return min(_rows(stretches, row, low, high), default=None)
