"""Words for people."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from growthwatch.core.words import (
    _ADJECTIVES,  # pyright: ignore[reportPrivateUsage]
    ago_words,
    kg_words,
    role_words,
    team_words,
    the_role_words,
    times_words,
)
from growthwatch.protocol.file.action import Owner
from growthwatch.record import Role

ROLES = sorted(
    {str(one) for part in get_args(Owner) for one in (get_args(part) or list(part))} | {str(r) for r in Role}
)
SOURCE = sorted((Path(__file__).parents[2] / "growthwatch").rglob("*.py"))


def test_times_are_never_more_than_they_are() -> None:
    told = [times_words(x) for x in (5.0, 5.19, 9.99, 12.9, 999.9, 1e80)]
    assert told == ["5 times", "5.1 times", "9.9 times", "12 times", "999 times", "more than 1000 times"]


def test_a_weight_is_shown_as_it_was_recorded_and_to_the_gram_at_most() -> None:
    told = [kg_words(x) for x in (9.3, 9.0, 9.305, 10.0, 7.816963465962804, 3.4567, 12.3456789, 9.9996, 0.00001)]
    assert told == [
        "9.30 kg", "9.00 kg", "9.305 kg", "10.00 kg", "7.817 kg", "3.457 kg", "12.346 kg", "10.000 kg", "0.000 kg",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (1, "1 day ago"), (99, "99 days ago"), (100, "15 weeks ago"), (105, "15 weeks ago"), (106, "16 weeks ago"),
        (730, "105 weeks ago"), (731, "more than two years ago"), (735, "more than two years ago"),
        (1100, "more than three years ago"),
    ],
)  # fmt: skip
def test_time_is_told_as_people_say_it_and_never_shorter_than_it_is(days: int, told: str) -> None:
    """Days below 100, then weeks, then years: 730 days are not yet twice 365.25."""
    assert ago_words(days) == told


@pytest.mark.parametrize("role", ROLES)
def test_a_role_stands_in_a_sentence_as_a_person(role: str) -> None:
    """Nobody is "other" or "the who asked", and no name of a role is an adjective alone."""
    words = the_role_words(role)
    assert words.split()[-1] not in _ADJECTIVES and "_" not in words
    assert not words.startswith(("the who", "the somebody", "the a ", "the both", "the whoever"))
    assert words.startswith(("the ", "whoever ", "somebody ", "both ", "a ")) and role_words(role) in words
    assert words not in ("the other", "the system")


def test_there_are_roles() -> None:
    assert {"health_visitor", "other", "asker", "both_team_leads"} <= set(ROLES) and len(ROLES) >= 30


def test_no_sentence_puts_its_own_article_before_a_role() -> None:
    found = ("the {role_words(", " a {role_words(", "the {who}", "the {role}")
    wrong = [(p.name, f) for p in SOURCE for f in found if f in p.read_text(encoding="utf-8")]
    assert SOURCE and wrong == []


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ("paediatric", "the paediatric team"), ("Community Paediatric", "the Community Paediatric team"),
        ("dietetic", "the dietetic team"), ("Cardiac", "the Cardiac team"), ("paediatrics", "paediatrics"),
        ("audiology", "audiology"), ("eye clinic", "eye clinic"), ("children's hospital", "children's hospital"),
        ("Dr Lee", "Dr Lee"), ("the speech therapist", "the speech therapist"),
    ],
)  # fmt: skip
def test_a_service_that_is_named_by_an_adjective_is_a_team(service: str, told: str) -> None:
    assert team_words(service) == told
