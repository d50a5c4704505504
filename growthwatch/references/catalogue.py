"""The catalogue: which references there are, found by looking, never listed in code."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from functools import cache
from typing import overload

from growthwatch.core.errors import GrowthwatchError, nearest
from growthwatch.references.metadata import ReferenceInfo, data_folder, read_metadata
from growthwatch.references.reference import Reference, check_measure, check_number

__all__ = ["Catalogue", "reference", "references"]


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
        head = "".join(f"<th>{h}</th>" for h in ("id", "condition", "kind", "measures", "title", "terms"))
        body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in self.rows())
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


@cache
def _packaged() -> dict[str, ReferenceInfo]:
    root = data_folder()
    if not root.is_dir():
        return {}
    folders = sorted(
        (f for f in root.iterdir() if f.is_dir() and (f / "reference.toml").is_file()), key=lambda f: f.name
    )
    out: dict[str, ReferenceInfo] = {}
    for folder in folders:
        info, _ = read_metadata(folder)
        if info.id != folder.name:
            raise GrowthwatchError.of(f"{folder}: id", info.id, f"the name of its folder, {folder.name!r}")
        out[info.id] = info
    return out


def references(
    *,
    condition: str | None = None,
    measure: str | None = None,
    age_days: float | None = None,
    sex: str | None = None,
    gestation_days: float | None = None,
    length_cm: float | None = None,
) -> Catalogue:
    """Return the packaged references, or those that fit.

    Parameters
    ----------
    condition
        Part of the name of a condition or of the title, in any case; ``""`` asks for those of no condition.
    measure
        A measure that the reference must have.
    age_days, sex, gestation_days, length_cm
        A child whom the reference must cover, by the measure if one is given, by any otherwise.

    Raises
    ------
    GrowthwatchError
        For a condition or measure that no packaged reference has, naming the nearest; for
        anything else than words and finite numbers.

    Notes
    -----
    References of gains are listed beside those of sizes; their measures are ``weight-gain``
    and ``length-gain``, and they are used through `growthwatch.references.increments`.
    """
    every = entries = list(_packaged().values())
    if condition is not None:
        if not isinstance(condition, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise GrowthwatchError.of("condition", condition, "words, such as 'trisomy 21'")
        word = condition.strip().lower()
        entries = [e for e in every if (word in f"{e.condition} {e.title}".lower() if word else not e.condition)]
        if every and not entries:
            known = sorted({e.condition for e in every if e.condition})
            parts = {p.strip() for e in every for p in (*e.condition.split(","), *e.title.split(",")) if e.condition}
            parts |= {w for p in parts for w in p.split() if len(w) > 3}
            raise GrowthwatchError.of(
                "condition", condition, f"part of the name of one that there is: {known}{nearest(condition, parts)}"
            )
    if measure is not None:
        check_measure(measure)
        entries = [e for e in entries if measure in e.measures]
        if every and measure not in (known := dict.fromkeys(m for e in every for m in e.measures)):
            raise GrowthwatchError.of("measure", measure, f"one of {list(known)}{nearest(measure, known)}")
    for name, number in (("age_days", age_days), ("gestation_days", gestation_days), ("length_cm", length_cm)):
        check_number(name, number)
    if age_days is not None or sex is not None or length_cm is not None:
        from growthwatch.references.coverage import fits

        entries = [
            e
            for e in entries
            if fits(e, measure, sex=sex, age_days=age_days, gestation_days=gestation_days, length_cm=length_cm)
        ]
    return Catalogue(entries)


@cache
def _load(name: str, correction: str | None) -> Reference:
    return Reference.packaged(data_folder() / name, correction)


def reference(id: str, correction: str | None = None) -> Reference:
    """Return a packaged reference.

    Parameters
    ----------
    id
        As in `references()`; ``uk-who+lifelong`` names the correction too.
    correction
        ``paper``, ``lifelong`` or ``none``, where the reference offers it; its own default if None.

    Raises
    ------
    GrowthwatchError
        If there is no such reference, naming those that there are.
    """
    if not isinstance(id, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("reference", id, "an id such as 'uk-who'")
    name, plus, named = id.partition("+")
    if plus and not named:
        raise GrowthwatchError.of("reference", id, "a correction after the plus, such as 'uk-who+lifelong'")
    if named and correction is not None and named != correction:
        raise GrowthwatchError.of("correction", correction, f"{named!r}, as the id says, or none")
    known = _packaged()
    if name not in known:
        raise GrowthwatchError.of("reference", id, f"one of {sorted(known)}{nearest(name, known)}")
    wanted = named or correction
    return _load(name, None if wanted == known[name].default_correction else wanted)
