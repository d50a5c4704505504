"""In which order the rules of a protocol are judged on a day, worked out from what they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, cast

from growthwatch.core.errors import GrowthwatchError
from growthwatch.protocol.child import TAKEN
from growthwatch.protocol.child.replies import Replies
from growthwatch.protocol.child.requests import Requests
from growthwatch.protocol.child.signed import Signed
from growthwatch.protocol.kinds.kind import TOPICS, GrowthKind, Kind, Reminder, Topic
from growthwatch.protocol.kinds.process import Process

__all__ = ["OF_WEIGHTS", "Group", "Heard", "Order", "in_order"]

_ANSWERS = frozenset({*Replies.TAKES, *Requests.TAKES, *Signed.TAKES})
"""Events that may answer what any rule asks, or close what it opened."""
_ASKED_FURTHER: frozenset[Topic] = frozenset({"record", "open"})
"""News of these alone may be none for a rule that reads them: it is asked, or the types of the events tell."""

OF_WEIGHTS: frozenset[Topic] = frozenset({"record", "weights", "open"})
"""What reads no more is met by weights alone in a record that is plain."""

Group = Literal["facts", "leaning", "settled", "people"]
"""A group of rules that are judged together."""


class Heard(NamedTuple):
    """Which rules of a group some topics are news to.

    ``rules`` holds them in order: with each None, where they are for sure, or which of the topics they perhaps are:
    such a rule reads of them nothing but the record itself and what is open.  ``others`` are the ids of the rest.
    """

    rules: tuple[tuple[Kind, frozenset[Topic] | None], ...]
    others: frozenset[str]


def _none_heard() -> dict[tuple[Group, frozenset[Topic]], Heard]:
    return {}


@dataclass(frozen=True, slots=True)
class Order:
    """Rules in the groups in which they are judged on a day; inside a group in the order given here.

    Attributes
    ----------
    facts
        What reads facts alone, or the tier that it may raise itself: judged before the tier has
        settled, and again if it rises.
    leaning
        What reads open findings too, after the rules that it leans on; otherwise as `facts`.
    settled
        What reads the tier and raises none, or the next weighing: judged once the tier has settled
        and the next weighing is worked out.
    people
        What is about people: judged after all these, and again after decisions.
    reminders
        What opens no finding.
    asking
        What may ask for a weight by itself, in the order of the file.
    outliving
        What may still ask something when the child has died.
    timed
        Ids of what is judged once the tier has settled, or is about people, and does not read the next weighing.
    looked_at
        Types of event at which any rule may look.
    selects
        By id of a rule the types of event at which it looks besides what ledgers tell, where it names any; those that
        may answer what it asks among them.
    by_weights
        Ids of what is met by weights alone in a record that is plain.
    """

    facts: tuple[Kind, ...]
    leaning: tuple[Kind, ...]
    settled: tuple[Kind, ...]
    people: tuple[Kind, ...]
    reminders: tuple[Kind, ...]
    asking: tuple[Kind, ...]
    outliving: tuple[Kind, ...]
    timed: frozenset[str]
    looked_at: frozenset[str]
    selects: Mapping[str, frozenset[str]]
    by_weights: frozenset[str]
    _heard: dict[tuple[Group, frozenset[Topic]], Heard] = field(
        default_factory=_none_heard, init=False, repr=False, compare=False
    )

    def of(self, group: Group) -> tuple[Kind, ...]:
        """The rules of a group."""
        match group:
            case "facts":
                return self.facts
            case "leaning":
                return self.leaning
            case "settled":
                return self.settled
            case "people":
                return self.people

    def heard(self, group: Group, news: frozenset[Topic]) -> Heard:
        """To which rules of a group some topics are news.

        What a kind reads never changes: each set of topics is looked up once.
        """
        found = self._heard.get((group, news))
        if found is None:
            rules = self.of(group)
            touched = {r.id: r.READS & news for r in rules if not r.READS.isdisjoint(news)}
            hear = [(r, touched[r.id] if touched[r.id] <= _ASKED_FURTHER else None) for r in rules if r.id in touched]
            others = frozenset(r.id for r in rules if r.id not in touched)
            found = self._heard[group, news] = Heard(tuple(hear), others)
        return found


def in_order(rules: Sequence[Kind]) -> Order:
    """Put rules in order by what they read.

    Raises
    ------
    GrowthwatchError
        Where rules lean on each other in a ring, or a kind does not say what it reads.
    """
    by_id = {rule.id: rule for rule in rules}
    late: dict[str, bool] = {}
    done: list[Kind] = []

    def place(rule: Kind, above: tuple[str, ...]) -> None:
        if rule.id in above:
            ring = " on ".join((*above[above.index(rule.id) :], rule.id))
            raise GrowthwatchError.of("rules", ring, "no rule that leans on itself, by way of others or not")
        if rule.id in late:
            return
        leans_on = [by_id[id] for id in rule.leans_on() if id in by_id]
        for other in leans_on:
            place(other, (*above, rule.id))
        raises = any(level.tier is not None for level in rule.levels)
        after_tier = "due" in rule.READS or ("tier" in rule.READS and not raises)
        late[rule.id] = after_tier or any(late[other.id] for other in leans_on)
        done.append(rule)

    for rule in rules:
        _check(rule)
        place(rule, ())
    # Rules that lean on none stay in the order of the file; the others follow what they lean on.
    plain = [rule for rule in rules if "open" not in rule.READS]
    ordered = plain + [rule for rule in done if "open" in rule.READS]
    people = [rule for rule in done if isinstance(rule, Process)]
    judged = [rule for rule in ordered if not isinstance(rule, Reminder | Process)]
    return Order(
        facts=tuple(r for r in judged if not late[r.id] and "open" not in r.READS),
        leaning=tuple(r for r in judged if not late[r.id] and "open" in r.READS),
        settled=tuple(r for r in judged if late[r.id]),
        people=tuple(people),
        reminders=tuple(r for r in ordered if isinstance(r, Reminder)),
        asking=tuple(r for r in rules if type(r).weighing is not Kind.weighing),
        outliving=tuple(r for r in rules if type(r).after_death is not Kind.after_death),
        timed=frozenset(r.id for r in (*(j for j in judged if late[j.id]), *people) if "due" not in r.READS),
        looked_at=TAKEN.union(*(r.selects for r in rules)),
        selects={r.id: r.selects | _ANSWERS for r in rules if r.selects},
        by_weights=frozenset(r.id for r in rules if isinstance(r, GrowthKind) or r.READS <= OF_WEIGHTS),
    )


def _check(rule: Kind) -> None:
    """Refuse a kind that does not say what it reads: it would silently not be judged on the day of its news."""
    reads = cast("object", getattr(rule, "READS", None))
    if not isinstance(reads, frozenset) or not reads or not cast("frozenset[object]", reads) <= TOPICS:
        raise GrowthwatchError.of(
            f"kind {rule.KIND}: READS", cast("object", reads), f"a frozenset of some of {sorted(TOPICS)}"
        )
    if rule.leans_on() and "open" not in rule.READS:
        raise GrowthwatchError.of(
            f"kind {rule.KIND}: READS", sorted(rule.READS), "'open' too, as it leans on open findings"
        )
