"""The page of a chart: what is said around the picture, how much room that leaves, and the axes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FixedLocator

from growthwatch.charts.frame import AgeAxis, Caption
from growthwatch.charts.marks import (
    AT_MOST,
    BLACK,
    EDGE,
    FONT,
    GREY,
    LARGE,
    LEFT,
    LONG_WORD,
    NORMAL,
    SMALL,
    TICK_DOWN,
    TITLE_NARROW,
    VERMILLION,
    Box,
    mark_row,
    rule_line,
    text_at,
)
from growthwatch.charts.png import png_bytes

__all__ = ["Entry", "GrowthChart", "Page", "Said", "Size"]

NARROW = 560.0
"""Width below which a page is a small one: a smaller title and shorter small print [points]."""

FOOTER_SHARE = 0.15
"""Share of the height of a page that small print may take before it is written shorter."""

_BRIEF = {"gestation (weeks)": ("gestation", "gest."), "weeks": ("wk",), "months": ("mo",), "years": ("y",)}
"""Shorter names of a unit, where its bracket has no room for it."""


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height [inches], and dots per inch."""

    width: float
    height: float
    dpi: int = 200


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


class GrowthChart(Figure):
    """A figure that knows its own words and shows itself in a notebook."""

    alt_text: str = ""
    """The chart in a sentence."""

    png_metadata: dict[str, str]

    def png(self) -> bytes:
        """Return the picture as a PNG file: the same bytes for the same chart."""
        canvas = self.canvas
        if not isinstance(canvas, FigureCanvasAgg):
            canvas = FigureCanvasAgg(self)
        return png_bytes(canvas, self.png_metadata)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = self.get_size_inches()
        return self.png(), {"width": round(width * 90), "height": round(height * 90)}


class Page:
    """One chart's page."""

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
        self.right, self.left, self.floor = right, LEFT, below
        self.wide = self.width - self.left - right
        self.tall = max(top - 24 - below, 40.0)
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
        body = self.wrapped(said.body, NORMAL + 1, room)
        self.page_text(body, NORMAL + 1, y, 14, gid="summary")
        return y - 14 * len(body) + 2

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

    def text_width(self, text: str, size: float, weight: str = "normal") -> float:
        """Width of text [points]."""
        prop = FontProperties(family=FONT, size=size, weight=weight)
        return self.canvas.get_renderer().get_text_width_height_descent(text, prop, False)[0] * 72 / self.size.dpi

    def wrapped(
        self, text: str, size: float, width: float, most: int | None = None, weight: str = "normal"
    ) -> list[str]:
        """Rows of a text that are no wider than this [points]."""
        per_letter = size * (0.66 if weight == "bold" else 0.56)
        if len(text) * size * 0.72 <= width:
            return [text]  # even in wide letters it fits: no need to measure
        if self.text_width(text, size, weight) <= width:
            return [text]
        letters = max(20, int(width / per_letter))
        while True:
            rows = textwrap.wrap(text, letters, max_lines=most, placeholder=" …", break_on_hyphens=False)
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

    # --- the axes -----------------------------------------------------------------------

    def open_axes(self, bottom: float, top: float) -> None:
        """The axes, with their ends and nothing in them."""
        self.bottom, self.top = bottom, top
        rectangle = (self.left / self.width, self.floor / self.height, self.wide / self.width, self.tall / self.height)
        axes = self.axes = self.figure.add_axes(rectangle, facecolor="white", frame_on=True)  # pyright: ignore[reportUnknownMemberType]
        axes.set_axisbelow(False)
        axes.grid(False, which="both")  # pyright: ignore[reportUnknownMemberType]
        axes.set_xscale("linear")  # pyright: ignore[reportUnknownMemberType]
        axes.set_xlim(self.low, self.high)
        axes.set_ylim(self.bottom, self.top)
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("left", "bottom"))
            spine.set_color(GREY)
            spine.set_linewidth(0.7)

    axes: Axes

    def axis_marks(self, marks: AgeAxis, upright: Sequence[tuple[float, str]], below: str, beside: str) -> None:
        """Marks, figures and names of both axes."""
        axes = self.axes
        axes.xaxis.set_major_locator(FixedLocator([x for x, _ in marks.labelled]))
        axes.xaxis.set_major_formatter(FixedFormatter([t for _, t in marks.labelled]))
        axes.xaxis.set_minor_locator(FixedLocator([]))
        axes.yaxis.set_major_locator(FixedLocator([y for y, _ in upright]))
        axes.yaxis.set_major_formatter(FixedFormatter([t for _, t in upright]))
        axes.yaxis.set_minor_locator(FixedLocator([]))
        sides: dict[str, Any] = {
            "x": {"bottom": True, "top": False, "labelbottom": True, "labeltop": False},
            "y": {"left": True, "right": False, "labelleft": True, "labelright": False},
        }
        for which in ("x", "y"):
            axes.tick_params(  # pyright: ignore[reportUnknownMemberType]
                axis=which,
                which="major",
                direction="out",
                length=4.5,
                width=0.7,
                color=GREY,
                labelcolor=BLACK,
                labelsize=NORMAL,
                labelfontfamily=FONT,
                pad=2.5,
                labelrotation=0,
                **sides[which],
            )
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_usetex(False)
        small = mark_row(
            list(marks.plain),
            [0.0] * len(marks.plain),
            marker=TICK_DOWN,
            size=2.5,
            face=GREY,
            edge=GREY,
            zorder=2,
            gid="small marks",
            transform=axes.get_xaxis_transform(),
        )
        axes.add_line(small)
        self._captions(marks.captions)
        self.axes_text(self.wide / 2, -41, below, NORMAL + 1, ha="center", gid="axis label")
        self.axes_text(-33, self.tall / 2, beside, NORMAL + 1, ha="center", va="center", rotation=90, gid="axis label")

    def _captions(self, captions: Sequence[Caption]) -> None:
        """Name each unit in the middle under its own bracket, in fewer letters where there is no room."""
        ends = [(self.px(c.low) - 5, self.px(c.high) + 5) for c in captions]
        for k, caption in enumerate(captions):
            start, end = ends[k]
            self._bracket(start, end)
            least = ends[k - 1][1] + 4 if k else -self.left + 4
            most = ends[k + 1][0] - 4 if k + 1 < len(ends) else self.wide + self.right - 4
            centre = (start + end) / 2
            half = min(centre - least, most - centre)
            for text in (caption.text, *_BRIEF.get(caption.text, ())):
                if self.text_width(text, SMALL) / 2 <= half:
                    self.axes_text(centre, -27.5, text, SMALL, color=GREY, ha="center", gid="unit")
                    break

    def _bracket(self, start: float, end: float) -> None:
        """A fine rule under the figures that share a unit."""
        xs, y = [(self.left + v) / self.width for v in (start, end)], (self.floor - 18.5) / self.height
        rule = rule_line(
            xs, [y, y], color=GREY, linestyle="-", linewidth=0.6, gid="unit rule", transform=self.figure.transFigure
        )
        self.figure.add_artist(rule)

    def axes_text(self, x: float, y: float, text: str, size: float, **more: Any) -> Text:
        """Text at a place on the axes [points from their lower left corner]."""
        artist = text_at(
            (self.left + x) / self.width,
            (self.floor + y) / self.height,
            text,
            size,
            transform=self.figure.transFigure,
            **more,
        )
        self.figure.add_artist(artist)
        return artist

    def px(self, x: float) -> float:
        """Place of an age or length on the axes [points from the left]."""
        return (x - self.low) / (self.high - self.low) * self.wide

    def py(self, value: float) -> float:
        """Place of a value on the axes [points from below]."""
        return (value - self.bottom) / (self.top - self.bottom) * self.tall

    def x_at(self, px: float) -> float:
        """The way back from `px`."""
        return self.low + px / self.wide * (self.high - self.low)

    def y_at(self, py: float) -> float:
        """The way back from `py`."""
        return self.bottom + py / self.tall * (self.top - self.bottom)
