"""A review as a notebook shows it: the words of `Review.explain`, what is to be done as a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from growthwatch.core.html_table import Part, Table, display
from growthwatch.core.words import days_words, long_date
from growthwatch.protocol.answers.to_do import ToDo

__all__ = ["review_html"]

_HEADS = ("what", "who", "by when", "if not")
_IN_TABLE = ("Now", "To do")


def review_html(lines: Sequence[str], to_do: Sequence[ToDo], on: dt.date, provenance: str) -> str:
    """Show a review.

    Parameters
    ----------
    lines
        Of its plain text: the headline first, an empty line before the title of each part, the provenance last.
    to_do
        What must still be done, which stands in a table.
    on
        The day.
    provenance
        What judged.
    """
    blocks: list[list[str]] = [[]]
    for line in lines[:-1]:
        if line:
            blocks[-1].append(line)
        else:
            blocks.append([])
    (title, *first), *rest = (b for b in blocks if b)
    parts = [Part(words=tuple(first))] if first else []
    if to_do:
        rows = tuple((_deeds(t), t.who, _by(t, on), t.if_not or "–") for t in to_do)
        parts.append(Part("To do", table=Table("What to do, the most pressing first", _HEADS, rows)))
    for name, *said in rest:
        if name not in _IN_TABLE:
            parts.append(Part(name, items=_items(said)))
    return display(title, [*parts, Part(words=(provenance,))])


def _deeds(t: ToDo) -> str:
    words = "; ".join(do + about for do, about in t.parts)
    return words[:1].upper() + words[1:]


def _by(t: ToDo, on: dt.date) -> str:
    if t.deadline == on:
        return "today"
    if t.late:
        return f"▲ was due by {long_date(t.deadline)}, {days_words((on - t.deadline).days)} ago"
    return long_date(t.deadline)


def _items(said: Sequence[str]) -> tuple[str, ...]:
    """Items of a list: a line that begins with a dash, with those that go on below it."""
    out: list[str] = []
    for line in said:
        if line.startswith("- ") or not out:
            out.append(line.removeprefix("- "))
        else:
            out[-1] += f" {line.strip()}"
    return tuple(out)
