"""The list as text, for terminals, logs and `print`."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from growthwatch.caseload.row import Row
from growthwatch.caseload.states import Asked
from growthwatch.core.words import long_date

__all__ = ["worklist_text"]

_MARKS = {"◆": "!!", "▲": "LATE", "●": "->", "○": "->"}
_HEADS = {
    "cannot_wait": ("CANNOT WAIT", "="),
    "late": ("LATE", "-"),
    "today": ("TODAY", "-"),
    "this_week": ("THIS WEEK", "-"),
}

Section = tuple[str, Sequence[Row], Mapping[str, Sequence[Row]]]


def worklist_text(
    above: Sequence[str],
    sections: Sequence[Section],
    waiting: Sequence[tuple[Row, Asked]],
    between: Sequence[Row],
    unweighed: Sequence[Row],
    below: Sequence[str],
    width: int = 80,
    missed: Sequence[Row] = (),
) -> str:
    """A list as text of a width [characters].

    Parameters
    ----------
    above, below
        Lines before and after the rows.
    sections
        The name of each section, its rows, and those that stand in one line by worker.
    waiting, between, unweighed
        Other ways to look at the same children.
    width
        Width of a line [characters].
    missed
        Children who missed a weight before the first day.
    """
    out = [line for words in above for line in _wrapped(words, width)]
    for name, alone, groups in sections:
        count = len(alone) + sum(map(len, groups.values()))
        if not count:
            continue
        head, rule = _HEADS[name]
        out += ["", f"{head} ({count})", rule * width]
        for place, row in enumerate(alone, 1):
            out += _row(row, place, width)
        out += ["   " + "-" * min(40, width - 3)] if groups else []
        for worker, found in groups.items():
            out += _wrapped(group_words(worker, found), width, "   ", "      ")
    also = also_words(waiting, between, unweighed, missed)
    out += ["", "ALSO", "-" * width] if also else []
    for line in also:
        out += _wrapped(line, width, "   ", "      ")
    out.append("")
    for line in below:
        out += _wrapped(line, width)
    return "\n".join(out)


def _wrapped(words: str, width: int, first: str = "", rest: str = "") -> list[str]:
    made = textwrap.wrap(
        words, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    return made or [first.rstrip()]


def group_words(worker: str, rows: Sequence[Row]) -> str:
    """The children of one worker who only missed a routine weight, in one line."""
    ids = " ".join(r.child_id for r in rows)
    oldest = min((r.state.due.due for r in rows if r.state.due.due is not None), default=None)
    since = "" if oldest is None else f", the oldest due {long_date(oldest)}"
    return f"{worker}: {len(rows)} missed one routine weight, nothing else open{since}: {ids}"


def _row(row: Row, place: int, width: int) -> list[str]:
    tier = row.state.tier
    lines = _wrapped(f"{place:2d} {row.child_id}  {row.who}", width, "", "   ")
    if len(lines[-1]) + 1 + len(tier) <= width:
        lines[-1] = lines[-1].ljust(width - len(tier)) + tier
    else:
        lines.append(tier.rjust(width))
    for line in row.lines:
        lines += _wrapped(f"{_MARKS[line.mark]} {line.words}", width, "   ", "      ")
    if row.more:
        lines += _wrapped(f"and {row.more} more", width, "   ", "   ")
    if row.why:
        lines += _wrapped(row.why, width, "   ", "   ")
    return lines


def also_words(
    waiting: Sequence[tuple[Row, Asked]], between: Sequence[Row], unweighed: Sequence[Row], missed: Sequence[Row] = ()
) -> list[str]:
    """Other ways to look at the same children, a line each."""
    out: list[str] = []
    asked: dict[str, list[str]] = {}
    for row, a in waiting:
        state = "silent" if a.late else f"until {long_date(a.by)}" if a.by else "no day set"
        asked.setdefault(row.child_id, []).append(f"{', '.join(a.of)} ({state})")
    if asked:
        out.append("Waiting for others: " + ", ".join(f"{id} {' and '.join(x)}" for id, x in asked.items()))
    if between:
        owners: dict[str, list[str]] = {}
        for r in between:
            owners.setdefault(r.state.owner, []).append(r.child_id)
        owned = "; ".join(f"{owner} owns {', '.join(ids)}" for owner, ids in owners.items())
        out.append(f"Between teams or no lead: {owned}")
    if unweighed:
        alone = [r for r in unweighed if not (r.state.only_missed and r.unweighed)]
        said = [f"{r.child_id} ({r.state.doubt or (_since(r) if r.unweighed else 'in doubt')})" for r in alone]
        rest = len(unweighed) - len(alone)
        said += [f"{rest} who missed a routine weight"] if rest else []
        out.append("Not weighed in time, or in doubt: " + ", ".join(said))
    if missed:
        # Nothing of before the first day is late; and nobody may read that all were weighed in time.
        said = [f"{r.child_id} ({r.missed_words})" for r in missed if r.tier]
        rest = sum(not r.tier for r in missed)
        said += [f"{rest} in T0"] if rest else []
        out.append(f"Missed a weight before the first day ({len(missed)}; last valid weight): " + "; ".join(said))
    return out


def _since(row: Row) -> str:
    last = row.state.due.last_valid_on
    return "no valid weight" if last is None else f"{(row.on - last).days} days"
