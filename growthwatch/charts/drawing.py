"""Drawing: from facts and frame to a matplotlib figure.

Only the object interface of matplotlib is used, and every property that matters is given
explicitly: no global setting is read on purpose, and none is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from matplotlib.transforms import ScaledTranslation

from growthwatch.charts.facts import ChartFacts, Point
from growthwatch.charts.lines import Stretch, interpolated
from growthwatch.charts.marks import (
    AT_MOST,
    BASE_WIDTH,
    BLACK,
    BLUE,
    DASHES,
    DOTS,
    EDGE,
    GREY,
    LARGE,
    LINE_WIDTH,
    NORMAL,
    SMALL,
    VERMILLION,
    ZONE,
    Box,
    mark_row,
    rule_line,
    spread,
    text_at,
)
from growthwatch.charts.page import GrowthChart, Page
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import kg_words, limit_words
from growthwatch.protocol.child import SUSPECTED, UPPER_BOUND

__all__ = ["GrowthChart", "draw"]


def draw(
    facts: ChartFacts, extra: tuple[float, ...], inches: tuple[float, float], title: str | None, identify: bool
) -> GrowthChart:
    """Draw one chart."""
    return _Drawing(facts, extra, inches, title, identify).figure


class _Drawing(Page):
    def __init__(
        self,
        facts: ChartFacts,
        extra: tuple[float, ...],
        inches: tuple[float, float],
        title: str | None,
        identify: bool,
    ) -> None:
        super().__init__(facts, extra, inches, title, identify)
        head, body, foot, notice = self.head, self.body, self.foot, self.notice
        self.page_text(head, LARGE, self.height - EDGE - 13, 19, weight="bold")
        self.page_text(body, NORMAL + 1, self.height - EDGE - 13 - 19 * len(head), 14)
        if notice:
            self.page_text(
                notice,
                NORMAL + 1,
                14 + 10.8 * len(foot) + 13.5 * (len(notice) - 1) + 2,
                13.5,
                weight="bold",
                gid="adjusted",
            )
        self.page_text(foot, SMALL, 12 + 10.8 * (len(foot) - 1), 10.8, color=GREY)
        self.axis_marks()
        self._term_zone()
        self._lines()
        self._labels()
        self._points()
        self._key(self.height - EDGE - 19 * len(head) - 14 * len(body) - 12)
        self._notes()

    # --- lines ------------------------------------------------------------------------

    def _term_zone(self) -> None:
        zone = self.zone
        if zone is None:
            return
        shade = Rectangle((zone[0], self.bottom), zone[1] - zone[0], self.top - self.bottom)
        shade.set(facecolor=ZONE, edgecolor="none", linewidth=0, zorder=0.5, gid="term zone")
        self.axes.add_patch(shade)
        if self.px(zone[1]) - self.px(zone[0]) >= 13:
            words, x = "Birth at term: 37 to 42 weeks", self.px(zone[0])
            tall = self.text_width(words, SMALL)
            if tall > 0.7 * self.tall:
                return
            self.axes_text(x + 2.5, self.tall - 4, words, SMALL, rotation=90, va="top", color=GREY, gid="note")
            self.boxes.append(Box(x + 1, self.tall - 4 - tall, SMALL + 3, tall))

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
        line = rule_line(
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
                leaving.append((self.px(x), name, color))
            else:
                ends.setdefault(x, []).append((self.py(y), name, color))
        for x, found in ends.items():
            self._column(self.px(x), sorted(found))
        row_end = [-1e9, -1e9]
        for x, name, color in sorted(leaving):
            half = self.text_width(name, SMALL + 0.5) / 2
            level = 0 if x - half >= row_end[0] + 4 else 1
            start = max(x - half, row_end[level] + 4)
            row_end[level] = start + 2 * half
            self.axes_text(start, self.tall + 2.5 + 10.5 * level, name, SMALL + 0.5, color=color, gid="line label")

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
            if y != y or self.py(y) < 3:
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
                self.axes.add_line(
                    rule_line(xs, ys, color=GREY, linestyle="-", linewidth=0.5, clip_on=False, gid="leader")
                )
            self.axes_text(start, at, name, SMALL + 0.5, color=color, va="center", gid="line label")
            if x < self.wide - 5:
                self.boxes.append(Box(start, at - 5, self.text_width(name, SMALL + 0.5), 10))

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
            wide = [p for p in both if self.px(p.age_days) - self.px(p.corrected_age_days) > 14]
            if wide:
                nudged = axes.transData + ScaledTranslation(5 / 72, 0, self.figure.dpi_scale_trans)
                axes.add_line(
                    mark_row(
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
                mark_row(
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
                axes.add_line(
                    mark_row([p.age_days for p in chosen], [self._kept(p) for p in chosen], gid=kind, **shape)
                )
        for p in points:
            if p.validity != SUSPECTED:
                continue
            beyond = self._kept(p) != p.kg
            words = f"? {kg_words(p.kg)}, off the scale" if beyond else "?"
            self._mark_words(p, words)
        for p in points:
            for age in {p.age_days, p.corrected_age_days}:
                self.boxes.append(Box(self.px(age) - 4.5, self.py(self._kept(p)) - 4.5, 9, 9))
            if p.validity == UPPER_BOUND:
                self.boxes.append(Box(self.px(p.age_days) - 4, self.py(p.kg) - 14, 8, 10))
            if p.corrected:
                x = self.px(p.corrected_age_days)
                self.boxes.append(Box(x, self.py(self._kept(p)) - 1, self.px(p.age_days) - x, 2))

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
            ("upper bounds", {"marker": AT_MOST, "size": 19.0, **open_}),
            ("suspected", {"marker": "D", "size": 6.2, **open_}),
        ]

    def _mark_words(self, p: Point, words: str) -> None:
        x, y = self.px(p.age_days), self.py(self._kept(p))
        room = self.text_width(words, NORMAL)
        start = x + 7 if x + 7 + room < self.wide + self.right - 6 else x - 7 - room
        self.axes_text(
            start,
            y,
            words,
            NORMAL,
            va="center",
            weight="bold",
            gid="words on a mark",
            backgroundcolor="white" if len(words) > 1 else None,
        )
        self.boxes.append(Box(start, y - 5, room, 10))

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
                rule = rule_line(
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
                    text_at(
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
                x += 18 + self.text_width(text, SMALL + 0.5) + 20
        for shape, text in entries:
            lift = 3.5 if shape["marker"] is AT_MOST else 0.0
            mark = mark_row(
                [x / self.width], [(y + lift) / self.height], gid="key", transform=self.figure.transFigure, **shape
            )
            self.figure.add_artist(mark)
            self.figure.add_artist(
                text_at(
                    (x + 8) / self.width,
                    y / self.height,
                    text,
                    SMALL + 0.5,
                    va="center_baseline",
                    transform=self.figure.transFigure,
                    gid="key",
                )
            )
            x += 8 + self.text_width(text, SMALL + 0.5) + 20

    # --- notes on the chart -----------------------------------------------------------

    def _notes(self) -> None:
        facts, curves = self.facts, self.facts.reference.curves("weight")
        span = curves.span(0 if facts.sex == "male" else 1)
        if span is None or span[0] > self.high or span[1] < self.low:
            self._note(None, ["No lines: this reference does not cover these ages."], NORMAL + 1)
        if not facts.points:
            self._note(None, ["No weight recorded"], LARGE)
        for b in curves.info.breaks:
            if self.low < b.at < self.high and min(self.px(b.at), self.wide - self.px(b.at)) > 6:
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
            rule_line([age, age], [self.bottom, self.top], color=GREY, linestyle=DOTS, linewidth=0.6, zorder=1, gid=gid)
        )

    def _note(self, age: float | None, rows: list[str], size: float = SMALL) -> None:
        """Write a note where it covers neither lines nor points, as near to the edges as possible."""
        width = max(self.text_width(row, size) for row in rows)
        height = len(rows) * size * 1.25
        if age is None:
            starts = [(self.wide - width) / 2]
        else:
            x = self.px(age)
            starts = [s for s in (x + 4, x - 4 - width) if 0 <= s <= self.wide + 40 - width]
            starts = starts or [max(0.0, self.wide - width)]
        best: tuple[int, Box] | None = None
        steps = np.linspace(0, 1, 25)
        heights = [v for s in steps[: len(steps) // 2 + 1] for v in (1 - s, s)]
        for v in heights:
            for start in starts:
                box = Box(start, 4 + v * (self.tall - height - 10), width, height)
                hits = self._hits(box)
                if best is None or hits < best[0]:
                    best = (hits, box)
        assert best is not None
        box = best[1]
        self.boxes.append(box)
        for k, row in enumerate(rows):
            self.axes_text(
                box.x,
                box.y + height - (k + 0.9) * size * 1.25,
                row,
                size,
                color=GREY,
                gid="note",
                backgroundcolor=None if best[0] == 0 else "white",
            )

    def _hits(self, box: Box) -> int:
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
