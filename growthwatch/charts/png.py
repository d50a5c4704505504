"""PNG files: the same picture always gives the same bytes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from growthwatch.charts.at_once import at_once

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

__all__ = ["png_bytes"]

_INKS = ((0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00), (0x00, 0x9E, 0x73), (0x59, 0x59, 0x59), (0x00, 0x00, 0x00))
_WHITE = (0xFF, 0xFF, 0xFF)
_PAPERS = ((0xE3, 0xE3, 0xE3), (0xF1, 0xF1, 0xF1), (0xB9, 0xE4, 0xD6), (0xDC, 0xE9, 0xF3))


def _palette() -> list[int]:
    """Every ink on every paper at a few strengths, the lines over each other, and shades of grey: 256 colours or fewer.

    The edges of lines and letters are blends of an ink with what lies under it.  A fixed
    palette keeps white white, and is quick.
    """
    colours: dict[tuple[int, int, int], None] = {}
    pairs = [(ink, _WHITE, 13) for ink in _INKS] + [(ink, paper, 6) for ink in _INKS for paper in _PAPERS]
    pairs += [(a, b, 4) for i, a in enumerate(_INKS) for b in _INKS[i + 1 :]]
    for ink, paper, steps in pairs:
        for k in range(steps + 1):
            colours[tuple(round(a + (b - a) * k / steps) for a, b in zip(ink, paper, strict=True))] = None  # pyright: ignore[reportArgumentType]
    assert len(colours) <= 256
    return [v for colour in colours for v in colour]


@cache
def _palette_image() -> Any:
    from PIL import Image

    palette = Image.new("P", (1, 1))
    palette.putpalette(_palette())
    return palette


def _small(canvas: FigureCanvasAgg) -> Any:
    """Render a canvas with a small palette; what it was rendered on is let go of."""
    from matplotlib.text import Text
    from PIL import Image

    canvas.draw()
    width, height = canvas.get_width_height()
    drawn: Any = canvas.buffer_rgba()
    picture = Image.frombuffer("RGBA", (width, height), drawn, "raw", "RGBA", 0, 1).convert("RGB")
    # The canvas and every text keep the pixels that they were drawn on, 15 MB of a page, for as long as there is a
    # figure, and figures are circles, which go late.  The next rendering makes new pixels.
    for kept in ("renderer", "_lastKey"):
        vars(canvas).pop(kept, None)
    for text in canvas.figure.findobj(Text):
        vars(text)["_renderer"] = None
    return picture.quantize(palette=_palette_image(), dither=Image.Dither.NONE)


def png_bytes(canvas: FigureCanvasAgg, metadata: Mapping[str, str]) -> bytes:
    """Render a canvas to a PNG with a small palette and text chunks."""
    from PIL.PngImagePlugin import PngInfo

    small = at_once(lambda: _small(canvas))
    text = PngInfo()
    for key, value in metadata.items():
        text.add_text(key, value)
    out = BytesIO()
    dpi = canvas.figure.dpi
    # Runs of one colour are all that such a picture has: three times as quick, and little larger.
    small.save(out, format="png", pnginfo=text, dpi=(dpi, dpi), compress_level=6, compress_type=zlib.Z_RLE)
    return out.getvalue()
