"""The normal distribution function, as centiles, for columns.

Taylor's series of the third order about the nearest point of a grid of 1024 points a
standard deviation, for the lower half; the upper half is its mirror image.  Next to the
point, at distance d, it leaves out less than ``d**4 / 24 * 0.56``, which is 1.4e-15
(1.4e-13 of a centile); the grid itself comes from the error function of the C library.
It is about twice as fast as evaluating the error function row by row, rises wherever z
rises, and gives exactly 50 at 0.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = ["Buffers", "centiles"]

Floats = npt.NDArray[np.float64]

_POINTS = 1024  # a standard deviation
_LEAST = -38  # below: less than a float holds


class Buffers:
    """Working memory for columns up to a length, used again for the next."""

    def __init__(self, size: int):
        self.rows = np.empty(size, np.intp)
        self.nearest = np.empty(size)
        self.distance = np.empty(size)
        self.sum = np.empty(size)


@cache
def _grid() -> tuple[Floats, Floats]:
    """Centile, and its slope, at each point."""
    x = np.arange(_LEAST * _POINTS, 1) / _POINTS
    half = np.array([50.0 * math.erfc(v) for v in (x / -math.sqrt(2.0)).tolist()])
    slope = np.exp(x * x / -2.0) * (100.0 / math.sqrt(2.0 * math.pi))
    return half, slope


def centiles(z: Floats, out: Floats, buffers: Buffers) -> None:
    """Write the centile of each `z` [SD] to `out` [0 to 100]; NaN stays NaN."""
    at, slope = _grid()
    n = z.size
    rows, x, d, total = buffers.rows[:n], buffers.nearest[:n], buffers.distance[:n], buffers.sum[:n]
    np.copysign(z, -1.0, out=d)
    np.maximum(d, float(_LEAST), out=d)
    np.multiply(d, float(_POINTS), out=x)
    np.rint(x, out=x)
    with np.errstate(invalid="ignore"):  # NaN has no row; it is multiplied in again below
        np.copyto(rows, x, casting="unsafe")
    rows -= _LEAST * _POINTS
    x *= 1.0 / _POINTS
    d -= x
    # at + slope * d * (1 + d * ((x * x - 1) * d / 6 - x / 2))
    np.multiply(x, x, out=total)
    total -= 1.0
    total *= d
    total *= 1.0 / 6.0
    x *= 0.5
    total -= x
    total *= d
    total += 1.0
    total *= d
    slope.take(rows, out=x, mode="clip")
    total *= x
    at.take(rows, out=out, mode="clip")
    out += total
    np.copysign(50.0, z, out=x)
    x += 50.0
    np.subtract(x, out, out=out)
    np.abs(out, out=out)
