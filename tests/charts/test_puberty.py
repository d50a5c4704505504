"""Uprights of puberty: on the UK charts of height alone, at the ages of the child's own sex, with words.

Ages: RCPCH, Digital Growth Charts, uprights of the UK-WHO chart of height: boys 9, 14 and 17 years, girls 8, 13 and 16.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import UK, Child
from pictures import artists, covers, places, said

import growthwatch as gw
from growthwatch.charts import chart

AGES = {"male": (9, 14, 17), "female": (8, 13, 16)}
YEAR = 365.25


def tall(sex: str, years: tuple[float, ...], z: float = -1.2) -> Child:
    """A child of whom height, weight and head were measured at these ages."""
    child = Child(sex=sex, born="2004-01-01", birth_kg=None)
    for day in (round(y * YEAR) for y in years):
        child.at_z(z, day)
        for measure in ("height", "head"):
            cm = float(UK.value(z, age_days=min(day, 6000), sex=sex, measure=measure))
            child.add("measured", day, measure=measure, value_cm=round(cm, 1))
    return child


def drawn(sex: str, years: tuple[float, ...] = (7, 9.5, 12, 15, 17.5), **more: Any) -> Any:
    one = tall(sex, years)
    day = one.date(round(max(years) * YEAR) + 3)
    return chart(one.record, as_of=day, **{"measure": "height", "size": "page", **more})


def uprights(figure: Any) -> list[float]:
    return sorted({round(x / YEAR, 3) for x, _ in places(figure, "puberty")})


@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize("size", ["a4", "page", "600px"])
def test_uprights_of_puberty_stand_at_the_ages_of_the_childs_own_sex(sex: str, size: str) -> None:
    figure = drawn(sex, size=size)
    early, late, complete = AGES[sex]
    assert uprights(figure) == [early, late, complete]
    # Each is said: beside its upright, or, where there is no room, in the small print.
    words = " ".join(f"{said(figure, 'note')} {said(figure, 'footer')}".split())
    assert f"Puberty that starts before {early} years is early" in words
    assert f"No sign of puberty by {late} years is late" in words
    assert f"Puberty not complete by {complete} years is late" in words
    assert not any(f"{age} years is" in words for age in set(AGES["male"] + AGES["female"]) - set(AGES[sex]))
    assert "not with age alone" in words and covers(figure) == []


@pytest.mark.parametrize(
    ("years", "seen"), [((7, 8.5, 9.2), [8]), ((8.6, 9.3, 10.1), []), ((12, 13.5, 14.5), [13]), ((3, 4, 5), [])]
)
def test_only_uprights_in_view_are_drawn_and_said(years: tuple[float, ...], seen: list[int]) -> None:
    figure = drawn("female", years)
    assert uprights(figure) == seen
    assert ("uberty" in said(figure)) == bool(seen)


@pytest.mark.parametrize("measure", ["weight", "head", "bmi"])
def test_nothing_but_height_has_them(measure: str) -> None:
    figure = drawn("male", measure=measure)
    assert artists(figure, "puberty") == [] and "uberty" not in said(figure)


@pytest.mark.parametrize("reference", ["who", "who-2007", "cdc-2000", "turner-uk-1985", "trisomy-21-uk-2002"])
def test_no_other_reference_has_them(reference: str) -> None:
    """Those of a condition neither: its time of puberty may be another."""
    figure = drawn("female", reference=reference)
    assert artists(figure, "puberty") == [] and "uberty" not in said(figure)


def test_a_kind_that_is_no_chart_of_height_has_none() -> None:
    assert artists(drawn("female", kind="z"), "puberty") == []


def test_uk90_and_an_adjusted_chart_have_them() -> None:
    adjusted = gw.reference("uk-who").adjusted(
        shift=-0.5, measures="height", because="short parents", by="Dr N. Hale", review_by=dt.date(2022, 5, 1),
        signed_on=dt.date(2021, 6, 1),
    )  # fmt: skip
    for reference in ("uk90", adjusted):
        assert uprights(drawn("female", reference=reference)) == [8, 13, 16]
