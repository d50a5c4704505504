"""Which events counted: what error marks and corrections leave of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from growthwatch.record.events import AnyEvent
from growthwatch.record.facts import EnteredInError

__all__ = ["Links", "link"]


def link(event: AnyEvent) -> str | None:
    """Return the id of the event that this one undoes: marked in error, or replaced."""
    return event.target if isinstance(event, EnteredInError) else event.corrects


class Links:
    """The marks and corrections of a record, and what they leave of any beginning of it.

    Parameters
    ----------
    events
        Every event of the record, in canonical order.
    links
        For each mark and correction, by its place: the id of the event that it undoes.
    left_out
        What was worked out already: for a number of events, the places of those that do not count.
    """

    __slots__ = ("_events", "_left_out", "_links", "_undoes")

    def __init__(
        self, events: Sequence[AnyEvent], links: Mapping[int, str], left_out: Mapping[int, tuple[int, ...]]
    ) -> None:
        self._events = events
        self._links = links
        self._left_out = dict(left_out)
        self._undoes: Mapping[int, int] | None = None

    @classmethod
    def of(cls, events: Sequence[AnyEvent]) -> Links:
        """Find the marks and corrections of a record."""
        return cls(events, _links(events, 0), {})

    def grown(self, place: int, events: Sequence[AnyEvent]) -> Links:
        """Return what holds for a record whose events are these now, from `place` on others than before."""
        return Links(
            events,
            {i: other for i, other in self._links.items() if i < place} | _links(events, place),
            {count: found for count, found in self._left_out.items() if count <= place},
        )

    def effective(self, count: int) -> tuple[AnyEvent, ...]:
        """Return which of the first so many events counted; see `Record.effective` for the rules."""
        out: list[AnyEvent] = []
        start = 0
        for i in self._without(count):
            out += self._events[start:i]
            start = i + 1
        return (*out, *self._events[start:count])

    def taken_back(self, count: int) -> tuple[AnyEvent, ...]:
        """Return which of the first so many events were marked in error or replaced; of marks, none."""
        out = (self._events[i] for i in self._without(count))
        return tuple(e for e in out if not isinstance(e, EnteredInError))

    def _without(self, count: int) -> tuple[int, ...]:
        """Places of the events that do not count: marks, marked and replaced events."""
        if not self._links:
            return ()
        found = self._left_out.get(count)
        if found is None:
            found = self._left_out[count] = self._find(count)
        return found

    def _find(self, count: int) -> tuple[int, ...]:
        if self._undoes is None:
            named = set(self._links.values())
            place = {e.id: i for i, e in enumerate(self._events) if e.id in named}
            self._undoes = {i: place[other] for i, other in self._links.items() if other in place}
        # Each event undoes at most one other, so the links are a forest with at most one circle per tree.
        undoes = {i: target for i, target in self._undoes.items() if i < count and target < count}
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
            if isinstance(self._events[i], EnteredInError):
                if i not in in_error and i not in replaced:
                    in_error.add(target)
            elif i not in in_error or i in replaced:
                replaced.add(target)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
        marks = {i for i in self._links if i < count and isinstance(self._events[i], EnteredInError)}
        return tuple(sorted(in_error | replaced | marks))


def _links(events: Sequence[AnyEvent], start: int) -> dict[int, str]:
    return {i: other for i, e in enumerate(events[start:], start) if (other := link(e)) is not None}


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
