"""What was not admitted is out of what is known of a child, by whichever values it is read.

Source: process specification, section 5: a refused decision stays in the record and has no effect.
"""

from __future__ import annotations

from growthwatch.protocol.child import Child
from growthwatch.protocol.engine.state import State

__all__ = ["keep_out", "never_confirmed"]


def keep_out(state: State, child: Child) -> None:
    """Take what was not admitted out of what is known, once that has been read; but what an override allows."""
    signed = child.signed
    for refusal in state.refused:
        signed.bar(refusal.event)
    for o in state.overrides:
        if not o.lapsed:
            signed.allow(o.refused, o.day, o.until)
    for plan, (ended, decision) in state.ended_plans.items():
        if decision not in child.in_error:
            signed.end(plan, ended, decision)


def never_confirmed(child: Child) -> None:
    """Take out what was signed to be right though no signature can make it so: dated ahead, or of a death."""
    ahead = {n.event.id for n in child.notices if n.what == "ahead" and not n.event.is_arrangement}
    never = ahead | {d.event for d in child.ages.deaths}
    for d in child.signed.decisions:
        if d.decision == "confirm_fact" and d.target in never:
            child.signed.bar(d.id)
