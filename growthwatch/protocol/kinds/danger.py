"""H1: a danger sign, and who may say that it is over."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import list_words, long_date
from growthwatch.protocol.child import Child
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.child.signs import DANGER_SIGNS, Examination, SeenSigns
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Flag, Text
from growthwatch.protocol.kinds.kind import NOT_MET, At, Climbs, Day, Kind, Matter, Outcome, Seen, Topic, Values
from growthwatch.record import Role, Sign

__all__ = ["DangerSign", "fever", "signs_words", "young_fever"]

_FEVER = "fever"


def fever(child: Child, s: SeenSigns) -> bool:
    """Whether a fever was recorded: as a sign, or as a temperature that is one."""
    return _FEVER in s.signs or (
        s.temperature_c is not None and s.temperature_c >= child.settings.terms.fever.at_least_c
    )


def young_fever(child: Child, s: SeenSigns) -> bool:
    """Whether a fever is a danger sign: the child is known to be so young, and hot, or the temperature is not said."""
    rules = child.settings.terms.fever
    if child.ages.birth is None or s.day >= child.ages.mark(rules.below_months):
        return False
    return _FEVER in s.signs if s.temperature_c is None else s.temperature_c >= rules.at_least_c


def signs_words(signs: Collection[str]) -> str:
    """Signs in words, the first letter large."""
    words = list_words([s.replace("_", " ") for s in signs])
    return f"{words[0].upper()}{words[1:]}"


def _same(a: str, b: str) -> bool:
    """Whether two names are one: whatever the case, the form of the letters and the spaces."""
    return _folded(a) == _folded(b)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


class DangerLevel(RuleLevel):
    """A level of danger.

    Attributes
    ----------
    signs
        Signs that reach it.
    young_fever
        Whether a fever below the age of the terms reaches it.
    found
        Whether danger signs that somebody found and did not name reach it.
    closing_roles
        Whose examination may close it.
    closing_in_hospital
        Whose may besides, while the child is in hospital.
    when, do_now
        What the sentence says to do, and when.
    """

    signs: tuple[Sign, ...] = Field(min_length=1)
    young_fever: Flag = False
    found: Flag = False
    closing_roles: tuple[Role, ...] = Field(min_length=1)
    closing_in_hospital: tuple[Role, ...] = ()
    when: Text
    do_now: Text


class DangerSign(Kind):
    """H1: a recorded danger sign, in every tier, until an examination by others finds none.

    Source: specification of the process, section 3, H1.
    """

    KIND = "danger_sign"
    ABOUT: ClassVar[Matter] = "growth"
    READS: ClassVar[frozenset[Topic]] = frozenset({"signs", "contacts"})
    CLIMBS: ClassVar[Climbs] = "clinical"
    levels: tuple[DangerLevel, ...] = Field(min_length=1)
    always: Text

    def hits(self, child: Child, s: SeenSigns) -> dict[str, int]:
        """The danger signs of an occasion, each with its level."""
        out: dict[str, int] = {}
        for i, level in enumerate(self.levels):
            named = [str(x) for x in level.signs if x in s.signs]
            if level.found and DANGER_SIGNS in s.signs:
                named.append(DANGER_SIGNS)
            if level.young_fever and young_fever(child, s):
                named.append(_FEVER)
            out |= dict.fromkeys(named, i)
        return out

    def _level(self, child: Child, s: SeenSigns) -> int:
        return max(self.hits(child, s).values(), default=NOT_MET)

    def _may_close(self, child: Child, x: Examination, level: int) -> bool:
        own = self.levels[level]
        if x.role in own.closing_roles:
            return True
        if x.role not in own.closing_in_hospital:
            return False
        stay = child.stay(x.day)
        return stay is not None and (stay.until is None or x.day <= stay.until)

    def _answer(self, child: Child, s: SeenSigns, level: int, by: Collection[str]) -> Examination | None:
        """First examination that answers a sign at a level: of none of those who recorded the signs."""
        answers = [
            x
            for x in child.signs.examinations
            if x.danger_signs == "none"
            and self._may_close(child, x, level)
            and not any(_same(x.actor, name) for name in by)
            and (_later(x, s) or s.id in x.answers or any(a.partition("@")[0] == self.id for a in x.answers))
        ]
        return min(answers, key=lambda x: (x.known_day, x.day, x.moment), default=None)

    def judge(self, at: At) -> Outcome:
        """Look for danger signs that nobody who may has found to be over, however long ago they were."""
        child = at.child
        levels = [(s, level) for s in child.signs.seen if (level := self._level(child, s)) != NOT_MET]
        standing = [(s, level) for s, level in levels if self._answer(child, s, level, (s.actor,)) is None]
        if not standing:
            return Outcome()
        signs = tuple(dict.fromkeys(x for s, _ in standing for x in self.hits(child, s)))
        level = max(level for _, level in standing)
        values: Values = {
            "signs": signs,
            "on": Day(max(s.day for s, _ in standing)),
            "first_on": Day(min(s.day for s, _ in standing)),
        }
        stay = child.stay(at.day)
        notes: tuple[str, ...] = ()
        if stay is not None and stay.until is None:
            until = f"In hospital since {long_date(stay.since)}: this is held until the stay ends, and is due that day"
            notes = (f"{until}, if nobody has found by then that there are no danger signs.",)
        return Outcome(level, values, tuple(s.id for s, _ in standing), notes=notes)

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """An examination, by somebody who may, that finds no danger signs after all those on which it rests."""
        child = at.child
        every = [(s, level) for s in child.signs.seen if (level := self._level(child, s)) != NOT_MET]
        by = {s.actor for s, _ in every if s.id in opened.witness}
        answers: list[Examination] = []
        for s, level in every:
            own = s.id in opened.witness
            needs, others = (max(level, at.open_level), by | {s.actor}) if own else (level, {s.actor})
            answer = self._answer(child, s, needs, others)
            if answer is None:
                return None
            if own:
                answers.append(answer)
        return max(answers, key=lambda x: (x.known_day, x.day, x.moment)).id if answers else None

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight."""
        return followed.none()

    def say(self, seen: Seen, level: int) -> str:
        """Say what was recorded, when, what to do, and when to ring 999 all the same."""
        own = self.levels[level]
        signs = signs_words(seen["signs"])
        return f"{own.when}. {signs} recorded on {long_date(seen['on'])}. {own.do_now}. {self.always}."

    @property
    def held(self) -> bool:
        """A stay in hospital holds it, and does not close it."""
        return True


def _later(x: Examination, s: SeenSigns) -> bool:
    """Whether an examination came after a sign: of the same day only with a later time."""
    if x.day != s.day:
        return x.day > s.day
    return s.moment[0] < x.moment[0] and s.timed
