"""Stays in hospital: what ends them, and what is a word from the ward.

Source: specification of the protocol, section 1, "Admitted".
"""

from __future__ import annotations

from typing import Any

import pytest
from builders import HV, Child, folded
from losing import found

from growthwatch.protocol.child import Stay

HOSPITAL = {"role": "hospital_nurse"}


def stay(child: Child, day: int) -> Stay | None:
    return folded(child.record, child.date(day)).state.child.stay(child.date(day).toordinal())


def inside(**more: Any) -> Child:
    """Admitted to St Anne on day 240."""
    return Child().steady(0, [4, 12, 50, 230]).add("admission", 240, hospital="St Anne", id="in", **more)


def ended(child: Child, day: int = 250) -> tuple[int | None, str | None]:
    s = stay(child, day)
    assert s is not None and s.since == child.date(240).toordinal() and s.admission == "in"
    return (None if s.until is None else s.until - child.birthday.toordinal()), s.ended_by


def test_before_an_admission_there_is_no_stay() -> None:
    assert stay(inside(), 239) is None
    assert ended(inside(), 240) == (None, None)


@pytest.mark.parametrize(
    ("add", "ends"),
    [
        (lambda c: c.add("discharged", 245, id="out"), True),
        (lambda c: c.contact(245, id="out"), True),
        (lambda c: c.add("contact", 245, face_to_face=False, id="out"), False),
        # The hospital's own contacts do not, nor those that name it or a ward.
        (lambda c: c.contact(245, role="hospital_doctor", id="out"), False),
        (lambda c: c.contact(245, about="seen at st anne", id="out"), False),
        (lambda c: c.contact(245, about="seen on the ward", id="out"), False),
        (lambda c: c.contact(245, service="Infirmary", id="out"), False),
        (lambda c: c.contact(245, presentation="better, rewarded with a sticker", id="out"), True),
        (lambda c: c.examined(245, id="out"), True),
        (lambda c: c.examined(245, role="hospital_doctor", id="out"), False),
        (lambda c: c.examined(245, role="paediatrician", id="out"), False),
        # A valid weight that is not the hospital's; an invalid one does not.
        (lambda c: c.at_z(0, 245, id="out"), True),
        (lambda c: c.at_z(0, 245, role="hospital_nurse", id="out"), False),
        (lambda c: c.at_z(0, 245, setting="St. Anne, ward 3", id="out"), False),
        (lambda c: c.clothed(9.0, 245, id="out"), False),
        (lambda c: c.weigh(8.0, 245, scale="other", id="out"), False),
        (lambda c: c.sign("fever", 245, id="out"), False),
    ],
)
def test_what_ends_a_stay(add: Any, ends: bool) -> None:
    child = add(inside())
    assert ended(child, 244) == (None, None)
    assert ended(child) == ((245, "out") if ends else (None, None))


@pytest.mark.parametrize(
    ("admitted", "seen", "ends"),
    [
        ({"time": "10:00"}, {"time": "09:00"}, False),
        ({"time": "10:00"}, {"time": "10:00"}, False),
        ({"time": "10:00"}, {"time": "10:01"}, True),
        ({"time": "10:00"}, {}, False),
        ({}, {"time": "18:00"}, False),
        ({}, {}, False),
    ],
)
def test_of_the_day_of_admission_only_a_later_time_ends_it(
    admitted: dict[str, str], seen: dict[str, str], ends: bool
) -> None:
    child = inside(**admitted).contact(240, id="out", **seen)
    assert ended(child) == ((240, "out") if ends else (None, None))
    # A discharge of the same day does, unless it is known to be earlier.
    out = inside(**admitted).add("discharged", 240, id="out", **seen)
    earlier = "time" in admitted and "time" in seen and seen["time"] <= admitted["time"]
    assert ended(out) == ((None, None) if earlier else (240, "out"))


def test_the_first_that_ends_it_counts_and_the_latest_admission() -> None:
    child = inside().at_z(0, 244, id="weight").add("discharged", 246, id="home")
    s = stay(child, 250)
    assert s is not None and ended(child) == (244, "weight") and s.by_weight
    other = inside().add("discharged", 243, id="home").at_z(0, 244, id="weight")
    s = stay(other, 250)
    assert s is not None and ended(other) == (243, "home") and not s.by_weight
    again = other.add("admission", 248, id="again")
    s = stay(again, 250)
    assert s is not None and s.admission == "again" and s.until is None


def word(child: Child, day: int = 253) -> tuple[int, str]:
    s = stay(child, day)
    assert s is not None
    return s.word - child.birthday.toordinal(), s.word_by


@pytest.mark.parametrize(
    ("add", "heard"),
    [
        (lambda c: c.contact(250, role="hospital_nurse", id="word"), True),
        (lambda c: c.at_z(0, 250, role="hospital_doctor", id="word"), True),
        (lambda c: c.sign("fever", 250, role="emergency_department", id="word"), True),
        (lambda c: c.add("was_not_brought", 250, service="x", service_kind="hospital", id="word"), True),
        (lambda c: c.add("contact", 250, face_to_face=False, about="rang St Anne", id="word"), True),
        (lambda c: c.add("contact", 250, face_to_face=False, about="rang the mother", id="word"), False),
        (lambda c: c.sign("fever", 250, id="word"), False),
    ],
)
def test_what_is_a_word_from_the_ward(add: Any, heard: bool) -> None:
    assert word(add(inside())) == ((250, "word") if heard else (240, "in"))
    assert word(add(inside()), 249) == (240, "in"), "not before it comes"


def test_the_last_word_counts_and_none_before_the_admission_or_after_the_end() -> None:
    child = inside().contact(242, role="hospital_nurse", id="first").contact(247, role="hospital_nurse", id="last")
    assert word(child) == (247, "last")
    before = Child().steady(0, [4, 12, 50, 230]).contact(235, role="hospital_nurse", id="early")
    assert word(before.add("admission", 240, id="in")) == (240, "in")
    late = inside().add("discharged", 244, id="home").contact(246, role="hospital_nurse", id="late")
    assert word(late) == (240, "in")


# --- how long a ward may be silent, and when a weight is due after a stay -----------------------------------------


def admitted(day: int, child: Child) -> Child:
    return child.add("admission", day, id="in")


@pytest.mark.parametrize(
    ("child", "day", "silent"),
    [
        (Child().steady(0, [4, 12]), 15, 1),  # under 1 month
        (Child(gestation_days=280).steady(0, [4, 12, 50]), 60, 3),  # under 6 months
        (Child().steady(0, [4, 12, 50, 230]), 240, 14),
        (Child(gmfcs=1).steady(0, [4, 12, 50, 230]), 240, 7),  # T1
        (Child(gmfcs=4).steady(0, [4, 12, 50, 230]), 240, 7),  # high need
        (Child(birth_kg=3.0).weigh(12.0, 860).weigh(11.0, 900), 901, 3),  # T3
    ],
)
def test_from_the_day_after_so_many_days_without_a_word_the_ward_is_asked(child: Child, day: int, silent: int) -> None:
    admitted(day, child)
    assert child.levels(day + silent).get("S2") != "ask the ward"
    assert child.levels(day + silent + 1)["S2"] == "ask the ward"
    (o,) = [o for o in found(child.review(day + silent + 1), "S2").obligations if o.do.startswith("Ring the ward")]
    assert child.age(o.deadline) == day + silent + 1, "today"


@pytest.mark.parametrize(
    ("child", "home", "within"),
    [
        (Child(birth_kg=3.5).steady(0.1, [4, 12]), 20, 2),
        (Child(gmfcs=1).steady(0, [4, 12, 19, 40, 68, 96, 124, 152, 180]), 245, 7),
        (Child(birth_kg=3.0).steady(0, [40]).weigh(12.0, 860).weigh(11.0, 900), 912, 3),
    ],
)
def test_after_a_stay_a_weight_is_due_within_days(child: Child, home: int, within: int) -> None:
    # The old date has passed by the end: due is the later of the end and the old date, at most the end and so many days.
    child.add("admission", home - 8, role="hospital_doctor").add("discharged", home, role="hospital_doctor")
    due = child.review(home).due
    assert child.age(due.due) is not None and home <= (child.age(due.due) or 0) <= home + within
    assert (child.age(due.overdue_from) or 0) <= home + within + 1
    assert child.age(due.lapsed_from) == home + 2 * within


def test_while_a_stay_lasts_nothing_is_due() -> None:
    child = Child(gmfcs=1).steady(0, [4, 12, 50, 150, 200]).add("admission", 240)
    assert child.review(245).due.due is None
    assert "S2" not in child.levels(245)
    assert HV.settings.schedule.stay.named_in("on the WARD") and not HV.settings.schedule.stay.named_in("toward home")


@pytest.mark.parametrize("day", [240, 250])
def test_a_word_of_the_first_or_the_last_day_counts(day: int) -> None:
    child = inside().contact(day, role="hospital_nurse", id="word")
    assert word(child, 250) == (day, "word")
    # Of the last day of a stay too.
    home = inside().add("discharged", day, id="home").contact(day, role="hospital_nurse", id="word")
    assert word(home, 260) == (day, "word")
    named = inside().add("contact", 250, face_to_face=False, about="rang St Anne", id="named")
    assert word(named, 250) == (250, "named")
