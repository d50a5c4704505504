"""Reading numeric columns: nothing is converted silently, missing stays missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.errors import GrowthwatchError

__all__ = ["as_array", "broadcast_shape", "missing", "numeric", "optional_words", "unmasked"]


def missing(value: object) -> bool:
    """Whether a single value means that nothing was given: None, NaN, NaT or pandas.NA."""
    if value is None:
        return True
    try:
        return not bool(value == value)
    except (TypeError, ValueError, ArithmeticError):  # pandas.NA has no truth value; a signalling NaN is not compared
        return True


def as_array(name: str, value: object) -> npt.NDArray[Any]:
    """Return `value` as an array, unconverted.

    Raises
    ------
    GrowthwatchError
        Where its rows differ in length.
    """
    try:
        return np.asarray(value)
    except ValueError:
        raise GrowthwatchError.of(name, value, "rows of equal length") from None


def unmasked(value: object) -> tuple[object, npt.NDArray[np.bool_] | None]:
    """Take a masked array apart into figures and mask; anything else is returned as it is, with None."""
    if not isinstance(value, np.ma.MaskedArray):
        return value, None
    masked = cast("np.ma.MaskedArray[Any, np.dtype[Any]]", value)
    return np.asarray(masked.data), np.ma.getmaskarray(masked)


def _object_number(name: str, value: object) -> float:
    shown: Any = value
    if value is None:
        return np.nan
    if isinstance(value, bool | np.bool_ | complex | np.complexfloating | str | bytes):
        raise GrowthwatchError.of(name, shown, "a number")
    if missing(value):
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
    held, mask = unmasked(value)
    if mask is not None:
        return np.where(mask, np.nan, numeric(name, held).astype(np.float64))
    array = as_array(name, value)
    kind = array.dtype.kind
    if kind == "f":
        if array.dtype == np.float64 and array.dtype.isnative:
            return array
        with np.errstate(over="ignore"):  # beyond what a float64 holds: infinite, and said to be so
            return array.astype(np.float64)
    if kind in "iu":
        if not array.dtype.isnative:
            array = array.astype(array.dtype.newbyteorder("="))
        return array if array.dtype.itemsize < 8 or kind == "i" else array.astype(np.float64)
    if kind == "O":
        if array.ndim == 0:
            return np.array(_object_number(name, array.item()))
        return np.array([_object_number(name, v) for v in array.ravel().tolist()], np.float64).reshape(array.shape)
    if array.size == 0:
        return np.empty(array.shape, np.float64)
    raise GrowthwatchError.of(name, value, "a number or an array of numbers")


def optional_words(name: str, value: object, allowed: Iterable[str]) -> npt.NDArray[Any] | None:
    """Return a column of words out of a closed list, None where it was not given at all.

    Missing words (None, NaN, pandas.NA) become None.
    """
    if value is None:
        return None
    choices = list(allowed)
    array = np.asarray(value, dtype=object)
    words = array.ravel().tolist()
    if any(not isinstance(w, str) for w in words):
        words = [None if missing(w) else str(w) for w in words]
    for v in set(words):
        if v is not None and v not in choices:
            raise GrowthwatchError.of(name, v, f"one of {choices}")
    out = np.empty(len(words), dtype=object)
    out[:] = words
    return out.reshape(array.shape)


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
