"""Who draws each kind of chart.  Importing this loads matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from growthwatch.charts.at_once import at_once
from growthwatch.charts.comparison import draw_comparison
from growthwatch.charts.drawing import draw
from growthwatch.charts.events import draw_events
from growthwatch.charts.family import draw_family
from growthwatch.charts.multiples import draw_multiples
from growthwatch.charts.newborn import draw_newborn
from growthwatch.charts.panel import GrowthChart, Size
from growthwatch.charts.trajectory import draw_trajectory
from growthwatch.charts.z import draw_z

__all__ = ["drawn_as"]

_DRAWN: dict[str, Callable[[Any, Size, str | None, bool], GrowthChart]] = {
    "newborn": draw_newborn,
    "events": draw_events,
    "multiples": draw_multiples,
    "protocol-comparison": draw_comparison,
    "family": draw_family,
    "trajectory": draw_trajectory,
    "z": draw_z,
}


MOST_TRIES = 3
"""How often a page is made higher: on a higher page more of the small print may stand."""


def drawn_as(
    kind: str,
    facts: Any,
    inches: tuple[float, float, int, bool],
    title: str | None,
    identify: bool,
    extra: tuple[float, ...] = (),
) -> GrowthChart:
    """Draw what one kind of chart shows; once more, on a higher page, where words leave its picture no room."""
    size = Size(*inches)
    made = at_once(partial(_draw, kind, facts, size, title, identify, extra))
    for _ in range(MOST_TRIES):
        if made.lacking <= 0:
            break
        size = replace(size, height=size.height + (made.lacking + 1) / 72)
        made = at_once(partial(_draw, kind, facts, size, title, identify, extra))
    return made


def _draw(
    kind: str, facts: Any, size: Size, title: str | None, identify: bool, extra: tuple[float, ...]
) -> GrowthChart:
    if kind == "growth":
        return draw(facts, size, title, identify, extra)
    return _DRAWN[kind](facts, size, title, identify)
