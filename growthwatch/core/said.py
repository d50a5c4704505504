"""Sentences that may count days up to the day on which they are read.

What is kept of a sentence does not change from one day to the next: where a count stands, it
keeps the day from which it counts, and words that do without the count.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from growthwatch.core.words import days_words

__all__ = ["Counted", "Said", "joined", "said_by_dates", "said_on"]


@dataclass(frozen=True, slots=True)
class Counted:
    """Words with a count of days.

    Attributes
    ----------
    since
        The day from which it counts, as an ordinal.
    words
        The words, with ``{}`` where the count stands.
    otherwise
        What is said where nobody counts.
    """

    since: int
    words: str
    otherwise: str


Said = str | tuple[str | Counted, ...]
"""A sentence: text, or parts of which some count days."""


def joined(*parts: Said) -> Said:
    """One sentence of several parts."""
    flat = [x for part in parts for x in ((part,) if isinstance(part, str) else part)]
    texts = [x for x in flat if isinstance(x, str)]
    return "".join(texts) if len(texts) == len(flat) else tuple(flat)


def said_on(said: Said, day: dt.date | int) -> str:
    """The sentence as read on a day."""
    if isinstance(said, str):
        return said
    on = day if isinstance(day, int) else day.toordinal()
    return "".join(x if isinstance(x, str) else x.words.format(days_words(on - x.since)) for x in said)


def said_by_dates(said: Said) -> str:
    """The sentence without a count: the same on every day."""
    return said if isinstance(said, str) else "".join(x if isinstance(x, str) else x.otherwise for x in said)
