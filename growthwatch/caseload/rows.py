"""Rows of a table to columns of children and weighings; what cannot be read, or is in doubt, with its reason.

A row is read cell by cell.  A cell that cannot be read takes away what it alone would have said: an unknown word for
clothing leaves the weight.  A row whose weight or day cannot be read is no weighing.  A child is in the list from the
first row on that has its id, whatever else is in it.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.caseload.cells import (
    Unordered,
    Unread,
    as_conditions,
    as_date,
    as_gestation,
    as_id,
    as_kg,
    as_level,
    as_moment,
    as_name,
    as_ounces,
    as_pounds,
    as_word,
    in_kg,
)
from growthwatch.caseload.faults import Fault, Faults
from growthwatch.caseload.held import CLOTHING, ROLES, SCALES, Held, Told
from growthwatch.caseload.mapping import ConditionWord, Field, Mapping
from growthwatch.caseload.orders import order_asked
from growthwatch.caseload.tables import Line, Table
from growthwatch.caseload.units import Sizes, check_units
from growthwatch.caseload.words import by_word, folded, words
from growthwatch.core.alike import alike
from growthwatch.core.calendar import time_zone
from growthwatch.core.errors import GrowthwatchError, nearest
from growthwatch.core.words import count_words, list_words

__all__ = ["read_rows"]

_NOON = 12 * 3600
_MEMORY = 200_000
_EXAMPLES = 200
"""How many dates of a column are kept to show what an order would make of them."""

_DATES = frozenset({"birth_date", "weighed_on", "condition_since", "recorded_at"})
_LABELS = ("worker", "team", "lead")


class _Column:
    """One column of the table: where it is, how its cells are read, and what has been read already."""

    def __init__(self, field: Field, at: int, mapping: Mapping, reader: Callable[[str], Any]):
        self.field, self.at, self.name = field, at, field.name
        given = mapping.missingValues if field.missingValues is None else field.missingValues
        self.missing = {folded(w) for w in given} | {""}
        self.reader = reader
        self.known: dict[str, Any] = {}
        self.counts: Counter[bool] = Counter()
        """Of dates: how many cells wait for an order that nobody has said (true), and how many are read without."""
        self.unordered: dict[str, Unordered] = {}
        """Cells that wait for it, the first of each text, up to a few."""
        self.sizes = Sizes(field, mapping) if field.units else None

    def read(self, cells: Sequence[str]) -> Any:
        """The value of a cell; None if there is none, an `Unread` where it cannot be read."""
        text = cells[self.at]
        if not text:
            return None
        try:
            return self.known[text]
        except KeyError:
            pass
        if len(self.known) > _MEMORY:
            self.known.clear()
        found: Any
        if folded(text) in self.missing:
            found = None
        else:
            try:
                found = self.reader(text)
            except Unread as e:
                found = e
        self.known[text] = found
        return found

    def read_counted(self, cells: Sequence[str]) -> Any:
        """The value of a cell of a column of dates or weights, counted."""
        found = self.read(cells)
        if self.sizes is not None:
            self.sizes.count(cells[self.at], found)
        elif found is not None:
            waits = isinstance(found, Unordered)
            self.counts[waits] += 1
            if waits and len(self.unordered) < _EXAMPLES:
                self.unordered[cells[self.at]] = found
        return found


def _columns(table: Table, mapping: Mapping) -> dict[str, list[_Column]]:
    """Where each column of the mapping is in the table."""
    at = {folded(name): i for i, name in enumerate(table.names)}
    w = words()
    roles = {folded(r.replace("_", " ")): r for r in ROLES} | {r: r for r in ROLES}
    sexes, clothing, scales = by_word(w.sexes), _own(by_word(w.clothing), CLOTHING), _own(by_word(w.scale), SCALES)
    readers: dict[str, Callable[[Field], Callable[[str], Any]]] = {
        "child_id": lambda f: as_id,
        "birth_date": lambda f: lambda t: as_date(t, f, mapping),
        "weighed_on": lambda f: lambda t: as_date(t, f, mapping),
        "condition_since": lambda f: lambda t: as_date(t, f, mapping),
        "recorded_at": lambda f: lambda t: as_moment(t, f, mapping),
        "sex": lambda f: lambda t: as_word(t, f, sexes, "sex"),
        "clothing": lambda f: lambda t: as_word(t, f, clothing, "clothing"),
        "scale": lambda f: lambda t: as_word(t, f, scales, "scale"),
        "role": lambda f: lambda t: as_word(t, f, roles, "role"),
        "gestation": lambda f: lambda t: as_gestation(t, f),
        "weight": lambda f: _weight_reader(f, mapping),
        "birth_weight": lambda f: lambda t: as_kg(t, f, mapping),
        "condition": lambda f: lambda t: as_conditions(t, f),
        "gmfcs": lambda f: as_level,
        **dict.fromkeys(("actor", *_LABELS), lambda f: as_name),
    }
    out: dict[str, list[_Column]] = {}
    lacking: list[str] = []
    for f in mapping.fields:
        place = at.get(folded(f.name))
        if place is None:
            lacking.append(f"{f.name!r}{nearest(f.name, table.names)}")
            continue
        reader = readers.get(f.means, lambda f: as_id)(f)
        out.setdefault(f.means, []).append(_Column(f, place, mapping, reader))
    if lacking:
        raise GrowthwatchError.of(
            "mapping",
            lacking[0].split("'")[1],
            f"columns that the table has; it has {', '.join(map(repr, table.names))}, and not {', '.join(lacking)}",
        )
    return out


def _weight_reader(field: Field, mapping: Mapping) -> Callable[[str], Any]:
    if len(mapping.of("weight")) > 1:
        return as_ounces if field.unit == "oz" else as_pounds
    return lambda text: as_kg(text, field, mapping)


def _own(known: dict[str, str], own: Sequence[str | None]) -> dict[str, str]:
    """Words, and the words of a record themselves."""
    return known | {w: w for w in own if w} | {w.replace("_", " "): w for w in own if w}


class _Child:
    """What the rows say of one child, and in which row each was said first."""

    __slots__ = ("conditions", "first_day", "said", "torn")

    def __init__(self) -> None:
        self.said: dict[str, tuple[Any, int]] = {}
        self.torn: set[str] = set()
        self.conditions: dict[tuple[str, int | None], tuple[ConditionWord, str | None, dt.date | None]] = {}
        self.first_day: dt.date | None = None


_FACTS = ("birth_date", "sex", "gestation", "birth_weight")
_ONE_FACT = {
    "birth_date": "the birth date", "sex": "the sex", "gestation": "the gestation", "birth_weight": "the birth weight",
}  # fmt: skip


class _Reading:
    """The reading of one table."""

    def __init__(self, table: Table, mapping: Mapping, zone: str):
        self.table, self.mapping, self.zone = table, mapping, time_zone(zone)
        self.columns = _columns(table, mapping)
        self.ids: dict[str, int] = {}
        self.children: list[_Child] = []
        self.faults: list[Fault] = []
        self.child, self.day, self.row = array("q"), array("l"), array("l")
        self.kg, self.recorded = array("d"), array("q")
        self.clothing, self.scale, self.role, self.actor = array("B"), array("B"), array("B"), array("l")
        self.actors: dict[str, int] = {}
        self.rows = 0
        self.empty: Counter[str] = Counter()
        self.respelt = 0

    def fault(self, line: Line, child: str | None, column: str, value: str, kind: str, why: Unread) -> None:
        cells = line.cells if kind != "changed" else ()
        self.faults.append(Fault(line.number, child, column, value, kind, why.reason, why.remedy, cells))

    # --- one row ----------------------------------------------------------------------------

    def take(self, line: Line) -> None:
        self.rows += 1
        child = self._child(line) if line.fault is None or len(line.cells) >= len(self.table.names) else None
        if line.fault is not None:
            self.fault(line, child, "", "", "refused", Unread(line.fault, line.remedy or "look at the row"))
            return
        if child is None:
            return
        about = self.children[self.ids[child]]
        for means in _FACTS:
            self._fact(line, child, about, means)
        for means in _LABELS:
            value = self._value(line, child, means, "doubted")
            if value is not None:
                about.said[means] = (value, line.number)
        self._conditions(line, child, about)
        self._weighing(line, child)

    def _child(self, line: Line) -> str | None:
        column = self.columns["child_id"][0]
        given = column.read(line.cells)
        if given is None or isinstance(given, Unread):
            why = given or Unread("the row says of no child whose it is", "find whose it is, and enter the id")
            if line.fault is None:
                self.fault(line, None, column.name, line.cells[column.at], "refused", why)
            return None
        if given != line.cells[column.at]:
            self.respelt += 1
        if given not in self.ids:
            if len(given) > 200:
                why = Unread("an id of more than 200 characters", "look at the row")
                self.fault(line, None, column.name, given[:80], "refused", why)
                return None
            self.ids[given] = len(self.children)
            self.children.append(_Child())
        return given

    def _value(self, line: Line, child: str, means: str, kind: str) -> Any:
        """What a row says of a meaning; a cell that cannot be read is a fault, and says nothing."""
        for column in self.columns.get(means, ()):
            found = column.read_counted(line.cells) if means in _DATES or column.sizes else column.read(line.cells)
            if isinstance(found, Unread):
                self.fault(line, child, column.name, line.cells[column.at], kind, found)
                return None
            return found
        return None

    def check_columns(self) -> None:
        """Refuse a table most of whose dates wait for an order, or most of whose weights are none in their unit."""
        dates = [c for means in _DATES for c in self.columns.get(means, ())]
        asked = sorted((c for c in dates if c.counts[True] > c.counts[False]), key=lambda c: c.at)
        if asked:
            raise order_asked(self.table.path, [(c.name, c.counts[True], c.unordered) for c in asked])
        check_units(self.table.path, [c.sizes for m in ("birth_weight", "weight") for c in self.columns.get(m, ())])

    def _fact(self, line: Line, child: str, about: _Child, means: str) -> None:
        if means not in self.columns:
            return
        value = self._value(line, child, means, "doubted")
        if value is None:
            return
        there = about.said.get(means)
        if there is None:
            about.said[means] = (value, line.number)
        elif there[0] != value:
            about.torn.add(means)
            column = self.columns[means][0]
            why = Unread(
                f"row {there[1]} says something else of {_ONE_FACT[means]}, so that neither is used",
                "find out which is right, and say it in all rows of the child",
            )
            self.fault(line, child, column.name, line.cells[column.at], "doubted", why)

    def _conditions(self, line: Line, child: str, about: _Child) -> None:
        since = self._value(line, child, "condition_since", "doubted")
        level = self._value(line, child, "gmfcs", "doubted")
        for column in self.columns.get("condition", ()):
            found = column.read(line.cells)
            if isinstance(found, Unread):
                self.fault(line, child, column.name, line.cells[column.at], "doubted", found)
                continue
            for word, text in found or ():
                self._condition(about, word, text, since, level)
        if level is not None and not any(c == "cerebral_palsy" for c, _ in about.conditions):
            column = self.columns["gmfcs"][0]
            why = Unread("a GMFCS level without cerebral palsy", "say the condition too")
            self.fault(line, child, column.name, line.cells[column.at], "doubted", why)

    @staticmethod
    def _condition(
        about: _Child, word: ConditionWord, text: str | None, since: dt.date | None, level: int | None
    ) -> None:
        if word.condition == "cerebral_palsy" and word.gmfcs is None and level is not None:
            word = word.model_copy(update={"gmfcs": level})
        key = (word.condition, word.gmfcs)
        there = about.conditions.get(key)
        if there is None or (since is not None and (there[2] is None or since < there[2])):
            about.conditions[key] = (word, text, since)

    def _weighing(self, line: Line, child: str) -> None:
        before = len(self.faults)
        kg, missing = self._weight(line, child)
        on = self._value(line, child, "weighed_on", "refused")
        if on is not None:
            about = self.children[self.ids[child]]
            about.first_day = on if about.first_day is None else min(on, about.first_day)
        if (
            len(self.faults) > before
            and (kg is None or on is None)
            and any(f.kind == "refused" for f in self.faults[before:])
        ):
            return
        if kg is None:
            self.empty[missing] += 1
            return
        if on is None:
            column = self.columns["weighed_on"][0]
            why = Unread("a weight without a day", "find out the day, and enter it")
            self.fault(line, child, column.name, line.cells[column.at], "refused", why)
            return
        actor = self._value(line, child, "actor", "doubted") or self.mapping.actor
        self.child.append(self.ids[child])
        self.day.append(on.toordinal())
        self.kg.append(kg)
        self.row.append(line.number)
        self.recorded.append(self._recorded(self._value(line, child, "recorded_at", "doubted")))
        self.clothing.append(CLOTHING.index(self._value(line, child, "clothing", "doubted") or self.mapping.clothing))
        self.scale.append(SCALES.index(self._value(line, child, "scale", "doubted") or self.mapping.scale))
        self.role.append(ROLES.index(self._value(line, child, "role", "doubted") or self.mapping.role.value))
        self.actor.append(self.actors.setdefault(actor, len(self.actors)))

    def _weight(self, line: Line, child: str) -> tuple[float | None, str]:
        """The weight of a row [kg]; or the word for that there is none."""
        columns = self.columns.get("weight", ())
        found = [c.read_counted(line.cells) for c in columns]
        for column, value in zip(columns, found, strict=True):
            if isinstance(value, Unread):
                self.fault(line, child, column.name, line.cells[column.at], "refused", value)
                return None, ""
        if len(columns) == 2:
            pounds = next(v for c, v in zip(columns, found, strict=True) if c.field.unit == "lb")
            ounces = next(v for c, v in zip(columns, found, strict=True) if c.field.unit == "oz")
            if pounds is None and ounces is None:
                return None, line.cells[columns[0].at]
            if pounds is None:
                why = Unread("ounces without pounds", "enter the pounds, 0 if there are none")
                self.fault(line, child, columns[0].name, line.cells[columns[0].at], "refused", why)
                return None, ""
            try:
                return in_kg(pounds + (ounces or 0), line.cells[columns[0].at]), ""
            except Unread as e:
                self.fault(line, child, columns[0].name, line.cells[columns[0].at], "refused", e)
                return None, ""
        if not found or found[0] is None:
            return None, line.cells[columns[0].at] if columns else ""
        return found[0], ""

    def _recorded(self, given: dt.date | None) -> int:
        """When a row was written down [seconds UTC]; 0 where that is not said."""
        if given is None:
            return 0
        if isinstance(given, dt.datetime):
            return int(given.replace(tzinfo=self.zone).timestamp())
        return (given.toordinal() - dt.date(1970, 1, 1).toordinal()) * 86400 + _NOON

    # --- the whole --------------------------------------------------------------------------

    def held(self) -> Held:
        """What was read, in order."""
        child, day, row = np.array(self.child, np.int64), np.array(self.day, np.int32), np.array(self.row, np.int32)
        kg = np.array(self.kg, np.float64)
        order = np.lexsort((row, day, child))
        # A row that says the same of the same day is the same weighing, written down twice.
        others = [np.array(x) for x in (self.clothing, self.scale)]
        same = np.zeros(order.size, bool)
        if order.size > 1:
            ranked = np.lexsort((row, *others, kg, day, child))
            a, b = ranked[:-1], ranked[1:]
            equal = (child[a] == child[b]) & (day[a] == day[b]) & (kg[a] == kg[b])
            for x in others:
                equal &= x[a] == x[b]
            same[b[equal]] = True
            firsts: dict[int, int] = {}
            for one, two in zip(a[equal].tolist(), b[equal].tolist(), strict=True):
                firsts[int(two)] = firsts.get(int(one), int(one))
            names = list(self.ids)
            for again in sorted(firsts, key=lambda i: int(row[i])):
                why = f"the same weighing as row {row[firsts[again]]}: it is read once"
                self.faults.append(
                    Fault(
                        int(row[again]), names[int(child[again])], "", "", "doubted", why, "leave one of the rows out"
                    )
                )
        order = order[~same[order]]
        n = len(self.children)
        counts = np.bincount(child[order], minlength=n) if n else np.zeros(0, np.int64)
        self._ask_ids()

        def column(values: Any, kind: Any) -> npt.NDArray[Any]:
            return np.array(values, kind)[order]

        return Held(
            ids=tuple(self.ids),
            told=tuple(self._told(c) for c in self.children),
            offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            day=day[order],
            kg=kg[order],
            clothing=column(self.clothing, np.uint8),
            scale=column(self.scale, np.uint8),
            recorded=column(self.recorded, np.int64),
            role=column(self.role, np.uint8),
            actor=column(self.actor, np.int32),
            actors=tuple(self.actors),
            row=row[order],
            rows=self.rows,
            faults=Faults(sorted(self.faults, key=lambda f: f.row)),
            notes=tuple(self._notes()),
            mapping=self.mapping,
        )

    @staticmethod
    def _told(c: _Child) -> Told:
        def said(means: str) -> Any:
            return None if means in c.torn or means not in c.said else c.said[means][0]

        conditions = tuple(
            (word, text, since or c.first_day or said("birth_date")) for word, text, since in c.conditions.values()
        )
        return Told(
            said("birth_date"), said("sex"), said("gestation"), said("birth_weight"), conditions, said("worker"),
            said("team"), said("lead"),
        )  # fmt: skip

    def _ask_ids(self) -> None:
        """Ids that are probably one id in two spellings are read as two, and asked about."""
        column = self.columns["child_id"][0].name
        for group in alike(self.ids):
            said = list_words([repr(i) for i in group])
            why = f"{said} differ only in spaces, joiners, case or leading zeros: read as different children"
            self.faults.append(
                Fault(0, group[0], column, group[0], "doubted", why, "write the id of one child in one way")
            )

    def _notes(self) -> Iterator[str]:
        yield from self.table.notes
        column = self.columns["child_id"][0].name
        if self.respelt:
            yield f"{count_words(self.respelt, 'id')} had spaces that are not kept."
        if column in self.table.numbers:
            yield f"The ids in {column!r} are numbers in the file: zeros before them, if any, are lost already."
        if self.empty:
            total = sum(self.empty.values())
            said = [f"{n} say{'s' if n == 1 else ''} {word!r}" for word, n in self.empty.most_common(5) if word]
            told = f" ({'; '.join(said)})" if said else ""
            yield f"{count_words(total, 'row')} hold{'s' if total == 1 else ''} no weight{told}."
        read = {c.at for found in self.columns.values() for c in found}
        left = [repr(name) for at, name in enumerate(self.table.names) if name and at not in read]
        if left:
            yield f"Not read: {list_words(left)}."


def read_rows(
    table: Table,
    mapping: Mapping,
    *,
    zone: str = "Europe/London",
    tick: Callable[[int], None] | None = None,
    whole: bool = True,
) -> Held:
    """Read all rows of a table.

    Parameters
    ----------
    table, mapping
        What is read, and how.
    zone
        The time zone of times of day in the table.
    tick
        Called now and then with the number of rows read so far.
    whole
        False of a part of a table: a few children say nothing of how a column is to be read.

    Raises
    ------
    GrowthwatchError
        When the table lacks a column of the mapping or holds no row, or, of a whole one, the mapping does not say the
        order of most dates of a column, or says a unit in which no child has most of its weights.
    """
    reading = _Reading(table, mapping, zone)
    for line in table.lines():
        reading.take(line)
        if tick is not None and reading.rows % 1000 == 0:
            tick(reading.rows)
    if not reading.rows:
        raise GrowthwatchError.of("path", str(table.path), "at least one row below the names of the columns")
    if whole:
        reading.check_columns()
    return reading.held()
