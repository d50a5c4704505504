"""The kinds of chart of one child: what each reads, says and tabulates.  Nothing here loads matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from growthwatch.charts import (
    comparison_facts,
    events_words,
    family_facts,
    multiples_facts,
    newborn_words,
    trajectory_words,
    words,
    z_facts,
)
from growthwatch.charts.events_facts import read_events
from growthwatch.charts.facts import ChartFacts
from growthwatch.charts.reading import read_newborn
from growthwatch.charts.sources import Source
from growthwatch.charts.trajectory_facts import read_trajectory

__all__ = ["KINDS", "MANY", "NO_PAPER", "SIZES", "Kind", "Many", "Sizes"]

Sizes = Mapping[str, tuple[float, float, int]]
"""Width and height [inches] and dots per inch, by name."""

SIZES: Sizes = {
    "a4": (11.69, 8.27, 200),
    "a5": (8.27, 5.83, 200),
    "page": (7.4, 5.6, 200),
    "600px": (5.0, 6.0, 120),
}
"""Landscape papers, the width of an upright sheet of A4 within its margins (188 mm), and 600 pixels for a telephone or
a column, with letters of 13 pixels and more."""

NO_PAPER = frozenset({"page", "600px"})
"""Sizes of a given width: where many words leave the picture no room, they are higher."""

_TALL: Sizes = {**SIZES, "page": (7.4, 7.2, 200), "600px": (5.0, 7.6, 120)}
"""Of a chart of two pictures, one above the other."""


_TALLEST: Sizes = {**SIZES, "page": (7.4, 8.0, 200), "600px": (5.0, 8.6, 120)}
"""Of a chart of three."""


_FLAT: Sizes = {**SIZES, "page": (7.4, 3.8, 200), "600px": (5.0, 4.6, 120)}
"""Of a chart that stands on a sheet with words around it."""


@dataclass(frozen=True)
class Kind:
    """One kind of chart of one child.

    Attributes
    ----------
    name
        By which people ask for it.
    says
        What it is, in a few words.
    read
        From a record at a moment, and the facts of its growth chart, to what is drawn.
    table, alt_text
        What is drawn, as rows and in words.
    sizes
        How large each named size is.
    weight_only
        Whether it is of weight alone.
    on_lines
        Whether more lines may be asked for.
    """

    name: str
    says: str
    read: Callable[[Source, ChartFacts], Any]
    table: Callable[[Any], list[dict[str, Any]]]
    alt_text: Callable[[Any], str]
    sizes: Sizes = field(default_factory=lambda: SIZES)
    weight_only: bool = True
    on_lines: bool = False


def _growth(_: Source, chart: ChartFacts) -> ChartFacts:
    return chart


KINDS: dict[str, Kind] = {
    k.name: k
    for k in (
        Kind(
            "growth", "readings on centile lines", _growth, words.table, words.alt_text, weight_only=False,
            on_lines=True,
        ),
        Kind(
            "z", "z against age, joined within a table", z_facts.read_z, z_facts.table, z_facts.alt_text,
            weight_only=False,
        ),
        Kind(
            "newborn", "weights of days 0 to 21 in per cent of birth weight", read_newborn, newborn_words.table,
            newborn_words.alt_text,
        ),
        Kind(
            "family", "a shaded part, two named lines, and a dot for every weight that counts",
            family_facts.read_family, family_facts.table, family_facts.alt_text, sizes=_FLAT,
        ),
        Kind(
            "events", "what happened around the weight, lane by lane", read_events, events_words.table,
            events_words.alt_text, sizes=_TALL,
        ),
        Kind(
            "trajectory", "what was to be expected, the evidence, and what a fall is made of", read_trajectory,
            trajectory_words.table, trajectory_words.alt_text, sizes=_TALLEST,
        ),
    )
}  # fmt: skip
"""The kinds of chart of one child, by name."""


@dataclass(frozen=True)
class Many:
    """One kind of chart of many children; `table`, `alt_text` and `sizes` as for `Kind`."""

    name: str
    says: str
    table: Callable[[Any], list[dict[str, Any]]]
    alt_text: Callable[[Any], str]
    sizes: Sizes


MANY: dict[str, Many] = {
    k.name: k
    for k in (
        Many(
            "multiples", "small charts of many children on one scale", multiples_facts.table, multiples_facts.alt_text,
            {"a4": (11.69, 8.27, 200), "page": (7.4, 8.6, 200), "600px": (5.0, 10.4, 120)},
        ),
        Many(
            "protocol-comparison", "what a change of protocol would have changed", comparison_facts.table,
            comparison_facts.alt_text, {"a4": (11.69, 8.27, 200), "page": (7.4, 6.6, 200), "600px": (5.0, 6.6, 120)},
        ),
    )
}  # fmt: skip
"""The kinds of chart of many children, by name."""
