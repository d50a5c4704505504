"""What a growth rule costs: how many healthy children meet it, weighed as often as this child.

Rates were simulated beforehand on the packaged model of healthy weight z, for regular patterns of
weighing from yearly to daily (``benchmarks/false_alarms.py`` writes ``data/false-alarms.csv``, with
counts).  They are looked up by how often the child was weighed:

- A child's *weighings* up to an age are the different days from 14 days of age on which it was
  weighed.  Beyond the last of them it is taken to be weighed at its mean interval so far.
- Between the patterns of the table the cumulative hazard, ``-ln(1 - rate)``, is linear in the
  logarithm of the number of weighings up to that age; between its ages it is linear in age.
  Fewer weighings than the sparsest pattern, or more than the densest, count as those.
- The interval is that of the simulation (95 %, Wilson), interpolated in the same way.  It says
  nothing about whether the model is right, and nothing about patterns whose weighings come in
  bursts: such a child meets a rule less often than the look-up says.

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

from growthwatch.core.columns import as_array, numeric
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.published import packaged_rules
from growthwatch.growth.series import child_numbers
from growthwatch.references.distributions import Floats

__all__ = ["FalseAlarms", "false_alarm_columns", "false_alarm_rate"]

World = Literal["own", "condition-on-standard"]

FROM_DAYS = 14.0
"""Weighings count from this age on [days]: before, there are only birth and the newborn loss."""

UNTIL_DAYS = 60 * DAYS_PER_MONTH
"""Last age of the table [days]."""

_Z95 = 1.959963984540054


class _Cells(NamedTuple):
    """One rule and level in one world [pattern, age], patterns from the sparsest on."""

    weighings: Floats
    hazard: Floats
    low: Floats
    high: Floats
    n: Floats


@cache
def _table() -> tuple[Floats, dict[tuple[str, str, int], _Cells]]:
    """Ages [days], and the cells; the routine schedule is in the file to be read, not to be looked up."""
    text = (files("growthwatch.growth") / "data" / "false-alarms.csv").read_text("utf-8")
    found: dict[tuple[str, str, int], dict[str, list[tuple[float, float, int, int]]]] = {}
    for world, pattern, months, weighings, rule, level, n, met in list(csv.reader(text.splitlines()))[1:]:
        if pattern == "sparse":
            continue
        cell = found.setdefault((world, rule, int(level)), {}).setdefault(pattern, [])
        cell.append((float(months), float(weighings), int(n), int(met)))
    ages = np.array([0.0])
    cells: dict[tuple[str, str, int], _Cells] = {}
    for key, patterns in found.items():
        rows = np.array(sorted(patterns.values(), key=lambda p: p[-1][1]))  # [pattern, age, figure]
        ages = np.concatenate(([FROM_DAYS], rows[0, :, 0] * DAYS_PER_MONTH))
        n, met = rows[:, :, 2], rows[:, :, 3]
        p = met / n
        middle = p + _Z95**2 / (2 * n)
        half = _Z95 * np.sqrt(p * (1 - p) / n + _Z95**2 / (4 * n * n))
        bounds = [(middle + s * half) / (1 + _Z95**2 / n) for s in (-1.0, 1.0)]
        # All of n children is no more than all but half a child.
        hazards = [-np.log1p(-np.clip(x, 0.0, 1.0 - 0.5 / n)) for x in (p, *bounds)]
        rate, low, high = (np.pad(h, ((0, 0), (1, 0))) for h in hazards)
        weighings = np.concatenate((np.ones((rows.shape[0], 1)), rows[:, :, 1]), axis=1)
        cells[key] = _Cells(weighings, rate, low, high, n[:, -1])
    return ages, cells


def _cells(rule: str, level: int, world: World) -> _Cells:
    cells = _table()[1]
    if world not in get_args(World):
        raise GrowthwatchError.of("world", world, f"one of {list(get_args(World))}")
    known = list(dict.fromkeys(r for _, r, _ in cells))
    if rule not in known:
        raise GrowthwatchError.of("rule", rule, f"one of {known}")
    levels = [k for w, r, k in cells if w == world and r == rule]
    if level not in levels:
        raise GrowthwatchError.of("level", level, f"one of {levels}")
    return cells[world, rule, level]


def _until(until_days: float) -> float:
    if not FROM_DAYS <= until_days <= UNTIL_DAYS + 1e-6:
        raise GrowthwatchError.of("until_days", until_days, f"an age of {FROM_DAYS:g} to {UNTIL_DAYS:g} days")
    return min(float(until_days), UNTIL_DAYS)


def _looked_up(cells: _Cells, weighings: Floats, until_days: float) -> tuple[Floats, Floats, Floats]:
    """Rate and interval for numbers of weighings up to an age."""
    ages = _table()[0]

    def at(figures: Floats) -> Floats:
        rows: list[Floats] = [np.interp(until_days, ages, row) for row in figures]
        return np.stack([np.asarray(row) for row in rows])

    counts = np.log(np.maximum(at(cells.weighings), 1.0))
    mine = np.log(np.maximum(weighings, 1.0))
    # Patterns that have had as many weighings by a young age: the first of them would stand for all.
    rising = np.concatenate(([True], np.diff(counts) > 1e-9))
    out = [-np.expm1(-np.interp(mine, counts[rising], at(h)[rising])) for h in (cells.hazard, cells.low, cells.high)]
    rate, low, high = (np.where(np.isnan(weighings), np.nan, x) for x in out)
    return rate, low, high


def _weighings(age_days: Any, child: Any, until_days: float) -> Floats:
    """Different days of weighing of each child up to an age, those to come included; NaN for fewer than two."""
    age = numeric("age_days", age_days).astype(np.float64)
    if age.ndim != 1:
        raise GrowthwatchError.of("age_days", age.shape, "a one-dimensional column")
    who = child_numbers(child, age.size)
    children = int(who.max()) + 1 if who.size else 1
    if child is not None and as_array("child", child).size != age.size:
        children = as_array("child", child).size - 1  # offsets: the last children may have no rows
    with np.errstate(invalid="ignore"):
        usable = np.isfinite(age) & (age >= FROM_DAYS) & (age <= UNTIL_DAYS)
    day = np.floor(age[usable]).astype(np.int64)
    pairs = np.unique(who[usable] * 4096 + day)
    who, day = pairs // 4096, pairs % 4096
    count = np.bincount(who, minlength=children).astype(np.float64)
    first, last = np.full(children, np.inf), np.full(children, -np.inf)
    np.minimum.at(first, who, day.astype(np.float64))
    np.maximum.at(last, who, day.astype(np.float64))
    so_far = np.bincount(who[day <= until_days], minlength=children).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        interval = (last - first) / (count - 1.0)
        to_come = np.maximum(until_days - last, 0.0) / interval
    return np.where(count >= 2, so_far + np.where(count >= 2, to_come, 0.0), np.nan)


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
    return _looked_up(_cells(rule, level, world), _weighings(age_days, child, until), until)


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
        Children simulated for the pattern next to this one; 0 where the rate is a published one.
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
        whose = " with a condition like this, judged on the general standard and" if self.world != "own" else ""
        often = "" if self.children == 0 else " weighed this often"
        text = f"{share}{whose}{often} {'meet' if many else 'meets'} this rule by {_age_words(self.until_days)}."
        return text[0].upper() + text[1:]


_FRACTIONS = (
    *((1, n) for n in range(10, 3, -1)),
    (3, 10), (1, 3), (2, 5), (1, 2), (3, 5), (2, 3), (7, 10), (3, 4), (4, 5), (5, 6), (9, 10), (19, 20),
)  # fmt: skip
_NUMBERS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _word(n: int) -> str:
    return _NUMBERS[n] if n < len(_NUMBERS) else str(n)


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
    return f"{_word(over)} healthy {'child' if one else 'children'} in {_word(under)}", not one


def _age_words(days: float) -> str:
    months = round(days / DAYS_PER_MONTH)
    if months >= 12 and months % 12 == 0:
        return f"{months // 12} year{'s' if months > 12 else ''}"
    return f"{months} months" if months >= 2 else f"{round(days)} days"


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
    ages = np.atleast_1d(numeric("age_days", age_days)).astype(np.float64)
    known = ages[np.isfinite(ages)]
    if until_days is None:
        until_days = UNTIL_DAYS if known.size and known.max() > 730.5 else 730.5
    until = _until(until_days)
    weighings = _weighings(ages, None, until)
    for found in packaged_rules():
        published = found.published_rate
        if found.id == rule and published is not None:
            if not 1 <= level <= len(found.levels):
                raise GrowthwatchError.of("level", level, f"one of {list(range(1, len(found.levels) + 1))}")
            rate = published.rate if level == published.level else math.nan
            until = float(math.ceil(found.until_age_days or until))
            return FalseAlarms(
                rule, level, rate, math.nan, math.nan, until, float(weighings[0]), world, 0, published.source
            )
    cells = _cells(rule, level, world)
    rate, low, high = (float(x[0]) for x in _looked_up(cells, weighings, until))
    nearest = int(np.argmin(np.abs(np.log(cells.weighings[:, -1]) - np.log(max(float(weighings[0]), 1.0)))))
    source = "Simulated on the packaged model of healthy weight z (benchmarks/false_alarms.py)"
    return FalseAlarms(rule, level, rate, low, high, until, float(weighings[0]), world, int(cells.n[nearest]), source)
