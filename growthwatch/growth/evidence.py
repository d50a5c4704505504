"""Evidence of slowing growth: a running likelihood ratio that can be watched after every weighing.

After each weighing the weights so far are compared under two accounts: healthy growth (the
covariance of `growthwatch.growth.model`), and growth that has slowed, averaged over when it
began and how fast it falls::

    M(t) = sum over h of w_h LR_h(t)

an average of exact likelihood ratios on the Kalman innovations (Shiryaev-Roberts form).  Under
healthy growth the expectation of M never exceeds the prior weight A(t) of the hypotheses
opened so far, so that, by Doob's inequality, ``P(M ever reaches c) <= A / c`` however often,
and for whatever reason, a child is weighed.  With the packaged prior A is 1 at 2 years and
2.5 at 5.  The bound is conditional on the reference and the covariance being right, and it is
exact for one channel without the safeguards below; with them it is checked by simulation
(``benchmarks/evidence.py``).

- *Two channels*: a slow one on weekly medians, an acute one on every weight.  The evidence is
  the greater; each has its share of the prior.
- *Level-free*: the level of a child is given a flat prior, so that only changes count: a
  child on the 0.4th line, or on the wrong standard, is no more suspect than another.
- *Robust*: a weight may be wrong (a share of them, with a wide spread), under both accounts,
  so that one wrong weight cannot raise the alarm, and a second that confirms it can.
- *Cautious*: innovations that are wider than the model's, for all or for this child so far,
  widen what counts as usual.
- *Two accounts of healthy growth*: some children's weight comes and goes more than others'.
  Slowing has to fit better than the usual account, and better than one of a child twice as
  restless wherever that has fitted this child clearly better so far.
- *Causal and deterministic*: nothing later changes what was said; weights of one day are one.

Nothing here is a diagnosis or the odds of an illness, and no threshold replaces a national one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import instance, one_number
from growthwatch.core.sex import SexCoding
from growthwatch.core.status import Status, status_words
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.detector import AcuteChannel, Ages, Detector, SlowChannel, detector, reference_error
from growthwatch.growth.model import FREE_LEVEL_SD, Filter, WeightModel, steps, weight_model
from growthwatch.growth.series import Block, Places, Series, blocks, chosen_reference, given_series, weight_series
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["Evidence", "Hypotheses", "channels", "evidence", "running_evidence"]

_MOST = 1e150  # a likelihood ratio is not followed further: the mixture of many still fits a float
_FAR = 30.0  # SD beyond which one innovation is as far as another: their likelihoods still fit a float
_BLOCK = 384  # children at a time: what is worked on stays in the cache


class Hypotheses(NamedTuple):
    """Where the evidence of one child lies, after its last weighing.

    Attributes
    ----------
    onset_days
        Age at which slowing began [days], one a hypothesis.
    rate
        z a month lost, from then on.
    until_days
        Age at which that stopped [days].
    weight
        Prior weight times likelihood ratio; their sum is the evidence of the slow channel.
    """

    onset_days: Floats
    rate: Floats
    until_days: Floats
    weight: Floats


class _Columns(NamedTuple):
    """What a channel looks at, one row a look; the figures of both accounts of a look beside each other."""

    age: Floats
    z: Floats
    fresh: npt.NDArray[np.bool_]
    gap: Floats
    """Days since the look before; infinite for the first."""
    short: Floats
    """From `Errors.short`."""
    counted: npt.NDArray[np.bool_]
    """Not the first of a child or of a new table, which finds the level and says nothing of the spread."""
    step: Floats
    """From `steps`: how the filter moves to this look [figure, look, account]."""

    @classmethod
    def of(
        cls,
        age: Floats,
        z: Floats,
        noise: Floats,
        fresh: npt.NDArray[np.bool_],
        offsets: Places,
        model: WeightModel,
        channel: SlowChannel | AcuteChannel,
        error: tuple[float, float],
    ) -> _Columns:
        before = np.empty(age.size)
        before[1:] = age[:-1]
        first = offsets[:-1][np.diff(offsets) > 0]
        before[first] = age[first]
        gap = age - before
        gap[first] = np.inf
        counted = ~(fresh | np.isinf(gap))
        step = [
            steps(own, before, age, noise, (own.transient_days, error[1])[: 2 if error[0] > 0 else 1])
            for own in (model, channel.restless.model(model))
        ]
        return cls(age, z, fresh, gap, channel.errors.short(gap), counted, np.stack(step, axis=2))


class _Watch:
    """The filter of a channel with its safeguards: how far each next weight is from what was expected.

    Both accounts of healthy growth are followed side by side: arrays are [child, account], the
    usual one first, and to the filter each is a child of its own.  What a channel reads is of the
    usual account.
    """

    def __init__(
        self,
        columns: _Columns,
        model: WeightModel,
        channel: SlowChannel | AcuteChannel,
        block: Block,
        error: tuple[float, float],
    ):
        n = block.starts.size
        shares = np.tile([model.transient, channel.restless.transient], n)
        self.filter = Filter(model, np.repeat(columns.age[block.starts], 2), FREE_LEVEL_SD, *error, shares)
        self.columns, self.errors = columns, channel.errors
        restless = channel.restless
        self.ahead, self.one_weight, self.at_most = np.log([restless.ahead, restless.one_weight, restless.at_most])
        self.squares, self.weights = np.zeros((2, n, 2))
        # The last weight, where it was odd: below (-1) or above (1) all that was expected; and the z of all.
        self.odd, self.last_z = np.zeros((n, 2)), np.zeros((n, 1))
        # Logarithm of how many times better the restless account fits so far, as far as that may count.
        self.behind = np.zeros(n)

    def look(self, rows: Places) -> None:
        """Compare the next weights of the first children with what was expected."""
        columns, errors, m = self.columns, self.errors, rows.size
        z, gap, short = (c[rows, None] for c in (columns.z, columns.gap, columns.short))
        fresh = np.repeat(columns.fresh[rows], 2)
        expected, variance = self.filter.advance(columns.step[:, rows].reshape(-1, 2 * m), fresh)
        self.variance = variance.reshape(m, 2)
        self.raw = z - expected.reshape(m, 2)
        own = self.variance * errors.own(self.squares[:m], self.weights[:m]) * short
        spread = np.sqrt(own)
        # Wrong weights are wrong one by one: a second that is as odd in the same way is right, and so was the first.
        odd, near = self.odd[:m], errors.confirmed_sd * spread
        further = (z - self.last_z[:m]) * odd
        confirmed = (odd != 0) & (self.raw * odd > 0) & (further >= -near)
        confirmed &= further <= near + errors.further_per_day * np.minimum(gap, 1e6)
        x = np.clip(self.raw / spread, -_FAR, _FAR)
        narrow = own / (own + errors.wrong_sd**2)
        square = -0.5 * x * x
        self.right = 1.0 - errors.wrong
        likely = self.right * np.exp(square)
        # A wrong weight is wrong under every account alike, so that the wildest says nothing either way.
        wrong = errors.wrong * np.sqrt(narrow) * np.exp(square * narrow)
        wrong[confirmed] = 0.0
        healthy = likely + wrong
        self.trust = likely / healthy
        self.counts = self.trust * (columns.counted[rows, None] & ~confirmed)
        self.odd[:m] = np.where(self.trust < 0.5, np.sign(self.raw), 0.0)
        self.last_z[:m] = z
        self.x, self.scale, self.wrong, self.healthy = x[:, 0], 1.0 / spread[:, 0], wrong[:, 0], healthy[:, 0]
        # It is the many small changes that tell a restless child: one great loss must not.
        fits = np.log(healthy / spread)
        behind = self.behind[:m] + np.minimum(fits[:, 1] - fits[:, 0], self.one_weight)
        self.behind[:m] = np.minimum(behind, self.ahead + self.at_most)

    def discount(self) -> Floats:
        """By how much less slowing fits than the better account of healthy growth, against the usual one."""
        return np.exp(-np.maximum(self.behind[: self.x.size] - self.ahead, 0.0))

    def ratio(self, shift: Floats) -> Floats:
        """Likelihood of the last look under shifts [..., child] in SD of the innovation, against none."""
        out = self.x - shift
        out *= out
        out *= -0.5
        np.exp(out, out=out)
        out *= self.right
        out += self.wrong
        out /= self.healthy
        return out

    def take(self) -> Floats:
        """Take the last look in; return the gain [state, child]."""
        m = self.x.size
        self.squares[:m] += self.counts * self.raw * self.raw / self.variance
        self.weights[:m] += self.counts
        return self.filter.update(self.raw.ravel(), self.trust.ravel())[:, ::2]


def _slow(
    found: Detector, model: WeightModel, columns: _Columns, block: Block, error: tuple[float, float], out: Floats
) -> Hypotheses | None:
    """Evidence of slowing after each row; the hypotheses of the first child in the end."""
    slow, monthly = found.slow, found.prior.by_month()
    months, shapes = monthly.size, len(slow.shapes)
    rates, caps = [r for r, _, _ in slow.shapes], [cap for _, cap, _ in slow.shapes]
    rate, share = np.array(rates)[:, None, None], np.array([share for _, _, share in slow.shapes])
    onsets = np.arange(months + max(caps), dtype=np.float64) * DAYS_PER_MONTH
    n = block.starts.size
    watch = _Watch(columns, model, slow, block, error)
    # A fall that began before the first weight looks, to a free level, like one that began with it.
    earliest = np.floor(columns.age[block.starts] / DAYS_PER_MONTH) * DAYS_PER_MONTH
    # How an unseen fall of 1 z a month from each onset on would be followed by the filter.  A fall
    # that stops is the difference of two, so that one family of ramps serves every shape.
    followed = np.zeros((watch.filter.states, onsets.size, n))
    ratios = np.ones((shapes, months, n))
    opened = np.zeros((shapes, months, n))
    for rank, m in block.ranks():
        rows = block.starts[:m] + rank
        watch.look(rows)
        now = columns.age[rows]
        j = min(onsets.size, int(now.max() // DAYS_PER_MONTH) + 1)
        states = followed[:, :j, :m]
        if rank:
            watch.filter.move(states, 2)
        missed = np.maximum(now - onsets[:j, None], 0.0)
        missed /= DAYS_PER_MONTH
        missed -= watch.filter.see(states, 2)
        seen = missed * watch.scale
        k = min(j, months)
        shift = seen[:k] * -rate
        for s, cap in enumerate(caps):
            both = min(k, j - cap)
            if both > 0:
                shift[s, :both] += rates[s] * seen[cap : cap + both]
        ratio = ratios[:, :k, :m]
        ratio *= watch.ratio(shift)
        np.minimum(ratio, _MOST, out=ratio)
        now_open = opened[:, :k, :m]
        np.multiply(ratio, (onsets[:k, None] < now) & (onsets[:k, None] >= earliest[:m]), out=now_open)
        out[rows] = slow.share * (share @ (monthly[:k] @ now_open)) * watch.discount()
        states += watch.take()[:, None] * missed
    if n != 1:
        return None
    prior = slow.share * share[:, None] * monthly * watch.discount()
    first: Floats = np.broadcast_to(onsets[:months], prior.shape).astype(np.float64)
    last = first + np.array(caps)[:, None] * DAYS_PER_MONTH
    fall = np.broadcast_to(rate[:, 0], prior.shape)
    return Hypotheses(first.ravel(), fall.ravel(), last.ravel(), (prior * opened[:, :, 0]).ravel())


def _acute(
    found: Detector, model: WeightModel, columns: _Columns, block: Block, error: tuple[float, float], out: Floats
) -> None:
    """Evidence of a fall within days after each row."""
    acute = found.acute
    per_day = 1.0 / (found.prior.early_months * DAYS_PER_MONTH)
    n = block.starts.size
    watch = _Watch(columns, model, acute, block, error)
    slots = _slots(columns.age, block, acute.alive_days)
    sizes, shares = (np.array([s[i] for s in acute.steps]) for i in (0, 1))
    followed = np.zeros((watch.filter.states, slots, n))
    ratios = np.ones((sizes.size, slots, n))
    # Where each fall looked for began, when it was first looked for, and its prior weight.
    began, opened, prior = np.zeros((slots, n)), np.full((slots, n), -np.inf), np.zeros((slots, n))
    for rank, m in block.ranks():
        rows = block.starts[:m] + rank
        watch.look(rows)
        now, gap = columns.age[rows], np.minimum(columns.gap[rows], acute.alive_days)
        states = followed[:, :, :m]
        if rank:
            watch.filter.move(states, 2)
        slot = rank % slots
        states[:, slot], ratios[:, slot, :m] = 0.0, 1.0
        opened[slot, :m] = now
        began[slot, :m] = now - columns.gap[rows] if rank else now
        prior[slot, :m] = per_day * gap if rank else 0.0
        missed = np.minimum((now - began[:, :m]) / acute.over_days, 1.0)
        missed -= watch.filter.see(states, 2)
        ratio = ratios[:, :, :m]
        ratio *= watch.ratio((missed * watch.scale) * -sizes[:, None, None])
        np.minimum(ratio, _MOST, out=ratio)
        alive = np.where(now - opened[:, :m] <= acute.alive_days, prior[:, :m], 0.0)
        out[rows] = acute.share * np.einsum("s,skm,km->m", shares, ratio, alive) * watch.discount()
        states += watch.take()[:, None] * missed


def _slots(age: Floats, block: Block, alive_days: float) -> int:
    """How many falls can be alive at once: the most weighings of one child within so many days."""
    for lag in range(1, int(block.counts[0])):
        close = False
        for rank, m in block.ranks():
            if rank < lag:
                continue
            rows = block.starts[:m] + rank
            close = close or bool((age[rows] - age[rows - lag] <= alive_days).any())
        if not close:
            return lag
    return max(int(block.counts[0]), 1)


def _medians(
    age: Floats, z: Floats, fresh: npt.NDArray[np.bool_], offsets: Places, slow: SlowChannel
) -> tuple[Places, Places, Floats, Floats]:
    """Rows at which the slow channel looks, their offsets, and the medians of age and z there."""
    chosen = np.zeros(age.size, np.bool_)
    for block in blocks(offsets, 4096):
        last = np.full(block.starts.size, -np.inf)
        for rank, m in block.ranks():
            rows = block.starts[:m] + rank
            due = age[rows] - last[:m] >= slow.every_days
            chosen[rows[due]] = True
            last[:m][due] = age[rows[due]]
    rows = np.flatnonzero(chosen)
    owner_start = np.repeat(offsets[:-1], np.diff(offsets))
    ages, zs = [age[rows]], [z[rows]]
    whole = np.ones(rows.size, np.bool_)
    for lag in range(1, int(np.ceil(slow.window_days))):
        before = np.maximum(rows - lag, 0)
        # A window never reaches past a change of table that has no common ground.
        whole &= (rows - lag >= owner_start[rows]) & ~fresh[np.maximum(rows - lag + 1, 0)]
        inside = whole & (age[rows] - age[before] < slow.window_days)
        if not inside.any():
            break
        ages.append(np.where(inside, age[before], np.nan))
        zs.append(np.where(inside, z[before], np.nan))
    offsets_chosen = np.concatenate(([0], np.cumsum(chosen)))[offsets]
    if len(ages) == 1:
        return rows, offsets_chosen, ages[0], zs[0]
    return rows, offsets_chosen, _row_medians(ages), _row_medians(zs)


def _row_medians(columns: list[Floats]) -> Floats:
    table: Floats = np.sort(np.stack(columns, axis=1), axis=1)  # NaN last
    count: Places = np.isfinite(table).sum(axis=1, dtype=np.intp)
    rows = np.arange(len(count))
    return (table[rows, (count - 1) // 2] + table[rows, count // 2]) / 2.0


@dataclass(frozen=True)
class Evidence:
    """Running evidence of slowing growth, aligned with the weighings given.

    Attributes
    ----------
    ratio
        How many times better the weights so far fit slowing than healthy growth: the greater of
        both channels.  0 before 14 days; NaN where the weight itself has no z.
    slow, acute
        The two channels.
    status_code
        Why each weighing was, or was not, judged.
    hypotheses
        Where the slow channel's evidence lies after the last weighing, for one child alone.
    reference
        Id and hash of the reference.
    detector_hash, model_hash
        Content hashes of the detector's and the model's figures.
    """

    ratio: Floats
    slow: Floats
    acute: Floats
    status_code: npt.NDArray[np.uint8]
    hypotheses: Hypotheses | None
    reference: ReferenceLabel
    detector_hash: str
    model_hash: str

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)


def _judged(series: Series, ages: Ages) -> tuple[Places, Places]:
    """Rows of the ages that are judged, and their offsets."""
    inside = (series.age_days >= ages.from_days) & (series.age_days <= ages.until_days)
    return np.flatnonzero(inside), np.concatenate(([0], np.cumsum(inside)))[series.offsets]


def running_evidence(
    series: Series, error: float = 0.0, found: Detector | None = None, model: WeightModel | None = None
) -> Evidence:
    """Evidence after each weighing of a series, with both channels; see `evidence`.

    Parameters
    ----------
    series
        From `weight_series`.
    error
        SD of the reference's own error, from `reference_error`.
    found, model
        Another detector or covariance than the packaged ones.
    """
    series = given_series(series)
    error = one_number("error", error, "a number of 0 or more [SD of z]", least=0.0)
    found = detector() if found is None else instance("found", found, Detector, "a Detector, or None")
    model = weight_model() if model is None else instance("model", model, WeightModel, "a WeightModel, or None")
    rows, offsets = _judged(series, found.ages)
    slow_now, acute_now = channels(
        (series.age_days[rows], series.z[rows], series.noise[rows], series.fresh[rows]), offsets, error, found, model
    )
    (slow, hypotheses), acute = slow_now, acute_now
    both: list[Floats] = []
    for figures in (slow, acute):
        spread = np.zeros(series.age_days.size)
        spread[rows] = figures
        both.append(series.given(spread))
    status = series.status_code.copy()
    late = series.row >= 0
    late[late] = series.age_days[series.row[late]] > found.ages.until_days
    status[late] = Status.AGE_ABOVE_REFERENCE
    for column in both:
        column[late] = np.nan
    return Evidence(np.fmax(*both), both[0], both[1], status, hypotheses, series.reference, found.hash, model.hash)


def channels(
    columns: tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]],
    offsets: Places,
    error: float,
    found: Detector,
    model: WeightModel,
) -> tuple[tuple[Floats, Hypotheses | None], Floats]:
    """Both channels on columns of age [days], z, weighing noise and fresh starts, one row a child and day.

    Returns
    -------
    (slow, hypotheses), acute
        After each row; the slow channel's last figure is kept until its next look.
    """
    age, z, noise, fresh = columns
    acute = np.zeros(age.size)
    hypotheses: Hypotheses | None = None
    if not age.size:
        return (acute, hypotheses), acute
    looked, looked_offsets, looked_age, looked_z = _medians(age, z, fresh, offsets, found.slow)
    # A fresh start between two looks is one at the second.
    starts = np.concatenate(([0], np.cumsum(fresh)))
    prior_look = np.concatenate(([0], looked[:-1]))
    looked_fresh = starts[looked + 1] > starts[prior_look + 1]
    looked_fresh[looked_offsets[:-1][np.diff(looked_offsets) > 0]] = False
    at_look = np.zeros(looked.size)
    figures = (error, found.reference_error.days)
    at_slow = _Columns.of(looked_age, looked_z, noise[looked], looked_fresh, looked_offsets, model, found.slow, figures)
    for block in blocks(looked_offsets, _BLOCK):
        hypotheses = _slow(found, model, at_slow, block, figures, at_look)
    at_acute = _Columns.of(age, z, noise, fresh, offsets, model, found.acute, figures)
    for block in blocks(offsets, _BLOCK):
        _acute(found, model, at_acute, block, figures, acute)
    last_look = np.searchsorted(looked, np.arange(age.size), side="right") - 1  # the first row of a child is looked at
    return (at_look[last_look], hypotheses if offsets.size == 2 else None), acute


def evidence(
    weight_kg: Any,
    *,
    age_days: Any,
    sex: Any,
    gestation_days: Any = None,
    reference: str | Reference = "uk-who",
    child: Any = None,
    sex_coding: SexCoding | None = None,
) -> Floats:
    """How many times better the weights so far fit slowing growth than healthy growth, after each weighing.

    Parameters
    ----------
    weight_kg, age_days, sex, gestation_days
        One row a weighing, in any order: weight [kg], chronological age [days], sex, completed
        gestation at birth [days] (None or NaN: term).  The preterm are judged by corrected age
        throughout, on a reference that corrects.
    reference
        Id of a packaged reference, or a `Reference`, adjusted ones included.
    child
        Id of the child of each row, or offsets (first row of each child, and the number of
        rows); None if all are of one child.  A column as long as the others is read as ids.
    sex_coding
        Meaning of codes of sex, where they are not words.

    Returns
    -------
    ndarray
        The running likelihood ratio, in the order given.  0 before 14 days, when nothing is
        judged yet; NaN where a weight has no z on the reference or an implausible one, and after 5
        years.  5 is
        amber and 20 red by default (3 amber where need is high).  A healthy child ever
        reaches c by 2 years with a probability of at most 1/c (`Detector.bound`); simulated
        figures are in the documentation.

    Raises
    ------
    GrowthwatchError
        For columns of unequal length, ids that are missing or an unknown reference.

    Notes
    -----
    Definition, source and limits: this module's docstring.  It is a likelihood ratio, never
    the odds of an illness.  Weights of one day count as their median.

    Examples
    --------
    >>> import growthwatch as gw
    >>> m = gw.evidence([6.1, 6.9, 7.5, 7.7, 7.7], age_days=[90, 120, 150, 190, 230], sex="female")
    >>> bool(m[-1] > m[2])
    True
    """
    ref = chosen_reference("reference", reference)
    series = weight_series(ref, weight_kg, age_days, sex, gestation_days, child, sex_coding, plausible=True)
    return running_evidence(series, reference_error(ref)).ratio
