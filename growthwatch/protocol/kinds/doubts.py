"""Kinds about the record itself: what is missing in it, or cannot be right, is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from pydantic import Field

from growthwatch.core.calendar import add_months
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import (
    days_words,
    kg_words,
    list_words,
    long_date,
    role_words,
)
from growthwatch.growth.equal import chance_of_equal
from growthwatch.growth.model import weight_model
from growthwatch.protocol.child import ASSUMED, SUSPECTED, VALID, Child, Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.figures import USUAL
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Number
from growthwatch.protocol.kinds.kind import (
    At,
    Count,
    Day,
    Kg,
    Kind,
    Outcome,
    Seen,
    Share,
    Topic,
    Values,
    Z,
)
from growthwatch.record import AnyEvent, Role, Weighed
from growthwatch.references.metadata import corrections

__all__ = ["Doubt"]

_ASK, _TODAY = 0, 1
_NO_EVENT = "record"


class _Found(NamedTuple):
    """A doubt: which question about which event, on which events it rests, and what a person must see."""

    question: str
    event: str
    witness: tuple[str, ...]
    values: Values
    today: bool = False

    @property
    def subject(self) -> str:
        return f"{self.question}:{self.event}"


class _Walk(NamedTuple):
    """Where a walk over the weights stands.

    Attributes
    ----------
    day
        Weights of the latest day, in order of recording.
    last
        The latest weight of a day before.
    same_from
        First of the run of equal weights that ends with `last`.
    found
        Doubts about weights of days before the latest, and of it.
    """

    day: tuple[Weight, ...] = ()
    last: Weight | None = None
    same_from: Weight | None = None
    found: tuple[_Found, ...] = ()


class Doubt(Kind):
    """Q1: what is missing in the record, or cannot be right: one finding a question and event.

    A question closes when it is answered: the fact is put right, a signature confirms it (``confirm_fact``), or it
    is marked in error.  Until then what follows from it is judged as far as that goes.
    """

    KIND = "record_doubt"
    READS: ClassVar[frozenset[Topic]] = frozenset({"record", "weights", "open"})
    same_day_kg: Number = Field(gt=0)
    same_day_heavier_from_kg: Number = Field(gt=0)
    same_day_heavier_kg: Number = Field(gt=0)
    ahead_more_than_days: Days
    equal_chance_below: Number = Field(gt=0, lt=1)
    death_alone_by: tuple[Role, ...]
    death_not_confirmed_by: tuple[Role, ...]
    waiting: tuple[str, ...] = ()
    levels: tuple[RuleLevel, RuleLevel]

    @classmethod
    def figures(cls) -> dict[str, str]:
        """The model of healthy growth: how likely an equal reading is."""
        return {"weight-model": weight_model().hash}

    def leans_on(self) -> tuple[str, ...]:
        """The danger rules that may wait for an answer."""
        return self.waiting

    # --- what is asked ----------------------------------------------------------------

    def subjects(self, at: At) -> Sequence[str]:
        """The questions of the day, each with the event that it is about."""
        return [*self._doubts(at)]

    def after_death(self, at: At) -> Sequence[str]:
        """Whether the child has died is asked on."""
        return [f"death:{d.event}" for d in at.child.ages.deaths if d.role in self.death_alone_by]

    def judge(self, at: At) -> Outcome:
        """Whether one question is still open; today, where a danger rule waits for it."""
        found = self._doubts(at).get(at.subject)
        if found is None:
            return Outcome()
        rests = {found.event, *found.witness}
        # A danger rule waits for an answer that rests on what is in doubt; for a birth date any does.
        waiting = [at.open[id].outcome.witness for id in self.waiting if id in at.open]
        if found.question != "birth_date":
            waiting = [witness for witness in waiting if not rests.isdisjoint(witness)]
        level = _TODAY if found.today or waiting else _ASK
        witness = found.witness
        if level > at.open_level:
            # What counts no more is no ground: else it would close and open again every day.
            witness = (*witness, *(id for other in waiting for id in other if id not in at.child.in_error))
        return Outcome(level, {"question": found.question} | found.values, tuple(dict.fromkeys(witness)))

    def _doubts(self, at: At) -> Mapping[str, _Found]:
        """The doubts of the day by subject, worked out once for all of them."""
        found: dict[str, _Found] | None = at.noted.get(self.id)
        if found is None:
            found = at.noted[self.id] = {}
            for d in self._look_for_doubts(at):
                found.setdefault(d.subject, d)
        return found

    def _look_for_doubts(self, at: At) -> list[_Found]:
        child = at.child
        if child.dead_on(at.day):
            return list(self._death(child))
        out = [*self._birth(child), *self._of_notices(child), *self._death(child)]
        out += self._weights(child)
        return [d for d in out if d.event not in child.signed.confirmed_facts]

    def asks_but_for(self, at: At, event: str) -> set[str]:
        """What would be asked about an event had no signature confirmed it."""
        signed = at.child.signed
        kept = signed.confirmed_facts
        signed.confirmed_facts = {target: by for target, by in kept.items() if target != event}
        try:
            return {d.question for d in self._look_for_doubts(at) if d.event == event}
        finally:
            signed.confirmed_facts = kept

    def _birth(self, child: Child) -> list[_Found]:
        """What is missing of the birth, and what of it cannot be right."""
        birth, weights = child.ages.birth, child.weights
        if birth is None:
            first = child.first or next((n.event.id for n in child.notices), None)
            return [] if first is None else [_Found("birth_date", _NO_EVENT, (first,), {})]
        out: list[_Found] = []
        if birth.sex is None:
            out.append(_Found("sex", birth.event, (birth.event,), {"born_on": Day(birth.day)}))
        doubted = weights.gestation_doubted_by
        if doubted is not None and birth.gestation_days is not None:
            w, z = weights.by_id[doubted[0]], doubted[1]
            values: Values = {"gestation_days": Count(birth.gestation_days), "birth_kg": Kg(w.kg), "birth_z": Z(z)}
            out.append(_Found("gestation", birth.event, (birth.event, w.id), values))
        elif birth.gestation_days is not None and not _possible(birth.gestation_days):
            values = {"gestation_days": Count(birth.gestation_days)}
            out.append(_Found("gestation", birth.event, (birth.event,), values))
        return out

    def _of_notices(self, child: Child) -> list[_Found]:
        """Dates ahead, and ids that nobody knows."""
        out: list[_Found] = []
        for n in child.notices:
            e = n.event
            values: Values = {"what": _named(e), "on": Day(e.on.toordinal()), "written": Day(n.day)}
            if n.what == "unknown":
                names = tuple(m.target for m in child.notices if m.what == "unknown" and m.event.id == e.id)
                out.append(_Found("unknown_id", e.id, (e.id,), values | {"names": names}))
            elif not e.is_arrangement:
                out.append(_Found("dated_ahead", e.id, (e.id,), values, today=e.in_doubt(e.on) is not None))
            elif e.on.toordinal() - n.day > self.ahead_more_than_days:
                days = Count(e.on.toordinal() - n.day)
                out.append(_Found("far_ahead", e.id, (e.id,), values | {"days": days}))
        return list({d.subject: d for d in out}.values())

    def _death(self, child: Child) -> list[_Found]:
        """A death that somebody wrote down who cannot know, and nobody who can."""
        deaths = child.ages.deaths
        alone = [d for d in deaths if d.role in self.death_alone_by]
        if not alone or any(d.role not in self.death_not_confirmed_by for d in deaths):
            return []
        first = alone[0]
        if first.event in child.signed.confirmed_facts:
            return []
        values: Values = {"on": Day(first.day), "by": role_words(first.role)}
        return [_Found("death", first.event, (first.event,), values)]

    # --- weights ----------------------------------------------------------------------

    def _weights(self, child: Child) -> Sequence[_Found]:
        """Weights of one day that disagree, copies, and a day of exactly a year ago."""
        ahead = {n.event.id for n in child.notices if n.what == "ahead"}

        def step(walk: _Walk, w: Weight) -> _Walk:
            # One whose day is asked about has no day on which it could disagree with another.
            return walk if w.id in ahead else self._one_more(child, walk, w)

        confirmed = frozenset(child.signed.confirmed_facts)
        return child.growth.running((self.id, confirmed), _Walk(), step)[-1].found

    def _one_more(self, child: Child, walk: _Walk, w: Weight) -> _Walk:
        if w.validity not in (VALID, ASSUMED, SUSPECTED) or w.replaced_by is not None:
            return walk  # an upper bound may differ, and counts for nothing that a copy could hide
        day, last, same_from, found = walk
        if day and day[0].day != w.day:
            before = day[-1]
            same_from = same_from if last is not None and last.exact == before.exact else before
            day, last = (), before
        if day:
            day = tuple(sorted((*day, w), key=_recorded))
            today = w.day
            apart = self._apart(child, day)
            found = tuple(
                d for d in found if not (d.question in ("same_day", "birth_weight") and d.values["on"] == today)
            )
            found = found if apart is None else (*found, apart)
        else:
            day = (w,)
        if last is not None and last.exact == w.exact and same_from is not None:
            start = same_from if same_from.exact == w.exact else last
            copied = self._copied(child, start, last, w)
            found = found if copied is None else (*found, copied)
        if _a_year_late(w):
            values: Values = {"kg": Kg(w.kg), "on": Day(w.day), "written": Day(w.known_day)}
            found = (*found, _Found("year", w.id, (w.id,), values))
        return _Walk(day, last, same_from, found)

    def _apart(self, child: Child, day: tuple[Weight, ...]) -> _Found | None:
        """The first weight of a day, in order of recording, that disagrees with one written down before it."""
        at_birth = child.ages.birth is not None and day[0].age_days == 0
        known = child.signed.confirmed_facts
        for i, w in enumerate(day):
            others = [v for v in day[:i] if v.exact != w.exact and (at_birth or self.disagree(v, w))]
            if others and w.id not in known:
                low, high = sorted((others[0], w), key=lambda v: v.exact)
                values: Values = {"low_kg": Kg(low.kg), "high_kg": Kg(high.kg), "on": Day(w.day)}
                question = "birth_weight" if at_birth else "same_day"
                return _Found(question, w.id, (others[0].id, w.id), values, today=not at_birth)
        return None

    def disagree(self, a: Weight, b: Weight) -> bool:
        """Whether two weights of one day lie too far apart for one child."""
        lower = min(a.exact, b.exact)
        limit = self.same_day_kg if lower < self.same_day_heavier_from_kg else self.same_day_heavier_kg
        return abs(a.exact - b.exact) > type(lower)(repr(limit))

    def _copied(self, child: Child, start: Weight, last: Weight, w: Weight) -> _Found | None:
        """A weight that a healthy child hardly ever has again after so long: since the last, or the first such."""
        birth = child.ages.birth
        if birth is None or birth.sex is None:
            return None
        first = [last.age_days, start.age_days]
        gestation = np.nan if birth.gestation_days is None else float(birth.gestation_days)
        chances = chance_of_equal(
            child.reference,
            w.kg,
            age_days=first,
            later_days=float(w.age_days),
            sex=birth.sex,
            gestation_days=gestation,
            model=weight_model((child.settings.figures or USUAL).weight_model),
        )
        since = [(float(c), v) for c, v in zip(chances, (last, start), strict=True) if c < self.equal_chance_below]
        if not since:
            return None
        chance, before = since[0]
        values: Values = {
            "kg": Kg(w.kg),
            "on": Day(w.day),
            "before_on": Day(before.day),
            "days": Count(w.day - before.day),
            "chance": Share(float(f"{chance:.2g}")),
        }
        return _Found("equal", w.id, tuple(dict.fromkeys((start.id, last.id, w.id))), values)

    # --- answers ----------------------------------------------------------------------

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The event that answers: a signature, a mark or correction, or the fact that was missing."""
        child, subject = at.child, at.subject
        event = subject.partition(":")[2]
        signed = child.signed.confirmed_facts.get(event)
        if signed is not None:
            return signed
        if subject in self._doubts(at):
            return None
        undone = next((child.undone[id] for id in (event, *opened.witness) if id in child.undone), None)
        question = opened.values["question"]
        if question == "birth_date" and child.ages.birth is not None:
            return child.ages.birth.event
        if question == "sex" and child.ages.sex_from is not None:
            return child.ages.sex_from
        if question == "unknown_id" and undone is None:
            return opened.values["names"][-1]
        if question == "death" and undone is None:
            return next((d.event for d in child.ages.deaths if d.role not in self.death_not_confirmed_by), None)
        return undone

    def may_meet(self, followed: Followed) -> Flags:
        """A weight equal to the one before it; all else is asked of children whose records are not plain."""
        out = followed.none()
        later = np.flatnonzero(followed.kg[1:] == followed.kg[:-1]) + 1
        out[later] = True
        out[followed.offsets[:-1][followed.offsets[:-1] < out.size]] = False
        return out

    def say(self, seen: Seen, level: int) -> str:
        """Ask the question."""
        return _SAYS[seen["question"]](seen)

    def about(self, seen: Seen) -> str:
        """What is in doubt: several questions to one person are one task, which names each."""
        return _DOUBTED[seen["question"]](seen)


def _recorded(w: Weight) -> tuple[Any, ...]:
    return w.recorded_at, -w.exact, w.id


def _a_year_late(w: Weight) -> bool:
    """Whether a weight was written down exactly a year after its day, as happens in January."""
    if not 365 <= w.known_day - w.day <= 366:
        return False
    try:
        return add_months(w.date, 12).toordinal() == w.known_day
    except GrowthwatchError:
        return False


def _named(e: AnyEvent) -> str:
    """What an event is, in words."""
    if isinstance(e, Weighed):
        return f"the weight of {kg_words(e.weight_kg)}"
    return f"{e.type.replace('_', ' ')} ({e.id})"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _possible(gestation_days: int) -> bool:
    """Whether there is such a gestation: without, no age and no centile can be judged."""
    possible = corrections().gestation
    return possible.least_days <= gestation_days <= possible.most_days


_SAYS: Mapping[str, Callable[[Seen], str]] = {
    "birth_date": lambda s: (
        "No birth date is recorded that can be used. When was the child born? Until that is known no age, no "
        "centile and no day for the next weight can be worked out; loss in kilograms, contacts and signs are judged "
        "all the same."
    ),
    "sex": lambda s: (
        "The sex of the child is not recorded: boy or girl? Until that is known there is no centile; kilograms are "
        "judged, and what is so for both."
    ),
    "birth_weight": lambda s: (
        f"{kg_words(s['low_kg'])} and {kg_words(s['high_kg'])} are both recorded for the day of birth, "
        f"{long_date(s['on'])}. Which one is the birth weight? Mark the other as an error."
    ),
    "same_day": lambda s: (
        f"{kg_words(s['low_kg'])} and {kg_words(s['high_kg'])} are both recorded for {long_date(s['on'])}: too far "
        "apart for one child on one day. Weigh again today, and mark the wrong one as an error."
    ),
    "dated_ahead": lambda s: (
        f"{_upper(s['what'])} is dated {long_date(s['on'])}, and was written down on {long_date(s['written'])}: it "
        "had not happened yet. What is the right date? It never counts until that is put right."
    ),
    "far_ahead": lambda s: (
        f"{_upper(s['what'])} is dated {long_date(s['on'])}, {days_words(s['days'])} after it was written down. "
        "Is that day right?"
    ),
    "gestation": lambda s: (
        f"The gestation is recorded as {s['gestation_days'] // 7}+{s['gestation_days'] % 7} weeks, which "
        "cannot be. What is right? Until that is known no corrected age and no centile can be worked out."
        if "birth_kg" not in s
        else f"Born at {s['gestation_days'] // 7}+{s['gestation_days'] % 7} weeks with {kg_words(s['birth_kg'])}: both "
        f"cannot be right (z {s['birth_z']:.1f} at that gestation). Ask for the gestation first, then for the scales."
    ),
    "equal": lambda s: (
        f"{kg_words(s['kg'])} on {long_date(s['on'])} is the same as on {long_date(s['before_on'])}. After "
        f"{days_words(s['days'])} fewer than one healthy child in {_one_in(s['chance'])} reads the same. Was the "
        "child weighed, or was the weight copied?"
    ),
    "year": lambda s: (
        f"{kg_words(s['kg'])} is dated {long_date(s['on'])}, and was written down exactly a year later. "
        "Is the year right?"
    ),
    "unknown_id": lambda s: (
        f"{_upper(s['what'])} of {long_date(s['on'])} names {list_words(list(s['names']))}, and nothing of that name "
        "is recorded. What was meant?"
    ),
    "death": lambda s: (
        f"That the child died on {long_date(s['on'])} was written down by {s['by']} alone. A clinician confirms it, "
        "or it is marked as an error."
    ),
}
"""The sentence of each question."""

_DOUBTED: Mapping[str, Callable[[Seen], str]] = {
    "birth_date": lambda s: "the birth date",
    "sex": lambda s: "the sex",
    "birth_weight": lambda s: f"the birth weight, {kg_words(s['low_kg'])} or {kg_words(s['high_kg'])}",
    "same_day": lambda s: f"the weight of {long_date(s['on'])}, {kg_words(s['low_kg'])} or {kg_words(s['high_kg'])}",
    "dated_ahead": lambda s: f"the date of {s['what']}, {long_date(s['on'])}",
    "far_ahead": lambda s: f"the date of {s['what']}, {long_date(s['on'])}",
    "gestation": lambda s: f"the gestation, {s['gestation_days'] // 7}+{s['gestation_days'] % 7} weeks",
    "equal": lambda s: f"{kg_words(s['kg'])} again on {long_date(s['on'])}",
    "year": lambda s: f"the year of {kg_words(s['kg'])}, {long_date(s['on'])}",
    "unknown_id": lambda s: f"what {s['what']} names",
    "death": lambda s: f"the death on {long_date(s['on'])}",
}
"""What each question doubts, in a few words."""


def _one_in(chance: float) -> int:
    """One in how many, rounded down to one or two figures; at most one in a million."""
    n = int(1 / max(chance, 1e-6))
    digits = 10 ** max(len(str(n)) - 2, 0)
    return n // digits * digits
