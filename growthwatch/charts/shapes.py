"""Marks of readings that charts share: how each kind looks, and what it means."""

from __future__ import annotations

from typing import Any

from growthwatch.charts.marks import AT_MOST, BLACK

__all__ = ["CROWDED", "POINTS", "POINT_WORDS", "shape_of"]

_OPEN: dict[str, Any] = {"face": "white", "edge": BLACK, "edge_width": 1.1, "zorder": 4.2}

POINTS: dict[str, dict[str, Any]] = {
    "dots": {"marker": "o", "size": 6.2, "face": BLACK, "edge": "white", "edge_width": 0.5, "zorder": 4},
    "upper bounds": {"marker": AT_MOST, "size": 18.0, **_OPEN},
    "uncertain": {"marker": "s", "size": 5.6, **_OPEN},
    "suspected": {"marker": "D", "size": 7.0, **_OPEN},
}
"""Their shapes: a reading that counts is full, all others are open."""

POINT_WORDS = {
    "upper bounds": "at most (clothed)",
    "uncertain": "may be wrong either way",
    "suspected": "suspected error",
}
"""What they mean, where it is more than the reading itself."""


def shape_of(kind: str, count: int) -> dict[str, Any]:
    """The shape of one kind, where there are so many readings: small and without a white edge where they lie close."""
    if kind != "dots" or count <= CROWDED:
        return POINTS[kind]
    return {**POINTS["dots"], "size": 3.4, "edge": BLACK, "edge_width": 0.0}


CROWDED = 60
"""More readings than these lie on each other, and white edges would hide them."""
