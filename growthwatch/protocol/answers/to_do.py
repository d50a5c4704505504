"""What must be done, as a person would list it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from growthwatch.core.words import days_words, list_words, long_date, name_words, role_words
from growthwatch.protocol.answers.parts import Finding, Obligation
from growthwatch.protocol.file.values import LOUDNESS

__all__ = ["Deed", "ToDo", "to_do"]

_HIGHER = ("team_lead", "both_team_leads", "named_nurse", "designated_nurse")
"""Who stands above whoever owes a deed at first, the highest last: so the ladder leads (process specification, 4)."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed, for one finding or several.

    Attributes
    ----------
    do
        What is to be done.
    owner, owner_name
        Who owes it: in which role, and who that is where the record says so.
    deadline
        The last day in time, the earliest of those for which it is asked.
    if_not
        What happens if it is not done.
    rules
        For which rules it is asked.
    about
        Of what findings it is, where their rule alone does not tell.
    asks
        Every finding, level and rung that asks for it.
    others
        Who else owes the same, by role and name, where several findings ask different people for it.
    ids
        By these it is acknowledged, answered or declined: one for each finding, level and rung that asks for it.
    of
        For each of `rules` that alone does not tell, what its findings are about.
    """

    do: str
    owner: str
    owner_name: str | None
    deadline: dt.date
    if_not: str | None
    rules: tuple[str, ...]
    about: tuple[str, ...]
    asks: tuple[tuple[str, str, str], ...]
    others: tuple[tuple[str, str | None], ...] = ()
    ids: tuple[str, ...] = ()
    of: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def for_what(self) -> str:
        """For which rules it is, each with what its findings are about."""
        of = dict(self.of)
        if len(self.rules) == 1:
            about = of.get(self.rules[0], ())
            return f"({self.rules[0]})" + (f": {'; '.join(about)}" if about else "")
        plain = [r for r in self.rules if r not in of]
        told = [f"{rule}: {'; '.join(about)}" for rule, about in self.of]
        return f"({'; '.join([*([', '.join(plain)] if plain else []), *told])})"

    @property
    def words(self) -> str:
        """What is to be done, and with whom."""
        beside = [f"the {_who(*o)}" if o[1] is None else _who(*o) for o in self.others]
        return small(self.do) + (f", with {list_words(beside)}" if beside else "")


@dataclass(frozen=True, slots=True)
class ToDo:
    """What one person owes by one day: a line of the list, with its deeds in order.

    ``group`` is ``now`` (cannot wait, due today or late), ``today``, ``late`` or ``next``.  ``do``, ``if_not``,
    ``rules`` and ``about`` are those of all its `deeds`.
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
    deeds: tuple[Deed, ...] = ()

    @property
    def who(self) -> str:
        """Who owes it: by name where the record says so, else by role."""
        return _who(self.owner, self.owner_name)

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Its deeds in words, each with its rules and what it is about; rules that follow each other are named once."""
        out: list[tuple[str, str]] = []
        for n, d in enumerate(self.deeds):
            again = n + 1 < len(self.deeds) and self.deeds[n + 1].rules == d.rules and not d.about
            out.append((d.words, "" if again else f" {d.for_what}"))
        return tuple(out)

    def explain(self, on: dt.date) -> str:
        """Who does what, by when, and what if not."""
        if self.deadline == on:
            by = "Today"
        elif self.late:
            by = f"Was due by {long_date(self.deadline)}, {days_words((on - self.deadline).days)} ago"
        else:
            by = f"By {long_date(self.deadline)}"
        text = f"{self.who[:1].upper()}{self.who[1:]}: {'; '.join(a + b for a, b in self.parts)}. {by}."
        return text + (f" If not: {self.if_not}." if self.if_not else "")


def to_do(findings: Sequence[Finding], obligations: Sequence[Obligation], on: dt.date) -> tuple[ToDo, ...]:
    """What must still be done on a day: a line a person and day, the most pressing first.

    Several findings that ask for one deed are one deed, with the highest owner and the earliest deadline.  Deeds, and
    lines by their first deed, are in order of: 999, danger to the body, loudness, the limit that the rule gives,
    rung, deadline, how long it has been asked for, words.
    """
    by_key = {f.key: f for f in findings}
    deeds = sorted((_Told(by_key, *one) for one in _together(obligations, on)), key=lambda told: told.place)
    lines: dict[tuple[str, str | None, dt.date], list[_Told]] = {}
    # A weight in doubt and what waits for it are one matter: what to do if it is right stands with weighing again.
    again = {(t.deed.owner, t.deed.owner_name): t.deed.deadline for t in reversed(deeds) if t.confirms}
    for told in deeds:
        who = (told.deed.owner, told.deed.owner_name)
        day = again.get(who, told.deed.deadline) if told.waits else told.deed.deadline
        lines.setdefault((*who, day), []).append(told)
    return tuple(_line(line, on) for line in lines.values())


class _Told:
    """A deed, whether anything that asks for it interrupts, and where it stands among others: by the worst of these."""

    def __init__(self, findings: Mapping[str, Finding], members: list[Obligation], if_not: str | None) -> None:
        self.deed = _deed(members, if_not)
        loud = [_loudness(findings.get(o.key), o) for o in members]
        self.interrupts = LOUDNESS[-1] in loud
        self.confirms, self.waits = any(o.confirms for o in members), all(o.waits for o in members)
        places = [_place(findings.get(o.key), o, how) for o, how in zip(members, loud, strict=True)]
        self.place = (*min(places), self.deed.do)


def _loudness(f: Finding | None, o: Obligation) -> str:
    """How loud a deed is: as its finding is at the level that asks for it; on rungs E3 and E4, an interrupt."""
    if (o.rung or "").startswith(("E3", "E4")):
        return "interrupt"
    if f is None:
        return "daily"
    interrupts = f.loudness == LOUDNESS[-1] and f.level != o.level
    return "daily" if interrupts else f.loudness


def _place(f: Finding | None, o: Obligation, loudness: str) -> tuple[Any, ...]:
    """Where a deed stands among those of a child."""
    asked = (o,) if f is None or not o.confirms else f.obligations  # an emergency that a weight in doubt tells of
    emergency = any("999" in a.do for a in asked if a.pending)
    loud = [str(name) for name in LOUDNESS].index(loudness)
    stage, _, step = (o.rung or "E0")[1:].partition(".")
    limit = (o.deadline - o.set_on).days
    danger = o.clinical and loudness == "interrupt"
    # What makes a weight sure comes before what waits for it, and what waits for nothing before both.
    turn = 1 if o.confirms else 2 if o.waits else 0
    return (not emergency, not danger, -loud, limit, -int(stage), -int(step or 0), turn, o.deadline, o.set_on)


def _line(line: list[_Told], on: dt.date) -> ToDo:
    deeds = tuple(told.deed for told in line)
    first = deeds[0]
    day = first.deadline
    now = day <= on and any(told.interrupts for told in line)
    return ToDo(
        "now" if now else "today" if day == on else "late" if day < on else "next",
        "; ".join([first.do, *(small(d.do) for d in deeds[1:])]),
        first.owner,
        day,
        day < on,
        "; ".join(dict.fromkeys(d.if_not for d in deeds if d.if_not)) or None,
        tuple(sorted({rule for d in deeds for rule in d.rules})),
        tuple(dict.fromkeys(a for d in deeds for a in d.about)),
        first.owner_name,
        deeds,
    )


def _together(obligations: Sequence[Obligation], on: dt.date) -> list[tuple[list[Obligation], str | None]]:
    """Obligations that one deed meets, each with what comes if it is not done."""
    # What a finding asks for again as it grows graver is one task: the first deadline, and what comes if not now.
    newest: dict[tuple[str, str, str], Obligation] = {}
    for o in sorted(obligations, key=lambda o: o.set_on):
        newest[o.key, o.do, o.owner] = o
    weights: list[list[Obligation]] = []
    groups: dict[tuple[str, str, str | None, str | None], list[Obligation]] = {}
    for o in sorted(obligations, key=lambda o: (o.deadline, not o.confirms, o.set_on)):
        if not o.weighs:
            groups.setdefault((o.do, o.owner, newest[o.key, o.do, o.owner].if_not, o.owner_name), []).append(o)
            continue
        # One weighing meets all of them, but those that ask for a later one.
        taken = (w for w in weights if o.not_before is None or o.not_before <= max(w[0].deadline, on))
        there = next(taken, None)
        if there is None:
            weights.append([o])
        else:
            there.append(o)
    out = [(members, if_not) for (_, _, if_not, _), members in groups.items()]
    return out + [(w, (o := _highest(w), newest[o.key, o.do, o.owner].if_not)[1]) for w in weights]


def _highest(members: list[Obligation]) -> Obligation:
    """Of those who owe the same deed the highest; of these the first, whose deadline is the earliest.

    A weight in doubt is weighed again by whoever is there: nobody waits until another has sent them.
    """
    if (now := next((o for o in members if o.confirms), None)) is not None:
        return now
    return max(members, key=lambda o: _HIGHER.index(o.owner) if o.owner in _HIGHER else -1)


def _deed(members: list[Obligation], if_not: str | None) -> Deed:
    """One deed for all that ask for it: of the highest who owes it, by the earliest day."""
    first = _highest(members)
    # A wording that asks for the weight alone adds nothing to another that asks for it.
    more = [o.do for o in members if " and " in o.do and o.do != first.do]
    who = (first.owner, first.owner_name)
    others = dict.fromkeys((o.owner, o.owner_name) for o in members if (o.owner, o.owner_name) != who)
    of: dict[str, dict[str, None]] = {}
    for o in members:
        if o.about:
            of.setdefault(o.rule, {})[o.about] = None
    return Deed(
        "; ".join([first.do, *map(small, dict.fromkeys(more))]),
        *who,
        min(o.deadline for o in members),
        if_not,
        tuple(sorted({o.rule for o in members})),
        tuple(dict.fromkeys(o.about for o in members if o.about)),
        tuple(dict.fromkeys((o.key, o.level, o.rung or "") for o in members)),
        tuple(others),
        tuple(dict.fromkeys(o.id for o in members if o.id)),
        tuple((rule, tuple(about)) for rule, about in sorted(of.items())),
    )


def _who(role: str, name: str | None) -> str:
    return role_words(role) if name is None else name_words(name)


def small(do: str) -> str:
    """A deed within a sentence."""
    return do if do[:1].isdigit() or do[1:2].isupper() else do[:1].lower() + do[1:]
