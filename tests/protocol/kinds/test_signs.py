"""Illness (H2)."""

from __future__ import annotations

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
