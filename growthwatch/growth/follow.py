"""What follows from weights: the best so far, a loss, a clock, a fall, a change, a gain; row by row.

The only place that takes a maximum or a difference of weights.  Published rules, trajectories,
false-alarm rates and the protocol compare what is found here with their own figures; no
threshold and no context is known here.

One layout serves a caseload and one child.  Rows of one child stand together, in order of age;
``offsets`` says where each child begins, and one child is ``offsets=[0, n]``.  All of it is
*causal*: what follows row i rests on rows up to i of the same child alone.  So what was found for
the beginning of a list of weights stays true when weights are added at its end, and a child read
with an entry that came late is one more child of the same columns.

- *A row that does not count* (``counts``) is compared with those before it, and is nothing to
  those after it.
- *Before* is on an earlier day.  Weights of one day are no change of each other: of those that
  count the lowest is what is followed in kilograms.  Followed in z, a day has one row that counts:
  that of its median.
- *Per cent of a weight* is taken of whole milligrams, so that 3.50 to 3.15 kg is 10 % and no less.
- Rows are named by their place; -1 is no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.growth.model import WeightModel
from growthwatch.growth.series import Places, blocks
from growthwatch.references.distributions import Floats

__all__ = [
    "Best",
    "Clock",
    "Days",
    "Gain",
    "Held",
    "Levels",
    "Rows",
    "Run",
    "always_gains",
    "best_before",
    "change_from",
    "clock",
    "conditional_gain",
    "fall_from_birth",
    "fallen",
    "held_best",
    "highest",
    "lowest_before",
    "percent_below",
]

Flags = npt.NDArray[np.bool_]

_MG = 1e6  # milligrams in a kilogram
_MOST_KG = 1e9  # what nobody weighs
_BLOCK = 4096


# --- rows ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """Rows of weights, one child after another.

    Attributes
    ----------
    offsets
        First row of each child, and the number of rows [children + 1].
    age_days
        Chronological age, never falling within a child [days]; days are whole days of it.
    counts
        Whether a row counts; None: all do.
    """

    offsets: Places
    age_days: Floats
    counts: Flags | None = None

    @cached_property
    def child(self) -> Places:
        """Number of the child of each row."""
        return np.repeat(np.arange(self.offsets.size - 1), np.diff(self.offsets)).astype(np.intp)

    @cached_property
    def day(self) -> Floats:
        """Whole days of age [days]."""
        return np.floor(self.age_days)

    def entering(self, from_age_days: float) -> Flags:
        """Which rows count, and are of at least an age [days]."""
        old = self.age_days >= from_age_days
        return old if self.counts is None else old & self.counts

    @cached_property
    def days(self) -> Days:
        """Rows as days of weighing."""
        new = np.ones(self.day.size, np.bool_)
        new[1:] = (self.child[1:] != self.child[:-1]) | (self.day[1:] != self.day[:-1])
        first = np.flatnonzero(new)
        child = self.child[first]
        starts = np.ones(first.size, np.bool_)
        starts[1:] = child[1:] != child[:-1]
        return Days((np.cumsum(new) - 1).astype(np.intp), first, starts, child)


class Days(NamedTuple):
    """Days of weighing: the day of each row; first row, whether it is the child's first, and child, of each day."""

    of: Places
    first: Places
    starts: Flags
    child: Places

    def lowest(self, kg: Floats, enters: Flags) -> tuple[Floats, Places]:
        """Lowest weight of each day that enters, and its row; infinite and -1 on a day without one."""
        if not self.first.size:
            return np.zeros(0), np.zeros(0, np.intp)
        enters = enters & ~np.isnan(kg)
        held = np.where(enters, kg, np.inf)
        if self.first.size == kg.size:  # a weight a day
            return held, np.where(enters, np.arange(kg.size), -1)
        least = np.minimum.reduceat(held, self.first)
        row = np.full(self.first.size, -1, np.intp)
        at = np.flatnonzero(enters & (held == least[self.of]))[::-1]
        row[self.of[at]] = at
        return least, row


def percent_below(base_kg: Floats, kg: Floats) -> Floats:
    """How far weights are below others, in per cent of these; negative where they are above.

    Parameters
    ----------
    base_kg, kg
        Columns of equal length [kg].

    Returns
    -------
    ndarray
        ``(base - kg) / base * 100``, from whole milligrams: exact wherever a float can be.
    """
    base, now = (np.rint(np.minimum(w, _MOST_KG) * _MG) for w in (base_kg, kg))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (base - now) * 100.0 / base


def _greatest_so_far(values: Floats, starts: Flags) -> Places:
    """Place of the greatest value of each run so far, the first of equals.  Compared by rank, so that it is exact."""
    if not values.size:
        return np.zeros(0, np.intp)
    first = np.flatnonzero(starts)
    long = values.size // first.size
    if long * first.size == values.size and (first == np.arange(0, values.size, long)).all():
        # Runs of one length, as of one child, or of children weighed alike: no need of ranks.
        rows = values.reshape(-1, long)
        most = np.maximum.accumulate(rows, axis=1)
        place = np.zeros(rows.shape, np.intp)
        np.multiply(most[:, 1:] > most[:, :-1], np.arange(1, long), out=place[:, 1:])
        return (np.maximum.accumulate(place, axis=1) + first[:, None]).ravel()
    ranks = np.empty(values.size, np.int64)
    order = np.lexsort((-np.arange(values.size), values))
    ranks[order] = np.arange(values.size)
    lift = (np.cumsum(starts) - 1) * values.size
    return order[np.maximum.accumulate(ranks + lift) - lift].astype(np.intp)


def _first_of(starts: Flags) -> Places:
    """First place of the run in which each place is; the first of all places begins one."""
    first = np.flatnonzero(starts)
    return np.repeat(first, np.diff(first, append=starts.size))


# --- kilograms -------------------------------------------------------------------------------


class Best(NamedTuple):
    """The best weight before each row.

    Attributes
    ----------
    row
        Its row, -1 where there is none.
    kg
        The weight [kg]; NaN where there is none.
    """

    row: Places
    kg: Floats


def best_before(rows: Rows, kg: Floats, from_age_days: float) -> Best:
    """Greatest weight of the days before each row, from an age on; the weight of the day of birth while there is none.

    Parameters
    ----------
    rows
        Rows of weights.
    kg
        Weight of each row; NaN for one that may be no best [kg].
    from_age_days
        Age from which a weight may be the best [days].

    Returns
    -------
    Best
        Of a day with more than one weight that counts, its lowest; of equal weights the first.
    """
    days, enters = rows.days, rows.entering(from_age_days)
    least, row = days.lowest(kg, enters)
    place = _greatest_so_far(np.where(row >= 0, least, -np.inf), days.starts)
    after = np.where(row[place] >= 0, row[place], -1) if row.size else row
    # The day of birth stands in until there is another.
    _, at_birth = days.lowest(kg, rows.entering(0.0) & (rows.day == 0))
    first = _first_of(days.starts)
    birth = at_birth[first] if at_birth.size else at_birth
    before = np.concatenate((np.array([-1], np.intp), after[:-1]))[: after.size]
    before[days.starts] = -1
    later = ~days.starts
    found = np.where((before < 0) & later, birth, before)[days.of]
    return Best(found, np.where(found >= 0, kg[np.maximum(found, 0)], np.nan) if kg.size else kg)


def lowest_before(rows: Rows, kg: Floats) -> Floats:
    """Lowest weight of the last day of weighing before each row; NaN where there is none [kg]."""
    days = rows.days
    least, row = days.lowest(kg, rows.entering(-np.inf))
    here = np.flatnonzero(row >= 0)
    at = np.searchsorted(here, np.arange(row.size)) - 1
    before = here[np.maximum(at, 0)] if here.size else at
    there = (at >= 0) & (days.child[before] == days.child) if here.size else at >= 0
    return np.where(there, least[before], np.nan)[days.of] if row.size else kg


class Clock(NamedTuple):
    """The clock of no net gain after each row.

    Attributes
    ----------
    anchor
        Row of the weight from which it runs: the last that was a gain; -1 where none has been.
    last
        Latest row that counted after that one, and so was no gain; -1 where there is none.
    began
        First row that counted after it: what set the clock going; -1 where there is none.
    """

    anchor: Places
    last: Places
    began: Places

    def days(self, rows: Rows) -> Floats:
        """Whole days on the clock at each row; NaN where it does not run."""
        if not self.anchor.size:
            return np.zeros(0)
        return np.where(self.anchor >= 0, rows.day - rows.day[np.maximum(self.anchor, 0)], np.nan)


def clock(rows: Rows, kg: Floats, from_age_days: float, gain_percent: Floats | float = 0.0) -> Clock:
    """Where the clock of no net gain stands after each row.

    Parameters
    ----------
    rows
        Rows of weights.
    kg
        Weight of each row, NaN for one that is no gain [kg]; of a day the lowest that counts is followed.
    from_age_days
        Age from which weights count [days].
    gain_percent
        What makes a gain, for all or one a child: 0, any weight above the best before; otherwise at
        least so many per cent above the weight that last was a gain.

    Returns
    -------
    Clock
        The first weight of all starts it.
    """
    days = rows.days
    least, row = days.lowest(kg, rows.entering(from_age_days))
    there = np.flatnonzero(row >= 0)
    value, child = least[there], days.child[there]
    starts = np.ones(there.size, np.bool_)
    starts[1:] = child[1:] != child[:-1]
    percent = np.broadcast_to(np.asarray(gain_percent, np.float64), (rows.offsets.size - 1,))
    needs = percent[child] > 0.0
    gains = np.zeros(there.size, np.bool_)
    if not needs.all():
        best = _greatest_so_far(value, starts)
        gains = best == np.arange(there.size)  # the first of equals: a best of its own is above all before
    some = np.flatnonzero(needs)
    if some.size:
        gains[some] = _steps_up(value[some], child[some], percent)
    # Back to rows: after each, the latest day of weighing up to it, and the latest that was a gain.
    seen = np.full(row.size, -1, np.intp)
    seen[there] = there
    gained = np.full(row.size, -1, np.intp)
    gained[there[gains]] = there[gains]
    first = _first_of(days.starts)
    latest, anchor = (np.maximum.accumulate(x) if x.size else x for x in (seen, gained))
    latest, anchor = (np.where(x >= first, x, -1) for x in (latest, anchor))
    last = np.where((anchor >= 0) & (latest > anchor), latest, -1)
    next_there = np.append(there, -1)[np.cumsum(row >= 0)[np.maximum(anchor, 0)]] if anchor.size else anchor
    began = np.where(last >= 0, next_there, -1)
    return Clock(*(np.where(x >= 0, row[x], -1)[days.of] if x.size else x for x in (anchor, last, began)))


def always_gains(rows: Rows, kg: Floats, gain_percent: Floats) -> Flags:
    """Which children gained at every row, one a child: their `clock` of no net gain never runs, from whatever age.

    `kg` and `gain_percent` are those of `clock`, the latter one a child.  It says so of nobody with two rows of one
    day, or a row without a weight.
    """
    gains = np.ones(kg.size, np.bool_)
    percent = gain_percent[rows.child[1:]]
    steps = np.where(percent > 0.0, kg[1:] >= kg[:-1] * _gain_factor(percent), kg[1:] > kg[:-1])
    same = rows.child[1:] == rows.child[:-1]
    gains[1:] = ~same | (steps & (rows.day[1:] > rows.day[:-1]))
    gains &= ~np.isnan(kg)
    out = np.ones(rows.offsets.size - 1, np.bool_)
    out[rows.child[~gains]] = False
    return out


def _gain_factor(percent: Floats) -> Floats:
    return (1.0 + percent / 100.0) * (1.0 - 1e-12)  # weights are told apart by far more


def _steps_up(kg: Floats, child: Places, percent: Floats) -> Flags:
    """Which weights exceed, by so many per cent, the last that did: the one clock that is walked day by day."""
    counts = np.bincount(child, minlength=percent.size)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.intp)
    out = np.zeros(kg.size, np.bool_)
    factor = _gain_factor(percent)
    for block in blocks(offsets, _BLOCK):
        held = np.zeros(block.starts.size)
        for rank, m in block.ranks():
            at = block.starts[:m] + rank
            gain = kg[at] >= held[:m] * factor[child[at]]
            out[at] = gain
            held[:m] = np.where(gain, kg[at], held[:m])
    return out


# --- z ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Levels:
    """Where weights stand on a reference.

    Attributes
    ----------
    rows
        Rows of weights; of one day only one counts.
    z
        Z carried across changes of table, so that its changes are changes of the child [SD]; NaN: none.
        Of a row that does not count, carried from the last that counts.
    fresh
        Rows that have no table in common with the row before: nothing reaches across them.
    """

    rows: Rows
    z: Floats
    fresh: Flags

    @classmethod
    def along(cls, rows: Rows, step: Floats) -> Levels:
        """Levels from the change of z of each row since the row before; NaN: no common table [SD].

        Only what levels differ by within a child has a meaning then, and not where they are.
        """
        return cls(rows, np.cumsum(np.where(np.isnan(step), 0.0, step)), np.isnan(step))

    @cached_property
    def ground(self) -> Places:
        """Number of the stretch on common ground in which each row is."""
        starts = np.zeros(self.z.size, np.bool_)
        starts[self.rows.offsets[:-1][np.diff(self.rows.offsets) > 0]] = True
        return np.cumsum(starts | self.fresh).astype(np.intp)

    def of(self, enters: Flags, apart: bool = True) -> Run:
        """Rows with a z that enter, in runs of one child, and of common ground if asked for."""
        picked = np.flatnonzero(enters & ~np.isnan(self.z))
        run = self.ground if apart else self.rows.child
        starts = np.ones(picked.size, np.bool_)
        starts[1:] = run[picked[1:]] != run[picked[:-1]]
        return Run(picked, starts, run)


class Run(NamedTuple):
    """Rows that enter, whether each begins a run, and the run of every row."""

    picked: Places
    starts: Flags
    run: Places

    def latest(self) -> Places:
        """Place, among those picked, of the latest that each row has up to itself in its run; -1 for none."""
        return self._same(self._so_far - 1)

    @property
    def _so_far(self) -> Places:
        """How many were picked up to each row."""
        picked = np.zeros(self.run.size, np.intp)
        picked[self.picked] = 1
        return np.cumsum(picked)

    def latest_by(self, age_days: Floats, least_days: float) -> Places:
        """The same of those that are at least so many days before each row."""
        so_far = np.concatenate(([0], self._so_far))
        low, high = so_far[_run_starts(self.run)] - 1, self.latest()
        # The answer is in [low, high]; low stands for none.
        high = np.maximum(high, low)
        age = age_days[self.picked]
        while True:
            open_ = low < high
            if not open_.any():
                break
            middle = (low + high + 1) // 2
            fits = age_days - age[np.maximum(middle, 0)] >= least_days
            low = np.where(open_ & fits, middle, low)
            high = np.where(open_ & ~fits, middle - 1, high)
        return self._same(low)

    def _same(self, place: Places) -> Places:
        if not self.picked.size:
            return np.full(place.shape, -1, np.intp)
        same = self.run[self.picked[np.maximum(place, 0)]] == self.run
        return np.where((place >= 0) & same, place, -1).astype(np.intp)


def _run_starts(run: Places) -> Places:
    """First row of the run of each row."""
    starts = np.ones(run.size, np.bool_)
    starts[1:] = run[1:] != run[:-1]
    return _first_of(starts)


def fall_from_birth(rows: Rows, z: Floats, birth_z: Floats) -> Floats:
    """Z at birth less z of each row, both as published [SD].

    Parameters
    ----------
    rows
        Rows of weights.
    z
        Published z of each row [SD].
    birth_z
        Z at birth, one a child; NaN: not known [SD].
    """
    return birth_z[rows.child] - z


class Held(NamedTuple):
    """The best position held up to each row.

    Attributes
    ----------
    z
        The position [SD]; NaN where none has been held.
    since, until
        The two rows between which it was held; -1 where none has been.
    """

    z: Floats
    since: Places
    until: Places


def held_best(levels: Levels, least_days: float, from_age_days: float = 0.0) -> Held:
    """Highest position that two weights so many days apart, and all between them, reached, up to each row.

    Parameters
    ----------
    levels
        Where weights stand.
    least_days
        How far apart the two weights are at least [days].
    from_age_days
        Age from which positions count [days].
    """
    run = levels.of(levels.rows.entering(from_age_days))
    z, age = levels.z[run.picked], levels.rows.age_days
    begin = run.latest_by(age, least_days)[run.picked]
    held = _least_within(z, begin)
    best = _greatest_so_far(np.where(np.isnan(held), -np.inf, held), run.starts)
    at = run.latest()
    if not run.picked.size:
        return Held(np.full(at.shape, np.nan), at, at)
    when = best[np.maximum(at, 0)]
    known = (at >= 0) & ~np.isnan(held[when])
    since, until = run.picked[np.maximum(begin[when], 0)], run.picked[when]
    return Held(np.where(known, held[when], np.nan), np.where(known, since, -1), np.where(known, until, -1))


def _least_within(values: Floats, begin: Places, end: Places | None = None) -> Floats:
    """Least value from place `begin` to each place, or to `end`, by doubling windows; NaN where `begin` is -1."""
    places = np.arange(values.size) if end is None else end
    length = np.where(begin >= 0, places - begin + 1, 0)
    out = np.full(begin.size, np.nan)
    window, width = values.copy(), 1
    while True:
        now = np.flatnonzero((length >= width) & (length < 2 * width))
        out[now] = np.minimum(window[begin[now]], window[places[now] - width + 1])
        if not (length >= 2 * width).any():
            return out
        window[: values.size - width] = np.minimum(window[: values.size - width], window[width:])
        width *= 2


def highest(levels: Levels, enters: Flags) -> Floats:
    """Highest z of the rows that enter, on common ground, up to each of them; NaN for others and for the first [SD]."""
    run = levels.of(enters)
    z = levels.z[run.picked]
    out = np.full(levels.z.shape, np.nan)
    out[run.picked] = np.where(run.starts, np.nan, z[_greatest_so_far(z, run.starts)])
    return out


def change_from(levels: Levels, since: Places) -> Floats:
    """Change of z up to each row from a row of the same child; NaN where they are not on common ground [SD]."""
    same = levels.ground[since] == levels.ground
    return np.where(same, levels.z - levels.z[since], np.nan)


def fallen(levels: Levels, within_days: int, least_days: int) -> Floats:
    """How far each row stands below the highest of the recent rows that count, on common ground.

    Recent are those of so many days before it, the last of these days included; and where none of them
    is so many days before it, the last before them too.

    Parameters
    ----------
    levels
        Where weights stand.
    within_days
        How far back recent rows reach [days].
    least_days
        Least time from one of them [days].

    Returns
    -------
    ndarray
        The change, negative for a fall [SD]; NaN where there is nothing to compare with.
    """
    rows = levels.rows
    run = levels.of(rows.entering(-np.inf))
    before = run.latest_by(rows.day, 1.0)
    old = run.latest_by(rows.day, within_days + 1.0)
    begin = np.where(old >= 0, old + 1, np.searchsorted(run.picked, _run_starts(run.run)))
    lone = run.latest_by(rows.day, float(least_days)) < begin
    begin = np.where(lone & (old >= 0), old, begin)
    begin = np.where(before >= begin, begin, -1).astype(np.intp)
    return levels.z + _least_within(-levels.z[run.picked], begin, np.maximum(before, 0))


class Gain(NamedTuple):
    """Conditional gain up to each row.

    Attributes
    ----------
    z
        The gain, given where it began [SD]; NaN where it cannot be told.
    since
        The row from which it is counted, -1 for none.
    apart
        Rows whose earlier row has no table in common with them.
    """

    z: Floats
    since: Places
    apart: Flags


def conditional_gain(
    levels: Levels,
    published_z: Floats,
    followed_days: Floats,
    noise: Floats,
    model: WeightModel,
    least_days: float,
    from_age_days: float = 0.0,
    until_days: float = np.inf,
) -> Gain:
    """Gain since the latest row that counts and is at least so many days before, given the z there.

    ``(z2 - r z1) / sqrt(1 - r^2)``: Cole TJ. Arch Dis Child 1995;73:8-16, with the correlation of the
    model, noise of weighing included.  z2 is z1 and the change carried between.  The model begins at
    term: a gain since an earlier weight has no figure.

    Parameters
    ----------
    levels
        Where weights stand.
    published_z
        Z as published [SD].
    followed_days
        Age by which growth is followed: from term for the preterm of a reference that corrects [days].
    noise
        SD of one weighing [SD of z].
    model
        Model of healthy weight z.
    least_days, from_age_days
        Least time between the two [days], and age from which a weight may be the earlier one [days].
    until_days
        Age up to which the model is read, as growth is followed [days].
    """
    run = levels.of(levels.rows.entering(from_age_days) & (followed_days >= 0.0), apart=False)
    place = run.latest_by(levels.rows.age_days, least_days)
    out = np.full(levels.z.shape, np.nan)
    since = np.full(levels.z.shape, -1, np.intp)
    apart = np.zeros(levels.z.shape, np.bool_)
    now = np.flatnonzero((place >= 0) & ~np.isnan(levels.z) & (followed_days <= until_days))
    then = run.picked[place[now]]
    since[now] = then
    r = model.correlation(followed_days[then], followed_days[now], noise[then], noise[now])
    start = published_z[then]
    gain = (start + levels.z[now] - levels.z[then] - r * start) / np.sqrt(1.0 - r * r)
    apart[now] = levels.ground[now] != levels.ground[then]
    out[now] = np.where(apart[now], np.nan, gain)
    return Gain(out, since, apart)
