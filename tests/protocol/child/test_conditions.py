"""What is known of conditions, high need and highest risk."""

from __future__ import annotations

from typing import Any

import pytest
from builders import HV, Child

from growthwatch.protocol.child.conditions import Conditions


def known(child: Child) -> Conditions:
    out = Conditions(HV.settings)
    for e in child.record.events:
        if e.type in Conditions.TAKES:
            out.take(e.on.toordinal(), e)
    return out


@pytest.mark.parametrize(
    ("diagnoses", "need"),
    [
        ([{"gmfcs": 3}], False),
        ([{"gmfcs": 4}], True),
        ([{"gmfcs": 5}], True),
        ([{"high_need": True}], True),
        ([{"high_need": False}], False),
        ([{}], False),
        # One that does not say how severe it is takes nothing away; one that says so does.
        ([{"gmfcs": 4}, {}], True),
        ([{"gmfcs": 4}, {"gmfcs": 2}], False),
        ([{"gmfcs": 2}, {"gmfcs": 5}], True),
        ([{"gmfcs": 2, "high_need": True}], True),
    ],
)
def test_high_need_is_gmfcs_4_or_5_or_what_is_as_severe(diagnoses: list[dict[str, Any]], need: bool) -> None:
    child = Child()
    for n, fields in enumerate(diagnoses):
        child.condition("cerebral_palsy", 10 + n, **fields)
    assert known(child).high_need is need
    assert [k.event for k in known(child).known.values()] == [child.last]


def test_an_older_diagnosis_that_is_written_down_later_changes_nothing() -> None:
    child = Child().condition("cerebral_palsy", 50, gmfcs=4, id="new").condition("cerebral_palsy", 20, late=60, gmfcs=1)
    assert known(child).high_need and known(child).known["cerebral_palsy"].event == "new"
    same_day = Child().condition("cerebral_palsy", 50, gmfcs=4).condition("cerebral_palsy", 50, gmfcs=1, id="second")
    assert not known(same_day).high_need and known(same_day).known["cerebral_palsy"].event == "second"


@pytest.mark.parametrize(("ended", "gone"), [(49, False), (50, True), (60, True)])
def test_what_has_ended_on_its_day_or_later_is_gone(ended: int, gone: bool) -> None:
    child = Child().condition("tube_feeding", 50)
    assert known(child).tube_fed
    child.add("condition_ended", ended, late=60, condition="tube_feeding", reason="out")
    assert known(child).tube_fed is not gone
    assert known(child.condition("tube_feeding", 150)).tube_fed


def test_the_end_of_one_condition_leaves_the_need_of_another() -> None:
    child = Child().condition("cerebral_palsy", 10, gmfcs=5).condition("tube_feeding", 20, high_need=True)
    child.add("condition_ended", 30, condition="tube_feeding", reason="out")
    assert known(child).high_need
    assert not known(child.add("condition_ended", 40, condition="cerebral_palsy", reason="wrong")).high_need


def test_highest_risk_stays_until_the_condition_ends() -> None:
    child = Child().condition("congenital_heart_disease", 10, highest_risk=True)
    child.condition("congenital_heart_disease", 20)
    assert known(child).known["congenital_heart_disease"].highest_risk
    child.add("condition_ended", 30, condition="congenital_heart_disease", reason="repaired")
    assert known(child).known == {}
    again = child.condition("congenital_heart_disease", 40)
    assert not known(again).known["congenital_heart_disease"].highest_risk
