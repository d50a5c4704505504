"""The family's chart: a shaded part, two named lines, and a dot for every weight that counts."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import numpy as np
from matplotlib.patches import Polygon

from growthwatch.charts.curves import Lined, by_time
from growthwatch.charts.family_facts import (
    FamilyFacts,
    alt_text,
    body,
    last_words,
    metadata,
    title,
    words_of_lines,
)
from growthwatch.charts.frame import AgeAxis
from growthwatch.charts.lines import Stretch, highest, line_stretches, lowest
from growthwatch.charts.marks import BLACK, BLUE, DASHES, Box, mark_row, one_row, rule_line
from growthwatch.charts.page import Entry, Said
from growthwatch.charts.panel import GrowthChart, Size
from growthwatch.charts.quoting import heading
from growthwatch.charts.shapes import CROWDED
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from growthwatch.core.words import long_date

__all__ = ["draw_family"]

LOW, MIDDLE, HIGH = 1, 4, 7
"""Places of the 2nd, 50th and 98th among the nine lines."""

SHADE = "#DCE9F3"
UNITS = {"weeks": 7.0, "months": DAYS_PER_MONTH, "years": DAYS_PER_YEAR}
LETTERS = 11.0

NEAR = 40.0
"""Longest line from a dot to its words, as long as there is a place so near [points]."""


def draw_family(facts: FamilyFacts, size: Size, own_title: str | None, identify: bool) -> GrowthChart:
    """Draw one child's weights for the family."""
    return _Drawing(facts, size, own_title, identify).figure


class _Drawing(Lined):
    letters = LETTERS
    body_size = LETTERS + 1
    margin = 58.0
    least_share = 0.2

    def __init__(self, facts: FamilyFacts, size: Size, own_title: str | None, identify: bool) -> None:
        self.course, self.facts = facts, facts.chart
        chart = facts.chart
        text = one_row(title(facts) if own_title is None else own_title)
        text = heading(text, chart.child_id, identify)
        described = alt_text(facts)
        below = (f"Weights up to {long_date(chart.as_of)}. Shaded part and lines: {chart.reference.info.short_title}.",)
        said = Said(text, (), (), body(facts), below, below, described, metadata(facts, text, described))
        sex = 0 if chart.sex == "male" else 1
        z = tuple(n.z for n in UK_NINE.lines)
        self.lines = by_time(chart, line_stretches(chart.reference, sex, "weight", z))
        self.curves = [(s, (LOW, MIDDLE, HIGH)) for s in self.lines]
        first = min((p.age_days for p in facts.points), default=0)
        end = float(max(chart.age_days, 28))
        spare = 0.04 * (end - first) + 1
        low = -spare if first < 0.25 * end else first - spare
        # Where there is no room beside the picture, the lines are named in it.
        self.beside = size.width * 72 >= 480
        super().__init__(size, said, self._entries(), 132.0 if self.beside else 20.0, (low, end + spare))
        self._open()
        self._shade()
        self._dots()
        if self.beside:
            self._names()

    def _entries(self) -> list[Entry]:
        """What the two lines are, over the picture, where there is no room beside it."""
        if self.beside or not self.lines:
            return []
        middle, low = words_of_lines(self.course)
        blue: dict[str, Any] = {"color": BLUE, "linewidth": 1.4}
        return [Entry(middle, line={**blue, "linestyle": DASHES}), Entry(low, line={**blue, "linestyle": "-"})]

    def _open(self) -> None:
        facts = self.course
        values = [p.value for p in facts.points]
        tops = [v for v in (highest(self.lines, HIGH, self.low, self.high),) if v is not None]
        bottoms = [v for v in (lowest(self.lines, LOW, max(self.low, 0.0), self.high),) if v is not None]
        # The upper edge may leave the picture, where that makes the dots easier to read.
        middle = highest(self.lines, MIDDLE, self.low, self.high)
        tops = [min(tops[0], 1.25 * middle)] if tops and middle is not None else tops
        low, high = min([*values, *bottoms] or [0.0]), max([*values, *tops] or [10.0])
        self.open_axes(max(0.0, low - 0.1 * (high - low)), high + 0.03 * (high - low))
        step = next(n for n in (1, 2, 5, 10, 20, 50) if (self.top - self.bottom) / n <= min(9, self.tall / 20))
        marks = [(float(k), str(k)) for k in range(0, math.ceil(self.top), step) if self.bottom <= k <= self.top]
        unit = UNITS[facts.unit]
        self.axis_marks(AgeAxis(tuple(self._ages(unit)), (), ()), marks, f"Age in {facts.unit}", "kg")

    def _ages(self, unit: float) -> list[tuple[float, str]]:
        """Whole weeks, months or years, and half years where there are few."""
        span = (self.high - self.low) / unit
        room = self.wide / 30
        halves = self.course.unit == "years" and 2 * span <= room
        step = 0.5 if halves else next(n for n in (1, 2, 3, 6, 12, 24) if span / n <= room)
        out: list[tuple[float, str]] = []
        for k in range(math.floor(self.high / unit / step) + 1):
            x = k * step * unit
            if x >= self.low:
                whole, half = divmod(k * step, 1)
                out.append((x, "Birth" if k == 0 else f"{int(whole) or ''}½" if half else f"{int(whole)}"))
        # "Birth" is long: a figure that would touch it goes.
        if len(out) > 1 and out[0][1] == "Birth" and self.px(out[1][0]) - self.px(out[0][0]) < 30:
            del out[1]
        return out

    def _inside(self, s: Stretch) -> tuple[np.ndarray, np.ndarray] | None:
        """One stretch of the lines as far as it is in view, not before birth."""
        low, high = max(self.low, 0.0, float(s.x[0])), min(self.high, float(s.x[-1]))
        if not low < high:
            return None
        x = np.unique(np.concatenate([s.x[(s.x >= low) & (s.x <= high)], np.array([low, high])]))
        return x, np.stack([np.interp(x, s.x, s.y[row]) for row in (LOW, MIDDLE, HIGH)])  # pyright: ignore

    def _shade(self) -> None:
        for s in self.lines:
            found = self._inside(s)
            if found is None:
                continue
            x, (low, middle, high) = found
            part = Polygon(np.column_stack([np.append(x, x[::-1]), np.append(low, high[::-1])]), closed=True)
            part.set(facecolor=SHADE, edgecolor="none", linewidth=0, zorder=0.5, gid="shaded part")
            self.axes.add_patch(part)
            for y, style, gid in ((low, "-", "lower line"), (middle, DASHES, "middle line")):
                line = rule_line(x, y, color=BLUE, linestyle=style, linewidth=1.4, zorder=2, gid=gid)
                line.set_clip_on(True)
                self.axes.add_line(line)

    def _dots(self) -> None:
        points = self.course.points
        if not points:
            self.say_in_the_middle("No weight yet", LETTERS)
            return
        size = 9.0 if len(points) <= 30 else 6.0 if len(points) <= CROWDED else 4.0
        self.axes.add_line(
            mark_row(
                [p.age_days for p in points], [p.value for p in points], marker="o", size=size, face=BLACK,
                edge="white" if len(points) <= CROWDED else BLACK, edge_width=0.8 if len(points) <= CROWDED else 0.0,
                zorder=4, gid="dots",
            )
        )  # fmt: skip
        self.boxes += [Box(self.px(p.age_days) - 5.5, self.py(p.value) - 5.5, 11, 11) for p in points]
        last = self.course.last
        assert last is not None
        words = last_words(self.course)
        x, y = self.px(last.age_days), self.py(last.value)
        # Far words are read as those of another dot: near the dot they may rather cover a line.
        near = self.beside_mark(x, y, words, LETTERS, reach=NEAR) or self.label(x, y, words, LETTERS, "bold")
        if not near and not self.beside_mark(x, y, words, LETTERS):
            self.note(None, [f"The last: {words}"], LETTERS, color=BLACK, weight="bold")

    def _names(self) -> None:
        """What the two lines are, where they end."""
        ends = [found for s in self.lines if (found := self._inside(s)) is not None]
        if not ends:
            return
        middle, low = words_of_lines(self.course)
        _, ys = ends[-1]
        places = [(self.py(float(ys[1][-1])), middle), (self.py(float(ys[0][-1])), low)]
        high = math.inf
        for y, text in places:
            rows = textwrap.wrap(text, 20)
            top = min(y + 6.5 * (len(rows) - 1), high, self.tall - 6)
            for k, row in enumerate(rows):
                self.axes_text(self.wide + 8, top - 13 * k, row, LETTERS, va="center", gid="line label")
            high = top - 13 * len(rows) - 4
