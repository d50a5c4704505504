"""What a protocol file of one's own says otherwise than another: key by key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from growthwatch.core.words import count_words
from growthwatch.protocol.file.sources import is_number

__all__ = ["Difference", "differences"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that two protocols have otherwise.

    Attributes
    ----------
    key
        Path in the file; entries of a list are named by their id or name.
    theirs, ours
        Value in the other protocol and in this one; None where it is not there.
    number
        Whether it is a number, which needs a source.
    own_source
        Whether the source that covers it here is another than the one that covers it there.
    source, tag
        What covers it here, its own or from a table around it; empty where it is not there any more.
    """

    key: str
    theirs: Any
    ours: Any
    number: bool
    own_source: bool
    source: str
    tag: str


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[Difference, ...]:
    """List every key that `ours` has otherwise than `theirs`, in the order of the file; both as plain data."""
    here, there = dict(_leaves(ours)), dict(_leaves(theirs))
    out: list[Difference] = []
    for key in [*here, *(k for k in there if k not in here)]:
        mine, its = here.get(key), there.get(key)
        if mine is not None and its is not None and _same(mine[0], its[0]):
            continue
        source, tag = mine[1:] if mine is not None else ("", "")
        number = any(is_number(v[0]) for v in (mine, its) if v is not None)
        # A number that cites what another number rests on cites nothing.
        own = mine is not None and (its is None or mine[1:] != its[1:])
        out.append(
            Difference(
                key, None if its is None else its[0], None if mine is None else mine[0], number, own, source, tag
            )
        )
    return tuple(out)


def _same(a: object, b: object) -> bool:
    return type(a) is type(b) and a == b


def _leaves(node: object, key: str = "", source: str = "", tag: str = "") -> Iterator[tuple[str, tuple[Any, str, str]]]:
    """Each value that is no table, with its path and the source and tag that cover it."""
    if isinstance(node, dict):
        table = cast("dict[str, Any]", node)
        source, tag = str(table.get("source", source)), str(table.get("tag", tag))
        for name, part in table.items():
            yield from _leaves(part, f"{key}.{name}" if key else name, source, tag)
    elif isinstance(node, list) and any(isinstance(part, dict) for part in cast("list[object]", node)):
        seen: dict[str, int] = {}
        for number, part in enumerate(cast("list[Any]", node)):
            label = _label(part, number)
            seen[label] = seen.get(label, 0) + 1
            again = f" {seen[label]}" if seen[label] > 1 else ""
            yield from _leaves(part, f"{key}[{label}{again}]", source, tag)
    else:
        yield key, (node.isoformat() if isinstance(node, dt.date) else node, source, tag)


def _label(part: Any, number: int) -> str:
    """How an entry of a list is known: by its id or name, or by what it is about."""
    table = cast("dict[str, Any]", part) if isinstance(part, dict) else {}
    for key in ("id", "name", "do"):
        if key in table:
            return str(table[key])
    for key, unit in (("from_months", "month"), ("from_days", "day")):
        if isinstance(table.get(key), int | float):
            return f"from {count_words(table[key], unit)}"
    return f"entry {number + 1}"
