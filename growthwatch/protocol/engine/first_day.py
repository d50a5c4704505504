"""The first day: growth is judged from birth, what people owe from the day on which the protocol came into force.

Findings about the child that are open at the end of that day are sorted: what is a danger to the body is for today,
what is recent has its own time, what is no longer met waits for a signature, and all else for one reading.

Source: process specification, section 7, First day.
"""

from __future__ import annotations

from dataclasses import replace

from growthwatch.protocol.engine.findings import asked_anew
from growthwatch.protocol.engine.state import DayChange, First, OpenFinding, State
from growthwatch.protocol.engine.tier import eased_to, known_risk, top_tier
from growthwatch.protocol.file.settings import FirstDay
from growthwatch.protocol.file.values import TIERS
from growthwatch.protocol.kinds.kind import NOT_MET, GrowthKind, Kind
from growthwatch.protocol.kinds.weights import SPACE, TINY
from growthwatch.record import ProtocolAdopted

__all__ = ["before_first", "begin", "go_on", "planned_weight"]


def before_first(rule: Kind) -> bool:
    """Whether a rule is judged before the first day: what the child's body shows, and not what people owe."""
    return isinstance(rule, GrowthKind) or (rule.CLIMBS == "clinical" and "tier" not in rule.READS)


def begin(state: State, change: DayChange) -> None:
    """Sort what is open at the end of the first day, and set the tier by it."""
    rules, day = state.protocol.settings.first_day, state.day
    older: list[str] = []
    unmet: list[str] = []
    released: dict[str, int] = {}
    for finding in state.open.values():
        finding.tasks = []
        if _danger(state, finding, rules):
            finding.tasks = [replace(t, deadline=day) for t in asked_anew(state, finding)]
        elif finding.opened_on >= day - rules.recent_days or not before_first(finding.rule):
            finding.tasks = asked_anew(state, finding)
        elif _no_longer_met(state, finding):
            unmet.append(finding.key)
            released[finding.key] = finding.level
        else:
            older.append(finding.key)
    counted = [f for f in state.open.values() if f.key not in released]
    eased = eased_to(state) is not None
    asked = max((top_tier(state, f, eased) for f in counted), default=0)
    tier = TIERS[max(asked, TIERS.index(known_risk(state)))]
    now = state.standing
    if tier != now.tier:
        change.rise(now.tier, tier)
        state.standing = replace(now, tier=tier, since=day, cap=None, rose=day)
    began = {
        name: (day, by) for name, (_, by) in state.standing.began.items() if TIERS.index(name) <= TIERS.index(tier)
    }
    state.standing = replace(state.standing, released=released, began=began)
    urgent = state.child.conditions.high_need or any(_falling(state, f) for f in state.open.values())
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
        latest = max((s.day for s in state.child.signs.seen), default=0)
        return state.day - latest <= rules.signs_within_days
    return False


def _no_longer_met(state: State, finding: OpenFinding) -> bool:
    """Whether two consecutive valid weights no longer meet it, and only a signature closes it."""
    now = state.outcomes.get(finding.slot)
    if finding.rule.closes != "signed" or now is None or now.level != NOT_MET:
        return False
    last = state.child.weights.valid[-2:]
    inside = [finding.rule.inside(state.child, w, finding.outcome) for w in last]
    return len(last) == 2 and all(x is True for x in inside)


def _falling(state: State, finding: OpenFinding) -> bool:
    last = state.child.growth.latest
    fallen = None if last is None or not isinstance(finding.rule, GrowthKind) else state.child.growth.fallen(last)
    limit = state.protocol.settings.first_day.falling_spaces
    return fallen is not None and fallen[0] < -limit * SPACE - TINY


def _read_by(state: State, rules: FirstDay, urgent: bool) -> int:
    """Last day of the one reading: at once where it presses, else as the start plan sets it, on working days."""
    day, working = state.day, state.child.working
    if urgent:
        return day + rules.urgent_days
    last = working.add(day, rules.read_wd)
    adoption = next((e for e in state.child.signed.adoptions if e.on.toordinal() <= day), None)
    planned = _planned(adoption, "FD")
    return planned if planned is not None and day < planned <= last else last


def _planned(adoption: ProtocolAdopted | None, due: object) -> int | None:
    if adoption is None:
        return None
    return next((s.set_to.toordinal() for s in adoption.starts if s.due == due), None)


def go_on(state: State) -> None:
    """Once the child has been read, or the time for it has passed, what was older has its own time in full."""
    first = state.first
    if first is None or first.resumed or not first.older:
        return
    slot = state.open.get(state.protocol.settings.first_day.rule)
    if slot is not None and state.day <= first.read_by:
        return
    if slot is None and state.day == first.day:
        return
    for finding in state.open.values():
        if finding.key in first.older and not finding.tasks:
            finding.tasks = asked_anew(state, finding)
    began = state.standing.began
    began = {name: (state.day, by) for name, (_, by) in began.items()}
    state.standing = replace(state.standing, began=began)
    state.first = replace(first, resumed=state.day)


def planned_weight(state: State, due: int) -> tuple[int | None, str | None]:
    """To which day the start plan moves a weight missed before the first day; and why that is void, if it is."""
    first = state.first
    if first is None:
        return None, None
    adoption = next((e for e in state.child.signed.adoptions if e.on.toordinal() <= first.day), None)
    for s in adoption.starts if adoption is not None else ():
        if s.due != "FD" and s.due.toordinal() == due:
            to, longest = s.set_to.toordinal(), state.protocol.settings.first_day.weigh_within_days
            if not first.day <= to <= first.day + longest:
                return None, f"it sets a weight to {s.set_to.isoformat()}, more than {longest} days after the first day"
            return to, None
    return None, None
