"""The event chart: every lane, what is open to the right, whose words, and what is before the time that is shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from builders import Child
from pictures import artists, collisions, outside, places, said, texts

import growthwatch as gw
from growthwatch.charts import alt_text, chart, chart_table
from growthwatch.charts.events import SHAPES, STYLES
from growthwatch.charts.events_facts import LANES

SIZES = ("a4", "page", "600px")
C1 = gw.Record.load(Path(__file__).parents[2] / "examples" / "c1-slow-decline.json")
DAY = dt.date(2024, 2, 27)
LINES = ("words ", "lane name", "axis figure", "year", "tier today")


def events(child: Child, day: int, **more: Any) -> Any:
    return chart(child.record, kind="events", as_of=child.date(day), **{"size": (8, 7), **more})


def growing(until: int = 300) -> Child:
    return Child().steady(0.0, list(range(30, until, 60)))


def letter(child: Child, day: int, **more: Any) -> Child:
    given = {
        "sender": "dietitian", "to": [{"name": "paediatrician"}], "purpose": "review", "requested_action": "see her",
        "action_owner": "paediatrician", "respond_by": child.date(day + 14), **more,
    }  # fmt: skip
    return child.add("letter_sent", day, **given)


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return {size: chart(C1, kind="events", as_of=DAY, size=size) for size in SIZES}


# --- lanes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_every_lane_is_drawn_the_empty_ones_too(figures: dict[str, Any], size: str) -> None:
    assert texts(figures[size], "lane name") == list(LANES)
    alone = chart(Child().record, kind="events", as_of=dt.date(2024, 3, 1), size=size)
    assert texts(alone, "lane name") == list(LANES)


def test_who_was_weighed_and_who_was_only_seen() -> None:
    child = growing().contact(280).contact(285).clothed(9.0, 290)
    figure = events(child, 300)
    assert [x for x, _ in places(figure, "mark not weighed Seen")] == [280, 285]
    assert [x for x, _ in places(figure, "mark not counted Seen")] == [290]
    assert [x for x, _ in places(figure, "mark weighed Seen")] == list(range(150, 300, 60))
    assert SHAPES["weighed"]["marker"] == "s" and SHAPES["not weighed"]["marker"] == "|"
    key = texts(figure, "key")
    assert {"weighed", "seen, not weighed", "weighed, does not count"} <= set(key)


def test_a_day_on_which_the_child_was_seen_and_weighed_is_one_mark() -> None:
    figure = events(growing().contact(270), 300)
    assert places(figure, "mark not weighed") == []


def test_an_unanswered_letter_is_open_to_the_right_with_its_days() -> None:
    figure = events(letter(growing(), 250), 300)
    (line,) = artists(figure, "span open Letters, requests")
    assert line.get_xdata()[0] == 250 and line.get_xdata()[-1] == 300
    assert line.get_linestyle() != "-"
    assert [x for x, _ in places(figure, "open end Letters")] == [300]
    assert "no answer in 50 days" in said(figure, "words Letters")
    assert "Letters, requests: Dietitian to paediatrician" in figure.alt_text
    rows = [r for r in figure.table if r["lane"] == "Letters, requests" and r["what"] == "open"]
    assert [r["until_age_days"] for r in rows] == [None]


def test_an_unclear_letter_says_that_it_asks_nothing_clear() -> None:
    unclear = growing().add("letter_sent", 250, sender="dietitian", to=[{"name": "GP"}], summary="feeds slowly")
    assert "asks nothing clear; no answer in 50 days" in said(events(unclear, 300), "words Letters")


def test_a_letter_that_was_answered_ends_there() -> None:
    child = letter(growing(), 250)
    child.add("answered", 262, request=child.last, by="paediatrician", outcome="seen", action_taken=True)
    figure = events(child, 300)
    (line,) = artists(figure, "span answered Letters")
    assert list(line.get_xdata()) == [250, 262] and line.get_linestyle() == "-"
    assert places(figure, "open end") == []
    assert "answered in 12 days" in said(figure, "words Letters")


def test_a_letter_that_asks_nothing_waits_for_nobody() -> None:
    figure = events(letter(growing(), 250, asks=False), 300)
    assert places(figure, "open end") == [] and "for information" in said(figure, "words Letters")


def test_a_referral_closed_without_action_says_so_and_how_often() -> None:
    child = growing()
    for day in (220, 250):
        child.add("referral_made", day, to="social care", kind="social_care_support", about="feeding")
        child.add("referral_closed", day + 2, referral=child.last, outcome="none", action_taken=False)
    figure = events(child, 300)
    assert [x for x, _ in places(figure, "mark no action Referrals")] == [222, 252]
    assert texts(figure, "words Referrals") == ["Social care: closed in 2 days, no action; twice"]


def test_words_are_quoted_with_who_said_them_and_what_explained_them_away() -> None:
    child = growing().add(
        "concern", 260, raised_by="mother", about="he is getting thinner", explained_as="expected with his condition"
    )
    words = said(events(child, 300), "words Concerns")
    assert "Mother: “he is getting thinner”" in words and "answered “expected with his condition”" in words


def test_an_explanation_of_its_own_stands_beside_the_concern() -> None:
    child = growing().add("concern", 260, raised_by="mother", about="thin", id="worry")
    child.add("explained", 263, target="worry", **{"as": "family_size"}, words="small parents")
    assert "answered “small parents” after 3 days" in said(events(child, 300), "words Concerns")


def test_who_was_not_brought_and_whom_the_service_put_off() -> None:
    child = (
        growing()
        .add("was_not_brought", 240, service="clinic")
        .add("was_not_brought", 260, service="dietitian", kind="cancelled_by_service")
    )
    figure = events(child, 300)
    assert [x for x, _ in places(figure, "mark missed")] == [240] and [x for x, _ in places(figure, "mark moved")] == [
        260
    ]
    assert "1 appointment missed" in said(figure, "summary")
    assert "cancelled by the service" in said(figure, "words Not brought")


def test_a_plan_that_did_not_move_is_a_gap_that_goes_on() -> None:
    child = growing().led(100).add("level_changed", 250, to="child_in_need", plan_transferred=False)
    figure = events(child, 300)
    assert [list(a.get_xdata()) for a in artists(figure, "span gap Plan and lead")] == [[250, 300]]
    assert "child in need: plan NOT moved" in said(figure, "words Plan and lead")
    assert STYLES["gap"]["linestyle"] != STYLES["led"]["linestyle"]


def test_a_child_whose_lead_left_is_led_by_nobody() -> None:
    child = growing().led(100).add("lead_left", 250)
    assert "nobody leads" in said(events(child, 300), "words Plan and lead")


def test_a_stay_in_hospital_lasts_until_the_child_is_home() -> None:
    child = growing().add("admission", 260, role="hospital_doctor").add("discharged", 266, role="hospital_doctor")
    (line,) = artists(events(child, 300), "span stay")
    assert list(line.get_xdata()) == [260, 266]
    (line,) = artists(events(growing().add("admission", 260, role="hospital_doctor"), 262), "span stay")
    assert list(line.get_xdata()) == [260, 262]


def test_the_lane_of_the_tier_changes_when_the_tier_does(figures: dict[str, Any]) -> None:
    starts = {tier: artists(figures["a4"], f"span {tier} Watched")[0].get_xdata() for tier in ("T1", "T2")}
    # The fall of 21 November 2023 raised the tier: age 617 days.
    assert starts["T1"][-1] == starts["T2"][0] == (dt.date(2023, 11, 21) - dt.date(2022, 3, 14)).days
    assert said(figures["a4"], "tier today") == "T3 today"
    widths = [STYLES[t]["linewidth"] for t in ("T0", "T1", "T2", "T3")]
    assert widths == sorted(widths) and len(set(widths)) == 4


# --- time, and what is not in view -------------------------------------------------------------------


def test_the_axis_ends_on_the_day_and_begins_at_the_best_weight(figures: dict[str, Any]) -> None:
    day = (DAY - dt.date(2022, 3, 14)).days
    assert [x for x, _ in places(figures["a4"], "today")] == [day, day]
    low, high = figures["a4"].axes[0].get_xlim()
    assert low < day - 161 and day < high < day + 10
    assert "161 days ago" in said(figures["a4"], "summary")


def test_what_came_before_is_counted(figures: dict[str, Any]) -> None:
    assert "Earlier, not in view: 8 weights" in said(figures["a4"], "footer")


def test_a_type_that_is_not_drawn_is_counted_by_name() -> None:
    figure = events(growing().add("measured", 270, measure="head", value_cm=44.0), 300)
    assert "Also recorded, not drawn: measured (1)" in said(figure, "footer")


def test_after_a_death_nothing_is_open(figures: dict[str, Any]) -> None:
    figure = events(letter(growing(), 250).add("died", 280), 300)
    assert places(figure, "open end") == [] and texts(figure, "tier today") == []
    assert {x for x, _ in places(figure, "death")} == {280}
    assert "Died" in said(figure, "warning")


def test_only_what_was_known_is_drawn() -> None:
    child = growing().add("concern", 260, raised_by="mother", about="thin", late=30)
    assert texts(events(child, 270), "words Concerns") == []
    assert texts(events(child, 295), "words Concerns") != []


# --- words, letters, ids ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_no_words_cover_each_other_or_leave_the_page(figures: dict[str, Any], size: str) -> None:
    assert collisions(figures[size], *LINES) == []
    assert outside(figures[size]) == []


def test_what_finds_no_place_is_said_below() -> None:
    child = growing()
    for k in range(14):
        child.add("concern", 270 + k, raised_by="mother", about=f"worry number {k}")
    figure = events(child, 300)
    everything = said(figure)
    assert all(f"worry number {k}" in everything or f"worry number {k}" in figure.alt_text for k in (0, 13))
    assert "No room for" in said(figure, "footer")
    assert collisions(figure, *LINES) == []


def test_the_child_is_not_named_unless_asked_not_even_in_somebodys_words() -> None:
    child = growing().add("concern", 260, raised_by="mother", about="CHILD is thin, say child's aunts")
    figure = events(child, 300)
    assert "“the child is thin, say the child's aunts”" in said(figure)
    assert "child:" not in said(figure, "title")
    assert events(child, 300, identify=True).png_metadata["Title"].startswith("child: ")


def test_words_in_letters_that_the_font_lacks_are_not_drawn_as_boxes() -> None:
    child = growing().add("concern", 260, raised_by="mother", about="彼は痩せている")
    assert "words in letters that this picture cannot show" in said(events(child, 300), "words Concerns")


def test_the_table_is_what_is_drawn() -> None:
    rows = chart_table(C1, kind="events", as_of=DAY)
    assert {r["lane"] for r in rows} == {"Weight", *LANES} - {"Ill, in hospital"}
    assert sum(r["lane"] == "Weight" for r in rows) == 12
    assert alt_text(C1, kind="events", as_of=DAY) == chart(C1, kind="events", as_of=DAY).alt_text
    assert "C1" not in str(rows) and str(C1.child_id) not in str(rows)


def test_a_preterm_childs_lines_are_moved_as_long_as_age_is_corrected() -> None:
    child = Child(gestation_days=210, birth_kg=1.4)
    for day in (120, 180, 240):
        child.at_z(-1.0, day)
    figure = events(child, 250)
    line = next(a for a in artists(figure, "centile 9 who"))
    z = gw.reference("uk-who").z(float(line.get_ydata()[-1]), age_days=float(line.get_xdata()[-1]), sex="female",
                                 gestation_days=210)  # fmt: skip
    assert float(z) == pytest.approx(-4 / 3, abs=0.02)
