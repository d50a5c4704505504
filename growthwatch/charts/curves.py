"""The lines of a growth chart, drawn and named."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from growthwatch.charts.facts import ChartFacts
from growthwatch.charts.frame import age_range
from growthwatch.charts.lines import Stretch, interpolated
from growthwatch.charts.marks import (
    BASE_WIDTH,
    BLACK,
    BLUE,
    CHAIN,
    CONDITION_WIDTH,
    DASHES,
    DOTS,
    GREY,
    HATCH,
    LINE_WIDTH,
    NORMAL,
    RULE_WIDTH,
    SMALL,
    VERMILLION,
    Box,
    mark_row,
    rule_line,
    spread,
)
from growthwatch.charts.page import Entry
from growthwatch.charts.panel import Size
from growthwatch.charts.placing import COVERED, Placed
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.units import TERM_DAYS
from growthwatch.core.words import days_words
from growthwatch.references import Reference
from growthwatch.references.metadata import read_toml

__all__ = ["FIVE", "NINE", "THREE", "Lined", "by_time", "own_rows", "prefix"]

THREE = (1, 4, 7)
"""Places of the 2nd, 50th and 98th among the nine lines."""

FIVE = (1, 2, 4, 6, 7)
"""Places of the 2nd, 9th, 50th, 91st and 98th: the lines of a condition, so that eighteen equal ones never meet."""

NINE = tuple(range(len(UK_NINE.lines)))


def own_rows(facts: ChartFacts) -> tuple[int, ...]:
    """Which of the nine lines of the chart's own reference are drawn."""
    return FIVE if facts.of_condition else NINE


@cache
def _prefixes() -> dict[str, str]:
    found: Any = read_toml(resources.files("growthwatch.charts") / "prefixes.toml")
    return dict(found["prefixes"])


def prefix(facts: ChartFacts) -> str:
    """What stands before the name of a line of a condition: ``CP ``; nothing on other charts."""
    if not facts.of_condition:
        return ""
    condition = facts.reference.info.condition.partition(",")[0] or "Own"
    word = _prefixes().get(condition) or condition.split()[0][:12].capitalize()
    return f"{word} "


def by_time(facts: ChartFacts, stretches: Sequence[Stretch], reference: Reference | None = None) -> tuple[Stretch, ...]:
    """Lines on the axis of time since birth: moved by how early the child came, as long as age is corrected.

    Where correction ends the same weight lies on another line, and the lines break.
    """
    ref = facts.reference if reference is None else reference
    until = facts.corrected_until(ref)
    if until is None or facts.gestation_days is None or ref.table_by == "gestation_days":
        return tuple(stretches)
    early = float(TERM_DAYS - facts.gestation_days)
    out: list[Stretch] = []
    for s in stretches:
        # From the day on which correction ends, age is that since birth.
        for low, high, moved in ((s.x[0], min(until, s.x[-1]), early), (max(until + early, s.x[0]), s.x[-1], 0.0)):
            if not low < high:
                continue
            x = np.unique(np.concatenate([s.x[(s.x >= low) & (s.x <= high)], np.array([low, high])]))
            y = np.stack([interpolated(x, s.x, row) for row in s.y])
            out.append(Stretch(s.table, s.z, x + moved, y))
    return tuple(out)


class Lined(Placed):
    """A page with centile lines.

    Attributes
    ----------
    nine, guides, extra
        The lines of the chart's reference, and those at the z of `extra`.
    base
        The lines of the unadjusted reference.
    standard, outside
        The lines of the standard: where the chart's reference has its own (three are drawn), and elsewhere (all).
    ruled
        The lines that a rule reads on the chart's reference and that are none of the nine.
    names
        What each line is called at its end, with its colour.
    """

    facts: ChartFacts
    extra: tuple[float, ...]
    nine: tuple[Stretch, ...]
    guides: tuple[Stretch, ...]
    base: tuple[Stretch, ...]
    standard: tuple[Stretch, ...]
    outside: tuple[Stretch, ...]
    ruled: tuple[Stretch, ...] = ()
    names: list[tuple[Sequence[Stretch], int, str, str]]

    def draw_lines(self) -> None:
        """Draw every line that is in view."""
        thin: list[tuple[str, Sequence[Stretch], Sequence[int]]] = [
            ("base", self.base, THREE),
            ("standard", self.standard, self.beside_rows),
            ("standard", self.outside, NINE),
        ]
        for gid, stretches, rows in thin:
            for stretch in stretches:
                for row in rows:
                    line = UK_NINE.lines[row]
                    self._curve(stretch, row, GREY, DASHES if line.dashed else "-", BASE_WIDTH, f"{gid} {line.label}")
        width = CONDITION_WIDTH if self.facts.of_condition else LINE_WIDTH
        for stretch in self.nine:
            for row in own_rows(self.facts):
                line = UK_NINE.lines[row]
                self._curve(stretch, row, BLUE, DASHES if line.dashed else "-", width, f"centile {line.label}")
        for stretch in self.ruled:
            for row, of in enumerate(self.facts.rule_lines):
                self._curve(stretch, row, VERMILLION, CHAIN, RULE_WIDTH, f"rule line {of.ordinal}")
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
        if (
            self.px(min(float(stretch.x[part][-1]), self.high)) - self.px(max(float(stretch.x[part][0]), self.low))
            < 0.5
        ):
            return  # a touch at the edge is no line
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

    @property
    def beside_rows(self) -> tuple[int, ...]:
        """Which of the standard's lines stand beside the chart's own: three beside nine adjusted ones, else all."""
        return THREE if self.facts.is_adjusted else NINE

    def since_last(self) -> None:
        """The time since the last weight that counts, where that is too long; and death."""
        facts = self.facts
        if facts.measure.by_length:
            return
        if facts.died_age_days is not None and self.low <= facts.died_age_days <= self.high:
            at = float(facts.died_age_days)
            self.axes.add_line(
                rule_line(
                    [at, at],
                    [self.bottom, self.top],
                    color=BLACK,
                    linestyle="-",
                    linewidth=1.2,
                    zorder=2.5,
                    gid="death",
                )
            )
            self.boxes.append(Box(self.px(at) - 1, 0, 2, self.tall))
        if facts.stale_days is None or facts.last is None:
            return
        today = float(facts.age_days)
        start = max(today - facts.stale_days, self.low)
        hatched = Rectangle((start, self.bottom), today - start, self.top - self.bottom)
        hatched.set(facecolor="none", edgecolor=HATCH, linewidth=0, hatch="\\\\", zorder=0.7, gid="not current")
        self.axes.add_patch(hatched)
        self.hatched = (self.px(start), self.px(today))
        line: dict[str, Any] = {"color": GREY, "linestyle": "-", "zorder": 2.5, "linewidth": 1.2}
        self.axes.add_line(rule_line([today, today], [self.bottom, self.top], gid="today", **line))
        self.boxes.append(Box(self.px(today) - 1, 0, 2, self.tall))

    def word_today(self) -> None:
        """Name the line of the day that is asked about, beside the names of the other lines, which cannot move."""
        if self.hatched is None:
            return
        today, wide = float(self.facts.age_days), self.text_width("today", SMALL)
        for y in (3.0, self.tall - 13.0, 0.5 * self.tall):
            box = Box(self.px(today) - 4 - wide, y, wide, SMALL + 2)
            if self.hits(box) < COVERED:
                self.axes_text(box.x, y + 2, "today", SMALL, gid="word today", backgroundcolor="white")
                self.boxes.append(box)
                break

    def without_weight(self) -> None:
        """Say in the hatched stretch how long there has been no weight that counts."""
        facts = self.facts
        if facts.stale_days is None:
            return
        words, middle = f"{days_words(facts.stale_days)} without a valid weight", facts.age_days - facts.stale_days / 2
        ground: dict[str, Any] = {"backgroundcolor": "white", "color": BLACK}
        if self.note(float(middle), [words], NORMAL, **ground):
            return
        # Over lines, on white ground, but never over a mark.
        width = self.text_width(words, NORMAL)
        start = min(max(self.px(float(middle)) - width / 2, 2.0), self.wide - width - 2)
        levels = [4.0 + k * (self.tall - 20) / 24 for k in range(25)]
        boxes = [Box(x, y, width, NORMAL + 2) for x in (start, 2.0, self.wide - width - 2) for y in levels]
        box = min(boxes, key=self.hits)
        if start >= 2.0 and self.hits(box) < COVERED:
            self.axes_text(box.x, box.y + 2, words, NORMAL, gid="note", **ground)
            self.boxes.append(box)

    def upright(self, age: float, gid: str) -> None:
        """A hairline over the whole height, at a change that the eye must find; words keep off it."""
        self.boxes.append(Box(self.px(age) - 0.5, 0, 1, self.tall))
        self.axes.add_line(
            rule_line([age, age], [self.bottom, self.top], color=GREY, linestyle=DOTS, linewidth=0.6, zorder=1, gid=gid)
        )

    def ring_entry(self) -> list[Entry]:
        """What the open ring means, where there is one."""
        facts = self.facts
        if facts.stale_days is None or facts.last is None or not facts.last.counts:
            return []
        ring = {"marker": "o", "size": 6.4, "face": "white", "edge": BLACK, "edge_width": 1.4, "zorder": 4.05}
        return [Entry(f"last {facts.measure.thing}, not current", ring)]

    def ring_last(self, y: float | None = None, size: float = 6.2) -> None:
        """The last reading that counts as an open ring, where it is not current; at `y` if not at its value."""
        last = self.facts.last
        if self.facts.stale_days is None or last is None or not last.counts or not self.low <= last.at <= self.high:
            return
        ring: dict[str, Any] = {"marker": "o", "face": "white", "edge": BLACK, "edge_width": 1.4, "zorder": 4.05}
        self.axes.add_line(
            mark_row([last.at], [last.value if y is None else y], gid="last, not current", size=size, **ring)
        )

    def line_names(self, size: Size) -> list[tuple[Sequence[Stretch], int, str, str]]:
        """What each line is called at its end, with its colour."""
        facts, lines = self.facts, list(enumerate(UK_NINE.lines))
        if facts.unadjusted is not None:
            names: list[tuple[Sequence[Stretch], int, str, str]] = [
                (self.nine, row, f"{line.ordinal} adjusted", BLACK) for row, line in lines
            ]
            names += [(self.base, row, line.ordinal, GREY) for row, line in lines if row in THREE]
        else:
            before = prefix(facts)
            names = [
                (self.nine, row, f"{before}{line.ordinal}", BLACK) for row, line in lines if row in own_rows(facts)
            ]
            # Its name is never left out for want of room: whoever reads the line must know which it is.
            names += [
                (self.ruled, row, f"{before}{line.ordinal}: alarm", BLACK) for row, line in enumerate(facts.rule_lines)
            ]
        if facts.standard is not None:
            of = ""
            if not facts.of_condition:
                of = facts.beside[facts.standard].reference.info.short_title
                of = f" {of}" if len(of) <= 16 and size.width >= 7 else " standard"
            _, high = age_range(facts)
            ending = [s for s in self.outside if s.x[0] < high <= s.x[-1]]
            names += [
                (ending or self.standard, row, f"{line.ordinal}{of}", GREY)
                for row, line in lines
                if ending or row in self.beside_rows
            ]
        return names + [(self.guides, row, f"{z:+g} SD".replace("-", "−"), GREY) for row, z in enumerate(self.extra)]

    def name_lines(self) -> None:
        """Name every line where it ends: at the right, where its table ends, or where it leaves at the top."""
        ends: dict[float, list[tuple[float, str, str]]] = {}
        leaving: list[tuple[float, str, str]] = []
        for stretches, row, name, color in self.names:
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
        row_end = [-self.left + 4.0, -self.left + 4.0]
        for x, name, color in sorted(leaving):
            half = self.text_width(name, SMALL + 0.5) / 2
            level = 0 if x - half >= row_end[0] + 4 else 1
            if level and row_end[1] > row_end[0]:
                level = 0
            start = max(x - half, row_end[level] + 4)
            row_end[level] = start + 2 * half
            self.axes_text(start, self.tall + 2.5 + 10.5 * level, name, SMALL + 0.5, color=color, gid="line label")

    def _end(self, stretches: Sequence[Stretch], row: int) -> tuple[float, float] | None:
        """Where a line is last in view: at an end, or on the upper edge."""
        for s in reversed(stretches):
            if s.x[0] >= self.high or s.x[-1] <= self.low:
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
        """Write names one above the other, moved apart where lines are close; inside the picture, beside the marks."""
        found = self._with_room(found)
        places = spread([y for y, _, _ in found], 10.5, 3.0, self.tall - 4.0)
        widths = [self.text_width(name, SMALL + 0.5) for _, name, _ in found]
        shift = 0.0
        if x < self.wide - 5:
            tries = [
                d for d in (0.0, 12.0, 24.0, 40.0, 60.0, 90.0) if x + 12 + d + max(widths) < self.wide + self.right
            ]

            def covered(d: float) -> int:
                boxes = [Box(x + 4 + d, at - 5, w, 10) for at, w in zip(places, widths, strict=True)]
                return sum(self.hits(b) for b in boxes)

            shift = min(tries, key=lambda d: (covered(d), d), default=0.0)
        for (y, name, color), at, width in zip(found, places, widths, strict=True):
            moved = abs(at - y) > 2.0 or shift > 0
            start = x + shift + (10.0 if moved else 4.0)
            if moved:
                xs = [self.x_at(v) for v in (x + 1, start - 1)]
                self.axes.add_line(
                    rule_line(
                        xs,
                        [self.y_at(y), self.y_at(at)],
                        color=GREY,
                        linestyle="-",
                        linewidth=0.5,
                        clip_on=False,
                        gid="leader",
                    )
                )
            self.axes_text(start, at, name, SMALL + 0.5, color=color, va="center", gid="line label")
            self.boxes.append(Box(start, at - 5, width, 10))

    def _with_room(self, found: list[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
        """As many names as there is room for: those of grey lines go first, then those of continuous ones."""
        drawn_through = {line.ordinal for line in UK_NINE.lines if not line.dashed}
        out = list(found)
        grey = [f for f in out if f[2] == GREY and "SD" not in f[1]]
        grey.sort(key=lambda f: f[1].split()[0] not in drawn_through)
        spare = grey + [f for f in out if drawn_through & set(f[1].split()) and f not in grey]
        for name in spare:
            if 10.5 * (len(out) - 1) <= self.tall - 7:
                break
            if name in out:
                out.remove(name)
        return out
