"""What released protocols are held to: the hash of each file, and its answers on records that never change.

A released protocol is never edited and never removed: records name it by its hash.  So beside it stands what it
answered on the day of its release, for records that are kept with it.  Answers are what somebody must know or do;
sentences may improve.  ``scripts/release_protocol.py`` writes them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import growthwatch as gw
from growthwatch.core.canonical import canonical_json
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import Protocol
from growthwatch.record import Record

FOLDER = Path(__file__).parent / "protocol" / "released"
"""Where what was recorded lies: ``<id>-<version>.json`` for each file, and the records in ``records``."""

_PARTS = (0.35, 0.6, 0.85, 1.0)
"""At which parts of the time between the first and the last event a review is kept."""


def records(folder: Path = FOLDER) -> dict[str, Record]:
    """The records that answers are kept of, by name."""
    return {path.stem: Record.load(path) for path in sorted((folder / "records").glob("*.json"))}


def review_of(record: Record, protocol: Protocol, day: dt.date) -> dict[str, Any]:
    """What a review of a day answers, without its sentences."""
    made = gw.review(record, protocol=protocol, as_of=day)
    findings: list[dict[str, Any]] = []
    for f in made.findings:
        deeds = [
            [o.level, o.owner, o.set_on.isoformat(), o.deadline.isoformat(), o.overdue, str(o.done_on)]
            for o in f.obligations
        ]
        findings.append(
            {
                "key": f.key, "level": f.level, "loudness": f.loudness, "stage": f.stage, "still_met": f.still_met,
                "opened_on": f.opened_on.isoformat(), "witness": list(f.witness), "deeds": sorted(deeds),
            }
        )  # fmt: skip
    due = made.due
    return {
        "tier": made.tier,
        "stage": made.stage,
        "due": [
            None if d is None else d.isoformat() for d in (due.earliest, due.due, due.overdue_from, due.lapsed_from)
        ],
        "findings": sorted(findings, key=lambda f: f["key"]),
        "refused": sorted(event for event, _ in made.refused),
        "not_judged": sorted(rule for rule, _ in made.not_judged),
        "changes_on": None if made.changes_on is None else made.changes_on.isoformat(),
    }


def answers_of(record: Record, protocol: Protocol) -> dict[str, Any]:
    """Every change of a record's state, and reviews of some days, without sentences."""
    days = sorted(e.on for e in record.events)
    last = max(e.recorded_at.date() for e in record.events)
    end = max(days[-1], last) + dt.timedelta(days=60)
    changes = [
        [
            c.on.isoformat(), [list(x) for x in c.opened], [list(x) for x in c.raised], [list(x) for x in c.eased],
            [list(x) for x in c.closed], c.tier, None if c.due is None else c.due.isoformat(),
            None if c.deadline is None else c.deadline.isoformat(), list(c.refused),
        ]
        for c in gw.replay(record, protocol=protocol, until=end)
    ]  # fmt: skip
    asked = [days[0] + dt.timedelta(days=int((end - days[0]).days * part)) for part in _PARTS]
    made = {"changes": changes, "reviews": {d.isoformat(): review_of(record, protocol, d) for d in asked}}
    return json.loads(canonical_json(made))


def release_of(protocol: Protocol, of: dict[str, Record]) -> dict[str, Any]:
    """What is kept of a protocol on the day of its release."""
    return {
        "id": protocol.id,
        "version": protocol.version,
        "hash": protocol.hash,
        "answers": {name: answers_of(record, protocol) for name, record in of.items()},
    }


def place_of(protocol: Protocol, folder: Path = FOLDER) -> Path:
    """Where what is kept of a protocol lies."""
    return folder / f"{protocol.id}-{protocol.version}.json"


def write_release(protocol: Protocol, folder: Path = FOLDER) -> Path:
    """Keep a protocol's hash and answers; what is kept is never written over."""
    place = place_of(protocol, folder)
    if place.exists():
        raise GrowthwatchError.of("release", place.name, "a version that was not released before: count it up")
    text = json.dumps(release_of(protocol, records(folder)), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    place.write_text(text.replace('"],["', '"],\n["').replace('"},{"', '"},\n{"') + "\n", encoding="utf-8")
    return place


def problems(folder: Path = FOLDER, only: Sequence[str] | None = None) -> Iterator[str]:
    """Where released protocols are not what they were; nothing where all are."""
    of = {name: record for name, record in records(folder).items() if only is None or name in only}
    for place in sorted(folder.glob("*.json")):
        kept = json.loads(place.read_text(encoding="utf-8"))
        name = f"{kept['id']} {kept['version']}"
        try:
            found = gw.protocol(kept["id"], version=kept["version"])
        except GrowthwatchError as e:
            yield f"{name} is not there any more: {e}"
            continue
        if found.hash != kept["hash"]:
            yield f"{name} was edited: its hash is {found.hash}, and was {kept['hash']} when it was released"
        for record, then in kept["answers"].items():
            if only is not None and record not in only:
                continue
            if record not in of:
                yield f"{name}: the record {record} is not there any more"
            elif (now := answers_of(of[record], found)) != then:
                yield f"{name} answers otherwise than when it was released: {record}, {_first(then, now)}"


def _first(then: Any, now: Any, path: str = "") -> str:
    """The first place at which two answers differ."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted({*then, *now}):
            if then.get(key) != now.get(key):
                return _first(then.get(key), now.get(key), f"{path}.{key}" if path else key)
    if isinstance(then, list) and isinstance(now, list):
        for place, (a, b) in enumerate(zip(then, now, strict=False)):
            if a != b:
                return _first(a, b, f"{path}[{place}]")
        return f"{path}: {len(then)} before, {len(now)} now"
    return f"{path}: {then!r} before, {now!r} now"
