"""The acute channel of the running evidence: a fall within days, on every weight.

Each weight opens a fall that may have begun after the weight before, and is looked for during some
days.  The falls that are alive stand side by side in one array, so that a weight costs a handful of
operations however often a child is weighed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.channel import MOST_RATIO, Channel, Figure, Followed, Look, One
from growthwatch.growth.detector import AcuteChannel, Detector
from growthwatch.growth.model import WeightModel
from growthwatch.references.distributions import Floats

__all__ = ["Acute", "AcuteWatch"]


class Acute(NamedTuple):
    """The channel after a look.

    Attributes
    ----------
    at
        What was expected.
    falls
        The falls that are looked for, the oldest first [figure, fall]: when each began and was first looked for
        [days], its prior weight, how it would be followed by the filter, and its likelihood ratio by size.
    """

    at: Followed
    falls: Floats


_BEGAN, _OPENED, _PRIOR, _STATES = 0, 1, 2, 3


class AcuteWatch:
    """The channel on a model of healthy growth; arguments as for `growthwatch.growth.slow.SlowWatch`."""

    def __init__(self, found: Detector, channel: AcuteChannel, model: WeightModel, error: float):
        self.found, self.channel = channel, Channel(model, channel, error)
        self.models = self.channel.models
        self.states = 5 if error > 0 else 4
        self._sizes = np.array([s for s, _ in channel.steps])
        self._shares = [share for _, share in channel.steps]
        # As they would look if they had not begun: followed nowhere, and as likely as healthy growth.
        self._new = np.array([0.0] * (_STATES + self.states) + [1.0] * len(self._shares))
        self._per_day = 1.0 / (found.prior.early_months * DAYS_PER_MONTH)

    def short(self, gap_days: float) -> float:
        """How much wider innovations are for the shortness of a gap alone."""
        return self.channel.short(gap_days)

    def short_column(self, gap_days: Floats) -> Floats:
        """The same of many gaps."""
        return self.found.errors.short(gap_days)

    def look(self, do: One, before: Acute | None, look: Look) -> tuple[Acute, Figure]:
        """Evidence of a fall within days after a look; arguments as for `growthwatch.growth.slow.SlowWatch.look`."""
        found, channel, now = self.found, self.channel, look.age
        seen = channel.look(do, channel.begins if before is None else before.at, look)
        ratios_at = _STATES + self.states
        old = None if before is None else before.falls
        if old is not None:
            # A fall that is forgotten for one child of a column is as if it were alive for none.
            alive = now - old[_OPENED] <= found.alive_days
            if do.many:
                alive = alive.any(axis=-1)
            old = old[:, int(alive.argmax()) :] if alive.any() else None
        kept = 0 if old is None else old.shape[1]
        falls = np.empty((self._new.size, kept + 1, *np.shape(now)))
        if old is not None:
            falls[:, :kept] = old
        falls[:, kept] = do.along(self._new)
        start, share = now, 0.0
        if before is not None:
            start, share = now - look.gap, self._per_day * do.least(look.gap, found.alive_days)
        falls[_BEGAN, kept], falls[_OPENED, kept], falls[_PRIOR, kept] = start, now, share
        step = look.usual
        states, ratios = falls[_STATES:ratios_at], falls[ratios_at:]
        drift, rate = states[1].copy(), states[2].copy()
        np.multiply(drift, step[0], out=states[1])
        states[1] += rate * step[1]
        np.multiply(rate, step[3], out=states[2])
        states[2] += drift * step[2]
        states[3] *= step[9]
        expected = states[0] * channel.level
        expected += states[1] * step[7]
        expected += states[3] * channel.fading[0]
        if self.states == 5:
            states[4] *= step[10]
            expected += states[4] * channel.reference
        missed = np.minimum((now - falls[_BEGAN]) / found.over_days, 1.0)
        missed -= expected
        gain = np.array(seen.gain)[:, None]
        states += gain * missed
        missed *= seen.scale
        apart = missed * (self._sizes[:, None, None] if do.many else self._sizes[:, None])
        apart += seen.x
        apart *= apart
        apart *= -0.5
        np.exp(apart, out=apart)
        apart *= channel.right
        apart += seen.wrong
        apart /= seen.healthy
        ratios *= apart
        np.minimum(ratios, MOST_RATIO, out=ratios)
        mixed = ratios[0] * self._shares[0]
        for ratio, part in zip(ratios[1:], self._shares[1:], strict=True):
            mixed += ratio * part
        mixed *= falls[_PRIOR] * (now - falls[_OPENED] <= found.alive_days)
        total: Figure = np.add.accumulate(mixed, axis=0)[-1]
        return Acute(seen.at, falls), found.share * (total if do.many else float(total)) * seen.discount
