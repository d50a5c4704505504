"""Change of z: never the difference of two published scores across a splice."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch import GrowthwatchError
from growthwatch.references import blend

YEAR = 365.25
UK = gw.reference("uk-who")
LIFELONG = gw.reference("uk-who", correction="lifelong")
WHO = gw.reference("who-2006")
SEXES = ("male", "female")


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return np.array_equal(a, b, equal_nan=True)


@pytest.mark.parametrize("sex", SEXES)
@pytest.mark.parametrize("z", [-8 / 3, -4 / 3, 0, 2])
@pytest.mark.parametrize(("before", "at"), [(13, 14), (14 - 1e-6, 14), (1460, 1461), (1461 - 1e-6, 1461)])
def test_nothing_is_lost_or_gained_at_a_splice(sex: str, z: float, before: float, at: float) -> None:
    weight = UK.value(z, age_days=before, sex=sex)
    c = UK.change([weight, weight], age_days=[before, at], sex=sex)
    published = UK.z(weight, age_days=at, sex=sex) - UK.z(weight, age_days=before, sex=sex)
    assert c.status.tolist() == ["no_previous", "ok"]
    assert abs(c.since_previous[1]) < (0.09 if before == 13 else 0.01)  # a day without gain counts; a splice does not
    if z <= -4 / 3:
        assert abs(published) > 0.15
        assert abs(c.since_previous[1] - published) > 0.1
    assert c.table.tolist() == ["", "who"]


@pytest.mark.parametrize("sex", SEXES)
def test_a_child_on_its_line_does_not_move_across_the_splices(sex: str) -> None:
    for first, second in ((7, 21), (1400, 1500), (1000, 2500)):
        weights = [UK.value(-2, age_days=a, sex=sex) for a in (first, second)]
        c = UK.change(weights, age_days=[first, second], sex=sex)
        assert math.isfinite(c.since_previous[1])
        assert c.since_first[1] == c.since_previous[1]


@pytest.mark.parametrize(("gestation", "end"), [(24 * 7, 2 * YEAR), (30 * 7, 2 * YEAR), (34 * 7, YEAR)])
@pytest.mark.parametrize("sex", SEXES)
def test_the_end_of_correction_is_no_fall(gestation: int, end: float, sex: str) -> None:
    early = 280 - gestation
    ages = [end + early - 0.5, end + early + 0.5]
    weight = UK.value(-1, corrected_age_days=end, sex=sex)
    s = UK.score(weight, age_days=ages, sex=sex, gestation_days=gestation)
    assert s.corrected_age_days.tolist() == [end - 0.5, end + early + 0.5]
    assert s.z[1] - s.z[0] < -0.1
    c = UK.change([weight, weight], age_days=ages, sex=sex, gestation_days=gestation)
    assert abs(c.since_previous[1]) < 0.01
    assert c.status[1] == "ok"


def test_size_of_the_jump_at_the_end_of_correction() -> None:
    # A baby of 24 weeks: 0.7 to 0.8 of a centile space at two years.
    for sex in SEXES:
        weight = UK.value(-8 / 3, corrected_age_days=2 * YEAR, sex=sex)
        s = UK.z(weight, age_days=2 * YEAR + 112 + np.array([-1e-6, 1e-6]), sex=sex, gestation_days=168)
        assert 0.6 < (s[0] - s[1]) * 1.5 < 0.9


def test_no_common_table() -> None:
    # Born at 30 weeks: corrected -21 days, then +28. The table of births ends at 14 days, WHO begins at term.
    c = UK.change([2.5, 4.2], age_days=[49, 98], sex="f", gestation_days=210)
    assert c.status.tolist() == ["no_previous", "no_common_table"]
    assert np.isnan(c.since_previous).all()
    assert np.isnan(c.since_first[1])
    assert c.table.tolist() == ["", ""]
    later = UK.change([2.5, 4.2, 5.0], age_days=[49, 98, 120], sex="f", gestation_days=210)
    assert later.status.tolist() == ["no_previous", "no_common_table", "ok"]
    assert math.isfinite(later.since_previous[2])
    assert math.isnan(later.since_first[2])
    joined = UK.change([2.5, 3.6, 4.2], age_days=[49, 77, 98], sex="f", gestation_days=210)
    assert joined.status.tolist() == ["no_previous", "ok", "ok"]


def test_one_table_is_the_plain_difference() -> None:
    ages, weights = [30, 60, 100], [4.0, 4.5, 5.0]
    c = WHO.change(weights, age_days=ages, sex="f")
    assert c.since_previous[1:] == pytest.approx(np.diff(WHO.z(weights, age_days=ages, sex="f")), abs=1e-12)
    assert c.reference == WHO.label
    assert c.table.tolist() == ["", "who-2006", "who-2006"]


def test_rows_without_a_z_are_passed_over_and_say_why() -> None:
    weights = [4.0, np.nan, -1.0, 5.0, 5.1, 5.2]
    c = UK.change(weights, age_days=[30, 40, 50, 60, -3, np.nan], sex="f")
    assert c.status.tolist() == [
        "no_previous", "missing_value", "nonpositive_value", "ok", "before_birth", "missing_age",
    ]  # fmt: skip
    direct = UK.change([4.0, 5.0], age_days=[30, 60], sex="f")
    assert c.since_previous[3] == direct.since_previous[1]
    sexes = UK.change([4.0, 5.0, 5.0], age_days=[1, 2, 3], sex=["m", None, "x"])
    assert sexes.status.tolist() == ["no_previous", "missing_sex", "unknown_sex"]


def test_arguments() -> None:
    assert UK.change(4.0, age_days=30, sex="f").status.tolist() == ["no_previous"]
    assert UK.change([], age_days=[], sex="f").status.tolist() == []
    for child in ([1, None], [1.0, math.nan], ["a", None], np.array([1, "a"], object)):
        with pytest.raises(GrowthwatchError, match="child"):
            UK.change([4.0, 5.0], age_days=[30, 60], sex="f", child=child)
    with pytest.raises(GrowthwatchError):
        UK.change([[4.0, 5.0]], age_days=30, sex="f")
    with pytest.raises(GrowthwatchError):
        UK.change([4.0, 5.0], age_days=[30, 60], sex="f", child=[1, 2, 3])
    with pytest.raises(GrowthwatchError, match="measure"):
        WHO.change([4.0], age_days=[1], sex="f", measure="weight-for-length")


def test_one_childs_figures_cannot_reach_anothers() -> None:
    clean = UK.change([4.0, 5.0, 4.0, 5.0], age_days=[30, 60, 30, 60], sex="f", child=[1, 1, 2, 2])
    for bad in (1e300, 5e-324, 7500.0, math.inf, -1.0):
        spoilt = UK.change([4.0, bad, 4.0, 5.0], age_days=[30, 60, 30, 60], sex="f", child=[1, 1, 2, 2])
        assert same(spoilt.since_first[2:], clean.since_first[2:])
        assert same(spoilt.since_previous[2:], clean.since_previous[2:])


def test_small_integers_do_not_wrap() -> None:
    want = UK.change([4, 5], age_days=[130, 160], sex="f", gestation_days=210)
    narrow = UK.change(
        np.array([4, 5], np.uint8), age_days=np.array([130, 160], np.uint8), sex="f", gestation_days=np.uint8(210)
    )
    assert same(narrow.since_previous, want.since_previous)


weighings = st.lists(
    st.tuples(
        st.integers(0, 3),  # child
        st.sampled_from([0, 5, 13, 14, 20, 80, 300, 364, 400, 500, 729, 731, 800, 900, 1460, 1461, 1600, 3000]),
        st.floats(0.5, 40),
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda t: t[:2],
)
gestations = st.tuples(*[st.sampled_from([None, 165, 200, 230, 255, 280])] * 4)


def by_child(rows: list[tuple[int, int, float]], gestation: Any, ref: gw.Reference) -> Any:
    child, age, weight = map(np.array, zip(*rows, strict=True))
    g = np.array([np.nan if gestation[c] is None else gestation[c] for c in child])
    sex = np.where(child % 2 == 0, "male", "female")
    return ref.change(weight, age_days=age, sex=sex, gestation_days=g, child=child)


@given(weighings, gestations, st.sampled_from([UK, LIFELONG, WHO]), st.randoms())
@settings(deadline=None)
def test_order_and_company_do_not_matter(rows: list[Any], gestation: Any, ref: gw.Reference, random: Any) -> None:
    together = by_child(rows, gestation, ref)
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = by_child([rows[i] for i in order], gestation, ref)
    for name in ("since_previous", "since_first", "status_code"):
        assert same(getattr(together, name)[order], getattr(shuffled, name))
    assert (together.table[order] == shuffled.table).all()
    for c in range(4):
        mine = [i for i, r in enumerate(rows) if r[0] == c]
        if mine:
            alone = by_child([rows[i] for i in mine], gestation, ref)
            assert same(alone.since_previous, together.since_previous[mine])
            assert same(alone.since_first, together.since_first[mine])
            assert same(alone.status_code, together.status_code[mine])


@given(weighings, gestations, st.sampled_from([UK, LIFELONG, WHO]))
@settings(deadline=None)
def test_since_first_is_the_sum_of_the_steps(rows: list[Any], gestation: Any, ref: gw.Reference) -> None:
    made = by_child(rows, gestation, ref)
    for c in range(4):
        mine = sorted((i for i, r in enumerate(rows) if r[0] == c), key=lambda i: rows[i][1])
        total = 0.0
        for i in mine:
            if made.status[i] == "no_previous":
                assert made.since_first[i] == 0
            elif made.status[i] in ("ok", "advisory", "implausible", "no_common_table"):
                total += made.since_previous[i]
                assert same(made.since_first[i], np.float64(total))
            else:
                assert math.isnan(made.since_first[i])


@given(weighings, gestations, st.sampled_from([UK, LIFELONG]), st.integers(0, 24))
@settings(deadline=None)
def test_a_row_without_a_weight_changes_nothing(rows: list[Any], gestation: Any, ref: gw.Reference, at: int) -> None:
    at = min(at, len(rows))
    extra = (rows[0][0], 77, math.nan)
    more = by_child([*rows[:at], extra, *rows[at:]], gestation, ref)
    plain = by_child(rows, gestation, ref)
    keep = np.arange(len(rows) + 1) != at
    assert same(more.since_previous[keep], plain.since_previous)
    assert same(more.since_first[keep], plain.since_first)
    assert math.isnan(more.since_previous[at])


def test_many_children_and_one_long_series_sum_alike() -> None:
    rng = np.random.default_rng(4)
    ages = np.sort(rng.choice(np.arange(20, 1400), 300, replace=False))
    weights = rng.uniform(3, 15, 300)
    alone = UK.change(weights, age_days=ages, sex="m")
    n = 400
    many = UK.change(
        np.concatenate([weights, np.full(2 * n, 5.0)]),
        age_days=np.concatenate([ages, np.tile([50, 60], n)]),
        sex="m",
        child=np.concatenate([np.zeros(300, int), np.repeat(np.arange(1, n + 1), 2)]),
    )
    assert same(many.since_first[:300], alone.since_first)


def test_pairs_one_by_one_agree_with_columns() -> None:
    from growthwatch.core.sex import sex_codes
    from growthwatch.references.change import table_scores

    rng = np.random.default_rng(6)
    age = rng.choice([0, 10, 13, 14, 40, 100, 364, 500, 740, 1460, 1461, 2000, -5], 60)
    t = table_scores(UK, rng.uniform(2, 20, 60), sex_codes(np.repeat(["m", "f"], 30)), age, np.full(60, 200))
    first, second = rng.integers(0, 60, 200), rng.integers(0, 60, 200)
    columns, which = t.differences(first, second)
    assert ((which == -1) == np.isnan(columns)).all()
    for i, j, d in zip(first.tolist(), second.tolist(), columns.tolist(), strict=True):
        one = t.difference(i, j)
        assert (one is None and math.isnan(d)) or one == d


# --- adjusted references ------------------------------------------------------------------------------

SIGNED: dict[str, Any] = {"because": "expected", "by": "Dr A", "review_by": dt.date(2027, 5, 31)}
RAMP = [(0.0, 0.0), (365.0, -1.5), (1461.0, -2.0)]
ADJUSTED = {
    "constant": UK.adjusted(shift=-1.3, scale=1.2, **SIGNED),
    "ramp": UK.adjusted(shift=RAMP, **SIGNED),
    "chain": UK.adjusted(shift=-0.5, **SIGNED).adjusted(shift=-0.5, scale=0.9, **SIGNED),
    "lifelong": LIFELONG.adjusted(shift=-1.3, **SIGNED),
}
STEPS = (-1, -1e-9, 0, 1e-9, 1)


@pytest.mark.parametrize("sex", SEXES)
@pytest.mark.parametrize("z", [-8 / 3, 0, 2])
@pytest.mark.parametrize(
    ("at", "gestation"), [(14, None), (1461, None), (2 * YEAR + 112, 168), (2 * YEAR + 60, 220), (YEAR + 40, 240)]
)
def test_no_overnight_jump_is_a_change(sex: str, z: float, at: float, gestation: int | None) -> None:
    weight = UK.value(z, age_days=at - 2, sex=sex, gestation_days=gestation)
    given = {"sex": sex, "gestation_days": gestation}
    steps = list(itertools.combinations_with_replacement(STEPS, 2))
    for before, after in steps:
        c = UK.change([weight, weight], age_days=[at + before, at + after], **given)
        assert c.status.tolist() == ["no_previous", "ok"]
        assert abs(c.since_previous[1]) <= (0.12 if at == 14 else 0.01) * (after - before) + 1e-8
    published = np.diff(UK.z(weight, age_days=[at - 1e-9, at + 1e-9], **given))[0]
    assert abs(published) > (0.1 if z < 0 else 0)


@pytest.mark.parametrize("name", list(ADJUSTED))
@pytest.mark.parametrize("sex", SEXES)
@pytest.mark.parametrize("z", [-8 / 3, 0, 2])
@pytest.mark.parametrize("splice", [14, 1461])
def test_an_adjusted_reference_does_not_jump_at_a_splice(name: str, sex: str, z: float, splice: float) -> None:
    ref = ADJUSTED[name]
    weight = ref.value(z, age_days=splice - 2, sex=sex)
    for before in STEPS:
        for after in (s for s in STEPS if s >= before):
            c = ref.change([weight, weight], age_days=[splice + before, splice + after], sex=sex)
            assert c.status.tolist() == ["no_previous", "ok"]
            assert abs(c.since_previous[1]) <= (0.12 if splice == 14 else 0.01) * (after - before) + 1e-8
    moved = ADJUSTED[name].age_shifted(-10, **SIGNED, specialist="Prof B")  # the splice moves with the age
    c = moved.change([weight, weight], age_days=[splice + 10 - 1e-9, splice + 10 + 1e-9], sex=sex)
    assert abs(c.since_previous[1]) < 1e-7


@pytest.mark.parametrize(("gestation", "end"), [(24 * 7, 2 * YEAR), (34 * 7, YEAR)])
@pytest.mark.parametrize("sex", SEXES)
@pytest.mark.parametrize("name", ["constant", "ramp", "chain"])
def test_the_end_of_correction_is_no_fall_on_an_adjusted_reference(
    name: str, gestation: int, end: float, sex: str
) -> None:
    ref, early = ADJUSTED[name], 280 - gestation
    weight = ref.value(-1, corrected_age_days=end, sex=sex)
    at = end + early
    assert ref.z(weight, age_days=at, sex=sex, gestation_days=gestation) < -1.1
    for before in STEPS:
        for after in (s for s in STEPS if s >= before):
            c = ref.change([weight, weight], age_days=[at + before, at + after], sex=sex, gestation_days=gestation)
            assert c.status[1] == "ok"
            assert abs(c.since_previous[1]) <= 0.01 * (after - before) + 1e-8


@pytest.mark.parametrize("sex", SEXES)
@pytest.mark.parametrize("splice", [14, 1461])
def test_a_blend_does_not_jump_at_the_splices_of_its_parts(sex: str, splice: float) -> None:
    ref = blend(UK, gw.reference("trisomy-21-uk-2002"), 0.5, **SIGNED)
    weight = ref.value(-2, age_days=splice - 2, sex=sex)
    published = np.diff(ref.z(weight, age_days=[splice - 1e-9, splice], sex=sex))[0]
    for before in STEPS:
        for after in (s for s in STEPS if s >= before):
            c = ref.change([weight, weight], age_days=[splice + before, splice + after], sex=sex)
            assert c.status.tolist() == ["no_previous", "ok"]
            assert abs(c.since_previous[1]) <= (0.12 if splice == 14 else 0.01) * (after - before) + 1e-8
    assert abs(published) > 0.1


@given(weighings, gestations)
@settings(deadline=None, max_examples=40)
def test_a_constant_shift_changes_no_change(rows: list[Any], gestation: Any) -> None:
    plain = by_child(rows, gestation, UK)
    moved = by_child(rows, gestation, UK.adjusted(shift=-1.3, **SIGNED))
    wide = by_child(rows, gestation, UK.adjusted(shift=0.4, scale=1.25, **SIGNED))
    assert np.allclose(moved.since_previous, plain.since_previous, rtol=0, atol=1e-9, equal_nan=True)
    assert np.allclose(wide.since_previous * 1.25, plain.since_previous, rtol=0, atol=1e-9, equal_nan=True)
    assert (moved.table == plain.table).all()


@given(weighings, gestations, st.sampled_from(["ramp", "chain", "lifelong"]), st.randoms())
@settings(deadline=None, max_examples=40)
def test_order_and_company_do_not_matter_on_adjusted_references(
    rows: list[Any], gestation: Any, name: str, random: Any
) -> None:
    together = by_child(rows, gestation, ADJUSTED[name])
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = by_child([rows[i] for i in order], gestation, ADJUSTED[name])
    for field in ("since_previous", "since_first", "status_code"):
        assert same(getattr(together, field)[order], getattr(shuffled, field))


# --- one child is one child ---------------------------------------------------------------------------------


def test_a_child_of_two_sexes_has_no_change() -> None:
    c = UK.change([7, 9], age_days=[200, 400], sex=["m", "f"])
    assert c.status.tolist() == ["conflicting_sex"] * 2
    assert np.isnan(c.since_previous).all() and np.isnan(c.since_first).all() and c.table.tolist() == ["", ""]
    both = UK.change([7, 9, 7, 9], age_days=[200, 400] * 2, sex=["m", "f", "m", "m"], child=["a", "a", "b", "b"])
    assert both.status.tolist() == ["conflicting_sex"] * 2 + ["no_previous", "ok"]
    assert both.since_previous[3] == UK.change([7, 9], age_days=[200, 400], sex="m").since_previous[1]
    passed = UK.change([7, 8, 9], age_days=[200, 300, 400], sex=["m", "x", "m"])  # a row without a sex has no z
    assert passed.status.tolist() == ["no_previous", "unknown_sex", "ok"]
    late = UK.change([7, 8, 9], age_days=[400, 300, 200], sex=["m", "m", "f"])
    assert late.status.tolist() == ["conflicting_sex"] * 3


@pytest.mark.parametrize("born", [[210, 280], [210, math.nan], [math.nan, 280]])
def test_a_child_of_two_gestations_has_no_change(born: list[float]) -> None:
    c = UK.change([7, 9], age_days=[200, 400], sex="m", gestation_days=born)
    assert c.status.tolist() == ["conflicting_gestation"] * 2 and np.isnan(c.since_previous).all()
    for fine in ([math.nan, math.nan], [210, 210], 210, [None, None], np.array([210, 210], np.int16)):
        assert UK.change([7, 9], age_days=[200, 400], sex="m", gestation_days=fine).status[1] == "ok"
    worst = UK.change([7, 9], age_days=[200, 400], sex=["m", "f"], gestation_days=born)
    assert worst.status.tolist() == ["conflicting_sex"] * 2  # the first in the list of reasons


def test_a_change_to_or_from_a_doubtful_weight_says_so() -> None:
    c = UK.change([7.0, 70.0, 7.4, 7.5], age_days=[200, 230, 260, 290], sex="m")
    assert c.status.tolist() == ["no_previous", "implausible", "implausible", "ok"]
    assert np.isfinite(c.since_previous[1:]).all()
    low = UK.value(-4.5, age_days=230, sex="m")
    assert UK.change([7.0, low], age_days=[200, 230], sex="m").status.tolist() == ["no_previous", "advisory"]


@pytest.mark.parametrize("child", [[1, "1"], ("1", 1.0), np.array([1, "1"], object), [True, 1]])
def test_ids_of_two_kinds_are_refused(child: Any) -> None:
    with pytest.raises(GrowthwatchError, match="child"):
        UK.change([4.0, 5.0], age_days=[30, 60], sex="f", child=child)


@pytest.mark.parametrize("child", [["a", "a\0"], [2.0**53, 2**53 + 1], [10**30, 10**30 + 1], ["1", "01"]])
def test_ids_that_differ_are_two_children(child: Any) -> None:
    alike = pytest.warns(gw.GrowthwatchWarning, match="differ only in") if isinstance(child[0], str) else nullcontext()
    with alike:
        c = UK.change([4.0, 5.0], age_days=[30, 60], sex="f", child=child)
    assert c.status.tolist() == ["no_previous", "no_previous"]
    assert UK.change([4.0, 5.0], age_days=[30, 60], sex="f", child=child[:1] * 2).status[1] == "ok"


def test_how_a_change_is_shown() -> None:
    c = UK.change([4.0, 5.0, math.nan], age_days=[30, 60, 70], sex="f")
    assert repr(c).startswith("<Change of z, 3 rows: 1 ok, 1 missing_value, 1 no_previous; [-, +")
    assert "uk-who" in repr(c) and "array" not in repr(c)
    assert "<table>" in c._repr_html_() and "missing_value" in c._repr_html_()
    assert "and 5 more" in UK.change(np.full(15, 4.0), age_days=np.arange(30, 45), sex="f")._repr_html_()
    assert "0 rows" in repr(UK.change([], age_days=[], sex="f"))
