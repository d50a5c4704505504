"""The JSON Schema of a review is that of what reviews write, and refuses what they never do."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from random_records import last_day, random_record

import growthwatch as gw
from growthwatch.protocol import review_schema
from growthwatch.protocol.stories import read_story

ROOT = Path(__file__).parents[3]
STORIES = sorted((ROOT / "tests" / "protocol_cases" / "stories").glob("*.toml"))
REVIEW = Draft202012Validator(review_schema())
PROTOCOL = gw.protocol("uk-hv")


def _of(record: gw.Record, on: dt.date) -> dict[str, Any]:
    return json.loads(gw.review(record, protocol=PROTOCOL, as_of=on).to_json())


@cache
def _whole() -> tuple[dict[str, Any], ...]:
    """Reviews in which every part of a review stands at least once."""
    out: list[dict[str, Any]] = []
    for path in STORIES:
        story = read_story(path)
        for then in story.entries:
            out.append(_of(story.record, then.on))
            if _parts(out) == set(review_schema()["$defs"]):
                return tuple(out)
    raise AssertionError(f"no story shows {set(review_schema()['$defs']) - _parts(out)}")


def _parts(reviews: list[dict[str, Any]]) -> set[str]:
    return {name for review in reviews for name, _ in _objects(review)}


PLACES = {"findings": "finding", "closed": "finding", "obligations": "obligation", "requests": "request",
          "points": "point", "ladder": "rung", "trace": "trace", "due": "due", "owner": "owner",
          "refused": "refusal", "overrides": "override"}  # fmt: skip


def _objects(review: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a review, with its name in the schema."""
    for key, name in PLACES.items():
        for part in review[key] if isinstance(review[key], list) else [review[key]]:
            yield name, part
            for o in part.get("obligations", ()):
                yield "obligation", o


def test_the_schema_is_a_schema_and_no_caller_can_change_it() -> None:
    Draft202012Validator.check_schema(review_schema())
    review_schema()["$defs"].clear()
    assert set(review_schema()["$defs"]) == set(PLACES.values())


@pytest.mark.parametrize("path", STORIES, ids=lambda p: p.stem)
def test_the_reviews_of_a_story_keep_to_the_schema(path: Path) -> None:
    story = read_story(path)
    for on in {story.entries[0].on, story.entries[len(story.entries) // 2].on, story.entries[-1].on}:
        REVIEW.validate(_of(story.record, on))


@pytest.mark.parametrize("seed", range(60))
def test_reviews_of_random_records_keep_to_the_schema(seed: int) -> None:
    record = random_record(seed)
    last = last_day(record)
    for on in (last - dt.timedelta(days=seed), last + dt.timedelta(days=3 * seed)):
        REVIEW.validate(_of(record, on))


def test_a_signed_protocol_and_an_empty_record_keep_to_the_schema() -> None:
    REVIEW.validate(_of(gw.Record("c"), dt.date(2024, 1, 9)))
    review = _whole()[0]
    review = copy.deepcopy(review)
    review["protocol"]["signed"] = {"by": "Ruth Okafor", "role": "named_nurse", "on": "2024-01-09"}
    REVIEW.validate(review)
    del review["protocol"]["signed"]["on"]
    assert not REVIEW.is_valid(review)


def test_a_review_without_one_of_its_keys_is_refused() -> None:
    whole = _whole()[-1]
    for key in review_schema()["required"]:
        assert not REVIEW.is_valid({k: v for k, v in whole.items() if k != key}), key
    assert not REVIEW.is_valid({**whole, "advice": "none"})


def test_a_part_without_one_of_its_keys_or_with_one_more_is_refused() -> None:
    seen: set[str] = set()
    for review in _whole():
        made = copy.deepcopy(review)
        for name, part in _objects(made):
            if name in seen:
                continue
            seen.add(name)
            for key in tuple(part):
                kept = part.pop(key)
                assert not REVIEW.is_valid(made), (name, key)
                part[key] = kept
            part["advice"] = "none"
            assert not REVIEW.is_valid(made), name
            del part["advice"]
        assert REVIEW.is_valid(made)
    assert seen == set(PLACES.values())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema",), "growthwatch.record"),
        (("tier",), "T4"),
        (("on",), "9 January 2024"),
        (("record_hash",), "sha256:0"),
        (("due", "state"), "soon"),
        (("owner", "standing"), "manager"),
        (("judged_by", "figures"), {"evidence": "2"}),
        (("findings", 0, "loudness"), "loud"),
        (("findings", 0, "stage"), "E7"),
        (("findings", 0, "raised"), [["2024-01-09"]]),
        (("findings", 0, "opened_on"), None),
        (("findings", 0, "tag"), "X"),
        (("obligations", 0, "overdue"), "yes"),
        (("obligations", 0, "deadline"), 5),
        (("ladder", 0, "rung"), "E0"),
        (("not_judged",), [["G3"]]),
    ],
    ids=lambda x: ".".join(map(str, x)) if isinstance(x, tuple) else "",
)
def test_a_wrong_value_is_refused(place: tuple[str | int, ...], value: object) -> None:
    whole = next(r for r in _whole() if r["findings"] and r["obligations"])
    made = copy.deepcopy(whole)
    inside: Any = made
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    assert REVIEW.is_valid(whole) and not REVIEW.is_valid(made)
