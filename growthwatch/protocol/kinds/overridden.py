"""OV: a refused decision was carried out all the same, and the named nurse reads it.

Source: process specification, section 5, Override.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import long_date, role_words
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.kinds.kind import At, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import ProcessKind

__all__ = ["ReadOverride"]


class ReadOverride(ProcessKind):
    """OV: an override is read by the named nurse; one that the named nurse signed, by the designated nurse."""

    KIND = "read_override"
    READS: ClassVar[frozenset[Topic]] = frozenset({"requests", "open"})
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def subjects(self, at: At) -> Sequence[str]:
        """Overrides that were admitted."""
        return [o.event for o in at.overrides]

    def judge(self, at: At) -> Outcome:
        """Judge one override: it is to be read, until somebody has."""
        made = next((o for o in at.overrides if o.event == at.subject), None)
        if made is None or self._read(at) is not None:
            return Outcome()
        values: Values = {"day": Day(made.day), "until": Day(made.until), "role": made.role}
        return Outcome(0, values, (made.event, made.refused))

    def _read(self, at: At) -> str | None:
        # An override is read once, so that its finding has one key.
        finding = f"{self.id}:{at.subject}@start"
        said = [w for to in (at.subject, finding) for w in at.child.requests.said_to(to) if w.takes_on]
        answered = [r.id for r in at.child.replies.to_finding(finding) if r.final]
        return next(iter([*(w.id for w in said), *answered]), None)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """That somebody has read it."""
        return self._read(at)

    def say(self, seen: Seen, level: int) -> str:
        """Say who carried out what was refused, and until when it stands."""
        who = role_words(seen["role"])
        return (
            f"A decision that was refused was carried out by the {who} on {long_date(seen['day'])}. It lapses at the "
            f"end of {long_date(seen['until'])}. Read why, and what guards the child until then."
        )
