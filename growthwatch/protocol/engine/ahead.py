"""What comes next if nothing more is recorded: the first day on which the answer is another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from growthwatch.protocol.child import NO_WEIGHT, SUSPECTED, Weight
from growthwatch.protocol.child.signs import SeenSigns
from growthwatch.protocol.engine.asked import last_day
from growthwatch.protocol.engine.at_contacts import advice_limit
from growthwatch.protocol.engine.findings import look
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.ladder import snooze_of
from growthwatch.protocol.engine.state import PASSING, State
from growthwatch.protocol.kinds.kind import Given, Outcome
from growthwatch.protocol.kinds.recovery import NoRecovery

__all__ = ["next_change", "unseen", "weight_to_repeat"]


def next_change(fold: Fold, limit_days: int = 3660) -> int | None:
    """First day after the one asked about on which the answer changes if nothing more is recorded.

    A day on which only a reminder or the state of the next weighing changes is none: these
    follow from its dates.
    """
    state, until = fold.state, fold.until
    found = min((day + 1 for day in _deadlines(state) if day >= until), default=None)
    # What was written down ahead of its day is known to come.
    ahead = min(fold.known.days_to_come, default=None)
    found = min((d for d in (found, ahead) if d is not None), default=None)
    if not state.day:
        return found
    passing = PASSING | {r.id for r in state.protocol.order.reminders}
    probe: Fold | None = None
    answer: tuple[Any, ...] = ()
    while True:
        day = (state if probe is None else probe.state).next_wake(passing)
        if day is None or day > until + limit_days or (found is not None and day >= found):
            return found
        if probe is None:
            answer, probe = _answer(state), fold.look_ahead()
        probe.step(day)
        if not _alike(state.outcomes, probe.state.outcomes) or _answer(probe.state) != answer:
            return day


def _answer(state: State) -> tuple[Any, ...]:
    """What a review answers: all that it shows but what rules see, the moment and the state of the next weighing."""
    due, day, signed = state.due, state.day, state.child.signed
    named = tuple(p.id for p in signed.plans if p.reference is not None and p.day <= day <= p.until)
    followed = signed.condition_plan(day)
    return (
        state.protocol.identity,
        (state.tier, state.standing.since),
        (due.earliest, due.due, due.overdue_from, due.lapsed_from, due.floor_days, due.why),
        (due.conflict, due.notes),
        {id: (f.key, f.level) for id, f in state.open.items()},
        (len(state.closed), len(state.refused)),
        _people(state),
        (named, None if followed is None else followed.id, state.child.measures.stand(day)[0] if named else ()),
    )


def _alike(before: dict[str, Outcome], now: dict[str, Outcome]) -> bool:
    """Whether rules see the same; one that was not judged meanwhile has the very outcome that it had."""
    if before.keys() != now.keys():
        return False
    others = [(o, before[id]) for id, o in now.items() if o is not before[id]]
    return all(_shown(a) == _shown(b) for a, b in others)


def _shown(o: Outcome) -> tuple[Any, ...]:
    return o.level, _seen(o), o.not_judged, o.notes


def _seen(outcome: Outcome) -> dict[str, Any]:
    """What was seen, without numbers of the protocol that nobody is shown (a clock's next band may be as long)."""
    return {key: value for key, value in outcome.values.items() if not isinstance(value, Given)}


def _people(state: State) -> tuple[Any, ...]:
    """Who owns the child, where requests stand, how far findings have climbed, and what is snoozed."""
    child = state.child
    at = look(state)
    late = not child.dead_on(state.day)
    stands = tuple(
        (r.id, s.state, s.since, s.arrears if late else ()) for r in child.requests.all.values() for s in (at.stand(r),)
    )
    climbed = tuple((f.key, len(f.tasks), snooze_of(state, f)) for f in state.open.values())
    return child.offices.owner(state.day), stands, climbed


def _deadlines(state: State) -> Iterator[int]:
    """Days by which something is to be done, or said, of which the day after changes the answer."""
    child, settings = state.child, state.protocol.settings
    for f in state.open.values():
        waits = (last_day(state, t) for t in f.waited if t.done(child) is None)
        yield from (day for day in waits if day is not None)
    if (w := weight_to_repeat(state)) is not None:
        yield max(w.known_day, child.first_day) + settings.weights.confirm.within_days
    yield from (s.day + settings.terms.ill_within_days for s in unseen(state))
    if (limit := advice_limit(state)) is not None:
        yield limit


def weight_to_repeat(state: State) -> Weight | None:
    """The last weight, where it asks for another one today whether or not a rule fires on it.

    That is one that may be an entry error, and one that is not sure below the limit of a watch plan in force.
    """
    child = state.child
    last = child.weights.all[-1] if child.weights.all else None
    if last is None or last.counts or last.replaced_by is not None or child.ages.died is not None:
        return None
    if last.validity in (SUSPECTED, NO_WEIGHT):
        return last
    return last if any(r.below_limit(look(state), last) for r in state.protocol.rules_of(NoRecovery)) else None


def unseen(state: State) -> list[SeenSigns]:
    """Signs of late that no examination has answered and on which no open finding rests."""
    signs, window = state.child.signs, state.protocol.settings.terms.ill_within_days
    every = frozenset(x for seen in signs.seen for x in seen.signs)
    return [
        s
        for s in signs.unanswered(every)[-3:]
        if state.day - s.day <= window and not any(s.id in f.outcome.witness for f in state.open.values())
    ]
