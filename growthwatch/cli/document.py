"""A protocol as a document on a terminal: the whole of it in words; and what two say otherwise."""

from __future__ import annotations

from rich.console import RenderableType
from rich.padding import Padding

from growthwatch.cli.show import text
from growthwatch.core.words import long_date
from growthwatch.protocol import Protocol
from growthwatch.protocol.answers.whole import document_parts
from growthwatch.protocol.file.dated import Given
from growthwatch.protocol.file.differences import Difference, differences
from growthwatch.protocol.file.marks import Marks
from growthwatch.protocol.file.sources import as_list
from growthwatch.protocol.file.told import key_words, value_words

__all__ = ["difference_lines", "show_document"]


def show_document(found: Protocol) -> list[RenderableType]:
    """The whole of a protocol in words, for a terminal."""
    out: list[RenderableType] = []
    for part in document_parts(found):
        out += [text(""), Padding(text(part.title, "bold"), (0, 0, 0, 2 * (part.depth - 1)))]
        for name, said in part.rows:
            line = f"{name}: {said}" if name else f"- {said}"
            out.append(Padding(text(line), (0, 0, 0, 2 * part.depth)))
        if part.covered:
            out.append(Padding(text(part.covered, "italic"), (0, 0, 0, 2 * part.depth)))
    return out


# --- differences ------------------------------------------------------------------------------


def difference_lines(before: Protocol, after: Protocol) -> list[str]:
    """What one protocol says otherwise than another, in words; values that change by date with their days."""
    marks = Marks.of(before.read.plain)
    lines: list[str] = []
    days = sorted({p.start for p in (*before.periods, *after.periods) if p.start is not None})
    told: set[tuple[str, str]] = set()
    for day in (None, *days):
        ours, theirs = (p.read.on(day) for p in (after, before))
        since = "" if day is None else f" (from {long_date(day)})"
        for d in differences(ours, theirs):
            given = next((g for g in reversed(after.given) if _of(g, d) and g.on(day) == (d.ours,)), None)
            covered = f"{d.source} ({d.tag})" if given is None else f"{given.source} ({given.tag})"
            line = _difference(d, marks, covered)
            if (d.key, line) not in told:
                told.add((d.key, line))
                lines.append(f"{line}{since}")
    return lines


def _of(given: Given, d: Difference) -> bool:
    """Whether what a file sets is what differs: the two are named alike but for numbers in brackets."""
    path, key = given.path.split("."), d.key.split(".")
    return (path[0], path[-1]) == (key[0], key[-1])


def _difference(d: Difference, marks: Marks, covered: str) -> str:
    key = d.key.rpartition(".")[2]
    where = d.key.rpartition(".")[0]
    what = f"{key_words(key)}{f' ({where})' if where else ''}"
    if d.ours is None:
        return f"{what}: {value_words(key, d.theirs)} is not there any more"
    source = f". Source: {covered}" if d.number else ""
    if d.theirs is None:
        return f"{what}: {value_words(key, d.ours)} is new{source}"
    safer = ""
    mark = marks.mark(d.key) if d.number and as_list(d.ours) is None else None
    if mark is not None and mark.safer != "neither":
        safer = ", which is LESS SAFE" if mark.less_safe(d.ours, d.theirs) else ", which is safer"
    return f"{what}: {value_words(key, d.ours)} in the place of {value_words(key, d.theirs)}{safer}{source}"
