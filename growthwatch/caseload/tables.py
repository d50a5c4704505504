"""Tables as they lie in files: names of columns, and rows of text.  Everything is read as text, nothing is converted.

What cannot be read as it stands is said or refused: an encoding that is taken by a process of exclusion is said, a
separator that could be two things is refused, and so is a row that has more or fewer cells than there are columns.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import datetime as dt
import io
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from growthwatch.caseload.mapping import Mapping
from growthwatch.caseload.sheets import check_size
from growthwatch.caseload.words import folded
from growthwatch.core.errors import GrowthwatchError

__all__ = [
    "BOOKS",
    "SUFFIXES",
    "Line",
    "Table",
    "first_rows",
    "open_frame",
    "open_table",
    "several_sheets",
    "sheets_of",
]

TEXTS = (".csv", ".tsv", ".tab", ".txt")
BOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
PARQUET = (".parquet", ".pq")
SUFFIXES = (*TEXTS, *BOOKS, *PARQUET)
"""Endings of files that are read as tables."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_PIECE = 1 << 20
_CELL = 10_000
"""The longest cell that is read [characters]."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its number in the file, counted from 1, its cells, and why it cannot be read (None if it can)."""

    number: int
    cells: tuple[str, ...]
    fault: str | None = None
    remedy: str | None = None


@dataclass(frozen=True)
class Table:
    """A table that has been opened: the names of its columns; its rows are read when they are asked for.

    ``notes`` says how the file was read, where that was not said.
    """

    path: Path
    names: tuple[str, ...]
    notes: tuple[str, ...]
    source: Any = field(repr=False)
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    numbers: frozenset[str] = frozenset()
    """Columns that hold numbers in the file itself, so that zeros before a number are gone already."""

    def lines(self) -> Iterator[Line]:
        """Every row but empty ones, in order."""
        width, heads = len(self.names), tuple(map(folded, self.names))
        for number, cells, fault in self.source():
            if fault is None and not any(cells):
                continue
            extra = cells[width:]
            cells = tuple(cells[:width])
            remedy: str | None = None
            if fault is not None:
                remedy = "put right the quotation marks in this row"
            elif any(extra):
                fault = f"{width + len(extra)} cells where there are {width} columns"
                remedy = "a separator inside a cell? put that cell between quotation marks"
                cells = (*cells, *extra)
            elif len(cells) < width:
                fault = f"{len(cells)} cells where there are {width} columns"
                remedy = "give the row all its cells, empty ones too"
            elif tuple(map(folded, cells)) == heads:
                fault, remedy = "the names of the columns again", "leave the row out"
            elif any(len(c) > _CELL for c in cells):
                fault, remedy = f"a cell of more than {_CELL} characters", "a quotation mark that is not closed?"
                cells = tuple(c[:80] for c in cells)
            yield Line(number, cells, fault, remedy)


def open_table(path: Path, mapping: Mapping | None) -> Table:
    """Open a table file.

    Raises
    ------
    GrowthwatchError
        When it cannot be read, or could be read in more than one way.
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise GrowthwatchError.of(
            "path", str(path), f"a file that ends in {', '.join(SUFFIXES)}, or a folder of records"
        )
    if not path.is_file():
        raise GrowthwatchError.of("path", str(path), "an existing file")
    if kind in BOOKS:
        return _book(path, mapping)
    return _parquet(path, mapping) if kind in PARQUET else _text(path, mapping)


# --- text ---------------------------------------------------------------------------------------


def _text(path: Path, mapping: Mapping | None) -> Table:
    encoding, notes = _encoding(path, None if mapping is None else mapping.encoding)
    said = None if mapping is None else mapping.delimiter
    top = 1 if mapping is None else mapping.header_row
    head = _head(path, encoding, top)
    delimiter = said or _separator(path, head, mapping)
    started = _records(path, encoding, delimiter)
    names: tuple[str, ...] = ()
    for number, cells, _ in started:
        if number >= top:
            names = cells
            break

    def rows() -> Iterator[tuple[int, tuple[str, ...], str | None]]:
        found = _records(path, encoding, delimiter)
        for number, cells, fault in found:
            if number > top:
                yield number, cells, fault

    return Table(path, _names(path, names), tuple(notes), rows, encoding, delimiter)


def _encoding(path: Path, said: str | None) -> tuple[str, list[str]]:
    """The encoding of a file, and how it was found where nobody said it."""
    notes: list[str] = []
    with path.open("rb") as f:
        start = f.read(4)
        marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
        if said is not None and marked is not None and said != marked:
            raise GrowthwatchError.of("encoding", said, f"{marked}: the file begins with its mark")
        if marked == "utf-16":
            notes.append("Read as UTF-16: the file begins with its mark.")
        f.seek(0)
        chosen = marked or said
        wrong = None if chosen == "utf-16" else _not_utf8(f, path)
    if said is None and marked is None:
        chosen = "utf-8" if wrong is None else "cp1252"
    if chosen == "utf-16":
        _check_utf16(path)
    if chosen == "utf-8" and wrong is not None:
        raise GrowthwatchError.of("encoding", "utf-8", f"cp1252, or another: line {wrong} of {path} is not UTF-8")
    if chosen == "cp1252":
        if wrong is None and said == "cp1252" and not _ascii(path):
            raise GrowthwatchError.of("encoding", said, f"utf-8: {path} has letters that are UTF-8")
        _check_cp1252(path)
        if said is None:
            notes.append(
                f"Read as cp1252 (Windows), as line {wrong} is not UTF-8. If names look wrong, save the file as UTF-8."
            )
    return chosen or "utf-8", notes


def _not_utf8(f: Any, path: Path) -> int | None:
    """The first line that is not UTF-8; None if all are.  A file that is no text at all is refused."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    wrong: int | None = None
    while piece := f.read(_PIECE):
        if b"\0" in piece:
            raise GrowthwatchError.of("path", str(path), "a text file: this one has bytes that no text has")
        if wrong is not None:
            continue
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as e:
            wrong = line + e.object[: e.start].count(b"\n")
        line += piece.count(b"\n")
    if wrong is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            wrong = line
    return wrong


def _check_utf16(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-16")()
    with path.open("rb") as f:
        try:
            for piece in iter(lambda: f.read(_PIECE), b""):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            expected = f"UTF-16 to its end: {path} is cut off or damaged; save it as CSV UTF-8"
            raise GrowthwatchError.of("encoding", "utf-16", expected) from None


def _ascii(path: Path) -> bool:
    with path.open("rb") as f:
        return all(piece.isascii() for piece in iter(lambda: f.read(_PIECE), b""))


def _check_cp1252(path: Path) -> None:
    line = 1
    with path.open("rb") as f:
        for piece in iter(lambda: f.read(_PIECE), b""):
            try:
                piece.decode("cp1252")
            except UnicodeDecodeError as e:
                at = line + piece[: e.start].count(b"\n")
                raise GrowthwatchError.of(
                    "encoding",
                    "cp1252",
                    f"UTF-8: line {at} of {path} is neither UTF-8 nor cp1252; save it as CSV UTF-8",
                ) from None
            line += piece.count(b"\n")


def _opened(path: Path, encoding: str) -> io.TextIOWrapper:
    return path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="")


def _head(path: Path, encoding: str, top: int) -> str:
    """The line that holds the names of the columns, up to a length that no such line has."""
    with _opened(path, encoding) as f:
        for number in range(1, top + 1):
            line = f.readline(_PIECE)
            if not line:
                raise GrowthwatchError.of(
                    "path", str(path), f"names of columns in row {top}: the file is empty or shorter"
                )
            if number == top and line.strip():
                return line.rstrip("\r\n")
    raise GrowthwatchError.of("path", str(path), f"names of columns in row {top}: it is empty")


def _separator(path: Path, head: str, mapping: Mapping | None) -> str:
    """What separates the columns: what the names of the mapping say, else the only one that there is."""
    cut = {s: next(csv.reader([head], delimiter=s)) for s in _SEPARATORS}
    there = {s: cells for s, cells in cut.items() if len(cells) > 1}
    if mapping is not None:
        wanted = {folded(f.name) for f in mapping.fields}
        fits = [s for s, cells in cut.items() if wanted <= set(map(folded, cells))]
        if len(fits) == 1 or (fits and not there):
            return fits[0]
        there = there if not fits else {s: there[s] for s in fits if s in there}
    if path.suffix.lower() in (".tsv", ".tab") and "\t" in there:
        return "\t"
    if not there:
        return ","
    if len(there) > 1:
        found = " and ".join(_SEPARATORS[s] for s in there)
        raise GrowthwatchError.of(
            "delimiter", None, f"one that a mapping says: the names of the columns of {path} have {found} between them"
        )
    return next(iter(there))


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...], str | None]]:
    """Rows of a text file, each with the line on which it begins."""
    with _opened(path, encoding) as f:
        lines = csv.reader(f, delimiter=delimiter, strict=True)
        number = 1
        while True:
            try:
                cells = tuple(_tidy(c) for c in next(lines))
            except StopIteration:
                return
            except csv.Error as e:
                if "unexpected end of data" in str(e) or "field larger" in str(e):
                    raise GrowthwatchError.of(
                        "path",
                        str(path),
                        f"quotation marks in pairs: one that is opened in line {number} is never closed",
                    ) from None
                yield number, (), f"quotation marks that do not fit ({e})"
            else:
                yield number, cells, None
            number = lines.line_num + 1


def _tidy(cell: str) -> str:
    return cell.strip().replace("\xa0", " ").strip() if cell else cell


def _names(path: Path, cells: Sequence[str]) -> tuple[str, ...]:
    names = [" ".join(c.split()) for c in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise GrowthwatchError.of("path", str(path), "names of columns at the top")
    seen: set[str] = set()
    for name in names:
        if name and folded(name) in seen:
            raise GrowthwatchError.of("path", str(path), f"each name of a column once: {name!r} is there twice")
        seen.add(folded(name))
    return tuple(names)


# --- workbooks, parquet, frames -----------------------------------------------------------------


def _calamine(path: Path) -> Any:
    try:
        import python_calamine
    except ImportError:
        raise GrowthwatchError.of(
            "path", str(path), "python-calamine to be installed (pip install 'growthwatch[tables]'), or a CSV file"
        ) from None
    library: Any = python_calamine
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        check_size(path)
    with _spoken(path):
        return library.CalamineWorkbook.from_path(str(path))


@contextlib.contextmanager
def _spoken(path: Path, what: str = "workbook") -> Generator[None]:
    """Say in words of ours whatever a library says of a file that is none, or is damaged."""
    try:
        yield
    except GrowthwatchError:
        raise
    except BaseException as e:
        # What breaks inside a library of Rust is no Exception.
        if not isinstance(e, Exception) and type(e).__name__ != "PanicException":
            raise
        raise GrowthwatchError.of("path", str(path), f"a {what} that can be read ({e})") from None


def sheets_of(path: Path) -> tuple[str, ...]:
    """The names of the sheets of a workbook."""
    return tuple(_calamine(path).sheet_names)


def several_sheets(path: Path, sheets: Sequence[str]) -> GrowthwatchError:
    """That a workbook has several sheets, and nobody has said which holds the table."""
    names = ", ".join(map(repr, sheets))
    return GrowthwatchError(
        f"{path} has several sheets, and nobody has said which holds the table: {names}. Say it in the mapping "
        f'(sheet = "{sheets[0]}"), or to `caseload map` with --sheet "{sheets[0]}"',
        field="sheet",
        value=None,
        expected=f"one of {names}",
    )


def first_rows(path: Path, sheet: str | None, most: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The first rows of a table as cells, each with its number from 1.

    Of a text file a line comes once for each separator that cuts it.  Of Parquet files, which have their names apart,
    there are none.
    """
    kind = path.suffix.lower()
    if kind in BOOKS:
        book = _calamine(path)
        if sheet is not None and sheet not in book.sheet_names:
            return
        with _spoken(path):
            place = sheet or next(iter(book.sheet_names), None)
            values: list[list[Any]] = (
                [] if place is None else book.get_sheet_by_name(place).to_python(skip_empty_area=False, nrows=most)
            )
        for number, row in enumerate(values, 1):
            yield number, tuple(_tidy(as_text(v)) for v in row)
    elif kind in TEXTS:
        encoding, _ = _encoding(path, None)
        with _opened(path, encoding) as f:
            for number in range(1, most + 1):
                line = f.readline(_PIECE).rstrip("\r\n")
                for separator in _SEPARATORS:
                    if separator in line:
                        yield number, tuple(_tidy(c) for c in next(csv.reader([line], delimiter=separator)))


def _book(path: Path, mapping: Mapping | None) -> Table:
    book = _calamine(path)
    sheets: list[str] = list(book.sheet_names)
    if not sheets:
        raise GrowthwatchError.of("path", str(path), "a workbook with a sheet: this one has none")
    said = None if mapping is None else mapping.sheet
    if said is None and len(sheets) > 1:
        raise several_sheets(path, sheets)
    if said is not None and said not in sheets:
        raise GrowthwatchError.of("sheet", said, f"one of {', '.join(map(repr, sheets))}")
    sheet = said or sheets[0]
    top = 1 if mapping is None else mapping.header_row
    with _spoken(path):
        values: list[list[Any]] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    if len(values) < top:
        raise GrowthwatchError.of("path", str(path), f"names of columns in row {top} of sheet {sheet!r}")
    names = _names(path, [as_text(v) for v in values[top - 1]])
    numbers = frozenset(
        name
        for at, name in enumerate(names)
        if any(isinstance(r[at], float | int) for r in values[top:] if at < len(r))
    )

    def rows() -> Iterator[tuple[int, tuple[str, ...], str | None]]:
        for number, row in enumerate(values[top:], top + 1):
            yield number, tuple(_tidy(as_text(v)) for v in row), None

    return Table(path, names, (), rows, sheet=sheet, numbers=numbers)


def as_text(value: object) -> str:
    """A value of a workbook or a frame as the text that a person would have typed."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        # A workbook shows 15 digits: 8.3 and not 8.300000000000001.
        return "" if value != value else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        day = value.replace(tzinfo=None)
        return day.date().isoformat() if day.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def _parquet(path: Path, mapping: Mapping | None) -> Table:
    try:
        import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]
        import pyarrow.parquet as pq  # pyright: ignore[reportMissingTypeStubs]
    except ImportError:
        raise GrowthwatchError.of(
            "path", str(path), "pyarrow to be installed (pip install 'growthwatch[tables]'), or a CSV file"
        ) from None
    parquet: Any = pq
    arrow: Any = pa
    with _spoken(path, "Parquet file"):
        file: Any = parquet.ParquetFile(path)
        schema: Any = file.schema_arrow
    numbers = frozenset(
        str(f.name) for f in schema if arrow.types.is_integer(f.type) or arrow.types.is_floating(f.type)
    )

    def rows() -> Iterator[tuple[int, tuple[str, ...], str | None]]:
        number, batches = 1, file.iter_batches(batch_size=10_000)
        while True:
            with _spoken(path, "Parquet file"):
                batch = next(batches, None)
                if batch is None:
                    return
                columns = [[_tidy(as_text(v)) for v in column.to_pylist()] for column in batch.columns]
            for cells in zip(*columns, strict=True):
                number += 1
                yield number, cells, None

    return Table(path, _names(path, [str(n) for n in schema.names]), (), rows, numbers=numbers)


def open_frame(frame: Any) -> Table | None:
    """A data frame of pandas, polars or pyarrow as a table; None if it is none.  Its first row has number 2."""
    import narwhals.stable.v2 as nw

    held: Any = nw.from_native(frame, eager_only=True, pass_through=True)
    if not isinstance(held, nw.DataFrame):
        return None
    names = [str(n) for n in held.columns]
    numbers = frozenset(n for n in names if held.schema[n].is_numeric())

    def rows() -> Iterator[tuple[int, tuple[str, ...], str | None]]:
        for number, row in enumerate(held.iter_rows(), 2):
            yield number, tuple("" if _missing(v) else _tidy(as_text(v)) for v in row), None

    return Table(Path("frame"), _names(Path("frame"), names), (), rows, numbers=numbers)


def _missing(value: Any) -> bool:
    return value is None or value != value or str(value) in ("NaT", "<NA>")


Kind = Literal["text", "book", "parquet", "frame"]
