"""FD: what was open before the protocol came into force is read once, and what is no longer met is signed.

Source: process specification, section 7, First day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import count_words, list_words, long_date
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.kinds.kind import At, Count, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import ProcessKind

__all__ = ["ReadOnce"]

SIGN = "sign"
_SIGN, _READ = range(2)


class ReadOnce(ProcessKind):
    """FD: one deed a child for all that is older, and one for all that two weights no longer meet."""

    KIND = "read_once"
    READS: ClassVar[frozenset[Topic]] = frozenset({"contacts", "requests", "open", "days", "tier"})
    levels: tuple[RuleLevel, ...] = Field(min_length=2, max_length=2)

    def hears_open(self, at: At) -> bool:
        """Where there was a first day."""
        return at.first is not None

    def subjects(self, at: At) -> Sequence[str]:
        """The reading, and what is to be signed; none where there was no first day."""
        return () if at.first is None else ("", SIGN)

    def judge(self, at: At) -> Outcome:
        """Judge from the first day on."""
        first = at.first
        if first is None:
            return Outcome()
        keys = first.unmet if at.subject == SIGN else first.older
        there = [f for f in at.open.values() if f.key in keys]
        if not there or (at.open_since is None and at.day > first.day):
            return Outcome()
        values: Values = {
            "first": Day(first.day),
            "findings": Count(len(there)),
            "rules": tuple(f.rule.id for f in there),
            "since": Day(min(f.opened_on for f in there)),
        }
        # What was an error before the first day is no ground of the reading: the finding may be signed as that.
        ids = tuple(dict.fromkeys(id for f in there for id in f.outcome.own or () if id not in at.child.in_error))
        level = _SIGN if at.subject == SIGN else _READ
        return Outcome(
            level, values, ids, wakes=(first.read_by + 1,), deadline=None if level == _SIGN else first.read_by
        )

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """That somebody saw the child, or read its row of a list; or signed, or said why not."""
        first = at.first
        if first is None:
            return None
        mine = at.open.get(f"{self.id}:{at.subject}" if at.subject else self.id)
        answered = [] if mine is None else [(r.day, r.id) for r in at.child.replies.to_finding(mine.key) if r.final]
        if at.subject == SIGN:
            left = [f for f in at.open.values() if f.key in first.unmet]
            signed = [f.closed_by for f in at.closed if f.key in first.unmet and f.closed_on == at.day]
            signed += [o.refused for o in at.overrides if o.slot is not None and o.day == at.day]
            if answered:
                return min(answered)[1]
            if left:
                return None
            # Signed; or a later weight meets it again, and it is a finding as any other.
            last = at.child.weights.last
            return signed[-1] if signed else None if last is None else last.id
        found = [at.child.contacts.met.first_from(first.day + 1), at.child.signs.examined.first_from(first.day + 1)]
        found += [(d, id) for d, id in at.child.contacts.lists_read if d >= first.day]
        return min((f for f in (*found, *answered) if f is not None), default=(0, None))[1]

    def say(self, seen: Seen, level: int) -> str:
        """Say how many findings there are from before, or which are no longer met."""
        since = long_date(seen["since"])
        if level == _SIGN:
            rules = list_words(list(dict.fromkeys(seen["rules"])))
            return f"{rules}, true since {since}, is no longer met: sign it, or say why not."
        found = count_words(seen["findings"], "finding")
        return f"{found} from before we started on {long_date(seen['first'])}. Read and decide."
