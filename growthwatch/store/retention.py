"""Until when records are kept: a list for people, which erases nothing."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from growthwatch.core.calendar import add_months, as_day
from growthwatch.core.closed import Closed
from growthwatch.record import Born, Record

__all__ = ["Kept", "Retention", "retention", "retention_of"]

Years = Annotated[int, Field(ge=1)]


class Retention(Closed):
    """How long records of children are kept: the figures of ``store/data/retention.toml``.

    Parameters
    ----------
    schema_ : int
        Version of the form; the key is ``schema``.
    id, title : str
        Which schedule it is.
    birthday : int
        Until which birthday [years].
    birthday_if_seen_late : int
        Until which birthday where the young person was seen at `late_from_years` or later [years].
    late_from_years : int
        From which age on [years].
    source, tag : str
        Who says so, and of which kind that source is.
    review_by : date
        When somebody must look whether it still holds.
    """

    schema_: Literal[1] = Field(alias="schema")
    id: str
    title: str
    birthday: Years
    birthday_if_seen_late: Years
    late_from_years: Years
    source: str
    tag: Literal["N", "G", "L"]
    review_by: dt.date


@functools.cache
def retention() -> Retention:
    """Return the packaged schedule."""
    text = resources.files("growthwatch.store").joinpath("data", "retention.toml").read_text(encoding="utf-8")
    return Retention.model_validate(tomllib.loads(text))


class Kept(NamedTuple):
    """Until when one child's record is kept.

    Attributes
    ----------
    child
        The child's id.
    born
        Birth date; None where the record has none.
    last
        The last day on which anything happened, by the record.
    until
        The last day on which it must be kept; None without a birth date.
    over
        Whether that day is past: somebody may look whether it may go.
    """

    child: str
    born: dt.date | None
    last: dt.date
    until: dt.date | None
    over: bool


def retention_of(records: Iterable[Record], as_of: dt.date) -> tuple[Kept, ...]:
    """List until when records are kept, the first to end first, those without a birth date last.

    Parameters
    ----------
    records
        Records of children.
    as_of
        The day asked about.
    """
    day, figures = as_day(as_of, "as_of"), retention()
    out = [_kept(record, day, figures) for record in records if len(record)]
    return tuple(sorted(out, key=lambda k: (k.until is None, k.until or day, k.child)))


def _kept(record: Record, as_of: dt.date, figures: Retention) -> Kept:
    events = record.effective()
    # Two births: the later one keeps the record longer.
    born = max((e.on for e in events if isinstance(e, Born)), default=None)
    # What was taken back was written down by somebody all the same.
    last = max(e.on for e in record.events)
    if born is None:
        return Kept(record.child_id, None, last, None, False)
    late = last >= add_months(born, 12 * figures.late_from_years)
    years = figures.birthday_if_seen_late if late else figures.birthday
    until = add_months(born, 12 * years)
    return Kept(record.child_id, born, last, until, as_of > until)
