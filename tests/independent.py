"""Z written a second time, from the definitions, to compare with: no growthwatch, no numpy.

Tables are read from the packaged CSV files.  Which table counts at which age is written
here again, from the publications, so that an error in the metadata shows too.
"""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "growthwatch" / "references" / "data"
YEAR = 365.25

Knot = tuple[float, float, float, float]


@cache
def tables(reference: str, measure: str) -> dict[tuple[str, str], list[Knot]]:
    """x, L, M, S of each table and sex."""
    out: dict[tuple[str, str], list[Knot]] = {}
    with (DATA / reference / f"{measure}.csv").open(newline="", encoding="utf-8") as f:
        for row in list(csv.reader(f))[1:]:
            x, power, median, spread = map(float, row[2:])
            out.setdefault((row[0], row[1]), []).append((x, power, median, spread))
    return out


def uk_who_table(measure: str, x: float) -> str:
    """The table that UK-WHO uses at an age; the older one at an exact boundary."""
    if x >= 4 * YEAR:
        return "uk90"
    if x < 14 and measure != "bmi":
        return "uk90-preterm"
    if measure in ("weight", "head"):
        return "who"
    return "who-standing" if x >= 2 * YEAR else "who-lying"


def lagrange(points: list[tuple[float, float]], x: float) -> float:
    """Lagrange's interpolating polynomial, from its definition."""
    total = 0.0
    for i, (xi, yi) in enumerate(points):
        term = yi
        for j, (xj, _) in enumerate(points):
            if j != i:
                term *= (x - xj) / (xi - xj)
        total += term
    return total


def interpolate(knots: list[Knot], x: float, how: str) -> tuple[float, float, float]:
    """L, M and S at x."""
    if how == "nearest-day":
        day = math.floor(x + 0.5)
        found = [k for k in knots if k[0] == day]
        return found[0][1:]
    for k in knots:
        if k[0] == x:
            return k[1:]
    right = next(i for i, k in enumerate(knots) if k[0] > x)
    cubic = how == "lagrange-4" and 2 <= right <= len(knots) - 2
    near = knots[right - 2 : right + 2] if cubic else knots[right - 1 : right + 1]
    a, b, c = (lagrange([(k[0], k[j]) for k in near], x) for j in (1, 2, 3))
    return a, b, c


def lms_value(lms: tuple[float, float, float], z: float) -> float:
    """Measurement at a z."""
    power, median, spread = lms
    return median * (1 + power * spread * z) ** (1 / power) if power else median * math.exp(spread * z)


def lms_z(lms: tuple[float, float, float], value: float, restricted: bool) -> float:
    """Z of a measurement, as Cole and Green wrote it, and as WHO restricted it beyond 3 SD."""
    power, median, spread = lms
    z = ((value / median) ** power - 1) / (power * spread) if power else math.log(value / median) / spread
    if restricted and z > 3:
        sd3, sd2 = lms_value(lms, 3), lms_value(lms, 2)
        return 3 + (value - sd3) / (sd3 - sd2)
    if restricted and z < -3:
        sd3, sd2 = lms_value(lms, -3), lms_value(lms, -2)
        return -3 + (value - sd3) / (sd2 - sd3)
    return z


def corrected(age: float, gestation: float | None, correction: str) -> float:
    """Age after correction: below 32 weeks until 2 years, 32 to 36 weeks until 1 year, or for life."""
    if gestation is None or correction == "none":
        return age
    from_term = age - (280 - gestation)
    if correction == "lifelong":
        return from_term
    if gestation < 32 * 7:
        return from_term if from_term < 2 * YEAR else age
    if gestation < 37 * 7:
        return from_term if from_term < YEAR else age
    return age


INTERPOLATION = {
    "uk-who": "lagrange-4",
    "trisomy-21-uk-2002": "lagrange-4",
    "cp-gmfcs-5-tube": "linear",
    "cp-gmfcs-5-oral": "linear",
    "who-2006": "nearest-day",
}


def parameters(reference: str, measure: str, sex: str, x: float) -> tuple[float, float, float]:
    """L, M and S that the reference uses at x."""
    table = uk_who_table(measure, x) if reference == "uk-who" else reference
    how = "linear" if measure.startswith("weight-for") else INTERPOLATION[reference]
    return interpolate(tables(reference, measure)[table, sex], x, how)


def z(reference: str, measure: str, sex: str, x: float, value: float) -> float:
    """Z of a measurement at an age (or length) that needs no further correction."""
    restricted = reference == "who-2006" and measure not in ("height", "head")
    return lms_z(parameters(reference, measure, sex, x), value, restricted)
