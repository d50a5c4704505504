"""PNG files: the same picture always gives the same bytes, written wholly or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import write_wholly

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

__all__ = ["check_path", "png_bytes", "write_png"]

_INKS = ((0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00), (0x59, 0x59, 0x59), (0x00, 0x00, 0x00))
_PAPERS = ((0xFF, 0xFF, 0xFF), (0xE3, 0xE3, 0xE3))


def _palette() -> list[int]:
    """Every ink on every paper at a few strengths, the lines over each other, and shades of grey: 256 colours or fewer.

    The edges of lines and letters are blends of an ink with what lies under it.  A fixed
    palette keeps white white, and is quick.
    """
    colours: dict[tuple[int, int, int], None] = {}
    pairs = [(ink, paper) for ink in _INKS for paper in _PAPERS]
    pairs += [(a, b) for i, a in enumerate(_INKS) for b in _INKS[i + 1 :]]
    for ink, paper in pairs:
        for k in range(17):
            colours[tuple(round(a + (b - a) * k / 16) for a, b in zip(ink, paper, strict=True))] = None  # pyright: ignore[reportArgumentType]
    return [v for colour in colours for v in colour]


def png_bytes(canvas: FigureCanvasAgg, metadata: Mapping[str, str]) -> bytes:
    """Render a canvas to a PNG with a small palette and text chunks."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    canvas.draw()
    width, height = canvas.get_width_height()
    picture = Image.frombuffer("RGBA", (width, height), bytes(canvas.buffer_rgba()), "raw", "RGBA", 0, 1).convert("RGB")
    palette = Image.new("P", (1, 1))
    palette.putpalette(_palette())
    small = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    text = PngInfo()
    for key, value in metadata.items():
        text.add_text(key, value)
    out = BytesIO()
    dpi = canvas.figure.dpi
    small.save(out, format="png", pnginfo=text, dpi=(dpi, dpi), compress_level=6)
    return out.getvalue()


def check_path(path: object) -> Path:
    """Check where a picture is to go, before anything is drawn.

    Raises
    ------
    GrowthwatchError
        When it does not end in .png, its folder does not exist, or it is a folder.
    """
    if not isinstance(path, str | os.PathLike):
        raise GrowthwatchError.of("path", path, "the path of a PNG file")
    target = Path(os.fsdecode(os.fspath(path)))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if "\0" in str(target):
        raise GrowthwatchError.of("path", str(target), "a path without a null character")
    if target.suffix.lower() != ".png":
        raise GrowthwatchError.of("path", str(target), "a path that ends in .png")
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


def write_png(path: Path, data: bytes) -> None:
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
