"""When the next weight is due: a function of what is known, the tier and the day.

Source of every sentence: specification of the protocol, section 1 (tiers and schedule); the numbers stand in
the protocol file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from growthwatch.core.words import days_words, long_date
from growthwatch.protocol.child import Child, Plan, Stay, Weight, months_after
from growthwatch.protocol.child.ages import Ages
from growthwatch.protocol.child.fluid import grown
from growthwatch.protocol.child.runs import Start, gained, gaining
from growthwatch.protocol.file.settings import ConditionFloor, Schedule, ScheduleBand, StayLimit
from growthwatch.protocol.file.values import TierName

__all__ = [
    "ASKED",
    "NO_BIRTH",
    "Due",
    "Point",
    "Wanted",
    "age_band",
    "next_routine",
    "next_weighing",
    "routine_points",
    "sooner",
]

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
    grace_days
        Days of grace after the due date.
    conflict
        A floor shorter than the usual ceiling, in words, or None.
    plan
        The signed plan that sets the floor, or None.
    stay
        The stay in hospital during which no weight is due, or after which this one is; else None.
    ward_from
        While a stay lasts: the day from which the ward is to be asked, as nothing has been heard from it.
    missed
        The day on which it was due before the first day, which set it anew; else None.
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
    stay: Stay | None = None
    ward_from: int | None = None
    missed: int | None = None

    @property
    def rests(self) -> bool:
        """Whether no weight is due because the child is in hospital."""
        return self.stay is not None and self.stay.until is None

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
        days = (self.earliest, self.due, self.overdue_from, self.lapsed_from, self.ward_from)
        return tuple(d for d in days if d is not None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A weight that a rule or a finding asks for, whatever the schedule says.

    Attributes
    ----------
    day
        The last day in time: the weight is due on it.
    why
        What for, in words.
    earliest
        First day on which it counts as the weight that was asked for; None: `day`.
    """

    day: int
    why: str
    earliest: int | None = None


# --- age ------------------------------------------------------------------------------------------


def age_band(ages: Ages, bands: tuple[ScheduleBand, ...], day: int) -> ScheduleBand:
    """Band of age on a day, corrected while correction applies."""
    corrected = ages.corrected_on(day)
    found = bands[0]
    for band in bands[1:]:
        if day >= ages.mark(band.from_months, corrected):
            found = band
    return found


def _younger(ages: Ages, months: int, day: int) -> bool:
    """Whether a child is younger than so many months on a day, corrected while correction applies."""
    return day < ages.mark(months, ages.corrected_on(day))


# --- floors ---------------------------------------------------------------------------------------


def _applies(child: Child, floor: ConditionFloor, day: int) -> bool:
    if floor.risk_ages:
        ages = (a for a in child.settings.tiers.risk_ages if a.name in floor.risk_ages)
        return any((end := child.risk_age_ends(a)) is not None and day < end for a in ages)
    if floor.condition is not None:
        known = child.conditions.known.get(floor.condition)
        if known is None or (floor.highest_risk is not None and floor.highest_risk != known.highest_risk):
            return False
        if floor.first_months is not None and day >= months_after(known.day, floor.first_months):
            return False
    if floor.high_need is not None and floor.high_need != child.conditions.high_need:
        return False
    return floor.orally_fed is None or floor.orally_fed != child.conditions.tube_fed


def _condition_floors(child: Child, day: int) -> list[tuple[int, str]]:
    """Floors that conditions, and having been born early or light, set on a day, with their names."""
    out: list[tuple[int, str]] = []
    ages = child.ages
    corrected = ages.corrected_on(day)
    for floor in child.settings.schedule.floors:
        if not _applies(child, floor, day):
            continue
        days: int | None = None
        for band in floor.bands:
            if band.from_gestation_days is not None:
                begun = day >= ages.gestation_mark(band.from_gestation_days)
            else:
                begun = day >= ages.mark(band.from_months, corrected)
            if begun and (band.until_months is None or day < ages.mark(band.until_months, corrected)):
                days = band.days
        if days is not None:
            out.append((days, floor.name))
    return out


# --- routine points -------------------------------------------------------------------------------


class Point(NamedTuple):
    """A routine weighing: its name, from and until which day it is due, and when it is late.

    ``every_tier`` says that it is not for T0 alone.
    """

    name: str
    start: int
    end: int
    overdue_from: int
    lapsed_from: int
    every_tier: bool


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
        overdue = end + 1 if p.overdue_from_days is None else birth.day + p.overdue_from_days
        lapsed = end + schedule.routine_lapses_after_days
        lapsed = lapsed if p.lapsed_from_days is None else birth.day + p.lapsed_from_days
        out.append(Point(p.name, start, end, overdue, max(lapsed, overdue), p.every_tier))
    return out


def next_routine(ages: Ages, schedule: Schedule, anchor: Weight | None, every_tier: bool = False) -> Due:
    """The next routine point that no valid weight has met.

    Parameters
    ----------
    ages
        Of a child with a birth.
    schedule
        Of the protocol.
    anchor
        The latest valid weight.
    every_tier
        Only points that are for every tier, not for T0 alone.
    """
    for p in routine_points(ages, schedule):
        if every_tier and not p.every_tier:
            continue
        if anchor is None or anchor.day < p.start:
            return Due(anchor, None, f"routine: {p.name}", p.start, p.end, p.overdue_from, p.lapsed_from)
    return Due(anchor, None, schedule.after_routine)


# --- the next weighing ----------------------------------------------------------------------------


def next_weighing(
    child: Child,
    tier: TierName,
    tier_rose: int,
    day: int,
    wanted: Sequence[Wanted] = (),
    valid: Sequence[Weight] | None = None,
    gaining_from: Start | None = None,
    cap: Due | None = None,
) -> Due:
    """Work out the next weighing as known on a day.

    Source: specification of the protocol, section 1 (floors, band of age, earliest, grace, lapse, plans,
    ceiling, what findings ask for, admissions).

    Parameters
    ----------
    child, tier, tier_rose, day
        The child, its tier, the day on which the tier rose, and the day asked about.
    wanted
        Weights that rules and open findings ask for.
    valid
        The weights that count by then; None: those that the child is known to have.
    gaining_from
        The weight that closed a finding after which the child is weighed often until it has gained; None if none did.
    cap
        The next weighing by the schedule of the tier below, from which the child rose: none of its dates is later
        than there, while the last valid weight is the same.
    """
    valid = child.weights.valid if valid is None else valid
    anchor = valid[-1] if valid else None
    if child.ages.birth is None:
        return Due(anchor, why=NO_BIRTH)
    if child.dead_on(day):
        return Due(anchor)
    stay = child.stay(day)
    if stay is not None and stay.until is None:
        return _resting(child, tier, anchor, stay)
    due = _by_floor(child, tier, tier_rose, day, valid, gaining_from)
    due = _earlier(due, next_routine(child.ages, child.settings.schedule, anchor, every_tier=tier != "T0"))
    due = _asked_for(child, _no_later(due, cap), wanted)
    if stay is not None and not _weighed_since(child, stay, valid):
        return _after(child, tier, due, stay)
    return due


def _by_floor(
    child: Child, tier: TierName, tier_rose: int, day: int, valid: Sequence[Weight], gaining_from: Start | None
) -> Due:
    """The next weighing by the strictest floor, or a signed plan's; none where there is no floor."""
    floor, band_day = _strictest(child, tier, tier_rose, day, valid, gaining_from)
    ages, settings = child.ages, child.settings.schedule
    anchor = valid[-1] if valid else None
    assert ages.birth is not None
    anchor_day = anchor.day if anchor is not None else ages.birth.day
    due = Due(anchor)
    if floor is not None:
        due = _dated(child, anchor, anchor_day + floor[0], floor[0], floor[1])
    plan = child.signed.floor_plan(day)
    if plan is not None and plan.floor_days is not None:
        due = _by_plan(child, due, floor, plan, anchor_day, band_day)
    days, band = due.floor_days, age_band(ages, settings.bands, band_day)
    if tier != "T3" and days is not None and days < band.ceiling_days:
        due.conflict = (
            f"Weighing every {days_words(days)} is more often than the usual ceiling for this age "
            f"({band.ceiling_words}): a signed reason is needed."
        )
    return due


def longest_by_plan(child: Child, tier: TierName, tier_rose: int, day: int, gaining_from: Start | None) -> float:
    """Longest time between weights that a plan may set on a day [d]; infinite where there is no such limit.

    Source: specification of the protocol, section 1, plans.
    """
    if child.ages.birth is None:
        return math.inf
    floor, band_day = _strictest(child, tier, tier_rose, day, child.weights.valid, gaining_from)
    return _most(child, floor, band_day)


def _strictest(
    child: Child, tier: TierName, tier_rose: int, day: int, valid: Sequence[Weight], gaining_from: Start | None
) -> tuple[tuple[int, str] | None, int]:
    """The strictest floor, with why it is so, and the day whose age chooses its band."""
    ages, settings = child.ages, child.settings.schedule
    assert ages.birth is not None
    anchor = valid[-1] if valid else None
    anchor_day = anchor.day if anchor is not None else ages.birth.day
    band_day = max(anchor_day, tier_rose)
    band = age_band(ages, settings.bands, band_day)
    floors: list[tuple[int, str]] = []
    if tier != "T0":
        base, why = {"T1": band.t1_days, "T2": band.t2_days, "T3": band.t3_days}[tier], f"{tier}, {band.name}"
        run = settings.gains_for_longer_floor
        if (
            tier == "T3"
            and band.t3_after_gains_days is not None
            and (gaining(valid, tier_rose, run) and grown(child, valid[-1], day))
        ):
            base, why = band.t3_after_gains_days, f"{why}, after {run.gains} gains in a row"
        floors = [(base, why), *_condition_floors(child, band_day)]
    after = settings.after
    if (
        after is not None
        and gaining_from is not None
        and (not gained(gaining_from, valid, after.until) or not grown(child, valid[-1], day))
    ):
        floors.append((after.days, f"weekly until {after.until.gains} gains in a row" if after.days == 7 else
                       f"every {days_words(after.days)} until {after.until.gains} gains in a row"))  # fmt: skip
    return min(floors, key=_days, default=None), band_day


def _most(child: Child, floor: tuple[int, str] | None, band_day: int) -> float:
    """How many days a plan may set where it would stretch a floor."""
    settings = child.settings.schedule
    most = math.inf if floor is None else math.floor(floor[0] * settings.plan_stretch_at_most)
    if _younger(child.ages, settings.plan_at_most_below_months, band_day):
        most = min(most, max(settings.plan_at_most_days, 0 if floor is None else floor[0]))
    return most


def _by_plan(
    child: Child, due: Due, floor: tuple[int, str] | None, plan: Plan, anchor_day: int, band_day: int
) -> Due:  # fmt: skip
    """The next weighing by a signed plan's floor, which makes nothing due before its signing."""
    assert plan.floor_days is not None
    most = _most(child, floor, band_day)
    days = plan.floor_days if plan.floor_days <= most else int(most)
    notes: tuple[str, ...] = ()
    if days < plan.floor_days:
        allowed = days_words(days)
        text = f"The plan's {days_words(plan.floor_days)} is more than the {allowed} that a plan may set here"
        notes = (f"{text}; {allowed} is used.",)
    on = anchor_day + days
    if floor is None or days < floor[0]:
        on = max(on, child.signed.floor_since(plan))
    made = _dated(child, due.anchor, on, days, f"signed plan until {long_date(plan.until)}")
    made.notes, made.plan = notes, plan
    if floor is not None and days < floor[0] and due.due is not None and due.due < on:
        # It was due before the plan was signed, and stays so.
        made = replace(due, floor_days=days, notes=notes, plan=plan)
    return made


def _dated(child: Child, anchor: Weight | None, on: int, days: int, why: str) -> Due:
    """The four dates of a weight that a floor makes due on a day."""
    settings = child.settings.schedule
    grace = _grace(child, on, days)
    overdue = on + grace + 1
    lapsed = max(on + (settings.lapsed_after_floors - 1) * days, overdue)
    earliest = on - math.floor(days * settings.earliest_fraction)
    return Due(anchor, days, why, earliest, on, overdue, lapsed, grace)


def _grace(child: Child, on: int, floor_days: int | None) -> int:
    """Days of grace after a due date: by the age on it, and never more than a part of the floor, rounded up."""
    settings = child.settings.schedule
    grace = age_band(child.ages, settings.bands, on).grace_days
    return grace if floor_days is None else min(grace, math.ceil(floor_days * settings.grace_fraction))


def _days(floor: tuple[int, str]) -> int:
    return floor[0]


def sooner(a: int | None, b: int | None) -> int | None:
    """The earlier of two days, of which either may be missing."""
    return min((d for d in (a, b) if d is not None), default=None)


def _earlier(due: Due, other: Due) -> Due:
    """Of two next weighings the one that is due first: its dates belong together."""
    if other.due is None:
        return due if due.due is not None else other
    if due.due is None or other.due < due.due:
        return replace(
            due, why=other.why, earliest=other.earliest, due=other.due, overdue_from=other.overdue_from,
            lapsed_from=other.lapsed_from, grace_days=other.grace_days,
        )  # fmt: skip
    if other.due > due.due:
        return due
    return replace(
        due,
        overdue_from=sooner(due.overdue_from, other.overdue_from),
        lapsed_from=sooner(due.lapsed_from, other.lapsed_from),
    )


def _no_later(due: Due, before: Due | None) -> Due:
    """A rise of tier makes no weight due later than it was, whatever band of age it moves the child to."""
    if before is None or before.due is None or (due.plan is not None and due.plan != before.plan):
        return due
    if (before.anchor.id if before.anchor else None) != (due.anchor.id if due.anchor else None):
        return due
    earlier = due.due is None or before.due < due.due
    return replace(
        due,
        why=before.why if earlier else due.why,
        earliest=sooner(due.earliest, before.earliest),
        due=sooner(due.due, before.due),
        overdue_from=sooner(due.overdue_from, before.overdue_from),
        lapsed_from=sooner(due.lapsed_from, before.lapsed_from),
        grace_days=before.grace_days if earlier else due.grace_days,
    )


def _asked_for(child: Child, due: Due, wanted: Sequence[Wanted]) -> Due:
    """A weight that is asked for moves all three dates, and none later than without it."""
    first = min(wanted, key=_by_day, default=None)
    if first is None or (due.due is not None and first.day > due.due):
        return due
    rules = child.settings.schedule.asked
    grace = _grace(child, first.day, due.floor_days)
    newborn = rules.newborn_days if _younger(child.ages, rules.newborn_below_months, first.day) else 0
    earliest = first.day if first.earliest is None else first.earliest
    return replace(
        due,
        why=first.why if due.due is None or first.day < due.due else due.why,
        earliest=sooner(due.earliest, earliest),
        due=first.day,
        overdue_from=sooner(due.overdue_from, first.day + grace + 1),
        lapsed_from=sooner(due.lapsed_from, first.day + grace + rules.lapsed_after_days + newborn),
        grace_days=grace,
    )


def _by_day(wanted: Wanted) -> tuple[int, str]:
    return wanted.day, wanted.why


# --- stays in hospital ----------------------------------------------------------------------------


def _limit(child: Child, tier: TierName, day: int) -> StayLimit:
    """How long the ward may be silent, and how soon after the stay a weight is due, by tier, need and age on a day."""
    limits = child.settings.schedule.stay.limits
    for limit in limits:
        if limit.tiers and tier not in limit.tiers:
            continue
        if limit.high_need is not None and limit.high_need != child.conditions.high_need:
            continue
        if limit.below_months is None or _younger(child.ages, limit.below_months, day):
            return limit
    return limits[-1]


def _resting(child: Child, tier: TierName, anchor: Weight | None, stay: Stay) -> Due:
    """While a child is in hospital no weight is due, and the ward is asked where nothing is heard from it."""
    why = (
        f"in hospital since {long_date(stay.since)}, and no end of the stay is recorded; weights of the ward are judged"
    )
    silent = _limit(child, tier, stay.word).silent_days
    return Due(anchor, why=why, stay=stay, ward_from=stay.word + silent + 1)


def _weighed_since(child: Child, stay: Stay, valid: Sequence[Weight]) -> bool:
    """Whether a valid weight was taken after a stay, or on its last day elsewhere: that is the one that was due."""
    assert stay.until is not None
    last = valid[-1].day if valid else None
    if last is None or last < stay.until:
        return False
    return last > stay.until or any(w.day == stay.until and child.stays.outside(w.id) for w in valid[-8:])


def _after(child: Child, tier: TierName, due: Due, stay: Stay) -> Due:
    """The weight due at the end of a stay: on the old date, not before the end, and not long after it."""
    assert stay.until is not None
    end, most = stay.until, _limit(child, tier, stay.until).weigh_within_days
    on = end + most if due.due is None else min(max(end, due.due), end + most)
    grace = _grace(child, on, due.floor_days)
    overdue = min(on + grace + 1, end + most + 1)
    return replace(
        due,
        why=f"after the stay in hospital that ended on {long_date(end)}",
        earliest=end,
        due=on,
        overdue_from=overdue,
        lapsed_from=max(end + 2 * most, overdue),
        grace_days=overdue - on - 1,
        stay=stay,
    )
