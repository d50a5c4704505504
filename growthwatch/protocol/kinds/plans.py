"""The reference of a signed plan, and whether it moves the level tests to itself.

Source: specification of the protocol, section 2, Condition references.
"""

from __future__ import annotations

from dataclasses import dataclass

from growthwatch.growth import GrowthFacts
from growthwatch.protocol.child import Child, Plan, Weight
from growthwatch.protocol.kinds.kind import Seen, Values, Z
from growthwatch.references import Reference

__all__ = ["OnPlan", "mover", "moving", "on_plan", "on_which", "plan_days", "told"]


@dataclass(frozen=True, slots=True)
class OnPlan:
    """A child on the reference that a signed plan in force names.

    Attributes
    ----------
    plan, reference
        The plan, and its reference: a standard or a reference of a condition, with weights by age.
    facts
        Growth facts of the weighings on it.
    moves
        Whether level tests are judged on it.
    witness
        The plan, and the events that let it move tests.
    """

    plan: Plan
    reference: Reference
    facts: GrowthFacts
    moves: bool
    witness: tuple[str, ...]

    def z(self, weight: Weight) -> float | None:
        """Published z of a weight on it [SD]; None where it has none."""
        z = float(self.facts.z[weight.row])
        return z if z == z else None

    def birth_z(self, weight: Weight) -> float | None:
        """Published z of a birth weight on it [SD]; None where it has none."""
        z = float(self.facts.birth_z[weight.row])
        return z if z == z else None


def on_plan(child: Child, day: int) -> OnPlan | None:
    """The child on the reference of the plan in force on a day, or None where none names one that can judge."""
    birth = child.ages.birth
    plan = child.signed.condition_plan(day) if child.signed.plans and birth is not None else None
    ref = None if plan is None else child.condition_reference(plan.reference or "")[0]
    if plan is None or ref is None or birth is None:
        return None
    missing, events, _ = child.measures.stand(day)
    moves = mover(child, day) is not None and not missing
    return OnPlan(plan, ref, child.growth.scorer.facts_on(ref, birth), moves, (plan.id, *(events if moves else ())))


def mover(child: Child, day: int) -> Plan | None:
    """The plan in force on a day that may move level tests to its reference, whatever is missing for that now."""
    rules = child.settings.plans
    plan = child.signed.condition_plan(day) if child.signed.plans and rules.plan_moves_levels else None
    if plan is None or plan.role not in rules.signing_roles:
        return None
    return None if child.condition_reference(plan.reference or "")[0] is None else plan


def plan_days(child: Child, day: int) -> tuple[int, ...]:
    """Days after one on which a plan's reference begins or ceases to judge by time alone."""
    days = [d for p in child.signed.plans if p.reference is not None for d in (p.day, p.until + 1)]
    return tuple(d for d in (*days, *child.measures.stand(day)[2]) if d > day) if days else ()


def moving(child: Child, day: int, weight: Weight | None = None) -> OnPlan | None:
    """The plan's reference on which a level test is judged on a day, if it has a z for the weight; else None."""
    found = on_plan(child, day)
    if found is None or not found.moves or (weight is not None and found.z(weight) is None):
        return None
    return found


def told(child: Child, on: OnPlan | None, w: Weight) -> Values:
    """What a finding that is judged on a plan's reference keeps of it, and of the general one."""
    if on is None:
        return {}
    return {
        "reference": on.reference.id,
        "reference_hash": on.reference.hash,
        "general_reference": child.reference.id,
        "general_z": None if w.z is None else Z(w.z),
    }


def on_which(seen: Seen) -> str:
    """Say on which reference it was judged, and how the weight stands on the general one."""
    if "reference" not in seen:
        return ""
    z = "no z" if seen["general_z"] is None else f"z {seen['general_z']:.2f}"
    return f" On the reference of the signed plan ({seen['reference']}); on {seen['general_reference']}: {z}."
