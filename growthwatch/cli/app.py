"""The commands.  Each reads its input, asks the library, prints, and ends with an exit code."""

from __future__ import annotations

import datetime as dt
import functools
import os
import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, ParamSpec, cast

import typer

from growthwatch import __version__
from growthwatch.core.errors import GrowthwatchError

if TYPE_CHECKING:
    from growthwatch.protocol import Protocol
    from growthwatch.record import Record
    from growthwatch.references import Reference, ReferenceInfo
    from growthwatch.references.increments import Increments

__all__ = ["ExitCode", "app", "run"]

P = ParamSpec("P")


class ExitCode(IntEnum):
    """How a command ended."""

    FINE = 0
    FAULT = 1
    WRONG_INPUT = 2
    OPEN = 3


app = typer.Typer(
    help="Weighing schedules, growth triggers and centile charts for one child's record.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 nothing open; 3 something is open (review); 2 wrong input; 1 a fault in growthwatch.",
)
protocol_app = typer.Typer(help="Look at a protocol.", no_args_is_help=True)
record_app = typer.Typer(help="Look at a record.", no_args_is_help=True)
app.add_typer(protocol_app, name="protocol")
app.add_typer(record_app, name="record")


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    try:
        app(None if argv is None else list(argv), prog_name="growthwatch")
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else int(e.code is not None)
    return int(ExitCode.FINE)  # pragma: no cover - typer always exits


def _guarded(command: Callable[P, ExitCode]) -> Callable[P, NoReturn]:
    """Turn what a command returns or raises into an exit code and one plain message."""

    @functools.wraps(command)
    def safe(*args: P.args, **kwargs: P.kwargs) -> NoReturn:
        from growthwatch.cli.show import prepare, say

        prepare()
        try:
            code = command(*args, **kwargs)
        except GrowthwatchError as e:
            say(f"Error: {e}")
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


# --- arguments --------------------------------------------------------------------------------

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHEN = "a day written YYYY-MM-DD, the word today, or a time with its zone such as 2024-04-09T17:00+01:00"
_DEFAULT_PROTOCOL = "uk-hv"

RecordFile = Annotated[Path, typer.Argument(metavar="FILE", help="The child's record, a JSON file.")]
AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="The day asked about: YYYY-MM-DD (its end), a time, or today.")
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


def _now() -> dt.datetime:
    """Look at the clock: the only place in growthwatch that does."""
    return dt.datetime.now(dt.UTC)


def _when(given: str, field: str, zone: str) -> dt.date | dt.datetime:
    """Read a day, an aware time, or the word today."""
    from growthwatch.core.calendar import local_day

    words = given.strip()
    if words.lower() == "today":
        return local_day(_now(), zone)
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


def _protocol(name: str) -> Protocol:
    from growthwatch.protocol import Protocol, protocol, protocols

    packaged = protocols()
    if name in packaged:
        return protocol(name)
    if name.lower().endswith(".toml") or Path(name).exists():
        return Protocol.load(name)
    raise GrowthwatchError.of("--protocol", name, f"one of {', '.join(packaged)}, or an existing TOML file")


def _protocols(names: list[str] | None) -> Protocol | list[Protocol]:
    made = [_protocol(name) for name in names or [_DEFAULT_PROTOCOL]]
    return made[0] if len(made) == 1 else made


def _zone(found: Protocol | list[Protocol]) -> str:
    return (found[0] if isinstance(found, list) else found).zone


def _record(path: Path) -> Record:
    from growthwatch.record import Record

    return Record.load(path)


def _words(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


# --- review, replay, chart --------------------------------------------------------------------


@app.callback(invoke_without_command=True)
def _main(  # pyright: ignore[reportUnusedFunction]
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from growthwatch.cli.show import out, text

        out(text(f"growthwatch {__version__}"))
        raise typer.Exit


@app.command()
@_guarded
def review(
    file: RecordFile,
    as_of: AsOf,
    known_at: KnownAt = None,
    protocol: Protocols = None,
    reference: ReferenceId = "uk-who",
    correction: CorrectionName = None,
    chart: Annotated[Path | None, typer.Option("--chart", metavar="OUT", help="Also draw the chart here.")] = None,
    as_json: AsJson = False,
    identify: Identify = False,
) -> ExitCode:
    """Say what is due, what has fired, and who must do what by when.

    --reference, --correction and --identify are for the chart alone.
    Ends with 3 when something is open.
    """
    from growthwatch.cli.show import out, out_bytes, say, show_review, unbroken
    from growthwatch.protocol import review as judge

    record, judges = _record(file), _protocols(protocol)
    zone = _zone(judges)
    moment = _when(as_of, "--as-of", zone)
    known = None if known_at is None else _when(known_at, "--known-at", zone)
    made = judge(record, protocol=judges, as_of=moment, known_at=known)
    # The review comes first: a chart that cannot be drawn must not keep it from anybody.
    if as_json:
        out_bytes(made.to_json())
    else:
        out(*show_review(made))
    if chart is not None:
        used = next(p for p in (judges if isinstance(judges, list) else [judges]) if p.hash == made.protocol_hash)
        _draw(record, chart, reference, correction, as_of=moment, known_at=known, protocol=used, identify=identify)
        words = f"The chart is in {chart}"
        if as_json:
            say(words)
        else:
            out(unbroken(words))
    return ExitCode.OPEN if made.anything_open else ExitCode.FINE


@app.command()
@_guarded
def replay(
    file: RecordFile,
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day: YYYY-MM-DD or today.")],
    known_at: KnownAt = None,
    protocol: Protocols = None,
    as_json: AsJson = False,
) -> ExitCode:
    """List every change of state, oldest first.

    What the protocol would have said on each day, from what was known by then.
    """
    from growthwatch.cli.show import out, out_bytes, show_changes, text
    from growthwatch.core.words import long_date
    from growthwatch.protocol import replay as run_again

    record, judges = _record(file), _protocols(protocol)
    zone = _zone(judges)
    moment = _when(until, "--until", zone)
    known = None if known_at is None else _when(known_at, "--known-at", zone)
    changes = list(run_again(record, protocol=judges, until=moment, known_at=known))
    if as_json:
        from growthwatch.core.canonical import canonical_json

        used = judges if isinstance(judges, list) else [judges]
        out_bytes(
            canonical_json(
                {
                    "schema": "growthwatch.replay",
                    "schema_version": 1,
                    "child_id": record.child_id,
                    "record_hash": record.content_hash,
                    "until": moment.isoformat(),
                    "known_at": None if known is None else known.isoformat(),
                    "protocols": [{"id": p.id, "version": p.version, "hash": p.hash} for p in used],
                    "changes": [
                        {
                            "on": c.on.isoformat(),
                            "protocol": c.protocol,
                            "opened": [list(x) for x in c.opened],
                            "raised": [list(x) for x in c.raised],
                            "closed": [list(x) for x in c.closed],
                            "tier": None if c.tier is None else list(c.tier),
                            "due": _words(c.due),
                            "due_state": c.due_state,
                            "deadline": _words(c.deadline),
                            "refused": list(c.refused),
                            "says": c.says,
                        }
                        for c in changes
                    ],
                }
            )
        )
    else:
        number = "One change" if len(changes) == 1 else f"{len(changes) or 'No'} changes"
        last = moment.isoformat(" ", "minutes") if isinstance(moment, dt.datetime) else long_date(moment)
        out(text(f"{record.child_id}: {number} until {last}.", "bold"), *([show_changes(changes)] if changes else []))
    return ExitCode.FINE


@app.command()
@_guarded
def chart(
    file: RecordFile,
    out_file: Annotated[Path, typer.Argument(metavar="OUT", help="The picture to write, such as child.png.")],
    as_of: AsOf,
    known_at: KnownAt = None,
    protocol: Annotated[
        str, typer.Option("--protocol", metavar="ID|FILE", help="Says which weights are valid.")
    ] = _DEFAULT_PROTOCOL,
    reference: ReferenceId = "uk-who",
    correction: CorrectionName = None,
    measure: Annotated[str, typer.Option("--measure", metavar="NAME", help="What to draw.")] = "weight",
    line: Annotated[
        list[float] | None,
        typer.Option("--line", metavar="SDS", help="Draw one more line, such as -3; may be repeated."),
    ] = None,
    identify: Identify = False,
) -> ExitCode:
    """Draw the centile chart, and say in words what it shows."""
    from growthwatch.cli.show import out, text, unbroken

    record, judge = _record(file), _protocol(protocol)
    zone = judge.zone
    moment = _when(as_of, "--as-of", zone)
    known = None if known_at is None else _when(known_at, "--known-at", zone)
    words = _draw(
        record,
        out_file,
        reference,
        correction,
        as_of=moment,
        known_at=known,
        protocol=judge,
        identify=identify,
        measure=measure,
        extra_lines=line or (),
    )
    out(text(words), unbroken(f"The chart is in {out_file}"))
    return ExitCode.FINE


def _draw(record: Record, path: Path, reference: str, correction: str | None, **options: Any) -> str:
    """Draw a chart into a file; return what it shows, in words."""
    from growthwatch.charts import chart as draw

    figure: Any = draw(record, path=path, reference=reference, correction=correction, **options)
    return str(figure.alt_text)


# --- references -------------------------------------------------------------------------------


@app.command()
@_guarded
def references(
    condition: Annotated[
        str | None, typer.Option("--condition", metavar="TEXT", help="Part of the name of a condition.")
    ] = None,
    measure: Annotated[str | None, typer.Option("--measure", metavar="NAME", help="A measure it must have.")] = None,
    as_json: AsJson = False,
) -> ExitCode:
    """List the packaged references and their terms.

    For whom each is, which measures at which ages, whose figures, on what terms.
    """
    from growthwatch.cli.show import out, out_bytes, pairs, table, text, width
    from growthwatch.references import references as find

    known = sorted({m for info in find() for m in info.measures})
    if measure is not None and measure not in known:
        raise GrowthwatchError.of("--measure", measure, f"one of {', '.join(known)}")
    found = find(condition=condition, measure=measure)
    if as_json:
        from growthwatch.core.canonical import canonical_json

        made = [_loaded(info) for info in found]
        entries: list[dict[str, Any]] = [
            {
                **{
                    k: getattr(r.info, k)
                    for k in ("id", "condition", "kind", "edition", "title", "population", "citation", "origin")
                },
                "terms": r.info.terms,
                "corrections": list(r.info.corrections),
                "default_correction": r.info.default_correction,
                "hash": r.hash,
                "measures": {
                    m: {
                        "unit": r.info.measures[m].unit,
                        "x": r.info.measures[m].x,
                        "covers": _covers(r, m),
                    }
                    for m in r.measures
                },
            }
            for r in made
        ]
        out_bytes(canonical_json(entries))
        return ExitCode.FINE
    if not found:
        out(text("No packaged reference fits. growthwatch references lists them all."))
    if found and width() >= 150:
        heads = [
            ("Id", 5),
            ("For", 5),
            ("Kind", 5),
            ("Measures and ages", 8),
            ("Edition", 3),
            ("Title", 7),
            ("Terms", 9),
        ]
        cells = [
            (i.id, i.condition or _ANYBODY, i.kind, "\n".join(_measures(_loaded(i))), i.edition, i.title, i.terms)
            for i in found
        ]
        out(table(heads, [[text(c) for c in row] for row in cells]))
        return ExitCode.FINE
    for number, info in enumerate(found):
        facts: list[tuple[str, object]] = [
            ("For", info.condition or _ANYBODY),
            ("Kind", _KINDS[info.kind]),
            ("Measures", "; ".join(_measures(_loaded(info)))),
            ("Title", info.title),
            ("Edition", info.edition),
            ("Terms", info.terms),
        ]
        out(*([text("")] if number else []), text(info.id, "bold"), pairs(facts))
    return ExitCode.FINE


_ANYBODY = "children in general"
_KINDS = {
    "standard": "standard (how children should grow)",
    "reference": "reference (how a population grows)",
    "descriptive": "descriptive (how children with the condition were found to grow, not how they should)",
}


def _loaded(info: ReferenceInfo) -> Reference | Increments:
    from growthwatch.references import reference
    from growthwatch.references.increments import increments

    return increments(info.id) if info.of_increments else reference(info.id)


def _covers(found: Reference | Increments, measure: str) -> dict[str, list[float] | None]:
    from growthwatch.references.increments import Increments

    if isinstance(found, Increments):
        ends = [(i.start_days, i.end_days) for i in found.intervals(measure)]
        whole = [min(e[0] for e in ends), max(e[1] for e in ends)]
        return {"male": whole, "female": whole}
    spans = {sex: found.span(measure, sex) for sex in ("male", "female")}
    return {sex: None if span is None else list(span) for sex, span in spans.items()}


def _measures(found: Reference | Increments) -> Iterator[str]:
    """Each measure with the ages, or lengths, that it covers."""
    from growthwatch.core.words import limit_words
    from growthwatch.references.increments import Increments

    if isinstance(found, Increments):
        for name in found.measures:
            every = found.intervals(name)
            yield f"{name}, {len(every)} intervals, birth to {limit_words(max(i.end_days for i in every))}"
        return
    for name in found.measures:
        x = found.info.measures[name].x
        boys, girls = (_span(found.span(name, sex), x) for sex in ("male", "female"))
        if boys == girls:
            yield f"{name}, {boys}"
        else:
            yield f"{name}, boys {boys}, girls {girls}"


def _span(covers: tuple[float, float] | None, x: str) -> str:
    from growthwatch.core.words import limit_words

    if covers is None:
        return "not covered"
    if x != "age_days":
        return f"{covers[0]:g} to {covers[1]:g} cm long"
    return f"{limit_words(covers[0])} to {limit_words(covers[1])}"


# --- protocol ---------------------------------------------------------------------------------

On = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="Warn of numbers whose review date is before this day.")
]


@protocol_app.command("check")
@_guarded
def protocol_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A protocol, a TOML file.")], on: On = None
) -> ExitCode:
    """Check a protocol file: its form, its sources, its review dates.

    Lists what it says otherwise than the packaged protocol (of its id, else uk-hv).
    """
    from growthwatch.protocol import Protocol, protocol, protocols

    found = Protocol.load(file)
    code = _show_protocol(found, on)
    _show_differences(found, protocol(found.id if found.id in protocols() else _DEFAULT_PROTOCOL))
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


@protocol_app.command("show")
@_guarded
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

    day = None if on is None else _when(on, "--on", found.zone)
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


# --- record -----------------------------------------------------------------------------------


@record_app.command("check")
@_guarded
def record_check(file: RecordFile) -> ExitCode:
    """Check a record file: its form, what it holds, and what is missing."""
    from collections import Counter

    from growthwatch.cli.show import out, pairs, text, warn
    from growthwatch.core.words import kg_words, long_date
    from growthwatch.record import Born, Weighed
    from growthwatch.record.doubts import doubts

    record = _record(file)
    counted = record.effective()
    births = [e for e in counted if isinstance(e, Born)]
    weights = [e for e in counted if isinstance(e, Weighed)]
    born = births[-1] if births else None
    at_birth = [e for e in weights if born is not None and e.on == born.on]
    days = sorted(e.on for e in record.events)
    decisions = sum(e.is_decision for e in record.events)
    facts: list[tuple[str, object]] = [
        ("Events", f"{len(record)}: {len(record) - decisions} facts, {decisions} decisions"),
    ]
    if len(counted) < len(record):
        facts.append(("Count now", f"{len(counted)}; the others were corrected or entered in error, or say so"))
    if days:
        facts.append(("Days", f"{long_date(days[0])} to {long_date(days[-1])}"))
    missing = "MISSING: ages, centiles and the schedule cannot be worked out"
    facts += [
        ("Birth", long_date(born.on) if born else missing),
        ("Sex", born.sex if born and born.sex else "MISSING: there is no centile"),
        ("Birth weight", kg_words(at_birth[-1].weight_kg) if at_birth else "MISSING: nothing is judged against birth"),
        ("Gestation", _gestation(born.gestation_days) if born else "MISSING"),
        ("Hash", record.content_hash),
    ]
    types = Counter(e.type.replace("_", " ") for e in record.events)
    facts.append(("Holds", ", ".join(f"{name} {n}" for name, n in sorted(types.items())) or "nothing"))
    out(text(f"{record.child_id}: the record can be read.", "bold"), pairs(facts))
    for doubt in doubts(record):
        warn(doubt)
    return ExitCode.FINE


def _gestation(days: int | None) -> str:
    return "not recorded: taken as term, no correction" if days is None else f"{days // 7} weeks and {days % 7} days"
