"""H2: vomiting, fever or poor intake."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import long_date
from growthwatch.protocol.child import Child
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.child.signs import SeenSigns
from growthwatch.protocol.file.action import Action
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import (
    TIERS,
    Days,
    Flag,
    Months,
    Number,
    Sourced,
    TierName,
)
from growthwatch.protocol.kinds.danger import fever, signs_words, young_fever
from growthwatch.protocol.kinds.kind import At, Climbs, Day, Kind, Matter, Outcome, Seen, Topic, Values
from growthwatch.record import Role, Sign

__all__ = ["Unwell"]

_WELL, _UNWELL = 0, 1
_VOMITING, _FEVER = "vomiting", "fever"


class Well(Sourced):
    """When one vomit or one fever is less loud: in a tier, at an age, and well otherwise by a clinician.

    Attributes
    ----------
    tier
        In which tier.
    from_months, below_months
        At which ages [calendar months].
    alone_for_days
        No other vomiting so many days before.
    below_c
        Below which temperature [°C].
    not_by
        Roles whose word is not a clinician's.
    """

    tier: TierName
    from_months: Months
    below_months: Months
    alone_for_days: Days
    below_c: Number
    not_by: tuple[Role, ...]


class Unwell(Kind):
    """H2: vomiting, fever or poor intake in a child who is watched or young.

    Judged when it becomes known, by the tier of that day; it stays until an examination after it.
    Source: specification of the protocol, section 2, H2.
    """

    KIND = "unwell"
    ABOUT: ClassVar[Matter] = "growth"
    VERSION: ClassVar[int] = 2
    READS: ClassVar[frozenset[Topic]] = frozenset({"signs", "conditions", "contacts", "tier"})
    CLIMBS: ClassVar[Climbs] = "clinical"
    signs: tuple[Sign, ...] = Field(min_length=1)
    tier_at_least: TierName
    or_below_months: Months
    well: Well
    plan_from_tier: TierName
    plan_for_high_need: Flag
    levels: tuple[RuleLevel, RuleLevel]
    sick_day: Action

    def judge(self, at: At) -> Outcome:
        """Look for unanswered signs: known since today, of its open finding, or with an answer that was an error."""
        child = at.child
        before = self._rests(at)
        watched = TIERS.index(at.tier) >= TIERS.index(self.tier_at_least)
        found: list[tuple[SeenSigns, tuple[str, ...]]] = []
        for s in child.signs.seen:
            new = s.known_day == at.day and (watched or self._young(child, s))
            if s.id not in before and not (new or self._asked_again(at, s)):
                continue
            hit = self._hits(child, s)
            if hit and child.signs.answer_to(s) is None:
                found.append((s, hit))
        if not found:
            return Outcome()
        planned = child.signed.plan_on(at.day, "sick_day") is not None
        needs = TIERS.index(at.tier) >= TIERS.index(self.plan_from_tier) or (self.plan_for_high_need and at.high_need)
        values: Values = {
            "signs": tuple(dict.fromkeys(x for _, hit in found for x in hit)),
            "on": Day(max(s.day for s, _ in found)),
            "first_on": Day(min(s.day for s, _ in found)),
            "sick_day_plan": planned or not needs,
        }
        level = _WELL if len(found) == 1 and self._is_well(at, *found[0]) else _UNWELL
        stay = child.stay(at.day)
        notes: tuple[str, ...] = ()
        if stay is not None and stay.until is None:
            notes = (f"In hospital since {long_date(stay.since)}: this is held until the stay ends.",)
        return Outcome(level, values, tuple(s.id for s, _ in found), notes=notes)

    def _asked_again(self, at: At, s: SeenSigns) -> bool:
        """Whether what answered the signs was taken back today: nobody has, and they are asked for as on their day."""
        if not at.answer_lost(("examined",), s.day, at.day):
            return False
        watched = self._young(at.child, s) or at.watched_since(self.tier_at_least, s.known_day)
        return watched or at.was_answered(self.id, (s.id,))

    def _rests(self, at: At) -> frozenset[str]:
        """Events on which its open finding rests, those that came later included."""
        mine = at.open.get(self.id)
        return frozenset() if mine is None else frozenset((*mine.outcome.witness, *mine.latest.witness))

    def _hits(self, child: Child, s: SeenSigns) -> tuple[str, ...]:
        """Which of its signs an occasion has; one that is a danger sign by itself is left to the rule for those."""
        hit = [str(x) for x in self.signs if x in s.signs and x != _FEVER]
        if _FEVER in self.signs and fever(child, s) and not young_fever(child, s):
            hit.append(_FEVER)
        return tuple(hit)

    def _young(self, child: Child, s: SeenSigns) -> bool:
        """Whether the child was so young that any such sign counts; a child whose age is not known may be."""
        return child.ages.birth is None or s.day < child.ages.mark(self.or_below_months)

    def _is_well(self, at: At, s: SeenSigns, hit: tuple[str, ...]) -> bool:
        child, rules = at.child, self.well
        if at.tier != rules.tier or child.ages.birth is None or s.well is not True or s.role in rules.not_by:
            return False
        if not child.ages.mark(rules.from_months) <= s.day < child.ages.mark(rules.below_months):
            return False
        if hit == (_FEVER,):
            return s.temperature_c is not None and s.temperature_c < rules.below_c
        others = (o for o in child.signs.seen if o.id != s.id and _VOMITING in o.signs)
        return hit == (_VOMITING,) and not any(0 <= s.day - o.day <= rules.alone_for_days for o in others)

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight."""
        return followed.none()

    def say(self, seen: Seen, level: int) -> str:
        """Say what was recorded, when, and what to ask."""
        return (
            f"{signs_words(seen['signs'])} recorded on {long_date(seen['on'])}; no examination is recorded since. "
            "The child is seen today. Ask what goes in and what comes out."
        )

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """An examination that answers every sign on which it rests."""
        signs = at.child.signs
        rests = self._rests(at).union(opened.witness)
        answers = [signs.answer_to(s) for s in signs.seen if s.id in rests and self._hits(at.child, s)]
        if not answers or any(a is None for a in answers):
            return None
        return max((a for a in answers if a is not None), key=lambda a: (a.day, a.moment)).id

    def asks(self, outcome: Outcome) -> tuple[Action, ...]:
        """A sick-day plan, where there must be one and is none."""
        return () if outcome.values["sick_day_plan"] else (self.sick_day,)

    @property
    def held(self) -> bool:
        """A stay in hospital holds it, and does not close it."""
        return True
