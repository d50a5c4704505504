"""The review of many children: the first day and its start plan, then each child of whom something may have changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from growthwatch.caseload.records import adoption_of
from growthwatch.caseload.reviewed import Reviewed
from growthwatch.caseload.row import Row
from growthwatch.caseload.sources import Source, TableSource
from growthwatch.caseload.starts import Missed, StartPlan, missed_of, plan_starts
from growthwatch.caseload.states import Card, ChildState, Rules, card_of, state_of
from growthwatch.core.calendar import end_of_day
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol import Protocol, Review, review_many
from growthwatch.record import Record

__all__ = ["Progress", "Reviewing"]

Progress = Callable[[str, int, int], None]
"""Called with what is done, how much of it, and of how much (0: not known)."""


class Reviewing:
    """One review of a caseload."""

    def __init__(
        self, source: Source, name: str, protocol: Protocol, moment: dt.datetime, on: dt.date, first: dt.date | None,
        after: Reviewed | None, progress: Progress | None,
    ):  # fmt: skip
        self.source, self.name = source, name
        self.protocol, self.moment, self.on, self.first = protocol, moment, on, first
        self.after, self.progress = after, progress
        self.rules = Rules(protocol)
        self.cards: dict[int, Card] = {}
        self.label: str = ""

    def run(self, said_first: bool, whole: bool) -> Reviewed:
        """Review every child of whom something may have changed."""
        n = len(self.source.ids)
        if not n:
            raise GrowthwatchError.of("path", self.name, "at least one child: no children were read")
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
            source=self.source,
            name=self.name,
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
        for place, made in self._judged(list(range(n)), until, self._record_of(None), 0, n, "Looking at the first day"):
            state = self._state(place, made)
            entry = missed_of(made, self.protocol, Row(state, self.first).section == "cannot_wait")
            found += [entry] if entry is not None else []
            moved = entry is not None and (entry.reading is not None or entry.due is not None)
            if not moved and (today or self._holds(place, made, until)):
                held[place] = state
        return plan_starts(found, self.first, n, self.protocol), held

    def _holds(self, place: int, made: Review, until: dt.datetime) -> bool:
        """Whether what was said of a child on the first day still holds: nothing is new, and no time has passed."""
        return (made.changes_on is None or made.changes_on > self.on) and bool(self.source.stamp(place, until))

    def _record_of(self, plan: StartPlan | None) -> Callable[[int, dt.datetime], Record]:
        source, protocol, first = self.source, self.protocol, self.first

        def make(place: int, until: dt.datetime) -> Record:
            record = source.record(place, until, first)
            if until <= self.moment:
                self.cards[place] = card_of(record.effective(until), record.child_id, *source.label(place))
            starts = () if plan is None else plan.entries.get(record.child_id, ())
            if starts and first is not None and isinstance(source, TableSource):
                adopted = adoption_of(source.held, record.child_id, protocol.id, protocol.hash, first, until, starts)
                record = record.append(adopted)
            return record

        return make

    def _judged(
        self, places: Sequence[int], until: dt.datetime, make: Callable[[int, dt.datetime], Record], done: int,
        total: int, what: str,
    ) -> Iterator[tuple[int, Review]]:  # fmt: skip
        """Reviews of children, in blocks."""
        records = (make(i, until) for i in places)
        reviews = review_many(records, protocol=self.protocol, as_of=until, in_force_from=self.first)
        for count, (place, made) in enumerate(zip(places, reviews, strict=True), 1):
            if self.progress is not None and what and (count % 20 == 0 or count == len(places)):
                self.progress(what, done + count, total)
            self.label = self.label or made.provenance
            yield place, made

    def _state(self, place: int, made: Review) -> ChildState:
        card = self.cards[place]
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
            id = self.source.ids[place]
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
