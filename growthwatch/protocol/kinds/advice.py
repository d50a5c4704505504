"""P4: advice outside of hours that was written down late, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import long_date, name_words, same_name
from growthwatch.protocol.child.advice import Told
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.kinds.kind import At, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import ProcessKind

__all__ = ["AdviceNotWritten"]


class AdviceNotWritten(ProcessKind):
    """P4: advice outside of hours is written down by the next working day, or the lead reads it late.

    Source: process specification, section 3, P4.
    """

    KIND = "advice_not_written"
    READS: ClassVar[frozenset[Topic]] = frozenset({"contacts", "requests", "people", "tier", "days"})
    levels: tuple[RuleLevel, ...] = Field(min_length=2, max_length=2)

    def subjects(self, at: At) -> Sequence[str]:
        """Contacts that were written down late, and advice that was reported."""
        advice, working = at.child.advice, at.child.working
        first = at.child.first_day
        late = [a.id for a in advice.written if a.known_day > working.following(a.day) and a.known_day >= first]
        return late + [a.id for a in advice.reported]

    def _told(self, at: At) -> tuple[Told | None, bool]:
        """What the subject is, and whether it was reported."""
        advice = at.child.advice
        written = next((a for a in advice.written if a.id == at.subject), None)
        if written is not None:
            return written, False
        return next((a for a in advice.reported if a.id == at.subject), None), True

    def judge(self, at: At) -> Outcome:
        """Judge one contact, or one report."""
        told, reported = self._told(at)
        if told is None or self._by(at, told, reported) is not None:
            return Outcome()
        last = at.child.working.following(max(told.day, at.child.first_day))
        if reported and at.day <= last:
            return Outcome(wakes=(last + 1,))
        values: Values = {
            "given": Day(told.day), "written": Day(told.known_day), "who": name_words(told.who), "words": told.words,
            "tier": at.tier,
        }  # fmt: skip
        return Outcome(int(reported), values, (told.id,))

    def _by(self, at: At, told: Told, reported: bool) -> str | None:
        """What answers it: that the lead has read it, or that it was written down."""
        if reported:
            return next((a.id for a in at.child.advice.written if a.day == told.day), None)
        owner = at.child.offices.owner(at.day)
        for w in at.child.requests.said_to(told.id):
            lead = same_name(w.by) == same_name(owner.name) if owner.name is not None else w.role == owner.role
            if w.takes_on and lead:
                return w.id
        return None

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The lead's word that it was read, or the contact that writes it down."""
        told, reported = self._told(at)
        return None if told is None else self._by(at, told, reported)

    def about(self, seen: Seen) -> str:
        """Whose advice, of when."""
        return f"advice of {long_date(seen['given'])}"

    def say(self, seen: Seen, level: int) -> str:
        """Say when advice was given, and when, if at all, it was written down."""
        given = long_date(seen["given"])
        if level == 0:
            text = f"Advice given outside hours on {given} was written down on {long_date(seen['written'])}"
            return f"{text}: {name_words(seen['words'])}. Read it, and say what changes."
        return f"{seen['who']} gave advice on {given} that is not written down: {name_words(seen['words'])}."
