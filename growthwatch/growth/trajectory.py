"""Trajectories: all that a child's weights say over time, on one reference or on two.

`trajectories` computes it as columns for any number of children; a `Trajectory` is the same
columns for one child, with words.  Nothing here is a diagnosis: it ranks, explains, and asks for
the weighing that would settle the matter.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.canonical import short_hash
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.columns import (
    broadcast_shape,
    flags,
    instance,
    missing,
    numeric,
    one_flag,
    one_number,
    one_of,
)
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.html_table import html_table
from growthwatch.core.sex import SexCoding, sex_codes
from growthwatch.core.status import Status, status_words
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR, PRETERM_DAYS
from growthwatch.core.words import (
    age_words,
    count_words,
    days_words,
    fit_words,
    kg_words,
    limit_words,
    list_words,
    long_date,
    number_word,
    spaces_words,
    times_words,
)
from growthwatch.growth.attribution import Attribution, attribute
from growthwatch.growth.evidence import Evidence, Hypotheses, detector, reference_error, running_evidence
from growthwatch.growth.false_alarms import FalseAlarms, by_age, false_alarm_rate
from growthwatch.growth.forecast import (
    Forecast,
    NextWeight,
    evidence_below,
    fall_below,
    forecast,
    gain_at_least,
    next_weight,
    z_at_least,
)
from growthwatch.growth.gain import ConditionalGain, Innovations, Velocity, conditional_gain, innovations, velocity
from growthwatch.growth.published import TINY, GrowthRule, GrowthRules, Judged, judge_rules, packaged_rules
from growthwatch.growth.quality import EntryError, Suspicions, suspected
from growthwatch.growth.series import Series, child_ids, chosen_reference, is_torn, weight_series
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["Began", "NextStep", "Trajectory", "TrajectoryColumns", "Weighing", "trajectories"]

Flags = npt.NDArray[np.bool_]

_BACKENDS = ("pandas", "polars", "pyarrow")
_SPACE = float(UK_NINE.space)
_DUE = "What is due, from whom and by when, is in the review of this record."
_DANGERS = {
    "loss-from-best": "5 %",
    "newborn-loss": "12 % or more",
    "below-line": "below -3 SD",
    "no-net-gain": "red",
}
"""Packaged rules, by id, and the level from which on each is a danger."""
_OLD_DAYS = 60
"""Days after which a latest weight is said to be old."""
_TAGS = {"N": "national", "G": "guideline", "L": "local"}


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

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return every figure as a plain column, by name, in the order of the weighings."""
        out: dict[str, npt.NDArray[Any]] = {
            "weight_kg": self.weight_kg,
            "age_days": self.age_days,
            "counts": self.counts,
            "z": self.z,
            "centile": self.centile,
            "status": self.status,
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


def make_frame(columns: dict[str, Any], backend: str | None) -> Any:
    """Make a data frame of columns with one of the libraries that are known."""
    if backend is None:
        backend = next((b for b in _BACKENDS if find_spec(b)), None)
        if backend is None:
            raise GrowthwatchError.of("backend", None, f"one of {list(_BACKENDS)} to be installed")
    library: Any = one_of("backend", backend, [b for b in _BACKENDS if find_spec(b)])
    import narwhals.stable.v2 as nw

    series = {k: v.tolist() if np.asarray(v).dtype.kind in "OU" else v for k, v in columns.items()}
    return nw.from_dict(series, backend=library).to_native()


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
    sex_coding: SexCoding | None = None,
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
    sex_coding
        Meaning of codes of sex, where they are not words.

    Raises
    ------
    GrowthwatchError
        For columns of unequal length, ids that are missing, or an unknown reference; for any other
        wrong argument.

    Examples
    --------
    >>> from growthwatch.growth.trajectory import trajectories
    >>> found = trajectories([3.4, 5.6, 6.6, 6.7], age_days=[0, 91, 182, 273], sex="female")
    >>> found.z.round(2).tolist()
    [0.07, -0.36, -1.02, -1.86]
    """
    ref = chosen_reference("reference", reference)
    weights, ages, sexes = numeric("weight_kg", weight_kg), numeric("age_days", age_days), sex_codes(sex, sex_coding)
    born = None if gestation_days is None else numeric("gestation_days", gestation_days)
    shape = broadcast_shape(weight_kg=weights, age_days=ages, sex=sexes, gestation_days=born) or (1,)
    if len(shape) != 1:
        raise GrowthwatchError.of("weight_kg", shape, "one-dimensional columns")
    n = shape[0]
    kg, age = (np.broadcast_to(c, shape).astype(np.float64) for c in (weights, ages))
    used = flags("counts", True if counts is None else counts, n).copy()
    given: dict[str, Any] = {
        "age_days": age_days,
        "sex": sex,
        "gestation_days": gestation_days,
        "sex_coding": sex_coding,
    }
    suspicions = suspected(kg, **given, reference=ref, child=child, clothed=clothed)
    torn = is_torn(suspicions.status_code)
    # A repeat of the last weight may be one of a child that does not grow: it is asked about, and counts.
    doubted = suspicions.suspect & (suspicions.code != EntryError.CARRIED_FORWARD)
    series = weight_series(ref, kg, age_days, sex, gestation_days, child, sex_coding, counts=used & ~doubted)
    # A doubted weight never reassures; one that is too low meets the rules at once.
    judged = used & ~(doubted & ~(kg < suspicions.expected_kg))
    score = ref.score(kg, **given)
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
            np.broadcast_to(np.asarray(score.corrected_age_days, np.float64), shape),
        ),
        series.given(step),
        conditional_gain(series),
        innovations(series),
        velocity(series),
        running_evidence(series, reference_error(ref)),
        judge_rules(
            packaged_rules(), ref, (kg, age_days, sex, gestation_days, child, high_need, sex_coding), counts=judged
        ),
        suspicions,
        series,
        ref.label,
        child_ids(child, n),
    )


class Weighing(NamedTuple):
    """One weighing of a trajectory.

    Attributes
    ----------
    id
        Id of its event, or its place.
    on
        Day; None where only the age is known.
    weight_kg, age_days
        Weight [kg] and chronological age [days].
    counts
        Whether it enters trends.
    reason
        Why it does not; empty where it does.
    """

    id: str
    on: dt.date | None
    weight_kg: float
    age_days: float
    counts: bool
    reason: str


class Began(NamedTuple):
    """When slowing began and how fast it is, if it is there at all: the posterior of the slow channel.

    Attributes
    ----------
    age_days, low_days, high_days
        Age at which it began: median, and the ages that hold nine tenths of the weight [days].
    rate, low_rate, high_rate
        z a month lost while it lasts: median, and the values that hold nine tenths of it; where that is
        one rate of the few that are looked for, those beside it.
    still_falling
        Weight of the hypotheses by which it has not stopped yet, 0 to 1.
    """

    age_days: float
    low_days: float
    high_days: float
    rate: float
    low_rate: float
    high_rate: float
    still_falling: float


def _quantiles(values: Floats, weights: Floats) -> tuple[float, float, float]:
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    low, middle, high = (
        float(values[order[min(int(np.searchsorted(share, p)), values.size - 1)]]) for p in (0.05, 0.5, 0.95)
    )
    return middle, low, high


def began(hypotheses: Hypotheses | None, now_days: float) -> Began | None:
    """Summarise where the slow channel's evidence lies; None where there is none."""
    if hypotheses is None or not hypotheses.weight.sum() > 0:
        return None
    weight = hypotheses.weight
    # A month of onset stands for all its days.
    onset = _quantiles(np.minimum(hypotheses.onset_days + DAYS_PER_MONTH / 2.0, now_days), weight)
    still = float(weight[hypotheses.until_days > now_days].sum() / weight.sum())
    return Began(*onset, *_with_width(*_quantiles(hypotheses.rate, weight)), still)


def _with_width(middle: float, low: float, high: float) -> tuple[float, float, float]:
    """Only a few rates are looked for: where one of them holds all the weight, the truth lies about it."""
    if low < high:
        return middle, low, high
    rates = sorted(rate for rate, _, _ in detector().slow.shapes)
    return (
        middle,
        max((r for r in rates if r < low), default=low),
        min((r for r in rates if r > high), default=high),
    )


class NextStep(NamedTuple):
    """What the next weight would have to be.

    Attributes
    ----------
    clear
        The least weight with which the matter is clear, or stays so.
    hold
        The least weight with which it is no worse than now: below that it worsens.  None where
        there is nothing to compare with.
    """

    clear: NextWeight
    hold: NextWeight | None


def _new_best(series: Series) -> Flags:
    """Whether the last weight of each child is greater than all before it."""
    kg, last = series.weight_kg.copy(), series.offsets[1:] - 1
    kg[last] = -np.inf
    return series.weight_kg[last] > np.maximum.reduceat(kg, series.offsets[:-1])


class Met(NamedTuple):
    """A growth rule that the latest weight meets, with what it costs."""

    rule: str
    level: str
    value: float
    threshold: float
    unit: str
    source: str
    tag: str
    false_alarms: FalseAlarms


def _a_day(name: str, value: Any) -> dt.date:
    if missing(value):  # pandas has a missing date that is a date
        raise GrowthwatchError.of(name, value, "a date")
    return instance(name, value, dt.date, "a date")


def _a_figure(name: str, value: Any) -> float:
    """Return one number; missing and infinite ones are data."""
    column = numeric(name, value)
    if column.ndim:
        raise GrowthwatchError.of(name, value, "a number")
    return float(column)


def _lines(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise GrowthwatchError.of(name, value, "a list of sentences")
    rows: list[Any] = list(cast("Sequence[Any]", value))
    return tuple(instance(name, line, str, "a sentence in every place") for line in rows)


def _checked_weighings(value: Any) -> tuple[Weighing, ...]:
    """Weighings with a figure of the right kind in every place; one that is missing is data, and has a status."""
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise GrowthwatchError.of("weighings", value, "a list of Weighing, oldest first")
    out: list[Weighing] = []
    rows: list[Any] = list(cast("Sequence[Any]", value))
    for k, row in enumerate(rows):
        w = instance(f"weighings[{k}]", row, Weighing, "a Weighing")
        at = f"weighings[{k}]"
        out.append(
            Weighing(
                instance(f"{at}.id", w.id, str, "an id, as text"),
                None if w.on is None else _a_day(f"{at}.on", w.on),
                _a_figure(f"{at}.weight_kg", w.weight_kg),
                _a_figure(f"{at}.age_days", w.age_days),
                one_flag(f"{at}.counts", w.counts),
                instance(f"{at}.reason", w.reason, str, "why it does not count, in words; empty where it does"),
            )
        )
    return tuple(out)


class Trajectory:
    """All that one child's weights say over time; made by `growthwatch.trajectory`.

    Attributes
    ----------
    child_id
        Id of the child.
    as_of
        The day asked about; None where only ages are known.
    weighings
        The weighings, oldest first; every column below is aligned with them.
    on_standard
        Columns on the general standard.
    on_condition
        Columns on the reference of the condition, or on an adjusted one; None where there is none.
    sex, gestation_days
        As recorded; gestation None: taken as term [days].
    high_need
        Whether the threshold for high need applies.
    notices
        What must be said wherever this is shown, such as an adjustment that has expired.
    has_condition
        Whether a condition is recorded whose children fall on the general standard: rules judged on it then
        cost more.
    died
        Whether the child is recorded to have died: nothing is forecast.

    Notes
    -----
    `clothed` and `alarms` are one a weighing: whether it was taken in clothes, and whether it may show a
    danger though it does not count (None: all may).  `dangers` are rules on weights whose gravest level is
    a danger, besides the packaged ones.
    """

    def __init__(
        self,
        child_id: str,
        weighings: Sequence[Weighing],
        standard: str | Reference,
        condition: str | Reference | None,
        *,
        sex: str | None,
        gestation_days: float | None,
        high_need: bool = False,
        clothed: Sequence[bool] | None = None,
        alarms: Sequence[bool] | None = None,
        dangers: Sequence[GrowthRule] = (),
        as_of: dt.date | None = None,
        primary: str = "standard",
        notices: Sequence[str] = (),
        has_condition: bool = False,
        died: bool = False,
    ):
        self.has_condition, self.died = one_flag("has_condition", has_condition), one_flag("died", died)
        self.child_id = instance("child_id", child_id, str, "the id of a child, as text")
        self.as_of = None if as_of is None else _a_day("as_of", as_of)
        self.weighings = _checked_weighings(weighings)
        self.sex = None if sex is None else instance("sex", sex, str, "'male', 'female', or None")
        self.gestation_days = gestation_days
        if gestation_days is not None:
            self.gestation_days = one_number(
                "gestation_days", gestation_days, "completed days of gestation, or None for term", least=0.0
            )
        self.high_need = one_flag("high_need", high_need)
        self.notices = _lines("notices", notices)
        self._standard = chosen_reference("standard", standard)
        self._condition = None if condition is None else chosen_reference("condition", condition)
        self._primary = one_of("primary", primary, ("standard", "condition"))
        self._clothed = None if clothed is None else flags("clothed", clothed, len(self.weighings))
        self._alarms = flags("alarms", True if alarms is None else alarms, len(self.weighings))
        self._dangers = tuple(instance("dangers", r, GrowthRule, "a GrowthRule in every place") for r in dangers)
        self.on_standard = self._columns(self._standard)
        self.on_condition = None if self._condition is None else self._columns(self._condition)

    def _columns(self, reference: Reference) -> TrajectoryColumns:
        return trajectories(
            numeric("weight_kg", [w.weight_kg for w in self.weighings]).astype(np.float64),
            age_days=numeric("age_days", [w.age_days for w in self.weighings]).astype(np.float64),
            sex=np.full(len(self.weighings), self.sex, object),
            gestation_days=self.gestation_days,
            reference=reference,
            counts=np.array([w.counts for w in self.weighings], np.bool_),
            clothed=self._clothed,
            high_need=self.high_need,
        )

    # --- columns --------------------------------------------------------------------------

    @property
    def primary(self) -> TrajectoryColumns:
        """Columns on the reference that was asked for: the standard, unless another was."""
        return self.on_condition if self._primary == "condition" and self.on_condition else self.on_standard

    @property
    def reference(self) -> ReferenceLabel:
        """Id and hash of the reference of `primary`."""
        return self.primary.reference

    @property
    def weight_kg(self) -> Floats:
        """Weights [kg]."""
        return self.primary.weight_kg

    @property
    def age_days(self) -> Floats:
        """Chronological ages [days]."""
        return self.primary.age_days

    @property
    def z(self) -> Floats:
        """Published z on the reference of `primary` [SD]."""
        return self.primary.z

    @property
    def centile(self) -> Floats:
        """Centile on the reference of `primary`."""
        return self.primary.centile

    @property
    def status(self) -> npt.NDArray[Any]:
        """Why each weighing has, or has not, a z."""
        return self.primary.status

    @property
    def evidence(self) -> TrajectoryEvidence:
        """Running evidence of slowing growth on the reference of `primary`."""
        return TrajectoryEvidence(self, self.primary)

    @cached_property
    def attribution(self) -> Attribution:
        """The whole change taken apart: what the condition explains, ordinary drift, and what is left."""
        return attribute(self.on_standard.series, self._condition)

    def attribution_between(self, from_days: float, until_days: float) -> Attribution:
        """Take the change between two ages apart [chronological days]."""
        return attribute(self.on_standard.series, self._condition, from_days=from_days, until_days=until_days)

    def forecast(self, age_days: Any, *, weight_kg: Any = None) -> Forecast:
        """Say what weights to expect at ages to come, and how odd a given weight would be.

        Parameters
        ----------
        age_days
            Chronological age, or ages [days].
        weight_kg
            Weights to compare [kg].
        """
        return forecast(self.primary.series, age_days, weight_kg=weight_kg)

    @cached_property
    def met(self) -> tuple[Met, ...]:
        """Growth rules that the latest weight that counts meets on `primary`, each with its false-alarm rate."""
        return self._met(self.primary)

    def _met(self, columns: TrajectoryColumns) -> tuple[Met, ...]:
        at = self._latest(columns)
        if at is None:
            return ()
        out: list[Met] = []
        for found in columns.rules.judged.values():
            level = int(found.level[at])
            if level < 1:
                continue
            rule = found.rule
            cost = self.cost(columns, rule, level, found.level >= level)
            own = rule.levels[level - 1]  # a level may have a source of its own
            out.append(
                Met(
                    rule.name,
                    own.name,
                    float(found.value[at]),
                    float(found.threshold[at]),
                    rule.unit,
                    own.source or rule.source,
                    own.tag or rule.tag,
                    cost,
                )
            )
        return tuple(out)

    def cost(self, columns: TrajectoryColumns, rule: str | GrowthRule, level: int, met: Flags) -> FalseAlarms:
        """What a rule costs a child weighed as this one up to the weight since which the rule has been met."""
        counted = np.flatnonzero(columns.counts & np.isfinite(columns.z))
        clear = np.flatnonzero(~met[counted])
        since = counted[min(int(clear[-1]) + 1 if clear.size else 0, counted.size - 1)]
        general = columns is self.on_standard and self.has_condition
        return false_alarm_rate(
            rule,
            columns.age_days[: since + 1][columns.counts[: since + 1]],
            level=level,
            world="condition-on-standard" if general else "own",
            gestation_days=self.gestation_days,
            high_need=self.high_need,
        )

    def next_weight(self, age_days: float) -> dict[str, NextStep]:
        """Say what the next weight would have to be to clear, hold or worsen each matter.

        Parameters
        ----------
        age_days
            Chronological age at the next weighing [days].

        Returns
        -------
        dict
            ``best``: more than the best weight so far, which stops the clock of no net gain;
            ``gain``: conditional gain not below the 5th centile; ``evidence``: below amber;
            ``2nd``, ``0.4th``: not below those lines; ``fall``: less than two centile spaces below
            the best position.  Each with the least weight that clears it, and the least with which
            it is no worse than now; empty where no weight counts yet.
        """
        at = self._latest()
        if at is None:
            return {}
        columns = self.primary
        last = float(columns.age_days[at])
        if not one_number("age_days", age_days, "an age in days") > last:
            raise GrowthwatchError.of("age_days", age_days, f"an age after the last weight, {last:g} days")
        best = columns.rules["nice-fall-best"].value[at]
        now = float(columns.z[at])
        matters = {
            "best": (_new_best, None),
            "gain": (gain_at_least(), None),
            "evidence": (evidence_below(self.evidence.amber), evidence_below(max(self.evidence.latest, 1e-12))),
            "2nd": (z_at_least(-3 * _SPACE), z_at_least(now)),
            "0.4th": (z_at_least(-4 * _SPACE), z_at_least(now)),
            "fall": (fall_below(2 * _SPACE, "best"), fall_below(float(best) * _SPACE, "best") if best > 0 else None),
        }
        return {
            name: NextStep(
                next_weight(columns.series, age_days, clear),
                None if hold is None else next_weight(columns.series, age_days, hold),
            )
            for name, (clear, hold) in matters.items()
        }

    def _latest(self, columns: TrajectoryColumns | None = None) -> int | None:
        """Place of the latest weighing that counts and has a z on a reference; None: that of `primary`."""
        columns = columns or self.primary
        with_z = columns.counts & np.isfinite(columns.z)
        # A doubted weight never reassures: one that is not too low stands for nothing while there is another.
        too_low = columns.weight_kg < columns.suspicions.expected_kg
        known = np.flatnonzero(with_z & (~columns.doubted | too_low))
        known = known if known.size else np.flatnonzero(with_z)
        return int(known[-1]) if known.size else None

    # --- danger ---------------------------------------------------------------------------

    @cached_property
    def danger(self) -> tuple[str, ...]:
        """Dangers that the latest weights show, a sentence each, whatever the evidence says; empty where none.

        First what the latest weight that counts shows, then what a later one shows that is doubted or does
        not count: it reassures nobody, and is to be confirmed now.  Read on `on_standard` and in kilograms,
        so that no reference hides one.
        """
        sure, unsure = self._alarming
        out: list[str] = []
        if sure:
            out.append(f"Danger: {list_words(list(sure.values()))}, whatever the evidence says.")
        for place, found in unsure.items():
            w = self.weighings[place]
            would = f"{kg_words(w.weight_kg)} {self._day(place)} would be {list_words(list(found.values()))}."
            again = "" if self.died else " Weigh again at once, undressed."
            out.append(f"Danger{', not confirmed' if self.died else ', confirm now'}: {would}{again}")
        return tuple(out)

    @cached_property
    def _alarming(self) -> tuple[dict[str, str], dict[int, dict[str, str]]]:
        """Dangers in words, by kind: of the latest weight that stands, and by place of later ones that do not."""
        columns = self.on_standard
        kg, age = columns.weight_kg, columns.age_days
        with np.errstate(invalid="ignore"):
            usable = np.isfinite(kg) & (kg > 0) & np.isfinite(age) & (age >= 0)
        stands = usable & columns.counts & ~columns.doubted
        known = np.flatnonzero(stands)
        last = int(known[-1]) if known.size else -1
        doubtful = np.flatnonzero(usable & ~stands & self._alarms)
        places = [*([last] if last >= 0 else []), *doubtful[doubtful > last].tolist()]
        if not places:
            return {}, {}
        # Each is judged as if it were right, after those that stand: a doubted weight is no best weight either.
        day = np.floor(age)
        rows: list[int] = []
        ends: list[int] = []
        for place in places:
            before = stands[:place] & ((day[:place] < day[place]) | (place == last))
            rows += [*np.flatnonzero(before).tolist(), place]
            ends.append(len(rows))
        who = np.repeat(np.arange(len(places)), np.diff([0, *ends]))
        sexes = np.full(len(rows), self.sex, object)
        asked = (kg[rows], age[rows], sexes, self.gestation_days, who, self.high_need, None)
        packaged = {r.id: r for r in packaged_rules()}
        rules = (*(packaged[i] for i in _DANGERS), *self._dangers)
        judged = judge_rules(rules, self._standard, asked).judged
        sure: dict[str, str] = {}
        reached: dict[str, int] = {}
        gravest: dict[str, tuple[int, str]] = {}
        for place, end in zip(places, ends, strict=True):
            here: set[str] = set()
            for id, found in judged.items():
                kind, level = str(found.rule.kind), int(found.level[end - 1])
                least = [x.name for x in found.rule.levels].index(_DANGERS[id]) + 1 if id in _DANGERS else 1
                if level < max(least, reached.get(kind, 0)) or kind in here:
                    continue
                if place == last:
                    sure[kind] = _danger_words(found, end - 1)
                elif level == reached.get(kind, 0) and kind in sure:
                    continue  # the weight that stands says as much
                else:
                    gravest[kind] = (place, _danger_words(found, end - 1))
                reached[kind] = level
                here.add(kind)
        unsure: dict[int, dict[str, str]] = {}
        for kind, (place, words) in gravest.items():
            unsure.setdefault(place, {})[kind] = words
        return sure, dict(sorted(unsure.items()))

    # --- words ----------------------------------------------------------------------------

    def _day(self, place: int) -> str:
        w = self.weighings[place]
        return f"on {long_date(w.on)}" if w.on is not None else f"at {age_words(w.age_days)}"

    def explain(self) -> str:
        """Say in plain English what the weights show, against what, and what would settle it."""
        at = self._latest()
        if at is None and self._latest(self.on_standard) is not None:
            at = self._latest(self.on_standard)
        heading = f"Weights of {self.child_id}" + (f", as of {long_date(self.as_of)}" if self.as_of else "") + "."
        due = [_DUE] if self._asks and not self.died else []
        if at is None:
            return "\n".join([*self.danger, heading, *self._nothing(), *due, *self.notices])
        said = [*self.danger, heading, *self._old(at), *self._now(at)]
        for columns, reference in self._views():
            on = f"On {reference.info.short_title}. " if self.on_condition is not None else ""
            said += [f"{on}{line}" for line in (*self._rules(columns), TrajectoryEvidence(self, columns).explain())]
        said += [*self._apart(), *self._medians(), *self._questions(), *self._ahead(at)]
        said += [*due, *self.notices, self.provenance]
        return "\n".join(line for line in said if line)

    def _old(self, at: int) -> list[str]:
        """Say that the latest weight is old, before what it shows."""
        on = self.weighings[at].on
        days = 0 if on is None or self.as_of is None or self.died else (self.as_of - on).days
        return [f"The latest weight is {days // 7} weeks old."] if days > _OLD_DAYS else []

    @cached_property
    def _asks(self) -> bool:
        """Whether a rule is met, or a danger shown: then nothing here may sound as if all were well."""
        return bool(self.danger) or any(self._met(columns) for columns, _ in self._views())

    def _nothing(self) -> list[str]:
        if not self.weighings:
            return ["No weight is recorded, so nothing can be said."]
        why = sorted({str(s).replace("_", " ") for s in self.status})
        return [f"{len(self.weighings)} recorded, and none that can be judged ({list_words(why)})."]

    def _now(self, at: int) -> list[str]:
        out: list[str] = []
        counted = int(self.primary.counts.sum())
        for columns, reference in ((self.on_standard, self._standard), (self.on_condition, self._condition)):
            if columns is None or reference is None or not np.isfinite(columns.z[at]):
                continue
            place = UK_NINE.describe(float(columns.z[at]))
            latest = "only weight that counts" if counted == 1 else f"latest of {counted} weights that count"
            out.append(
                f"The {latest}, {kg_words(self.weighings[at].weight_kg)} "
                f"{self._day(at)}, "
                f"is {place} "
                f"on {reference.info.short_title} (z {_two(columns.z[at])})."
                if not out
                else f"On {reference.info.short_title} it is {place} (z {_two(columns.z[at])})."
            )
        columns = self.primary
        fall = columns.rules["nice-fall-best"].value[at]
        if np.isfinite(fall) and fall >= 0.5:
            out.append(f"That is {spaces_words(float(fall))} below the best position that was held for two weeks.")
        grams, days = columns.velocity.g_per_day[at], columns.velocity.gap_days[at]
        if np.isfinite(grams):
            way = "gained" if grams >= 0 else "lost"
            change = f"{abs(grams * days):.0f} g {way} in {days_words(round(float(days)))} ({abs(grams):.0f} g a day)"
            change += self._rank(columns, at)
            out.append(f"Since the weighing before: {change}.")
        return out

    def _rank(self, columns: TrajectoryColumns, at: int) -> str:
        """How usual the latest change is; where there is a danger, or a loss where a rule is met, nothing calms."""
        gain, lost = float(columns.gain.z[at]), columns.velocity.g_per_day[at] < 0
        low = gain < -_USUAL
        if not lost:
            if np.isnan(gain) or (self.danger and not low):
                return ""
            change = f"the gain is {_gain_words(gain)}"
        elif low:
            change = f"the change is {_gain_words(gain)}"
        else:
            before = columns.velocity.g_per_day[:at]
            known = before[np.isfinite(before)]
            once = not known.size or known[-1] >= 0
            return "" if self._asks or not once else "; one such loss is common among healthy children"
        return f"; over {days_words(round(float(columns.gain.gap_days[at])))} {change} for a child of that start"

    def _views(self) -> list[tuple[TrajectoryColumns, Reference]]:
        """The standard first, which nothing may hide, and then the reference of the condition."""
        out = [(self.on_standard, self._standard)]
        if self.on_condition is not None and self._condition is not None:
            out.append((self.on_condition, self._condition))
        return out

    def _rules(self, columns: TrajectoryColumns) -> list[str]:
        out: list[str] = []
        judged = {found.rule.name: found for found in columns.rules.judged.values()}
        for m in self._met(columns):
            level = "" if m.level == "met" else f", {m.level}"
            found = _met_words(m, judged[m.rule])
            out.append(f"Meets: {m.rule}{level}: {found} ({_TAGS[m.tag]}). {m.false_alarms.sentence}")
        return out

    def _apart(self) -> list[str]:
        """Take the change apart and, where that seems to contradict the evidence, say why both can be true."""
        if not self.attribution.from_days.size:
            return []
        found = self.attribution
        out: list[str] = []
        for (columns, reference), parts in zip(self._views(), (found.on_standard, found.on_condition), strict=False):
            evidence = TrajectoryEvidence(self, columns)
            if parts is not None and parts.status_code[0] == 0 and not evidence.unread:
                z = columns.series.z
                falling = z.size > 1 and not columns.series.fresh[-1] and bool(z[-1] < z[-2])
                fell, called = bool(parts.verdict[0] < 0), bool(evidence.level)
                out.append(_both_true(fell, called, falling, reference, self.died or bool(self.danger)))
        out = [line for line in out if line]
        return [found.explain(0), *out] if out or self._condition is not None else []

    def _medians(self) -> list[str]:
        """Say which weights of one day count as one."""
        row = self.primary.series.row
        shared = np.flatnonzero(np.bincount(row[row >= 0]) > 1)
        out: list[str] = []
        for r in shared.tolist():
            places = np.flatnonzero(row == r)
            kg = kg_words(round(float(self.primary.series.weight_kg[r]), 4))
            day = self._day(int(places[0]))
            out.append(f"{number_word(places.size).capitalize()} weights {day} count as one, {kg}, their median.")
        return out

    def _questions(self) -> list[str]:
        out: list[str] = []
        suspicions = self.primary.suspicions
        for k, w in enumerate(self.weighings):
            if not w.counts and w.reason:
                out.append(f"{kg_words(w.weight_kg)} {self._day(k)} does not count: {w.reason}.")
            # What was recorded as clothed is not asked about again.
            clothed = self._clothed is not None and bool(self._clothed[k])
            if suspicions.code[k] != EntryError.NONE and not clothed:
                out.append(f"To check, {self._day(k)}: {suspicions.question[k]}")
        if len(self.weighings) and suspicions.series_question[-1]:
            out.append(f"To check: {suspicions.series_question[-1]}")
        return out

    def _ahead(self, at: int) -> list[str]:
        if self.died or self._alarming[1]:  # what is to be confirmed now stands before all that is expected
            return []
        days = 28
        age = float(self.weighings[at].age_days) + days
        ahead = self.forecast(age)
        if not np.isfinite(ahead.weight_kg[0]):
            return []
        low, high = ahead.band_kg[0][0], ahead.band_kg[-1][0]
        text = (
            f"Four weeks after that weight we would expect about {ahead.weight_kg[0]:.2f} kg, "
            f"and between {low:.2f} and {high:.2f} kg in nine healthy children out of ten with such weights so far."
        )
        amber = detector().thresholds.high_need_amber if self.high_need else detector().thresholds.amber
        if self.evidence.latest >= amber:
            need = next_weight(self.primary.series, age, evidence_below(amber))
            if need.holds == "from":
                text += f" {need.weight_kg:.2f} kg or more would bring the evidence below {amber:g}."
            elif need.holds == "never":
                text += f" No weight then would bring the evidence below {amber:g}: it takes longer."
        return [text]

    @property
    def provenance(self) -> str:
        """What these figures rest on."""
        found = self.primary.evidence
        both = [str(c.reference) for c in (self.on_standard, self.on_condition) if c is not None]
        return (
            f"Figures: {list_words(both)}; model of healthy growth {short_hash(found.model_hash)}, "
            f"evidence {short_hash(found.detector_hash)}. They rank and remind; they are no diagnosis, "
            f"and no threshold of danger waits for them."
        )

    def to_frame(self, backend: str | None = None) -> Any:
        """Return one row a weighing: ids, days, and every column of `primary`, then those of the other reference.

        Parameters
        ----------
        backend
            ``pandas``, ``polars`` or ``pyarrow``; None: the first of them that is installed.
        """
        columns: dict[str, Any] = {
            "id": np.array([w.id for w in self.weighings], object),
            "on": np.array([w.on for w in self.weighings], object),
            "reason": np.array([w.reason for w in self.weighings], object),
        }
        columns |= self.primary.columns()
        other = self.on_standard if self.primary is self.on_condition else self.on_condition
        if other is not None:
            suffix = "_standard" if other is self.on_standard else "_condition"
            same = ("weight_kg", "age_days", "counts")
            columns |= {f"{k}{suffix}": v for k, v in other.columns().items() if k not in same}
        return make_frame(columns, backend)

    def __len__(self) -> int:
        return len(self.weighings)

    def __str__(self) -> str:
        return self.explain()

    def __repr__(self) -> str:
        at = self._latest()
        last = (
            "no weight to judge" if at is None else f"latest z {_two(self.z[at])}, evidence {self.evidence.latest:.1f}"
        )
        return f"<Trajectory of {self.child_id!r}: {len(self.weighings)} weighings on {self.reference}, {last}>"

    def _repr_html_(self) -> str:
        columns = self.primary
        rows = [
            (
                "" if w.on is None else f"{w.on:%Y-%m-%d}",
                age_words(w.age_days),
                f"{w.weight_kg:g}" + ("" if w.counts else " (does not count)"),
                _shown(columns.z[k]),
                _shown(columns.centile[k], 1),
                _shown(columns.gain.z[k]),
                _shown(columns.evidence.ratio[k], 1),
                "" if columns.suspicions.code[k] == EntryError.NONE else str(columns.suspicions.word[k]),
            )
            for k, w in enumerate(self.weighings)
        ]
        heads = ("on", "age", "kg", "z", "centile", "conditional gain", "evidence", "to check")
        table = html_table(f"{self.child_id}, on {self.reference}", heads, rows)
        return f"{table}<pre>{html.escape(self.explain())}</pre>"


def _shown(value: float, digits: int = 2) -> str:
    return "" if np.isnan(value) else f"{value:.{digits}f}"


def _two(z: float) -> str:
    text = f"{z:.2f}"
    return "0.00" if text == "-0.00" else text


def _met_words(m: Met, found: Judged) -> str:
    """Write what was found beside its threshold."""
    if m.unit == "days":
        return f"{days_words(round(m.value))}, threshold {m.threshold:.0f}"
    value = _figure(m.value, found, m.threshold)
    if m.unit == "centile spaces" and float(value) == 1.0:
        return f"1 centile space, threshold {m.threshold:.1f}"
    return f"{value} {m.unit}, threshold {m.threshold:.1f}"


def _danger_words(found: Judged, at: int) -> str:
    """Say what a weight shows: goes on from "danger:" and from "would be"."""
    value, rule = float(found.value[at]), found.rule
    match rule.kind:
        case "no_net_gain":
            return f"{days_words(round(value))} without net gain"
        case "below_line":
            level = rule.levels[int(found.level[at]) - 1]
            line = next((n.ordinal for n in UK_NINE.lines if abs(n.z - float(found.threshold[at])) < 1e-9), None)
            name = level.name if line is None else f"below the {line} centile"
            falling = "" if level.falling_spaces is None else " and falling"
            return f"severely low, {name}{falling} (z {_figure(value, found)})"
        case "newborn_loss":
            return f"{_figure(value, found)} % below the birth weight"
        case _:
            return f"{_figure(value, found)} % below the best weight"


def _figure(value: float, found: Judged, *more: float) -> str:
    """Write a figure to one decimal (a z to two); to more where rounding would cross a threshold of its rule."""
    limits = [*more, *(x.threshold for x in found.rule.levels if x.threshold is not None)]
    first = 2 if found.rule.kind == "below_line" and not more else 1
    return next(
        (t for t in (f"{value:.{k}f}" for k in range(first, 5)) if all(_same_side(float(t), value, x) for x in limits)),
        f"{value:.5f}",
    )


def _same_side(rounded: float, value: float, limit: float) -> bool:
    beyond = 0.0 if abs(value - limit) <= TINY else value - limit
    return bool(np.sign(rounded - limit) == np.sign(beyond))


_USUAL = 1.6448536269514722


def _gain_words(z: float) -> str:
    if z < -_USUAL:
        return "below the 5th centile"
    return "above the 95th centile" if z > _USUAL else "within the usual range"


@dataclass(frozen=True)
class TrajectoryEvidence:
    """Evidence of slowing growth in one trajectory.

    Attributes
    ----------
    trajectory, columns
        What it is of.
    """

    trajectory: Trajectory
    columns: TrajectoryColumns

    @property
    def ratio(self) -> Floats:
        """How many times better the weights so far fit slowing than healthy growth, after each weighing."""
        return self.columns.evidence.ratio

    @property
    def slow(self) -> Floats:
        """The slow channel."""
        return self.columns.evidence.slow

    @property
    def acute(self) -> Floats:
        """The acute channel."""
        return self.columns.evidence.acute

    @property
    def amber(self) -> float:
        """From which ratio on it is amber."""
        found = detector().thresholds
        return found.high_need_amber if self.trajectory.high_need else found.amber

    @property
    def latest(self) -> float:
        """The ratio after the latest weight that was judged; 0 where none was."""
        known = self.ratio[np.isfinite(self.ratio)]
        return float(known[-1]) if known.size else 0.0

    @property
    def level(self) -> str:
        """``red``, ``amber`` or empty."""
        return "red" if self.latest >= detector().thresholds.red else "amber" if self.latest >= self.amber else ""

    @property
    def bound(self) -> float:
        """Greatest share of healthy children who ever reach the latest ratio by 2 years; by 5, if older."""
        return detector().bound(self.latest, self._by_years * DAYS_PER_YEAR) if self.latest > 0 else 1.0

    @property
    def _by_years(self) -> int:
        return round(by_age(self.columns.age_days[self.columns.counts]) / DAYS_PER_YEAR)

    @property
    def _reached(self) -> float:
        """The level that was reached; the first where none was."""
        return detector().thresholds.red if self.level == "red" else self.amber

    @property
    def unread(self) -> str:
        """Why nothing can be read from the weights, or no more, in words; empty where it can."""
        if not np.isfinite(self.ratio).any():
            none = "Evidence: none; it is read from weights between 14 days and 5 years of age."
            return none + self._unreadable()
        ages, columns = detector().ages, self.columns
        counted = columns.counts & np.isfinite(columns.z)
        if int((counted & (columns.series.given(columns.series.age_days) >= ages.from_days)).sum()) < 3:
            return "Evidence: too few weights yet to say anything; three are the least." + self._unreadable()
        if float(columns.age_days[counted].max()) > ages.until_days:
            return f"Evidence: not read after 5 years of age; when last read, the weights {self.fit}."
        return ""

    def _unreadable(self) -> str:
        """Of three weights or more, how many can be read, and why the others cannot; empty where there are fewer."""
        columns, first = self.columns, detector().ages.from_days
        total = columns.weight_kg.size
        if total < 3:
            return ""
        scored = columns.counts & ~columns.doubted & np.isfinite(columns.z)
        age = columns.series.given(columns.series.age_days)
        readable = scored & (age >= first) & (age <= detector().ages.until_days)
        early = int((scored & (age < first)).sum())
        reasons: list[str] = []
        for status in dict.fromkeys(columns.status_code[columns.counts & ~scored & ~columns.doubted].tolist()):
            n = int((columns.counts & (columns.status_code == status)).sum())
            reasons.append(f"{self._no_z(int(status))} ({n})")
        if early:
            born = self.trajectory.gestation_days
            since = "term" if born is not None and born < PRETERM_DAYS else "birth"
            reasons.append(f"only weights from {limit_words(first)} after {since} on are read ({early} earlier)")
        if left := total - int(columns.counts.sum()) + int(columns.doubted.sum()):
            reasons.append(
                f"{count_words(left, 'weight')} {'does' if left == 1 else 'do'} not count or must be checked"
            )
        why = f": {'; '.join(reasons)}" if reasons else ""
        return f" Of {total} recorded, {int(readable.sum())} can be read so far{why}."

    def _no_z(self, status: int) -> str:
        """Why weights of a status have no z, in words."""
        found = self.trajectory
        own = found._condition if self.columns is found.on_condition else found._standard  # pyright: ignore[reportPrivateUsage]
        span = None if own is None or found.sex is None else own.span("weight", found.sex)
        if span is not None and status == Status.AGE_BELOW_REFERENCE:
            return f"the chart begins at {limit_words(span[0])}"
        if span is not None and status == Status.AGE_ABOVE_REFERENCE:
            return f"the chart ends at {limit_words(span[1])}"
        return str(status_words(np.array([status], np.uint8))[0]).replace("_", " ")

    @property
    def fit(self) -> str:
        """`latest` in words: ``fit slowing growth 12 times better than healthy growth``."""
        age = self.columns.series.age_days
        return fit_words(self.latest, detector().bound(1.0, float(age[-1]) + DAYS_PER_MONTH) if age.size else 1.0)

    @cached_property
    def began(self) -> Began | None:
        """When slowing began and how fast it is, if it is there at all."""
        age = self.columns.series.age_days
        return began(self.columns.evidence.hypotheses, float(age[-1])) if age.size else None

    def _pace(self, found: Began) -> str:
        """How fast growth slowed: by the hypotheses, or as it was seen where that is something else."""
        seen = self._lost_since(found.age_days)
        if np.isnan(seen) or found.low_rate <= seen <= found.high_rate:
            rate, text = found.rate, f", and loses about {found.rate:.2f} SD a month"
            text += f" ({found.low_rate:.2f} to {found.high_rate:.2f})"
        elif seen < 0.005:
            return "; what was lost since then has come back"
        else:
            rate, text = seen, f"; since then about {seen:.2f} SD a month were lost"
        return f"{text}: a centile space in {count_words(max(round(_SPACE / rate), 1), 'month')}"

    def _lost_since(self, age_days: float) -> float:
        """Mean z a month lost from an age to the latest weight; NaN where that cannot be said."""
        series = self.columns.series
        begins = int(np.flatnonzero(series.fresh)[-1]) if series.fresh.any() else 0
        age, z = series.age_days[begins:], series.z[begins:]
        if age.size < 2 or age_days < age[0] or age[-1] - age_days < DAYS_PER_MONTH / 2.0:
            return float("nan")
        return float((np.interp(age_days, age, z) - z[-1]) * DAYS_PER_MONTH / (age[-1] - age_days))

    @cached_property
    def false_alarms(self) -> FalseAlarms | None:
        """How many healthy children weighed this often ever reach the level reached, or the first; None: no weight."""
        if not (self.columns.counts & np.isfinite(self.columns.z)).any():
            return None
        level = 3 if self.level == "red" else 1 if self.trajectory.high_need else 2
        return self.trajectory.cost(self.columns, "evidence", level, self.ratio >= self._reached)

    def explain(self) -> str:
        """Say what the evidence is, since when, how fast, and what it costs."""
        if self.unread:
            return self.unread
        if self.latest < self.amber:
            top = float(np.nanmax(self.ratio))
            past = f" At its highest it was {times_words(top)}." if top >= self.amber else ""
            better = f"slowing growth fits {times_words(self.amber)} better"
            calm = (
                f"; the evidence by itself asks for no more until {better}."
                if self.trajectory._asks  # pyright: ignore[reportPrivateUsage]
                else f", which by itself asks for nothing; a re-weigh is asked for once {better}."
            )
            return f"Evidence: the weights {self.fit}{calm} One weight alone never gets there.{past}"
        text = f"Evidence {self.level}: the weights {self.fit}."
        found = self.began
        if found is not None and self.slow[np.isfinite(self.slow)][-1] >= self.acute[np.isfinite(self.acute)][-1]:
            text += (
                f" If growth has slowed, it began most likely at about {age_words(found.age_days)} "
                f"({age_words(found.low_days)} to {age_words(found.high_days)}){self._pace(found)}."
            )
        elif found is not None:
            text += " It is a fall within days."
        text += f" At most {_share(self.bound)} ever gets this far by {self._by_years} years, however often weighed."
        rate = self.false_alarms
        if rate is not None and np.isfinite(rate.rate):
            years = round(rate.until_days / DAYS_PER_YEAR)
            text += (
                f" (In simulation {100 * rate.rate:.1f} % of those weighed this often ever reach {self._reached:g} "
                f"by {years} years.)"
            )
        elif rate is not None:
            text += f" {rate.sentence}"
        text += " These are not the odds of an illness."
        if self.trajectory.died or self.trajectory.danger:
            return text
        if self.trajectory._asks:  # pyright: ignore[reportPrivateUsage]
            return text + " A weight in 7 to 14 days would settle more."
        return text + " A weight in 7 to 14 days would settle more; what is due, and by when, is in the review."


def _both_true(fell: bool, called: bool, falling: bool, reference: Reference, settled: bool) -> str:
    """Why the change taken apart may show a fall that the evidence does not, or the reverse, and what settles it.

    Parameters
    ----------
    fell
        Whether more of a fall is left over than ordinary drift may bring.
    called
        Whether the evidence has reached a level.
    falling
        Whether the latest weights are still falling.
    reference
        By which both were read.
    settled
        Whether no weight is to be waited for: the child has died, or is in danger.
    """
    if fell == called:
        return ""
    both = f"On {reference.info.short_title} the evidence and what is left over do not contradict each other:"
    if called:
        text = (
            f"{both} the evidence adds up the changes from weight to weight since growth may have begun to slow, "
            "while what is left over compares only the first weight with the last, and its range is wide. "
            "The concern stands"
        )
        ask = ": a weight in 7 to 14 days would show whether the slowing goes on."
    else:
        weighs = (
            f"; the fall is recent or uneven{'' if settled else ', and one or two more weights would show'}."
            if falling
            else ", so that a fall which came early, or has stopped, weighs little in it."
        )
        text = (
            f"{both} what is left over compares the first weight with the last, while the evidence looks only at "
            "changes from weight to weight, from two weeks of age on, and not at how low a child is"
            f"{weighs} "
            "The fall still needs an explanation"
        )
        ask = ": a weight in 7 to 14 days would show whether it goes on."
    return text + ("." if settled else ask)


def _share(bound: float) -> str:
    n = int(1.0 / bound + 1e-9)  # "at most" allows no rounding up
    return "every healthy child" if n <= 1 else f"one healthy child in {n}"
