"""Kinds about levels on the chart, and about falls on that of a condition."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import (
    fit_words,
    kg_words,
    list_words,
    long_date,
    one_line,
    spaces_words,
    z_words,
)
from growthwatch.growth.false_alarm_table import World
from growthwatch.growth.rules import BirthLine, GrowthRule, Level
from growthwatch.growth.steps import fall as below
from growthwatch.protocol.child import Child, Plan, Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import (
    Days,
    Flag,
    Lines,
    Loudness,
    Number,
    Whole,
)
from growthwatch.protocol.kinds.gain import RunningEvidence
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
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
from growthwatch.protocol.kinds.plans import OnPlan, moving, on_plan, on_which, plan_days, told
from growthwatch.protocol.kinds.weights import (
    HAIR,
    SPACE,
    TINY,
    day_notes,
    doubted,
    early,
    evidence_after,
    fit_after,
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
from growthwatch.references import Reference

__all__ = ["BelowLine", "FallOnCondition"]


class LineLevel(RuleLevel):
    """A level of being below a line."""

    falling_more_than_spaces: Number | None = Field(default=None, gt=0)


class BelowLine(GrowthKind):
    """G4, G5: a level test against a centile line (in centile spaces from the median).

    A level may ask for falling too: see `growthwatch.protocol.child.growth.Growth.fallen`.
    """

    KIND = "below_line"
    VERSION = 2
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "conditions", "days"})
    always_on_condition: Flag = False
    line: Lines = Field(lt=0)
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
        outcomes = [self._judge_weight(at, w, child.ages.birth.event) for w in judged_weights(child)]
        outcome = gravest(child, outcomes) if outcomes else Outcome()
        outcome.wakes = (*outcome.wakes, *plan_days(child, at.day))
        return outcome

    def _judge_weight(self, at: At, w: Weight, birth_event: str) -> Outcome:
        child = at.child
        if early(child, w, self.from_age_days, self.preterm_from_gestation_days):
            return Outcome()
        moved, of_day = self._on(child, at.day, w), child.growth.reading(w)
        z = child.growth.z(w) if moved is None else moved.z(w)
        if z is None:
            return Outcome(not_judged=unscored(w))
        values: Values = {
            "kg": Kg(of_day.kg),
            **doubted(w),
            "on": Day(w.day),
            "z": Z(z),
            "limit_z": Z(self._z),
            **told(child, moved, w),
        }
        met, opened = z < self._z - TINY, at.open.get(self.id)
        level, witness = 0 if met else NOT_MET, [birth_event, *of_day.ids]
        falls = any(rule.falling_more_than_spaces is not None for rule in self.levels) and (met or at.open_level > 0)
        fallen = child.growth.fallen(w, None if opened is None else opened.opened_on) if falls else None
        for i, rule in enumerate(self.levels):
            if rule.falling_more_than_spaces is None or fallen is None:
                continue
            if fallen[0] < -rule.falling_more_than_spaces * SPACE - TINY:
                level = i if met else NOT_MET
                values |= {"change": Z(fallen[0]), "since": Day(fallen[1].day)}
                start = child.weights.valid_place(fallen[1].weights[0])
                witness = [birth_event, *(v.id for v in child.weights.valid[start:]), w.id]
                if at.open_since is not None:
                    witness += at.open_since.witness  # it may be since this finding opened
        if not met:
            return Outcome(NOT_MET, values, tuple(dict.fromkeys(witness)), weight=w)
        notes = day_notes(child, w) + (() if moved is not None else self._table_change(child, w, z))
        witness += [] if moved is None else moved.witness
        return Outcome(level, values, tuple(dict.fromkeys(witness)), weight=w, notes=notes, waits=too_low(w))

    def _on(self, child: Child, day: int, w: Weight) -> OnPlan | None:
        """The plan's reference on which a weight is judged: it moves tests, or is below its line always."""
        found = on_plan(child, day)
        z = None if found is None else found.z(w)
        if found is None or z is None:
            return None
        below_line = self.always_on_condition and z < self._z - TINY
        return found if found.moves or below_line else None

    def _table_change(self, child: Child, w: Weight, z: float) -> tuple[str, ...]:
        """Say so if only the change of table makes the test true (same weight, next day)."""
        jump = child.growth.table_jump(w)
        if jump is not None and z - jump[0] >= self._z - TINY:
            return (
                f"Only a change of table makes this true ({jump[1]}): the same weight a day before was above the line.",
            )
        return ()

    def say(self, seen: Seen, level: int) -> str:
        """Say where the weight lies."""
        limit = seen["limit_z"]
        line = next((n.ordinal for n in UK_NINE.lines if abs(n.z - limit) < TINY), None)
        name = f"the {line} centile line" if line is not None else f"z {limit:.2f}"
        # One word for one place, here and in every other sentence: what is near a line is on it.
        place, z = UK_NINE.describe(seen["z"]), z_words(seen["z"], limit)
        text = f"{kg_words(seen['kg'])}{if_right(seen)} on {long_date(seen['on'])} is {place} (z {z}"
        if line is not None and limit - seen["z"] <= float(UK_NINE.on_within):
            text += f"; {name} is z {z_words(limit)})"
        else:
            text += ")" if line is not None and line in place else f"), below {name}"
        if "change" in seen and level > 0:
            text += f", and fell {spaces_words(-seen['change'] / SPACE)} since {long_date(seen['since'])}"
        return f"{text}.{on_which(seen)}"

    def has_fallen(self, level: int, seen: Seen) -> bool | None:
        """Whether the latest weight falls, where the level asks for it."""
        return None if self.levels[level].falling_more_than_spaces is None else "change" in seen

    def loudness_at(self, level: int, seen: Seen) -> Loudness:
        """A level of falling is loud while the latest valid weight falls; else as one that does not ask for it."""
        own = [n for n in self.levels[: level + 1] if n.falling_more_than_spaces is None or "change" in seen]
        return own[-1].loudness if own else self.levels[level].loudness

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether a weight is at or above the line."""
        if child.as_either:
            return inside_whichever(self.inside, child, weight, opened)
        on = self._on(child, child.day, weight)
        z = weight.z if on is None else on.z(weight)
        return None if z is None else z >= self._z - TINY

    def may_meet(self, followed: Followed) -> Flags:
        """A weight below the line."""
        return (followed.age_days >= self.from_age_days) & (followed.z <= self._z + HAIR)

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """Being below the line, and falling where the level asks for it."""
        return Judged(self._on_weights(level, child))

    def _on_weights(self, level: int, child: Child) -> GrowthRule:
        own = self.levels[level]
        falling, terms = own.falling_more_than_spaces, child.settings.terms
        line = Level(
            name=own.name,
            threshold=self._z,
            over=True,
            falling_spaces=None if falling is None else float(falling),
            falling_within_days=terms.falling_within_days if falling is not None else 0,
            falling_least_days=terms.falling_least_days if falling is not None else 0,
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

    def world(self, child: Child, day: int) -> World:
        """Among which healthy children: of its own where a plan moves it to a reference of theirs."""
        return "own" if moving(child, day) is not None else super().world(child, day)

    @property
    def moves_with_plan(self) -> bool:
        """It is a level test."""
        return True


class FallOnCondition(GrowthKind):
    """G3c: a fall from the best position held on the reference of a condition, with another reason to worry."""

    KIND = "fall_on_condition"
    VERSION = 2
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
        ref, why = child.condition_reference(plan.reference or "")
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
        of_day = child.growth.reading(w)
        values: Values = {
            "kg": Kg(of_day.kg),
            **doubted(w),
            "on": Day(w.day),
            "z": Z(here),
            "best_z": Z(held.z),
            "since": Day(first.day),
            "best_on": Day(until.day),
            "fall_spaces": Spaces(fall),
            "limit_spaces": Spaces(self.spaces),
            "reference": ref.id,
            "reference_hash": ref.label.hash,
        }
        if fall < self.spaces - TINY:
            return Outcome(NOT_MET, values, (plan.id, *of_day.ids), weight=w)
        start = child.weights.valid_place(first.weights[0])
        born = child.weights.birth_weight  # it may be what chose the table
        chose = [born.id] if born is not None and ref.table_by == "birth_weight_g" else []
        witness = [plan.id, child.ages.birth.event, *chose, *(v.id for v in child.weights.valid[start:]), w.id]
        ratio = evidence_after(child, child.weights.valid[-1]) if child.weights.valid else None
        values["ratio"] = None if ratio is None else Ratio(ratio)
        fit = fit_after(child, child.weights.valid[-1]) if ratio is not None else None
        values["fit"] = values["ratio"] if fit is None else Ratio(fit)
        # A loss that only a weight shows which may be wrong either way asks for another weight, and for nothing else.
        others = tuple(id for id in self.or_open if id in at.open and not at.open[id].uncertain)
        values["open"] = others
        for id in others:
            witness += at.open[id].outcome.witness
        enough = ratio is not None and ratio >= self.evidence_at_least
        if enough and not others:
            witness += [v.id for v in child.weights.valid]
        level = 0 if enough or others else NOT_MET
        notes, ids = day_notes(child, w), tuple(dict.fromkeys(witness))
        return Outcome(level, values, ids, weight=w, notes=notes, waits=too_low(w))

    def say(self, seen: Seen, level: int) -> str:
        """Say the fall on the condition's reference, and what else is there."""
        why = [f"{id} is open" for id in seen["open"]]
        if seen["ratio"] is not None and seen["ratio"] >= self.evidence_at_least:
            why.append(f"the weights {fit_words(seen.get('fit') or seen['ratio'])} on the general reference")
        return (
            f"{kg_words(seen['kg'])}{if_right(seen)} on {long_date(seen['on'])} is "
            f"{spaces_words(seen['fall_spaces'])} below the best position held, on the reference of the signed plan "
            f"({seen['reference']}): that was from "
            f"{long_date(seen['since'])} to {long_date(seen['best_on'])}. And {list_words(why)}. "
            "The condition does not explain a fall on its own reference."
        )

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether a weight is less than the threshold below the best position held, on the finding's reference."""
        ref = child.condition_reference(str(opened.values.get("reference", "")))[0]
        found = None if ref is None else child.growth.position_on(ref, weight, self.sustained_least_days, alone=True)
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
