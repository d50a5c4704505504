"""Columns of anything at all: the documented error or the right number, never anything else."""

from __future__ import annotations

import datetime as dt
import math
import warnings
from decimal import Decimal
from typing import Any

import hypothesis.extra.numpy as hnp
import independent
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import growthwatch as gw
from growthwatch.core.status import STATUS_WORDS
from growthwatch.references.scoring import BLOCK

# hypothesis itself warns while it makes figures of some kinds; what is tested turns warnings on again (`asked`)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

CODING = {1: "male", 2: "female"}
NUMBERED = {"ok", "advisory", "implausible"}
MANY = settings(max_examples=170, deadline=None, suppress_health_check=list(HealthCheck))

KINDS = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?"),
    hnp.complex_number_dtypes(endianness="?"),
    hnp.datetime64_dtypes(endianness="?"),
    hnp.timedelta64_dtypes(endianness="?"),
    hnp.byte_string_dtypes(endianness="?", max_len=8),
    hnp.unicode_string_dtypes(endianness="?", max_len=8),
    hnp.array_dtypes(max_size=2),
)
SHAPES = st.one_of(st.just(()), st.just((5,)), hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5))
OBJECTS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=6),
    st.binary(max_size=4),
    st.decimals(),
    st.fractions(),
    st.dates(),
    st.datetimes(),
    st.lists(st.integers(), max_size=2),
    st.tuples(st.text(max_size=2)),
    st.sampled_from(["male", "F", "m", "female", "lying", np.nan, np.datetime64("NaT"), np.ma.masked, object, len]),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
)


@st.composite
def objects(draw: st.DrawFn) -> np.ndarray:
    values = draw(st.lists(OBJECTS, max_size=6))
    out = np.empty(len(values), object)
    for i, v in enumerate(values):
        out[i] = v
    return out


@st.composite
def dressed(draw: st.DrawFn, inner: Any) -> Any:
    """The same figures otherwise laid out: read-only, with gaps, backwards, masked."""
    array = draw(inner)
    if not isinstance(array, np.ndarray):
        return array
    how = draw(st.sampled_from(["as it is", "read-only", "gaps", "backwards", "masked", "Fortran", "swapped"]))
    if how == "read-only":
        array.flags.writeable = False
    elif how == "gaps" and array.ndim:
        wide = np.zeros((array.shape[0] * 2, *array.shape[1:]), array.dtype)
        wide[::2] = array
        array = wide[::2]
    elif how == "backwards" and array.ndim:
        array = array[::-1]
    elif how == "masked":
        mask = draw(hnp.arrays(np.bool_, array.shape))
        with warnings.catch_warnings():  # numpy's own fill value does not fit into half a float
            warnings.simplefilter("ignore", RuntimeWarning)
            array = np.ma.MaskedArray(array, mask=mask)
    elif how == "Fortran":
        array = np.asfortranarray(array)
    elif how == "swapped" and array.dtype.kind in "iufc":
        array = array.astype(array.dtype.newbyteorder())
    return array


ANYTHING = dressed(st.one_of(KINDS.flatmap(lambda d: hnp.arrays(d, SHAPES)), objects(), OBJECTS))


def kept(value: Any) -> Any:
    """A copy to compare with, or the value itself."""
    if isinstance(value, np.ma.MaskedArray):
        return value.data.tobytes(), np.ma.getmaskarray(value).tobytes()
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        return value.tobytes(), value.flags.writeable
    return [id(v) for v in value.ravel()] if isinstance(value, np.ndarray) else repr(value)


def asked(ref: gw.Reference, **arguments: Any) -> gw.Score | None:
    """Score with every warning an error; None where the arguments were refused."""
    before = {k: kept(v) for k, v in arguments.items()}
    given_ = dict(arguments)
    value = given_.pop("value")
    with warnings.catch_warnings(), np.errstate(over="warn", invalid="warn", divide="warn"):
        warnings.simplefilter("error")
        try:
            out = ref.score(value, **given_)
        except gw.GrowthwatchError as e:
            assert e.field
            out = None
        if out is not None:
            np.testing.assert_array_equal(ref.z(value, **given_), out.z)
    assert {k: kept(v) for k, v in arguments.items()} == before
    return out


def whole(s: gw.Score) -> None:
    """A score is consistent: a number where its status says so, and nowhere else."""
    z, centile, word = np.asarray(s.z), np.asarray(s.centile), np.asarray(s.status)
    assert z.shape == centile.shape == word.shape
    assert z.dtype == centile.dtype == np.float64
    assert set(word.ravel().tolist()) <= set(STATUS_WORDS)
    has = np.isin(word, list(NUMBERED))
    assert (np.isfinite(z) == has).all()
    assert (np.isfinite(centile) == has).all()
    assert ((centile[has] >= 0) & (centile[has] <= 100)).all()
    if s.corrected_age_days is not None:
        assert np.shape(s.corrected_age_days) == z.shape


@MANY
@given(value=ANYTHING, which=st.sampled_from(["uk-who", "who-2006", "cp-gmfcs-5-tube"]))
def test_any_column_as_the_measurement(value: Any, which: str) -> None:
    s = asked(gw.reference(which), value=value, age_days=900, sex="f")
    if s is not None:
        whole(s)


@MANY
@given(age=ANYTHING, which=st.sampled_from(["uk-who", "who-2006", "cp-gmfcs-5-tube"]))
def test_any_column_as_the_age(age: Any, which: str) -> None:
    s = asked(gw.reference(which), value=9.0, age_days=age, sex="m", gestation_days=200)
    if s is not None:
        whole(s)


@MANY
@given(sex=ANYTHING, coding=st.sampled_from([None, CODING, {"F": "male", 0: "female"}]))
@example(sex=np.array([True, 1], object), coding=CODING)
@example(sex=np.ma.masked_array(1.0, mask=np.True_), coding=CODING)
def test_any_column_as_the_sex(sex: Any, coding: Any) -> None:
    s = asked(gw.reference("uk-who"), value=9.0, age_days=300, sex=sex, sex_coding=coding)
    if s is None:
        return
    whole(s)
    # every row by itself says the same
    flat: Any = np.asarray(sex, object).ravel()
    if isinstance(sex, np.ma.MaskedArray):  # numpy cannot flatten one without dimensions whose mask is a single bool
        flat = np.ma.masked_array(np.asarray(sex.data).ravel(), np.ma.getmaskarray(sex).ravel())
    if isinstance(sex, np.ndarray):
        for one, word in zip(flat, np.asarray(s.status).ravel(), strict=True):
            if one is np.ma.masked:
                assert word == "missing_sex"
            elif isinstance(one, str):
                code = {"m": "ok", "male": "ok", "f": "ok", "female": "ok", "": "missing_sex"}
                if coding is None:
                    assert word == code.get(one.strip().lower(), "unknown_sex")


@MANY
@given(gestation=ANYTHING, ref=st.sampled_from(["uk-who", "uk-who+lifelong", "who-2006+none"]))
def test_any_column_as_the_gestation(gestation: Any, ref: str) -> None:
    s = asked(gw.reference(ref), value=9.0, age_days=300, sex="m", gestation_days=gestation)
    if s is not None:
        whole(s)


@MANY
@given(length=ANYTHING, position=st.one_of(st.none(), st.sampled_from(["lying", "standing"]), ANYTHING))
def test_any_column_as_the_length_and_position(length: Any, position: Any) -> None:
    ref = gw.reference("who-2006")
    s = asked(ref, value=9.0, length_cm=length, sex="m", measure="weight-for-length", position=position)
    if s is not None:
        whole(s)
    s = asked(ref, value=length, age_days=[720, 740], sex="m", measure="height", position=position)
    if s is not None:
        whole(s)


@MANY
@given(value=ANYTHING, age=ANYTHING, sex=ANYTHING, gestation=ANYTHING)
def test_any_columns_together(value: Any, age: Any, sex: Any, gestation: Any) -> None:
    s = asked(gw.reference("uk-who"), value=value, age_days=age, sex=sex, gestation_days=gestation, sex_coding=CODING)
    if s is not None:
        whole(s)


# --- no wrong number -----------------------------------------------------------------------------

ODD = [math.nan, math.inf, -math.inf, 0.0, -0.0, -1.0, 1e-300, 1e300, 5e-324, 1.7976931348623157e308]
VALUES = st.one_of(st.floats(0.3, 120), st.sampled_from(ODD), st.floats())
AGES = st.one_of(
    st.integers(-200, 8000).map(float),
    st.floats(-200, 8000),
    st.sampled_from([*ODD, 14.0, 13.999999, 1461.0, 1460.9999, 730.5, 7305.0, 7305.5, 1856.4, 1856.5, 1857.0]),
)
SEXES = st.sampled_from(["male", "female", "m", "F", "", "x", None])
GESTATIONS = st.one_of(st.none(), st.integers(150, 320).map(float), st.sampled_from([154.0, 314.0, math.nan, math.inf]))


def expected(which: str, value: float, age: float, sex: Any, gestation: float | None) -> tuple[str, float]:
    """Status and z of one row, from the definitions: no numpy, no growthwatch."""
    nan = math.nan
    if math.isnan(value):
        return "missing_value", nan
    if math.isnan(age):
        return "missing_age", nan
    if sex is None or sex == "":
        return "missing_sex", nan
    full = {"m": "male", "f": "female", "male": "male", "female": "female"}.get(sex.lower())
    if full is None:
        return "unknown_sex", nan
    if gestation is not None and math.isnan(gestation):
        gestation = None
    if math.isinf(value) or math.isinf(age):
        return "not_finite", nan
    if value <= 0:
        return "nonpositive_value", nan
    if gestation is not None and not 154 <= gestation <= 314:
        return "invalid_gestation", nan
    if age < 0:
        return "before_birth", nan
    x = independent.corrected(age, gestation, "paper")
    knots = independent.tables(which, "weight")
    least = min(k[0][0] for (_, s), k in knots.items() if s == full)
    most = max(k[-1][0] for (_, s), k in knots.items() if s == full)
    at = math.floor(x + 0.5) if which == "who-2006" else x
    if at < least:
        return "age_below_reference", nan
    if at > most:
        return "age_above_reference", nan
    try:
        z = independent.z(which, "weight", full, x, value)
    except (OverflowError, ZeroDivisionError):
        return "outside_distribution", nan
    if math.isinf(z):
        return "outside_distribution", nan
    return ("ok" if abs(z) <= 4 else "advisory" if abs(z) <= 8 else "implausible"), z


Row = tuple[float, float, Any, float | None]


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(VALUES, AGES, SEXES, GESTATIONS), min_size=1, max_size=12),
    which=st.sampled_from(["uk-who", "who-2006"]),
    copies=st.sampled_from([1, 1, 1, 3]),
)
def test_every_row_has_the_number_of_the_definitions(rows: list[Row], which: str, copies: int) -> None:
    rows = rows * copies
    value = np.array([r[0] for r in rows])
    age = np.array([r[1] for r in rows])
    sex = np.array([r[2] for r in rows], object)
    gestation = np.array([math.nan if r[3] is None else r[3] for r in rows])
    s = asked(gw.reference(which), value=value, age_days=age, sex=sex, gestation_days=gestation)
    assert s is not None
    whole(s)
    for k, row in enumerate(rows):
        word, z = expected(which, *row)
        got = s.z[k]
        if 0 < row[0] < 1e-290:  # too small for a float to hold with all its digits
            continue
        if math.isfinite(z) and abs(z) < 1e12:
            assert got == pytest.approx(z, rel=1e-7, abs=2e-7), row
            near = min(abs(abs(z) - 4), abs(abs(z) - 8)) < 1e-5
            assert near or s.status[k] == word, row
        elif not math.isfinite(z) and word != "outside_distribution":
            assert math.isnan(got), row
            assert s.status[k] == word, row


def test_a_bad_row_changes_no_other_row_wherever_it_lies() -> None:
    rng = np.random.default_rng(5)
    n = 3 * BLOCK + 17
    value, age = rng.uniform(2, 20, n), rng.integers(0, 1800, n).astype(float)
    sex = rng.choice(["m", "f"], n).astype(object)
    gestation = rng.choice([200.0, 250.0, 280.0], n)
    for which in ("uk-who", "who-2006", "trisomy-21-uk-2002"):
        ref = gw.reference(which)
        plain = ref.score(value, age_days=age, sex=sex, gestation_days=gestation)
        for share in (0.0001, 0.3, 0.9):
            bad = rng.random(n) < share
            kind = rng.integers(0, 5, n)
            v, a, s, g = value.copy(), age.copy(), sex.copy(), gestation.copy()
            v[bad & (kind == 0)] = rng.choice(ODD[:5])
            a[bad & (kind == 1)] = rng.choice([math.nan, math.inf, -3.0, 1e9])
            s[bad & (kind == 2)] = rng.choice(np.array([None, "x", ""], object))
            g[bad & (kind == 3)] = 3.0
            v[bad & (kind == 4)] = math.nan
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                out = ref.score(v, age_days=a, sex=s, gestation_days=g)
            np.testing.assert_array_equal(out.z[~bad], plain.z[~bad])
            np.testing.assert_array_equal(out.centile[~bad], plain.centile[~bad])
            np.testing.assert_array_equal(out.status[~bad], plain.status[~bad])
            np.testing.assert_array_equal(out.corrected_age_days[~bad], plain.corrected_age_days[~bad])
            assert np.isnan(out.z[bad]).all()
            assert not (out.status[bad] == "ok").any()


def test_rows_in_a_column_and_alone_are_the_same() -> None:
    rng = np.random.default_rng(8)
    n = 400
    value = rng.choice([3.0, 7.5, 12.0, math.nan, 0.0, 1e5], n)
    age = rng.choice([0.0, 13.9, 14.0, 200.0, 400.5, 1460.9, 1461.0, -1.0, math.nan, 9e9], n)
    gestation = rng.choice([160.0, 200.0, 230.0, 258.0, 259.0, 280.0, 3.0, math.nan], n)
    sex = rng.choice(np.array(["m", "f", "x", ""]), n)
    for which in ("uk-who", "uk-who+lifelong", "who-2006", "cp-gmfcs-5-oral"):
        ref = gw.reference(which)
        column = ref.score(value, age_days=age, sex=sex, gestation_days=gestation)
        for k in range(n):
            one = ref.score(
                float(value[k]), age_days=float(age[k]), sex=str(sex[k]), gestation_days=float(gestation[k])
            )
            np.testing.assert_array_equal(one.z, column.z[k])
            np.testing.assert_array_equal(one.centile, column.centile[k])
            assert one.status == column.status[k]
            np.testing.assert_array_equal(one.corrected_age_days, column.corrected_age_days[k])


@pytest.mark.parametrize(
    "kind", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", ">i4", ">f8", "<u2"]
)
def test_whole_ages_of_every_kind_give_the_same(kind: str) -> None:
    ages = np.array([0, 1, 13, 14, 60, 100, 127])
    gestations = np.array([90, 100, 110, 120, 127, 60, 0])
    for which in ("uk-who", "who-2006", "trisomy-21-uk-2002", "cp-gmfcs-5-tube"):
        ref = gw.reference(which)
        want = ref.score(4.0, age_days=ages.astype(float), sex="f")
        got = ref.score(4.0, age_days=ages.astype(kind), sex="f")
        np.testing.assert_array_equal(got.z, want.z)
        assert got.status.tolist() == want.status.tolist()
        wide = gestations + 130
        if np.dtype(kind).itemsize > 1:
            want = ref.score(4.0, age_days=ages.astype(float), sex="f", gestation_days=wide)
            got = ref.score(4.0, age_days=ages.astype(kind), sex="f", gestation_days=wide.astype(kind))
            np.testing.assert_array_equal(got.z, want.z)
            np.testing.assert_array_equal(got.corrected_age_days, want.corrected_age_days)


def test_lengths_that_do_not_fit_are_refused() -> None:
    ref = gw.reference("uk-who")
    for value, age in (([1.0] * 3, [1] * 2), (np.ones((2, 3)), [1, 2]), ([], [1, 2])):
        with pytest.raises(gw.GrowthwatchError) as e:
            ref.score(value, age_days=age, sex="f")
        assert e.value.field == "shapes"
    with pytest.raises(TypeError):
        ref.score(5.0, age_days=3, sex="f", colour="red")  # type: ignore[call-arg]


# --- frames ------------------------------------------------------------------------------------


def frame_of(library: str, columns: dict[str, Any]) -> Any:
    """A frame, or None where the library has no such column."""
    module = pytest.importorskip(library)
    try:
        return module.table(columns) if library == "pyarrow" else module.DataFrame(columns)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # what the library itself refuses is not asked of us; polars panics outside Exception
        return None


EARLY, LATE = dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)  # noqa: DTZ001

CELLS = st.one_of(
    st.lists(st.one_of(st.none(), st.floats()), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.text(max_size=4), st.sampled_from(["m", "F"])), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.booleans()), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.dates()), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.datetimes(EARLY, LATE)), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.decimals(-1000, 1000, places=2)), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.binary(max_size=3)), min_size=4, max_size=4),
    st.lists(OBJECTS, min_size=4, max_size=4),
    hnp.arrays(KINDS, (4,)),
)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    library=st.sampled_from(["pandas", "polars", "pyarrow"]),
    cells=CELLS,
    role=st.sampled_from(
        ["weight_kg", "age_days", "sex", "gestation_days", "birth_date", "measured_on", "reference_column", "value"]
    ),
    coding=st.sampled_from([None, CODING]),
)
@example(library="pandas", cells=[None, None, None, Decimal("sNaN")], role="weight_kg", coding=None)
@example(library="pandas", cells=[None, None, "", []], role="weight_kg", coding=None)
def test_any_column_of_a_frame(library: str, cells: Any, role: str, coding: Any) -> None:
    frame = frame_of(library, {"odd": cells})
    if frame is None:
        return
    arguments: dict[str, Any] = {"weight_kg": 9.0, "age_days": 300, "sex": "=f"}
    if role in ("birth_date", "measured_on"):
        del arguments["age_days"]
        arguments |= {"birth_date": dt.date(2020, 1, 1), "measured_on": dt.date(2020, 12, 1)}
    if role == "value":
        del arguments["weight_kg"]
    arguments[role] = "odd"
    with warnings.catch_warnings(), np.errstate(over="warn", invalid="warn", divide="warn"):
        warnings.simplefilter("error")
        try:
            out = gw.score(frame, sex_coding=coding, **arguments)
        except gw.GrowthwatchError:
            return
    assert len(out) == 4
    words = out["status"].to_pylist() if library == "pyarrow" else list(out["status"])
    z = out["z"].to_pylist() if library == "pyarrow" else list(out["z"])
    for word, number in zip(words, z, strict=True):
        assert (word in NUMBERED) == (number is not None and math.isfinite(number))


def test_masked_records_are_refused_as_any_records_are() -> None:
    kind = [("a", "?"), ("b", "f8")]
    for records in (np.zeros(2, kind), np.ma.MaskedArray(np.zeros(2, kind), mask=[(True, False), (False, False)])):
        for name in ("value", "age_days", "sex", "gestation_days"):
            arguments: dict[str, Any] = {"value": 5.0, "age_days": 60, "sex": "f", name: records}
            assert asked(gw.reference("uk-who"), **arguments) is None
    none = np.ma.MaskedArray(np.zeros(0, kind))
    s = asked(gw.reference("uk-who"), value=5.0, age_days=none, sex="f")
    assert s is not None
    assert s.z.shape == (0,)
