"""May a finding be signed closed, or a tier signed down; and if not, why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from growthwatch.core.said import said_on
from growthwatch.core.words import days_words, list_words, long_date
from growthwatch.protocol.child import Child, Weight
from growthwatch.protocol.child.fluid import excluded, fluid
from growthwatch.protocol.child.signs import Looked
from growthwatch.protocol.engine.errors import rests_on_error
from growthwatch.protocol.engine.findings import close, look
from growthwatch.protocol.engine.past import earlier
from growthwatch.protocol.engine.state import DayChange, OpenFinding, State, rule_of
from growthwatch.protocol.engine.tier import eased_to, known_risk, lasting_risk, top_tier, unsteady
from growthwatch.protocol.file.values import TIERS, TierName
from growthwatch.protocol.kinds.kind import NOT_MET, GrowthKind, Kind, Outcome, Reason
from growthwatch.record import DecisionSigned

__all__ = ["close_signed", "closing_words", "inside_for", "lower_tier", "maybe_fluid", "why_not_closed"]


def _exit_days(state: State) -> int:
    terms = state.protocol.settings.terms
    return terms.exit_least_days_t3 if state.tier == "T3" else terms.exit_least_days


def _weights_by(state: State, moment: dt.datetime) -> list[Weight]:
    """Valid weights that had been written down by a moment."""
    return [w for w in state.child.weights.valid if w.recorded_at <= moment]


def _exit_met(state: State, e: DecisionSigned, rules: list[tuple[Kind, Outcome]]) -> bool:
    """Two consecutive valid weights, by the time of signing, inside every threshold given."""
    return inside_for(state.child, _weights_by(state, e.recorded_at), rules, _exit_days(state))


def inside_for(child: Child, weights: Sequence[Weight], rules: Sequence[tuple[Kind, Outcome]], least_days: int) -> bool:
    """Two consecutive valid weights, so many days apart and all between them, inside every threshold given.

    Of the weights of one day all must be.
    """

    def fine(w: Weight) -> bool:
        return all(rule.inside(child, w, outcome) is not False for rule, outcome in rules) and any(
            rule.inside(child, w, outcome) for rule, outcome in rules
        )

    for day, of_day in groupby(reversed(weights), key=_weighed_on):
        if not all(map(fine, of_day)):
            return False
        if weights[-1].day - day >= least_days:
            return True
    return False


def _weighed_on(w: Weight) -> int:
    return w.day


def _signs_off(rule: Kind) -> bool:
    return "signed" in (rule.closes, rule.also_closes)


def close_signed(state: State, e: DecisionSigned, change: DayChange) -> list[Reason]:
    """Why a finding is not signed closed; where nothing speaks against it, it closes."""
    out = why_not_closed(state, e)
    if not out:
        close(state, next(f for f in state.open.values() if f.key == e.target).slot, e.id, change)
    return out


def open_keys(state: State) -> str:
    """What would help a decision about a finding that is not open: the keys of those that are."""
    keys = [f.key for f in state.open.values()]
    return f"the key of a finding that is open: {', '.join(keys)}" if keys else "the key of a finding that is open"


def why_not_closed(state: State, e: DecisionSigned) -> list[Reason]:
    """Everything that speaks against signing a finding closed, but who signs it."""
    finding = next((f for f in state.open.values() if f.key == e.target), None)
    if finding is None:
        return [Reason(f"no finding {e.target} is open", open_keys(state))]
    rule, out = finding.rule, list[Reason]()
    if not _signs_off(rule):
        when = closing_words(rule)
        return [Reason(f"{rule.id} does not close by a signature: it closes when {when}", f"that {when}")]
    own = rule.signed_off(look(state), finding, e)
    if own is not None:
        return own
    if state.outcomes.get(finding.slot, finding.latest).level != NOT_MET and rule in state.protocol.rules:
        seen = said_on(rule.say(finding.latest.values, finding.level), state.day)
        out.append(Reason(f"{rule.id} is still met: {seen.removesuffix('.')}", f"weights that do not meet {rule.id}"))
    if not rests_on_error(state, finding):
        if not _exit_met(state, e, [(rule, finding.outcome)]):
            wanted = (
                f"two consecutive valid weights inside its threshold, at least {days_words(_exit_days(state))} apart"
            )
            out.append(Reason(f"{rule.id} needs {wanted}, first", wanted))
        elif (why := _not_by_then(state, finding, e)) is not None:
            out.append(why)
    if (why := maybe_fluid(state)) is not None:
        out.append(why)
    return out


def _not_by_then(state: State, finding: OpenFinding, e: DecisionSigned) -> Reason | None:
    """Why a finding may not be closed by the values under which it opened or rose; None where it may."""
    for then, rule, at in earlier(state, finding, look(state)):
        if not _exit_met(replace(state, protocol=then, child=at.child), e, [(rule, finding.outcome)]):
            since = "" if then.start is None else f" from {long_date(then.start)}"
            told = f"{then.id} {then.version}{since}"
            says = f"{rule.id} needs such weights by the values too under which it opened or rose ({told})"
            return Reason(says, f"two consecutive valid weights inside the threshold of {told} too")
    return None


def maybe_fluid(state: State) -> Reason | None:
    """Why a weight may be fluid, so that by it nothing is signed down or closed; None where it may."""
    child, last = state.child, state.child.weights.last
    named = {} if last is None else fluid(child, last, state.day)
    if not named or excluded(child, state.day) is not None:
        return None
    days = days_words(child.settings.terms.fluid.examined_within_days)
    why = list_words(list(dict.fromkeys(named.values())))
    helps = f"an examination of the last {days} that finds no oedema"
    return Reason(f"the weight may be fluid ({why}): {helps} is needed first", helps)


def lower_tier(state: State, e: DecisionSigned, change: DayChange, before: Sequence[Reason] = ()) -> list[Reason]:
    """Why the tier is not signed down; where nothing speaks against it, here or `before`, it falls."""
    assert e.tier is not None
    to: TierName = e.tier
    if TIERS.index(to) >= TIERS.index(state.tier):
        low = f"a tier below {state.tier}" if state.tier != TIERS[0] else "nothing: there is no lower tier"
        return [*before, Reason(f"{to} is not below the present tier, {state.tier}", low)]
    growth = state.protocol.rules_of(GrowthKind)
    reasons: list[Reason] = []
    holding: dict[str, int] = {}
    lowest = eased_to(state)
    for finding in state.open.values():
        rule, top = finding.rule, top_tier(state, finding, lowest is not None)
        if top > TIERS.index(to) and not state.holds_none(finding.key):
            holding[finding.key] = finding.level
            says = f"{rule.id} ({rule.title.lower()}) is open and holds the child in {TIERS[top]}"
            reasons.append(Reason(says, f"that {rule.id} closes"))
    barring = [f for f in state.open.values() if f.rule.bars_lowering(f.level)]
    reasons += [_is_open(f) for f in barring if f.rule.CLIMBS == "clinical"]
    # Who leads, who has the child and who protects it bar the way out of one that grows steadily, too.
    before = [*before, *(_is_open(f) for f in barring if f.rule.CLIMBS != "clinical"), *_protected(state)]
    if TIERS.index(known_risk(state)) > TIERS.index(to):
        reasons.append(_risk_holds(state))
    if (why := maybe_fluid(state)) is not None:
        reasons.append(why)
    # A child that is very low and has long held its place need not first rise above the line.
    eased = to == lowest
    for rule in growth if not eased else ():
        if state.outcomes.get(rule.id, Outcome()).level != NOT_MET:
            says = f"{rule.id} ({rule.title.lower()}) is still met"
            reasons.append(Reason(says, f"weights that do not meet {rule.id}"))
    only_an_error = bool(state.child.in_error.intersection(state.standing.rests_on))
    freed = only_an_error or eased
    if not freed and not _exit_met(state, e, [(r, state.outcomes.get(r.id, Outcome())) for r in growth]):
        wanted = f"two consecutive valid weights inside every threshold, at least {_exit_days(state)} days apart"
        reasons.append(Reason(f"{wanted}, are needed first", wanted))
    released: dict[str, int] = {}
    steady = state.protocol.settings.tiers.steady
    if reasons and steady is not None and state.tier == steady.tier:
        other_way = _not_steady(state, e, to)
        if other_way:
            told = [r for r in other_way if r not in reasons]
            helps = f"or {days_words(steady.days)} of steady growth in {steady.tier}, with nothing against it"
            return [*before, *reasons, *(Reason(f"and for the other way out: {r}", helps) for r in told)]
        reasons, released = [], holding
    reasons = [*before, *reasons]
    if not reasons:
        change.rise(state.tier, to)
        state.lowered[e.id] = state.standing
        last = state.child.weights.last
        steady_from = state.standing.steady_from if released else None if last is None else last.id
        state.standing = replace(
            state.standing,
            tier=to,
            since=state.day,
            cap=None,
            released=released,
            steady_from=steady_from,
            by_age=to == state.protocol.settings.tiers.risk_tier and lasting_risk(state) == "T0" != known_risk(state),
        )
    return reasons


def _is_open(f: OpenFinding) -> Reason:
    return Reason(f"{f.rule.id} ({f.rule.title.lower()}) is open", f"that {f.rule.id} closes")


def _protected(state: State) -> list[Reason]:
    """A protection plan, or an open safeguarding referral, holds the tier that it has brought."""
    rise = state.protocol.settings.tiers.protected
    if rise is None or state.tier != rise.to or not state.child.people.protected:
        return []
    says = f"a protection plan or an open safeguarding referral holds the child in {rise.to}"
    return [Reason(says, "that the plan or the referral has ended")]


def _risk_holds(state: State) -> Reason:
    says = f"a known growth risk holds the child in {state.protocol.settings.tiers.risk_tier}"
    return Reason(says, "that the condition or plan behind the risk has ended")


def _not_steady(state: State, e: DecisionSigned, to: TierName) -> list[str]:
    """Why the tier may not be lowered for steady growth; empty if it may (specification, section 1)."""
    child, steady = state.child, state.protocol.settings.tiers.steady
    standing = state.standing
    assert steady is not None
    out: list[str] = []
    if child.conditions.high_need and not steady.high_need:
        out.append("it is not for a child of high need")
    if TIERS.index(known_risk(state)) > TIERS.index(to):
        out.append(_risk_holds(state))
    if (fluid_named := maybe_fluid(state)) is not None:
        out.append(fluid_named)
    lasted = state.day - standing.since
    if lasted < steady.days:
        out.append(f"{steady.tier} has lasted {days_words(lasted)} of {days_words(steady.days)}")
    for slot, outcome in state.outcomes.items():
        id, finding = rule_of(slot), state.open.get(slot)
        signed = finding is not None and _signs_off(finding.rule)
        if outcome.level != NOT_MET and isinstance(state.protocol.rule(id), GrowthKind) and not signed:
            out.append(f"{id} is met, and does not close by a signature")
    for finding in state.open.values():
        held = finding.rule
        holds = any(n.tier is not None for n in held.levels[: finding.level + 1])
        if holds and not _signs_off(held):
            out.append(f"{held.id} is open, and does not close by a signature")
    weights = _weights_by(state, e.recorded_at)
    why = unsteady(state, weights)
    start = child.weights.by_id.get(standing.steady_from or "")
    if why is None and start is not None and weights[-1].day - start.day < steady.days:
        why = f"the weights since {long_date(start.day)} do not yet span {days_words(steady.days)}"
    if why is not None:
        out.append(why)
    for what in steady.found_normal:
        seen = [
            x
            for x in child.signs.looked
            if x.what == what and x.day >= standing.since and x.recorded_at <= e.recorded_at
        ]
        if not seen or max(seen, key=_looked_at).found != "normal":
            out.append(f"no examination since {long_date(standing.since)} records {what} as normal")
    return out


def _looked_at(x: Looked) -> tuple[int, dt.datetime]:
    return x.day, x.recorded_at


_CLOSING = {
    "valid_weight": "a valid weight is recorded",
    "recovered": "a valid weight shows recovery",
    "signed": "two consecutive valid weights are inside the threshold and somebody signs",
}


def closing_words(rule: Kind) -> str:
    """What closes a rule, in words."""
    if rule.closes_words is not None:
        return rule.closes_words
    ways = [rule.closes] + ([rule.also_closes] if rule.also_closes else [])
    return ", or ".join(rule.answer_words() if way == "answered" else _CLOSING[way] for way in ways)
