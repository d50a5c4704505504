"""Growth: a wrong argument is refused by name; bad data in a column has a status, and other rows stay as they are."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import growthwatch as gw
from growthwatch.growth.attribution import attribute, attribution
from growthwatch.growth.carry import carried_weight
from growthwatch.growth.false_alarm_table import false_alarm_columns
from growthwatch.growth.false_alarms import false_alarm_rate
from growthwatch.growth.figures import cole_correlation
from growthwatch.growth.forecast import (
    evidence_below,
    fall_below,
    forecast,
    gain_at_least,
    innovation_at_least,
    next_weight,
    z_at_least,
)
from growthwatch.growth.gain import conditional_gain, innovations, thrive_line, velocity
from growthwatch.growth.published import growth_rules, judge
from growthwatch.growth.quality import suspected
from growthwatch.growth.rules import packaged_rules
from growthwatch.growth.series import child_numbers, weight_series
from growthwatch.growth.trajectory import Trajectory, Weighing

UK = gw.reference("uk-who")
AGES = [0, 30, 61, 91, 120, 150, 190, 230]
KG = [3.4, 4.4, 5.3, 6.1, 6.9, 7.5, 7.7, 7.75]
ONE = weight_series(UK, KG, AGES, "female")
BASE: dict[str, Any] = {"weight_kg": KG, "age_days": AGES, "sex": "female"}
LINE: dict[str, Any] = {"age_days": 182, "until_days": 273, "sex": "female"}
WEIGHED = [Weighing(str(k), None, kg, float(age), True, "") for k, (kg, age) in enumerate(zip(KG, AGES, strict=True))]
anything: Any = gw


def made(**other: Any) -> Trajectory:
    given: dict[str, Any] = {"standard": UK, "condition": None, "sex": "female", "gestation_days": None}
    return Trajectory(**({"child_id": "c", "weighings": WEIGHED} | given | other))


TRAJECTORY = made()
RULES = growth_rules(**BASE)

# Each takes one value in place of one argument.
Door = Callable[[Any], Any]
NUMBERS: dict[str, tuple[str, Door]] = {
    "innovations level_sd": ("level_sd", lambda x: innovations(ONE, level_sd=x)),
    "forecast level_sd": ("level_sd", lambda x: forecast(ONE, 260, level_sd=x)),
    "next_weight age": ("age_days", lambda x: next_weight(ONE, x, z_at_least(-2))),
    "z_at_least": ("z", z_at_least),
    "fall_below": ("fall_z", fall_below),
    "Trajectory.next_weight": ("age_days", lambda x: TRAJECTORY.next_weight(x)),
    "false_alarm_columns until": ("until_days", lambda x: false_alarm_columns("evidence", AGES, until_days=x)),
    "false_alarm_rate level": ("level", lambda x: false_alarm_rate("evidence", AGES, level=x)),
}
# These may be left out: None takes what is packaged.
OPTIONAL: dict[str, tuple[str, Door]] = {
    "innovations error": ("error", lambda x: innovations(ONE, error=x)),
    "conditional_gain gap": ("least_gap_days", lambda x: conditional_gain(ONE, least_gap_days=x)),
    "thrive_line centile": ("centile", lambda x: thrive_line(UK, z=0.0, centile=x, **LINE)),
    "velocity tolerance": ("tolerance_days", lambda x: velocity(ONE, tolerance_days=x)),
    "gain_at_least": ("centile", gain_at_least),
    "gain_at_least gap": ("least_gap_days", lambda x: gain_at_least(5.0, x)),
    "innovation_at_least": ("centile", innovation_at_least),
    "evidence_below": ("ratio", evidence_below),
    "attribute coverage": ("coverage", lambda x: attribute(ONE, coverage=x)),
    "attribution from": ("from_days", lambda x: attribution(**BASE, from_days=x)),
    "attribution until": ("until_days", lambda x: attribution(**BASE, until_days=x)),
    "false_alarm_rate until": ("until_days", lambda x: false_alarm_rate("evidence", AGES, until_days=x)),
    "Trajectory gestation": ("gestation_days", lambda x: made(gestation_days=x)),
}
NO_NUMBERS = ["x", float("nan"), float("inf"), -float("inf"), True, [], [1, 2], np.ones((2, 2)), object(), 10**400, 1j]
NO_NUMBERS += [pd.Series([1.0] * 8), pl.Series([1.0] * 8), b"x", {}]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda v: type(v).__name__)
@pytest.mark.parametrize("name", [*NUMBERS, *OPTIONAL])
def test_what_is_not_one_finite_number_is_refused(name: str, value: object) -> None:
    field, call = (NUMBERS | OPTIONAL)[name]
    with pytest.raises(gw.GrowthwatchError) as caught:
        call(value)
    assert caught.value.field == field
    assert caught.value.expected


@pytest.mark.parametrize("name", list(NUMBERS))
def test_none_is_no_number(name: str) -> None:
    with pytest.raises(gw.GrowthwatchError):
        NUMBERS[name][1](None)


@pytest.mark.parametrize("name", [n for n in (*NUMBERS, *OPTIONAL) if n != "z_at_least"])
def test_less_than_nothing_is_refused(name: str) -> None:
    with pytest.raises(gw.GrowthwatchError):
        (NUMBERS | OPTIONAL)[name][1](-1)


OTHERS: dict[str, tuple[str, Door]] = {
    **{
        f"{f.__name__} series": ("series", f)
        for f in (innovations, conditional_gain, velocity, attribute, z_at_least(0), fall_below(1.0), evidence_below())
    },
    "forecast series": ("series", lambda x: forecast(x, 260)),
    "next_weight series": ("series", lambda x: next_weight(x, 260, z_at_least(0))),
    "next_weight test": ("test", lambda x: next_weight(ONE, 260, x)),
    "weight_series reference": ("reference", lambda x: weight_series(x, KG, AGES, "female")),
    "weight_series plausible": ("plausible", lambda x: weight_series(UK, **BASE, plausible=x)),
    "thrive_line reference": ("reference", lambda x: thrive_line(x, z=0.0, **LINE)),
    "carried_weight reference": ("reference", lambda x: carried_weight(x, 5.0, 60, "male", 0.1, 90)),
    "judge rule": ("rule", lambda x: judge(x, packaged_rules()[0])),
    "fall_below since": ("since", lambda x: fall_below(1.0, x)),
    "suspected hindsight": ("hindsight", lambda x: suspected(**BASE, hindsight=x)),
    "rules[]": ("rule", lambda x: RULES[x]),
    "false_alarm_rate rule": ("rule", lambda x: false_alarm_rate(x, AGES)),
    "false_alarm_rate world": ("world", lambda x: false_alarm_rate("evidence", AGES, world=x)),
    "Attribution.explain": ("child", lambda x: attribution(**BASE).explain(x)),
    "Trajectory child_id": ("child_id", lambda x: made(child_id=x)),
    "Trajectory weighings": ("weighings", lambda x: made(weighings=x)),
    "Trajectory standard": ("standard", lambda x: made(standard=x)),
    "Trajectory high_need": ("high_need", lambda x: made(high_need=x)),
    "Trajectory has_condition": ("has_condition", lambda x: made(has_condition=x)),
    "Trajectory died": ("died", lambda x: made(died=x)),
    "Trajectory primary": ("primary", lambda x: made(primary=x)),
    "Trajectory notices": ("notices", lambda x: made(notices=x)),
    "score on_invalid": ("on_invalid", lambda x: gw.score(pd.DataFrame(BASE), on_invalid=x)),
}
OTHERS_OPTIONAL: dict[str, tuple[str, Door]] = {
    "innovations model": ("model", lambda x: innovations(ONE, model=x)),
    "conditional_gain model": ("model", lambda x: conditional_gain(ONE, model=x)),
    "conditional_gain coefficients": ("coefficients", lambda x: conditional_gain(ONE, coefficients=x)),
    "cole_correlation": ("coefficients", lambda x: cole_correlation(30, 90, x)),
    "thrive_line model": ("model", lambda x: thrive_line(UK, z=0.0, model=x, **LINE)),
    "velocity of": ("of", lambda x: velocity(ONE, of=x)),
    "forecast centiles": ("centiles", lambda x: forecast(ONE, 260, centiles=x)),
    "next_weight within": ("within_kg", lambda x: next_weight(ONE, 260, z_at_least(0), within_kg=x)),
    "attribute condition": ("condition", lambda x: attribute(ONE, x)),
    "attribute model": ("model", lambda x: attribute(ONE, model=x)),
    "growth_rules rules": ("rules", lambda x: growth_rules(**BASE, rules=x)),
    "trajectories counts": ("counts", lambda x: gw.trajectories(**BASE, counts=x)),
    "trajectories clothed": ("clothed", lambda x: gw.trajectories(**BASE, clothed=x)),
    "to_frame": ("backend", lambda x: gw.trajectories(**BASE).to_frame(x)),
    "Trajectory condition": ("condition", lambda x: made(condition=x)),
    "Trajectory sex": ("sex", lambda x: made(sex=x)),
    "Trajectory as_of": ("as_of", lambda x: made(as_of=x)),
    "Trajectory clothed": ("clothed", lambda x: made(clothed=x)),
    "score correction": ("correction", lambda x: gw.score(pd.DataFrame(BASE), correction=x)),
}


@pytest.mark.parametrize(
    "value", [7, 2.5, object(), {"a": 1}, pd.Series([1.0, 2.0, "x"]), np.ones((2, 2)), [[1], [1, 2]]]
)
@pytest.mark.parametrize("name", [*OTHERS, *OTHERS_OPTIONAL])
def test_a_wrong_type_is_refused_by_name(name: str, value: object) -> None:
    field, call = (OTHERS | OTHERS_OPTIONAL)[name]
    with pytest.raises(gw.GrowthwatchError) as caught:
        call(value)
    assert (caught.value.field or "").startswith(field.replace("rule", "") if name == "judge rule" else field)


@pytest.mark.parametrize("name", list(OTHERS))
def test_none_is_refused_where_something_is_needed(name: str) -> None:
    with pytest.raises(gw.GrowthwatchError):
        OTHERS[name][1](None)


@pytest.mark.parametrize("field", ["weight_kg", "age_days", "on", "counts", "id", "reason"])
def test_each_figure_of_a_weighing_is_of_its_kind(field: str) -> None:
    for value in ([1, 2], object(), {}, np.ones((2, 2))):
        with pytest.raises(gw.GrowthwatchError) as caught:
            made(weighings=[*WEIGHED[:-1], WEIGHED[-1]._replace(**{field: value})])
        assert caught.value.field == f"weighings[7].{field}"


@pytest.mark.parametrize("age", [None, float("nan"), float("inf"), -float("inf"), -1, 1e308])
def test_an_age_that_is_no_age_is_data(age: Any) -> None:
    found = made(weighings=[*WEIGHED, Weighing("x", None, 7.8, age, True, "")])
    assert np.isnan(found.z[-1]) or age == 0
    assert found.explain() and found._repr_html_()
    np.testing.assert_array_equal(found.z[:-1], TRAJECTORY.z)


def test_an_id_will_do_where_a_reference_will() -> None:
    assert thrive_line("uk-who", z=0.0, **LINE) == thrive_line(UK, z=0.0, **LINE)
    assert carried_weight("uk-who", 5.0, 60, "male", 0.1, 90) == carried_weight(UK, 5.0, 60, "male", 0.1, 90)
    np.testing.assert_array_equal(weight_series("uk-who", KG, AGES, "female").z, ONE.z)
    assert attribute(ONE, "trisomy-21-uk-2002").on_condition is not None


def test_a_missing_day_of_pandas_is_no_day() -> None:
    for door in (lambda: made(as_of=pd.NaT), lambda: made(weighings=[WEIGHED[0]._replace(on=pd.NaT)])):
        with pytest.raises(gw.GrowthwatchError):
            door()
    assert made(as_of=dt.date(2024, 1, 1)).as_of == dt.date(2024, 1, 1)


def test_one_weight_with_two_ages_is_two_weighings() -> None:
    found = gw.trajectories(3.4, age_days=[10, 20], sex="male")
    assert found.weight_kg.tolist() == [3.4, 3.4]
    np.testing.assert_array_equal(found.z, UK.z([3.4, 3.4], age_days=[10, 20], sex="male"))
    for column in found.columns().values():
        assert column.shape == (2,)
    with pytest.raises(gw.GrowthwatchError):
        gw.trajectories([3.4, 3.5, 3.6], age_days=[10, 20], sex="male")
    with pytest.raises(gw.GrowthwatchError):
        gw.trajectories([[3.4]], age_days=[10, 20], sex="male")


@pytest.mark.parametrize("kg", [1e308, 1e200, 1e-300])
def test_weights_that_nobody_has_are_a_status_and_no_warning(kg: float) -> None:
    columns: dict[str, Any] = {"age_days": [10, 10, 40, 100], "sex": "male"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = gw.trajectories([kg] * 4, **columns)
        rules = growth_rules([kg] * 4, **columns)
        gw.evidence([kg] * 4, **columns), suspected([kg] * 4, **columns), attribution([kg] * 4, **columns)
    assert set(found.status) <= {"implausible", "outside_distribution"}
    assert not any(np.isinf(j.value).any() for j in rules.judged.values())


def test_infinite_ages_have_a_status_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        line = thrive_line(UK, z=0.0, age_days=[182, np.inf, 182], until_days=[273, 273, np.inf], sex="female")
        assert cole_correlation([30, -np.inf, np.inf], [90, 90, np.inf])[0] > 0
    assert (line.status_code == 0).tolist() == [True, False, False]
    found = attribution(**BASE, child=["a"] * 4 + ["b"] * 4, until_days=[np.nan, np.inf])
    assert found.on_standard.status.tolist() == ["missing_age", "not_finite"]


# --- one child, two sexes -----------------------------------------------------------------------


def _two(second: Any, column: str) -> dict[str, Any]:
    """A child whose last row says otherwise, and another that agrees with itself."""
    first = {"sex": "female", "gestation_days": 250.0}[column]
    out: dict[str, Any] = {
        "weight_kg": [*KG, *KG],
        "age_days": [*AGES, *AGES],
        "sex": ["female"] * 16,
        "gestation_days": [250.0] * 16,
        "child": ["torn"] * 8 + ["whole"] * 8,
    }
    out[column] = [first] * 7 + [second] + [first] * 8
    return out


@pytest.mark.parametrize(
    ("column", "second", "status"),
    [
        ("sex", "male", "conflicting_sex"),
        ("gestation_days", 270.0, "conflicting_gestation"),
        ("gestation_days", np.nan, "conflicting_gestation"),
        ("gestation_days", None, "conflicting_gestation"),
    ],
)
def test_a_child_that_does_not_agree_with_itself_has_no_figure(column: str, second: Any, status: str) -> None:
    given = _two(second, column)
    whole = {k: v[8:] for k, v in given.items()}
    torn, well = slice(0, 8), slice(8, 16)
    said = [status] * 8
    assert UK.change(given["weight_kg"], **{k: v for k, v in given.items() if k != "weight_kg"}).status[torn].tolist()
    series = weight_series(UK, **given)
    assert series.status_code.size == 16
    assert np.diff(series.offsets).tolist() == [0, 8]

    ratio = gw.evidence(**given)
    assert np.isnan(ratio[torn]).all()
    np.testing.assert_array_equal(ratio[well], gw.evidence(**whole))

    for figures in (innovations(series), conditional_gain(series), velocity(series), suspected(**given)):
        assert figures.status[torn].tolist() == said
        assert figures.status[well].tolist() != said

    both, alone = gw.trajectories(**given), gw.trajectories(**whole)
    assert both.status[torn].tolist() == said
    for name, values in both.columns().items():
        if values.dtype.kind == "f" and name not in ("weight_kg", "age_days"):
            kilograms = name.startswith(("newborn", "birth_weight_regain", "loss", "no_net")) or name == "used_age_days"
            assert kilograms or np.isnan(values[torn]).all(), name
            np.testing.assert_array_equal(values[well], alone.columns()[name], err_msg=name)

    rules = growth_rules(**given)
    assert rules["nice-fall-best"].status[torn].tolist() == said
    assert rules["loss-from-best"].status[torn].tolist() == growth_rules(**whole)["loss-from-best"].status.tolist()

    parts = attribution(**given, condition="trisomy-21-uk-2002")
    assert parts.on_standard.status.tolist() == [status, "ok"]
    assert status in parts.explain(0)
    assert forecast(series, [260, 260]).status.tolist() == [status, "ok"]


def test_a_loss_of_weight_is_a_loss_whatever_the_sex() -> None:
    kg = [*KG[:-1], 6.5]
    sex = ["female"] * 7 + ["male"]
    assert growth_rules(kg, age_days=AGES, sex=sex)["loss-from-best"].level[-1] > 0
    assert gw.trajectories(kg, age_days=AGES, sex=sex).rules["loss-from-best"].level[-1] > 0


def test_a_weight_that_does_not_count_still_says_which_sex() -> None:
    sex = ["female"] * 7 + ["male"]
    counts = [True] * 7 + [False]
    found = gw.trajectories(KG, age_days=AGES, sex=sex, counts=counts)
    assert set(found.status) == {"conflicting_sex"}
    assert np.isnan(found.evidence.ratio).all()
    assert set(found.rules["aspen-decline"].status) == {"conflicting_sex"}


def test_a_sex_that_is_missing_in_a_row_is_no_conflict() -> None:
    sex = ["female"] * 7 + [None]
    found = gw.trajectories(KG, age_days=AGES, sex=sex)
    assert found.status.tolist() == [*gw.trajectories(**BASE).status.tolist()[:7], "missing_sex"]


# --- ids ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("ids", [["b", "a"], [7, 3]])
def test_a_caseload_has_the_ids_that_were_given(backend: str, ids: list[Any]) -> None:
    child = [ids[0]] * 4 + [ids[1]] * 4
    frame = gw.trajectories(**BASE, child=child).to_frame(backend)
    names = list(frame.column_names if backend == "pyarrow" else frame.columns)
    assert names[0] == "child"
    assert (frame["child"].to_pylist() if backend == "pyarrow" else list(frame["child"])) == child


def test_offsets_give_numbers_and_one_child_none() -> None:
    assert list(gw.trajectories(**BASE, child=[0, 3, 3, 8]).to_frame("pandas")["child"]) == [0] * 3 + [2] * 5
    assert "child" not in gw.trajectories(**BASE).to_frame("pandas")
    assert list(gw.trajectories(**BASE, child="x").to_frame("pandas")["child"]) == ["x"] * 8


@pytest.mark.parametrize("child", [[1, "1"], ["a", None], ["a", float("nan")], [b"a", "a"], ["a", pd.NA]])
def test_ids_are_never_merged(child: list[Any]) -> None:
    with pytest.raises(gw.GrowthwatchError) as caught:
        child_numbers(child, 2)
    assert caught.value.field == "child"
