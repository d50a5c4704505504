"""What in a record is probably a slip, though its form is right: for whoever checks a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from growthwatch.core.alike import alike
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import list_words
from growthwatch.record.facts import Born, EnteredInError, Weighed
from growthwatch.record.known import day_of_moment
from growthwatch.record.record import Record

__all__ = ["LEAST_KG", "MOST_KG", "doubts"]

ZONE = "Europe/London"
"""Whose days are counted where nobody says: those of the packaged protocol."""

LEAST_KG = 0.25
"""No child weighs less [kg]."""
MOST_KG = 200.0
"""No child weighs that much; a figure above it is in grams, or has lost its point [kg]."""


def doubts(record: Record, zone: str = ZONE) -> tuple[str, ...]:
    """Say in sentences what is probably a slip; the record loads and is judged all the same.

    Corrections and error marks of events that are not there, several births, weights that look
    like grams or are none, days after the one on which they were written down, ids in two spellings.

    Parameters
    ----------
    record
        The record.
    zone
        IANA name of the time zone whose days are counted.
    """
    if not isinstance(record, Record):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("record", record, "a Record")
    return tuple(_doubts(record, zone))


def _doubts(record: Record, zone: str) -> Iterator[str]:
    ids = {e.id for e in record}
    for e in record:
        if e.corrects is not None and e.corrects not in ids:
            yield f"{e.id} corrects {e.corrects}, which is not in the record: it takes nothing back."
        if isinstance(e, EnteredInError) and e.target not in ids:
            yield f"{e.id} marks {e.target} as an error, which is not in the record: it takes nothing back."
    counted = record.effective()
    births = [e for e in counted if isinstance(e, Born)]
    if len(births) > 1:
        what = "differ" if len({(e.on, e.sex, e.gestation_days) for e in births}) > 1 else "say the same"
        yield (
            f"{len(births)} births count, and {what}: {', '.join(e.id for e in births)}. "
            "The first is used; mark the wrong one as an error."
        )
    for group in alike(e.id for e in record):
        yield f"{list_words([*group])} differ only in spelling: are they one event, entered twice?"
    for e in counted:
        written = dt.date.fromordinal(day_of_moment(e.recorded_at, zone))
        if e.on > written and not isinstance(e, EnteredInError):
            what = "it counts from that day" if e.is_arrangement else "it never counts until its date is put right"
            yield (f"{e.id} is dated {e.on.isoformat()} and was written down on {written.isoformat()}: {what}.")
        if isinstance(e, Weighed) and e.weight_kg < LEAST_KG:
            yield f"{e.id}: {e.weight_kg:g} kg on {e.on.isoformat()} is no weight of a child."
        if isinstance(e, Weighed) and e.weight_kg > MOST_KG:
            yield f"{e.id}: {e.weight_kg:g} kg on {e.on.isoformat()} looks like grams; weight_kg is in kilograms."
