"""The event chart: weights on their lines, and below them what was done, lane by lane, on the same axis of time."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from matplotlib.patches import Rectangle

from growthwatch.charts.curves import Lined, by_time
from growthwatch.charts.events_facts import EventFacts, Lane, Mark
from growthwatch.charts.events_words import alt_text, footer, metadata, summary, title
from growthwatch.charts.facts import Point
from growthwatch.charts.frame import value_ticks
from growthwatch.charts.lines import interpolated, line_stretches
from growthwatch.charts.marks import (
    BLACK,
    BLUE,
    DOTS,
    GREY,
    NORMAL,
    SMALL,
    VERMILLION,
    Box,
    mark_row,
    one_row,
    rule_line,
)
from growthwatch.charts.page import Entry, Said
from growthwatch.charts.panel import GrowthChart, Size, Strip
from growthwatch.charts.quoting import heading, shortened
from growthwatch.charts.shapes import shape_of
from growthwatch.charts.words import minus, warnings
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import kg_words, often_words
from growthwatch.protocol.child import SUSPECTED, UPPER_BOUND

__all__ = ["draw_events"]

SHADE = "#F1F1F1"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_OPEN: dict[str, Any] = {"face": "white", "edge": BLACK, "edge_width": 1.1, "zorder": 4.2}
_FULL: dict[str, Any] = {"face": BLACK, "edge": BLACK, "edge_width": 0.8, "zorder": 4.2}
SHAPES: dict[str, dict[str, Any]] = {
    "weighed": {"marker": "s", "size": 6.6, **_FULL},
    "not counted": {"marker": "s", "size": 6.2, **_OPEN},
    "not weighed": {"marker": "|", "size": 9.0, **_FULL, "edge_width": 1.4},
    "missed": {"marker": "x", "size": 7.0, **_FULL, "edge": VERMILLION, "edge_width": 1.8},
    "moved": {"marker": "+", "size": 8.0, **_FULL, "edge": GREY, "edge_width": 1.4},
    "concern": {"marker": "^", "size": 8.0, **_FULL, "face": VERMILLION},
    "sign": {"marker": "v", "size": 7.0, **_FULL},
    "sent": {"marker": "o", "size": 5.6, **_OPEN},
    "no action": {"marker": "X", "size": 7.0, **_FULL, "edge": "white", "edge_width": 0.6},
    "done": {"marker": "o", "size": 5.6, **_FULL},
    "signed": {"marker": "P", "size": 6.6, **_FULL, "edge": "white", "edge_width": 0.6},
    "step": {"marker": "d", "size": 7.0, **_OPEN},
}
ENDS: dict[str, Any] = {"marker": ">", "size": 7.0, "face": VERMILLION, "edge": BLACK, "edge_width": 0.9, "zorder": 4.4}

STYLES: dict[str, dict[str, Any]] = {
    "answered": {"color": BLACK, "linestyle": "-", "linewidth": 1.4},
    "open": {"color": VERMILLION, "linestyle": (0.0, (5.0, 3.0)), "linewidth": 1.6},
    "led": {"color": BLUE, "linestyle": "-", "linewidth": 6.0},
    "gap": {"color": VERMILLION, "linestyle": (0.0, (5.0, 3.0)), "linewidth": 1.6},
    "stay": {"color": GREY, "linestyle": "-", "linewidth": 6.0},
    "T0": {"color": GREY, "linestyle": DOTS, "linewidth": 1.0},
    "T1": {"color": GREY, "linestyle": "-", "linewidth": 2.4},
    "T2": {"color": BLACK, "linestyle": "-", "linewidth": 5.0},
    "T3": {"color": BLACK, "linestyle": "-", "linewidth": 8.0},
}
"""Breadth and dash say what colour says, for a photocopy."""

MOST_ROWS = 4
"""Most stretches one above the other in a lane."""


def draw_events(facts: EventFacts, size: Size, own_title: str | None, identify: bool) -> GrowthChart:
    """Draw what happened around one child's weight.  Words that find no place are said in the small print."""
    made = _Drawing(facts, size, own_title, identify)
    if made.unplaced:
        made = _Drawing(facts, size, own_title, identify, tuple(made.unplaced))
    return made.figure


class _Drawing(Lined):
    margin = 92.0
    least_share = 0.6

    def __init__(
        self,
        facts: EventFacts,
        size: Size,
        own_title: str | None,
        identify: bool,
        said_below: tuple[str, ...] = (),
    ) -> None:
        self.events, self.facts, self.unplaced = facts, facts.chart, list[str]()
        small = size.width * 72 < 560
        self.margin = 84.0 if small else 92.0
        text = one_row(title(facts, short=small) if own_title is None else own_title)
        text = heading(text, facts.chart.child_id, identify)
        described = alt_text(facts)
        rest = footer(facts)
        if said_below:
            rest.insert(1, f"No room for: {'; '.join(said_below)}.")
        short = (rest[0], f"{facts.chart.reference.label}. {facts.protocol}.", rest[-1])
        said = Said(
            title=text,
            warnings=tuple(minus(w) for w in warnings(facts.chart)),
            adjusted=(),
            body=minus(summary(facts)),
            footer=tuple(rest),
            footer_short=short if not said_below else (short[0], rest[1], *short[1:]),
            alt_text=described,
            metadata=metadata(facts, text, described),
        )
        spare = max(4.0, 0.04 * (facts.until - facts.since))
        limits = (facts.since - spare, facts.until + spare / 4)
        seen = [m for lane in facts.lanes if lane.name == "Seen" for m in lane.marks]
        shapes = {m.shape for m in seen if m.age_days >= limits[0]}
        names = {
            "weighed": "weighed", "not weighed": "seen, not weighed", "not counted": "weighed, does not count",
        }  # fmt: skip
        entries = [Entry(names[n], SHAPES[n]) for n in names if n in shapes or n != "not counted"]
        super().__init__(size, said, entries + self.ring_entry(), 56.0, limits)
        sex = 0 if facts.chart.sex == "male" else 1
        nine = line_stretches(facts.chart.reference, sex, facts.chart.measure.name, tuple(n.z for n in UK_NINE.lines))
        self.nine = by_time(facts.chart, nine)
        self.guides = self.base = self.standard = self.outside = ()
        self.extra = ()
        self.curves = [(s, tuple(range(len(s.z)))) for s in self.nine]
        self.names = [(self.nine, row, line.ordinal, BLACK) for row, line in enumerate(UK_NINE.lines)]
        self._divide()
        self._weights()
        self._lanes()

    # --- the two parts -------------------------------------------------------------------

    def _divide(self) -> None:
        """Give the lanes what they need, and the weights the rest."""
        self._rows = [self._levels(lane) for lane in self.events.lanes]
        many = [max((level for level in rows), default=0) + 1 for rows in self._rows]
        floor, room = self.floor - 12.0, self.tall + 12.0
        # The smaller page has room for fewer words over each other.
        each = max(min(0.66 * room / sum(many), 30.0), 15.0)
        self._heights = [each * n for n in many]
        lanes = sum(self._heights)
        self.floor, self.tall = floor + lanes + 14.0, max(room - lanes - 14.0, 60.0)
        self._lane_floor, self._lane_tall = floor, lanes

    @staticmethod
    def _levels(lane: Lane) -> list[int]:
        """In which row of its lane each stretch lies: those that overlap, one above the other."""
        if lane.name == "Watched":
            return [0] * len(lane.spans)
        ends: list[float] = []
        out: list[int] = []
        for s in lane.spans:
            level = next((k for k, end in enumerate(ends) if end <= s.start), len(ends))
            level = min(level, MOST_ROWS - 1)
            if level == len(ends):
                ends.append(0.0)
            ends[level] = max(ends[level], s.end)
            out.append(level)
        return out

    # --- weights -------------------------------------------------------------------------

    def _weights(self) -> None:
        chart = self.facts
        points = [p for p in chart.points if self.low <= p.age_days <= self.high and not p.repeated]
        self.open_axes(*self._value_range(points))
        ticks = value_ticks(self.bottom, self.top, max(2, min(6, int(self.tall / 22))))
        self.axis_marks(None, ticks, "", "Weight (kg)" if self.tall > 80 else "kg")
        self.axes.spines["bottom"].set_visible(False)
        self.draw_lines()
        edge = 7 / self.tall * (self.top - self.bottom)
        kept = {id(p): min(max(p.value, self.bottom + edge), self.top - edge) for p in points}
        for p in points:
            y = self.py(kept[id(p)])
            self.boxes.append(Box(self.px(p.age_days) - 5, y - (14 if p.validity == UPPER_BOUND else 5), 10, 10))
        self._best()
        for kind, chosen in self._kinds(points).items():
            at = [(p.age_days, kept[id(p)]) for p in chosen]
            self.axes.add_line(mark_row(*zip(*at, strict=True), gid=kind, **shape_of(kind, len(points))))
        self.ring_last()
        if chart.stale_days is not None:
            self.since_last()
        self.name_lines()
        self.word_today()
        if not points:
            self.say_in_the_middle("No weight in this time", NORMAL)
        shown = points if len(points) <= 14 else [*points[:1], *points[-8:]]
        for p in sorted(shown, key=lambda p: -p.age_days):
            words = kg_words(p.value).removesuffix(" kg")
            now = ": repeat now" if chart.doubted is p else ""
            more = ", off the scale" if kept[id(p)] != p.value and not self.bottom <= p.value <= self.top else ""
            if not p.counts:
                words = f"at most {words}" if p.validity == UPPER_BOUND else f"{words} in doubt{more}{now}"
            self.label(self.px(p.age_days), self.py(kept[id(p)]), words)

    def _value_range(self, points: list[Point]) -> tuple[float, float]:
        """The weights, and for each a line above and below it where there is one; a suspected one stretches nothing."""
        points = [p for p in points if p.validity != SUSPECTED]
        values = [p.value for p in points]
        if self.events.falls and self.events.best is not None:
            values.append(self.events.best.value)
        if not values:
            values = [v for age in (self.events.since, self.events.until) for v in self._at(float(age))[2:7]] or [1, 2]
        low, high = min(values), max(values)
        for p in points:
            lines = self._at(float(p.age_days))
            low = min([low, *[v for v in lines if v < p.value][-1:]])
            high = max([high, *[v for v in lines if v > p.value][:1]])
        last = self.facts.last
        if last is not None and last.z is not None:
            # Where the last weight would lie today, had the child kept to its lines.
            near = [v for v, n in zip(self._at(float(self.events.until)), UK_NINE.lines, strict=False) if n.z <= last.z]
            high = max([high, *near[-1:]])
        spare = max(0.12 * (high - low), 0.12)
        return max(low - spare, 0.0), high + spare

    def _at(self, age: float) -> list[float]:
        """Values of the nine lines at an age."""
        for s in self.nine:
            if s.x[0] <= age <= s.x[-1]:
                return [float(interpolated([age], s.x, row)[0]) for row in s.y]  # pyright: ignore[reportArgumentType]
        return []

    @staticmethod
    def _kinds(points: list[Point]) -> dict[str, list[Point]]:
        out: dict[str, list[Point]] = {}
        for p in points:
            out.setdefault(p.kind, []).append(p)
        return out

    def _best(self) -> None:
        """The level of the best weight, from its day on."""
        best = self.events.best
        if best is None or not self.events.falls:
            return
        start = max(float(best.age_days), self.low)
        self.axes.add_line(
            rule_line(
                [start, self.high], [best.value, best.value], color=GREY, linestyle=DOTS, linewidth=0.8, zorder=1.5,
                gid="best so far",
            )
        )  # fmt: skip
        self.boxes.append(Box(self.px(start), self.py(best.value) - 1, self.px(self.high) - self.px(start), 2))
        for x in (60.0, 110.0, 170.0, 20.0):
            if self.label(self.px(start) + x, self.py(best.value), "best so far", SMALL):
                break

    # --- lanes ---------------------------------------------------------------------------

    def _lanes(self) -> None:
        strip = self.strip = Strip(self, self._lane_floor, self._lane_tall, 0.0, self._lane_tall)
        labelled, years = self._months()
        if len(labelled) < 2:
            labelled, years = self._few_days()
        strip.figures("x", labelled)
        for x, year in years:
            strip.axes_text(strip.px(x), -18.5, year, SMALL + 0.5, ha="center", va="top", gid="year")
        for x, _ in labelled:
            strip.axes.add_line(
                rule_line(
                    [x, x], [0, self._lane_tall], color="#DDDDDD", linestyle="-", linewidth=0.6, zorder=0.6, gid="month"
                )
            )
        top = self._lane_tall
        for k, (lane, rows, tall) in enumerate(zip(self.events.lanes, self._rows, self._heights, strict=True)):
            floor = top - tall
            if k % 2 == 0:
                shade = Rectangle((self.low, floor), self.high - self.low, tall)
                shade.set(facecolor=SHADE, edgecolor="none", linewidth=0, zorder=0.5, gid="lane")
                strip.axes.add_patch(shade)
            strip.axes_text(
                -8, floor + tall / 2, lane.name, SMALL if self.narrow else NORMAL, ha="right", va="center",
                gid=f"lane name {lane.name}",
            )  # fmt: skip
            self._lane(lane, rows, floor, tall)
            top = floor
        end = self.events.until
        dead = self.facts.died_age_days is not None
        strip.axes.add_line(
            rule_line(
                [end, end], [0, self._lane_tall], color=BLACK if dead else GREY, linestyle="-", linewidth=1.0,
                zorder=2.2, gid="death" if dead else "today",
            )
        )  # fmt: skip
        if not dead and self.events.tier == "T3":
            today: dict[str, Any] = {**SHAPES["step"], "face": VERMILLION}
            strip.axes.add_line(mark_row([end], [6.0], gid="tier three", **today))
        if not dead:
            last = self._heights[-1]
            strip.axes_text(
                self.wide + 6, last / 2, f"{self.events.tier} today", SMALL + 0.5, va="center", weight="bold",
                gid="tier today",
            )  # fmt: skip
        else:
            strip.axes_text(self.wide + 6, 4, "died", SMALL + 0.5, va="bottom", gid="died")

    def _lane(self, lane: Lane, rows: list[int], floor: float, tall: float) -> None:
        strip, taken = self.strip, list[Box]()
        each = tall / (max(rows, default=0) + 1)
        # Words stand over the marks, where there are any and the lane is tall enough.
        low = 6.0 if (lane.spans or any(m.says for m in lane.marks)) and each >= 20 else each / 2
        words: list[tuple[float, float, str, str]] = []
        for s, row in zip(lane.spans, rows, strict=True):
            if s.end < self.low:
                continue
            y = floor + tall - (row + 1) * each + low
            start, end = max(float(s.start), self.low), min(float(s.end), self.high)
            strip.axes.add_line(
                rule_line([start, end], [y, y], zorder=3.2, gid=f"span {s.style} {lane.name}", **STYLES[s.style])
            )
            taken.append(Box(strip.px(start), y - 4, max(strip.px(end) - strip.px(start), 1), 8))
            if s.goes_on and s.style == "open":
                strip.axes.add_line(mark_row([end], [y], gid=f"open end {lane.name}", **ENDS))
            if s.style in ("led", "gap") and s.start > self.low:
                strip.axes.add_line(
                    rule_line([start] * 2, [y - 6, y + 6], color=BLACK, linestyle="-", linewidth=1.4, gid="turn")
                )
            if s.says:
                words.append((start, y, s.says, "over"))
        on_spans = {(s.start, row) for s, row in zip(lane.spans, rows, strict=True)}
        by_shape: dict[str, list[tuple[float, float]]] = {}
        levels = {edge: row for s, row in zip(lane.spans, rows, strict=True) for edge in (s.start, s.end)}
        for m in lane.marks:
            if m.age_days < self.low:
                continue
            row = levels.get(m.age_days, 0) if on_spans else 0
            y = floor + tall - (row + 1) * each + low
            by_shape.setdefault(m.shape, []).append((float(m.age_days), y))
            taken.append(Box(strip.px(m.age_days) - 5, y - 5, 10, 10))
        for shape, places in by_shape.items():
            xs, ys = zip(*places, strict=True)
            strip.axes.add_line(mark_row(xs, ys, gid=f"mark {shape} {lane.name}", **SHAPES[shape]))
        said = self._repeated([m for m in lane.marks if m.age_days >= self.low])
        for m, texts in said:
            row = levels.get(m.age_days, 0) if on_spans else 0
            y = floor + tall - (row + 1) * each + low
            # A worry stands before its mark, and what was answered behind it.
            sides = ["right"] if len(texts) == 1 else ["left", *["right"] * (len(texts) - 1)]
            words += [(float(m.age_days), y, text, side) for text, side in zip(texts, sides, strict=True)]
        box = Box(0, floor, self.wide, tall)
        # The last that happened matters most: its words find their place first.
        for x, y, text, side in sorted(words, key=lambda w: -w[0]):
            self._say_in_lane(lane.name, strip.px(x), y, text, side, box, taken)
        self.lane_boxes = {**getattr(self, "lane_boxes", {}), lane.name: taken}

    @staticmethod
    def _repeated(marks: list[Mark]) -> list[tuple[Mark, list[str]]]:
        """Words of the marks: what is said more than once is written at the last of them, with how often."""
        often: dict[str, int] = {}
        for m in marks:
            for text in m.says:
                often[text] = often.get(text, 0) + 1
        out: list[tuple[Mark, list[str]]] = []
        for m in reversed(marks):
            texts = [f"{t}; {often_words(n)}" if n > 1 else t for t in m.says if (n := often.pop(t, 0))]
            if texts:
                out.append((m, texts))
        return out

    def _say_in_lane(self, name: str, x: float, y: float, text: str, side: str, lane: Box, taken: list[Box]) -> None:
        """Write words beside a mark or over a stretch, shorter where there is less room; else in the small print."""
        size = SMALL
        most = self.px(self.events.until) - 1 if x < self.wide - 40 else self.wide
        last = text.rpartition("; " if side == "over" else ": ")[2]
        told = [text, *([last] if last != text and "“" not in last else [])]
        told += [shortened(text, most) for most in (60, 44, 32, 22) if len(text) > most]
        for words in told:
            wide = self.text_width(words, size)
            above = y + 6.5
            right, left = (x + 8, y - 5), (x - 8 - wide, y - 5)
            over = [(x + 2, above), (x - wide / 2, above), (x - wide, above), (self.wide - wide - 2, above)]
            beside = [(v, y - 5) for v in (self.wide - wide - 2, 2.0)]
            sides = [left, right] if side == "left" else [right, left]
            tries = [*over, *sides] if side == "over" else [*sides, *over, *beside]
            for start, low in tries:
                box = Box(start, low, wide, 9.0)
                inside = 1 <= start <= most - wide and lane.y <= low <= lane.y + lane.height - 8
                if not inside or any(box.meets(b, 1.0) for b in taken):
                    continue
                far = min(abs(start - x), abs(start + wide - x)) > 24 and not start - 24 <= x <= start + wide + 24
                if far:
                    continue
                self.strip.axes_text(start, low + 4.5, words, size, va="center", gid=f"words {name}")
                taken.append(box)
                return
        self.unplaced.append(f"{self._day(x)}, {text}")

    def _day(self, x: float) -> str:
        day = self.facts.birth + dt.timedelta(days=round(self.strip.x_at(x)))
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    def _few_days(self) -> tuple[list[tuple[float, str]], list[tuple[float, str]]]:
        """Days in view, where no two months begin in it, and the years under the first of each."""
        birth = self.facts.birth
        until = self.events.until
        room = self.text_width("30 Mar", NORMAL) + 8
        step = next(n for n in (1, 2, 3, 7, 14, 28, 1000) if n / (self.high - self.low) * self.wide >= room)
        # From the day of the chart backwards, so that this one is always named.
        ages = [age for age in range(max(math.ceil(self.low), 0), until + 1) if (until - age) % step == 0]
        days = [(float(age), birth + dt.timedelta(days=age)) for age in ages]
        years: list[tuple[float, str]] = []
        for x, day in days:
            if not years or years[-1][1] != str(day.year):
                years.append((x, str(day.year)))
        return [(x, f"{day.day} {MONTHS[day.month - 1]}") for x, day in days], years

    def _months(self) -> tuple[list[tuple[float, str]], list[tuple[float, str]]]:
        """Beginnings of months in view, as many as have room, and of the years under them."""
        birth = self.facts.birth
        first = birth + dt.timedelta(days=math.ceil(max(self.low, -3000)))
        count = (self.high - self.low) / 30.4
        step = next(n for n in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if count / n * 26 <= self.wide)
        out: list[tuple[float, str]] = []
        years: list[tuple[float, str]] = []
        index = first.year * 12 + first.month - 1
        while True:
            day = dt.date(index // 12, index % 12 + 1, 1)
            x = float((day - birth).days)
            if x > self.high:
                break
            if x >= self.low and index % step == 0:
                out.append((x, MONTHS[day.month - 1]))
                if not years or years[-1][1] != str(day.year):
                    years.append((x, str(day.year)))
            index += 1
        return out, years
