"""The tier: up by rule, down by signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from growthwatch.core.words import fit_words, long_date, spaces_words
from growthwatch.protocol.child import Weight
from growthwatch.protocol.engine.state import DayChange, State
from growthwatch.protocol.file.values import TIERS, TierName
from growthwatch.protocol.kinds.kind import NOT_MET
from growthwatch.protocol.kinds.weights import SPACE, TINY, evidence_cleared, fit_after
from growthwatch.protocol.schedule import Due

__all__ = ["asked_tier", "known_risk", "raise_tier", "settle_tier", "unsteady"]


def known_risk(state: State) -> TierName:
    """The protocol's tier for a known growth risk, or T0."""
    child, settings = state.child, state.protocol.settings.tiers
    conditions, people, ages = child.conditions.known, child.people, child.ages
    if any(c in settings.risk_conditions for c in conditions) or people.level in settings.risk_levels:
        return settings.risk_tier
    if settings.safeguarding_is_risk and people.protected:
        return settings.risk_tier
    birth = ages.birth
    if (
        birth is not None
        and birth.gestation_days is not None
        and birth.gestation_days < settings.preterm_born_before_days
        and state.day < ages.mark(settings.preterm_until_corrected_months, corrected=True)
    ):
        return settings.risk_tier
    return "T0"


def asked_tier(state: State) -> tuple[TierName, tuple[str, ...]]:
    """Highest tier that an open finding asks for, and the events that this rests on."""
    best: TierName = "T0"
    witness: tuple[str, ...] = ()
    for finding in state.open.values():
        if state.standing.released.get(finding.key, NOT_MET) >= finding.level:
            continue
        for level in finding.rule.levels[: finding.level + 1]:
            if level.tier is not None and TIERS.index(level.tier) > TIERS.index(best):
                best, witness = level.tier, finding.outcome.witness
    return best, witness


def raise_tier(state: State, to: TierName, before: Due, change: DayChange) -> bool:
    """Raise the tier, if it is higher; `before` is the next weighing as it stood."""
    now = state.standing
    if TIERS.index(to) <= TIERS.index(now.tier):
        return False
    change.rise(now.tier, to)
    last = state.child.weights.last
    state.standing = replace(
        now, tier=to, since=state.day, rose=state.day, cap=before, steady_from=None if last is None else last.id
    )
    return True


def settle_tier(state: State, change: DayChange) -> bool:
    """Raise the tier to what open findings ask for, and further where a child is protected; say whether it rose."""
    standing, before = state.standing, state.tier
    if standing.released and unsteady(state, state.child.weights.valid):
        state.standing = replace(standing, released={})
    to, witness = asked_tier(state)
    if raise_tier(state, to, state.due, change):
        state.standing = replace(state.standing, witness=witness, released={})
    people, rise = state.child.people, state.protocol.settings.tiers.protected
    if rise is not None and state.tier == rise.tier and people.protected:
        raise_tier(state, rise.to, state.due, change)
        extra = [*people.safeguarding, *((people.protection_plan,) if people.protection_plan else ())]
        state.standing = replace(state.standing, witness=(*state.standing.witness, *extra))
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
