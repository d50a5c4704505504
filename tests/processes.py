"""What is asked of every rule about people: dates said plainly, and what must hold of each of its findings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from builders import HV, Child, folded

import growthwatch.protocol as gwp
from growthwatch.protocol.engine.fold import Fold
from growthwatch.record import Record


def iso(day: int | None) -> str | None:
    return None if day is None else dt.date.fromordinal(day).isoformat()


def openings(child: Child, slot: str, until: str) -> list[tuple[str, str]]:
    """Day and level of each opening and growing graver of a rule, or of a rule about one subject."""
    return [
        (c.on.isoformat(), level)
        for c in child.changes(until)
        for key, rule, level in (*c.opened, *c.raised)
        if slot in (rule, key.partition("@")[0])
    ]


def closings(child: Child, slot: str, until: str) -> list[tuple[str, str]]:
    """Day and event of each closing of a rule, or of a rule about one subject."""
    return [
        (c.on.isoformat(), by)
        for c in child.changes(until)
        for key, rule, by in c.closed
        if slot in (rule, key.partition("@")[0])
    ]


def the(child: Child, slot: str, day: str) -> Any:
    """The open finding of a rule, or of a rule about one subject."""
    found = [f for f in child.review(day).findings if slot in (f.rule, f.key.partition("@")[0])]
    assert len(found) == 1, [f.key for f in child.review(day).findings]
    return found[0]


def told(fold: Fold) -> list[Any]:
    return [
        (
            iso(c.day),
            [(f.key, n) for f, n in c.opened],
            [(f.key, n) for f, _, n in c.raised],
            [(f.key, f.closed_by) for f in c.closed],
            c.tier,
            c.deadline,
        )
        for c in fold.changes
        if c.answer
    ]


def assert_every_day(child: Child, until: str) -> None:
    """Visiting every day gives what visiting only the days that matter gives."""
    day = dt.date.fromisoformat(until)
    assert told(folded(child.record, day)) == told(folded(child.record, day, every_day=True))


def assert_alone(child: Child, slot: str, day: str) -> None:
    """From its witness alone a finding opens on the same day, at the same level, and not the day before."""
    found = the(child, slot, day)
    on = found.raised[-1][0] if found.raised else found.opened_on
    alone = Record("child", [child.record.event(id) for id in found.witness])

    def levels(day: dt.date) -> list[str]:
        made = gwp.review(alone, protocol=HV, as_of=day)
        return [f.level for f in made.findings if f.key.partition("@")[0] == found.key.partition("@")[0]]

    assert levels(on) == [found.level], found.witness
    assert levels(on - dt.timedelta(days=1)) != [found.level]


def asked(child: Child, day: str, id: str = "letter", **fields: Any) -> Child:
    """A letter that lacks nothing: to the GP, to be answered so late that only the acknowledgement matters."""
    whole = {
        "sender": "Ann",
        "to": [{"name": "GP"}],
        "purpose": "to have him seen",
        "requested_action": "see him",
        "action_owner": "GP",
        "respond_by": dt.date(2026, 1, 1),
    }
    return child.add("letter_sent", day, id=id, **whole | fields)


def taken_on(child: Child, day: str, until: str, request: str = "letter", by: str = "GP", **fields: Any) -> Child:
    """Somebody says what they will do by when."""
    who = {"role": "gp", "will_do": "see him", "by_when": dt.date.fromisoformat(until)}
    return child.add("acknowledged", day, request=request, by=by, **who | fields)


def in_t2(**more: Any) -> Child:
    """A child of T2 from 15 March 2024, its 60th day, on which it falls below the 2nd centile line."""
    return Child(birth_kg=None, **more).at_z(0.0, 20).at_z(-1.0, 40).at_z(-2.1, 60)
