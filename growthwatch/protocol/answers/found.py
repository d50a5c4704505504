"""A finding of the fold as people see it, with its duties."""

from __future__ import annotations

import datetime as dt

from growthwatch.core.said import Said, joined
from growthwatch.core.words import days_words, list_words
from growthwatch.protocol.answers.asked import asked
from growthwatch.protocol.answers.false_alarms import healthy, since
from growthwatch.protocol.answers.heard import heard
from growthwatch.protocol.answers.parts import Finding, Obligation
from growthwatch.protocol.answers.plain import date_of, day_of, plain
from growthwatch.protocol.answers.traced import level_source
from growthwatch.protocol.child import NO_WEIGHT, UNCERTAIN
from growthwatch.protocol.child.fluid import fluid
from growthwatch.protocol.child.tasks import Task
from growthwatch.protocol.engine.ahead import weight_to_repeat
from growthwatch.protocol.engine.asked import last_day
from growthwatch.protocol.engine.errors import rests_on_error
from growthwatch.protocol.engine.exits import closing_words
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.ladder import rung_of, top_rung
from growthwatch.protocol.engine.state import OpenFinding
from growthwatch.protocol.file.values import LOUDNESS
from growthwatch.protocol.kinds.kind import NOT_MET, Kind, Outcome
from growthwatch.protocol.kinds.weights import unsure

__all__ = ["asked_by", "finding", "repeat_today", "who"]


def finding(fold: Fold, f: OpenFinding) -> Finding:
    """A finding of the fold, open or closed, in words and dates."""
    rule: Kind = f.rule
    child = fold.state.child
    level = rule.levels[f.level]
    now = fold.state.outcomes.get(f.slot) if f.closed_on is None else None
    # How loud it is goes by what is seen now, whether or not it is met.
    seen = now.values if now is not None and now.values else None
    last = f.latest if f.latest.level >= f.level else f.outcome
    goes_on = now is not None and rule.goes_on(now)
    shown = now if now is not None and (goes_on or now.level >= f.level) else last
    if now is not None and now.level == NOT_MET:
        now = None
    notes: list[Said] = list(shown.notes)
    if f.closed_on is None and now is None and not child.dead_on(fold.until):
        notes.append("No longer met, and open all the same.")
    elif now is not None and now.level < f.level and goes_on:
        notes.append(f"By now that is {rule.levels[now.level].name}. It keeps the graver level until it closes.")
    elif now is not None and now.level < f.level:
        notes.append(joined("Now: ", rule.say(now.values, now.level), " It keeps the graver level until it closes."))
    last_kg = child.weights.last
    if f.closed_on is None and last_kg is not None and {rule.closes, rule.also_closes} & {"recovered", "signed"}:
        named = fluid(child, last_kg, fold.until)
        if named:
            days = days_words(child.settings.terms.fluid.examined_within_days)
            why = list_words(list(dict.fromkeys(named.values())))
            notes.append(
                f"The weight may be fluid ({why}): no gain closes this without an examination of the last {days} that "
                "finds no oedema."
            )
    wrong = [id for id in f.outcome.witness if id in child.in_error]
    if wrong:
        text = f"It rests on {list_words(wrong)}, since marked as an error or corrected."
        if f.closed_on is None and now is None and rule.closes == "signed" and rests_on_error(fold.state, f):
            text += " Whoever may sign may close it, without two weights."
        notes.append(text)
    every = (period for p in fold.protocols for period in p.periods)
    held_by = next((p for p in every if any(r is rule for r in p.rules)), None)
    source, tag, review_by = level_source(held_by, rule, f.level)
    about = rule.about(shown.values)
    obligations = tuple(o for t in f.tasks if (o := _obligation(fold, f, t, about)) is not None)
    return Finding(
        f.key,
        rule.id,
        rule.title,
        level.name,
        rule.loudness_at(f.level, shown.values if seen is None else seen),
        top_rung(f),
        date_of(f.opened_on),
        tuple((date_of(d), rule.levels[n].name) for d, n in f.raised[1:]),
        now is not None,
        rule.say(shown.values, f.level),
        plain(shown.values),
        f.outcome.witness,
        tuple(notes),
        level.closes_words or closing_words(rule),
        _unconfirmed(fold, f),
        source,
        tag,
        review_by,
        obligations,
        date_of(fold.until if f.closed_on is None else f.closed_on),
        day_of(f.closed_on),
        f.closed_by,
        f.anew,
        asked(healthy(rule, f.level, f.outcome.values, child, since(rule, f.raised, f.outcome.values, child))),
        () if shown.weight is None else unsure(shown.weight),
        heard(fold, f),
    )


def _unconfirmed(fold: Fold, f: OpenFinding) -> bool:
    """Whether it rests on a weight that is still an upper bound or suspected."""
    return _unsure(fold, f.latest)


def _unsure(fold: Fold, outcome: Outcome) -> bool:
    """Whether the weight on which an outcome rests is still an upper bound or suspected."""
    w = outcome.weight
    if w is None:
        return False
    now = fold.state.child.weights.by_id.get(w.id, w)
    return not now.counts and now.validity != UNCERTAIN


def _waits(fold: Fold, f: OpenFinding, t: Task) -> bool:
    """Whether a weight that is not sure is to be made sure before something is done.

    What a sure weight has asked for waits for nothing, whatever was weighed since.
    """
    confirm = fold.state.protocol.settings.weights.confirm
    loud = f.rule.levels[t.level].loudness == LOUDNESS[-1]
    if t.action.met_by == confirm.met_by or not loud:
        return False
    return _unconfirmed(fold, f) and _unsure(fold, f.rests.get(t.level, f.latest))


def _obligation(fold: Fold, f: OpenFinding, t: Task, about: str) -> Obligation | None:
    """A duty in words and dates; None while it rests, as the child is in hospital."""
    done = t.done(fold.state.child)
    if t.replaced_on is not None and t.replaced_on <= t.deadline:
        return None  # it was asked for anew before it was late
    until = fold.until if f.closed_on is None else f.closed_on
    settled = (done is not None or f.closed_on is not None) and not t.action.from_request
    deadline = t.deadline if settled else last_day(fold.state, t)
    if deadline is None:
        return None
    # After a death nothing is late, but what is asked of the death itself.
    rests = fold.state.child.dead_on(fold.until) and not any(f.rule is r for r in fold.state.protocol.order.outliving)
    waits, confirm = _waits(fold, f, t), fold.state.protocol.settings.weights.confirm
    role, name = who(fold, t)
    return Obligation(
        f.key,
        f.rule.id,
        f.rule.levels[t.level].name,
        f"{t.action.do}, {confirm.then}" if waits else t.action.do,
        role,
        date_of(t.set_on),
        date_of(deadline),
        done is None and until > deadline and not rests,
        t.action.if_not,
        day_of(done[0]) if done else None,
        done[1] if done else None,
        confirms=t.action.met_by == confirm.met_by and t.action == confirm,
        waits=waits,
        about=about,
        owner_name=name,
        id=t.id,
        rung=rung_of(f, t).rstrip("+"),
        replaced_on=day_of(t.replaced_on),
        weighs=t.for_weight or (t.action.met_by is None and f.rule.weighs(t.level)),
        not_before=date_of(t.earliest) if t.for_weight and t.earliest > t.set_on else None,
        clinical=f.rule.CLIMBS == "clinical",
    )


def who(fold: Fold, t: Task) -> tuple[str, str | None]:
    """In which role somebody owes a deed, and who that is where the record says so."""
    child = fold.state.child
    office = str(t.action.owner)
    owner = child.offices.owner(fold.until)
    match office:
        case "owner":
            return owner.role, owner.name
        case "health_visitor" if owner.role in ("health_visitor", "specialist_health_visitor"):
            return owner.role, owner.name
        case "asker" | "author" if (r := child.requests.of(t.subject)) is not None:
            return r.role, r.asker
        case "author" if (h := child.offices.handovers.get(t.subject)) is not None:
            return h.role, h.sender
        case "adviser" if (a := next((a for a in child.advice.reported if a.id == t.subject), None)) is not None:
            return "out_of_hours_clinician", a.who
        case "signer" if (p := next((p for p in child.signed.plans if p.id == t.subject), None)) is not None:
            return p.role, p.actor
        case _:
            return office, None


def asked_by(fold: Fold) -> tuple[dt.date | None, str]:
    """Earliest day by which an open finding, or a doubted weight, asks for a weight; and which of them does."""
    waits = [
        last_day(fold.state, t)
        for f in fold.state.open.values()
        for t in f.tasks
        if t.for_weight and t.done(fold.state.child) is None
    ]
    asked = [(day, "an open finding asks for it") for day in waits if day is not None]
    asked += [(o.deadline.toordinal(), "the last weight is to be repeated") for o in repeat_today(fold)]
    if not asked or fold.state.child.dead_on(fold.until):
        return None, ""
    day, why = min(asked)
    return date_of(day), why


def repeat_today(fold: Fold) -> list[Obligation]:
    """A weight that asks for a repeat on its day, or on the first day, whether or not a rule fires on it."""
    child = fold.state.child
    last, first_on, first = weight_to_repeat(fold.state), fold.state.first_on, child.first_day
    if last is None or (first_on is not None and not first):
        return []
    action, set_on = fold.state.protocol.settings.weights.confirm, max(last.known_day, first)
    deadline = set_on + action.within_days
    office, owner = str(action.owner), child.offices.owner(fold.until)
    # What no child weighs is no weight that anybody could act on.
    if_not = None if last.validity == NO_WEIGHT else action.if_not
    return [
        Obligation(
            f"weight@{last.id}", "weight", last.validity, action.do, office, date_of(set_on),
            date_of(deadline), fold.until > deadline, if_not, confirms=True, weighs=True,
            owner_name=owner.name if owner.role == office else None,
        )
    ]  # fmt: skip
