"""The events from which alone a finding comes out again."""

from __future__ import annotations

from itertools import pairwise

from growthwatch.protocol.child import Child
from growthwatch.protocol.engine.asked import witness_of_due
from growthwatch.protocol.engine.state import State
from growthwatch.protocol.kinds.kind import Kind, Outcome

__all__ = ["witness"]


def witness(state: State, rule: Kind, outcome: Outcome) -> tuple[str, ...]:
    """Return the rule's own events, and those that they lean on."""
    child = state.child
    ids = list(outcome.witness)
    if child.ages.birth is not None:
        ids.append(child.ages.birth.event)
    if outcome.weight is not None:
        ids.append(outcome.weight.id)
    if not rule.READS.isdisjoint({"tier", "due"}):
        ids += state.standing.witness
    if "due" in rule.READS:
        ids += witness_of_due(state)
    ids += _between(child, ids)
    rests = set(ids)
    ids += [d.id for d in child.signed.decisions if d.decision == "confirm_weight" and d.target in rests]
    ids += [c.event for c in child.conditions.known.values()]
    if child.people.levels:
        ids.append(child.people.levels[-1][1])
    if child.people.protection_plan is not None:
        ids.append(child.people.protection_plan)
    ids += child.people.safeguarding
    return tuple(dict.fromkeys(ids))


def _between(child: Child, ids: list[str]) -> list[str]:
    """Valid weights without which those of a witness would look like entry errors."""
    wanted, valid = set(ids), child.weights.valid
    facts = child.growth.facts
    if facts is None:
        return []
    jump = child.settings.weights.suspected.jump_z
    out: list[str] = []
    place = [i for i, w in enumerate(valid) if w.id in wanted]
    for a, b in pairwise(place):
        change = facts.scores.difference(valid[a].row, valid[b].row)
        if change is None or abs(change) > jump:
            out += [w.id for w in valid[a + 1 : b]]
    return out
