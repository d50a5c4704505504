"""The commands about FHIR: files in, as records with a report; a review out, as a Bundle."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated

import typer

from growthwatch.cli.arguments import (
    AsOf,
    ExitCode,
    KnownAt,
    Protocols,
    RecordFile,
    Signatures,
    guarded,
    now,
    read_protocols,
    read_record,
    when,
    zone_of,
)

__all__ = ["fhir_in", "fhir_out"]

_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@guarded
def fhir_in(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Bundles or resources, in JSON or XML.")],
    into: Annotated[Path, typer.Option("--into", metavar="FOLDER", help="Where the records are, or will be.")],
    identifier: Annotated[
        str | None,
        typer.Option(
            "--identifier", metavar="SYSTEM", help="The identifier that is the child's id; else the resource's."
        ),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option("--server", metavar="URL", help="The server that the files are from, where they do not say."),
    ] = None,
    refused: Annotated[
        Path | None, typer.Option("--refused", metavar="OUT.csv", help="Also write the report as a table.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, and nothing else.")] = False,
) -> ExitCode:
    """Read FHIR into records, one file a child, and print what is not in them as it was given.

    A record that is there grows, and is never overwritten.  Ends with 3 when something was refused or doubted.
    """
    from growthwatch.cli.show import out, out_bytes, text, unbroken
    from growthwatch.core.errors import GrowthwatchError
    from growthwatch.interop.fhir import to_records
    from growthwatch.record import Record

    if into.exists() and not into.is_dir():
        raise GrowthwatchError.of("--into", str(into), "a folder")
    there = {p: Record.load(p) for p in sorted(into.glob("*.json"))} if into.is_dir() else {}
    places = {r.child_id: p for p, r in there.items()}
    known = {r.child_id: r for r in there.values()}
    made = to_records(*files, received_at=now(), identifier=identifier, into=known, server=server)
    into.mkdir(parents=True, exist_ok=True)
    for child_id, record in made.records.items():
        place = places.get(child_id, into / _name(child_id))
        if place not in there or record != there[place]:
            record.dump(place)
            if not as_json:
                out(unbroken(f"{place}: {record!r}"))
    if refused is not None:
        made.report.lines.dump(refused)
    if as_json:
        out_bytes(json.dumps(made.report.to_dict(), indent=2, ensure_ascii=False))
    else:
        out(text(made.report))
    return ExitCode.OPEN if made.report.refused or made.report.doubted else ExitCode.FINE


def _name(child_id: str) -> str:
    """The file of a child: its id where that can be the name of a file, else the hash of it."""
    if _FILE.fullmatch(child_id):
        return f"{child_id}.json"
    return f"child-{hashlib.sha256(child_id.encode()).hexdigest()[:16]}.json"


@guarded
def fhir_out(
    file: RecordFile,
    as_of: AsOf,
    known_at: KnownAt = None,
    protocol: Protocols = None,
    signature: Signatures = None,
    chart: Annotated[Path | None, typer.Option("--chart", metavar="FILE", help="A chart as PNG, SVG or PDF.")] = None,
) -> ExitCode:
    """Print a review as a Bundle of FHIR R4, in JSON."""
    from growthwatch.cli.show import out_bytes
    from growthwatch.core.files import FIGURES_LIMIT, read_within
    from growthwatch.interop.fhir import from_review
    from growthwatch.protocol import review as judge

    record, judges = read_record(file), read_protocols(protocol, signature)
    zone = zone_of(judges)
    known = None if known_at is None else when(known_at, "--known-at", zone)
    made = judge(record, protocol=judges, as_of=when(as_of, "--as-of", zone), known_at=known)
    picture = None if chart is None else read_within(chart, FIGURES_LIMIT, "--chart")
    out_bytes(json.dumps(from_review(made, record=record, chart=picture), indent=2, ensure_ascii=False))
    return ExitCode.OPEN if made.anything_open else ExitCode.FINE
