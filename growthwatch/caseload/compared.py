"""Two lists of one caseload side by side: who is new, who is graver, who is done with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from growthwatch.caseload.cases import Caseload
from growthwatch.caseload.listed import arranged
from growthwatch.caseload.reviewed import Reviewed
from growthwatch.caseload.row import SECTIONS, TITLES, Row
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.frames import make_frame
from growthwatch.core.html_table import html_table
from growthwatch.core.words import count_words, long_date
from growthwatch.protocol import Comparison, Protocol
from growthwatch.protocol import compare as compare_protocols

__all__ = ["Compared", "Moved", "compare"]

_SHOWN = 20


@dataclass(frozen=True)
class Moved:
    """One child in two lists.

    Attributes
    ----------
    child_id
        The child.
    how
        ``new`` or ``gone`` (a child of one caseload only), ``graver``, ``milder``, or ``other`` deeds.
    before, after
        Its rows; None where it is not in that caseload.
    """

    child_id: str
    how: str
    before: Row | None
    after: Row | None

    @property
    def words(self) -> str:
        """In one sentence."""
        one = None if self.before is None else TITLES[self.before.section].lower()
        two = None if self.after is None else TITLES[self.after.section].lower()
        do = f": {self.after.lines[0].do}" if self.after is not None and self.after.lines else ""
        if self.how == "gone":
            return f"{self.child_id} is no longer in the caseload (was: {one})."
        if self.how == "new":
            return f"{self.child_id} is new in the caseload: {two}{do}."
        if one == two:
            return f"{self.child_id} has other things to do, still {two}{do}."
        return f"{self.child_id}: {two}, was {one}{do}."


@dataclass(frozen=True)
class Compared:
    """What differs between two reviews of a caseload.

    Attributes
    ----------
    moved
        Children whose section or deeds are not the same, in the order of the later list.
    same
        How many children are as they were.
    title
        Which two.
    """

    moved: tuple[Moved, ...]
    same: int
    title: str

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a child that differs: ``child_id, how, before, after, do``.

        Parameters
        ----------
        backend
            ``pandas``, ``polars`` or ``pyarrow``; None: the first of them that is installed.
        """
        columns = {
            "child_id": [m.child_id for m in self.moved],
            "how": [m.how for m in self.moved],
            "before": [None if m.before is None else m.before.section for m in self.moved],
            "after": [None if m.after is None else m.after.section for m in self.moved],
            "do": [m.after.lines[0].do if m.after is not None and m.after.lines else None for m in self.moved],
        }
        return make_frame({k: np.array(v, object) for k, v in columns.items()}, backend)

    def __str__(self) -> str:
        lines = [self.title, *(m.words for m in self.moved), f"{count_words(self.same, 'child')} as before."]
        return "\n".join(lines).replace("childs", "children")

    def _repr_html_(self) -> str:
        rows = [(m.child_id, m.how, m.words) for m in self.moved[:_SHOWN]]
        more = len(self.moved) - len(rows)
        after = f"and {more} more: to_frame() has all; {self.same} as before" if more else f"{self.same} as before"
        return html_table(self.title, ("child", "how", "what"), rows, after)


def compare(
    before: Reviewed | Caseload, after: Reviewed | Protocol, new: Protocol | None = None, **how: Any
) -> Compared | Comparison:
    """Compare two reviews of a caseload; or two protocols on a caseload.

    Parameters
    ----------
    before, after
        Two reviews, of two days or by two protocols: who is new, graver, milder or gone.  Or a `Caseload` and the
        protocol of today, with
    new
        the one that would take its place: `growthwatch.compare`, which also takes ``until``.

    Returns
    -------
    Compared or Comparison

    Raises
    ------
    GrowthwatchError
        For a wrong argument.
    """
    if isinstance(before, Caseload):
        if not isinstance(after, Protocol) or new is None or "until" not in how:
            raise GrowthwatchError.of("after", after, "two protocols and until=, beside a Caseload")
        return compare_protocols(before.records(as_of=how["until"]), after, new, **how)
    if not isinstance(before, Reviewed) or not isinstance(after, Reviewed):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("before", before, "two reviews of a caseload, or a Caseload and two protocols")
    if new is not None or how:
        raise GrowthwatchError.of("new", new or how, "nothing more beside two reviews")
    old = {s.card.child_id: Row(s, before.on) for s in before.states}
    now = arranged([Row(s, after.on) for s in after.states])
    moved: list[Moved] = []
    for row in now:
        one = old.pop(row.child_id, None)
        if one is None:
            moved.append(Moved(row.child_id, "new", None, row))
            continue
        a, b = SECTIONS.index(one.section), SECTIONS.index(row.section)
        if a != b:
            moved.append(Moved(row.child_id, "graver" if b < a else "milder", one, row))
        elif {d.do for d in one.deeds} != {d.do for d in row.deeds}:
            moved.append(Moved(row.child_id, "other", one, row))
    moved += [Moved(id, "gone", row, None) for id, row in sorted(old.items())]
    same = len(now) - sum(m.after is not None for m in moved)
    one_day = before.on == after.on
    first = f"{before.protocol.id} {before.protocol.version}" if one_day else long_date(before.on)
    second = f"{after.protocol.id} {after.protocol.version}" if one_day else long_date(after.on)
    return Compared(tuple(moved), same, f"{first} beside {second}.")
