"""The kinds of rule: typed classes that read their numbers from the protocol file.

A rule looks at what is known of one child on one day (`Context`) and gives an `Outcome`:
met or not, how gravely, on which events, with which numbers.  It keeps no state.  What
opens, stays open and closes is the business of the fold (`growthwatch.protocol.fold`).

Comparisons use unrounded numbers.  Percentages of weights are decimal arithmetic, so that
3.50 to 3.15 kg is exactly 10 %.  z is compared with a tolerance of 1e-9, far below any
figure in the tables, so that "equal" means equal.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import NormalDist
from typing import Any, ClassVar

from pydantic import Field

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR, TERM_DAYS
from growthwatch.core.words import (
    days_words,
    fit_words,
    kg_words,
    list_words,
    long_date,
    one_line,
    percent_words,
    spaces_words,
)
from growthwatch.growth.detector import detector
from growthwatch.growth.false_alarms import by_age
from growthwatch.growth.model import weight_model
from growthwatch.protocol.child import SUSPECTED, UNDATED, Child, Plan, Weight, condition_reference
from growthwatch.protocol.model import (
    TIERS,
    Action,
    Days,
    Flag,
    Months,
    Number,
    Percent,
    RuleBase,
    RuleLevel,
    Sourced,
    TierName,
    Whole,
    rising,
)
from growthwatch.protocol.schedule import Due
from growthwatch.record.events import Sign
from growthwatch.references import Reference

__all__ = ["KINDS", "Context", "Outcome", "Rule"]

TINY = 1e-9
SPACE = float(UK_NINE.space)

NOT_MET = -1


@dataclass(slots=True)
class Outcome:
    """What a rule finds on a day.

    Attributes
    ----------
    level
        Index of the level met, -1 for none.
    values
        Numbers that a person needs to see, by name.
    witness
        Ids of the events on which it rests; from those alone it comes out again.
    not_judged
        Why the rule could not be judged, or None.
    hurdle
        What a later weight must reach for the finding to count as recovered.
    weight
        The weight that was judged.
    urgent
        Whether the level's urgent deadline applies.
    notes
        Further sentences.
    wakes
        Days on which the outcome may change by time alone.
    known
        When the last of the weights looked at was written down.
    """

    level: int = NOT_MET
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    witness: tuple[str, ...] = ()
    not_judged: str | None = None
    hurdle: Decimal | None = None
    weight: Weight | None = None
    urgent: bool = False
    notes: tuple[str, ...] = ()
    wakes: tuple[int, ...] = ()
    known: dt.datetime | None = None

    @property
    def unconfirmed(self) -> bool:
        """Whether it rests on a weight that is an upper bound or suspected."""
        return self.weight is not None and not self.weight.counts


@dataclass(slots=True)
class Context:
    """What a rule may look at."""

    child: Child
    day: int
    tier: TierName
    due: Due
    high_need: bool
    open_since: Outcome | None = None
    open_level: int = NOT_MET
    open: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Rule(RuleBase):
    """A kind of rule."""

    VERSION: ClassVar[int] = 1
    PHASE: ClassVar[str] = "growth"
    COUNTS_DAYS: ClassVar[bool] = False
    NEEDS_TIER: ClassVar[bool] = False
    LEANS_ON_OPEN: ClassVar[bool] = False
    levels: tuple[Any, ...]

    def evaluate(self, at: Context) -> Outcome:
        """Judge one day."""
        raise NotImplementedError

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say what was seen, against what."""
        raise NotImplementedError

    def inside(self, child: Child, weight: Weight, outcome: Outcome) -> bool | None:
        """Whether a weight is inside the threshold; None if it cannot be told."""
        return None

    def recovered(self, at: Context, outcome: Outcome) -> str | None:
        """Id of the event that closes an open finding without a signature, or None."""
        return None


def _no_birth(child: Child) -> str | None:
    if child.birth is None:
        return "no birth date is recorded"
    return None


def _danger_weights(child: Child) -> list[Weight]:
    """What danger rules look at: the latest valid weight, and doubtful ones of its day or later.

    An upper bound or suspected weight can hide no loss that a valid weight showed before it; one
    that a good repeat replaced is not looked at.
    """
    last = child.valid[-1] if child.valid else None
    start = 0 if last is None else bisect_left(child.weights, last.day, key=_day)
    doubtful = (w for w in child.weights[start:] if not w.counts and w.validity != UNDATED and w.replaced_by is None)
    return [*([] if last is None else [last]), *doubtful]


def _day(w: Weight) -> int:
    return w.day


def _place(w: Weight) -> int:
    return w.place


def _judged_weights(child: Child) -> list[Weight]:
    """What level and fall rules look at: the latest valid weight, and later ones doubted for being low.

    A weight so low that it is doubted must not be better news than one a little higher.
    """
    last = child.valid[-1:]
    start = last[0].place + 1 if last else 0
    return [*last, *(w for w in child.weights[start:] if w.low and not w.counts and w.replaced_by is None)]


def _gravest(child: Child, outcomes: list[Outcome]) -> Outcome:
    """Of what the danger weights gave, the gravest; of equals, the first (a valid weight)."""
    best = outcomes[0]
    for o in outcomes[1:]:
        last = child.valid[-1] if child.valid else None
        later = last is not None and o.weight is not None and last.place > o.weight.place
        if later and o.hurdle is not None and last is not None and last.exact >= o.hurdle:
            continue  # a valid weight afterwards has already shown recovery
        if o.level > best.level:
            best = o
    return best


def _loss_percent(reference: Weight, weight: Weight) -> Decimal:
    return (reference.exact - weight.exact) / reference.exact * 100


def _exact(number: float) -> Decimal:
    return Decimal(repr(number))


def _after(child: Child, outcome: Outcome) -> Weight | None:
    """Latest valid weight, if it comes after the weight on which a finding rests (or that one no longer counts)."""
    if not child.valid:
        return None
    last = child.valid[-1]
    witness = outcome.weight
    if witness is None:
        return last
    now = child.by_id.get(witness.id)
    return last if now is None or now.replaced_by is not None or last.place > now.place else None


def _at_most(weight: Weight) -> str:
    return f"{kg_words(weight.kg)}" if weight.counts else f"at most {kg_words(weight.kg)}"


def _unsure(weight: Weight) -> tuple[str, ...]:
    if weight.counts:
        return ("Clothing or scale was not recorded: taken as valid.",) if weight.validity == "assumed" else ()
    if weight.validity == SUSPECTED:
        return (f"This weight may be an entry error ({weight.reason}).",)
    return (f"Weighed {weight.reason}: the child weighs at most that.",)


# --- schedule --------------------------------------------------------------------------------


class WeighingDue(Rule):
    """S1: a weight is due today; a reminder, not a finding."""

    KIND = "weighing_due"
    PHASE = "reminder"
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def evaluate(self, at: Context) -> Outcome:
        """Met from the due day until the weight is overdue."""
        if at.due.state(at.day) != "due" or at.due.due is None:
            return Outcome(wakes=at.due.wakes())
        return Outcome(0, {"due": at.due.due, "why": at.due.why}, wakes=at.due.wakes())

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say when it was due and why."""
        return f"A weight is due: {long_date(values['due'])} ({values['why']})."


class WeighingOverdue(Rule):
    """S2: the grace has passed (amber), or the weight has lapsed (red)."""

    KIND = "weighing_overdue"
    PHASE = "schedule"
    levels: tuple[RuleLevel, RuleLevel]

    def evaluate(self, at: Context) -> Outcome:
        """Judge the day against the next weighing."""
        due = at.due
        if due.due is None:
            return Outcome(not_judged=_no_birth(at.child))
        state = due.state(at.day)
        values: dict[str, Any] = {
            "due": due.due,
            "why": due.why,
            "grace_days": due.grace_days,
            "last_on": due.anchor.day if due.anchor else None,
            "floor_days": due.floor_days,
            "days_since": at.day - due.anchor.day if due.anchor else None,
            "days_late": at.day - due.due,
        }
        witness = (due.anchor.id,) if due.anchor else (() if at.child.birth is None else (at.child.birth.event,))
        level = {"overdue": 0, "lapsed": 1}.get(state, NOT_MET)
        return Outcome(level, values, witness, weight=due.anchor, wakes=due.wakes())

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say when the last weight was, when the next was due, and how long ago."""
        last = (
            "No valid weight is recorded"
            if values["last_on"] is None
            else f"Last valid weight {long_date(values['last_on'])}"
        )
        grace = f", {days_words(values['grace_days'])} of grace ended" if values["grace_days"] else ""
        text = f"Weight overdue. {last}; due {long_date(values['due'])} ({values['why']}){grace}."
        if level == 1 and values["floor_days"] is None:
            text += f" That is {days_words(values['days_late'])} ago: the weight has lapsed."
        if level == 1 and values["floor_days"] is not None:
            days, floor = days_words(values["days_since"] or 0), days_words(values["floor_days"])
            text += f" That is {days}: twice the {floor} allowed, or more."
        return text

    def recovered(self, at: Context, outcome: Outcome) -> str | None:
        """A valid weight later than the one from which it ran."""
        return newer_valid(at.child, outcome)


def newer_valid(child: Child, outcome: Outcome) -> str | None:
    """Id of a valid weight later than the last one known when a finding opened."""
    if not child.valid:
        return None
    last = child.valid[-1]
    before = outcome.weight
    if (
        before is None
        or last.day > before.day
        or (last.day == before.day and last.recorded_at > before.recorded_at and last.id != before.id)
    ):
        return last.id
    return None


class SeenNotWeighed(Rule):
    """S3: seen face to face several times since the last valid weight, which is past due."""

    KIND = "seen_not_weighed"
    PHASE = "schedule"
    contacts_at_least: Whole = Field(ge=1)
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def evaluate(self, at: Context) -> Outcome:
        """Count contacts after the last valid weight."""
        due = at.due
        if due.due is None or at.child.birth is None:
            return Outcome()
        since = due.anchor.day if due.anchor else at.child.birth.day - 1
        seen = tuple(at.child.contacts_between(since, at.day))
        values = {"contacts": len(seen), "since": due.anchor.day if due.anchor else None, "due": due.due}
        met = len(seen) >= self.contacts_at_least and at.day > due.due
        return Outcome(0 if met else NOT_MET, values, seen, weight=due.anchor, wakes=(due.due + 1,))

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say how often the child was seen and not weighed."""
        since = "birth" if values["since"] is None else f"the last valid weight on {long_date(values['since'])}"
        return (
            f"Seen face to face {values['contacts']} times since {since}, with no valid weight; "
            f"it was due on {long_date(values['due'])}."
        )

    def recovered(self, at: Context, outcome: Outcome) -> str | None:
        """A valid weight."""
        return newer_valid(at.child, outcome)


# --- the first weeks --------------------------------------------------------------------------


class LossLevel(RuleLevel):
    """A level of loss."""

    loss_over_percent: Percent | None = None
    loss_at_least_percent: Percent | None = None

    def met(self, loss: Decimal) -> bool:
        """Whether a loss [%] reaches the level: more than, or at least."""
        if self.loss_over_percent is not None:
            return loss > _exact(self.loss_over_percent)
        return self.loss_at_least_percent is not None and loss >= _exact(self.loss_at_least_percent)


def _loss_faults(levels: Sequence[LossLevel], needed_from: int = 0) -> list[str]:
    """Each level must say one loss, and levels must grow graver."""
    out = [
        f"level {n.name}: expected one of loss_over_percent and loss_at_least_percent"
        for n in levels[needed_from:]
        if (n.loss_over_percent is None) == (n.loss_at_least_percent is None)
    ]
    return out + rising("loss of the levels", [n.loss_over_percent or n.loss_at_least_percent for n in levels])


class NewbornLoss(Rule):
    """G1: below birth weight by more than a tenth in the first three weeks."""

    KIND = "newborn_loss"
    before_age_days: Days
    levels: tuple[LossLevel, ...] = Field(min_length=1)

    def faults(self) -> list[str]:
        """Levels must grow graver."""
        return _loss_faults(self.levels)

    def evaluate(self, at: Context) -> Outcome:
        """Judge the latest weights of the first weeks, of any validity."""
        child = at.child
        weights = [w for w in _danger_weights(child) if 0 < w.age_days < self.before_age_days]
        if child.birth is None or not weights:
            return Outcome(not_judged=_no_birth(child))
        first = child.birth_weight
        if first is None:
            return Outcome(not_judged="no valid birth weight is recorded")
        return _gravest(child, [self._judge(first, w) for w in weights])

    def _judge(self, first: Weight, w: Weight) -> Outcome:
        loss = _loss_percent(first, w)
        level = max((i for i, rule in enumerate(self.levels) if rule.met(loss)), default=NOT_MET)
        values = {
            "kg": w.kg,
            "on": w.day,
            "birth_kg": first.kg,
            "loss_percent": loss,
            "weight": _at_most(w),
            "age_days": w.age_days,
        }
        hurdle = first.exact * (1 - _exact(self.levels[0].loss_over_percent or 0) / 100)
        return Outcome(level, values, (first.id, w.id), hurdle=hurdle, weight=w, notes=_unsure(w))

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say the loss against the birth weight."""
        return (
            f"{values['weight']} on {long_date(values['on'])}, day {values['age_days']}: "
            f"{percent_words(values['loss_percent'])} below the birth weight of {kg_words(values['birth_kg'])}."
        )

    def recovered(self, at: Context, outcome: Outcome) -> str | None:
        """A later valid weight within the limit."""
        last = _after(at.child, outcome)
        return last.id if last is not None and outcome.hurdle is not None and last.exact >= outcome.hurdle else None


class BelowPrevious(Rule):
    """G1b: after the first days, a weight below the one before."""

    KIND = "below_previous"
    from_age_days: Days
    to_age_days: Days
    previous_from_age_days: Days
    levels: tuple[LossLevel, LossLevel]

    def faults(self) -> list[str]:
        """The graver level must say a loss."""
        return _loss_faults(self.levels, needed_from=1)

    def evaluate(self, at: Context) -> Outcome:
        """Judge the latest weights against the valid one before each."""
        child = at.child
        weights = [w for w in _danger_weights(child) if self.from_age_days <= w.age_days <= self.to_age_days]
        if child.birth is None or not weights:
            return Outcome(not_judged=_no_birth(child))
        return _gravest(child, [self._judge(child, w) for w in weights])

    def _judge(self, child: Child, w: Weight) -> Outcome:
        start = self.previous_from_age_days
        before = bisect_left(child.valid, w.place, key=_place)
        previous = child.valid[before - 1] if before else None
        # In order of date: if the one before is too early, so are all.
        if previous is None or previous.age_days < start or w.exact >= previous.exact:
            return Outcome()
        best = child.best_before(w) or previous
        loss = _loss_percent(best, w)
        level = 1 if self.levels[1].met(loss) else 0
        values = {
            "on": w.day,
            "weight": _at_most(w),
            "age_days": w.age_days,
            "previous_kg": previous.kg,
            "previous_on": previous.day,
            "best_kg": best.kg,
            "loss_percent": loss,
        }
        witness = tuple(dict.fromkeys((best.id, previous.id, w.id)))
        return Outcome(level, values, witness, hurdle=previous.exact, weight=w, notes=_unsure(w))

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say the weight against the one before."""
        text = (
            f"{values['weight']} on {long_date(values['on'])}, day {values['age_days']}: below the "
            f"{kg_words(values['previous_kg'])} of {long_date(values['previous_on'])}. "
            "Early loss usually stops by day 4."
        )
        return text + (
            f" It is {percent_words(values['loss_percent'])} below {kg_words(values['best_kg'])}." if level == 1 else ""
        )

    def recovered(self, at: Context, outcome: Outcome) -> str | None:
        """A later valid weight at or above the one before the loss."""
        last = _after(at.child, outcome)
        return last.id if last is not None and outcome.hurdle is not None and last.exact >= outcome.hurdle else None


class RegainLevel(RuleLevel):
    """A level of not being back to birth weight."""

    when_ill: Flag = False


class BirthWeightNotRegained(Rule):
    """G2: at three weeks, not back to birth weight."""

    KIND = "birth_weight_not_regained"
    COUNTS_DAYS = True
    from_age_days: Days
    levels: tuple[RegainLevel, ...] = Field(min_length=1)

    def evaluate(self, at: Context) -> Outcome:
        """Judge whether the last valid weight has reached the birth weight."""
        child = at.child
        if child.birth is None:
            return Outcome(not_judged=_no_birth(child))
        day = child.birth.day + self.from_age_days
        first = child.birth_weight
        if first is None:
            return Outcome(not_judged="no valid birth weight is recorded", wakes=(day,))
        last = _judged_weights(child)[-1]
        if at.day < day or last.age_days == 0 or last.exact >= first.exact:
            return Outcome(wakes=(day,))
        ill = child.ill_near(at.day) or child.ill_near(last.day)
        level = max(i for i, rule in enumerate(self.levels) if not rule.when_ill or ill is not None)
        values = {"weight": _at_most(last), "on": last.day, "birth_kg": first.kg, "age_days": at.day - child.birth.day}
        witness = (first.id, last.id) if ill is None else (first.id, last.id, ill)
        return Outcome(level, values, witness, hurdle=first.exact, weight=last, wakes=(day,), notes=_unsure(last))

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say the last weight against the birth weight."""
        text = (
            f"Not shown to be back to the birth weight of {kg_words(values['birth_kg'])}: "
            f"last {values['weight']} on {long_date(values['on'])}."
        )
        return text + (" An illness is recorded." if level > 0 else "")

    def recovered(self, at: Context, outcome: Outcome) -> str | None:
        """A later valid weight at or above the birth weight."""
        last = _after(at.child, outcome)
        return last.id if last is not None and outcome.hurdle is not None and last.exact >= outcome.hurdle else None


# --- levels and falls on the chart ------------------------------------------------------------


def _early(child: Child, w: Weight, from_age: int, preterm_from: int) -> bool:
    """Whether a weight is too early to be judged on the chart."""
    birth = child.birth
    if birth is None or w.age_days < from_age:
        return True
    return birth.preterm and birth.gestation_days is not None and birth.gestation_days + w.age_days < preterm_from


def _unscored(w: Weight) -> str:
    return f"the weight of {long_date(w.day)} has no z: {w.status.replace('_', ' ')}"


def _born_at(child: Child) -> str:
    """How the birth centile was read, where that differs from the chart: at the gestation of birth."""
    days = child.birth.gestation_days if child.birth is not None else None
    return "" if days is None or days == TERM_DAYS else f" for {days // 7} weeks + {days % 7}"


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


class FallFromBirth(Rule):
    """G3: fall from the birth centile, as NICE states it: published z at birth less published z now."""

    KIND = "fall_from_birth"
    NEEDS_TIER = True
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
        first = child.birth_weight
        if first is None or child.facts is None:
            return None
        z = float(child.facts.birth_z[first.row])
        return z if z == z else None

    def evaluate(self, at: Context) -> Outcome:
        """Judge the latest weight against birth."""
        child = at.child
        if child.birth is None:
            return Outcome(not_judged=_no_birth(child))
        outcomes = [self._judge(at, w, child.birth.event) for w in _judged_weights(child)]
        return _gravest(child, outcomes) if outcomes else Outcome()

    def _judge(self, at: Context, w: Weight, birth_event: str) -> Outcome:
        child = at.child
        if _early(child, w, self.from_age_days, self.preterm_from_gestation_days):
            return Outcome()
        first, birth_z = child.birth_weight, self._birth_z(child)
        if first is None:
            return Outcome(not_judged="no valid birth weight is recorded, so a fall from birth cannot be seen")
        if birth_z is None:
            return Outcome(not_judged="the birth weight has no z on this reference")
        if w.z is None:
            return Outcome(not_judged=_unscored(w))
        spaces = self._spaces(birth_z)
        fall = (birth_z - w.z) / SPACE
        values: dict[str, Any] = {
            "kg": w.kg,
            "on": w.day,
            "z": w.z,
            "birth_kg": first.kg,
            "birth_z": birth_z,
            "born_at": _born_at(child),
            "fall_spaces": fall,
            "limit_spaces": spaces,
        }
        if fall < spaces - TINY:
            return Outcome(NOT_MET, values, (first.id, w.id), weight=w)
        level, witness = 1, [birth_event, first.id, w.id]
        c = self.confirm
        deferred = (
            w.day < child.mark(c.below_months)
            and at.tier == c.in_tier
            and w.z >= c.z_at_least_lines * SPACE - TINY
            and child.ill_near(w.day) is None
        )
        if deferred and at.open_level < 1:
            opened = at.open_since.weight if at.open_since is not None else None
            if opened is None or w.day - opened.day < c.least_days:
                level = 0
            else:
                witness.append(opened.id)
        ill = child.ill_near(w.day)
        if ill is not None:
            witness.append(ill)
        return Outcome(level, values, tuple(witness), weight=w, notes=_unsure(w))

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say the fall in centile spaces, from what to what."""
        text = (
            f"{kg_words(values['kg'])} on {long_date(values['on'])} is {spaces_words(values['fall_spaces'])} below "
            f"birth: {UK_NINE.describe(values['z'])}, born {UK_NINE.describe(values['birth_z'])}{values['born_at']}. "
            f"The threshold at this birth weight is {values['limit_spaces']}."
        )
        return text + (
            " To be confirmed by a second weight, as many healthy babies move this far." if level == 0 else ""
        )

    def inside(self, child: Child, weight: Weight, outcome: Outcome) -> bool | None:
        """Whether a weight is less than the threshold below birth."""
        birth_z = self._birth_z(child)
        if weight.z is None or birth_z is None:
            return None
        return (birth_z - weight.z) / SPACE < self._spaces(birth_z) - TINY


class LineLevel(RuleLevel):
    """A level of being below a line."""

    falling_more_than_spaces: Number | None = Field(default=None, gt=0)


class BelowLine(Rule):
    """G4, G5: a level test against a centile line (in centile spaces from the median)."""

    KIND = "below_line"
    line: Whole = Field(lt=0)
    from_age_days: Days
    preterm_from_gestation_days: Days
    levels: tuple[LineLevel, ...] = Field(min_length=1)

    @property
    def _z(self) -> float:
        return self.line * SPACE

    def evaluate(self, at: Context) -> Outcome:
        """Judge the latest weight."""
        child = at.child
        if child.birth is None:
            return Outcome(not_judged=_no_birth(child))
        outcomes = [self._judge(child, w, child.birth.event) for w in _judged_weights(child)]
        return _gravest(child, outcomes) if outcomes else Outcome()

    def _judge(self, child: Child, w: Weight, birth_event: str) -> Outcome:
        if _early(child, w, self.from_age_days, self.preterm_from_gestation_days):
            return Outcome()
        if w.z is None:
            return Outcome(not_judged=_unscored(w))
        values: dict[str, Any] = {"kg": w.kg, "on": w.day, "z": w.z, "limit_z": self._z}
        if w.z >= self._z - TINY:
            return Outcome(NOT_MET, values, (birth_event, w.id), weight=w)
        level, witness = 0, [birth_event, w.id]
        latest = child.latest_change(w, child.protocol.settings.terms.falling_least_days)
        for i, rule in enumerate(self.levels):
            if rule.falling_more_than_spaces is None or latest is None:
                continue
            if latest[0] < -rule.falling_more_than_spaces * SPACE - TINY:
                level = i
                values |= {"change": latest[0], "since": latest[1].day}
                start = child.valid_place(latest[1])
                witness = [birth_event, *(v.id for v in child.valid[start:]), w.id]
        notes = _unsure(w) + self._table_change(child, w)
        return Outcome(level, values, tuple(witness), weight=w, notes=notes)

    def _table_change(self, child: Child, w: Weight) -> tuple[str, ...]:
        """Say so if only the change of table makes the test true (same weight, next day)."""
        jump = child.table_jump(w)
        if jump is not None and w.z is not None and w.z - jump[0] >= self._z - TINY:
            return (
                f"Only a change of table makes this true ({jump[1]}): the same weight a day before was above the line.",
            )
        return ()

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say where the weight lies."""
        limit = values["limit_z"]
        line = next((n.ordinal for n in UK_NINE.lines if abs(n.z - limit) < TINY), None)
        name = f"the {line} centile line" if line is not None else f"z {limit:.2f}"
        text = f"{kg_words(values['kg'])} on {long_date(values['on'])} is "
        if limit - values["z"] <= float(UK_NINE.on_within):
            text += f"just below {name} (z {values['z']:.2f})"
        else:
            place = UK_NINE.describe(values["z"])
            text += f"{place} (z {values['z']:.2f})" + ("" if line is not None and line in place else f", below {name}")
        if "change" in values and level > 0:
            text += f", and fell {spaces_words(-values['change'] / SPACE)} since {long_date(values['since'])}"
        return f"{text}."

    def inside(self, child: Child, weight: Weight, outcome: Outcome) -> bool | None:
        """Whether a weight is at or above the line."""
        return None if weight.z is None else weight.z >= self._z - TINY


# --- loss and no gain, in kilograms ------------------------------------------------------------


class BestLossLevel(LossLevel):
    """A level of loss from the best weight."""

    ordinary_only_if_ill: Flag = False
    with_danger_sign_percent: Percent | None = None
    urgent_below_months: Months | None = None
    urgent_within_days_of_best: Days | None = None


class DangerSigns(Sourced):
    """Signs that make a loss an emergency sooner."""

    signs: tuple[Sign, ...]


class LossFromBest(Rule):
    """G8: loss from the best weight that the child has held (table 2a)."""

    KIND = "loss_from_best"
    from_age_days: Days
    recovered_within_percent: Percent
    levels: tuple[BestLossLevel, ...] = Field(min_length=1)
    danger_signs: DangerSigns

    def faults(self) -> list[str]:
        """Levels must grow graver."""
        return _loss_faults(self.levels)

    def evaluate(self, at: Context) -> Outcome:
        """Judge the latest weights, of any validity, against the best valid one before each."""
        child = at.child
        weights = [w for w in _danger_weights(child) if w.age_days >= self.from_age_days]
        if child.birth is None or not weights:
            return Outcome(not_judged=_no_birth(child))
        return _gravest(child, [self._judge(at, w) for w in weights])

    def _judge(self, at: Context, w: Weight) -> Outcome:
        child = at.child
        best = child.best_before(w)
        if best is None or w.exact >= best.exact:
            return Outcome(
                NOT_MET,
                {} if best is None else {"kg": w.kg, "on": w.day, "best_kg": best.kg, "best_on": best.day},
                weight=w,
            )
        loss = _loss_percent(best, w)
        ill = child.ill_near(w.day)
        sign = self._danger_sign(at)
        level, urgent = NOT_MET, False
        for i, rule in enumerate(self.levels):
            met = rule.met(loss) and (at.high_need or not rule.ordinary_only_if_ill or ill is not None)
            if (
                rule.with_danger_sign_percent is not None
                and sign is not None
                and loss >= _exact(rule.with_danger_sign_percent)
            ):
                met = True
            if met:
                level = i
                urgent = (rule.urgent_below_months is not None and w.day < child.mark(rule.urgent_below_months)) or (
                    rule.urgent_within_days_of_best is not None and w.day - best.day <= rule.urgent_within_days_of_best
                )
        values: dict[str, Any] = {
            "kg": w.kg,
            "on": w.day,
            "weight": _at_most(w),
            "best_kg": best.kg,
            "best_on": best.day,
            "loss_percent": loss,
            "ill": ill is not None,
            "sign": sign is not None,
        }
        witness = tuple(dict.fromkeys(x for x in (best.id, w.id, ill, sign) if x is not None))
        hurdle = best.exact * (1 - _exact(self.recovered_within_percent) / 100)
        return Outcome(level, values, witness, hurdle=hurdle, weight=w, urgent=urgent, notes=_unsure(w))

    def _danger_sign(self, at: Context) -> str | None:
        """A danger sign that stands: recorded, and answered by no examination since."""
        standing = at.child.unanswered(frozenset(str(s) for s in self.danger_signs.signs))
        return standing[-1].id if standing else None

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say the loss against the best weight."""
        text = (
            f"{values['weight']} on {long_date(values['on'])} is {percent_words(values['loss_percent'])} below the "
            f"best weight, {kg_words(values['best_kg'])} on {long_date(values['best_on'])}"
        )
        extra = [w for w, there in (("illness", values["ill"]), ("a sign of dehydration", values["sign"])) if there]
        return text + (f", with {list_words(extra)} recorded." if extra else ".")

    def inside(self, child: Child, weight: Weight, outcome: Outcome) -> bool | None:
        """Whether a weight is less than the first level below the best weight of the finding."""
        if "best_kg" not in outcome.values:
            return None
        best = _exact(outcome.values["best_kg"])
        return not self.levels[0].met((best - weight.exact) / best * 100)

    def recovered(self, at: Context, outcome: Outcome) -> str | None:
        """A later valid weight within the limit of the best."""
        last, hurdle = _after(at.child, outcome), outcome.hurdle
        best = outcome.values.get("best_kg")
        witness = [w for id in outcome.witness if (w := at.child.by_id.get(id)) is not None]
        still = any(w.counts and w.kg == best for w in witness)
        if not still and at.child.valid:
            # The best weight was since marked as an error: what is left is judged by the best that stands.
            last = at.child.valid[-1]
            stands = at.child.best_before(last)
            hurdle = Decimal(0) if stands is None else stands.exact * (1 - _exact(self.recovered_within_percent) / 100)
        return last.id if last is not None and hurdle is not None and last.exact >= hurdle else None


class ClockBand(Sourced):
    """Days without a new best weight, from one age on."""

    from_days: Days | None = None
    from_months: Months | None = None
    until_months: Months | None = None
    amber_days: Days
    red_days: Days
    high_need_amber_days: Days | None = None
    high_need_red_days: Days | None = None


class ClockLevel(RuleLevel):
    """A level of the no-net-gain clock."""

    urgent_below_days: Days | None = None
    urgent_below_months: Months | None = None


@dataclass(frozen=True, slots=True)
class _Clock:
    """The weight from which the clock of no net gain runs, the last one since, and when the latest was written down."""

    anchor: Weight | None = None
    last: Weight | None = None
    known: dt.datetime | None = None

    def on(self, w: Weight) -> _Clock:
        """The clock after a weight that was no gain."""
        return _Clock(self.anchor, w, w.recorded_at if self.known is None else max(self.known, w.recorded_at))


class NoNetGain(Rule):
    """G9: days since a valid weight exceeded the previous best (table 2b).

    The clock runs from the weight that last counted as a gain: for a high-need child one that
    exceeded, by the stated per cent, the weight from which the clock ran before.  So weighing
    more often neither stops it nor starts it.
    """

    KIND = "no_net_gain"
    COUNTS_DAYS = True
    high_need_gain_percent: Percent
    clock: tuple[ClockBand, ...] = Field(min_length=1)
    levels: tuple[ClockLevel, ClockLevel]

    def faults(self) -> list[str]:
        """Bands must rise in age, and each must turn red after it turned amber."""
        out = [
            f"clock band {i}: expected one of from_days and from_months"
            for i, b in enumerate(self.clock)
            if (b.from_days is None) == (b.from_months is None)
        ]
        starts = [b.from_days if b.from_days is not None else (b.from_months or 0) * DAYS_PER_MONTH for b in self.clock]
        out += rising("start of the clock's bands", starts)
        ends = [None if b.until_months is None else b.until_months * DAYS_PER_MONTH for b in self.clock]
        out += rising("end of the last clock band", [starts[-1], ends[-1]])
        if any(e is not None for e in ends[:-1]):
            out.append("clock: expected until_months on the last band only")
        for i, b in enumerate(self.clock):
            out += rising(f"clock band {i}: amber and red", [b.amber_days, b.red_days])
            out += rising(f"clock band {i}: amber and red of high need", [b.high_need_amber_days, b.high_need_red_days])
        return out

    def _clock(self, at: Context) -> _Clock:
        """Where the clock stands."""
        start = at.child.protocol.settings.terms.best_from_age_days
        factor = 1 + _exact(self.high_need_gain_percent) / 100 if at.high_need else Decimal(1)

        def step(clock: _Clock, w: Weight) -> _Clock:
            anchor = clock.anchor
            if w.age_days < start:
                return clock
            if not w.counts:
                # A weight doubted for being low is no gain, and no reason to look away either.
                return clock.on(w) if w.low and anchor is not None and w.replaced_by is None else clock
            gain = anchor is None or (w.exact >= anchor.exact * factor if at.high_need else w.exact > anchor.exact)
            return _Clock(w, None, w.recorded_at) if gain else clock.on(w)

        return at.child.running((self.id, at.high_need), _Clock(), step)[-1]

    def evaluate(self, at: Context) -> Outcome:
        """Judge the count of days against the limits for the age on this day."""
        child = at.child
        if child.birth is None:
            return Outcome(not_judged=_no_birth(child))
        clock = self._clock(at)
        anchor, last = clock.anchor, clock.last
        if anchor is None or last is None:
            return Outcome(weight=anchor)
        birth_event = child.birth.event
        count = at.day - anchor.day
        wakes: list[int] = []
        level, limits = NOT_MET, (0, 0)
        for i, band in enumerate(self.clock):
            start = (
                child.birth.day + band.from_days if band.from_days is not None else child.mark(band.from_months or 0)
            )
            if i + 1 < len(self.clock):
                after = self.clock[i + 1]
                end = (
                    child.birth.day + after.from_days
                    if after.from_days is not None
                    else child.mark(after.from_months or 0)
                )
            else:
                end = child.mark(band.until_months) if band.until_months is not None else 10**7
            amber = (
                band.high_need_amber_days if at.high_need and band.high_need_amber_days is not None else band.amber_days
            )
            red = band.high_need_red_days if at.high_need and band.high_need_red_days is not None else band.red_days
            for limit in (amber, red):
                day = max(anchor.day + limit, start)
                if day < end:
                    wakes.append(day)
            if start <= at.day < end:
                limits = (amber, red)
                level = 1 if count >= red else 0 if count >= amber else NOT_MET
        values: dict[str, Any] = {
            "days": count,
            "best_kg": anchor.kg,
            "best_on": anchor.day,
            "kg": last.kg,
            "on": last.day,
            "amber_days": limits[0],
            "red_days": limits[1],
        }
        rule = self.levels[max(level, 0)]
        urgent = (rule.urgent_below_days is not None and at.day < child.birth.day + rule.urgent_below_days) or (
            rule.urgent_below_months is not None and at.day < child.mark(rule.urgent_below_months)
        )
        witness = (birth_event, anchor.id, last.id)
        return Outcome(level, values, witness, weight=anchor, urgent=urgent, wakes=tuple(wakes), known=clock.known)

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say how long there has been no gain."""
        limit = values["red_days"] if level == 1 else values["amber_days"]
        return (
            f"{days_words(values['days'])} without a new best weight: {kg_words(values['best_kg'])} on "
            f"{long_date(values['best_on'])}, last {kg_words(values['kg'])} on {long_date(values['on'])}. "
            f"At this age {days_words(limit)} is the limit; visits without a valid weight do not stop this clock."
        )

    def recovered(self, at: Context, outcome: Outcome) -> str | None:
        """A new best valid weight: the clock has started again from a later weight."""
        anchor = self._clock(at).anchor
        before = outcome.weight
        if anchor is None or before is None or outcome.known is None or anchor.recorded_at <= outcome.known:
            return None  # only a weight written down since can be news: no diagnosis moves the clock on
        # A best weight that was since marked as an error is no hurdle any more.
        now = at.child.by_id.get(before.id)
        counts = now is not None and now.counts
        return anchor.id if not counts or (anchor.day > before.day and anchor.exact > before.exact) else None


# --- gain and evidence, against the child's own past ------------------------------------------


class ConditionalGain(Rule):
    """G7: a gain over weeks that is less than the weight before it lets expect."""

    KIND = "conditional_gain"
    z_below: Number = Field(lt=0)
    least_days: Whole = Field(gt=0)
    until_months: Months
    running_least_days: Whole = Field(gt=0)
    levels: tuple[RuleLevel, RuleLevel]

    @classmethod
    def figures(cls) -> dict[str, str]:
        """The model of healthy growth."""
        return {"weight-model": weight_model().hash}

    def _gain(self, child: Child, w: Weight) -> tuple[float, Weight] | None:
        """Conditional gain up to a weight, and the weight from which it is counted."""
        before = child.pair_before(w, self.least_days)
        gain = None if before is None or w.z is None else child.conditional_gain(before, w)
        return None if gain is None or before is None else (gain, before)

    def evaluate(self, at: Context) -> Outcome:
        """Judge the gain up to the latest weight, and whether the one before was as low."""
        child = at.child
        if child.birth is None:
            return Outcome(not_judged=_no_birth(child))
        outcomes = [self._judge(child, w, child.birth.event) for w in _judged_weights(child)]
        return _gravest(child, outcomes) if outcomes else Outcome()

    def _judge(self, child: Child, w: Weight, birth_event: str) -> Outcome:
        if w.day >= child.mark(self.until_months, child.age_corrected_on(w.day)):
            return Outcome(weight=w)
        if w.z is None:
            return Outcome(not_judged=_unscored(w), weight=w)
        found = self._gain(child, w)
        if found is None:
            return Outcome(weight=w)
        gain, before = found
        values: dict[str, Any] = {
            "kg": w.kg,
            "on": w.day,
            "z": w.z,
            "previous_kg": before.kg,
            "previous_on": before.day,
            "days": w.day - before.day,
            "gain_z": gain,
            "limit_z": self.z_below,
            "reference": child.protocol.reference.id,
        }
        if gain >= self.z_below - TINY:
            return Outcome(NOT_MET, values, (birth_event, before.id, w.id), weight=w)
        level, first = 0, before
        earlier = bisect_left(child.valid, w.place, key=_place)
        for v in reversed(child.valid[:earlier]):
            also = self._gain(child, v)
            if also is None or also[0] >= self.z_below - TINY:
                break
            if w.day - v.day >= self.running_least_days:
                level, first = 1, also[1]
                values |= {"gain_before_z": also[0], "last_on": v.day}
                break
        start = child.valid_place(first)
        witness = (birth_event, *(v.id for v in child.valid[start:earlier]), w.id)
        return Outcome(level, values, witness, weight=w, notes=_unsure(w))

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say the gain, and how often a healthy child has so small a one."""
        share = NormalDist().cdf(values["limit_z"])
        text = (
            f"{kg_words(values['kg'])} on {long_date(values['on'])}, {days_words(values['days'])} after "
            f"{kg_words(values['previous_kg'])}: gain well below what that weight lets expect "
            f"(conditional gain z {values['gain_z']:.2f}). "
        )
        if level == 1 and "last_on" in values:
            return f"{text}So it was on {long_date(values['last_on'])} too (z {values['gain_before_z']:.2f})."
        below = f"below z {values['limit_z']:.2f}"
        return f"{text}One healthy gain in {round(1 / share)} is {below}: a second weight tells."

    def inside(self, child: Child, weight: Weight, outcome: Outcome) -> bool | None:
        """Whether the gain up to a weight is not low."""
        found = self._gain(child, weight)
        return None if found is None else found[0] >= self.z_below - TINY

    def recovered(self, at: Context, outcome: Outcome) -> str | None:
        """The next gain is not low."""
        last = _after(at.child, outcome)
        return last.id if last is not None and self.inside(at.child, last, outcome) else None


class EvidenceLevel(RuleLevel):
    """A level of evidence."""

    ratio_at_least: Number = Field(gt=1)
    high_need_ratio_at_least: Number | None = Field(default=None, gt=1)

    def threshold(self, high_need: bool) -> float:
        """Ratio from which the level is met."""
        own = self.high_need_ratio_at_least
        return own if high_need and own is not None else self.ratio_at_least


def evidence_after(child: Child, weight: Weight) -> float | None:
    """Evidence after a weight, to six figures: what a review compares is what it shows."""
    ratio = child.evidence_after(weight)
    return None if ratio is None else float(f"{ratio:.6g}")


class RunningEvidence(Rule):
    """G12: how much better the weights so far fit slowing than healthy growth."""

    KIND = "evidence"
    weights_at_least: Whole = Field(ge=2)
    levels: tuple[EvidenceLevel, ...] = Field(min_length=1)

    @classmethod
    def figures(cls) -> dict[str, str]:
        """The model of healthy growth, and the detector."""
        return {"weight-model": weight_model().hash, "evidence": detector().hash}

    def faults(self) -> list[str]:
        """Levels must grow graver."""
        return rising("ratio of the levels", [n.ratio_at_least for n in self.levels]) + rising(
            "ratio of the levels, of high need", [n.threshold(True) for n in self.levels]
        )

    def evaluate(self, at: Context) -> Outcome:
        """Judge the evidence after the latest weight that counts."""
        child = at.child
        if child.birth is None:
            return Outcome(not_judged=_no_birth(child))
        last = child.valid[-1] if child.valid else None
        ages = detector().ages
        if last is None or len(child.valid) < self.weights_at_least or last.age_days < ages.from_days:
            return Outcome(weight=last)
        if last.z is None:
            return Outcome(not_judged=_unscored(last), weight=last)
        ratio = evidence_after(child, last)
        if ratio is None:
            return Outcome(not_judged=f"the evidence is for children up to {ages.until_days / 365.25:.0f} years")
        level = max((i for i, n in enumerate(self.levels) if ratio >= n.threshold(at.high_need)), default=NOT_MET)
        limit = self.levels[max(level, 0)].threshold(at.high_need)
        by = by_age([last.age_days])
        values: dict[str, Any] = {
            "ratio": ratio,
            "limit_ratio": limit,
            "bound": detector().bound(limit, by),
            "bound_by_years": round(by / DAYS_PER_YEAR),
            "kg": last.kg,
            "on": last.day,
            "weights": len(child.valid),
            "reference": child.protocol.reference.id,
            "reference_hash": child.protocol.reference.hash,
        }
        # All weights that count: the evidence comes out again from all of them, and from no fewer.
        graver = level > at.open_level
        witness = (child.birth.event, *(w.id for w in child.valid)) if graver else (child.birth.event, last.id)
        return Outcome(level, values, witness, weight=last)

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say how much better, what that is not, what settles it, and the guaranteed bound."""
        return (
            f"The {values['weights']} weights up to {kg_words(values['kg'])} on {long_date(values['on'])} "
            f"{fit_words(values['ratio'])}. That ranks who to look at first; it "
            "is no diagnosis and does not say why. Another weight is what would settle it. At most one healthy "
            f"child in {round(1 / values['bound'])} ever reaches this by {values['bound_by_years']} years, "
            "however often weighed."
        )

    def inside(self, child: Child, weight: Weight, outcome: Outcome) -> bool | None:
        """Whether the evidence after a weight is below the first level."""
        ratio = evidence_after(child, weight)
        return None if ratio is None else ratio < self.levels[0].threshold(child.high_need)


class FallOnCondition(Rule):
    """G3c: a fall from the best position held on the reference of a condition, with another reason to worry."""

    KIND = "fall_on_condition"
    COUNTS_DAYS = True
    LEANS_ON_OPEN = True
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

    def evaluate(self, at: Context) -> Outcome:
        """Judge the latest weight against the best position held, where a signed plan names a reference."""
        child = at.child
        plan = child.condition_plan(at.day)
        if child.birth is None or plan is None:
            return Outcome()
        ref, why = condition_reference(plan.reference or "")
        if ref is None:
            return Outcome(not_judged=f"the plan names {one_line(plan.reference or '')}: {why}")
        outcomes = [self._judge(at, w, plan, ref) for w in _judged_weights(child)]
        outcome = _gravest(child, outcomes) if outcomes else Outcome()
        outcome.wakes = (plan.until + 1,)
        return outcome

    def _judge(self, at: Context, w: Weight, plan: Plan, ref: Reference) -> Outcome:
        child = at.child
        assert child.birth is not None
        if _early(child, w, self.from_age_days, self.preterm_from_gestation_days):
            return Outcome()
        found = child.position_on(ref, w, self.sustained_least_days)
        if found is None:
            return Outcome(not_judged=f"the weight of {long_date(w.day)} cannot be followed on {ref.id}", weight=w)
        position, here = found
        first, until = position.best_from, position.best_until
        if position.best is None or first is None or until is None:
            return Outcome(weight=w)
        fall = (position.best - here) / SPACE
        values: dict[str, Any] = {
            "kg": w.kg,
            "on": w.day,
            "z": here,
            "best_z": position.best,
            "since": first.day,
            "best_on": until.day,
            "fall_spaces": fall,
            "limit_spaces": self.spaces,
            "reference": ref.id,
            "reference_hash": ref.hash,
        }
        if fall < self.spaces - TINY:
            return Outcome(NOT_MET, values, (plan.id, w.id), weight=w)
        start = child.valid_place(first)
        witness = [plan.id, child.birth.event, *(v.id for v in child.valid[start:]), w.id]
        ratio = evidence_after(child, child.valid[-1]) if child.valid else None
        values["ratio"] = ratio
        others = [id for id in self.or_open if id in at.open]
        values["open"] = others
        for id in others:
            witness += at.open[id].outcome.witness
        enough = ratio is not None and ratio >= self.evidence_at_least
        if enough and not others:
            witness += [v.id for v in child.valid]
        level = 0 if enough or others else NOT_MET
        return Outcome(level, values, tuple(dict.fromkeys(witness)), weight=w, notes=_unsure(w))

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say the fall on the condition's reference, and what else is there."""
        why = [f"{id} is open" for id in values["open"]]
        if values["ratio"] is not None and values["ratio"] >= self.evidence_at_least:
            why.append(f"the weights {fit_words(values['ratio'])} on the general reference")
        return (
            f"{kg_words(values['kg'])} on {long_date(values['on'])} is {spaces_words(values['fall_spaces'])} below "
            f"the best position held, on the reference of the signed plan ({values['reference']}): that was from "
            f"{long_date(values['since'])} to {long_date(values['best_on'])}. And {list_words(why)}. "
            "The condition does not explain a fall on its own reference."
        )

    def inside(self, child: Child, weight: Weight, outcome: Outcome) -> bool | None:
        """Whether a weight is less than the threshold below the best position held, on the finding's reference."""
        ref = condition_reference(str(outcome.values.get("reference", "")))[0]
        found = None if ref is None else child.position_on(ref, weight, self.sustained_least_days)
        if found is None or found[0].best is None:
            return None
        return (found[0].best - found[1]) / SPACE < self.spaces - TINY


# --- illness ----------------------------------------------------------------------------------


class SickDay(Sourced):
    """What is asked when there is no sick-day plan."""

    do: str
    owner: Any
    within_days: Days


class Unwell(Rule):
    """H2: vomiting, fever or poor intake in a child who is watched closely or has high need."""

    KIND = "unwell"
    PHASE = "after_tier"
    signs: tuple[Sign, ...] = Field(min_length=1)
    tier_at_least: TierName
    or_high_need: Flag
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)
    sick_day: Action

    def evaluate(self, at: Context) -> Outcome:
        """Look for a recent sign that no examination has answered."""
        if TIERS.index(at.tier) < TIERS.index(self.tier_at_least) and not (self.or_high_need and at.high_need):
            return Outcome()
        window = at.child.protocol.settings.terms.ill_within_days
        wanted = frozenset(str(s) for s in self.signs)
        # Counted from the day it was written down: a late entry is news on the day it comes.
        found = [
            (s.day, s.id, [x for x in s.signs if x in wanted])
            for s in at.child.unanswered(wanted)
            if at.day - s.known_day <= window
        ]
        if not found:
            return Outcome()
        signs_seen = list(dict.fromkeys(s for _, _, hit in found for s in hit))
        values: dict[str, Any] = {
            "signs": signs_seen,
            "on": max(on for on, _, _ in found),
            "first_on": min(on for on, _, _ in found),
            "sick_day_plan": at.child.plan_on(at.day, "sick_day") is not None,
        }
        return Outcome(0, values, tuple(id for _, id, _ in found))

    def say(self, values: Mapping[str, Any], level: int) -> str:
        """Say what was recorded, and when."""
        signs = list_words([s.replace("_", " ") for s in values["signs"]])
        return f"{signs[0].upper()}{signs[1:]} recorded on {long_date(values['on'])}; no examination is recorded since."

    def recovered(self, at: Context, outcome: Outcome) -> str | None:
        """An examination that answers every sign on which it rests."""
        answers = [at.child.answer_to(s) for s in at.child.signs if s.id in outcome.witness]
        if not answers or any(a is None for a in answers):
            return None
        return max((a for a in answers if a is not None), key=lambda a: (a.day, a.moment)).id


KINDS: dict[str, type[RuleBase]] = {
    kind.KIND: kind
    for kind in (
        WeighingDue,
        WeighingOverdue,
        SeenNotWeighed,
        NewbornLoss,
        BelowPrevious,
        BirthWeightNotRegained,
        FallFromBirth,
        BelowLine,
        LossFromBest,
        NoNetGain,
        ConditionalGain,
        RunningEvidence,
        FallOnCondition,
        Unwell,
    )
}
"""The packaged kinds of rule, by name."""
