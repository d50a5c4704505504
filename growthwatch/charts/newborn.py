"""The chart of the first three weeks: weights as a percentage of birth weight, joined, with the protocol's limits.

Weights are joined here because the change from one weight is drawn, and not a place among lines.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from growthwatch.charts.facts import NEWBORN_DAYS, Newborn
from growthwatch.charts.frame import AgeAxis
from growthwatch.charts.marks import (
    BLACK,
    DASHES,
    DOTS,
    GREY,
    LARGE,
    NORMAL,
    SMALL,
    VERMILLION,
    Box,
    mark_row,
    one_row,
    rule_line,
    spread,
)
from growthwatch.charts.newborn_words import alt_text, metadata, summary
from growthwatch.charts.page import Entry, Said
from growthwatch.charts.panel import GrowthChart, Size
from growthwatch.charts.placing import Placed
from growthwatch.charts.quoting import heading
from growthwatch.charts.words import boy_or_girl, minus, moment_words, warnings
from growthwatch.core.words import count_words, kg_words

__all__ = ["draw_newborn"]

DAYS = (0, 3, 5, 7, 10, 14, 21)
"""Days that carry a figure."""

OPEN: dict[str, Any] = {"face": "white", "edge": BLACK, "edge_width": 1.1, "zorder": 4.1}
SHAPES: dict[str, dict[str, Any]] = {
    "dots": {"marker": "o", "size": 6.4, "face": BLACK, "edge": "white", "edge_width": 0.5, "zorder": 4},
    "do not count": {"marker": "D", "size": 6.4, **OPEN},
}


def draw_newborn(
    facts: Newborn,
    size: Size,
    own_title: str | None,
    identify: bool,
) -> GrowthChart:
    """Draw the first three weeks of one child."""
    return _Drawing(facts, size, own_title, identify).figure


class _Drawing(Placed):
    def __init__(self, facts: Newborn, size: Size, own_title: str | None, identify: bool) -> None:
        self.facts, self.curves = facts, []
        chart = facts.chart
        of = "" if facts.birth_kg is None else f" ({kg_words(facts.birth_kg)})"
        text = (
            f"Weight after birth, {boy_or_girl(chart)}: change from birth weight{of}"
            if own_title is None
            else own_title
        )
        text = one_row(text)
        text = heading(text, chart.child_id, identify)
        description = alt_text(facts)
        limits = [
            f"{n.name[0].upper()}{n.name[1:]} below ({n.whose}): {n.does or 'see the protocol'}." for n in facts.limits
        ]
        regained = f"Expected back at birth weight by day {facts.regained_by}." if facts.regained_by is not None else ""
        later = (
            f" Later than day {NEWBORN_DAYS}, not in view: {count_words(facts.later, 'weight')}." if facts.later else ""
        )
        below = (
            f"{' '.join([*limits, regained])} Limits of {facts.protocol}.{later}",
            "Weights are joined here because the change from one weight is drawn. Day 0 is the day of birth.",
            moment_words(chart),
        )
        said = Said(
            title=text,
            warnings=tuple(minus(w) for w in warnings(chart, loss=False)),
            adjusted=(),
            body=minus(summary(facts)),
            footer=below,
            footer_short=below,
            alt_text=description,
            metadata=metadata(facts, text, description),
        )
        shown = facts.points if facts.birth_kg is not None else ()
        entries = [Entry("weight", SHAPES["dots"])] if any(p.counts for p in shown) else []
        if any(not p.counts for p in shown):
            entries.append(Entry("does not count: at most, or in doubt", SHAPES["do not count"]))
        labels = [f"−{n.percent:g} %" for n in facts.limits]
        super().__init__(
            size, said, entries, max(74.0, 16 + 5.5 * max(map(len, ["birth weight", *labels]))), (-1.0, 22.0)
        )
        values = [v for _, v in self._changes()]
        deepest = max([n.percent for n in facts.limits] or [10.0])
        least = min([-deepest - 3.0, *(v - 2 for v in values if v > -60)])
        most = max([5.0, *(v + 2 for v in values if v < 60)])
        self.open_axes(least, most)
        step = next(n for n in (1, 2, 5, 10, 20) if (most - least) / n <= 12)
        first, final = int(least // step) + 1, int(most // step)
        upright = [(float(k * step), f"{k * step:+d}".replace("-", "−") if k else "0") for k in range(first, final + 1)]
        days = tuple((float(d), str(d)) for d in DAYS)
        plain = tuple(float(d) for d in range(22) if d not in DAYS)
        self.axis_marks(AgeAxis(days, plain, ()), upright, "Days since birth", "Change from birth weight (%)")
        self._limits()
        self._points()

    def _changes(self) -> list[tuple[float, float]]:
        born = self.facts.birth_kg
        if born is None:
            return []
        return [(float(p.age_days), 100 * (p.value - born) / born) for p in self.facts.points]

    def _limits(self) -> None:
        """Birth weight, the losses that the protocol names, and the day by which birth weight is expected."""
        rows: list[tuple[float, str]] = [(0.0, "birth weight")]
        self._level(0.0, BLACK, "-", 1.0, "birth weight")
        for k, n in enumerate(self.facts.limits):
            gravest = k == len(self.facts.limits) - 1 and k > 0
            self._level(
                -n.percent, VERMILLION if gravest else BLACK, "-" if gravest else DASHES, 1.1, f"limit {n.percent:g}"
            )
            rows.append((-n.percent, f"−{n.percent:g} %"))
        rows.sort()
        for (_, name), at in zip(rows, spread([self.py(v) for v, _ in rows], 10.5, 3, self.tall - 4), strict=True):
            self.axes_text(self.wide + 4, at, name, SMALL + 0.5, va="center", gid="line label")
        if self.facts.regained_by is not None and self.facts.regained_by <= self.high:
            day = float(self.facts.regained_by)
            self.axes.add_line(
                rule_line(
                    [day, day], [self.bottom, self.top], color=GREY, linestyle=DOTS, linewidth=0.6, zorder=1,
                    gid="regained by",
                )
            )  # fmt: skip
            self.boxes.append(Box(self.px(day) - 1, 0, 2, self.tall))

    def _level(self, value: float, color: str, style: Any, width: float, gid: str) -> None:
        self.axes.add_line(
            rule_line(
                [self.low, self.high], [value, value], color=color, linestyle=style, linewidth=width, zorder=2, gid=gid
            )
        )
        self.boxes.append(Box(0, self.py(value) - 0.7, self.wide, 1.4))

    def _points(self) -> None:
        changes, points = self._changes(), self.facts.points
        if not changes:
            self.note(None, ["No birth weight that counts is recorded"], LARGE if not self.narrow else NORMAL)
            return
        half = 8 / self.tall * (self.top - self.bottom)
        kept = [(x, min(max(v, self.bottom + half), self.top - half)) for x, v in changes]
        joined = [at for at, p in zip(kept, points, strict=True) if p.counts]
        self.axes.add_line(
            rule_line(*zip(*joined, strict=True), color=GREY, linestyle="-", linewidth=0.8, zorder=3, gid="joined")
        )
        for kind, chosen in (
            ("dots", joined),
            ("do not count", [at for at, p in zip(kept, points, strict=True) if not p.counts]),
        ):
            if chosen:
                self.axes.add_line(mark_row(*zip(*chosen, strict=True), gid=kind, **SHAPES[kind]))
        for x, y in kept:
            self.boxes.append(Box(self.px(x) - 4.5, self.py(y) - 4.5, 9, 9))
        for (xa, ya), (xb, yb) in pairwise(joined):
            for k in range(1, 12):
                x, y = self.px(xa + (xb - xa) * k / 12), self.py(ya + (yb - ya) * k / 12)
                self.boxes.append(Box(x - 1, y - 1, 2, 2))
        told = [t for t in zip(kept, changes, points, strict=True) if t[2].age_days]
        # The lowest and the latest are named first: they must find a place.
        told.sort(key=lambda t: (t[2] is not min(points, key=lambda p: p.value), -t[2].age_days))
        for k, ((x, y), (_, change), p) in enumerate(told):
            words, at = f"{kg_words(p.value)}, {change:+.1f} %".replace("-", "−"), (self.px(x), self.py(y))
            if not self.beside_mark(*at, words, SMALL + 0.5, "normal") and k < 2:
                self.label(*at, words)
