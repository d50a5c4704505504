"""The promises of rules about people, on children to whom people do all sorts of things, drawn from seeds."""

from __future__ import annotations

import datetime as dt
import random
from functools import cache
from typing import Any

import pytest
from builders import HV, Child, folded

from growthwatch.protocol import review, review_many
from growthwatch.protocol.engine.fold import Fold
from growthwatch.record import Record

SEEDS = range(30)
OURS = ("P9", "P10", "P11", "P12a", "P12b", "P13a", "P13b", "P13c", "P14a", "P14b", "P14c", "P14d", "E6")
NAMES = ("Ann", "Bea", " ann")


def happens(r: random.Random, child: Child, on: int, ids: list[str]) -> tuple[str, dict[str, Any]]:
    """Something that people do."""
    some = r.choice(ids) if ids else "nothing"
    of = {type: [id for id in ids if id.startswith(type)] or [some] for type in ("referral_made", "request_made")}
    asked_for = r.choice(of["request_made"])
    key = r.choice([f"{rule}@start" for rule in OURS])
    kinds = ("second_review", "managers_talk", "carer_assessment", "specialist_opinion", "legal_advice",
             "sibling_review", "growth_summary")  # fmt: skip
    asked = {"kind": r.choice(kinds), "to": [{"name": "them"}], "ask": "please", "about": r.choice((None, "Tom"))}
    plan = {"plan": r.choice(("care", "condition")), "reason": "agreed", "role": "paediatrician"}
    plan |= {"review_by": r.choice((None, child.date(on + 50))), "outcome_for_child": r.choice((None, "well", "9 kg"))}
    refer = {"to": r.choice(("social care", "disability team")), "about": "growth"}
    refer |= {"kind": r.choice(("safeguarding", "clinical")), "service": r.choice((None, "disability_service"))}
    closed = {
        "referral": r.choice(of["referral_made"]),
        "outcome": "closed",
        "action_taken": r.random() < 0.3,
        "role": "social_worker",
    }
    away = {"from": child.date(on + r.choice((0, 5))), "until": r.choice((None, child.date(on + 20)))}
    named = {"name": r.choice(NAMES), "lead_role": "health_visitor"}
    named |= {"deputy": r.choice((None, "Dan")), "supervisor": r.choice((None, "Eve"))}
    said: tuple[tuple[str, dict[str, Any]], ...] = (
        ("explained", {"target": key, "as": r.choice(("condition", "feeding", "other")), "words": "small"}),
        ("concern", {"raised_by": "mother", "about": "weight", "explained_as": r.choice((None, "just small"))}),
        ("request_made", asked),
        ("answered", {"request": r.choice((asked_for, key)), "by": "Cat", "outcome": "done", "role": r.choice(("gp", "other"))}),
        ("acknowledged", {"request": asked_for, "by": "them", "will_do": "read", "by_when": child.date(on + 5)}),
        ("plan_signed", plan),
        ("decision_signed", {"decision": "end_plan", "target": some, "reason": "done", "role": "paediatrician"}),
        ("referral_made", refer),
        ("referral_closed", closed),
        ("carer_asked", {r.choice(("history", "sleep", "support", "safety")): "asked", "exhausted": r.choice((None, True))}),
        ("service_allocated", {"service": "disability team", "worker": "Fay"}),
        ("strategy_discussion", {k: r.choice((None, True, False)) for k in ("section_47", "health_present")}),
        ("conference_held", {"kind": r.choice(("initial", "core_group", "review"))}),
        ("protection_plan", {"state": r.choice(("began", "began", "ended")), "category": r.choice((None, "neglect"))}),
        ("sibling_known", r.choice(({"sibling": "Tom"}, {"sibling": "Ida"}, {"none": True}))),
        ("lead_named", named),
        ("lead_left", {}),
        ("lead_away", away | {"cover": r.choice((None, "Gus"))}),
        ("condition_diagnosed", {"condition": "cerebral_palsy", "gmfcs": r.choice((2, 5))}),
        ("condition_ended", {"condition": "cerebral_palsy", "reason": "never was"}),
        ("level_changed", {"to": r.choice(("universal", "child_in_need"))}),
        ("illness_recorded", {"illness": "cold"}),
        ("entered_in_error", {"target": some, "reason": "another child"}),
    )  # fmt: skip
    return r.choice(said)


@cache
def drawn(seed: int) -> Child:
    """A child of up to two years with some twenty such events, some of them written down late."""
    r = random.Random(seed)
    child, z = Child(), r.choice((0.0, -1.0, -1.9))
    for day in (14, 42, 90, 150, 210, 300, 400):
        z += r.choice((0.1, 0.0, -0.3, -0.8))
        child.at_z(z, day)
    ids: list[str] = []
    for _ in range(r.randrange(6, 26)):
        on = r.randrange(5, 500)
        type, fields = happens(r, child, on, ids)
        child.add(type, on, late=r.choice((0, 0, 0, 3, 40)), **{"actor": r.choice(NAMES)} | fields)
        child.events[-1]["actor"] = r.choice(NAMES)
        ids.append(child.last)
    return child


def end(child: Child) -> dt.date:
    return max(e["recorded_at"].date() for e in child.events) + dt.timedelta(days=120)


def told(f: Fold) -> list[Any]:
    return [
        (
            c.day,
            [(x.key, n) for x, n in c.opened],
            [(x.key, n) for x, _, n in c.raised],
            [(x.key, x.closed_by) for x in c.closed],
            c.tier,
            c.deadline,
        )
        for c in f.changes
        if c.answer
    ]


@pytest.mark.parametrize("seed", SEEDS[:15])
def test_jumping_gives_what_visiting_every_day_gives(seed: int) -> None:
    child = drawn(seed)
    assert told(folded(child.record, end(child))) == told(folded(child.record, end(child), every_day=True))


def test_the_children_reach_every_rule() -> None:
    found = {f.rule for seed in SEEDS for f in drawn(seed).review(end(drawn(seed))).findings}
    found |= {f.rule for seed in SEEDS for f in drawn(seed).review(end(drawn(seed))).closed}
    assert set(OURS) <= found


@pytest.mark.parametrize("seed", SEEDS)
def test_from_its_witness_alone_a_finding_comes_out_again(seed: int) -> None:
    child = drawn(seed)
    record, on = child.record, end(child)
    for f in review(record, protocol=HV, as_of=on).findings:
        day = f.raised[-1][0] if f.raised else f.opened_on
        wrong = {e["target"] for e in child.events if e["type"] == "entered_in_error"}
        if f.rule not in OURS or wrong & set(f.witness):
            continue
        alone = Record("child", [record.event(id) for id in f.witness])
        again = {g.key.partition("@")[0]: g.level for g in review(alone, protocol=HV, as_of=day).findings}
        assert again.get(f.key.partition("@")[0]) == f.level, (f.key, f.witness)


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_nothing_closes_but_by_an_event_that_is_there(seed: int) -> None:
    child = drawn(seed)
    ids = {e["id"] for e in child.events}
    for f in child.review(end(child)).closed:
        assert f.closed_by in ids, f.key


def test_many_are_reviewed_as_one_by_one() -> None:
    children = [drawn(seed) for seed in SEEDS[:20]]
    records = [c.record for c in children]
    day = dt.date(2025, 3, 1)
    for child, made in zip(children, review_many(records, protocol=HV, as_of=day), strict=True):
        assert made.to_json() == review(child.record, protocol=HV, as_of=day).to_json()


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_what_is_recorded_later_changes_no_earlier_answer_and_order_is_nothing(seed: int) -> None:
    child, r = drawn(seed), random.Random(seed)
    as_of = child.date(r.randrange(50, 500))
    known = [e for e in child.events if e["recorded_at"].date() <= as_of]
    shuffled = r.sample(child.events, len(child.events))
    whole = review(child.record, protocol=HV, as_of=as_of)
    assert review(Record("child", shuffled), protocol=HV, as_of=as_of).to_json() == whole.to_json()
    then = review(Record("child", known), protocol=HV, as_of=as_of)
    assert [f.to_dict() for f in then.findings] == [f.to_dict() for f in whole.findings]


@pytest.mark.parametrize("seed", SEEDS[:12])
def test_the_day_on_which_the_answer_changes_is_told(seed: int) -> None:
    child = drawn(seed)
    as_of = end(child) - dt.timedelta(days=115)
    now = review(child.record, protocol=HV, as_of=as_of)
    if now.changes_on is not None:
        last = now.changes_on - dt.timedelta(days=1)
        assert review(child.record, protocol=HV, as_of=last).to_json() == now.shown(last).to_json()


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_it_is_said_for_people(seed: int) -> None:
    child = drawn(seed)
    for f in child.review(end(child)).findings:
        for text in (f.says, *f.notes, f.closes):
            text = text.replace(child.last, "").replace("None is large", "")
            assert not any(wrong in text for wrong in ("None", "{", "}", "()", "T00:")), (f.key, text)
