"""A story held against a protocol: what was expected, what happened, and on which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from growthwatch.core.html_table import html_table
from growthwatch.protocol.answers.plain import date_of
from growthwatch.protocol.answers.review import known_by, reviewed
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.state import DayChange
from growthwatch.protocol.kinds.missed import NotBrought
from growthwatch.protocol.kinds.not_for_long import NotForLong
from growthwatch.protocol.kinds.points import Points
from growthwatch.protocol.stories.seen import SEEN, Sight, said
from growthwatch.protocol.stories.story import CHANGES, TIER, Story, check_rules

__all__ = ["Line", "Told", "tell"]

_QUIET = "nothing opens, rises or closes"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a story expects of one day.

    Attributes
    ----------
    on
        The day, judged at its end.
    key
        Key of the story's entry; ``quiet`` for a day on which nothing may open, rise or close.
    expected, happened
        In words.
    so
        Whether it was so.
    """

    on: dt.date
    key: str
    expected: str
    happened: str
    so: bool

    @property
    def verdict(self) -> str:
        """Whether it was so; where not, what was expected and what was found."""
        if self.so:
            return "as expected"
        wanted, found = ("nothing" if x == "none" else x for x in (self.expected, self.happened))
        return f"NOT SO: expected {wanted}; found {found}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "on": self.on.isoformat(),
            "key": self.key,
            "expected": self.expected,
            "happened": self.happened,
            "so": self.so,
        }


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a story under a protocol.

    Attributes
    ----------
    story
        The story.
    protocol
        Id, version and hash of the protocol that judged.
    lines
        What was expected and what happened, in order of days.
    """

    story: Story
    protocol: tuple[str, str, str]
    lines: tuple[Line, ...]

    @property
    def so(self) -> bool:
        """Whether the story goes exactly as it is told."""
        return all(line.so for line in self.lines)

    @property
    def wrong(self) -> tuple[Line, ...]:
        """What was not so."""
        return tuple(line for line in self.lines if not line.so)

    @property
    def verdict(self) -> str:
        """One line: the story, and whether it goes so."""
        days = len({line.on for line in self.wrong})
        how = "as told" if self.so else f"NOT as told, on {days} day{'' if days == 1 else 's'}"
        return f"{self.story.id}: {self.story.title}: {how}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        id, version, hash = self.protocol
        return {
            "story": self.story.id,
            "title": self.story.title,
            "file": self.story.file,
            "protocol": {"id": id, "version": version, "hash": hash},
            "so": self.so,
            "lines": [line.to_dict() for line in self.lines],
        }

    def __str__(self) -> str:
        out = [f"{self.verdict}."]
        for line in self.lines:
            out.append(f"{line.on.isoformat()}  {line.key}: {line.expected}: {line.verdict}")
        return "\n".join(out)

    def _repr_html_(self) -> str:
        rows = [(line.on, f"{line.key}: {line.expected}", line.verdict) for line in self.lines]
        return html_table(self.verdict, ("day", "expected", "happened"), rows, self.story.purpose)


def tell(story: Story, protocol: Protocol) -> Told:
    """Hold a story against a protocol, day by day.

    Parameters
    ----------
    story
        From `read_story`.
    protocol
        Judged as if it had always been in force.

    Raises
    ------
    GrowthwatchError
        When the story names a rule that the protocol does not have.

    Notes
    -----
    What opened, rose and closed on every day up to the last entry is that of one fold; the rest is read from the
    review of the end of each day that has an entry, made of what was known by then.
    """
    check_rules(story, protocol)
    named, protocol = (protocol.id, protocol.version, protocol.hash), _judging(story, protocol)
    scope = frozenset(story.scope)
    fold = Fold(known_by(story.record, protocol, story.until, None), (protocol,))
    fold.run()
    happened = {date_of(c.day): c for c in fold.changes}
    entries = {e.on: e for e in story.entries}
    lines: list[Line] = []
    for on in sorted({*happened, *entries}):
        changed = _changed(happened.get(on), scope)
        entry = entries.get(on)
        if entry is None:
            tier = _tier_changed(happened[on]) if TIER in scope and on > story.entries[0].on else ""
            words = "; ".join(filter(None, [_words(changed), tier]))
            if words:
                lines.append(Line(on, "quiet", _QUIET, words, False))
            continue
        expected = tuple(frozenset(getattr(entry, name)) for name in CHANGES)
        if not any(expected):
            words = _words(changed)
            lines.append(Line(on, "quiet", _QUIET, words or _QUIET, not words))
        else:
            for name, wanted, found in zip(CHANGES, expected, changed, strict=True):
                if wanted or found:
                    lines.append(Line(on, name, said(wanted), said(found), wanted == found))
        if entry.holds:
            lines += _held(_sight(story, protocol, on, scope), entry.holds)
    return Told(story, named, tuple(lines))


_TO_SOCIAL_CARE = (NotBrought, Points)
"""Kinds of rule that carry the findings of others to social care."""
_POINTS = {"points", "points_family", "points_ours"}


def _judging(story: Story, protocol: Protocol) -> Protocol:
    """The protocol with which a story is judged: without what would carry findings of the scope from outside it.

    Rules outside the scope speak all the same, since by them a tier rises and a weight is due.
    """
    asks = {key for entry in story.entries for key in entry.holds}
    if "stage" not in asks:
        return protocol
    needed = {*story.scope, *(r.id for r in protocol.rules if isinstance(r, Points) and asks & _POINTS)}
    out = {r.id for r in protocol.rules if isinstance(r, _TO_SOCIAL_CARE)} - needed
    return _without(protocol, frozenset(out)) if out else protocol


@lru_cache(maxsize=16)
def _without(protocol: Protocol, rules: frozenset[str]) -> Protocol:
    plain = protocol.plain
    kept = [raw for raw in plain["rules"] if raw["id"] not in rules]
    less = replace(protocol.read, plain=plain | {"rules": kept}, given=())
    return Protocol(less, {r.KIND: type(r) for r in protocol.rules}, protocol.id)


def _sight(story: Story, protocol: Protocol, on: dt.date, scope: frozenset[str]) -> Sight:
    fold = Fold(known_by(story.record, protocol, on, None), (protocol,), finely=False)
    fold.run()
    valid = fold.state.child.weights.valid
    names = {r.id: {word: key for key, word in r.each.items()} for r in protocol.rules if isinstance(r, NotForLong)}
    return Sight(on, reviewed(fold), scope, valid[-1].z if valid else None, names)


def _held(sight: Sight, holds: Mapping[str, Any]) -> Iterator[Line]:
    for key, expected in holds.items():
        so, found = SEEN[key](sight, expected)
        yield Line(sight.on, key, said(expected), found, so)


_Changed = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""Keys that opened, rose and closed."""


def _words(changed: _Changed) -> str:
    return "; ".join(f"{name} {said(keys)}" for name, keys in zip(CHANGES, changed, strict=True) if keys)


def _changed(change: DayChange | None, scope: frozenset[str]) -> _Changed:
    """Keys of the scope that opened, rose and closed on a day, judged once, at its end.

    What opened and closed at one day's end is nothing; what opened, or closed, did not rise as well.
    """
    if change is None:
        return frozenset(), frozenset(), frozenset()
    opened = {f.key for f, _ in change.opened if f.rule.id in scope}
    raised = {f.key for f, _, _ in change.raised if f.rule.id in scope}
    closed = {f.key for f in change.closed if f.rule.id in scope}
    return frozenset(opened - closed), frozenset(raised - opened - closed), frozenset(closed - opened)


def _tier_changed(change: DayChange) -> str:
    return f"tier {change.tier[0]} to {change.tier[1]}" if change.tier and change.tier[0] != change.tier[1] else ""
