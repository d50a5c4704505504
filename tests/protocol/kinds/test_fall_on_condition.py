"""A fall on the reference of a condition (G3c)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from builders import HV, SPACE, Child, folded
from losing import found, line, without

from growthwatch.protocol import Protocol
from growthwatch.protocol.child import condition_reference
from growthwatch.references import reference

T21 = reference("trisomy-21-uk-2002")


def with_condition(zs: list[float], days: list[int], ref: Any = T21, signed: int | None = 100, **plan: Any) -> Child:
    """A child who follows z on a condition's reference."""
    child = Child(birth_kg=None).condition("trisomy_21", 1)
    for z, day in zip(zs, days, strict=True):
        child.weigh(float(ref.value(z, age_days=day, sex="female")), day)
    if signed is not None:
        child.plan(signed, plan="condition", **{"reference": ref.id} | plan)
    return child


HELD, HELD_DAYS = [0.0, 0.0, 0.0, 0.0], [60, 90, 120, 150]
FELL, FELL_DAYS = [*[0.0] * 6, -0.2, -0.5, -0.9, -1.3], [60, 120, 180, 240, 300, 360, 390, 420, 450, 480]


def test_g3c_on_evidence(tmp_path: Path) -> None:
    only = without(tmp_path, "G8", "G9")
    child = with_condition([*[0.0] * 6, -0.25, -0.7, -1.2, -1.75], FELL_DAYS, signed=400)
    assert "G3c" not in child.levels(450, only), "a space, and the evidence below 5"
    r = child.review(480, only)
    f = found(r, "G3c")
    assert r.tier == "T2"
    assert (f.level, f.loudness) == ("fall", "daily")
    assert f.values["reference"] == T21.id and f.values["reference_hash"] == T21.hash
    assert f.values["fall_spaces"] == pytest.approx(1.75 / SPACE, abs=0.01)
    assert HV.rule("G3c").levels[0].tier == "T2"
    assert {o.do for o in f.obligations} == {a.do for a in HV.rule("G3").levels[-1].actions}
    assert "condition does not explain" in f.says


@pytest.mark.parametrize(("fall", "opens"), [(SPACE - 0.002, False), (SPACE + 0.002, True)])
def test_g3c_needs_a_space_from_the_best_sustained_position(fall: float, opens: bool, tmp_path: Path) -> None:
    # The clock is open, whatever the evidence.
    child = with_condition([*HELD], HELD_DAYS)
    low = float(T21.value(-fall, age_days=235, sex="female"))  # pyright: ignore[reportArgumentType]
    child.weigh(low, 235)
    child.sign("poor_intake", 235)
    levels = child.levels(235)
    needs = {"G8", "G9", "G12"} & set(levels)
    assert ("G3c" in levels) is (opens and bool(needs))


def test_g3c_a_single_high_weight_is_no_position_held() -> None:
    zs = [0.0, 0.0, 1.4, 0.0, -0.3, -0.5]
    child = with_condition(zs, [60, 90, 120, 150, 180, 210])
    values = line(child.review(210), "G3c").values
    assert values["best_z"] == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize(("gap", "best"), [(13, 0.0), (14, 0.7)])
def test_g3c_a_position_is_held_for_14_days(gap: int, best: float) -> None:
    child = with_condition([0.0, 0.0, 0.7, 0.7, 0.0], [60, 90, 120, 120 + gap, 160])
    assert line(child.review(160), "G3c").values["best_z"] == pytest.approx(best, abs=0.02)


def test_g3c_opens_with_the_clock_on_a_day_without_news(tmp_path: Path) -> None:
    only = without(tmp_path, "G12", "G3", "G4", "G5", "G7")
    child = with_condition([*HELD], HELD_DAYS)
    child.weigh(float(T21.value(0.0, age_days=150, sex="female")) - 0.02, 190)  # pyright: ignore[reportArgumentType]
    days = dict(child.opened("G9", 400, only))
    text = dict(child.opened("G3c", 400, only))
    first = min(days)
    evidence_late = min(text)
    assert evidence_late == first, (days, text)
    assert "G9 is open" in found(child.review(first, only), "G3c").says


def test_g3c_needs_a_plan_in_force() -> None:
    assert "G3c" not in with_condition(FELL, FELL_DAYS, signed=None).levels(480)
    for until, there in ((479, False), (480, True)):
        last = dt.date(2024, 1, 15) + dt.timedelta(days=until)
        assert ("G3c" in with_condition(FELL, FELL_DAYS, signed=440, review_by=last).levels(480)) is there
    assert "G3c" in with_condition(FELL, FELL_DAYS, signed=480).levels(480)


def test_g3c_stays_open_when_its_plan_ends() -> None:
    child = with_condition(FELL, FELL_DAYS, signed=400)
    opened = child.opened("G3c", 480)
    later = child.review(800)
    f = found(later, "G3c")
    assert opened and not f.still_met


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nonsense", "not among the references"),
        ("cp-gmfcs-5-tube", "describes how children grow"),
        ("turner-uk-1985", "no weights"),
        ("who-2006", "no reference of a condition"),
    ],
)
def test_a_plan_on_a_reference_that_cannot_judge_is_refused(name: str, why: str) -> None:
    child = with_condition(FELL, FELL_DAYS, signed=None).plan(410, plan="condition", reference=name)
    r = child.review(480)
    assert "G3c" not in {f.rule for f in r.findings}
    # Process specification, section 5: "names a descriptive or unknown reference as one that moves tests".
    assert [name in d.why and why in d.why for d in r.refused] == [True]
    assert why in r.explain()
    assert condition_reference(name)[0] is None
    child.plan(405, plan="condition", reference=T21.id).plan(420, plan="condition", reference=name)
    both = child.review(480)
    assert "G3c" in {f.rule for f in both.findings}, "it displaces none that can judge"
    assert [name in d.why and why in d.why for d in both.refused] == [True, True]
    assert any("falls are judged" in n for n in both.notes)


def test_g3c_closes_by_a_signature_only() -> None:
    child = with_condition([*FELL, 0.0, 0.0, 0.0], [*FELL_DAYS, 510, 540, 570], signed=400)
    assert "G3c" in child.levels(570) and child.closed("G3c", 570) == []
    child.decide(571, "close_finding", target="G3c@start")
    assert child.closed("G3c", 571)


# --- references with a table for each birth: the record says which ------------------------------------------------


def born_early(name: str, fact: dict[str, float], gestation: int | None = 200, birth_kg: float | None = 1.1) -> Child:
    """A girl who holds the median of her own table, and then falls below it."""
    ref = reference(name).born(**fact)
    child = Child(gestation_days=gestation, birth_kg=birth_kg)
    for z, day in zip(FELL, FELL_DAYS, strict=True):
        if day > 100:
            child.weigh(float(ref.value(z, age_days=day, sex="female", gestation_days=200)), day)
    return child.plan(400, plan="condition", reference=name)


@pytest.mark.parametrize(
    ("name", "fact"), [("preterm-nl-2012", {"gestation_days": 200}), ("preterm-cz-2015", {"birth_weight_kg": 1.1})]
)
def test_g3c_judges_on_the_table_of_the_childs_own_birth(name: str, fact: dict[str, float]) -> None:
    review = born_early(name, fact).review(480)
    seen = line(review, "G3c")
    # She held 0 on her own table, and is at -1.3 on it.
    assert seen.values["best_z"] == pytest.approx(0.0, abs=0.03)
    assert seen.values["z"] == pytest.approx(-1.3, abs=0.03)
    assert seen.values["reference"] == name and seen.values["reference_hash"] == reference(name).hash
    assert any("falls are judged on it (G3c)" in note for note in review.notes)


@pytest.mark.parametrize(
    ("name", "fact"), [("preterm-nl-2012", {"gestation_days": 200}), ("preterm-cz-2015", {"birth_weight_kg": 1.1})]
)
def test_the_fact_that_chose_the_table_is_among_its_witnesses(name: str, fact: dict[str, float]) -> None:
    child = born_early(name, fact)
    last = max((e for e in child.events if e["type"] == "weighed"), key=lambda e: e["on"])
    child.weigh(round(0.86 * last["weight_kg"], 2), 500)  # a loss of 14 % (G8): the other reason that G3c asks for
    f = found(child.review(500), "G3c")
    birth_weight = next(e["id"] for e in child.events if e["type"] == "weighed")
    assert birth_weight in f.witness or name != "preterm-cz-2015"
    # From those events alone it comes out again.
    alone = Child(gestation_days=None, birth_kg=None)
    alone.events = [e for e in child.events if e["id"] in f.witness]
    again = found(alone.review(500), "G3c")
    assert (again.level, again.values["z"], again.values["best_z"]) == (f.level, f.values["z"], f.values["best_z"])


@pytest.mark.parametrize(
    ("name", "fact", "more", "why"),
    [
        ("preterm-nl-2012", {"gestation_days": 200}, {"gestation": None}, "gestation at birth, which is not recorded"),
        (
            "preterm-nl-2012",
            {"gestation_days": 200},
            {"gestation": 266},
            "no table for this child's gestation at birth",
        ),
        ("preterm-cz-2015", {"birth_weight_kg": 1.1}, {"birth_kg": None}, "birth weight, which is not recorded"),
        ("preterm-cz-2015", {"birth_weight_kg": 1.1}, {"gestation": 270, "birth_kg": 3.2}, "no table for this child's"),
    ],
)
def test_g3c_guesses_no_birth(name: str, fact: dict[str, float], more: dict[str, Any], why: str) -> None:
    child = born_early(name, fact, **more)
    review = child.review(480)
    assert any(rule == "G3c" and why in text for rule, text in review.not_judged)
    assert any(why in note for note in review.notes)
    assert "G3c" not in child.levels(480)


# --- each sentence of 0.4 -----------------------------------------------------------------------------------------


def at_t21(z: float, day: int) -> float:
    return float(T21.value(z, age_days=day, sex="female"))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("fall", "opens"), [(SPACE - 1e-6, False), (SPACE, True), (SPACE + 1e-6, True)])
def test_g3c_a_fall_of_exactly_one_space_counts(fall: float, opens: bool, tmp_path: Path) -> None:
    # Section 0: "Comparisons use unrounded values; '>= n spaces' includes equality"; here a loss is open.
    child = with_condition([*HELD], HELD_DAYS).weigh(at_t21(-fall, 157), 157)
    assert "G8" in child.levels(157)
    values = line(child.review(157), "G3c").values
    assert values["best_z"] == pytest.approx(0.0, abs=1e-9)
    assert ("G3c" in child.levels(157)) is opens


def test_g3c_a_fall_without_another_reason_does_not_open(tmp_path: Path) -> None:
    # "and evidence >= 5 or an open loss or clock": 1.5 spaces, evidence below 5, every weight a new best.
    days = [60, 120, 180, 240, 300, 360]
    child = with_condition([0.0, 0.0, 0.0, 0.0, -0.5, -1.0], days, signed=300)
    r = child.review(360)
    assert not {"G8", "G9"} & {f.rule for f in r.findings}
    seen = line(r, "G3c")
    assert seen.values["fall_spaces"] == pytest.approx(1.5, abs=0.01) and seen.values["ratio"] < 5
    assert seen.verdict == "not met"


@pytest.mark.parametrize(("scale", "opens"), [("other", False), ("class_iii", True)])
def test_g3c_a_loss_on_a_scale_that_may_be_wrong_either_way_is_no_open_loss(scale: str, opens: bool) -> None:
    # Section 0, Weights: on an uncertain weight G8 asks to "weigh again today ... with no 999, E3, T3 or other deed".
    days = [60, 120, 180, 240, 300, 360]
    child = with_condition([0.0, 0.0, 0.0, 0.0, -0.5, -1.0], days)
    kg = child.record.events[-1].weight_kg  # pyright: ignore[reportAttributeAccessIssue]
    child.plan(361, plan="condition", reference=T21.id).weigh(round(kg * 0.89, 2), 365, scale=scale)
    levels = child.levels(365)
    assert "G8" in levels and ("G3c" in levels) is opens
    if not opens:
        assert levels["G8"] == "weigh again today"
        assert "G3c" not in child.levels(372)


@pytest.mark.parametrize(("day", "there"), [("2025-01-10", True), ("2025-01-11", False)])
def test_g3c_a_plan_counts_for_six_calendar_months_at_most(day: str, there: bool) -> None:
    # "A plan counts to the end of its review_by or six calendar months, whichever is earlier": signed on 10 July 2024.
    child = with_condition([0.0] * 6, [60, 120, 180, 240, 300, 350], signed=None)
    child.plan("2024-07-10", plan="condition", reference=T21.id, review_by=dt.date(2026, 1, 1))
    age = (child.date(day) - child.birthday).days
    child.weigh(round(at_t21(0.0, 350) * 0.88, 2), age)  # a loss of 12 %, more than a space
    assert "G8" in child.levels(age)
    assert ("G3c" in child.levels(age)) is there


def test_g3c_is_always_on_whatever_length_and_nutrition_review_are_missing() -> None:
    # "Always on, whatever the plan: ... G3c": none of the two that move the level tests is recorded here.
    child = with_condition(FELL, FELL_DAYS, signed=440, role="paediatrician")
    r = child.review(480)
    assert "G3c" in {f.rule for f in r.findings}
    assert any("until there is" in n and "falls are judged on it (G3c)" in n for n in r.notes), r.notes


def test_g3c_as_g3_asks_for_the_same_within_two_days_and_raises_to_t2() -> None:
    child = with_condition(FELL, FELL_DAYS, signed=440)
    ((day, level),) = child.opened("G3c", 480)
    f = found(child.review(day), "G3c")
    assert level == "fall" and {(o.deadline - f.opened_on).days for o in f.obligations} == {2}
    assert {o.owner for o in f.obligations} == {"health_visitor"} and child.review(day).tier in ("T2", "T3")


def test_g3c_a_weight_doubted_as_too_low_opens_it_and_its_tier_waits() -> None:
    # Section 0, Weights: "doubted as too low: also G2 to G5, whose tier waits for the confirmation".
    child = with_condition([*HELD], HELD_DAYS)
    child.weigh(round(at_t21(0.0, 150) * 0.6, 2), 157)
    r = child.review(157)
    assert any("may be an entry error" in n for n in r.notes)
    f = found(r, "G3c")
    assert f.unconfirmed and "(if right)" in f.says


@pytest.mark.parametrize(("step", "opens"), [(-1e-4, True), (0.0, True), (1e-4, False)])
def test_g3c_evidence_of_exactly_what_is_asked_for_is_enough(step: float, opens: bool, tmp_path: Path) -> None:
    # "Evidence >= 5": of a protocol that asks for just as much as the child's weights give.
    without(tmp_path, "G8", "G9", "G12")
    text = (tmp_path / "ours.toml").read_text(encoding="utf-8")
    child = with_condition([*[0.0] * 6, -0.25, -0.7, -1.2, -1.75], FELL_DAYS, signed=400)
    seen = folded(child.record, child.date(480), Protocol.load(tmp_path / "ours.toml")).state.outcomes["G3c"].values
    ratio = float(seen["ratio"])
    assert ratio > 5 and text.count("\nevidence_at_least = 5\n") == 1
    path = tmp_path / "just.toml"
    path.write_text(text.replace("_at_least = 5\n", f"_at_least = {ratio + step!r}\n", 1), encoding="utf-8")
    assert ("G3c" in child.levels(480, Protocol.load(path))) is opens


def test_g3c_is_not_confirmed_by_evidence_alone_or_by_a_fall_alone() -> None:
    # The fall without another reason: no clock, no loss, and evidence below 5.
    child = with_condition([*HELD], HELD_DAYS)
    child.weigh(float(T21.value(-1.2, age_days=235, sex="female")), 235)  # pyright: ignore[reportArgumentType]
    values = line(child.review(235), "G3c").values
    assert values["fall_spaces"] > 1 and values["ratio"] < 5 and values["open"] == ()
    assert "G3c" not in child.levels(235)


def fell_by_a_loss() -> Child:
    """On the median of its condition until day 150; 0.8 SD lower on day 157: 1.2 spaces, with an open loss."""
    child = Child(birth_kg=2.4).condition("trisomy_21", 1)
    for z, day in zip([*HELD, -0.8], [*HELD_DAYS, 157], strict=True):
        child.weigh(round(at_t21(z, day), 3), day)
    return child.plan(100, plan="condition", reference=T21.id)


def test_g3c_rests_on_no_birth_weight_where_the_table_is_not_chosen_by_it() -> None:
    # Process specification, section 0: the "witness = the events named in its condition".
    child = fell_by_a_loss()
    birth_weight = next(e["id"] for e in child.events if e["type"] == "weighed")
    f = found(child.review(157), "G3c")
    assert f.values["ratio"] < 5 and birth_weight not in f.witness


@pytest.mark.parametrize(("fall", "closes"), [(0.8, False), (0.66, True)])
def test_g3c_is_signed_only_with_less_than_a_space_on_the_conditions_reference(fall: float, closes: bool) -> None:
    # "signed (two consecutive valid weights inside the threshold ...)": a space is 0.667 SD.
    child = fell_by_a_loss()
    for day in (171, 185, 199):
        child.weigh(round(at_t21(-fall, day), 3), day)
    child.decide(200, "close_finding", target="G3c@start")
    assert bool(child.closed("G3c", 200)) is closes
