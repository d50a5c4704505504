"""A caseload: many children, reviewed together, and what is to be done for them."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np

from growthwatch.caseload.listed import Worklist, arranged
from growthwatch.caseload.mapping import Mapping, own_mapping
from growthwatch.caseload.records import adoption_of
from growthwatch.caseload.row import Row
from growthwatch.caseload.rows import Faults, read_rows
from growthwatch.caseload.sources import FolderSource, Source, TableSource, read_folder
from growthwatch.caseload.starts import Missed, StartPlan, missed_of, plan_starts
from growthwatch.caseload.states import ChildState, Rules, card_of, state_of
from growthwatch.caseload.tables import open_frame, open_table
from growthwatch.core.calendar import as_day, as_instant, end_of_day, local_day
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.frames import make_frame
from growthwatch.core.html_table import html_table
from growthwatch.core.words import count_words, long_date
from growthwatch.protocol import Protocol, Review, review_many
from growthwatch.protocol import protocol as packaged
from growthwatch.protocol import review as review_one
from growthwatch.record import Record

__all__ = ["Caseload", "Progress", "Reviewed", "read", "review", "worklist"]

Progress = Callable[[str, int, int], None]
"""Called with what is done, how much of it, and of how much (0: not known)."""

_BLOCK = 500
_DEFAULT = "uk-hv"


def read(
    path: str | os.PathLike[str] | Any, mapping: Mapping | str | os.PathLike[str] | None = None, *,
    progress: Progress | None = None,
) -> Caseload:  # fmt: skip
    """Read a caseload: a table, or a folder of records.

    Parameters
    ----------
    path
        A file that ends in ``.csv``, ``.tsv``, ``.tab``, ``.txt``, ``.xlsx``, ``.xlsm``, ``.xlsb``, ``.xls``, ``.ods``
        (extra ``tables``) or ``.parquet`` (extra ``tables``); a record (``.json``) or a folder of them; or a data frame
        of pandas, polars or pyarrow.
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
    tick = None if progress is None else lambda n: progress("Reading", n, 0)
    told = mapping if isinstance(mapping, Mapping) or mapping is None else Mapping.load(mapping)
    if not isinstance(path, (str, os.PathLike)):
        table = open_frame(path)
        if table is None:
            raise GrowthwatchError.of("path", path, "a file, a folder of records, or a data frame")
        place = Path("frame")
    else:
        place = Path(cast("str | os.PathLike[str]", path))
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
            field="mapping", value=None, expected="a mapping, or columns named child_id, birth_date, sex, weighed_on, weight_kg",
        )  # fmt: skip
    return Caseload(TableSource(read_rows(table, told, tick=tick)), str(place))


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
        return _Reviewing(self, used, moment, on, first, after, progress).run(said or first is None, whole)

    def worklist(self, *, as_of: dt.date | dt.datetime, you: str | None = None, **how: Any) -> Worklist:
        """Review every child, and list who needs somebody: `review`, then its `worklist`."""
        return self.review(as_of=as_of, **how).worklist(you=you)

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


class _Reviewing:
    """One review of a caseload."""

    def __init__(
        self, cases: Caseload, protocol: Protocol, moment: dt.datetime, on: dt.date, first: dt.date | None,
        after: Reviewed | None, progress: Progress | None,
    ):  # fmt: skip
        self.cases, self.protocol, self.moment, self.on, self.first = cases, protocol, moment, on, first
        self.after, self.progress = after, progress
        self.source, self.rules = cases.source, Rules(protocol)
        self.done = 0
        self.label: str = ""

    def run(self, said_first: bool, whole: bool) -> Reviewed:
        n = len(self.cases)
        if not n:
            raise GrowthwatchError.of("path", self.cases.name, "at least one child: no children were read")
        states: list[ChildState | None] = [None] * n
        plan: StartPlan | None = None
        if self.first is not None and self.source.imported:
            plan, held = self._plan(n)
            for place, state in held.items():
                states[place] = state
        left = [i for i in range(n) if states[i] is None]
        kept = self._kept(left, plan)
        for place, state in kept.items():
            states[place] = state
        left = [i for i in left if i not in kept]
        for place, made in self._judged(left, self.moment, self._record_of(plan), n - len(left), n, "Reviewing"):
            states[place] = self._state(place, made)
        everyone = [s for s in states if s is not None]
        return Reviewed(
            cases=self.cases,
            states=tuple(everyone),
            protocol=self.protocol,
            as_of=self.moment,
            on=self.on,
            first_on=self.first,
            said_first=said_first,
            plan=plan,
            whole_day=whole,
            judged=len(left),
            provenance=self.label or _provenance(self.protocol),
        )

    # --- the first day ----------------------------------------------------------------------

    def _plan(self, n: int) -> tuple[StartPlan, dict[int, ChildState]]:
        """The start plan; and what holds already of children who have no entry in it, where this is the first day."""
        assert self.first is not None
        earlier = self.after
        if (
            earlier is not None
            and earlier.plan is not None
            and earlier.first_on == self.first
            and earlier.protocol.hash == self.protocol.hash
            and self.first < self.on
        ):
            # A plan that was made is kept: what is written down later moves nothing.
            return earlier.plan, {}
        today = self.first == self.on
        until = self.moment if today else end_of_day(self.first, self.protocol.zone)
        found: list[Missed] = []
        held: dict[int, ChildState] = {}
        wait: dict[int, Review] = {}
        for place, made in self._judged(list(range(n)), until, self._record_of(None), 0, n, "Looking at the first day"):
            if made.due.due == self.first and made.died_on is None:
                wait[place] = made
            else:
                entry = missed_of(made, None, self.protocol)
                found += [entry] if entry is not None else []
                if today and (entry is None or entry.reading is None):
                    held[place] = self._state(place, made)
        places = list(wait)
        for place, before in self._judged(
            places, until, self._record_of(None), 0, len(places), "Looking at missed weights", plain=True
        ):
            entry = missed_of(wait[place], before, self.protocol)
            found += [entry] if entry is not None else []
            if today and (entry is None or (entry.reading is None and entry.due is None)):
                held[place] = self._state(place, wait[place])
        return plan_starts(found, self.first, n, self.protocol), held

    def _record_of(self, plan: StartPlan | None) -> Callable[[int, dt.datetime], Record]:
        source, protocol, first = self.source, self.protocol, self.first

        def make(place: int, until: dt.datetime) -> Record:
            record = source.record(place, until, first)
            starts = () if plan is None else plan.entries.get(record.child_id, ())
            if starts and first is not None and isinstance(source, TableSource):
                adopted = adoption_of(source.held, record.child_id, protocol.id, protocol.hash, first, until, starts)
                record = record.append(adopted)
            return record

        return make

    def _judged(
        self, places: Sequence[int], until: dt.datetime, make: Callable[[int, dt.datetime], Record], done: int,
        total: int, what: str, plain: bool = False,
    ) -> Iterator[tuple[int, Review]]:  # fmt: skip
        """Reviews of children, in blocks."""
        first = None if plain else self.first
        records = (make(i, until) for i in places)
        reviews = review_many(records, protocol=self.protocol, as_of=until, in_force_from=first)
        for count, (place, made) in enumerate(zip(places, reviews, strict=True), 1):
            if self.progress is not None and (count % 20 == 0 or count == len(places)):
                self.progress(what, done + count, total)
            self.label = self.label or made.provenance
            yield place, made

    def _state(self, place: int, made: Review) -> ChildState:
        worker, team = self.source.label(place)
        record = self.source.record(place, self.moment, self.first)
        card = card_of(record.effective(self.moment), record.child_id, worker, team)
        stamp = self.source.stamp(place, self.moment)
        return state_of(made, card, self.rules, stamp, self.source.said_of(place))

    # --- what has not changed ---------------------------------------------------------------

    def _kept(self, places: Sequence[int], plan: StartPlan | None) -> dict[int, ChildState]:
        """What an earlier review said that still holds."""
        earlier = self.after
        if earlier is None:
            return {}
        same = (
            earlier.protocol.identity == self.protocol.identity
            and earlier.first_on == self.first
            and earlier.as_of <= self.moment
            and (earlier.plan is None) == (plan is None)
        )
        if not same:
            return {}
        there = earlier.by_id
        before = {} if earlier.plan is None else earlier.plan.entries
        now = {} if plan is None else plan.entries
        out: dict[int, ChildState] = {}
        for place in places:
            id = self.cases.ids[place]
            state = there.get(id)
            if state is None or not state.stamp or (state.changes_on is not None and state.changes_on <= self.on):
                continue
            if before.get(id, ()) != now.get(id, ()) or self.source.stamp(place, self.moment) != state.stamp:
                continue
            worker, team = self.source.label(place)
            card = replace(state.card, worker=worker or state.card.worker, team=team)
            out[place] = replace(state, card=card, notes=self.source.said_of(place))
        return out


def _provenance(protocol: Protocol) -> str:
    return f"Judged by {protocol.id} {protocol.version} ({protocol.hash.removeprefix('sha256:')[:8]})."


@dataclass(frozen=True)
class Reviewed:
    """A caseload that has been reviewed.

    Attributes
    ----------
    cases
        The caseload.
    states
        What is open of each child, in the order of the caseload.
    protocol
        Who judged.
    as_of, on
        The moment, and its day.
    first_on, said_first
        The first day of the protocol; whether somebody said it.
    plan
        The start plan of the first day.
    judged
        How many children were reviewed this time: of all others nothing had changed.
    """

    cases: Caseload
    states: tuple[ChildState, ...]
    protocol: Protocol
    as_of: dt.datetime
    on: dt.date
    first_on: dt.date | None
    said_first: bool
    plan: StartPlan | None
    whole_day: bool
    judged: int
    provenance: str

    @cached_property
    def by_id(self) -> dict[str, ChildState]:
        """What is open of each child, by its id."""
        return {s.card.child_id: s for s in self.states}

    def __len__(self) -> int:
        return len(self.states)

    def worklist(self, you: str | None = None, before: Sequence[str] = ()) -> Worklist:
        """Who needs somebody, in order.

        Parameters
        ----------
        you
            Who reads it: their own deeds say "you".
        before
            Lines that come before all else, such as that the last list was read by nobody.
        """
        rows = arranged([Row(s, self.on, you) for s in self.states])
        return Worklist(
            rows=rows,
            as_of=self.as_of,
            on=self.on,
            zone=self.protocol.zone,
            children=len(self.states),
            faults=self.cases.refused,
            provenance=self.provenance,
            first_on=self.first_on,
            said_first=self.said_first,
            you=you,
            before=tuple(before),
            whole_day=self.whole_day,
            notes=self.cases.notes,
            _review=self.review_of,
        )

    def record_of(self, child_id: str) -> Record:
        """The record of a child as it was judged, with the adoption of the protocol."""
        place = self.cases._place(child_id)
        record = self.cases.source.record(place, self.as_of, self.first_on)
        source = self.cases.source
        if self.first_on is not None and isinstance(source, TableSource):
            starts = () if self.plan is None else self.plan.entries.get(child_id, ())
            if starts or self.said_first:
                record = record.append(
                    adoption_of(
                        source.held, child_id, self.protocol.id, self.protocol.hash, self.first_on, self.as_of, starts
                    )
                )
        return record

    def review_of(self, child_id: str) -> Review:
        """The whole review of a child."""
        return review_one(
            self.record_of(child_id), protocol=self.protocol, as_of=self.as_of, in_force_from=self.first_on
        )

    def __getitem__(self, child_id: str) -> Review:
        return self.review_of(child_id)

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a child: what is open, and how closely it is watched.

        Parameters
        ----------
        backend
            ``pandas``, ``polars`` or ``pyarrow``; None: the first of them that is installed.
        """
        found = [Row(s, self.on) for s in self.states]
        columns: dict[str, Any] = {
            "child_id": [r.child_id for r in found],
            "section": [r.section for r in found],
            "tier": [r.state.tier for r in found],
            "deeds": np.array([len(r.deeds) for r in found], np.int64),
            "do_first": [r.lines[0].do if r.lines else None for r in found],
            "who": [r.lines[0].who if r.lines else None for r in found],
            "when": [r.lines[0].when if r.lines else None for r in found],
            "why": [r.why for r in found],
            "next_weight": [None if r.state.due.due is None else r.state.due.due.isoformat() for r in found],
            "weight_state": [r.state.due.on(self.on).state for r in found],
            "conditions": ["; ".join(r.state.card.conditions) for r in found],
            "worker": [r.state.card.worker for r in found],
            "team": [r.state.card.team for r in found],
        }
        made = {k: v if isinstance(v, np.ndarray) else np.array(v, object) for k, v in columns.items()}
        return make_frame(made, backend)

    def report(self, path: str | os.PathLike[str] | None = None, you: str | None = None) -> str:
        """The list as a page: one file, nothing fetched, readable and printable by itself.

        Parameters
        ----------
        path
            Where to write it; None: only return it.
        you
            Who reads it.

        Returns
        -------
        str
            The page, as HTML.
        """
        from growthwatch.pages import caseload_page

        return caseload_page(self.worklist(you), self.plan, self.cases, path)

    def __str__(self) -> str:
        return self.worklist().text()

    def __repr__(self) -> str:
        day = long_date(self.on)
        return f"<Reviewed {self.cases.name} on {day}: {len(self)} children, {self.judged} of them judged now>"

    def _repr_html_(self) -> str:
        return self.worklist()._repr_html_()


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
