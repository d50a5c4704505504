"""The first day: growth is judged from birth, what people owe from the day on which the protocol came into force.

Findings about the child that are open at the end of that day are sorted: what is a danger to the body is for today,
what is recent has its own time, what is no longer met waits for a signature, and all else for one reading.

Source: process specification, section 7, First day.
"""

from __future__ import annotations

from dataclasses import replace

from growthwatch.core.words import days_words, long_date
from growthwatch.protocol.engine.exits import inside_for, maybe_fluid
from growthwatch.protocol.engine.findings import asked_anew
from growthwatch.protocol.engine.guards import not_adopted
from growthwatch.protocol.engine.state import DayChange, First, OpenFinding, State
from growthwatch.protocol.engine.tier import eased_to, known_risk, lasting_risk, top_tier
from growthwatch.protocol.file.settings import FirstDay
from growthwatch.protocol.file.values import TIERS
from growthwatch.protocol.kinds.kind import NOT_MET, GrowthKind, Kind
from growthwatch.protocol.kinds.weights import SPACE, TINY
from growthwatch.protocol.schedule import Due
from growthwatch.record import Start

__all__ = ["before_first", "begin", "go_on", "meets_again", "planned_weight", "void_entries", "waiting"]


def before_first(rule: Kind, rules: FirstDay) -> bool:
    """Whether a rule is judged before the first day: what the child's body shows, and not what people owe."""
    return (
        isinstance(rule, GrowthKind)
        or rule.id in rules.signs
        or (rule.CLIMBS == "clinical" and "tier" not in rule.READS)
    )


def begin(state: State, change: DayChange) -> None:
    """Sort what is open at the end of the first day, and set the tier by it."""
    rules, day = state.protocol.settings.first_day, state.day
    older: list[str] = []
    unmet: list[str] = []
    for finding in state.open.values():
        finding.tasks = []
        if _danger(state, finding, rules):
            finding.tasks = [replace(t, deadline=max(day, t.earliest)) for t in asked_anew(state, finding)]
        elif finding.opened_on >= day - rules.recent_days or not before_first(finding.rule, rules):
            finding.tasks = asked_anew(state, finding)
        elif _no_longer_met(state, finding):
            unmet.append(finding.key)
        else:
            older.append(finding.key)
    counted = [f for f in state.open.values() if f.key not in unmet]
    eased = eased_to(state) is not None
    asked = max((top_tier(state, f, eased) for f in counted), default=0)
    risk = TIERS.index(known_risk(state))
    tier = TIERS[max(asked, risk)]
    protected = state.protocol.settings.tiers.protected
    if protected is not None and tier == protected.tier and state.child.people.protected:
        tier = protected.to
    now = state.standing
    by_age = asked < risk and lasting_risk(state) == "T0"
    if tier != now.tier:
        change.rise(now.tier, tier)
        state.standing = replace(now, tier=tier, since=day, cap=None, rose=day, by_age=by_age)
    began = {
        name: (day, by) for name, (_, by) in state.standing.began.items() if TIERS.index(name) <= TIERS.index(tier)
    }
    state.standing = replace(state.standing, released={}, began=began)
    urgent = state.child.conditions.high_need or _falling(state)
    state.first = First(day, tuple(older), tuple(unmet), _read_by(state, rules, urgent) if older else day, urgent)


def _danger(state: State, finding: OpenFinding, rules: FirstDay) -> bool:
    """Whether a finding is a danger to the body, met by the latest weight or by a sign of late."""
    now = state.outcomes.get(finding.slot)
    names = [level.name for level in finding.rule.levels]
    for entry in rules.danger:
        if entry.rule != finding.rule.id or now is None or now.level == NOT_MET:
            continue
        if entry.level is None or now.level >= names.index(entry.level):
            return True
    if finding.rule.id in rules.signs:
        own = {id for o in (finding.outcome, finding.latest) for id in (o.own or o.witness)}
        latest = max((s.day for s in state.child.signs.seen if s.id in own), default=0)
        return state.day - latest <= rules.signs_within_days
    return False


def _no_longer_met(state: State, finding: OpenFinding) -> bool:
    """Whether two consecutive valid weights no longer meet it, and only a signature closes it."""
    now = state.outcomes.get(finding.slot)
    if finding.rule.closes != "signed" or now is None or now.level != NOT_MET:
        return False
    if maybe_fluid(state) is not None:
        return False  # no gain that may be fluid lowers a tier (specification, section 2, G14)
    # How closely the child is watched is not known yet: as far apart as in any tier.
    least = state.protocol.settings.terms.exit_least_days
    return inside_for(state.child, state.child.weights.valid, [(finding.rule, finding.outcome)], least)


def _falling(state: State) -> bool:
    last = state.child.growth.latest
    fallen = None if last is None else state.child.growth.fallen(last)
    limit = state.protocol.settings.first_day.falling_spaces
    return fallen is not None and fallen[0] < -limit * SPACE - TINY


def _read_by(state: State, rules: FirstDay, urgent: bool) -> int:
    """Last day of the one reading: at once where it presses, else as the start plan sets it, on working days."""
    day, working = state.day, state.child.working
    if urgent:
        return day + rules.urgent_days
    last = working.add(day, rules.read_wd)
    planned = next((s.set_to.toordinal() for s in _starts(state, day) if s.due == "FD"), None)
    return planned if planned is not None and day < planned <= last else last


def _starts(state: State, day: int) -> tuple[Start, ...]:
    """The start plan: that of the adoption which brings the first day."""
    protocols = (state.protocol,)
    made = (e for e in state.child.signed.adoptions if not not_adopted(protocols, e, state.given))
    return next((e.starts for e in made if e.on.toordinal() == day), ())


def waiting(state: State) -> tuple[str, ...]:
    """Rules that wait until what is older than the first day has been read."""
    first = state.first
    if first is None or not first.older or first.resumed:
        return ()
    return state.protocol.settings.first_day.after_reading


def meets_again(state: State) -> bool:
    """What two weights no longer met and a later one meets is as any other finding: it holds the tier, and asks.

    Returns
    -------
    Whether there is such a one today.
    """
    first, before = state.first, state.first
    if first is None or not first.unmet or state.day == first.day:
        return False
    for finding in state.open.values():
        now = state.outcomes.get(finding.slot)
        if finding.key in first.unmet and now is not None and now.level != NOT_MET:
            finding.tasks = finding.tasks or asked_anew(state, finding)
            # It is as one that opens today: an override of before has not released it.
            left = {key: level for key, level in state.standing.released.items() if key != finding.key}
            state.standing = replace(state.standing, released=left)
            state.first = first = replace(first, unmet=tuple(key for key in first.unmet if key != finding.key))
    return first is not before


def go_on(state: State) -> bool:
    """Once the child has been read, or the time for it has passed, what was older has its own time in full.

    Returns
    -------
    Whether that is so from today.
    """
    first = state.first
    if first is None or first.resumed or not first.older:
        return False
    slot = state.open.get(state.protocol.settings.first_day.rule)
    if slot is not None and state.day <= first.read_by:
        return False
    if slot is None and state.day == first.day:
        return False
    for finding in state.open.values():
        if finding.key in first.older and not finding.tasks:
            finding.tasks = asked_anew(state, finding)
    began = state.standing.began
    began = {name: (state.day, by) for name, (_, by) in began.items()}
    state.standing = replace(state.standing, began=began)
    state.first = replace(first, resumed=state.day)
    return True


def planned_weight(state: State, due: Due) -> tuple[int | None, dict[int, str]]:
    """To which day the start plan moves a weight missed before the first day; and which entries are void, with why.

    Source: process specification, section 7: a weight at most 28 d, and one floor, after the first day.
    """
    first, to = state.first, None
    if first is None:
        return None, {}
    void = dict(first.void)
    for s in _starts(state, first.day):
        if s.due == "FD":
            continue
        day, set_to = s.due.toordinal(), s.set_to.toordinal()
        if day != due.due:
            if state.day == first.day:
                missed = due.due is not None and due.due < first.day
                void[day] = "no weight that was missed was due then" + (
                    f", but on {long_date(due.due)}" if missed and due.due is not None else ""
                )
            continue
        longest = state.protocol.settings.first_day.weigh_within_days
        longest = longest if due.floor_days is None else min(longest, due.floor_days)
        if first.day <= set_to <= first.day + longest:
            to = set_to
            void.pop(day, None)
        else:
            void[day] = f"it is not within {days_words(longest)} of the first day"
    return to, void


def void_entries(state: State) -> list[str]:
    """Entries of the start plan that do not count, each with why."""
    first, out = state.first, list[str]()
    if first is None:
        return out
    for s in _starts(state, first.day):
        to, why = s.set_to.toordinal(), None
        if s.due != "FD":
            what, why = f"the weight due on {long_date(s.due)}", first.void.get(s.due.toordinal())
        elif not first.older:
            what, why = "the reading", "there is nothing to read"
        elif to != first.read_by:
            what = "the reading"
            why = f"its last day is {long_date(first.read_by)}"
            if to < first.day:
                why = f"that is before the first day; {why}"
            if first.urgent:
                why = "what cannot wait is not moved"
        else:
            continue
        if why is not None:
            out.append(f"The start plan sets {what} to {long_date(to)}; that does not count: {why}.")
    return out
