"""How many healthy children, weighed so often, meet a rule: looked up in the packaged table.

The table holds regular patterns of weighing from yearly to daily, simulated on the packaged model of
healthy weight z (``benchmarks/false_alarms.py`` writes ``data/false-alarms.csv``, with counts).  Its
rates are looked up by how often the child was weighed:

- Rules that compare with a fixed place (falls from birth, declines from the best z, lines) go by the
  *number* of days of weighing up to an age: between the patterns of the table the cumulative hazard,
  ``-ln(1 - rate)``, is linear in the logarithm of that number, between its ages linear in age; and no
  rate is less than by an earlier age.
- Rules that compare with a recent weight (thrive line, loss, clock, the best sustained position, the
  evidence) go by *intervals*: each stretch between two weighings adds the hazard that the pattern with
  that interval gathers over those ages, linear in the logarithm of the interval.
- Fewer weighings than the sparsest pattern has (yearly), or more than daily, count as those.
- A pattern of the table gives back its own rate.  On patterns that are not in it (the routine
  schedule, fortnightly then monthly, as often as NICE allows, irregular, bursts of daily weighing)
  the look-up was within 4 points for falls from birth and lines, within 9 for declines, and mostly
  within 6 for the second kind; but up to 19 too high for thrive lines in bursts, 13 off for loss, and
  11 too low for the best sustained position with a handful of weights in five years
  (``benchmarks/false_alarms.py --check``).  ``simulated=True`` spares that error, and takes longer.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from growthwatch.core.columns import as_array, is_number, numeric, one_number, one_of
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.healthy import FROM_DAYS
from growthwatch.growth.rules import packaged_rules
from growthwatch.growth.series import Places, child_numbers
from growthwatch.references.distributions import Floats

__all__ = [
    "EITHER",
    "UNTIL_DAYS",
    "World",
    "cells_known",
    "cells_of",
    "false_alarm_columns",
    "looked_up",
    "stretches",
    "table_ages",
    "until_age",
    "wilson",
]


World = Literal["own", "condition-on-standard"]
UNTIL_DAYS = 60 * DAYS_PER_MONTH
"""Last age of the table [days]."""
_FIXED = ("fall_from_birth", "decline", "below_line")
EITHER = "nice-either"
_Z95 = 1.959963984540054


def wilson(met: Any, n: Any) -> tuple[Floats, Floats, Floats]:
    """Share of `n`, and its 95 % interval (Wilson 1927); arguments broadcast."""
    p = np.asarray(met, np.float64) / n
    middle = p + _Z95**2 / (2 * n)
    half = _Z95 * np.sqrt(p * (1 - p) / n + _Z95**2 / (4 * n * n))
    low, high = ((middle + s * half) / (1 + _Z95**2 / n) for s in (-1.0, 1.0))
    return p, np.clip(low, 0.0, p), np.clip(high, p, 1.0)


class Cells(NamedTuple):
    """One rule and level in one world, patterns from daily on: weighings and cumulative hazards [pattern, age]."""

    every_days: Floats
    weighings: Floats
    hazard: Floats
    low: Floats
    high: Floats
    n: Floats


Key = tuple[str, str, int]
"""World, rule and level."""


_EVERY, _MONTHS, _WEIGHINGS, _N, _MET = 2, 3, 4, 7, 8


@cache
def _file() -> tuple[list[list[str]], dict[Key, list[int]]]:
    """Columns of the file, and the lines of each cell; the routine schedule is there to be read, not looked up."""
    text = (files("growthwatch.growth") / "data" / "false-alarms.csv").read_text("utf-8")
    head, _, body = text.partition("\n")
    width = head.count(",") + 1
    words = body.removesuffix("\n").replace("\n", ",").split(",")
    columns = [words[k::width] for k in range(width)]
    found: dict[tuple[str, str, str], list[int]] = {}
    for line, (world, every, rule, level) in enumerate(zip(columns[0], columns[_EVERY], *columns[5:7], strict=True)):
        if every:
            found.setdefault((world, rule, level), []).append(line)
    return columns, {(world, rule, int(level)): lines for (world, rule, level), lines in found.items()}


def cells_known() -> Collection[Key]:
    """The cells that there are."""
    return _file()[1].keys()


@cache
def table_ages() -> Floats:
    """Ages of the table [days]."""
    columns, cells = _file()
    lines = next(iter(cells.values()))
    every, months = columns[_EVERY], columns[_MONTHS]
    first = [float(months[line]) for line in lines if every[line] == every[lines[0]]]
    return np.concatenate(([FROM_DAYS], np.array(first) * DAYS_PER_MONTH))


@cache
def _cells(key: Key) -> Cells:
    columns, cells = _file()
    patterns: dict[float, list[list[float]]] = {}
    for line in cells[key]:
        figures = [float(columns[k][line]) for k in (_WEIGHINGS, _N, _MET)]
        patterns.setdefault(float(columns[_EVERY][line]), []).append(figures)
    every_days = sorted(patterns)
    seen, n, met = np.array([patterns[e] for e in every_days]).transpose(2, 0, 1)  # [figure, pattern, age]
    # All of n children is no more than all but half a child.
    hazards = [-np.log1p(-np.minimum(x, 1.0 - 0.5 / n)) for x in wilson(met, n)]
    rate, low, high = (np.pad(h, ((0, 0), (1, 0))) for h in hazards)
    seen = np.concatenate((np.ones((len(every_days), 1)), seen), axis=1)
    return Cells(np.array(every_days), seen, rate, low, high, n[:, -1])


def cells_of(rule: str, level: int, world: World) -> Cells:
    """Cells of one rule and level in one world."""
    cells = cells_known()
    one_of("world", world, get_args(World))
    one_of("rule", rule, list(dict.fromkeys(r for _, r, _ in cells)))
    levels = [k for w, r, k in cells if w == world and r == rule]
    if not is_number(level) or level not in levels:
        raise GrowthwatchError.of("level", level, f"one of {levels}")
    return _cells((world, rule, int(level)))


def until_age(until_days: float) -> float:
    """An age by which a rate is asked for, if it is one of the model's [days]."""
    expected = f"an age of {FROM_DAYS:g} to {UNTIL_DAYS:g} days"
    return min(one_number("until_days", until_days, expected, least=FROM_DAYS, most=UNTIL_DAYS + 1e-6), UNTIL_DAYS)


class Stretches(NamedTuple):
    """Times between weighings of children: of whom, from and to which age, and at which interval [days]."""

    child: Places
    start: Floats
    end: Floats
    every: Floats
    weighings: Floats
    """Days of weighing of each child [child, age], those to come included; NaN for fewer than two."""
    ages: Floats
    """The ages of the table up to the age asked for, and that one [days]."""


def stretches(age_days: Any, child: Any, until_days: float) -> Stretches:
    """Times between the weighings of each child, and those to come up to an age [days]."""
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
    ages = np.append(table_ages()[table_ages() < until_days], until_days)
    weighings = np.full((children, ages.size), np.nan)
    for i, at in enumerate(ages):
        so_far = np.bincount(who[day <= at], minlength=children)[enough]
        weighings[enough, i] = so_far + np.maximum(at - last[enough], 0.0) / mean[enough]
    return Stretches(whose[real], start[real], end[real], every[real], weighings, ages)


def _by_interval(cells: Cells, every: Sequence[Floats], seen: Stretches) -> list[Floats]:
    """Cumulative hazards of each child, stretch by stretch."""
    ages, scale = table_ages(), np.log(cells.every_days)
    at = np.log(np.clip(seen.every, cells.every_days[0], cells.every_days[-1]))
    upper = np.clip(np.searchsorted(scale, at), 1, scale.size - 1)
    share = (at - scale[upper - 1]) / (scale[upper] - scale[upper - 1])
    gathered = [np.zeros(at.size) for _ in every]
    for k in range(scale.size):
        weight = np.where(upper == k, share, np.where(upper - 1 == k, 1.0 - share, 0.0))
        if weight.any():
            for out, figures in zip(gathered, every, strict=True):
                row: Floats = figures[k]
                out += weight * (np.interp(seen.end, ages, row) - np.interp(seen.start, ages, row))
    children = seen.weighings.shape[0]
    return [np.bincount(seen.child, weights=g, minlength=children).astype(np.float64) for g in gathered]


def _at(wanted: Floats, ages: Floats, figures: Floats) -> Floats:
    """Figures [pattern, age] at other ages, the last pattern first [age, pattern]."""
    out = np.empty((wanted.size, len(figures)))
    for k in range(len(figures)):
        row: Floats = figures[-1 - k]
        out[:, k] = np.interp(wanted, ages, row)
    return out


def _by_number(cells: Cells, every: Sequence[Floats], seen: Stretches) -> list[Floats]:
    """Cumulative hazards of each child, by its number of weighings up to each age; the greatest so far."""
    ages = table_ages()
    # From the sparsest pattern on, at the ages asked for [age, pattern].
    weighed = _at(seen.ages, ages, cells.weighings)
    counts = np.array([[math.log(n) for n in row] for row in weighed.tolist()])
    # Early on the sparse patterns have had as many weighings; the first of them would stand for all.
    rising = np.ones(counts.shape, np.bool_)
    rising[:, 1:] = np.diff(counts) > 1e-9
    mine = np.log(np.maximum(np.nan_to_num(seen.weighings, nan=1.0), 1.0))
    gathered: list[Floats] = []
    for figures in every:
        hazard = _at(seen.ages, ages, figures)
        out = np.zeros(len(mine))
        for i in range(seen.ages.size):
            column: Floats = mine[:, i]
            here: Floats = np.interp(column, counts[i, rising[i]], hazard[i, rising[i]])
            np.maximum(out, here, out=out)
        gathered.append(out)
    return gathered


def looked_up(rule: str, cells: Cells, seen: Stretches) -> tuple[Floats, Floats, Floats]:
    """Rate and interval of each child."""
    number = rule == EITHER or any(r.id == rule and r.kind in _FIXED for r in packaged_rules())
    how = _by_number if number else _by_interval
    few = np.isnan(seen.weighings[:, -1])
    rate, low, high = (
        np.where(few, np.nan, -np.expm1(-hazard)) for hazard in how(cells, (cells.hazard, cells.low, cells.high), seen)
    )
    # Where all or none met it, what stretches add to the bounds and to the rate ends at different ages.
    return rate, np.minimum(low, rate), np.maximum(high, rate)


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
    until = until_age(until_days)
    return looked_up(rule, cells_of(rule, level, world), stretches(age_days, child, until))
