"""Ready builders of references for where no table exists, each with its source.

All of them end in `Reference.adjusted` and its limits, or, for a published table of
centiles, in a reference of its own.  Their numbers stand in ``adjustment-limits.toml``.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import least_squares
from scipy.special import ndtri

from growthwatch.core.columns import one_number
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SEXES
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from growthwatch.references.distributions import LMS, Floats
from growthwatch.references.limits import limits
from growthwatch.references.making import check_arguments, make_reference
from growthwatch.references.parsing import check_figure
from growthwatch.references.reference import Reference

__all__ = [
    "CentileFit",
    "FitPoint",
    "birth_weight_baseline",
    "from_centiles",
    "offset_from_expectation",
    "parental_size_baseline",
]


def _reference(reference: Any) -> None:
    if not isinstance(reference, Reference):
        raise GrowthwatchError.of("reference", reference, "a Reference, as growthwatch.reference returns")


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)


def _numbers(name: str, values: Any) -> list[float]:
    if not _is_list(values):
        raise GrowthwatchError.of(name, values, "a list of numbers")
    return [one_number(name, v) for v in values]


def _check_rounding(rounding: float, least_step: float) -> None:
    """Figures that rise are at least one unit of their last digit apart: a greater unit would excuse any fit."""
    if not 0 <= rounding <= least_step * (1 + 1e-9):
        expected = f"the unit of the last printed digit: from 0 to {least_step:.6g}, the least step between centiles"
        raise GrowthwatchError.of("rounding", rounding, expected)


def offset_from_expectation(
    reference: Reference,
    *,
    low_by: float,
    from_age_days: float,
    since_age_days: float | None = None,
    because: str,
    by: str,
    review_by: dt.date,
    signed_on: dt.date | None = None,
    specialist: str | None = None,
    measures: str | Sequence[str] | None = None,
) -> Reference:
    """Adjust for a condition that is expected to run low from an age on.

    "This condition is expected to run 1.3 SD low from 6 months": ``low_by=1.3,
    from_age_days=183``.

    Parameters
    ----------
    reference
        The reference to adjust.
    low_by
        By how much, once it is reached [SD]; negative for high.
    from_age_days
        From when on it is that low, for good [days].
    since_age_days
        From when on it begins to run low, in a straight line; before, nothing is expected.  If
        None, it is approached as steeply as the limits allow, so that before `from_age_days`
        as little is excused as can be.
    because
        The expectation and where it is published.
    by, review_by, signed_on, specialist, measures
        As for `Reference.adjusted`.

    References
    ----------
    The expectation is the author's, and stands in `because`.  The approach follows the limits
    on slope (``adjustment-limits.toml``): a wrong slope cannot be told from faltering growth.
    """
    _reference(reference)
    low, end = one_number("low_by", low_by), one_number("from_age_days", from_age_days)
    if since_age_days is None:
        slope = limits().slope
        knots = [(end, -low)]
        age, left = end, abs(low)
        for start, steep in ((slope.early_until_days, slope.late_z_per_month), (0.0, slope.early_z_per_month)):
            if age > start and left > 0:
                reach = min((age - start) / DAYS_PER_MONTH * steep, left)
                age, left = age - reach / steep * DAYS_PER_MONTH, left - reach
                knots.insert(0, (age, -math.copysign(left, low)))
    else:
        begin = one_number("since_age_days", since_age_days)
        if not begin < end:
            raise GrowthwatchError.of("since_age_days", since_age_days, f"an age before {from_age_days}")
        knots = [(begin, 0.0), (end, -low)]
    return reference.adjusted(
        shift=knots,
        because=because,
        by=by,
        review_by=review_by,
        signed_on=signed_on,
        specialist=specialist,
        measures=measures,
    )


def birth_weight_baseline(
    reference: Reference,
    *,
    birth_z: float,
    at_age_days: float = DAYS_PER_YEAR,
    because: str | None = None,
    by: str,
    review_by: dt.date,
    signed_on: dt.date | None = None,
    specialist: str | None = None,
) -> Reference:
    """Adjust weight for a child born light or heavy: the expected level regresses to the mean.

    A baby born at z is expected at ``r z`` with SD ``sqrt(1 - r²)``, where r is the correlation
    between weight SDS at birth and at `at_age_days`.  Both are constant: birth weight moves the
    level only, never the slope, so that it cannot explain a decline.

    References
    ----------
    Cole TJ. Conditional reference charts to assess weight gain in British infants. Arch Dis
    Child 1995;73:8-16 (the conditional z); correlations: ``adjustment-limits.toml``.
    """
    _reference(reference)
    z, age = one_number("birth_z", birth_z), one_number("at_age_days", at_age_days)
    ages, values = zip(*limits().birth_weight.correlation, strict=True)
    if not ages[0] <= age <= ages[-1]:
        raise GrowthwatchError.of("at_age_days", at_age_days, f"an age from {ages[0]:g} to {ages[-1]:g} days")
    r = float(np.interp(age, ages, values))
    reason = f"Birth weight SDS {z:.2f}, regressed to the mean with a correlation of {r:.2f} ({age:g} days)"
    return reference.adjusted(
        shift=r * z,
        scale=math.sqrt(1 - r * r),
        because=reason if because is None else f"{because}. {reason}",
        by=by,
        review_by=review_by,
        signed_on=signed_on,
        specialist=specialist,
        measures="weight",
    )


def parental_size_baseline(
    reference: Reference,
    *,
    familial_z: float,
    because: str | None = None,
    by: str,
    review_by: dt.date,
    signed_on: dt.date | None = None,
    specialist: str | None = None,
    measures: str = "height",
) -> Reference:
    """Adjust height for the size of the family: the expected level regresses to the mean.

    Parameters
    ----------
    reference
        The reference to adjust.
    familial_z
        SDS of the family's height: that of one parent or sibling, or that of both parents'
        mean height among such means (the mean of two SDS over its own SD).
    because, by, review_by, signed_on, specialist, measures
        As for `Reference.adjusted`.

    References
    ----------
    Cole TJ. A simple chart to identify non-familial short stature. Arch Dis Child
    2000;82:173-6: the child is expected at ``r z`` with SD ``sqrt(1 - r²)``, r being 0.4, at
    2 to 9 years.  For other measures than height the correlation is not published there.
    """
    _reference(reference)
    z, r = one_number("familial_z", familial_z), limits().parental_size.correlation
    reason = f"Familial SDS {z:.2f}, regressed to the mean with a correlation of {r:.2f}"
    return reference.adjusted(
        shift=r * z,
        scale=math.sqrt(1 - r * r),
        because=reason if because is None else f"{because}. {reason}",
        by=by,
        review_by=review_by,
        signed_on=signed_on,
        specialist=specialist,
        measures=measures,
    )


# --- a table of centiles ----------------------------------------------------------------------------


@dataclass(frozen=True)
class FitPoint:
    """One published figure and what the fitted curve makes of it."""

    sex: str
    age_days: float
    centile: float
    published: float
    fitted: float
    error_z: float


@dataclass(frozen=True)
class CentileFit:
    """A reference fitted to a table of centiles, with the error of every point.

    Attributes
    ----------
    reference
        The reference.
    points
        Every published figure, what the curve gives, and the difference [SD].
    """

    reference: Reference
    points: tuple[FitPoint, ...]

    @property
    def worst(self) -> FitPoint:
        """The point with the greatest error."""
        return max(self.points, key=lambda p: abs(p.error_z))

    def __repr__(self) -> str:
        w = self.worst
        return (
            f"<CentileFit {self.reference.label}: {len(self.points)} points, greatest error {w.error_z:+.3f} SD "
            f"({w.sex}, {w.age_days:g} days, centile {w.centile:g}: {w.published:g} published, {w.fitted:.4g} fitted)>"
        )


def from_centiles(
    ages_days: Sequence[float],
    centiles: Sequence[float],
    values: Mapping[str, Sequence[Sequence[float | None]]],
    *,
    id: str,
    measure: str = "weight",
    rounding: float = 0.0,
    most_error_z: float | None = None,
    **metadata: Any,
) -> CentileFit:
    """Turn a published table of centiles into a reference, by fitting L, M and S at each age.

    Parameters
    ----------
    ages_days
        Ages of the rows, rising, from birth on [days].
    centiles
        Centiles of the columns, rising, between 0 and 100; at least three.
    values
        By sex (``male``, ``female``): a row an age, a figure a centile; None where none was
        published, at least three a row.
    id
        Id of the new reference.
    measure
        ``weight``, ``height``, ``head`` or ``bmi``.
    rounding
        Unit of the last printed digit: a figure within half of it is as good as exact.  It cannot
        be more than the least step from one centile to the next.
    most_error_z
        Greatest error of a point [SD]; that of ``adjustment-limits.toml`` if None.
    **metadata
        As for `growthwatch.references.interchange.make_reference`: ``title``, ``kind``,
        ``citation``, ``terms`` and ``population`` must be given.

    Returns
    -------
    CentileFit
        The reference, with the error of every point.  Between ages it is linear.

    Raises
    ------
    GrowthwatchError
        Naming the row where figures do not rise, or the point that no curve of this form meets.

    References
    ----------
    Cole TJ, Green PJ. Stat Med 1992;11:1305-19: ``z = ((y / M)**L - 1) / (L S)``.  At each age
    the squares of the errors of z are least.
    """
    ages, points = _numbers("ages_days", ages_days), _numbers("centiles", centiles)
    unit = one_number("rounding", rounding)
    if len(points) < 3 or any(not 0 < c < 100 for c in points) or any(b <= a for a, b in zip(points, points[1:])):  # noqa: B905, RUF007
        raise GrowthwatchError.of("centiles", centiles, "at least three, rising, between 0 and 100")
    if not ages or any(b <= a for a, b in zip(ages, ages[1:])):  # noqa: B905, RUF007
        raise GrowthwatchError.of("ages_days", ages_days, "ages, rising")
    if ages[0] < 0 and not set(metadata.get("corrections", ())) - {"none"}:
        raise GrowthwatchError.of("ages_days", ages[0], "ages from birth on, unless corrections= lets age be corrected")
    for a in ages:
        check_figure("ages_days", "age_days", a)
    limit = limits().fit.most_error_z if most_error_z is None else one_number("most_error_z", most_error_z)
    z = ndtri(np.array(points) / 100.0)
    rows: list[tuple[str, float, float, float, float]] = []
    found: list[FitPoint] = []
    if not isinstance(values, Mapping) or not values:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("values", values, "rows for at least one sex, by male or female")
    _check_rounding(unit, _least_step(values))
    for sex, table in values.items():
        if sex not in SEXES:
            raise GrowthwatchError.of("values", sex, "male or female")
        if not _is_list(table):
            raise GrowthwatchError.of(f"values: {sex}", table, "a list of rows, one an age")
        if len(table) != len(ages):
            raise GrowthwatchError.of(f"values: {sex}", f"{len(table)} rows", f"{len(ages)}, one an age")
        for age, row in zip(ages, table, strict=True):
            at = f"values: {sex}, {age:g} days"
            if not _is_list(row) or len(row) != len(points):
                raise GrowthwatchError.of(at, row, f"{len(points)} figures, one a centile")
            have = [k for k, v in enumerate(row) if v is not None and not (isinstance(v, float) and math.isnan(v))]
            y = np.array([one_number(at, row[k], "numbers, or None") for k in have])
            if y.size < 3 or y[0] <= 0 or bool((np.diff(y) <= 0).any()):
                raise GrowthwatchError.of(at, row, "at least three positive figures that rise with the centile")
            lms = _fit(y, z[have])
            fitted, error = _compare(y, z[have], lms)
            rows.append((sex, age, *lms))
            for k, v, f, e in zip(have, y.tolist(), fitted.tolist(), error.tolist(), strict=True):
                found.append(FitPoint(sex, age, points[k], v, f, e))
                if not (abs(e) <= limit or abs(f - v) <= unit / 2):
                    expected = f"an error of at most {limit:g} SD (here {e:+.3f}; the curve gives {f:.4g})"
                    raise GrowthwatchError.of(f"{at}, centile {points[k]:g}", v, expected)
    metadata.setdefault(
        "origin", f"Fitted to published centiles {', '.join(f'{c:g}' for c in points)}: L, M and S at each age"
    )
    check_arguments(id, metadata)
    return CentileFit(make_reference({measure: rows}, id=id, **metadata), tuple(found))


def _least_step(values: Mapping[str, Any]) -> float:
    """Least rise from one figure of a row to the next; infinite where there are no such figures."""
    steps = [math.inf]
    for table in values.values():
        for row in table if _is_list(table) else ():
            numbers: list[Any] = [v for v in row if isinstance(v, int | float | np.integer)] if _is_list(row) else []
            given = [float(v) for v in numbers if v == v]
            steps += [b - a for a, b in zip(given, given[1:]) if b > a]  # noqa: B905, RUF007
    return float(min(steps))


def _fit(y: Floats, z: Floats) -> tuple[float, float, float]:
    """L, M and S whose z of the figures are nearest to those of their centiles."""
    log = np.log(y)
    slope, middle = np.polyfit(z, log, 1)
    best: Any = None
    for power in (1.0, 0.0, -1.0, -2.0):

        def miss(p: Floats) -> Floats:
            scale = p[0] if abs(p[0]) > 1e-8 else 1e-8
            return np.expm1(scale * (log - p[1])) / (scale * math.exp(p[2])) - z

        done = least_squares(
            miss, [power, middle, math.log(slope)], bounds=([-8, -np.inf, -12], [8, np.inf, 2]), xtol=1e-14, ftol=1e-14
        )
        if best is None or done.cost < best.cost:
            best = done
    return float(best.x[0]), math.exp(float(best.x[1])), math.exp(float(best.x[2]))


def _compare(y: Floats, z: Floats, lms: tuple[float, float, float]) -> tuple[Floats, Floats]:
    curve = LMS()
    prepared = curve.prepare([np.full(y.shape, p) for p in lms])
    return curve.value(z, prepared, slice(None)), curve.z(y, prepared, slice(None)) - z
