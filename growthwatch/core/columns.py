"""Reading columns: nothing is converted silently, missing stays missing."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.errors import GrowthwatchError

__all__ = [
    "Labels",
    "a_day",
    "as_array",
    "broadcast_shape",
    "flags",
    "instance",
    "is_number",
    "labels",
    "missing",
    "not_numbers",
    "numeric",
    "one_flag",
    "one_number",
    "one_of",
    "optional_words",
    "shortened",
    "unmasked",
]

_BLOCK = 65_536
_MOST_SPELLINGS = 16
_LONG_WORD = 256
_FEW = 5
_SHOWN = 40
_OBJECTS = {"pandas", "polars", "pyarrow"}

T = TypeVar("T")


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
        # Numpy would make every row as long as the longest word.
        return np.asarray(value, dtype=object) if _has_long_words(value) else np.asarray(value)
    except ValueError:
        raise GrowthwatchError.of(name, value, "rows of equal length") from None


def _has_long_words(value: object) -> bool:
    if not isinstance(value, list | tuple):
        return False
    return any(isinstance(v, str | bytes) and len(v) > _LONG_WORD for v in cast("Sequence[object]", value))


def unmasked(value: object) -> tuple[object, npt.NDArray[np.bool_] | None]:
    """Take a masked array apart into figures and mask; anything else is returned as it is, with None."""
    if not isinstance(value, np.ma.MaskedArray):
        return value, None
    masked = cast("np.ma.MaskedArray[Any, np.dtype[Any]]", value)
    held = np.asarray(masked.data)
    return held, (None if held.dtype.names else np.ma.getmaskarray(masked))  # records are not read at all


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
        return _object_numbers(name, array.ravel().tolist()).reshape(array.shape)
    if array.size == 0:
        return np.empty(array.shape, np.float64)
    if kind == "U" and array.ndim == 1 and isinstance(value, list | tuple):
        return _object_numbers(name, list(cast("Sequence[object]", value)))  # numpy made words of the numbers too
    raise GrowthwatchError.of(name, value, "a number or an array of numbers")


def _object_numbers(name: str, values: list[Any]) -> npt.NDArray[np.float64]:
    """Read numbers among Python objects; say which rows hold none, what they hold, and how many there are."""
    out = np.empty(len(values), np.float64)
    wrong: list[int] = []
    for row, value in enumerate(values):
        try:
            out[row] = _object_number(name, value)
        except GrowthwatchError:
            wrong.append(row)
    if wrong:
        raise not_numbers(name, [(row, values[row]) for row in wrong[:_MOST_SPELLINGS]], len(wrong), len(values))
    return out


def not_numbers(
    name: str, found: Sequence[tuple[int, object]], count: int, of: int, besides: str = ""
) -> GrowthwatchError:
    """Refuse a column in which some rows hold no number: how many, in which row the first stands, and what they say.

    Parameters
    ----------
    name
        What the column is.
    found
        Row, counted from 0, and value of some of them, the first first.
    count, of
        How many there are, of how many rows.
    besides
        What else there is to say of what would be right.
    """
    row, value = found[0]
    said = list(dict.fromkeys(shortened(v) for _, v in found))[:_FEW]
    more = ", ..." if count > len(found) or len(said) == _FEW else ""
    expected = f"a number in every row{besides}"
    return GrowthwatchError(
        f"{name}: got {', '.join(said)}{more} in {count} of {of} rows, the first in row {row} (counted from 0), "
        f"expected {expected}",
        field=name,
        value=value,
        expected=expected,
    )


def shortened(value: object) -> str:
    """A value as Python writes it, cut to one short line."""
    if isinstance(value, str | bytes) and len(value) > _LONG_WORD:
        value = value[:_LONG_WORD]
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


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


def is_number(value: object) -> bool:
    """Whether a value is one finite number: no boolean, no text, no column."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    try:
        return math.isfinite(float(value))  # pyright: ignore[reportUnknownArgumentType]
    except OverflowError:  # a whole number of hundreds of digits
        return False


def one_number(
    name: str, value: Any, expected: str = "a finite number", *, least: float = -math.inf, most: float = math.inf
) -> float:
    """Return an argument that must be one finite number, within bounds.

    Raises
    ------
    GrowthwatchError
        For anything else.  A number that is missing in a column is data; a missing argument is a wrong one.
    """
    if not is_number(value) or not least <= float(value) <= most:
        raise GrowthwatchError.of(name, value, expected)
    return float(value)


def one_flag(name: str, value: Any) -> bool:
    """Return an argument that must be true or false."""
    if not isinstance(value, bool | np.bool_):
        raise GrowthwatchError.of(name, value, "True or False")
    return bool(value)  # pyright: ignore[reportUnknownArgumentType]


def one_of(name: str, value: Any, choices: Sequence[str]) -> str:
    """Return an argument that must be one of some words."""
    if not isinstance(value, str) or value not in choices:
        raise GrowthwatchError.of(name, value, f"one of {list(choices)}")
    return value


def instance(name: str, value: Any, kind: type[T], expected: str) -> T:
    """Return an argument that must be of a type."""
    if not isinstance(value, kind):
        raise GrowthwatchError.of(name, value, expected)
    return value


def flags(name: str, value: Any, n: int) -> npt.NDArray[np.bool_]:
    """Return true or false for each of `n` rows, from one of them or from a column."""
    array = as_array(name, value)
    if array.shape == (0,):
        array = array.astype(np.bool_)
    if array.dtype.kind == "O" and all(isinstance(v, bool | np.bool_) for v in array.ravel().tolist()):
        array = array.astype(np.bool_)  # a column of pandas that may hold missing values, and holds none
    if array.dtype.kind != "b" or array.ndim > 1 or (array.ndim and array.size != n):
        raise GrowthwatchError.of(name, value, f"True or False, or a column of {n} of them")
    return np.broadcast_to(array, (n,))


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


class Labels(NamedTuple):
    """A column of few distinct values: the values, and which of them each row has.

    Attributes
    ----------
    codes
        Place in `values` of each row; of a missing row, any number (see `missing`) or -1.
    values
        The distinct values; one of them may itself mean missing.
    missing
        Rows without a value, where -1 does not say so.
    """

    codes: npt.NDArray[Any]
    values: list[Any]
    missing: npt.NDArray[np.bool_] | None

    def read(self, table: npt.NDArray[np.uint8], missing: int) -> npt.NDArray[np.uint8]:
        """Return ``table[i]`` for each row with the i-th value, and `missing` for rows without one."""
        full = np.append(table, np.uint8(missing))  # -1 finds the last
        codes = self.codes
        out = np.empty(codes.shape, np.uint8)
        for start in range(0, codes.size, _BLOCK):
            rows = slice(start, start + _BLOCK)
            full.take(codes[rows], out=out[rows], mode="wrap")
        if self.missing is not None:
            out[self.missing] = missing
        return out


def _by_spelling(series: Any) -> Labels | None:
    """Read text by comparing the whole column with each spelling in turn; None where there are too many."""
    n = len(series)
    values: list[Any] = []
    codes = np.full(n, 255, np.uint8)
    none = None
    if series.null_count():
        none = np.asarray(series.is_null().to_numpy(), np.bool_)
        codes[none] = 0
    while True:
        at = int(codes.argmax()) if n else 0
        if n == 0 or codes[at] != 255:
            return Labels(codes, values or [None], none)
        if len(values) == _MOST_SPELLINGS:
            return None
        word = series[at]
        same = series == word
        same = (same if none is None else same.fill_null(False)).to_numpy()
        # 255 becomes the place of the word; a row of another word keeps its figure
        codes -= np.multiply(np.asarray(same, np.bool_).view(np.uint8), np.uint8(255 - len(values)))
        if codes[at] == 255:  # a value that does not equal itself
            return None
        values.append(word)


def _of_arrow(native: Any) -> Labels:
    """Read dictionary-encoded Arrow data, whose chunks may each have a dictionary of their own."""
    chunks = list(native.chunks) if hasattr(native, "chunks") else [native]
    codes = np.empty(len(native), np.int32)
    none = np.zeros(len(native), np.bool_) if native.null_count else None
    values: list[Any] = []
    start = 0
    for chunk in chunks:
        rows = slice(start, start + len(chunk))
        if none is not None and chunk.null_count:
            none[rows] = chunk.is_null().to_numpy(zero_copy_only=False)
        part = chunk.indices.fill_null(0).to_numpy(zero_copy_only=False)
        np.add(part, len(values), out=codes[rows], casting="unsafe")
        values += chunk.dictionary.to_pylist()
        start = rows.stop
    return Labels(codes, values or [None], none)


def _of_categories(series: Any) -> Labels:
    """Read a categorical series by the codes that it holds; narwhals itself does not show them."""
    native: Any = series.to_native()
    if series.implementation.is_pandas():
        array: Any = native.array
        if not hasattr(array, "codes"):  # a dictionary of Arrow kept by pandas
            return _of_arrow(array.__arrow_array__())
        return Labels(np.asarray(array.codes), array.categories.tolist(), None)
    if series.implementation.is_polars():
        distinct = series.unique().drop_nulls()
        import narwhals.stable.v2 as nw

        words = distinct.cast(nw.String).to_list()
        physical = distinct.to_native().to_physical().to_list()
        none = np.asarray(series.is_null().to_numpy(), np.bool_) if series.null_count() else None
        held = native.to_physical()
        codes = np.asarray((held if none is None else held.fill_null(0)).to_numpy())
        if not physical:
            return Labels(np.zeros(len(series), np.uint8), [None], none)
        values: list[Any] = [None] * (max(physical) + 1)
        for place, word in zip(physical, words, strict=True):
            values[place] = word
        return Labels(codes, values, none)
    return _of_arrow(native)


def labels(value: Any) -> Labels | None:
    """Read a series of text or categories of pandas, polars or pyarrow by its distinct values.

    None for anything else: for numbers, Python objects, and all that is not such a series.
    """
    if type(value).__module__.partition(".")[0] not in _OBJECTS | {"narwhals"}:
        return None
    if hasattr(value, "categories") and hasattr(value, "codes") and not hasattr(value, "to_series"):
        return Labels(np.asarray(value.codes), value.categories.tolist(), None)  # pandas.Categorical
    import narwhals.stable.v2 as nw

    series = nw.from_native(value, allow_series=True, pass_through=True)
    if not isinstance(series, nw.Series):
        return None
    kind: Any = series.dtype
    if kind == nw.Categorical or kind == nw.Enum:
        return _of_categories(series)
    # pandas compares Python objects one by one, and slowly: they are not for this
    if kind != nw.String or str(getattr(cast("object", series.to_native()), "dtype", "")) == "object":
        return None
    found = _by_spelling(series)
    return _of_categories(series.cast(nw.Categorical)) if found is None else found


def a_day(argument: str, given: object) -> Any:
    """Return one day as ``datetime64[D]``, of a date or a date and time; NaT where it is missing."""
    if given is None or missing(given):
        return np.datetime64("NaT", "D")
    if isinstance(given, dt.datetime):
        return np.datetime64(given.date(), "D")
    if isinstance(given, dt.date):
        return np.datetime64(given, "D")
    if isinstance(given, np.datetime64):
        return given.astype("datetime64[D]")
    raise GrowthwatchError.of(argument, given, "a date; text is not read as dates")
