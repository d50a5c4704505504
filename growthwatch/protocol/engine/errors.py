"""Findings whose event was an error: marked as one, or corrected.

Source: specification of the protocol, section 0, Opens / closes.  A finding that closes by recovery or an answer is
judged anew on what stands, and its level may fall to that; one that closes by a signature stays.
"""

from __future__ import annotations

from growthwatch.protocol.engine.state import OpenFinding, State
from growthwatch.protocol.kinds.kind import NOT_MET, Outcome

__all__ = ["in_error", "rests_on_error", "what_stands"]


def in_error(state: State, outcome: Outcome) -> frozenset[str]:
    """Of the events on which an outcome itself rests, those that count no longer."""
    return state.child.in_error.intersection(outcome.witness if outcome.own is None else outcome.own)


def rests_on_error(state: State, finding: OpenFinding) -> bool:
    """Whether what a finding rests on was an error."""
    return bool(state.child.in_error) and bool(in_error(state, finding.outcome))


def what_stands(state: State, finding: OpenFinding, now: Outcome) -> dict[int, Outcome] | None:
    """The levels of a finding that do not rest on an error, each with what it rests on; None where none does rest so.

    Parameters
    ----------
    state, finding
        Where the fold stands, and an open finding.
    now
        What its rule finds today.
    """
    if not state.child.in_error or not any(in_error(state, o) for o in finding.rests.values()):
        return None
    stands = {n: o for n, o in finding.rests.items() if not in_error(state, o)}
    for o in (finding.latest, now):
        if o.level != NOT_MET and not in_error(state, o):
            stands.setdefault(o.level, o)
    return stands
