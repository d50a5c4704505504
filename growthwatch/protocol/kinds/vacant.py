"""P14d: a lead without a deputy or a supervisor, or away with nobody in his or her place."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import long_date, name_words
from growthwatch.protocol.child.happened import Known
from growthwatch.protocol.child.leads import Lead, absence, standing_leads
from growthwatch.protocol.file.select import When
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import TIERS, Days, TierName
from growthwatch.protocol.kinds.kind import NOT_MET, At, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import Process, fits, since
from growthwatch.record import Level

__all__ = ["NobodyBeside"]

_NO_DEPUTY, _AWAY = range(2)


class NobodyBeside(Process):
    """P14d: a lead has nobody beside him or her for so many working days, or is away for longer with no cover.

    It closes when they are named, or on the day after the last of an absence.  Source: process specification,
    section 3, P14.
    """

    KIND = "nobody_beside"
    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "people", "conditions", "tier", "days"})
    when_any: tuple[When, ...] = Field(min_length=1)
    lead_from_tier: TierName
    lead_levels: tuple[Level, ...]
    working_days: Days
    away_working_days: Days
    levels: tuple[RuleLevel, RuleLevel]

    @property
    def selects(self) -> frozenset[str]:
        """Leads, and when they are away: of one who has left it says nothing."""
        return frozenset({"lead_named", "lead_away"})

    def judge(self, at: At) -> Outcome:
        """Whether nobody stands beside the lead, or nobody in the place of one who is away."""
        leads = standing_leads(at.child)
        if not leads:
            return Outcome()
        lead = leads[0]
        wakes = [first for k in at.child.happened.of("lead_away") if (first := k.event.from_.toordinal()) > at.day]
        away = absence(at.child, lead, at.day)
        if away is not None and not self._covered(lead, away) and self._required(at):
            e, limit = away.event, at.child.working.add(away.event.from_.toordinal(), self.away_working_days)
            until = None if e.until is None else e.until.toordinal()
            if (until is None and at.day > limit) or (until is not None and until > limit):
                values: Values = {"name": lead.name, "from": Day(e.from_.toordinal()), "lacks": ()}
                values["until"] = None if until is None else Day(until)
                wakes += [] if until is None else [until + 1]
                return Outcome(_AWAY, values, (*lead.events, away.id), wakes=tuple(wakes))
            wakes.append(limit + 1)
        lacks = _lacks(lead)
        starts = [since(at, when) for when in self.when_any if fits(at, when)]
        if not lacks or not starts:
            return Outcome(NOT_MET, wakes=tuple(wakes))
        day, by = min(starts)
        start = max(lead.since, day)
        limit = at.child.working.add(start, self.working_days)
        if at.day <= limit:
            return Outcome(NOT_MET, wakes=(*wakes, limit + 1))
        values = {"name": lead.name, "lacks": tuple(lacks), "since": Day(start)}
        return Outcome(_NO_DEPUTY, values, (*lead.events, *by), wakes=tuple(wakes), own=lead.events)

    def _required(self, at: At) -> bool:
        """Whether the child must have a lead."""
        people = at.child.people
        risen = TIERS.index(at.tier) >= TIERS.index(self.lead_from_tier)
        return risen or people.level in self.lead_levels or people.protection_plan is not None

    @staticmethod
    def _covered(lead: Lead, away: Known) -> bool:
        return away.event.cover is not None or lead.deputy is not None

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The event by which they were named, or the absence that has ended."""
        leads = standing_leads(at.child)
        if not leads:
            return None
        lead = leads[0]
        away = absence(at.child, lead, at.day)
        if away is not None and not self._covered(lead, away) and _AWAY in at.reached:
            return None
        beside = _NO_DEPUTY in at.reached or any(fits(at, when) for when in self.when_any)
        if beside and _lacks(lead):
            return None
        named = (*at.child.happened.of("lead_named"), *at.child.happened.of("lead_away"))
        return max(named, key=_known).id

    def say(self, seen: Seen, level: int) -> str:
        """Say whom somebody is to be named for."""
        name = name_words(seen["name"])
        if level == _AWAY:
            until = "" if seen["until"] is None else f" to {long_date(seen['until'])}"
            return f"{name} leads, and is away from {long_date(seen['from'])}{until} with no cover and no deputy."
        return f"{name} leads, and has had no {' and no '.join(seen['lacks'])} since {long_date(seen['since'])}."


def _lacks(lead: Lead) -> list[str]:
    """Who is not named beside a lead."""
    return [what for what, who in (("deputy", lead.deputy), ("supervisor", lead.supervisor)) if who is None]


def _known(k: Known) -> tuple[int, str]:
    return k.day, str(k.event.recorded_at)
