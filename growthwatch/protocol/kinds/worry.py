"""S7: a worry about weight, feeding, intake or looks, and no weight since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import kg_words, long_date, one_line
from growthwatch.protocol.child import Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import TIERS, Days, Months, TierName
from growthwatch.protocol.kinds.kind import (
    At,
    Day,
    Kind,
    Matter,
    Outcome,
    Seen,
    Topic,
    Values,
)
from growthwatch.protocol.schedule import Due
from growthwatch.record.words import Topic as About

__all__ = ["WorryNoWeight"]


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why a weight is wanted: the events, the day of the last and the day it became known, and what to say."""

    ids: tuple[str, ...]
    day: int
    known_day: int
    who: str
    what: str


_MAKE_A_WEIGHT = ("weighed", "decision_signed")
"""Events by which there is a valid weight: the weighing, or who confirmed what was doubted."""


class WorryNoWeight(Kind):
    """S7: somebody worries, or two uncertain weights fall, and there is no valid weight of that day or later.

    Judged when the worry becomes known, by the tier of that day; a worry that became known during a stay in hospital,
    when the stay has ended.  Source: specification of the protocol, section 2, S7.
    """

    KIND = "worry_no_weight"
    ABOUT: ClassVar[Matter] = "schedule"
    READS: ClassVar[frozenset[Topic]] = frozenset({"worries", "weights", "tier", "due", "contacts"})
    topics: tuple[About, ...] = Field(min_length=1)
    below_months: Months
    from_tier: TierName
    urgent_from_tier: TierName
    urgent_below_months: Months
    hastened_days: Days
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def reasons(self, at: At) -> list[_Reason]:
        """What a weight is wanted for, in order of recording: worries about growth, and what else is such a reason."""
        worries = [
            _Reason((w.id,), w.day, w.known_day, w.who, w.about)
            for w in at.child.worries.all
            if not w.topics or any(t in self.topics for t in w.topics)
        ]
        falls = [
            _Reason((a.id, b.id), b.day, max(a.known_day, b.known_day), "", f"{kg_words(a.kg)}, then {kg_words(b.kg)}")
            for a, b in at.child.growth.uncertain_falls()
        ]
        return worries + falls

    def judge(self, at: At) -> Outcome:
        """Look for reasons that became known today, or that its finding rests on, without a weight since."""
        child, mine = at.child, at.open.get(self.id)
        before: frozenset[str] = frozenset()
        if mine is not None:
            before = frozenset((*mine.outcome.witness, *mine.latest.witness))
        news = [r for r in self.reasons(at) if self._news(at, r) or before.intersection(r.ids)]
        last = child.weights.last
        found = [r for r in news if last is None or last.day < r.day]
        if not found:
            return Outcome()
        first = found[-1]
        values: Values = {"who": first.who, "what": first.what, "on": Day(first.day)}
        witness = tuple(dict.fromkeys(id for r in found for id in r.ids))
        birth = child.ages.birth
        urgent = (
            TIERS.index(at.tier) >= TIERS.index(self.urgent_from_tier)
            or birth is None
            or at.day < child.ages.mark(self.urgent_below_months)
        )
        return Outcome(0, values, witness, urgent=urgent)

    def _news(self, at: At, r: _Reason) -> bool:
        """Whether a reason opens a finding: it became known today, or in a stay in hospital that has ended.

        Or what was taken for a weight of its day or later was an error: nobody has answered it.
        """
        child, stay = at.child, at.due.stay
        if at.due.rests:
            return False
        over = None if stay is None or stay.until is None else (stay.since, stay.until)
        young = child.ages.birth is None or r.day < child.ages.mark(self.below_months)
        # From the stay on, if something was taken back while nobody was to weigh; else today.
        since = at.day if over is None or not over[0] <= at.day - 1 <= over[1] else over[0]
        if at.answer_lost(_MAKE_A_WEIGHT, r.day, since):
            doubted = {w.id for w in child.weights.all if not w.counts}
            watched = young or at.watched_since(self.from_tier, r.known_day)
            if watched or at.was_answered(self.id, r.ids, doubted):
                return True
        kept = over is not None and over[0] <= r.known_day <= over[1]
        if not kept and r.known_day != at.day:
            return False
        return young or TIERS.index(at.tier) >= TIERS.index(self.from_tier)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """A valid weight of the day of the last reason, or later."""
        mine = at.open.get(self.id)
        rests = set(opened.witness)
        if mine is not None:
            rests.update(mine.latest.witness)
        last = max((r.day for r in self.reasons(at) if rests.intersection(r.ids)), default=None)
        later = [w for w in at.child.weights.valid if last is not None and w.day >= last]
        return min(later, key=_known).id if later else None

    def hastens(self, at: At) -> int | None:
        """Where the tier rises, its weight is wanted sooner."""
        watched = TIERS.index(at.tier) >= TIERS.index(self.urgent_from_tier)
        return self.hastened_days if watched and at.rose == at.day else None

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight."""
        return followed.none()

    def speaks_from(self, due: Due, contacts: int) -> int | None:
        """Never of a child about whom nobody has said that they worry."""
        return None

    def say(self, seen: Seen, level: int) -> str:
        """Say who worried about what, when, and what to do; of weights that may be wrong, that they fell."""
        if not seen["who"]:
            return (
                f"{seen['what']} on {long_date(seen['on'])}: two weights running that may be wrong either way, and "
                "that fall; no valid weight since. Weigh undressed, on a class III scale; ask the danger signs."
            )
        return (
            f"{one_line(seen['who'])} worried about {one_line(seen['what'])} on {long_date(seen['on'])}, and no weight "
            "since. Weigh undressed; ask the danger signs."
        )


def _known(w: Weight) -> tuple[int, int, str]:
    return w.known_day, w.place, w.id
