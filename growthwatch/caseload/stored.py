"""Children of a store: each record is read, and checked against its chain, when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from growthwatch.caseload.faults import Fault, Faults
from growthwatch.caseload.sources import RecordSource
from growthwatch.core.errors import GrowthwatchError
from growthwatch.record import Record
from growthwatch.store import open as open_store

if TYPE_CHECKING:
    from growthwatch.store.store import Store

__all__ = ["StoreSource", "read_store", "store_url"]

_SCHEMES = ("sqlite:", "postgresql:", "postgresql+psycopg:")
_ENDINGS = (".db", ".sqlite", ".sqlite3")
_MEND = "growthwatch store verify says what was changed"


def store_url(given: str) -> str | None:
    """Return the URL of the store that is meant: one as it is, or that of a file that ends in .db; else None."""
    if given.startswith(_SCHEMES):
        return given
    return f"sqlite:///{given}" if Path(given).suffix.lower() in _ENDINGS else None


class StoreSource(RecordSource):
    """Children of a store, which is only read."""

    def __init__(self, store: Store, ids: tuple[str, ...], faults: Faults):
        self._store = store
        self.ids = ids
        self.faults = faults
        self.notes: tuple[str, ...] = ()
        self._lost = {f.child_id: f.reason for f in faults if f.child_id is not None}

    def record(self, place: int, until: dt.datetime, first_on: dt.date | None) -> Record:
        """The record of a child; empty where it was changed behind the store's back, or erased since."""
        id = self.ids[place]
        try:
            return self._store.record(id)
        except GrowthwatchError as e:
            if e.field != "child":  # the store itself cannot be read, which is nothing about this child
                raise
            self._lost[id] = _why(e)
            return Record(id, ())

    def said_of(self, place: int) -> tuple[str, ...]:
        """That the record could not be read."""
        why = self._lost.get(self.ids[place])
        return () if why is None else (f"The record could not be read: {why}.",)


def read_store(url: str, tick: Callable[[int], None] | None = None) -> tuple[StoreSource, str]:
    """Read which children a store holds, and look at the record of each; return them and the store's name.

    The name holds no password.

    Raises
    ------
    GrowthwatchError
        When there is no such store, it holds nobody, or SQLAlchemy is missing.
    """
    store = open_store(url, create=False, read_only=True, identify=True)
    ids = store.children()
    name = url.partition(":///")[2] if url.startswith("sqlite:") else repr(store)
    if not ids:
        raise GrowthwatchError.of("path", name, "a store that holds at least one child")
    faults: list[Fault] = []
    for number, id in enumerate(ids, 1):
        try:
            store.record(id)
        except GrowthwatchError as e:
            if e.field != "child":
                raise
            faults.append(Fault(number, id, "record", id, "refused", _why(e), _MEND))
        if tick is not None and number % 100 == 0:
            tick(number)
    return StoreSource(store, ids, Faults(faults)), name


def _why(e: GrowthwatchError) -> str:
    return str(e).partition(": ")[2].partition(": verify()")[0] or str(e)
