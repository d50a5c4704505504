"""What could not be read in a table, or is in doubt: where, why, and what would mend it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import write_wholly
from growthwatch.core.frames import make_frame
from growthwatch.core.html_table import html_table
from growthwatch.core.words import count_words

__all__ = ["Fault", "Faults"]

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be read in a table, or is in doubt.

    Attributes
    ----------
    row
        The row in the file, counted from 1 with the names of the columns; 0: the table as a whole.
    child_id
        Whose row it is, where that could be read.
    column
        The column; empty: the row as a whole.
    value
        What stands there.
    kind
        ``refused``: the row gives no weighing; ``doubted``: it does, without this cell, or something in it is asked
        about; ``changed``: it was read, and written in another way than it stands there.
    reason
        Why.
    remedy
        What would mend it.
    cells
        The whole row as it stands in the file.
    """

    row: int
    child_id: str | None
    column: str
    value: str
    kind: str
    reason: str
    remedy: str
    cells: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"row {self.row}" if self.row else "the table"
        child = f", child {self.child_id}" if self.child_id else ""
        what = f", {self.column} = {self.value!r}" if self.column else ""
        return f"{where}{child}{what}: {self.reason}. To mend it: {self.remedy}."


class Faults(tuple[Fault, ...]):
    """All that could not be read in a table, or is in doubt, in order of rows."""

    heads: ClassVar[tuple[str, ...]] = ("row", "child_id", "column", "value", "kind", "reason", "remedy")
    """What a data frame and a CSV of them hold, by column."""

    @property
    def refused(self) -> Self:
        """Rows that give no weighing."""
        return type(self)(f for f in self if f.kind == "refused")

    @property
    def doubted(self) -> Self:
        """Rows that do, but for a cell, or that are asked about."""
        return type(self)(f for f in self if f.kind == "doubted")

    @property
    def rows(self) -> int:
        """How many rows were refused."""
        return len({f.row for f in self if f.kind == "refused" and f.row})

    @property
    def in_doubt(self) -> int:
        """How many other rows are in doubt."""
        return len({f.row for f in self if f.kind == "doubted" and f.row} - {f.row for f in self.refused})

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a fault, as a data frame: ``row, child_id, column, value, kind, reason, remedy``."""
        return make_frame(
            {name: np.array([getattr(f, name) for f in self], int if name == "row" else object) for name in self.heads},
            backend,
        )

    def to_csv(self) -> str:
        """As CSV, with the whole row as it stands in the file: nothing is lost."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow((*self.heads, "cells"))
        for f in self:
            cells = json.dumps(f.cells, ensure_ascii=False) if f.cells else ""
            writer.writerow([*(getattr(f, n) if getattr(f, n) is not None else "" for n in self.heads), cells])
        return out.getvalue()

    def dump(self, path: str | Path) -> None:
        """Write `to_csv` to a file, with the mark by which a spreadsheet knows UTF-8, for its owner alone."""
        try:
            write_wholly(Path(path), self.to_csv().encode("utf-8-sig"), private=True)
        except OSError as e:
            raise GrowthwatchError.of("path", str(path), f"a file that can be written ({e.strerror or e})") from e

    def __str__(self) -> str:
        if not self:
            return "No row was refused and none is in doubt."
        lines = [str(f) for f in self[:_SHOWN]]
        if len(self) > _SHOWN:
            lines.append(f"and {len(self) - _SHOWN} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        heads = ("row", "child", "column", "value", "kind", "reason", "what would mend it")
        rows = [(f.row or "", f.child_id or "", f.column, f.value, f.kind, f.reason, f.remedy) for f in self[:_SHOWN]]
        more = f"and {len(self) - _SHOWN} more: to_frame() has all" if len(self) > _SHOWN else ""
        return html_table(f"{count_words(self.refused.rows, 'row')} refused, {len(self)} in all", heads, rows, more)
