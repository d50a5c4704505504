"""P1: the child was not brought."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import count_words, long_date, team_words
from growthwatch.protocol.child.missed import Counted
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import TIERS, Days, Text, TierName
from growthwatch.protocol.kinds.kind import At, Count, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import ProcessKind, rested

__all__ = ["NotBrought"]


class NotBrought(ProcessKind):
    """P1: appointments that were missed, until somebody has seen the child.

    Source: process specification, section 3, P1.

    Attributes
    ----------
    from_tier
        Tier from which one is enough, since it holds; so is it under a protection plan.
    before_plan_days
        How long before a plan one may be that counts then [days].
    within_days
        How near to each other two are that count anywhere [days].
    irrelevant
        Kinds of service whose appointments do not lead to social care.
    """

    KIND = "not_brought"
    READS: ClassVar[frozenset[Topic]] = frozenset({"contacts", "weights", "people", "tier", "days"})
    from_tier: TierName
    before_plan_days: Days
    within_days: Days
    irrelevant: tuple[Text, ...] = ()
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def judge(self, at: At) -> Outcome:
        """Judge what has been missed since the last finding closed."""
        missed = at.child.missed
        if not missed.events:
            return Outcome()
        counted, wakes = at.child.not_brought(at.day), missed.days(at.day)
        before = rested(at, self.id)
        new = [c for c in counted if before.isdisjoint(c.ids)]
        mine = self._mine(at, new) if at.open_since is not None else [c for c in new if self._opens(at, c, counted)]
        if not mine or (at.open_since is None and missed.after(max(mine, key=_dated)) is not None):
            return Outcome(wakes=wakes)  # whoever has seen the child since has done what it would ask for
        with_them = {o.id for c in mine for o in self._beside(at, c, counted)}
        all_of_them = [c for c in counted if c.id in with_them or c in mine]
        ids = tuple(id for c in all_of_them for id in c.ids)
        plan = at.child.people.protection_plan
        if plan is not None and any(self._by_plan(at, c) for c in mine):
            ids = (*ids, plan)
        last = max(mine, key=_dated)
        values: Values = {
            "missed": Count(len(all_of_them)),
            "first": Day(min(c.day for c in all_of_them)),
            "last": Day(last.day),
            "service": team_words(last.name),
            "relevant": any(c.service_kind is None or c.service_kind not in self.irrelevant for c in mine),
        }
        return Outcome(0, values, ids, wakes=wakes)

    def _mine(self, at: At, new: list[Counted]) -> list[Counted]:
        """Those on which the open finding rests, and those that became known since it opened."""
        finding = at.of(self.id)[-1]
        kept = {id for o in (*finding.rests.values(), finding.latest) for id in o.own or o.witness}
        return [c for c in new if not kept.isdisjoint(c.ids) or c.known_day >= finding.opened_on]

    def _by_plan(self, at: At, c: Counted) -> bool:
        people = at.child.people
        if people.plan_since is None:
            return False
        return c.known_day >= people.plan_since or people.plan_since - c.day <= self.before_plan_days

    def _opens(self, at: At, c: Counted, counted: tuple[Counted, ...]) -> bool:
        by_tier = TIERS.index(at.tier) >= TIERS.index(self.from_tier) and c.known_day >= at.concern > 0
        return by_tier or self._by_plan(at, c) or bool(self._beside(at, c, counted))

    def _beside(self, at: At, c: Counted, counted: tuple[Counted, ...]) -> list[Counted]:
        """Those beside which one opens the rule: near to it, or before it at the same service with no visit between."""
        out: list[Counted] = []
        for o in counted:
            if o.id == c.id:
                continue
            near = abs(o.day - c.day) <= self.within_days
            running = o.day <= c.day and o.service == c.service
            running = running and not at.child.missed.between(c.service, o.day, c.day)
            if near or running:
                out.append(o)
        return out

    def renews(self, at: At, before: Outcome, now: Outcome) -> bool:
        """By each further appointment that is missed, and by no further entry of one."""
        known = {at.child.people.protection_plan, *(before.own or before.witness)}
        copies = [c.ids for c in at.child.not_brought(at.day)]
        known |= {id for ids in copies if not known.isdisjoint(ids) for id in ids}
        return bool(set(now.witness) - known)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """Whoever saw the child after the last of them."""
        before = rested(at, self.id)
        found = self._mine(at, [c for c in at.child.not_brought(at.day) if before.isdisjoint(c.ids)])
        if not found:
            # What it rested on counts no more: the service has seen the child since.
            return at.child.missed.latest_seen(at.day)
        seen = at.child.missed.after(max(found, key=_dated))
        return None if seen is None else seen.id

    def say(self, seen: Seen, level: int) -> str:
        """Say who did not see the child, and how often that was so."""
        days = seen["last"] - seen["first"]
        how = f"; {count_words(seen['missed'], 'appointment')} missed in {count_words(days, 'day')}"
        text = f"{seen['service']} did not see the child on {long_date(seen['last'])}"
        return f"{text}{how if seen['missed'] > 1 else ''}. See the child, and ask what got in the way."


def _dated(c: Counted) -> tuple[int, int, str]:
    return c.day, c.known_day, c.id
