"""What must be done, as a person would list it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.core.words import days_words, long_date, name_words, role_words
from growthwatch.protocol.answers.parts import Finding, Obligation
from growthwatch.protocol.file.values import LOUDNESS

__all__ = ["ToDo", "to_do"]

GROUPS = ("now", "today", "late", "next")


@dataclass(frozen=True, slots=True)
class ToDo:
    """One task, for one finding or several, as a person would list it.

    ``group`` is ``now`` (cannot wait, due today or late), ``today``, ``late`` or ``next``.  ``about`` says of what
    findings it is, where their rule alone does not tell.
    """

    group: str
    do: str
    owner: str
    deadline: dt.date
    late: bool
    if_not: str | None
    rules: tuple[str, ...]
    about: tuple[str, ...] = ()
    owner_name: str | None = None

    @property
    def who(self) -> str:
        """Who owes it: by name where the record says so, else by role."""
        return role_words(self.owner) if self.owner_name is None else name_words(self.owner_name)

    def explain(self, on: dt.date) -> str:
        """Who does what, by when, and what if not."""
        who = self.who
        do = self.do if self.do[:1].isdigit() or self.do[1:2].isupper() else self.do[:1].lower() + self.do[1:]
        if self.deadline == on:
            by = "Today"
        elif self.late:
            by = f"Was due by {long_date(self.deadline)}, {days_words((on - self.deadline).days)} ago"
        else:
            by = f"By {long_date(self.deadline)}"
        about = f": {'; '.join(self.about)}" if self.about else ""
        text = f"{who[:1].upper()}{who[1:]}: {do} ({', '.join(self.rules)}){about}. {by}."
        return text + (f" If not: {self.if_not}." if self.if_not else "")


def to_do(findings: Sequence[Finding], obligations: Sequence[Obligation], on: dt.date) -> tuple[ToDo, ...]:
    """What must still be done on a day, the same task for several findings taken together, the most pressing first."""
    by_key = {f.key: f for f in findings}
    # What a finding asks for again as it grows graver is one task: the first deadline, and what comes if not now.
    newest: dict[tuple[str, str, str], Obligation] = {}
    for o in sorted(obligations, key=lambda o: o.set_on):
        newest[o.key, o.do, o.owner] = o
    groups: dict[tuple[str, str, str | None, str | None], list[Obligation]] = {}
    for o in obligations:
        groups.setdefault((o.do, o.owner, newest[o.key, o.do, o.owner].if_not, o.owner_name), []).append(o)
    out: list[tuple[tuple[Any, ...], ToDo]] = []
    for (do, owner, if_not, name), members in groups.items():
        day = min(o.deadline for o in members)
        rules = tuple(sorted({o.rule for o in members}))
        current = [by_key[o.key] for o in members if o.key in by_key and by_key[o.key].level == o.level]
        now = day <= on and any(f.loudness == LOUDNESS[-1] for f in current)
        stage = max((f.stage or "" for f in current), default="")
        late = day < on
        group = "now" if now else "today" if day == on else "late" if late else "next"
        about = tuple(dict.fromkeys(o.about for o in members if o.about))
        confirms = any(o.confirms for o in members)
        # What makes a weight sure comes before what waits for it; what cannot wait and waits for none, before both.
        turn = (confirms + 2 * any(o.waits for o in members)) if now else not confirms
        when = (day != on, day)
        first = (-float(stage[1:] or 0), turn, *when) if now else (0, *when, turn)
        made = ToDo(group, do, owner, day, late, if_not, rules, about, name)
        out.append(((GROUPS.index(group), *first, do), made))
    return tuple(t for _, t in sorted(out, key=lambda pair: pair[0]))
