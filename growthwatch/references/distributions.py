"""Distributions: z from a value, a value from z, given parameters.

A distribution turns the columns of a table into *prepared* columns (done once a day of
age), and works on those.  Tail rules wrap a distribution and are part of the prepared
columns, so that a table lookup is all that a row costs.

LMS: Cole TJ, Green PJ. Smoothing reference centile curves: the LMS method and penalized
likelihood. Stat Med 1992;11:1305-19.  ``z = ((y / M)**L - 1) / (L S)``, and
``log(y / M) / S`` where L is 0.

Restricted beyond 3 SD: WHO Child Growth Standards: methods and development (2006),
chapter 7: ``z = 3 + (y - SD3) / (SD3 - SD2)`` above, and in mirror image below.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["LMS", "Distribution", "Floats", "RestrictedLMS", "distribution"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp] | slice

# Below this |L| the power is taken as this small: z moves by less than 1e-8, and the way
# back uses the same L, so that the round trip stays exact.
_SMALLEST_L = 1e-8


class Distribution(Protocol):
    """The small protocol that every distribution follows."""

    columns: tuple[str, ...]
    """Names of the columns of its table, after x."""

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


_DISTRIBUTIONS: dict[tuple[str, str], Distribution] = {
    ("lms", "none"): LMS(),
    ("lms", "restricted-3sd"): RestrictedLMS(),
}


def distribution(name: str, tail: str) -> Distribution:
    """Return the distribution of that name, wrapped in that tail rule."""
    return _DISTRIBUTIONS[name, tail]
