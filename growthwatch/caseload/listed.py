"""The list: who needs somebody today.  One order and one set of words, for page, terminal, notebook and frame.

The order is that of the design (section, then ten things within it) and fits in one sentence: danger first, then how
closely a child is watched, then how far a step has gone without an answer, then what is oldest.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, overload

import numpy as np

from growthwatch.caseload.faults import Faults
from growthwatch.caseload.row import SECTIONS, TITLES, Line, Row, short_day
from growthwatch.caseload.states import Asked, Deed
from growthwatch.caseload.texts import worklist_text
from growthwatch.core.calendar import time_zone
from growthwatch.core.canonical import content_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.frames import make_frame
from growthwatch.core.html_table import Part, Table, display
from growthwatch.core.said import said_on
from growthwatch.core.words import count_words, long_date, same_name
from growthwatch.protocol import Review

__all__ = ["IN_SHORT", "ORDER", "SECTIONS", "TITLES", "Deed", "Line", "Row", "Worklist", "arranged"]

ORDER = (
    "Within a section: (1) 999; (2) danger to the body; (3) loudness of the rule: interrupt, daily, weekly; (4) tier, "
    "T3 first; (5) rung of the ladder, highest first; (6) growth or illness, then people, then the schedule alone; "
    "(7) shortest limit first; (8) oldest deadline; (9) open longest; (10) record number. Not in it: sex, condition, "
    "place, family, worker, number of visits."
)
IN_SHORT = (
    "Order: danger first, then how closely a child is watched, then how far a step has gone without an answer, then "
    "what is oldest."
)

_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NOTEBOOK = 20

_FRAME = (
    "child_id", "section", "place", "do", "who", "owner", "deadline", "late_days", "if_not", "rules", "loudness",
    "tier", "rung", "limit_days", "opened_on", "why", "worker", "team",
)  # fmt: skip


@dataclass(frozen=True)
class Worklist(Sequence[Row]):
    """Who needs somebody, in order; see the module.

    Attributes
    ----------
    rows
        Every child that is shown, in order: sections one after another.
    as_of, on, zone
        The moment it is of, its day, and the time zone of its days.
    children
        How many children were read.
    faults
        What could not be read.
    provenance
        Which protocol and reference judged.
    first_on, said_first
        The first day of the protocol; whether somebody said it, or the day of the list was taken.
    you
        Who reads it.
    hidden
        What a filter hides: how many children, and how many of them cannot wait.
    before
        What comes before all else: that the last list was read by nobody.
    """

    rows: tuple[Row, ...]
    as_of: dt.datetime
    on: dt.date
    zone: str
    children: int
    faults: Faults
    provenance: str
    first_on: dt.date | None = None
    said_first: bool = True
    you: str | None = None
    hidden: tuple[int, int] = (0, 0)
    filtered: str = ""
    before: tuple[str, ...] = ()
    whole_day: bool = True
    notes: tuple[str, ...] = ()
    _review: Callable[[str], Review] | None = None

    # --- rows -------------------------------------------------------------------------------

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Worklist: ...
    @overload
    def __getitem__(self, place: str) -> Review: ...
    def __getitem__(self, place: int | slice | str) -> Row | Worklist | Review:
        """A row by its place, a part of the list, or the review of a child by its id."""
        if isinstance(place, str):
            if self._review is None:
                raise GrowthwatchError.of("child_id", place, "a list that can review its children")
            return self._review(place)
        if isinstance(place, slice):
            return replace(self, rows=self.rows[place])
        return self.rows[place]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def section(self, name: str) -> tuple[Row, ...]:
        """The rows of a section, in order."""
        if name not in SECTIONS:
            raise GrowthwatchError.of("section", name, f"one of {', '.join(SECTIONS)}")
        return self._sections[name]

    @cached_property
    def _sections(self) -> dict[str, tuple[Row, ...]]:
        return {name: tuple(r for r in self.rows if r.section == name) for name in SECTIONS}

    @property
    def cannot_wait(self) -> tuple[Row, ...]:
        """Children of whom something cannot wait."""
        return self.section("cannot_wait")

    @property
    def late(self) -> tuple[Row, ...]:
        """Children of whom something is late."""
        return self.section("late")

    @property
    def today(self) -> tuple[Row, ...]:
        """Children of whom something is due today."""
        return self.section("today")

    @property
    def this_week(self) -> tuple[Row, ...]:
        """Children of whom something is due within 7 days."""
        return self.section("this_week")

    @property
    def nothing(self) -> tuple[Row, ...]:
        """Children of whom nothing is to be done within 7 days."""
        return self.section("nothing")

    @property
    def waiting(self) -> tuple[tuple[Row, Asked], ...]:
        """Answers that somebody waits for, of the same children."""
        return tuple((r, a) for r in self.rows for a in r.state.asked)

    @property
    def between(self) -> tuple[Row, ...]:
        """Children between teams, or without a lead."""
        return tuple(r for r in self.rows if r.state.between)

    @property
    def unweighed(self) -> tuple[Row, ...]:
        """Children who were not weighed in time, or of whom a weight or a row of the table is in doubt."""
        return tuple(r for r in self.rows if r.unweighed or self.doubt_of(r))

    def doubt_of(self, row: Row) -> str:
        """What of a child is in doubt, in words: each row that `title` counts is of a child who has some."""
        if row.state.doubt:
            return row.state.doubt
        if row.state.doubted:
            return "a weight in doubt"
        return "a row in doubt" if row.child_id in self._doubted else ""

    @cached_property
    def _doubted(self) -> frozenset[str]:
        """Ids of children of whom a row is in doubt."""
        return frozenset(f.child_id for f in self.faults if f.kind == "doubted" and f.row and f.child_id)

    @property
    def missed_before(self) -> tuple[Row, ...]:
        """Children who missed a weight before the first day: it is not late, and the start plan sets it to a day."""
        return tuple(r for r in self.rows if r.missed_before is not None)

    def for_worker(self, name: str) -> Worklist:
        """The rows of one worker; the list says how many others cannot wait."""
        return self._only("worker", name, lambda r: r.state.card.worker)

    def for_team(self, name: str) -> Worklist:
        """The rows of one team; the list says how many others cannot wait."""
        return self._only("team", name, lambda r: r.state.card.team)

    def _only(self, what: str, name: str, of: Callable[[Row], str | None]) -> Worklist:
        known = sorted({of(r) or "" for r in self.rows} - {""})
        if same_name(name) not in {same_name(k) for k in known}:
            raise GrowthwatchError.of(what, name, f"one of {', '.join(known) or 'none: the table names none'}")
        kept = tuple(r for r in self.rows if same_name(of(r) or "") == same_name(name))
        gone = [r for r in self.rows if r not in kept]
        hidden = (self.hidden[0] + len(gone), self.hidden[1] + sum(r.section == "cannot_wait" for r in gone))
        return replace(self, rows=kept, hidden=hidden, filtered=f"{what} {name}")

    def grouped(self, section: str) -> tuple[tuple[Row, ...], dict[str, tuple[Row, ...]]]:
        """The rows of a section that stand alone; and those of T0 who only missed a routine weight, by worker."""
        rows = self.section(section)
        if section != "late":
            return rows, {}
        groups: dict[str, list[Row]] = {}
        alone: list[Row] = []
        for r in rows:
            if r.state.only_missed:
                groups.setdefault(r.state.card.worker or "No worker named", []).append(r)
            else:
                alone.append(r)
        if sum(map(len, groups.values())) < 2:
            return rows, {}
        return tuple(alone), {k: tuple(groups[k]) for k in sorted(groups)}

    # --- words ------------------------------------------------------------------------------

    @property
    def moment(self) -> str:
        """The day in words, with the time if the list is of one."""
        words = f"{_LONG_DAYS[self.on.weekday()]} {long_date(self.on)}"
        if self.whole_day:
            return words
        return f"{words}, {self.as_of.astimezone(time_zone(self.zone)):%H:%M}"

    @property
    def title(self) -> str:
        """The first line: of which moment, how many were read, and what could not be."""
        first = ""
        if self.first_on is not None and not self.said_first:
            first = ", taken as your first day: nobody has said --starts-on"
        refused = f"{count_words(self.faults.rows, 'row')} refused"
        children = "1 child" if self.children == 1 else f"{self.children} children"
        doubted = f", {self.faults.in_doubt} in doubt" if self.faults.in_doubt else ""
        return f"Who needs you: {self.moment}{first}. {children}, {refused}{doubted}."

    @property
    def counts(self) -> dict[str, int]:
        """How many children stand in each section."""
        found = Counter(r.section for r in self.rows)
        return {name: found.get(name, 0) for name in SECTIONS}

    @property
    def counts_words(self) -> str:
        """The counts as a sentence."""
        c = self.counts
        if not any(c[s] for s in SECTIONS[:-1]):
            return self._quiet_words()
        said = [f"{c[s]} {TITLES[s].lower()}" for s in SECTIONS[:-1] if c[s]]
        rest = "has" if c["nothing"] == 1 else "have"
        return f"{', '.join(said)}; {c['nothing']} {rest} nothing to do within 7 days."

    def _quiet_words(self) -> str:
        ahead = sorted(r.state.due.due for r in self.rows if r.state.due.due is not None and r.state.due.due > self.on)
        soon = f"; the next weight is due on {short_day(ahead[0], self.on)}" if ahead else ""
        return f"Nothing is late, due today or due within 7 days{soon}."

    @property
    def above(self) -> tuple[str, ...]:
        """What is said above the content: a list that nobody read, a filter, what the first day means."""
        out = list(self.before)
        if self.filtered:
            n, loud = self.hidden
            who = "Nobody else" if not loud else f"{loud} more"
            out.append(f"Only {self.filtered} is shown; {count_words(n, 'row')} hidden. {who} cannot wait.")
        if self.first_on is not None and self.on == self.first_on:
            out.append(
                f"You start on {long_date(self.first_on)}: growth is judged from birth, what people owe from that "
                "day. Nothing that was due before is late, and nothing is forgotten."
            )
        return tuple(out)

    @cached_property
    def hash(self) -> str:
        """Hash of what the list says: by it somebody says that they have read it."""
        return content_hash(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the rows in order, the moment, what judged."""
        return {
            "schema": "growthwatch.worklist",
            "schema_version": 1,
            "as_of": self.as_of.isoformat().replace("+00:00", "Z"),
            "on": self.on.isoformat(),
            "title": self.title,
            "above": list(self.above),
            "children": self.children,
            "rows_refused": self.faults.rows,
            "counts": self.counts,
            "first_on": None if self.first_on is None else self.first_on.isoformat(),
            "filtered": self.filtered,
            "hidden": {"children": self.hidden[0], "cannot_wait": self.hidden[1]},
            "rows": [r.to_dict() for r in self.rows],
            "provenance": self.provenance,
        }

    def to_json(self) -> str:
        """`to_dict` as JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def columns(self) -> dict[str, Any]:
        """One row a deed, as columns; a child of whom nothing is to be done has one row without a deed."""
        found: dict[str, list[Any]] = {name: [] for name in _FRAME}
        for place, row in enumerate(self.rows):
            shared = {
                "child_id": row.child_id, "section": row.section, "place": place, "tier": row.state.tier,
                "worker": row.state.card.worker, "team": row.state.card.team,
            }  # fmt: skip
            for d in row.deeds or (None,):
                told: dict[str, Any] = dict.fromkeys(_FRAME)
                if d is not None:
                    told |= row.deed_dict(d)
                    told["rules"] = ", ".join(d.rules)
                    told["why"] = " ".join(said_on(w, self.on) for w in d.why)
                else:
                    told["why"] = row.why or None
                told |= shared
                for name in _FRAME:
                    found[name].append(told[name])
        return found

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a deed, as a data frame; ``place`` is the place of the child in the list.

        Parameters
        ----------
        backend
            ``pandas``, ``polars`` or ``pyarrow``; None: the first of them that is installed.
        """
        columns = self.columns()
        return make_frame({k: _as_column(v) for k, v in columns.items()}, backend)

    def text(self, width: int = 80) -> str:
        """The list as text; `growthwatch caseload` prints it."""
        sections = [(name, *self.grouped(name)) for name in SECTIONS[:-1]]
        below = [*self.notes, self.provenance]
        above = [*self.before, ""] if self.before else []
        above += [self.title, self.counts_words, *self.above[len(self.before) :]]
        return worklist_text(
            above, sections, self.waiting, self.between, self.unweighed, below, width, self.missed_before
        )

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Worklist of {self.on}: {self.children} read; {self.counts_words}>"

    def _repr_html_(self) -> str:
        return self.html()

    def html(self) -> str:
        """The first rows as a table of HTML, as a notebook shows it."""
        rows = [
            (
                f"{r.mark} {TITLES[r.section].lower()}",
                f"{r.child_id}, {r.who}" + (f", {r.state.tier}" if r.tier else ""),
                r.lines[0].do if r.lines else "",
                r.lines[0].who if r.lines else "",
                f"{r.lines[0].when}" if r.lines else "",
                r.why,
            )
            for r in self.rows
            if r.section != "nothing"
        ]
        more = len(self.rows) - min(len(rows), _NOTEBOOK)
        after = (
            f"{more} more: work[:50], work.late, work.waiting, work.for_worker(...), work.to_frame()" if more else ""
        )
        heads = ("when", "child", "do first", "who", "by", "why")
        table = Table(self.counts_words, heads, tuple(rows[:_NOTEBOOK]), names=1)
        return display(self.title, [Part(table=table), *([Part(words=(after,))] if after else [])], self.above)


def _as_column(values: list[Any]) -> Any:
    if values and all(isinstance(v, int) for v in values):
        return np.array(values, np.int64)
    return np.array(values, object)


def arranged(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows in the order of the list."""
    return tuple(sorted(rows, key=lambda r: (SECTIONS.index(r.section), r.key)))
