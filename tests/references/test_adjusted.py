"""Adjusted references: what z becomes, who signed, how far, until when."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import math
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch import GrowthwatchError
from growthwatch.charts import alt_text, chart, chart_table
from growthwatch.charts.marks import BLUE, GREY
from growthwatch.references import AdjustedReference, Reference, blend
from growthwatch.references.adjusted import AdjustedSource
from growthwatch.references.builders import (
    birth_weight_baseline,
    from_centiles,
    offset_from_expectation,
    parental_size_baseline,
)
from growthwatch.references.limits import limits
from growthwatch.references.moved import solve
from growthwatch.references.nodes import Blend

UK = gw.reference("uk-who")
WHO = gw.reference("who-2006")
T21 = gw.reference("trisomy-21-uk-2002")
LAST = dt.date(2027, 5, 31)
SIGNED: dict[str, Any] = {"because": "expected for the condition", "by": "Dr A. Example", "review_by": LAST}
SPECIAL: dict[str, Any] = {**SIGNED, "specialist": "Prof. B. Example"}
DAY = dt.timedelta(1)
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.json"))


def same(a: Any, b: Any) -> bool:
    return np.array_equal(a, b, equal_nan=True)


RAMP = [(0, 0.0), (183, -1.2), (400, -1.3)]
WIDER = [(400.0, 1.0), (1100.0, 1.2)]  # together with the ramp, within the limit on slope also at z -3 and 3
REFERENCES = {
    "shift": UK.adjusted(shift=-1.3, **SIGNED),
    "ramp": UK.adjusted(shift=RAMP, scale=WIDER, **SIGNED),
    "who": WHO.adjusted(shift=-2.0, scale=0.9, **SIGNED),
    "younger": UK.age_shifted(-20.25, **SIGNED),
    "who older": WHO.age_shifted(13, **SPECIAL),
    "blend": blend(UK, T21, 0.4, **SIGNED),
    "blend by age": blend(UK, T21, [(100, 0.2), (4000, 0.5)], **SPECIAL),
    "restricted blend": blend(WHO, UK, 0.5, **SIGNED),
    "chain": UK.adjusted(shift=-1, **SIGNED).adjusted(shift=[(0, 0.0), (365, 0.4)], scale=1.1, **SIGNED),
    "chain of three": blend(UK.adjusted(shift=-0.5, **SIGNED), T21, 0.5, **SIGNED).age_shifted(-7, **SIGNED),
    "lifelong": gw.reference("uk-who", correction="lifelong").adjusted(shift=-1, **SIGNED),
}
every = pytest.mark.parametrize("name", list(REFERENCES))
zs = st.floats(-6, 6)
ages = st.floats(0, 5000)
sexes = st.sampled_from(["male", "female"])


# --- z and value ------------------------------------------------------------------------------------


@given(st.floats(0.5, 90), ages, sexes, st.floats(-2.5, 2.5), st.floats(0.8, 1.3))
@settings(deadline=None)
def test_z_is_the_base_less_the_shift_over_the_scale(value: float, age: float, sex: str, s: float, k: float) -> None:
    for ref in (UK, WHO):
        z = ref.z(value, age_days=age, sex=sex)
        got = ref.adjusted(shift=s, scale=k, **SIGNED).z(value, age_days=age, sex=sex)
        assert got == pytest.approx((z - s) / k, abs=1e-12, nan_ok=True)


@given(st.floats(0.5, 90), ages, sexes)
@settings(deadline=None)
def test_by_age_it_is_linear_between_knots_and_flat_outside(value: float, age: float, sex: str) -> None:
    s = np.interp(age, *zip(*RAMP, strict=True))
    k = np.interp(age, *zip(*WIDER, strict=True))
    for ref in (UK, WHO):
        z = ref.z(value, age_days=age, sex=sex)
        got = ref.adjusted(shift=RAMP, scale=WIDER, **SIGNED).z(value, age_days=age, sex=sex)
        assert got == pytest.approx((z - s) / k, abs=1e-11, nan_ok=True)


@pytest.mark.parametrize("gestation", [None, 180, 240, 280])
def test_the_age_of_the_shift_is_the_used_one(gestation: int | None) -> None:
    ref = REFERENCES["ramp"]
    for age in (0, 1, 60, 300, 420, 477, 478, 800):
        used = UK.corrected_age(age, gestation)
        assert ref.corrected_age(age, gestation) == used
        s = np.interp(used, *zip(*RAMP, strict=True))
        k = np.interp(used, *zip(*WIDER, strict=True))
        z = UK.z(5.0, age_days=age, sex="f", gestation_days=gestation)
        assert ref.z(5.0, age_days=age, sex="f", gestation_days=gestation) == pytest.approx((z - s) / k, abs=1e-12)


@every
@given(zs, ages, sexes)
@settings(deadline=None)
def test_there_and_back(name: str, z: float, age: float, sex: str) -> None:
    ref = REFERENCES[name]
    value = ref.value(z, age_days=age, sex=sex)
    if not math.isnan(value):
        assert ref.z(value, age_days=age, sex=sex) == pytest.approx(z, abs=1e-9)


@every
def test_there_and_back_in_columns_and_in_the_tails(name: str) -> None:
    ref = REFERENCES[name]
    rng = np.random.default_rng(3)
    n = 20_000
    z, age, sex = rng.uniform(-9, 9, n), rng.uniform(0, 1800, n), rng.choice(["m", "f"], n)
    value = ref.value(z, age_days=age, sex=sex)
    good = ~np.isnan(value)
    assert good.mean() > 0.97
    back = ref.z(value[good], age_days=age[good], sex=sex[good])
    assert np.abs(back - z[good]).max() < 1e-9
    one = [ref.z(float(v), age_days=float(a), sex=s) for v, a, s in zip(value[:50], age[:50], sex[:50], strict=True)]
    assert same(one, ref.z(value[:50], age_days=age[:50], sex=sex[:50]))


@every
@given(st.floats(1, 60), st.floats(1e-6, 5), ages, sexes)
@settings(deadline=None, max_examples=60)
def test_a_heavier_child_has_a_greater_z(name: str, value: float, more: float, age: float, sex: str) -> None:
    z = REFERENCES[name].z([value, value + more], age_days=age, sex=sex)
    assert z[1] > z[0] or np.isnan(z).any()


@every
def test_whole_days_and_fractions_join(name: str) -> None:
    ref = REFERENCES[name]
    age = np.array([30, 200, 500, 1200])
    near = ref.z(9.0, age_days=age + 1e-9, sex="m")
    assert ref.z(9.0, age_days=age, sex="m") == pytest.approx(near, abs=1e-7)


@given(st.floats(0.5, 60), ages, sexes)
@settings(deadline=None)
def test_an_adjustment_by_nothing_gives_the_numbers_of_the_base(value: float, age: float, sex: str) -> None:
    for ref in (UK, WHO):
        plain = ref.score(value, age_days=age, sex=sex)
        for none in (
            ref.adjusted(**SIGNED),
            ref.age_shifted(0, **SIGNED),
            blend(ref, ref, 0.3, **SIGNED),
            blend(ref, T21, 0, **SIGNED),
        ):
            made = none.score(value, age_days=age, sex=sex)
            assert made.z == plain.z or (math.isnan(made.z) and math.isnan(plain.z))
            assert made.status_code == plain.status_code
            assert none.hash != ref.hash


@given(st.floats(2, 40), st.floats(0, 1800), sexes, st.floats(0.001, 0.999))
@example(2.0, 1461.0, "male", 0.125)  # one part has come down to nothing at this z
@settings(deadline=None)
def test_a_blend_lies_between_its_parts(value: float, age: float, sex: str, weight: float) -> None:
    made = blend(UK, T21, weight, **SPECIAL)
    parts = sorted(r.z(value, age_days=age, sex=sex) for r in (UK, T21))
    z = made.z(value, age_days=age, sex=sex)
    assert parts[0] - 1e-12 <= z <= parts[1] + 1e-12
    values = [r.value(z, age_days=age, sex=sex) for r in (UK, T21)]
    a, b = (0.0 if math.isnan(v) and z < 0 else v for v in values)
    assert (1 - weight) * a + weight * b == pytest.approx(value, rel=1e-11)
    assert made.value(z, age_days=age, sex=sex) == pytest.approx(value, rel=1e-11)


@pytest.mark.parametrize("measure", ["weight", "bmi"])
def test_a_blend_has_a_z_wherever_both_parts_have_one(measure: str) -> None:
    rng = np.random.default_rng(0)
    n = 4000
    value, age, sex = np.exp(rng.uniform(-3, 5, n)), rng.uniform(0, 7300, n), np.where(rng.random(n) < 0.5, "m", "f")
    row: dict[str, Any] = {"age_days": age, "sex": sex, "measure": measure}
    names = ("uk-who", "trisomy-21-uk-2002", "cdc-2000", "noonan-jp-2016", "cp-gmfcs-5-tube")
    for a, b in itertools.permutations((gw.reference(name, "none") for name in names), 2):
        for weight in (0.001, 0.125, 0.5):
            made = blend(a, b, weight, measures=measure, **SPECIAL)
            parts = np.array([a.z(value, **row), b.z(value, **row)])
            z = made.z(value, **row)
            both = np.isfinite(parts).all(axis=0)
            assert np.isfinite(z[both]).all()
            near = both & (np.abs(parts) < 8).all(axis=0)
            assert made.value(z, **row)[near] == pytest.approx(value[near], rel=1e-9 if weight > 0.1 else 1e-4)


def test_a_blend_where_one_part_has_no_such_value() -> None:
    made = blend(UK, T21, 0.5, **SIGNED)
    for v in (1e-300, 1e-9, 500.0, 1e6, 1e300):
        s = made.score([v, 9.0], age_days=400, sex="f")
        assert s.status[1] == "ok"
        assert s.status[0] in ("implausible", "outside_distribution", "advisory")


def test_the_age_shift_reads_at_the_other_age() -> None:
    ref = UK.age_shifted(-30, **SPECIAL)
    for age in (50, 500.5, 1400, 1490.9, 1491, 3000):
        assert ref.z(9.0, age_days=age, sex="f") == UK.z(9.0, corrected_age_days=age - 30, sex="f")
    assert ref.span() == (UK.span()[0] + 30, UK.span()[1] + 30)  # type: ignore[index]
    assert WHO.age_shifted(-30, **SPECIAL).score(4.0, age_days=29, sex="f").status == "age_below_reference"
    assert WHO.age_shifted(-30, **SPECIAL).score(4.0, age_days=29.5, sex="f").status == "ok"
    assert WHO.age_shifted(30, **SPECIAL).score(9.0, age_days=1827, sex="f").status == "age_above_reference"


def test_order_of_composition() -> None:
    a = UK.adjusted(shift=-1, **SIGNED).adjusted(shift=0, scale=1.2, **SIGNED)
    b = UK.adjusted(shift=0, scale=1.2, **SIGNED).adjusted(shift=-1, **SIGNED)
    z = UK.z(8.0, age_days=400, sex="m")
    assert a.z(8.0, age_days=400, sex="m") == pytest.approx((z + 1) / 1.2, abs=1e-14)
    assert b.z(8.0, age_days=400, sex="m") == pytest.approx(z / 1.2 + 1, abs=1e-14)
    assert a.hash != b.hash
    late = UK.age_shifted(-10, **SIGNED).adjusted(shift=RAMP, **SIGNED)
    early = UK.adjusted(shift=RAMP, **SIGNED).age_shifted(-10, **SIGNED)
    assert late.z(5.0, age_days=100, sex="m") != early.z(5.0, age_days=100, sex="m")


def test_the_solver() -> None:
    n = 500
    rng = np.random.default_rng(0)
    root = rng.uniform(-5, 5, n)
    sharp = rng.uniform(0.01, 400, n)
    got = solve(
        lambda z, rows: np.expm1(np.clip(sharp[rows] * (z - root[rows]), -50, 50)), np.full(n, -9.0), np.full(n, 9.0)
    )
    assert np.abs(got - root).max() < 1e-11


# --- scores, labels, containers -----------------------------------------------------------------------


@every
def test_the_unadjusted_score_is_beside(name: str) -> None:
    ref = REFERENCES[name]
    weights = np.array([4.0, 9.0, np.nan])
    s = ref.score(weights, age_days=[50, 400, 60], sex="f", gestation_days=250)
    plain = ref.base.score([4.0, 9.0, np.nan], age_days=[50, 400, 60], sex="f", gestation_days=250)
    weights[:] = 1.0  # the owner of the column may do that
    assert s.reference == ref.label
    assert s.unadjusted.reference == ref.base.label
    assert same(s.unadjusted.z, plain.z)
    assert s.status[2] == "missing_value"
    one = pickle.loads(pickle.dumps(ref.score(9.0, age_days=400, sex="f", gestation_days=250)))
    assert one.unadjusted.z == plain.z[1]
    assert one.z == s.z[1]
    assert one.centile == ref.centile(9.0, age_days=400, sex="f", gestation_days=250)


@every
def test_it_is_a_reference_that_holds_an_adjusted_source(name: str) -> None:
    ref = REFERENCES[name]
    assert type(ref) is Reference and isinstance(ref, AdjustedReference)
    assert isinstance(ref.source, AdjustedSource) and ref.source.parent == ref.parent.source
    assert (ref.node, ref.link) == (ref.source.node, ref.source.link) and ref.link == ref.links[-1]
    assert not isinstance(ref.base, AdjustedReference) and not isinstance(ref.source, AdjustedReference)
    assert ref.base.parent == ref.base and ref.base.node is None and ref.base.link is None
    again = Reference(AdjustedSource(ref.parent.source, ref.node, ref.link))
    assert again == ref and again.id == ref.id
    for owner in (ref, ref.source):
        with pytest.raises(AttributeError, match="never changes"):
            owner.link = None  # type: ignore[attr-defined]
        with pytest.raises(AttributeError, match="never changes"):
            del owner.parent  # type: ignore[attr-defined]


@every
def test_it_is_a_reference_like_any_other(name: str) -> None:
    ref = REFERENCES[name]
    assert isinstance(ref, gw.Reference)
    again = pickle.loads(pickle.dumps(ref))
    assert again == ref and hash(again) == hash(ref) and again.links == ref.links
    assert copy.copy(ref) is ref and copy.deepcopy(ref) is ref
    with pytest.raises(AttributeError):
        ref._link = None  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        del ref._parent  # type: ignore[attr-defined]
    assert ref.id.startswith(ref.base.id) and ref.id.endswith("~" + ref.hash.removeprefix("sha256:")[:8])
    assert ref.info.id == ref.id and "adjusted" in ref.info.title
    assert "Dr A. Example" in repr(ref)
    assert ref.measures and "weight" in ref.measures
    assert ref.correction == ref.base.correction
    assert ref.change([5.0, 6.0], age_days=[100, 150], sex="f").reference == ref.label
    for sex in ("male", "female"):
        low, high = ref.span("weight", sex)  # type: ignore[misc]
        s = ref.score(9.0, corrected_age_days=[low, high, low - 2, high + 2], sex=sex)
        assert (s.status_code[2:] > 2).all() and np.isfinite(
            ref.value(0, corrected_age_days=[low, high], sex=sex)
        ).all()


def test_the_hash_changes_with_any_part() -> None:
    made = [
        UK.adjusted(**SIGNED),
        UK.adjusted(shift=-1, **SIGNED),
        UK.adjusted(shift=[(0, -1.0), (10, -1.0)], **SIGNED),
        UK.adjusted(shift=-1, scale=1.1, **SIGNED),
        UK.adjusted(shift=-1, **{**SIGNED, "because": "another reason"}),
        UK.adjusted(shift=-1, **{**SIGNED, "by": "Dr C"}),
        UK.adjusted(shift=-1, **{**SIGNED, "review_by": LAST + DAY}),
        UK.adjusted(shift=-1, signed_on=LAST, **SIGNED),
        UK.adjusted(shift=-1, **SPECIAL),
        UK.adjusted(shift=-1, measures=("weight", "height"), **SIGNED),
        gw.reference("uk-who", correction="lifelong").adjusted(shift=-1, **SIGNED),
        WHO.adjusted(shift=-1, **SIGNED),
        UK.adjusted(shift=-1, **SIGNED).adjusted(**SIGNED),
        UK.age_shifted(-1, **SIGNED),
        blend(UK, T21, 0.5, **SIGNED),
        blend(UK, T21, 0.6, **SIGNED),
        blend(UK, WHO, 0.5, **SIGNED),
    ]
    assert len({r.hash for r in made}) == len({r.id for r in made}) == len(made)
    assert UK.adjusted(shift=-1, **SIGNED) == UK.adjusted(shift=[(77, -1)], **SIGNED)


@given(st.floats(-2.5, 2.5), st.floats(0.8, 1.3))
def test_the_hash_is_that_of_the_content(s: float, k: float) -> None:
    assert UK.adjusted(shift=s, scale=k, **SIGNED) == UK.adjusted(shift=s, scale=k, **SIGNED)
    if s != round(s, 3):
        assert UK.adjusted(shift=s, scale=k, **SIGNED) != UK.adjusted(shift=round(s, 3), scale=k, **SIGNED)


def test_which_measures() -> None:
    ref = UK.adjusted(shift=-1, **SIGNED)
    assert ref.measures == ("weight",)
    for call in (ref.curves, ref.span):
        with pytest.raises(GrowthwatchError, match="says nothing of others"):
            call("height")
    with pytest.raises(GrowthwatchError, match="says nothing of others"):
        ref.z(90, age_days=900, sex="f", measure="height")
    both = UK.adjusted(shift=-1, measures=["height", "weight"], **SIGNED)
    z = UK.z(90, age_days=900, sex="f", measure="height")
    assert both.z(90, age_days=900, sex="f", measure="height") == z + 1
    for bad in ("shoe", ["weight", "shoe"], []):
        with pytest.raises(GrowthwatchError, match="measures"):
            UK.adjusted(measures=bad, **SIGNED)
    with pytest.raises(GrowthwatchError, match="measures"):
        WHO.adjusted(shift=[(0, 0.0), (9, 0.1)], measures="weight-for-length", **SIGNED)
    assert UK.age_shifted(-3, **SIGNED).measures == UK.measures
    assert "weight-for-length" not in WHO.age_shifted(-3, **SIGNED).measures


def test_lying_and_standing_move_with_the_age() -> None:
    ref = UK.age_shifted(-30, **SPECIAL)
    for age in (740, 760.4, 760.6, 800):
        assert ref.z(88, age_days=age, sex="f", measure="height") == UK.z(
            88, corrected_age_days=age - 30, sex="f", measure="height"
        )
    assert ref.score(88, age_days=750, sex="f", measure="height", position="lying").status == "ok"
    assert ref.score(88, age_days=770, sex="f", measure="height", position="lying").status == "position_mismatch"
    who = WHO.adjusted(shift=-1, measures="height", **SIGNED)
    z = WHO.z(88, age_days=800, sex="f", measure="height", position="lying")
    assert who.z(88, age_days=800, sex="f", measure="height", position="lying") == z + 1


def test_kind_of_a_blend_is_the_more_cautious() -> None:
    cp = gw.reference("cp-gmfcs-5-oral")
    plain = gw.reference("uk-who", correction="none")
    assert blend(plain, cp, 0.5, **SPECIAL).kind == "descriptive"
    assert blend(cp, plain, 0.5, **SPECIAL).kind == "descriptive"
    assert blend(plain, cp, 0.5, **SPECIAL).span() == cp.span()


# --- signatures and limits ------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["because", "by"])
@pytest.mark.parametrize("value", ["", "  ", None, 3])
def test_unsigned_is_refused(field: str, value: Any) -> None:
    for make in (
        lambda **k: UK.adjusted(**k),
        lambda **k: UK.age_shifted(1, **k),
        lambda **k: blend(UK, T21, 0.5, **k),
    ):
        with pytest.raises(GrowthwatchError, match=field) as e:
            make(**{**SIGNED, field: value})
        assert e.value.field == field
        with pytest.raises(TypeError):
            make(**{k: v for k, v in SIGNED.items() if k != field})


@pytest.mark.parametrize("value", [None, "2027-05-31", dt.datetime(2027, 5, 31), 20270531])  # noqa: DTZ001
def test_the_review_is_a_date(value: Any) -> None:
    with pytest.raises(GrowthwatchError, match="review_by"):
        UK.adjusted(**{**SIGNED, "review_by": value})
    with pytest.raises(GrowthwatchError, match="on"):
        UK.adjusted(**SIGNED).effective(value)
    with pytest.raises(GrowthwatchError, match="on"):
        UK.effective(value)


def test_the_review_is_at_most_a_year_after_the_signature() -> None:
    for signed, last in ((dt.date(2026, 2, 28), dt.date(2027, 2, 28)), (dt.date(2024, 2, 29), dt.date(2025, 2, 28))):
        assert UK.adjusted(because="x", by="y", signed_on=signed, review_by=last).links[0].review_by == last
        for bad in (last + DAY, signed - DAY):
            with pytest.raises(GrowthwatchError, match="review_by"):
                UK.adjusted(because="x", by="y", signed_on=signed, review_by=bad)


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"shift": -2.51}, "shift", -2.51),
        ({"shift": 2.6}, "shift", 2.6),
        ({"scale": 0.79}, "scale", 0.79),
        ({"scale": 1.31}, "scale", 1.31),
        ({"shift": [(0, 0), (91.3125, -0.61)]}, "slope of the shift", -0.2033),
        ({"shift": [(365.25, 0), (365.25 + 304.375, -0.31)]}, "slope of the shift", -0.031),
        ({"shift": [(200, 0), (600, -0.5)]}, "slope of the shift", -0.038),
    ],
)
def test_beyond_a_limit_needs_a_specialist(change: dict[str, Any], field: str, value: float) -> None:
    with pytest.raises(GrowthwatchError, match="specialist=") as e:
        UK.adjusted(**change, **SIGNED)
    assert e.value.field == field
    assert e.value.value == pytest.approx(value, abs=1e-3)
    ref = UK.adjusted(**change, **SPECIAL)
    assert ref.links[0].specialist == "Prof. B. Example"
    assert ref.effective(LAST) is ref
    with pytest.raises(GrowthwatchError, match="specialist"):
        UK.adjusted(**change, **SIGNED, specialist=" ")


@pytest.mark.parametrize(
    "change",
    [
        {"shift": -2.5},
        {"scale": 0.8},
        {"scale": 1.3},
        {"shift": [(0, 0), (365.25, -2.4)]},
        {"shift": [(365.25, 0), (365.25 + 304.375, -0.3)]},
    ],
)
def test_at_a_limit_is_within(change: dict[str, Any]) -> None:
    assert UK.adjusted(**change, **SIGNED).links[0].specialist is None


def test_the_limits_hold_for_the_whole_chain() -> None:
    low = UK.adjusted(shift=-1.5, **SIGNED)
    with pytest.raises(GrowthwatchError, match="shift"):
        low.adjusted(shift=-1.5, **SIGNED)
    with pytest.raises(GrowthwatchError, match="scale"):
        UK.adjusted(scale=1.2, **SIGNED).adjusted(scale=1.2, **SIGNED)
    with pytest.raises(GrowthwatchError, match="slope"):
        UK.adjusted(shift=[(0, 0), (300, -1.2)], **SIGNED).adjusted(shift=[(0, 0), (300, -1.2)], **SIGNED)
    with pytest.raises(GrowthwatchError, match="days"):
        UK.age_shifted(-60, **SPECIAL).age_shifted(-60, **SIGNED)
    with pytest.raises(GrowthwatchError, match="days"):
        UK.age_shifted(90, **SIGNED)
    with pytest.raises(GrowthwatchError, match="shift"):
        blend(UK, T21, 0.5, **SIGNED).adjusted(shift=-2, **SIGNED).adjusted(shift=-2, **SIGNED)
    with pytest.raises(GrowthwatchError, match="slope"):
        blend(UK, T21, [(300, 0), (330, 1)], measures="weight", **SIGNED)


def test_a_shift_of_age_or_a_blend_may_explain_no_more_than_a_shift() -> None:
    for make in (
        lambda **k: UK.age_shifted(-42, **k),
        lambda **k: WHO.age_shifted(42, **k),
        lambda **k: blend(UK, T21, 0.9, measures="head", **k),
        lambda **k: UK.adjusted(shift=-1.5, **SIGNED).age_shifted(-28, **k),
        lambda **k: UK.age_shifted(-28, measures="weight", **SIGNED).adjusted(shift=-1.5, **k),
    ):
        with pytest.raises(GrowthwatchError, match=r"shift of the median .* at most 2\.5 SD"):
            make(**SIGNED)
        assert make(**SPECIAL).links[-1].specialist == "Prof. B. Example"
    assert UK.age_shifted(-14, **SIGNED).links and blend(UK, T21, 0.9, measures="weight", **SIGNED).links


@pytest.mark.parametrize(
    "bad", [math.nan, math.inf, "1", None, [], [(0,)], [(0, 1), (0, 2)], [(5, 1), (0, 2)], [(0, math.nan)], True]
)
def test_what_is_no_number_by_age(bad: Any) -> None:
    with pytest.raises(GrowthwatchError, match="shift"):
        UK.adjusted(shift=bad, **SIGNED)
    with pytest.raises(GrowthwatchError, match="weight"):
        blend(UK, T21, bad, **SIGNED)


def test_other_wrong_arguments() -> None:
    for scale in (0, -1):
        with pytest.raises(GrowthwatchError, match="scale"):
            UK.adjusted(scale=scale, **SPECIAL)
    for weight in (-0.1, 1.1, [(0, 0), (10, 2)]):
        with pytest.raises(GrowthwatchError, match="weight"):
            blend(UK, T21, weight, **SIGNED)
    with pytest.raises(GrowthwatchError, match="correction"):
        blend(UK, gw.reference("cp-gmfcs-5-oral"), 0.5, **SIGNED)
    with pytest.raises(GrowthwatchError, match="a Reference"):
        blend(UK, "trisomy-21-uk-2002", 0.5, **SIGNED)  # type: ignore[arg-type]
    with pytest.raises(GrowthwatchError, match="days"):
        UK.age_shifted(math.nan, **SIGNED)


def test_the_packaged_limits_say_their_source() -> None:
    for name in type(limits()).model_fields:
        part = getattr(limits(), name)
        assert part.source and part.tag in "NGL" and part.review_by


# --- expiry -------------------------------------------------------------------------------------------------


@every
def test_an_expired_adjustment_stops_counting(name: str) -> None:
    ref = REFERENCES[name]
    assert ref.effective(LAST) is ref
    after = ref.effective(LAST + DAY)
    assert after == ref.base and after.links == ()
    assert any("expired on 31 May 2027" in n for n in ref.notices(LAST + DAY))
    assert ref.notices(LAST)[0].startswith(f"ADJUSTED CURVE: {ref.id}, by Dr A. Example, until 31 May 2027")
    assert UK.effective(LAST) is UK and UK.notices(LAST) == [] and UK.links == ()


def test_each_link_has_its_own_date() -> None:
    first = UK.adjusted(shift=-1, **{**SIGNED, "review_by": dt.date(2027, 1, 1), "by": "Dr First"})
    second = first.adjusted(shift=[(0, 0.5)], scale=1.1, **{**SIGNED, "by": "Dr Second"})
    assert [k.by for k in second.links] == ["Dr First", "Dr Second"]
    assert second.base == UK and second.links[1].bounds[0] == ("shift", 0.5, 0.5)
    late = second.effective(dt.date(2027, 2, 1))
    assert [k.by for k in late.links] == ["Dr Second"]
    assert late == UK.adjusted(shift=0.5, scale=1.1, **{**SIGNED, "by": "Dr Second"})
    words = second.notices(dt.date(2027, 2, 1))
    assert len(words) == 2 and "Dr Second" in words[0] and "Dr First" not in words[0] and "Dr First" in words[1]


def test_not_before_it_was_signed() -> None:
    ref = UK.adjusted(shift=-1, because="x", by="y", signed_on=dt.date(2026, 6, 1), review_by=dt.date(2026, 9, 1))
    assert ref.effective(dt.date(2026, 5, 31)) == UK
    assert ref.effective(dt.date(2026, 6, 1)) is ref
    assert "signed only on 1 June 2026" in ref.notices(dt.date(2026, 5, 31))[0]


def test_a_link_beyond_the_limits_once_another_expired_does_not_count() -> None:
    up = UK.adjusted(shift=2.0, **{**SIGNED, "review_by": dt.date(2027, 1, 1)})
    chain = up.adjusted(shift=-2.4, **SIGNED).adjusted(shift=-2.0, **SIGNED)
    now = chain.effective(dt.date(2027, 2, 1))
    assert isinstance(now, AdjustedReference) and len(now.links) == 1
    assert "does not stand alone" in " ".join(chain.notices(dt.date(2027, 2, 1)))


# --- danger is out of reach -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
@pytest.mark.parametrize("shift", [-2.4, 2.0])
def test_findings_on_kilograms_are_the_same(path: Path, shift: float) -> None:
    record = gw.Record.load(path)
    plain = gw.protocol("uk-hv")
    other = copy.copy(plain)
    object.__setattr__(other, "reference", plain.reference.adjusted(shift=shift, **SIGNED))
    kinds = ("newborn_loss", "below_previous", "birth_weight_not_regained", "loss_from_best", "no_net_gain")
    on_kilograms = {r.id for r in plain.rules if kinds.count(r.KIND)}
    assert len(on_kilograms) == 5
    until = max(e.on for e in record.events)
    for days in range(0, 900, 30):
        kept = []
        for p in (plain, other):
            r = gw.review(record, protocol=p, as_of=until - dt.timedelta(days))
            kept.append(
                [
                    (f.rule, f.key, f.level, f.opened_on, f.still_met, f.witness)
                    for f in r.findings
                    if f.rule in on_kilograms
                ]
            )
        assert kept[0] == kept[1]


# --- builders ---------------------------------------------------------------------------------------------------


def test_an_offset_excuses_as_little_as_can_be_before_its_age() -> None:
    ref = offset_from_expectation(UK, low_by=1.3, from_age_days=183, **SIGNED)
    shift = [UK.z(6.0, age_days=a, sex="f") - ref.z(6.0, age_days=a, sex="f") for a in (0, 100, 183, 1000)]
    assert shift[2:] == pytest.approx([-1.3, -1.3])
    assert shift[0] == pytest.approx(-1.3 + 183 / 30.4375 * 0.2)
    assert shift[0] > shift[1] > shift[2]
    late = offset_from_expectation(UK, low_by=1.3, from_age_days=731, **SIGNED)
    assert late.z(6.0, age_days=150, sex="f") == UK.z(6.0, age_days=150, sex="f")
    high = offset_from_expectation(UK, low_by=-1.0, from_age_days=400, **SIGNED)
    assert high.links[0].bounds[0] == ("shift", 0.0, 1.0)
    given_ramp = offset_from_expectation(UK, low_by=1.0, from_age_days=300, since_age_days=100, **SIGNED)
    assert given_ramp.z(6.0, age_days=200, sex="f") == pytest.approx(UK.z(6.0, age_days=200, sex="f") + 0.5)
    with pytest.raises(GrowthwatchError, match="slope"):
        offset_from_expectation(UK, low_by=1.3, from_age_days=183, since_age_days=100, **SIGNED)
    with pytest.raises(GrowthwatchError, match="since_age_days"):
        offset_from_expectation(UK, low_by=1.3, from_age_days=183, since_age_days=183, **SIGNED)
    with pytest.raises(GrowthwatchError, match="low_by"):
        offset_from_expectation(UK, low_by="much", from_age_days=183, **SIGNED)  # type: ignore[arg-type]


def test_baselines_regress_to_the_mean() -> None:
    who = {"by": "Dr A", "review_by": LAST}
    ref = birth_weight_baseline(UK, birth_z=-2.0, at_age_days=365, **who)
    assert ref.z(9.0, age_days=365, sex="f") == pytest.approx(
        (UK.z(9.0, age_days=365, sex="f") + 0.72) / math.sqrt(1 - 0.36**2)
    )
    assert ref.links[0].bounds[2] == ("slope", 0.0, 0.0)
    assert "correlation of 0.36" in ref.links[0].because
    with pytest.raises(GrowthwatchError, match="at_age_days"):
        birth_weight_baseline(UK, birth_z=-2.0, at_age_days=3, **who)
    tall = parental_size_baseline(UK, familial_z=1.5, **who)
    assert tall.measures == ("height",)
    z = UK.z(100, age_days=1200, sex="f", measure="height")
    assert tall.z(100, age_days=1200, sex="f", measure="height") == pytest.approx((z - 0.6) / math.sqrt(0.84))
    with pytest.raises(GrowthwatchError, match="familial_z"):
        parental_size_baseline(UK, familial_z=math.nan, **who)


META: dict[str, Any] = {
    "title": "Ours",
    "kind": "reference",
    "citation": "Nobody 2026",
    "terms": "none",
    "population": "twelve children",
}


def test_a_table_of_centiles_becomes_a_reference() -> None:
    centiles = (3, 10, 25, 50, 75, 90, 97)
    age = [0, 90, 365, 800]
    z = [
        -1.8807936081512509,
        -1.2815515655446004,
        -0.6744897501960817,
        0,
        0.6744897501960817,
        1.2815515655446004,
        1.8807936081512509,
    ]
    table = {s: [[WHO.value(k, age_days=a, sex=s) for k in z] for a in age] for s in ("male", "female")}
    fit = from_centiles(age, centiles, table, id="ours", **META)
    assert abs(fit.worst.error_z) < 1e-6 and len(fit.points) == 56
    assert fit.reference.z(8.0, age_days=365, sex="f") == pytest.approx(WHO.z(8.0, age_days=365, sex="f"), abs=1e-5)
    rounded = {s: [[round(v, 1) for v in row] for row in rows] for s, rows in table.items()}
    near = from_centiles(age, centiles, rounded, id="ours", rounding=0.1, **META)
    assert 0.001 < abs(near.worst.error_z) < 0.2
    assert "greatest error" in repr(near)
    holes = {"female": [[*row[:3], None, *row[4:]] for row in table["female"]]}
    assert len(from_centiles(age, centiles, holes, id="ours", **META).points) == 24
    wrong = {"female": [list(row) for row in table["female"]]}
    wrong["female"][2][3] += 0.4
    with pytest.raises(GrowthwatchError, match="365 days, centile") as e:
        from_centiles(age, centiles, wrong, id="ours", **META)
    assert "an error of at most 0.1 SD" in str(e.value)
    wrong["female"][2][3] = 1.0
    with pytest.raises(GrowthwatchError, match="female, 365 days"):
        from_centiles(age, centiles, wrong, id="ours", **META)


def test_what_is_no_table_of_centiles() -> None:
    good: dict[str, Any] = {"ages_days": [1, 2], "centiles": [3, 50, 97], "values": {"male": [[1, 2, 3], [2, 3, 4]]}}
    assert from_centiles(**good, id="x", most_error_z=9, **META).reference.id == "x"
    for change in (
        {"centiles": [3, 50]},
        {"centiles": [3, 50, 100]},
        {"centiles": [50, 3, 97]},
        {"ages_days": [2, 1]},
        {"ages_days": []},
        {"values": {}},
        {"values": {"boys": [[1, 2, 3], [2, 3, 4]]}},
        {"values": {"male": [[1, 2, 3]]}},
        {"values": {"male": [[1, 2], [2, 3]]}},
        {"values": {"male": [[1, None, 3], [2, 3, 4]]}},
        {"values": {"male": [[1, "2", 3], [2, 3, 4]]}},
        {"values": {"male": [[-1, 2, 3], [2, 3, 4]]}},
    ):
        with pytest.raises(GrowthwatchError):
            from_centiles(**{**good, **change}, id="x", most_error_z=9, **META)


# --- charts -----------------------------------------------------------------------------------------------------------


def words(figure: Any) -> str:
    return "\n".join(t.get_text() for t in figure.findobj(matplotlib.text.Text))  # type: ignore[attr-defined]


def due(ref: Any, last: dt.date) -> Any:
    """The same adjustments with another last day."""
    return Reference(_due(ref.source, last))


def _due(source: Any, last: dt.date) -> Any:
    if not source.links:
        return source
    node = source.node
    if isinstance(node, Blend):
        node = Blend(_due(node.other, last), node.weight)
    return AdjustedSource(_due(source.parent, last), node, replace(source.link, review_by=last))


def lines(figure: Any, gid: str) -> list[Any]:
    found = figure.findobj(lambda a: str(a.get_gid() or "").startswith(gid), include_self=False)
    return list({id(a): a for a in found}.values())


@pytest.mark.parametrize("name", ["ramp", "younger", "blend", "chain", "restricted blend"])
@pytest.mark.parametrize("path", EXAMPLES[:2], ids=lambda p: p.stem)
def test_a_chart_says_that_its_curve_is_adjusted(name: str, path: Path) -> None:
    record = gw.Record.load(path)
    soon = max(e.on for e in record.events) + 60 * DAY
    ref = due(REFERENCES[name], soon)
    figure = chart(record, reference=ref)
    text = words(figure)
    said = " ".join(text.split())
    assert f"ADJUSTED CURVE: {ref.id}, by Dr A. Example, until" in said and "not dated: signed_on is missing" in said
    blue, grey = lines(figure, "centile "), lines(figure, "base ")
    assert blue and grey
    assert {a.get_color() for a in blue} == {BLUE} and {a.get_color() for a in grey} == {GREY}
    names = [t.get_text() for t in lines(figure, "line label")]
    assert "50th" in names and "50th adjusted" in names
    assert "ADJUSTED CURVE" in alt_text(record, reference=ref)
    assert figure.png_metadata["Base reference"] == ref.base.id
    row = chart_table(record, reference=ref)[-1]
    beside = chart_table(record, reference=ref.base)[-1]
    assert row["unadjusted_z"] == beside["z"] and row["unadjusted_reference"] == str(ref.base.label)
    assert "unadjusted" in text
    figure.png()


def test_a_shift_of_age_may_not_explain_a_steep_fall() -> None:
    """Read as older, an infant is expected to start high and come down: that excuses a decline."""
    for ref in (UK, WHO):
        for days in (-28, -14, -3, 3):
            assert ref.age_shifted(days, measures="weight", **SIGNED).links
        for days in (10, 14):
            with pytest.raises(GrowthwatchError, match=r"fall of the median.*0.2 SD a month"):
                ref.age_shifted(days, measures="weight", **SIGNED)
            assert ref.age_shifted(days, measures="weight", **SPECIAL).links[0].specialist
    with pytest.raises(GrowthwatchError, match="fall of the median"):  # of the whole chain
        UK.adjusted(shift=[(91, 0.0), (365, -1.6)], **SIGNED).age_shifted(5, measures="weight", **SIGNED)
    assert UK.age_shifted(14, measures="height", **SIGNED).links  # only weight is judged by what is expected


def test_weight_for_length_takes_plain_numbers() -> None:
    ref = WHO.adjusted(shift=-1.2, scale=1.1, measures="weight-for-length", **SIGNED)
    cm = np.array([45.0, 60.3, 84.96, 110.0])
    kg = WHO.value([-3.5, -1.2, 0.4, 3.4], length_cm=cm, sex="f", measure="weight-for-length")
    s = ref.score(kg, length_cm=cm, sex="f", measure="weight-for-length")
    assert s.z == pytest.approx((s.unadjusted.z + 1.2) / 1.1, abs=1e-12)
    assert ref.value(s.z, length_cm=cm, sex="f", measure="weight-for-length") == pytest.approx(kg, rel=1e-9)
    assert ref.score(5.0, length_cm=44, sex="f", measure="weight-for-length").status == "length_below_reference"
    for made in (
        lambda: WHO.adjusted(shift=[(0, 0.0), (365, -1.0)], measures="weight-for-length", **SIGNED),
        lambda: WHO.age_shifted(-3, measures="weight-for-length", **SIGNED),
        lambda: blend(WHO, gw.reference("who"), 0.5, measures="weight-for-length", **SIGNED),
    ):
        with pytest.raises(GrowthwatchError, match="plain numbers only"):
            made()
    with pytest.raises(GrowthwatchError, match=r"2\.5 SD"):
        WHO.adjusted(shift=-3, measures="weight-for-length", **SIGNED)


def test_below_two_years_an_adjustment_counts_for_six_months() -> None:
    signed = dt.date(2026, 6, 1)
    ref = UK.adjusted(shift=-1, because="x", by="Dr A", review_by=dt.date(2027, 5, 31), signed_on=signed)
    last, after = dt.date(2026, 12, 1), dt.date(2026, 12, 2)
    assert ref.effective(last, 400) is ref and ref.effective(after, 731) is ref and ref.effective(after) is ref
    assert ref.effective(after, 400) == UK and ref.effective(after, 730) == UK
    assert "for 6 months from its signature: until 1 December 2026" in ref.notices(after, 400)[0]
    assert ref.notices(after, 731)[0].startswith("ADJUSTED CURVE")
    chain = UK.adjusted(shift=-0.5, **SIGNED).adjusted(
        shift=-0.5, because="y", by="Dr B", review_by=LAST, signed_on=LAST - 364 * DAY
    )
    assert chain.effective(LAST, 400) == chain.parent
    mixed = blend(
        UK, T21.adjusted(shift=-0.1, because="y", by="Dr B", review_by=LAST, signed_on=signed), 0.5, **SPECIAL
    )
    assert isinstance(mixed, AdjustedReference) and mixed.effective(after, 400) != mixed
    unsaid = UK.adjusted(shift=-1, **SIGNED)  # without a day of signature nothing can be counted from it: this is said
    assert unsaid.effective(LAST, 400) is unsaid
    assert any("within 6 months of its signature" in n for n in unsaid.notices(LAST, 400))
    assert not any("within 6 months" in n for n in unsaid.notices(LAST, 800))
    with pytest.raises(GrowthwatchError, match="age_days"):
        ref.effective(last, "young")  # type: ignore[arg-type]


def test_a_chart_of_a_young_child_leaves_an_old_adjustment_out() -> None:
    record = gw.Record.load(EXAMPLES[0])
    born = next(e.on for e in record.events if e.type == "born")
    at = born + 500 * DAY
    for signed, counts in ((at - 150 * DAY, True), (at - 200 * DAY, False)):
        ref = UK.adjusted(shift=-1, because="x", by="Dr Old", signed_on=signed, review_by=signed + 360 * DAY)
        text = words(chart(record, reference=ref, as_of=at))
        assert ("ADJUSTED CURVE" in text) == counts and ("ADJUSTMENT NOT APPLIED" in text) != counts


def test_an_expired_adjustment_is_not_drawn_as_valid() -> None:
    record = gw.Record.load(EXAMPLES[0])
    day = max(e.on for e in record.events)
    ref = UK.adjusted(shift=-1, because="x", by="Dr Old", review_by=day - DAY)
    figure = chart(record, reference=ref, as_of=day)
    text = words(figure)
    assert "ADJUSTED CURVE" not in text and "ADJUSTMENT NOT APPLIED" in text and "Dr Old" in text
    assert not lines(figure, "base ")
    assert chart_table(record, reference=ref, as_of=day) == chart_table(record, reference=UK, as_of=day)
    assert "ADJUSTED CURVE" in words(chart(record, reference=ref, as_of=day - DAY))
    assert "ADJUSTED" not in words(chart(record, reference=UK, as_of=day))


# --- what a fresh eye got round --------------------------------------------------------------------------------


def test_a_scale_that_changes_with_age_is_a_slope_for_children_far_from_the_middle() -> None:
    for knots in ([(400, 0.8), (401, 1.3)], [(30, 1.0), (60, 1.1)], [(400, 1.0), (400 + 30.4375, 1.011)]):
        with pytest.raises(GrowthwatchError, match="slope of shift and scale together"):
            UK.adjusted(scale=knots, **SIGNED)
        assert UK.adjusted(scale=knots, **SPECIAL).links[0].specialist
    assert UK.adjusted(scale=[(400, 1.0), (400 + 30.4375, 1.0099)], **SIGNED).links
    with pytest.raises(GrowthwatchError, match="slope of shift and scale together"):  # each alone would do
        UK.adjusted(shift=[(0, 0.0), (152, -0.9)], scale=[(0, 1.0), (152, 1.05)], **SIGNED)
    narrow, wide = UK.adjusted(scale=0.8, **SIGNED), UK.adjusted(scale=1.3, **SIGNED)
    with pytest.raises(GrowthwatchError, match="slope"):  # nor by a change of weight between two such
        blend(narrow, wide, [(400, 0.0), (401, 1.0)], **SIGNED)
    with pytest.raises(GrowthwatchError, match="slope"):  # nor by a slope upon a change of weight
        mixed = blend(UK, T21, [(366, 0.4), (1096, 0.7)], **SIGNED)
        mixed.adjusted(shift=[(366, 0.0), (1096, -0.6)], **SIGNED)


def test_without_a_day_of_signature_it_counts_only_in_its_last_months() -> None:
    ref = UK.adjusted(shift=-1, because="x", by="Dr A", review_by=dt.date(2099, 1, 1))
    for on in (dt.date(2026, 6, 1), dt.date(2097, 12, 31)):
        assert ref.effective(on) == UK
        (said,) = ref.notices(on)
        assert "ADJUSTMENT NOT APPLIED" in said and "signed_on is missing" in said and "12 months away" in said
    assert ref.effective(dt.date(2098, 1, 1)) is ref
    assert "not dated: signed_on is missing" in ref.notices(dt.date(2098, 1, 1))[0]
    assert "not dated: signed_on is missing" in ref.links[0].words() and "not dated" in repr(ref)
    assert ref.effective(dt.date(2098, 6, 30), 400) == UK and ref.effective(dt.date(2098, 7, 1), 400) is ref
    assert "6 months away" in ref.notices(dt.date(2098, 6, 30), 400)[0]
    dated = UK.adjusted(shift=-1, because="x", by="Dr A", signed_on=dt.date(2026, 1, 1), review_by=dt.date(2026, 9, 1))
    assert "not dated" not in repr(dated)
    last = UK.adjusted(because="x", by="Dr A", signed_on=dt.date(9999, 6, 1), review_by=dt.date.max)
    assert last.effective(dt.date.max) is last  # the calendar ends before the horizon does
    assert UK.adjusted(because="x", by="Dr A", review_by=dt.date.max).effective(dt.date.max).links


@pytest.mark.parametrize("field", ["because", "by", "specialist"])
@pytest.mark.parametrize(
    "bad", ["Dr A\nADJUSTED CURVE: forged", "a\tb", "a\0b", "\ud800", "a\u202eb", "a\u2028b", "A" * 1001]
)
def test_who_signs_and_why_are_one_line_that_prints(field: str, bad: str) -> None:
    with pytest.raises(GrowthwatchError, match=field) as e:
        UK.adjusted(shift=-1, **{**SPECIAL, field: bad})
    str(e.value).encode("utf-8")
    assert (
        UK.adjusted(shift=-1, **{**SPECIAL, field: "Dr\u00a0Å. Ó'Example, 2nd"})
        .links[0]
        .plain()[field]
        .startswith("Dr Å")
    )


@pytest.mark.parametrize("measures", [5, [5], [["weight"]], [None]])
def test_measures_are_words(measures: Any) -> None:
    with pytest.raises(GrowthwatchError, match="measures"):
        UK.adjusted(measures=measures, **SIGNED)


def test_a_blend_concerns_weight_unless_it_says_otherwise() -> None:
    assert blend(UK, T21, 0.5, **SIGNED).measures == ("weight",)
    assert blend(UK, T21, 0.5, measures=["head", "bmi"], **SPECIAL).measures == ("bmi", "head")
    turner = gw.reference("turner-uk-1985")
    assert turner.adjusted(shift=-1, **SIGNED).measures == ("height",)  # it has no other


def test_a_blend_of_two_conditions_needs_a_specialist() -> None:
    cp, noonan = gw.reference("cp-gmfcs-1"), gw.reference("noonan-jp-2016", "none")
    with pytest.raises(GrowthwatchError, match="specialist"):
        blend(cp, noonan, 0.5, **SIGNED)
    assert blend(cp, noonan, 0.5, **SPECIAL).info.condition == "cerebral palsy, GMFCS I; Noonan syndrome"
    with pytest.raises(GrowthwatchError, match=r"growthwatch\.reference\('uk-who', correction='none'\)"):
        blend(UK, cp, 0.5, **SIGNED)


@pytest.mark.parametrize("by", ["W" * 200, "MW " * 66, "Dr $x^2_$ {A}", "i" * 200])
def test_long_names_stay_on_the_page(by: str) -> None:
    record = gw.Record.load(EXAMPLES[0])
    day = max(e.on for e in record.events)
    ref = UK.adjusted(shift=-1, because="x", by=by, signed_on=day, review_by=day + 90 * DAY)
    for size in ("a4", "a5"):
        figure = chart(record, reference=ref, size=size)
        page = figure.bbox
        shown = [a for a in figure.findobj(matplotlib.text.Text) if a.get_gid() == "adjusted"]  # type: ignore[attr-defined]
        assert shown and by[:3] in shown[0].get_text()
        for artist in shown:
            box = artist.get_window_extent(figure.canvas.get_renderer())
            assert box.x0 >= page.x0 and box.x1 <= page.x1
    figure.png()


CENTILES: dict[str, Any] = {
    "ages_days": [0, 365],
    "centiles": [3, 50, 97],
    "values": {"female": [[2.4, 3.2, 4.2], [7.1, 9.0, 11.5]]},
    "id": "ours",
    "title": "Ours",
    "kind": "descriptive",
    "citation": "x",
    "terms": "x",
    "population": "x",
}


@pytest.mark.parametrize(
    "change",
    [
        *({"rounding": bad} for bad in (1e9, -1, math.nan, "x", None, 0.81)),
        *({"ages_days": bad} for bad in (None, 5, [-3, 365], [0, 1e6], "05")),
        *({"centiles": bad} for bad in (None, 5, {3: 1})),
        *({"values": bad} for bad in (None, [[1]], {"female": None}, {"female": [5, 6]}, {"female": [None, None]})),
        {"id": None},
        {"id": "uk-who"},
    ],
)
def test_a_table_of_centiles_with_wrong_arguments(change: dict[str, Any]) -> None:
    assert from_centiles(**CENTILES, rounding=0.8).reference.id == "ours"
    assert from_centiles(**{**CENTILES, "values": {"female": np.array(CENTILES["values"]["female"])}}).points
    with pytest.raises(GrowthwatchError):
        from_centiles(**{**CENTILES, **change})


def test_builders_want_a_reference() -> None:
    days = {"by": "Dr A", "review_by": LAST}
    for call in (
        lambda: offset_from_expectation("uk-who", low_by=1, from_age_days=183, because="x", **days),  # type: ignore[arg-type]
        lambda: birth_weight_baseline("uk-who", birth_z=-2, **days),  # type: ignore[arg-type]
        lambda: parental_size_baseline("uk-who", familial_z=-2, **days),  # type: ignore[arg-type]
    ):
        with pytest.raises(GrowthwatchError, match="reference"):
            call()
    for shift in (10**400, [(0, 10**400)], [(10**400, 0.0)]):
        with pytest.raises(GrowthwatchError, match="shift"):
            UK.adjusted(shift=shift, **SIGNED)
