"""Stories that a clinician can read: on which day what opens, grows graver and closes, and what is due."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest

from growthwatch.core.calendar import add_months
from growthwatch.protocol import Review, protocol, replay, review
from growthwatch.record import Record
from growthwatch.references import reference

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("c*.toml"))
KEYS = {"on", "opens", "raises", "closes", "tier", "due", "no_due", "deadline", "absent"}

#: Every rule of the specification, 0.4; growth from evidence, letters, hand-over and so on come later.
SPECIFIED = [
    "G1",
    "G1b",
    "G2",
    "G3",
    "G3c",
    "G4",
    "G5",
    "G6",
    "G7",
    "G8",
    "G9",
    "G10",
    "G11",
    "G12",
    "G13",
    "G14a",
    "G14b",
    "H1",
    "H2",
    "Q1",
    "S1",
    "S2",
    "S3",
    "S4",
    "S5",
    "S6",
    "S7",
    "P1",
    "P2",
    "P3",
    "P4",
    "P5",
    "P6",
    "P7",
    "P8",
    "P9",
    "P10",
    "P11",
    "P12a",
    "P12b",
    "P13a",
    "P13b",
    "P13c",
    "P14a",
    "P14b",
    "P14c",
    "P14d",
    "E6",
    "FD",
    "OV",
]


def load(path: Path) -> tuple[dict[str, Any], Record]:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    return case, Record.load(HERE.parents[1] / "examples" / case["example"])


def look(record: Record, case: dict[str, Any], on: dt.date) -> Review:
    return review(record, protocol=protocol(case["protocol"]), as_of=on)


def named(entries: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(e["rule"], e["level"]) for e in entries}


each_case = pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)


@each_case
def test_the_story_goes_exactly_so(path: Path) -> None:
    case, record = load(path)
    days = {d["on"]: d for d in case["day"]}
    assert len(days) == len(case["day"]) and list(days) == sorted(days)
    last = max([*days, *(e.on for e in record.events)])
    p = protocol(case["protocol"])
    assert p.version == case["specification"]
    expected: dict[dt.date, Any] = {}
    for on, d in days.items():
        assert set(d) <= KEYS, set(d) - KEYS
        says = {
            "opens": named(d.get("opens", [])),
            "raises": named(d.get("raises", [])),
            "closes": set(d.get("closes", [])),
            "tier": d.get("tier"),
        }
        if any(says.values()):
            expected[on] = says
    found: dict[dt.date, Any] = {}
    changes = {c.on: c for c in replay(record, protocol=p, until=last)}
    for on, c in changes.items():
        if on < case["expected_from"]:
            continue
        seen = {
            "opens": {(r, level) for _, r, level in c.opened if r in case["rules"]},
            "raises": {(r, level) for _, r, level in c.raised if r in case["rules"]},
            "closes": {r for _, r, _ in c.closed if r in case["rules"]},
            "tier": c.tier[1] if c.tier else None,
        }
        if any(seen.values()):
            found[on] = seen
    assert found == expected
    for on, d in days.items():
        r = look(record, case, on)
        if "due" in d:
            assert r.due.due == d["due"], on
        assert not d.get("no_due") or r.due.due is None, on
        if "deadline" in d:
            assert changes[on].deadline == d["deadline"], on


@each_case
def test_what_a_careless_engine_would_do_is_absent(path: Path) -> None:
    case, record = load(path)
    for d in case["day"]:
        before = look(record, case, d["on"] - dt.timedelta(days=1))
        after = look(record, case, d["on"])
        for words in d.get("absent", []):
            if words == "lower tier":
                assert after.tier >= before.tier, d["on"]
                continue
            verb, rule = words.split()
            if verb == "open":
                assert rule not in {f.rule for f in after.findings}, (d["on"], words)
            else:
                assert verb == "close"
                assert rule in {f.rule for f in before.findings}, (d["on"], words)
                assert rule in {f.rule for f in after.findings}, (d["on"], words)


@each_case
def test_the_weights_and_their_z(path: Path) -> None:
    case, record = load(path)
    ref = reference("uk-who")
    born = next(e for e in record.events if e.type == "born")
    weights = sorted((e for e in record.events if e.type == "weighed"), key=lambda e: e.on)
    assert [(e.on, e.weight_kg) for e in weights] == [(w["on"], w["kg"]) for w in case["weights"]]
    for e, w in zip(weights, case["weights"], strict=True):
        z = ref.z(e.weight_kg, age_days=(e.on - born.on).days, sex=born.sex, gestation_days=born.gestation_days)
        assert z == pytest.approx(w["z"], abs=0.02), e.on
        allowed = ("naked", None) if e.on < add_months(born.on, 24) else ("naked", "nappy", "vest_and_pants", None)
        naked = e.clothing in allowed and e.scale in (None, "class_iii")
        assert naked is w.get("valid", True), e.on


def test_rules_are_there_or_on_the_list_of_those_to_come() -> None:
    pending = tomllib.loads((HERE / "pending.toml").read_text(encoding="utf-8"))["pending"]
    there = [r.id for r in protocol("uk-hv").rules]
    assert len(set(pending)) == len(pending)
    both = sorted(set(pending) & set(there))
    assert not both, f"{both} are there now: take them off pending.toml"
    assert sorted(pending + there) == sorted(SPECIFIED)
