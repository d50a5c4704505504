"""Birth, marks of age, and what a second birth says."""

from __future__ import annotations

import datetime as dt

import pytest
from builders import HV, Child

from growthwatch.protocol.child.ages import Ages


def ages(child: Child) -> Ages:
    out = Ages(HV.settings)
    for e in child.record.events:
        if e.type in Ages.TAKES:
            out.take(e.on.toordinal(), e)
    return out


def test_a_second_birth_fills_gaps_and_contradicts_nothing() -> None:
    child = Child(sex=None, gestation_days=None).add("born", 0, sex="male").add("born", 0, gestation_days=250)
    birth = ages(child).birth
    assert birth is not None
    assert (birth.sex, birth.gestation_days, birth.event) == ("male", 250, "born-0")
    assert ages(child).births_differ == []


@pytest.mark.parametrize("other", [{"sex": "male"}, {"gestation_days": 250}])
def test_the_first_of_two_births_that_differ_stands(other: dict[str, object]) -> None:
    child = Child(sex="female", gestation_days=280).add("born", 0, **other)
    birth = ages(child).birth
    assert birth is not None
    assert (birth.sex, birth.gestation_days) == ("female", 280)
    assert ages(child).births_differ == [child.last]


def test_another_day_of_birth_is_doubted() -> None:
    child = Child().add("born", 2)
    assert ages(child).births_differ == [child.last]
    assert ages(child).birth.date == child.birthday  # type: ignore[union-attr]


def test_marks_follow_the_birth_that_counts() -> None:
    known = ages(Child(born="2024-02-29", gestation_days=None))
    assert dt.date.fromordinal(known.mark(12)) == dt.date(2025, 3, 1)
    assert dt.date.fromordinal(known.mark(12, corrected=True)) == dt.date(2025, 3, 1), "no gestation: no shift"
    early = ages(Child(born="2024-01-15", gestation_days=250))
    assert early.mark(6, corrected=True) - early.mark(6) == 30
    assert early.once("a", lambda: 1) == early.once("a", lambda: 2) == 1
    fork = early.fork()
    fork.take(0, Child(born="2024-01-20", gestation_days=250).record.events[0])
    assert early.births_differ == [] and fork.births_differ == ["born-0"]


@pytest.mark.parametrize(
    ("gestation", "age", "so"),
    [(258, 10, True), (258, 800, False), (223, 600, True), (259, 10, False), (None, 10, False)],
)
def test_correction_applies_to_the_preterm_for_so_long(gestation: int | None, age: int, so: bool) -> None:
    child = Child(gestation_days=gestation)
    assert ages(child).corrected_on(child.date(age).toordinal()) is so


def test_death_is_taken() -> None:
    child = Child().add("died", 40)
    assert ages(child).died == child.date(40).toordinal()
