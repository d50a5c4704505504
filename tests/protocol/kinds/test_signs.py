"""Illness (H2)."""

from __future__ import annotations

from typing import Any

import pytest
from builders import Child


@pytest.mark.parametrize("sign", ["vomiting", "fever", "poor_intake"])
def test_h2_of_a_high_need_child(sign: str) -> None:
    child = Child(gmfcs=4).sign(sign, 300)
    assert child.levels(300)["H2"] == "unwell"
    assert "H2" not in Child().sign(sign, 300).levels(300)
    # 0.4, section 2, H2: from T1 on.
    assert Child().condition("tube_feeding", 1).sign(sign, 300).levels(300)["H2"] == "unwell"


def test_h2_in_tier_2() -> None:
    assert "H2" in Child(birth_kg=None).at_z(-2.2, 300).sign("fever", 302).levels(302)


def test_h2_is_answered_by_an_examination_only() -> None:
    child = Child(gmfcs=4).sign("fever", 300).contact(301).weigh(8.0, 301).plan(301, plan="sick_day")
    assert "H2" in child.levels(500)
    child.examined(302)
    assert child.closed("H2", 302) == [(302, child.last)]


def test_h2_asks_for_a_sick_day_plan_where_there_is_none() -> None:
    def asked(child: Child) -> list[bool]:
        found = [f for f in child.review(300).findings if f.rule == "H2"]
        return [o.done_on is None for f in found for o in f.obligations if "sick-day plan" in o.do]

    assert asked(Child(gmfcs=4).sign("fever", 300)) == [True]
    assert asked(Child(gmfcs=4).plan(200, plan="sick_day").sign("fever", 300)) == []


def test_h2_a_care_plan_is_no_sick_day_plan() -> None:
    child = Child(gmfcs=4).sign("fever", 300).plan(300, plan="care")
    assert any("sick-day" in o.do for o in child.review(300).obligations)


def test_h2_an_examination_before_the_sign_does_not_answer_it() -> None:
    child = Child(gmfcs=4).examined(300, time="10:00").sign("vomiting", 300, time="18:00")
    assert "H2" in child.levels(300)


@pytest.mark.parametrize(
    ("answers", "answered"),
    [
        ([], True), (["H2@start"], True), (["H2"], True), (["H1@start", "G8@start"], True),
        (["G8@start"], False), (["Hospital letter"], False), (["H22@start"], False),
    ],
)  # fmt: skip
def test_h2_an_examination_that_names_other_findings_only_answers_no_sign(answers: list[str], answered: bool) -> None:
    child = Child(gmfcs=4).sign("fever", 300)
    child.examined(302, answers=answers)
    assert ("H2" not in child.levels(302)) is answered


def test_h2_an_examination_that_names_a_sign_answers_that_one() -> None:
    child = Child(gmfcs=4).sign("fever", 300)
    fever = child.last
    child.sign("vomiting", 301).examined(302, answers=[fever])
    (found,) = [f for f in child.review(302).findings if f.rule == "H2"]
    assert "Vomiting recorded" in found.says


# --- on which day, and from which day on --------------------------------------------------------------------------


def h2(child: Child, day: int) -> Any:
    return next((f for f in child.review(day).findings if f.rule == "H2"), None)


@pytest.mark.parametrize("order", [(300, 302), (302, 300)])
def test_h2_keeps_the_first_day_of_its_signs_and_says_the_last(order: tuple[int, int]) -> None:
    child = Child(gmfcs=4)
    for day in order:
        child.sign("fever", day, late=303 - day)
    finding = h2(child, 303)
    assert (finding.values["first_on"], finding.values["on"]) == ("2024-11-10", "2024-11-12")
    assert finding.says.startswith("Fever recorded on 12 November 2024; ")


def test_h2_is_judged_when_it_becomes_known_by_the_tier_of_that_day() -> None:
    # Specification, section 2, H2: in T1 or above.  A fever of T0 is no news on the day on which the tier rises.
    known = Child().sign("fever", 300).condition("tube_feeding", 301)
    assert h2(known, 300) is None and h2(known, 301) is None and h2(known, 310) is None
    late = Child().condition("tube_feeding", 301).sign("fever", 300, late=2)
    assert h2(late, 301) is None and h2(late, 302) is not None
    assert late.opened("H2", 310) == [(302, "unwell")]


@pytest.mark.parametrize(("day", "opens"), [("2024-07-14", True), ("2024-07-15", False)])
def test_h2_under_six_calendar_months_in_every_tier(day: str, opens: bool) -> None:
    assert ("H2" in Child().sign("vomiting", day).levels(day)) is opens


# Specification, section 2, H2, "well": in T0, from 3 to under 6 calendar months, one vomit, or one fever below 39 °C,
# of a child whom a clinician calls well.


@pytest.mark.parametrize(
    ("day", "more", "level"),
    [
        ("2024-04-14", {}, "unwell"),  # one day under three months
        ("2024-04-15", {}, "well"),
        ("2024-07-14", {}, "well"),
        ("2024-05-01", {"well": False}, "unwell"),
        ("2024-05-01", {"well": None}, "unwell"),
        *[("2024-05-01", {"role": r}, "unwell") for r in ("family", "administrator", "system", "other")],
        *[("2024-05-01", {"role": r}, "well") for r in ("midwife", "gp", "social_worker")],
    ],
)
def test_h2_well_by_age_and_by_whose_word(day: str, more: dict[str, Any], level: str) -> None:
    child = Child().sign("vomiting", day, **{"well": True} | more)
    assert child.levels(day)["H2"] == level
    assert h2(child, child.age(child.date(day)) or 0).loudness == {"well": "daily", "unwell": "interrupt"}[level]


@pytest.mark.parametrize(("celsius", "level"), [(38.0, "well"), (38.9, "well"), (39.0, "unwell"), (None, "unwell")])
def test_h2_well_with_one_fever_below_39(celsius: float | None, level: str) -> None:
    assert Child().sign("fever", 120, well=True, temperature_c=celsius).levels(120)["H2"] == level


@pytest.mark.parametrize(("before", "level"), [(0, "unwell"), (1, "unwell"), (2, "unwell"), (3, "well")])
def test_h2_well_where_no_other_vomit_came_two_days_before(before: int, level: str) -> None:
    # The one before was answered the same day, so that the finding rests on the second alone.
    child = Child().sign("vomiting", 120 - before, time="08:00").examined(120 - before, time="09:00")
    assert child.sign("vomiting", 120, well=True, time="10:00").levels(120)["H2"] == level


def test_h2_well_is_for_tier_0_and_for_one_sign_of_vomiting_or_fever() -> None:
    assert Child(gmfcs=1).sign("vomiting", 120, well=True).levels(120)["H2"] == "unwell"
    assert Child().sign("poor_intake", 120, well=True).levels(120)["H2"] == "unwell"
    both = Child().add("sign_recorded", 120, signs=["vomiting", "fever"], temperature_c=38.2, well=True)
    assert both.levels(120)["H2"] == "unwell"


@pytest.mark.parametrize(
    ("child", "asked"),
    [
        (Child(gmfcs=1), False),  # T1, and of no high need
        (Child(gmfcs=4), True),
        (Child(birth_kg=None).at_z(-2.2, 290), True),  # T2
    ],
)
def test_h2_asks_for_a_sick_day_plan_in_t2_or_of_high_need(child: Child, asked: bool) -> None:
    child.sign("vomiting", 300)
    finding = h2(child, 300)
    assert any("sick-day plan" in o.do for o in finding.obligations) is asked
    assert finding.values["sick_day_plan"] is not asked


# --- what is news of a sign, on its day -----------------------------------------------------------------------------


def test_danger_signs_that_a_contact_records_are_an_illness_from_that_day() -> None:
    # G2: not back to birth weight on day 21; ill from day 25 on, so refer.
    child = Child(birth_kg=3.5).weigh(3.4, 12).contact(25, danger_signs="present")
    assert child.opened("G2", 40) == [(21, "not back"), (25, "not back, and ill")]
    none = Child(birth_kg=3.5).weigh(3.4, 12).contact(25, danger_signs="none").contact(26, danger_signs="not_asked")
    assert none.opened("G2", 40) == [(21, "not back")]


def test_h1_opens_on_the_day_on_which_a_contact_finds_danger_signs() -> None:
    child = Child().steady(0, [4, 12, 50, 300]).contact(310, danger_signs="present", actor="one")
    assert child.opened("H1", 320) == [(310, "seen today")]
    assert "Danger signs recorded on 20 November 2024. " in next(
        f.says for f in child.review(310).findings if f.rule == "H1"
    )
    answered = child.copy().examined(312, role="gp", danger_signs="none", actor="two", id="seen")
    assert answered.closed("H1", 315) == [(312, "seen")]


@pytest.mark.parametrize(
    ("more", "closes"),
    [
        ({}, True),
        ({"actor": "one"}, False),  # who recorded the sign
        ({"actor": " ONE "}, False),
        ({"role": "health_visitor"}, False),
        ({"role": "paediatrician"}, True),
        ({"role": "out_of_hours_clinician"}, True),
        ({"role": "paramedic"}, False),
        ({"danger_signs": "present"}, False),
        ({"danger_signs": None}, False),
        ({"day": 309}, False),
        ({"day": 309, "answers": ["sign"]}, True),
        ({"day": 310, "time": "12:00"}, True),
        ({"day": 310, "time": "10:00"}, False),
        ({"day": 310}, False),
    ],
)
def test_who_closes_h1_and_when(more: dict[str, Any], closes: bool) -> None:
    # Process specification, section 3, H1: after the last sign (same day with a later time) or naming it, none found.
    child = Child().steady(0, [4, 12, 50, 300]).sign("sunken_eyes", 310, time="10:00", actor="one", id="sign")
    day = more.get("day", 312)
    fields = {"role": "gp", "danger_signs": "none", "actor": "two", "late": max(0, 311 - day)} | more
    fields.pop("day", None)
    child.examined(day, id="seen", **fields)
    assert bool(child.closed("H1", 320)) is closes


@pytest.mark.parametrize(
    ("role", "admitted", "closes"),
    [
        ("hospital_doctor", False, True),
        ("emergency_department", False, True),
        ("paramedic", False, True),
        ("gp", False, False),
        ("paediatrician", False, False),
        ("paediatrician", True, True),
        ("gp", True, False),
    ],
)
def test_who_closes_999(role: str, admitted: bool, closes: bool) -> None:
    child = Child().steady(0, [4, 12, 50, 300]).sign("shock", 310, actor="one")
    if admitted:
        child.add("admission", 310, role="hospital_doctor")
    child.examined(312, role=role, danger_signs="none", actor="two")
    assert bool(child.closed("H1", 320)) is closes


@pytest.mark.parametrize(
    ("day", "more", "level"),
    [
        ("2024-04-14", {"signs": ["fever"]}, "seen today"),  # a day under three months, no temperature
        ("2024-04-15", {"signs": ["fever"]}, None),
        ("2024-04-14", {"signs": ["fever"], "temperature_c": 37.9}, None),
        ("2024-04-14", {"signs": ["fever"], "temperature_c": 38.0}, "seen today"),
        ("2024-04-14", {"signs": ["diarrhoea"], "temperature_c": 38.0}, "seen today"),
        ("2024-04-15", {"signs": ["diarrhoea"], "temperature_c": 38.0}, None),
        ("2024-04-15", {"signs": ["intake_below_75_percent_24h"]}, "ring today"),
        ("2024-04-15", {"signs": ["intake_below_50_percent"]}, "seen today"),
        ("2024-04-15", {"signs": ["shock", "sunken_eyes"]}, "999"),
        ("2024-04-15", {"signs": ["diarrhoea"]}, None),
    ],
)
def test_levels_of_h1(day: str, more: dict[str, Any], level: str | None) -> None:
    child = Child().steady(0, [4, 12, 50]).add("sign_recorded", day, **more)
    assert child.levels(day).get("H1") == level


@pytest.mark.parametrize(
    ("day", "celsius", "rule", "level"),
    [
        ("2024-04-14", 37.9, "H1", None),
        ("2024-04-14", 38.0, "H1", "seen today"),  # a day under three calendar months
        ("2024-04-15", 38.0, "H1", None),
        ("2024-04-15", 38.0, "H2", "unwell"),
        ("2024-04-15", 37.9, "H2", None),
    ],
)
def test_the_temperature_of_an_illness_is_judged_without_a_sign_beside_it(
    day: str, celsius: float, rule: str, level: str | None
) -> None:
    # H1: "under 3 calendar months `temperature_c` >= 38.0", and section 1 gives that key to `illness_recorded` too.
    child = Child().steady(0, [4, 12, 50]).ill(day, temperature_c=celsius)
    assert child.levels(day).get(rule) == level
