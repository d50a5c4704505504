"""Level tests under a signed plan that names the reference of a condition (specification 0.4, section 2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child, folded

from growthwatch.protocol import Protocol, review
from growthwatch.record import Record
from growthwatch.references import reference

T21 = reference("trisomy-21-uk-2002")
PLAN = 300


def on(z: float, day: int) -> float:
    """A weight at a z of the condition's reference."""
    return round(float(T21.value(z, age_days=day, sex="female")), 3)  # pyright: ignore[reportArgumentType]


def planned(length: int | None = 295, review: int | None = 295, **plan: Any) -> Child:
    """A girl with trisomy 21 who is weighed in her first months, with a plan of day 300."""
    child = Child(birth_kg=None).condition("trisomy_21", 1).weigh(on(0, 12), 12).weigh(on(0, 100), 100)
    if length is not None:
        child.add("measured", length, measure="height", value_cm=66.0)
    if review is not None:
        child.examined(review, role="dietitian", feeding="normal")
    return child.plan(
        PLAN, **{"plan": "condition", "reference": T21.id, "role": "paediatrician", "review_by": "2025-12-31"} | plan
    )


def level_rules(child: Child, day: int, protocol: Protocol = HV) -> set[str]:
    return {r for r in child.levels(day, protocol) if r in ("G3", "G4", "G5")}


def test_a_child_inside_the_lines_of_its_condition_is_below_those_of_uk_who() -> None:
    # On day 320 z -1.5 of trisomy 21 is below -2 on UK-WHO (else the cases below would show nothing).
    child = Child(birth_kg=None).weigh(on(-1.5, 320), 320)
    assert "G4" in child.levels(320)


@pytest.mark.parametrize("z", [-1.5, -1.99])
def test_a_plan_moves_the_level_tests(z: float) -> None:
    child = planned().weigh(on(z, 320), 320)
    assert level_rules(child, 320) == set()
    note = next(n for n in child.review(320).notes if "names the reference" in n)
    assert "G3, G4 and G5 are judged on it; uk-who is given beside it" in note


def test_below_the_line_of_the_condition_it_opens_on_that_reference_and_uk_who_stays_visible() -> None:
    child = planned().weigh(on(-2.2, 320), 320)
    f = next(f for f in child.review(320).findings if f.rule == "G4")
    assert f.values["reference"] == T21.id and f.values["z"] == pytest.approx(-2.2, abs=0.01)
    assert f.values["general_z"] < -2.5
    assert f"On the reference of the signed plan ({T21.id}); on uk-who: z -" in f.says


@pytest.mark.parametrize(
    ("child", "missing"),
    [
        (planned(length=None), "a length or height of the last 90 days"),
        (planned(review=None), "a review of nutrition of the last 6 months"),
        (planned(length=229), "a length or height of the last 90 days"),
        (planned(length=None, review=None), "90 days and a review"),
    ],
)
def test_uk_who_judges_where_something_is_missing_and_the_review_names_it(child: Child, missing: str) -> None:
    child = child.copy().weigh(on(-1.5, 320), 320)
    assert "G4" in level_rules(child, 320)
    (note,) = [n for n in child.review(320).notes if "names the reference" in n]
    assert "stay on uk-who" in note and missing in note


def test_a_length_counts_to_its_90th_day() -> None:
    child = planned(length=230).weigh(on(-1.5, 320), 320)
    assert level_rules(child, 320) == set()
    assert child.review(320).changes_on == child.date(321)
    assert "G4" in level_rules(child, 321), "from the day after UK-WHO judges"
    child.add("measured", 325, measure="height", value_cm=67.0)
    assert level_rules(child, 325) >= {"G4"}, "what is open closes by signature, and not by the plan"
    assert not next(f for f in child.review(325).findings if f.rule == "G4").still_met


def test_a_nutrition_review_counts_for_6_calendar_months() -> None:
    # Day 180 is 13 July 2024: to 13 January 2025, day 364.
    child = planned(length=350, review=180).weigh(on(-1.5, 360), 360)
    assert level_rules(child, 364) == set() and "G4" in level_rules(child, 365)


def test_a_dietetic_review_that_was_answered_finally_is_one() -> None:
    child = planned(review=None)
    child.add("request_made", 301, id="ask", kind="dietetic_review", to=[{"name": "dietitian"}], ask="look")
    child.add("answered", 310, id="not yet", request="ask", by="d", outcome="seen", final=False)
    child.weigh(on(-1.5, 320), 320)
    assert "G4" in level_rules(child, 320)
    child = planned(review=None)
    child.add("request_made", 301, id="ask", kind="dietetic_review", to=[{"name": "dietitian"}], ask="look")
    child.add("answered", 310, request="ask", by="d", outcome="seen").weigh(on(-1.5, 320), 320)
    assert level_rules(child, 320) == set()


def test_a_plan_counts_to_its_review_or_6_calendar_months() -> None:
    # Signed on 10 November 2024 (day 300): at the latest to 10 May 2025, day 481; UK-WHO judges from the next day.
    child = planned().add("measured", 470, measure="height", value_cm=72.0)
    child.examined(470, role="paediatrician", feeding="normal").weigh(on(-1.5, 475), 475)
    assert level_rules(child, 481) == set() and "G4" in level_rules(child, 482)


def test_signing_a_plan_closes_nothing_and_inside_is_judged_on_its_reference() -> None:
    child = planned().weigh(on(-1.5, 250), 250)
    assert "G4" in level_rules(child, 320), "open since before the plan"
    child.weigh(on(-1.5, 310), 310).weigh(on(-1.5, 330), 330)
    child.decide(331, "close_finding", target="G4@start", role="paediatrician")
    r = child.review(331)
    assert not [f for f in r.findings if f.rule == "G4"], r.refused


def test_without_a_plan_the_same_weights_are_not_inside() -> None:
    child = Child(birth_kg=None).condition("trisomy_21", 1)
    for day in (250, 310, 330):
        child.weigh(on(-1.5, day), day)
    child.decide(331, "close_finding", target="G4@start", role="paediatrician")
    assert "G4" in level_rules(child, 331)


def set_to(flag: bool, tmp_path: Path) -> Protocol:
    text = (Path(__file__).parents[3] / "growthwatch/protocols/uk-hv.toml").read_text(encoding="utf-8")
    path = tmp_path / "ours.toml"
    path.write_text(text.replace("plan_moves_levels = true", f"plan_moves_levels = {str(flag).lower()}"), "utf-8")
    return Protocol.load(path)


def test_set_to_false_the_level_tests_stay_on_uk_who(tmp_path: Path) -> None:
    ours = set_to(False, tmp_path)
    child = planned().weigh(on(-1.5, 320), 320)
    assert level_rules(child, 320, ours) >= {"G4"}
    assert "general_z" not in next(f for f in child.review(320, ours).findings if f.rule == "G4").values


@pytest.mark.parametrize("flag", [True, False])
def test_below_the_2nd_line_of_the_condition_is_always_on(flag: bool, tmp_path: Path) -> None:
    child = planned(length=None).weigh(on(-2.2, 320), 320)
    f = next(f for f in child.review(320, set_to(flag, tmp_path)).findings if f.rule == "G4")
    assert f.values["reference"] == T21.id


def test_where_the_reference_has_no_weight_at_birth_g3_is_not_judged() -> None:
    noonan = reference("noonan-jp-2016")
    first = noonan.z(3.3, age_days=0, sex="female")
    child = Child(birth_kg=3.3).condition("noonan", 1).steady(0, [12, 100])
    child.add("measured", 295, measure="height", value_cm=66.0).examined(295, role="dietitian", feeding="normal")
    child.plan(PLAN, plan="condition", reference=noonan.id, role="paediatrician").at_z(0, 320)
    told = dict(child.review(320).not_judged)
    if first == first:
        assert "G3" not in told
    else:
        assert "no weight at birth" in told["G3"]


def test_a_descriptive_chart_moves_nothing() -> None:
    child = planned(reference="cp-gmfcs-3").weigh(on(-1.5, 320), 320)
    assert "G4" in level_rules(child, 320)


def test_from_its_witness_alone_it_comes_out_again() -> None:
    child = planned().weigh(on(-2.2, 320), 320)
    f = next(f for f in child.review(320).findings if f.rule == "G4")
    alone = Record("child", [child.record.event(id) for id in f.witness])
    again = next(g for g in review(alone, protocol=HV, as_of=child.date(320)).findings if g.rule == "G4")
    assert again.values["reference"] == T21.id


def test_a_day_is_the_same_whatever_is_visited() -> None:
    child = planned(length=230).weigh(on(-1.5, 320), 320)
    for day in (320, 321, 390):
        one, every = (folded(child.record, child.date(day), every_day=e) for e in (False, True))
        assert {id: f.level for id, f in one.state.open.items()} == {id: f.level for id, f in every.state.open.items()}
