"""What a growth rule costs: how many healthy children meet it, weighed as often as this child.

Rates were simulated beforehand on the packaged model of healthy weight z, for regular patterns of
weighing from yearly to daily (``benchmarks/false_alarms.py`` writes ``data/false-alarms.csv``, with
counts).  They are looked up by how often the child was weighed:

- Rules that compare with a fixed place (falls from birth, declines from the best z, lines) go by the
  *number* of days of weighing up to an age: between the patterns of the table the cumulative hazard,
  ``-ln(1 - rate)``, is linear in the logarithm of that number, between its ages linear in age; and no
  rate is less than by an earlier age.
- Rules that compare with a recent weight (thrive line, loss, clock, regain, the best sustained
  position, the evidence) go by *intervals*: each stretch between two weighings adds the hazard that
  the pattern with that interval gathers over those ages, linear in the logarithm of the interval.
- Beyond the last weighing a child is taken to be weighed at its mean interval so far.  Weights before
  14 days do not count.  Fewer weighings than the sparsest pattern has (yearly), or more than daily,
  count as those.
- A pattern of the table gives back its own rate.  On patterns that are not in it (the routine
  schedule, fortnightly then monthly, as often as NICE allows, irregular, bursts of daily weighing)
  the look-up was within 4 points for falls from birth and lines, within 9 for declines, and mostly
  within 6 for the second kind; but up to 19 too high for thrive lines in bursts, 13 off for loss, and
  11 too low for the best sustained position with a handful of weights in five years
  (``benchmarks/false_alarms.py --check``).
- The interval given is that of the simulation (95 %, Wilson), interpolated in the same way; it
  covers none of this, nor whether the model is right.
- Loss from the best weight, and the clock, hang on how weight varies from week to week, which the
  model assumes rather than knows.

The model holds for term children on a standard and for children of a condition on the reference of
that condition: a z has the same distribution there.  Judged on the *standard* instead, children of
a condition meet the rules far more often: the world ``condition-on-standard`` has those whose mean
falls to -2.2 z by 10 months.

A false-alarm rate is not the chance that this child is healthy.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from growthwatch.core.columns import as_array, instance, is_number, numeric, one_number, one_of
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.core.words import limit_words, number_word
from growthwatch.growth.published import packaged_rules
from growthwatch.growth.series import Places, child_numbers
from growthwatch.references.distributions import Floats

__all__ = ["FalseAlarms", "false_alarm_columns", "false_alarm_rate"]

World = Literal["own", "condition-on-standard"]

FROM_DAYS = 14.0
"""Weighings count from this age on [days]: before, there are only birth and the newborn loss."""

UNTIL_DAYS = 60 * DAYS_PER_MONTH
"""Last age of the table [days]."""

_FIXED = ("fall_from_birth", "decline", "below_line")
_Z95 = 1.959963984540054


class _Cells(NamedTuple):
    """One rule and level in one world, patterns from daily on: weighings and cumulative hazards [pattern, age]."""

    every_days: Floats
    weighings: Floats
    hazard: Floats
    low: Floats
    high: Floats
    n: Floats


@cache
def _table() -> tuple[Floats, dict[tuple[str, str, int], _Cells]]:
    """Ages [days], and the cells; the routine schedule is in the file to be read, not to be looked up."""
    text = (files("growthwatch.growth") / "data" / "false-alarms.csv").read_text("utf-8")
    found: dict[tuple[str, str, int], dict[float, list[tuple[float, float, int, int]]]] = {}
    for world, _, every, months, weighings, rule, level, n, met in list(csv.reader(text.splitlines()))[1:]:
        if every:
            patterns = found.setdefault((world, rule, int(level)), {})
            patterns.setdefault(float(every), []).append((float(months), float(weighings), int(n), int(met)))
    ages = np.array([FROM_DAYS])
    cells: dict[tuple[str, str, int], _Cells] = {}
    for key, patterns in found.items():
        every_days = sorted(patterns)
        rows = np.array([patterns[e] for e in every_days])  # [pattern, age, figure]
        ages = np.concatenate(([FROM_DAYS], rows[0, :, 0] * DAYS_PER_MONTH))
        n, met = rows[:, :, 2], rows[:, :, 3]
        p = met / n
        middle = p + _Z95**2 / (2 * n)
        half = _Z95 * np.sqrt(p * (1 - p) / n + _Z95**2 / (4 * n * n))
        bounds = [(middle + s * half) / (1 + _Z95**2 / n) for s in (-1.0, 1.0)]
        # All of n children is no more than all but half a child.
        hazards = [-np.log1p(-np.clip(x, 0.0, 1.0 - 0.5 / n)) for x in (p, *bounds)]
        rate, low, high = (np.pad(h, ((0, 0), (1, 0))) for h in hazards)
        seen = np.concatenate((np.ones((len(every_days), 1)), rows[:, :, 1]), axis=1)
        cells[key] = _Cells(np.array(every_days), seen, rate, low, high, n[:, -1])
    return ages, cells


def _cells(rule: str, level: int, world: World) -> _Cells:
    cells = _table()[1]
    one_of("world", world, get_args(World))
    one_of("rule", rule, list(dict.fromkeys(r for _, r, _ in cells)))
    levels = [k for w, r, k in cells if w == world and r == rule]
    if not is_number(level) or level not in levels:
        raise GrowthwatchError.of("level", level, f"one of {levels}")
    return cells[world, rule, level]


def _until(until_days: float) -> float:
    expected = f"an age of {FROM_DAYS:g} to {UNTIL_DAYS:g} days"
    return min(one_number("until_days", until_days, expected, least=FROM_DAYS, most=UNTIL_DAYS + 1e-6), UNTIL_DAYS)


class _Stretches(NamedTuple):
    """Times between weighings of children: of whom, from and to which age, and at which interval [days]."""

    child: Places
    start: Floats
    end: Floats
    every: Floats
    weighings: Floats
    """Days of weighing of each child [child, age], those to come included; NaN for fewer than two."""
    ages: Floats
    """The ages of the table up to the age asked for, and that one [days]."""


def _stretches(age_days: Any, child: Any, until_days: float) -> _Stretches:
    age = numeric("age_days", age_days).astype(np.float64)
    if age.ndim != 1:
        raise GrowthwatchError.of("age_days", age.shape, "a one-dimensional column")
    who = child_numbers(child, age.size)
    children = int(who.max()) + 1 if who.size else 1
    if child is not None and as_array("child", child).size not in (1, age.size):
        children = as_array("child", child).size - 1  # offsets: the last children may have no rows
    with np.errstate(invalid="ignore"):
        usable = np.isfinite(age) & (age >= FROM_DAYS) & (age <= UNTIL_DAYS)
    pairs = np.unique(who[usable] * 4096 + np.floor(age[usable]).astype(np.int64))
    who, day = pairs // 4096, (pairs % 4096).astype(np.float64)
    count = np.bincount(who, minlength=children).astype(np.float64)
    first, last = np.full(children, np.inf), np.full(children, -np.inf)
    np.minimum.at(first, who, day)
    np.maximum.at(last, who, day)
    enough = np.flatnonzero(count >= 2)
    mean = np.full(children, np.nan)
    mean[enough] = (last[enough] - first[enough]) / (count[enough] - 1.0)
    later = np.flatnonzero(who[1:] == who[:-1]) + 1
    begin = np.full(enough.size, FROM_DAYS)
    start = np.concatenate((day[later - 1], begin, last[enough]))
    end = np.concatenate((day[later], first[enough], np.full(enough.size, until_days)))
    every = np.concatenate((day[later] - day[later - 1], first[enough], mean[enough]))
    whose = np.concatenate((who[later], enough, enough)).astype(np.intp)
    end = np.minimum(end, until_days)
    real = end > start
    ages = np.append(_table()[0][_table()[0] < until_days], until_days)
    weighings = np.full((children, ages.size), np.nan)
    for i, at in enumerate(ages):
        so_far = np.bincount(who[day <= at], minlength=children)[enough]
        weighings[enough, i] = so_far + np.maximum(at - last[enough], 0.0) / mean[enough]
    return _Stretches(whose[real], start[real], end[real], every[real], weighings, ages)


def _by_interval(cells: _Cells, figures: Floats, seen: _Stretches) -> Floats:
    """Cumulative hazard of each child, stretch by stretch."""
    ages, scale = _table()[0], np.log(cells.every_days)
    at = np.log(np.clip(seen.every, cells.every_days[0], cells.every_days[-1]))
    upper = np.clip(np.searchsorted(scale, at), 1, scale.size - 1)
    share = (at - scale[upper - 1]) / (scale[upper] - scale[upper - 1])
    gathered = np.zeros(at.size)
    for k in range(scale.size):
        weight = np.where(upper == k, share, np.where(upper - 1 == k, 1.0 - share, 0.0))
        row: Floats = figures[k]
        gathered += weight * (np.interp(seen.end, ages, row) - np.interp(seen.start, ages, row))
    return np.bincount(seen.child, weights=gathered, minlength=seen.weighings.shape[0]).astype(np.float64)


def _by_number(cells: _Cells, figures: Floats, seen: _Stretches) -> Floats:
    """Cumulative hazard of each child, by its number of weighings up to each age; the greatest so far."""
    ages = _table()[0]
    out = np.zeros(seen.weighings.shape[0])
    for i in range(seen.ages.size):
        age = float(seen.ages[i])
        counts, hazard = np.empty(len(figures)), np.empty(len(figures))
        for k in range(len(figures)):  # from the sparsest pattern on
            weighed: Floats = cells.weighings[-1 - k]
            row: Floats = figures[-1 - k]
            counts[k], hazard[k] = math.log(float(np.interp(age, ages, weighed))), np.interp(age, ages, row)
        # Early on the sparse patterns have had as many weighings; the first of them would stand for all.
        rising = np.ones(counts.size, np.bool_)
        rising[1:] = np.diff(counts) > 1e-9
        mine = np.log(np.maximum(np.nan_to_num(seen.weighings[:, i], nan=1.0), 1.0))
        out = np.maximum(out, np.interp(mine, counts[rising], hazard[rising]))
    return out


def _looked_up(rule: str, cells: _Cells, seen: _Stretches) -> tuple[Floats, Floats, Floats]:
    """Rate and interval of each child."""
    number = rule == "nice-either" or any(r.id == rule and r.kind in _FIXED for r in packaged_rules())
    how = _by_number if number else _by_interval
    few = np.isnan(seen.weighings[:, -1])
    rate, low, high = (
        np.where(few, np.nan, -np.expm1(-how(cells, figures, seen)))
        for figures in (cells.hazard, cells.low, cells.high)
    )
    return rate, low, high


def false_alarm_columns(
    rule: str, age_days: Any, *, child: Any = None, until_days: float = 730.5, level: int = 1, world: World = "own"
) -> tuple[Floats, Floats, Floats]:
    """Share of healthy children, weighed as often as each child, who ever meet a rule by an age.

    Parameters
    ----------
    rule, level, world
        As for `false_alarm_rate`.
    age_days
        Chronological ages of weighing, one row a weighing [days].
    child
        Id of the child of each row, or offsets; None if all are of one child.
    until_days
        By which age [days].

    Returns
    -------
    rate, low, high
        One a child, in the order of sorted ids, as `numpy.unique` gives them: the rate, and the 95 %
        interval of the simulation.  NaN for a child with fewer than two weighings.
    """
    until = _until(until_days)
    return _looked_up(rule, _cells(rule, level, world), _stretches(age_days, child, until))


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

    @property
    def sentence(self) -> str:
        """The rate in words, such as: one healthy child in four weighed this often meets this rule by 2 years."""
        if math.isnan(self.rate):
            return "Too few weights to say how many healthy children weighed this often meet this rule."
        share, many = _share_words(self.rate)
        often = "" if self.children == 0 else " weighed this often"
        if self.world != "own" and self.children > 0:
            often = " with a condition like this, weighed this often and judged on the general standard,"
        text = f"{share}{often} {'meet' if many else 'meets'} this rule by {limit_words(self.until_days)}."
        return text[0].upper() + text[1:]


_FRACTIONS = (
    *((1, n) for n in range(10, 3, -1)),
    (3, 10), (1, 3), (2, 5), (1, 2), (3, 5), (2, 3), (7, 10), (3, 4), (4, 5), (5, 6), (9, 10), (19, 20),
)  # fmt: skip


def _share_words(rate: float) -> tuple[str, bool]:
    """``one healthy child in four``, and whether that is more than one child."""
    if rate < 0.001:
        return "fewer than one healthy child in 1000", False
    if rate < 0.095:
        n = 1.0 / rate
        step = 1 if n < 20 else 5 if n < 50 else 10 if n < 200 else 100
        return f"one healthy child in {round(n / step) * step}", False
    if rate > 0.975:
        return "nearly every healthy child", False
    over, under = min(_FRACTIONS, key=lambda f: abs(f[0] / f[1] - rate))
    one = over == 1
    return f"{number_word(over)} healthy {'child' if one else 'children'} in {number_word(under)}", not one


def false_alarm_rate(
    rule: str, age_days: Any, *, until_days: float | None = None, level: int = 1, world: World = "own"
) -> FalseAlarms:
    """How many healthy children, weighed as often as this child, ever meet a rule by an age.

    Parameters
    ----------
    rule
        Id of a rule of `growthwatch.growth.published`; ``evidence`` (levels 1, 2, 3: a ratio of 3,
        5, 20); or ``nice-either``, NICE's fall from birth or below the 2nd centile.
    age_days
        Chronological ages at which one child was weighed [days]; those before 14 days do not count.
    until_days
        By which age [days], 14 days to 5 years; 2 years if not given, 5 for a child who is older.
    level
        Level of the rule, from 1.
    world
        ``own``: judged on the reference that is the child's own, a condition's reference for a child
        with that condition.  ``condition-on-standard``: a condition's child on the general standard.

    Raises
    ------
    GrowthwatchError
        For an unknown rule, level or world, or an age outside the table.

    Notes
    -----
    Method and limits: this module's docstring.  Newborn loss is not simulated; its rate is a
    published one, whatever the weighings.

    Examples
    --------
    >>> found = false_alarm_rate("nice-fall-birth", [14, 45, 76, 106, 137, 167])
    >>> found.sentence
    'One healthy child in four weighed this often meets this rule by 2 years.'
    """
    instance("rule", rule, str, "the id of a rule, as text")
    ages = np.atleast_1d(numeric("age_days", age_days)).astype(np.float64)
    known = ages[np.isfinite(ages)]
    if until_days is None:
        until_days = UNTIL_DAYS if known.size and known.max() > 730.5 else 730.5
    until = _until(until_days)
    seen = _stretches(ages, None, until)
    weighings = float(seen.weighings[0, -1])
    for found in packaged_rules():
        published = found.published_rate
        if found.id == rule and published is not None:
            if not is_number(level) or level not in range(1, len(found.levels) + 1):
                raise GrowthwatchError.of("level", level, f"one of {list(range(1, len(found.levels) + 1))}")
            rate = published.rate if level == published.level else math.nan
            until = float(math.ceil(found.until_age_days or until))
            return FalseAlarms(rule, level, rate, math.nan, math.nan, until, weighings, world, 0, published.source)
    cells = _cells(rule, level, world)
    rate, low, high = (float(x[0]) for x in _looked_up(rule, cells, seen))
    source = "Simulated on the packaged model of healthy weight z (benchmarks/false_alarms.py)"
    return FalseAlarms(rule, level, rate, low, high, until, weighings, world, int(cells.n.min()), source)
