"""One picture on a page: its axes, their marks, and places in points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FixedLocator

from growthwatch.charts.at_once import at_once
from growthwatch.charts.files import csv_text, pdf_bytes, svg_bytes
from growthwatch.charts.frame import AgeAxis, Caption
from growthwatch.charts.letters import row_width
from growthwatch.charts.marks import GREY, NORMAL, SMALL, TICK_DOWN, TICK_LEFT, mark_row, rule_line, text_at
from growthwatch.charts.png import png_bytes

__all__ = ["GrowthChart", "Panel", "Size", "Strip"]

_BRIEF = {"gestation (weeks)": ("gestation", "gest."), "weeks": ("wk",), "months": ("mo",), "years": ("y",)}
"""Shorter names of a unit, where its bracket has no room for it."""


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height [inches], dots per inch, and whether it may be higher where words leave no room."""

    width: float
    height: float
    dpi: int = 200
    grows: bool = False


class GrowthChart(Figure):
    """A figure that knows its own words and shows itself in a notebook.

    Attributes
    ----------
    alt_text
        The chart in words, for people who cannot see it.
    table
        What is drawn, as rows.
    png_metadata
        What describes the file, by name.
    lacking
        How much higher the page must be for its picture to be read [points].
    """

    alt_text: str = ""
    lacking: float = 0.0
    table: Sequence[Mapping[str, Any]] = ()
    png_metadata: dict[str, str]

    def png(self) -> bytes:
        """Return the picture as a PNG file: the same bytes for the same chart."""
        canvas = self.canvas
        if not isinstance(canvas, FigureCanvasAgg):
            canvas = FigureCanvasAgg(self)
        return png_bytes(canvas, self.png_metadata)

    def svg(self) -> bytes:
        """Return the picture as an SVG file, with ``role="img"``, a title and a description."""
        return at_once(lambda: svg_bytes(self, self.png_metadata["Title"], self.alt_text, self.png_metadata))

    def pdf(self) -> bytes:
        """Return the picture as a PDF file of one page."""
        return at_once(lambda: pdf_bytes(self, self.png_metadata["Title"], self.alt_text, self.png_metadata))

    def csv(self) -> str:
        """Return what is drawn as CSV."""
        return csv_text(self.table)

    def bytes_as(self, suffix: str) -> bytes:
        """Return the picture as the kind of file that a suffix names: ``.png``, ``.svg`` or ``.pdf``."""
        return {".png": self.png, ".svg": self.svg, ".pdf": self.pdf}[suffix.lower()]()

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = self.get_size_inches()
        return self.png(), {"width": round(width * 90), "height": round(height * 90)}


class Panel:
    """One pair of axes on a page.

    Attributes
    ----------
    width, height
        Of the page [points].
    left, floor, wide, tall
        Where the axes stand on it [points].
    low, high, bottom, top
        What they span [units of the data].
    """

    figure: GrowthChart
    canvas: FigureCanvasAgg
    size: Size
    width: float
    height: float
    left: float
    floor: float
    wide: float
    tall: float
    right: float
    low: float
    high: float
    bottom: float
    top: float
    axes: Axes
    letters = NORMAL
    """Size of the figures on the axes [points]."""

    def text_width(self, text: str, size: float, weight: str = "normal") -> float:
        """Width of text [points]."""
        return row_width(text, size, weight, self.size.dpi)

    def fitted(self, words: str, room: float, size: float, weight: str = "normal") -> str:
        """Words on one row; what is cut ends in a mark."""
        if self.text_width(words, size, weight) <= room:
            return words
        while words and self.text_width(f"{words}…", size, weight) > room:
            words = words[:-1]
        return f"{words.rstrip()}…"

    def rows_of(self, words: str, room: float, size: float, weight: str = "normal") -> list[str]:
        """Words in rows that are no wider than this; only a word that is wider than a row is parted."""
        out: list[str] = []
        for word in words.split():
            if out and self.text_width(f"{out[-1]} {word}", size, weight) <= room:
                out[-1] += f" {word}"
                continue
            while len(word) > 1 and self.text_width(word, size, weight) > room:
                fits = (
                    n for n in range(len(word) - 1, 0, -1) if n == 1 or self.text_width(word[:n], size, weight) <= room
                )
                n = next(fits)
                out.append(word[:n])
                word = word[n:]
            out.append(word)
        return out

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

    def axis_marks(self, marks: AgeAxis | None, upright: Sequence[tuple[float, str]], below: str, beside: str) -> None:
        """Marks, figures and names of both axes; of the upright one alone where there are none below."""
        under = AgeAxis((), (), ()) if marks is None else marks
        self.figures("x", under.labelled)
        self.figures("y", upright)
        if marks is not None:
            small = mark_row(
                list(under.plain), [0.0] * len(under.plain), marker=TICK_DOWN, size=2.5, face=GREY, edge=GREY, zorder=2,
                gid="small marks", transform=self.axes.get_xaxis_transform(),
            )  # fmt: skip
            self.axes.add_line(small)
            self._captions(under.captions)
            self.axes_text(self.wide / 2, -41, below, self.letters + 1, ha="center", gid="axis label")
        turned: dict[str, Any] = {"ha": "center", "va": "center", "rotation": 90}
        self.axes_text(-36, self.tall / 2, beside, self.letters + 1, gid="axis label", **turned)

    def figures(self, which: str, marks: Sequence[tuple[float, str]]) -> None:
        """Figures and marks of one axis.

        The axis of matplotlib holds them for whoever asks it; they are drawn here, in a quarter of its time.
        """
        axes, places = self.axes, [v for v, _ in marks]
        axis = axes.xaxis if which == "x" else axes.yaxis
        axis.set_major_locator(FixedLocator(places))
        axis.set_major_formatter(FixedFormatter([t for _, t in marks]))
        axis.set_minor_locator(FixedLocator([]))
        axis.set_visible(False)
        zero = [0.0] * len(places)
        xs, ys = (places, zero) if which == "x" else (zero, places)
        axes.add_line(
            mark_row(
                xs, ys, marker=TICK_DOWN if which == "x" else TICK_LEFT, size=4.5, face=GREY, edge=GREY, edge_width=0.7,
                zorder=2, gid="marks", transform=axes.get_xaxis_transform() if which == "x" else
                axes.get_yaxis_transform(),
            )
        )  # fmt: skip
        for value, text in marks:
            if which == "x":
                self.axes_text(self.px(value), -7, text, self.letters, ha="center", va="top", gid="axis figure")
            else:
                self.axes_text(
                    -7, self.py(value), text, self.letters, ha="right", va="center_baseline", gid="axis figure"
                )

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


class Strip(Panel):
    """Another picture on a page: under the main one, with the same axis below, or with place and axis of its own."""

    def __init__(
        self,
        page: Panel,
        floor: float,
        tall: float,
        bottom: float,
        top: float,
        at: tuple[float, float] | None = None,
        limits: tuple[float, float] | None = None,
    ) -> None:
        for name in ("figure", "canvas", "size", "width", "height", "right"):
            setattr(self, name, getattr(page, name))
        self.left, self.wide = (page.left, page.wide) if at is None else at
        self.low, self.high = (page.low, page.high) if limits is None else limits
        self.floor, self.tall = floor, tall
        self.open_axes(bottom, top)
        self.axes.xaxis.set_visible(False)
        self.axes.yaxis.set_visible(False)
