"""What is known of one child at a moment: the ledgers together.

Days are ordinals (days since 1 January of year 1), so that arithmetic on them is plain.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import same_name
from growthwatch.protocol.child.advice import Advice
from growthwatch.protocol.child.ages import UNBORN, Ages
from growthwatch.protocol.child.conditions import Conditions
from growthwatch.protocol.child.contacts import Contacts
from growthwatch.protocol.child.growth import Growth
from growthwatch.protocol.child.happened import Happened
from growthwatch.protocol.child.ledger import Ledger, Topic
from growthwatch.protocol.child.measures import Measures
from growthwatch.protocol.child.missed import Counted, Missed
from growthwatch.protocol.child.offices import Offices
from growthwatch.protocol.child.people import People
from growthwatch.protocol.child.replies import Replies
from growthwatch.protocol.child.requests import Requests
from growthwatch.protocol.child.scorer import Scorer
from growthwatch.protocol.child.signed import Confirmation, Signed, condition_reference
from growthwatch.protocol.child.signs import Signs
from growthwatch.protocol.child.stays import Stay, Stays
from growthwatch.protocol.child.weight import UPPER_BOUND, in_order
from growthwatch.protocol.child.weights import Weights
from growthwatch.protocol.child.working import working_days
from growthwatch.protocol.child.worries import Worries
from growthwatch.protocol.file.settings import RiskAge, Settings
from growthwatch.record import AnyEvent, Weighed
from growthwatch.record.known import Notice
from growthwatch.references import Reference

__all__ = ["TAKEN", "Child", "read_child"]

_LEDGERS = (
    "ages", "weights", "signs", "conditions", "contacts", "people", "signed", "stays", "measures", "worries", "replies",
    "offices", "requests", "missed", "advice",
)  # fmt: skip
_TYPES: tuple[type[Ledger], ...] = (
    Ages, Weights, Signs, Conditions, Contacts, People, Signed, Stays, Measures, Worries, Replies,
    Offices, Requests, Missed, Advice,
)  # fmt: skip
_TAKERS: dict[str, tuple[str, ...]] = {}
_TOUCHES: dict[str, frozenset[Topic]] = {}
_RECORD: frozenset[Topic] = frozenset({"record"})
for _name, _type in zip(_LEDGERS, _TYPES, strict=True):
    for _event, _topics in _type.TAKES.items():
        _TAKERS[_event] = (*_TAKERS.get(_event, ()), _name)
        _TOUCHES[_event] = _TOUCHES.get(_event, _RECORD) | _topics
_WEIGHTS: frozenset[Topic] = frozenset({"weights"})
_NOTHING: frozenset[Topic] = frozenset()
TAKEN = frozenset(_TAKERS)
"""Types of event that a ledger takes: no rule looks at any other."""


class Child:
    """A bag of ledgers, read a few events at a time.

    Parameters
    ----------
    settings
        Of the protocol: what makes a weight valid, who may sign, how long a plan lasts.
    reference
        On which weights are judged.
    scorer
        Growth facts of every weighing that may come.
    """

    def __init__(self, settings: Settings, reference: Reference, scorer: Scorer) -> None:
        self.settings, self.reference = settings, reference
        self.working = working_days(settings.calendar)
        self.ages = Ages(settings)
        self.weights = Weights(settings, reference, scorer)
        self.growth = Growth(settings, reference, scorer)
        self.signs = Signs(settings)
        self.conditions = Conditions(settings)
        self.contacts = Contacts(settings)
        self.people = People(settings)
        self.signed = Signed(settings)
        self.stays = Stays(settings)
        self.measures = Measures(settings)
        self.worries = Worries(settings)
        self.replies = Replies(settings)
        self.offices = Offices(settings)
        self.requests = Requests(settings)
        self.missed = Missed(settings)
        self.advice = Advice(settings)
        self.happened = Happened()
        self.day = 0
        """The day that is judged [ordinal day]."""
        self.first_day = 0
        """The day from which people owe anything; 0 where that was always so [ordinal day]."""
        self.in_error: frozenset[str] = frozenset()
        """Ids of events that were once known and no longer count."""
        self.lost: Sequence[tuple[str, int, int]] = ()
        """Their types and days [ordinal day]."""
        self._undone: Mapping[str, str] = {}
        self.notices: Sequence[Notice] = ()
        """What somebody must look at of the record itself, on the day."""
        self.first: str | None = None
        """Id of the first event that is known."""
        self.as_either: tuple[Child, ...] = ()
        """The same child as a boy and as a girl, while its sex is not recorded; else empty."""
        self._confirmed = 0
        self._also = 0

    @property
    def undone(self) -> Mapping[str, str]:
        """For each event that no longer counts the id of the mark or correction that took it back."""
        return self._undone

    @undone.setter
    def undone(self, undone: Mapping[str, str]) -> None:
        self._undone = undone
        if undone:
            right = {id: put_right(id, undone) for id in undone}
            for ledger in (self.requests, self.offices, self.replies):
                ledger.link(right)

    def fork(self) -> Child:
        """A child that can go on from here without touching this one."""
        other = copy.copy(self)
        for name in _LEDGERS:
            setattr(other, name, getattr(self, name).fork())
        other.happened = self.happened.fork()
        other.growth = self.growth.fork(other.weights.all, other.weights.valid)
        other.as_either = tuple(child.fork() for child in self.as_either)
        return other

    def go_on(self, scorer: Scorer) -> None:
        """Take growth facts of further weighings; what is known of those so far is the same."""
        self.weights.go_on(scorer)
        self.growth.go_on(scorer)
        for child in self.as_either:
            child.go_on(scorer)

    def read(self, events: Iterable[tuple[int, AnyEvent]]) -> frozenset[Topic]:
        """Read more events, each with the day from which it counts, in canonical order; return what they touch."""
        events = tuple(events)
        if self.first is None and events:
            self.first = _first(events).id
        touched = _NOTHING.union(*{_TOUCHES.get(e.type, _RECORD) for _, e in events})
        takers: dict[str, list[Ledger]] = {}
        for day, e in events:
            self.happened.take(day, e)
            taking = takers.get(e.type)
            if taking is None:
                taking = takers[e.type] = [getattr(self, name) for name in _TAKERS.get(e.type, ())]
            for ledger in taking:
                ledger.take(day, e)
            if e.type in Signs.TELLING:
                touched |= self.signs.tells(e)
            if vars(e).get("condition") in self.settings.terms.fluid.conditions:
                touched |= _WEIGHTS  # it decides which gains count
            if self.stays.heard(e):
                touched |= Stays.HEARS
        for child in self.as_either:
            child.read(events)
        if len(self._on_plans()) != self._also:
            touched |= _WEIGHTS  # what fits the reference of a plan is no slip of the pen
        if "weights" in touched:
            self._settle()
        return touched

    def _on_plans(self) -> tuple[Reference, ...]:
        """The references that signed plans name and that can judge, each once."""
        if self.ages.birth is None or not self.signed.plans:
            return ()
        named = dict.fromkeys(p.reference for p in self.signed.plans if p.reference is not None)
        return tuple(r for name in named if (r := self.condition_reference(name)[0]) is not None)

    def _settle(self) -> None:
        """Find out what the weights are, and follow them."""
        birth, also = self.ages.birth, self._on_plans()
        self._also = len(also)
        if birth is None or birth.sex is not None:
            self.as_either = ()
        elif not self.as_either:
            self.as_either = (self._assuming("male"), self._assuming("female"))
        signed = [c.target for c in self.signed.confirmed[self._confirmed :] if self._by_another(c)]
        self._confirmed = len(self.signed.confirmed)
        sure = birth is not None and birth.event in self.signed.confirmed_facts
        first = self.weights.settle(self.ages, signed, [child.weights for child in self.as_either], sure, also)
        self.growth.follow(birth or UNBORN, self.weights.all, self.weights.valid, first)

    def _by_another(self, signed: Confirmation) -> bool:
        """Whether somebody else than who weighed signed that a weight is right, and once it was known."""
        weighed = next((k for k in self.happened.of("weighed") if k.id == signed.target), None)
        if weighed is None or weighed.day > signed.day:
            return False
        return same_name(weighed.event.actor) != same_name(signed.actor)

    def _assuming(self, sex: str) -> Child:
        """The same child, were it of a sex."""
        child = self.fork()
        child.ages.assume(sex)
        child._settle()
        return child

    # --- questions to more than one ledger --------------------------------------------

    def dead_on(self, day: int) -> bool:
        """Whether the child is known to have died by a day, and nothing recorded since contradicts it."""
        died = self.ages.died
        if died is None or died > day:
            return False
        seen = (self.contacts.met.last, self.signs.last_ill, self.signs.examined.last, self.measures.lengths.last)
        return not (self.weights.all and self.weights.all[-1].day > died) and not any(
            day is not None and day > died for day in seen
        )

    @property
    def seen_after_death(self) -> list[str]:
        """Ids of what was seen of the child after the recorded death: its weight, length, signs, or the child itself.

        Source: process specification, section 7: a later sighting reopens all.
        """
        died = self.ages.died
        if died is None:
            return []
        seen = [w.id for w in self.weights.all if w.day > died]
        for kept in (self.contacts.met, self.signs.examined, self.measures.lengths):
            seen += kept.between(died, 10**7)
        return list(dict.fromkeys((*seen, *self.signs.ill_after(died))))

    def stay(self, day: int) -> Stay | None:
        """The latest stay in hospital that began by a day, as it stands at the end of that day, or None."""
        return self.stays.latest(day, self.weights.valid)

    def in_hospital(self, day: int) -> bool:
        """Whether the child was in hospital on a day, the first and the last of the stay included."""
        stay = self.stays.latest(day, self.weights.valid)
        return stay is not None and (stay.until is None or day <= stay.until)

    def not_brought(self, day: int) -> tuple[Counted, ...]:
        """Appointments that count as missed at the end of a day, in order of day."""
        return self.missed.counted(day, self.in_hospital) if self.missed.events else ()

    def risk_age_ends(self, age: RiskAge) -> int | None:
        """Day from which the child is at risk no longer by having been born early or light; None if it never was.

        Of several weights of the day of birth one below the limit is enough; one that is doubted counts no way.
        """
        birth = self.ages.birth
        if birth is None:
            return None
        if age.born_before_days is not None:
            if birth.gestation_days is None or birth.gestation_days >= age.born_before_days:
                return None
        elif age.lighter_than_kg is None or not self._light(Decimal(repr(age.lighter_than_kg))):
            return None
        return self.ages.mark(age.until_months, corrected=birth.preterm)

    def _light(self, limit: Decimal) -> bool:
        for w in self.weights.all:
            if w.age_days > 0:
                return False
            if w.age_days == 0 and (w.counts or w.validity == UPPER_BOUND) and w.exact < limit:
                return True
        return False

    def grows_otherwise(self, day: int) -> bool:
        """Whether the child is known to have a condition whose children fall on the general standard.

        One that the protocol names, or one to whose reference a signed plan in force goes.
        """
        if any(c in self.conditions.known for c in self.settings.terms.own_reference_conditions):
            return True
        plan = self.signed.condition_plan(day)
        return plan is not None and self.condition_reference(plan.reference or "")[0] is not None

    def on_birth(self, reference: Reference) -> Reference:
        """A reference as it is for this child: on the table of its birth, where a fact of birth chooses.

        Raises
        ------
        GrowthwatchError
            If the record does not say that fact, or there is no table for such a birth.
        """
        birth, weight = self.ages.birth, self.weights.birth_weight
        return reference.born(
            gestation_days=None if birth is None else birth.gestation_days,
            birth_weight_kg=None if weight is None else weight.kg,
        )

    def condition_reference(self, name: str) -> tuple[Reference | None, str]:
        """The packaged reference of a condition that a plan names, for this child; if none can judge, None and why."""
        found, why = condition_reference(name)
        if found is None:
            return None, why
        try:
            return self.on_birth(found), ""
        except GrowthwatchError as e:
            fact = "gestation at birth" if e.field == "gestation_days" else "birth weight"
            if e.value is None:
                return None, f"it chooses its table by the {fact}, which is not recorded, so nothing is judged on it"
            return None, f"it has no table for this child's {fact}, so nothing is judged on it"

    def here_from(self, day: int) -> frozenset[str]:
        """Ids of weights and contacts of a day or later.

        Doubted weights too: one that a later weight confirms was still not the weight that was asked for.
        """
        return frozenset([*self.weights.since(day), *self.contacts.met.since(day)])


def put_right(id: str, undone: Mapping[str, str]) -> str:
    """The id of what an event was put right to at last; of one marked in error, that of the mark."""
    while id in undone:
        id = undone[id]
    return id


def _first(events: Sequence[tuple[int, AnyEvent]]) -> AnyEvent:
    """The first event; of weighings of one moment the heaviest: ids tell apart only what is alike in all else."""
    e = events[0][1]
    alike = [o for _, o in events if isinstance(o, Weighed) and o.order[:3] == e.order[:3]]
    return min(alike, key=in_order) if isinstance(e, Weighed) else e


def read_child(
    settings: Settings,
    reference: Reference,
    events: Iterable[tuple[int, AnyEvent]],
    scorer: Scorer,
    in_error: frozenset[str] = frozenset(),
) -> Child:
    """Read the events known at a moment.

    Parameters
    ----------
    settings, reference
        Of the protocol whose rules of validity apply.
    events
        Known, effective events with the day from which each counts, in canonical order.
    scorer
        Growth facts of every weighing among them.
    in_error
        Ids of events that were once known and no longer count.
    """
    child = Child(settings, reference, scorer)
    child.read(events)
    child.in_error = in_error
    return child
