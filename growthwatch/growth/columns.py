"""Trajectories as columns: all that weights say over time, for one child or for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from growthwatch.core.columns import (
    flags,
)
from growthwatch.core.frames import make_frame
from growthwatch.core.sex import SexCoding
from growthwatch.core.status import Status, status_words
from growthwatch.growth.detector import reference_error
from growthwatch.growth.evidence import Evidence, running_evidence
from growthwatch.growth.faltering import Faltering, faltering, latest_rows
from growthwatch.growth.gain import (
    ConditionalGain,
    Innovations,
    SinceBest,
    Velocity,
    conditional_gain,
    innovations,
    since_best,
    velocity,
)
from growthwatch.growth.published import GrowthRules, chosen_rules, judge_rules
from growthwatch.growth.quality import EntryError, Suspicions, read_columns, suspected_in
from growthwatch.growth.rules import GrowthRule
from growthwatch.growth.series import Series, child_ids, child_numbers, chosen_reference, is_torn, read_weights
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["TrajectoryColumns", "trajectories"]

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class TrajectoryColumns:
    """What weights say over time on one reference, one row a weighing, in the order given.

    Attributes
    ----------
    weight_kg, age_days
        As given [kg], [chronological days].
    counts
        Whether a weight enters trends; those that do not are scored and questioned, and no more.
    z, centile, status_code
        Published z and centile, and why there is one or none.
    used_age_days
        Age on the reference's axis [days].
    change
        Change of z since the weighing before, carried across changes of table [SD].
    gain
        Conditional gain since a weighing at least four weeks earlier, by the model and by Cole.
    innovation
        Gain given the whole past.
    velocity
        Gain by the day, and the WHO velocity.
    evidence
        Running evidence of slowing.
    rules
        The growth rules in use today.
    suspicions
        Suspected entry errors.
    series
        The weights that count, as ragged columns.
    reference
        Id and hash of the reference.
    numbers
        Number of the child of each row, from 0, in the order of the sorted ids.
    high_need, level_free
        Whether the child of each row has high need; whether only changes count in `since_best`.
    child
        Id of the child of each row, as it was given; its number, from 0, where offsets were given;
        None where no `child` was given.
    """

    weight_kg: Floats
    age_days: Floats
    counts: Flags
    z: Floats
    centile: Floats
    status_code: npt.NDArray[np.uint8]
    used_age_days: Floats
    change: Floats
    gain: ConditionalGain
    innovation: Innovations
    velocity: Velocity
    evidence: Evidence
    rules: GrowthRules
    suspicions: Suspicions
    series: Series
    reference: ReferenceLabel
    numbers: Places
    high_need: Flags
    level_free: Flags
    child: npt.NDArray[Any] | None = None

    @cached_property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)

    @property
    def doubted(self) -> Flags:
        """Weights that count by the record, and are suspected of being entry errors."""
        # A repeat of the last weight may be one of a child that does not grow: it is asked about, and counts.
        return self.counts & self.suspicions.suspect & (self.suspicions.code != EntryError.CARRIED_FORWARD)

    @cached_property
    def faltering(self) -> Faltering:
        """Whether the weights up to each weighing ask for something, with the gravest reason, or why none can tell."""
        return faltering(
            self.evidence,
            status_code=self.status_code,
            age_days=self.age_days,
            high_need=self.high_need,
            numbers=self.numbers,
            rules=self.rules,
            counts=self.counts,
            doubted=self.doubted,
        )

    @cached_property
    def latest(self) -> Flags:
        """The latest weighing of each child, whether it can be judged or not: one row a child."""
        return latest_rows(self.age_days, self.numbers)

    def since_best(self, level_free: Any = None) -> SinceBest:
        """Conditional z since the best sustained position, one row a child: `growthwatch.growth.gain.since_best`.

        Parameters
        ----------
        level_free
            Whether only changes count, for all or one a child: for a child with a condition on the general standard.
            None: as it was said for the trajectories.
        """
        if level_free is None:
            level_free = _of_children(self.level_free, self.numbers, self.series.offsets.size - 1)
        return since_best(self.series, level_free=level_free)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return every figure as a plain column, by name, in the order of the weighings."""
        out: dict[str, npt.NDArray[Any]] = {
            "weight_kg": self.weight_kg,
            "age_days": self.age_days,
            "counts": self.counts,
            "z": self.z,
            "centile": self.centile,
            "status": self.status,
            "faltering": self.faltering.text,
            "latest": self.latest,
            "used_age_days": self.used_age_days,
            "z_change": self.change,
            "conditional_gain_z": self.gain.z,
            "conditional_gain_cole_z": self.gain.cole_z,
            "conditional_gain_days": self.gain.gap_days,
            "innovation_z": self.innovation.z,
            "g_per_day": self.velocity.g_per_day,
            "g_per_kg_day": self.velocity.g_per_kg_day,
            "who_velocity_z": self.velocity.who_z,
            "who_velocity_interval": self.velocity.who_interval,
            "evidence": self.evidence.ratio,
            "evidence_slow": self.evidence.slow,
            "evidence_acute": self.evidence.acute,
            "evidence_fit": self.evidence.fit,
            "suspected": self.suspicions.word,
            "suspected_probability": self.suspicions.probability,
            "expected_kg": self.suspicions.expected_kg,
            "expected_low_kg": self.suspicions.low_kg,
            "expected_high_kg": self.suspicions.high_kg,
        }
        return out | self.rules.columns() | {"reference": np.full(self.z.shape, str(self.reference))}

    def to_frame(self, backend: str | None = None) -> Any:
        """Return `columns` as a data frame, after a first column ``child`` where `child` was given.

        One child without an id has no such column.

        Parameters
        ----------
        backend
            ``pandas``, ``polars`` or ``pyarrow``; None: the first of them that is installed.

        Raises
        ------
        GrowthwatchError
            For an unknown backend, or where none is installed.
        """
        child = {} if self.child is None else {"child": self.child}
        return make_frame(child | self.columns(), backend)


def trajectories(
    weight_kg: Any,
    *,
    age_days: Any,
    sex: Any,
    gestation_days: Any = None,
    reference: str | Reference = "uk-who",
    child: Any = None,
    counts: Any = None,
    clothed: Any = None,
    high_need: Any = False,
    rules: Sequence[GrowthRule] | None = None,
    birth_date: Any = None,
    sex_coding: SexCoding | None = None,
    level_free: Any = False,
) -> TrajectoryColumns:
    """Compute trajectories for one child or for many, as columns.

    Parameters
    ----------
    weight_kg, age_days, sex, gestation_days
        One row a weighing, in any order: weight [kg], chronological age [days], sex, completed
        gestation at birth [days] (None or NaN: term).
    reference
        Id of a packaged reference, or a `Reference`, adjusted ones included.
    child
        Id of the child of each row, or offsets; None if all are of one child.  Rows of one child
        must agree on sex and on gestation: where they do not, its weights have no z and no figure
        that rests on one, and the status says why; rules on kilograms judge on.
    counts
        Whether each weight may enter trends, one a row; None: all.  A clothed or doubted weight
        is scored and questioned, and enters neither gains, evidence nor rules.  Nor does a weight
        that is suspected of being an entry error, until a second agrees with it; too low, it still
        meets the rules at once.
    clothed
        Whether each weight was taken in clothes; for `growthwatch.growth.quality.suspected`.
    high_need
        Whether a child has high need; for the rules whose figures differ.
    rules
        Other growth rules than the packaged ones: a list or tuple of `GrowthRule`.
    birth_date
        Day of birth, for all or one a row, by which rules count calendar months; None or missing: months
        of 30.4375 days.
    sex_coding
        Meaning of codes of sex, where they are not words.
    level_free
        Whether only changes count in the number to sort by, for all or one a row: for a child with a condition
        on the general standard.

    Raises
    ------
    GrowthwatchError
        For columns of unequal length, ids that are missing, or an unknown reference; for any other
        wrong argument.

    Examples
    --------
    >>> from growthwatch.growth.columns import trajectories
    >>> found = trajectories([3.4, 5.6, 6.6, 6.7], age_days=[0, 91, 182, 273], sex="female")
    >>> found.z.round(2).tolist()
    [0.07, -0.36, -1.02, -1.86]
    """
    ref = chosen_reference("reference", reference)
    columns = read_columns(weight_kg, age_days, sex, gestation_days, clothed, sex_coding)
    kg, age = columns.kg, columns.age
    n = kg.size
    used = flags("counts", True if counts is None else counts, n).copy()
    need, free = flags("high_need", high_need, n), flags("level_free", level_free, n)
    read = read_weights(ref, weight_kg, age_days, sex, gestation_days, sex_coding).in_tables()
    numbers = child_numbers(child, n)
    need, free = (_of_children(x, numbers, int(numbers.max(initial=-1)) + 1)[numbers] for x in (need, free))
    suspicions = suspected_in(ref, columns, read.series(numbers))
    torn = is_torn(suspicions.status_code)
    # A repeat of the last weight may be one of a child that does not grow: it is asked about, and counts.
    doubted = suspicions.suspect & (suspicions.code != EntryError.CARRIED_FORWARD)
    trusted = used & ~doubted
    series = read.series(numbers, used=trusted)
    # A doubted weight never reassures; one that is too low meets the rules at once.
    judged = used & ~(doubted & ~(kg < suspicions.expected_kg))
    judged_series = series if (judged == trusted).all() else read.series(numbers, used=judged)
    score = read.score
    step = np.full(series.z.size, np.nan)
    step[1:] = np.where(series.fresh[1:], np.nan, np.diff(series.z))
    step[series.offsets[:-1][np.diff(series.offsets) > 0]] = np.nan
    return TrajectoryColumns(
        kg,
        age,
        used,
        np.where(torn, np.nan, score.z),
        np.where(torn, np.nan, score.centile),
        np.where(torn, suspicions.status_code, score.status_code),
        np.where(
            suspicions.status_code == Status.CONFLICTING_GESTATION,
            np.nan,
            np.asarray(score.corrected_age_days, np.float64),
        ),
        series.given(step),
        conditional_gain(series),
        innovations(series),
        velocity(series),
        running_evidence(series, reference_error(ref)),
        judge_rules(
            chosen_rules(rules),
            ref,
            (kg, age_days, sex, gestation_days, child, high_need, sex_coding),
            counts=judged,
            birth_date=birth_date,
            sure=~doubted,
            series=judged_series,
        ),
        suspicions,
        series,
        ref.label,
        numbers,
        need,
        free,
        child_ids(child, n),
    )


def _of_children(flag: Flags, numbers: Places, children: int) -> Flags:
    """Whether any row of a child says so, one a child."""
    return np.bincount(numbers, flag, children) > 0.0
