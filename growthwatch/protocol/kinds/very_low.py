"""G13: a weight far below all lines."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import kg_words, long_date, spaces_words, z_words
from growthwatch.growth.rules import GrowthRule, Level
from growthwatch.protocol.child import Child, Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.child.fluid import grown
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Flag, Months, Number, Sourced, Text
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
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
from growthwatch.protocol.kinds.weights import (
    HAIR,
    SPACE,
    TINY,
    day_notes,
    early,
    inside_whichever,
    no_birth,
    on_chart,
    unscored,
    whichever_sex,
)
from growthwatch.record import Condition

__all__ = ["VeryLow"]


class OtherLimit(Sourced):
    """Another limit for children of a condition up to an age, unless another condition is known beside it."""

    condition: Condition
    below_months: Months
    z_below: Number
    unless: tuple[Condition, ...] = ()


class LowLevel(RuleLevel):
    """A level of being very low.

    Attributes
    ----------
    by_table
        Met by a change of table alone.
    steady
        Reached when the child no longer falls, for so long.
    """

    by_table: Flag = False
    steady: Flag = False


class VeryLow(GrowthKind):
    """G13: z below -3 on a valid weight, whatever any plan says.

    *danger* when first known, while falling, or with a danger sign; *table* where a change of table alone makes it
    so; *steady* after a run of valid weights that no longer fall: the one level to which a finding falls back.
    Source: specification of the protocol, section 2, G13.
    """

    KIND = "very_low"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "conditions", "open"})
    z_below: Number = Field(lt=0)
    others: tuple[OtherLimit, ...] = ()
    from_age_days: Days
    preterm_from_gestation_days: Days
    falling_more_than_spaces: Number = Field(gt=0)
    steady_days: Days
    steady_within_spaces: Number = Field(gt=0)
    danger_rule: Text
    levels: tuple[LowLevel, LowLevel, LowLevel]

    def faults(self) -> list[str]:
        """One level by the table, one steady, and the gravest, which is neither."""
        kinds = [(n.by_table, n.steady) for n in self.levels]
        if kinds == [(True, False), (False, True), (False, False)]:
            return []
        return ["levels: expected one with by_table, then one with steady, then the gravest with neither"]

    def leans_on(self) -> tuple[str, ...]:
        """The rule of danger signs."""
        return (self.danger_rule,)

    def limit(self, child: Child, day: int) -> float:
        """The z below which a weight of a day is very low [SD]."""
        known = child.conditions.known
        for other in self.others:
            if other.condition in known and day < child.ages.mark(other.below_months):
                return self.z_below if any(c in known for c in other.unless) else other.z_below
        return self.z_below

    def judge(self, at: At) -> Outcome:
        """Judge the latest valid weight."""
        child, w = at.child, at.child.growth.latest
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        if child.as_either:
            return whichever_sex(self.judge, at)
        if w is None or early(child, w, self.from_age_days, self.preterm_from_gestation_days):
            return Outcome()
        z, of_day, limit = child.growth.z(w), child.growth.reading(w), self.limit(child, w.day)
        if z is None:
            return Outcome(not_judged=unscored(w))
        values: Values = {"kg": Kg(of_day.kg), "on": Day(w.day), "z": Z(z), "limit_z": Z(limit)}
        named = tuple(known.event for known in child.conditions.known.values())
        witness = [child.ages.birth.event, *named, *of_day.ids]
        if z >= limit - TINY:
            return Outcome(NOT_MET, values, tuple(witness), weight=w)
        opened = at.open.get(self.id)
        fallen = child.growth.fallen(w, None if opened is None else opened.opened_on)
        falling = fallen is not None and fallen[0] < -self.falling_more_than_spaces * SPACE - TINY
        danger = at.open.get(self.danger_rule)
        notes = day_notes(child, w)
        if falling and fallen is not None:
            values |= {"change": Z(fallen[0]), "since": Day(fallen[1].day)}
            start = child.weights.valid_place(fallen[1].weights[0])
            witness += [v.id for v in child.weights.valid[start:] if v.place <= w.place]
            if at.open_since is not None:
                witness += at.open_since.witness
        if danger is not None:
            values["sign"] = True
            witness += danger.outcome.witness
        gravest = len(self.levels) - 1
        if falling or danger is not None:
            level = gravest
        elif opened is None:
            jump = child.growth.table_jump(w)
            by_table = jump is not None and z - jump[0] >= limit - TINY
            level = 0 if by_table else gravest
            values["first"] = True
            if jump is not None and by_table:
                witness += [v.id for v in child.weights.valid[: child.weights.valid_place(w)][-1:]]
                notes += (f"Only a change of table makes this true ({jump[1]}).",)
        else:
            level, (held, risen) = at.open_level, self._held(at, w, opened.opened_on)
            if level == gravest and held:
                level = 1
            if level == 1:
                values["risen_spaces"] = Spaces(risen)
            if at.open_since is not None:
                # That it no longer falls is so since it opened: all that counted from then on tells.
                witness += at.open_since.witness
                witness += [v.id for v in child.weights.valid if v.day >= opened.opened_on and v.place <= w.place]
        return Outcome(level, values, tuple(dict.fromkeys(witness)), weight=w, notes=notes)

    def _held(self, at: At, w: Weight, opened_on: int) -> tuple[bool, float]:
        """Whether the child has held its place for long enough since the opening, and how far z has come [spaces]."""
        least = -self.steady_within_spaces * SPACE - TINY
        held = at.child.growth.held_since(w, opened_on, least)
        if held is None:
            return False, 0.0
        return grown(at.child, w, at.day) and held[0] >= self.steady_days, held[1] / SPACE

    def falls_to(self, at: At, outcome: Outcome) -> int | None:
        """From danger to steady, and nowhere else."""
        gravest = len(self.levels) - 1
        return outcome.level if at.open_level == gravest and outcome.level == 1 else None

    def eases(self, level: int) -> bool:
        """Steady: the child is weighed as in the tier that the level asks for."""
        return self.levels[level].steady

    def say(self, seen: Seen, level: int) -> str:
        """Say how low, why now, and what to do."""
        limit = seen["limit_z"]
        text = (
            f"{kg_words(seen['kg'])} on {long_date(seen['on'])} is z {z_words(seen['z'], limit)}, "
            f"below {z_words(limit)} SDS"
        )
        if "change" in seen:
            text += f", and fell {spaces_words(-seen['change'] / SPACE)} since {long_date(seen['since'])}"
        if "sign" in seen:
            text += ", and a danger sign is not answered"
        if level == len(self.levels) - 1:
            return f"TODAY. {text}. Ring paediatrics."
        if level == 0:
            return f"{text}. A paediatrician says what the plan is."
        how = "rising" if seen.get("risen_spaces", 0.0) > self.steady_within_spaces + TINY else "not rising"
        return f"Very low, {how}: {text}. A paediatrician says what the plan is."

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether a weight is at or above the limit of its age."""
        if child.as_either:
            return inside_whichever(self.inside, child, weight, opened)
        return None if weight.z is None else weight.z >= self.limit(child, weight.day) - TINY

    def may_meet(self, followed: Followed) -> Flags:
        """A weight below the limit."""
        return (followed.age_days >= self.from_age_days) & (followed.z <= self.z_below + HAIR)

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """Being below the limit, falling or not."""
        return Judged(self._on_weights(seen), besides="Whether it is new, falling or steady is not part of this rate.")

    def _on_weights(self, seen: Seen) -> GrowthRule:
        line = Level(name="below", threshold=float(seen.get("limit_z", self.z_below)), over=True)
        return packaged("below-line", line, **on_chart(self.from_age_days, self.preterm_from_gestation_days))
