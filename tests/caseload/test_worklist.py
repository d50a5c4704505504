"""The list: its order, its words, and that every face of it shows the same rows."""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import replace
from pathlib import Path

import pytest
from caseload_tables import cases, mapping
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch.caseload import Deed, Row, read
from growthwatch.caseload.listed import arranged
from growthwatch.caseload.row import SECTIONS, age_in_words, late_words, short_day
from growthwatch.caseload.states import Card, ChildState, Rules, state_of
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import NextWeighing

ON = dt.date(2024, 2, 27)
NO_WEIGHT = NextWeighing("none", None, None, None, None, None, "", None, None, None, ())


def deed(**changes: object) -> Deed:
    plain = Deed(
        do="See", owner="health_visitor", owner_name=None, if_not=None, deadline=ON, set_on=ON, opened_on=ON,
        rules=("G4",), emergency=False, danger=False, loudness="daily", rung=1.0, matter="growth", limit_days=2, why=(),
    )  # fmt: skip
    return replace(plain, **changes)


def row(id: str = "1", *deeds: Deed, tier: str = "T0", worker: str | None = None, **more: object) -> Row:
    card = Card(id, "male", dt.date(2023, 2, 20), None, (), None, worker)
    state = ChildState(
        card=card, deeds=tuple(sorted(deeds, key=Deed.order)), tier=tier, tier_since=None, owner="", standing="lead",
        due=NO_WEIGHT, only_missed=False, asked=(), between=(), doubt="", unreadable="", died_on=None, changes_on=None,
        stamp="", older=False,
    )  # fmt: skip
    return Row(replace(state, **more), ON)


def day(n: int) -> dt.date:
    return ON + dt.timedelta(days=n)


@pytest.mark.parametrize(
    ("changes", "section"),
    [
        ({"rung": 5.2, "deadline": day(-1)}, "late"),
        ({"loudness": "interrupt", "deadline": day(20)}, "cannot_wait"),
        ({"rung": 3.0, "deadline": day(20)}, "cannot_wait"),
        ({"rung": 4.0, "loudness": "weekly"}, "cannot_wait"),
        ({"deadline": day(-1)}, "late"),
        ({"deadline": day(0)}, "today"),
        ({"deadline": day(1)}, "this_week"),
        ({"deadline": day(7)}, "this_week"),
        ({"deadline": day(8)}, "nothing"),
        ({"deadline": day(-3), "lasts_until": day(2)}, "today"),
        ({"deadline": day(-3), "lasts_until": day(-1)}, "late"),
    ],
)
def test_sections(changes: dict[str, object], section: str) -> None:
    assert row("1", deed(**changes)).section == section


def test_a_child_that_cannot_be_reviewed_cannot_wait() -> None:
    assert row("1", unreadable="No birth date").section == "cannot_wait"
    assert row("1").section == "nothing"


LESS = [
    {"emergency": True},
    {"danger": True},
    {"loudness": "interrupt"},
    {"tier": "T3"},
    {"rung": 2.0},
    {"matter": "growth"},
    {"limit_days": 0},
    {"deadline": day(-9)},
    {"opened_on": day(-90)},
]
MORE = [
    {"emergency": False},
    {"danger": False},
    {"loudness": "weekly"},
    {"tier": "T1"},
    {"rung": 1.0},
    {"matter": "schedule"},
    {"limit_days": 14},
    {"deadline": day(-1)},
    {"opened_on": day(-1)},
]


@pytest.mark.parametrize("place", range(len(LESS)))
def test_the_order_of_rows_is_that_of_section_3(place: int) -> None:
    """What stands earlier decides, whatever all that stands later says."""
    one, two = dict[str, object](), dict[str, object]()
    for i in range(len(LESS)):
        one |= LESS[i] if i <= place and i == place else MORE[i] if i > place else {}
        two |= MORE[i] if i == place else LESS[i] if i > place else {}
    both = []
    for id, told in (("9", one), ("0", two)):
        tier = str(told.pop("tier", "T1"))
        both.append(row(id, deed(**told), tier=tier))
    assert sorted(both, key=lambda r: r.key)[0].child_id == "9", LESS[place]


def test_rows_take_the_worst_value_of_each_kind_over_their_deeds() -> None:
    mixed = row("2", deed(emergency=True, limit_days=9), deed(limit_days=0, danger=True))
    assert mixed.key[:2] == (False, False) and mixed.key[6] == 0
    assert [r.child_id for r in arranged([row("10", deed()), row("2", deed())])] == ["10", "2"], "by code point"


def test_not_in_the_order_sex_condition_worker() -> None:
    plain = row("1", deed())
    card = replace(plain.state.card, sex="female", conditions=("epilepsy",), worker="B", team="C", birth=None)
    assert Row(replace(plain.state, card=card), ON).key == plain.key


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(-200, 40), st.sampled_from(["T0", "T1", "T2", "T3"])), max_size=12
    )
)
def test_sections_stand_one_after_another_and_hold_every_child_once(drawn: list[tuple[int, int, str]]) -> None:
    rows = [row(f"{i}", deed(danger=bool(d), deadline=day(n)), tier=t) for i, (d, n, t) in enumerate(drawn)]
    found = arranged(rows)
    places = [SECTIONS.index(r.section) for r in found]
    assert places == sorted(places) and {r.child_id for r in found} == {r.child_id for r in rows}


def test_deeds_of_a_child_limit_before_lateness() -> None:
    old, ring = deed(do="Weigh", deadline=day(-1000), limit_days=2), deed(do="Ring", deadline=day(0), limit_days=0)
    assert row("1", old, ring).lines[0].do == "Ring"


def test_a_row_of_999_has_nothing_else() -> None:
    lines = row("1", deed(emergency=True, do="Ring 999"), deed(deadline=day(-5)), deed(do="x", deadline=day(-6))).lines
    assert [x.do for x in lines] == ["Ring 999"]


def test_a_second_line_is_what_made_the_row_late_then_your_own() -> None:
    first, late = deed(do="A", limit_days=0, deadline=day(3)), deed(do="B", deadline=day(-2))
    mine = deed(do="C", owner_name="Sam Reid", deadline=day(0), limit_days=5)
    assert [x.do for x in row("1", first, late, mine).lines] == ["A", "B"]
    assert [x.do for x in row("1", first, deed(do="D", limit_days=9, deadline=day(9))).lines] == ["A"]
    yours = replace(
        row("1", deed(do="A", limit_days=0, deadline=day(-1)), deed(do="B", deadline=day(-1)), mine), you="sam reid"
    )
    assert [(x.do, x.who) for x in yours.lines] == [("A", "health visitor"), ("C", "you")]


def test_in_this_week_the_deed_of_this_week_is_shown_where_the_first_is_due_later() -> None:
    lead = deed(do="Name a lead", deadline=day(16), limit_days=0)
    weigh = deed(do="Weigh", deadline=day(4), loudness="weekly", limit_days=7)
    other = deed(do="Write", deadline=day(30), loudness="weekly", limit_days=9)
    found = row("1", lead, weigh, other)
    assert found.section == "this_week"
    assert [x.do for x in found.lines] == ["Name a lead", "Weigh"] and found.more == 1
    # Where the first is of this week, the others stay behind it; and where nothing is, too.
    assert [x.do for x in row("1", replace(lead, deadline=day(3)), weigh).lines] == ["Name a lead"]
    assert [x.do for x in row("1", lead, other).lines] == ["Name a lead"]


def test_nothing_is_open_since_a_day_to_come() -> None:
    assert row("1", deed(opened_on=day(3), deadline=day(3))).open_since is None
    assert row("1", deed(opened_on=day(0))).open_since == ON
    assert row("1").open_since is None


def test_who_owes_is_named_by_the_record_the_worker_or_the_role() -> None:
    assert row("1", deed(owner_name="A. Osei"), worker="B").lines[0].who == "A. Osei"
    assert row("1", deed(), worker="B").lines[0].who == "B"
    assert row("1", deed(owner="team_lead"), worker="B").lines[0].who == "team lead"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (1, "1 day late"),
        (76, "76 days late"),
        (99, "99 days late"),
        (100, "14 weeks late"),
        (729, "104 weeks late"),
        (730, "2 years late"),
    ],
)
def test_lateness_is_said_in_days_then_weeks_then_years(days: int, said: str) -> None:
    assert late_words(days) == said


@pytest.mark.parametrize(
    ("n", "said"),
    [(1, "Wed 28 February"), (7, "Tue 5 March"), (8, "6 March"), (-76, "13 December 2023"), (-1, "26 February")],
)
def test_days_have_their_weekday_up_to_a_week_ahead_and_the_year_if_another(n: int, said: str) -> None:
    assert short_day(day(n), ON) == said


@pytest.mark.parametrize(
    ("birth", "said"),
    [
        (dt.date(2024, 2, 21), "6 days"),
        (dt.date(2024, 1, 16), "6 weeks"),
        (dt.date(2022, 3, 20), "23 months"),
        (dt.date(2021, 1, 20), "3 years 1 month"),
        (dt.date(2022, 2, 27), "2 years"),
        (dt.date(2017, 5, 1), "6 years"),
        (dt.date(2024, 3, 1), "not born yet, by the birth date"),
    ],
)
def test_ages(birth: dt.date, said: str) -> None:
    assert age_in_words(birth, ON) == said


# --- every face of one list -----------------------------------------------------------------


@pytest.fixture(scope="module")
def reviewed():
    return read("examples/caseload.csv", "examples/caseload.toml").review(
        as_of=ON + dt.timedelta(days=21), starts_on=ON
    )


def test_page_terminal_notebook_and_frame_show_the_same_rows_in_the_same_order(reviewed) -> None:
    work = reviewed.worklist()
    alone = [r for s in SECTIONS[:-1] for r in work.grouped(s)[0]]
    grouped = [r for s in SECTIONS[:-1] for rows in work.grouped(s)[1].values() for r in rows]
    assert alone and grouped
    page = html.unescape(reviewed.report())
    assert re.findall(r'<li class="row[^"]*" id="c(\w+)"', page) == [r.child_id for r in alone]
    text = work.text()
    assert re.findall(r"^ ?\d+ (\d{4})  ", text, re.M) == [r.child_id for r in alone]
    frame = work.to_frame("pandas")
    by_place = frame.drop_duplicates("child_id").sort_values("place")
    assert by_place.child_id.tolist() == [r.child_id for r in work]
    notebook = html.unescape(work._repr_html_())
    shown = re.findall(r'<tr><td[^>]*>[^<]*</td><th scope="row">(\d{4}),', notebook)
    assert shown == [r.child_id for r in work if r.section != "nothing"][:20]
    flat = " ".join(text.split())
    for r in alone:
        for line in r.lines:
            assert line.words in flat, r.child_id
            assert line.do in page and (line.do in notebook or not line.first or r.child_id not in shown)
            assert line.do.partition(" (")[0] in set(frame[frame.child_id == r.child_id].do.str.partition(" (")[0])
        assert r.why in flat and r.why in page
    for r in grouped:
        assert r.child_id in text and f'id="c{r.child_id}"' in page


def test_the_list_counts_what_it_shows(reviewed) -> None:
    work = reviewed.worklist()
    assert sum(work.counts.values()) == len(work) == 41
    assert f"{work.counts['late']} late" in work.counts_words
    assert work.title.startswith("Who needs you: Tuesday 19 March 2024. 41 children, 4 rows refused, 3 in doubt.")
    assert work.provenance in work.text().replace("\n", " ")
    assert "not validated" in work.provenance


def test_a_filter_says_how_much_it_hides(reviewed) -> None:
    work = reviewed.worklist()
    mine = work.for_worker("r. teo")
    assert {r.state.card.worker for r in mine} == {"R. Teo"}
    others = sum(r.section == "cannot_wait" for r in work) - len(mine.cannot_wait)
    said = "Nobody else" if not others else f"{others} more"
    assert any(f"{said} cannot wait" in line for line in mine.above)
    assert len(work.for_team("North").rows) + len(work.for_team("South").rows) == 41
    with pytest.raises(GrowthwatchError, match=r"A\. Osei"):
        work.for_worker("nobody")


def test_parts_of_a_list(reviewed) -> None:
    work = reviewed.worklist()
    assert [r.child_id for r in work[:3]] == [r.child_id for r in work.rows[:3]]
    assert work["0557"].child_id == "0557"
    with pytest.raises(GrowthwatchError, match="one of the 41 children"):
        work["nobody"]
    with pytest.raises(GrowthwatchError, match="cannot_wait"):
        work.section("soon")


def test_an_empty_list_says_how_many_were_read_and_what_is_next(reviewed) -> None:
    quiet = replace(reviewed.worklist(), rows=reviewed.worklist().nothing)
    assert quiet.counts_words.startswith("Nothing is late, due today or due within 7 days; the next weight is due on")


def test_equal_lists_have_one_hash(reviewed) -> None:
    assert reviewed.worklist().hash == reviewed.worklist().hash != reviewed.worklist(you="A. Osei").hash


def test_a_dead_child_has_nothing_due(tmp_path: Path) -> None:
    record = gw.Record.load("examples/c1-slow-decline.json").append(
        {
            "id": "died", "type": "died", "on": "2024-05-01", "recorded_at": "2024-05-01T12:00:00Z", "actor": "x",
            "role": "paediatrician",
        }
    )  # fmt: skip
    record.dump(tmp_path / "c.json")
    [only] = read(tmp_path).worklist(as_of=dt.date(2024, 5, 6))
    assert only.section == "nothing" and only.state.died_on == dt.date(2024, 5, 1) and not only.unweighed


def test_what_a_review_leaves_is_what_it_says(reviewed) -> None:
    for state in reviewed.states[:12]:
        review = reviewed[state.card.child_id]
        pending = {o.do for o in review.obligations}
        done = {d.do for d in state.deeds} - {"Weigh", "Weigh again NOW. If you cannot, or if it is right: ring 999"}
        assert done - {"Enter the birth date: without it this child cannot be judged"} <= pending
        assert state.tier == review.tier and state.due == review.due


def test_a_child_of_whom_something_is_not_settled_is_never_among_those_with_nothing_to_do(tmp_path: Path) -> None:
    found = cases(tmp_path, "2,01/03/2018,F,01/03/2018,3.4", "2,01/03/2018,F,01/03/2023,18.0")
    made = found.review(as_of=dt.date(2023, 5, 1))
    quiet = made["2"]
    assert quiet.unsettled == () and made.worklist()[0].section == "nothing"
    open_ = replace(quiet, unsettled=("signs recorded on 1 April 2023 are unanswered",))
    state = state_of(open_, made.states[0].card, Rules(made.protocol), "")
    row = Row(state, made.on)
    assert row.section == "today"
    assert row.lines[0].do == "Look at this child: signs recorded on 1 April 2023 are unanswered"


def test_a_child_without_a_weight_says_so(tmp_path: Path) -> None:
    [row] = cases(tmp_path, "1,01/03/2018,F,,").worklist(as_of=dt.date(2023, 5, 1))
    assert "no weight" in row.tags and "weight in doubt" not in row.tags and row.section != "nothing"


HEAD = "ID,DOB,Sex,Date,Weight"
TYPED = (
    "308,18/04/2023,F,15/12/2023,81.9",
    "308,18/04/2023,F,30/12/2023,8.40",
    "308,18/04/2023,F,02/12/2025,13.51",
    "308,18/04/2023,F,19/12/2025,14.06",
    "308,18/04/2023,F,16/01/2026,13.77",
)


def test_a_weight_that_was_typed_ten_times_too_high_is_among_the_doubted_rows(tmp_path: Path) -> None:
    found = cases(tmp_path, *TYPED, head=HEAD).review(as_of=dt.date(2026, 11, 28))
    [fault] = found.refused
    assert (fault.row, fault.child_id, fault.column, fault.kind) == (2, "308", "Weight", "doubted")
    assert fault.value == "81.9 kg" and "entry error" in fault.reason and "put it right in the table" in fault.remedy
    work = found.worklist()
    assert work.title.endswith("1 child, 0 rows refused, 1 in doubt.")
    assert "81.9 kg" in html.unescape(found.report())
    assert [r.child_id for r in work.unweighed] == ["308"] and work.doubt_of(work[0]) == "a weight in doubt"


def test_a_doubted_child_who_has_nothing_to_do_is_said_to_be_in_doubt(tmp_path: Path) -> None:
    """The first line counts one row in doubt: so does the tile, and the line of the child says of what."""
    found = cases(tmp_path, *TYPED, head=HEAD).review(as_of=dt.date(2026, 1, 20))
    work, page = found.worklist(), html.unescape(found.report())
    assert [r.section for r in work] == ["nothing"] and work.title.endswith("1 in doubt.") and not work[0].state.doubt
    [line] = re.findall(r'<li id="c308".*?</li>', page)
    assert "<strong>a weight in doubt</strong>" in line
    assert '<a href="#unseen"><b>1</b>not weighed in time, or in doubt</a>' in page
    assert "Not weighed in time, or in doubt: 308 (in doubt)" in " ".join(work.text().split())


def test_a_child_of_whom_nothing_is_in_doubt_has_no_word_of_it(tmp_path: Path) -> None:
    found = cases(tmp_path, TYPED[0].replace("81.9", "8.19"), *TYPED[1:], head=HEAD).review(as_of=dt.date(2026, 1, 20))
    assert "in doubt" not in re.findall(r'<li id="c308".*?</li>', found.report())[0]
    right = cases(tmp_path, TYPED[0].replace("81.9", "8.19"), *TYPED[1:], head=HEAD).review(as_of=dt.date(2026, 11, 28))
    assert not right.refused and right.worklist().title.endswith("1 child, 0 rows refused.")


def test_what_was_open_before_the_first_day_is_not_said_to_be_done(tmp_path: Path) -> None:
    # Nearly a year without a new best weight (G9, red, loud), of which nobody was asked anything before the first day.
    found = cases(tmp_path, *TYPED, head=HEAD).review(as_of=dt.date(2026, 11, 28), starts_on=dt.date(2026, 11, 28))
    made = found["308"]
    assert any(f.rule == "G9" and f.loudness == "interrupt" and not f.obligations for f in made.findings)
    assert "recorded as done" not in made.headline()


def test_children_without_a_lead_stand_once_below_who_owns_them(tmp_path: Path) -> None:
    by = mapping({"name": "Dx", "means": "condition", "default": "other"})
    rows = [f"{n},01/03/2022,F,03/04/2023,9.3,epilepsy" for n in (1, 2, 3)]
    text = cases(tmp_path, *rows, head=f"{HEAD},Dx", by=by).review(as_of=dt.date(2023, 5, 1)).worklist().text(200)
    assert "Between teams or no lead: the team lead owns 1, 2, 3" in text


def test_rows_without_a_weight_are_counted_in_whole_words(tmp_path: Path) -> None:
    by = mapping(missingValues=["", "refused", "away"])
    rows = [f"1,01/03/2022,F,0{n}/04/2023,{w}" for n, w in enumerate(["9.3", "refused", "away", "away"], 1)]
    notes = cases(tmp_path, *rows, by=by).notes
    assert any("3 rows hold no weight (2 say 'away'; 1 says 'refused')." in n for n in notes)
