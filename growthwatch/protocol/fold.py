"""The fold: one child's events in order, day by day, into a state and its changes.

Only days on which something can change are visited: days on which an event becomes known,
and days that the schedule and the rules name (due, grace passed, a clock's limit, an age).
Each day is judged at its end, by what had been recorded by then.  Visiting every day gives
the same result, more slowly; the tests hold the two against each other.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, cast

from growthwatch.core.calendar import end_of_day, local_day
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.said import said_on
from growthwatch.core.words import days_words, fit_words, kg_words, long_date, role_words, spaces_words
from growthwatch.protocol.child import SUSPECTED, Child, Looked, Reader, SeenSigns, Weight, make_scorer
from growthwatch.protocol.model import TIERS, Action, Protocol, TierName
from growthwatch.protocol.rules import NOT_MET, SPACE, TINY, Context, Outcome, Rule, evidence_after
from growthwatch.protocol.schedule import Due, next_weighing
from growthwatch.record.events import AnyEvent, DecisionSigned, EnteredInError
from growthwatch.record.record import Record

__all__ = ["DayChange", "Fold", "OpenFinding", "Refusal", "Task", "choose_protocols", "closing_words"]


@dataclass(slots=True)
class Task:
    """An obligation that a finding set: what, who, by which day."""

    level: int
    action: Action
    set_on: int
    deadline: int
    before: frozenset[str] = frozenset()

    def done(self, child: Child) -> tuple[int, str] | None:
        """First event since it was set that shows it done: day and id, or None."""
        day, none = self.set_on, frozenset[str]()
        # A visit or weight of the same day may be the very one that set the task; an examination,
        # an admission or a plan of that day is its answer.
        match self.action.met_by:
            case "valid_weight":
                found = [child.weighed_from(day, self.before)]
            case "seen":
                found = [child.met_from(day, self.before), child.done_from("seen", day, self.before)]
            case "examined":
                found = [child.done_from("examined", day, none), child.done_from("seen", day, none)]
            case "paediatrics_asked":
                found = [child.done_from("asked", day, none)]
            case "paediatrics_seen":
                found = [child.done_from("seen", day, none)]
            case "plan":
                found = [child.done_from("plan", day, none)]
            case "feeding_reviewed":
                found = [child.done_from("feeding", day, none)]
            case "sick_day_plan":
                found = [child.done_from("sick_day", day, none)]
            case None:
                found = []
        return min((f for f in found if f is not None), default=None)


@dataclass(slots=True)
class OpenFinding:
    """A finding while the fold runs."""

    rule: Any
    key: str
    opened_on: int
    level: int
    outcome: Outcome
    latest: Outcome
    raised: list[tuple[int, int]]
    tasks: list[Task]
    closed_on: int | None = None
    closed_by: str | None = None
    closed_how: str | None = None


@dataclass(slots=True)
class Refusal:
    """A decision that was not admitted, and why."""

    event: str
    on: int
    reasons: tuple[str, ...]


@dataclass(slots=True)
class DayChange:
    """What changed on one day."""

    day: int
    opened: list[tuple[OpenFinding, int]] = field(default_factory=list[tuple[OpenFinding, int]])
    raised: list[tuple[OpenFinding, int, int]] = field(default_factory=list[tuple[OpenFinding, int, int]])
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    closed: list[OpenFinding] = field(default_factory=list[OpenFinding])
    tier: tuple[TierName, TierName] | None = None
    protocol: str | None = None
    due: int | None = None
    due_state: str = "none"
    due_changed: bool = False
    refused: list[Refusal] = field(default_factory=list[Refusal])

    @property
    def deadline(self) -> int | None:
        """The most urgent deadline newly set on the day."""
        days = [t.deadline for f, level in self.opened for t in f.tasks if t.set_on == self.day and t.level <= level]
        days += [
            t.deadline for f, _, level in self.raised for t in f.tasks if t.set_on == self.day and t.level == level
        ]
        return min(days, default=None)

    @property
    def anything(self) -> bool:
        """Whether anything changed."""
        return bool(
            self.opened or self.raised or self.closed or self.tier or self.due_changed or self.refused or self.protocol
        )


def choose_protocols(protocols: Protocol | Sequence[Protocol]) -> tuple[Protocol, ...]:
    """Return one protocol or several as a tuple, or say what is wrong."""
    given = cast("object", protocols)
    out: list[object] = [given]
    if isinstance(given, list | tuple):
        out = list(cast("Sequence[object]", given))
    if not out or not all(isinstance(p, Protocol) for p in out):
        raise GrowthwatchError.of(
            "protocol", protocols, "a Protocol, such as growthwatch.protocol('uk-hv'), or several"
        )
    return cast("tuple[Protocol, ...]", tuple(out))


# What a record holds that no rule of this version looks at: said, so that nobody thinks it was.
_UNJUDGED = {
    "concern": ("concern", "concerns"),
    "was_not_brought": ("appointment not kept", "appointments not kept"),
    "letter_sent": ("letter", "letters"),
    "handover_sent": ("hand-over", "hand-overs"),
    "lead_left": ("lead who left", "leads who left"),
    "strategy_discussion": ("strategy discussion", "strategy discussions"),
}


class Fold:
    """Folds a record up to a day.

    Parameters
    ----------
    record
        The child's record.
    protocols
        One protocol, judged as if always in force; or several, of which each day is judged by
        the one that the record's ``protocol_adopted`` events had last named.
    as_of
        The moment asked about.
    known_at
        Whose knowledge answers; `as_of` if None.  Later knowledge counts as if it had been
        written down on the day it tells of.
    """

    def __init__(
        self,
        record: Record,
        protocols: Protocol | Sequence[Protocol],
        as_of: dt.datetime,
        known_at: dt.datetime | None = None,
    ):
        self.protocols = choose_protocols(protocols)
        self.protocol = self.protocols[0]
        self.record = record
        self.as_of = as_of
        self.known_at = known_at or as_of
        zone = self.protocol.zone
        self.until = _recorded_day(as_of, zone)
        hindsight = self.known_at > as_of
        effective = record.effective(self.known_at)
        # How long an event has been known: a prefix of the record's canonical order.
        self._recorded: list[tuple[int, dt.datetime]] = []
        self._day: dict[str, int] = {}
        everything: list[AnyEvent] = []
        self._ahead: set[int] = set()
        for e in record.events:
            if e.recorded_at > self.known_at:
                break
            recorded = _recorded_day(e.recorded_at, zone)
            late = hindsight and e.recorded_at > as_of
            day = e.on.toordinal() if late else max(recorded, e.on.toordinal())
            everything.append(e)
            self._day[e.id] = day
            if day > recorded:
                self._ahead.add(day)
        self._fixed: tuple[AnyEvent, ...] | None = effective if hindsight else None
        self._fixed_ids = frozenset(e.id for e in effective) if hindsight else frozenset[str]()
        self._all = everything
        # Days on which something is taken back or put right: only then is the record read anew.
        links = [(self._day[e.id], t) for e in everything if (t := _link(e)) is not None] if not hindsight else []
        self._turning = frozenset(day for day, _ in links)
        # A mark or correction dated ahead counts from when it was written down, whatever it says.
        self._links_ahead = any(day in self._ahead for day, _ in links)
        # One protocol, and nothing dated ahead: what comes next is read on, and only growth news is judged.
        self._plain = not self._ahead and len(self.protocols) == 1
        self._targets = frozenset(t for _, t in links)
        # Events at the end of the last day: on the day itself only up to the moment asked about.
        self._event_days = sorted({d for e in everything if (d := self._day[e.id]) <= self.until and self._counts(e)})
        self._by_day: dict[int, list[tuple[int, AnyEvent]]] = {}
        for e in everything:
            self._by_day.setdefault(self._day[e.id], []).append((self._day[e.id], e))
        self._reader: Reader | None = None
        self._scorers: dict[str, Any] = {}
        self.tier: TierName = "T0"
        self.tier_since = 0
        self.tier_rose = 0
        self.open: dict[str, OpenFinding] = {}
        self.closed: list[OpenFinding] = []
        self._last_closed: dict[str, str] = {}
        self.child = Child(self.protocol)
        self.due = Due(None)
        self._due_seen: tuple[int | None, str] = (None, "none")
        self.outcomes: dict[str, Outcome] = {}
        self.reminders: list[tuple[Any, Outcome]] = []
        self.refusals: list[Refusal] = []
        self.changes: list[DayChange] = []
        self.day = 0
        self._judged: set[str] = set()
        # Days to look at again, by who asked: a later answer of the same rule replaces its earlier one.
        self._wakes: dict[str, tuple[int, ...]] = {}
        self.adopted: str | None = None
        self.unknown_adoption: str | None = None
        self._tier_judged: TierName | None = None
        self._due_cap: Due | None = None
        self._reads = 0
        self._every_day = False
        self._basis_judged: object = None
        self._news = True
        self._due_basis: tuple[int, int, str, int, int | None] | None = None
        self._tier_witness: tuple[str, ...] = ()
        self._tier_from: tuple[str, ...] = ()
        # Weight from which steadiness counts; findings that hold the tier no longer, at which level.
        self._steady_from: str | None = None
        self._released: dict[str, int] = {}

    def unjudged(self) -> list[str]:
        """Kinds of event that are known and that no rule of the protocol looks at, counted, in words."""
        events, _ = self._known(self.until)
        counts: dict[str, int] = {}
        for _, e in events:
            if e.type in _UNJUDGED:
                counts[e.type] = counts.get(e.type, 0) + 1
        return [f"{n} {_UNJUDGED[t][n > 1]}" for t, n in sorted(counts.items())]

    @property
    def coming(self) -> list[AnyEvent]:
        """Events written down already whose day is still to come."""
        return [e for e in self._all if self._day[e.id] > self.until and self._counts(e)]

    def _counts(self, e: AnyEvent) -> bool:
        return self._fixed is None or e.id in self._fixed_ids

    # --- reading ----------------------------------------------------------------------

    def _known(self, day: int) -> tuple[list[tuple[int, AnyEvent]], frozenset[str]]:
        """Effective events that count at the end of a day, and ids of known ones that do not."""
        zone = self.protocol.zone
        if self._fixed is not None:
            source = self._fixed
            error = frozenset[str]()
        elif not self._turning:
            source, error = tuple(self._all), frozenset[str]()
        else:
            moment = min(end_of_day(_date(day), zone), self.known_at)
            source = self.record.effective(moment)
            ids = {e.id for e in source}
            error = frozenset(
                e.id
                for e in self._all
                if e.recorded_at <= moment and e.id not in ids and not isinstance(e, EnteredInError)
            )
        known = self._day
        return [(known[e.id], e) for e in source if known[e.id] <= day and e.on.toordinal() <= day], error

    def _read(self, day: int, change: DayChange) -> None:
        self._reads += 1
        news = [(d, e) for d, e in self._by_day.get(day, []) if self._counts(e)]
        reader = self._reader
        if reader is not None and self._reads_on(day, news):
            # Nothing is taken back on this day: read on from the day before.
            self.child = reader.read(news)
            self._news = reader.growth_news or not self._plain
            return
        self._news = True
        events, error = self._known(day)
        if len(self.protocols) > 1:
            self._adopt(events, change)
        scorer = self._scorers.get(self.protocol.hash)
        if scorer is None:
            scorer = self._scorers[self.protocol.hash] = make_scorer(self.protocol, tuple(self._all))
        self._reader = Reader(self.protocol, scorer, keeps=not self._plain)
        self.child = self._reader.read(events)
        self.child.in_error = error

    def _reads_on(self, day: int, news: list[tuple[int, AnyEvent]]) -> bool:
        """Whether the news of a day can be added to what was read: it comes after it, and takes nothing back."""
        if day in self._turning or any(e.id in self._targets for _, e in news):
            return False
        if self._plain:
            return True
        if self._fixed is not None or self._links_ahead or day in self._ahead:
            return False
        return len(self.protocols) == 1 or not any(e.type == "protocol_adopted" for _, e in news)

    def _adopt(self, events: list[tuple[int, AnyEvent]], change: DayChange) -> None:
        wanted = None
        for _, e in events:
            if e.type == "protocol_adopted":
                wanted = e
        if wanted is None:
            return
        for p in self.protocols:
            if p.hash == wanted.hash:
                if p is not self.protocol:
                    self.protocol = p
                    change.protocol = f"{p.id} {p.version}"
                    self.outcomes = {}
                    for finding in self.open.values():
                        # Open findings are carried across.  The new rule goes on judging them where it
                        # has the same levels; otherwise the old one still says what closes them.
                        for r in p.rules:
                            if r.id == finding.rule.id and _alike(r, finding.rule):
                                finding.rule = r
                self.adopted, self.unknown_adoption = wanted.id, None
                return
        # Not among those given: the last known one goes on judging, and the review says so.
        self.unknown_adoption = f"{wanted.protocol} ({wanted.hash})"

    # --- one day ----------------------------------------------------------------------

    def _look(self) -> Context:
        """What every rule of this moment may look at; the rule's own finding is filled in as it is judged."""
        return Context(self.child, self.day, self.tier, self.due, self.child.high_need, open=self.open)

    def _judge(self, rule: Rule, at: Context, change: DayChange) -> None:
        finding = self.open.get(rule.id)
        if finding is not None and finding.rule is not rule:
            if not self._carried(finding, at, change):
                return
            finding = None
        if finding is not None and rule.closes != "signed":
            at.open_since, at.open_level = finding.outcome, finding.level
            by = rule.recovered(at, finding.outcome)
            if by is not None:
                self._close(rule.id, by, rule.closes, change)
                finding = None
        if finding is None:
            at.open_since, at.open_level = None, NOT_MET
        else:
            at.open_since, at.open_level = finding.outcome, finding.level
        outcome = rule.evaluate(at)
        self.outcomes[rule.id] = outcome
        self._wakes[rule.id] = outcome.wakes
        if outcome.level == NOT_MET:
            return
        if finding is None or outcome.level > finding.level:
            outcome.witness = self._witness(rule, outcome)
            change.outcomes[rule.id] = outcome  # what is said of this day is what was known on it
        if finding is None:
            key = f"{rule.id}@{self._last_closed.get(rule.id, 'start')}"
            finding = OpenFinding(rule, key, self.day, outcome.level, outcome, outcome, [(self.day, outcome.level)], [])
            finding.tasks = self._tasks(finding, outcome, outcome.level)
            self.open[rule.id] = finding
            change.opened.append((finding, outcome.level))
        elif outcome.level > finding.level and any(f is finding for f, _ in change.opened):
            # Opened earlier on this very day: it opens at the graver level.
            finding.level, finding.raised = outcome.level, [(self.day, outcome.level)]
            finding.outcome = finding.latest = outcome
            finding.tasks = self._tasks(finding, outcome, outcome.level)
            change.opened = [(f, outcome.level if f is finding else n) for f, n in change.opened]
        elif outcome.level > finding.level:
            before = finding.level
            finding.level = outcome.level
            finding.raised.append((self.day, outcome.level))
            finding.outcome = _graver(finding.outcome, outcome)
            finding.tasks += self._tasks(finding, outcome, outcome.level)
            finding.latest = outcome
            change.raised.append((finding, before, outcome.level))
        else:
            finding.latest = outcome

    def _carried(self, finding: OpenFinding, at: Context, change: DayChange) -> bool:
        """Whether a finding carried from an earlier protocol closes today, by the rule that opened it."""
        rule: Rule = finding.rule
        at.open_since, at.open_level = finding.outcome, finding.level
        by = rule.recovered(at, finding.outcome) if rule.closes != "signed" else None
        if by is not None:
            self._close(rule.id, by, rule.closes, change)
        return by is not None

    def _witness(self, rule: Rule, outcome: Outcome) -> tuple[str, ...]:
        """Events from which alone the finding comes out again: the rule's own, and what it leans on."""
        ids = list(outcome.witness)
        child = self.child
        if child.birth is not None:
            ids.append(child.birth.event)
        if outcome.weight is not None:
            ids.append(outcome.weight.id)
        if rule.PHASE != "growth" or rule.NEEDS_TIER:
            ids += self._tier_witness
        if rule.PHASE == "schedule" and self.due.plan is not None:
            ids.append(self.due.plan.id)
        ids += self._between(ids)
        rests = set(ids)
        ids += [d.id for d in child.decisions if d.decision == "confirm_weight" and d.target in rests]
        ids += [c[3] for c in child.conditions.values()]
        if child.levels:
            ids.append(child.levels[-1][1])
        return tuple(dict.fromkeys(ids))

    def _between(self, ids: list[str]) -> list[str]:
        """Valid weights without which those of a witness would look like entry errors."""
        child, wanted = self.child, set(ids)
        if child.facts is None:
            return []
        jump = self.protocol.settings.weights.suspected.jump_z
        out: list[str] = []
        place = [i for i, w in enumerate(child.valid) if w.id in wanted]
        for a, b in pairwise(place):
            change = child.facts.scores.difference(child.valid[a].row, child.valid[b].row)
            if change is None or abs(change) > jump:
                out += [w.id for w in child.valid[a + 1 : b]]
        return out

    def _tasks(self, finding: OpenFinding, outcome: Outcome, level: int) -> list[Task]:
        out: list[Task] = []
        child = self.child
        before = child.here_from(self.day)
        group = "high_need" if self.child.high_need else "ordinary"
        for action in finding.rule.levels[level].actions:
            if action.for_ is not None and action.for_ != group:
                continue
            days = action.within_days
            if outcome.urgent and action.urgent_within_days is not None:
                days = action.urgent_within_days
            out.append(Task(level, action, self.day, self.day + days, before))
        if outcome.unconfirmed:
            action = self.protocol.settings.weights.confirm
            out.append(Task(level, action, self.day, self.day + action.within_days, before))
        sick_day = getattr(finding.rule, "sick_day", None)
        if sick_day is not None and not outcome.values.get("sick_day_plan", True):
            out.append(Task(level, sick_day, self.day, self.day + sick_day.within_days, before))
        return out

    def _close(self, rule_id: str, by: str, how: str, change: DayChange) -> None:
        finding = self.open.pop(rule_id)
        finding.closed_on, finding.closed_by, finding.closed_how = self.day, by, how
        self._last_closed[rule_id] = by
        self.closed.append(finding)
        if any(f is finding for f, _ in change.opened):
            # Opened and closed at the end of one day: nothing was ever open.
            change.opened = [(f, n) for f, n in change.opened if f is not finding]
        else:
            change.closed.append(finding)

    # --- tier -------------------------------------------------------------------------

    def _tier_by_facts(self) -> TierName:
        """T1 for a known growth risk."""
        child, settings = self.child, self.protocol.settings.tiers
        if any(c in settings.risk_conditions for c in child.conditions) or child.level in settings.risk_levels:
            return "T1"
        if settings.safeguarding_is_risk and (child.protection_plan is not None or child.safeguarding):
            return "T1"
        birth = child.birth
        if (
            birth is not None
            and birth.gestation_days is not None
            and birth.gestation_days < settings.preterm_born_before_days
            and self.day < child.mark(settings.preterm_until_corrected_months, corrected=True)
        ):
            return "T1"
        return "T0"

    def _tier_by_findings(self) -> TierName:
        """Highest tier that an open finding asks for."""
        best: TierName = "T0"
        self._tier_from = ()
        if self._released and self._unsteady(self.child.valid, self._steady_from):
            self._released = {}
        for finding in self.open.values():
            if self._released.get(finding.key, NOT_MET) >= finding.level:
                continue
            asked = [finding.rule.levels[i].tier for i in range(finding.level + 1)]
            for tier in asked:
                if tier is not None and TIERS.index(tier) > TIERS.index(best):
                    best = tier
                    self._tier_from = finding.outcome.witness
        return best

    def _raise_tier(self, to: TierName, change: DayChange) -> None:
        if TIERS.index(to) > TIERS.index(self.tier):
            first = change.tier[0] if change.tier else self.tier
            change.tier = (first, to)
            self.tier, self.tier_since, self.tier_rose = to, self.day, self.day
            self._due_cap = self.due
            self._steady_from = self.child.valid[-1].id if self.child.valid else None

    def _settle_tier(self, change: DayChange) -> None:
        before = self.tier
        self._raise_tier(self._tier_by_findings(), change)
        if self.tier != before:
            self._tier_witness = self._tier_from
            self._released = {}
        if self.tier == "T2" and (self.child.protection_plan is not None or self.child.safeguarding):
            self._raise_tier("T3", change)
            extra = [*self.child.safeguarding, *((self.child.protection_plan,) if self.child.protection_plan else ())]
            self._tier_witness = (*self._tier_witness, *extra)

    # --- decisions --------------------------------------------------------------------

    def _decide(self, change: DayChange) -> bool:
        """Judge the decisions that became known, in order of recording; return whether any was admitted."""
        admitted = False
        new = [d for d in self.child.decisions if d.id not in self._judged]
        for e in sorted(new, key=lambda d: (d.recorded_at, d.id)):
            self._judged.add(e.id)
            if e.decision == "other":
                continue
            if e.role not in self.protocol.settings.terms.signing_roles:
                reasons = [f"signed by {role_words(e.role)}, who cannot sign this"]
            elif e.decision == "close_finding":
                reasons = self._close_signed(e, change)
            elif e.decision == "lower_tier":
                reasons = self._lower_tier(e, change)
            else:
                reasons = self._confirm(e)
            if reasons:
                refusal = Refusal(e.id, self.day, tuple(reasons))
                self.refusals.append(refusal)
                change.refused.append(refusal)
            else:
                admitted = True
        return admitted

    def _confirm(self, e: DecisionSigned) -> list[str]:
        """A signature confirms a doubted weight, not an impossible one."""
        w = None if e.target is None else self.child.by_id.get(e.target)
        if w is None:
            return [f"no weighing {e.target} is known"]
        if w.validity == SUSPECTED:
            return [f"{kg_words(w.kg)} on {long_date(w.day)} is beyond what a signature can confirm ({w.reason})"]
        return []

    def _exit_days(self) -> int:
        terms = self.protocol.settings.terms
        return terms.exit_least_days_t3 if self.tier == "T3" else terms.exit_least_days

    def _close_signed(self, e: DecisionSigned, change: DayChange) -> list[str]:
        finding = next((f for f in self.open.values() if f.key == e.target), None)
        if finding is None:
            return [f"no finding {e.target} is open"]
        rule: Rule = finding.rule
        if "signed" not in (rule.closes, rule.also_closes):
            return [f"{rule.id} does not close by a signature: it closes when {closing_words(rule)}"]
        if self.outcomes.get(rule.id, finding.latest).level != NOT_MET and finding.rule in self.protocol.rules:
            return [f"{rule.id} is still met: {said_on(rule.say(finding.latest.values, finding.level), self.day)}"]
        days = self._exit_days()
        weights = [w for w in self.child.valid if w.recorded_at <= e.recorded_at]
        if not _exit_met(self.child, weights, [(rule, finding.outcome)], days):
            return [
                f"{rule.id} needs two consecutive valid weights inside its threshold, at least {days} days apart, first"
            ]
        self._close(rule.id, e.id, "signed", change)
        return []

    def _lower_tier(self, e: DecisionSigned, change: DayChange) -> list[str]:
        assert e.tier is not None
        to: TierName = e.tier
        if TIERS.index(to) >= TIERS.index(self.tier):
            return [f"{to} is not below the present tier, {self.tier}"]
        reasons: list[str] = []
        holding: dict[str, int] = {}
        for finding in self.open.values():
            asked = [finding.rule.levels[i].tier for i in range(finding.level + 1)]
            top = max((TIERS.index(t) for t in asked if t is not None), default=0)
            if top > TIERS.index(to):
                holding[finding.key] = finding.level
                reasons.append(
                    f"{finding.rule.id} ({finding.rule.title.lower()}) is open and holds the child in {TIERS[top]}"
                )
        if TIERS.index(self._tier_by_facts()) > TIERS.index(to):
            reasons.append("a known growth risk holds the child in T1")
        for rule in self.protocol.rules:
            if rule.PHASE == "growth" and self.outcomes.get(rule.id, Outcome()).level != NOT_MET:
                reasons.append(f"{rule.id} ({rule.title.lower()}) is still met")
        days = self._exit_days()
        weights = [w for w in self.child.valid if w.recorded_at <= e.recorded_at]
        judged = [(r, self.outcomes.get(r.id, Outcome())) for r in self.protocol.rules if r.PHASE == "growth"]
        if not _exit_met(self.child, weights, judged, days):
            reasons.append(
                f"two consecutive valid weights inside every threshold, at least {days} days apart, are needed first"
            )
        released: dict[str, int] = {}
        if reasons and self.tier == "T2" and self.protocol.settings.tiers.steady is not None:
            unsteady = self._not_steady(e, to)
            if unsteady:
                return [*reasons, *(f"and for the other way out: {r}" for r in unsteady)]
            reasons, released = [], holding
        if not reasons:
            first = change.tier[0] if change.tier else self.tier
            change.tier = (first, to)
            self.tier, self.tier_since = to, self.day
            self._released = released
            if not released:
                self._steady_from = self.child.valid[-1].id if self.child.valid else None
        return reasons

    def _not_steady(self, e: DecisionSigned, to: TierName) -> list[str]:
        """Why T2 may not be lowered for steady growth; empty if it may (specification, section 1)."""
        child, steady = self.child, self.protocol.settings.tiers.steady
        assert steady is not None
        out: list[str] = []
        if child.high_need:
            out.append("it is not for a child of high need")
        if TIERS.index(self._tier_by_facts()) > TIERS.index(to):
            out.append("a known growth risk holds the child in T1")
        if self.day - self.tier_since < steady.days:
            out.append(f"T2 has lasted {days_words(self.day - self.tier_since)} of {days_words(steady.days)}")
        for id, outcome in self.outcomes.items():
            finding = self.open.get(id)
            rule: Rule | None = finding.rule if finding is not None else None
            signed = rule is not None and "signed" in (rule.closes, rule.also_closes)
            if outcome.level != NOT_MET and self.protocol.rule(id).PHASE == "growth" and not signed:
                out.append(f"{id} is met, and does not close by a signature")
        for finding in self.open.values():
            held: Rule = finding.rule
            holds = any(held.levels[i].tier is not None for i in range(finding.level + 1))
            if holds and "signed" not in (held.closes, held.also_closes):
                out.append(f"{held.id} is open, and does not close by a signature")
        weights = [w for w in child.valid if w.recorded_at <= e.recorded_at]
        why = self._unsteady(weights, self._steady_from)
        start = child.by_id.get(self._steady_from or "")
        if why is None and start is not None and weights[-1].day - start.day < steady.days:
            why = f"the weights since {long_date(start.day)} do not yet span {days_words(steady.days)}"
        if why is not None:
            out.append(why)
        for what in ("length", "feeding"):
            seen = [
                x
                for x in child.looked
                if x.what == what and x.day >= self.tier_since and x.recorded_at <= e.recorded_at
            ]
            if not seen or max(seen, key=_looked_at).found != "normal":
                out.append(f"no examination since {long_date(self.tier_since)} records {what} as normal")
        return out

    def _unsteady(self, weights: Sequence[Weight], start_id: str | None) -> str | None:
        """Why growth is not steady since a weight: z fell, or the evidence is too high; None if it is."""
        child, steady = self.child, self.protocol.settings.tiers.steady
        start = None if start_id is None else child.by_id.get(start_id)
        if steady is None or start is None or not start.counts:
            return "the weight from which steadiness would count is not known"
        change, before = 0.0, start
        for w in weights:
            if w.place <= start.place:
                continue
            step = child.pair_change(before, w)
            if step is None:
                return f"the weight of {long_date(w.day)} cannot be compared with that of {long_date(start.day)}"
            change, before = change + step, w
            if change < -steady.within_spaces * SPACE - TINY:
                return f"the weight of {long_date(w.day)} is {spaces_words(-change / SPACE)} lower than at the start"
        ratio = evidence_after(child, weights[-1]) if weights else None
        if ratio is None and not self._released:
            return "the evidence of slowing cannot be judged"
        if ratio is not None and ratio >= steady.evidence_below:
            return f"the weights {fit_words(ratio)}"
        return None

    # --- folding ----------------------------------------------------------------------

    def step(self, day: int, read: bool) -> DayChange:
        """Judge one day at its end."""
        change = DayChange(day)
        self.day = day
        if read:
            self._read(day, change)
        child = self.child
        if child.dead_on(day):
            self.due = Due(child.valid[-1] if child.valid else None)
            self.reminders, self.outcomes = [], {}
            self._note_due(change)
            return self._keep(change)
        self._raise_tier(self._tier_by_facts(), change)
        at = self._look()
        # On a day without news only rules that count days can change.
        news = (read and self._news) or self.tier != self._tier_judged
        self._tier_judged = self.tier
        leaning: list[Rule] = []
        for rule in self.protocol.rules:
            if rule.PHASE == "growth" and rule.LEANS_ON_OPEN:
                leaning.append(rule)
            elif rule.PHASE == "growth" and (news or (rule.COUNTS_DAYS and self._concerned(rule.id))):
                self._judge(rule, at, change)
        for rule in leaning:
            # What they lean on may open by time alone.
            if news or change.opened or self._concerned(rule.id):
                self._judge(rule, at, change)
        if len(self.protocols) > 1:
            ids = {r.id for r in self.protocol.rules}
            for finding in [f for id, f in self.open.items() if id not in ids]:
                self._carried(finding, at, change)
        self._settle_tier(change)
        if self.tier != self._tier_judged:
            # What another rule of the day has raised counts for all rules of the day.
            self._tier_judged = self.tier
            at = self._look()
            for rule in sorted(self.protocol.rules, key=_leans):
                if rule.PHASE == "growth":
                    self._judge(rule, at, change)
            self._settle_tier(change)
        self._after_tier(change)
        if child.decisions and self._decide(change):
            self._settle_tier(change)
            self._after_tier(change)
        self._note_due(change)
        if child.plans:
            self._wakes["plans"] = tuple(plan.until + 1 for plan in child.plans)
        birth = child.birth
        if birth is not None and birth.gestation_days is not None:
            limit = self.protocol.settings.tiers.preterm_until_corrected_months
            self._wakes["preterm"] = (child.mark(limit, corrected=True),)
        return self._keep(change)

    def _after_tier(self, change: DayChange) -> None:
        asked = self._asked() if self.tier == "T0" else None
        basis = (id(self.child), self._reads, self.tier, self.tier_rose, asked)
        if basis != self._due_basis or self.child.plans:
            self.due = next_weighing(self.child, self.tier, self.tier_rose, self.day, asked)
            self._due_basis = basis
            self.due = _no_later(self.due, self._due_cap)
        self._wakes["due"] = self.due.wakes()
        # The schedule changes with what is read, the tier, a plan or an open request: then all is looked at.
        full = basis != self._basis_judged or bool(self.child.plans)
        self._basis_judged = basis
        self.reminders = []
        at = self._look()
        for rule in self.protocol.rules:
            if rule.PHASE in ("schedule", "after_tier"):
                if full or self._concerned(rule.id):
                    self._judge(rule, at, change)
            elif rule.PHASE == "reminder":
                outcome = rule.evaluate(at)
                if outcome.level != NOT_MET:
                    self.reminders.append((rule, outcome))

    def _concerned(self, rule_id: str) -> bool:
        """Whether a rule may have changed on a day without news: it named the day, or it is the last day."""
        return self._every_day or self.day >= self.until or self.day in self._wakes.get(rule_id, ())

    def _asked(self) -> int | None:
        """Day by which an open finding asks for a weight, where the schedule has no floor of its own."""
        return min(
            (
                t.deadline
                for f in self.open.values()
                for t in f.tasks
                if t.action.met_by == "valid_weight" and f.rule.PHASE == "growth" and t.done(self.child) is None
            ),
            default=None,
        )

    def _note_due(self, change: DayChange) -> None:
        state = self.due.state(self.day)
        change.due, change.due_state = self.due.due, state
        if (self.due.due, state) != self._due_seen:
            change.due_changed = True
            self._due_seen = (self.due.due, state)

    def _keep(self, change: DayChange) -> DayChange:
        if change.anything:
            self.changes.append(change)
        return change

    def _next_wake(self, passing: frozenset[str] = frozenset()) -> int | None:
        """First later day that the schedule or a rule has named, apart from those that `passing` named."""
        day = self.day
        named = (w for id, wakes in self._wakes.items() if id not in passing for w in wakes)
        return min((w for w in named if w > day), default=None)

    def run(self, every_day: bool = False) -> Fold:
        """Fold up to the day asked about; `every_day` visits all days (for tests)."""
        events = self._event_days
        self._every_day = every_day
        i = 0
        while True:
            following = [events[i]] if i < len(events) else []
            if i > 0:
                wake = self.day + 1 if every_day else self._next_wake()
                following += [] if wake is None else [wake]
            if not following or min(following) > self.until:
                break
            day = min(following)
            read = i < len(events) and events[i] == day
            if read:
                i += 1
            self.step(day, read)
        if i and self.day < self.until:
            # Bring counts (days since, state of the schedule) up to the day asked about.
            self.step(self.until, read=False)
        return self

    def _probe(self) -> Fold:
        """A fold that can run on from here without touching this one."""
        probe = copy.copy(self)
        probe.open = {k: replace(f, raised=list(f.raised), tasks=list(f.tasks)) for k, f in self.open.items()}
        probe.closed, probe.changes, probe.refusals = list(self.closed), [], list(self.refusals)
        probe.outcomes, probe._last_closed = dict(self.outcomes), dict(self._last_closed)
        probe._released = dict(self._released)
        probe._wakes, probe._judged = dict(self._wakes), set(self._judged)
        probe._reader = None  # it reads for itself: this one's child is not its to add to
        return probe

    def _answer(self, passing: frozenset[str]) -> tuple[Any, ...]:
        """What a review answers: all that it shows but the moment, the state of the next weighing and reminders."""
        due, day, plans = self.due, self.day, self.child.plans
        named = tuple(p.id for p in plans if p.reference is not None and p.day <= day <= p.until)
        followed = self.child.condition_plan(day)
        return (
            self.protocol.hash,
            (self.tier, self.tier_since),
            (due.earliest, due.due, due.overdue_from, due.lapsed_from, due.floor_days, due.why),
            (due.conflict, due.notes),
            {id: (f.key, f.level) for id, f in self.open.items()},
            (len(self.closed), len(self.refusals)),
            {id: (o.level, o.values, o.not_judged, o.notes) for id, o in self.outcomes.items() if id not in passing},
            (named, None if followed is None else followed.id),
        )

    def _deadlines(self) -> Iterator[int]:
        """Days by which something is to be done, or said, of which the day after changes the answer."""
        for f in self.open.values():
            yield from (t.deadline for t in f.tasks if t.done(self.child) is None)
        for w in self.child.weights[-1:]:
            if w.validity == SUSPECTED and w.replaced_by is None and self.child.died is None:
                yield w.known_day + self.protocol.settings.weights.confirm.within_days
        yield from (s.day + self.protocol.settings.terms.ill_within_days for s in self.unseen())

    def unseen(self) -> list[SeenSigns]:
        """Signs of late that no examination has answered and on which no open finding rests."""
        child, window = self.child, self.protocol.settings.terms.ill_within_days
        return [
            s
            for s in child.unanswered(frozenset(x for seen in child.signs for x in seen.signs))[-3:]
            if self.until - s.day <= window and not any(s.id in f.outcome.witness for f in self.open.values())
        ]

    def next_change(self, limit_days: int = 3660) -> int | None:
        """First day after the one asked about on which the answer changes if nothing more is recorded.

        A day on which only a reminder or the state of the next weighing changes is none: these
        follow from its dates.
        """
        found = min((day + 1 for day in self._deadlines() if day >= self.until), default=None)
        # What was written down ahead of its day is known to come.
        ahead = min((d for e in self._all if (d := self._day[e.id]) > self.until and self._counts(e)), default=None)
        found = min((d for d in (found, ahead) if d is not None), default=None)
        passing = frozenset(r.id for r in self.protocol.rules if r.PHASE == "reminder") | {"due"}
        answer, probe = self._answer(passing), self._probe()
        while True:
            day = probe._next_wake(passing)
            if day is None or (found is not None and day >= found):
                return found
            if day > self.until + limit_days:
                return found
            probe.step(day, read=False)
            if probe._answer(passing) != answer:
                return day


def _no_later(due: Due, before: Due | None) -> Due:
    """A rise of tier makes no weight due later than it was, whatever band of age it moves the child to."""
    if before is None or before.due is None or due.due is None or due.plan is not None or before.due >= due.due:
        return due
    if (before.anchor.id if before.anchor else None) != (due.anchor.id if due.anchor else None):
        return due

    def sooner(a: int | None, b: int | None) -> int | None:
        return min((d for d in (a, b) if d is not None), default=None)

    return replace(
        due,
        why=before.why,
        earliest=sooner(due.earliest, before.earliest),
        due=before.due,
        overdue_from=sooner(due.overdue_from, before.overdue_from),
        lapsed_from=sooner(due.lapsed_from, before.lapsed_from),
    )


def _recorded_day(moment: dt.datetime, zone: str) -> int:
    """Local day of a moment; at the very edge of the calendar the day in UTC."""
    try:
        return local_day(moment, zone).toordinal()
    except GrowthwatchError:
        return moment.date().toordinal()


def _date(day: int) -> dt.date:
    """Date of a day, the last of the calendar for days beyond it."""
    return dt.date.fromordinal(min(max(day, 1), dt.date.max.toordinal()))


def _link(e: AnyEvent) -> str | None:
    """Id of the event that an event marks as an error or replaces."""
    return e.target if isinstance(e, EnteredInError) else e.corrects


def _looked_at(x: Looked) -> tuple[int, dt.datetime]:
    return x.day, x.recorded_at


def _leans(rule: Rule) -> bool:
    return rule.LEANS_ON_OPEN


def _alike(a: Rule, b: Rule) -> bool:
    """Whether two rules have the same kind and levels, so that one can go on where the other left off."""
    return a.KIND == b.KIND and [x.name for x in a.levels] == [x.name for x in b.levels]


def _graver(before: Outcome, now: Outcome) -> Outcome:
    """The outcome that a raised finding rests on: the new one, with the higher of the two hurdles."""
    if before.hurdle is not None and now.hurdle is not None and before.hurdle > now.hurdle:
        now.hurdle = before.hurdle
    return now


def _exit_met(child: Child, weights: list[Any], rules: list[tuple[Rule, Outcome]], least_days: int) -> bool:
    """Two consecutive valid weights, so many days apart and all between them, inside every threshold given."""

    def fine(w: Any) -> bool:
        return all(rule.inside(child, w, outcome) is not False for rule, outcome in rules) and any(
            rule.inside(child, w, outcome) for rule, outcome in rules
        )

    if not weights or not fine(weights[-1]):
        return False
    last = weights[-1]
    for w in reversed(weights[:-1]):
        if not fine(w):
            return False
        if last.day - w.day >= least_days:
            return True
    return False


_CLOSING = {
    "valid_weight": "a valid weight is recorded",
    "recovered": "a valid weight shows recovery",
    "answered": "an examination is recorded",
    "signed": "two consecutive valid weights are inside the threshold and somebody signs",
}


def closing_words(rule: Rule) -> str:
    """What closes a rule, in words."""
    if rule.closes_words is not None:
        return rule.closes_words
    words = [_CLOSING[rule.closes]] + ([_CLOSING[rule.also_closes]] if rule.also_closes else [])
    return ", or ".join(words)
