"""gw.score: frames of pandas, polars and pyarrow in, the same out, with columns appended."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import growthwatch as gw
from growthwatch.core.columns import labels
from growthwatch.core.sex import sex_codes
from growthwatch.core.status import STATUS_WORDS

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

APPENDED = ["z", "centile", "status", "corrected_age_days", "reference", "reference_hash"]
UK = gw.reference("uk-who")

ROWS: dict[str, list[Any]] = {
    "child": ["a", "a", "b", "b", "c", "d", "e", "f"],
    "weight_kg": [3.4, 6.2, 7.1, None, 9.0, -1.0, 12.0, 600.0],
    "age_days": [0, 180, 220, 100, None, 10, 20, 400],
    "sex": ["F", "female", "m", "male", "M", "f", None, "f"],
    "gestation_days": [280, 200, 280, None, 270, 250, 280, 100],
}
WORDS = [
    "ok", "ok", "ok", "missing_value", "missing_age", "nonpositive_value", "missing_sex", "invalid_gestation"
]  # fmt: skip

MAKERS: dict[str, Callable[[dict[str, list[Any]]], Any]] = {
    "pandas": lambda d: pd.DataFrame(d),
    "pandas nullable": lambda d: pd.DataFrame(d).convert_dtypes(),
    "pandas arrow": lambda d: pd.DataFrame(d).convert_dtypes(dtype_backend="pyarrow"),
    "pandas object": lambda d: pd.DataFrame(d, dtype=object),
    "polars": lambda d: pl.DataFrame(d),
    "pyarrow": lambda d: pa.table(d),
    "pyarrow chunks": lambda d: pa.concat_tables([pa.table(d).slice(0, 3), pa.table(d).slice(3)]),
}
every_maker = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


def column(frame: Any, name: str) -> list[Any]:
    """A column as a list, with None for whatever is missing."""
    values = frame[name].to_pylist() if isinstance(frame, pa.Table) else list(frame[name])
    return [None if v is None or v is pd.NA or v != v else v for v in values]


def names(frame: Any) -> list[str]:
    return list(frame.column_names) if isinstance(frame, pa.Table) else list(frame.columns)


def floats(frame: Any, name: str) -> np.ndarray:
    return np.array([np.nan if v is None else v for v in column(frame, name)], float)


# --- the same numbers as on arrays ---------------------------------------------------------


@every_maker
def test_a_frame_gets_what_arrays_get(make: Callable[..., Any]) -> None:
    frame = make(ROWS)
    out = gw.score(frame, gestation_days="gestation_days")
    assert type(out) is type(frame)
    assert names(out) == [*ROWS, *APPENDED]
    assert column(out, "child") == ROWS["child"]
    s = UK.score(
        np.array(ROWS["weight_kg"], float),
        age_days=np.array(ROWS["age_days"], float),
        sex=ROWS["sex"],
        gestation_days=np.array(ROWS["gestation_days"], float),
    )
    np.testing.assert_array_equal(floats(out, "z"), s.z)
    np.testing.assert_array_equal(floats(out, "centile"), s.centile)
    assert column(out, "status") == list(s.status) == WORDS
    age = np.where(s.status == "invalid_gestation", np.nan, s.corrected_age_days)
    np.testing.assert_array_equal(floats(out, "corrected_age_days"), age)
    assert column(out, "reference") == ["uk-who"] * 8
    assert column(out, "reference_hash") == [UK.hash] * 8


def test_missing_is_null_where_the_library_knows_null() -> None:
    assert gw.score(pl.DataFrame(ROWS))["z"].null_count() == 4
    assert gw.score(pl.DataFrame(ROWS))["z"].is_nan().sum() == 0
    assert gw.score(pa.table(ROWS))["z"].null_count == 4
    assert gw.score(pa.table(ROWS))["centile"].null_count == 4
    gw.score(pa.table(ROWS))["z"].validate(full=True)
    assert gw.score(pd.DataFrame(ROWS))["z"].isna().sum() == 4


@every_maker
def test_types_of_columns_do_not_depend_on_the_data(make: Callable[..., Any]) -> None:
    whole = {k: [v[1], v[2]] for k, v in ROWS.items()}
    none = {k: [v[1], None] if k != "child" else [v[1], v[1]] for k, v in ROWS.items()}
    kinds: list[list[str]] = []
    for rows in (whole, none):
        out = gw.score(make(rows), gestation_days="gestation_days")
        if isinstance(out, pa.Table):
            kinds.append([str(out.schema.field(n).type) for n in APPENDED])
        else:
            kinds.append([str(out[n].dtype) for n in APPENDED])
    assert kinds[0] == kinds[1]


@every_maker
def test_an_empty_frame_gets_its_columns(make: Callable[..., Any]) -> None:
    frame = make(ROWS)
    empty = frame.slice(0, 0) if isinstance(frame, pa.Table) else frame[:0]
    out = gw.score(empty, gestation_days="gestation_days", on_invalid="error")
    assert names(out) == [*ROWS, *APPENDED]
    assert len(out) == 0


def test_frames_without_a_single_row_or_type() -> None:
    assert len(gw.score(pd.DataFrame({"weight_kg": [], "age_days": [], "sex": []}))) == 0
    assert len(gw.score(pl.DataFrame({"weight_kg": [], "age_days": [], "sex": []}))) == 0
    none = pl.DataFrame({"weight_kg": [None], "age_days": [None], "sex": [None]})
    assert gw.score(none)["status"].to_list() == ["missing_value"]
    assert gw.score(none.to_arrow())["status"].to_pylist() == ["missing_value"]
    assert list(gw.score(none.to_pandas())["status"]) == ["missing_value"]
    some = pl.DataFrame({"weight_kg": [5.0], "age_days": [50], "sex": [None]})
    for frame in (some, some.to_arrow(), some.to_pandas()):
        assert column(gw.score(frame), "status") == ["missing_sex"]
        assert column(gw.score(frame, sex_coding={1: "male"}), "status") == ["missing_sex"]


# --- what is kept ----------------------------------------------------------------------------


def test_a_pandas_index_and_its_attributes_are_kept() -> None:
    frame = pd.DataFrame(ROWS, index=[5, 5, 1, 2, 0, 9, -1, 7])
    frame.attrs["source"] = "clinic"
    before = frame.copy(deep=True)
    out = gw.score(frame)
    assert list(out.index) == [5, 5, 1, 2, 0, 9, -1, 7]
    assert out.attrs == {"source": "clinic"}
    np.testing.assert_array_equal(out["z"], UK.z(frame["weight_kg"], age_days=frame["age_days"], sex=frame["sex"]))
    pd.testing.assert_frame_equal(frame, before)
    out["weight_kg"] = 0.0
    out.loc[5, "corrected_age_days"] = 0.0
    pd.testing.assert_frame_equal(frame, before)
    # an index of two levels, and a part of a frame
    frame = pd.DataFrame(ROWS).set_index(["child", "sex"], drop=False)
    assert gw.score(frame).index.equals(frame.index)
    part = pd.DataFrame(ROWS)[lambda d: d["weight_kg"] > 5]
    assert gw.score(part).index.tolist() == part.index.tolist()


def test_appended_columns_can_be_changed_without_changing_the_frame_given() -> None:
    frame = pd.DataFrame({"weight_kg": [6.2, 7.0], "age_days": [180.0, 200.0], "sex": ["f", "m"]})
    out = gw.score(frame)
    out.loc[0, "corrected_age_days"] = -5.0
    out.loc[0, "z"] = -5.0
    assert frame["age_days"].tolist() == [180.0, 200.0]


def test_a_pyarrow_schema_keeps_its_metadata() -> None:
    table = pa.table(ROWS).replace_schema_metadata({"source": "clinic"})
    assert gw.score(table).schema.metadata == {b"source": b"clinic"}


def test_nothing_is_overwritten() -> None:
    for make in MAKERS.values():
        frame = make({**ROWS, "z": [0.0] * 8, "status": ["x"] * 8})
        with pytest.raises(gw.GrowthwatchError, match=r"'z', 'status'.*prefix") as e:
            gw.score(frame)
        assert e.value.field == "columns"
        out = gw.score(frame, prefix="uk_")
        assert names(out)[-6:] == ["uk_" + n for n in APPENDED]
        assert column(out, "z") == [0.0] * 8
    again = gw.score(gw.score(pl.DataFrame(ROWS), prefix="uk_"), "who-2006", prefix="who_")
    assert len(again.columns) == len(ROWS) + 12


def test_columns_can_be_chosen_and_named() -> None:
    frame = pl.DataFrame(ROWS)
    assert gw.score(frame, columns=["status", "z"]).columns[-2:] == ["status", "z"]
    out = gw.score(frame, columns={"z": "waz", "reference": "on"}, prefix="gw_")
    assert out.columns == [*ROWS, "gw_waz", "gw_on"]
    assert gw.score(frame, columns=[]).columns == list(ROWS)
    for wrong in ("z", ["zz"], {"z": 1}, {"z": ""}, {"z": "a", "centile": "a"}, 3, [["z"]], [None], {"z": "child"}):
        with pytest.raises(gw.GrowthwatchError):
            gw.score(frame, columns=wrong)  # type: ignore[arg-type]
    with pytest.raises(gw.GrowthwatchError):
        gw.score(frame, prefix=3)  # type: ignore[arg-type]


# --- constants and columns -------------------------------------------------------------------


@every_maker
def test_constants_count_for_every_row(make: Callable[..., Any]) -> None:
    frame = make({"kg": [6.2, 7.0]})
    out = gw.score(frame, weight_kg="kg", age_days=180, sex="=f", gestation_days=266)
    np.testing.assert_array_equal(floats(out, "z"), UK.z([6.2, 7.0], age_days=180, sex="f", gestation_days=266))
    out = gw.score(frame, weight_kg=6.2, age_days=np.int16(180), sex="=MALE")
    np.testing.assert_array_equal(floats(out, "z"), [UK.z(6.2, age_days=180, sex="m")] * 2)
    assert column(gw.score(frame, weight_kg=float("nan"), age_days=1, sex="=m"), "status") == ["missing_value"] * 2


def test_what_is_no_column_and_no_constant_is_refused() -> None:
    frame = pd.DataFrame(ROWS)
    for wrong in (
        {"sex": "male"},  # a word without the equals sign is a column, and there is none of that name
        {"sex": "=x"},
        {"sex": None},
        {"sex": 1},
        {"sex": frame["sex"]},
        {"weight_kg": "kg"},
        {"weight_kg": None},
        {"weight_kg": True},
        {"weight_kg": [3.0]},
        {"weight_kg": frame["weight_kg"]},
        {"age_days": "=3"},
        {"weight_kg": "sex"},
        {"weight_kg": "child"},
        {"position": "=sitting"},
        {"position": 3},
        {"reference_column": 3},
        {"reference_column": "nothing"},
        {"measure_column": "nothing", "value": "weight_kg"},
        {"measure_column": "child"},  # needs value
        {"measure": "height"},  # needs value
        {"measure": "wisdom", "value": "weight_kg"},
        {"value": "weight_kg", "weight_kg": "age_days"},
        {"measure": "height", "measure_column": "child", "value": "weight_kg"},
        {"birth_date": dt.date(2020, 1, 1)},
        {"measured_on": dt.date(2020, 1, 1)},
        {"birth_date": "child", "measured_on": "child"},
        {"birth_date": 3, "measured_on": dt.date(2020, 1, 1)},
        {"birth_date": dt.date(2020, 1, 1), "measured_on": dt.date(2020, 1, 1), "age_days": "weight_kg"},
        {"birth_date": dt.date(2020, 1, 1), "measured_on": dt.date(2020, 1, 1), "corrected_age_days": "age_days"},
        {"corrected_age_days": "age_days", "age_days": "weight_kg"},
        {"corrected_age_days": "age_days", "gestation_days": 200},
        {"reference": "nope"},
        {"reference": 3},
        {"reference": {"a": "uk-who"}},  # needs reference_column
        {"reference": "who-2006", "reference_column": "child"},
        {"reference_column": "child", "correction": "none"},
        {"correction": "nope"},
        {"reference": gw.reference("uk-who"), "correction": "none"},
        {"on_invalid": "shout"},
        {"sex_coding": {}},
        {"sex_coding": 3},
        {"length_cm": "age_days"},  # weight is by age
    ):
        with pytest.raises(gw.GrowthwatchError):
            gw.score(frame, **wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        gw.score(frame, weight="weight_kg")  # type: ignore[call-arg]
    with pytest.raises(gw.GrowthwatchError, match="=f"):
        gw.score(frame.assign(**{"=f": "x"}), sex="=f")


def test_what_is_no_frame_is_refused() -> None:
    for wrong in (None, 3, "frame", ROWS, [ROWS], np.zeros((3, 3)), pd.Series([1.0]), pl.Series([1.0]), dt):
        with pytest.raises(gw.GrowthwatchError, match="frame"):
            gw.score(wrong)
    with pytest.raises(gw.GrowthwatchError, match="collect"):
        gw.score(pl.LazyFrame(ROWS))
    with pytest.raises(gw.GrowthwatchError, match="frame"):
        gw.score(pd.DataFrame([[1, 2]], columns=["sex", "sex"]))


def test_pandas_names_that_are_not_text_do_no_harm() -> None:
    frame = pd.DataFrame({**ROWS, 0: [1] * 8, ("a", "b"): [2] * 8})
    assert list(gw.score(frame).columns) == [*frame.columns, *APPENDED]


# --- sex -------------------------------------------------------------------------------------


def sexes(values: list[Any]) -> list[Any]:
    """Columns of sex of every kind, holding the same words."""
    text = np.array(["" if v is None else v for v in values])
    out: list[Any] = [
        pd.Series(values, dtype="str"),
        pd.Series(values, dtype="string"),
        pd.Series(values, dtype=object),
        pd.Series(values, dtype="category"),
        pd.Series(values, dtype=pd.ArrowDtype(pa.string())),
        pd.Series(text),
        pl.Series(values, dtype=pl.String),
        pl.Series(values, dtype=pl.Categorical),
        pl.Series(values, dtype=pl.Enum(sorted({v for v in values if v is not None}))),
        pa.chunked_array([pa.array(values, pa.string())]),
        pa.chunked_array([pa.array(values[:2], pa.string()), pa.array(values[2:], pa.string())]),
        pa.chunked_array([pa.array(values, pa.large_string())]),
        pa.chunked_array([pa.array(values, pa.string()).dictionary_encode()]),
        pa.chunked_array([
            pa.array(values[:2], pa.string()).dictionary_encode(),
            pa.array(values[2:], pa.string()).dictionary_encode(),
        ]),
    ]  # fmt: skip
    return out


VALUES = ["m", "F", None, "female", "x", "male", "", " f ", "m"]
CODES = [0, 1, 2, 1, 3, 0, 2, 1, 0]


@pytest.mark.parametrize("k", range(14))
def test_sex_is_read_alike_from_every_kind_of_column(k: int) -> None:
    given = sexes(VALUES)[k]
    assert sex_codes(given).tolist() == CODES
    n = len(VALUES)
    if isinstance(given, pd.Series):
        frame: Any = pd.DataFrame({"sex": given})
    elif isinstance(given, pl.Series):
        frame = pl.DataFrame({"sex": given})
    else:
        frame = pa.table({"sex": given})
    out = gw.score(frame, weight_kg=5.0, age_days=60)
    want = [["ok", "ok", "missing_sex", "unknown_sex"][c] for c in CODES]
    assert column(out, "status") == want
    assert len(out) == n
    # codes that are words, and no others
    out = gw.score(frame, weight_kg=5.0, age_days=60, sex_coding={"m": "female", "x": "male"})
    z = floats(out, "z")
    assert z[0] == UK.z(5.0, age_days=60, sex="f")
    assert z[4] == UK.z(5.0, age_days=60, sex="m")
    assert np.isnan(z[[1, 2, 3, 5, 6, 7]]).all()


def test_codes_need_a_coding() -> None:
    coding = {1: "male", 2: "female"}
    want = ["ok", "ok", "unknown_sex", "missing_sex"]
    for given in (
        pd.Series([1, 2, 9, None]),
        pd.Series([1, 2, 9, None], dtype="Int8"),
        pd.Series([1, 2, 9, None], dtype="category"),
        pd.Series([1, 2, 9, None], dtype=object),
        pd.Series([1, 2, 9, None], dtype=pd.ArrowDtype(pa.int64())),
    ):
        frame = pd.DataFrame({"sex": given})
        with pytest.raises(gw.GrowthwatchError, match="sex"):
            gw.score(frame, weight_kg=5.0, age_days=60)
        assert column(gw.score(frame, weight_kg=5.0, age_days=60, sex_coding=coding), "status") == want
        assert sex_codes(given, coding).tolist() == [0, 1, 3, 2]
    for frame in (pl.DataFrame({"sex": [1, 2, 9, None]}), pa.table({"sex": [1, 2, 9, None]})):
        with pytest.raises(gw.GrowthwatchError, match="sex"):
            gw.score(frame, weight_kg=5.0, age_days=60)
        assert column(gw.score(frame, weight_kg=5.0, age_days=60, sex_coding=coding), "status") == want
    for frame in (pd.DataFrame({"sex": [True, False]}), pl.DataFrame({"sex": [True, False]})):
        with pytest.raises(gw.GrowthwatchError):
            gw.score(frame, weight_kg=5.0, age_days=60, sex_coding=coding)


def test_a_mixed_column_never_reads_true_as_one() -> None:
    coding = {1: "male", 2: "female"}
    assert sex_codes([1, True, 2, None, "m", "x"], coding).tolist() == [0, 3, 1, 2, 0, 3]
    assert sex_codes(np.array([True, 1], object), coding).tolist() == [3, 0]


def test_text_of_very_many_spellings() -> None:
    words = [f"w{i}" for i in range(500)] + ["m", "f", None] * 40
    want = [3] * 500 + [0, 1, 2] * 40
    for given in sexes(words):
        assert sex_codes(given).tolist() == want


def test_categories_that_other_columns_added_do_no_harm() -> None:
    pl.Series([f"other{i}" for i in range(300)], dtype=pl.Categorical)
    given = pl.Series(["m", None, "f", "q"], dtype=pl.Categorical)
    assert sex_codes(given).tolist() == [0, 2, 1, 3]
    assert sex_codes(given[1:2]).tolist() == [2]
    assert sex_codes(given[:0]).tolist() == []


def test_a_sliced_dictionary_and_one_with_a_null_of_its_own() -> None:
    values = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None, 0]), pa.array(["m", None, "f"]))
    assert sex_codes(pa.chunked_array([values])).tolist() == [0, 2, 1, 2, 0]
    assert sex_codes(pa.chunked_array([values[1:]])).tolist() == [2, 1, 2, 0]
    assert sex_codes(pa.chunked_array([values[2:4], values[:2]])).tolist() == [1, 2, 0, 2]
    assert sex_codes(pd.Categorical(["m", None, "f"])).tolist() == [0, 2, 1]
    assert labels(np.array(["m"])) is None
    assert labels(pd.DataFrame({"a": ["m"]})) is None


# --- numbers ---------------------------------------------------------------------------------


def test_numbers_of_every_kind() -> None:
    whole = [5, 6, 7]
    want = UK.z([5.0, 6.0, 7.0], age_days=[100, 110, 120], sex="m")
    kinds: list[Any] = [pl.Int16, pl.UInt8, pl.Int64, pl.UInt64, pl.Float32, pl.Float64, pl.Decimal(10, 2), pl.Int128]
    for kind in kinds:
        frame = pl.DataFrame({"weight_kg": pl.Series(whole).cast(kind), "age_days": [100, 110, 120]})
        np.testing.assert_array_equal(gw.score(frame, sex="=m")["z"], want)
        missing = frame.with_columns(weight_kg=pl.Series([5, None, 7]).cast(kind))
        assert gw.score(missing, sex="=m")["status"].to_list() == ["ok", "missing_value", "ok"]
        if kind != pl.Int128:
            np.testing.assert_array_equal(gw.score(frame.to_arrow(), sex="=m")["z"], want)
            assert gw.score(missing.to_arrow(), sex="=m")["z"].null_count == 1
    for dtype in ("int8", "uint64", "Int64", "Float32", "float32", "int64[pyarrow]", "double[pyarrow]", object):
        frame = pd.DataFrame({"weight_kg": pd.Series(whole, dtype=dtype), "age_days": [100, 110, 120]})
        np.testing.assert_array_equal(gw.score(frame, sex="=m")["z"], want)
    frame = pd.DataFrame({"weight_kg": [Decimal(5), Decimal(6), Decimal(7)], "age_days": [100, 110, 120]})
    np.testing.assert_array_equal(gw.score(frame, sex="=m")["z"], want)
    nan = pl.DataFrame({"weight_kg": [float("nan"), float("inf")], "age_days": [100, 100]})
    assert gw.score(nan, sex="=m")["status"].to_list() == ["missing_value", "not_finite"]


def test_what_holds_no_numbers_is_refused() -> None:
    for wrong in (["5.0"], [True], [dt.date(2020, 1, 1)], [dt.datetime(2020, 1, 1)], [b"5"], [[5.0]], [{"a": 1}]):  # noqa: DTZ001
        for frame in (pl.DataFrame({"w": wrong}), pa.table({"w": wrong}), pd.DataFrame({"w": wrong})):
            with pytest.raises(gw.GrowthwatchError, match="weight_kg"):
                gw.score(frame, weight_kg="w", age_days=100, sex="=m")
    # Categories that are numbers are numbers; of text they are not.
    numbers, text = (pd.DataFrame({"w": pd.Categorical(c)}) for c in ([5.0], ["5.0"]))
    assert gw.score(numbers, weight_kg="w", age_days=100, sex="=m")["status"].tolist() == ["ok"]
    with pytest.raises(gw.GrowthwatchError, match="weight_kg"):
        gw.score(text, weight_kg="w", age_days=100, sex="=m")


# --- dates -----------------------------------------------------------------------------------

BORN = [dt.date(2020, 2, 28), dt.date(2019, 12, 31), None, dt.date(2020, 1, 1), dt.date(1960, 3, 1)]
SEEN = [dt.date(2020, 3, 1), dt.date(2019, 12, 31), dt.date(2020, 1, 1), None, dt.date(1960, 2, 29)]
GONE = [2, 0, None, None, -1]


def dated(seen: Any = SEEN) -> list[Any]:
    columns = {"born": BORN, "seen": seen, "weight_kg": [3.5] * 5}
    plain = pl.DataFrame(columns)
    return [
        plain,
        plain.to_arrow(),
        pd.DataFrame(columns),  # objects
        pd.DataFrame(columns).assign(
            born=lambda d: pd.to_datetime(d["born"]), seen=lambda d: pd.to_datetime(d["seen"])
        ),
        plain.to_pandas(types_mapper=pd.ArrowDtype) if hasattr(pl.DataFrame, "to_pandas") else pd.DataFrame(columns),
        plain.with_columns(pl.col("born").cast(pl.Datetime("ms")), pl.col("seen").cast(pl.Datetime("ns"))),
    ]


@pytest.mark.parametrize("k", range(6))
def test_ages_from_dates(k: int) -> None:
    frame = dated()[k]
    out = gw.score(frame, birth_date="born", measured_on="seen", sex="=f")
    assert column(out, "corrected_age_days") == GONE
    assert column(out, "status") == ["ok", "ok", "missing_age", "missing_age", "before_birth"]
    np.testing.assert_array_equal(
        floats(out, "z")[:2], [UK.z(3.5, age_days=2, sex="f"), UK.z(3.5, age_days=0, sex="f")]
    )
    out = gw.score(frame, birth_date="born", measured_on=dt.date(2020, 3, 1), sex="=f", gestation_days=280)
    assert column(out, "corrected_age_days")[:3] == [2, 61, None]


def test_a_time_of_day_counts_as_its_date_where_it_was_written_down() -> None:
    late = [dt.datetime(2020, 7, 1, 23, 30, tzinfo=dt.UTC), dt.datetime(1960, 1, 1, 23, 59, tzinfo=dt.UTC)]
    born = [dt.date(2020, 7, 1), dt.date(1960, 1, 1)]
    here = pl.DataFrame({"seen": late, "born": born}).with_columns(pl.col("seen").dt.convert_time_zone("Europe/London"))
    plain = here.with_columns(pl.col("seen").dt.convert_time_zone("UTC"))
    for frame, days in ((here, [1, 0]), (plain, [0, 0])):
        for same in (frame, frame.to_arrow(), frame.to_pandas()):
            out = gw.score(same, weight_kg=3.5, birth_date="born", measured_on="seen", sex="=m")
            assert column(out, "corrected_age_days") == days
    objects = pd.DataFrame({"seen": pd.Series([late[0], None], dtype=object), "born": [born[0], born[0]]})
    assert column(gw.score(objects, weight_kg=3.5, birth_date="born", measured_on="seen", sex="=m"), "status") == [
        "ok",
        "missing_age",
    ]
    one = pl.DataFrame({"seen": late})
    out = gw.score(
        one, weight_kg=3.5, birth_date=np.datetime64("2020-07-01"), measured_on=pd.Timestamp("2020-07-03"), sex="=m"
    )
    assert column(out, "corrected_age_days") == [2, 2]


def test_text_is_not_read_as_dates() -> None:
    for frame in (pd.DataFrame({"d": ["2020-01-01"]}), pl.DataFrame({"d": ["2020-01-01"]}), pl.DataFrame({"d": [3]})):
        with pytest.raises(gw.GrowthwatchError, match="date"):
            gw.score(frame, weight_kg=3.5, birth_date="d", measured_on="d", sex="=m")
    with pytest.raises(gw.GrowthwatchError, match="date"):
        gw.score(
            pd.DataFrame({"d": pd.Series([3, "a"], dtype=object)}),
            weight_kg=3.5,
            birth_date="d",
            measured_on="d",
            sex="=m",
        )
    with pytest.raises(gw.GrowthwatchError, match="column"):
        gw.score(pl.DataFrame(ROWS), birth_date="2020-01-01", measured_on="2020-02-01")


def test_a_column_of_missing_dates() -> None:
    for frame in (pl.DataFrame({"d": [None]}), pl.DataFrame({"d": [None]}).to_arrow(), pd.DataFrame({"d": [None]})):
        out = gw.score(frame, weight_kg=3.5, birth_date="d", measured_on="d", sex="=m")
        assert column(out, "status") == ["missing_age"]


# --- measures, corrections, positions ------------------------------------------------------------


def test_other_measures() -> None:
    frame = pl.DataFrame({"cm": [65.0, 70.0], "kg": [7.0, 8.0], "age_days": [180, 300], "sex": ["f", "m"]})
    out = gw.score(frame, value="cm", measure="height")
    np.testing.assert_array_equal(out["z"], UK.z([65.0, 70.0], age_days=[180, 300], sex=["f", "m"], measure="height"))
    who = gw.reference("who-2006")
    by_length = gw.score(frame.drop("age_days"), who, weight_kg="kg", length_cm="cm", measure="weight-for-length")
    z = who.z([7.0, 8.0], length_cm=[65.0, 70.0], sex=["f", "m"], measure="weight-for-length")
    np.testing.assert_array_equal(by_length["z"], z)
    assert by_length["corrected_age_days"].null_count() == 2
    lying = frame.with_columns(position=pl.Series(["lying", None]))
    for given in ("position", "=lying"):
        out = gw.score(lying, "who-2006", value="cm", measure="height", position=given)
        np.testing.assert_array_equal(
            out["z"], who.z([65.0, 70.0], age_days=[180, 300], sex=["f", "m"], measure="height", position="lying")
        )
    out = gw.score(lying, "who-2006", value="cm", measure="height", position="=standing")
    assert (out["z"] > gw.score(lying, "who-2006", value="cm", measure="height")["z"]).all()


def test_corrections_and_corrected_ages() -> None:
    frame = pl.DataFrame({"weight_kg": [8.0], "age_days": [500], "sex": ["f"], "g": [200]})
    for correction, age in (("paper", 420), ("lifelong", 420), ("none", 500)):
        out = gw.score(frame, correction=correction, gestation_days="g")
        assert out["corrected_age_days"].to_list() == [age]
        assert out["reference"].to_list() == [gw.reference("uk-who", correction).id]
        assert out["reference_hash"].to_list() == [gw.reference("uk-who", correction).hash]
    out = gw.score(frame, corrected_age_days=-20, weight_kg=2.9)
    assert out["z"].to_list() == [UK.z(2.9, corrected_age_days=-20, sex="f")]
    out = gw.score(frame, gw.reference("uk-who+lifelong"), gestation_days="g", correction="lifelong")
    assert out["reference"].to_list() == ["uk-who+lifelong"]


# --- a reference a row -------------------------------------------------------------------------

MIXED: dict[str, list[Any]] = {
    "weight_kg": [8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 20.0],
    "age_days": [400, 400, 400, 400, 400, 400, 2000],
    "sex": ["f", "m", "f", "m", None, "f", "m"],
    "on": ["uk-who", "who-2006", None, "nope", "uk-who", "uk-who+lifelong", "cp-gmfcs-5-tube"],
    "g": [200, 200, 200, 200, 200, 200, None],
}


@every_maker
def test_a_reference_a_row(make: Callable[..., Any]) -> None:
    frame = make(MIXED)
    out = gw.score(frame, reference_column="on", gestation_days="g")
    words = ["ok", "ok", "missing_reference", "unknown_reference", "missing_sex", "ok", "ok"]
    assert column(out, "status") == words
    assert column(out, "reference") == [n if n not in (None, "nope") else None for n in MIXED["on"]]
    for row, name in enumerate(MIXED["on"]):
        z = column(out, "z")[row]
        if words[row] != "ok":
            assert z is None
            continue
        ref = gw.reference(name)
        g = MIXED["g"][row]
        asked = {"age_days": MIXED["age_days"][row], "sex": MIXED["sex"][row], "gestation_days": g}
        s = ref.score(MIXED["weight_kg"][row], **asked)
        assert z == s.z
        assert column(out, "centile")[row] == s.centile
        assert column(out, "corrected_age_days")[row] == s.corrected_age_days
        assert column(out, "reference_hash")[row] == ref.hash


def test_references_of_ones_own_by_row() -> None:
    frame = pl.DataFrame({**MIXED, "on": ["a", "b", None, "uk-who", "a", "b", " a"]})
    out = gw.score(frame, {"a": gw.reference("who-2006"), "b": "uk-who+none"}, "on", gestation_days="g")
    assert out["reference"].to_list() == ["who-2006", "uk-who+none", None, None, "who-2006", "uk-who+none", "who-2006"]
    assert out["status"].to_list()[3] == "unknown_reference"


def test_references_by_row_from_odd_columns() -> None:
    for on in ([1, 2], [1.5, None], [True, False], [dt.date(2020, 1, 1), None]):
        frame = pl.DataFrame({"on": on, "w": [5.0, 5.0]})
        with pytest.raises(gw.GrowthwatchError, match="reference_column"):
            gw.score(frame, weight_kg="w", age_days=60, sex="=m", reference_column="on")
        out = gw.score(frame, {"none": "uk-who"}, "on", weight_kg="w", age_days=60, sex="=m")
        assert set(out["status"].to_list()) <= {"unknown_reference", "missing_reference"}
    every = [r.id for r in gw.references() if not r.of_increments]
    frame = pl.DataFrame({"on": [*every, *(f"no{i}" for i in range(300))]})
    out = gw.score(frame, weight_kg=20.0, age_days=2000, sex="=m", reference_column="on")
    assert out["reference"].to_list()[len(every) :] == [None] * 300
    assert [s for s in out["status"] if s == "unknown_reference"] == ["unknown_reference"] * 300
    for kind in (pl.Categorical, pl.Enum([*every, *(f"no{i}" for i in range(300))])):
        same = gw.score(
            frame.with_columns(pl.col("on").cast(kind)), weight_kg=20.0, age_days=2000, sex="=m", reference_column="on"
        )
        assert same["z"].equals(out["z"])
        assert same["status"].to_list() == out["status"].to_list()


def test_a_measure_a_row() -> None:
    frame = pd.DataFrame(
        {
            "value": [8.0, 70.0, 45.0, 8.0, 8.0, 20.0, 100.0],
            "what": ["weight", "height", "head", None, "wisdom", "weight", "head"],
            "on": ["uk-who"] * 5 + ["cp-gmfcs-5-oral"] * 2,
            "age_days": [300, 300, 300, 300, 300, 2000, 2000],
            "sex": "f",
        }
    )
    out = gw.score(frame, value="value", measure_column="what", reference_column="on")
    words = ["ok", "ok", "ok", "missing_measure", "measure_not_covered", "ok", "measure_not_covered"]
    assert list(out["status"]) == words
    for row in (0, 1, 2, 5):
        ref = gw.reference(frame["on"][row])
        z = ref.z(frame["value"][row], age_days=frame["age_days"][row], sex="f", measure=frame["what"][row])
        assert out["z"][row] == z
    out = gw.score(frame, value="value", measure_column="what")
    assert list(out["status"])[:5] == words[:5]
    both = pl.DataFrame(
        {"v": [8.0, 8.0], "what": ["weight-for-length", "weight"], "cm": [70.0, None], "on": "who-2006"}
    )
    out = gw.score(
        both, value="v", measure_column="what", reference_column="on", length_cm="cm", age_days=300, sex="=f"
    )
    assert out["status"].to_list() == ["ok", "ok"]
    assert out["corrected_age_days"].to_list() == [None, 300]


def test_many_rows_in_more_than_one_piece() -> None:
    n = 600_000
    rng = np.random.default_rng(3)
    frame = pl.DataFrame({
        "weight_kg": rng.uniform(2, 20, n),
        "age_days": rng.integers(-5, 2000, n),
        "sex": rng.choice(["m", "f"], n),
        "on": rng.choice(["uk-who", "who-2006", "nope"], n),
    })  # fmt: skip
    out = gw.score(frame, reference_column="on")
    for name in ("uk-who", "who-2006"):
        part = out.filter(pl.col("on") == name)
        s = gw.reference(name).score(part["weight_kg"], age_days=part["age_days"], sex=part["sex"])
        np.testing.assert_array_equal(part["z"].fill_null(np.nan), s.z)
        assert part["status"].to_list() == s.status.tolist()


# --- saying so -------------------------------------------------------------------------------


@every_maker
def test_rows_without_a_number_are_counted(make: Callable[..., Any]) -> None:
    frame = make(ROWS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gw.score(frame, gestation_days="gestation_days")
    with pytest.warns(gw.GrowthwatchWarning) as seen:
        out = gw.score(frame, gestation_days="gestation_days", on_invalid="warn")
    assert len(out) == 8
    said = [str(w.message) for w in seen]
    assert said == [
        "weight_kg: 1 of 8 rows missing_value",
        "age_days: 1 of 8 rows missing_age",
        "sex: 1 of 8 rows missing_sex",
        "weight_kg: 1 of 8 rows nonpositive_value",
        "gestation_days: 1 of 8 rows invalid_gestation",
    ]
    assert {w.filename for w in seen} == {__file__}
    with pytest.raises(gw.GrowthwatchError) as e:
        gw.score(frame, gestation_days="gestation_days", on_invalid="error")
    assert str(e.value) == "; ".join(said)
    assert e.value.field == "weight_kg"
    assert e.value.value == {
        "missing_value": 1,
        "missing_age": 1,
        "missing_sex": 1,
        "nonpositive_value": 1,
        "invalid_gestation": 1,
    }


def test_a_far_figure_is_a_number_and_no_reason_to_warn() -> None:
    frame = pl.DataFrame({"weight_kg": [30.0], "age_days": [180], "sex": ["f"]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = gw.score(frame, on_invalid="error")
    assert out["status"].to_list() == ["implausible"]


def test_every_status_says_which_argument_it_is_about() -> None:
    from growthwatch.core.status import Status
    from growthwatch.growth.frames import _ARGUMENTS

    general = {
        Status.NOT_FINITE,
        Status.OUTSIDE_DISTRIBUTION,
        Status.NO_COMMON_TABLE,
        Status.NO_PREVIOUS,
        Status.INTERVAL_NOT_COVERED,
        Status.CONFLICTING_SEX,
        Status.CONFLICTING_GESTATION,
        Status.CONFLICTING_BIRTH_WEIGHT,
        Status.CONFLICTING_BIRTH_DATE,
        Status.MISSING_CHILD,
    }
    assert set(_ARGUMENTS) == {s for s in Status if not s.has_number} - general


def test_status_is_a_closed_vocabulary() -> None:
    assert gw.score(pl.DataFrame(ROWS))["status"].dtype == pl.Enum(list(STATUS_WORDS))
    assert list(gw.score(pd.DataFrame(ROWS))["status"].cat.categories) == list(STATUS_WORDS)
    table = gw.score(pa.table(ROWS))
    assert table["status"].chunk(0).dictionary.to_pylist() == list(STATUS_WORDS)
    assert pd.DataFrame({"a": gw.score(pd.DataFrame(ROWS))["status"] == "ok"})["a"].sum() == 3
    assert len(gw.score(pl.DataFrame(ROWS)).filter(pl.col("status") == "ok")) == 4 - 1


# --- cost ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_memory_beside_the_frame_is_at_most_forty_bytes_a_row(kind: str) -> None:
    import tracemalloc

    n = 500_000
    rng = np.random.default_rng(1)
    columns = {
        "weight_kg": rng.uniform(2, 20, n),
        "age_days": rng.integers(0, 1800, n).astype(np.int32),
        "sex": rng.choice(["male", "female"], n),
        "g": rng.integers(190, 290, n).astype(np.int16),
    }
    frame = MAKERS[kind](columns)  # type: ignore[arg-type]
    gw.score(frame, gestation_days="g")
    tracemalloc.start()
    try:
        kept = gw.score(frame, gestation_days="g")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(kept) == n
    assert peak / n <= 40


def test_no_frame_library_is_imported_that_the_caller_did_not_bring() -> None:
    code = (
        "import sys, polars as pl, growthwatch as gw\n"
        "gw.score(pl.DataFrame({'weight_kg': [5.0], 'age_days': [60], 'sex': ['m']}))\n"
        "assert not {'pandas', 'pyarrow'} & set(sys.modules), sorted({'pandas', 'pyarrow'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_words_stay_words_beside_a_coding() -> None:
    coding = {1: "male", 2: "female"}
    assert sex_codes(["f", "male", "Boy", "lad"], coding).tolist() == [1, 0, 0, 3]
    assert sex_codes("f", coding) == 1 and sex_codes(["f", "m"], {"f": "male"}).tolist() == [0, 3]
    assert sex_codes([9, 9], coding).tolist() == [3, 3]  # unknown, but of the kind that the coding has
    frame = pd.DataFrame({"weight_kg": [5.0, 5.0], "age_days": 60, "sex": ["f", "m"]})
    assert gw.score(frame, sex_coding=coding)["status"].tolist() == ["ok", "ok"]


@pytest.mark.parametrize(
    ("given", "coding"),
    [
        (["1", "2"], {1: "male", 2: "female"}),
        ("1", {1: "male", 2: "female"}),
        ([1, 2], {"1": "male", "2": "female"}),
        ([1.0, np.nan], {"1": "male", "2": "female"}),
        (np.array(["1 ", None], object), {1: "male"}),
        (pd.Series(["1", "2"], dtype="category"), {1: "male", 2: "female"}),
        (pl.Series(["1", "2"]), {1.0: "male", 2.0: "female"}),
    ],
)
def test_a_coding_of_the_other_kind_is_refused(given: Any, coding: Any) -> None:
    with pytest.raises(gw.GrowthwatchError, match=r"sex_coding.*the column has"):
        sex_codes(given, coding)


def test_one_reference_or_a_column_of_them() -> None:
    frame = pd.DataFrame({"weight_kg": [5.0], "age_days": 60, "sex": ["f"], "curve": ["who-2006"], "code": [3]})
    for one in ("uk-who", "who-2006", UK):
        with pytest.raises(gw.GrowthwatchError, match="beside reference_column"):
            gw.score(frame, one, "curve")
    assert gw.score(frame, reference_column="curve")["reference"].tolist() == ["who-2006"]
    with pytest.raises(gw.GrowthwatchError, match="reference_column: got 3, expected ids"):
        gw.score(frame, reference_column="code")
    assert gw.score(frame, {3: "who-2006"}, "code")["reference"].tolist() == ["who-2006"]  # type: ignore[dict-item]
    assert gw.score(frame)["reference"].tolist() == gw.score(frame, "uk-who")["reference"].tolist() == ["uk-who"]


def test_dates_of_arrow_in_milliseconds() -> None:
    born, seen = dt.date(2026, 1, 1), dt.date(2026, 3, 2)
    table = pa.table({"weight_kg": [5.0, 5.0], "born": pa.array([born, None], pa.date64()), "sex": ["f", "f"]})
    for frame in (table, table.to_pandas(types_mapper=pd.ArrowDtype)):
        out = gw.score(frame, birth_date="born", measured_on=seen)
        assert column(out, "status") == ["ok", "missing_age"]
        assert floats(out, "corrected_age_days")[0] == 60
    with pytest.raises(gw.GrowthwatchError, match=r"datetime\.date"):
        gw.score(table, birth_date="born", measured_on="=2026-09-01")
