"""P8: the child has not regained what it lost, so long after the concern began.

Source: process specification, section 3, P8, and section 8.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from pydantic import Field

from growthwatch.core.words import kg_words, long_date, name_words
from growthwatch.protocol.child import Plan, Weight
from growthwatch.protocol.child.ages import months_after
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Months, Number, Sourced
from growthwatch.protocol.kinds.kind import At, Climbs, Day, Kg, Kind, Outcome, Reason, Seen, Topic, Values, Z
from growthwatch.protocol.kinds.weights import SPACE, TINY, too_low
from growthwatch.protocol.schedule import Due
from growthwatch.record import DecisionSigned

__all__ = ["NoRecovery"]

_LOOK, _REFER, _AGAIN, _BELOW = range(4)
_CONCERN = "T2"
"""The lowest tier of concern (`At.concern`)."""


class _Since(NamedTuple):
    """How z changed since a weight.

    The weight, the last of those after it, by how much that stands higher, the least that any did, how many there are,
    itself counted, and ids of those that cannot be compared with it [SD].
    """

    first: Weight
    last: Weight
    change: float
    least: float
    many: int
    apart: frozenset[str]

    def then(self, w: Weight, change: float | None) -> _Since:
        """With one more weight; where it cannot be compared it tells nothing."""
        if change is None:
            return self._replace(apart=self.apart | {w.id})
        return _Since(self.first, w, change, min(self.least, change), self.many + 1, self.apart)


class RecoveryBand(Sourced):
    """How long a recovery may take, from an age on [days, calendar months]."""

    from_months: Months
    days: Days


class WatchPlan(Sourced):
    """What a watch plan must have to hold this rule, and for how long it may.

    Attributes
    ----------
    months
        Longest time [calendar months].
    length_within_days, signs_within_days
        How old a length, and danger signs recorded as none, may be when it is signed.
    """

    months: Months
    length_within_days: Days
    signs_within_days: Days


class NoRecovery(Kind):
    """P8: no measured recovery; look, then refer by depth, then ask again.

    Attributes
    ----------
    bands
        Days by the age at which the concern began.
    recovered_spaces, refer_spaces, deeper_spaces, falling_spaces
        How much is regained, how deep it stands that it is referred at once, and later while it falls; what falling
        is [centile spaces].
    """

    KIND = "no_recovery"
    READS: ClassVar[frozenset[Topic]] = frozenset(
        {"weights", "tier", "due", "days", "signs", "conditions", "requests", "open"}
    )
    CLIMBS: ClassVar[Climbs] = "clinical"
    bands: tuple[RecoveryBand, ...] = Field(min_length=1)
    recovered_spaces: Number = Field(gt=0)
    refer_spaces: Number = Field(gt=0)
    deeper_spaces: Number = Field(gt=0)
    falling_spaces: Number = Field(gt=0)
    watch: WatchPlan
    sign_rule: str
    levels: tuple[RuleLevel, ...] = Field(min_length=4, max_length=4)

    def leans_on(self) -> tuple[str, ...]:
        """The rule of danger signs, which ends a watch plan's hold."""
        return (self.sign_rule,)

    def _days(self, at: At, start: int) -> int:
        ages = at.child.ages
        found = self.bands[0].days
        for band in self.bands:
            mark = ages.mark(band.from_months, corrected=ages.birth is not None and ages.birth.preterm)
            if start >= mark:
                found = band.days
        return found

    def judge(self, at: At) -> Outcome:
        """Judge from the day on which the concern began."""
        child, start = at.child, at.concern
        if start == 0 or child.ages.birth is None:
            return Outcome()
        n, day = self._days(at, start), at.day
        first = (start + n + 1, start + 2 * n + 1)
        wakes = tuple(d for d in first if d > day)
        if day < first[0]:
            return Outcome(wakes=wakes)
        seen = self._changes(at, start)
        last = None if seen is None else seen.last
        depth = None if seen is None else seen.change
        if self._recovered(at, seen) is not None:
            return Outcome(wakes=wakes)
        newest = child.weights.last
        latest = newest.day if newest is not None and newest.day > start else None
        falling = self._falling(at, last, start)
        deep = None if depth is None or (last is not None and not last.counts) else depth
        level = _LOOK
        if (
            latest is None
            or (deep is not None and deep <= -self.refer_spaces * SPACE + TINY)
            or (
                day >= first[1]
                and (
                    latest <= start + n or (falling and deep is not None and deep <= -self.deeper_spaces * SPACE + TINY)
                )
            )
        ):
            level = _REFER
        refer = [d for d, then in self._raised(at) if then >= _REFER] or ([day] if level >= _REFER else [])
        if refer:
            level = max(level, _REFER)
            again = max(refer[0] + n, first[1])
            if day < again:
                wakes = (*wakes, again)
            elif falling or latest is None or latest < again:
                level = _AGAIN
        held = self._held(at)
        values: Values = {
            "since": Day(start), "deeper": None if depth is None else Z(depth),
        }  # fmt: skip
        if held is not None:
            values |= {
                "limit_kg": Kg(held.limit_kg or 0),
                "plan_of": Day(held.day),
                "dietitian": name_words(held.dietitian or ""),
                "until": Day(self._until(held)),
            }
        witness = () if seen is None else self._compared(at, seen)
        if held is not None:
            wakes = (*wakes, self._until(held) + 1)
            if at.due.lapsed_from is not None:
                wakes = (*wakes, at.due.lapsed_from)
            witness = (*witness, held.id, *self._shown(at, held))
            level = min(level, _LOOK)
        below = self._below(at)
        if below is not None:
            level = _BELOW
            plan = self._plan(at)
            witness = (*witness, below.id, *(() if plan is None else (plan.id, *self._shown(at, plan))))
            values = values | {"kg": Kg(below.kg), "weighed": Day(below.day)}
        return Outcome(level, values, witness, weight=last, wakes=wakes)

    def _raised(self, at: At) -> list[tuple[int, int]]:
        slot = at.open.get(self.id)
        return list(slot.raised) if slot is not None else []

    def _changes(self, at: At, start: int) -> _Since | None:
        """How z changed by valid weights from the last at the start on, and by one doubted as too low."""
        growth, weights = at.child.growth, at.child.weights

        def step(seen: _Since | None, w: Weight) -> _Since | None:
            if not w.counts:
                return seen
            if seen is None or w.day <= start:
                return _Since(w, w, 0.0, 0.0, 1, frozenset())
            return seen.then(w, growth.change_since_day(seen.first, w))

        seen = growth.running(("no_recovery", start), None, step)[-1]
        newest = weights.all[-1] if weights.all else None
        if seen is None or newest is None or newest.counts or not too_low(newest):
            return seen
        if newest.day < weights.valid[-1].day:
            return seen
        change = growth.change_since_day(seen.first, newest)
        return seen.then(newest, seen.change if change is None else change)

    def _compared(self, at: At, seen: _Since) -> tuple[str, ...]:
        """Ids of the weights that were compared, in order."""
        weights = at.child.weights
        ids = [w.id for w in weights.valid[weights.valid_place(seen.first) or 0 :] if w.id not in seen.apart]
        return tuple(ids if seen.last.counts else [*ids, seen.last.id])

    def _recovered(self, at: At, seen: _Since | None) -> Weight | None:
        """The weight that shows recovery: it has regained enough, and does not stand below the start."""
        if seen is None or seen.many < 2:
            return None
        regained = seen.change - seen.least >= self.recovered_spaces * SPACE - TINY and seen.change >= -TINY
        return seen.last if regained and seen.last.counts else None

    def _falling(self, at: At, last: Weight | None, start: int) -> bool:
        if last is None:
            return False
        if not last.counts:
            return True
        fallen = at.child.growth.fallen(last, start)
        return fallen is not None and fallen[0] < -self.falling_spaces * SPACE - TINY

    def rests(self, at: At) -> bool:
        """While a watch plan holds it."""
        return at.concern > 0 and self._held(at) is not None

    def renews(self, at: At, before: Outcome, now: Outcome) -> bool:
        """When a watch plan holds it no more, unless a weight below its limit has ended it."""
        return before.values.get("plan_of") is not None and now.values.get("plan_of") is None and now.level != _BELOW

    def counts_from(self, at: At, level: int) -> int | None:
        """What was done since the concern began counts, but where paediatrics is to be rung again."""
        return None if level == _AGAIN else at.concern or None

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight alone: another rule has raised the tier before."""
        return followed.none()

    def speaks_from(self, due: Due, contacts: int) -> int | None:
        """Never by the next weighing alone."""
        return None

    # --- a watch plan ---------------------------------------------------------------------

    def _until(self, plan: Plan) -> int:
        return min(plan.until, months_after(plan.day, self.watch.months))

    def _plan(self, at: At) -> Plan | None:
        """The watch plan in force that has all that it needs; a weight below its limit has ended it."""
        child = at.child
        plan = child.signed.plan_on(at.day, "watch")
        if plan is None or plan.limit_kg is None or plan.dietitian is None or not child.conditions.high_need:
            return None
        if plan.role not in at.child.settings.guards.watch_roles or at.day > self._until(plan):
            return None
        return plan if self._shown(at, plan) else None

    def _shown(self, at: At, plan: Plan) -> tuple[str, ...]:
        """The latest length, and danger signs recorded as none, that a plan rests on; empty where one is missing."""
        child, watch = at.child, self.watch
        lengths = [id for d, _, id in child.measures.lengths if plan.day - watch.length_within_days <= d <= plan.day]
        days = range(plan.day - watch.signs_within_days, plan.day + 1)
        none = [id for d in days if (id := child.signs.no_danger_on(d)) is not None]
        return (lengths[-1], none[-1]) if lengths and none else ()

    def _held(self, at: At) -> Plan | None:
        """The watch plan that holds the rule: no weight below its limit, none lapsed, no danger sign open."""
        plan = self._plan(at)
        if plan is None or self._below(at) is not None or self.sign_rule in at.open:
            return None
        if at.due.lapsed_from is not None and at.day >= at.due.lapsed_from:
            return None
        return plan

    def _below(self, at: At) -> Weight | None:
        """A valid weight since the plan below its limit: the plan ends with it."""
        plan = self._plan(at)
        if plan is None or plan.limit_kg is None:
            return None
        return next((w for w in at.child.weights.valid if self.below_limit(at, w)), None)

    def below_limit(self, at: At, weight: Weight) -> bool:
        """Whether a weight since a watch plan in force was signed is below its limit."""
        plan = self._plan(at)
        return plan is not None and plan.limit_kg is not None and weight.day >= plan.day and weight.kg < plan.limit_kg

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The weight that shows recovery."""
        found = self._recovered(at, self._changes(at, at.concern)) if at.concern else None
        return None if found is None else found.id

    def signed_off(self, at: At, finding: Any, e: DecisionSigned) -> list[Reason] | None:
        """Once the tier has been lowered."""
        if at.concern == 0:
            return []
        return [Reason(f"the child is in {at.tier}: sign the tier down first", f"a tier below {_CONCERN}")]

    def bars_lowering(self, level: int) -> bool:
        """While nothing has been regained, the tier is not signed down but by the steady exit."""
        return True

    def say(self, seen: Seen, level: int) -> str:
        """Say how long the concern has lasted, and what has not been regained."""
        if level == _BELOW:
            return (
                f"{kg_words(seen['kg'])} on {long_date(seen['weighed'])}, below the limit of the watch plan. Refer now."
            )
        if seen.get("limit_kg") is not None:
            return (
                f"Watched under the plan of {long_date(seen['plan_of'])}: not below {kg_words(seen['limit_kg'])}; "
                f"{seen['dietitian']}; until {long_date(seen['until'])}."
            )
        since = f"Concern since {long_date(seen['since'])}"
        if level == _LOOK:
            return f"{since}: not yet regained, and not clearly falling. Ask the GP or a dietitian to look."
        return f"{since}, and the child has not regained what it lost. Refer now; do not wait for the next weight."
