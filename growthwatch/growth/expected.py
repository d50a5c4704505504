"""What each weight was expected to be: by the weights before it, or by all others.

Odd weights hardly move a forecast: each counts as far as it is trusted (`growthwatch.growth.slips`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.growth.model import Filter, WeightModel
from growthwatch.growth.series import Block, Places, Series
from growthwatch.growth.slips import BY_ROW, Before, Days, EntryErrors, Rows, accounts
from growthwatch.references.distributions import Floats

__all__ = ["Forecasts", "at_entry", "look_back", "nearest", "unread"]

Flags = npt.NDArray[np.bool_]
_BLOCK = 512


_TURNED = 0.05  # change of trust in a weight that is worth another look at all others


class _Step(NamedTuple):
    """One step of the filter, kept for looking back."""

    size: int
    rows: Places
    toward: Floats
    variance: Floats
    expected: Floats
    innovation: Floats
    gain: Floats
    trust: Floats
    observed: Floats
    carry: tuple[Floats, Floats, Floats]


class Forecasts(NamedTuple):
    """Forecast of each child-day, and what was thought of the weight before it."""

    expected: Floats
    variance: Floats
    before: Before
    confirmed: Floats  # a later weight confirmed this one


def _open(watch: Filter, level: Floats, transient: Floats) -> None:
    """Let the level, and the transient part, be wrong by variances of z more."""
    model, m = watch.model, level.size
    for state, extra, share in ((0, level, model.permanent), (3, transient, model.transient)):
        watch.covariance[state, state] += extra / share
        watch.toward[state] += extra / np.sqrt(share)
        watch.variance += extra
    assert watch.variance.size == m


def nearest(rows: Rows, days: Days, at: Places, expected: Floats) -> Places:
    """The weighing of each day that is nearest to what was expected."""
    chosen = days.first[at]
    most = int(days.many[at].max())
    if most == 1:
        return chosen
    best = np.abs(rows.z[chosen] - expected)
    for k in range(1, most):
        has = np.flatnonzero(days.many[at] > k)
        other = days.first[at[has]] + k
        away = np.abs(rows.z[other] - expected[has])
        nearer = away < best[has]
        chosen[has[nearer]] = other[nearer]
        best[has[nearer]] = away[nearer]
    return chosen


def at_entry(found: EntryErrors, model: WeightModel, rows: Rows, days: Days, block: Block, out: Forecasts) -> None:
    """Forecast each day of a block from the days before; odd weights hardly move the forecast."""
    n = block.starts.size
    watch = Filter(model, days.age[block.starts], found.real.level_sd)
    before = Before(np.zeros(n), np.full(n, -np.inf), np.zeros(n), np.zeros((BY_ROW, n)))
    spliced = bool(days.splice.any())
    for rank, m in block.ranks():
        at = block.starts[:m] + rank
        age = days.age[at]
        expected, _ = watch.advance(days.step[:, at])
        if spliced:
            _open(watch, days.splice[at], np.zeros(m))
        before = Before(before.z[:m], before.age[:m], before.odd[:m], before.slips[:, :m])
        out.expected[at], out.variance[at] = expected, watch.variance
        for kept, value in zip(out.before, before, strict=True):
            kept[..., at] = value
        chosen = nearest(rows, days, at, expected)
        judged = accounts(found, rows.take(chosen), expected, watch.variance, before, age)
        z = rows.z[chosen]
        confirms = judged.confirms
        if rank:
            out.confirmed[at - 1] = confirms
        # A true stray is a change of the child, a confirmed one for good.
        stray = judged.stray * np.maximum(judged.right - confirms, 0.0)
        _open(watch, 0.5 * stray + 9.0 * confirms, 0.5 * stray)
        watch.update(np.clip(z - expected, -20.0, 20.0), judged.right)
        before = Before(z, age, judged.slips[4], judged.slips)


def _in_hindsight(
    found: EntryErrors,
    model: WeightModel,
    rows: Rows,
    days: Days,
    block: Block,
    chosen: Places,
    trust: Floats,
    steps_up: Floats,
    out: Forecasts,
) -> None:
    """Forecast each day of a block from all other days, each trusted as far as it is."""
    n = block.starts.size
    watch = Filter(model, days.age[block.starts], found.real.level_sd)
    steps: list[_Step] = []
    for rank, m in block.ranks():
        at = block.starts[:m] + rank
        expected, _ = watch.advance(days.step[:, at])
        _open(watch, days.splice[at] + steps_up[at], np.zeros(m))
        innovation = np.clip(rows.z[chosen[at]] - expected, -20.0, 20.0)
        toward, variance, trusted = watch.toward.copy(), watch.variance.copy(), trust[at]
        gain = watch.update(innovation, trusted)
        steps.append(
            _Step(m, at, toward, variance, expected, innovation, gain, trusted, watch.observed.copy(), watch.carry)
        )
    score, weight = np.zeros((4, n)), np.zeros((4, 4, n))
    for k in range(len(steps) - 1, -1, -1):
        step = steps[k]
        m = step.size
        if k + 1 < len(steps):
            after = steps[k + 1]
            _back(score[:, : after.size], after)
            _back(weight[:, :, : after.size], after)
            _back(weight[:, :, : after.size].transpose(1, 0, 2), after)
        r, big, toward = score[:, :m], weight[:, :, :m], step.toward
        # What is left of the innovation once its own part in the forecasts after it is taken away.
        known = (toward * np.einsum("ijm,jm->im", big, toward)).sum(axis=0) / step.variance
        own = 1.0 + step.trust * known
        left = (step.innovation - (toward * r).sum(axis=0)) / own
        out.expected[step.rows] = step.expected + step.innovation - left
        out.variance[step.rows] = np.maximum(step.variance * (1.0 - known / own), days.noise[step.rows] ** 2)
        h, gain = step.observed, step.gain
        share = step.trust / step.variance
        r += h * (share * step.innovation - (gain * r).sum(axis=0))
        # (I - K h')' N (I - K h') + h h' w / v
        across = np.einsum("ijm,im->jm", big, gain)
        twice = (across * gain).sum(axis=0)
        big -= h[:, None] * across[None]
        big -= across[:, None] * h[None]
        big += (h[:, None] * h[None]) * (twice + share)


def _back(states: Floats, step: _Step) -> None:
    """Carry scores of states [state, ..., child] back over a step, in place: the transpose of the filter's move."""
    (f00, f10), (f01, f11), fades = step.carry
    f, rate = states[1].copy(), states[2].copy()
    states[1] = f00 * f + f10 * rate
    states[2] = f01 * f + f11 * rate
    states[3] *= fades[0]


def _blocks_of(starts: Places, counts: Places) -> Iterator[Block]:
    """Some children in blocks, those weighed about as often together."""
    order = np.argsort(-counts, kind="stable")
    for i in range(0, order.size, _BLOCK):
        yield Block(starts[order[i : i + _BLOCK]], counts[order[i : i + _BLOCK]])


def unread(size: int) -> Forecasts:
    """Forecasts of so many child-days, before any is read."""
    before = Before(np.zeros(size), np.full(size, -np.inf), np.zeros(size), np.zeros((BY_ROW, size)))
    return Forecasts(np.zeros(size), np.ones(size), before, np.zeros(size))


def look_back(
    found: EntryErrors, model: WeightModel, rows: Rows, days: Days, series: Series, live: Forecasts
) -> Forecasts:
    """Forecast each day from all others: once to learn which weights are odd, once more without those."""
    every = np.arange(series.z.size)
    chosen = nearest(rows, days, every, live.expected)
    now = live
    judged = accounts(found, rows.take(chosen), live.expected, live.variance, live.before, days.age)
    # What a later weight confirmed was right, and the child's level really changed there.
    steps_up = 9.0 * live.confirmed
    trust = np.maximum(judged.right, live.confirmed)
    now = live._replace(expected=np.zeros(every.size), variance=np.ones(every.size))
    counts = np.diff(series.offsets)
    turned = counts > 0
    for _ in range(2):
        for block in _blocks_of(series.offsets[:-1][turned], counts[turned]):
            _in_hindsight(found, model, rows, days, block, chosen, trust, steps_up, now)
        chosen = nearest(rows, days, every, now.expected)
        judged = accounts(found, rows.take(chosen), now.expected, now.variance, now.before, days.age)
        better = np.maximum(judged.right, live.confirmed)
        # Again only for children of whom some weight is now seen in another light.
        changes = np.concatenate(([0], np.cumsum(np.abs(better - trust) > _TURNED)))[series.offsets]
        turned = np.diff(changes) > 0
        trust = better
    return now
