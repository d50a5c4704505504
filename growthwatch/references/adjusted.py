"""Adjusted sources: what is expected of a child, moved by a named person, for a reason, until a date.

An adjusted source is one over another: a node (`growthwatch.references.nodes`) and the link
that says who signed for it.  A chain is kept as it is, so that each link keeps its author,
reason, date of review and bounds, and a link that has expired stops counting.

An adjustment changes what is expected.  It cannot reach a rule that works on kilograms.
"""

from __future__ import annotations

from typing import Any

from growthwatch.core.canonical import content_hash, short_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import sex_codes
from growthwatch.references.births import fact_named
from growthwatch.references.checks import check_measure
from growthwatch.references.curves import MeasureCurves
from growthwatch.references.links import Link
from growthwatch.references.metadata import FrozenDict, MeasureInfo, ReferenceInfo
from growthwatch.references.nodes import Node
from growthwatch.references.source import Source, Span

__all__ = ["AdjustedSource"]

_KINDS = ("standard", "reference", "descriptive")


class AdjustedSource(Source):
    """A source seen through one more adjustment.

    Attributes
    ----------
    parent
        The source under the last adjustment.
    node
        The last adjustment itself.
    link
        Who made it, why, until when and how far.
    """

    __slots__ = ("link", "node", "parent")

    def __init__(self, parent: Source, node: Node, link: Link):
        for part in (parent, *node.others()):
            if part.info.table_by is not None:
                expected = f"one table of {part.id}: adjust what reference.born({fact_named(part.info)}=...) gives"
                raise GrowthwatchError.of(fact_named(part.info), None, expected)
        self.parent = parent
        self.node: Node = node
        self.link = link
        hash = content_hash({"adjusts": [parent.id, parent.hash], **node.plain(), "link": link.plain(), "layout": 1})
        id = "&".join([parent.base.id, *(o.base.id for o in node.others())]) + "~" + short_hash(hash)
        super().__init__(id, hash, _adjusted_info(id, parent.info, node, link), parent.correction)

    def __reduce__(self) -> tuple[Any, ...]:
        return AdjustedSource, (self.parent, self.node, self.link)

    @property
    def base(self) -> Source:
        """The source under all adjustments; of a blend, its first."""
        return self.parent.base

    @property
    def links(self) -> tuple[Link, ...]:
        """Every link of the chain, oldest first."""
        out = [*self.parent.links]
        for other in self.node.others():
            out += other.links
        return (*out, self.link)

    def _measure_info(self, measure: str) -> MeasureInfo:
        check_measure(measure)
        info = self.info.measures.get(measure)
        if info is None:
            raise GrowthwatchError.of(
                "measure",
                measure,
                f"one of {list(self.info.measures)}: the adjustment {self.id} says nothing of others; "
                f"ask {self.base.id} itself, or name it in measures= when adjusting",
            )
        return info

    def curves(self, measure: str) -> MeasureCurves:
        """Adjusted figures of one measure.

        Raises
        ------
        GrowthwatchError
            If the adjustment does not concern the measure.
        """
        found = self._curves.get(measure) if isinstance(measure, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if found is None:
            info = self._measure_info(measure)
            found = self._curves[measure] = self.node.curves(self.parent.curves(measure), measure, info)
        return found

    def span(self, measure: str, sex: str) -> Span | None:
        """Least and greatest age that it covers [days]; None if the sex is not covered."""
        self._measure_info(measure)
        sex_codes(sex)
        return self.node.span(self.parent.span(measure, sex), measure, sex)

    def covered(self, measure: str, sex: int) -> Span | None:
        """As `span`, of a sex by its code."""
        return self.curves(measure).span(sex)


def _adjusted_info(name: str, parent: ReferenceInfo, node: Node, link: Link) -> ReferenceInfo:
    """Metadata of the base, with what the adjustment makes of it."""
    measures: dict[str, MeasureInfo] = {}
    for measure in link.measures:
        made = node.info(parent.measures[measure], measure)
        assert made is not None
        measures[measure] = made
    kinds = [parent.kind, *(o.info.kind for o in node.others())]
    title, short = parent.title.removesuffix(", adjusted"), parent.short_title.removesuffix(", adjusted")
    for other in node.others():
        title += f", mixed with {other.info.title}"
        short += f" with {other.info.short_title}"
    return parent.model_copy(
        update={
            "id": name,
            "title": f"{title}, adjusted",
            "short_title": f"{short}, adjusted",
            "kind": max(kinds, key=_KINDS.index),
            "condition": "; ".join(
                dict.fromkeys(c for c in (parent.condition, *(o.info.condition for o in node.others())) if c)
            ),
            "terms": " ".join(dict.fromkeys([parent.terms, *(o.info.terms for o in node.others())])),
            "measures": FrozenDict(measures),
        }
    )
