"""Where the names of the columns stand in a table: people write a title above them, and keep several sheets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from growthwatch.caseload.mapping import Mapping, meanings
from growthwatch.caseload.tables import BOOKS, Table, first_rows, open_table, several_sheets, sheets_of
from growthwatch.caseload.words import folded

__all__ = ["UNIT_IN_NAME", "Found", "find_table", "means_of"]

UNIT_IN_NAME = re.compile(r"[\s_(\[]+(kgs?|kilos?|g|grams?|lbs?|oz|lb\s*(?:\+|&|and)?\s*oz)[)\].]*$", re.I)
"""A unit at the end of a column's name."""

_LOOKED_AT = 20
"""How many rows from the top may hold a title before the names of the columns."""
_ENOUGH = 3
"""From how many names that are known on a row is taken for that of the names."""


@dataclass(frozen=True)
class Found:
    """A table for which there is no mapping yet.

    Attributes
    ----------
    table
        The table.
    top
        The row in which the names of its columns stand, from 1.
    rivals
        Sheets among which somebody must say which it is, the one that was opened first; empty: there is no doubt.
    others
        Sheets that hold no such table.
    """

    table: Table
    top: int
    rivals: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def means_of(name: str) -> str | None:
    """What a column probably means, by its name; None: its name is not known."""
    known, plain = meanings(), folded(name)
    plain = plain if plain in known else plain.replace("_", " ")
    bare = UNIT_IN_NAME.sub("", plain)
    return known.get(plain) or known.get(bare) or known.get(re.sub(r"\s*\([^)]*\)$", "", plain))


def find_table(path: Path, sheet: str | None) -> Found:
    """Open a table for which there is no mapping yet.

    Parameters
    ----------
    path
        The table file.
    sheet
        The sheet of a workbook that has several; None: that whose columns have the most names that are known.

    Raises
    ------
    GrowthwatchError
        When the table cannot be read, or a workbook has several sheets and none whose columns have known names.
    """
    if sheet is not None or path.suffix.lower() not in BOOKS or not path.is_file():
        top = _top(path, sheet)[0]
        return Found(open_table(path, _only(sheet, top)), top)
    sheets = sheets_of(path)
    tops = {name: _top(path, name) for name in sheets}
    if len(sheets) < 2:
        top = tops[sheets[0]][0] if sheets else 1
        return Found(open_table(path, _only(None, top)), top)
    likely = sorted((s for s in sheets if tops[s][1] >= _ENOUGH), key=lambda s: -tops[s][1])
    if not likely:
        raise several_sheets(path, sheets)
    top = tops[likely[0]][0]
    rivals = tuple(likely) if len(likely) > 1 else ()
    return Found(open_table(path, _only(likely[0], top)), top, rivals, tuple(s for s in sheets if s not in likely))


def _only(sheet: str | None, top: int) -> Mapping | None:
    """As much of a mapping as says where the table stands."""
    if sheet is None and top == 1:
        return None
    said = {"header_row": top, "fields": [{"name": "id", "means": "child_id"}]}
    return Mapping.from_dict(said if sheet is None else said | {"sheet": sheet})


def _top(path: Path, sheet: str | None) -> tuple[int, int]:
    """The row with the names of the columns, and how many are known: the first row, unless one below has many more."""
    best, most = 1, 0
    for number, cells in first_rows(path, sheet, _LOOKED_AT) if path.is_file() else ():
        known = len({means_of(c) for c in cells if c} - {None})
        if known > most and (number == 1 or known >= _ENOUGH):
            best, most = number, known
    return best, most
