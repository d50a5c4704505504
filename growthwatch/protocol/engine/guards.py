"""May this decision be admitted, and if not, why.

Facts are never refused.  A refused decision stays in the record and has no effect.

Source: process specification, section 5.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from growthwatch.core.calendar import local_day
from growthwatch.core.words import days_words, kg_words, long_date, role_words, same_name
from growthwatch.protocol.child import NO_WEIGHT, SUSPECTED
from growthwatch.protocol.child.ages import months_after
from growthwatch.protocol.child.dismissals import dismissals
from growthwatch.protocol.child.signed import condition_reference, plan_faults
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.engine.asked import gaining_from
from growthwatch.protocol.engine.exits import close_signed, lower_tier, why_not_closed
from growthwatch.protocol.engine.ladder import is_late, top_rung
from growthwatch.protocol.engine.overrides import CARRIED_OUT, carry_out
from growthwatch.protocol.engine.state import DayChange, OpenFinding, Reason, Refusal, Snooze, State
from growthwatch.protocol.file.values import LOUDNESS, TIERS
from growthwatch.protocol.kinds.explained_away import ExplainedAway
from growthwatch.protocol.schedule import longest_by_plan
from growthwatch.record import DecisionSigned, Event, Overridden, PlanSigned, ProtocolAdopted, Snoozed, Withdrawn

__all__ = ["decide", "judge_plans", "keep_out", "not_adopted", "reasons_against"]


def decide(state: State, change: DayChange, only: tuple[str, ...] = ()) -> bool:
    """Judge the decisions that became known, or some kinds of them, in order of recording.

    Returns
    -------
    Whether any was admitted.
    """
    new = [e for e in state.child.signed.events if e.id not in state.decided]
    if only:
        new = [e for e in new if isinstance(e, DecisionSigned) and e.decision in only]
    admitted = False
    for e in sorted(new, key=_recorded):
        state.decided.add(e.id)
        reasons = reasons_against(state, e, change)
        if reasons is None:
            continue
        if reasons:
            _refuse(state, e, reasons, change)
            # What it had let happen today is judged again without it.
            admitted = admitted or isinstance(e, PlanSigned)
        else:
            admitted = True
    return admitted


def _refuse(state: State, e: Event, reasons: Sequence[str], change: DayChange) -> None:
    refusal = Refusal(e.id, state.day, tuple(dict.fromkeys(map(str, reasons))), _helps(reasons))
    state.refused.append(refusal)
    change.refused.append(refusal)
    state.child.signed.bar(e.id)


def judge_plans(state: State, change: DayChange) -> None:
    """Judge plans that became known before anything else is: what is refused moves no test and sets no floor."""
    child = state.child
    never = {d.event for d in child.ages.deaths}
    never |= {n.event.id for n in child.notices if n.what == "ahead" and not n.event.is_arrangement}
    for d in child.signed.decisions:
        if d.decision == "confirm_fact" and d.target in never:
            child.signed.bar(d.id)  # no signature makes it sure
    new = [e for e in state.child.signed.events if isinstance(e, PlanSigned) and e.id not in state.decided]
    for e in sorted(new, key=_recorded):
        if reasons := plan_reasons(state, e):
            state.decided.add(e.id)
            _refuse(state, e, reasons, change)


def keep_out(state: State) -> None:
    """Take what was not admitted out of what is known, once that has been read anew; but what an override allows."""
    signed = state.child.signed
    for refusal in state.refused:
        signed.bar(refusal.event)
    for o in state.overrides:
        if not o.lapsed:
            signed.allow(o.refused, o.day, o.until)
    for plan, ended in state.ended_plans.items():
        signed.end(plan, ended)


def reasons_against(state: State, e: Event, change: DayChange) -> list[str] | None:
    """Why a decision is not admitted; one that is takes effect.  None where nothing hangs on it."""
    for type_, guard in _GUARDS.items():
        if isinstance(e, type_):
            return guard(state, e, change)
    return None


def _helps(reasons: Sequence[str]) -> tuple[str, ...]:
    """What would make a decision acceptable: what each reason says of that, or the lack that it names."""
    out = [r.helps if isinstance(r, Reason) else r if "needed first" in r else "" for r in reasons]
    return tuple(dict.fromkeys(h.removesuffix(" are needed first").removesuffix(" is needed first") for h in out if h))


def _recorded(e: Event) -> tuple[dt.datetime, str]:
    return e.recorded_at, e.id


def _signed_by(state: State, e: Event) -> list[str]:
    roles = state.protocol.settings.terms.signing_roles
    if e.role in roles:
        return []
    says = f"signed by {role_words(e.role)}, who cannot sign this"
    return [Reason(says, f"a signature by {_any_of(roles)}")]


def _only(e: Event, roles: tuple[str, ...]) -> list[str]:
    if e.role in roles:
        return []
    return [Reason(f"signed by {role_words(e.role)}; only {_any_of(roles)} can", f"a signature by {_any_of(roles)}")]


def _any_of(roles: Sequence[str]) -> str:
    return " or ".join(role_words(r) for r in roles)


def _decision(state: State, e: DecisionSigned, change: DayChange) -> list[str] | None:
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


def _confirm(state: State, e: DecisionSigned) -> list[str]:
    """A signature confirms a doubted weight, not an impossible one."""
    w = None if e.target is None else state.child.weights.by_id.get(e.target)
    if w is None:
        return [f"no weighing {e.target} is known"]
    out: list[str] = []
    weighed = next((k.event for k in state.child.happened.of("weighed") if k.id == e.target), None)
    if weighed is not None and same_name(weighed.actor) == same_name(e.actor):
        out.append(Reason("who weighed it signed it", "a signature by somebody else than who weighed"))
    # A signature that may be has confirmed it by now; what is doubted still, none can.
    signed = not out and not _signed_by(state, e)
    if w.validity == NO_WEIGHT or (signed and w.validity == SUSPECTED):
        says = f"{kg_words(w.kg)} on {long_date(w.day)} is beyond what a signature can confirm ({w.reason})"
        out.append(Reason(says, "another weight"))
    return out


def _accept_conflict(state: State, e: DecisionSigned) -> list[str]:
    """A weight asked for more often than is usual is accepted where that is shown, and for some months."""
    out: list[str] = []
    if state.due.conflict is None:
        out.append("no conflict of floors is shown")
    until, months = _until(e), state.protocol.settings.guards.conflict_months
    last = months_after(e.on.toordinal(), months)
    if until is not None and until > last:
        out.append(Reason(f"it is for more than {months} months", f"an end no later than {long_date(last)}"))
    return out


def _confirm_fact(state: State, e: DecisionSigned) -> list[str]:
    """A signature confirms a fact that somebody asks about, or has asked about."""
    asked = [f for f in (*state.open.values(), *state.closed) if f.subject.partition(":")[2] == e.target]
    about = {f.subject.partition(":")[0] for f in asked if f.subject}
    if not about:
        return [f"nothing is asked about {e.target}"]
    if _AHEAD in about:
        return [Reason("it is dated ahead of the day on which it was written down", "a correction of its date")]
    if _DEATH in about:
        return [
            Reason("a signature confirms no death", "a death recorded by a clinician, or a mark that it is an error")
        ]
    return []


_AHEAD = "dated_ahead"
_DEATH = "death"


def _close(state: State, e: DecisionSigned, change: DayChange) -> list[str]:
    """A finding is signed closed by who may, unless they alone explained away what is looked at again."""
    before = [*_signed_by(state, e), *_sole_dismisser(state, e)]
    if not before:
        return close_signed(state, e, change)
    return [*before, *why_not_closed(state, e)]


def _sole_dismisser(state: State, e: DecisionSigned) -> list[str]:
    """Under an open second look, the only one who explained it away signs nothing closed."""
    for f in state.open.values():
        if isinstance(f.rule, ExplainedAway):
            own = {*(f.outcome.own or ()), *(f.latest.own or ())}
            who = {same_name(d.actor) for d in dismissals(state.child) if d.id in own}
            if who == {same_name(e.actor)}:
                says = "its signer alone explained it away, and nobody else has looked again"
                return [Reason(says, "a signature by somebody who has not explained it away")]
    return []


def _end_plan(state: State, e: DecisionSigned, before: list[str]) -> list[str]:
    """A plan ends on the day on which that is signed."""
    plan = next((p for p in state.child.signed.plans if p.id == e.target and p.day <= state.day <= p.until), None)
    if plan is None:
        return [*before, f"no plan {e.target} is in force"]
    if before:
        return before
    state.child.signed.end(plan.id, state.day)
    state.ended_plans[plan.id] = state.day
    return []


def _choose_reference(state: State, e: DecisionSigned) -> list[str]:
    """A reference is chosen by a signed plan; a decision alone may name only one that could judge."""
    found, why = condition_reference(e.target or "")
    if found is None:
        return [f"{e.target}: {why}"]
    plan = state.child.signed.condition_plan(state.day)
    return ["no signed plan in force names a reference"] if plan is None else []


def _family_page(state: State, e: DecisionSigned) -> list[str]:
    """The family's page is held back until a day that the decision names, and no longer than the file allows."""
    if e.decision == "release_family_page":
        return []
    until = _until(e)
    longest = state.protocol.settings.guards.family_page_days
    if until is None:
        return ["it names no day until which the page is held back"]
    if until - state.day > longest:
        return [f"it holds the page back for {days_words(until - state.day)}; the longest is {days_words(longest)}"]
    return []


def _until(e: DecisionSigned) -> int | None:
    """The day that a decision names as its target."""
    try:
        return None if e.target is None else dt.date.fromisoformat(e.target).toordinal()
    except ValueError:
        return None


# --- snoozes --------------------------------------------------------------------------------------


def _snooze(state: State, e: Snoozed, change: DayChange) -> list[str]:
    """The next step of a finding waits, for a while, where nothing is late and nothing presses."""
    rules = state.protocol.settings.snooze
    finding = next((f for f in state.open.values() if f.key == e.target), None)
    if finding is None:
        return [*_signed_by(state, e), f"no finding {e.target} is open"]
    out = _signed_by(state, e)
    loud = finding.rule.loudness_at(finding.level, finding.latest.values)
    days, since = e.until.toordinal() - e.on.toordinal(), e.on.toordinal()
    longest = rules.weekly_days if loud == LOUDNESS[0] else rules.daily_days
    if days > longest:
        says = f"it is for {days_words(days)}; the longest is {days_words(longest)}"
        out.append(Reason(says, f"an end no later than {long_date(since + longest)}"))
    if days < 0:
        out.append("it ends before it begins")
    out += _not_to_be_snoozed(state, finding, loud)
    before = [s for s in state.snoozes if s.key == finding.key and s.level == finding.level]
    if len(before) > 1:
        out.append("it was snoozed twice at this level already")
    elif before and e.role not in rules.again_by:
        out.append(f"a second time only {' or '.join(role_words(r) for r in rules.again_by)} can")
    if not out:
        state.snoozes.append(Snooze(e.id, finding.key, finding.level, since, e.until.toordinal(), e.why, e.reason))
    return out


def _not_to_be_snoozed(state: State, finding: OpenFinding, loud: str) -> list[str]:
    rules, out = state.protocol.settings.snooze, list[str]()
    if loud == LOUDNESS[-1]:
        out.append("what cannot wait is not snoozed")
    rung = top_rung(finding)
    if rung >= "E3":
        out.append(f"it has reached {rung}")
    if TIERS.index(state.tier) >= TIERS.index(rules.never_from_tier):
        out.append(f"the child is in {state.tier}")
    if finding.rule.id in rules.never:
        out.append(f"{finding.rule.id} is never snoozed")
    if finding.rule.id in rules.never_protected and state.child.people.protection_plan is not None:
        out.append(f"{finding.rule.id} is not snoozed under a protection plan")
    if any(is_late(state, t) for t in finding.tasks):
        out.append(Reason("something that it asks for is late", "what is late is done first"))
    if state.due.lapsed_from is not None and state.day >= state.due.lapsed_from:
        out.append("the weight that was due has lapsed")
    return out


# --- requests, plans, protocols -------------------------------------------------------------------


def _withdraw(state: State, e: Withdrawn, change: DayChange) -> list[str]:
    """Who asked, or the team lead, takes a request back, where no open finding waits for it."""
    r = state.child.requests.of(e.request)
    handover = state.child.offices.handovers.get(e.request)
    if r is None and handover is None:
        return [f"no request {e.request} is known"]
    asker = (r.actor, r.asker) if r is not None else (handover.actor, handover.sender) if handover else ("", "")
    out: list[str] = []
    if e.role != "team_lead" and not any(same_name(e.actor) == same_name(name) for name in asker):
        out.append("only who asked, or their team lead, can withdraw it")
    if r is not None and r.kind == "social_care":
        out.append("a referral to social care is not withdrawn")
    if r is not None:
        open_keys = {f.key for f in state.open.values()}
        others = [o for o in state.child.requests.all.values() if o.id != r.id and o.day >= r.day]
        named = [key for key in r.findings if key in open_keys]
        left = [key for key in named if not any(key in o.findings for o in others)]
        if left:
            out.append(f"{left[0]} is open and asked for it, and nothing takes its place")
    if not out:
        state.withdrawn[e.request] = e.id
    return out


def _plan(state: State, e: PlanSigned, change: DayChange) -> list[str]:
    """Plans were judged when they became known (`judge_plans`); the tier may have risen since."""
    return plan_reasons(state, e)


def plan_reasons(state: State, e: PlanSigned) -> list[str]:
    """Why a plan is not admitted."""
    out: list[str] = [Reason(says, helps) for says, helps in plan_faults(state.protocol.settings, e)]
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


def _watch(state: State, e: PlanSigned) -> list[str]:
    """What a watch plan lacks."""
    child, guards = state.child, state.protocol.settings.guards
    out: list[str] = []
    on = e.on.toordinal()
    if not child.conditions.high_need:
        out.append("a watch plan is for a child of high need")
    last = child.weights.last
    if e.limit_kg is None:
        out.append("limit_kg is missing")
    elif last is not None and e.limit_kg >= last.kg:
        out.append(f"limit_kg is {kg_words(e.limit_kg)}, not below the last valid weight, {kg_words(last.kg)}")
    if e.dietitian is None:
        out.append("the dietitian is missing")
    if e.review_by is None or e.review_by.toordinal() > months_after(on, guards.watch_months):
        out.append(f"review_by within {guards.watch_months} months is missing")
    if not any(on - guards.watch_length_days <= day <= on for day, _, _ in child.measures.lengths):
        out.append(f"a length or height of the last {days_words(guards.watch_length_days)} is missing")
    days = range(on - guards.watch_signs_days, on + 1)
    if not any(child.signs.no_danger_on(day) is not None for day in days):
        out.append(f"danger signs recorded as none in the last {days_words(guards.watch_signs_days)} are missing")
    return out


def _adopt(state: State, e: ProtocolAdopted, change: DayChange) -> list[str]:
    """A protocol is adopted by who answers for it, and not for days that have passed."""
    return list(not_adopted((state.protocol,), e))


def not_adopted(protocols: Sequence[Protocol], e: ProtocolAdopted) -> list[str]:
    """Why an adoption does not count, whatever the child is like; that its protocol is unknown the review says."""
    out = _only(e, protocols[0].settings.guards.adopting_roles)
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


def _override(state: State, e: Overridden, change: DayChange) -> list[str]:
    """A refused decision is carried out all the same, for a short time, by a graver role and another person."""
    guards = state.protocol.settings.guards
    out = _only(e, guards.graver_roles)
    refused = next((r for r in state.refused if r.event == e.refused), None)
    event = next((x for x in state.child.signed.events if x.id == e.refused), None)
    if refused is None or event is None:
        return [*out, f"no refused decision {e.refused} is known"]
    if same_name(event.actor) == same_name(e.actor):
        out.append("somebody else than the one refused must sign it")
    days = e.review_by.toordinal() - e.on.toordinal()
    if not 0 <= days <= guards.override_days:
        out.append(f"review_by is {days_words(days)} ahead; the longest is {days_words(guards.override_days)}")
    out += _never_overridden(state, event)
    if not out:
        carry_out(state, e, event, change)
    return out


def _never_overridden(state: State, event: Event) -> list[str]:
    """What nothing overrides."""
    if isinstance(event, Overridden):
        return ["an override is not overridden"]
    if isinstance(event, DecisionSigned) and event.decision == "confirm_weight":
        return ["a suspected weight is not overridden"]
    if isinstance(event, DecisionSigned | ProtocolAdopted) and getattr(event, "decision", "") not in CARRIED_OUT:
        return ["it cannot be carried out by an override"]
    if isinstance(event, DecisionSigned) and event.decision == "lower_tier":
        held = list(state.open.values())  # the floor of the tier is what guards the child
    else:
        held = [f for f in state.open.values() if f.key == getattr(event, "target", None)]
    return [f"{f.rule.id} is not overridden" for f in held if _is_never(state, f)]


def _is_never(state: State, f: OpenFinding) -> bool:
    """Whether a finding cannot wait, has reached social care, or is about who leads and who has the child."""
    loud = f.rule.loudness_at(f.level, f.latest.values) == LOUDNESS[-1]
    return loud or top_rung(f) >= "E4" or f.rule.id in state.protocol.settings.snooze.never


_GUARDS: dict[type[Event], Callable[[State, object, DayChange], list[str] | None]] = {
    DecisionSigned: _decision,  # pyright: ignore[reportAssignmentType]
    Snoozed: _snooze,  # pyright: ignore[reportAssignmentType]
    Withdrawn: _withdraw,  # pyright: ignore[reportAssignmentType]
    PlanSigned: _plan,  # pyright: ignore[reportAssignmentType]
    ProtocolAdopted: _adopt,  # pyright: ignore[reportAssignmentType]
    Overridden: _override,  # pyright: ignore[reportAssignmentType]
}
