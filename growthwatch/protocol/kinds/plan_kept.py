"""P10: a plan that does not say what it must, or that has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from growthwatch.core.words import list_words, long_date, one_line
from growthwatch.protocol.child import Child, Plan
from growthwatch.protocol.child.happened import Known
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Loudness, TierName
from growthwatch.protocol.kinds.kind import At, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import Process
from growthwatch.record.words import Condition
from growthwatch.references import references

__all__ = ["PlanKept"]

_NOT_SAID, _ENDED = range(2)
_KINDS = ("care", "condition")


class PlanKept(Process):
    """P10: a plan of care or for a condition without a day of review or an outcome, or that ended with none after it.

    A finding for each plan, whether or not it was admitted.  A plan that an override alone keeps in force neither ends
    here nor answers for another: once that lapses, it stands as if it had never been.

    Source: process specification, section 3, P10.
    """

    KIND = "plan_kept"
    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "conditions", "tier", "days"})
    in_tier: Mapping[TierName, Loudness] = Field(default_factory=dict[TierName, Loudness])
    levels: tuple[RuleLevel, RuleLevel]

    def loudness_at(self, level: int, seen: Seen) -> Loudness:
        """As its level, and louder in the tiers that the file names."""
        return self.louder(level, seen, self.in_tier)

    def subjects(self, at: At) -> Sequence[str]:
        """Plans that do not say what they must, and the newest of each kind."""
        signed = at.child.happened.of("plan_signed")
        if not signed:
            return ()
        newest = [p.id for kind in _KINDS if (p := _newest(at.child, kind, at.day)) is not None]
        return list(dict.fromkeys((*(k.id for k in signed if _lacks(k.event)), *newest)))

    def judge(self, at: At) -> Outcome:
        """Whether one plan does not say what it must, or has ended, and nobody has put that right."""
        k = _signed(at.child, at.subject)
        if k is None or self._answer(at, k) is not None:
            return Outcome()
        lacks, plan = _lacks(k.event), _newest(at.child, k.event.plan, at.day)
        values: Values = {"on": Day(k.on), "lacks": tuple(lacks), "tier": at.tier}
        wakes: tuple[int, ...] = ()
        if plan is not None and plan.id == k.id and not (k.event.plan == "care" and k.event.review_by is None):
            if at.day > plan.until:
                ref = plan.reference
                judged = ref is not None and at.child.condition_reference(ref)[0] is not None
                values |= {"until": Day(plan.until), "reference": ref if judged else None}
                return Outcome(_ENDED, values, (k.id,))
            wakes = (plan.until + 1,)
        if lacks and (at.open_since is not None or k.id not in self.rested(at)):
            return Outcome(_NOT_SAID, values, (k.id,), wakes=wakes)
        return Outcome(wakes=wakes)

    def _answer(self, at: At, k: Known) -> str | None:
        """A later plan of its kind that says what it must, the decision that ended it, or the end of its condition."""
        child, kind = at.child, k.event.plan
        admitted = {p.id for p in child.signed.plans if p.day <= at.day and not p.allowed}
        for later in child.happened.of("plan_signed"):
            same = later.event.plan == kind and _order(later) > _order(k)
            if same and later.id in admitted and not _lacks(later.event):
                return later.id
        if k.id in child.signed.ended:
            return child.signed.ended[k.id]
        return _condition_ended(child, k) if kind == "condition" else None

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """What puts it right."""
        k = _signed(at.child, at.subject)
        return None if k is None else self._answer(at, k)

    def about(self, seen: Seen) -> str:
        """Which plan."""
        return f"the plan of {long_date(seen['on'])}"

    def say(self, seen: Seen, level: int) -> str:
        """Say what the plan does not say, or when it ended."""
        plan = f"The plan of {long_date(seen['on'])}"
        if level == _NOT_SAID:
            return f"{plan} does not say {list_words(list(seen['lacks']))}. Its signer completes it."
        judges = f" {one_line(seen['reference'])} no longer judges." if seen["reference"] is not None else ""
        return f"{plan} ended on {long_date(seen['until'])}.{judges} Renew it or end it."


def _lacks(e: Any) -> list[str]:
    """What a plan of care or for a condition does not say."""
    if e.plan not in _KINDS:
        return []
    figure = e.outcome is not None or any(c.isdigit() for c in e.outcome_for_child or "")
    wanted = (("when it is looked at again", e.review_by is not None), ("what it is to reach, with a figure", figure))
    return [what for what, said in wanted if not said]


def _signed(child: Child, id: str) -> Known | None:
    return next((k for k in child.happened.of("plan_signed") if k.id == id), None)


def _order(k: Known) -> tuple[int, Any, str]:
    return k.on, k.event.recorded_at, k.id


def _newest(child: Child, kind: str, day: int) -> Plan | None:
    """The newest plan of a kind that was admitted by a day, whether or not it has ended."""
    signed = [p for p in child.signed.plans if p.kind == kind and p.day <= day and not p.allowed]
    return max(signed, key=_signed_on, default=None)


def _signed_on(p: Plan) -> tuple[int, Any, str]:
    return p.day, p.recorded_at, p.id


def _condition_ended(child: Child, k: Known) -> str | None:
    """The event with which the condition of a plan ended, of its day or later.

    Which condition that is its reference says; of a plan without one, any.
    """
    about = next((r.condition.casefold() for r in references() if r.id == (k.event.reference or "").strip()), "")
    for ended in child.happened.of("condition_ended"):
        name: Condition = ended.event.condition
        ours = not about or name.replace("_", " ") in about
        if ours and ended.on >= k.on and name not in child.conditions.known:
            return ended.id
    return None
