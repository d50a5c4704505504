"""A caseload: many children, reviewed together, and what is to be done for them."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np

from growthwatch.caseload.faults import Faults
from growthwatch.caseload.grouped import Groups
from growthwatch.caseload.listed import Worklist
from growthwatch.caseload.mapping import Mapping, own_mapping
from growthwatch.caseload.reviewed import Reviewed
from growthwatch.caseload.reviewing import Progress, Reviewing
from growthwatch.caseload.rows import read_rows
from growthwatch.caseload.sources import FolderSource, Source, TableSource, read_folder
from growthwatch.caseload.stored import read_store, store_url
from growthwatch.caseload.tables import open_frame, open_table
from growthwatch.core.calendar import as_day, as_instant, local_day
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.frames import make_frame
from growthwatch.core.html_table import html_table
from growthwatch.core.words import count_words
from growthwatch.protocol import Protocol
from growthwatch.protocol import protocol as packaged
from growthwatch.record import Record

__all__ = ["Caseload", "read", "review", "worklist"]

_DEFAULT = "uk-hv"


def read(
    path: str | os.PathLike[str] | Any, mapping: Mapping | str | os.PathLike[str] | None = None, *,
    progress: Progress | None = None,
) -> Caseload:  # fmt: skip
    """Read a caseload: a table, a folder of records, or a store.

    Parameters
    ----------
    path
        A file that ends in ``.csv``, ``.tsv``, ``.tab``, ``.txt``, ``.xlsx``, ``.xlsm``, ``.xlsb``, ``.xls``, ``.ods``
        (extra ``tables``) or ``.parquet`` (extra ``tables``); a record (``.json``) or a folder of them; a store, by its
        URL (``sqlite:///caseload.db``) or as a file that ends in ``.db`` (extra ``store``); or a data frame of pandas,
        polars or pyarrow.
    mapping
        How a table is read: a `Mapping`, or the path of its TOML file.  None: its columns have our own names
        (``child_id``, ``birth_date``, ``sex``, ``weighed_on``, ``weight_kg`` ...), with dates as YYYY-MM-DD.
    progress
        Called while it reads.

    Returns
    -------
    Caseload
        With what could not be read in ``.refused``.

    Raises
    ------
    GrowthwatchError
        When it cannot be read at all, could be read in more than one way, or lacks a column of the mapping.
    """

    def tick(rows: int) -> None:
        if progress is not None:
            progress("Reading", rows, 0)

    told = mapping if isinstance(mapping, Mapping) or mapping is None else Mapping.load(mapping)
    if not isinstance(path, (str, os.PathLike)):
        table = open_frame(path)
        if table is None:
            raise GrowthwatchError.of("path", path, "a file, a folder of records, or a data frame")
        place = Path("frame")
    else:
        given = os.fspath(cast("str | os.PathLike[str]", path))
        place = Path(given)
        url = None if place.is_dir() else store_url(given)
        if url is not None:
            _no_mapping(mapping, "a store")
            return Caseload(*read_store(url, tick))
        if place.is_dir():
            return Caseload(read_folder(place, tick), str(place))
        if place.suffix.lower() == ".json":
            record = Record.load(place)
            return Caseload(FolderSource({record.child_id: place}, Faults(), ()), str(place))
        table = open_table(place, told)
    if told is None:
        told = own_mapping(table.names)
    if told is None:
        names = ", ".join(map(repr, table.names))
        raise GrowthwatchError(
            f"{place}: nobody has said what its columns mean ({names}). Write a first mapping with "
            f"`growthwatch caseload map {place}`, answer its questions, and give it with --mapping",
            field="mapping", value=None, expected="a mapping, or columns named child_id, birth_date, sex ...",
        )  # fmt: skip
    return Caseload(TableSource(read_rows(table, told, tick=tick)), str(place))


def _no_mapping(mapping: object, what: str) -> None:
    if mapping is not None:
        raise GrowthwatchError.of("mapping", str(mapping), f"none beside {what}, whose records say what they mean")


@dataclass(frozen=True)
class Caseload:
    """Many children, read; nothing is judged yet.

    Attributes
    ----------
    source
        Where their records come from.
    name
        The file or folder.
    """

    source: Source
    name: str

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all children, in the order of the source."""
        return self.source.ids

    @property
    def refused(self) -> Faults:
        """What could not be read, or is in doubt: row, column, value, reason, and what would mend it."""
        return self.source.faults

    @property
    def notes(self) -> tuple[str, ...]:
        """How it was read, in sentences."""
        return self.source.notes

    def __len__(self) -> int:
        return len(self.ids)

    def _place(self, child_id: str) -> int:
        try:
            return self._places[child_id]
        except (KeyError, TypeError):
            raise GrowthwatchError.of("child_id", child_id, f"the id of one of the {len(self)} children") from None

    @cached_property
    def _places(self) -> dict[str, int]:
        return {id: i for i, id in enumerate(self.ids)}

    def record(self, child_id: str, *, as_of: dt.date | dt.datetime, starts_on: dt.date | None = None) -> Record:
        """The record of a child, by the rules of `growthwatch.caseload.records`.

        Parameters
        ----------
        child_id
            The child.
        as_of
            The moment asked about: nothing in the table was written down later.
        starts_on
            The first day, on which leads of the table are named.
        """
        until = as_instant(as_of, "Europe/London", "as_of")
        return self.source.record(self._place(child_id), until, starts_on)

    def records(self, *, as_of: dt.date | dt.datetime, starts_on: dt.date | None = None) -> Iterator[Record]:
        """Every child's record, one after another, made as it is asked for."""
        until = as_instant(as_of, "Europe/London", "as_of")
        return (self.source.record(i, until, starts_on) for i in range(len(self)))

    def review(
        self,
        *,
        as_of: dt.date | dt.datetime,
        protocol: Protocol | None = None,
        starts_on: dt.date | None = None,
        after: Reviewed | None = None,
        progress: Progress | None = None,
    ) -> Reviewed:
        """Review every child.

        Parameters
        ----------
        as_of
            The moment asked about; a date means its end.
        protocol
            Who judges; None: ``uk-hv``.
        starts_on
            The day on which the protocol comes into force for all, with a start plan.  None: of a table, the day
            asked about; of records, what each of them says.
        after
            An earlier review of the caseload: children of whom nothing is new, and of whom nothing has changed by
            time alone, are not reviewed again.  The answer is the same.
        progress
            Called while it works.

        Raises
        ------
        GrowthwatchError
            For a wrong argument, or a first day after the day asked about.
        """
        used = packaged(_DEFAULT) if protocol is None else protocol
        if not isinstance(used, Protocol):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise GrowthwatchError.of("protocol", protocol, "a Protocol, such as growthwatch.protocol('uk-hv')")
        moment = as_instant(as_of, used.zone, "as_of")
        on = local_day(moment, used.zone)
        first = None if starts_on is None else as_day(starts_on, "starts_on")
        if first is not None and first > on:
            raise GrowthwatchError.of("starts_on", starts_on, f"a day not after the day of the list, {on}")
        said = first is not None
        if first is None and self.source.imported:
            first = on
        whole = not isinstance(as_of, dt.datetime)
        work = Reviewing(self.source, self.name, used, moment, on, first, after, progress)
        return work.run(said or first is None, whole)

    def worklist(self, *, as_of: dt.date | dt.datetime, you: str | None = None, **how: Any) -> Worklist:
        """Review every child, and list who needs somebody: `review`, then its `worklist`."""
        return self.review(as_of=as_of, **how).worklist(you=you)

    def groups(self, *, as_of: dt.date | dt.datetime, months: int = 12, **how: Any) -> Groups:
        """Disabled children and others side by side: `review`, then its `groups`."""
        return self.review(as_of=as_of, **how).groups(months)

    def report(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        as_of: dt.date | dt.datetime,
        you: str | None = None,
        **how: Any,
    ) -> str:
        """The list as a page: `review`, then its `report`."""
        return self.review(as_of=as_of, **how).report(path, you)

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a weighing of a table: ``child_id, weighed_on, weight_kg, row``; of records, of all weights.

        Parameters
        ----------
        backend
            ``pandas``, ``polars`` or ``pyarrow``; None: the first of them that is installed.
        """
        if isinstance(self.source, TableSource):
            held = self.source.held
            counts = np.diff(held.offsets)
            days = (held.day.astype("int64") - dt.date(1970, 1, 1).toordinal()).astype("datetime64[D]")
            births = np.array([t.birth for t in held.told], "datetime64[D]")
            return make_frame(
                {
                    "child_id": np.repeat(np.array(held.ids, object), counts),
                    "sex": np.repeat(np.array([t.sex for t in held.told], object), counts),
                    "gestation_days": np.repeat(
                        np.array([np.nan if t.gestation_days is None else t.gestation_days for t in held.told], float),
                        counts,
                    ),
                    "weighed_on": days.astype("datetime64[s]"),
                    "age_days": _ages(days, np.repeat(births, counts)),
                    "weight_kg": held.kg,
                    "row": held.row.astype(np.int64),
                },
                backend,
            )
        rows = [
            (r.child_id, e.on, e.weight_kg)
            for r in self.records(as_of=dt.date(9999, 12, 30))
            for e in r.effective()
            if e.type == "weighed"
        ]
        columns = {
            "child_id": np.array([x[0] for x in rows], object),
            "weighed_on": np.array([x[1] for x in rows], "datetime64[D]").astype("datetime64[s]"),
            "weight_kg": np.array([x[2] for x in rows], float),
        }
        return make_frame(columns, backend)

    @property
    def title(self) -> str:
        """In one line: what was read."""
        children = "1 child" if len(self) == 1 else f"{len(self)} children"
        weights = ""
        if isinstance(self.source, TableSource):
            weights = f", {count_words(self.source.weighings, 'weight')}"
        doubted = len(self.refused.doubted)
        more = (
            f", {count_words(doubted, 'cell or row') if doubted == 1 else f'{doubted} cells or rows'} in doubt"
            if doubted
            else ""
        )
        return f"{self.name}: {children}{weights}, {count_words(self.refused.rows, 'row')} refused{more}."

    def __str__(self) -> str:
        return "\n".join([self.title, *self.notes])

    def __repr__(self) -> str:
        return f"<Caseload {self.title}>"

    def _repr_html_(self) -> str:
        rows = [(f.row or "", f.child_id or "", f.column, f.value, f.reason, f.remedy) for f in self.refused[:20]]
        heads = ("row", "child", "column", "value", "why", "what would mend it")
        after = " ".join([*self.notes, "Next: .review(as_of=...).worklist()"])
        return html_table(self.title, heads, rows, after)


def _ages(days: Any, births: Any) -> Any:
    gap = (days - births).astype("timedelta64[D]")
    out = gap.astype(float)
    out[np.isnat(gap)] = np.nan
    return out


def review(cases: Caseload, **how: Any) -> Reviewed:
    """Review every child of a caseload: `Caseload.review`."""
    return _cases(cases).review(**how)


def worklist(cases: Caseload | Reviewed, **how: Any) -> Worklist:
    """List who needs somebody: `Caseload.worklist`, or `Reviewed.worklist`."""
    return cases.worklist(**how) if isinstance(cases, Reviewed) else _cases(cases).worklist(**how)


def _cases(given: object) -> Caseload:
    if not isinstance(given, Caseload):
        raise GrowthwatchError.of("cases", given, "a Caseload, as growthwatch.caseload.read returns it")
    return given
