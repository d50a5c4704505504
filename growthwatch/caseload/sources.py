"""Where children come from: a table that has been read, or a folder of records."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol as Shape

from growthwatch.caseload.faults import Fault, Faults
from growthwatch.caseload.held import Held, Told
from growthwatch.caseload.records import record_of, stamp_of
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import list_words
from growthwatch.record import Record

__all__ = ["FolderSource", "RecordSource", "Source", "TableSource", "read_folder"]

_MOST_ROWS = 5


class Source(Shape):
    """Children, each with a record that is made when it is asked for."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all children, in order."""
        ...

    @property
    def faults(self) -> Faults:
        """What could not be read."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """How it was read."""
        ...

    @property
    def imported(self) -> bool:
        """Whether it holds weights and little else, so that nobody can know what was done."""
        ...

    def record(self, place: int, until: dt.datetime, first_on: dt.date | None) -> Record:
        """The record of a child."""
        ...

    def stamp(self, place: int, until: dt.datetime) -> str:
        """A hash of what is known of a child at a moment; empty: it cannot be told."""
        ...

    def label(self, place: int) -> tuple[str | None, str | None]:
        """Worker and team of a child, where the source says so."""
        ...

    def said_of(self, place: int) -> tuple[str, ...]:
        """What the source could not tell of a child."""
        ...


class TableSource:
    """Children of a table."""

    imported = True

    def __init__(self, held: Held):
        self.held = held
        self.ids = held.ids
        self.faults = held.faults
        self.notes = held.notes
        self._refused: dict[str, list[Fault]] = {}
        for f in held.faults:
            if f.child_id is not None and f.kind == "refused":
                self._refused.setdefault(f.child_id, []).append(f)

    @property
    def weighings(self) -> int:
        """How many weighings the table holds."""
        return int(self.held.day.size)

    def told(self, place: int) -> Told:
        """What the table tells of a child beside its weighings."""
        return self.held.told[place]

    def record(self, place: int, until: dt.datetime, first_on: dt.date | None) -> Record:
        """The record of a child."""
        return record_of(self.held, place, until, first_on)

    def stamp(self, place: int, until: dt.datetime) -> str:
        """Empty where a row is dated, or was written down, after the moment: what is known of it changes by itself."""
        start, end = int(self.held.offsets[place]), int(self.held.offsets[place + 1])
        last = until.date().toordinal()
        if any(int(d) > last for d in self.held.day[start:end]):
            return ""
        if any(int(r) > until.timestamp() for r in self.held.recorded[start:end]):
            return ""
        return stamp_of(self.held, place)

    def doubted(self, place: int, weights: Sequence[tuple[dt.date, float, str]]) -> list[Fault]:
        """The rows of weights of a child that a review doubts (day, weight as it was judged [kg], why)."""
        held = self.held
        rows = range(int(held.offsets[place]), int(held.offsets[place + 1]))
        column = next((f.name for f in held.mapping.of("weight")), "")
        # A figure in grams, in a column in kg, is judged as the kg that it means.
        return [
            Fault(
                int(held.row[i]), held.ids[place], column, f"{float(held.kg[i]):g} kg", "doubted",
                f"may be an entry error ({why}): it clears nothing",
                "look it up, and put it right in the table; if it is right, weigh again",
            )
            for day, kg, why in weights
            for i in rows
            if int(held.day[i]) == day.toordinal() and float(held.kg[i]) in (kg, kg * 1000)
        ]  # fmt: skip

    def label(self, place: int) -> tuple[str | None, str | None]:
        """Worker and team of a child, as the table says them."""
        told = self.held.told[place]
        return told.worker or told.lead, told.team

    def said_of(self, place: int) -> tuple[str, ...]:
        """That no weight could be read, or which rows of the child were refused."""
        found = self._refused.get(self.held.ids[place], [])
        none = self.held.offsets[place] == self.held.offsets[place + 1]
        if found:
            what = " ".join(_unread(reason, [f.row for f in found if f.reason == reason]) for reason in _reasons(found))
            return (f"No weight could be read. {what}",) if none else (what,)
        return ("The table has no weight of this child.",) if none else ()


def _reasons(found: Sequence[Fault]) -> list[str]:
    """Why rows were refused, each reason once, in order of rows."""
    return list(dict.fromkeys(f.reason for f in found))


def _unread(reason: str, rows: Sequence[int]) -> str:
    """Which rows were refused for one reason: of many the first five, and how many more."""
    shown = [str(row) for row in dict.fromkeys(rows)]
    more = [f"{len(shown) - _MOST_ROWS} more"] if len(shown) > _MOST_ROWS else []
    return (
        f"{'Row' if len(shown) == 1 else 'Rows'} {list_words(shown[:_MOST_ROWS] + more)} could not be read: {reason}."
    )


class RecordSource(ABC):
    """Children who have records already, each read when it is asked for."""

    imported = False

    @abstractmethod
    def record(self, place: int, until: dt.datetime, first_on: dt.date | None) -> Record:
        """The record of a child; empty where it cannot be read."""

    def stamp(self, place: int, until: dt.datetime) -> str:
        """The hash of the record."""
        record = self.record(place, until, None)
        ahead = any(e.recorded_at > until or e.on > until.date() for e in record.events)
        return "" if ahead else record.content_hash

    def label(self, place: int) -> tuple[str | None, str | None]:
        """A record names its lead itself."""
        return None, None


class FolderSource(RecordSource):
    """Records in a folder."""

    def __init__(self, paths: dict[str, Path | None], faults: Faults, notes: tuple[str, ...]):
        self._paths = paths
        self.ids = tuple(paths)
        self.faults = faults
        self.notes = notes
        self._lost = {f.child_id: f for f in faults}

    def record(self, place: int, until: dt.datetime, first_on: dt.date | None) -> Record:
        """The record of a child; empty where its file cannot be read."""
        id = self.ids[place]
        path = self._paths[id]
        return Record(id, ()) if path is None else Record.load(path)

    def said_of(self, place: int) -> tuple[str, ...]:
        """That the file could not be read."""
        fault = self._lost.get(self.ids[place])
        return () if fault is None else (f"The file {fault.value} could not be read: {fault.reason}",)


def read_folder(folder: Path, tick: Callable[[int], None] | None = None) -> FolderSource:
    """Read which records a folder holds: its files that end in ``.json``.

    Raises
    ------
    GrowthwatchError
        When it holds none, or two of one child.
    """
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".json" and p.is_file())
    if not files:
        raise GrowthwatchError.of("path", str(folder), "a folder that holds records (files that end in .json)")
    paths: dict[str, Path | None] = {}
    faults: list[Fault] = []
    for number, path in enumerate(files, 1):
        try:
            record = Record.load(path)
        except GrowthwatchError as e:
            id = path.stem
            while id in paths:
                id += " (?)"
            paths[id] = None
            why = str(e).removeprefix(f"{path}: ")
            faults.append(Fault(number, id, "file", path.name, "refused", why, "growthwatch record check says more"))
            continue
        if record.child_id in paths:
            both = f"{paths[record.child_id]} and {path}"
            raise GrowthwatchError.of("path", str(folder), f"one file a child: {both} are both of {record.child_id!r}")
        paths[record.child_id] = path
        if tick is not None and number % 100 == 0:
            tick(number)
    return FolderSource(paths, Faults(faults), ())
