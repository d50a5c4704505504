"""What a growth rule costs: how many healthy children meet it, weighed as often as this child.

A rate comes from one of three places:

a publication
    Newborn loss, and regain of the birth weight: the model of healthy growth has no newborn days.
    The figures and their sources stand with the rules (``growth-rules.toml``).
the table
    A rule with the very thresholds that were simulated beforehand, for a child born at term; the
    evidence, which goes by age from term alone, for any child.
a simulation of its own
    Any other rule of a kind that is known, other thresholds, children born early: healthy children
    drawn by `growthwatch.growth.healthy`, weighed at this child's own ages, are judged by that very
    rule.  The same children are drawn each time.

Where there is none, the sentence says why.

Any rate is looked up by how often the child was weighed: see `growthwatch.growth.false_alarm_table`.

For both:

- Beyond the last weighing a child is taken to be weighed at its mean interval so far.  Weights before
  14 days do not count.
- The interval given is that of the simulation (95 %, Wilson), in the table interpolated in the same
  way; it covers none of this, nor whether the model is right.
- Loss from the best weight, and the clock, hang on how weight varies from week to week, which the
  model assumes rather than knows.
- The z of children born early is taken to vary from the due date on as that of a child born at term.

The model holds for children on a standard and for children of a condition on the reference of
that condition: a z has the same distribution there.  Judged on the *standard* instead, children of
a condition meet the rules far more often: the world ``condition-on-standard`` has those whose mean
falls to -2.2 z by 10 months.

A false-alarm rate is not the chance that this child is healthy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple, get_args

import numpy as np

from growthwatch.core.closed import Closed
from growthwatch.core.columns import instance, is_number, numeric, one_flag, one_number, one_of
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.units import DAYS_PER_YEAR, PRETERM_DAYS, TERM_DAYS
from growthwatch.core.words import days_words, limit_words, number_word
from growthwatch.growth.detector import detector
from growthwatch.growth.false_alarm_table import (
    EITHER,
    UNTIL_DAYS,
    World,
    cells_known,
    cells_of,
    looked_up,
    stretches,
    until_age,
    wilson,
)
from growthwatch.growth.healthy import FROM_DAYS, first_ages, first_evidence, watched_alike
from growthwatch.growth.rules import ClockBand, GrowthRule, Level, packaged_rules
from growthwatch.references.distributions import Floats

__all__ = [
    "NO_NEWBORN_DAYS",
    "EvidenceRule",
    "FalseAlarms",
    "between_words",
    "by_age",
    "false_alarm_rate",
    "one_clock",
]


_NEWBORN = ("newborn_loss", "regain")
_NEAR = 1e-3


class EvidenceRule(Closed):
    """A level of the running evidence.

    Attributes
    ----------
    ratio
        From which ratio on it is met.
    weights_at_least
        And with how many weights, that at birth included.
    """

    ratio: float
    weights_at_least: int = 3


def by_age(age_days: Any, rule_until_days: float | None = None) -> float:
    """By which age a rate is said [days]: the one definition, for reviews and trajectories.

    By 2 years; for a child who was weighed after that by 5; or by the age at which the rule itself
    ends, if that is sooner.
    """
    if isinstance(age_days, float | int):
        oldest = float(age_days)
    else:
        known = np.asarray(age_days, np.float64)
        known = known[np.isfinite(known)]
        oldest = float(known.max()) if known.size else 0.0
    until = UNTIL_DAYS if 2 * DAYS_PER_YEAR < oldest < math.inf else 2 * DAYS_PER_YEAR
    return until if rule_until_days is None else max(min(until, rule_until_days), FROM_DAYS)


@dataclass(frozen=True)
class FalseAlarms:
    """How many healthy children, weighed this often, ever meet a rule by an age.

    Attributes
    ----------
    rule, level
        Id and level, from 1.
    rate, low, high
        Share, and the 95 % interval of the simulation; NaN where it cannot be told.
    until_days
        The age [days].
    weighings
        Days of weighing up to that age, from 14 days on, those to come at the interval so far included.
    world
        Whether judged on their own reference, or a condition's children on the standard.
    children
        Children simulated in each pattern, or more; 0 where the rate is a published one.
    source
        Where the rate comes from.
    at_most
        Whether the rate is a bound from above.
    born_early
        Whether they were born early: their z is taken to vary from the due date.
    why_none
        Why there is no rate; empty where there is one.
    does
        What meeting the rule is called, of one child and of many.
    between
        Ages between which it is met so, in words; empty: by `until_days`.
    harder
        Of the evidence by 2 years: the share in a harder simulation, on the correlations of real children, weighed
        monthly (`growthwatch.growth.detector.Harder`); NaN elsewhere.
    """

    rule: str
    level: int
    rate: float
    low: float
    high: float
    until_days: float
    weighings: float
    world: World
    children: int
    source: str
    at_most: bool = False
    born_early: bool = False
    why_none: str = ""
    harder: float = math.nan
    does: tuple[str, str] = ("meets this rule", "meet this rule")
    between: str = ""

    @property
    def sentence(self) -> str:
        """The rate in words, such as: one healthy child in four weighed this often meets this rule by 2 years."""
        return self.said(*self.does)

    def said(self, one: str, many: str) -> str:
        """The sentence with other words for meeting the rule, of one child and of many; why, where there is no rate."""
        if math.isnan(self.rate):
            return self.why_none
        # What nobody of so many met may be as much as the upper end of the interval.
        none = bool(self.children) and self.rate * self.children < 0.5
        share, several = _share_words(max(self.high, 0.00099) if none else self.rate, fewer=none)
        often = "" if self.children == 0 else " weighed this often"
        if self.world != "own" and self.children > 0:
            often = " with a condition like this, weighed this often and judged on the general standard,"
        most = "at most " if self.at_most and not none else ""
        most = most if self.children else f"in a published study {most}"
        when = self.between or f"by {limit_words(self.until_days)}"
        text = f"{most}{share}{often} {many if several else one} {when}."
        if self.rate >= _COMMON and self.children:
            text += _ALL_THE_SAME
        early = " Born early: taken to vary from the due date as if born at term." if self.born_early else ""
        text = text[0].upper() + text[1:]
        if self.harder > self.rate:
            more, _ = _share_words(self.harder)
            text += f" Of children whose weights vary as those of real children do, weighed monthly, {more}."
        return text + early


_COMMON = 0.5
"""From which share on a rate may sound as if all were well, which beside a danger it must not."""
_ALL_THE_SAME = " That is at some time or other: what is seen here is acted on all the same."
_NEARLY_ALL = 0.97
"""From which share on a rate is told in hundredths, and that it is one at some time."""

_FRACTIONS = (
    *((1, n) for n in range(10, 3, -1)),
    (3, 10), (1, 3), (2, 5), (1, 2), (3, 5), (2, 3), (7, 10), (3, 4), (4, 5), (5, 6), (9, 10), (19, 20),
)  # fmt: skip


def _share_words(rate: float, fewer: bool = False) -> tuple[str, bool]:
    """``one healthy child in four``, and whether that is more than one child; `fewer`: a share below this one."""
    if rate < 0.001:
        return "fewer than one healthy child in 1000", False
    if fewer:
        n = int(1.0 / rate)
        return f"fewer than one healthy child in {number_word(n // 10 * 10 if n > 20 else n)}", False
    if rate < 0.095:
        n = 1.0 / rate
        step = 1 if n < 20 else 5 if n < 50 else 10 if n < 200 else 100
        return f"one healthy child in {round(n / step) * step}", False
    if rate > _NEARLY_ALL:
        return f"more than {100 * _NEARLY_ALL:.0f} in 100 healthy children", True
    over, under = min(_FRACTIONS, key=lambda f: abs(f[0] / f[1] - rate))
    one = over == 1
    return f"{number_word(over)} healthy {'child' if one else 'children'} in {number_word(under)}", not one


def one_clock(
    rule: GrowthRule, band: int, level: int, high_need: bool
) -> tuple[GrowthRule, tuple[str, str], tuple[float, float]]:
    """One limit of a clock of no net gain, at the ages of its band, as a rule of its own.

    A clock has another limit at each age.  How many healthy children ever reach any of them says little of one
    that is a matter of months: what is told beside it is how many reach this one, at these ages.

    Parameters
    ----------
    rule
        The clock.
    band, level
        Which band, from 0, and which level of it, from 1 (amber) to 2 (red).
    high_need
        Whether the limits for high need apply.

    Returns
    -------
    tuple
        The rule; what reaching it is called, of one child and of many; and the ages between which it counts [days].
    """
    own = rule.clock[band]
    later = rule.clock[band + 1].start_days if band + 1 < len(rule.clock) else rule.ends_days
    start, end = own.start_days, UNTIL_DAYS if later is None else min(later, UNTIL_DAYS)
    before = ClockBand(from_days=rule.clock[0].start_days, amber_days=_NEVER_DAYS, red_days=_NEVER_DAYS)
    after = before.model_copy(update={"from_days": end})
    clock = (*((before,) if band else ()), own, *((after,) if band + 1 < len(rule.clock) else ()))
    amber, red = (
        (own.high_need_amber_days or own.amber_days, own.high_need_red_days or own.red_days)
        if high_need
        else (own.amber_days, own.red_days)
    )
    gain = f"a gain of {rule.high_need_gain_percent:g} %" if high_need else "a new best weight"
    what = f"{days_words(round(red if level > 1 else amber))} or more without {gain}"
    only = rule.model_copy(update={"clock": clock, "until_months": None, "until_age_days": end})
    return only, (f"goes {what}", f"go {what}"), (start, end)


def between_words(ages: tuple[float, float]) -> str:
    """Two ages between which something is counted [days], in words."""
    return f"between {limit_words(ages[0])} and {limit_words(ages[1])} of age"


_NEVER_DAYS = 1e6
"""Days that no clock reaches."""

_TOO_FEW = "Too few weights to say how many healthy children weighed this often meet this rule."
_TOO_YOUNG = "No false-alarm rate: the model of healthy growth begins 14 days after term, and no weight since counts."
_TOO_OLD = "No false-alarm rate: the model of healthy growth ends at 5 years."
_NEWBORN_DAYS = "No false-alarm rate: the model of healthy growth has no newborn days, and none is published for "
NO_NEWBORN_DAYS = f"{_NEWBORN_DAYS}this rule."
"""Why a rule about newborn days has no rate."""
_A_RULE = "the id of a rule, a GrowthRule or an EvidenceRule"


class _Asked(NamedTuple):
    """What is asked about: a rule of the table, if it is one, and what to judge simulated children by."""

    id: str
    level: int
    table: tuple[str, int] | None
    judged: tuple[tuple[GrowthRule | EvidenceRule, int], ...]

    @property
    def one(self) -> GrowthRule | None:
        """The rule, where it is one growth rule."""
        first = self.judged[0][0]
        return first if isinstance(first, GrowthRule) and len(self.judged) == 1 else None


def _asked(rule: str | GrowthRule | EvidenceRule, level: int, world: World, high_need: bool) -> _Asked:
    ratios = _ratios()
    if isinstance(rule, EvidenceRule):
        near = next((k for k, r in enumerate(ratios, 1) if abs(r - rule.ratio) < _NEAR), None)
        # Three weights are the least with which any ratio of the table is ever reached.
        one_number("ratio", rule.ratio, "a ratio above 0", least=5e-324)
        if level != 1:
            raise GrowthwatchError.of("level", level, "1: an EvidenceRule has one level")
        table = None if near is None or rule.weights_at_least > 3 else ("evidence", near)
        return _Asked("evidence", level, table, ((rule, 1),))
    by_id = {r.id: r for r in packaged_rules()}
    if isinstance(rule, str) and rule not in by_id:
        cells_of(rule, level, world)  # says what is wrong
        if rule == EITHER:
            return _Asked(rule, level, (rule, level), ((by_id["nice-fall-birth"], 1), (by_id["below-line"], 1)))
        return _Asked(rule, level, (rule, level), ((EvidenceRule(ratio=ratios[level - 1]), 1),))
    chosen = by_id[rule] if isinstance(rule, str) else instance("rule", rule, GrowthRule, _A_RULE)
    if not 1 <= level <= len(chosen.levels):
        raise GrowthwatchError.of("level", level, f"one of {list(range(1, len(chosen.levels) + 1))}")
    return _Asked(chosen.id, level, _in_table(chosen, level, world, high_need), ((chosen, level),))


def _ratios() -> tuple[float, float, float]:
    limits = detector().thresholds
    return limits.high_need_amber, limits.amber, limits.red


# What a rule is called, and what does not matter for a child born at term without high need.
_NAMING = {"id", "name", "unit", "source", "tag", "differs", "levels", "published_rates"}
_NO_MATTER = {"preterm_from_gestation_days", "high_need_gain_percent", "clock", "until_age_days", "until_months"}


def _figures(rule: GrowthRule) -> tuple[object, ...]:
    clock = [(b.start_days, b.amber_days, b.red_days) for b in rule.clock]
    return rule.model_dump(exclude=_NAMING | _NO_MATTER), clock


def _in_table(rule: GrowthRule, level: int, world: World, high_need: bool) -> tuple[str, int] | None:
    """Id and level in the table of a rule with the very figures that were simulated; until when is not looked at."""
    mine = rule.levels[level - 1]
    for known in packaged_rules():
        if known.kind != rule.kind or _figures(known) != _figures(rule) or (high_need and known.clock):
            continue
        for k, theirs in enumerate(known.levels, 1):
            alike = k == level if mine.threshold is None else True
            if alike and _same(mine, theirs) and (world, known.id, k) in cells_known():
                return known.id, k
    return None


def _same(mine: Level, theirs: Level) -> bool:
    if (mine.threshold is None) != (theirs.threshold is None):
        return False
    near = abs((mine.threshold or 0.0) - (theirs.threshold or 0.0)) < _NEAR
    naming = {"name", "threshold", "source", "tag"}
    return near and mine.model_dump(exclude=naming) == theirs.model_dump(exclude=naming)


def false_alarm_rate(
    rule: str | GrowthRule | EvidenceRule,
    age_days: Any,
    *,
    until_days: float | None = None,
    level: int = 1,
    world: World = "own",
    gestation_days: float | None = None,
    high_need: bool = False,
    simulated: bool = False,
) -> FalseAlarms:
    """How many healthy children, weighed as often as this child, ever meet a rule by an age.

    Parameters
    ----------
    rule
        Id of a rule of `growthwatch.growth.published`; ``evidence`` (levels 1, 2, 3: a ratio of 3,
        5, 20); ``nice-either``, NICE's fall from birth or below the 2nd centile; or a rule of one's
        own, a `GrowthRule` or an `EvidenceRule`.
    age_days
        Chronological ages at which one child was weighed [days]; those before 14 days, and of a
        child born early before 14 days after term, do not count.
    until_days
        By which age [days], 14 days to 5 years; None: that of `by_age`.
    level
        Level of the rule, from 1.
    world
        ``own``: judged on the reference that is the child's own, a condition's reference for a child
        with that condition.  ``condition-on-standard``: a condition's child on the general standard.
    gestation_days
        Completed gestation at birth [days]; None: term.
    high_need
        Whether the limits for high need apply, where the rule has such.
    simulated
        Draw children weighed at these very ages, even where the table holds the rule: some tenths of
        a second, and none of the look-up's errors.

    Raises
    ------
    GrowthwatchError
        For an unknown rule, level or world, or an age outside the model's.

    Notes
    -----
    Method and limits: this module's docstring.  Newborn loss and regain are not simulated; their
    rates are published ones, whatever the weighings.

    Examples
    --------
    >>> found = false_alarm_rate("nice-fall-birth", [14, 45, 76, 106, 137, 167])
    >>> found.sentence
    'One healthy child in four weighed this often meets this rule by 2 years.'
    """
    one_of("world", world, get_args(World))
    one_flag("simulated", simulated)
    one_flag("high_need", high_need)
    if gestation_days is not None:
        expected = "completed days of gestation, 140 to 315, or None for term"
        one_number("gestation_days", gestation_days, expected, least=140.0, most=315.0)
    if not is_number(level) or not float(level).is_integer():
        raise GrowthwatchError.of("level", level, "a level, as a whole number from 1")
    asked = _asked(rule, int(level), world, high_need)
    ages = np.atleast_1d(numeric("age_days", age_days)).astype(np.float64)
    ages = ages[np.isfinite(ages)]
    ends = None if asked.one is None else asked.one.ends_days
    until = until_age(by_age(ages, ends) if until_days is None else until_days)
    early = 0.0
    if gestation_days is not None and gestation_days < PRETERM_DAYS:
        early = TERM_DAYS - float(gestation_days)
    days = _as_weighed(ages, until, early)
    none = FalseAlarms(
        asked.id, level, math.nan, math.nan, math.nan, until, float(len(days)), world, 0, "", born_early=early > 0
    )
    if asked.one is not None and asked.one.kind in _NEWBORN:
        return _published(none, asked.one, ages)
    if ages.size and ages.max() < FROM_DAYS + early:
        return replace(none, why_none=_TOO_YOUNG)
    if until_days is None and ages.size and ages.max() > UNTIL_DAYS:
        return replace(none, why_none=_TOO_OLD)
    if not days:
        return replace(none, why_none=_TOO_FEW)
    # The evidence goes by age from term alone, so that the table holds for the preterm, at those ages.
    if asked.table is not None and not simulated and (not early or asked.id == "evidence"):
        cells = cells_of(*asked.table, world)
        seen = stretches(ages - early, None, max(until - early, FROM_DAYS))
        rate, low, high = (float(x[0]) for x in looked_up(asked.table[0], cells, seen))
        source = "Simulated on the packaged model of healthy weight z (benchmarks/false_alarms.py)"
        n = int(cells.n.min())
        weighings = float(seen.weighings[0, -1])
        return replace(
            none, rate=rate, low=low, high=high, weighings=weighings, children=n, source=source,
            harder=_harder(asked, until, world),
        )  # fmt: skip
    met, n = _count(asked.judged, days, early, until, world, high_need)
    rate, low, high = (float(x) for x in wilson(met, n))
    source = "Simulated on the packaged model of healthy weight z, weighed at this child's ages"
    return replace(none, rate=rate, low=low, high=high, children=n, source=source)


def _harder(asked: _Asked, until: float, world: World) -> float:
    """Share of the evidence in the harder simulation, where that is about the same level and age."""
    known = detector().harder
    if known is None or asked.table is None or asked.table[0] != "evidence" or world != "own":
        return math.nan
    if abs(until - known.until_days) > 1.0:
        return math.nan
    return (known.high_need_amber, known.amber, known.red)[asked.table[1] - 1]


def _published(none: FalseAlarms, rule: GrowthRule, ages: Floats) -> FalseAlarms:
    """What publications found of newborns; a graver threshold, or a later weight, is met by no more."""
    limit, last = rule.levels[none.level - 1].threshold or 0.0, float(ages.max()) if ages.size else 0.0
    known = [r for r in rule.published_rates if r.threshold <= limit + _NEAR and r.from_age_days <= last]
    none = replace(none, born_early=False)
    if not known:
        soon = any(r.threshold <= limit + _NEAR for r in rule.published_rates)
        what = "so early a weight" if soon else "so small a loss" if rule.published_rates else "this rule"
        return replace(none, why_none=f"{_NEWBORN_DAYS}{what}.")
    best = min(known, key=lambda r: r.rate)
    most = limit > best.threshold + _NEAR or (rule.kind == "regain" and last >= best.from_age_days + 1.0)
    return replace(none, rate=best.rate, until_days=best.by_age_days, at_most=most, source=best.source)


def _as_weighed(ages: Floats, until: float, early: float) -> tuple[float, ...]:
    """Days of weighing up to an age, as the look-up has them: those to come at the mean interval so far."""
    day = np.unique(np.floor(ages[(ages >= FROM_DAYS + early) & (ages <= UNTIL_DAYS)]))
    if day.size < 2:
        return ()
    mean = (day[-1] - day[0]) / (day.size - 1)
    ahead = max(int((until - day[-1]) / mean), 0)
    to_come = np.floor(day[-1] + mean * np.arange(1, ahead + 1))
    return tuple(np.concatenate((day[day <= until], to_come)).tolist())


@lru_cache(maxsize=4096)
def _count(
    judged: tuple[tuple[GrowthRule | EvidenceRule, int], ...],
    days: tuple[float, ...],
    early: float,
    until: float,
    world: World,
    high_need: bool,
) -> tuple[int, int]:
    """How many of how many healthy children, weighed on these days, meet any of some rules by an age."""
    drawn = watched_alike(days, early, world != "own", high_need)
    ages = [
        first_evidence(drawn, rule.ratio, rule.weights_at_least)
        if isinstance(rule, EvidenceRule)
        else first_ages(rule, drawn)[level - 1]
        for rule, level in judged
    ]
    first = np.minimum.reduce(ages)
    return int((first <= until).sum()), first.size
