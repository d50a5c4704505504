"""The commands about a protocol: check a file, show a packaged one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from growthwatch.cli.arguments import (
    DEFAULT_PROTOCOL,
    ExitCode,
    On,
    guarded,
    when,
)
from growthwatch.core.errors import GrowthwatchError

if TYPE_CHECKING:
    from growthwatch.protocol import Protocol

__all__ = ["protocol_check", "protocol_show"]


@guarded
def protocol_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A protocol, a TOML file.")], on: On = None
) -> ExitCode:
    """Check a protocol file: its form, its sources, its review dates.

    Lists what it says otherwise than the packaged protocol (of its id, else uk-hv).
    """
    from growthwatch.protocol import Protocol, protocol, protocols

    found = Protocol.load(file)
    code = _show_protocol(found, on)
    _show_differences(found, protocol(found.id if found.id in protocols() else DEFAULT_PROTOCOL))
    return code


def _show_differences(found: Protocol, packaged: Protocol) -> None:
    from growthwatch.cli.show import out, table, text, warn
    from growthwatch.protocol.file.differences import differences

    name = f"the packaged {packaged.id} {packaged.version}"
    changed = differences(found.plain, packaged.plain)
    if not changed:
        out(text(""), text(f"It says the same as {name}."))
        return
    rows: list[list[Any]] = []
    for d in changed:
        covered = "" if d.ours is None or not d.number else f"{d.source} ({d.tag})" if d.own_source else "AS PACKAGED"
        rows.append([text(c) for c in (d.key, _plain_value(d.theirs), _plain_value(d.ours), covered)])
    count = "One difference" if len(changed) == 1 else f"{len(changed)} differences"
    heads = [("Key", 10), ("Packaged", 5), ("Here", 5), ("Source here", 9)]
    out(text(""), text(f"{count} from {name}:", "bold"), table(heads, rows, lines=False))
    unsourced = [d for d in changed if d.number and d.ours is not None and not d.own_source]
    if unsourced:
        numbers = (
            "One changed number still cites" if len(unsourced) == 1 else f"{len(unsourced)} changed numbers still cite"
        )
        warn(f"{numbers} the source of the packaged protocol: give source and tag of its own beside it.")


def _plain_value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain_value, cast("list[object]", value)))
    return "-" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@guarded
def protocol_show(
    id: Annotated[str, typer.Argument(metavar="ID", help="A packaged protocol.")], on: On = None
) -> ExitCode:
    """Show a packaged protocol."""
    from growthwatch.protocol import protocol, protocols

    if id not in protocols():
        raise GrowthwatchError.of("ID", id, f"one of {', '.join(protocols())}; protocol check reads a file")
    return _show_protocol(protocol(id), on)


def _show_protocol(found: Protocol, on: str | None) -> ExitCode:
    from growthwatch.cli.show import out, pairs, table, text, warn
    from growthwatch.core.words import long_date

    day = None if on is None else when(on, "--on", found.zone)
    if isinstance(day, dt.datetime):
        raise GrowthwatchError.of("--on", on, "a day written YYYY-MM-DD, or today")
    s = found.settings
    until = f" to {long_date(s.effective_until)}" if s.effective_until else ""
    out(
        text(f"{found.id} {found.version}: {s.title}", "bold"),
        pairs(
            [
                ("Hash", found.hash),
                ("Status", s.status),
                ("In force", f"from {long_date(s.effective_from)}{until}"),
                ("Judges on", found.reference.label),
                ("Days", f"{s.zone}, calendar {s.calendar}"),
            ]
        ),
        text(""),
    )
    rows: list[list[Any]] = []
    for rule in found.rules:
        _, tag, review_by = found.provenance("rules", rule.id)
        levels = "; ".join(level.name for level in rule.levels)
        cells = [rule.id, rule.title, rule.kind, levels, tag, long_date(review_by)]
        rows.append([text(cell) for cell in cells])
    heads = [("Rule", 3), ("Title", 9), ("Kind", 9), ("Levels", 8), ("Tag", 2), ("Review by", 6)]
    out(table(heads, rows, lines=False), text("Tag: N national source, G guideline for a condition, L local choice."))
    if day is not None:
        for place, review_by in _review_dates(found):
            if review_by < day:
                warn(f"{place}: its numbers were to be reviewed by {long_date(review_by)}.")
    return ExitCode.FINE


def _review_dates(found: Protocol) -> Iterator[tuple[str, dt.date]]:
    """Every review date in the file, with the table that it stands in."""
    from growthwatch.protocol.file.values import Sourced

    def walk(value: object, place: str) -> Iterator[tuple[str, dt.date]]:
        if isinstance(value, Sourced):
            if value.review_by is not None:
                yield place or "(top)", value.review_by
            for name in type(value).model_fields:
                yield from walk(getattr(value, name), f"{place}.{name}" if place else name)
        elif isinstance(value, tuple):
            for number, part in enumerate(cast("tuple[object, ...]", value)):
                label = getattr(part, "name", None) or str(number)
                yield from walk(part, f"{place}[{label}]")

    yield from walk(found.settings, "")
    for rule in found.rules:
        yield from walk(rule, f"rule {rule.id}")
