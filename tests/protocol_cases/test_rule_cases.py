"""Cases of single rules, each of one sentence of the specification: what is open how gravely, how loud, by when."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from builders import UK, Child, folded

CASES = [
    case
    for name in ("rules.toml", "measures.toml")
    for case in tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))["case"]
]
KEYS = {
    "on", "tier", "due", "open", "loud", "stage", "deadline", "deadline_new", "says", "says_note", "never", "key",
    "no_deed", "refused",
}  # fmt: skip


def told(case: dict[str, Any]) -> Child:
    birth_kg = case.get("birth_kg", 3.4)
    if "birth_z" in case:
        birth_kg = float(UK.value(case["birth_z"], corrected_age_days=0.0, sex="female"))
    child = Child(birth_kg=birth_kg)
    for e in case["events"]:
        rest = {k: v for k, v in e.items() if k not in ("on", "weigh", "z", "exact", "type")}
        if "weigh" in e:
            child.weigh(e["weigh"], e["on"], **rest)
        elif "z" in e:
            age = child.age(e["on"])
            assert age is not None
            kg = child.kg(e["z"], age)
            child.weigh(kg if e.get("exact") else round(kg, 3), e["on"], **rest)
        else:
            child.add(e["type"], e["on"], **rest)
    return child


@pytest.mark.parametrize("case", CASES, ids=[c["sentence"][:70] for c in CASES])
def test_a_sentence_of_a_rule(case: dict[str, Any]) -> None:
    child = told(case)
    for day in case["days"]:
        assert set(day) <= KEYS, set(day) - KEYS
        r = child.review(day["on"])
        found = {f.rule: f for f in r.findings if f.rule in case["rules"]}
        if "open" in day:
            assert {rule: f.level for rule, f in found.items()} == day["open"], (day["on"], str(r))
        assert day.get("tier", r.tier) == r.tier, day["on"]
        assert day.get("due", r.due.due) == r.due.due, (day["on"], r.due.explain())
        assert day.get("refused", len(r.refused)) == len(r.refused), (day["on"], r.refused)
        for rule, loudness in day.get("loud", {}).items():
            assert found[rule].loudness == loudness, day["on"]
        for rule, stage in day.get("stage", {}).items():
            assert found[rule].stage == stage, day["on"]
        for rule, key in day.get("key", {}).items():
            assert found[rule].key == key, day["on"]
        for rule, deadline in day.get("deadline", {}).items():
            days = [o.deadline for o in r.obligations if o.rule == rule]
            assert min(days, default="none") == deadline, (day["on"], rule, days)
        for rule, deadline in day.get("deadline_new", {}).items():
            days = [o.deadline for o in r.obligations if o.rule == rule and o.set_on == day["on"]]
            assert min(days) == deadline, (day["on"], rule, days)
        for rule, words in day.get("says", {}).items():
            assert words in found[rule].says, (day["on"], found[rule].says)
        for rule, words in day.get("says_note", {}).items():
            assert any(words in n for n in found[rule].notes), (day["on"], found[rule].notes)
        for words in day.get("never", []):
            assert words not in r.explain(), day["on"]
        if "no_deed" in day:
            assert not any(day["no_deed"] in o.do for o in r.obligations), day["on"]


@pytest.mark.parametrize("case", CASES, ids=[c["sentence"][:70] for c in CASES])
def test_a_day_that_nobody_asked_about_changes_nothing(case: dict[str, Any]) -> None:
    """Judged day after day, or only where something can change, it comes out the same."""
    child = told(case)
    last: dt.date = case["days"][-1]["on"]
    some, every = (folded(child.record, last, every_day=e).state for e in (False, True))
    assert {id: (f.key, f.level, f.opened_on) for id, f in some.open.items()} == {
        id: (f.key, f.level, f.opened_on) for id, f in every.open.items()
    }
    assert [(f.key, f.closed_on, f.closed_by) for f in some.closed] == [
        (f.key, f.closed_on, f.closed_by) for f in every.closed
    ]
    assert some.standing.tier == every.standing.tier
