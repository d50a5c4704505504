"""A source out to a folder, and back with the same hash."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field, ValidationError

from growthwatch.core.canonical import canonical_json, loads_strict
from growthwatch.core.closed import Closed
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.wrong import Wrong
from growthwatch.references.adjusted import AdjustedSource
from growthwatch.references.adjusting import restored
from growthwatch.references.births import BoundSource, bound
from growthwatch.references.metadata import CorrectionName, as_folder, explain_validation
from growthwatch.references.paths import PathLike, cannot_be_written, read_text, user_path
from growthwatch.references.source import Population, Source, read_population, text_hash

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
CONTENTS_FILE = "contents.json"
"""What `export` wrote: the hash of the source and of each file, so that a changed file is found and named."""


def export(source: Source, folder: PathLike) -> None:
    """Write a source to a new folder, in the layout that `load` reads, wholly or not at all.

    The folder gives back the same source, with the same hash, when it is loaded with the
    same correction.  Beside the files stands ``contents.json`` with the hash of the source and of
    each file.  An adjusted one becomes ``adjustment.json`` (what was signed, by whom and
    until when, and the hash) beside a folder for each source that it stands on.

    Raises
    ------
    GrowthwatchError
        If the folder exists and is not empty, or cannot be written; for the tables of one birth
        alone, which are exported with the others of their reference.
    """
    place = user_path("folder", folder).absolute()
    if isinstance(source, BoundSource):
        expected = f"{source.id} whole, as growthwatch.reference returns it: bind it to a birth again once it is loaded"
        raise GrowthwatchError.of("reference", f"{source.id}, {source.births.label}", expected)
    try:
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise GrowthwatchError.of("folder", str(folder), "a new or empty folder: nothing is overwritten")
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_name(f".{place.name[:100]}.{secrets.token_hex(8)}.tmp")
        try:
            _write(source, beside)
            if place.exists():
                place.rmdir()  # empty: a folder is not put in the place of one on every system
            beside.rename(place)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    except OSError as e:
        raise cannot_be_written(place, e, "a writable folder") from None
    except ValueError as e:  # a NUL in the path, or one that cannot be encoded
        if isinstance(e, GrowthwatchError):
            raise
        raise GrowthwatchError.of("folder", str(folder), "the path of a folder") from None


def _write(source: Source, place: Path) -> None:
    """Write the files of a source to a folder that is not there yet."""
    place.mkdir()
    if isinstance(source, AdjustedSource):
        content: dict[str, Any] = {
            "layout": 1,
            "id": source.id,
            "hash": source.hash,
            "adjustment": source.node.plain(),
            "link": source.link.plain(),
        }
        content["adjusts"] = _write_part(source.parent, place, "base")
        for other in source.node.others():
            content["other"] = _write_part(other, place, "other")
        (place / ADJUSTMENT_FILE).write_bytes(_json(content))  # it holds its own hash
        return
    files = {"reference.toml": to_toml(source.metadata).encode(), **source.files}
    for name, data in files.items():
        (place / name).write_bytes(data)
    told = {
        "layout": 1,
        "id": source.id,
        "hash": source.hash,
        "correction": source.correction,
        "files": {name: text_hash(data, name) for name, data in files.items()},
    }
    (place / CONTENTS_FILE).write_bytes(_json(told))


def _write_part(source: Source, place: Path, name: str) -> dict[str, Any]:
    """Write a source that an adjusted one stands on; a bound one whole, with the place of its births."""
    part: dict[str, Any] = {"folder": name, "correction": source.correction}
    if isinstance(source, BoundSource):
        part["births"] = source.births.label
        source = source.whole
    _write(source, place / name)
    return part


def _json(content: dict[str, Any]) -> bytes:
    text = json.dumps(json.loads(canonical_json(content)), ensure_ascii=False, indent=2, sort_keys=True)
    return (text + "\n").encode()


class _Contents(Closed):
    """``contents.json``."""

    layout: Literal[1]
    id: str
    hash: str
    correction: CorrectionName
    files: dict[str, str] = Field(min_length=1)


def _check_contents(folder: Path) -> _Contents | None:
    """Check that the files of an exported folder are as they were written; None where the folder does not say.

    Raises
    ------
    GrowthwatchError
        Naming the file that is not.
    """
    place = folder / CONTENTS_FILE
    if not place.is_file():
        return None
    text, where = read_text(place)
    try:
        told = _Contents.model_validate(loads_strict(text))
    except ValidationError as e:
        raise explain_validation(e, where) from None
    except GrowthwatchError as e:
        raise e.within(where) from None
    wrong = Wrong(where)
    for name, said in told.files.items():
        file = folder / name
        if not _PLAIN_NAME.fullmatch(name) or not file.is_file():
            wrong.add(f"{where}: files", name, f"a file of the folder {folder}")
            continue
        found = text_hash(read_text(file)[0].encode(), str(file))
        if found != said:
            expected = f"the file whose hash {CONTENTS_FILE} names ({said[:8]}): it was changed since it was exported"
            wrong.add(str(file), found[:8], expected)
    wrong.raise_all()
    return told


_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class _Part(Closed):
    folder: Literal["base", "other"]
    correction: CorrectionName
    births: str | None = None


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
        parts = [_part(folder, p) for p in (content.adjusts, content.other) if p]
        made = restored(parts, content.adjustment.model_dump(), content.link.model_dump())
    except ValidationError as e:
        raise explain_validation(e, where) from None
    except GrowthwatchError as e:
        raise e.within(where) from None
    for name, said, found in (("hash", content.hash, made.hash), ("id", content.id, made.id)):
        if said != found:
            raise GrowthwatchError.of(f"{where}: {name}", said, f"{found}, that of its content: the file was changed")
    return made


def _part(folder: Path, part: _Part) -> Source:
    """Read a source that an adjusted one stands on, on the table of its births where it says so."""
    made = load(folder / part.folder, part.correction)
    if part.births is None:
        return made
    labels = [b.label for b in made.info.births]
    if part.births not in labels or not isinstance(made, Population):
        raise GrowthwatchError.of("births", part.births, f"one of {labels}")
    return bound(made, labels.index(part.births))


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
    told = _check_contents(place) if isinstance(place, Path) else None
    made = read_population(place, correction)
    unnamed = sorted(set(made.files) - set(told.files)) if told is not None else []
    if unnamed:
        raise GrowthwatchError.of(f"{place}/{unnamed[0]}", unnamed[0], f"a file that {CONTENTS_FILE} names")
    if told is not None and told.correction == made.correction and told.hash != made.hash:
        raise GrowthwatchError.of(f"{place}/{CONTENTS_FILE}: hash", told.hash, f"{made.hash}, that of the files")
    for measure in made.measures:
        if made.info.table_by is None:
            made.curves(measure)
        else:
            for number in range(len(made.info.births)):
                bound(made, number).curves(measure)
    return made
