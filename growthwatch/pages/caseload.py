"""The page of a caseload: the same rows as everywhere, readable on a phone, printable, without a script."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.caseload import Reviewed, Worklist
from growthwatch.caseload.listed import IN_SHORT, ORDER, SECTIONS, TITLES
from growthwatch.caseload.row import Row, short_day
from growthwatch.caseload.texts import also_words
from growthwatch.core.words import count_words, long_date
from growthwatch.pages.render import render, write_page
from growthwatch.pages.spark import Spark, spark_of

__all__ = ["caseload_page"]

_HINTS = {
    "cannot_wait": "ring or go before anything else",
    "late": "a last day has passed; nothing is recorded as done",
    "today": "due on this day",
    "this_week": "due within 7 days",
}
_MOST_SPARKS = 1000
"""Small charts are drawn for so many children, worst first: a page must stay small."""

_FAULTS = 200


@dataclass(frozen=True)
class _Shown:
    """A row as the page shows it."""

    row: Row
    anchor: str
    spark: Spark | None
    worker: str
    team: str

    @property
    def since(self) -> str:
        """Since when, whose, and when the next weight is."""
        row, card = self.row, self.row.state.card
        parts = [f"Open since {short_day(row.open_since, row.on)}." if row.open_since else ""]
        who = ", ".join(x for x in (card.worker, card.team) if x)
        parts.append(f"Worker: {who}." if who else "")
        parts.append(f"Next weight: {row.next_weight}." if row.next_weight else "")
        return " ".join(p for p in parts if p)


def caseload_page(
    reviewed: Reviewed, you: str | None = None, path: str | os.PathLike[str] | None = None, before: Sequence[str] = ()
) -> str:
    """The list of a caseload as a page.

    Parameters
    ----------
    reviewed
        The caseload, reviewed.
    you
        Who reads it.
    path
        Where to write it; None: it is only returned.
    before
        Lines that come before all else, such as that the last list was read by nobody.

    Returns
    -------
    str
        The page: one file of HTML that fetches nothing and needs no script.

    Raises
    ------
    GrowthwatchError
        When Jinja2 is not installed, or the file cannot be written.
    """
    work = reviewed.worklist(you, before)
    workers = sorted({r.state.card.worker for r in work if r.state.card.worker})
    teams = sorted({r.state.card.team for r in work if r.state.card.team})
    numbers = {name: f"w{i}" for i, name in enumerate(workers)} | {f"\0{name}": f"t{i}" for i, name in enumerate(teams)}
    drawn = 0
    parts: list[dict[str, Any]] = []
    for name in SECTIONS[:-1]:
        alone, groups = work.grouped(name)
        shown: list[_Shown] = []
        for row in alone:
            spark = None
            if drawn < _MOST_SPARKS:
                drawn += 1
                spark = spark_of(
                    reviewed.record_of(row.child_id),
                    reviewed.protocol.reference,
                    row.on,
                    row.state.doubt == "weight in doubt",
                )
            shown.append(_shown(row, spark, numbers))
        grouped = [(who, [_shown(r, None, numbers) for r in rows]) for who, rows in groups.items()]
        parts.append(
            {
                "name": name.replace("_", "-"),
                "title": TITLES[name],
                "hint": _HINTS[name],
                "rows": shown,
                "groups": grouped,
                "count": len(alone) + sum(len(rows) for rows in groups.values()),
            }
        )
    page = render(
        "caseload.html",
        title="Who needs you today",
        work=work,
        parts=parts,
        cuts=_cuts(work, numbers),
        nothing=[_shown(r, None, numbers) for r in work.nothing],
        workers=[(numbers[w], w) for w in workers],
        teams=[(numbers[f"\0{t}"], t) for t in teams],
        filter_style=_filters(len(workers), len(teams)),
        order=ORDER,
        in_short=IN_SHORT,
        you=you,
        plan=_plan(reviewed),
        faults=reviewed.refused[:_FAULTS],
        more_faults=max(0, len(reviewed.refused) - _FAULTS),
        hash=work.hash.removeprefix("sha256:")[:8],
        sheet=f"Who needs you, {work.moment}. Old tomorrow.",
    )
    if path is not None:
        write_page(page, path)
    return page


def _shown(row: Row, spark: Spark | None, numbers: dict[str, str]) -> _Shown:
    card = row.state.card
    anchor = "c" + re.sub(r"[^0-9A-Za-z]", lambda m: f"-{ord(m[0]):x}-", row.child_id)
    return _Shown(row, anchor, spark, numbers.get(card.worker or "", ""), numbers.get(f"\0{card.team}", ""))


def _cuts(work: Worklist, numbers: dict[str, str]) -> list[dict[str, Any]]:
    """Other ways to look at the same children."""
    waiting = [(_shown(r, None, numbers), also_words([(r, a)], (), ())[0].partition(" ")[2]) for r, a in work.waiting]
    between = [(_shown(r, None, numbers), f"{r.state.owner} owns") for r in work.between]
    unweighed = [
        (_shown(r, None, numbers), work.doubt_of(r) or f"the weight {r.next_weight}")
        for r in work.unweighed
        if work.doubt_of(r) or not r.state.only_missed
    ]
    rest = len(work.unweighed) - len(unweighed)
    return [
        {"name": "waiting", "title": "Waiting for an answer from others", "rows": waiting, "more": ""},
        {"name": "between", "title": "Between teams, or without a lead", "rows": between, "more": ""},
        {
            "name": "unseen",
            "title": "Not weighed in time, or in doubt",
            "rows": unweighed,
            "more": f"{count_words(rest, 'child')} more missed one routine weight".replace("childs", "children")
            if rest
            else "",
        },
        {
            "name": "missed-before",
            "title": "Missed a weight before the first day",
            "rows": [(_shown(r, None, numbers), f"last valid weight: {r.missed_words}") for r in work.missed_before],
            "more": "",
        },
    ]


def _filters(workers: int, teams: int) -> str:
    """The rules by which a filter works without a script: what is not of a worker or team is not shown."""
    out = [
        f"body:has(#{kind}{i}:checked) [data-{kind}]:not([data-{kind}~={kind}{i}]){{display:none}}"
        f"body:has(#{kind}{i}:checked) .hidden-note{{display:block}}"
        for kind, n in (("w", workers), ("t", teams))
        for i in range(n)
    ]
    return "".join(out)


def _plan(reviewed: Reviewed) -> dict[str, Any] | None:
    """What a page says on the first day: what imported history can and cannot tell, and the start plan."""
    if reviewed.plan is None or reviewed.first_on is None:
        return None
    entries = reviewed.plan.entries
    days: dict[str, int] = {}
    for day in sorted(s.set_to for starts in entries.values() for s in starts):
        days[long_date(day)] = days.get(long_date(day), 0) + 1
    return {
        "first": long_date(reviewed.first_on),
        "readings": reviewed.plan.readings,
        "weights": reviewed.plan.weights,
        "last": None if reviewed.plan.last is None else long_date(reviewed.plan.last),
        "most": reviewed.plan.most,
        "days": list(days.items()),
        "children": len(reviewed),
    }
