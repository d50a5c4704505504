"""The kernel: z, centile and status of a column of measurements.

Rows are worked on in blocks that stay in the processor's cache.  A row with which nothing
is wrong, at the age of a whole day, costs three look-ups, a logarithm, an ``expm1`` and a
centile by table.  Rows with which something may be wrong, or that are far from the median,
are few: they are gathered over many blocks, and then settled as columns of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.core.centiles import UK_NINE, centile_text
from growthwatch.core.sex import MISSING_SEX, UNKNOWN_SEX
from growthwatch.core.status import MEANINGS, Status, status_words
from growthwatch.core.units import TERM_DAYS
from growthwatch.references.curves import MeasureCurves
from growthwatch.references.distributions import Floats
from growthwatch.references.metadata import Correction, GestationLimits
from growthwatch.references.normal import FURTHEST, centiles, centiles_anywhere

__all__ = ["ReferenceLabel", "Score", "corrected_age", "score_columns"]

BLOCK = 32_768

Column = npt.NDArray[Any]


class ReferenceLabel(NamedTuple):
    """Which reference made a number: its id (with the correction) and its content hash."""

    id: str
    hash: str

    def __str__(self) -> str:
        return f"{self.id} ({self.hash.removeprefix('sha256:')[:8]})"


@dataclass(frozen=True)
class Score:
    """Scores of one measurement or of a column.

    Attributes
    ----------
    z
        Standard deviation score; NaN where there is none.
    centile
        0 to 100; NaN where there is none.
    status_code
        One byte a row (`growthwatch.core.status.Status`).
    corrected_age_days
        The age that was used: corrected for gestation where the reference's correction
        says so, chronological otherwise [days]; None for weight-for-length.
    reference
        Id and content hash of the reference.
    """

    z: Any
    centile: Any
    status_code: Any
    corrected_age_days: Any
    reference: ReferenceLabel

    @cached_property
    def status(self) -> Any:
        """Status as a word, or an array of words."""
        if isinstance(self.status_code, int):
            return str(Status(self.status_code))
        return status_words(self.status_code)

    def __repr__(self) -> str:
        if isinstance(self.status_code, int):
            z, centile, place, status = _said(self.z, self.centile, self.status_code)
            number = f"z {z}, centile {centile} ({place}), {status}" if place else f"no score, {status}"
            return f"<Score: {number}; {self.reference}>"
        codes = np.ravel(self.status_code)
        counts = ", ".join(f"{np.count_nonzero(codes == c)} {Status(c)}" for c in np.unique(codes).tolist())
        shape = "x".join(map(str, self.status_code.shape))
        return f"<Score of {shape} values{': ' if counts else ''}{counts}; {self.reference}>"

    def _repr_html_(self) -> str:
        from growthwatch.core.html_table import html_table

        columns = [np.ravel(a) for a in (self.z, self.centile, self.status_code)]
        rows = [_said(*row) for row in zip(*(c[:_SHOWN].tolist() for c in columns), strict=True)]
        more = columns[0].size - len(rows)
        after = f"and {more} more" if more else ""
        return html_table(f"Scores on {self.reference}", ("z", "centile", "place", "status"), rows, after)


_SHOWN = 10


def _said(z: float, centile: float, status_code: int) -> tuple[str, str, str, str]:
    """One score for people: z, centile, its place among the lines, and the status with what it means."""
    status = Status(status_code)
    words = "ok" if status is Status.OK else f"{status} ({MEANINGS[status]})"
    if z != z:
        return "", "", "", words
    return f"{z:.2f}", centile_text(centile), UK_NINE.describe(z), words


def _limit(days: float, column: Column) -> float | int:
    """Return a limit that a column is below or not, in the column's kind: whole numbers are compared sooner as such."""
    return math.ceil(days) if column.dtype.kind in "iu" and days < math.inf else days


def corrected_age(age: Column, gestation: Column | None, rule: Correction, out: Column | None = None) -> Column:
    """Age used for scoring: corrected for gestation while the correction applies [days].

    A missing gestation means term.  ``paper`` is decided on the corrected age itself.  The
    result is written to `out`, where it is given.
    """
    if gestation is None:
        return age
    if out is None:
        if not rules_apply(gestation, rule):
            return age
        out = np.empty(age.shape, _kind(age, gestation))
    with np.errstate(invalid="ignore", over="ignore"):
        np.copyto(out, gestation)
        out -= TERM_DAYS
        out += age
    as_it_is = np.ones(age.shape, np.bool_)
    for r in reversed(rule.rules):  # the first that a birth comes under has the last word
        born = gestation < _limit(r.born_before_days, gestation)
        np.copyto(as_it_is, out >= _limit(r.until_corrected_age_days, out), where=born)
    np.copyto(out, age, where=as_it_is)
    return out


def _kind(age: Column, gestation: Column) -> np.dtype[Any]:
    """Type of a corrected age: signed, so that ages before term stay negative."""
    return np.result_type(age, gestation, np.int32)


def rules_apply(gestation: Column, rule: Correction) -> bool:
    """Whether any birth in the column comes under a rule."""
    if not rule.rules or gestation.size == 0:
        return False
    latest = max(r.born_before_days for r in rule.rules)
    return not bool(gestation.min() >= latest)


def _whole_days(curves: MeasureCurves, x: Column) -> tuple[Column, npt.NDArray[np.bool_] | None]:
    """Row of the day table for each x, and which rows are not on a whole day (None: all are)."""
    if x.dtype.kind in "iu":
        return x, None
    if curves.info.interpolation == "nearest-day":
        return np.floor(x + 0.5).astype(np.int64), None
    day = np.rint(x)
    off = day != x
    return day.astype(np.int64), (off if off.any() else None)


class Buffers:
    """Working memory for a block, used again for the next."""

    def __init__(self, size: int):
        self.rows = np.empty(size, np.intp)
        self.work = np.empty(size)
        self.past = np.empty(size)


def _z_by_age(
    curves: MeasureCurves,
    value: Floats,
    sex: npt.NDArray[np.uint8],
    x: Column,
    buffers: Buffers,
    out: Floats | None = None,
    within: bool = True,
) -> Floats:
    """Z of rows that are known to be positive, finite, of known sex and within the reference's whole span.

    If not `within`, sex and whole days may be any, and z means something only where they are in the table.
    """
    first, count, prepared = curves.days
    day, off = _whole_days(curves, x)
    rows, work = buffers.rows[: value.size], buffers.work[: value.size]
    np.multiply(sex, np.int64(count), out=rows)
    rows += day
    if first:
        rows -= first
    if off is not None or not within:
        np.clip(rows, 0, 2 * count - 1, out=rows)
    out = curves.distribution.z(value, prepared, rows, out, work)
    if off is not None:
        out[off] = curves.z(value[off], sex[off], x[off].astype(np.float64))
    return out


def _problems(
    curves: MeasureCurves,
    value: Column,
    sex: npt.NDArray[np.uint8],
    x: Column,
    by_length: bool,
    chronological: Column | None,
    gestation: Column | None,
    limits: GestationLimits,
) -> npt.NDArray[np.uint8]:
    """Status of each row before scoring: the first reason in the order of `Status` that forbids a number."""
    out = np.zeros(value.shape, np.uint8)
    if out.size == 0:
        return out

    def say(where: Any, status: Status) -> None:
        out[(out == 0) & where] = status

    x_of_float = x.astype(np.float64)
    counted = x.dtype.kind in "iu"
    values_fine = bool(value.min() > 0 and value.max() < math.inf)
    if not values_fine:
        say(np.isnan(value), Status.MISSING_VALUE)
    if not counted:
        say(np.isnan(x_of_float), Status.MISSING_LENGTH if by_length else Status.MISSING_AGE)
    if sex.max() >= MISSING_SEX:
        say(sex == MISSING_SEX, Status.MISSING_SEX)
        say(sex == UNKNOWN_SEX, Status.UNKNOWN_SEX)
    if not (values_fine and counted):
        say(np.isinf(value) | np.isinf(x_of_float), Status.NOT_FINITE)
    if not values_fine:
        say(value <= 0, Status.NONPOSITIVE_VALUE)
    if gestation is not None:
        if curves.info.needs_gestation:
            say(np.isnan(gestation.astype(np.float64)), Status.MISSING_GESTATION)
        say((gestation < limits.least_days) | (gestation > limits.most_days), Status.INVALID_GESTATION)
    if chronological is not None:
        say(chronological < 0, Status.BEFORE_BIRTH)
        if curves.info.latest_age_days is not None:
            say(chronological > curves.info.latest_age_days, Status.AGE_ABOVE_REFERENCE)
    for s in (0, 1):
        span = curves.span(s)
        if span is None:
            say(sex == s, Status.SEX_NOT_COVERED)
            continue
        at = np.floor(x_of_float + 0.5) if curves.info.interpolation == "nearest-day" else x_of_float
        say((sex == s) & (at < span[0]), Status.LENGTH_BELOW_REFERENCE if by_length else Status.AGE_BELOW_REFERENCE)
        say((sex == s) & (at > span[1]), Status.LENGTH_ABOVE_REFERENCE if by_length else Status.AGE_ABOVE_REFERENCE)
    return out


class _Sound(NamedTuple):
    """Rows of a block that certainly have no problem, and whether that holds of every value and age."""

    rows: npt.NDArray[np.bool_]
    values: bool
    ages: bool


def _sound(
    curves: MeasureCurves,
    value: Column,
    sex: npt.NDArray[np.uint8],
    x: Column,
    chronological: Column | None,
    gestation: Column | None,
    limits: GestationLimits,
) -> _Sound | None:
    """Find the rows that certainly have no problem; None if that is all of them, as extremes alone tell."""
    first, count, _ = curves.days
    last = first + count - 1
    values = bool(value.min() > 0 and value.max() < math.inf)
    ages = bool(x.min() >= first and x.max() <= last)
    parts: list[npt.NDArray[np.bool_]] = []
    if not values:
        parts += [value > 0, value < math.inf]
    if sex.max() >= MISSING_SEX:
        parts += [sex < MISSING_SEX]
    if not ages:
        parts += [x >= first, x <= last]
    if gestation is not None and not (gestation.min() >= limits.least_days and gestation.max() <= limits.most_days):
        parts += [~((gestation < limits.least_days) | (gestation > limits.most_days))]  # missing means term
    if chronological is not None and not chronological.min() >= 0:
        parts += [chronological >= 0]
    if not parts:
        return None
    rows = parts[0]
    for part in parts[1:]:
        rows &= part
    return _Sound(rows, values, ages)


def _score_sound(
    curves: MeasureCurves,
    value: Floats,
    sex: npt.NDArray[np.uint8],
    x: Column,
    sound: _Sound,
    buffers: Buffers,
    out: Floats,
) -> None:
    """Score the sound rows of a block; the others become NaN."""
    doubtful = np.flatnonzero(~sound.rows)
    if doubtful.size > sound.rows.size // 2:
        out.fill(np.nan)
        rest = np.flatnonzero(sound.rows)
        if rest.size:
            out[rest] = _z_by_age(curves, value[rest], sex[rest], x[rest], buffers)
        return
    # The z of the others does not count; a sound row stands in where there might be none at all.
    any_sound = int(sound.rows.argmax())
    if not sound.values:
        value = value.copy()
        value[doubtful] = value[any_sound]
    if not sound.ages and x.dtype.kind == "f":
        x = x.copy()
        x[doubtful] = x[any_sound]
    _z_by_age(curves, value, sex, x, buffers, out, within=False)
    out[doubtful] = np.nan


class _Columns(NamedTuple):
    """What is given, as flat columns of one length."""

    value: Column
    sex: npt.NDArray[np.uint8]
    x: Column
    chronological: Column | None
    gestation: Column | None

    def rows(self, rows: npt.NDArray[np.intp]) -> _Columns:
        born, weeks = self.chronological, self.gestation
        return _Columns(
            self.value[rows].astype(np.float64, copy=False),
            self.sex[rows],
            self.x[rows],
            None if born is None else born[rows],
            None if weeks is None else weeks[rows],
        )


class _Results(NamedTuple):
    z: Floats
    centile: Floats | None
    status: npt.NDArray[np.uint8]


def _settle(
    curves: MeasureCurves,
    limits: GestationLimits,
    given: _Columns,
    results: _Results,
    rows: npt.NDArray[np.intp],
    by_length: bool,
    examined: bool,
) -> None:
    """Complete rows that have no z yet, or one far from the median.

    `examined` says that problems have been looked for in every row.
    """
    z, mark = results.z[rows], results.status[rows]
    unknown = np.flatnonzero(np.isnan(z))
    if unknown.size and not examined:
        v, s, x, born, weeks = given.rows(rows[unknown])
        mark[unknown] = problem = _problems(curves, v, s, x, by_length, born, weeks, limits)
        good = np.flatnonzero(problem == 0)  # on a part of the first or last day, or where the reference rounds
        if good.size:
            z[unknown[good]] = _z_by_age(curves, v[good], s[good], x[good], Buffers(good.size))
    how_far = np.abs(z)
    mark[how_far > curves.info.advisory_z] = Status.ADVISORY
    mark[how_far > curves.info.implausible_z] = Status.IMPLAUSIBLE
    endless = how_far == math.inf
    mark[endless] = Status.OUTSIDE_DISTRIBUTION
    z[endless] = np.nan
    results.z[rows], results.status[rows] = z, mark
    if results.centile is not None:
        results.centile[rows] = centiles_anywhere(z)


def score_columns(
    curves: MeasureCurves,
    rule: Correction,
    limits: GestationLimits,
    value: Column,
    sex: npt.NDArray[np.uint8],
    age: Column,
    gestation: Column | None,
    *,
    by_length: bool,
    age_is_corrected: bool,
    with_centile: bool = True,
) -> tuple[Floats, Floats | None, npt.NDArray[np.uint8], Column]:
    """Score flat columns of one length (any of them may be broadcast).

    Returns z, centile (or None), status and the x that was used.
    """
    n = value.size
    results = _Results(np.empty(n), np.empty(n) if with_centile else None, np.zeros(n, np.uint8))
    used: Column = age
    correcting = gestation is not None and not by_length and rules_apply(gestation, rule)
    if correcting and gestation is not None:
        used = np.empty(n, _kind(age, gestation))
    chronological = None if by_length or age_is_corrected else age
    given = _Columns(value, sex, used, chronological, gestation)
    # Measures with rules of their own about age or gestation are examined row by row too.
    special = curves.info.needs_gestation or (curves.info.latest_age_days is not None and chronological is not None)
    examine = by_length or special
    buffers = Buffers(min(n, BLOCK))
    far_from = min(curves.info.advisory_z, curves.info.implausible_z, FURTHEST)
    unsettled: list[npt.NDArray[np.intp]] = []
    waiting = 0
    for start in range(0, n, BLOCK):
        rows = slice(start, min(start + BLOCK, n))
        v, s, a, out = value[rows], sex[rows], age[rows], results.z[rows]
        g = None if gestation is None else gestation[rows]
        x = corrected_age(a, g, rule, used[rows]) if correcting else a
        born = None if chronological is None else a
        if v.dtype != np.float64:
            v = v.astype(np.float64)
        if examine:
            results.status[rows] = problem = _problems(curves, v, s, x, by_length, born, g, limits)
            out.fill(np.nan)
            good = np.flatnonzero(problem == 0)
            if good.size:
                out[good] = curves.z(v[good], s[good], x[good].astype(np.float64))
        else:
            sound = _sound(curves, v, s, x, born, g, limits)
            if sound is None:
                _z_by_age(curves, v, s, x, buffers, out)
            else:
                _score_sound(curves, v, s, x, sound, buffers, out)
        work = buffers.work[: out.size]
        if results.centile is not None:
            centiles(out, results.centile[rows], buffers.rows[: out.size], buffers.past[: out.size], work)
        far = np.flatnonzero(~(np.abs(out, out=work) <= far_from))  # or NaN
        if far.size:
            far += start
            unsettled.append(far)
            waiting += far.size
        if unsettled and (waiting >= BLOCK or rows.stop == n):
            _settle(curves, limits, given, results, np.concatenate(unsettled), by_length, examine)
            unsettled.clear()
            waiting = 0
    return results.z, results.centile, results.status, used
