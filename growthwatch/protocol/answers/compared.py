"""What a change of protocol would have changed, plain and frozen: by child, by day, by rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast

from growthwatch.core.canonical import short_hash
from growthwatch.core.html_table import html_table
from growthwatch.core.words import days_words, long_date, often_words, the_role_words

__all__ = ["Comparison", "Difference", "DueDifference", "Duty", "RuleDifference", "Spell", "TierDifference"]

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Duty:
    """What a finding asked for: the day on which it was set, its last day in time, whose it is, and what."""

    set_on: dt.date
    deadline: dt.date
    owner: str
    do: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "set_on": self.set_on.isoformat(),
            "deadline": self.deadline.isoformat(),
            "owner": self.owner,
            "do": self.do,
        }


@dataclass(frozen=True, slots=True)
class Spell:
    """A finding from its opening to its closing, under one protocol.

    Attributes
    ----------
    key
        Its key.
    opened_on, closed_on
        First day, and the day on which it closed; None: open on the last day.
    levels
        The days on which it opened and changed its level, each with the level.
    duties
        What it asked for, in the order in which it was set.
    loudness
        How loud it was on each of the days of `levels`: ``interrupt``, ``daily`` or ``weekly``.
    """

    key: str
    opened_on: dt.date
    closed_on: dt.date | None
    levels: tuple[tuple[dt.date, str], ...]
    duties: tuple[Duty, ...]
    loudness: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "key": self.key,
            "opened_on": self.opened_on.isoformat(),
            "closed_on": None if self.closed_on is None else self.closed_on.isoformat(),
            "levels": [[day.isoformat(), level] for day, level in self.levels],
            "duties": [duty.to_dict() for duty in self.duties],
            "loudness": list(self.loudness),
        }

    def same(self, other: Spell) -> bool:
        """Whether it is the same but for its key, which names the event that closed the one before."""
        return self._course == other._course

    @property
    def _course(self) -> tuple[object, ...]:
        return self.closed_on, self.levels, self.duties, self.loudness

    @property
    def happenings(self) -> frozenset[tuple[dt.date, object]]:
        """What happens on which day: its levels, what it asks for, and its closing."""
        closing = [] if self.closed_on is None else [(self.closed_on, None)]
        levels = [(day, (level, loud)) for (day, level), loud in zip(self.levels, self.loudness, strict=True)]
        return frozenset([*levels, *((duty.set_on, duty) for duty in self.duties), *closing])


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding of a child that is not the same under both protocols.

    Attributes
    ----------
    child_id, rule, subject
        Whose it is, of which rule, and about what (empty: the child).
    old, new
        How it goes under each; None: not at all.
    """

    child_id: str
    rule: str
    subject: str
    old: Spell | None
    new: Spell | None

    @property
    def days(self) -> tuple[dt.date, ...]:
        """Days on which something happens under one of the two only."""
        old, new = (frozenset[tuple[dt.date, object]]() if s is None else s.happenings for s in (self.old, self.new))
        return tuple(sorted({day for day, _ in old ^ new}))

    @property
    def says(self) -> str:
        """What differs, in plain English."""
        name = f"{self.rule} about {self.subject}" if self.subject else self.rule
        if self.new is None or self.old is None:
            only = cast("Spell", self.new or self.old)
            which = "new" if self.old is None else "old"
            day, level = only.levels[0]
            return f"{name} ({level}) opens on {long_date(day)} under the {which} protocol only{_until(only)}"
        parts: list[str] = []
        (old_day, old_level), (new_day, new_level) = self.old.levels[0], self.new.levels[0]
        if old_day != new_day:
            later = "later" if new_day > old_day else "earlier"
            days = days_words(abs((new_day - old_day).days))
            parts.append(f"opens on {long_date(new_day)}, {days} {later} than {long_date(old_day)}")
        if old_level != new_level:
            parts.append(f'opens as "{new_level}", not "{old_level}"')
        if self.old.levels[1:] != self.new.levels[1:]:
            parts.append(f"then {_then(self.new)}, not {_then(self.old)}")
        if self.old.closed_on != self.new.closed_on:
            parts.append(f"{_closing(self.new)}, not {_closing(self.old)}")
        if not parts:
            parts = [*_louder(self.old, self.new), *_duties(self.old, self.new)]
        return f"{name} {'; '.join(parts)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "child_id": self.child_id,
            "rule": self.rule,
            "subject": self.subject,
            "days": [day.isoformat() for day in self.days],
            "old": None if self.old is None else self.old.to_dict(),
            "new": None if self.new is None else self.new.to_dict(),
        }


def _until(spell: Spell) -> str:
    return "" if spell.closed_on is None else f", until {long_date(spell.closed_on)}"


def _then(spell: Spell) -> str:
    told = [f'"{level}" from {long_date(day)}' for day, level in spell.levels[1:]]
    return " and ".join(told) or "no other level"


def _closing(spell: Spell) -> str:
    return "stays open" if spell.closed_on is None else f"closes on {long_date(spell.closed_on)}"


def _louder(old: Spell, new: Spell) -> list[str]:
    """How loud two findings are that open and rise alike."""
    for (day, level), mine, theirs in zip(new.levels, new.loudness, old.loudness, strict=True):
        if mine != theirs:
            return [f'is told as "{mine}", not as "{theirs}", from {long_date(day)} ({level})']
    return []


def _duties(old: Spell, new: Spell) -> list[str]:
    """How the duties of two findings differ that are alike in all else."""
    out: list[str] = []
    for mine, theirs in zip(new.duties, old.duties, strict=False):
        if mine.do != theirs.do:
            out.append(f'asks on {long_date(mine.set_on)}: "{mine.do}", not "{theirs.do}"')
        elif mine.set_on != theirs.set_on:
            out.append(f'asks on {long_date(mine.set_on)}, not on {long_date(theirs.set_on)}: "{mine.do}"')
        elif mine.owner != theirs.owner:
            who, not_who = the_role_words(mine.owner), the_role_words(theirs.owner)
            out.append(f'asks {who}, not {not_who}, on {long_date(mine.set_on)}: "{mine.do}"')
        elif mine.deadline != theirs.deadline:
            by, not_by = long_date(mine.deadline), long_date(theirs.deadline)
            out.append(f'asks on {long_date(mine.set_on)}: "{mine.do}" by {by}, not by {not_by}')
    if len(new.duties) != len(old.duties):
        out.append(f"asks {often_words(len(new.duties))}, not {often_words(len(old.duties))}")
    return out


@dataclass(frozen=True, slots=True)
class DueDifference:
    """A child whose next weight is due on another day.

    Attributes
    ----------
    child_id
        Who.
    first
        First day on which the due dates differ, with the due date under each; None: none is due.
    days
        Days on which they differ.
    """

    child_id: str
    first: tuple[dt.date, dt.date | None, dt.date | None]
    days: int

    @property
    def says(self) -> str:
        """What differs, in plain English."""
        on, old, new = (None if day is None else long_date(day) for day in self.first)
        told = f"due {new}" if new else "not due"
        return f"the next weight is {told}, not {old or 'at no date'}, on {on}, and differs on {days_words(self.days)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "child_id": self.child_id,
            "first": [None if day is None else day.isoformat() for day in self.first],
            "days": self.days,
        }


@dataclass(frozen=True, slots=True)
class TierDifference:
    """A child who is watched more or less closely.

    Attributes
    ----------
    child_id
        Who.
    first
        First day on which the tiers differ, with the tier under each.
    closer_days, less_days
        Days on which the new protocol watches more, and less, closely.
    """

    child_id: str
    first: tuple[dt.date, str, str]
    closer_days: int
    less_days: int

    @property
    def says(self) -> str:
        """What differs, in plain English."""
        on, old, new = self.first
        much = [(self.closer_days, "more"), (self.less_days, "less")]
        told = " and ".join(f"for {days_words(n)} watched {how} closely" for n, how in much if n)
        return f"tier {new}, not {old}, from {long_date(on)}: {told}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        on, old, new = self.first
        return {
            "child_id": self.child_id,
            "first": [on.isoformat(), old, new],
            "closer_days": self.closer_days,
            "less_days": self.less_days,
        }


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """What becomes of one rule; each pair is under the old protocol and under the new one.

    Attributes
    ----------
    rule, title
        Which rule.
    findings
        How many opened.
    interrupts
        How many times a finding of it opened, or grew graver, so that it cannot wait.
    duties
        How many duties it set.
    children
        Children for whom a finding of it is not the same.
    """

    rule: str
    title: str
    findings: tuple[int, int]
    interrupts: tuple[int, int]
    duties: tuple[int, int]
    children: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "rule": self.rule,
            "title": self.title,
            "findings": list(self.findings),
            "interrupts": list(self.interrupts),
            "duties": list(self.duties),
            "children": self.children,
        }


@dataclass(frozen=True)
class Comparison:
    """What the new protocol would have changed.

    Attributes
    ----------
    old, new
        Id, version and hash of each protocol.
    since, until
        First day (of the earliest event of any child) and last day that was judged.
    children
        How many children there are.
    rules
        Every rule that fired under either.
    differences
        Findings that are not the same, by child and day.
    tiers
        Children whose tier is not the same.
    due
        Children whose next weight is due on another day.
    caveat
        What it does not say that nothing would have changed, such as where no record holds a letter and the change is
        one of letters; empty where the two protocols say the same.
    """

    old: tuple[str, str, str]
    new: tuple[str, str, str]
    since: dt.date
    until: dt.date
    children: int
    rules: tuple[RuleDifference, ...]
    differences: tuple[Difference, ...]
    tiers: tuple[TierDifference, ...]
    due: tuple[DueDifference, ...]
    caveat: str = ""

    @property
    def weeks(self) -> float:
        """Weeks that were judged, the first and the last day included."""
        return ((self.until - self.since).days + 1) / _WEEK

    @property
    def changed(self) -> tuple[str, ...]:
        """Ids of the children for whom anything is not the same, in order."""
        return tuple(dict.fromkeys(d.child_id for d in (*self.differences, *self.tiers, *self.due)))

    @property
    def duties_a_week(self) -> tuple[float, float]:
        """Duties that all rules together set, a week, for all these children: under the old, under the new."""
        old, new = (sum(r.duties[i] for r in self.rules) / self.weeks for i in (0, 1))
        return old, new

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        old, new = self.duties_a_week
        return {
            "schema": "growthwatch.comparison",
            "schema_version": 1,
            "old": dict(zip(("id", "version", "hash"), self.old, strict=True)),
            "new": dict(zip(("id", "version", "hash"), self.new, strict=True)),
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "children": self.children,
            "changed": list(self.changed),
            "duties_a_week": [old, new],
            "rules": [r.to_dict() for r in self.rules],
            "differences": [d.to_dict() for d in self.differences],
            "tiers": [t.to_dict() for t in self.tiers],
            "due": [d.to_dict() for d in self.due],
            "caveat": self.caveat,
        }

    # --- words ------------------------------------------------------------------------

    def headline(self) -> str:
        """One paragraph: which protocols, how many children, how much work more or less; or that nothing would."""
        names = [f"{id} {version} ({short_hash(hash)})" for id, version, hash in (self.old, self.new)]
        old, new = self.duties_a_week
        n = len(self.changed)
        those = "one child" if self.children == 1 else f"{self.children} children"
        if n == 0:
            days = days_words((self.until - self.since).days + 1)
            return (
                f"{names[1]} in place of {names[0]}: nothing would have changed, for {those} on {days} "
                f"({long_date(self.since)} to {long_date(self.until)}): no finding, no deed, no tier and no due day."
                f"{' ' if self.caveat else ''}{self.caveat}"
            )
        alike = "One child is" if n == 1 else f"{n} children are"
        return (
            f"{names[1]} in place of {names[0]}: {those}, "
            f"{long_date(self.since)} to {long_date(self.until)}. {alike} answered otherwise. "
            f"Duties a week: {new:.2f} instead of {old:.2f} ({new - old:+.2f})."
        )

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """By rule: its name, findings, interrupts, duties a week, children; each old, new."""

        def pair(counts: tuple[int, int]) -> str:
            return f"{counts[0]}" if counts[0] == counts[1] else f"{counts[0]} -> {counts[1]}"

        out: list[tuple[str, str, str, str, str]] = []
        for r in self.rules:
            old, new = (count / self.weeks for count in r.duties)
            duties = f"{old:.2f}" if old == new else f"{old:.2f} -> {new:.2f} ({new - old:+.2f})"
            out.append((f"{r.rule} {r.title}", pair(r.findings), pair(r.interrupts), duties, str(r.children)))
        return out

    def by_child(self) -> dict[str, list[str]]:
        """What differs for each child, in plain English, in order of days."""
        told: dict[str, list[str]] = {id: [] for id in self.changed}
        for difference in (*self.differences, *self.tiers, *self.due):
            told[difference.child_id].append(difference.says)
        return told

    def __str__(self) -> str:
        out = [self.headline()]
        if self.changed:
            out += ["", "By rule (old -> new)"]
            for name, findings, interrupts, duties, children in self.rows():
                line = f"- {name}: findings {findings}; interrupts {interrupts}; duties a week {duties}"
                out.append(f"{line}; children answered otherwise {children}")
        for child_id, lines in self.by_child().items():
            out += ["", child_id, *(f"- {line}." for line in lines)]
        return "\n".join(out)

    def _repr_html_(self) -> str:
        if not self.changed:
            return html_table(self.headline(), (), ())
        heads = ("rule", "findings", "interrupts", "duties a week", "children answered otherwise")
        children = [(id, "; ".join(lines)) for id, lines in self.by_child().items()]
        return html_table(self.headline(), heads, self.rows()) + html_table("By child", ("child", "what"), children)
