"""What somebody signed: plans, decisions, and which protocol was adopted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar

from growthwatch.protocol.child.ages import months_after
from growthwatch.protocol.child.ledger import Dated, Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import DecisionSigned, Event, PlanSigned, ProtocolAdopted
from growthwatch.references import Reference, reference, references

__all__ = ["Plan", "Signed", "condition_reference"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A signed plan."""

    id: str
    day: int
    until: int
    kind: str
    floor_days: int | None
    reference: str | None
    recorded_at: dt.datetime
    role: str
    limit_kg: float | None = None
    dietitian: str | None = None
    actor: str = ""
    review_by: int | None = None
    outcome: bool = False


@cache
def condition_reference(name: str) -> tuple[Reference | None, str]:
    """The packaged reference of a condition that a plan names; if it cannot judge weights, None and why."""
    info = next((r for r in references() if r.id == name.strip()), None)
    if info is None:
        return None, "it is not among the references of this package, so nothing is judged on it"
    if not info.condition:
        return None, "it is no reference of a condition, so nothing is judged on it"
    if info.kind == "descriptive":
        return None, "it describes how children grow, not how they should, so no test is moved to it"
    if "weight" not in info.measures:
        return None, "it has no weights, so nothing is judged on it"
    found = reference(info.id)
    if found.info.measures["weight"].x != "age_days":
        return None, "its weights are not by age, so nothing is judged on it"
    return found, ""


class Signed(Ledger):
    """Plans, decisions and adoptions, in order of recording."""

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {
        "plan_signed": frozenset({"conditions", "signs", "requests"}),
        "decision_signed": frozenset({"weights", "requests"}),
        "protocol_adopted": frozenset({"requests"}),
        "snoozed": frozenset({"requests"}),
        "withdrawn": frozenset({"requests"}),
        "overridden": frozenset({"requests"}),
    }

    def __init__(self, settings: Settings) -> None:
        self._lasts_months, self._signing = settings.schedule.plan_lasts_months, settings.terms.signing_roles
        self.events: list[Event] = []
        """Every decision, in order of reading."""
        self.plans: list[Plan] = []
        self.barred: dict[str, Plan] = {}
        """Plans that were not admitted, by id."""
        self.decisions: list[DecisionSigned] = []
        self.adoptions: list[ProtocolAdopted] = []
        self.confirmed: list[str] = []
        """Weighings that a signature confirms, in order of recording."""
        self.confirmed_facts: dict[str, str] = {}
        """For each event whose facts a signature confirms, the id of the first such decision."""
        self.planned, self.sick_day = Dated(), Dated()

    def take(self, day: int, e: Any) -> None:
        """Take a plan, or another decision."""
        self.events.append(e)
        if isinstance(e, PlanSigned):
            on = e.on.toordinal()
            until = months_after(on, self._lasts_months)
            if e.review_by is not None:
                until = min(until, e.review_by.toordinal())
            figure = e.outcome_for_child is not None and any(c.isdigit() for c in e.outcome_for_child)
            self.plans.append(
                Plan(
                    e.id, on, until, e.plan, e.floor_days, e.reference, e.recorded_at, e.role, e.limit_kg, e.dietitian,
                    e.actor, None if e.review_by is None else e.review_by.toordinal(), e.outcome is not None or figure,
                )
            )  # fmt: skip
            (self.sick_day if e.plan == "sick_day" else self.planned).add(on, e.id)
        elif isinstance(e, DecisionSigned):
            self.decisions.append(e)
            if e.decision == "confirm_weight" and e.target is not None and e.role in self._signing:
                self.confirmed.append(e.target)
            elif e.decision == "confirm_fact" and e.target is not None and e.role in self._signing:
                self.confirmed_facts.setdefault(e.target, e.id)
        elif isinstance(e, ProtocolAdopted):
            self.adoptions.append(e)

    def bar(self, plan: str) -> None:
        """Take out a plan that was not admitted."""
        self.barred |= {p.id: p for p in self.plans if p.id == plan}
        self.plans = [p for p in self.plans if p.id != plan]

    def allow(self, plan: str, until: int) -> None:
        """Let a plan that was not admitted be in force all the same, up to a day."""
        found = self.barred.get(plan)
        if found is not None:
            self.plans.append(replace(found, until=min(found.until, until)))

    def end(self, plan: str, day: int) -> None:
        """End a plan on a day: it is in force up to the day before."""
        self.plans = [replace(p, until=min(p.until, day - 1)) if p.id == plan else p for p in self.plans]

    def plan_on(self, day: int, kind: str) -> Plan | None:
        """The plan of a kind that is in force on a day: the newest, as it ends those before it."""
        signed = [p for p in self.plans if p.kind == kind and p.day <= day]
        newest = max(signed, key=_signed_on, default=None)
        return newest if newest is not None and day <= newest.until else None

    def floor_plan(self, day: int) -> Plan | None:
        """Of the plans in force on a day that set how often the child is weighed, the strictest."""
        if not self.plans:
            return None
        found = [self.plan_on(day, kind) for kind in dict.fromkeys(p.kind for p in self.plans)]
        floors = [p for p in found if p is not None and p.floor_days is not None]
        return min(floors, key=_floor, default=None)

    def floor_since(self, plan: Plan) -> int:
        """Day from which a floor no longer than a plan's has been in force without a break, by plans of its kind.

        So a plan that is renewed makes nothing due later than the one before.
        """
        first = plan
        for p in sorted((p for p in self.plans if p.kind == plan.kind), key=_signed_on, reverse=True):
            if _signed_on(p) >= _signed_on(first):
                continue
            if p.until < first.day - 1 or p.floor_days is None or _floor(p) > _floor(plan):
                break
            first = p
        return first.day

    def condition_plan(self, day: int) -> Plan | None:
        """The plan in force on a day that names a reference; one that cannot judge displaces none that can.

        Of one kind the newest counts: it ends those before it, whether or not it names a reference.
        """
        if not self.plans:
            return None
        usable = [p for p in self.plans if p.reference is None or condition_reference(p.reference)[0] is not None]
        for plans in (usable, self.plans):
            newest: dict[str, Plan] = {}
            for p in sorted((p for p in plans if p.day <= day), key=_signed_on):
                newest[p.kind] = p
            named = [p for p in newest.values() if p.reference is not None and day <= p.until]
            if named:
                return max(named, key=_signed_on)
        return None


def _signed_on(plan: Plan) -> tuple[int, dt.datetime, str]:
    return plan.day, plan.recorded_at, plan.id


def _floor(plan: Plan) -> int:
    return plan.floor_days or 0
