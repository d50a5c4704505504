"""OV: a refused decision was carried out all the same, and the named nurse reads it.

Source: process specification, section 5, Override.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import long_date, same_name, the_role_words
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.kinds.kind import At, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import ProcessKind

__all__ = ["ReadOverride"]

_OPEN, _BY_NAMED_NURSE = range(2)
_NAMED_NURSE = "named_nurse"


class ReadOverride(ProcessKind):
    """OV: an override is read by the named nurse; one that the named nurse signed, by the designated nurse."""

    KIND = "read_override"
    READS: ClassVar[frozenset[Topic]] = frozenset({"requests", "open"})
    levels: tuple[RuleLevel, ...] = Field(min_length=2, max_length=2)

    def hears_open(self, at: At) -> bool:
        """Where anything was overridden."""
        return bool(at.overrides)

    def subjects(self, at: At) -> Sequence[str]:
        """Overrides that were admitted."""
        return [o.event for o in at.overrides]

    def judge(self, at: At) -> Outcome:
        """Judge one override: it is to be read, until somebody has."""
        made = next((o for o in at.overrides if o.event == at.subject), None)
        if made is None or self._read(at) is not None or not at.child.in_error.isdisjoint((made.event, made.refused)):
            return Outcome()  # read, or nothing was carried out after all
        values: Values = {"day": Day(made.day), "until": Day(made.until), "role": made.role}
        return Outcome(_BY_NAMED_NURSE if made.role == _NAMED_NURSE else _OPEN, values, (made.event, made.refused))

    def _read(self, at: At) -> str | None:
        """By what another than its signer said that they have read it: what they will do by when, or an answer."""
        finding = f"{self.id}:{at.subject}@start"  # an override is read once, so that its finding has one key
        mine = at.open.get(f"{self.id}:{at.subject}")
        made = next((k.event for k in at.child.happened.of("overridden") if k.id == at.subject), None)
        if made is None:
            return None
        asked = {at.subject, finding} if mine is None else {at.subject, finding, *(t.id for t in mine.tasks)}
        said = [w for id in asked for w in at.child.requests.said_to(id)]
        read = [w for w in said if w.takes_on or (w.what == "answered" and w.final)]
        own = made.role == _NAMED_NURSE  # then another reads it, of whom the record knows no role
        read = [w for w in read if same_name(w.actor) != same_name(made.actor) and (own or w.role == _NAMED_NURSE)]
        return min(((w.recorded_at, w.id) for w in read), default=(None, None))[1]

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """That somebody has read it."""
        return self._read(at)

    def about(self, seen: Seen) -> str:
        """Which override."""
        return f"override of {long_date(seen['day'])}"

    def say(self, seen: Seen, level: int) -> str:
        """Say who carried out what was refused, and until when it stands."""
        who = the_role_words(seen["role"])
        return (
            f"A decision that was refused was carried out by {who} on {long_date(seen['day'])}. It lapses at the "
            f"end of {long_date(seen['until'])}. Read why, and what guards the child until then."
        )
