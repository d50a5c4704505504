"""The chart of z: joined only within a table; across a break dotted, with both z of the same reading."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from builders import Child
from pictures import artists, collisions, outside, places, said, texts

import growthwatch as gw
from growthwatch.charts import alt_text, chart, chart_table
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.units import DAYS_PER_YEAR

UK = gw.reference("uk-who")
FOUR = 4 * DAYS_PER_YEAR


def drawn(child: Child, day: int, **more: Any) -> Any:
    return chart(child.record, kind="z", as_of=child.date(day), **{"size": (8, 6), **more})


def segments(figure: Any, gid: str) -> list[tuple[float, float]]:
    return [(float(s[0][0]), float(s[1][0])) for a in artists(figure, gid) for s in a.get_segments()]


def across_four() -> Child:
    return Child(birth_kg=None).steady(-2.0, [1200, 1300, 1440]).at_z(-2.4, 1470).at_z(-2.4, 1600)


def test_readings_are_joined_within_a_table_and_dotted_across_a_break() -> None:
    figure = drawn(across_four(), 1610)
    assert segments(figure, "joined") == [(1200, 1300), (1300, 1440), (1470, 1600)]
    assert segments(figure, "broken") == [(1440, 1470)]
    (solid,), (dotted,) = artists(figure, "joined"), artists(figure, "broken")
    assert solid.get_linestyle()[0][1] is None and dotted.get_linestyle()[0][1] is not None


def test_the_arrow_has_both_z_of_the_same_weight() -> None:
    child = across_four()
    figure = drawn(child, 1610)
    (arrow,) = artists(figure, "jump")
    (x0, before), (x1, after) = (arrow._posA_posB[k] for k in (0, 1))
    assert x0 == x1 == pytest.approx(FOUR)
    # Straight between the two weights, at four years: scored by hand on either side of the change of table.
    kg = np.interp(FOUR, [1440, 1470], [child.kg(-2.0, 1440), child.kg(-2.4, 1470)])
    sides = [float(UK.z(kg, age_days=age, sex="female")) for age in (FOUR - 1e-6, FOUR)]
    assert [before, after] == pytest.approx(sides, abs=1e-3)
    assert f"same weight: −{-before:.2f} → −{-after:.2f}" in said(figure)
    assert "4 years" in figure.alt_text and "WHO to UK 1990" in said(figure, "note")


def test_within_one_table_there_is_no_arrow() -> None:
    figure = drawn(Child(birth_kg=None).steady(0.0, [100, 200, 300]), 310)
    assert artists(figure, "jump") == [] and artists(figure, "broken") == []
    assert "jump" not in said(figure, "summary") and "tables change" not in texts(figure, "key")


def test_where_correction_ends_z_jumps_too() -> None:
    child = Child(gestation_days=189, birth_kg=None).steady(-1.0, [600, 750, 850, 900])
    figure = drawn(child, 905)
    early = 280 - 189
    (arrow,) = artists(figure, "jump")
    assert arrow._posA_posB[0][0] == pytest.approx(2 * DAYS_PER_YEAR + early)
    assert segments(figure, "broken") == [(750, 850)]
    assert "correction for gestation ends" in said(figure, "note")


def test_the_lines_are_level_at_their_exact_z_with_their_dashes() -> None:
    figure = drawn(across_four(), 1610)
    for line in UK_NINE.lines[:6]:
        found = [a for a in artists(figure, "centile") if a.get_gid() == f"centile {line.label}"]
        assert len(found) == (line.z < figure.axes[0].get_ylim()[1])
        for artist in found:
            assert set(artist.get_ydata()) == {line.z}
            assert (artist.get_linestyle() == "--") == line.dashed


def test_a_doubted_reading_is_not_joined() -> None:
    child = Child(birth_kg=None).steady(0.0, [100, 140, 180]).weigh(60.0, 200)
    figure = drawn(child, 201)
    assert segments(figure, "joined") == [(100, 140), (140, 180)]
    assert len(places(figure, "suspected")) == 1 and "off the scale" in said(figure, "words on a mark")


def test_what_is_not_current_has_an_open_mark_and_a_line_today() -> None:
    figure = drawn(Child(birth_kg=None).steady(0.0, [100, 140, 180]), 700)
    assert artists(figure, "last, not current") and {x for x, _ in places(figure, "today")} == {700}
    assert "Not current" in said(figure, "warning")


@pytest.mark.parametrize("z", [-6.0, 5.0])
def test_far_beyond_the_lines_there_are_guides_and_the_point_is_in_view(z: float) -> None:
    child = Child(birth_kg=None)
    for day in (100, 140, 180):
        child.at_z(z, day).decide(day, "confirm_weight", target=child.last)
    figure = drawn(child, 181)
    low, high = figure.axes[0].get_ylim()
    assert low < z < high and f"{'−5' if z < 0 else '+4'} SD" in texts(figure, "line label")


@pytest.mark.parametrize("measure", ["height", "head", "bmi"])
def test_other_measures_have_a_z_too(measure: str) -> None:
    child = Child(birth_kg=None).steady(0.0, [100, 200, 800])
    for day, cm, head in ((100, 60.0, 40.0), (200, 67.0, 43.0), (800, 87.0, 48.0)):
        child.add("measured", day, measure="height", value_cm=cm).add("measured", day, measure="head", value_cm=head)
    figure = drawn(child, 810, measure=measure)
    assert len(places(figure, "dots")) == 3
    assert not next(r["joined"] for r in figure.table)


@pytest.mark.parametrize("weights", [0, 1, 2, 1000])
@pytest.mark.parametrize("size", ["a4", "page", "600px"])
def test_few_and_many_readings(weights: int, size: str) -> None:
    child = Child(birth_kg=None).steady(-0.5, [int(d) for d in np.linspace(30, 2000, weights)])
    figure = drawn(child, 2010, size=size)
    assert len(segments(figure, "joined")) + len(segments(figure, "broken")) == max(weights - 1, 0)
    assert outside(figure) == []
    assert collisions(figure, "line label", "axis figure", "unit", "words on a mark", "note") == []


def test_words_and_rows_are_those_of_the_picture() -> None:
    child = across_four()
    given: dict[str, Any] = {"kind": "z", "as_of": child.date(1610)}
    assert alt_text(child.record, **given) == chart(child.record, **given).alt_text
    assert [r["joined"] for r in chart_table(child.record, **given)] == [False, True, True, False, True]
    assert dt.date(2024, 1, 15).isoformat() not in str(chart_table(child.record, **given))


@pytest.mark.parametrize("z", [-6.0, 5.0])
@pytest.mark.parametrize("size", ["a4", "page", "600px"])
def test_names_of_lines_stay_apart_however_far_a_child_lies(z: float, size: str) -> None:
    child = Child(birth_kg=None)
    for day in (100, 140, 180):
        child.at_z(z, day).decide(day, "confirm_weight", target=child.last)
    figure = drawn(child, 181, size=size)
    names = texts(figure, "line label")
    assert collisions(figure, "line label") == [] and outside(figure) == []
    assert {"50th", f"{'−3' if z < 0 else '+3'} SD"} <= set(names)


def test_a_doubted_reading_beyond_the_scale_asks_to_be_repeated() -> None:
    figure = drawn(Child(birth_kg=None).steady(0.4, [59, 109, 159, 204]).weigh(6.0, 262), 262)
    assert "off the scale: repeat now" in said(figure, "words on a mark") and places(figure, "suspected")
