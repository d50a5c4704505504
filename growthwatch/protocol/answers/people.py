"""Who owns the child, what was asked of whom, what adds up, and how far each finding has climbed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from growthwatch.core.words import list_words, long_date, name_words, role_words
from growthwatch.protocol.answers.parts import Obligation
from growthwatch.protocol.answers.plain import date_of, day_of
from growthwatch.protocol.child.requests import Request
from growthwatch.protocol.child.standing import Stand
from growthwatch.protocol.engine.findings import look
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.ladder import rung_of, snooze_of, top_rung
from growthwatch.protocol.engine.state import OpenFinding
from growthwatch.protocol.kinds.points import Points

__all__ = ["Owner", "Point", "RequestLine", "Rung", "dropped", "ladder", "owner", "paper", "points", "requests"]


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns the child on the day.

    Attributes
    ----------
    name
        By name, where one is known.
    role
        In which role.
    standing
        ``lead``, ``cover``, ``deputy`` or ``team_lead``.
    team
        The team of a team lead, where it is known.
    """

    name: str | None
    role: str
    standing: str
    team: str | None = None

    @property
    def words(self) -> str:
        """In words: ``Hana Reid, health visitor``."""
        if self.name is None:
            return "the team lead" + (f" of {name_words(self.team)}" if self.team is not None else "")
        as_what = "" if self.standing == "lead" else f", {self.standing}"
        role = role_words(self.role)
        return name_words(self.name) + ("" if self.name == role else f", {role}") + as_what

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"name": self.name, "role": self.role, "standing": self.standing, "team": self.team}


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request: asked of whom, since when, where it stands, and what happens next.

    Attributes
    ----------
    id
        Id of the founding event.
    form
        ``letter``, ``referral`` or ``request``.
    kind
        The kind whose limits hold.
    ask
        What is asked for.
    asked_by
        Who asked.
    asked_of
        Who was asked, and who had a copy.
    asked_on
        When it was sent; of a draft, when it was written.
    state
        ``drafted``, ``sent``, ``acknowledged``, ``answered``, ``declined`` or ``withdrawn``.
    since
        From which day on it is in that state.
    acknowledge_by
        Last day in time to acknowledge it; None where there is none, or it is acknowledged.
    answer_by
        Last day in time to answer it; None where there is none, or it is answered.
    promised
        The day by which somebody said that they will act; None where nobody did.
    late
        Who is late.
    next
        What happens next, in words.
    findings
        Keys of the findings that it names.
    """

    id: str
    form: str
    kind: str
    ask: str
    asked_by: str
    asked_of: tuple[str, ...]
    asked_on: dt.date
    state: str
    since: dt.date
    acknowledge_by: dt.date | None
    answer_by: dt.date | None
    promised: dt.date | None
    late: tuple[str, ...]
    next: str
    findings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        out: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            out[name] = value.isoformat() if isinstance(value, dt.date) else value
        return out | {"asked_of": list(self.asked_of), "late": list(self.late), "findings": list(self.findings)}


def dropped(requests: Sequence[RequestLine]) -> dict[str, str]:
    """By request that was declined or withdrawn: that it was, and when, after a comma.

    What such a request shows to be done was done; but nobody has it in hand.
    """
    states = ("declined", "withdrawn")
    return {r.id: f", but {r.state} on {long_date(r.since)}" for r in requests if r.state in states}


@dataclass(frozen=True, slots=True)
class Point:
    """A point: for which event, from which day up to which, how many, whose, and for what.

    Attributes
    ----------
    on
        The day from which it counts: that on which its event became known.
    until
        The last day on which it counts by its age alone; it counts longer while what its event opened is open.
    event
        Id of the event that gave it.
    number
        How many points it is.
    ours
        Whether it is a gap of our own; else it is of child and family.
    what
        ``sign``, ``worry``, ``missed``, ``gap`` or ``closure``.
    held
        Whether what its event opened is open, so that it counts beyond `until`.
    """

    on: dt.date
    until: dt.date
    event: str
    number: int
    ours: bool
    what: str
    held: bool = False

    def counts(self, on: dt.date) -> bool:
        """Whether it counts on a day."""
        return self.held or on <= self.until

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "on": self.on.isoformat(), "until": self.until.isoformat(), "event": self.event, "number": self.number,
            "ours": self.ours, "what": self.what,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rung:
    """How far an open finding has climbed.

    Attributes
    ----------
    key
        The finding.
    level
        Its level.
    rung
        The highest rung that it has reached.
    asked_of
        Who owes a deed on that rung.
    acknowledged_by
        Who took on what is asked at this level and rung; None: nobody, whatever was acknowledged before.
    acknowledged_on
        When they did.
    snoozed_until
        Up to which day its next step waits; None if it does not.
    snoozed_because
        Why it waits.
    """

    key: str
    level: str
    rung: str
    asked_of: tuple[str, ...]
    acknowledged_by: str | None
    acknowledged_on: dt.date | None
    snoozed_until: dt.date | None
    snoozed_because: str | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        out: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            out[name] = value.isoformat() if isinstance(value, dt.date) else value
        return out | {"asked_of": list(self.asked_of)}


def owner(fold: Fold) -> Owner:
    """Who owns the child on the day."""
    found = fold.state.child.offices.owner(fold.until)
    return Owner(found.name, found.role, found.standing, found.of)


def requests(fold: Fold) -> tuple[RequestLine, ...]:
    """Every request of the record, in order of asking; after a death nobody is late, and nothing comes next."""
    at, child = look(fold.state), fold.state.child
    found = tuple(_line(r, at.stand(r)) for r in sorted(child.requests.all.values(), key=_asked))
    return tuple(replace(r, late=(), next="") for r in found) if child.dead_on(fold.until) else found


def _asked(r: Request) -> tuple[int, str]:
    return r.day, r.id


def _line(r: Request, s: Stand) -> RequestLine:
    late = tuple(dict.fromkeys(name_words(a.party.name) for a in s.arrears))
    return RequestLine(
        r.id,
        r.form,
        r.kind,
        r.ask,
        r.asker,
        tuple(p.name for p in r.parties),
        date_of(r.day),
        s.state,
        date_of(s.since),
        day_of(s.acknowledge_by),
        day_of(s.answer_by),
        day_of(s.promised),
        late,
        _next(r, s, late),
        r.findings,
    )


def _next(r: Request, s: Stand, late: tuple[str, ...]) -> str:
    if s.ended:
        return ""
    if s.state == "drafted":
        return f"{r.asker} sends it by {long_date(s.acknowledge_by or r.day)}"
    if s.state == "declined":
        return f"{r.asker} asks another, or says that they disagree"
    if late:
        return f"{r.asker} asks {list_words(list(late))} again"
    waits = [d for d in (s.acknowledge_by, s.promised, s.answer_by) if d is not None]
    if not waits:
        return ""
    who = list_words([name_words(p.name) for p in s.owing])
    return f"{who}: by {long_date(min(waits))}, or {r.asker} asks again"


def paper(fold: Fold) -> list[Obligation]:
    """What is to be done about requests of which no finding speaks: a draft to send, something that is needed first."""
    state, out = fold.state, list[Obligation]()
    if state.child.dead_on(fold.until):
        return out
    at, settings, working = look(state), state.child.settings.process, state.child.working
    first = state.child.first_day  # nothing is late that was owed before it
    for r in state.child.requests.all.values():
        s = at.stand(r)
        if s.ended:
            continue
        if s.state == "drafted" and s.acknowledge_by is not None:
            out.append(
                _duty(fold, r, "drafted", "Send the draft, or take it back", max(r.day, first), s.acknowledge_by)
            )
        needs = [w for w in r.words if w.needs is not None]
        given = [w.day for w in r.words if w.what == "chased"]
        if needs and not any(day >= needs[-1].day for day in given):
            word = needs[-1]
            do = f"Give {name_words(word.by)} what is needed first: {name_words(word.needs or '')}"
            set_on = max(word.known_day, first)
            out.append(_duty(fold, r, "needs", do, set_on, working.add(set_on, settings.needs_wd)))
    return out


def _duty(fold: Fold, r: Request, what: str, do: str, set_on: int, deadline: int) -> Obligation:
    return Obligation(
        f"request@{r.id}", "request", what, do, r.role, date_of(set_on), date_of(deadline), fold.until > deadline,
        "the team lead", owner_name=r.asker, id=f"{r.id}#{what}", rung="E1",
    )  # fmt: skip


def points(fold: Fold) -> tuple[Point, ...]:
    """The points that count on the day, in order of day."""
    rule = next(iter(fold.state.protocol.rules_of(Points)), None)
    if rule is None:
        return ()
    at = look(fold.state)
    return tuple(
        Point(date_of(p.day), date_of(p.day + rule.within_days), p.event, p.number, p.ours, p.what, rule.held_by(at, p))
        for p in rule.ledger(at)
    )


def ladder(fold: Fold) -> tuple[Rung, ...]:
    """How far each open finding has climbed, the highest first."""
    found = [_rung(fold, f) for f in fold.state.open.values()]
    return tuple(sorted(found, key=_highest))


def _highest(r: Rung) -> tuple[int, int, str]:
    stage, _, step = r.rung[1:].partition(".")
    return -int(stage), -int(step or 0), r.key


def _rung(fold: Fold, f: OpenFinding) -> Rung:
    state, level = fold.state, str(f.rule.levels[f.level].name)
    rung = top_rung(f)
    on_it = [t for t in f.tasks if rung_of(f, t).rstrip("+") == rung and t.replaced_on is None]
    who = tuple(dict.fromkeys(str(t.action.owner) for t in on_it if t.done(state.child) is None))
    # An acknowledgement covers what was asked at its level and rung when it was given, and nothing else.
    since = max((t.set_on for t in on_it), default=f.opened_on)
    said = [w for w in state.child.requests.said_to(f.key) if w.takes_on and w.known_day >= since]
    said += [w for t in on_it for w in state.child.requests.said_to(t.id) if w.takes_on]
    word = min(said, key=lambda w: w.recorded_at) if said else None
    snooze = snooze_of(state, f)
    return Rung(
        f.key,
        level,
        rung,
        who,
        None if word is None else word.by,
        None if word is None else date_of(word.day),
        None if snooze is None else date_of(snooze.until),
        None if snooze is None else snooze.reason,
    )
