"""Figures of the detector of slowing growth, as packaged: what `growthwatch.growth.evidence` runs on."""

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
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.model import WeightModel
from growthwatch.growth.series import chosen_reference
from growthwatch.references import Reference
from growthwatch.references.distributions import Floats

__all__ = [
    "AcuteChannel",
    "Ages",
    "Detector",
    "Errors",
    "Prior",
    "ReferenceError",
    "Restless",
    "SlowChannel",
    "Thresholds",
    "detector",
    "reference_error",
]


class Thresholds(Closed):
    """From which ratio on evidence is amber, or red."""

    amber: float
    red: float
    high_need_amber: float


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


class SlowChannel(Closed):
    """Slowing over weeks and months, on medians."""

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
    """The detector's figures, as packaged in ``data/evidence.toml``."""

    version: str
    source: str
    tag: str
    review_by: Any
    thresholds: Thresholds
    ages: Ages
    prior: Prior
    slow: SlowChannel
    acute: AcuteChannel
    reference_error: ReferenceError

    @property
    def hash(self) -> str:
        """Content hash of the figures."""
        return _hash(self.model_dump_json())

    def bound(self, ratio: float, until_days: float = 730.5) -> float:
        """Greatest probability that a healthy child ever reaches a ratio by an age.

        Doob's inequality; conditional on the reference and the covariance (see the module).
        """
        ratio = one_number("ratio", ratio, "a number above 0", least=5e-324)
        until_days = one_number("until_days", until_days, "an age of 0 days or more", least=0.0)
        opened = int(np.floor(until_days / DAYS_PER_MONTH))
        return min(1.0, float(self.prior.by_month()[:opened].sum()) / ratio)


@lru_cache(maxsize=8)
def _hash(figures: str) -> str:
    return content_hash(json.loads(figures))


@cache
def detector() -> Detector:
    """Return the packaged detector."""
    text = (files("growthwatch.growth") / "data" / "evidence.toml").read_text("utf-8")
    return Detector.model_validate(tuples(tomllib.loads(text)))


def reference_error(reference: Reference, found: Detector | None = None) -> float:
    """SD of the error of a reference's own mean [SD of z], by its kind and its adjustments."""
    found = detector() if found is None else instance("found", found, Detector, "a Detector, or None")
    table, reference = found.reference_error, chosen_reference("reference", reference)
    info = reference.base.info
    sd = table.condition if info.condition else table.standard if info.kind == "standard" else table.reference
    return float(np.sqrt(sd**2 + len(reference.links) * table.adjusted**2))
