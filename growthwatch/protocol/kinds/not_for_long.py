"""Nothing of a sort for so long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import count_words, days_words, list_words, long_date
from growthwatch.protocol.child.ages import months_after
from growthwatch.protocol.child.happened import Known
from growthwatch.protocol.file.select import Events, When, value_of
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Months, Text
from growthwatch.protocol.kinds.counted import unknown_key
from growthwatch.protocol.kinds.kind import NOT_MET, At, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import Process, chosen, fits, since

__all__ = ["NotForLong"]


class NotForLong(Process):
    """No event of a sort for so long; with `each`, none that says something under a key.

    It counts from the day of the last such event; where there was none, from the day on which the child became one of
    those that the file names.  It closes when there is one again, for each key that is missing.
    """

    KIND = "not_for_long"
    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "tier", "conditions", "people", "days"})
    events: Events
    each: Mapping[Text, Text] = Field(default_factory=dict[str, str])
    days: Days | None = None
    months: Months | None = None
    when: When | None = None
    says: Text | None = None
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def faults(self) -> list[str]:
        """Say so where it is not said how long, or a key is none of the event."""
        wrong = [] if (self.days is None) != (self.months is None) else ["expected one of days and months"]
        return [
            *super().faults(),
            *wrong,
            *(w for key in self.each for w in unknown_key("each", self.events.type, key)),
        ]

    @classmethod
    def says_of(cls) -> frozenset[str]:
        """What is missing, since when, and how long that may be."""
        return frozenset({"missing", "last", "period"})

    @property
    def selects(self) -> frozenset[str]:
        """The type of its events."""
        return frozenset({self.events.type})

    def judge(self, at: At) -> Outcome:
        """Look for what was last said too long ago."""
        if not fits(at, self.when):
            return Outcome()
        start, by = since(at, self.when)
        last = self._last(at)
        ends = {key: self._ends(start if k is None else k.on) for key, k in last.items()}
        missing = [key for key, end in ends.items() if at.day > end]
        wakes = tuple(sorted({end + 1 for end in ends.values() if end >= at.day}))
        if not missing:
            return Outcome(NOT_MET, wakes=wakes)
        there = [k for key in missing if (k := last[key]) is not None]
        never = len(there) < len(missing)
        values: Values = {
            "missing": tuple(key for key in missing if key),
            "last": None if never else Day(min(k.on for k in there)),
            "since": Day(start),
        }
        own = tuple(dict.fromkeys(k.id for k in there))
        return Outcome(0, values, (*own, *by), wakes=wakes, own=own)

    def _last(self, at: At) -> dict[str, Known | None]:
        """The last event for each key; of any, where no keys are named."""
        events = chosen(at.child, self.events)
        if not self.each:
            return {"": events[-1] if events else None}
        said = {key: [k for k in events if value_of(k.event, key) is not None] for key in self.each}
        return {key: found[-1] if found else None for key, found in said.items()}

    def _ends(self, day: int) -> int:
        """The last day in time, counted from a day."""
        return day + (self.days or 0) if self.months is None else months_after(day, self.months)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The event by which nothing is missing any more."""
        start, _ = since(at, self.when)
        last = self._last(at)
        if any(at.day > self._ends(start if k is None else k.on) for k in last.values()):
            return None
        there = [k for k in last.values() if k is not None]
        return max(there, key=_known).id if there else None

    def answer_words(self) -> str:
        """That it happens again."""
        return "what has been missing is recorded"

    def say(self, seen: Seen, level: int) -> str:
        """Say what is missing, and since when."""
        period = count_words(self.months, "month") if self.months is not None else days_words(self.days or 0)
        last = "never" if seen["last"] is None else long_date(seen["last"])
        missing = list_words([self.each[key] for key in seen["missing"]])
        if self.says is not None:
            return self.says.format(missing=missing, last=last, period=period)
        of = f" ({missing})" if missing else ""
        return f"{self.title}{of}: not for {period}. The last: {last}."


def _known(k: Known) -> tuple[int, int, str]:
    return k.day, k.on, k.id
