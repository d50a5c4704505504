"""Kinds about illness."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import (
    list_words,
    long_date,
)
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.settings import Action, RuleLevel
from growthwatch.protocol.file.values import (
    TIERS,
    Flag,
    TierName,
)
from growthwatch.protocol.kinds.kind import (
    At,
    Day,
    Kind,
    Outcome,
    Seen,
    Topic,
    Values,
)
from growthwatch.record import Sign

__all__ = ["Unwell"]


class Unwell(Kind):
    """H2: vomiting, fever or poor intake in a child who is watched closely or has high need."""

    KIND = "unwell"
    READS: ClassVar[frozenset[Topic]] = frozenset({"signs", "conditions", "days", "tier"})
    signs: tuple[Sign, ...] = Field(min_length=1)
    tier_at_least: TierName
    or_high_need: Flag
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)
    sick_day: Action

    def judge(self, at: At) -> Outcome:
        """Look for a recent sign that no examination has answered."""
        if TIERS.index(at.tier) < TIERS.index(self.tier_at_least) and not (self.or_high_need and at.high_need):
            return Outcome()
        window = at.child.settings.terms.ill_within_days
        wanted = frozenset(str(s) for s in self.signs)
        # Counted from the day it was written down: a late entry is news on the day it comes.
        standing = [s for s in at.child.signs.unanswered(wanted) if at.day - s.known_day <= window]
        found = [(s.day, s.id, [x for x in s.signs if x in wanted]) for s in standing]
        if not found:
            return Outcome()
        signs_seen = tuple(dict.fromkeys(s for _, _, hit in found for s in hit))
        values: Values = {
            "signs": signs_seen,
            "on": Day(max(on for on, _, _ in found)),
            "first_on": Day(min(on for on, _, _ in found)),
            "sick_day_plan": at.child.signed.plan_on(at.day, "sick_day") is not None,
        }
        wakes = tuple(s.known_day + window + 1 for s in standing)
        return Outcome(0, values, tuple(id for _, id, _ in found), wakes=wakes)

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight."""
        return followed.none()

    def say(self, seen: Seen, level: int) -> str:
        """Say what was recorded, and when."""
        signs = list_words([s.replace("_", " ") for s in seen["signs"]])
        return f"{signs[0].upper()}{signs[1:]} recorded on {long_date(seen['on'])}; no examination is recorded since."

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """An examination that answers every sign on which it rests."""
        answers = [at.child.signs.answer_to(s) for s in at.child.signs.seen if s.id in opened.witness]
        if not answers or any(a is None for a in answers):
            return None
        return max((a for a in answers if a is not None), key=lambda a: (a.day, a.moment)).id

    def asks(self, outcome: Outcome) -> tuple[Action, ...]:
        """A sick-day plan, where there is none."""
        return () if outcome.values["sick_day_plan"] else (self.sick_day,)
