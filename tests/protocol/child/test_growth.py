"""What is followed of the weights, and what is not known of one without a z."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
from builders import UK, Child, folded
from losing import line

from growthwatch.protocol.child import Child as Read
from growthwatch.protocol.child import Weight


def read(child: Child, day: int) -> Read:
    return folded(child.record, child.date(day)).state.child


def test_of_a_weight_beyond_the_charts_nothing_is_known_in_z() -> None:
    # The charts end at 20 years, 7305 days.
    child = Child(birth_kg=None).steady(-1.0, [7000, 7100, 7200]).weigh(55.0, 7400)
    growth, last = read(child, 7400).growth, read(child, 7400).weights.valid[-1]
    assert last.z is None and last.counts
    assert growth.evidence_after(last) is None
    assert growth.evidence_with(last) is None
    assert growth.fit_after(last) is None
    assert growth.risen(last, child.date(7000).toordinal()) is None
    assert growth.fallen(last) is None
    assert growth.conditional_gain(last, 28) is None


def test_of_a_figure_that_is_no_weight_there_is_no_evidence_though_there_is_of_others() -> None:
    child = Child(birth_kg=None).steady(0.5, [60, 90, 120, 150]).steady(-1.2, [180, 210]).weigh(0.2, 215)
    growth, (*_, valid, none) = read(child, 215).growth, read(child, 215).weights.all
    assert none.z is None and not none.counts
    assert growth.evidence_after(valid) is not None and growth.fit_after(valid) is not None
    assert growth.evidence_after(none) is None and growth.evidence_with(none) is None
    assert growth.fit_after(none) is None


def test_of_a_child_whose_sex_is_not_known_there_is_no_evidence() -> None:
    child = Child(sex=None, birth_kg=None).weigh(6.0, 100).weigh(7.0, 160).weigh(7.4, 220)
    growth, last = read(child, 220).growth, read(child, 220).weights.valid[-1]
    assert growth.evidence_after(last) is None and growth.fit_after(last) is None
    assert growth.evidence_with(last) is None and growth.table_jump(last) is None


def test_evidence_is_that_after_the_day_of_a_weight() -> None:
    child = Child(birth_kg=None).steady(0.5, [60, 90, 120, 150]).steady(-0.5, [180]).steady(-1.2, [210])
    growth = read(child, 210).growth
    found = [growth.evidence_after(w) for w in read(child, 210).weights.valid]
    assert all(r is not None for r in found)
    assert (found[-1] or 0) > (found[-2] or 0) > (found[-3] or 0)
    # Each is what a review of that day knows.
    for w, ratio in zip(read(child, 210).weights.valid, found, strict=True):
        then = read(child, w.day - child.birthday.toordinal())
        assert then.growth.evidence_after(then.weights.valid[-1]) == ratio


# --- a birth weight that the gestation does not allow ---------------------------------------------------------------


def nearest(kg: float, days: Iterable[int]) -> tuple[int, float]:
    """The first gestation at which UK-WHO has a z for a girl's birth weight, and that z."""
    for gestation in days:
        z = float(UK.z(kg, corrected_age_days=float(gestation - 280), sex="female"))  # pyright: ignore[reportArgumentType]
        if not math.isnan(z):
            return gestation, z
    raise AssertionError("none has")


@pytest.mark.parametrize(
    ("gestation", "kg", "asked"),
    [
        # No table reaches so far: the nearest gestation that has one is asked.
        (310, 3.6, False),
        (310, 8.5, True),
        (155, 0.5, False),
        (155, 3.5, True),
        (200, 1.0, False),
        (200, 3.6, True),
        (280, 3.4, False),
        (280, 0.9, True),
    ],
)
def test_a_gestation_and_a_birth_weight_that_cannot_both_be_right(gestation: int, kg: float, asked: bool) -> None:
    # Specification, section 2, Q1: |z| > 5 at birth.
    at, z = nearest(kg, range(gestation, 281) if gestation < 280 else range(gestation, 279, -1))
    assert (abs(z) > 5) is asked, (at, z)
    child = Child(gestation_days=gestation, birth_kg=kg)
    found = [f for f in child.review(3).findings if f.rule == "Q1"]
    assert [f.values["question"] for f in found] == (["gestation"] if asked else [])
    if asked:
        assert found[0].values["birth_z"] == pytest.approx(z, abs=1e-3)


# --- a change of table ----------------------------------------------------------------------------------------------


def jump(child: Child, day: int) -> tuple[float, str] | None:
    state = read(child, day)
    last: Weight = state.weights.valid[-1]
    return state.growth.table_jump(last)


@pytest.mark.parametrize("sex", ["male", "female"])
def test_the_jump_at_four_years_is_the_difference_of_the_tables_there(sex: str) -> None:
    # UK-WHO: WHO's standard to 4 years, UK 1990 from then on; the same weight on the day before and on the day.
    child = Child("2020-01-15", sex=sex, birth_kg=None).weigh(12.5, 1400).weigh(12.6, 1470)
    found = jump(child, 1470)
    assert found is not None
    on, before = (
        float(UK.z(12.6, age_days=float(age), sex=sex, gestation_days=280))  # pyright: ignore[reportArgumentType]
        for age in (1461.0, 1460.9)
    )
    assert found[0] == pytest.approx(on - before, abs=0.01)
    assert jump(Child("2020-01-15", sex=sex, birth_kg=None).weigh(12.5, 1400).weigh(12.6, 1459), 1459) is None


def test_the_jump_at_the_end_of_correction_is_the_difference_of_the_ages() -> None:
    # Born at 34 weeks (238 days): corrected to one year of corrected age, 42 days longer.
    child = Child(birth_kg=None, gestation_days=238).weigh(8.4, 390).weigh(8.5, 420)
    found = jump(child, 420)
    assert found is not None and found[1] == "correction for gestation ended"
    by_age, corrected = (
        float(UK.z(8.5, age_days=age, sex="female", gestation_days=280))  # pyright: ignore[reportArgumentType]
        for age in (420.0, 420.0 - 42)
    )
    assert found[0] == pytest.approx(by_age - corrected, abs=1e-6) and found[0] < 0
    assert jump(Child(birth_kg=None, gestation_days=238).weigh(8.4, 370).weigh(8.5, 400), 400) is None


@pytest.mark.parametrize(("z", "by_table"), [(-2.05, True), (-2.9, False)])
def test_what_only_a_change_of_table_makes_true_is_said(z: float, by_table: bool) -> None:
    # By age below -2; by corrected age, as a day before, above it or not.
    child = Child(birth_kg=None, gestation_days=238).at_z(-1.8, 390)
    kg = float(UK.value(z, age_days=420.0, sex="female", gestation_days=280))  # pyright: ignore[reportArgumentType]
    corrected = float(UK.z(kg, age_days=378.0, sex="female", gestation_days=280))  # pyright: ignore[reportArgumentType]
    assert (corrected > -2) is by_table
    child.weigh(kg, 420)
    (finding,) = [f for f in child.review(420).findings if f.rule == "G4"]
    said = (
        "Only a change of table makes this true (correction for gestation ended): the same weight a day before was above "
        "the line."
    )
    assert (said in finding.notes) is by_table
    assert line(child.review(420), "G4").values["z"] == pytest.approx(z, abs=1e-3)
