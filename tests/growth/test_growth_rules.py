"""The growth rules in use today: as published, on both sides of a splice, and what they cost."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from builders import Child
from hypothesis import example, given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch import GrowthwatchError
from growthwatch.growth.false_alarm_table import false_alarm_columns
from growthwatch.growth.false_alarms import FalseAlarms, false_alarm_rate
from growthwatch.growth.published import growth_rules
from growthwatch.growth.rules import packaged_rules

YEAR, MONTH = 365.25, 30.4375
SPACE = 2 / 3
UK = gw.reference("uk-who")
WHO = gw.reference("who-2006")
IDS = [r.id for r in packaged_rules()]
ON_Z = ["nice-fall-birth", "nice-fall-best", "thrive-line", "aspen-decline", "below-line"]
ON_CHANGE = ["nice-fall-best", "thrive-line", "aspen-decline"]


def rules(kg: Any, days: Any, sex: str = "female", **more: Any) -> Any:
    return growth_rules(kg, age_days=days, sex=sex, **more)


# --- written a second time, weighing by weighing ------------------------------------------------


def slow(days: list[int], kg: list[float], sex: str, gestation: int, need: bool) -> dict[str, list[tuple[float, int]]]:
    """Value and level of every rule at every weighing of one child, one weighing a day, in order; NaN: not judged."""
    n = len(days)
    z = [float(UK.z(w, age_days=d, sex=sex, gestation_days=gestation)) for w, d in zip(kg, days, strict=True)]
    change = UK.change(kg, age_days=days, sex=sex, gestation_days=gestation)
    carried = [z[0]]
    group = [0]
    for i in range(1, n):
        step = float(change.since_previous[i])
        carried.append(carried[-1] + (0.0 if math.isnan(step) else step))
        group.append(group[-1] + math.isnan(step))
    early_born = gestation < 259
    followed = [d - (280 - gestation) if early_born else d for d in days]
    birth = kg[0] if days[0] == 0 else math.nan
    # From 37+0 weeks on a birth is read at 40 weeks, before at its gestation.
    read_at = 280 if gestation >= 259 else gestation
    birth_z = float(UK.z(birth, corrected_age_days=read_at - 280, sex=sex)) if days[0] == 0 else math.nan
    model = __import__("growthwatch.growth.model", fromlist=["x"])
    w = model.weight_model()
    code = np.array([0 if sex == "male" else 1], np.uint8)
    noise = [float(model.noise_sd(UK, code, np.array([max(f, 0.0)]))[0]) for f in followed]

    def chart_age(j: int, from_days: int) -> bool:
        return days[j] >= from_days and not (early_born and gestation + days[j] < 294)

    def spaces(at: float) -> float:
        if math.isnan(at):
            return math.nan
        return 1 if at < -4 / 3 - 1e-9 else 2 if at <= 4 / 3 + 1e-9 else 3

    def falls(value: float, limits: list[float]) -> int:
        return sum(value >= x - 1e-9 for x in limits)

    out: dict[str, list[tuple[float, int]]] = {k: [] for k in IDS}
    none = (math.nan, 0)
    anchor: int | None = None
    for j in range(n):
        fall = (birth_z - z[j]) / SPACE
        ok = chart_age(j, 21) and not math.isnan(fall)
        out["nice-fall-birth"].append((fall, falls(fall, [spaces(birth_z)])) if ok else none)

        best = -math.inf
        same = [i for i in range(j + 1) if group[i] == group[j] and days[i] >= 14]
        for b in same:
            for a in same:
                if days[b] - days[a] >= 14:
                    best = max(best, min(carried[i] for i in same if a <= i <= b))
        if best > -math.inf and chart_age(j, 21):
            fall = max(best - carried[j], 0.0) / SPACE
            limit = spaces(birth_z) if not math.isnan(birth_z) else spaces(best)
            out["nice-fall-best"].append((fall, falls(fall, [limit])))
        else:
            out["nice-fall-best"].append(none)

        pair = [i for i in range(j) if days[i] >= 14 and days[j] - days[i] >= 28 and followed[i] >= 0]
        if pair and group[pair[-1]] == group[j] and 42 <= days[j] <= 730.5:
            i = pair[-1]
            r = float(w.correlation(max(followed[i], 0), max(followed[j], 0), noise[i], noise[j]))
            gain = (z[i] + carried[j] - carried[i] - r * z[i]) / math.sqrt(1 - r * r)
            out["thrive-line"].append((gain, int(gain < -1.6448536269514722 - 1e-9)))
        else:
            out["thrive-line"].append(none)

        tops = [carried[i] for i in range(j) if group[i] == group[j] and (days[i] == 0 or days[i] >= 14)]
        if tops and chart_age(j, 31):
            fall = max(max(tops) - carried[j], 0.0)
            out["aspen-decline"].append((fall, falls(fall, [1, 2, 3])))
        else:
            out["aspen-decline"].append(none)

        level = sum(z[j] < x - 1e-9 for x in (-2, -8 / 3, -3))
        out["below-line"].append((z[j], level) if chart_age(j, 21) else none)

        loss = (birth - kg[j]) / birth * 100
        newborn = 1 <= days[j] <= 20 and not math.isnan(loss)
        out["newborn-loss"].append((loss, (loss > 10 + 1e-9) + (loss >= 12 - 1e-9)) if newborn else none)
        regain = days[j] >= 21 and not math.isnan(loss)
        out["birth-weight-regain"].append((loss, int(loss > 1e-9)) if regain else none)

        earlier = [kg[i] for i in range(j) if days[i] >= 14] or ([birth] if days[0] == 0 and j else [])
        if earlier and days[j] >= 28:
            loss = max((max(earlier) - kg[j]) / max(earlier) * 100, 0.0)
            out["loss-from-best"].append((loss, falls(loss, [3, 5, 7.5, 10])))
        else:
            out["loss-from-best"].append(none)

        if days[j] < 14 or days[j] > 5 * YEAR:
            out["no-net-gain"].append(none)
            continue
        if anchor is None or (kg[j] >= kg[anchor] * 1.01 * (1 - 1e-12) if need else kg[j] > kg[anchor]):
            anchor = j
        count = days[j] - days[anchor]
        bands = [(0.0, 7, 14, 7, 14), (56, 21, 28, 21, 28), (4 * MONTH, 28, 42, 28, 42), (6 * MONTH, 56, 84, 42, 56)]
        bands += [(9 * MONTH, 84, 112, 42, 56), (12 * MONTH, 112, 168, 56, 84), (24 * MONTH, 168, 252, 56, 84)]
        band = [b for b in bands if b[0] <= days[j]][-1]
        out["no-net-gain"].append((float(count), falls(count, [band[3], band[4]] if need else [band[1], band[2]])))
    return out


@st.composite
def series(draw: st.DrawFn) -> tuple[list[int], list[float], str, int, bool]:
    """A child's weighings: a walk in z, with jumps, over the splices."""
    sex = draw(st.sampled_from(["male", "female"]))
    gestation = draw(st.sampled_from([280, 280, 270, 238, 200]))
    gaps = draw(st.lists(st.sampled_from([1, 2, 7, 13, 14, 27, 28, 30, 91, 300]), min_size=1, max_size=14))
    days = np.cumsum([draw(st.sampled_from([0, 0, 0, 15, 1430])), *gaps]).tolist()
    days = [d for d in days if d <= 1820]
    steps = draw(st.lists(st.floats(-0.8, 0.6), min_size=len(days), max_size=len(days)))
    z = np.clip(np.cumsum(steps) + draw(st.sampled_from([-1.5, 0.0, 1.5])), -4, 3)
    kg = []
    for at, day in zip(z.tolist(), days, strict=True):
        found = float(UK.value(at, age_days=day, sex=sex, gestation_days=gestation))
        kg.append(round(found, 2) if math.isfinite(found) else 1.0)
    return days, kg, sex, gestation, draw(st.booleans())


def agrees(found: Any, expected: list[tuple[float, int]]) -> None:
    values = np.array([v for v, _ in expected])
    np.testing.assert_allclose(found.value, values, rtol=0, atol=2e-9)
    assert found.level.tolist() == [k for _, k in expected]
    assert (np.isnan(found.value) == (found.status_code != 0)).all()


@given(series())
@settings(max_examples=120, deadline=None)
def test_the_columns_are_what_a_walk_through_the_weighings_gives(child: Any) -> None:
    days, kg, sex, gestation, need = child
    z = UK.z(np.array(kg), age_days=days, sex=sex, gestation_days=gestation)
    if np.isnan(z).any():
        return
    found = rules(kg, days, sex, gestation_days=gestation, high_need=need)
    expected = slow(days, kg, sex, gestation, need)
    for rule in IDS:
        agrees(found[rule], expected[rule])


@given(st.lists(series(), min_size=1, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_one_child_is_a_caseload_of_one_and_order_is_nothing(children: list[Any], random: Any) -> None:
    rows = [
        (d, k, sex, g, need, i)
        for i, (days, kg, sex, g, need) in enumerate(children)
        for d, k in zip(days, kg, strict=True)
    ]
    random.shuffle(rows)
    day, kg, sex, g, need, who = (np.array(c) for c in zip(*rows, strict=True))
    found = growth_rules(kg, age_days=day, sex=sex, gestation_days=g, high_need=need, child=who)
    for i, (days, weights, s, gestation, high) in enumerate(children):
        mine = np.flatnonzero(who == i)
        mine = mine[np.argsort(day[mine])]
        alone = rules(weights, days, s, gestation_days=gestation, high_need=high)
        for rule in IDS:
            np.testing.assert_allclose(found[rule].value[mine], alone[rule].value, rtol=0, atol=1e-9)
            assert found[rule].level[mine].tolist() == alone[rule].level.tolist()
            assert found[rule].status[mine].tolist() == alone[rule].status.tolist()


@given(series(), st.floats(0.5, 0.999))
@settings(max_examples=60, deadline=None)
def test_a_lower_last_weight_never_makes_a_rule_less_met(child: Any, factor: float) -> None:
    days, kg, sex, gestation, need = child
    lower = [*kg[:-1], kg[-1] * factor]
    if days[-1] == 0 or np.isnan(UK.z(lower[-1], age_days=days[-1], sex=sex, gestation_days=gestation)):
        return
    before, after = (rules(w, days, sex, gestation_days=gestation, high_need=need) for w in (kg, lower))
    for rule in IDS:
        assert after[rule].level[-1] >= before[rule].level[-1], rule


# --- splices ------------------------------------------------------------------------------------

OFFSETS = [-1.0, -1e-9, 0.0, 1e-9, 1.0]


@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize("z", [-8 / 3, -2, 0.0, 2.0])
@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("splice", [14.0, 4 * YEAR])
def test_a_change_of_table_meets_no_rule(splice: float, offset: float, z: float, sex: str) -> None:
    # On one line of one table before and after, seen monthly; the last two weighings straddle the splice.
    table = WHO
    # The line of a newborn table is another's: from birth to 10 days the child itself moves.
    days = np.array([splice - 120, splice - 60, splice - 30, splice - 4, splice + offset, splice + 29, splice + 60])
    days = days[days >= 10]
    kg = table.value(z, age_days=days, sex=sex)
    found = rules(kg, days, sex)
    for rule in ON_CHANGE:
        assert not found[rule].met.any(), rule
        if rule != "thrive-line":
            assert np.nanmax(np.abs(found[rule].value)) < 0.15, rule


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("sex", ["male", "female"])
def test_the_same_weight_on_the_next_side_of_four_years_is_no_fall(sex: str, offset: float) -> None:
    days = np.array([1300.0, 1400.0, 1459.9, 4 * YEAR + offset])
    kg = WHO.value(-8 / 3, age_days=days, sex=sex)
    jump = np.diff(UK.z(kg, age_days=days, sex=sex))[-1]
    found = rules(kg, days, sex)
    if offset >= 0:
        assert abs(jump) > 0.3
    for rule in ("nice-fall-best", "aspen-decline"):
        assert found[rule].value[-1] < 0.02


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize(("gestation", "end"), [(168, 2 * YEAR), (210, 2 * YEAR), (245, YEAR)])
def test_the_end_of_correction_meets_no_rule(gestation: int, end: float, offset: float) -> None:
    early = 280 - gestation
    corrected = np.array([end - 120, end - 60, end - 30, end + offset, end + 30])
    kg = WHO.value(-1.0, age_days=corrected, sex="female")
    days = corrected + early
    found = rules(kg, days, "female", gestation_days=gestation)
    published = UK.z(kg, age_days=days, sex="female", gestation_days=gestation)
    assert published[4] - published[2] < -0.1
    # From the end on, both weighings are compared at their corrected ages, or both at their own.
    for rule in ("nice-fall-best", "aspen-decline"):
        assert np.nanmax(found[rule].value) < 0.15
        assert not found[rule].met.any()


def test_where_no_table_covers_two_weighings_nothing_is_subtracted() -> None:
    # Born at 30 weeks: the table of births ends 14 days after term, WHO begins at term.
    found = rules([2.5, 4.2, 4.6], [49, 98, 126], gestation_days=210)
    assert found["aspen-decline"].status.tolist()[1] == "no_common_table"
    assert np.isnan(found["aspen-decline"].value[1])
    assert found["aspen-decline"].status.tolist()[2] == "ok"


# --- with the protocol --------------------------------------------------------------------------

# Rule of the protocol, column, and the level from which on the protocol opens it (high-need child last).
SAME = (
    ("G1", "newborn-loss", 1, 1),
    ("G2", "birth-weight-regain", 1, 1),
    ("G3", "nice-fall-birth", 1, 1),
    ("G4", "below-line", 1, 1),
    ("G5", "below-line", 2, 2),
    ("G8", "loss-from-best", 2, 1),  # 3 % only where a child is ill, or of high need
    ("G9", "no-net-gain", 1, 1),
)


@given(
    st.lists(st.sampled_from([3, 9, 20, 30, 61]), min_size=2, max_size=6),
    st.lists(st.floats(-0.6, 0.4), min_size=8, max_size=8),
    st.sampled_from(["male", "female"]),
    st.booleans(),
)
@example([3, 3, 3, 3], [0.0, 0.0, 0.0, 0.0, -0.5625, -0.5625, 0.0, 0.0], "male", False)  # 8.1 % below birth weight
@settings(max_examples=25, deadline=None)
def test_on_a_clean_record_the_protocol_fires_on_the_same_weighing(
    gaps: list[int], steps: list[float], sex: str, severe: bool
) -> None:
    days = [0, *np.cumsum([4, *gaps]).tolist()]
    z = np.cumsum(steps)[: len(days)]
    kg = [round(float(UK.value(a, age_days=d, sex=sex)), 2) for a, d in zip(z, days, strict=True)]
    found = rules(kg, days, sex, high_need=severe)
    record = Child(sex=sex, birth_kg=kg[0], gmfcs=5 if severe else None)
    for j in range(1, len(days)):
        record.weigh(kg[j], days[j])
    firsts = {rule: record.opened(rule, days[-1]) for rule, *_ in SAME}
    for rule, column, usual, severely in SAME:
        level = severely if severe else usual
        met = [d for d, k in zip(days, found[column].level.tolist(), strict=True) if k >= level]
        # A loss of 8 % is watched by the protocol alone: NICE, which the column holds, begins at 10 %.
        opened = [d for d, name in firsts[rule] if name != "watch"]
        if rule in ("G2", "G9"):
            # They count days: the protocol opens them between weighings too, never later than the column.
            assert not met or (opened and opened[0] <= met[0]), rule
        else:
            assert opened[:1] == met[:1], rule


# --- single figures -----------------------------------------------------------------------------


def test_nice_counts_spaces_by_birth_centile() -> None:
    for birth, spaces in ((-4 / 3 - 0.01, 1), (-4 / 3 + 0.01, 2), (1.3, 2), (1.4, 3)):
        kg0 = UK.value(birth, age_days=0, sex="female")
        for extra, met in ((-0.02, False), (0.02, True)):
            kg1 = UK.value(birth - spaces * SPACE - extra, age_days=100, sex="female")
            found = rules([kg0, kg1], [0, 100])["nice-fall-birth"]
            assert found.threshold[1] == spaces
            assert found.met[1] == met


def test_per_cents_are_exact() -> None:
    assert not rules([3.5, 3.15], [0, 4])["newborn-loss"].met[1]  # exactly 10 %
    assert rules([3.5, 3.149], [0, 4])["newborn-loss"].met[1]
    assert rules([10.0, 9.5], [300, 310])["loss-from-best"].level.tolist() == [0, 2]
    assert rules([10.0, 9.501], [300, 310])["loss-from-best"].level.tolist() == [0, 1]
    assert not rules([3.5, 3.5], [0, 21])["birth-weight-regain"].met[1]


def test_a_single_high_weight_is_no_sustained_position() -> None:
    days = [30, 60, 90, 120, 150]
    z = np.array([0.0, 0.0, 2.0, 0.0, 0.0])
    kg = UK.value(z, age_days=days, sex="female")
    assert np.nanmax(rules(kg, days)["nice-fall-best"].value) < 0.05
    assert rules(kg, days)["aspen-decline"].level.tolist() == [0, 0, 0, 2, 2]


def test_high_need_clock_wants_a_gain_of_one_per_cent() -> None:
    days = [400, 430, 460, 490]
    kg = [10.0, 10.04, 10.08, 10.09]
    assert not rules(kg, days)["no-net-gain"].met.any()
    assert rules(kg, days, high_need=True)["no-net-gain"].level.tolist() == [0, 0, 1, 2]


def test_rules_on_kilograms_need_no_z() -> None:
    found = rules([3.5, 3.0, 3.4, 4.0, 3.7], [0, 4, 25, 50, 60], sex="unknown")
    assert found["newborn-loss"].level[1] == 2
    assert found["birth-weight-regain"].met[2]
    assert found["loss-from-best"].level[4] == 3
    assert set(found["below-line"].status.tolist()) <= {"unknown_sex", "missing_sex", "age_below_reference"}
    assert not found["below-line"].met.any()


def test_missing_in_missing_out() -> None:
    found = rules([3.5, np.nan, -1.0, 6.0, 7.0], [0, 30, 60, np.nan, 200])
    for rule in IDS:
        status = found[rule].status.tolist()
        assert status[1:4] == ["missing_value", "nonpositive_value", "missing_age"]
        assert np.isnan(found[rule].value[1:4]).all()
        assert not found[rule].met[1:4].any()
    assert rules([], [])["below-line"].value.shape == (0,)


def test_works_on_adjusted_and_condition_references() -> None:
    t21 = gw.reference("trisomy-21-uk-2002")
    days = [30, 91, 182, 365, 730]
    kg = t21.value(-0.5, age_days=days, sex="male")
    mine = growth_rules(kg, age_days=days, sex="male", reference=t21)
    theirs = growth_rules(kg, age_days=days, sex="male")
    assert not mine["below-line"].met.any()
    assert theirs["below-line"].met.any()
    assert np.nanmax(np.abs(mine["aspen-decline"].value)) < 0.02


def test_columns_are_ready_for_a_frame() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(rules([3.5, 5.0], [0, 60]).columns())
    assert frame.shape == (2, 5 * len(IDS))
    assert frame["nice_fall_birth"].dtype == bool


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: rules([3.5], [0], high_need="yes"), "high_need"),
        (lambda: rules([3.5, 4, 5], [0, 1], sex="m"), "shapes"),
        (lambda: rules([3.5], [0])["G3"], "rule"),
        (lambda: false_alarm_rate("G3", [14, 30]), "rule"),
        (lambda: false_alarm_rate("below-line", [14, 30], level=4), "level"),
        (lambda: false_alarm_rate("newborn-loss", [14, 30], level=0), "level"),
        (lambda: false_alarm_rate("below-line", [14, 30], until_days=3000), "until_days"),
        (lambda: false_alarm_rate("below-line", [14, 30], world="mars"), "world"),  # pyright: ignore
    ],
)
def test_wrong_arguments_say_which(call: Callable[[], object], field: str) -> None:
    with pytest.raises(GrowthwatchError) as caught:
        call()
    assert caught.value.field == field


def test_every_rule_says_where_it_is_from() -> None:
    for rule in packaged_rules():
        assert rule.source and rule.differs and rule.tag in ("N", "G", "L")
        assert rule.levels


# --- the cost -----------------------------------------------------------------------------------


def table() -> list[dict[str, str]]:
    text = (files("growthwatch.growth") / "data" / "false-alarms.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_rates_rise_with_age_and_with_how_often() -> None:
    by: dict[tuple[str, str, str], dict[str, list[float]]] = {}
    for row in table():
        share = int(row["met"]) / int(row["n"])
        if row["pattern"] != "sparse":
            by.setdefault((row["world"], row["rule"], row["level"]), {}).setdefault(row["pattern"], []).append(share)
    simulated = sum(len(r.levels) for r in packaged_rules() if not r.published_rates)
    assert len(by) == 2 * (simulated + 1 + 3)  # and NICE's either, and three levels of the evidence
    for (_, rule, _), patterns in by.items():
        for shares in patterns.values():
            assert shares == sorted(shares)
        if rule != "evidence":
            last = [shares[-1] for shares in patterns.values()]
            # A clock of 84 days is met within one interval of three months, and takes two of two months
            less = 0.03 if rule == "no-net-gain" else 0.02
            assert all(b > a - less for a, b in itertools.pairwise(last)), (rule, last)


def test_the_table_repeats_the_study_of_the_method() -> None:
    published = {
        ("nice-fall-birth", "1"): (25.30, 29.81, 34.07),
        ("aspen-decline", "1"): (66.37, 80.61, 92.59),
        ("thrive-line", "1"): (64.33, 95.63, 99.97),
    }
    rows = {(r["world"], r["pattern"], r["until_months"], r["rule"], r["level"]): r for r in table()}
    for (rule, level), figures in published.items():
        for pattern, figure in zip(("monthly", "weekly", "daily"), figures, strict=True):
            row = rows["own", pattern, "24", rule, level]
            # The study's children grew by version 1 of the model, weighed monthly but not to the day; by version 3
            # what comes and goes is more, and adds to all that compares with a recent or a best weight
            near = 2.5 if rule == "nice-fall-birth" else 4.0
            assert abs(100 * int(row["met"]) / int(row["n"]) - figure) < near, (rule, pattern)


def test_look_up_gives_back_the_patterns_of_the_table() -> None:
    for pattern, every in (("monthly", MONTH), ("weekly", 7.0), ("daily", 1.0)):
        first = [14.0] if every > 14 else []
        days = [*first, *np.arange(every if first else 14.0, 730.5, every)]
        for rule, level in (("nice-fall-birth", 1), ("aspen-decline", 2), ("below-line", 1), ("evidence", 2)):
            row = next(
                r for r in table()
                if (r["world"], r["pattern"], r["until_months"], r["rule"], r["level"])
                == ("own", pattern, "24", rule, str(level))
            )  # fmt: skip
            found = false_alarm_rate(rule, days, level=level)
            assert abs(found.rate - int(row["met"]) / int(row["n"])) < 0.006
            assert found.low <= found.rate <= found.high


def test_a_rate_grows_with_the_weighings_and_with_the_age() -> None:
    rates = [false_alarm_rate("nice-fall-birth", np.arange(14, 400, g)).rate for g in (120, 60, 30, 14, 7, 3, 1)]
    assert rates == sorted(rates)
    ages = [false_alarm_rate("nice-fall-birth", np.arange(14, 400, 30), until_days=d).rate for d in range(20, 1826, 50)]
    assert ages == sorted(ages)


def test_the_sentence() -> None:
    monthly = [14, *(np.arange(1, 12) * MONTH)]
    assert false_alarm_rate("nice-fall-birth", monthly).sentence == (
        "One healthy child in four weighed this often meets this rule by 2 years."
    )
    assert (
        "judged on the general standard"
        in false_alarm_rate("nice-either", monthly, world="condition-on-standard").sentence
    )
    assert false_alarm_rate("nice-fall-birth", [30]).sentence.startswith("Too few weights")
    newborn = false_alarm_rate("newborn-loss", [3, 5])
    assert newborn.rate == 0.017 and newborn.children == 0
    assert isinstance(newborn, FalseAlarms) and "by 3 weeks" in newborn.sentence


def test_a_caseload_is_looked_up_at_once() -> None:
    ages = [np.arange(14, 300, g) for g in (30, 7, 90)]
    who = np.repeat(["a", "b", "c"], [len(a) for a in ages])
    rate, low, high = false_alarm_columns("aspen-decline", np.concatenate(ages), child=who)
    for i, days in enumerate(ages):
        one = false_alarm_rate("aspen-decline", days)
        assert (rate[i], low[i], high[i]) == pytest.approx((one.rate, one.low, one.high))
