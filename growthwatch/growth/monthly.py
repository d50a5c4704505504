"""The slow channel as version 1 of the figures has it: falls by the month, against one account of healthy growth.

It is kept so that what was judged by it can be worked out again; `growthwatch.growth.slow` is the
channel in use.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.channel import MOST_RATIO, ONE, Channel, Figure, Followed, Look, One, Seen
from growthwatch.growth.detector import Detector, MonthlyChannel
from growthwatch.growth.model import WeightModel
from growthwatch.references.distributions import Floats

__all__ = ["Monthly", "MonthlyWatch"]


class Monthly(NamedTuple):
    """The channel after a look.

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


class MonthlyWatch:
    """The channel on a model of healthy growth; arguments as for `growthwatch.growth.slow.SlowWatch`."""

    def __init__(self, found: Detector, channel: MonthlyChannel, model: WeightModel, error: float):
        self.found, self.prior = channel, found.prior
        self.channel = Channel(model, channel, error)
        self.models = self.channel.models
        monthly = found.prior.by_month()
        self.months: int = monthly.size
        self.rates, self.caps = [r for r, _, _ in channel.shapes], [cap for _, cap, _ in channel.shapes]
        self.shares = [share for _, _, share in channel.shapes]
        self._falling = -np.array(self.rates)[:, None]
        self._monthly = monthly
        self._onsets = np.arange(self.months + max(self.caps), dtype=np.float64) * DAYS_PER_MONTH

    def short(self, gap_days: float) -> float:
        """How much wider innovations are for the shortness of a gap alone."""
        return self.channel.short(gap_days)

    def short_column(self, gap_days: Floats) -> Floats:
        """The same of many gaps."""
        return self.found.errors.short(gap_days)

    def look(self, do: One, before: Monthly | None, look: Look) -> tuple[Monthly, Figure, Figure]:
        """Evidence of slowing after a look, and the prior weight that was opened by then."""
        found, channel = self.found, self.channel
        if before is None:
            months = look.age // DAYS_PER_MONTH
            states, shape = len(channel.begins.usual.mean), np.shape(look.age)
            none = np.zeros((states, 0, *shape))
            before = Monthly(
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
        np.minimum(ratios, MOST_RATIO, out=ratios)
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
        opened_now = self.prior.opened(np.ceil(now / DAYS_PER_MONTH) * DAYS_PER_MONTH)
        return Monthly(seen.at, first, before.earliest, ramps, ratios), out, found.share * opened_now

    def _ratio(self, seen: Seen, shift: Floats) -> Floats:
        """Likelihood of a look under shifts in SD of the innovation, against none."""
        out = np.subtract(seen.x, shift, out=shift)
        out *= out
        out *= -0.5
        np.exp(out, out=out)
        out *= self.channel.right
        out += seen.wrong
        out /= seen.healthy
        return out

    def hypotheses(self, slow: Monthly) -> tuple[Floats, Floats, Floats, Floats]:
        """Onset and end [days], z a month lost and weight of each hypothesis of one child."""
        weight = np.zeros((len(self.shares), self.months))
        k = slow.ratios.shape[1]
        onsets = self._onsets[slow.first : slow.first + k]
        weight[:, slow.first : slow.first + k] = slow.ratios * (onsets < slow.at.age)
        discount = ONE.exp([-max(slow.at.behind - self.channel.ahead, 0.0)])[0]
        weight = self.found.share * np.array(self.shares)[:, None] * self._monthly * discount * weight
        first: Floats = np.tile(np.arange(self.months, dtype=np.float64) * DAYS_PER_MONTH, (weight.shape[0], 1))
        last: Floats = first + np.array(self.caps)[:, None] * DAYS_PER_MONTH
        fall = np.broadcast_to(np.array(self.rates)[:, None], weight.shape)
        return first.ravel(), last.ravel(), fall.ravel(), weight.ravel()

    def age(self, slow: Monthly) -> float:
        """Age of the last look of one child [days]."""
        return float(slow.at.age)

    def beside(self, low: float, high: float) -> tuple[float, float]:
        """The rates beside one that holds all the weight [z a month]."""
        rates = sorted(self.rates)
        below = max((r for r in rates if r < low), default=low)
        return below, min((r for r in rates if r > high), default=high)
