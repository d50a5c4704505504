"""How far the latest weight is below what the child's best sustained position let expect: to sort a caseload by.

For each earlier weighing j, at least some weeks before the latest n, the weighings up to j say what
the latest was to be expected at, and how surely::

    c_j = (z_n - E[z_n | z_1 .. z_j]) / SD[z_n | z_1 .. z_j]

The least of them is the *conditional z since the best sustained position*: the time from which on
this child has most clearly done less than the weights before let expect.  One high weight is no
such position: expectation trusts no single weight so far.

It is a rank, and no alarm: it is the least of many, so that no threshold holds for every schedule,
and it has no bound.  By the model, of healthy children on one day 5 % are below about -2, 1 % below
about -3, the more of them the more often they were weighed.

The level of a child counts in it: a child far below the middle of its reference is expected to come
nearer.  Where children of a condition are judged on the general standard that is wrong, and the
form to take is the level-free one, in which only changes count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import flags, instance
from growthwatch.core.status import Status, status_words
from growthwatch.core.units import DAYS_PER_YEAR
from growthwatch.core.words import age_words, days_words
from growthwatch.growth.detector import detector
from growthwatch.growth.figures import SinceBestSettings, gain_settings
from growthwatch.growth.model import FREE_LEVEL_SD, WeightModel
from growthwatch.growth.past import Codes, Flags, assumed, chosen_model, covered, predictions
from growthwatch.growth.series import Places, Series, given_series
from growthwatch.references import ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["SinceBest", "beside_a_rule", "since_best", "since_best_of_one", "since_best_words"]


@dataclass(frozen=True)
class SinceBest:
    """Conditional z since the best sustained position, one row a child.

    Attributes
    ----------
    z
        Of the latest weighing, given the weighings up to that position [SD]: the least over all of them.
    since_days, age_days
        Age at that weighing, and at the latest [chronological days].
    row
        Its row in the series; -1 where there is none.
    expected, sd
        What z of the latest was to be expected, on the level of the series, and the SD of that.
    status_code
        Why there is a figure, or none: ``no_previous`` where no weighing is long enough before.
    level_free
        Whether only changes count.
    reference, model_hash
        What made them.
    """

    z: Floats
    since_days: Floats
    age_days: Floats
    row: Places
    expected: Floats
    sd: Floats
    status_code: Codes
    level_free: Flags
    reference: ReferenceLabel
    model_hash: str

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)

    def explain(self, child: int = 0, whose: str = "the") -> str:
        """Say it in words, for one child; empty where there is no figure.

        Parameters
        ----------
        child
            Its number, from 0.
        whose
            Whose weight: ``the``, ``his`` or ``her``.
        """
        return since_best_words(float(self.z[child]), float(self.since_days[child]), whose)


def beside_a_rule(z: float, since_days: float, sex: str | None) -> str:
    """The same beside a rule that is met, of a boy, a girl or a child; empty where it would only reassure."""
    if not z <= gain_settings().since_best.told_below:
        return ""
    return since_best_words(z, since_days, {"male": "his", "female": "her"}.get(sex or "", "the"))


def since_best_words(z: float, since_days: float, whose: str = "the") -> str:
    """Say how far a weight is from what the weights up to an age let expect; empty where that is not known."""
    if not np.isfinite(z):
        return ""
    # Earlier weights are the child's own, however the latest one is spoken of
    own = "its" if whose == "the" else whose
    way = f"{abs(z):.1f} SD {'below' if z < 0 else 'above'}"
    since = days_words(round(since_days)) if since_days < DAYS_PER_YEAR else age_words(since_days)
    return f"Since {since} of age {whose} weight is {way} what {own} earlier weights let expect."


def since_best(
    series: Series,
    *,
    level_free: Any = False,
    error: float | None = None,
    model: WeightModel | None = None,
) -> SinceBest:
    """Conditional z since the best sustained position, for any number of children: see the module.

    Parameters
    ----------
    series
        From `weight_series`.  The latest weighing of each child is judged.
    level_free
        Whether only changes count: for all, or one a child.  For a child with a condition who is judged
        on the general standard.
    error
        SD of the reference's own error [SD of z]; None: that of its kind.
    model
        Another covariance than the packaged one.

    Raises
    ------
    GrowthwatchError
        For a wrong argument.

    Notes
    -----
    Weighings before 14 days do not count, for the model has no newborn loss; of several close
    together the first counts as a position.  A position must lie `gain_settings().since_best.least_gap_days`
    before the latest weighing, and have a table in common with it.
    """
    series = given_series(series)
    children = series.offsets.size - 1
    free = flags("level_free", level_free, children)
    if model is not None:
        instance("model", model, WeightModel, "a WeightModel, or None")
    settings = gain_settings().since_best
    counts = np.diff(series.offsets)
    last = np.where(counts > 0, series.offsets[1:] - 1, -1).astype(np.intp)
    kept = _positions(series, settings)
    thin, of = series.only(kept), np.flatnonzero(kept).astype(np.intp)
    owner, size = thin.owner, thin.z.size
    target = (thin.offsets[1:] - 1)[owner]
    stretch = np.repeat(np.arange(thin.stretches.size - 1), np.diff(thin.stretches))
    usable = (np.arange(size) != target) & (stretch == stretch[target]) & (of[target] == last[owner])
    usable &= thin.age_days[target] - thin.age_days >= settings.least_gap_days - 1e-6
    rows = np.flatnonzero(usable)
    expected, sd, z = (np.full(size, np.nan) for _ in range(3))
    for own in (False, True):
        at = rows[free[owner[rows]] == own]
        if at.size:
            how = assumed(series.on, model, FREE_LEVEL_SD if own else 1.0, error)
            end = target[at]
            e, v = predictions(thin, at.astype(np.intp), thin.age_days[end], thin.noise[end], how)
            expected[at], sd[at] = e, np.sqrt(v)
            z[at] = (thin.level[end] - e) / sd[at]
    least, place = _least(z, thin.offsets)
    found = place >= 0

    def picked(column: Floats) -> Floats:
        out = np.full(children, np.nan)
        out[found] = column[place[found]]
        return out

    row = np.full(children, -1, np.intp)
    row[found] = of[place[found]]
    status = np.full(children, np.uint8(Status.NO_PREVIOUS))
    has = last >= 0
    beyond = has.copy()
    beyond[has] = ~covered(series.age_days[last[has]])
    status[beyond] = Status.AGE_ABOVE_REFERENCE
    status[found] = Status.OK
    ages = np.full(children, np.nan)
    ages[has] = series.chronological_days[last[has]]
    return SinceBest(
        least,
        picked(series.chronological_days[of]),
        ages,
        row,
        picked(expected),
        picked(sd),
        status,
        free,
        series.reference,
        assumed(series.on, model, 1.0, 0.0).model.hash,
    )


def _positions(series: Series, settings: SinceBestSettings) -> Flags:
    """Which rows count: from two weeks on the first of each child in each span of days, and the latest."""
    rows = np.flatnonzero((series.age_days >= detector().ages.from_days) & covered(series.age_days))
    counts = np.zeros(series.z.size, np.bool_)
    if not rows.size:
        return counts
    owner = series.owner[rows]
    new, ends = settings.new_position(series.age_days[rows]), np.ones(rows.size, np.bool_)
    ends[:-1] = owner[1:] != owner[:-1]
    new[1:] |= ends[:-1]
    counts[rows[new | ends]] = True
    return counts


def since_best_of_one(
    age_days: Floats,
    z: Floats,
    noise: Floats,
    *,
    level_free: bool = False,
    error: float = 0.0,
    model: WeightModel | None = None,
) -> tuple[float, int]:
    """The same figure of one child, by the dense Gaussian process: what `since_best` gives, in a tenth of the time.

    Parameters
    ----------
    age_days, z, noise
        Its weighings on common ground, in order: age by which growth is followed [days], z on its level [SD], SD of
        one weighing [SD of z].  The last is judged.
    level_free, error, model
        As for `since_best`.

    Returns
    -------
    z, place
        The conditional z [SD], and the place of the weighing since which; NaN and -1 where there is none.
    """
    settings, ages = gain_settings().since_best, detector().ages
    inside = np.flatnonzero((age_days >= ages.from_days) & (age_days <= ages.until_days))
    if inside.size < 2 or inside[-1] != age_days.size - 1:
        return float("nan"), -1
    kept = settings.new_position(age_days[inside])
    kept[-1] = True
    rows = inside[kept]
    age, level, sd = age_days[rows], z[rows], noise[rows]
    how = chosen_model(model)
    covariance = how.covariance(age, sd, error, detector().reference_error.days)
    if level_free:
        covariance += how.permanent * (FREE_LEVEL_SD**2 - 1.0)
    root = np.linalg.cholesky(covariance)
    new = np.linalg.solve(root, level)
    told = root[-1, :-1]
    expected, known = np.cumsum(told * new[:-1]), np.cumsum(told * told)
    score = (level[-1] - expected) / np.sqrt(covariance[-1, -1] - known)
    score[age[-1] - age[:-1] < settings.least_gap_days - 1e-6] = np.inf
    place = int(np.argmin(score))
    return (float(score[place]), int(rows[place])) if np.isfinite(score[place]) else (float("nan"), -1)


def _least(z: Floats, offsets: Places) -> tuple[Floats, Places]:
    """Least figure of each child, and the first row that has it; NaN and -1 where there is none."""
    children = offsets.size - 1
    least, place = np.full(children, np.nan), np.full(children, -1, np.intp)
    full = np.flatnonzero(np.diff(offsets) > 0)
    if full.size:
        known = np.where(np.isnan(z), np.inf, z)
        lowest = np.minimum.reduceat(known, offsets[:-1][full])
        owner = np.repeat(np.arange(children), np.diff(offsets))
        least[full] = np.where(np.isinf(lowest), np.nan, lowest)
        hits = np.flatnonzero(z == least[owner])[::-1]
        place[owner[hits]] = hits
    return least, place
