"""What somebody is waited for to do, and which event shows it done."""

from __future__ import annotations

from dataclasses import dataclass, field

from growthwatch.protocol.child.child import Child
from growthwatch.protocol.child.standing import turned_down
from growthwatch.protocol.file.action import Action

__all__ = ["Task"]

_BY_ASKING = (
    "paediatrics_asked", "paediatrics_referred", "paediatrics_rung", "request_made", "asked_for", "social_care_asked",
)  # fmt: skip
"""What is done once somebody is asked."""

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
        day, signs, contacts = self.set_on if self.since is None else self.since, child.signs, child.contacts
        found: list[_Done | None] = []
        no = turned_down(child, self.set_on) if self.action.met_by in _BY_ASKING else frozenset[str]()
        match self.action.met_by:
            case None | "answered":
                pass
            case "valid_weight":
                found = [child.weights.weighed_from(max(day, self.earliest), self.before)]
            case "seen":
                found = [contacts.met.first_from(day, self.before), contacts.seen.first_from(day, self.before)]
            case "examined":
                found = [signs.examined.first_from(day), contacts.seen.first_from(day)]
            case "paediatrics_asked" | "paediatrics_referred":
                found = [contacts.asked.first_from(day, no), child.requests.asked(day, ("paediatric_review",), no)]
            case "paediatrics_seen":
                found = [contacts.seen.first_from(day)]
            case "paediatrics_rung":
                found = [child.requests.rung(day, no), child.requests.asked(day, ("paediatric_review",), no)]
            case "plan":
                found = [child.signed.planned.first_from(day)]
            case "sick_day_plan":
                found = [child.signed.sick_day.first_from(day)]
            case "feeding_reviewed":
                found = [signs.feeding.first_from(day)]
            case "length":
                found = [child.measures.lengths.first_from(day)]
            case "feeding_history":
                found = [signs.histories.first_from(day)]
            case "feed_observed":
                found = [signs.feeds.first_from(day)]
            case "dietetic_review":
                found = [(r.day, r.id) for r in child.replies.of_kind("dietetic_review") if r.day >= day]
            case "looked_at":
                found = [(r.day, r.id) for r in child.replies.of_kind("dietetic_review") if r.day >= day]
                found.append(signs.by_roles(("gp", "dietitian"), day))
            case "request_made":
                found = [child.replies.made(self.action.request, self.key, day, no)]
            case "request_answered":
                found = [child.replies.answered(self.action.request, self.key, day)]
            case "asked_for":
                found = [contacts.asked.first_from(day, no), child.requests.asked_for(self.key, day, no)]
            case "social_care_asked":
                found = [child.requests.social_care(day, no)]
            case "chased":
                found = [child.requests.chased(self.subject, day)]
            case "disagreed":
                found = [child.requests.disagreed(self.key, day)]
            case "settled":
                found = [child.requests.settled(self.key, day)]
        if len(found) == 1:
            return found[0]
        return min([f for f in found if f is not None], default=None)
