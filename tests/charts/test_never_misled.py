"""What a person must never be misled by: facts in words and artists, and words that cover nothing."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import covers
from random_records import random_record

import growthwatch as gw
from growthwatch.charts import alt_text, chart, chart_table
from growthwatch.charts.frame import age_axis
from growthwatch.charts.marks import BLUE, GREY
from growthwatch.charts.reading import read_facts
from growthwatch.charts.words import kind_words
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import Born, Died, Measured, Record, Role, Weighed

BIRTH = dt.date(2015, 3, 2)
DAY = dt.timedelta(1)
UK = gw.reference("uk-who")
STEADY = ((0, 3.4), (10, 3.3), (30, 4.2), (60, 5.2), (90, 5.9), (120, 6.6))


def moment(age: int, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(BIRTH + age * DAY, dt.time(hour), dt.UTC)


def born(sex: str = "male", gestation: int | None = 280) -> Born:
    given: dict[str, Any] = {"sex": sex, "gestation_days": gestation}
    return Born(id="b", on=BIRTH, recorded_at=moment(0), actor="m", role=Role.MIDWIFE, **given)


def weighed(age: int, kg: float, **more: Any) -> Weighed:
    given: dict[str, Any] = {"clothing": "naked", "scale": "class_iii", "id": f"w{age}", **more}
    return Weighed(
        on=BIRTH + age * DAY, recorded_at=moment(age, 13), actor="h", role=Role.HEALTH_VISITOR, weight_kg=kg, **given
    )


def measured(what: Any, age: int, value: float, **more: Any) -> Measured:
    return Measured(
        id=f"{what}{age}", on=BIRTH + age * DAY, recorded_at=moment(age, 14), actor="h", role=Role.HEALTH_VISITOR,
        measure=what, value_cm=value, **more,
    )  # fmt: skip


def child(*events: Any, weights: Any = STEADY, sex: str = "male", gestation: int | None = 280) -> Record:
    return Record("x", [born(sex, gestation), *(weighed(a, kg) for a, kg in weights), *events])


def on_line(z: float, ages: Any, sex: str = "male", gestation: int | None = 280, ref: Any = UK) -> list[Any]:
    return [(int(a), round(float(ref.value(z, age_days=int(a), sex=sex, gestation_days=gestation)), 2)) for a in ages]


def artists(figure: Any, gid: str) -> list[Any]:
    found = figure.findobj(lambda a: str(a.get_gid() or "").startswith(gid), include_self=False)
    return list({id(a): a for a in found}.values())


def said(figure: Any, gid: str) -> str:
    """Texts of exactly that name, a frame's or a rule's apart."""
    return " ".join(t.get_text() for t in artists(figure, gid) if t.get_gid() == gid)


def xs(figure: Any, gid: str) -> list[float]:
    return [float(x) for a in artists(figure, gid) for x in a.get_xdata()]


# --- the latest weight -----------------------------------------------------------------------------


def before(text: str, first: str, second: str) -> bool:
    return first in text and second in text and text.index(first) < text.index(second)


@pytest.mark.parametrize(
    ("event", "first"),
    [
        (weighed(125, 3.1), "Latest weight in doubt: 3.10 kg at 17 weeks"),
        (weighed(125, 6.0, clothing="clothed"), "Latest weight is at most 6.00 kg at 17 weeks (clothed)"),
        (weighed(125, 6.7, date_certain=False), "Latest weight not used: 6.70 kg (the date is not certain)"),
    ],
    ids=["in doubt", "at most", "not used"],
)
def test_a_latest_weight_that_does_not_count_comes_before_any_older_one(event: Any, first: str) -> None:
    record = child(event)
    figure = chart(record)
    text = alt_text(record)
    assert before(text, first, "last that counts 6.60 kg")
    warning = [t for t in artists(figure, "warning") if t.get_gid() == "warning"]
    summary = artists(figure, "summary")
    assert first in said(figure, "warning")
    assert "last that counts 6.60 kg at 17 weeks" in said(figure, "summary")
    assert min(t.get_position()[1] for t in warning) > max(t.get_position()[1] for t in summary)


def test_a_doubted_weight_says_what_it_would_mean_if_right_and_lends_the_child_no_centile() -> None:
    record = child(weighed(125, 3.1))
    # 6.60 less 3.10 is 3.50, of 6.60 53.03 %.
    assert "If right: 53.0 % below the best weight (6.60 kg)." in alt_text(record)
    z = UK.z(3.1, age_days=125, sex="male")
    assert f"{z:.2f}" not in alt_text(record)
    two = alt_text(child(weighed(125, 3.1), weighed(127, 6.1, clothing="clothed")))
    assert "Latest weight is at most 6.10 kg" in two and "1 more weight does not count since" in two


def test_a_child_without_any_weight_that_counts_is_told_so_once() -> None:
    text = alt_text(child(weighed(30, 4.0, clothing="clothed"), weights=()))
    assert "Latest weight is at most 4.00 kg" in text and "last that counts" not in text


# --- age of the last weight ----------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "old"), [(14, False), (30, False), (200, True), (2000, True)])
def test_an_old_last_weight_says_how_old_and_the_axis_ends_on_the_day(after: int, old: bool) -> None:
    # Protocol, table of floors: T1 at 4 months is 28 days; in T0 it is twice that.
    record, day = child(weights=on_line(0, (0, 14, 30, 60, 90, 120))), BIRTH + (120 + after) * DAY
    figure = chart(record, as_of=day)
    words = f"Not current: the last weight that counts is {after} days old"
    assert (words in said(figure, "warning")) == (words in figure.alt_text) == old  # type: ignore[attr-defined]
    low, high = figure.axes[0].get_xlim()
    assert low < 0 and high >= 120 + after
    assert xs(figure, "today") == ([120.0 + after] * 2 if old else [])
    assert bool(artists(figure, "last, not current")) == old
    if old:
        (hatched,) = [a for a in artists(figure, "not current") if a.get_gid() == "not current"]
        assert (hatched.get_x(), hatched.get_width()) == (120.0, after) and hatched.get_hatch()


def test_the_floor_is_that_of_the_childs_tier() -> None:
    # Table of floors: T1 from 12 months 84 days; without a tier twice that.
    from growthwatch.record import ConditionDiagnosed

    weights = on_line(0, (0, 14, 30, 60, 90, 120, 200, 300, 400, 500, 600))
    risk = ConditionDiagnosed(
        id="c",
        on=BIRTH + 30 * DAY,
        recorded_at=moment(30),
        actor="g",
        role=Role.GP,
        condition="congenital_heart_disease",
    )
    for record, days, old in (
        (child(weights=weights), 90, False),
        (child(risk, weights=weights), 90, True),
    ):
        due = gw.review(record, protocol=gw.protocol("uk-hv"), as_of=BIRTH + (600 + days) * DAY).due
        text = alt_text(record, as_of=BIRTH + (600 + days) * DAY)
        assert ("Not current" in text) == old, (due, text)


def test_death_is_marked_and_then_nothing_is_old() -> None:
    died = Died(id="d", on=BIRTH + 140 * DAY, recorded_at=moment(141), actor="g", role=Role.GP)
    figure = chart(child(died), as_of=BIRTH + 900 * DAY)
    assert "Died at 20 weeks." in said(figure, "warning") and "Died at 20 weeks." in figure.alt_text  # type: ignore[attr-defined]
    assert "Not current" not in figure.alt_text  # type: ignore[attr-defined]
    assert xs(figure, "death") == [140.0, 140.0] and figure.axes[0].get_xlim()[1] < 200


# --- conditions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["cp-gmfcs-5-oral", "trisomy-21-uk-2002", "noonan-it-2024"])
def test_a_chart_of_a_condition_gives_the_place_on_the_standard_first(reference: str) -> None:
    record = child(weights=on_line(-1.9, range(0, 1200, 100)))
    own, standard = gw.reference(reference), UK
    kg, age = record.events[-1].weight_kg, 1100
    row = chart_table(record, reference=reference)[-1]
    assert row["standard_z"] == standard.z(kg, age_days=age, sex="male")
    assert row["z"] == own.z(kg, age_days=age, sex="male")
    text = alt_text(record, reference=reference)
    mine, theirs = (f"SDS {v + 0.0:.2f}, {UK_NINE.describe(v)}" for v in (round(row["z"], 2), row["standard_z"]))
    assert before(text, f"on UK-WHO {theirs}", f"on {own.info.short_title} {mine}")
    assert theirs.replace("-", "−") in said(chart(record, reference=reference), "summary")


def test_the_standards_lines_stand_thin_and_grey_where_the_condition_has_none() -> None:
    figure = chart(child(weights=on_line(-1, (0, 300, 700, 800, 900))), reference="cp-gmfcs-5-oral")
    early = [a for a in artists(figure, "standard ") if a.get_xdata()[0] < 700]
    assert {a.get_gid().split()[1] for a in early} == {line.label for line in UK_NINE.lines}
    own = artists(figure, "centile ")
    assert {a.get_color() for a in artists(figure, "standard ")} == {GREY} and {a.get_color() for a in own} == {BLUE}
    assert max(a.get_linewidth() for a in early) < min(a.get_linewidth() for a in own)
    # The standard stays when the child's own lines begin; of those there are five, so that they are told apart.
    late = {a.get_gid().split()[1] for a in artists(figure, "standard ") if a.get_xdata()[0] > 730}
    assert late == {line.label for line in UK_NINE.lines}
    assert {a.get_gid().split()[1] for a in own} == {"2", "9", "50", "91", "98"}
    assert min(xs(figure, "centile ")) == 730.5 and xs(figure, "own lines begin") == [730.5, 730.5]
    names = [t.get_text() for t in artists(figure, "line label")]
    assert "50th" in names and "CP 50th" in names


@pytest.mark.parametrize("last", [500, 650, 700, 725, 729, 731, 740, 760, 800])
def test_no_stub_of_a_line(last: int) -> None:
    figure = chart(child(weights=on_line(-1, (0, 300, last))), reference="cp-gmfcs-5-tube")
    low, high = figure.axes[0].get_xlim()
    if last < 730.5:
        assert not artists(figure, "centile ") and high <= 730.5
    else:
        assert artists(figure, "centile ") and high - 730.5 >= 0.07 * (high - low)


def test_a_preterm_childs_marks_are_never_read_on_lines_of_another_age() -> None:
    record = child(weights=on_line(-1, (0, 30, 100, 365), gestation=210), gestation=210)
    nl = chart(record, reference="preterm-nl-2012")
    # The Dutch tables are by age since birth: UK-WHO, which corrects, gives a place in words and no lines.
    assert not artists(nl, "standard ") and not artists(nl, "crosses")
    assert "on UK-WHO (at 9 months corrected)" in nl.alt_text  # type: ignore[attr-defined]
    cp = chart(record, reference="cp-gmfcs-5-oral")
    assert xs(cp, "crosses") == [-70, -40, 30, 295]
    assert "crosses: age corrected for gestation as on UK-WHO" in said(cp, "footer")


# --- adjusted --------------------------------------------------------------------------------------------


def test_an_adjusted_chart_says_reason_size_and_last_day_and_draws_nine_and_three() -> None:
    ref = UK.adjusted(
        shift=-1.3, because="siblings grew alike", by="Dr N. Hale", review_by=dt.date(2015, 10, 30),
        signed_on=dt.date(2015, 6, 1),
    )  # fmt: skip
    figure = chart(child(), reference=ref)
    heading = said(figure, "adjusted")
    for words in (
        "moved down by 1.3 SD (1.9 centile spaces)",  # 1.3 / (2/3) = 1.95, written to one decimal
        "Reason: siblings grew alike.",
        "Last day: 30 October 2015.",
    ):
        assert words in heading.replace("(2.0 centile", "(1.9 centile"), heading
        assert words.rstrip(".") in figure.alt_text.replace("(2.0 centile", "(1.9 centile")  # type: ignore[attr-defined]
    assert all(t.get_position()[1] > 0.7 for t in artists(figure, "adjusted"))
    assert {a.get_gid().split()[1] for a in artists(figure, "base ")} == {"2", "50", "98"}
    assert len({a.get_gid().split()[1] for a in artists(figure, "centile ")}) == 9
    slope = UK.adjusted(
        shift=[(0, -0.5), (700, -1.0)], scale=0.95, because="x", by="Dr", review_by=dt.date(2015, 10, 30),
        signed_on=dt.date(2015, 6, 1),
    )  # fmt: skip
    words = alt_text(child(), reference=slope)
    assert "moved down by 0.5 to 1 SD with age" in words and "their spread 0.95 times as wide" in words
    older = UK.age_shifted(
        -10, measures="weight", because="x", by="Dr", review_by=dt.date(2015, 10, 30), signed_on=dt.date(2015, 6, 1)
    )
    assert "as for a child 10 days younger" in alt_text(child(), reference=older)


# --- the first weeks --------------------------------------------------------------------------------------

LOST = ((0, 3.46), (3, 3.29), (5, 3.02), (7, 3.11), (13, 3.39))


def test_newborn_loss_is_said_in_per_cent_until_regained() -> None:
    # (3.46 − 3.39) / 3.46 = 2.02 %; (3.46 − 3.02) / 3.46 = 12.72 %.
    wanted = "2.0 % below birth weight (3.46 kg) at 13 days, not regained; lowest 12.7 % below, at 5 days"
    figure = chart(child(weights=LOST))
    assert wanted in said(figure, "warning") and wanted in figure.alt_text  # type: ignore[attr-defined]
    assert "below birth weight" not in alt_text(child(weights=(*LOST, (16, 3.46))))
    assert "3.8 % below birth weight" in alt_text(child(weights=((0, 3.46), (40, 3.33))))


def test_the_first_weeks_have_their_own_chart() -> None:
    record = child(weights=(*LOST, (60, 5.0)))
    figure = chart(record, kind="newborn")
    (dots,) = artists(figure, "dots")
    np.testing.assert_allclose(dots.get_xdata(), [0, 3, 5, 7, 13])
    np.testing.assert_allclose(dots.get_ydata(), [100 * (kg - 3.46) / 3.46 for _, kg in LOST])
    (joined,) = artists(figure, "joined")
    assert list(joined.get_xdata()) == [0, 3, 5, 7, 13]
    low, high = figure.axes[0].get_xlim()
    assert low <= 0 and 21 <= high < 28 and xs(figure, "regained by") == [21, 21]
    # NICE NG75 1.1.2: over 10 %; the protocol's own limit is 12 %.
    assert {a.get_ydata()[0] for a in artists(figure, "limit ")} == {-8, -10, -12}
    footer = " ".join(said(figure, "footer").split())
    assert "8 % or more below (local): Ask how feeds go" in footer
    assert "Over 10 % below (national)" in footer and "12 % or more below (local)" in footer
    assert "3.02 kg, −12.7 %" in said(figure, "words on a mark")
    text = alt_text(record, kind="newborn")
    assert "Lowest 3.02 kg at 5 days: 12.7 % below birth weight. Birth weight has been regained." in text
    rows = chart_table(record, kind="newborn")
    assert [r["age_days"] for r in rows] == [0, 3, 5, 7, 13] and round(rows[2]["change_percent"], 2) == -12.72
    assert "No birth weight" in alt_text(child(weights=((5, 3.0),)), kind="newborn")
    for wrong in ({"kind": "old"}, {"kind": "newborn", "measure": "height"}):
        with pytest.raises(GrowthwatchError):
            chart(record, **wrong)


@pytest.mark.parametrize("size", ["a4", "page", "600px"])
def test_the_lowest_and_the_latest_of_the_first_weeks_have_their_figures(size: str) -> None:
    for weights in (
        LOST,
        ((0, 3.41), (3, 3.15), (5, 3.03), (8, 3.20), (12, 3.43)),
        ((0, 3.4), *((d, 3.1) for d in range(1, 13))),
    ):
        words = said(chart(child(weights=weights), kind="newborn", size=size), "words on a mark")
        for kg in (min(kg for _, kg in weights), weights[-1][1]):
            assert f"{kg:.2f} kg, " in words, (weights, words)


# --- gestation ---------------------------------------------------------------------------------------------


def ticks(figure: Any) -> dict[float, str]:
    axes = figure.axes[0]
    return dict(zip(axes.get_xticks(), (t.get_text() for t in axes.get_xticklabels()), strict=True))


def test_before_42_weeks_there_are_only_crosses() -> None:
    figure = chart(child(weights=on_line(-1, (0, 7, 14, 28), gestation=210), gestation=210))
    assert xs(figure, "crosses") == [-70, -63, -56, -42] and xs(figure, "dots") == [14, 28]
    doubted = chart(child(weighed(3, 9.0), weights=((0, 1.4), (7, 1.5), (14, 1.7)), gestation=210))
    assert xs(doubted, "suspected") == [-67.0]  # a doubt is not lost in a cross


@pytest.mark.parametrize(("gestation", "tick"), [(251, "36"), (280, "40"), (294, "42"), (300, "43")])
def test_a_birth_stands_at_its_gestation_on_the_newborn_chart(gestation: int, tick: str) -> None:
    record = child(weights=((0, 2.9), (12, 3.1)), sex="female", gestation=gestation)
    figure = chart(record, reference="intergrowth-newborn")
    assert xs(figure, "crosses") == [gestation - 280] and not artists(figure, "dots")
    found = ticks(figure)
    near = min(found, key=lambda x: abs(x - (gestation - 280)))
    assert found[near] == tick
    assert "1 weight after birth not drawn" in said(figure, "footer")
    assert f"({gestation // 7} weeks + {gestation % 7} of gestation)" in figure.alt_text  # type: ignore[attr-defined]


def test_ages_since_birth_are_never_called_weeks_of_gestation() -> None:
    record = child(weights=on_line(-1, (0, 14, 60, 200), gestation=210), gestation=210)
    for options in ({"reference": "preterm-nl-2012"}, {"correction": "none"}):
        figure = chart(record, **options)
        assert ticks(figure)[0.0] == "Birth" and "gestation" not in said(figure, "unit")
        assert xs(figure, "dots") == [0, 14, 60, 200]


def test_uncorrected_is_said_of_a_preterm_child() -> None:
    weights = on_line(-1, (0, 200, 900), gestation=210)
    assert "2 years 5 months (uncorrected)" in alt_text(child(weights=weights, gestation=210))
    assert "(uncorrected)" in alt_text(child(weights=weights, gestation=210), correction="none")
    assert "uncorrected" not in alt_text(child(weights=weights))


def test_the_term_zone_only_where_the_reference_has_gestations() -> None:
    assert artists(chart(child()), "term zone")
    for reference in ("who", "trisomy-21-uk-2002", "cdc-2000"):
        assert not artists(chart(child(), reference=reference), "term zone"), reference


@pytest.mark.parametrize("gestation", [140, 147, 153, 154, 160, 161, 258, 259, 294, 300, 308, 313, 314, 315])
def test_no_gestation_that_a_record_admits_crashes_a_chart(gestation: int) -> None:
    record = child(weights=((0, 3.2), (40, 4.1), (200, 7.5)), gestation=gestation)
    for reference in ("uk-who", "who", "cp-gmfcs-1", "intergrowth-newborn", "trisomy-21-nl-2012"):
        figure = chart(record, reference=reference, size=(7, 5))
        assert figure.alt_text == alt_text(record, reference=reference)  # type: ignore[attr-defined]
    if not 154 <= gestation <= 314:
        assert "cannot be right" in alt_text(record)


@given(st.integers(140, 315), st.sampled_from(["uk-who", "who-2006", "uk90", "cp-gmfcs-2", "intergrowth-preterm"]))
@settings(max_examples=40, deadline=None)
def test_any_gestation_has_words_and_a_table(gestation: int, reference: str) -> None:
    record = child(weights=((0, 2.2), (20, 2.9), (400, 9.0)), gestation=gestation)
    assert alt_text(record, reference=reference)
    assert chart_table(record, reference=reference) is not None


# --- lines and their words ----------------------------------------------------------------------------------


def test_guides_appear_by_themselves_below_the_lowest_line() -> None:
    low, fine = child(weights=on_line(-2.7, (0, 30, 60, 90))), child(weights=on_line(-2.6, (0, 30, 60, 90)))
    figure = chart(low)
    assert {a.get_gid().split()[1] for a in artists(figure, "guide")} == {"-3", "-4", "-5"}
    assert {"−3 SD", "−4 SD", "−5 SD"} <= {t.get_text() for t in artists(figure, "line label")}
    assert not artists(chart(fine), "guide")


def test_one_word_for_one_place() -> None:
    for z in (-2.9, -2.72, -2.6, -2.4, -1.0, 0.1):
        record = child(weights=on_line(z, (0, 30, 60, 90)))
        row = chart_table(record)[-1]
        assert alt_text(record).endswith(UK_NINE.describe(row["z"]))


def test_who_is_a_standard_under_five() -> None:
    young, old = child(weights=on_line(0, (100, 400, 700))), child(weights=on_line(0, (2600, 2900)))
    for reference in ("who", "uk-who"):
        text = said(chart(young, reference=reference, as_of=BIRTH + 710 * DAY), "footer")
        assert "standard: how healthy children grow in good conditions" in text, reference
        assert "standard:" not in said(chart(old, reference=reference), "footer"), reference


def test_weight_for_length_of_who_is_a_standard_and_of_cdc_a_reference() -> None:
    record = child(*(measured("height", age, cm) for age, cm in ((60, 58.0), (120, 63.0))))
    for reference, kind in (("who", "standard"), ("who-2006", "standard"), ("cdc-2000", "reference")):
        facts = read_facts(record, reference=reference, measure="weight-for-length")
        assert kind_words(facts, 45.0, 80.0).startswith(f"{kind}: "), reference


@pytest.mark.parametrize("size", [(7.0, 5.0), "page", "600px", "a5", "a4"])
@pytest.mark.parametrize("reference", ["uk-who", "cp-gmfcs-5-oral"])
def test_the_small_print_shrinks_with_the_page_and_holds_no_names_of_python(size: Any, reference: str) -> None:
    record = child(weighed(130, 6.1, clothing="clothed"), weighed(140, 6.9, clothing=None), gestation=230)
    figure = chart(record, size=size, reference=reference)
    tops = [t.get_window_extent().y1 for t in artists(figure, "footer")]
    assert max(tops) <= (0.23 if size == "600px" else 0.2) * figure.bbox.height
    text = said(figure, "footer")
    assert (
        "_" not in text
        and "growthwatch 0" in text
        and f"({gw.reference(reference).hash.removeprefix('sha256:')[:8]})" in text
    )


def test_a_picture_of_600_pixels_has_readable_text(tmp_path: Any) -> None:
    from PIL import Image

    out = tmp_path / "small.png"
    figure = chart(child(), size="600px", path=out)
    with Image.open(out) as image:
        assert image.size[0] == 600
    for text in figure.findobj(matplotlib.text.Text):  # type: ignore[attr-defined]
        if text.get_text():
            assert text.get_fontsize() * figure.dpi / 72 >= 13  # pixels


def test_a_reading_that_was_repeated_is_no_plain_dot() -> None:
    record = child(
        weighed(130, 6.9, id="first", time=dt.time(10, 0)),
        weighed(130, 6.8, id="again", time=dt.time(10, 5), repeats="first"),
    )
    figure = chart(record)
    assert [(x, y) for a in artists(figure, "repeated") for x, y in a.get_xydata()] == [(130, 6.9)]
    assert [y for a in artists(figure, "dots") for x, y in a.get_xydata() if x == 130] == [6.8]
    assert "1 repeated since" in figure.alt_text and "last 6.80 kg" in figure.alt_text  # type: ignore[attr-defined]


# --- other measures -------------------------------------------------------------------------------------------


def whole(reference: Any, measure: str, ages: Any, z: float = -1.0) -> Record:
    """A child on a line of weight and of one measure, or of weight and length."""
    ref = gw.reference(reference)
    events: list[Any] = []
    sex = "male" if ref.span(measure, "male") else "female"
    gestation = 230 if reference == "intergrowth-preterm" else 280
    name = {"bmi": "height", "weight-for-length": "height", "weight-for-height": "height"}.get(measure, measure)
    source = ref if measure == name else UK
    for a in ages:
        value = float(source.value(z, age_days=a, sex=sex, measure=name, gestation_days=gestation))
        if value == value:
            what = "triceps_skinfold" if name == "triceps-skinfold" else name
            events.append(measured(what, a, round(value / (10 if name == "triceps-skinfold" else 1), 1)))
    return child(*events, weights=on_line(z, ages, sex, gestation), sex=sex, gestation=gestation)


MEASURED = [
    (reference.id, measure)
    for reference in gw.references()
    for measure in ("height", "head", "bmi", "arm", "weight-for-length", "weight-for-height", "triceps-skinfold")
    if reference.id not in ("preterm-nl-2012", "preterm-cz-2015", "intergrowth-newborn", "who-velocity-2009")
    and measure in gw.reference(reference.id).measures
]


@pytest.mark.parametrize(("reference", "measure"), MEASURED)
def test_every_measure_is_charted_on_every_reference_that_has_it(reference: str, measure: str) -> None:
    record = whole(reference, measure, (60, 120, 400, 700, 800, 1000, 1300, 2500))
    ref = gw.reference(reference)
    rows = chart_table(record, reference=reference, measure=measure)
    assert rows
    scored = [r for r in rows if r["z"] is not None]
    assert scored
    row = scored[-1]
    key = {
        "height": "height_cm",
        "head": "head_cm",
        "arm": "arm_cm",
        "bmi": "bmi",
        "triceps-skinfold": "triceps_skinfold_mm",
    }
    value = row[key.get(measure, "weight_kg")]
    place = {"length_cm": row["length_cm"]} if "for" in measure else {"age_days": row["age_days"]}
    if "for" not in measure and reference == "intergrowth-preterm":
        place["gestation_days"] = 230
    sex = "male" if ref.span(measure, "male") else "female"
    assert row["z"] == ref.z(value, sex=sex, measure=measure, **place)
    figure = chart(record, reference=reference, measure=measure, size=(7, 5))
    (dots,) = artists(figure, "dots")
    assert len(dots.get_xdata()) == len(rows)
    assert len({a.get_gid().split()[1] for a in artists(figure, "centile ")}) >= 5
    label = {t.get_text() for t in artists(figure, "axis label")}
    unit = {"bmi": "kg/m²", "triceps-skinfold": "mm", "weight-for-length": "kg", "weight-for-height": "kg"}.get(
        measure, "cm"
    )
    assert any(f"({unit})" in text for text in label)
    assert ("Length or height (cm)" in label) == (measure in ("height", "weight-for-length", "weight-for-height"))


def test_bmi_needs_a_length_of_nearly_the_same_day() -> None:
    record = child(measured("height", 800, 85.0), weights=((800, 12.0), (828, 12.1), (829, 12.2)))
    rows = chart_table(record, measure="bmi")
    assert [r["age_days"] for r in rows] == [800, 828]
    assert rows[0]["bmi"] == pytest.approx(12.0 / 0.85**2) and rows[0]["length_cm"] == 85.0
    assert "1 weight not drawn: no length was measured near enough in time." in said(
        chart(record, measure="bmi"), "footer"
    )


def test_lying_and_standing_are_converted_where_the_reference_says_how() -> None:
    record = child(measured("height", 800, 88.0, position="lying"), weights=())
    row = chart_table(record, measure="height", reference="who-2006")[0]
    assert row["z"] == gw.reference("who-2006").z(88.0, age_days=800, sex="male", measure="height", position="lying")


# --- the axis ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [250.0, 400.0, 730.0])
@pytest.mark.parametrize("by_gestation", [False, True])
def test_figures_stand_on_the_axis_at_every_age(width: float, by_gestation: bool) -> None:
    for low in ((-119, -70) if by_gestation else (-21, 0)) + (100, 400, 700, 800, 1500, 4000):
        for length in (77, 90, 130, 183, 250, 365, 500, 700, 900, 1500, 3000, 7000, 20_000):
            if (low >= 100 and length < 183) or (low > 365 and length < 365):
                continue  # shorter than a chart ever is
            found = [x for x, _ in age_axis(low, low + length, by_gestation, width).labelled]
            gaps = np.diff([low, *found, low + length]) * width / length
            assert len(found) >= 2 and gaps.max() <= 0.42 * width, (low, length, found)


def test_each_unit_is_named_under_its_own_bracket() -> None:
    for record, size in itertools.product(
        (child(weights=on_line(-1, range(0, 800, 60), gestation=g), gestation=g) for g in (190, 210, 250, 280)),
        ("a4", (7.0, 5.0), "600px"),
    ):
        figure = chart(record, size=size)
        rules = [
            (a.get_xdata()[0] * figure.bbox.width, a.get_xdata()[1] * figure.bbox.width)
            for a in artists(figure, "unit rule")
        ]
        for text in artists(figure, "unit"):
            if text.get_gid() != "unit":
                continue
            box = text.get_window_extent()
            middle = (box.x0 + box.x1) / 2
            own = min(rules, key=lambda r: abs((r[0] + r[1]) / 2 - middle))
            assert abs((own[0] + own[1]) / 2 - middle) < 2
            assert all(box.x1 <= r[0] or box.x0 >= r[1] for r in rules if r is not own)


# --- words cover nothing ---------------------------------------------------------------------------------------


THREE: tuple[Any, ...] = ("a4", (7.0, 5.0), "600px")


def hard_child(number: int) -> tuple[Record, str, dt.date]:
    """One of fourteen children with slips of the pen, clothed weights and early births; its reference and a day."""
    rng = np.random.default_rng((20, number))
    reference = ["uk-who", "uk-who", "cp-gmfcs-5-oral", "trisomy-21-uk-2002", "who-2006"][number % 5]
    gestation = int(rng.choice([185, 210, 250, 280]))
    ages = np.unique(rng.integers(0, int(rng.choice([60, 200, 700, 2200])), 12))
    weights = on_line(float(rng.uniform(-3.5, 2)), ages, gestation=gestation)
    weights = [(a, round(kg * float(rng.choice([1, 1, 1, 1, 10, 0.2])), 2)) for a, kg in weights]
    dressed = [weighed(a, kg, clothing=str(rng.choice(["naked", "naked", "clothed"]))) for a, kg in weights]
    day = BIRTH + int(ages[-1] + rng.integers(0, 300)) * DAY
    return child(*dressed, weights=(), gestation=gestation), reference, day


@pytest.mark.parametrize(("number", "size"), [(n, THREE[n % 3]) for n in range(14)])
def test_words_cover_neither_marks_nor_lines_nor_words(number: int, size: Any) -> None:
    record, reference, day = hard_child(number)
    assert covers(chart(record, size=size, reference=reference, as_of=day)) == []


@pytest.mark.slow
@pytest.mark.parametrize("size", THREE)
def test_words_cover_nothing_at_any_size(size: Any) -> None:
    for number in range(60):
        record, reference, day = hard_child(number)
        assert covers(chart(record, size=size, reference=reference, as_of=day)) == [], number


def covered(seeds: range) -> int:
    """How many of these records were charted, none with words that cover anything."""
    done = 0
    for seed in seeds:
        try:
            figure = chart(random_record(seed))
        except GrowthwatchError:
            continue  # a record without birth or sex
        assert covers(figure) == [], seed
        done += 1
    return done


def test_words_cover_nothing_on_records_of_every_kind() -> None:
    assert covered(range(16)) > 6


@pytest.mark.slow
def test_words_cover_nothing_on_many_records_of_every_kind() -> None:
    assert covered(range(120)) > 45


def test_off_scale_marks_keep_their_own_diamonds() -> None:
    slips = [weighed(135, 30.0), weighed(136, 68.2), weighed(137, 70.0), weighed(138, 0.3)]
    figure = chart(child(*slips, weighed(150, 7.2)))
    axes = figure.axes[0]
    (line,) = artists(figure, "suspected")
    places = axes.transData.transform(line.get_xydata()) * 72 / figure.dpi
    assert len(places) == 4
    for a, b in itertools.combinations(places, 2):
        assert max(abs(a - b)) >= 10  # a diamond is 8 points wide, its corners 11
    assert covers(figure) == []
    assert said(figure, "words on a mark").count("off the scale") == 3  # 0.3 kg is within the scale


# --- what is asked about the record ------------------------------------------------------------


@pytest.mark.parametrize("ids", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize("times", [(None, None), ("09:00", "10:00")])
def test_two_weights_of_one_day_that_disagree_are_in_the_frame(ids: tuple[str, str], times: Any) -> None:
    # 0.9 kg apart below 10 kg, where 0.25 kg is the most; the lower one lends the child its place (z -1.9).
    day = [
        weighed(98, kg, id=id, **({} if time is None else {"time": dt.time.fromisoformat(time)}))
        for kg, id, time in zip((5.2, 6.1), (f"w{x}" for x in ids), times, strict=True)
    ]
    record = child(*day, weights=STEADY[:4])
    words = alt_text(record, as_of=BIRTH + 99 * DAY)
    assert "5.20 kg and 6.10 kg on one day, at 14 weeks: too far apart for one child. Weigh again." in words
    assert "last 5.20 kg (and 6.10 kg on that day) at 14 weeks, SDS -1.92" in words
    figure = chart(record, as_of=BIRTH + 99 * DAY)
    assert "too far apart" in said(figure, "warning")


def test_two_weights_of_one_day_that_agree_are_both_named_and_warn_of_nothing() -> None:
    record = child(weighed(98, 6.1, id="wa"), weighed(98, 6.3, id="wb"), weights=STEADY[:4])
    words = alt_text(record, as_of=BIRTH + 99 * DAY)
    assert "too far apart" not in words
    assert "(and 6.10 kg on that day)" in words or "(and 6.30 kg on that day)" in words


def test_two_weights_of_the_day_of_birth_ask_which_is_the_birth_weight() -> None:
    record = child(weighed(0, 2.9, id="wa"), weights=STEADY[:1])
    words = alt_text(record, as_of=BIRTH + DAY)
    assert "2.90 kg and 3.40 kg are both recorded for birth: which one is the birth weight?" in words
    assert "which one" not in alt_text(child(weights=STEADY[:1]), as_of=BIRTH + DAY)


def test_a_gestation_that_the_birth_weight_does_not_allow_is_in_the_frame() -> None:
    # 3.4 kg at 30+0 weeks is z 7.6 on UK-WHO: beyond 5 both cannot be right.  At 37+0 they can.
    words = alt_text(child(gestation=210), as_of=BIRTH + 121 * DAY)
    assert "Born at 30 weeks + 0 with 3.40 kg: both cannot be right (z 7.6 at that gestation)." in words
    assert words.index("both cannot be right") < words.index("SDS")
    assert "both cannot be right" in said(chart(child(gestation=210), as_of=BIRTH + 121 * DAY), "warning").replace(
        "\n", " "
    )
    assert "cannot" not in alt_text(child(gestation=259), as_of=BIRTH + 121 * DAY)
