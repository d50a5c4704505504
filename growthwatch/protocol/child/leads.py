"""Who leads, with which deputy and supervisor, and when the lead is away."""

from __future__ import annotations

from dataclasses import dataclass, replace

from growthwatch.core.words import same_name
from growthwatch.protocol.child.child import Child
from growthwatch.protocol.child.happened import Known
from growthwatch.protocol.child.protection import in_time

__all__ = ["Lead", "absence", "standing_leads"]


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead who stands: since when, by which events, and who stands beside him or her."""

    name: str
    since: int
    events: tuple[str, ...]
    deputy: str | None
    supervisor: str | None


def standing_leads(child: Child) -> list[Lead]:
    """Leads who stand, the one who has stood longest first.

    A name that is named again is no second lead; who leaves is the one who has stood longest.
    """
    leads: list[Lead] = []
    for k in in_time((*child.happened.of("lead_named"), *child.happened.of("lead_left"))):
        e = k.event
        if e.type == "lead_left":
            del leads[:1]
            continue
        leads = [lead for lead in leads if e.replaces is None or e.replaces not in lead.events]
        for i, lead in enumerate(leads):
            if same_name(lead.name) == same_name(e.name):
                leads[i] = replace(
                    lead,
                    events=(*lead.events, e.id),
                    deputy=e.deputy or lead.deputy,
                    supervisor=e.supervisor or lead.supervisor,
                )
                break
        else:
            leads.append(Lead(e.name, k.on, (e.id,), e.deputy, e.supervisor))
    return leads


def absence(child: Child, lead: Lead, day: int) -> Known | None:
    """The absence of a lead on a day, both its days included; of several the latest recorded."""
    away = [k for k in child.happened.of("lead_away") if lead.since <= k.event.from_.toordinal() <= day]
    if not away:
        return None
    until = away[-1].event.until
    return away[-1] if until is None or day <= until.toordinal() else None
