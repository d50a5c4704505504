"""A data frame of one of the three libraries: columns out as arrays, and columns of scores back in.

narwhals says what a column holds; pandas, polars and pyarrow are never imported here, only
used where the caller brought a frame of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import Labels, a_day, flags, labels, missing, not_numbers, numeric
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import ReadSex, SexCoding, sex_codes
from growthwatch.core.status import STATUS_WORDS, Status
from growthwatch.references.scoring import ReferenceLabel

__all__ = ["HeldFrame", "Result", "Words", "appended_names", "places"]

Column = npt.NDArray[Any]
Codes = npt.NDArray[np.uint8]


UNADJUSTED = "unadjusted_z"
NO_GROUP = 255
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_MOST_SHOWN = 50
_A_FRAME = "a pandas or polars DataFrame, or a pyarrow Table"
_A_NUMBER = "the name of a column, or a number"


def places(found: Labels, rows: slice, none: int) -> npt.NDArray[np.intp]:
    """Place of the value of each row; `none` for rows without one."""
    out = found.codes[rows].astype(np.intp)
    out[out < 0] = none
    if found.missing is not None:
        out[found.missing[rows]] = none
    return out


class Result(NamedTuple):
    """Appended columns, as arrays; references by their place in ``labels``, 255 for none, None for the only one."""

    z: npt.NDArray[np.float64]
    centile: npt.NDArray[np.float64]
    status: Codes
    age: Column | None
    reference: Codes | None
    labels: list[ReferenceLabel]
    unadjusted: npt.NDArray[np.float64] | None


class Words(NamedTuple):
    """A column of words of a closed list, as the place of each row's word in it."""

    codes: npt.NDArray[Any]
    words: tuple[str, ...]


class HeldFrame:
    """A frame of one of the three libraries."""

    def __init__(self, frame: object, words_are_missing: bool = False):
        import narwhals.stable.v2 as nw

        self.nw, self._words_are_missing = nw, words_are_missing
        try:
            found: Any = nw.from_native(cast("Any", frame), pass_through=True)
        except Exception as e:  # narwhals refuses frames whose names are not unique, among others
            raise GrowthwatchError(f"frame: {e}", field="frame", value=frame, expected=_A_FRAME) from None
        if isinstance(found, nw.LazyFrame):
            expected = f"{_A_FRAME}: collect a lazy frame first"
            raise GrowthwatchError.of("frame", f"{type(frame).__module__}.{type(frame).__name__}", expected)
        if not isinstance(found, nw.DataFrame):
            raise GrowthwatchError.of("frame", type(frame).__name__, _A_FRAME)
        kind = found.implementation
        if not (kind.is_pandas() or kind.is_polars() or kind.is_pyarrow()):
            raise GrowthwatchError.of("frame", str(kind), _A_FRAME)
        self.frame: Any = found
        self.native: Any = found.to_native()
        self.library: Any = kind.to_native_namespace()
        self.kind: Literal["pandas", "polars", "pyarrow"] = (
            "pandas" if kind.is_pandas() else "polars" if kind.is_polars() else "pyarrow"
        )
        self.names: list[Any] = list(found.columns)
        self.rows: int = len(self.frame)

    def series(self, argument: str, name: str) -> Any:
        """Return a column as a narwhals series."""
        if name not in self.names:
            shown = ", ".join(repr(n) for n in self.names[:30]) + (", ..." if len(self.names) > 30 else "")
            raise GrowthwatchError.of(argument, name, f"a column of the frame, which has {shown or 'none'}")
        return self.frame[name]

    def number(self, argument: str, given: Any) -> Column:
        """Return a column of numbers as an array, or a constant as an array without dimensions."""
        if not isinstance(given, str):
            constant: Any = given
            if isinstance(constant, bool) or not isinstance(constant, int | float | np.integer | np.floating):
                raise GrowthwatchError.of(argument, constant, _A_NUMBER)
            return numeric(argument, cast("object", constant))
        nw, series = self.nw, self.series(argument, given)
        kind = series.dtype
        about = f"{argument}, column {given!r}"
        if kind.is_numeric():
            if kind.is_decimal() or kind in (nw.Int128, nw.UInt128):
                series = series.cast(nw.Float64)
            return numeric(about, series.to_numpy())
        try:
            nothing = series.null_count() == self.rows  # also a column without any type
        except ArithmeticError:
            # A decimal that signals cannot even be asked whether it is missing.
            raise GrowthwatchError.of(about, "a decimal that is not a number (sNaN)", "numbers") from None
        if nothing:
            return np.full(self.rows, np.nan)
        if kind == nw.Object or (self.kind == "pandas" and not labels_ready(series)):
            values = series.to_list()
            if self._words_are_missing or any(isinstance(v, str) for v in values):
                return self._of_words(about, values)
            return numeric(about, series.to_numpy())
        if labels_ready(series):
            return self._of_words(about, series.to_list())
        raise GrowthwatchError.of(about, str(kind), "numbers")

    def _of_words(self, about: str, values: list[Any]) -> Column:
        """Read a column that holds words: refuse it, or take words as missing and written numbers as numbers."""
        out = np.full(len(values), np.nan)
        wrong: list[int] = []
        for row, value in enumerate(values):
            if missing(value):
                continue
            if not isinstance(value, str):
                number = numeric(about, value)
                if number.ndim:
                    raise GrowthwatchError.of(about, value, "a number in every row")
                out[row] = number
            elif not self._words_are_missing:
                wrong.append(row)
            elif _NUMBER.fullmatch(value.strip()):
                out[row] = float(value)
            elif any(c.isdigit() for c in value):
                wrong.append(row)  # "7,35" or "7.35 kg" is meant as a number, and is not guessed
        if wrong:
            # Text that is no number says more than text that is.
            wordy = [row for row in wrong if not _NUMBER.fullmatch(values[row].strip())]
            offer = "; not_numbers='missing' takes words as missing, and numbers written as text as numbers"
            besides = "" if self._words_are_missing else offer
            found = [(row, values[row]) for row in (wordy or wrong)[:_MOST_SHOWN]]
            raise not_numbers(about, found, len(wordy or wrong), len(values), besides)
        return out

    def labels(self, argument: str, name: object) -> Labels:
        """Return a column of few distinct words."""
        if not isinstance(name, str):
            raise GrowthwatchError.of(argument, name, "the name of a column")
        series = self.series(argument, name)
        found = labels(series)
        if found is not None:
            return found
        if series.null_count() == self.rows:
            return Labels(np.zeros(self.rows, np.uint8), [None], None)
        table: dict[Any, int] = {}
        try:
            rows: list[Any] = series.to_list()  # Python objects, or figures: each is looked at
        except (ValueError, OverflowError) as e:  # a day beyond what Python can hold
            raise GrowthwatchError.of(f"{argument}, column {name!r}", f"{series.dtype}: {e}", "words") from None
        try:
            codes = [table.setdefault(None if missing(v) else v, len(table)) for v in rows]
        except TypeError:
            raise GrowthwatchError.of(f"{argument}, column {name!r}", str(series.dtype), "words") from None
        return Labels(np.array(codes, np.int32), list(table), None)

    def _word(self, argument: str, given: str, words: tuple[str, ...]) -> str | None:
        """Return the word of a constant such as ``=male``; None for the name of a column."""
        if not given.startswith("="):
            return None
        word = given[1:].strip().lower()
        if word not in words or given in self.names:
            expected = f"the name of a column, or one of {['=' + w for w in words]}"
            raise GrowthwatchError.of(argument, given, expected)
        return word

    def sex(self, given: object, coding: SexCoding | None) -> ReadSex:
        """Return sex as codes."""
        if not isinstance(given, str):
            raise GrowthwatchError.of("sex", given, "the name of a column, or '=male' or '=female'")
        word = self._word("sex", given, ("male", "female", "m", "f"))
        if word is not None:
            return ReadSex(sex_codes(word))
        series = self.series("sex", given)
        if labels_ready(series) and not self._of_objects(series):
            return ReadSex(sex_codes(series, coding))
        if self._of_objects(series):
            return ReadSex(sex_codes(series.to_numpy(), coding))
        if series.null_count() == self.rows:
            return ReadSex(sex_codes(np.full(self.rows, np.nan), coding))
        return ReadSex(sex_codes(series.to_numpy(), coding))

    def _of_objects(self, series: Any) -> bool:
        """Whether pandas holds the column as Python objects, whatever these are."""
        return self.kind == "pandas" and str(series.to_native().dtype) == "object"

    def position(self, given: object) -> Column:
        """Return positions as words, None where missing."""
        if not isinstance(given, str):
            raise GrowthwatchError.of("position", given, "the name of a column, or '=lying' or '=standing'")
        word = self._word("position", given, ("lying", "standing"))
        if word is not None:
            return np.array(word, object)
        found = self.labels("position", given)
        words = np.array([None if missing(v) else v for v in found.values] + [None], object)
        return words[places(found, slice(None), len(words) - 1)]

    def days(self, argument: str, given: object) -> Column:
        """Return dates as days, NaT where missing; a constant as an array without dimensions."""
        if not isinstance(given, str):
            return a_day(argument, given)
        if given.startswith("=") and given not in self.names:
            raise GrowthwatchError.of(argument, given, "the name of a column, or a date: datetime.date(2026, 9, 1)")
        nw, series = self.nw, self.series(argument, given)
        kind = series.dtype
        about = f"{argument}, column {given!r}"
        if kind == nw.Datetime:
            if kind.time_zone is not None:
                series = series.dt.replace_time_zone(None)  # the date on the wall where it was written down
            return np.asarray(series.to_numpy()).astype("datetime64[D]")
        if series.null_count() == self.rows:
            return np.full(self.rows, np.datetime64("NaT"), "datetime64[D]")
        if kind != nw.Date and kind != nw.Object and "date64" not in str(_native_type(series)):
            raise GrowthwatchError.of(about, str(kind), "dates; text is not read as dates")
        array = np.asarray(series.to_numpy())
        if array.dtype.kind == "M":
            return array.astype("datetime64[D]")
        return np.array([a_day(about, v) for v in array.tolist()], "datetime64[D]")  # Python objects

    def age(self, birth_date: object, measured_on: object) -> Column:
        """Age in days from two columns of dates [days]."""
        gone = self.days("measured_on", measured_on) - self.days("birth_date", birth_date)
        none = np.isnat(gone)
        days = gone.astype(np.int64)
        if none.any():
            return np.where(none, np.nan, days)
        return days.astype(np.int32)

    def truth(self, argument: str, given: object) -> npt.NDArray[np.bool_]:
        """Return true or false for each row, from the name of a column or from one for all."""
        if not isinstance(given, str):
            return flags(argument, given, 1).repeat(self.rows)
        series = self.series(argument, given)
        values = series.to_numpy()
        if series.null_count() or not all(isinstance(v, bool | np.bool_) for v in values[:1].tolist()):
            raise GrowthwatchError.of(f"{argument}, column {given!r}", str(series.dtype), "true or false in every row")
        return flags(argument, np.asarray(values), self.rows)

    def ids(self, argument: str, given: object) -> npt.NDArray[np.intp]:
        """Return the number of the child of each row, from a column of ids or from one for all.

        Ids of words and of numbers are told apart by their library, as it groups by them.
        """
        if not isinstance(given, str):
            return np.zeros(self.rows, np.intp)
        series = self.series(argument, given)
        native = series.to_native()
        if self.kind == "pandas":
            codes = np.asarray(native.factorize()[0], np.intp)
        elif self.kind == "polars":
            codes = np.asarray(native.rank("dense").cast(self.library.Int64).fill_null(0).to_numpy()) - 1
            if native.dtype.is_float():
                codes[np.isnan(native.fill_null(0.0).to_numpy())] = -1
        else:
            whole = native.combine_chunks()
            whole = whole if hasattr(whole, "dictionary") else whole.dictionary_encode()
            codes = np.asarray(whole.indices.fill_null(-1).to_numpy(zero_copy_only=False))
            floats = str(whole.dictionary.type) in ("float", "double", "halffloat")
            if floats and self.rows:
                codes = np.where(np.isnan(whole.dictionary.to_numpy(zero_copy_only=False))[codes], -1, codes)
        without = np.flatnonzero(codes < 0)
        if without.size:
            expected = f"an id in every row: {without.size} of {self.rows} have none, the first is row {without[0]}"
            raise GrowthwatchError.of(f"{argument}, column {given!r}", None, expected)
        return codes.astype(np.intp)

    def append_columns(self, names: dict[str, str], columns: Mapping[str, npt.NDArray[Any] | Words]) -> object:
        """Return the frame with the named columns appended: figures, flags, text, and words of closed lists."""
        return self._put({new: self._made(columns[name]) for name, new in names.items()})

    def _made(self, column: npt.NDArray[Any] | Words) -> Any:
        if isinstance(column, Words):
            return self._of_list(column)
        if column.dtype.kind == "f":
            return self._floats(np.asarray(column, np.float64))
        values: Any = column.tolist() if column.dtype.kind in "OU" else column
        if self.kind == "polars":
            return self.library.Series("", values)
        if self.kind == "pyarrow":
            return self.library.array(values)
        return self.library.Series(values, index=self.native.index)

    def _of_list(self, column: Words) -> Any:
        """Categories of a list that may be longer than a byte tells apart."""
        codes, words = column.codes.astype(np.int16), list(column.words)
        if self.kind == "polars":
            held = self.library.Series("", words, dtype=self.library.Enum(words))
            return held.gather(codes.astype(np.uint32))
        if self.kind == "pyarrow":
            return self.library.DictionaryArray.from_arrays(
                self.library.array(codes), self.library.array(words, self.library.string())
            )
        made = self.library.Categorical.from_codes(codes, categories=words)
        return self.library.Series(made, index=self.native.index, copy=False)

    def append(self, names: dict[str, str], result: Result) -> object:
        """Return the frame with the named columns appended, in the order of `names`."""
        made: dict[str, Any] = {}
        for name, new in names.items():
            if name == "status":
                made[new] = self._words(result.status, list(STATUS_WORDS))
            elif name == "reference":
                made[new] = self._words(result.reference, [r.id for r in result.labels])
            elif name == "reference_hash":
                made[new] = self._words(result.reference, [r.hash for r in result.labels])
            else:
                column = {"z": result.z, "centile": result.centile, UNADJUSTED: result.unadjusted}.get(name, result.age)
                if column is None:
                    made[new] = self._floats(np.full(self.rows, np.nan))
                elif name == "corrected_age_days":
                    made[new] = self._floats(_age_column(column, result.status))
                else:
                    made[new] = self._floats(column)
        return self._put(made)

    def _put(self, made: dict[str, Any]) -> object:
        if self.kind == "polars":
            return self.native.with_columns([column.alias(new) for new, column in made.items()])
        if self.kind == "pyarrow":
            table = self.native
            for new, column in made.items():
                table = table.append_column(new, column)
            return table
        out = self.native.copy(deep=False)
        for new, column in made.items():
            out[new] = column
        return out

    def _floats(self, column: Column) -> Any:
        if self.kind == "polars":
            return self.library.Series("", column, nan_to_null=True)
        if self.kind == "pyarrow":
            pa, given = self.library, ~np.isnan(column)
            if given.all():
                return pa.array(column)
            bits = pa.py_buffer(np.packbits(given, bitorder="little"))  # the same as from_pandas=True, sooner
            return pa.Array.from_buffers(pa.float64(), column.size, [bits, pa.py_buffer(column)])
        return self.library.Series(column, index=self.native.index, copy=False)

    def _words(self, codes: Codes | None, words: list[str]) -> Any:
        """Categories, one byte a row; codes beyond the words are missing, and None is the first word everywhere."""
        distinct = list(dict.fromkeys(words))
        if codes is not None and len(distinct) < len(words):  # two references of one id: told apart by their hash
            table = np.array([distinct.index(w) for w in words], np.uint8)
            codes = Labels(np.minimum(codes, np.uint8(len(words))), words, None).read(table, NO_GROUP)
        whole = codes is None or codes.size == 0 or bool(codes.max() < len(distinct))
        if self.kind == "polars":
            enum = self.library.Enum(distinct)
            held = self.library.Series("", [*distinct, None], dtype=enum)
            if codes is None:
                return held.new_from_index(0, self.rows)
            series = self.library.Series("", codes)
            if whole and hasattr(series.cat, "to"):
                return series.cat.to(enum)
            return held.gather(np.minimum(codes, np.uint8(len(distinct))))
        if codes is None:
            codes = np.zeros(self.rows, np.uint8)
        signed = (codes if whole else np.where(codes < len(distinct), codes, np.uint8(NO_GROUP))).view(np.int8)
        if self.kind == "pyarrow":
            pa = self.library
            indices = pa.array(signed) if whole else pa.array(signed, mask=signed < 0)
            return pa.DictionaryArray.from_arrays(indices, pa.array(distinct, pa.string()))
        made = self.library.Categorical.from_codes(signed, categories=distinct)
        return self.library.Series(made, index=self.native.index, copy=False)


def appended_names(
    held: HeldFrame, prefix: object, columns: object, usual: Sequence[str], every: Iterable[str]
) -> dict[str, str]:
    """Return what is to be appended, and under which name: the usual columns, or those that are chosen of all."""
    shown: Any = columns
    every = list(every)
    expected = f"some of {every}, or a mapping of these to names"
    if not isinstance(prefix, str):
        raise GrowthwatchError.of("prefix", prefix, "text")
    if columns is None:
        wanted: dict[Any, Any] = {name: name for name in usual}
    elif isinstance(columns, Mapping):
        wanted = dict(cast("Mapping[Any, Any]", columns))
    elif isinstance(columns, list | tuple) and all(isinstance(name, str) for name in cast("list[Any]", columns)):
        wanted = {name: name for name in cast("list[str]", columns)}
    else:
        raise GrowthwatchError.of("columns", shown, expected)
    for name, new in wanted.items():
        if name not in every or not isinstance(new, str) or not new:
            raise GrowthwatchError.of("columns", shown, expected)
    out = {name: prefix + new for name, new in wanted.items()}
    if len(set(out.values())) < len(out):
        raise GrowthwatchError.of("columns", shown, "a name of its own for each column")
    clash = [new for new in out.values() if new in held.names]
    if clash:
        raise GrowthwatchError.of(
            "columns", clash, "names that the frame does not have: nothing is overwritten; choose prefix= or columns="
        )
    return out


def _native_type(series: Any) -> object:
    """The type that the frame's own library gives a column: narwhals has no name for each."""
    native: Any = series.to_native()
    return getattr(native, "dtype", getattr(native, "type", ""))


def labels_ready(series: Any) -> bool:
    """Whether a narwhals series holds text or categories."""
    return str(series.dtype).startswith(("String", "Categorical", "Enum"))


def _age_column(age: Column, status: Codes) -> npt.NDArray[np.float64]:
    """Age used, as floats of our own; none where the gestation that it would rest on cannot be."""
    out = np.array(age, np.float64)
    hit = status == Status.INVALID_GESTATION
    if hit.any():
        out[hit] = np.nan
    return out
