"""A ledger: one matter of a child's record, kept in the order in which it was read."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Set
from typing import Any, ClassVar, Literal, Self

__all__ = ["Dated", "Ledger", "Topic"]

Topic = Literal[
    "weights",
    "signs",
    "contacts",
    "conditions",
    "measures",
    "people",
    "requests",
    "worries",
    "days",
    "tier",
    "due",
    "open",
    "record",
]
"""What a kind may read.

``weights``: weighings, and signatures that confirm one.  ``signs``: signs, illnesses, and the
examinations that answer them.  ``contacts``: that the child was seen, or was not brought.
``conditions``: diagnoses and their end, need, and signed plans.  ``measures``: lengths, heights, arms and skinfolds, of
the child, and the heights of the parents.  ``people``: who leads, levels of
support, protection.  ``requests``: letters, referrals, hand-overs, and what answers them.
``worries``: what somebody was worried about.
``days``: the count of days, so that the outcome may change by time alone, on days that the kind
names (`Outcome.wakes`).  ``tier``, ``due``: the tier of the day, and the next weighing; its state
(due, overdue) changes by time alone, so that a kind that asks for it reads ``days`` too and names them.
``open``: open findings of the rules that `Kind.leans_on` names.  ``record``: the record itself, whatever an
event says (`Child.notices`, `Child.undone`).  Birth facts, death and marks of
error are news for every kind.
"""


class Ledger:
    """Takes the events of its types, in order of recording, and answers questions about one matter.

    Attributes
    ----------
    TAKES
        For each type of event that it takes, what the news touches.
    """

    TAKES: ClassVar[dict[str, frozenset[Topic]]] = {}

    def take(self, day: int, e: Any) -> None:
        """Take an event that counts from a day on."""
        raise NotImplementedError

    def fork(self) -> Self:
        """A ledger that can go on from here without touching this one."""
        other = type(self).__new__(type(self))
        # What may grow is copied, all else shared: without `copy`, which takes several times as long to find out how.
        other.__dict__.update(
            {name: kept.copy() if isinstance(kept, _GROWS) else kept for name, kept in vars(self).items()}
        )
        return other


class Dated:
    """Days and ids of what happened, in order of day; of one day in the order in which it was read."""

    def __init__(self, entries: list[tuple[int, int, str]] | None = None) -> None:
        self._entries: list[tuple[int, int, str]] = [] if entries is None else entries

    def add(self, day: int, id: str) -> None:
        """Add one more."""
        insort(self._entries, (day, len(self._entries), id))

    def drop(self, id: str) -> None:
        """Take one out."""
        self._entries = [e for e in self._entries if e[2] != id]

    @property
    def last(self) -> int | None:
        """The latest day, or None."""
        return self._entries[-1][0] if self._entries else None

    def last_by(self, day: int) -> int | None:
        """The latest day up to one, or None."""
        at = bisect_left(self._entries, (day + 1,))
        return self._entries[at - 1][0] if at else None

    def __iter__(self) -> Any:
        return iter(self._entries)

    def copy(self) -> Dated:
        """The same, which can be added to apart."""
        return Dated(self._entries.copy())

    def between(self, after: int, until: int) -> list[str]:
        """Ids after one day and up to another, in the order in which they were read."""
        found = self._entries[bisect_left(self._entries, (after + 1,)) : bisect_left(self._entries, (until + 1,))]
        return [id for _, _, id in sorted(found, key=_read_at)]

    def day_of(self, id: str) -> int:
        """Day of an id that is there."""
        return next(day for day, _, other in self._entries if other == id)

    def since(self, day: int) -> list[str]:
        """Ids of a day or later."""
        return [id for _, _, id in self._entries[bisect_left(self._entries, (day,)) :]]

    def first_from(self, day: int, but: Set[str] = frozenset()) -> tuple[int, str] | None:
        """Day and id of the first on a day or later, of one day the first by id; some are passed over."""
        best: tuple[int, str] | None = None
        for at in range(bisect_left(self._entries, (day,)), len(self._entries)):
            on, _, id = self._entries[at]
            if best is not None and on > best[0]:
                break
            if id not in but and (best is None or id < best[1]):
                best = (on, id)
        return best


_GROWS: tuple[type[Any], ...] = (dict, list, set, Dated)


def _read_at(entry: tuple[int, int, str]) -> int:
    return entry[1]
