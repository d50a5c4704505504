"""How large a workbook is, before it is read: one cell far down and far right makes a small file fill all memory."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from typing import Final

from growthwatch.core.errors import GrowthwatchError

__all__ = ["MOST_CELLS", "check_size"]

MOST_CELLS: Final = 20_000_000
"""The most cells of a sheet that is read, empty ones between the first and the last included."""

_MOST_BYTES = 1 << 30
_PIECE = 1 << 20
_LONGEST_TAG = 900
# A row, or a cell that is not empty: what it is, and where it says that it is.  Bounded, and within one tag, so that
# no text takes long.
_PLACE = re.compile(
    rb"""<(?:\w{1,20}:)?(row|c)(?=\s)[^<>]{0,400}?\sr\s{0,9}=\s{0,9}["']([A-Za-z]{0,3})(\d{1,7})["'][^<>]{0,400}?(/?)>"""
)
_TOO_LONG = re.compile(rb"<(?:\w{1,20}:)?(?:row|c)\s[^<>]{400}")


def check_size(path: Path) -> None:
    """Refuse a workbook of Excel (``.xlsx``, ``.xlsm``) that no machine has room for.

    Raises
    ------
    GrowthwatchError
        When its parts or the area of one of its sheets are larger than any caseload.

    Notes
    -----
    A file that is no workbook passes: whoever reads it says so.
    """
    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
            if sum(p.file_size for p in parts) > _MOST_BYTES:
                raise GrowthwatchError.of("path", str(path), f"a workbook of at most {_MOST_BYTES} bytes when unpacked")
            for part in parts:
                if "worksheets/" in part.filename.replace("\\", "/").lower():
                    _check_area(path, *_area(path, book, part))
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError, RuntimeError, zlib.error) as e:
        if isinstance(e, GrowthwatchError):
            raise


def _area(path: Path, book: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    """The last row and the last column of a sheet that hold anything."""
    rows = columns = 0
    rest = b""
    with book.open(part) as f:
        while piece := f.read(_PIECE):
            text = rest + piece
            if _TOO_LONG.search(text):
                expected = "a workbook that a spreadsheet wrote: a row or a cell of this one cannot be read"
                raise GrowthwatchError.of("path", str(path), expected)
            for what, letters, digits, empty in _PLACE.findall(text):
                if what == b"c" and empty:
                    continue
                rows = max(rows, int(digits))
                columns = max(columns, _column(letters))
            rest = text[-_LONGEST_TAG:]
    return rows, columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _check_area(path: Path, rows: int, columns: int) -> None:
    if rows * columns > MOST_CELLS:
        raise GrowthwatchError.of(
            "path",
            str(path),
            f"a sheet of at most {MOST_CELLS} cells: this one has something in row {rows} and in column {columns}; "
            "delete what stands far from the table",
        )
