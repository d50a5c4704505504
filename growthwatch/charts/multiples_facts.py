"""What a sheet of small charts shows: one scale for all children, in the order in which they are given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import growthwatch
from growthwatch.charts.facts import Point
from growthwatch.charts.measures import MEASURES
from growthwatch.charts.quoting import tidied
from growthwatch.charts.reading import facts_of
from growthwatch.charts.sources import Source, read_source
from growthwatch.charts.words import age_words, boy_or_girl
from growthwatch.charts.z_facts import ZFacts, read_z
from growthwatch.core.canonical import short_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.core.words import count_words, days_words, long_date
from growthwatch.record import Record
from growthwatch.references import Reference

__all__ = [
    "MONTHS",
    "MOST",
    "MultiplesFacts",
    "Tile",
    "alt_text",
    "body",
    "metadata",
    "read_multiples",
    "table",
    "title",
]

MOST = 12
"""Most children on one sheet."""

MONTHS = 24
"""Months that each of them shows, up to the day."""


@dataclass(frozen=True)
class Tile:
    """One child on the sheet.

    Attributes
    ----------
    place
        Its place in the order, from 1.
    child_id
        Its id.
    who
        Sex and age, in words.
    deed
        What must be done first; empty where there is nothing.
    late
        Whether that is late.
    course
        Its z against age; None where there is none.
    missing_days
        Days without a weight that counts, where that is too long; None: its latest is current.
    why
        Why nothing can be drawn; empty where something can.
    cannot_wait
        Whether what must be done first cannot wait: it is then written in full, however long.
    """

    place: int
    child_id: str
    who: str
    deed: str
    late: bool
    course: ZFacts | None
    missing_days: int | None
    why: str = ""
    cannot_wait: bool = True


@dataclass(frozen=True)
class MultiplesFacts:
    """All that a sheet of small charts shows.

    Attributes
    ----------
    tiles
        The children that are drawn.
    others, waiting
        How many more there are, and how many of those have something that cannot wait.
    reference, protocol
        By which they are scored and judged.
    as_of
        The day at the right edge of every chart.
    identify
        Whether their ids are shown.
    """

    tiles: tuple[Tile, ...]
    others: int
    waiting: int
    reference: Reference
    protocol: str
    as_of: dt.date
    identify: bool


def read_multiples(
    records: Iterable[Record],
    reference: Reference,
    as_of: dt.date | None,
    known_at: dt.date | None,
    protocol: object,
    identify: bool,
) -> MultiplesFacts:
    """Read the first children in the order given, and count what the others wait for.

    Raises
    ------
    GrowthwatchError
        Where there is no record, or no day to end all charts on.
    """
    if as_of is None:
        raise GrowthwatchError.of("as_of", None, "the day on which every small chart ends")
    tiles: list[Tile] = []
    others = waiting = 0
    label, today = "", dt.date.min
    for place, record in enumerate(records, start=1):
        try:
            source = read_source(record, as_of, known_at, protocol)
        except GrowthwatchError as e:
            if e.field not in ("birth", "sex") or not isinstance(record, Record):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise
            source = None
        if source is not None:
            today = source.today
            label = f"{source.rules.id} {source.rules.version} ({short_hash(source.protocol.hash)})"
        if place <= MOST:
            tiles.append(_tile(place, record, source, reference))
        else:
            others += 1
            # What cannot be reviewed cannot wait either.
            waiting += source is None or any(t.group == "now" for t in source.review.to_do())
    if not tiles:
        raise GrowthwatchError.of("record", [], "at least one Record")
    day = today if today != dt.date.min else (as_of.date() if isinstance(as_of, dt.datetime) else as_of)
    return MultiplesFacts(tuple(tiles), others, waiting, reference, label, day, identify)


def _tile(place: int, record: Record, source: Source | None, reference: Reference) -> Tile:
    nobody = Tile(place, record.child_id, "", "Enter the birth", True, None, None, "no birth is recorded")
    if source is None:
        return nobody
    to_do = source.review.to_do()
    deed, late = (tidied(to_do[0].do, record.child_id), to_do[0].late) if to_do else ("", False)
    now = bool(to_do) and to_do[0].group == "now"
    try:
        chart = facts_of(source, reference, MEASURES["weight"])
    except GrowthwatchError as e:
        if e.field not in ("birth", "sex"):
            raise
        return Tile(place, record.child_id, "", deed or "Enter the sex", late, None, None, "no sex is recorded")
    age = "newborn" if chart.age_days == 0 else age_words(chart, chart.age_days)
    counted = [p for p in chart.points if p.counts]
    missing = chart.stale_days if counted else chart.age_days
    return Tile(
        place, record.child_id, f"{boy_or_girl(chart)}, {age}", deed, late, read_z(source, chart), missing,
        cannot_wait=now,
    )  # fmt: skip


def title(facts: MultiplesFacts) -> str:
    """The usual title."""
    n = len(facts.tiles)
    first = "1 child" if n == 1 else f"{'The first ' if facts.others else ''}{n} children"
    return f"{first}, {long_date(facts.as_of)}"


def body(facts: MultiplesFacts) -> str:
    """How the sheet is read, and what it does not show."""
    name = facts.reference.info.short_title
    words = f"In the order given, row by row. The same scales everywhere: SDS on {name}, the last {MONTHS} months."
    if any(t.missing_days is not None for t in facts.tiles):
        words += " A hatched end: not weighed lately."
    if facts.others:
        more = f"{facts.waiting} of them cannot wait" if facts.waiting else "none of them has anything that cannot wait"
        words += f" {count_words(facts.others, 'more child').replace('childs', 'children')} not shown: {more}."
    return words


def footer(facts: MultiplesFacts) -> list[str]:
    """The small print."""
    lines = f"{facts.reference.info.short_title}. {facts.reference.label}"
    day = f"As of {long_date(facts.as_of)}. growthwatch {growthwatch.__version__}."
    points = [(t, p) for t in facts.tiles if t.course is not None for p in t.course.chart.points]
    unscored = sum(p.z is None for _, p in points)
    early = sum(p.z is not None and _days_before(t, p) > window_days() for t, p in points)
    out = [f"Earlier, not in view: {count_words(early, 'weight')}."] if early else []
    out += [f"Without a score, not drawn: {count_words(unscored, 'weight')}."] if unscored else []
    said = f"Lines: {lines}. Judged by {facts.protocol}. Joined within one table. Not a ranking of families."
    return [" ".join([said, *out, day])]


def _days_before(tile: Tile, p: Point) -> int:
    """How long before the day of the sheet a reading was taken."""
    assert tile.course is not None
    return tile.course.chart.age_days - p.age_days


def heading(tile: Tile, shown: dict[str, str], identify: bool) -> str:
    """The first row over a small chart."""
    name = f"  {shown[tile.child_id]}" if identify else ""
    return f"{tile.place}{name}  {tile.who}".rstrip()


def deed_words(tile: Tile) -> str:
    """The second row: what must be done first."""
    return f"LATE {tile.deed}" if tile.late and tile.deed else tile.deed or "nothing to do"


def alt_text(facts: MultiplesFacts) -> str:
    """The sheet in words: who, what first, how the last weight lies."""
    out = [f"Small charts. {title(facts)}. {body(facts)}"]
    for tile in facts.tiles:
        name = f"{tile.place} {tile.child_id}" if facts.identify else f"{tile.place}"
        last = "" if tile.course is None else tile.course.chart.last
        where = "no weight that counts" if not last or last.z is None else f"last SDS {last.z:.2f}".replace("-", "−")
        gone = f", {days_words(tile.missing_days)} without a weight" if tile.missing_days is not None else ""
        out.append(f"{name}: {deed_words(tile)}; {tile.who or tile.why}; {where}{gone}.")
    return " ".join(out)


def metadata(facts: MultiplesFacts, text: str, description: str) -> dict[str, str]:
    """Text chunks of the picture."""
    return {
        "Title": text,
        "Software": f"growthwatch {growthwatch.__version__}",
        "Reference": facts.reference.id,
        "Reference hash": facts.reference.hash,
        "Protocol": facts.protocol,
        "As of": facts.as_of.isoformat(),
        "Description": description,
    }


def table(facts: MultiplesFacts) -> list[dict[str, Any]]:
    """Its points as rows; ids only where they are shown."""
    rows: list[dict[str, Any]] = []
    for tile in facts.tiles:
        who = {"place": tile.place, **({"child": tile.child_id} if facts.identify else {})}
        course = tile.course
        points = () if course is None else course.chart.points
        for p in points:
            if course is not None and p.z is not None and (back := _days_before(tile, p)) <= window_days():
                kind = p.kind
                rows.append({**who, "days_before": back, "weight_kg": p.value, "z": p.z, "mark": kind})
    return rows


def window_days() -> float:
    """Days that each chart shows."""
    return MONTHS * DAYS_PER_MONTH
