"""P9: a sign of growth that is explained away."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import one_line, same_name
from growthwatch.protocol.child.dismissals import Dismissal, dismissals
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.kinds.kind import At, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import Process, own_of
from growthwatch.record import Role

__all__ = ["ExplainedAway"]


class ExplainedAway(Process):
    """P9: while a trigger is open, somebody puts it down to the condition, or explains it away a second time.

    Words of the first version of the format count as the condition where one is recorded.  It closes when somebody
    who has not explained anything away looks again, and answers.  Source: process specification, section 3, P9.
    """

    KIND = "explained_away"
    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "conditions", "requests", "open"})
    triggers: tuple[str, ...] = Field(min_length=1)
    looked_at_by: tuple[Role, ...] = Field(min_length=1)
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def leans_on(self) -> tuple[str, ...]:
        """The rules whose findings may be explained away."""
        return self.triggers

    @property
    def selects(self) -> frozenset[str]:
        """Explanations."""
        return frozenset({"explained", "concern"})

    def hears_open(self, at: At) -> bool:
        """Where anything was explained away at all."""
        return bool(dismissals(at.child))

    def judge(self, at: At) -> Outcome:
        """Look for explanations that became known today, or on which its finding rests, while a trigger is open."""
        said = dismissals(at.child)
        triggers = [f for id in self.triggers if (f := at.open.get(id)) is not None] if said else []
        if not triggers:
            return Outcome()
        mine = at.open.get(self.id)
        there = set[str]() if mine is None else {*own_of(mine.outcome), *own_of(mine.latest)}
        found = [d for d in said if self._counts(at, d, said) and (d.known_day == at.day or d.id in there)]
        if not found or (mine is None and self._looked_at(at, at.day) is not None):
            return Outcome()
        last = found[-1]
        values: Values = {"words": last.words}
        who = {d.actor for d in found}
        own = [d.id for d in said if d.actor in who and said.index(d) <= said.index(last)]
        rests = [id for f in triggers for id in f.outcome.witness]
        return Outcome(0, values, tuple(dict.fromkeys((*own, *rests))), own=tuple(own))

    def _counts(self, at: At, d: Dismissal, said: list[Dismissal]) -> bool:
        """Whether one explanation is enough: by the condition, or the second of the same person."""
        by_condition = d.as_ == "condition" or (d.as_ is None and bool(at.child.conditions.known))
        return by_condition or any(x.actor == d.actor for x in said[: said.index(d)])

    def _looked_at(self, at: At, since: int) -> str | None:
        """The answer of somebody who may give it and has not explained anything away."""
        replies, key = at.child.replies, self.key(at)
        asked = {e.id for e in replies.requests("second_review", key, since)}
        said = {d.actor for d in dismissals(at.child)}
        for r in (*(r for r in replies.given if r.request in asked), *replies.to_finding(key)):
            other = {same_name(r.by), same_name(r.actor)}.isdisjoint(said)
            if r.final and r.day >= since and r.role in self.looked_at_by and other:
                return r.id
        return None

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The answer of somebody else."""
        return self._looked_at(at, at.open[self.id].opened_on)

    def say(self, seen: Seen, level: int) -> str:
        """Say what was said, and who looks again."""
        return f"{one_line(seen['words'])} may be right. Somebody who has not said it before looks again."
