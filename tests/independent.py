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

Knot = tuple[float, ...]


@cache
def tables(reference: str, measure: str) -> dict[tuple[str, str], list[Knot]]:
    """x and the parameters (L, M, S, or others) of each table and sex."""
    out: dict[tuple[str, str], list[Knot]] = {}
    with (DATA / reference / f"{measure}.csv").open(newline="", encoding="utf-8") as f:
        for row in list(csv.reader(f))[1:]:
            out.setdefault((row[0], row[1]), []).append(tuple(map(float, row[2:])))
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


def interpolate(knots: list[Knot], x: float, how: str) -> tuple[float, ...]:
    """The parameters at x."""
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
    return tuple(lagrange([(k[0], k[j]) for k in near], x) for j in range(1, len(near[0])))


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


CUBIC = ("uk-who", "trisomy-21-uk-2002", "uk90", "turner-uk-1985")


def interpolation(reference: str, measure: str, table: str) -> str:
    """How the publication, or its official software, goes between its rows."""
    if reference == "intergrowth-newborn" or (table == "who-2006" and not measure.startswith("weight-for")):
        return "nearest-day"
    return "lagrange-4" if reference in CUBIC else "linear"


def table_at(reference: str, measure: str, x: float) -> str:
    """The table that a reference uses at an age."""
    if reference == "uk-who":
        return uk_who_table(measure, x)
    if reference == "who":
        if x < 1856.5 or measure not in ("weight", "height", "bmi", "arm"):
            return "who-2006"
        return "mramba-2017" if measure == "arm" else "who-2007"
    if reference == "cdc-2000" and measure == "height":
        return "cdc-stature" if x >= 2 * YEAR else "cdc-length"
    if reference == "trisomy-21-us-2015":
        return "infant" if measure == "weight-for-length" or (measure != "bmi" and x < 2 * YEAR) else "child"
    if reference == "intergrowth-newborn":
        return "newborn" if math.floor(x + 0.5) >= 33 * 7 - 280 else "very-preterm"
    return reference


def parameters(reference: str, measure: str, sex: str, x: float, only: str | None = None) -> tuple[float, ...]:
    """L, M and S (or whatever the table has) that the reference uses at x; `only`: the table of a birth."""
    table = only or table_at(reference, measure, x)
    return interpolate(tables(reference, measure)[table, sex], x, interpolation(reference, measure, table))


def preterm(measure: str, sex: str, x: float) -> tuple[float, float]:
    """Mean and SD of INTERGROWTH's preterm standards (weight and length: of the logarithm), from the publication."""
    boy = 1 if sex == "male" else 0
    if measure == "weight-for-length":
        d = x / 10
        if boy:
            return 13.98383 + 203.5677 / d**2 - 291.114 * math.log(d) / d**2, math.exp(-1.830098 + 0.0049708 * d**3)
        return (
            50.32492 + 140.8019 / d - 167.906 / math.sqrt(d),
            0.2195888 - 0.0046046 * d**3 + 0.0033017 * d**3 * math.log(d),
        )
    w = (x + 280) / 7
    if measure == "weight":
        return (
            2.591277 - 0.01155 * math.sqrt(w) - 2201.705 / w**2 + 0.0911639 * boy,
            0.1470258 + 505.92394 / w**2 - 140.0576 * math.log(w) / w**2,
        )
    if measure == "height":
        return (
            4.136244 - 547.0018 / w**2 + 0.0026066 * w + 0.0314961 * boy,
            0.050489 + 310.44761 / w**2 - 90.0742 * math.log(w) / w**2,
        )
    return 55.53617 - 852.0059 / w + 0.7957903 * boy, 3.0582292 + 3910.05 / w**2 - 180.5625 / w


def t_upper(x: float, freedom: float) -> float:
    """Student's t beyond a positive x: the density summed by Simpson's rule over the angle of x."""
    if math.isinf(freedom):
        return 0.5 * math.erfc(x / math.sqrt(2))
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    start, end, steps = math.atan(x / math.sqrt(freedom)), math.pi / 2, 2000
    h = (end - start) / steps
    f = [math.cos(start + i * h) ** (freedom - 1) for i in range(steps + 1)]
    return scale * h / 3 * (f[0] + f[-1] + 4 * sum(f[1:-1:2]) + 2 * sum(f[2:-1:2]))


def skew_t_z(p: tuple[float, ...], value: float) -> float:
    """Z in the skew t, type 3, from its definition."""
    log, mu, sigma, nu, tau = p
    off = ((math.log(value) if log else value) - mu) / sigma
    if math.isinf(tau):
        return off
    share = 2 / (1 + nu**2)
    if off < 0:
        under = share * t_upper(-off * nu, tau)
        return -z_beyond(under) if under < 0.5 else z_beyond(1 - under)
    over = share * nu**2 * t_upper(off / nu, tau)
    return z_beyond(over) if over < 0.5 else -z_beyond(1 - over)


def z_beyond(tail: float) -> float:
    """The z with this much of the normal distribution beyond it, by bisection."""
    low, high = -40.0, 40.0
    for _ in range(200):
        mid = (low + high) / 2
        low, high = (mid, high) if 0.5 * math.erfc(mid / math.sqrt(2)) > tail else (low, mid)
    return (low + high) / 2


def half_normal_z(p: tuple[float, ...], value: float) -> float:
    """CDC's extended BMI: above the 95th centile, 90 + 10 times the centile of a half-normal."""
    lms = (p[0], p[1], p[2])
    plain = lms_z(lms, value, restricted=False)
    z95 = z_beyond(0.05)
    if plain <= z95:
        return plain
    beyond = (value - lms_value(lms, z95)) / p[3]
    return z_beyond(0.1 * 0.5 * math.erfc(beyond / math.sqrt(2)))


def z(reference: str, measure: str, sex: str, x: float, value: float, only: str | None = None) -> float:
    """Z of a measurement at an age (or length) that needs no further correction."""
    if reference == "intergrowth-preterm":
        mu, sigma = preterm(measure, sex, x)
        return ((math.log(value) if measure in ("weight", "height") else value) - mu) / sigma
    p = parameters(reference, measure, sex, x, only)
    if reference == "intergrowth-newborn":
        return skew_t_z(p, value)
    if reference == "cdc-2000" and measure == "bmi":
        return half_normal_z(p, value)
    restricted = reference in ("who", "who-2006", "who-2007") and measure not in ("height", "head")
    restricted = restricted and not (measure == "arm" and x >= 1856.5)
    return lms_z((p[0], p[1], p[2]), value, restricted)
