"""A change taken apart: parts that add up, intervals that hold, words that are kind."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch import GrowthwatchError
from growthwatch.growth.attribution import attribution
from growthwatch.growth.model import FREE_LEVEL_SD, noise_sd, weight_model
from growthwatch.growth.parts import Attribution, Parts

UK, WHO, DOWN = (gw.reference(i) for i in ("uk-who", "who-2006", "trisomy-21-us-2015"))
CODING = {0: "male", 1: "female"}
CODES = {"male": 0, "female": 1}
PARTS = ("observed", "condition", "natural", "excess")


def children(seed: int, n: int = 10, most_age: int = 1100) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    count = rng.integers(1, 12, n)
    child = np.repeat(np.arange(n), count)
    age = np.floor(30 + (most_age - 30) * rng.random(child.size))
    sex = rng.integers(0, 2, n)[child]
    z = rng.normal(-0.3, 0.8, n)[child] + rng.normal(0, 0.2, child.size)
    kg = DOWN.value(z, age_days=age, sex=sex, sex_coding=CODING)
    kg[rng.random(child.size) < 0.05] = np.nan
    order = rng.permutation(child.size)
    return {k: v[order] for k, v in {"weight_kg": kg, "age_days": age, "sex": sex, "child": child}.items()}


def run(columns: dict[str, np.ndarray], **more: Any) -> Attribution:
    return attribution(**{"condition": DOWN, "standard": UK, "sex_coding": CODING, **columns, **more})


def table(found: Attribution) -> np.ndarray:
    """All figures of all children [child, figure]."""
    out: list[np.ndarray] = []
    for parts in (found.on_standard, found.on_condition):
        assert parts is not None
        for name in PARTS:
            out += list(getattr(parts, name))
        out += [parts.verdict, parts.expected, parts.variance, parts.status_code, parts.median, parts.sd]
    return np.stack([*out, found.depends_on_adjustment, found.from_days, found.until_days], axis=1).astype(float)


def same(a: np.ndarray, b: np.ndarray, within: float = 1e-9) -> bool:
    return bool(np.allclose(a, b, rtol=0, atol=within, equal_nan=True))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([None, 300.0]))
def test_the_parts_add_up(seed: int, from_days: float | None) -> None:
    found = run(children(seed), from_days=from_days)
    for parts in (found.on_standard, found.on_condition):
        assert parts is not None
        total = parts.condition.value + parts.natural.value + parts.excess.value
        assert same(total, parts.observed.value)
        fine = parts.status_code == 0
        for name in PARTS:
            part = getattr(parts, name)
            assert (np.isfinite(part.value) == fine).all()
            assert (part.low[fine] <= part.value[fine] + 1e-12).all()
            assert (part.value[fine] <= part.high[fine] + 1e-12).all()
        assert ((parts.verdict == 0) == ~((parts.excess.low > 0) | (parts.excess.high < 0))).all()
    alone = found.on_standard
    assert np.nan_to_num(alone.condition.value).tolist() == [0.0] * alone.verdict.size


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_one_child_equals_a_caseload_and_order_does_not_matter(seed: int) -> None:
    columns = children(seed)
    whole = table(run(columns))
    order = np.random.default_rng(seed).permutation(columns["age_days"].size)
    assert same(table(run({k: v[order] for k, v in columns.items()})), whole)
    for k, number in enumerate(np.unique(columns["child"])):
        mine = columns["child"] == number
        assert same(table(run({k: v[mine] for k, v in columns.items()}))[0], whole[k])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(60, 1100))
def test_nothing_after_the_end_counts(seed: int, day: int) -> None:
    columns = children(seed)
    then = (columns["age_days"] <= day) | (columns["child"] < 0)
    kept = np.isin(columns["child"], columns["child"][then])
    whole = run({k: v[kept] for k, v in columns.items()}, from_days=day / 2, until_days=day)
    if then.any():
        assert same(table(run({k: v[then] for k, v in columns.items()}, from_days=day / 2)), table(whole))


def test_the_expectation_is_that_of_the_dense_process() -> None:
    age = np.array([40.0, 80, 150, 290, 420])
    kg = DOWN.value(np.array([-0.5, -0.2, 0.1, -0.4, -1.4]), age_days=age, sex="male")
    found = attribution(kg, age_days=age, sex="male", condition=DOWN, standard=WHO, from_days=290).on_condition
    assert found is not None
    z = DOWN.z(kg, age_days=age, sex="male")
    c = weight_model().covariance(age, noise_sd(DOWN, np.zeros(5, np.uint8), age), 0.1, 365.25)
    c += weight_model().permanent * (FREE_LEVEL_SD**2 - 1.0)  # only changes count
    weights = np.linalg.solve(c[:4, :4], c[:4, 4])
    mean, variance = weights @ z[:4], c[4, 4] - weights @ c[:4, 4]
    assert found.expected[0] == pytest.approx(mean, abs=1e-9)
    assert found.variance[0] == pytest.approx(variance, abs=1e-9)
    on_standard = WHO.z(DOWN.value(mean, age_days=420, sex="male"), age_days=420, sex="male")
    assert found.excess.value[0] == pytest.approx(WHO.z(kg[4], age_days=420, sex="male") - on_standard, abs=1e-9)
    medians = [WHO.z(DOWN.value(0.0, age_days=a, sex="male"), age_days=a, sex="male") for a in (290, 420)]
    assert found.condition.value[0] == pytest.approx(medians[1] - medians[0], abs=1e-9)
    assert found.median[0] == pytest.approx(medians[1])
    # sigma(t1) (z_c - E): the straight line that the exact map replaces
    assert found.excess.value[0] == pytest.approx(found.sd[0] * (z[4] - mean), abs=0.1)


def test_a_child_who_keeps_to_the_condition_has_no_excess() -> None:
    age = np.rint(np.arange(1, 19) * 30.4375)
    found = attribution(
        DOWN.value(0.0, age_days=age, sex="female"), age_days=age, sex="female", condition=DOWN, from_days=270
    )
    assert found.on_condition is not None
    assert found.on_condition.excess.value[0] == pytest.approx(0, abs=0.03)
    assert found.on_condition.condition.value[0] == pytest.approx(found.on_condition.observed.value[0], abs=1e-9)
    assert found.on_condition.verdict[0] == 0


def test_a_reference_that_may_be_wrong_widens_the_interval() -> None:
    age = np.rint(np.arange(1, 19) * 30.4375)
    kg = WHO.value(-1.0, age_days=age, sex="female")
    sure = attribution(kg, age_days=age, sex="female", condition=WHO, standard=WHO, from_days=270).on_condition
    from datetime import date

    moved = WHO.adjusted(
        -0.5,
        because="expected in this clinic",
        by="A. Specialist",
        review_by=date(2027, 1, 1),
        signed_on=date(2026, 9, 1),
    )
    found = attribution(kg, age_days=age, sex="female", condition=moved, standard=WHO, from_days=270).on_condition
    assert sure is not None
    assert found is not None
    assert found.variance[0] > sure.variance[0]
    assert found.excess.high[0] - found.excess.low[0] > sure.excess.high[0] - sure.excess.low[0]
    assert found.condition.high[0] > found.condition.value[0]
    assert sure.condition.high[0] == sure.condition.value[0]
    wider = attribution(kg, age_days=age, sex="female", standard=WHO, from_days=270, coverage=0.99).on_standard
    assert wider.excess.low[0] < sure.excess.low[0]


@pytest.mark.parametrize("z", [-2.0, 0.0, 1.0])
@pytest.mark.parametrize("sex", ["male", "female"])
def test_a_join_of_tables_is_no_change(sex: str, z: float) -> None:
    """Weighed a day earlier or later, the change is made of the same parts."""
    made: list[list[float]] = []
    for end in (1460, 1461, 1462):
        ages = [900, 1100, 1300, end]
        kg = [WHO.value(z, age_days=a, sex=sex) for a in ages]
        found = attribution(kg, age_days=ages, sex=sex, condition=DOWN, from_days=ages[-2])
        made.append(
            [float(getattr(p, n).value[0]) for p in (found.on_standard, found.on_condition) if p for n in PARTS]
        )
    assert np.abs(np.diff(np.array(made), axis=0)).max() < 0.12
    published = [UK.z(WHO.value(z, age_days=a, sex=sex), age_days=a, sex=sex) for a in (1460, 1461)]
    assert np.isfinite(published).all()


LINES = [k * 2 / 3 for k in range(-4, 5)]
FROM_BIRTH = np.array([0.0, 5, 12, 14, 28, 56, 84, 112, 182, 274, 365, 730])


@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize("z", [*LINES, -1.75])
@pytest.mark.parametrize("reference", ["uk-who", "who-2006", "cdc-2000"])
def test_a_child_who_keeps_its_line_has_nothing_left_over(sex: str, z: float, reference: str) -> None:
    on = gw.reference(reference)
    kg = np.asarray(on.value(np.full(FROM_BIRTH.size, z), age_days=FROM_BIRTH, sex=sex))
    kg[1:3] = kg[0] * np.array([0.93, 0.99])  # ordinary newborn loss
    for last in range(5, FROM_BIRTH.size + 1):
        for start in (None, 0.0, 13.0):
            found = attribution(
                kg[:last], age_days=FROM_BIRTH[:last], sex=sex, standard=on, from_days=start
            ).on_standard
            assert found.status_code[0] == 0
            assert abs(found.observed.value[0]) < 1e-9
            assert abs(found.excess.value[0]) < 0.02, (last, start)
            assert found.verdict[0] == 0
    begins = attribution(kg, age_days=FROM_BIRTH, sex=sex, standard=on)
    assert begins.from_days[0] == 14
    assert attribution(kg, age_days=FROM_BIRTH, sex=sex, standard=on, from_days=0.0).from_days[0] == 0


@pytest.mark.parametrize("sex", ["male", "female"])
def test_healthy_children_of_all_lines_have_nothing_left_over_on_average(sex: str) -> None:
    age = np.array([0.0, 4, 14, 28, 56, 112, 182, 274, 365, 548, 730])
    n, rng = 12_000, np.random.default_rng(8)
    noise = noise_sd(WHO, np.full(age.size, CODES[sex], np.uint8), age)
    z = rng.standard_normal((n, age.size)) @ np.linalg.cholesky(weight_model().covariance(age, noise)).T
    kg = np.asarray(WHO.value(z.ravel(), age_days=np.tile(age, n), sex=sex)).reshape(n, -1)
    kg[:, 1] *= 0.94
    for last in (6, 9, 11):
        found = attribution(
            kg[:, :last].ravel(), age_days=np.tile(age[:last], n), sex=sex, child=np.arange(n + 1) * last, standard=WHO
        ).on_standard
        # The standard error of the mean is 0.009 SD by two years
        assert abs(found.excess.value.mean()) < 0.02
        assert (found.verdict == 0).mean() == pytest.approx(0.90, abs=0.015)


def test_the_birth_weight_directly_before_is_where_it_was_published() -> None:
    for z in (-1.75, 0.0):
        kg = UK.value([z, z - 0.6], age_days=[0.0, 300.0], sex="female")
        found = attribution(kg, age_days=[0.0, 300.0], sex="female", from_days=0.0)
        assert found.on_standard.observed.value[0] == pytest.approx(-0.6, abs=1e-9)
        assert found.on_standard.excess.value[0] == pytest.approx(-0.6, abs=0.02)
        assert attribution(kg, age_days=[0.0, 300.0], sex="female").on_standard.status.tolist() == ["no_previous"]
    # Of the first two weeks only the birth weight counts
    none = attribution([3.2, 3.1, 5.0], age_days=[3, 9, 60], sex="male", from_days=9)
    assert none.on_standard.status.tolist() == ["no_previous"]


def simulate(on: gw.Reference, age: np.ndarray, n: int, error: float, seed: int) -> np.ndarray:
    c = weight_model().covariance(age, noise_sd(on, np.ones(age.size, np.uint8), age), error, 365.25)
    z = np.random.default_rng(seed).standard_normal((n, age.size)) @ np.linalg.cholesky(c).T
    return on.value(z.ravel(), age_days=np.tile(age, n), sex="female")


@pytest.mark.parametrize(("months", "seed"), [((9, 12), 1), ((9, 18), 2), ((12, 18), 3), ((24, 36), 4)])
@pytest.mark.parametrize("condition", [None, DOWN])
def test_intervals_hold_what_they_say(months: tuple[int, int], seed: int, condition: gw.Reference | None) -> None:
    n, age = 4000, np.rint(np.arange(1, months[1] + 1) * 30.4375)
    kg = simulate(condition or WHO, age, n, 0.1 if condition else 0.0, seed)
    found = attribution(
        kg,
        age_days=np.tile(age, n),
        sex="female",
        child=np.arange(n + 1) * age.size,
        condition=condition,
        standard=WHO,
        from_days=months[0] * 30.4375 + 1,
    )
    parts = found.on_condition or found.on_standard
    assert (parts.status_code == 0).all()
    assert (parts.verdict == 0).mean() == pytest.approx(0.90, abs=0.02)
    assert parts.excess.value.mean() == pytest.approx(0.0, abs=0.04)
    if condition is not None:
        # Nobody who judges these children by the standard alone is right so often
        assert (found.on_standard.verdict == 0).mean() < 0.86
        called = found.depends_on_adjustment
        assert (called == (found.on_standard.verdict != parts.verdict)).all()


def test_the_words() -> None:
    ages = [30, 61, 91, 122, 152, 183, 213, 244, 274, 305, 365]
    kg = [3.1, 3.9, 4.7, 5.4, 5.9, 6.4, 6.8, 7.0, 6.9, 6.7, 6.3]
    found = attribution(kg, age_days=ages, sex="female", condition="trisomy-21-uk-2002", from_days=200)
    text = found.explain()
    assert "no diagnosis" in text
    assert "UK-WHO" in text
    assert "Down" in text
    assert "less gain than 95% of healthy children" in text
    assert "From 6 months to 12 months" in text
    assert not re.search(r"nan|fault|neglect|abnormal|failure", text)
    assert "do not agree" not in text
    assert "do not agree" in _depends().explain()
    none = attribution([5.0, np.nan], age_days=[90, 120], sex="male")
    assert none.explain() == "There are no two weighings to compare (no_previous)."
    assert none.on_standard.status.tolist() == ["no_previous"]
    with pytest.raises(GrowthwatchError):
        found.explain(1)


def _depends() -> Attribution:
    """A girl with Down syndrome who grows as others with it do, from high on the standard's lines."""
    age = np.rint(np.arange(24, 37) * 30.4375)
    for fall in np.linspace(0, 2, 41):
        kg = DOWN.value(0.5 - fall * (age - age[0]) / (age[-1] - age[0]), age_days=age, sex="female")
        found = attribution(kg, age_days=age, sex="female", condition=DOWN)
        if found.depends_on_adjustment[0]:
            return found
    raise AssertionError("no such fall")


def test_what_the_condition_does_not_cover_is_said() -> None:
    turner = gw.reference("cp-gmfcs-1")
    found = attribution([6.0, 7.0, 8.0], age_days=[100, 200, 300], sex="male", condition=turner)
    assert isinstance(found.on_condition, Parts)
    assert found.on_condition.status.tolist() == ["no_previous"]
    assert not found.depends_on_adjustment[0]
    for wrong in ({"from_days": [1.0, 2.0]}, {"coverage": 1.0}, {"condition": "nothing"}):
        with pytest.raises(GrowthwatchError):
            attribution([6.0, 7.0], age_days=[100, 200], sex="male", **wrong)


# --- which weights count where the two references follow a child by different ages --------------------------------

CORRECTED, UNCORRECTED = gw.reference("uk-who"), gw.reference("uk-who", correction="none")
EARLY = 210
"""Completed gestation: by the reference that corrects the child is followed 70 days younger [days]."""


def ends(ages: list[int], standard: gw.Reference, condition: gw.Reference | None, **more: Any) -> tuple[float, float]:
    """Ages of the two weighings that are compared [chronological days]."""
    kg = [float(standard.value(-0.5, age_days=a, sex="male", gestation_days=EARLY)) for a in ages]
    found = attribution(
        kg, age_days=ages, sex="male", gestation_days=EARLY, standard=standard, condition=condition, **more
    )
    return float(found.from_days[0]), float(found.until_days[0])


@pytest.mark.parametrize(("last", "counts"), [(1825, True), (1826, True), (1827, False), (1880, False)])
def test_the_last_weighing_is_within_the_ages_of_both_references(last: int, counts: bool) -> None:
    # The model of healthy growth ends at five years, 1826.25 days: the second reference follows without correction.
    ages = [300, 1000, 1700, last]
    assert ends(ages, CORRECTED, None) == (300, last)
    assert ends(ages, CORRECTED, UNCORRECTED) == (300, last if counts else 1700)
    # The other way round the standard's own age is the limit.
    assert ends(ages, UNCORRECTED, CORRECTED) == (300, last if counts else 1700)


@pytest.mark.parametrize(("first", "counts"), [(83, False), (84, True)])
def test_the_first_weighing_is_two_weeks_after_term_on_both_references(first: int, counts: bool) -> None:
    ages = [0, first, 120, 300]
    assert ends(ages, UNCORRECTED, None) == (first, 300)
    assert ends(ages, UNCORRECTED, CORRECTED) == (first if counts else 120, 300)


def test_a_birth_before_term_is_no_first_weighing_where_the_second_reference_corrects() -> None:
    ages = [0, 120, 300]
    assert ends(ages, UNCORRECTED, None, from_days=0.0) == (0, 300)
    # On the second reference the child is then 70 days before term: no change from there can be told.
    assert np.isnan(ends(ages, UNCORRECTED, CORRECTED, from_days=0.0)).all()
