"""Pictures and tables as files: the same bytes for the same chart, written wholly or not at all."""

from __future__ import annotations

import csv
import html
import io
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import write_wholly

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SUFFIXES", "check_path", "csv_text", "pdf_bytes", "svg_bytes", "write_file"]

SUFFIXES = (".png", ".svg", ".pdf")
"""How a path of a picture may end."""

_GENERATED = re.compile(rb'(?<=id=")[a-zA-Z]+[0-9a-f]{10}(?=")')
_NAMED = re.compile(rb'<g id="([^"]*)"')
_OPENING = re.compile(rb"<svg [^>]*>")
_FORMULA = ("=", "+", "@", "-", "\t", "\r")


def svg_bytes(figure: Figure, title: str, description: str, metadata: Mapping[str, str]) -> bytes:
    """The picture as SVG, with a role, a title and a description for people who cannot see it.

    Names of parts, which need not be unique, are ``data-name``; ids are numbered in order.
    """
    out = io.BytesIO()
    kept = {"Title": title, "Description": description, "Creator": metadata["Software"], "Date": None}
    figure.savefig(out, format="svg", metadata=kept)  # pyright: ignore[reportUnknownMemberType, reportArgumentType]
    data = out.getvalue()
    for k, old in enumerate(dict.fromkeys(_GENERATED.findall(data)), start=1):
        data = data.replace(b'"%s"' % old, b'"gw%d"' % k).replace(b"#%s" % old, b"#gw%d" % k)
    data = _NAMED.sub(rb'<g data-name="\1"', data)
    opening = _OPENING.search(data)
    assert opening is not None
    words = (
        f'{opening[0].decode()[:-1]} role="img" aria-labelledby="gw-title gw-description">\n'
        f'<title id="gw-title">{html.escape(title)}</title>\n'
        f'<desc id="gw-description">{html.escape(description)}</desc>'
    )
    return data[: opening.start()] + words.encode() + data[opening.end() :]


def pdf_bytes(figure: Figure, title: str, description: str, metadata: Mapping[str, str]) -> bytes:
    """The picture as PDF, with its words in what describes the file."""
    out = io.BytesIO()
    rest = "; ".join(f"{k}: {v}" for k, v in metadata.items() if k not in ("Title", "Description", "Software"))
    kept = {
        "Title": title, "Subject": description, "Keywords": rest, "Creator": metadata["Software"],
        "Producer": metadata["Software"], "CreationDate": None,
    }  # fmt: skip
    figure.savefig(out, format="pdf", metadata=kept)  # pyright: ignore[reportUnknownMemberType, reportArgumentType]
    return out.getvalue()


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV; text that a spreadsheet would take for a formula begins with an apostrophe."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[_cell(row.get(name)) for name in names] for row in rows])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def check_path(path: object) -> Path:
    """Check where a picture is to go, before anything is drawn.

    Raises
    ------
    GrowthwatchError
        When it does not end in .png, .svg or .pdf, its folder does not exist, or it is a folder.
    """
    if not isinstance(path, str | os.PathLike):
        raise GrowthwatchError.of("path", path, "the path of a PNG, SVG or PDF file")
    target = Path(os.fsdecode(os.fspath(path)))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if "\0" in str(target):
        raise GrowthwatchError.of("path", str(target), "a path without a null character")
    if target.suffix.lower() not in SUFFIXES:
        raise GrowthwatchError.of("path", str(target), "a path that ends in .png, .svg or .pdf")
    try:
        if not target.parent.is_dir():
            raise GrowthwatchError.of("path", str(target), "a path in an existing folder")
        if target.is_dir():
            raise GrowthwatchError.of("path", str(target), "a file, not a folder")
    except (OSError, ValueError) as e:
        if isinstance(e, GrowthwatchError):
            raise
        raise _cannot_write(target, e) from None
    return target


def write_file(path: Path, data: bytes) -> None:
    """Write a file wholly or not at all.

    Raises
    ------
    GrowthwatchError
        When it cannot be written; what was there before is then still there.
    """
    try:
        write_wholly(Path(os.path.realpath(path)), data)
    except (OSError, ValueError) as e:
        raise _cannot_write(path, e) from e


def _cannot_write(path: Path, error: Exception) -> GrowthwatchError:
    reason = getattr(error, "strerror", None) or str(error)
    return GrowthwatchError(
        f"path: cannot write {str(path)!r} ({reason})",
        field="path",
        value=str(path),
        expected="a path that can be written",
    )
