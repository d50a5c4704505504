"""P14a to P14c: what a protection plan, or a child in T3, asks of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from pydantic import Field

from growthwatch.core.words import days_words, long_date, one_line, same_name
from growthwatch.protocol.child.protection import Sibling, plan_since, siblings, social_care
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Sourced, Text, TierName
from growthwatch.protocol.kinds.kind import NOT_MET, At, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import Process
from growthwatch.record import Level

__all__ = ["LegalAdvice", "SiblingsSeen", "SummaryRead"]

_FIND_OUT, _REVIEW = range(2)


class _Cause(NamedTuple):
    """Why it is asked: under which name, by which event or on which day, since when, and the events."""

    name: str
    which: str | int
    since: int
    events: tuple[str, ...]
    own: tuple[str, ...]


class Acute(Sourced):
    """What is one acute illness: findings of these rules alone hold the tier, an illness so soon before."""

    rules: tuple[Text, ...] = Field(min_length=1)
    within_days: Days


class _Protected(Process):
    """Something that is asked when a protection plan begins, or the child reaches a tier."""

    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "requests", "people", "tier", "open", "days"})
    tier: TierName
    acute: Acute

    def causes(self, at: At) -> list[_Cause]:
        """Why it is asked, but for causes on which an earlier finding of it rested."""
        found: list[_Cause] = []
        plan = plan_since(at.child)
        if plan is not None:
            found.append(_Cause("plan", plan.id, plan.day, (plan.id,), (plan.id,)))
        if at.tier == self.tier and self.counts(at) and not self._acute(at):
            day, by = at.began.get(self.tier, (at.day, ()))
            found.append(_Cause("tier_since", day, day, by, ()))
        before = [o.values for o in self.before(at)] if found else []
        return [c for c in found if not any(values.get(c.name) == c.which for values in before)]

    def hears_open(self, at: At) -> bool:
        """Where there is a cause: what is open tells of one whether it is acute, or was asked for before."""
        return at.tier == self.tier or at.child.people.protection_plan is not None

    def counts(self, at: At) -> bool:
        """Whether the tier alone is a reason."""
        return True

    def _acute(self, at: At) -> bool:
        """Whether one acute illness alone holds the child in the tier."""
        day, _ = at.began.get(self.tier, (at.day, ()))
        held = [(f, on) for f in (*at.open.values(), *at.closed) if (on := self._holds(f, day)) is not None]
        ill = [d for d, _ in at.child.signs.illnesses]
        return bool(held) and all(
            f.rule.id in self.acute.rules and any(0 <= on - d <= self.acute.within_days for d in ill) for f, on in held
        )

    def _holds(self, f: Any, since: int) -> int | None:
        """The day on which a finding reached a level that asks for the tier; None where it does not, or had closed."""
        if f.closed_on is not None and f.closed_on < since:
            return None
        return next((day for day, n in f.raised if f.rule.levels[n].tier == self.tier), None)

    def asked(self, level: int, causes: Sequence[_Cause], more: tuple[str, ...] = ()) -> Outcome:
        """What is found where it is asked."""
        values: Values = {"since": Day(min(c.since for c in causes)), "plan": None, "tier_since": None}
        values["tier"] = self.tier
        for c in causes:
            values[c.name] = Day(c.which) if isinstance(c.which, int) else c.which
        own = tuple(dict.fromkeys((*(id for c in causes for id in c.own), *more)))
        return Outcome(level, values, tuple(dict.fromkeys((*own, *(id for c in causes for id in c.events)))), own=own)


def _why(seen: Seen) -> str:
    """Why it is asked, in words."""
    return "under a protection plan" if seen["plan"] is not None else f"in {seen['tier']}"


class SiblingsSeen(_Protected):
    """P14a: a protection plan begins, or the child is in danger otherwise than by one acute illness.

    A finding for each brother or sister that is known, and one to find out where nobody has said.  Source: process
    specification, section 3, P14.
    """

    KIND = "siblings_seen"
    levels: tuple[RuleLevel, RuleLevel]

    @property
    def selects(self) -> frozenset[str]:
        """Brothers and sisters."""
        return frozenset({"sibling_known", "protection_plan"})

    def subjects(self, at: At) -> Sequence[str]:
        """Each brother or sister that is known, or nobody where nothing is said."""
        return [s.name for s in siblings(at.child)] if at.child.happened.of("sibling_known") else ("",)

    def judge(self, at: At) -> Outcome:
        """Whether one of them is still to be seen, or to be found out about."""
        causes = self.causes(at)
        if not causes:
            return Outcome()
        if not at.subject:
            return Outcome() if at.child.happened.of("sibling_known") else self.asked(_FIND_OUT, causes)
        sibling = self._sibling(at)
        since = min(c.since for c in causes)
        if sibling is None or (at.open_since is None and self._seen(at, since) is not None):
            return Outcome()
        found = self.asked(_REVIEW, causes, (sibling.event,))
        found.values = {**found.values, "sibling": sibling.name}
        return found

    def _sibling(self, at: At) -> Sibling | None:
        return next((s for s in siblings(at.child) if same_name(s.name) == same_name(at.subject)), None)

    def _seen(self, at: At, since: int) -> str | None:
        """The answer by which a brother or sister has been seen: to a request about him or her, or to the finding."""
        replies, key = at.child.replies, self.key(at)
        about = {e.id for e in replies.requests("sibling_review", key, since) if key in e.findings}
        about |= {
            e.id
            for e in replies.requests("sibling_review", key, since)
            if e.about is not None and same_name(e.about) == same_name(at.subject)
        }
        answers = [r for r in replies.given if r.final and r.day >= since and r.request in about]
        answers += [r for r in replies.to_finding(key) if r.final]
        return answers[0].id if answers else None

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """What was found out, or the answer by which he or she has been seen."""
        if not at.subject:
            known = at.child.happened.of("sibling_known")
            return known[0].id if known else None
        return self._seen(at, opened.values["since"])

    def about(self, seen: Seen) -> str:
        """Which brother or sister."""
        return one_line(seen["sibling"]) if seen.get("sibling") else ""

    def say(self, seen: Seen, level: int) -> str:
        """Say who is to be seen."""
        if level == _FIND_OUT:
            return f"The child is {_why(seen)}. Are there brothers or sisters? Nobody has written it down: find out."
        return f"The child is {_why(seen)}. Have {one_line(seen['sibling'])} weighed and seen too."


class SummaryRead(_Protected):
    """P14b: a protection plan begins, or a child whom social care knows is in danger: social care reads how it grew.

    Source: process specification, section 3, P14.
    """

    KIND = "summary_read"
    social_care_levels: tuple[Level, ...]
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    @property
    def selects(self) -> frozenset[str]:
        """Acknowledgements, and what tells that social care is there."""
        return frozenset({"acknowledged", "protection_plan", "referral_made", "referral_closed"})

    def counts(self, at: At) -> bool:
        """Whether social care is there."""
        return bool(social_care(at.child, self.social_care_levels))

    def judge(self, at: At) -> Outcome:
        """Whether social care has still to read the summary."""
        causes = self.causes(at)
        if not causes or (at.open_since is None and self._read(at, min(c.since for c in causes)) is not None):
            return Outcome()
        return self.asked(0, causes, social_care(at.child, self.social_care_levels))

    def _read(self, at: At, since: int) -> str | None:
        """The word of whoever has read the summary: an acknowledgement that says what they will do, or an answer."""
        replies, key = at.child.replies, self.key(at)
        asked = {e.id for e in replies.requests("growth_summary", key, since)}
        found = [(r.day, r.id) for r in replies.given if r.final and r.day >= since and r.request in asked]
        found += [(r.day, r.id) for r in replies.to_finding(key) if r.final]
        for k in at.child.happened.of("acknowledged"):
            e = k.event
            ours = e.request in asked or e.request == key or e.request.startswith(f"{key}#")
            if ours and k.on >= since and e.will_do is not None and e.by_when is not None:
                found.append((k.on, k.id))
        return min(found)[1] if found else None

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The acknowledgement."""
        return self._read(at, opened.values["since"])

    def say(self, seen: Seen, level: int) -> str:
        """Say what social care is to have."""
        return f"The child is {_why(seen)}. Send social care the summary of growth; somebody there acknowledges it."


class Red(Sourced):
    """A finding that is red: of a rule, from a level on; of any level where none is named."""

    rule: Text
    level: Text | None = None


class LegalAdvice(Process):
    """P14c: a protection plan for neglect and red growth both stand so long: legal advice.

    Source: process specification, section 3, P14.
    """

    KIND = "legal_advice"
    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "requests", "people", "open", "days"})
    category: Text
    red: tuple[Red, ...] = Field(min_length=1)
    days: Days
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def leans_on(self) -> tuple[str, ...]:
        """The rules whose findings may be red."""
        return tuple(red.rule for red in self.red)

    def hears_open(self, at: At) -> bool:
        """Under a protection plan."""
        return at.child.people.protection_plan is not None

    @property
    def selects(self) -> frozenset[str]:
        """Protection plans."""
        return frozenset({"protection_plan"})

    def judge(self, at: At) -> Outcome:
        """Whether both have stood so long, and no earlier finding rested on these two."""
        plan = plan_since(at.child, self.category)
        if plan is None:
            return Outcome()
        rested = {(o.values.get("plan"), key) for o in self.before(at) for key in o.values.get("red", ())}
        red = sorted((since, f.key, f) for f, since in self._red(at) if (plan.id, f.key) not in rested)
        if not red:
            return Outcome()
        first, _, finding = red[0]
        since = max(plan.on, first)
        if at.day <= since + self.days:
            return Outcome(NOT_MET, wakes=(since + self.days + 1,))
        if at.open_since is None and self.answered(at, since) is not None:
            return Outcome()
        keys = tuple(key for on, key, _ in red if on == first or at.day > max(plan.on, on) + self.days)
        values: Values = {"plan": plan.id, "red": keys, "since": Day(since), "plan_on": Day(plan.on)}
        return Outcome(0, values, (plan.id, *finding.outcome.witness), own=(plan.id,))

    def _red(self, at: At) -> list[tuple[Any, int]]:
        """Open findings that are red, each with the day from which it has been."""
        found: list[tuple[Any, int]] = []
        for red in self.red:
            f = at.open.get(red.rule)
            names = [] if f is None else [level.name for level in f.rule.levels]
            if f is None or (red.level is not None and red.level not in names):
                continue
            lowest = 0 if red.level is None else names.index(red.level)
            days = [day for day, n in f.raised if n >= lowest]
            if days and f.level >= lowest:
                found.append((f, min(days)))
        return found

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The advice."""
        return self.answered(at, opened.values["since"])

    def say(self, seen: Seen, level: int) -> str:
        """Say since when both have stood."""
        return (
            f"A protection plan for neglect since {long_date(seen['plan_on'])}, and growth in danger: for more than "
            f"{days_words(self.days)}, both. Ask for legal advice."
        )
