"""The chart of z against age: readings joined where one table covers both, and an arrow where the tables jump."""

from __future__ import annotations

import math

from matplotlib.collections import LineCollection
from matplotlib.patches import FancyArrowPatch

from growthwatch.charts.curves import Lined
from growthwatch.charts.facts import Point
from growthwatch.charts.frame import age_axis, age_range
from growthwatch.charts.marks import (
    BLACK,
    BLUE,
    DASHES,
    DOTS,
    GREY,
    LARGE,
    LINE_WIDTH,
    RIGHT,
    SMALL,
    VERMILLION,
    Box,
    mark_row,
    one_row,
    rule_line,
    spread,
)
from growthwatch.charts.page import Entry, Said
from growthwatch.charts.panel import GrowthChart, Size
from growthwatch.charts.quoting import heading
from growthwatch.charts.shapes import CROWDED, POINT_WORDS, POINTS, shape_of
from growthwatch.charts.words import minus, warnings
from growthwatch.charts.z_facts import ZFacts, alt_text, body, footer, jump_words, metadata, title
from growthwatch.core.centiles import UK_NINE

__all__ = ["draw_z"]

GUIDES = (-5.0, -4.0, -3.0, 3.0, 4.0)
"""Lines beyond the nine, where a reading lies there [SD]."""


def draw_z(facts: ZFacts, size: Size, own_title: str | None, identify: bool) -> GrowthChart:
    """Draw one child's z against age."""
    return _Drawing(facts, size, own_title, identify).figure


class _Drawing(Lined):
    def __init__(self, facts: ZFacts, size: Size, own_title: str | None, identify: bool) -> None:
        self.course, self.facts = facts, facts.chart
        chart = facts.chart
        text = one_row(title(facts) if own_title is None else own_title)
        text = heading(text, chart.child_id, identify)
        described = alt_text(facts)
        self.points = [p for p in chart.points if p.z is not None and not p.repeated]
        limits = self._ages()
        said = Said(
            title=text,
            warnings=tuple(minus(w) for w in warnings(chart)),
            adjusted=tuple(chart.adjustments),
            body=minus(body(facts, own_title is not None)),
            footer=tuple(footer(facts, *limits)),
            footer_short=tuple(footer(facts, *limits, short=True)),
            alt_text=described,
            metadata=metadata(facts, text, described),
        )
        super().__init__(size, said, self._entries(), RIGHT, limits)
        self.curves = []
        self._open()
        self._levels()
        self._marks()
        self._jumps()
        self.since_last()
        self.word_today()
        self.without_weight()
        if not self.points:
            self.note(None, [f"No {chart.measure.thing} with a score"], LARGE)

    def _ages(self) -> tuple[float, float]:
        low, high = age_range(self.facts)
        if self.facts.measure.by_length:
            ages = [float(p.age_days) for p in self.points] or [0.0]
            low, high = min(ages) - 10, max([*ages, float(self.facts.age_days)]) + 10
        # Time since birth: nobody has an age before.
        return (max(low, -0.02 * high) if low < 0 else low), high

    def _entries(self) -> list[Entry]:
        kinds = {p.kind for p in self.points}
        one = self.facts.measure.thing
        out = [Entry(POINT_WORDS.get(k, one), POINTS[k]) for k in POINTS if k in kinds]
        out += self.ring_entry()
        if self.course.joined:
            out.append(Entry("one table covers both", line={"color": BLACK, "linestyle": "-", "linewidth": 1.0}))
        if self.course.broken:
            out.append(Entry("tables change", line={"color": GREY, "linestyle": DOTS, "linewidth": 1.2}))
        return out

    def _open(self) -> None:
        scores = [self._z(p) for p in self.points if p.kind != "suspected"] or [0.0]
        scores += [z for jump in self.course.jumps for z in (jump.before, jump.after)]
        space = float(UK_NINE.space)
        low, high = min(min(scores) - 2 * space, -space), max(max(scores) + 2 * space, space)
        self.open_axes(low, high)
        chart = self.facts
        whole = [(float(k), minus(str(k))) for k in range(math.ceil(low), math.floor(high) + 1)]
        self.axis_marks(age_axis(self.low, self.high, False, self.wide), whole, "Age", "SDS (z)")
        if chart.stale_days is not None and chart.last is not None and chart.last.z is None:
            self.note(None, ["The last reading has no score"], SMALL)

    @staticmethod
    def _z(p: Point) -> float:
        assert p.z is not None
        return p.z

    def _levels(self) -> None:
        """The nine lines are level here; beyond them, guides where a reading lies there."""
        least, most = self.bottom, self.top
        lines = [(n.z, n.ordinal, DASHES if n.dashed else "-", BLUE, f"centile {n.label}") for n in UK_NINE.lines]
        lines += [(z, minus(f"{z:+g} SD"), DOTS, GREY, f"guide {z:g}") for z in GUIDES]
        for z, _, style, color, gid in lines:
            if not least < z < most:
                continue
            self.axes.add_line(
                rule_line(
                    [self.low, self.high], [z, z], color=color, linestyle=style, linewidth=LINE_WIDTH, zorder=2, gid=gid
                )
            )
            self.boxes.append(Box(0, self.py(z) - 0.7, self.wide, 1.4))
        named = sorted((self.py(z), name, color) for z, name, _, color, _ in lines if least < z < most)
        # Where there is no room for all names, those of the continuous lines go; the guides stay.
        drawn_through = {n.ordinal for n in UK_NINE.lines if not n.dashed}
        for one in [n for n in named if n[1] in drawn_through]:
            if 10.5 * (len(named) - 1) > self.tall - 7:
                named.remove(one)
        for (_, name, color), at in zip(named, spread([y for y, *_ in named], 10.5, 3.0, self.tall - 4.0), strict=True):
            self.axes_text(
                self.wide + 4, at, name, SMALL + 0.5, va="center", gid="line label",
                color=BLACK if color == BLUE else GREY,
            )  # fmt: skip

    def _marks(self) -> None:
        half = 7 / self.tall * (self.top - self.bottom)
        least, most = self.bottom + half, self.top - half
        at = {id(p): (float(p.age_days), min(max(self._z(p), least), most)) for p in self.points}
        for pairs, style, color, width, gid in (
            (self.course.joined, "-", BLACK, 1.0, "joined"),
            (self.course.broken, DOTS, GREY, 1.0, "broken"),
        ):
            if pairs:
                lines = LineCollection(
                    [[at[id(a)], at[id(b)]] for a, b in pairs], colors=color, linewidths=width, linestyles=[style],
                    zorder=3, gid=gid, antialiaseds=True,
                )  # fmt: skip
                self.axes.add_collection(lines, autolim=False)
        size = shape_of("dots", len(self.points))["size"]
        for kind in POINTS:
            chosen = [at[id(p)] for p in self.points if p.kind == kind]
            if chosen:
                shape = shape_of(kind, len(self.points))
                self.axes.add_line(mark_row(*zip(*chosen, strict=True), gid=kind, **shape))
        for a, b in (*self.course.joined, *self.course.broken) if len(self.points) <= CROWDED else ():
            (xa, ya), (xb, yb) = at[id(a)], at[id(b)]
            for k in range(1, 12):
                x, y = self.px(xa + (xb - xa) * k / 12), self.py(ya + (yb - ya) * k / 12)
                self.boxes.append(Box(x - 1, y - 1, 2, 2))
        for x, y in at.values():
            self.boxes.append(Box(self.px(x) - 4.5, self.py(y) - 4.5, 9, 9))
        last = self.facts.last
        if last is not None and id(last) in at:
            self.ring_last(at[id(last)][1], size)
        for p in self.points:
            off, doubted = at[id(p)][1] != p.z, self.facts.doubted is p
            if off or doubted:
                x, y = at[id(p)]
                words = f"{', off the scale' if off else ' in doubt'}{': repeat now' if doubted else ''}"
                self.label(self.px(x), self.py(y), minus(f"z {self._z(p):.1f}{words}"), SMALL, "bold")

    def _jumps(self) -> None:
        """Where the tables change: an upright, what changes, and an arrow with both z of the same reading."""
        for jump in self.course.jumps:
            self.upright(jump.age_days, "break")
            if abs(self.py(jump.before) - self.py(jump.after)) > 3:
                arrow = FancyArrowPatch(
                    (jump.age_days, jump.before), (jump.age_days, jump.after), arrowstyle="-|>", mutation_scale=8,
                    color=VERMILLION, linewidth=1.4, zorder=3.8, gid="jump", transform=self.axes.transData,
                    shrinkA=0, shrinkB=0,
                )  # fmt: skip
                self.axes.add_patch(arrow)
            x, low, high = self.px(jump.age_days), *sorted((self.py(jump.before), self.py(jump.after)))
            self.boxes.append(Box(x - 3, low, 6, high - low))
        for jump in self.course.jumps:
            words = jump_words(jump, self.facts.measure.thing)
            low, high = sorted((self.py(jump.before), self.py(jump.after)))
            at = self.px(jump.age_days)
            if not any(self.label(at, y, words) for y in (low - 4, high + 4, low - 16, high + 16, low - 28, high + 28)):
                self.note(jump.age_days, [words])
            head = jump.why.partition(": ")[2] or jump.why
            self.note(jump.age_days, self.wrapped(head, SMALL, 150))
