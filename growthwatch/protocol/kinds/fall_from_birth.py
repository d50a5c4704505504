"""G3: the fall from the birth centile."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import (
    kg_words,
    long_date,
    spaces_words,
)
from growthwatch.growth.false_alarm_table import World
from growthwatch.growth.rules import BirthLine
from growthwatch.growth.steps import fall as below
from growthwatch.protocol.child import Child, Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import (
    Days,
    Lines,
    Months,
    Sourced,
    TierName,
    rising,
)
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
    Count,
    Day,
    GrowthKind,
    Kg,
    Outcome,
    Seen,
    Spaces,
    Topic,
    Values,
    Z,
)
from growthwatch.protocol.kinds.on_weights import Judged, packaged
from growthwatch.protocol.kinds.plans import moving, on_which, plan_days, told
from growthwatch.protocol.kinds.weights import (
    HAIR,
    SPACE,
    TINY,
    day_notes,
    doubted,
    early,
    gravest,
    if_right,
    inside_whichever,
    judged_weights,
    no_birth,
    on_chart,
    too_low,
    unscored,
    whichever_sex,
)

__all__ = ["FallFromBirth"]


_GESTATION_ASKED = (
    "the gestation and the birth weight cannot both be right, so that a fall from birth cannot be told: ask for the "
    "gestation first"
)


class FallThreshold(Sourced):
    """How many spaces count as a fall, by place of the birth weight (in centile spaces from the median)."""

    birth_below_lines: Lines | None = None
    birth_up_to_lines: Lines | None = None
    spaces: Lines = Field(gt=0)


class Confirm(Sourced):
    """When a fall is first confirmed by a second weight."""

    below_months: Months
    in_tier: TierName
    z_at_least_lines: Lines
    spaces_more: Lines = Field(gt=0)
    least_days: Days


class FallFromBirth(GrowthKind):
    """G3: fall from the birth centile, as NICE states it: published z at birth less published z now.

    A birth from `term_birth_from_gestation_days` on is read at 40 weeks, as the UK charts plot it; an earlier one
    at its gestation.  Of more than one valid weight on the day of birth the greatest counts.
    """

    KIND = "fall_from_birth"
    VERSION = 2
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "signs", "tier", "conditions", "days"})
    from_age_days: Days
    preterm_from_gestation_days: Days
    term_birth_from_gestation_days: Days
    thresholds: tuple[FallThreshold, ...] = Field(min_length=1)
    confirm: Confirm
    levels: tuple[RuleLevel, RuleLevel]

    def faults(self) -> list[str]:
        """Thresholds must rise with the birth weight, and the last must have no limit."""
        limits = [t.birth_below_lines if t.birth_up_to_lines is None else t.birth_up_to_lines for t in self.thresholds]
        out = rising("birth lines of the thresholds", limits)
        if limits[-1] is not None or None in limits[:-1]:
            out.append("thresholds: expected a limit on each but the last")
        return out

    def _spaces(self, birth_z: float) -> float:
        for t in self.thresholds:
            if t.birth_below_lines is not None and birth_z < t.birth_below_lines * SPACE - TINY:
                return t.spaces
            if t.birth_up_to_lines is not None and birth_z <= t.birth_up_to_lines * SPACE + TINY:
                return t.spaces
            if t.birth_below_lines is None and t.birth_up_to_lines is None:
                return t.spaces
        return self.thresholds[-1].spaces

    def _birth_z(self, child: Child) -> float | None:
        first, facts, birth = child.weights.birth_weight, child.growth.facts, child.ages.birth
        if first is None or facts is None or birth is None:
            return None
        z = float((facts.birth_z if self._at_gestation(birth.gestation_days) else facts.term_birth_z)[first.row])
        return z if z == z else None

    def _at_gestation(self, days: int | None) -> bool:
        """Whether a birth is read at its gestation."""
        return days is not None and days < self.term_birth_from_gestation_days

    def _born_at(self, child: Child) -> str:
        """How the birth centile was read, where that was not at 40 weeks."""
        days = child.ages.birth.gestation_days if child.ages.birth is not None else None
        return f" for {days // 7} weeks + {days % 7}" if days is not None and self._at_gestation(days) else ""

    def judge(self, at: At) -> Outcome:
        """Judge the latest weight against birth."""
        child = at.child
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        if child.weights.gestation_doubted_by is not None:
            # At a gestation that the birth weight does not allow its z says nothing: that is asked about first.
            return Outcome(not_judged=_GESTATION_ASKED)
        if child.as_either:
            return whichever_sex(self.judge, at)
        outcomes = [self._judge_weight(at, w, child.ages.birth.event) for w in judged_weights(child)]
        outcome = gravest(child, outcomes) if outcomes else Outcome()
        outcome.wakes = (*outcome.wakes, *plan_days(child, at.day))
        return outcome

    def _judge_weight(self, at: At, w: Weight, birth_event: str) -> Outcome:
        child = at.child
        if early(child, w, self.from_age_days, self.preterm_from_gestation_days):
            return Outcome()
        first, birth_z = child.weights.birth_weight, self._birth_z(child)
        here, moved, of_day = child.growth.z(w), moving(child, at.day, w), child.growth.reading(w)
        if moved is not None and first is not None:
            here, birth_z = moved.z(w), moved.birth_z(first)
            if birth_z is None:
                return Outcome(
                    not_judged=f"a signed plan moves it to {moved.reference.id}, which has no weight at birth"
                )
        if first is None:
            return Outcome(not_judged="no valid birth weight is recorded, so a fall from birth cannot be seen")
        if birth_z is None:
            return Outcome(not_judged="the birth weight has no z on this reference")
        if here is None:
            return Outcome(not_judged=unscored(w))
        spaces = self._spaces(birth_z)
        fall = below(birth_z, here) / SPACE
        values: Values = {
            "kg": Kg(of_day.kg),
            **doubted(w),
            "on": Day(w.day),
            "z": Z(here),
            "birth_kg": Kg(first.kg),
            "birth_z": Z(birth_z),
            "born_at": self._born_at(child),
            "fall_spaces": Spaces(fall),
            "limit_spaces": Count(spaces) if spaces == int(spaces) else Spaces(spaces),
            **told(child, moved, w),
        }
        if fall < spaces - TINY:
            return Outcome(NOT_MET, values, (first.id, *of_day.ids), weight=w)
        level, witness = 1, [birth_event, first.id, *of_day.ids, *(() if moved is None else moved.witness)]
        opened = at.open_since.weight if at.open_since is not None else None
        notes = day_notes(child, w)
        if at.open_level == 0:
            deferred = self._still_deferred(at, w, opened, fall, spaces)
            if not deferred and opened is not None:
                witness.append(opened.id)
                # What let it wait at first is part of why it opened then.
                witness += (at.open_since.own or ()) if at.open_since is not None else ()
            level = 0 if deferred else 1
        elif at.open_level < 0 and (none := self._may_wait(at, w, here, fall, spaces)) is not None:
            level = 0
            witness.append(none)
        ill = child.signs.ill_near(w.day)
        if ill is not None:
            witness.append(ill)
        wakes = (child.ages.mark(self.confirm.below_months),) if level == 0 else ()
        low, ids = too_low(w), tuple(dict.fromkeys(witness))
        return Outcome(level, values, ids, weight=w, notes=notes, wakes=wakes, waits=low)

    def _may_wait(self, at: At, w: Weight, z: float, fall: float, spaces: float) -> str | None:
        """Id of the event that records danger signs as none, where a fall is confirmed first; else None."""
        child, c = at.child, self.confirm
        waits = (
            w.day < child.ages.mark(c.below_months)
            and at.day < child.ages.mark(c.below_months)
            and at.tier == c.in_tier
            and z >= c.z_at_least_lines * SPACE - TINY
            and fall < spaces + c.spaces_more - TINY
            and child.signs.ill_near(w.day) is None
        )
        return child.signs.no_danger_on(w.day) if waits else None

    def _still_deferred(self, at: At, w: Weight, opened: Weight | None, fall: float, spaces: float) -> bool:
        """Whether a fall that is still met waits to be confirmed.

        Not by a second valid weight so long after the first, nor where it is deeper by so much, nor from the age or
        the tier on in which none waits.
        """
        c = self.confirm
        if fall >= spaces + c.spaces_more - TINY:
            return False
        second = opened is None or w.day - opened.day >= c.least_days
        over = second or at.tier != c.in_tier or at.day >= at.child.ages.mark(c.below_months)
        return not (w.counts and over)

    def say(self, seen: Seen, level: int) -> str:
        """Say the fall in centile spaces, from what to what."""
        text = (
            f"{kg_words(seen['kg'])}{if_right(seen)} on {long_date(seen['on'])} is "
            f"{spaces_words(seen['fall_spaces'])} below birth: {UK_NINE.describe(seen['z'])}, "
            f"born {UK_NINE.describe(seen['birth_z'])}{seen['born_at']}. "
            f"The threshold at this birth weight is {seen['limit_spaces']:g}.{on_which(seen)}"
        )
        return text + (
            " To be confirmed by a second weight: that day nobody found a danger sign." if level == 0 else ""
        )

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether a weight is less than the threshold below birth."""
        if child.weights.gestation_doubted_by is not None:
            return None
        if child.as_either:
            return inside_whichever(self.inside, child, weight, opened)
        here, birth_z = weight.z, self._birth_z(child)
        moved, first = moving(child, child.day, weight), child.weights.birth_weight
        if moved is not None and first is not None and moved.birth_z(first) is not None:
            here, birth_z = moved.z(weight), moved.birth_z(first)
        if here is None or birth_z is None:
            return None
        return below(birth_z, here) / SPACE < self._spaces(birth_z) - TINY

    def may_meet(self, followed: Followed) -> Flags:
        """A fall by the threshold of the birth weight, or of one a hair away."""
        term = ~(followed.gestation_days < self.term_birth_from_gestation_days)
        at_birth = np.where(term, followed.term_birth_z, followed.birth_z)
        births, at = np.unique(at_birth, return_inverse=True)
        near = [(z - HAIR, z + HAIR) if z == z else () for z in births.tolist()]
        least = np.array([min(map(self._spaces, zs), default=np.inf) for zs in near])[at] * SPACE
        return (followed.age_days >= self.from_age_days) & (at_birth - followed.z >= least - HAIR)

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """The fall alone, confirmed or not."""
        lines = tuple(
            BirthLine(below_lines=t.birth_below_lines, up_to_lines=t.birth_up_to_lines, spaces=float(t.spaces))
            for t in self.thresholds
        )
        start = on_chart(self.from_age_days, self.preterm_from_gestation_days)
        term_from = float(self.term_birth_from_gestation_days)
        return Judged(
            packaged("nice-fall-birth", None, birth_lines=lines, term_birth_from_gestation_days=term_from, **start)
        )

    def world(self, child: Child, day: int) -> World:
        """Among which healthy children: of its own where a plan moves it to a reference of theirs."""
        return "own" if moving(child, day) is not None else super().world(child, day)

    @property
    def moves_with_plan(self) -> bool:
        """It is a level test."""
        return True
