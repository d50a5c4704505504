"""The trajectory chart: what was expected, what is likely, the evidence, and the parts of the change."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import Child
from pictures import artists, collisions, outside, places, said, texts

import growthwatch as gw
from growthwatch.charts import chart, chart_table

C1 = gw.Record.load(Path(__file__).parents[2] / "examples" / "c1-slow-decline.json")
DAY = dt.date(2024, 2, 27)
BEST, LAST = 554, 715  # 9.29 kg on 19 September 2023, 8.84 kg on 27 February 2024: ages [days]
SIZES = ("a4", "page", "600px")


def drawn(child: Child, day: int, **more: Any) -> Any:
    return chart(child.record, kind="trajectory", as_of=child.date(day), **{"size": (8, 8), **more})


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return {size: chart(C1, kind="trajectory", as_of=DAY, size=size) for size in SIZES}


def test_the_expected_band_begins_after_the_best_weight_and_ends_at_the_latest(figures: dict[str, Any]) -> None:
    (band,) = [a for a in artists(figures["a4"], "expected") if a.get_gid() == "expected"]
    xs = band.get_xy()[:, 0]
    assert xs.min() == BEST + 1 and xs.max() == LAST
    assert band.get_hatch() is None


def test_the_band_is_what_the_weights_up_to_the_best_let_expect(figures: dict[str, Any]) -> None:
    t = gw.trajectory(C1, as_of=dt.date(2023, 9, 19))
    ahead = t.forecast(float(LAST))
    x, y = places(figures["a4"], "expected middle")[-1]
    assert (x, y) == (LAST, pytest.approx(float(ahead.weight_kg[0]), abs=1e-6))
    (band,) = [a for a in artists(figures["a4"], "expected") if a.get_gid() == "expected"]
    at_end = sorted(v for a, v in band.get_xy() if a == LAST)
    assert at_end[0] == pytest.approx(float(ahead.band_kg[0][0])) and at_end[-1] == pytest.approx(
        float(ahead.band_kg[1][0])
    )


def test_the_gap_is_said_in_kilograms(figures: dict[str, Any]) -> None:
    _, expected = places(figures["a4"], "expected middle")[-1]
    assert f"{expected - 8.84:.1f} kg less than expected" in said(figures["a4"], "words on a mark")
    assert artists(figures["a4"], "gap")


def test_what_is_likely_is_hatched_begins_after_the_weight_and_is_no_target(figures: dict[str, Any]) -> None:
    (likely,) = artists(figures["a4"], "likely next")
    assert likely.get_hatch() and likely.get_xy()[:, 0].min() == LAST + 1
    assert "likely next (not a target)" in texts(figures["a4"], "key")
    assert "NOT a target" in said(figures["a4"], "footer") and "not a target" in figures["a4"].alt_text


def test_the_evidence_has_the_childs_own_thresholds_on_a_logarithmic_scale(figures: dict[str, Any]) -> None:
    strip = figures["a4"].axes[1]
    levels = {a.get_gid(): a.get_ydata()[0] for a in artists(strip.figure, "") if a.get_gid() in ("amber", "red")}
    # High need: GMFCS V.
    assert levels == {"amber": pytest.approx(math.log10(3)), "red": pytest.approx(math.log10(20))}
    assert texts(figures["a4"], "threshold") == ["amber 3", "red 20"]
    assert (
        dict(zip(strip.get_yticks(), (t.get_text() for t in strip.get_yticklabels()), strict=True))[math.log10(20)]
        == "20"
    )
    other = drawn(Child().steady(0.0, [30, 60, 120, 180, 240]), 250)
    assert texts(other, "threshold") == ["amber 5", "red 20"]
    assert "high need" in said(figures["a4"], "footer") and "high need" not in said(other, "footer")


def test_the_two_pictures_share_one_axis_of_time(figures: dict[str, Any]) -> None:
    for figure in figures.values():
        weights, evidence = figure.axes[:2]
        assert weights.get_xlim() == evidence.get_xlim()
        assert weights.get_position().x0 == evidence.get_position().x0


def test_the_evidence_after_each_weight_is_that_of_the_trajectory(figures: dict[str, Any]) -> None:
    t = gw.trajectory(C1, as_of=DAY)
    (x, y) = places(figures["a4"], "evidence now")[0]
    assert x == LAST and 10**y == pytest.approx(t.evidence.latest)
    assert said(figures["a4"], "evidence words") == "4.0: amber"


def test_danger_is_read_before_any_figure(figures: dict[str, Any]) -> None:
    assert said(figures["a4"], "warning").startswith("Danger:")
    assert figures["a4"].alt_text.index("Danger") < figures["a4"].alt_text.index("fit slowing")


def test_the_parts_of_the_change_add_up(figures: dict[str, Any]) -> None:
    rows = {r["says"]: r["z"] for r in figures["a4"].table if r["what"] == "part"}
    assert rows["Change"] == pytest.approx(rows["Ordinary drift"] + rows["Left over"])
    bars = {a.get_gid(): a for a in artists(figures["a4"], "part ") if a.get_gid() not in ("part name", "part figure")}
    widths = {name.removeprefix("part "): bar.get_width() for name, bar in bars.items()}
    assert widths["Change"] / widths["Left over"] == pytest.approx(rows["Change"] / rows["Left over"])
    hatches = {name: bar.get_hatch() for name, bar in bars.items()}
    assert len(set(hatches.values())) == 3  # grey paper tells them apart


def test_the_condition_has_a_part_of_its_own_on_its_reference() -> None:
    child = Child(sex="female").condition("trisomy_21", 0).steady(-1.0, [30, 90, 150, 210, 300])
    figure = drawn(child, 310, reference="trisomy-21-uk-2002")
    assert texts(figure, "part name") == ["Change", "The condition", "Ordinary drift", "Left over"]


def test_a_child_who_gains_is_compared_with_its_best_position() -> None:
    child = Child().steady(0.0, [30, 60, 90, 120, 150]).at_z(-0.7, 200).at_z(-0.9, 240)
    figure = drawn(child, 245)
    assert "best position" in said(figure, "footer") and "below the best weight" not in said(figure, "summary")
    assert "less than expected" in said(figure)


def test_a_dead_child_has_no_weight_to_come() -> None:
    child = Child().steady(0.0, [30, 60, 90, 120, 150]).add("died", 160)
    figure = drawn(child, 200)
    assert artists(figure, "likely") == []
    assert "Died" in said(figure, "warning")


@pytest.mark.parametrize("weights", [[], [0], [0, 40]])
def test_few_weights_say_little(weights: list[int]) -> None:
    child = Child(birth_kg=None)
    for day in weights:
        child.at_z(0.0, day)
    figure = drawn(child, 60)
    assert artists(figure, "expected") == [] or len(weights) == 2
    assert outside(figure) == []
    assert "fit slowing" not in figure.alt_text


def test_a_suspected_weight_has_its_own_mark_and_no_gap() -> None:
    child = Child().steady(0.0, [30, 60, 90, 120, 150]).weigh(62.0, 180)
    figure = drawn(child, 181)
    assert len(places(figure, "suspected")) == 1
    assert figure.axes[0].get_ylim()[1] < 20


def test_weights_before_the_window_are_counted(figures: dict[str, Any]) -> None:
    low, _ = figures["a4"].axes[0].get_xlim()
    n = sum(r["age_days"] < low for r in figures["a4"].table if r["what"] == "weight")
    assert n > 0 and f"Earlier, not in view: {n} weights" in said(figures["a4"], "footer")


@pytest.mark.parametrize("size", SIZES)
def test_nothing_covers_anything(figures: dict[str, Any], size: str) -> None:
    gids = ("line label", "axis figure", "threshold", "evidence words", "part ", "unit", "axis label", "words on")
    assert collisions(figures[size], *gids) == [] and outside(figures[size]) == []


def test_hindsight_is_refused() -> None:
    with pytest.raises(gw.GrowthwatchError) as caught:
        chart(C1, kind="trajectory", as_of=DAY, known_at=dt.date(2024, 4, 1))
    assert caught.value.field == "known_at"


def test_the_table_has_both_bands() -> None:
    rows = chart_table(C1, kind="trajectory", as_of=DAY)
    assert {r["what"] for r in rows} == {"weight", "expected", "likely", "part"}
    band = np.array([(r["low"], r["weight_kg"], r["high"]) for r in rows if r["what"] == "expected"])
    assert (np.diff(band, axis=1) > 0).all()


def test_what_was_judged_at_five_years_is_not_said_of_a_weight_of_seventeen() -> None:
    child = Child(birth_kg=None).steady(0.0, [int(d) for d in np.linspace(60, 6200, 40)])
    figure = drawn(child, 6205)
    x, _ = places(figure, "evidence now")[0]
    assert x < 2000
    words = " ".join(said(figure, "summary").split())
    assert "up to 4 years 1" in words or "up to 4 years" in words
    assert "No weight since then can be judged for slowing" in words and "No weight since" in figure.alt_text


def test_ages_are_said_in_years_and_months() -> None:
    child = Child(birth_kg=None).steady(0.0, [60, 120, 200, 400, 700, 900])
    footer = " ".join(said(drawn(child, 905), "footer").split())
    # Days 60 and 900 of a child born on 15 January 2024: 8 weeks, and 2 years and 5 months.
    assert "What the change is made of" in footer and "2 years 5 months" in footer
    assert not any(f".{k} years" in footer or f"{k}.{k}" in footer.split("made of")[1].split(":")[0] for k in range(10))
