"""A review holds only its own content: plain, frozen, small."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import gc
import json
import pickle
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from builders import HV, Child
from random_records import last_day, random_record

from growthwatch.core.frozen import FrozenDict
from growthwatch.core.said import Counted
from growthwatch.protocol import Finding, NextWeighing, Obligation, Review, TraceLine, review
from growthwatch.protocol.answers.asked import Asked
from growthwatch.protocol.answers.family import FamilyFacts, Held, Shared
from growthwatch.protocol.answers.parts import Reminder
from growthwatch.protocol.answers.people import Owner, Point, RequestLine, Rung
from growthwatch.protocol.answers.refusals import OverrideLine, RefusedDecision
from growthwatch.record import Record
from growthwatch.references import ReferenceLabel

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.json"))
PARTS = (
    Finding,
    NextWeighing,
    Obligation,
    Reminder,
    Review,
    TraceLine,
    Asked,
    Counted,
    Owner,
    Point,
    RequestLine,
    Rung,
    RefusedDecision,
    OverrideLine,
    FamilyFacts,
    Held,
    Shared,
)
PLAIN = (type(None), bool, int, float, str, tuple, dt.date, dt.datetime, dt.timezone, dt.timedelta)


def some_reviews() -> list[Review]:
    """Reviews of the examples and of random records, on the last day and before."""
    made: list[Review] = []
    for record in [*map(Record.load, EXAMPLES), *map(random_record, range(30))]:
        end = last_day(record)
        made += [review(record, protocol=HV, as_of=end - dt.timedelta(days=days)) for days in (0, 90, 5000)]
    return made


REVIEWS = some_reviews()


def reachable(start: object) -> list[object]:
    """Everything that can be reached from an object, apart from the types themselves."""
    seen: dict[int, object] = {}
    left = [start]
    while left:
        x = left.pop()
        if id(x) not in seen and not isinstance(x, type | ModuleType):
            seen[id(x)] = x
            left += gc.get_referents(x)
    return list(seen.values())


def test_only_plain_and_frozen_things_are_reachable() -> None:
    kinds = {type(x) for made in REVIEWS for x in reachable(made)}
    # The dictionary of a dataclass without slots is its content, and no value of it.
    assert kinds - {dict} <= {*PLAIN, *PARTS, FrozenDict, ReferenceLabel}
    assert {Finding, Asked, Counted, Reminder} <= kinds
    for part in PARTS:
        assert part.__dataclass_params__.frozen, part  # pyright: ignore[reportAttributeAccessIssue]
    for made in REVIEWS:
        dicts = [x for x in reachable(made) if type(x) is dict]
        assert len(dicts) <= 1 and all(d is made.__dict__ for d in dicts)


def test_pickled_it_is_no_more_than_twice_its_json_and_says_the_same() -> None:
    for made in REVIEWS:
        kept = pickle.dumps(made)
        assert len(kept) <= 2 * len(made.to_json().encode())
        again = pickle.loads(kept)
        assert again == made and again.to_json() == made.to_json() and again.explain() == made.explain()


def test_what_a_protocol_says_of_its_rules_is_kept_once() -> None:
    first, second = (next(t for t in made.trace if t.rule == "G9") for made in (REVIEWS[0], REVIEWS[3]))
    assert first.parameters is second.parameters and first.parameters["clock"]


def test_what_a_finding_says_cannot_be_changed() -> None:
    r = Child().steady(0.0, [14, 40, 70]).weigh(3.6, 80).review(80)
    assert r.findings
    before = r.to_json()
    values: Any
    for values in [*(f.values for f in r.findings), *(t.values for t in r.trace), *(t.parameters for t in r.trace)]:
        for change in (
            lambda v: v.__setitem__("kg", 9),
            lambda v: v.update(kg=9),
            lambda v: v.clear(),
            lambda v: v.pop("kg", None),
            lambda v: v.setdefault("new", 1),
            lambda v: v.__ior__({"kg": 9}),
        ):
            with pytest.raises(TypeError, match="frozen"):
                change(values)
        assert json.loads(json.dumps(values)) == json.loads(json.dumps(dict(values)))
    assert r.to_json() == before
    assert copy.deepcopy(r).to_json() == pickle.loads(pickle.dumps(r)).to_json() == before
    data = r.to_dict()
    data["findings"][0]["values"]["kg"] = 0
    data["trace"][0]["parameters"]["levels"].clear()
    assert r.to_json() == before, "plain data is a copy"
    with pytest.raises(dataclasses.FrozenInstanceError):
        r.tier = "T0"  # pyright: ignore[reportAttributeAccessIssue]


def test_two_reviews_of_the_same_are_equal() -> None:
    assert Child().review(10) == Child().review(10)


def test_what_is_asked_of_healthy_children_comes_back_as_it_was() -> None:
    found = [f for made in REVIEWS for f in (*made.findings, *made.closed) if f.asked is not None]
    assert {f.asked.rule for f in found if f.asked is not None} >= {"loss-from-best", "below-line", "evidence", None}
    for f in found:
        again = f.healthy
        assert again is not None and f.false_alarm == again.sentence
