"""G14: gain that is not growth: fluid, and a child at high need who grows too fast."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import days_words, list_words, long_date, spaces_words, z_words
from growthwatch.growth.model import weight_model
from growthwatch.protocol.child import Child, Weight, months_after
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.child.fluid import fluid, said_of_oedema
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Flag, Months, Number, Text, Whole
from growthwatch.protocol.kinds.heights import bmi_z, for_length_z, is_standing
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
    Count,
    Day,
    Kind,
    Matter,
    Outcome,
    Seen,
    Spaces,
    Topic,
    Values,
    Z,
)
from growthwatch.protocol.kinds.weights import SPACE, TINY, no_birth
from growthwatch.record import Condition

__all__ = ["FastGain", "FluidGain"]


class FluidGain(Kind):
    """G14a: where something names fluid, more gain than growth explains.

    Source: specification of the protocol, section 2, G14.
    """

    KIND = "fluid_gain"
    ABOUT: ClassVar[Matter] = "growth"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "signs", "conditions"})
    z_above: Number = Field(gt=0)
    least_days: Whole = Field(gt=0)
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    @classmethod
    def figures(cls) -> dict[str, str]:
        """The model of healthy growth."""
        return {"weight-model": weight_model().hash}

    def judge(self, at: At) -> Outcome:
        """Judge the gain up to the latest valid weight, unless somebody has looked for swelling since."""
        child, w = at.child, at.child.growth.latest
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        named = {} if w is None else fluid(child, w, at.day)
        if w is None or not named:
            return Outcome()
        found = child.growth.conditional_gain(w, self.least_days)
        if found is None:
            return Outcome(weight=w)
        gain, before = found
        grams = int(((w.exact - before.lowest.exact) * 1000).to_integral_value())
        values: Values = {
            "on": Day(w.day),
            "grams": Count(grams),
            "days": Count(w.day - before.day),
            "gain_z": Z(gain),
            "limit_z": Z(self.z_above),
            "because": tuple(dict.fromkeys(named.values())),
        }
        start = child.weights.valid_place(before.weights[0])
        witness = (child.ages.birth.event, *named, *(v.id for v in child.weights.valid[start:] if v.place <= w.place))
        met = gain > self.z_above + TINY and said_of_oedema(child, w) is None
        return Outcome(0 if met else NOT_MET, values, tuple(dict.fromkeys(witness)), weight=w)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """An examination after the weight that says whether there is swelling."""
        weight = opened.weight
        now = None if weight is None else at.child.weights.by_id.get(weight.id, weight)
        return None if now is None else said_of_oedema(at.child, now)

    def may_meet(self, followed: Followed) -> Flags:
        """Never in a child of whom nothing else is known."""
        return followed.none()

    def say(self, seen: Seen, level: int) -> str:
        """Say how much in how long, what names fluid, and what to do."""
        return (
            f"TODAY. {seen['grams']} g in {days_words(seen['days'])} up to {long_date(seen['on'])} is more than growth "
            f"(conditional gain z {z_words(seen['gain_z'], seen['limit_z'])}), with {list_words(seen['because'])} "
            "recorded: look for swelling."
        )


class FastGain(Kind):
    """G14b: a child who is fed by tube or has high need rises fast, or is heavy for its length.

    Source: specification of the protocol, section 2, G14.
    """

    KIND = "fast_gain"
    ABOUT: ClassVar[Matter] = "growth"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "conditions", "requests", "days"})
    conditions: tuple[Condition, ...] = ()
    or_high_need: Flag
    spaces_over: Number = Field(gt=0)
    within_months: Months
    length_z_above: Number = Field(gt=0)
    bmi_from_months: Months
    for_length_below_months: Months
    for_length_on: Text
    length_within_days: Days
    not_again_months: Months
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def judge(self, at: At) -> Outcome:
        """Judge the latest valid weight."""
        child, w = at.child, at.child.growth.latest
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        asked = any(c in child.conditions.known for c in self.conditions) or (self.or_high_need and at.high_need)
        if w is None or not asked:
            return Outcome()
        last = next((f.closed_on for f in reversed(at.closed) if f.rule.id == self.id), None)
        again = None if last is None else months_after(last, self.not_again_months)
        wakes = () if again is None or again <= at.day else (again,)
        if wakes:
            return Outcome(weight=w, wakes=wakes)
        values: Values = {"on": Day(w.day), "limit_spaces": Spaces(self.spaces_over), "limit_z": Z(self.length_z_above)}
        witness = [child.ages.birth.event, *(k.event for k in child.conditions.known.values()), w.id]
        met = False
        since = months_after(w.day, -self.within_months)
        risen = child.growth.risen(w, since)
        if risen is not None:
            values |= {"risen_spaces": Spaces(risen[0] / SPACE), "since": Day(risen[1].day)}
            if risen[0] / SPACE > self.spaces_over + TINY:
                met = True
                start = child.weights.valid_place(risen[1].weights[0])
                witness += [v.id for v in child.weights.valid[start:] if v.place <= w.place]
        for measure, z, length in self._for_length(child, w):
            if z > self.length_z_above + TINY:
                met = True
                values |= {"measure": measure, "measure_z": Z(z)}
                witness.append(length)
        return Outcome(0 if met else NOT_MET, values, tuple(dict.fromkeys(witness)), weight=w)

    def _for_length(self, child: Child, w: Weight) -> list[tuple[str, float, str]]:
        """How heavy a weight is for the length nearest to it: the measure, its z, and the event of the length."""
        birth = child.ages.birth
        found = child.measures.length_near(w.day, self.length_within_days)
        if birth is None or birth.sex is None or found is None:
            return []
        out: list[tuple[str, float | None, str]] = []
        if w.day >= child.ages.mark(self.bmi_from_months):
            out.append(("BMI", bmi_z(child, w.kg, found.cm, w.age_days), found.id))
        if w.day < child.ages.mark(self.for_length_below_months):
            z = for_length_z(child, w.kg, found, w.day, self.for_length_on, self.bmi_from_months)
            standing = is_standing(child, w.day, found.position, self.bmi_from_months)
            out.append(("weight for height" if standing else "weight for length", z, found.id))
        return [(measure, z, id) for measure, z, id in out if z is not None]

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """A dietitian's review that is answered, from the day of the finding on."""
        mine = at.open.get(self.id)
        since = at.day if mine is None else mine.opened_on
        return next((r.id for r in at.child.replies.of_kind("dietetic_review") if r.day >= since), None)

    def may_meet(self, followed: Followed) -> Flags:
        """Never in a child of whom nothing else is known."""
        return followed.none()

    def say(self, seen: Seen, level: int) -> str:
        """Say how far the child has risen, or how heavy it is for its length."""
        out: list[str] = []
        if seen.get("risen_spaces", 0.0) > self.spaces_over + TINY:
            out.append(f"Risen {spaces_words(seen['risen_spaces'])} since {long_date(seen['since'])}.")
        if "measure" in seen:
            z = z_words(seen["measure_z"], seen["limit_z"])
            out.append(f"{seen['measure'][0].upper()}{seen['measure'][1:]} on {long_date(seen['on'])} is z {z}.")
        return f"{' '.join(out)} Ask the dietitian to look."
