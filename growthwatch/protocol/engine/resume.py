"""A fold kept from before its last day, so that another review can go on from there.

What was known by the end of a day does not change when more is written down later.  So the state
before the last judged day holds for every later review of the same child under the same protocols,
if what is new happened, and was written down, on that day or after.
"""

from __future__ import annotations

import datetime as dt
import io
import pickle
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel

from growthwatch import __version__
from growthwatch.core.errors import GrowthwatchError
from growthwatch.growth.watch import Watch, watch
from growthwatch.protocol.child import Scorer
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.state import State
from growthwatch.record import AnyEvent, Record
from growthwatch.record.known import Known
from growthwatch.references import Reference

__all__ = ["Kept"]


class Kept:
    """What a review can go on from: opaque, and picklable.

    Parameters
    ----------
    known
        The record as it was known.
    protocols
        Those that judged.
    state
        The state before the last day; nobody else changes it.
    scorers
        Growth facts of the weighings, by the identity of the protocol.
    """

    def __init__(
        self, known: Known, protocols: Sequence[Protocol], state: State, scorers: Mapping[tuple[str, ...], Scorer]
    ) -> None:
        self.hashes = tuple(p.identity for p in protocols)
        self.version = __version__
        self._held: tuple[Known, State, Mapping[tuple[str, ...], Scorer]] | None = (known, state, scorers)
        self._protocols = tuple(protocols)
        self._frozen = b""

    def known(self, record: Record, protocols: Sequence[Protocol], as_of: dt.datetime, known_at: dt.datetime) -> Known:
        """A record as it is known at a moment, read on from what was known of it where that is exact."""
        zone = protocols[0].zone
        if self._judged_by(protocols):
            before = self._thaw(protocols)[0]
            if before.zone == zone:
                return before.then(record, as_of=as_of, known_at=known_at)
        return Known.of(record, as_of=as_of, known_at=known_at, zone=zone)

    def _judged_by(self, protocols: Sequence[Protocol]) -> bool:
        """Whether this version kept it, under these protocols."""
        return self.version == __version__ and tuple(p.identity for p in protocols) == self.hashes

    def goes_on(
        self,
        known: Known,
        protocols: Sequence[Protocol],
        first_on: int | None = None,
        given: Mapping[str, str] | None = None,
    ) -> tuple[State, dict[tuple[str, ...], Scorer]] | None:
        """A state and growth facts for a later review of the child; None where the fold must begin anew.

        Parameters
        ----------
        known
            The record as it is known now.
        protocols
            Those that judge now.
        first_on
            The day from which people owe anything, as it is known now; None: always.
        given
            Among which protocols an adoption chooses; None: it chooses among none.
        """
        if not self._judged_by(protocols):
            return None
        before, state, scorers = self._thaw(protocols)
        if state.first_on != first_on or state.given != given:
            return None
        last = before.last
        if before.hindsight or known.hindsight or known.last < last or known.zone != before.zone:
            return None
        if before.record.child_id != known.record.child_id:
            return None
        count = len(before.events)
        if known.events[:count] == before.events:
            new: Sequence[AnyEvent] = known.events[count:]
        else:
            old = {e.id: e for e in before.events}
            new = [e for e in known.events if e.id not in old]
            if len(new) != len(known.events) - len(old):
                return None
            if any(old[e.id] is not e and old[e.id] != e for e in known.events if e.id in old):
                return None
        if any(e.on.toordinal() < last for e in new):
            return None
        going = {hash: scorer.then(known.read, known.in_doubt) for hash, scorer in scorers.items()}
        state = state.fork()
        state.child.go_on(going[state.protocol.identity])
        return state, going

    # --- pickling ---------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        return {"version": self.version, "hashes": self.hashes, "frozen": self._freeze()}

    def __setstate__(self, held: dict[str, Any]) -> None:
        self.version, self.hashes, self._frozen = held["version"], held["hashes"], held["frozen"]
        self._held, self._protocols = None, ()

    def _freeze(self) -> bytes:
        """The state without what the protocols hold: rules, settings and references are named, and found again."""
        if self._held is None:
            return self._frozen
        file = io.BytesIO()
        _Freezer(file, self._protocols).dump(self._held)
        return file.getvalue()

    def _thaw(self, protocols: Sequence[Protocol]) -> tuple[Known, State, Mapping[tuple[str, ...], Scorer]]:
        if self._held is None:
            self._protocols = tuple(protocols)
            try:
                self._held = _Thawer(io.BytesIO(self._frozen), protocols).load()
            except Exception as e:  # a pickle that is cut or of other code fails in any way
                raise GrowthwatchError(
                    "after: its state cannot be read, expected one that this version kept whole; review without it",
                    field="after",
                    expected="a state that this version kept whole",
                ) from e
            self._frozen = b""
        assert self._held is not None
        return self._held


class _Freezer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, protocols: Sequence[Protocol]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._names: dict[int, tuple[Any, ...]] = {}
        for i, p in enumerate(_periods(protocols)):
            self._names[id(p)] = ("protocol", i, 0)
            self._names[id(p.reference)] = ("reference", i, 0)
            for n, part in enumerate(_parts(p)):
                self._names.setdefault(id(part), ("part", i, n))

    def persistent_id(self, obj: Any) -> tuple[Any, ...] | None:
        if isinstance(obj, Watch):
            return ("watch", (obj.error, obj.found.hash, obj.model.hash), 0)
        return self._names.get(id(obj)) if isinstance(obj, BaseModel | Protocol | Reference) else None


class _Thawer(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, protocols: Sequence[Protocol]) -> None:
        super().__init__(file)
        self._given: list[Protocol] = _periods(protocols)
        self._parts = [list(_parts(p)) for p in self._given]

    def persistent_load(self, pid: Any) -> Any:
        what, which, part = cast("tuple[str, Any, int]", pid)
        if what == "watch":
            return watch(*which)
        if what == "part":
            return self._parts[int(which)][part]
        protocol = self._given[int(which)]
        return protocol if what == "protocol" else protocol.reference


def _periods(protocols: Sequence[Protocol]) -> list[Protocol]:
    """Every stretch of days of some protocols: whole ones, and those of values that change by date."""
    return [period for p in protocols for period in p.periods]


def _parts(protocol: Protocol) -> Iterator[BaseModel]:
    """Every table of a protocol, in one order."""
    todo: list[Any] = [protocol.settings, *protocol.rules]
    for at in todo:
        if isinstance(at, BaseModel):
            yield at
            todo += [value for _, value in at]
        elif isinstance(at, tuple):
            todo += cast("tuple[Any, ...]", at)
