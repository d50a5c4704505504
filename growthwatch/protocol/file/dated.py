"""Values that change by date: each holds from its day, and before the first the parent's holds."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from growthwatch.core.places import Step
from growthwatch.protocol.file.paths import at

__all__ = ["Given", "Weaker", "in_force", "parts_of", "set_days", "weaker_of", "with_values"]


@dataclass(frozen=True, slots=True)
class Weaker:
    """One value that is less safe than a national number, or beyond the bounds of the file.

    Attributes
    ----------
    value, than
        What holds here, and what it is less safe than: the national number, or the bound.
    start
        Day from which that is so, or None: always.
    why
        ``national`` or ``bounds``.
    until
        First later day on which it is no longer so, or None: it stays.
    """

    value: float
    than: float
    start: dt.date | None
    why: str
    until: dt.date | None = None

    def before(self, day: dt.date) -> Weaker | None:
        """With those of its days that are before another one, or None where none is left."""
        if self.start is not None and self.start >= day:
            return None
        return self if self.until is not None and self.until <= day else replace(self, until=day)


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
        The national number that it stands for, as far up as there is one, with the day from which each holds; empty
        where there is none.
    file
        Id and version of the file that says so.
    safer
        Whether every value is safer than the parent's (true) or any is less safe (false), by the mark of the number;
        None where neither way is the safe one, or it is no number.
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
    national: tuple[tuple[dt.date | None, float], ...]
    file: str
    safer: bool | None

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


def parts_of(
    values: Sequence[tuple[dt.date | None, Any]], days: Iterable[dt.date | None]
) -> list[tuple[dt.date | None, dt.date | None, Any]]:
    """Each value with the days on which it holds, cut where something else changes: first day, first day after, value.

    Parameters
    ----------
    values
        Each with the day from which it holds, in order; None: always.
    days
        Days on which something else changes.
    """
    out: list[tuple[dt.date | None, dt.date | None, Any]] = []
    for n, (start, value) in enumerate(values):
        end = values[n + 1][0] if n + 1 < len(values) else None
        known = {d for d in days if d is not None}
        within = sorted(d for d in known if (start is None or start < d) and (end is None or d < end))
        out += [(a, b, value) for a, b in pairwise((start, *within, end))]
    return out


def in_force(given: Sequence[Given], steps: Sequence[Step], day: dt.date | None) -> Given | None:
    """What says which value holds on a day: the latest file on the way that has one for that day; None: the root."""
    return next((g for g in reversed(given) if g.steps == tuple(steps) and g.on(day)), None)


def weaker_of(given: Sequence[Given]) -> tuple[Given, ...]:
    """What is less safe on days on which it holds, with those days alone.

    A file that gives a value for some days leaves that of its parent on all days before the first of them.
    """
    out: list[Given] = []
    for n, g in enumerate(given):
        later = [other.values[0][0] for other in given[n + 1 :] if other.steps == g.steps]
        if None in later:
            continue
        until = min((d for d in later if d is not None), default=None)
        left = g.weaker if until is None else tuple(w for w in (w.before(until) for w in g.weaker) if w is not None)
        if left:
            out.append(replace(g, weaker=left))
    return tuple(out)


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
