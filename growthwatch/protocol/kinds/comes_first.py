"""An event before what had to come first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import long_date
from growthwatch.protocol.child.happened import Known
from growthwatch.protocol.file.select import Events, When, value_of
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import RequestName, Text
from growthwatch.protocol.kinds.counted import unknown_key
from growthwatch.protocol.kinds.kind import At, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import Process, chosen, grounds, ids_of

__all__ = ["ComesFirst"]


class ComesFirst(Process):
    """An event that ends what another began, before a request of a kind was answered: a finding for each beginning.

    ``ends`` is the key under which the event names what began, an event of the type ``began``.  It closes when the
    request is answered.
    """

    KIND = "comes_first"
    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "conditions", "people", "requests"})
    events: Events
    ends: Text
    began: Events
    request: RequestName
    when: When | None = None
    says: Text | None = None
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def faults(self) -> list[str]:
        """Say so where the key is none of the event."""
        return [*super().faults(), *unknown_key("ends", self.events.type, self.ends)]

    @classmethod
    def says_of(cls) -> frozenset[str]:
        """When it was ended, and when it began."""
        return frozenset({"on", "began"})

    @property
    def selects(self) -> frozenset[str]:
        """The types of both events."""
        return frozenset({self.events.type, self.began.type})

    def _ended(self, at: At) -> list[Known]:
        """Events that end something, of children of whom it is asked."""
        found = chosen(at.child, self.events)
        return [k for k in found if self.when is None or grounds(at.child, self.when, k.on)]

    def subjects(self, at: At) -> Sequence[str]:
        """What was ended."""
        return list(dict.fromkeys(value_of(k.event, self.ends) for k in self._ended(at)))

    def judge(self, at: At) -> Outcome:
        """Whether one thing was ended, and nobody has answered yet what was to be asked first."""
        ended = [k for k in self._ended(at) if value_of(k.event, self.ends) == at.subject]
        start = self._start(at)
        if start is None or not ended or self._first(at, start) is not None:
            return Outcome()
        if at.open_since is None and ended[0].id in self.rested(at):
            return Outcome()
        values: Values = {"on": Day(ended[0].on), "began": Day(start.on)}
        by = () if self.when is None else grounds(at.child, self.when, ended[0].on)
        return Outcome(0, values, (*ids_of((start, *ended[:1])), *by))

    def _start(self, at: At) -> Known | None:
        return next((k for k in chosen(at.child, self.began) if k.id == at.subject), None)

    def _first(self, at: At, start: Known) -> str | None:
        """The last word on what had to come first."""
        replies = [r for r in at.child.replies.of_kind(self.request) if r.day >= start.on]
        return replies[0].id if replies else self.answered(at, start.on)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The answer to what had to come first."""
        start = self._start(at)
        return None if start is None else self._first(at, start)

    def answer_words(self) -> str:
        """The answer that had to come first."""
        return "what had to come first is answered"

    def about(self, seen: Seen) -> str:
        """What was ended, by its day."""
        return f"what was closed on {long_date(seen['on'])}"

    def say(self, seen: Seen, level: int) -> str:
        """Say what was ended when."""
        if self.says is not None:
            return self.says.format(on=long_date(seen["on"]), began=long_date(seen["began"]))
        asked = self.request.replace("_", " ")
        return f"{self.title}, {long_date(seen['on'])}: nobody has answered yet ({asked})."
