"""The command for many children: from a spreadsheet to a list."""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from growthwatch.cli.arguments import (
    AsJson,
    ExitCode,
    Signatures,
    guarded,
    now,
    read_protocols,
    when,
)
from growthwatch.core.errors import GrowthwatchError

if TYPE_CHECKING:
    from growthwatch.caseload import Reviewed, Worklist
    from growthwatch.protocol import Protocol

__all__ = ["caseload"]

_SILENT = 2.0
"""From how long on a bar shows how far something is [seconds]."""

_HELP = "A table (.csv, .tsv, .xlsx, .ods, .parquet), a record, a folder of records, or a store; or: map FILE."


@guarded
def caseload(
    what: Annotated[list[str], typer.Argument(metavar="FILE|FOLDER|STORE | map FILE", help=_HELP)],
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="M.toml", help="How the table is read; map FILE writes a first one."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="DAY", help="The day of the list: YYYY-MM-DD (its end), a time, today or yesterday."
        ),
    ] = None,
    starts_on: Annotated[
        str | None,
        typer.Option("--starts-on", metavar="DAY", help="The day on which the protocol came into force for all."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="OUT.html", help="Also write the list as a page.")
    ] = None,
    charts: Annotated[
        Path | None,
        typer.Option("--charts", metavar="DIR", help="Also draw the chart of each child that has something to do."),
    ] = None,
    records: Annotated[
        Path | None,
        typer.Option("--records", metavar="DIR", help="Also write each child's record, for growthwatch review."),
    ] = None,
    child: Annotated[
        str | None, typer.Option("--child", metavar="ID", help="Show the whole review of one child instead.")
    ] = None,
    worker: Annotated[
        str | None, typer.Option("--worker", metavar="NAME", help="Only the children of this worker.")
    ] = None,
    team: Annotated[str | None, typer.Option("--team", metavar="NAME", help="Only the children of this team.")] = None,
    you: Annotated[
        str | None, typer.Option("--you", metavar="NAME", help="Who reads the list: what is theirs says so.")
    ] = None,
    protocol: Annotated[
        str, typer.Option("--protocol", metavar="ID|FILE", help="A packaged protocol or a TOML file.")
    ] = "uk-hv",
    signature: Signatures = None,
    read_by: Annotated[
        str | None, typer.Option("--read-by", metavar="NAME", help="Write down that NAME has read this list.")
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option("--log", metavar="FILE", help="Where lists and readers are kept (beside the table, if not said)."),
    ] = None,
    refused: Annotated[
        Path | None,
        typer.Option("--refused", metavar="OUT.csv", help="Where refused rows are kept (beside the report or table)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="M.toml", help="Of map: where the mapping is written.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", metavar="NAME", help="Of map: which sheet of a workbook.")
    ] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print one row a deed as CSV, and nothing else.")] = False,
) -> ExitCode:
    """List who needs somebody today, from a spreadsheet, a folder of records or a store.

    `growthwatch caseload map FILE` writes a first mapping, with its questions as comments.
    Ends with 3 where something cannot wait, is late, due today or due this week.
    """
    if what[:1] == ["map"] and len(what) == 2:
        return _map(Path(what[1]), out, sheet)
    if len(what) != 1:
        raise GrowthwatchError.of("FILE", " ".join(what), "one table or folder, or the word map and a table")
    if as_of is None:
        raise GrowthwatchError.of("--as-of", None, "the day of the list, such as --as-of today")
    return _list(
        what[0], mapping, as_of, starts_on, report, charts, records, child, worker, team, you,
        _protocol(protocol, signature), read_by, log, refused, as_json, as_csv,
    )  # fmt: skip


def _protocol(name: str, signature: list[Path] | None) -> Protocol:
    made = read_protocols([name], signature)
    return made[0] if isinstance(made, list) else made


def _map(path: Path, out_file: Path | None, sheet: str | None) -> ExitCode:
    from growthwatch.caseload import propose
    from growthwatch.cli.show import out, text, unbroken
    from growthwatch.core.files import write_wholly

    target = out_file or path.with_suffix(".toml")
    if target.exists():
        raise GrowthwatchError.of(
            "--out", str(target), "a file that is not there yet: nobody's answers are written over"
        )
    made, today = propose(path, sheet), now().date().isoformat()
    write_wholly(target, made.encode())
    n = len(made.questions)
    said = "No question is left; read it through." if not n else "1 question is" if n == 1 else f"{n} questions are"
    out(unbroken(f"The mapping is in {target}"), text(said if not n else f"{said} left for you in it:"))
    out(*[text(f"{i}. {q}") for i, q in enumerate(made.questions, 1)])
    out(
        text("Answer them there, then:" if n else "Then:"),
        unbroken(f"growthwatch caseload {path} --mapping {target} --as-of today --starts-on {today}"),
        text("--starts-on is your first day: write the same day each time."),
    )
    return ExitCode.FINE


def _list(
    source: str, mapping: Path | None, as_of: str, starts_on: str | None, report: Path | None, charts: Path | None,
    records: Path | None, child: str | None, worker: str | None, team: str | None, you: str | None, protocol: Protocol,
    read_by: str | None, log_file: Path | None, refused: Path | None, as_json: bool, as_csv: bool,
) -> ExitCode:  # fmt: skip
    from growthwatch.caseload import log as read_log
    from growthwatch.caseload import read
    from growthwatch.cli.show import out, out_bytes, say, show_review, text, unbroken, warn, width

    if as_json and as_csv:
        raise GrowthwatchError.of("--csv", True, "either --json or --csv")
    moment = when(as_of, "--as-of", protocol.zone)
    first = None if starts_on is None else _day(when(starts_on, "--starts-on", protocol.zone))
    path = _place(source)
    with _bar() as progress:
        cases = read(source, mapping, progress=progress)
        reviewed = cases.review(as_of=moment, protocol=protocol, starts_on=first, progress=progress)
    kept = read_log(log_file or _beside(path, ".lists.jsonl"))
    above = kept.before(reviewed.as_of, reviewed.on, protocol, reviewed.first_on)
    work = reviewed.worklist(you, above)
    shown = work if worker is None else work.for_worker(worker)
    shown = shown if team is None else shown.for_team(team)
    if child is not None:
        out(*show_review(reviewed[child]))
        for note in reviewed.by_id[child].notes:
            warn(note)
    elif as_json:
        out_bytes(shown.to_json())
    elif as_csv:
        out_bytes(_csv(shown))
    else:
        out(text(shown.text(min(100, width()))))
    told: list[str] = []
    # What follows is written beside: that it cannot be must keep the list from nobody.
    if reviewed.refused:
        target = refused or _beside(report or path, "-refused-rows.csv")
        told += _tried(lambda: reviewed.refused.dump(target), f"Refused and doubted rows are in {target}", warn)
    if report is not None:
        page = reviewed.report
        told += _tried(lambda: page(report, you, above), f"The page is in {report}", warn)
    if records is not None:
        told += _tried(lambda: _dump_records(reviewed, records), f"The records are in {records}", warn)
    if charts is not None:
        with _bar() as progress:
            told += _draw(reviewed, charts, progress, say)
    try:
        kept = kept.made(work, now())
        if read_by is not None:
            kept.read(work, read_by, now())
            told.append(f"Written down: {read_by} has read this list")
    except GrowthwatchError as e:
        warn(str(e))
    for line in told:
        if as_json or as_csv:
            say(line)
        else:
            out(unbroken(line))
    return (
        ExitCode.OPEN if any(work.counts[s] for s in ("cannot_wait", "late", "today", "this_week")) else ExitCode.FINE
    )


def _day(given: dt.date | dt.datetime) -> dt.date:
    return given.date() if isinstance(given, dt.datetime) else given


def _place(source: str) -> Path:
    """Where what is written beside goes: by the file or folder that is read, or here, of a database elsewhere."""
    from growthwatch.caseload.stored import store_url

    url = store_url(source)
    if url is None or not url.startswith("sqlite:"):
        return Path(source) if url is None else Path("caseload")
    return Path(url.partition(":///")[2].partition("?")[0])


def _beside(path: Path, ending: str) -> Path:
    """A file beside a table or a folder, named after it."""
    return path.parent / f"{path.stem if path.suffix else path.name}{ending}"


def _tried(write: Callable[[], object], said: str, warn: Callable[[str], None]) -> list[str]:
    try:
        write()
    except (GrowthwatchError, OSError) as e:
        warn(str(e))
        return []
    return [said]


def _csv(work: Worklist) -> str:
    columns = work.columns()
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow(["" if v is None else v for v in row])
    return made.getvalue().rstrip("\n")


def _dump_records(reviewed: Reviewed, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for id in reviewed.source.ids:
        reviewed.record_of(id).dump(folder / f"{_file_name(id)}.json", merge=True)


def _file_name(id: str) -> str:
    """A name of a file for an id: letters that a file cannot have are written out."""
    return "".join(c if c.isalnum() or c in "-_." else f"%{ord(c):02X}" for c in id).lstrip(".") or "%"


def _draw(
    reviewed: Reviewed, folder: Path, progress: Callable[[str, int, int], None], say: Callable[[str], None]
) -> list[str]:
    """Charts of the children that have something to do, within a week, worst first."""
    from growthwatch.charts import chart

    folder.mkdir(parents=True, exist_ok=True)
    rows = [r for r in reviewed.worklist() if r.section != "nothing"]
    drawn = 0
    for n, row in enumerate(rows, 1):
        record: Any = reviewed.record_of(row.child_id)
        try:
            chart(
                record,
                as_of=reviewed.as_of,
                protocol=reviewed.protocol,
                path=folder / f"{_file_name(row.child_id)}.png",
            )
            drawn += 1
        except GrowthwatchError as e:
            say(f"No chart of {row.child_id}: {e}")
        progress("Drawing", n, len(rows))
    return [f"{drawn} charts are in {folder}"]


@contextmanager
def _bar() -> Generator[Callable[[str, int, int], None]]:
    """A bar on standard error, once something takes longer than two seconds."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(file=sys.stderr)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}{task.fields[of]}"),
        TimeElapsedColumn(), console=console, transient=True,
    )  # fmt: skip
    started, tasks = time.monotonic(), dict[str, Any]()

    def step(what: str, done: int, total: int) -> None:
        if not console.is_terminal or time.monotonic() - started < _SILENT:
            return
        if not tasks:
            bar.start()
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total or None, of=f" of {total}" if total else "")
        bar.update(tasks[what], completed=done)

    try:
        yield step
    finally:
        if tasks:
            bar.stop()
