"""Kinds about levels and falls on the chart, the general one or that of a condition."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import (
    fit_words,
    kg_words,
    list_words,
    long_date,
    one_line,
    spaces_words,
)
from growthwatch.growth.false_alarm_table import World
from growthwatch.growth.rules import BirthLine, GrowthRule, Level
from growthwatch.growth.steps import fall as below
from growthwatch.protocol.child import Child, Plan, Weight, condition_reference
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import (
    Days,
    Months,
    Number,
    Sourced,
    TierName,
    Whole,
    rising,
)
from growthwatch.protocol.kinds.gain import RunningEvidence
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
    Count,
    Day,
    GrowthKind,
    Kg,
    Outcome,
    Ratio,
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
    born_at,
    early,
    evidence_after,
    gravest,
    inside_whichever,
    judged_weights,
    no_birth,
    on_chart,
    unscored,
    unsure,
    whichever_sex,
)
from growthwatch.references import Reference

__all__ = ["BelowLine", "FallFromBirth", "FallOnCondition"]


class FallThreshold(Sourced):
    """How many spaces count as a fall, by place of the birth weight (in centile spaces from the median)."""

    birth_below_lines: Whole | None = None
    birth_up_to_lines: Whole | None = None
    spaces: Whole = Field(gt=0)


class Confirm(Sourced):
    """When a fall is first confirmed by a second weight."""

    below_months: Months
    in_tier: TierName
    z_at_least_lines: Whole
    least_days: Days


class FallFromBirth(GrowthKind):
    """G3: fall from the birth centile, as NICE states it: published z at birth less published z now."""

    KIND = "fall_from_birth"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "signs", "tier"})
    from_age_days: Days
    preterm_from_gestation_days: Days
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

    def _spaces(self, birth_z: float) -> int:
        for t in self.thresholds:
            if t.birth_below_lines is not None and birth_z < t.birth_below_lines * SPACE - TINY:
                return t.spaces
            if t.birth_up_to_lines is not None and birth_z <= t.birth_up_to_lines * SPACE + TINY:
                return t.spaces
            if t.birth_below_lines is None and t.birth_up_to_lines is None:
                return t.spaces
        return self.thresholds[-1].spaces

    def _birth_z(self, child: Child) -> float | None:
        first = child.weights.birth_weight
        if first is None or child.growth.facts is None:
            return None
        z = float(child.growth.facts.birth_z[first.row])
        return z if z == z else None

    def judge(self, at: At) -> Outcome:
        """Judge the latest weight against birth."""
        child = at.child
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        if child.as_either:
            return whichever_sex(self.judge, at)
        outcomes = [self._judge_weight(at, w, child.ages.birth.event) for w in judged_weights(child)]
        return gravest(child, outcomes) if outcomes else Outcome()

    def _judge_weight(self, at: At, w: Weight, birth_event: str) -> Outcome:
        child = at.child
        if early(child, w, self.from_age_days, self.preterm_from_gestation_days):
            return Outcome()
        first, birth_z = child.weights.birth_weight, self._birth_z(child)
        if first is None:
            return Outcome(not_judged="no valid birth weight is recorded, so a fall from birth cannot be seen")
        if birth_z is None:
            return Outcome(not_judged="the birth weight has no z on this reference")
        if w.z is None:
            return Outcome(not_judged=unscored(w))
        spaces = self._spaces(birth_z)
        fall = below(birth_z, w.z) / SPACE
        values: Values = {
            "kg": Kg(w.kg),
            "on": Day(w.day),
            "z": Z(w.z),
            "birth_kg": Kg(first.kg),
            "birth_z": Z(birth_z),
            "born_at": born_at(child),
            "fall_spaces": Spaces(fall),
            "limit_spaces": Count(spaces),
        }
        if fall < spaces - TINY:
            return Outcome(NOT_MET, values, (first.id, w.id), weight=w)
        level, witness = 1, [birth_event, first.id, w.id]
        c = self.confirm
        deferred = (
            w.day < child.ages.mark(c.below_months)
            and at.tier == c.in_tier
            and w.z >= c.z_at_least_lines * SPACE - TINY
            and child.signs.ill_near(w.day) is None
        )
        if deferred and at.open_level < 1:
            opened = at.open_since.weight if at.open_since is not None else None
            if opened is None or w.day - opened.day < c.least_days:
                level = 0
            else:
                witness.append(opened.id)
        ill = child.signs.ill_near(w.day)
        if ill is not None:
            witness.append(ill)
        return Outcome(level, values, tuple(witness), weight=w, notes=unsure(w))

    def say(self, seen: Seen, level: int) -> str:
        """Say the fall in centile spaces, from what to what."""
        text = (
            f"{kg_words(seen['kg'])} on {long_date(seen['on'])} is {spaces_words(seen['fall_spaces'])} below "
            f"birth: {UK_NINE.describe(seen['z'])}, born {UK_NINE.describe(seen['birth_z'])}{seen['born_at']}. "
            f"The threshold at this birth weight is {seen['limit_spaces']}."
        )
        return text + (
            " To be confirmed by a second weight, as many healthy babies move this far." if level == 0 else ""
        )

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether a weight is less than the threshold below birth."""
        if child.as_either:
            return inside_whichever(self.inside, child, weight, opened)
        birth_z = self._birth_z(child)
        if weight.z is None or birth_z is None:
            return None
        return below(birth_z, weight.z) / SPACE < self._spaces(birth_z) - TINY

    def may_meet(self, followed: Followed) -> Flags:
        """A fall by the threshold of the birth weight, or of one a hair away."""
        births, at = np.unique(followed.birth_z, return_inverse=True)
        near = [(z - HAIR, z + HAIR) if z == z else () for z in births.tolist()]
        least = np.array([min(map(self._spaces, zs), default=np.inf) for zs in near])[at] * SPACE
        return (followed.age_days >= self.from_age_days) & (followed.birth_z - followed.z >= least - HAIR)

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """The fall alone, confirmed or not."""
        lines = tuple(
            BirthLine(below_lines=t.birth_below_lines, up_to_lines=t.birth_up_to_lines, spaces=float(t.spaces))
            for t in self.thresholds
        )
        start = on_chart(self.from_age_days, self.preterm_from_gestation_days)
        return Judged(packaged("nice-fall-birth", None, birth_lines=lines, **start))


class LineLevel(RuleLevel):
    """A level of being below a line."""

    falling_more_than_spaces: Number | None = Field(default=None, gt=0)


class BelowLine(GrowthKind):
    """G4, G5: a level test against a centile line (in centile spaces from the median)."""

    KIND = "below_line"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights"})
    line: Whole = Field(lt=0)
    from_age_days: Days
    preterm_from_gestation_days: Days
    levels: tuple[LineLevel, ...] = Field(min_length=1)

    @property
    def _z(self) -> float:
        return self.line * SPACE

    def judge(self, at: At) -> Outcome:
        """Judge the latest weight."""
        child = at.child
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        if child.as_either:
            return whichever_sex(self.judge, at)
        outcomes = [self._judge_weight(child, w, child.ages.birth.event) for w in judged_weights(child)]
        return gravest(child, outcomes) if outcomes else Outcome()

    def _judge_weight(self, child: Child, w: Weight, birth_event: str) -> Outcome:
        if early(child, w, self.from_age_days, self.preterm_from_gestation_days):
            return Outcome()
        if w.z is None:
            return Outcome(not_judged=unscored(w))
        values: Values = {"kg": Kg(w.kg), "on": Day(w.day), "z": Z(w.z), "limit_z": Z(self._z)}
        if w.z >= self._z - TINY:
            return Outcome(NOT_MET, values, (birth_event, w.id), weight=w)
        level, witness = 0, [birth_event, w.id]
        latest = child.growth.latest_change(w, child.settings.terms.falling_least_days)
        for i, rule in enumerate(self.levels):
            if rule.falling_more_than_spaces is None or latest is None:
                continue
            if latest[0] < -rule.falling_more_than_spaces * SPACE - TINY:
                level = i
                values |= {"change": Z(latest[0]), "since": Day(latest[1].day)}
                start = child.weights.valid_place(latest[1])
                witness = [birth_event, *(v.id for v in child.weights.valid[start:]), w.id]
        notes = unsure(w) + self._table_change(child, w)
        return Outcome(level, values, tuple(witness), weight=w, notes=notes)

    def _table_change(self, child: Child, w: Weight) -> tuple[str, ...]:
        """Say so if only the change of table makes the test true (same weight, next day)."""
        jump = child.growth.table_jump(w)
        if jump is not None and w.z is not None and w.z - jump[0] >= self._z - TINY:
            return (
                f"Only a change of table makes this true ({jump[1]}): the same weight a day before was above the line.",
            )
        return ()

    def say(self, seen: Seen, level: int) -> str:
        """Say where the weight lies."""
        limit = seen["limit_z"]
        line = next((n.ordinal for n in UK_NINE.lines if abs(n.z - limit) < TINY), None)
        name = f"the {line} centile line" if line is not None else f"z {limit:.2f}"
        text = f"{kg_words(seen['kg'])} on {long_date(seen['on'])} is "
        if limit - seen["z"] <= float(UK_NINE.on_within):
            text += f"just below {name} (z {seen['z']:.2f})"
        else:
            place = UK_NINE.describe(seen["z"])
            text += f"{place} (z {seen['z']:.2f})" + ("" if line is not None and line in place else f", below {name}")
        if "change" in seen and level > 0:
            text += f", and fell {spaces_words(-seen['change'] / SPACE)} since {long_date(seen['since'])}"
        return f"{text}."

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether a weight is at or above the line."""
        if child.as_either:
            return inside_whichever(self.inside, child, weight, opened)
        return None if weight.z is None else weight.z >= self._z - TINY

    def may_meet(self, followed: Followed) -> Flags:
        """A weight below the line."""
        return (followed.age_days >= self.from_age_days) & (followed.z <= self._z + HAIR)

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """Being below the line, and falling where the level asks for it."""
        return Judged(self._on_weights(level, child))

    def _on_weights(self, level: int, child: Child) -> GrowthRule:
        own = self.levels[level]
        falling = own.falling_more_than_spaces
        gap = child.settings.terms.falling_least_days if falling is not None else 0
        line = Level(
            name=own.name,
            threshold=self._z,
            over=True,
            falling_spaces=None if falling is None else float(falling),
            falling_least_days=float(gap),
        )
        return packaged("below-line", line, **on_chart(self.from_age_days, self.preterm_from_gestation_days))

    def dangers(self, child: Child) -> list[GrowthRule]:
        """Levels that are reached by falling alone."""
        out: list[GrowthRule] = []
        for level, own in enumerate(self.levels):
            if own.falling_more_than_spaces is not None:
                rule = self._on_weights(level, child)
                out.append(rule.model_copy(update={"id": f"{rule.id}-{self.id}-{level}"}))
        return out


class FallOnCondition(GrowthKind):
    """G3c: a fall from the best position held on the reference of a condition, with another reason to worry."""

    KIND = "fall_on_condition"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "conditions", "days", "open"})
    from_age_days: Days
    preterm_from_gestation_days: Days
    spaces: Number = Field(gt=0)
    sustained_least_days: Whole = Field(gt=0)
    evidence_at_least: Number = Field(gt=1)
    or_open: tuple[str, ...]
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    @classmethod
    def figures(cls) -> dict[str, str]:
        """The model of healthy growth, and the detector."""
        return RunningEvidence.figures()

    def leans_on(self) -> tuple[str, ...]:
        """The rules whose open findings are another reason to worry."""
        return self.or_open

    def judge(self, at: At) -> Outcome:
        """Judge the latest weight against the best position held, where a signed plan names a reference."""
        child = at.child
        plan = child.signed.condition_plan(at.day)
        if child.ages.birth is None or plan is None:
            return Outcome()
        ref, why = condition_reference(plan.reference or "")
        if ref is None:
            return Outcome(not_judged=f"the plan names {one_line(plan.reference or '')}: {why}")
        outcomes = [self._judge_weight(at, w, plan, ref) for w in judged_weights(child)]
        outcome = gravest(child, outcomes) if outcomes else Outcome()
        outcome.wakes = (plan.until + 1,)
        return outcome

    def _judge_weight(self, at: At, w: Weight, plan: Plan, ref: Reference) -> Outcome:
        child = at.child
        assert child.ages.birth is not None
        if early(child, w, self.from_age_days, self.preterm_from_gestation_days):
            return Outcome()
        found = child.growth.position_on(ref, w, self.sustained_least_days)
        if found is None:
            return Outcome(not_judged=f"the weight of {long_date(w.day)} cannot be followed on {ref.id}", weight=w)
        held, here = found
        first, until = held.since, held.until
        if held.z is None or first is None or until is None:
            return Outcome(weight=w)
        fall = below(held.z, here) / SPACE
        values: Values = {
            "kg": Kg(w.kg),
            "on": Day(w.day),
            "z": Z(here),
            "best_z": Z(held.z),
            "since": Day(first.day),
            "best_on": Day(until.day),
            "fall_spaces": Spaces(fall),
            "limit_spaces": Spaces(self.spaces),
            "reference": ref.id,
            "reference_hash": ref.hash,
        }
        if fall < self.spaces - TINY:
            return Outcome(NOT_MET, values, (plan.id, w.id), weight=w)
        start = child.weights.valid_place(first)
        witness = [plan.id, child.ages.birth.event, *(v.id for v in child.weights.valid[start:]), w.id]
        ratio = evidence_after(child, child.weights.valid[-1]) if child.weights.valid else None
        values["ratio"] = None if ratio is None else Ratio(ratio)
        others = tuple(id for id in self.or_open if id in at.open)
        values["open"] = others
        for id in others:
            witness += at.open[id].outcome.witness
        enough = ratio is not None and ratio >= self.evidence_at_least
        if enough and not others:
            witness += [v.id for v in child.weights.valid]
        level = 0 if enough or others else NOT_MET
        return Outcome(level, values, tuple(dict.fromkeys(witness)), weight=w, notes=unsure(w))

    def say(self, seen: Seen, level: int) -> str:
        """Say the fall on the condition's reference, and what else is there."""
        why = [f"{id} is open" for id in seen["open"]]
        if seen["ratio"] is not None and seen["ratio"] >= self.evidence_at_least:
            why.append(f"the weights {fit_words(seen['ratio'])} on the general reference")
        return (
            f"{kg_words(seen['kg'])} on {long_date(seen['on'])} is {spaces_words(seen['fall_spaces'])} below "
            f"the best position held, on the reference of the signed plan ({seen['reference']}): that was from "
            f"{long_date(seen['since'])} to {long_date(seen['best_on'])}. And {list_words(why)}. "
            "The condition does not explain a fall on its own reference."
        )

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether a weight is less than the threshold below the best position held, on the finding's reference."""
        ref = condition_reference(str(opened.values.get("reference", "")))[0]
        found = None if ref is None else child.growth.position_on(ref, weight, self.sustained_least_days)
        if found is None or found[0].z is None:
            return None
        return below(found[0].z, found[1]) / SPACE < self.spaces - TINY

    def may_meet(self, followed: Followed) -> Flags:
        """Never without a signed plan."""
        return followed.none()

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """The fall alone, on the reference of the condition."""
        any_birth = (BirthLine(spaces=float(self.spaces)),)
        held = {"sustained_days": float(self.sustained_least_days), "best_from_age_days": 0.0}
        start = on_chart(self.from_age_days, self.preterm_from_gestation_days)
        fall = packaged("nice-fall-best", None, birth_lines=any_birth, **held, **start)
        spaces = f"{self.spaces:g} centile space{'' if self.spaces == 1 else 's'} or more"
        does = (f"falls {spaces}", f"fall {spaces}")
        return Judged(fall, does=does, at_most=True, besides="This rule asks for more than the fall.")

    def world(self, child: Child, day: int) -> World:
        """Its reference is that of the child's condition."""
        return "own"

    @property
    def on_plan(self) -> bool:
        """It judges on the reference that a signed plan names."""
        return True
