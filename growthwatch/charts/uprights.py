"""Uprights of a growth chart: where lines break, correction stops, or puberty is asked about, with their words."""

from __future__ import annotations

from growthwatch.charts.curves import Lined
from growthwatch.charts.lines import standing_from
from growthwatch.charts.marks import GREY, SMALL, Box
from growthwatch.charts.placing import COVERED
from growthwatch.charts.puberty import puberty_uprights
from growthwatch.core.words import limit_words
from growthwatch.references.curves import MeasureCurves

__all__ = ["Upright"]


class Upright(Lined):
    """A page of centile lines with uprights.

    Attributes
    ----------
    said_below
        What the small print says already.
    unplaced
        What found no place in the picture.
    """

    said_below: tuple[str, ...]
    unplaced: list[str]

    def uprights(self) -> list[tuple[float, list[str]]]:
        """Draw every upright that is in view; return the age of each with its rows of words, for `say`."""
        facts, span = self.facts, self.facts.span()
        curves = facts.reference.curves(facts.measure.name)
        told: list[tuple[float, list[str]]] = []
        for at, of, reason in self._breaks(curves):
            if self._inside(at, "break"):
                head, _, rest = reason.partition(": ")
                lines = f"{of} lines" if of else "Lines"
                told.append((at, [f"{lines} break at {head}:" if rest else f"{lines} break:", rest or head]))
        begins = span is not None and any(s.x[-1] == span[0] for s in self.outside)
        if begins and span is not None and self._inside(span[0], "own lines begin"):
            told.append((span[0], [facts.reference.info.short_title, f"begins at {limit_words(span[0])}"]))
        until = facts.corrected_until_days
        if until is not None and facts.preterm and self._inside(until, "correction stops", edge=0):
            told.append((until, ["Correction for gestation", f"stops at {limit_words(until)} corrected age"]))
        for at, rows in puberty_uprights(facts, self.low, self.high):
            if self._inside(at, "puberty"):
                told.append((at, rows))
        self._lying_or_standing()
        return told

    def _inside(self, at: float, gid: str, edge: float = 6) -> bool:
        """Draw an upright where it is in view and not on the edge; return whether it is."""
        inside = self.low < at < self.high and min(self.px(at), self.wide - self.px(at)) > edge
        if inside:
            self.upright(at, gid)
        return inside

    def _breaks(self, curves: MeasureCurves) -> list[tuple[float, str, str]]:
        """Where lines break and why, with the name of the standard where they are its lines and not the chart's own."""
        facts = self.facts
        if facts.measure.by_length:
            return []
        stands = standing_from(facts.reference, facts.measure.name)
        out = [(b.at, "", b.reason) for b in curves.info.breaks if b.at != stands]
        if facts.standard is not None:
            standard = facts.beside[facts.standard].reference
            name, measure = standard.info.short_title, facts.measure.name
            own, begin = {at for at, _, _ in out} | {stands}, facts.standard_from
            breaks = standard.curves(measure).info.breaks
            out += [(b.at, name, b.reason) for b in breaks if b.at not in own and self._standard_at(b.at, begin)]
        return out

    def _standard_at(self, age: float, begin: float) -> bool:
        """Whether the standard's lines are drawn on either side of an age."""
        return age > begin and any(s.x[0] <= age <= s.x[-1] for s in (*self.standard, *self.outside))

    def _lying_or_standing(self) -> None:
        """Mark the age from which height is measured standing, which lines step at; on its upright, above the axis."""
        facts = self.facts
        at = standing_from(facts.reference, facts.measure.name)
        if at is None and facts.standard is not None:
            at = standing_from(facts.beside[facts.standard].reference, facts.measure.name)
        if at is None or not self.low < at < self.high or min(self.px(at), self.wide - self.px(at)) <= 6:
            return
        words, x = "lying | standing", self.px(at)
        lead, width = self.text_width("lying ", SMALL) + 1.5, self.text_width(words, SMALL)
        start = min(max(x - lead, 2.0), self.wide - width)
        levels = [4.0 + 14.0 * k for k in range(max(int((self.tall - 16) / 14), 1))]
        boxes = [Box(start, y, width, SMALL + 2) for y in (*levels[:1], *reversed(levels), *levels)]
        box = min(boxes, key=self.hits)
        if self.hits(box) >= COVERED:
            self.upright(at, "break")
            self.say(at, [words])
            return
        ground = {"backgroundcolor": "white"} if self.hits(box) else {}
        self.axes_text(box.x, box.y + 2, words, SMALL, color=GREY, gid="lying | standing", **ground)
        self.boxes.append(box)
        self.upright(at, "break")

    def say(self, age: float, rows: list[str]) -> None:
        """Write a note at an age, or, where it finds no place, keep it for the small print."""
        text = f"{' '.join(rows)}."
        if text not in self.said_below and not self.note(age, rows):
            self.unplaced.append(text)
