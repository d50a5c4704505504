"""G11: the limits to the last digit, and what a record that lacks something lets judge."""

from __future__ import annotations

import pytest
from builders import Child

from growthwatch.protocol import Finding
from growthwatch.references import reference

WHO = reference("who")
CM = 75.0


def kg(z: float, sex: str = "female", measure: str = "weight-for-length", cm: float = CM) -> float:
    return float(WHO.value(z, measure=measure, length_cm=cm, sex=sex))


def lain(day: int, cm: float = CM, child: Child | None = None, **more: object) -> Child:
    made = Child() if child is None else child
    return made.add("measured", day, **{"measure": "height", "value_cm": cm, "position": "lying"} | more)


def g11(child: Child, day: int) -> Finding | None:
    return next((f for f in child.review(day).findings if f.rule == "G11"), None)


@pytest.mark.parametrize(
    ("z", "level"),
    [(-3.001, "severe"), (-3.0, "moderate"), (-2.001, "moderate"), (-2.0, None), (0.0, None)],
)
def test_limits_of_weight_for_length(z: float, level: str | None) -> None:
    # "WHZ -3.00 moderate, -2.00 none".
    found = g11(lain(350).weigh(kg(z), 350), 350)
    assert (None if found is None else found.level) == level


def test_it_recovers_at_minus_two_exactly() -> None:
    # "Closes recovered: the measure that opened it at z >= -2".
    child = lain(350).weigh(kg(-2.3), 350)
    assert g11(child.copy().weigh(kg(-2.001), 360), 360) is not None
    assert g11(child.copy().weigh(kg(-2.0), 360), 360) is None


def test_a_finding_says_the_numbers_it_rests_on() -> None:
    found = g11(lain(340).weigh(kg(-3.2), 350), 350)
    assert found is not None
    assert found.values["z"] == pytest.approx(-3.2, abs=1e-4) and found.values["limit_z"] == -3.0
    assert found.values["cm"] == CM and found.values["measured_on"] == "2024-12-20"
    assert found.values["measures"] == ("weight for length",)
    assert found.says == (
        "TODAY. Weight for length on 30 December 2024 (z -3.20) is in the range of severe wasting: paediatrics today."
    )


def test_several_measures_are_said_together() -> None:
    child = lain(350).add("measured", 350, measure="arm", value_cm=11.2).weigh(kg(-3.2), 350)
    found = g11(child, 350)
    assert found is not None and "and arm circumference of 11.2 cm on 30 December 2024 are in the range" in found.says


def test_only_the_gravest_measures_are_said() -> None:
    found = g11(lain(350).add("measured", 350, measure="arm", value_cm=12.2).weigh(kg(-3.2), 350), 350)
    assert found is not None and found.level == "severe" and "Arm" not in found.says
    assert found.values["measures"] == ("weight for length", "arm")


def test_a_height_taken_standing_is_read_so() -> None:
    # By weight for height -2.9 (moderate); by weight for length of the same figures it would be below -3.
    weight = kg(-2.9, measure="weight-for-height")
    assert WHO.z(weight, measure="weight-for-length", length_cm=CM, sex="female") > -3.0
    for day, position, how in ((400, "standing", "height"), (400, None, "length"), (760, None, "height")):
        child = Child().add("measured", day, measure="height", value_cm=CM, position=position).weigh(weight, day)
        found = g11(child, day)
        assert found is not None and f"Weight for {how}" in found.says, (day, position)
        z = WHO.z(weight, measure=f"weight-for-{how}", length_cm=CM, sex="female")
        assert found.values["z"] == pytest.approx(float(z), abs=1e-4)


def test_of_two_lengths_of_a_day_the_greater_counts_whatever_their_order() -> None:
    weight = kg(-1.9)
    for cms in ((75.0, 76.5), (76.5, 75.0)):
        child = Child()
        for cm in cms:
            lain(350, cm, child)
        found = g11(child.weigh(weight, 350), 350)
        assert found is not None and found.values["cm"] == 76.5


def test_two_weights_of_a_day_are_read_at_their_median_and_recover_by_the_lower() -> None:
    child = lain(350).weigh(kg(-1.9), 350).weigh(kg(-1.8), 350, time="15:00")
    assert g11(child, 350) is None
    opened = lain(350).weigh(kg(-2.4), 350)
    both = opened.copy().weigh(kg(-1.8), 360).weigh(kg(-2.1), 360, time="15:00")
    assert g11(both, 360) is not None


def test_a_clothed_weight_neither_opens_nor_closes_it() -> None:
    assert g11(lain(350).clothed(kg(-3.2), 350), 350) is None
    assert g11(lain(350).weigh(kg(-2.4), 350).clothed(kg(0), 360), 360) is not None


def test_beyond_the_table_nothing_is_judged() -> None:
    for cm in (5e-324, 30.0, 500.0, 1e300):
        assert g11(lain(350, cm).weigh(8.0, 350), 350) is None


def test_from_five_years_weight_for_height_is_not_judged() -> None:
    weight = kg(-3.2, measure="weight-for-height", cm=108.0)
    for day, there in ((1826, True), (1827, False)):  # 14 and 15 January 2029
        child = Child().add("measured", day, measure="height", value_cm=108.0).weigh(weight, day)
        assert (g11(child, day) is not None) is there


# --- what is missing ------------------------------------------------------------------------------


def test_without_a_sex_it_holds_where_it_does_for_both() -> None:
    low = min(kg(-2.1), kg(-2.1, "male"))
    found = g11(lain(350, child=Child(sex=None)).weigh(low, 350), 350)
    assert found is not None and found.level == "moderate"
    between = (kg(-2.0) + kg(-2.0, "male")) / 2
    assert kg(-2.0) != kg(-2.0, "male")
    child = lain(350, child=Child(sex=None)).weigh(between, 350)
    assert g11(child, 350) is None
    assert any(rule == "G11" and "sex is not recorded" in why for rule, why in child.review(350).not_judged)


def test_without_a_sex_an_arm_and_swelling_are_judged() -> None:
    child = Child(sex=None).add("measured", 350, measure="arm", value_cm=11.4)
    assert child.levels(350)["G11"] == "severe"
    assert Child(sex=None).sign("oedema", 350).levels(350)["G11"] == "severe"


def test_without_a_birth_date_swelling_is_judged_and_the_rest_named() -> None:
    child = Child(born=None, birth_kg=None).add("measured", 350, measure="arm", value_cm=11.4)
    assert "G11" not in child.levels(350)
    assert any(rule == "G11" and "no birth date" in why for rule, why in child.review(350).not_judged)
    assert child.sign("oedema", 351).levels(351)["G11"] == "severe"


# --- errors, closing, opening anew ----------------------------------------------------------------


def test_a_length_marked_in_error_takes_it_back() -> None:
    child = lain(350)
    length = child.last
    child.weigh(kg(-2.4), 350)
    assert g11(child, 350) is not None
    child.add("entered_in_error", 352, target=length, reason="another child")
    assert g11(child, 352) is None


def test_of_two_measures_the_one_that_stands_keeps_it_open_at_its_level() -> None:
    child = Child().add("measured", 350, measure="arm", value_cm=11.0)
    arm = child.last
    lain(350, child=child).weigh(kg(-2.4), 350)
    assert child.levels(350)["G11"] == "severe"
    child.add("entered_in_error", 352, target=arm, reason="another child")
    found = g11(child, 352)
    assert found is not None and (found.key, found.level) == ("G11@start", "moderate")


def test_another_measure_later_opens_it_anew() -> None:
    child = lain(350).weigh(kg(-2.4), 350)
    child.add("measured", 355, measure="arm", value_cm=12.0)
    lain(370, child=child).weigh(kg(-1.5), 370)
    closing = child.last
    found = g11(child, 370)
    assert found is not None and found.key == f"G11@{closing}"
    assert found.values["measures"] == ("arm",)


def test_a_worse_measure_raises_it() -> None:
    child = lain(350).weigh(kg(-2.4), 350).add("measured", 355, measure="arm", value_cm=11.0)
    assert child.opened("G11", 360) == [(350, "moderate"), (355, "severe")]
    # Both opened it by then: both must recover.
    child.add("measured", 380, measure="arm", value_cm=13.0)
    assert child.levels(380)["G11"] == "severe"
    lain(381, child=child).weigh(kg(-1.5), 381)
    assert "G11" not in child.levels(381)


def test_time_alone_closes_nothing() -> None:
    child = Child().add("measured", 350, measure="arm", value_cm=11.0)
    assert child.levels(5000)["G11"] == "severe"


def test_from_its_witness_alone_it_comes_out_again() -> None:
    child = Child(gestation_days=255).condition("congenital_heart_disease", 20)
    child.add("measured", 300, measure="arm", value_cm=13.0).weigh(7.9, 300).contact(340)
    lain(345, child=child).weigh(kg(-3.2), 350).add("measured", 350, measure="arm", value_cm=12.2)
    found = g11(child, 350)
    assert found is not None
    alone = child.copy()
    alone.events = [e for e in child.events if e["id"] in found.witness]
    same = g11(alone, 350)
    assert same is not None and len(alone.events) < len(child.events)
    assert (same.key, same.level, same.opened_on) == (found.key, found.level, found.opened_on)


def test_while_it_is_met_the_tier_is_not_signed_down() -> None:
    child = Child().steady(0.0, [60, 150, 250]).add("measured", 350, measure="arm", value_cm=12.0)
    child.steady(0.0, [351, 366]).decide(367, "lower_tier", tier="T0")
    assert any("G11 (wasting) is still met" in why for _, why in child.review(367).refused)
