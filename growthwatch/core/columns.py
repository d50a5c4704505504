"""Reading numeric columns: nothing is converted silently, missing stays missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.errors import GrowthwatchError

__all__ = ["broadcast_shape", "numeric", "optional_words"]


def _object_number(name: str, value: object) -> float:
    if value is None:
        return np.nan
    if isinstance(value, bool | np.bool_ | complex | np.complexfloating | str | bytes):
        raise GrowthwatchError.of(name, value, "a number")
    try:
        if not bool(value == value):
            return np.nan
    except (TypeError, ValueError):  # pandas.NA has no truth value
        return np.nan
    try:
        return float(value)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError, OverflowError):
        raise GrowthwatchError.of(name, value, "a number") from None


def numeric(name: str, value: object) -> npt.NDArray[Any]:
    """Return `value` as an array of float64 or of integers, in its own shape; None becomes NaN.

    Raises
    ------
    GrowthwatchError
        For text, booleans, complex numbers and dates: they are never converted.
    """
    if value is None:
        return np.array(np.nan)
    array = np.asarray(value)
    kind = array.dtype.kind
    if kind == "f":
        return array if array.dtype == np.float64 else array.astype(np.float64)
    if kind in "iu":
        return array if array.dtype.itemsize < 8 or kind == "i" else array.astype(np.float64)
    if kind == "O":
        if array.ndim == 0:
            return np.array(_object_number(name, array.item()))
        return np.array([_object_number(name, v) for v in array.ravel().tolist()], np.float64).reshape(array.shape)
    if array.size == 0:
        return np.empty(array.shape, np.float64)
    raise GrowthwatchError.of(name, value, "a number or an array of numbers")


def optional_words(name: str, value: object, allowed: Iterable[str]) -> npt.NDArray[Any] | None:
    """Return a column of words out of a closed list, None where it was not given at all."""
    if value is None:
        return None
    choices = list(allowed)
    array = np.asarray(value, dtype=object)
    for v in {str(x) for x in array.ravel().tolist() if x is not None}:
        if v not in choices:
            raise GrowthwatchError.of(name, v, f"one of {choices}")
    return array


def broadcast_shape(**columns: npt.NDArray[Any] | None) -> tuple[int, ...]:
    """Return the common shape of the columns that are given.

    Raises
    ------
    GrowthwatchError
        Naming each column and its shape, where they do not fit together.
    """
    given = {k: v.shape for k, v in columns.items() if v is not None}
    try:
        return np.broadcast_shapes(*given.values())
    except ValueError:
        raise GrowthwatchError.of("shapes", given, "lengths that are equal, or single values") from None
