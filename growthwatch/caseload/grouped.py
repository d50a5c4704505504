"""Disabled children and others side by side, month by month: who is weighed, answered and not forgotten.

Shares have Wilson's interval, medians that of their order statistics, both of 95 %; months of one child are no
independent observations, so that an interval counts children.  A cell that rests on fewer than 5 children, or whose
count or complement is below 5, is not shown; and where only one month of a row is hidden, a second is, so that nobody
can work the first out from the whole.

Sources: Wilson EB. J Am Stat Assoc 1927;22:209-12; Conover WJ. Practical Nonparametric Statistics, 3rd ed., 1999, 3.2.
"""

from __future__ import annotations

import datetime as dt
import html
import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from typing import Protocol as Shape

import numpy as np

from growthwatch.caseload.states import ChildState
from growthwatch.caseload.words import words
from growthwatch.core.calendar import add_months
from growthwatch.core.columns import one_number
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.frames import make_frame
from growthwatch.core.html_table import Part, Table, display
from growthwatch.core.words import long_date
from growthwatch.protocol import Protocol, Review, replay
from growthwatch.protocol.file.values import LOUDNESS
from growthwatch.record import Record

__all__ = ["MEASURES", "Cell", "Groups", "groups"]

MEASURES: dict[str, tuple[str, str]] = {
    "overdue": ("Weight overdue at the end of the month", "share of children"),
    "weighed_when_seen": ("Weighed when seen", "share of visits"),
    "alarm_to_action": ("From alarm to action", "days, median"),
    "closed_without_action": ("Referrals closed without action", "share of those closed"),
    "not_brought": ("Not brought", "share of appointments"),
    "letters_unanswered": ("Letters that nobody acknowledged", "share of those sent"),
    "hand_over": ("Hand-over, from sending to acceptance", "days, median"),
}
"""What is counted, in words, and of what."""

GROUPS = ("disabled", "other")
_NAMES = {"disabled": "disabled children", "other": "children with no disability recorded"}
_SHARES = frozenset(name for name, (_, unit) in MEASURES.items() if unit.startswith("share"))
_Z = 1.959963984540054
"""The 97.5th percentile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One measure of one group in one month.

    Attributes
    ----------
    month
        Its first day; None: all months together.
    measure, group
        A key of `MEASURES`; ``disabled`` or ``other``.
    n, of
        How many, of how many; of medians `of` alone counts.  None where the count is too small to be shown.
    value, low, high
        The share, or the median [days], with its interval of 95 %; NaN where there is none.
    hidden
        Whether it is not shown because a count is small.
    """

    month: dt.date | None
    measure: str
    group: str
    n: int | None
    of: int | None
    value: float
    low: float
    high: float
    hidden: bool = False

    @property
    def words(self) -> str:
        """In words."""
        if self.hidden:
            return "too few to show"
        if not self.of:
            return "none"
        if self.measure in _SHARES:
            return f"{self.value:.0%} ({self.low:.0%} to {self.high:.0%}; {self.n} of {self.of})"
        return f"{self.value:g} days ({self.low:g} to {self.high:g}; {self.of})"


class Judged(Shape):
    """A caseload that has been reviewed, as much of it as is counted."""

    @property
    def states(self) -> tuple[ChildState, ...]:
        """What is open of each child."""
        ...

    @property
    def as_of(self) -> dt.datetime:
        """The moment."""
        ...

    @property
    def on(self) -> dt.date:
        """Its day."""
        ...

    @property
    def protocol(self) -> Protocol:
        """Who judged."""
        ...

    @property
    def imported(self) -> bool:
        """Whether it holds weights and little else."""
        ...

    def record_of(self, child_id: str) -> Record:
        """The record of a child."""
        ...

    def review_of(self, child_id: str) -> Review:
        """The review of a child."""
        ...


def wilson(n: int, of: int, effective: int) -> tuple[float, float, float]:
    """A share with Wilson's interval of 95 %, of so many independent observations."""
    if not of:
        return math.nan, math.nan, math.nan
    p, z2 = n / of, _Z * _Z
    of = min(of, effective)
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * math.sqrt(p * (1 - p) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return p, max(0.0, middle - half), min(1.0, middle + half)


def median(values: Sequence[float]) -> tuple[float, float, float]:
    """A median with the interval of its order statistics, of at least 95 % where there are enough values."""
    found = sorted(values)
    if not found:
        return math.nan, math.nan, math.nan
    n = len(found)
    below, k = 0.0, 0
    while below + math.comb(n, k) / 2**n <= 0.025:
        below += math.comb(n, k) / 2**n
        k += 1
    low = max(0, k - 1)
    return float(np.median(found)), float(found[low]), float(found[n - 1 - low])


@dataclass(frozen=True)
class Groups:
    """Disabled children and others, month by month.

    Attributes
    ----------
    cells
        Every measure of each group in each month, and in all together.
    months
        The first day of each month, oldest first.
    children
        How many children each group has.
    on
        The day up to which was counted.
    """

    cells: tuple[Cell, ...]
    months: tuple[dt.date, ...]
    children: dict[str, int]
    on: dt.date
    note: str

    def cell(self, measure: str, group: str, month: dt.date | None = None) -> Cell:
        """One cell; of all months together if none is named."""
        for c in self.cells:
            if (c.measure, c.group, c.month) == (measure, group, month):
                return c
        raise GrowthwatchError.of(
            "measure", (measure, group, month), f"a measure of {', '.join(MEASURES)}, a group and a month"
        )

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a cell: ``month, measure, group, n, of, value, low, high, hidden``; month missing: all months.

        Parameters
        ----------
        backend
            ``pandas``, ``polars`` or ``pyarrow``; None: the first of them that is installed.
        """
        names = ("measure", "group", "n", "of", "value", "low", "high", "hidden")
        columns: dict[str, Any] = {
            "month": np.array([None if c.month is None else f"{c.month:%Y-%m}" for c in self.cells], object)
        }
        for name in names:
            held = [getattr(c, name) for c in self.cells]
            if name in ("n", "of"):
                columns[name] = np.array([math.nan if v is None else v for v in held], float)
            else:
                columns[name] = np.array(
                    held, bool if name == "hidden" else float if isinstance(held[0], float) else object
                )
        return make_frame(columns, backend)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a board can read: one sentence a measure, of all months together."""
        out: list[str] = []
        for measure, (title, unit) in MEASURES.items():
            one, two = (self.cell(measure, g) for g in GROUPS)
            if not one.of and not two.of and not (one.hidden or two.hidden):
                out.append(f"{title}: nothing is recorded.")
                continue
            said = f"{title} ({unit}): {_NAMES['disabled']} {one.words}; {_NAMES['other']} {two.words}."
            if not (one.hidden or two.hidden) and one.of and two.of:
                apart = one.low > two.high or two.low > one.high
                said += (
                    " The two differ by more than chance alone would make likely." if apart else " That may be chance."
                )
            out.append(said)
        return tuple(out)

    @property
    def title(self) -> str:
        """Whom and what it counts."""
        first = f"{long_date(self.months[0])} to {long_date(self.on)}"
        d, o = self.children["disabled"], self.children["other"]
        return f"{d} disabled children and {o} with no disability recorded, {first}."

    def svg(self, measure: str = "overdue") -> str:
        """A picture of one measure, month by month: both groups with their intervals, told apart by mark and dash.

        Parameters
        ----------
        measure
            A key of `MEASURES`.
        """
        title, unit = MEASURES.get(measure, ("", ""))
        if not title:
            raise GrowthwatchError.of("measure", measure, f"one of {', '.join(MEASURES)}")
        found = {g: [self.cell(measure, g, m) for m in self.months] for g in GROUPS}
        tops = [c.high for cells in found.values() for c in cells if c.high == c.high and not c.hidden]
        top = max([*tops, 0.1 if measure in _SHARES else 1.0])
        wide, high, left = 560, 180, 46
        step = (wide - left - 10) / max(1, len(self.months) - 1)
        parts: list[str] = []
        for group, colour, dash, shift in (("disabled", "#9c3600", "", -3.0), ("other", "#00548a", "5 3", 3.0)):
            points: list[str] = []
            for i, c in enumerate(found[group]):
                if c.hidden or c.value != c.value:
                    continue
                x, y = left + i * step + shift, high * (1 - c.value / top)
                points.append(f"{x:.1f},{y:.1f}")
                parts.append(
                    f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{high * (1 - c.low / top):.1f}" '
                    f'y2="{high * (1 - c.high / top):.1f}" stroke="{colour}"/>'
                )
                mark = (
                    f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
                    if group == "disabled"
                    else f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="#fff" stroke="{colour}"/>'
                )
                parts.append(mark)
            parts.append(
                f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-dasharray="{dash}"/>'
            )
        labels = "".join(
            f'<text x="{left + i * step:.1f}" y="{high + 14}" text-anchor="middle">{m:%b}</text>'
            for i, m in enumerate(self.months)
        )
        scale = f"{top:.0%}" if measure in _SHARES else f"{top:g}"
        said = html.escape(next(s for s in self.sentences if s.startswith(title)), quote=True)
        key = "disabled children ●   no disability recorded □"
        return (
            f'<svg viewBox="0 0 {wide} {high + 40}" width="{wide}" role="img" aria-label="{said}" '
            f'xmlns="http://www.w3.org/2000/svg" style="background:#fff;max-width:100%;font:11px sans-serif">'
            f"<title>{html.escape(title)}</title>"
            f'<line x1="{left}" x2="{wide}" y1="{high}" y2="{high}" stroke="#767676"/>'
            f'<text x="2" y="12">{scale}</text><text x="2" y="{high}">0</text>{"".join(parts)}{labels}'
            f'<text x="{left}" y="{high + 32}">{html.escape(title)} ({unit}): {key}</text></svg>'
        )

    def __str__(self) -> str:
        return "\n".join([self.title, *self.sentences, self.note])

    def _repr_html_(self) -> str:
        rows = tuple((title, *(self.cell(m, g).words for g in GROUPS)) for m, (title, _) in MEASURES.items())
        table = Table(self.title, ("what", *(_NAMES[g] for g in GROUPS)), rows)
        return display(self.title, [Part(table=table), Part(words=(self.note,), pictures=(self.svg(),))])


def groups(reviewed: Judged, months: int = 12, disabled: Iterable[str] | Callable[[str], bool] | None = None) -> Groups:
    """Set disabled children and others side by side, month by month.

    Parameters
    ----------
    reviewed
        The caseload, reviewed.
    months
        How many months back, that of the day itself included.
    disabled
        Ids of the disabled children, or a function of an id; None: those with a condition of the packaged list.
        Of a child without any condition nobody has said that it is not disabled: the other group is called "no
        disability recorded".

    Raises
    ------
    GrowthwatchError
        For a wrong argument.

    Notes
    -----
    Overdue weights are those of the schedule as if the protocol had always been in force; alarms are findings about
    growth or illness that are at least daily, and their action the first deed that is recorded as done.
    """
    if not hasattr(reviewed, "states"):
        raise GrowthwatchError.of("reviewed", reviewed, "a caseload that has been reviewed: cases.review(as_of=...)")
    back = int(one_number("months", months, "a number of months from 1 to 120", least=1, most=120))
    this = reviewed.on.replace(day=1)
    starts = tuple(add_months(this, -i) for i in range(back - 1, -1, -1))
    if disabled is None:
        chosen = {s.card.child_id for s in reviewed.states if s.card.disabled}
    elif callable(disabled):
        chosen = {s.card.child_id for s in reviewed.states if disabled(s.card.child_id)}
    else:
        chosen = set(disabled)
    counts: dict[tuple[str, str, int], list[tuple[float, str]]] = {}
    for state in reviewed.states:
        id = state.card.child_id
        group = "disabled" if id in chosen else "other"
        record = reviewed.record_of(id)
        for measure, day, value in _told(record, reviewed.review_of(id), reviewed, starts):
            at = bisect_right(starts, day) - 1
            if at >= 0 and day <= reviewed.on:
                counts.setdefault((measure, group, at), []).append((value, id))
    cells: list[Cell] = []
    for measure in MEASURES:
        for group in GROUPS:
            row = [_cell(m, measure, group, counts.get((measure, group, i), [])) for i, m in enumerate(starts)]
            whole = [v for i in range(len(starts)) for v in counts.get((measure, group, i), [])]
            cells += _complementary(row)
            cells.append(_cell(None, measure, group, whole))
    held = {g: sum((s.card.child_id in chosen) == (g == "disabled") for s in reviewed.states) for g in GROUPS}
    note = "A table of weights holds no visits, letters or referrals: what is not recorded is not counted."
    note = note if reviewed.imported else "What is not recorded is not counted."
    return Groups(tuple(cells), starts, held, reviewed.on, note)


def _cell(month: dt.date | None, measure: str, group: str, told: Sequence[tuple[float, str]]) -> Cell:
    least, values = words().smallest_count, [v for v, _ in told]
    children = len({id for _, id in told})
    if measure in _SHARES:
        n, of = int(sum(values)), len(values)
        p, low, high = wilson(n, of, children)
        small = 0 < children < least or 0 < n < least or 0 < of - n < least
    else:
        n, of = len(values), len(values)
        p, low, high = median(values)
        small = 0 < children < least
    if small:
        return Cell(month, measure, group, None, None, math.nan, math.nan, math.nan, hidden=True)
    return Cell(month, measure, group, n, of, p, low, high)


def _complementary(row: list[Cell]) -> list[Cell]:
    """Hide a second month where only one is hidden: else it could be worked out from all months together."""
    if sum(c.hidden for c in row) != 1:
        return row
    shown = [c for c in row if not c.hidden and c.of]
    if not shown:
        return row
    least = min(shown, key=lambda c: (c.of or 0, c.month or dt.date.max))
    gone = replace(least, n=None, of=None, value=math.nan, low=math.nan, high=math.nan, hidden=True)
    return [gone if c is least else c for c in row]


def _told(
    record: Record, review: Review, reviewed: Judged, starts: Sequence[dt.date]
) -> Iterable[tuple[str, dt.date, float]]:
    """What one child adds: the measure, its day, and 1 or 0, or days."""
    counted = record.effective(reviewed.as_of)
    yield from _overdue(record, reviewed, starts)
    weighed = {e.on for e in counted if e.type == "weighed"}
    sent: dict[str, dt.date] = {}
    for e in counted:
        if e.type == "contact" and e.face_to_face:
            yield "weighed_when_seen", e.on, float(e.weighed or e.on in weighed)
            yield "not_brought", e.on, 0.0
        elif e.type == "was_not_brought" and e.kind != "cancelled_by_service":
            yield "not_brought", e.on, 1.0
        elif e.type == "referral_closed":
            yield "closed_without_action", e.on, float(not e.action_taken)
        elif e.type == "handover_sent":
            sent[e.id] = e.on
        elif e.type == "handover_accepted" and e.handover in sent:
            yield "hand_over", e.on, float((e.on - sent[e.handover]).days)
    for r in review.requests:
        if r.form == "letter" and r.state != "drafted":
            yield "letters_unanswered", r.asked_on, float(bool(r.late))
    for f in (*review.findings, *review.closed):
        if f.loudness == LOUDNESS[0]:
            continue
        done = min((o.done_on for o in f.obligations if o.done_on is not None), default=None)
        if done is not None and f.healthy is not None:
            yield "alarm_to_action", f.opened_on, float(max(0, (done - f.opened_on).days))


def _overdue(record: Record, reviewed: Judged, starts: Sequence[dt.date]) -> Iterable[tuple[str, dt.date, float]]:
    """Whether the weight was overdue at the end of each month in which the child was there."""
    born = next((e.on for e in record.effective() if e.type == "born"), None)
    if born is None:
        return
    died = min((e.on for e in record.effective() if e.type == "died"), default=dt.date.max)
    days, states = [dt.date.min], ["none"]
    for change in replay(record, protocol=reviewed.protocol, until=reviewed.on):
        days.append(change.on)
        states.append(change.due_state)
    for start in starts:
        end = min(add_months(start, 1) - dt.timedelta(days=1), reviewed.on)
        if born <= end < died:
            yield "overdue", end, float(states[bisect_right(days, end) - 1] in ("overdue", "lapsed"))
