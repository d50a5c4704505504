"""Where in a file of tables something stands, said by ids and names: what a person finds with a search.

``clock[from_months=4].red_days`` is the key ``red_days`` of that table of the list ``clock`` which alone has
``from_months`` 4.  A number of a place helps nobody who reads a file from the top.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, cast

__all__ = ["Step", "label_of", "path_of", "place_of", "written"]

Step = str | int
"""A key of a table, or the place in a list: how a path is followed once it is found."""

_NAMES = ("id", "name", "do")
"""Keys that name a table by their value alone, the first that it has."""

_UNNAMED = frozenset({"source", "tag", "review_by", "owner", "if_not", "loudness"})
"""Keys that name nothing: what covers a table, and what a file of one's own may say otherwise, is not what it is."""

_PAIR = re.compile(r"(?:^|, ?)([A-Za-z][A-Za-z0-9_-]*)=")


def written(segments: Sequence[tuple[str, str | None]]) -> str:
    """Write keys and names as a path."""
    return ".".join(key if label is None else f"{key}[{label}]" for key, label in segments)


def place_of(parts: Sequence[Any], label: str) -> int | None:
    """Place of the one table that a name names, or None if it names none or several."""
    tables = [_table(p) or {} for p in parts]
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
    parts = _list(value)
    if parts is not None and parts and all(isinstance(p, str) for p in parts):
        value = "/".join(parts)
    return value if isinstance(value, str) and "[" not in value and "]" not in value else None


def label_of(parts: Sequence[Any], place: int, but: Step | None = None) -> str | None:
    """What names a table among those beside it, as short as it can be, without a key that is wrong; None: nothing."""
    tables = [_table(p) or {} for p in parts]
    own = tables[place]
    for key in _NAMES:
        value = own.get(key) if key != but else None
        if isinstance(value, str) and _said(value) is not None:
            if sum(t.get(key) == value for t in tables) == 1 and place_of(parts, value) == place:
                return value
            break
    keys = [k for k in own if k != but and k not in _UNNAMED and _said(own[k]) is not None]
    keys.sort(key=lambda k: not isinstance(own[k], str))  # words are what a table is, numbers may be set
    for count in range(1, min(len(keys), 3) + 1):
        for some in combinations(keys, count):
            label = ", ".join(f"{k}={_said(own[k])}" for k in some)
            if place_of(parts, label) == place:
                return label
    return None


def path_of(plain: object, steps: Sequence[Step]) -> str:
    """How a value is written that is found by some steps; a table or value that nothing names by its place, from 1 on.

    Steps may lead past the end, as those to a key that is missing do; a step between that leads nowhere is left out.
    """
    out: list[tuple[str, str | None]] = []
    node: object = plain
    for number, step in enumerate(steps, 1):
        if isinstance(step, int):
            parts = _list(node)
            said_of = steps[number] if number == len(steps) - 1 else None
            label = label_of(parts, step, said_of) if parts is not None and step < len(parts) else None
            if out:
                out[-1] = (out[-1][0], label or str(step + 1))
            node = parts[step] if parts is not None and step < len(parts) else None
            continue
        table = _table(node)
        there = table is not None and step in table
        if there or table is None or number == len(steps):
            out.append((step, None))
            node = table[step] if table is not None and there else None
    return written(out)


def _table(node: object) -> Mapping[str, Any] | None:
    return cast("Mapping[str, Any]", node) if isinstance(node, Mapping) else None


def _list(node: object) -> Sequence[Any] | None:
    return cast("Sequence[Any]", node) if isinstance(node, list | tuple) else None
