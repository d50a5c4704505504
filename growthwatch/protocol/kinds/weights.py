"""Which weights a rule looks at, doubtful ones included, and how weights are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.words import kg_words, list_words, long_date, often_words
from growthwatch.growth.steps import percent_below
from growthwatch.protocol.child import SUSPECTED, UNCERTAIN, UPPER_BOUND, Child, Weight
from growthwatch.protocol.kinds.kind import NOT_MET, At, Outcome, Seen, Values

__all__ = [
    "HAIR",
    "SPACE",
    "TINY",
    "after",
    "at_most",
    "danger_weights",
    "day_notes",
    "doubted",
    "early",
    "evidence_after",
    "evidence_cleared",
    "exact",
    "fit_after",
    "gravest",
    "if_right",
    "inside_whichever",
    "judged_weights",
    "loss_percent",
    "newer_valid",
    "no_birth",
    "on_chart",
    "too_low",
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
    found = [judge(replace(at, child=child, noted={})) for child in at.child.as_either]
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
    return _of_its_day_the_lowest(child, child.weights.danger)


def _of_its_day_the_lowest(child: Child, weights: list[Weight]) -> list[Weight]:
    latest = child.growth.latest
    return weights if latest is None or weights[0] is latest else [latest, *weights[1:]]


def judged_weights(child: Child) -> list[Weight]:
    """What level and fall rules look at: the latest valid weight, and later ones that are doubted.

    A weight so low that it is doubted must not be better news than one a little higher; of one that is doubted as
    too high, the child weighs less than that.  Of the valid weights of
    a day the lowest stands for all: in z it is read at their median.
    """
    return _of_its_day_the_lowest(child, child.weights.judged)


def gravest(child: Child, outcomes: list[Outcome]) -> Outcome:
    """Of what the danger weights gave the gravest: of equals the first (a valid one), of uncertain ones the lowest."""
    best, last = outcomes[0], child.growth.latest
    for o in outcomes[1:]:
        later = last is not None and o.weight is not None and _weighed_after(child, o.weight)
        if later and o.hurdle is not None and last is not None and last.exact >= o.hurdle:
            continue  # a valid weight afterwards has already shown recovery
        if o.level > best.level or (o.level == best.level and _lower_of_uncertain(o, best)):
            best = o
    return best


def _lower_of_uncertain(a: Outcome, b: Outcome) -> bool:
    """Whether both rest on weights that may be wrong either way, and the first on the lower."""
    if a.weight is None or b.weight is None:
        return False
    return a.weight.validity == b.weight.validity == UNCERTAIN and a.weight.exact < b.weight.exact


def too_low(weight: Weight) -> bool:
    """Whether a weight is doubted for being low: a level that it meets raises no tier before it is confirmed."""
    return weight.validity == SUSPECTED and weight.low


def doubted(weight: Weight) -> Values:
    """What a sentence about a doubted weight says of it; nothing of any other."""
    return {"doubted": True} if weight.validity == SUSPECTED else {}


def if_right(seen: Seen) -> str:
    """That a weight is doubted, after its kilograms."""
    return " (if right)" if "doubted" in seen else ""


def loss_percent(reference: Weight, weight: Weight) -> Decimal:
    """Loss from one weight to another, exactly [percent]."""
    return percent_below(reference.exact, weight.exact)


@lru_cache(maxsize=1024, typed=True)
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
    return last if now is None or now.replaced_by is not None or _weighed_after(child, now) else None


def _weighed_after(child: Child, weight: Weight) -> bool:
    """Whether there is a valid weight after another."""
    last = child.weights.last
    return last is not None and last.place > weight.place


def at_most(weight: Weight) -> str:
    """A weight in words: an upper bound is the most that the child weighs, a doubted one may be wrong either way."""
    if weight.counts:
        return kg_words(weight.kg)
    return f"at most {kg_words(weight.kg)}" if weight.validity == UPPER_BOUND else f"{kg_words(weight.kg)} (if right)"


def unsure(weight: Weight) -> tuple[str, ...]:
    """What there is to say where a weight is not surely valid."""
    if weight.counts:
        return ("Clothing or scale was not recorded: taken as valid.",) if weight.validity == "assumed" else ()
    if weight.validity == SUSPECTED:
        return (f"This weight may be an entry error ({weight.reason}).",)
    if weight.validity == UNCERTAIN:
        return ()  # the sentence itself says so
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


def day_notes(child: Child, weight: Weight) -> tuple[str, ...]:
    """What there is to say of a weight that is judged in z: that it is not surely valid, or not the only one."""
    r = child.growth.reading(weight)
    notes = unsure(weight) if len(r.weights) == 1 else tuple(dict.fromkeys(n for w in r.weights for n in unsure(w)))
    kgs = list(dict.fromkeys(kg_words(w.kg) for w in r.weights))
    if len(kgs) == 1:
        return notes
    often = f"Weighed {often_words(len(r.weights))} on that day ({list_words(kgs)})"
    return (*notes, f"{often}: what lies in the middle of them is judged.")


def early(child: Child, w: Weight, from_age: int, preterm_from: int) -> bool:
    """Whether a weight is too early to be judged on the chart."""
    birth = child.ages.birth
    if birth is None or w.age_days < from_age:
        return True
    return birth.preterm and birth.gestation_days is not None and birth.gestation_days + w.age_days < preterm_from


def unscored(w: Weight) -> str:
    """Why a weight cannot be judged on the chart."""
    return f"the weight of {long_date(w.day)} has no z: {w.status.replace('_', ' ')}"


def evidence_after(child: Child, weight: Weight) -> float | None:
    """Evidence after the day of a weight, to six figures: what a review compares is what it shows."""
    return _six_figures(child.growth.evidence_after(weight))


def evidence_cleared(child: Child, weight: Weight) -> float | None:
    """The evidence that must be low for a weight to clear: after its day, or by it alone, whichever is more."""
    both = (child.growth.evidence_after(weight), child.growth.evidence_with(weight))
    return _six_figures(max((r for r in both if r is not None), default=None))


def _six_figures(ratio: float | None) -> float | None:
    return None if ratio is None else float(f"{ratio:.6g}")


def fit_after(child: Child, weight: Weight) -> float | None:
    """What words say of the evidence after a weight, to six figures."""
    fit = child.growth.fit_after(weight)
    return None if fit is None else float(f"{fit:.6g}")


def on_chart(from_age_days: int, preterm_from_gestation_days: int) -> dict[str, float]:
    """From when a rule judges on the chart, as a rule on weights says it."""
    return {
        "from_age_days": float(from_age_days),
        "preterm_from_gestation_days": float(preterm_from_gestation_days),
    }
