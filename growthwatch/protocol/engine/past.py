"""A child as an earlier protocol, or earlier values of one, read it.

A change of protocol or of values opens what is met and closes nothing.  A finding closes only when the values under
which it opened or rose allow it too: what these say is asked of the child as they read it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from growthwatch.protocol.child import Child, Scorer
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.admitted import keep_out, never_confirmed
from growthwatch.protocol.engine.state import OpenFinding, State
from growthwatch.protocol.kinds.kind import At, Kind
from growthwatch.record.known import Known

__all__ = ["Past", "earlier"]


class Past:
    """Children as protocols other than the one in force read them, each read on as days go by.

    Parameters
    ----------
    known
        The record as it is known.
    scorer
        Growth facts of the weighings under a protocol.
    """

    def __init__(self, known: Known, scorer: Callable[[Protocol], Scorer]) -> None:
        self._known, self._scorer = known, scorer
        self._read: dict[tuple[str, ...], tuple[Child, list[Any]]] = {}

    def child(self, protocol: Protocol, day: int) -> Child:
        """The child at the end of a day, as a protocol reads it."""
        events = self._known.effective(day)
        found = self._read.get(protocol.identity)
        if found is None or events[: len(found[1])] != found[1]:
            found = Child(protocol.settings, protocol.reference, self._scorer(protocol)), list[Any]()
        child, before = found
        child.read(events[len(before) :])
        self._read[protocol.identity] = child, events
        child.day, child.notices, child.undone = day, self._known.notices(day), self._known.undone(day)
        child.in_error, child.lost = self._known.taken_back(day), self._known.lost(day)
        return child


def earlier(state: State, finding: OpenFinding, at: At) -> list[tuple[Protocol, Kind, At]]:
    """The rules under which a finding opened or rose, bar those that say what the present one says.

    Parameters
    ----------
    state, finding
        Where the fold stands, and an open finding.
    at
        What the present rule looks at, its own finding filled in.

    Returns
    -------
    list of (Protocol, Kind, At)
        The protocol, or stretch of its days; its rule; and what that rule looks at: the child as it reads it.
    """
    out: list[tuple[Protocol, Kind, At]] = []
    now = state.protocol
    for then in finding.under:
        if then is now or state.past is None:
            continue
        rule = next((r for r in then.rules if r.id == finding.rule.id), finding.rule)
        if rule == finding.rule and then.settings == now.settings and then.reference is now.reference:
            continue
        out.append((then, rule, replace(at, child=_as_decided(state, state.past.child(then, state.day)))))
    return out


def _as_decided(state: State, child: Child) -> Child:
    """A child as an earlier protocol reads it, with what was decided: that is so by whichever values it is read."""
    child.first_day, child.requests.withdrawn = state.child.first_day, state.withdrawn
    keep_out(state, child)
    never_confirmed(child)
    return child
