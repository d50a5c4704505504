"""G6: the lines to the last digit, the parents, and what closes it."""

from __future__ import annotations

import pytest
from builders import UK, Child

from growthwatch.protocol import Finding

DAY = 800
"""From 24 months (731 days) on, before 60."""


def height(z: float, day: int = DAY, sex: str = "female") -> float:
    return float(UK.value(z, measure="height", age_days=day, sex=sex))


def adult(z: float, sex: str) -> float:
    return float(UK.value(z, measure="height", age_days=7305, sex=sex))


def kg(z: float, cm: float, day: int = DAY, sex: str = "female") -> float:
    return float(UK.value(z, measure="bmi", age_days=day, sex=sex)) * (cm / 100) ** 2


def thin(z: float, day: int = DAY, cm: float = 86.0, **more: object) -> Child:
    return Child(**more).add("measured", day, measure="height", value_cm=cm).weigh(kg(z, cm, day), day)  # pyright: ignore


def short(z: float, mother: float | None = 0.0, father: float | None = 0.0, day: int = DAY) -> Child:
    parents = {
        "mother_cm": None if mother is None else adult(mother, "female"),
        "father_cm": None if father is None else adult(father, "male"),
    }
    child = Child().add("measured", day, measure="height", value_cm=height(z, day))
    return child if set(parents.values()) == {None} else child.add("parents_measured", day, **parents)


def g6(child: Child, day: int = DAY) -> Finding | None:
    return next((f for f in child.review(day).findings if f.rule == "G6"), None)


@pytest.mark.parametrize(
    ("z", "level"),
    [
        (-1.99, None),
        (-2.0, None),
        (-2.001, "thin or short"),
        (-8 / 3, "thin or short"),
        (-2.668, "below the 0.4th line"),
    ],
)
def test_on_a_line_is_not_below_it(z: float, level: str | None) -> None:
    # "BMI z < -2 / < -8/3 ... Exactly on a line: not met."
    found = g6(thin(z))
    assert (None if found is None else found.level) == level


@pytest.mark.parametrize(
    ("mother", "father", "limit"),
    # Mid-parental z = (mother's + father's) / 4, less 4/3.
    [(0.0, 0.0, -4 / 3), (2.0, 0.0, 0.5 - 4 / 3), (-1.0, -1.0, -0.5 - 4 / 3), (1.0, -1.0, -4 / 3)],
)
def test_two_spaces_below_the_parents(mother: float, father: float, limit: float) -> None:
    assert g6(short(limit + 1e-6, mother, father)) is None
    found = g6(short(limit - 0.001, mother, father))
    assert found is not None and found.values["parents_z"] == pytest.approx((mother + father) / 4, abs=1e-4)
    assert found.values["short_spaces"] == pytest.approx(2.0, abs=0.01)


def test_three_spaces_from_five_years() -> None:
    for day, limit in ((1826, -4 / 3), (1827, -2.0)):  # 14 and 15 January 2029
        assert g6(short(limit + 1e-6, day=day), day) is None
        assert g6(short(limit - 0.001, day=day), day) is not None


@pytest.mark.parametrize(("mother", "father"), [(0.0, None), (None, 0.0)])
def test_one_parent_alone_is_not_judged_and_named(mother: float | None, father: float | None) -> None:
    child = short(-3.0, mother, father)
    assert g6(child) is None
    assert ("G6", "the height of one parent alone is known") in child.review(DAY).not_judged


def test_without_parents_nothing_is_said_of_a_height() -> None:
    child = short(-3.0, None, None)
    assert g6(child) is None and not any(rule == "G6" for rule, _ in child.review(DAY).not_judged)


def test_a_measured_height_of_a_parent_comes_before_one_that_was_told() -> None:
    child = Child().add("measured", DAY, measure="height", value_cm=height(-1.2))
    child.add("parents_measured", 100, mother_cm=adult(0, "female"), father_cm=adult(0, "male"))
    child.add("parents_measured", 200, mother_cm=adult(3, "female"), reported=True)
    assert g6(child) is None
    child.add("parents_measured", 300, mother_cm=adult(3, "female"))
    found = g6(child)
    assert found is not None and found.notes == ()
    assert found.values["parents_z"] == pytest.approx(0.75, abs=1e-4)


def test_both_are_said_together_and_keep_the_graver_level() -> None:
    child = short(-3.0).weigh(kg(-2.9, height(-3.0)), DAY)
    found = g6(child)
    assert found is not None and found.level == "below the 0.4th line"
    assert found.values["measures"] == ("BMI", "height")
    assert "is below the 0.4th line (z -2.90)" in found.says
    assert "4.5 centile spaces shorter than the heights of the parents suggest. Assess." in found.says


def test_without_a_sex_it_holds_where_it_does_for_both() -> None:
    cm = 86.0
    low = min(kg(-2.1, cm), kg(-2.1, cm, sex="male"))
    both = Child(sex=None).add("measured", DAY, measure="height", value_cm=cm).weigh(low, DAY)
    found = g6(both)
    assert found is not None and any("for a boy and for a girl" in n for n in found.notes)
    between = (kg(-2.0, cm) + kg(-2.0, cm, sex="male")) / 2
    one = Child(sex=None).add("measured", DAY, measure="height", value_cm=cm).weigh(between, DAY)
    assert g6(one) is None
    assert any(rule == "G6" and "sex is not recorded" in why for rule, why in one.review(DAY).not_judged)


def test_figures_beyond_all_measure_are_not_judged() -> None:
    for cm in (5e-324, 1e-160, 1.0, 1e160, 1e300):
        child = Child().add("measured", DAY, measure="height", value_cm=cm).weigh(10.0, DAY)
        assert g6(child) is None, cm
        (why,) = [why for rule, why in child.review(DAY).not_judged if rule == "G6"]
        assert why == "the height of 25 March 2026 has no z, or one so far out that it may be a slip of the pen"


def test_a_parent_in_metres_hides_no_short_child() -> None:
    child = Child().add("measured", DAY, measure="height", value_cm=height(-3))
    child.add("parents_measured", DAY, mother_cm=1.64, father_cm=1.77)
    assert any(rule == "G6" and "height of a parent" in why for rule, why in child.review(DAY).not_judged)


def test_a_later_weight_without_a_height_takes_nothing_back() -> None:
    child = thin(-2.3).weigh(11.5, DAY + 40)
    found = g6(child, DAY + 40)
    assert found is not None and found.still_met


def test_a_clothed_weight_is_not_judged() -> None:
    child = Child().add("measured", DAY, measure="height", value_cm=86.0).clothed(kg(-2.5, 86.0), DAY)
    assert g6(child) is None


def sign(child: Child, day: int) -> Child:
    return child.decide(day, "close_finding", target="G6@start")


def test_a_short_child_is_signed_off_by_a_height_and_two_weights() -> None:
    child = short(-2.0)
    child.add("measured", DAY + 100, measure="height", value_cm=height(-1.0, DAY + 100))
    ready = child.copy().at_z(0, DAY + 101).at_z(0, DAY + 120)
    assert g6(sign(ready, DAY + 121), DAY + 121) is None
    # A weight before the height that is inside does not count: the height in force then was short.
    early = child.copy().at_z(0, DAY + 90).at_z(0, DAY + 105)
    assert g6(sign(early, DAY + 121), DAY + 121) is not None


def test_a_thin_child_is_not_signed_off_by_weights_without_a_height() -> None:
    child = thin(-2.3).weigh(12.0, DAY + 40).weigh(12.2, DAY + 60)
    assert g6(sign(child, DAY + 61), DAY + 61) is not None


def test_a_height_in_error_may_be_signed_off_without_weights() -> None:
    child = Child().add("measured", DAY, measure="height", value_cm=98.0)
    wrong = child.last
    child.weigh(10.5, DAY)
    assert g6(child) is not None
    child.add("entered_in_error", DAY + 1, target=wrong, reason="another child")
    found = g6(child, DAY + 1)
    assert found is not None and not found.still_met
    assert g6(sign(child, DAY + 2), DAY + 2) is None


def test_it_raises_no_tier() -> None:
    assert thin(-2.9).review(DAY).tier == "T2"  # by the weight itself: G4
    assert short(-3.0).review(DAY).tier == "T0"


def test_from_its_witness_alone_it_comes_out_again() -> None:
    child = thin(-2.3).contact(DAY).weigh(9.0, DAY - 400)
    child.add("parents_measured", 40, mother_cm=adult(3, "female"), father_cm=adult(3, "male"))
    found = g6(child)
    assert found is not None and found.values["measures"] == ("BMI", "height")
    alone = child.copy()
    alone.events = [e for e in child.events if e["id"] in found.witness]
    same = g6(alone)
    assert same is not None and (same.key, same.level, same.opened_on) == (found.key, found.level, found.opened_on)
