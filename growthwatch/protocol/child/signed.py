"""What somebody signed: plans, decisions, and which protocol was adopted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar

from growthwatch.core.words import one_line, role_words
from growthwatch.protocol.child.ages import months_after
from growthwatch.protocol.child.ledger import Dated, Ledger, Topic
from growthwatch.protocol.file.settings import Settings
from growthwatch.record import DecisionSigned, Event, PlanSigned, ProtocolAdopted
from growthwatch.references import Reference, reference, references

__all__ = ["Confirmation", "Plan", "Signed", "condition_reference", "plan_faults"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A signed plan; `allowed` is one that was refused, and is in force by an override alone."""

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
    allowed: bool = False


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A signature that a weighing is right: which one, who signed, and the day from which that counts."""

    target: str
    actor: str
    day: int


def plan_faults(settings: Settings, e: PlanSigned) -> list[tuple[str, str]]:
    """What is wrong with a plan whatever the child is like: each fault, and what would mend it.

    Source: process specification, section 5, plan_signed.
    """
    guards, out = settings.guards, list[tuple[str, str]]()
    roles = (
        guards.plan_roles_for_reference
        if e.reference is not None
        else guards.watch_roles
        if e.plan == "watch"
        else settings.terms.signing_roles
    )
    if e.role not in roles:
        whose = " or ".join(role_words(r) for r in roles)
        only = f"; only {whose} can" if len(roles) < len(settings.terms.signing_roles) else ", who cannot sign this"
        out.append((f"signed by {role_words(e.role)}{only}", f"a signature by {whose}"))
    if e.plan in ("care", "condition"):
        if e.outcome is None and e.outcome_for_child is None:
            out.append(("it names no outcome for the child", "an outcome for the child"))
        if e.review_by is None:
            out.append(("it does not say when it is looked at again", "review_by"))
    if e.review_by is not None and e.review_by < e.on:
        out.append(("it ends before it begins", "review_by on the day of signing or later"))
    if e.reference is not None and (why := condition_reference(e.reference)[1]):
        helps = "a standard or reference of the condition with weights by age, or none"
        out.append((f"it names the reference {one_line(e.reference)}: {why}", helps))
    return out


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
        self._settings = settings
        self.events: list[Event] = []
        """Every decision, in order of reading."""
        self.plans: list[Plan] = []
        self.barred: dict[str, Plan] = {}
        """Plans that were not admitted, by id."""
        self.ended: dict[str, str] = {}
        """For each plan that a signature ended, the id of that decision."""
        self.decisions: list[DecisionSigned] = []
        self._refused: set[str] = set()
        self.adoptions: list[ProtocolAdopted] = []
        self.confirmed: list[Confirmation] = []
        """Signatures that a weighing is right, in order of recording."""
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
            plan = Plan(
                e.id, on, until, e.plan, e.floor_days, e.reference, e.recorded_at, e.role, e.limit_kg, e.dietitian,
                e.actor, None if e.review_by is None else e.review_by.toordinal(), e.outcome is not None or figure,
            )  # fmt: skip
            if plan_faults(self._settings, e):
                self.barred[plan.id] = plan
            else:
                self.plans.append(plan)
                self._kept(plan.kind).add(on, e.id)
        elif isinstance(e, DecisionSigned):
            self.decisions.append(e)
            if e.decision == "confirm_weight" and e.target is not None and e.role in self._signing:
                self.confirmed.append(Confirmation(e.target, e.actor, day))
            elif e.decision == "confirm_fact" and e.target is not None and e.role in self._signing:
                self.confirmed_facts.setdefault(e.target, e.id)
        elif isinstance(e, ProtocolAdopted):
            self.adoptions.append(e)

    def _kept(self, kind: str) -> Dated:
        return self.sick_day if kind == "sick_day" else self.planned

    def bar(self, decision: str) -> None:
        """Take out what was not admitted: a plan or the confirmation of a fact shows nothing done either."""
        self._refused.add(decision)
        for plan in self.plans:
            if plan.id == decision:
                self.barred.setdefault(plan.id, plan)
                self._kept(plan.kind).drop(plan.id)
        self.plans = [p for p in self.plans if p.id != decision]
        self.confirmed_facts = {target: id for target, id in self.confirmed_facts.items() if id != decision}

    def made(self, decision: str) -> list[DecisionSigned]:
        """Decisions of a kind that were not refused, or that an override carries out, in order of reading."""
        return [d for d in self.decisions if d.decision == decision and d.id not in self._refused]

    def allow(self, plan: str, day: int, until: int) -> None:
        """Let what was not admitted count all the same; a plan is in force from one day to another.

        One whose own time is over comes into force on no day, and ends none that is in force.
        """
        self._refused.discard(plan)
        found = self.barred.get(plan)
        if found is not None and all(p.id != plan for p in self.plans):
            held = replace(found, day=max(found.day, day), until=min(found.until, until), allowed=True)
            if held.day <= held.until:
                self.plans.append(held)
                self._kept(found.kind).add(held.day, plan)

    def end(self, plan: str, day: int, decision: str) -> None:
        """End a plan on a day, by a decision that was admitted: it is in force up to the day before."""
        self.ended[plan] = decision
        self.plans = [replace(p, until=min(p.until, day - 1)) if p.id == plan else p for p in self.plans]

    def plan_on(self, day: int, kind: str) -> Plan | None:
        """The plan of a kind that is in force on a day: the newest, as it ends those before it."""
        signed = [p for p in self._begun(day) if p.kind == kind]
        newest = max(signed, key=_signed_on, default=None)
        return newest if newest is not None and day <= newest.until else None

    def _begun(self, day: int) -> list[Plan]:
        """Plans that have begun by a day: of those that an override allows, only what is in force still."""
        return [p for p in self.plans if p.day <= day and not (p.allowed and p.until < day)]

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
        begun = self._begun(day)
        usable = [p for p in begun if p.reference is None or condition_reference(p.reference)[0] is not None]
        for plans in (usable, begun):
            newest: dict[str, Plan] = {}
            for p in sorted(plans, key=_signed_on):
                newest[p.kind] = p
            named = [p for p in newest.values() if p.reference is not None and day <= p.until]
            if named:
                return max(named, key=_signed_on)
        return None


def _signed_on(plan: Plan) -> tuple[int, dt.datetime, str]:
    return plan.day, plan.recorded_at, plan.id


def _floor(plan: Plan) -> int:
    return plan.floor_days or 0
