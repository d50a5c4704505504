"""Paths to the values of a protocol file: by ids and names, never by position.

``rules[P3].acknowledge_wd`` is the key ``acknowledge_wd`` of the rule with the id P3.  What stands in brackets names
one table of a list: its id, its name or what it asks for (``do``), or keys of it that no other table beside it
has, such as ``clock[from_days=14]`` or ``actions[do=Weigh again, for=high_need]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.places import Step, label_of, place_of, written
from growthwatch.protocol.file.sources import as_list, as_table

__all__ = ["Leaf", "at", "leaves", "locate", "parse"]

_SEGMENT = re.compile(r"(?P<key>[A-Za-z][A-Za-z0-9_-]*)(?:\[(?P<label>[^\[\]]+)\])?")


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


_MOST_PLACES = 8
"""Up to how many places of a key are told to who looked for it in another."""


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
            elsewhere = [leaf.path for leaf in leaves(plain) if leaf.key == key]
            there = f"; {key} stands at {', '.join(elsewhere)}" if 0 < len(elsewhere) <= _MOST_PLACES else ""
            raise GrowthwatchError.of(path, key, f"one of {sorted(table)} in {here}{there}")
        node = table[key]
        steps.append(key)
        parts = as_list(node)
        if label is None:
            if parts is not None and any(as_table(p) is not None for p in parts):
                raise GrowthwatchError.of(path, key, f"which of them, in brackets: {_labels(parts)}")
            proper.append((key, None))
            continue
        place = None if parts is None else place_of(parts, label)
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


def at(plain: Mapping[str, Any], steps: Sequence[Step]) -> Any:
    """What stands where some steps lead."""
    node: Any = plain
    for step in steps:
        node = node[step]
    return node
