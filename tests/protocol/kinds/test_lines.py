"""Levels and falls on the chart (G3, G4, G5)."""

from __future__ import annotations

import pytest
from builders import SPACE, Child, deadlines, fallen, folded

import growthwatch as gw
from growthwatch.core.calendar import add_months

NEAR = 1e-6
DAY = 200


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


@pytest.mark.parametrize(
    ("gestation", "birth_z", "limit", "falls"),
    [
        # A girl of 2.5 kg, by the L, M and S of UK-WHO: z = ((2.5 / M) ** L - 1) / (L * S).
        # 40+0: 0.501, 3.413, 0.12481, so -2.309: below the 9th centile, 1 space.  To -2.9 it is 0.89 spaces.
        (280, -2.309, 1, False),
        # 38+0 and 37+0 are read at 40 weeks too.  At 38+0 it were -1.288, 2 spaces, and a fall of 2.4.
        (266, -2.309, 1, False),
        (259, -2.309, 1, False),
        # 36+6 is read at its gestation, between 36+0 (0.695, 2.5903, 0.16107) and 37+0 (0.647, 2.8164, 0.15165).
        (258, -0.680, 2, True),
        (None, -2.309, 1, False),
    ],
)
def test_g3_reads_a_birth_from_37_weeks_on_at_40_weeks(
    gestation: int | None, birth_z: float, limit: int, falls: bool
) -> None:
    child = Child(birth_kg=2.5, gestation_days=gestation).at_z(-2.9, DAY)
    seen = folded(child.record, child.date(DAY)).state.outcomes["G3"].values
    assert round(seen["birth_z"], 3) == birth_z and seen["limit_spaces"] == limit
    assert ("G3" in child.levels(DAY)) is falls
    assert ("for 36 weeks + 6" in str(child.review(DAY))) is falls  # said where it is not the chart's
    found = gw.trajectory(child.record).on_standard.rules["nice-fall-birth"]  # and so on weights alone
    assert found.value[-1] == pytest.approx(seen["fall_spaces"]) and bool(found.level[-1] > 0) is falls


def confirmable(day: int = 100) -> Child:
    """Danger signs recorded as none on the day of the weight: 0.4, section 2, G3."""
    child = Child(birth_kg=None).at_z(0.2, 0).at_z(-0.3, 30).at_z(-0.7, 60)
    return child.contact(day, danger_signs="none").at_z(-1.2, day)


def test_g3_is_first_confirmed_under_6_months() -> None:
    child = confirmable()
    assert child.levels(100) == {"G3": "confirm"}
    assert child.review(100).tier == "T0"
    assert deadlines(child, "G3", 100) == [14]


@pytest.mark.parametrize(("later", "level"), [(13, "confirm"), (14, "fall")])
def test_g3_is_confirmed_by_a_second_weight_14_days_later(later: int, level: str) -> None:
    child = confirmable().at_z(-1.2, 100 + later)
    assert child.levels(100 + later)["G3"] == level


def test_g3_once_confirmed_rests_on_what_let_it_wait_too() -> None:
    # Process specification, section 9, 19: from its witness alone it opens on the same day with the same level.
    child = confirmable()
    contact = next(e["id"] for e in child.events if e["type"] == "contact")
    child.at_z(-1.2, 114)
    (f,) = [f for f in child.review(114).findings if f.rule == "G3"]
    assert f.level == "fall" and contact in f.witness
    alone = child.copy()
    alone.events = [e for e in child.events if e["id"] in f.witness]
    assert [alone.levels(day)["G3"] for day in (100, 113, 114)] == ["confirm", "confirm", "fall"]


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
    child.contact(100, danger_signs="none").at_z(-2.01 if what == "below the 2nd" else -1.2, 100)
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
    child = Child(birth_kg=3.8).at_z(-0.5, 60).contact(60, danger_signs="none")
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
        (SPACE / 3 + NEAR, 6, "below and falling"),
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


def falling_on(child: Child, day: int) -> bool:
    """Whether the latest weight of a day is said to fall, whatever level was reached before."""
    (five,) = [f for f in folded(child.record, child.date(day)).state.open.values() if f.rule.id == "G5"]
    assert five.latest.weight is not None
    return five.latest.level == 1


@pytest.mark.parametrize(("back", "falls"), [(28, True), (29, False)])
def test_g5_looks_28_days_back_that_day_included(back: int, falls: bool) -> None:
    # "highest of the valid weights of the 28 d before it (the 28th day included ...)"; one of these, of 10 days
    # before, is a week old, so that none further back counts.  -2.45 to -2.7 is 0.25, -2.65 to -2.7 is 0.05.
    child = Child(birth_kg=None).at_z(-2.45, 300 - back).at_z(-2.65, 290).at_z(-2.7, 300)
    assert falling_on(child, 300) is falls


@pytest.mark.parametrize(("recent", "falls"), [(7, False), (6, True)])
def test_g5_looks_further_back_where_none_of_late_is_a_week_old(recent: int, falls: bool) -> None:
    # "if none of these is >= 7 d before it, the last valid weight before them counts too"
    child = Child(birth_kg=None).at_z(-2.4, 250).at_z(-2.65, 300 - recent).at_z(-2.7, 300)
    assert falling_on(child, 300) is falls


def test_g5_looks_at_the_highest_of_late_and_not_at_the_one_before() -> None:
    # A fall of 0.3 z in 3 weeks, weighed every week: no step of it is a third of a space (0.222).
    child = Child(birth_kg=None).at_z(-2.5, 279).at_z(-2.6, 286).at_z(-2.7, 293)
    assert not falling_on(child, 293)
    child.at_z(-2.8, 300)
    assert falling_on(child, 300)


def test_g5_falls_below_where_it_opened_however_slowly() -> None:
    # "or the last valid weight of the day on which the finding opened": -2.7 to -2.93 is 0.23 in 150 days.
    child = Child(birth_kg=None).at_z(-2.7, 300)
    for day, z in ((340, -2.76), (380, -2.82), (420, -2.88)):
        child.at_z(z, day)
        assert not falling_on(child, day)
    child.at_z(-2.93, 450)
    assert falling_on(child, 450)
    five = next(f for f in child.review(450).findings if f.rule == "G5")
    assert five.level == "below and falling"
    assert "since 10 November 2024" in str(child.review(450))  # day 300
    # Days alone change nothing; a weight that stands higher no longer falls, and the level stays.
    assert falling_on(child, 520)
    assert not falling_on(child.at_z(-2.8, 530), 530)
    assert child.levels(530)["G5"] == "below and falling"


def test_g5_counts_from_the_weight_that_was_known_when_it_opened() -> None:
    # Opened on day 300, when the weight of day 298 was written down.  That of day 299 was not known then, and -2.88
    # is 0.28 below it; it is 0.18 below that of day 298, and 0.04 below that of day 390.
    child = Child(birth_kg=None).at_z(-2.7, 298, late=2).at_z(-2.6, 299, late=50).at_z(-2.84, 390).at_z(-2.88, 400)
    assert not falling_on(child, 400)


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
