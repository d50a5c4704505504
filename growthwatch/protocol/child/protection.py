"""Protection of a child: plans and their categories, who of social care is there, brothers and sisters, conferences."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from growthwatch.core.words import same_name
from growthwatch.protocol.child.child import Child
from growthwatch.protocol.child.happened import Known

__all__ = ["Sibling", "in_time", "plan_since", "siblings", "social_care"]


@dataclass(frozen=True, slots=True)
class Sibling:
    """A brother or sister, by the first words that named him or her, and the event."""

    name: str
    event: str


def in_time(events: Collection[Known]) -> list[Known]:
    """Events in order of their days; of one day in order of recording."""
    return sorted(events, key=lambda k: (k.on, k.event.order))


def plan_since(child: Child, category: str = "") -> Known | None:
    """The event with which the protection plan in force began; with a category, that from which it has named it.

    None where no plan is in force, or its category does not hold these words, in whatever letter case.
    """
    if child.people.protection_plan is None:
        return None
    found: Known | None = None
    for k in in_time(child.happened.of("protection_plan")):
        if k.event.state == "ended" or category.casefold() not in (k.event.category or "").casefold():
            found = None
        elif found is None:
            found = k
    return found


def siblings(child: Child) -> list[Sibling]:
    """Brothers and sisters that are known, each once."""
    found: dict[str, Sibling] = {}
    for k in child.happened.of("sibling_known"):
        if k.event.sibling is not None:
            found.setdefault(same_name(k.event.sibling), Sibling(" ".join(k.event.sibling.split()), k.id))
    return list(found.values())


def social_care(child: Child, levels: Collection[str]) -> tuple[str, ...]:
    """Events by which social care is there: a protection plan, a level, an open referral to it."""
    people = child.people
    ids = [people.protection_plan] if people.protection_plan is not None else []
    ids += [people.levels[-1][1]] if people.level in levels else []
    closed = {k.event.referral for k in child.happened.of("referral_closed")}
    for k in child.happened.of("referral_made"):
        to_it = k.event.service == "social_care" or k.event.kind in ("safeguarding", "social_care_support")
        if to_it and k.id not in closed and child.replies.answer_to(k.id) is None:
            ids.append(k.id)
    return tuple(ids)
