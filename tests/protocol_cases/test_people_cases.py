"""Cases of rules about people, by date: what is open how gravely, how loud, by when, and what closed it."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from builders import Child, folded, own_deeds

from growthwatch.protocol import Review

CASES = tomllib.loads((Path(__file__).parent / "people.toml").read_text(encoding="utf-8"))["case"]
KEYS = {"on", "open", "key", "loud", "deadlines", "says", "notes", "tier", "refused", "no_note"}
USUAL = {"request_made": {"to": [{"name": "them"}], "ask": "please"}, "answered": {"by": "them", "outcome": "done"}}


def told(case: dict[str, Any]) -> Child:
    child = Child()
    for e in case["events"]:
        rest = {k: v for k, v in e.items() if k not in ("on", "weigh", "z", "type")}
        if "weigh" in e:
            child.weigh(e["weigh"], e["on"], **rest)
        elif "z" in e:
            age = child.age(e["on"])
            assert age is not None
            child.weigh(round(child.kg(e["z"], age), 3), e["on"], **rest)
        else:
            child.add(e["type"], e["on"], **USUAL.get(e["type"], {}) | rest)
    return child


def named(key: str) -> str:
    """A finding's rule and subject."""
    return key.partition("@")[0]


def ours(case: dict[str, Any], r: Review) -> dict[str, Any]:
    return {named(f.key): f for f in r.findings if f.rule in case["rules"]}


@pytest.mark.parametrize("case", CASES, ids=[c["sentence"][:70] for c in CASES])
def test_a_sentence_of_a_rule_about_people(case: dict[str, Any]) -> None:
    child = told(case)
    for day in case["days"]:
        assert set(day) <= KEYS, set(day) - KEYS
        r = child.review(day["on"])
        found = ours(case, r)
        assert {name: f.level for name, f in found.items()} == day["open"], (day["on"], str(r))
        assert day.get("tier", r.tier) == r.tier, day["on"]
        assert day.get("refused", len(r.refused)) == len(r.refused), (day["on"], r.refused)
        for name, key in day.get("key", {}).items():
            assert found[name].key == key, day["on"]
        for name, loudness in day.get("loud", {}).items():
            assert found[name].loudness == loudness, day["on"]
        for name, deadlines in day.get("deadlines", {}).items():
            assert [o.deadline for o in own_deeds(found[name])] == deadlines, (day["on"], name)
        for name, words in day.get("says", {}).items():
            assert words in found[name].says, (day["on"], found[name].says)
        for words in day.get("notes", []):
            assert any(words in n for n in r.notes), (day["on"], r.notes)
        for words in day.get("no_note", []):
            assert not any(words in n for n in r.notes), (day["on"], r.notes)
        own = [o for f in found.values() for o in own_deeds(f)]
        assert bool(own) is bool(found) and all(o.rung == "E1" for o in own), "the levels of a process rule are of E1"
        assert all(f.stage == "E1" for f in found.values() if f.opened_on == day["on"]), "process rules open at E1"
        assert all(f.source and f.tag in "NGL" and "pecification" not in f.source for f in found.values())


@pytest.mark.parametrize("case", CASES, ids=[c["sentence"][:70] for c in CASES])
def test_a_day_that_nobody_asked_about_changes_nothing(case: dict[str, Any]) -> None:
    """Judged day after day, or only where something can change, it comes out the same; and from its witness alone."""
    child = told(case)
    last: dt.date = case["days"][-1]["on"]
    some, every = (folded(child.record, last, every_day=e).state for e in (False, True))
    assert {id: (f.key, f.level, f.opened_on) for id, f in some.open.items()} == {
        id: (f.key, f.level, f.opened_on) for id, f in every.open.items()
    }
    assert [(f.key, f.opened_on, f.closed_on, f.closed_by) for f in some.closed] == [
        (f.key, f.opened_on, f.closed_on, f.closed_by) for f in every.closed
    ]


@pytest.mark.parametrize("case", CASES, ids=[c["sentence"][:70] for c in CASES])
def test_from_its_witness_alone_it_comes_out_again(case: dict[str, Any]) -> None:
    child = told(case)
    for day in case["days"]:
        for name, f in ours(case, child.review(day["on"])).items():
            on = f.raised[-1][0] if f.raised else f.opened_on
            alone = child.copy()
            alone.events = [e for e in child.events if e["id"] in f.witness]
            again = {named(g.key): (g.level, g.opened_on) for g in alone.review(on).findings}
            assert again.get(name, ("", None))[0] == f.level, (day["on"], name, f.witness, again)


def test_each_rule_has_a_case_that_opens_and_one_that_does_not() -> None:
    opened = {named(k).partition(":")[0] for c in CASES for d in c["days"] for k in d["open"]}
    shut = {r for c in CASES for r in c["rules"] if any(not d["open"] for d in c["days"])}
    named_there = {r for c in CASES for r in c["rules"]}
    assert opened == shut == named_there
