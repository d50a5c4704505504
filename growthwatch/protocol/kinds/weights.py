"""Which weights a rule looks at, doubtful ones included, and how weights are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.units import TERM_DAYS
from growthwatch.core.words import kg_words, long_date
from growthwatch.growth.steps import percent_below
from growthwatch.protocol.child import SUSPECTED, Child, Weight
from growthwatch.protocol.kinds.kind import NOT_MET, At, Outcome

__all__ = [
    "HAIR",
    "SPACE",
    "TINY",
    "after",
    "at_most",
    "born_at",
    "by_place",
    "danger_weights",
    "early",
    "evidence_after",
    "exact",
    "gravest",
    "inside_whichever",
    "judged_weights",
    "loss_percent",
    "newer_valid",
    "no_birth",
    "on_chart",
    "unscored",
    "unsure",
    "whichever_sex",
]

TINY = 1e-9
HAIR = 1e-6
"""As near as what follows from the weights of many children together comes to the last bit [SD, kg or share]."""
SPACE = float(UK_NINE.space)


def no_birth(child: Child) -> str | None:
    """Say so where no birth date is known."""
    if child.ages.birth is None:
        return "no birth date is recorded"
    return None


def whichever_sex(judge: Callable[[At], Outcome], at: At) -> Outcome:
    """Judge a child whose sex is not recorded: what holds for a boy and for a girl holds, as gravely as for both.

    Source: specification of the protocol, section 0, "Missing birth date or sex".
    """
    found = [judge(replace(at, child=child)) for child in at.child.as_either]
    least = min(found, key=lambda o: o.level)
    graver = max(o.level for o in found)
    if least.level != NOT_MET:
        out = least.again()
        out.notes = (*out.notes, "The sex is not recorded: this is so for a boy and for a girl.")
        return out
    if graver != NOT_MET:
        met = " and ".join(w for w, o in zip(("a boy", "a girl"), found, strict=True) if o.level != NOT_MET)
        return Outcome(not_judged=f"the sex is not recorded, and it hangs on that: met by {met}")
    why = next((o.not_judged for o in found if o.not_judged is not None), None)
    return Outcome(not_judged=why)


def inside_whichever(
    inside: Callable[[Child, Weight, Outcome], bool | None], child: Child, w: Weight, o: Outcome
) -> bool | None:
    """Whether a weight is inside a threshold for a boy and for a girl; None if that cannot be told of both."""
    found = [inside(c, c.weights.by_id[w.id], o) for c in child.as_either]
    return None if None in found else all(found)


def danger_weights(child: Child) -> list[Weight]:
    """What danger rules look at: the latest valid weight, of its day the lowest, and doubtful ones of its day or later.

    An upper bound or suspected weight can hide no loss that a valid weight showed before it; one
    that a good repeat replaced is not looked at.
    """
    danger, latest = child.weights.danger, child.growth.latest
    if latest is None or danger[0] is latest:
        return danger
    return [latest, *danger[1:]]  # of the weights of its day the lowest


def by_place(w: Weight) -> int:
    """Place of a weight, to look for it in order."""
    return w.place


def judged_weights(child: Child) -> list[Weight]:
    """What level and fall rules look at: the latest valid weight, and later ones doubted for being low.

    A weight so low that it is doubted must not be better news than one a little higher.
    """
    return child.weights.judged


def gravest(child: Child, outcomes: list[Outcome]) -> Outcome:
    """Of what the danger weights gave, the gravest; of equals, the first (a valid weight)."""
    best = outcomes[0]
    for o in outcomes[1:]:
        last = child.growth.latest
        later = last is not None and o.weight is not None and last.place > o.weight.place
        if later and o.hurdle is not None and last is not None and last.exact >= o.hurdle:
            continue  # a valid weight afterwards has already shown recovery
        if o.level > best.level:
            best = o
    return best


def loss_percent(reference: Weight, weight: Weight) -> Decimal:
    """Loss from one weight to another, exactly [percent]."""
    return percent_below(reference.exact, weight.exact)


def exact(number: float) -> Decimal:
    """A number as it was written."""
    return Decimal(repr(number))


def after(child: Child, outcome: Outcome) -> Weight | None:
    """Latest valid weight, if it comes after the weight on which a finding rests (or that one no longer counts).

    Of its day the lowest: what one weight shows, the others of its day must show too.
    """
    last = child.growth.latest
    if last is None:
        return None
    witness = outcome.weight
    if witness is None:
        return last
    now = child.weights.by_id.get(witness.id)
    return last if now is None or now.replaced_by is not None or last.place > now.place else None


def at_most(weight: Weight) -> str:
    """A weight in words; one that does not count is an upper bound."""
    return f"{kg_words(weight.kg)}" if weight.counts else f"at most {kg_words(weight.kg)}"


def unsure(weight: Weight) -> tuple[str, ...]:
    """What there is to say where a weight is not surely valid."""
    if weight.counts:
        return ("Clothing or scale was not recorded: taken as valid.",) if weight.validity == "assumed" else ()
    if weight.validity == SUSPECTED:
        return (f"This weight may be an entry error ({weight.reason}).",)
    return (f"Weighed {weight.reason}: the child weighs at most that.",)


def newer_valid(child: Child, outcome: Outcome) -> str | None:
    """Id of a valid weight later than the last one known when a finding opened."""
    if not child.weights.valid:
        return None
    last = child.weights.valid[-1]
    before = outcome.weight
    if (
        before is None
        or last.day > before.day
        or (last.day == before.day and last.recorded_at > before.recorded_at and last.id != before.id)
    ):
        return last.id
    return None


def early(child: Child, w: Weight, from_age: int, preterm_from: int) -> bool:
    """Whether a weight is too early to be judged on the chart."""
    birth = child.ages.birth
    if birth is None or w.age_days < from_age:
        return True
    return birth.preterm and birth.gestation_days is not None and birth.gestation_days + w.age_days < preterm_from


def unscored(w: Weight) -> str:
    """Why a weight cannot be judged on the chart."""
    return f"the weight of {long_date(w.day)} has no z: {w.status.replace('_', ' ')}"


def born_at(child: Child) -> str:
    """How the birth centile was read, where that differs from the chart: at the gestation of birth."""
    days = child.ages.birth.gestation_days if child.ages.birth is not None else None
    return "" if days is None or days == TERM_DAYS else f" for {days // 7} weeks + {days % 7}"


def evidence_after(child: Child, weight: Weight) -> float | None:
    """Evidence after a weight, to six figures: what a review compares is what it shows."""
    ratio = child.growth.evidence_after(weight)
    return None if ratio is None else float(f"{ratio:.6g}")


def on_chart(from_age_days: int, preterm_from_gestation_days: int) -> dict[str, float]:
    """From when a rule judges on the chart, as a rule on weights says it."""
    return {
        "from_age_days": float(from_age_days),
        "preterm_from_gestation_days": float(preterm_from_gestation_days),
    }
