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

- *Two channels*: a slow one on medians, once a fortnight (`growthwatch.growth.slow`), an acute one on every weight
  (`growthwatch.growth.acute`).  The evidence is
  the greater; each has its share of the prior.
- *Level-free*: the level of a child is given a flat prior, so that only changes count: a
  child on the 0.4th line, or on the wrong standard, is no more suspect than another.
- *Robust*: a weight may be wrong (a share of them, with a wide spread), under both accounts,
  so that one wrong weight cannot raise the alarm, and a second that confirms it can.
- *Two accounts of healthy growth*: some children's weight comes and goes more than others'.
  Slowing is looked for under both, and has to fit better than the better of them.
- *Fit beside evidence*: M adds up the onsets that have passed, and is small in a young child for want of time.
  M over the weight opened is how many times better slowing that has begun by now fits: words say this,
  and alarms go by M.
- *Causal and deterministic*: nothing later changes what was said; weights of one day are one.

Nothing here is a diagnosis or the odds of an illness, and no threshold replaces a national one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import instance, one_number
from growthwatch.core.sex import SexCoding
from growthwatch.core.status import Status, status_words
from growthwatch.growth.acute import AcuteWatch, Shown
from growthwatch.growth.channel import MANY, Look
from growthwatch.growth.detector import Ages, Detector, MonthlyChannel, SlowChannel, detector, reference_error
from growthwatch.growth.model import FREE_LEVEL_SD, WeightModel, steps_along, weight_model
from growthwatch.growth.monthly import MonthlyWatch
from growthwatch.growth.series import Places, Series, blocks, chosen_reference, given_series, weight_series
from growthwatch.growth.slow import SlowWatch
from growthwatch.growth.watch import Row, State, Watch, first_of, watch
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["Channels", "Evidence", "Hypotheses", "channels", "evidence", "running_evidence"]


_BLOCK = 384  # children at a time: what is worked on stays in the cache


class Hypotheses(NamedTuple):
    """Where the evidence of one child lies, after its last weighing.

    Attributes
    ----------
    onset_days
        Age at which slowing began [days], one a hypothesis.
    rate
        z a month lost, from then on: what the first month loses, for a fall goes on evenly in warped age and slows
        down in days.
    until_days
        Age at which that stopped [days]; infinite where it has not.
    weight
        Prior weight times likelihood ratio; their sum is the evidence of the slow channel.
    """

    onset_days: Floats
    rate: Floats
    until_days: Floats
    weight: Floats


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
    fit
        How many times better the weights so far fit slowing that has begun by now than healthy growth: the slow
        channel over the prior weight it has opened.  Words say this; alarms go by `ratio`.  NaN before the first look.
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
    fit: Floats
    status_code: npt.NDArray[np.uint8]
    hypotheses: Hypotheses | None
    reference: ReferenceLabel
    detector_hash: str
    model_hash: str

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)

    @property
    def said(self) -> Floats:
        """What words go by: `fit`, or the evidence itself where it is the greater and as true."""
        return np.where(np.isnan(self.fit), np.nan, np.fmax(self.fit, self.ratio))


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
    found_now = channels(
        (series.age_days[rows], series.z[rows], series.noise[rows], series.fresh[rows]), offsets, error, found, model
    )
    both: list[Floats] = []
    for figures, before in ((found_now.slow, 0.0), (found_now.acute, 0.0), (found_now.fit, np.nan)):
        spread = np.full(series.age_days.size, before)
        spread[rows] = figures
        both.append(series.given(spread))
    status = series.status_code.copy()
    late = series.row >= 0
    late[late] = series.age_days[series.row[late]] > found.ages.until_days
    status[late] = Status.AGE_ABOVE_REFERENCE
    for column in both:
        column[late] = np.nan
    slow, acute, fit = both
    return Evidence(
        np.fmax(slow, acute), slow, acute, fit, status, found_now.hypotheses, series.reference, found.hash, model.hash
    )


class Channels(NamedTuple):
    """Both channels after each row.

    Attributes
    ----------
    slow, acute
        Evidence; the slow channel's last figure is kept until its next look.
    fit
        The slow channel's over the prior weight opened; NaN before its first look.
    hypotheses
        Where the slow channel's evidence lies after the last row, for one child alone.
    """

    slow: Floats
    acute: Floats
    fit: Floats
    hypotheses: Hypotheses | None

    @property
    def ratio(self) -> Floats:
        """The evidence: the greater of both."""
        return np.maximum(self.slow, self.acute)


def channels(
    columns: tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]],
    offsets: Places,
    error: float,
    found: Detector,
    model: WeightModel,
) -> Channels:
    """Both channels on columns of age [days], z, weighing noise and fresh starts, one row a child and day."""
    packaged = found is detector() and model is weight_model()
    by = watch(error) if packaged else Watch(found, model, error)
    if offsets.size != 2:
        return _side_by_side(by, *columns, offsets)
    rows = list(map(Row._make, zip(*(c.tolist() for c in columns), strict=True)))
    states = by.run(State(), rows)
    slow, acute, opened = (np.array([s[k] for s in states], np.float64) for k in (0, 1, 7))
    return Channels(slow, acute, _fit(slow, opened), _hypotheses(by, states[-1]) if states else None)


def _fit(slow: Floats, opened: Floats) -> Floats:
    return np.divide(slow, opened, out=np.full(slow.size, np.nan), where=opened > 0)


def _side_by_side(
    by: Watch, age: Floats, z: Floats, noise: Floats, fresh: npt.NDArray[np.bool_], offsets: Places
) -> Channels:
    """Both channels after each row of columns; for each child, what `Watch.run` gives of it alone."""
    if not age.size:
        none = np.zeros(0)
        return Channels(none, none, none, None)

    looked, looked_offsets, looked_age, looked_z = _medians(age, z, fresh, offsets, by.found.slow)
    # A fresh start between two looks is one at the second.
    starts = np.concatenate(([0], np.cumsum(fresh)))
    prior_look = np.concatenate(([0], looked[:-1]))
    looked_fresh = starts[looked + 1] > starts[prior_look + 1]
    looked_fresh[looked_offsets[:-1][np.diff(looked_offsets) > 0]] = False
    at_look, opened = np.zeros(looked.size), np.zeros(looked.size)
    by_slow, by_acute = cast("Any", by.slow), by.acute
    looks = _Looks.of(looked_age, looked_z, noise[looked], looked_fresh, looked_offsets, by, by.slow)
    for block in blocks(looked_offsets, _BLOCK):
        slow_state: Any = None
        many = block.starts.size
        for rank, m in block.ranks():
            slow_state = first_of(slow_state, m) if m < many else slow_state
            many = m
            rows = block.starts[:m] + rank
            slow_state, at_look[rows], opened[rows] = by_slow.look(MANY, slow_state, looks.at(rows))
    looks = _Looks.of(age, z, noise, fresh, offsets, by, by_acute)
    figures = np.empty((5 + by_acute.states, age.size))
    for block in blocks(offsets, _BLOCK):
        at: Any = by_acute.channel.begins
        many = block.starts.size
        for rank, m in block.ranks():
            at = first_of(at, m) if m < many else at
            many = m
            rows = block.starts[:m] + rank
            seen = by_acute.channel.look(MANY, at, looks.at(rows))
            at = seen.at
            for figure, column in zip(
                (seen.x, seen.scale, seen.wrong, seen.healthy, seen.discount), figures, strict=False
            ):
                column[rows] = figure
            for figure, column in zip(seen.gain, figures[5:], strict=True):
                column[rows] = figure
    x, scale, wrong, healthy, discount = figures[:5]
    shown = Shown(age, looks.gap, looks.usual, x, scale, wrong, healthy, discount, figures[5:])
    acute, _ = by_acute.look(shown, offsets)
    last_look = np.searchsorted(looked, np.arange(age.size), side="right") - 1  # the first row of a child is looked at
    return Channels(at_look[last_look], acute, _fit(at_look, opened)[last_look], None)


class _Looks(NamedTuple):
    """What a channel looks at, one row a look."""

    age: Floats
    z: Floats
    gap: Floats
    short: Floats
    counted: Floats
    free: Floats
    usual: Floats
    restless: Floats

    @classmethod
    def of(
        cls,
        age: Floats,
        z: Floats,
        noise: Floats,
        fresh: npt.NDArray[np.bool_],
        offsets: Places,
        by: Watch,
        channel: SlowWatch | MonthlyWatch | AcuteWatch,
    ) -> _Looks:
        first = offsets[:-1][np.diff(offsets) > 0]
        gap = np.diff(age, prepend=0.0)
        gap[first] = np.inf
        counted = np.where(fresh | np.isinf(gap), 0.0, 1.0)
        usual, restless = (
            steps_along(own, age, noise, offsets, (own.transient_days, *by.error_days)) for own in channel.models
        )
        free = np.where(fresh, FREE_LEVEL_SD**2, 0.0)
        return cls(age, z, gap, channel.short_column(gap), counted, free, usual, restless)

    def at(self, rows: Places) -> Look:
        """The looks of some rows."""
        age, z, gap, short, counted, free = (column[rows] for column in self[:6])
        return Look(age, z, gap, short, counted, free, tuple(self.usual[:, rows]), tuple(self.restless[:, rows]))


def _medians(
    age: Floats, z: Floats, fresh: npt.NDArray[np.bool_], offsets: Places, slow: SlowChannel | MonthlyChannel
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


def _hypotheses(by: Watch, state: State) -> Hypotheses | None:
    """Where the evidence of one child lies."""
    if state.slow is None:
        return None
    onset, until, rate, weight = cast("Any", by.slow).hypotheses(state.slow)
    return Hypotheses(onset, rate, until, weight)


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
