"""Special functions, loaded when the first of them is needed.

To load ``scipy.special`` takes as long as everything else that a process needs to know a
reference; one that only looks a reference up, or a record over, never needs it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "gammaln", "log_ndtr", "ndtr", "ndtri", "ndtri_exp", "stdtr", "stdtrit"]

Floats = npt.NDArray[np.float64]


@cache
def _scipy() -> Any:
    import scipy.special  # pyright: ignore[reportMissingTypeStubs]

    return scipy.special


def ndtr(z: Floats) -> Floats:
    """Normal distribution to the left of z."""
    return _scipy().ndtr(z)


def ndtri(p: Floats) -> Floats:
    """Z of a share of the normal distribution."""
    return _scipy().ndtri(p)


def log_ndtr(z: Floats) -> Floats:
    """Logarithm of `ndtr`."""
    return _scipy().log_ndtr(z)


def ndtri_exp(log_p: Floats) -> Floats:
    """Z of a share given by its logarithm."""
    return _scipy().ndtri_exp(log_p)


def stdtr(freedom: Floats, t: Floats) -> Floats:
    """Student's distribution to the left of t."""
    return _scipy().stdtr(freedom, t)


def stdtrit(freedom: Floats, p: Floats) -> Floats:
    """Inverse of `stdtr`."""
    return _scipy().stdtrit(freedom, p)


def gammaln(x: Floats) -> Floats:
    """Logarithm of the gamma function."""
    return _scipy().gammaln(x)
