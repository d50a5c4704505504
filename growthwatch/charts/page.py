"""The page of a chart: its words, its room, and its two axes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FixedLocator

from growthwatch.charts.facts import ChartFacts
from growthwatch.charts.frame import TERM_ZONE, age_axis, age_range, weight_range, weight_ticks
from growthwatch.charts.lines import line_stretches
from growthwatch.charts.marks import (
    BLACK,
    DPI,
    EDGE,
    FONT,
    GREY,
    LARGE,
    LEFT,
    LONG_WORD,
    NORMAL,
    RIGHT,
    RIGHT_ADJUSTED,
    SMALL,
    TICK_DOWN,
    Box,
    mark_row,
    one_row,
    rule_line,
    text_at,
)
from growthwatch.charts.png import png_bytes
from growthwatch.core.centiles import UK_NINE
from growthwatch.protocol.child import SUSPECTED

__all__ = ["GrowthChart", "Page"]


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
    """One chart's page: what is said around it, how much room there is, and its axes."""

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
        shown = one_row(f"{facts.child_id}: {self.title}" if identify else self.title)

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

        head = self.head = self.wrapped(shown, LARGE, self.width - 2 * EDGE, most=2)
        body = self.body = self.wrapped(self._summary(title is not None), NORMAL + 1, self.width - 2 * EDGE, most=2)
        foot = self.foot = [row for note in self._footer() for row in self.wrapped(note, SMALL, self.width - 2 * EDGE)]
        notice = self.notice = [
            row for note in facts.adjustments for row in self.wrapped(note, NORMAL + 1, 0.9 * self.width - 2 * EDGE)
        ]
        above = EDGE + 19 * len(head) + 14 * len(body) + 20 + 24
        below = 12 + 10.8 * len(foot) + 50 + 13.5 * len(notice) + (2 if notice else 0)
        self.wide, self.tall = self.width - LEFT - self.right, self.height - above - below
        self.left, self.floor = LEFT, below
        self.axes = self.empty_axes()
        self.boxes: list[Box] = []

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

    def text_width(self, text: str, size: float, weight: str = "normal") -> float:
        """Width of text [points]."""
        prop = FontProperties(family=FONT, size=size, weight=weight)
        return self.canvas.get_renderer().get_text_width_height_descent(text, prop, False)[0] * 72 / DPI

    def wrapped(self, text: str, size: float, width: float, most: int | None = None) -> list[str]:
        """Rows of a text that are no wider than this [points]."""
        per_letter = size * (0.66 if size == LARGE else 0.56)
        if len(text) * size * 0.72 <= width:
            return [text]  # even in wide letters it fits: no need to measure
        weight = "bold" if size == LARGE else "normal"
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

    def page_text(self, rows: Sequence[str], size: float, y: float, step: float, **more: Any) -> None:
        """Rows of text from the left edge of the page, downwards from a height [points]."""
        for k, row in enumerate(rows):
            self.figure.add_artist(
                text_at(
                    EDGE / self.width,
                    (y - k * step) / self.height,
                    row,
                    size,
                    transform=self.figure.transFigure,
                    **more,
                )
            )

    def empty_axes(self) -> Axes:
        """The axes, with their ends and nothing in them."""
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

    def axis_marks(self) -> None:
        """Marks, figures and names of both axes."""
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
        done = -1e9
        for caption in marks.captions:
            centre = (self.px(caption.low) + self.px(caption.high)) / 2
            room = self.text_width(caption.text, SMALL)
            start = max(centre - room / 2, done + 8, 0.0)
            if start + room > self.wide + self.right - 4:
                continue
            done = start + room
            self._bracket(self.px(caption.low), self.px(caption.high))
            self.axes_text(start, -27.5, caption.text, SMALL, color=GREY, gid="unit")
        self.axes_text(self.wide / 2, -41, "Age", NORMAL + 1, ha="center", gid="axis label")
        self.axes_text(
            -33, self.tall / 2, "Weight (kg)", NORMAL + 1, ha="center", va="center", rotation=90, gid="axis label"
        )

    def _bracket(self, start: float, end: float) -> None:
        """A fine rule under the figures that share a unit."""
        xs, y = [(self.left + v) / self.width for v in (start - 5, end + 5)], (self.floor - 18.5) / self.height
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

    def px(self, age: float) -> float:
        """Place of an age on the axes [points from the left]."""
        return (age - self.low) / (self.high - self.low) * self.wide

    def py(self, kg: float) -> float:
        """Place of a weight on the axes [points from below]."""
        return (kg - self.bottom) / (self.top - self.bottom) * self.tall
