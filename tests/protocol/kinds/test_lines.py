"""Levels and falls on the chart (G3, G4, G5)."""

from __future__ import annotations

import pytest
from builders import SPACE, Child, deadlines, fallen

from growthwatch.core.calendar import add_months

NEAR = 1e-6


# --- G3 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth_z", "spaces"),
    [
        (-4 / 3 - 1e-4, 1), (-4 / 3, 2), (-4 / 3 + 1e-4, 2), (0.0, 2),
        (4 / 3 - 1e-4, 2), (4 / 3, 2), (4 / 3 + 1e-4, 3), (2.2, 3),
    ],
)  # fmt: skip
def test_g3_bands_and_equality(birth_z: float, spaces: int) -> None:
    assert fallen(birth_z, birth_z - spaces * SPACE).levels(200).get("G3") == "fall"
    assert "G3" not in fallen(birth_z, birth_z - spaces * SPACE + NEAR).levels(200)


@pytest.mark.parametrize(("day", "opens"), [(20, False), (21, True)])
def test_g3_from_21_days(day: int, opens: bool) -> None:
    assert ("G3" in fallen(-1.4, -1.4 - SPACE, day).levels(day)) is opens


@pytest.mark.parametrize(("gestation", "first"), [(250, 44), (258, 36), (259, 21)])
def test_g3_g4_g5_preterm_from_42_weeks(gestation: int, first: int) -> None:
    for day, opens in ((first - 1, False), (first, True)):
        child = fallen(-2.4, -3.4, day, gestation_days=gestation)
        assert {r: r in child.levels(day) for r in ("G3", "G4", "G5")} == dict.fromkeys(("G3", "G4", "G5"), opens)


def confirmable(day: int = 100) -> Child:
    return Child(birth_kg=None).at_z(0.2, 0).at_z(-0.3, 30).at_z(-0.7, 60).at_z(-1.2, day)


def test_g3_is_first_confirmed_under_6_months() -> None:
    child = confirmable()
    assert child.levels(100) == {"G3": "confirm"}
    assert child.review(100).tier == "T0"
    assert deadlines(child, "G3", 100) == [14]


@pytest.mark.parametrize(("later", "level"), [(13, "confirm"), (14, "fall")])
def test_g3_is_confirmed_by_a_second_weight_14_days_later(later: int, level: str) -> None:
    child = confirmable().at_z(-1.2, 100 + later)
    assert child.levels(100 + later)["G3"] == level


def test_g3_confirm_needs_the_second_weight_to_meet_it_still() -> None:
    child = confirmable().at_z(-1.0, 114)
    assert child.levels(114)["G3"] == "confirm"
    assert child.closed("G3", 400) == []


@pytest.mark.parametrize("what", ["T1", "illness", "symptom", "below the 2nd"])
def test_g3_is_not_deferred(what: str) -> None:
    child = confirmable(99)
    child.events.pop()
    if what == "T1":
        child.condition("tube_feeding", 90)
    elif what == "illness":
        child.ill(95)
    elif what == "symptom":
        child.sign("vomiting", 95)
    child.at_z(-2.01 if what == "below the 2nd" else -1.2, 100)
    assert child.levels(100)["G3"] == "fall"
    assert child.review(100).tier in ("T2", "T3")
    assert 2 in deadlines(child, "G3", 100)


def test_g3_is_not_deferred_from_6_months_on() -> None:
    child = Child(birth_kg=None)
    six = (add_months(child.birthday, 6) - child.birthday).days
    for day, level in ((six - 1, "confirm"), (six, "fall")):
        assert confirmable(day).levels(day)["G3"] == level


def test_g3_is_proper_at_once_when_the_tier_rises_on_the_same_day() -> None:
    # A loss that raises the tier on the day of the weight leaves nothing to defer.
    child = Child(birth_kg=None).at_z(0.2, 0).at_z(-0.3, 30).at_z(-0.7, 60).at_z(-0.7, 100)
    child.weigh(round(child.kg(-0.7, 100) * 0.94, 3), 106)
    r = child.review(106)
    assert r.tier == "T3"
    assert child.levels(106).get("G3") == "fall"


def test_g3_closes_only_by_two_weights_inside_and_a_signature() -> None:
    child = fallen(0, -1.5, 400).at_z(-1, 410)
    child.decide(411, "close_finding", target="G3@start")
    assert child.closed("G3", 411) == []
    child.at_z(-1, 423).decide(423, "close_finding", target="G3@start")
    assert child.closed("G3", 423) == []
    child.at_z(-1, 424)
    assert child.closed("G3", 500) == []
    child.decide(425, "close_finding", target="G3@start")
    assert child.closed("G3", 500) == [(425, child.last)]


def test_g3_to_be_confirmed_asks_for_a_weight_in_tier_0() -> None:
    child = Child(birth_kg=3.8).at_z(-0.5, 60)
    r = child.review(60)
    assert {f.rule: f.level for f in r.findings}["G3"] == "confirm"
    assert child.age(r.due.due) == 74
    # "in T0 S2 fires only for weights that a finding asks for": overdue from day 74 + grace 3 + 1.
    assert child.opened("S2", 90)[-1] == (84, "red") and (78, "amber") in child.opened("S2", 90)


# --- G4, G5 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("z", "rules"),
    [(-2.0, set()), (-2 - NEAR, {"G4"}), (-8 / 3, {"G4"}), (-8 / 3 - NEAR, {"G4", "G5"})],
)
def test_g4_g5_lines(z: float, rules: set[str]) -> None:
    child = Child(birth_kg=None).at_z(z, 200)
    assert {r for r in child.levels(200) if r in ("G4", "G5")} == rules
    assert child.review(200).tier == ("T2" if rules else "T0")


@pytest.mark.parametrize(("day", "opens"), [(20, False), (21, True)])
def test_g4_from_21_days(day: int, opens: bool) -> None:
    assert ("G4" in Child(birth_kg=None).at_z(-2.1, day).levels(day)) is opens


@pytest.mark.parametrize(
    ("change", "apart", "level"),
    [
        (SPACE / 3 - NEAR, 30, "below"),
        (SPACE / 3 + NEAR, 30, "below and falling"),
        (SPACE / 3 + NEAR, 7, "below and falling"),
        (SPACE / 3 + NEAR, 6, "below"),
    ],
)
def test_g5_falling(change: float, apart: int, level: str) -> None:
    child = Child(birth_kg=None).at_z(-2.6, 200).at_z(-2.6 - change, 200 + apart)
    day = 200 + apart
    if -2.6 - change < -8 / 3:
        assert child.levels(day)["G5"] == level
        falling = level.endswith("falling")
        assert (0 if falling else 2) in deadlines(child, "G5", day)
        assert (child.review(day).tier == "T3") or not falling


def test_g5_falling_looks_past_a_weight_less_than_7_days_before() -> None:
    child = Child(birth_kg=None).at_z(-2.6, 200).at_z(-2.75, 230).at_z(-2.9, 233)
    assert child.levels(233)["G5"] == "below and falling"


def test_a_change_of_table_at_4_years_is_said() -> None:
    child = Child(sex="male", born="2020-01-15", birth_kg=None)
    kg = child.kg(-2.6, 1460)
    child.weigh(kg, 1460).weigh(kg, 1463)
    five = next(f for f in child.review(1463).findings if f.rule == "G5")
    assert five.level == "below"
    assert any("change of table" in n for n in five.notes)
    lost = Child(sex="male", born="2020-01-15", birth_kg=None).weigh(kg, 1460)
    lost.weigh(child.kg(-3.3, 1463), 1463)
    five = next(f for f in lost.review(1463).findings if f.rule == "G5")
    assert not any("change of table" in n for n in five.notes)


def test_the_end_of_correction_is_said() -> None:
    child = Child(born="2021-01-15", gestation_days=168, birth_kg=None)
    end = 112 + 731
    kg = child.kg(-1.8, end - 5)
    child.weigh(kg, end - 5).weigh(kg, end + 3)
    four = next(f for f in child.review(end + 3).findings if f.rule == "G4")
    assert any("correction for gestation" in n for n in four.notes)
