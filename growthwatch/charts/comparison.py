"""What a change of protocol would have changed, rule by rule: duties a week under the old and under the new."""

from __future__ import annotations

from typing import Any

import growthwatch
from growthwatch.charts.comparison_facts import alt_text, body, metadata, rows, title
from growthwatch.charts.frame import AgeAxis
from growthwatch.charts.marks import BLACK, BLUE, GREY, NORMAL, SMALL, VERMILLION, mark_row, one_row, rule_line
from growthwatch.charts.page import Entry, Page, Said
from growthwatch.charts.panel import GrowthChart, Size
from growthwatch.core.canonical import short_hash
from growthwatch.core.words import count_words
from growthwatch.protocol import Comparison

__all__ = ["draw_comparison"]

MORE: dict[str, Any] = {"color": VERMILLION, "linestyle": "-"}
LESS: dict[str, Any] = {"color": BLUE, "linestyle": (0, (2, 1.4))}
OLD: dict[str, Any] = {"marker": "o", "size": 6.0, "face": "white", "edge": BLACK, "edge_width": 1.1, "zorder": 4}
NEW: dict[str, Any] = {"marker": "o", "size": 6.4, "face": BLACK, "edge": BLACK, "edge_width": 0.6, "zorder": 4.1}


def draw_comparison(found: Comparison, size: Size, own_title: str | None, identify: bool) -> GrowthChart:
    """Draw what a change of protocol would have changed."""
    return _Sheet(found, size, own_title).figure


class _Sheet(Page):
    def __init__(self, found: Comparison, size: Size, own_title: str | None) -> None:
        text = one_row(title(found) if own_title is None else own_title)
        described = alt_text(found)
        narrow = size.width * 72 < 480
        self.margin = 118.0 if narrow else 210.0
        changed = rows(found)
        names = " and ".join(f"{i} {v} ({short_hash(h)})" for i, v, h in (found.old, found.new))
        below = [
            "A row is a rule that is not judged alike; both protocols are judged as if each had always been in force.",
            f"{names}. growthwatch {growthwatch.__version__}.",
        ]
        entries = [Entry("old", OLD), Entry("new", NEW)]
        self.columns = 96.0 if narrow else 190.0
        said = Said(text, (), (), body(found), tuple(below), tuple(below), described, metadata(found, text, described))
        super().__init__(size, said, entries, self.columns, (0.0, 1.0))
        most = max([max(r.old, r.new) for r in changed] or [1.0])
        self.low, self.high = -0.02 * most, 1.06 * most or 1.0
        fits = max(int(self.tall / 15.0), 1)
        shown = changed[:fits]
        self.open_axes(0.0, float(max(len(shown), 1)))
        self.axes.spines["left"].set_visible(False)
        self.axis_marks(AgeAxis(tuple(self._marks(most)), (), ()), [], "Duties a week, all these children together", "")
        heads = ("findings", "children") if narrow else ("findings", "cannot wait", "children")
        xs = [self.wide + 14 + (self.columns - 24) * (k + 1) / len(heads) for k in range(len(heads))]
        for x, head in zip(xs, heads, strict=True):
            self.axes_text(x, self.tall + 5, head, SMALL, ha="right", color=GREY, gid="head")
        for k, r in enumerate(shown):
            y = len(shown) - k - 0.5
            how = MORE if r.new > r.old else LESS
            self.axes.add_line(
                rule_line([r.old, r.new], [y, y], linewidth=2.0, zorder=3, gid=f"change {r.rule}", **how)
            )
            name = self.fitted(f"{r.rule} {r.title}", self.margin - 20, SMALL + 0.5)
            self.axes_text(-8, self.py(y), name, SMALL + 0.5, ha="right", va="center", gid="rule")
            figures = (r.findings, str(r.children)) if narrow else (r.findings, r.interrupts, str(r.children))
            for x, figure in zip(xs, figures, strict=True):
                self.axes_text(x, self.py(y), figure, SMALL, ha="right", va="center", gid="figure")
        ys = [len(shown) - k - 0.5 for k in range(len(shown))]
        if shown:
            self.axes.add_line(mark_row([r.old for r in shown], ys, gid="old", **OLD))
            self.axes.add_line(mark_row([r.new for r in shown], ys, gid="new", **NEW))
        else:
            self.axes_text(
                self.wide / 2, self.tall / 2, "No rule is judged otherwise", NORMAL + 2, ha="center", gid="note"
            )
        if len(changed) > len(shown):
            more_rules = count_words(len(changed) - len(shown), "more rule")
            self.axes_text(
                self.wide, 3, f"{more_rules} with less change: in the table", SMALL, ha="right", color=GREY, gid="note"
            )

    def _marks(self, most: float) -> list[tuple[float, str]]:
        step = 10.0**-3
        while most / step > 6:
            step *= 2.5 if f"{step:e}"[0] == "2" else 2
        return [(k * step, f"{k * step:g}") for k in range(int(self.high / step) + 1)]
