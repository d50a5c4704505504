"""G11: wasting, by weight for length, by the arm, or by swelling."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from pydantic import Field

from growthwatch.core.words import list_words, long_date, same_name, z_words
from growthwatch.protocol.child import Child, Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.child.measures import Taken
from growthwatch.protocol.child.signs import OedemaSeen
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Flag, Months, Number, Text
from growthwatch.protocol.kinds.heights import for_length_z, is_standing
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
    Cm,
    Day,
    GrowthKind,
    Kg,
    Outcome,
    Seen,
    Topic,
    Values,
    Z,
)
from growthwatch.protocol.kinds.weights import TINY, after, day_notes, no_birth
from growthwatch.record import Role

__all__ = ["Wasting"]

_WEIGHT, _ARM, _OEDEMA = "weight for length", "arm", "oedema"


class WastingLevel(RuleLevel):
    """A level of wasting.

    Attributes
    ----------
    z_below
        z of weight for length or height below which it is met [SD].
    arm_below_cm
        Arm circumference below which it is met [cm].
    oedema
        Whether swelling meets it.
    """

    z_below: Number = Field(lt=0)
    arm_below_cm: Number = Field(gt=0)
    oedema: Flag = False


class _Pair(NamedTuple):
    """A weight and the length taken before it; the higher and the lower z of the sexes that the child may be."""

    weight: Weight
    taken: Taken
    high: float
    low: float


class Wasting(GrowthKind):
    """G11: a child is thin for its length, has a thin arm, or swells.

    Weight for length is that of the latest valid weight with a length of the days before it; the arm is the latest
    one that was measured, at the ages at which it is judged.  It closes when each measure by which it opened has
    recovered.  Source: specification of the process, section 3, G11.
    """

    KIND = "wasting"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "signs", "measures"})
    on: Text
    below_months: Months
    standing_from_months: Months
    length_within_days: Days
    arm_from_months: Months
    arm_below_months: Months
    closing_roles: tuple[Role, ...] = Field(min_length=1)
    levels: tuple[WastingLevel, ...] = Field(min_length=1)

    def faults(self) -> list[str]:
        """Levels must grow graver in both measures."""
        z, arm = [n.z_below for n in self.levels], [n.arm_below_cm for n in self.levels]
        falls = [sorted(set(x), reverse=True) == x for x in (z, arm)]
        names = [n for n, ok in zip(("z_below", "arm_below_cm"), falls, strict=True) if not ok]
        return [f"levels: expected {name} to fall from level to level" for name in names]

    # --- what there is ----------------------------------------------------------------

    def _pair(self, child: Child) -> _Pair | None:
        """The latest valid weight with a length of the days before it, as it is read: the median of its day."""
        if child.measures.lengths.last is None:
            return None
        for of_day in reversed(child.growth.days):
            found = self._on(child, of_day.lowest, of_day.kg)
            if found is not None:
                return found
        return None

    def _on(self, child: Child, w: Weight, kg: float) -> _Pair | None:
        """A weight for the length before it; None without one, or where it has no z."""
        if child.ages.birth is None or w.day >= child.ages.mark(self.below_months):
            return None
        taken = child.measures.latest("height", w.day, greatest=True)
        if taken is None or w.day - taken.day > self.length_within_days:
            return None
        zs = [
            for_length_z(c, kg, taken, w.day, self.on, self.standing_from_months) for c in child.as_either or (child,)
        ]
        there = [z for z in zs if z is not None]
        return _Pair(w, taken, max(there), min(there)) if len(there) == len(zs) else None

    def _arm(self, child: Child, day: int) -> Taken | None:
        """The latest arm, if it was measured at an age at which it is judged."""
        taken = None if child.ages.birth is None else child.measures.latest("arm", day)
        if taken is None:
            return None
        ages = child.ages.mark(self.arm_from_months), child.ages.mark(self.arm_below_months)
        return taken if ages[0] <= taken.day < ages[1] else None

    def _answer(self, child: Child, seen: OedemaSeen) -> OedemaSeen | None:
        """First examination after swelling that finds none, by one who may say so and did not record it."""
        answers = [
            x
            for x in child.signs.oedema
            if x.examined
            and not x.present
            and x.role in self.closing_roles
            and same_name(x.actor) != same_name(seen.actor)
            and (_later(x, seen) or seen.id in x.answers or any(a.partition("@")[0] == self.id for a in x.answers))
        ]
        return min(answers, key=lambda x: (x.known_day, x.day, x.moment), default=None)

    # --- judging ----------------------------------------------------------------------

    def judge(self, at: At) -> Outcome:
        """Judge what was measured last, and swelling that nobody who may has found to be over."""
        child = at.child
        swollen = [x for x in child.signs.oedema if x.present and self._answer(child, x) is None]
        pair, arm = self._pair(child), self._arm(child, at.day)
        values: Values = {}
        witness: list[str] = []
        met: dict[str, int] = {}
        not_judged = no_birth(child) if child.ages.birth is None else None
        weight, notes = None, ()
        if pair is not None:
            level, either = self._by_z(pair.high), self._by_z(pair.low)
            if level == NOT_MET != either:
                not_judged = "the sex is not recorded, and it hangs on that: met by weight for length of one of them"
            if level != NOT_MET:
                met[_WEIGHT] = level
                weight, notes = pair.weight, day_notes(child, pair.weight)
                of_day = child.growth.reading(pair.weight)
                standing = is_standing(child, pair.weight.day, pair.taken.position, self.standing_from_months)
                values |= {
                    "standing": standing,
                    "kg": Kg(of_day.kg),
                    "cm": Cm(pair.taken.cm),
                    "on": Day(pair.weight.day),
                    "measured_on": Day(pair.taken.day),
                    "z": Z(pair.high),
                    "limit_z": Z(self.levels[level].z_below),
                }
                witness += [*of_day.ids, pair.taken.id]
        if arm is not None and (level := self._by_arm(arm.cm)) != NOT_MET:
            met[_ARM] = level
            values |= {"arm_cm": Cm(arm.cm), "arm_on": Day(arm.day), "limit_cm": Cm(self.levels[level].arm_below_cm)}
            witness.append(arm.id)
        if swollen:
            met[_OEDEMA] = max(i for i, n in enumerate(self.levels) if n.oedema)
            values["oedema_on"] = Day(max(x.day for x in swollen))
            witness += [x.id for x in swollen]
        if not met:
            return Outcome(not_judged=not_judged)
        level = max(met.values())
        values |= {"measures": tuple(met), "gravest": tuple(m for m, n in met.items() if n == level)}
        if child.ages.birth is not None:
            witness.append(child.ages.birth.event)
        return Outcome(level, values, tuple(dict.fromkeys(witness)), weight=weight, notes=notes)

    def _by_z(self, z: float) -> int:
        return max((i for i, n in enumerate(self.levels) if z < n.z_below - TINY), default=NOT_MET)

    def _by_arm(self, cm: float) -> int:
        return max((i for i, n in enumerate(self.levels) if cm < n.arm_below_cm), default=NOT_MET)

    # --- closing ----------------------------------------------------------------------

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The last of the events by which each measure that opened it has recovered."""
        found = [self._recovered(at, opened, measure) for measure in opened.values["measures"]]
        there = [x for x in found if x is not None]
        return max(there)[1] if len(there) == len(found) else None

    def _recovered(self, at: At, opened: Outcome, measure: str) -> tuple[int, str] | None:
        """By which event a measure has recovered, and the day of that; None while it has not."""
        child, first = at.child, self.levels[0]
        if measure == _WEIGHT:
            w = after(child, opened)
            pair = None if w is None else self._on(child, w, w.kg)
            recovered = pair is not None and pair.low >= first.z_below - TINY
            return (pair.weight.day, pair.weight.id) if pair is not None and recovered else None
        if measure == _ARM:
            arm = child.measures.latest("arm", at.day)
            later = arm is not None and arm.day > opened.values["arm_on"]
            return (arm.day, arm.id) if arm is not None and later and arm.cm >= first.arm_below_cm else None
        answers = [self._answer(child, x) for x in child.signs.oedema if x.present]
        if None in answers:
            return None
        return max(((x.day, x.id) for x in answers if x is not None), default=None)

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether a weight is at or above the limit for the length before it."""
        pair = self._on(child, weight, weight.kg)
        return None if pair is None else pair.low >= self.levels[0].z_below - TINY

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight alone."""
        return followed.none()

    def say(self, seen: Seen, level: int) -> str:
        """Say which measure is in which range, and what to do."""
        said: list[str] = []
        if _WEIGHT in seen["gravest"]:
            how = "height" if seen["standing"] else "length"
            z = z_words(seen["z"], seen["limit_z"])
            said.append(f"weight for {how} on {long_date(seen['on'])} (z {z})")
        if _ARM in seen["gravest"]:
            said.append(f"arm circumference of {seen['arm_cm']:g} cm on {long_date(seen['arm_on'])}")
        if _OEDEMA in seen["gravest"]:
            said.append(f"oedema recorded on {long_date(seen['oedema_on'])}")
        words, severe = list_words(said), level == len(self.levels) - 1
        words = f"{words[0].upper()}{words[1:]} {'are' if len(said) > 1 else 'is'}"
        name = self.levels[level].name
        if severe:
            return f"TODAY. {words} in the range of {name} wasting: paediatrics today."
        return f"{words} in the range of {name} wasting: ask paediatrics to see the child."


def _later(x: OedemaSeen, seen: OedemaSeen) -> bool:
    """Whether an examination came after swelling was recorded: of the same day only with a later time."""
    if x.day != seen.day:
        return x.day > seen.day
    return seen.timed and x.moment[0] > seen.moment[0]
