"""When the next weight is due, and how the tier rises and falls."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from builders import Child, fallen

BANDS = [
    # age of the last valid weight: T1, T2, T3 floor, ceiling
    (29, 7, 3, 1, 1), (31, 28, 14, 7, 7), (181, 28, 14, 7, 7), (182, 56, 28, 14, 14), (365, 56, 28, 14, 14),
    (366, 84, 28, 7, 28), (1000, 84, 28, 7, 28),
]  # fmt: skip


def at_tier(tier: str, day: int, **more: Any) -> Child:
    """A child in a tier whose last valid weight is of that day."""
    if tier == "T1":
        child = Child(birth_kg=None, **more).add("level_changed", 0, to="early_help")
        return child.at_z(0, day)
    child = Child(birth_kg=None, **more)
    if tier == "T2":
        return child.at_z(-2.4, day)
    return child.at_z(-2.5, day - 8).at_z(-3.2, day)


@pytest.mark.parametrize("tier", ["T1", "T2", "T3"])
@pytest.mark.parametrize(("age", "t1", "t2", "t3", "ceiling"), BANDS)
def test_floors(tier: str, age: int, t1: int, t2: int, t3: int, ceiling: int) -> None:
    child = at_tier(tier, age)
    r = child.review(age)
    assert r.tier == tier
    floor = {"T1": t1, "T2": t2, "T3": t3}[tier]
    assert r.due.floor_days == floor
    if r.due.asked_by is not None and child.age(r.due.asked_by) < age + floor:  # pyright: ignore[reportOperatorIssue]
        return  # a weight that a finding asks for moves the dates
    assert child.age(r.due.due) == age + floor
    assert child.age(r.due.earliest) in (age + floor - math.floor(floor / 4), age + floor - math.ceil(floor / 4))
    grace = 1 if age + floor < 31 else 3 if age + floor < 366 else 7
    overdue = age + floor + min(grace, math.ceil(floor / 4)) + 1
    assert child.age(r.due.overdue_from) == overdue
    # "Lapsed is never before overdue"
    assert child.age(r.due.lapsed_from) == max(age + 2 * floor, overdue)
    # "A floor shorter than the ceiling is shown as a conflict, the floors of T3 excepted"
    assert (r.due.conflict is not None) is (floor < ceiling and tier != "T3")


CONDITION_FLOORS: list[tuple[list[dict[str, Any]], int, int]] = [
    ([{"condition": "cystic_fibrosis"}], 100, 28),
    ([{"condition": "cystic_fibrosis"}], 181, 28),
    ([{"condition": "cystic_fibrosis"}], 182, 56),
    ([{"condition": "cystic_fibrosis"}], 366, 84),
    ([{"condition": "tube_feeding"}], 400, 28),
    ([{"condition": "tube_feeding"}], 730, 28),
    ([{"condition": "tube_feeding"}], 731, 84),
    ([{"condition": "tube_feeding", "high_need": True}], 800, 56),
    ([{"condition": "cerebral_palsy", "gmfcs": 4}, {"condition": "tube_feeding"}], 800, 56),
    ([{"condition": "cerebral_palsy", "gmfcs": 4}], 800, 42),
    ([{"condition": "cerebral_palsy", "gmfcs": 4, "high_need": False}], 800, 42),
    ([{"condition": "cerebral_palsy", "gmfcs": 3, "high_need": False}], 800, 84),
    ([{"condition": "cerebral_palsy", "gmfcs": 4}], 100, 28),
    ([{"condition": "cerebral_palsy", "gmfcs": 3}], 800, 84),
    ([{"condition": "other_neurodisability", "high_need": True}], 800, 42),
    ([{"condition": "congenital_heart_disease", "highest_risk": True}], 100, 7),
    ([{"condition": "congenital_heart_disease"}], 100, 28),
    ([{"condition": "chronic_kidney_disease"}], 100, 14),
    ([{"condition": "chronic_kidney_disease"}], 200, 28),
    ([{"condition": "chronic_kidney_disease"}], 400, 42),
    ([{"condition": "trisomy_21"}], 400, 84),
    ([{"condition": "coeliac"}], 400, 84),
    ([{"condition": "inflammatory_bowel_disease"}], 400, 84),
    ([{"condition": "cystic_fibrosis"}, {"condition": "chronic_kidney_disease"}], 400, 42),
]


@pytest.mark.parametrize(("conditions", "age", "floor"), CONDITION_FLOORS)
def test_condition_floors_and_the_strictest_wins(conditions: list[dict[str, Any]], age: int, floor: int) -> None:
    child = Child()
    for c in conditions:
        child.add("condition_diagnosed", 1, **c)
    child.at_z(0, age)
    assert child.review(age).due.floor_days == floor
    assert child.review(age).tier == "T1"


@pytest.mark.parametrize(("age", "floor"), [(450, 28), (488, 28), (489, 84)])
def test_a_ketogenic_diet_counts_for_3_months(age: int, floor: int) -> None:
    child = Child().condition("ketogenic_diet", 400).at_z(0, age)
    assert child.review(age).due.floor_days == floor


def test_a_tube_that_is_out_and_a_heart_that_is_repaired() -> None:
    child = Child().condition("tube_feeding", 1).add("condition_ended", 450, condition="tube_feeding", reason="out")
    child.at_z(0, 400)
    assert child.review(449).due.floor_days == 28
    assert child.review(450).due.floor_days == 84
    assert child.review(450).tier == "T1"


def test_kidney_disease_is_weighed_at_least_twice_as_often() -> None:
    child = Child().condition("chronic_kidney_disease", 1).weigh(3.4, 2)
    assert (child.review(2).due.floor_days or 9) <= 3.5


# --- plans ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "plan", "floor"),
    [
        (400, 100, 100),
        (400, 168, 168),
        (400, 169, 168),
        (400, 30, 30),
        (100, 28, 28),
        (100, 29, 28),
        (100, 10, 10),
        (190, 112, 112),
        (190, 113, 112),
    ],
)
def test_a_plan_stretches_at_most_twofold_and_to_28_days_under_6_months(age: int, plan: int, floor: int) -> None:
    child = at_tier("T1", age).plan(age, floor_days=plan)
    r = child.review(age)
    # 0.4, process half, section 5: a plan that asks for more than may be is refused, and the tier's floor stays.
    if plan <= floor:
        assert (r.due.floor_days, r.refused) == (plan, ())
    else:
        assert r.due.floor_days == at_tier("T1", age).review(age).due.floor_days
        ((_, why),) = r.refused
        assert why == f"its {plan} days between weights is more than the {floor} days that a plan may set here"


def test_a_plan_under_6_months_in_tier_2() -> None:
    # T2 under 6 months: 14 days; twofold, and at most, 28.
    assert at_tier("T2", 100).plan(100, floor_days=28).review(100).due.floor_days == 28
    assert at_tier("T2", 100).plan(100, floor_days=29).review(100).due.floor_days == 14


@pytest.mark.parametrize(
    ("review_by", "last"), [("2025-08-20", "2025-08-20"), ("2025-05-01", "2025-05-01"), ("2027-01-01", "2025-08-20")]
)
def test_a_plan_ends_at_its_review_or_after_6_months(review_by: str | None, last: str) -> None:
    child = at_tier("T1", 400).plan("2025-02-20", floor_days=150, review_by=review_by)
    day = child.age(child.date(last))
    assert day is not None
    assert child.review(day).due.floor_days == 150
    assert child.review(day + 1).due.floor_days == 84


def test_a_plan_that_asks_for_more_weights_counts_in_tier_0_too() -> None:
    child = Child().steady(0, [12, 50, 60]).plan(61, floor_days=7)
    assert child.review(61).due.floor_days == 7


# --- bands, corrected age, rises of tier --------------------------------------------------------------


def test_the_band_of_a_preterm_child_is_by_corrected_age() -> None:
    # 30 weeks: 70 days early, so 6 months from the expected date is day 254.
    for age, floor in ((253, 28), (254, 56)):
        child = Child(gestation_days=210, birth_kg=None).at_z(0, age)
        assert (child.review(age).tier, child.review(age).due.floor_days) == ("T1", floor)


def test_a_rise_of_tier_counts_from_the_last_weight_in_the_band_of_the_rise() -> None:
    child = at_tier("T1", 360)
    child.add("referral_made", 370, to="team", kind="safeguarding", about="worry")
    assert child.review(370).due.floor_days == 56
    child = Child(birth_kg=None).weigh(8.0, 200).weigh(8.0, 360)
    red = {level: d for d, level in child.opened("G9", 700)}["red"]
    r = child.review(red)
    # The floor alone makes it due on day 388; G7, opened under 1 year, asks for a weight on day 7 to 14.
    assert (r.tier, r.due.floor_days) == ("T2", 28)
    assert child.age(r.due.due) == 374


def test_a_fall_of_tier_leaves_the_band_of_the_last_weight() -> None:
    child = Child(birth_kg=None).led().condition("coeliac", 1).at_z(-2.2, 300).at_z(-1, 330).at_z(-1, 350)
    child.decide(351, "close_finding", target="G4@start").decide(370, "lower_tier", tier="T1")
    r = child.review(370)
    assert (r.tier, r.due.floor_days) == ("T1", 56)


def test_a_rise_of_tier_never_makes_the_next_weight_due_later() -> None:
    child = Child(birth_kg=3.4).weigh(3.4, 4)
    before = child.due_age(31)
    after = child.condition("tube_feeding", 32).due_age(32)
    assert before is not None and after is not None and after <= before


def test_tier_3_from_1_year_after_two_gains() -> None:
    child = at_tier("T3", 500)
    assert child.review(500).due.floor_days == 7
    kg = child.events[-1]["weight_kg"]
    child.weigh(kg + 0.05, 507)
    assert child.review(507).due.floor_days == 7
    # "the third ≥ 1 % above the first"
    assert child.copy().weigh(round(kg * 1.009, 3), 514).review(514).due.floor_days == 7
    child.weigh(kg * 1.011, 514)
    r = child.review(514)
    assert (r.tier, r.due.floor_days) == ("T3", 28)
    child.weigh(kg * 1.011, 542)
    assert child.review(542).due.floor_days == 7


def test_tier_3_gains_are_a_week_apart_and_weighing_between_them_takes_none_away() -> None:
    child = at_tier("T3", 500)
    kg = child.events[-1]["weight_kg"]
    for day, more in ((503, 1.001), (506, 1.003), (507, 1.006), (510, 1.004), (513, 1.008)):
        child.weigh(round(kg * more, 3), day)
    assert child.review(513).due.floor_days == 7, "day 513 is not a week after day 507"
    child.weigh(round(kg * 1.02, 3), 514)
    assert child.review(514).due.floor_days == 28


# --- tiers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "fields", "tier"),
    [
        ("condition_diagnosed", {"condition": "epilepsy"}, "T1"),
        ("condition_diagnosed", {"condition": "tube_feeding"}, "T1"),
        ("level_changed", {"to": "early_help"}, "T1"),
        ("level_changed", {"to": "child_in_need"}, "T1"),
        ("level_changed", {"to": "universal"}, "T0"),
        ("concern", {"raised_by": "mother", "about": "thin"}, "T0"),
    ],
)
def test_what_makes_tier_1(type: str, fields: dict[str, Any], tier: str) -> None:
    assert Child().add(type, 10, **fields).review(10).tier == tier


@pytest.mark.parametrize(
    ("gestation", "kg", "until"),
    [
        # 31+6: 57 days early, 2 years from 12 March 2024; 32+0 to 36+6: 3 months; 37+0: none.
        (223, 1.7, "2026-03-12"),
        (224, 1.8, "2024-06-11"),
        (258, 2.7, "2024-05-06"),
        (259, 2.7, None),
        (None, 3.4, None),
        (280, 2.49, "2024-04-15"),
        (280, 2.5, None),
        (258, 2.4, "2024-05-06"),
    ],
)
def test_t1_by_having_been_born_early_or_light_ends_by_itself(
    gestation: int | None, kg: float, until: str | None
) -> None:
    child = Child(gestation_days=gestation, birth_kg=kg)
    assert child.review(0).tier == ("T0" if until is None else "T1")
    if until is None:
        return
    end = child.age(dt.date.fromisoformat(until))
    assert end is not None
    for day in (12, 40, 70, 100):
        child.at_z(0 if kg > 2.5 or gestation != 280 else -1.5, day)
    assert [child.review(d).tier for d in (end - 1, end)] == ["T1", "T0"]
    assert [c.tier for c in child.changes(end) if c.tier] == [("T0", "T1"), ("T1", "T0")]


def test_a_birth_weight_that_is_at_most_so_much_is_light_too() -> None:
    assert Child(birth_kg=None).clothed(2.45, 0).review(0).tier == "T1"
    assert Child(birth_kg=None).clothed(2.55, 0).review(0).tier == "T0"
    assert Child(birth_kg=2.6).weigh(2.4, 0).review(0).tier == "T1"


def test_a_signed_fall_to_a_t1_that_rests_on_age_ends_with_it() -> None:
    # Born at 30+0 of 1.4 kg: T1 by age until 2 years from the expected date, 25 March 2026.
    child = Child(gestation_days=210, birth_kg=None).led().at_z(-2.2, 300).at_z(-1, 330).at_z(-1, 350)
    child.decide(351, "close_finding", target="G4@start").decide(352, "lower_tier", tier="T1")
    end = child.age(dt.date(2026, 3, 25))
    assert end is not None and child.review(352).tier == "T1"
    assert [child.review(d).tier for d in (end - 1, end)] == ["T1", "T0"]


@pytest.mark.parametrize("what", ["plan", "referral"])
def test_tier_2_with_protection_or_safeguarding_is_tier_3(what: str) -> None:
    for first in ("concern", "growth"):
        child = Child(birth_kg=None)
        if first == "growth":
            child.at_z(-2.2, 300)
        if what == "plan":
            child.add("protection_plan", 310, state="began")
        else:
            child.add("referral_made", 310, to="social care", kind="safeguarding", about="neglect")
        if first == "concern":
            child.at_z(-2.2, 320)
        assert child.review(320).tier == "T3"


def test_a_clinical_referral_and_a_plan_that_ended_raise_nothing() -> None:
    child = Child(birth_kg=None).add("protection_plan", 200, state="began").add("protection_plan", 250, state="ended")
    child.at_z(-2.2, 300).add("referral_made", 301, to="paediatrics", kind="clinical", about="weight")
    assert child.review(301).tier == "T2"


def test_an_old_protection_plan_that_ends_late_ends_no_new_one() -> None:
    child = Child(birth_kg=None).add("protection_plan", 20, state="began").add("protection_plan", 100, state="began")
    child.add("protection_plan", 80, state="ended", late=40).at_z(-2.2, 300)
    assert child.review(300).tier == "T3"


def lowered(child: Child, day: int, tier: str) -> tuple[str, str]:
    child.decide(day, "lower_tier", tier=tier)
    r = child.review(day)
    return r.tier, "; ".join(why for event, why in r.refused if event == child.last)


def test_a_tier_falls_by_a_signed_decision_after_two_good_weights() -> None:
    child = fallen(0, -1.5, 400).led().at_z(-1, 410).at_z(-1, 424)
    tier, why = lowered(child, 424, "T0")
    assert tier == "T2" and "G3" in why
    child.decide(425, "close_finding", target="G3@start")
    assert child.review(900).tier == "T2"
    assert lowered(child, 426, "T0") == ("T0", "")


@pytest.mark.parametrize(("tier", "reason"), [("T2", "not below"), ("T0", "two consecutive valid weights")])
def test_a_decision_that_is_not_admitted_says_why(tier: str, reason: str) -> None:
    found, why = lowered(fallen(0, -1.5, 400).at_z(-1, 410), 411, tier)
    assert found == "T2" and reason in why


def test_a_known_risk_holds_tier_1() -> None:
    child = fallen(0, -1.5, 400).led().condition("coeliac", 401).at_z(-1, 410).at_z(-1, 424)
    child.decide(425, "close_finding", target="G3@start")
    assert "known growth risk" in lowered(child, 426, "T0")[1]
    assert lowered(child, 427, "T1") == ("T1", "")


@pytest.mark.parametrize("apart", [13, 14])
def test_the_two_weights_are_14_days_apart(apart: int) -> None:
    child = fallen(0, -1.5, 400).at_z(-1, 410).clothed(9.0, 411).at_z(-1, 410 + apart)
    child.decide(440, "close_finding", target="G3@start")
    assert bool(child.closed("G3", 440)) is (apart == 14)


@pytest.mark.parametrize("apart", [6, 7])
def test_in_tier_3_they_are_7_days_apart(apart: int) -> None:
    child = fallen(0, -1.5, 400).add("protection_plan", 401, state="began").at_z(-1, 410).at_z(-1, 410 + apart)
    child.decide(440, "close_finding", target="G3@start")
    assert bool(child.closed("G3", 440)) is (apart == 7)


def test_no_tier_falls_while_the_clock_runs() -> None:
    # Inside every line, but no gain for so long that the clock is amber.
    child = Child(birth_kg=None).led().at_z(-2.2, 300).at_z(-0.5, 340)
    kg = child.events[-1]["weight_kg"]
    child.weigh(kg, 356).decide(357, "close_finding", target="G4@start").weigh(kg, 440).weigh(kg, 455)
    # A weight that is equal to the gram, and again, is asked about too.
    # 0.4, S6: nothing has held T2 for 56 days.  S5: the length that G4 asked for was never taken.
    # P7: the weight of G4 and two spells overdue (T2: 28 days, weighed after 40 and 84) are 3 points: G9 opened by time.
    assert child.levels(456) == {"G9": "amber", "S6": "open", "Q1": "ask", "S5": "due"}
    tier, why = lowered(child, 457, "T0")
    assert tier == "T2" and "G9" in why


def test_a_finding_that_is_still_met_is_not_closed() -> None:
    child = Child(birth_kg=None).at_z(-2.2, 300).decide(310, "close_finding", target="G4@start")
    (refused,) = child.review(310).refused
    assert "still met" in refused.why


def test_a_clock_is_not_closed_by_a_signature() -> None:
    child = Child(birth_kg=3.0).weigh(8.0, 200).weigh(8.0, 210).decide(400, "close_finding", target="G9@start")
    (refused,) = child.review(400).refused
    assert "new best" in refused.why


def test_a_protection_plan_alone_is_a_risk() -> None:
    child = Child().steady(0, [12, 50]).add("protection_plan", 60, state="began", category="neglect")
    assert child.review(60).tier == "T1"


# --- late entries ----------------------------------------------------------------------------------------


def test_a_late_entry_fires_when_it_is_written_down_and_is_due_from_its_day() -> None:
    child = Child(birth_kg=None).at_z(-2.2, 300, late=20)
    assert child.levels(319) == {} or "G4" not in child.levels(319)
    assert child.opened("G4", 320) == [(320, "below")]
    r = child.review(320)
    (o, *_) = [o for f in r.findings if f.rule == "G4" for o in f.obligations]
    assert child.age(o.deadline) == 322  # each of the four
    assert child.age(r.due.due) == 328


def test_after_death_nothing_is_due_and_findings_are_kept() -> None:
    # P8: T2 since day 300, and no weight after 14 days: refer from day 315.
    child = Child(birth_kg=None).led().at_z(-2.2, 300).add("died", 320)
    r = child.review(500)
    assert (r.due.due, r.due.state) == (None, "none")
    assert [f.rule for f in r.findings] == ["G4", "P8", "S5"]
