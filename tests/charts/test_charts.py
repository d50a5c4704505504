"""Charts: artists before pixels."""

from __future__ import annotations

import datetime as dt
import itertools
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from builders import Child
from matplotlib.figure import Figure
from PIL import Image

import growthwatch as gw
from growthwatch.charts import alt_text, chart, chart_table
from growthwatch.charts.curves import FIVE, NINE
from growthwatch.charts.frame import age_axis, value_ticks
from growthwatch.charts.marks import BLACK, BLUE, GREY, VERMILLION, ZONE, spread
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import protocol
from growthwatch.record import Born, EnteredInError, Record, Role, Weighed

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.json"))
BIRTH = dt.date(2015, 3, 2)
SMALL = (7.0, 5.0)


def moment(day: dt.date, hour: int = 12) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, tzinfo=dt.UTC)


def born(sex: str | None = "male", gestation: int | None = 280) -> Born:
    return Born(
        id="b", on=BIRTH, recorded_at=moment(BIRTH), actor="m", role=Role.MIDWIFE, sex=sex, gestation_days=gestation
    )  # type: ignore[arg-type]


def weighed(age: int, kg: float, *, late: int = 0, **more: Any) -> Weighed:
    on = BIRTH + dt.timedelta(days=age)
    given: dict[str, Any] = {"clothing": "naked", "scale": "class_iii", "id": f"w{age}", **more}
    return Weighed(
        on=on,
        recorded_at=moment(on, 13) + dt.timedelta(days=late),
        actor="h",
        role=Role.HEALTH_VISITOR,
        weight_kg=kg,
        **given,
    )


def child(ages: Any, z: Any = 0.0, sex: str = "male", gestation: int | None = 280, reference: str = "uk-who") -> Record:
    ref = gw.reference(reference)
    zs = np.broadcast_to(z, len(ages))
    weights = [
        weighed(int(a), round(float(ref.value(float(v), age_days=int(a), sex=sex, gestation_days=gestation)), 2))
        for a, v in zip(ages, zs, strict=True)
    ]
    return Record("secret-child-77", [born(sex, gestation), *weights])


def artists(figure: Figure, gid: str) -> list[Any]:
    found: list[Any] = figure.findobj(lambda a: str(a.get_gid() or "").startswith(gid), include_self=False)
    return list({id(a): a for a in found}.values())


def words(figure: Figure) -> str:
    return "\n".join(t.get_text() for t in figure.findobj(matplotlib.text.Text))  # type: ignore[attr-defined]


def drawn(figure: Figure, gid: str) -> list[tuple[float, float]]:
    return [tuple(p) for line in artists(figure, gid) for p in line.get_xydata()]


PRETERM = child([0, 7, 14, 28, 42, 63, 84, 112, 140, 182, 240, 300, 365], np.linspace(-0.2, -2, 13), gestation=210)
CASES: dict[str, tuple[Record, dict[str, Any]]] = {
    "term": (child([0, 10, 30, 60, 100, 180]), {}),
    "preterm": (PRETERM, {}),
    "preterm, stop": (child([0, 60, 200, 400, 700, 760, 830, 950], -1, "female", 170), {}),
    "lifelong": (PRETERM, {"correction": "lifelong"}),
    "splice": (child([*range(0, 60, 20), *range(90, 2200, 120)], -2.4), {}),
    "zoom": (child(range(1200, 1800, 45), -2.3), {}),
    "heavy": (child(range(3600, 4200, 60), 2.9, "female"), {}),
    "low": (child(range(0, 700, 50), -4.5), {"extra_lines": (-3, -4, -5)}),
    "trisomy": (
        child(range(0, 1500, 60), -0.7, "female", reference="trisomy-21-uk-2002"),
        {"reference": "trisomy-21-uk-2002"},
    ),
    "cp, below 2": (child([0, 100, 300, 600], -1), {"reference": "cp-gmfcs-5-oral"}),
    "cp, across 2": (child([0, 300, 700, 800, 900], -1), {"reference": "cp-gmfcs-5-tube"}),
    "beyond": (child(range(1500, 2300, 90), -1), {"reference": "who-2006"}),
    "single": (child([0]), {}),
    "single, later": (child([900], -3.2), {}),
    "none": (child([]), {"as_of": dt.date(2015, 9, 1)}),
    "twenty years": (child(range(0, 7300, 60), np.sin(np.arange(122) / 9) - 1, "female"), {}),
    "past the end": (Record("x", [born(), weighed(7200, 60.0), weighed(7500, 61.0)]), {}),
    "unknown gestation": (child([0, 50], gestation=None), {}),
}


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return {name: chart(record, **options) for name, (record, options) in CASES.items()}


# --- lines ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["term", "splice", "heavy", "twenty years", "cp, across 2"])
def test_dashes_are_those_of_the_scheme_and_no_line_is_emphasised(figures: dict[str, Any], name: str) -> None:
    widths, colours = set(), set()
    drawn = [UK_NINE.lines[k] for k in (FIVE if name.startswith("cp") else NINE)]
    assert {a.get_gid().split()[1] for a in artists(figures[name], "centile ")} == {line.label for line in drawn}
    for line in drawn:
        found = artists(figures[name], f"centile {line.label} ")
        assert found
        for artist in found:
            assert (artist.get_linestyle() == "--") == line.dashed
            widths.add(artist.get_linewidth())
            colours.add(artist.get_color())
            assert artist.get_marker() in ("None", None)
    assert len(widths) == 1 and colours == {BLUE}
    assert [line.label for line in UK_NINE.lines if line.dashed] == ["0.4", "9", "50", "91", "99.6"]


@pytest.mark.parametrize(
    ("name", "reference", "sex"),
    [
        ("splice", "uk-who", 0),
        ("preterm", "uk-who", 0),
        ("trisomy", "trisomy-21-uk-2002", 1),
        ("beyond", "who-2006", 0),
    ],
)
def test_each_line_lies_at_its_exact_z(figures: dict[str, Any], name: str, reference: str, sex: int) -> None:
    curves = gw.reference(reference).curves("weight")
    for line in UK_NINE.lines:
        for artist in artists(figures[name], f"centile {line.label} "):
            table = artist.get_gid().split()[-1]
            x, y = (np.asarray(v, np.float64) for v in (artist.get_xdata(), artist.get_ydata()))
            z = curves.z_in(table, y, np.full(x.size, sex, np.uint8), x)
            np.testing.assert_allclose(z, line.z, atol=1e-9)


def test_lines_break_where_the_tables_change(figures: dict[str, Any]) -> None:
    figure = figures["splice"]
    for line in UK_NINE.lines:
        ends = sorted((a.get_xdata()[0], a.get_xdata()[-1]) for a in artists(figure, f"centile {line.label} "))
        assert [e[1] for e in ends[:-1]] == [14.0, 1461.0] == [e[0] for e in ends[1:]]
    below = next(a for a in artists(figure, "centile 0.4 who"))
    above = next(a for a in artists(figure, "centile 0.4 uk90") if a.get_xdata()[0] == 1461)
    assert above.get_ydata()[0] - below.get_ydata()[-1] > 0.5  # the step is there to see
    text = words(figure)
    assert "42 weeks" in text and "UK births to WHO" in text and "4 years" in text and "WHO to UK 1990" in text
    assert len(artists(figure, "break")) == 2


def test_a_reference_of_one_table_has_no_break(figures: dict[str, Any]) -> None:
    assert not artists(figures["beyond"], "break")
    assert "Lines break" not in words(figures["beyond"])
    # Beside a chart of a condition it is the standard's lines that break, and they are named.
    assert [set(a.get_xdata()) for a in artists(figures["trisomy"], "break")] == [{14.0}, {1461.0}]
    assert "UK-WHO lines break at 42 weeks" in words(figures["trisomy"])
    assert "Lines break" not in words(figures["trisomy"])


def test_guide_lines_where_a_weight_is_below_all_lines_or_when_asked(figures: dict[str, Any]) -> None:
    assert artists(figures["single, later"], "guide") and not artists(figures["term"], "guide")
    asked = chart(child([0, 30]), extra_lines=(3.0,), size=SMALL)
    assert {a.get_gid().split()[1] for a in artists(asked, "guide")} == {"3"}
    curves = gw.reference("uk-who").curves("weight")
    for z in (-3, -4, -5):
        found = artists(figures["low"], f"guide {z} ")
        assert found
        for artist in found:
            assert artist.get_linestyle() == "--" and artist.get_color() == GREY
            x, y = (np.asarray(v, np.float64) for v in (artist.get_xdata(), artist.get_ydata()))
            got = curves.z_in(artist.get_gid().split()[-1], y, np.zeros(x.size, np.uint8), x)
            np.testing.assert_allclose(got, z, atol=1e-9)
        assert f"−{-z} SD" in words(figures["low"])


# --- labels --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_text_is_legible_inside_the_page_and_does_not_overlap(figures: dict[str, Any], name: str) -> None:
    figure = figures[name]
    renderer = figure.canvas.get_renderer()
    boxes = []
    for text in figure.findobj(matplotlib.text.Text):  # type: ignore[attr-defined]
        if not text.get_text() or not text.get_visible():
            continue
        assert text.get_fontsize() >= 8, text.get_text()
        assert text.get_fontfamily() == ["DejaVu Sans"]
        assert matplotlib.colors.to_hex(text.get_color()).upper() in (BLACK, GREY)
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, text.get_text()
        boxes.append((text.get_text(), box))
    for (a, one), (b, two) in itertools.combinations(boxes, 2):
        if a == b == "":
            continue
        apart = one.x1 <= two.x0 + 1 or two.x1 <= one.x0 + 1 or one.y1 <= two.y0 + 4 or two.y1 <= one.y0 + 4
        assert apart, (a, b)


@pytest.mark.parametrize("name", ["term", "preterm", "splice", "twenty years", "low", "heavy"])
def test_every_line_in_view_is_labelled_at_its_end(figures: dict[str, Any], name: str) -> None:
    figure = figures[name]
    labels = [a.get_text() for a in artists(figure, "line label")]
    assert sorted(labels) == sorted(set(labels))
    axes = figure.axes[0]
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    for line in UK_NINE.lines:
        seen = False
        for x, y in drawn(figure, f"centile {line.label} "):
            seen |= x0 <= x <= x1 and y0 <= y <= y1
        assert (line.ordinal in labels) == seen, line.ordinal


def test_crowded_labels_are_moved_apart_as_little_as_possible() -> None:
    assert spread([10.0, 30.0, 50.0], 10, 0, 100) == [10, 30, 50]
    assert spread([50.0, 50.0], 10, 0, 100) == [45, 55]
    for places in ([0.0, 1, 2, 3], [97.0, 98, 99, 100], [1.0, 2, 50, 51, 52, 99]):
        out = spread(places, 10, 0, 100)
        assert all(b - a >= 10 - 1e-9 for a, b in itertools.pairwise(out)) and out[0] >= 0 and out[-1] <= 100
    squeezed = spread([5.0] * 20, 10, 0, 100)
    assert squeezed[0] >= -1e-9 and squeezed[-1] <= 100 + 1e-9


# --- points --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_points_are_all_in_view_and_nothing_joins_them(figures: dict[str, Any], name: str) -> None:
    record, options = CASES[name]
    figure = figures[name]
    axes = figure.axes[0]
    rows = chart_table(record, **{k: v for k, v in options.items() if k != "extra_lines"})
    dots = drawn(figure, "dots")
    # Before 42 weeks a preterm child has crosses alone.
    by_gestation = bool(artists(figure, "crosses"))
    assert [(r["age_days"], r["weight_kg"]) for r in rows if r["age_days"] >= 14 or not by_gestation] == dots
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    for r in rows:
        for x in (r["age_days"] if r["age_days"] >= 14 else r["corrected_age_days"], r["corrected_age_days"]):
            assert x0 <= x <= x1 and y0 <= r["weight_kg"] <= y1
    for gid in ("dots", "crosses", "upper bounds", "suspected", "arrowheads"):
        for line in artists(figure, gid):
            if hasattr(line, "get_linestyle"):
                assert line.get_linestyle() == "None"
    # Nothing else goes through two weighings.
    weights = {kg for _, kg in dots}
    for line in axes.get_lines():
        if line.get_linestyle() != "None":
            assert len(weights & set(np.asarray(line.get_ydata()).tolist())) < 2 or line.get_gid() == "leader"


def test_a_preterm_child_has_dots_crosses_and_weeks_of_gestation(figures: dict[str, Any]) -> None:
    figure = figures["preterm"]
    dots, crosses = drawn(figure, "dots"), drawn(figure, "crosses")
    ages = [a["age_days"] for a in chart_table(PRETERM)]
    assert [x for x, _ in dots] == [a for a in ages if a >= 14]
    assert [x for x, _ in crosses] == [a - 70 for a in ages]
    (links,) = artists(figure, "links")
    assert [[tuple(p) for p in s] for s in links.get_segments()] == [
        [(x, y), (x - 70, y)] for x, y in dots
    ]  # each weighing with itself only
    assert artists(figure, "arrowheads")
    labels = {
        round(x): t.get_text()
        for x, t in zip(*(f() for f in (figure.axes[0].get_xticks, figure.axes[0].get_xticklabels)), strict=True)
    }
    assert labels[-70] == "30" and labels[0] == "40" and labels[14] == "42" and labels[28] == "4"
    text = words(figure)
    assert "gestation (weeks)" in text and "Born at 30 weeks + 0" in text and "months" in text
    assert not artists(figure, "term zone")


def test_correction_stops_and_the_chart_says_so(figures: dict[str, Any]) -> None:
    figure = figures["preterm, stop"]
    crosses, dots = drawn(figure, "crosses"), drawn(figure, "dots")
    assert (
        len(crosses) == len(CASES["preterm, stop"][0].events) - 2
        and len(dots) == len(crosses)
        and max(x for x, _ in crosses) < 730.5
    )
    (line,) = artists(figure, "correction stops")
    assert set(line.get_xdata()) == {730.5}
    assert "stops at 2 years corrected age" in words(figure)
    assert not artists(figures["lifelong"], "correction stops")
    assert not artists(figures["term"], "crosses")


def test_the_term_zone_is_grey_for_term_babies(figures: dict[str, Any]) -> None:
    (zone,) = artists(figures["term"], "term zone")
    assert (zone.get_x(), zone.get_width()) == (-21, 35)
    assert matplotlib.colors.to_hex(zone.get_facecolor()).upper() == ZONE
    assert "more than 10 % of birth weight needs assessing" in words(figures["term"])
    for name in ("preterm", "zoom", "cp, below 2", "twenty years"):
        assert not artists(figures[name], "term zone")


def test_odd_weights_have_their_own_shapes_and_words() -> None:
    record = Record(
        "x",
        [
            born(),
            weighed(0, 3.4),
            weighed(30, 4.2),
            weighed(60, 5.2, clothing=None),
            weighed(90, 5.9, clothing="clothed"),
            weighed(120, 3.1),
            weighed(150, 68.2),
            weighed(170, 7.0, date_certain=False),
            weighed(180, 7.2, scale="other"),
            weighed(190, 7.6, clothing="clothed", id="first", time=dt.time(10, 0)),
            weighed(190, 7.5, id="again", repeats="first", time=dt.time(10, 5)),
        ],
    )
    figure = chart(record)
    assert [x for x, _ in drawn(figure, "dots")] == [0, 30, 60, 190]
    (bound,), suspected = artists(figure, "upper bounds"), artists(figure, "suspected")[0]
    assert drawn(figure, "upper bounds") == [(90, 5.9)]
    assert drawn(figure, "uncertain") == [(180, 7.2)]
    assert bound.get_markerfacecolor() == "white" == suspected.get_markerfacecolor()
    points = [(p[0], p[1]) for p in suspected.get_xydata()]
    assert points[0] == (120, 3.1)
    low, high = figure.axes[0].get_ylim()
    assert points[1][0] == 150 and low < points[1][1] < high < 12  # a slip of the pen does not blow up the axis
    text = words(figure)
    for said in (
        "68.20 kg, off the scale",
        "at most",
        "suspected error",
        "1 weight taken as valid although clothing or scale was not recorded.",
        "1 weight without a certain date not drawn.",
        "1 weight replaced by a repeat not drawn.",
        "may be wrong either way",
        "8 weighings (1 at most, 1 uncertain, 2 suspected of error): last 7.50 kg",
    ):
        assert said in text, said
    rows = chart_table(record)
    assert [r["validity"] for r in rows] == [
        "valid",
        "valid",
        "assumed",
        "upper_bound",
        "suspected",
        "suspected",
        "uncertain",
        "valid",
    ]


def test_marks_differ_in_shape_not_only_in_colour() -> None:
    record = Record(
        "x",
        [
            born("female", 210),
            weighed(0, 1.4),
            weighed(30, 2.0),
            weighed(40, 2.1, clothing="clothed"),
            weighed(60, 9.0),
        ],
    )
    figure = chart(record)
    shapes = []
    for gid in ("dots", "crosses", "upper bounds", "suspected"):
        line = next(a for a in artists(figure, gid) if hasattr(a, "get_marker"))
        shapes.append(str(line.get_marker()))
        for colour in (line.get_markeredgecolor(), line.get_markerfacecolor()):
            assert colour in (BLACK, VERMILLION, "white", "none")
    assert len(set(shapes)) == 4


# --- axes ----------------------------------------------------------------------------------


def marks(low: float, high: float, preterm: bool = False) -> Any:
    return age_axis(low, high, preterm, 730.0)


def test_age_axis_by_stretch() -> None:
    assert [c.text for c in marks(-21, 70).captions] == ["weeks"]
    assert [c.text for c in marks(-98, 380, True).captions] == ["gestation (weeks)", "weeks", "months"]
    assert [c.text for c in marks(-21, 740).captions] == ["weeks", "months"]
    assert [c.text for c in marks(-21, 1300).captions] == ["months", "years"]
    assert [c.text for c in marks(-21, 7305).captions] == ["years"]
    zoom = dict(marks(2000, 3000).labelled)
    assert {"6", "6½", "7", "7½", "8"} <= set(zoom.values())
    assert "3y 2m" in dict(marks(1100, 1300).labelled).values()


@pytest.mark.parametrize("preterm", [False, True])
def test_age_marks_are_never_crowded_nor_absent(preterm: bool) -> None:
    for low in ((-112, -70) if preterm else (-21, -3, 0)) + (60, 100, 400, 800, 1500, 4000):
        for length in (60, 90, 130, 183, 250, 365, 500, 700, 900, 1500, 3000, 7000):
            if low + length < 56 or (low >= 60 and length < 183) or (low > 365 and length < 365):
                continue  # shorter than a chart ever is
            found = marks(low, low + length, preterm).labelled
            xs = [x for x, _ in found]
            assert len(xs) >= 2, (low, length)
            assert all(low - 1e-6 <= x <= low + length + 1e-6 for x in xs)
            gaps = np.diff(xs) * 730 / length
            assert (gaps >= 16).all(), (low, length, found)


def test_weight_marks() -> None:
    assert [t for _, t in value_ticks(1.2, 9.4)] == [str(k) for k in range(2, 10)]
    assert [t for _, t in value_ticks(2.6, 3.4)][:2] == ["2.6", "2.7"]
    for low, high in ((0, 2), (1, 30), (40, 130), (3.1, 3.3)):
        assert 2 <= len(value_ticks(low, high)) <= 14


def test_axis_words_and_no_grid(figures: dict[str, Any]) -> None:
    for figure in figures.values():
        text = words(figure).split("\n")
        assert "Age" in text and "Weight (kg)" in text
        axes = figure.axes[0]
        assert not any(line.get_visible() for line in (*axes.get_xgridlines(), *axes.get_ygridlines()))


# --- references, moments, words ------------------------------------------------------------


def test_the_footer_names_reference_kind_correction_moment_and_version(figures: dict[str, Any]) -> None:
    ref = gw.reference("uk-who")
    text = words(figures["preterm"])
    for said in (
        "UK-WHO growth reference",
        "edition 2009",
        str(ref.label),
        "reference: how children of its population were found to grow",
        "UK paper charts",
        "As of 1 March 2016.",
        f"growthwatch {gw.__version__}",
    ):
        assert said in text, said
    assert "uk-who+lifelong" in words(figures["lifelong"]) and "every child at every age" in words(figures["lifelong"])
    assert "Gestation at birth not recorded, taken as term" in words(figures["unknown gestation"])


def test_condition_and_descriptive_references_say_so(figures: dict[str, Any]) -> None:
    assert "Weight for age, girl: Down syndrome UK 2002" in words(figures["trisomy"])
    text = words(figures["cp, below 2"])
    assert "Cerebral palsy GMFCS V orally fed (descriptive)" in text
    assert "how children with this condition were found to grow, not how they should" in text.replace("\n", " ")
    without = "4 weights shown without a place on the child's own lines: Cerebral palsy GMFCS V orally fed begins at 2"
    assert without in text.replace("\n", " ")
    assert "3 weights shown without" in words(figures["cp, across 2"])
    assert "1 weight shown without lines or score: UK-WHO ends at 20 years." in words(figures["past the end"])


def test_alt_text() -> None:
    record = Record("x", [born(), weighed(0, 3.3), weighed(168, 6.11)])
    z = gw.reference("uk-who").z(6.11, age_days=168, sex="male")
    assert alt_text(record) == (
        f"Weight chart, boy, UK-WHO, 2 weighings, last 6.11 kg at 24 weeks, SDS {z:.2f}, {UK_NINE.describe(z)}"
    )
    assert alt_text(PRETERM).startswith("Weight chart, boy, UK-WHO, 13 weighings, last 7.29 kg at 11 months (9 months")
    assert alt_text(PRETERM, as_of=dt.date(2015, 3, 2)).endswith(
        "(30 weeks + 0 of gestation), SDS -0.22, between the 25th and 50th centiles"
    )
    assert alt_text(child([])) == "Weight chart, boy, UK-WHO, no weight recorded"
    assert alt_text(child([100]), reference="cp-gmfcs-5-oral").endswith(
        "no SDS: Cerebral palsy GMFCS V orally fed begins at 2 years"
    )
    assert chart(record).alt_text == alt_text(record)


def test_no_weight(figures: dict[str, Any]) -> None:
    assert "No weight recorded" in words(figures["none"])
    assert not artists(figures["none"], "dots") and len(artists(figures["none"], "line label")) == 9
    assert chart_table(CASES["none"][0]) == []


def test_table_rows() -> None:
    row = chart_table(PRETERM)[3]
    ref = gw.reference("uk-who")
    assert row == {
        "age_days": 28,
        "corrected_age_days": -42,
        "weight_kg": row["weight_kg"],
        "z": ref.z(row["weight_kg"], age_days=28, sex="male", gestation_days=210),
        "centile": ref.centile(row["weight_kg"], age_days=28, sex="male", gestation_days=210),
        "status": "ok",
        "validity": "valid",
        "reference": str(ref.label),
    }
    below = chart_table(child([100]), reference="cp-gmfcs-5-oral")[0]
    assert below["z"] is None and below["centile"] is None and below["status"] == "age_below_reference"


def test_only_what_was_known_is_drawn() -> None:
    record = Record("x", [born(), weighed(0, 3.3), weighed(30, 4.2), weighed(60, 5.1, late=40), weighed(90, 5.8)])
    day = BIRTH + dt.timedelta(days=91)
    assert len(chart_table(record)) == 4
    assert [r["age_days"] for r in chart_table(record, as_of=day)] == [0, 30, 90]
    later = day + dt.timedelta(days=30)
    assert [r["age_days"] for r in chart_table(record, as_of=day, known_at=later)] == [0, 30, 60, 90]
    assert [r["age_days"] for r in chart_table(record, as_of=BIRTH + dt.timedelta(days=70), known_at=later)] == [
        0,
        30,
        60,
    ]
    assert "As of 1 June 2015, as known on 1 July 2015." in words(chart(record, as_of=day, known_at=later))
    wrong = record.append(
        EnteredInError(
            id="e",
            on=later,
            recorded_at=moment(later),
            actor="h",
            role=Role.HEALTH_VISITOR,
            target="w30",
            reason="another child",
        )
    )
    assert [r["age_days"] for r in chart_table(wrong, as_of=day)] == [0, 30, 90]
    assert [r["age_days"] for r in chart_table(wrong)] == [0, 60, 90]
    # An aware moment during the day counts as itself.
    assert len(chart_table(record, as_of=moment(BIRTH, 12))) == 0
    assert len(chart_table(record, as_of=moment(BIRTH, 14))) == 1


def test_the_protocol_decides_what_is_valid() -> None:
    record = Record("x", [born(), weighed(0, 3.3), weighed(30, 4.2, clothing="clothed")])
    assert chart_table(record, protocol=protocol("uk-hv")) == chart_table(record)
    assert chart_table(record)[1]["validity"] == "upper_bound"


# --- files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_example_is_charted(path: Path, tmp_path: Path) -> None:
    record = Record.load(path)
    out = tmp_path / "chart.png"
    figure = chart(record, path=out)
    data = out.read_bytes()
    image = Image.open(BytesIO(data))
    assert image.format == "PNG"
    assert abs(image.size[0] - 2338) <= 2 and abs(image.size[1] - 1654) <= 2
    assert [round(v) for v in image.info["dpi"]] == [200, 200]
    birth = next(e for e in record.events if e.type == "born")
    ref = gw.reference("uk-who")
    text: dict[str, str] = image.text  # type: ignore[attr-defined]
    assert list(text) == ["Title", "Software", "Reference", "Reference hash", "As of", "Age basis", "Description"]
    assert text["Software"] == f"growthwatch {gw.__version__}"
    assert (text["Reference"], text["Reference hash"]) == (ref.id, ref.hash)
    assert text["Age basis"] == "chronological" and text["Description"] == alt_text(record) == figure.alt_text
    for secret in (record.child_id, birth.on.isoformat(), f"{birth.on:%d/%m/%Y}", str(tmp_path), str(path)):
        assert secret.encode() not in data
        assert secret not in words(figure)
    assert figure.png() == data
    assert [p.name for p in tmp_path.iterdir()] == ["chart.png"]


def test_identify_puts_the_id_into_the_title(tmp_path: Path) -> None:
    out = tmp_path / "chart.png"
    figure = chart(child([0, 50]), path=out, identify=True, size=SMALL)
    assert "secret-child-77: Weight for age, boy: UK-WHO" in words(figure)
    assert Image.open(out).text["Title"].startswith("secret-child-77")  # type: ignore[attr-defined]


def test_a_title_of_ones_own_is_plain_text() -> None:
    figure = chart(child([0, 50]), title="Costs $5 and $6\nnow", size=SMALL)
    assert "Costs $5 and $6 now" in words(figure) and "Boy, UK-WHO." in words(figure)
    assert figure.png_metadata["Title"] == "Costs $5 and $6 now"  # type: ignore[attr-defined]
    figure.png()  # type: ignore[attr-defined]


def test_same_bytes_whatever_the_style_and_in_threads() -> None:
    record = child([0, 10, 30, 60, 100])
    before = dict(matplotlib.rcParams)
    first = chart(record, size=SMALL).png()  # type: ignore[attr-defined]
    assert dict(matplotlib.rcParams) == before
    with matplotlib.style.context(["dark_background", "bmh"]):  # type: ignore[attr-defined]
        matplotlib.rcParams["text.usetex"] = True
        matplotlib.rcParams["figure.autolayout"] = True
        matplotlib.rcParams["savefig.bbox"] = "tight"
        assert chart(record, size=SMALL).png() == first  # type: ignore[attr-defined]
    out: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: out.append(chart(record, size=SMALL).png()))  # type: ignore[attr-defined]
        for _ in range(3)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert out == [first] * 3


def test_colours_on_the_page_are_the_four_and_white_is_white() -> None:
    image = Image.open(BytesIO(chart(child([0, 10, 30]), size=SMALL).png())).convert("RGB")  # type: ignore[attr-defined]
    counts = sorted(image.getcolors(100_000) or [], reverse=True)  # type: ignore[type-var]
    assert counts[0][1] == (255, 255, 255)
    assert (0x00, 0x72, 0xB2) in [c for _, c in counts[:8]]


def test_shows_itself_in_a_notebook() -> None:
    data, size = chart(child([0, 10, 30]), size=SMALL)._repr_png_()  # type: ignore[attr-defined]
    assert data.startswith(b"\x89PNG") and set(size) == {"width", "height"}


def test_importing_the_room_does_not_import_matplotlib_and_drawing_no_pyplot() -> None:
    code = (
        "import sys, growthwatch.charts; print('matplotlib' in sys.modules or 'PIL' in sys.modules)\n"
        "from growthwatch.charts import chart; from growthwatch.record import Record\n"
        f"chart(Record.load({str(EXAMPLES[0])!r}), size='600px').png(); print('matplotlib.pyplot' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"]


# --- wrong arguments -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"reference": "nowhere"}, "reference"),
        ({"reference": 7}, "reference"),
        ({"correction": "sometimes"}, "correction"),
        ({"reference": "cp-gmfcs-5-oral", "correction": "paper"}, "correction"),
        ({"measure": "foot"}, "measure"),
        ({"measure": "head", "reference": "cp-gmfcs-1"}, "measure"),
        ({"kind": "old"}, "kind"),
        ({"as_of": "2016-01-01"}, "as_of"),
        ({"as_of": dt.datetime(2016, 1, 1)}, "as_of"),  # noqa: DTZ001
        ({"known_at": dt.datetime(2016, 1, 1)}, "known_at"),  # noqa: DTZ001
        ({"protocol": "uk-hv"}, "protocol"),
        ({"extra_lines": "-3"}, "extra_lines"),
        ({"extra_lines": 3}, "extra_lines"),
        ({"extra_lines": (float("nan"),)}, "extra_lines"),
        ({"extra_lines": (True,)}, "extra_lines"),
        ({"extra_lines": (-9,)}, "extra_lines"),
        ({"extra_lines": range(-6, 6)}, "extra_lines"),
        ({"size": "letter"}, "size"),
        ({"size": (1, 1)}, "size"),
        ({"size": 3}, "size"),
        ({"title": " "}, "title"),
        ({"title": 3}, "title"),
        ({"identify": "yes"}, "identify"),
        ({"path": "chart.gif"}, "path"),
        ({"path": 3}, "path"),
        ({"path": "/no/such/folder/chart.png"}, "path"),
        ({"as_of": BIRTH - dt.timedelta(days=1)}, "birth"),
    ],
)
def test_a_wrong_argument_is_refused_in_words(options: dict[str, Any], field: str) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        chart(child([0, 30]), **options)
    assert caught.value.field == field
    assert str(caught.value)


def test_a_record_without_birth_or_sex_says_what_is_missing(tmp_path: Path) -> None:
    for record, field in (
        (Record("x"), "birth"),
        (Record("x", [weighed(30, 4.0)]), "birth"),
        (Record("x", [born(None), weighed(30, 4.0)]), "sex"),
    ):
        for call in (chart, chart_table, alt_text):
            with pytest.raises(GrowthwatchError) as caught:
                call(record)
            assert caught.value.field == field
    with pytest.raises(GrowthwatchError, match="record"):
        chart("child.json")  # type: ignore[arg-type]
    folder = tmp_path / "folder.png"
    folder.mkdir()
    with pytest.raises(GrowthwatchError) as caught:
        chart(child([0]), path=folder)
    assert caught.value.field == "path"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "chart.png"
    out.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("growthwatch.charts.files.os.fsync", full)
    with pytest.raises(GrowthwatchError, match="No space left"):
        chart(child([0]), path=out, size=SMALL)
    assert out.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["chart.png"]


def test_a_reference_object_is_taken_as_it_is() -> None:
    ref = gw.reference("uk-who", "none")
    assert chart_table(PRETERM, reference=ref)[0]["corrected_age_days"] == 0
    assert chart_table(PRETERM, reference=ref, correction="none")[0]["reference"] == str(ref.label)
    with pytest.raises(GrowthwatchError, match="correction"):
        chart_table(PRETERM, reference=ref, correction="paper")


def test_a_chart_of_an_absurd_weight_is_drawn() -> None:
    record: Any = Child("2000-01-01").weigh(1e9, 7000).record
    assert gw.chart(record, as_of=dt.date(2022, 1, 1)) is not None
