"""Levels of loss, in per cent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from growthwatch.core.words import kg_words, long_date
from growthwatch.growth.rules import Level
from growthwatch.protocol.child import UNCERTAIN, Weight
from growthwatch.protocol.child.columns import Flags
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import (
    Flag,
    Percent,
    rising,
)
from growthwatch.protocol.kinds.kind import NOT_MET, At, Kg, Outcome, Values
from growthwatch.protocol.kinds.weights import HAIR, exact
from growthwatch.references.distributions import Floats

__all__ = [
    "NO_RATE",
    "LossLevel",
    "at_level",
    "first_loss",
    "how",
    "loses",
    "loss_faults",
    "told_uncertain",
    "weighed_surely",
]

NO_RATE = "No false-alarm rate: the weight may be wrong either way, and is to be taken again first."


class LossLevel(RuleLevel):
    """A level of loss; where it is `uncertain`, that of a weight that may be wrong either way."""

    uncertain: Flag = False
    loss_over_percent: Percent | None = None
    loss_at_least_percent: Percent | None = None

    def met(self, loss: Decimal) -> bool:
        """Whether a loss [%] reaches the level: more than, or at least."""
        if self.loss_over_percent is not None:
            return loss > exact(self.loss_over_percent)
        return self.loss_at_least_percent is not None and loss >= exact(self.loss_at_least_percent)

    @property
    def least_percent(self) -> float:
        """The least loss that may reach the level [percent]."""
        return self.loss_over_percent or self.loss_at_least_percent or 0.0

    def may_be(self, before_kg: Floats, kg: Floats) -> Flags:
        """Whether each weight may have lost so much; it may say too much, never too little."""
        return kg <= before_kg * (1.0 - self.least_percent / 100.0) + HAIR

    def on_weights(self) -> Level:
        """The level as one of a rule on weights."""
        over, least = self.loss_over_percent, self.loss_at_least_percent
        return Level(name=self.name, threshold=float(over or least or 0.0), over=over is not None)


def loss_faults(levels: Sequence[LossLevel], needed_from: int = 0) -> list[str]:
    """The first level is for uncertain weights; each other must say one loss, and they must grow graver."""
    out: list[str] = []
    if [n.uncertain for n in levels] != [True, *[False] * (len(levels) - 1)]:
        out.append("levels: expected the first, and no other, to be uncertain")
    own = [n for n in levels if not n.uncertain]
    out += [
        f"level {n.name}: expected one of loss_over_percent and loss_at_least_percent"
        for n in own[needed_from:]
        if (n.loss_over_percent is None) == (n.loss_at_least_percent is None)
    ]
    out += [
        f"level {n.name}: expected no loss, as it is for weights that may be wrong either way"
        for n in levels
        if n.uncertain and n.least_percent
    ]
    return out + rising("loss of the levels", [n.loss_over_percent or n.loss_at_least_percent for n in own])


def first_loss(levels: Sequence[LossLevel]) -> LossLevel:
    """The least grave of the levels that say a loss."""
    return next(n for n in levels if not n.uncertain)


def at_level(levels: Sequence[LossLevel], met: int, w: Weight) -> int:
    """The level of a weight that meets one: that of uncertain weights, where it may be wrong either way."""
    if met == NOT_MET or w.validity != UNCERTAIN:
        return met
    return next((i for i, n in enumerate(levels) if n.uncertain), NOT_MET)


def how(w: Weight) -> Values:
    """What a sentence says of a weight that may be wrong either way; nothing of any other."""
    return {"kg": Kg(w.kg), "how": w.reason} if w.validity == UNCERTAIN else {}


def told_uncertain(seen: Mapping[str, Any], compared: str) -> str:
    """Say a weight that may be wrong either way, and what it would be if it is right."""
    return (
        f"{kg_words(seen['kg'])} {seen['how']} ({long_date(seen['on'])}) may be wrong either way: weigh again today, "
        f"class III. If right, it is {compared}."
    )


def weighed_surely(at: At, opened: Outcome, levels: Sequence[LossLevel], judge: Callable[[At], Outcome]) -> str | None:
    """Id of the weight that closes a finding that rests on uncertain weights alone; None where there is none.

    A valid weight of that day or later that a professional took on a class III scale, where the rule is not met.
    """
    if at.open_level == NOT_MET or not levels[at.open_level].uncertain or opened.weight is None:
        return None
    sure = at.child.weights.on_class_iii_from(opened.weight.day)
    if sure is None:
        return None
    now = judge(at)
    return sure.id if now.level == NOT_MET and now.not_judged is None else None


def loses(level: Level) -> tuple[str, str]:
    """The threshold in words, of one child and of many, and not the child's own loss: that may be far rarer."""
    much = f"more than {level.threshold:g} %" if level.over else f"{level.threshold:g} % or more"
    return f"loses {much}", f"lose {much}"
