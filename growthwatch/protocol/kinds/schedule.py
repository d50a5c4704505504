"""Kinds about the schedule: a weight that is due, overdue, or not taken though the child is seen."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.said import Counted, Said
from growthwatch.core.words import (
    days_words,
    long_date,
    often_words,
)
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import (
    Whole,
)
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
    Count,
    Day,
    Given,
    Kind,
    Outcome,
    Reminder,
    Seen,
    Topic,
    Values,
)
from growthwatch.protocol.kinds.weights import (
    newer_valid,
    no_birth,
)
from growthwatch.protocol.schedule import Due

__all__ = ["SeenNotWeighed", "WeighingDue", "WeighingOverdue"]


class WeighingDue(Reminder):
    """S1: a weight is due today; a reminder, not a finding."""

    KIND = "weighing_due"
    READS: ClassVar[frozenset[Topic]] = frozenset({"due"})
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def judge(self, at: At) -> Outcome:
        """Met from the due day until the weight is overdue."""
        if at.due.state(at.day) != "due" or at.due.due is None:
            return Outcome(wakes=at.due.wakes())
        values: Values = {"due": Day(at.due.due), "why": at.due.why}
        return Outcome(0, values, wakes=at.due.wakes())

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight."""
        return followed.none()

    def speaks_from(self, due: Due, contacts: int) -> int | None:
        """A reminder opens nothing."""
        return None

    def say(self, seen: Seen, level: int) -> str:
        """Say when it was due and why."""
        return f"A weight is due: {long_date(seen['due'])} ({seen['why']})."


class WeighingOverdue(Kind):
    """S2: the grace has passed (amber), or the weight has lapsed (red)."""

    KIND = "weighing_overdue"
    READS: ClassVar[frozenset[Topic]] = frozenset({"due"})
    levels: tuple[RuleLevel, RuleLevel]

    def judge(self, at: At) -> Outcome:
        """Judge the day against the next weighing."""
        due = at.due
        if due.due is None:
            return Outcome(not_judged=no_birth(at.child))
        state = due.state(at.day)
        values: Values = {
            "due": Day(due.due),
            "why": due.why,
            "grace_days": Count(due.grace_days),
            "last_on": Day(due.anchor.day) if due.anchor else None,
            "floor_days": None if due.floor_days is None else Count(due.floor_days),
            "lapsed_after_floors": Given(at.child.settings.schedule.lapsed_after_floors),
        }
        witness = (
            (due.anchor.id,) if due.anchor else (() if at.child.ages.birth is None else (at.child.ages.birth.event,))
        )
        level = {"overdue": 0, "lapsed": 1}.get(state, NOT_MET)
        wakes = tuple(day for day in (due.overdue_from, due.lapsed_from) if day is not None)
        return Outcome(level, values, witness, weight=due.anchor, wakes=wakes)

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight."""
        return followed.none()

    def speaks_from(self, due: Due, contacts: int) -> int | None:
        """From the day on which it is overdue."""
        return due.overdue_from

    def say(self, seen: Seen, level: int) -> Said:
        """Say when the last weight was, when the next was due, and how long ago."""
        last = (
            "No valid weight is recorded"
            if seen["last_on"] is None
            else f"Last valid weight {long_date(seen['last_on'])}"
        )
        grace = f", {days_words(seen['grace_days'])} of grace ended" if seen["grace_days"] else ""
        text = f"Weight overdue. {last}; due {long_date(seen['due'])} ({seen['why']}){grace}."
        if level == 0:
            return text
        if seen["floor_days"] is None:
            return (
                text,
                Counted(int(seen["due"]), " That is {} ago: the weight has lapsed.", " The weight has lapsed."),
            )
        often = f"{often_words(seen['lapsed_after_floors'])} the {days_words(seen['floor_days'])} allowed, or more."
        if seen["last_on"] is None:
            return f"{text} That is {often}"
        return (text, Counted(int(seen["last_on"]), " That is {}: ", " That is "), often)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """A valid weight later than the one from which it ran."""
        return newer_valid(at.child, opened)


class SeenNotWeighed(Kind):
    """S3: seen face to face several times since the last valid weight, which is past due."""

    KIND = "seen_not_weighed"
    READS: ClassVar[frozenset[Topic]] = frozenset({"contacts", "due"})
    contacts_at_least: Whole = Field(ge=1)
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def judge(self, at: At) -> Outcome:
        """Count contacts after the last valid weight."""
        due, birth = at.due, at.child.ages.birth
        if due.due is None and birth is not None:
            return Outcome()
        # Without a birth date no weight is ever due: then the contacts alone tell.
        since = due.anchor.day if due.anchor else 0 if birth is None else birth.day - 1
        seen = tuple(at.child.contacts.met.between(since, at.day))
        values: Values = {
            "contacts": Count(len(seen)),
            "since": Day(due.anchor.day) if due.anchor else None,
            "due": None if due.due is None else Day(due.due),
        }
        often = len(seen) >= self.contacts_at_least
        met = often and (due.due is None or at.day > due.due)
        wakes = (due.due + 1,) if often and due.due is not None else ()
        return Outcome(0 if met else NOT_MET, values, seen, weight=due.anchor, wakes=wakes)

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight."""
        return followed.none()

    def speaks_from(self, due: Due, contacts: int) -> int | None:
        """From the day after it was due, if there were contacts enough."""
        return None if due.due is None or contacts < self.contacts_at_least else due.due + 1

    def say(self, seen: Seen, level: int) -> str:
        """Say how often the child was seen and not weighed."""
        since = "birth" if seen["since"] is None else f"the last valid weight on {long_date(seen['since'])}"
        due = (
            "no birth date is recorded, so no day is known on which one was due"
            if seen["due"] is None
            else f"it was due on {long_date(seen['due'])}"
        )
        since = "the record began" if seen["since"] is None and seen["due"] is None else since
        return f"Seen face to face {seen['contacts']} times since {since}, with no valid weight; {due}."

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """A valid weight."""
        return newer_valid(at.child, opened)
