"""What is asked of healthy children beside a finding, as plain data: the answer is looked up when somebody reads it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from growthwatch.core.frozen import FrozenDict
from growthwatch.growth.false_alarm_table import World
from growthwatch.growth.false_alarms import EvidenceRule
from growthwatch.growth.rules import GrowthRule, packaged_rules
from growthwatch.protocol.answers.false_alarms import Healthy, Judged
from growthwatch.protocol.answers.plain import frozen

__all__ = ["Asked", "asked"]

_EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, without any object of a rule.

    Attributes
    ----------
    rule
        Id of the packaged rule on weights that is meant, or ``evidence``; None: nothing can be judged.
    figures
        What it says otherwise than the packaged one; of the evidence, all its figures.
    level, does, at_most, besides, between
        As of `Judged`; while nothing can be judged, `besides` says why.
    age_days, gestation_days, high_need, world
        As of `Healthy`.
    """

    rule: str | None
    figures: FrozenDict
    level: int
    does: tuple[str, str]
    at_most: bool
    besides: str
    age_days: tuple[int, ...]
    gestation_days: int | None
    high_need: bool
    world: World
    between: tuple[float, float] | None = None

    @property
    def healthy(self) -> Healthy:
        """The question as `growthwatch.growth.false_alarms` takes it."""
        judged: Judged | str = self.besides
        if self.rule is not None:
            judged = Judged(self._rule(self.rule), self.level, self.does, self.at_most, self.besides, self.between)
        return Healthy(judged, self.age_days, self.gestation_days, self.high_need, self.world)

    def _rule(self, id: str) -> GrowthRule | EvidenceRule:
        if id == _EVIDENCE:
            return EvidenceRule.model_validate(dict(self.figures))
        return GrowthRule.model_validate(_packaged()[id].model_dump() | self.figures)


def asked(healthy: Healthy | None) -> Asked | None:
    """Plain data of a question."""
    if healthy is None:
        return None
    how = (healthy.age_days, healthy.gestation_days, healthy.high_need, healthy.world)
    judged = healthy.judged
    if isinstance(judged, str):
        return Asked(None, FrozenDict(), 0, ("", ""), False, judged, *how)
    name, figures = _named(judged)
    return Asked(name, figures, judged.level, judged.does, judged.at_most, judged.besides, *how, judged.between)


@cache
def _packaged() -> dict[str, GrowthRule]:
    return {r.id: r for r in packaged_rules()}


@lru_cache(maxsize=1024)
def _named(judged: Judged) -> tuple[str, FrozenDict]:
    """Id of a rule, and what it says otherwise than the packaged one of that id; of the evidence, all its figures."""
    rule = judged.rule
    if isinstance(rule, EvidenceRule):
        return _EVIDENCE, FrozenDict(rule.model_dump())
    return rule.id, _otherwise(rule)


def _otherwise(rule: GrowthRule) -> FrozenDict:
    """Figures of a rule that differ from those of the packaged rule of its id."""
    packaged: Any = _packaged()[rule.id]
    differ = {name for name, value in rule if value != getattr(packaged, name)}
    return frozen(rule.model_dump(include=differ))
