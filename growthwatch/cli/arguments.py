"""What the commands share: their arguments, how these are read, and how a command ends."""

from __future__ import annotations

import datetime as dt
import functools
import os
import re
import traceback
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, ParamSpec

import typer

from growthwatch import __version__
from growthwatch.core.errors import GrowthwatchError

if TYPE_CHECKING:
    from growthwatch.protocol import Protocol
    from growthwatch.record import Record

__all__ = [
    "DEFAULT_PROTOCOL",
    "AsJson",
    "AsOf",
    "CorrectionName",
    "ExitCode",
    "Identify",
    "KnownAt",
    "Protocols",
    "RecordFile",
    "RecordFiles",
    "ReferenceId",
    "Signatures",
    "each",
    "guarded",
    "in_words",
    "now",
    "read_protocol",
    "read_protocols",
    "read_record",
    "record_files",
    "when",
    "zone_of",
]


P = ParamSpec("P")


class ExitCode(IntEnum):
    """How a command ended; a story that does not go as told ends as a fault does."""

    FINE = 0
    FAULT = 1
    NOT_SO = 1
    WRONG_INPUT = 2
    OPEN = 3


_SAID = {"path": "file", "FILE": "file", "day": "day"}


def in_words(e: GrowthwatchError) -> str:
    """What is wrong, in the words of the command line: a file and a day are no names of arguments there."""
    words = str(e)
    for field, said in _SAID.items():
        words = re.sub(rf"(?<!\S){field}: got ", f"{said} ", words)
    return words


def guarded(command: Callable[P, ExitCode]) -> Callable[P, NoReturn]:
    """Turn what a command returns or raises into an exit code and one plain message."""

    @functools.wraps(command)
    def safe(*args: P.args, **kwargs: P.kwargs) -> NoReturn:
        from growthwatch.cli.show import prepare, say

        prepare()
        try:
            code = command(*args, **kwargs)
        except GrowthwatchError as e:
            say(f"Error: {in_words(e)}")
            code = ExitCode.WRONG_INPUT
        except OSError as e:
            say(f"Error: {e.filename or 'output'}: {e.strerror or e}")
            code = ExitCode.WRONG_INPUT
        except Exception as e:
            if os.environ.get("GROWTHWATCH_DEBUG") == "1":
                say(traceback.format_exc())
            say(
                f"This is a fault in growthwatch {__version__}, not in what you asked: please report it, "
                f"with these words: {type(e).__name__}: {e}"
            )
            code = ExitCode.FAULT
        raise typer.Exit(int(code))

    return safe


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHEN = "a day written YYYY-MM-DD, the word today or yesterday, or a time with its zone such as 2024-04-09T17:00+01:00"
_TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".parquet")
DEFAULT_PROTOCOL = "uk-hv"
RecordFile = Annotated[Path, typer.Argument(metavar="FILE", help="The child's record, a JSON file.")]
RecordFiles = Annotated[
    list[Path],
    typer.Argument(metavar="FILE|FOLDER...", help="Records, JSON files of one child each, or folders of such files."),
]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of", metavar="DATE", help="The day asked about: YYYY-MM-DD (its end), a time, today or yesterday."
    ),
]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", metavar="DATE", help="Use only what was written down by then.")
]
Protocols = Annotated[
    list[str] | None,
    typer.Option(
        "--protocol",
        metavar="ID|FILE",
        help="A packaged protocol or a TOML file (uk-hv if not given). "
        "Several: each day is judged by the one the record had adopted.",
    ),
]
ReferenceId = Annotated[str, typer.Option("--reference", metavar="ID", help="Curves of the chart.")]
CorrectionName = Annotated[
    str | None,
    typer.Option("--correction", metavar="NAME", help="Correction for early birth: paper, lifelong or none."),
]
Identify = Annotated[bool, typer.Option("--identify", help="Write the child's id on the chart.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]


def now() -> dt.datetime:
    """Look at the clock: the only place in growthwatch that does, but for an erasure whose moment nobody said."""
    return dt.datetime.now(dt.UTC)


def when(given: str, field: str, zone: str) -> dt.date | dt.datetime:
    """Read a day, an aware time, or one of the words today and yesterday."""
    from growthwatch.core.calendar import local_day

    words = given.strip()
    if words.lower() in ("today", "yesterday"):
        return local_day(now(), zone) - dt.timedelta(days=words.lower() == "yesterday")
    try:
        if _DAY.fullmatch(words):
            return dt.date.fromisoformat(words)
        if not _DAY.match(words) or len(words) == 10 or words[10] not in "T ":
            raise ValueError
        moment = dt.datetime.fromisoformat(words)
    except ValueError:
        raise GrowthwatchError.of(field, given, _WHEN) from None
    if moment.tzinfo is None:
        raise GrowthwatchError.of(
            field, given, f"a time with its zone, such as {words}+01:00 in British summer time or {words}Z in winter"
        )
    return moment


def read_protocol(name: str, field: str = "--protocol") -> Protocol:
    """A packaged protocol, or one from a file; `field` is what an error calls it."""
    from growthwatch.protocol import Protocol, protocol, protocols

    packaged = protocols()
    if name in packaged:
        return protocol(name)
    if name.lower().endswith(".toml") or Path(name).exists():
        return Protocol.load(name)
    raise GrowthwatchError.of(field, name, f"one of {', '.join(packaged)}, or an existing TOML file")


def read_protocols(names: list[str] | None, signatures: list[Path] | None = None) -> Protocol | list[Protocol]:
    """The protocols that are named, the default where none is; each with its own of the signatures."""
    from growthwatch.protocol.file.signing import Signature

    made = [read_protocol(name) for name in names or [DEFAULT_PROTOCOL]]
    for one in [Signature.load(path) for path in signatures or ()]:
        fits = [i for i, p in enumerate(made) if one.signs(p.id, p.version, p.hash)]
        # One that is of none of them is shown as such by the first.
        for i in fits or [0]:
            if fits or made[i].signature is None:
                made[i] = made[i].signed_with(one)
    return made[0] if len(made) == 1 else made


def zone_of(found: Protocol | list[Protocol]) -> str:
    """Time zone in which days are counted: that of the first."""
    return (found[0] if isinstance(found, list) else found).zone


def record_files(given: list[Path]) -> list[Path]:
    """The files that are named, each folder opened: its files that end in .json, by name."""
    out: list[Path] = []
    for path in given:
        if not path.is_dir():
            out.append(path)
            continue
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() == ".json" and p.is_file())
        if not inside:
            raise GrowthwatchError.of("FILE", str(path), "a folder that holds records (files that end in .json)")
        out += inside
    return out


def each(given: list[Path], one: Callable[[Path], ExitCode], as_json: bool = False) -> ExitCode:
    """Do it for each record; of several, one that is wrong is named, and the others are done all the same.

    Of several, JSON has a line for each.  Ends with 2 where a file was wrong, else with 3 where something is open.
    """
    from growthwatch.cli.show import out, say, text

    files = record_files(given)
    if len(files) == 1:
        return one(files[0])
    codes: set[ExitCode] = set()
    for file in files:
        if codes and not as_json:
            out(text(""))
        try:
            codes.add(one(file))
        except GrowthwatchError as e:
            words = in_words(e)
            say(f"Error: {words}" if str(file) in words else f"Error: {file}: {words}")
            codes.add(ExitCode.WRONG_INPUT)
    return next((code for code in (ExitCode.WRONG_INPUT, ExitCode.OPEN) if code in codes), ExitCode.FINE)


def read_record(path: Path) -> Record:
    """The record in a file."""
    from growthwatch.record import Record

    if path.suffix.lower() in _TABLES:
        raise GrowthwatchError.of(
            "FILE", str(path), f"the record of one child (.json); for a table of children: growthwatch caseload {path}"
        )
    return Record.load(path)


Signatures = Annotated[
    list[Path] | None,
    typer.Option("--signature", metavar="FILE", help="A signature of the protocol, as protocol sign writes it."),
]
