"""Weights to come: what a child's past lets expect, and what the next weight would have to be.

A forecast is the model's, by the Kalman filter on the child's weighings so far, turned into
kilograms on the reference.  `next_weight` answers "what must it weigh next time to clear, hold or
worsen this finding?", for any finding that can be asked of a series.

Bands are the model's.  Of the next weights of real children, not certified healthy, the 90 % band of an earlier
version held 87 to 89 %, and from 12 months of age, 3 to 6 months ahead, 82 to 85 % (``docs/evidence-method.md``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from growthwatch.core.columns import as_array, broadcast_shape, numeric, one_number, one_of
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import FEMALE, MALE
from growthwatch.core.status import Status, status_words
from growthwatch.growth.carry import level_of, weight_ahead
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.evidence import running_evidence
from growthwatch.growth.figures import gain_settings, quantile_of
from growthwatch.growth.gain import conditional_gain, innovations, least_days
from growthwatch.growth.model import WeightModel, noise_sd
from growthwatch.growth.past import Codes, Flags, assumed, predictions
from growthwatch.growth.series import Places, Series, followed_age, given_series, weight_series
from growthwatch.references import ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = [
    "Forecast",
    "NextWeight",
    "Test",
    "evidence_below",
    "fall_below",
    "forecast",
    "gain_at_least",
    "innovation_at_least",
    "next_weight",
    "z_at_least",
]

_CODING = {MALE: "male", FEMALE: "female"}
_MOST_KG = 1000.0  # nobody is weighed beyond


@dataclass(frozen=True)
class Forecast:
    """What each child's weighings let expect at an age, one row a target.

    Attributes
    ----------
    weight_kg
        Expected (median) weight [kg].
    band_kg
        Weights at the centiles asked for [kg], one row a centile [centile, target].
    published_z
        Z of the expected weight, as the reference publishes it at that age [SD]: the one to read out,
        and to set beside any other z.
    expected_z, sd_z
        Of z *carried across changes of table*, on the level of the child's series, weighing noise
        included [SD].  Not the z that the reference publishes at that age, wherever its table changes
        on the way (UK-WHO at 2 weeks and at 4 years), or correction for gestation ends: for reckoning
        with other carried z (`Series.level`), and never to be read out; see `carried_z`.
    centiles
        Of the band.
    given_z, given_centile
        Where a weight was given: how far it is from the expected [SD], and how many in a hundred
        healthy children with such a past weigh less.
    row
        Row of the series that is the last before each target; -1 for none.
    status_code
        Why there is a forecast, or none.
    """

    weight_kg: Floats
    band_kg: Floats
    expected_z: Floats
    sd_z: Floats
    centiles: tuple[float, ...]
    given_z: Floats
    given_centile: Floats
    row: Places
    status_code: Codes
    reference: ReferenceLabel
    model_hash: str
    published_z: Floats

    @property
    def carried_z(self) -> Floats:
        """`expected_z` by a name that says what it is: z carried across changes of table [SD]."""
        return self.expected_z

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)


def forecast(
    series: Series,
    age_days: Any,
    *,
    child: Any = None,
    weight_kg: Any = None,
    centiles: Sequence[float] | None = None,
    level_sd: float = 1.0,
    error: float | None = None,
    model: WeightModel | None = None,
) -> Forecast:
    """Expected weight and band at ages to come, and how odd a given weight would be.

    Only weighings on earlier days than a target count, so that the forecast of a weighing that is
    in the series is what it would have been before.

    Parameters
    ----------
    series
        The weighings so far.
    age_days
        Chronological age of each target [days]; a number or a column.
    child
        Number of the child of each target (place of its offset in the series); None if there is
        one child, or one target for each.
    weight_kg
        A weight at each target, to be compared [kg].
    centiles
        Of the band; None: 5 and 95.
    level_sd, error, model
        As for `innovations`.

    Raises
    ------
    GrowthwatchError
        For columns of unequal length, or a number that is of no child; for any other wrong argument.
    """
    series = given_series(series)
    how = assumed(series.on, model, level_sd, error)
    band = tuple(gain_settings().forecast.centiles)
    if centiles is not None:
        column = as_array("centiles", centiles)
        if column.ndim != 1:
            raise GrowthwatchError.of("centiles", centiles, "a list of centiles between 0 and 100")
        band = tuple(column.tolist())
    quantiles = [quantile_of("centiles", c) for c in band]
    children = series.offsets.size - 1
    age, weight = numeric("age_days", age_days), numeric("weight_kg", weight_kg)
    who = None if child is None else numeric("child", child)
    shape = broadcast_shape(age_days=age, weight_kg=weight, child=who) or (1,)
    if who is None:
        if children > 1 and shape == (1,):
            shape = (children,)
        if children != 1 and shape != (children,):
            raise GrowthwatchError.of("child", None, f"the number of the child of each of {shape} targets")
        who = np.zeros(1, np.intp) if children == 1 else np.arange(children)
    if len(shape) != 1:
        raise GrowthwatchError.of("age_days", shape, "a number or a one-dimensional column")
    age, weight, who = (np.broadcast_to(c, shape) for c in (age, weight, who))
    if who.size and not bool(((who >= 0) & (who < children) & (who == np.rint(who))).all()):
        raise GrowthwatchError.of("child", child, f"numbers of children, 0 to {children - 1}")
    who, age, weight = who.astype(np.intp), age.astype(np.float64), weight.astype(np.float64)
    first = series.offsets[who]
    has_any = first < series.offsets[who + 1]
    known = np.where(has_any, first, 0)
    sex = (
        np.where(has_any, series.sex[known], np.uint8(2)).astype(np.uint8)
        if series.z.size
        else np.full(shape, 2, np.uint8)
    )
    gestation = None
    if series.gestation_days is not None:
        gestation = np.where(has_any, series.gestation_days[known], np.nan) if series.z.size else np.full(shape, np.nan)
    followed = followed_age(series.on, age, gestation)
    row = series.latest(who, np.ceil(np.floor(followed) - 1e-6) - 1e-6)  # the days before
    noise = noise_sd(series.on, sex, np.maximum(followed, 0.0))
    expected, variance = predictions(series, row, followed, noise, how)
    status = np.zeros(shape, np.uint8)
    status[np.isnan(expected)] = Status.AGE_ABOVE_REFERENCE
    status[followed < 0] = Status.AGE_BELOW_REFERENCE
    status[row < 0] = Status.NO_PREVIOUS
    torn = series.torn[who]
    status[torn > 0] = torn[torn > 0]
    status[np.isnan(age)] = Status.MISSING_AGE
    sd = np.sqrt(variance)
    kg = weight_ahead(series, row, expected, age)
    bands = [weight_ahead(series, row, expected + q * sd, age) for q in quantiles]
    status[(status == 0) & np.isnan(kg)] = Status.NO_COMMON_TABLE
    given = np.full(shape, np.nan)
    if weight_kg is not None:
        given = (level_of(series, row, weight, age) - expected) / sd
    published = np.full(shape, np.nan)
    at = np.flatnonzero(np.isfinite(kg))
    if at.size:
        published[at] = series.on.z(
            kg[at],
            age_days=age[at],
            sex=sex[at].astype(np.int64),
            gestation_days=None if gestation is None else gestation[at],
            sex_coding=_CODING,
        )
    return Forecast(
        kg,
        np.array(bands).reshape(len(band), *shape),
        expected,
        sd,
        band,
        given,
        np.asarray(ndtr(given)) * 100.0,
        row,
        status,
        series.reference,
        how.model.hash,
        published,
    )


# --- what would the next weight have to be ----------------------------------------------------

Test = Callable[[Series], Flags]
"""Whether a finding is clear, one answer a child, each judged on its last weighing."""


@dataclass(frozen=True)
class NextWeight:
    """The least next weight with which a test is met.

    Attributes
    ----------
    weight_kg
        That weight, in steps of 10 g [kg]; NaN where there is none.
    holds
        ``from``: with this weight and above (as far as was tried); ``always``: with every weight
        tried; ``never``: with none.
    age_days
        Chronological age at the next weighing [days].
    tried_kg
        Least and greatest weight tried [kg].
    """

    weight_kg: float
    holds: Literal["from", "always", "never"]
    age_days: float
    tried_kg: tuple[float, float]


def _candidates(series: Series, age_days: float, weights: Floats) -> Series:
    """Return one child a weight: the history before a day, and that weight on it."""
    row = int(series.latest(np.zeros(1, np.intp), np.array([np.inf]))[0]) + 1
    before = np.flatnonzero(np.floor(series.chronological_days[:row]) < np.floor(age_days))
    n, each = weights.size, before.size + 1
    kg = np.empty((n, each))
    kg[:, :-1], kg[:, -1] = series.weight_kg[before], weights
    age = np.append(series.chronological_days[before], age_days)
    gestation = None
    if series.gestation_days is not None:
        gestation = np.full(kg.size, series.gestation_days[0])
    return weight_series(
        series.on,
        kg.ravel(),
        np.tile(age, n),
        np.full(kg.size, int(series.sex[0])),
        gestation,
        np.repeat(np.arange(n), each),
        _CODING,
    )


def next_weight(
    series: Series, age_days: float, test: Test, *, within_kg: tuple[float, float] | None = None
) -> NextWeight:
    """Least weight at the next weighing with which a test is met.

    Candidate weights are tried side by side, as so many children with the same past, first in
    coarse steps and then between the two neighbours in steps of 10 g.  Of several runs of weights
    that meet the test, the one that holds the expected weight counts, or else the next above it:
    a wildly low weight that is taken for a slip meets no test.

    Parameters
    ----------
    series
        The weighings of one child; those on earlier days count.
    age_days
        Chronological age at the next weighing [days].
    test
        From `gain_at_least`, `innovation_at_least`, `z_at_least`, `fall_below`, `evidence_below`,
        or any function from a `Series` of candidates to one answer a child.
    within_kg
        Least and greatest weight to try; None: 8 SD of the forecast around what is expected.

    Raises
    ------
    GrowthwatchError
        For a series of more children than one, or of none; for an age at which there is no forecast;
        for any other wrong argument.
    """
    series = given_series(series)
    age_days = one_number("age_days", age_days, "an age in days, from 0 on", least=0.0)
    if not callable(test):
        raise GrowthwatchError.of("test", test, "a function from a Series to one answer a child")
    if series.offsets.size != 2 or not series.z.size:
        raise GrowthwatchError.of("series", series.offsets.size - 1, "the weighings of one child")
    settings = gain_settings().next_weight
    ahead = forecast(series, age_days, level_sd=1.0)
    expected = float(ahead.weight_kg[0])
    if within_kg is None:
        if not np.isfinite(expected):
            raise GrowthwatchError.of("age_days", age_days, f"an age with a forecast ({ahead.status[0]})")
        reach = settings.reach_sd * float(ahead.sd_z[0])
        ends = weight_ahead(
            series,
            np.repeat(ahead.row, 2),
            ahead.expected_z[0] + np.array([-reach, reach]),
            np.full(2, float(age_days)),
        )
        # Where the distribution ends before, as far as makes sense
        low = float(ends[0]) if np.isfinite(ends[0]) else expected / 2.0
        high = float(ends[1]) if np.isfinite(ends[1]) else expected * 2.0
    else:
        pair = as_array("within_kg", within_kg)
        if pair.shape != (2,):
            raise GrowthwatchError.of("within_kg", within_kg, "a least and a greatest weight")
        low, high = (
            one_number("within_kg", w, f"weights from 0 to {_MOST_KG:g} kg", least=0.0, most=_MOST_KG)
            for w in pair.tolist()
        )
    step = settings.step_kg
    first, last = int(np.ceil(low / step)), int(np.floor(high / step))
    if not 0 < first <= last:
        raise GrowthwatchError.of("within_kg", within_kg, "a least and a greatest weight, at least 10 g")

    def meets(steps: Places) -> Flags:
        made = as_array("test", test(_candidates(series, age_days, steps.astype(np.float64) * step)))
        if made.dtype.kind != "b":
            raise GrowthwatchError.of("test", made, "a function whose answers are true or false")
        if made.shape != steps.shape:
            raise GrowthwatchError.of("test", made.shape, f"a column of {steps.size} answers")
        return made

    grid = np.unique(np.linspace(first, last, 65).round().astype(np.intp))
    answer = meets(grid)
    tried = (first * step, last * step)
    if not answer.any():
        return NextWeight(float("nan"), "never", float(age_days), tried)
    middle = int(np.clip(np.searchsorted(grid, expected / step), 0, grid.size - 1)) if np.isfinite(expected) else 0
    if answer[middle]:
        gaps = np.flatnonzero(~answer[:middle])
        at = int(gaps[-1]) + 1 if gaps.size else 0
    else:
        above = np.flatnonzero(answer[middle:])
        if not above.size:
            return NextWeight(float("nan"), "never", float(age_days), tried)
        at = middle + int(above[0])
    if at == 0:
        every = bool(answer.all())
        return NextWeight(float(round(grid[0] * step, 6)), "always" if every else "from", float(age_days), tried)
    low_step, high_step = int(grid[at - 1]), int(grid[at])
    while high_step - low_step > 1:
        fine = np.unique(np.linspace(low_step + 1, high_step, 64).round().astype(np.intp))
        no = np.flatnonzero(~meets(fine))
        k = int(no[-1]) + 1 if no.size else 0
        low_step, high_step = (int(fine[k - 1]) if k else low_step), int(fine[min(k, fine.size - 1)])
    return NextWeight(round(high_step * step, 6), "from", float(age_days), tried)


def _lasts(series: Series) -> Places:
    return series.offsets[1:] - 1


def _of_lasts(series: Series, figures: Floats) -> Floats:
    """Figures, aligned with the weighings given, of each child's last weighing."""
    return figures[series.first_given[_lasts(series)]]


def gain_at_least(centile: float | None = None, least_gap_days: float | None = None) -> Test:
    """Test that the conditional gain is at least at a centile; None: the 5th."""
    quantile = quantile_of("centile", gain_settings().thrive.centile if centile is None else centile)
    least_days(least_gap_days)

    def test(series: Series) -> Flags:
        return _of_lasts(series, conditional_gain(series, least_gap_days=least_gap_days).z) >= quantile

    return test


def innovation_at_least(centile: float | None = None) -> Test:
    """Test that the gain given the whole history is at least at a centile; None: the 5th."""
    quantile = quantile_of("centile", gain_settings().thrive.centile if centile is None else centile)

    def test(series: Series) -> Flags:
        return _of_lasts(series, innovations(series).z) >= quantile

    return test


def z_at_least(z: float) -> Test:
    """Test that the published z is at least so much [SD]."""
    z = one_number("z", z)

    def test(series: Series) -> Flags:
        series = given_series(series)
        return series.published_z[_lasts(series)] >= z

    return test


def fall_below(fall_z: float, since: Literal["first", "best"] = "first") -> Test:
    """Test that z has fallen by less than so much [SD] since the first weighing, or the best on the same ground.

    Splice-aware; the NICE fall from birth, which subtracts published z, is the protocol's.
    """
    fall_z = one_number("fall_z", fall_z, "a fall from 0 SD on", least=0.0)
    one_of("since", since, ("first", "best"))

    def test(series: Series) -> Flags:
        series = given_series(series)
        rows, level = _lasts(series), series.level
        stretch = np.searchsorted(series.stretches, rows, side="right") - 1
        starts = series.stretches[stretch]
        highest = level[starts].copy()
        if since == "best":
            ends = np.stack((starts, rows + 1), axis=1).ravel()
            highest = np.maximum.reduceat(np.append(level, -np.inf), ends)[::2]
        return highest - level[rows] < fall_z

    return test


def evidence_below(ratio: float | None = None) -> Test:
    """Test that the running evidence of slowing is below a ratio; None: amber."""
    least = detector().thresholds.amber
    if ratio is not None:
        least = one_number("ratio", ratio, "a ratio from 0 on", least=0.0)

    def test(series: Series) -> Flags:
        series = given_series(series)
        return _of_lasts(series, running_evidence(series, reference_error(series.on)).ratio) < least

    return test
