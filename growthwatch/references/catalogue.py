"""The catalogue: which references there are, found by looking, never listed in code."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Literal, overload

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from growthwatch.core.errors import GrowthwatchError, nearest
from growthwatch.references.metadata import (
    ReferenceInfo,
    corrections,
    data_folder,
    explain_validation,
    read_metadata,
    read_toml,
)
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


class _Name(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    means: str = Field(min_length=1)
    said: list[str] = Field(min_length=1)


class _Names(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    source: str = Field(min_length=1)
    tag: Literal["N", "G", "L"]
    review_by: dt.date
    name: list[_Name]


def _plain(text: str) -> str:
    """Text for looking up: small letters, single spaces, no commas or hyphens."""
    return " ".join(re.sub(r"[,;()‐-―-]", " ", text.lower().replace("’", "'")).split())


@cache
def _everyday() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of the everyday names of conditions, longest first, and what each means."""
    path = resources.files("growthwatch.references") / "condition-names.toml"
    try:
        names = _Names.model_validate(read_toml(path)).name
    except ValidationError as e:  # pragma: no cover - the packaged file is tested
        raise explain_validation(e, str(path)) from None
    means = {_plain(said): _plain(n.means) for n in names for said in n.said}
    longest = sorted(means, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)"), means


_LEVEL = re.compile(r"(?:^|\s)(?:i{1,3}|iv|v|\d+)$")


def condition_asked(condition: str) -> re.Pattern[str] | None:
    """Return the pattern that finds a condition in a name as `_plain` has it; None for none at all."""
    pattern, means = _everyday()
    word = pattern.sub(lambda found: means[found[0]], _plain(condition))
    if not word:
        return None
    return re.compile(re.escape(word) + (r"(?!\w)" if _LEVEL.search(word) else ""))


def check_gestation(gestation_days: float) -> None:
    """Refuse a gestation that cannot be: most often weeks given for days."""
    possible = corrections().gestation
    if not possible.least_days <= gestation_days <= possible.most_days:
        weeks = possible.least_days <= 7 * gestation_days <= possible.most_days
        hint = f"; {gestation_days:g} weeks are {7 * gestation_days:g} days" if weeks else ""
        expected = f"completed days of gestation, {possible.least_days} to {possible.most_days}{hint}"
        raise GrowthwatchError.of("gestation_days", gestation_days, expected)


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
        Part of the name of a condition or of the title, in any case, or an everyday name for it
        (``condition-names.toml``: CP, T21, GMFCS 5, premature); ``""`` asks for those of no condition.
        A level is a whole word: ``GMFCS I`` is not ``GMFCS II``.
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
        asked = condition_asked(condition)
        entries = [e for e in every if (asked.search(_plain(f"{e.condition} {e.title}")) if asked else not e.condition)]
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
    if gestation_days is not None:
        check_gestation(gestation_days)
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
