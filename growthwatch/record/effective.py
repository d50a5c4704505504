"""Which events counted: what error marks and corrections leave of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from growthwatch.record.events import AnyEvent
from growthwatch.record.facts import EnteredInError

__all__ = ["effective", "link"]


def link(event: AnyEvent) -> str | None:
    """Return the id of the event that this one undoes: marked in error, or replaced."""
    return event.target if isinstance(event, EnteredInError) else event.corrects


def effective(events: Sequence[AnyEvent]) -> tuple[AnyEvent, ...]:
    """Drop marks, marked and replaced events; see `Record.effective` for the rules."""
    place = {e.id: i for i, e in enumerate(events)}
    # Each event undoes at most one other, so the links are a forest with at most one circle per tree.
    undoes = {i: place[other] for i, e in enumerate(events) if (other := link(e)) is not None and other in place}
    for circle in _circles(undoes):
        del undoes[min(circle)]

    by: dict[int, list[int]] = {}
    for i, target in undoes.items():
        by.setdefault(target, []).append(i)
    in_error: set[int] = set()
    replaced: set[int] = set()
    # Decide about an event once everything that undoes it has been decided.
    waiting = {target: len(sources) for target, sources in by.items()}
    ready = [i for i in undoes if i not in waiting]
    while ready:
        i = ready.pop()
        target = undoes.get(i)
        if target is None:
            continue
        if isinstance(events[i], EnteredInError):
            if i not in in_error and i not in replaced:
                in_error.add(target)
        elif i not in in_error or i in replaced:
            replaced.add(target)
        waiting[target] -= 1
        if not waiting[target]:
            ready.append(target)
    return tuple(
        e for i, e in enumerate(events) if i not in in_error and i not in replaced and not isinstance(e, EnteredInError)
    )


def _circles(undoes: Mapping[int, int]) -> list[list[int]]:
    """Return the circles of links, each a list of its events."""
    circles: list[list[int]] = []
    seen: set[int] = set()
    for start in undoes:
        path: dict[int, int] = {}
        at: int | None = start
        while at is not None and at not in seen:
            seen.add(at)
            path[at] = len(path)
            at = undoes.get(at)
        if at is not None and at in path:
            circles.append(list(path)[path[at] :])
    return circles
