"""P5: a child who needs a lead has none, or two."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import list_words, long_date, name_words
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import TIERS, Days, TierName
from growthwatch.protocol.kinds.kind import At, Climbs, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import ProcessKind
from growthwatch.record.words import Level

__all__ = ["NoLead"]

_TWO, _TO_NAME, _OWNERLESS, _NAMED_NURSE = range(4)


class NoLead(ProcessKind):
    """P5: no lead stands, though one is required, or two do.

    Source: process specification, section 3, P5.

    Attributes
    ----------
    from_tier, levels_of_service
        Tier from which, and levels of service on which, a lead is required; a protection plan requires one too.
    grave_levels
        Levels of service on which a child without a lead is ownerless from the first day.
    named_nurse_after_wd
        Working days without a lead after which the named nurse names one.
    """

    KIND = "no_lead"
    READS: ClassVar[frozenset[Topic]] = frozenset({"people", "conditions", "tier", "days"})
    CLIMBS: ClassVar[Climbs] = "own"
    from_tier: TierName
    levels_of_service: tuple[Level, ...]
    grave_levels: tuple[Level, ...]
    named_nurse_after_wd: Days
    levels: tuple[RuleLevel, ...] = Field(min_length=4, max_length=4)

    def climbs(self, level: int) -> Climbs:
        """A lead not named in time is the named nurse's to name; after that, and where two stand, the managers'."""
        return "managers" if level in (_TWO, _NAMED_NURSE) else "own"

    def bars_lowering(self, level: int) -> bool:
        """While nobody leads, or two do, nobody signs the tier down."""
        return True

    def required(self, at: At) -> bool:
        """Whether the child must have a lead."""
        people = at.child.people
        by_tier = TIERS.index(at.tier) >= TIERS.index(self.from_tier)
        return by_tier or people.level in self.levels_of_service or people.protection_plan is not None

    def judge(self, at: At) -> Outcome:
        """Judge who leads at the end of the day."""
        child = at.child
        if not self.required(at):
            return Outcome()
        leads, people = child.offices.leads(at.day), child.people
        wakes = child.offices.starts(at.day)
        latest = child.offices.latest(at.day)
        ids = (() if latest is None else (latest,)) + self._why(at)
        if len(leads) > 1:
            values: Values = {"names": tuple(name_words(x.name) for x in leads), "since": Day(leads[1].day)}
            return Outcome(_TWO, values, tuple(x.id for x in leads), wakes=wakes)
        if leads:
            return Outcome(wakes=wakes)
        grave = people.protection_plan is not None or child.conditions.high_need or people.level in self.grave_levels
        accepted = child.offices.accepted_without_lead(at.day)
        named = child.offices.named_by(at.day)
        level = _OWNERLESS if grave or (named is not None and not accepted) else _TO_NAME
        since = at.of(self.id)[-1].since_level(_TO_NAME, at.day) if at.open_since is not None else at.day
        # A team that starts has longer for those who never had one.
        starts = at.first is not None and since == at.first.day and people.protection_plan is None
        wd = child.settings.first_day.name_wd if starts else self.named_nurse_after_wd
        last = child.working.add(since, wd)
        if starts:
            level = _TO_NAME
        if at.day > last:
            level = _NAMED_NURSE
        left = None if named is None else child.offices.left_on(at.day)
        ids = tuple(dict.fromkeys((*ids, *child.offices.left_by(at.day), *((named,) if named is not None else ()))))
        deadline = last if starts and level == _TO_NAME else None
        values = {"since": Day(since if left is None else left)}
        return Outcome(level, values, ids, wakes=(*wakes, last + 1), deadline=deadline)

    def _why(self, at: At) -> tuple[str, ...]:
        """What requires a lead, beside the tier."""
        people = at.child.people
        ids = [people.levels[-1][1]] if people.levels else []
        return tuple(ids + ([people.protection_plan] if people.protection_plan is not None else []))

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The event by which one lead stands, or by which none is required any more."""
        child = at.child
        if not self.required(at):
            down = child.signed.made("lower_tier")
            if down:
                return down[-1].id
            # A risk by age alone ends by itself: it was the birth's.
            birth = child.ages.birth
            return next(iter(self._why(at)), None) or child.offices.latest(at.day) or (birth and birth.event)
        return child.offices.latest(at.day) if len(child.offices.leads(at.day)) == 1 else None

    def say(self, seen: Seen, level: int) -> str:
        """Say since when nobody leads, or who does beside whom."""
        if level == _TWO:
            names = list_words(list(seen["names"]))
            return f"Two leads stand since {long_date(seen['since'])}: {names}. Settle which of them leads."
        return f"The child has no lead since {long_date(seen['since'])}. The team lead is the owner until one is named."
