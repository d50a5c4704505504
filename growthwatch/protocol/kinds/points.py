"""P7: signs, worries, missed visits and gaps of our own that add up.

Source: process specification, section 3, P7, and section 8.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from operator import itemgetter
from typing import Any, ClassVar, NamedTuple

from pydantic import Field

from growthwatch.core.words import count_words, list_words, role_words, same_name
from growthwatch.protocol.child.weight import Weight
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import Days, Text, Whole
from growthwatch.protocol.kinds.kilograms import NoNetGain
from growthwatch.protocol.kinds.kind import At, Count, Day, GrowthKind, Outcome, Reason, Seen, Topic, Values
from growthwatch.protocol.kinds.process import ProcessKind
from growthwatch.record import DecisionSigned, Role

__all__ = ["Point", "Points", "points"]


class Point(NamedTuple):
    """A point: its day, the event that it is for, how many, whose (`ours` or of child and family), and for what.

    ``what`` is ``sign``, ``worry``, ``missed``, ``gap`` or ``closure``.
    """

    day: int
    event: str
    number: int
    ours: bool
    what: str


class Points(ProcessKind):
    """P7: so many points together.

    Attributes
    ----------
    at_least
        Points, of child and family and our own together.
    within_days
        How long a point counts [days]; longer while a finding that its event opened is open.
    closure_points
        Points of a referral that was closed without action.
    overdue_rule
        Rule of which each spell is one of our own gaps.
    signing_roles
        Who may sign it closed.
    """

    KIND = "points"
    READS: ClassVar[frozenset[Topic]] = frozenset(
        {
            "weights",
            "worries",
            "contacts",
            "people",
            "requests",
            "conditions",
            "measures",
            "signs",
            "open",
            "days",
            "tier",
        }
    )
    at_least: Whole = Field(gt=0)
    within_days: Days
    closure_points: Whole = Field(gt=0)
    overdue_rule: Text
    signing_roles: tuple[Role, ...] = Field(min_length=1)
    levels: tuple[RuleLevel, ...] = Field(min_length=1, max_length=1)

    def leans_on(self) -> tuple[str, ...]:
        """The rule of overdue weights."""
        return (self.overdue_rule,)

    def ledger(self, at: At) -> list[Point]:
        """Every point that counts on the day, in order of day."""
        opened, day, first = {f.opened_on for f in at.open.values()}, at.day, at.day - self.within_days
        found = [p for p in self._all(at) if p.day <= day and (p.day >= first or p.day in opened)]
        return sorted([p for p in found if p.day >= first or self.held_by(at, p)], key=_DATED)

    def _all(self, at: At) -> list[Point]:
        child, out = at.child, dict[tuple[str, str], Point]()
        findings = [*at.closed, *at.open.values()]
        for f in findings:
            if isinstance(f.rule, GrowthKind):
                w = self._weighing(at, f)
                if w is not None:
                    # Judged anew, a finding may rest on a weight that came after its opening.
                    out.setdefault(("w", w.id), Point(max(f.opened_on, w.known_day), w.id, 1, False, "sign"))
        said: set[tuple[str, int]] = set()
        for w in child.worries.all:
            who = (same_name(w.who), w.day)
            if who not in said:
                said.add(who)
                out[("c", w.id)] = Point(w.known_day, w.id, 1, False, "worry")
        for c in child.not_brought(at.day):
            out[("n", c.id)] = Point(c.known_day, c.id, 1, False, "missed")
        for f in findings:
            if f.rule.id == self.overdue_rule:
                # The spell has no event of its own: what it runs from stands for it.
                rests = f.rests[min(f.rests)]
                since = next(iter(rests.own or rests.witness), f.key)
                out[("s", f.key)] = Point(f.opened_on, since, 1, True, "gap")
        signs = {w for what, w in out if what == "w"}
        gaps = [_gap(w.known_day, w.id) for w in self._unsure(at) if w.id not in signs]
        for r in child.requests.all.values():
            if r.form != "referral":
                continue
            for x in r.words:
                if x.what == "answered" and x.final and x.action_taken is False:
                    out[("r", x.id)] = Point(x.known_day, x.id, self.closure_points, True, "closure")
        return [*out.values(), *gaps]

    def _too_few(self, at: At) -> bool:
        """Whether a glance tells that there are too few things for so many points."""
        child = at.child
        if child.requests.words:
            return False  # what closed without action has several points
        most = len(at.closed) + len(at.open) + len(child.worries.all) + len(child.missed.events)
        return most < self.at_least and most + len(self._unsure(at)) < self.at_least

    def _unsure(self, at: At) -> list[Weight]:
        """Weights that do not count and became known of late, or on a day on which a finding opened that is open."""
        weights, first = at.child.weights, at.day - self.within_days
        if not weights.unsure:
            return []
        days = sorted({f.opened_on for f in at.open.values() if f.opened_on < first})
        return [*(w for day in days for w in weights.unsure_on(day)), *weights.unsure_since(first)]

    def _weighing(self, at: At, f: Any) -> Weight | None:
        """The weighing that opened a growth finding; None where time alone did."""
        if not isinstance(f.rule, NoNetGain):
            return f.rests[min(f.rests)].weight
        return next((w for w in reversed(at.child.weights.known_on(f.opened_on)) if w.counts), None)

    def held_by(self, at: At, p: Point) -> bool:
        """Whether a finding that its event opened is open, so that it counts however old it is."""
        return any(
            f.opened_on == p.day and p.event in f.rests[min(f.rests)].witness
            for f in at.open.values()
            if f.rule.id != self.id
        )

    def judge(self, at: At) -> Outcome:
        """Add up."""
        # By time alone points only become fewer: where it is not met now, their ageing changes nothing.
        wakes = at.child.missed.days(at.day)
        if self._too_few(at):
            return Outcome(wakes=wakes)
        found = self.ledger(at)
        total = sum(map(_NUMBER, found))
        if total < self.at_least:
            return Outcome(wakes=wakes)
        closed = [f.closed_on for f in at.closed if f.rule.id == self.id]
        if at.open_since is None and closed and not any(p.day > closed[-1] for p in found):
            return Outcome(wakes=wakes)
        # They age one after the other: on the day of the first the next is named.
        aging = next((p.day + self.within_days + 1 for p in found if p.day + self.within_days >= at.day), None)
        wakes = wakes if aging is None else (aging, *wakes)
        family, count = 0, Counter[str]()
        for (number, ours, what), times in Counter(map(_OF_A_SORT, found)).items():  # of our own gaps there may be many
            count[what] += number * times
            family += 0 if ours else number * times
        values: Values = {
            "points": Count(total), "family": Count(family), "ours": Count(total - family),
            "signs": Count(count["sign"]), "worries": Count(count["worry"]), "missed": Count(count["missed"]),
            "last": Day(found[-1].day),
            "each": tuple([f"{what} {event}" for _, event, _, _, what in found]),
        }  # fmt: skip
        own = tuple(dict.fromkeys(map(_EVENT, found)))
        return Outcome(0, values, (*own, *self._beneath(at, frozenset(own))), wakes=wakes, own=own)

    def _beneath(self, at: At, events: frozenset[str]) -> tuple[str, ...]:
        """Without what the points of these events would not come out: the referral closed, what a sign rests on."""
        ids = [r.id for r in at.child.requests.all.values() if any(w.id in events for w in r.words)]
        for f in (*at.closed, *at.open.values()):
            first = f.rests[min(f.rests)]
            weight = first.weight.id if isinstance(f.rule, GrowthKind) and first.weight is not None else None
            if weight in events or f.rule.id == self.overdue_rule:
                ids += first.witness
        return tuple(dict.fromkeys(id for id in ids if id not in events))

    def signed_off(self, at: At, finding: Any, e: DecisionSigned) -> list[Reason] | None:
        """By the named nurse alone, when all that it asks for has been answered since the last point."""
        out: list[Reason] = []
        if e.role not in self.signing_roles:
            whose = " or ".join(role_words(r) for r in self.signing_roles)
            out.append(Reason(f"only {whose} can sign this", f"a signature by {whose}"))
        waiting = [t for t in finding.tasks if t.replaced_on is None and t.done(at.child) is None]
        told = [t.action.do[:1].lower() + t.action.do[1:] for t in waiting]
        return out + [
            Reason(f"not answered since the last of them: {t.action.do}", f"an answer since to what was asked: {do}")
            for t, do in zip(waiting, told, strict=True)
        ]

    def renews(self, at: At, before: Outcome, now: Outcome) -> bool:
        """By each further point, also by one whose event stands for another already."""
        return bool(set(now.values["each"]) - set(before.values["each"]))

    def say(self, seen: Seen, level: int) -> str:
        """Say what adds up."""
        worries = "worries" if seen["worries"] != 1 else "worry"
        parts = [
            (seen["signs"], f"{count_words(seen['signs'], 'sign')} in the child"),
            (seen["worries"], f"{seen['worries']} {worries} voiced"),
            (seen["missed"], f"{count_words(seen['missed'], 'visit')} missed"),
            (seen["ours"], f"{count_words(seen['ours'], 'gap')} of our own"),
        ]
        return f"{list_words([text for n, text in parts if n])}. No one of them is large; together they need one look."


def points(at: At, rules: tuple[object, ...]) -> list[Point]:
    """The points that count on a day, by the rule that adds them up; none without one."""
    rule = next((r for r in rules if isinstance(r, Points)), None)
    return [] if rule is None else rule.ledger(at)


@lru_cache(maxsize=4096)
def _gap(day: int, event: str) -> Point:
    """A gap of our own: the same one on each day on which points are added up."""
    return Point(day, event, 1, True, "gap")


_DATED = itemgetter(0, 1)
"""By day, then by event."""
_EVENT, _NUMBER, _OF_A_SORT = itemgetter(1), itemgetter(2), itemgetter(2, 3, 4)
