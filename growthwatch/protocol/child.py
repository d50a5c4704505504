"""What is known of one child at a moment: the record read for the rules.

A `Child` is built from the events known at the end of a day.  It holds plain lists of one
child's weighings and events and answers the rules' questions.  Days are ordinals (days
since 1 January of year 1), so that arithmetic on them is plain.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

import numpy as np

from growthwatch.core.calendar import add_months
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.status import STATUS_WORDS
from growthwatch.core.units import PRETERM_DAYS, TERM_DAYS
from growthwatch.growth import GrowthFacts, growth_facts
from growthwatch.protocol.model import Protocol, Suspected
from growthwatch.protocol.trail import Gains, Likely, Trail
from growthwatch.record.events import (
    Admission,
    AnyEvent,
    Born,
    ConditionDiagnosed,
    ConditionEnded,
    Contact,
    DecisionSigned,
    Died,
    Examined,
    IllnessRecorded,
    LevelChanged,
    PlanSigned,
    ProtectionPlan,
    ProtocolAdopted,
    ReferralClosed,
    ReferralMade,
    Role,
    SignRecorded,
    Weighed,
)
from growthwatch.references import Reference, reference, references
from growthwatch.references.metadata import corrections

__all__ = [
    "Birth",
    "Child",
    "Examination",
    "Looked",
    "Plan",
    "Position",
    "Reader",
    "SeenSigns",
    "Weight",
    "condition_reference",
    "make_scorer",
    "read_child",
]

_PAEDIATRIC = frozenset({Role.PAEDIATRICIAN, Role.HOSPITAL_DOCTOR, Role.EMERGENCY_DEPARTMENT})

# To whom a referral goes is free text: these words say that it goes to paediatrics or a hospital.
_TO_PAEDIATRICS = re.compile(r"paed|pedi|hospital|emergency|\bA&E\b|\bED\b", re.IGNORECASE)

_State = TypeVar("_State")

# Events that no rule about growth looks at: most of a record that is full of visits.
_NO_GROWTH_NEWS = frozenset(
    {
        "contact", "concern", "letter_sent", "letter_acknowledged", "letter_found", "lead_named", "lead_left",
        "handover_sent", "handover_accepted", "strategy_discussion", "was_not_brought", "discharged", "moved_away",
        "measured", "entered_in_error",
    }
)  # fmt: skip

VALID, ASSUMED, UPPER_BOUND, UNDATED, SUSPECTED = "valid", "assumed", "upper_bound", "undated", "suspected"


@dataclass(slots=True, eq=False)
class Weight:
    """One weighing, as the protocol reads it; ``place`` is its index among the child's weights."""

    id: str
    day: int
    known_day: int
    recorded_at: dt.datetime
    age_days: int
    kg: float
    exact: Decimal
    validity: str
    reason: str
    z: float | None
    status: str
    row: int
    replaced_by: str | None = None
    low: bool = False
    place: int = -1

    @property
    def counts(self) -> bool:
        """Whether it may reassure: valid or assumed valid."""
        return self.validity in (VALID, ASSUMED)


@dataclass(frozen=True, slots=True)
class Birth:
    """Birth facts; gestation None means that it was not recorded and term is taken."""

    day: int
    date: dt.date
    sex: str | None
    gestation_days: int | None
    event: str

    @property
    def preterm(self) -> bool:
        """Born before 37 weeks."""
        return self.gestation_days is not None and self.gestation_days < PRETERM_DAYS


@dataclass(frozen=True, slots=True)
class Plan:
    """A signed plan."""

    id: str
    day: int
    until: int
    kind: str
    floor_days: int | None
    reference: str | None
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class SeenSigns:
    """Signs that somebody recorded, on one occasion."""

    day: int
    known_day: int
    moment: tuple[dt.time, dt.datetime]
    id: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """An examination by a clinician."""

    day: int
    moment: tuple[dt.time, dt.datetime]
    id: str
    answers: tuple[str, ...]

    def answered(self, seen: SeenSigns) -> bool:
        """Whether it answers signs: it names them, or it came after they were seen."""
        if seen.id in self.answers:
            return True
        if self.answers and not any(a.startswith("H") for a in self.answers):
            return False  # it answered something else
        return self.day > seen.day or (self.day == seen.day and self.moment > seen.moment)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a child stands on a reference, carried from weight to weight, and the best position held.

    Attributes
    ----------
    z
        Position after the last weight that has one: its changes are changes of the child [SD].
    best
        Highest position that two weights so many days apart, and all between them, reached [SD].
    best_from, best_until
        Those two weights.
    recent
        The last weight that is old enough for the next one to count with it, and all since.
    """

    z: float = 0.0
    best: float | None = None
    best_from: Weight | None = None
    best_until: Weight | None = None
    recent: tuple[tuple[Weight, float], ...] = ()

    @property
    def last(self) -> Weight | None:
        """Last weight that has a position."""
        return self.recent[-1][0] if self.recent else None


@dataclass(frozen=True, slots=True)
class Looked:
    """What an examination found of length or feeding: ``normal`` or ``not_normal``."""

    day: int
    recorded_at: dt.datetime
    id: str
    what: str
    found: str


class _Dated:
    """Days and ids of a list that only grows, sorted as far as it has been looked at."""

    def __init__(self, pick: Callable[[Any], tuple[int, str] | None]) -> None:
        self._pick = pick
        self._taken = 0
        self._sorted: list[tuple[int, int, str]] = []

    def of(self, source: Sequence[Any]) -> list[tuple[int, int, str]]:
        """Day, place in the list and id of each that is picked, in order of day."""
        while self._taken < len(source):
            found = self._pick(source[self._taken])
            if found is not None:
                insort(self._sorted, (found[0], self._taken, found[1]))
            self._taken += 1
        return self._sorted


def _seen(entry: tuple[int, str, str]) -> tuple[int, str] | None:
    return entry[:2] if entry[2] == "seen" else None


def _asked(entry: tuple[int, str, str]) -> tuple[int, str]:
    return entry[:2]


def _any(entry: tuple[int, str]) -> tuple[int, str]:
    return entry


def _examination(x: Examination) -> tuple[int, str]:
    return x.day, x.id


def _feeding(entry: Looked) -> tuple[int, str] | None:
    return (entry.day, entry.id) if entry.what == "feeding" else None


def _plan(plan: Plan) -> tuple[int, str] | None:
    return (plan.day, plan.id) if plan.kind != "sick_day" else None


def _sick_day_plan(plan: Plan) -> tuple[int, str] | None:
    return (plan.day, plan.id) if plan.kind == "sick_day" else None


def _first_from(entries: list[tuple[int, int, str]], day: int, but: Set[str]) -> tuple[int, str] | None:
    """Day and id of the first entry on a day or later; of one day the first by id."""
    best: tuple[int, str] | None = None
    for at in range(bisect_left(entries, (day,)), len(entries)):
        on, _, id = entries[at]
        if best is not None and on > best[0]:
            break
        if id not in but and (best is None or id < best[1]):
            best = (on, id)
    return best


def months_after(day: int, months: int) -> int:
    """Day so many calendar months after another, no further than the calendar goes."""
    last = dt.date.max.toordinal()
    try:
        return add_months(dt.date.fromordinal(min(max(day, 1), last)), months).toordinal()
    except GrowthwatchError:
        return last


class Child:
    """What is known of a child: see `read_child`."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.birth: Birth | None = None
        self.weights: list[Weight] = []
        self.valid: list[Weight] = []
        self.facts: GrowthFacts | None = None
        self.contacts: list[tuple[int, str]] = []
        self.examinations: list[Examination] = []
        self.signs: list[SeenSigns] = []
        self.illnesses: list[tuple[int, str]] = []
        self.conditions: dict[str, tuple[int, bool, bool, str]] = {}
        self.level: str | None = None
        self.levels: list[tuple[int, str, str]] = []
        self.protection_plan: str | None = None
        self.safeguarding: dict[str, int] = {}
        self.plans: list[Plan] = []
        self.decisions: list[DecisionSigned] = []
        self.adoptions: list[ProtocolAdopted] = []
        self.died: int | None = None
        self.births_differ: list[str] = []
        self.in_error: frozenset[str] = frozenset()
        self.high_need = False
        self.clinical: list[tuple[int, str, str]] = []
        self.by_id: dict[str, Weight] = {}
        self.looked: list[Looked] = []
        self.scorer: _Scorer | None = None
        self._marks: dict[tuple[int, bool], int] = {}
        self._changes: dict[tuple[int, int], float | None] = {}
        self._running: dict[object, list[Any]] = {}
        self._standing: dict[frozenset[str], tuple[int, int, list[SeenSigns]]] = {}
        self._answers: tuple[int, set[str], tuple[int, tuple[dt.time, dt.datetime]] | None] = (0, set(), None)
        self._ill: tuple[int, int, list[int], dict[int, str], dict[int, str]] = (0, 0, [], {}, {})
        self._contact_days = _Dated(_any)
        self._done: dict[str, tuple[list[Any], _Dated]] = {
            "seen": (self.clinical, _Dated(_seen)),
            "examined": (self.examinations, _Dated(_examination)),
            "asked": (self.clinical, _Dated(_asked)),
            "plan": (self.plans, _Dated(_plan)),
            "sick_day": (self.plans, _Dated(_sick_day_plan)),
            "feeding": (self.looked, _Dated(_feeding)),
        }

    def marks_from(self, shared: dict[tuple[int, bool], int]) -> None:
        """Use a store of `mark` days shared by all readings with the same birth facts."""
        self._marks = shared

    # --- ages -------------------------------------------------------------------------

    def mark(self, months: int, corrected: bool = False) -> int:
        """Day on which the child is so many calendar months old (29 February counts as 1 March)."""
        key = (months, corrected)
        found = self._marks.get(key)
        if found is None:
            assert self.birth is not None
            shift = 0
            if corrected and self.birth.gestation_days is not None:
                shift = TERM_DAYS - self.birth.gestation_days
            found = self._marks[key] = months_after(self.birth.day + shift, months)
        return found

    def age_corrected_on(self, day: int) -> bool:
        """Whether correction for gestation applies on a day."""
        birth = self.birth
        if birth is None or birth.gestation_days is None or birth.gestation_days >= PRETERM_DAYS:
            return False
        corrected = day - birth.day - (TERM_DAYS - birth.gestation_days)
        for rule in corrections().named(self.protocol.settings.correction).rules:
            if birth.gestation_days < rule.born_before_days:
                return corrected < rule.until_corrected_age_days
        return False

    # --- conditions -------------------------------------------------------------------

    @property
    def tube_fed(self) -> bool:
        """Whether the child is fed by tube."""
        return "tube_feeding" in self.conditions

    def grows_otherwise(self, day: int) -> bool:
        """Whether the child is known to have a condition whose children fall on the general standard.

        One that the protocol names, or one to whose reference a signed plan in force goes.
        """
        named = self.protocol.settings.terms.own_reference_conditions
        if any(c in self.conditions for c in named):
            return True
        plan = self.condition_plan(day)
        return plan is not None and condition_reference(plan.reference or "")[0] is not None

    def ill_near(self, day: int) -> str | None:
        """Id of an illness or sign recorded within the protocol's days of a day, or None."""
        window = self.protocol.settings.terms.ill_within_days
        illnesses, signs, days, ill, signed = self._ill
        if (illnesses, signs) != (len(self.illnesses), len(self.signs)):
            # Of one day an illness comes before a sign, and of either the first that was read.
            for on, id in self.illnesses[illnesses:]:
                if on not in ill and on not in signed:
                    insort(days, on)
                ill.setdefault(on, id)
            for s in self.signs[signs:]:
                if s.day not in ill and s.day not in signed:
                    insort(days, s.day)
                signed.setdefault(s.day, s.id)
            self._ill = (len(self.illnesses), len(self.signs), days, ill, signed)
        at = bisect_right(days, day + window) - 1
        if at < 0 or days[at] < day - window:
            return None
        return ill.get(days[at]) or signed[days[at]]

    def well_after(self, ill: str | None) -> tuple[int, ...]:
        """First day that an illness or sign no longer counts as near; none for None."""
        window = self.protocol.settings.terms.ill_within_days
        days = [day for day, id in self.illnesses if id == ill] + [s.day for s in self.signs if s.id == ill]
        return tuple(day + window + 1 for day in days)

    def unanswered(self, wanted: frozenset[str]) -> Sequence[SeenSigns]:
        """Occasions on which one of the signs was recorded that no examination has answered."""
        read, named, latest = self._answers
        if read != len(self.examinations):
            for x in self.examinations[read:]:
                named.update(x.answers)
                general = not x.answers or any(a.startswith("H") for a in x.answers)
                if general and (latest is None or (x.day, x.moment) > latest):
                    latest = (x.day, x.moment)
            self._answers = (len(self.examinations), named, latest)
        signs, exams, standing = self._standing.get(wanted, (0, 0, []))
        if (signs, exams) != (len(self.signs), len(self.examinations)):
            # What was answered once stays answered: only what stands, and what is new, is looked at.
            fresh = [s for s in self.signs[signs:] if wanted.intersection(s.signs)]
            known = [] if exams != len(self.examinations) else standing
            doubted = fresh if known is standing else [*standing, *fresh]
            known += [s for s in doubted if s.id not in named and (latest is None or latest <= (s.day, s.moment))]
            standing = known
            self._standing[wanted] = (len(self.signs), len(self.examinations), standing)
        return standing

    def answer_to(self, seen: SeenSigns) -> Examination | None:
        """First examination that answers signs, in order of day."""
        return min((x for x in self.examinations if x.answered(seen)), key=lambda x: (x.day, x.moment), default=None)

    def dead_on(self, day: int) -> bool:
        """Whether the child is known to have died by a day, and nothing recorded since contradicts it."""
        if self.died is None or self.died > day:
            return False
        contacts = self._contact_days.of(self.contacts)
        return not (self.weights and self.weights[-1].day > self.died) and not (
            contacts and contacts[-1][0] > self.died
        )

    @property
    def seen_after_death(self) -> list[str]:
        """Ids of weighings, contacts and examinations dated after the recorded death."""
        if self.died is None:
            return []
        seen = [w.id for w in self.weights if w.day > self.died] + [id for day, id in self.contacts if day > self.died]
        return list(dict.fromkeys(seen))

    def plan_on(self, day: int, kind: str | None = None) -> Plan | None:
        """The latest plan in force on a day, of a kind if given, that sets a floor otherwise."""
        found = None
        for plan in self.plans:
            if plan.day <= day <= plan.until and (plan.floor_days is not None if kind is None else plan.kind == kind):
                found = plan
        return found

    # --- weights ----------------------------------------------------------------------

    def running(self, key: object, start: _State, step: Callable[[_State, Weight], _State]) -> list[_State]:
        """Go over the weights in order, and keep where it stood before each and after the last.

        Only weights that are new, or changed since the last time, are gone over again: so a
        daily weight costs one step, however long the record.  `key` names the walk.
        """
        states: list[_State] = self._running.setdefault(key, [start])
        for w in self.weights[len(states) - 1 :]:
            states.append(step(states[-1], w))
        return states

    def changed_from(self, place: int) -> None:
        """Forget what was worked out from weights at a place or after it."""
        for states in self._running.values():
            del states[place + 1 :]

    def valid_place(self, weight: Weight) -> int | None:
        """Index of a weight among the valid ones, or None."""
        at = bisect_left(self.valid, weight.place, key=_place)
        return at if at < len(self.valid) and self.valid[at] is weight else None

    @property
    def birth_weight(self) -> Weight | None:
        """Valid weight on the day of birth, the first of that day."""
        # No weight dated before birth is valid: it comes first or not at all.
        return self.valid[0] if self.valid and self.valid[0].age_days == 0 else None

    def best_before(self, weight: Weight) -> Weight | None:
        """Greatest valid weight before a weighing, from the protocol's age on; the birth weight while there is none."""
        start = self.protocol.settings.terms.best_from_age_days

        def greater(best: Weight | None, w: Weight) -> Weight | None:
            return w if w.counts and w.age_days >= start and (best is None or w.exact > best.exact) else best

        best = self.running("best", None, greater)[weight.place]
        return self.birth_weight if best is None and weight.age_days > 0 else best

    # --- what was done ----------------------------------------------------------------

    def contacts_between(self, after: int, until: int) -> list[str]:
        """Ids of face-to-face contacts after one day and up to another, in the order in which they were read."""
        entries = self._contact_days.of(self.contacts)
        found = entries[bisect_left(entries, (after + 1,)) : bisect_left(entries, (until + 1,))]
        return [id for _, _, id in sorted(found, key=_read_at)]

    def weighed_from(self, day: int, but: Set[str] = frozenset()) -> tuple[int, str] | None:
        """Day and id of the first valid weight on a day or later, of one day the first by id; some are passed over."""
        best: tuple[int, str] | None = None
        for at in range(bisect_left(self.valid, day, key=_weighed_on), len(self.valid)):
            w = self.valid[at]
            if best is not None and w.day > best[0]:
                break
            if w.id not in but and (best is None or w.id < best[1]):
                best = (w.day, w.id)
        return best

    def met_from(self, day: int, but: Set[str] = frozenset()) -> tuple[int, str] | None:
        """Day and id of the first face-to-face contact on a day or later; some are passed over."""
        return _first_from(self._contact_days.of(self.contacts), day, but)

    def done_from(self, what: str, day: int, but: Set[str] = frozenset()) -> tuple[int, str] | None:
        """Day and id of the first on a day or later of what is asked.

        ``seen`` (by paediatrics or in hospital), ``asked`` (or seen), ``examined``, ``feeding``, ``plan``,
        ``sick_day``.
        """
        source, dated = self._done[what]
        return _first_from(dated.of(source), day, but)

    def here_from(self, day: int) -> frozenset[str]:
        """Ids of weights and contacts of a day or later.

        Doubted weights too: one that a later weight confirms was still not the weight that was asked for.
        """
        contacts = self._contact_days.of(self.contacts)
        return frozenset(
            [w.id for w in self.weights[bisect_left(self.weights, day, key=_weighed_on) :]]
            + [id for _, _, id in contacts[bisect_left(contacts, (day,)) :]]
        )

    # --- changes of z -----------------------------------------------------------------

    def pair_change(self, first: Weight, second: Weight) -> float | None:
        """Change of z over the valid weighings from `first` to `second`, or None where a link has no common table."""
        assert self.facts is not None
        i, j = self.valid_place(first), self.valid_place(second)
        assert i is not None and j is not None
        total = 0.0
        for a, b in zip(self.valid[i:j], self.valid[i + 1 : j + 1], strict=True):
            key = (a.row, b.row)
            if key not in self._changes:
                self._changes[key] = self.facts.scores.difference(a.row, b.row)
            step = self._changes[key]
            if step is None:
                return None
            total += step
        return total

    def latest_change(self, weight: Weight, least_days: int) -> tuple[float, Weight, Weight] | None:
        """Change of z up to a weight from the last valid one at least so many days before it, if there is one."""
        if self.facts is None:
            return None
        before: Weight | None = None
        for at in range(bisect_right(self.valid, weight.day, key=_weighed_on) - 1, -1, -1):
            w = self.valid[at]
            if w is weight or (w.day, w.recorded_at) > (weight.day, weight.recorded_at):
                continue
            before = before or w
            if weight.day - w.day >= least_days:
                total = self.pair_change(w, before)
                step = self.facts.scores.difference(before.row, weight.row)
                return None if total is None or step is None else (total + step, w, weight)
        return None

    # --- evidence ---------------------------------------------------------------------

    def evidence_after(self, weight: Weight) -> float | None:
        """Running evidence of slowing after a weight, from the weights that count; None where there is none."""
        birth = self.birth
        if birth is None or birth.sex is None or self.scorer is None or weight.z is None:
            return None
        trail = self.scorer.trail(birth)

        def one_more(step: int, w: Weight) -> int:
            return trail.then(step, w.row) if w.counts else step

        return trail.ratio(self.running(("trail", birth), 0, one_more)[weight.place + 1])

    def pair_before(self, weight: Weight, least_days: int) -> Weight | None:
        """Latest valid weight at least so many days before another."""
        at = bisect_right(self.valid, weight.day - least_days, key=_weighed_on) - 1
        return self.valid[at] if at >= 0 and self.valid[at] is not weight else None

    def conditional_gain(self, first: Weight, second: Weight) -> float | None:
        """Conditional gain z from a valid weight to a later one; None where it cannot be told."""
        if self.scorer is None or self.birth is None or self.facts is None or first.z is None:
            return None
        if second.counts:
            change = self.pair_change(first, second)
        else:
            last = self.valid[bisect_left(self.valid, second.place, key=_place) - 1]
            change, step = self.pair_change(first, last), self.facts.scores.difference(last.row, second.row)
            change = None if change is None or step is None else change + step
        if change is None:
            return None
        return self.scorer.gains(self.birth).conditional(first.row, second.row, first.z, change)

    # --- a condition's reference ------------------------------------------------------

    def condition_plan(self, day: int) -> Plan | None:
        """The latest plan in force on a day that names a reference; one that cannot judge displaces none that can."""
        found, usable = None, None
        for plan in self.plans:
            if plan.reference is not None and plan.day <= day <= plan.until:
                found = plan
                usable = plan if condition_reference(plan.reference)[0] is not None else usable
        return usable or found

    def position_on(self, ref: Reference, weight: Weight, least_days: int) -> tuple[Position, float] | None:
        """Where the child stood on a reference after the valid weights up to a weight, and the weight's own place."""
        assert self.scorer is not None and self.birth is not None
        facts = self.scorer.facts_on(ref, self.birth)

        def step(at: Position, w: Weight) -> Position:
            z = float(facts.z[w.row])
            if not w.counts or z != z:
                return at
            last = at.last
            change = None if last is None else facts.scores.difference(last.row, w.row)
            if change is None:
                return Position(z, recent=((w, z),))  # no common ground: no number reaches across
            here = at.z + change
            recent = [*at.recent, (w, here)]
            while len(recent) > 1 and recent[1][0].day <= w.day - least_days:
                recent.pop(0)
            first = recent[0][0]
            held = min(p for _, p in recent) if first.day <= w.day - least_days else None
            if held is not None and (at.best is None or held > at.best):
                return Position(here, held, first, w, tuple(recent))
            return Position(here, at.best, at.best_from, at.best_until, tuple(recent))

        states = self.running(("position", ref.hash, least_days, self.birth), Position(), step)
        at = states[weight.place + 1]
        if at.last is weight:
            return at, at.z
        z = facts.scores.difference(at.last.row, weight.row) if at.last is not None else None
        return None if z is None else (at, at.z + z)

    def table_jump(self, weight: Weight) -> tuple[float, str] | None:
        """Jump of z that a change of table or of age basis since the valid weight before made at the same weight.

        Returns the jump [SD] and what changed; None where nothing did, or the two cannot be compared.
        """
        place = self.valid_place(weight)
        facts, birth = self.facts, self.birth
        if place is None or place < 1 or facts is None or birth is None or birth.sex is None:
            return None
        before, scores = self.valid[place - 1], facts.scores
        new, old = int(scores.official[weight.row]), int(scores.official[before.row])
        jump, reasons = 0.0, list[str]()
        if scores.basis[weight.row] != scores.basis[before.row]:
            step = float(scores.z[new, 0, weight.row] - scores.z[new, 1, weight.row])
            if step == step:
                jump, reasons = step, ["correction for gestation ended"]
        if new != old:
            curves = self.protocol.reference.curves("weight")
            at = curves.official[new].from_
            if at is not None:
                kg, x, sex = (
                    np.array([weight.kg]),
                    np.array([at]),
                    np.array([0 if birth.sex == "male" else 1], np.uint8),
                )
                step = float(
                    curves.z_in(scores.tables[new], kg, sex, x)[0] - curves.z_in(scores.tables[old], kg, sex, x)[0]
                )
                if step == step:
                    jump += step
                    reasons += [b.reason for b in curves.info.breaks if b.at == at] or ["the table changes"]
        return (jump, "; ".join(reasons)) if reasons else None


@cache
def condition_reference(name: str) -> tuple[Reference | None, str]:
    """The packaged reference of a condition that a plan names; if it cannot judge weights, None and why."""
    info = next((r for r in references() if r.id == name.strip()), None)
    if info is None:
        return None, "it is not among the references of this package, so nothing is judged on it"
    if not info.condition:
        return None, "it is no reference of a condition, so nothing is judged on it"
    if info.kind == "descriptive":
        return None, "it describes how children grow, not how they should, so no test is moved to it"
    if "weight" not in info.measures:
        return None, "it has no weights, so nothing is judged on it"
    found = reference(info.id)
    if found.curves("weight").info.x != "age_days":
        return None, "its weights are not by age, so nothing is judged on it"
    return found, ""


def _read_at(entry: tuple[int, int, str]) -> int:
    return entry[1]


def _place(w: Weight) -> int:
    return w.place


def _weighed_on(w: Weight) -> int:
    return w.day


class _Scorer:
    """Growth facts of all weighings ever recorded, for one reading of the birth facts."""

    def __init__(self, protocol: Protocol, events: tuple[AnyEvent, ...]):
        self._protocol = protocol
        self._weighings = [e for e in events if isinstance(e, Weighed)]
        self.rows = {e.id: i for i, e in enumerate(self._weighings)}
        self._days = np.array([e.on.toordinal() for e in self._weighings], np.int64)
        self._kg = np.array([e.weight_kg for e in self._weighings], np.float64)
        self._known: dict[tuple[int, str | None, int | None], tuple[GrowthFacts, list[float], list[int]]] = {}
        self._marks: dict[tuple[int, int | None], dict[tuple[int, bool], int]] = {}
        self._trails: dict[tuple[int, str | None, int | None], Trail] = {}
        self._gains: dict[tuple[int, str | None, int | None], Gains] = {}
        self._others: dict[tuple[str, int, str | None, int | None], GrowthFacts] = {}

    def trail(self, birth: Birth) -> Trail:
        """Evidence along the weights, for these birth facts."""
        key = (birth.day, birth.sex, birth.gestation_days)
        found = self._trails.get(key)
        if found is None:
            rules = self._protocol.settings.weights
            naked_until = months_after(birth.day, rules.naked_below_months)
            likely = [
                e
                for e in self._weighings
                if e.on.toordinal() >= birth.day
                and _validity(e, e.on.toordinal() < naked_until, self._protocol)[0] in (VALID, ASSUMED)
            ]
            likely.sort(key=lambda e: (e.on, e.time or dt.time.min, e.recorded_at, e.id))
            facts, days = self.facts(birth)[0], self._days.tolist()
            known = [max(e.on, e.recorded_at.date()).toordinal() for e in self._weighings]
            jumps = rules.suspected
            found = self._trails[key] = Trail(
                self._protocol.reference,
                self._kg,
                (self._days - birth.day).tolist(),
                birth.sex,
                birth.gestation_days,
                Likely(
                    facts, tuple(self.rows[e.id] for e in likely), days, known, jumps.jump_z, jumps.jump_within_days
                ),
            )
        return found

    def gains(self, birth: Birth) -> Gains:
        """Conditional gains, for these birth facts."""
        key = (birth.day, birth.sex, birth.gestation_days)
        found = self._gains.get(key)
        if found is None:
            ages = (self._days - birth.day).tolist()
            found = self._gains[key] = Gains(self._protocol.reference, ages, birth.sex, birth.gestation_days)
        return found

    def facts_on(self, ref: Reference, birth: Birth) -> GrowthFacts:
        """Growth facts on another reference."""
        key = (ref.hash, birth.day, birth.sex, birth.gestation_days)
        found = self._others.get(key)
        if found is None:
            found = self._others[key] = self._facts(ref, birth)
        return found

    def _facts(self, ref: Reference, birth: Birth) -> GrowthFacts:
        n = self._kg.size
        sex = {"male": 0, "female": 1}.get(birth.sex or "", 2)
        return growth_facts(
            ref,
            self._kg,
            self._days - birth.day,
            np.full(n, sex, np.uint8),
            np.full(n, np.nan if birth.gestation_days is None else float(birth.gestation_days)),
        )

    def marks(self, birth: Birth) -> dict[tuple[int, bool], int]:
        return self._marks.setdefault((birth.day, birth.gestation_days), {})

    def facts(self, birth: Birth) -> tuple[GrowthFacts, list[float], list[int]]:
        key = (birth.day, birth.sex, birth.gestation_days)
        found = self._known.get(key)
        if found is None:
            facts = self._facts(self._protocol.reference, birth)
            found = self._known[key] = (facts, facts.z.tolist(), facts.status_code.tolist())
        return found


def _validity(e: Weighed, naked_age: bool, protocol: Protocol) -> tuple[str, str]:
    """Validity of a weighing from what was recorded, and why, in words."""
    rules = protocol.settings.weights
    if not e.date_certain:
        return UNDATED, "the date is not certain"
    allowed = rules.clothing_below if naked_age else rules.clothing_from
    reasons: list[str] = []
    if e.clothing is not None and e.clothing not in allowed:
        reasons.append(
            {"nappy": "in a nappy", "light_clothes": "in light clothes", "clothed": "clothed"}.get(
                e.clothing, e.clothing
            )
        )
    if e.scale is not None and e.scale not in rules.scales:
        reasons.append("on a scale that is not class III")
    if reasons:
        return UPPER_BOUND, " and ".join(reasons)
    missing = [n for n, v in (("clothing", e.clothing), ("scale", e.scale)) if v is None]
    if missing:
        return ASSUMED, " and ".join(missing) + " not recorded"
    return VALID, ""


def _minutes_between(a: Weighed, b: Weighed) -> float | None:
    if a.time is None or b.time is None or a.on != b.on:
        return None
    return (b.time.hour * 60 + b.time.minute + b.time.second / 60) - (
        a.time.hour * 60 + a.time.minute + a.time.second / 60
    )


def _is_low(change: float | None, last: Weight | None, w: Weight) -> bool:
    """Whether a doubted weight is doubted for being low."""
    if change is not None:
        return change < 0
    if last is not None:
        return w.exact < last.exact
    return w.z is not None and w.z < 0


def _ratio(rules: Suspected, last: Weight, w: Weight) -> str:
    """Where there is no change of z to tell (no sex, outside the tables): compare kilograms."""
    ratio = max(w.kg / last.kg, last.kg / w.kg)
    soon = w.day - last.day <= rules.jump_within_days
    limit = rules.ratio_without_z if soon else rules.ratio_without_z_ever
    return (
        f"{ratio:.1f} times {'more' if w.kg > last.kg else 'less'} than the last valid weight" if ratio > limit else ""
    )


def _converted(child: Child, last: Weight, w: Weight) -> str:
    """Whether a weight fits the trend once read in pounds or with the decimal point moved."""
    rules = child.protocol.settings.weights.suspected
    birth = child.birth
    if birth is None or birth.sex is None or last.z is None:
        return ""
    kgs = [k for f in rules.factors for k in (w.kg * f, w.kg / f)]
    z = child.protocol.reference.z(
        np.array(kgs),
        age_days=w.age_days,
        sex=birth.sex,
        gestation_days=birth.gestation_days,
    )
    if bool((np.abs(z - last.z) <= rules.fits_within_z).any()):
        return "it fits the trend in pounds or with the decimal point moved"
    return ""


def _moment(e: AnyEvent) -> tuple[dt.time, dt.datetime]:
    """Order of events of one day: by time of day where it is known, then by when they were written down."""
    return (e.time or dt.time.min, e.recorded_at)


@dataclass(slots=True, eq=False)
class _Entry:
    """A weighing among the others: what was recorded, and what its neighbours say of it.

    ``doubt`` says why it looks like an entry error; a weight shortly afterwards that agrees
    (``agreed``, its place) takes the doubt away.
    """

    order: tuple[dt.date, dt.time, dt.datetime, str]
    day: int
    e: Weighed
    validity: str = VALID
    reason: str = ""
    low: bool = False
    doubt: str = ""
    agreed: int | None = None

    @property
    def doubted(self) -> bool:
        return self.doubt != "" and self.agreed is None

    @property
    def counts(self) -> bool:
        return self.validity in (VALID, ASSUMED) and not self.doubted


def _order(entry: _Entry) -> tuple[dt.date, dt.time, dt.datetime, str]:
    return entry.order


class Reader:
    """Reads events into a `Child`, a few at a time.

    Parameters
    ----------
    protocol
        Whose rules of validity apply.
    scorer
        From `make_scorer`.
    keeps
        Whether a weight whose validity changes becomes a new `Weight`, so that what was
        judged on the old one keeps what it saw.
    """

    def __init__(self, protocol: Protocol, scorer: _Scorer, keeps: bool = False) -> None:
        self.child = Child(protocol)
        self.child.scorer = scorer
        self._protocol = protocol
        self._scorer = scorer
        self._keeps = keeps
        self._waiting: list[tuple[int, Weighed]] = []
        self._signed: set[str] = set()
        self._signed_now: list[str] = []
        self._protection: list[tuple[int, dt.datetime, str, bool]] = []
        self._weights_stale = False
        self.growth_news = False
        self._birth: Birth | None = None
        # In order of date, as the child's weights.
        self._entries: list[_Entry] = []
        # Before each weight, and after the last: place of the last one that was not doubted.
        self._lasts: list[int | None] = [None]
        self._doubts: list[int] = []
        self._repeats: dict[str, list[str]] = {}

    def read(self, events: Iterable[tuple[int, AnyEvent]]) -> Child:
        """Read more events, each with the day from which it counts, in canonical order."""
        self.growth_news = False
        for day, e in events:
            self._apply(day, e)
        child = self.child
        child.high_need = any(c[1] for c in child.conditions.values())
        if self._weights_stale and child.birth is not None:
            self._settle(child.birth)
        return child

    def _apply(self, day: int, e: AnyEvent) -> None:
        child, on = self.child, e.on.toordinal()
        if e.type in _NO_GROWTH_NEWS:
            if isinstance(e, Contact) and e.face_to_face:
                child.contacts.append((on, e.id))
            return
        self.growth_news = True
        if isinstance(e, Weighed):
            self._waiting.append((day, e))
            self._weights_stale = True
        elif isinstance(e, Born):
            self._born(e)
            self._weights_stale = True
        elif isinstance(e, Examined):
            if e.role in self._protocol.settings.terms.examining_roles:
                child.examinations.append(Examination(on, _moment(e), e.id, e.answers))
                for what, found in (("length", e.length), ("feeding", e.feeding)):
                    if found is not None:
                        child.looked.append(Looked(on, e.recorded_at, e.id, what, found))
            child.contacts.append((on, e.id))
            if e.role in _PAEDIATRIC:
                child.clinical.append((on, e.id, "seen"))
        elif isinstance(e, SignRecorded):
            child.signs.append(SeenSigns(on, day, _moment(e), e.id, tuple(str(s) for s in e.signs)))
        elif isinstance(e, IllnessRecorded):
            child.illnesses.append((on, e.id))
            if e.signs:
                child.signs.append(SeenSigns(on, day, _moment(e), e.id, tuple(str(s) for s in e.signs)))
        elif isinstance(e, ConditionDiagnosed):
            before = child.conditions.get(e.condition)
            if before is None or on >= before[0]:
                # A diagnosis that does not say how severe it is takes nothing away from one that did.
                high, risk = (before[1], before[2]) if before is not None else (False, False)
                if e.gmfcs is not None or e.high_need is not None:
                    severe = e.gmfcs is not None and e.gmfcs >= self._protocol.settings.terms.high_need_gmfcs_from
                    high = bool(e.high_need) or severe
                child.conditions[e.condition] = (on, high, risk or e.highest_risk, e.id)
        elif isinstance(e, ConditionEnded):
            before = child.conditions.get(e.condition)
            if before is not None and before[0] <= on:
                del child.conditions[e.condition]
        elif isinstance(e, LevelChanged):
            child.levels.append((on, e.id, e.to))
            child.levels.sort()
            child.level = child.levels[-1][2]
        elif isinstance(e, ProtectionPlan):
            self._protection.append((on, e.recorded_at, e.id, e.state == "began"))
            _, _, latest, began = max(self._protection)
            child.protection_plan = latest if began else None
        elif isinstance(e, ReferralMade):
            if e.kind == "safeguarding":
                child.safeguarding[e.id] = on
            elif e.kind == "clinical" and _TO_PAEDIATRICS.search(e.to):
                child.clinical.append((on, e.id, "asked"))
        elif isinstance(e, ReferralClosed):
            child.safeguarding.pop(e.referral, None)
        elif isinstance(e, PlanSigned):
            until = months_after(on, self._protocol.settings.schedule.plan_lasts_months)
            if e.review_by is not None:
                until = min(until, e.review_by.toordinal())
            child.plans.append(Plan(e.id, on, until, e.plan, e.floor_days, e.reference, e.recorded_at))
        elif isinstance(e, DecisionSigned):
            child.decisions.append(e)
            may_sign = e.role in self._protocol.settings.terms.signing_roles
            if e.decision == "confirm_weight" and e.target is not None and may_sign:
                self._signed.add(e.target)
                self._signed_now.append(e.target)
                self._weights_stale = True
        elif isinstance(e, ProtocolAdopted):
            child.adoptions.append(e)
        elif isinstance(e, Admission):
            child.clinical.append((on, e.id, "seen"))
            child.examinations.append(Examination(on, _moment(e), e.id, ()))  # an admitted child is examined
        elif isinstance(e, Died):
            child.died = on

    def _born(self, e: Born) -> None:
        """Take a birth; a second one fills gaps, and where the two differ the first stands and the review says so."""
        child, known = self.child, self.child.birth
        if known is None:
            child.birth = Birth(e.on.toordinal(), e.on, e.sex, e.gestation_days, e.id)
            return
        theirs = (e.on, e.sex or known.sex, e.gestation_days or known.gestation_days)
        ours = (known.date, known.sex or theirs[1], known.gestation_days or theirs[2])
        if theirs != ours:
            child.births_differ.append(e.id)
        child.birth = Birth(known.day, known.date, ours[1], ours[2], known.event)

    def _settle(self, birth: Birth) -> None:
        """Read the new weighings, and again those that come after them: each is compared with those before it.

        A birth date that becomes known, or other, changes what all of them are.
        """
        child = self.child
        self._weights_stale = False
        child.marks_from(self._scorer.marks(birth))
        facts, z, status = self._scorer.facts(birth)
        child.facts = facts
        start = len(self._entries)
        if birth != self._birth:
            self._birth, start = birth, 0
            self._waiting = [(n.day, n.e) for n in self._entries] + self._waiting
            self._entries, self._repeats, child.by_id = [], {}, {}
            child.weights.clear()
        naked_until = child.mark(self._protocol.settings.weights.naked_below_months)
        for day, e in self._waiting:
            entry = _Entry((e.on, e.time or dt.time.min, e.recorded_at, e.id), day, e)
            w = self._base(entry, birth, naked_until, z, status)
            place = bisect_right(self._entries, entry.order, key=_order)
            self._entries.insert(place, entry)
            child.weights.insert(place, w)
            child.by_id[e.id] = w
            start = min(start, place)
            if e.repeats is not None:
                self._repeats.setdefault(e.repeats, []).append(e.id)
        self._waiting = []
        for place in range(start, len(child.weights)):
            child.weights[place].place = place
        start = min([start, *(child.by_id[id].place for id in self._signed_now if id in child.by_id)])
        self._signed_now = []
        changed = self._suspect(start)
        places = sorted(self._near(changed, start))
        first = min([start, *(place for place in places if self._mark(place))])
        child.changed_from(first)
        del child.valid[bisect_left(child.valid, first, key=_place) :]
        child.valid += [w for w in child.weights[first:] if w.counts]

    def _suspect(self, start: int) -> list[int]:
        """Look for entry errors among otherwise valid weights, in order of date, from a place on.

        A weight nearby that agrees confirms a suspected one, and both count from then on.  Whether a
        suspected weight is doubted for being low is kept: such a one may alarm, never reassure.

        Returns
        -------
        Places before `start` of weights whose doubt came or went.
        """
        child, entries = self.child, self._entries
        rules = self._protocol.settings.weights.suspected
        facts = child.facts
        assert facts is not None
        changed: list[int] = []
        if start < len(self._lasts) - 1:
            while self._doubts and self._doubts[-1] >= start:
                self._doubts.pop()
            for place in self._doubts:
                agreed = entries[place].agreed
                if agreed is not None and agreed >= start:
                    entries[place].agreed = None
                    changed.append(place)
            del self._lasts[start + 1 :]
        at = self._lasts[-1]
        last = None if at is None else child.weights[at]
        for place in range(start, len(entries)):
            entry, w = entries[place], child.weights[place]
            entry.low, entry.doubt, entry.agreed = False, "", None
            if entry.validity not in (VALID, ASSUMED):
                self._lasts.append(self._lasts[-1])
                continue
            change = facts.scores.difference(last.row, w.row) if last is not None else None
            agrees = change is not None and abs(change) <= rules.confirmed_within_z
            why = ""
            if (w.id in self._signed and w.status != "implausible") or agrees:
                pass
            elif w.z is not None and abs(w.z) > rules.beyond_z:
                why = f"z is beyond {rules.beyond_z:g}"
            elif last is not None and change is None:
                why = _ratio(rules, last, w)
            elif last is not None and change is not None and abs(change) > rules.jump_z:
                if w.day - last.day <= rules.jump_within_days:
                    why = f"a jump of {abs(change):.1f} SD since the last valid weight"
                else:
                    why = _converted(child, last, w)
            if why:
                # Two weights with one fault (both in grams, both in pounds) agree: too high a weight is
                # confirmed by a signature, never by another like it.
                absurd = not _is_low(change, last, w) and (
                    w.z is None or w.z > rules.beyond_z or (last is not None and _converted(child, last, w) != "")
                )
                friend = None if absurd else self._agreeing(w)
                if friend is None:
                    entry.low, entry.doubt = _is_low(change, last, w), why
                    self._doubts.append(place)
                    self._lasts.append(self._lasts[-1])
                    continue
                entries[friend].agreed = place
                changed.append(friend)
            last = w
            self._lasts.append(place)
        return [place for place in changed if place < start]

    def _agreeing(self, w: Weight) -> int | None:
        """Place of a doubtful weight shortly before that agrees with this one."""
        child = self.child
        rules = self._protocol.settings.weights.suspected
        assert child.facts is not None
        for place in reversed(self._doubts):
            other = child.weights[place]
            if w.day - other.day > rules.confirmed_within_days:
                return None
            if self._entries[place].agreed is not None:
                continue
            change = child.facts.scores.difference(other.row, w.row)
            if change is not None and abs(change) <= rules.confirmed_within_z:
                return place
        return None

    def _near(self, changed: list[int], start: int) -> set[int]:
        """Places whose weights may have become something else: changed ones, and those that they may replace."""
        child = self.child
        sure = {*changed, *range(start, len(child.weights))}
        out = set(sure)
        for place in sure:
            repeats = self._entries[place].e.repeats
            if repeats in child.by_id:
                out.add(child.by_id[repeats].place)
        for place in {*changed, start}:
            out.update(self._same_day(place))
        return out

    def _same_day(self, place: int) -> range:
        """Places of the weights of the day of one."""
        weights = self.child.weights
        first, after = place, place + 1
        if place >= len(weights):
            return range(0)
        while first > 0 and weights[first - 1].day == weights[place].day:
            first -= 1
        while after < len(weights) and weights[after].day == weights[place].day:
            after += 1
        return range(first, after)

    def _mark(self, place: int) -> bool:
        """Write down what a weight is, now that its neighbours are known; return whether that changed."""
        child, entry, w = self.child, self._entries[place], self.child.weights[place]
        validity, reason = (SUSPECTED, entry.doubt) if entry.doubted else (entry.validity, entry.reason)
        replaced_by = None if entry.counts else self._replacement(place)
        if (w.validity, w.reason, w.low, w.replaced_by) == (validity, reason, entry.low, replaced_by):
            return False
        if self._keeps:
            w = child.weights[place] = child.by_id[w.id] = replace(w)
        w.validity, w.reason, w.low, w.replaced_by = validity, reason, entry.low, replaced_by
        return True

    def _replacement(self, place: int) -> str | None:
        """Id of the good repeat within the hour to which an upper bound or suspected weight gives way."""
        child, entries = self.child, self._entries
        w, e = child.weights[place], entries[place].e
        minutes = self._protocol.settings.weights.repeat_within_minutes
        repeats = [child.by_id[id] for id in self._repeats.get(w.id, ()) if id in child.by_id]
        best = min((r.place for r in repeats if r.day >= w.day and entries[r.place].counts), default=None)
        for other in () if e.time is None else self._same_day(place):
            gap = _minutes_between(e, entries[other].e)
            if entries[other].counts and gap is not None and 0 <= gap <= minutes:
                best = other if best is None else min(best, other)
        return None if best is None else child.weights[best].id

    def _base(self, entry: _Entry, birth: Birth, naked_until: int, z: list[float], status: list[int]) -> Weight:
        """A weight as recorded, before it is compared with others."""
        e = entry.e
        on, row = e.on.toordinal(), self._scorer.rows[e.id]
        validity, reason = _validity(e, on < naked_until, self._protocol)
        if on < birth.day:
            validity, reason = UNDATED, "dated before birth"
        entry.validity, entry.reason = validity, reason
        scored = z[row] if z[row] == z[row] else None
        exact, word = Decimal(repr(e.weight_kg)), STATUS_WORDS[status[row]]
        return Weight(
            e.id, on, entry.day, e.recorded_at, on - birth.day, e.weight_kg, exact, validity, reason, scored, word, row
        )


def read_child(
    protocol: Protocol, events: list[tuple[int, AnyEvent]], scorer: _Scorer, in_error: frozenset[str] = frozenset()
) -> Child:
    """Read the events known at a moment.

    Parameters
    ----------
    protocol
        Whose rules of validity apply.
    events
        Known, effective events with the day from which each counts, in canonical order.
    scorer
        From `make_scorer`.
    in_error
        Ids of events that were once known and no longer count.
    """
    child = Reader(protocol, scorer).read(events)
    child.in_error = in_error
    return child


def make_scorer(protocol: Protocol, events: tuple[AnyEvent, ...]) -> _Scorer:
    """Prepare growth facts for every weighing among the events, under one protocol's reference."""
    if not isinstance(protocol, Protocol):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise GrowthwatchError.of("protocol", protocol, "a Protocol, such as growthwatch.protocol('uk-hv')")
    return _Scorer(protocol, events)
