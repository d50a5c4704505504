"""Curves and distributions as they are seen through an adjustment: shifted and scaled, at another age, or mixed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.references.curves import MeasureCurves, Table
from growthwatch.references.distributions import Distribution, Floats
from growthwatch.references.links import ByAge
from growthwatch.references.metadata import MeasureInfo, TableInfo

__all__ = ["Pair", "mixed", "moved", "paired", "shifted", "solve"]

Rows = npt.NDArray[np.intp] | slice
Span = tuple[float, float]


# --- distributions --------------------------------------------------------------------------


def _pick(column: Floats, rows: Rows, work: Floats | None = None) -> Floats:
    return column[rows] if isinstance(rows, slice) else column.take(rows, out=work, mode="clip")


class _ShiftedDistribution:
    """Z of another distribution, less a shift, over a scale: both are its last two columns."""

    def __init__(self, base: Distribution):
        self._base = base
        self.columns: tuple[str, ...] = (*base.columns, "shift", "scale")
        self.positive: tuple[str, ...] = (*base.positive, "scale")

    def prepare(self, parameters: Sequence[Floats]) -> tuple[Floats, ...]:
        return (*self._base.prepare(parameters[:-2]), parameters[-2], parameters[-1])

    def z(
        self,
        value: Floats,
        prepared: Sequence[Floats],
        rows: Rows,
        out: Floats | None = None,
        work: Floats | None = None,
    ) -> Floats:
        made = self._base.z(value, prepared[:-2], rows, out, work)
        made -= _pick(prepared[-2], rows, work)
        made /= _pick(prepared[-1], rows, work)
        if out is not None and made is not out:
            out[:] = made
        return made

    def value(self, z: Floats, prepared: Sequence[Floats], rows: Rows) -> Floats:
        return self._base.value(_pick(prepared[-2], rows) + _pick(prepared[-1], rows) * z, prepared[:-2], rows)


class _MixedDistribution:
    """Values of two distributions mixed at equal z; the last column is the share of the second.

    Below the z at which a part comes down to nothing (an LMS with positive L ends there), that
    part adds nothing and the other goes on: so the mixture has a z wherever both parts have one.
    """

    def __init__(self, first: Distribution, second: Distribution):
        self._first, self._second = first, second
        self._cut: int | None = None
        self.columns: tuple[str, ...] = (
            *(f"a.{c}" for c in first.columns),
            *(f"b.{c}" for c in second.columns),
            "weight",
        )
        self.positive: tuple[str, ...] = (*(f"a.{c}" for c in first.positive), *(f"b.{c}" for c in second.positive))

    def prepare(self, parameters: Sequence[Floats]) -> tuple[Floats, ...]:
        cut = len(self._first.columns)
        first = self._first.prepare(parameters[:cut])
        self._cut = len(first)
        return (*first, *self._second.prepare(parameters[cut:-1]), parameters[-1])

    def _parts(self, prepared: Sequence[Floats]) -> tuple[Sequence[Floats], Sequence[Floats]]:
        assert self._cut is not None
        return prepared[: self._cut], prepared[self._cut : -1]

    def value(self, z: Floats, prepared: Sequence[Floats], rows: Rows) -> Floats:
        first, second = self._parts(prepared)
        share = _pick(prepared[-1], rows)
        a, b = self._first.value(z, first, rows), self._second.value(z, second, rows)
        ended = (z < 0) & ~(np.isnan(a) & np.isnan(b))
        out = (1.0 - share) * np.where(ended & np.isnan(a), 0.0, a) + share * np.where(ended & np.isnan(b), 0.0, b)
        return np.where(share == 0.0, a, np.where(share == 1.0, b, out))

    def z(
        self,
        value: Floats,
        prepared: Sequence[Floats],
        rows: Rows,
        out: Floats | None = None,
        work: Floats | None = None,
    ) -> Floats:
        first, second = self._parts(prepared)
        made = np.array(self._first.z(value, first, rows))
        other = self._second.z(value, second, rows)
        share = np.array(_pick(prepared[-1], rows))
        made[share == 1.0] = other[share == 1.0]
        # The z of a mixture lies between those of its parts: values rise with z in both.
        todo = np.flatnonzero((share > 0.0) & (share < 1.0) & (made != other) & ~np.isnan(made + other))
        at = np.arange(rows.start or 0, (rows.start or 0) + value.size) if isinstance(rows, slice) else rows
        if todo.size:
            mine = at[todo].astype(np.intp)
            wanted = np.log(value[todo])

            def miss(z: Floats, part: npt.NDArray[np.intp]) -> Floats:
                found = self.value(z, prepared, mine[part])
                gone = np.isnan(found)
                with np.errstate(divide="ignore"):
                    found = np.log(np.where(gone, np.where(z > 0, np.inf, 0.0), found))
                return found - wanted[part]

            low, high = np.minimum(made[todo], other[todo]), np.maximum(made[todo], other[todo])
            ends = np.finfo(np.float64).max
            made[todo] = root = solve(miss, np.clip(low, -_FARTHEST, ends), np.clip(high, -ends, _FARTHEST))
            # Where one part has no value the mixture ends, and what lies beyond is outside it.
            gone = np.isnan(self.value(root, prepared, mine))
            lost = gone | ~(np.abs(miss(root, np.arange(todo.size))) < _NEAR_ENOUGH)
            made[todo[lost]] = np.where(root[lost] > 0, np.inf, -np.inf)
        if out is not None:
            out[:] = made
            return out
        return made


_FARTHEST = 1e15
# A root is told from the end of a bracket without one by the logarithm of its value.  Where a curve runs to infinity
# within a few digits of z, its value cannot come nearer: z is then right to its last digit, and value() to as many.
_NEAR_ENOUGH = 1e-3


def solve(
    function: Callable[[Floats, npt.NDArray[np.intp]], Floats], low: Floats, high: Floats, most: int = 200
) -> Floats:
    """Roots of rising functions between brackets, all at once, to the last digits.

    Chandrupatla's method: inverse quadratic interpolation where it is safe, bisection where
    it is not.  `function` is given points and the numbers of the rows that they belong to.

    References
    ----------
    Chandrupatla TR. Adv Eng Softw 1997;28:145-9.
    """
    a, b = low.copy(), high.copy()
    rows = np.arange(low.size)
    fa, fb = function(a, rows), function(b, rows)
    out = np.where(np.abs(fa) <= np.abs(fb), a, b)
    live = np.flatnonzero((fa < 0) & (fb > 0))
    c, fc = a.copy(), fa.copy()
    t = np.full(low.shape, 0.5)
    for _ in range(most):
        if live.size == 0:
            break
        x = a[live] + t[live] * (b[live] - a[live])
        fx = function(x, live)
        same = np.sign(fx) == np.sign(fa[live])
        c[live] = np.where(same, a[live], b[live])
        fc[live] = np.where(same, fa[live], fb[live])
        b[live] = np.where(same, b[live], a[live])
        fb[live] = np.where(same, fb[live], fa[live])
        a[live], fa[live] = x, fx
        best = np.where(np.abs(fa[live]) < np.abs(fb[live]), a[live], b[live])
        out[live] = best
        width = np.abs(b[live] - a[live])
        tolerance = 2e-15 * np.abs(best) + 1e-14
        done = (fx == 0) | (width <= tolerance) | np.isnan(fx)
        live = live[~done]
        if live.size == 0:
            break
        with np.errstate(all="ignore"):
            xi = (a[live] - b[live]) / (c[live] - b[live])
            phi = (fa[live] - fb[live]) / (fc[live] - fb[live])
            quick = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
            al = (c[live] - a[live]) / (b[live] - a[live])
            iqi = fa[live] / (fb[live] - fa[live]) * (fc[live] / (fb[live] - fc[live])) + al * (
                fa[live] / (fc[live] - fa[live])
            ) * (fb[live] / (fc[live] - fb[live]))
        least = 0.5 * (2e-15 * np.abs(out[live]) + 1e-14) / np.abs(b[live] - a[live])
        step = np.where(quick & np.isfinite(iqi), iqi, 0.5)
        t[live] = np.clip(step, least, 1 - least)
    return out


# --- curves ---------------------------------------------------------------------------------


class _View(Table):
    """A table as it is seen through an adjustment."""

    def __init__(
        self,
        knots: Floats,
        interpolation: str,
        covers: Callable[[Floats], npt.NDArray[np.bool_]],
        at: Callable[[Floats], tuple[Floats, ...]],
    ):
        self.knots = knots
        self.interpolation = interpolation
        self.least, self.most = float(knots[0]), float(knots[-1])
        self._covers, self._at = covers, at

    def covers(self, x: Floats) -> npt.NDArray[np.bool_]:
        return self._covers(x)

    def at(self, x: Floats) -> tuple[Floats, ...]:
        return self._at(x)


def _covered(curves: MeasureCurves, sex: int) -> Span | None:
    """Span of a sex, with the half days that are rounded into it."""
    span = curves.span(sex)
    if span is None or curves.info.interpolation != "nearest-day":
        return span
    return span[0] - 0.5, math.nextafter(span[1] + 0.5, -math.inf)


class _AdjustedCurves(MeasureCurves):
    """Curves of one measure, seen through a node; the kernel reads them like any others."""

    _looks_up = False
    info: MeasureInfo
    distribution: Distribution
    tables: dict[str, tuple[Table | None, Table | None]]
    official: tuple[TableInfo, ...]

    def __init__(self, info: MeasureInfo, distribution: Distribution):
        self.info = info
        self.distribution = distribution
        self.official = tuple(t for t in info.tables if not t.overlap)


class _ShiftedCurves(_AdjustedCurves):
    def __init__(self, base: MeasureCurves, info: MeasureInfo, shift: ByAge, scale: ByAge):
        super().__init__(info, _ShiftedDistribution(base.distribution))
        self._base, self._shift, self._scale = base, shift, scale
        self.tables = base.tables

    def span(self, sex: int) -> Span | None:
        return _covered(self._base, sex)

    def official_table(self, x: Floats) -> npt.NDArray[np.int8]:
        return self._base.official_table(x)

    def parameters(self, sex: npt.NDArray[np.uint8], x: Floats) -> tuple[Floats, ...]:
        return (*self._base.parameters(sex, x), self._shift.at(x), self._scale.at(x))

    def parameters_in(self, table_id: str, sex: npt.NDArray[np.uint8], x: Floats) -> tuple[Floats, ...]:
        return (*self._base.parameters_in(table_id, sex, x), self._shift.at(x), self._scale.at(x))


class _MovedCurves(_AdjustedCurves):
    def __init__(self, base: MeasureCurves, info: MeasureInfo, days: float):
        super().__init__(info, base.distribution)
        self._base, self._days = base, days
        self.tables = {k: (self._moved(v[0]), self._moved(v[1])) for k, v in base.tables.items()}

    def _moved(self, table: Table | None) -> Table | None:
        if table is None:
            return None
        return _View(
            table.knots - self._days,
            table.interpolation,
            lambda x: table.covers(x + self._days),
            lambda x: table.at(x + self._days),
        )

    def span(self, sex: int) -> Span | None:
        span = _covered(self._base, sex)
        if span is None:
            return None
        low, high = span[0] - self._days, span[1] - self._days
        while low + self._days < span[0]:  # a difference may round to the wrong side
            low = math.nextafter(low, math.inf)
        while high + self._days > span[1]:
            high = math.nextafter(high, -math.inf)
        return low, high

    def official_table(self, x: Floats) -> npt.NDArray[np.int8]:
        return self._base.official_table(x + self._days)

    def parameters(self, sex: npt.NDArray[np.uint8], x: Floats) -> tuple[Floats, ...]:
        return self._base.parameters(sex, x + self._days)

    def parameters_in(self, table_id: str, sex: npt.NDArray[np.uint8], x: Floats) -> tuple[Floats, ...]:
        return self._base.parameters_in(table_id, sex, x + self._days)


class _MixedCurves(_AdjustedCurves):
    def __init__(self, first: MeasureCurves, second: MeasureCurves, info: MeasureInfo, weight: ByAge):
        super().__init__(info, _MixedDistribution(first.distribution, second.distribution))
        self._first, self._second, self._weight = first, second, weight
        self._pairs = {t.id: (t.a, t.b) for t in paired(first.info, second.info)}
        self.tables = {}
        for name, (a, b) in self._pairs.items():
            made = [self._both(first.tables[a][s], second.tables[b][s], (a, b), s) for s in (0, 1)]
            self.tables[name] = (made[0], made[1])
        numbers = {t.id: k for k, t in enumerate(self.official)}
        self._which = np.zeros((len(first.official), len(second.official)), np.int8)
        for name, (a, b) in self._pairs.items():
            if name in numbers:
                i = [t.id for t in first.official].index(a)
                j = [t.id for t in second.official].index(b)
                self._which[i, j] = numbers[name]

    def _both(self, a: Table | None, b: Table | None, names: tuple[str, str], sex: int) -> Table | None:
        if a is None or b is None or max(a.least, b.least) > min(a.most, b.most):
            return None
        low, high = max(a.least, b.least), min(a.most, b.most)
        knots = np.unique(np.concatenate([a.knots, b.knots, np.array([low, high])]))
        linear = "linear" in (a.interpolation, b.interpolation)
        return _View(
            knots[(knots >= low) & (knots <= high)],
            "linear" if linear else a.interpolation,
            lambda x: a.covers(x) & b.covers(x),
            lambda x: (*a.at(x), *b.at(x), self._weight.at(x)),
        )

    def span(self, sex: int) -> Span | None:
        a, b = _covered(self._first, sex), _covered(self._second, sex)
        if a is None or b is None:
            return None
        low, high = max(a[0], b[0]), min(a[1], b[1])
        return (low, high) if low <= high else None

    def official_table(self, x: Floats) -> npt.NDArray[np.int8]:
        return self._which[self._first.official_table(x), self._second.official_table(x)]

    def parameters(self, sex: npt.NDArray[np.uint8], x: Floats) -> tuple[Floats, ...]:
        return (*self._first.parameters(sex, x), *self._second.parameters(sex, x), self._weight.at(x))

    def parameters_in(self, table_id: str, sex: npt.NDArray[np.uint8], x: Floats) -> tuple[Floats, ...]:
        a, b = self._pairs[table_id]
        return (*self._first.parameters_in(a, sex, x), *self._second.parameters_in(b, sex, x), self._weight.at(x))


def shifted(base: MeasureCurves, info: MeasureInfo, shift: ByAge, scale: ByAge) -> MeasureCurves:
    """Curves whose z is less a shift, over a scale."""
    return _ShiftedCurves(base, info, shift, scale)


def moved(base: MeasureCurves, info: MeasureInfo, days: float) -> MeasureCurves:
    """Curves read at an age so many days on."""
    return _MovedCurves(base, info, days)


def mixed(first: MeasureCurves, second: MeasureCurves, info: MeasureInfo, weight: ByAge) -> MeasureCurves:
    """Curves of which the values of two are mixed at equal z."""
    return _MixedCurves(first, second, info, weight)


class Pair(NamedTuple):
    """A table of each of two references, and the stretch that both rule."""

    id: str
    a: str
    b: str
    low: float
    high: float
    overlap: bool
    label: str


def _stretches(info: MeasureInfo) -> list[tuple[TableInfo, float, float]]:
    """Official tables with the stretch that each one rules; the first and last have no end of their own."""
    official = [t for t in info.tables if not t.overlap]
    out: list[tuple[TableInfo, float, float]] = []
    for k, t in enumerate(official):
        low = -math.inf if k == 0 and t.from_ is None else float(t.from_ if t.from_ is not None else -math.inf)
        high = math.inf if t.until is None else float(t.until)
        out.append((t, low, high))
    return out


def paired(a: MeasureInfo, b: MeasureInfo) -> list[Pair]:
    """Tables of a blend: those of both, official where both are, in order of age."""
    official: list[Pair] = []
    rest: list[Pair] = []
    ruling_a = {t.id: (low, high) for t, low, high in _stretches(a)}
    ruling_b = {t.id: (low, high) for t, low, high in _stretches(b)}
    for s in a.tables:
        for t in b.tables:
            label = s.label if s.label == t.label else f"{s.label} and {t.label}".strip()
            name = f"{s.id}&{t.id}"
            if s.id in ruling_a and t.id in ruling_b:
                low = max(ruling_a[s.id][0], ruling_b[t.id][0])
                high = min(ruling_a[s.id][1], ruling_b[t.id][1])
                if low < high:
                    official.append(Pair(name, s.id, t.id, low, high, False, label))
                    continue
            rest.append(Pair(name, s.id, t.id, -math.inf, math.inf, True, label))
    return [*sorted(official, key=lambda p: p.low), *rest]
