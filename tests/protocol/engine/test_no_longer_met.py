"""What two weights no longer met on the first day stays open, and holds no tier until a later weight meets it.

Source: process specification, section 7, First day.
"""

from __future__ import annotations

import pytest
from builders import HV, Child, fallen

import growthwatch.protocol as gwp
from growthwatch.protocol import Review

A = 301
"""The first day, by the age of the child."""


def begun(child: Child, day: int, first: int = A) -> Review:
    """The review of a day, of a child for whom the protocol came into force on another."""
    return gwp.review(child.record, protocol=HV, as_of=child.date(day), in_force_from=child.date(first))


def fell_and_rose() -> Child:
    """G5 falling (below z -8/3, by 0.9 of 0.22 allowed: T3) and G4 on day 200; two weights meet neither from day 260."""
    return Child(birth_kg=None).led().at_z(-1.9, 180).at_z(-2.8, 200).at_z(-1.5, 240).at_z(-1.5, 260)


def arm(child: Child, day: int, cm: float) -> Child:
    return child.add("measured", day, measure="arm", value_cm=cm)


def test_when_another_raises_the_tier_what_is_no_longer_met_holds_none_of_it() -> None:
    # An arm of 12.0 cm (G11, moderate) makes T2; G5, which would make T3, is open and no longer met.
    child = arm(fell_and_rose(), 320, 12.0)
    assert {f.key for f in begun(child, 420).findings} > {"G4@start", "G5@start", "G11@start"}
    assert [begun(child, day).tier for day in (A, 319, 320, 321, 420)] == ["T0", "T0", "T2", "T2", "T2"]


def test_what_is_no_longer_met_does_not_bar_the_way_down() -> None:
    # G11 is over on day 330, and two weights (days 240 and 260) are inside every threshold: nothing holds T2.
    child = arm(arm(fell_and_rose(), 320, 12.0), 330, 13.0).decide(333, "lower_tier", tier="T0")
    r = begun(child, 333)
    assert (r.tier, r.refused) == ("T0", ()) and {f.key for f in r.findings} > {"G4@start", "G5@start"}
    arm(child, 400, 12.0)
    assert [begun(child, day).tier for day in (334, 399, 400, 401)] == ["T0", "T0", "T2", "T2"]


def test_what_is_no_longer_met_does_not_bar_the_way_down_for_steady_growth() -> None:
    """G3 holds T2: born at z 0, it falls by 1.6, and two spaces are 1.33; G4 of day 200 is no longer met by two weights.

    In T2 since day 180; z since then is no more than a third of a space (0.22) below that of the start, -1.9.
    """
    child = fallen(0.0, -0.2, 100).led().at_z(-1.9, 180).at_z(-2.1, 200)
    for day in (240, 260, 300, 328):
        child.at_z(-1.6, day)
    child.examined(330, length="normal", feeding="normal").decide(331, "lower_tier", tier="T0")
    assert begun(child, 330).tier == "T2"
    r = begun(child, 331)
    assert (r.tier, r.refused) == ("T0", ()) and {f.key for f in r.findings} > {"G3@start", "G4@start"}
    # The next weight shows growth as steady as before.
    assert begun(child.at_z(-1.7, 360), 361).tier == "T0"


def test_a_weight_that_meets_it_again_holds_the_tier_after_another_has_raised_it() -> None:
    # z -2.9 is below the 0.4th centile (-8/3), and 1.4 lower than 28 days before: falling, T3.
    child = arm(fell_and_rose(), 320, 12.0).at_z(-1.5, 322).at_z(-2.9, 350)
    assert [begun(child, day).tier for day in (349, 350)] == ["T2", "T3"]


def test_where_evidence_cannot_be_judged_nobody_leaves_t2_for_steady_growth() -> None:
    """After the sixth birthday no evidence of slowing is worked out: below 5 (section 1) cannot be said of it.

    G4 is met throughout and holds T2; G5 of day 2520 is no longer met by two weights (-2.2 is above -8/3).
    """
    child = Child(birth_kg=None).led().at_z(-1.9, 2500).at_z(-2.8, 2520)
    for day in (2560, 2580, 2660, 2690):
        child.at_z(-2.2, day)
    child.examined(2695, length="normal", feeding="normal").decide(2696, "lower_tier", tier="T0")
    r = begun(child, 2696, first=2600)
    assert r.tier == "T2" and {f.key for f in r.findings} > {"G4@start", "G5@start"}
    (refused,) = r.refused
    assert "and for the other way out: the evidence of slowing cannot be judged" in refused.reasons


@pytest.mark.parametrize(("oedema", "tier"), [(None, "T2"), ("none", "T1")])
def test_a_gain_that_may_be_fluid_is_not_what_no_longer_meets_it(oedema: str | None, tier: str) -> None:
    """No such gain lowers a tier without an examination of the last 7 days that finds no oedema (section 2, G14).

    G4 of day 200, and two weights above its line; a kidney disease names fluid, and makes T1.
    """
    child = Child(birth_kg=None).led().at_z(-2.1, 200).at_z(-1.5, 240).at_z(-1.5, 260)
    child.condition("chronic_kidney_disease", 150)
    if oedema is not None:
        child.examined(300, oedema=oedema)
    r = begun(child, A)
    assert ("FD:sign@start" in {f.key for f in r.findings}) is (tier == "T1")
    assert r.tier == tier
