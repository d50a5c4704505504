"""One place that reads a sex: words in any case, or integers with an explicit coding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import as_array, labels, missing, unmasked
from growthwatch.core.errors import GrowthwatchError

__all__ = ["FEMALE", "MALE", "MISSING_SEX", "SEXES", "UNKNOWN_SEX", "ReadSex", "SexCoding", "sex_codes"]

SEXES: Final = ("male", "female")
MALE: Final = 0
FEMALE: Final = 1
MISSING_SEX: Final = 2
UNKNOWN_SEX: Final = 3

SexCoding = Mapping[Any, str]
"""For example ``{1: "male", 2: "female"}``."""


class ReadSex(NamedTuple):
    """Sex that has been read already, as `sex_codes` returns it: it is not read again."""

    codes: npt.NDArray[np.uint8]


_BLOCK = 16_384
_MOST_SPELLINGS = 32

_EXPECTED = (
    "'male', 'female', 'boy', 'girl', 'm' or 'f' in any case, "
    "or an explicit sex_coding such as {1: 'male', 2: 'female'}"
)
_WORDS = {"male": MALE, "m": MALE, "boy": MALE, "female": FEMALE, "f": FEMALE, "girl": FEMALE}


def _folded(value: str) -> str:
    """A word as it is compared: without the spaces around it, in any case."""
    return value.strip().lower()


def _word(value: str) -> int:
    text = _folded(value)
    return _WORDS.get(text, UNKNOWN_SEX) if text else MISSING_SEX


class _Coding(dict[Any, int]):
    """A coding that has been checked; of text, whatever its case and the spaces around it.

    `words` says whether plain words are read beside it; `given` is the coding as the caller wrote it.
    """

    words = True
    given: Mapping[Any, Any]


def _check_coding(coding: SexCoding) -> _Coding:
    out = _Coding()
    if not isinstance(coding, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("sex_coding", coding, "a mapping such as {1: 'male', 2: 'female'}")
    for key, word in coding.items():
        code = _WORDS.get(word.strip().lower()) if isinstance(word, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if code is None:
            raise GrowthwatchError.of("sex_coding", dict(coding), "a mapping whose values are 'male' or 'female'")
        if isinstance(key, bool | np.bool_):
            raise GrowthwatchError.of("sex_coding", dict(coding), "keys that are integers or strings, not booleans")
        kept: Any = _folded(key) if isinstance(key, str) else key
        if out.setdefault(kept, code) != code:
            raise GrowthwatchError.of("sex_coding", dict(coding), f"one meaning for {key!r}, in whatever case")
    out.given = dict(coding)
    out.words = not any(isinstance(key, str) and key.strip().lower() in _WORDS for key in out)
    if not out:
        raise GrowthwatchError.of("sex_coding", dict(coding), "at least one code")
    return out


def _whole_keys(coding: dict[Any, int]) -> dict[int, int]:
    """Return the codes that are whole numbers, as Python integers."""
    out: dict[int, int] = {}
    for key, code in coding.items():
        number: Any = key
        if isinstance(key, int | float | np.integer | np.floating) and float(number).is_integer():
            out[int(number)] = code
    return out


def _object_code(value: object, coding: _Coding | None) -> int:
    shown: Any = value
    if missing(value):
        return MISSING_SEX
    if coding is not None:
        try:
            code = coding.get(_folded(value) if isinstance(value, str) else value)
            if code is not None and not isinstance(value, bool | np.bool_):
                return code
        except TypeError:
            return UNKNOWN_SEX
    if isinstance(value, str):
        return _word(value) if coding is None or coding.words else UNKNOWN_SEX
    if coding is None:
        raise GrowthwatchError.of("sex", shown, _EXPECTED)
    return UNKNOWN_SEX


def _unicode_by_letter(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Read a column of fixed-width text by its distinct spellings: for text that is not plain ASCII."""
    distinct, back = np.unique(array.ravel(), return_inverse=True)
    return np.array([_word(str(v)) for v in distinct], np.uint8)[back.ravel()].reshape(array.shape)


def _unicode_codes(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Read a column of fixed-width text without touching a row from Python.

    Numpy keeps four bytes a letter.  Of ASCII letters only seven bits are used, so that eight of
    them are packed into one integer without loss; each distinct spelling is then read once, and
    found in all rows by comparing integers.
    """
    width = array.dtype.itemsize // 4
    if width == 0:
        return np.full(array.shape, MISSING_SEX, np.uint8)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    flat = np.ascontiguousarray(array).reshape(-1)
    letters = flat.view(np.uint32)
    two = width % 2 == 0
    pieces = flat.view(np.uint64).reshape(flat.size, width // 2) if two else letters.reshape(flat.size, width)
    in_key = 4 if two else 8
    starts = range(0, pieces.shape[1], in_key)
    out = np.empty(flat.size, np.uint8)
    keys_, shifted_ = np.empty((len(starts), _BLOCK), np.uint64), np.empty(_BLOCK, np.uint64)
    equal_, also_ = np.empty(_BLOCK, np.bool_), np.empty(_BLOCK, np.bool_)
    spellings: list[tuple[list[np.uint64], np.uint8]] = []
    for begin in range(0, flat.size, _BLOCK):
        end = min(begin + _BLOCK, flat.size)
        if letters[begin * width : end * width].max() > 127:
            return _unicode_by_letter(array)
        n = end - begin
        keys, shifted, equal, also, codes = keys_[:, :n], shifted_[:n], equal_[:n], also_[:n], out[begin:end]
        for k, start in enumerate(starts):
            np.copyto(keys[k], pieces[begin:end, start])
            for j in range(1, min(in_key, pieces.shape[1] - start)):
                np.left_shift(pieces[begin:end, start + j], np.uint64(7 * j), out=shifted)
                np.bitwise_or(keys[k], shifted, out=keys[k])
        codes.fill(0)  # 0 is not read yet; then each code plus one
        known = 0
        while True:
            if known == len(spellings):
                at = int(codes.argmin())
                if codes[at]:
                    break
                if known == _MOST_SPELLINGS:
                    return _unicode_by_letter(array)
                spellings.append(([k[at] for k in keys], np.uint8(_word(str(flat[begin + at])) + 1)))
            wanted, code = spellings[known]
            known += 1
            np.equal(keys[0], wanted[0], out=equal)
            for k in range(1, len(wanted)):
                np.equal(keys[k], wanted[k], out=also)
                np.logical_and(equal, also, out=equal)
            marks = equal.view(np.uint8)
            np.multiply(marks, code, out=marks)
            np.add(codes, marks, out=codes)
        np.subtract(codes, np.uint8(1), out=codes)
    return out.reshape(array.shape)


def _integer_codes(array: npt.NDArray[Any], coding: dict[int, int]) -> npt.NDArray[np.uint8]:
    """Read a column of integers by comparing it with each code."""
    flat = array.reshape(-1)
    out = np.full(flat.size, UNKNOWN_SEX, np.uint8)
    for begin in range(0, flat.size, _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        for key, code in coding.items():
            # arithmetic in place of a mask: an assignment by mask takes four times as long
            out[rows] -= np.equal(flat[rows], key).view(np.uint8) * np.uint8(UNKNOWN_SEX - code)
    return out.reshape(array.shape)


class _Once(dict[Any, int]):
    """Codes of Python objects, each of which is read when it is first met."""

    def __init__(self, coding: _Coding | None):
        super().__init__()
        self.coding = coding

    def __missing__(self, value: object) -> int:
        code = self[value] = _object_code(value, self.coding)
        return code


def _object_codes(array: npt.NDArray[Any], coding: _Coding | None) -> npt.NDArray[np.uint8]:
    """Read a flat column of Python objects: each distinct value once, where that cannot mix up values."""
    out = np.empty(array.size, np.uint8)
    table = _Once(coding)
    for begin in range(0, array.size, _BLOCK):
        values = array[begin : begin + _BLOCK].tolist()
        try:
            read = bytes(map(table.__getitem__, values))
            words = all(isinstance(v, str) or missing(v) for v in table)
            # True == 1: where there are figures, values that have truth values among them are read one by one
            safe = words or not {bool, np.bool_} & set(map(type, values))
        except TypeError:  # a value that cannot be hashed
            read, safe = b"", False
        if not safe:
            read = bytes(_object_code(v, coding) for v in values)
        if not safe or len(table) > _BLOCK:
            table.clear()
        out[begin : begin + _BLOCK] = np.frombuffer(read, np.uint8)
    return out


def _check_kind(values: Iterable[object], coding: _Coding) -> None:
    """Refuse a coding whose keys are numbers for a column that holds the same figures as text, or the reverse.

    A value that is merely unknown is data, and has a status.
    """
    spelt = {(f"{k:g}" if isinstance(k, float) else str(k)).strip(): k for k in coding}
    for value in values:
        key = spelt.get((f"{value:g}" if isinstance(value, float) else str(value)).strip())
        if key is None or missing(value) or isinstance(value, bool | np.bool_):
            continue
        if isinstance(key, str) != isinstance(value, str):
            kind = "text" if isinstance(value, str) else "a number"
            raise GrowthwatchError.of(
                "sex_coding", coding.given, f"keys of the kind that the column has: {value!r} is {kind}"
            )


def sex_codes(sex: object, coding: SexCoding | None = None) -> npt.NDArray[np.uint8]:
    """Return 0 male, 1 female, 2 missing, 3 unknown, in the shape of `sex`.

    Parameters
    ----------
    sex
        A word, an integer, or an array of either.
    coding
        What integers (or other codes) mean; required for anything but words.

    Words (``male``, ``f``) stay readable beside a coding, unless it gives one of them a meaning itself.

    Raises
    ------
    GrowthwatchError
        Where `sex` is not words and no coding was given: integers are never guessed.  Where no
        value is known because the coding has numbers for what is text, or the reverse.
    """
    if isinstance(sex, ReadSex):
        return sex.codes
    table = None if coding is None else _check_coding(coding)
    out = _codes(sex, coding, table)
    if table is not None and out.size and bool(out.min() >= MISSING_SEX) and bool(out.max() == UNKNOWN_SEX):
        few = labels(sex)
        held: Any = unmasked(sex)[0]
        array = np.asarray(held).ravel() if few is None else np.array(few.values, object)
        _check_kind(array[:_BLOCK].tolist(), table)
    return out


def _codes(sex: object, coding: SexCoding | None, table: _Coding | None) -> npt.NDArray[np.uint8]:
    if isinstance(sex, str) or sex is None:
        return np.array(_object_code(sex, table), np.uint8)
    held, mask = unmasked(sex)
    if mask is not None:
        return np.where(mask, np.uint8(MISSING_SEX), sex_codes(held, coding))
    few = labels(sex)
    if few is not None:
        codes = [_object_code(v, table) for v in few.values] if few.codes.size else []
        return few.read(np.array(codes, np.uint8), MISSING_SEX)
    array = as_array("sex", sex)
    kind = array.dtype.kind
    if kind == "b":
        raise GrowthwatchError.of("sex", sex, _EXPECTED + "; booleans are not read")
    if kind == "T":
        array = array.astype(object)
        kind = "O"
    if kind == "U" and table is None:
        return _unicode_codes(array)
    if kind in "iu" and table is not None:
        return _integer_codes(array, _whole_keys(table))
    if kind == "f":
        if table is None:
            if np.isnan(array).all():
                return np.full(array.shape, MISSING_SEX, np.uint8)
            raise GrowthwatchError.of("sex", sex, _EXPECTED)
        out = np.full(array.shape, UNKNOWN_SEX, np.uint8)
        for key, code in _whole_keys(table).items():
            out[array == key] = code
        out[np.isnan(array)] = MISSING_SEX
        return out
    if kind in "OU":
        if array.ndim == 0:
            return np.array(_object_code(array.item(), table), np.uint8)
        return _object_codes(array.ravel(), table).reshape(array.shape)
    raise GrowthwatchError.of("sex", sex, _EXPECTED)
