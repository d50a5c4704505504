"""The model of healthy weight run along series: what each child's past lets expect, for many children at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import instance, one_number
from growthwatch.core.status import Status
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.model import Filter, WeightModel, steps_along, weight_model
from growthwatch.growth.series import Places, Series, blocks
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = [
    "Assumed",
    "Codes",
    "Flags",
    "assumed",
    "chosen_model",
    "covered",
    "given_status",
    "predictions",
    "row_status",
    "run_filter",
    "stretch_begins",
]

_BLOCK = 2048  # children at a time
_WIDEST_SD = 1000.0  # SD of z that is as good as infinite: beyond, figures of double precision cancel out

Codes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


class _Run(NamedTuple):
    """The filter run over a series: expectation and variance of each row, and states after rows that were kept."""

    expected: Floats
    variance: Floats
    mean: Floats
    covariance: Floats
    kept: Places
    states: int


class Assumed(NamedTuple):
    """What is assumed of the model: covariance, prior of the level, error of the reference."""

    model: WeightModel
    level_sd: float
    error: float
    error_days: float

    def filter(self, age: Floats) -> Filter:
        """Start the filter at an age."""
        return Filter(self.model, age, self.level_sd, self.error, self.error_days)


def chosen_model(model: Any) -> WeightModel:
    """Return the argument `model`: the packaged one for None."""
    return weight_model() if model is None else instance("model", model, WeightModel, "a WeightModel, or None")


def assumed(reference: Reference, model: WeightModel | None, level_sd: float, error: float | None) -> Assumed:
    """Put together what is assumed; an `error` of None is that of the reference's kind."""
    within = f"a number from 0 to {_WIDEST_SD:g} [SD of z]"
    level_sd = one_number("level_sd", level_sd, within, least=0.0, most=_WIDEST_SD)
    error = reference_error(reference) if error is None else error
    error = one_number("error", error, f"{within}, or None", least=0.0, most=_WIDEST_SD)
    return Assumed(chosen_model(model), level_sd, error, detector().reference_error.days)


def covered(age: Floats) -> Flags:
    """Ages of which the model of healthy growth speaks."""
    return (age >= 0.0) & (age <= detector().ages.until_days)


def run_filter(series: Series, how: Assumed, keep: Flags | None = None) -> _Run:
    """Run the filter over each stretch of a series; after rows in `keep`, keep the states."""
    inside = covered(series.age_days)
    rows = np.flatnonzero(inside)
    offsets = np.concatenate(([0], np.cumsum(inside)))[series.stretches].astype(np.intp)
    age, z, noise = series.age_days[rows], series.level[rows], series.noise[rows]
    n, states = rows.size, 5 if how.error > 0 else 4
    expected, variance = np.full(series.z.size, np.nan), np.full(series.z.size, np.nan)
    e, v = np.empty(n), np.empty(n)
    wanted = np.zeros(n, np.bool_) if keep is None else keep[rows]
    place = np.cumsum(wanted) - 1
    count = int(wanted.sum())
    mean, covariance = np.empty((states, count)), np.empty((states, states, count))
    fades = (how.model.transient_days, how.error_days)[: states - 3]
    step = steps_along(how.model, age, noise, offsets, fades)
    for block in blocks(offsets, _BLOCK):
        run = how.filter(age[block.starts])
        for rank, m in block.ranks():
            now = block.starts[:m] + rank
            e[now], v[now] = run.advance(step[:, now])
            run.update(z[now] - e[now])
            if count:
                chosen = np.flatnonzero(wanted[now])
                if chosen.size:
                    to = place[now[chosen]]
                    mean[:, to] = run.mean[:, chosen]
                    covariance[:, :, to] = run.covariance[:, :, chosen]
    expected[rows], variance[rows] = e, v
    kept = np.full(series.z.size, -1, np.intp)
    kept[rows[wanted]] = place[wanted]
    return _Run(expected, variance, mean, covariance, kept, states)


def predictions(series: Series, row: Places, age_days: Floats, noise: Floats, how: Assumed) -> tuple[Floats, Floats]:
    """Expectation and variance of z at later ages, given each child's weighings up to a row.

    Parameters
    ----------
    series
        The histories.
    row
        Last row that is known, one a target; -1 for none.
    age_days, noise
        Of the targets [days], [SD of z].

    Returns
    -------
    expected, variance
        On the level of ``series.level``; NaN without a row, or outside the ages of the model.
    """
    expected, variance = np.full(row.shape, np.nan), np.full(row.shape, np.nan)
    has = (row >= 0) & covered(age_days) & np.isfinite(noise)
    has[has] = covered(series.age_days[row[has]]) & (series.age_days[row[has]] <= age_days[has])
    at = np.flatnonzero(has)
    if at.size:
        keep = np.zeros(series.z.size, np.bool_)
        keep[row[at]] = True
        run = run_filter(series, how, keep)
        for start in range(0, at.size, _BLOCK):
            part = at[start : start + _BLOCK]
            known = run.kept[row[part]]
            ahead = how.filter(series.age_days[row[part]])
            ahead.mean, ahead.covariance = run.mean[:, known], run.covariance[:, :, known]
            expected[part], variance[part] = ahead.predict(age_days[part], noise[part])
    return expected, variance


def row_status(series: Series) -> Codes:
    """Status of each row by its age alone, as far as the model speaks."""
    out = np.zeros(series.z.size, np.uint8)
    out[series.age_days < 0] = Status.AGE_BELOW_REFERENCE
    out[series.age_days > detector().ages.until_days] = Status.AGE_ABOVE_REFERENCE
    return out


def given_status(series: Series, rows: Codes) -> Codes:
    """Spread status of rows over the weighings given; a row without a number says why, else why it was flagged."""
    out = series.status_code.copy()
    has = series.row >= 0
    of_row = rows[series.row[has]]
    out[has] = np.where(of_row > 0, of_row, out[has])
    return out


def stretch_begins(series: Series) -> Flags:
    """Rows that are the first of their stretch that the model covers."""
    inside = covered(series.age_days)
    stretch = np.repeat(np.arange(series.stretches.size - 1), np.diff(series.stretches))
    out = np.zeros(inside.size, np.bool_)
    rows = np.flatnonzero(inside)
    out[rows[np.unique(stretch[rows], return_index=True)[1]]] = True
    return out
