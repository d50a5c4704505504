"""The commands about a protocol: check a file, show it whole, compare two, sign one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from growthwatch.cli.arguments import DEFAULT_PROTOCOL, ExitCode, guarded, now, read_protocol, when
from growthwatch.cli.compare import AgainstRecords, AgainstUntil, whom_of
from growthwatch.core.errors import GrowthwatchError

if TYPE_CHECKING:
    from growthwatch.protocol import Protocol

__all__ = ["protocol_check", "protocol_diff", "protocol_show", "protocol_sign"]

Named = Annotated[str, typer.Argument(metavar="FILE|ID", help="A protocol, a TOML file; or the id of a packaged one.")]
AsOfDay = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DAY",
        help="Name numbers whose review date is before this day: YYYY-MM-DD, today or yesterday.",
    ),
]
SignatureFile = Annotated[
    Path | None, typer.Option("--signature", metavar="FILE", help="A signature that protocol sign wrote.")
]

_ABOUT = {
    "dates": "Dates",
    "review": "Review dates that have passed",
    "source": "Sources that are missing, or do not say who decides",
    "unreachable": "What never speaks",
    "floor": "Floors shorter than the ceiling",
    "less safe": "Less safe than national",
}


@guarded
def protocol_check(file: Named, as_of: AsOfDay = None, signature: SignatureFile = None) -> ExitCode:
    """Check a protocol: its form, dates and sources, what never speaks, and what is less safe than national.

    Lists what it says otherwise than the protocol that it extends, or than the packaged one of its id, else uk-hv.
    Ends with 3 when somebody must decide something.
    """
    from growthwatch.cli.show import out, text
    from growthwatch.protocol import protocol, protocols
    from growthwatch.protocol.answers.checks import checked

    found = read_protocol(file, "FILE|ID").signed_with(signature)
    day = _day(as_of, found)
    packaged = protocol(found.id if found.id in protocols() else DEFAULT_PROTOCOL)
    _show_head(found)
    _show_rules(found)
    if found.extends is None:
        open_ = _show_differences(found, packaged)
    else:
        open_ = 0
        _show_given(found)
    doubts = checked(found, day, packaged)
    for about, title in _ABOUT.items():
        of_it = [d for d in doubts if d.about == about]
        if of_it:
            out(text(""), text(title, "bold"))
            out(*(text(f"- {d.place}: {d.says}") for d in of_it))
    decide = open_ + sum(not d.note for d in doubts)
    if not decide:
        known = " What is named above bars no signature, and is for whoever signs to weigh." if doubts else ""
        out(text(""), text(f"Nothing in it waits for a decision.{known}"))
        return ExitCode.FINE
    out(text(""), text(f"{decide} thing{'' if decide == 1 else 's'} to decide.", "bold"))
    return ExitCode.OPEN


@guarded
def protocol_show(
    file: Named,
    as_of: AsOfDay = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="OUT", help="Write it as one page that prints well.")
    ] = None,
    paths: Annotated[
        bool, typer.Option("--paths", help="List every value with its path, as a file that extends it names it.")
    ] = False,
    signature: SignatureFile = None,
    records: AgainstRecords = None,
    until: AgainstUntil = None,
) -> ExitCode:
    """Show a protocol as the whole document that a lead can read and sign.

    With --records and --until it says beside each change of a file that extends another whom it would have affected.
    """
    from growthwatch.cli.document import show_document
    from growthwatch.cli.show import out, text, unbroken, warn
    from growthwatch.core.files import write_wholly
    from growthwatch.protocol.answers.checks import checked
    from growthwatch.protocol.file.paths import leaves

    if html is not None and html.suffix.lower() not in (".html", ".htm"):
        # A child's record, or a protocol, that was named by a slip would be written over.
        raise GrowthwatchError.of("--html", str(html), "a path that ends in .html")
    found = read_protocol(file, "FILE|ID").signed_with(signature)
    day = _day(as_of, found)
    if paths:
        out(*(text(f"{leaf.path} = {_plain_value(leaf.value)}") for leaf in leaves(found.plain)))
        return ExitCode.FINE
    for doubt in checked(found, day) if day is not None else ():
        if doubt.about == "review":
            warn(f"{doubt.place}: {doubt.says}")
    whom = whom_of(found, records, until)
    if html is not None:
        from growthwatch.pages.protocol import protocol_page

        write_wholly(html, protocol_page(found, whom).encode("utf-8"))
        out(unbroken(f"The document is in {html}"))
        return ExitCode.FINE
    _show_head(found)
    out(*show_document(found, whom))
    return ExitCode.FINE


@guarded
def protocol_diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A protocol: a TOML file, or the id of a packaged one.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The protocol that it is held against.")],
) -> ExitCode:
    """Say in words what protocol B says otherwise than A.  Ends with 3 where anything is otherwise."""
    from growthwatch.cli.show import out, text
    from growthwatch.protocol.answers.otherwise import difference_lines

    before, after = read_protocol(a, "A"), read_protocol(b, "B")
    names = [f"{p.id} {p.version} ({p.hash})" for p in (before, after)]
    lines = difference_lines(before, after)
    if not lines:
        written = "" if before.hash == after.hash else ", though the files are written otherwise"
        out(text(f"{names[0]} and {names[1]} say the same{written}."))
        return ExitCode.FINE
    out(text(f"What {names[1]} says otherwise than {names[0]}:", "bold"), text(""))
    out(*(text(f"- {line}") for line in lines))
    return ExitCode.OPEN


@guarded
def protocol_sign(
    file: Named,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who signs.")],
    role: Annotated[
        str, typer.Option("--role", metavar="ROLE", help="Role of the person who signs, such as team_lead.")
    ],
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="Day of signing: YYYY-MM-DD, today or yesterday.")],
    to: Annotated[Path, typer.Option("--to", metavar="SIGNATURE.toml", help="The file to write.")],
) -> ExitCode:
    """Sign a protocol: write who answers for it, with its hash.

    A review says "signed by" only for the file that has this very hash.
    """
    from growthwatch.cli.show import out, text, unbroken
    from growthwatch.core.calendar import local_day
    from growthwatch.core.files import write_wholly
    from growthwatch.core.words import list_words
    from growthwatch.protocol.file.signing import Signature

    found = read_protocol(file, "FILE|ID")
    day = when(on, "--on", found.zone)
    if isinstance(day, dt.datetime):
        raise GrowthwatchError.of("--on", on, "a day written YYYY-MM-DD, today or yesterday")
    if day > local_day(now(), found.zone):
        raise GrowthwatchError.of("--on", on, "a day that has come: nobody signs ahead")
    may = found.settings.terms.signing_roles
    if role not in may:
        raise GrowthwatchError.of("--role", role, f"one of those who sign by this protocol: {list_words(list(may))}")
    if to.exists():
        raise GrowthwatchError.of("--to", str(to), "a file that does not exist yet: no signature is written over")
    made = Signature.of(found.id, found.version, found.hash, by=by, role=role, on=day)
    write_wholly(to, made.to_toml().encode("utf-8"))
    out(
        text(f"{found.id} {found.version} ({found.hash})"),
        text(f"{str(made)[0].upper()}{str(made)[1:]}."),
        unbroken(f"The signature is in {to}"),
    )
    return ExitCode.FINE


def _day(given: str | None, found: Protocol) -> dt.date | None:
    day = None if given is None else when(given, "--as-of", found.zone)
    if isinstance(day, dt.datetime):
        raise GrowthwatchError.of("--as-of", given, "a day written YYYY-MM-DD, today or yesterday")
    return day


# --- what is shown ----------------------------------------------------------------------------


def _show_head(found: Protocol) -> None:
    from growthwatch.cli.show import out, pairs, text
    from growthwatch.protocol.answers.whole import head_rows

    out(text(found.heading, "bold"), pairs(head_rows(found)), text(""))


def _show_rules(found: Protocol) -> None:
    from growthwatch.cli.show import out, table, text
    from growthwatch.core.words import long_date

    rows: list[list[Any]] = []
    for rule in found.rules:
        _, tag, review_by = found.provenance("rules", rule.id)
        levels = "; ".join(level.name for level in rule.levels)
        cells = [rule.id, rule.title, rule.kind, levels, tag, long_date(review_by)]
        rows.append([text(cell) for cell in cells])
    heads = [("Rule", 3), ("Title", 9), ("Kind", 9), ("Levels", 8), ("Tag", 2), ("Review by", 6)]
    out(table(heads, rows, lines=False), text("Tag: N national source, G guideline for a condition, L local choice."))


def _show_given(found: Protocol) -> None:
    """What a file that extends another says otherwise, and which rules it adds."""
    from growthwatch.cli.show import out, text
    from growthwatch.protocol.answers.whole import given_lines

    lines = given_lines(found)
    name = " over ".join(str(step) for step in found.read.lineage)
    if not lines:
        out(text(""), text(f"It says the same as {found.extends}."))
        return
    count = "One difference" if len(lines) == 1 else f"{len(lines)} differences"
    out(text(""), text(f"{count} ({name}):", "bold"), *(text(f"- {line}") for line in lines))


def _show_differences(found: Protocol, packaged: Protocol) -> int:
    """What a whole file says otherwise than a packaged one; returns how many changed numbers have no source."""
    from growthwatch.cli.show import out, table, text, warn
    from growthwatch.protocol.file.differences import differences

    name = f"the packaged {packaged.id} {packaged.version}"
    changed = differences(found.plain, packaged.plain)
    if not changed:
        out(text(""), text(f"It says the same as {name}."))
        return 0
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
    return len(unsourced)


def _plain_value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain_value, cast("list[object]", value))) or "none"
    return "-" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
