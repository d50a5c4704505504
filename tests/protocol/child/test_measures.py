"""What keeps a plan's reference in use (specification, section 2, Condition references): lengths and reviews."""

from __future__ import annotations

from typing import Any

import pytest
from builders import HV, Child

from growthwatch.protocol.child.measures import Measures

LENGTH, REVIEW = "a length or height of the last 90 days", "a review of nutrition of the last 6 months"


def measures(child: Child) -> Measures:
    out = Measures(HV.settings)
    for e in child.record.events:
        if e.type in Measures.TAKES:
            out.take(e.on.toordinal(), e)
    return out


def stand(child: Child, day: int) -> tuple[list[str], list[str], list[int | None]]:
    missing, events, ends = measures(child).stand(child.date(day).toordinal())
    return list(missing), list(events), [end - child.birthday.toordinal() for end in ends]


def both() -> Child:
    child = Child().add("measured", 100, measure="height", value_cm=60.0, id="length")
    return child.examined(100, role="paediatrician", feeding="normal", id="looked")


@pytest.mark.parametrize(
    ("day", "missing"),
    [
        # 90 days after day 100; six calendar months after 24 April 2024 are 24 October, day 283.
        (99, [LENGTH, REVIEW]),
        (100, []),
        (190, []),
        (191, [LENGTH]),
        (283, [LENGTH]),
        (284, [LENGTH, REVIEW]),
    ],
)
def test_how_long_each_stands(day: int, missing: list[str]) -> None:
    assert stand(both(), day)[0] == missing


def test_what_stands_is_named_with_the_day_after_its_last() -> None:
    assert stand(both(), 150) == ([], ["length", "looked"], [191, 284])
    assert stand(both(), 200) == ([LENGTH], ["looked"], [284])
    assert stand(both(), 90) == ([LENGTH, REVIEW], [], [])


@pytest.mark.parametrize("order", [(100, 160), (160, 100)])
def test_the_latest_of_several_counts_in_whatever_order_they_were_written_down(order: tuple[int, int]) -> None:
    child = Child()
    for day in order:
        child.add("measured", day, measure="height", value_cm=60.0, id=f"length-{day}", late=170 - day)
        child.examined(day, role="dietitian", feeding="normal", id=f"looked-{day}", late=170 - day)
    assert stand(child, 170)[1] == ["length-160", "looked-160"]
    # Up to a day only what was by then counts.
    assert stand(child, 150)[1] == ["length-100", "looked-100"]


@pytest.mark.parametrize(
    ("add", "counts"),
    [
        (lambda c: c.examined(110, role="paediatrician", feeding="not_normal"), True),
        (lambda c: c.examined(110, role="hospital_doctor", feeding="normal"), True),
        (lambda c: c.examined(110, role="dietitian", feeding="normal"), True),
        (lambda c: c.examined(110, role="gp", feeding="normal"), False),
        (lambda c: c.examined(110, role="paediatrician", length="normal"), False),
        (lambda c: asked(c, "dietetic_review", final=True), True),
        (lambda c: asked(c, "dietetic_review", final=False), False),
        (lambda c: asked(c, "paediatric_review", final=True), False),
    ],
)
def test_what_is_a_review_of_nutrition(add: Any, counts: bool) -> None:
    assert (REVIEW not in stand(add(Child()), 120)[0]) is counts


def asked(child: Child, kind: str, final: bool) -> Child:
    child.add("request_made", 105, kind=kind, to=[{"name": "dietitian"}], ask="look", id="ask")
    return child.add("answered", 110, request="ask", by="dietitian", outcome="fine", final=final, id="answer")


def test_a_review_that_was_asked_for_stands_from_its_answer_on_by_both() -> None:
    child = asked(Child(), "dietetic_review", final=True)
    assert REVIEW in stand(child, 109)[0]
    assert stand(child, 110)[1] == ["ask", "answer"]


def test_the_length_nearest_to_a_day() -> None:
    child = Child()
    for day, cm, position in ((100, 60.0, "lying"), (120, 62.0, None), (140, 64.0, "standing")):
        child.add("measured", day, measure="height", value_cm=cm, position=position, id=f"at-{day}")
    child.add("measured", 119, measure="head", value_cm=44.0)
    ledger, birth = measures(child), child.birthday.toordinal()

    def near(day: int, within: int = 28) -> tuple[float, str | None, str] | None:
        found = ledger.length_near(birth + day, within)
        return None if found is None else (found.cm, found.position, found.id)

    assert near(101) == (60.0, "lying", "at-100") and near(139) == (64.0, "standing", "at-140")
    assert near(110) == (62.0, None, "at-120"), "of two equally near the later"
    assert near(72) == (60.0, "lying", "at-100") and near(71) is None
    assert near(168) == (64.0, "standing", "at-140") and near(169) is None
