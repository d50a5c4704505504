"""Weights that open findings ask for, and how a stay in hospital moves them."""

from __future__ import annotations

from growthwatch.protocol.child.fluid import grown
from growthwatch.protocol.child.runs import Start, gained
from growthwatch.protocol.child.tasks import Task
from growthwatch.protocol.engine.state import OpenFinding, State
from growthwatch.protocol.schedule import ASKED, Wanted

__all__ = ["asked", "awaits_gains", "gaining_from", "last_day", "witness_of_due"]


def asked(state: State) -> tuple[Wanted, ...]:
    """Weights that open findings still wait for: by which day, and from which day they count."""
    child = state.child
    return tuple(
        Wanted(t.deadline, ASKED, t.earliest)
        for f in state.open.values()
        for t in f.waited
        if t.for_weight and t.done(child) is None
    )


def last_day(state: State, task: Task) -> int | None:
    """Last day in time of something that is to be done; None while it rests.

    While a child is in hospital weights that findings ask for rest, and after the stay they are due with the next
    weight (specification, section 1).  What is held then is due on the day on which the stay ends.
    """
    if not task.moves:
        return task.deadline
    if task.held:
        stay = state.child.stay(state.day)
        if stay is None or (stay.until is not None and task.set_on > stay.until):
            return task.deadline
        return stay.until
    if task.action.from_request:
        asked = state.child.replies.made(task.action.request, task.key, task.set_on)
        return None if asked is None else state.child.working.add(asked[0], task.action.within_days)
    if not task.for_weight:
        return task.deadline
    due = state.due
    if due.rests:
        return None
    moved = due.stay is not None and due.stay.until is not None and task.set_on <= due.stay.until
    return due.due if moved and due.due is not None else task.deadline


def _closed_before(state: State) -> OpenFinding | None:
    """The latest finding that closed of a rule after which a child is weighed often until it has gained."""
    after = state.protocol.settings.schedule.after
    if after is None:
        return None
    return next((f for f in reversed(state.closed) if f.rule.id in after.rules), None)


def gaining_from(state: State) -> Start | None:
    """The weight that closed a finding after which a child is weighed often until it has gained, or None.

    Where that weight counts no longer, the last valid one up to the day of closing takes its place.
    """
    if not state.closed:
        return None
    finding = _closed_before(state)
    if finding is None:
        return None
    weights, day = state.child.weights, finding.closed_on or 0
    weight = weights.by_id.get(finding.closed_by or "")
    if weight is None or not weight.counts:
        weight = next((w for w in reversed(weights.valid) if w.day <= day), None)
    return None if weight is None else Start(weight.day, weight.exact)


def awaits_gains(state: State) -> bool:
    """Whether a child is still weighed often until it has gained."""
    start, after = gaining_from(state), state.protocol.settings.schedule.after
    valid = state.child.weights.valid
    if start is None or after is None:
        return False
    return not gained(start, valid, after.until) or not grown(state.child, valid[-1], state.day)


def witness_of_due(state: State) -> list[str]:
    """Events beside the last weight on which the next weighing rests: a plan, a stay, and what findings ask for."""
    child, due = state.child, state.due
    ids: list[str] = []
    if due.plan is not None:
        ids.append(due.plan.id)
    if due.stay is not None:
        ids += [due.stay.admission, due.stay.word_by, *((due.stay.ended_by,) if due.stay.ended_by else ())]
    for f in state.open.values():
        if any(t.for_weight and t.done(child) is None for t in f.waited):
            ids += f.outcome.witness
    closed = _closed_before(state) if state.closed else None
    if closed is not None and awaits_gains(state):
        ids += [*closed.outcome.witness, *((closed.closed_by,) if closed.closed_by else ())]
        ids += [w.id for w in child.weights.valid if w.day >= (closed.closed_on or 0)]
    birth = child.weights.birth_weight
    if birth is not None:
        ids.append(birth.id)
    return [id for id in dict.fromkeys(ids) if id not in child.in_error]
