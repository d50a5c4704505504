"""What one protocol says otherwise than another, in words, with the days on which values hold."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from growthwatch.core.words import long_date
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.file.apart import Apart, apart
from growthwatch.protocol.file.marks import Marks

__all__ = ["difference_lines"]


def difference_lines(before: Protocol, after: Protocol) -> list[str]:
    """Tell what one protocol says otherwise than another, a line a thing: where, what, from what to what, and why.

    A number says which way is safer, by what the earlier file says of its numbers.  What holds on some days only is
    told with them.
    """
    marks = Marks.of(before.read.plain)
    days = [None, *sorted({p.start for p in (*before.periods, *after.periods) if p.start is not None})]
    spans: dict[str, list[tuple[dt.date | None, dt.date | None]]] = {}
    for day, following in pairwise([*days, None]):
        for found in apart(before.read.on(day), after.read.on(day), marks):
            line = f"{found.told}{_covered(found, after, day)}"
            kept = spans.setdefault(line, [])
            if kept and kept[-1][1] == day:
                kept[-1] = (kept[-1][0], following)
            else:
                kept.append((day, following))
    return [f"{line}{_days_words(start, end)}" for line, kept in spans.items() for start, end in kept]


def _covered(found: Apart, after: Protocol, day: dt.date | None) -> str:
    """What covers it: what a file on the way says of this very value, else the table that it stands in."""
    given = next((g for g in reversed(after.given) if g.steps == found.steps and g.on(day) == (found.value,)), None)
    if given is None:
        return f". Source: {found.source}" if found.source else ""
    why = f". WEAKER, because: {given.because.rstrip('.')}" if given.because else ""
    return f"{why}. Source: {given.source.rstrip('.')} ({given.tag})"


def _days_words(start: dt.date | None, end: dt.date | None) -> str:
    """On which days: nothing where on all."""
    if start is None and end is None:
        return ""
    until = "" if end is None else f"to {long_date(end - dt.timedelta(days=1))}"
    since = "" if start is None else f"from {long_date(start)}"
    return f" ({' '.join(words for words in (since, until) if words)})"
