"""The acute channel of the running evidence: a fall within days, on every weight.

Each weight opens a fall that may have begun after the weight before, and is looked for during some
days.  What a weight shows of health is worked out weight by weight; the falls, which only follow it,
then all at once: those that are so many weights old side by side.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.channel import MOST_RATIO, Channel, Followed, Seen
from growthwatch.growth.detector import AcuteChannel, Detector
from growthwatch.growth.model import WeightModel
from growthwatch.references.distributions import Floats

__all__ = ["Acute", "AcuteWatch", "Shown"]

Places = npt.NDArray[np.intp]


class Acute(NamedTuple):
    """The channel after a look.

    Attributes
    ----------
    at
        What was expected.
    falls
        The falls that are looked for, the oldest first [fall, figure]: when each began and was first looked for
        [days], its prior weight, how it would be followed by the filter, and its likelihood ratio by size.
    """

    at: Followed
    falls: Floats


class Shown(NamedTuple):
    """What weights showed, one column a weight: as `growthwatch.growth.channel.Seen` has it.

    Attributes
    ----------
    age, gap
        [days]; the gap is infinite for the first weight of a child.
    step
        Of the usual account, as `growthwatch.growth.model.steps` gives it [figure, weight].
    x, scale, wrong, healthy, discount
        Of the weight.
    gain
        [state, weight].
    """

    age: Floats
    gap: Floats
    step: Floats
    x: Floats
    scale: Floats
    wrong: Floats
    healthy: Floats
    discount: Floats
    gain: Floats

    def at(self, rows: Places) -> Shown:
        """Some of the weights."""
        return Shown(*(column[..., rows] for column in self))


_BEGAN, _OPENED, _PRIOR, _STATES = 0, 1, 2, 3


class AcuteWatch:
    """The channel on a model of healthy growth; arguments as for `growthwatch.growth.slow.SlowWatch`."""

    def __init__(self, found: Detector, channel: AcuteChannel, model: WeightModel, error: float):
        self.found, self.channel = channel, Channel(model, channel, error)
        self.models = self.channel.models
        self.states = 5 if error > 0 else 4
        self._ratios = _STATES + self.states
        self._sizes = np.array([s for s, _ in channel.steps])[:, None]
        self._shares = [share for _, share in channel.steps]
        self._per_day = 1.0 / (found.prior.early_months * DAYS_PER_MONTH)

    def short(self, gap_days: float) -> float:
        """How much wider innovations are for the shortness of a gap alone."""
        return self.channel.short(gap_days)

    def short_column(self, gap_days: Floats) -> Floats:
        """The same of many gaps."""
        return self.found.errors.short(gap_days)

    def shown(self, ages: Floats, gaps: Floats, steps: Any, seen: list[Seen]) -> Shown:
        """What the weights of one child showed, put side by side."""
        figures = np.array([(s.x, s.scale, s.wrong, s.healthy, s.discount, *s.gain) for s in seen]).T
        x, scale, wrong, healthy, discount = figures[:5]
        return Shown(ages, gaps, np.array(steps).T, x, scale, wrong, healthy, discount, figures[5:])

    def look(self, shown: Shown, offsets: Places, before: Floats | None = None) -> tuple[Floats, list[Floats]]:
        """Evidence of a fall within days after each weight of children, one after another.

        Parameters
        ----------
        shown
            What their weights showed.
        offsets
            First weight of each child, and the number of weights.
        before
            Falls that were alive after the weight before, of one child alone.

        Returns
        -------
        evidence
            After each weight.
        falls
            Those that were alive after each weight, if there is one child; else nothing.
        """
        found, n = self.found, shown.age.size
        total = np.zeros(n)
        ends = np.repeat(offsets[1:], np.diff(offsets))
        parts: list[tuple[Places, Floats]] = []
        kept: list[tuple[Places, Floats]] = []
        one = offsets.size == 2
        if before is not None and before.size:
            olds: Floats = before.T.copy()
            for row in range(n):
                alive = shown.age[row] - olds[_OPENED] <= found.alive_days
                if not alive.any():
                    break
                olds = olds[:, alive]
                rows = np.full(olds.shape[1], row, np.intp)
                olds, part = self._step(olds, shown.at(rows))
                kept.append((rows, olds))
                total[row] = np.add.accumulate(part)[-1]
        falls = np.zeros((self._ratios + len(self._shares), n))
        falls[self._ratios :] = 1.0
        first = np.isinf(shown.gap)
        falls[_BEGAN] = np.where(first, shown.age, shown.age - shown.gap)
        falls[_OPENED] = shown.age
        falls[_PRIOR] = np.where(first, 0.0, self._per_day * np.minimum(shown.gap, found.alive_days))
        rows = np.arange(n)
        while rows.size:
            falls, part = self._step(falls, shown.at(rows))
            parts.append((rows, part))
            kept.append((rows, falls))
            rows, last = rows + 1, rows
            on = rows < ends[last]
            on[on] = shown.age[rows[on]] - falls[_OPENED, on] <= found.alive_days
            rows, falls = rows[on], falls[:, on]
        for rows, part in reversed(parts):  # the oldest first
            total[rows] += part
        if one and n == 1:
            return found.share * total * shown.discount, [np.concatenate([f for _, f in kept], axis=1).T]
        return found.share * total * shown.discount, self._by_row(kept, n) if one else []

    def _by_row(self, kept: list[tuple[Places, Floats]], n: int) -> list[Floats]:
        """Falls after each weight, the oldest first, from falls by age."""
        rows = np.concatenate([r for r, _ in kept]) if kept else np.zeros(0, np.intp)
        table = np.concatenate([f for _, f in kept], axis=1) if kept else np.zeros((0, 0))
        order = np.lexsort((table[_OPENED], rows)) if kept else rows
        table = np.ascontiguousarray(table[:, order].T)
        ends = np.searchsorted(rows[order], np.arange(n), side="right").tolist()
        return [table[a:b] for a, b in zip([0, *ends], ends, strict=False)]

    def _step(self, falls: Floats, shown: Shown) -> tuple[Floats, Floats]:
        """Falls after one more weight each, and what each adds to the evidence."""
        channel, step = self.channel, shown.step
        out = falls.copy()
        states, ratios = out[_STATES : self._ratios], out[self._ratios :]
        drift, rate = falls[_STATES + 1], falls[_STATES + 2]
        np.multiply(step[0], drift, out=states[1])
        states[1] += step[1] * rate
        np.multiply(step[2], drift, out=states[2])
        states[2] += step[3] * rate
        states[3] *= step[9]
        expected = states[0] * channel.level
        expected += states[1] * step[7]
        expected += states[3] * channel.fading[0]
        if self.states == 5:
            states[4] *= step[10]
            expected += states[4] * channel.reference
        missed = np.minimum((shown.age - out[_BEGAN]) / self.found.over_days, 1.0)
        missed -= expected
        states += shown.gain * missed
        missed *= shown.scale
        apart = missed * self._sizes
        apart += shown.x
        apart *= apart
        apart *= -0.5
        np.exp(apart, out=apart)
        apart *= channel.right
        apart += shown.wrong
        apart /= shown.healthy
        ratios *= apart
        np.minimum(ratios, MOST_RATIO, out=ratios)
        mixed = ratios[0] * self._shares[0]
        for ratio, share in zip(ratios[1:], self._shares[1:], strict=True):
            mixed += ratio * share
        mixed *= out[_PRIOR]
        return out, mixed
