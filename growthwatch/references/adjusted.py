"""Adjusted references: what is expected of a child, moved by a named person, for a reason, until a date.

Adjustments are a closed set of nodes over a reference:

`ShiftScale`
    ``z' = (z - shift) / scale``, each a number or by age.
`AgeShift`
    the reference read at another age.
`Blend`
    values of two references mixed at equal z.

All work on the *used* age: chronological, after the reference's correction for gestation
has been applied.  They compose; a chain is kept as it is, so that each link keeps its
author, reason, date of review and bounds, and a link that has expired stops counting.

An adjustment changes what is expected.  It cannot reach a rule that works on kilograms.
"""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from itertools import pairwise, product
from typing import Annotated, Any, Literal, NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from growthwatch.core.canonical import content_hash, short_hash
from growthwatch.core.columns import is_number
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SEXES, SexCoding, sex_codes
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from growthwatch.core.words import long_date
from growthwatch.references.curves import MeasureCurves, Table
from growthwatch.references.distributions import Distribution, Floats
from growthwatch.references.metadata import (
    FrozenDict,
    MeasureInfo,
    ReferenceInfo,
    TableInfo,
    explain_validation,
    read_toml,
)
from growthwatch.references.reference import Reference, check_measure, check_number
from growthwatch.references.scoring import ReferenceLabel, Score

__all__ = ["AdjustedReference", "AdjustedScore", "AgeShift", "Blend", "ByAge", "Link", "Number", "ShiftScale", "blend"]

Number = float | Sequence[tuple[float, float]]
"""A number, or knots ``[(age_days, value), ...]``: linear between them, flat outside."""

Rows = npt.NDArray[np.intp] | slice
Span = tuple[float, float]


# --- limits -------------------------------------------------------------------------------


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class _Sourced(_Closed):
    source: str = Field(min_length=1)
    tag: Literal["N", "G", "L"]
    review_by: dt.date


def _tuples(value: object) -> object:
    return tuple(_tuples(v) for v in cast("list[object]", value)) if isinstance(value, list) else value


_Knots = Annotated[tuple[tuple[float, float], ...], BeforeValidator(_tuples)]
_Days = Annotated[tuple[float, ...], BeforeValidator(_tuples)]


class ShiftLimit(_Sourced):
    """Greatest shift of z, either way [SD]."""

    most_z: float = Field(gt=0)


class ScaleLimit(_Sourced):
    """Least and greatest scale."""

    least: float = Field(gt=0)
    most: float = Field(gt=0)


class SlopeLimit(_Sourced):
    """Greatest slope of what shift and scale explain together, either way [SD a month], before and from an age.

    It holds for every child from ``-within_z`` to ``within_z``.  From `age_shift_from_days` on it
    also bounds the fall that a shift of age explains.
    """

    within_z: float = Field(gt=0)

    age_shift_from_days: float
    early_until_days: float
    early_z_per_month: float = Field(ge=0)
    late_z_per_month: float = Field(ge=0)


class AgeLimit(_Sourced):
    """Greatest shift of age, either way [days]."""

    most_days: float = Field(ge=0)


class HorizonLimit(_Sourced):
    """Longest time from signature to review, and of use before an age [calendar months]."""

    most_months: int = Field(gt=0)
    young_until_days: float = Field(ge=0)
    young_most_months: int = Field(gt=0)


class BirthWeight(_Sourced):
    """Correlation of SDS at birth and later, by age [days]."""

    correlation: _Knots


class ParentalSize(_Sourced):
    """Correlation of the child's SDS with that of its family."""

    correlation: float = Field(gt=0, lt=1)


class FitLimit(_Sourced):
    """Greatest error of a curve fitted to published centiles [SD]."""

    most_error_z: float = Field(gt=0)


class RecalibrationLimits(_Sourced):
    """Numbers of the local recalibration."""

    sd_between_children: float = Field(gt=0)
    prior_sd: float = Field(gt=0)
    least_prior_sd: float = Field(gt=0)
    most_prior_sd: float = Field(gt=0)
    prior_sd_log_scale: float = Field(gt=0)
    most_drift_z_per_year: float = Field(gt=0)
    most_own_change_z: float = Field(gt=0)
    least_children: int = Field(gt=1)
    least_children_in_band: int = Field(gt=1)
    bands_days: _Days


class Limits(_Closed):
    """The packaged limits, each with its source."""

    shift: ShiftLimit
    scale: ScaleLimit
    slope: SlopeLimit
    age: AgeLimit
    horizon: HorizonLimit
    birth_weight: BirthWeight
    parental_size: ParentalSize
    fit: FitLimit
    recalibration: RecalibrationLimits


@cache
def limits() -> Limits:
    """Return the packaged limits (``adjustment-limits.toml``)."""
    path = resources.files("growthwatch.references") / "adjustment-limits.toml"
    try:
        return Limits.model_validate(read_toml(path))
    except ValidationError as e:  # pragma: no cover - the packaged file is tested
        raise explain_validation(e, str(path)) from None


# --- numbers by age -----------------------------------------------------------------------


@dataclass(frozen=True)
class ByAge:
    """A number by age: linear between knots, flat outside.

    Attributes
    ----------
    knots
        ``((age_days, value), ...)``, ages rising; a plain number has one knot.
    """

    knots: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, name: str, value: Any) -> ByAge:
        """Read a number or knots.

        Raises
        ------
        GrowthwatchError
            For anything else, figures that are not finite, or ages that do not rise.
        """
        expected = "a finite number, or knots [(age_days, value), ...] at rising ages"
        if isinstance(value, ByAge):
            return value
        if is_number(value):
            return cls(((0.0, float(value) + 0.0),))
        try:
            rows = [tuple(row) for row in value]
        except TypeError:
            raise GrowthwatchError.of(name, value, expected) from None
        good = rows and all(len(r) == 2 and is_number(r[0]) and is_number(r[1]) for r in rows)
        if not good or any(float(b[0]) <= float(a[0]) for a, b in pairwise(rows)):
            raise GrowthwatchError.of(name, cast("object", value), expected)
        return cls(tuple((float(a) + 0.0, float(v) + 0.0) for a, v in rows))

    def at(self, x: Floats) -> Floats:
        """Values at ages [days]."""
        ages, values = zip(*self.knots, strict=True)
        if len(ages) == 1:
            return np.full(x.shape, values[0])
        return np.interp(x, ages, values)

    @property
    def ages(self) -> list[float]:
        """Ages of the knots [days]."""
        return [a for a, _ in self.knots]

    @property
    def least(self) -> float:
        """Least value."""
        return min(v for _, v in self.knots)

    @property
    def most(self) -> float:
        """Greatest value."""
        return max(v for _, v in self.knots)

    def slopes(self) -> list[tuple[float, float, float]]:
        """From age, to age [days] and slope a month of each piece between knots."""
        return [(a, b, (w - v) / (b - a) * DAYS_PER_MONTH) for (a, v), (b, w) in pairwise(self.knots)]

    def words(self) -> str:
        """The number as it is written down: one figure, or ``from … to …``."""
        if self.least == self.most:
            return f"{self.least:g}"
        return ", ".join(f"{v:g} at {a:g} d" for a, v in self.knots)

    def plain(self) -> list[list[float]]:
        """As plain data, for hashing; the age of a single knot means nothing."""
        if len(self.knots) == 1:
            return [[0.0, self.knots[0][1]]]
        return [[a, v] for a, v in self.knots]


# --- links --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """Who adjusted, why, until when, and how far.

    Attributes
    ----------
    kind
        ``shift-scale``, ``age-shift`` or ``blend``.
    says
        What it does, in words.
    because, by
        Reason and author.
    review_by
        Last day on which it counts.
    signed_on
        First day on which it counts, None if not said.
    specialist
        Who signed off that it goes beyond the limits, None if it does not.
    measures
        Measures that it concerns.
    bounds
        Least and greatest of what it changes: ``(("shift", -1.3, 0.0), ("scale", 1.0, 1.0))``.
    """

    kind: str
    says: str
    because: str
    by: str
    review_by: dt.date
    signed_on: dt.date | None
    specialist: str | None
    measures: tuple[str, ...]
    bounds: tuple[tuple[str, float, float], ...]

    def last_day(self, age_days: float | None = None) -> dt.date:
        """Last day on which it counts for a child of that age: earlier than `review_by` for a young one."""
        rule = limits().horizon
        if age_days is None or age_days >= rule.young_until_days or self.signed_on is None:
            return self.review_by
        return min(self.review_by, _months_later(self.signed_on, rule.young_most_months))

    def counts_on(self, day: dt.date, age_days: float | None = None) -> bool:
        """Whether it counts on a day, for a child of that age: signed by then, and not yet expired.

        Without a day of signature, it cannot have been signed by then if its review is further
        away than any signature of that day allows.
        """
        if self.signed_on is None:
            return day <= self.review_by <= _months_later(day, horizon_months(age_days))
        return self.signed_on <= day <= self.last_day(age_days)

    def words(self) -> str:
        """Author and last day, as a chart says them; and that the day of signature is missing, if it is."""
        undated = ", not dated: signed_on is missing" if self.signed_on is None else ""
        return f"by {self.by}, until {long_date(self.review_by)}{undated}"

    def plain(self) -> dict[str, Any]:
        """What is signed, as plain data."""
        return {
            "because": self.because,
            "by": self.by,
            "review_by": self.review_by.isoformat(),
            "signed_on": None if self.signed_on is None else self.signed_on.isoformat(),
            "specialist": self.specialist,
            "measures": list(self.measures),
        }


LONGEST_NAME, LONGEST_REASON = 200, 1000
"""Letters of a name and of a reason, at most: both are printed."""


def horizon_months(age_days: float | None = None) -> int:
    """Longest time of use from a signature, for a child of that age [calendar months]."""
    rule = limits().horizon
    return rule.young_most_months if age_days is not None and age_days < rule.young_until_days else rule.most_months


def _plain_words(name: str, value: str, most: int) -> str:
    """One line of text that prints as it is written; other spaces than the plain one become it."""
    text = "".join(" " if unicodedata.category(c) == "Zs" else c for c in value.strip())
    bad = next((c for c in text if not c.isprintable()), None)
    if bad is not None:
        raise GrowthwatchError.of(name, value, f"one line of printable text, without U+{ord(bad):04X}")
    if len(text) > most:
        raise GrowthwatchError.of(name, value, f"at most {most} letters, not {len(text)}")
    return text


def _signature(because: Any, by: Any, review_by: Any, signed_on: Any, specialist: Any) -> dict[str, Any]:
    """Check who signs, why and until when: nothing of it is optional but the last two."""
    for name, value in (("because", because), ("by", by)):
        if not isinstance(value, str) or not value.strip():
            expected = "who signs for it" if name == "by" else "the reason"
            raise GrowthwatchError.of(name, value, f"{expected}, in words: an unsigned adjustment does not apply")
    if specialist is not None and (not isinstance(specialist, str) or not specialist.strip()):
        raise GrowthwatchError.of("specialist", specialist, "who signed it off, or None")
    because, by = _plain_words("because", because, LONGEST_REASON), _plain_words("by", by, LONGEST_NAME)
    day(review_by, "review_by")
    if signed_on is not None:
        day(signed_on, "signed_on")
        months = limits().horizon.most_months
        last = _months_later(signed_on, months)
        if not signed_on <= review_by <= last:
            raise GrowthwatchError.of(
                "review_by", review_by, f"a day from {signed_on} to {last}, {months} months after it was signed"
            )
    return {
        "because": because,
        "by": by,
        "review_by": review_by,
        "signed_on": signed_on,
        "specialist": None if specialist is None else _plain_words("specialist", specialist, LONGEST_NAME),
    }


def day(value: Any, name: str) -> dt.date:
    """Check that an argument is a day."""
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise GrowthwatchError.of(name, value, "a date, such as datetime.date(2027, 5, 31)")
    return value


def _months_later(start: dt.date, months: int) -> dt.date:
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    if year >= dt.MAXYEAR:
        return dt.date.max
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return dt.date(year, month + 1, min(start.day, (following - dt.timedelta(days=1)).day))


# --- distributions of adjusted curves -------------------------------------------------------


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


# --- adjusted curves ------------------------------------------------------------------------


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

    info: MeasureInfo
    distribution: Distribution
    tables: dict[str, tuple[Table | None, Table | None]]
    official: tuple[TableInfo, ...]

    def __init__(self, info: MeasureInfo, distribution: Distribution):
        self.info = info
        self.distribution = distribution
        self.official = tuple(t for t in info.tables if not t.overlap)


class _ShiftedCurves(_AdjustedCurves):
    def __init__(self, base: MeasureCurves, info: MeasureInfo, node: ShiftScale):
        super().__init__(info, _ShiftedDistribution(base.distribution))
        self._base, self._node = base, node
        self.tables = base.tables

    def span(self, sex: int) -> Span | None:
        return _covered(self._base, sex)

    def official_table(self, x: Floats) -> npt.NDArray[np.int8]:
        return self._base.official_table(x)

    def parameters(self, sex: npt.NDArray[np.uint8], x: Floats) -> tuple[Floats, ...]:
        return (*self._base.parameters(sex, x), self._node.shift.at(x), self._node.scale.at(x))

    def parameters_in(self, table_id: str, sex: npt.NDArray[np.uint8], x: Floats) -> tuple[Floats, ...]:
        return (*self._base.parameters_in(table_id, sex, x), self._node.shift.at(x), self._node.scale.at(x))


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
        self._pairs = {t.id: (t.a, t.b) for t in _pairs(first.info, second.info)}
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


class _Pair(NamedTuple):
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


def _pairs(a: MeasureInfo, b: MeasureInfo) -> list[_Pair]:
    """Tables of a blend: those of both, official where both are, in order of age."""
    official: list[_Pair] = []
    rest: list[_Pair] = []
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
                    official.append(_Pair(name, s.id, t.id, low, high, False, label))
                    continue
            rest.append(_Pair(name, s.id, t.id, -math.inf, math.inf, True, label))
    return [*sorted(official, key=lambda p: p.low), *rest]


# --- nodes ----------------------------------------------------------------------------------


class Node(Protocol):
    """The small protocol that the three nodes follow."""

    @property
    def kind(self) -> str:
        """Its name in the closed set."""
        ...

    def plain(self) -> dict[str, Any]:
        """Content, for hashing."""
        ...

    def words(self) -> str:
        """What it does."""
        ...

    def bounds(self) -> tuple[tuple[str, float, float], ...]:
        """Least and greatest of each thing that it changes."""
        ...

    def info(self, base: MeasureInfo, measure: str) -> MeasureInfo | None:
        """Metadata of the adjusted measure, None where it cannot be adjusted so."""
        ...

    def curves(self, base: MeasureCurves, measure: str, info: MeasureInfo) -> MeasureCurves:
        """The adjusted curves."""
        ...

    def span(self, base: Span | None, measure: str, sex: str) -> Span | None:
        """The adjusted span."""
        ...

    def others(self) -> tuple[Reference, ...]:
        """References that it needs beside the one it adjusts."""
        ...


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
        return _ShiftedCurves(base, info, self)

    def span(self, base: Span | None, measure: str, sex: str) -> Span | None:
        """The adjusted span."""
        return base

    def others(self) -> tuple[Reference, ...]:
        """References that it needs beside the one it adjusts."""
        return ()


@dataclass(frozen=True)
class AgeShift:
    """The reference is read at the used age plus `days`."""

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

        def moved(at: float | None) -> float | None:
            return None if at is None else at - self.days

        position = base.position
        if position is not None and position.standing_from_age_days is not None:
            position = position.model_copy(update={"standing_from_age_days": moved(position.standing_from_age_days)})
        return base.model_copy(
            update={
                "interpolation": "linear",
                "tables": tuple(
                    t.model_copy(update={"from_": moved(t.from_), "until": moved(t.until)}) for t in base.tables
                ),
                "breaks": tuple(b.model_copy(update={"at": moved(b.at)}) for b in base.breaks),
                "position": position,
            }
        )

    def curves(self, base: MeasureCurves, measure: str, info: MeasureInfo) -> MeasureCurves:
        """The adjusted curves."""
        return _MovedCurves(base, info, self.days)

    def span(self, base: Span | None, measure: str, sex: str) -> Span | None:
        """The adjusted span."""
        return None if base is None else (base[0] - self.days, base[1] - self.days)

    def others(self) -> tuple[Reference, ...]:
        """References that it needs beside the one it adjusts."""
        return ()


@dataclass(frozen=True)
class Blend:
    """Values of two references mixed at equal z; `weight` is the share of the second."""

    other: Reference
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
                    for p in _pairs(base, other)
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
        return _MixedCurves(base, self.other.curves(measure), info, self.weight)

    def span(self, base: Span | None, measure: str, sex: str) -> Span | None:
        """The adjusted span."""
        other = self.other.span(measure, sex)
        if base is None or other is None:
            return None
        low, high = max(base[0], other[0]), min(base[1], other[1])
        return (low, high) if low <= high else None

    def others(self) -> tuple[Reference, ...]:
        """References that it needs beside the one it adjusts."""
        return (self.other,)


# --- the adjusted reference -------------------------------------------------------------------

_KINDS = ("standard", "reference", "descriptive")


@dataclass(frozen=True, repr=False)
class AdjustedScore(Score):
    """Score on an adjusted reference, with the one on the reference that was adjusted beside it."""

    asked: tuple[Reference, Any, dict[str, Any]] = field(repr=False, compare=False, kw_only=True)

    @cached_property
    def unadjusted(self) -> Score:
        """Score of the same measurement on the base, computed when first asked for."""
        base, value, arguments = self.asked
        return base.score(value, **arguments)

    def __repr__(self) -> str:
        adjusted, plain = (Score.__repr__(s).removeprefix("<").removesuffix(">") for s in (self, self.unadjusted))
        return f"<Adjusted {adjusted[0].lower()}{adjusted[1:]}; unadjusted {plain[0].lower()}{plain[1:]}>"

    def _repr_html_(self) -> str:
        plain = self.unadjusted
        return f"<p><b>Adjusted</b></p>{super()._repr_html_()}<p><b>Unadjusted</b></p>{plain._repr_html_()}"


def _kept(value: Any) -> Any:
    """Keep an argument for later: an array could be changed by its owner."""
    return np.copy(cast("npt.NDArray[Any]", value)) if isinstance(value, np.ndarray) else value


class AdjustedReference(Reference):
    """A reference seen through one more adjustment; everything that a `Reference` does, it does.

    Made by `Reference.adjusted`, `Reference.age_shifted` and `blend`, which check the limits.
    """

    __slots__ = ("_id", "_link", "_node", "_parent")

    def __init__(self, parent: Reference, node: ShiftScale | AgeShift | Blend, link: Link):
        self._parent = parent
        self._node = node
        self._link = link
        self._correction = parent.correction
        self._files = {}
        self._metadata = {}
        self._where = ""
        self._curves = {}
        self._hash = content_hash(
            {"adjusts": [parent.id, parent.hash], **node.plain(), "link": link.plain(), "layout": 1}
        )
        others = [o.base.id for o in node.others()]
        self._id = "&".join([self.base.id, *others]) + "~" + short_hash(self._hash)
        self._info = _adjusted_info(self._id, parent.info, node, link)
        self._frozen = True

    def __reduce__(self) -> tuple[Any, ...]:
        return AdjustedReference, (self._parent, self._node, self._link)

    def __repr__(self) -> str:
        return f"<Reference {self.label}: {self._info.title}; {'; '.join(k.words() for k in self.links)}>"

    @property
    def id(self) -> str:
        """Id of the base, ``~``, and the first digits of the content hash."""
        return self._id

    @property
    def parent(self) -> Reference:
        """The reference under the last adjustment."""
        return self._parent

    @property
    def node(self) -> ShiftScale | AgeShift | Blend:
        """The last adjustment itself."""
        return self._node

    @property
    def link(self) -> Link:
        """The last link: who, why, until when and how far."""
        return self._link

    @property
    def base(self) -> Reference:
        """The reference under all adjustments; of a blend, its first."""
        return self._parent.base

    @property
    def links(self) -> tuple[Link, ...]:
        """Every link of the chain, oldest first."""
        out = [*self._parent.links]
        for other in self._node.others():
            out += other.links
        return (*out, self._link)

    def effective(self, on: dt.date, age_days: float | None = None) -> Reference:
        """Reference that counts on a date: without the links that have expired, or were not yet signed.

        For a child whose chronological age that day is given, a link counts below 2 years for no
        longer than 6 months from its day of signature (``adjustment-limits.toml``).  A link without
        a day of signature counts only in the last 12 months before its review (6 for such a child):
        on an earlier day nobody could have signed it for so long.  A link that would go beyond the
        limits once another has expired does not count either, unless a specialist signed it off.
        """
        day(on, "on")
        check_number("age_days", age_days)
        parent = self._parent.effective(on, age_days)
        if not self._link.counts_on(on, age_days):
            return parent
        node: ShiftScale | AgeShift | Blend = self._node
        if isinstance(node, Blend):
            node = Blend(node.other.effective(on, age_days), node.weight)
        if parent is self._parent and node == self._node:
            return self
        measures = tuple(m for m in self._link.measures if m in parent.measures)
        try:
            return _linked(parent, node, measures, self._link.__dict__)
        except GrowthwatchError:
            return parent

    def notices(self, on: dt.date | None = None, age_days: float | None = None) -> list[str]:
        """What must be said wherever its lines are shown.

        One sentence for the links that count on the day (all of them if None), and one for
        each that does not; for a child of that age, where it is given.
        """
        now = self if on is None else self.effective(on, age_days)
        out: list[str] = []
        if now.links:
            out.append(f"ADJUSTED CURVE: {now.id}, {'; '.join(link.words() for link in now.links)}")
        if on is not None:
            kept = list(now.links)
            for link in self.links:
                if link in kept:
                    kept.remove(link)
                    continue
                if link.signed_on is not None and on < link.signed_on:
                    why = f"was signed only on {long_date(link.signed_on)}"
                elif link.review_by < on:
                    why = f"expired on {long_date(link.review_by)}"
                elif link.signed_on is None and not link.counts_on(on, age_days):
                    why = (
                        "is not dated: signed_on is missing, and its last day, "
                        f"{long_date(link.review_by)}, is more than {horizon_months(age_days)} months away"
                    )
                elif (last := link.last_day(age_days)) < on:
                    months, years = (
                        limits().horizon.young_most_months,
                        limits().horizon.young_until_days / DAYS_PER_YEAR,
                    )
                    why = (
                        f"counts below {years:g} years for {months} months from its signature: until {long_date(last)}"
                    )
                else:
                    why = "does not stand alone now that another has expired"
                out.append(f"ADJUSTMENT NOT APPLIED: that by {link.by} ({self.id}) {why}")
            rule = limits().horizon
            if age_days is not None and age_days < rule.young_until_days:
                out += [
                    f"Review the adjustment by {link.by} within {rule.young_most_months} months of its signature, "
                    "whose day it does not give: the child is young"
                    for link in now.links
                    if link.signed_on is None
                ]
        return out

    def span(self, measure: str = "weight", sex: str = "male") -> Span | None:
        """Least and greatest age that it covers [days]; None if the sex is not covered."""
        self._measure_info(measure)
        sex_codes(sex)
        return self._node.span(self._parent.span(measure, sex), measure, sex)

    def covered(self, measure: str, sex: int) -> Span | None:
        """As `span`, of a sex by its code."""
        return self.curves(measure).span(sex)

    def _measure_info(self, measure: str) -> MeasureInfo:
        check_measure(measure)
        info = self._info.measures.get(measure)
        if info is None:
            raise GrowthwatchError.of(
                "measure",
                measure,
                f"one of {list(self._info.measures)}: the adjustment {self._id} says nothing of others; "
                f"ask {self.base.id} itself, or name it in measures= when adjusting",
            )
        return info

    def curves(self, measure: str) -> MeasureCurves:
        """Adjusted figures of one measure.

        Raises
        ------
        GrowthwatchError
            If the adjustment does not concern the measure.
        """
        found = self._curves.get(measure) if isinstance(measure, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if found is None:
            info = self._measure_info(measure)
            found = self._curves[measure] = self._node.curves(self._parent.curves(measure), measure, info)
        return found

    def score(
        self,
        value: Any,
        *,
        age_days: Any = None,
        sex: Any,
        measure: str = "weight",
        gestation_days: Any = None,
        length_cm: Any = None,
        position: Any = None,
        sex_coding: SexCoding | None = None,
        corrected_age_days: Any = None,
    ) -> AdjustedScore:
        """Score measurements as `Reference.score` does; ``.unadjusted`` is the score on the base."""
        arguments: dict[str, Any] = {
            "age_days": age_days,
            "sex": sex,
            "measure": measure,
            "gestation_days": gestation_days,
            "length_cm": length_cm,
            "position": position,
            "sex_coding": sex_coding,
            "corrected_age_days": corrected_age_days,
        }
        s = super().score(value, **arguments)
        kept = {k: _kept(v) for k, v in arguments.items() if v is not None}
        return AdjustedScore(
            s.z,
            s.centile,
            s.status_code,
            s.corrected_age_days,
            ReferenceLabel(self.id, self.hash),
            asked=(self.base, _kept(value), {"sex": None, **kept}),
        )


def _adjusted_info(name: str, parent: ReferenceInfo, node: Node, link: Link) -> ReferenceInfo:
    """Metadata of the base, with what the adjustment makes of it."""
    measures: dict[str, MeasureInfo] = {}
    for measure in link.measures:
        made = node.info(parent.measures[measure], measure)
        assert made is not None
        measures[measure] = made
    kinds = [parent.kind, *(o.kind for o in node.others())]
    title, short = parent.title.removesuffix(", adjusted"), parent.short_title.removesuffix(", adjusted")
    for other in node.others():
        title += f", mixed with {other.info.title}"
        short += f" with {other.info.short_title}"
    return parent.model_copy(
        update={
            "id": name,
            "title": f"{title}, adjusted",
            "short_title": f"{short}, adjusted",
            "kind": max(kinds, key=_KINDS.index),
            "condition": "; ".join(
                dict.fromkeys(c for c in (parent.condition, *(o.info.condition for o in node.others())) if c)
            ),
            "terms": " ".join(dict.fromkeys([parent.terms, *(o.info.terms for o in node.others())])),
            "measures": FrozenDict(measures),
        }
    )


# --- limits, enforced ---------------------------------------------------------------------------

_GRID = np.arange(-126.0, 7312.0, 7.0)


def _paths(reference: Reference, x: Floats, z: float = 0.0) -> list[tuple[Floats, Floats]]:
    """Shift and scale of the whole chain against its base at each age; a blend has several.

    What a change of a blend's weight explains is that for a child at `z`.
    """
    if not isinstance(reference, AdjustedReference):
        return [(np.zeros(x.shape), np.ones(x.shape))]
    node = reference.node
    if isinstance(node, AgeShift):
        return _paths(reference.parent, x + node.days, z)
    below = _paths(reference.parent, x, z)
    if isinstance(node, Blend):
        both = below + _paths(node.other, x, z)
        if node.weight.least == node.weight.most:
            return both
        changing = _weight_paths(reference, node, x, z)
        return both + [(shift + more, scale) for more in changing for shift, scale in both]
    s, k = node.shift.at(x), node.scale.at(x)
    return [(shift + scale * s, scale * k) for shift, scale in below]


def _ages(reference: Reference, moved: float = 0.0) -> list[float]:
    if not isinstance(reference, AdjustedReference):
        return []
    node = reference.node
    if isinstance(node, AgeShift):
        return _ages(reference.parent, moved - node.days)
    out = _ages(reference.parent, moved)
    if isinstance(node, Blend):
        return [*out, *_ages(node.other, moved), *(a + moved for a in node.weight.ages)]
    return [*out, *(a + moved for a in (*node.shift.ages, *node.scale.ages))]


def _days_moved(reference: Reference) -> float:
    if not isinstance(reference, AdjustedReference):
        return 0.0
    node = reference.node
    here = node.days if isinstance(node, AgeShift) else 0.0
    if isinstance(node, Blend):
        return max((_days_moved(reference.parent), _days_moved(node.other)), key=abs)
    return here + _days_moved(reference.parent)


def _beyond(name: str, value: float, bound: str, at: float | None = None) -> GrowthwatchError:
    where = "" if at is None else f" at {at:g} days"
    expected = f"{bound}; beyond it, specialist= names who signed it off"
    return GrowthwatchError(
        f"{name}: got {value:.4g}{where}, expected {expected}", field=name, value=value, expected=expected
    )


def check_limits(reference: Reference) -> None:
    """Refuse a chain that goes beyond the limits, as a whole and at any age.

    Raises
    ------
    GrowthwatchError
        Naming the quantity, its value and the bound.
    """
    bound = limits()
    spare = 1e-9
    if abs(days := _days_moved(reference)) > bound.age.most_days + spare:
        raise _beyond("days", days, f"at most {bound.age.most_days:g} days either way")
    edge = bound.slope.early_until_days
    x = np.unique(np.concatenate([_GRID, np.array([edge, *_ages(reference)])]))
    paths = _paths(reference, x)
    if isinstance(reference, AdjustedReference):
        for measure, sex in product(reference.measures, SEXES):
            explained = _explained(reference, measure, sex, x)
            k = int(np.argmax(np.abs(explained)))
            if abs(explained[k]) > bound.shift.most_z + 1e-6:
                raise _beyond(
                    f"shift of the median ({measure}, {sex})",
                    float(explained[k]),
                    f"at most {bound.shift.most_z:g} SD either way",
                    float(x[k]),
                )
            _check_fall(reference, measure, sex, x, explained)
    for shift, scale in paths:
        if (k := int(np.argmax(np.abs(shift)))) >= 0 and abs(shift[k]) > bound.shift.most_z + spare:
            raise _beyond("shift", float(shift[k]), f"at most {bound.shift.most_z:g} SD either way", float(x[k]))
        for k in (int(np.argmin(scale)), int(np.argmax(scale))):
            if not bound.scale.least - spare <= scale[k] <= bound.scale.most + spare:
                raise _beyond("scale", float(scale[k]), f"{bound.scale.least:g} to {bound.scale.most:g}", float(x[k]))
    month = DAYS_PER_MONTH / np.diff(x)
    allowed = np.where(x[:-1] < edge, bound.slope.early_z_per_month, bound.slope.late_z_per_month)
    for z in (0.0, -bound.slope.within_z, bound.slope.within_z):
        for shift, scale in paths if z == 0 else _paths(reference, x, z):
            slope = (np.diff(shift) + z * np.diff(scale)) * month
            over = np.flatnonzero(np.abs(slope) > allowed + 1e-7)
            if over.size:
                k = int(over[np.argmax(np.abs(slope[over]) - allowed[over])])
                raise _beyond(
                    "slope of the shift" if z == 0 else f"slope of shift and scale together, for a child at z {z:g}",
                    float(slope[k]),
                    f"at most {allowed[k]:g} SD a month either way at that age",
                    float(x[k]),
                )


def _check_fall(reference: AdjustedReference, measure: str, sex: str, x: Floats, explained: Floats) -> None:
    """Refuse a shift of age that explains a steep fall of weight: one to an older age does, in infants.

    Steps between tables are passed over: there the two ages lie in different ones.  A blend is
    of two published charts, and bounded by its level and by the change of its weight.
    """
    nodes = _nodes(reference)
    if (
        measure != "weight"
        or not any(isinstance(n, AgeShift) for n in nodes)
        or any(isinstance(n, Blend) for n in nodes)
    ):
        return
    bound = limits().slope
    allowed = np.where(x < bound.early_until_days, bound.early_z_per_month, bound.late_z_per_month)
    a_month_on = x + DAYS_PER_MONTH
    fall = explained - np.interp(a_month_on, x, explained) - allowed
    far = abs(_days_moved(reference))
    curves = reference.base.curves(measure)
    ends = (*(reference.span(measure, sex) or ()), *(reference.base.span(measure, sex) or ()))
    for at in (*ends, *(t.from_ for t in curves.official if t.from_ is not None)):
        fall[(a_month_on >= at - far) & (x <= at + far)] = -np.inf
    fall[x < bound.age_shift_from_days] = -np.inf
    k = int(np.argmax(fall))
    if fall[k] > 1e-6:
        raise _beyond(
            f"fall of the median that the shift of age explains ({measure}, {sex})",
            float(fall[k] + allowed[k]),
            f"at most {allowed[k]:g} SD a month at that age",
            float(x[k]),
        )


def _explained(reference: AdjustedReference, measure: str, sex: str, x: Floats) -> Floats:
    """Z on the base of a child in the middle of the adjusted reference; 0 where either has no figures."""
    out = np.zeros(x.shape)
    if all(isinstance(node, ShiftScale) for node in _nodes(reference)):
        return out  # the paths say it exactly
    codes = np.full(x.shape, int(sex_codes(sex)), np.uint8)
    median = reference.curves(measure).value(np.zeros(x.shape), codes, x)
    good = np.flatnonzero(~np.isnan(median))
    out[good] = reference.base.curves(measure).z(median[good], codes[good], x[good])
    out[~np.isfinite(out)] = 0.0
    return out


def _nodes(reference: Reference) -> list[Node]:
    return [*_nodes(reference.parent), reference.node] if isinstance(reference, AdjustedReference) else []


def _weight_paths(reference: AdjustedReference, node: Blend, x: Floats, z: float) -> list[Floats]:
    """What changing the weight explains to a child at `z`: the change of weight times the distance of the two lines."""
    weight = node.weight.at(x)
    out: list[Floats] = []
    for measure, sex in product(reference.measures, SEXES):
        codes = np.full(x.shape, int(sex_codes(sex)), np.uint8)
        a, b = reference.parent.curves(measure), node.other.curves(measure)
        line = b.value(np.full(x.shape, z), codes, x)
        apart = np.zeros(x.shape)
        good = np.flatnonzero(~np.isnan(line))
        apart[good] = a.z(line[good], codes[good], x[good]) - z
        apart[~np.isfinite(apart)] = 0.0
        steps = np.diff(weight) * (apart[1:] + apart[:-1]) / 2
        out.append(np.concatenate([[0.0], np.cumsum(steps)]))
    return out


def _linked(
    parent: Reference,
    node: ShiftScale | AgeShift | Blend,
    measures: tuple[str, ...],
    signature: dict[str, Any],
) -> Reference:
    """Make the adjusted reference, within the limits unless a specialist signed it off."""
    link = Link(
        kind=node.kind,
        says=node.words(),
        because=signature["because"],
        by=signature["by"],
        review_by=signature["review_by"],
        signed_on=signature["signed_on"],
        specialist=signature["specialist"],
        measures=measures,
        bounds=node.bounds(),
    )
    made = AdjustedReference(parent, node, link)
    if link.specialist is None:
        check_limits(made)
    return made


def _measures(parent: Reference, node: Node, wanted: Any, default: str | None) -> tuple[str, ...]:
    """Measures that an adjustment concerns."""
    shown: Any = wanted
    able = [m for m, info in parent.info.measures.items() if node.info(info, m) is not None]
    if wanted is None:
        if default is None:
            chosen = able
        elif default in able:
            chosen = [default]
        elif len(able) == 1:
            chosen = able
        else:
            raise GrowthwatchError.of("measures", wanted, f"the measures that it concerns, out of {able}")
    else:
        if not isinstance(wanted, Iterable):
            raise GrowthwatchError.of("measures", wanted, f"measures out of {able}, as words")
        chosen = [wanted] if isinstance(wanted, str) else list(cast("Iterable[Any]", wanted))
        for measure in chosen:
            if measure not in able:
                by_length = (
                    isinstance(measure, str)
                    and measure in parent.info.measures
                    and parent.info.measures[measure].x == "length_cm"
                )
                why = "; one by length can be shifted and scaled by plain numbers only, not by age" if by_length else ""
                raise GrowthwatchError.of("measures", measure, f"measures out of {able}, which can be adjusted so{why}")
    if not chosen:
        raise GrowthwatchError.of("measures", shown, f"at least one of {able}")
    return tuple(m for m in able if m in chosen)


def shift_scale(
    parent: Reference,
    shift: Any,
    scale: Any,
    *,
    because: Any,
    by: Any,
    review_by: Any,
    signed_on: Any = None,
    specialist: Any = None,
    measures: Any = None,
) -> Reference:
    """See `Reference.adjusted`."""
    signature = _signature(because, by, review_by, signed_on, specialist)
    node = ShiftScale(ByAge.of("shift", shift), ByAge.of("scale", scale))
    if node.scale.least <= 0:
        raise GrowthwatchError.of("scale", scale, "a positive number")
    return _linked(parent, node, _measures(parent, node, measures, "weight"), signature)


def age_shift(
    parent: Reference,
    days: Any,
    *,
    because: Any,
    by: Any,
    review_by: Any,
    signed_on: Any = None,
    specialist: Any = None,
    measures: Any = None,
) -> Reference:
    """See `Reference.age_shifted`."""
    signature = _signature(because, by, review_by, signed_on, specialist)
    if not is_number(days):
        raise GrowthwatchError.of("days", days, "a finite number of days")
    node = AgeShift(float(days) + 0.0)
    return _linked(parent, node, _measures(parent, node, measures, None), signature)


def blend(
    a: Reference,
    b: Reference,
    weight: Number,
    *,
    because: str,
    by: str,
    review_by: dt.date,
    signed_on: dt.date | None = None,
    specialist: str | None = None,
    measures: str | Sequence[str] | None = None,
) -> Reference:
    """Mix the values of two references at equal z.

    Parameters
    ----------
    a, b
        The references; both need the same correction for gestation.
    weight
        Share of `b`, from 0 to 1: a number, or knots ``[(age_days, share), ...]``.
    because, by, review_by, signed_on, specialist
        As for `Reference.adjusted`.
    measures
        Measures that it concerns, which both must measure alike; ``weight`` if None.

    Returns
    -------
    Reference
        It covers the ages that both cover.  Its kind is the more cautious of the two; its
        base is `a`.

    Notes
    -----
    ``value(z) = (1 - weight) value_a(z) + weight value_b(z)``; `z` is found from it.
    """
    for name, given in (("a", a), ("b", b)):
        if not isinstance(given, Reference):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise GrowthwatchError.of(name, given, "a Reference, as growthwatch.reference returns")
    signature = _signature(because, by, review_by, signed_on, specialist)
    if a.correction != b.correction:
        raise GrowthwatchError.of(
            "b",
            f"{b.id}, correction {b.correction}",
            f"the correction for gestation of {a.id}, {a.correction}{_alike(a, b)}",
        )
    conditions = {r.info.condition.split(",")[0].strip().lower() for r in (a, b) if r.info.condition}
    if len(conditions) > 1 and specialist is None:
        raise GrowthwatchError.of(
            "b",
            f"{b.id}, of {b.info.condition}",
            f"a general reference, or one of {a.info.condition} as {a.id} is; for a child with both conditions, "
            "specialist= names who signed it off",
        )
    node = Blend(b, ByAge.of("weight", weight))
    if not (node.weight.least >= 0 and node.weight.most <= 1):
        raise GrowthwatchError.of("weight", weight, "shares from 0 to 1: nothing is extrapolated")
    return _linked(a, node, _measures(a, node, measures, "weight"), signature)


def _alike(a: Reference, b: Reference) -> str:
    """How two references of different corrections can be had with one, where both offer it."""
    both = [c for c in a.base.info.corrections if c in b.base.info.corrections]
    if not both or a.links or b.links:
        return ""
    calls = [f"growthwatch.reference({r.info.id!r}, correction={both[0]!r})" for r in (a, b) if r.correction != both[0]]
    return f"; use {' and '.join(calls)}"


def restored(parts: Sequence[Reference], adjustment: dict[str, Any], link: dict[str, Any]) -> Reference:
    """Make again what `Node.plain` and `Link.plain` describe, with all its checks."""
    signature: dict[str, Any] = {
        "because": link["because"],
        "by": link["by"],
        "review_by": _iso(link["review_by"], "review_by"),
        "signed_on": None if link["signed_on"] is None else _iso(link["signed_on"], "signed_on"),
        "specialist": link["specialist"],
        "measures": link["measures"],
    }
    kind = adjustment["node"]
    if kind == "shift-scale":
        return shift_scale(parts[0], adjustment["shift"], adjustment["scale"], **signature)
    if kind == "age-shift":
        return age_shift(parts[0], adjustment["days"], **signature)
    if kind == "blend":
        return blend(parts[0], parts[1], adjustment["weight"], **signature)
    raise GrowthwatchError.of("node", kind, "shift-scale, age-shift or blend")


def _iso(text: str, name: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise GrowthwatchError.of(name, text, "a date, such as 2027-05-31") from None
