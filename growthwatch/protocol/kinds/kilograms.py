"""Kinds in kilograms: loss from the best weight, and no net gain."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

import numpy as np
from pydantic import Field

from growthwatch.core.said import Counted, Said
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.core.words import (
    days_words,
    kg_words,
    list_words,
    long_date,
    percent_words,
)
from growthwatch.growth.false_alarms import one_clock
from growthwatch.growth.rules import ClockBand as WeightsBand
from growthwatch.growth.rules import Level
from growthwatch.growth.steps import Clock, left_after, percent_below
from growthwatch.protocol.child import Child, Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import (
    Days,
    Flag,
    Months,
    Percent,
    Sourced,
    Text,
    rising,
)
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
    Count,
    Day,
    Given,
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
    loss_percent,
    no_birth,
    unsure,
)

__all__ = ["LossFromBest", "NoNetGain"]


_MAY_BE_WRONG = (
    "The best weight may be wrong: {kg} on {on} stands alone, well above the weights before and after it. Confirm it, "
    "or mark it as an error; until then it raises no tier."
)


class BestLossLevel(LossLevel):
    """A level of loss from the best weight.

    One with ``if_well_from_months`` is met instead of the next by a child without high need from that age on whose
    best weight lies more than ``if_best_over_days`` back, with danger signs recorded as none on the day of the
    weight, no danger sign open, and not ill.
    """

    ordinary_only_if_ill: Flag = False
    with_danger_sign_percent: Percent | None = None
    if_well_from_months: Months | None = None
    if_best_over_days: Days = 0
    urgent_below_months: Months | None = None
    urgent_within_days_of_best: Days | None = None

    @property
    def least_percent(self) -> float:
        """The least loss that may reach the level, with a danger sign or without [percent]."""
        ordinary = super().least_percent
        return ordinary if self.with_danger_sign_percent is None else min(ordinary, self.with_danger_sign_percent)


class LossFromBest(GrowthKind):
    """G8: loss from the best weight that the child has held (table 2a)."""

    KIND = "loss_from_best"
    VERSION: ClassVar[int] = 2
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "signs", "conditions", "open"})
    from_age_days: Days
    recovered_within_percent: Percent
    levels: tuple[BestLossLevel, ...] = Field(min_length=1)
    danger_rule: Text

    def faults(self) -> list[str]:
        """Levels must grow graver; one for a child that is well takes the place of the one after it."""
        out = loss_faults([n for n in self.levels if n.if_well_from_months is None])
        for level, graver in zip(self.levels, (*self.levels[1:], None), strict=True):
            if level.if_well_from_months is None:
                continue
            alike = graver is not None and graver.loss_at_least_percent == level.loss_at_least_percent
            if not alike or level.loss_at_least_percent is None:
                out.append(f"level {level.name}: expected the same loss in the level after it")
        return out

    def leans_on(self) -> tuple[str, ...]:
        """The rule of danger signs."""
        return (self.danger_rule,)

    def judge(self, at: At) -> Outcome:
        """Judge the latest weights, of any validity, against the best valid one before each."""
        child = at.child
        danger, signs = danger_weights(child), child.signs
        # Day after day without a weight that counts, only the newest is judged; signs change what the others are.
        danger_sign = at.open.get(self.danger_rule)
        told = (len(signs.seen), len(signs.illnesses), len(signs.examinations), signs.said_of_danger)
        key = (self.id, at.high_need, *told, None if danger_sign is None else danger_sign.key)
        done, best = child.weights.kept.get(key, (0, None))
        fresh = [self._judge_weight(at, w) for w in danger[done:] if w.age_days >= self.from_age_days]
        if fresh:
            best = gravest(child, fresh if best is None else [best, *fresh])
        child.weights.kept[key] = (len(danger), best)
        if best is None:
            return Outcome(not_judged=no_birth(child))
        found = best.again()
        # Of a child whose age is not known no deadline may wait.
        found.today = child.ages.birth is None
        return found

    def _judge_weight(self, at: At, w: Weight) -> Outcome:
        child = at.child
        best = child.growth.best_before(w)
        if best is None or w.exact >= best.exact:
            held: Values = {}
            if best is not None:
                held = {"kg": Kg(w.kg), "on": Day(w.day), "best_kg": Kg(best.kg), "best_on": Day(best.day)}
            return Outcome(NOT_MET, held, weight=w)
        loss = loss_percent(best, w)
        ill = child.signs.ill_near(w.day)
        sign = at.open.get(self.danger_rule)
        level, urgent, spared = NOT_MET, False, False
        none = child.signs.no_danger_on(w.day)
        for i, rule in enumerate(self.levels):
            met = rule.met(loss) and (at.high_need or not rule.ordinary_only_if_ill or ill is not None)
            if rule.if_well_from_months is not None:
                well = not at.high_need and sign is None and ill is None and none is not None
                old = child.ages.birth is not None and w.day >= child.ages.mark(rule.if_well_from_months)
                met = spared = met and well and old and w.day - best.day > rule.if_best_over_days
            elif spared:
                met = spared = False
            if (
                rule.with_danger_sign_percent is not None
                and sign is not None
                and loss >= exact(rule.with_danger_sign_percent)
            ):
                met = True
            if met:
                level = i
                urgent = (
                    rule.urgent_below_months is not None
                    and child.ages.birth is not None
                    and w.day < child.ages.mark(rule.urgent_below_months)
                ) or (
                    rule.urgent_within_days_of_best is not None and w.day - best.day <= rule.urgent_within_days_of_best
                )
        values: Values = {
            "kg": Kg(w.kg),
            "on": Day(w.day),
            "weight": at_most(w),
            "best_kg": Kg(best.kg),
            "best_on": Day(best.day),
            "loss_percent": loss,
            "ill": ill is not None,
            "sign": sign is not None,
            **how(w),
        }
        signs = () if sign is None else sign.outcome.witness
        spared_by = none if level != NOT_MET and self.levels[level].if_well_from_months is not None else None
        level, notes = at_level(self.levels, level, w), unsure(w)
        beside = () if level == NOT_MET or child.weights.is_signed(best.id) else child.growth.stands_alone(best)
        if beside:
            notes = (*notes, _MAY_BE_WRONG.format(kg=kg_words(best.kg), on=long_date(best.day)))
        named = (best.id, w.id, ill, spared_by, *signs, *beside)
        witness = tuple(dict.fromkeys(x for x in named if x is not None))
        hurdle = left_after(best.exact, exact(self.recovered_within_percent))
        wrong = bool(beside)
        return Outcome(level, values, witness, hurdle=hurdle, weight=w, urgent=urgent, notes=notes, best_doubted=wrong)

    def say(self, seen: Seen, level: int) -> str:
        """Say the loss against the best weight."""
        best = f"{kg_words(seen['best_kg'])} on {long_date(seen['best_on'])}"
        limits = [n.least_percent for n in self.levels if not n.uncertain]
        loss = percent_words(seen["loss_percent"], *limits)
        if self.levels[level].uncertain:
            return told_uncertain(seen, f"{loss} below the best weight, {best}")
        text = f"{seen['weight']} on {long_date(seen['on'])} is {loss} below the best weight, {best}"
        extra = [w for w, there in (("illness", seen["ill"]), ("a danger sign", seen["sign"])) if there]
        return text + (f", with {list_words(extra)} recorded." if extra else ".")

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether a weight would not open it for this child: what opens it only for the ill counts for those alone."""
        if "best_kg" not in opened.values:
            return None
        loss = percent_below(exact(opened.values["best_kg"]), weight.exact)
        ill = child.conditions.high_need or child.signs.ill_near(weight.day) is not None
        return not any(n.met(loss) for n in self.levels if ill or not n.ordinary_only_if_ill)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """A later valid weight within the limit of the best; of uncertain ones a sure weight without such a loss."""
        sure = weighed_surely(at, opened, self.levels, self.judge)
        if sure is not None:
            return sure
        last, hurdle = after(at.child, opened), opened.hurdle
        best = opened.values.get("best_kg")
        if best is not None and hurdle is not None:
            # Values that have changed since let it close only where the present ones do, too.
            hurdle = max(hurdle, left_after(exact(best), exact(self.recovered_within_percent)))
        witness = [w for id in opened.witness if (w := at.child.weights.by_id.get(id)) is not None]
        still = any(w.counts and w.kg == best for w in witness)
        if not still and at.child.weights.valid:
            # The best weight was since marked as an error: what is left is judged by the best that stands.
            last = at.child.weights.valid[-1]
            stands = at.child.growth.best_before(last)
            hurdle = Decimal(0) if stands is None else left_after(stands.exact, exact(self.recovered_within_percent))
        return last.id if last is not None and hurdle is not None and last.exact >= hurdle else None

    def may_meet(self, followed: Followed) -> Flags:
        """The least loss that any level asks for, with a danger sign or without."""
        some = [level.may_be(followed.best_kg, followed.kg) for level in self.levels if not level.uncertain]
        return (followed.age_days >= self.from_age_days) & np.logical_or.reduce(some)

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """The loss that was needed: less than the level says where a danger sign was recorded."""
        own = self.levels[level]
        if own.uncertain:
            return NO_RATE
        loss, besides = own.on_weights(), ""
        sooner = own.with_danger_sign_percent
        if not own.met(seen["loss_percent"]) and sooner is not None:
            loss = Level(name=own.name, threshold=float(sooner))
            besides = "The sign recorded is not part of this rate."
        elif own.ordinary_only_if_ill and not child.conditions.high_need:
            besides = "The illness is not part of this rate."
        best_from = float(child.settings.terms.best_from_age_days)
        figures = {"from_age_days": float(self.from_age_days), "best_from_age_days": best_from}
        return Judged(packaged("loss-from-best", loss, **figures), does=loses(loss), besides=besides)


_NEVER = 10**7
"""A day that never comes."""


def _weighed_on(w: Weight) -> int:
    return w.day


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
    """The clock of no net gain, and when the latest weight from its anchor on was written down."""

    at: Clock[Weight]
    known: dt.datetime | None = None

    def on(self, at: Clock[Weight], w: Weight) -> _Clock:
        """The clock after one more weight."""
        before = self.at.anchor
        new = before is None or (at.anchor is w and before.day < w.day)
        return _Clock(at, w.recorded_at if new or self.known is None else max(self.known, w.recorded_at))


class NoNetGain(GrowthKind):
    """G9: days since a valid weight exceeded the previous best (table 2b).

    The clock runs from the weight that last counted as a gain: for a high-need child one that
    exceeded, by the stated per cent, the weight from which the clock ran before.  So weighing
    more often neither stops it nor starts it.  It is about kilograms: a change of table touches it no
    more than a birthday does.  Whether it is judged goes by the age at the weight that set it going, the first
    valid one after the best: set going before the age at which its bands end, it runs on by the last of them.
    """

    KIND = "no_net_gain"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "conditions", "days"})
    high_need_gain_percent: Percent
    clock: tuple[ClockBand, ...] = Field(min_length=1)
    levels: tuple[ClockLevel, ClockLevel]

    def faults(self) -> list[str]:
        """Bands must rise in age, and each must turn red after it turned amber."""
        out = [
            f"clock[{i}]: expected one of from_days and from_months"
            for i, b in enumerate(self.clock, 1)
            if (b.from_days is None) == (b.from_months is None)
        ]
        starts = [b.from_days if b.from_days is not None else (b.from_months or 0) * DAYS_PER_MONTH for b in self.clock]
        out += rising("start of the clock's bands", starts)
        ends = [None if b.until_months is None else b.until_months * DAYS_PER_MONTH for b in self.clock]
        out += rising("end of the last clock band", [starts[-1], ends[-1]])
        if any(e is not None for e in ends[:-1]):
            out.append("clock: expected until_months on the last band only")
        for b in self.clock:
            start = f"from_months={b.from_months}" if b.from_days is None else f"from_days={b.from_days}"
            out += rising(f"clock[{start}]: amber and red", [b.amber_days, b.red_days])
            high = [b.high_need_amber_days, b.high_need_red_days]
            out += rising(f"clock[{start}]: amber and red of high need", high)
        return out

    def _clock(self, at: At) -> _Clock:
        """Where the clock stands."""
        start = at.child.settings.terms.best_from_age_days
        percent = exact(self.high_need_gain_percent) if at.high_need else Decimal(0)

        def step(clock: _Clock, w: Weight) -> _Clock:
            # One that is doubted is no best weight, and none after which the clock would run.
            return clock.on(clock.at.after(w, percent), w) if w.counts and w.age_days >= start else clock

        return at.child.growth.running((self.id, at.high_need), _Clock(Clock()), step)[-1]

    def _bands(self, child: Child) -> list[tuple[int, int]]:
        """From and until which day each band of the clock holds, the last one of a clock that is set going after it."""
        birth = child.ages.birth
        assert birth is not None
        starts = [
            birth.day + band.from_days if band.from_days is not None else child.ages.mark(band.from_months or 0)
            for band in self.clock
        ]
        until = self.clock[-1].until_months
        ends = [*starts[1:], _NEVER if until is None else child.ages.mark(until)]
        return list(zip(starts, ends, strict=True))

    def judge(self, at: At) -> Outcome:
        """Judge the count of days against the limits for the age on this day."""
        child = at.child
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        clock = self._clock(at)
        anchor, last = clock.at.anchor, clock.at.last
        if anchor is None or last is None:
            return Outcome(weight=anchor)
        birth_event = child.ages.birth.event
        count = at.day - anchor.day
        wakes: list[int] = []
        level, limits, band_at = NOT_MET, (0, 0), NOT_MET
        bands = child.ages.once(("clock", self.id), lambda: self._bands(child))
        valid = child.weights.valid
        first = valid[bisect_right(valid, anchor.day, key=_weighed_on)]
        over = bands[-1][1]
        if first.day < over:  # what ran before goes on
            bands = [*bands[:-1], (bands[-1][0], _NEVER)]
        for place, (band, (start, end)) in enumerate(zip(self.clock, bands, strict=True)):
            amber = (
                band.high_need_amber_days if at.high_need and band.high_need_amber_days is not None else band.amber_days
            )
            red = band.high_need_red_days if at.high_need and band.high_need_red_days is not None else band.red_days
            for limit in (amber, red):
                day = max(anchor.day + limit, start)
                if day < end:
                    wakes.append(day)
            if start <= at.day < end:
                limits, band_at = (amber, red), place
                level = 1 if count >= red else 0 if count >= amber else NOT_MET
                if level != NOT_MET or at.open_level != NOT_MET:
                    wakes.append(end)  # the limits are others from then on
        values: Values = {
            "best_kg": Kg(anchor.kg),
            "best_on": Day(anchor.day),
            "kg": Kg(last.kg),
            "on": Day(last.day),
        }
        if level != NOT_MET or (at.open_level != NOT_MET and band_at != NOT_MET):
            values |= {"amber_days": Count(limits[0]), "red_days": Count(limits[1]), "band": Given(band_at)}
        rule = self.levels[max(level, 0)]
        urgent = (rule.urgent_below_days is not None and at.day < child.ages.birth.day + rule.urgent_below_days) or (
            rule.urgent_below_months is not None and at.day < child.ages.mark(rule.urgent_below_months)
        )
        began = (first.id,) if at.day >= over else ()
        witness = (birth_event, anchor.id, *began, last.id)
        ids = tuple(dict.fromkeys(witness))
        return Outcome(level, values, ids, weight=anchor, urgent=urgent, wakes=tuple(wakes), known=clock.known)

    def goes_on(self, now: Outcome) -> bool:
        """The clock runs on: its days, and the limits of today's age."""
        return "red_days" in now.values

    def say(self, seen: Seen, level: int) -> Said:
        """Say how long there has been no gain."""
        limit = seen["red_days"] if level == 1 else seen["amber_days"]
        return (
            Counted(int(seen["best_on"]), "{} without a new best weight:", "No new best weight since"),
            (
                f" {kg_words(seen['best_kg'])} on {long_date(seen['best_on'])}, "
                f"last {kg_words(seen['kg'])} on {long_date(seen['on'])}. At this age "
                f"{days_words(limit)} is the limit; visits without a valid weight do not stop this clock."
            ),
        )

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """A new best valid weight: the clock has started again from a later weight."""
        anchor = self._clock(at).at.anchor
        before = opened.weight
        if anchor is None or before is None or opened.known is None or anchor.recorded_at <= opened.known:
            return None  # only a weight written down since can be news: no diagnosis moves the clock on
        # A best weight that was since marked as an error is no hurdle any more.
        now = at.child.weights.by_id.get(before.id)
        counts = now is not None and now.counts
        return anchor.id if not counts or (anchor.day > before.day and anchor.exact > before.exact) else None

    def may_meet(self, followed: Followed) -> Flags:
        """The least limit of any age passes before the next weight."""
        limits = [
            d for b in self.clock for d in (b.amber_days, b.red_days, b.high_need_amber_days, b.high_need_red_days)
        ]
        return followed.until - followed.clock_from >= min(d for d in limits if d is not None)

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """The limit that was reached, at the ages for which it holds, read on every day, weighed or not."""
        bands = tuple(
            WeightsBand(
                from_days=float(b.from_days) if b.from_days is not None else (b.from_months or 0) * DAYS_PER_MONTH,
                amber_days=float(b.amber_days),
                red_days=float(b.red_days),
                high_need_amber_days=None if b.high_need_amber_days is None else float(b.high_need_amber_days),
                high_need_red_days=None if b.high_need_red_days is None else float(b.high_need_red_days),
            )
            for b in self.clock
        )
        end = self.clock[-1].until_months
        clock = packaged(
            "no-net-gain",
            None,
            every_day=True,
            clock=bands,
            from_age_days=bands[0].from_days,
            until_age_days=None if end is None else end * DAYS_PER_MONTH,
            best_from_age_days=float(child.settings.terms.best_from_age_days),
            high_need_gain_percent=float(self.high_need_gain_percent),
        )
        band = seen.get("band")
        if band is None:
            return Judged(clock, level + 1)
        only, does, between = one_clock(clock, int(band), level + 1, child.conditions.high_need)
        return Judged(only, level + 1, does=does, between=between)
