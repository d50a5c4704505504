"""What rules about what people do have in common: events of a file, what has been rested on, what answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any, ClassVar

from pydantic import Field

from growthwatch.protocol.child import Child
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.child.happened import Known
from growthwatch.protocol.file.select import Events, When
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import LOUDNESS, TIERS, Loudness, TierName
from growthwatch.protocol.kinds.kind import At, Climbs, Kind, Outcome, Seen

__all__ = ["Process", "ProcessKind", "blanks", "chosen", "fits", "grounds", "ids_of", "own_of", "rested", "since"]

_SEEN_BY_WEIGHTS = frozenset({"born", "weighed", "contact"})
"""Events that children of whom nothing else is known have."""


def chosen(child: Child, events: Events) -> list[Known]:
    """Events that a file names, in order of the days on which they happened."""
    found = [k for k in child.happened.of(events.type) if events.fits(k.event)]
    return sorted(found, key=_in_time)


def _in_time(known: Known) -> tuple[int, Any]:
    return known.on, known.event.order


def fits(at: At, when: When | None, on: int | None = None) -> bool:
    """Whether a child is one of those that a file names; by conditions, those that it had on a day."""
    if when is None:
        return True
    if when.from_tier is not None and TIERS.index(at.tier) < TIERS.index(when.from_tier):
        return False
    return not when.names_children or bool(grounds(at.child, when, on))


def grounds(child: Child, when: When, on: int | None = None) -> tuple[str, ...]:
    """Events by which a child is one of those that are named besides a tier; by conditions, those of a day."""
    known, plan = child.conditions.known, child.people.protection_plan
    named = [c for name, c in known.items() if name in when.conditions or (when.high_need and c.high_need)]
    ids = [c.event for c in named if on is None or c.day <= on]
    return (*ids, *((plan,) if when.protection_plan and plan is not None else ()))


def since(at: At, when: When | None) -> tuple[int, tuple[str, ...]]:
    """Since when a child has been one of those that a file names, and the events that made it one.

    Where the file names no child in particular, or the child is none of these, since the birth, or the day itself.
    """
    birth = at.child.ages.birth
    started, ids = (at.day, ()) if birth is None else (birth.day, (birth.event,))
    if when is None:
        return started, ids
    found: list[tuple[int, tuple[str, ...]]] = []
    if when.from_tier is not None and when.from_tier != TIERS[0]:
        day, by = at.began.get(when.from_tier, (at.day, ()))
        light = at.child.weights.birth_weight
        found.append((day, (*by, *(() if light is None else (light.id,)))))
    if when.names_children:
        there = dict.fromkeys(grounds(at.child, when))
        days = [(c.day, (c.event,)) for c in at.child.conditions.known.values() if c.event in there]
        plan = at.child.people.protection_plan
        days += [(k.on, (k.id,)) for k in at.child.happened.of("protection_plan") if k.id == plan and plan in there]
        found.append(min(days, default=(at.day, ())))
    return max(found, default=(started, ids))


def own_of(outcome: Outcome) -> tuple[str, ...]:
    """The events that a rule itself named."""
    return outcome.witness if outcome.own is None else outcome.own


def blanks(text: str | None) -> set[str]:
    """Names in braces of a sentence of a file."""
    return {name for _, name, _, _ in Formatter().parse(text or "") if name is not None}


class Process(Kind):
    """A kind of rule about what people do: no weight decides it.

    Unless a rule says otherwise it has no bearing on the tier, and opens again only by an event on which no earlier
    finding of it rested (process specification, section 0).
    """

    def faults(self) -> list[str]:
        """Say so where a sentence of the file has a blank that nothing fills."""
        wrong = sorted(blanks(getattr(self, "says", None)) - self.says_of())
        return [f"says: got {{{wrong[0]}}}, expected one of {sorted(self.says_of())}"] if wrong else []

    @classmethod
    def says_of(cls) -> frozenset[str]:
        """What a sentence of the file may name in braces."""
        return frozenset()

    def may_meet(self, followed: Followed) -> Flags:
        """Never by a weight, unless the file has it look at weighings or visits."""
        return followed.none() if self.selects.isdisjoint(_SEEN_BY_WEIGHTS) else followed.all()

    def answer_words(self) -> str:
        """An answer that names the finding: no examination closes what people owe."""
        return "an answer to this finding is recorded"

    # --- its findings -----------------------------------------------------------------

    def slot(self, at: At) -> str:
        """Under which name its finding is kept."""
        return f"{self.id}:{at.subject}" if at.subject else self.id

    def key(self, at: At) -> str:
        """Key of its open finding, or of the one that would open."""
        slot = self.slot(at)
        mine = at.open.get(slot)
        if mine is not None:
            return mine.key
        last = next((f.closed_by for f in reversed(at.closed) if f.slot == slot), None)
        return f"{slot}@{last or 'start'}"

    def before(self, at: At) -> list[Outcome]:
        """What its closed findings rested on, but for those closed by an event that was since taken back."""
        slot, wrong = self.slot(at), at.child.in_error
        closed = [f for f in at.closed if f.slot == slot and f.closed_by not in wrong]
        return [o for f in closed for o in (*f.rests.values(), f.latest)]

    def rested(self, at: At) -> frozenset[str]:
        """Events on which its closed findings rested."""
        return frozenset(id for o in self.before(at) for id in own_of(o))

    def answered(self, at: At, since: int) -> str | None:
        """The event with which all that it asks of others is answered, or that answers the finding itself.

        Where no action waits for a request of a kind, an answer that names the finding or one of its duties is enough.
        """
        replies, key = at.child.replies, self.key(at)
        of_it = {r.request: (r.day, r.id) for r in reversed(replies.to_finding(key)) if r.final}
        waits = [
            (level.name, number, action.request)
            for level in self.levels[: max(at.open_level, 0) + 1]
            for number, action in enumerate(level.actions)
            if action.met_by == "request_answered"
        ]
        if not waits:
            return min(of_it.values())[1] if of_it else None
        found: list[tuple[int, str]] = []
        for name, number, request in waits:
            there = [done for done in (replies.answered(request, key, since), of_it.get(key)) if done is not None]
            there += [done for id, done in of_it.items() if id.startswith(f"{key}#{name}.{number}.")]
            if not there:
                return None
            found.append(min(there))
        return max(found)[1]

    def louder(self, level: int, seen: Seen, by_tier: Mapping[TierName, Loudness]) -> Loudness:
        """How loud a level is in the tier that was seen, where some are louder."""
        own: Loudness = self.levels[level].loudness
        tier: TierName = seen.get("tier", "T0")
        loud = [own, *(loud for name, loud in by_tier.items() if TIERS.index(tier) >= TIERS.index(name))]
        return LOUDNESS[max(map(LOUDNESS.index, loud))]


class ProcessKind(Process):
    """A rule about people: what they said, asked, signed, or left undone.

    Attributes
    ----------
    loud_from, loud
        Tier from which its findings are at least so loud.
    """

    CLIMBS: ClassVar[Climbs] = "process"

    loud_from: TierName | None = None
    loud: Loudness | None = None
    levels: tuple[RuleLevel, ...] = Field(min_length=1)

    def loudness_at(self, level: int, seen: Seen) -> Loudness:
        """As its level says, and in a tier of concern as loud as `louder` at least."""
        own, tier = super().loudness_at(level, seen), seen.get("tier")
        if self.loud is None or self.loud_from is None or tier is None:
            return own
        loud = TIERS.index(tier) >= TIERS.index(self.loud_from)
        return self.loud if loud and LOUDNESS.index(self.loud) > LOUDNESS.index(own) else own

    def faults(self) -> list[str]:
        """The two numbers belong together."""
        if (self.loud is None) != (self.loud_from is None):
            return ["loud, loud_from: got one of them, expected both or none"]
        return []


def rested(at: At, rule: str) -> frozenset[str]:
    """Events on which findings of a rule, about this subject, rested that an event has closed which still stands."""
    closed = [f for f in at.of(rule) if f.closed_on is not None and f.closed_by not in at.child.in_error]
    return frozenset(id for f in closed for o in (*f.rests.values(), f.latest) for id in o.own or o.witness)


def ids_of(events: Iterable[Known]) -> tuple[str, ...]:
    """Ids of events, each once."""
    return tuple(dict.fromkeys(k.id for k in events))
