"""Drawing: from facts and frame to a matplotlib figure.

Only the object interface of matplotlib is used, and every property that matters is given
explicitly: no global setting is read on purpose, and none is changed.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.path import Path as Shape
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FixedLocator
from matplotlib.transforms import ScaledTranslation

from growthwatch.charts.facts import ChartFacts, Point
from growthwatch.charts.frame import TERM_ZONE, age_axis, age_range, weight_range, weight_ticks
from growthwatch.charts.lines import Stretch, interpolated, line_stretches
from growthwatch.charts.png import png_bytes
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import kg_words, limit_words
from growthwatch.protocol.child import SUSPECTED, UPPER_BOUND

__all__ = ["GrowthChart", "draw"]

DPI = 200
BLACK, BLUE, VERMILLION, GREY, ZONE = "#000000", "#0072B2", "#D55E00", "#595959", "#E3E3E3"
FONT = "DejaVu Sans"
SMALL, NORMAL, LARGE = 8.0, 9.0, 15.0
LINE_WIDTH, BASE_WIDTH = 0.8, 0.5
DASHES = (0.0, (6.0, 3.2))
DOTS = (0.0, (1.2, 2.2))
TICK_DOWN = 3  # matplotlib.lines.TICKDOWN, which its type stubs leave out
LEFT, RIGHT, EDGE = 50.0, 52.0, 16.0
RIGHT_ADJUSTED = 92.0
LONG_WORD = 24
"""Letters of a word from which a row of text is measured, not counted."""

# A square with an arrow under it: the weight is at most this.  The point is the middle of the square.
_AT_MOST = Shape(
    [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1), (0, -1), (0, -3.6), (-0.9, -2.6), (0, -3.6), (0.9, -2.6)],
    [Shape.MOVETO, *[Shape.LINETO] * 3, Shape.CLOSEPOLY, Shape.MOVETO, *[Shape.LINETO] * 2, Shape.MOVETO, Shape.LINETO],
)


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


@dataclass(frozen=True, slots=True)
class _Box:
    """A rectangle on the axes [points from their lower left corner]."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: _Box, spare: float = 2.0) -> bool:
        return (
            self.x < other.x + other.width + spare
            and other.x < self.x + self.width + spare
            and self.y < other.y + other.height + spare
            and other.y < self.y + self.height + spare
        )


def draw(
    facts: ChartFacts, extra: tuple[float, ...], inches: tuple[float, float], title: str | None, identify: bool
) -> GrowthChart:
    """Draw one chart."""
    return _Drawing(facts, extra, inches, title, identify).figure


class _Drawing:
    def __init__(
        self,
        facts: ChartFacts,
        extra: tuple[float, ...],
        inches: tuple[float, float],
        title: str | None,
        identify: bool,
    ) -> None:
        self.facts, self.extra = facts, extra
        self.width, self.height = inches[0] * 72, inches[1] * 72
        sex = 0 if facts.sex == "male" else 1
        self.nine = line_stretches(facts.reference, sex, "weight", tuple(line.z for line in UK_NINE.lines))
        self.base = (
            line_stretches(facts.reference.base, sex, "weight", tuple(line.z for line in UK_NINE.lines))
            if facts.is_adjusted
            else ()
        )
        self.right = RIGHT_ADJUSTED if facts.is_adjusted else RIGHT
        self.guides = line_stretches(facts.reference, sex, "weight", extra) if extra else ()
        self.low, self.high = age_range(facts)
        self.bottom, self.top = weight_range(facts, self.nine, self.guides, self.low, self.high)
        plain = f"Weight for age, {facts.boy_or_girl}: {facts.short_title}"
        self.title = plain if title is None else title
        shown = _one_row(f"{facts.child_id}: {self.title}" if identify else self.title)

        figure = self.figure = GrowthChart(
            figsize=inches,
            dpi=DPI,
            facecolor="white",
            edgecolor="white",
            layout="none",  # pyright: ignore[reportArgumentType]
        )
        self.canvas = FigureCanvasAgg(figure)
        figure.alt_text = facts.alt_text
        figure.png_metadata = facts.metadata(shown)

        head = self._wrapped(shown, LARGE, self.width - 2 * EDGE, most=2)
        body = self._wrapped(self._summary(title is not None), NORMAL + 1, self.width - 2 * EDGE, most=2)
        foot = [row for note in self._footer() for row in self._wrapped(note, SMALL, self.width - 2 * EDGE)]
        notice = [
            row for note in facts.adjustments for row in self._wrapped(note, NORMAL + 1, 0.9 * self.width - 2 * EDGE)
        ]
        above = EDGE + 19 * len(head) + 14 * len(body) + 20 + 24
        below = 12 + 10.8 * len(foot) + 50 + 13.5 * len(notice) + (2 if notice else 0)
        self.wide, self.tall = self.width - LEFT - self.right, self.height - above - below
        self.left, self.floor = LEFT, below
        self.axes = self._empty_axes()
        self.boxes: list[_Box] = []

        self._page_text(head, LARGE, self.height - EDGE - 13, 19, weight="bold")
        self._page_text(body, NORMAL + 1, self.height - EDGE - 13 - 19 * len(head), 14)
        if notice:
            self._page_text(
                notice,
                NORMAL + 1,
                14 + 10.8 * len(foot) + 13.5 * (len(notice) - 1) + 2,
                13.5,
                weight="bold",
                gid="adjusted",
            )
        self._page_text(foot, SMALL, 12 + 10.8 * (len(foot) - 1), 10.8, color=GREY)
        self._axis_marks()
        self._term_zone()
        self._lines()
        self._labels()
        self._points()
        self._key(self.height - EDGE - 19 * len(head) - 14 * len(body) - 12)
        self._notes()

    # --- words ------------------------------------------------------------------------

    def _summary(self, titled: bool) -> str:
        facts = self.facts
        last = facts.last_words("−")
        name = f"{facts.boy_or_girl.capitalize()}, {facts.short_title}. " if titled else ""
        return f"{name}{facts.weighings}" + (f": {last}." if last else ".")

    def _footer(self) -> list[str]:
        facts = self.facts
        out = [facts.reference_words(), facts.correction_words]
        if self.zone is not None:
            loss = facts.loss_percent
            more = "" if loss is None else f"; more than {loss:g} % of birth weight needs assessing"
            out.append(f"Grey: birth at term, 37 to 42 weeks. Weight loss after birth is common{more}.")
        notes = facts.notes()
        scores = [p.z for p in facts.points if p.z is not None and p.validity != SUSPECTED]
        if scores and UK_NINE.describe(min(scores)).startswith("below") and not self.extra:
            low = f"{min(scores):.2f}".replace("-", "−")
            notes.append(
                f"Lowest weighing: SDS {low}, below all nine lines; "
                "guide lines at −3, −4 and −5 SD can be added (extra_lines)."
            )
        return [*out, *([" ".join(notes)] if notes else []), facts.moment_words()]

    @property
    def zone(self) -> tuple[float, float] | None:
        """The part of the grey term zone that is in view, for a child born at term."""
        span = self.facts.reference.span("weight", self.facts.sex)
        if self.facts.preterm or self.low > 0 or span is None or span[0] > 0:
            return None
        low, high = max(TERM_ZONE[0], self.low), min(TERM_ZONE[1], self.high)
        return (low, high) if high - low > 0 and (high - low) / (self.high - self.low) > 0.012 else None

    def _text_width(self, text: str, size: float, weight: str = "normal") -> float:
        """Width of text [points]."""
        prop = FontProperties(family=FONT, size=size, weight=weight)
        return self.canvas.get_renderer().get_text_width_height_descent(text, prop, False)[0] * 72 / DPI

    def _wrapped(self, text: str, size: float, width: float, most: int | None = None) -> list[str]:
        per_letter = size * (0.66 if size == LARGE else 0.56)
        if len(text) * size * 0.72 <= width:
            return [text]  # even in wide letters it fits: no need to measure
        weight = "bold" if size == LARGE else "normal"
        if self._text_width(text, size, weight) <= width:
            return [text]
        letters = max(20, int(width / per_letter))
        while True:
            rows = textwrap.wrap(text, letters, max_lines=most, placeholder=" …", break_on_hyphens=False)
            # The usual words fit by their number of letters; a long one, or one of wide letters, is measured.
            unusual = [r for r in rows if max(map(len, r.split())) > LONG_WORD or sum(map(str.isupper, r)) > len(r) / 3]
            if letters <= 20 or all(self._text_width(r, size, weight) <= width for r in unusual):
                return rows
            letters = max(20, int(0.8 * letters))

    def _page_text(self, rows: Sequence[str], size: float, y: float, step: float, **more: Any) -> None:
        for k, row in enumerate(rows):
            self.figure.add_artist(
                _text(
                    EDGE / self.width,
                    (y - k * step) / self.height,
                    row,
                    size,
                    transform=self.figure.transFigure,
                    **more,
                )
            )

    # --- axes -------------------------------------------------------------------------

    def _empty_axes(self) -> Axes:
        rectangle = (self.left / self.width, self.floor / self.height, self.wide / self.width, self.tall / self.height)
        axes = self.figure.add_axes(rectangle, facecolor="white", frame_on=True)  # pyright: ignore[reportUnknownMemberType]
        axes.set_axisbelow(False)
        axes.grid(False, which="both")  # pyright: ignore[reportUnknownMemberType]
        axes.set_xscale("linear")  # pyright: ignore[reportUnknownMemberType]
        axes.set_xlim(self.low, self.high)
        axes.set_ylim(self.bottom, self.top)
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("left", "bottom"))
            spine.set_color(GREY)
            spine.set_linewidth(0.7)
        return axes

    def _axis_marks(self) -> None:
        axes = self.axes
        marks = age_axis(self.low, self.high, self.facts.preterm, self.wide)
        axes.xaxis.set_major_locator(FixedLocator([x for x, _ in marks.labelled]))
        axes.xaxis.set_major_formatter(FixedFormatter([t for _, t in marks.labelled]))
        axes.xaxis.set_minor_locator(FixedLocator([]))
        weights = weight_ticks(self.bottom, self.top)
        axes.yaxis.set_major_locator(FixedLocator([y for y, _ in weights]))
        axes.yaxis.set_major_formatter(FixedFormatter([t for _, t in weights]))
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
        small = _marks(
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
        done = -1e9
        for caption in marks.captions:
            centre = (self._px(caption.low) + self._px(caption.high)) / 2
            room = self._text_width(caption.text, SMALL)
            start = max(centre - room / 2, done + 8, 0.0)
            if start + room > self.wide + self.right - 4:
                continue
            done = start + room
            self._bracket(self._px(caption.low), self._px(caption.high))
            self._axes_text(start, -27.5, caption.text, SMALL, color=GREY, gid="unit")
        self._axes_text(self.wide / 2, -41, "Age", NORMAL + 1, ha="center", gid="axis label")
        self._axes_text(
            -33, self.tall / 2, "Weight (kg)", NORMAL + 1, ha="center", va="center", rotation=90, gid="axis label"
        )

    def _bracket(self, start: float, end: float) -> None:
        """A fine rule under the figures that share a unit."""
        xs, y = [(self.left + v) / self.width for v in (start - 5, end + 5)], (self.floor - 18.5) / self.height
        rule = _line(
            xs, [y, y], color=GREY, linestyle="-", linewidth=0.6, gid="unit rule", transform=self.figure.transFigure
        )
        self.figure.add_artist(rule)

    def _axes_text(self, x: float, y: float, text: str, size: float, **more: Any) -> Text:
        """Text at a place on the axes [points from their lower left corner]."""
        artist = _text(
            (self.left + x) / self.width,
            (self.floor + y) / self.height,
            text,
            size,
            transform=self.figure.transFigure,
            **more,
        )
        self.figure.add_artist(artist)
        return artist

    def _px(self, age: float) -> float:
        return (age - self.low) / (self.high - self.low) * self.wide

    def _py(self, kg: float) -> float:
        return (kg - self.bottom) / (self.top - self.bottom) * self.tall

    # --- lines ------------------------------------------------------------------------

    def _term_zone(self) -> None:
        zone = self.zone
        if zone is None:
            return
        shade = Rectangle((zone[0], self.bottom), zone[1] - zone[0], self.top - self.bottom)
        shade.set(facecolor=ZONE, edgecolor="none", linewidth=0, zorder=0.5, gid="term zone")
        self.axes.add_patch(shade)
        if self._px(zone[1]) - self._px(zone[0]) >= 13:
            words, x = "Birth at term: 37 to 42 weeks", self._px(zone[0])
            tall = self._text_width(words, SMALL)
            if tall > 0.7 * self.tall:
                return
            self._axes_text(x + 2.5, self.tall - 4, words, SMALL, rotation=90, va="top", color=GREY, gid="note")
            self.boxes.append(_Box(x + 1, self.tall - 4 - tall, SMALL + 3, tall))

    def _lines(self) -> None:
        for stretch in self.base:
            for row, line in enumerate(UK_NINE.lines):
                self._curve(stretch, row, GREY, DASHES if line.dashed else "-", BASE_WIDTH, f"base {line.label}")
        for stretch in self.nine:
            for row, line in enumerate(UK_NINE.lines):
                self._curve(stretch, row, BLUE, DASHES if line.dashed else "-", LINE_WIDTH, f"centile {line.label}")
        for stretch in self.guides:
            for row, z in enumerate(self.extra):
                self._curve(stretch, row, GREY, DOTS, LINE_WIDTH, f"guide {z:g}")

    def _curve(self, stretch: Stretch, row: int, color: str, style: Any, width: float, gid: str) -> None:
        inside = np.flatnonzero((stretch.x >= self.low) & (stretch.x <= self.high))
        if inside.size == 0:
            if not stretch.x[0] < self.low < stretch.x[-1]:
                return
            inside = np.array([int(np.searchsorted(stretch.x, self.low))])
        part = slice(max(int(inside[0]) - 1, 0), min(int(inside[-1]) + 2, stretch.x.size))
        line = _line(
            stretch.x[part],
            stretch.y[row, part],
            color=color,
            linestyle=style,
            linewidth=width,
            zorder=2,
            gid=f"{gid} {stretch.table}",
        )
        self.axes.add_line(line)

    def _labels(self) -> None:
        """Name every line where it ends: at the right, where its table ends, or where it leaves at the top."""
        names = [(self.nine, row, line.ordinal, BLACK) for row, line in enumerate(UK_NINE.lines)]
        if self.base:
            names = [(self.nine, row, f"{line.ordinal} adjusted", BLUE) for row, line in enumerate(UK_NINE.lines)]
            names += [(self.base, row, line.ordinal, GREY) for row, line in enumerate(UK_NINE.lines)]
        names += [(self.guides, row, f"{z:+g} SD".replace("-", "−"), GREY) for row, z in enumerate(self.extra)]
        ends: dict[float, list[tuple[float, str, str]]] = {}
        leaving: list[tuple[float, str, str]] = []
        for stretches, row, name, color in names:
            place = self._end(stretches, row)
            if place is None:
                continue
            x, y = place
            if y >= self.top:
                leaving.append((self._px(x), name, color))
            else:
                ends.setdefault(x, []).append((self._py(y), name, color))
        for x, found in ends.items():
            self._column(self._px(x), sorted(found))
        row_end = [-1e9, -1e9]
        for x, name, color in sorted(leaving):
            half = self._text_width(name, SMALL + 0.5) / 2
            level = 0 if x - half >= row_end[0] + 4 else 1
            start = max(x - half, row_end[level] + 4)
            row_end[level] = start + 2 * half
            self._axes_text(start, self.tall + 2.5 + 10.5 * level, name, SMALL + 0.5, color=color, gid="line label")

    def _end(self, stretches: Sequence[Stretch], row: int) -> tuple[float, float] | None:
        """Where a line is last in view: at an end, or on the upper edge."""
        for s in reversed(stretches):
            if s.x[0] > self.high or s.x[-1] < self.low:
                continue
            x = min(float(s.x[-1]), self.high)
            y = s.at(row, x)
            inside = (s.x >= self.low) & (s.x <= x)
            xs = np.append(s.x[inside], x)
            ys = np.append(s.y[row][inside], y)
            if y != y or self._py(y) < 3:
                continue
            if y < self.top:
                return x, y
            below = np.flatnonzero(ys < self.top)
            if below.size == 0:
                continue
            k = int(below[-1])
            part = (self.top - ys[k]) / (ys[k + 1] - ys[k])
            return float(xs[k] + part * (xs[k + 1] - xs[k])), self.top
        return None

    def _column(self, x: float, found: list[tuple[float, str, str]]) -> None:
        """Write names one above the other, moved apart where lines are close."""
        places = spread([y for y, _, _ in found], 10.5, 3.0, self.tall - 4.0)
        for (y, name, color), at in zip(found, places, strict=True):
            moved = abs(at - y) > 2.0
            start = x + (10.0 if moved else 4.0)
            if moved:
                xs = [self.low + v / self.wide * (self.high - self.low) for v in (x + 1, x + 9)]
                ys = [self.bottom + v / self.tall * (self.top - self.bottom) for v in (y, at)]
                self.axes.add_line(_line(xs, ys, color=GREY, linestyle="-", linewidth=0.5, clip_on=False, gid="leader"))
            self._axes_text(start, at, name, SMALL + 0.5, color=color, va="center", gid="line label")
            if x < self.wide - 5:
                self.boxes.append(_Box(start, at - 5, self._text_width(name, SMALL + 0.5), 10))

    # --- points -----------------------------------------------------------------------

    def _points(self) -> None:
        points, axes = self.facts.points, self.axes
        size = 6.4 if len(points) <= 40 else 5.0 if len(points) <= 90 else 4.2
        both = [p for p in points if p.corrected]
        if both:
            links = LineCollection(
                [[(p.age_days, self._kept(p)), (p.corrected_age_days, self._kept(p))] for p in both],
                colors=GREY,
                linewidths=0.7,
                linestyles="-",
                zorder=3,
                gid="links",
                antialiaseds=True,
            )
            axes.add_collection(links, autolim=False)
            crosses = ([p.corrected_age_days for p in both], [self._kept(p) for p in both])
            wide = [p for p in both if self._px(p.age_days) - self._px(p.corrected_age_days) > 14]
            if wide:
                nudged = axes.transData + ScaledTranslation(5 / 72, 0, self.figure.dpi_scale_trans)
                axes.add_line(
                    _marks(
                        [p.corrected_age_days for p in wide],
                        [self._kept(p) for p in wide],
                        marker="<",
                        size=3.4,
                        face=GREY,
                        edge=GREY,
                        zorder=3.1,
                        gid="arrowheads",
                        transform=nudged,
                    )
                )
            axes.add_line(
                _marks(
                    *crosses,
                    marker="x",
                    size=size + 0.6,
                    face="none",
                    edge=VERMILLION,
                    edge_width=1.5,
                    zorder=4.2,
                    gid="crosses",
                )
            )
        for kind, shape in self._kinds(size):
            chosen = [p for p in points if self._kind(p) == kind]
            if chosen:
                axes.add_line(_marks([p.age_days for p in chosen], [self._kept(p) for p in chosen], gid=kind, **shape))
        for p in points:
            if p.validity != SUSPECTED:
                continue
            beyond = self._kept(p) != p.kg
            words = f"? {kg_words(p.kg)}, off the scale" if beyond else "?"
            self._mark_words(p, words)
        for p in points:
            for age in {p.age_days, p.corrected_age_days}:
                self.boxes.append(_Box(self._px(age) - 4.5, self._py(self._kept(p)) - 4.5, 9, 9))
            if p.validity == UPPER_BOUND:
                self.boxes.append(_Box(self._px(p.age_days) - 4, self._py(p.kg) - 14, 8, 10))
            if p.corrected:
                x = self._px(p.corrected_age_days)
                self.boxes.append(_Box(x, self._py(self._kept(p)) - 1, self._px(p.age_days) - x, 2))

    def _kept(self, point: Point) -> float:
        """Weight at which a point is drawn: only a suspected one beyond the scale is moved, to its edge."""
        if point.validity != SUSPECTED:
            return point.kg
        if self.bottom <= point.kg <= self.top:
            return point.kg
        edge = 7 / self.tall * (self.top - self.bottom)
        return min(max(point.kg, self.bottom + edge), self.top - edge)

    @staticmethod
    def _kind(point: Point) -> str:
        return {UPPER_BOUND: "upper bounds", SUSPECTED: "suspected"}.get(point.validity, "dots")

    @staticmethod
    def _kinds(size: float) -> list[tuple[str, dict[str, Any]]]:
        open_: dict[str, Any] = {"face": "white", "edge": BLACK, "edge_width": 1.1, "zorder": 4.1}
        return [
            ("dots", {"marker": "o", "size": size, "face": BLACK, "edge": "white", "edge_width": 0.5, "zorder": 4}),
            ("upper bounds", {"marker": _AT_MOST, "size": 19.0, **open_}),
            ("suspected", {"marker": "D", "size": 6.2, **open_}),
        ]

    def _mark_words(self, p: Point, words: str) -> None:
        x, y = self._px(p.age_days), self._py(self._kept(p))
        room = self._text_width(words, NORMAL)
        start = x + 7 if x + 7 + room < self.wide + self.right - 6 else x - 7 - room
        self._axes_text(
            start,
            y,
            words,
            NORMAL,
            va="center",
            weight="bold",
            gid="words on a mark",
            backgroundcolor="white" if len(words) > 1 else None,
        )
        self.boxes.append(_Box(start, y - 5, room, 10))

    def _key(self, y: float) -> None:
        """What the marks mean, in one row over the chart: only those that are there."""
        facts = self.facts
        both = any(p.corrected for p in facts.points)
        words = {
            "dots": "weight at age since birth" if both else "weight",
            "upper bounds": "at most (clothed, or other scale)",
            "suspected": "? suspected error",
        }
        entries: list[tuple[dict[str, Any], str]] = [
            (shape, words[kind]) for kind, shape in self._kinds(6.4) if any(self._kind(p) == kind for p in facts.points)
        ]
        if both:
            cross: dict[str, Any] = {
                "marker": "x",
                "size": 6.2,
                "face": "none",
                "edge": VERMILLION,
                "edge_width": 1.5,
                "zorder": 4,
            }
            entries.insert(1, (cross, "at age corrected for gestation"))
        x = EDGE + 4
        if self.base:
            for text, color, width in (
                (f"line, adjusted ({facts.reference.id})", BLUE, LINE_WIDTH),
                (f"line, unadjusted ({facts.reference.base.id})", GREY, BASE_WIDTH),
            ):
                ends = [(x - 4) / self.width, (x + 14) / self.width]
                rule = _line(
                    ends,
                    [y / self.height] * 2,
                    color=color,
                    linestyle="-",
                    linewidth=width + 0.4,
                    gid="key",
                    transform=self.figure.transFigure,
                )
                self.figure.add_artist(rule)
                self.figure.add_artist(
                    _text(
                        (x + 18) / self.width,
                        y / self.height,
                        text,
                        SMALL + 0.5,
                        va="center_baseline",
                        transform=self.figure.transFigure,
                        gid="key",
                        color=color,
                    )
                )
                x += 18 + self._text_width(text, SMALL + 0.5) + 20
        for shape, text in entries:
            lift = 3.5 if shape["marker"] is _AT_MOST else 0.0
            mark = _marks(
                [x / self.width], [(y + lift) / self.height], gid="key", transform=self.figure.transFigure, **shape
            )
            self.figure.add_artist(mark)
            self.figure.add_artist(
                _text(
                    (x + 8) / self.width,
                    y / self.height,
                    text,
                    SMALL + 0.5,
                    va="center_baseline",
                    transform=self.figure.transFigure,
                    gid="key",
                )
            )
            x += 8 + self._text_width(text, SMALL + 0.5) + 20

    # --- notes on the chart -----------------------------------------------------------

    def _notes(self) -> None:
        facts, curves = self.facts, self.facts.reference.curves("weight")
        span = curves.span(0 if facts.sex == "male" else 1)
        if span is None or span[0] > self.high or span[1] < self.low:
            self._note(None, ["No lines: this reference does not cover these ages."], NORMAL + 1)
        if not facts.points:
            self._note(None, ["No weight recorded"], LARGE)
        for b in curves.info.breaks:
            if self.low < b.at < self.high and min(self._px(b.at), self.wide - self._px(b.at)) > 6:
                self._upright(b.at, "break")
                head, _, rest = b.reason.partition(": ")
                self._note(b.at, [f"Lines break at {head}:" if rest else "Lines break:", rest or head])
        until = facts.corrected_until_days
        if until is not None and self.low < until < self.high and facts.preterm:
            self._upright(until, "correction stops")
            self._note(until, ["Correction for gestation", f"stops at {limit_words(until)} corrected age"])

    def _upright(self, age: float, gid: str) -> None:
        """A hairline over the whole height, at a change that the eye must find."""
        self.axes.add_line(
            _line([age, age], [self.bottom, self.top], color=GREY, linestyle=DOTS, linewidth=0.6, zorder=1, gid=gid)
        )

    def _note(self, age: float | None, rows: list[str], size: float = SMALL) -> None:
        """Write a note where it covers neither lines nor points, as near to the edges as possible."""
        width = max(self._text_width(row, size) for row in rows)
        height = len(rows) * size * 1.25
        if age is None:
            starts = [(self.wide - width) / 2]
        else:
            x = self._px(age)
            starts = [s for s in (x + 4, x - 4 - width) if 0 <= s <= self.wide + 40 - width]
            starts = starts or [max(0.0, self.wide - width)]
        best: tuple[int, _Box] | None = None
        steps = np.linspace(0, 1, 25)
        heights = [v for s in steps[: len(steps) // 2 + 1] for v in (1 - s, s)]
        for v in heights:
            for start in starts:
                box = _Box(start, 4 + v * (self.tall - height - 10), width, height)
                hits = self._hits(box)
                if best is None or hits < best[0]:
                    best = (hits, box)
        assert best is not None
        box = best[1]
        self.boxes.append(box)
        for k, row in enumerate(rows):
            self._axes_text(
                box.x,
                box.y + height - (k + 0.9) * size * 1.25,
                row,
                size,
                color=GREY,
                gid="note",
                backgroundcolor=None if best[0] == 0 else "white",
            )

    def _hits(self, box: _Box) -> int:
        """How many lines and marks a box would cover; marks weigh more."""
        ages = self.low + (box.x + np.linspace(-2, box.width + 2, 15)) / self.wide * (self.high - self.low)
        least = self.bottom + (box.y - 3) / self.tall * (self.top - self.bottom)
        most = self.bottom + (box.y + box.height + 3) / self.tall * (self.top - self.bottom)
        hits = 0
        for s in (*self.nine, *self.base, *self.guides):
            inside = ages[(ages >= s.x[0]) & (ages <= s.x[-1])]
            if inside.size:
                for y in s.y:
                    at = interpolated(inside, s.x, y)
                    hits += int(bool(((at > least) & (at < most)).any()))
        return hits + 20 * sum(box.meets(other) for other in self.boxes)


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


def _one_row(text: str) -> str:
    """Text without line breaks and other characters that have no shape."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _text(x: float, y: float, text: str, size: float, **more: Any) -> Text:
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
    artist = Text(x, y, text, **settings)
    if background is not None:
        artist.set_bbox({"facecolor": background, "edgecolor": "none", "pad": 1.5})
    return artist


def _line(x: Any, y: Any, **settings: Any) -> Line2D:
    fixed: dict[str, Any] = {"marker": "None", "solid_capstyle": "butt", "dash_capstyle": "butt", "antialiased": True}
    return Line2D(x, y, **{**fixed, **settings})


def _marks(
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
