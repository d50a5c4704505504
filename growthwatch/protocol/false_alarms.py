"""How often healthy children, weighed as this one, meet a growth rule: said beside every growth finding."""

from __future__ import annotations

from growthwatch.protocol.child import Child
from growthwatch.protocol.model import RuleBase

__all__ = ["false_alarm_words"]


def false_alarm_words(rule: RuleBase, level: int, child: Child, day: int) -> str | None:
    """Say the simulated share of healthy children who meet a rule; None where no figure is known.

    Parameters
    ----------
    rule, level
        What fired, and how gravely.
    child
        Whose weighing pattern counts.
    day
        The day on which the finding opened: only weights up to it count.
    """
    return None
