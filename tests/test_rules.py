"""Each rule at its edges, as the specification words them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import SPACE, UK, Child

from growthwatch.core.calendar import add_months

NEAR = 1e-6


def deadlines(child: Child, rule: str, day: int) -> list[int]:
    """Days allowed by each task of an open finding."""
    found = [f for f in child.review(day).findings if f.rule == rule]
    return [(o.deadline - o.set_on).days for f in found for o in f.obligations]


# --- G1, G1b, G2 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kg", "level"),
    [(3.15, None), (3.149, "over 10 %"), (3.081, "over 10 %"), (3.08, "12 % or more"), (2.9, "12 % or more")],
)
def test_g1_percentages_are_exact(kg: float, level: str | None) -> None:
    assert Child(birth_kg=3.5).weigh(kg, 5).levels(5).get("G1") == level


@pytest.mark.parametrize(("day", "opens"), [(1, True), (20, True), (21, False)])
def test_g1_is_for_the_first_three_weeks(day: int, opens: bool) -> None:
    child = Child(birth_kg=3.5).weigh(3.1, day)
    assert ("G1" in child.levels(day)) is opens
    if opens:
        assert deadlines(child, "G1", day) == [0]


def test_g1_closes_on_a_valid_weight_within_the_limit() -> None:
    child = Child(birth_kg=3.5).weigh(3.1, 5).clothed(3.3, 6).weigh(3.149, 7)
    assert child.closed("G1", 7) == []
    child.weigh(3.15, 8)
    assert [d for d, _ in child.closed("G1", 8)] == [8]


def test_g1_grows_graver_and_never_milder() -> None:
    child = Child(birth_kg=3.5).weigh(3.1, 5).weigh(3.0, 6).weigh(3.12, 7)
    assert child.opened("G1", 7) == [(5, "over 10 %"), (6, "12 % or more")]
    assert child.levels(7)["G1"] == "12 % or more"


@pytest.mark.parametrize(("day", "opens"), [(5, True), (27, True), (28, False)])
def test_g1b_days(day: int, opens: bool) -> None:
    child = Child(birth_kg=3.4).weigh(3.4, 4).weigh(3.39, day)
    assert ("G1b" in child.levels(day)) is opens


@pytest.mark.parametrize(
    ("first", "second", "opens"),
    [((3, 3.4), (5, 3.39), False), ((4, 3.4), (5, 3.4), False), ((4, 3.4), (5, 3.41), False)],
)
def test_g1b_needs_a_fall_from_day_4_on(first: Any, second: Any, opens: bool) -> None:
    child = Child(birth_kg=3.4).weigh(first[1], first[0]).weigh(second[1], second[0])
    assert ("G1b" in child.levels(second[0])) is opens


@pytest.mark.parametrize(
    ("kg", "level", "days"), [(3.326, "below the weight before", [2]), (3.325, "5 % below the best", [0])]
)
def test_g1b_levels(kg: float, level: str, days: list[int]) -> None:
    child = Child(birth_kg=3.5).weigh(3.4, 6).weigh(kg, 8)
    assert child.levels(8)["G1b"] == level
    assert deadlines(child, "G1b", 8) == days


def test_g1b_closes_at_the_weight_before() -> None:
    child = Child(birth_kg=3.4).weigh(3.4, 6).weigh(3.35, 8).weigh(3.39, 9).weigh(3.4, 12)
    assert [d for d, _ in child.closed("G1b", 12)] == [12]


def test_g2_opens_on_day_21_without_a_weight() -> None:
    child = Child(birth_kg=3.5).weigh(3.45, 15)
    assert child.due_age(16) == 21
    assert "G2" not in child.levels(20)
    assert child.levels(21)["G2"] == "not back"
    assert deadlines(child, "G2", 21) == [1]


@pytest.mark.parametrize(("kg", "opens"), [(3.5, False), (3.499, True)])
def test_g2_with_a_weight_on_day_21(kg: float, opens: bool) -> None:
    child = Child(birth_kg=3.5).weigh(3.45, 15).weigh(kg, 21)
    assert ("G2" in child.levels(21)) is opens


def test_g2_is_graver_with_illness_and_closes_at_birth_weight() -> None:
    child = Child(birth_kg=3.5).weigh(3.45, 15).ill(22).weigh(3.49, 25).clothed(3.9, 26)
    assert child.opened("G2", 26) == [(21, "not back"), (22, "not back, and ill")]
    assert child.closed("G2", 26) == []
    child.weigh(3.5, 27)
    assert [d for d, _ in child.closed("G2", 27)] == [27]


def test_the_first_weight_of_the_day_of_birth_is_not_lowered_by_a_later_one() -> None:
    assert "G1" in Child(birth_kg=3.5).weigh(3.1, 5).levels(5)


def test_a_lower_second_weight_on_the_day_of_birth_hides_no_loss() -> None:
    assert "G1" in Child(birth_kg=3.5).weigh(3.4, 0).weigh(3.1, 5).levels(5)


# --- G3 ------------------------------------------------------------------------------------------


def fallen(birth_z: float, z: float, day: int = 200, **more: Any) -> Child:
    child = Child(birth_kg=None, **more)
    at = {"corrected_age_days": float((more.get("gestation_days") or 280) - 280)}
    child.weigh(float(UK.value(birth_z, sex=child.sex, **at)), 0)  # pyright: ignore[reportArgumentType]
    return child.at_z(z, day)


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


# --- G4, G5 --------------------------------------------------------------------------------------


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


# --- G8 ------------------------------------------------------------------------------------------


def loss(
    kg: float, *, age: int = 900, best: int = 860, need: bool = False, ill: bool = False, sign: bool = False
) -> Child:
    """A best weight of 12 kg, then a weight said as if the best had been 10 kg."""
    child = Child(birth_kg=3.0, gmfcs=4 if need else None).weigh(12.0, best)
    if ill:
        child.ill(age)
    if sign:
        child.sign("sunken_eyes", age)
    return child.weigh(round(kg * 1.2, 4), age)


ORDINARY = [
    # kg of 10, circumstances, level, days allowed
    (9.701, {"ill": True}, None, []),
    (9.70, {}, None, []),
    (9.70, {"ill": True}, "3 %", [0]),
    (9.501, {}, None, []),
    (9.501, {"ill": True}, "3 %", [0]),
    (9.50, {}, "5 %", [2]),
    (9.50, {"best": 885}, "5 %", [2]),
    (9.50, {"best": 886}, "5 %", [0]),
    (9.50, {"age": 730, "best": 700}, "5 %", [0]),
    (9.50, {"age": 731, "best": 700}, "5 %", [2]),
    (9.251, {}, "5 %", [2]),
    (9.25, {}, "7.5 %", [0]),
    (9.001, {}, "7.5 %", [0]),
    (9.00, {}, "emergency", [0]),
    (9.501, {"sign": True}, "3 %", [0]),
    (9.50, {"sign": True}, "emergency", [0]),
]
HIGH_NEED = [
    (9.701, {}, None, []),
    (9.70, {}, "3 %", [1, 7]),
    (9.501, {}, "3 %", [1, 7]),
    (9.50, {}, "5 %", [0]),
    (9.25, {}, "7.5 %", [0]),
    (9.00, {}, "emergency", [0]),
    (9.50, {"sign": True}, "emergency", [0]),
]


@pytest.mark.parametrize(("kg", "when", "level", "days"), ORDINARY)
def test_g8_ordinary(kg: float, when: dict[str, Any], level: str | None, days: list[int]) -> None:
    child = loss(kg, **when)
    age = when.get("age", 900)
    assert child.levels(age).get("G8") == level
    assert deadlines(child, "G8", age) == days
    assert child.review(age).tier == ("T3" if kg <= 9.5 else "T0")


@pytest.mark.parametrize(("kg", "when", "level", "days"), HIGH_NEED)
def test_g8_high_need(kg: float, when: dict[str, Any], level: str | None, days: list[int]) -> None:
    child = loss(kg, need=True, **when)
    assert child.levels(900).get("G8") == level
    assert sorted(deadlines(child, "G8", 900)) == days
    if kg == 9.25:
        assert "aediatrics" in next(o.do for f in child.review(900).findings for o in f.obligations if o.rule == "G8")


@pytest.mark.parametrize(("day", "opens"), [(27, False), (28, True)])
def test_g8_from_28_days(day: int, opens: bool) -> None:
    child = Child(birth_kg=3.4).weigh(4.0, 20).weigh(3.7, day)
    assert ("G8" in child.levels(day)) is opens


@pytest.mark.parametrize(("kg", "closes"), [(9.799, False), (9.80, True)])
def test_g8_closes_within_2_percent_of_the_best(kg: float, closes: bool) -> None:
    child = loss(9.4).clothed(11.9, 905).weigh(round(kg * 1.2, 4), 910)
    assert bool(child.closed("G8", 910)) is closes
    assert child.closed("G8", 909) == []


def test_g8_fires_on_a_clothed_weight_at_once_to_be_confirmed_now() -> None:
    child = Child(birth_kg=3.0).weigh(10.0, 860).clothed(9.4, 900, time="10:00")
    (found,) = [f for f in child.review(900).findings if f.rule == "G8"]
    assert found.unconfirmed and "CONFIRM NOW" in child.review(900).explain()
    assert any(o.deadline == child.date(900) and "gain" in o.do for o in found.obligations)
    child.weigh(9.9, 900, time="11:00")
    assert "G8" not in child.levels(900)


def test_a_doubted_weight_never_does_what_it_made_due() -> None:
    def asked(r: Any) -> list[Any]:
        return [o for f in r.findings for o in f.obligations if o.do.startswith("Weigh again")]

    child = Child().steady(0.0, [10, 28, 56, 84, 112, 140]).weigh(5.6, 182)
    first = asked(child.review(182))
    assert first and all(o.done_on is None for o in first)
    # The next day's weight confirms it, and is the one that was asked for
    then = asked(child.weigh(5.58, 183).review(183))
    assert {o.done_on for o in then} == {child.date(183)}


def test_g8_a_repeat_within_the_hour_replaces_the_doubtful_weight() -> None:
    child = Child(birth_kg=3.0).weigh(10.0, 860).clothed(9.4, 900, time="10:00").weigh(9.3, 900, time="10:59")
    (found,) = [f for f in child.review(900).findings if f.rule == "G8"]
    assert (found.level, found.unconfirmed) == ("5 %", False)
    assert found.values["kg"] == 9.3


MASKS = [("clothed", 0), ("clothed", 3), ("ten times", 0)]


@pytest.mark.parametrize(("what", "late"), MASKS)
def test_g8_a_doubtful_weight_hides_no_valid_loss(what: str, late: int) -> None:
    child = Child(birth_kg=3.0).weigh(10.0, 860).weigh(8.8, 900, late=late)
    child.clothed(10.0, 900 + late) if what == "clothed" else child.weigh(88.0, 900 + late)
    assert child.levels(900 + late).get("G8") == "emergency"


def test_g1_a_clothed_weight_hides_no_valid_loss() -> None:
    assert "G1" in Child(birth_kg=3.5).weigh(3.0, 5).clothed(3.4, 5).levels(5)


def test_g8_a_danger_sign_stands_until_it_is_answered() -> None:
    child = Child(birth_kg=3.0).weigh(10.0, 860).sign("sunken_eyes", 885).weigh(9.5, 900)
    assert child.levels(900)["G8"] == "emergency"


def test_g8_the_examination_that_found_the_sign_does_not_answer_it() -> None:
    child = Child(birth_kg=3.0).weigh(10.0, 860).weigh(9.5, 900).examined(900, time="10:00")
    child.sign("sunken_eyes", 900, time="18:00")
    assert child.levels(900)["G8"] == "emergency"


def test_g8_a_referral_to_a_dietitian_does_not_answer_an_emergency() -> None:
    child = loss(8.8).add("referral_made", 900, to="dietitian", kind="clinical", about="feeding")
    (found,) = [f for f in child.review(900).findings if f.rule == "G8"]
    assert all(o.done_on is None for o in found.obligations)


def test_high_need_is_not_lost_by_a_second_diagnosis_that_does_not_say() -> None:
    child = Child(birth_kg=3.0, gmfcs=4).weigh(10.0, 860).condition("cerebral_palsy", 870).weigh(9.7, 900)
    assert child.levels(900).get("G8") == "3 %"


# --- G9 ------------------------------------------------------------------------------------------

CLOCK = [
    # from (days or months), amber and red, high-need amber and red
    (("d", 14), (7, 14), (7, 14)),
    (("d", 56), (21, 28), (21, 28)),
    (("m", 4), (28, 42), (28, 42)),
    (("m", 6), (56, 84), (42, 56)),
    (("m", 9), (84, 112), (42, 56)),
    (("m", 12), (112, 168), (56, 84)),
    (("m", 24), (168, 252), (56, 84)),
]


def clock_days(birthday: dt.date, best: int, need: bool) -> dict[str, int]:
    """First day on which the count reaches each number, by the band of that day's age."""
    starts = [n if unit == "d" else (add_months(birthday, n) - birthday).days for (unit, n), _, _ in CLOCK] + [
        (add_months(birthday, 60) - birthday).days
    ]
    out: dict[str, int] = {}
    for day in range(best + 1, starts[-1]):
        band = max(i for i, s in enumerate(starts[:-1]) if s <= day)
        amber, red = CLOCK[band][2 if need else 1]
        if day - best >= red:
            out["red"] = day
            return out
        if day - best >= amber:
            out.setdefault("amber", day)
    return out


@pytest.mark.parametrize("need", [False, True])
@pytest.mark.parametrize("best", [14, 20, 40, 60, 90, 125, 150, 185, 220, 280, 330, 400, 600, 750, 1100, 1400])
def test_g9_every_band_on_the_exact_day(best: int, need: bool) -> None:
    child = Child(birth_kg=3.0, gmfcs=5 if need else None)
    kg = round(child.kg(-0.5, best), 3)
    child.weigh(kg, best).weigh(kg, best + 1)
    expected = clock_days(child.birthday, best, need)
    found = child.opened("G9", best + 320)
    assert found == [(d, level) for level, d in expected.items()]
    # Weights that are missing stop nothing, and nothing but a new best closes it.
    assert child.closed("G9", best + 2000) == []


def test_g9_needs_a_valid_weight_after_the_best() -> None:
    child = Child(birth_kg=3.0).weigh(8.0, 200).clothed(8.0, 230)
    assert child.opened("G9", 700) == []
    child.weigh(8.0, 300)
    assert child.opened("G9", 700) == [(300, "amber"), (312, "red")]


def test_g9_deadlines() -> None:
    child = Child(birth_kg=3.0).weigh(3.6, 20).weigh(3.6, 22)
    assert deadlines(child, "G9", 27) == [2]
    assert sorted(deadlines(child, "G9", 34)) == [0, 2, 2]
    child = Child(birth_kg=3.0).weigh(8.0, 185).weigh(8.0, 190)
    assert (deadlines(child, "G9", 241), child.review(241).tier) == ([7], "T0")
    assert (sorted(deadlines(child, "G9", 269)), child.review(269).tier) == ([1, 2, 7], "T2")


@pytest.mark.parametrize(
    ("need", "kg", "closes"), [(False, 8.0, False), (False, 8.001, True), (True, 8.079, False), (True, 8.08, True)]
)
def test_g9_closes_on_a_new_best(need: bool, kg: float, closes: bool) -> None:
    child = Child(birth_kg=3.0, gmfcs=4 if need else None).weigh(8.0, 200).weigh(7.99, 210).weigh(kg, 300)
    assert child.opened("G9", 299)
    assert bool(child.closed("G9", 300)) is closes


def test_g9_a_clothed_weight_is_no_new_best() -> None:
    child = Child(birth_kg=3.0).weigh(8.0, 200).weigh(7.99, 210).clothed(8.5, 300)
    assert child.closed("G9", 400) == []


def test_g9_closes_by_no_diagnosis() -> None:
    child = Child(birth_kg=3.0, gmfcs=4).weigh(8.0, 200).weigh(8.04, 230).weigh(8.0, 260)
    assert "G9" in child.levels(290)
    child.condition("cerebral_palsy", 291)
    assert child.closed("G9", 291) == []


# --- H2 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["vomiting", "fever", "poor_intake"])
def test_h2_of_a_high_need_child(sign: str) -> None:
    child = Child(gmfcs=4).sign(sign, 300)
    assert child.levels(300)["H2"] == "open"
    assert "H2" not in Child().sign(sign, 300).levels(300)
    assert "H2" not in Child().condition("tube_feeding", 1).sign(sign, 300).levels(300)


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


# --- S1, S2, S3 ----------------------------------------------------------------------------------


def test_s1_reminds_on_the_due_day_and_is_no_finding() -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    assert child.review(227).reminders == ()
    assert child.review(228).reminders and child.review(228).findings == ()
    assert child.review(228).due.state == "due"


@pytest.mark.parametrize(
    ("weighed", "overdue"),
    [([], 15), ([9], 15), ([10], 127), ([14], 127), ([12, 50], 397), ([12, 41], 127), ([12, 50, 275], None)],
)
def test_s2_in_tier_0_at_the_routine_points_only(weighed: list[int], overdue: int | None) -> None:
    # 13 months from 15 January 2024: 15 February 2025, day 397; overdue from the day after it.
    child = Child().steady(0, weighed)
    opened = child.opened("S2", 1500)
    expected = [] if overdue is None else [overdue + (1 if overdue == 397 else 0)]
    assert [d for d, level in opened if level == "amber"][-1:] == expected or opened[0][0] == overdue
    if overdue is None:
        assert opened == []


def test_s2_opens_after_grace_and_turns_red_at_twice_the_floor() -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    assert child.opened("S2", 400)[-2:] == [(232, "amber"), (256, "red")]


@pytest.mark.parametrize("kind", ["clothed", "earlier"])
def test_s2_closes_by_a_valid_weight_only(kind: str) -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    child.clothed(8.0, 240) if kind == "clothed" else child.weigh(7.0, 190, late=50)
    assert "S2" in child.levels(241)
    child.at_z(0, 242)
    assert "S2" not in child.levels(242)


@pytest.mark.parametrize(
    ("contacts", "opens"),
    [([201, 202, 203], 229), ([201, 202], None), ([200, 201, 202], None), ([201, 202, 240], 240)],
)
def test_s3_three_contacts_and_due_passed(contacts: list[int], opens: int | None) -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    for day in contacts:
        child.contact(day, role="social_worker")
    child.add("contact", 210, face_to_face=False)
    assert [d for d, _ in child.opened("S3", 300)] == ([] if opens is None else [opens])


def test_s3_closes_by_a_valid_weight_only() -> None:
    child = Child().condition("tube_feeding", 1).steady(0, [200])
    for day in (201, 202, 203):
        child.contact(day)
    child.clothed(9.0, 240).examined(241)
    assert "S3" in child.levels(260)
    child.at_z(0, 261)
    assert "S3" not in child.levels(261)


def test_birth_on_29_february_counts_as_1_march() -> None:
    for day, floor in (("2025-02-28", 56), ("2025-03-01", 84)):
        child = Child(born="2024-02-29").add("level_changed", 1, to="early_help")
        child.weigh(9.0, day)
        assert child.review(day).due.floor_days == floor


# --- the validity of weights ----------------------------------------------------------------------


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


# --- what a weight in error, or a doubted one, leaves behind ----------------------------------------


def test_g8_a_best_weight_in_error_is_no_hurdle() -> None:
    child = Child(birth_kg=3.0).weigh(9.0, 860).weigh(9.9, 870)
    wrong = child.last
    child.weigh(9.05, 900)
    assert "G8" in child.levels(900)
    child.add("entered_in_error", 901, target=wrong, reason="another child")
    assert child.closed("G8", 901)
    assert "G8" not in child.levels(901)


def test_g9_a_best_weight_in_error_does_not_hold_the_clock_for_ever() -> None:
    child = Child(birth_kg=3.0).weigh(8.0, 400).weigh(9.9, 410)
    wrong = child.last
    child.weigh(8.1, 430)
    assert "G9" in child.levels(600)
    child.add("entered_in_error", 601, target=wrong, reason="another child").weigh(8.4, 610)
    assert "G9" not in child.levels(610)


def test_g9_a_doubted_low_weight_keeps_the_clock_running() -> None:
    child = Child(birth_kg=3.0).weigh(4.89, 41).weigh(4.64 * 0.7, 48)
    assert "G9" in child.levels(62)


def test_g3_to_be_confirmed_asks_for_a_weight_in_tier_0() -> None:
    child = Child(birth_kg=3.8).at_z(-0.5, 60)
    r = child.review(60)
    assert {f.rule: f.level for f in r.findings}["G3"] == "confirm"
    assert child.age(r.due.due) == 74
    assert all(f.rule != "S2" for f in child.review(90).findings)


def test_a_protection_plan_alone_is_a_risk() -> None:
    child = Child().steady(0, [12, 50]).add("protection_plan", 60, state="began", category="neglect")
    assert child.review(60).tier == "T1"
