"""One answer read on another day, and the day on which the answer changes."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from builders import HV, Child
from random_records import last_day, random_record

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.said import Counted, joined, said_by_dates, said_on
from growthwatch.protocol import Review, review
from growthwatch.protocol.answers.review import answer
from growthwatch.protocol.kinds.kind import GrowthKind
from growthwatch.record import Record

MOMENT = {"as_of", "known_at", "on"}


def quiet(seed: int) -> tuple[Record, Review, random.Random]:
    """What was known of a random record on a day of its life or soon after, and the review of that day."""
    record, draw = random_record(seed), random.Random(seed)
    start, end = min(e.on for e in record.events), last_day(record)
    day = start + dt.timedelta(days=draw.randrange((end - start).days + 150))
    known = [e for e in record.events if e.recorded_at.date() <= day] or list(record.events[:1])
    day = max(day, known[0].recorded_at.date())
    known = Record(record.child_id, known)
    return known, review(known, protocol=HV, as_of=day), draw


@pytest.mark.parametrize("seed", range(60))
def test_an_answer_shown_later_is_what_a_review_of_that_night_says(seed: int) -> None:
    record, now, draw = quiet(seed)
    days = 400 if now.changes_on is None else (now.changes_on - now.on).days
    for later in {0, 1, days - 1, *(draw.randrange(days) for _ in range(3))}:
        if later < days:
            night = now.on + dt.timedelta(days=later)
            fresh, shown = review(record, protocol=HV, as_of=night), now.shown(night)
            assert shown.to_json() == fresh.to_json()
            assert shown.explain() == fresh.explain()
            assert shown == fresh
            assert answer(fresh) == answer(now)


@pytest.mark.parametrize("seed", range(60))
def test_on_changes_on_the_answer_changes(seed: int) -> None:
    record, now, _ = quiet(seed)
    if now.changes_on is not None:
        assert answer(review(record, protocol=HV, as_of=now.changes_on)) != answer(now)


def test_the_json_of_a_quiet_day_differs_only_in_the_moment() -> None:
    # No net gain, and overdue: two findings that count days.
    child = Child(gmfcs=5).steady(0.0, [14, 40, 70, 100, 130]).weigh(5.9, 140)
    now = child.review(300)
    assert {"S2", "G9"} <= {f.rule for f in now.findings}
    assert now.changes_on is None or now.changes_on > child.date(302)
    one, two = now.to_dict(), child.review(301).to_dict()
    assert {k for k in one if one[k] != two[k]} == MOMENT
    assert "301" not in now.to_json() or one == one | {k: two[k] for k in one if k not in MOMENT}


def said(r: Review, rule: str) -> tuple[str, Any]:
    f = next(f for f in r.findings if f.rule == rule)
    return f.says, f.to_dict()["says"]


def test_counts_of_days_are_said_on_the_day_of_reading_and_dates_are_kept() -> None:
    child = Child(gmfcs=5).steady(0.0, [14, 40, 70, 100, 130]).weigh(5.9, 140)
    for day in (300, 301):
        shown, kept = said(child.review(day), "G9")
        assert shown.startswith(f"{day - 130} days without a new best weight: ")
        assert kept.startswith("No new best weight since ") and str(day - 130) not in kept
        shown, kept = said(child.review(day), "S2")
        assert f"That is {day - 140} days: twice the " in shown and " That is twice the " in kept


def test_a_routine_weight_that_lapsed_is_said_by_its_day() -> None:
    child = Child()
    r = child.review(400)
    since = (child.date(400) - next(f for f in r.findings if f.rule == "S2").obligations[0].deadline).days
    shown, kept = said(r, "S2")
    assert since > 0 and " ago: the weight has lapsed." in shown and kept.endswith(" The weight has lapsed.")


def test_never_weighed_counts_no_days() -> None:
    child = Child(birth_kg=None).condition("tube_feeding", 1)
    f = next(f for f in child.review(200).findings if f.rule == "S2")
    assert f.level == "red" and "No valid weight is recorded" in f.says
    assert "first week). That is 195 days ago" in f.says and " 0 days" not in f.says


def test_a_closed_finding_is_read_on_the_day_on_which_it_closed() -> None:
    child = Child(gmfcs=5).steady(0.0, [14, 40, 70, 100, 130]).weigh(5.9, 140).at_z(0.0, 260)
    one, two = (next(f for f in child.review(day).closed if f.rule == "G9") for day in (261, 300))
    assert one == two and one.says == two.says and one.says.startswith("130 days without")


def test_a_duty_of_a_closed_finding_grows_no_later() -> None:
    child = Child(gmfcs=5).steady(0.0, [14, 40, 70, 100, 130]).weigh(5.9, 140).at_z(0.0, 260)
    late = [[[o.overdue for o in f.obligations] for f in child.review(day).closed] for day in (260, 261, 300, 600)]
    assert late[0] and all(x == late[0] for x in late)


def test_the_state_of_the_next_weight_and_reminders_follow_the_day_of_reading() -> None:
    child = Child().condition("tube_feeding", 1).led(1).steady(0, [200])
    asked = dict.fromkeys(("history", "sleep", "support", "safety"), "asked")
    child.add("carer_asked", 190, **asked)
    now = child.review(201)
    assert (now.due.state, now.reminders) == ("not_yet", ())
    assert now.changes_on is not None and now.changes_on > child.date(228)
    due = now.shown(child.date(228))
    assert due.due.state == "due" and due.reminders == child.review(228).reminders != ()
    assert [(child.date(228) <= r.since, r.until is not None) for r in now.reminding] == [(True, True)]


def test_a_sign_of_late_is_named_until_its_days_are_over() -> None:
    child = Child().at_z(0.0, 300).sign("fever", 300)
    now = child.review(301)
    assert any("No examination is recorded since" in n for n in now.notes)
    last = HV.settings.terms.ill_within_days
    assert now.changes_on is not None and now.changes_on <= child.date(300 + last + 1)
    assert not any("No examination is recorded since" in n for n in child.review(300 + last + 1).notes)


def test_the_end_of_a_clock_is_named_while_it_is_met() -> None:
    rule = HV.rule("G9")
    end = rule.clock[-1].until_months * 30 + 60
    child = Child(gmfcs=5).steady(0.0, [14, 40, 70, *range(100, end - 300, 90)]).weigh(9.0, end - 290)
    now = child.review(end - 60)
    while not (line := next(t for t in now.trace if t.rule == "G9")).verdict.endswith("not met"):
        assert "red_days" in line.values and now.changes_on is not None
        now = child.review(now.changes_on)
    assert "red_days" not in line.values and now.on < child.date(end + 60)


def test_it_is_shown_for_no_earlier_moment_and_for_none_from_its_change_on() -> None:
    child = Child().steady(0.0, [14, 40])
    now = child.review(60)
    assert now.changes_on is not None
    with pytest.raises(GrowthwatchError, match="when the answer changes"):
        now.shown(now.changes_on)
    with pytest.raises(GrowthwatchError, match="not before"):
        now.shown(child.date(59))
    with pytest.raises(GrowthwatchError, match="time zone"):
        now.shown(dt.datetime(2030, 1, 1))  # noqa: DTZ001
    late = review(child.record, protocol=HV, as_of=child.date(30), known_at=child.date(60))
    with pytest.raises(GrowthwatchError, match="hindsight"):
        late.shown(child.date(61))
    moment = dt.datetime.combine(child.date(61), dt.time(9), dt.UTC)
    assert now.shown(moment) == review(child.record, protocol=HV, as_of=moment)


def test_sentences_that_count() -> None:
    count = Counted(100, "{} ago", "once")
    both = joined("It was ", (count,), joined(", ", "so."))
    assert said_on(both, 101) == "It was 1 day ago, so." and said_on(both, dt.date.fromordinal(110)).startswith(
        "It was 10 days ago"
    )
    assert said_by_dates(both) == "It was once, so."
    assert joined("a", "b") == "ab" and said_on("a", 1) == said_by_dates("a") == "a"


# --- deadlines, by hand ---------------------------------------------------------------------------------------------


def late(child: Child, day: int) -> list[tuple[str, int | None, bool]]:
    return [(o.rule, child.age(o.deadline), o.overdue) for o in child.review(day).obligations if o.rule in RULES]


RULES = ("weight", "G4", "Q1")
"""Rules whose deeds are looked at here."""


def test_a_doubted_weight_is_late_from_the_day_after() -> None:
    # 2.70 kg at 80 days is far more than 2 SD below: a weight to be repeated today.
    child = Child().steady(0.0, [14, 40, 70]).weigh(2.7, 80)
    assert ("weight", 80, False) in late(child, 80) and ("weight", 80, True) in late(child, 81)
    known_late = Child().steady(0.0, [14, 40, 70]).weigh(2.7, 80, late=3)
    assert ("weight", 83, False) in late(known_late, 83) and ("weight", 83, True) in late(known_late, 84)


@pytest.mark.parametrize(("day", "overdue"), [(300, False), (302, False), (303, True)])
def test_a_deed_is_late_from_the_day_after_its_last_day(day: int, overdue: bool) -> None:
    # Length, history, feed and plan (process specification, section 10): each in two days.
    child = Child(birth_kg=None).at_z(-2.2, 300)
    assert [d for d in late(child, day) if d[1] == 302] == [("G4", 302, overdue)] * 4


def test_a_finding_that_is_not_about_growth_asks_nothing_of_healthy_children() -> None:
    child = Child(gmfcs=4).steady(0.0, [14, 40, 70, 100]).at_z(-2.2, 130).sign("vomiting", 131)
    review = child.review(300)
    growth = {f.rule for f in review.findings if f.false_alarm is not None}
    for f in review.findings:
        of_growth = isinstance(HV.rule(f.rule), GrowthKind)
        assert (f.healthy is None) == (f.false_alarm is None) == (not of_growth), f.rule
    assert {"G4"} <= growth and {"S2", "H2"} <= {f.rule for f in review.findings} - growth
