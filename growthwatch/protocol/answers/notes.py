"""Sentences that a review says besides: what is doubtful, what is not judged, how the protocol was chosen."""

from __future__ import annotations

from growthwatch.core.canonical import short_hash
from growthwatch.core.words import kg_words, list_words, long_date, one_line
from growthwatch.protocol.child import NO_WEIGHT, SUSPECTED, TAKEN, UNDATED, condition_reference
from growthwatch.protocol.engine.ahead import unseen
from growthwatch.protocol.engine.fold import Fold
from growthwatch.protocol.kinds.kind import GrowthKind

__all__ = ["notes"]


# Events of which people must know that no rule has looked at them: one, and several.
_WORDS = {
    "concern": ("concern", "concerns"),
    "was_not_brought": ("appointment not kept", "appointments not kept"),
    "letter_sent": ("letter", "letters"),
    "handover_sent": ("hand-over", "hand-overs"),
    "lead_left": ("lead who left", "leads who left"),
    "strategy_discussion": ("strategy discussion", "strategy discussions"),
}


def _unjudged(fold: Fold) -> list[str]:
    """Events that no ledger takes, and so no rule reads: counted, in words."""
    counts: dict[str, int] = {}
    for _, e in fold.known.effective():
        if e.type not in TAKEN and e.type in _WORDS:
            counts[e.type] = counts.get(e.type, 0) + 1
    return [f"{n} {_WORDS[t][n > 1]}" for t, n in sorted(counts.items())]


def notes(fold: Fold, several: bool) -> tuple[str, ...]:
    """What a review must say beside its findings; `several` says that it may choose among protocols."""
    child, protocol = fold.state.child, fold.state.protocol
    out: list[str] = []
    if child.ages.birth is None:
        out.append(
            "No birth date is recorded that can be used: ages, centiles and the schedule cannot be worked out. "
            "Loss in kilograms, contacts and signs are judged all the same."
        )
    elif child.ages.birth.sex is None:
        out.append(
            "The sex is not recorded: there is no centile; loss and gain in kilograms are judged all the same, "
            "and what is so for a boy and for a girl."
        )
    if child.ages.birth is not None and child.ages.birth.gestation_days is None:
        out.append("Gestation at birth is not recorded: term is taken, and no age is corrected.")
    if child.ages.births_differ and child.ages.birth is not None:
        births = [child.ages.birth.event, *child.ages.births_differ]
        out.append(
            f"Births are recorded that differ ({list_words(births)}): "
            "the first is used. Mark the wrong one as an error now: every age and centile hangs on it."
        )
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
    for e in never[:5]:
        what = e.type.replace("_", " ").capitalize()
        out.append(
            f"{what} {e.id} is dated {long_date(e.on)}, after it was written down: "
            "it never counts until its date is put right."
        )
    if len(never) > 5:
        out.append(f"{len(never) - 5} further events are dated after they were written down, and do not count.")
    unused = [w for w in child.weights.all if w.validity == UNDATED]
    for w in unused[:5]:
        out.append(f"The weight of {kg_words(w.kg)} dated {long_date(w.day)} is not used: {w.reason}.")
    if len(unused) > 5:
        out.append(f"{len(unused) - 5} further weights are not used: their dates are not certain, or before birth.")
    for e in fold.known.to_come[:5]:
        what = e.type.replace("_", " ").capitalize()
        out.append(f"{what} {e.id} is dated {long_date(e.on)}: it counts from that day.")
    if fold.state.unknown_adoption is not None:
        out.append(
            f"The record adopted {one_line(fold.state.unknown_adoption)}, which is not among the protocols given: "
            f"{protocol.id} {protocol.version} goes on judging."
        )
    last = child.weights.all[-1] if child.weights.all else None
    if last is not None and not last.counts and last.replaced_by is None:
        if last.validity == "upper_bound":
            out.append(
                f"The weight of {long_date(last.day)} was taken {last.reason}: at most {kg_words(last.kg)}. "
                "It clears nothing; repeat undressed."
            )
        elif last.validity == NO_WEIGHT:
            out.append(
                f"{last.kg:g} kg, written down for {long_date(last.day)}, is no weight of a child: "
                "it is not used. Weigh again now."
            )
        elif last.validity == SUSPECTED:
            out.append(
                f"The weight of {long_date(last.day)}, {kg_words(last.kg)}, may be an entry error ({last.reason}): "
                "repeat today."
            )
    judged_too = [r.id for r in protocol.rules if isinstance(r, GrowthKind) and r.on_plan]
    followed = child.signed.condition_plan(fold.until)
    for plan in child.signed.plans:
        if plan.reference is not None and plan.day <= fold.until <= plan.until:
            ref, why = condition_reference(plan.reference)
            if plan is followed and judged_too and ref is not None:
                told = f"falls are judged on it ({', '.join(judged_too)}) beside {protocol.reference.id}"
            else:
                told = f"{protocol.id} {protocol.version} judges on {protocol.reference.id}"
                told += f": {why}" if judged_too and ref is None else ""
            out.append(f"A signed plan names the reference {one_line(plan.reference)}; {told}.")
    unjudged = _unjudged(fold)
    if unjudged:
        out.append(f"Recorded, and not judged by this protocol: {list_words(unjudged)}. Read them.")
    for seen in unseen(fold.state):
        signs = list_words([x.replace("_", " ") for x in seen.signs])
        out.append(f"Recorded on {long_date(seen.day)}: {signs}. No examination is recorded since.")
    if several:
        idle = [
            p for p in fold.protocols if not any(a.hash == p.hash for a in child.signed.adoptions) and p is not protocol
        ]
        out += [
            f"{p.id} {p.version} ({short_hash(p.hash)}) was not adopted in this record: it judged no day." for p in idle
        ]
    else:
        if child.signed.adoptions:
            adopted = child.signed.adoptions[-1]
            if adopted.hash != protocol.hash:
                out.append(
                    f"The record adopted {one_line(adopted.protocol)} ({one_line(short_hash(adopted.hash))}); "
                    f"it is judged here by {protocol.id} {protocol.version}, as asked."
                )
        else:
            out.append(f"Judged as if {protocol.id} {protocol.version} had always been in force.")
    return tuple(out)
