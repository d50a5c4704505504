"""The page of one child: what is on it, in which order, in every state; escaped, in one file, fetching nothing.

Bounds: design of the views, sections 2 (Child), 4, 5, 6 and 7.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from one_file import check_names, check_one_file, read, shape, style, tags, words

import growthwatch as gw
from growthwatch.pages import child_page

DAY = dt.date(2024, 2, 27)
SECTIONS = ["do", "weight", "why", "asked", "points", "refused"]


def record(name: str) -> gw.Record:
    return gw.Record.load(f"examples/{name}.json")


@pytest.fixture(scope="module")
def c1() -> str:
    return gw.page(record("c1-slow-decline"), protocol=HV, as_of=DAY)


def made(child: Child, day: Any, **more: Any) -> str:
    return gw.page(child.record, protocol=HV, as_of=child.date(day), pictures=False, **more)


def part(page: str, name: str) -> str:
    """The words of one section."""
    found = re.search(rf'<section id="{name}".*?</section>', page, re.S)
    assert found is not None
    return words(found[0])


# --- one file ---------------------------------------------------------------------------------------------------------


def test_it_is_one_file_with_names_for_all_that_needs_one(c1: str) -> None:
    check_one_file(c1)
    check_names(c1)


def test_its_parts_stand_in_the_order_of_the_design(c1: str) -> None:
    # Section 2: "Danger box; deeds; next weight; centile chart; trajectory; event chart; findings; requests; points as
    # a ledger; decisions not accepted; footer.  Deeds before pictures."
    assert [a["id"] for t, a in tags(c1) if t == "section"] == SECTIONS
    order = ['class="danger"', 'id="do"', "Next weight</h3>", "Weight on centile lines", "Trajectory</h3>",
             "What happened around the weight", 'id="why"', 'id="asked"', 'id="points"', 'id="refused"', "<footer"]  # fmt: skip
    places = [c1.index(x) for x in order]
    assert places == sorted(places)


def test_every_picture_is_there_for_paper_and_for_a_telephone_with_its_words(c1: str) -> None:
    pictures = [a for t, a in tags(c1) if t == "img"]
    assert len(pictures) == 3 == sum(t == "source" for t, _ in tags(c1))
    growth, trajectory, events = (a["alt"] or "" for a in pictures)
    assert "8.84 kg" in growth and "not a target" in trajectory and "0.4th centile" in trajectory
    assert "concern" in events
    assert "example-c1" not in growth + trajectory + events, "no picture names the child"


def test_a_print_says_that_it_is_old_tomorrow(c1: str) -> None:
    assert 'content: "\\2068 example-c1\\2069 , Tuesday 27 February 2024. Old tomorrow."' in style(c1)
    assert "A print of this page is old tomorrow" in words(c1)


# --- what it says -----------------------------------------------------------------------------------------------------


def test_every_deed_of_the_review_is_there_with_who_and_by_when(c1: str) -> None:
    r = gw.review(record("c1-slow-decline"), protocol=HV, as_of=DAY)
    text = part(c1, "do")
    for o in r.obligations:
        assert o.do in text, o.do
    heads = [a["data-head"] for t, a in tags(c1) if t == "td" and a.get("data-head")]
    assert {"Who", "By when", "If not", "Rules"} <= set(heads)


def test_its_deeds_are_those_of_the_list_in_the_same_words_and_order(tmp_path: Path) -> None:
    record("c1-slow-decline").dump(tmp_path / "c1.json")
    start = dt.date(2022, 3, 1)  # before the birth: the list and the page judge alike
    row = gw.caseload.read(tmp_path).review(protocol=HV, as_of=DAY, starts_on=start).worklist()[0]
    page = gw.page(record("c1-slow-decline"), protocol=HV, as_of=DAY, in_force_from=start, pictures=False)
    rows = re.search(r"<table><caption>What to do.*?</table>", page, re.S)
    assert rows is not None
    told = [words(x).split(" ", 1)[1] for x in re.findall(r'<th scope="row">.*?</th>', rows[0], re.S)]
    assert told == [x.do for x in row.every] and len(told) > 30
    first = row.lines[0]
    assert f"◆ {first.do}: {first.who}, {first.when} ({first.day})." in words(page) and row.why in words(page)


def test_every_finding_says_why_since_when_until_what_how_often_and_from_where(c1: str) -> None:
    r = gw.review(record("c1-slow-decline"), protocol=HV, as_of=DAY)
    text = part(c1, "why")
    assert text.startswith(f"Why: {len(r.findings)} findings are open")
    names = {"N": "N, national", "G": "G, guideline", "L": "L, local"}
    for f in r.findings:
        for said in (
            f.title,
            f.rule,
            f.says,
            f.closes,
            f.source,
            names[f.tag],
            *([f.false_alarm] if f.false_alarm else []),
        ):
            assert " ".join(said.split()) in text, said
    assert "weighed, 9.29 kg, 19 September 2023" in text, "what a finding rests on is told in words"
    assert text.count("◆ cannot wait") == len(r.cannot_wait())


def test_requests_are_told_with_silence_and_with_what_was_closed_without_action(c1: str) -> None:
    text = part(c1, "asked")
    # 6 December 2023 to 27 February 2024: 25 days of December, 31 of January, 27 of February.
    assert "sent 6 December 2023; no answer in 83 days" in text
    assert text.count("closed without action") == 2 and "Asked of others: 3" in text


def test_points_are_a_ledger_that_adds_up(c1: str) -> None:
    rows = re.findall(r'data-head="Points">(\d+)</td><td class="num" data-head="Sum">(\d+)', c1)
    total = 0
    for number, so_far in rows:
        total += int(number)
        assert int(so_far) == total
    assert f"Small things that add up: {total}" in part(c1, "points") and total > 0
    assert "“he is getting thinner, tired, feeds take 2 h”" in part(c1, "points").replace("'", "")


def test_who_reads_it_finds_what_is_theirs() -> None:
    child = Child().led(name="Hana Reid").weigh(4.4, 40)
    page = made(child, 100, you="hana reid")
    assert "<strong>you</strong>" in page and "<strong>you</strong>" not in made(child, 100)


def test_a_name_stands_only_where_it_is_given() -> None:
    assert "<h1><bdi>child</bdi></h1>" in made(Child(), 10)
    assert "<h1><bdi>child</bdi> (<bdi>Maya</bdi>)</h1>" in made(Child(), 10, called="Maya")


# --- states -----------------------------------------------------------------------------------------------------------


def lost() -> Child:
    """From 12 kg at two years and four months to 10 kg: 16.7 % less, which is an emergency (table 2a)."""
    return Child(birth_kg=3.0).weigh(12.0, 860).weigh(10.0, 900)


def test_danger_stands_above_all_else() -> None:
    page = made(lost(), 900)
    box = re.search(r'<div class="danger">(.*?)</div>', page, re.S)
    assert box is not None and "Ring 999" in box[1] and "16.7 %" in box[1]
    assert page.index("danger") and 'class="danger"' not in made(Child().weigh(4.4, 40), 41)


def test_after_a_death_nothing_is_due_and_nothing_is_loud() -> None:
    page = made(lost().add("died", 901, role="gp"), 905)
    assert 'class="danger"' not in page and "Nothing further is due" in words(page)
    assert "What to do: nothing is due" in words(page) and "<strong>" not in page and "high concern" not in page


def test_without_a_birth_it_says_what_to_enter() -> None:
    page = gw.page(Child(born=None, birth_kg=None).weigh(4.0, 3).record, protocol=HV, as_of=dt.date(2024, 3, 1))
    assert "No birth date is recorded: nothing can be said of this child" in words(page)
    assert 'class="danger"' in page and "No chart is drawn here." in words(page)
    check_one_file(page)
    check_names(page)


def test_that_nobody_signed_is_said_above() -> None:
    said = f"Not validated: a named clinician must sign uk-hv {HV.version}"
    assert said in words(made(Child(), 10))
    child = Child()
    signed: Any = "signed by Dr Iyer"
    review = dataclasses.replace(child.review(10), protocol_signed=signed)
    assert "Not validated" not in words(child_page(child.record, review, HV, pictures=False))


def test_hindsight_is_said_above() -> None:
    child = Child().weigh(4.4, 40, late=20)
    page = made(child, 45, known_at=child.date(70))
    assert "Seen in hindsight" in words(page) and "Seen in hindsight" not in made(child, 45)


def test_a_time_of_day_is_said() -> None:
    page = gw.page(Child().record, protocol=HV, as_of=dt.datetime(2024, 1, 20, 7, 45, tzinfo=dt.UTC), pictures=False)
    assert "Saturday 20 January 2024, 07:45." in words(page)


def test_where_nothing_may_be_said_to_be_settled_it_is_not() -> None:
    # Section 5: never say "no concerns" where nothing was recorded.
    for child, day in ((Child(birth_kg=None), 3), (Child(born=None, birth_kg=None), 3), (Child().weigh(4.4, 40), 41)):
        text = words(made(child, day)).lower()
        assert "no concern" not in text and "all is well" not in text
    assert "no letter, referral or request is written down" in words(made(Child(), 3)).lower()


def test_a_finding_that_is_put_off_does_not_leave_the_page() -> None:
    child = Child().led().weigh(4.4, 40)
    r = child.review(200)
    rung = dataclasses.replace(
        r.ladder[0], snoozed_until=child.date(203), snoozed_because="away until Friday", acknowledged_by="Hana Reid",
        acknowledged_on=child.date(199),
    )  # fmt: skip
    page = child_page(child.record, dataclasses.replace(r, ladder=(rung,)), HV, pictures=False)
    text = part(page, "why")
    assert "Weight overdue" in text and "Put off until 5 August 2024: away until Friday" in text
    assert "Taken on by Hana Reid, 1 August 2024" in text


def test_what_was_closed_is_still_there_with_what_closed_it() -> None:
    child = Child().weigh(4.4, 40)
    late = Child().weigh(4.4, 40).weigh(7.0, 200)
    assert "Closed:" not in made(child, 3)
    r = late.review(201)
    assert r.closed and f"Closed: {len(r.closed)}" in words(made(late, 201))
    assert "by: weighed, 7.00 kg, 2 August 2024" in words(made(late, 201))


def test_a_refused_decision_stays_with_its_reasons_and_what_would_help() -> None:
    child = Child(birth_kg=3.4).led().steady(0.0, [40, 100]).at_z(-3.0, 200)
    key = next(f.key for f in child.review(200).findings if f.rule == "G4")
    child.decide(201, "close_finding", target=key, role="health_visitor")
    r = child.review(201)
    assert r.refused
    text = part(made(child, 201), "refused")
    assert "Decisions that were not accepted: 1" in text and "It stays in the record and has no effect" in text
    assert all(" ".join(x.split()) in text for x in (*r.refused[0].reasons, *r.refused[0].helps))


def test_the_first_weeks_have_their_chart() -> None:
    child = Child().weigh(3.2, 4).weigh(3.45, 12)
    page = gw.page(child.record, protocol=HV, as_of=child.date(14))
    assert page.count("<img") == 4 and "The first weeks" in words(page)
    check_one_file(page)
    check_names(page)


# --- escaped ----------------------------------------------------------------------------------------------------------

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "</style><b>", "& < > \" '"]


def named(text: str) -> Child:
    child = Child().led(name=text).add("concern", 30, raised_by=text, about=text).weigh(4.4, 40)
    child.condition("other", 41, description=text)
    return child.add("letter_sent", 42, sender=text, to=[{"name": text}], purpose=text)


PLAIN = shape(made(named("x"), 60, called="x", you="y"))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_record_says_is_words_and_nothing_else(text: str) -> None:
    page = made(named(text), 60, called=text, you="y")
    assert shape(page) == PLAIN and "49" not in re.findall(r"<h1>(.*?)</h1>", page, re.S)[0]
    check_one_file(page)


def test_a_mark_that_turns_text_round_is_shown_and_never_works() -> None:
    turn = "\u202e"
    child = named("x").add("concern", 31, raised_by="x", about=f"{turn}x", note=f"{turn}x")
    page = made(child, 60, called="x", you="y")
    assert turn not in page
    check_one_file(page)
    with pytest.raises(gw.GrowthwatchError, match="invisible characters"):
        made(named(f"{turn}x"), 60, called="x", you="y")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf")), min_size=1, max_size=40).filter(lambda t: t.strip())
)
def test_whatever_stands_in_names_and_notes_the_page_has_the_same_elements(text: str) -> None:
    page = made(named(text.strip()), 60, called=text, you="nobody of that name")
    assert shape(page) == PLAIN


def test_an_id_cannot_leave_the_head_of_a_printed_sheet() -> None:
    child = Child()
    bad = gw.Record('a"; } body { display: none } /* </style>', child.record.events)
    page = gw.page(bad, protocol=HV, as_of=child.date(10), pictures=False)
    heads = re.findall(r"@top-right \{ content: (.*?); font", style(page))
    assert heads == [
        '"\\2068 a·· · body · display· none · /· ·/style·\\2069 , Thursday 25 January 2024. Old tomorrow."'
    ]
    read(page)


# --- arguments --------------------------------------------------------------------------------------------------------


def test_it_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    text = made(Child(), 10, path=path)
    assert path.read_text(encoding="utf-8") == text and path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "parents"}, "kind"),
        ({"called": ""}, "called"),
        ({"ring": 999}, "ring"),
        ({"you": " "}, "you"),
        ({"reference": "none"}, "reference"),
        ({"path": "/none/of/these/out.html"}, "path"),
    ],
)
def test_wrong_arguments_are_refused_in_words(more: dict[str, Any], field: str) -> None:
    with pytest.raises(gw.GrowthwatchError) as e:
        gw.page(Child().weigh(4.0, 20).record, protocol=HV, as_of=dt.date(2024, 3, 1), **more)
    assert e.value.field == field
