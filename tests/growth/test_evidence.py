"""The running evidence of slowing: exact where it can be, and what it promises a clinician."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch.core.units import DAYS_PER_MONTH
from growthwatch.growth.detector import Detector, SlowChannel, detector, reference_error
from growthwatch.growth.evidence import Channels, channels, running_evidence
from growthwatch.growth.model import FREE_LEVEL_SD, WeightModel, noise_sd, weight_model
from growthwatch.growth.series import weight_series

WHO = gw.reference("who-2006")
MONTHLY = np.arange(14.0, 731.0, 30.4375).round()


NEVER = 1e300
FIRST = detector("1")
THEN = [0.7032722124400559, 1.0890683915252293, 1.622683010045943]


def exact(**changes: object) -> Detector:
    """The detector without its safeguards: the exact mixture, against one account of healthy growth."""
    figures = detector().model_dump()
    none = {"wrong": 0.0, "wrong_sd": 1.5, "confirmed_sd": 0.0, "further_per_day": 0.0}
    one = {"share": 1.0, "credit": 1.0, "scale": 1.0}
    figures["slow"] |= {"errors": none, "every_days": 0.0, "window_days": 1.0, "accounts": (one, one | {"share": 0.0})}
    errors = {"least": 1.0, "prior": 1.0, "prior_weights": 1e12, "short_gap": 0.0, "short_gap_days": 14.0}
    figures["acute"] |= {"errors": errors | none}
    figures["acute"]["restless"] |= {"ahead": NEVER, "one_weight": NEVER, "at_most": NEVER}
    return Detector.model_validate(figures | changes)


def plain(ahead: float = NEVER, one_weight: float = NEVER) -> Detector:
    """The same of version 1 of the figures."""
    figures = FIRST.model_dump()
    errors = {
        "least": 1.0, "prior": 1.0, "prior_weights": 1e12, "short_gap": 0.0, "short_gap_days": 14.0,
        "wrong": 0.0, "wrong_sd": 1.5, "confirmed_sd": 0.0, "further_per_day": 0.0,
    }  # fmt: skip
    figures["slow"] |= {"errors": errors, "every_days": 0.0, "window_days": 1.0}
    figures["acute"] |= {"errors": errors}
    for channel in ("slow", "acute"):
        figures[channel]["restless"] |= {"ahead": ahead, "one_weight": one_weight, "at_most": NEVER}
    return Detector.model_validate(figures)


def alone(found: Detector, model: WeightModel, age: np.ndarray, z: np.ndarray, noise: np.ndarray) -> Channels:
    return channels((age, z, noise, np.zeros(age.size, np.bool_)), np.array([0, age.size]), 0.0, found, model)


def noise_at(age: np.ndarray) -> np.ndarray:
    return noise_sd(WHO, np.zeros(age.size, np.uint8), age)


# --- version 1 of the figures, which is kept ---------------------------------------------------


def test_earlier_figures_are_had_by_version_and_by_the_hash_that_an_answer_names() -> None:
    assert detector() is detector("2") is detector(detector().hash)
    assert weight_model() is weight_model("3") is weight_model(weight_model().hash)
    # As answers of version 0.1 name them
    assert detector("1").hash == "sha256:9bc6015f7a7f776b6fdf15928c72e48cd08d15a559b7c9e84e27707cba755e4f"
    assert weight_model("2").hash == "sha256:e83a1a9df779e6a56db1facb0b894a447f11d1cb7ba72257a66d4cfd5e14b884"
    assert detector(detector("1").hash) is detector("1")
    assert weight_model(weight_model("2").hash) is weight_model("2")
    for name, call in (("version", detector), ("version", weight_model)):
        for wrong in ("0", "sha256:00", 1, [], float("nan")):
            with pytest.raises(gw.GrowthwatchError) as raised:
                call(wrong)  # type: ignore[arg-type]
            assert raised.value.field == name


def test_what_was_judged_by_earlier_figures_comes_out_again() -> None:
    # As the library gave it while they were the packaged ones
    kg = [3.6, 4.4, 5.3, 6.0, 6.1, 6.1, 6.2, 6.2, 6.2]
    age = np.array([20.0, 42, 70, 98, 126, 154, 182, 210, 238])
    series = weight_series(WHO, kg, age, "male")
    found = running_evidence(series, 0.0, detector("1"), weight_model("2"))
    assert found.ratio[-3:] == pytest.approx(THEN, rel=1e-9)
    assert found.detector_hash == detector("1").hash and found.model_hash == weight_model("2").hash


@pytest.mark.parametrize("scale", [0.3, 0.6])
def test_slowing_has_to_beat_the_better_of_both_accounts_of_healthy_growth(scale: float) -> None:
    rng = np.random.default_rng(5)
    age = 30.0 + 9.0 * np.arange(30)
    z = scale * rng.normal(size=30)  # comes and goes: 0.6 is more than a restless child's
    noise = noise_at(age)
    found, model = plain(ahead=2.0), weight_model("2")
    one, both = alone(plain(), model, age, z, noise), alone(found, model, age, z, noise)
    counted = 0
    for channel, without, with_ in ((found.slow, one.slow, both.slow), (found.acute, one.acute, both.acute)):
        assert not isinstance(channel, SlowChannel)
        usual, restless = (dense(m, age, noise) for m in (model, channel.restless.model(model)))
        for last in range(1, 31):
            better = fit(restless[:last, :last], z[:last]) - fit(usual[:last, :last], z[:last]) - np.log(2.0)
            counted += better > 0
            assert with_[last - 1] == pytest.approx(without[last - 1] * np.exp(-max(better, 0.0)), rel=1e-6, abs=1e-15)
    assert counted > 20


def test_one_great_loss_does_not_make_a_child_restless() -> None:
    age = np.arange(30.0, 300.0, 7.0)
    z = np.where(age < 200, 0.25 * np.random.default_rng(1).normal(size=age.size), -3.0)
    first = int(np.argmax(age >= 200))
    most = FIRST.acute.restless.one_weight
    limited, free, none = (
        alone(plain(1.0, one), weight_model("2"), age, z, noise_at(age)).slow for one in (most, NEVER, 1.0)
    )
    assert free[first] < limited[first] < none[first]
    assert none[first] / limited[first] <= most * (1 + 1e-9)


def test_the_first_mixture_is_that_of_a_dense_gaussian_process() -> None:
    rng = np.random.default_rng(3)
    age = np.sort(rng.choice(np.arange(14, 700), 14, replace=False)).astype(float)
    z = rng.normal(0, 0.5, 14).cumsum() * 0.3
    found, model = plain(), weight_model("2")
    covariance = dense(model, age, noise_at(age))
    monthly = found.prior.by_month()
    slow = alone(found, model, age, z, noise_at(age)).slow
    assert not isinstance(found.slow, SlowChannel)
    for last in range(1, 15):
        inverse = np.linalg.inv(covariance[:last, :last])
        expected = 0.0
        for rate, cap, share in found.slow.shapes:
            for month, weight in enumerate(monthly):
                onset = month * DAYS_PER_MONTH
                if onset >= age[last - 1] or month < age[0] // DAYS_PER_MONTH:
                    continue
                gone = np.clip(age[:last] - onset, 0.0, cap * DAYS_PER_MONTH) / DAYS_PER_MONTH
                shift = -rate * gone
                expected += share * weight * np.exp(shift @ inverse @ (z[:last] - shift / 2.0))
        assert slow[last - 1] == pytest.approx(found.slow.share * expected, rel=1e-8)


# --- the figures in use ------------------------------------------------------------------------


def test_the_mixture_is_that_of_dense_gaussian_processes() -> None:
    rng = np.random.default_rng(3)
    age = np.sort(rng.choice(np.arange(14, 700), 14, replace=False)).astype(float)
    z, noise, model = rng.normal(0, 0.5, 14).cumsum() * 0.3, noise_at(age), weight_model()
    accounts = (
        {"share": 0.4, "credit": 1.0, "scale": 1.0},
        {"share": 0.6, "credit": 0.5, "scale": 1.25, "transient": 0.09, "transient_days": 50.0},
    )
    found = exact()
    found = Detector.model_validate(found.model_dump() | {"slow": found.slow.model_dump() | {"accounts": accounts}})
    channel = found.slow
    assert isinstance(channel, SlowChannel)
    got = alone(found, model, age, z, noise)
    warped, onsets = model.warped(age), np.array(channel.onsets)
    begins, prior = model.warped(onsets), np.diff(found.prior.opened(onsets))
    for last in range(1, 15):
        healthy, mixed = np.empty(2), np.empty(2)
        for a, account in enumerate(channel.accounts):
            # Innovations are wider by the scale: the covariance that the first weight leaves is, too
            c = dense(account.model(model), age[:last], noise[:last]) * account.scale**2
            inverse = np.linalg.inv(c)
            # The first weight finds the level and tells no account from another
            healthy[a] = fit(c, z[:last]) - fit(c[:1, :1], z[:1])
            mixed[a] = 0.0
            for k in range(onsets.size - 1):
                if onsets[k] >= age[last - 1]:
                    continue
                ramps = [np.maximum(warped[:last] - begins[j], 0.0) for j in (k, k + 1)]
                shifts = [(-rate * ramps[0], share) for rate, share in channel.rates]
                width = begins[k + 1] - begins[k]
                shifts += [(-size * (ramps[0] - ramps[1]) / width, share) for size, share in channel.steps]
                for shift, share in shifts:
                    mixed[a] += share * prior[k] * np.exp(shift @ inverse @ (z[:last] - shift / 2.0))
        credit = np.array([a.credit for a in channel.accounts])
        shares = np.array([a.share for a in channel.accounts])
        best = (healthy + np.log(credit)).max()
        expected = channel.share * float((shares * np.exp(healthy - best) * mixed).sum())
        assert got.slow[last - 1] == pytest.approx(expected, rel=1e-9)
        opened = prior[onsets[:-1] < age[last - 1]].sum()
        assert got.fit[last - 1] == pytest.approx(expected / (channel.share * opened), rel=1e-9)


def test_the_prior_is_even_in_age() -> None:
    found = detector()
    assert isinstance(found.slow, SlowChannel)
    onsets = np.array(found.slow.onsets)
    assert len(onsets) == 46 and (np.diff(onsets) > 0).all() and onsets[0] == 0
    opened = found.prior.opened(np.array([0.0, 365.25, 730.5, 1278.375, 1826.25, 3000.0]))
    assert opened == pytest.approx([0.0, 0.5, 1.0, 1.75, 2.5, 2.5])
    assert sum(share for _, share in (*found.slow.rates, *found.slow.steps)) == pytest.approx(1.0)
    assert sum(a.share for a in found.slow.accounts) == pytest.approx(1.0)


def test_nothing_is_known_of_an_account_from_the_first_weight_of_a_new_table() -> None:
    age = np.arange(30.0, 400.0, 28.0)
    rng = np.random.default_rng(4)
    z, noise, offsets = 0.2 * rng.normal(size=age.size), noise_at(age), np.array([0, age.size])
    fresh = np.zeros(age.size, np.bool_)
    fresh[6] = True
    with_ = channels((age, z, noise, fresh), offsets, 0.0, detector(), weight_model())
    moved = channels((age, z + np.where(np.arange(age.size) >= 6, 3.0, 0.0), noise, fresh), offsets, 0.0, detector(),
                     weight_model())  # fmt: skip
    assert moved.slow == pytest.approx(with_.slow, rel=0.03), "where no table is in common, a jump says nothing"


@pytest.mark.parametrize("at", ["low", "high"])
def test_a_fall_of_no_hypothesis_is_not_taken_for_a_wrong_weight(at: str) -> None:
    # Two weights after a year without any: the faster the fall, the more it says
    age = np.array([14.0, 56, 84, 112, 300, 400, 730])
    found = [
        gw.evidence(weights(falling(rate, 365.25, age), age), age_days=age, sex="female", reference=WHO)[-1]
        for rate in ((0.2, 0.3, 0.4) if at == "low" else (0.4, 0.6))
    ]
    assert (np.diff(found) > 0).all() or min(found) > 20
    assert found[-1] > 5


def test_a_weight_counts_as_often_as_the_channel_looks() -> None:
    age = np.arange(14.0, 200.0)
    z = -0.004 * (age - 14.0)
    daily = alone(detector(), weight_model(), age, z, noise_at(age)).slow
    looks = np.flatnonzero(np.diff(daily) != 0) + 1
    assert (np.diff(age[looks]) == 14).all() and looks.size > 10


def weights(z: object, age: object = MONTHLY, sex: str = "female", reference: gw.Reference = WHO) -> np.ndarray:
    return reference.value(z, age_days=age, sex=sex)


def falling(rate: float, onset: float, age: np.ndarray = MONTHLY) -> np.ndarray:
    return -rate * np.maximum(age - onset, 0.0) / DAYS_PER_MONTH


def dense(model: WeightModel, age: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Covariance of z under an account of healthy growth, its level free."""
    return model.covariance(age, noise) + (FREE_LEVEL_SD**2 - 1.0) * model.permanent


def fit(covariance: np.ndarray, z: np.ndarray) -> float:
    """Logarithm of a Gaussian likelihood, but for a constant."""
    return -0.5 * float(z @ np.linalg.solve(covariance, z) + np.linalg.slogdet(covariance)[1])


def test_the_acute_channel_is_that_of_a_dense_gaussian_process() -> None:
    age = np.array([20.0, 30, 33, 37, 40, 55, 58, 59])
    z = np.array([0.1, 0.2, 0.0, -0.4, -0.5, -0.4, -0.9, -1.0])
    noise = noise_sd(WHO, np.zeros(8, np.uint8), age)
    found, model = exact(), weight_model()
    covariance = dense(model, age, noise)
    acute = alone(found, model, age, z, noise).acute
    for last in range(8):
        inverse = np.linalg.inv(covariance[: last + 1, : last + 1])
        expected = 0.0
        for k in range(1, last + 1):
            if age[last] - age[k] > found.acute.alive_days:
                continue
            gone = np.clip((age[: last + 1] - age[k - 1]) / found.acute.over_days, 0.0, 1.0)
            weight = min(age[k] - age[k - 1], found.acute.alive_days) / (24 * DAYS_PER_MONTH)
            for step, share in found.acute.steps:
                shift = -step * gone
                expected += share * weight * np.exp(shift @ inverse @ (z[: last + 1] - shift / 2.0))
        assert acute[last] == pytest.approx(found.acute.share * expected, rel=1e-8, abs=1e-15)


def test_slowing_growth_is_seen_and_steady_growth_is_not() -> None:
    steady = gw.evidence(weights(np.zeros(24)), age_days=MONTHLY, sex="female")
    slowing = gw.evidence(weights(falling(0.25, 274)), age_days=MONTHLY, sex="female")
    assert steady.max() < 1
    assert slowing[-1] > 20
    assert (slowing[MONTHLY < 274] < 1).all()


@pytest.mark.parametrize("level", [-4.0, -2.0, 2.0])
def test_the_level_itself_is_no_evidence(level: float) -> None:
    wiggle = np.sin(np.arange(24)) * 0.1
    at_median = gw.evidence(weights(wiggle), age_days=MONTHLY, sex="female", reference="who-2006")
    elsewhere = gw.evidence(weights(level + wiggle), age_days=MONTHLY, sex="female", reference="who-2006")
    assert elsewhere[1:] == pytest.approx(at_median[1:], rel=0.02)
    # After one weight the evidence is what may have begun by then, whatever the weight
    assert max(elsewhere[0], at_median[0]) < 0.015


@pytest.mark.parametrize("every", [1.0, 7.0, 30.4375])
@pytest.mark.parametrize("size", [-0.3, -0.6, -1.0, -2.0, -4.0, -5.0, 3.0])
def test_one_wrong_weight_cannot_raise_the_alarm(every: float, size: float) -> None:
    age = np.arange(14.0, 400.0, every).round()
    for at in (age.size // 4, age.size // 2, age.size - 1):
        z = np.zeros(age.size)
        z[at] = size
        assert gw.evidence(weights(z, age), age_days=age, sex="female").max() < detector().thresholds.amber


@pytest.mark.parametrize("factor", [10.0, 0.1, 2.2046, 1 / 2.2046, 1.5, 0.7])
def test_a_gross_error_says_nothing_either_way(factor: float) -> None:
    kg = weights(np.sin(np.arange(24)) * 0.1)
    wrong = kg.copy()
    wrong[15] *= factor
    before, after = (gw.evidence(c, age_days=MONTHLY, sex="female", reference="who-2006") for c in (kg, wrong))
    assert np.isnan(after[15]) or after[15] == pytest.approx(before[14], rel=0.3)  # implausible: not judged at all
    assert np.nanmax(after) < 1


def test_an_implausible_first_weight_is_no_level_to_fall_from() -> None:
    found = gw.evidence([90.62, 11.5, 12.15], age_days=[322, 749, 870], sex="male")
    assert np.isnan(found[0])
    assert found[1:].max() < 1


def test_a_fall_confirmed_by_second_weight_raises_the_alarm() -> None:
    age = np.arange(14.0, 380.0)
    z = np.where(age > 365, -0.8, 0.0)
    ratio = gw.evidence(weights(z, age), age_days=age, sex="female")
    assert ratio[age <= 366].max() < 5
    assert ratio[age <= 369].max() > 5


@pytest.mark.parametrize("every", [1.0, 7.0, 30.0])
def test_the_greater_a_sudden_loss_the_greater_the_evidence_once_it_is_confirmed(every: float) -> None:
    age = np.arange(14.0, 400.0, every)
    second = int(np.flatnonzero(age > 300)[1])
    found = [
        gw.evidence(weights(np.where(age > 300, size, 0.0), age), age_days=age, sex="female", reference="who-2006")
        for size in (-1.2, -1.6, -2.0, -3.0, -4.0)
    ]
    # Of monthly weights a loss of 1.2 SD, confirmed once, is amber for high need alone
    least = [3 if every == 30.0 and k == 0 else 5 for k in range(len(found))]
    assert all(m[second] > limit for m, limit in zip(found, least, strict=True))
    assert (np.diff([m[second] for m in found]) > 0).all()


def test_a_full_return_is_believed_once_it_is_confirmed() -> None:
    age = np.arange(14.0, 700.0, 30.0)
    z = -0.4 * np.clip((age - 240) / 30, 0, 6)
    back = np.where(age > 430, 0.0, z)
    found = gw.evidence(weights(back, age), age_days=age, sex="female", reference="who-2006")
    assert found[np.flatnonzero(age > 430)[0] - 1] > 5
    assert found[np.flatnonzero(age > 430)[2] :].max() < 5


def test_nothing_is_judged_before_14_days_nor_after_5_years() -> None:
    found = gw.evidence(
        [3.4, 3.3, 3.6, 18.0, np.nan, 18.2], age_days=[0, 5, 14, 1826, 1826, 1827], sex="male", reference="uk-who"
    )
    assert found[:2].tolist() == [0.0, 0.0]
    assert np.isfinite(found[2:4]).all()
    assert np.isnan(found[4:]).all()


def test_status_says_why() -> None:
    series = weight_series(WHO, [3.4, np.nan, 4.0, 5.0], [20, 30, 40, 2000], "male")
    found = running_evidence(series)
    assert found.status.tolist() == ["ok", "missing_value", "ok", "age_above_reference"]


def test_preterm_children_are_judged_from_14_days_after_term() -> None:
    age = np.array([20.0, 60, 80, 98, 99, 130, 160])
    early = gw.evidence([1.2, 1.9, 2.4, 2.9, 3.0, 3.9, 4.6], age_days=age, sex="male", gestation_days=196)
    assert early[:3].tolist() == [0.0] * 3  # born 84 days early: 14 days after term is day 98
    assert (early[3:] > 0).all()


def test_the_end_of_correction_is_no_fall() -> None:
    age = np.arange(200.0, 1100.0, 30.0)
    ref = gw.reference("uk-who")
    kg = ref.value(np.zeros(age.size), corrected_age_days=age - 84, sex="female")  # 28 weeks, steady by corrected age
    assert gw.evidence(kg, age_days=age, sex="female", gestation_days=196).max() < 1


@pytest.mark.parametrize("sex", ["male", "female"])
def test_the_change_of_table_at_4_years_is_no_fall(sex: str) -> None:
    age = np.array([1380.0, 1410, 1440, 1460, 1462, 1490, 1520])
    kg = WHO.value(np.full(7, -8 / 3), age_days=age, sex=sex)
    found = running_evidence(weight_series(gw.reference("uk-who"), kg, age, sex))
    # One weight tells nothing: slowing that may have begun since birth fits as well as healthy growth
    assert found.fit[0] == pytest.approx(1.0, abs=0.02)
    assert (found.fit[1:] < 1.0).all() and (np.diff(found.ratio) <= 0).all()


columns = st.integers(2, 25).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 1900), min_size=n, max_size=n),
        st.lists(st.floats(-3, 3), min_size=n, max_size=n),
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
        st.permutations(range(n)),
    )
)


@given(columns)
@settings(max_examples=60, deadline=None)
def test_order_and_company_change_nothing(drawn: tuple[list[int], list[float], list[int], list[int]]) -> None:
    age, z, child = (np.array(c) for c in drawn[:3])
    kg = WHO.value(z, age_days=np.minimum(age, 1826), sex="male")
    whole = gw.evidence(kg, age_days=age, sex="male", child=child)
    order = np.array(drawn[3])
    np.testing.assert_array_equal(
        gw.evidence(kg[order], age_days=age[order], sex="male", child=child[order]), whole[order]
    )
    for one in np.unique(child):
        rows = child == one
        alone = gw.evidence(kg[rows], age_days=age[rows], sex="male")
        np.testing.assert_allclose(alone, whole[rows], rtol=1e-7, atol=1e-12)


@given(columns)
@settings(max_examples=60, deadline=None)
def test_nothing_later_changes_what_was_said(drawn: tuple[list[int], list[float], list[int], list[int]]) -> None:
    age, z = np.sort(np.array(drawn[0])), np.array(drawn[1])
    kg = WHO.value(z, age_days=np.minimum(age, 1826), sex="male")
    whole = gw.evidence(kg, age_days=age, sex="male")
    for last in range(1, age.size):
        if age[last] != age[last - 1]:
            np.testing.assert_allclose(
                gw.evidence(kg[:last], age_days=age[:last], sex="male"), whole[:last], rtol=1e-7, atol=1e-12
            )


@example([(0.0, -8.988465674311579e307, "male", -8.98846567431158e307, 0)])
@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=True, allow_infinity=True),
            st.floats(allow_nan=True, allow_infinity=True),
            st.sampled_from(["male", "female", None, "x"]),
            st.floats(allow_nan=True, allow_infinity=True),
            st.integers(0, 3),
        ),
        max_size=12,
    )
)
@settings(max_examples=80, deadline=None)
def test_any_figures_give_evidence_or_none(rows: list[tuple[float, float, str | None, float, int]]) -> None:
    kg, age, sex, gestation, child = ([r[i] for r in rows] for i in range(5))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = gw.evidence(kg, age_days=age, sex=sex, gestation_days=gestation, child=child)
    assert found.shape == (len(rows),)
    assert not (found < 0).any()


def test_offsets_are_ids() -> None:
    kg, age = [4.0, 5, 6, 4.2, 5.1], [30, 60, 90, 30, 60]
    by_id = gw.evidence(kg, age_days=age, sex="male", child=["a", "a", "a", "b", "b"])
    np.testing.assert_array_equal(gw.evidence(kg, age_days=age, sex="male", child=[0, 3, 5]), by_id)


@pytest.mark.parametrize(
    ("child", "field"), [([0, 3, 4], "child"), ([1, 2], "child"), (["a", None, "a", "b", "b"], "child")]
)
def test_ids_that_do_not_fit_are_refused(child: list[object], field: str) -> None:
    with pytest.raises(gw.GrowthwatchError) as caught:
        gw.evidence([4.0, 5, 6, 4.2, 5.1], age_days=[30, 60, 90, 30, 60], sex="male", child=child)
    assert caught.value.field == field


def test_two_weights_of_one_day_are_one_whatever_their_order() -> None:
    one = gw.evidence([6.0, 6.9, 7.1, 7.5], age_days=[100, 150, 150, 200], sex="male")
    other = gw.evidence([6.0, 7.1, 6.9, 7.5], age_days=[100, 150, 150, 200], sex="male")
    assert one[1] == one[2]
    np.testing.assert_array_equal(one, other)


def test_the_bound_is_the_prior_weight_over_the_ratio() -> None:
    found = detector()
    assert found.bound(5) == pytest.approx(1 / 5)
    assert found.bound(20) == pytest.approx(1 / 20)
    assert found.bound(20, 1826.25) == pytest.approx(2.5 / 20)
    assert found.slow.share + found.acute.share == pytest.approx(1)
    assert sum(share for _, share in found.acute.steps) == pytest.approx(1)
    # A restless child: half the credit, twice the bound
    assert found.bound(20, restless=True) == pytest.approx(2 / 20)
    with pytest.raises(gw.GrowthwatchError) as raised:
        detector("1").bound(20, restless=True)
    assert raised.value.field == "restless"


def test_an_uncertain_reference_tempers_the_evidence() -> None:
    import datetime as dt

    adjusted = WHO.adjusted(shift=-1.0, because="expected", by="Dr A", review_by=dt.date(2027, 5, 1))
    assert reference_error(WHO) == 0
    assert reference_error(adjusted) > 0
    kg = weights(falling(0.2, 274) - 1.0)
    known, unsure = (gw.evidence(kg, age_days=MONTHLY, sex="female", reference=r)[-1] for r in (WHO, adjusted))
    assert 1 < unsure < known


def test_where_the_evidence_lies() -> None:
    series = weight_series(WHO, weights(falling(0.25, 274)), MONTHLY, "female")
    found = running_evidence(series)
    assert found.hypotheses is not None
    total = found.hypotheses.weight.sum()
    assert total == pytest.approx(found.slow[-1], rel=1e-9)
    onset = (found.hypotheses.onset_days * found.hypotheses.weight).sum() / total
    assert onset == pytest.approx(274, abs=60)


@pytest.mark.parametrize("wrong", ["x", None, -1.0, np.nan, np.inf, [], object()])
def test_wrong_arguments_are_named(wrong: object) -> None:
    series = weight_series(WHO, [6.0, 6.5], [100, 130], "male", None, None)
    for name, call in {
        "ratio": lambda: detector().bound(wrong),
        "until_days": lambda: detector().bound(5.0, wrong),
        "error": lambda: running_evidence(series, wrong),
        "series": lambda: running_evidence(wrong),
        "reference": lambda: reference_error(wrong),
    }.items():
        with pytest.raises(gw.GrowthwatchError) as raised:
            call()
        assert raised.value.field == name
    if wrong is not None:
        for name in ("found", "model"):
            with pytest.raises(gw.GrowthwatchError) as raised:
                running_evidence(series, **{name: wrong})
            assert raised.value.field == name
