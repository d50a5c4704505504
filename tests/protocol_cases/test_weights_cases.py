"""Cases of weights, each of one sentence of the specification: what a weight opens, raises and closes."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from builders import Child

from growthwatch.protocol import protocol, review
from growthwatch.record import Record

HERE = Path(__file__).parent
CASES = tomllib.loads((HERE / "weights.toml").read_text(encoding="utf-8"))["case"]
KEYS = {
    "on", "open", "tier", "tier_from", "stage", "loud", "last", "do", "by", "if_not", "says", "never", "note", "due",
}  # fmt: skip


def told(case: dict[str, Any]) -> Child:
    child = Child(
        born=str(case.get("born", "2024-01-15")),
        sex=case.get("sex", "female"),
        gestation_days=case.get("gestation", 280),
        birth_kg=case.get("birth_kg", 3.0),
    )
    for e in case["events"]:
        rest = {k: v or None for k, v in e.items() if k not in ("on", "weigh", "type")}
        if e.get("decision") == "confirm_weight":
            rest = {"actor": "b"} | rest  # section 5: who weighed does not confirm
        child.weigh(e["weigh"], e["on"], **rest) if "weigh" in e else child.add(e["type"], e["on"], **rest)
    return child


@pytest.mark.parametrize("case", CASES, ids=[c["sentence"][:60] for c in CASES])
def test_a_sentence_on_weights(case: dict[str, Any]) -> None:
    child, rules = told(case), case["rules"]
    for day in case["days"]:
        assert set(day) <= KEYS
        r = child.review(day["on"])
        words, findings = r.explain(), [f for f in r.findings if f.rule in rules]
        duties = [o for f in findings for o in f.obligations]
        if "open" in day:
            assert {f.rule: f.level for f in findings} == day["open"], (day["on"], words)
        assert day.get("tier", r.tier) == r.tier, (day["on"], words)
        assert r.tier >= day.get("tier_from", "T0"), (day["on"], words)
        assert day.get("last", r.due.last_valid_on) == r.due.last_valid_on, (day["on"], words)
        assert day.get("due", r.due.due) == r.due.due, day["on"]
        for f in findings:
            assert day.get("stage", f.stage) == f.stage
            assert day.get("loud", f.loudness) == f.loudness
        if "do" in day:
            assert [o.do for o in duties] == day["do"]
        if "by" in day:
            assert {o.deadline for o in duties if o.rule != "G4" or "plan" not in o.do} <= {day["by"]} and duties
        if "if_not" in day:
            assert {o.if_not for o in duties} == {day["if_not"]}
        assert day.get("says", "") in words, words
        assert any(day.get("note", "") in n for n in r.notes), r.notes
        for never in day.get("never", []):
            assert never not in words, (never, words)


def test_the_hoist_scale_of_the_slow_decline_is_uncertain() -> None:
    record = Record.load(HERE.parents[1] / "examples" / "c1-slow-decline.json")
    before, after = (review(record, protocol=protocol("uk-hv"), as_of=dt.date(2024, 1, d)) for d in (8, 9))
    assert any(
        n == "The weight of 9 January 2024, 9.62 kg on a scale that is not class III, may be wrong either way. "
        "It clears nothing; weigh again, undressed, on a class III scale."
        for n in after.notes
    ), after.notes
    assert "at most 9.62" not in after.explain()
    assert {f.key for f in before.findings} == {f.key for f in after.findings}
    assert after.due.last_valid_on == before.due.last_valid_on


def test_to_weigh_again_is_listed_before_what_waits_for_it() -> None:
    child = Child(birth_kg=3.0).weigh(10.0, 500).clothed(8.8, 510)
    (first, *rest) = [d for t in child.review(510).to_do() if t.group == "now" for d in t.deeds]
    assert first.do == "Weigh again now, undressed, on a class III scale"
    assert [t.do for t in rest] == [
        "Ring 999 or send to the emergency department, if the weight is confirmed, if the child looks ill, or if you cannot weigh"
    ]
    child.weigh(8.8, 511)
    assert "Ring 999 or send to the emergency department" in {d.do for t in child.review(511).to_do() for d in t.deeds}
