"""The commands about a store of records: make it, fill it, look whether it was changed, hand out, erase."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from growthwatch.cli.arguments import (
    AsJson,
    ExitCode,
    RecordFiles,
    guarded,
    in_words,
    now,
    read_record,
    record_files,
    when,
)
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.files import TEXT_LIMIT, read_within

if TYPE_CHECKING:
    from growthwatch.store.store import Store

__all__ = ["store_erase", "store_export", "store_head", "store_import", "store_init", "store_retention", "store_verify"]

Url = Annotated[
    str, typer.Argument(metavar="URL", help="sqlite:///FILE or postgresql://USER@HOST/DATABASE.", show_default=False)
]
ChildId = Annotated[str, typer.Argument(metavar="CHILD", help="The child's id in the store.")]


def _open(url: str, *, create: bool = False, read_only: bool = False) -> Store:
    from growthwatch.store import open as opened

    return opened(url, create=create, read_only=read_only)


@guarded
def store_init(url: Url) -> ExitCode:
    """Make a store; one that is there stays as it is."""
    from growthwatch.cli.show import out, text

    with _open(url, create=True) as store:
        out(text(f"Store {store.id}: {len(store)} children, {store.head().position} entries."))
    return ExitCode.FINE


@guarded
def store_import(
    url: Url,
    given: RecordFiles,
) -> ExitCode:
    """Store the records in files; what the store has already is not stored again.

    A file that is no record is named, and all others are stored.  Ends with 2 where there was one.
    """
    from growthwatch.cli.show import out, say, text

    refused = events = known = 0
    files = record_files(given)
    with _open(url) as store:
        for file in files:
            try:
                record = read_record(file)
            except GrowthwatchError:
                # What is wrong with it may name a child: who asks for it gets it from record check.
                refused += 1
                say(f"Error: {file}: not stored: it is no record; growthwatch record check {file} says why")
                continue
            try:
                added = store.add(record)
            except GrowthwatchError as e:
                refused += 1
                say(f"Error: {file}: not stored: {in_words(e)}")
            else:
                events, known = events + added.events, known + added.known
        out(
            text(f"{len(files) - refused} records: {events} events stored, {known} were there already."),
            text(str(store.head())),
        )
    return ExitCode.WRONG_INPUT if refused else ExitCode.FINE


@guarded
def store_head(
    url: Url,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Also add it as a line to this file.")] = None,
) -> ExitCode:
    """Print the head of a store: one line to keep elsewhere, for store verify."""
    from growthwatch.cli.show import out_bytes

    with _open(url, read_only=True) as store:
        line = str(store.head())
    if to is not None:
        with to.open("a", encoding="utf-8") as f:
            f.write(line + "\n")
    out_bytes(line)
    return ExitCode.FINE


@guarded
def store_verify(
    url: Url,
    head: Annotated[str | None, typer.Option("--head", metavar="LINE", help="A line that store head printed.")] = None,
    heads: Annotated[
        Path | None, typer.Option("--heads", metavar="FILE", help="The file that store head --to wrote.")
    ] = None,
) -> ExitCode:
    """Look whether an entry of a store was edited, put in, moved or taken out.

    Ends with 3 where anything is not as it was written.
    """
    from growthwatch.cli.show import out, text

    lines = [] if head is None else [head]
    if heads is not None:
        kept = read_within(heads, TEXT_LIMIT, "--heads").decode("utf-8-sig", "replace").splitlines()
        if not any(line.strip() for line in kept):
            # Without a head much less is looked at: that is not to happen by an empty file.
            raise GrowthwatchError.of("--heads", str(heads), "a file with at least one line that store head wrote")
        lines += [line for line in kept if line.strip()]
    with _open(url, read_only=True) as store:
        found = store.verify(lines)
    out(text(str(found), "" if found else "bold red"))
    if found.erasures:
        out(*(text(f"Erased: {e.events} events, {e.at}, by {e.by}: {e.because}") for e in found.erasures))
    return ExitCode.FINE if found else ExitCode.OPEN


@guarded
def store_export(
    url: Url,
    child: ChildId,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A new file, for its owner alone.")],
) -> ExitCode:
    """Write all that a store holds of a child, for a request for access."""
    from growthwatch.cli.show import out, text
    from growthwatch.core.files import write_wholly

    with _open(url, read_only=True) as store:
        made = store.export(child)
    if to.exists():
        raise GrowthwatchError.of("--to", str(to), "a new file")
    write_wholly(to, (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode(), private=True)
    out(text(f"{len(made['record']['events'])} events are in {to}."))
    return ExitCode.FINE


@guarded
def store_erase(
    url: Url,
    child: ChildId,
    because: Annotated[str, typer.Option("--because", metavar="REASON", help="It stays: name nobody in it.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who answers for it: it stays.")],
) -> ExitCode:
    """Erase all that a store holds of a child; a tombstone stays.  It cannot be undone."""
    from growthwatch.cli.show import out, text

    with _open(url) as store:
        done = store.erase(child, because=because, by=by, at=now())
    rest = "" if done.swept else " What it was may be on the disk of the database for a while: see the page."
    out(text(f"{done.events} events are erased.{rest} Backups are not: they are yours to look after."))
    return ExitCode.FINE


@guarded
def store_retention(
    url: Url,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DAY", help="The day asked about: YYYY-MM-DD, today or yesterday.")
    ],
    as_json: AsJson = False,
) -> ExitCode:
    """List until when each record must be kept; nothing is erased by it."""
    from growthwatch.cli.show import out, out_bytes, table, text
    from growthwatch.core.calendar import as_instant
    from growthwatch.core.canonical import canonical_json

    day = as_instant(when(as_of, "--as-of", "Europe/London"), "Europe/London").date()
    with _open(url, read_only=True) as store:
        found = store.retention(day)
    if as_json:
        rows = [
            {"child": k.child, "until": None if k.until is None else k.until.isoformat(), "over": k.over} for k in found
        ]
        out_bytes(canonical_json({"as_of": day.isoformat(), "children": rows}))
        return ExitCode.FINE
    over = sum(k.over for k in found)
    unknown = sum(k.until is None for k in found)
    out(text(f"{len(found)} records: {over} may be looked at, {unknown} without a birth date.", "bold"))
    rows_ = [
        [
            text(k.child),
            text("no birth date" if k.until is None else k.until.isoformat()),
            text("yes" if k.over else ""),
        ]
        for k in found
        if k.over or k.until is None
    ]
    if rows_:
        out(table([("Child", 4), ("Kept until", 3), ("Past", 1)], rows_, lines=False))
    return ExitCode.FINE
