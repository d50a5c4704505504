"""The content hash of a record: each event is written once, however often the record grows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from growthwatch.core.canonical import canonical_json
from growthwatch.record.events import AnyEvent
from growthwatch.record.files import SCHEMA

__all__ = ["Hashed"]


def _end(version: int) -> bytes:
    return f'],"schema":{canonical_json(SCHEMA)},"schema_version":{version}}}'.encode()


class Hashed:
    """The canonical bytes of each event of a record, and the hash of them so far.

    Parameters
    ----------
    child_id
        The child's identifier.
    written
        The canonical bytes of each event, in canonical order.
    version
        The lowest version of the format that can hold all of them.

    Notes
    -----
    The hash is that of the canonical JSON of `Record.to_dict`, whose keys are sorted: the events come
    before all that never changes.  So a record that grows at its end, as a log does, goes on from where
    the hash of the shorter one was.
    """

    __slots__ = ("_child_id", "_state", "_written", "version")

    def __init__(self, child_id: str, written: tuple[bytes, ...], version: int) -> None:
        self._child_id = child_id
        self._written = written
        self.version = version
        self._state: Any = None

    @classmethod
    def of(cls, child_id: str, events: Sequence[AnyEvent]) -> Hashed:
        """Write every event of a record."""
        return cls(child_id, tuple(_bytes(e) for e in events), max((e.version for e in events), default=1))

    def grown(self, place: int, before: Sequence[AnyEvent], now: Sequence[AnyEvent]) -> Hashed:
        """Return what holds for a record whose events from `place` on were `before` and are `now`."""
        known = dict(zip((e.id for e in before), self._written[place:], strict=True))
        more = tuple(known.get(e.id) or _bytes(e) for e in now)
        version = max((e.version for e in now), default=1)
        out = Hashed(self._child_id, self._written[:place] + more, max(self.version, version))
        if self._state is not None and not before:
            out._state = self._state.copy()
            out._state.update((b"," if place else b"") + b",".join(more))
        return out

    @property
    def content_hash(self) -> str:
        """``sha256:`` and the hash of the record's content."""
        if self._state is None:
            state = hashlib.sha256(f'{{"child_id":{canonical_json(self._child_id)},"events":['.encode())
            state.update(b",".join(self._written))
            self._state = state
        whole = self._state.copy()
        whole.update(_end(self.version))
        return f"sha256:{whole.hexdigest()}"


def _bytes(event: AnyEvent) -> bytes:
    return event.canonical().encode()
