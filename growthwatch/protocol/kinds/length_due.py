"""S5: a length is due, because growth is in question or because the reference of a signed plan needs it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import list_words, long_date
from growthwatch.protocol.child import months_after
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.child.measures import Taken
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Months, Sourced, Text
from growthwatch.protocol.kinds.kind import At, Day, Kind, Matter, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.plans import mover, plan_days

__all__ = ["LengthDue"]


class Holding(Sourced):
    """A rule whose open finding asks for lengths; ``level``: only from that level on."""

    rule: Text
    level: Text | None = None


class LengthDue(Kind):
    """S5: an open finding of growth, or a plan that moves level tests, and no length or height of late.

    A finding asks for one when the last is more than so many months old; a plan when it is so many days old, so that
    it is measured before the plan's reference ceases to judge.  Source: specification of the process, section 3, S5.
    """

    KIND = "length_due"
    ABOUT: ClassVar[Matter] = "schedule"
    # The tier too: what it leans on may open or grow graver by that.
    READS: ClassVar[frozenset[Topic]] = frozenset({"measures", "conditions", "open", "tier", "days"})
    when: tuple[Holding, ...] = Field(min_length=1)
    months: Months
    plan_days: Days
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def leans_on(self) -> tuple[str, ...]:
        """The rules whose open findings ask for lengths."""
        return tuple(h.rule for h in self.when)

    def _holding(self, at: At) -> list[str]:
        """Ids of the rules whose open findings ask for lengths now.

        What is older than the first day asks for nothing until it has been read, and what two weights no longer meet
        for nothing but a signature (process specification, section 7).
        """
        out: list[str] = []
        first = at.first
        waiting = () if first is None else (*first.unmet, *(() if first.resumed else first.older))
        for h in self.when:
            found = at.open.get(h.rule)
            if found is not None and found.key in waiting:
                continue
            names = [] if found is None or h.level is None else [n.name for n in found.rule.levels]
            if found is not None and (h.level not in names or found.level >= names.index(h.level)):
                out.append(h.rule)
        return out

    def _old(self, taken: Taken | None, day: int) -> bool:
        return taken is None or day > months_after(taken.day, self.months)

    def _old_for_plan(self, taken: Taken | None, day: int) -> bool:
        return taken is None or day - taken.day >= self.plan_days

    def judge(self, at: At) -> Outcome:
        """Judge the age of the last length or height."""
        child, day = at.child, at.day
        plan, holding = mover(child, day), self._holding(at)
        days = plan_days(child, day) if child.signed.plans else ()
        if plan is None and not holding:
            return Outcome(wakes=days)
        last = child.measures.latest("height", day)
        if last is not None:
            days = (*days, months_after(last.day, self.months) + 1, last.day + self.plan_days)
        by_plan = plan is not None and self._old_for_plan(last, day)
        if not by_plan and not (holding and self._old(last, day)):
            return Outcome(wakes=days)
        witness = [] if last is None else [last.id]
        for id in holding:
            witness += at.open[id].outcome.witness
        if plan is not None:
            witness.append(plan.id)
        values: Values = {
            "last_on": None if last is None else Day(last.day),
            "because": tuple(holding),
            "plan": None if plan is None else plan.reference,
        }
        # What one of them rests on may be an error by now; that it is open is none.
        ids = (id for id in dict.fromkeys(witness) if id not in child.in_error)
        return Outcome(0, values, tuple(ids), wakes=days)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """A length or height after the one that was too old, which is not too old itself."""
        last, before = at.child.measures.latest("height", at.day), opened.values["last_on"]
        if last is None or (before is not None and last.day <= before) or self._old(last, at.day):
            return None
        return None if mover(at.child, at.day) is not None and self._old_for_plan(last, at.day) else last.id

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight: what it leans on is."""
        return followed.none()

    def say(self, seen: Seen, level: int) -> str:
        """Say of when the last length is, and why one is wanted."""
        last = seen["last_on"]
        text = "none is recorded" if last is None else f"the last is of {long_date(last)}"
        rules = list(seen["because"])
        why = [f"{list_words(rules)} {'is' if len(rules) == 1 else 'are'} open"] if rules else []
        if seen["plan"] is not None:
            why.append(f"the reference of the signed plan ({seen['plan']}) judges only with a recent one")
        return f"Measure length or height: {text}. {'; '.join(why)[0].upper()}{'; '.join(why)[1:]}."
