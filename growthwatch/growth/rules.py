"""Forms and figures of the published growth rules, as packaged in ``data/growth-rules.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from growthwatch.core.closed import Closed, tuples
from growthwatch.core.units import DAYS_PER_MONTH

__all__ = [
    "TINY",
    "Alone",
    "BirthLine",
    "ClockBand",
    "Danger",
    "GrowthRule",
    "Kind",
    "Level",
    "NextLines",
    "PublishedRate",
    "Told",
    "alone",
    "next_lines",
    "packaged_dangers",
    "packaged_rules",
    "told",
]


TINY = 1e-9
"""Comparisons of z, and of per cent of weights, are meant as written: "equal" is within this."""
Kind = Literal[
    "fall_from_birth",
    "fall_from_best",
    "conditional_gain",
    "decline",
    "below_line",
    "newborn_loss",
    "regain",
    "loss_from_best",
    "no_net_gain",
]
Tag = Literal["N", "G", "L"]


class Level(Closed):
    """A level of a rule.

    Attributes
    ----------
    threshold
        None where it goes by the child: the spaces of a fall, the days of a clock.
    over
        Whether a value must be beyond the threshold, not only at it.
    falling_spaces, falling_within_days, falling_least_days
        And z must be more than so many centile spaces below the highest of the weights so many days
        before (if none of these is the least days before, the last one before them counts too), or below
        the weight from which on the rest of the level is met without a break; None: it need not.
    held_days
        And it must have been so at every weighing for so many days; 0: at this one.
    source, tag
        Where they are not the rule's.
    """

    name: str
    threshold: float | None = None
    over: bool = False
    falling_spaces: float | None = None
    falling_within_days: int = 0
    falling_least_days: int = 0
    held_days: float = 0.0
    source: str | None = None
    tag: Tag | None = None


class BirthLine(Closed):
    """Spaces that count as a fall, by the centile lines from the median between which a child was born."""

    below_lines: float | None = None
    up_to_lines: float | None = None
    spaces: float


class ClockBand(Closed):
    """Days without a gain, from an age on, in days or in calendar months [days], [months]."""

    from_days: float | None = None
    from_months: int | None = None
    amber_days: float
    red_days: float
    high_need_amber_days: float | None = None
    high_need_red_days: float | None = None

    @property
    def start_days(self) -> float:
        """Age from which it counts, where no birth date is known [days]."""
        return (self.from_months or 0) * DAYS_PER_MONTH if self.from_days is None else self.from_days


class PublishedRate(Closed):
    """A false-alarm rate from a publication, where none can be simulated.

    Attributes
    ----------
    rate
        Share of healthy children who met the rule.
    threshold
        At which threshold, in the rule's unit.
    from_age_days, by_age_days
        Counted on weights from this age on, and by which age [days].
    source, tag
        As of a rule.
    """

    rate: float
    threshold: float
    from_age_days: float
    by_age_days: float
    source: str
    tag: Tag


class GrowthRule(Closed):
    """A rule and its figures.

    Attributes
    ----------
    id, name
        Its key, and what people call it.
    unit
        What is measured.
    worse
        Whether higher or lower values are worse.
    source, tag
        Citation; N national, G guideline, L local.
    differs
        Where sources disagree, and what here is a local reading.
    levels
        From the mildest to the gravest.
    from_age_days, until_age_days
        Chronological ages at which it is judged [days].
    until_months
        Where that is not given: it is judged up to so many calendar months of age, that day not
        included [months].
    preterm_from_gestation_days
        And, born preterm, from which gestation on [days].
    term_birth_from_gestation_days
        From which gestation on a birth weight is read at 40 weeks, and not at its gestation; None: never [days].
    best_from_age_days, skip_until_age_days
        Age from which an earlier position or weight counts [days]; apart from birth itself,
        not before the second.
    every_day
        Whether a clock is read on every day up to the next weighing, not only when weighed.
    published_rates
        What publications found of healthy children, where none can be simulated.
    """

    id: str
    name: str
    kind: Kind
    unit: str
    worse: Literal["higher", "lower"] = "higher"
    source: str
    tag: Tag
    differs: str
    levels: tuple[Level, ...]
    from_age_days: float
    until_age_days: float | None = None
    until_months: int | None = None
    preterm_from_gestation_days: float = 0.0
    term_birth_from_gestation_days: float | None = None
    best_from_age_days: float = 0.0
    skip_until_age_days: float = 0.0
    sustained_days: float = 0.0
    least_gap_days: float = 0.0
    high_need_gain_percent: float = 0.0
    birth_lines: tuple[BirthLine, ...] = ()
    clock: tuple[ClockBand, ...] = ()
    every_day: bool = False
    published_rates: tuple[PublishedRate, ...] = ()

    @property
    def ends_days(self) -> float | None:
        """Age up to which it is judged, where no birth date is known [days]."""
        if self.until_age_days is not None or self.until_months is None:
            return self.until_age_days
        return self.until_months * DAYS_PER_MONTH

    @property
    def column(self) -> str:
        """Start of the names of its columns."""
        return self.id.replace("-", "_")


class Danger(Closed):
    """From which level on a rule is a danger in a trajectory, with its source and tag."""

    rule: str
    level: str
    source: str
    tag: Tag


class Told(Closed):
    """What a trajectory tells, and from when on.

    Attributes
    ----------
    old_after_days
        After how many days a latest weight is called old [days].
    fall_from_spaces
        From how far below the best sustained position on a fall is told [centile spaces].
    ways_differ_spaces
        From what difference on it is said why two ways to count a fall differ [centile spaces].
    ahead_days
        How far ahead the weight to be expected is told [days].
    reweigh_days
        When another weight would settle more: from and to [days].
    forecast_held
        How many of the next weights of real children lay in the band of a forecast, in words.
    usual_centile
        Gains between this centile and its mirror image are in the usual range.
    source, tag
        As of a rule.
    """

    old_after_days: int
    fall_from_spaces: float
    ways_differ_spaces: float
    ahead_days: int
    reweigh_days: tuple[int, int]
    forecast_held: str
    usual_centile: float
    source: str
    tag: Tag

    @property
    def reweigh(self) -> str:
        """When to weigh again, in words."""
        return f"{self.reweigh_days[0]} to {self.reweigh_days[1]} days"


class NextLines(Closed):
    """Lines [centile spaces from the median], by name, and the fall [centile spaces] that a next weight is held to."""

    lines: dict[str, int]
    fall_spaces: int
    source: str
    tag: Tag


class Alone(Closed):
    """When a best weight stands alone between its neighbours.

    Attributes
    ----------
    below_percent
        Both are at least so far below it [percent of it].
    apart_percent
        And within so much of each other [percent of the lower].
    within_days, else_below_z
        And both so near in time [days]; or, where one is not, so much z below it [SD].
    source, tag
        As of a rule.
    """

    below_percent: float
    apart_percent: float
    within_days: float
    else_below_z: float
    source: str
    tag: Tag


class _File(Closed):
    version: str
    review_by: Any
    rules: tuple[GrowthRule, ...]
    dangers: tuple[Danger, ...]
    told: Told
    next_weight: NextLines
    alone: Alone


@cache
def _file() -> _File:
    text = (files("growthwatch.growth") / "data" / "growth-rules.toml").read_text("utf-8")
    return _File.model_validate(tuples(tomllib.loads(text)))


def packaged_rules() -> tuple[GrowthRule, ...]:
    """Return the packaged rules, in their order."""
    return _file().rules


def packaged_dangers() -> tuple[Danger, ...]:
    """Return the packaged dangers, in the order in which they are said."""
    return _file().dangers


def told() -> Told:
    """Return what a trajectory tells, and from when on."""
    return _file().told


def alone() -> Alone:
    """Return when a best weight stands alone."""
    return _file().alone


def next_lines() -> NextLines:
    """Return what a next weight is held to."""
    return _file().next_weight
