"""What two protocol files say otherwise, in the words of people: which rule and level, what number, from what to what.

Tables of a list are held against each other by what names them, never by their place.  A rule, level or deed that only
one of the two has is told whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.core.places import Step, label_of
from growthwatch.protocol.file.marks import Marks
from growthwatch.protocol.file.sources import PROVENANCE, as_list, as_table, is_number
from growthwatch.protocol.file.told import (
    TAGS,
    TITLES,
    deed_words,
    is_deed,
    key_words,
    label_words,
    value_words,
    within_words,
)

__all__ = ["Apart", "apart"]

_BY_WHEN = {"within_days": "to be done", "urgent_within_days": "where it is urgent, to be done"}
_LOUDNESS = ("weekly", "daily", "interrupt")
_TIERS = ("T0", "T1", "T2", "T3")
_NOUNS = {"rules": "rule", "levels": "level", "actions": "deed"}
_MORE = ("rules", "actions")
"""Of what more is safer, and less is less safe: a level may be graver than the one that it stands before, or not."""


@dataclass(frozen=True, slots=True)
class Apart:
    """One thing that two files say otherwise.

    Attributes
    ----------
    steps
        How it is found in the file where it is: keys, and places in lists.
    told
        What it is, from what to what, and which way that is safer, in words.
    source
        What covers it in the later file, in words; empty where it is no number, or is not there any more.
    value
        What stands in the later file; None where nothing does.
    """

    steps: tuple[Step, ...]
    told: str
    source: str
    value: Any


def apart(before: Mapping[str, Any], after: Mapping[str, Any], marks: Marks) -> Iterator[Apart]:
    """Tell what a file says otherwise than another, in its order; what is gone comes last of its table.

    Parameters
    ----------
    before, after
        The two as plain data.
    marks
        Which way a number is safer, and how far one may go without a reason.
    """
    yield from _Walk(marks).tables(before, after, _Here())


@dataclass(frozen=True, slots=True)
class _Here:
    """Where in the file: the words for it, the way by names, the way by steps, and what covers it."""

    words: tuple[str, ...] = ()
    path: str = ""
    keys: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    source: str = ""
    tag: str = ""

    def inside(self, table: Mapping[str, Any]) -> _Here:
        """The same place, covered by what a table says of itself."""
        source, tag = str(table.get("source", self.source)), str(table.get("tag", self.tag))
        return _Here(self.words, self.path, self.keys, self.steps, source, tag)

    def at(self, key: str, words: str | None, place: int | None = None, label: str = "") -> _Here:
        """A table inside."""
        steps = (*self.steps, key) if place is None else (*self.steps, key, place)
        named = f"{key}[{label}]" if label else key
        path = f"{self.path}.{named}" if self.path else named
        told = self.words if words is None else (*self.words, words)
        return _Here(told, path, (*self.keys, key), steps, self.source, self.tag)

    def say(self, what: str) -> str:
        place = ", ".join(self.words)
        return f"{place}: {what}" if place else what


class _Walk:
    def __init__(self, marks: Marks) -> None:
        self.marks = marks

    def tables(self, before: Mapping[str, Any], after: Mapping[str, Any], here: _Here) -> Iterator[Apart]:
        """Two tables of one name."""
        here = here.inside(after)
        counted = [bool(t.get("working")) for t in (before, after)] if is_deed(before) and is_deed(after) else [False]
        if len(set(counted)) > 1 and "within_days" in before and "within_days" in after:
            yield self.counted_otherwise(before, after, here)
        for key in [*after, *(k for k in before if k not in after)]:
            old, new = before.get(key), after.get(key)
            if old is not None and new is not None and _same(old, new):
                continue
            if len(set(counted)) > 1 and key in ("working", "within_days"):
                continue
            lists = as_list(old) or [], as_list(new) or []
            if any(as_table(p) is not None for part in lists for p in part):
                yield from self.lists(key, *lists, here)
            elif (as_table(old) is not None or old is None) and (as_table(new) is not None or new is None):
                words = TITLES.get(".".join((*here.keys, key)), key_words(key, here.keys))
                inner = here.at(key, words)
                if old is None or new is None:
                    yield self.whole(old, new, inner, "")
                else:
                    yield from self.tables(as_table(old) or {}, as_table(new) or {}, inner)
            else:
                yield self.value(key, old, new, after if new is not None else before, here)

    def counted_otherwise(self, before: Mapping[str, Any], after: Mapping[str, Any], here: _Here) -> Apart:
        """A deed whose days are working days in one of the two files alone."""
        old, new = (_value_words("within_days", table["within_days"], table) for table in (before, after))
        way = ""
        # As many calendar days, or fewer, are always sooner; as many working days, or more, never are.
        if before.get("working") and after["within_days"] <= before["within_days"]:
            way = ", which is safer"
        elif after.get("working") and after["within_days"] >= before["within_days"]:
            way = ", which is LESS SAFE"
        told = f"{_BY_WHEN['within_days']}: {_in_place(new, old, way)}"
        return Apart((*here.steps, "within_days"), here.say(told), _source(here), after["within_days"])

    def lists(self, key: str, old: Sequence[Any], new: Sequence[Any], here: _Here) -> Iterator[Apart]:
        """Two lists of tables: those of one name are held against each other."""
        names = [_names(part) for part in (old, new)]
        there = dict(zip(names[0], old, strict=True))
        for place, (name, table) in enumerate(zip(names[1], new, strict=True)):
            inner = here.at(key, _entry_words(key, name, new, place, here), place, _in_brackets(name))
            if name not in there:
                yield self.whole(None, table, inner, key)
            elif not _same(there[name], table):
                yield from self.tables(as_table(there[name]) or {}, as_table(table) or {}, inner)
        for place, (name, table) in enumerate(zip(names[0], old, strict=True)):
            if name not in names[1]:
                inner = here.at(key, _entry_words(key, name, old, place, here), place, _in_brackets(name))
                yield self.whole(table, None, inner, key)

    def whole(self, old: Any, new: Any, here: _Here, key: str) -> Apart:
        """A table that only one of the two has."""
        what = f"this {_NOUNS.get(key, 'part')}"
        if new is None:
            less = ", which is LESS SAFE" if key in _MORE else ""
            return Apart(here.steps, here.say(f"{what} is not there any more{less}"), "", None)
        table = as_table(new)
        here = here.inside(table or {})
        more = ", which is safer" if key in _MORE else ""
        told = f"{what} is new{more}: {_whole_words(key, table, new)}"
        return Apart(here.steps, here.say(told), _source(here), new)

    def value(self, key: str, old: Any, new: Any, table: Mapping[str, Any], here: _Here) -> Apart:
        """One value."""
        what = key_words(key, here.keys)
        if is_deed(table) and key in _BY_WHEN:
            what = _BY_WHEN[key]
        place = here.at(key, None)
        before, now = (None if v is None else _value_words(key, v, table) for v in (old, new))
        if now is None:
            return Apart(place.steps, here.say(f"{what}: {before} is not there any more"), "", None)
        source = _source(here) if is_number(new) or is_number(old) else ""
        if before is None:
            return Apart(place.steps, here.say(f"{what}: {now} is new"), source, new)
        words = _list_words(key, old, new) or _in_place(now, before, self.safer(key, old, new, place.path))
        told = f"{what}: {words}"
        return Apart(place.steps, here.say(told), source, new)

    def safer(self, key: str, old: Any, new: Any, path: str) -> str:
        """Which way a change is safer."""
        ranks = _LOUDNESS if key.endswith("loudness") else _TIERS if key == "tier" else ()
        if old in ranks and new in ranks:
            return ", which is safer" if ranks.index(new) > ranks.index(old) else ", which is LESS SAFE"
        numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (old, new))
        mark = self.marks.mark(path) if numbers else None
        if mark is None:
            return ""
        if mark.safer == "neither":
            way = ", of which neither way is safe by itself"
        else:
            way = ", which is LESS SAFE" if mark.less_safe(new, old) else ", which is safer"
        if mark.beyond(new) and not mark.beyond(old):
            bounds = _bounds(key, mark.least, mark.most)
            way += f", and beyond the bounds within which no reason is asked for ({bounds})"
        return way


def _in_place(new: str, old: str, way: str) -> str:
    """A value in the place of another: which way it goes is said of the new one, next to it."""
    return f"{new}{way}{',' if way else ''} in the place of {old}"


def _list_words(key: str, old: Any, new: Any) -> str:
    """What a list of words has more and less; empty for what is no such list, or has the same in another order."""
    lists = [as_list(v) for v in (old, new)]
    if not all(part is not None and all(isinstance(word, str) for word in part) for part in lists):
        return ""
    was, now = (part or [] for part in lists)
    more, less = [w for w in now if w not in was], [w for w in was if w not in now]
    said = [f"also {value_words(key, more)}"] if more else []
    said += [f"no more {value_words(key, less)}"] if less else []
    return "; ".join(said)


def _bounds(key: str, least: float | None, most: float | None) -> str:
    said = [f"at least {value_words(key, least)}" if least is not None else ""]
    said.append(f"at most {value_words(key, most)}" if most is not None else "")
    return ", ".join(words for words in said if words)


def _same(a: object, b: object) -> bool:
    """Whether two parts are the same: 7 and 7.0 are two ways of writing one number, and yes is no number."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a == b and (isinstance(a, int | float) or type(a) is type(b))


def _names(tables: Sequence[Any]) -> list[str]:
    """What names each table of a list; of several of one name the second is ``… 2``."""
    seen: dict[str, int] = {}
    out: list[str] = []
    for place in range(len(tables)):
        table = as_table(tables[place]) or {}
        own = next((str(table[key]) for key in ("id", "name", "do") if key in table), None)
        if own is None:  # numbers may be set: words, and where a stretch begins, are what it is
            words = [f"{k}={v}" for k, v in table.items() if isinstance(v, str) and k not in (*PROVENANCE, "loudness")]
            begins = [f"{k}={v:g}" for k, v in table.items() if k.startswith("from_") and isinstance(v, int | float)]
            own = ", ".join(words[:2] or begins[:1]) or f"entry {place + 1}"
        elif "do" in table and "for" in table:
            own = f"{own} ({'high need' if table['for'] == 'high_need' else table['for']})"
        seen[own] = seen.get(own, 0) + 1
        out.append(f"{own} {seen[own]}" if seen[own] > 1 else own)
    return out


def _in_brackets(name: str) -> str:
    return name.replace("[", "(").replace("]", ")")


def _entry_words(key: str, name: str, tables: Sequence[Any], place: int, here: _Here) -> str:
    """A table of a list in words: a rule by id and title, a level and a deed by what they are."""
    table = as_table(tables[place]) or {}
    if key == "rules" and not here.keys:
        return f"{name} {table['title']}" if "title" in table else name
    if is_deed(table):
        return f"“{name}”"
    what = key_words(key, here.keys)
    if "name" in table:
        return f"{what.removesuffix('s')} “{name}”"
    return f"{what} {label_words(label_of(tables, place) or name)}"


def _value_words(key: str, value: Any, table: Mapping[str, Any]) -> str:
    """A value in words; days of a deed are working days where it says so."""
    if is_deed(table) and key in _BY_WHEN and isinstance(value, int):
        return within_words(value, bool(table.get("working")))
    if key == "tag":
        return f"{value} ({TAGS.get(str(value), 'no tag that is known')})"
    return value_words(key, dt.date.fromisoformat(value) if key == "review_by" and isinstance(value, str) else value)


def _whole_words(key: str, table: Mapping[str, Any] | None, value: Any) -> str:
    """A rule, level, deed or any other table, told whole."""
    if table is None:
        return value_words(key, value)
    if is_deed(table):
        return deed_words(table).rstrip(".")
    said: list[str] = []
    for name, part in table.items():
        if name in PROVENANCE or name in ("id", "title", "name"):
            continue
        for each in as_list(part) or [part]:
            inner = as_table(each)
            if inner is None:
                said.append(f"{key_words(name)}: {value_words(name, part)}")
                break
            label = f"{name.removesuffix('s')} “{inner['name']}”" if "name" in inner else key_words(name)
            told = _whole_words(name, inner, inner)
            said.append(told if is_deed(inner) else f"{label} ({told})")
    return "; ".join(said)


def _source(here: _Here) -> str:
    return f"{here.source.rstrip('.')} ({here.tag})" if here.source else ""
