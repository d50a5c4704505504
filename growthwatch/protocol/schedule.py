"""When the next weight is due: a function of what is known, the tier and the day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from growthwatch.core.words import days_words, long_date
from growthwatch.protocol.child import Child, Plan, Weight, months_after
from growthwatch.protocol.child.ages import Ages
from growthwatch.protocol.file.settings import Schedule, ScheduleBand
from growthwatch.protocol.file.values import TierName

__all__ = ["ASKED", "NO_BIRTH", "Due", "Point", "Wanted", "next_weighing", "routine_points"]

ASKED = "asked for by an open finding"
"""Why a weight is due that the schedule by itself would not ask for yet."""


NO_BIRTH = "no birth date is recorded that can be used"
"""Why no day can be worked out on which a weight is due."""


@dataclass(slots=True)
class Due:
    """The next weighing: dates as ordinals, None where the schedule asks for none.

    Attributes
    ----------
    anchor
        The last valid weight, from which the floor runs.
    floor_days
        Days between weights that apply; None for a routine point of T0.
    why
        Which floor applies, in words.
    earliest, due, overdue_from, lapsed_from
        The four dates: may be weighed, is due, overdue (grace passed), lapsed.
    """

    anchor: Weight | None
    floor_days: int | None = None
    why: str = ""
    earliest: int | None = None
    due: int | None = None
    overdue_from: int | None = None
    lapsed_from: int | None = None
    grace_days: int = 0
    conflict: str | None = None
    notes: tuple[str, ...] = ()
    plan: Plan | None = None

    def state(self, day: int) -> str:
        """Where a day stands: ``none``, ``not_yet``, ``may_weigh``, ``due``, ``overdue`` or ``lapsed``."""
        if self.due is None or self.earliest is None:
            return "none"
        if self.lapsed_from is not None and day >= self.lapsed_from:
            return "lapsed"
        if self.overdue_from is not None and day >= self.overdue_from:
            return "overdue"
        if day >= self.due:
            return "due"
        return "may_weigh" if day >= self.earliest else "not_yet"

    def wakes(self) -> tuple[int, ...]:
        """Days on which its state changes by itself."""
        return tuple(d for d in (self.earliest, self.due, self.overdue_from, self.lapsed_from) if d is not None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A weight that a rule asks for by itself, whatever the schedule says: by which day, and why."""

    day: int
    why: str


def _band(child: Child, bands: tuple[ScheduleBand, ...], day: int) -> ScheduleBand:
    """Band of age on a day, corrected while correction applies."""
    corrected = child.ages.corrected_on(day)
    found = bands[0]
    for band in bands[1:]:
        if day >= child.ages.mark(band.from_months, corrected):
            found = band
    return found


def _condition_floors(child: Child, day: int) -> list[tuple[int, str]]:
    """Floors that the child's conditions set on a day, with their names."""
    out: list[tuple[int, str]] = []
    for floor in child.settings.schedule.floors:
        if floor.condition is not None:
            known = child.conditions.known.get(floor.condition)
            if known is None or (floor.highest_risk is not None and floor.highest_risk != known.highest_risk):
                continue
            if floor.first_months is not None and day >= months_after(known.day, floor.first_months):
                continue
        if floor.high_need is not None and floor.high_need != child.conditions.high_need:
            continue
        if floor.orally_fed is not None and floor.orally_fed == child.conditions.tube_fed:
            continue
        corrected = child.ages.corrected_on(day)
        days: int | None = None
        for band in floor.bands:
            if day >= child.ages.mark(band.from_months, corrected) and (
                band.until_months is None or day < child.ages.mark(band.until_months, corrected)
            ):
                days = band.days
        if days is not None:
            out.append((days, floor.name))
    return out


def _gaining(valid: Sequence[Weight], tier_since: int, gains: int) -> bool:
    """Whether the last weights since the tier rose are so many gains in a row."""
    last = valid[-(gains + 1) :]
    if len(last) < gains + 1 or last[1].day <= tier_since:
        return False
    return all(b.exact > a.exact for a, b in pairwise(last))


class Point(NamedTuple):
    """A routine weighing: its name, and from and until which day it is due."""

    name: str
    start: int
    end: int


def routine_points(ages: Ages, schedule: Schedule) -> list[Point]:
    """The routine weighings of a child with a birth, in order."""
    return ages.once(("routine", id(schedule)), lambda: _points(ages, schedule))


def _points(ages: Ages, schedule: Schedule) -> list[Point]:
    birth = ages.birth
    assert birth is not None
    out: list[Point] = []
    for p in schedule.routine:
        start = birth.day + p.from_days if p.from_days is not None else ages.mark(p.from_months or 0)
        end = birth.day + p.by_days if p.by_days is not None else ages.mark(p.by_months or 0)
        out.append(Point(p.name, start, end))
    return out


def _routine(child: Child, anchor: Weight | None) -> Due:
    """T0: the next routine point that no valid weight has met."""
    schedule = child.settings.schedule
    for name, start, end in routine_points(child.ages, schedule):
        if anchor is None or anchor.day < start:
            lapsed = end + schedule.routine_lapses_after_days
            return Due(anchor, None, f"routine: {name}", start, end, end + 1, lapsed, 0)
    return Due(anchor, None, schedule.after_routine)


def next_weighing(
    child: Child,
    tier: TierName,
    tier_rose: int,
    day: int,
    asked: int | None = None,
    wanted: Sequence[Wanted] = (),
    valid: Sequence[Weight] | None = None,
) -> Due:
    """Work out the next weighing as known on a day.

    Source: specification of the protocol, section 1 (floors, band of age, earliest, grace,
    lapse, plans, ceiling).

    Parameters
    ----------
    child, tier, tier_rose, day
        The child, its tier, the day on which the tier rose, and the day asked about.
    asked
        Day by which a finding wants a weight in T0.
    wanted
        Weights that rules ask for by themselves.
    valid
        The weights that count by then; None: those that the child is known to have.
    """
    valid = child.weights.valid if valid is None else valid
    anchor = valid[-1] if valid else None
    if child.ages.birth is None:
        return Due(anchor, why=NO_BIRTH)
    if child.dead_on(day):
        return Due(anchor)
    settings = child.settings.schedule
    plan = child.signed.plan_on(day)
    if tier == "T0":
        due = _routine(child, anchor)
        if plan is None or plan.floor_days is None:
            if asked is not None and (due.due is None or asked < due.due):
                due = replace(due, why=ASKED, earliest=anchor.day + 1 if anchor else asked, due=asked)
            return _with_wanted(due, wanted)
    anchor_day = anchor.day if anchor is not None else child.ages.birth.day
    band_day = max(anchor_day, tier_rose)
    band = _band(child, settings.bands, band_day)
    # In T0 there is no floor of its own: a plan may ask for more weights than T1, never for fewer.
    base = {"T0": band.t1_days, "T1": band.t1_days, "T2": band.t2_days, "T3": band.t3_days}[tier]
    why = f"{tier}, {band.name}"
    if (
        tier == "T3"
        and band.t3_after_gains_days is not None
        and _gaining(valid, tier_rose, settings.gains_for_longer_floor)
    ):
        base, why = band.t3_after_gains_days, f"{why}, after {settings.gains_for_longer_floor} gains in a row"
    floor = min([(base, why), *_condition_floors(child, band_day)], key=lambda f: f[0])
    notes: list[str] = []
    if plan is not None and plan.floor_days is not None:
        most = math.floor(floor[0] * settings.plan_stretch_at_most)
        if band_day < child.ages.mark(settings.plan_at_most_below_months, child.ages.corrected_on(band_day)):
            most = min(most, max(settings.plan_at_most_days, floor[0]))
        if plan.floor_days > most:
            notes.append(
                f"The plan's {days_words(plan.floor_days)} is more than the {days_words(most)} that a plan may set "
                f"here; {days_words(most)} is used."
            )
        floor = (min(plan.floor_days, most), f"signed plan until {long_date(plan.until)}")
    days, why = floor
    due_day = anchor_day + days
    corrected = child.ages.corrected_on(due_day)
    grace_band = settings.bands[0]
    for b in settings.bands[1:]:
        if due_day >= child.ages.mark(b.from_months, corrected):
            grace_band = b
    grace = min(grace_band.grace_days, math.ceil(days * settings.grace_fraction))
    conflict = None
    if days < band.ceiling_days:
        conflict = (
            f"Weighing every {days_words(days)} is more often than the usual ceiling for this age "
            f"({band.ceiling_words}): a signed reason is needed."
        )
    due = Due(
        anchor,
        days,
        why,
        due_day - math.floor(days * settings.earliest_fraction),
        due_day,
        due_day + grace + 1,
        anchor_day + settings.lapsed_after_floors * days,
        grace,
        conflict,
        tuple(notes),
        plan,
    )
    return _with_wanted(_with_routine(due, _routine(child, anchor)), wanted)


def _with_routine(due: Due, routine: Due) -> Due:
    """A routine weight that is still missing stays due in every tier: a rise makes nothing due later."""
    if routine.due is None or due.due is None or routine.due >= due.due:
        return due
    overdue = min(d for d in (due.overdue_from, routine.overdue_from) if d is not None)
    return replace(due, why=routine.why, earliest=routine.earliest, due=routine.due, overdue_from=overdue)


def _with_wanted(due: Due, wanted: Sequence[Wanted]) -> Due:
    """A weight that a rule asks for by itself is due on its day, whatever the schedule."""
    for w in wanted:
        if due.due is not None and due.due <= w.day:
            continue
        overdue_from = due.overdue_from
        if due.floor_days is not None:
            # In T0 only the routine points are ever overdue; the rule that asks speaks by itself.
            late = w.day + due.grace_days + 1
            overdue_from = late if overdue_from is None else min(late, overdue_from)
        due = replace(due, why=w.why, earliest=w.day, due=w.day, overdue_from=overdue_from)
    return due
