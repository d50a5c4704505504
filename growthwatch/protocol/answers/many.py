"""The reviews of many children: growth in columns, in blocks, then one light fold a child."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import cast

from growthwatch.core.calendar import as_day, as_instant
from growthwatch.core.columns import one_flag
from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol.answers.review import Review, checked, reviewed
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.quiet import prepare
from growthwatch.record.known import Known
from growthwatch.record.record import Record

__all__ = ["review_many"]

_BLOCK = 1000
"""Children worked out together: enough that columns pay, few enough that memory stays small."""


def review_many(
    records: Iterable[Record],
    *,
    protocol: Protocol,
    as_of: dt.date | dt.datetime,
    known_at: dt.date | dt.datetime | None = None,
    resumable: bool = False,
    in_force_from: dt.date | None = None,
) -> Iterator[Review]:
    """Review many children.

    Parameters
    ----------
    records
        Records of one child each, in any number: they are taken as they come, a block at a time.
    protocol
        Judged as if it had always been in force, or from `in_force_from` on, as by `review`.
    as_of, known_at, resumable, in_force_from
        As for `review`.

    Yields
    ------
    Review
        One a record, in their order: the same, to the byte, as `review` gives of each alone.

    Raises
    ------
    GrowthwatchError
        For a wrong argument; and for what is no record, with its place, after the reviews of all before it.
        What a source of records raises by itself comes after them too.
    """
    if not isinstance(protocol, Protocol):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("protocol", protocol, "a Protocol, such as growthwatch.protocol('uk-hv')")
    zone = protocol.zone
    moment = as_instant(as_of, zone, "as_of")
    known = moment if known_at is None else as_instant(known_at, zone, "known_at")
    given: object = records
    if isinstance(given, Record | Mapping | str | bytes) or not isinstance(given, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("records", cast("object", given), "Records, of one child each, such as a list")
    first = None if in_force_from is None else as_day(in_force_from, "in_force_from").toordinal()
    return _blocks(iter(records), protocol, moment, known, one_flag("resumable", resumable), first)


def _blocks(
    records: Iterator[object],
    protocol: Protocol,
    as_of: dt.datetime,
    known_at: dt.datetime,
    resumable: bool,
    first: int | None,
) -> Iterator[Review]:
    zone, place = protocol.zone, 0
    fault: Exception | None = None
    while fault is None:
        block: list[Known] = []
        try:
            for record in islice(records, _BLOCK):
                place += 1
                block.append(Known.of(checked(record, f"records {place}"), as_of=as_of, known_at=known_at, zone=zone))
        except Exception as e:  # whatever the records come from: those before it are reviewed first
            fault = e
        if not block:
            break
        # What columns say of weights, they say by one set of values and by the latest figures: else each child is
        # judged alone.
        figures = protocol.settings.figures
        plain = len(protocol.periods) == 1 and (figures is None or figures.newest)
        prepared = prepare(block, protocol) if plain else None
        # From the last on, so that what is done with is let go.
        block.reverse()
        if prepared is not None:
            prepared.reverse()
        while block:
            ready = None if prepared is None else prepared.pop()
            fold = Fold(
                block.pop(), [protocol], keeps=resumable, prepared=ready, finely=False, in_force_from=first, tells=False
            )
            fold.run()
            yield reviewed(fold)
    if fault is not None:
        raise fault
