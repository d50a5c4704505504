"""S5: when a length is due, what closes it, and the four deeds that a fall asks for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import Child

from growthwatch.protocol import Finding


def s5(child: Child, day: int) -> Finding | None:
    return next((f for f in child.review(day).findings if f.rule == "S5"), None)


def length(child: Child, day: int, cm: float = 60.0, **more: Any) -> Child:
    return child.add("measured", day, measure="height", value_cm=cm, **more)


def low() -> Child:
    """Below the 2nd line from 100 days on (G4), with a length of that day."""
    return length(Child(birth_kg=None).at_z(-2.2, 100), 100)


@pytest.mark.parametrize(
    ("child", "rule"),
    [
        (lambda: Child(birth_kg=None).at_z(-2.2, 300), "G4"),
        (lambda: Child(birth_kg=None).at_z(-2.8, 300), "G5"),
        (lambda: Child(birth_kg=None).at_z(-3.2, 300), "G13"),
        (lambda: Child().at_z(-1.5, 300), "G3"),
        (lambda: Child().sign("oedema", 300), "G11"),
        (lambda: Child(gmfcs=3).weigh(9.0, 1200), "G10"),
    ],
)
def test_each_growth_threshold_asks_for_a_length(child: Any, rule: str) -> None:
    made = child()
    day = max((e["on"] - made.birthday).days for e in made.events)
    found = s5(made, day)
    assert found is not None and rule in made.levels(day) and rule in found.values["because"]


@pytest.mark.parametrize(
    "child",
    [
        # Each with one finding open that is not on the list: G2, amber G9, G7, S3.
        lambda: Child(birth_kg=3.5).weigh(3.4, 22),
        lambda: Child().at_z(0, 60).weigh(Child().kg(0, 60), 82),
    ],
)
def test_other_findings_do_not(child: Any) -> None:
    made = child()
    assert made.levels(82) and s5(made, 82) is None


def test_a_fall_that_waits_to_be_confirmed_asks_for_none_yet() -> None:
    child = Child(birth_kg=None).at_z(0.0, 0).at_z(-1.4, 100).contact(100, danger_signs="none")
    assert child.levels(100)["G3"] == "confirm" and s5(child, 100) is None
    child.at_z(-1.4, 114)
    assert child.levels(114)["G3"] == "fall" and s5(child, 114) is not None


def test_by_calendar_months_from_the_last_length() -> None:
    child = low()  # 24 April 2024: in time to 24 July, 91 days later
    assert s5(child, 191) is None and s5(child, 192) is not None
    assert child.review(150).changes_on is not None
    assert child.opened("S5", 400) == [(192, "due")]


def test_it_closes_by_the_length_and_opens_anew_with_another_key() -> None:
    child = length(low(), 200, 62.0)
    by = child.last
    assert child.closed("S5", 250) == [(200, by)] and s5(child, 250) is None
    found = s5(child, 300)
    assert found is not None and found.key == f"S5@{by}"


def test_it_stays_when_what_asked_for_it_has_closed() -> None:
    child = Child(birth_kg=None).at_z(-2.2, 100).at_z(-1.5, 120).at_z(-1.5, 140)
    child.decide(141, "close_finding", target="G4@start")
    assert "G4" not in child.levels(141)
    found = s5(child, 141)
    assert found is not None and not found.still_met
    assert s5(length(child, 150), 150) is None


def test_a_length_of_before_counts_by_its_age_not_by_when_it_was_written() -> None:
    child = Child(birth_kg=None).at_z(-2.2, 100)
    assert s5(length(child.copy(), 60, late=50), 110) is None
    late = length(child.copy(), 10, late=100)
    found = s5(late, 110)
    assert found is not None and found.says.startswith("Measure length or height: the last is of 25 January 2024.")


def test_an_error_in_a_weight_leaves_it_as_it_is_while_the_finding_stands() -> None:
    child = Child(birth_kg=None).at_z(-2.2, 100)
    wrong = child.last
    child.at_z(-2.3, 120).add("entered_in_error", 125, target=wrong, reason="another child")
    found = s5(child, 125)
    assert found is not None and found.key == "S5@start" and found.opened_on == child.date(100)


def test_an_error_in_the_length_that_closed_it_opens_it_again() -> None:
    child = length(Child(birth_kg=None).at_z(-2.2, 100), 110)
    wrong = child.last
    assert s5(child, 111) is None
    child.add("entered_in_error", 112, target=wrong, reason="another child")
    assert s5(child, 112) is not None


def test_under_a_plan_that_moves_levels() -> None:
    child = length(Child(birth_kg=None).condition("trisomy_21", 1), 100)
    child.plan(101, plan="condition", role="paediatrician", reference="trisomy-21-uk-2002")
    assert s5(child, 175) is None
    found = s5(child, 176)
    assert found is not None and found.values["because"] == ()
    (deed,) = found.obligations
    assert child.age(deed.deadline) == 190  # the last day on which the length still lets the plan judge
    assert s5(length(child, 190, 70.0), 190) is None


def test_with_a_plan_and_a_finding_both_are_said() -> None:
    child = length(Child(birth_kg=None).condition("trisomy_21", 1).at_z(-3.4, 90), 20)
    child.plan(91, plan="condition", role="paediatrician", reference="trisomy-21-uk-2002")
    found = s5(child, 150)
    assert found is not None
    assert found.says == (
        "Measure length or height: the last is of 4 February 2024. G4 and G5 are open; the reference of the signed plan "
        "(trisomy-21-uk-2002) judges only with a recent one."
    )


def test_from_its_witness_alone_it_comes_out_again() -> None:
    child = low().contact(110).at_z(-2.2, 130)
    found = s5(child, 192)
    assert found is not None
    alone = child.copy()
    alone.events = [e for e in child.events if e["id"] in found.witness]
    same = s5(alone, 192)
    assert same is not None and (same.key, same.opened_on) == (found.key, found.opened_on)


# --- the four deeds -------------------------------------------------------------------------------

DEEDS = {
    "Measure length or height": ("measured", {"measure": "height", "value_cm": 66.0}),
    "Take a feeding history": ("examined", {"role": "gp", "outcome": "seen", "history_taken": True}),
    "Watch a feed": ("examined", {"role": "gp", "outcome": "seen", "feed_observed": True}),
    "Agree a plan with the parents": (
        "plan_signed",
        {
            "plan": "care",
            "reason": "agreed",
            "review_by": dt.date(2025, 5, 11),
            "outcome_for_child": "300 g in a month",
        },
    ),
}


@pytest.mark.parametrize("done", list(DEEDS))
def test_each_needs_its_own_event(done: str) -> None:
    # "does an examination tick off a plan: no, nor a plan an examination. G3, G4: four obligations."
    type, fields = DEEDS[done]
    child = Child().at_z(-2.2, 300).add(type, 301, **fields)
    for rule in ("G3", "G4"):
        deeds = {o.do: o.done_on for f in child.review(301).findings if f.rule == rule for o in f.obligations}
        assert set(deeds) == set(DEEDS)
        assert {do for do, on in deeds.items() if on is not None} == {done}, rule


def test_an_examination_that_says_nothing_of_them_ticks_off_none() -> None:
    child = Child().at_z(-2.2, 300).examined(301, feeding="normal", history_taken=False)
    (g4,) = [f for f in child.review(301).findings if f.rule == "G4"]
    assert all(o.done_on is None for o in g4.obligations)
    assert {o.deadline for o in g4.obligations} == {child.date(302)}
