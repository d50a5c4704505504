"""May this decision be admitted, and if not, why.

Facts are never refused.  A refused decision stays in the record and has no effect.

Source: process specification, section 5.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from growthwatch.core.calendar import local_day
from growthwatch.core.canonical import short_hash
from growthwatch.core.words import days_words, kg_words, long_date, name_words, one_line, role_words, same_name
from growthwatch.protocol.child import NO_WEIGHT, SUSPECTED
from growthwatch.protocol.child.ages import months_after
from growthwatch.protocol.child.dismissals import dismissals
from growthwatch.protocol.child.signed import condition_reference, plan_faults
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.admitted import never_confirmed
from growthwatch.protocol.engine.asked import gaining_from
from growthwatch.protocol.engine.exits import close_signed, lower_tier, open_keys, why_not_closed
from growthwatch.protocol.engine.findings import look
from growthwatch.protocol.engine.ladder import is_late, top_rung
from growthwatch.protocol.engine.overrides import CARRIED_OUT, carry_out
from growthwatch.protocol.engine.state import DayChange, OpenFinding, Refusal, Snooze, State
from growthwatch.protocol.file.values import LOUDNESS, TIERS
from growthwatch.protocol.kinds.doubts import Doubt
from growthwatch.protocol.kinds.explained_away import ExplainedAway
from growthwatch.protocol.kinds.kind import Reason
from growthwatch.protocol.kinds.plan_kept import PlanKept
from growthwatch.protocol.schedule import longest_by_plan
from growthwatch.record import DecisionSigned, Event, Overridden, PlanSigned, ProtocolAdopted, Snoozed, Withdrawn

__all__ = ["decide", "judge_plans", "not_adopted", "reasons_against"]


_AFTER_DEATH = ("other", "confirm_fact", "confirm_weight", "hold_family_page", "release_family_page")
"""Decisions that are judged as ever once the child has died, as is an adoption: none touches what was open then."""


def decide(state: State, change: DayChange) -> bool:
    """Judge the decisions that became known, in order of recording.

    Returns
    -------
    Whether any was admitted.
    """
    new = [e for e in state.child.signed.events if e.id not in state.decided]
    dead, admitted = state.child.dead_on(state.day), False
    for e in sorted(new, key=_recorded):
        state.decided.add(e.id)
        after = isinstance(e, ProtocolAdopted) or (isinstance(e, DecisionSigned) and e.decision in _AFTER_DEATH)
        reasons = [_died(state)] if dead and not after else reasons_against(state, e, change)
        if reasons is None:
            continue
        if reasons:
            _refuse(state, e, reasons, change)
            # What it had let happen today is judged again without it.
            admitted = admitted or isinstance(e, PlanSigned)
        else:
            admitted = True
    return admitted


def _died(state: State) -> Reason:
    says = f"the child died on {long_date(state.child.ages.died or 0)}: what was open then is kept as it was"
    return Reason(says, "a mark that the death was entered in error")


def _refuse(state: State, e: Event, reasons: Sequence[Reason], change: DayChange) -> None:
    told = tuple(dict.fromkeys(map(str, reasons)))
    refusal = Refusal(e.id, state.day, told, tuple(dict.fromkeys(r.helps for r in reasons)))
    state.refused.append(refusal)
    change.refused.append(refusal)
    state.child.signed.bar(e.id)


def judge_plans(state: State, change: DayChange) -> None:
    """Judge plans that became known before anything else is: what is refused moves no test and sets no floor."""
    child = state.child
    never_confirmed(child)
    new = [e for e in state.child.signed.events if isinstance(e, PlanSigned) and e.id not in state.decided]
    for e in sorted(new, key=_recorded):
        reasons = [*plan_reasons(state, e), *([_died(state)] if child.dead_on(state.day) else [])]
        if reasons:
            state.decided.add(e.id)
            _refuse(state, e, reasons, change)


def reasons_against(state: State, e: Event, change: DayChange) -> list[Reason] | None:
    """Why a decision is not admitted; one that is takes effect.  None where nothing hangs on it."""
    for type_, guard in _GUARDS.items():
        if isinstance(e, type_):
            return guard(state, e, change)
    return None


def _recorded(e: Event) -> tuple[dt.datetime, str]:
    return e.recorded_at, e.id


def _signed_by(state: State, e: Event) -> list[Reason]:
    roles = state.protocol.settings.terms.signing_roles
    if e.role in roles:
        return []
    says = f"signed by {role_words(e.role)}, who cannot sign this"
    return [Reason(says, f"a signature by {_any_of(roles)}")]


def _only(e: Event, roles: tuple[str, ...]) -> list[Reason]:
    if e.role in roles:
        return []
    return [Reason(f"signed by {role_words(e.role)}; only {_any_of(roles)} can", f"a signature by {_any_of(roles)}")]


def _any_of(roles: Sequence[str]) -> str:
    return " or ".join(role_words(r) for r in roles)


def _decision(state: State, e: DecisionSigned, change: DayChange) -> list[Reason] | None:
    guards = state.protocol.settings.guards
    match e.decision:
        case "other":
            return None
        case "close_finding":
            return _close(state, e, change)
        case "lower_tier":
            return lower_tier(state, e, change, _signed_by(state, e))
        case "confirm_weight":
            return [*_signed_by(state, e), *_confirm(state, e)]
        case "confirm_fact":
            return [*_signed_by(state, e), *_confirm_fact(state, e)]
        case "end_plan":
            return _end_plan(state, e, _only(e, guards.graver_roles))
        case "choose_reference":
            return [*_only(e, guards.graver_roles), *_choose_reference(state, e)]
        case "accept_conflict":
            return [*_signed_by(state, e), *_accept_conflict(state, e)]
        case "hold_family_page" | "release_family_page":
            return [*_only(e, guards.family_page_roles), *_family_page(state, e)]


def _confirm(state: State, e: DecisionSigned) -> list[Reason]:
    """A signature confirms a doubted weight, not an impossible one."""
    w = None if e.target is None else state.child.weights.by_id.get(e.target)
    if w is None:
        return [Reason(f"no weighing {e.target} is known", "the id of a weighing of this record")]
    out: list[Reason] = []
    weighed = next((k.event for k in state.child.happened.of("weighed") if k.id == e.target), None)
    if weighed is not None and same_name(weighed.actor) == same_name(e.actor):
        out.append(Reason("who weighed it signed it", "a signature by somebody else than who weighed"))
    # A signature that may be has confirmed it by now; what is doubted still, none can.
    signed = not out and not _signed_by(state, e)
    if w.validity == NO_WEIGHT or (signed and w.validity == SUSPECTED):
        says = f"{kg_words(w.kg)} on {long_date(w.day)} is beyond what a signature can confirm ({w.reason})"
        out.append(Reason(says, "another weight"))
    return out


def _accept_conflict(state: State, e: DecisionSigned) -> list[Reason]:
    """A weight asked for more often than is usual is accepted where that is shown, and for some months."""
    out: list[Reason] = []
    if state.due.conflict is None:
        out.append(Reason("no conflict of floors is shown", "a floor that is shorter than is usual at this age"))
    until, months = _until(e), state.protocol.settings.guards.conflict_months
    last = months_after(e.on.toordinal(), months)
    if until is not None and until > last:
        out.append(Reason(f"it is for more than {months} months", f"an end no later than {long_date(last)}"))
    if until is not None and until < e.on.toordinal():
        out.append(Reason(_ENDED, f"an end on {long_date(e.on)} or later"))
    return out


def _confirm_fact(state: State, e: DecisionSigned) -> list[Reason]:
    """A signature confirms a fact about which a question is open, or would have opened today without it."""
    every = [f for f in (*state.open.values(), *state.closed) if isinstance(f.rule, Doubt)]
    asked = [f for f in every if f.subject.partition(":")[2] == e.target]
    about = {f.subject.partition(":")[0] for f in asked if f.closed_on is None or f.closed_by == e.id}
    if not asked:
        rules = state.protocol.rules_of(Doubt)
        about = {question for r in rules for question in r.asks_but_for(look(state), e.target or "")}
    if not about:
        return [Reason(f"nothing is asked about {e.target}", "the id of an event about which a question is open")]
    if _AHEAD in about:
        return [Reason("it is dated ahead of the day on which it was written down", "a correction of its date")]
    if _DEATH in about:
        return [
            Reason("a signature confirms no death", "a death recorded by a clinician, or a mark that it is an error")
        ]
    return []


_ENDED = "it ends before it begins"
_AHEAD = "dated_ahead"
_DEATH = "death"


def _close(state: State, e: DecisionSigned, change: DayChange) -> list[Reason]:
    """A finding is signed closed by who may, unless they alone explained away what is looked at again."""
    before = [*_signed_by(state, e), *_sole_dismisser(state, e)]
    if not before:
        return close_signed(state, e, change)
    return [*before, *why_not_closed(state, e)]


def _sole_dismisser(state: State, e: DecisionSigned) -> list[Reason]:
    """Under an open second look, the only one who explained it away signs nothing closed."""
    for f in state.open.values():
        if isinstance(f.rule, ExplainedAway):
            own = {*(f.outcome.own or ()), *(f.latest.own or ())}
            who = {same_name(d.actor) for d in dismissals(state.child) if d.id in own}
            if who == {same_name(e.actor)}:
                says = "its signer alone explained it away, and nobody else has looked again"
                return [Reason(says, "a signature by somebody who has not explained it away")]
    return []


def _end_plan(state: State, e: DecisionSigned, before: list[Reason]) -> list[Reason]:
    """A plan ends on the day on which that is signed; one of which it is asked that it be renewed or ended, too."""
    known = {p.id for p in state.child.signed.plans if p.day <= state.day <= p.until}
    known |= {f.subject for f in state.open.values() if isinstance(f.rule, PlanKept)}
    if e.target is None or e.target not in known:
        return [*before, Reason(f"no plan {e.target} is in force", "the id of a plan that is in force")]
    if before:
        return before
    state.child.signed.end(e.target, state.day, e.id)
    state.ended_plans[e.target] = state.day, e.id
    return []


def _choose_reference(state: State, e: DecisionSigned) -> list[Reason]:
    """A reference is chosen by a signed plan; a decision alone may name only one that could judge."""
    found, why = condition_reference(e.target or "")
    if found is None:
        says = "it names no reference" if e.target is None else f"{one_line(e.target)}: {why}"
        return [Reason(says, "a standard or reference of the condition with weights by age")]
    if state.child.signed.condition_plan(state.day) is None:
        return [Reason("no signed plan in force names a reference", "a signed plan that names it")]
    return []


def _family_page(state: State, e: DecisionSigned) -> list[Reason]:
    """The family's page is held back until a day that the decision names, and no longer than the file allows."""
    if e.decision == "release_family_page":
        return []
    until, since = _until(e), e.on.toordinal()
    longest = state.protocol.settings.guards.family_page_days
    helps = f"a last day from {long_date(since)} to {long_date(since + longest)}"
    if until is None:
        return [Reason("it names no day until which the page is held back", helps)]
    if until < since:
        return [Reason(_ENDED, helps)]
    if until - since > longest:
        says = f"it holds the page back for {days_words(until - since)}; the longest is {days_words(longest)}"
        return [Reason(says, helps)]
    return []


def _until(e: DecisionSigned) -> int | None:
    """The day that a decision names as its target."""
    try:
        return None if e.target is None else dt.date.fromisoformat(e.target).toordinal()
    except ValueError:
        return None


# --- snoozes --------------------------------------------------------------------------------------


def _snooze(state: State, e: Snoozed, change: DayChange) -> list[Reason]:
    """The next step of a finding waits, for a while, where nothing is late and nothing presses."""
    rules = state.protocol.settings.snooze
    finding = next((f for f in state.open.values() if f.key == e.target), None)
    if finding is None:
        says = f"no finding {e.target} is open"
        return [*_signed_by(state, e), Reason(says, open_keys(state))]
    out = _signed_by(state, e)
    loud = finding.rule.loudness_at(finding.level, finding.latest.values)
    days, since = e.until.toordinal() - e.on.toordinal(), e.on.toordinal()
    longest = rules.weekly_days if loud == LOUDNESS[0] else rules.daily_days
    if days > longest:
        says = f"it is for {days_words(days)}; the longest is {days_words(longest)}"
        out.append(Reason(says, f"an end no later than {long_date(since + longest)}"))
    if days < 0:
        out.append(Reason(_ENDED, f"an end from {long_date(since)} to {long_date(since + longest)}"))
    out += _not_to_be_snoozed(state, finding, loud)
    before = [s for s in state.snoozes if s.key == finding.key and s.level == finding.level]
    if len(before) > 1:
        out.append(Reason("it was snoozed twice at this level already", _DONE))
    elif before and e.role not in rules.again_by:
        whose = _any_of(rules.again_by)
        out.append(Reason(f"a second time only {whose} can", f"a signature by {whose}"))
    if not out:
        state.snoozes.append(Snooze(e.id, finding.key, finding.level, since, e.until.toordinal(), e.why, e.reason))
    return out


_DONE = "that what it asks for is done: it cannot be put off"


def _not_to_be_snoozed(state: State, finding: OpenFinding, loud: str) -> list[Reason]:
    rules, out = state.protocol.settings.snooze, list[Reason]()
    if loud == LOUDNESS[-1]:
        out.append(Reason("what cannot wait is not snoozed", _DONE))
    rung = top_rung(finding)
    if rung >= "E3":
        out.append(Reason(f"it has reached {rung}", _DONE))
    if TIERS.index(state.tier) >= TIERS.index(rules.never_from_tier):
        out.append(Reason(f"the child is in {state.tier}", f"a tier below {rules.never_from_tier}"))
    if finding.rule.id in rules.never:
        out.append(Reason(f"{finding.rule.id} is never snoozed", _DONE))
    if finding.rule.id in rules.never_protected and state.child.people.protection_plan is not None:
        out.append(Reason(f"{finding.rule.id} is not snoozed under a protection plan", _DONE))
    if any(is_late(state, t) for t in finding.tasks):
        out.append(Reason("something that it asks for is late", "what is late is done first"))
    if state.due.lapsed_from is not None and state.day >= state.due.lapsed_from:
        out.append(Reason("the weight that was due has lapsed", "a valid weight"))
    return out


# --- requests, plans, protocols -------------------------------------------------------------------


def _withdraw(state: State, e: Withdrawn, change: DayChange) -> list[Reason]:
    """Who asked, or the team lead, takes a request back, where no open finding waits for it."""
    r = state.child.requests.of(e.request)
    handover = state.child.offices.handovers.get(e.request)
    if r is None and handover is None:
        return [Reason(f"no request {e.request} is known", "the id of a request or hand-over of this record")]
    asker = (r.actor, r.asker) if r is not None else (handover.actor, handover.sender) if handover else ("", "")
    out: list[Reason] = []
    if e.role != "team_lead" and not any(same_name(e.actor) == same_name(name) for name in asker):
        whose = f"a signature by {name_words(asker[1] or asker[0])} or their team lead"
        out.append(Reason("only who asked, or their team lead, can withdraw it", whose))
    if r is not None and r.kind == "social_care":
        out.append(Reason("a referral to social care is not withdrawn", "an answer by social care, which ends it"))
    if (r is not None and look(state).stand(r).ended) or (handover is not None and handover.ended):
        out.append(Reason("it has ended already", "nothing: nobody waits for it any more"))
    if r is not None:
        open_keys = {f.key for f in state.open.values()}
        others = [o for o in state.child.requests.all.values() if o.id != r.id and o.day >= r.day]
        named = [key for key in r.findings if key in open_keys]
        left = [key for key in named if not any(key in o.findings for o in others)]
        if left:
            says = f"{left[0]} is open and asked for it, and nothing takes its place"
            out.append(Reason(says, f"another request that names {left[0]}"))
    if not out:
        state.withdrawn[e.request] = e.id
    return out


def _plan(state: State, e: PlanSigned, change: DayChange) -> list[Reason]:
    """Plans were judged when they became known (`judge_plans`); the tier may have risen since."""
    return plan_reasons(state, e)


def plan_reasons(state: State, e: PlanSigned) -> list[Reason]:
    """Why a plan is not admitted."""
    out = [Reason(says, helps) for says, helps in plan_faults(state.protocol.settings, e)]
    if e.floor_days is not None:
        standing, gains = state.standing, gaining_from(state)
        most = longest_by_plan(state.child, standing.tier, standing.rose, e.on.toordinal(), gains)
        if e.floor_days > most:
            allowed = days_words(int(most))
            says = f"its {days_words(e.floor_days)} between weights is more than the {allowed} that a plan may set here"
            out.append(Reason(says, f"floor_days of {int(most)} or fewer"))
    if e.plan == "watch":
        out += _watch(state, e)
    return out


def _watch(state: State, e: PlanSigned) -> list[Reason]:
    """What a watch plan lacks."""
    child, guards, on = state.child, state.protocol.settings.guards, e.on.toordinal()
    out: list[Reason] = []
    if not child.conditions.high_need:
        out.append(Reason("a watch plan is for a child of high need", "a plan of another kind"))
    last = child.weights.last
    limit = "a limit_kg" if last is None else f"a limit_kg below {kg_words(last.kg)}"
    if e.limit_kg is None:
        out.append(Reason("limit_kg is missing", limit))
    elif last is not None and e.limit_kg >= last.kg:
        says = f"limit_kg is {kg_words(e.limit_kg)}, not below the last valid weight, {kg_words(last.kg)}"
        out.append(Reason(says, limit))
    if e.dietitian is None:
        out.append(Reason("the dietitian is missing", "the dietitian who watches"))
    latest = months_after(on, guards.watch_months)
    if e.review_by is None or e.review_by.toordinal() > latest:
        says = f"review_by within {guards.watch_months} months is missing"
        out.append(Reason(says, f"review_by no later than {long_date(latest)}"))
    if not any(on - guards.watch_length_days <= day <= on for day, _, _ in child.measures.lengths):
        wanted = f"a length or height of the last {days_words(guards.watch_length_days)}"
        out.append(Reason(f"{wanted} is missing", wanted))
    days = range(on - guards.watch_signs_days, on + 1)
    if not any(child.signs.no_danger_on(day) is not None for day in days):
        wanted = f"danger signs recorded as none in the last {days_words(guards.watch_signs_days)}"
        out.append(Reason(f"{wanted} are missing", wanted))
    return out


def _adopt(state: State, e: ProtocolAdopted, change: DayChange) -> list[Reason]:
    """A protocol is adopted by who answers for it, and not for days that have passed."""
    return not_adopted((state.protocol,), e, state.given)


def not_adopted(protocols: Sequence[Protocol], e: ProtocolAdopted, given: Mapping[str, str] | None) -> list[Reason]:
    """Why an adoption does not count, whatever the child is like.

    `given` names by hash the protocols among which it may choose; None where one was asked for, whatever was adopted.
    """
    out = _only(e, protocols[0].settings.guards.adopting_roles)
    if given is not None and e.hash not in given:
        named = f"{one_line(e.protocol)} ({one_line(short_hash(e.hash))})"
        says = f"{named} is not among the protocols given"
        out.append(Reason(says, f"{' or '.join(given.values())}, or that protocol given too"))
    written = local_day(e.recorded_at, protocols[0].zone)
    if e.on < written:
        out.append(
            Reason(
                f"in force before the day on which it was written down, {long_date(written)}",
                f"a day in force from {long_date(written)} on",
            )
        )
    return out


# --- overrides ------------------------------------------------------------------------------------


def _override(state: State, e: Overridden, change: DayChange) -> list[Reason]:
    """A refused decision is carried out all the same, for a short time, by a graver role and another person."""
    guards = state.protocol.settings.guards
    out = _only(e, guards.graver_roles)
    refused = next((r for r in state.refused if r.event == e.refused), None)
    event = next((x for x in state.child.signed.events if x.id == e.refused), None)
    if refused is None or event is None:
        return [*out, Reason(f"no refused decision {e.refused} is known", "the id of a decision that was refused")]
    if same_name(event.actor) == same_name(e.actor):
        says = "somebody else than the one refused must sign it"
        out.append(Reason(says, f"a signature by somebody else than {name_words(event.actor)}"))
    on = e.on.toordinal()
    days, last = e.review_by.toordinal() - on, on + guards.override_days
    if not 0 <= days <= guards.override_days:
        ahead = f"review_by is {days_words(days)} ahead; the longest is {days_words(guards.override_days)}"
        helps = f"review_by from {long_date(on)} to {long_date(last)}"
        out.append(Reason(_ENDED if days < 0 else ahead, helps))
    out += _never_overridden(state, event)
    if not out:
        carry_out(state, e, event, change)
    return out


def _never_overridden(state: State, event: Event) -> list[Reason]:
    """What nothing overrides."""
    anew = "the decision made anew, with what it lacked"
    if isinstance(event, Overridden):
        return [Reason("an override is not overridden", "an override made anew, with what it lacked")]
    if isinstance(event, DecisionSigned) and event.decision == "confirm_weight":
        return [Reason("a suspected weight is not overridden", "another weight")]
    if isinstance(event, DecisionSigned | ProtocolAdopted) and getattr(event, "decision", "") not in CARRIED_OUT:
        return [Reason("it cannot be carried out by an override", anew)]
    if isinstance(event, DecisionSigned) and event.decision == "lower_tier":
        held = list(state.open.values())  # the floor of the tier is what guards the child
    else:
        held = [f for f in state.open.values() if f.key == getattr(event, "target", None)]
    return [Reason(f"{f.rule.id} is not overridden", f"that {f.rule.id} closes") for f in held if _is_never(state, f)]


def _is_never(state: State, f: OpenFinding) -> bool:
    """Whether a finding cannot wait, has reached social care, or is about who leads and who has the child."""
    loud = f.rule.loudness_at(f.level, f.latest.values) == LOUDNESS[-1]
    return loud or top_rung(f) >= "E4" or f.rule.id in state.protocol.settings.snooze.never


_GUARDS: dict[type[Event], Callable[[State, object, DayChange], list[Reason] | None]] = {
    DecisionSigned: _decision,  # pyright: ignore[reportAssignmentType]
    Snoozed: _snooze,  # pyright: ignore[reportAssignmentType]
    Withdrawn: _withdraw,  # pyright: ignore[reportAssignmentType]
    PlanSigned: _plan,  # pyright: ignore[reportAssignmentType]
    ProtocolAdopted: _adopt,  # pyright: ignore[reportAssignmentType]
    Overridden: _override,  # pyright: ignore[reportAssignmentType]
}
