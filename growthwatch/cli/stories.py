"""The command that tries a protocol against stories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from growthwatch.cli.arguments import AsJson, ExitCode, guarded, in_words, read_protocol
from growthwatch.core.errors import GrowthwatchError

if TYPE_CHECKING:
    from growthwatch.protocol import Protocol
    from growthwatch.protocol.stories import Told

__all__ = ["protocol_test"]


@guarded
def protocol_test(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Stories, TOML files.")],
    protocol: Annotated[
        str | None,
        typer.Option("--protocol", metavar="ID|FILE", help="The protocol to try, in place of that of each story."),
    ] = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Try a protocol against stories: what was expected, what happened, and on which day.

    Ends with 0 if every story goes as told, else with 1.
    """
    from growthwatch.cli.show import out, out_bytes, say, text
    from growthwatch.core.canonical import canonical_json

    given = None if protocol is None else read_protocol(protocol)
    told: list[Told] = []
    unread: list[tuple[Path, GrowthwatchError]] = []
    for file in files:
        try:
            told.append(_tell(file, given))
        except GrowthwatchError as e:
            unread.append((file, e))
            say(f"Error: {in_words(e)}")
        else:
            if not as_json:
                _show(told[-1])
    if as_json:
        faults = [{"file": str(file), "error": str(e)} for file, e in unread]
        out_bytes(canonical_json({"stories": [t.to_dict() for t in told], "unread": faults}))
    else:
        so = sum(t.so for t in told)
        which = "One story" if len(files) == 1 else f"{len(files)} stories"
        cannot = f", {len(unread)} that cannot be judged" if unread else ""
        out(text(f"{which}: {so} as told, {len(told) - so} not{cannot}.", "bold"))
    return ExitCode.FINE if not unread and all(t.so for t in told) else ExitCode.NOT_SO


def _tell(file: Path, given: Protocol | None) -> Told:
    from growthwatch.protocol.stories import read_story, tell

    story = read_story(file)
    return tell(story, given or read_protocol(story.protocol, f"{file}: protocol"))


def _show(told: Told) -> None:
    from growthwatch.cli.show import out, table, text

    rows: list[list[Any]] = []
    for line in told.lines:
        expected = line.expected if line.key == "quiet" else f"{line.key}: {line.expected}"
        happened = text(line.verdict, "" if line.so else "bold red")
        rows.append([text(line.on.isoformat()), text(expected), happened])
    heads = [("Day", 2), ("Expected", 6), ("Happened", 6)]
    out(text(told.verdict, "bold" if told.so else "bold red"), table(heads, rows, lines=False), text(""))
