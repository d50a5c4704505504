"""Cases of the schedule, each of one sentence of the specification: which dates, and which finding of S rules is open."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from builders import Child

CASES = tomllib.loads((Path(__file__).parent / "schedule.toml").read_text(encoding="utf-8"))["case"]
KEYS = {"on", "tier", "due", "overdue", "lapsed", "why", "open", "loud", "deadline"}


def told(case: dict[str, Any]) -> Child:
    child = Child(
        born=str(case.get("born", "2024-01-15")),
        gestation_days=case.get("gestation", 280),
        birth_kg=case.get("birth_kg", 3.4),
    )
    for e in case.get("events", []):
        rest = {k: v for k, v in e.items() if k not in ("on", "weigh", "z", "type")}
        if "weigh" in e:
            child.weigh(e["weigh"], e["on"], **rest)
        elif "z" in e:
            age = child.age(e["on"])
            assert age is not None
            child.weigh(round(child.kg(e["z"], age), 3), e["on"], **rest)
        else:
            child.add(e["type"], e["on"], **rest)
    return child


@pytest.mark.parametrize("case", CASES, ids=[c["sentence"][:60] for c in CASES])
def test_a_sentence_of_the_schedule(case: dict[str, Any]) -> None:
    child = told(case)
    for day in case["days"]:
        assert set(day) <= KEYS
        r = child.review(day["on"])
        for key, found in (("due", r.due.due), ("overdue", r.due.overdue_from), ("lapsed", r.due.lapsed_from)):
            if key in day:
                assert found == (None if day[key] == "none" else day[key]), (day["on"], key, r.due)
        assert day.get("tier", r.tier) == r.tier, day["on"]
        assert day.get("why", "") in r.due.explain(), (day["on"], r.due.explain())
        if "open" in day:
            assert {f.rule: f.level for f in r.findings if f.rule in ("S2", "S3")} == day["open"], day["on"]
        for rule, loudness in day.get("loud", {}).items():
            assert {f.loudness for f in r.findings if f.rule == rule} == {loudness}, day["on"]
        for rule, deadline in day.get("deadline", {}).items():
            assert {o.deadline for o in r.obligations if o.rule == rule} == {deadline}, day["on"]
