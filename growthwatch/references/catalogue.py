"""The catalogue: which references there are, found by looking, never listed in code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources.abc import Traversable
from typing import overload

from growthwatch.core.errors import GrowthwatchError, nearest
from growthwatch.core.html_table import html_table
from growthwatch.references.metadata import ReferenceInfo, data_folder, read_metadata

__all__ = ["Catalogue", "folders", "known_measure", "measure_elsewhere", "packaged"]


class Catalogue(Sequence[ReferenceInfo]):
    """References, as a sequence that prints as a table."""

    def __init__(self, entries: Sequence[ReferenceInfo]):
        self._entries = tuple(entries)

    @overload
    def __getitem__(self, index: int) -> ReferenceInfo: ...
    @overload
    def __getitem__(self, index: slice) -> Catalogue: ...
    def __getitem__(self, index: int | slice) -> ReferenceInfo | Catalogue:
        return Catalogue(self._entries[index]) if isinstance(index, slice) else self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[ReferenceInfo]:
        return iter(self._entries)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids, in order."""
        return tuple(e.id for e in self._entries)

    def rows(self) -> list[tuple[str, str, str, str, str, str]]:
        """Id, condition, kind, measures, title and terms of each, as text."""
        return [(e.id, e.condition or "-", e.kind, ", ".join(e.measures), e.title, e.terms) for e in self._entries]

    def __repr__(self) -> str:
        rows = [("id", "condition", "kind", "measures", "title"), *(r[:5] for r in self.rows())]
        widths = [max(len(r[i]) for r in rows) for i in range(5)]
        return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(r, widths, strict=True)).rstrip() for r in rows)

    def _repr_html_(self) -> str:
        return html_table("References", ("id", "condition", "kind", "measures", "title", "terms"), self.rows())


@cache
def folders() -> dict[str, Traversable]:
    """Folders of the packaged references by id, in order."""
    root = data_folder()
    if not root.is_dir():
        return {}
    found = (f for f in root.iterdir() if f.is_dir() and (f / "reference.toml").is_file())
    return {f.name: f for f in sorted(found, key=lambda f: f.name)}


@cache
def packaged() -> dict[str, ReferenceInfo]:
    """Metadata of the packaged references by id."""
    out: dict[str, ReferenceInfo] = {}
    for id, folder in folders().items():
        info, _ = read_metadata(folder)
        if info.id != id:
            raise GrowthwatchError.of(f"{folder}: id", info.id, f"the name of its folder, {id!r}")
        out[id] = info
    return out


def known_measure(measure: str) -> bool:
    """Whether any packaged reference has the measure."""
    return any(measure in e.measures for e in packaged().values())


def measure_elsewhere(measure: str) -> str:
    """End of the sentence that refuses a measure: who else has it, or which is most like it."""
    every = packaged().values()
    ids = [e.id for e in every if measure in e.measures]
    return f"; {', '.join(ids)} have {measure!r}" if ids else nearest(measure, {m for e in every for m in e.measures})
