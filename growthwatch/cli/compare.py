"""The command that says what a change of protocol would have changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from growthwatch.cli.arguments import (
    AsJson,
    ExitCode,
    RecordFiles,
    guarded,
    read_protocol,
    read_record,
    record_files,
    when,
)
from growthwatch.core.errors import GrowthwatchError

if TYPE_CHECKING:
    from growthwatch.protocol import Comparison, Protocol
    from growthwatch.protocol.answers.affected import Whom
    from growthwatch.record import Record

__all__ = ["AgainstRecords", "AgainstUntil", "protocol_compare", "whom_of"]

AgainstRecords = Annotated[
    list[Path] | None,
    typer.Option(
        "--records",
        metavar="FILE|FOLDER",
        help="Records: say whom each change of a file that extends another would have affected, with --until.",
    ),
]
AgainstUntil = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="DAY",
        help="Last day of the twelve months that --records are judged for: YYYY-MM-DD, today or yesterday.",
    ),
]


@guarded
def protocol_compare(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A packaged protocol or a TOML file.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="What would be in its place.")],
    files: RecordFiles,
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="Last day, judged at its end: YYYY-MM-DD, today or yesterday.")
    ],
    as_json: AsJson = False,
) -> ExitCode:
    """Say what a protocol in place of another would have changed: which children, which days, how much work.

    Each is judged as if it had always been in force.
    """
    from growthwatch.cli.show import out_bytes
    from growthwatch.core.canonical import canonical_json
    from growthwatch.protocol import compare

    before, after = read_protocol(old, "OLD"), read_protocol(new, "NEW")
    found = compare(_records(record_files(files)), before, after, until=when(until, "--until", before.zone))
    if as_json:
        out_bytes(canonical_json(found.to_dict()))
    else:
        _show(found)
    return ExitCode.FINE


def whom_of(found: Protocol, records: list[Path] | None, until: str | None) -> Whom | None:
    """Whom the changes of a file would have affected among records in files; None where none were named."""
    from growthwatch.cli.show import progress
    from growthwatch.protocol.answers.affected import check_asked, whom_affected

    if records is None and until is None:
        return None
    if records is None or until is None:
        name, other = ("--until", "--records") if until is None else ("--records", "--until")
        raise GrowthwatchError.of(name, None, f"both, or neither: {other} says nothing without it")
    last = when(until, "--until", found.zone)
    if isinstance(last, dt.datetime):
        raise GrowthwatchError.of("--until", until, "a day written YYYY-MM-DD, today or yesterday")
    check_asked(found, last)
    files = record_files(records)
    with progress(len(files), "Judging") as advance:
        return whom_affected(_records(files), found, until=last, progress=advance)


def _records(files: list[Path]) -> Iterator[Record]:
    """Each record, with the name of its file in what is wrong with it."""
    for file in files:
        try:
            yield read_record(file)
        except GrowthwatchError as e:
            raise (e if str(e).startswith(f"{file}: ") else e.within(str(file))) from None


def _show(found: Comparison) -> None:
    from growthwatch.cli.show import out, table, text

    out(text(found.headline(), "bold"))
    heads = [("Rule", 6), ("Findings", 2), ("Interrupts", 2), ("Duties a week", 4), ("Children answered otherwise", 2)]
    rows: list[list[Any]] = [[text(cell) for cell in row] for row in found.rows()]
    if found.changed:
        out(text(""), text("By rule (old -> new)", "bold"), table(heads, rows, lines=False))
    for child_id, lines in found.by_child().items():
        out(text(""), text(child_id, "bold"), *(text(f"- {line}.") for line in lines))
