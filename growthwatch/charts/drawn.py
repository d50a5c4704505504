"""Who draws each kind of chart.  Importing this loads matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


def drawn_as(
    kind: str,
    facts: Any,
    inches: tuple[float, float, int],
    title: str | None,
    identify: bool,
    extra: tuple[float, ...] = (),
) -> GrowthChart:
    """Draw what one kind of chart shows."""
    if kind == "growth":
        return draw(facts, Size(*inches), title, identify, extra)
    return _DRAWN[kind](facts, Size(*inches), title, identify)
