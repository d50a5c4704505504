"""Colours, sizes and the marks of a chart: text, lines, dots and boxes, with every property given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.path import Path as Shape
from matplotlib.text import Text
from matplotlib.textpath import TextPath

from growthwatch.charts.letters import FONT, Words

__all__ = ["Box", "mark_row", "one_row", "question_mark", "rule_line", "spread", "text_at"]

BLACK, BLUE, VERMILLION, GREY, ZONE = "#000000", "#0072B2", "#D55E00", "#595959", "#E3E3E3"
GREEN = "#009E73"
HATCH = "#8C8C8C"
SMALL, NORMAL, LARGE = 8.0, 9.0, 15.0
TITLE_NARROW = 11.5
LINE_WIDTH, BASE_WIDTH, CONDITION_WIDTH, RULE_WIDTH = 0.8, 0.5, 1.2, 1.3
DASHES = (0.0, (6.0, 3.2))
DOTS = (0.0, (1.2, 2.2))
CHAIN = (0.0, (8.0, 2.4, 1.6, 2.4))
TICK_LEFT, TICK_DOWN = 0, 3  # of matplotlib.lines, which its type stubs leave out
LEFT, RIGHT, EDGE = 50.0, 52.0, 16.0
RIGHT_NAMED = 92.0
LONG_WORD = 24
"""Letters of a word from which a row of text is measured, not counted."""
# A square with an arrow under it: the weight is at most this.  The point is the middle of the square.
AT_MOST = Shape(
    [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1), (0, -1), (0, -3.6), (-0.9, -2.6), (0, -3.6), (0.9, -2.6)],
    [Shape.MOVETO, *[Shape.LINETO] * 3, Shape.CLOSEPOLY, Shape.MOVETO, *[Shape.LINETO] * 2, Shape.MOVETO, Shape.LINETO],
)


def question_mark() -> Shape:
    """A question mark as a mark: it stands inside the diamond of a doubted reading, and covers nothing else."""
    outline = TextPath((0, 0), "?", size=10, prop=FontProperties(family=FONT, weight="bold"), usetex=False)
    vertices: Any = outline.vertices
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    return Shape((vertices - (low + high) / 2) / (high - low).max(), outline.codes)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the axes [points from their lower left corner]."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box, spare: float = 2.0) -> bool:
        """Whether two boxes are nearer than that [points]."""
        return (
            self.x < other.x + other.width + spare
            and other.x < self.x + self.width + spare
            and self.y < other.y + other.height + spare
            and other.y < self.y + self.height + spare
        )


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move rising places apart to at least `gap`, as little as possible, and keep them between the bounds."""
    if len(places) > 1 and (high - low) < gap * (len(places) - 1):
        gap = (high - low) / (len(places) - 1)
    # Blocks of places that touch, each at the mean of what its members want.
    blocks: list[tuple[float, int]] = []
    for y in places:
        blocks.append((y, 1))
        while len(blocks) > 1:
            (a, n), (b, m) = blocks[-2], blocks[-1]
            if a + gap * (n - 1) / 2 + gap <= b - gap * (m - 1) / 2 + 1e-9:
                break
            blocks[-2:] = [((a * n + b * m) / (n + m), n + m)]
    out = [centre + gap * (k - (n - 1) / 2) for centre, n in blocks for k in range(n)]
    for k, y in enumerate(out):
        out[k] = max(y, low + gap * k)
    for k in range(len(out) - 1, -1, -1):
        out[k] = min(out[k], high - gap * (len(out) - 1 - k))
    return out


def one_row(text: str) -> str:
    """Text without line breaks and other characters that have no shape."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def text_at(x: float, y: float, text: str, size: float, **more: Any) -> Text:
    """Text at a place."""
    settings: dict[str, Any] = {
        "color": BLACK,
        "fontfamily": FONT,
        "fontsize": size,
        "fontweight": more.pop("weight", "normal"),
        "fontstyle": "normal",
        "horizontalalignment": more.pop("ha", "left"),
        "verticalalignment": more.pop("va", "baseline"),
        "parse_math": False,
        "usetex": False,
        "rotation_mode": "default",
        "zorder": 5,
    }
    background = more.pop("backgroundcolor", None)
    settings.update(more)
    artist = Words(x, y, text, **settings)
    if background is not None:
        artist.set_bbox({"facecolor": background, "edgecolor": "none", "pad": 1.5})
    return artist


def rule_line(x: Any, y: Any, **settings: Any) -> Line2D:
    """A line without marks."""
    fixed: dict[str, Any] = {"marker": "None", "solid_capstyle": "butt", "dash_capstyle": "butt", "antialiased": True}
    return Line2D(x, y, **{**fixed, **settings})


def mark_row(
    x: Any,
    y: Any,
    *,
    marker: Any,
    size: float,
    face: str,
    edge: str,
    edge_width: float = 0.5,
    zorder: float,
    gid: str,
    transform: Any = None,
) -> Line2D:
    """Marks that nothing joins."""
    line = Line2D(
        x,
        y,
        linestyle="None",
        marker=marker,
        markersize=size,
        markerfacecolor=face,
        markeredgecolor=edge,
        markeredgewidth=edge_width,
        antialiased=True,
        zorder=zorder,
        gid=gid,
        clip_on=False,
        fillstyle="full",
    )
    if transform is not None:
        line.set_transform(transform)
    return line
