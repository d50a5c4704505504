"""Local recalibration: what is estimated, how surely, and who may not sway it."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch import GrowthwatchError
from growthwatch.references.bands import BIWEIGHT_EFFICIENCY, biweight
from growthwatch.references.recalibration import Recalibration, recalibrate

UK = gw.reference("uk-who")
SIGNED: dict[str, Any] = {"by": "Dr A", "review_by": dt.date(2027, 5, 31)}
ONE_BAND = (183, 365)


def caseload(
    rng: np.random.Generator,
    n: int,
    shift: Any = 0.0,
    sd: float = 0.9,
    visits: int = 4,
    ages: tuple[float, float] = (183, 364),
    faltering: float = 0.0,
    by: float = 2.0,
) -> dict[str, Any]:
    """Children of one condition: a level each, a little noise, some of them faltering."""
    child = np.repeat(np.arange(n), visits)
    age = np.floor(rng.uniform(*ages, n * visits))
    level = rng.normal(0, sd, n)
    level[: round(faltering * n)] -= by
    a = shift(age) if callable(shift) else shift
    z = a + level[child] + rng.normal(0, 0.15, n * visits)
    sex = np.where(child % 2 == 0, "male", "female")
    return {"child": child, "age_days": age, "sex": sex, "weight_kg": UK.value(z, age_days=age, sex=sex)}


def one(data: dict[str, Any], **more: Any) -> Any:
    (band,) = recalibrate(**data, reference=UK, bands_days=ONE_BAND, **more).bands
    return band


@pytest.mark.parametrize("n", [10, 30, 100])
def test_intervals_cover_the_truth(n: int) -> None:
    rng = np.random.default_rng(n)
    runs, alone, drawn, scale = 400, 0, 0, 0
    for _ in range(runs):
        truth = rng.normal(0, 0.3)
        band = one(caseload(rng, n, truth, sd=math.exp(rng.normal(math.log(0.95), 0.1)), visits=2))
        alone += band.raw_interval[0] <= truth <= band.raw_interval[1]
        drawn += band.interval[0] <= truth <= band.interval[1]
        scale += band.scale_interval[0] <= 0.95 <= band.scale_interval[1]
    assert 0.85 <= alone / runs <= 0.95
    assert 0.85 <= drawn / runs <= 0.95
    assert scale / runs >= 0.85


def test_intervals_of_the_children_alone_cover_far_from_the_prior_too() -> None:
    rng = np.random.default_rng(5)
    got = [one(caseload(rng, 25, -1.5, sd=1.1, visits=2)).raw_interval for _ in range(400)]
    assert 0.85 <= np.mean([low <= -1.5 <= high for low, high in got]) <= 0.95


@pytest.mark.parametrize(("n", "weight"), [(10, 0.53), (30, 0.77), (100, 0.92)])
def test_shrinkage_by_the_number_of_children(n: int, weight: float) -> None:
    band = one(caseload(np.random.default_rng(1), n, -1.0))
    assert band.n == n
    assert band.weight == pytest.approx(n / (n + 9))
    assert band.weight == pytest.approx(weight, abs=0.005)
    assert band.shift == pytest.approx(band.weight * band.raw_shift)
    assert band.raw_shift < band.shift < 0
    toward = one(caseload(np.random.default_rng(1), n, -1.0), prior=-1.3)
    assert toward.shift == pytest.approx(weight * band.raw_shift - 1.3 * (1 - weight), abs=0.02)
    assert abs(one(caseload(np.random.default_rng(1), n, -1.0), prior_sd=10).shift - band.raw_shift) < 0.01


def test_it_finds_the_truth_with_enough_children() -> None:
    def truth(age: Any) -> Any:
        return np.interp(age, (0, 365, 1800), (0.0, -1.2, -1.5))

    data = caseload(np.random.default_rng(2), 4000, truth, sd=1.1, visits=8, ages=(0, 1800))
    made = recalibrate(**data, reference=UK)
    assert len(made.bands) == 6
    for band in made.bands:
        assert band.shift == pytest.approx(truth(band.age_days), abs=0.12)
        assert 1.0 < band.scale < 1.2
    ref = made.adjusted(**SIGNED)
    age = np.array([60, 200, 500, 1200])
    shift = UK.z(9.0, age_days=age, sex="f") - ref.z(9.0, age_days=age, sex="f") * np.interp(
        age, *zip(*made.scale, strict=True)
    )
    assert shift == pytest.approx(truth(age), abs=0.15)
    assert "4000 children" in ref.links[0].because


@given(st.integers(0, 11), st.integers(2, 40), st.randoms())
@settings(deadline=None, max_examples=25)
def test_one_vote_a_child_however_often_weighed(who: int, times: int, random: Any) -> None:
    data = caseload(np.random.default_rng(3), 12, -0.7, visits=3)
    once = recalibrate(**data, reference=UK)
    rows = list(range(36)) + [i for i in range(36) if data["child"][i] == who] * times
    random.shuffle(rows)
    often = recalibrate(**{k: v[rows] for k, v in data.items()}, reference=UK)
    assert often == once
    other = [i for i in range(36) if i // 3 == who][:1] * times
    again = recalibrate(**{k: np.concatenate([v, v[other]]) for k, v in data.items()}, reference=UK)
    assert again == once  # a weight written down again is no new weight


def test_a_child_weighed_daily_has_one_vote() -> None:
    rng = np.random.default_rng(9)
    data = caseload(rng, 20, 0.0, visits=1)
    age = np.arange(200, 360)
    daily = {
        "child": np.full(160, 99),
        "age_days": age,
        "sex": np.full(160, "male"),
        "weight_kg": UK.value(-4, age_days=age, sex="m"),
    }
    both = one({k: np.concatenate([data[k], daily[k]]) for k in data})
    assert both.n == 21
    assert abs(both.raw_shift - one(data).raw_shift) < 0.12


@pytest.mark.parametrize("by", [1.5, 2.5, 5.0])
def test_faltering_children_count_for_less(by: float) -> None:
    """A fifth falter: a mean would move by a fifth of their fall; this moves by no more than its known bias."""
    rng = np.random.default_rng(8)
    moved, plain = [], []
    for _ in range(60):
        data = caseload(rng, 60, 0.0, sd=0.9, faltering=0.2, by=by, visits=2)
        made = recalibrate(**data, reference=UK, bands_days=ONE_BAND)
        moved.append(made.bands[0].raw_shift)
        plain.append(
            np.mean(UK.z(**{k: v for k, v in data.items() if k not in ("child", "weight_kg")}, value=data["weight_kg"]))
        )
    bound = made.bias_if_faltering(0.2)
    assert -np.mean(moved) <= 0.9 * 1.15 * bound
    assert np.mean(moved) > np.mean(plain) + 0.02
    if by == 5.0:
        assert np.mean(plain) < -0.9 < np.mean(moved) - 0.4
    assert 0.2 < bound < 0.26
    if by == 5.0:
        assert np.mean(moved) > -0.05  # who has fallen far counts for nothing
    assert made.bias_if_faltering(0) == pytest.approx(0, abs=1e-9)


def test_faltering_children_do_not_widen_the_curve_much() -> None:
    rng = np.random.default_rng(12)
    pair = [
        one(caseload(np.random.default_rng(s), 200, 0.0, faltering=f, visits=2)).scale
        for s in range(20)
        for f in (0.0, 0.2)
    ]
    assert np.mean(pair[1::2]) < np.mean(pair[::2]) + 0.08
    del rng


def test_alarmed_children_are_left_out_whole() -> None:
    data = caseload(np.random.default_rng(4), 40, 0.0, faltering=0.25, by=3.0)
    row = data["child"] < 10
    first_only = row & (np.arange(160) % 4 == 0)  # flagged in one row: the whole child goes
    clean = recalibrate(**{k: v[~row] for k, v in data.items()}, reference=UK)
    for flag in (row, first_only, first_only.tolist()):
        made = recalibrate(**data, reference=UK, exclude=flag)
        assert made.bands == clean.bands
        assert (made.n, made.excluded) == (30, 10)
    with pytest.raises(GrowthwatchError, match="exclude"):
        recalibrate(**data, reference=UK, exclude=["no"] * 160)


def test_a_small_caseload_is_refused() -> None:
    rng = np.random.default_rng(6)
    with pytest.raises(GrowthwatchError, match="at least 10"):
        recalibrate(**caseload(rng, 9, visits=30), reference=UK)
    spread = caseload(rng, 12, visits=1)
    with pytest.raises(GrowthwatchError, match="at least 5 within one band"):
        recalibrate(**spread, reference=UK, bands_days=list(range(183, 366, 5)))
    some = caseload(rng, 30, visits=1, ages=(183, 364))
    few = caseload(rng, 4, visits=1, ages=(800, 900))
    few["child"] = few["child"] + 100
    made = recalibrate(**{k: np.concatenate([some[k], few[k]]) for k in some}, reference=UK)
    assert [b.n for b in made.bands] == [30]  # four children are no band


def test_weights_without_a_z_are_counted_and_passed_over() -> None:
    data = caseload(np.random.default_rng(7), 20)
    more = {k: np.concatenate([v, v[:3]]) for k, v in data.items()}
    more["weight_kg"][-3:] = (np.nan, -1.0, 900.0)
    made = recalibrate(**more, reference=UK)
    assert made.unscored == 3
    assert made.bands == recalibrate(**data, reference=UK).bands


@pytest.mark.parametrize("frame", ["pandas", "columns", "dict of lists"])
def test_frames_and_columns(frame: str) -> None:
    data = caseload(np.random.default_rng(10), 20)
    data["term"] = np.full(80, 280)
    want = recalibrate(**{k: data[k] for k in data if k != "term"}, gestation_days=data["term"], reference=UK)
    names = {"child": "child", "age_days": "age_days", "sex": "sex", "weight_kg": "weight_kg", "gestation_days": "term"}
    if frame == "pandas":
        pd = pytest.importorskip("pandas")
        got = recalibrate(pd.DataFrame(data), **names, reference="uk-who")
        with pytest.raises(GrowthwatchError, match="one of the columns"):
            recalibrate(pd.DataFrame(data), **{**names, "child": "kid"}, reference=UK)
        girls = recalibrate(pd.DataFrame(data), **{**names, "sex": "female"}, reference=UK)
        assert girls.n == 20
    else:
        got = recalibrate(**{k: data[v].tolist() for k, v in names.items()}, reference=UK)
    assert got == want


def test_the_curve_keeps_to_the_limits_on_slope() -> None:
    def jump(age: Any) -> Any:
        return np.where(age < 200, 0.0, -2.2)

    data = caseload(np.random.default_rng(11), 300, jump, visits=8, ages=(0, 1400))
    made = recalibrate(**data, reference=UK)
    ref = made.adjusted(**SIGNED)  # would be refused
    assert ref.links[0].specialist is None
    assert made.bands[-1].shift < -1.5
    far = recalibrate(**caseload(np.random.default_rng(11), 300, -3.5), reference=UK)
    assert min(v for _, v in far.shift) == -2.5
    assert far.bands[0].shift < -3


def test_drift_is_limited() -> None:
    rng = np.random.default_rng(13)
    first = recalibrate(**caseload(rng, 60, -0.5), reference=UK)
    low = recalibrate(**caseload(rng, 60, -1.2), reference=UK)
    day = dt.date(2026, 1, 1)
    old = first.adjusted(by="Dr A", signed_on=day, review_by=dt.date(2026, 12, 1))
    year = {"by": "Dr A", "signed_on": dt.date(2027, 1, 1), "review_by": dt.date(2027, 6, 1)}
    with pytest.raises(GrowthwatchError, match="drift") as e:
        low.adjusted(**year, previous=old)
    assert "0.0999 SD in the 1 years" in str(e.value) or "0.1 SD" in str(e.value)
    assert low.adjusted(**year, previous=old, specialist="Prof B").links[0].specialist == "Prof B"
    assert first.adjusted(**year, previous=old).base == UK
    assert low.adjusted(**year).base == UK  # the first of its line has nothing to drift from
    for bad in (
        UK,
        first.adjusted(**SIGNED),
        gw.reference("who-2006").adjusted(because="x", signed_on=day, by="y", review_by=day),
    ):
        with pytest.raises(GrowthwatchError, match="previous"):
            low.adjusted(**year, previous=bad)
    with pytest.raises(GrowthwatchError, match="signed_on"):
        low.adjusted(**SIGNED, previous=old)


def test_what_it_returns() -> None:
    made = recalibrate(**caseload(np.random.default_rng(14), 20, -0.5), reference=UK)
    assert isinstance(made, Recalibration)
    assert "20 children" in repr(made) and "90% interval" in repr(made)
    plain = made.adjusted(**SIGNED, with_scale=False, because="Noonan syndrome, our clinic")
    assert plain.links[0].bounds[1] == ("scale", 1.0, 1.0)
    assert plain.links[0].because.startswith("Noonan syndrome, our clinic. Local recalibration from 20 children")
    assert plain.measures == ("weight",)
    with pytest.raises(GrowthwatchError, match="by"):
        made.adjusted(by="", review_by=dt.date(2027, 5, 31))


@pytest.mark.parametrize(
    "change",
    [
        {"level": 1.0},
        {"level": "x"},
        {"bands_days": "x"},
        {"bands_days": 5},
        {"bands_days": ["x", "y"]},
        {"prior_sd": "x"},
        {"prior_sd": True},
        {"child": [1, "1"] * 40},
        {"prior_sd": 0.0},
        {"bands_days": [5]},
        {"bands_days": [5, 5]},
        {"prior": "low"},
        {"reference": 3},
        {"child": [None] * 80},
        {"child": [1, 2]},
        {"weight_kg": "heavy"},
    ],
)
def test_wrong_arguments(change: dict[str, Any]) -> None:
    data = {**caseload(np.random.default_rng(15), 20), "reference": UK}
    with pytest.raises(GrowthwatchError):
        recalibrate(**{**data, **change})


def test_the_efficiency_of_the_biweight_is_as_said() -> None:
    rng = np.random.default_rng(16)
    means = [biweight(rng.normal(size=100), 1.0, 10)[0] for _ in range(2000)]
    assert 1 / (100 * np.var(means)) == pytest.approx(BIWEIGHT_EFFICIENCY, abs=0.05)
    assert abs(np.mean(means)) < 0.02


def growing(rng: np.random.Generator, n: int, faltering: float, fall: float, slope: Any = None) -> dict[str, Any]:
    """Children weighed six times to 2 years, who keep to their lines as healthy ones do; some fall from 6 months on."""
    age = np.tile(np.array([45.0, 140, 200, 300, 450, 600]), (n, 1)) + np.floor(rng.uniform(0, 20, (n, 6)))
    z = np.empty((n, 6))
    z[:, 0] = rng.normal(0, 0.9, n)
    for k in range(1, 6):
        z[:, k] = 0.85 * z[:, k - 1] + rng.normal(0, 0.9 * math.sqrt(1 - 0.85**2), n)
    z[: round(faltering * n)] -= fall * np.clip((age[: round(faltering * n)] - 183) / 120, 0, 1)
    if slope is not None:
        z += slope(age)
    sex = np.repeat(np.where(np.arange(n) % 2 == 0, "male", "female")[:, None], 6, axis=1)
    weight = UK.value(z, age_days=age, sex=sex)
    child = np.repeat(np.arange(n), 6)
    return {"child": child, "age_days": age.ravel(), "sex": sex.ravel(), "weight_kg": weight.ravel()}


def test_children_who_fall_from_their_own_line_lose_their_vote() -> None:
    """A fifth fall by 2 SD in the first year; the curve of the second year hardly follows them."""
    late: dict[float, list[float]] = {0.0: [], 0.2: []}
    moved = {0.0: 0.0, 0.2: 0.0}
    for share, out in late.items():
        for seed in range(25):
            made = recalibrate(**growing(np.random.default_rng(seed), 100, share, 2.0), reference=UK)
            assert made.n == 100
            out.append(made.bands[-1].raw_shift)
            moved[share] += made.moved / 25
    assert moved[0.0] < 20  # healthy children cross centiles too, up as often as down
    assert moved[0.2] > 25
    assert abs(np.mean(late[0.0])) < 0.05
    assert np.mean(late[0.2]) > -0.12  # a mean would lie 0.4 too low


def test_the_fall_of_all_is_no_move_of_one() -> None:
    def slope(age: Any) -> Any:
        return np.interp(age, (0, 365), (0.0, -2.0))

    made = recalibrate(**growing(np.random.default_rng(3), 100, 0.0, 0.0, slope), reference=UK)
    assert made.moved <= 22  # healthy children cross centiles; the fall of all counts for none
    assert made.bands[-1].raw_shift == pytest.approx(-2.0, abs=0.25)
    assert "from when they had moved" in made.adjusted(**SIGNED).links[0].because


def test_an_opinion_given_beforehand_is_said_and_held_within_limits() -> None:
    data = caseload(np.random.default_rng(17), 20, 0.0)
    opinion = recalibrate(**data, reference=UK, prior=-2.4, prior_sd=0.001)
    assert "an opinion given beforehand" in repr(opinion) and "-2.4" in repr(opinion) and "0.001" in repr(opinion)
    with pytest.raises(GrowthwatchError, match=r"prior_sd.*specialist"):
        opinion.adjusted(**SIGNED)
    reason = opinion.adjusted(**SIGNED, specialist="Prof B").links[0].because
    assert "a shift of -2.4, an opinion given beforehand (prior SD 0.001; share of the children" in reason
    with pytest.raises(GrowthwatchError, match=r"prior: .*specialist"):
        recalibrate(**data, reference=UK, prior=[(0, 0), (300, -3)]).adjusted(**SIGNED)
    with pytest.raises(GrowthwatchError, match="prior_sd"):
        recalibrate(**data, reference=UK, prior_sd=5).adjusted(**SIGNED)
    fine = recalibrate(**data, reference=UK, prior=-0.5, prior_sd=0.2)
    assert (fine.prior, fine.prior_sd) == (((0.0, -0.5),), 0.2)
    assert "a shift of -0.5, an opinion" in fine.adjusted(**SIGNED).links[0].because
    plain = recalibrate(**data, reference=UK)
    assert "drawn toward uk-who (prior SD 0.3; share of the children's own estimate 0.69)" in repr(plain)
    assert "opinion" not in plain.adjusted(**SIGNED).links[0].because


def test_shift_and_scale_together_keep_to_the_limit_on_slope() -> None:
    rng = np.random.default_rng(18)
    parts = [
        caseload(rng, 200, 0.0, sd=0.6, ages=(100, 180)),
        caseload(rng, 200, -1.0, sd=1.6, ages=(190, 360)),
        caseload(rng, 200, -1.0, sd=0.6, ages=(370, 700)),
    ]
    for k, part in enumerate(parts):
        part["child"] = part["child"] + 1000 * k
    made = recalibrate(**{k: np.concatenate([p[k] for p in parts]) for k in parts[0]}, reference=UK)
    assert made.adjusted(**SIGNED).links[0].specialist is None  # would be refused
    ages, shift = zip(*made.shift, strict=True)
    scale = [k for _, k in made.scale]
    month = 30.4375 / np.diff(ages)
    together = np.abs(np.diff(shift)) * month + 3 * np.abs(np.diff(scale)) * month
    assert (together <= np.where(np.array(ages[:-1]) < 365.25, 0.2, 0.03) + 1e-9).all() and np.ptp(scale) > 0.01


def test_the_replaced_recalibration_is_a_reference() -> None:
    made = recalibrate(**caseload(np.random.default_rng(19), 20), reference=UK)
    with pytest.raises(GrowthwatchError, match="previous"):
        made.adjusted(**SIGNED, previous="x")  # type: ignore[arg-type]


def test_the_share_that_falters_is_a_number() -> None:
    made = recalibrate(**caseload(np.random.default_rng(20), 20), reference=UK)
    for bad in ("x", None, math.nan, 0.5):
        with pytest.raises(GrowthwatchError, match="share"):
            made.bias_if_faltering(bad)  # type: ignore[arg-type]


def test_a_frame_without_usable_rows_says_why() -> None:
    pd = pytest.importorskip("pandas")
    data = caseload(np.random.default_rng(21), 20)
    frame = pd.DataFrame({**data, "sex": 9})
    names = {k: k for k in data}
    with pytest.raises(GrowthwatchError, match="of 80 rows, 0 left out by the caller: 80 unknown_sex"):
        recalibrate(frame, **names, sex_coding={1: "male", 2: "female"}, reference=UK)
    assert recalibrate(frame, **{**names, "sex": "=female"}, reference=UK).n == 20
    with pytest.raises(GrowthwatchError, match="sex"):
        recalibrate(frame, **{**names, "sex": "=woman"}, reference=UK)
    with pytest.raises(GrowthwatchError, match="frame"):
        recalibrate("frame", **names, reference=UK)
