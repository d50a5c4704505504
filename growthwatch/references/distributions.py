"""Distributions: z from a value, a value from z, given parameters.

A distribution turns the columns of a table into *prepared* columns (done once a day of
age), and works on those.  Tail rules wrap a distribution and are part of the prepared
columns, so that a table lookup is all that a row costs.

LMS: Cole TJ, Green PJ. Smoothing reference centile curves: the LMS method and penalized
likelihood. Stat Med 1992;11:1305-19.  ``z = ((y / M)**L - 1) / (L S)``, and
``log(y / M) / S`` where L is 0.

Restricted beyond 3 SD: WHO Child Growth Standards: methods and development (2006),
chapter 7: ``z = 3 + (y - SD3) / (SD3 - SD2)`` above, and in mirror image below.

Half-normal above the 95th centile: Wei R, Ogden CL, Parsons VL, Freedman DS, Hales CM. Ann
Hum Biol 2020;47:514-21 (CDC 2022, extended BMI): above the 95th centile P95 of the LMS, the
centile is ``90 + 10 Phi((y - P95) / sigma)``.

Skew t, type 3: Fernandez C, Steel MFJ. J Am Stat Assoc 1998;93:359-71, as INTERGROWTH-21st
uses it: a t distribution of tau degrees of freedom, whose scale is sigma / nu below mu and
sigma nu above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from growthwatch.core.errors import GrowthwatchError
from growthwatch.references.special import Floats, gammaln, log_ndtr, ndtr, ndtri, ndtri_exp, stdtr, stdtrit

__all__ = [
    "LMS",
    "Distribution",
    "Floats",
    "HalfNormalLMS",
    "LogNormal",
    "Normal",
    "PartlyRestrictedLMS",
    "RestrictedLMS",
    "ShiftedLMS",
    "SkewT",
    "distribution",
]

Rows = npt.NDArray[np.intp] | slice

# Below this |L| the power is taken as this small: z moves by less than 1e-8, and the way
# back uses the same L, so that the round trip stays exact.
_SMALLEST_L = 1e-8

_Z95 = 1.6448536269514722
_LOG_HALF, _LOG_10 = -0.6931471805599453, 2.302585092994046


class Distribution(Protocol):
    """The small protocol that every distribution follows."""

    columns: tuple[str, ...]
    """Names of the columns of its table, after x."""

    positive: tuple[str, ...]
    """Those of them that must be positive."""

    def prepare(self, parameters: Sequence[Floats]) -> tuple[Floats, ...]:
        """Turn table columns into prepared columns of the same length."""
        ...

    def z(
        self,
        value: Floats,
        prepared: Sequence[Floats],
        rows: Rows,
        out: Floats | None = None,
        work: Floats | None = None,
    ) -> Floats:
        """Z of `value`, whose i-th element uses row ``rows[i]`` of the prepared columns.

        The result is written to `out`, and `work` is overwritten, where they are given.
        """
        ...

    def value(self, z: Floats, prepared: Sequence[Floats], rows: Rows) -> Floats:
        """Value at `z`; NaN where the distribution has none there."""
        ...


def _pick(column: Floats, rows: Rows, work: Floats | None = None) -> Floats:
    if isinstance(rows, slice):
        return column[rows]
    return column.take(rows, out=work, mode="clip")  # rows are within the column; "clip" spares a copy


def _sides(
    prepared: Sequence[Floats], rows: Rows, far: npt.NDArray[np.intp], above: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Value at 3 SD and 1 / (SD3 - SD2) of the rows `far`, on the side that each lies on."""
    which = far if isinstance(rows, slice) else rows[far]
    edge: Floats = np.where(above, prepared[3].take(which), prepared[5].take(which))
    step: Floats = np.where(above, prepared[4].take(which), prepared[6].take(which))
    return edge, step


class LMS:
    """Box-Cox normal (Cole and Green), without any tail rule."""

    columns: tuple[str, ...] = ("L", "M", "S")
    positive: tuple[str, ...] = ("M", "S")

    def prepare(self, parameters: Sequence[Floats]) -> tuple[Floats, ...]:
        """Return L, log M and 1 / (L S)."""
        power, median, spread = parameters
        power = np.where(np.abs(power) < _SMALLEST_L, np.where(power < 0, -_SMALLEST_L, _SMALLEST_L), power)
        return power, np.log(median), 1.0 / (power * spread)

    def z(
        self,
        value: Floats,
        prepared: Sequence[Floats],
        rows: Rows,
        out: Floats | None = None,
        work: Floats | None = None,
    ) -> Floats:
        """Z of positive `value`; infinite where it is beyond what a float can hold."""
        out = np.log(value, out=out)
        out -= _pick(prepared[1], rows, work)
        out *= _pick(prepared[0], rows, work)
        with np.errstate(over="ignore"):
            np.expm1(out, out=out)
            out *= _pick(prepared[2], rows, work)
        return out

    def value(self, z: Floats, prepared: Sequence[Floats], rows: Rows) -> Floats:
        """Value at `z`; NaN where 1 + L S z is not positive, or the value is beyond what a float can hold."""
        power = _pick(prepared[0], rows)
        with np.errstate(over="ignore"):
            inside = z / _pick(prepared[2], rows)
            inside = np.where(inside > -1.0, inside, np.nan)
            out = np.exp(np.log1p(inside) / power + _pick(prepared[1], rows))
        return np.where((out > 0) & (out < np.inf), out, np.nan)


class RestrictedLMS(LMS):
    """LMS to 3 SD; beyond, linear in the distance between 2 and 3 SD (WHO)."""

    def prepare(self, parameters: Sequence[Floats]) -> tuple[Floats, ...]:
        """Return the columns of LMS, then SD3 and 1 / (SD3 - SD2), above and below."""
        plain = super().prepare(parameters)
        at = [LMS.value(self, np.full(plain[0].shape, k), plain, slice(None)) for k in (3.0, 2.0, -3.0, -2.0)]
        return *plain, at[0], 1.0 / (at[0] - at[1]), at[2], 1.0 / (at[3] - at[2])

    def z(
        self,
        value: Floats,
        prepared: Sequence[Floats],
        rows: Rows,
        out: Floats | None = None,
        work: Floats | None = None,
    ) -> Floats:
        """Z of positive `value`."""
        out = super().z(value, prepared, rows, out, work)
        far = np.flatnonzero(np.abs(out, out=work) > 3.0)
        if far.size:
            above = out[far] > 3.0
            edge, step = _sides(prepared, rows, far, above)
            with np.errstate(over="ignore"):
                out[far] = np.where(above, 3.0, -3.0) + (value[far] - edge) * step
        return out

    def value(self, z: Floats, prepared: Sequence[Floats], rows: Rows) -> Floats:
        """Value at `z`; NaN where the straight line below -3 SD would be zero or negative."""
        out = super().value(np.clip(z, -3.0, 3.0), prepared, rows)
        far = np.flatnonzero(np.abs(z) > 3.0)
        if far.size:
            above = z[far] > 3.0
            edge, step = _sides(prepared, rows, far, above)
            with np.errstate(over="ignore"):
                line = edge + (z[far] - np.where(above, 3.0, -3.0)) / step
            out[far] = np.where((line > 0) & (line < np.inf), line, np.nan)
        return out


class PartlyRestrictedLMS(RestrictedLMS):
    """LMS with WHO's tails where a table has them (``restricted`` is 1), and plain where it has none (0)."""

    columns: tuple[str, ...] = ("L", "M", "S", "restricted")

    def prepare(self, parameters: Sequence[Floats]) -> tuple[Floats, ...]:
        """Return the columns of restricted LMS; the slopes of its tails are NaN where there are no tails."""
        *plain, upper, above, lower, below = super().prepare(parameters[:3])
        where = np.where(parameters[3] == 1.0, 1.0, np.nan)
        return *plain, upper, above * where, lower, below * where

    def z(
        self,
        value: Floats,
        prepared: Sequence[Floats],
        rows: Rows,
        out: Floats | None = None,
        work: Floats | None = None,
    ) -> Floats:
        """Z of positive `value`."""
        out = LMS.z(self, value, prepared, rows, out, work)
        far = np.flatnonzero(np.abs(out, out=work) > 3.0)
        if far.size:
            above = out[far] > 3.0
            edge, step = _sides(prepared, rows, far, above)
            with np.errstate(over="ignore"):
                line = np.where(above, 3.0, -3.0) + (value[far] - edge) * step
            out[far] = np.where(np.isnan(step), out[far], line)
        return out

    def value(self, z: Floats, prepared: Sequence[Floats], rows: Rows) -> Floats:
        """Value at `z`; NaN where the distribution has none."""
        out = super().value(z, prepared, rows)
        far = np.flatnonzero(np.abs(z) > 3.0)
        if far.size:
            _, step = _sides(prepared, rows, far, z[far] > 3.0)
            plain = LMS.value(self, z, prepared, rows)
            out[far] = np.where(np.isnan(step), plain[far], out[far])
        return out


class HalfNormalLMS(LMS):
    """LMS to the 95th centile; above it, the upper half of a normal distribution (CDC, extended BMI)."""

    columns: tuple[str, ...] = ("L", "M", "S", "sigma")
    positive: tuple[str, ...] = ("M", "S", "sigma")

    def prepare(self, parameters: Sequence[Floats]) -> tuple[Floats, ...]:
        """Return the columns of LMS, then the 95th centile and sigma."""
        plain = super().prepare(parameters[:3])
        edge = LMS.value(self, np.full(plain[0].shape, _Z95), plain, slice(None))
        return *plain, edge, parameters[3]

    def z(
        self,
        value: Floats,
        prepared: Sequence[Floats],
        rows: Rows,
        out: Floats | None = None,
        work: Floats | None = None,
    ) -> Floats:
        """Z of positive `value`."""
        out = super().z(value, prepared, rows, out, work)
        far = np.flatnonzero(out > _Z95)
        if far.size:
            which = far if isinstance(rows, slice) else rows[far]
            beyond = (value[far] - prepared[3].take(which)) / prepared[4].take(which)
            # The upper tail is a tenth of that of the half-normal; in logarithms, it never runs out of digits.
            out[far] = -ndtri_exp(np.minimum(log_ndtr(-np.maximum(beyond, 0.0)), _LOG_HALF) - _LOG_10)
        return out

    def value(self, z: Floats, prepared: Sequence[Floats], rows: Rows) -> Floats:
        """Value at `z`; NaN where the distribution has none."""
        out = super().value(np.minimum(z, _Z95), prepared, rows)
        far = np.flatnonzero(z > _Z95)
        if far.size:
            which = far if isinstance(rows, slice) else rows[far]
            tail = np.minimum(log_ndtr(-z[far]) + _LOG_10, _LOG_HALF)
            line = prepared[3].take(which) - prepared[4].take(which) * np.minimum(ndtri_exp(tail), 0.0)
            out[far] = np.where(line < np.inf, line, np.nan)
        return out


class ShiftedLMS(LMS):
    """LMS of an increment after a constant is added, so that losses too have a place (WHO velocity)."""

    columns: tuple[str, ...] = ("L", "M", "S", "delta")

    def prepare(self, parameters: Sequence[Floats]) -> tuple[Floats, ...]:
        """Return the columns of LMS, then delta."""
        return *super().prepare(parameters[:3]), parameters[3]

    def z(
        self,
        value: Floats,
        prepared: Sequence[Floats],
        rows: Rows,
        out: Floats | None = None,
        work: Floats | None = None,
    ) -> Floats:
        """Z of an increment; NaN where increment and delta together are not positive."""
        shifted = value + _pick(prepared[3], rows)
        return super().z(np.where(shifted > 0, shifted, np.nan), prepared, rows, out, work)

    def value(self, z: Floats, prepared: Sequence[Floats], rows: Rows) -> Floats:
        """Increment at `z`, which may be a loss; NaN where there is none."""
        return super().value(z, prepared, rows) - _pick(prepared[3], rows)


class Normal:
    """Normal, by mean and standard deviation."""

    columns: tuple[str, ...] = ("mu", "sigma")
    positive: tuple[str, ...] = ("sigma",)

    def prepare(self, parameters: Sequence[Floats]) -> tuple[Floats, ...]:
        """Return mu and sigma."""
        return tuple(parameters)

    def z(
        self,
        value: Floats,
        prepared: Sequence[Floats],
        rows: Rows,
        out: Floats | None = None,
        work: Floats | None = None,
    ) -> Floats:
        """Z of `value`."""
        out = np.subtract(value, _pick(prepared[0], rows, work), out=out)
        out /= _pick(prepared[1], rows, work)
        return out

    def value(self, z: Floats, prepared: Sequence[Floats], rows: Rows) -> Floats:
        """Value at `z`; NaN where that is not positive."""
        return _positive(_pick(prepared[0], rows) + z * _pick(prepared[1], rows))


class LogNormal(Normal):
    """Normal on the natural logarithm, by mean and standard deviation of the logarithm."""

    def z(
        self,
        value: Floats,
        prepared: Sequence[Floats],
        rows: Rows,
        out: Floats | None = None,
        work: Floats | None = None,
    ) -> Floats:
        """Z of positive `value`."""
        return super().z(np.log(value), prepared, rows, out, work)

    def value(self, z: Floats, prepared: Sequence[Floats], rows: Rows) -> Floats:
        """Value at `z`; NaN where it is beyond what a float can hold."""
        with np.errstate(over="ignore"):
            return _positive(np.exp(_pick(prepared[0], rows) + z * _pick(prepared[1], rows)))


class SkewT:
    """Skew t, type 3, of the value or (``log`` 1) of its natural logarithm.

    With nu 1 and an infinite tau it is the normal distribution, so that one table can go from
    one to the other.
    """

    columns: tuple[str, ...] = ("log", "mu", "sigma", "nu", "tau")
    positive: tuple[str, ...] = ("sigma", "nu", "tau")

    def prepare(self, parameters: Sequence[Floats]) -> tuple[Floats, ...]:
        """Return the parameters as they are."""
        return tuple(parameters)

    def z(
        self,
        value: Floats,
        prepared: Sequence[Floats],
        rows: Rows,
        out: Floats | None = None,
        work: Floats | None = None,
    ) -> Floats:
        """Z of positive `value`."""
        logs, mu, sigma, nu, tau = (_pick(c, rows) for c in prepared)
        off = (np.where(logs > 0, np.log(value), value) - mu) / sigma
        square = nu * nu
        below = off < 0
        with np.errstate(invalid="ignore", divide="ignore"):
            # Always the smaller tail, so that no digits are lost.
            tail = 2.0 / (1.0 + square) * np.where(below, 1.0, square)
            tail *= _t_lower(tau, np.where(below, off * nu, -off / nu))
            under = np.where(below, tail, 1.0 - tail)
            made = np.where(under < 0.5, ndtri(under), -ndtri(np.where(below, 1.0 - tail, tail)))
        made = np.where(np.isinf(tau) & (nu == 1.0), off, made)
        if out is None:
            return made
        out[...] = made
        return out

    def value(self, z: Floats, prepared: Sequence[Floats], rows: Rows) -> Floats:
        """Value at `z`; NaN where that is not positive."""
        logs, mu, sigma, nu, tau = (_pick(c, rows) for c in prepared)
        square = nu * nu
        with np.errstate(invalid="ignore", over="ignore"):
            below = ndtr(z) < 1.0 / (1.0 + square)
            half = np.where(below, ndtr(z), ndtr(-z) / square) * (1.0 + square) / 2.0
            far = _t_lower_inverse(tau, np.minimum(half, 0.5))
            off = np.where(below, far / nu, -far * nu)
            off = np.where(np.isinf(tau) & (nu == 1.0), z, off)
            made = mu + sigma * off
            made = np.where(logs > 0, np.exp(made), made)
        return _positive(made)


def _t_lower(freedom: Floats, x: Floats) -> Floats:
    """Student's t to the left of x; normal where the freedom is infinite."""
    endless = np.isinf(freedom)
    return np.where(endless, ndtr(x), stdtr(np.where(endless, 1.0, freedom), x))


def _t_lower_inverse(freedom: Floats, p: Floats) -> Floats:
    """Inverse of `_t_lower`, made exact by two of Newton's steps."""
    endless = np.isinf(freedom)
    tau = np.where(endless, 1.0, freedom)
    x = stdtrit(tau, p)
    scale = np.exp(gammaln((tau + 1.0) / 2.0) - gammaln(tau / 2.0)) / np.sqrt(tau * np.pi)
    for _ in range(2):
        step = (stdtr(tau, x) - p) / (scale * (1.0 + x * x / tau) ** (-(tau + 1.0) / 2.0))
        x = x - np.where(np.isfinite(step), step, 0.0)
    return np.where(endless, ndtri(p), x)


def _positive(value: Floats) -> Floats:
    return np.where((value > 0) & (value < np.inf), value, np.nan)


_DISTRIBUTIONS: dict[tuple[str, str], Distribution] = {
    ("lms", "none"): LMS(),
    ("lms", "restricted-3sd"): RestrictedLMS(),
    ("lms", "half-normal-95"): HalfNormalLMS(),
    ("lms-shifted", "none"): ShiftedLMS(),
    ("normal", "none"): Normal(),
    ("log-normal", "none"): LogNormal(),
    ("skew-t", "none"): SkewT(),
}


def distribution(name: str, tail: str) -> Distribution:
    """Return the distribution of that name, wrapped in that tail rule.

    Raises
    ------
    GrowthwatchError
        If the tail rule does not belong to the distribution.
    """
    found = _DISTRIBUTIONS.get((name, tail))
    if found is None:
        fitting = [t for n, t in _DISTRIBUTIONS if n == name]
        raise GrowthwatchError.of("tail", tail, f"one of {fitting} for distribution {name!r}")
    return found
