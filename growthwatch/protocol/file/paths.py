"""Paths to the values of a protocol file: by ids and names, never by position.

``rules[P3].acknowledge_wd`` is the key ``acknowledge_wd`` of the rule with the id P3.  What stands in brackets names
one table of a list: its id, its name or what it asks for (``do``), or keys of it that no other table beside it
has, such as ``clock[from_days=14]`` or ``actions[do=Weigh again, for=high_need]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol.file.sources import as_list, as_table

__all__ = ["Leaf", "Step", "at", "label_of", "leaves", "locate", "parse", "path_of", "written"]

Step = str | int
"""A key of a table, or the place in a list: how a path is followed once it is found."""

_NAMES = ("id", "name", "do")
"""Keys that name a table by their value alone, the first that it has."""

_UNNAMED = frozenset({"source", "tag", "review_by", "owner", "if_not", "loudness"})
"""Keys that name nothing: what covers a table, and what a file of one's own may say otherwise, is not what it is."""

_SEGMENT = re.compile(r"(?P<key>[A-Za-z][A-Za-z0-9_-]*)(?:\[(?P<label>[^\[\]]+)\])?")
_PAIR = re.compile(r"(?:^|, ?)([A-Za-z][A-Za-z0-9_-]*)=")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a file that is no table.

    Attributes
    ----------
    path
        How it is written: keys, and names in brackets.
    steps
        How it is found: keys, and places in lists.
    value
        What stands there.
    """

    path: str
    steps: tuple[Step, ...]
    value: Any

    @property
    def key(self) -> str:
        """Its own key, the last of the path."""
        return str(self.steps[-1])


def parse(path: str) -> tuple[tuple[str, str | None], ...]:
    """Read a path as keys, each with what stands in brackets behind it.

    Raises
    ------
    GrowthwatchError
        For what is no path.
    """
    out: list[tuple[str, str | None]] = []
    place = 0
    while True:
        found = _SEGMENT.match(path, place)
        if found is None:
            raise _no_path(path)
        out.append((found["key"], found["label"]))
        place = found.end()
        if place == len(path):
            return tuple(out)
        if path[place] != ".":
            raise _no_path(path)
        place += 1


def _no_path(path: str) -> GrowthwatchError:
    return GrowthwatchError.of("path", path, "keys and names in brackets, such as rules[G8].levels[5 %].tier")


def written(segments: Sequence[tuple[str, str | None]]) -> str:
    """Write keys and names as a path."""
    return ".".join(key if label is None else f"{key}[{label}]" for key, label in segments)


def locate(plain: Mapping[str, Any], path: str) -> Leaf:
    """Find the value at a path.

    Raises
    ------
    GrowthwatchError
        Naming the path, and what there is where it leads nowhere.
    """
    node: Any = plain
    steps: list[Step] = []
    proper: list[tuple[str, str | None]] = []
    for key, label in parse(path):
        table = as_table(node)
        here = written(proper) or "the file"
        if table is None:
            raise GrowthwatchError.of(path, here, f"a table: there is no {key!r} inside a value")
        if key not in table:
            raise GrowthwatchError.of(path, key, f"one of {sorted(table)} in {here}")
        node = table[key]
        steps.append(key)
        parts = as_list(node)
        if label is None:
            if parts is not None and any(as_table(p) is not None for p in parts):
                raise GrowthwatchError.of(path, key, f"which of them, in brackets: {_labels(parts)}")
            proper.append((key, None))
            continue
        place = None if parts is None else _place(parts, label)
        if parts is None or place is None:
            there = "no list of tables" if parts is None else f"one of {_labels(parts)}"
            raise GrowthwatchError.of(path, f"{key}[{label}]", there)
        steps.append(place)
        proper.append((key, label_of(parts, place)))
        node = parts[place]
    if as_table(node) is not None:
        raise GrowthwatchError.of(path, written(proper), f"one of its keys too: {sorted(as_table(node) or ())}")
    return Leaf(written(proper), tuple(steps), node)


def _labels(parts: Sequence[Any]) -> str:
    return ", ".join(label_of(parts, place) or "?" for place in range(len(parts)))


def _place(parts: Sequence[Any], label: str) -> int | None:
    """Place of the one table that a name names, or None if it names none or several."""
    tables = [as_table(p) or {} for p in parts]
    for key in _NAMES:
        named = [i for i, t in enumerate(tables) if t.get(key) == label]
        if named:
            return named[0] if len(named) == 1 else None
    wanted = _pairs(label)
    if not wanted:
        return None
    named = [i for i, t in enumerate(tables) if all(k in t and _said(t[k]) == v for k, v in wanted)]
    return named[0] if len(named) == 1 else None


def _pairs(label: str) -> list[tuple[str, str]]:
    """Keys and values in brackets, such as ``do=Weigh again, for=high_need``."""
    starts = list(_PAIR.finditer(label))
    if not starts or starts[0].start() != 0:
        return []
    ends = [m.start() for m in starts[1:]] + [len(label)]
    return [(m[1], label[m.end() : end].strip()) for m, end in zip(starts, ends, strict=True)]


def _said(value: object) -> str | None:
    """A value as it stands in brackets; None for what cannot stand there."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}"
    parts = as_list(value)
    if parts is not None and parts and all(isinstance(p, str) for p in parts):
        value = "/".join(parts)
    return value if isinstance(value, str) and "[" not in value and "]" not in value else None


def label_of(parts: Sequence[Any], place: int) -> str | None:
    """What names a table among those beside it, as short as it can be; None where nothing does."""
    tables = [as_table(p) or {} for p in parts]
    own = tables[place]
    for key in _NAMES:
        value = own.get(key)
        if isinstance(value, str) and _said(value) is not None:
            if sum(t.get(key) == value for t in tables) == 1 and _place(parts, value) == place:
                return value
            break
    keys = [k for k in own if k not in _UNNAMED and _said(own[k]) is not None]
    keys.sort(key=lambda k: not isinstance(own[k], str))  # words are what a table is, numbers may be set
    for count in range(1, min(len(keys), 3) + 1):
        for some in combinations(keys, count):
            label = ", ".join(f"{k}={_said(own[k])}" for k in some)
            if _place(parts, label) == place:
                return label
    return None


def leaves(plain: Mapping[str, Any]) -> Iterator[Leaf]:
    """Every value of a file that is no table and that a path can name, in the order of the file."""
    return _leaves(plain, (), ())


def _leaves(node: object, segments: tuple[tuple[str, str | None], ...], steps: tuple[Step, ...]) -> Iterator[Leaf]:
    table, parts = as_table(node), as_list(node)
    if table is not None:
        for key, part in table.items():
            yield from _leaves(part, (*segments, (key, None)), (*steps, key))
    elif parts is not None and any(as_table(p) is not None for p in parts):
        key = segments[-1][0]
        for place, part in enumerate(parts):
            if (label := label_of(parts, place)) is not None:
                yield from _leaves(part, (*segments[:-1], (key, label)), (*steps, place))
    else:
        yield Leaf(written(segments), steps, node)


def path_of(plain: Mapping[str, Any], steps: Sequence[Step]) -> str:
    """How a value is written that is found by some steps; a table that nothing names by its place, from 1 on."""
    out: list[tuple[str, str | None]] = []
    node: Any = plain
    for step in steps:
        if isinstance(step, str):
            out.append((step, None))
        elif out and as_table(node[step]) is not None:
            out[-1] = (out[-1][0], label_of(node, step) or str(step + 1))
        node = node[step]
    return written(out)


def at(plain: Mapping[str, Any], steps: Sequence[Step]) -> Any:
    """What stands where some steps lead."""
    node: Any = plain
    for step in steps:
        node = node[step]
    return node
