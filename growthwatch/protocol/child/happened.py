"""Every event by its type, for rules that a protocol file words by events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from growthwatch.record import AnyEvent

__all__ = ["Happened", "Known"]


class Known(NamedTuple):
    """An event, and the day from which it counts [ordinal day]."""

    day: int
    event: Any

    @property
    def on(self) -> int:
        """The day of the event itself [ordinal day]."""
        return self.event.on.toordinal()

    @property
    def id(self) -> str:
        """Id of the event."""
        return self.event.id


class Happened:
    """All events that count, by type, in order of recording.

    No ledger: it takes whatever is read, and no question of its own hangs on it.  Which types a protocol looks at its
    rules say (`Kind.selects`).
    """

    def __init__(self) -> None:
        self._of: dict[str, list[Known]] = {}

    def take(self, day: int, e: AnyEvent) -> None:
        """Take an event that counts from a day on."""
        self._of.setdefault(e.type, []).append(Known(day, e))

    def of(self, type: str) -> Sequence[Known]:
        """Events of a type, in order of recording."""
        return self._of.get(type, ())

    @property
    def counts(self) -> dict[str, int]:
        """How many events there are of each type."""
        return {type: len(events) for type, events in self._of.items()}

    def fork(self) -> Self:
        """One that can go on from here without touching this one."""
        other = type(self)()
        other._of = {type: events.copy() for type, events in self._of.items()}
        return other
