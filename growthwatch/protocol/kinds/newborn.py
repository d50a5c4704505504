"""Kinds for the first weeks: loss from birth weight, loss that goes on, birth weight not regained."""

from __future__ import annotations

from itertools import takewhile
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import (
    kg_words,
    long_date,
    percent_words,
)
from growthwatch.growth.false_alarms import NO_NEWBORN_DAYS
from growthwatch.growth.steps import left_after
from growthwatch.protocol.child import Child, Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import (
    LOUDNESS,
    Days,
    Flag,
    Loudness,
    Percent,
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
    Topic,
    Values,
)
from growthwatch.protocol.kinds.losses import (
    NO_RATE,
    LossLevel,
    at_level,
    first_loss,
    how,
    loses,
    loss_faults,
    told_uncertain,
    weighed_surely,
)
from growthwatch.protocol.kinds.on_weights import Judged, packaged
from growthwatch.protocol.kinds.weights import (
    after,
    at_most,
    danger_weights,
    exact,
    gravest,
    judged_weights,
    loss_percent,
    no_birth,
    too_low,
    unsure,
)
from growthwatch.protocol.schedule import Wanted

__all__ = ["BelowPrevious", "BirthWeightNotRegained", "NewbornLoss"]


class WatchLevel(LossLevel):
    """A level of newborn loss, and within how many days of the last weight the next is due while it is open."""

    reweigh_days: Days | None = None


class NewbornLoss(GrowthKind):
    """G1: below birth weight in the first three weeks, by as much as is to be watched or more.

    By the age at the weight, however late it is written down.  While it is open a weight is due again and again; how
    loud it is goes by the last valid weight.  Source: specification of the protocol, section 2, G1; when to weigh
    again: specification of the process, section 10.
    """

    KIND = "newborn_loss"
    VERSION: ClassVar[int] = 2
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "contacts"})
    before_age_days: Days
    levels: tuple[WatchLevel, ...] = Field(min_length=2)

    def faults(self) -> list[str]:
        """Levels must grow graver, and each but that of uncertain weights say when to weigh again."""
        missing = [n.name for n in self.levels if (n.reweigh_days is None) != n.uncertain]
        return loss_faults(self.levels) + [
            f"level {name}: expected reweigh_days unless it is uncertain" for name in missing
        ]

    def judge(self, at: At) -> Outcome:
        """Judge the latest weights of the first weeks, of any validity."""
        child = at.child
        danger = danger_weights(child)
        early = (
            bool(danger) and danger[0].age_days < self.before_age_days
        )  # in order of date: the first is the earliest
        weights = [w for w in takewhile(self._is_early, danger) if w.age_days > 0] if early else []
        first = child.weights.birth_weight
        if child.ages.birth is None or not weights:
            out = Outcome(not_judged=no_birth(child))
            if at.open_since is not None and first is not None and child.growth.latest is not None:
                out.values = self._judge_weight(first, child.growth.latest).values
            return out
        if first is None:
            return Outcome(not_judged="no valid birth weight is recorded")
        return gravest(child, [self._judge_weight(first, w) for w in weights])

    def _is_early(self, w: Weight) -> bool:
        return w.age_days < self.before_age_days

    def _judge_weight(self, first: Weight, w: Weight) -> Outcome:
        loss = loss_percent(first, w)
        level = max((i for i, rule in enumerate(self.levels) if rule.met(loss)), default=NOT_MET)
        values: Values = {
            "kg": Kg(w.kg),
            "on": Day(w.day),
            "birth_kg": Kg(first.kg),
            "loss_percent": loss,
            "weight": at_most(w),
            "age_days": Count(w.age_days),
            **how(w),
        }
        hurdle = left_after(first.exact, exact(first_loss(self.levels).least_percent))
        level = at_level(self.levels, level, w)
        return Outcome(level, values, (first.id, w.id), hurdle=hurdle, weight=w, notes=unsure(w))

    def say(self, seen: Seen, level: int) -> str:
        """Say the loss against the birth weight."""
        limits = [n.least_percent for n in self.levels if not n.uncertain]
        if self.levels[level].uncertain:
            below = percent_words(seen["loss_percent"], *limits)
            return told_uncertain(seen, f"{below} below the birth weight of {kg_words(seen['birth_kg'])}")
        return (
            f"{seen['weight']} on {long_date(seen['on'])}, day {seen['age_days']}: "
            f"{percent_words(seen['loss_percent'], *limits)} below the birth weight of {kg_words(seen['birth_kg'])}."
        )

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """A later valid weight that meets no level."""
        sure = weighed_surely(at, opened, self.levels, self.judge)
        if sure is not None:
            return sure
        last, first = after(at.child, opened), at.child.weights.birth_weight
        if last is None or opened.hurdle is None:
            return None
        least = first_loss(self.levels)
        lost = least.met(loss_percent(first, last)) if first is not None else last.exact < opened.hurdle
        return None if lost else last.id

    def loudness_at(self, level: int, seen: Seen) -> Loudness:
        """As loud as what is left of the loss, not louder than the level."""
        loss = seen.get("loss_percent")
        least = self.levels.index(first_loss(self.levels))
        now = [i for i in range(least + 1, level + 1) if loss is None or self.levels[i].met(loss)]
        return self.levels[max(now, default=min(level, least))].loudness

    def weighing(self, at: At) -> Wanted | None:
        """A weight soon after the last, while the finding is open and the child not in hospital."""
        mine, last = at.open.get(self.id), at.child.weights.last
        if mine is None or last is None:
            return None
        opened_on: int = mine.opened_on
        day = max(last.day, opened_on)
        level: int = mine.level
        days = self.levels[level].reweigh_days
        return None if days is None else Wanted(day + days, "newborn weight loss: weighed again", day + 1)

    def may_meet(self, followed: Followed) -> Flags:
        """A loss of the first level in the first weeks."""
        early = (followed.age_days > 0) & (followed.age_days < self.before_age_days)
        return early & first_loss(self.levels).may_be(followed.birth_kg, followed.kg)

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """The published share that loses so much."""
        if self.levels[level].uncertain:
            return NO_RATE
        lost = self.levels[level].on_weights()
        return Judged(packaged("newborn-loss", lost), does=loses(lost))

    @property
    def birth_loss_percent(self) -> float | None:
        """The loss from which it cannot wait."""
        loud = (n.least_percent for n in self.levels if n.loudness == LOUDNESS[-1] and not n.uncertain)
        return min(loud, default=None)


class BelowPrevious(GrowthKind):
    """G1b: after the first days, a weight below the one before."""

    KIND = "below_previous"
    VERSION = 2
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights"})
    from_age_days: Days
    to_age_days: Days
    previous_from_age_days: Days
    levels: tuple[LossLevel, LossLevel, LossLevel]

    def faults(self) -> list[str]:
        """The graver level must say a loss."""
        return loss_faults(self.levels, needed_from=1)

    def judge(self, at: At) -> Outcome:
        """Judge the latest weights against the valid one before each."""
        child = at.child
        danger = danger_weights(child)
        early = bool(danger) and danger[0].age_days <= self.to_age_days
        weights = [w for w in takewhile(self._is_early, danger) if w.age_days >= self.from_age_days] if early else []
        if child.ages.birth is None or not weights:
            return Outcome(not_judged=no_birth(child))
        return gravest(child, [self._judge_weight(child, w) for w in weights])

    def _is_early(self, w: Weight) -> bool:
        return w.age_days <= self.to_age_days

    def _judge_weight(self, child: Child, w: Weight) -> Outcome:
        start = self.previous_from_age_days
        previous = child.growth.previous(w)
        # In order of date: if the one before is too early, so are all.
        if previous is None or previous.age_days < start or w.exact >= previous.exact:
            return Outcome()
        best = child.growth.best_before(w) or previous
        loss = loss_percent(best, w)
        level = at_level(self.levels, 2 if self.levels[2].met(loss) else 1, w)
        values: Values = {
            **how(w),
            "on": Day(w.day),
            "weight": at_most(w),
            "age_days": Count(w.age_days),
            "previous_kg": Kg(previous.kg),
            "previous_on": Day(previous.day),
            "best_kg": Kg(best.kg),
            "loss_percent": loss,
        }
        witness = tuple(dict.fromkeys((best.id, previous.id, w.id)))
        return Outcome(level, values, witness, hurdle=previous.exact, weight=w, notes=unsure(w))

    def say(self, seen: Seen, level: int) -> str:
        """Say the weight against the one before."""
        if self.levels[level].uncertain:
            return told_uncertain(
                seen, f"below the {kg_words(seen['previous_kg'])} of {long_date(seen['previous_on'])}"
            )
        text = (
            f"{seen['weight']} on {long_date(seen['on'])}, day {seen['age_days']}: below the "
            f"{kg_words(seen['previous_kg'])} of {long_date(seen['previous_on'])}. "
            f"Early loss usually stops by day {self.previous_from_age_days}."
        )
        return text + (
            f" It is {percent_words(seen['loss_percent'], self.levels[2].least_percent)} below "
            f"{kg_words(seen['best_kg'])}."
            if level == 2
            else ""
        )

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """A later valid weight at or above the one before the loss."""
        sure = weighed_surely(at, opened, self.levels, self.judge)
        if sure is not None:
            return sure
        last = after(at.child, opened)
        return last.id if last is not None and opened.hurdle is not None and last.exact >= opened.hurdle else None

    def may_meet(self, followed: Followed) -> Flags:
        """A weight below the one before."""
        age = followed.age_days
        return (age >= self.from_age_days) & (age <= self.to_age_days) & (followed.kg <= followed.previous_kg)

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """No rate is known for the first days."""
        return NO_NEWBORN_DAYS


class RegainLevel(RuleLevel):
    """A level of not being back to birth weight."""

    when_ill: Flag = False


class BirthWeightNotRegained(GrowthKind):
    """G2: at three weeks, not back to birth weight."""

    KIND = "birth_weight_not_regained"
    VERSION: ClassVar[int] = 2
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "signs", "days"})
    from_age_days: Days
    reweigh_days: Days
    reweigh_soon_days: Days
    soon_from_loss_percent: Percent
    levels: tuple[RegainLevel, ...] = Field(min_length=1)

    def judge(self, at: At) -> Outcome:
        """Judge whether the last valid weight has reached the birth weight."""
        child = at.child
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        day = child.ages.birth.day + self.from_age_days
        first = child.weights.birth_weight
        if first is None:
            return Outcome(not_judged="no valid birth weight is recorded", wakes=(day,))
        last = [w for w in judged_weights(child) if w.counts or w.low][-1]
        if at.day < day or last.age_days == 0 or last.exact >= first.exact:
            return Outcome(wakes=(day,))
        ill = child.signs.ill_near(at.day) or child.signs.ill_near(last.day)
        level = max(i for i, rule in enumerate(self.levels) if not rule.when_ill or ill is not None)
        values: Values = {
            "weight": at_most(last),
            "on": Day(last.day),
            "birth_kg": Kg(first.kg),
            "born_on": Day(child.ages.birth.day),
        }
        witness = (first.id, last.id) if ill is None else (first.id, last.id, ill)
        wakes = (day, *child.signs.well_after(ill))
        return Outcome(
            level,
            values,
            witness,
            hurdle=first.exact,
            weight=last,
            wakes=wakes,
            notes=unsure(last),
            waits=too_low(last),
        )

    def weighing(self, at: At) -> Wanted | None:
        """A weight on the day of the rule, if the last one was below birth weight; while it is open, again."""
        child = at.child
        birth, first, mine = child.ages.birth, child.weights.birth_weight, at.open.get(self.id)
        if birth is None or first is None:
            return None
        if mine is not None and (at_last := child.growth.latest) is not None:
            before = child.growth.previous(at_last)
            soon = (
                child.signs.ill_near(at_last.day) is not None
                or loss_percent(first, at_last) >= exact(self.soon_from_loss_percent)
                or (before is not None and before.age_days > 0 and at_last.exact < before.exact)
            )
            opened_on: int = mine.opened_on
            start = max(at_last.day, opened_on)
            days = self.reweigh_soon_days if soon else self.reweigh_days
            return Wanted(start + days, "not back to birth weight: weighed again", start + 1)
        day, last = birth.day + self.from_age_days, child.weights.valid[-1]
        if last.age_days == 0 or last.day >= day or last.exact >= first.exact:
            return None
        return Wanted(day, f"back to birth weight by day {self.from_age_days}?")

    def say(self, seen: Seen, level: int) -> str:
        """Say the last weight against the birth weight."""
        text = (
            f"Not shown to be back to the birth weight of {kg_words(seen['birth_kg'])}: "
            f"last {seen['weight']} on {long_date(seen['on'])}."
        )
        return text + (" An illness is recorded." if level > 0 else "")

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """A later valid weight at or above the birth weight."""
        last = after(at.child, opened)
        return last.id if last is not None and opened.hurdle is not None and last.exact >= opened.hurdle else None

    def may_meet(self, followed: Followed) -> Flags:
        """A weight below that at birth."""
        return (followed.age_days > 0) & (followed.kg <= followed.birth_kg)

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """The published share that is not back to birth weight, by the age of the last weight."""
        shown = seen["on"] - child.ages.birth.day if child.ages.birth is not None and "on" in seen else 0
        last = max((*ages, shown))
        besides: list[str] = []
        if last < self.from_age_days:
            besides.append(f"The last weight was of day {last}.")
        if self.levels[level].when_ill:
            besides.append("The illness is not part of this rate.")
        regain = packaged("birth-weight-regain", None, from_age_days=float(self.from_age_days))
        does = ("is not back to birth weight", "are not back to birth weight")
        return Judged(regain, does=does, besides=" ".join(besides))
