"""The twenty rules of charts, one by one, on what is drawn; and which test holds which rule.

``HELD`` names each rule in a line and the tests that fail where it is broken: those here, and those of the other files
of this folder.  Charts follow the drawing rules of the RCPCH (Digital Growth Charts, client specification) as well;
those are under ``RCPCH``.
"""

from __future__ import annotations

import ast
import datetime as dt
import itertools
import re
from io import BytesIO
from pathlib import Path
from statistics import NormalDist
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from builders import HV, Child
from matplotlib.colors import to_hex
from matplotlib.text import Text
from pictures import artists, outside, places, said, texts
from PIL import Image

import growthwatch as gw
from growthwatch.charts import chart, chart_table
from growthwatch.charts.curves import FIVE, prefix
from growthwatch.charts.frame import age_axis, value_ticks
from growthwatch.charts.kinds import KINDS
from growthwatch.charts.marks import BLACK, BLUE, CHAIN, GREY, VERMILLION
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from growthwatch.record import Record

HELD: dict[str, tuple[str, ...]] = {
    "1 three sizes, each laid out for itself": (
        "test_each_size_is_laid_out_for_itself", "test_a_picture_of_600_pixels_has_readable_text",
        "test_a_page_of_many_words_grows_instead_of_squeezing_its_picture",
    ),
    "2 the heading has both positions, the standard's first": (
        "test_a_chart_of_a_condition_gives_the_place_on_the_standard_first",
    ),
    "3 a condition: five lines with prefixed names": (
        "test_a_condition_has_five_lines_with_names_of_their_own", "test_a_reference_of_ones_own_has_a_prefix_too",
    ),
    "4 the line that a rule reads is drawn and named": (
        "test_the_line_that_a_rule_reads_is_drawn_where_the_rule_reads_it",
        "test_a_line_that_no_rule_reads_is_not_drawn",
    ),
    "5 adjusted: nine adjusted lines, three of the base": (
        "test_an_adjusted_chart_says_reason_size_and_last_day_and_draws_nine_and_three",
        "test_an_adjusted_chart_names_both_sets_apart",
    ),
    "6 the standard stays when the condition's chart begins": (
        "test_the_standard_runs_through_the_day_on_which_the_childs_own_lines_begin",
    ),
    "7 z: joined only within a table; an arrow has both z": (
        "test_readings_are_joined_within_a_table_and_dotted_across_a_break",
        "test_the_arrow_has_both_z_of_the_same_weight", "test_where_correction_ends_z_jumps_too",
    ),
    "8 the forecast is hatched and no target; what was expected starts at the best weight": (
        "test_what_is_likely_is_hatched_begins_after_the_weight_and_is_no_target",
        "test_the_expected_band_begins_after_the_best_weight_and_ends_at_the_latest",
        "test_the_gap_is_said_in_kilograms",
    ),
    "9 evidence: the child's own thresholds, one axis of time, logarithmic": (
        "test_the_evidence_has_the_childs_own_thresholds_on_a_logarithmic_scale",
        "test_the_two_pictures_share_one_axis_of_time",
    ),
    "10 events: every lane; weighed and only seen; open requests; words and who said them": (
        "test_every_lane_is_drawn_the_empty_ones_too", "test_who_was_weighed_and_who_was_only_seen",
        "test_an_unanswered_letter_is_open_to_the_right_with_its_days",
        "test_words_are_quoted_with_who_said_them_and_what_explained_them_away",
    ),
    "11 newborn: per cent of birth weight, joined, limits and whose they are, day 21": (
        "test_the_first_weeks_have_their_own_chart", "test_the_first_weeks_have_no_centile_and_whose_each_limit_is",
    ),
    "12 not current: box, open mark, hatched to today, no present place": (
        "test_a_weight_that_is_not_current_is_open_and_the_time_since_is_hatched",
        "test_an_old_last_weight_says_how_old_and_the_axis_ends_on_the_day", "test_the_floor_is_that_of_the_childs_tier",
        "test_what_is_not_current_has_an_open_mark_and_a_line_today",
    ),
    "13 in doubt: box, diamond, repeat now, no place": (
        "test_a_doubted_weight_has_a_diamond_and_lends_nothing_to_the_heading",
        "test_a_doubted_weight_says_what_it_would_mean_if_right_and_lends_the_child_no_centile",
    ),
    "14 small multiples: one scale, in order, ending today, missing time hatched, the deed over each": (
        "test_all_have_one_scale_that_ends_today", "test_the_order_is_that_in_which_they_are_given_row_by_row",
        "test_missing_time_is_hatched_with_its_days", "test_the_first_deed_stands_over_each",
        "test_a_deed_that_cannot_wait_is_never_cut",
    ),
    "15 length and BMI break at two years: lying | standing; BMI with a length of 28 days": (
        "test_lying_and_standing_are_marked_where_length_gives_way_to_height",
        "test_weight_and_head_have_no_lying_and_standing", "test_bmi_needs_a_length_of_nearly_the_same_day",
    ),
    "16 nothing outside of the axes; what is beyond the window is counted": (
        "test_points_are_all_in_view_and_nothing_joins_them", "test_every_reading_is_in_the_axes_or_counted",
        "test_what_came_before_is_counted", "test_weights_before_the_window_are_counted",
    ),
    "17 words never cover a point; over a line they have white ground": (
        "test_words_cover_neither_marks_nor_lines_nor_words", "test_words_cover_nothing_on_records_of_every_kind",
        "test_no_words_cover_a_point_on_any_kind",
    ),
    "18 family: a shaded part, two named lines, a dot for every weight that counts": (
        "test_the_shaded_part_is_from_the_2nd_to_the_98th_line", "test_two_lines_are_named_in_everyday_words",
        "test_every_weight_that_counts_is_a_dot_and_no_other",
    ),
    "19 years whole and half, months below three years, whole kilograms": (
        "test_years_are_whole_and_half", "test_below_three_years_there_are_months", "test_weights_are_whole_kilograms",
        "test_months_below_three_years",
    ),
    "20 in grey: two references differ in width and name, two bands in hatching": (
        "test_in_grey_two_references_differ_in_width_and_name", "test_in_grey_every_ink_is_dark_enough_to_copy",
        "test_in_grey_two_bands_differ_in_hatching",
    ),
}  # fmt: skip

RCPCH: dict[str, tuple[str, ...]] = {
    "1 nine lines at exact thirds": ("test_each_line_lies_at_its_exact_z",),
    "2, 3 dashes; the 50th is like the others": ("test_dashes_are_those_of_the_scheme_and_no_line_is_emphasised",),
    "4 dots, crosses, arrows": ("test_a_preterm_child_has_dots_crosses_and_weeks_of_gestation",),
    "5 points are not joined": ("test_points_are_all_in_view_and_nothing_joins_them",),
    "6 no grid; lines are named": ("test_there_is_no_grid", "test_every_line_in_view_is_labelled_at_its_end"),
    "7 no smoothing across a break": ("test_lines_break_where_the_tables_change",),
    "8 weeks of gestation, weeks, months, years": (
        "test_each_unit_is_named_under_its_own_bracket", "test_figures_stand_on_the_axis_at_every_age",
    ),
    "9 whole centiles, <0.4 and >99.6": ("test_a_place_is_said_in_whole_centiles_and_lines",),
    "10 on a line: within a quarter of a space": ("test_one_word_for_one_place",),
    "11 the grey zone of birth at term": ("test_the_term_zone_is_grey_for_term_babies",),
    "12 lines of puberty only on height, only of the child's own sex, none on weight": (
        "test_no_upright_of_puberty_on_weight",
        "test_uprights_of_puberty_stand_at_the_ages_of_the_childs_own_sex", "test_nothing_but_height_has_them",
    ),
    "13 no pink and no pale blue": ("test_colours_are_those_that_were_measured",),
    "14 lines far below": ("test_guides_appear_by_themselves_below_the_lowest_line",),
    "colours, letters, alternative text, what the file says": (
        "test_colours_are_those_that_were_measured", "test_text_is_legible_inside_the_page_and_does_not_overlap",
        "test_alt_text", "test_every_example_is_charted",
    ),
}  # fmt: skip

SIZES = ("a4", "page", "600px")
C1 = Record.load(Path(__file__).parents[2] / "examples" / "c1-slow-decline.json")
DAY = dt.date(2024, 2, 27)
UK = gw.reference("uk-who")
CP = [f"cp-gmfcs-{level}" for level in ("1", "2", "3", "4", "5-oral", "5-tube")]


def test_every_rule_is_held_by_a_test() -> None:
    found = {
        node.name
        for path in Path(__file__).parent.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert [int(rule.split()[0]) for rule in HELD] == list(range(1, 21))
    for rule, tests in (*HELD.items(), *RCPCH.items()):
        assert tests and set(tests) <= found, (rule, set(tests) - found)


def child(days: Any = (0, 60, 200, 400, 700, 800, 1000), z: float = -1.0, sex: str = "male", **more: Any) -> Child:
    return Child(sex=sex, birth_kg=None, **more).steady(z, [int(d) for d in days])


def grown(z: float = -1.0, days: Any = (60, 200, 400, 600, 700, 760, 900), sex: str = "female") -> Child:
    """A child with weights, lengths, heads and arms."""
    one = child(days, z, sex)
    for d in days:
        for measure in ("height", "head"):
            cm = round(float(UK.value(z, age_days=d, sex=sex, measure=measure)), 1)
            one.add("measured", d, measure=measure, value_cm=cm)
    return one


def drawn(one: Child, day: int, **more: Any) -> Any:
    return chart(one.record, as_of=one.date(day), **{"size": (8.0, 6.0), **more})


def gids(figure: Any, start: str) -> set[str]:
    return {str(a.get_gid()).split()[1] for a in artists(figure, start) if not isinstance(a, Text)}


# --- 1: sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_each_size_is_laid_out_for_itself(kind: str) -> None:
    pictures = {size: chart(C1, kind=kind, as_of=DAY, size=size) for size in SIZES}
    wide = {size: round(float(f.get_size_inches()[0]) * f.dpi) for size, f in pictures.items()}
    assert wide == {"a4": 2338, "page": 1480, "600px": 600}
    shapes = {round(float(f.get_size_inches()[1] / f.get_size_inches()[0]), 2) for f in pictures.values()}
    assert len(shapes) == 3  # one picture scaled would have one shape
    for size, figure in pictures.items():
        least = min(t.get_fontsize() for t in figure.findobj(Text) if t.get_text())
        assert least >= 8 and (size != "600px" or least * figure.dpi / 72 >= 13)
        assert outside(figure) == []


def test_a_page_of_many_words_grows_instead_of_squeezing_its_picture() -> None:
    one = child(range(30, 900, 60)).weigh(60.0, 905).weigh(61.0, 906)
    few, many = (drawn(c, 910, size="600px", reference="cp-gmfcs-5-oral") for c in (child([30, 800]), one))
    for figure in (few, many):
        assert figure.axes[0].get_position().height * figure.get_size_inches()[1] * 72 >= 0.42 * 360 - 1
        assert round(float(figure.get_size_inches()[0]) * figure.dpi) == 600
    assert few.get_size_inches()[1] < many.get_size_inches()[1]
    # Paper is as it is.
    assert tuple(drawn(one, 910, size="a4").get_size_inches()) == (11.69, 8.27)


# --- 3 to 6: two references on one picture --------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "prefix", "sex"),
    [("cp-gmfcs-3", "CP", "male"), ("trisomy-21-uk-2002", "Down", "female"), ("noonan-it-2024", "Noonan", "male"),
     ("achondroplasia-eu-2018", "Ach.", "female"), ("trisomy-21-us-2015", "Down", "male")],
)  # fmt: skip
@pytest.mark.parametrize("size", SIZES)
def test_a_condition_has_five_lines_with_names_of_their_own(reference: str, prefix: str, sex: str, size: str) -> None:
    figure = drawn(child(sex=sex), 1010, reference=reference, size=size)
    five = [UK_NINE.lines[k] for k in FIVE]
    assert [line.label for line in five] == ["2", "9", "50", "91", "98"]
    assert gids(figure, "centile ") == {line.label for line in five}
    for line in five:
        for artist in artists(figure, f"centile {line.label} "):
            assert (artist.get_linestyle() == "--") == line.dashed and artist.get_color() == BLUE
    names = texts(figure, "line label")
    own = {n for n in names if n.startswith(f"{prefix} ") and "alarm" not in n}
    assert own and own <= {f"{prefix} {line.ordinal}" for line in five}
    # Every other name is the standard's, without a prefix, or a line that a rule reads.
    assert all(re.fullmatch(r"[\d.]+(th|nd|st)|−\d SD", n) for n in set(names) - own if "alarm" not in n)


@pytest.mark.parametrize(
    ("condition", "before"),
    [("cerebral palsy, GMFCS V", "CP "), ("trisomy 21", "Down "), ("osteogenesis imperfecta, type III", "Osteogenesis "),
     ("", "Own ")],
)  # fmt: skip
def test_a_reference_of_ones_own_has_a_prefix_too(condition: str, before: str) -> None:
    info = SimpleNamespace(condition=condition)
    facts: Any = SimpleNamespace(of_condition=True, reference=SimpleNamespace(info=info))
    assert prefix(facts) == before
    facts.of_condition = False
    assert prefix(facts) == ""


# Brooks 2011: under the 20th of the charts of GMFCS III to V, the 5th of those of I and II, more illness or deaths.
@pytest.mark.parametrize(("reference", "centile"), list(zip(CP, (5, 5, 20, 20, 20, 20), strict=True)))
def test_the_line_that_a_rule_reads_is_drawn_where_the_rule_reads_it(reference: str, centile: int) -> None:
    figure = drawn(child(z=-2.0), 1010, reference=reference)
    ref, found = gw.reference(reference), artists(figure, f"rule line {centile}th")
    assert found and len(artists(figure, "rule line ")) == len(found)
    for line in found:
        assert line._unscaled_dash_pattern[1] == CHAIN[1] and line.get_color() == VERMILLION
        x, y = (np.asarray(v, np.float64) for v in (line.get_xdata(), line.get_ydata()))
        z = ref.curves("weight").z_in(line.get_gid().split()[-1], y, np.zeros(x.size, np.uint8), x)
        np.testing.assert_allclose(z, NormalDist().inv_cdf(centile / 100), atol=1e-9)
    assert f"CP {centile}th: alarm" in texts(figure, "line label") and f"CP {centile}th: alarm" in texts(figure, "key")
    assert "which rule G10 reads" in " ".join(said(figure, "footer").split())


@pytest.mark.parametrize(
    ("reference", "measure"), [("uk-who", "weight"), ("trisomy-21-uk-2002", "weight"), ("cp-gmfcs-5-oral", "height")]
)
def test_a_line_that_no_rule_reads_is_not_drawn(reference: str, measure: str) -> None:
    figure = drawn(grown(), 910, reference=reference, measure=measure)
    assert artists(figure, "rule line ") == [] and "alarm" not in said(figure)


def test_before_a_condition_begins_nothing_is_said_of_the_line_that_a_rule_reads() -> None:
    figure = drawn(child([30, 100, 200]), 210, reference="cp-gmfcs-5-oral")
    assert "alarm" not in said(figure) and "Chain-dotted" not in said(figure)


def adjusted(reference: str) -> gw.Reference:
    return gw.reference(reference).adjusted(
        shift=-0.5, because="siblings grew alike", by="Dr N. Hale", review_by=dt.date(2027, 5, 1),
        signed_on=dt.date(2026, 6, 1),
    )  # fmt: skip


def test_an_adjusted_chart_names_both_sets_apart() -> None:
    figure = drawn(child(), 1010, reference=adjusted("uk-who"))
    names = texts(figure, "line label")
    assert {"50th adjusted", "50th"} <= set(names)
    assert {n for n in names if "adjusted" not in n} <= {"2nd", "50th", "98th"}
    # What was adjusted is nobody's published chart: the line that a rule reads is not on it.
    own = drawn(child(), 1010, reference=adjusted("cp-gmfcs-5-oral"))
    assert artists(own, "rule line ") == [] and len(gids(own, "centile ")) == 9


@pytest.mark.parametrize("reference", ["cp-gmfcs-5-oral", "trisomy-21-uk-2002"])
def test_the_standard_runs_through_the_day_on_which_the_childs_own_lines_begin(reference: str) -> None:
    one = child()
    figure = drawn(one, 1010, reference=reference)
    low, high = figure.axes[0].get_xlim()
    for line in UK_NINE.lines:
        xs = [x for x, _ in places(figure, f"standard {line.label} ")]
        assert min(xs) <= max(low, 1.0) + 14 and max(xs) >= high - 7, line.label
    assert len(places(figure, "dots")) == 7  # the history of before is not lost
    widths = {a.get_linewidth() for a in artists(figure, "standard ")}
    assert max(widths) < min(a.get_linewidth() for a in artists(figure, "centile "))


# --- 11: newborn ----------------------------------------------------------------------------------------


def test_the_first_weeks_have_no_centile_and_whose_each_limit_is() -> None:
    one = Child(birth_kg=3.46).weigh(3.29, 3).weigh(3.02, 5).weigh(3.39, 13).weigh(4.4, 40)
    figure = drawn(one, 41, kind="newborn")
    assert artists(figure, "centile") == [] and artists(figure, "guide") == []
    footer = " ".join(said(figure, "footer").split())
    for limit in artists(figure, "limit "):
        percent = f"{-limit.get_ydata()[0]:g} %"
        assert re.search(rf"{percent}[^.:]*\((national|guideline|local)\)", footer, re.IGNORECASE), percent
        assert f"−{percent}" in texts(figure, "line label")
    assert {x for x, _ in places(figure, "regained by")} == {21}
    assert "21" in texts(figure, "axis figure")
    assert "Later than day 21, not in view: 1 weight" in footer


# --- 12 and 13: what is old, and what is doubted --------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_a_weight_that_is_not_current_is_open_and_the_time_since_is_hatched(size: str) -> None:
    figure = drawn(child((0, 60, 200, 400)), 1140, size=size)
    (hatched,) = [a for a in artists(figure, "not current") if not isinstance(a, Text)]
    assert hatched.get_hatch() and (hatched.get_x(), hatched.get_x() + hatched.get_width()) == (400, 1140)
    assert {x for x, _ in places(figure, "today")} == {1140} and "today" in texts(figure, "word today")
    ((x, _),) = places(figure, "last, not current")
    (ring,) = artists(figure, "last, not current")
    assert x == 400 and ring.get_markerfacecolor() == "white"
    assert "740 days" in said(figure, "warning")
    assert "740 days without a valid weight" in texts(figure, "note")
    # Its place is a place of then.
    assert re.search(r", then SDS", " ".join(said(figure, "summary").split()))
    assert "then SDS" in figure.alt_text and "last weight, not current" in texts(figure, "key")
    current = drawn(child((0, 60, 200, 400)), 410, size=size)
    assert artists(current, "not current") == [] and "then SDS" not in current.alt_text


@pytest.mark.parametrize("size", SIZES)
def test_a_doubted_weight_has_a_diamond_and_lends_nothing_to_the_heading(size: str) -> None:
    one = child((0, 60, 120, 180)).weigh(4.9, 230)
    figure = drawn(one, 231, size=size)
    assert places(figure, "suspected") == [(230, 4.9)]
    (diamond,) = artists(figure, "suspected")
    assert diamond.get_marker() == "D" and diamond.get_markerfacecolor() == "white"
    (words,) = [t for t in artists(figure, "words on a mark") if "repeat now" in t.get_text()]
    assert words.get_text() == "4.90 kg in doubt: repeat now"
    assert "Latest weight in doubt: 4.90 kg" in said(figure, "warning") and artists(figure, "warning frame")
    z = chart_table(one.record, as_of=one.date(231))[-1]["z"]
    shown = f"{z:.2f}".replace("-", "−")
    assert shown not in said(figure, "summary") + said(figure, "warning") + said(figure, "title")


# --- 14: deeds over small charts -------------------------------------------------------------------------


LONG = "Ring 999 or send to the emergency department, tell the named nurse, and stay with the child until help is there"


@pytest.mark.parametrize("size", SIZES)
def test_a_deed_that_cannot_wait_is_never_cut(size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ill = [Record(f"{k}", Child().steady(0.0, [30, 60]).sign("shock", 320).events) for k in range(12)]
    day = Child().date(321)
    first = gw.review(ill[0], protocol=HV, as_of=day).to_do()[0]
    assert first.group == "now"
    figure = chart(ill, kind="multiples", as_of=day, size=size)
    whole = f"{'LATE ' if first.late else ''}{first.do}"
    assert " ".join(texts(figure, "deed")) == " ".join([whole] * 12)
    assert not any("…" in t for t in texts(figure, "deed")) and outside(figure) == []
    # A deed of another protocol may be longer than any picture: the sheet grows, the deed stays whole.
    from growthwatch.charts import multiples

    monkeypatch.setattr(multiples, "deed_words", lambda _: " ".join([LONG] * 4))
    longer = chart(ill, kind="multiples", as_of=day, size=size)
    assert " ".join(texts(longer, "deed")) == " ".join([LONG] * 48)
    assert longer.get_size_inches()[1] > figure.get_size_inches()[1] and outside(longer) == []
    assert min(a.get_position().height for a in longer.axes) * longer.get_size_inches()[1] * 72 > 39.9


def test_a_long_deed_that_can_wait_ends_where_a_clause_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from growthwatch.charts import multiples

    calm = Record("calm", Child().steady(0.0, [30, 60]).events)
    clauses = ["Ask the team; " * 2, "then write it down. ", "After that, speak with everybody who knows the child, "]
    monkeypatch.setattr(multiples, "deed_words", lambda _: "".join(clauses * 3))
    figure = chart([calm], kind="multiples", as_of=Child().date(70), size="600px")
    rows = texts(figure, "deed")
    words = " ".join(rows)
    assert len(rows) <= 4 and words.endswith(" (more in the list)")
    kept = words.removesuffix(" (more in the list)")
    rest = "".join(clauses * 3).removeprefix(kept)
    assert len(rest) < len("".join(clauses * 3)) and rest[0] in ".;,"


# --- 15: lying and standing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "measure"),
    [("uk-who", "height"), ("uk-who", "bmi"), ("who", "height"), ("who", "bmi"), ("who-2006", "height"),
     ("cdc-2000", "height"), ("trisomy-21-us-2015", "height")],
)  # fmt: skip
@pytest.mark.parametrize("size", SIZES)
def test_lying_and_standing_are_marked_where_length_gives_way_to_height(
    reference: str, measure: str, size: str
) -> None:
    figure = drawn(grown(), 910, reference=reference, measure=measure, size=size)
    (words,) = artists(figure, "lying | standing")
    assert words.get_text() == "lying | standing"
    assert 730.5 in {x for x, _ in places(figure, "break")}
    # The bar between the words stands on the upright.
    axes = figure.axes[0]
    x0 = figure.transFigure.transform(words.get_position())[0]
    upright = axes.transData.transform((730.5, axes.get_ylim()[0]))[0]
    assert 0 < upright - x0 < 40 * figure.dpi / 72
    for line in (a for a in artists(figure, "centile ") if not isinstance(a, Text)):
        xs = np.asarray(line.get_xdata())
        assert not (xs.min() < 730 and xs.max() > 731), "a line runs through the change"


@pytest.mark.parametrize("measure", ["weight", "head"])
def test_weight_and_head_have_no_lying_and_standing(measure: str) -> None:
    assert artists(drawn(grown(), 910, measure=measure), "lying") == []


def test_who_lines_step_at_two_years_and_are_not_smoothed() -> None:
    figure = drawn(grown(), 910, reference="who", measure="height")
    below, above = sorted(artists(figure, "centile 50 "), key=lambda a: a.get_xdata()[0])
    assert (below.get_xdata()[-1], above.get_xdata()[0]) == (730, 731)
    # WHO 2006: 0.7 cm between lying and standing, less the growth of a day.
    assert below.get_ydata()[-1] - above.get_ydata()[0] == pytest.approx(0.7, abs=0.05)


# --- 16 and 17: nothing is lost, nothing is covered ----------------------------------------------------------


def test_every_reading_is_in_the_axes_or_counted() -> None:
    one = child(range(0, 1400, 70))
    figure = chart([one.record], kind="multiples", as_of=one.date(1340))
    shown = len(places(figure, "dots"))
    total = len(chart_table(one.record, as_of=one.date(1340)))
    assert f"Earlier, not in view: {total - shown} weights" in said(figure, "footer") and total > shown > 0
    for kind in KINDS:
        for size in SIZES:
            drawing = drawn(one, 1340, kind=kind, size=size)
            for axes in drawing.axes:
                (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
                for line in axes.get_lines():
                    if line.get_gid() in ("dots", "crosses", "suspected", "upper bounds", "uncertain", "repeated"):
                        for x, y in line.get_xydata():
                            assert x0 <= x <= x1 and y0 <= y <= y1, (kind, size, x, y)


def test_a_reading_without_a_score_is_not_said_to_be_shown_on_a_chart_of_scores() -> None:
    figure = drawn(child([100, 300, 800, 900]), 910, kind="z", reference="cp-gmfcs-5-oral")
    assert "2 weights not drawn, without a score" in " ".join(said(figure, "footer").split())


def points(figure: Any) -> list[tuple[float, float]]:
    """Middle of each reading's mark [pixels]."""
    out: list[tuple[float, float]] = []
    for axes in figure.axes:
        for line in axes.get_lines():
            if line.get_gid() in ("dots", "crosses", "suspected", "upper bounds", "uncertain", "do not count"):
                out += [tuple(p) for p in axes.transData.transform(line.get_xydata())]
    return out


def dense(number: int) -> tuple[Child, int]:
    """One of four children whose points leave words little room, and the day."""
    return (
        (Child(birth_kg=3.4).weigh(3.2, 3).weigh(3.05, 5).weigh(3.3, 9).weigh(3.6, 14).weigh(4.4, 33), 34),
        (child(range(0, 700, 25), z=-2.9), 705), (child((0, 60, 120, 400, 700), z=0.3), 1400),
        (child((30, 60, 90)).weigh(20.0, 120), 121),
    )[number]  # fmt: skip


EACH = [(kind, number, size) for kind in (*KINDS, "multiples") for number in range(4) for size in SIZES]


def on_points(kind: str, number: int, size: str) -> list[str]:
    """Words that cover a point."""
    one, day = dense(number)
    record: Any = [one.record] * 6 if kind == "multiples" else one.record
    figure = chart(record, kind=kind, as_of=one.date(day), size=size)
    renderer, reach = figure.canvas.get_renderer(), 2.0 * figure.dpi / 72
    at = points(figure)
    out: list[str] = []
    for text in figure.findobj(Text):
        if text.get_text():
            box = Text.get_window_extent(text, renderer)
            if any(box.x0 - reach < x < box.x1 + reach and box.y0 + 1 < y < box.y1 - 1 for x, y in at):
                out.append(text.get_text())
    return out


# Each kind and child at one of the sizes; at all of them behind the marker.
@pytest.mark.parametrize(("kind", "number", "size"), [e for k, e in enumerate(EACH) if k % 3 == (k // 3) % 3])
def test_no_words_cover_a_point_on_any_kind(kind: str, number: int, size: str) -> None:
    assert on_points(kind, number, size) == []


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "number", "size"), EACH)
def test_no_words_cover_a_point_at_any_size(kind: str, number: int, size: str) -> None:
    assert on_points(kind, number, size) == []


# --- 19: axes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("years", [(0, 4), (0, 9), (2, 8), (3, 5), (3, 4.6), (0, 18), (10, 17)])
@pytest.mark.parametrize("width", [250.0, 400.0, 730.0])
def test_years_are_whole_and_half(years: tuple[float, float], width: float) -> None:
    axis = age_axis(years[0] * DAYS_PER_YEAR, years[1] * DAYS_PER_YEAR, False, width)
    late = [(x, t) for x, t in axis.labelled if x > 24.5 * DAYS_PER_MONTH]
    assert len(late) >= 2
    for x, label in late:
        whole, half = re.fullmatch(r"(\d+)(½?)", label).groups()  # type: ignore[union-attr]
        assert x == pytest.approx((int(whole) + 0.5 * bool(half)) * DAYS_PER_YEAR, abs=0.1)


@pytest.mark.parametrize("months", [(12, 30), (0, 30), (0, 36), (6, 35)])
@pytest.mark.parametrize("width", [400.0, 730.0])
def test_below_three_years_there_are_months(months: tuple[int, int], width: float) -> None:
    low, high = (m * DAYS_PER_MONTH for m in months)
    axis = age_axis(low, high, False, width)
    for x, label in axis.labelled:
        if x > 3 * DAYS_PER_MONTH:
            assert x == pytest.approx(int(label) * DAYS_PER_MONTH, abs=0.1)
    assert {c.text for c in axis.captions} <= {"weeks", "months"}


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(2.0, 9.4, 1), (2.0, 12.4, 2), (5.6, 25.0, 3), (4.0, 45.0, 5), (3.0, 7.0, 1), (20, 200, 20)],
)
def test_weights_are_whole_kilograms(low: float, high: float, step: float) -> None:
    marks = value_ticks(low, high)
    assert len(marks) <= 10 and {round(b - a, 6) for (a, _), (b, _) in itertools.pairwise(marks)} == {step}
    assert all(re.fullmatch(r"\d+", text) for _, text in marks)


def test_a_scale_of_less_than_three_kilograms_has_parts_of_them() -> None:
    assert [t for _, t in value_ticks(2.4, 4.1)] == ["2.4", "2.6", "2.8", "3.0", "3.2", "3.4", "3.6", "3.8", "4.0"]


# --- 20: grey ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["cp-gmfcs-5-oral", "trisomy-21-uk-2002", "adjusted"])
def test_in_grey_two_references_differ_in_width_and_name(reference: str) -> None:
    ref: Any = adjusted("uk-who") if reference == "adjusted" else reference
    figure = drawn(child(), 1010, reference=ref)
    thin = artists(figure, "base " if reference == "adjusted" else "standard ")
    assert max(a.get_linewidth() for a in thin) < min(a.get_linewidth() for a in artists(figure, "centile "))
    labels = [a for a in artists(figure, "line label") if a.get_text()]
    names = [a.get_text() for a in labels]
    assert len(names) == len(set(names)) and {a.get_color() for a in labels} == {BLACK, GREY}


def test_in_grey_two_bands_differ_in_hatching() -> None:
    figure = chart(C1, kind="trajectory", as_of=DAY)
    (expected,) = [a for a in artists(figure, "expected") if a.get_gid() == "expected"]
    (likely,) = artists(figure, "likely next")
    assert expected.get_hatch() is None and likely.get_hatch()
    stale = drawn(child((60, 120, 200, 300, 400)), 1100, kind="trajectory")
    hatches = {
        a.get_hatch() for gid in ("not current", "likely next") for a in artists(stale, gid) if hasattr(a, "get_hatch")
    }
    assert len(hatches) == sum(bool(artists(stale, g)) for g in ("not current", "likely next"))


# --- the rules of the RCPCH --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_no_grid(kind: str) -> None:
    figure = chart(C1, kind=kind, as_of=DAY)
    for axes in figure.axes:
        assert not any(line.get_visible() and axes.xaxis.get_visible() for line in axes.get_xgridlines())
        assert not any(line.get_visible() and axes.yaxis.get_visible() for line in axes.get_ygridlines())
        assert not axes.spines["top"].get_visible() and not axes.spines["right"].get_visible()


@pytest.mark.parametrize(
    ("z", "words"),
    [(-3.0, "below the 0.4th centile"), (3.0, "above the 99.6th centile"), (0.1, "on the 50th centile"),
     (-1.0, "between the 9th and 25th centiles")],
)  # fmt: skip
def test_a_place_is_said_in_whole_centiles_and_lines(z: float, words: str) -> None:
    one = child((60, 120, 180), z=z)
    assert words in drawn(one, 181).alt_text


def test_no_upright_of_puberty_on_weight() -> None:
    for sex in ("male", "female"):
        figure = drawn(child(range(2200, 5200, 300), sex=sex), 5200)
        lines = [a for a in figure.axes[0].get_lines() if a.get_linestyle() != "None"]
        assert {str(a.get_gid()) for a in lines if len(set(a.get_xdata())) == 1} <= {"today", "break"}


@pytest.mark.parametrize("kind", KINDS)
def test_colours_are_those_that_were_measured(kind: str) -> None:
    """Text is black or a grey of 7 to 1; lines and edges of marks are of 3 to 1 on white and more, none pale or pink."""
    figure = chart(C1, kind=kind, as_of=DAY)
    for text in figure.findobj(Text):
        if text.get_text():
            assert to_hex(text.get_color()).upper() in (BLACK, GREY)
    for axes in figure.axes:
        for line in axes.get_lines():
            colour = line.get_color() if line.get_linestyle() != "None" else line.get_markeredgecolor()
            if colour != "white" and line.get_gid() != "month":  # months are told by their names
                channels = np.array([int(to_hex(colour)[k : k + 2], 16) for k in (1, 3, 5)]) / 255
                linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
                assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 3.0, (line.get_gid(), colour)


# --- ids, and what the files say ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_an_id_that_would_be_cut_keeps_a_mark_that_tells_two_children_apart(kind: str, size: str) -> None:
    ids = [f"{'W' * 40}-{k}-{'W' * 40}" for k in range(2)]
    seen = []
    for name in ids:
        one = Record(name, Child(birth_kg=3.4).steady(-1.0, [12, 60]).events)
        figure = chart(one, kind=kind, as_of=Child().date(65), identify=True, size=size)
        head = "".join(texts(figure, "title")).partition(":")[0]
        assert len(head) == 30 and "…" in head and "~" in head and outside(figure) == []
        seen.append(head)
    assert seen[0] != seen[1]


@pytest.mark.parametrize("reference", ["cp-gmfcs-5-oral", "adjusted"])
def test_the_file_says_both_references(reference: str) -> None:
    ref: Any = adjusted("uk-who") if reference == "adjusted" else gw.reference(reference)
    figure = drawn(child(), 1010, reference=ref)
    with Image.open(BytesIO(figure.png())) as picture:
        text = dict(picture.info)
    assert text["Reference hash"] == ref.hash
    other = "Base reference" if reference == "adjusted" else "Standard"
    assert (text[other], text[f"{other} hash"]) == (UK.id, UK.hash)
