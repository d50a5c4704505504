"""A rule of a protocol as a rule on weights alone, for the rate among healthy children."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from growthwatch.growth.false_alarms import EvidenceRule
from growthwatch.growth.rules import GrowthRule, Level, packaged_rules

__all__ = ["NOT_KNOWN", "Judged", "packaged"]

NOT_KNOWN = "No false-alarm rate: how often healthy children meet this rule was neither simulated nor published."


@dataclass(frozen=True, slots=True)
class Judged:
    """What of a finding can be judged on the weights of healthy children.

    Attributes
    ----------
    rule, level
        The rule on weights, and its level, from 1.
    does
        What meeting it is called, of one child and of many.
    at_most
        Whether the finding needs more than this, so that fewer have it.
    besides
        What else there is to say, in a sentence; empty if nothing.
    between
        Ages between which it is counted [days]; None: by an age.
    """

    rule: GrowthRule | EvidenceRule
    level: int = 1
    does: tuple[str, str] = ("meets this rule", "meet this rule")
    at_most: bool = False
    besides: str = ""
    between: tuple[float, float] | None = None


def packaged(id: str, only: Level | None, **figures: Any) -> GrowthRule:
    """A packaged rule with other figures, and with one level if it is given."""
    known = next(r for r in packaged_rules() if r.id == id)
    return known.model_copy(update=figures | ({} if only is None else {"levels": (only,)}))
