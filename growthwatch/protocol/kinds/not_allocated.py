"""P13a: a child of high need whom no service has taken on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import long_date, one_line, same_name
from growthwatch.protocol.child.happened import Known
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Text
from growthwatch.protocol.kinds.kind import NOT_MET, At, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import Process

__all__ = ["NotAllocated"]

_ASK, _NOBODY = range(2)


class NotAllocated(Process):
    """P13a: high need, and no service has named a worker; or nobody has asked one to.

    A finding for each referral to the service, and one for the child while there is none.  Source: process
    specification, section 3, P13a.
    """

    KIND = "not_allocated"
    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "conditions", "people", "days"})
    service: Text
    parts: tuple[Text, ...] = Field(min_length=1)
    ask_after_working_days: Days
    after_working_days: Days
    levels: tuple[RuleLevel, RuleLevel]

    @property
    def selects(self) -> frozenset[str]:
        """Referrals, and workers that were named."""
        return frozenset({"referral_made", "service_allocated"})

    def _names(self, text: str) -> bool:
        """Whether a text names the service."""
        plain = same_name(text)
        return plain == same_name(self.service) or any(same_name(part) in plain for part in self.parts)

    def _referrals(self, at: At) -> list[Known]:
        """Referrals to the service; of one that does not say to which kind of service, by its words."""
        found = at.child.happened.of("referral_made")
        return [
            k for k in found if k.event.service == self.service or (k.event.service is None and self._names(k.event.to))
        ]

    def _allocated(self, at: At, referral: Known | None = None) -> str | None:
        """The first event by which the service named a worker; for a referral, of its day or later."""
        for k in at.child.happened.of("service_allocated"):
            ours = self._names(k.event.service)
            if referral is None and ours:
                return k.id
            if referral is not None and k.on >= referral.on:
                same = same_name(k.event.service) == same_name(referral.event.to)
                if ours or same:
                    return k.id
        return None

    def subjects(self, at: At) -> Sequence[str]:
        """The child, and each referral."""
        if not at.high_need:
            return ()
        return ["", *(k.id for k in self._referrals(at))]

    def judge(self, at: At) -> Outcome:
        """Whether one referral has waited too long for a worker, or the child for a referral."""
        since, working = at.child.conditions.high_need_since, at.child.working
        if since is None:
            return Outcome()
        need = tuple(c.event for c in at.child.conditions.known.values() if c.high_need)
        values: Values
        if not at.subject:
            if self._referrals(at) or self._allocated(at) is not None:
                return Outcome()
            limit, witness = working.add(since, self.ask_after_working_days), need
            values = {"since": Day(since)}
        else:
            referral = next((k for k in self._referrals(at) if k.id == at.subject), None)
            if referral is None or self._allocated(at, referral) is not None:
                return Outcome()
            limit = working.add(referral.on, self.after_working_days)
            witness = (referral.id, *need)
            values = {"on": Day(referral.on), "to": str(referral.event.to)}
        if at.day <= limit:
            return Outcome(NOT_MET, wakes=(limit + 1,))
        return Outcome(_NOBODY if at.subject else _ASK, values, witness)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The event by which a worker was named; what asks for a referral closes by one, too."""
        if not at.subject:
            referrals = self._referrals(at)
            return referrals[0].id if referrals else self._allocated(at)
        referral = next((k for k in self._referrals(at) if k.id == at.subject), None)
        return None if referral is None else self._allocated(at, referral)

    def about(self, seen: Seen) -> str:
        """Who was asked."""
        return f"{one_line(seen['to'])}, asked on {long_date(seen['on'])}" if "to" in seen else ""

    def say(self, seen: Seen, level: int) -> str:
        """Say since when nobody is there who knows the condition."""
        if level == _ASK:
            return (
                f"High need since {long_date(seen['since'])}, and the disability service has not been asked. Ask it "
                "for somebody who knows this condition."
            )
        return (
            f"{one_line(seen['to'])} was asked on {long_date(seen['on'])} and has named no worker. Ask who it is to be."
        )
