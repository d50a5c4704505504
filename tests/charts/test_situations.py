"""Every kind of chart in every situation in which it is easily drawn wrong: nothing covered, nothing cut, none empty.

A sample of pairs runs every day; all of them, at every size, behind the marker ``slow``.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from builders import UK, Child
from pictures import artists, covers, places, said, texts
from situations import SITUATIONS, looked

from growthwatch.charts import chart
from growthwatch.charts.kinds import KINDS

SIZES = ("a4", "page", "600px")
ALL = list(itertools.product(KINDS, SITUATIONS, SIZES))
# A thousand weights take long to judge: every day only where nothing is judged.
SAMPLE = [pair for pair in ALL[::7] if pair[1] != "1,000 weights" or pair[0] in ("growth", "z")]


def drawn(kind: str, situation: str, size: str = "page", **more: Any) -> Any:
    _, record, day = looked(situation)
    return chart(record, kind=kind, as_of=day, size=size, **more)


def empty(figure: Any) -> list[int]:
    """Pictures in which there is neither a reading, nor what was judged or done, nor a word that says why not."""
    shown = ("dots", "crosses", "suspected", "upper bounds", "evidence after a weight", "evidence now", "part ", "lane")
    renderer = figure.canvas.get_renderer()
    out: list[int] = []
    for k, axes in enumerate(figure.axes):
        area = axes.get_window_extent(renderer)
        own = [a for gid in shown for a in artists(figure, gid) if a.axes is axes]
        inside = [
            a for line in own if hasattr(line, "get_xydata") for a in axes.transData.transform(line.get_xydata())
            if area.x0 - 1 <= a[0] <= area.x1 + 1
        ]  # fmt: skip
        filled = any(not hasattr(a, "get_xydata") for a in own)
        notes = [a.get_window_extent(renderer) for a in artists(figure, "note") if a.get_text()]
        told = any(area.y0 < (box.y0 + box.y1) / 2 < area.y1 for box in notes)
        if not (inside or filled or told):
            out.append(k)
    return out


def faults(figure: Any) -> list[str]:
    """What is wrong with a picture, in words."""
    return [*covers(figure), *(f"picture {k} is empty" for k in empty(figure))]


@pytest.mark.parametrize(("kind", "situation", "size"), SAMPLE)
def test_nothing_is_covered_cut_or_empty(kind: str, situation: str, size: str) -> None:
    assert faults(drawn(kind, situation, size)) == []


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "situation", "size"), ALL)
def test_nothing_is_covered_cut_or_empty_on_any(kind: str, situation: str, size: str) -> None:
    assert faults(drawn(kind, situation, size)) == []


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_covered_or_cut_on_a_sheet_of_all(size: str) -> None:
    children = [looked(name) for name in SITUATIONS]
    last = max(day for *_, day in children)
    assert covers(chart([record for _, record, _ in children], kind="multiples", as_of=last, size=size)) == []


# --- each fault that was found by looking -------------------------------------------------------------


def test_what_looks_for_faults_finds_them() -> None:
    figure = drawn("growth", "two weights")
    assert faults(figure) == []
    (dot,) = artists(figure, "dots")
    x, y = figure.axes[0].transData.transform(dot.get_xydata()[0])
    word = artists(figure, "axis label")[0]
    word.set_rotation(0)
    word.set_position((x / figure.bbox.width, y / figure.bbox.height))
    assert any("on a mark" in f for f in faults(figure))
    word.set_position((0.999, 0.5))
    assert any("leaves the page" in f for f in faults(figure))
    dot.remove()
    for artist in artists(figure, "note"):
        artist.remove()
    assert "picture 0 is empty" in faults(figure)


def test_no_words_lie_on_an_upright_that_is_drawn_after_them() -> None:
    figure = drawn("growth", "no weight")
    assert covers(figure) == [] and "No weight recorded" in said(figure, "summary")


@pytest.mark.parametrize("situation", ["one weight", "two weights", "a newborn"])
@pytest.mark.parametrize("size", SIZES)
def test_an_event_chart_of_a_few_days_has_days_on_its_axis(situation: str, size: str) -> None:
    figure = drawn("events", situation, size)
    one, _, day = looked(situation)
    days = [t for t in texts(figure, "axis figure") if t.split()[-1] in ("Jan", "Feb")]
    assert len(days) >= 2 and f"{day.day} {day:%b}" in days and texts(figure, "year") == ["2024"]
    lines = sorted({x for x, _ in places(figure, "month")})
    assert (
        lines[0] >= 0 and lines[-1] == (day - one.birthday).days
    )  # no day before birth; the day of the chart is there


def test_since_birth_includes_the_day_of_birth() -> None:
    """The square in the lane and the count in the heading are of one day."""
    figure = drawn("events", "one weight")
    assert len(places(figure, "mark weighed Seen")) == 1
    assert "Since birth: seen on 1 day, weighed so that it counts on 1" in said(figure, "summary")


def test_of_two_weights_of_a_day_the_lower_is_the_best() -> None:
    """Protocol, "Two weights of one day": best takes the lower.  5.818 to 5.10 kg is −12.3 %, as the danger says."""
    one, *_ = looked("two weights of a day")
    kg = one.kg(0.0, 90)
    lost = 100 * (kg - 5.1) / kg
    events = " ".join(said(drawn("events", "two weights of a day"), "summary").split())
    assert f"Weight {kg:.3f} kg → 5.10 kg: −{lost:.1f} %" in events and "6.20 kg →" not in events
    assert f"{lost:.1f} % below the best weight" in said(drawn("trajectory", "two weights of a day"), "warning")


def test_two_weights_of_a_day_are_not_joined_to_each_other() -> None:
    figure = drawn("z", "two weights of a day")
    (joined,) = artists(figure, "joined")
    ends = [s[:, 0] for s in joined.get_segments()]
    assert all(b > a for a, b in ends) and len(ends) == 3
    assert joined.get_segments()[-1][-1][1] < -1.5  # it leads to the lower one
    assert len(places(figure, "dots")) == 5


def test_a_key_names_only_marks_that_are_there() -> None:
    assert texts(drawn("newborn", "no weight"), "key") == []
    assert texts(drawn("newborn", "one weight"), "key") == ["weight"]
    # The doubted weight of day 30 is long before what is shown.
    assert "weighed, does not count" not in texts(drawn("events", "far below"), "key")
    assert "weighed, does not count" in texts(drawn("events", "a doubted last weight"), "key")


@pytest.mark.parametrize("size", SIZES)
def test_a_baby_of_a_few_weeks_has_weeks_on_the_familys_axis(size: str) -> None:
    figure = drawn("family", "a newborn", size)
    assert "Age in weeks" in said(figure) and {"Birth", "1", "2", "3", "4"} <= set(texts(figure, "axis figure"))


@pytest.mark.parametrize("kind", ["growth", "events", "trajectory", "z"])
@pytest.mark.parametrize("size", SIZES)
def test_a_doubted_latest_weight_says_repeat_now_beside_its_diamond(kind: str, size: str) -> None:
    """Rule 13, on every kind that draws it."""
    figure = drawn(kind, "a doubted last weight", size)
    (words,) = (t for t in artists(figure, "words on a mark") if "repeat now" in t.get_text())
    box = words.get_window_extent(figure.canvas.get_renderer())
    x, y = figure.axes[0].transData.transform(places(figure, "suspected")[-1])
    assert max(box.x0 - x, x - box.x1, box.y0 - y, y - box.y1) < 40 * figure.dpi / 72
    assert covers(figure) == []


@pytest.mark.parametrize("size", SIZES)
def test_the_last_weight_is_said_to_the_family_however_many_there_are(size: str) -> None:
    one, *_ = looked("1,000 weights")
    figure = drawn("family", "1,000 weights", size)
    words = said(figure, "words on a mark") + said(figure, "note")
    assert f"{one.events[-1]['weight_kg']:.1f} kg, " in words and covers(figure) == []


def test_a_long_time_is_said_to_the_family_in_years() -> None:
    assert "The last dot is 2 years ago." in " ".join(said(drawn("family", "two years of silence"), "summary").split())


@pytest.mark.parametrize("z", [-6.0, -4.0])
def test_the_familys_words_stand_near_their_dot(z: float) -> None:
    one = Child(birth_kg=None).steady(z, [90, 200, 300, 400])
    figure = chart(one.record, kind="family", as_of=one.date(405), size="page")
    (words,) = (t for t in artists(figure, "words on a mark") if t.get_text())
    box = words.get_window_extent(figure.canvas.get_renderer())
    x, y = figure.axes[0].transData.transform(places(figure, "dots")[-1])
    away = max(box.x0 - x, x - box.x1, 0), max(box.y0 - y, y - box.y1, 0)
    assert max(away) < 50 * figure.dpi / 72


def test_weights_after_the_model_are_not_said_to_be_too_few_yet() -> None:
    """Healthy growth is modelled up to 5 years."""
    figure = drawn("trajectory", "17 years")
    assert "yet" not in said(figure, "summary") + said(figure, "note")
    assert "healthy growth is modelled up to 5 years" in " ".join(said(figure, "summary").split())
    assert "No weight before 5 years" in said(figure, "note")
    assert "cannot be judged for slowing yet" in said(drawn("trajectory", "one weight"), "summary")


def test_evidence_of_before_the_picture_is_said_in_its_place() -> None:
    figure = drawn("trajectory", "1,000 weights")
    assert "Last judged at 4 years 11 months, before what is shown" in said(figure, "note")
    assert places(figure, "evidence now") == []


def test_nothing_has_no_sign() -> None:
    for figure in (drawn("trajectory", "23 weeks"), drawn("trajectory", "far above")):
        assert not any(t.startswith(("+0.00", "−0.00")) or "(+0.00" in t for t in texts(figure, "part figure"))
        assert "+0.00" not in figure.alt_text and "−0.00" not in figure.alt_text


@pytest.mark.parametrize("size", SIZES)
def test_a_number_is_not_parted_from_its_unit(size: str) -> None:
    for kind in ("growth", "events", "trajectory"):
        figure = drawn(kind, "two weights of a day", size)
        rows = [t for gid in ("warning", "summary", "footer") for t in texts(figure, gid)]
        assert not any(row.split()[0] in ("%", "kg", "SD", "cm") for row in rows), rows


def test_a_small_paper_whose_words_leave_no_picture_is_higher_than_asked_for() -> None:
    """Before, the key lay on the marks."""
    child = Child(sex="male", gestation_days=210, birth_kg=None)
    for day in (3, 20, 40, 60, 80, 115):
        child.at_z(-0.5, day)
    for day, kg in ((150, 60.0), (160, 1.3)):
        child.weigh(kg, day)
    child.clothed(1.34, 190)
    more = {"reference": "trisomy-21-uk-2002", "as_of": child.date(362)}
    figure = chart(child.record, size=(7.0, 5.0), **more)
    width, height = figure.get_size_inches()
    assert width == 7.0 and height > 5.0 and covers(figure) == []
    assert figure.axes[0].get_position().height * height * 72 >= 95
    assert tuple(chart(child.record, size="a4", **more).get_size_inches()) == (11.69, 8.27)


def test_a_chart_of_each_sex_says_which_it_is() -> None:
    for sex, word in (("male", "boy"), ("female", "girl")):
        one = Child(sex=sex, birth_kg=None).steady(-1.0, [30, 60])
        assert word in said(chart(one.record, as_of=one.date(65), size="600px"), "title")
    assert UK.value(0.0, age_days=60, sex="male") != UK.value(0.0, age_days=60, sex="female")
