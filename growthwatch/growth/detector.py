"""Figures of the detector of slowing growth, as packaged: what `growthwatch.growth.evidence` runs on.

There is a file for each version, ``data/evidence-<version>.toml``.  The latest is the one in use; the
earlier ones stay, so that what was judged by them can be read, and worked out again.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from growthwatch.core.canonical import content_hash
from growthwatch.core.closed import Closed, tuples
from growthwatch.core.columns import instance, one_number
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.model import WeightModel, packaged_version
from growthwatch.growth.series import chosen_reference
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = [
    "AcuteChannel",
    "Ages",
    "Detector",
    "Errors",
    "Harder",
    "HealthyAccount",
    "MonthlyChannel",
    "Prior",
    "ReferenceError",
    "Restless",
    "SlowChannel",
    "SlowErrors",
    "Thresholds",
    "detector",
    "packaged_versions",
    "reference_error",
]


class Thresholds(Closed):
    """From which ratio on evidence is amber, or red."""

    amber: float
    red: float
    high_need_amber: float


class Harder(Closed):
    """How many children of a harder simulation than the model's ever reach each level by an age [days]."""

    until_days: float
    high_need_amber: float
    amber: float
    red: float
    source: str


class Ages(Closed):
    """Ages between which weights are judged [days]."""

    from_days: float
    until_days: float


class Prior(Closed):
    """How the weight of the hypotheses is spread over the month in which slowing began."""

    months: int
    early_months: int
    late_weight: float

    def by_month(self) -> Floats:
        """Weight of each month of onset: 1 over the early months, then thinner."""
        out = np.full(self.months, self.late_weight / (self.months - self.early_months))
        out[: self.early_months] = 1.0 / self.early_months
        return out

    def opened(self, age_days: Floats) -> Floats:
        """Weight of all onsets up to an age [days]: 1 over the early months, then thinner."""
        early = self.early_months * DAYS_PER_MONTH
        late = (self.months - self.early_months) * DAYS_PER_MONTH
        after = np.clip(age_days - early, 0.0, late)
        return np.clip(age_days, 0.0, early) / early + self.late_weight * after / late


class Errors(Closed):
    """How far innovations may be wider than the model's, and weights wrong."""

    least: float
    prior: float
    prior_weights: float
    short_gap: float
    short_gap_days: float
    wrong: float
    wrong_sd: float
    confirmed_sd: float
    further_per_day: float

    def short(self, gap_days: Floats) -> Floats:
        """Ratio of variance to the model's after a gap, for the shortness of it alone."""
        return (1.0 + self.short_gap * np.maximum(0.0, 1.0 - gap_days / self.short_gap_days) ** 2) ** 2

    def own(self, squares: Floats, weights: Floats) -> Floats:
        """Ratio of variance to the model's, from the child's own innovations so far."""
        mean = (self.prior_weights * self.prior**2 + squares) / (self.prior_weights + weights)
        return np.maximum(mean, self.least**2)


class Restless(Closed):
    """The second account of healthy growth: what comes and goes is more, and may last longer.

    Share of the variance, days in which it fades; how many times better it has to fit a child so
    far before it counts, how many times better one weight may make it at most, and by how much at
    most it divides the ratio: what was restless long ago must not silence what is falling now.
    """

    transient: float
    transient_days: float
    ahead: float
    one_weight: float
    at_most: float

    def model(self, model: WeightModel) -> WeightModel:
        """The covariance with this in place of its own."""
        return replace(model, transient=self.transient, transient_days=self.transient_days)


class SlowErrors(Closed):
    """How often, and how far, weights are wrong, and when an odd one is believed."""

    wrong: float
    wrong_sd: float
    confirmed_sd: float
    further_per_day: float


class HealthyAccount(Closed):
    """One account of healthy growth in the slow channel.

    Share of the slowing that is looked for under it; credit of its likelihood as healthy growth; SD of
    innovations against the model's; what comes and goes, where that is not as the model has it.
    """

    share: float
    credit: float
    scale: float
    transient: float | None = None
    transient_days: float | None = None

    def model(self, model: WeightModel) -> WeightModel:
        """The covariance with this in place of its own."""
        own = {k: v for k in ("transient", "transient_days") if (v := getattr(self, k)) is not None}
        return replace(model, **own)


class SlowChannel(Closed):
    """Slowing over weeks and months, on medians: ramps in warped age, against two accounts of healthy growth."""

    share: float
    every_days: float
    window_days: float
    rates: tuple[tuple[float, float], ...]
    steps: tuple[tuple[float, float], ...]
    onsets: tuple[float, ...]
    errors: SlowErrors
    accounts: tuple[HealthyAccount, HealthyAccount]


class MonthlyChannel(Closed):
    """Slowing over weeks and months as version 1 of the figures has it: falls by the month, against one account."""

    share: float
    every_days: float
    window_days: float
    shapes: tuple[tuple[float, int, float], ...]
    errors: Errors
    restless: Restless


class AcuteChannel(Closed):
    """A fall within days, on every weight."""

    share: float
    alive_days: float
    over_days: float
    steps: tuple[tuple[float, float], ...]
    errors: Errors
    restless: Restless


class ReferenceError(Closed):
    """Error of a reference's own mean [SD of z], by kind."""

    days: float
    standard: float
    reference: float
    condition: float
    adjusted: float


class Detector(Closed):
    """The detector's figures, as packaged in ``data/evidence-<version>.toml``."""

    version: str
    source: str
    tag: str
    review_by: Any
    thresholds: Thresholds
    ages: Ages
    prior: Prior
    slow: SlowChannel | MonthlyChannel
    acute: AcuteChannel
    reference_error: ReferenceError
    harder: Harder | None = None

    @property
    def hash(self) -> str:
        """Content hash of the figures."""
        return _hash(self.model_dump_json(exclude_none=True))

    def bound(self, ratio: float, until_days: float = 730.5, *, restless: bool = False) -> float:
        """Greatest probability that a healthy child ever reaches a ratio by an age.

        Doob's inequality; conditional on the reference and the covariance (see `growthwatch.growth.evidence`).

        Parameters
        ----------
        ratio
            The evidence.
        until_days
            The age [days].
        restless
            Whether the child is one of the restless account, and not of the usual one.
        """
        ratio = one_number("ratio", ratio, "a number above 0", least=5e-324)
        until_days = one_number("until_days", until_days, "an age of 0 days or more", least=0.0)
        credit = 1.0
        if restless:
            if not isinstance(self.slow, SlowChannel):
                raise GrowthwatchError.of("restless", restless, "False: version 1 has no bound for such children")
            credit = min(a.credit for a in self.slow.accounts)
        months = int(min(until_days / DAYS_PER_MONTH, self.prior.months))
        return min(
            1.0, _opened(self.prior.months, self.prior.early_months, self.prior.late_weight, months) / (ratio * credit)
        )


@lru_cache(maxsize=256)
def _opened(months: int, early_months: int, late_weight: float, until: int) -> float:
    """Prior weight of the first months of onset."""
    prior = Prior(months=months, early_months=early_months, late_weight=late_weight)
    return float(prior.by_month()[:until].sum())


@lru_cache(maxsize=8)
def _hash(figures: str) -> str:
    return content_hash(json.loads(figures))


_VERSIONS = ("1", "2")
"""Of the packaged figures; the last is in use."""


@cache
def _packaged(version: str) -> Detector:
    text = (files("growthwatch.growth") / "data" / f"evidence-{version}.toml").read_text("utf-8")
    return Detector.model_validate(tuples(tomllib.loads(text)))


def packaged_versions() -> tuple[str, ...]:
    """Versions of the packaged figures, oldest first; the last is the one that is taken where none is named."""
    return _VERSIONS


def detector(version: str | None = None) -> Detector:
    """Return the packaged detector.

    Parameters
    ----------
    version
        A version of its figures, or their content hash as an answer names it; None: the latest.

    Raises
    ------
    GrowthwatchError
        For a version or hash that is not packaged.
    """
    if version is None:
        return _packaged(_VERSIONS[-1])
    return _packaged(packaged_version("version", version, _VERSIONS, lambda v: _packaged(v).hash))


def reference_error(reference: Reference, found: Detector | None = None) -> float:
    """SD of the error of a reference's own mean [SD of z], by its kind and its adjustments."""
    found = detector() if found is None else instance("found", found, Detector, "a Detector, or None")
    table, reference = found.reference_error, chosen_reference("reference", reference)
    info = reference.base.info
    sd = table.condition if info.condition else table.standard if info.kind == "standard" else table.reference
    return float(np.sqrt(sd**2 + len(reference.links) * table.adjusted**2))
