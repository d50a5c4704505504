"""Drawing a growth chart: from facts and frame to a matplotlib figure.

Only the object interface of matplotlib is used, and every property that matters is given
explicitly: no global setting is read on purpose, and none is changed.
"""

from __future__ import annotations

import math
from typing import Any

from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from matplotlib.transforms import ScaledTranslation

from growthwatch.charts.curves import THREE, own_rows, prefix
from growthwatch.charts.facts import ChartFacts, Point
from growthwatch.charts.frame import MOST_MARKS, TERM_ZONE, age_axis, age_range, length_axis, value_range, value_ticks
from growthwatch.charts.lines import Stretch, clipped, line_stretches
from growthwatch.charts.marks import (
    AT_MOST,
    BASE_WIDTH,
    BLACK,
    BLUE,
    CHAIN,
    CONDITION_WIDTH,
    GREY,
    LARGE,
    LINE_WIDTH,
    NORMAL,
    RIGHT,
    RULE_WIDTH,
    SMALL,
    VERMILLION,
    ZONE,
    Box,
    mark_row,
    one_row,
    question_mark,
)
from growthwatch.charts.moved import adjusted_words
from growthwatch.charts.page import Entry, Said
from growthwatch.charts.panel import GrowthChart, Size
from growthwatch.charts.puberty import puberty_print, puberty_uprights
from growthwatch.charts.quoting import heading
from growthwatch.charts.shapes import CROWDED
from growthwatch.charts.uprights import Upright
from growthwatch.charts.words import (
    alt_text,
    correction_words,
    metadata,
    minus,
    moment_words,
    notes,
    reference_words,
    rule_line_words,
    summary,
    title,
    warnings,
)
from growthwatch.core.centiles import UK_NINE
from growthwatch.protocol.child import SUSPECTED, UNCERTAIN, UPPER_BOUND

__all__ = ["draw"]

LOW_GUIDES = (-5.0, -4.0, -3.0)
"""Lines under the nine, for children who lie below them [SD]."""

CROSS: dict[str, Any] = {
    "marker": "x",
    "face": "none",
    "edge": VERMILLION,
    "edge_width": 1.5,
    "zorder": 4.2,
}


def draw(
    facts: ChartFacts,
    size: Size,
    own_title: str | None,
    identify: bool,
    extra: tuple[float, ...] = (),
) -> GrowthChart:
    """Draw one chart.  What finds no free place in the picture is said in the small print."""
    made = _Drawing(facts, extra, size, own_title, identify)
    if made.unplaced:
        made = _Drawing(facts, extra, size, own_title, identify, tuple(made.unplaced))
    return made.figure


class _Drawing(Upright):
    def __init__(
        self,
        facts: ChartFacts,
        extra: tuple[float, ...],
        size: Size,
        own_title: str | None,
        identify: bool,
        said_below: tuple[str, ...] = (),
    ) -> None:
        self.facts, self.said_below = facts, said_below
        self.unplaced: list[str] = []
        name, nine_z = facts.measure.name, tuple(line.z for line in UK_NINE.lines)
        sex = 0 if facts.sex == "male" else 1
        scores = [p.z for p in facts.points if p.z is not None and p.validity != SUSPECTED]
        low_guides = LOW_GUIDES if min(scores, default=0.0) < UK_NINE.lines[0].z else ()
        self.extra = tuple(sorted({*extra, *low_guides}))
        self.nine = line_stretches(facts.reference, sex, name, nine_z)
        self.guides = line_stretches(facts.reference, sex, name, self.extra) if self.extra else ()
        ruled = tuple(n.z for n in facts.rule_lines)
        self.ruled = line_stretches(facts.reference, sex, name, ruled) if ruled else ()
        limits = self.limits = age_range(facts)
        self.base: tuple[Stretch, ...] = ()
        self.standard: tuple[Stretch, ...] = ()
        self.outside: tuple[Stretch, ...] = ()
        if facts.unadjusted is not None:
            self.base = line_stretches(facts.beside[facts.unadjusted].reference, sex, name, nine_z)
        if facts.standard is not None:
            self.standard = line_stretches(facts.beside[facts.standard].reference, sex, name, nine_z)
            self.outside = () if (span := facts.span()) is None else clipped(self.standard, span)
            self.outside = self.outside if span is not None else self.standard
            if not facts.by_gestation:
                self.outside = clipped(self.outside, (-math.inf, 0.0))
            # Inside of its own span and outside of it: the standard never ends where the child's own lines begin.
            for end in ((-math.inf, max(facts.standard_from, span[0])), (span[1], math.inf)) if span else ():
                self.standard = clipped(self.standard, end)
            self.standard = self.standard if span else ()
        self.curves = [(s, own_rows(facts)) for s in self.nine]
        self.curves += [(s, tuple(range(len(s.z)))) for s in (*self.guides, *self.ruled, *self.outside)]
        self.curves += [(s, THREE) for s in self.base] + [(s, self.beside_rows) for s in self.standard]
        self.names = self.line_names(size)
        said = self._said(limits, own_title, identify)
        right = max(RIGHT, 16 + 5.5 * max(len(n) for _, _, n, _ in self.names))
        super().__init__(size, said, self._entries(), right, limits)
        lines = (self.nine, (*self.guides, *self.ruled), self.low, self.high, self.outside, self.standard)
        self.open_axes(*value_range(facts, *lines, own_rows(facts)))
        by_length = facts.measure.by_length
        marks = (
            length_axis(self.low, self.high, self.wide)
            if by_length
            else age_axis(self.low, self.high, facts.by_gestation, self.wide, 43 if facts.at_birth_only else 42)
        )
        self.axis_marks(
            marks,
            value_ticks(self.bottom, self.top, max(2, min(MOST_MARKS, int(self.tall / 15)))),
            "Length or height (cm)" if by_length else "Age",
            facts.measure.axis,
        )
        self.kept = self._kept()
        self._mark_boxes()
        self._term_zone()
        self.draw_lines()
        self.since_last()
        self._points()
        self.name_lines()
        self.word_today()
        # Every upright stands before any words look for room: they keep off all of them.
        told = self.uprights()
        self._mark_words()
        self._notes(told)

    # --- words --------------------------------------------------------------------------

    def _said(self, limits: tuple[float, float], own_title: str | None, identify: bool) -> Said:
        facts = self.facts
        text = title(facts) if own_title is None else own_title
        text = one_row(text)
        text = heading(text, facts.child_id, identify)
        zone = self._zone(*limits)
        loss = facts.loss_percent
        more = "" if loss is None else f"; more than {loss:g} % of birth weight needs assessing"
        below = [f"Grey: birth at term, 37 to 42 weeks. Weight loss after birth is common{more}."] if zone else []
        rest = [*notes(facts), *([puberty_print()] if puberty_uprights(facts, *limits) else []), *self.said_below]
        ruled, brief = (rule_line_words(facts, b) if self._in_view("nine") else [] for b in (False, True))
        below += [" ".join([*ruled, *rest])] if ruled or rest else []
        low, high = limits
        description, grey = alt_text(facts), self._in_view("grey")
        return Said(
            title=text,
            warnings=tuple(minus(w) for w in warnings(facts)),
            adjusted=tuple(minus(one_row(row)) for row in adjusted_words(facts)),
            body=summary(facts, own_title is not None),
            footer=(
                reference_words(facts, low, high, grey),
                correction_words(facts),
                *below,
                moment_words(facts),
            ),
            footer_short=tuple(
                f"{row.rstrip('.')}."
                for row in (
                    reference_words(facts, low, high, grey, short=True),
                    correction_words(facts, short=True),
                    *brief,
                    *rest,
                    moment_words(facts),
                )
            ),
            alt_text=description,
            metadata=metadata(facts, text, description),
        )

    def _entries(self) -> list[Entry]:
        """What the marks and lines mean: only those that are there."""
        facts = self.facts
        out: list[Entry] = []
        if facts.unadjusted is not None:
            name = facts.beside[facts.unadjusted].reference.info.short_title
            out.append(Entry("adjusted", line={"color": BLUE, "linestyle": "-", "linewidth": LINE_WIDTH + 0.4}))
            grey = {"color": GREY, "linestyle": "-", "linewidth": BASE_WIDTH + 0.4}
            out.append(Entry(f"{name}, unadjusted: 2nd, 50th, 98th", line=grey))
        if facts.standard is not None:
            name = facts.beside[facts.standard].reference.info.short_title
            blue = {"color": BLUE, "linestyle": "-", "linewidth": LINE_WIDTH + 0.4}
            grey = {"color": GREY, "linestyle": "-", "linewidth": BASE_WIDTH + 0.4}
            in_view = [n for n in ("nine", "grey") if self._in_view(n)]
            if facts.unadjusted is None and "nine" in in_view:
                own = {**blue, "linewidth": CONDITION_WIDTH + 0.4}
                out.append(Entry(facts.reference.info.short_title, line=own))
            if "grey" in in_view:
                out.append(Entry(name, line=grey))
        for line in facts.rule_lines if self._in_view("nine") else ():
            chained = {"color": VERMILLION, "linestyle": CHAIN, "linewidth": RULE_WIDTH}
            out.append(Entry(f"{prefix(facts)}{line.ordinal}: alarm", line=chained))
        crossed = any(p.crossed for p in facts.points)
        thing = facts.measure.thing
        words = {
            "dots": f"{thing} at age since birth" if crossed else thing,
            "repeated": "repeated since",
            "upper bounds": "at most (clothed)",
            "uncertain": "may be wrong either way",
            "suspected": "suspected error",
        }
        if any(self._kind(p) == "dots" and p.dotted for p in facts.points):
            out.append(Entry(words["dots"], self._shapes(6.4)["dots"]))
        if crossed:
            what = "at gestation" if facts.at_birth_only else "at age corrected for gestation"
            out.append(Entry(what, {"size": 6.2, **CROSS}))
        for kind in ("repeated", "upper bounds", "uncertain", "suspected"):
            if any(self._kind(p) == kind for p in facts.points):
                out.append(Entry(words[kind], self._shapes(6.4)[kind]))
        return out + self.ring_entry()

    def _in_view(self, which: str) -> bool:
        """Whether the child's own lines, or the thin ones of the standard, are in view."""
        low, high = self.limits
        lines = self.nine if which == "nine" else (*self.standard, *self.outside)
        return any(s.x[0] < high and s.x[-1] > low for s in lines)

    # --- lines ------------------------------------------------------------------------

    def _zone(self, low: float, high: float) -> tuple[float, float] | None:
        """The part of the grey term zone that is in view, for a child born at term, where lines are by gestation."""
        facts = self.facts
        span = facts.span()
        if not facts.measure.of_weight or facts.preterm or facts.at_birth_only or low > 0:
            return None
        if span is None or span[0] > TERM_ZONE[0]:
            return None
        start, end = max(TERM_ZONE[0], low), min(TERM_ZONE[1], high)
        return (start, end) if end - start > 0 and (end - start) / (high - low) > 0.012 else None

    def _term_zone(self) -> None:
        zone = self._zone(self.low, self.high)
        if zone is None:
            return
        shade = Rectangle((zone[0], self.bottom), zone[1] - zone[0], self.top - self.bottom)
        shade.set(facecolor=ZONE, edgecolor="none", linewidth=0, zorder=0.5, gid="term zone")
        self.axes.add_patch(shade)
        words, x = "Birth at term: 37 to 42 weeks", self.px(zone[0])
        long = self.text_width(words, SMALL)
        box = Box(x + 1, self.tall - 4 - long, SMALL + 3, long)
        if self.px(zone[1]) - x >= 13 and long < 0.7 * self.tall and self.hits(box) == 0:
            self.axes_text(x + 2.5, self.tall - 4, words, SMALL, rotation=90, va="top", color=GREY, gid="note")
            self.boxes.append(box)

    # --- points -----------------------------------------------------------------------

    def _kept(self) -> dict[int, float]:
        """Value at which each point is drawn: only suspected ones beyond the scale are moved, to its edge, apart."""
        out: dict[int, float] = {}
        moved: list[tuple[float, float]] = []
        for i, p in enumerate(self.facts.points):
            out[i] = p.value
            if p.validity != SUSPECTED or self.bottom <= p.value <= self.top:
                continue
            x, step = self.px(self._x(p)), -12.0 if p.value > self.top else 12.0
            y = self.tall - 7.0 if step < 0 else 7.0
            while any(abs(x - a) < 13 and abs(y - b) < 11.5 for a, b in moved) and 7 <= y + step <= self.tall - 7:
                y += step
            moved.append((x, y))
            out[i] = self.y_at(y)
        return out

    @staticmethod
    def _x(p: Point) -> float:
        """Where its own mark stands on the axis below."""
        return p.at if p.dotted else p.corrected_age_days

    @staticmethod
    def _kind(p: Point) -> str:
        if p.validity == UPPER_BOUND:
            return "upper bounds"
        if p.validity == UNCERTAIN:
            return "uncertain"
        if p.validity == SUSPECTED:
            return "suspected"
        return "repeated" if p.repeated else "dots"

    @staticmethod
    def _shapes(size: float) -> dict[str, dict[str, Any]]:
        open_: dict[str, Any] = {"face": "white", "edge": BLACK, "edge_width": 1.1}
        return {
            "dots": {"marker": "o", "size": size, "face": BLACK, "edge": "white", "edge_width": 0.5, "zorder": 4},
            "repeated": {"marker": "o", "size": 4.4, "face": "white", "edge": GREY, "edge_width": 1.0, "zorder": 3.9},
            "upper bounds": {"marker": AT_MOST, "size": 19.0, "zorder": 4.1, **open_},
            "uncertain": {"marker": "s", "size": 5.6, "zorder": 4.1, **open_},
            "suspected": {"marker": "D", "size": 8.0, "zorder": 4.5, **open_},
        }

    def _points(self) -> None:
        points, axes, kept = self.facts.points, self.axes, self.kept
        size = 6.4 if len(points) <= 40 else 5.0 if len(points) <= 90 else 4.2
        both = [(p, kept[i]) for i, p in enumerate(points) if p.crossed and p.dotted]
        crosses = [
            (p.corrected_age_days, kept[i]) for i, p in enumerate(points) if p.crossed and (p.dotted or p.counts)
        ]
        if both:
            links = LineCollection(
                [[(p.at, y), (p.corrected_age_days, y)] for p, y in both],
                colors=GREY,
                linewidths=0.7,
                linestyles="-",
                zorder=3,
                gid="links",
                antialiaseds=True,
            )
            axes.add_collection(links, autolim=False)
            wide = [(p.corrected_age_days, y) for p, y in both if self.px(p.at) - self.px(p.corrected_age_days) > 14]
            if wide:
                nudged = axes.transData + ScaledTranslation(5 / 72, 0, self.figure.dpi_scale_trans)
                axes.add_line(
                    mark_row(
                        *zip(*wide, strict=True),
                        marker="<",
                        size=3.4,
                        face=GREY,
                        edge=GREY,
                        zorder=3.1,
                        gid="arrowheads",
                        transform=nudged,
                    )
                )
        if crosses:
            axes.add_line(mark_row(*zip(*crosses, strict=True), size=size + 0.6, gid="crosses", **CROSS))
        for kind, shape in self._shapes(size).items():
            if kind == "dots" and len(points) > CROWDED:
                # They lie on each other, and white edges would hide them.
                shape = {**shape, "edge": BLACK, "edge_width": 0.0}
            chosen = [
                (self._x(p), kept[i])
                for i, p in enumerate(points)
                if self._kind(p) == kind and (p.dotted or not p.counts)
            ]
            if chosen:
                axes.add_line(mark_row(*zip(*chosen, strict=True), gid=kind, **shape))
                if kind == "suspected":
                    axes.add_line(
                        mark_row(
                            *zip(*chosen, strict=True),
                            gid="question marks",
                            marker=question_mark(),
                            size=5.4,
                            face=BLACK,
                            edge=BLACK,
                            edge_width=0.2,
                            zorder=4.6,
                        )
                    )
        if self.facts.stale_days is not None and (last := self.facts.last) is not None and last.counts:
            ring: dict[str, Any] = {"marker": "o", "face": "white", "edge": BLACK, "edge_width": 1.4, "zorder": 4.05}
            axes.add_line(mark_row([self._x(last)], [last.value], gid="last, not current", size=size, **ring))

    def _mark_boxes(self) -> None:
        for i, p in enumerate(self.facts.points):
            y, half = self.py(self.kept[i]), 6.0 if p.validity == SUSPECTED else 4.5
            for x in {self._x(p), *p.places}:
                self.boxes.append(Box(self.px(x) - half, y - half, 2 * half, 2 * half))
            if p.validity == UPPER_BOUND:
                self.boxes.append(Box(self.px(self._x(p)) - 4, y - 14, 8, 10))
            if p.crossed and p.dotted:
                x = self.px(p.corrected_age_days)
                self.boxes.append(Box(x, y - 1, self.px(p.at) - x, 2))

    def _mark_words(self) -> None:
        """Say the figure of each mark that stands at the edge, beside it or as near as there is room."""
        for i, p in enumerate(self.facts.points):
            if self.kept[i] != p.value:
                unused = self.facts.unused
                more = ": repeat now" if unused is not None and unused.point is p else ""
                words = f"{self.facts.measure.words(p.value)}, off the scale{more}"
                self.beside_mark(self.px(self._x(p)), self.py(self.kept[i]), words)
        unused = self.facts.unused
        if unused is None or unused.validity != SUSPECTED or unused.point is None:
            return
        i = next(i for i, p in enumerate(self.facts.points) if p is unused.point)
        if self.kept[i] == unused.value:
            words = f"{self.facts.measure.words(unused.value)} in doubt: repeat now"
            x, y = self.px(self._x(unused.point)), self.py(self.kept[i])
            if not self.label(x, y, words, NORMAL, "bold"):
                self.beside_mark(x, y, words)

    # --- notes on the chart -----------------------------------------------------------

    def _notes(self, told: list[tuple[float, list[str]]]) -> None:
        facts, span = self.facts, self.facts.span()
        in_view = [s for s, _ in self.curves if s.x[0] < self.high and s.x[-1] > self.low]
        if span is None or not in_view:
            self.note(None, ["No lines: this reference does not cover these ages."], NORMAL + 1)
        for at, rows in told:
            self.say(at, rows)
        if not facts.points:
            self.note(None, [f"No {facts.measure.thing} recorded"], LARGE)
        if facts.stale_days is not None:
            self.without_weight()
        if facts.died_age_days is not None:
            self.note(float(facts.died_age_days), ["Died"], NORMAL)
