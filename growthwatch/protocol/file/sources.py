"""No number without a source: what covers each table of a protocol file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, cast

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.places import Step, path_of
from growthwatch.protocol.file.values import as_date

__all__ = ["PROVENANCE", "VERSIONS", "as_list", "as_table", "check_sourced", "is_number", "plain_json", "source_of"]

PROVENANCE = ("source", "tag", "review_by")
"""What covers a number: who says so, how far that reaches, and when somebody looks at it again."""

VERSIONS = frozenset({"schema", "kind_version"})
"""Numbers that count versions: they say nothing about a child, and need no source."""


def as_table(node: object) -> dict[str, Any] | None:
    """The node as a table, or None if it is none."""
    return cast("dict[str, Any]", node) if isinstance(node, dict) else None


def as_list(node: object) -> list[Any] | None:
    """The node as a list, or None if it is none."""
    return cast("list[Any]", node) if isinstance(node, list) else None


def check_sourced(plain: Mapping[str, Any], where: str) -> None:
    """Refuse a file that has a table with numbers and no source, tag and review date, own or inherited."""
    _sourced(plain, {}, where, plain, ())


def _sourced(
    node: object, inherited: dict[str, Any], where: str, plain: Mapping[str, Any], steps: tuple[Step, ...]
) -> None:
    for number, part in enumerate(as_list(node) or ()):
        _sourced(part, inherited, where, plain, (*steps, number))
    table = as_table(node)
    if table is None:
        return
    own = {k: table[k] for k in PROVENANCE if k in table}
    if "source" in own and not str(own["source"]).strip():
        raise GrowthwatchError.of(
            f"{where}: {path_of(plain, (*steps, 'source'))}", own["source"], "who says so, in words"
        )
    have = {**inherited, **own}
    numbers = [k for k, v in table.items() if is_number(v) and k not in VERSIONS]
    missing = [k for k in PROVENANCE if k not in have]
    if numbers and missing:
        wanted = f"{' and '.join(missing)} for these numbers, here or in a table around"
        raise GrowthwatchError.of(f"{where}: {path_of(plain, steps) or '(top)'}", numbers, wanted)
    for key, part in table.items():
        _sourced(part, have, where, plain, (*steps, key))


def is_number(value: object) -> bool:
    """Whether a value is a number, or a list with numbers in it."""
    parts = as_list(value)
    if parts is not None:
        return any(map(is_number, parts))
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain_json(value: object) -> Any:
    """Plain data of a TOML file as plain data of JSON: dates become text."""
    table, parts = as_table(value), as_list(value)
    if table is not None:
        return {k: plain_json(v) for k, v in table.items()}
    if parts is not None:
        return [plain_json(v) for v in parts]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def source_of(plain: Mapping[str, Any], path: Sequence[str | int]) -> tuple[str, str, dt.date]:
    """Source, tag and review date of the numbers at a path, such as ``("schedule", "bands", 0)``.

    A rule may be named by its id: ``("rules", "G3", "confirm")``.
    """
    node: Any = plain
    found = {k: node[k] for k in PROVENANCE if k in node}
    for step in path:
        parts = as_list(node)
        if parts is not None and isinstance(step, str):
            node = next((n for n in parts if (as_table(n) or {}).get("id") == step), None)
        else:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                node = None
        if node is None:
            raise GrowthwatchError.of("path", path, f"a path of the protocol ({step!r} is not there)")
        found |= {k: v for k, v in (as_table(node) or {}).items() if k in PROVENANCE}
    if len(found) != 3:
        raise GrowthwatchError.of("path", path, "a table with source, tag and review_by, its own or inherited")
    return found["source"], found["tag"], as_date(found["review_by"])
