"""E6: a child protection conference, a core group or a review that is late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import long_date
from growthwatch.protocol.child import Child
from growthwatch.protocol.child.ages import months_after
from growthwatch.protocol.child.happened import Known
from growthwatch.protocol.child.protection import in_time
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Months
from growthwatch.protocol.kinds.kind import NOT_MET, At, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import Process

__all__ = ["ConferenceLate"]

_CLOSED_BY = {"conference": ("initial",), "core_group": ("core_group",), "review": ("review",)}


class ConferenceLate(Process):
    """E6: the initial conference after a section 47 strategy discussion, the core group after it, and the reviews.

    A finding for each clock: ``conference`` and the discussion, ``core_group`` and the initial conference, ``review``
    and the conference from which it counts.  The last two run while a protection plan is in force.  Source: process
    specification, section 4.
    """

    KIND = "conference_late"
    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "people", "days"})
    conference_working_days: Days
    core_group_working_days: Days
    first_review_months: Months
    review_months: Months
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    @property
    def selects(self) -> frozenset[str]:
        """Strategy discussions and conferences."""
        return frozenset({"strategy_discussion", "conference_held"})

    def subjects(self, at: At) -> Sequence[str]:
        """Each clock that has begun and has not been stopped."""
        held = at.child.happened
        started = [("conference", k) for k in held.of("strategy_discussion") if k.event.section_47]
        for k in held.of("conference_held"):
            if k.event.kind == "initial":
                started += [("core_group", k), ("review", k)]
            elif k.event.kind == "review":
                started.append(("review", k))
        return [f"{clock}:{k.id}" for clock, k in started if self._stopped(at.child, clock, k) is None]

    def judge(self, at: At) -> Outcome:
        """Whether one clock has passed."""
        clock, k = self._clock(at)
        if k is None or self._stopped(at.child, clock, k) is not None:
            return Outcome()
        plan = at.child.people.protection_plan
        if clock != "conference" and plan is None:
            return Outcome()
        limit = self._limit(at.child, clock, k)
        if at.day <= limit:
            return Outcome(NOT_MET, wakes=(limit + 1,))
        values: Values = {"clock": clock, "on": Day(k.on), "limit": Day(limit)}
        return Outcome(0, values, (k.id,) if plan is None or clock == "conference" else (k.id, plan), own=(k.id,))

    def _clock(self, at: At) -> tuple[str, Known | None]:
        clock, _, id = at.subject.partition(":")
        type = "strategy_discussion" if clock == "conference" else "conference_held"
        return clock, next((k for k in at.child.happened.of(type) if k.id == id), None)

    def _limit(self, child: Child, clock: str, k: Known) -> int:
        """The last day in time of a clock."""
        if clock == "conference":
            return child.working.add(k.on, self.conference_working_days)
        if clock == "core_group":
            return child.working.add(k.on, self.core_group_working_days)
        return months_after(k.on, self.first_review_months if k.event.kind == "initial" else self.review_months)

    def _stopped(self, child: Child, clock: str, start: Known) -> str | None:
        """The conference that a clock waits for: of the same day or later, and not the one from which it counts."""
        for k in in_time(child.happened.of("conference_held")):
            if k.event.kind in _CLOSED_BY[clock] and k.on >= start.on and k.id != start.id:
                return k.id
        return None

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The conference."""
        clock, k = self._clock(at)
        return None if k is None else self._stopped(at.child, clock, k)

    def unseen(self, child: Child) -> list[str]:
        """A note to the chair of the latest core group, where it did not see the trend of the weights."""
        groups = [k for k in in_time(child.happened.of("conference_held")) if k.event.kind == "core_group"]
        if not groups or groups[-1].event.weight_trend_shown:
            return []
        on = long_date(groups[-1].on)
        return [f"For the chair of the core group of {on}: it is not recorded that the trend of the weights was shown."]

    def about(self, seen: Seen) -> str:
        """Which conference."""
        what = {"conference": "initial conference", "core_group": "core group", "review": "review conference"}
        return f"{what[seen['clock']]}, wanted by {long_date(seen['limit'])}"

    def say(self, seen: Seen, level: int) -> str:
        """Say what was to be held by when."""
        on, limit = long_date(seen["on"]), long_date(seen["limit"])
        what, after = {
            "conference": ("initial child protection conference", "the strategy discussion"),
            "core_group": ("core group", "the initial conference"),
            "review": ("review conference", "the conference"),
        }[seen["clock"]]
        return f"No {what} is recorded since {after} of {on}; it was to be held by {limit}. Ask the social worker."
