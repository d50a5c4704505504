"""The promises of the protocol room, on children whose lengths, arms and parents are measured too."""

from __future__ import annotations

import random
from typing import Any

from builders import HV, UK, Child, folded
from children import children, end, no_better, some
from hypothesis import given
from hypothesis import strategies as st

from growthwatch.protocol import review
from growthwatch.protocol.answers.review import answer
from growthwatch.record import Record


@st.composite
def measured_children(draw: st.DrawFn) -> Child:
    """A child of 0 to 3 years, as elsewhere, and what was measured of it."""
    child = draw(children(most_events=5))
    sex = "female" if child.sex is None else child.sex
    days = sorted({(e["on"] - child.birthday).days for e in child.events if e["type"] == "weighed"})
    for _ in range(draw(st.integers(1, 7))):
        what = draw(st.sampled_from(["height"] * 5 + ["arm", "parents", "oedema", "none", "skinfold", "plan", "asked"]))
        on = draw(st.sampled_from(days or [200])) + draw(st.sampled_from([-28, -3, 0, 0, 0, 28, 80]))
        on, late = max(on, 1), draw(st.sampled_from([0, 0, 0, 3, 60]))
        z = draw(st.sampled_from([0.0, -1.0, -2.0, 2.0]))
        if what == "height":
            cm = float(UK.value(z, measure="height", age_days=max(on, 20), sex=sex))
            child.add("measured", on, late=late, measure="height", value_cm=round(cm, 1))
        elif what in ("arm", "skinfold"):
            name, cm = ("arm", 12.3 + z / 2) if what == "arm" else ("triceps_skinfold", 0.9)
            child.add("measured", on, late=late, measure=name, value_cm=cm)
        elif what == "parents":
            parents = {"mother_cm": draw(st.sampled_from([None, 160.0, 175.0])), "father_cm": 180.0}
            child.add("parents_measured", on, late=late, **parents)
        elif what == "plan":
            child.condition("trisomy_21", max(on - 5, 0)).examined(on, role="paediatrician", feeding="normal")
            child.plan(on, plan="condition", role="paediatrician", reference="trisomy-21-uk-2002")
        elif what == "asked":
            sought = draw(st.sampled_from(["yes", "no", None]))
            child.contact(on, late=late, advice_sought=sought, danger_signs=draw(st.sampled_from(["none", None])))
        else:
            child.examined(on, late=late, actor="dr", oedema="present" if what == "oedema" else "none")
    return child


@given(measured_children())
@some
def test_jumping_gives_what_visiting_every_day_gives(child: Child) -> None:
    def told(every_day: bool) -> list[Any]:
        return [
            (
                c.day,
                [(x.key, n) for x, n in c.opened],
                [(x.key, n) for x, _, n in c.raised],
                [(x.key, x.closed_by) for x in c.closed],
                c.tier,
                c.due,
                c.deadline,
            )
            for c in folded(child.record, end(child), every_day=every_day).changes
            if c.answer
        ]

    assert told(False) == told(True)


@given(measured_children(), st.integers(0, 1200))
@some
def test_changes_on_is_the_next_day_that_brings_something_new(child: Child, day: int) -> None:
    as_of = child.date(day)
    known = Record("child", [e for e in child.events if e["recorded_at"].date() <= as_of])
    now = review(known, protocol=HV, as_of=as_of)
    if now.changes_on is None:
        return
    before = now.changes_on - (now.changes_on - as_of) // (now.changes_on - as_of).days
    assert answer(review(known, protocol=HV, as_of=before)) == answer(now)
    assert answer(review(known, protocol=HV, as_of=now.changes_on)) != answer(now), now.changes_on


@given(measured_children(), st.integers(0, 1200), st.randoms(use_true_random=False))
@some
def test_order_and_merging_never_matter(child: Child, day: int, chance: random.Random) -> None:
    as_of, shuffled = child.date(day), list(child.events)
    chance.shuffle(shuffled)
    cut = chance.randrange(len(shuffled) + 1)
    one, two = Record("child", shuffled[:cut]), Record("child", shuffled[max(cut - 2, 0) :])
    expected = review(child.record, protocol=HV, as_of=as_of).to_json()
    for record in (Record("child", shuffled), one.merge(two), two.merge(one)):
        assert review(record, protocol=HV, as_of=as_of).to_json() == expected


@given(measured_children(), st.integers(1, 4000))
@some
def test_time_alone_closes_lowers_and_quietens_nothing(child: Child, days: int) -> None:
    before = child.review(end(child))
    by_age = folded(child.record, end(child)).state.standing.by_age
    after = child.review((end(child) - child.birthday).days + days)
    no_better(before, after, due=False, tier=not by_age)


@given(measured_children(), st.integers(0, 900), st.sampled_from(["arm", "oedema"]))
@some
def test_a_thin_arm_or_swelling_never_improves(child: Child, day: int, what: str) -> None:
    before = [child.review(d) for d in (day, day + 5, day + 90)]
    if what == "arm":
        child.add("measured", day, measure="arm", value_cm=10.0, id="bad")
    else:
        child.sign("oedema", day, id="bad")
    for b, d in zip(before, (day, day + 5, day + 90), strict=True):
        # What a thinner arm opens may hold a tier that nothing held.
        no_better(b, child.review(d), but=frozenset({"S6"}))
