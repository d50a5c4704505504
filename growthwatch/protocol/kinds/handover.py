"""P6: a hand-over that lacks something, or is not accepted; one that is due and was not sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from growthwatch.core.words import list_words, long_date, name_words
from growthwatch.protocol.child.offices import Handover
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import TIERS, Days, Months, TierName
from growthwatch.protocol.kinds.kind import At, Climbs, Day, Outcome, Seen, Topic, Values
from growthwatch.protocol.kinds.process import ProcessKind
from growthwatch.record.words import Level

__all__ = ["HandOver"]

SCHOOL = "school"
_INCOMPLETE, _SCHOOL, _NOT_SENT, _NOT_RECEIVED, _NOT_ACCEPTED, _DECLINED = range(6)


class HandOver(ProcessKind):
    """P6: until somebody has accepted the child in words, the sender keeps it.

    Source: process specification, section 3, P6, and section 7.

    Attributes
    ----------
    accept_wd
        Working days in which a hand-over is accepted.
    school_from_months
        Age from which a child with anything open is handed over to the school nurse [calendar months].
    school_from_tier
        Tier from which that is so whatever else is open.
    universal
        Levels of service from which a change needs no hand-over.
    """

    KIND = "hand_over"
    READS: ClassVar[frozenset[Topic]] = frozenset({"people", "requests", "conditions", "tier", "open", "days"})
    CLIMBS: ClassVar[Climbs] = "own"
    accept_wd: Days
    school_from_months: Months
    school_from_tier: TierName
    universal: tuple[Level, ...]
    levels: tuple[RuleLevel, ...] = Field(min_length=6, max_length=6)

    def climbs(self, level: int) -> Climbs:
        """Where both team leads do not settle it, the managers do."""
        return "managers" if level in (_NOT_ACCEPTED, _DECLINED) else "process"

    def bars_lowering(self, level: int) -> bool:
        """While the child is not handed over, but for school."""
        return level != _SCHOOL

    def hears_open(self, at: At) -> bool:
        """From school age on: before it no hand-over hangs on what is open."""
        ages = at.child.ages
        return ages.birth is not None and at.day >= ages.mark(self.school_from_months)

    def subjects(self, at: At) -> Sequence[str]:
        """Hand-overs, changes of level, moves, and school."""
        people = at.child.people
        out = list(at.child.offices.handovers)
        out += [c.id for c in people.changes if c.from_level not in (None, *self.universal) and not c.transferred]
        out += [id for _, _, id in people.moved_away]
        out += [id for _, _, id in people.moved_in]
        return [*out, SCHOOL] if at.child.ages.birth is not None else out

    def judge(self, at: At) -> Outcome:
        """Judge one hand-over, or one change that needs one."""
        if at.subject == SCHOOL:
            return self._school(at)
        h = at.child.offices.handovers.get(at.subject)
        return self._needed(at) if h is None else self._sent(at, h)

    def _sent(self, at: At, h: Handover) -> Outcome:
        values: Values = {
            "sent": Day(h.day), "sender": name_words(h.sender), "recipient": name_words(h.recipient),
        }  # fmt: skip
        if h.id in at.withdrawn or h.completed_by is not None:
            return Outcome()
        lacks = self._lacks(at, h)
        values |= {"missing": tuple(x.replace("_", " ") for x in lacks)}
        declined = next((w for w in at.child.requests.said_to(h.id) if w.what == "declined"), None)
        if declined is not None and h.accepted_by is None:
            return Outcome(_DECLINED, values, (h.id, declined.id))
        last = at.child.working.add(max(h.day, at.child.first_day), self.accept_wd)
        if h.accepted_by is None and at.day > last:
            return Outcome(_NOT_ACCEPTED, values, (h.id,))
        wakes = () if h.accepted_by is not None else (last + 1,)
        return Outcome(_INCOMPLETE, values, (h.id,), wakes=wakes) if lacks else Outcome(wakes=wakes)

    def _lacks(self, at: At, h: Handover) -> tuple[str, ...]:
        """What a hand-over lacks; from school age on also where the child goes to school, if anywhere."""
        birth = at.child.ages.birth
        school = birth is not None and h.day >= at.child.ages.mark(self.school_from_months)
        return (*h.lacks, "schooling") if school and h.schooling is None else h.lacks

    def _needed(self, at: At) -> Outcome:
        """A change of level or a move after which nothing was handed over, or received."""
        people = at.child.people
        came = next(((day, known) for day, known, id in people.moved_in if id == at.subject), None)
        if came is not None:
            there = any(h.day <= at.day for h in at.child.offices.handovers.values())
            return Outcome() if there else Outcome(_NOT_RECEIVED, {"since": Day(came[0])}, (at.subject,))
        day = next((on for on, _, id in people.moved_away if id == at.subject), None)
        moved = day is not None
        if day is None:
            day = next((c.day for c in people.changes if c.id == at.subject), None)
        if day is None or self._sent_since(at, day, whole=False) is not None:
            return Outcome()
        last = at.child.working.following(max(day, at.child.first_day))
        if at.day <= last:
            return Outcome(wakes=(last + 1,))
        return Outcome(_NOT_SENT, {"since": Day(day), "moved": moved}, (at.subject,))

    def _sent_since(self, at: At, day: int, whole: bool) -> str | None:
        sent = [h for h in at.child.offices.handovers.values() if h.day >= day and not (whole and h.lacks)]
        return sent[0].id if sent else None

    def _to_school(self, at: At, from_day: int) -> Handover | None:
        """A hand-over to whoever takes over with school age, and accepted."""
        found = (h for h in at.child.offices.handovers.values() if h.schooling is not None)
        return next((h for h in found if h.accepted_on is not None and h.accepted_on >= from_day), None)

    def _school(self, at: At) -> Outcome:
        child = at.child
        first = child.ages.mark(self.school_from_months)
        if at.day < first:
            return Outcome(wakes=(first,))
        if self._to_school(at, first) is not None:
            return Outcome()
        watched = TIERS.index(at.tier) >= TIERS.index(self.school_from_tier)
        plan = any(p.day <= at.day <= p.until for p in child.signed.plans)
        others = [f for f in at.open.values() if f.slot != f"{self.id}:{SCHOOL}"]
        waiting = any(not at.stand(r).ended for r in child.requests.all.values())
        if at.open_since is None and not (watched or plan or others or waiting):
            return Outcome()
        birth = child.ages.birth
        assert birth is not None
        return Outcome(_SCHOOL, {"since": Day(first)}, (birth.event,))

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """What completes, accepts or withdraws it; of one that was due, that it was sent whole."""
        child = at.child
        if at.subject == SCHOOL:
            first = child.ages.mark(self.school_from_months)
            accepted = self._to_school(at, first)
            if accepted is not None:
                return accepted.accepted_by
            down = child.signed.made("lower_tier")
            others = [f for f in at.open.values() if f.slot != f"{self.id}:{SCHOOL}"]
            return down[-1].id if at.tier == TIERS[0] and down and not others else None
        h = child.offices.handovers.get(at.subject)
        if h is not None:
            ended = h.completed_by or at.withdrawn.get(h.id)
            return ended if self._lacks(at, h) and ended is None else ended or h.accepted_by
        people = child.people
        if any(id == at.subject for _, _, id in people.moved_in):
            return next(iter(child.offices.handovers), None)
        day = next((on for on, _, id in people.moved_away if id == at.subject), None)
        if day is None:
            day = next((c.day for c in people.changes if c.id == at.subject), None)
        return None if day is None else self._sent_since(at, day, whole=True)

    def about(self, seen: Seen) -> str:
        """Which hand-over, or what has to be followed by one."""
        if "sent" in seen:
            return f"hand-over of {long_date(seen['sent'])} to {seen['recipient']}"
        if "since" not in seen:
            return ""
        return f"hand-over, wanted since {long_date(seen['since'])}"

    def say(self, seen: Seen, level: int) -> str:
        """Say what is not handed over, and whose the child is meanwhile."""
        still = "NOT handed over: the child is still with the sender"
        match level:
            case 0:
                return f"{still}. The hand-over of {long_date(seen['sent'])} lacks {list_words(list(seen['missing']))}."
            case 1:
                return (
                    f"The child is nearly of school age (from {long_date(seen['since'])}). Hand over, in words, to "
                    "the school nurse or whoever takes over; until they accept, the child is yours."
                )
            case 2:
                what = "The family moved away" if seen["moved"] else "The level of service changed"
                return f"{still}. {what} on {long_date(seen['since'])}, and no hand-over was sent."
            case 3:
                return f"The family moved in on {long_date(seen['since'])}, and no hand-over was received."
            case 4:
                sent = long_date(seen["sent"])
                return f"{still}. {seen['recipient']} has not accepted the hand-over of {sent}."
            case _:
                return f"{still}. {seen['recipient']} declined the hand-over of {long_date(seen['sent'])}."
