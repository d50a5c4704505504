"""The sheet for the family: easy words, none that are not for families, held back where a named nurse has said so.

Bounds: design of the views, sections 2 (Family), 4 and 5; process specification, section 5 (hold_family_page).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from builders import HV, Child
from easy_words import FORBIDDEN, REASSURING, grade
from one_file import check_names, check_one_file, shape, tags, words

import growthwatch as gw

DAY = dt.date(2024, 2, 27)
EXAMPLES = ("c1-slow-decline", "c3-acute-dehydration", "c5-handover-gap", "c6-letter-never-acknowledged")


def sheet(child: Child, day: Any, **more: Any) -> str:
    return gw.page(child.record, kind="family", protocol=HV, as_of=child.date(day), **{"pictures": False} | more)


def quiet() -> Child:
    return Child().led().weigh(4.4, 40)


def lost() -> Child:
    """From 12 kg to 10 kg: 16.7 % less, which is an emergency (table 2a)."""
    return Child(birth_kg=3.0).weigh(12.0, 860).weigh(10.0, 900)


def of_family(page: str) -> str:
    """The words of the sheet, a line an element, without its foot, which is for staff."""
    found = re.search(r"<main.*?</main>", page, re.S)
    assert found is not None
    pieces = re.split(r"</?(?:p|li|h1|h2|ol|ul|section|div|figure)\b[^>]*>", found[0])
    alts = [a["alt"] or "" for t, a in tags(page) if t == "img"]
    return "\n".join([*(words(p) for p in pieces if p.strip() and "<main" not in p and "</main" not in p), *alts])


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> str:
    record = gw.Record.load(f"examples/{request.param}.json")
    return gw.page(record, kind="family", protocol=HV, as_of=DAY, called="Maya", ring="01632 960 114")


def test_it_is_one_file_with_names_for_all_that_needs_one(example: str) -> None:
    check_one_file(example)
    found = [t for t in tags(example) if t[0] != "a"]
    assert [int(t[1]) for t, _ in found if re.fullmatch("h[1-6]", t)][:2] == [1, 2]
    check_names(example)
    assert sum(t == "img" for t, _ in found) == 1


def test_it_can_be_read_after_five_years_of_school(example: str) -> None:
    text = of_family(example)
    assert "How Maya is growing" in text and "When to ring" in text
    assert grade(text) <= 5


def test_it_has_no_word_that_is_not_for_families_and_none_that_reassures(example: str) -> None:
    text = of_family(example).lower()
    assert not [w for w in FORBIDDEN if w in text.replace("please", "")]
    assert not [w for w in REASSURING if w in text]
    assert not re.search(r"\b[sgpht]\d", text), "no name of a rule or tier"


def test_it_says_every_sentence_of_the_review_in_its_order() -> None:
    for child, day in ((quiet(), 45), (lost(), 900), (Child(born=None), 3)):
        page = words(re.sub("</?bdi>", "", sheet(child, day, called="Maya", ring="01632 960 114")))
        plain = child.review(day).explain(audience="family", called="Maya", ring="01632 960 114")
        place = 0
        for line in plain.splitlines():
            said = " ".join(line.removeprefix("- ").split())
            place = page.index(said, place) if said else place


def test_the_picture_says_what_it_shows_and_names_nobody() -> None:
    page = sheet(quiet(), 45, pictures=True, called="Maya")
    alt = next(a["alt"] or "" for t, a in tags(page) if t == "img")
    assert "4.4 kg" in alt and "Maya" not in alt and "child" not in alt.replace("children", "")


def test_999_stands_first() -> None:
    page = sheet(lost(), 900)
    assert page.index("Ring 999 now, or go to the hospital with your child now.") < page.index("weighed")


def test_held_back_only_when_to_ring_and_whom_is_left() -> None:
    child = quiet().decide("2024-03-05", "hold_family_page", target="2024-03-20", role="named_nurse")
    held, free = (sheet(child, d, pictures=True) for d in ("2024-03-06", "2024-03-21"))
    text = of_family(held)
    assert "<img" not in held and "weigh" not in text and "growing" not in held.split("<main")[1]
    assert "Hard to wake, cold, mottled, or finds it hard to breathe: 999." in text
    assert "is growing" in free and "<img" in free
    check_names(held)


def test_held_back_999_stays_where_it_cannot_wait() -> None:
    child = lost()
    child.decide(900, "hold_family_page", target=str(child.date(910)), role="named_nurse")
    page = sheet(child, 901)
    assert "Ring 999 now" in page and "weigh" not in of_family(page)


def test_only_a_named_nurse_holds_it_back() -> None:
    child = quiet().decide("2024-03-05", "hold_family_page", target="2024-03-20", role="health_visitor")
    assert "is growing" in sheet(child, "2024-03-06")


def test_after_a_death_none_is_made(tmp_path: Any) -> None:
    with pytest.raises(gw.GrowthwatchError, match="No page is made for the family after a death"):
        sheet(quiet().add("died", 60, role="gp"), 61, path=tmp_path / "x.html")
    assert not (tmp_path / "x.html").exists()


def test_points_and_protection_are_never_shown() -> None:
    record = gw.Record.load("examples/c1-slow-decline.json")
    page = gw.page(record, kind="family", protocol=HV, as_of=DAY)
    text = of_family(page).lower()
    for word in ("point", "social", "protection", "plan did not", "thinner", "neglect", "referral"):
        assert word not in text


def test_two_degrees_of_the_same_are_not_told_as_two_things() -> None:
    # Below the 0.4th centile a child is below the 2nd, too.
    child = Child(birth_kg=3.4).led().steady(0.0, [40, 100]).at_z(-3.0, 200)
    page = sheet(child, 200)
    assert "weighs much less than most children of this age" in page
    assert "weighs less than most children of this age" not in page
    low = Child(birth_kg=3.4).led().steady(-2.2, [40, 100, 200])
    assert "weighs less than most children of this age" in sheet(low, 200)


def test_who_is_named_by_role_alone_is_not_named_twice() -> None:
    child = Child().led(name="health visitor").weigh(4.4, 40)
    assert "<li>Your health visitor. Number: ____________________</li>" in sheet(child, 45)
    assert "<li>Hana Reid, your health visitor. Number: ____________________</li>" in sheet(quiet(), 45)


def test_names_are_escaped() -> None:
    bad = "</h1><script>alert(1)</script>"
    child = Child().led(name=bad).weigh(4.4, 40)
    page = sheet(child, 45, called=bad, ring=bad)
    assert shape(page) == shape(sheet(quiet(), 45, called="x", ring="y"))


def test_many_sentences_are_set_closer() -> None:
    assert '<main id="main">' in sheet(quiet(), 45)
    record = gw.Record.load("examples/c1-slow-decline.json")
    assert '<main id="main" class="many">' in gw.page(record, kind="family", protocol=HV, as_of=DAY, pictures=False)


def test_an_id_that_is_read_from_the_right_turns_nothing_beside_it() -> None:
    """The day after an id in Arabic would be read before it: the id is kept apart from what stands around it."""
    id = "\u0637\u0641\u0644 28"
    record = gw.Record.from_dict({**quiet().record.to_dict(), "child_id": id})
    day = quiet().date(45)
    page = gw.page(record, kind="family", protocol=HV, as_of=day, pictures=False)
    assert f"<footer><p>For staff: <bdi>{id}</bdi>, {day.day} " in page
    staff = gw.page(record, kind="child", protocol=HV, as_of=day, pictures=False)
    assert f"<h1><bdi>{id}</bdi></h1>" in staff and f'"\\2068 {id}\\2069 , ' in staff
    plain = gw.review(record, protocol=HV, as_of=day).explain(audience="family")
    assert f"For staff: {id}, " in plain and "\u2068" not in plain
