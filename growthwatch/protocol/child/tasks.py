"""What somebody is waited for to do, and which event shows it done."""

from __future__ import annotations

from dataclasses import dataclass

from growthwatch.protocol.child.child import Child
from growthwatch.protocol.file.settings import Action

__all__ = ["Task"]

_Done = tuple[int, str]
"""Day and id of the event that shows it done."""


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

    @property
    def id(self) -> str:
        """By what an acknowledgement, an answer or a refusal names it (process specification, section 2)."""
        return f"{self.key}#{self.level_name}.{self.number}.{self.times}"

    @property
    def for_weight(self) -> bool:
        """Whether a valid weight is waited for."""
        return self.action.met_by == "valid_weight" and self.replaced_on is None

    def done(self, child: Child) -> _Done | None:
        """First event since it was set that shows it done: day and id, or None."""
        found = self._shown(child)
        answered = child.replies.answer_to(self.id) if self.key else None
        if answered is None:
            return found
        return answered if found is None else min(found, answered)

    def _shown(self, child: Child) -> _Done | None:
        day, signs, contacts, signed = self.set_on, child.signs, child.contacts, child.signed
        # A visit or weight of the same day may be the very one that set the task; an examination,
        # an admission or a plan of that day is its answer.
        match self.action.met_by:
            case "valid_weight":
                return child.weights.weighed_from(max(day, self.earliest), self.before)
            case "seen":
                found = [contacts.met.first_from(day, self.before), contacts.seen.first_from(day, self.before)]
            case "examined":
                found = [signs.examined.first_from(day), contacts.seen.first_from(day)]
            case "paediatrics_asked":
                return contacts.asked.first_from(day)
            case "paediatrics_seen":
                return contacts.seen.first_from(day)
            case "plan":
                return signed.planned.first_from(day)
            case "feeding_reviewed":
                return signs.feeding.first_from(day)
            case "length":
                return child.measures.lengths.first_from(day)
            case "feeding_history":
                return signs.histories.first_from(day)
            case "feed_observed":
                return signs.feeds.first_from(day)
            case "sick_day_plan":
                return signed.sick_day.first_from(day)
            case "dietetic_review":
                found = [(r.day, r.id) for r in child.replies.of_kind("dietetic_review") if r.day >= day]
            case "request_made":
                return child.replies.made(self.action.request, self.key, day)
            case "request_answered":
                return child.replies.answered(self.action.request, self.key, day)
            case "answered" | None:
                return None
        return min((f for f in found if f is not None), default=None)
