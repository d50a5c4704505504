"""What a review shows of each thing that a story can ask for: one small function each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

from growthwatch.core.words import same_name
from growthwatch.protocol.answers import Finding, Obligation, Review
from growthwatch.protocol.answers.people import Rung

__all__ = ["SEEN", "Sight", "said"]

_Z_WITHIN = 0.02
"""How far a z in a story may be from that of the review [SD]: stories are worked out from printed tables."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A child at the end of a day, as far as the scope of a story goes.

    Attributes
    ----------
    on
        The day.
    review
        The review of that day.
    scope
        Ids of the rules that are judged.
    z
        Z of the last weight that counts, or None.
    names
        By rule: the names that a file gives to what it can lack, each with the key of the record.
    """

    on: dt.date
    review: Review
    scope: frozenset[str]
    z: float | None
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])

    @property
    def open(self) -> Mapping[str, Finding]:
        """Open findings of the scope, by key."""
        return {f.key: f for f in self.review.findings if f.rule in self.scope}

    @property
    def closing(self) -> Mapping[str, Finding]:
        """Findings of the scope that closed on the day, by key."""
        return {f.key: f for f in self.review.closed if f.rule in self.scope and f.closed_on == self.on}

    def finding(self, key: str) -> Finding | None:
        """An open finding, of the scope or not."""
        return next((f for f in self.review.findings if f.key == key), None)


# --- what is seen -----------------------------------------------------------------------------


def _loudness(f: Finding) -> str:
    return f.loudness


def _level(f: Finding) -> str:
    return f.level


def _deadline(f: Finding) -> dt.date | None:
    """The most urgent deadline that is not yet met: of those that can still be kept, else of those that are late."""
    waiting = [o.deadline for o in f.obligations if o.done_on is None]
    return min((d for d in waiting if d >= f.on), default=min(waiting, default=None))


def _is_late(o: Obligation, on: dt.date) -> bool:
    """Whether a deed is late at the end of a day, or was done late on it."""
    return o.overdue if o.done_on is None else o.done_on == on and o.deadline < on


def _late(sight: Sight) -> frozenset[str]:
    found = {**sight.open, **sight.closing}
    return frozenset(key for key, f in found.items() if any(_is_late(o, sight.on) for o in f.obligations))


def _stage(sight: Sight) -> str | None:
    """The highest rung that any finding of the scope has reached."""
    return max((f.stage for f in sight.open.values() if f.stage is not None), default=None)


def _owner(sight: Sight) -> str:
    """Who owns the child: a name, or ``team_lead``."""
    return sight.review.owner.name or "team_lead"


def _points(sight: Sight) -> int:
    """The sum of the ledger."""
    return sum(p.number for p in sight.review.points)


def _points_family(sight: Sight) -> int:
    """Points of child and family."""
    return sum(p.number for p in sight.review.points if not p.ours)


def _points_ours(sight: Sight) -> int:
    """Points of our own gaps."""
    return sum(p.number for p in sight.review.points if p.ours)


def _deeds_done_late(sight: Sight) -> Mapping[str, dt.date]:
    """Ids of obligations of the scope that were done late, each with the day on which they were done."""
    found = [f for f in (*sight.review.closed, *sight.review.findings) if f.rule in sight.scope]
    return {o.id: o.done_on for f in found for o in f.obligations if o.done_on is not None and o.done_late_by}


def _rungs(sight: Sight) -> Mapping[str, Rung]:
    """How far each open finding of the scope has climbed, by key."""
    return {r.key: r for r in sight.review.ladder if r.key in sight.open}


def _snoozed(sight: Sight) -> Mapping[str, dt.date]:
    """Findings of the scope that are snoozed, by key, and until when."""
    return {key: r.snoozed_until for key, r in _rungs(sight).items() if r.snoozed_until is not None}


def _unacknowledged(sight: Sight) -> frozenset[str]:
    """Open findings of the scope of whose present level and rung something waits that nobody has acknowledged."""
    return frozenset(key for key, r in _rungs(sight).items() if r.acknowledged_by is None and r.asked_of)


def _rung_owner(sight: Sight) -> Mapping[str, str]:
    """By open finding of the scope: who was asked last on the highest rung that it has reached."""
    return {key: r.asked_of[-1] for key, r in _rungs(sight).items() if r.asked_of}


def _in_arrears(sight: Sight) -> Mapping[str, frozenset[str]]:
    """Recipients in arrears, by request, and by open finding of the scope that is about one."""
    late = {r.id: frozenset(r.late) for r in sight.review.requests if r.late}
    about = {key: key.partition("@")[0].partition(":")[2] for key in sight.open}
    return late | {key: late[id] for key, id in about.items() if id in late}


def _missing(sight: Sight) -> Mapping[str, frozenset[str]]:
    """By open finding of the scope: what is missing, as the record names it."""
    out: dict[str, frozenset[str]] = {}
    for key, f in sight.open.items():
        lacks: object = f.values.get("missing")
        if isinstance(lacks, tuple | list):
            names = {**_LETTER, **sight.names.get(f.rule, {})}
            out[key] = frozenset(names.get(x, x.replace(" ", "_")) for x in cast("Iterable[str]", lacks))
    return out


_LETTER = MappingProxyType(
    {
        "its purpose": "purpose",
        "what is asked for": "action",
        "who is to do it": "owner",
        "by when": "respond_by",
        "what is expected of each copy": "expectation",
    }
)
"""What a letter can lack, in words, and as a story names it (process specification, section 3, P2)."""


# --- how it is held against a story -----------------------------------------------------------------


Seen = tuple[bool, str]
"""Whether it is so, and what is so, in words."""


def said(value: object) -> str:
    """A value of a story, or of a review, in words."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return ", ".join(f"{k}: {said(v)}" for k, v in sorted(pairs)) or "none"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(sorted(said(v) for v in cast("Iterable[object]", value))) or "none"
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)


def _equal(read: Callable[[Sight], object]) -> Callable[[Sight, Any], Seen]:
    """Exactly so."""

    def judge(sight: Sight, expected: Any) -> Seen:
        found = read(sight)
        return found == expected, said(found)

    return judge


def _same_keys(read: Callable[[Sight], frozenset[str]]) -> Callable[[Sight, Any], Seen]:
    """Exactly these, in any order."""

    def judge(sight: Sight, expected: Any) -> Seen:
        found = read(sight)
        return found == frozenset(expected), said(found)

    return judge


def _of_findings(read: Callable[[Finding], object]) -> Callable[[Sight, Any], Seen]:
    """So of each finding that is named."""

    def judge(sight: Sight, expected: Any) -> Seen:
        found = {key: sight.finding(key) for key in expected}
        seen = {key: "not open" if f is None else read(f) for key, f in found.items()}
        return seen == dict(expected), said(seen)

    return judge


def _by_key(read: Callable[[Sight], Mapping[str, Any]]) -> Callable[[Sight, Any], Seen]:
    """By finding; where the story names none, of all findings together."""

    def judge(sight: Sight, expected: Any) -> Seen:
        found = read(sight)
        if isinstance(expected, Mapping):
            wanted = {k: _as_set(v) for k, v in cast("Mapping[str, object]", expected).items()}
            seen = {k: found.get(k, "none") for k in wanted}
            return seen == wanted, said(seen)
        if isinstance(expected, str):
            return expected in found.values(), said(frozenset(found.values()))
        together = frozenset(v for values in found.values() for v in values)
        return together == frozenset(expected), said(together)

    return judge


def _as_set(value: object) -> object:
    """A list of names, in any order."""
    return frozenset(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else value


def _are_open(sight: Sight, expected: Any) -> Seen:
    shut = [key for key in expected if sight.finding(key) is None]
    return not shut, f"not open: {said(shut)}" if shut else "open"


def _none_open(sight: Sight, expected: Any) -> Seen:
    found = sorted(f.key for f in sight.review.findings if f.rule in expected)
    return not found, f"open: {said(found)}" if found else "not open"


def _z(sight: Sight, expected: float) -> Seen:
    if sight.z is None:
        return False, "no weight that counts has a z"
    return abs(sight.z - expected) <= _Z_WITHIN + 1e-9, f"{sight.z:.3f}"


def _same_person(sight: Sight, expected: str) -> Seen:
    found = _owner(sight)
    return same_name(found) == same_name(expected), found


def _done_late(sight: Sight, expected: Any) -> Seen:
    """Each that is named was done late by then, and none other of the scope was on that day."""
    found = _deeds_done_late(sight)
    today = {id for id, day in found.items() if day == sight.on}
    return set(expected) <= set(found) and today <= set(expected), said(frozenset(today or found))


def _refused(sight: Sight, expected: Mapping[str, tuple[str, ...]]) -> Seen:
    """Each was refused by then, and its reasons say these words."""
    reasons = {r.event: r.why for r in sight.review.refused}
    so = all(
        id in reasons and all(w.casefold() in reasons[id].casefold() for w in words) for id, words in expected.items()
    )
    return so, said({id: reasons.get(id, "not refused") for id in expected})


def _witness(sight: Sight, expected: Any) -> Seen:
    """Events that the findings opened that day rest on: these at least."""
    opened = {f.key: f for f in (*sight.open.values(), *sight.closing.values()) if f.opened_on == sight.on}
    if isinstance(expected, Mapping):
        wanted = cast("Mapping[str, tuple[str, ...]]", expected)
        seen = {key: frozenset(opened[key].witness if key in opened else ()) for key in wanted}
        return all(frozenset(wanted[key]) <= ids for key, ids in seen.items()), said(seen)
    ids = frozenset(id for f in opened.values() for id in f.witness)
    return frozenset(expected) <= ids, said(ids)


SEEN: Mapping[str, Callable[[Sight, Any], Seen]] = MappingProxyType(
    {
        "open": _are_open,
        "not_open": _none_open,
        "level": _of_findings(_level),
        "loudness": _of_findings(_loudness),
        "deadline": _of_findings(_deadline),
        "late": _same_keys(_late),
        "done_late": _done_late,
        "owner": _same_person,
        "tier": _equal(lambda sight: sight.review.tier),
        "stage": _equal(_stage),
        "points": _equal(_points),
        "points_family": _equal(_points_family),
        "points_ours": _equal(_points_ours),
        "z": _z,
        "refused": _refused,
        "snoozed": _equal(_snoozed),
        "unacknowledged": _same_keys(_unacknowledged),
        "in_arrears": _by_key(_in_arrears),
        "missing": _by_key(_missing),
        "rung_owner": _by_key(_rung_owner),
        "witness": _witness,
    }
)
"""By key of an entry: whether a day is as the story says, and how it is."""
