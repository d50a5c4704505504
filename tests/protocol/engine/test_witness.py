"""The events that a finding names: from them alone it opens, on the same day, at the same level.

Source: process specification, section 9, 19.
"""

from __future__ import annotations

import pytest
from builders import HV, Child
from losing import found

from growthwatch.protocol import review
from growthwatch.record import Record


def again(child: Child, rule: str, day: int, but: str | None = None) -> list[str]:
    """Levels at which a rule is open on a day by the events alone that its finding names, or all of them but one."""
    finding = found(child.review(day), rule)
    alone = Record("child", [child.record.event(id) for id in finding.witness if id != but])
    return [f.level for f in review(alone, protocol=HV, as_of=child.date(day)).findings if f.rule == rule]


def test_a_signature_that_confirmed_a_doubted_weight_is_named() -> None:
    # A weight beyond z 6 is doubted, and no best, until somebody signs.  Six per cent less is a loss from it.
    child = Child(birth_kg=None).at_z(6.3, 300, id="high").decide(301, "confirm_weight", target="high", id="signature")
    kg = child.events[1]["weight_kg"]
    child.weigh(round(0.94 * kg, 2), 320, id="low")
    finding = found(child.review(320), "G8")
    assert finding.level == "5 %" and {"high", "low", "signature"} <= set(finding.witness)
    assert again(child, "G8", 320) == ["5 %"]
    assert again(child, "G8", 320, but="signature") == []


def test_a_signature_that_confirmed_another_weight_is_not_named() -> None:
    child = Child(birth_kg=None).at_z(0.0, 200).at_z(2.4, 220, id="high").decide(221, "confirm_weight", target="high")
    child.at_z(-2.2, 500, id="low").decide(501, "confirm_fact", target="low", id="other")
    finding = found(child.review(501), "G4")
    assert finding.witness[:2] == ("born-0", "low")
    assert not {"decision_signed-3", "other", "high"} & set(finding.witness)


@pytest.mark.parametrize(
    ("more", "id"),
    [
        (lambda c: c.condition("cerebral_palsy", 10, gmfcs=5, id="need"), "need"),
        (lambda c: c.add("level_changed", 10, to="child_in_need", id="level"), "level"),
        (lambda c: c.add("protection_plan", 10, state="began", id="plan"), "plan"),
        (
            lambda c: c.add("referral_made", 10, to="team", kind="safeguarding", about="worry", id="referral"),
            "referral",
        ),
    ],
)  # fmt: skip
def test_what_made_the_tier_of_an_overdue_weight_is_named(more: object, id: str) -> None:
    # Of T1 a weight is due 84 days after the last from 1 year on: overdue 8 days later.
    child = more(Child(birth_kg=None))  # type: ignore[operator]
    child.at_z(0.0, 400, id="last")
    opened = child.opened("S2", 600)[-2:]
    assert opened[-1][0] > 400
    finding = found(child.review(opened[-1][0]), "S2")
    assert {id, "last", "born-0"} <= set(finding.witness)
    assert again(child, "S2", opened[-1][0]) == [finding.level]


def test_weights_between_two_that_would_look_like_a_jump_are_named() -> None:
    # The best position held at +1 and the latest at -1.3 are 2.3 SD apart, and those between lead from one to the other.
    child = Child(birth_kg=None).steady(1.0, [300]).steady(0.2, [330]).steady(-0.6, [360]).at_z(-1.3, 385, id="last")
    finding = found(child.review(385), "G12") if "G12" in child.levels(385) else found(child.review(385), "G7")
    assert again(child, finding.rule, 385) == [finding.level]


def test_once_the_child_has_gained_newborn_loss_is_no_reason_for_a_weight() -> None:
    # G1 closes on day 12; weekly until two gains running (days 19 and 26).
    child = Child(birth_kg=3.5).condition("tube_feeding", 1).weigh(3.1, 4, id="low").weigh(3.4, 12, id="closing")
    waiting = child.copy()
    late = found(waiting.review(30), "S2")
    assert {"low", "closing"} <= set(late.witness)
    child.weigh(3.6, 19).weigh(3.9, 26, id="last").steady(0.0, [54])
    later = found(child.review(100), "S2")
    assert "low" not in later.witness and "closing" not in later.witness
