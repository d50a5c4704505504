"""What a figure shows, by the names of its parts."""

from __future__ import annotations

import itertools
from typing import Any

from matplotlib.text import Text


def artists(figure: Any, gid: str) -> list[Any]:
    """Artists whose name begins so."""
    found = figure.findobj(lambda a: str(a.get_gid() or "").startswith(gid), include_self=False)
    return list({id(a): a for a in found}.values())


def texts(figure: Any, gid: str = "") -> list[str]:
    """What stands in the picture, of parts whose name begins so."""
    return [a.get_text() for a in artists(figure, gid) if isinstance(a, Text) and a.get_text()]


def said(figure: Any, gid: str = "") -> str:
    return " ".join(texts(figure, gid))


def places(figure: Any, gid: str) -> list[tuple[float, float]]:
    """Data of the lines and marks whose name begins so."""
    return [(float(x), float(y)) for a in artists(figure, gid) if hasattr(a, "get_xydata") for x, y in a.get_xydata()]


def boxes(figure: Any, *gids: str) -> list[tuple[str, Any]]:
    """Where words stand [pixels]."""
    renderer = figure.canvas.get_renderer()
    found = [a for gid in gids for a in artists(figure, gid) if isinstance(a, Text) and a.get_text()]
    return [(a.get_text(), Text.get_window_extent(a, renderer)) for a in found]


def collisions(figure: Any, *gids: str) -> list[tuple[str, str]]:
    """Words that cover each other."""
    return [
        (a, b)
        for (a, one), (b, two) in itertools.combinations(boxes(figure, *gids), 2)
        if one.shrunk(0.98, 0.8).overlaps(two.shrunk(0.98, 0.8))
    ]


def outside(figure: Any) -> list[str]:
    """Words that run over the edge of the page."""
    wide, tall = (float(v) * figure.dpi for v in figure.get_size_inches())
    return [
        text for text, box in boxes(figure, "") if box.x0 < -1 or box.y0 < -1 or box.x1 > wide + 1 or box.y1 > tall + 1
    ]
