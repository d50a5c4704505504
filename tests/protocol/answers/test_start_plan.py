"""The start plan of a team: at most so many deeds a day, the worst first, and what cannot be moved counted first.

Source: process specification, section 7, First day.  The first day is Monday 8 January 2024: ten working days later is
Monday 22 January, 28 days later Monday 5 February.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child

import growthwatch as gw
import growthwatch.protocol as gwp
from growthwatch.protocol import Review, StartPlan, start_plan

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
from caseload import children

FIRST = dt.date(2024, 1, 8)
READ_BY, WEIGH_BY = dt.date(2024, 1, 22), dt.date(2024, 2, 5)


def born(age: int, name: str = "child", lead: bool = True) -> Child:
    """A girl of an age on the first day."""
    child = Child(str(FIRST - dt.timedelta(days=age)), birth_kg=None)
    child.id = name  # type: ignore[attr-defined]
    return child.led() if lead else child


def record(child: Any) -> gw.Record:
    return gw.Record(child.id, child.events)


def begun(child: Child) -> Review:
    return gwp.review(record(child), protocol=HV, as_of=FIRST, in_force_from=FIRST)


def older(name: str, z: float = -2.1) -> Child:
    """G4 since 100 days ago, not falling, and weighed 20 days ago: one reading, and no weight missed (T2, 28 days)."""
    return born(400, name).at_z(z, 300).at_z(z, 380)


def unread(name: str, child: Child | None = None) -> Review:
    """Its review, as if no weight were due at all."""
    r = begun(child or older(name))
    return replace(r, due=replace(r.due, due=None))


def missed(name: str) -> Child:
    """T1 at a year, weighed at 200 days: due at 256 days (56 days), and missed."""
    return born(301, name).condition("coeliac", 1).at_z(0, 200)


def signed(child: Child, plan: StartPlan) -> Review:
    """The review of the first day, with the plan signed by the team lead in the child's adoption."""
    starts = [s.model_dump() for s in plan.starts.get(record(child).child_id, ())]
    more = {"starts": starts} if starts else {}
    child.add("protocol_adopted", FIRST, protocol="uk-hv", hash=HV.hash, role="team_lead", **more)
    return gwp.review(record(child), protocol=HV, as_of=FIRST)


def days_of(plan: StartPlan, name: str) -> dict[object, dt.date]:
    return {s.due: s.set_to for s in plan.starts.get(name, ())}


def test_readings_stand_on_working_days_one_to_ten() -> None:
    plan = start_plan([unread(f"c{n}") for n in range(10)], HV, deeds_a_day=1)
    days = sorted(days_of(plan, f"c{n}")["FD"] for n in range(10))
    working = [dt.date(2024, 1, d) for d in (9, 10, 11, 12, 15, 16, 17, 18, 19, 22)]
    assert days == working and plan.over == ()


def test_the_worst_first() -> None:
    # Of one tier and loudness, what has been open longer stands first.
    long = born(400, "long").at_z(-2.1, 200).at_z(-2.1, 380)
    plan = start_plan([unread("short"), unread("long", long)], HV, deeds_a_day=1)
    assert days_of(plan, "long")["FD"] < days_of(plan, "short")["FD"]


def test_what_is_more_than_fits_is_named_and_nothing_is_dropped() -> None:
    plan = start_plan([unread(f"c{n}") for n in range(11)], HV, deeds_a_day=1)
    assert plan.over == (READ_BY,) and plan.days[READ_BY] == 2
    assert len(plan.starts) == 11 and "(too many)" in str(plan)


def test_a_weight_that_was_missed_is_moved_by_at_most_28_days_and_one_floor() -> None:
    # T1 at 10 months: 56 days, so 28; T2 under 6 months: 14 days, so Monday 22 January.
    young = born(135, "young").at_z(-2.1, 100)
    plan = start_plan([begun(young), *(begun(missed(f"c{n}")) for n in range(20))], HV, deeds_a_day=1)
    assert plan.over == ()
    weights = {due: to for name in plan.starts for due, to in days_of(plan, name).items() if due != "FD"}
    assert max(weights.values()) <= WEIGH_BY
    assert max(days_of(plan, "young").values()) <= dt.date(2024, 1, 22)


def test_what_presses_less_is_not_late_for_what_presses_more() -> None:
    # One a day.  Eight weights (T1) press more, and may wait for 28 days; that of a baby (T0, every 7 days after a loss
    # of the first weeks) for 7 days only, to Monday 15 January.
    baby = begun(born(60, "baby").weigh(3.6, 0).weigh(3.0, 5).weigh(3.5, 12).weigh(3.7, 24))
    assert (baby.tier, baby.due.floor_days) == ("T0", 7) and baby.due.missed is not None
    plan = start_plan([*(begun(missed(f"c{n}")) for n in range(8)), baby], HV, deeds_a_day=1)
    assert plan.over == () and max(days_of(plan, "baby").values()) == dt.date(2024, 1, 15)


def test_a_child_that_is_weighed_is_read_at_the_same_visit() -> None:
    # G4 since 200 days ago, weighed 100 days ago: one reading, and a weight that was missed (T2, 28 days).
    child = born(400, "both").at_z(-2.1, 200).at_z(-2.1, 300)
    plan = start_plan([begun(child)], HV, deeds_a_day=15)
    assert len(days_of(plan, "both")) == 2 and len(set(days_of(plan, "both").values())) == 1
    assert sum(plan.days.values()) == 1


def test_what_cannot_be_moved_is_counted_first() -> None:
    # Without a lead: "to name", 10 working days, stands on the last of them; the reading keeps away from it.
    child = born(400, "alone", lead=False).at_z(-2.1, 300).at_z(-2.1, 380)
    plan = start_plan([begun(child)], HV, deeds_a_day=1)
    assert plan.days[READ_BY] == 1 and days_of(plan, "alone")["FD"] < READ_BY


def test_to_name_a_lead_for_several_children_by_one_day_is_one_sitting() -> None:
    # Section 4: messages are joined, one per recipient, rung and day.  The readings stand by themselves.
    made = [born(400, f"c{n}", lead=False).at_z(-2.1, 300).at_z(-2.1, 399) for n in range(4)]
    plan = start_plan(map(begun, made), HV, deeds_a_day=2)
    assert plan.days[READ_BY] == 1 and plan.over == ()
    # Four readings and one sitting; the next weights (T2: 4 February, with 7 days of grace) are in time after the plan.
    assert sum(plan.days.values()) == 5


def test_a_reading_that_presses_is_not_moved() -> None:
    # Lower by 0.3 at the latest weight, more than a third of a space (0.22): read in 2 days.
    falling = born(301, "falling").at_z(-2.1, 200).at_z(-2.4, 228)
    plan = start_plan([begun(falling)], HV, deeds_a_day=15)
    assert "FD" not in days_of(plan, "falling")


def test_signed_with_the_adoption_every_entry_counts() -> None:
    made = [older("a"), missed("b"), born(400, "c").at_z(-2.1, 200).at_z(-2.1, 300)]
    plan = start_plan(map(begun, made), HV, deeds_a_day=1)
    for child in made:
        r = signed(child, plan)
        assert not any("start plan" in n for n in r.notes)
        for due, to in days_of(plan, r.child_id).items():
            assert to == (next(o.deadline for o in r.obligations if o.rule == "FD") if due == "FD" else r.due.due)


@pytest.mark.parametrize("healthy", [True, False])
def test_a_team_that_starts_on_a_monday_finds_a_list_that_people_can_do(healthy: bool) -> None:
    """40 children with weights alone, and the same share of the 15 deeds a day that 300 have: 2 a day."""
    records = [gw.Record(c.name, c.past(FIRST, with_lead=False)) for c in children(40, FIRST, 11, healthy)]
    found = [gwp.review(r, protocol=HV, as_of=FIRST, in_force_from=FIRST) for r in records]
    assert not any(o.overdue for r in found for o in r.obligations), "nothing of before is late"
    for r in found:
        waiting = {f.key for f in r.findings if not f.obligations}
        if waiting:
            assert sum(f.rule == "FD" for f in r.findings) in (1, 2), "one reading, and one signature"
    plan = start_plan(found, HV, deeds_a_day=2)
    # Without what nobody may move there is room: no day has more than two.
    fixed = Counter(t.deadline for r in found for t in r.to_do() if any(d.rules != ("FD",) for d in t.deeds))
    assert sum(plan.days.values()) <= 2 * len(plan.days)
    assert all(day in fixed or day == READ_BY or n <= 2 for day, n in plan.days.items())


# --- what is refused ----------------------------------------------------------------------------------------------


def test_reviews_of_several_days_or_none_or_twice_are_refused() -> None:
    one = begun(older("a"))
    later = gwp.review(record(older("b")), protocol=HV, as_of=FIRST + dt.timedelta(days=1), in_force_from=FIRST)
    for reviews, expected in (
        ([], "one and the same day"),
        ([one, later], "one and the same day"),
        ([one, one], "'a'"),
    ):
        with pytest.raises(gw.GrowthwatchError, match=expected):
            start_plan(reviews, HV, deeds_a_day=15)
    with pytest.raises(gw.GrowthwatchError, match="deeds_a_day: got 0"):
        start_plan([one], HV, deeds_a_day=0)
