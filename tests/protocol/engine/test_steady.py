"""The way out of T2 for a child who grows steadily."""

from __future__ import annotations

from typing import Any

import pytest
from builders import SPACE, Child

from growthwatch.protocol.file.values import TIERS


def steady(
    z: float = -2.2, days: list[int] | None = None, looked: bool = True, signed: int | None = 381, **more: Any
) -> Child:
    child = (
        Child(birth_kg=None, **more)
        .led()
        .steady(z, [60, 120, 200, 230, 260, 290, 320, 350, 380] if days is None else days)
    )
    if looked:
        child.examined(370, length="normal", feeding="normal", role="health_visitor")
    return child if signed is None else child.decide(signed, "lower_tier", tier="T1" if more else "T0")


def test_a_steady_child_below_the_line_leaves_t2_by_signature() -> None:
    child = steady()
    assert child.review(380).tier == "T2" and "G4" in child.levels(380)
    r = child.review(381)
    assert r.tier == "T0" and r.refused == ()
    assert "G4" in {f.rule for f in r.findings}, "the finding stays: nothing is forgotten"
    child.at_z(-2.2, 420)
    assert child.review(430).tier == "T0"


@pytest.mark.parametrize("bad", ["fall", "other finding", "evidence"])
def test_what_gets_worse_brings_t2_back(bad: str) -> None:
    child = steady()
    if bad == "fall":
        child.at_z(-2.2 - SPACE / 3 - 0.01, 410)
    elif bad == "other finding":
        child.at_z(-2.7, 410)
    else:
        child.at_z(-2.3, 410).at_z(-2.5, 440).at_z(-2.6, 470).at_z(-2.65, 500)
    assert TIERS.index(child.review(520).tier) >= TIERS.index("T2")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("child", "why"),
    [
        (steady(looked=False), "no examination since"),
        (steady(days=[60, 120, 200, 230, 260, 290, 320], signed=321), "no examination since"),
        (steady(gmfcs=5), "high need"),
        (steady(days=[330, 350, 380]), "of 56 days"),
        (steady(days=[200, 230]), "do not yet span"),
        (
            steady(signed=None).examined(380, feeding="not_normal").decide(381, "lower_tier", tier="T0"),
            "feeding as normal",
        ),
    ],
)
def test_what_the_steady_way_out_needs(child: Child, why: str) -> None:
    r = child.review(385)
    assert r.tier != "T0" and any(why in text for _, text in r.refused), r.refused


def test_one_who_fell_and_came_back_has_not_been_steady() -> None:
    child = Child(birth_kg=None).steady(-2.2, [200, 230]).at_z(-2.5, 260).steady(-2.2, [290, 320, 380])
    child.examined(370, length="normal", feeding="normal").decide(381, "lower_tier", tier="T0")
    assert any("lower than at the start" in text for _, text in child.review(381).refused)
