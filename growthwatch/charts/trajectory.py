"""The trajectory chart: weights beside what was to be expected, the evidence below, and what the change is made of."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.patches import FancyArrowPatch, Polygon, Rectangle

from growthwatch.charts.curves import THREE, Lined, by_time
from growthwatch.charts.frame import age_axis, age_range, value_range, value_ticks
from growthwatch.charts.lines import line_stretches
from growthwatch.charts.marks import (
    BLACK,
    DASHES,
    GREEN,
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
from growthwatch.charts.panel import GrowthChart, Panel, Size, Strip
from growthwatch.charts.quoting import heading
from growthwatch.charts.shapes import POINT_WORDS, POINTS, shape_of
from growthwatch.charts.trajectory_facts import Band, TrajectoryFacts
from growthwatch.charts.trajectory_words import (
    alarms,
    alt_text,
    earlier_evidence_words,
    footer,
    gap_words,
    metadata,
    no_evidence_words,
    signed,
    summary,
    title,
)
from growthwatch.charts.words import minus
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import kg_words
from growthwatch.protocol.child import UPPER_BOUND

__all__ = ["draw_trajectory"]

PALE_GREEN, PALE_GREY = "#B9E4D6", "#E3E3E3"

LEAST_RATIO = 0.4
"""Evidence below this lies on the floor of its strip."""


def draw_trajectory(facts: TrajectoryFacts, size: Size, own_title: str | None, identify: bool) -> GrowthChart:
    """Draw what one child's weights say over time."""
    return _Drawing(facts, size, own_title, identify).figure


class _Drawing(Lined):
    least_share = 0.6

    def __init__(self, facts: TrajectoryFacts, size: Size, own_title: str | None, identify: bool) -> None:
        self.course, self.facts = facts, facts.chart
        chart = facts.chart
        text = one_row(title(facts) if own_title is None else own_title)
        text = heading(text, chart.child_id, identify)
        described = alt_text(facts)
        low, high = self._window(facts)
        earlier = sum(p.age_days < low for p in chart.points)
        said = Said(
            title=text,
            warnings=alarms(facts),
            adjusted=(),
            body=minus(summary(facts)),
            footer=tuple(footer(facts, earlier)),
            footer_short=tuple(footer(facts, earlier, short=True)),
            alt_text=described,
            metadata=metadata(facts, text, described),
        )
        self.facts = chart = replace(chart, points=tuple(p for p in chart.points if p.age_days >= low))
        ends = [high, float(chart.age_days) + 3]
        if facts.likely is not None:
            ends.append(float(facts.likely.ages[-1]) + 0.01 * (high - low))
        sex = 0 if chart.sex == "male" else 1
        self.nine = by_time(chart, line_stretches(chart.reference, sex, "weight", tuple(n.z for n in UK_NINE.lines)))
        self.guides = self.base = self.outside = ()
        self.extra = ()
        self.standard = ()
        if chart.standard is not None:
            standard = chart.beside[chart.standard].reference
            lines = line_stretches(standard, sex, "weight", tuple(n.z for n in UK_NINE.lines))
            self.standard = by_time(chart, lines, standard)
        self.curves = [(s, tuple(range(len(s.z)))) for s in self.nine] + [(s, THREE) for s in self.standard]
        self.names = [(self.nine, row, line.ordinal, BLACK) for row, line in enumerate(UK_NINE.lines)]
        self.names += [
            (self.standard, row, f"{line.ordinal} standard", GREY)
            for row, line in enumerate(UK_NINE.lines)
            if row in THREE
        ]
        right = 96.0 if chart.standard is not None else 62.0
        super().__init__(size, said, self._entries(), right, (low, max(ends)))
        self._divide()
        self._weights()
        self._evidence()
        self._parts()

    @staticmethod
    def _window(facts: TrajectoryFacts) -> tuple[float, float]:
        """Ages that are shown: twice as long before the weight with which growth is compared as since then."""
        low, high = age_range(facts.chart)
        low = max(low, -7.0)
        if facts.start is not None:
            since = facts.chart.age_days - facts.start.age_days
            low = max(low, min(facts.start.age_days - 2.0 * since, facts.chart.age_days - 180.0))
        return low, high

    def _divide(self) -> None:
        """Give the strips their height from below: the parts of the change, the evidence, the weights."""
        rows = len(self.course.parts)
        self.parts_tall = 13.0 * rows + 2 if rows else 0.0
        self.parts_floor = self.floor - 26.0
        room = self.tall + 50.0 - (self.parts_tall + 30.0 if rows else 0.0)
        bottom = self.floor - 50.0 + (self.parts_tall + 30.0 if rows else 0.0)
        self.evidence_tall = min(max(0.24 * room, 52.0), 96.0)
        self.evidence_floor = bottom + 50.0
        self.floor = self.evidence_floor + self.evidence_tall + 16.0
        self.tall = max(room - 50.0 - self.evidence_tall - 16.0, 70.0)

    def _entries(self) -> list[Entry]:
        kinds = {p.kind for p in self.facts.points}
        out = [Entry(POINT_WORDS.get(k, "weight"), POINTS[k]) for k in POINTS if k in kinds]
        out += self.ring_entry()
        if self.course.expected is not None:
            out.append(Entry("expected", line={"color": GREEN, "linestyle": "-", "linewidth": 4.0}))
        if self.course.likely is not None:
            hatched: dict[str, Any] = {"color": GREY, "linestyle": (0, (1, 1)), "linewidth": 5}
            out.append(Entry("likely next (not a target)", line=hatched))
        return out

    # --- weights -------------------------------------------------------------------------

    def _weights(self) -> None:
        facts, chart = self.course, self.facts
        bottom, top = value_range(chart, self.nine, (), self.low, self.high)
        for band in (facts.expected, facts.likely):
            if band is not None:
                bottom, top = min(bottom, float(band.low.min()) * 0.98), max(top, float(band.high.max()) * 1.02)
        self.open_axes(max(bottom, 0.0), top)
        ticks = value_ticks(self.bottom, self.top, max(2, min(9, int(self.tall / 16))))
        self.axis_marks(None, ticks, "", "Weight (kg)")
        kept = {id(p): min(max(p.value, self.bottom), self.top) for p in chart.points}
        for p in chart.points:
            y = self.py(kept[id(p)])
            self.boxes.append(Box(self.px(p.at) - 5, y - (14 if p.validity == UPPER_BOUND else 5), 10, 10))
        if facts.expected is not None:
            self._band(facts.expected, "expected", PALE_GREEN, GREEN, None)
        if facts.likely is not None:
            self._band(facts.likely, "likely next", PALE_GREY, GREY, "////")
        self.draw_lines()
        for kind in POINTS:
            chosen = [(p.age_days, kept[id(p)]) for p in chart.points if p.kind == kind and not p.repeated]
            if chosen:
                shape = shape_of(kind, len(chart.points))
                self.axes.add_line(mark_row(*zip(*chosen, strict=True), gid=kind, **shape))
        self._gap()
        if chart.doubted is not None and id(chart.doubted) in kept:
            x, y = self.px(chart.doubted.age_days), self.py(kept[id(chart.doubted)])
            words = f"{kg_words(chart.doubted.value)} in doubt: repeat now"
            if not self.label(x, y, words, SMALL, "bold"):
                self.beside_mark(x, y, words, SMALL)
        self.name_lines()
        if not chart.points:
            self.note(None, ["No weight recorded"], NORMAL)
        self.ring_last()
        self.since_last()
        self.word_today()

    def _band(self, band: Band, name: str, face: str, edge: str, hatch: str | None) -> None:
        """A band with its edges; a middle line where it was expected, hatching where it is only likely."""
        xs = np.concatenate([band.ages, band.ages[::-1]])
        ys = np.concatenate([band.low, band.high[::-1]])
        shape = Polygon(np.column_stack([xs, ys]), closed=True)
        shape.set(
            facecolor=face, edgecolor=edge, linewidth=0.7, linestyle="-", hatch=hatch, zorder=1.2, gid=name,
            fill=True, joinstyle="round",
        )  # fmt: skip
        self.axes.add_patch(shape)
        if hatch is None:
            middle: dict[str, Any] = {"color": GREEN, "linestyle": "-", "linewidth": 1.6, "zorder": 2.4}
            self.axes.add_line(rule_line(band.ages, band.middle, gid=f"{name} middle", **middle))

    def _gap(self) -> None:
        """From what was expected to what was weighed, with how much it is."""
        facts, latest = self.course, self.course.latest
        if facts.gap_kg is None or facts.expected is None or latest is None:
            return
        x, top, bottom = self.px(latest.age_days), self.py(float(facts.expected.middle[-1])), self.py(latest.value)
        if abs(top - bottom) > 14:
            way = math.copysign(1.0, top - bottom)
            arrow = FancyArrowPatch(
                (self.x_at(x + 5), self.y_at(top - way)), (self.x_at(x + 5), self.y_at(bottom + 4 * way)),
                arrowstyle="<|-|>", mutation_scale=8, color=VERMILLION, linewidth=1.4, zorder=3.6, gid="gap",
                transform=self.axes.transData, shrinkA=0, shrinkB=0,
            )  # fmt: skip
            self.axes.add_patch(arrow)
            self.boxes.append(Box(x + 2, min(top, bottom), 6, abs(top - bottom)))
        self.beside_mark(x, min(top, bottom), gap_words(facts))

    def _today(self, panel: Panel) -> None:
        """The day of the chart, or of death, on a picture."""
        chart = self.facts
        dead = chart.died_age_days is not None
        if not (dead or chart.stale_days is not None):
            return
        at = float(chart.age_days)
        panel.axes.add_line(
            rule_line(
                [at, at], [panel.bottom, panel.top], color=BLACK if dead else GREY, linestyle="-",
                linewidth=1.2 if dead else 1.0, zorder=2.5, gid="death" if dead else "today",
            )
        )  # fmt: skip

    # --- evidence ------------------------------------------------------------------------

    def _evidence(self) -> None:
        facts = self.course
        ratios = [s.ratio for s in facts.evidence]
        top = math.log10(max(3.0 * facts.red, 2.0 * max(ratios, default=1.0)))
        bottom = math.log10(LEAST_RATIO) - 0.12
        strip = Strip(self, self.evidence_floor, self.evidence_tall, bottom, top)
        marks = age_axis(self.low, self.high, False, self.wide)
        levels = [1.0, facts.amber, facts.red, *(10.0**k for k in range(2, 9) if 10.0**k < 10**top)]
        ticks = [(math.log10(v), f"{v:g}") for v in levels]
        strip.axis_marks(marks, ticks, "Age", "Evidence")
        for value, name, style, width in (
            (facts.amber, "amber", DASHES, 1.0),
            (facts.red, "red", "-", 1.0),
        ):
            y = math.log10(value)
            level: dict[str, Any] = {"color": BLACK, "linestyle": style, "linewidth": width, "zorder": 2}
            strip.axes.add_line(rule_line([self.low, self.high], [y, y], gid=name, **level))
            strip.axes_text(self.wide + 5, strip.py(y), f"{name} {value:g}", SMALL + 0.5, va="center", gid="threshold")
        self._today(strip)
        if not facts.evidence or facts.evidence[-1].age_days < self.low:
            words = earlier_evidence_words(facts) if facts.evidence else no_evidence_words(facts)
            strip.axes_text(self.wide / 2, self.evidence_tall / 3, words, SMALL, ha="center", color=GREY, gid="note")
            return
        self._steps(strip)

    def _steps(self, strip: Strip) -> None:
        """The evidence after each weight, and now."""
        facts = self.course
        places = [(s.age_days, math.log10(max(s.ratio, LEAST_RATIO))) for s in facts.evidence]
        xs, ys = [places[0][0]], [places[0][1]]
        for x, y in places[1:]:
            xs += [x, x]
            ys += [ys[-1], y]
        strip.axes.add_line(rule_line(xs, ys, color=BLACK, linestyle="-", linewidth=1.0, zorder=3, gid="evidence"))
        shown = [at for at in places[:-1] if at[0] >= self.low]
        if shown:
            strip.axes.add_line(
                mark_row(
                    *zip(*shown, strict=True), marker="o", size=4.6, face="white", edge=BLACK, edge_width=1.0,
                    zorder=4, gid="evidence after a weight",
                )
            )  # fmt: skip
        x, y = places[-1]
        strip.axes.add_line(
            mark_row(
                [x], [y], marker="s", size=6.2, face=VERMILLION if facts.level else "white", edge=BLACK, edge_width=1.0,
                zorder=4.2, gid="evidence now",
            )
        )  # fmt: skip
        ratio = facts.evidence[-1].ratio
        words = f"{ratio:.1f}" if ratio < 10 else f"{math.floor(ratio):d}"
        words = f"{words}: {facts.level}" if facts.level else words
        wide = self.text_width(words, NORMAL, "bold")
        # Above the mark, so that it covers no earlier one; beside it where the strip ends.
        above = strip.py(y) + 13 < self.evidence_tall - 4
        at = strip.px(x) + wide / 2 + 2 < self.wide
        strip.axes_text(
            strip.px(x) if at else self.wide, strip.py(y) + (13 if above else -13), words, NORMAL,
            ha="center" if at else "right", va="center", weight="bold", gid="evidence words", backgroundcolor="white",
        )  # fmt: skip

    # --- what the change is made of --------------------------------------------------------

    def _parts(self) -> None:
        facts = self.course
        if not facts.parts:
            return
        strip = Strip(self, self.parts_floor, self.parts_tall, 0.0, self.parts_tall)
        least = min(min(p.value, p.low) for p in facts.parts)
        most = max(max(p.value, p.high) for p in facts.parts)
        names, figures = 78.0, 34.0 if self.wide < 330 else 118.0
        scale = max(most, 0.2) - min(least, -0.2)
        room = self.wide - names - figures

        def at(z: float) -> float:
            return self.low + (names + (z - min(least, -0.2)) / scale * room) / self.wide * (self.high - self.low)

        for side in ("left", "bottom"):
            strip.axes.spines[side].set_visible(False)
        fine: dict[str, Any] = {"color": GREY, "linestyle": "-"}
        zero = rule_line([at(0)] * 2, [0, self.parts_tall], linewidth=0.7, zorder=2, gid="no change", **fine)
        strip.axes.add_line(zero)
        strip.axes_text(0, self.parts_tall + 2, "What the change is made of (SD)", SMALL, color=GREY, gid="parts title")
        for k, p in enumerate(facts.parts):
            y = self.parts_tall - 13.0 * k - 7.5
            bar = Rectangle((min(at(0), at(p.value)), y - 3.2), abs(at(p.value) - at(0)), 6.4)
            hatch = {"Change": None, "Left over": "////"}.get(p.name, "....")
            face = BLACK if p.name == "Change" else VERMILLION if p.name == "Left over" else "white"
            edge = "white" if p.name == "Left over" else BLACK
            bar.set(facecolor=face, edgecolor=edge, linewidth=0.7, hatch=hatch, zorder=3, gid=f"part {p.name}")
            strip.axes.add_patch(bar)
            strip.axes.add_line(
                rule_line([at(p.low), at(p.high)], [y, y], linewidth=1.0, zorder=3.5, gid=f"interval {p.name}", **fine)
            )
            strip.axes_text(0, y, p.name, SMALL + 0.5, va="center", gid="part name")
            words = signed(p.value) + ("" if self.wide < 330 else f" ({signed(p.low)} to {signed(p.high)})")
            strip.axes_text(self.wide, y, words, SMALL, ha="right", va="center", gid="part figure")
