"""Running evidence as a state that steps: the arithmetic behind `growthwatch.growth.evidence`.

A `State` is all that the weights of a child so far have to say of the next one: a plain, small
value that can be kept, copied and pickled.  `Watch.run` goes on from it, and what it gives does
not depend on where it was stopped in between.  For many children side by side the same steps
are taken on columns (`growthwatch.growth.channel`), and give the same to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

import numpy as np

from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.channel import ONE, Channel, Figure, Figures, Followed, Look, One, Seen
from growthwatch.growth.detector import Detector, detector
from growthwatch.growth.model import FREE_LEVEL_SD, LEAST_DRIFT, WeightModel, turns, weight_model
from growthwatch.references.distributions import Floats

__all__ = ["Acute", "Fall", "Row", "Slow", "State", "Watch", "first_of", "watch"]

_MOST = 1e150  # a likelihood ratio is not followed further: the mixture of many still fits a float
_MOST_KEPT = 20_000  # steps between two ages of which the figures are kept


class Row(NamedTuple):
    """One child's weight of a day.

    Attributes
    ----------
    age_days
        Age by which growth is followed [days].
    z
        Z, carried across changes of table [SD].
    noise
        SD of one weighing [SD of z].
    fresh
        Whether it has no table in common with the row before.
    """

    age_days: float
    z: float
    noise: float
    fresh: bool


class Slow(NamedTuple):
    """The slow channel after a look.

    Attributes
    ----------
    at
        What was expected.
    first
        First month in which slowing may have begun: a fall that began before the first weight looks, to a free
        level, like one that began with it.
    earliest
        Start of that month, each child's own [days].
    ramps
        How an unseen fall of 1 z a month from the start of each month on would be followed by the filter [state,
        month].  A fall that stops is the difference of two, so that one family of ramps serves every shape.
    ratios
        Likelihood ratio of each shape from each month on [shape, month].
    """

    at: Followed
    first: int
    earliest: Figure
    ramps: Floats
    ratios: Floats


class Fall(NamedTuple):
    """A fall within days that may have begun before a weight.

    Attributes
    ----------
    began, opened
        When it began, and when it was first looked for [days].
    prior
        Its prior weight.
    states
        How it would be followed by the filter.
    ratios
        Likelihood ratio by size.
    """

    began: Figure
    opened: Figure
    prior: Figure
    states: Figures
    ratios: Figures


class Acute(NamedTuple):
    """The acute channel after a look: what was expected, and the falls that are looked for, the oldest first."""

    at: Followed
    falls: tuple[Fall, ...]


class State(NamedTuple):
    """Running evidence of one child after a row.

    Attributes
    ----------
    slow_ratio, acute_ratio
        Evidence of the two channels.
    slow, acute
        The channels; None before the first row.
    looked
        Age at which the slow channel looked last [days].
    recent
        Age, z and fresh start of the last rows, as far back as the slow channel's median reaches.
    """

    slow_ratio: float = 0.0
    acute_ratio: float = 0.0
    slow: Slow | None = None
    acute: Acute | None = None
    looked: float = -math.inf
    recent: tuple[tuple[float, float, bool], ...] = ()
    moved: bool = False
    """Whether there was a fresh start since the last look."""

    @property
    def ratio(self) -> float:
        """The evidence: the greater of both channels."""
        return max(self.slow_ratio, self.acute_ratio)


def first_of(value: Any, m: int) -> Any:
    """What is of the first children, from figures of more."""
    if isinstance(value, tuple):
        parts = [first_of(part, m) for part in cast("tuple[Any, ...]", value)]
        make: Any = getattr(cast("Any", value), "_make", tuple)
        return make(parts)
    return value[..., :m] if hasattr(value, "shape") else value


class Watch:
    """The detector on a model of healthy growth, ready to watch children.

    Parameters
    ----------
    found, model
        Detector and covariance.
    error
        SD of the reference's own error [SD of z], from `reference_error`.
    """

    def __init__(self, found: Detector, model: WeightModel, error: float = 0.0):
        self.found, self.model, self.error = found, model, error
        self.error_days = (found.reference_error.days,) if error > 0 else ()
        slow, acute, monthly = found.slow, found.acute, found.prior.by_month()
        self.slow_channel, self.acute_channel = Channel(model, slow, error), Channel(model, acute, error)
        self.months: int = monthly.size
        self.rates, self.caps = [r for r, _, _ in slow.shapes], [cap for _, cap, _ in slow.shapes]
        self.shares = [share for _, _, share in slow.shapes]
        self._falling = -np.array(self.rates)[:, None]
        self._monthly = monthly
        self._onsets = np.arange(self.months + max(self.caps), dtype=np.float64) * DAYS_PER_MONTH
        self._sizes, self._size_shares = [s for s, _ in acute.steps], [share for _, share in acute.steps]
        self._per_day = 1.0 / (found.prior.early_months * DAYS_PER_MONTH)
        self._back = math.ceil(slow.window_days) - 1  # rows beside a look that its median may reach
        days = [model.transient_days, slow.restless.transient_days, acute.restless.transient_days]
        self._fade_days = np.array([*days, found.reference_error.days])[:, None]
        self._turns: dict[tuple[float, float], tuple[float, ...]] = {}

    # --- the slow channel -------------------------------------------------------------

    def slow_look(self, do: One, before: Slow | None, look: Look) -> tuple[Slow, Figure]:
        """Evidence of slowing after a look.

        Parameters
        ----------
        do
            `ONE` or `MANY`.
        before
            The channel after the look before, if there was one.
        """
        found, channel = self.found.slow, self.slow_channel
        if before is None:
            months = look.age // DAYS_PER_MONTH
            states, shape = len(channel.begins.usual.mean), np.shape(look.age)
            none = np.zeros((states, 0, *shape))
            before = Slow(
                channel.begins,
                int(do.lowest(months)),
                months * DAYS_PER_MONTH,
                none,
                np.ones((len(self.rates), 0, *shape)),
            )
        first, now, step = before.first, look.age, look.usual
        seen = channel.look(do, before.at, look)
        j = max(min(self._onsets.size, int(do.highest(now) // DAYS_PER_MONTH) + 1) - first, before.ramps.shape[1])
        k = min(j, max(self.months - first, 0))
        onsets = do.along(self._onsets[first : first + j])
        ramps = np.zeros((before.ramps.shape[0], j, *before.ramps.shape[2:]))
        old = before.ramps.shape[1]
        level, drift, rate = before.ramps[:3]
        ramps[0, :old] = level
        np.multiply(step[0], drift, out=ramps[1, :old])
        ramps[1, :old] += step[1] * rate
        np.multiply(step[2], drift, out=ramps[2, :old])
        ramps[2, :old] += step[3] * rate
        np.multiply(before.ramps[3], step[9], out=ramps[3, :old])
        expected = ramps[0] * channel.level
        expected += ramps[1] * step[7]
        expected += ramps[3] * channel.fading[0]
        if len(ramps) == 5:
            np.multiply(before.ramps[4], step[10], out=ramps[4, :old])
            expected += ramps[4] * channel.reference
        missed = np.maximum(now - onsets, 0.0)
        missed /= DAYS_PER_MONTH
        missed -= expected
        ramps += np.array(seen.gain)[:, None] * missed
        missed *= seen.scale
        shift = do.along(self._falling) * missed[:k]
        for s, cap in enumerate(self.caps):
            both = min(k, j - cap)
            if both > 0:
                shift[s, :both] += self.rates[s] * missed[cap : cap + both]
        ratios = self._ratio(seen, shift)
        kept = before.ratios.shape[1]
        ratios[:, :kept] *= before.ratios
        np.minimum(ratios, _MOST, out=ratios)
        total: Figure = 0.0
        if k:
            opened = onsets[:k] < now
            if do.many:
                opened &= onsets[:k] >= before.earliest
            weights = opened * do.along(self._monthly[first : first + k])
            for share, sum_ in zip(
                self.shares, do.apart(np.add.accumulate(ratios * weights, axis=1)[:, -1]), strict=True
            ):
                total = total + share * sum_
        out = found.share * total * seen.discount
        return Slow(seen.at, first, before.earliest, ramps, ratios), out

    def _ratio(self, seen: Seen, shift: Floats) -> Floats:
        """Likelihood of a look under shifts in SD of the innovation, against none."""
        out = np.subtract(seen.x, shift, out=shift)
        out *= out
        out *= -0.5
        np.exp(out, out=out)
        out *= self.slow_channel.right
        out += seen.wrong
        out /= seen.healthy
        return out

    def slow_weights(self, slow: Slow) -> Floats:
        """Prior weight times likelihood ratio of each shape and month of one child [shape, month]."""
        out = np.zeros((len(self.shares), self.months))
        k = slow.ratios.shape[1]
        onsets = self._onsets[slow.first : slow.first + k]
        out[:, slow.first : slow.first + k] = slow.ratios * (onsets < slow.at.age)
        discount = ONE.exp([-max(slow.at.behind - self.slow_channel.ahead, 0.0)])[0]
        return self.found.slow.share * np.array(self.shares)[:, None] * self._monthly * discount * out

    # --- the acute channel ------------------------------------------------------------

    def acute_look(self, do: One, before: Acute | None, look: Look) -> tuple[Acute, Figure]:
        """Evidence of a fall within days after a look; arguments as for `slow_look`."""
        found, channel = self.found.acute, self.acute_channel
        seen = channel.look(do, channel.begins if before is None else before.at, look)
        now, alive_days, zero = look.age, found.alive_days, 0.0 * look.age
        # Each weight opens a fall that began after the weight before.
        start, share = now, zero
        if before is not None:
            start, share = now - look.gap, self._per_day * do.least(look.gap, alive_days)
        one = zero + 1.0
        falls = [fall for fall in before.falls if do.ever(now - fall.opened <= alive_days)] if before else []
        falls.append(Fall(start, now, share, (zero,) * len(seen.gain), (one,) * len(self._sizes)))
        # A fall that is forgotten for one child of a column is as if it were alive for none.
        f00, f01, f10, f11, drift, fade = (*look.usual[:4], look.usual[7], look.usual[9])
        level, fading, over_days, sizes = channel.level, channel.fading[0], found.over_days, self._sizes
        x, scale, least = seen.x, seen.scale, do.least
        by_level, by_drift, by_rate, by_fade = seen.gain[:4]
        squares: list[Figure] = []
        states: list[Figures] = []
        for began, _, _, fall, _ in falls:
            a, f, r, u = fall[:4]
            f, r, u = f00 * f + f01 * r, f10 * f + f11 * r, u * fade
            expected = a * level + f * drift + u * fading
            more: Figures = ()
            if self.error > 0:
                e = fall[4] * look.usual[10]
                expected = expected + e * channel.reference
                more = (e,)
            missed = least((now - began) / over_days, 1.0) - expected
            scaled = missed * scale
            for size in sizes:
                apart = x + scaled * size
                squares.append(apart * apart * -0.5)
            followed = (a + by_level * missed, f + by_drift * missed, r + by_rate * missed, u + by_fade * missed)
            states.append((*followed, more[0] + seen.gain[4] * missed) if more else followed)
        likely = iter(do.exp(squares))
        right, wrong, healthy, where = channel.right, seen.wrong, seen.healthy, do.where
        total: Figure = 0.0
        after: list[Fall] = []
        for (began, opened, prior, _, ratios), followed in zip(falls, states, strict=True):
            mixed: Figure = 0.0
            new: list[Figure] = []
            for ratio, share in zip(ratios, self._size_shares, strict=True):
                ratio = least(ratio * ((next(likely) * right + wrong) / healthy), _MOST)
                mixed = mixed + share * ratio
                new.append(ratio)
            total = total + mixed * where(now - opened <= alive_days, prior, 0.0)
            after.append(Fall(began, opened, prior, followed, tuple(new)))
        return Acute(seen.at, tuple(after)), found.share * total * seen.discount

    # --- one child --------------------------------------------------------------------

    def run(self, state: State, rows: Sequence[Row]) -> list[State]:
        """Go on from a state by further rows, in order of age; the state after each."""
        weights, seen = self.prepare(state, rows)
        first_look, first_weight = state.slow is None, state.acute is None
        slow, acute, slow_ratio = state.slow, state.acute, state.slow_ratio
        out: list[State] = []
        for row, pair, at in zip(rows, weights, seen, strict=True):
            if at.pair is not None:
                look = self._look(self.slow_channel, at.pair, at.z, at.fresh, first_look, 1)
                slow, slow_ratio = self.slow_look(ONE, slow, look)
                first_look = False
            look = self._look(self.acute_channel, pair, row.z, row.fresh, first_weight, 2)
            acute, acute_ratio = self.acute_look(ONE, acute, look)
            first_weight = False
            out.append(State(slow_ratio, acute_ratio, slow, acute, at.looked, at.recent, at.moved))
        return out

    def prepare(self, state: State, rows: Sequence[Row]) -> tuple[list[_Pair], list[_Sight]]:
        """Work out how the filter moves along rows, all at once: what `run` does first."""
        seen = self._slow_sees(state, rows)
        before = state.acute.at.age if state.acute else None
        weights: list[_Pair] = []
        for row in rows:
            weights.append(_Pair(row.age_days if before is None else before, row.age_days, row.noise))
            before = row.age_days
        self._learn([*weights, *(at.pair for at in seen if at.pair is not None)])
        return weights, seen

    def _slow_sees(self, state: State, rows: Sequence[Row]) -> list[_Sight]:
        """At which rows the slow channel looks, and the medians that it sees there."""
        slow = self.found.slow
        looked, recent, moved = state.looked, state.recent, state.moved
        before = state.slow.at.age if state.slow else None
        out: list[_Sight] = []
        for age, z, noise, fresh in rows:
            recent = (*(r for r in recent if age - r[0] < slow.window_days), (age, z, fresh))[-1 - self._back :]
            moved = moved or fresh
            if age - looked < slow.every_days:
                out.append(_Sight(None, z, False, looked, recent, moved))
                continue
            ages, zs = [age], [z]
            for (earlier, its, _), (_, _, begins) in zip(recent[-2::-1], recent[:0:-1], strict=True):
                if begins:
                    break  # a window never reaches past a change of table that has no common ground
                ages.append(earlier)
                zs.append(its)
            middle = _median(ages)
            pair = _Pair(middle if before is None else before, middle, noise)
            looked, before, fresh, moved = age, middle, moved and before is not None, False
            out.append(_Sight(pair, _median(zs), fresh, looked, recent, moved))
        return out

    def _learn(self, pairs: Sequence[_Pair]) -> None:
        """Work out how the filter moves between two ages, where that is not known yet."""
        known = self._turns
        new = list({(p.before, p.age) for p in pairs if (p.before, p.age) not in known})
        if new:
            if len(known) > _MOST_KEPT:
                known.clear()
                new = list({(p.before, p.age) for p in pairs})
            before, age = np.array(new).T
            figures = np.concatenate((turns(self.model, before, age), np.exp((before - age) / self._fade_days)))
            rows: list[list[float]] = figures.T.tolist()
            for ages, row in zip(new, rows, strict=True):
                known[ages] = tuple(row)

    def _look(self, channel: Channel, pair: _Pair, z: float, fresh: bool, first: bool, own: int) -> Look:
        figures = self._turns[pair.before, pair.age]
        turn, fades = figures[:7], (figures[7], figures[7 + own])
        square = pair.noise * pair.noise
        steps: list[Figures] = []
        for most, fade in zip(channel.drift_most, fades, strict=True):
            drift, lost = math.sqrt(max(most - square, LEAST_DRIFT)), 1.0 - fade * fade
            if self.error > 0:
                changes = figures[10]
                steps.append((*turn, drift, square, fade, changes, lost, 1.0 - changes * changes))
            else:
                steps.append((*turn, drift, square, fade, lost))
        gap = math.inf if first else pair.age - pair.before
        counted, free = 0.0 if fresh or first else 1.0, FREE_LEVEL_SD**2 if fresh else 0.0
        return Look(pair.age, z, gap, channel.short(gap), counted, free, steps[0], steps[1])


class _Pair(NamedTuple):
    """Ages of the look before and of a look [days], and its weighing noise [SD of z]."""

    before: float
    age: float
    noise: float


class _Sight(NamedTuple):
    """What the slow channel sees at a row: nothing, or a look; and what it keeps in mind."""

    pair: _Pair | None
    z: float
    fresh: bool
    looked: float
    recent: tuple[tuple[float, float, bool], ...]
    moved: bool


def _median(figures: list[float]) -> float:
    figures.sort()
    return (figures[(len(figures) - 1) // 2] + figures[len(figures) // 2]) / 2.0


@lru_cache(maxsize=16)
def watch(error: float = 0.0) -> Watch:
    """The packaged detector on the packaged model, for an error of the reference."""
    return Watch(detector(), weight_model(), error)
