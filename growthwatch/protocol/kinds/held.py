"""S6: a tier that nothing holds any more."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from growthwatch.core.words import long_date
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import TIERS, TierName, Whole
from growthwatch.protocol.kinds.kind import NOT_MET, At, Day, Kind, Matter, Outcome, Seen, Topic, Values

__all__ = ["HeldByNothing"]


class HeldByNothing(Kind):
    """S6: for so long no open finding has held the child in its tier: somebody signs it down, or says why not.

    Source: specification of the protocol, section 2, S6.
    """

    KIND = "held_by_nothing"
    ABOUT: ClassVar[Matter] = "schedule"
    READS: ClassVar[frozenset[Topic]] = frozenset({"tier", "open", "days", "requests", "people"})
    tiers: tuple[TierName, ...] = Field(min_length=1)
    days: Whole = Field(gt=0)
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def judge(self, at: At) -> Outcome:
        """Count the days since the last finding closed that held the tier, or since the tier rose."""
        if at.tier not in self.tiers:
            return Outcome()
        if any(self._holds(at, f, at.released.get(f.key, NOT_MET)) for f in at.open.values()):
            return Outcome()
        held = [f for f in at.closed if self._holds(at, f)]
        last = held[-1] if held else None
        closed = 0 if last is None or last.closed_on is None else last.closed_on
        since = max(at.since, closed)
        replies = [r for r in at.child.replies.given if r.request.startswith(f"{self.id}@")]
        since = max([since, *(r.known_day for r in replies if r.final)])
        day = since + self.days + 1
        values: Values = {"tier": at.tier, "since": Day(since), "tier_since": Day(at.since)}
        steady = at.child.settings.tiers.steady
        if steady is not None and steady.tier == at.tier and not (at.high_need and not steady.high_need):
            values["steady_from"] = Day(at.since + steady.days)
        met = at.day >= day
        witness: tuple[str, ...] = () if last is None else last.outcome.witness
        witness += tuple(f.closed_by for f in held if f.closed_by is not None)
        # A signature closes by the weights since: without them it would be refused.
        witness += tuple(w.id for w in at.child.weights.valid if last and last.opened_on <= w.day <= closed)
        # It tells of what has closed: an error among that neither opened it nor can undo it.
        return Outcome(0 if met else NOT_MET, values, witness, wakes=() if met else (day,), own=())

    def _holds(self, at: At, finding: Any, released: int = NOT_MET) -> bool:
        """Whether a finding asks for the tier, by itself or because the child is protected."""
        level: int = finding.level
        rule: Kind = finding.rule
        no_longer_met = at.first is not None and finding.key in at.first.unmet
        if no_longer_met or released >= level:
            return False
        asks = max((TIERS.index(n.tier) for n in rule.levels[: level + 1] if n.tier is not None), default=0)
        rise = at.child.settings.tiers.protected
        if rise is not None and at.child.people.protected and asks >= TIERS.index(rise.tier):
            asks = max(asks, TIERS.index(rise.to))
        return asks >= TIERS.index(at.tier)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The decision that signed the tier down, or an answer that says why not."""
        mine = at.open.get(self.id)
        if mine is not None:
            answers = [r for r in at.child.replies.to_finding(mine.key) if r.final]
            if answers:
                return answers[0].id
        if TIERS.index(at.tier) < TIERS.index(opened.values["tier"]):
            down = at.child.signed.made("lower_tier")
            return down[-1].id if down else None
        return None

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight."""
        return followed.none()

    def say(self, seen: Seen, level: int) -> str:
        """Say since when nothing holds the tier, and from when it could be signed down."""
        text = (
            f"Nothing that is open has held {seen['tier']} since {long_date(seen['since'])}: sign it down, or say "
            "why not. It can be signed as soon as two consecutive valid weights are inside every threshold"
        )
        steady = seen.get("steady_from")
        return f"{text}." if steady is None else f"{text}; for steady growth from {long_date(steady)}."
