"""The fold: one child's events in order, day by day, into a state and its changes.

Only days on which something can change are visited: days on which an event becomes known,
and days that the schedule and the rules name (grace passed, a clock's limit, an age).
Each day is judged at its end, by what had been recorded by then.  Visiting every day gives
the same result, more slowly; the tests hold the two against each other.
"""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from growthwatch.core.calendar import local_day
from growthwatch.core.canonical import short_hash
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.words import long_date
from growthwatch.protocol.child import Child, Scorer
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.admitted import keep_out
from growthwatch.protocol.engine.asked import asked, awaits_gains, gaining_from
from growthwatch.protocol.engine.findings import carried, carry, judge, judge_dead, look
from growthwatch.protocol.engine.first_day import before_first, begin, go_on, meets_again, planned_weight, waiting
from growthwatch.protocol.engine.guards import decide, judge_plans, not_adopted
from growthwatch.protocol.engine.ladder import climb, end_snoozes
from growthwatch.protocol.engine.overrides import lapse, take_back
from growthwatch.protocol.engine.past import Past
from growthwatch.protocol.engine.quiet import Quiet
from growthwatch.protocol.engine.resume import Kept
from growthwatch.protocol.engine.state import PASSING, DayChange, State
from growthwatch.protocol.engine.tier import floor_tier, follow_risk, risk_ends, settle_tier
from growthwatch.protocol.kinds.kind import TOPICS, At, GrowthKind, Kind, Topic
from growthwatch.protocol.kinds.order import OF_WEIGHTS, Group
from growthwatch.protocol.kinds.plans import plan_days
from growthwatch.protocol.schedule import Due, Wanted, next_weighing
from growthwatch.record import AnyEvent, ProtocolAdopted
from growthwatch.record.known import Known

__all__ = ["Fold", "choose_protocols"]

_RISK = "risk"
"""Who names the days on which a risk by age alone ends."""
_TURNS = "turns"
"""Who names the days on which values of the protocol change by date."""
_OFFICES = "offices"
"""Who names the days on which the owner is another, whether a rule reads it or not: an absence begins or has ended."""
_NOTHING: frozenset[Topic] = frozenset()
_TIER: frozenset[Topic] = frozenset({"tier"})
_DUE: frozenset[Topic] = frozenset({"due"})
_OPEN: frozenset[Topic] = frozenset({"open"})
_RECORD: frozenset[Topic] = frozenset({"record"})
_REQUESTS: frozenset[Topic] = frozenset({"requests"})
_ROUNDS = 3
"""How often rules about people are judged on a day: what one of them opens may be what another waits for."""


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


def _first_on(known: Known, protocols: Sequence[Protocol], given: Mapping[str, str] | None) -> int | None:
    """The day on which the first adoption of a protocol is known; None without one."""
    adopted = [e for e in known.events if isinstance(e, ProtocolAdopted) and not not_adopted(protocols, e, given)]
    days = [max(e.on, local_day(e.recorded_at, known.zone)).toordinal() for e in adopted]
    return min((d for d in days if d <= known.last), default=None) if days else None


@dataclass(slots=True)
class _Reading:
    """A child as it was once read: the events that it had read, and those read since."""

    protocol: Protocol
    child: Child
    events: list[tuple[int, AnyEvent]]
    since: list[tuple[int, AnyEvent]] = field(default_factory=list[tuple[int, AnyEvent]])


_READ_APART = 16
"""Events between two readings that are kept: a correction is read with as many again."""
_READINGS = 8
"""How many readings are kept at once."""


def _waits_for_an_answer(rule: Kind) -> bool:
    """Whether only an answer closes what is open of a rule: a record that is plain has none, and weights are none."""
    return rule.closes == "answered" and rule.READS <= OF_WEIGHTS


class Fold:
    """Folds what is known of a child up to a day.

    Parameters
    ----------
    known
        The record as it was known at the moment asked about.
    protocols
        One protocol, judged as if always in force; or several, of which each day is judged by
        the one that the record's ``protocol_adopted`` events had last named.
    every_day
        Visit all days and judge every rule on each (for tests).
    keeps
        Whether to keep a state from before the last day, from which another fold can go on.
    prepared
        Growth facts under the first protocol, and the days on which anything could be said, from `prepare`.
    finely
        Whether to visit days on which only the state of the next weighing changes, and reminders: they follow
        from its dates.
    after
        A state that an earlier fold kept: this one goes on from it where that is exact.
    in_force_from
        The day from which people owe anything; None: that of the first adoption in the record, or always.
    choosing
        Whether an adoption counts only of a protocol that is given; None: where several are.  Where one is asked
        for by itself it judges, whatever was adopted.
    tells
        Whether to keep what changed from day to day (`changes`).
    """

    def __init__(
        self,
        known: Known,
        protocols: Sequence[Protocol],
        every_day: bool = False,
        keeps: bool = False,
        after: Kept | None = None,
        prepared: tuple[Scorer, Quiet | None] | None = None,
        finely: bool = True,
        in_force_from: int | None = None,
        choosing: bool | None = None,
        tells: bool = True,
    ):
        self.known = known
        self.protocols = tuple(protocols)
        self.every_day = every_day
        self.changes: list[DayChange] = []
        self.until = known.last
        self.kept: Kept | None = None
        self._keeps = keeps
        self._finely = finely
        self._tells = tells
        self._scorers: dict[tuple[str, ...], Scorer] = {}
        self._quiet: Quiet | None = None
        self._skipped: list[tuple[int, AnyEvent]] = []
        self._readings: list[_Reading] = []
        self._waited: tuple[Wanted, ...] | None = None
        self._tier_moved = True
        self._types: frozenset[str] | None = None
        if prepared is not None:
            self._scorers[self.protocols[0].identity], self._quiet = prepared
        self._first = self.protocols[0].at(known.days[0] if known.days else known.last)
        choosing = len(self.protocols) > 1 if choosing is None else choosing
        given = {p.hash: f"{p.id} {p.version} ({short_hash(p.hash)})" for p in self.protocols} if choosing else None
        first_on = _first_on(known, self.protocols, given) if in_force_from is None else in_force_from
        going = None if after is None else after.goes_on(known, self.protocols, first_on, given)
        self._read_yet = going is not None
        if going is not None:
            self.state, self._scorers = going
        else:
            first = self._first
            child = Child(first.settings, first.reference, self._scorer(first))
            self.state = State(child, first, first_on=first_on, given=given)
            if first_on is not None:
                self.state.wake("first", (first_on,))
        if len(self.protocols) > 1 or any(len(p.periods) > 1 for p in self.protocols):
            self.state.past = Past(known, self._scorer)

    def _scorer(self, protocol: Protocol) -> Scorer:
        found = self._scorers.get(protocol.identity)
        if found is None:
            found = self._scorers[protocol.identity] = Scorer(
                protocol.settings, protocol.reference, self.known.read, self.known.in_doubt
            )
        return found

    # --- reading ----------------------------------------------------------------------

    def _read(self, day: int, change: DayChange) -> frozenset[Topic]:
        """Read the news of a day; return what they touch."""
        first, news = self._first, (*self._skipped, *self.known.news(day))
        self._skipped = []
        adopting = len(self.protocols) > 1 and any(e.type == "protocol_adopted" for _, e in news)
        notices = self.known.notices(day)
        turning = self._turns(day)
        if self._read_yet and not adopting and not turning and self.known.adds(day):
            self.state.child.notices = notices
            self._types = frozenset(e.type for _, e in news)
            touched = self.state.child.read(news)
            if self._readings:
                self._keep_reading(news)
            return touched or _RECORD
        # Something is taken back or put right, or other values come into force: the record is read anew.
        self._types = None
        events = self.known.effective(day)
        if len(self.protocols) > 1:
            self._adopt(events, day, change)
        elif turning:
            self._comes_into_force(self.state.protocol.at(day), change)
        protocol, child = self.state.protocol, self.state.child
        known = 0
        if self._read_yet or protocol is not first:
            child, known = self._last_reading(events, protocol)
            self.state.child = child
        self._read_yet = True
        child.read(events[known:])
        child.notices, child.undone = notices, self.known.undone(day)
        child.in_error, child.lost = self.known.taken_back(day), self.known.lost(day)
        keep_out(self.state, child)
        if self.known.turns and not self._readings:
            self._readings.append(_Reading(protocol, child.fork(), events))
        return TOPICS

    def _keep_reading(self, news: Sequence[tuple[int, AnyEvent]]) -> None:
        """Keep what has been read now and then, for a day on which something later is put right."""
        last = self._readings[-1]
        last.since += news
        if len(last.since) >= _READ_APART:
            child = self.state.child
            self._readings.append(_Reading(self.state.protocol, child.fork(), [*last.events, *last.since]))
            del self._readings[:-_READINGS]

    def _last_reading(self, events: list[tuple[int, AnyEvent]], protocol: Protocol) -> tuple[Child, int]:
        """A child that has read the first of some events, and of how many: as far as they were read before."""
        while self._readings:
            last = self._readings[-1]
            if last.protocol is protocol and events[: len(last.events)] == last.events:
                last.since = events[len(last.events) :]
                return last.child.fork(), len(last.events)
            self._readings.pop()
        return Child(protocol.settings, protocol.reference, self._scorer(protocol)), 0

    def _turns(self, day: int) -> bool:
        """Whether values of the protocol in force change by date on a day, or have changed since the last one."""
        return self.state.protocol.at(day) is not self.state.protocol

    def _adopt(self, events: list[tuple[int, Any]], day: int, change: DayChange) -> None:
        state = self.state
        made = (e for _, e in reversed(events) if e.type == "protocol_adopted")
        wanted = next((e for e in made if not not_adopted(self.protocols, e, state.given)), None)
        # One that is not among those given is refused: the last one that is goes on judging.
        adopted = (p for p in self.protocols if wanted is not None and p.hash == wanted.hash)
        self._comes_into_force(next(adopted, state.protocol.whole).at(day), change)

    def _comes_into_force(self, protocol: Protocol, change: DayChange) -> None:
        """Let a protocol, or other values of it by date, judge from today: what is open is carried across."""
        state = self.state
        if protocol is state.protocol:
            return
        state.protocol = protocol
        since = "" if protocol.start is None else f", with its values from {long_date(protocol.start)},"
        change.protocol = f"{protocol.id} {protocol.version}{since}"
        state.outcomes = {}
        carry(state, protocol)

    # --- one day ----------------------------------------------------------------------

    def step(self, day: int) -> DayChange:
        """Judge one day at its end."""
        state, change = self.state, DayChange(day)
        before = (state.due, state.due.state(state.day)) if self._tells else None
        climbs = self._only_climbs(day)
        was_dead = bool(state.day) and state.child.dead_on(state.day)
        state.day = day
        if climbs:
            state.child.day = day
            climb(state, change, False)
            return self._keep(change, before)
        news = self._read(day, change) if self._skipped or self._news_on(day) or self._turns(day) else _NOTHING
        child = state.child
        child.day, child.requests.withdrawn = day, state.withdrawn
        judge_plans(state, change)
        if child.dead_on(day):
            state.due, state.outcomes = Due(child.weights.last), {}
            for rule in state.protocol.order.outliving:
                judge_dead(state, rule, look(state), change)
            decide(state, change)
            return self._keep(change, before)
        if child.in_error and take_back(state, change):
            news = TOPICS
        if state.overrides and lapse(state, change):
            news = TOPICS
        if was_dead:
            news = TOPICS  # somebody has seen the child since: nothing was judged for as long as it was held for dead
        starts = state.first is None and state.first_on is not None and day >= state.first_on
        news = TOPICS if starts else news
        child.first_day = state.first.day if state.first is not None else day if starts else 0
        follow_risk(state, change)
        if change.tier:
            news = news | _TIER
        self._judge("facts", news, change)
        # What they lean on may open, or grow graver, by time alone.
        self._judge("leaning", news | _OPEN if change.opened or change.raised else news, change)
        self._judge_carried(change)
        if meets_again(state):
            news = news | _OPEN  # what leans on it is judged, though it has been open all along
        if news or change.answer:  # what the tier rests on is as it was, on any other day
            self._settle(change)
        if starts:
            begin(state, change)
        if change.tier:
            news = news | _TIER
        self._after_tier(news, change)
        self._people(news, change)
        if decide(state, change):
            self._settle(change)
            self._after_tier(news | _TIER, change)
            self._people(news | _TIER | _REQUESTS, change)
        resumes = go_on(state)
        if resumes:
            self._after_tier(TOPICS, change)
            self._people(TOPICS, change)
        if self._before_first:
            end_snoozes(state, change)  # nothing climbs yet, and what the child does worse ends them all the same
        elif state.open or state.snoozes:
            climb(state, change, bool(news) or resumes)
        self._name_days(bool(news))
        self._tier_moved = change.tier is not None
        return self._keep(change, before)

    def _only_climbs(self, day: int) -> bool:
        """Whether the ladder alone has something to do on a day: nothing is read or judged, no weight asked for anew.

        What is late takes its next step, and that is all.
        """
        state, first = self.state, self.state.first
        if self.every_day or self._tier_moved or self._skipped or day >= self.until:
            return False
        if not (state.open or state.snoozes) or state.overrides or len(self.protocols) > 1 or self._before_first:
            return False
        if first is not None and (first.unmet or (first.older and not first.resumed)):
            return False
        if state.child.signed.plans or state.child.ages.died is not None or self._news_on(day) or self._turns(day):
            return False
        for who, days in state.wakes.items():
            if day in days and who != "ladder":
                return False
        return state.tier != "T0" or asked(state) == self._waited

    def _news_on(self, day: int) -> bool:
        known = self.known
        if day > self.until:
            return day in known.days_to_come and bool(known.news(day))
        return bool(known.news(day)) or day in known.days

    def _judge(self, group: Group, news: frozenset[Topic], change: DayChange) -> None:
        """Judge those rules of a group that read what is news, and those that named the day."""
        state, day = self.state, self.state.day
        order, at = state.protocol.order, None
        rules: Sequence[Kind] = order.of(group)
        if not self.every_day and day != self.until:
            if len(news) < len(TOPICS):  # else all is news to every rule
                named = state.named()
                if not news and not named:
                    return
                (heard, others), at = order.heard(group, news), look(state)
                if named.isdisjoint(others):
                    rules = [r for r, t in heard if t is None or r.id in named or self._is_news(r, t, at)]
                else:
                    hear = {r.id for r, t in heard if t is None or self._is_news(r, t, at)}
                    rules = [r for r in rules if r.id in hear or r.id in named]
            if self._quiet is not None and day < self.until:
                weighed = order.by_weights
                rules = [r for r in rules if r.id not in weighed or not self._cannot_be_met(r, self._quiet)]
        if state.first_on is not None and rules:
            rules = self._now(rules)
        if rules:
            at = look(state) if at is None else at
            for rule in rules:
                judge(state, rule, at, change)

    def _now(self, rules: Sequence[Kind]) -> Sequence[Kind]:
        """Of some rules those that are judged on the day, before the protocol is in force or while some wait."""
        state = self.state
        if self._before_first and state.day < (state.first_on or 0):
            first_day = state.protocol.settings.first_day
            rules = [r for r in rules if before_first(r, first_day)]
        waits = waiting(state)
        return [r for r in rules if r.id not in waits] if waits else rules

    def _is_news(self, rule: Kind, touched: frozenset[Topic], at: At) -> bool:
        """Whether what may be news to a rule is: an event of which no ledger tells it anything, or what is open."""
        return ("record" in touched and not self._passes(rule)) or ("open" in touched and rule.hears_open(at))

    def _passes(self, rule: Kind) -> bool:
        """Whether the record has gained nothing of the types at which a rule looks."""
        selects = self.state.protocol.order.selects.get(rule.id)
        return bool(selects) and self._types is not None and selects.isdisjoint(self._types)

    @property
    def _before_first(self) -> bool:
        """Whether the day is before that on which the protocol comes into force for the child."""
        return self.state.first is None and self.state.first_on is not None

    def _rests(self, quiet: Quiet, day: int) -> bool:
        """Whether what is open waits for a signature alone, and asks for no weight that the schedule would not."""
        state = self.state
        if not state.day:
            return quiet.starts_at(day, state.protocol)
        if state.tier in ("T2", "T3"):
            return False  # whether the child recovers is looked at by each weight, and by days
        waiting = [f.rule for f in state.open.values() if not _waits_for_an_answer(f.rule)]
        if waiting and state.tier == "T0":
            return False
        if not all(isinstance(rule, GrowthKind) and rule.closes == "signed" for rule in waiting):
            return False
        return not asked(state) and not awaits_gains(state)

    def _cannot_be_met(self, rule: Kind, quiet: Quiet) -> bool:
        """Whether the weights alone tell that nothing becomes of a rule that is met by them alone."""
        state = self.state
        # An open finding may close by what its rule sees, unless only somebody's signature closes it.
        stays = rule.closes == "signed" or not state.open_of(rule)
        return stays and not quiet.may_meet(rule.id, state.day)

    def _judge_carried(self, change: DayChange) -> None:
        """Findings of rules that the protocol in force does not have."""
        state = self.state
        if len(self.protocols) > 1:
            ids = {r.id for r in state.protocol.rules}
            for finding in [f for f in state.open.values() if f.rule.id not in ids]:
                carried(state, finding, look(state), change)

    def _settle(self, change: DayChange) -> None:
        """Settle the tier; it only rises, and what another rule of the day has raised counts for all of them."""
        state, order = self.state, self.state.protocol.order
        while settle_tier(state, change):
            at = look(state)
            for rule in (*order.facts, *order.leaning):
                if not rule.READS.isdisjoint({"tier", "open"}):
                    judge(state, rule, at, change)

    def _after_tier(self, news: frozenset[Topic], change: DayChange) -> None:
        """Work out the next weighing, and judge what reads it."""
        state, order = self.state, self.state.protocol.order
        if change.opened or change.raised or change.eased or change.closed:
            news = news | _OPEN
        if not news and state.tier != "T0" and not state.child.signed.plans:
            self._judge("settled", news, change)  # nothing on which the next weighing hangs is another
            return
        waited: tuple[Wanted, ...] | None = None
        while waited != (waits := asked(state)):
            # What reads the next weighing may ask for a weight in its turn: so a second time, if it does.
            first, waited, before = waited is None, waits, state.due
            at, standing = look(state), state.standing
            wanted = [*waits, *(w for r in order.asking if (w := r.weighing(at)) is not None)]
            start = gaining_from(state)
            state.due = next_weighing(
                state.child, floor_tier(state), standing.rose, state.day, wanted, gaining_from=start, cap=standing.cap
            )
            state.due = self._from_first(state.due)
            state.wake("due", state.due.wakes())
            self._judge("settled", (news if first else _NOTHING) | (_DUE if state.due != before else _NOTHING), change)
        self._waited = waited

    def _people(self, news: frozenset[Topic], change: DayChange) -> None:
        """Judge what is about people: some of it by what is open, of these rules too."""
        if not self.state.protocol.order.people or self._before_first:
            return
        for _ in range(_ROUNDS):
            before = len(change.opened), len(change.raised), len(change.closed)
            if any(before) or change.eased:
                news = news | _OPEN
            self._judge("people", news, change)
            if before == (len(change.opened), len(change.raised), len(change.closed)):
                return
            news = _OPEN

    def _from_first(self, due: Due) -> Due:
        """A weight that was due before the first day is due on it, or when the start plan says."""
        first = self.state.first
        if first is None or due.due is None or due.due >= first.day:
            return due
        to, void = planned_weight(self.state, due)
        if void != first.void:
            self.state.first = replace(first, void=void)
        to = first.day if to is None else to
        later = to - due.due
        overdue = None if due.overdue_from is None else due.overdue_from + later
        lapsed = None if due.lapsed_from is None else due.lapsed_from + later
        return replace(due, due=to, overdue_from=overdue, lapsed_from=lapsed, missed=due.due)

    def _name_days(self, news: bool) -> None:
        """Days that the schedule itself has to look at again."""
        state, child = self.state, self.state.child
        if child.signed.plans:
            state.wake("plans", (*(plan.until + 1 for plan in child.signed.plans), *plan_days(child, state.day)))
        if news and child.ages.birth is not None:
            state.wake(_RISK, risk_ends(state))
        if turns := state.protocol.whole.turns:
            state.wake(_TURNS, turns)
        state.wake(_OFFICES, child.offices.starts(state.day))

    def _keep(self, change: DayChange, before: tuple[Due, str] | None) -> DayChange:
        if before is None:
            return change
        state = self.state
        change.due, change.due_state = state.due.due, state.due.state(state.day)
        if change.answer or change.climbed:
            change.deadline = change.most_urgent()
        change.due_changed = (before[0].due, before[1]) != (change.due, change.due_state)
        if change.anything:
            self.changes.append(change)
        return change

    # --- folding ----------------------------------------------------------------------

    def run(self) -> State:
        """Fold up to the day asked about."""
        state, events = self.state, self.known.days
        passing = frozenset[str]() if self._finely else PASSING
        i = bisect_right(events, state.day)
        while True:
            following = list(events[i : i + 1])
            if state.day:
                wake = state.day + 1 if self.every_day else state.next_wake(passing)
                following += [] if wake is None else [wake]
            day = min(following, default=self.until)
            if self._quiet is not None and self._rests(self._quiet, day):
                # Until then nothing could be said: what is new is read, and not judged.
                ends = [d for d in state.wakes.get(_RISK, ()) if d > state.day] if state.standing.by_age else []
                # A rule that reads neither weights nor the next weighing has named its days itself.
                timed = state.protocol.order.timed
                # So has the ladder: what is late takes its next step, whatever the child weighs.
                ends += [
                    d
                    for id, days in state.wakes.items()
                    if id in timed or id == "ladder"
                    for d in days
                    if d > state.day
                ]
                # The first day sorts what is open, and what people owe runs from it: it is never passed over.
                ends += [max(state.first_on, day)] if state.first is None and state.first_on is not None else []
                day = int(min([self._quiet.until(state, day), self.until, *ends]))
                while i < len(events) and events[i] < day:
                    self._skipped += self.known.news(events[i])
                    i += 1
            if day >= self.until:
                break
            i += i < len(events) and day == events[i]
            self.step(day)
        if self._keeps:
            if self._skipped:
                # What goes on from here has no columns: what was passed over is judged once.
                quiet, self._quiet = self._quiet, None
                del self._skipped[-len(self.known.news(events[i - 1])) :]
                self.step(events[i - 1])
                self._quiet = quiet
            self.kept = Kept(self.known, self.protocols, replace(state.fork(), past=None), self._scorers)
        if state.day or self._skipped or i < len(events):
            # Every rule is judged on the day asked about.
            self.step(self.until)
        return state

    def look_ahead(self) -> Fold:
        """A fold that can go on from here over days without news, and leaves this one as it is."""
        probe = copy.copy(self)
        probe.state, probe._readings, probe._tells = self.state.fork(self.state.child), [], False
        return probe
