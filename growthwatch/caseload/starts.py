"""The start plan: what was missed before the first day, spread over the days that a team has, risk first.

Findings that wait for one reading (FD) go on working days 1 to 10, worst first.  Routine weights that were missed
before the first day go on working days within 28 days and one floor of it, children with a known risk first.  A day
takes at most 15 deeds for a team of 300 children, what cannot be moved counted first.

Source: process specification, section 7, First day.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from growthwatch.caseload.words import words
from growthwatch.protocol import Protocol, Review
from growthwatch.protocol.child.working import Working, working_days
from growthwatch.record import Start

__all__ = ["Missed", "StartPlan", "missed_of", "plan_starts"]


@dataclass(frozen=True, slots=True)
class Missed:
    """What was open of a child on the first day and may be set to another.

    Attributes
    ----------
    child_id
        The child.
    reading
        Whether there is something to read that may be moved (FD), and its last day.
    due
        The day on which a routine weight was due before the first day; None if none was missed.
    latest
        The last day to which that weight may be set.
    fixed
        Deeds that cannot be moved, by day.
    risk
        By what the worst comes first: the smaller the worse.
    danger
        Whether something cannot wait.
    """

    child_id: str
    reading: dt.date | None
    due: dt.date | None
    latest: dt.date | None
    fixed: tuple[dt.date, ...]
    risk: tuple[object, ...]
    danger: bool = False


@dataclass(frozen=True)
class StartPlan:
    """The start plan of a caseload.

    Attributes
    ----------
    first_on
        The first day.
    entries
        For each child the entries of its adoption.
    most
        How many deeds a day takes.
    danger, urgent, readings, weights, quiet
        How many children cannot wait on the first day; have, of the others, something with its own time that is not
        moved; one reading that is; a routine weight that was missed; none of these.  One child may have a danger, a
        reading and a weight.
    """

    first_on: dt.date
    entries: dict[str, tuple[Start, ...]] = field(repr=False)
    most: int
    danger: int = 0
    urgent: int = 0
    readings: int = 0
    weights: int = 0
    quiet: int = 0

    @property
    def last(self) -> dt.date | None:
        """The last day of the plan."""
        return max((s.set_to for found in self.entries.values() for s in found), default=None)


def missed_of(review: Review, protocol: Protocol, danger: bool) -> Missed | None:
    """What of a child may be set to another day.

    Parameters
    ----------
    review
        Of the first day.
    protocol
        The protocol.
    danger
        Whether the list of the first day says that the child cannot wait.

    Returns
    -------
    Missed or None
        None of whom nothing is open.
    """
    settings, first = protocol.settings.first_day, review.on
    reading: dt.date | None = None
    fixed: list[dt.date] = []
    for f in review.findings:
        for o in f.obligations:
            if not o.pending:
                continue
            # The rule has two findings: the reading, without a subject, and what is to be signed, which is not moved.
            reads = f.key.partition("@")[0] == settings.rule
            if reads and o.deadline > first + dt.timedelta(days=settings.urgent_days):
                reading = o.deadline
            else:
                fixed.append(o.deadline)
    due = latest = None
    if review.due.missed is not None and review.died_on is None:
        # The day by which the engine knows the weight: an entry for any other is void.
        longest, floor = settings.weigh_within_days, review.due.floor_days
        due = review.due.missed
        latest = first + dt.timedelta(days=longest if floor is None else min(longest, floor))
    if reading is None and due is None:
        return Missed(review.child_id, None, None, None, tuple(fixed), (), danger) if fixed or danger else None
    loud = [f for f in review.findings if f.rule != settings.rule]
    weight = review.due.last_valid_on
    risk = (-int(review.tier[1:]), -len(loud), due or first, weight or dt.date.min, review.child_id)
    return Missed(review.child_id, reading, due, latest, tuple(fixed), risk, danger)


def plan_starts(found: Iterable[Missed], first_on: dt.date, children: int, protocol: Protocol) -> StartPlan:
    """Set what may be moved to days of work, worst first; a day takes only so much.

    Parameters
    ----------
    found
        What was open of each child.
    first_on
        The first day.
    children
        How many children the caseload has.
    protocol
        Its calendar says which days are worked.
    """
    working = working_days(protocol.settings.calendar)
    w = words()
    most = max(w.start_least_a_day, -(-w.start_deeds_a_day * children // w.start_children))
    load: Counter[int] = Counter()
    every = list(found)
    for m in every:
        for day in set(m.fixed):
            load[day.toordinal()] += 1
    first = first_on.toordinal()
    entries: dict[str, list[Start]] = {}
    reads = sorted((m for m in every if m.reading is not None), key=lambda m: m.risk)
    for m in reads:
        assert m.reading is not None
        days = _worked(working, first, m.reading.toordinal())
        day = _place(days, load, most)
        entries.setdefault(m.child_id, []).append(Start(due="FD", set_to=dt.date.fromordinal(day)))
    for m in sorted((m for m in every if m.due is not None), key=lambda m: m.risk):
        assert m.due is not None and m.latest is not None
        days = _worked(working, first, m.latest.toordinal()) or [first]
        day = _place(days, load, most)
        entries.setdefault(m.child_id, []).append(Start(due=m.due, set_to=dt.date.fromordinal(day)))
    return StartPlan(
        first_on,
        {id: tuple(starts) for id, starts in entries.items()},
        most,
        danger=sum(m.danger for m in every),
        urgent=sum(bool(m.fixed) and not m.danger for m in every),
        readings=len(reads),
        weights=sum(m.due is not None for m in every),
        quiet=children - len(every),
    )


def _worked(working: Working, first: int, last: int) -> list[int]:
    return [day for day in range(first + 1, last + 1) if working.worked(day)]


def _place(days: Sequence[int], load: Counter[int], most: int) -> int:
    """The first day that still takes a deed; where none does, that with the fewest."""
    day = next((d for d in days if load[d] < most), None)
    if day is None:
        day = min(days, key=lambda d: (load[d], d))
    load[day] += 1
    return day
