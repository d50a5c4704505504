"""Sentences that a review says besides: what is doubtful, what is not judged, how the protocol was chosen."""

from __future__ import annotations

import datetime as dt

from growthwatch.core.canonical import short_hash
from growthwatch.core.words import (
    count_words,
    days_words,
    kg_words,
    list_words,
    long_date,
    one_line,
    role_words,
    silent_words,
)
from growthwatch.growth.sustained import beside_a_rule
from growthwatch.protocol.answers.questioned import questioned_birth
from growthwatch.protocol.answers.unjudged import unjudged
from growthwatch.protocol.child import NO_WEIGHT, SUSPECTED, UNCERTAIN, UNDATED, Weight, months_after
from growthwatch.protocol.engine.ahead import unseen
from growthwatch.protocol.engine.asked import awaits_gains
from growthwatch.protocol.engine.at_contacts import noted
from growthwatch.protocol.engine.first_day import void_entries
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.engine.guards import not_adopted
from growthwatch.protocol.kinds.conferences import ConferenceLate
from growthwatch.protocol.kinds.doubts import Doubt
from growthwatch.protocol.kinds.gain import RunningEvidence
from growthwatch.protocol.kinds.kind import GrowthKind
from growthwatch.protocol.kinds.lacking import Lacking
from growthwatch.protocol.kinds.length_due import LengthDue
from growthwatch.protocol.kinds.plans import mover
from growthwatch.protocol.kinds.weights import evidence_after, unsure
from growthwatch.protocol.schedule import age_band
from growthwatch.record import ProtocolAdopted
from growthwatch.record.known import day_of_moment

__all__ = ["beyond", "in_doubt", "notes", "unsettled"]

_MOST = 5
"""How many of a sort are named one by one; the others are counted."""


def _unknown_adoption(fold: Fold) -> bool:
    """Whether the last protocol that the record adopted as it should is not among those that may be chosen from."""
    given, first = fold.state.given, (fold.state.protocol,)
    made = [a for a in fold.state.child.signed.adoptions if not not_adopted(first, a, None)]
    return given is not None and bool(made) and made[-1].hash not in given


def _adopted(fold: Fold) -> list[ProtocolAdopted]:
    """Adoptions that count, in order of reading."""
    first = (fold.state.protocol,)
    return [a for a in fold.state.child.signed.adoptions if not not_adopted(first, a, fold.state.given)]


def _not_adopted(fold: Fold) -> list[str]:
    """Of several protocols, those that no adoption named: the first judged what was before any, the others nothing."""
    made, protocol = _adopted(fold), fold.state.protocol.whole
    from_day = min((fold.known.day(a) for a in made), default=fold.until)
    before = bool(fold.known.days) and fold.known.days[0] < from_day
    out: list[str] = []
    for n, p in enumerate(fold.protocols):
        if p is protocol or any(a.hash == p.hash for a in made):
            continue
        judged = "it judged no day" if n or not before else f"it judged the days before {long_date(from_day)}"
        out.append(f"{p.id} {p.version} ({short_hash(p.hash)}) was not adopted in this record: {judged}.")
    return out


def beyond(fold: Fold) -> tuple[str, ...]:
    """What of the record is not known at the moment asked about, so that nobody misses it: no part of the answer."""
    known = fold.known
    out: list[str] = []
    # A birth that counts by then is none to come.
    births = [] if fold.state.child.ages.birth else [e.on for e in known.record.effective() if e.type == "born"]
    if births and min(births).toordinal() > fold.until:
        out.append(f"{long_date(fold.until)} is before the birth on {long_date(min(births))}: nothing is due yet.")
    if later := known.record.events[len(known.events) :]:
        zone = known.zone
        days = [day_of_moment(later[n].recorded_at, zone) for n in (0, -1)]
        when = long_date(days[0]) if days[0] == days[1] else f"{long_date(days[0])} to {long_date(days[1])}"
        out.append(
            f"{count_words(len(later), 'event')} {'was' if len(later) == 1 else 'were'} written down after the moment "
            f"asked about ({when}): not known here."
        )
    return tuple(out)


def in_doubt(fold: Fold) -> list[Weight]:
    """Weights that may be entry errors, in order of date: they clear nothing, and somebody is to look."""
    child = fold.state.child
    # One that is dated after it was written down is asked about by its date.
    ahead = {n.event.id for n in child.notices if n.what == "ahead"}
    doubted = (w for w in child.growth.odd if w.validity != UNDATED and w.replaced_by is None)
    return [w for w in doubted if w.id not in ahead]


def _earlier_doubts(fold: Fold) -> list[str]:
    """Weights before the latest that may be too high: nothing else speaks of them.  One too low alarms by itself."""
    last = fold.state.child.weights.all[-1:]
    found = [w for w in in_doubt(fold) if w not in last and not w.low]
    out = [
        f"Look up an earlier weight: {kg_words(w.kg)} on {long_date(w.day)} ({w.reason}). "
        "It clears nothing until it is put right."
        for w in found[-_MOST:]
    ]
    return out + ([f"{len(found) - _MOST} further weights are as doubtful."] if len(found) > _MOST else [])


def unsettled(fold: Fold) -> tuple[str, ...]:
    """Why it may not be said that nothing is open, though no finding is."""
    if fold.state.child.dead_on(fold.until):
        return ()
    out = [f"signs recorded on {long_date(s.day)} are unanswered" for s in unseen(fold.state)[-1:]]
    if _unknown_adoption(fold):
        out.append("the protocol that the record adopted is not among those given")
    weights = fold.state.child.weights.all
    if questioned_birth(fold.state.child, fold.until):
        out.append("the weights do not fit the birth that is recorded: ask about it")
    if not weights:
        unborn = "" if fold.state.child.ages.birth is not None else ", and no birth date is recorded"
        out.append(f"nothing has been weighed{unborn}")
    elif not weights[-1].counts and weights[-1].replaced_by is None:
        out.append(f"the weight of {long_date(weights[-1].day)} tells nothing for sure: weigh again")
    return tuple(out)


def _plans(fold: Fold) -> list[str]:
    """What the references that signed plans name do, and what is missing where one could judge and does not."""
    child, protocol, day = fold.state.child, fold.state.protocol, fold.until
    if not child.signed.plans:
        return []
    too = [r.id for r in protocol.rules_of(GrowthKind) if r.on_plan]
    levels = [r.id for r in protocol.rules_of(GrowthKind) if r.moves_with_plan]
    followed, rules = child.signed.condition_plan(day), protocol.settings.plans
    out: list[str] = []
    for plan in child.signed.plans:
        if plan.reference is None or not plan.day <= day <= plan.until:
            continue
        general = protocol.reference.id
        ref, why = child.condition_reference(plan.reference)
        if plan is not followed or ref is None or not (too or levels):
            told = f"{protocol.id} {protocol.version} judges on {general}"
            told += f": {why}" if (too or levels) and ref is None else ""
        else:
            missing = child.measures.stand(day)[0]
            stays = f"{list_words(levels)} stay on {general}" if levels else ""
            if not levels or not rules.plan_moves_levels:
                levels_told = stays
            elif plan.role not in rules.signing_roles:
                who = " or ".join(role_words(r) for r in rules.signing_roles)
                levels_told = f"{stays}, as it was not signed by {who}"
            elif missing:
                levels_told = f"{stays} until there is {list_words(list(missing))}"
            else:
                levels_told = f"{list_words(levels)} are judged on it; {general} is given beside it"
            falls = f"falls are judged on it ({', '.join(too)}) beside {general}" if too else ""
            told = "; ".join(t for t in (levels_told, falls) if t)
        out.append(f"A signed plan names the reference {one_line(plan.reference)}; {told}.")
    return out


def _often(fold: Fold) -> list[str]:
    """S4: say so where a child was weighed more often than the ceiling of its age, and nothing explains it.

    Source: process specification, section 3, S4: a note of the weighing, no finding.
    """
    child, state = fold.state.child, fold.state
    rules, weights = state.protocol.settings.schedule.often, child.weights.all
    if child.ages.birth is None or state.tier not in rules.tiers or not weights:
        return []
    last = weights[-1]
    before = next((w for w in reversed(weights) if w.day < last.day), None)
    band = age_band(child.ages, state.protocol.settings.schedule.bands, last.day)
    if before is None or last.age_days < 0 or before.age_days < 0 or last.day - before.day >= band.ceiling_days:
        return []
    explained = not before.counts or state.due.conflict is not None or child.signed.floor_plan(last.day) is not None
    found = [f for f in (*state.open.values(), *state.closed) if f.closed_on is None or f.closed_on >= last.day]
    explained = explained or any(f.opened_on < last.day for f in found if f.rule.id in rules.explained_by)
    for t in (t for f in found for t in f.tasks if t.for_weight and t.set_on < last.day):
        done = t.done(child)
        explained = explained or done is None or done[0] >= last.day
    explained = explained or awaits_gains(state)
    for _, e in fold.known.effective():
        if e.type in ("concern", "discharged") and 0 <= last.day - e.on.toordinal() <= rules.within_days:
            explained = True
    if explained:
        return []
    return [f"Weighed after {days_words(last.day - before.day)}; {band.ceiling_words} is usual at this age."]


def _measured_often(fold: Fold) -> list[str]:
    """Say so where a length was measured sooner after the one before than is usual, and no finding asked for it.

    Source: process specification, section 3, S4.
    """
    child, state = fold.state.child, fold.state
    rule = next(iter(state.protocol.rules_of(LengthDue)), None)
    last = child.measures.latest("height", fold.until)
    before = None if last is None else child.measures.latest("height", last.day - 1)
    if rule is None or last is None or before is None:
        return []
    by_plan = mover(child, last.day) is not None
    if last.day - before.day >= rule.plan_days if by_plan else last.day >= months_after(before.day, rule.months):
        return []
    for t in (t for f in (*state.open.values(), *state.closed) for t in f.tasks if t.action.met_by == "length"):
        done = t.done(child)
        if t.set_on <= last.day and (done is None or done[0] == last.day):
            return []
    usual = f"every {rule.plan_days} days under this plan" if by_plan else f"every {rule.months} months"
    return [f"Length or height measured again after {days_words(last.day - before.day)}; {usual} is usual."]


def _evidence(fold: Fold) -> list[str]:
    """Where a rule of growth is met: that the silence of the evidence takes nothing back, and since when z is low."""
    child, day = fold.state.child, fold.until
    met = [f for f in fold.state.open.values() if isinstance(f.rule, GrowthKind)]
    silent = [f for f in met if not isinstance(f.rule, RunningEvidence)]
    last = child.weights.valid[-1] if child.weights.valid else None
    rule = next(iter(fold.state.protocol.rules_of(RunningEvidence)), None)
    if not met or last is None or rule is None or child.dead_on(day):
        return []
    ratio, limit = evidence_after(child, last), rule.levels[0].threshold(child.conditions.high_need)
    if ratio is None:
        return []
    said: list[str] = []
    if silent and ratio < limit:
        said.append(f"{'The rule is met and stands' if len(silent) == 1 else 'The rules are met and stand'}.")
        said.append(silent_words(ratio, limit))
    found = child.growth.since_best(child.grows_otherwise(day))
    if found is not None and child.ages.birth is not None:
        said.append(beside_a_rule(*found, child.ages.birth.sex))
    return [" ".join(filter(None, said))] if any(said) else []


def _cut_plans(fold: Fold) -> list[str]:
    """Plans in force whose day of review is later than a plan may last."""
    months, day = fold.state.protocol.settings.schedule.plan_lasts_months, fold.until
    return [
        f"The plan of {long_date(p.day)} is to be looked at on {long_date(p.review_by)}: it counts to the end of "
        f"{long_date(p.until)}, {months} months after it was signed."
        for p in fold.state.child.signed.plans
        if p.review_by is not None and p.day <= day <= p.until and p.review_by > months_after(p.day, months)
    ]


def _first_day(fold: Fold) -> list[str]:
    """From when people owe anything, and what of before is still open."""
    state = fold.state
    if state.first_on is None or state.first is None:
        return []
    out = [f"In force for this child from {long_date(state.first.day)}: growth is judged from birth, duties from then."]
    keys = {*state.first.older, *state.first.unmet}
    before = [f for f in state.open.values() if f.key in keys]
    if before:
        told = [f"{f.rule.id} since {long_date(f.opened_on)}" for f in before]
        out.append(f"Before we started: {list_words(told)}.")
    return [*out, *void_entries(state)]


def _weaker(fold: Fold) -> list[str]:
    """Values of the protocol that are less safe than a national number, or beyond the bounds of the file."""
    out: list[str] = []
    for g in fold.state.protocol.weaker:
        told: list[str] = []
        for w in g.weaker:
            than = "the national number" if w.why == "national" else "the bound"
            since = "" if w.start is None else f" from {long_date(w.start)}"
            until = "" if w.until is None else f" until {long_date(w.until - dt.timedelta(days=1))}"
            told.append(f"{w.value:g}{since}{until} ({than} is {w.than:g})")
        out.append(
            f"WEAKER: {g.file} sets {g.path} to {list_words(told)}. "
            f"Because: {_joined(g.because or '')}. {_joined(g.source)} ({g.tag})."
        )
    return out


def _joined(text: str) -> str:
    """Text of a protocol file on one line."""
    return " ".join(text.split()).removesuffix(".")


def _asked(fold: Fold) -> frozenset[str]:
    """Questions about the record that are open, each with its event: what they doubt is told there."""
    return frozenset(f.subject for f in fold.state.open.values() if isinstance(f.rule, Doubt))


def _doubt_told(fold: Fold, last: Weight, asked: frozenset[str]) -> bool:
    """Whether a finding tells already that a weight is doubted, and asks for another one."""
    if f"dated_ahead:{last.id}" in asked:
        return True
    for f in fold.state.open.values():
        w = f.latest.weight
        if w is None or w.id != last.id or not any(t.for_weight and t.done(fold.state.child) is None for t in f.tasks):
            continue
        # A weight that may be wrong either way is said to be so by the sentence itself.
        told = unsure(last)
        if set(told) <= set(f.latest.notes) and (told or (last.validity == UNCERTAIN and "how" in f.latest.values)):
            return True
    return False


def notes(fold: Fold, several: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a review must say beside its findings, and what of it they say already.

    `several` says that it may choose among protocols.
    """
    child, protocol = fold.state.child, fold.state.protocol
    out: list[str] = []
    told: list[str] = []
    asked = _asked(fold)

    def doubt(text: str, at_once: bool) -> None:
        """Say a doubt; `at_once`: a finding says it already, and asks."""
        out.append(text)
        if at_once:
            told.append(text)

    if child.ages.birth is None:
        doubt(
            "No birth date is recorded that can be used: ages, centiles and the schedule cannot be worked out. "
            "Loss in kilograms, contacts and signs are judged all the same.",
            "birth_date:record" in asked,
        )
    elif child.ages.birth.sex is None:
        doubt(
            "The sex is not recorded: there is no centile; loss and gain in kilograms are judged all the same, "
            "and what is so for a boy and for a girl.",
            f"sex:{child.ages.birth.event}" in asked,
        )
    if child.ages.birth is not None and child.ages.birth.gestation_days is None:
        out.append("Gestation at birth is not recorded: term is taken, and no age is corrected.")
    if child.ages.births_differ and child.ages.birth is not None:
        births = [child.ages.birth.event, *child.ages.births_differ]
        out.append(
            f"Births are recorded that differ ({list_words(births)}): "
            "the first is used. Mark the wrong one as an error now: every age and centile hangs on it."
        )
    if question := questioned_birth(child, fold.until):
        out.append(question)
    if child.seen_after_death:
        out.append(
            f"A death is recorded on {long_date(child.ages.died or 0)}, and later "
            f"{list_words(child.seen_after_death[:3])}: one of them is wrong. "
            "Judged as if the child lives; mark the wrong one as an error now."
        )
    elif child.ages.died is not None:
        out.append(
            f"The child died on {long_date(child.ages.died)}: nothing further is due. Findings open then are kept."
        )
    never = [n.event for n in fold.known.notices() if n.what == "ahead" and not n.event.is_arrangement]
    for e in never[:_MOST]:
        what = e.type.replace("_", " ").capitalize()
        doubt(
            f"{what} {e.id} is dated {long_date(e.on)}, after it was written down: "
            "it never counts until its date is put right.",
            f"dated_ahead:{e.id}" in asked,
        )
    if len(never) > _MOST:
        told_too = all(f"dated_ahead:{e.id}" in asked for e in never[_MOST:])
        n = len(never) - _MOST
        doubt(f"{n} further events are dated after they were written down, and do not count.", told_too)
    unused = [w for w in child.growth.odd if w.validity == UNDATED]
    for w in unused[:_MOST]:
        out.append(f"The weight of {kg_words(w.kg)} dated {long_date(w.day)} is not used: {w.reason}.")
    if len(unused) > _MOST:
        out.append(f"{len(unused) - _MOST} further weights are not used: their dates are not certain, or before birth.")
    for e in fold.known.to_come[:_MOST]:
        what = e.type.replace("_", " ").capitalize()
        doubt(f"{what} {e.id} is dated {long_date(e.on)}: it counts from that day.", f"far_ahead:{e.id}" in asked)
    if more := fold.known.to_come[_MOST:]:
        days = f"{long_date(fold.known.day(more[0]))} to {long_date(fold.known.day(more[-1]))}"
        out.append(f"{len(more)} further events are dated ahead ({days}): each counts from its day.")
    last = child.weights.all[-1] if child.weights.all else None
    if last is not None and not last.counts and last.replaced_by is None:
        at_once = _doubt_told(fold, last, asked)
        if last.validity == "upper_bound":
            doubt(
                f"The weight of {long_date(last.day)} was taken {last.reason}: at most {kg_words(last.kg)}. "
                "It clears nothing; repeat undressed.",
                at_once,
            )
        elif last.validity == NO_WEIGHT:
            out.append(
                f"{last.kg:g} kg, written down for {long_date(last.day)}, is no weight of a child: "
                "it is not used. Weigh again now."
            )
        elif last.validity == UNCERTAIN:
            doubt(
                f"The weight of {long_date(last.day)}, {kg_words(last.kg)} {last.reason}, may be wrong either way. "
                "It clears nothing; weigh again, undressed, on a class III scale.",
                at_once,
            )
        elif last.validity == SUSPECTED:
            doubt(
                f"The weight of {long_date(last.day)}, {kg_words(last.kg)}, may be an entry error ({last.reason}): "
                "repeat today.",
                at_once,
            )
    out += _earlier_doubts(fold)
    out += _plans(fold)
    out += _often(fold)
    out += _measured_often(fold)
    out += [n.says for n in noted(fold.state)]
    out += _evidence(fold)
    if not child.dead_on(fold.until):
        out += [note for rule in protocol.rules_of(Lacking) for note in rule.unsaid(child)]
        out += [note for rule in protocol.rules_of(ConferenceLate) for note in rule.unseen(child)]
    unread = unjudged(child.happened.counts, protocol.order.looked_at)
    if unread:
        out.append(f"Recorded, and not judged by this protocol: {list_words(unread)}. Read them.")
    for seen in unseen(fold.state):
        signs = list_words([x.replace("_", " ") for x in seen.signs])
        out.append(f"Recorded on {long_date(seen.day)}: {signs}. No examination is recorded since.")
    out += _weaker(fold)
    given = protocol.signature
    if given is not None and protocol.signed is None:
        of = given.protocol
        out.append(
            f"The signature of {_joined(given.by)} is of {_joined(of.id)} {_joined(of.version)} "
            f"({short_hash(of.hash)}), not of this file: nobody has signed this one."
        )
    if several:
        out += _not_adopted(fold)
    made = _adopted(fold)
    if made and made[-1].hash != protocol.hash:
        out.append(
            f"The record adopted {one_line(made[-1].protocol)} ({one_line(short_hash(made[-1].hash))}); "
            f"it is judged here by {protocol.id} {protocol.version}, as asked."
        )
    elif not made and fold.state.first_on is None:
        out.append(f"Judged as if {protocol.id} {protocol.version} had always been in force.")
    out += _cut_plans(fold)
    out += _first_day(fold)
    return tuple(out), tuple(told)
