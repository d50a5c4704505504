"""How often healthy children, weighed as this one, meet a growth rule: said beside every growth finding.

A rule of a protocol is put as a rule on weights with the protocol's own thresholds (`GrowthKind.on_weights`),
and `growthwatch.growth.false_alarms` says what that costs.  What a finding rests on besides weights
(an illness, a sign, another finding) is no part of the rate, and the sentence says so.  Where
there is no rate, it says why.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from growthwatch.growth.false_alarm_table import World
from growthwatch.growth.false_alarms import between_words, false_alarm_rate
from growthwatch.protocol.child import Child
from growthwatch.protocol.kinds.kind import GrowthKind, Kind, Seen
from growthwatch.protocol.kinds.on_weights import Judged

__all__ = ["Healthy", "healthy", "since"]


_NO_AGE = "No false-alarm rate: without a birth date no age is known."


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
        until_days=None if judged.between is None else judged.between[1],
        level=judged.level,
        world=asked.world,
        gestation_days=asked.gestation_days,
        high_need=asked.high_need,
    )
    between = "" if judged.between is None else between_words(judged.between)
    said = replace(found, at_most=found.at_most or judged.at_most, between=between).said(*judged.does)
    return said if math.isnan(found.rate) or not judged.besides else f"{said} {judged.besides}"


def since(rule: Kind, raised: Sequence[tuple[int, int]], seen: Seen, child: Child) -> int:
    """The day from which on a finding has asked of weights what it asks now: that of its opening, or of a raise.

    What a level asks besides weights (whether it falls, a sign) makes it no rarer among healthy children.
    """
    day, level = raised[-1]
    if not isinstance(rule, GrowthKind) or len(raised) == 1:
        return day
    asked = rule.on_weights(level, seen, child, ())
    for before, n in reversed(raised[:-1]):
        if rule.on_weights(n, seen, child, ()) != asked:
            break
        day = before
    return day


def healthy(rule: Kind, level: int, seen: Seen, child: Child, day: int) -> Healthy | None:
    """What to ask for a finding; None where the rule is not about growth.

    Parameters
    ----------
    rule, level, seen
        What fired, how gravely, on which numbers.
    child
        Whose weighing pattern counts: weights up to `day` that count.
    day
        The day on which the finding opened, or reached this level.
    """
    if not isinstance(rule, GrowthKind):
        return None
    birth = child.ages.birth
    if birth is None:
        return Healthy(_NO_AGE, (), None, child.conditions.high_need, rule.world(child, day))
    born = birth.gestation_days
    ages = tuple(w.age_days for w in child.weights.valid if w.day <= day)
    judged = rule.on_weights(level, seen, child, ages)
    return Healthy(judged, ages, born, child.conditions.high_need, rule.world(child, day))
