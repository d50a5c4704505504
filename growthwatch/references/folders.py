"""A source out to a folder, and back with the same hash."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field, ValidationError

from growthwatch.core.canonical import canonical_json, loads_strict
from growthwatch.core.closed import Closed
from growthwatch.core.errors import GrowthwatchError
from growthwatch.references.adjusted import AdjustedSource
from growthwatch.references.adjusting import restored
from growthwatch.references.metadata import CorrectionName, as_folder, explain_validation
from growthwatch.references.paths import PathLike, cannot_be_written, read_text, user_path
from growthwatch.references.source import Source, read_population

__all__ = ["export", "load", "to_toml"]


_BARE = re.compile(r"[A-Za-z0-9_-]+")


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(v) for v in cast("list[Any]", value)) + "]"
    if isinstance(value, dict):
        inside = ", ".join(f"{_toml_key(k)} = {_toml_value(v)}" for k, v in cast("dict[str, Any]", value).items())
        return "{" + inside + "}"
    raise GrowthwatchError.of("metadata", value, "text, numbers, lists and tables")


def _toml_key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _toml_value(key)


def to_toml(data: Mapping[str, Any], at: str = "") -> str:
    """Write plain data as TOML that reads back as the same data."""
    plain = [f"{_toml_key(k)} = {_toml_value(v)}" for k, v in data.items() if not _is_table(v) and not _is_tables(v)]
    out = "\n".join(plain) + "\n" if plain else ""
    for key, value in data.items():
        name = f"{at}.{_toml_key(key)}" if at else _toml_key(key)
        if _is_table(value):
            out += f"\n[{name}]\n" + to_toml(value, name)
        elif _is_tables(value):
            for row in value:
                out += f"\n[[{name}]]\n" + to_toml(row, name)
    return out


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_tables(value: Any) -> bool:
    if not isinstance(value, list):
        return False
    rows = cast("list[Any]", value)
    return bool(rows) and all(isinstance(v, dict) for v in rows)


ADJUSTMENT_FILE = "adjustment.json"


def export(source: Source, folder: PathLike) -> None:
    """Write a source to a new folder, in the layout that `load` reads.

    The folder gives back the same source, with the same hash, when it is loaded with the
    same correction.  An adjusted one becomes ``adjustment.json`` (what was signed, by whom and
    until when) beside a folder for each source that it stands on.

    Raises
    ------
    GrowthwatchError
        If the folder exists and is not empty, or cannot be written.
    """
    place = user_path("folder", folder)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise GrowthwatchError.of("folder", str(folder), "a new or empty folder: nothing is overwritten")
    try:
        place.mkdir(parents=True, exist_ok=True)
        if isinstance(source, AdjustedSource):
            content: dict[str, Any] = {
                "layout": 1,
                "id": source.id,
                "hash": source.hash,
                "adjusts": {"folder": "base", "correction": source.parent.correction},
                "adjustment": source.node.plain(),
                "link": source.link.plain(),
            }
            export(source.parent, place / "base")
            for other in source.node.others():
                content["other"] = {"folder": "other", "correction": other.correction}
                export(other, place / "other")
            text = json.dumps(json.loads(canonical_json(content)), ensure_ascii=False, indent=2, sort_keys=True)
            (place / ADJUSTMENT_FILE).write_bytes((text + "\n").encode())
            return
        (place / "reference.toml").write_bytes(to_toml(source.metadata).encode())
        for name, data in source.files.items():
            (place / name).write_bytes(data)
    except OSError as e:
        raise cannot_be_written(place, e, "a writable folder") from None


class _Part(Closed):
    folder: Literal["base", "other"]
    correction: CorrectionName


class _Link(Closed):
    because: str
    by: str
    review_by: str
    signed_on: str | None
    specialist: str | None
    measures: list[str] = Field(min_length=1)


_Knots = Annotated[list[Annotated[list[float], Field(min_length=2, max_length=2)]], Field(min_length=1)]


class _ShiftScale(Closed):
    node: Literal["shift-scale"]
    shift: _Knots
    scale: _Knots


class _AgeShift(Closed):
    node: Literal["age-shift"]
    days: float


class _Blend(Closed):
    node: Literal["blend"]
    other: Annotated[list[str], Field(min_length=2, max_length=2)]
    weight: _Knots


class _AdjustmentFile(Closed):
    """``adjustment.json``: what was signed, and the folders of the references that it stands on."""

    layout: Literal[1]
    id: str
    hash: str
    adjusts: _Part
    other: _Part | None = None
    adjustment: Annotated[_ShiftScale | _AgeShift | _Blend, Field(discriminator="node")]
    link: _Link


def _load_adjusted(folder: Path) -> Source:
    """Read a folder written by `export` from an adjusted reference; its hash must be the one it says."""
    text, where = read_text(folder / ADJUSTMENT_FILE)
    try:
        content = _AdjustmentFile.model_validate(loads_strict(text))
        blended = isinstance(content.adjustment, _Blend)
        if content.adjusts.folder != "base" or (content.other is None) == blended:
            raise GrowthwatchError.of("adjusts, other", text, "the folder base; and other, of a blend alone")
        parts = [load(folder / p.folder, p.correction) for p in (content.adjusts, content.other) if p]
        made = restored(parts, content.adjustment.model_dump(), content.link.model_dump())
    except ValidationError as e:
        raise explain_validation(e, where) from None
    except GrowthwatchError as e:
        raise GrowthwatchError(f"{where}: {e}", field=e.field, value=e.value, expected=e.expected) from None
    for name, said, found in (("hash", content.hash, made.hash), ("id", content.id, made.id)):
        if said != found:
            raise GrowthwatchError.of(f"{where}: {name}", said, f"{found}, that of its content: the file was changed")
    return made


def load(folder: str | Path | Traversable, correction: str | None = None) -> Source:
    """Read a folder of ``reference.toml`` and figures, or of an adjustment, and check it whole."""
    if not isinstance(folder, str | Path | Traversable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("folder", folder, "the path of a folder")
    place: Traversable = as_folder(folder) if isinstance(folder, str | Path) else folder
    if isinstance(place, Path) and (place / ADJUSTMENT_FILE).is_file():
        made = _load_adjusted(place)
        if correction not in (None, made.correction):
            raise GrowthwatchError.of("correction", correction, f"None, or {made.correction!r} as was signed")
        return made
    made = read_population(place, correction)
    for measure in made.measures:
        made.curves(measure)
    return made
