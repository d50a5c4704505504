"""A caseload that has been reviewed: what is open of each child, and the faces of that."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from growthwatch.caseload.faults import Faults
from growthwatch.caseload.grouped import Groups, groups
from growthwatch.caseload.listed import Worklist, arranged
from growthwatch.caseload.records import adoption_of
from growthwatch.caseload.row import Row
from growthwatch.caseload.sources import Source, TableSource
from growthwatch.caseload.starts import StartPlan
from growthwatch.caseload.states import ChildState
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.frames import make_frame
from growthwatch.core.words import long_date
from growthwatch.protocol import Protocol, Review
from growthwatch.protocol import review as review_one
from growthwatch.record import Record

__all__ = ["Reviewed"]


@dataclass(frozen=True)
class Reviewed:
    """A caseload that has been reviewed.

    Attributes
    ----------
    source, name
        Where the children come from, and what that is called.
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

    source: Source
    name: str
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

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each child in the source, by its id."""
        return {id: i for i, id in enumerate(self.source.ids)}

    @cached_property
    def refused(self) -> Faults:
        """What could not be read, or is in doubt: a cell by itself, or a weight beside the child's others."""
        source = self.source
        if not isinstance(source, TableSource):
            return source.faults
        found = [f for s in self.states if s.doubted for f in source.doubted(self.places[s.card.child_id], s.doubted)]
        return Faults(sorted([*source.faults, *found], key=lambda f: f.row)) if found else source.faults

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
            faults=self.refused,
            provenance=self.provenance,
            first_on=self.first_on,
            said_first=self.said_first,
            you=you,
            before=tuple(before),
            whole_day=self.whole_day,
            notes=self.source.notes,
            _review=self.review_of,
        )

    def record_of(self, child_id: str) -> Record:
        """The record of a child as it was judged, with the adoption of the protocol."""
        source, place = self.source, self.places.get(child_id)
        if place is None:
            raise GrowthwatchError.of("child_id", child_id, f"the id of one of the {len(self)} children")
        record = source.record(place, self.as_of, self.first_on)
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

    def groups(self, months: int = 12, disabled: Any = None) -> Groups:
        """Disabled children and others side by side, month by month: `growthwatch.caseload.groups`."""
        return groups(self, months, disabled)

    @property
    def imported(self) -> bool:
        """Whether the caseload holds weights and little else."""
        return self.source.imported

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
            "deeds": [len(r.deeds) for r in found],
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
        made: dict[str, Any] = {k: np.array(v, np.int64 if k == "deeds" else object) for k, v in columns.items()}
        return make_frame(made, backend)

    def report(
        self, path: str | os.PathLike[str] | None = None, you: str | None = None, before: Sequence[str] = ()
    ) -> str:
        """The list as a page: one file, nothing fetched, readable and printable by itself.

        Parameters
        ----------
        path
            Where to write it; None: only return it.
        you
            Who reads it.
        before
            Lines that come before all else, as for `worklist`.

        Returns
        -------
        str
            The page, as HTML.
        """
        from growthwatch.pages import caseload_page

        return caseload_page(self, you, path, before)

    def __str__(self) -> str:
        return self.worklist().text()

    def __repr__(self) -> str:
        day = long_date(self.on)
        return f"<Reviewed {self.name} on {day}: {len(self)} children, {self.judged} of them judged now>"

    def _repr_html_(self) -> str:
        return self.worklist().html()
