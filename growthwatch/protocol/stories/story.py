"""A story: what is told of an invented child, and what must hold at the end of which day.

A story is a TOML file that a clinician can read and write.  Its form is closed: a key, a rule
or a value that is not known is refused, with the file, the entry, the key, the value and what
was expected; so that a slip of the pen never reads as a story that holds.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from growthwatch.core.errors import GrowthwatchError, nearest
from growthwatch.core.files import is_file
from growthwatch.core.wrong import Wrong
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.file.values import LOUDNESS, TIERS
from growthwatch.record import AnyEvent, Record, parse_event
from growthwatch.references.metadata import read_toml

__all__ = ["CHANGES", "TIER", "Entry", "Story", "check_rules", "read_story", "rule_of_key"]

TIER = "TIER"
"""The name in a story's scope that stands for the tier itself: no rule has it."""

CHANGES = ("opens", "raises", "closes")
"""Keys of an entry that say what happens on its day: exactly these findings of the scope, and no others."""

_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What must hold at the end of one day.

    Attributes
    ----------
    on
        The day, judged at its end by all that was known then.
    opens, raises, closes
        Keys of findings: exactly these of the scope on that day.
    holds
        What else must hold, by key, in the order of the file.
    says, notes
        The sense of what a person should read, and remarks beside the boundary: not compared.
    """

    on: dt.date
    opens: tuple[str, ...] = ()
    raises: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    holds: Mapping[str, Any] = field(default_factory=dict[str, Any])
    says: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """A story, read.

    Attributes
    ----------
    id, title
        Its name, and what it is about.
    file
        Where it was read from.
    scope
        Rules that are judged; `TIER` stands for the tier.
    protocol
        Id of the protocol that it was written for.
    record
        All that is told of the child.
    entries
        What must hold, in order of days.
    purpose, specification, notes
        For readers: not compared.
    """

    id: str
    title: str
    file: str
    scope: tuple[str, ...]
    protocol: str
    record: Record
    entries: tuple[Entry, ...]
    purpose: str = ""
    specification: str = ""
    notes: tuple[str, ...] = ()

    @property
    def until(self) -> dt.date:
        """The day of the last entry, with which the story ends."""
        return self.entries[-1].on


def rule_of_key(key: str) -> str:
    """Id of the rule of a finding: what stands before the subject and before ``@``."""
    return key.partition("@")[0].partition(":")[0]


# --- the form ---------------------------------------------------------------------------------


class _Wrong(Exception):
    """A value that is not as expected: what it was, and in words what would have been right."""

    def __init__(self, value: object, expected: str):
        super().__init__(expected)
        self.value = value
        self.expected = expected


_Reader = Callable[[object], Any]


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong(value, "text")
    return value


def _day(value: object) -> dt.date:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise _Wrong(value, "a day, such as 2024-03-28") from None
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise _Wrong(value, "a day, such as 2024-03-28")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _Wrong(value, "a list of text")
    given = cast("list[object]", value)
    out = tuple(_text(v) for v in given)
    if len(set(out)) != len(out):
        raise _Wrong(given, "each once")
    return out


def _key(value: object) -> str:
    key = _text(value)
    rule, at, closing = key.partition("@")
    if not rule or not at or not closing or "#" in key:
        raise _Wrong(value, 'the key of a finding, such as "G4@start" or "P3:letter-4@start"')
    return key


def _keys(value: object) -> tuple[str, ...]:
    return tuple(_key(v) for v in _texts(value))


def _rules(value: object) -> tuple[str, ...]:
    found = _texts(value)
    for rule in found:
        if "@" in rule or ":" in rule:
            raise _Wrong(rule, 'the id of a rule, such as "P3"')
    return found


def _deeds(value: object) -> tuple[str, ...]:
    found = _texts(value)
    for deed in found:
        if "@" not in deed or "#" not in deed:
            raise _Wrong(deed, 'the id of an obligation, such as "G4@start#below.0.0"')
    return found


_NO_NUMBER = 1e300
"""Far above every figure; not a number and infinity are not below it."""


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _NO_NUMBER:
        raise _Wrong(value, "a number")
    return float(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _Wrong(value, "a whole number, 0 or more")
    return value


def _one_of(*words: str) -> _Reader:
    def read(value: object) -> str:
        if value not in words:
            raise _Wrong(value, f"one of {', '.join(words)}")
        return cast("str", value)

    return read


def _by(keys: _Reader, values: _Reader) -> _Reader:
    """A table whose keys and values are each read by their own reader."""

    def read(value: object) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise _Wrong(value, 'a table, such as { "G4@start" = ... }')
        table = cast("dict[str, object]", value)
        return MappingProxyType({keys(k): values(v) for k, v in table.items()})

    return read


def _either(first: type, one: _Reader, other: _Reader) -> _Reader:
    """One reader for values of a type, another for all else."""

    def read(value: object) -> Any:
        return one(value) if isinstance(value, first) else other(value)

    return read


_FOR_READERS: Mapping[str, _Reader] = {"says": _text, "notes": _either(list, _texts, _text)}

_HOLDS: Mapping[str, _Reader] = {
    "open": _keys,
    "not_open": _rules,
    "level": _by(_key, _text),
    "loudness": _by(_key, _one_of(*LOUDNESS)),
    "deadline": _by(_key, _day),
    "late": _keys,
    "done_late": _deeds,
    "owner": _text,
    "tier": _one_of(*TIERS),
    "stage": _text,
    "points": _count,
    "points_family": _count,
    "points_ours": _count,
    "z": _number,
    "refused": _by(_text, _texts),
    "snoozed": _by(_key, _day),
    "unacknowledged": _keys,
    "in_arrears": _either(dict, _by(_text, _texts), _texts),
    "missing": _either(dict, _by(_text, _texts), _texts),
    "rung_owner": _either(dict, _by(_key, _text), _text),
    "witness": _either(dict, _by(_key, _texts), _texts),
}
"""Keys of an entry that say what must hold, and how each is read."""

_ENTRY: Mapping[str, _Reader] = {"on": _day, **dict.fromkeys(CHANGES, _keys), **_HOLDS, **_FOR_READERS}

_STORY: Mapping[str, _Reader] = {
    "schema": _count,
    "id": _text,
    "title": _text,
    "purpose": _text,
    "scope": _rules,
    "specification": _text,
    "protocol": _text,
    "notes": _texts,
}
_NEEDED = ("schema", "id", "scope", "given", "then")


def read_story(path: str | os.PathLike[str]) -> Story:
    """Read a story.

    Parameters
    ----------
    path
        A TOML file: see "Stories" on the page of the protocol.

    Raises
    ------
    GrowthwatchError
        Naming the file, the entry, the key, the value and what was expected.
    """
    place = Path(path)
    if not is_file(place):
        raise GrowthwatchError.of("path", str(path), "an existing TOML file")
    where = str(path)
    plain = read_toml(place)
    wrong = Wrong(where)
    for key in _NEEDED:
        if key not in plain:
            wrong.lacks(key, f"{where}: {key}: missing", "a value")
    given, then = (_tables(plain.pop(name), where, name, wrong) if name in plain else [] for name in ("given", "then"))
    header = _table(plain, _STORY, where, wrong)
    if header.get("schema", _SCHEMA) != _SCHEMA:
        wrong.add(f"{where}: schema", header["schema"], f"{_SCHEMA}")
    if header.get("scope") == ():
        wrong.add(f"{where}: scope", [], "at least one rule")
    events: list[AnyEvent] = []
    for n, raw in enumerate(given, start=1):
        with wrong.here():
            events.append(_event(raw, f"{where}: given {n}"))
    entries: list[Entry] = []
    for n, raw in enumerate(then, start=1):
        with wrong.here():
            entries.append(_entry(raw, f"{where}: then {n}"))
    for before, after in pairwise(e.on for e in entries):
        if after <= before:
            wrong.add(f"{where}: then: on", after.isoformat(), f"a day after {before.isoformat()}")
    # What the parts say together is looked at once each of them can be read.
    wrong.raise_all()
    try:
        record = Record(header["id"], events)
    except GrowthwatchError as e:
        raise e.within(where) from None
    story = Story(
        header["id"],
        header.get("title", header["id"]),
        where,
        header["scope"],
        header.get("protocol", "uk-hv"),
        record,
        tuple(entries),
        header.get("purpose", ""),
        header.get("specification", ""),
        header.get("notes", ()),
    )
    _check_scope(story)
    return story


def _tables(value: object, where: str, name: str, wrong: Wrong) -> list[object]:
    if not isinstance(value, list) or not value:
        wrong.add(f"{where}: {name}", cast("object", value), f"at least one [[{name}]]")
        return []
    return cast("list[object]", value)


def _table(raw: object, form: Mapping[str, _Reader], where: str, wrong: Wrong) -> dict[str, Any]:
    """Read a table by its form; each key that is unknown or wrong is kept in `wrong`."""
    if not isinstance(raw, dict):
        wrong.add(where, raw, "a table")
        return {}
    out: dict[str, Any] = {}
    for key, value in cast("dict[str, object]", raw).items():
        reader = form.get(key)
        if reader is None:
            expected = f"one of {', '.join(form)}{nearest(key, form)}"
            wrong.lacks(key, f"{where}: {key}: unknown key, expected {expected}", expected, value)
            continue
        try:
            out[key] = reader(value)
        except _Wrong as e:
            wrong.add(f"{where}: {key}", e.value, e.expected)
    return out


def _event(raw: object, where: str) -> AnyEvent:
    try:
        return parse_event(cast("Any", raw))
    except GrowthwatchError as e:
        raise e.within(where) from None


def _entry(raw: object, where: str) -> Entry:
    wrong = Wrong(where)
    if isinstance(raw, dict) and "on" not in raw:
        wrong.lacks("on", f"{where}: on: missing", "a day, such as 2024-03-28")
    read = _table(cast("object", raw), _ENTRY, where, wrong)
    wrong.raise_all()
    notes = read.get("notes", ())
    return Entry(
        read["on"],
        *(read.get(name, ()) for name in CHANGES),
        holds=MappingProxyType({k: v for k, v in read.items() if k in _HOLDS}),
        says=read.get("says", ""),
        notes=(notes,) if isinstance(notes, str) else notes,
    )


# --- rules that a story names -------------------------------------------------------------------


def _named(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """Every rule that an entry names: under which key, as what, and the rule."""
    for name in CHANGES:
        for key in getattr(entry, name):
            yield name, key, rule_of_key(key)
    for name, value in entry.holds.items():
        if name in ("refused", "owner", "tier", "stage"):
            continue
        if name == "not_open":
            yield from ((name, rule, rule) for rule in value)
        elif isinstance(value, Mapping):
            keys = cast("Mapping[str, object]", value)
            yield from ((name, key, rule_of_key(key)) for key in keys if "@" in key)
        elif name in ("open", "late", "unacknowledged", "done_late"):
            yield from ((name, key, rule_of_key(key)) for key in value)


def _check_scope(story: Story) -> None:
    """A finding that is to open, rise or close must be of the scope: another could never do so in the story."""
    wrong = Wrong(story.file)
    for number, entry in enumerate(story.entries, start=1):
        for name, key, rule in _named(entry):
            if name in (*CHANGES, "late", "unacknowledged", "snoozed", "done_late") and rule not in story.scope:
                where = f"{story.file}: then {number} ({entry.on.isoformat()}): {name}"
                wrong.add(where, key, f"a finding of the scope: {', '.join(story.scope)}")
    wrong.raise_all()


def check_rules(story: Story, protocol: Protocol) -> None:
    """Refuse a story that names a rule which the protocol does not have.

    Raises
    ------
    GrowthwatchError
        Naming the file, the entry, the key and the rule.
    """
    known = {rule.id for rule in protocol.rules}
    name = f"{protocol.id} {protocol.version}"
    wrong = Wrong(story.file)
    for rule in story.scope:
        if rule not in known and rule != TIER:
            wrong.add(f"{story.file}: scope", rule, f"a rule of {name}{nearest(rule, known)}")
    for number, entry in enumerate(story.entries, start=1):
        for key, value, rule in _named(entry):
            if rule not in known:
                where = f"{story.file}: then {number} ({entry.on.isoformat()}): {key}"
                wrong.add(where, value, f"a rule of {name}{nearest(rule, known)}")
    wrong.raise_all()
