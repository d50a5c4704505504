"""A start plan: on which day each child of a team is read, or weighed, after the protocol came into force.

Source: process specification, section 7, First day: readings of what is older on working days 1 to 10, the worst first;
a routine weight that was missed at most 28 days, and one floor, after; and what cannot be moved is counted first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from growthwatch.core.calendar import WorkingCalendar, load_calendar
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import long_date
from growthwatch.protocol.answers.review import Review
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.file.values import LOUDNESS, TIERS
from growthwatch.record import Start

__all__ = ["StartPlan", "start_plan"]

_VISITORS = ("health_visitor", "specialist_health_visitor")
"""Who sees a child, and weighs it."""
_LEAD = "team_lead"
"""Who decides for several children at once."""


@dataclass(frozen=True, slots=True)
class StartPlan:
    """On which day each child is read or weighed, to be signed with each child's adoption.

    Attributes
    ----------
    first
        The first day.
    starts
        By child, what stands in ``starts`` of its ``protocol_adopted``; a child of whom nothing is moved is not there.
    days
        Deeds of the team on each working day, as its list counts them: what one person owes one child on a day is one.
        Those that cannot be moved are among them, each on the last day in time that has room.  What the team lead
        decides alike for several children by one day, such as naming a lead, is one: a list in one sitting.
    deeds_a_day
        How many the plan was asked to keep to.
    """

    first: dt.date
    starts: Mapping[str, tuple[Start, ...]]
    days: Mapping[dt.date, int]
    deeds_a_day: int

    @property
    def over(self) -> tuple[dt.date, ...]:
        """Days with more deeds than were asked for: what cannot be moved is more than that by itself."""
        return tuple(day for day, n in self.days.items() if n > self.deeds_a_day)

    def __str__(self) -> str:
        moved = sum(len(s) for s in self.starts.values())
        lines = [f"Start on {long_date(self.first)}: {moved} deeds are set to a day, for {len(self.starts)} children."]
        lines += [f"{long_date(day)}: {n}{' (too many)' if day in self.over else ''}" for day, n in self.days.items()]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Moved:
    """A deed that can be moved: of which child, what it is, how much it presses, and between which days it may stand.

    ``beside`` is another that is done at the same visit.
    """

    child: str
    due: dt.date | Literal["FD"]
    risk: tuple[Any, ...]
    earliest: dt.date
    last: dt.date
    beside: dt.date | Literal["FD"] | None = None


class _Days:
    """Working days from the first on, how many deeds stand on each, and on which days a child is seen in any case."""

    def __init__(self, first: dt.date, last: dt.date, calendar: WorkingCalendar, most: int) -> None:
        span = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
        self.load = dict.fromkeys([day for day in span if calendar.is_working_day(day)] or [first], 0)
        self.most = most
        self.seen: dict[str, set[dt.date]] = {}

    def up_to(self, last: dt.date) -> dt.date:
        """The last working day up to a day; the first of all where there is none."""
        return max((day for day in self.load if day <= last), default=next(iter(self.load)))

    def put(self, child: str, owner: str, deadline: dt.date) -> None:
        """What cannot be moved, on the last day in time that has room: the days before are for the worst."""
        within = [day for day in self.load if day <= self.up_to(deadline)]
        day = next((day for day in reversed(within) if self.load[day] < self.most), within[-1])
        self.load[day] += 1
        if owner in _VISITORS:
            self.seen.setdefault(child, set()).add(day)

    def spread(self, deeds: list[_Moved]) -> dict[_Moved, dt.date]:
        """The worst first, as long as what presses less is still in time, too."""
        left, out = list[_Moved](), dict[_Moved, dt.date]()
        for m in sorted(deeds, key=lambda m: m.risk):
            # A child that is seen is weighed, and a child that is weighed is read: that is no visit more.
            days = [day for day in self.seen.get(m.child, ()) if m.earliest <= day <= m.last]
            if days:
                out[m] = min(days)
            elif with_it := next((x for x in left if x.child == m.child), None):
                both = replace(m, due=with_it.due, earliest=max(m.earliest, with_it.earliest))
                left[left.index(with_it)] = replace(both, last=min(m.last, with_it.last), beside=m.due)
            else:
                left.append(m)
        for day in self.load:
            while there := [m for m in left if m.earliest <= day]:
                room = self.most - self.load[day]
                late = [m for m in there if self.up_to(m.last) <= day]
                if room < 1 and not late:
                    break
                fits = (m for m in there if room > 0 and self._fits([x for x in left if x is not m], day, room - 1))
                taken = next(fits, None) or min(late or there, key=lambda m: m.last)
                left.remove(taken)
                out[taken] = day
                self.load[day] += 1
        return out

    def _fits(self, left: list[_Moved], today: dt.date, room: int) -> bool:
        """Whether what is left can be done in time, with some room today and what later days have."""
        have, lasts = room, sorted(self.up_to(m.last) for m in left)
        days = iter([day for day in self.load if day > today])
        day = next(days, None)
        for need, last in enumerate(lasts, start=1):
            while day is not None and day <= last:
                have += max(0, self.most - self.load[day])
                day = next(days, None)
            if need > have:
                return False
        return True


def start_plan(reviews: Iterable[Review], protocol: Protocol, *, deeds_a_day: int) -> StartPlan:
    """Spread what may wait of a team's first day over the working days after it, the worst first.

    Parameters
    ----------
    reviews
        Of each child of the team a review of the first day, under `protocol` with ``in_force_from`` that day.
    protocol
        The protocol that comes into force.
    deeds_a_day
        How many deeds the team can do on a working day: the process specification has 15 for 300 children.

    Returns
    -------
    StartPlan
        `over` names the days on which what cannot be moved is more than that by itself: nothing that may wait is
        set to such a day, as long as another is in time.

    Raises
    ------
    GrowthwatchError
        Where the reviews are of several days or of none, a child is there twice, or `deeds_a_day` is not positive.
    """
    found = list(reviews)
    days = {r.on for r in found}
    if len(days) != 1:
        raise GrowthwatchError.of("reviews", sorted(map(str, days)), "reviews of one and the same day, the first")
    if len({r.child_id for r in found}) != len(found):
        twice = sorted(id for id in {r.child_id for r in found} if sum(r.child_id == id for r in found) > 1)
        raise GrowthwatchError.of("reviews", twice, "one review of each child")
    if deeds_a_day < 1:
        raise GrowthwatchError.of("deeds_a_day", deeds_a_day, "at least 1")
    (first,), rules = days, protocol.settings.first_day
    calendar = load_calendar(protocol.settings.calendar)
    read_by = calendar.add_working_days(first, rules.read_wd)
    weigh_by = first + dt.timedelta(days=rules.weigh_within_days)
    plan = _Days(first, max(read_by, weigh_by, calendar.add_working_days(first, rules.sign_wd)), calendar, deeds_a_day)
    moved: list[_Moved] = []
    fixed: list[tuple[dt.date, str, str]] = []
    sat: set[tuple[dt.date, str]] = set()
    for r in found:
        mine = _movable(r, rules.rule, read_by, weigh_by)
        moved += mine
        read = any(m.due == rules.rule for m in mine)
        for t in r.to_do():
            if read and all(d.rules == (rules.rule,) and d.deadline == read_by for d in t.deeds):
                continue
            sitting = (t.deadline, t.do)
            if t.owner == _LEAD and rules.rule not in t.rules and sitting in sat:
                continue
            sat |= {sitting} if t.owner == _LEAD else set()
            fixed.append((t.deadline, r.child_id, t.owner))
        if (coming := _coming(r)) is not None and coming <= weigh_by:
            fixed.append((coming, r.child_id, _VISITORS[0]))
    for deadline, child, owner in sorted(fixed):
        plan.put(child, owner, deadline)
    starts: dict[str, tuple[Start, ...]] = {}
    for m, day in sorted(plan.spread(moved).items(), key=lambda one: (one[0].child, one[1])):
        made = [Start(due=due, set_to=day) for due in (m.due, m.beside) if due is not None]
        starts[m.child] = (*starts.get(m.child, ()), *made)
    return StartPlan(first, starts, plan.load, deeds_a_day)


def _coming(r: Review) -> dt.date | None:
    """Last day in time of a weight of the schedule that was not missed; None where a finding asks for one, too."""
    if r.due.due is None or r.due.missed is not None or any(o.weighs for o in r.obligations):
        return None
    return r.due.due if r.due.overdue_from is None else r.due.overdue_from - dt.timedelta(days=1)


def _movable(r: Review, rule: str, read_by: dt.date, weigh_by: dt.date) -> list[_Moved]:
    """What of a child may be set to another day: the reading, if it does not press, and a routine weight missed."""
    out: list[_Moved] = []
    tomorrow = r.on + dt.timedelta(days=1)
    if any(o.rule == rule and o.deadline == read_by for o in r.obligations):
        out.append(_Moved(r.child_id, "FD", _risk(r), tomorrow, read_by))
    if r.due.missed is not None and not any(o.weighs for o in r.obligations):
        floor = r.on + dt.timedelta(days=r.due.floor_days or (weigh_by - r.on).days)
        out.append(_Moved(r.child_id, r.due.missed, _risk(r), r.on, min(weigh_by, floor)))
    return out


def _risk(r: Review) -> tuple[Any, ...]:
    """The worst first: by tier, how loud, how long a weight is missed, and since when anything is open."""
    loud = max((LOUDNESS.index(f.loudness) for f in r.findings), default=-1)
    since = min((f.opened_on for f in r.findings), default=r.on)
    return -TIERS.index(r.tier), -loud, r.due.missed or r.on, since, r.child_id
