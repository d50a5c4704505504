"""So many events of a sort in so long."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import count_words, days_words, long_date, number_word
from growthwatch.protocol.child.ages import months_after
from growthwatch.protocol.child.happened import Known
from growthwatch.protocol.file.select import Events, When, value_of
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Flag, Months, Text, Whole
from growthwatch.protocol.kinds.kind import At, Count, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import Process, chosen, fits, grounds, ids_of, own_of

__all__ = ["Counted", "unknown_key"]


class Counted(Process):
    """So many events of a sort, the first and the last so far apart at most.

    Days and months are counted from the day of the first event to that of the last; it opens on the day on which the
    last of them becomes known.  `one_per` names what tells one from the next: two events that say the same there are
    one.  `renews`: each further event asks anew for what was asked.
    """

    KIND = "counted"
    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "requests", "tier", "conditions", "people"})
    events: Events
    at_least: Whole = Field(default=1, gt=0)
    within_days: Days | None = None
    within_months: Months | None = None
    one_per: Text | None = None
    when: When | None = None
    renews_with_each: Flag = False
    says: Text | None = None
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def faults(self) -> list[str]:
        """Say so where several events have no time in which they count, or two."""
        given = [self.within_days, self.within_months].count(None)
        wrong = [] if given == 1 or (given == 2 and self.at_least == 1) else ["one of within_days and within_months"]
        if self.one_per is not None:
            wrong += unknown_key("one_per", self.events.type, self.one_per)
        return [*super().faults(), *wrong]

    @classmethod
    def says_of(cls) -> frozenset[str]:
        """How many, from when to when, and in how long."""
        return frozenset({"n", "first", "last", "period"})

    @property
    def selects(self) -> frozenset[str]:
        """The type of its events."""
        return frozenset({self.events.type})

    def judge(self, at: At) -> Outcome:
        """Look for so many events so near to each other, one of which no earlier finding rested on."""
        counted = self._once(chosen(at.child, self.events))
        if len(counted) < self.at_least or not fits(at, self.when):
            return Outcome()
        rested, runs = self.rested(at), self._runs(counted)
        found = [run for run in runs if any(k.id not in rested for k in run)]
        if not found:
            return Outcome()
        events = sorted({k.id: k for run in found for k in run}.values(), key=counted.index)
        fresh = [k.day for k in events if k.id not in rested]
        if at.open_since is None and self.answered(at, max(fresh)) is not None:
            return Outcome()
        last = events[-1].on
        n = sum(last <= self._until(k.on) for k in events)
        values: Values = {
            "n": Count(n),
            "first": Day(events[-n].on),
            "last": Day(last),
            "known_on": Day(max(fresh)),
        }
        witness = ids_of(events)
        if self.when is not None:
            witness += grounds(at.child, self.when)
        return Outcome(0, values, witness)

    def _once(self, events: list[Known]) -> list[Known]:
        """The events, of those that say the same the first that became known."""
        if self.one_per is None:
            return events
        first: dict[object, Known] = {}
        for k in events:
            said = value_of(k.event, self.one_per)
            first[said] = min(first.get(said, k), k, key=_known)
        return [k for k in events if any(k is other for other in first.values())]

    def _until(self, day: int) -> int:
        """The last day on which an event counts together with one of a day."""
        if self.within_months is not None:
            return months_after(day, self.within_months)
        return day + (self.within_days or 0)

    def _runs(self, events: list[Known]) -> list[list[Known]]:
        """Each so many events running that are near enough to each other."""
        n = self.at_least
        runs = (events[i : i + n] for i in range(len(events) - n + 1))
        return [run for run in runs if run[-1].on <= self._until(run[0].on)]

    def renews(self, at: At, before: Outcome, now: Outcome) -> bool:
        """Whether another event has come."""
        return self.renews_with_each and not set(own_of(now)) <= set(own_of(before))

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """What answers all that it asks for."""
        return self.answered(at, opened.values["known_on"])

    def answer_words(self) -> str:
        """What it asks of others, where it waits for that; else an answer to itself."""
        waits = any(a.met_by == "request_answered" for level in self.levels for a in level.actions)
        return "what it asks of others is answered" if waits else super().answer_words()

    def say(self, seen: Seen, level: int) -> str:
        """Say how many there were in how long."""
        period = count_words(self.within_months, "month") if self.within_months else days_words(self.within_days or 0)
        words = {"n": number_word(seen["n"]), "first": long_date(seen["first"]), "last": long_date(seen["last"])}
        if self.says is not None:
            return self.says.format(**words, period=period)
        times = "once" if seen["n"] == 1 else f"{words['n']} times in {period}"
        return f"{self.title}: {times}, the last on {words['last']}."


def _known(k: Known) -> tuple[int, int]:
    return k.day, k.on


def unknown_key(name: str, type: str, key: str) -> list[str]:
    """Say so where events of a type have no such key."""
    try:
        Events(type=type, where={key: ()})
    except ValueError:
        return [f"{name}: got {key!r}, expected a key of {type}"]
    return []
