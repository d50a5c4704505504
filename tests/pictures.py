"""What a figure shows, by the names of its parts."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
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


READINGS = ("dots", "crosses", "upper bounds", "uncertain", "suspected", "repeated", "do not count")
"""Names of the marks of readings."""

LINES = ("centile ", "base ", "standard ", "guide ", "rule line ", "limit ", "birth weight")
UPRIGHTS = ("break", "correction stops", "own lines begin", "puberty", "today", "death", "regained by")


def marks(figure: Any, *gids: str) -> np.ndarray:
    """Corners of the marks of these names: left, below, right, above [pixels]."""
    out: list[tuple[float, float, float, float]] = []
    for axes in figure.axes:
        for line in axes.get_lines():
            if line.get_gid() in gids and len(line.get_xdata()):
                half = (4.5 if line.get_gid() == "suspected" else 3.0) * figure.dpi / 72
                out += [
                    (x - half, y - half, x + half, y + half) for x, y in axes.transData.transform(line.get_xydata())
                ]
    return np.array(out).reshape(-1, 4)


def covers(figure: Any) -> list[str]:
    """Words that lie on marks, on other words, on lines without a white ground, or that leave the page.

    Nothing is painted for it: words know their places before.
    """
    renderer = figure.canvas.get_renderer()
    words = [t for t in figure.findobj(Text) if t.get_text() and t.get_visible()]
    found = [Text.get_window_extent(t, renderer) for t in words]
    at = np.array([(b.x0, b.y0, b.x1, b.y1) for b in found]).reshape(-1, 4)

    def meet(a: np.ndarray, b: np.ndarray, x: float, y: float) -> np.ndarray:
        """Which boxes of two lists lie on each other by more than this."""
        one, two = a[:, None, :], b[None, :, :]
        across = (one[..., 2] > two[..., 0] + x) & (two[..., 2] > one[..., 0] + x)
        return across & (one[..., 3] > two[..., 1] + y) & (two[..., 3] > one[..., 1] + y)

    faults = [
        f"{words[i].get_text()!r} and {words[j].get_text()!r}"
        for i, j in zip(*np.nonzero(np.triu(meet(at, at, 1, 4), 1)), strict=True)
    ]
    wide, tall = float(figure.bbox.width), float(figure.bbox.height)
    away = (at[:, 0] < -1) | (at[:, 2] > wide + 1) | (at[:, 1] < -1) | (at[:, 3] > tall + 1)
    faults += [f"{words[i].get_text()!r} leaves the page" for i in np.flatnonzero(away)]
    on_marks = meet(at, marks(figure, *READINGS), 0, 0).any(axis=1)
    faults += [f"{words[i].get_text()!r} on a mark" for i in np.flatnonzero(on_marks)]
    loose = [k for k, t in enumerate(words) if t.get_gid() in ("note", "words on a mark") and not t.get_bbox_patch()]
    for axes in figure.axes:
        top = float(axes.get_window_extent().y1)
        for line in axes.get_lines():
            gid = str(line.get_gid() or "")
            if not gid.startswith(LINES):
                continue
            x, y = axes.transData.transform(line.get_xydata()).T
            for k in loose:
                box = found[k]
                if line.get_xdata()[0] == line.get_xdata()[-1]:
                    continue
                near = (x > box.x0) & (x < box.x1) & (y > box.y0 + 2) & (y < box.y1 - 2) & (y < top)
                if near.any():
                    faults.append(f"{words[k].get_text()!r} on a line")
        for line in axes.get_lines():
            if line.get_gid() in UPRIGHTS:
                x = float(axes.transData.transform(line.get_xydata())[0, 0])
                low, high = (float(v) for v in axes.get_window_extent().intervaly)
                faults += [
                    f"{words[k].get_text()!r} on an upright"
                    for k in loose
                    if found[k].x0 < x < found[k].x1 and low < (found[k].y0 + found[k].y1) / 2 < high
                ]
    return faults
