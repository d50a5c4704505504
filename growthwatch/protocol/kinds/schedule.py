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
    LOUDNESS,
    Days,
    Loudness,
    Months,
    TierName,
    Whole,
)
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
    Count,
    Day,
    Given,
    Kind,
    Matter,
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
    ABOUT: ClassVar[Matter] = "schedule"
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
    """S2: the grace has passed (amber), the weight has lapsed (red), or nothing is heard from the ward."""

    KIND = "weighing_overdue"
    ABOUT: ClassVar[Matter] = "schedule"
    VERSION: ClassVar[int] = 2
    READS: ClassVar[frozenset[Topic]] = frozenset({"contacts", "due", "days"})
    newborn_before_days: Days = 0
    newborn_loudness: Loudness = "daily"
    levels: tuple[RuleLevel, ...] = Field(min_length=2, max_length=3)

    def judge(self, at: At) -> Outcome:
        """Judge the day against the next weighing, or while the child is in hospital against the last word."""
        due = at.due
        if due.rests:
            return self._ask_the_ward(at)
        if due.due is None or at.child.ages.birth is None:
            return Outcome(not_judged=no_birth(at.child))
        state, birth, often = due.state(at.day), at.child.ages.birth, at.child.settings.schedule.lapsed_after_floors
        start = due.anchor.day if due.anchor else birth.day
        by_floor = due.floor_days is not None and due.lapsed_from == start + often * due.floor_days
        values: Values = {
            "due": Day(due.due),
            "why": due.why,
            "grace_days": Count(due.grace_days),
            "last_on": Day(due.anchor.day) if due.anchor else None,
            "floor_days": Count(due.floor_days) if by_floor and due.floor_days is not None else None,
            "lapsed_after_floors": Given(often),
            "newborn": due.due - birth.day < self.newborn_before_days,
        }
        witness = (due.anchor.id,) if due.anchor else (birth.event,)
        if due.stay is not None:
            witness = (*witness, due.stay.admission, *((due.stay.ended_by,) if due.stay.ended_by else ()))
        level = {"overdue": 0, "lapsed": 1}.get(state, NOT_MET)
        wakes = tuple(day for day in (due.overdue_from, due.lapsed_from) if day is not None)
        return Outcome(level, values, witness, weight=due.anchor, wakes=wakes)

    def _ask_the_ward(self, at: At) -> Outcome:
        """Nothing heard for so long that somebody must ring."""
        stay, since = at.due.stay, at.due.ward_from
        if stay is None or since is None or len(self.levels) <= _WARD:
            return Outcome()
        birth = at.child.ages.birth
        values: Values = {
            "since": Day(stay.since),
            "word_on": Day(stay.word),
            "newborn": birth is not None and since - birth.day < self.newborn_before_days,
            "was_red": 1 in at.reached,
        }
        witness = (stay.admission, stay.word_by)
        return Outcome(_WARD if at.day >= since else NOT_MET, values, witness, weight=at.due.anchor, wakes=(since,))

    def loudness_at(self, level: int, seen: Seen) -> Loudness:
        """A weight that was due in the first weeks is never left for the weekly list."""
        own = self.levels[level].loudness
        if seen.get("newborn") or seen.get("was_red"):
            return LOUDNESS[max(LOUDNESS.index(own), LOUDNESS.index(self.newborn_loudness))]
        return own

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight."""
        return followed.none()

    def speaks_from(self, due: Due, contacts: int) -> int | None:
        """From the day on which it is overdue, or the ward is to be asked."""
        return due.overdue_from if due.ward_from is None else due.ward_from

    def say(self, seen: Seen, level: int) -> Said:
        """Say when the last weight was, when the next was due, and how long ago; or since when nothing was heard."""
        if level == _WARD:
            return f"No word from the ward since {long_date(seen['word_on'])}: ring it today."
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
        """A valid weight later than the one from which it ran; where only the ward was asked, a word or the end."""
        by = newer_valid(at.child, opened)
        if by is not None or at.open_level != _WARD or at.reached != (_WARD,) or self._ask_the_ward(at).level == _WARD:
            return by
        stay = at.child.stay(at.day)
        if stay is None:
            return str(opened.witness[0])  # the admission was an error
        return stay.word_by if stay.ended_by is None else stay.ended_by

    def weighs(self, level: int) -> bool:
        """A weighing, but where the ward is asked."""
        return level != _WARD

    def falls_to(self, at: At, outcome: Outcome) -> int | None:
        """After a word, or the end of the stay, it is what it was before the ward was to be asked."""
        if at.open_level != _WARD or outcome.level == _WARD:
            return None
        return max((n for n in at.reached if n != _WARD), default=None)


_WARD = 2


class SeenNotWeighed(Kind):
    """S3: seen face to face several times since the last valid weight, which is past due, or long ago."""

    KIND = "seen_not_weighed"
    ABOUT: ClassVar[Matter] = "schedule"
    VERSION: ClassVar[int] = 2
    READS: ClassVar[frozenset[Topic]] = frozenset({"contacts", "due", "days", "tier"})
    contacts_at_least: Whole = Field(ge=1)
    undated_tier: TierName | None = None
    undated_below_months: Months = 0
    undated_within_days: Days = 0
    undated_weight_over_days: Days = 0
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def judge(self, at: At) -> Outcome:
        """Count contacts after the last valid weight."""
        due, birth = at.due, at.child.ages.birth
        if due.rests:
            return Outcome()
        if due.due is None and birth is not None:
            return self._without_a_date(at, birth.day)
        # Without a birth date no weight is ever due: then the contacts alone tell.
        since = due.anchor.day if due.anchor else 0 if birth is None else birth.day - 1
        seen = tuple(at.child.contacts.met.between(since, at.day))
        values: Values = {
            "contacts": Count(len(seen)),
            "since": Day(due.anchor.day) if due.anchor else None,
            "due": None if due.due is None else Day(due.due),
            **({"unborn": True} if birth is None else {}),
        }
        often = len(seen) >= self.contacts_at_least
        met = often and (due.due is None or at.day > due.due)
        wakes = (due.due + 1,) if often and due.due is not None else ()
        urgent = at.tier != self.undated_tier
        return Outcome(0 if met else NOT_MET, values, seen, weight=due.anchor, urgent=urgent, wakes=wakes)

    def _without_a_date(self, at: At, born: int) -> Outcome:
        """Where no weight is planned any more: seen often of late, and the last weight is long ago."""
        child, last = at.child, at.due.anchor
        if at.tier != self.undated_tier or at.day >= child.ages.mark(self.undated_below_months):
            return Outcome()
        since = last.day if last else born
        from_day = at.day - self.undated_within_days
        seen = tuple(child.contacts.met.between(max(from_day - 1, since), at.day))
        old = since + self.undated_weight_over_days + 1
        if len(seen) < self.contacts_at_least:
            return Outcome()
        ends = child.contacts.met.day_of(seen[-self.contacts_at_least]) + self.undated_within_days + 1
        wakes = (old, ends, child.ages.mark(self.undated_below_months))
        if at.day < old:
            return Outcome(wakes=wakes)
        values: Values = {"contacts": Count(len(seen)), "since": Day(last.day) if last else None, "due": None}
        return Outcome(0, values, seen, weight=last, wakes=wakes)

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight."""
        return followed.none()

    def speaks_from(self, due: Due, contacts: int) -> int | None:
        """From the day after it was due, or the last weight is long ago, if there were contacts enough."""
        if contacts < self.contacts_at_least:
            return None
        if due.due is not None:
            return due.due + 1
        return 0 if due.anchor is None else due.anchor.day + self.undated_weight_over_days + 1

    def weighs(self, level: int) -> bool:
        """Always a weighing."""
        return True

    def say(self, seen: Seen, level: int) -> str:
        """Say how often the child was seen and not weighed."""
        since = "birth" if seen["since"] is None else long_date(seen["since"])
        since = "the record began" if seen["since"] is None and seen["due"] is None else since
        text = f"Seen {seen['contacts']} times, not weighed since {since}"
        if seen.get("unborn"):
            return f"{text}; no birth date is recorded, so no day is known on which a weight was due."
        return f"{text}." if seen["due"] is None else f"{text}; a weight was due on {long_date(seen['due'])}."

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """A valid weight."""
        return newer_valid(at.child, opened)
