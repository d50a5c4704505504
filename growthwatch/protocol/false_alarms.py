"""How often healthy children, weighed as this one, meet a growth rule: said beside every growth finding.

A rule of a protocol is put as a rule on weights with the protocol's own thresholds, and
`growthwatch.growth.false_alarms` says what that costs.  What a finding rests on besides weights
(an illness, a sign, another finding) is no part of the rate, and the sentence says so.  Where
there is no rate, it says why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from growthwatch.core.units import DAYS_PER_MONTH, PRETERM_DAYS, TERM_DAYS
from growthwatch.growth.false_alarm_table import World
from growthwatch.growth.false_alarms import NO_NEWBORN_DAYS, EvidenceRule, false_alarm_rate
from growthwatch.growth.rules import BirthLine, ClockBand, GrowthRule, Level, packaged_rules
from growthwatch.protocol.child import Child
from growthwatch.protocol.rules import (
    SPACE,
    BelowLine,
    BelowPrevious,
    BirthWeightNotRegained,
    ConditionalGain,
    FallFromBirth,
    FallOnCondition,
    LossFromBest,
    LossLevel,
    NewbornLoss,
    NoNetGain,
    Rule,
    RunningEvidence,
)

__all__ = ["Healthy", "Judged", "healthy"]

_MEETS = ("meets this rule", "meet this rule")
_NOT_BACK = ("is not back to birth weight", "are not back to birth weight")
_NOT_KNOWN = "No false-alarm rate: how often healthy children meet this rule was neither simulated nor published."


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
    """

    rule: GrowthRule | EvidenceRule
    level: int = 1
    does: tuple[str, str] = _MEETS
    at_most: bool = False
    besides: str = ""


@dataclass(frozen=True, slots=True)
class Healthy:
    """What is asked: a rule on weights, and how the child was weighed.

    Attributes
    ----------
    judged
        What is judged; or why nothing can be.
    age_days, gestation_days
        As weighed [days], and as born [days]; None: term.
    high_need, world
        As for `false_alarm_rate`.
    """

    judged: Judged | str
    age_days: tuple[int, ...]
    gestation_days: int | None
    high_need: bool
    world: World

    @property
    def sentence(self) -> str:
        """The share of healthy children in words, or why it cannot be told."""
        return _sentence(self)


@lru_cache(maxsize=4096)
def _sentence(asked: Healthy) -> str:
    judged = asked.judged
    if isinstance(judged, str):
        return judged
    found = false_alarm_rate(
        judged.rule,
        asked.age_days,
        level=judged.level,
        world=asked.world,
        gestation_days=asked.gestation_days,
        high_need=asked.high_need,
    )
    said = replace(found, at_most=found.at_most or judged.at_most).said(*judged.does)
    return said if math.isnan(found.rate) or not judged.besides else f"{said} {judged.besides}"


def healthy(rule: Rule, level: int, values: Mapping[str, Any], child: Child, day: int) -> Healthy | None:
    """What to ask for a finding; None where the rule is not about growth.

    Parameters
    ----------
    rule, level, values
        What fired, how gravely, on which numbers.
    child
        Whose weighing pattern counts: weights up to `day` that count.
    day
        The day on which the finding opened, or reached this level.
    """
    if rule.PHASE != "growth":
        return None
    birth = child.birth
    born = None if birth is None else birth.gestation_days
    ages = tuple(w.age_days for w in child.valid if w.day <= day)
    world: World = "condition-on-standard" if child.grows_otherwise(day) else "own"
    if isinstance(rule, FallOnCondition):
        world = "own"  # its reference is that of the child's condition
    return Healthy(on_weights(rule, level, values, child, ages), ages, born, child.high_need, world)


def on_weights(rule: Rule, level: int, values: Mapping[str, Any], child: Child, ages: tuple[int, ...]) -> Judged | str:
    """Put a rule of a protocol as a rule on weights, with the protocol's thresholds; or say why that cannot be."""
    match rule:
        case NewbornLoss():
            lost = _loss(rule.levels[level])
            return Judged(_packaged("newborn-loss", lost), does=_loses(lost))
        case BelowPrevious():
            return NO_NEWBORN_DAYS
        case BirthWeightNotRegained():
            shown = values["on"] - child.birth.day if child.birth is not None and "on" in values else 0
            return _not_regained(rule, level, max((*ages, shown)))
        case FallFromBirth():
            lines = tuple(
                BirthLine(below_lines=t.birth_below_lines, up_to_lines=t.birth_up_to_lines, spaces=float(t.spaces))
                for t in rule.thresholds
            )
            return Judged(_packaged("nice-fall-birth", None, birth_lines=lines, **_from(rule)))
        case BelowLine():
            return _below(rule, level, child)
        case LossFromBest():
            return _lost(rule, level, values, child)
        case NoNetGain():
            return Judged(_clock(rule, child), level + 1)
        case ConditionalGain():
            return Judged(_gain(rule, level, child))
        case RunningEvidence():
            ratio = rule.levels[level].threshold(child.high_need)
            return Judged(EvidenceRule(ratio=ratio, weights_at_least=rule.weights_at_least))
        case FallOnCondition():
            any_birth = (BirthLine(spaces=float(rule.spaces)),)
            held = {"sustained_days": float(rule.sustained_least_days), "best_from_age_days": 0.0}
            fall = _packaged("nice-fall-best", None, birth_lines=any_birth, **held, **_from(rule))
            spaces = f"{rule.spaces:g} centile space{'' if rule.spaces == 1 else 's'} or more"
            does = (f"falls {spaces}", f"fall {spaces}")
            return Judged(fall, does=does, at_most=True, besides="This rule asks for more than the fall.")
        case _:
            return _NOT_KNOWN


def _packaged(id: str, only: Level | None, **figures: Any) -> GrowthRule:
    """A packaged rule with other figures, and with one level if it is given."""
    known = next(r for r in packaged_rules() if r.id == id)
    return known.model_copy(update=figures | ({} if only is None else {"levels": (only,)}))


def _from(rule: FallFromBirth | BelowLine | FallOnCondition) -> dict[str, float]:
    from_gestation = float(rule.preterm_from_gestation_days)
    return {"from_age_days": float(rule.from_age_days), "preterm_from_gestation_days": from_gestation}


def _loss(level: LossLevel) -> Level:
    over, least = level.loss_over_percent, level.loss_at_least_percent
    return Level(name=level.name, threshold=float(over or least or 0.0), over=over is not None)


def _loses(level: Level) -> tuple[str, str]:
    """The threshold in words, and not the child's own loss: that may be far rarer."""
    much = f"more than {level.threshold:g} %" if level.over else f"{level.threshold:g} % or more"
    return f"loses {much}", f"lose {much}"


def _not_regained(rule: BirthWeightNotRegained, level: int, last: int) -> Judged:
    besides: list[str] = []
    if last < rule.from_age_days:
        besides.append(f"The last weight was of day {last}.")
    if rule.levels[level].when_ill:
        besides.append("The illness is not part of this rate.")
    regain = _packaged("birth-weight-regain", None, from_age_days=float(rule.from_age_days))
    return Judged(regain, does=_NOT_BACK, besides=" ".join(besides))


def _below(rule: BelowLine, level: int, child: Child) -> Judged:
    own = rule.levels[level]
    falling = own.falling_more_than_spaces
    gap = child.protocol.settings.terms.falling_least_days if falling is not None else 0
    line = Level(
        name=own.name,
        threshold=rule.line * SPACE,
        over=True,
        falling_spaces=None if falling is None else float(falling),
        falling_least_days=float(gap),
    )
    return Judged(_packaged("below-line", line, **_from(rule)))


def _lost(rule: LossFromBest, level: int, values: Mapping[str, Any], child: Child) -> Judged:
    """The loss that was needed: less than the level says where a danger sign was recorded."""
    own = rule.levels[level]
    loss, besides = _loss(own), ""
    sooner = own.with_danger_sign_percent
    if not own.met(values["loss_percent"]) and sooner is not None:
        loss = Level(name=own.name, threshold=float(sooner))
        besides = "The sign recorded is not part of this rate."
    elif own.ordinary_only_if_ill and not child.high_need:
        besides = "The illness is not part of this rate."
    best_from = float(child.protocol.settings.terms.best_from_age_days)
    figures = {"from_age_days": float(rule.from_age_days), "best_from_age_days": best_from}
    return Judged(_packaged("loss-from-best", loss, **figures), does=_loses(loss), besides=besides)


def _clock(rule: NoNetGain, child: Child) -> GrowthRule:
    """The clock as a review reads it: on every day, whether or not the child is weighed."""
    bands = tuple(
        ClockBand(
            from_days=_days(b.from_days, b.from_months),
            amber_days=float(b.amber_days),
            red_days=float(b.red_days),
            high_need_amber_days=None if b.high_need_amber_days is None else float(b.high_need_amber_days),
            high_need_red_days=None if b.high_need_red_days is None else float(b.high_need_red_days),
        )
        for b in rule.clock
    )
    end = rule.clock[-1].until_months
    return _packaged(
        "no-net-gain",
        None,
        every_day=True,
        clock=bands,
        from_age_days=bands[0].from_days,
        until_age_days=None if end is None else end * DAYS_PER_MONTH,
        best_from_age_days=float(child.protocol.settings.terms.best_from_age_days),
        high_need_gain_percent=float(rule.high_need_gain_percent),
    )


def _days(days: int | None, months: int | None) -> float:
    return float(days) if days is not None else (months or 0) * DAYS_PER_MONTH


def _gain(rule: ConditionalGain, level: int, child: Child) -> GrowthRule:
    """Gains up to each weight, from birth on; twice running: all gains so far back were as low."""
    until = rule.until_months * DAYS_PER_MONTH
    born = child.birth.gestation_days if child.birth is not None else None
    if born is not None and born < PRETERM_DAYS:
        until += TERM_DAYS - born  # its months are counted from the due date
    low = Level(
        name=rule.levels[level].name,
        threshold=float(rule.z_below),
        over=True,
        held_days=float(rule.running_least_days) if level > 0 else 0.0,
    )
    gap = float(rule.least_days)
    return _packaged(
        "thrive-line", low, least_gap_days=gap, from_age_days=gap, best_from_age_days=0.0, until_age_days=until
    )
