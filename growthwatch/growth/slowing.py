"""The evidence of slowing growth in one child's weights, in words: how strong, since when, how fast, at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from growthwatch.core.status import Status, status_words
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR, PRETERM_DAYS
from growthwatch.core.words import (
    age_words,
    count_words,
    days_words,
    fit_words,
    limit_words,
    silent_words,
)
from growthwatch.growth.columns import TrajectoryColumns
from growthwatch.growth.detector import detector
from growthwatch.growth.evidence import Hypotheses
from growthwatch.growth.false_alarms import FalseAlarms, by_age
from growthwatch.growth.one_child import SPACE, OneChild, latest_fit, latest_ratio
from growthwatch.growth.rules import told
from growthwatch.growth.sustained import beside_a_rule
from growthwatch.references.distributions import Floats

__all__ = ["Began", "TrajectoryEvidence", "began"]


class Began(NamedTuple):
    """When slowing began and how fast it is, if it is there at all: the posterior of the slow channel.

    Attributes
    ----------
    age_days, low_days, high_days
        Age at which it began: median, and the ages that hold nine tenths of the weight [days].
    rate, low_rate, high_rate
        z a month lost while it lasts: median, and the values that hold nine tenths of it; where that is
        one rate of the few that are looked for, those beside it.
    still_falling
        Weight of the hypotheses by which it has not stopped yet, 0 to 1.
    """

    age_days: float
    low_days: float
    high_days: float
    rate: float
    low_rate: float
    high_rate: float
    still_falling: float


def _quantiles(values: Floats, weights: Floats) -> tuple[float, float, float]:
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    low, middle, high = (
        float(values[order[min(int(np.searchsorted(share, p)), values.size - 1)]]) for p in (0.05, 0.5, 0.95)
    )
    return middle, low, high


def began(hypotheses: Hypotheses | None, now_days: float) -> Began | None:
    """Summarise where the slow channel's evidence lies; None where there is none."""
    if hypotheses is None or not hypotheses.weight.sum() > 0:
        return None
    weight = hypotheses.weight
    # A month of onset stands for all its days.
    onset = _quantiles(np.minimum(hypotheses.onset_days + DAYS_PER_MONTH / 2.0, now_days), weight)
    still = float(weight[hypotheses.until_days > now_days].sum() / weight.sum())
    return Began(*onset, *_with_width(*_quantiles(hypotheses.rate, weight)), still)


def _with_width(middle: float, low: float, high: float) -> tuple[float, float, float]:
    """Only a few rates are looked for: where one of them holds all the weight, the truth lies about it."""
    if low < high:
        return middle, low, high
    return middle, 0.5 * low, 1.5 * high


@dataclass(frozen=True)
class TrajectoryEvidence:
    """Evidence of slowing growth in one trajectory.

    Attributes
    ----------
    trajectory, columns
        What it is of.
    """

    trajectory: OneChild
    columns: TrajectoryColumns

    @property
    def ratio(self) -> Floats:
        """How many times better the weights so far fit slowing than healthy growth, after each weighing."""
        return self.columns.evidence.ratio

    @property
    def slow(self) -> Floats:
        """The slow channel."""
        return self.columns.evidence.slow

    @property
    def acute(self) -> Floats:
        """The acute channel."""
        return self.columns.evidence.acute

    @property
    def amber(self) -> float:
        """From which ratio on it is amber."""
        return self.trajectory.amber

    @property
    def latest(self) -> float:
        """The ratio after the latest weight that was judged; 0 where none was."""
        return latest_ratio(self.columns)

    @property
    def level(self) -> str:
        """``red``, ``amber`` or empty."""
        return "red" if self.latest >= detector().thresholds.red else "amber" if self.latest >= self.amber else ""

    @property
    def bound(self) -> float:
        """Greatest share of healthy children who ever reach the latest ratio by 2 years; by 5, if older."""
        return detector().bound(self.latest, self._by_years * DAYS_PER_YEAR) if self.latest > 0 else 1.0

    @property
    def _by_years(self) -> int:
        return round(by_age(self.columns.age_days[self.columns.counts]) / DAYS_PER_YEAR)

    @property
    def _reached(self) -> float:
        """The level that was reached; the first where none was."""
        return detector().thresholds.red if self.level == "red" else self.amber

    @property
    def unread(self) -> str:
        """Why nothing can be read from the weights, or no more, in words; empty where it can."""
        if not np.isfinite(self.ratio).any():
            ages = detector().ages
            first, last = days_words(round(ages.from_days)), limit_words(ages.until_days)
            none = f"Evidence: none; it is read from weights between {first} and {last} of age."
            return none + self._unreadable()
        ages, columns = detector().ages, self.columns
        counted = columns.counts & np.isfinite(columns.z)
        if int((counted & (columns.series.given(columns.series.age_days) >= ages.from_days)).sum()) < 3:
            return "Evidence: too few weights yet to say anything; three are the least." + self._unreadable()
        if float(columns.age_days[counted].max()) > ages.until_days:
            last = limit_words(ages.until_days)
            return f"Evidence: not read after {last} of age; when last read, the weights {self.fit}."
        return ""

    def _unreadable(self) -> str:
        """Of three weights or more, how many can be read, and why the others cannot; empty where there are fewer."""
        columns, first = self.columns, detector().ages.from_days
        total = columns.weight_kg.size
        if total < 3:
            return ""
        scored = columns.counts & ~columns.doubted & np.isfinite(columns.z)
        age = columns.series.given(columns.series.age_days)
        readable = scored & (age >= first) & (age <= detector().ages.until_days)
        early = int((scored & (age < first)).sum())
        reasons: list[str] = []
        for status in dict.fromkeys(columns.status_code[columns.counts & ~scored & ~columns.doubted].tolist()):
            n = int((columns.counts & (columns.status_code == status)).sum())
            reasons.append(f"{self._no_z(int(status))} ({n})")
        if early:
            born = self.trajectory.gestation_days
            since = "term" if born is not None and born < PRETERM_DAYS else "birth"
            reasons.append(f"only weights from {limit_words(first)} after {since} on are read ({early} earlier)")
        if left := total - int(columns.counts.sum()) + int(columns.doubted.sum()):
            reasons.append(
                f"{count_words(left, 'weight')} {'does' if left == 1 else 'do'} not count or must be checked"
            )
        why = f": {'; '.join(reasons)}" if reasons else ""
        return f" Of {total} recorded, {int(readable.sum())} can be read so far{why}."

    def _no_z(self, status: int) -> str:
        """Why weights of a status have no z, in words."""
        found = self.trajectory
        own = found.condition if self.columns is found.on_condition else found.standard
        span = None if own is None or found.sex is None else own.span("weight", found.sex)
        if span is not None and status == Status.AGE_BELOW_REFERENCE:
            return f"the chart begins at {limit_words(span[0])}"
        if span is not None and status == Status.AGE_ABOVE_REFERENCE:
            return f"the chart ends at {limit_words(span[1])}"
        return str(status_words(np.array([status], np.uint8))[0]).replace("_", " ")

    @property
    def fit(self) -> str:
        """How well the weights fit slowing, in words: ``fit slowing growth 12 times better than healthy growth``."""
        return fit_words(latest_fit(self.columns))

    @cached_property
    def began(self) -> Began | None:
        """When slowing began and how fast it is, if it is there at all."""
        age = self.columns.series.age_days
        return began(self.columns.evidence.hypotheses, float(age[-1])) if age.size else None

    def _pace(self, found: Began) -> str:
        """How fast growth slowed: by the hypotheses, or as it was seen where that is something else."""
        seen = self._lost_since(found.age_days)
        if np.isnan(seen) or found.low_rate <= seen <= found.high_rate:
            rate, text = found.rate, f", and loses about {found.rate:.2f} SD a month"
            text += f" ({found.low_rate:.2f} to {found.high_rate:.2f})"
        elif seen < 0.005:
            return "; what was lost since then has come back"
        else:
            rate, text = seen, f"; since then about {seen:.2f} SD a month were lost"
        return f"{text}: a centile space in {count_words(max(round(SPACE / rate), 1), 'month')}"

    def _lost_since(self, age_days: float) -> float:
        """Mean z a month lost from an age to the latest weight; NaN where that cannot be said."""
        series = self.columns.series
        begins = int(np.flatnonzero(series.fresh)[-1]) if series.fresh.any() else 0
        age, z = series.age_days[begins:], series.z[begins:]
        if age.size < 2 or age_days < age[0] or age[-1] - age_days < DAYS_PER_MONTH / 2.0:
            return float("nan")
        return float((np.interp(age_days, age, z) - z[-1]) * DAYS_PER_MONTH / (age[-1] - age_days))

    @cached_property
    def false_alarms(self) -> FalseAlarms | None:
        """How many healthy children weighed this often ever reach the level reached, or the first; None: no weight."""
        if not (self.columns.counts & np.isfinite(self.columns.z)).any():
            return None
        level = 3 if self.level == "red" else 1 if self.trajectory.high_need else 2
        return self.trajectory.cost(self.columns, "evidence", level, self.ratio >= self._reached)

    def explain(self) -> str:
        """Say what the evidence is, since when, how fast, and what it costs."""
        if self.unread:
            return self.unread
        if self.latest < self.amber:
            return self._below()
        text = f"Evidence {self.level}: the weights {self.fit}."
        found = self.began
        if found is not None and self.slow[np.isfinite(self.slow)][-1] >= self.acute[np.isfinite(self.acute)][-1]:
            text += (
                f" If growth has slowed, it began most likely at about {age_words(found.age_days)} "
                f"({age_words(found.low_days)} to {age_words(found.high_days)}){self._pace(found)}."
            )
        elif found is not None:
            text += " It is a fall within days."
        text += (
            f" By the model of healthy growth, at most {_share(self.bound)} ever gets this far by "
            f"{self._by_years} years, however often weighed."
        )
        rate = self.false_alarms
        if rate is not None and np.isfinite(rate.rate):
            years = round(rate.until_days / DAYS_PER_YEAR)
            text += (
                f" (In simulation {100 * rate.rate:.1f} % of those weighed this often ever reach {self._reached:g} "
                f"by {years} years{_harder(rate)}.)"
            )
        elif rate is not None:
            text += f" {rate.sentence}"
        text += " These are not the odds of an illness."
        if self.trajectory.died or self.trajectory.in_danger:
            return text
        if self.trajectory.asks:
            return text + f" A weight in {told().reweigh} would settle more."
        return text + f" A weight in {told().reweigh} would settle more; what is due, and by when, is in the review."

    def _below(self) -> str:
        """What is said below every level: how well slowing fits, what the evidence is, and never reassurance."""
        top, latest = float(np.nanmax(self.ratio)), latest_fit(self.columns)
        past = f" At its highest the evidence was {_figure(top)}." if top >= self.amber else ""
        now = f"The running evidence ({_figure(self.latest)}; it speaks at {self.amber:g})"
        if not self.trajectory.asks:
            fit = f"Evidence: the weights {self.fit}."
            return (
                f"{fit} {now} asks for nothing by itself; a re-weigh is asked for once it reaches {self.amber:g}. "
                f"One weight alone never gets there.{past}"
            )
        # Where a rule is met, weights that fit healthy growth take nothing back: then that is not said at all.
        fit = "" if latest < 1.0 / 3.0 else f"Evidence: the weights {self.fit}. "
        met = {m.rule for columns, _ in self.trajectory.views() for m in self.trajectory.met_on(columns)}
        since = self.trajectory.since_best_on(self.columns)
        words = (
            beside_a_rule(float(since.z[0]), float(since.since_days[0]), self.trajectory.sex) if since.z.size else ""
        )
        stands = "The rules are met and stand" if len(met) > 1 else "The rule is met and stands"
        return (
            f"{fit}{stands if met else 'The danger stands'}. "
            f"{silent_words(self.latest, self.amber)}{' ' + words if words else ''}{past}"
        )


def _figure(ratio: float) -> str:
    """A ratio to one decimal, never more than it is."""
    return f"{np.floor(ratio * 10 + 1e-9) / 10:.1f}"


def _harder(rate: FalseAlarms) -> str:
    """The figure of the harder simulation beside it, where there is one."""
    if not rate.harder > rate.rate:
        return ""
    return f"; where weights vary as those of real children do, weighed monthly, {100 * rate.harder:.1f} %"


def _share(bound: float) -> str:
    n = int(1.0 / bound + 1e-9)  # "at most" allows no rounding up
    return "every healthy child" if n <= 1 else f"one healthy child in {n}"
