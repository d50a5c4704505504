"""How often healthy children, weighed as this one, meet a growth rule: said beside every growth finding.

A rule of a protocol is looked up in the table of `growthwatch.growth.false_alarms` only where
its thresholds are those that were simulated: a protocol that changes a number gets no figure
that is not its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.evidence import detector
from growthwatch.growth.false_alarms import UNTIL_DAYS, World, false_alarm_rate
from growthwatch.growth.published import GrowthRule, packaged_rules
from growthwatch.protocol.child import Child
from growthwatch.protocol.rules import (
    SPACE,
    BelowLine,
    ConditionalGain,
    FallFromBirth,
    LossFromBest,
    NewbornLoss,
    NoNetGain,
    Rule,
    RunningEvidence,
)

__all__ = ["Healthy", "healthy"]

NEAR = 1e-3


@dataclass(frozen=True, slots=True)
class Healthy:
    """What is looked up: a rule of the table with its level (from 1), and how the child was weighed."""

    rule: str
    level: int
    age_days: tuple[int, ...]
    until_days: float | None
    world: World

    @property
    def sentence(self) -> str | None:
        """The share of healthy children in words; None where it cannot be told."""
        return _sentence(self)


@lru_cache(maxsize=4096)
def _sentence(asked: Healthy) -> str | None:
    found = false_alarm_rate(
        asked.rule, asked.age_days, until_days=asked.until_days, level=asked.level, world=asked.world
    )
    return None if math.isnan(found.rate) else found.sentence


def healthy(rule: Rule, level: int, values: Mapping[str, Any], child: Child, day: int) -> Healthy | None:
    """What to look up for a finding; None where the table has no such rule, or not for such a child.

    Parameters
    ----------
    rule, level, values
        What fired, how gravely, on which numbers.
    child
        Whose weighing pattern counts: weights up to `day` that count.
    day
        The day on which the finding opened.
    """
    birth = child.birth
    if birth is None or birth.preterm:
        return None  # the table is of children born at term
    found = _in_table(rule, level, values, child.high_need)
    if found is None:
        return None
    name, place = found
    until = rule.until_months * DAYS_PER_MONTH if isinstance(rule, ConditionalGain) else None
    if until is not None and until > UNTIL_DAYS:
        until = None
    own = child.protocol.settings.terms.own_reference_conditions
    world: World = "condition-on-standard" if any(c in child.conditions for c in own) else "own"
    return Healthy(name, place, tuple(w.age_days for w in child.valid if w.day <= day), until, world)


def _in_table(rule: Rule, level: int, values: Mapping[str, Any], high_need: bool) -> tuple[str, int] | None:
    """Id and level in the table of a rule of a protocol with the very thresholds that were simulated."""
    match rule:
        case FallFromBirth():
            same = _packaged("nice-fall-birth")
            theirs = [(b.below_lines, b.up_to_lines, b.spaces) for b in same.birth_lines or ()]
            ours = [(t.birth_below_lines, t.birth_up_to_lines, t.spaces) for t in rule.thresholds]
            return (same.id, 1) if ours == theirs else None
        case BelowLine():
            falling = rule.levels[level].falling_more_than_spaces is not None
            return None if falling else _level("below-line", rule.line * SPACE)
        case ConditionalGain():
            return _level("thrive-line", rule.z_below) if level == 0 and _gap_alike(rule) else None
        case LossFromBest():
            percent = rule.levels[level].loss_at_least_percent
            if percent is None or values.get("loss_percent", 0) < percent:
                return None  # reached by a sign, not by the loss alone
            if rule.levels[level].ordinary_only_if_ill and not high_need:
                return None
            return _level("loss-from-best", percent)
        case NoNetGain():
            return ("no-net-gain", level + 1) if not high_need and _clock_alike(rule) else None
        case RunningEvidence():
            limits = detector().thresholds
            simulated = (limits.high_need_amber, limits.amber, limits.red)
            ratio = rule.levels[level].threshold(high_need)
            return next((("evidence", i) for i, r in enumerate(simulated, start=1) if abs(r - ratio) < NEAR), None)
        case NewbornLoss():
            return _level("newborn-loss", rule.levels[level].loss_over_percent or 0)
        case _:
            return None


def _packaged(id: str) -> GrowthRule:
    return next(r for r in packaged_rules() if r.id == id)


def _level(id: str, threshold: float) -> tuple[str, int] | None:
    for i, level in enumerate(_packaged(id).levels, start=1):
        if level.threshold is not None and abs(level.threshold - threshold) < NEAR:
            return id, i
    return None


def _gap_alike(rule: ConditionalGain) -> bool:
    return _packaged("thrive-line").least_gap_days == rule.least_days


def _clock_alike(rule: NoNetGain) -> bool:
    theirs = [(b.from_days, b.amber_days, b.red_days) for b in _packaged("no-net-gain").clock or ()]
    ours = [
        (b.from_days if b.from_days is not None else (b.from_months or 0) * DAYS_PER_MONTH, b.amber_days, b.red_days)
        for b in rule.clock
    ]
    return len(ours) == len(theirs) and all(
        abs(a - b) < NEAR for x, y in zip(ours, theirs, strict=True) for a, b in zip(x, y, strict=True)
    )
