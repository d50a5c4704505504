"""Conditional gain (G7)."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from builders import HV, UK, Child
from losing import found, line

from growthwatch.growth.model import noise_sd, weight_model
from growthwatch.references import reference


def gain(z1: float, z2: float, first: int, second: int, sex: int = 1) -> float:
    at = np.array([float(first), float(second)])
    noise = noise_sd(UK, np.array([sex, sex], np.uint8), at)
    r = float(weight_model().correlation(at[0], at[1], noise[0], noise[1]))
    return (z2 - r * z1) / math.sqrt(1 - r * r)


def z_at_gain(limit: float, z1: float, first: int, second: int) -> float:
    r1 = gain(z1, 0.0, first, second)
    slope = gain(z1, 1.0, first, second) - r1
    return (limit - r1) / slope


@pytest.mark.parametrize(("days", "opens"), [(27, False), (28, True), (60, True)])
def test_g7_needs_28_days(days: int, opens: bool) -> None:
    child = Child(birth_kg=None).at_z(0.3, 100).at_z(-0.9, 100 + days)
    assert ("G7" in child.levels(100 + days)) is opens


def test_g7_at_its_threshold() -> None:
    z = z_at_gain(-1.645, 0.4, 100, 140)
    for shift, opens in ((1e-6, False), (-1e-6, True)):
        child = Child(birth_kg=None).at_z(0.4, 100).at_z(z + shift, 140)
        assert ("G7" in child.levels(140)) is opens
    f = found(Child(birth_kg=None).at_z(0.4, 100).at_z(z - 0.05, 140).review(140), "G7")
    assert (f.level, f.loudness) == ("once", "weekly")
    assert f.values["gain_z"] == pytest.approx(gain(0.4, z - 0.05, 100, 140), abs=1e-3)
    assert "one healthy gain in 20" in f.says.lower()


def test_g7_compares_with_the_latest_weight_28_days_or_more_before() -> None:
    child = Child(birth_kg=None).at_z(1.2, 60).at_z(0.2, 100).at_z(0.1, 115).at_z(0.0, 130)
    values = line(child.review(130), "G7").values
    assert values["previous_on"] == child.date(100).isoformat()


def test_g7_twice_running_a_week_apart_is_graver() -> None:
    def child(second: int, z: float = -1.2) -> Child:
        return Child(birth_kg=None).at_z(0.3, 100).at_z(0.3, 107).at_z(-0.9, 135).at_z(z, second)

    assert child(135 + 6).levels(141)["G7"] == "once"
    assert child(135 + 7).levels(142)["G7"] == "twice running"
    r = child(142).review(142)
    assert found(r, "G7").loudness == "daily"
    # What makes it graver is said, with its day: the low gain up to day 135 (29 May 2024).
    low = gain(0.3, -0.9, 107, 135)
    assert found(r, "G7").says.endswith(f"So it was on 29 May 2024 too (z {low:.2f}).")
    assert "a second weight tells" in found(child(141).review(141), "G7").says
    assert {a.do for a in HV.rule("G7").levels[1].actions} == {a.do for a in HV.rule("G3").levels[1].actions}


def test_g7_closes_on_the_next_gain_inside_and_on_nothing_less() -> None:
    child = Child(birth_kg=None).at_z(0.3, 100).at_z(-0.9, 135)
    child.clothed(child.kg(0.5, 150), 150).examined(151).at_z(-0.9, 155)
    assert child.closed("G7", 160) == []
    child.at_z(-0.4, 170)
    assert [d for d, _ in child.closed("G7", 170)] == [170]


def test_g7_is_for_the_first_year_and_a_later_weight_closes_it() -> None:
    year = (dt.date(2025, 1, 15) - dt.date(2024, 1, 15)).days
    for day, opens in ((year - 1, True), (year, False)):
        child = Child(birth_kg=None).at_z(0.3, day - 40).at_z(-0.9, day)
        assert ("G7" in child.levels(day)) is opens
    child = Child(birth_kg=None).at_z(0.3, year - 41).at_z(-0.9, year - 1).at_z(-0.3, year + 60)
    assert [d for d, _ in child.closed("G7", year + 60)] == [year + 60]


def test_g7_of_the_preterm_is_by_corrected_age_and_not_before_term() -> None:
    early = Child(birth_kg=None, gestation_days=200).at_z(0.3, 30).at_z(-1.5, 75)
    assert "G7" not in early.levels(75)
    later = Child(birth_kg=None, gestation_days=200).at_z(0.3, 180).at_z(-0.9, 215)
    assert line(later.review(215), "G7").values["gain_z"] == pytest.approx(gain(0.3, -0.9, 100, 135), abs=1e-3)


def test_g7_is_blind_to_a_change_of_table() -> None:
    # The same place in one table before and after two weeks: the jump of the table is no gain and no loss.
    child = Child(birth_kg=None, sex="male")
    who = reference("who-2006")
    for day in (10, 45):
        child.weigh(float(who.value(-1.0, age_days=day, sex="male")), day)  # pyright: ignore[reportArgumentType]
    values = line(child.review(45), "G7").values
    assert abs(values["gain_z"]) < 1.2


def test_g7_judges_no_doubted_weight() -> None:
    """Section 0, Weights: until confirmed for danger rules only; doubted as too low also G2 to G5: G7 is none of them."""
    child = Child(birth_kg=None).at_z(0.3, 100).at_z(-3.0, 140)
    r = child.review(140)
    assert {"G4", "G5"} <= {f.rule for f in r.findings if f.unconfirmed} and "G7" not in child.levels(140)
    assert any("Weigh again now" in o.do for o in r.obligations)
    # Confirmed by a second weight of another day, it counts, and the gain up to it is judged.
    child.at_z(-3.0, 141)
    f = found(child.review(141), "G7")
    assert not f.unconfirmed and f.level == "once" and "(if right)" not in f.says
