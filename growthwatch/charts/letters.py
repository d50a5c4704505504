"""Words on a picture, each drawn once: the same words stand on every chart of a caseload.

Most of the time of a chart goes into its letters.  A row of them is kept as a small picture and laid down where it is
wanted again, to the nearest pixel.  Vector files, rotated rows and rows on a ground of their own are drawn as ever.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

__all__ = ["FONT", "Words", "row_width"]

FONT = "DejaVu Sans"

_PAD = 3
"""Room around a row of letters: some reach beyond their own width [pixels]."""

_KEPT = 512
"""Rows that are kept: a chart has some sixty."""


class Words(Text):
    """One row of text in the font of the charts."""

    def draw(self, renderer: Any) -> None:
        """Draw it, from what is kept where that is possible."""
        text = self.get_text()
        plain = isinstance(renderer, RendererAgg) and self.get_rotation() == 0 and self.get_bbox_patch() is None
        if not plain or not text or not self.get_visible() or self.get_alpha() is not None:
            super().draw(renderer)
            return
        size, weight = float(self.get_fontsize()), str(self.get_fontweight())
        where: Any = renderer
        dpi = float(where.dpi)
        wide, tall, descent = _extent(text, size, weight, dpi)
        place: Any = self.get_transform()
        x, y = (float(v) for v in place.transform(self.get_unitless_position()))
        x -= {"left": 0.0, "center": wide / 2, "right": wide}[self.get_horizontalalignment()]
        y += {
            "baseline": 0.0,
            "center": descent - tall / 2,
            "top": descent - tall,
            "bottom": descent,
            "center_baseline": (descent - tall) / 2,
        }[self.get_verticalalignment()]
        kept = _picture(text, size, weight, str(self.get_color()), dpi)
        gc = renderer.new_gc()
        below = math.ceil(descent) + _PAD
        renderer.draw_image(gc, round(x) - _PAD, round(y) - below, kept)
        gc.restore()
        self.stale = False


def row_width(text: str, size: float, weight: str, dpi: float) -> float:
    """Width of a row of text [points]."""
    return _extent(text, size, weight, dpi)[0] * 72 / dpi


@lru_cache(maxsize=8192)
def _extent(text: str, size: float, weight: str, dpi: float) -> tuple[float, float, float]:
    """Width of a row, and the height and depth of a whole line [pixels]."""
    ruler, prop = _ruler(dpi), FontProperties(family=FONT, size=size, weight=weight)
    wide, tall, descent = ruler.get_text_width_height_descent(text, prop, False)
    _, least, depth = ruler.get_text_width_height_descent("lp", prop, False)
    return wide, max(tall, least), max(descent, depth)


@lru_cache(maxsize=8)
def _ruler(dpi: float) -> RendererAgg:
    """What measures text: a renderer of one pixel."""
    return RendererAgg(1, 1, dpi)


@lru_cache(maxsize=_KEPT)
def _picture(text: str, size: float, weight: str, color: str, dpi: float) -> npt.NDArray[np.uint8]:
    """A row of letters with what is under it showing through."""
    wide, tall, descent = _extent(text, size, weight, dpi)
    below = math.ceil(descent) + _PAD
    height = math.ceil(tall) + below + _PAD
    paper = RendererAgg(math.ceil(wide) + 2 * _PAD, height, dpi)
    gc = paper.new_gc()
    gc.set_foreground(color)
    paper.draw_text(gc, _PAD, height - below, text, FontProperties(family=FONT, size=size, weight=weight), 0.0)
    gc.restore()
    out = np.array(paper.buffer_rgba(), np.uint8)[::-1].copy()  # a renderer lays pictures down from below
    # Where there is no ink the colour is that of the ink all the same, so that edges do not turn dark or light.
    out[..., :3] = np.round(np.array(to_rgb(color)) * 255).astype(np.uint8)
    return out
