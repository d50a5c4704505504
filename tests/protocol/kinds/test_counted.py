"""So many events in so long, as a trust would word it; and events of a file held against the forms of a record."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from builders import Child, own_deeds
from own_rules import with_rule

from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import Protocol, review_many

CANCELLED = """
[[rules]]
id = "X1"
kind = "counted"
title = "Dietitian cancelled twice"
events = { type = "was_not_brought", where = { service = ["Dietitian"], kind = ["cancelled"] } }
at_least = 2
within_days = 90
closes = "answered"
source = "Feeding team, minute of March 2026"
tag = "L"
review_by = 2027-03-31
[[rules.levels]]
name = "open"
loudness = "daily"
actions = [{ do = "Ring the family and the dietitian", owner = "health_visitor", within_days = 1 }]
"""


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Protocol:
    return with_rule(tmp_path_factory.mktemp("ours"), CANCELLED)


def cancelled(*days: int, service: str = "dietitian", kind: str = "cancelled") -> Child:
    child = Child()
    for day in days:
        child.add("was_not_brought", day, service=service, kind=kind)
    return child


@pytest.mark.parametrize(("apart", "opens"), [(89, True), (90, True), (91, False)])
def test_a_rule_of_a_trust_opens_at_its_number_of_days(ours: Protocol, apart: int, opens: bool) -> None:
    child = cancelled(100, 100 + apart)
    assert ("X1" in child.levels(100 + apart, ours)) is opens
    assert "X1" not in child.levels(99 + apart, ours)


def test_a_name_is_the_same_in_other_letters_and_another_service_does_not_count(ours: Protocol) -> None:
    assert "X1" in cancelled(100, 110, service="  DIETITIAN ").levels(110, ours)
    assert "X1" not in cancelled(100, 110, service="physiotherapy").levels(110, ours)
    assert "X1" not in cancelled(100, 110, kind="refused").levels(110, ours)


def test_it_says_how_often_and_closes_by_an_answer_that_names_it(ours: Protocol) -> None:
    child = cancelled(100, 110, 120)
    (found,) = [f for f in child.review(120, ours).findings if f.rule == "X1"]
    assert found.says == "Dietitian cancelled twice: three times in 90 days, the last on 14 May 2024."
    assert [(o.deadline - o.set_on).days for o in own_deeds(found)] == [1]
    child.add("answered", 125, request="X1@start#open.0.0", by="Ann", outcome="new time")
    assert "X1" in child.levels(124, ours) and "X1" not in child.levels(126, ours)
    assert child.closed("X1", 130, ours) == [(125, child.last)]


def test_it_says_that_an_answer_closes_it_and_no_examination(ours: Protocol) -> None:
    child = cancelled(100, 110)
    (found,) = [f for f in child.review(110, ours).findings if f.rule == "X1"]
    assert found.closes == "an answer to this finding is recorded"
    examined = cancelled(100, 110).add("examined", 111, role="gp", outcome="well", answers=["X1@start"])
    assert "X1" in examined.levels(112, ours)


def test_one_that_waits_for_others_says_so(tmp_path: Path) -> None:
    asks = CANCELLED.replace(
        "within_days = 1 }]", 'within_days = 5, met_by = "request_answered", request = "dietetic_review" }]'
    )
    (found,) = [f for f in cancelled(100, 110).review(110, with_rule(tmp_path, asks)).findings if f.rule == "X1"]
    assert found.closes == "what it asks of others is answered"


def test_an_answer_of_the_day_on_which_it_would_have_opened_is_an_answer(ours: Protocol) -> None:
    child = cancelled(100, 110)
    child.add("answered", 110, request="X1@start", by="Ann", outcome="new time")
    assert "X1" not in child.levels(110, ours) and not child.opened("X1", 200, ours)


def test_what_was_rested_on_opens_nothing_again(ours: Protocol) -> None:
    child = cancelled(100, 110).add("answered", 112, request="X1@start", by="Ann", outcome="new time")
    answer = child.last
    child.add("was_not_brought", 150, service="dietitian", kind="cancelled")
    assert child.opened("X1", 200, ours) == [(110, "open"), (150, "open")]
    assert f"X1@{answer}" in {f.key for f in child.review(150, ours).findings}


def test_one_marked_in_error_closes_it(ours: Protocol) -> None:
    child = cancelled(100, 110)
    child.add("entered_in_error", 115, target=child.last, reason="another child")
    assert child.closed("X1", 130, ours) == [(115, child.last)]


def test_a_late_entry_opens_it_on_the_day_it_is_known(ours: Protocol) -> None:
    child = cancelled(150).add("was_not_brought", 100, late=80, service="dietitian", kind="cancelled")
    assert child.opened("X1", 300, ours) == [(180, "open")]


OFTEN = """
[[rules]]
id = "X2"
kind = "counted"
title = "Out of hours"
events = { type = "contact", where = { out_of_hours = [true] } }
at_least = 3
within_days = 30
closes = "answered"
source = "Out-of-hours board, 2026"
tag = "L"
review_by = 2027-03-31
[[rules.levels]]
name = "open"
loudness = "weekly"
actions = [{ do = "Read what was advised", owner = "health_visitor", within_days = 5 }]
"""


def test_a_rule_about_visits_is_judged_among_many_as_alone(tmp_path: Path) -> None:
    # In columns, days with visits alone are passed over, unless a rule looks at visits.
    ours = with_rule(tmp_path, OFTEN)
    child = Child().steady(0.0, [14, 60, 90, 120])
    for day in (70, 80, 100):
        child.contact(day, out_of_hours=True)
    day = child.date(110)
    (many,) = review_many([child.record], protocol=ours, as_of=day)
    assert many.to_json() == child.review(day, ours).to_json()
    assert "X2" in {f.rule for f in many.findings}


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        ('"was_not_brought"', '"not_brought"', "type"),
        ("service = [", "clinic = [", "clinic"),
        ('"cancelled"]', '"postponed"]', "postponed"),
        ('"cancelled"]', "true]", "kind"),
        ("within_days = 90\n", "", "one of within_days and within_months"),
        ("within_days = 90\n", "within_days = 90\nwithin_months = 3\n", "one of within_days and within_months"),
        ("at_least = 2\n", "at_least = 0\n", "at_least"),
        ("at_least = 2\n", 'at_least = 2\none_per = "referral"\n', "one_per"),
        ("at_least = 2\n", 'at_least = 2\nsays = "{who} cancelled"\n', "who"),
    ],
)
def test_what_no_record_can_say_is_refused_when_the_file_is_read(
    tmp_path: Path, before: str, after: str, wrong: str
) -> None:
    assert before in CANCELLED
    with pytest.raises(GrowthwatchError, match=wrong) as told:
        with_rule(tmp_path, CANCELLED.replace(before, after))
    assert "X1" in str(told.value)


def test_a_sentence_of_its_own_fills_its_blanks(tmp_path: Path) -> None:
    ours = with_rule(tmp_path, CANCELLED.replace("at_least", 'says = "{n} times, {first} to {last}"\nat_least'))
    child = cancelled(100, 110)
    (found,) = [f for f in child.review(110, ours).findings if f.rule == "X1"]
    assert found.says == "two times, 24 April 2024 to 4 May 2024"


def test_the_days_between_are_counted_by_what_happened_not_by_when_it_was_written(ours: Protocol) -> None:
    child = Child()
    child.add("was_not_brought", 100, late=60, service="dietitian", kind="cancelled")
    child.add("was_not_brought", 191, service="dietitian", kind="cancelled")
    assert "X1" not in child.levels(dt.date(2025, 1, 1), ours)
