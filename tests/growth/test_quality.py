"""Suspected entry errors: each kind is recognised, true weights are believed, nothing is changed."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch.core.errors import GrowthwatchError
from growthwatch.core.status import Status
from growthwatch.growth import expected, quality, slips
from growthwatch.growth.model import weight_model
from growthwatch.growth.quality import QUESTIONS, suspected
from growthwatch.growth.series import weight_series
from growthwatch.growth.slips import EntryError, entry_errors

UK = gw.reference("uk-who")
AGES = [0, 12, 45, 60, 90, 120, 150, 200, 280, 370, 480]
Z = np.array([0.1, -0.2, 0.0, 0.1, 0.2, 0.1, 0.0, 0.1, -0.1, 0.0, 0.0])


def weights(z: Any = Z, ages: Any = AGES, sex: str = "male") -> Any:
    return np.round(UK.value(np.asarray(z, float), age_days=ages, sex=sex), 2)


HEALTHY = weights()


def changed(at: int, kg: float) -> Any:
    kgs = HEALTHY.copy()
    kgs[at] = kg
    return kgs


def judge(kgs: Any, ages: Any = AGES, **more: Any) -> quality.Suspicions:
    return suspected(kgs, age_days=ages, **{"sex": "male", **more})


def alike(a: quality.Suspicions, b: quality.Suspicions, rows: Any = slice(None), tolerance: float = 1e-9) -> None:
    for name in ("code", "likeliest", "series_code", "shift_days", "status_code"):
        assert np.array_equal(getattr(a, name), getattr(b, name)[rows]), name
    for name in ("probability", "expected_kg", "low_kg", "high_kg", "implied_kg", "series_probability"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name)[rows], rtol=1e-7, atol=tolerance, err_msg=name)


# --- each kind --------------------------------------------------------------------------------

SLIPS = [
    ("tenfold", 6, 74.8, "decimal point", 7.48),
    ("tenfold", 6, 0.748, "decimal point", 7.48),
    ("grams", 6, 7480.0, "grams", 7.48),
    ("pounds", 6, 16.49, "pounds", 7.48),
    ("pounds", 9, 4.39, "pounds", 9.68),
    ("swapped_digits", 5, 1.73, "digits", 7.13),
    ("swapped_digits", 9, 6.98, "digits", 9.68),
    ("other_child", 6, 13.3, "right child", None),
    ("other_child", 6, 4.45, "right child", None),
    ("carried_forward", 7, 7.48, "exactly the last weight", None),
]


@pytest.mark.parametrize("hindsight", [False, True])
@pytest.mark.parametrize("word, at, kg, asks, implied", SLIPS)
def test_a_slip_is_recognised_and_asked_about(
    word: str, at: int, kg: float, asks: str, implied: float | None, hindsight: bool
) -> None:
    found = judge(changed(at, kg), hindsight=hindsight)
    assert found.word[at] == word
    assert found.probability[at] >= found.threshold
    assert asks in found.question[at]
    assert "{" not in found.question[at] and "nan" not in found.question[at]
    assert found.suspect.sum() == 1, found.word
    assert (found.question[~found.suspect] == "").all()
    if implied is None:
        assert np.isnan(found.implied_kg[at])
    else:
        assert found.implied_kg[at] == pytest.approx(implied, abs=0.006)


ASKED = {
    ("tenfold", 74.8): "Is the decimal point in the right place? 74.8 kg was entered, and 7.48 kg would fit better.",
    ("tenfold", 0.748): "Is the decimal point in the right place? 0.748 kg was entered, and 7.48 kg would fit better.",
    ("grams", 7480.0): (
        "Could this have been entered in grams? 7480 was entered as kilograms, and 7.48 kg would fit better."
    ),
    ("pounds", 16.49): (
        "Could pounds and kilograms have been mixed up? 16.49 kg was entered, and 7.48 kg would fit better."
    ),
    ("swapped_digits", 1.73): (
        "Could two digits have changed places? 1.73 kg was entered, and 7.13 kg would fit better."
    ),
}


@pytest.mark.parametrize(("word", "kg", "at"), [(w, kg, 5 if kg == 1.73 else 6) for w, kg in ASKED])
def test_a_question_about_the_unit_or_the_digits_says_both_figures(word: str, kg: float, at: int) -> None:
    found = judge(changed(at, kg))
    assert found.question[at] == ASKED[word, kg]


def test_a_question_about_another_child_says_what_was_expected() -> None:
    kgs = changed(6, 13.3)
    found = judge(kgs)
    low, high = re.fullmatch(
        r"Is this the right child's weight\? 13\.3 kg was entered, and from this child we expected about "
        r"(\d(?:\.\d)?) to (\d(?:\.\d)?) kg\. If you can, please weigh again now\.",
        found.question[6],
    ).groups()  # type: ignore[union-attr]
    # The child's own weight there would have been 7.48 kg.
    assert 6.5 < float(low) < 7.48 < float(high) < 8.5
    copied = judge(changed(7, 7.48)).question[7]
    assert copied.startswith(
        "Was the child weighed on this day? 7.48 kg is exactly the last weight, and from this child we expected about "
    )
    worn = judge(changed(6, 7.78), clothed=np.arange(11) == 6).question[6]
    assert worn.startswith("Was the child weighed in clothes, shoes or a nappy? 7.78 kg was entered, and from this")


@pytest.mark.parametrize("hindsight", [False, True])
@pytest.mark.parametrize("kg", [9.8, 15.0, 17.5])
def test_another_child_at_the_first_row(kg: float, hindsight: bool) -> None:
    """No healthy newborn weighs so much, whatever the unit: then it is not this child's."""
    alone = judge([kg], [0], hindsight=hindsight)
    assert alone.word.tolist() == ["other_child"] and alone.probability[0] > 0.99
    assert alone.question[0].startswith(f"Is this the right child's weight? {kg:g} kg was entered, and from this child")
    # At entry it is judged alone, whatever comes later, and makes none of those that follow odd.
    first = judge([kg, *HEALTHY[1:]], hindsight=hindsight)
    assert first.word.tolist() == ["other_child", *["none"] * 10]
    if not hindsight:
        assert first.probability[0] == pytest.approx(alone.probability[0], rel=1e-9)


def test_heavy_clothes_are_recognised_once_the_weight_falls_back() -> None:
    ages = np.arange(100, 240, 7)
    kgs = weights(np.full(20, 0.2), ages)
    kgs[10] += 1.1
    found = judge(kgs, ages, hindsight=True)
    assert found.word[10] == "clothed"
    assert "clothes" in found.question[10]
    assert found.suspect.sum() == 1


def test_a_weight_recorded_as_clothed_is_always_asked_about() -> None:
    dressed = np.arange(11) == 6
    found = judge(changed(6, HEALTHY[6] + 0.3), clothed=dressed)
    assert found.word.tolist() == ["clothed" if d else "none" for d in dressed]
    assert found.probability[6] == 1.0
    assert judge(changed(6, 74.8), clothed=dressed).word[6] == "tenfold"


@pytest.mark.parametrize("kg, word", [(35.0, "tenfold"), (0.35, "tenfold"), (3500.0, "grams"), (7.9, "pounds")])
def test_the_first_weight_is_judged_against_all_children(kg: float, word: str) -> None:
    assert judge([kg], [0]).word.tolist() == [word]
    assert judge([3.5], [0]).word.tolist() == ["none"]


def test_a_birth_date_wrong_by_a_year() -> None:
    ages = np.array(AGES) + 365 * (np.array(AGES) > 0)
    for hindsight in (False, True):
        found = judge(HEALTHY, ages, hindsight=hindsight)
        assert found.series_code[-1] == EntryError.WRONG_BIRTH_DATE
        assert found.shift_days[-1] == -365
        assert found.series_question[-1].endswith("fit a child about 365 days younger much better.")
    assert (judge(HEALTHY).series_code == 0).all()
    assert (judge(HEALTHY).series_question == "").all()


def test_a_wrong_sex_hardly_changes_weight_and_is_not_claimed() -> None:
    """The charts of boys and girls differ less than children do."""
    ages = np.array([0, *range(28, 1400, 56)])
    found = judge(weights(np.zeros(ages.size), ages, "female"), ages, hindsight=True)
    assert (found.series_code == EntryError.NONE).all()


def test_a_wrong_sex_is_named_where_weights_can_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made up: were a wrong sex common, and every record doubted, the better chart would be named."""
    figures = entry_errors()
    common = figures.series.model_copy(update={"wrong_sex": 1.0, "misfit": -1e9})
    monkeypatch.setattr(quality, "entry_errors", lambda: figures.model_copy(update={"series": common}))
    ages = np.array([0, *range(28, 700, 28)])
    kgs = weights(np.full(ages.size, -2.0), ages, "female")
    found = judge(kgs, ages, hindsight=True)
    assert found.series_code[-1] == EntryError.WRONG_SEX
    assert found.series_question[-1].startswith("Is the sex in the record right?")


# --- what is true is believed -----------------------------------------------------------------


@pytest.mark.parametrize("hindsight", [False, True])
@pytest.mark.parametrize("lost", [0.05, 0.08, 0.12, 0.15, 0.2])
def test_an_acute_loss_is_believed(lost: float, hindsight: bool) -> None:
    found = judge(changed(6, round(HEALTHY[6] * (1 - lost), 2)), hindsight=hindsight)
    assert not found.suspect.any(), found.word


@pytest.mark.parametrize("hindsight", [False, True])
@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize("shift", [-3.5, -2.0, 0.0, 2.0])
def test_healthy_and_small_children_are_not_questioned(shift: float, sex: str, hindsight: bool) -> None:
    found = judge(weights(Z + shift, sex=sex), sex=sex, hindsight=hindsight)
    assert not found.suspect.any(), found.word
    assert not found.series_code.any()


@pytest.mark.parametrize("hindsight", [False, True])
def test_a_slow_fall_is_believed(hindsight: bool) -> None:
    ages = np.arange(0, 720, 28)
    kgs = weights(-4.0 * np.clip((ages - 100) / 500, 0, 1), ages)
    kgs[1:][np.diff(kgs) == 0] += 0.03  # a repeat to 10 g is asked about, and may be
    found = judge(kgs, ages, hindsight=hindsight)
    assert not found.suspect.any(), found.word


def test_at_entry_a_fall_of_up_to_two_sd_is_real_until_proven_otherwise() -> None:
    for kg in np.round(np.linspace(5.9, 7.6, 60), 2).tolist():
        found = judge(changed(6, kg))
        z = UK.z(kg, age_days=150, sex="male") - UK.z(found.expected_kg[6], age_days=150, sex="male")
        if -2.0 < z < 0.0 and kg != HEALTHY[5]:
            assert not found.suspect[6], kg


def test_a_second_weight_confirms_a_low_one() -> None:
    kgs = HEALTHY.copy()
    kgs[6:] = np.round(HEALTHY[6:] * 0.6, 2)
    live, later = judge(kgs), judge(kgs, hindsight=True)
    assert live.word[6] == "other_child" and not live.suspect[7:].any()
    assert not later.suspect.any(), later.word


def test_two_weights_with_one_fault_do_not_confirm_each_other() -> None:
    kgs = HEALTHY.copy()
    kgs[6:8] = np.round(kgs[6:8] * 2.2046, 2)
    for hindsight in (False, True):
        assert judge(kgs, hindsight=hindsight).word.tolist() == ["none"] * 6 + ["pounds"] * 2 + ["none"] * 3


def test_a_reweigh_on_the_same_day_is_judged_on_its_own() -> None:
    kgs, ages = np.append(HEALTHY, 74.8), np.append(AGES, 150)
    for hindsight in (False, True):
        found = judge(kgs, ages, hindsight=hindsight)
        assert found.word.tolist() == ["none"] * 11 + ["tenfold"]


def test_a_repeat_within_days_or_on_coarse_scales_is_no_copy() -> None:
    assert not judge([3.5, 4.4, 5.61, 5.61], [0, 28, 60, 63]).suspect.any()
    coarse = judge([3.5, 4.5, 5.5, 6.5, 7.0, 7.0], [0, 28, 60, 90, 120, 140])
    assert not coarse.suspect.any()
    one_finer = judge([3.5, 4.53, 5.5, 6.5, 7.0, 7.0], [0, 28, 60, 90, 120, 140])
    assert not one_finer.suspect.any()


# --- how it is computed -----------------------------------------------------------------------


def caseload(seed: int = 7, children: int = 40) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    columns: dict[str, list[Any]] = {"kg": [], "age": [], "sex": [], "gestation": [], "child": []}
    for i in range(children):
        n = int(rng.integers(1, 16))
        ages = np.sort(rng.integers(0, 1700, n))
        sex = str(rng.choice(["male", "female"]))
        gestation = float(rng.choice([280, 280, 250, 200]))
        z = rng.normal(0, 1) + np.cumsum(rng.normal(0, 0.2, n))
        kgs = np.round(UK.value(z, age_days=ages, sex=sex, gestation_days=gestation), 2)
        kgs = np.where(np.isfinite(kgs), kgs, 3.0)
        odd = rng.random(n) < 0.1
        kgs[odd] = np.round(kgs[odd] * rng.choice([0.1, 10, 2.2, 0.6, 1.3], odd.sum()), 2)
        if n > 3 and rng.random() < 0.3:
            kgs[2] = kgs[1]
        columns["kg"] += kgs.tolist()
        columns["age"] += ages.tolist()
        columns["sex"] += [sex] * n
        columns["gestation"] += [gestation] * n
        columns["child"] += [f"c{i}"] * n
    return {k: np.array(v) for k, v in columns.items()}


def run(c: dict[str, Any], rows: Any = slice(None), **more: Any) -> quality.Suspicions:
    return suspected(
        c["kg"][rows],
        age_days=c["age"][rows],
        sex=c["sex"][rows],
        gestation_days=c["gestation"][rows],
        child=c["child"][rows],
        **more,
    )


def test_later_weights_never_change_what_was_said_at_entry() -> None:
    c = caseload()
    whole = run(c)
    assert whole.suspect.any()
    for until in (100, 400, 900):
        rows = np.flatnonzero(c["age"] <= until)
        alike(run(c, rows), whole, rows)


@pytest.mark.parametrize("hindsight", [False, True])
def test_order_does_not_matter_and_one_child_is_a_caseload_of_one(hindsight: bool) -> None:
    c = caseload()
    whole = run(c, hindsight=hindsight)
    order = np.random.default_rng(3).permutation(c["kg"].size)
    alike(run(c, order, hindsight=hindsight), whole, order)
    for name in ("c0", "c3", "c11"):
        rows = np.flatnonzero(c["child"] == name)
        alike(run(c, rows, hindsight=hindsight), whole, rows)
    counts = np.unique(c["child"], return_index=True)[1]
    offsets = np.append(np.sort(counts), c["kg"].size)
    by_offsets = suspected(
        c["kg"], age_days=c["age"], sex=c["sex"], gestation_days=c["gestation"], child=offsets, hindsight=hindsight
    )
    alike(by_offsets, whole)


def test_hindsight_is_the_exact_forecast_from_all_other_weights() -> None:
    """Against a dense Gaussian process, where every weight is trusted."""
    found, model = entry_errors(), weight_model()
    ages = np.array(AGES[1:], float)
    kgs = HEALTHY[1:]
    series = weight_series(UK, kgs, ages, "male")
    columns = quality.read_columns(kgs, ages, "male", None, None, None)
    rows, days, _, _ = slips.read_rows(found, UK, series, columns)
    out = expected.unread(ages.size)
    ones, none = np.ones(ages.size), np.zeros(ages.size)
    for block in series.blocks():
        expected._in_hindsight(found, model, rows, days, block, np.arange(ages.size), ones, none, out)
    dense = model.covariance(series.age_days, series.noise) + days.splice.sum() * 0
    dense += (found.real.level_sd**2 - 1.0) * model.permanent
    splice = np.cumsum(days.splice)
    dense += np.minimum(splice[:, None], splice[None, :])
    precision = np.linalg.inv(dense)
    np.testing.assert_allclose(out.expected, rows.z - precision @ rows.z / np.diag(precision), atol=1e-9)
    np.testing.assert_allclose(out.variance, 1.0 / np.diag(precision), atol=1e-9)


def test_nothing_is_changed_and_the_answer_is_the_same_twice() -> None:
    c = caseload()
    before = {k: v.copy() for k, v in c.items()}
    first, second = run(c), run(c)
    for k, v in c.items():
        assert np.array_equal(v, before[k]), k
    alike(first, second, tolerance=0.0)
    assert np.array_equal(first.weight_kg, c["kg"])


@pytest.mark.parametrize("reference", ["who", "cdc-2000", "trisomy-21-us-2015", "noonan-it-2024"])
def test_any_reference_will_do(reference: str) -> None:
    for hindsight in (False, True):
        found = judge(changed(6, 74.8), reference=reference, hindsight=hindsight)
        judged = ~np.isnan(found.probability)
        assert (found.status_code[judged] <= Status.IMPLAUSIBLE).all()
        if judged[6]:
            assert found.word[6] == "tenfold"


def test_what_cannot_be_judged_says_why() -> None:
    found = judge([3.5, np.nan, -1.0, np.inf, 6.0, 0.0], [0, 30, 40, 50, np.nan, 70])
    assert found.status.tolist() == [
        "ok", "missing_value", "nonpositive_value", "not_finite", "missing_age", "nonpositive_value",
    ]  # fmt: skip
    assert np.isnan(found.probability[1:]).all()
    assert not found.suspect.any()
    assert judge([], []).code.shape == (0,)
    assert judge([3.5, 4.5], [0, 30], sex=[None, "x"]).status.tolist() == ["missing_sex", "unknown_sex"]


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(GrowthwatchError) as raised:
        judge(HEALTHY, AGES[:-1])
    assert raised.value.field is not None
    with pytest.raises(GrowthwatchError) as raised:
        judge(HEALTHY, clothed=["yes"] * 11)
    assert raised.value.field == "clothed"
    with pytest.raises(GrowthwatchError):
        judge(HEALTHY, child=[1, 2])
    with pytest.raises(GrowthwatchError):
        judge(np.ones((2, 2)), np.ones((2, 2)))


def test_figures_have_sources_and_words_are_closed() -> None:
    found = entry_errors()
    assert found.hash.startswith("sha256:")
    for part in (found, found.scales, found.swapped, found.other, found.carried, found.clothed, found.real):
        assert part.source and part.tag in {"N", "G", "L"}
    assert set(QUESTIONS) == set(EntryError)
    assert [str(e) for e in EntryError] == [e.name.lower() for e in EntryError]
    assert sum(e.startswith("wrong") for e in map(str, EntryError)) == 2


# --- any columns at all -----------------------------------------------------------------------

FIGURES = st.one_of(
    st.floats(0.3, 40).map(lambda v: round(v, 2)), st.sampled_from([0.0, -1.0, np.nan, np.inf, 1e-12, 1e9, 1e300, 8.3])
)
ROWS = st.lists(
    st.tuples(
        FIGURES,
        st.one_of(st.integers(-5, 1900), st.sampled_from([np.nan, np.inf, 14.0, 13.99, 1461.0, 4000.0])),
        st.sampled_from(["male", "female", "m", None, "x"]),
        st.sampled_from([np.nan, 280.0, 250.0, 170.0, 100.0]),
        st.integers(0, 2),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.booleans())
def test_any_columns_are_answered_without_a_warning(rows: list[tuple[Any, ...]], hindsight: bool) -> None:
    kg, age, sex, gestation, child = (list(c) for c in zip(*rows, strict=True)) if rows else ([], [], [], [], [])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = suspected(
            np.array(kg, float),
            age_days=np.array(age, float),
            sex=np.array(sex, object),
            gestation_days=np.array(gestation, float),
            child=np.array(child, int),
            hindsight=hindsight,
        )
        assert len(found.question) == len(found.series_question) == len(rows)
    judged = found.status_code <= Status.IMPLAUSIBLE
    assert np.array_equal(judged, ~np.isnan(found.probability))
    assert ((found.probability[judged] >= 0) & (found.probability[judged] <= 1)).all()
    assert ((found.series_probability[judged] >= 0) & (found.series_probability[judged] <= 1)).all()
    assert not found.code[~judged].any()
    assert np.array_equal(found.suspect[judged], found.probability[judged] >= found.threshold)
