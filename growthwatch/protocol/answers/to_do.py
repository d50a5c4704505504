"""What must be done, as a person would list it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.core.words import days_words, long_date, role_words
from growthwatch.protocol.answers.parts import Finding, Obligation
from growthwatch.protocol.file.values import LOUDNESS

__all__ = ["ToDo", "to_do"]

GROUPS = ("now", "today", "late", "next")


@dataclass(frozen=True, slots=True)
class ToDo:
    """One task, for one finding or several, as a person would list it.

    ``group`` is ``now`` (cannot wait, due today or late), ``today``, ``late`` or ``next``.
    """

    group: str
    do: str
    owner: str
    deadline: dt.date
    late: bool
    if_not: str | None
    rules: tuple[str, ...]

    def explain(self, on: dt.date) -> str:
        """Who does what, by when, and what if not."""
        who = role_words(self.owner)
        do = self.do if self.do[:1].isdigit() or self.do[1:2].isupper() else self.do[:1].lower() + self.do[1:]
        if self.deadline == on:
            by = "Today"
        elif self.late:
            by = f"Was due by {long_date(self.deadline)}, {days_words((on - self.deadline).days)} ago"
        else:
            by = f"By {long_date(self.deadline)}"
        text = f"{who[:1].upper()}{who[1:]}: {do} ({', '.join(self.rules)}). {by}."
        return text + (f" If not: {self.if_not}." if self.if_not else "")


def to_do(findings: Sequence[Finding], obligations: Sequence[Obligation], on: dt.date) -> tuple[ToDo, ...]:
    """What must still be done on a day, the same task for several findings taken together, the most pressing first."""
    by_key = {f.key: f for f in findings}
    groups: dict[tuple[str, str, str | None], list[Obligation]] = {}
    for o in obligations:
        groups.setdefault((o.do, o.owner, o.if_not), []).append(o)
    out: list[tuple[tuple[Any, ...], ToDo]] = []
    for (do, owner, if_not), members in groups.items():
        day = min(o.deadline for o in members)
        rules = tuple(sorted({o.rule for o in members}))
        current = [by_key[o.key] for o in members if o.key in by_key and by_key[o.key].level == o.level]
        now = day <= on and any(f.loudness == LOUDNESS[-1] for f in current)
        stage = max((f.stage or "" for f in current), default="")
        late = day < on
        group = "now" if now else "today" if day == on else "late" if late else "next"
        # Of what presses as much, what makes a weight sure comes first.
        later = not any(o.confirms for o in members)
        rank = (GROUPS.index(group), -int(stage[1:] or 0) if now else 0, day != on, day, later, do)
        out.append((rank, ToDo(group, do, owner, day, late, if_not, rules)))
    return tuple(t for _, t in sorted(out, key=lambda pair: pair[0]))
