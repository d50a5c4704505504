"""Laws of the schedule, on random children: dates in order, a rise makes nothing due later, and many as one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from builders import HV, Child, step_by_step
from children import children, end, examples, some
from hypothesis import given
from hypothesis import strategies as st

from growthwatch.protocol import review_many


@given(children(), st.integers(0, 1300))
@some
def test_the_four_dates_are_in_order(child: Child, day: int) -> None:
    due = child.review(day).due
    dates = [due.earliest, due.due, due.overdue_from, due.lapsed_from]
    if due.due is None:
        assert dates == [None] * 4 and due.why
        return
    assert due.earliest is not None and due.earliest <= due.due
    if due.overdue_from is not None:
        assert due.overdue_from > due.due
        assert due.lapsed_from is not None and due.lapsed_from >= due.overdue_from


RISES: list[tuple[str, dict[str, Any]]] = [
    ("level_changed", {"to": "child_in_need"}),
    ("protection_plan", {"state": "began"}),
    ("condition_diagnosed", {"condition": "tube_feeding"}),
    ("condition_diagnosed", {"condition": "coeliac"}),
    ("referral_made", {"to": "team", "kind": "safeguarding", "about": "worry"}),
]


@given(children(decisions=False), st.integers(0, 1200), st.sampled_from(RISES), st.integers(0, 200))
@examples
def test_a_rise_makes_nothing_due_overdue_or_lapsed_later(
    child: Child, day: int, rise: tuple[str, dict[str, Any]], later: int
) -> None:
    before = child.review(day + later).due
    after = child.add(rise[0], day, **rise[1]).review(day + later).due
    for name in ("due", "overdue_from", "lapsed_from"):
        one, two = getattr(before, name), getattr(after, name)
        assert one is None or (two is not None and two <= one), name


@given(children(), st.integers(0, 1300))
@some
def test_while_a_child_is_in_hospital_nothing_is_due_and_nothing_to_weigh_is_late(child: Child, day: int) -> None:
    r = child.review(day)
    if "in hospital since" not in r.due.why:
        return
    assert r.due.due is None and r.due.state == "none" and r.reminders == ()
    assert not any(
        o.do.startswith("Weigh again") and "now" not in o.do
        for f in r.findings
        for o in f.obligations
        if o.done_on is None
    )


@given(st.lists(children(decisions=False), min_size=2, max_size=5), st.integers(0, 1300))
@some
def test_many_are_reviewed_as_one_by_one(some_children: list[Child], day: int) -> None:
    on = some_children[0].date(day)
    made = list(review_many([c.record for c in some_children], protocol=HV, as_of=on))
    assert [r.to_json() for r in made] == [step_by_step(c.record, on).to_json() for c in some_children]


@pytest.mark.parametrize("day", [0, 6, 8, 12, 40, 60, 90, 91, 92, 100, 130, 250, 400, 600, 800])
@pytest.mark.parametrize(
    ("gestation", "kg", "z"), [(258, 2.7, 0.0), (280, 2.45, -1.5), (223, 1.6, 0.0), (270, 3.4, 0.0), (None, 2.4, -1.6)]
)
def test_many_early_and_light_babies(gestation: int | None, kg: float, z: float, day: int) -> None:
    child = Child(gestation_days=gestation, birth_kg=kg)
    for at in (4, 11, 25, 39, 53, 80, 95, 120, 300, 390):
        child.at_z(z, at)
    on = child.date(day)
    (made,) = review_many([child.record], protocol=HV, as_of=on)
    assert made.to_json() == step_by_step(child.record, on).to_json()


@pytest.mark.parametrize("day", range(4, 70, 3))
def test_many_who_are_weighed_weekly_after_a_loss(day: int) -> None:
    child = Child(birth_kg=3.5).weigh(3.1, 4).weigh(3.4, 8).weigh(3.6, 16).weigh(3.6, 30).weigh(4.0, 40).weigh(4.3, 48)
    on = child.date(day)
    (made,) = review_many([child.record], protocol=HV, as_of=on)
    assert made.to_json() == step_by_step(child.record, on).to_json()


def test_contacts_and_no_date_left_in_many() -> None:
    child = Child().steady(0, [4, 12, 50, 290])
    for day in (390, 420, 465):
        child.contact(day)
    for day in (470, 471, 472, 480, 482):
        on = child.date(day)
        (made,) = review_many([child.record], protocol=HV, as_of=on)
        assert made.to_json() == step_by_step(child.record, on).to_json()
    # 290 + 180 = 470: on day 471 the weight is more than 180 days ago.
    assert "S3" not in child.levels(470) and "S3" in child.levels(471)
    assert isinstance(end(child), dt.date)
