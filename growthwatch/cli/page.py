"""The commands that make a page: of one child for staff, the sheet for the family, and a protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from growthwatch.cli.arguments import (
    AsOf,
    ExitCode,
    KnownAt,
    Protocols,
    RecordFile,
    ReferenceId,
    Signatures,
    guarded,
    read_protocol,
    read_protocols,
    read_record,
    when,
    zone_of,
)
from growthwatch.cli.compare import AgainstRecords, AgainstUntil, whom_of

__all__ = ["page_child", "page_family", "page_protocol"]

Out = Annotated[Path, typer.Option("--out", metavar="OUT.html", help="The page to write.")]
Called = Annotated[str | None, typer.Option("--called", metavar="NAME", help="How the child is called on it.")]


@guarded
def page_child(
    file: RecordFile,
    as_of: AsOf,
    out_file: Out,
    known_at: KnownAt = None,
    protocol: Protocols = None,
    signature: Signatures = None,
    reference: ReferenceId = "uk-who",
    you: Annotated[
        str | None, typer.Option("--you", metavar="NAME", help="Who reads it: what is theirs says so.")
    ] = None,
    called: Called = None,
) -> ExitCode:
    """Make the page of one child for staff: what to do, by whom, by when; then the charts; then why."""
    return _make(
        "child", file, as_of, out_file, known_at, protocol, signature, reference=reference, you=you, called=called
    )


@guarded
def page_family(
    file: RecordFile,
    as_of: AsOf,
    out_file: Out,
    known_at: KnownAt = None,
    protocol: Protocols = None,
    signature: Signatures = None,
    called: Called = None,
    ring: Annotated[
        str | None, typer.Option("--ring", metavar="NUMBER", help="The number that the family rings.")
    ] = None,
) -> ExitCode:
    """Make the sheet for the family: one side of A4, in short everyday words.

    A named person checks it before it is given.  Without --ring it has a blank line for the number.
    Where a named nurse holds it back, only when to ring and whom is left.
    """
    from growthwatch.cli.show import warn

    done = _make("family", file, as_of, out_file, known_at, protocol, signature, called=called, ring=ring)
    if ring is None:
        warn("no number was given (--ring NUMBER): write it on the sheet, on the line after “Whom to ring”")
    return done


@guarded
def page_protocol(
    file: Annotated[str, typer.Argument(metavar="FILE|ID", help="A protocol: a TOML file, or a packaged one's id.")],
    out_file: Out,
    signature: Annotated[
        Path | None, typer.Option("--signature", metavar="S.toml", help="Who has signed this very file.")
    ] = None,
    records: AgainstRecords = None,
    until: AgainstUntil = None,
) -> ExitCode:
    """Make the page of a protocol: what its signer decides, all that it says, and where it is signed.

    With --records and --until it says beside each change of a file that extends another whom it would have affected.
    """
    from growthwatch.cli.show import out, unbroken
    from growthwatch.pages import protocol_page, write_page

    found = read_protocol(file, "FILE|ID").signed_with(signature)
    write_page(protocol_page(found, whom_of(found, records, until)), out_file)
    out(unbroken(f"The page is in {out_file}"))
    return ExitCode.FINE


def _make(
    kind: Literal["child", "family"],
    file: Path,
    as_of: str,
    out_file: Path,
    known_at: str | None,
    protocol: list[str] | None,
    signature: list[Path] | None,
    **more: Any,
) -> ExitCode:
    from growthwatch.cli.show import out, unbroken
    from growthwatch.pages import page

    record, judges = read_record(file), read_protocols(protocol, signature)
    zone = zone_of(judges)
    moment = when(as_of, "--as-of", zone)
    known = None if known_at is None else when(known_at, "--known-at", zone)
    page(record, kind=kind, protocol=judges, as_of=moment, known_at=known, path=out_file, **more)
    out(unbroken(f"The page is in {out_file}"))
    return ExitCode.FINE
