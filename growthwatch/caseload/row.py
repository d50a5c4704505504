"""One child of a list, in words: who it is, what is to be done, by whom and when, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from growthwatch.caseload.states import MATTERS, ChildState, Deed
from growthwatch.core.said import said_on
from growthwatch.core.units import PRETERM_DAYS
from growthwatch.core.words import count_words, long_date, name_words, role_words, same_name
from growthwatch.protocol.file.values import LOUDNESS

__all__ = ["SECTIONS", "TITLES", "WEEK", "Line", "Row", "age_in_words", "by_when", "late_words", "short_day"]

SECTIONS = ("cannot_wait", "late", "today", "this_week", "nothing")
TITLES = {
    "cannot_wait": "Cannot wait",
    "late": "Late",
    "today": "Today",
    "this_week": "This week",
    "nothing": "Nothing to do",
}
WEEK = 7
"""How far `this week` looks ahead [days]."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MARKS = {"cannot_wait": "◆", "late": "▲", "today": "●", "this_week": "○", "nothing": ""}
_VISITORS = ("health_visitor", "specialist_health_visitor", "owner", "community_nurse", "school_nurse")
_TIERS = {"T1": "T1", "T2": "T2, concern", "T3": "T3, high concern"}


def late_words(days: int) -> str:
    """How late something is: days below 100, then weeks, then years."""
    if days < 100:
        return f"{count_words(days, 'day')} late"
    if days < 2 * 365:
        return f"{days // 7} weeks late"
    return f"{days // 365} years late"


def short_day(day: dt.date, on: dt.date) -> str:
    """A day beside the day of the list: with its weekday up to a week ahead, with the year if it is another."""
    words = long_date(day)
    if day.year == on.year:
        words = words.rsplit(" ", 1)[0]
    return f"{_DAYS[day.weekday()]} {words}" if 0 < (day - on).days <= WEEK else words


def by_when(deed: Deed, on: dt.date) -> tuple[str, str]:
    """How late a deed is, or when it is due; and the day of that, where it is late."""
    late = deed.late_days(on)
    if late:
        last = max(deed.deadline, deed.lasts_until or deed.deadline)
        return late_words(late), f"by {short_day(last, on)}"
    if deed.deadline <= on:
        return "today", ""
    return f"by {short_day(deed.deadline, on)}", ""


def age_in_words(birth: dt.date, on: dt.date) -> str:
    """A child's age as people say it: days, weeks, months to two years, then years and months."""
    days = (on - birth).days
    if days < 0:
        return "not born yet, by the birth date"
    if days < 14:
        return count_words(days, "day")
    months = (on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day)
    if months < 3:
        return count_words(days // 7, "week")
    if months < 24:
        return count_words(months, "month")
    years, rest = divmod(months, 12)
    return count_words(years, "year") + (f" {count_words(rest, 'month')}" if rest and years < 5 else "")


@dataclass(frozen=True, slots=True)
class Line:
    """One deed, in words: what, who, by when, what if not."""

    mark: str
    do: str
    who: str
    when: str
    day: str
    if_not: str
    late: bool
    first: bool

    @property
    def words(self) -> str:
        """As one sentence."""
        day = f", {self.day}" if self.day else ""
        end = f" If not: {self.if_not}." if self.if_not else ""
        return f"{self.do}: {self.who}, {self.when}{day}.{end}"


@dataclass(frozen=True)
class Row:
    """One child of a list.

    Attributes
    ----------
    state
        What is open of the child.
    on
        The day of the list.
    you
        Who reads it.
    """

    state: ChildState
    on: dt.date
    you: str | None = None

    @property
    def child_id(self) -> str:
        """The record number."""
        return self.state.card.child_id

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """What is to be done, in order."""
        return self.state.deeds

    @cached_property
    def section(self) -> str:
        """Which of the sections the child stands in: the first that fits."""
        deeds = self.deeds
        if self.state.unreadable or any(d.loudness == LOUDNESS[-1] or 3 <= d.rung < 5 for d in deeds):
            return "cannot_wait"
        if any(d.late_days(self.on) for d in deeds):
            return "late"
        if any(d.deadline <= self.on for d in deeds):
            return "today"
        return "this_week" if any((d.deadline - self.on).days <= WEEK for d in deeds) else "nothing"

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """By what rows of a section are ordered: the worst value over the deeds that are open."""
        deeds = self.deeds
        tier = -int(self.state.tier[1:])
        if not deeds:
            return (True, True, len(LOUDNESS), tier, 0.0, len(MATTERS), 10**6, dt.date.max, dt.date.max, self.child_id)
        return (
            not any(d.emergency for d in deeds),
            not any(d.danger for d in deeds),
            min(LOUDNESS[::-1].index(d.loudness) for d in deeds),
            tier,
            min(-d.rung for d in deeds),
            min(MATTERS.index(d.matter) for d in deeds),
            min(d.limit_days for d in deeds),
            min(d.deadline for d in deeds),
            min(d.opened_on for d in deeds),
            self.child_id,
        )

    @property
    def mark(self) -> str:
        """The sign of its section."""
        return _MARKS[self.section]

    @property
    def who(self) -> str:
        """Sex, age and conditions: what is not said is not left out."""
        card = self.state.card
        noun = {"male": "boy", "female": "girl"}.get(card.sex or "", "sex not said")
        age = age_in_words(card.birth, self.on) if card.birth else "age not said"
        # Without a birth date there is no birth in the record, whatever the table says of the sex.
        parts = [f"{noun}, {age}" if card.birth or card.sex else "no birth date that can be used"]
        parts += [", ".join(card.conditions)] if card.conditions else []
        if card.gestation_days is not None and card.gestation_days < PRETERM_DAYS:
            weeks, days = divmod(card.gestation_days, 7)
            parts.append(f"born at {weeks} weeks + {days}")
        return "; ".join(parts)

    @property
    def tier(self) -> str:
        """How closely the child is watched, from T1 on: T0 has no label."""
        return _TIERS.get(self.state.tier, "")

    @property
    def tags(self) -> tuple[str, ...]:
        """What else is to be seen at once."""
        found = [
            ("between teams or no lead", bool(self.state.between)),
            ("not weighed in time", self.unweighed),
            ("waiting for others", bool(self.state.asked)),
            (self.state.doubt, bool(self.state.doubt)),
        ]
        return tuple(name for name, there in found if there)

    @property
    def unweighed(self) -> bool:
        """Whether the weight that was due is overdue."""
        return self.state.died_on is None and self.state.due.on(self.on).state in ("overdue", "lapsed")

    @property
    def missed_before(self) -> dt.date | None:
        """The day of a weight that was missed before the first day and is not late; None of whom none was."""
        due = self.state.due
        return None if self.unweighed or self.state.died_on is not None or due.due is None else due.missed

    @property
    def missed_words(self) -> str:
        """How old the last weight of a child is who missed one before the first day, and to when that is set."""
        due, last = self.state.due, "none"
        if due.last_valid_on is not None:
            last = f"{count_words((self.on - due.last_valid_on).days, 'day')} ago"
        if due.due is None:
            return last
        day = "due now" if due.due <= self.on else f"set to {short_day(due.due, self.on)}"
        return f"{last}, the next {day}"

    def person(self, deed: Deed) -> str:
        """Who owes a deed: you, by name, by worker, else by role."""
        if deed.owner_name is not None:
            name = name_words(deed.owner_name)
        elif deed.owner in _VISITORS and self.state.card.worker:
            name = name_words(self.state.card.worker)
        else:
            return role_words(deed.owner)
        return "you" if self.you is not None and same_name(name) == same_name(self.you) else name

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The deeds that the row shows: the first; and one more that is late or due today, your own if there is one.

        A child stands in `this week` for a deed of this week: where the first is due later, that one is the second.
        """
        deeds = self.deeds
        if not deeds:
            return ()
        out = [self._line(deeds[0], True)]
        if not deeds[0].emergency:
            pressing = [d for d in deeds[1:] if d.late_days(self.on) or d.deadline <= self.on]
            mine = [d for d in pressing if self.person(d) == "you"]
            made_late = [d for d in pressing if d.late_days(self.on)] if self.section == "late" else []
            first_late = bool(deeds[0].late_days(self.on))
            second = (made_late if not first_late else []) or mine or pressing or self._of_this_week()
            out += [self._line(second[0], False)] if second else []
        return tuple(out)

    def _of_this_week(self) -> list[Deed]:
        """The deeds for which the child stands in `this week`, where the first deed is none of them."""
        soon = [d for d in self.deeds if (d.deadline - self.on).days <= WEEK]
        return soon if self.section == "this_week" and self.deeds[0] not in soon else []

    @property
    def every(self) -> tuple[Line, ...]:
        """Each deed in words, in order, with none left out."""
        return tuple(self._line(d, n == 0) for n, d in enumerate(self.deeds))

    def _line(self, deed: Deed, first: bool) -> Line:
        when, day = by_when(deed, self.on)
        late = bool(deed.late_days(self.on))
        loud = deed.loudness == LOUDNESS[-1] and deed.deadline <= self.on
        mark = "◆" if loud else "▲" if late else "●" if deed.deadline <= self.on else "○"
        about = f" ({'; '.join(deed.about)})" if deed.about else ""
        return Line(mark, deed.do + about, self.person(deed), when, day, deed.if_not or "", late, first)

    def hidden(self) -> tuple[str, ...]:
        """The deeds that the row does not show at first, in words."""
        shown = {x.do for x in self.lines}
        lines = [self._line(d, False) for d in self.deeds]
        return tuple(f"{x.do}: {x.who}, {x.when}{f' ({x.day})' if x.day else ''}" for x in lines if x.do not in shown)

    @property
    def more(self) -> int:
        """How many deeds it does not show."""
        return len(self.deeds) - len(self.lines)

    @property
    def why(self) -> str:
        """The reason of the first deed, in words; and what the table could not tell of the child."""
        said = " ".join(said_on(w, self.on) for w in self.deeds[0].why) if self.deeds else ""
        return " ".join([*([said] if said else []), *self.state.notes])

    @property
    def open_since(self) -> dt.date | None:
        """Since when the first deed's reason is open; None where nothing is yet, as of a weight that is to come."""
        since = self.deeds[0].opened_on if self.deeds else None
        return None if since is None or since > self.on else since

    @property
    def next_weight(self) -> str:
        """When the next weight is due."""
        due = self.state.due.due
        if due is None:
            return ""
        return f"was due {short_day(due, self.on)}" if self.unweighed else short_day(due, self.on)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: what every face of the list shows."""
        card = self.state.card
        return {
            "child_id": self.child_id,
            "section": self.section,
            "who": self.who,
            "tier": self.state.tier,
            "tags": list(self.tags),
            "worker": card.worker,
            "team": card.team,
            "owner": self.state.owner,
            "why": self.why,
            "next_weight": None if self.state.due.due is None else self.state.due.due.isoformat(),
            "deeds": [self.deed_dict(d) for d in self.deeds],
        }

    def deed_dict(self, d: Deed) -> dict[str, Any]:
        """A deed as plain data."""
        return {
            "do": d.do,
            "who": self.person(d),
            "owner": d.owner,
            "deadline": d.deadline.isoformat(),
            "late_days": d.late_days(self.on),
            "if_not": d.if_not,
            "rules": list(d.rules),
            "loudness": d.loudness,
            "rung": f"E{d.rung:g}" if d.rung else "",
            "limit_days": d.limit_days,
            "opened_on": d.opened_on.isoformat(),
            "about": list(d.about),
        }
