"""A worry, no weight (S7): what is a worry about growth, from when, until when.

Source: specification of the protocol, section 2, S7.
"""

from __future__ import annotations

from typing import Any

import pytest
from builders import Child
from losing import found


def quiet(**more: Any) -> Child:
    return Child(**more).steady(0, [4, 12, 50, 200, 300])


def worried(child: Child, day: int = 310, **more: Any) -> Child:
    return child.add("concern", day, **{"raised_by": "Mrs A", "about": "thinner", "id": "worry"} | more)


@pytest.mark.parametrize(
    ("topics", "opens"),
    [
        (None, True),  # not said: about growth
        (["weight"], True),
        (["feeding"], True),
        (["intake"], True),
        (["looks"], True),
        (["other"], False),
        (["other", "looks"], True),
    ],
)
def test_what_is_a_worry_about_growth(topics: list[str] | None, opens: bool) -> None:
    assert ("S7" in worried(quiet(), topics=topics).levels(310)) is opens


@pytest.mark.parametrize(
    ("weighed", "more", "opens"),
    [
        (309, {}, True),  # the day before
        (310, {}, False),  # of its day, known that day
        (312, {"late": 0}, True),
        (310, {"late": 1}, True),  # known a day later only
    ],
)
def test_unless_a_valid_weight_of_its_day_or_later_is_known_that_day(
    weighed: int, more: dict[str, int], opens: bool
) -> None:
    child = worried(quiet()).at_z(0, weighed, **more)
    assert bool(child.opened("S7", 310)) is opens


def test_a_worry_that_is_written_down_late_and_answered_since_opens_nothing() -> None:
    child = worried(quiet(), late=5).at_z(0, 312)
    assert child.opened("S7", 330) == []
    before = worried(quiet(), late=5).at_z(0, 309)
    assert before.opened("S7", 330) == [(315, "open")]


@pytest.mark.parametrize(
    ("child", "day", "within"),
    [
        (quiet(), 310, 2),  # under one year
        (quiet().steady(0, [360]), 365, 2),  # 365 days after 15 January 2024 is 14 January 2025
        (quiet().steady(0, [360]), 366, 7),
        (quiet(gmfcs=1).steady(0, [360]), 400, 2),  # T1
    ],
)
def test_two_days_in_t1_or_under_one_year_else_seven(child: Child, day: int, within: int) -> None:
    (o,) = found(worried(child, day).review(day), "S7").obligations
    assert (o.deadline - o.set_on).days == within


@pytest.mark.parametrize(
    ("born", "gmfcs", "opens"),
    [("2020-01-16", None, True), ("2020-01-15", None, False), ("2019-01-15", 1, True)],
)
def test_under_five_years_and_in_t1_at_any_age(born: str, gmfcs: int | None, opens: bool) -> None:
    child = Child(born, gmfcs=gmfcs, birth_kg=None).steady(0, [1500])
    assert ("S7" in worried(child, child.age(child.date("2025-01-15")) or 0).levels("2025-01-15")) is opens


def test_a_rise_of_tier_hastens_it_and_a_further_worry_moves_no_deadline() -> None:
    child = worried(quiet().steady(0, [380]), 400)
    assert [child.age(o.deadline) for o in found(child.review(400), "S7").obligations] == [407]
    again = worried(child.copy(), 403, id="again")
    assert [child.age(o.deadline) for o in found(again.review(403), "S7").obligations] == [407]
    # T1 on day 402: two days from then. On day 406 that would be later than 407.
    for day, due in ((402, 404), (405, 407), (406, 407)):
        risen = child.copy().condition("tube_feeding", day)
        assert [child.age(o.deadline) for o in found(risen.review(day), "S7").obligations] == [due]


@pytest.mark.parametrize(
    ("weighed", "closes"),
    [
        (lambda c: c.at_z(0, 312, id="w"), True),
        (lambda c: c.clothed(9.0, 312, id="w"), False),
        (lambda c: c.weigh(9.0, 312, scale="other", id="w"), False),
        (lambda c: c.at_z(0, 309, late=5, id="w"), False),
        (lambda c: c.contact(312, id="w"), False),
        (lambda c: c.examined(312, id="w"), False),
    ],
)
def test_a_valid_weight_of_the_day_of_the_worry_or_later_closes_it(weighed: Any, closes: bool) -> None:
    child = weighed(worried(quiet()))
    assert bool(child.closed("S7", 320)) is closes
    if closes:
        assert child.closed("S7", 320) == [(312, "w")]


def test_of_several_worries_the_last_must_be_answered() -> None:
    child = worried(worried(quiet()), 315, id="again").at_z(0, 312, late=4, id="between")
    assert "S7" in child.levels(316) and child.closed("S7", 320) == []
    assert child.at_z(0, 318, id="after").closed("S7", 320) == [(318, "after")]


def test_a_worry_during_a_stay_waits_until_it_has_ended() -> None:
    child = quiet().add("admission", 305, role="hospital_doctor")
    worried(child)
    assert "S7" not in child.levels(312)
    home = child.copy().add("discharged", 314, role="hospital_doctor")
    assert home.opened("S7", 320) == [(314, "open")]
    weighed = child.copy().at_z(0, 312, role="hospital_doctor").add("discharged", 314, role="hospital_doctor")
    assert weighed.opened("S7", 320) == []


def test_who_worried_about_what_is_quoted_on_one_line() -> None:
    child = worried(quiet(), raised_by="Mr\nB", about="'not\tfeeding'", topics=["feeding"])
    assert found(child.review(310), "S7").says.startswith("'Mr B' worried about ''not feeding'' on 20 November 2024, ")


def test_a_worry_that_was_none_of_ours_when_it_was_voiced_opens_nothing_when_the_tier_rises() -> None:
    """Section 2, S7: any tier under five, T1 and above at any age; it opens on the known day of the concern."""
    child = Child().steady(0, [4, 12, 50, 400, 1800]).add("concern", 2000, raised_by="Mrs A", about="thinner")
    assert "S7" not in child.levels(2000)  # five years and five months, in T0
    child.add("level_changed", 2060, to="early_help", role="early_support_lead")
    assert child.review(2060).tier == "T1" and "S7" not in child.levels(2061)
    assert child.add("concern", 2070, raised_by="Mrs A", about="thinner").levels(2070)["S7"] == "open"
