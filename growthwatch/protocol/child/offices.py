"""Who leads, who stands in, and who owns the child on a day.

Source: process specification, section 7.
"""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from growthwatch.core.words import same_name
from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import HandoverAccepted, HandoverSent, LeadAway, LeadLeft, LeadNamed

__all__ = ["Handover", "Lead", "Offices", "Owner"]

TEAM_LEAD = "team_lead"


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead: named by which event, since when, and who stands in or supervises."""

    id: str
    day: int
    name: str
    role: str
    deputy: str | None = None
    deputy_role: str | None = None
    supervisor: str | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns the child on a day: by name where one is known, in which role, and as what.

    ``standing`` is ``lead``, ``cover``, ``deputy`` or ``team_lead``; ``of`` the team of a team lead, if it is known;
    ``event`` the event by which it is so.
    """

    name: str | None
    role: str
    standing: str
    of: str | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """A hand-over: what it lacks, which one completes it, and what accepted it."""

    id: str
    day: int
    known_day: int
    sender: str
    recipient: str
    lacks: tuple[str, ...]
    schooling: str | None
    completes: str | None
    actor: str = ""
    role: str = ""
    completed_by: str | None = None
    accepted_by: str | None = None
    accepted_on: int | None = None

    @property
    def ended(self) -> bool:
        """Whether it was accepted, or another took its place."""
        return self.accepted_by is not None or self.completed_by is not None


class Offices(Ledger):
    """Leads and hand-overs, in order of day."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "lead_named": frozenset({"people"}),
        "lead_left": frozenset({"people"}),
        "lead_away": frozenset({"people"}),
        "handover_sent": frozenset({"people", "requests"}),
        "handover_accepted": frozenset({"people", "requests"}),
    }

    def __init__(self, settings: Settings) -> None:
        self._needed = settings.process.handover_items
        self._events: list[tuple[int, dt.datetime, str, Any]] = []
        self._away: list[tuple[dt.datetime, str, LeadAway]] = []
        self.handovers: dict[str, Handover] = {}
        """Hand-overs by id, in order of reading."""
        self._alias: dict[str, str] = {}
        # Worked out once a day asked about, until something more is known.
        self._leads: dict[int, list[Lead]] = {}
        self._owners: dict[int, Owner] = {}

    def take(self, day: int, e: Any) -> None:
        """Take a naming, a leaving, an absence, or a hand-over."""
        self._leads, self._owners = {}, {}
        if e.corrects is not None:
            self._alias[e.corrects] = e.id
        if isinstance(e, LeadAway):
            insort(self._away, (e.recorded_at, e.id, e))
            return
        insort(self._events, (e.on.toordinal(), e.recorded_at, e.id, e), key=_order)
        if isinstance(e, HandoverSent):
            self._sent(day, e)
        elif isinstance(e, HandoverAccepted):
            self._accepted(e)

    def _sent(self, day: int, e: HandoverSent) -> None:
        said = bool(e.items or e.contains or e.missing)
        lacks = tuple(x for x in self._needed if x not in e.items) if e.items else e.missing if said else self._needed
        h = Handover(
            e.id, e.on.toordinal(), day, e.sender, e.recipient, tuple(lacks), e.schooling, e.completes, e.actor,
            str(e.role),
        )  # fmt: skip
        self.handovers[e.id] = h
        self._settle()

    def link(self, right: Mapping[str, str]) -> None:
        """Follow what was put right, more than once perhaps: for each event the last that stands for it."""
        self._leads, self._owners = {}, {}
        self._alias |= right
        self._settle()

    def _settle(self) -> None:
        """What completes or accepts a hand-over counts from when that is known, whichever is read first."""
        for h in tuple(self.handovers.values()):
            before = self.handovers.get(self._alias.get(h.completes or "", h.completes or ""))
            if before is not None and before.completed_by is None and not h.lacks:
                self.handovers[before.id] = replace(before, completed_by=h.id)
        for *_, accepted in self._events:
            if isinstance(accepted, HandoverAccepted):
                self._accepted(accepted)

    def _accepted(self, e: HandoverAccepted) -> None:
        found = self.handover_of(e)
        if found is not None and found.accepted_by is None and same_name(e.by) != same_name(found.sender):
            self.handovers[found.id] = replace(found, accepted_by=e.id, accepted_on=e.on.toordinal())

    def handover_of(self, e: HandoverAccepted) -> Handover | None:
        """The hand-over that an acceptance is of: the one it names, or the last that waits."""
        if e.handover is not None:
            return self.handovers.get(self._alias.get(e.handover, e.handover))
        on = e.on.toordinal()
        waiting = [h for h in self.handovers.values() if h.day <= on and h.accepted_by in (None, e.id)]
        return waiting[-1] if waiting else None

    def named_by(self, day: int) -> str | None:
        """Id of the last event by a day that named a lead; None if there never was one."""
        return next((id for on, _, id, e in reversed(self._events) if on <= day and _names(e)), None)

    def _went(self, day: int) -> tuple[int, LeadLeft | HandoverAccepted] | None:
        """The last event by a day with which a lead went: the day on which, and what."""
        for on, _, _, e in reversed(self._events):
            if on <= day and (isinstance(e, LeadLeft) or self._accepts(e) is not None):
                return on, e
        return None

    def _accepts(self, e: Any) -> Handover | None:
        """The hand-over that an acceptance is of, if it is one that counts."""
        found = self.handover_of(e) if isinstance(e, HandoverAccepted) else None
        return found if found is not None and found.accepted_by == e.id else None

    def left_on(self, day: int) -> int | None:
        """Day of the last event by a day with which a lead went."""
        went = self._went(day)
        return None if went is None else went[0]

    def left_by(self, day: int) -> tuple[str, ...]:
        """Ids of the last event by a day with which a lead went, and of the hand-over that it accepts."""
        went = self._went(day)
        if went is None:
            return ()
        accepted = self._accepts(went[1])
        return (went[1].id,) if accepted is None else (went[1].id, accepted.id)

    def leads(self, day: int) -> list[Lead]:
        """Leads who stand at the end of a day, the one who has stood longest first."""
        found = self._leads.get(day)
        if found is None:
            found = self._leads[day] = self._standing(day)
        return found

    def _standing(self, day: int) -> list[Lead]:
        standing: list[Lead] = []
        for on, _, _, e in self._events:
            if on > day:
                break
            if isinstance(e, LeadNamed):
                replaced = self._alias.get(e.replaces or "", e.replaces)
                lead = Lead(
                    e.id, on, e.name, str(e.lead_role), e.deputy, None if e.deputy_role is None else str(e.deputy_role),
                    e.supervisor,
                )  # fmt: skip
                before = next((x for x in standing if _same(x.name, e.name)), None)
                if before is not None:
                    lead = replace(lead, day=before.day)
                standing = [x for x in standing if x is not before and x.id != replaced]
                standing.append(lead)
            elif isinstance(e, LeadLeft) and standing:
                named = [x for x in standing if e.name is not None and _same(x.name, e.name)]
                gone = named[0] if named else min(standing, key=_since)
                standing = [x for x in standing if x is not gone]
            elif isinstance(e, HandoverAccepted):
                standing = self._after_acceptance(standing, on, e)
        return sorted(standing, key=_since)

    def _after_acceptance(self, standing: list[Lead], on: int, e: HandoverAccepted) -> list[Lead]:
        sent = self.handover_of(e)
        if sent is None or sent.accepted_by != e.id or sent.day > on:
            return standing
        # Who stood when it was sent goes; who was named since stays.
        gone = {same_name(x.name) for x in (self.leads(sent.day) if sent.day < on else standing)}
        standing = [x for x in standing if same_name(x.name) not in gone or x.day > sent.day]
        if e.lead is not None and not any(_same(x.name, e.lead) for x in standing):
            standing.append(Lead(e.id, on, e.lead, str(e.lead_role or "health_visitor")))
        return standing

    def away(self, day: int) -> LeadAway | None:
        """The absence of the lead on a day: of several the latest recorded; None without one."""
        found = None
        for _, _, e in self._away:
            since, until = e.from_.toordinal(), None if e.until is None else e.until.toordinal()
            lead = self.leads(day)
            named_since = bool(lead) and lead[0].day > since
            if since <= day and (until is None or day <= until) and not named_since:
                found = e
        return found

    def owner(self, day: int) -> Owner:
        """Who owns the child at the end of a day: exactly one, always."""
        found = self._owners.get(day)
        if found is None:
            found = self._owners[day] = self._owning(day)
        return found

    def _owning(self, day: int) -> Owner:
        leads = self.leads(day)
        if not leads:
            return Owner(None, TEAM_LEAD, "team_lead", self.team(day), self.latest(day))
        lead, away = leads[0], self.away(day)
        if away is None:
            return Owner(lead.name, lead.role, "lead", event=lead.id)
        if away.cover is not None:
            role = lead.role if away.cover_role is None else str(away.cover_role)
            return Owner(away.cover, role, "cover", event=away.id)
        if lead.deputy is not None:
            return Owner(lead.deputy, lead.deputy_role or lead.role, "deputy", event=lead.id)
        return Owner(None, TEAM_LEAD, "team_lead", self.team(day), away.id)

    def team(self, day: int) -> str | None:
        """The team whose the child is: that which accepted it last, or of a hand-over that waits its sender."""
        accepted = [h for h in self.handovers.values() if h.accepted_on is not None and h.accepted_on <= day]
        if accepted:
            return max(accepted, key=_accepted_on).recipient
        sent = [h for h in self.handovers.values() if h.day <= day]
        return sent[-1].sender if sent else None

    def latest(self, day: int) -> str | None:
        """Id of the last event by a day that could have changed who leads."""
        return next((id for on, _, id, _ in reversed(self._events) if on <= day), None)

    def accepted_without_lead(self, day: int) -> bool:
        """Whether what ended the last lead was an acceptance that named none."""
        went = self._went(day)
        return went is not None and isinstance(went[1], HandoverAccepted) and went[1].lead is None

    def starts(self, day: int) -> tuple[int, ...]:
        """Later days on which an absence begins or has ended."""
        days: list[int] = []
        for _, _, e in self._away:
            days.append(e.from_.toordinal())
            if e.until is not None:
                days.append(e.until.toordinal() + 1)
        return tuple(d for d in days if d > day)


def _order(entry: tuple[int, dt.datetime, str, Any]) -> tuple[int, dt.datetime, str]:
    return entry[:3]


def _names(e: Any) -> bool:
    return isinstance(e, LeadNamed) or (isinstance(e, HandoverAccepted) and e.lead is not None)


def _since(lead: Lead) -> tuple[int, str]:
    return lead.day, lead.id


def _accepted_on(h: Handover) -> int:
    return h.accepted_on or 0


def _same(a: str, b: str) -> bool:
    return same_name(a) == same_name(b)
