"""An event without what it must say, or that says what must not be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from growthwatch.core.words import list_words, long_date
from growthwatch.protocol.child import Child
from growthwatch.protocol.child.happened import Known
from growthwatch.protocol.file.select import Events, When, value_of
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Sourced, Text
from growthwatch.protocol.kinds.counted import unknown_key
from growthwatch.protocol.kinds.kind import At, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import Process, chosen, grounds

__all__ = ["Lacking", "Must"]


class Must(Sourced):
    """What an event must say.

    Attributes
    ----------
    key
        Under which key of the event.
    be
        Words, of which one must stand there; not given: anything.  Where words are given, an event that says nothing
        there lacks nothing.
    lacking
        What is lacking, in words.
    unsaid
        What is then not known, in words, for a note; not given: no note.
    when
        Of which children it is asked: by conditions, those that the child had on the day of the event.
    """

    key: Text
    be: tuple[bool | str, ...] | None = None
    lacking: Text
    unsaid: Text | None = None
    when: When | None = None


class Lacking(Process):
    """An event that lacks what it must say: a finding for each.

    It closes when it is put right, by a ``later_event`` of its sort that says all of it, or by an ``answer`` that names
    the finding, as `closed_with` says.
    """

    KIND = "lacking"
    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "conditions", "people", "requests"})
    events: Events
    must: tuple[Must, ...] = Field(min_length=1)
    closed_with: Literal["later_event", "answer"]
    says: Text | None = None
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def faults(self) -> list[str]:
        """Say so where a key is none of the event, or holds no such word."""
        wrong = [w for m in self.must for w in unknown_key("must.key", self.events.type, m.key)]
        for m in self.must if not wrong else ():
            try:
                Events(type=self.events.type, where={m.key: m.be or ()})
            except ValueError:
                wrong.append(f"must.be: got {list(m.be or ())}, expected what {self.events.type} may say at {m.key}")
        return [*super().faults(), *wrong]

    @classmethod
    def says_of(cls) -> frozenset[str]:
        """What is lacking, and in the event of which day."""
        return frozenset({"lacking", "on"})

    @property
    def selects(self) -> frozenset[str]:
        """The type of its events."""
        return frozenset({self.events.type})

    def subjects(self, at: At) -> Sequence[str]:
        """The events of its sort that lack something."""
        return [k.id for k in chosen(at.child, self.events) if self._lacks(at.child, k)]

    def judge(self, at: At) -> Outcome:
        """What one event lacks, unless that has been put right since."""
        k = self._event(at)
        lacks = [] if k is None else self._lacks(at.child, k)
        if k is None or not lacks:
            return Outcome()
        if at.open_since is None and (k.id in self.rested(at) or self._put_right(at, k) is not None):
            return Outcome()
        asked = [id for m in lacks if m.when is not None for id in grounds(at.child, m.when, k.on)]
        values: Values = {"lacking": tuple(m.lacking for m in lacks), "on": Day(k.on)}
        return Outcome(0, values, tuple(dict.fromkeys((k.id, *asked))))

    def _event(self, at: At) -> Known | None:
        return next((k for k in chosen(at.child, self.events) if k.id == at.subject), None)

    def _asked(self, child: Child, k: Known) -> list[Must]:
        """What is asked of an event."""
        return [m for m in self.must if m.when is None or grounds(child, m.when, k.on)]

    def _lacks(self, child: Child, k: Known) -> list[Must]:
        """What an event lacks."""
        return [m for m in self._asked(child, k) if _said(k, m) is (None if m.be is None else False)]

    def _put_right(self, at: At, k: Known) -> str | None:
        """The event that puts right what another lacks."""
        if self.closed_with == "answer":
            return self.answered(at, k.on)
        later = [x for x in chosen(at.child, self.events) if _after(x, k)]
        whole = [x.id for x in later if all(_said(x, m) for m in self._asked(at.child, x))]
        return whole[0] if whole else None

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """What puts it right."""
        k = self._event(at)
        return None if k is None else self._put_right(at, k)

    def unsaid(self, child: Child) -> list[str]:
        """A note of the latest event of its sort, where it does not say what it should."""
        events = chosen(child, self.events)
        if not events:
            return []
        what = self.events.type.replace("_", " ")
        silent = [m.unsaid for m in self._asked(child, events[-1]) if m.unsaid and _said(events[-1], m) is None]
        return [f"The {what} of {long_date(events[-1].on)} does not say {list_words(silent)}."] if silent else []

    def answer_words(self) -> str:
        """A later event that says all of it, or an answer, as the file says."""
        return "a later one says what is missing" if self.closed_with == "later_event" else super().answer_words()

    def about(self, seen: Seen) -> str:
        """What lacks something, by its day."""
        return f"what is written of {long_date(seen['on'])}"

    def say(self, seen: Seen, level: int) -> str:
        """Say what is lacking in the event of which day."""
        lacking = list_words(list(seen["lacking"]))
        if self.says is not None:
            return self.says.format(lacking=lacking, on=long_date(seen["on"]))
        return f"{self.title}, {long_date(seen['on'])}: {lacking}."


def _said(k: Known, must: Must) -> bool | None:
    """Whether an event says what it must; None where it says nothing."""
    said = value_of(k.event, must.key)
    if said is None or said == ():
        return None
    return must.be is None or Events(type=k.event.type, where={must.key: must.be}).fits(k.event)


def _after(k: Known, other: Known) -> bool:
    """Whether an event came after another; of one day, whether it was written down after it."""
    return (k.on, k.event.order) > (other.on, other.event.order)
