"""Kinds about gain and evidence, against the child's own past."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from statistics import NormalDist
from typing import ClassVar

from pydantic import Field

from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR, PRETERM_DAYS, TERM_DAYS
from growthwatch.core.words import (
    days_words,
    fit_words,
    kg_words,
    long_date,
)
from growthwatch.growth.detector import detector
from growthwatch.growth.false_alarms import EvidenceRule, by_age
from growthwatch.growth.model import weight_model
from growthwatch.growth.rules import Level
from growthwatch.protocol.child import Child, Reading, Weight
from growthwatch.protocol.child.columns import Flags, Followed
from growthwatch.protocol.file.figures import USUAL
from growthwatch.protocol.file.settings import RuleLevel
from growthwatch.protocol.file.values import (
    Months,
    Number,
    Whole,
    rising,
)
from growthwatch.protocol.kinds.kind import (
    NOT_MET,
    At,
    Count,
    Day,
    GrowthKind,
    Kg,
    Outcome,
    Ratio,
    Seen,
    Share,
    Topic,
    Values,
    Z,
)
from growthwatch.protocol.kinds.on_weights import Judged, packaged
from growthwatch.protocol.kinds.weights import (
    HAIR,
    TINY,
    after,
    day_notes,
    evidence_after,
    evidence_cleared,
    fit_after,
    no_birth,
    unscored,
)

__all__ = ["ConditionalGain", "RunningEvidence"]


class ConditionalGain(GrowthKind):
    """G7: a gain over weeks that is less than the weight before it lets expect."""

    KIND = "conditional_gain"
    VERSION = 2
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights"})
    z_below: Number = Field(lt=0)
    least_days: Whole = Field(gt=0)
    until_months: Months
    running_least_days: Whole = Field(gt=0)
    levels: tuple[RuleLevel, RuleLevel]

    @classmethod
    def figures(cls) -> dict[str, str]:
        """The model of healthy growth."""
        return {"weight-model": weight_model().hash}

    def judge(self, at: At) -> Outcome:
        """Judge the gain up to the latest weight, and whether the one before was as low."""
        child = at.child
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        # A doubted weight is no part of it: specification of the protocol, section 0 (danger rules, and G2 to G5).
        last = child.growth.latest
        return Outcome() if last is None else self._judge_weight(child, last, child.ages.birth.event)

    def _judge_weight(self, child: Child, w: Weight, birth_event: str) -> Outcome:
        if w.day >= child.ages.mark(self.until_months, child.ages.corrected_on(w.day)):
            return Outcome(weight=w)
        z, of_day = child.growth.z(w), child.growth.reading(w)
        if z is None:
            return Outcome(not_judged=unscored(w), weight=w)
        found = child.growth.conditional_gain(w, self.least_days)
        if found is None:
            return Outcome(weight=w)
        gain, before = found
        values: Values = {
            "kg": Kg(of_day.kg),
            "on": Day(w.day),
            "z": Z(z),
            "previous_kg": Kg(before.kg),
            "previous_on": Day(before.day),
            "days": Count(w.day - before.day),
            "gain_z": Z(gain),
            "limit_z": Z(self.z_below),
            "reference": child.reference.id,
        }
        if gain >= self.z_below - TINY:
            return Outcome(NOT_MET, values, (birth_event, *before.ids, *of_day.ids), weight=w)
        level, first = 0, before
        for v in reversed(child.growth.days_before(w)):
            also = child.growth.conditional_gain(v.lowest, self.least_days)
            if also is None or also[0] >= self.z_below - TINY:
                break
            if w.day - v.day >= self.running_least_days:
                level, first = 1, also[1]
                values |= {"gain_before_z": Z(also[0]), "last_on": Day(v.day)}
                break
        days = child.growth.days_before(w)
        since = days[bisect_left(days, first.day, key=_read_on) :]
        witness = (birth_event, *(id for v in since for id in v.ids), *of_day.ids)
        return Outcome(level, values, witness, weight=w, notes=day_notes(child, w))

    def say(self, seen: Seen, level: int) -> str:
        """Say the gain, and how often a healthy child has so small a one."""
        share = NormalDist().cdf(seen["limit_z"])
        text = (
            f"{kg_words(seen['kg'])} on {long_date(seen['on'])}, {days_words(seen['days'])} after "
            f"{kg_words(seen['previous_kg'])}: gain well below what that weight lets expect "
            f"(conditional gain z {seen['gain_z']:.2f}). "
        )
        if level == 1 and "last_on" in seen:
            return f"{text}So it was on {long_date(seen['last_on'])} too (z {seen['gain_before_z']:.2f})."
        below = f"below z {seen['limit_z']:.2f}"
        return f"{text}One healthy gain in {round(1 / share)} is {below}: a second weight tells."

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether the gain up to a weight, itself and not the median of its day, is not low."""
        found = child.growth.conditional_gain(weight, self.least_days, alone=True)
        return None if found is None else found[0] >= self.z_below - TINY

    def closed_by(self, at: At, opened: Outcome) -> str | None:
        """The next gain is not low."""
        last = after(at.child, opened)
        return last.id if last is not None and self.inside(at.child, last, opened) else None

    def may_meet(self, followed: Followed) -> Flags:
        """A gain below the limit."""
        return followed.gain_z(self.least_days) <= self.z_below + HAIR

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """Gains up to each weight, from birth on; twice running: all gains so far back were as low."""
        until = self.until_months * DAYS_PER_MONTH
        born = child.ages.birth.gestation_days if child.ages.birth is not None else None
        if born is not None and born < PRETERM_DAYS:
            until += TERM_DAYS - born  # its months are counted from the due date
        low = Level(
            name=self.levels[level].name,
            threshold=float(self.z_below),
            over=True,
            held_days=float(self.running_least_days) if level > 0 else 0.0,
        )
        gap = float(self.least_days)
        gain = packaged(
            "thrive-line", low, least_gap_days=gap, from_age_days=gap, best_from_age_days=0.0, until_age_days=until
        )
        return Judged(gain)


def _read_on(r: Reading) -> int:
    return r.day


_LATER = 2 * DAYS_PER_YEAR


@lru_cache(maxsize=64)
def _bound(ratio: float, later: bool, version: str | None) -> tuple[float, float]:
    """By which age the bound of a ratio is said of a child weighed up to 2 years, or later [days]; and the bound."""
    by = by_age([_LATER + 1.0 if later else _LATER])
    return by, detector(version).bound(ratio, by)


class EvidenceLevel(RuleLevel):
    """A level of evidence."""

    ratio_at_least: Number = Field(gt=1)
    high_need_ratio_at_least: Number | None = Field(default=None, gt=1)

    def threshold(self, high_need: bool) -> float:
        """Ratio from which the level is met."""
        own = self.high_need_ratio_at_least
        return own if high_need and own is not None else self.ratio_at_least


class RunningEvidence(GrowthKind):
    """G12: how much better the weights so far fit slowing than healthy growth."""

    KIND = "evidence"
    READS: ClassVar[frozenset[Topic]] = frozenset({"weights", "conditions"})
    weights_at_least: Whole = Field(ge=2)
    levels: tuple[EvidenceLevel, ...] = Field(min_length=1)

    @classmethod
    def figures(cls) -> dict[str, str]:
        """The model of healthy growth, and the detector."""
        return {"weight-model": weight_model().hash, "evidence": detector().hash}

    def faults(self) -> list[str]:
        """Levels must grow graver."""
        return rising("ratio of the levels", [n.ratio_at_least for n in self.levels]) + rising(
            "ratio of the levels, of high need", [n.threshold(True) for n in self.levels]
        )

    def judge(self, at: At) -> Outcome:
        """Judge the evidence after the latest weight that counts."""
        child = at.child
        if child.ages.birth is None:
            return Outcome(not_judged=no_birth(child))
        last = child.growth.latest
        ages = detector().ages
        if last is None or len(child.growth.days) < self.weights_at_least or last.age_days < ages.from_days:
            return Outcome(weight=last)
        of_day = child.growth.reading(last)
        if last.z is None:
            return Outcome(not_judged=unscored(last), weight=last)
        ratio = evidence_after(child, last)
        if ratio is None:
            return Outcome(not_judged=f"the evidence is for children up to {ages.until_days / 365.25:.0f} years")
        level = max((i for i, n in enumerate(self.levels) if ratio >= n.threshold(at.high_need)), default=NOT_MET)
        limit = self.levels[max(level, 0)].threshold(at.high_need)
        by, bound = _bound(limit, last.age_days > _LATER, (child.settings.figures or USUAL).evidence)
        values: Values = {
            "ratio": Ratio(ratio),
            "fit": Ratio(fit_after(child, last) or ratio),
            "limit_ratio": Ratio(limit),
            "bound": Share(bound),
            "bound_by_years": Count(round(by / DAYS_PER_YEAR)),
            "kg": Kg(of_day.kg),
            "on": Day(last.day),
            "weights": Count(len(child.weights.valid)),
            "reference": child.reference.id,
            "reference_hash": child.reference.hash,
        }
        # All weights that count: the evidence comes out again from all of them, and from no fewer.
        graver = level > at.open_level
        witness = (
            (child.ages.birth.event, *(w.id for w in child.weights.valid))
            if graver
            else (child.ages.birth.event, *of_day.ids)
        )
        return Outcome(level, values, witness, weight=last)

    def say(self, seen: Seen, level: int) -> str:
        """Say how much better, what that is not, what settles it, and the guaranteed bound."""
        return (
            f"The {seen['weights']} weights up to {kg_words(seen['kg'])} on {long_date(seen['on'])} "
            f"{fit_words(seen.get('fit', seen['ratio']))}. That ranks who to look at first; it "
            "is no diagnosis and does not say why. Another weight is what would settle it. By the model of healthy "
            f"growth, at most one healthy child in {round(1 / seen['bound'])} ever reaches this by "
            f"{seen['bound_by_years']} years, however often weighed."
        )

    def inside(self, child: Child, weight: Weight, opened: Outcome) -> bool | None:
        """Whether the evidence after a weight, and with it alone of its day, is below the first level."""
        ratio = evidence_cleared(child, weight)
        return None if ratio is None else ratio < self.levels[0].threshold(child.conditions.high_need)

    def may_meet(self, followed: Followed) -> Flags:
        """Evidence of the first level, of high need or not."""
        least = min(level.threshold(need) for level in self.levels for need in (False, True))
        return followed.ratio >= least * (1 - HAIR)

    def on_weights(self, level: int, seen: Seen, child: Child, ages: tuple[int, ...]) -> Judged | str:
        """The evidence alone."""
        ratio = self.levels[level].threshold(child.conditions.high_need)
        return Judged(EvidenceRule(ratio=ratio, weights_at_least=self.weights_at_least))
