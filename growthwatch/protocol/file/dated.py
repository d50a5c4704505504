"""Values that change by date: each holds from its day, and before the first the parent's holds."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.protocol.file.paths import Step, at

__all__ = ["Given", "Weaker", "set_days", "with_values"]


@dataclass(frozen=True, slots=True)
class Weaker:
    """One value that is less safe than a national number, or beyond the bounds of the file.

    Attributes
    ----------
    value, than
        What holds here, and what it is less safe than: the national number, or the bound.
    start
        Day from which it holds, or None: always.
    why
        ``national`` or ``bounds``.
    """

    value: float
    than: float
    start: dt.date | None
    why: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a file says of one value otherwise than its parent.

    Attributes
    ----------
    path, steps
        How the value is named, and how it is found.
    values
        Each with the day from which it holds, the first at the top; None: always.
    was
        What the parent has, before its first dated value.
    source, tag, review_by
        What covers it.
    because
        Why it is less safe, where it is.
    weaker
        Which of the values are less safe, and than what.
    national
        The national number that it stands for, as far up as there is one; None where there is none.
    file
        Id and version of the file that says so.
    """

    path: str
    steps: tuple[Step, ...]
    values: tuple[tuple[dt.date | None, Any], ...]
    was: Any
    source: str
    tag: str
    review_by: dt.date
    because: str | None
    weaker: tuple[Weaker, ...]
    national: float | None
    file: str

    def on(self, day: dt.date | None) -> tuple[Any, ...]:
        """The value on a day, alone, or nothing where the parent's holds; None: before any day."""
        found: tuple[Any, ...] = ()
        for start, value in self.values:
            if start is None or (day is not None and start <= day):
                found = (value,)
        return found


def set_days(given: Iterable[Given]) -> tuple[dt.date, ...]:
    """Every day from which some value holds, in order."""
    return tuple(sorted({start for g in given for start, _ in g.values if start is not None}))


def with_values(plain: Mapping[str, Any], given: Sequence[Given], day: dt.date | None) -> dict[str, Any]:
    """A file with the values of a day: a copy.

    Parameters
    ----------
    plain
        The file at the root, with what those that extend it have added.
    given
        What each file on the way says otherwise, that of the oldest parent first.
    day
        The day; None: before any day that is named.
    """
    out = copy.deepcopy(dict(plain))
    for g in given:
        for value in g.on(day):
            at(out, g.steps[:-1])[g.steps[-1]] = value
    return out
