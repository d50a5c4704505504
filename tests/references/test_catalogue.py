"""The catalogue: whole tables of others, joints, what is covered and what is not, gains, the drawing."""

from __future__ import annotations

import csv
import datetime as dt
import math
import xml.etree.ElementTree as ET
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from births import each_birth, facts
from hypothesis import given
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch import GrowthwatchError, Reference
from growthwatch.core.sex import SEXES
from growthwatch.references import elsewhere, increments
from growthwatch.references.coverage import coverage
from growthwatch.references.display import lines_svg
from growthwatch.references.distributions import HalfNormalLMS, LogNormal, Normal, ShiftedLMS, SkewT, distribution

DATA = Path(__file__).resolve().parents[1] / "data"
MONTH = 30.4375
YEAR = 365.25
SIZES = [r.id for r in gw.references() if not r.of_increments]
IDS = {
    "who-2006", "who-2007", "who", "uk90", "uk-who", "cdc-2000", "trisomy-21-uk-2002", "trisomy-21-us-2015",
    "trisomy-21-nl-2012", "turner-uk-1985", "cp-gmfcs-1", "cp-gmfcs-2", "cp-gmfcs-3", "cp-gmfcs-4", "cp-gmfcs-5-oral",
    "cp-gmfcs-5-tube", "achondroplasia-eu-2018", "noonan-it-2024", "noonan-jp-2016", "intergrowth-newborn",
    "intergrowth-preterm", "who-velocity-2009", "preterm-nl-2012", "preterm-cz-2015", "hypochondroplasia-eu-2024",
}  # fmt: skip


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(r[name] or "nan") for r in rows])


def test_all_are_there() -> None:
    assert set(gw.references().ids) == IDS


# --- whole tables of others -----------------------------------------------------------------


@pytest.mark.parametrize("id", ["who-2007", "who"])
@pytest.mark.parametrize(("measure", "least"), [("weight", 129), ("height", 463), ("bmi", 460)])
def test_who_2007_agrees_with_the_survey(id: str, measure: str, least: int) -> None:
    rows = table("who_2007_survey.csv")
    assert len(rows) == 467
    kg, cm = column(rows, "weight_kg"), column(rows, "height_cm")
    value = {"weight": kg, "height": cm, "bmi": kg / (cm / 100) ** 2}[measure]
    ours = gw.reference(id).z(
        value, age_days=column(rows, "age_months") * MONTH, sex=[r["sex"] for r in rows], measure=measure
    )
    theirs = column(rows, f"z_{measure}")
    has = ~np.isnan(theirs)
    assert has.sum() == least
    assert np.abs(ours - theirs)[has].max() <= 0.005
    # Where WHO's macro leaves a blank, the child had oedema: ours scores, as it knows nothing of that.
    assert (~np.isnan(ours) & ~has).sum() <= 3


@pytest.mark.parametrize(("measure", "value", "within"), [
    ("weight", "weight_kg", 1e-9), ("height", "height_cm", 1e-9), ("bmi", "bmi", 2e-5),
])  # fmt: skip
def test_cdc_agrees_with_the_sas_program(measure: str, value: str, within: float) -> None:
    rows = table("cdc_sas.csv")
    assert len(rows) == 1500
    theirs = column(rows, f"z_{measure}")
    ours = gw.reference("cdc-2000").z(
        column(rows, value),
        age_days=column(rows, "age_months") * MONTH,
        sex=[r["sex"] for r in rows],
        measure=measure,
    )
    assert not np.isnan(theirs).any()
    assert np.abs(ours - theirs).max() <= within
    assert measure != "bmi" or (theirs > 1.6449).sum() > 100  # those of the extended method


@pytest.mark.parametrize("sex", SEXES)
def test_newborn_weights_agree_with_the_published_centiles(sex: str) -> None:
    ref = gw.reference("intergrowth-newborn")
    rows = [r for r in table("intergrowth_newborn_weight.csv") if r["sex"] == sex]
    assert len(rows) == 133
    for r in rows:
        weeks, days = map(int, r["gestation"].split("+"))
        for centile in (3, 5, 10, 50, 90, 95, 97):
            kg = ref.value(NormalDist().inv_cdf(centile / 100), age_days=0, sex=sex, gestation_days=7 * weeks + days)
            printed = float(r[f"p{centile}"])
            if weeks < 33:
                assert round(kg, 2) == printed
            else:
                assert abs(kg - printed) <= 0.015


@pytest.mark.parametrize(("measure", "digits"), [("weight", 2), ("height", 1)])
def test_preterm_growth_agrees_with_the_published_lines(measure: str, digits: int) -> None:
    ref = gw.reference("intergrowth-preterm")
    rows = [r for r in table("intergrowth_preterm_growth.csv") if r["measure"] == measure]
    assert len(rows) == 2 * 38
    differ = 0
    for r in rows:
        for k in range(-3, 4):
            made = ref.value(k, corrected_age_days=7 * float(r["weeks"]) - 280, sex=r["sex"], measure=measure)
            printed = float(r[f"z{k}"])
            assert abs(made - printed) <= 0.5003 * 10**-digits or (differ := differ + 1) <= 1
    assert differ <= 1  # boys' weight at 55 weeks, z -3: 4.40503, printed 4.40


def test_uk90_agrees_with_lmsgrowth_from_four_years() -> None:
    done = 0
    ref = gw.reference("uk90", correction="lifelong")
    for measure in ("weight", "height", "bmi", "head"):
        rows = [r for r in table("uk_who_lmsgrowth.csv") if r["measure"] == measure]
        age = column(rows, "age_days") - (280 - column(rows, "gestation_days"))
        theirs = column(rows, "z_corrected")
        ours = ref.z(
            column(rows, "value"),
            age_days=column(rows, "age_days"),
            sex=[r["sex"] for r in rows],
            measure=measure,
            gestation_days=column(rows, "gestation_days"),
        )
        has = ~np.isnan(theirs) & (age >= 4 * YEAR)
        done += int(has.sum())
        # LMSgrowth begins a table at 4 years, and is linear in its first month; 1e-5 from the second on.
        off = np.abs(ours - theirs)
        assert off[has].max() <= 2e-4
        assert off[has & (age >= 4 * YEAR + 31)].max() <= 1e-5
    assert done > 1000


def test_zemel_has_the_erratum() -> None:
    """Every row of the erratum, and none of the figures that were first printed."""
    rows = table("zemel_2015_boys_head.csv")
    assert len(rows) == 37
    age = column(rows, "age_years") * YEAR
    made = gw.reference("trisomy-21-us-2015").curves("head").parameters(np.zeros(37, np.uint8), age)
    for ours, name in zip(made, "LMS", strict=True):
        assert np.abs(ours - column(rows, name)).max() < 1e-12
    off = [np.abs(ours - column(rows, f"{name}_first")) for ours, name in zip(made, "LMS", strict=True)]
    assert off[0].min() > 0.1 and off[0].max() == pytest.approx(5.866, abs=0.001)
    assert off[1].max() == pytest.approx(0.363, abs=0.001)  # as the notes of the reference say
    assert "0.36 cm" in gw.reference("trisomy-21-us-2015").info.notes


def test_sources_with_faults_say_so() -> None:
    noonan = gw.reference("noonan-it-2024")
    assert "withdrew" in noonan.info.notes
    assert noonan.score(20.0, age_days=3000, sex="m", measure="bmi").status == "sex_not_covered"
    assert noonan.score(20.0, age_days=3000, sex="f", measure="bmi").status == "ok"
    assert "truncated" in gw.reference("noonan-jp-2016").info.notes
    assert gw.reference("turner-uk-1985").measures == ("height",)
    assert gw.reference("turner-uk-1985").score(120.0, age_days=3000, sex="m", measure="height").status == (
        "sex_not_covered"
    )
    assert gw.reference("cdc-2000").info.measures["height"].position.lying_minus_standing_cm == 0.8  # type: ignore[union-attr]


# --- every row of every table, both ways -------------------------------------------------------


@pytest.mark.parametrize("id", SIZES)
def test_every_row_goes_there_and_back(id: str) -> None:
    ref = gw.reference(id)
    for curves, measure in [(one.curves(m), m) for one in each_birth(ref) for m in ref.measures]:
        for name, pair in curves.tables.items():
            for s, t in enumerate(pair):
                if t is None:
                    continue
                x = t.knots if t.interpolation != "closed-form" else np.linspace(t.least, t.most, 100)
                codes = np.full(x.size, s, np.uint8)
                for k in (-4.0, -2.0, -2 / 3, 0.0, 2 / 3, 1.6, 1.7, 2.0, 4.0):
                    value = curves.value_in(name, np.full(x.size, k), codes, x)
                    fits = ~np.isnan(value)
                    assert fits.any()
                    assert fits.all() or (curves.info.distribution == "lms" and k != 0) or k == -4
                    back = curves.z_in(name, np.where(fits, value, np.nan), codes, x)
                    assert np.abs(back - k)[fits].max() < 1e-9, (measure, name, s, k)
                if curves.info.distribution == "lms":
                    at_m = curves.z_in(name, curves.parameters_in(name, codes, x)[1], codes, x)
                    assert np.abs(at_m).max() < 1e-12


def test_closed_forms_have_no_knots_in_the_way() -> None:
    ref = gw.reference("intergrowth-preterm")
    w = 30 + 1 / 3
    kg = math.exp(2.591277 - 0.01155 * math.sqrt(w) - 2201.705 / w**2)
    assert ref.z(kg, corrected_age_days=7 * w - 280, sex="f") == pytest.approx(0, abs=1e-12)


# --- distributions ------------------------------------------------------------------------------

some = np.array([1.0])


@given(st.floats(0.2, 5), st.floats(0.01, 2), st.floats(0.5, 2), st.floats(3, 60) | st.just(math.inf), st.floats(-7, 7),
       st.sampled_from([0.0, 1.0]))  # fmt: skip
def test_skew_t_round_trip(mu: float, sigma: float, nu: float, tau: float, z: float, log: float) -> None:
    kind = SkewT()
    prepared = kind.prepare([some * p for p in (log, mu + (0 if log else 100), sigma, nu, tau)])
    value = kind.value(some * z, prepared, slice(None))
    if not np.isnan(value[0]):
        assert kind.z(value, prepared, slice(None))[0] == pytest.approx(z, abs=1e-9)


@given(st.floats(-3, 3), st.floats(0.05, 0.3), st.floats(0.5, 10), st.floats(-4, 12))
def test_half_normal_round_trip(power: float, spread: float, sigma: float, z: float) -> None:
    kind = HalfNormalLMS()
    prepared = kind.prepare([some * p for p in (power, 16.0, spread, sigma)])
    value = kind.value(some * z, prepared, slice(None))
    if not np.isnan(value[0]):
        assert kind.z(value, prepared, slice(None))[0] == pytest.approx(z, abs=1e-9)


def test_half_normal_is_the_definition_and_has_no_ceiling() -> None:
    ref = gw.reference("cdc-2000")
    kg = np.arange(15.0, 90.0, 0.5)
    z = ref.z(kg, age_days=2000, sex="m", measure="bmi")
    assert (np.diff(z) > 0).all()
    edge = ref.value(NormalDist().inv_cdf(0.95), age_days=2000, sex="m", measure="bmi")
    sigma = float(ref.curves("bmi").parameters(np.array([0], np.uint8), np.array([2000.0]))[3][0])
    assert ref.centile(edge + 2.0, age_days=2000, sex="m", measure="bmi") == pytest.approx(
        90 + 10 * NormalDist().cdf(2.0 / sigma), abs=1e-9
    )


def test_normals() -> None:
    for kind, value in ((Normal(), 3.5), (LogNormal(), math.exp(3.5))):
        prepared = kind.prepare([some * 2.5, some * 0.5])
        assert kind.z(some * value, prepared, slice(None))[0] == pytest.approx(2.0)
        assert kind.value(some * 2.0, prepared, slice(None))[0] == pytest.approx(value)
    assert np.isnan(Normal().value(some * -9, (some * 2.5, some * 0.5), slice(None))[0])
    shifted = ShiftedLMS()
    prepared = shifted.prepare([some, some * 1000, some * 0.2, some * 400])
    assert shifted.value(some * -3, prepared, slice(None))[0] == pytest.approx(0)
    assert np.isnan(shifted.z(some * -400, prepared, slice(None))[0])
    with pytest.raises(GrowthwatchError, match="tail"):
        distribution("normal", "restricted-3sd")


# --- joints ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["weight", "height", "bmi"])
def test_who_is_joined_as_who_joins(measure: str) -> None:
    joined, early, late = (gw.reference(i) for i in ("who", "who-2006", "who-2007"))
    for sex in SEXES:
        asked = {"sex": sex, "measure": measure}
        for age in (0, 500, 1826, 1827, 1856):
            assert joined.value(-2, age_days=age, **asked) == early.value(-2, age_days=age, **asked)
        for age in (1856.5, 1857, 61 * MONTH, 2500.3, 3652.5):
            assert joined.value(-2, age_days=age, **asked) == late.value(-2, age_days=age, **asked)
        # Between 60 and 61 months the two differ, by as much as the notes say.
        ages = np.arange(1827, 1857)
        worst = max(
            np.abs(late.z(early.value(k, age_days=ages, **asked), age_days=ages, **asked) - k).max()
            for k in (-3.0, -2.0, 0.0, 2.0, 3.0)
        )
        assert 0.01 < worst < 0.2


@pytest.mark.parametrize("step", [-1.0, -1e-9, 0.0, 1e-9, 1.0])
def test_no_age_is_lost_at_a_joint(step: float) -> None:
    who = gw.reference("who")
    for at in (1826.25, 1856.0, 1856.5, 61 * MONTH):
        assert who.score(18.0, age_days=at + step, sex="f").status == "ok"
        column = who.score([18.0, 18.0], age_days=[at + step, 700], sex="f")
        assert column.z[0] == who.z(18.0, age_days=at + step, sex="f")
    cdc = gw.reference("cdc-2000")
    assert cdc.score(85.0, age_days=730.5 + step, sex="f", measure="height").status == "ok"
    zemel = gw.reference("trisomy-21-us-2015")
    assert zemel.score(11.0, age_days=730.5 + step, sex="f").status == "ok"


def test_change_across_the_joint_of_who_is_taken_in_one_table() -> None:
    who = gw.reference("who")
    ages = np.array([1840.0, 1855.0, 1858.0, 1880.0])
    kg = gw.reference("who-2007").value(-2.5, age_days=ages, sex="m")
    c = who.change(kg, age_days=ages, sex="m")
    assert c.table.tolist() == ["", "who-2006", "who-2007", "who-2007"]
    assert np.abs(c.since_previous[2:]).max() < 1e-9
    assert abs(np.diff(who.z(kg, age_days=ages, sex="m"))[1]) > 0.05  # the jump of the published z
    far = who.change(kg[[0, 3]] * 1.0, age_days=[1800.0, 1900.0], sex="m")
    assert far.status.tolist() == ["no_previous", "no_common_table"]


def test_change_across_uk_who_is_not_the_splice() -> None:
    uk = gw.reference("uk-who")
    c = uk.change([11.705, 11.705], age_days=[1460, 1462], sex="m")
    assert abs(c.since_previous[1]) < 0.01
    assert uk.z(11.705, age_days=1460, sex="m") - uk.z(11.705, age_days=1462, sex="m") > 0.5


# --- gestation ------------------------------------------------------------------------------------


def test_newborn_is_for_the_day_of_birth_and_needs_a_gestation() -> None:
    ref = gw.reference("intergrowth-newborn")
    s = ref.score(
        [1.5, 1.5, 1.5, 1.5, 1.5, 1.5], age_days=[0, 1, 0, 0, -1, 0], sex="f",
        gestation_days=[210, 210, math.nan, 150, 210, 301],
    )  # fmt: skip
    assert s.status.tolist() == [
        "ok", "age_above_reference", "missing_gestation", "invalid_gestation", "before_birth", "age_above_reference",
    ]  # fmt: skip
    assert np.isnan(s.z).tolist() == [False, True, True, True, True, True]
    with pytest.raises(GrowthwatchError, match="gestation_days"):
        ref.z(3.0, age_days=0, sex="f")
    assert ref.correction == "lifelong"
    for g in (168, 230, 231, 300):
        assert ref.score(2.0, age_days=0, sex="m", gestation_days=g).status in ("ok", "advisory", "implausible")
    assert ref.score(0.5, age_days=0, sex="m", gestation_days=167).status == "age_below_reference"


def test_preterm_is_by_postmenstrual_age_and_hands_over() -> None:
    ref = gw.reference("intergrowth-preterm")
    z = ref.z(1.2, age_days=21, sex="m", gestation_days=203)  # 29+0, three weeks old: 32 weeks
    w = 32.0
    mu = 2.591277 - 0.01155 * math.sqrt(w) - 2201.705 / w**2 + 0.0911639
    sigma = 0.1470258 + 505.92394 / w**2 - 140.0576 * math.log(w) / w**2
    assert z == pytest.approx((math.log(1.2) - mu) / sigma, abs=1e-12)
    last = 64 * 7 - 203
    s = ref.score(7.0, age_days=[last, last + 1], sex="m", gestation_days=203)
    assert s.status.tolist() == ["ok", "age_above_reference"]
    assert ref.score(7.0, age_days=30, sex="m", gestation_days=[math.nan]).status.tolist() == ["missing_gestation"]
    answer = ref.covers("weight", sex="m", age_days=last + 1, gestation_days=203)
    assert not answer
    assert answer.status == "age_above_reference"
    assert {"uk-who", "who", "who-2006"} <= set(answer.elsewhere)
    assert "27+0 weeks" in str(answer)
    assert "uk-who" in str(answer)
    assert ref.score(3.0, length_cm=50.0, sex="m", measure="weight-for-length").status == "ok"


def test_preterm_is_for_babies_born_before_37_weeks() -> None:
    ref = gw.reference("intergrowth-preterm")
    for measure, axis in (("weight", {"age_days": 30}), ("weight-for-length", {"length_cm": 50.0})):
        s = ref.score(3.5, gestation_days=[258, 259, 258.9, 280], sex="m", measure=measure, **axis)
        assert s.status.tolist() == ["ok", "gestation_not_covered", "ok", "gestation_not_covered"]
        assert np.isnan(s.z).tolist() == np.isnan(s.centile).tolist() == [False, True, False, True]
        assert np.isnan(ref.value(0, gestation_days=259, sex="m", measure=measure, **axis))
        answer = ref.covers(measure, gestation_days=259, sex="m", **axis)
        assert answer.status == "gestation_not_covered"
    answer = ref.covers("weight", age_days=30, gestation_days=259, sex="m")
    assert "no figures for a birth at this gestation" in str(answer)
    assert {"uk-who", "who", "who-2006"} <= set(answer.elsewhere)
    assert "intergrowth-preterm" not in gw.references(age_days=30, gestation_days=259).ids
    assert "intergrowth-preterm" in gw.references(age_days=30, gestation_days=258).ids
    assert ref.score(3.5, age_days=400, gestation_days=280, sex="m").status == "age_above_reference"
    signed: dict[str, Any] = {"because": "x", "by": "Dr A", "review_by": dt.date(2027, 1, 1)}
    mixed = gw.references.blend(gw.reference("uk-who", "lifelong"), ref, 0.5, measures="weight", **signed)
    for made in (ref.adjusted(shift=-1, **signed), mixed):
        assert made.score(3.5, age_days=30, gestation_days=[258, 259], sex="m").status.tolist() == [
            "ok",
            "gestation_not_covered",
        ]
        with pytest.raises(GrowthwatchError, match="gestation_days"):
            made.score(3.5, age_days=30, sex="m")


@pytest.mark.parametrize("born", [203, 224, 245, 258])
@pytest.mark.parametrize("sex", SEXES)
def test_the_hand_over_from_preterm_to_term(born: int, sex: str) -> None:
    """Every day from birth is scored by a reference that says so, and none by two at once through the catalogue's end."""
    ref, uk = gw.reference("intergrowth-preterm"), gw.reference("uk-who")
    end = 448 - born  # 64 weeks since the last period
    age = np.array([0, end - 1, end - 1e-9, end, end + 1e-9, end + 1])
    before = ref.score(
        ref.value(0, age_days=age[:4], sex=sex, gestation_days=born), age_days=age[:4], sex=sex, gestation_days=born
    )
    assert before.status.tolist() == ["ok"] * 4
    assert ref.score(7.0, age_days=age[4:], sex=sex, gestation_days=born).status.tolist() == ["age_above_reference"] * 2
    assert before.corrected_age_days[3] == 168
    # The UK's own preterm segment goes from birth to two weeks after term, and hands over to WHO within one reference.
    joint = 280 + 14 - born
    s = uk.score(3.5, age_days=[0, joint - 1, joint, joint + 1, end, end + 1], sex=sex, gestation_days=born)
    assert (s.status_code <= 2).all()
    assert s.corrected_age_days.tolist() == [born - 280, 13, 14, 15, 168, 169]
    at = np.array([joint - 1.0, joint - 1e-9, joint])
    same = float(uk.value(0, age_days=joint - 1, sex=sex, gestation_days=born))
    change = uk.change([same] * 3, age_days=at, sex=sex, gestation_days=born)
    assert -0.1 < change.since_first[2] < 0  # a day without gain is a small fall, although z rises at the joint
    z = uk.z(same, age_days=at, sex=sex, gestation_days=born)
    assert z[2] - z[1] > 0.1
    for day in (0, 30, end, end + 1):
        covered = gw.references(measure="weight", age_days=day, sex=sex, gestation_days=born).ids
        assert "uk-who" in covered
        assert ("intergrowth-preterm" in covered) == (day <= end)


def test_an_impossible_gestation_has_no_age() -> None:
    uk = gw.reference("uk-who")
    assert uk.corrected_age(100, 200) == 20.0
    assert math.isnan(uk.corrected_age(100, 9)) and math.isnan(uk.corrected_age(100, 400))
    assert np.isnan(uk.corrected_age([1, 2, 3], [9, 250, math.nan])).tolist() == [True, False, False]
    s = uk.score(3.0, age_days=[10, 11], gestation_days=[9, 250], sex="m")
    assert s.status.tolist() == ["invalid_gestation", "ok"]
    assert np.isnan(s.corrected_age_days).tolist() == [True, False]
    assert math.isnan(uk.score(3.0, age_days=10, gestation_days=9, sex="m").corrected_age_days)
    assert uk.covers("weight", age_days=10, gestation_days=9).status == "invalid_gestation"


# --- what fits, and what else does --------------------------------------------------------------


def test_what_is_covered_is_known_before_the_figures_are_read() -> None:
    for id in SIZES:
        fresh = Reference.packaged(Path(gw.__file__).parent / "references" / "data" / id)
        for measure in fresh.measures:
            unread = [fresh.covered(measure, s) for s in (0, 1)]
            assert not fresh.source._curves.get(measure)
            spans = [[one.curves(measure).span(s) for one in each_birth(fresh)] for s in (0, 1)]
            for whole, parts in zip(unread, spans, strict=True):
                known = [p for p in parts if p is not None]
                assert whole == ((min(p[0] for p in known), max(p[1] for p in known)) if known else None)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"measure": "heigth"}, "nearest: 'height'"),
        ({"measure": ""}, "measure"),
        ({"measure": []}, "measure"),
        ({"measure": 1}, "measure"),
        ({"condition": "trisomy 12"}, "nearest: 'trisomy 21'"),
        ({"condition": "Nonan"}, "nearest: 'Noonan'"),
        ({"condition": 1}, "condition"),
        ({"condition": ["Turner"]}, "condition"),
        ({"age_days": "4"}, "age_days"),
        ({"age_days": math.nan}, "age_days"),
        ({"age_days": [1, 2]}, "age_days"),
        ({"gestation_days": math.inf}, "gestation_days"),
        ({"length_cm": {}}, "length_cm"),
    ],
)
def test_words_that_nothing_has_are_refused(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(GrowthwatchError, match=says):
        gw.references(**asked)
    with pytest.raises(GrowthwatchError):
        gw.references(**{"age_days": 400, **asked})


@pytest.mark.parametrize("wrong", [1, None, [], b"x", 2.5])
def test_wrong_types_are_refused_by_name(wrong: Any) -> None:
    uk = gw.reference("uk-who")
    with pytest.raises(GrowthwatchError, match="folder"):
        Reference.load(wrong)
    for ask in (uk.covers, uk.span, uk.curves, lambda m: uk.z(3.0, age_days=3, sex="m", measure=m)):
        with pytest.raises(GrowthwatchError, match="measure"):
            ask(wrong)
    with pytest.raises(GrowthwatchError, match="sex"):
        uk.span("weight", "woman")
    with pytest.raises(GrowthwatchError, match="nearest: 'uk-who'"):
        gw.reference("ukwho")


def test_what_fits_a_child() -> None:
    assert gw.references(condition="Turner", sex="m").ids == ()
    assert gw.references(condition="Turner", sex="f", measure="height").ids == ("turner-uk-1985",)
    assert "who-2006" not in gw.references(measure="weight", age_days=2000).ids
    assert "who" in gw.references(measure="weight", age_days=2000).ids
    assert "who" not in gw.references(measure="weight", age_days=4000).ids
    assert "intergrowth-newborn" in gw.references(age_days=0, gestation_days=210).ids
    assert "intergrowth-newborn" not in gw.references(age_days=1, gestation_days=210).ids
    assert gw.references(measure="weight-for-length", length_cm=105).ids == ("who", "who-2006")
    assert gw.references(condition="palsy", age_days=400).ids == ()
    assert "who-velocity-2009" not in gw.references(age_days=400).ids
    with pytest.raises(GrowthwatchError, match="sex"):
        gw.references(sex="woman")


def test_a_missing_measure_names_who_has_it() -> None:
    turner = gw.reference("turner-uk-1985")
    with pytest.raises(GrowthwatchError, match=r"\['height'\], which turner-uk-1985 has.*uk-who"):
        turner.z(20.0, age_days=3000, sex="f")
    with pytest.raises(GrowthwatchError, match="measure") as caught:
        turner.z(20.0, age_days=3000, sex="f", measure="shoe size")
    assert "have 'shoe size'" not in str(caught.value)
    answer = turner.covers("weight", sex="f", age_days=3000)
    assert (bool(answer), answer.status) == (False, "measure_not_covered")
    assert "uk-who" in answer.elsewhere
    assert all(c.measure == "height" for c in answer.coverage)


def test_covers_says_what_scoring_says() -> None:
    for id in SIZES:
        ref = gw.reference(id)
        for measure in ref.measures:
            info = ref.info.measures[measure]
            for sex in SEXES:
                for x in (0.0, 20.0, 50.0, 95.0, 110.2, 800.0, 1856.4, 1900.0, 4000.0, 7000.0, 9000.0):
                    gestation = 250 if info.needs_gestation and info.x == "age_days" else None
                    gestation = facts(ref).get("gestation_days", gestation)
                    axis = {"length_cm": x} if info.x == "length_cm" else {"age_days": x, "gestation_days": gestation}
                    axis |= {k: v for k, v in facts(ref).items() if k == "birth_weight_kg"}
                    status = ref.score(9.0, sex=sex, measure=measure, **axis).status
                    status = "ok" if status in ("advisory", "implausible", "outside_distribution") else status
                    answer = ref.covers(measure, sex=sex, **axis)
                    assert answer.status == status, (id, measure, sex, x)
                    assert bool(answer) == (status == "ok")
                    assert id not in answer.elsewhere


def test_elsewhere_puts_the_condition_first_and_leaves_other_conditions_out() -> None:
    found = elsewhere("weight", sex="f", age_days=1000, condition="trisomy 21", besides="trisomy-21-nl-2012")
    assert found[:2] == ("trisomy-21-uk-2002", "trisomy-21-us-2015")
    assert not [i for i in found if i.startswith(("cp", "noonan"))]
    assert "cp-gmfcs-5-tube" in elsewhere("bmi", age_days=1000, condition="cerebral palsy")
    nl = gw.reference("trisomy-21-nl-2012").covers("weight", sex="f", age_days=1000)
    assert nl.elsewhere == found


def test_coverage_is_listed() -> None:
    assert len(coverage(gw.reference("uk-who").source)) == 8
    text = [str(c) for c in coverage(gw.reference("intergrowth-newborn").source, "weight")]
    assert text[0] == "weight, male: on the day of birth, at 24+0 to 42+6 weeks of gestation"
    assert "45 to 110 cm" in str(coverage(gw.reference("who-2006").source, "weight-for-length")[0])


# --- gains ----------------------------------------------------------------------------------------


def test_gains_are_not_sizes() -> None:
    assert "who-velocity-2009" in gw.references().ids
    with pytest.raises(GrowthwatchError, match="increments"):
        gw.reference("who-velocity-2009")
    with pytest.raises(GrowthwatchError, match="increments"):
        Reference.load(Path(gw.__file__).parent / "references" / "data" / "who-velocity-2009")
    with pytest.raises(GrowthwatchError, match="who-velocity-2009"):
        increments.increments("uk-who")
    with pytest.raises(GrowthwatchError, match="interval"):
        increments.Increments.load(Path(gw.__file__).parent / "references" / "data" / "who-2007")


def test_gains_in_weight_agree_with_who() -> None:
    """Every printed figure, to the gram: L is printed to four decimals, which moves five of them by 0.7 g at most."""
    rows = table("who_weight_increments.csv")
    assert len(rows) == 2 * len(increments.intervals())
    off = [
        abs(1000 * increments.value(k, interval=r["interval"], sex=r["sex"]) - float(r[f"z{k}"]))
        for r in rows
        for k in range(-3, 4)
    ]
    assert len(off) == 1358
    assert max(off) <= 0.7
    assert sum(d > 0.5 for d in off) == 5


def test_gains_in_length_agree_with_who() -> None:
    """Two printed tables out of eight, to the millimetre: boys over 2 months, girls over 6."""
    rows = table("who_length_increments.csv")
    assert len(rows) == 42
    for r in rows:
        for k in range(-3, 4):
            ours = increments.value(k, interval=r["interval"], sex=r["sex"], measure="length-gain")
            if math.isnan(ours):  # WHO prints 0.0 where there is no such gain
                assert (r[f"z{k}"], k) == ("0.0", -3)
            else:
                assert abs(ours - float(r[f"z{k}"])) <= 0.0501


def test_every_gain_goes_there_and_back() -> None:
    made = increments.increments()
    assert made.measures == ("weight-gain", "length-gain")
    count = {}
    for measure in made.measures:
        every = made.intervals(measure)
        count[measure] = len(every)
        assert every == increments.intervals(measure)
        names = [i.name for i in every]
        assert len(set(names)) == len(names)
        for sex in SEXES:
            for k in (-3, -2, 0, 2, 3):
                gain = made.value(k, interval=names, sex=sex, measure=measure)
                fits = ~np.isnan(gain)
                # Over two months late in the second year, no gain in length is 3 SD below the median.
                assert fits.all() or (k == -3 and measure == "length-gain" and fits.mean() > 0.85)
                assert np.abs(made.z(gain, interval=names, sex=sex, measure=measure) - k)[fits].max() < 1e-9
    assert count == {"weight-gain": 97, "length-gain": 85}


def test_gains_one_by_one() -> None:
    made = increments.increments("who-velocity-2009")
    first = made.interval(0, 28)
    assert (first.name, first.days) == ("0-4w", 28)
    assert made.interval(2 * MONTH, 91).name == "2-3m"
    with pytest.raises(GrowthwatchError, match="nearest is '2-3m'"):
        made.interval(60, 80)
    assert made.z(1.023, interval=first, sex="m") == pytest.approx(0, abs=0.01)
    assert made.z(-0.160, interval="0-4w", sex="m") == pytest.approx(-3, abs=0.01)
    assert math.isnan(made.z(math.nan, interval="0-4w", sex="m"))
    assert math.isnan(made.z(0.5, interval="0-4w", sex=None))
    assert math.isnan(made.z(-0.5, interval="0-4w", sex="m"))
    z = made.z([0.5, 0.6], interval=["0-4w", "2-3m"], sex=[1, 2], sex_coding={1: "male", 2: "female"})
    assert z.shape == (2,)
    assert made.z(10.0, interval="0-2m", sex="f", measure="length-gain") > 0
    for wrong in ({"interval": "0-5m"}, {"interval": "0-4w", "measure": "weight"}):
        with pytest.raises(GrowthwatchError):
            made.z(0.5, sex="m", **wrong)
    assert made.label.hash.startswith("sha256:")
    assert "who-velocity-2009" in repr(made)


# --- the drawing ------------------------------------------------------------------------------


@pytest.mark.parametrize("id", SIZES)
def test_a_reference_is_shown_with_its_nine_lines(id: str) -> None:
    ref = gw.reference(id)
    text = ref._repr_html_()
    drawn = 1 if ref.table_by is None else 2  # the first and the last of the tables of births
    assert text.count("<svg") == drawn * sum(ref.span(ref.measures[0], sex) is not None for sex in SEXES)
    assert ref.hash in text
    for sex in SEXES:
        for measure, one in [(m, one) for m in ref.measures for one in each_birth(ref)]:
            if ref.span(measure, sex) is None:
                continue
            svg = lines_svg(one.source, measure, sex)
            assert len(svg) < 40_000
            root = ET.fromstring(svg)
            lines = [p for p in root.iter("{http://www.w3.org/2000/svg}path") if p.get("stroke") == "#0072B2"]
            assert len(lines) == 9
            assert [bool(p.get("stroke-dasharray")) for p in lines] == [k % 2 == 0 for k in range(9)]
            assert "nan" not in svg.replace("Noonan", "")
            junctions = len({t.id for t in one.curves(measure).official})
            assert lines[4].get("d", "").count("M") == junctions  # never joined across a junction


def test_showing_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys, growthwatch as gw; gw.reference('uk-who')._repr_html_(); "
        "assert not {'matplotlib', 'scipy.stats', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- finding, as people ask -------------------------------------------------------------------------

CP = tuple(f"cp-gmfcs-{k}" for k in ("1", "2", "3", "4", "5-oral", "5-tube"))
T21 = ("trisomy-21-nl-2012", "trisomy-21-uk-2002", "trisomy-21-us-2015")


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("GMFCS I", CP[:1]),
        ("gmfcs ii", CP[1:2]),
        ("GMFCS 1", CP[:1]),
        ("GMFCS level 5", CP[4:]),
        ("CP, GMFCS V", CP[4:]),
        ("cerebral palsy GMFCS V, tube fed", CP[5:]),
        ("CP", CP),
        ("T21", T21),
        ("Down's syndrome", T21),
        ("Down\u2019s", T21),
        ("trisomy-21", T21),
        ("premature", ("intergrowth-preterm", "preterm-cz-2015", "preterm-nl-2012")),
        ("preterm birth", ("intergrowth-preterm", "preterm-cz-2015", "preterm-nl-2012")),
        ("HCH", ("hypochondroplasia-eu-2024",)),
        ("Turner's syndrome", ("turner-uk-1985",)),
    ],
)
def test_conditions_by_their_everyday_names(condition: str, ids: tuple[str, ...]) -> None:
    assert gw.references(condition=condition).ids == ids


@pytest.mark.parametrize("condition", ["GMFCS 6", "GMFCS I-IV", "CPU", "T211"])
def test_a_name_is_a_whole_word(condition: str) -> None:
    with pytest.raises(GrowthwatchError, match="condition"):
        gw.references(condition=condition)


def test_weeks_given_for_days_are_an_error() -> None:
    with pytest.raises(GrowthwatchError, match="30 weeks are 210 days"):
        gw.references(age_days=10, gestation_days=30)
    with pytest.raises(GrowthwatchError, match="gestation_days"):
        gw.references(gestation_days=400)
    assert gw.reference("uk-who").covers("weight", age_days=10, gestation_days=30).status == "invalid_gestation"


def test_covers_asks_for_a_gestation_where_scoring_does() -> None:
    for id, age in (("intergrowth-newborn", 0), ("intergrowth-preterm", 30)):
        ref = gw.reference(id)
        answer = ref.covers("weight", sex="m", age_days=age)
        assert (bool(answer), answer.status) == (False, "missing_gestation")
        assert ref.covers("weight", sex="m", age_days=age, gestation_days=210)
        assert ref.covers("weight", sex="m")  # no age: nothing is asked of it
        assert id not in gw.references(measure="weight", age_days=age, sex="m").ids
        assert id in gw.references(measure="weight", age_days=age, sex="m", gestation_days=210).ids
    assert gw.reference("intergrowth-preterm").covers("weight-for-length", length_cm=50, sex="m")


def test_covers_refuses_a_measure_that_nothing_has() -> None:
    with pytest.raises(GrowthwatchError, match="nearest: 'weight'"):
        gw.reference("turner-uk-1985").covers("wieght")


@pytest.mark.filterwarnings("error")
def test_an_endless_gain_has_no_z() -> None:
    for gain in (1e308, -1e308):
        assert math.isnan(increments.z(gain, interval="2-3m", sex="f"))
    for bad in (None, "a", math.nan):
        for start, end in ((bad, 61), (61, bad)):
            with pytest.raises(GrowthwatchError, match="_days"):
                increments.increments().interval(start, end)
