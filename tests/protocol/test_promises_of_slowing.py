"""Promises, held by children who may be losing ground."""

from __future__ import annotations

from typing import Any

from builders import HV, Child, folded
from children import LEVELS, examples, no_better, some
from hypothesis import given
from hypothesis import strategies as st
from losing import declining, last_day

from growthwatch.protocol import replay, review
from growthwatch.protocol.engine.fold import Fold
from growthwatch.record import Record


@given(declining(), st.integers(0, 400))
@examples
def test_from_its_witness_alone_it_comes_out_again(child: Child, day: int) -> None:
    day = min(day, last_day(child) + 5)
    record, r = child.record, child.review(day)
    for f in r.findings:
        if f.rule not in ("G3c", "G7", "G12"):
            continue
        on = f.raised[-1][0] if f.raised else f.opened_on
        alone = Record("child", [record.event(id) for id in f.witness])
        again = {g.rule: g.level for g in review(alone, protocol=HV, as_of=on).findings}
        assert f.rule in again, f"{f.rule} {f.witness}"
        assert LEVELS[f.rule].index(again[f.rule]) >= LEVELS[f.rule].index(f.level), f.rule


@given(declining(), st.integers(20, 400))
@some
def test_what_was_said_is_said_again_whatever_came_later(child: Child, day: int) -> None:
    as_of = child.date(day)
    known = [e for e in child.events if e["recorded_at"].date() <= as_of]
    then = review(Record("child", known), protocol=HV, as_of=as_of).to_dict()
    now = child.review(day).to_dict()
    assert {k: v for k, v in now.items() if k != "record_hash"} == {k: v for k, v in then.items() if k != "record_hash"}
    told = [
        c for c in replay(child.record, protocol=HV, until=child.date(max(day, last_day(child) + 30))) if c.on <= as_of
    ]
    assert told == list(replay(child.record, protocol=HV, until=as_of))


@given(declining())
@some
def test_jumping_gives_what_every_day_gives(child: Child) -> None:
    until = child.date(last_day(child) + 200)
    jump, daily = (folded(child.record, until, every_day=e) for e in (False, True))

    def told(f: Fold) -> list[Any]:
        return [
            (
                c.day,
                [(x.key, n) for x, n in c.opened],
                [(x.key, n) for x, _, n in c.raised],
                [x.key for x in c.closed],
                c.tier,
            )
            for c in f.changes
            if c.opened or c.raised or c.closed or c.tier
        ]

    assert told(jump) == told(daily)
    assert {id: o.level for id, o in jump.state.outcomes.items()} == {
        id: o.level for id, o in daily.state.outcomes.items()
    }


@given(declining(), st.integers(1, 4000))
@some
def test_time_alone_closes_and_lowers_nothing(child: Child, days: int) -> None:
    end = last_day(child)
    no_better(child.review(end), child.review(end + days), due=False)


@given(declining(), st.sampled_from([0.995, 0.98, 0.96, 0.93, 0.88, 0.8, 0.65]))
@examples
def test_a_lower_last_weight_never_lowers_a_tier_or_a_stage_nor_another_finding(child: Child, factor: float) -> None:
    # The evidence itself may be less: a weight so low that it may be wrong counts for less, or not at all,
    # until a second weight confirms it.  Other rules speak then.
    weighed = [e for e in child.events if e["type"] == "weighed"]
    last = max(weighed, key=lambda e: (e["on"], e["recorded_at"]))
    day = last_day(child)
    before = child.review(day)
    last["weight_kg"] = round(last["weight_kg"] * factor, 3)
    after = child.review(day)
    no_better(before, after, but=frozenset({"G12", "G3c"}))
    if "G12" in {f.rule for f in before.findings} - {f.rule for f in after.findings}:
        assert {f.rule for f in after.findings} or after.obligations, "somebody must still act"
