"""The tier: up by rule, down by signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from growthwatch.core.words import fit_words, long_date, spaces_words
from growthwatch.protocol.child import Weight
from growthwatch.protocol.engine.asked import gaining_from
from growthwatch.protocol.engine.state import DayChange, OpenFinding, State
from growthwatch.protocol.file.values import TIERS, TierName
from growthwatch.protocol.kinds.kind import NOT_MET, GrowthKind, Outcome
from growthwatch.protocol.kinds.weights import SPACE, TINY, evidence_cleared, fit_after
from growthwatch.protocol.schedule import next_weighing

__all__ = [
    "asked_tier",
    "eased_to",
    "floor_tier",
    "follow_risk",
    "known_risk",
    "lasting_risk",
    "raise_tier",
    "risk_ends",
    "settle_tier",
    "top_tier",
    "unsteady",
]


def known_risk(state: State) -> TierName:
    """The protocol's tier for a known growth risk, or T0."""
    lasting = lasting_risk(state)
    return _risk_by_age(state) if lasting == "T0" else lasting


def lasting_risk(state: State) -> TierName:
    """The protocol's tier for a known growth risk that does not end by age alone, or T0."""
    child, settings = state.child, state.protocol.settings.tiers
    conditions, people = child.conditions.known, child.people
    if any(c in settings.risk_conditions for c in conditions) or people.level in settings.risk_levels:
        return settings.risk_tier
    if settings.safeguarding_is_risk and people.protected:
        return settings.risk_tier
    return "T0"


def _risk_events(state: State) -> tuple[str, ...]:
    """Events that make the child one of a known risk, other than by age."""
    child = state.child
    ids = [c.event for c in child.conditions.known.values()]
    ids += [child.people.levels[-1][1]] if child.people.levels else []
    ids += [child.people.protection_plan] if child.people.protection_plan is not None else []
    return (*ids, *child.people.safeguarding)


def _risk_by_age(state: State) -> TierName:
    """The protocol's tier for one who was born early or light, until an age, or T0."""
    settings = state.protocol.settings.tiers
    return settings.risk_tier if any(state.day < end for end in risk_ends(state)) else "T0"


def risk_ends(state: State) -> tuple[int, ...]:
    """Days on which a risk by age alone ends."""
    child = state.child
    ends = [child.risk_age_ends(age) for age in state.protocol.settings.tiers.risk_ages]
    return tuple([end for end in ends if end is not None])


def follow_risk(state: State, change: DayChange) -> None:
    """Raise the tier to that of a known risk; one that rested on an age alone ends by itself on its day."""
    lasting = lasting_risk(state)
    to = _risk_by_age(state) if lasting == "T0" else lasting
    if raise_tier(state, to, change):
        # What made it a risk may end, and the tier stays: what is said of the tier rests on it all the same.
        _rest_on(state, _risk_events(state))
    now, by_age = state.standing, state.standing.by_age
    if now.tier != state.protocol.settings.tiers.risk_tier:
        by_age = False
    elif now.since == state.day and change.tier is not None and lasting == "T0" and to != "T0":
        by_age = True
    elif lasting != "T0":
        by_age = False
    if by_age and to == "T0":
        change.rise(now.tier, "T0")
        state.standing = replace(now, tier="T0", since=state.day, cap=None, witness=(), by_age=False)
    elif by_age != now.by_age:
        state.standing = replace(now, by_age=by_age)


def top_tier(state: State, finding: OpenFinding, eased: bool) -> int:
    """Highest tier that an open finding asks for, as a number.

    While another has eased the child (`eased_to`), a level that asks for falling asks for no tier unless the child
    falls.
    """
    rule, top = finding.rule, 0
    now = state.outcomes.get(rule.id) if eased and isinstance(rule, GrowthKind) else None
    for n in range(finding.level + 1):
        tier = rule.levels[n].tier
        if tier is None or (asks := TIERS.index(tier)) <= top or _waits(state, finding, n):
            continue
        if now is None or not isinstance(rule, GrowthKind) or rule.has_fallen(n, now.values) is not False:
            top = asks
    return top


def asked_tier(state: State) -> tuple[TierName, tuple[str, ...], tuple[str, ...]]:
    """Highest tier that an open finding asks for, the events that this rests on, and those it named itself."""
    best, eased, released = 0, eased_to(state) is not None, state.standing.released
    witness: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    for finding in state.open.values():
        if state.holds_none(finding.key) or (released and released.get(finding.key, NOT_MET) >= finding.level):
            continue
        asks = top_tier(state, finding, eased)
        if asks > best:
            best, witness, own = asks, finding.outcome.witness, finding.outcome.own or ()
            if finding.outcome.waits:
                witness = (*witness, *_confirmed_by(state))
    return TIERS[best], witness, own


def eased_to(state: State) -> TierName | None:
    """The tier to which an open finding has eased the child, though a graver level raised it higher; else None."""
    eased: list[TierName] = []
    for f in state.open.values():
        if isinstance(f.rule, GrowthKind) and f.rule.eases(f.level):
            tier = f.rule.levels[f.level].tier
            eased += [] if tier is None else [tier]
    return max(eased, key=TIERS.index, default=None) if eased else None


def floor_tier(state: State) -> TierName:
    """The tier by whose floor the child is weighed: its own, or a lower one to which a finding has eased it."""
    eased = eased_to(state)
    rise = state.protocol.settings.tiers.protected
    if eased is None or (rise is not None and state.child.people.protected):
        return state.tier
    asked = asked_tier(state)[0]
    return TIERS[min(TIERS.index(state.tier), max(TIERS.index(eased), TIERS.index(asked)))]


def _waits(state: State, finding: OpenFinding, level: int) -> bool:
    """Whether the tier of a level waits until a weight is confirmed: all that reached the level rests on such a one."""
    if finding.latest.level >= level and not _unsure(state, finding.latest):
        return False
    return all(_unsure(state, o) for n, o in finding.rests.items() if n >= level)


def _confirmed_by(state: State) -> tuple[str, ...]:
    """The weight that confirms a doubted one, without which no tier would be asked for."""
    last = state.child.weights.last
    return () if last is None else (last.id,)


def _unsure(state: State, outcome: Outcome) -> bool:
    if outcome.best_doubted or not outcome.waits:
        return outcome.best_doubted
    now = None if outcome.weight is None else state.child.weights.by_id.get(outcome.weight.id)
    return now is None or not now.counts


def raise_tier(state: State, to: TierName, change: DayChange) -> bool:
    """Raise the tier, if it is higher; no weight is due later than it was before."""
    now = state.standing
    if TIERS.index(to) <= TIERS.index(now.tier):
        return False
    change.rise(now.tier, to)
    last = state.child.weights.last
    before = next_weighing(
        state.child, now.tier, now.rose, state.day, gaining_from=gaining_from(state), cap=now.cap
    )  # as it would be had the tier not risen
    state.standing = replace(
        now,
        tier=to,
        since=state.day,
        rose=state.day,
        cap=before,
        steady_from=None if last is None else last.id,
        by_age=False,
        began={**now.began, **dict.fromkeys(TIERS[TIERS.index(now.tier) + 1 : TIERS.index(to) + 1], (state.day, ()))},
    )
    return True


def _rest_on(state: State, witness: tuple[str, ...]) -> None:
    """Keep the events by which the tier rose today."""
    now = state.standing
    began = {tier: (day, witness if day == state.day else by) for tier, (day, by) in now.began.items()}
    state.standing = replace(now, witness=witness, began=began)


def settle_tier(state: State, change: DayChange) -> bool:
    """Raise the tier to what open findings ask for, and further where a child is protected; say whether it rose."""
    standing, before = state.standing, state.tier
    # What an override has released is held by no run of weights.
    if standing.released and standing.steady_from is not None and unsteady(state, state.child.weights.valid):
        state.standing = replace(standing, released={})
    to, witness, own = asked_tier(state)
    if raise_tier(state, to, change):
        _rest_on(state, witness)
        state.standing = replace(state.standing, released={}, rests_on=own)
    people, rise = state.child.people, state.protocol.settings.tiers.protected
    if rise is not None and state.tier == rise.tier and people.protected:
        raise_tier(state, rise.to, change)
        extra = [*people.safeguarding, *((people.protection_plan,) if people.protection_plan else ())]
        _rest_on(state, (*state.standing.witness, *extra))
    return state.tier != before


def unsteady(state: State, weights: Sequence[Weight]) -> str | None:
    """Why growth is not steady since the day of a weight: z fell, or the evidence is too high; None if it is.

    Each weight must show it, also where there are several of one day.
    """
    child, steady = state.child, state.protocol.settings.tiers.steady
    start = child.weights.by_id.get(state.standing.steady_from or "")
    if steady is None or start is None or not start.counts:
        return "the weight from which steadiness would count is not known"
    for w in weights:
        if w.day <= start.day:
            continue
        change = child.growth.change_since_day(start, w)
        if change is None:
            return f"the weight of {long_date(w.day)} cannot be compared with that of {long_date(start.day)}"
        if change < -steady.within_spaces * SPACE - TINY:
            return f"the weight of {long_date(w.day)} is {spaces_words(-change / SPACE)} lower than at the start"
    of_day = [evidence_cleared(child, w) for w in weights if w.day == weights[-1].day]
    ratio = max((r for r in of_day if r is not None), default=None)
    if ratio is None and not state.standing.released:
        return "the evidence of slowing cannot be judged"
    if ratio is not None and ratio >= steady.evidence_below:
        return f"the weights {fit_words(fit_after(child, weights[-1]) or ratio)}"
    return None
