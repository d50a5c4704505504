"""The family's chart: a shaded part, two named lines, a dot for every weight that counts, and no word of ours."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from builders import Child
from pictures import artists, collisions, outside, places, said, texts

import growthwatch as gw
from growthwatch.charts import chart

SIZES = ("a4", "page", "600px")
NEVER = re.compile(
    r"\b(SDS|centile|tier|T[0-3]|z|rule|protocol|safeguarding|faltering|failure to thrive)\b", re.IGNORECASE
)


def drawn(child: Child, day: int, **more: Any) -> Any:
    return chart(child.record, kind="family", as_of=child.date(day), **{"size": "page", **more})


def baby() -> Child:
    return Child(birth_kg=3.0).weigh(3.3, 13).weigh(4.1, 45).weigh(4.8, 73).weigh(5.3, 108)


def test_the_shaded_part_is_from_the_2nd_to_the_98th_line() -> None:
    figure = drawn(baby(), 110)
    ref = gw.reference("uk-who")
    shape = artists(figure, "shaded part")[-1].get_xy()
    for z in (-2.0, 2.0):
        kg = float(ref.value(z, age_days=100.0, sex="female"))
        xs, ys = shape[:, 0], shape[:, 1]
        edge = np.flatnonzero(np.abs(xs - 100.0) < 1e-6)
        assert min(abs(ys[edge] - kg)) < 1e-6


@pytest.mark.parametrize("size", SIZES)
def test_two_lines_are_named_in_everyday_words(size: str) -> None:
    figure = drawn(baby(), 110, size=size)
    words = " ".join(said(figure).split())
    assert "the middle of all babies" in words and "2 babies in 100 are lighter than this line" in words
    middle = artists(figure, "middle line")
    assert all(a.get_linestyle() == "--" for a in middle)
    assert all(a.get_linestyle() == "-" for a in artists(figure, "lower line"))
    older = drawn(Child(birth_kg=None).steady(0.0, [800, 900]), 910, size=size)
    assert "the middle of all children" in " ".join(said(older).split())


@pytest.mark.parametrize("size", SIZES)
def test_no_word_that_families_do_not_use_and_none_on_top_of_another(size: str) -> None:
    figure = drawn(baby(), 110, size=size)
    assert NEVER.search(" ".join(t for t in texts(figure) if "UK-WHO" not in t)) is None
    assert NEVER.search(figure.alt_text) is None
    assert (
        collisions(figure, "line label", "words on a mark", "axis figure", "axis label") == [] and outside(figure) == []
    )


def test_every_weight_that_counts_is_a_dot_and_no_other() -> None:
    child = baby().clothed(5.6, 109).weigh(53.0, 110)
    figure = drawn(child, 111)
    assert [x for x, _ in places(figure, "dots")] == [0, 13, 45, 73, 108]
    assert "We would like to check the last weight" in said(figure, "summary")


def test_dots_are_large_and_nothing_joins_them() -> None:
    figure = drawn(baby(), 110)
    (dots,) = artists(figure, "dots")
    assert dots.get_linestyle() == "None" and dots.get_markersize() >= 8


def test_the_latest_weight_is_said_with_its_day() -> None:
    # Born on 15 January 2024: day 108 is Thursday 2 May.
    assert "5.3 kg, Thursday 2 May" in said(drawn(baby(), 110))
    assert "5.3 kg, today" in said(drawn(baby(), 108))
    assert "5.3 kg, 2 May" in said(drawn(baby(), 130))
    assert "5.3 kg, 2 May 2024" in said(drawn(baby(), 400))


def test_a_name_is_shown_only_where_it_is_given() -> None:
    assert said(drawn(baby(), 110), "title") == "Your child’s weight"
    assert said(drawn(baby(), 110, title="Maya’s weight"), "title") == "Maya’s weight"


def test_an_old_weight_is_said_kindly() -> None:
    assert "The last dot is 41 weeks ago" in said(drawn(baby(), 400), "summary")


@pytest.mark.parametrize(("day", "label"), [(110, "Age in months"), (1000, "Age in months"), (1500, "Age in years")])
def test_months_below_three_years(day: int, label: str) -> None:
    child = Child(birth_kg=None).steady(0.0, [day - 100, day - 50, day - 1])
    assert label in texts(drawn(child, day), "axis label")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("weights", [0, 1, 2, 200])
def test_few_and_many(size: str, weights: int) -> None:
    child = Child(birth_kg=None).steady(-0.5, [int(d) for d in np.linspace(20, 900, weights)])
    figure = drawn(child, 910, size=size)
    assert len(places(figure, "dots")) == weights and outside(figure) == []


def test_a_child_born_early_lies_where_the_corrected_age_puts_it() -> None:
    child = Child(gestation_days=210, birth_kg=None).at_z(-2.0, 150)
    figure = drawn(child, 151)
    ((x, y),) = places(figure, "dots")
    line = np.array([p for p in places(figure, "lower line") if p[0] > 60])
    assert float(np.interp(x, line[:, 0], line[:, 1])) == pytest.approx(y, abs=0.01)
