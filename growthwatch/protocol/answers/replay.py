"""Every dated change of a child's state, oldest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from growthwatch.core.said import said_on
from growthwatch.core.words import kg_words, long_date, the_role_words
from growthwatch.protocol.answers.plain import date_of, day_of
from growthwatch.protocol.answers.refusals import refusal_words, refused
from growthwatch.protocol.answers.review import known_by
from growthwatch.protocol.answers.to_do import small
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.fold import Fold, choose_protocols
from growthwatch.protocol.engine.state import DayChange, OpenFinding
from growthwatch.record import Weighed
from growthwatch.record.record import Record

__all__ = ["Change", "replay"]


@dataclass(frozen=True, slots=True)
class Change:
    """One dated change of state.

    Attributes
    ----------
    on
        The day, judged at its end.
    opened, raised
        Key, rule and level of findings that opened, or grew graver.
    eased
        Key, rule and level of findings that fell back to a level that can wait longer.
    closed
        Key, rule and the id of the event that closed them.
    tier
        Tier before and after, or None.
    due, due_state
        The next due date after that day, and where the day stands against it.
    deadline
        The most urgent deadline newly set, or None.
    refused
        Ids of decisions that were not admitted.
    protocol
        Protocol that came into force, or None.
    climbed
        Key, rule and rung of findings that went on along the ladder: what had been asked for was late, or declined.
    says
        What changed, in plain English.
    """

    on: dt.date
    opened: tuple[tuple[str, str, str], ...]
    raised: tuple[tuple[str, str, str], ...]
    eased: tuple[tuple[str, str, str], ...]
    closed: tuple[tuple[str, str, str], ...]
    tier: tuple[str, str] | None
    due: dt.date | None
    due_state: str
    deadline: dt.date | None
    refused: tuple[str, ...]
    protocol: str | None
    climbed: tuple[tuple[str, str, str], ...]
    says: str

    def __str__(self) -> str:
        return f"{self.on.isoformat()}  {self.says}"


def replay(
    record: Record,
    *,
    protocol: Protocol | Sequence[Protocol],
    until: dt.date | dt.datetime,
    known_at: dt.date | dt.datetime | None = None,
) -> Iterator[Change]:
    """Every dated change of state, oldest first: jumps from change to change.

    Parameters
    ----------
    record, protocol
        As for `review`.
    until
        Last day, judged at its end.
    known_at
        Whose knowledge answers; each day's own, up to `until`, if None.
    """
    known, used = known_by(record, protocol, until, known_at, "until"), choose_protocols(protocol)
    fold = Fold(known, used, choosing=not isinstance(protocol, Protocol))
    fold.run()
    return iter([_change(c, record) for c in fold.changes])


def _change(c: DayChange, record: Record) -> Change:
    says: list[str] = []
    if c.protocol:
        says.append(f"{c.protocol} comes into force.")
    for f, level in c.opened:
        says.append(f"{f.rule.id} opens ({f.rule.levels[level].name}): {_seen(c, f, level)}")
    for f, _, level in c.raised:
        says.append(f"{f.rule.id} grows graver ({f.rule.levels[level].name}): {_seen(c, f, level)}")
    for f, level in c.eased:
        says.append(f"{f.rule.id} can wait longer: {_seen(c, f, level)}")
    for f in c.closed:
        says.append(f"{f.rule.id} closes: {_closing_event(record, f.closed_by)}.")
    says += [_climbed(c, f, level, rung) for f, level, rung in c.climbed]
    if c.tier:
        says.append(f"Tier {c.tier[0]} to {c.tier[1]}.")
    says += refusal_words(refused(c.refused), "is")
    if c.due is not None and c.due_changed:
        word = {
            "not_yet": "Next weight due",
            "may_weigh": "May be weighed; due",
            "due": "Weight due",
        }
        if c.due_state in word:  # overdue and lapsed are said by their finding
            says.append(f"{word[c.due_state]} {long_date(c.due)}.")
        elif not says:
            says.append(f"The weight due {long_date(c.due)} is {c.due_state}.")
    elif c.due_changed:
        says.append("No weight is due.")
    return Change(
        date_of(c.day),
        tuple((f.key, f.rule.id, f.rule.levels[n].name) for f, n in c.opened),
        tuple((f.key, f.rule.id, f.rule.levels[n].name) for f, _, n in c.raised),
        tuple((f.key, f.rule.id, f.rule.levels[n].name) for f, n in c.eased),
        tuple((f.key, f.rule.id, f.closed_by or "") for f in c.closed),
        c.tier,
        day_of(c.due),
        c.due_state,
        day_of(c.deadline),
        tuple(r.event for r in c.refused),
        c.protocol,
        tuple((f.key, f.rule.id, rung.rstrip("+")) for f, _, rung in c.climbed),
        " ".join(says),
    )


def _climbed(c: DayChange, f: OpenFinding, level: int, rung: str) -> str:
    """Which rung a finding has climbed to, and who must do what by when because of that."""
    asked = [
        f"asked of {the_role_words(str(t.action.owner))}: {small(t.action.do)}, by {long_date(t.deadline)}"
        for t in c.asked(f, level, rung)
    ]
    step = f"goes one step on, on {rung[:-1]}" if rung.endswith("+") else f"climbs to {rung}"
    return f"The ladder of {f.rule.id} {step}: {'; '.join(asked)}."


def _seen(c: DayChange, f: OpenFinding, level: int) -> str:
    """What was seen on the day, as it read on that day."""
    return said_on(f.rule.say(c.outcomes[f.slot].values, level), c.day)


def _closing_event(record: Record, id: str | None) -> str:
    """The event that closed a finding, in words."""
    if id is None:
        return "by its rule"
    e = record.event(id)
    if isinstance(e, Weighed):
        return f"{kg_words(e.weight_kg)} on {long_date(e.on)}"
    what = {"examined": "examined", "decision_signed": "signed"}.get(e.type, e.type.replace("_", " "))
    return f"{what} on {long_date(e.on)} ({id})"
