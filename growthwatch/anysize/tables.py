"""Arrow tables as every engine leaves them, made alike: types, ids, ages, and one order of rows.

An engine may cut a table anywhere, and may call text `string`, `large_string` or a dictionary.  Here all of that is
made one, so that the same children give the same bytes wherever they were worked on.
"""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.caseload.cells import Unread, as_id
from growthwatch.caseload.mapping import OWN_NAMES
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import MISSING_SEX, ReadSex, sex_codes

try:
    pa: Any = import_module("pyarrow")
    pc: Any = import_module("pyarrow.compute")
except ImportError as e:
    raise GrowthwatchError.of(
        "growthwatch.anysize", None, "pyarrow to be installed: pip install 'growthwatch[tables]'"
    ) from e

__all__ = ["CHILD", "Ids", "ages", "arranged", "births_torn", "numbers", "one_table", "pa", "pc", "plain", "sexes"]

CHILD = "child_id"
"""The column that says whose row it is."""

_FIRST = (CHILD, "weighed_on", "age_days", "weight_kg")
_DATES = ("birth_date", "weighed_on", "condition_since")
_NUMBERS = ("weight_kg", "age_days", "gestation_days", "birth_weight_kg")
_LONGEST_ID = 200
_EPOCH = dt.date(1970, 1, 1).toordinal()
_DAYS = (dt.date.min.toordinal() - _EPOCH, dt.date.max.toordinal() - _EPOCH)


def one_table(given: Any) -> Any:
    """Return what was given as an Arrow table: a table, a batch, or a data frame of pandas or polars.

    Raises
    ------
    GrowthwatchError
        For anything else.
    """
    if isinstance(given, pa.Table):
        return given
    if isinstance(given, pa.RecordBatch):
        return pa.Table.from_batches([given])
    nw: Any = import_module("narwhals.stable.v2")
    held = nw.from_native(given, eager_only=True, pass_through=True)
    if not isinstance(held, nw.DataFrame):
        raise GrowthwatchError.of("table", given, "an Arrow table, or a data frame of pandas or polars")
    return held.to_arrow()


def plain(table: Any) -> Any:
    """Return a table whose columns have the types that all engines share.

    Text of every kind becomes ``string``; ids that are whole numbers become text; of dates with a time the day counts,
    in the time zone of the column.  A day outside the years 1 to 9999 is missing.

    Raises
    ------
    GrowthwatchError
        For a table without ids, with a name twice, or with a column of a type that cannot be used.
    """
    names = list(table.column_names)
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise GrowthwatchError.of("table", twice[0], "each name of a column once")
    if CHILD not in names:
        raise GrowthwatchError.of("table", names, f"a column {CHILD!r} that says whose row it is")
    columns = [_column(n, table.column(n)) for n in names]
    return pa.table(columns, names=names) if names else table


def _column(name: str, column: Any) -> Any:
    types: Any = pa.types
    kind = column.type
    if types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if types.is_null(kind):
        own = pa.float64() if name in _NUMBERS else pa.date32() if name in _DATES else pa.string()
        column = column.cast(own)
        kind = own
    text = types.is_string(kind) or types.is_large_string(kind) or kind == pa.string_view()
    if name == CHILD and types.is_integer(kind):
        return column.cast(pa.string())
    if text and name not in (*_NUMBERS, *_DATES):
        return column if types.is_string(kind) else column.cast(pa.string())
    if name in _DATES:
        return _days(name, column)
    number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    if name in _NUMBERS:
        if not number:
            raise GrowthwatchError.of(name, str(kind), "a column of numbers")
        return column
    if (name == CHILD or name == "sex") or not (number or types.is_boolean(kind) or types.is_temporal(kind)):
        expected = "a column of text" if name in OWN_NAMES else "text, numbers, dates or true and false; leave it out"
        raise GrowthwatchError.of(name, str(kind), expected)
    return column


def _days(name: str, column: Any) -> Any:
    types: Any = pa.types
    if types.is_timestamp(column.type):
        column = column if column.type.tz is None else pc.local_timestamp(column)
        column = pc.floor_temporal(column, unit="day").cast(pa.date32())
    elif types.is_date64(column.type):
        column = column.cast(pa.date32())
    elif not types.is_date32(column.type):
        raise GrowthwatchError.of(name, str(column.type), "a column of dates")
    days = column.cast(pa.int32())
    inside = pc.and_(pc.greater_equal(days, _DAYS[0]), pc.less_equal(days, _DAYS[1]))
    if pc.all(inside, min_count=0).as_py():
        return column
    return pc.if_else(inside, column, pa.scalar(None, pa.date32()))


def arranged(table: Any) -> Any:
    """Return a table in the one order: by child, day (or age), weight, then all other columns by name; no id last.

    Two tables that hold the same rows are the same once they are arranged, and to the byte when they are written.

    Parameters
    ----------
    table
        An Arrow table, or a data frame of pandas or polars, with a column ``child_id``.
    """
    made = plain(one_table(table))
    names = made.column_names
    keys = [n for n in _FIRST if n in names] + sorted(n for n in names if n not in _FIRST)
    found = made.take(pc.sort_indices(made, sort_keys=[(n, "ascending") for n in keys]))
    # Nothing that another engine would not keep goes along, so that equal rows are equal bytes.
    return found.combine_chunks().replace_schema_metadata(None)


class Ids:
    """The children of the rows of a table.

    Attributes
    ----------
    words
        Each id once, in order of their first row.
    codes
        The place of each row's id among `words`; -1 where the row has none that can be read.
    """

    def __init__(self, column: Any):
        coded = column.combine_chunks().dictionary_encode()
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        self.words: list[str] = coded.dictionary.to_pylist()
        codes = np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
        bad = np.array([not readable(w) for w in self.words] + [True], bool)
        self.codes: npt.NDArray[np.int64] = np.where(bad[codes], -1, codes)


def readable(id: str | None) -> bool:
    """Whether an id is one as it stands: no spaces around it, no sign that cannot be seen, not too long."""
    if not id or len(id) > _LONGEST_ID:
        return False
    try:
        return as_id(id) == id
    except Unread:
        return False


def numbers(table: Any, name: str) -> npt.NDArray[np.float64]:
    """A column of numbers; NaN where there is none."""
    column = table.column(name)
    if pa.types.is_decimal(column.type):
        # Arrow multiplies by a power of ten, and misses the nearest number by a last digit; its text does not.
        column = column.cast(pa.string())
    return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)


def sexes(table: Any) -> ReadSex:
    """The column of sexes, read: each spelling once."""
    coded = table.column("sex").combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    known = np.array([int(sex_codes(w)) for w in coded.dictionary.to_pylist()] + [MISSING_SEX], np.uint8)
    return ReadSex(known[np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)])


def ages(table: Any) -> npt.NDArray[np.float64]:
    """Chronological age of each row [days]: from both dates where they are columns, else `age_days`.

    Raises
    ------
    GrowthwatchError
        Where the table has neither.
    """
    names = table.column_names
    if "birth_date" in names and "weighed_on" in names:
        return _ordinals(table, "weighed_on") - _ordinals(table, "birth_date")
    if "age_days" in names:
        return numbers(table, "age_days")
    raise GrowthwatchError.of("table", names, "the columns 'birth_date' and 'weighed_on', or 'age_days'")


def _ordinals(table: Any, name: str) -> npt.NDArray[np.float64]:
    column = table.column(name).cast(pa.int32()).cast(pa.float64())
    return np.asarray(column.to_numpy(), np.float64)


def births_torn(table: Any, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Rows of children whose rows say different birth dates."""
    out = np.zeros(codes.size, bool)
    if "birth_date" not in table.column_names or "weighed_on" not in table.column_names:
        return out
    born = _ordinals(table, "birth_date")
    told = (codes >= 0) & ~np.isnan(born)
    n = int(codes.max(initial=-1)) + 1
    least, most = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(least, codes[told], born[told])
    np.maximum.at(most, codes[told], born[told])
    known = codes >= 0
    out[known] = (least < most)[codes[known]]
    return out
