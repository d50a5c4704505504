"""Figures of one measure, compiled: parameters at any x, and a row a day of age.

Interpolation is part of the reference (metadata ``interpolation``):

``nearest-day``
    A lookup: x is rounded half up to a whole day (WHO 2006).
``row-below``
    A step: the row at the age, or the nearest before it; nothing lies between rows.
``linear``
    L, M and S each linear between neighbouring knots.
``lagrange-4``
    L, M and S each on the cubic through the four nearest knots, linear in the first and
    last interval of a table (LMSgrowth, and RCPCH Digital Growth Charts).

``closed-form``
    Nothing is tabulated: each parameter is a published sum of terms
    ``coefficient * t**power * log(t)**log_power``, evaluated at any x.

No interpolation ever crosses from one table into another, and nothing is extrapolated.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SEXES
from growthwatch.references.distributions import Distribution, Floats, PartlyRestrictedLMS, distribution
from growthwatch.references.metadata import ClosedForm, MeasureInfo, TableInfo
from growthwatch.references.parsing import Figures, Terms, check_figure, constant, parse_figures, parse_formulas

__all__ = ["Formulas", "MeasureCurves", "Table", "spans"]


class Table:
    """One table for one sex: knots and the polynomial pieces between them.

    Attributes
    ----------
    knots
        x of the published rows, rising [days or cm].
    reach
        How far beyond its last row a daily table still counts: ages are rounded half up.
    """

    def __init__(self, knots: Floats, parameters: Floats, interpolation: str):
        self.knots = knots
        self.interpolation = interpolation
        self._parameters = parameters
        self.least = float(knots[0])
        self.most = float(knots[-1])
        self.reach = _reach(interpolation)

    @cached_property
    def _pieces(self) -> npt.NDArray[np.float64]:
        """Coefficients by rising power of (x - left knot): [interval, power, column]."""
        x, y = self.knots, self._parameters
        n, columns = y.shape
        width = np.diff(x)
        out = np.zeros((max(n - 1, 1), 4, columns))
        out[:, 0] = y[: max(n - 1, 1)]
        if n < 2:
            return out
        out[:, 1] = np.diff(y, axis=0) / width[:, None]
        if self.interpolation == "lagrange-4" and n >= 4:
            # Newton's divided differences on x[i-1..i+2], expanded about x[i].
            a, b, c, d = x[:-3], x[1:-2], x[2:-1], x[3:]
            ya, yb, yc, yd = y[:-3], y[1:-2], y[2:-1], y[3:]
            ab, bc, cd = (yb - ya) / (b - a)[:, None], (yc - yb) / (c - b)[:, None], (yd - yc) / (d - c)[:, None]
            abc, bcd = (bc - ab) / (c - a)[:, None], (cd - bc) / (d - b)[:, None]
            abcd = (bcd - abc) / (d - a)[:, None]
            back, on = (b - a)[:, None], (b - c)[:, None]
            # p(b + h) = yb + h bc' …: from ya + (h+back) ab + (h+back) h abc + (h+back) h (h+on) abcd
            out[1:-1, 1] = ab + back * abc + back * on * abcd
            out[1:-1, 2] = abc + (back + on) * abcd
            out[1:-1, 3] = abcd
        return out

    def lowest(self, column: int) -> tuple[float, float]:
        """Where between its knots a parameter is lowest, and how low; exact, as each piece is a cubic."""
        if self.interpolation != "lagrange-4":  # every other way stays between the figures
            at = int(np.argmin(self._parameters[:, column]))
            return float(self.knots[at]), float(self._parameters[at, column])
        c0, c1, c2, c3 = self._pieces[:, :, column].T
        width = np.diff(self.knots) if self.knots.size > 1 else np.zeros(1)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Where the slope c1 + 2 c2 h + 3 c3 h^2 is none: in the form that holds for a small c3, too.
            q = -(c2 + np.where(c2 < 0, -1.0, 1.0) * np.sqrt(c2 * c2 - 3.0 * c3 * c1))
            turns = np.stack([q / (3.0 * c3), c1 / q, np.zeros_like(q), width])
        h = np.where((turns > 0) & (turns < width), turns, np.where(turns == width, width, 0.0))
        values = c0 + h * (c1 + h * (c2 + h * c3))
        way, piece = np.unravel_index(int(np.argmin(values)), values.shape)
        return float(self.knots[piece] + h[way, piece]), float(values[way, piece])

    def at(self, x: Floats) -> tuple[Floats, ...]:
        """Parameters at each x, which must lie within the knots."""
        if self.interpolation == "nearest-day":
            rows = np.floor(x + 0.5).astype(np.intp) - round(self.least)
            return tuple(self._parameters[rows, j] for j in range(self._parameters.shape[1]))
        if self.interpolation == "row-below":
            rows = np.searchsorted(self.knots, x, side="right") - 1
            return tuple(self._parameters[rows, j] for j in range(self._parameters.shape[1]))
        piece = np.clip(np.searchsorted(self.knots, x, side="right") - 1, 0, max(self.knots.size - 2, 0))
        h = x - self.knots[piece]
        c = self._pieces[piece]
        return tuple(c[:, 0, j] + h * (c[:, 1, j] + h * (c[:, 2, j] + h * c[:, 3, j])) for j in range(c.shape[2]))

    def covers(self, x: Floats) -> npt.NDArray[np.bool_]:
        """Whether the table covers each x."""
        if self.interpolation == "nearest-day":
            x = np.floor(x + 0.5)
        return (x >= self.least) & (x <= self.most)


class Formulas(Table):
    """One table for one sex whose parameters are formulas.

    Attributes
    ----------
    knots
        The two ends of the stretch on which the formulas count.
    """

    def __init__(self, terms: Sequence[Terms], form: ClosedForm):
        super().__init__(np.array([form.from_, form.until]), np.empty((2, len(terms))), "closed-form")
        self.terms = tuple(terms)
        self._form = form

    def at(self, x: Floats) -> tuple[Floats, ...]:
        """Parameters at each x, which must lie within the ends."""
        t = (x + self._form.offset) / self._form.unit
        logs = np.log(t)
        out: list[Floats] = []
        for logarithmic, terms in self.terms:
            total = np.zeros(x.shape)
            for coefficient, power, log_power in terms:
                total += coefficient * t**power * logs**log_power
            out.append(np.exp(total) if logarithmic else total)
        return tuple(out)


def _reach(interpolation: str) -> float:
    """How far beyond its last row a table still counts [days]."""
    return 0.5 if interpolation == "nearest-day" else 0.0


def _span(info: MeasureInfo, ends: Mapping[str, tuple[float, float]]) -> tuple[float, float] | None:
    """Least and greatest x of the official tables, from the first and last row of each that has figures."""
    out: list[tuple[float, float]] = []
    for t in info.tables:
        if not t.overlap and t.id in ends:
            least, most = ends[t.id]
            # Between tables a daily one reaches half a day further; at the very end, the caller rounds ages.
            reach = 0.0 if t.until is None else _reach(t.interpolation or info.interpolation)
            out.append(
                (
                    least if t.from_ is None else max(least, t.from_),
                    most if t.until is None else min(most + reach, t.until),
                )
            )
    return (min(e[0] for e in out), max(e[1] for e in out)) if out else None


def spans(text: str, info: MeasureInfo) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """What a sound figures file covers, males' then females', as `MeasureCurves.span`: without reading the figures."""
    first: dict[tuple[str, str], str] = {}
    last: dict[tuple[str, str], str] = {}
    for line in text.splitlines()[1:]:
        table, sex, x, _ = line.split(",", 3)
        first.setdefault((table, sex), x)
        last[table, sex] = x
    form = info.closed_form
    ends = {k: (float(x), float(last[k])) if form is None else (form.from_, form.until) for k, x in first.items()}
    both = [_span(info, {table: e for (table, s), e in ends.items() if s == sex}) for sex in SEXES]
    return both[0], both[1]


Parameters = Callable[[npt.NDArray[np.uint8], Floats], tuple[Floats, ...]]
"""Parameters by sex and x."""


class MeasureCurves:
    """All tables of one measure of a reference.

    Parameters
    ----------
    info
        What the figures are, and the tables that count.
    text
        The figures file.
    where
        Its name, for errors.
    figures
        The file as `parse_figures` read it, of more tables than those of `info`, if it was read before.
    """

    _looks_up = True
    """Whether figures at whole days are worked out once and kept; they are the same either way."""

    def __init__(self, info: MeasureInfo, text: str, where: str, figures: Figures | None = None):
        self.info = info
        self.distribution: Distribution = distribution(info.distribution, info.tail)
        if any(t.tail not in (None, info.tail) for t in info.tables):
            self.distribution = PartlyRestrictedLMS()
        self.tables: dict[str, tuple[Table | None, Table | None]] = {}
        self._table_days: dict[str, tuple[int, int, tuple[Floats, ...]]] = {}
        formulas = {} if info.closed_form is None else parse_formulas(text, info, where)
        if figures is None:
            figures = parse_figures(text, info, where) if info.closed_form is None else {}
        if info.closed_form is not None:
            for end in (info.closed_form.from_, info.closed_form.until):
                check_figure(where, info.x, end)
        for table in info.tables:
            pair: list[Table | None] = []
            for sex in SEXES:
                key = (table.id, sex)
                if info.closed_form is not None:
                    pair.append(Formulas(formulas[key], info.closed_form) if key in formulas else None)
                else:
                    how = table.interpolation or info.interpolation
                    made = Table(*self._with_tail(*figures[key], table), how) if key in figures else None
                    if made is not None:
                        self._check_between(made, f"{where}: table {table.id}, {sex}")
                    pair.append(made)
            self.tables[table.id] = (pair[0], pair[1])
        self.official: tuple[TableInfo, ...] = tuple(t for t in info.tables if not t.overlap)
        for s, sex in enumerate(SEXES):
            has = [k for k, t in enumerate(self.official) if self.tables[t.id][s] is not None]
            if has and has != list(range(has[0], has[-1] + 1)):
                lacking = next(self.official[k].id for k in range(has[0], has[-1]) if k not in has)
                raise GrowthwatchError.of(f"{where}: table {lacking}, {sex}", "no figures", "no hole between tables")
        for t in self.official:
            for table in self.tables[t.id]:
                if table is not None and (
                    (t.from_ is not None and table.least - table.reach > t.from_)
                    or (t.until is not None and table.most + table.reach < t.until)
                ):
                    raise GrowthwatchError.of(
                        f"{where}: table {t.id}", (table.least, table.most), f"figures from {t.from_} to {t.until}"
                    )

    def _check_between(self, table: Table, where: str) -> None:
        """Refuse figures between which the curve falls to nothing: one of them is wrong, and no child has a score."""
        for column, name in enumerate(self.distribution.columns):
            if name in self.distribution.positive:
                at, least = table.lowest(column)
                if least <= 0:
                    raise GrowthwatchError.of(
                        f"{where}, {name} between its figures, at {self.info.x} {at:g}",
                        least,
                        "a curve that stays above 0: a figure near it is wrong",
                    )

    def _with_tail(self, knots: Floats, parameters: Floats, table: TableInfo) -> tuple[Floats, Floats]:
        """Figures of a table, and beside them whether its tails are restricted, where the tables differ in that."""
        if not isinstance(self.distribution, PartlyRestrictedLMS):
            return knots, parameters
        restricted = float((table.tail or self.info.tail) == "restricted-3sd")
        return knots, np.column_stack((parameters, np.full(knots.shape, restricted)))

    def span(self, sex: int) -> tuple[float, float] | None:
        """Least and greatest x that the official tables of a sex cover, or None."""
        tables = {t.id: self.tables[t.id][sex] for t in self.official}
        return _span(self.info, {k: (t.least, t.most) for k, t in tables.items() if t is not None})

    def official_table(self, x: Floats) -> npt.NDArray[np.int8]:
        """Index into `official` of the table whose stretch holds each x (whether or not it has figures there)."""
        bounds = [t.from_ for t in self.official[1:]]
        return np.searchsorted(np.array(bounds, np.float64), x, side="right").astype(np.int8)

    def parameters(self, sex: npt.NDArray[np.uint8], x: Floats) -> tuple[Floats, ...]:
        """Parameters at each x on the official tables; NaN where they have none."""
        out = tuple(np.full(x.shape, np.nan) for _ in self.distribution.columns)
        which = self.official_table(x)
        for k, t in enumerate(self.official):
            for s in (0, 1):
                self._fill(out, self.tables[t.id][s], (which == k) & (sex == s), x)
        return out

    def parameters_in(self, table_id: str, sex: npt.NDArray[np.uint8], x: Floats) -> tuple[Floats, ...]:
        """Parameters at each x in one table, official there or not; NaN where it has none."""
        out = tuple(np.full(x.shape, np.nan) for _ in self.distribution.columns)
        for s in (0, 1):
            self._fill(out, self.tables[table_id][s], sex == s, x)
        return out

    @staticmethod
    def _fill(out: Sequence[Floats], table: Table | None, rows: npt.NDArray[np.bool_], x: Floats) -> None:
        if table is None or not rows.any():
            return
        rows = rows & table.covers(x)
        if rows.any():
            for column, values in zip(out, table.at(x[rows]), strict=True):
                column[rows] = values

    @cached_property
    def days(self) -> tuple[int, int, tuple[Floats, ...]]:
        """First whole day, number of days, and prepared columns: males' days, then females'.

        Only for measures by age.  Days without figures hold NaN.
        """
        spans = [s for s in (self.span(0), self.span(1)) if s is not None]
        first = math.ceil(min(s[0] for s in spans))
        count = math.floor(max(s[1] for s in spans)) - first + 1
        return first, count, self._prepared(self.parameters, first, count)

    def _prepared(self, parameters: Parameters, first: int, count: int) -> tuple[Floats, ...]:
        x = np.tile(np.arange(first, first + count, dtype=np.float64), 2)
        sex = np.repeat(np.array([0, 1], np.uint8), count)
        return tuple(map(constant, self.distribution.prepare(parameters(sex, x))))

    def _days_in(self, table_id: str) -> tuple[int, int, tuple[Floats, ...]]:
        """As `days`, of one table, official there or not; made when first asked for."""
        found = self._table_days.get(table_id)
        if found is None:
            tables = [t for t in self.tables[table_id] if t is not None]
            first = math.ceil(min(t.least for t in tables))
            count = max(math.floor(max(t.most for t in tables)) - first + 1, 1)
            prepared = self._prepared(functools.partial(self.parameters_in, table_id), first, count)
            found = self._table_days[table_id] = first, count, prepared
        return found

    def _day_rows(self, sex: npt.NDArray[np.uint8], x: Floats) -> npt.NDArray[np.int64] | None:
        """Whole days of age that each x is; None unless all are, and every sex is known."""
        if not self._looks_up or self.info.x != "age_days" or not x.size or sex.max() > 1 or not np.abs(x).max() < 1e6:
            return None
        day = x.astype(np.int64)
        return day if (day == x).all() else None

    def z(self, value: Floats, sex: npt.NDArray[np.uint8], x: Floats) -> Floats:
        """Z at any x; NaN where there are no figures."""
        return self.distribution.z(value, self.distribution.prepare(self.parameters(sex, x)), slice(None))

    def z_in(self, table_id: str, value: Floats, sex: npt.NDArray[np.uint8], x: Floats) -> Floats:
        """Z in one table; NaN where it has no figures."""
        day = self._day_rows(sex, x)
        if day is not None:
            first, count, prepared = self._days_in(table_id)
            day -= first
            beyond = (day < 0) | (day >= count)
            out = self.distribution.z(value, prepared, np.where(beyond, 0, day + count * sex.astype(np.int64)))
            out[beyond] = np.nan
            return out
        prepared = self.distribution.prepare(self.parameters_in(table_id, sex, x))
        return self.distribution.z(value, prepared, slice(None))

    def value(self, z: Floats, sex: npt.NDArray[np.uint8], x: Floats) -> Floats:
        """Value at any x; NaN where there are no figures or no such value."""
        day = self._day_rows(sex, x)
        if day is not None:
            first, count, prepared = self.days
            day -= first
            if day.min() >= 0 and day.max() < count:
                return self.distribution.value(z, prepared, day + count * sex.astype(np.int64))
        return self.distribution.value(z, self.distribution.prepare(self.parameters(sex, x)), slice(None))

    def value_in(self, table_id: str, z: Floats, sex: npt.NDArray[np.uint8], x: Floats) -> Floats:
        """Value in one table, official there or not."""
        prepared = self.distribution.prepare(self.parameters_in(table_id, sex, x))
        return self.distribution.value(z, prepared, slice(None))
