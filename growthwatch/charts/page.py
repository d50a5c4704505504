"""The page of a chart: what is said around the picture, how much room that leaves, and the axes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle

from growthwatch.charts.marks import (
    AT_MOST,
    EDGE,
    GREY,
    LARGE,
    LEFT,
    LONG_WORD,
    NORMAL,
    SMALL,
    TITLE_NARROW,
    VERMILLION,
    Box,
    mark_row,
    rule_line,
    text_at,
)
from growthwatch.charts.panel import GrowthChart, Panel, Size

__all__ = ["Entry", "Page", "Said"]

NARROW = 560.0
"""Width below which a page is a small one: a smaller title and shorter small print [points]."""

LEAST_TALL = 165.0
"""Height of a picture that is enough on any page that may be higher [points]."""

LEAST_EVER = 96.0
"""Height of a picture below which any page is higher than it was asked for [points]."""

FOOTER_SHARE = 0.15
"""Share of the height of a page that small print may take before it is written shorter."""


_UNIT = re.compile(r"(?<=\d) (?=(?:%|kg|g|cm|mm|SD)(?!\w))")
"""The space between a number and its unit."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the key: a mark, or a line, and what it means."""

    text: str
    mark: dict[str, Any] | None = None
    line: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """All words around a picture.

    Attributes
    ----------
    title
        In large letters.
    warnings
        What must be read before any figure, in a frame.
    adjusted
        What is said of an adjusted reference.
    body
        The row under them.
    footer, footer_short
        The small print, a paragraph each; and the same in fewer words, for small pages.
    """

    title: str
    warnings: tuple[str, ...]
    adjusted: tuple[str, ...]
    body: str
    footer: tuple[str, ...]
    footer_short: tuple[str, ...]
    alt_text: str
    metadata: dict[str, str] = field(default_factory=dict[str, str])


class Page(Panel):
    """One chart's page, with its main picture."""

    margin = LEFT
    """Room to the left of the axes, for their figures and names [points]."""

    least_share = 0.42
    """Least height of the picture where a page may be higher, as a share of the page's width."""

    body_size = NORMAL + 1
    """Size of what stands under the title [points]."""

    def __init__(
        self, size: Size, said: Said, entries: Sequence[Entry], right: float, limits: tuple[float, float]
    ) -> None:
        self.size = size
        self.width, self.height = size.width * 72, size.height * 72
        self.narrow = self.width < NARROW
        self.title_size = TITLE_NARROW if self.narrow else LARGE
        figure = self.figure = GrowthChart(
            figsize=(size.width, size.height),
            dpi=size.dpi,
            facecolor="white",
            edgecolor="white",
            layout="none",  # pyright: ignore[reportArgumentType]
        )
        self.canvas = FigureCanvasAgg(figure)
        figure.alt_text = said.alt_text
        figure.png_metadata = said.metadata
        self.boxes: list[Box] = []
        self.low, self.high = limits
        top = self._heading(said)
        top = self._key(entries, top)
        below = self._footer(said) + 50
        self.right, self.left, self.floor = right, self.margin, below
        self.wide = self.width - self.left - right
        self.tall = max(top - 24 - below, LEAST_EVER)
        # A paper is as it is, unless the words would leave it no picture at all.
        wanted = min(self.least_share * self.width, LEAST_TALL) if size.grows else LEAST_EVER
        figure.lacking = max(wanted - (top - 24 - below), 0.0)
        self.bottom, self.top = 0.0, 1.0

    # --- words around the picture -----------------------------------------------------

    def _heading(self, said: Said) -> float:
        """Write what stands above the picture; return the height at which it ends."""
        room, step = self.width - 2 * EDGE, self.title_size + 4
        rows = self.wrapped(said.title, self.title_size, room, most=2, weight="bold")
        self.page_text(rows, self.title_size, self.height - EDGE - 13, step, weight="bold", gid="title")
        y = self.height - EDGE - 13 - step * len(rows)
        warned = [row for text in said.warnings for row in self.wrapped(text, NORMAL + 0.5, room - 16, weight="bold")]
        if warned:
            tall = 13.0 * len(warned) + 6
            frame = Rectangle(
                (EDGE / self.width, (y + 11 - tall) / self.height), room / self.width, tall / self.height,
                transform=self.figure.transFigure, facecolor="white", edgecolor=VERMILLION, linewidth=1.2,
                gid="warning frame", zorder=1,
            )  # fmt: skip
            self.figure.add_artist(frame)
            self.page_text(warned, NORMAL + 0.5, y - 2, 13.0, weight="bold", gid="warning", indent=7.0)
            y -= tall + 5
        adjusted = [row for text in said.adjusted for row in self.wrapped(text, NORMAL, room, weight="bold")]
        self.page_text(adjusted, NORMAL, y, 12.5, weight="bold", gid="adjusted")
        y -= 12.5 * len(adjusted)
        body, step = self.wrapped(said.body, self.body_size, room), self.body_size + 4
        self.page_text(body, self.body_size, y, step, gid="summary")
        return y - step * len(body) + 2

    def _footer(self, said: Said) -> float:
        """Write the small print; return the height at which it ends."""
        room = self.width - 2 * EDGE
        rows = [row for note in said.footer for row in self.wrapped(note, SMALL, room)]
        if 10.8 * len(rows) > FOOTER_SHARE * self.height:
            rows = self.wrapped(" ".join(said.footer_short), SMALL, room)
        self.page_text(rows, SMALL, 12 + 10.8 * (len(rows) - 1), 10.8, color=GREY, gid="footer")
        return 12 + 10.8 * len(rows)

    def _key(self, entries: Sequence[Entry], y: float) -> float:
        """What marks and lines mean, over the picture: only those that are there.  Return where it ends."""
        x, most = EDGE + 4, self.width - EDGE
        for entry in entries:
            lead = 18 if entry.line is not None else 8
            wide = lead + self.text_width(entry.text, SMALL + 0.5)
            if x + wide > most and x > EDGE + 4:
                x, y = EDGE + 4, y - 14
            if entry.line is not None:
                self.figure.add_artist(
                    rule_line(
                        [(x - 4) / self.width, (x + 14) / self.width],
                        [(y + 0.5) / self.height] * 2,
                        gid="key",
                        transform=self.figure.transFigure,
                        **entry.line,
                    )
                )
            if entry.mark is not None:
                lift = 3.5 if entry.mark["marker"] is AT_MOST else 0.0
                self.figure.add_artist(
                    mark_row(
                        [x / self.width],
                        [(y + lift) / self.height],
                        gid="key",
                        transform=self.figure.transFigure,
                        **entry.mark,
                    )
                )
            self.figure.add_artist(
                text_at(
                    (x + lead) / self.width,
                    y / self.height,
                    entry.text,
                    SMALL + 0.5,
                    va="center_baseline",
                    transform=self.figure.transFigure,
                    gid="key",
                )
            )
            x += wide + 20
        return y - 8

    def wrapped(
        self, text: str, size: float, width: float, most: int | None = None, weight: str = "normal"
    ) -> list[str]:
        """Rows of a text that are no wider than this [points]."""
        per_letter = size * (0.66 if weight == "bold" else 0.56)
        if len(text) * size * 0.72 <= width and sum(map(str.isupper, text)) <= len(text) / 3:
            return [text]  # it fits: no need to measure
        if self.text_width(text, size, weight) <= width:
            return [text]
        letters = max(20, int(width / per_letter))
        whole = _UNIT.sub("\u00a0", text)  # a number is not parted from its unit
        while True:
            rows = textwrap.wrap(whole, letters, max_lines=most, placeholder=" …", break_on_hyphens=False)
            rows = [row.replace("\u00a0", " ") for row in rows]
            # The usual words fit by their number of letters; a long one, or one of wide letters, is measured.
            unusual = [r for r in rows if max(map(len, r.split())) > LONG_WORD or sum(map(str.isupper, r)) > len(r) / 3]
            if letters <= 20 or all(self.text_width(r, size, weight) <= width for r in unusual):
                return rows
            letters = max(20, int(0.8 * letters))

    def page_text(
        self, rows: Sequence[str], size: float, y: float, step: float, indent: float = 0.0, **more: Any
    ) -> None:
        """Rows of text from the left edge of the page, downwards from a height [points]."""
        for k, row in enumerate(rows):
            self.figure.add_artist(
                text_at(
                    (EDGE + indent) / self.width,
                    (y - k * step) / self.height,
                    row,
                    size,
                    transform=self.figure.transFigure,
                    **more,
                )
            )
