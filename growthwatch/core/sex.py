"""One place that reads a sex: words in any case, or integers with an explicit coding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from growthwatch.core.errors import GrowthwatchError

__all__ = ["FEMALE", "MALE", "MISSING_SEX", "SEXES", "UNKNOWN_SEX", "SexCoding", "sex_codes"]

SEXES: Final = ("male", "female")
MALE: Final = 0
FEMALE: Final = 1
MISSING_SEX: Final = 2
UNKNOWN_SEX: Final = 3

SexCoding = Mapping[Any, str]
"""For example ``{1: "male", 2: "female"}``."""

_EXPECTED = "'male', 'female', 'm' or 'f' in any case, or an explicit sex_coding such as {1: 'male', 2: 'female'}"
_WORDS = {"male": MALE, "m": MALE, "female": FEMALE, "f": FEMALE}


def _word(value: str) -> int:
    text = value.strip().lower()
    return _WORDS.get(text, UNKNOWN_SEX) if text else MISSING_SEX


def _check_coding(coding: SexCoding) -> dict[Any, int]:
    out: dict[Any, int] = {}
    for key, word in coding.items():
        code = _WORDS.get(word.strip().lower()) if isinstance(word, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if code is None:
            raise GrowthwatchError.of("sex_coding", dict(coding), "a mapping whose values are 'male' or 'female'")
        if isinstance(key, bool):
            raise GrowthwatchError.of("sex_coding", dict(coding), "keys that are integers or strings, not booleans")
        out[key] = code
    if not out:
        raise GrowthwatchError.of("sex_coding", dict(coding), "at least one code")
    return out


def _missing(value: object) -> bool:
    # NaN, NaT and pandas.NA are the values that do not equal themselves.
    if value is None:
        return True
    try:
        return not bool(value == value)
    except (TypeError, ValueError):
        return True


def _object_code(value: object, coding: dict[Any, int] | None) -> int:
    if _missing(value):
        return MISSING_SEX
    if coding is not None:
        try:
            if value in coding and not isinstance(value, bool | np.bool_):
                return coding[value]
        except TypeError:
            return UNKNOWN_SEX
    if isinstance(value, str):
        return _word(value) if coding is None else UNKNOWN_SEX
    if coding is None:
        raise GrowthwatchError.of("sex", value, _EXPECTED)
    return UNKNOWN_SEX


def _unicode_codes(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Read a fixed-width text column without touching a row from Python."""
    width = array.dtype.itemsize // 4
    if width == 0:
        return np.full(array.shape, MISSING_SEX, np.uint8)
    letters = np.ascontiguousarray(array).view(np.uint32).reshape(array.size, width)
    out = np.full(array.size, UNKNOWN_SEX, np.uint8)
    first = letters[:, 0] | 0x20
    for word, code in _WORDS.items():
        if len(word) > width:
            continue
        hit = first == ord(word[0])
        if len(word) < width:
            hit &= letters[:, len(word)] == 0
        for place in range(1, len(word)):
            hit &= (letters[:, place] | 0x20) == ord(word[place])
        out[hit] = code
    rest = np.flatnonzero(out == UNKNOWN_SEX)
    if rest.size:  # padded with spaces, empty, or really unknown: rare, and few distinct
        distinct, back = np.unique(array.ravel()[rest], return_inverse=True)
        out[rest] = np.array([_word(str(v)) for v in distinct], np.uint8)[back]
    return out.reshape(array.shape)


def sex_codes(sex: object, coding: SexCoding | None = None) -> npt.NDArray[np.uint8]:
    """Return 0 male, 1 female, 2 missing, 3 unknown, in the shape of `sex`.

    Parameters
    ----------
    sex
        A word, an integer, or an array of either.
    coding
        What integers (or other codes) mean; required for anything but words.

    Raises
    ------
    GrowthwatchError
        Where `sex` is not words and no coding was given: integers are never guessed.
    """
    table = None if coding is None else _check_coding(coding)
    if isinstance(sex, str) or sex is None:
        return np.array(_object_code(sex, table), np.uint8)
    array = np.asarray(sex)
    kind = array.dtype.kind
    if kind == "b":
        raise GrowthwatchError.of("sex", sex, _EXPECTED + "; booleans are not read")
    if kind == "T":
        array = array.astype("U")
        kind = "U"
    if kind == "U" and table is None:
        return _unicode_codes(array)
    if kind in "iu" and table is not None:
        # One look-up by byte where the codes are small, else by distinct value.
        if array.dtype.itemsize == 1:
            lut = np.full(256, UNKNOWN_SEX, np.uint8)
            bounds = np.iinfo(array.dtype)
            for key, code in table.items():
                if isinstance(key, int | np.integer) and bounds.min <= key <= bounds.max:
                    lut[int(key) & 0xFF] = code
            return lut.take(array.view(np.uint8))
        out = np.full(array.shape, UNKNOWN_SEX, np.uint8)
        for key, code in table.items():
            if isinstance(key, int | np.integer):
                out[array == key] = code
        return out
    if kind == "f":
        if table is None:
            if np.isnan(array).all():
                return np.full(array.shape, MISSING_SEX, np.uint8)
            raise GrowthwatchError.of("sex", sex, _EXPECTED)
        out = np.full(array.shape, UNKNOWN_SEX, np.uint8)
        for key, code in table.items():
            if isinstance(key, int | float | np.number):
                out[array == key] = code
        out[np.isnan(array)] = MISSING_SEX
        return out
    if kind in "OU":
        if array.ndim == 0:
            return np.array(_object_code(array.item(), table), np.uint8)
        codes = [_object_code(v, table) for v in array.ravel().tolist()]
        return np.array(codes, np.uint8).reshape(array.shape)
    raise GrowthwatchError.of("sex", sex, _EXPECTED)
