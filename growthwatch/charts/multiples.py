"""A sheet of small charts: one scale, ending today, missing time hatched, the first deed over each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from growthwatch.charts.facts import Point
from growthwatch.charts.marks import (
    BLACK,
    BLUE,
    DASHES,
    GREY,
    HATCH,
    LINE_WIDTH,
    SMALL,
    TICK_DOWN,
    Box,
    mark_row,
    one_row,
    rule_line,
)
from growthwatch.charts.multiples_facts import (
    MultiplesFacts,
    Tile,
    alt_text,
    body,
    deed_words,
    footer,
    heading,
    metadata,
    title,
    window_days,
)
from growthwatch.charts.page import Entry, Page, Said
from growthwatch.charts.panel import GrowthChart, Size, Strip
from growthwatch.charts.quoting import shown_ids
from growthwatch.charts.shapes import POINT_WORDS, POINTS
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.core.words import days_words

__all__ = ["draw_multiples"]

LINES = (0, 1, 4)
"""Places of the 0.4th, 2nd and 50th among the nine lines."""

LEAST, MOST = -3.6, 1.2
"""Scores that are always in view [SD]; further ones widen all charts, as far as `FURTHEST`."""

FURTHEST = (-6.5, 5.0)

ID_LETTERS = 14

HEAD, STEP, WHO_STEP, LEAST_TALL = 20.0, 10.0, 11.0, 40.0
"""Height over a small chart without its deed, of each row of the deed and of whose it is, and of the least picture
[points]."""

MOST_ROWS = 4
"""Most rows of a deed that can wait; one that cannot has as many as it needs."""

CLAUSE = re.compile(r"(?<=[.;:,])\s|\s(?=\()")
"""Where a deed may end without losing what it says before."""


def draw_multiples(facts: MultiplesFacts, size: Size, own_title: str | None, identify: bool) -> GrowthChart:
    """Draw a sheet of small charts."""
    return _Sheet(facts, size, own_title, identify).figure


class _Sheet(Page):
    margin = 40.0
    least_share = 0.0

    def __init__(self, facts: MultiplesFacts, size: Size, own_title: str | None, identify: bool) -> None:
        self.sheet = facts
        text = one_row(title(facts) if own_title is None else own_title)
        described = alt_text(facts)
        below = tuple(footer(facts))
        said = Said(text, (), (), body(facts), below, below, described, metadata(facts, text, described))
        super().__init__(size, said, self._entries(), 14.0, (-window_days(), 0.0))
        self.shown = shown_ids((t.child_id for t in facts.tiles), ID_LETTERS) if identify else {}
        self.identify = identify
        scores = [
            p.z
            for t in facts.tiles
            if t.course is not None
            for p in t.course.chart.points
            if p.z is not None and self._back(t, p) >= self.low and p.kind != "suspected"
        ]
        self.bottom = max(min([LEAST, *(z - 0.4 for z in scores)]), FURTHEST[0])
        self.top = min(max([MOST, *(z + 0.4 for z in scores)]), FURTHEST[1])
        columns = 4 if self.width > 700 else 3 if self.width > 480 else 2
        columns = min(columns, len(facts.tiles))
        rows = -(-len(facts.tiles) // columns)
        whole, room = self.wide, self.tall + 50.0
        gap = 16.0
        wide = (whole - gap * (columns - 1)) / columns
        # A deed is read to its end: each row of the sheet is as high as its longest deed wants.
        over = [(self._who(tile, wide), self._deed(tile, wide)) for tile in facts.tiles]
        tops = [HEAD + STEP * len(deed) + WHO_STEP * (len(who) - 1) for who, deed in over]
        heads = [max(tops[r * columns : (r + 1) * columns]) for r in range(rows)]
        tall = (room - 22.0 - sum(heads)) / rows
        # Whatever its size: a deed is not shortened for a picture.
        self.figure.lacking = rows * max(LEAST_TALL - tall, 0.0)
        tall = max(tall, LEAST_TALL / 4)
        floor = self.floor - 50.0 + room
        for k, (tile, (who, deed)) in enumerate(zip(facts.tiles, over, strict=True)):
            row, column = divmod(k, columns)
            if column == 0:
                floor -= heads[row] + tall
            last_row = k + columns >= len(facts.tiles)
            at = (self.left + column * (wide + gap), wide)
            strip = Strip(self, floor, tall, self.bottom, self.top, at)
            self._tile(tile, strip, who, deed, column == 0, last_row)

    def _entries(self) -> list[Entry]:
        kinds = {p.kind for t in self.sheet.tiles if t.course is not None for p in t.course.chart.points}
        out = [
            Entry(POINT_WORDS.get(k, "weight"), {**POINTS[k], "size": 0.75 * POINTS[k]["size"]})
            for k in POINTS
            if k in kinds
        ]
        blue: dict[str, Any] = {"color": BLUE, "linewidth": LINE_WIDTH + 0.2}
        return [
            *out,
            Entry("50th and 0.4th", line={**blue, "linestyle": DASHES}),
            Entry("2nd", line={**blue, "linestyle": "-"}),
        ]

    @staticmethod
    def _back(tile: Tile, p: Point) -> float:
        """Days before the day of the sheet, as a negative number."""
        assert tile.course is not None
        return float(p.age_days - tile.course.chart.age_days)

    def _who(self, tile: Tile, wide: float) -> list[str]:
        """Whose chart it is: on one row where it fits, without the sex if need be; nothing of an id or age is cut."""
        brief = replace(tile, who=tile.who.partition(", ")[2] or tile.who)
        for one in (tile, brief):
            if self.text_width(who := heading(one, self.shown, self.identify), SMALL + 1, "bold") <= wide:
                return [who]
        return self.rows_of(heading(tile, self.shown, self.identify), wide, SMALL + 1, "bold")

    def _deed(self, tile: Tile, wide: float) -> list[str]:
        """What must be done first, in rows: all of it where it cannot wait, else as far as a clause ends in time."""
        words = deed_words(tile)
        rows = self.rows_of(words, wide, SMALL)
        if len(rows) <= MOST_ROWS or tile.cannot_wait:
            return rows
        for end in reversed([m.end() for m in CLAUSE.finditer(words)]):
            rows = self.rows_of(f"{words[:end].rstrip(' ,;:(')} (more in the list)", wide, SMALL)
            if len(rows) <= MOST_ROWS:
                return rows
        return self.rows_of(words, wide, SMALL)

    def _tile(self, tile: Tile, strip: Strip, who: list[str], deed: list[str], first: bool, last_row: bool) -> None:
        over = strip.tall + 4.0 + STEP * len(deed)
        for k, words in enumerate(reversed(who)):
            strip.axes_text(0, over + 1 + WHO_STEP * k, words, SMALL + 1, weight="bold", gid="who")
        for k, words in enumerate(deed):
            strip.axes_text(0, over - STEP * (k + 1), words, SMALL, gid="deed")
        for row in LINES:
            line = UK_NINE.lines[row]
            strip.axes.add_line(
                rule_line(
                    [self.low, self.high], [line.z] * 2, color=BLUE, linestyle=DASHES if line.dashed else "-",
                    linewidth=LINE_WIDTH, zorder=1.5, gid=f"centile {line.label}",
                )
            )  # fmt: skip
            if first:
                strip.axes_text(-4, strip.py(line.z), line.ordinal, SMALL, ha="right", va="center", gid="line label")
        months = [(-m * DAYS_PER_MONTH, f"−{m}" if m else "today") for m in (24, 18, 12, 6, 0)]
        strip.axes.add_line(
            mark_row(
                [x for x, _ in months], [0.0] * 5, marker=TICK_DOWN, size=3.5, face=GREY, edge=GREY, zorder=2,
                gid="marks", transform=strip.axes.get_xaxis_transform(),
            )
        )  # fmt: skip
        if last_row:
            for x, words in (months[0], months[2], months[4]):
                side = "left" if x == self.low else "right" if x == 0 else "center"
                words = f"{words} months" if x == self.low else words
                strip.axes_text(strip.px(x), -6, words, SMALL, ha=side, va="top", gid="axis figure")
        if tile.why:
            strip.axes_text(strip.wide / 2, strip.tall / 2, tile.why, SMALL, ha="center", gid="note")
            return
        self._missing(tile, strip)
        self._points(tile, strip)

    def _missing(self, tile: Tile, strip: Strip) -> None:
        if tile.missing_days is None:
            return
        start = max(-float(tile.missing_days), self.low)
        hatched = Rectangle((start, self.bottom), -start, self.top - self.bottom)
        hatched.set(facecolor="none", edgecolor=HATCH, linewidth=0, hatch="///", zorder=0.8, gid="missing time")
        strip.axes.add_patch(hatched)
        words = f"no weight for {days_words(tile.missing_days)}"
        width, marks = self.text_width(words, SMALL), list(self._places(tile, strip).values())
        points = [Box(strip.px(x) - 4, strip.py(y) - 4, 8, 8) for x, y in marks]
        levels = (strip.tall - 9.0, 4.0, strip.tall / 2 - 4.0)
        boxes = [Box(x, y - 1, width, SMALL + 1) for x in (strip.wide - 3 - width, 3.0) for y in levels]
        box = min(boxes, key=lambda b: sum(b.meets(p, 0) for p in points))
        strip.axes_text(box.x, box.y + 1, words, SMALL, gid="missing words", backgroundcolor="white")

    def _places(self, tile: Tile, strip: Strip) -> dict[int, tuple[float, float]]:
        """Where each reading stands, by its identity: one beyond the scale at the edge."""
        assert tile.course is not None
        half = 5 / strip.tall * (self.top - self.bottom)
        scored = [p for p in tile.course.chart.points if p.z is not None and not p.repeated]
        shown = [p for p in scored if self._back(tile, p) >= self.low]
        return {id(p): (self._back(tile, p), min(max(p.z or 0.0, self.bottom + half), self.top - half)) for p in shown}

    def _points(self, tile: Tile, strip: Strip) -> None:
        assert tile.course is not None
        at = self._places(tile, strip)
        shown = [p for p in tile.course.chart.points if id(p) in at]
        lines = [[at[id(a)], at[id(b)]] for a, b in tile.course.joined if id(a) in at and id(b) in at]
        if lines:
            one = LineCollection(lines, colors=BLACK, linewidths=0.8, linestyles="-", zorder=3, gid="joined")
            strip.axes.add_collection(one, autolim=False)
        for kind, shape in POINTS.items():
            chosen = [at[id(p)] for p in shown if p.kind == kind]
            if chosen:
                small = {**shape, "size": 0.7 * shape["size"]}
                strip.axes.add_line(mark_row(*zip(*chosen, strict=True), gid=kind, **small))
