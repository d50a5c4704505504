"""One child's weights, on one reference or on two: figures, rules met, dangers, and what the next weight would be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from growthwatch.core.centiles import UK_NINE
from growthwatch.core.columns import (
    flags,
    instance,
    missing,
    numeric,
    one_flag,
    one_number,
    one_of,
)
from growthwatch.core.errors import GrowthwatchError
from growthwatch.growth.attribution import Attribution, attribute
from growthwatch.growth.columns import TrajectoryColumns, trajectories
from growthwatch.growth.detector import detector
from growthwatch.growth.false_alarms import FalseAlarms, between_words, false_alarm_rate, one_clock
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
from growthwatch.growth.gain import SinceBest
from growthwatch.growth.published import Judged, chosen_rules, judge_rules
from growthwatch.growth.rules import GrowthRule, next_lines, packaged_dangers, packaged_rules
from growthwatch.growth.series import Series, chosen_reference
from growthwatch.growth.ticking import Reached, reached
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["Alarm", "Met", "NextStep", "OneChild", "Weighing", "latest_fit", "latest_ratio"]

Flags = npt.NDArray[np.bool_]
SPACE = float(UK_NINE.space)


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


class Alarm(NamedTuple):
    """A danger that a weight shows: what was judged, and in which row."""

    found: Judged
    at: int


def latest_ratio(columns: TrajectoryColumns) -> float:
    """Evidence after the latest weight that was judged; 0 where none was."""
    ratio = columns.evidence.ratio
    known = ratio[np.isfinite(ratio)]
    return float(known[-1]) if known.size else 0.0


def latest_fit(columns: TrajectoryColumns) -> float:
    """How many times better slowing by now fits than healthy growth, after the latest weight that was judged.

    Words say this (`Evidence.said`).  NaN where nothing was read.
    """
    fit = columns.evidence.said
    known = fit[np.isfinite(fit)]
    return float(known[-1]) if known.size else float("nan")


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


class OneChild:
    """One child's weights on one reference or on two: figures, rules met, dangers, and the weights to come.

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
    birth_date
        Day of birth, by which rules count calendar months; None: months of 30.4375 days.
    high_need
        Whether the threshold for high need applies.
    notices
        What must be said wherever this is shown, such as an adjustment that has expired.
    has_condition
        Whether a condition is recorded whose children fall on the general standard: rules judged on it then
        cost more.
    died
        Whether the child is recorded to have died: nothing is forecast.
    asked_first
        What is to be asked before any weight is questioned, such as a gestation: then no weight is.

    Notes
    -----
    `clothed` and `alarms` are one a weighing: whether it was taken in clothes, and whether it may show a
    danger though it does not count (None: all may).  `dangers` are rules on weights whose gravest level is
    a danger, besides the packaged ones.  `rules` are the growth rules to judge by, if not the packaged ones.
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
        birth_date: dt.date | None = None,
        high_need: bool = False,
        clothed: Sequence[bool] | None = None,
        alarms: Sequence[bool] | None = None,
        dangers: Sequence[GrowthRule] = (),
        rules: Sequence[GrowthRule] | None = None,
        as_of: dt.date | None = None,
        primary: str = "standard",
        notices: Sequence[str] = (),
        has_condition: bool = False,
        died: bool = False,
        asked_first: Sequence[str] = (),
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
        self.birth_date = None if birth_date is None else _a_day("birth_date", birth_date)
        self.high_need = one_flag("high_need", high_need)
        self.notices = _lines("notices", notices)
        self.asked_first = _lines("asked_first", asked_first)
        self.standard = chosen_reference("standard", standard)
        self.condition = None if condition is None else chosen_reference("condition", condition)
        self._primary = one_of("primary", primary, ("standard", "condition"))
        self.clothed = None if clothed is None else flags("clothed", clothed, len(self.weighings))
        self._by_protocol = alarms is not None
        self._alarms = flags("alarms", True if alarms is None else alarms, len(self.weighings))
        self._rules = chosen_rules(rules)
        self._dangers = tuple(instance("dangers", r, GrowthRule, "a GrowthRule in every place") for r in dangers)
        self.on_standard = self._columns(self.standard)
        self.on_condition = None if self.condition is None else self._columns(self.condition)

    def _columns(self, reference: Reference) -> TrajectoryColumns:
        return trajectories(
            numeric("weight_kg", [w.weight_kg for w in self.weighings]).astype(np.float64),
            age_days=numeric("age_days", [w.age_days for w in self.weighings]).astype(np.float64),
            sex=np.full(len(self.weighings), self.sex, object),
            gestation_days=self.gestation_days,
            reference=reference,
            counts=np.array([w.counts for w in self.weighings], np.bool_),
            clothed=self.clothed,
            high_need=self.high_need,
            rules=self._rules,
            birth_date=self.birth_date,
        )

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

    @cached_property
    def attribution(self) -> Attribution:
        """The whole change taken apart: what the condition explains, ordinary drift, and what is left."""
        return attribute(self.on_standard.series, self.condition)

    def attribution_between(self, from_days: float, until_days: float) -> Attribution:
        """Take the change between two ages apart [chronological days]."""
        return attribute(self.on_standard.series, self.condition, from_days=from_days, until_days=until_days)

    @cached_property
    def since_best(self) -> SinceBest:
        """Conditional z of the latest weight since the best sustained position, on `primary`: a rank, and no alarm.

        Level-free on the general standard where a condition is recorded whose children fall on it.
        """
        return self.since_best_on(self.primary)

    def since_best_on(self, columns: TrajectoryColumns) -> SinceBest:
        """`since_best` on some columns."""
        return columns.since_best(level_free=columns is self.on_standard and self.has_condition)

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
        return self.met_on(self.primary)

    def met_on(self, columns: TrajectoryColumns) -> tuple[Met, ...]:
        """Growth rules that the latest weight that counts meets on some columns."""
        at = self.latest(columns)
        if at is None:
            return ()
        out: list[Met] = []
        for judged in columns.rules.judged.values():
            found, place, clock = self._on_the_day(columns, judged, at)
            level = int(found.level[place])
            if level < 1:
                continue
            rule = found.rule
            if clock is not None:
                cost = self._cost_of_clock(columns, rule, clock)
            else:
                cost = self.cost(columns, rule, level, found.level >= level)
            own = rule.levels[level - 1]  # a level may have a source of its own
            out.append(
                Met(
                    rule.name,
                    own.name,
                    float(found.value[place]),
                    float(found.threshold[place]),
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

    def _cost_of_clock(self, columns: TrajectoryColumns, rule: GrowthRule, so_far: Reached) -> FalseAlarms:
        """What a clock costs a child weighed as this one up to the day on which it reached its limit."""
        only, does, between = one_clock(rule, so_far.band, so_far.level, self.high_need)
        by_then = columns.counts & (np.floor(columns.age_days) <= so_far.age_days)
        general = columns is self.on_standard and self.has_condition
        rate = false_alarm_rate(
            only.model_copy(update={"every_day": True}),
            columns.age_days[by_then],
            until_days=between[1],
            level=so_far.level,
            world="condition-on-standard" if general else "own",
            gestation_days=self.gestation_days,
            high_need=self.high_need,
        )
        return replace(rate, does=does, between=between_words(between))

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
        at = self.latest()
        if at is None:
            return {}
        columns = self.primary
        last = float(columns.age_days[at])
        if not one_number("age_days", age_days, "an age in days") > last:
            raise GrowthwatchError.of("age_days", age_days, f"an age after the last weight, {last:g} days")
        best = columns.rules["nice-fall-best"].value[at]
        now = float(columns.z[at])
        held = next_lines()
        fall = held.fall_spaces * SPACE
        matters = {
            "best": (_new_best, None),
            "gain": (gain_at_least(), None),
            "evidence": (evidence_below(self.amber), evidence_below(max(latest_ratio(columns), 1e-12))),
            **{name: (z_at_least(line * SPACE), z_at_least(now)) for name, line in held.lines.items()},
            "fall": (fall_below(fall, "best"), fall_below(float(best) * SPACE, "best") if best > 0 else None),
        }
        return {
            name: NextStep(
                next_weight(columns.series, age_days, clear),
                None if hold is None else next_weight(columns.series, age_days, hold),
            )
            for name, (clear, hold) in matters.items()
        }

    def _on_the_day(self, columns: TrajectoryColumns, found: Judged, at: int) -> tuple[Judged, int, Reached | None]:
        """A rule by the weight at a place, as it stands on the day asked about, and of a clock what it has reached.

        A clock runs on from the weight to that day, as in a review; all else is as it was on the day of the weight.
        """
        rule, days = found.rule, float(found.value[at])
        if rule.kind != "no_net_gain" or not days > 0.0:
            return found, at, None
        weighed = float(np.floor(columns.age_days[at]))
        today = weighed
        if self.as_of is not None and self.birth_date is not None and not self.died:
            today = max(today, float((self.as_of - self.birth_date).days))
        so_far = reached(rule, weighed - days, today, self.high_need, self.birth_date)
        level, limit = (0, float(found.threshold[at])) if so_far is None else (so_far.level, so_far.limit_days)
        value, threshold = np.array([days + today - weighed]), np.array([limit])
        return Judged(rule, value, threshold, np.array([level], np.int8), found.status_code[at : at + 1]), 0, so_far

    def latest(self, columns: TrajectoryColumns | None = None) -> int | None:
        """Place of the latest weighing that counts and has a z on a reference; None: that of `primary`."""
        columns = columns or self.primary
        with_z = columns.counts & np.isfinite(columns.z)
        # A doubted weight never reassures: one that is not too low stands for nothing while there is another.
        too_low = columns.weight_kg < columns.suspicions.expected_kg
        known = np.flatnonzero(with_z & (~columns.doubted | too_low))
        known = known if known.size else np.flatnonzero(with_z)
        return int(known[-1]) if known.size else None

    @cached_property
    def alarming(self) -> tuple[dict[str, Alarm], dict[int, dict[str, Alarm]]]:
        """Dangers by kind: of the latest weight that stands, and by place of later ones that do not."""
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
        anew = last >= 0 and self._by_protocol
        if anew:
            # And once more by every best weight that counts by the protocol, one that is doubted here included.
            before = usable[:last] & columns.counts[:last] & (day[:last] < day[last])
            rows += [*np.flatnonzero(before).tolist(), last]
            ends.append(len(rows))
            places.append(last)
        who = np.repeat(np.arange(len(places)), np.diff([0, *ends]))
        sexes = np.full(len(rows), self.sex, object)
        asked = (kg[rows], age[rows], sexes, self.gestation_days, who, self.high_need, None)
        known = {r.id: r for r in (*packaged_rules(), *self._rules)}
        least = {d.rule: [x.name for x in known[d.rule].levels].index(d.level) + 1 for d in packaged_dangers()}
        rules = (*(known[i] for i in least), *self._dangers)
        judged = judge_rules(rules, self.standard, asked, birth_date=self.birth_date).judged
        sure: dict[str, Alarm] = {}
        reached: dict[str, int] = {}
        gravest: dict[str, tuple[int, Alarm]] = {}
        for turn, (place, end) in enumerate(zip(places, ends, strict=True)):
            here: set[str] = set()
            again = anew and turn == len(places) - 1
            for id, found in judged.items():
                if again and found.rule.kind != "loss_from_best":
                    continue
                own = end - 1
                if place == last and not again and found.rule.kind == "no_net_gain" and id in columns.rules.judged:
                    found, own, _ = self._on_the_day(columns, columns.rules.judged[id], last)
                kind, level = str(found.rule.kind), int(found.level[own])
                if level < max(least.get(id, 1), reached.get(kind, 0)) or kind in here:
                    continue
                if place == last and not again:
                    sure[kind] = Alarm(found, own)
                elif level == reached.get(kind, 0) and kind in sure:
                    continue  # the weight that stands says as much
                else:
                    gravest[kind] = (place, Alarm(found, end - 1))
                reached[kind] = level
                here.add(kind)
        unsure: dict[int, dict[str, Alarm]] = {}
        for kind, (place, alarm) in gravest.items():
            unsure.setdefault(place, {})[kind] = alarm
        return sure, dict(sorted(unsure.items()))

    @property
    def in_danger(self) -> bool:
        """Whether the latest weights show a danger, a doubted one included."""
        return any(self.alarming)

    @property
    def amber(self) -> float:
        """From which ratio of the evidence on it is amber for this child."""
        found = detector().thresholds
        return found.high_need_amber if self.high_need else found.amber

    @cached_property
    def asks(self) -> bool:
        """Whether a rule is met, or a danger shown: then nothing here may sound as if all were well."""
        return self.in_danger or any(self.met_on(columns) for columns, _ in self.views())

    def views(self) -> list[tuple[TrajectoryColumns, Reference]]:
        """The standard first, which nothing may hide, and then the reference of the condition."""
        out = [(self.on_standard, self.standard)]
        if self.on_condition is not None and self.condition is not None:
            out.append((self.on_condition, self.condition))
        return out

    def __len__(self) -> int:
        return len(self.weighings)
