"""P5, to the day: who needs a lead, since when there is none, and when two are too many.

Source: process specification, section 3, P5, and section 7.  Easter 2024: 29 March and 1 April are not worked.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import Child, fallen
from processes import assert_alone, assert_every_day, closings, in_t2, openings, the

UNTIL = "2024-06-30"


def named(child: Child, day: str, name: str = "Ann", **fields: Any) -> Child:
    return child.add("lead_named", day, name=name, **{"lead_role": "health_visitor"} | fields)


def led(level: str = "early_help") -> Child:
    """A child of a level that requires a lead, whom Ann leads since 1 February 2024."""
    return named(Child().add("level_changed", "2024-02-01", to=level, id="level"), "2024-02-01", id="ann")


# --- none -----------------------------------------------------------------------------------------


def test_left_before_easter_it_is_ownerless_that_day_and_the_named_nurses_after_five_working_days() -> None:
    child = led().add("lead_left", "2024-03-28", id="left")
    assert openings(child, "P5", UNTIL) == [("2024-03-28", "ownerless"), ("2024-04-09", "named nurse")]
    found = the(child, "P5", "2024-03-28")
    assert found.says == "The child has no lead since 28 March 2024. The team lead is the owner until one is named."
    assert found.loudness == "interrupt"
    assert [o.deadline.isoformat() for o in found.obligations] == ["2024-04-03"]
    nurse = the(child, "P5", "2024-04-09").obligations[-1]
    assert (nurse.owner, nurse.deadline.isoformat()) == ("named_nurse", "2024-04-10")


@pytest.mark.parametrize(
    ("day", "levels"), [("2024-03-28", 0), ("2024-04-08", 1), ("2024-04-09", 1), ("2024-04-10", 2)]
)
def test_a_lead_named_in_time_on_the_day_and_late(day: str, levels: int) -> None:
    child = named(led().add("lead_left", "2024-03-28"), day, "Bea", id="bea")
    assert len(openings(child, "P5", UNTIL)) == levels
    assert closings(child, "P5", UNTIL) == ([(day, "bea")] if levels else [])


def test_that_the_lead_left_is_known_late_and_the_day_is_that_on_which_it_was() -> None:
    child = led().add("lead_left", "2024-03-28", late=6)
    assert openings(child, "P5", "2024-04-08")[0] == ("2024-04-03", "ownerless")
    assert "no lead since 28 March 2024." in the(child, "P5", "2024-04-03").says


@pytest.mark.parametrize(
    ("child", "level"),
    [
        (Child(), None),
        (Child().add("level_changed", "2024-04-10", to="universal"), None),
        (Child().add("level_changed", "2024-04-10", to="early_help"), "to name"),
        (Child().add("level_changed", "2024-04-10", to="early_support"), "to name"),
        (Child().add("level_changed", "2024-04-10", to="child_in_need"), "ownerless"),
        (Child().add("level_changed", "2024-04-10", to="child_protection"), "ownerless"),
        (Child().add("level_changed", "2024-04-10", to="looked_after"), "ownerless"),
        (Child().add("protection_plan", "2024-04-10", state="began"), "ownerless"),
        (Child().condition("cerebral_palsy", "2024-04-10", gmfcs=5), "ownerless"),
        (Child().condition("coeliac", "2024-04-10"), "to name"),
    ],
)
def test_who_needs_a_lead_and_how_loud(child: Child, level: str | None) -> None:
    assert openings(child, "P5", "2024-04-16") == ([] if level is None else [("2024-04-10", level)])
    if level is not None:
        # Wednesday 10 April: the fifth working day is Wednesday 17.
        assert openings(child, "P5", "2024-04-18")[1:] == [("2024-04-18", "named nurse")]
        assert the(child, "P5", "2024-04-10").loudness == ("daily" if level == "to name" else "interrupt")


def test_one_to_name_becomes_ownerless_with_a_protection_plan() -> None:
    child = (
        Child().add("level_changed", "2024-04-10", to="early_help").add("protection_plan", "2024-04-12", state="began")
    )
    assert openings(child, "P5", "2024-04-17") == [("2024-04-10", "to name"), ("2024-04-12", "ownerless")]


def test_where_there_once_was_a_lead_it_is_ownerless() -> None:
    child = named(Child(), "2024-02-01").add("lead_left", "2024-02-10")
    assert openings(child, "P5", UNTIL) == []
    child.add("level_changed", "2024-04-10", to="early_help")
    assert openings(child, "P5", "2024-04-12") == [("2024-04-10", "ownerless")]


def test_a_risk_by_age_ends_and_with_it_the_need_of_a_lead() -> None:
    # Born at 34 weeks: T1 until an age; then none is required any more.
    child = Child(gestation_days=238)
    tiers = [(c.on, c.tier) for c in child.changes("2027-06-30") if c.tier is not None]
    assert tiers[0][1] == ("T0", "T1")
    ends = [day for day, (_, to) in tiers if to == "T0"]
    assert ends, tiers
    before, after = ends[0] - dt.timedelta(days=1), ends[0]
    assert "P5" in child.levels(before) and "P5" not in child.levels(after)


# --- two ------------------------------------------------------------------------------------------


def test_two_leads_until_one_leaves() -> None:
    child = named(led(), "2024-04-10", "Bea", id="bea")
    assert openings(child, "P5", UNTIL) == [("2024-04-10", "two leads")]
    found = the(child, "P5", "2024-04-10")
    assert found.says == "Two leads stand since 10 April 2024: Ann and Bea. Settle which of them leads."
    assert [(o.deadline.isoformat(), o.owner) for o in found.obligations] == [("2024-04-12", "both_team_leads")]
    assert found.loudness == "daily"
    left = child.copy().add("lead_left", "2024-04-11", id="left")
    assert closings(left, "P5", UNTIL) == [("2024-04-11", "left")]


@pytest.mark.parametrize("fields", [{"name": " ANN"}, {"name": "Bea", "replaces": "ann"}])
def test_the_same_name_and_one_that_replaces_are_no_second(fields: dict[str, str]) -> None:
    assert openings(named(led(), "2024-04-10", **fields), "P5", UNTIL) == []


def test_one_that_replaces_another_is_a_second() -> None:
    child = named(led(), "2024-04-10", "Bea", replaces="nobody")
    assert openings(child, "P5", UNTIL) == [("2024-04-10", "two leads")]


def test_named_on_the_day_on_which_another_leaves_leaves_no_gap() -> None:
    for first in (True, False):
        child = led()
        if first:
            named(child.add("lead_left", "2024-04-10", name="Ann"), "2024-04-10", "Bea")
        else:
            named(child, "2024-04-10", "Bea").add("lead_left", "2024-04-10", name="Ann")
        assert openings(child, "P5", UNTIL) == [], first


def test_from_two_leads_to_none_it_rises() -> None:
    child = named(led(), "2024-04-10", "Bea").add("lead_left", "2024-04-12", name="Ann", late=1)
    child.add("lead_left", "2024-04-12", name="Bea", late=1)
    assert openings(child, "P5", "2024-04-20") == [
        ("2024-04-10", "two leads"),
        ("2024-04-13", "ownerless"),
    ]


def test_an_absence_without_cover_is_no_want_of_a_lead() -> None:
    child = led().add("lead_away", "2024-04-01", **{"from": dt.date(2024, 4, 1)})
    assert openings(child, "P5", UNTIL) == []


# --- promises -------------------------------------------------------------------------------------


def many() -> list[tuple[Child, str]]:
    return [
        (led().add("lead_left", "2024-03-28"), "2024-03-30"),
        (led().add("lead_left", "2024-03-28"), "2024-04-10"),
        (led().add("lead_left", "2024-03-28", late=6), "2024-04-04"),
        (named(led(), "2024-04-10", "Bea"), "2024-04-11"),
        (Child().add("protection_plan", "2024-04-10", state="began"), "2024-04-11"),
        (Child().add("level_changed", "2024-04-10", to="early_help"), "2024-04-11"),
        (Child().condition("cerebral_palsy", "2024-04-10", gmfcs=5), "2024-04-19"),
        (in_t2(), "2024-03-16"),
        # The fall of day 45 is doubted until the weight of day 60 confirms it: the tier rests on both.
        (fallen(0.5, -2.2, 45).at_z(-2.25, 60), "2024-03-16"),
    ]


@pytest.mark.parametrize("n", range(len(many())))
def test_every_day_gives_the_same_and_so_does_its_witness_alone(n: int) -> None:
    child, day = many()[n]
    assert_every_day(child, UNTIL)
    assert_alone(child, "P5", day)
