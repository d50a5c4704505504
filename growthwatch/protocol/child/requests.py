"""What somebody is waited for to do, and which event shows it done."""

from __future__ import annotations

from dataclasses import dataclass

from growthwatch.protocol.child.child import Child
from growthwatch.protocol.file.settings import Action

__all__ = ["Task"]


@dataclass(slots=True, frozen=True)
class Task:
    """An obligation that a finding set: what, who, by which day; a weight counts for it from `earliest` on.

    One that is ``held`` waits while the child is in hospital, and is due on the day on which the stay ends.
    """

    level: int
    action: Action
    set_on: int
    deadline: int
    before: frozenset[str] = frozenset()
    earliest: int = 0
    held: bool = False

    @property
    def for_weight(self) -> bool:
        """Whether a valid weight is waited for."""
        return self.action.met_by == "valid_weight"

    def done(self, child: Child) -> tuple[int, str] | None:
        """First event since it was set that shows it done: day and id, or None."""
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
            case "sick_day_plan":
                return signed.sick_day.first_from(day)
            case "dietetic_review":
                found = [(r.day, r.id) for r in child.replies.of_kind("dietetic_review") if r.day >= day]
            case None:
                return None
        return min((f for f in found if f is not None), default=None)
