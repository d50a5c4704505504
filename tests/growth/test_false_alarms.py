"""What every growth finding costs in false alarms: a rate of its own thresholds and weighings, or why there is none."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import HV, Child
from hypothesis import given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.false_alarm_table import UNTIL_DAYS, wilson
from growthwatch.growth.false_alarms import (
    EvidenceRule,
    FalseAlarms,
    between_words,
    by_age,
    false_alarm_rate,
    one_clock,
)
from growthwatch.growth.healthy import Walk, first_ages, watched_alike, weighing_noise
from growthwatch.growth.model import weight_model
from growthwatch.growth.one_child import Weighing
from growthwatch.growth.published import growth_rules, judge, may_meet
from growthwatch.growth.rules import BirthLine, ClockBand, GrowthRule, Level, packaged_rules
from growthwatch.growth.trajectory import Trajectory
from growthwatch.growth.weighings import Weighings
from growthwatch.protocol.answers.false_alarms import healthy
from growthwatch.protocol.child import Child as Known
from growthwatch.protocol.child import Scorer, read_child
from growthwatch.protocol.document import Protocol
from growthwatch.protocol.kinds import GrowthKind
from growthwatch.protocol.kinds.on_weights import NOT_KNOWN
from growthwatch.references import reference

MONTHLY = [14, *range(28, 400, 30)]
REGULAR = [14.0, *np.round(np.arange(1, 24) * DAYS_PER_MONTH)]
WEEKLY = list(np.arange(14.0, 365.0, 7.0))
PACKAGED = Path(__file__).parents[2] / "growthwatch" / "protocols" / "uk-hv.toml"
RULES = {r.id: r for r in packaged_rules()}
RATE = "healthy child"
GROWTH_KINDS = {
    "newborn_loss", "below_previous", "birth_weight_not_regained", "fall_from_birth", "below_line", "loss_from_best",
    "no_net_gain", "conditional_gain", "evidence", "fall_on_condition", "very_low", "cp_chart",
}  # fmt: skip

MEASURED_KINDS = {"wasting", "thin_or_short"}
"""Growth kinds that no simulation of weights covers."""


def with_level(id: str, level: Level | None = None, **figures: Any) -> GrowthRule:
    return RULES[id].model_copy(update=figures | ({} if level is None else {"levels": (level,)}))


def fallen(hold: int = 6, monthly: float = 0.4, **more: Any) -> Child:
    child = Child(birth_kg=None, **more).steady(0.5, [0, *MONTHLY[:hold]])
    for i, day in enumerate(MONTHLY[hold:]):
        child.at_z(0.5 - monthly * (i + 1), day)
    return child


def said(child: Child, day: int, protocol: Protocol = HV) -> dict[str, str]:
    return {f.rule: f.false_alarm for f in child.review(day, protocol).findings if f.false_alarm is not None}


def ours(tmp_path: Path, *changes: tuple[str, str]) -> Protocol:
    text = PACKAGED.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return Protocol.load(path)


def alike(a: FalseAlarms, b: FalseAlarms) -> bool:
    """Whether two rates agree within their joint sampling error, and a point of interpolation in the table."""
    variance = sum((r.rate * (1 - r.rate) + 0.5 / r.children) / r.children for r in (a, b))
    return abs(a.rate - b.rate) < 0.01 + 3.5 * math.sqrt(variance)


# --- the sampler --------------------------------------------------------------------------------


def test_children_drawn_have_the_covariance_of_the_model() -> None:
    days = np.array([0.0, 14, 15, 44, 91, 183, 365, 700])
    walk, sexes = Walk((20_000, 2), np.random.default_rng(1)), np.array([0, 1], np.uint8)
    noise = np.array([weighing_noise(np.full(2, d), sexes) for d in days])
    z = np.array([walk.step(np.full(2, d), n) for d, n in zip(days.tolist(), noise, strict=True)])
    for sex in (0, 1):
        expected = weight_model().covariance(days, noise[:, sex])
        assert np.abs(np.cov(z[:, :, sex]) - expected).max() < 0.04


def test_the_same_children_are_drawn_again() -> None:
    days = tuple(MONTHLY)
    first = watched_alike(days, 0.0, False, False).z.copy()
    watched_alike.cache_clear()
    assert (watched_alike(days, 0.0, False, False).z == first).all()


def test_a_child_weighed_daily_for_years_is_no_endless_work() -> None:
    daily = tuple(np.arange(14.0, 1826.0))
    assert watched_alike(daily, 0.0, False, False).offsets.size - 1 == 500
    assert watched_alike(tuple(MONTHLY), 0.0, False, False).offsets.size - 1 == 4000


# --- table and simulation -----------------------------------------------------------------------


@pytest.mark.parametrize("days", [REGULAR, WEEKLY], ids=["monthly", "weekly"])
def test_simulated_on_the_fly_agrees_with_the_table(days: list[float]) -> None:
    for rule, level in (
        ("nice-fall-birth", 1), ("aspen-decline", 2), ("below-line", 1), ("thrive-line", 1), ("loss-from-best", 2),
        ("no-net-gain", 1), ("evidence", 2),
    ):  # fmt: skip
        looked = false_alarm_rate(rule, days, level=level)
        drawn = false_alarm_rate(rule, days, level=level, simulated=True)
        assert "benchmarks" in looked.source and "this child's ages" in drawn.source
        assert alike(looked, drawn), (
            f"{rule}: {looked.rate} {drawn.rate}: is the table of this model? (benchmarks/false_alarms.py)"
        )
        assert drawn.low <= drawn.rate <= drawn.high and drawn.children >= 500


def test_a_condition_on_the_standard_is_simulated_too() -> None:
    looked = false_alarm_rate("nice-fall-birth", REGULAR, world="condition-on-standard")
    drawn = false_alarm_rate("nice-fall-birth", REGULAR, world="condition-on-standard", simulated=True)
    assert alike(looked, drawn) and looked.rate > 0.7
    assert "with a condition like this" in drawn.sentence


def test_a_rule_of_ones_own_with_packaged_figures_is_looked_up() -> None:
    same = with_level("below-line", Level(name="x", threshold=-2.0, over=True)).model_copy(update={"id": "mine"})
    found = false_alarm_rate(same, REGULAR)
    assert found.rule == "mine" and found.rate == false_alarm_rate("below-line", REGULAR).rate
    assert found.source == false_alarm_rate("below-line", REGULAR).source


@pytest.mark.parametrize(
    "mine",
    [
        with_level("nice-fall-birth", birth_lines=(BirthLine(spaces=2.0),)),
        with_level("below-line", Level(name="9th", threshold=-4 / 3, over=True)),
        with_level("thrive-line", Level(name="2nd", threshold=-2.0, over=True)),
        with_level("loss-from-best", Level(name="6 %", threshold=6.0)),
        with_level("no-net-gain", clock=(ClockBand(from_days=14.0, amber_days=60.0, red_days=90.0),)),
    ],
    ids=lambda r: r.kind,
)
def test_a_rule_with_other_thresholds_gets_a_rate_of_its_own(mine: GrowthRule) -> None:
    found, packaged = false_alarm_rate(mine, REGULAR), false_alarm_rate(mine.id, REGULAR)
    assert "this child's ages" in found.source and 0.0 < found.rate < 1.0
    assert abs(found.rate - packaged.rate) > 0.01
    assert "weighed this often" in found.sentence


def test_high_need_has_the_clock_of_high_need() -> None:
    plain, need = (false_alarm_rate("no-net-gain", REGULAR, high_need=h) for h in (False, True))
    assert need.rate > plain.rate + 0.1 and "this child's ages" in need.source
    other = false_alarm_rate("below-line", REGULAR, high_need=True)
    assert other.rate == false_alarm_rate("below-line", REGULAR).rate  # it has no limits for high need


PATTERNS = st.lists(st.integers(14, 500), min_size=4, max_size=14, unique=True).map(sorted)


@settings(max_examples=12, deadline=None)
@given(PATTERNS, st.sampled_from(["below-line", "thrive-line", "aspen-decline", "loss-from-best"]), st.data())
def test_a_harder_threshold_never_has_a_higher_rate(days: list[int], id: str, data: st.DataObject) -> None:
    easy = data.draw(st.floats(-2.5, -0.5) if RULES[id].worse == "lower" else st.floats(0.5, 5.0))
    hard = easy + data.draw(st.floats(0.0, 2.0)) * (-1 if RULES[id].worse == "lower" else 1)
    rates = [
        false_alarm_rate(with_level(id, Level(name="x", threshold=t)), days, simulated=True).rate for t in (easy, hard)
    ]
    assert rates[1] <= rates[0]


def test_a_higher_ratio_or_a_longer_clock_never_has_a_higher_rate() -> None:
    ratios = [false_alarm_rate(EvidenceRule(ratio=r), MONTHLY, simulated=True).rate for r in (2.0, 3.0, 4.0, 8.0, 30.0)]
    assert ratios == sorted(ratios, reverse=True) and ratios[0] > ratios[-1]
    clocks = [
        false_alarm_rate(
            with_level("no-net-gain", clock=(ClockBand(from_days=14.0, amber_days=d, red_days=200.0),), every_day=True),
            MONTHLY,
        ).rate
        for d in (30.0, 45.0, 60.0, 90.0)
    ]
    assert clocks == sorted(clocks, reverse=True)


def test_none_of_so_many_is_not_said_to_be_none() -> None:
    found = false_alarm_rate(with_level("below-line", Level(name="x", threshold=-6.0)), REGULAR)
    assert found.rate == 0.0 and found.high > 0.0
    assert found.sentence == "Fewer than one healthy child in 1000 weighed this often meets this rule by 2 years."
    daily = false_alarm_rate(with_level("below-line", Level(name="x", threshold=-6.0)), np.arange(14, 740))
    assert daily.rate == 0.0 and daily.children == 500
    assert daily.sentence.startswith("Fewer than one healthy child in 130 weighed")  # 500 children show no more


def test_wilson_is_what_the_book_says() -> None:
    p, low, high = (float(x) for x in wilson(2, 10))  # Newcombe RG. Stat Med 1998;17:857-72 gives the method
    assert (p, round(low, 4), round(high, 4)) == (0.2, 0.0567, 0.5098)


# --- conditions on a level that rules did not have ----------------------------------------------


def columns(z: list[float], days: list[float], kg: list[float] | None = None) -> Weighings:
    n = len(z)
    weights = np.array(kg or [5.0] * n)
    return Weighings(
        np.array([0, n]), np.array(days, float), np.array(days, float), weights, weights, weights, np.array(z),
        np.array(z), np.zeros(n, np.bool_), np.full(n, 0.1), np.zeros(n, np.uint8), np.array([3.5]), np.array([0.0]),
        np.array([0.0]), np.array([280.0]), np.array([False]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("z", "days", "falling"),
    [
        # 60: the 28 days before hold none, so that of day 30 counts; 64 is 4 days after 60: that of 30 still counts;
        # 71 stands at -2.2, the highest of day 43 to 70 is -2.1; 80 stands 0.6 below that.
        ([-1.0, -2.1, -2.2, -2.2, -2.7], [30, 60, 64, 71, 80], [False, True, True, False, True]),
        # A slow fall weighed every week: more than a third of a space (0.222) below the first of the 28 days.
        ([-2.1, -2.16, -2.22, -2.28, -2.34], [100, 107, 114, 121, 128], [False, False, False, False, True]),
        # The same fall, slower than that in 28 days: below the weight with which it came under the line.
        ([-2.1, -2.2, -2.3, -2.33], [100, 130, 160, 190], [False, False, False, True]),
        # Above the line between: what came before is no longer what it is compared with.
        ([-2.1, -2.2, -1.9, -2.05, -2.11], [100, 130, 160, 190, 219], [False, False, False, False, False]),
    ],
)
def test_below_and_falling_looks_at_the_highest_of_late_and_at_where_it_came_below(
    z: list[float], days: list[float], falling: list[bool]
) -> None:
    level = Level(
        name="x", threshold=-2.0, over=True, falling_spaces=1 / 3, falling_within_days=28, falling_least_days=7
    )
    assert (judge(columns(z, days), with_level("below-line", level)).level > 0).tolist() == falling


def test_held_for_a_week_needs_every_weighing_between() -> None:
    rule = with_level("below-line", Level(name="x", threshold=-2.0, over=True, held_days=7.0))
    seen = columns([-2.5, -2.5, -1.0, -2.5, -2.5, -2.5], [30, 36, 40, 50, 56, 57])
    assert (judge(seen, rule).level > 0).tolist() == [False, False, False, False, False, True]


def test_the_clock_runs_between_weighings_where_it_is_read_every_day() -> None:
    bands = (ClockBand(from_days=14.0, amber_days=20.0, red_days=40.0),)
    seen = columns([0.0] * 4, [20, 25, 50, 90], [5.0, 4.9, 6.0, 6.5])
    weighed, daily = (judge(seen, with_level("no-net-gain", clock=bands, every_day=e)) for e in (False, True))
    assert weighed.level.tolist() == [0, 0, 0, 0]
    assert daily.level.tolist() == [0, 1, 0, 0]  # the 49th day is the 29th without a gain
    assert daily.value.tolist() == [0.0, 29.0, 0.0, 0.0]


def test_the_worst_day_until_the_next_weighing_may_be_in_an_earlier_band() -> None:
    bands = (
        ClockBand(from_days=14.0, amber_days=10.0, red_days=40.0),
        ClockBand(from_days=40.0, amber_days=60.0, red_days=90.0),
    )
    seen = columns([0.0] * 3, [20, 25, 60], [5.0, 4.9, 6.0])
    found = judge(seen, with_level("no-net-gain", clock=bands, every_day=True))
    assert found.level.tolist() == [0, 1, 0] and found.value[1] == 19.0  # on day 39


# --- who need not be judged ---------------------------------------------------------------------


@pytest.mark.parametrize("high_need", [False, True])
@pytest.mark.parametrize("on_standard", [False, True])
def test_who_is_not_judged_would_not_have_met_the_rule(on_standard: bool, high_need: bool) -> None:
    seen = watched_alike((20.0, 45.0, 100.0, 160.0, 260.0, 500.0), 0.0, on_standard, high_need)
    everybody = seen.of(np.ones(seen.high_need.size, np.bool_))
    for rule in packaged_rules():
        level = judge(everybody, rule).level.reshape(-1, 7)
        may = may_meet(seen, rule)
        assert not (level[~may] > 0).any(), rule.id
        assert may.all() == (rule.kind not in ("no_net_gain", "below_line")), rule.id
        age = seen.age_days.reshape(-1, 7)
        for k, first in enumerate(first_ages(rule, seen), 1):
            assert np.array_equal(first, np.where(level >= k, age, np.inf).min(axis=1)), rule.id


def test_nobody_who_may_meet_a_rule_is_nobody_who_does() -> None:
    seen = columns([0.0, 0.1], [20, 50], [4.0, 5.0])
    for id in ("no-net-gain", "below-line"):
        rule = with_level(id)
        assert not may_meet(seen, rule).any()
        assert all(ages.tolist() == [math.inf] for ages in first_ages(rule, seen))


@pytest.mark.parametrize("weighed_before", [False, True])
@pytest.mark.parametrize("early_days", [0.0, 40.0])
def test_kilograms_worked_out_of_some_are_those_of_all(early_days: float, weighed_before: bool) -> None:
    days = (60.0, 85.5, 140.0, 700.0)
    watched_alike.cache_clear()
    seen = watched_alike(days, early_days, True, False)
    drawn = seen.z.reshape(-1, 5)
    if weighed_before:
        assert seen.sure_kg.shape == seen.z.shape
    some = np.arange(drawn.shape[0]) % 7 == 3
    part = seen.of(some)
    assert np.array_equal(part.z, drawn[some].ravel())
    assert np.array_equal(part.age_days, np.tile([0.0, *days], some.sum()))
    assert np.array_equal(part.followed_days, np.tile([0.0, *(np.array(days) - early_days)], some.sum()))
    kg = reference("who-2006").value(part.z, sex=np.where(np.arange(some.size)[some] % 2, "female", "male").repeat(5),
                                     age_days=part.followed_days)  # fmt: skip
    assert np.array_equal(part.weight_kg, np.round(np.asarray(kg), 2))
    assert np.array_equal(part.sure_kg, seen.sure_kg.reshape(-1, 5)[some].ravel())
    assert np.array_equal(part.birth_kg, part.weight_kg[::5])
    whole = seen.of(np.ones(some.size, np.bool_)).of(some)
    for field in dataclasses.fields(Weighings):
        assert np.array_equal(getattr(whole, field.name), getattr(part, field.name)), field.name


def test_some_children_are_taken_with_all_that_is_theirs() -> None:
    alike = watched_alike((60.0, 85.0, 140.0), 30.0, False, True)
    seen = alike.of(np.ones(alike.high_need.size, np.bool_))
    dated = dataclasses.replace(seen, birth_date=np.arange(seen.birth_kg.size).astype("datetime64[D]"))
    some = np.arange(seen.birth_kg.size) % 3 == 1
    for whole in (seen, dated):
        part = whole.of(some)
        for field in dataclasses.fields(Weighings)[1:]:
            column, taken = getattr(whole, field.name), getattr(part, field.name)
            if column is None:
                assert taken is None
                continue
            by_child = column.reshape(some.size, -1)  # each child has four rows, or one figure
            assert np.array_equal(taken, by_child[some].ravel()), field.name
        assert part.offsets.tolist() == list(range(0, 4 * int(some.sum()) + 1, 4))


# --- every growth finding -----------------------------------------------------------------------


def test_every_growth_rule_of_the_protocol_says_something_at_every_level(tmp_path: Path) -> None:
    kinds: dict[str, str] = {}
    child = Child(birth_kg=3.5).steady(0.0, MONTHLY[:6])
    events = child.record.events
    read = read_child(
        HV.settings, HV.reference, [(e.on.toordinal(), e) for e in events], Scorer(HV.settings, HV.reference, events)
    )
    for rule in HV.rules:
        for level in range(len(rule.levels)):
            asked = healthy(rule, level, {"loss_percent": rule.levels[level].loss_at_least_percent or 0}
                            if rule.KIND == "loss_from_best" else {}, read, read.ages.birth.day + 200)  # fmt: skip # pyright: ignore
            if rule.KIND in GROWTH_KINDS | MEASURED_KINDS:
                assert asked is not None
                kinds[rule.KIND] = asked.sentence
                assert asked.sentence.endswith(".")
            else:
                assert asked is None, rule.KIND
    assert set(kinds) == GROWTH_KINDS | MEASURED_KINDS
    without = {k for k, sentence in kinds.items() if RATE not in sentence and "healthy children" not in sentence}
    assert without == {"below_previous", "cp_chart"}
    assert all(kinds[kind] == NOT_KNOWN for kind in MEASURED_KINDS)


def test_g2_says_what_was_published_for_the_age_of_the_weight() -> None:
    back = Child(birth_kg=3.5).weigh(3.2, 5).weigh(3.4, 21)
    assert (
        said(back, 22)["G2"] == "In a published study one healthy child in 18 is not back to birth weight by 3 weeks."
    )
    early = Child(birth_kg=3.5).weigh(3.2, 5).weigh(3.4, 12)
    assert said(early, 22)["G2"].endswith("by 10 days. The last weight was of day 12.")
    assert "one healthy child in two" in said(early, 22)["G2"]
    first = Child(birth_kg=3.5).weigh(3.2, 5)
    assert said(first, 22)["G2"].startswith("No false-alarm rate") and "so early a weight" in said(first, 22)["G2"]
    ill = Child(birth_kg=3.5).weigh(3.4, 21).ill(21)
    assert said(ill, 22)["G2"].endswith("The illness is not part of this rate.")


def test_published_rates_have_a_source_and_fall_with_age() -> None:
    rates = RULES["birth-weight-regain"].published_rates
    assert [r.from_age_days for r in rates] == sorted(r.from_age_days for r in rates)
    assert [r.rate for r in rates] == sorted((r.rate for r in rates), reverse=True)
    assert all("Paul" in r.source and r.tag in "NGL" for r in rates)
    # 76 % of the newborns were born vaginally (Paul 2016): both ways of birth together.
    assert rates[1].rate == pytest.approx(0.76 * 0.14 + 0.24 * 0.24, abs=5e-4)
    assert rates[2].rate == pytest.approx(0.76 * 0.05 + 0.24 * 0.08, abs=5e-4)


def test_newborn_loss_beyond_the_published_threshold_is_met_by_no_more() -> None:
    lost = said(Child(birth_kg=3.5).weigh(3.0, 4), 5)["G1"]
    assert lost == "In a published study at most one healthy child in 60 loses 12 % or more by 3 weeks."
    assert "at most" not in said(Child(birth_kg=3.5).weigh(3.13, 4), 5)["G1"]
    small = with_level("newborn-loss", Level(name="8 %", threshold=8.0, over=True))
    assert "so small a loss" in false_alarm_rate(small, [4]).sentence


def test_g1b_says_that_there_is_no_rate_and_why() -> None:
    child = Child(birth_kg=3.5).weigh(3.3, 4).weigh(3.25, 8)
    assert said(child, 9)["G1b"].startswith("No false-alarm rate: the model of healthy growth has no newborn days")


def test_g3c_says_the_fall_on_the_condition_s_own_reference() -> None:
    child, own = Child(birth_kg=None).condition("trisomy_21", 1), reference("trisomy-21-uk-2002")
    days = [60, 120, 180, 240, 300, 360, 390, 420, 450, 480]
    for z, day in zip([*[0.0] * 6, -0.2, -0.5, -0.9, -1.5], days, strict=True):
        child.weigh(float(own.value(z, age_days=day, sex="female")), day)
    child.plan(400, plan="condition", reference=own.id)
    told = said(child, 480)
    assert told["G3c"].startswith("At most ") and "fall" in told["G3c"] and "by 2 years" in told["G3c"]
    assert "general standard" not in told["G3c"] and "more than the fall" in told["G3c"]
    assert "judged on the general standard" in told["G12"]


def test_g3c_falls_less_often_by_more_spaces(tmp_path: Path) -> None:
    one, two = (
        false_alarm_rate(
            with_level("nice-fall-best", birth_lines=(BirthLine(spaces=s),), best_from_age_days=0.0), REGULAR
        ).rate
        for s in (1.0, 2.0)
    )
    assert one > two + 0.2


def test_preterm_children_get_a_rate_and_its_assumption() -> None:
    told = said(fallen(gestation_days=220), 400)
    assert {"G3", "G4", "G12", "G9", "G8"} <= set(told)
    for rule in ("G3", "G4", "G12", "G9", "G8"):
        assert RATE in told[rule], rule
        assert told[rule].endswith("Born early: taken to vary from the due date as if born at term.")
    assert "Born early" not in str(said(fallen(), 400))


def test_evidence_of_the_preterm_is_looked_up_at_ages_from_term() -> None:
    looked = false_alarm_rate("evidence", MONTHLY, gestation_days=220)
    drawn = false_alarm_rate("evidence", MONTHLY, gestation_days=220, simulated=True)
    assert "benchmarks" in looked.source and looked.born_early and alike(looked, drawn)


def test_preterm_weighings_count_from_two_weeks_after_term() -> None:
    days = [*range(14, 70, 7), *range(74, 500, 30)]
    early = false_alarm_rate("nice-fall-birth", days, gestation_days=220)
    term = false_alarm_rate("nice-fall-birth", [d - 60 for d in days if d >= 74], until_days=730.5 - 60, simulated=True)
    assert early.born_early and early.rate == pytest.approx(term.rate, abs=0.03)
    before = false_alarm_rate("loss-from-best", [30, 40, 50], gestation_days=220)
    assert math.isnan(before.rate) and "14 days after term" in before.sentence


def test_a_protocol_with_other_thresholds_gets_its_own_rates(tmp_path: Path) -> None:
    mine = ours(
        tmp_path,
        ("\nratio_at_least = 5\n", "\nratio_at_least = 4\n"),
        ("line = -3", "line = -2"),
        ("[[rules.thresholds]]\nbirth_up_to_lines = 2\nspaces = 2", "[[rules.thresholds]]\nbirth_up_to_lines = 2\nspaces = 1"),
        ("loss_at_least_percent = 7.5", "loss_at_least_percent = 7"),
        ("amber_days = 56\nred_days = 84\nhigh", "amber_days = 42\nred_days = 63\nhigh"),
        ("z_below = -1.645", "z_below = -1.3"),
    )  # fmt: skip
    child = fallen()
    before, after = said(child, 400), said(child, 400, mine)
    for rule in ("G3", "G4", "G7", "G8", "G9", "G12"):
        assert RATE in after[rule] or "healthy children" in after[rule], rule
    for rule in ("G3", "G4", "G7"):
        assert after[rule] != before[rule], rule


def test_twice_running_and_below_and_falling_are_rarer_than_once_and_below() -> None:
    levels = {
        (f.rule, f.level): f.healthy
        for day in MONTHLY[5:]
        for f in fallen().review(day).findings
        if f.healthy is not None
    }

    def rate(rule: str, level: str) -> float:
        asked = levels[rule, level]
        assert asked is not None and not isinstance(asked.judged, str)
        return false_alarm_rate(asked.judged.rule, asked.age_days, level=asked.judged.level, simulated=True).rate

    assert rate("G7", "twice running") < rate("G7", "once")
    assert (
        rate("G5", "below and falling") < false_alarm_rate("below-line", MONTHLY, level=2, simulated=True).rate + 0.01
    )


def test_the_clock_of_a_review_costs_what_it_costs_between_weighings() -> None:
    asked = next(f.healthy for f in fallen().review(400).findings if f.rule == "G9")
    assert asked is not None and not isinstance(asked.judged, str)
    daily = asked.judged.rule
    assert isinstance(daily, GrowthRule) and daily.every_day
    weighed = daily.model_copy(update={"every_day": False})
    rates = [false_alarm_rate(rule, REGULAR, level=1, simulated=True).rate for rule in (daily, weighed)]
    assert rates[0] > rates[1] + 0.02


def test_a_clock_costs_what_its_limit_costs_at_its_ages_and_says_so() -> None:
    # 112 days in the second year, not any limit of any age: "this length of clock at this age".
    child = Child(birth_kg=3.5).steady(0.0, [14, 45, 76, 106, 137, 167, 230, 290, 350])
    kg = round(child.kg(0.1, 400), 2)
    child.weigh(kg, 400).weigh(kg - 0.02, 440)
    found = next(f for f in child.review(520).findings if f.rule == "G9")
    assert found.level == "amber"
    told = str(found.false_alarm)
    assert "112 days or more without a new best weight between 1 year and 2 years of age." in told
    ages = [0, 14, 45, 76, 106, 137, 167, 230, 290, 350, 400, 440]
    clock = next(r for r in packaged_rules() if r.id == "no-net-gain").model_copy(update={"every_day": True})
    whole = false_alarm_rate(clock, ages, level=1).rate
    only, does, between = one_clock(clock, 5, 1, False)
    here = false_alarm_rate(only, ages, level=1, until_days=between[1])
    assert 0.0 < here.rate < whole, "any limit at any age is met by more"
    assert told.startswith(here.said(*does).split(" by ")[0])
    assert between == (pytest.approx(365.25), pytest.approx(730.5))


@pytest.mark.parametrize("high_need", [False, True])
@pytest.mark.parametrize(
    ("band", "level", "days"), [(0, 1, 7), (0, 2, 14), (3, 1, 56), (3, 2, 84), (6, 1, 168), (6, 2, 252)]
)
def test_one_limit_of_a_clock_is_named(band: int, level: int, days: int, high_need: bool) -> None:
    # Table 2b: of high need 42 / 56 from 6 months and 56 / 84 from 1 year on.
    rule = next(r for r in packaged_rules() if r.id == "no-net-gain")
    _, (one, many), ages = one_clock(rule, band, level, high_need)
    need = {(3, 1): 42, (3, 2): 56, (6, 1): 56, (6, 2): 84}
    expected = need.get((band, level), days) if high_need else days
    gain = "a gain of 1 %" if high_need else "a new best weight"
    assert one == f"goes {expected} days or more without {gain}" and many == one.replace("goes", "go")
    words = {0: "between 2 weeks and 8 weeks of age", 3: "between 6 months and 9 months of age"}
    assert between_words(ages) == words.get(band, "between 2 years and 5 years of age")


def test_no_share_sounds_as_if_all_were_well_beside_what_cannot_wait() -> None:
    # High need: 84 days without a gain of 1 % between 2 and 5 years, which most healthy children have at some time.
    child = Child(birth_kg=3.4, gmfcs=5).steady(0.0, list(range(14, 900, 60)))
    kg = child.record.events[-1].weight_kg  # pyright: ignore[reportAttributeAccessIssue]
    for day in (960, 1020, 1080):
        child.weigh(round(kg - 0.02, 2), day)
    found = next(f for f in child.review(1080).findings if f.rule == "G9")
    told = str(found.false_alarm)
    assert found.level == "red" and "nearly every" not in told
    assert "without a gain of 1 % between" in told
    assert told.endswith("That is at some time or other: what is seen here is acted on all the same.")
    rare = replace(FalseAlarms("x", 1, 0.4, 0.3, 0.5, 730.5, 9.0, "own", 500, ""), rate=0.49)
    assert "all the same" not in rare.sentence
    most = replace(rare, rate=0.99)
    assert most.sentence == (
        "More than 97 in 100 healthy children weighed this often meet this rule by 2 years. "
        "That is at some time or other: what is seen here is acted on all the same."
    )


def test_what_a_loss_rests_on_besides_is_said() -> None:
    days = [14, 28, 42, 56, 70, 100]
    kg = Child().kg(0.0, 100)
    ill = Child(birth_kg=3.5).steady(0.0, days).weigh(round(kg * 0.965, 2), 107).ill(107)
    assert "lose 3 % or more" in said(ill, 108)["G8"] and said(ill, 108)["G8"].endswith(
        "illness is not part of this rate."
    )
    sign = Child(birth_kg=3.5).steady(0.0, days).weigh(round(kg * 0.94, 2), 107).sign("sunken_eyes", 107)
    r = sign.review(108)
    assert next(f for f in r.findings if f.rule == "G8").level == "emergency"
    told = said(sign, 108)["G8"]
    assert told.endswith("The sign recorded is not part of this rate.")
    at_5, at_10 = (false_alarm_rate("loss-from-best", [*days, 107], level=k) for k in (2, 4))
    assert told.startswith(at_5.said("loses 5 % or more", "lose 5 % or more")) and at_5.rate > at_10.rate
    alone = Child(birth_kg=3.5).steady(0.0, days).weigh(round(kg * 0.93, 2), 107)
    assert "part of this rate" not in said(alone, 108)["G8"]


def test_too_few_weights_or_an_age_beyond_the_model_is_said() -> None:
    assert said(Child(birth_kg=2.6).at_z(-2.2, 40), 41)["G4"].startswith("Too few weights")
    old = Child(birth_kg=3.5).steady(0.0, [400, 800, 1200, 1700]).at_z(-2.3, 2000)
    assert said(old, 2001)["G4"] == "No false-alarm rate: the model of healthy growth ends at 5 years."


def test_findings_that_are_not_about_growth_say_nothing() -> None:
    r = Child(birth_kg=3.5).sign("fever", 30).review(90)
    process = [f for f in r.findings if f.rule.startswith(("S", "H"))]
    assert process and all(f.false_alarm is None for f in process)


def test_a_kind_of_rule_that_is_not_known_says_so() -> None:
    class Mine(GrowthKind):
        KIND = "mine"

    child = Known(HV.settings, HV.reference, Scorer(HV.settings, HV.reference, ()))
    mine = Mine.model_construct(id="X", title="X", levels=())
    asked = healthy(mine, 0, {}, child, 0)
    assert asked is not None and asked.sentence.startswith("No false-alarm rate")


def test_a_review_says_the_same_bytes_again() -> None:
    from growthwatch.growth import false_alarms as looked
    from growthwatch.protocol.answers import false_alarms as sentences

    first = fallen(gestation_days=220).review(400).to_json()
    for cache in (sentences._sentence, looked._count, watched_alike):  # pyright: ignore[reportPrivateUsage]
        cache.cache_clear()
    assert fallen(gestation_days=220).review(400).to_json() == first


# --- one definition for reviews and trajectories ------------------------------------------------


def test_by_which_age_has_one_definition() -> None:
    assert by_age([14, 700]) == 730.5 and by_age([14, 731]) == UNTIL_DAYS and by_age([]) == 730.5
    assert by_age([14, 700], 365.25) == 365.25 and by_age([800], 730.5) == 730.5
    assert by_age([3], 7.0) == 14.0


def told_by_both(child: Child, day: int) -> tuple[dict[str, str], dict[str, str]]:
    trajectory = gw.trajectory(child.record, as_of=child.date(day))
    met = {(m.rule, m.level): m.false_alarms for m in trajectory.met}
    pairs = {
        "G3": ("Fall from the birth centile", "met"),
        "G4": ("Below a line", "below the 2nd centile"),
        "G8": ("Loss from the best weight", "5 %"),
    }
    ours = {g: met[key].sentence for g, key in pairs.items() if key in met}
    evidence = trajectory.evidence
    if evidence.level and evidence.false_alarms is not None:
        ours["G12"] = evidence.false_alarms.sentence
    theirs = {
        g: s.replace("loses 5 % or more", "meets this rule").replace("lose 5 % or more", "meet this rule")
        for g, s in said(child, day).items()
    }
    return ours, theirs


@pytest.mark.parametrize("gestation", [280, 220])
@pytest.mark.parametrize("condition", [None, "trisomy_21", "cerebral_palsy"])
def test_trajectory_and_review_say_the_same_of_the_same_rule(gestation: int, condition: str | None) -> None:
    child = fallen(gestation_days=gestation)
    if condition is not None:
        child.condition(condition, 1)
    compared = 0
    for day in MONTHLY[6:]:
        mine, theirs = told_by_both(child, day)
        for rule in set(mine) & set(theirs) - ({"G4"} if "G5" in theirs else set()):
            assert mine[rule] == theirs[rule], (day, rule)
            compared += 1
    assert compared > 6


def test_both_say_the_same_after_two_years() -> None:
    child = Child(birth_kg=None).steady(0.5, [0, *range(14, 760, 60)])
    for i, day in enumerate(range(790, 1100, 60)):
        child.at_z(0.5 - 0.5 * (i + 1), day)
    mine, theirs = told_by_both(child, 1100)
    assert "by 5 years" in mine["G12"] and "by 5 years" in mine["G3"]
    assert mine["G12"] == theirs["G12"] and mine["G3"] == theirs["G3"]


def test_a_trajectory_costs_the_rule_it_was_judged_by() -> None:
    """A rule with a packaged id and other thresholds must not be given the packaged rate."""
    child = Child(birth_kg=3.5)
    kg = [child.kg(0.0 if d < 200 else -1.5, d) for d in MONTHLY]
    weighings = [Weighing(str(d), None, k, float(d), True, "") for d, k in zip(MONTHLY, kg, strict=True)]
    trajectory = Trajectory("x", weighings, reference("uk-who"), None, sex="female", gestation_days=None)
    lenient = with_level("below-line", Level(name="below the 9th", threshold=-4 / 3, over=True))
    judged = growth_rules(kg, age_days=MONTHLY, sex="female", rules=(lenient,))
    met = trajectory.cost(trajectory.on_standard, lenient, 1, judged["below-line"].met)
    assert met.rate == false_alarm_rate(lenient, MONTHLY[:8], simulated=True).rate
    assert met.rate > 2 * false_alarm_rate("below-line", MONTHLY).rate


@pytest.mark.parametrize("days", [[*range(100, 110), 700], [1800, 1826], [30, 31]])
@pytest.mark.parametrize("world", ["own", "condition-on-standard"])
def test_a_rate_lies_within_its_interval(days: list[int], world: str) -> None:
    for rule in ("loss-from-best", "thrive-line", "evidence", "nice-fall-birth"):
        found = false_alarm_rate(rule, days, world=world)
        assert found.why_none or 0.0 <= found.low <= found.rate <= found.high <= 1.0, rule


@pytest.mark.parametrize("level", [True, 1.5, "1", None, float("nan"), 0, 9])
@pytest.mark.parametrize("rule", ["evidence", "thrive-line", EvidenceRule(ratio=5.0), RULES["thrive-line"]])
def test_a_wrong_level_is_refused_by_name(rule: object, level: object) -> None:
    with pytest.raises(gw.GrowthwatchError) as raised:
        false_alarm_rate(rule, REGULAR, level=level)
    assert raised.value.field == "level"


def test_a_ratio_and_a_gestation_are_checked() -> None:
    for ratio in (0.0, -1.0):
        with pytest.raises(gw.GrowthwatchError):
            false_alarm_rate(EvidenceRule(ratio=ratio), REGULAR)
    for gestation in (0, 5000, 1):
        with pytest.raises(gw.GrowthwatchError):
            false_alarm_rate("thrive-line", REGULAR, gestation_days=gestation)
