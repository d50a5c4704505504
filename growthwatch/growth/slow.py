"""The slow channel of the running evidence: ramps in warped age, against two accounts of healthy growth.

Healthy drift is even in warped age ``T = ln(1 + t / tau)``, so that slowing is looked for as a fall of
so much z a unit of T from an age of onset on, or as a step between two neighbouring onsets.  Both
accounts of healthy growth are followed, and slowing is looked for under each::

    M(t) = share * sum_a pi_a L_a(t) sum_h w_h LR_a,h(t)  /  max_b v_b L_b(t)

L_a: likelihood of the weights so far under account a; LR_a,h: likelihood ratio of hypothesis h to it;
w_h: prior weight, of those onsets alone that have passed; v_b: credit.  Under account b the sum is
a sum of martingales but for what is opened, so that by Doob's inequality ``P(M ever reaches c) <=
A / (v_b c)``, A being the weight opened (`growthwatch.growth.evidence`).

M over ``share * A`` is the *fit*: how many times better slowing that has begun by now fits the weights
than healthy growth.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.channel import (
    FAR,
    LONG,
    MOST_RATIO,
    ONE,
    Figure,
    Figures,
    Look,
    One,
    expected_of,
    free_start,
    updated,
)
from growthwatch.growth.detector import Detector, SlowChannel
from growthwatch.growth.model import WeightModel
from growthwatch.references.distributions import Floats

__all__ = ["Rival", "Slow", "SlowWatch"]


class Rival(NamedTuple):
    """One account of healthy growth.

    Attributes
    ----------
    mean, covariance
        Of the states of the filter, as in `growthwatch.growth.channel.Account`.
    fits
        Logarithm of the likelihood of the weights so far.
    odd
        Whether the last weight was odd: below (-1) or above (1) all that was expected, else 0.
    """

    mean: Figures
    covariance: Figures
    fits: Figure
    odd: Figure


class Slow(NamedTuple):
    """The channel after a look.

    Attributes
    ----------
    age, z
        Of that look [days], [SD].
    accounts
        The usual and the restless account.
    ramps
        How an unseen fall of 1 z a unit of warped age from each onset on would be followed by the filter [account,
        state, onset]: one more onset than there are hypotheses, for a step is the difference of two ramps.
    ratios
        Likelihood ratio of each shape from each onset on [account, shape, onset].
    """

    age: Figure
    z: Figure
    accounts: tuple[Rival, Rival]
    ramps: Floats
    ratios: Floats


class SlowWatch:
    """The channel on a model of healthy growth.

    Parameters
    ----------
    found, channel
        The detector, and its slow channel.
    model
        The covariance.
    error
        SD of the reference's own error [SD of z].
    """

    def __init__(self, found: Detector, channel: SlowChannel, model: WeightModel, error: float):
        self.found = channel
        self.models: tuple[WeightModel, WeightModel] = (
            channel.accounts[0].model(model),
            channel.accounts[1].model(model),
        )
        self.level, self.reference = float(np.sqrt(model.permanent)), error
        self.fading = tuple(float(np.sqrt(m.transient)) for m in self.models)
        self.states = 5 if error > 0 else 4
        errors = channel.errors
        self.right, self.wrong, self.wrong_variance = 1.0 - errors.wrong, errors.wrong, errors.wrong_sd**2
        self.confirmed_sd, self.further = errors.confirmed_sd, errors.further_per_day
        self.scales = tuple(a.scale**2 for a in channel.accounts)
        self.shares = tuple(a.share for a in channel.accounts)
        self.credits: tuple[float, ...] = tuple(np.log([a.credit for a in channel.accounts]).tolist())
        self.onsets = np.array(channel.onsets)
        self.tau = model.tau_days
        self._begins: Floats = np.log1p(self.onsets / self.tau)
        self._widths: Floats = np.diff(self._begins)
        self.prior: Floats = np.diff(found.prior.opened(self.onsets))
        self._opened = np.concatenate(([0.0], np.cumsum(self.prior)))
        self._falls = -np.array([r for r, _ in channel.rates])
        self._steps = -np.array([s for s, _ in channel.steps])
        self.shape_shares = [share for _, share in (*channel.rates, *channel.steps)]
        self._fading = np.array(self.fading)[:, None]
        mean, covariance = free_start(model, error)
        self._start = Rival(mean, covariance, 0.0, 0.0)

    def short(self, gap_days: float) -> float:
        """How much wider innovations are for the shortness of a gap alone: not at all."""
        return 1.0

    def short_column(self, gap_days: Floats) -> Floats:
        """The same of many gaps."""
        return np.ones(gap_days.size)

    def look(self, do: One, before: Slow | None, look: Look) -> tuple[Slow, Figure, Figure]:
        """Evidence of slowing after a look, and the weight opened by then: their ratio is the fit.

        Parameters
        ----------
        do
            `ONE` or `MANY`.
        before
            The channel after the look before, if there was one.
        look
            The look, under both accounts.
        """
        if before is None:
            shape = np.shape(look.age)
            none = np.zeros((2, self.states, 1, *shape))
            one = np.ones((2, len(self.shape_shares), 0, *shape))
            before = Slow(0.0, 0.0, (self._start, self._start), none, one)
        now, z = look.age, look.z
        accounts, seen = self._compare(do, before, look)
        (x, scale, wrong, healthy), gain = seen
        known = before.ratios.shape[2]
        k = max(min(int(np.searchsorted(self.onsets, do.highest(now))), self.onsets.size - 1), known)
        ramps = np.zeros((2, self.states, k + 1, *before.ramps.shape[3:]))
        old = before.ramps
        step, other = look.usual, look.restless
        fade, drift = (np.array([step[i], other[i]])[:, None] for i in (9, 7))
        was = known + 1
        ramps[:, 0, :was] = old[:, 0]
        np.multiply(old[:, 1], step[0], out=ramps[:, 1, :was])
        ramps[:, 1, :was] += old[:, 2] * step[1]
        np.multiply(old[:, 1], step[2], out=ramps[:, 2, :was])
        ramps[:, 2, :was] += old[:, 2] * step[3]
        np.multiply(old[:, 3], fade, out=ramps[:, 3, :was])
        expected = ramps[:, 0] * self.level
        expected += ramps[:, 1] * drift
        expected += ramps[:, 3] * (self._fading[..., None] if do.many else self._fading)
        if self.states == 5:
            np.multiply(old[:, 4], step[10], out=ramps[:, 4, :was])
            expected += ramps[:, 4] * self.reference
        gone = np.maximum(np.log1p(now / self.tau) - do.along(self._begins[: k + 1]), 0.0)
        missed = np.subtract(gone, expected, out=expected)
        ramps += gain[:, :, None] * missed[:, None]
        seen_falls = missed * scale
        shifts = np.empty((2, len(self.shape_shares), k, *before.ratios.shape[3:]))
        one_rate = len(self._falls)
        falls, steps = self._falls[:, None], self._steps[:, None]
        if do.many:
            falls, steps = falls[..., None], steps[..., None]
        np.multiply(seen_falls[:, None, :-1], falls, out=shifts[:, :one_rate])
        apart = seen_falls[:, :-1] - seen_falls[:, 1:]
        apart /= do.along(self._widths[:k])
        np.multiply(apart[:, None], steps, out=shifts[:, one_rate:])
        ratios = np.subtract(x[:, None], shifts, out=shifts)
        ratios *= ratios
        ratios *= -0.5
        np.exp(ratios, out=ratios)
        ratios *= self.right
        ratios += wrong[:, None]
        ratios /= healthy[:, None]
        ratios[:, :, :known] *= before.ratios
        np.minimum(ratios, MOST_RATIO, out=ratios)
        after = Slow(now, z, accounts, ramps, ratios)
        opened = self._opened[np.searchsorted(self.onsets[:-1], now)]
        total: Figure = 0.0
        if k:
            weights = (do.along(self.onsets[:k]) < now) * do.along(self.prior[:k])
            sums = np.add.accumulate(ratios * weights, axis=2)[:, :, -1]
            for share, better, of_shapes in zip(self.shares, self._better(do, accounts), sums, strict=True):
                mixed: Figure = 0.0
                for part, sum_ in zip(self.shape_shares, do.apart(of_shapes), strict=True):
                    mixed = mixed + part * sum_
                total = total + share * better * mixed
        return after, self.found.share * total, self.found.share * (opened if do.many else float(opened))

    def _better(self, do: One, accounts: tuple[Rival, Rival]) -> Any:
        """How many times better each account fits than the better of both, credit given."""
        best = do.most(accounts[0].fits + self.credits[0], accounts[1].fits + self.credits[1])
        return do.exp([a.fits - best for a in accounts])

    def _compare(
        self, do: One, before: Slow, look: Look
    ) -> tuple[tuple[Rival, Rival], tuple[tuple[Any, Any, Any, Any], Any]]:
        """Compare a weight with what each account expected, and take it in.

        Also the innovation in its SD, one over that SD, what a wrong and a right weight are likely to be, and the
        gain: each with the account as its first axis.
        """
        z, further = look.z, look.z - before.z
        near_days = self.further * do.least(look.gap, LONG)
        moved: list[Any] = []
        squares: list[Figure] = []
        for account, fading, scale, step in zip(
            before.accounts, self.fading, self.scales, (look.usual, look.restless), strict=True
        ):
            mean, covariance, toward, expected, variance = expected_of(
                account, self.level, fading, self.reference, look, step
            )
            raw = z - expected
            own = variance * scale
            spread = do.sqrt(own)
            # Wrong weights are wrong one by one: a second that is as odd in the same way is right, and so was
            # the first.
            near, beyond = self.confirmed_sd * spread, further * account.odd
            confirmed = (raw * account.odd > 0) & (beyond >= -near) & (beyond <= near + near_days)
            x = do.least(do.most(raw / spread, -FAR), FAR)
            narrow = own / (own + self.wrong_variance)
            square = -0.5 * x * x
            squares += [square, square * narrow]
            moved.append((mean, covariance, toward, variance, raw, spread, confirmed, x, narrow))
        likely = do.exp(squares)
        taken: list[tuple[Figures, Figures, Figure, Figure]] = []
        fits: list[Figure] = []
        seen: list[tuple[Figure, Figure, Figure, Figure]] = []
        gains: list[Figures] = []
        for k, (mean, covariance, toward, variance, raw, spread, confirmed, x, narrow) in enumerate(moved):
            right = self.right * likely[2 * k]
            # A wrong weight is wrong under every account alike, so that the wildest says nothing either way.
            wrong = do.where(confirmed, 0.0, self.wrong * do.sqrt(narrow) * likely[2 * k + 1])
            healthy = right + wrong
            trust = right / healthy
            odd = do.odd(trust, raw)
            gain = tuple([t / variance * trust for t in toward])
            mean, covariance = updated(mean, covariance, toward, gain, raw)
            fits.append(healthy / spread)
            taken.append((mean, covariance, odd, wrong))
            seen.append((x, 1.0 / spread, wrong, healthy))
            gains.append(gain)
        # The first weight, and the first in a new table, finds the level and tells no account from another.
        more = do.log(fits)
        usual, restless = (
            Rival(mean, covariance, account.fits + look.counted * fit, odd)
            for (mean, covariance, odd, _), account, fit in zip(taken, before.accounts, more, strict=True)
        )
        x, scale, wrong, healthy = (np.array(figures)[:, None] for figures in zip(*seen, strict=True))
        return (usual, restless), ((x, scale, wrong, healthy), np.array(gains))

    def hypotheses(self, slow: Slow) -> tuple[Floats, Floats, Floats, Floats]:
        """Onset and end [days], z a month lost at the age of onset, and weight of each hypothesis of one child."""
        k = slow.ratios.shape[2]
        onset, until = self.onsets[:k], self.onsets[1 : k + 1]
        better = self._better(ONE, slow.accounts)
        account = self.found.share * np.array([s * b for s, b in zip(self.shares, better, strict=True)])
        weight = np.einsum("a,aso->so", account, slow.ratios)
        weight *= np.array(self.shape_shares)[:, None] * (self.prior[:k] * (onset < slow.age))
        month = np.log1p((onset + DAYS_PER_MONTH) / self.tau) - self._begins[:k]
        falls: list[Floats] = [-rate * month for rate in self._falls]
        falls += [-size * DAYS_PER_MONTH / (until - onset) for size in self._steps]
        ends = [np.full(k, np.inf)] * len(self._falls) + [until] * len(self._steps)
        return np.tile(onset, len(falls)), np.concatenate(ends), np.concatenate(falls), weight.ravel()

    def age(self, slow: Slow) -> float:
        """Age of the last look of one child [days]."""
        return float(slow.age)

    def beside(self, low: float, high: float) -> tuple[float, float]:
        """The rates beside one that holds all the weight [z a month]: half of it, and half as much again."""
        return 0.5 * low, 1.5 * high
