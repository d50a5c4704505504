"""What of a record is not known at the moment asked about is said, and is no part of the answer.

Purpose: "an event dated ahead is never silent; a review of a day before birth or after today says so; a `recorded_at`
ahead of now makes no event vanish without a word"; invariant 18: an answer is the same whatever is recorded later.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from builders import HV, Child
from command_runner import command_runner

import growthwatch as gw
from growthwatch.cli.app import app


def test_a_day_before_birth_says_so() -> None:
    r = Child().weigh(4.0, 20).review("2024-01-10")
    assert r.beyond[0] == "10 January 2024 is before the birth on 15 January 2024: nothing is due yet."
    assert f"- {r.beyond[0]}" in r.explain()
    assert not any("before the birth" in x for x in Child().review("2024-01-15").beyond)


def test_what_is_written_down_for_a_moment_to_come_is_counted() -> None:
    # Entered today with the wrong year: it is not known, and that is said.
    child = Child().led().weigh(4.0, 20).weigh(5.0, 40, recorded_at=dt.datetime(2027, 2, 24, 12, tzinfo=dt.UTC))
    r = child.review(41)
    says = "1 event was written down after the moment asked about (24 February 2027): not known here."
    assert r.beyond == (says,) and f"- {says}" in r.explain() and r.due.last_valid_kg == 4.0
    child.weigh(5.1, 41, recorded_at=dt.datetime(2028, 2, 24, 12, tzinfo=dt.UTC))
    says = "2 events were written down after the moment asked about (24 February 2027 to 24 February 2028): not known here."
    assert child.review(41).beyond == (says,)
    assert child.review("2028-03-01").beyond == ()


def test_it_is_no_part_of_the_answer() -> None:
    child = Child().weigh(4.0, 20)
    then, now = child.review(30), child.copy().weigh(5.0, 60).review(30)
    a, b = then.to_dict(), now.to_dict()
    assert a.pop("record_hash") != b.pop("record_hash") and a == b
    assert then.beyond == () != now.beyond


def test_with_hindsight_nothing_is_beyond() -> None:
    child = Child().weigh(4.0, 20).weigh(5.0, 60)
    r = gw.review(child.record, protocol=HV, as_of=child.date(30), known_at=child.date(61))
    assert r.beyond == ()


@pytest.mark.parametrize(("many", "counted"), [(5, None), (6, "1 further events"), (8, "3 further events")])
def test_arrangements_ahead_are_named_and_what_is_more_is_counted(many: int, counted: str | None) -> None:
    child = Child()
    for n in range(many):
        moment = dt.datetime(2024, 2, 1, 12, n, tzinfo=dt.UTC)
        child.add(
            "lead_named", 60 + n, name=f"Lead {n}", lead_role="health_visitor", role="team_lead", recorded_at=moment
        )
    notes = child.review("2024-02-02").notes
    assert sum("it counts from that day" in n for n in notes) == min(many, 5)
    more = [n for n in notes if "each counts from its day" in n]
    assert [n.split(" are ")[0] for n in more] == ([] if counted is None else [counted])


@pytest.mark.parametrize(
    "type", ["entered_in_error", "letter_acknowledged", "referral_closed", "letter_read", "weighed"]
)
def test_an_id_that_nobody_knows_is_named_whatever_names_it(type: str) -> None:
    fields = {
        "entered_in_error": {"target": "nowhere", "reason": "twice"},
        "letter_acknowledged": {"letter": "nowhere", "by": "GP"},
        "referral_closed": {"referral": "nowhere", "outcome": "seen", "action_taken": True},
        "letter_read": {"letter": "nowhere", "by": "Ann", "asks_of_us": "nothing"},
        "weighed": {"weight_kg": 4.4, "repeats": "nowhere"},
    }[type]
    r = Child().weigh(4.0, 20).add(type, 40, **fields).review(40)  # pyright: ignore[reportArgumentType]
    assert any(f.rule == "Q1" and "nowhere" in f.says for f in r.findings)


def test_a_day_after_today_is_said_to_be_one_by_the_command(tmp_path: Path) -> None:
    path = tmp_path / "child.json"
    Child().weigh(4.0, 20).record.dump(path)
    run = command_runner().invoke
    later = run(app, ["review", str(path), "--as-of", "2999-01-01"])
    assert "1 January 2999 is after today: said as if nothing more were recorded until then." in later.stderr
    assert "after today" not in run(app, ["review", str(path), "--as-of", "2024-03-01"]).stderr
    assert "after today" not in run(app, ["review", str(path), "--as-of", "today"]).stderr
