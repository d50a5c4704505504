"""The growth rules in use today, each as published, as columns: one child or a caseload.

Every rule is judged at every weighing, with the weights up to it.  Changes of z are sums over
consecutive weighings, each pair in one table and on one age basis (`growthwatch.growth.series`),
so that no rule is met by a change of table.  The one exception is NICE's fall from birth, which
subtracts z as published, as NICE does; a birth at 37+0 weeks or later is read at 40 weeks, as the UK
charts plot it, an earlier one at its gestation.  Rules
on kilograms (newborn loss, regain, loss from the best, no net gain) need no reference.

Thresholds, sources and where sources disagree are in ``data/growth-rules.toml``; what a rule
costs in false alarms is told by `growthwatch.growth.false_alarms`.  A rule here knows weights
alone: whether a weight is valid, and what then must happen, is the protocol's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from growthwatch.core.canonical import content_hash
from growthwatch.core.centiles import UK_NINE
from growthwatch.core.columns import instance, one_of
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.sex import SexCoding
from growthwatch.core.status import Status, status_words
from growthwatch.core.units import PRETERM_DAYS
from growthwatch.growth import follow
from growthwatch.growth.model import WeightModel
from growthwatch.growth.past import chosen_model
from growthwatch.growth.rules import TINY, GrowthRule, Level, packaged_rules
from growthwatch.growth.series import Places, Series, chosen_reference
from growthwatch.growth.weighings import Weighings, read_weighings, with_z
from growthwatch.references import Reference, ReferenceLabel
from growthwatch.references.distributions import Floats

__all__ = ["GrowthRules", "Judged", "chosen_rules", "growth_rules", "judge", "judge_rules", "may_meet"]

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]


SPACE = float(UK_NINE.space)
_HAIR = 1e-6  # wider than `TINY`


class Judged(NamedTuple):
    """What a rule found at each weighing.

    Attributes
    ----------
    rule
        The rule.
    value
        What was measured, in the rule's unit; NaN where it cannot be.
    threshold
        What it is judged against: that of the gravest level met, else of the mildest.
    level
        0 where not met, else which level, from 1.
    status_code
        Why it was, or was not, judged: ``no_previous`` where there is nothing to compare with
        (no birth weight, no earlier weight far enough back), ``no_common_table``,
        ``age_below_reference`` and ``age_above_reference`` outside the ages of the rule, or why
        the weighing itself cannot be read.
    """

    rule: GrowthRule
    value: Floats
    threshold: Floats
    level: npt.NDArray[np.int8]
    status_code: Codes

    @property
    def met(self) -> Flags:
        """Whether any level is met."""
        return self.level > 0

    @property
    def status(self) -> npt.NDArray[Any]:
        """Status as words."""
        return status_words(self.status_code)


Result = tuple[Floats, list[Floats | float], Codes]
"""Value, a threshold for each level, status; one a row."""


def _spaces(rule: GrowthRule, z: Floats) -> Floats:
    """Spaces that count as a fall, by z at birth."""
    out = np.full(z.shape, np.nan)
    for line in reversed(rule.birth_lines):
        if line.below_lines is not None:
            inside = z < line.below_lines * SPACE - TINY
        elif line.up_to_lines is not None:
            inside = z <= line.up_to_lines * SPACE + TINY
        else:
            inside = ~np.isnan(z)
        out[inside] = line.spaces
    return out


def _at_birth(w: Weighings, rule: GrowthRule) -> Floats:
    """Z at birth as the rule reads it, one a child."""
    term_from = rule.term_birth_from_gestation_days
    return w.birth_z if term_from is None else w.read_at_birth(term_from)


def _fall_from_birth(w: Weighings, rule: GrowthRule, model: WeightModel) -> Result:
    _, status = with_z(w)
    at_birth = _at_birth(w, rule)
    born = at_birth[w.child]
    status[(status == Status.OK) & np.isnan(born)] = Status.NO_PREVIOUS
    return follow.fall_from_birth(w.rows, w.published_z, at_birth) / SPACE, [_spaces(rule, born)], status


def _fall_from_best(w: Weighings, rule: GrowthRule, model: WeightModel) -> Result:
    _, status = with_z(w)
    best = follow.held_best(w.levels, rule.sustained_days, rule.best_from_age_days).z
    value = np.maximum(best - w.z, 0.0) / SPACE
    limit = _spaces(rule, _at_birth(w, rule)[w.child])
    limit = np.where(np.isnan(limit), _spaces(rule, best), limit)
    status[(status == Status.OK) & np.isnan(value)] = Status.NO_PREVIOUS
    status[w.fresh & np.isnan(value) & ~np.isnan(w.z)] = Status.NO_COMMON_TABLE
    return value, [limit], status


def _decline(w: Weighings, rule: GrowthRule, model: WeightModel) -> Result:
    _, status = with_z(w)
    age = w.age_days
    counts = (age >= rule.best_from_age_days) & ((age < 1.0) | (age >= rule.skip_until_age_days))
    value = follow.highest(w.levels, counts) - w.z
    status[(status == Status.OK) & np.isnan(value)] = Status.NO_PREVIOUS
    status[w.fresh & np.isnan(value) & ~np.isnan(w.z)] = Status.NO_COMMON_TABLE
    return value, [level.threshold or 0.0 for level in rule.levels], status


def _conditional_gain(w: Weighings, rule: GrowthRule, model: WeightModel) -> Result:
    _, status = with_z(w)
    found = follow.conditional_gain(
        w.levels, w.published_z, w.followed_days, w.noise, model, rule.least_gap_days, rule.best_from_age_days
    )
    status[(status == Status.OK) & np.isnan(found.z)] = Status.NO_PREVIOUS
    status[found.apart] = Status.NO_COMMON_TABLE
    return found.z, [level.threshold or 0.0 for level in rule.levels], status


def _below_line(w: Weighings, rule: GrowthRule, model: WeightModel) -> Result:
    _, status = with_z(w)
    return w.published_z, [level.threshold or 0.0 for level in rule.levels], status


def _from_birth_weight(w: Weighings, rule: GrowthRule, model: WeightModel) -> Result:
    """Newborn loss, and regain: how far below birth weight."""
    born = w.birth_kg[w.child]
    status = np.where(np.isnan(born), np.uint8(Status.NO_PREVIOUS), np.uint8(Status.OK)).astype(np.uint8)
    limits: list[Floats | float] = [level.threshold or 0.0 for level in rule.levels]
    return follow.percent_below(born, w.lowest_kg), limits, status


def _loss_from_best(w: Weighings, rule: GrowthRule, model: WeightModel) -> Result:
    best = follow.best_before(w.rows, w.sure_kg, rule.best_from_age_days)
    value = np.maximum(follow.percent_below(best.kg, w.lowest_kg), 0.0)
    status = np.where(np.isnan(value), np.uint8(Status.NO_PREVIOUS), np.uint8(Status.OK)).astype(np.uint8)
    return value, [level.threshold or 0.0 for level in rule.levels], status


def _no_net_gain(w: Weighings, rule: GrowthRule, model: WeightModel) -> Result:
    percent = np.where(w.high_need, rule.high_need_gain_percent, 0.0)
    clock = follow.clock(w.rows, w.sure_kg, rule.best_from_age_days, percent)
    value, status = clock.days(w.rows), np.zeros(w.age_days.size, np.uint8)
    status[np.isnan(value)] = Status.NO_PREVIOUS
    months = [k for k, b in enumerate(rule.clock) if b.from_days is None]
    by_month = w.month_days([rule.clock[k].from_months or 0 for k in months])
    starts: list[Floats | float] = [b.start_days for b in rule.clock]
    for k, born in zip(months, by_month, strict=True):
        alike = born.size > 0 and bool((born == born[0]).all())
        starts[k] = float(born[0]) if alike else born[w.child]
    amber = np.array([[b.amber_days, b.high_need_amber_days or b.amber_days] for b in rule.clock], np.float64)
    red = np.array([[b.red_days, b.high_need_red_days or b.red_days] for b in rule.clock], np.float64)
    need = w.high_need[w.child].astype(np.intp)
    if rule.every_day:
        value, band = _until_the_next(w, value, starts, amber, red, need)
    else:
        inside = sum((start <= w.age_days).astype(np.intp) for start in starts)
        band = np.maximum(inside - 1, 0)
    return value, [amber[band, need], red[band, need]], status


def _ran_before(w: Weighings, rule: GrowthRule, late: Flags) -> Flags:
    """Whether the clock was set going before the age from which on the rule is judged no more: it then runs on."""
    percent = np.where(w.high_need, rule.high_need_gain_percent, 0.0)
    began = follow.clock(w.rows, w.sure_kg, rule.best_from_age_days, percent).began
    return (began >= 0) & ~late[began]


def _until_the_next(
    w: Weighings, days: Floats, starts: Sequence[Floats | float], amber: Floats, red: Floats, need: Places
) -> tuple[Floats, Places]:
    """Days on the clock, and the band, on the worst day from each weighing up to the next.

    `starts` of each band are of every row or for all; its limits are by [band, need].
    """
    day = np.floor(w.age_days)
    end = np.append(day[1:], np.inf) - 1.0  # a gain at the next weighing stops the clock on its day
    end[w.offsets[1:][np.diff(w.offsets) > 0] - 1] = -np.inf
    end = np.maximum(end, day)  # after the last weighing nobody knows
    value, found, gravest = days.copy(), np.zeros(day.size, np.intp), np.full(day.size, -1, np.int8)
    running = np.flatnonzero(days > 0.0)
    for band, (start, after) in enumerate(zip(starts, [*starts[1:], np.inf], strict=True)):
        last = np.minimum(end, np.ceil(after) - 1.0)
        inside = last >= np.maximum(day, start)
        first = inside & (gravest < 0)  # where the clock does not run, no band is worse than another
        found[first], gravest[first] = band, 0
        at = running[inside[running]]
        count = days[at] + (last[at] - day[at])
        level = (count >= amber[band, need[at]]).astype(np.int8) + (count >= red[band, need[at]])
        worse = first[at] | (level > gravest[at])
        now = at[worse]
        value[now], found[now], gravest[now] = count[worse], band, level[worse]
    return value, found


_KINDS: dict[str, Callable[[Weighings, GrowthRule, WeightModel], Result]] = {
    "fall_from_birth": _fall_from_birth,
    "fall_from_best": _fall_from_best,
    "conditional_gain": _conditional_gain,
    "decline": _decline,
    "below_line": _below_line,
    "newborn_loss": _from_birth_weight,
    "regain": _from_birth_weight,
    "loss_from_best": _loss_from_best,
    "no_net_gain": _no_net_gain,
}


def judge(weighings: Weighings, rule: GrowthRule, model: WeightModel | None = None) -> Judged:
    """Judge one rule at every row of `weighings`."""
    weighings = instance("weighings", weighings, Weighings, "Weighings")
    rule = instance("rule", rule, GrowthRule, "a GrowthRule, such as one of packaged_rules()")
    value, limits, status = _KINDS[rule.kind](weighings, rule, chosen_model(model))
    age = weighings.age_days
    born = weighings.gestation_days[weighings.child]
    early = (age < rule.from_age_days) | ((born < PRETERM_DAYS) & (born + age < rule.preterm_from_gestation_days))
    late = np.zeros(age.size, np.bool_)
    if rule.until_age_days is not None:
        late = age > rule.until_age_days
    elif rule.until_months is not None:
        late = age >= weighings.month_days([rule.until_months])[0, weighings.child]
    if rule.kind == "no_net_gain" and late.any():
        late &= ~_ran_before(weighings, rule, late)
    read = status == Status.OK
    status[early & (read | (status == Status.NO_PREVIOUS))] = Status.AGE_BELOW_REFERENCE
    status[late & (read | (status == Status.NO_PREVIOUS))] = Status.AGE_ABOVE_REFERENCE
    judged = status == Status.OK
    value = np.where(judged, value, np.nan)
    sign = 1.0 if rule.worse == "higher" else -1.0
    level = np.zeros(age.size, np.int8)
    threshold = np.broadcast_to(np.asarray(limits[0], np.float64), age.shape).copy()
    with np.errstate(invalid="ignore"):
        for k, (limit, kind) in enumerate(zip(limits, rule.levels, strict=True), 1):
            beyond = sign * (value - limit)
            met = beyond > TINY if kind.over else beyond >= -TINY
            if kind.falling_spaces is not None:
                met &= _falling(weighings, met, kind)
            if kind.held_days > 0.0:
                met = _held(weighings, met, kind.held_days)
            level[met] = k
            threshold = np.where(met, limit, threshold)
    return Judged(rule, value, np.where(judged, threshold, np.nan), level, status)


def _falling(w: Weighings, met: Flags, level: Level) -> Flags:
    """Whether z is below the highest of late, or below the weight with which the finding opened.

    Of weights alone: with which the rest of the level came to be met, and has been since.
    """
    least = -(level.falling_spaces or 0.0) * SPACE - TINY
    recent = follow.fallen(w.levels, level.falling_within_days, level.falling_least_days)
    return (recent < least) | (follow.change_from(w.levels, _met_since(w, met)) < least)


def _met_since(w: Weighings, met: Flags) -> Places:
    """The weighing from which on a condition is met without a break; of one where it is not met, any before it."""
    begins = np.zeros(met.size, np.bool_)
    begins[w.offsets[:-1][np.diff(w.offsets) > 0]] = True
    begins[1:] |= met[1:] & ~met[:-1]
    return np.maximum.accumulate(np.where(begins, np.arange(met.size), 0))


def _held(w: Weighings, met: Flags, days: float) -> Flags:
    """Whether a condition was met at every weighing for so many days."""
    return met & (w.age_days - w.age_days[_met_since(w, met)] >= days)


class Followed(Protocol):
    """What tells, of weighings, who could meet a rule at all: as of `Weighings`."""

    @property
    def offsets(self) -> Places: ...
    @property
    def child(self) -> Places: ...
    @property
    def rows(self) -> follow.Rows: ...
    @property
    def sure_kg(self) -> Floats: ...
    @property
    def published_z(self) -> Floats: ...
    @property
    def high_need(self) -> Flags: ...


def may_meet(weighings: Followed, rule: GrowthRule) -> Flags:
    """Which children could meet a rule at all, one a child: never too few, and told at little cost.

    Most healthy children never come near most rules: `judge` need not look at them.
    """
    w = weighings
    if rule.kind == "no_net_gain":
        return ~follow.always_gains(w.rows, w.sure_kg, np.where(w.high_need, rule.high_need_gain_percent, 0.0))
    out = np.ones(w.offsets.size - 1, np.bool_)
    if rule.kind == "below_line" and rule.worse == "lower":
        most = max(level.threshold or 0.0 for level in rule.levels)
        low = np.zeros(out.size, np.bool_)
        low[w.child[w.published_z <= most + _HAIR]] = True
        return low
    return out


@dataclass(frozen=True)
class GrowthRules:
    """Every rule at every weighing, in the order of the weighings given.

    Attributes
    ----------
    judged
        By id of the rule.
    reference
        Id and hash of the reference.
    rules_hash
        Content hash of the rules.
    """

    judged: dict[str, Judged]
    reference: ReferenceLabel
    rules_hash: str

    def __getitem__(self, rule: str) -> Judged:
        return self.judged[one_of("rule", rule, list(self.judged))]

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """One column each of value, threshold, met, level and status for every rule: made for a data frame.

        The names are those of the rules, such as ``nice_fall_birth`` (met),
        ``nice_fall_birth_value``, ``_threshold``, ``_level`` and ``_status``.
        """
        out: dict[str, npt.NDArray[Any]] = {}
        for found in self.judged.values():
            name = found.rule.column
            out[name] = found.met
            out[f"{name}_value"] = found.value
            out[f"{name}_threshold"] = found.threshold
            out[f"{name}_level"] = found.level
            out[f"{name}_status"] = found.status
        return out


def growth_rules(
    weight_kg: Any,
    *,
    age_days: Any,
    sex: Any,
    gestation_days: Any = None,
    reference: str | Reference = "uk-who",
    child: Any = None,
    high_need: Any = False,
    rules: Sequence[GrowthRule] | None = None,
    birth_date: Any = None,
    sex_coding: SexCoding | None = None,
) -> GrowthRules:
    """Judge the growth rules in use today at every weighing, each with the weights up to it.

    Parameters
    ----------
    weight_kg, age_days, sex, gestation_days
        One row a weighing, in any order: weight [kg], chronological age [days], sex, completed
        gestation at birth [days] (None or NaN: term).  A weight on the day of birth is the
        birth weight.
    reference
        Id of a packaged reference, or a `Reference`, adjusted ones included.
    child
        Id of the child of each row, or offsets (first row of each child, and the number of
        rows); None if all are of one child.
    high_need
        Whether a child has high need (neurodisability with GMFCS IV or V, or equivalent), one a
        row or for all; a child has it where any of its rows says so.
    rules
        Other rules than the packaged ones: a list or tuple of `GrowthRule`.
    birth_date
        Day of birth, for all or one a row: months of age are then calendar months.  None or missing:
        months of 30.4375 days.
    sex_coding
        Meaning of codes of sex, where they are not words.

    Returns
    -------
    GrowthRules
        Value, threshold, level, met and status of each rule, in the order given.  Of weights of one
        day rules on z read the median, rules on kilograms the lowest; the birth weight is the greatest of
        the day of birth.  Rows of one child must agree on sex and on gestation: where they
        do not, its rules on z say so and judge nothing.  Rules on kilograms, which read neither, judge on.

    Raises
    ------
    GrowthwatchError
        For columns of unequal length, ids that are missing, an unknown reference, or a
        `high_need` that is not true or false; for any other wrong argument.

    Notes
    -----
    Definitions: this module's docstring; sources and where they disagree: each rule's `source`
    and `differs`.  Every weight given is taken as valid.  A preterm child is followed by
    corrected age wherever changes of z are summed.  Where no table covers two weighings, the
    best position starts anew after them.

    Examples
    --------
    >>> found = growth_rules([3.4, 5.6, 6.6, 6.7], age_days=[0, 91, 182, 273], sex="female")
    >>> found["nice-fall-birth"].met.tolist()
    [False, False, False, True]
    >>> found["nice-fall-birth"].value.round(2).tolist()
    [nan, 0.45, 1.18, 2.5]
    """
    return judge_rules(
        chosen_rules(rules),
        chosen_reference("reference", reference),
        (weight_kg, age_days, sex, gestation_days, child, high_need, sex_coding),
        birth_date=birth_date,
    )


def chosen_rules(rules: Sequence[GrowthRule] | None) -> tuple[GrowthRule, ...]:
    """Return the rules that are given; the packaged ones for None."""
    if rules is None:
        return packaged_rules()
    if not isinstance(rules, list | tuple):
        raise GrowthwatchError.of("rules", rules, "a list of rules, such as packaged_rules()")
    return tuple(instance("rules", r, GrowthRule, "a GrowthRule in every place") for r in rules)


def judge_rules(
    used: tuple[GrowthRule, ...],
    reference: Reference,
    columns: tuple[Any, ...],
    counts: Any = True,
    birth_date: Any = None,
    sure: Any = True,
    series: Series | None = None,
) -> GrowthRules:
    """Judge rules on columns as `growth_rules` takes them.

    Weights that do not count are judged by no rule; those that are not sure are never a best weight.
    Whether the rows of a child agree is read of all.  `series`: as for `read_weighings`.
    """
    weighings, given = read_weighings(
        reference, *columns, counts=counts, birth_date=birth_date, sure=sure, series=series
    )
    has = given.row >= 0
    at = given.row[has]
    judged: dict[str, Judged] = {}
    for rule in used:
        found = judge(weighings, rule)
        value, threshold = np.full(has.shape, np.nan), np.full(has.shape, np.nan)
        level, status = np.zeros(has.shape, np.int8), given.status.copy()
        value[has], threshold[has] = found.value[at], found.threshold[at]
        level[has], status[has] = found.level[at], found.status_code[at]
        judged[rule.id] = Judged(rule, value, threshold, level, status)
    return GrowthRules(judged, given.reference, content_hash([r.model_dump(mode="json") for r in used]))
