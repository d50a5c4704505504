"""Levels of loss, in per cent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from growthwatch.growth.rules import Level
from growthwatch.protocol.child.columns import Flags
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import (
    Percent,
    rising,
)
from growthwatch.protocol.kinds.weights import HAIR, exact
from growthwatch.references.distributions import Floats

__all__ = ["LossLevel", "loses", "loss_faults"]


class LossLevel(RuleLevel):
    """A level of loss."""

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
    """Each level must say one loss, and levels must grow graver."""
    out = [
        f"level {n.name}: expected one of loss_over_percent and loss_at_least_percent"
        for n in levels[needed_from:]
        if (n.loss_over_percent is None) == (n.loss_at_least_percent is None)
    ]
    return out + rising("loss of the levels", [n.loss_over_percent or n.loss_at_least_percent for n in levels])


def loses(level: Level) -> tuple[str, str]:
    """The threshold in words, of one child and of many, and not the child's own loss: that may be far rarer."""
    much = f"more than {level.threshold:g} %" if level.over else f"{level.threshold:g} % or more"
    return f"loses {much}", f"lose {much}"
