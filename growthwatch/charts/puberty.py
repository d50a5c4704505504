"""Uprights of puberty, on the UK charts of height only: at which ages to ask whether it has begun, or is complete."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from growthwatch.charts.facts import ChartFacts
from growthwatch.core.units import DAYS_PER_YEAR
from growthwatch.references.metadata import read_toml

__all__ = ["puberty_print", "puberty_uprights"]


@cache
def _puberty() -> dict[str, Any]:
    return dict(read_toml(resources.files("growthwatch.charts") / "puberty.toml"))


def puberty_uprights(facts: ChartFacts, low: float, high: float) -> list[tuple[float, list[str]]]:
    """Ages in view at which the chart asks about puberty [days], each with its rows of words.

    Only on charts of height of children in general in the UK, and only those of the child's own sex: of a condition
    the time of puberty may be another, and weight tells nothing of it.
    """
    base = facts.reference if facts.unadjusted is None else facts.beside[facts.unadjusted].reference
    if facts.measure.name != "height" or base.id not in _puberty()["references"]:
        return []
    out: list[tuple[float, list[str]]] = []
    for upright in _puberty()["uprights"]:
        years = upright[f"{facts.sex}_years"]
        if low < years * DAYS_PER_YEAR < high:
            out.append((years * DAYS_PER_YEAR, [row.format(years=years) for row in upright["words"]]))
    return out


def puberty_print() -> str:
    """What the small print says of them."""
    return str(_puberty()["small_print"])
