"""Which weights count, which are doubted, and what confirms them."""

from __future__ import annotations

from typing import Any

import pytest
from builders import SPACE, Child, folded

import growthwatch as gw
from growthwatch.protocol.child import UNCERTAIN


@pytest.mark.parametrize(
    ("fields", "day", "counts"),
    [
        ({}, 400, True),
        ({"clothing": "nappy"}, 400, False),
        ({"clothing": "vest_and_pants"}, 400, False),
        ({"clothing": "vest_and_pants"}, 730, False),
        ({"clothing": "vest_and_pants"}, 731, True),
        ({"clothing": "naked"}, 731, True),
        ({"clothing": "light_clothes"}, 731, False),
        ({"clothing": "clothed"}, 900, False),
        ({"scale": "other"}, 400, False),
        ({"scale": None}, 400, True),
        ({"clothing": None}, 400, True),
        ({"date_certain": False}, 400, False),
    ],
)
def test_what_makes_a_weight_valid(fields: dict[str, Any], day: int, counts: bool) -> None:
    child = Child().weigh(9.0, day, **fields)
    assert (child.review(day).due.last_valid_on == child.date(day)) is counts


def suspected(child: Child, day: int) -> bool:
    r = child.review(day)
    return r.due.last_valid_on != child.date(day) and any("entry error" in n for n in r.notes)


@pytest.mark.parametrize(("z", "doubt"), [(-5.99, False), (-6.01, True), (6.01, True)])
def test_z_beyond_6_is_suspected(z: float, doubt: bool) -> None:
    child = Child(birth_kg=None).at_z(z, 300)
    assert suspected(child, 300) is doubt


@pytest.mark.parametrize(
    ("change", "days", "doubt"), [(1.99, 90, False), (2.01, 90, True), (2.01, 91, False), (-2.01, 90, True)]
)
def test_a_jump_of_more_than_2_sd_within_90_days_is_suspected(change: float, days: int, doubt: bool) -> None:
    child = Child(birth_kg=None).at_z(0, 300).at_z(change, 300 + days)
    assert suspected(child, 300 + days) is doubt


@pytest.mark.parametrize("factor", [2.2046, 1 / 2.2046, 10, 0.1])
def test_pounds_and_a_moved_decimal_point_are_suspected(factor: float) -> None:
    child = Child(birth_kg=None).at_z(0, 300)
    child.weigh(child.kg(0, 500) * factor, 500)
    assert suspected(child, 500)


@pytest.mark.parametrize("how", ["signed", "repeated"])
def test_a_suspected_weight_is_confirmed(how: str) -> None:
    child = Child(birth_kg=None).at_z(0, 300).at_z(2.2, 330)
    assert suspected(child, 330)
    if how == "signed":
        child.decide(331, "confirm_weight", target=child.last)
        assert child.age(child.review(331).due.last_valid_on) == 330
    else:
        child.at_z(2.2, 331)
        assert child.age(child.review(331).due.last_valid_on) == 331


def test_a_doubted_fall_counts_for_the_lines_until_it_is_confirmed_or_not() -> None:
    child = Child(birth_kg=None).at_z(0, 300).at_z(-2.2, 330)
    assert suspected(child, 330) and child.review(330).tier == "T3"
    assert all(f.unconfirmed for f in child.review(330).findings if f.rule in ("G4", "G8"))


def test_a_suspected_weight_is_never_a_best_weight() -> None:
    child = Child(birth_kg=None).at_z(0, 300).weigh(90.0, 320)
    assert child.at_z(0, 340).levels(340) == {}


@pytest.mark.parametrize("z", [-2.5, -6.5])
def test_a_confirmed_weight_confirms_the_next(z: float) -> None:
    child = Child(birth_kg=None).at_z(0, 300).at_z(z, 330).at_z(z, 337).at_z(z, 344)
    assert not suspected(child, 344)


def test_a_suspected_weight_is_repeated_today() -> None:
    child = Child().steady(0, [14, 30]).at_z(-2.5, 110)
    assert suspected(child, 110)
    assert any(o.deadline == child.date(110) and "gain" in o.do for o in child.review(110).obligations)


def test_a_greater_loss_gives_no_lower_tier() -> None:
    def tier(share: float) -> str:
        child = Child().steady(0, [60, 200, 390])
        return child.weigh(round(child.kg(0, 390) * share, 3), 400).review(400).tier

    assert tier(0.8) == "T3"
    assert tier(0.7) == "T3"


# --- too high -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("z", "days", "doubt"), [(1.34, 28, True), (1.32, 28, False), (1.34, 29, False)])
def test_a_rise_of_more_than_four_thirds_sd_within_28_days_is_suspected(z: float, days: int, doubt: bool) -> None:
    child = Child(birth_kg=None).at_z(0, 400).at_z(z, 400 + days)
    assert suspected(child, 400 + days) is doubt


def test_two_weights_of_one_day_are_no_rise() -> None:
    child = Child(birth_kg=3.0).weigh(10.0, 500).weigh(10.2, 530, time="09:00").weigh(11.3, 530, time="10:00")
    assert not suspected(child, 530)


def test_a_weight_doubted_as_too_high_clears_nothing_and_is_no_best_weight() -> None:
    child = Child(birth_kg=3.0).weigh(10.0, 500).weigh(9.4, 520).weigh(10.5, 526)
    assert child.levels(526)["G8"] == "5 %" and suspected(child, 526)
    child.weigh(9.9, 540)
    assert "G8" not in child.levels(540)


def test_a_weight_doubted_as_too_high_fires_the_level_tests_that_it_meets() -> None:
    # The weight of day 18 is too early for the line; that of day 40 is a jump up, and below it all the same.
    child = Child(birth_kg=None).at_z(-4.5, 18).at_z(-2.1, 40)
    r = child.review(40)
    assert suspected(child, 40) and {"G4"} <= {f.rule for f in r.findings} and r.tier == "T2"


def test_a_weight_doubted_as_too_high_does_not_hide_that_birth_weight_is_not_regained() -> None:
    child = Child(birth_kg=3.4).at_z(-1.2, 20).at_z(1.0, 40)
    assert suspected(child, 40) and "G2" in child.levels(40)


# --- beyond 6, on the reference that fits best ------------------------------------------------------


def test_what_fits_the_reference_of_a_signed_plan_is_not_beyond_6() -> None:
    child = Child("2023-01-15", birth_kg=None, sex="male").condition("achondroplasia", 100)
    kg = float(gw.reference("achondroplasia-eu-2018").value(-4.5, age_days=400, sex="male"))  # pyright: ignore
    child.weigh(kg, 400)
    assert suspected(child, 400)
    child.plan(401, reference="achondroplasia-eu-2018")
    assert not suspected(child, 401)


# --- uncertain ------------------------------------------------------------------------------------


def fall_of(child: Child, day: int) -> tuple[int, int] | None:
    found = folded(child.record, child.date(day)).state.child.growth.uncertain_falls()
    return (found[-1][0].age_days, found[-1][1].age_days) if found else None


@pytest.mark.parametrize(("spaces", "falls"), [(0.34, True), (0.33, False)])
def test_two_uncertain_weights_running_that_fall_by_more_than_a_third_of_a_space(spaces: float, falls: bool) -> None:
    child = Child().at_z(0.0, 400, scale="other").at_z(-spaces * SPACE, 420, role="family")
    assert fall_of(child, 420) == ((400, 420) if falls else None)


@pytest.mark.parametrize(
    "child",
    [
        Child().at_z(0.0, 400, scale="other").at_z(-0.1, 410).at_z(-0.5, 420, scale="other"),
        Child().at_z(0.0, 400, scale="other").at_z(-0.5, 400, scale="other"),
        Child().at_z(0.0, 20, scale="other").at_z(-0.5, 40, scale="other"),
        Child().at_z(0.0, 400).at_z(-0.5, 420, scale="other"),
    ],
    ids=["a valid one between", "of one day", "the first before 21 days", "the first is no such weight"],
)
def test_what_is_no_fall_of_uncertain_weights(child: Child) -> None:
    assert fall_of(child, 430) is None


def test_an_upper_bound_between_does_not_break_the_run() -> None:
    child = Child().at_z(0.0, 400, scale="other").at_z(0.0, 410, clothing="clothed").at_z(-0.5, 420, scale="other")
    assert fall_of(child, 420) == (400, 420)


def test_an_uncertain_weight_is_neither_danger_nor_trend_in_a_trajectory() -> None:
    child = Child(birth_kg=3.0).steady(0.0, [300, 330, 360]).weigh(6.5, 390, scale="other")
    seen = gw.trajectory(child.record)
    words = str(seen.explain())
    assert not seen.danger and "at most" not in words
    assert "6.50 kg on a scale that is not class III (8 February 2025) may be wrong either way" in words
    assert gw.trajectory(Child(birth_kg=3.0).steady(0.0, [300, 330, 360]).clothed(6.5, 390).record).danger


def test_a_repeat_within_the_hour_replaces_an_uncertain_weight_only_on_class_iii() -> None:
    def open_after(**fields: Any) -> dict[str, str]:
        child = Child(birth_kg=3.0).weigh(10.0, 500).weigh(8.8, 510, time="09:00", scale="other")
        return child.weigh(9.6, 510, time="09:30", **fields).levels(510)

    assert "G8" not in open_after()
    assert open_after(scale=None)["G8"] == "weigh again today"


def test_of_two_entries_of_one_weighing_one_on_another_scale_makes_it_uncertain() -> None:
    child = Child(birth_kg=3.0).weigh(10.0, 500).weigh(8.8, 510).weigh(8.8, 510, scale="other")
    assert child.levels(510)["G8"] == "weigh again today"
    (w,) = [w for w in folded(child.record, child.date(510)).state.child.weights.all if w.age_days == 510]
    assert w.validity == UNCERTAIN


def test_late_a_class_iii_weight_has_already_answered() -> None:
    child = Child(birth_kg=3.0).weigh(10.0, 500).weigh(8.8, 505, late=10, scale="other").weigh(9.6, 508)
    assert child.opened("G8", 530) == []


# --- a best that stands alone ---------------------------------------------------------------------


@pytest.mark.parametrize(("z", "alone"), [(-0.57, True), (-0.54, False)])
def test_a_best_stands_alone_where_a_neighbour_is_further_away_by_z(z: float, alone: bool) -> None:
    # 40 days before it, which is more than 28: both are to be 5/9 z below; in kilograms they are more than 5 %.
    child = Child(birth_kg=3.0)
    before, best = child.kg(z, 500), child.kg(0.0, 540)
    assert 1.02 * before < 0.95 * best
    child.weigh(before, 500).weigh(best, 540).weigh(1.02 * before, 560)
    assert (child.review(560).tier == "T0") is alone, child.review(560).explain()


def test_a_best_without_a_weight_before_it_is_a_best() -> None:
    assert Child(birth_kg=None).weigh(11.0, 520).weigh(10.1, 540).review(540).tier == "T3"


# --- a repeat gives way to none but the good one ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "replaced"),
    [
        ({}, {"repeats": "first"}, True),  # it says which one it repeats
        ({}, {}, False),  # no time, no word
        ({"time": "10:00"}, {"time": "11:00"}, True),  # within the hour
        ({"time": "10:00"}, {"time": "11:01"}, False),
        ({"time": "10:00"}, {"time": "09:59"}, False),  # before it is no repeat
        ({"time": "10:00"}, {}, False),
        ({}, {"repeats": "other"}, False),
        ({"time": "10:00"}, {"time": "18:00", "repeats": "first"}, True),
    ],
)
def test_a_clothed_weight_gives_way_to_its_repeat(
    first: dict[str, str], second: dict[str, str], replaced: bool
) -> None:
    # At most 11.00 kg after 12.00: 8.3 %, confirm now.  11.60 kg undressed (3.3 %) are no such loss, and no recovery.
    child = Child(birth_kg=3.0).weigh(12.0, 860).clothed(11.0, 900, id="first", **first)
    assert "G8" in child.levels(900)
    child.weigh(11.6, 900, id="second", **second)
    assert ("G8" not in child.levels(900)) is replaced


def test_a_repeat_that_is_clothed_too_replaces_nothing() -> None:
    child = Child(birth_kg=3.0).weigh(12.0, 860).clothed(11.0, 900, id="first")
    child.clothed(11.9, 900, repeats="first")
    assert "G8" in child.levels(900)


def test_of_a_weight_that_was_entered_twice_a_repeat_of_either_replaces_both() -> None:
    for named in ("one", "two"):
        child = Child(birth_kg=3.0).weigh(12.0, 860).clothed(11.0, 900, id="one").clothed(11.0, 900, id="two")
        assert "G8" in child.levels(900)
        assert "G8" not in child.weigh(11.6, 900, repeats=named).levels(900)
