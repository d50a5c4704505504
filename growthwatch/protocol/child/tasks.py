"""What somebody is waited for to do, and which event shows it done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from growthwatch.protocol.child.child import Child
from growthwatch.protocol.child.standing import turned_down
from growthwatch.protocol.file.action import Action

__all__ = ["Task"]

_Done = tuple[int, str]
"""Day and id of the event that shows it done."""
_Shown = tuple["_Done | None", ...]


@dataclass(slots=True, frozen=True)
class Task:
    """An obligation that a finding set: what, who, by which day; a weight counts for it from `earliest` on.

    Attributes
    ----------
    level, number, times
        Index of the finding's level, the action's place among its actions, and how often it was set before.
    key, level_name
        The finding's key and the name of its level.
    set_on, deadline, earliest
        The day on which it was set, its last day in time, and the day from which a weight counts [ordinal days].
    before
        Ids of weights and contacts of that day or later that were known before it was set.
    held
        Whether it waits while the child is in hospital, and is due on the day on which the stay ends.
    rung
        The rung of the ladder that asks for it, or None: that of its level.
    replaced_on
        The day on which it was set anew, so that nobody waits for this one any longer; it stays late if it was.
    since
        The day from which what shows it done counts, if that is before it was set.
    id
        By what an acknowledgement, an answer or a refusal names it (process specification, section 2).
    for_weight
        Whether a valid weight is waited for.
    moves
        Whether its last day hangs on more than itself: on a stay in hospital, on a weight, or on a request.
    """

    level: int
    action: Action
    set_on: int
    deadline: int
    before: frozenset[str] = frozenset()
    earliest: int = 0
    held: bool = False
    key: str = ""
    level_name: str = ""
    number: int | str = 0
    times: int = 0
    rung: str | None = None
    replaced_on: int | None = None
    since: int | None = None
    id: str = field(init=False, compare=False)
    for_weight: bool = field(init=False, compare=False)
    moves: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Put its name together, and find out what it waits for and whether its last day moves."""
        object.__setattr__(self, "id", f"{self.key}#{self.level_name}.{self.number}.{self.times}")
        for_weight = self.action.met_by == "valid_weight" and self.replaced_on is None
        object.__setattr__(self, "for_weight", for_weight)
        object.__setattr__(self, "moves", self.held or self.action.from_request or self.for_weight)

    def done(self, child: Child) -> _Done | None:
        """First event since it was set that shows it done: day and id, or None."""
        found = self._shown(child)
        answered = child.replies.answer_to(self.id) if self.key else None
        if answered is None:
            return found
        return answered if found is None else min(found, answered)

    @property
    def subject(self) -> str:
        """What its finding is about; empty where that is the child."""
        return self.key.rpartition("@")[0].partition(":")[2]

    def _shown(self, child: Child) -> _Done | None:
        """What the record shows; a visit or weight of its own day may be the very one that set it, and shows nothing.

        An examination, an admission, a plan or a referral of that day is its answer; but no referral that was declined
        by then, or is withdrawn.
        """
        met_by = self.action.met_by
        shows = None if met_by is None else _SHOWS.get(met_by)
        if shows is None:
            return None
        found = shows(self, child, self.set_on if self.since is None else self.since)
        if len(found) == 1:
            return found[0]
        return min([f for f in found if f is not None], default=None)


def _weighed(task: Task, child: Child, day: int) -> _Shown:
    return (child.weights.weighed_from(max(day, task.earliest), task.before),)


def _seen(task: Task, child: Child, day: int) -> _Shown:
    contacts, before = child.contacts, task.before
    return contacts.met.first_from(day, before), contacts.seen.first_from(day, before)


def _paediatrics_asked(task: Task, child: Child, day: int) -> _Shown:
    no = turned_down(child, task.set_on)
    return child.contacts.asked.first_from(day, no), child.requests.asked(day, ("paediatric_review",), no)


def _paediatrics_rung(task: Task, child: Child, day: int) -> _Shown:
    no = turned_down(child, task.set_on)
    return child.requests.rung(day, no), child.requests.asked(day, ("paediatric_review",), no)


def _reviewed_by_dietitian(task: Task, child: Child, day: int) -> _Shown:
    return tuple((r.day, r.id) for r in child.replies.of_kind("dietetic_review") if r.day >= day)


def _request_made(task: Task, child: Child, day: int) -> _Shown:
    return (child.replies.made(task.action.request, task.key, day, turned_down(child, task.set_on)),)


def _asked_for(task: Task, child: Child, day: int) -> _Shown:
    no = turned_down(child, task.set_on)
    return child.contacts.asked.first_from(day, no), child.requests.asked_for(task.key, day, no)


_SHOWS: Mapping[str, Callable[[Task, Child, int], _Shown]] = {
    "valid_weight": _weighed,
    "seen": _seen,
    "examined": lambda t, c, day: (c.signs.examined.first_from(day), c.contacts.seen.first_from(day)),
    "paediatrics_asked": _paediatrics_asked,
    "paediatrics_referred": _paediatrics_asked,
    "paediatrics_seen": lambda t, c, day: (c.contacts.seen.first_from(day),),
    "paediatrics_rung": _paediatrics_rung,
    "plan": lambda t, c, day: (c.signed.planned.first_from(day),),
    "sick_day_plan": lambda t, c, day: (c.signed.sick_day.first_from(day),),
    "feeding_reviewed": lambda t, c, day: (c.signs.feeding.first_from(day),),
    "length": lambda t, c, day: (c.measures.lengths.first_from(day),),
    "feeding_history": lambda t, c, day: (c.signs.histories.first_from(day),),
    "feed_observed": lambda t, c, day: (c.signs.feeds.first_from(day),),
    "dietetic_review": _reviewed_by_dietitian,
    "looked_at": lambda t, c, day: (*_reviewed_by_dietitian(t, c, day), c.signs.by_roles(("gp", "dietitian"), day)),
    "request_made": _request_made,
    "request_answered": lambda t, c, day: (c.replies.answered(t.action.request, t.key, day),),
    "asked_for": _asked_for,
    "social_care_asked": lambda t, c, day: (c.requests.social_care(day, turned_down(c, t.set_on)),),
    "chased": lambda t, c, day: (c.requests.chased(t.subject, day),),
    "disagreed": lambda t, c, day: (c.requests.disagreed(t.key, day),),
    "settled": lambda t, c, day: (c.requests.settled(t.key, day),),
}
"""What the record shows done, from a day on, by what the action of a deed is met by."""
