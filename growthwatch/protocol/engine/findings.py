"""Findings open, grow graver, are carried to another protocol, and close by what their rule says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from growthwatch.protocol.child import Child
from growthwatch.protocol.child.fluid import excluded, fluid
from growthwatch.protocol.child.tasks import Task
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.errors import in_error, what_stands
from growthwatch.protocol.engine.past import earlier
from growthwatch.protocol.engine.state import DayChange, OpenFinding, State, slot_of
from growthwatch.protocol.engine.witness import witness
from growthwatch.protocol.file.action import Action
from growthwatch.protocol.kinds.kind import NOT_MET, At, Kind, Outcome

__all__ = ["asked_anew", "carried", "carry", "close", "judge", "judge_dead", "look"]


_NONE = Outcome()
"""What is found of a rule with subjects that has none, or none that is met: never written to."""
_ANEW = ("recovered", "answered")
"""How findings close that are judged anew where what they rest on was an error."""


def look(state: State) -> At:
    """What every rule of this moment may look at; the rule's own finding is filled in as it is judged."""
    child, standing = state.child, state.standing
    return At(
        child,
        state.day,
        standing.tier,
        state.due,
        child.conditions.high_need,
        open=state.open,
        closed=state.closed,
        since=standing.since,
        rose=standing.rose,
        released=standing.released,
        withdrawn=state.withdrawn,
        first=state.first,
        overrides=state.overrides,
        began=standing.began,
    )


def judge(state: State, rule: Kind, at: At, change: DayChange) -> None:
    """Judge one rule: close findings that have recovered, open new ones, or let them grow graver."""
    if not rule.has_subjects():
        if rule.id in state.open or state.suspended:
            state.wake(rule.id, _judge(state, rule, "", at, change))
            return
        at.subject = ""
        _own(at, None)
        outcome = state.outcomes[rule.id] = rule.judge(at)
        if outcome.level != NOT_MET:
            _first_met(state, rule, "", outcome, change)
        state.wake(rule.id, outcome.wakes)
        return
    there, subjects = state.open_of(rule) if state.open else (), rule.subjects(at)
    held = [f.subject for f in state.suspended.values() if f.rule.id == rule.id] if state.suspended else []
    if there or held:
        subjects = tuple(dict.fromkeys((*(f.subject for f in there), *held, *subjects)))
    elif len(subjects) > 1:
        subjects = tuple(dict.fromkeys(subjects))
    _judge_all(state, rule, subjects, at, change)


def judge_dead(state: State, rule: Kind, at: At, change: DayChange) -> None:
    """Judge of a rule what is still asked when the child has died."""
    _judge_all(state, rule, tuple(rule.after_death(at)), at, change)


def _judge_all(state: State, rule: Kind, subjects: Sequence[str], at: At, change: DayChange) -> None:
    """Judge a rule for each subject; what was found of those that are open or met is kept, or that none is."""
    if not subjects and state.outcomes.get(rule.id) is _NONE and rule.id not in state.wakes:
        return  # as it was
    for slot in state.slots.get(rule.id, ()):
        state.outcomes.pop(slot, None)
    if not subjects:
        state.outcomes[rule.id], state.slots[rule.id] = _NONE, (rule.id,)
        state.wake(rule.id, ())
        return
    wakes: list[int] = []
    kept: list[str] = []
    for subject in subjects:
        wakes += _judge(state, rule, subject, at, change)
        slot = slot_of(rule.id, subject)
        found = state.outcomes.get(slot)
        if found is None:
            continue  # it is open from an earlier protocol, whose own rule says what closes it
        if found.level == NOT_MET and found.not_judged is None and slot not in state.open:
            del state.outcomes[slot]
        else:
            kept.append(slot)
    at.subject = ""
    if not kept:
        state.outcomes[rule.id] = _NONE
    state.slots[rule.id] = tuple(kept) or (rule.id,)
    state.wake(rule.id, tuple(wakes))


def _judge(state: State, rule: Kind, subject: str, at: At, change: DayChange) -> tuple[int, ...]:
    """Judge a rule for one subject; return the days on which it wants to be judged again."""
    slot = slot_of(rule.id, subject)
    at.subject = subject
    if slot in state.suspended and slot not in state.open:
        _closes_while_held(state, slot, at, change)
    finding = state.open.get(slot)
    if finding is not None and finding.rule is not rule:
        if not carried(state, finding, at, change):
            return state.wakes.get(rule.id, ())
        finding = None
    if finding is not None and rule.closes in _ANEW and _judged_anew(state, finding, at, change):
        finding = None
    if finding is not None and rule.closes != "signed":
        _own(at, finding)
        by = rule.closed_by(at, finding.outcome)
        by = by if by is None or rule.closes != "recovered" else _by_growth(state, by)
        if by is not None and not _closed_then(state, finding, at):
            by = None
        if by is not None:
            close(state, slot, by, change)
            finding = None
    _own(at, finding)
    outcome = rule.judge(at)
    state.outcomes[slot] = outcome
    if finding is not None:
        if (to := rule.falls_to(at, outcome)) is not None and _falls_then(state, finding, at):
            _fall(state, finding, to, outcome, change)
        if outcome.level != NOT_MET and rule.renews(at, finding.latest, outcome):
            # Where it rises today too, what the graver level asks for is set with the level.
            _renew(state, finding, replace(outcome, level=min(outcome.level, finding.level)))
        if (days := rule.hastens(at)) is not None:
            finding.tasks = [replace(t, deadline=min(t.deadline, state.day + days)) for t in finding.tasks]
    if outcome.level == NOT_MET:
        return outcome.wakes
    held = state.suspended.get(slot)
    if finding is None and held is not None and outcome.level <= held.level:
        return outcome.wakes  # an override holds it, up to this level
    if finding is None:
        _first_met(state, rule, subject, outcome, change)
    elif outcome.level > finding.level:
        _rest(state, rule, outcome)
        change.outcomes[slot] = outcome  # what is said of this day is what was known on it
        _raise(state, finding, outcome, change)
    else:
        finding.latest = outcome
    return outcome.wakes


def _first_met(state: State, rule: Kind, subject: str, outcome: Outcome, change: DayChange) -> None:
    """Open a finding of a rule that is met; what is said of this day is what was known on it."""
    _rest(state, rule, outcome)
    change.outcomes[slot_of(rule.id, subject)] = outcome
    _open(state, rule, subject, outcome, change)


def _closes_while_held(state: State, slot: str, at: At, change: DayChange) -> None:
    """Close what an override holds shut by the event that would have closed it: it comes back open to nobody."""
    held = state.open[slot] = state.suspended[slot]
    _own(at, held)
    by = held.rule.closed_by(at, held.outcome) if held.rule.closes != "signed" else None
    by = by if by is None or held.rule.closes != "recovered" else _by_growth(state, by)
    if by is not None and _closed_then(state, held, at):
        del state.suspended[slot]
        close(state, slot, by, change)
    else:
        del state.open[slot]


def _closed_then(state: State, finding: OpenFinding, at: At) -> bool:
    """Whether the values under which a finding opened or rose let it close today, too."""
    return all(
        rule.closes != "signed" and rule.closed_by(then, finding.outcome) is not None
        for _, rule, then in earlier(state, finding, at)
    )


def _falls_then(state: State, finding: OpenFinding, at: At) -> bool:
    """Whether the values under which a finding opened or rose let it fall back today, too."""
    return all(rule.falls_to(then, rule.judge(then)) is not None for _, rule, then in earlier(state, finding, at))


def _rest(state: State, rule: Kind, outcome: Outcome) -> None:
    """Write down what a finding rests on: the rule's own events, and with them those that they lean on."""
    if outcome.own is None:
        outcome.own = outcome.witness
    outcome.witness = witness(state, rule, outcome)


def _judged_anew(state: State, finding: OpenFinding, at: At, change: DayChange) -> bool:
    """Judge a finding anew whose event was an error; return whether nothing of it stands, and it has closed."""
    if not state.child.in_error:
        return False
    _own(at, None)
    now = finding.rule.judge(at)
    stands = what_stands(state, finding, now)
    if stands is None:
        return False
    if not stands:
        wrong = max(id for o in finding.rests.values() for id in in_error(state, o))
        close(state, finding.slot, state.child.undone.get(wrong, wrong), change)
        return True
    to = max(stands)
    outcome = stands[to]
    if not any(outcome is o for o in finding.rests.values()):
        _rest(state, finding.rule, outcome)
    # What of it stands has its day; what rests on something else now, that of today.
    raised = [(day, n) for day, n in finding.raised if stands.get(n) is finding.rests[n]]
    if not raised or raised[-1][1] != to:
        raised = [*(raised or [(finding.opened_on, to)]), (state.day, to)]
        finding.anew = True
    finding.rests, finding.raised = stands, raised
    tasks = [t for t in finding.tasks if t.level <= to]
    finding.tasks = (
        tasks if any(t.level == to for t in tasks) else tasks + _tasks(state, finding.key, finding.rule, outcome)
    )
    finding.level, finding.outcome, finding.latest = to, outcome, outcome
    return False


def _own(at: At, finding: OpenFinding | None) -> None:
    """Let a rule see its own open finding."""
    if finding is None:
        at.open_since, at.open_level, at.reached = None, NOT_MET, ()
    else:
        at.open_since, at.open_level = finding.outcome, finding.level
        at.reached = tuple(n for _, n in finding.raised)


def _fall(state: State, finding: OpenFinding, to: int, now: Outcome, change: DayChange) -> None:
    """Let a finding fall back to a level, by what was found today: what the graver ones asked for is void."""
    if to not in finding.rests:
        _rest(state, finding.rule, now)
        finding.rests[to] = now
        finding.tasks += _tasks(state, finding.key, finding.rule, now)
        change.eased.append((finding, to))
        change.outcomes[finding.rule.id] = now
    stages = [finding.rule.levels[n].stage for n in {finding.level, *(n for _, n in finding.raised)}]
    rungs = [t.rung.rstrip("+") for t in finding.tasks if t.rung is not None and t.level > to]
    finding.climbed |= {rung for rung in (*stages, *rungs) if rung is not None}
    finding.level = to
    finding.raised = [(day, n) for day, n in finding.raised if n <= to] or [(finding.opened_on, to)]
    finding.tasks = [t for t in finding.tasks if t.level <= to]
    finding.rests = {n: o for n, o in finding.rests.items() if n <= to}
    finding.outcome = finding.latest = finding.rests[to]


def _by_growth(state: State, by: str) -> str | None:
    """By what a finding closes whose recovery a weight shows; None where its gain may be fluid (specification, G14)."""
    child = state.child
    weight = child.weights.by_id.get(by)
    if weight is None or not fluid(child, weight, state.day):
        return by
    examined = excluded(child, state.day)
    if examined is None:
        return None
    known = next(o.known_day for o in child.signs.oedema if o.id == examined)
    return by if weight.known_day >= known else examined


def _open(state: State, rule: Kind, subject: str, outcome: Outcome, change: DayChange) -> None:
    slot = slot_of(rule.id, subject)
    last = next((f.closed_by for f in reversed(state.closed) if f.slot == slot), None)
    key = f"{slot}@{last or 'start'}"
    raised = [(state.day, outcome.level)]
    tasks = _first_tasks(state, key, rule, outcome)
    rests = {outcome.level: outcome}
    finding = OpenFinding(rule, key, state.day, outcome.level, outcome, outcome, raised, tasks, rests, subject=subject)
    finding.under = (state.protocol,)
    state.open[slot] = finding
    change.opened.append((finding, outcome.level))


def _renew(state: State, finding: OpenFinding, outcome: Outcome) -> None:
    """Set what a finding asks for anew, by another event; what it asked for before stays late where it was."""
    new = _tasks(state, finding.key, finding.rule, outcome, finding.times_set(outcome.level))
    finding.set_anew(new, state.day, lambda task: task.done(state.child) is not None)


def _raise(state: State, finding: OpenFinding, outcome: Outcome, change: DayChange) -> None:
    before, finding.level, finding.anew = finding.level, outcome.level, False
    if not any(p is state.protocol for p in finding.under):
        finding.under = (*finding.under, state.protocol)
    if any(f is finding for f, _ in change.opened):
        # Opened earlier on this very day: it opens at the graver level.
        finding.raised = [(state.day, outcome.level)]
        finding.outcome = finding.latest = outcome
        finding.tasks = _first_tasks(state, finding.key, finding.rule, outcome)
        finding.rests = {outcome.level: outcome}
        change.opened = [(f, outcome.level if f is finding else n) for f, n in change.opened]
        return
    finding.raised.append((state.day, outcome.level))
    finding.outcome = _graver(finding.outcome, outcome)
    finding.rests[outcome.level] = finding.outcome
    finding.tasks += _tasks(state, finding.key, finding.rule, outcome)
    finding.latest = outcome
    change.raised.append((finding, before, outcome.level))


def _graver(before: Outcome, now: Outcome) -> Outcome:
    """The outcome that a raised finding rests on: the new one, with the higher of the two hurdles."""
    if before.hurdle is not None and now.hurdle is not None and before.hurdle > now.hurdle:
        now.hurdle = before.hurdle
    return now


def _first_tasks(state: State, key: str, rule: Kind, outcome: Outcome) -> list[Task]:
    """What a finding that opens asks for: at its level, and on the steps to it that are asked for all the same."""
    steps = [replace(outcome, level=n) for n in rule.steps_below(outcome.level)]
    return [t for o in (*steps, outcome) for t in _tasks(state, key, rule, o)]


def _tasks(state: State, key: str, rule: Kind, outcome: Outcome, times: int = 0) -> list[Task]:
    """What a finding that opens or grows graver, or asks again, asks of whom, by when."""
    out: list[Task] = []
    child, day = state.child, state.day
    before = child.here_from(day)
    group = "high_need" if child.conditions.high_need else "ordinary"
    confirm = state.protocol.settings.weights.confirm
    name = str(rule.levels[outcome.level].name)
    since = rule.counts_from(look(state), outcome.level)
    if outcome.unconfirmed:
        last = day + confirm.within_days
        out.append(Task(outcome.level, confirm, day, last, before, 0, False, key, name, "confirm", times, since=since))
    actions = rule.levels[outcome.level].actions
    for number, action in enumerate((*actions, *rule.asks(outcome))):
        if (action.for_ is not None and action.for_ != group) or not _of_age(child, action, day):
            continue
        days = action.within_days
        if outcome.urgent and action.urgent_within_days is not None:
            days = action.urgent_within_days
        own = number < len(actions)
        days, first = (0, 0) if outcome.today and own else (days, action.not_before_days)
        last = _last_day(state, action, days) if outcome.deadline is None else outcome.deadline
        earliest = day + first if own else 0
        out.append(
            Task(outcome.level, action, day, last, before, earliest, rule.held, key, name, number, times, since=since)
        )
    return out


def asked_anew(state: State, finding: OpenFinding) -> list[Task]:
    """What a finding asks for at its level, from today and with its time in full."""
    return _tasks(state, finding.key, finding.rule, finding.rests.get(finding.level, finding.outcome))


def _last_day(state: State, action: Action, days: int) -> int:
    """Last day in time of an action of today, in calendar or working days."""
    return state.child.working.add(state.day, days) if action.working else state.day + days


def _of_age(child: Child, action: Action, day: int) -> bool:
    """Whether an action is asked of a child of an age; where no birth is known, what is asked of the youngest."""
    if child.ages.birth is None:
        return action.from_months is None
    if action.from_months is not None and day < child.ages.mark(action.from_months):
        return False
    return action.below_months is None or day < child.ages.mark(action.below_months)


def close(state: State, slot: str, by: str, change: DayChange) -> None:
    """Close a finding by an event."""
    finding = state.open.pop(slot)
    finding.closed_on, finding.closed_by = state.day, by
    state.closed.append(finding)
    if any(f is finding for f, _ in change.opened):
        # Opened and closed at the end of one day: nothing was ever open.
        change.opened = [(f, n) for f, n in change.opened if f is not finding]
    else:
        change.closed.append(finding)


def carried(state: State, finding: OpenFinding, at: At, change: DayChange) -> bool:
    """Whether a finding carried from an earlier protocol closes today, by the rule that opened it.

    By that rule it is judged anew, too, where what it rests on was an error.
    """
    rule = finding.rule
    _own(at, finding)
    at.subject = finding.subject
    then = next((a for _, r, a in earlier(state, finding, at) if r is rule), at)
    if rule.closes in _ANEW and _judged_anew(state, finding, then, change):
        return True
    _own(then, finding)
    by = rule.closed_by(then, finding.outcome) if rule.closes != "signed" else None
    by = by if by is None or rule.closes != "recovered" else _by_growth(state, by)
    by = by if by is not None and _closed_then(state, finding, at) else None
    if by is not None:
        close(state, finding.slot, by, change)
    return by is not None


def carry(state: State, to: Protocol) -> None:
    """Carry open findings to another protocol, or to other values of it.

    They keep key, level and deadlines.  The new rule goes on judging them where it has the same levels; otherwise
    the old one still says what closes them.  What they opened or rose under must let them close, too.
    """
    for finding in state.open.values():
        for rule in to.rules:
            if rule.id == finding.rule.id and _alike(rule, finding.rule):
                finding.rule = rule


def _alike(a: Kind, b: Kind) -> bool:
    """Whether two rules have the same kind and levels, so that one can go on where the other left off."""
    return a.KIND == b.KIND and [x.name for x in a.levels] == [x.name for x in b.levels]
