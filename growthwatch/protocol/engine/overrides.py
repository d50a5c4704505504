"""A refused decision that is carried out all the same, for a while; then what it allowed lapses.

What it allowed stands, from the day after its `review_by`, as if it had never been.

Source: process specification, section 5, Override.
"""

from __future__ import annotations

from dataclasses import replace

from growthwatch.protocol.engine.state import DayChange, OpenFinding, Override, Snooze, Standing, State
from growthwatch.protocol.file.values import TIERS
from growthwatch.record import DecisionSigned, Event, Overridden, PlanSigned, Snoozed, Withdrawn

__all__ = ["CARRIED_OUT", "carry_out", "lapse", "take_back"]

CARRIED_OUT = ("close_finding", "lower_tier")
"""Decisions that an override carries out, beside plans, snoozes and withdrawn requests."""


def carry_out(state: State, e: Overridden, refused: Event, change: DayChange) -> None:
    """Let a refused decision take effect until the end of the override's `review_by`."""
    until = e.review_by.toordinal()
    made = Override(e.id, refused.id, state.day, until, str(e.role))
    if isinstance(refused, Snoozed):
        finding = next((f for f in state.open.values() if f.key == refused.target), None)
        if finding is not None:
            state.snoozes.append(
                Snooze(
                    refused.id, finding.key, finding.level, state.day, min(until, refused.until.toordinal()),
                    refused.why, refused.reason,
                )
            )  # fmt: skip
    elif isinstance(refused, Withdrawn):
        state.withdrawn[refused.request] = e.id
    elif isinstance(refused, PlanSigned):
        state.child.signed.allow(refused.id, state.day, until)
    elif isinstance(refused, DecisionSigned):
        state.child.signed.allow(refused.id, state.day, until)
        if refused.decision == "lower_tier" and refused.tier is not None:
            made = replace(made, standing=state.standing)
            change.rise(state.tier, refused.tier)
            state.standing = replace(state.standing, tier=refused.tier, since=state.day, cap=None)
            released = {f.key: f.level for f in state.open.values()}
            # What an override has released is held by no run of weights: it lapses on its day.
            state.standing = replace(state.standing, released=released, steady_from=None)
        elif refused.decision == "close_finding":
            finding = next((f for f in state.open.values() if f.key == refused.target), None)
            if finding is not None:
                del state.open[finding.slot]
                state.suspended[finding.slot] = finding
                made = replace(made, slot=finding.slot)
    state.overrides.append(made)
    state.wake("overrides", tuple(o.until + 1 for o in state.overrides))


def take_back(state: State, change: DayChange) -> bool:
    """Let what was decided in error have no effect from today, as if it had never been.

    Overrides and snoozes end, a request that was withdrawn is asked again, a finding that was signed closed is open,
    and the tier is what it was before it was signed down.

    Returns
    -------
    Whether anything was taken back.
    """
    wrong, back = state.child.in_error, False
    for request in [r for r, by in state.withdrawn.items() if by in wrong]:
        del state.withdrawn[request]
        back = True
    for n, s in enumerate(state.snoozes):
        if s.event in wrong and s.holds(state.day):
            state.snoozes[n] = replace(s, ended=state.day)
            back = True
    for n, o in enumerate(state.overrides):
        if not wrong.isdisjoint((o.event, o.refused)) and state.day <= o.until:
            state.overrides[n] = replace(o, until=state.day - 1)  # so that it lapses today
            back = True
    return _opens_again(state, wrong) | _tier_again(state, wrong, change) | back


def _opens_again(state: State, wrong: frozenset[str]) -> bool:
    """Open what was signed closed in error, where nothing has opened in its place."""
    found = [f for f in state.closed if f.closed_by in wrong and f.closed_by in state.decided]
    for finding in found:
        state.closed = [f for f in state.closed if f is not finding]
        if finding.slot not in state.open:
            again = state.open[finding.slot] = finding.fork()
            again.closed_on = again.closed_by = None
    return bool(found)


def _tier_again(state: State, wrong: frozenset[str], change: DayChange) -> bool:
    """Watch the child as before it was signed down in error, unless it was signed down from there anew."""
    before: Standing | None = None
    for decision, standing in state.lowered.items():
        if before is not None and TIERS.index(standing.tier) >= TIERS.index(before.tier):
            before = None
        if decision in wrong and before is None:
            before = standing
    state.lowered = {id: standing for id, standing in state.lowered.items() if id not in wrong}
    if before is None or TIERS.index(before.tier) <= TIERS.index(state.tier):
        return False
    change.rise(state.tier, before.tier)
    state.standing = replace(before, rose=state.day)
    return True


def lapse(state: State, change: DayChange) -> bool:
    """Take back what overrides had allowed, where their time is over; whether anything came back."""
    back = False
    for n, o in enumerate(state.overrides):
        if o.lapsed or state.day <= o.until:
            continue
        state.overrides[n] = replace(o, lapsed=True)
        back = True
        if o.standing is not None and TIERS.index(o.standing.tier) > TIERS.index(state.tier):
            change.rise(state.tier, o.standing.tier)
            state.standing = replace(o.standing, rose=state.day)
        held = None if o.slot is None else state.suspended.pop(o.slot, None)
        if held is not None:
            _reopen(state, held)
        state.child.signed.bar(o.refused)
        for request in [r for r, by in state.withdrawn.items() if by == o.event]:
            del state.withdrawn[request]
    return back


def _reopen(state: State, finding: OpenFinding) -> None:
    now = state.open.get(finding.slot)
    if now is None or now.level <= finding.level:
        state.open[finding.slot] = finding
