"""Who saw the child, and what counts as paediatrics."""

from __future__ import annotations

from typing import Any

import pytest
from builders import HV, Child
from losing import found

from growthwatch.protocol.child.contacts import Contacts


def contacts(child: Child) -> Contacts:
    out = Contacts(HV.settings)
    for e in child.record.events:
        if e.type in Contacts.TAKES:
            out.take(e.on.toordinal(), e)
    return out


def met(child: Child) -> list[int]:
    return [day - child.birthday.toordinal() for day, _, _ in contacts(child).met]


@pytest.mark.parametrize(
    ("add", "counts"),
    [
        (lambda c: c.contact(10), True),
        (lambda c: c.contact(10, role="social_worker"), True),
        (lambda c: c.add("contact", 10, face_to_face=False), False),
        (lambda c: c.examined(10), True),
        (lambda c: c.examined(10, role="family"), True),
        (lambda c: c.add("admission", 10), False),
        (lambda c: c.add("referral_made", 10, to="A&E", kind="clinical", about="x"), False),
    ],
)
def test_who_saw_the_child_face_to_face(add: Any, counts: bool) -> None:
    assert met(add(Child())) == ([10] if counts else [])


def test_three_examinations_without_a_weight_are_seen_often_too() -> None:
    # S3: three face-to-face contacts by anyone since the last valid weight, and due has passed.
    child = Child().condition("tube_feeding", 1).steady(0, [200]).examined(201).examined(205).examined(210)
    assert "S3" not in child.levels(228) and "S3" in child.levels(229)
    assert found(child.review(229), "S3").says.startswith("Seen 3 times, not weighed since 2 August 2024; ")


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ({}, {}, True),
        ({"time": "09:00"}, {"time": "09:00"}, True),
        ({"time": "09:00"}, {}, True),
        ({}, {"time": "09:00"}, True),
        ({"time": "09:00"}, {"time": "10:00"}, False),
        ({"service": "Clinic"}, {"service": " clinic "}, True),
        ({"service": "clinic"}, {"service": "GP"}, False),
        ({"service": "clinic"}, {}, False),
    ],
)
def test_one_contact_that_was_entered_twice_is_one(first: dict[str, str], second: dict[str, str], one: bool) -> None:
    assert len(met(Child().contact(10, **first).contact(10, **second))) == (1 if one else 2)
    assert len(met(Child().contact(10, **first).contact(11, **second))) == 2, "of two days"


def test_a_contact_at_a_time_that_was_already_entered_is_not_another() -> None:
    child = Child().contact(10, time="09:00").contact(10, time="10:00").contact(10, time="09:00").contact(10)
    assert met(child) == [10, 10]
    # A contact whose time was not known may be the one with a time; a further time is another.
    unknown_first = Child().contact(10).contact(10, time="09:00").contact(10, time="10:00")
    assert met(unknown_first) == [10, 10]


@pytest.mark.parametrize(
    ("add", "asked", "seen"),
    [
        (lambda c: c.examined(10, role="paediatrician"), True, True),
        (lambda c: c.examined(10, role="hospital_doctor"), True, True),
        (lambda c: c.examined(10, role="emergency_department"), True, True),
        (lambda c: c.examined(10, role="gp"), False, False),
        (lambda c: c.add("admission", 10), True, True),
        (lambda c: c.add("referral_made", 10, to="community paediatrics", kind="clinical", about="x"), True, False),
        (lambda c: c.add("referral_made", 10, to="dietitian", kind="clinical", about="x"), False, False),
        (lambda c: c.add("referral_made", 10, to="hospital", kind="safeguarding", about="x"), False, False),
        (lambda c: c.contact(10, role="paediatrician"), False, False),
    ],
)
def test_what_asks_paediatrics_and_what_sees(add: Any, asked: bool, seen: bool) -> None:
    ledger = contacts(add(Child()))
    assert (ledger.asked.last is not None, ledger.seen.last is not None) == (asked, seen)
