"""The commands about one child: review, replay, chart, and the check of a record."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from growthwatch.cli.arguments import (
    DEFAULT_PROTOCOL,
    AsJson,
    AsOf,
    CorrectionName,
    ExitCode,
    Identify,
    KnownAt,
    Protocols,
    RecordFiles,
    ReferenceId,
    Signatures,
    each,
    guarded,
    in_words,
    now,
    read_protocol,
    read_protocols,
    read_record,
    record_files,
    when,
    zone_of,
)
from growthwatch.core.errors import GrowthwatchError

if TYPE_CHECKING:
    from growthwatch.record import Record

__all__ = ["chart", "record_check", "replay", "review"]


_ASKED = tuple(f"Q1:{name}:" for name in ("gestation", "birth_weight", "same_day", "equal", "year", "death"))
"""Questions about a record, by the beginning of their keys, that stand in no other line of a check."""


def _day(given: dt.date | dt.datetime, zone: str) -> dt.date:
    from growthwatch.core.calendar import local_day

    return local_day(given, zone) if isinstance(given, dt.datetime) else given


def _words(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


@guarded
def review(
    files: RecordFiles,
    as_of: AsOf,
    known_at: KnownAt = None,
    protocol: Protocols = None,
    signature: Signatures = None,
    reference: ReferenceId = "uk-who",
    correction: CorrectionName = None,
    chart: Annotated[Path | None, typer.Option("--chart", metavar="OUT", help="Also draw the chart here.")] = None,
    as_json: AsJson = False,
    identify: Identify = False,
) -> ExitCode:
    """Say what is due, what has fired, and who must do what by when.

    Of several records one after the other.  --reference, --correction and --identify are for the chart alone.
    Ends with 3 when something is open, even if the disk is full or the record has too little for a chart.
    """
    from growthwatch.cli.show import out, out_bytes, say, show_review, unbroken
    from growthwatch.core.calendar import end_of_day, local_day
    from growthwatch.core.words import long_date
    from growthwatch.protocol import review as judge

    judges = read_protocols(protocol, signature)
    zone = zone_of(judges)
    moment = when(as_of, "--as-of", zone)
    known = None if known_at is None else when(known_at, "--known-at", zone)
    several = record_files(files)
    if chart is not None and len(several) > 1:
        raise GrowthwatchError.of(
            "--chart", str(chart), "one record; of several: growthwatch chart FILE... --out FOLDER"
        )

    def one(file: Path) -> ExitCode:
        record = read_record(file)
        made = judge(record, protocol=judges, as_of=moment, known_at=known)
        if made.as_of > end_of_day(local_day(now(), zone), zone):
            say(f"{long_date(made.on)} is after today: said as if nothing more were recorded until then.")
        # The review comes first: a chart that cannot be drawn must not keep it from anybody.
        if as_json:
            out_bytes(made.to_json())
        else:
            out(*show_review(made))
        if chart is not None:
            used = next(p for p in (judges if isinstance(judges, list) else [judges]) if p.hash == made.protocol_hash)
            try:
                given: dict[str, Any] = {"reference": reference, "correction": correction, "identify": identify}
                _draw(record, chart, as_of=moment, known_at=known, protocol=used, **given)
            except GrowthwatchError as e:
                if made.anything_open and (isinstance(e.__cause__, OSError) or e.field in ("birth", "sex")):
                    # A full disk, or a record that lacks what a chart needs, is no wrong input: something open is
                    # the graver news.
                    say(f"Error: {in_words(e)}")
                    return ExitCode.OPEN
                raise
            words = f"The chart is in {chart}"
            if as_json:
                say(words)
            else:
                out(unbroken(words))
        return ExitCode.OPEN if made.anything_open else ExitCode.FINE

    return each(several, one, as_json)


@guarded
def replay(
    files: RecordFiles,
    until: Annotated[
        str, typer.Option("--until", metavar="DATE", help="The last day: YYYY-MM-DD, today or yesterday.")
    ],
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="Show changes from this day on; what was before still counts."),
    ] = None,
    known_at: KnownAt = None,
    protocol: Protocols = None,
    as_json: AsJson = False,
) -> ExitCode:
    """List every change of state, oldest first.

    What the protocol would have said on each day, from what was known by then.
    """
    from growthwatch.cli.show import out, out_bytes, show_changes, text
    from growthwatch.core.words import count_words, long_date
    from growthwatch.protocol import replay as run_again

    judges = read_protocols(protocol)
    zone = zone_of(judges)
    moment = when(until, "--until", zone)
    known = None if known_at is None else when(known_at, "--known-at", zone)
    first, last_day = None if since is None else _day(when(since, "--since", zone), zone), _day(moment, zone)
    if first is not None and first > last_day:
        raise GrowthwatchError.of("--since", since, f"a day not after that of --until, {last_day}")
    titles = {r.id: r.title for p in (judges if isinstance(judges, list) else [judges]) for r in p.rules}

    def one(file: Path) -> ExitCode:
        record = read_record(file)
        every = list(run_again(record, protocol=judges, until=moment, known_at=known))
        changes = [c for c in every if first is None or c.on >= first]
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
                        "since": _words(first),
                        "known_at": None if known is None else known.isoformat(),
                        "protocols": [{"id": p.id, "version": p.version, "hash": p.hash} for p in used],
                        "changes": [
                            {
                                "on": c.on.isoformat(),
                                "protocol": c.protocol,
                                "opened": [list(x) for x in c.opened],
                                "raised": [list(x) for x in c.raised],
                                "eased": [list(x) for x in c.eased],
                                "closed": [list(x) for x in c.closed],
                                "climbed": [list(x) for x in c.climbed],
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
            earlier = len(every) - len(changes)
            from_day = "" if first is None else f"from {long_date(first)} "
            before = f" {count_words(earlier, 'change')} before that day {'is' if earlier == 1 else 'are'} not shown."
            before = before if earlier else ""
            last = moment.isoformat(" ", "minutes") if isinstance(moment, dt.datetime) else long_date(moment)
            out(
                text(f"{record.child_id}: {number} {from_day}until {last}.{before}", "bold"),
                *([show_changes(changes, titles)] if changes else []),
            )
        return ExitCode.FINE

    return each(files, one, as_json)


@guarded
def chart(
    files: RecordFiles,
    out_path: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="OUT",
            help="The picture to write: .png, .svg or .pdf. Of several children a folder, unless one chart is of all.",
        ),
    ],
    as_of: AsOf,
    known_at: KnownAt = None,
    protocol: Annotated[
        str, typer.Option("--protocol", metavar="ID|FILE", help="Says which weights are valid.")
    ] = DEFAULT_PROTOCOL,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="ID|FILE", help="The old protocol, of a protocol-comparison."),
    ] = None,
    reference: ReferenceId = "uk-who",
    correction: CorrectionName = None,
    measure: Annotated[str, typer.Option("--measure", metavar="NAME", help="What to draw.")] = "weight",
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            metavar="NAME",
            help="growth, events, trajectory, z, newborn or family; of many children multiples or protocol-comparison.",
        ),
    ] = "growth",
    size: Annotated[str, typer.Option("--size", metavar="NAME", help="a4, page or 600px.")] = "a4",
    line: Annotated[
        list[float] | None,
        typer.Option("--line", metavar="SDS", help="Draw one more line, such as -3; may be repeated."),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="In place of the usual title.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Write what is drawn beside it, as CSV.")] = False,
    identify: Identify = False,
) -> ExitCode:
    """Draw a chart, and say in words what it shows.

    Of several files a folder is filled, one chart each; a file that cannot be drawn is named, and ends with 2.
    """
    from growthwatch.charts.kinds import MANY
    from growthwatch.cli.show import out, text, unbroken

    judge = read_protocol(protocol)
    moment = when(as_of, "--as-of", judge.zone)
    known = None if known_at is None else when(known_at, "--known-at", judge.zone)
    options: dict[str, Any] = {
        "kind": kind, "reference": reference, "correction": correction, "as_of": moment, "known_at": known,
        "protocol": judge, "measure": measure, "size": size, "extra_lines": line or (), "title": title, "csv": csv,
        "identify": identify, "against": None if against is None else read_protocol(against, "--against"),
    }  # fmt: skip
    files = record_files(files)
    if len(files) > 1 and kind not in MANY:
        return _to_folder(files, out_path, options)
    given: Any = [read_record(file) for file in files] if kind in MANY else read_record(files[0])
    words = _draw(given, out_path, **options)
    out(text(words), unbroken(f"The chart is in {out_path}"))
    return ExitCode.FINE


def _to_folder(files: list[Path], folder: Path, options: dict[str, Any]) -> ExitCode:
    """A chart of each file in a folder; those that cannot be drawn are named."""
    from growthwatch.charts import charts
    from growthwatch.cli.show import out, progress, unbroken, warn

    if folder.suffix.lower() in (".png", ".svg", ".pdf"):
        raise GrowthwatchError.of("--out", str(folder), "a folder, for several charts")
    with progress(len(files), "Drawing") as advance:
        found = charts(files, folder, progress=advance, **options)
    for file, drawn in zip(files, found, strict=True):
        if drawn.refused:
            warn(f"{file}: {drawn.refused}")
    done = sum(not d.refused for d in found)
    out(unbroken(f"{done} of {len(found)} charts are in {folder}"))
    return ExitCode.FINE if done == len(found) else ExitCode.WRONG_INPUT


def _draw(record: Any, path: Path, **options: Any) -> str:
    """Draw a chart into a file; return what it shows, in words."""
    from growthwatch.charts import chart as draw

    return draw(record, path=path, **options).alt_text


@guarded
def record_check(files: RecordFiles) -> ExitCode:
    """Check record files: their form, what they hold, and what is missing."""
    return each(files, _checked)


def _checked(file: Path) -> ExitCode:
    from growthwatch.cli.show import out, pairs, text, warn
    from growthwatch.core.words import kg_words, long_date
    from growthwatch.record import Born, Weighed
    from growthwatch.record.doubts import doubts

    record = read_record(file)
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
    for doubt in (*doubts(record), *_asked(record)):
        warn(doubt)
    return ExitCode.FINE


def _asked(record: Record) -> list[str]:
    """What the packaged protocol asks about the record when all of it is known, where `doubts` has no word for it."""
    from growthwatch.protocol import protocol as packaged
    from growthwatch.protocol import review as judge

    if not record.events:
        return []
    made = judge(record, protocol=packaged(DEFAULT_PROTOCOL), as_of=max(e.recorded_at for e in record.events))
    return [f.says for f in made.findings if f.key.startswith(_ASKED)]


def _gestation(days: int | None) -> str:
    return "not recorded: taken as term, no correction" if days is None else f"{days // 7} weeks and {days % 7} days"
