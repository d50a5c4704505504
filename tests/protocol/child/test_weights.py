"""Which weights count, which are doubted, and what confirms them."""

from __future__ import annotations

from typing import Any

import pytest
from builders import Child


@pytest.mark.parametrize(
    ("fields", "day", "counts"),
    [
        ({}, 400, True),
        ({"clothing": "nappy"}, 400, False),
        ({"clothing": "vest_and_pants"}, 400, False),
        ({"clothing": "vest_and_pants"}, 730, False),
        ({"clothing": "vest_and_pants"}, 731, True),
        ({"clothing": "naked"}, 731, True),
        ({"clothing": "light_clothes"}, 731, False),
        ({"clothing": "clothed"}, 900, False),
        ({"scale": "other"}, 400, False),
        ({"scale": None}, 400, True),
        ({"clothing": None}, 400, True),
        ({"date_certain": False}, 400, False),
    ],
)
def test_what_makes_a_weight_valid(fields: dict[str, Any], day: int, counts: bool) -> None:
    child = Child().weigh(9.0, day, **fields)
    assert (child.review(day).due.last_valid_on == child.date(day)) is counts


def suspected(child: Child, day: int) -> bool:
    r = child.review(day)
    return r.due.last_valid_on != child.date(day) and any("entry error" in n for n in r.notes)


@pytest.mark.parametrize(("z", "doubt"), [(-5.99, False), (-6.01, True), (6.01, True)])
def test_z_beyond_6_is_suspected(z: float, doubt: bool) -> None:
    child = Child(birth_kg=None).at_z(z, 300)
    assert suspected(child, 300) is doubt


@pytest.mark.parametrize(
    ("change", "days", "doubt"), [(1.99, 90, False), (2.01, 90, True), (2.01, 91, False), (-2.01, 90, True)]
)
def test_a_jump_of_more_than_2_sd_within_90_days_is_suspected(change: float, days: int, doubt: bool) -> None:
    child = Child(birth_kg=None).at_z(0, 300).at_z(change, 300 + days)
    assert suspected(child, 300 + days) is doubt


@pytest.mark.parametrize("factor", [2.2046, 1 / 2.2046, 10, 0.1])
def test_pounds_and_a_moved_decimal_point_are_suspected(factor: float) -> None:
    child = Child(birth_kg=None).at_z(0, 300)
    child.weigh(child.kg(0, 500) * factor, 500)
    assert suspected(child, 500)


@pytest.mark.parametrize("how", ["signed", "repeated"])
def test_a_suspected_weight_is_confirmed(how: str) -> None:
    child = Child(birth_kg=None).at_z(0, 300).at_z(2.2, 330)
    assert suspected(child, 330)
    if how == "signed":
        child.decide(331, "confirm_weight", target=child.last)
        assert child.age(child.review(331).due.last_valid_on) == 330
    else:
        child.at_z(2.2, 331)
        assert child.age(child.review(331).due.last_valid_on) == 331


def test_a_doubted_fall_counts_for_the_lines_until_it_is_confirmed_or_not() -> None:
    child = Child(birth_kg=None).at_z(0, 300).at_z(-2.2, 330)
    assert suspected(child, 330) and child.review(330).tier == "T3"
    assert all(f.unconfirmed for f in child.review(330).findings if f.rule in ("G4", "G8"))


def test_a_suspected_weight_is_never_a_best_weight() -> None:
    child = Child(birth_kg=None).at_z(0, 300).weigh(90.0, 320)
    assert child.at_z(0, 340).levels(340) == {}


@pytest.mark.parametrize("z", [-2.5, -6.5])
def test_a_confirmed_weight_confirms_the_next(z: float) -> None:
    child = Child(birth_kg=None).at_z(0, 300).at_z(z, 330).at_z(z, 337).at_z(z, 344)
    assert not suspected(child, 344)


def test_a_suspected_weight_is_repeated_today() -> None:
    child = Child().steady(0, [14, 30]).at_z(-2.5, 110)
    assert suspected(child, 110)
    assert any(o.deadline == child.date(110) and "gain" in o.do for o in child.review(110).obligations)


def test_a_greater_loss_gives_no_lower_tier() -> None:
    def tier(share: float) -> str:
        child = Child().steady(0, [60, 200, 390])
        return child.weigh(round(child.kg(0, 390) * share, 3), 400).review(400).tier

    assert tier(0.8) == "T3"
    assert tier(0.7) == "T3"
