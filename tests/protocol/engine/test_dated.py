"""Values that change by date: a change opens what is met and closes nothing (process specification, section 6)."""

from __future__ import annotations

import datetime as dt
import json
import pickle
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from builders import HV, Child
from own_protocols import dated, header, load, one
from random_records import last_day, random_record

import growthwatch as gw
from growthwatch.core.calendar import local_day
from growthwatch.protocol import Protocol, review_many
from growthwatch.protocol.answers.review import reviewed
from growthwatch.protocol.engine import exits, findings
from growthwatch.protocol.engine.fold import Fold
from growthwatch.record.known import Known

G8_5 = "rules[G8].levels[5 %].loss_at_least_percent"
G8_BACK = "rules[G8].recovered_within_percent"


def day(child: Child, number: int) -> str:
    """A day of a child's life, as a file has it."""
    return child.date(number).isoformat()


def lost(kg: float = 11.45) -> Child:
    """From 12.0 kg at 860 days to 11.45 at 900: 4.6 %."""
    return Child(birth_kg=3.0).weigh(12.0, 860).weigh(kg, 900)


# --- a value of a day -------------------------------------------------------------------------------


def test_a_value_holds_from_its_day_and_before_it_the_parents(tmp_path: Path) -> None:
    ours = load(tmp_path, dated(G8_5, [("2027-01-01", 4.5), ("2027-10-01", 4)]))

    def of(p: Protocol) -> Any:
        return p.rule("G8").levels[2].loss_at_least_percent

    days = [("2026-12-31", 5), ("2027-01-01", 4.5), ("2027-09-30", 4.5), ("2027-10-01", 4), ("2099-01-01", 4)]
    for text, value in days:
        plain = ours.on(dt.date.fromisoformat(text))
        assert of(plain) == value
        # A plain protocol: it judges every day with these values, under the hash of its file.
        assert plain.periods == (plain,) and plain.on(dt.date(1999, 1, 1)) is plain and plain.hash == ours.hash
    assert of(ours) == 5 and len(ours.periods) == 3 and HV.on(dt.date(2030, 1, 1)) is HV
    assert len({p.identity for p in ours.periods}) == 3


def test_dated_values_of_a_chain_each_hold_from_their_day(tmp_path: Path) -> None:
    middle = load(
        tmp_path, dated(G8_5, [("2025-01-01", 4.5), ("2027-01-01", 4)]), head=header("region", "1"), name="region.toml"
    )
    ours = load(tmp_path, dated(G8_5, [("2026-01-01", 3.5)]), head=header(parent=middle))
    told = [ours.on(dt.date(y, 6, 1)).rule("G8").levels[2].loss_at_least_percent for y in (2024, 2025, 2026, 2027)]
    assert told == [5, 4.5, 3.5, 3.5]
    assert [p.start for p in ours.periods[1:]] == [dt.date(y, 1, 1) for y in (2025, 2026, 2027)]


# --- opens what is met ------------------------------------------------------------------------------


def test_a_change_opens_what_is_met_on_its_day(tmp_path: Path) -> None:
    child = lost()
    ours = load(tmp_path, dated(G8_5, [(day(child, 930), 4.5)]))
    assert child.opened("G8", 960, ours) == [(930, "5 %")] and child.opened("G8", 960) == []
    change = next(c for c in child.changes(930, ours) if child.age(c.on) == 930)
    assert change.protocol is not None and change.says.startswith("trust-hv 1.0, with its values from ")
    (found,) = [f for f in child.review(930, ours).findings if f.rule == "G8"]
    # new deadlines use present values: examined within 2 days of the change
    assert {child.age(o.deadline) for o in found.obligations} == {932}


def test_it_is_announced_before_it_comes(tmp_path: Path) -> None:
    child = lost()
    ours = load(tmp_path, dated(G8_5, [(day(child, 905), 4.5)]))
    before = child.review(900, ours)
    assert before.changes_on is not None and before.changes_on <= child.date(905)
    last = child.review(904, ours)
    assert last.changes_on == child.date(905)
    assert "G8" not in child.levels(904, ours) and "G8" in child.levels(905, ours)


def test_an_open_finding_grows_graver_by_a_change_and_never_milder(tmp_path: Path) -> None:
    child = lost(11.3)  # 5.8 %
    sharper = load(tmp_path, dated("rules[G8].levels[7.5 %].loss_at_least_percent", [(day(child, 910), 5.5)]))
    assert child.levels(909, sharper)["G8"] == "5 %" and child.levels(910, sharper)["G8"] == "7.5 %"
    blunter = load(tmp_path, dated(G8_5, [(day(child, 910), 7)]))
    before, after = child.review(909, blunter), child.review(910, blunter)
    (f,), (g,) = ([x for x in r.findings if x.rule == "G8"] for r in (before, after))
    assert (f.key, f.level, f.opened_on) == (g.key, g.level, g.opened_on)
    assert [o.deadline for o in f.obligations] == [o.deadline for o in g.obligations]


# --- closes nothing ---------------------------------------------------------------------------------


def test_a_finding_closes_only_when_the_values_it_opened_under_allow_it_too(tmp_path: Path) -> None:
    """G8 opened where 2 % below the best is recovery; from day 905 on 4 % would be.

    11.60 kg is 3.3 % below 12.0: inside the present value, not inside that under which it opened.  11.76 kg is 2 %.
    """
    child = lost(11.3)
    easier = load(tmp_path, dated(G8_BACK, [(day(child, 905), 4)]))
    assert "G8" in child.levels(906, easier)
    child.weigh(11.6, 910)
    assert "G8" in child.levels(910, easier) and "G8" not in child.levels(910, easier.on(child.date(910)))
    child.weigh(11.76, 920)
    assert child.closed("G8", 930, easier) == [(920, "weighed-4")] or [
        d for d, _ in child.closed("G8", 930, easier)
    ] == [920]


def test_it_closes_only_when_the_present_values_allow_it_too(tmp_path: Path) -> None:
    child = lost(11.3)
    harder = load(tmp_path, dated(G8_BACK, [(day(child, 905), 1)]))
    child.weigh(11.76, 910)  # 2 % below: enough for the old value alone
    assert "G8" in child.levels(910, harder) and "G8" not in child.levels(910)
    child.weigh(11.9, 920)
    assert [d for d, _ in child.closed("G8", 930, harder)] == [920]


def test_values_outside_the_rule_count_as_those_of_the_day_it_opened(tmp_path: Path) -> None:
    """By the file as it opened a weight in vest and pants is an upper bound below 24 months; later below 23."""
    child = Child(birth_kg=3.0).weigh(10.0, 640).weigh(9.4, 700)
    more = 'weaker = true\nbecause = "families ask for it"\n'
    easier = load(tmp_path, dated("weights.naked_below_months", [(day(child, 705), 23)], more))
    child.weigh(9.95, 712, clothing="vest_and_pants")
    assert "G8" not in child.levels(712, easier.on(child.date(712)))
    assert "G8" in child.levels(712, easier)
    child.weigh(9.95, 720)
    assert [d for d, _ in child.closed("G8", 730, easier)] == [720]


def test_a_signature_closes_only_what_both_values_allow(tmp_path: Path) -> None:
    """G4 opened below z -2; from day 410 on the line is z -8/3.  z -2.3 is inside the new line and below the old."""
    child = Child(birth_kg=None).at_z(-2.8, 400)
    more = 'weaker = true\nbecause = "a pilot"\n'
    lower = load(tmp_path, dated("rules[G4].line", [(day(child, 410), -4)], more))
    child.at_z(-2.3, 420).at_z(-2.3, 440).decide(441, "close_finding", target="G4@start")
    review = child.review(441, lower)
    assert "G4" in child.levels(441, lower)
    ((_, why),) = review.refused
    assert "by the values too under which it opened or rose (trust-hv 1.0)" in why
    child.at_z(-1.9, 460).at_z(-1.9, 480).decide(481, "close_finding", target="G4@start")
    assert "G4" not in child.levels(481, lower)


def test_an_adopted_file_closes_nothing_either(tmp_path: Path) -> None:
    """The same holds for another file that a record adopts: its values and those it opened under."""
    child = lost(11.3)
    ours = load(tmp_path, one(G8_BACK, 4))
    child.add("protocol_adopted", 905, protocol="trust-hv 1.0", hash=ours.hash, role="team_lead")
    child.weigh(11.6, 910)
    both = [HV, ours]
    review = gw.review(child.record, protocol=both, as_of=child.date(910))
    assert review.protocol_id == "trust-hv" and "G8" in [f.rule for f in review.findings]
    child.weigh(11.76, 920)
    review = gw.review(child.record, protocol=both, as_of=child.date(920))
    assert "G8" not in [f.rule for f in review.findings]


def test_forgetting_the_earlier_values_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault planted in the engine: the present values alone decide what closes, or may be signed."""
    weaker = 'weaker = true\nbecause = "a pilot"\n'
    clothed = Child(birth_kg=3.0).weigh(10.0, 640).weigh(9.4, 700)
    easier = load(tmp_path, dated("weights.naked_below_months", [(day(clothed, 705), 23)], weaker))
    clothed.weigh(9.95, 712, clothing="vest_and_pants")
    low = Child(birth_kg=None).at_z(-2.8, 400)
    lower = load(tmp_path, dated("rules[G4].line", [(day(low, 410), -4)], weaker), name="lower.toml")
    low.at_z(-2.3, 420).at_z(-2.3, 440).decide(441, "close_finding", target="G4@start")
    assert "G8" in clothed.levels(712, easier) and "G4" in low.levels(441, lower)
    monkeypatch.setattr(findings, "earlier", lambda *_: [])
    monkeypatch.setattr(exits, "earlier", lambda *_: [])
    assert "G8" not in clothed.levels(712, easier) and "G4" not in low.levels(441, lower)


# --- on random records ------------------------------------------------------------------------------

CHANGED = (
    ("rules[G8].recovered_within_percent", 4),
    ("rules[G9].clock[from_months=4].red_days", 35),
    ("rules[G12].levels[amber].ratio_at_least", 8),
    ("schedule.bands[1 year and over].t1_days", 60),
    ("terms.exit_least_days", 10),
    ("weights.suspected.jump_z", 3),
)


def turning(folder: Path, on: dt.date) -> Protocol:
    """A file several of whose values change on a day."""
    return load(folder, *(dated(path, [(on.isoformat(), value)]) for path, value in CHANGED))


@pytest.mark.parametrize("seed", range(12))
def test_a_change_closes_nothing_and_lowers_nothing_on_its_day(seed: int, tmp_path: Path) -> None:
    """Invariant 22: a change of values closes nothing on its day (on a day without events)."""
    record = random_record(seed)
    end = last_day(record)
    busy = {local_day(e.recorded_at, HV.zone) for e in record.events} | {e.on for e in record.events}
    on = next(d for d in (end - dt.timedelta(days=n) for n in range(30, 400)) if d not in busy)
    ours = turning(tmp_path, on)
    before = gw.review(record, protocol=ours, as_of=on - dt.timedelta(days=1))
    after = gw.review(record, protocol=ours, as_of=on)
    held = {f.key: f for f in after.findings}
    for f in before.findings:
        g = held[f.key]
        assert g.opened_on == f.opened_on
        names = [level.name for level in HV.rule(f.rule).levels]
        assert names.index(g.level) >= names.index(f.level)
        due = {(o.do, o.set_on): o.deadline for o in g.obligations}
        assert all(due[o.do, o.set_on] == o.deadline for o in f.obligations if (o.do, o.set_on) in due)
    assert after.tier >= before.tier


@pytest.mark.parametrize("seed", range(8))
def test_visiting_every_day_gives_the_same(seed: int, tmp_path: Path) -> None:
    record = random_record(seed)
    end = last_day(record)
    ours = turning(tmp_path, end - dt.timedelta(days=60))
    moment = gw.review(record, protocol=ours, as_of=end).as_of
    told: list[Any] = []
    for every in (False, True):
        fold = Fold(Known.of(record, as_of=moment, zone=ours.zone), [ours], every_day=every)
        fold.run()
        told.append((reviewed(fold).to_json(), [c.answer and c.day for c in fold.changes if c.answer]))
    assert told[0] == told[1]


@pytest.mark.parametrize("seed", range(6))
def test_one_review_many_and_one_that_goes_on_say_the_same(seed: int, tmp_path: Path) -> None:
    record = random_record(seed)
    end = last_day(record)
    ours = turning(tmp_path, end - dt.timedelta(days=20))
    alone = gw.review(record, protocol=ours, as_of=end).to_json()
    assert [r.to_json() for r in review_many([record], protocol=ours, as_of=end)] == [alone]
    start = end - dt.timedelta(days=40)
    kept = gw.review(record, protocol=ours, as_of=start, resumable=True)
    for after in (kept, pickle.loads(pickle.dumps(kept))):
        assert gw.review(record, protocol=ours, as_of=end, after=after).to_json() == alone


@pytest.mark.parametrize("seed", range(6))
def test_between_changes_a_review_shown_later_is_a_new_one(seed: int, tmp_path: Path) -> None:
    record = random_record(seed)
    start = last_day(record)
    ours = turning(tmp_path, start + dt.timedelta(days=9))
    days = [start + dt.timedelta(days=n) for n in range(15)]
    for one_day, next_day in pairwise(days):
        review = gw.review(record, protocol=ours, as_of=one_day)
        if review.changes_on is None or next_day < review.changes_on:
            assert review.shown(next_day).to_json() == gw.review(record, protocol=ours, as_of=next_day).to_json()
    assert any(gw.review(record, protocol=ours, as_of=d).changes_on == days[9] for d in days[:9]) or (
        json.loads(gw.review(record, protocol=ours, as_of=days[8]).to_json())["findings"]
        == json.loads(gw.review(record, protocol=ours, as_of=days[9]).to_json())["findings"]
    )
