"""What somebody must decide about a protocol file that loads: dates, sources, what never speaks, what is less safe."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import list_words, long_date
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.file.marks import Marks, NumberMark, no_clinical_number
from growthwatch.protocol.file.paths import Leaf, at, leaves
from growthwatch.protocol.file.settings import Schedule
from growthwatch.protocol.file.sources import as_list, as_table, is_number, source_of
from growthwatch.protocol.file.told import number_words
from growthwatch.protocol.file.values import LOUDNESS, as_date

__all__ = ["Doubt", "checked"]

About = Literal["dates", "review", "source", "unreachable", "floor", "less safe"]

_NO_SOURCE = re.compile(r"(process )?specification\b|tbc|tba|to do|none|local\.?$|\?+$", re.IGNORECASE)
"""Texts that name nothing a reader could look up."""

_NAMING = ("rules", "explained_by", "waiting", "or_open", "sign_rules", "danger_rule")
"""Keys that name rules by their ids."""

_WINDOWS = (
    ("from_age_days", "to_age_days"),
    ("from_age_days", "before_age_days"),
    ("from_months", "until_months"),
    ("from_months", "below_months"),
    ("from_months", "by_months"),
    ("from_days", "by_days"),
    ("not_before_days", "within_days"),
)
"""Pairs of keys of one table between which something holds: nothing does where the first is above the second."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about a file that somebody must decide, or know.

    Attributes
    ----------
    about
        ``dates``, ``review`` (a review date has passed), ``source``, ``unreachable``, ``floor`` (a floor shorter than
        the ceiling), ``less safe`` (than a national number, or than a packaged protocol).
    place
        Where, as a path.
    says
        What, in words.
    note
        Whether it is only to be known: nothing has to be decided in the file.
    """

    about: About
    place: str
    says: str
    note: bool = False


def checked(protocol: Protocol, as_of: dt.date | None = None, national: Protocol | None = None) -> tuple[Doubt, ...]:
    """Everything about a protocol file that somebody must decide, or know.

    Parameters
    ----------
    protocol
        The file.
    as_of
        A day: review dates before it have passed.  None: dates are not held against any day.
    national
        A packaged protocol with which a file that extends none is compared; None: with none.

    Returns
    -------
    tuple of Doubt
        In the order of what they are about; empty where there is nothing.
    """
    out: list[Doubt] = [*_dates(protocol, as_of)]
    if as_of is not None:
        out += _past(protocol, as_of)
    out += _sources(protocol)
    for period in protocol.whole.periods:
        since = "" if period.start is None else f"from {long_date(period.start)}: "
        for doubt in (*_unreachable(period), *_floors(period.settings.schedule)):
            told = Doubt(doubt.about, doubt.place, since + doubt.says, doubt.note)
            if not any((d.about, d.place, d.says) == (doubt.about, doubt.place, doubt.says) for d in out):
                out.append(told)
    out += _weaker(protocol)
    if national is not None and protocol.extends is None and national.hash != protocol.hash:
        out += _less_safe(protocol.read.plain, national.read.plain, f"{national.id} {national.version}")
    return tuple(out)


# --- dates and sources ------------------------------------------------------------------------


def _dates(protocol: Protocol, as_of: dt.date | None) -> Iterator[Doubt]:
    settings = protocol.settings
    start, end = settings.effective_from, settings.effective_until
    if as_of is not None and as_of < start:
        yield Doubt("dates", "effective_from", f"it is in force from {long_date(start)}, which is still to come.", True)
    if as_of is not None and end is not None and as_of > end:
        yield Doubt("dates", "effective_until", f"it was in force until {long_date(end)}: who has signed the next one?")
    own = str(protocol.read.lineage[0])
    for g in protocol.given:
        for day, value in g.values:
            if g.file != own or day is None:
                continue
            if day < start:
                says = f"{value} holds from {long_date(day)}, before the file is in force ({long_date(start)})."
                yield Doubt("dates", g.path, says)
            if end is not None and day > end:
                says = f"{value} would hold from {long_date(day)}, after the file has ended ({long_date(end)})."
                yield Doubt("dates", g.path, says)


def _past(protocol: Protocol, as_of: dt.date) -> Iterator[Doubt]:
    for place, table in _tables(protocol.read.plain, ""):
        if "review_by" in table and (by := as_date(table["review_by"])) < as_of:
            yield Doubt("review", place or "(top)", f"its numbers were to be reviewed by {long_date(by)}.")
    for g in protocol.given:
        if g.review_by < as_of:
            yield Doubt("review", g.path, f"it was to be reviewed by {long_date(g.review_by)} ({g.file}).")


def _sources(protocol: Protocol) -> Iterator[Doubt]:
    for place, source, tag in (
        *((place, str(t["source"]), t.get("tag")) for place, t in _tables(protocol.read.plain, "") if "source" in t),
        *((g.path, g.source, g.tag) for g in protocol.given),
    ):
        if len(source.strip()) < 6 or _NO_SOURCE.match(source.strip()):
            yield Doubt("source", place, f"{source.strip()!r} is nothing that a reader can look up.")
        elif tag == "L" and _of_file(protocol, place) is None and "decide" not in source:
            yield Doubt("source", place, "tag L: say who must decide.", True)


def _of_file(protocol: Protocol, path: str) -> str | None:
    """The file that sets a value for itself: there its source is a decision, and says who has taken it."""
    return next((g.file for g in protocol.given if g.path == path), None)


def _tables(node: object, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every table of a file, with its path; lists by ids and names."""
    table = as_table(node)
    if table is None:
        return
    yield path, table
    for key, part in table.items():
        here = f"{path}.{key}" if path else key
        yield from _tables(part, here)
        for entry in as_list(part) or ():
            inner = as_table(entry)
            if inner is not None:
                yield from _tables(entry, f"{here}[{inner.get('id') or inner.get('name') or inner.get('do') or '?'}]")


# --- what never speaks ------------------------------------------------------------------------


def _unreachable(protocol: Protocol) -> Iterator[Doubt]:
    plain = protocol.plain
    ids = {r.id for r in protocol.rules}
    for place, table in _tables(plain, ""):
        if place.startswith("numbers["):
            continue
        for low, high in _WINDOWS:
            a, b = table.get(low), table.get(high)
            if isinstance(a, int | float) and isinstance(b, int | float):
                empty = a > b or (a == b and (high.startswith(("before", "below", "until"))))
                if empty:
                    says = f"{low} {number_words(a)} and {high} {number_words(b)}: nothing lies between."
                    yield Doubt("unreachable", place, says)
        for key in _NAMING:
            value = table.get(key)
            named = [value] if isinstance(value, str) else as_list(value) or []
            missing = [n for n in named if isinstance(n, str) and n not in ids]
            if missing and place != "":
                yield Doubt("unreachable", f"{place}.{key}", f"there is no rule {list_words(missing)} in this file.")


# --- floors and ceilings ----------------------------------------------------------------------


def _floors(schedule: Schedule) -> Iterator[Doubt]:
    """Floors that ask for weights more often than the ceiling of an age allows; those of T3 are meant to."""
    for band in schedule.bands:
        for tier, days in (("T1", band.t1_days), ("T2", band.t2_days)):
            if days < band.ceiling_days:
                says = f"the floor of {tier}, {days} days, is shorter than the ceiling, {band.ceiling_days}."
                yield Doubt("floor", f"schedule.bands[{band.name}].{tier.lower()}_days", says)
    for floor in schedule.floors:
        for n, part in enumerate(floor.bands):
            if part.from_gestation_days is not None:
                continue
            end = floor.bands[n + 1].from_months if n + 1 < len(floor.bands) else part.until_months
            above = [
                b
                for b, after in zip(schedule.bands, (*schedule.bands[1:], None), strict=True)
                if part.days < b.ceiling_days
                and (end is None or b.from_months < end)
                and (after is None or part.from_months < after.from_months)
            ]
            if above:
                told = list_words([f"{b.ceiling_days} ({b.name})" for b in above])
                says = f"{part.days} days is shorter than the ceiling, {told}: a review asks for a signed reason."
                yield Doubt("floor", f"schedule.floors[{floor.name}]", says, True)


# --- less safe --------------------------------------------------------------------------------


def _weaker(protocol: Protocol) -> Iterator[Doubt]:
    for g in protocol.weaker:
        told = list_words([f"{number_words(w.value)} beside {number_words(w.than)}" for w in g.weaker])
        why = "the national number" if g.weaker[0].why == "national" else "the bound"
        says = f"{told}, {why} ({g.file}), because: {g.because}. Every review says so."
        yield Doubt("less safe", g.path, says, True)


def _less_safe(ours: Mapping[str, Any], theirs: Mapping[str, Any], name: str) -> Iterator[Doubt]:
    """What a whole file has less safe than a packaged protocol: its national numbers, loudness, and rules."""
    marks = Marks.of(theirs)
    here = {leaf.path: leaf for leaf in leaves(ours)}
    rules = {(as_table(r) or {}).get("id") for r in as_list(ours.get("rules")) or ()}
    for rule in as_list(theirs.get("rules")) or ():
        table = as_table(rule) or {}
        if table.get("id") not in rules:
            says = f"there is no rule {table.get('id')} ({table.get('title')}), which {name} has."
            yield Doubt("less safe", f"rules[{table.get('id')}]", says)
    for leaf in leaves(theirs):
        mine = here.get(leaf.path)
        if mine is None or mine.value == leaf.value:
            continue
        if leaf.key == "loudness" or leaf.key.endswith("_loudness"):
            if LOUDNESS.index(mine.value) < LOUDNESS.index(leaf.value):
                yield Doubt("less safe", leaf.path, f"{mine.value} is quieter than {leaf.value} in {name}.")
        elif _national(theirs, leaf) and is_number(mine.value) and not isinstance(mine.value, list):
            mark = marks.mark(leaf.path) or NumberMark(keys=(), safer="neither")
            if mark.less_safe(mine.value, at(theirs, leaf.steps)):
                says = (
                    f"{number_words(mine.value)} is less safe than the national number, {number_words(leaf.value)}, "
                    f"in {name}. A file that extends {name} gives its reason, and every review says so."
                )
                yield Doubt("less safe", leaf.path, says)


def _national(plain: Mapping[str, Any], leaf: Leaf) -> bool:
    if no_clinical_number(leaf) or isinstance(leaf.value, list):
        return False
    try:
        return source_of(plain, leaf.steps[:-1])[1] == "N"
    except GrowthwatchError:
        return False
