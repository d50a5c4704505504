"""Whom each change of a file would have affected: change by change, and all together."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child
from own_protocols import X1, dated, header, one, write
from random_records import random_record

import growthwatch as gw
from growthwatch.protocol import Protocol
from growthwatch.protocol.answers.affected import Affected, whom_affected
from growthwatch.protocol.answers.untold import NO_EVIDENCE
from growthwatch.record import Record

UNTIL = dt.date(2025, 1, 31)
OWNER = "rules[G4].levels[below].actions[met_by=plan].owner"
LATER = "rules[G9].clock[from_months=4].red_days"


def load(folder: Path, *parts: str) -> Protocol:
    return Protocol.load(write(folder, *parts))


def child(id: str, z: float, *days: int, born: str = "2024-01-15") -> Record:
    """A child on one line of the standard, with a name of its own."""
    made = Child(born)
    for day in days:
        made.at_z(z, day)
    return Record.from_dict({**made.record.to_dict(), "child_id": id})


def on_median(id: str = "median") -> Record:
    return child(id, 0.0, 12, 40, 70)


def below_9th(id: str = "ninth") -> Record:
    """Below the 9th centile (z -1.333) and not below the 2nd (z -2)."""
    return child(id, -1.6, 12, 40, 70)


def below_2nd(id: str = "second") -> Record:
    return child(id, -2.3, 12, 40, 70)


def test_a_rule_that_a_file_adds_is_a_finding_more_for_whom_it_meets(tmp_path: Path) -> None:
    """X1 speaks below the 9th centile from day 21, once: one finding and one deed for the child below it."""
    whom = whom_affected([on_median(), below_9th()], load(tmp_path, X1), until=UNTIL)
    (rule,) = whom.changes
    assert (rule.children, rule.more, rule.fewer, rule.sooner, rule.later) == (("ninth",), 1, 0, 0, 0)
    assert rule.says.startswith("1 child (ninth): 1 finding more") and rule.deeds >= 1
    assert (whom.count, whom.since, whom.until) == (2, dt.date(2024, 2, 2), UNTIL)  # 365 days
    assert whom.heading == "2 children, 2 February 2024 to 31 January 2025"


def test_another_owner_is_a_finding_otherwise_and_no_deed_more(tmp_path: Path) -> None:
    """G4 asks for a plan below the 2nd centile: that another asks for it is the same finding, and as many deeds."""
    whom = whom_affected([on_median(), below_2nd()], load(tmp_path, one(OWNER, "team_lead")), until=UNTIL)
    (owner,) = whom.changes
    assert (owner.children, owner.more, owner.fewer, owner.otherwise, owner.deeds) == (("second",), 0, 0, 1, 0)
    assert owner.says == (
        "1 child (second): 1 finding otherwise (how grave, until when, or what must be done); as many deeds as before."
    )


def test_each_change_is_judged_alone_and_all_together(tmp_path: Path) -> None:
    """The owner of G4 touches the child below the 2nd alone; X1 touches that one and the one below the 9th."""
    found = load(tmp_path, one(OWNER, "team_lead"), X1)
    whom = whom_affected([on_median(), below_9th(), below_2nd()], found, until=UNTIL)
    owner, rule = whom.changes
    assert owner.children == ("second",) and rule.children == ("ninth", "second")
    assert whom.together.children == ("ninth", "second")
    assert (owner.more, rule.more, whom.together.more) == (0, 2, 2)
    assert whom.of(owner.steps) is owner and whom.of(["rules", rule.steps[1]]) is rule
    with pytest.raises(gw.GrowthwatchError, match="a value that the file sets"):
        whom.of(("rules", 0, "title"))


def test_nobody_is_no_evidence(tmp_path: Path) -> None:
    (owner,) = whom_affected([on_median()], load(tmp_path, one(OWNER, "team_lead")), until=UNTIL).changes
    assert owner.children == ()
    assert owner.says.startswith("0 children. That is no evidence that it does nothing")


LETTERS = "requests[letter].acknowledge_wd"
NO_LETTER = "No letter is in these records: they say nothing of this change."


def test_what_no_record_holds_is_named_and_in_the_same_words_where_protocols_are_compared(tmp_path: Path) -> None:
    """By when a letter is acknowledged: records without a letter cannot tell what another limit would do."""
    found = load(tmp_path, one(LETTERS, 3))
    whom = whom_affected([on_median()], found, until=UNTIL)
    assert whom.changes[0].says == f"0 children. {NO_LETTER}" and whom.together.says == f"0 children. {NO_LETTER}"
    compared = gw.compare([on_median()], HV, found, until=UNTIL)
    assert compared.headline().endswith(f"no due day. {NO_LETTER}") and compared.to_dict()["caveat"] == NO_LETTER


def test_records_that_hold_a_letter_can_tell(tmp_path: Path) -> None:
    made = Child("2024-01-15").at_z(0.0, 12)
    made.add("letter_sent", "2024-02-01", sender="A", to=[{"name": "Dr B", "role": "gp"}], asks=False)
    compared = gw.compare([made.record], HV, load(tmp_path, one(LETTERS, 3)), until=UNTIL)
    assert NO_EVIDENCE in compared.headline() and "No letter" not in compared.headline()


def test_what_a_rule_also_reads_does_not_silence_what_it_mostly_reads(tmp_path: Path) -> None:
    """G4 reads weights, which are there, and diagnoses, of which there is none."""
    (owner,) = whom_affected([on_median()], load(tmp_path, one(OWNER, "team_lead")), until=UNTIL).changes
    assert "no diagnosis" in owner.says and "perhaps none of them" in owner.says and "say nothing" not in owner.says


def test_a_value_of_later_days_has_affected_nobody_yet(tmp_path: Path) -> None:
    found = load(tmp_path, dated(LATER, [("2025-02-01", 35), ("2025-09-01", 30)]))
    (clock,) = whom_affected([below_2nd()], found, until=UNTIL).changes
    assert clock.says == "Nobody yet: it holds from 1 February 2025, after the last of these days."
    (clock,) = whom_affected([below_2nd()], found, until=dt.date(2025, 2, 1)).changes
    assert clock.holds_from is None


def test_a_change_that_fits_with_another_only_is_told_with_all(tmp_path: Path) -> None:
    """Amber at 44 days needs red after it: with red still at 42 no file holds."""
    amber = "rules[G9].clock[from_months=4].amber_days"
    with pytest.raises(gw.GrowthwatchError):
        load(tmp_path, one(amber, 44))
    found = load(tmp_path, one(amber, 44), one(LATER, 50))
    first, second = whom_affected([below_2nd()], found, until=UNTIL).changes
    assert not first.alone and first.says == (
        "It fits with the other changes only, and is not judged alone: see all together."
    )
    assert second.alone


def test_what_a_file_sets_of_a_rule_that_its_parent_adds_is_told_with_that_rule(tmp_path: Path) -> None:
    parent = load(tmp_path, X1)
    head = header(id="ward-hv", version="2.0", parent=parent)
    deed = "rules[X1].levels[below].actions[Ask how feeds go].within_days"
    found = Protocol.load(write(tmp_path, one(deed, 3), one(OWNER, "team_lead"), name="ward.toml", head=head))
    whom = whom_affected([below_9th(), below_2nd()], found, until=UNTIL)
    owner, rule = whom.changes
    assert owner.children == ("second",) and rule.children == ("ninth", "second")
    assert len(rule.steps) == 2


def test_only_the_last_twelve_months_count(tmp_path: Path) -> None:
    """Two girls below the 9th since 2020: for the one who died in 2021 nothing is open in these months."""
    died = Child("2020-01-15").at_z(-1.6, 40).add("died", "2021-03-01")
    gone = Record.from_dict({**died.record.to_dict(), "child_id": "gone"})
    (rule,) = whom_affected(
        [gone, child("still", -1.6, 40, born="2020-01-15")], load(tmp_path, X1), until=UNTIL
    ).changes
    assert rule.children == ("still",)
    (rule,) = whom_affected([gone], load(tmp_path, X1), until=dt.date(2021, 2, 1)).changes
    assert rule.children == ("gone",)


@pytest.mark.parametrize("seed", range(2))
def test_a_change_alone_says_of_whom_what_a_comparison_with_a_file_of_it_says(seed: int, tmp_path: Path) -> None:
    """Of records that begin in these twelve months nothing lies outside them."""
    parts = [one(OWNER, "team_lead"), X1]
    records = [random_record(seed * 10 + n) for n in range(4)]
    last = max(e.on for r in records for e in r.events)
    begins = {r.child_id: min(e.on for e in r.events) for r in records}
    records = [r for r in {r.child_id: r for r in records}.values() if (last - begins[r.child_id]).days < 364]
    records = records or [below_2nd()]
    until = last if records[0].child_id != "second" else UNTIL
    whom = whom_affected(records, load(tmp_path, *parts), until=until)
    for change, part in zip(whom.changes, parts, strict=True):
        (folder := tmp_path / str(len(part))).mkdir()
        alone = gw.compare(records, HV, load(folder, part), until=until)
        assert set(change.children) == set(alone.changed)


def test_many_are_named_up_to_twelve_and_the_rest_counted() -> None:
    many = Affected((), tuple(f"{n:03}" for n in range(15)), more=15, deeds=-30, days=365)
    assert "15 children (000, 001," in many.says and "011 and 3 more): 15 findings more" in many.says
    assert many.says.endswith("about 30 deeds a year fewer.")
    few = Affected((), ("a",), less_closely=1, weights=1, deeds=1, days=3650)
    assert few.says == (
        "1 child (a): 1 child watched LESS closely; the next weight of 1 child due on another day; "
        "less than one deed a year more."
    )


@pytest.mark.parametrize(
    ("records", "until", "words"),
    [
        ([], UNTIL, "at least one record"),
        ([1], UNTIL, "records 1"),
        (7, UNTIL, "Records, of one child each"),
        ([on_median(), on_median()], UNTIL, "each child once"),
        ([on_median()], dt.datetime(2025, 1, 31, 12, tzinfo=dt.UTC), "a day, such as"),
        ([on_median()], "2025-01-31", "a day, such as"),
    ],
)
def test_wrong_input_is_refused(records: Any, until: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(gw.GrowthwatchError, match=words):
        whom_affected(records, load(tmp_path, one(OWNER, "team_lead")), until=until)


def test_a_protocol_that_extends_none_has_no_changes() -> None:
    with pytest.raises(gw.GrowthwatchError, match="extends no other"):
        whom_affected([on_median()], HV, until=UNTIL)


def test_it_says_how_far_it_is(tmp_path: Path) -> None:
    done: list[int] = []
    whom_affected([on_median(), below_9th()], load(tmp_path, X1), until=UNTIL, progress=done.append)
    assert done == [1, 2]
