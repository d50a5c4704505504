"""gw.trajectories and gw.evidence on frames: the same figures as on columns, one word a row, one row a child."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import growthwatch as gw
from growthwatch.growth.faltering import KINDS, NOTHING, faltering, latest_rows
from growthwatch.growth.published import judge_rules
from growthwatch.growth.rules import packaged_rules

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

# a falls a birth centile range and then loses 10 %; b grows along its line; c has one weight; d has no sex.
ROWS: dict[str, list[Any]] = {
    "child": ["b", "a", "a", "a", "a", "a", "b", "b", "b", "c", "d", "d"],
    "weight_kg": [3.3, 3.4, 5.6, 6.6, 6.7, 5.9, 5.8, 7.2, 8.1, 4.0, 3.2, 5.0],
    "age_days": [0, 0, 91, 182, 273, 280, 91, 182, 273, 30, 0, 60],
    "sex": ["f", "f", "f", "f", "f", "f", "f", "f", "f", "f", None, None],
}
MAKERS: dict[str, Callable[[dict[str, list[Any]]], Any]] = {
    "pandas": lambda d: pd.DataFrame(d),
    "pandas arrow": lambda d: pd.DataFrame(d).convert_dtypes(dtype_backend="pyarrow"),
    "polars": lambda d: pl.DataFrame(d),
    "pyarrow": lambda d: pa.table(d),
    "pyarrow chunks": lambda d: pa.concat_tables([pa.table(d).slice(0, 3), pa.table(d).slice(3)]),
}
every_maker = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


def column(frame: Any, name: str) -> list[Any]:
    values = frame[name].to_pylist() if isinstance(frame, pa.Table) else list(frame[name])
    return [None if v is None or v is pd.NA or v != v else v for v in values]


def names(frame: Any) -> list[str]:
    return list(frame.column_names) if isinstance(frame, pa.Table) else list(frame.columns)


def floats(frame: Any, name: str) -> np.ndarray:
    return np.array([np.nan if v is None else v for v in column(frame, name)], float)


def of_columns(rows: dict[str, list[Any]] = ROWS, **other: Any) -> Any:
    return gw.trajectories(
        rows["weight_kg"], age_days=rows["age_days"], sex=rows["sex"], child=rows["child"], **other
    )  # fmt: skip


# --- the same figures as columns ------------------------------------------------------------------


@every_maker
def test_a_frame_gets_what_columns_get(make: Callable[..., Any]) -> None:
    frame = make(ROWS)
    out = gw.trajectories(frame)
    assert type(out) is type(frame)
    assert names(frame) == [*ROWS], "the frame given is as it was"
    assert names(out)[: len(ROWS)] == [*ROWS]
    assert names(out)[len(ROWS) :] == [
        "z", "centile", "status", "faltering", "latest", "since_best_z", "since_best_from_days", "evidence",
        "reference", "reference_hash",
    ]  # fmt: skip
    found = of_columns()
    np.testing.assert_array_equal(floats(out, "z"), found.z)
    np.testing.assert_array_equal(floats(out, "evidence"), found.evidence.ratio)
    assert column(out, "faltering") == found.faltering.text.tolist()
    assert column(out, "status") == found.status.tolist()
    assert set(column(out, "reference")) == {"uk-who"}
    best = found.since_best()
    latest = np.flatnonzero(column(out, "latest"))
    assert [ROWS["child"][k] for k in latest] == ["a", "b", "c", "d"]
    np.testing.assert_array_equal(floats(out, "since_best_z")[latest], best.z)
    np.testing.assert_array_equal(floats(out, "since_best_from_days")[latest], best.since_days)
    rest = np.delete(np.arange(12), latest)
    assert np.isnan(floats(out, "since_best_z")[rest]).all(), "an earlier row knows nothing of a later weight"


@every_maker
def test_every_column_can_be_asked_for_by_name(make: Callable[..., Any]) -> None:
    out = gw.trajectories(make(ROWS), columns={"conditional_gain_z": "gain", "nice_fall_birth": "fell"}, prefix="t_")
    assert names(out) == [*ROWS, "t_gain", "t_fell"]
    found = of_columns()
    np.testing.assert_array_equal(floats(out, "t_gain"), found.gain.z)
    assert column(out, "t_fell") == found.rules["nice-fall-birth"].met.tolist()


@every_maker
def test_evidence_of_a_frame(make: Callable[..., Any]) -> None:
    out = gw.evidence(make(ROWS))
    assert names(out)[len(ROWS) :] == [
        "evidence", "evidence_fit", "status", "faltering", "latest", "reference", "reference_hash"
    ]  # fmt: skip
    alone = gw.evidence(ROWS["weight_kg"], age_days=ROWS["age_days"], sex=ROWS["sex"], child=ROWS["child"])
    np.testing.assert_array_equal(floats(out, "evidence"), alone)
    said = column(out, "faltering")
    assert said[-1] == "cannot tell: missing sex"
    assert said[9] == "cannot tell: no previous"


def test_named_columns_dates_codings_and_constants() -> None:
    born = dt.date(2026, 1, 1)
    frame = pl.DataFrame(
        {
            "nhs": [7, 7, 8],
            "kg": [3.4, 5.6, 4.0],
            "born": [born] * 3,
            "on": [born, dt.date(2026, 4, 2), dt.date(2026, 2, 1)],
            "code": [2, 2, 1],
        }
    )
    out = gw.trajectories(
        frame, child="nhs", weight_kg="kg", birth_date="born", measured_on="on", sex="code", sex_coding={1: "m", 2: "f"},
        gestation_days=280,
    )  # fmt: skip
    same = gw.trajectories(
        [3.4, 5.6, 4.0], age_days=[0, 91, 31], sex=["f", "f", "m"], child=[7, 7, 8], gestation_days=280, birth_date=born
    )
    np.testing.assert_array_equal(out["z"], same.z)
    assert out["faltering"].to_list() == same.faltering.text.tolist()
    one = gw.trajectories(frame, child=1, weight_kg="kg", birth_date=born, age_days=40, sex="=female")
    assert one["latest"].to_list() == [False, False, True]


# --- what is said -----------------------------------------------------------------------------------


def test_the_gravest_reason_is_said_and_none_where_it_cannot_be_judged() -> None:
    said = dict(zip(zip(ROWS["child"], ROWS["age_days"], strict=True), of_columns().faltering.text, strict=True))
    assert said["a", 0] == "cannot tell: no previous"
    # 6.7 kg at 9 months is more than two spaces below a birth on the 50th: the national threshold, NICE NG75.
    assert said["a", 273] == "concern: fall from the birth centile"
    # 5.9 kg is 11.9 % below the best, 6.7 kg: a danger from 5 % on.
    assert said["a", 280] in (
        "danger: loss from the best weight, 10 %",
        "danger, confirm now: loss from the best weight, 10 %",
    )
    assert said["b", 273] == NOTHING
    assert said["c", 30] == "cannot tell: no previous", "one weight on its line is no sign of health"
    assert said["d", 60] == "cannot tell: missing sex"


def test_a_weight_that_settles_nothing_takes_no_concern_back() -> None:
    rows = {
        "weight_kg": [3.4, 5.6, 6.6, 6.7, None, 6.8, 3.4, 5.6, None],
        "age_days": [0, 91, 182, 273, 300, 301, 0, 91, 120],
        "sex": ["f"] * 9,
        "child": ["a"] * 6 + ["b"] * 3,
    }
    found = of_columns(rows, counts=[True] * 5 + [False] + [True] * 3)
    assert found.faltering.text[3:].tolist() == [
        "concern: fall from the birth centile",
        "cannot tell: missing value (before: concern)",
        "cannot tell: does not count (before: concern)",
        "cannot tell: no previous",
        NOTHING,
        "cannot tell: missing value",
    ]
    assert np.flatnonzero(found.latest).tolist() == [5, 8]


def test_a_doubted_weight_is_weighed_again_and_shows_a_danger_at_once() -> None:
    kg, age = [3.4, 5.4, 6.4, 7.2, 7.8, 78.0], [0, 60, 100, 150, 200, 230]
    assert gw.trajectories(kg, age_days=age, sex="f").faltering.text[-1] == "in doubt, weigh again"
    kg[-1] = 0.78
    low = gw.trajectories(kg, age_days=age, sex="f")
    assert low.doubted[-1]
    assert low.faltering.text[-1].startswith("danger, confirm now: ")


def test_amber_comes_sooner_with_high_need_in_any_row_of_the_child() -> None:
    rng = np.random.default_rng(4)
    age = np.arange(30.0, 760.0, 14.0)
    z = np.where(age > 270, -0.2 * (age - 270) / 30.4, 0.0) + rng.normal(0, 0.05, age.size)
    kg = np.array(
        [gw.reference("uk-who").value(float(x), age_days=float(a), sex="m") for x, a in zip(z, age, strict=True)]
    )
    ratio = gw.trajectories(kg, age_days=age, sex="m").evidence.ratio
    between = np.flatnonzero((ratio >= 3) & (ratio < 5))
    assert between.size, "the sample has a weighing between the two thresholds"
    plain = gw.evidence(pd.DataFrame({"weight_kg": kg, "age_days": age, "sex": "m", "child": 1}))
    need = np.zeros(age.size, bool)
    need[0] = True
    high = gw.evidence(
        pd.DataFrame({"weight_kg": kg, "age_days": age, "sex": "m", "child": 1, "h": need}), high_need="h"
    )
    k = int(between[0])
    assert plain["faltering"][k] == NOTHING
    assert high["faltering"][k] == "watch: evidence of slowing is amber"
    red = np.flatnonzero(ratio >= 20)
    assert red.size and (plain["faltering"][red] == "concern: evidence of slowing is red").all()


def test_before_two_weeks_the_evidence_tells_nothing() -> None:
    frame = pd.DataFrame({"weight_kg": [3.4, 3.3], "age_days": [0, 8], "sex": "f", "child": 1})
    assert gw.evidence(frame)["faltering"].tolist() == [
        "cannot tell: no previous",
        "cannot tell: before 14 days of age",
    ]
    # The loss of a newborn is judged by a rule, so the trajectory can tell.
    assert gw.trajectories(frame)["faltering"].tolist()[1] == NOTHING
    beyond = gw.evidence(pd.DataFrame({"weight_kg": [18.0, 19.0], "age_days": [1900, 1950], "sex": "f", "child": 1}))
    assert beyond["faltering"].tolist() == ["cannot tell: no previous", "cannot tell: age above reference"]


def test_the_words_are_a_closed_list_gravest_first_whatever_the_weights() -> None:
    found = of_columns().faltering
    words = found.words
    assert len(set(words)) == len(words)
    kinds = [w.split(":")[0].split(",")[0].split(" (")[0] for w in words]
    order = [*KINDS, "in doubt", "cannot tell", NOTHING]
    places = [order.index(k) for k in kinds]
    asking = [p for p in places if p < len(KINDS)]
    assert asking == sorted(asking) and words[-1] == NOTHING
    assert max(map(len, words)) <= 72
    assert not [w for w in words if "healthy" in w or "no concern" in w or "failure" in w]
    assert pl.DataFrame(ROWS).pipe(gw.trajectories)["faltering"].dtype == pl.Enum(list(words))
    assert gw.trajectories(pd.DataFrame(ROWS).iloc[:1])["faltering"].cat.categories.tolist() == list(words)
    assert of_columns({k: v[:1] for k, v in ROWS.items()}).faltering.words == words


def test_rules_of_ones_own_are_said_by_their_own_tag() -> None:
    line = next(r for r in packaged_rules() if r.id == "nice-fall-birth")
    mine = line.model_copy(update={"id": "mine", "name": "Our own rule", "tag": "N"})
    found = of_columns(rules=[mine])
    assert "concern: our own rule" in found.faltering.words
    assert found.faltering.text[4] == "concern: our own rule"


def test_one_row_a_child_is_the_latest_even_where_it_cannot_be_judged() -> None:
    age = np.array([10.0, np.nan, 20.0, 20.0, np.nan, np.nan])
    assert latest_rows(age, np.array([0, 0, 0, 1, 2, 2])).tolist() == [False, False, True, True, False, True]
    assert latest_rows(np.array([5.0, 5.0]), np.array([0, 0])).tolist() == [False, True]
    assert latest_rows(np.array([]), np.array([], int)).size == 0


def test_level_free_is_of_the_child_and_reaches_the_number_to_sort_by() -> None:
    frame = pd.DataFrame(ROWS).assign(cp=[c == "a" for c in ROWS["child"]])
    out = gw.trajectories(frame, level_free="cp")
    row = out["latest"] & (out["child"] == "a")
    want = of_columns().since_best(level_free=[True, False, False, False]).z[0]
    assert out.loc[row, "since_best_z"].tolist() == [want] != gw.trajectories(frame).loc[row, "since_best_z"].tolist()


# --- the same whatever else is in the frame -----------------------------------------------------------


def test_no_child_depends_on_another_and_order_changes_nothing() -> None:
    frame = pd.DataFrame(ROWS)
    whole = gw.trajectories(frame)
    shuffled = gw.trajectories(frame.sample(frac=1, random_state=1)).sort_index()
    for name in ("faltering", "latest", "since_best_z", "z"):
        pd.testing.assert_series_equal(whole[name], shuffled[name])
    for who, part in frame.groupby("child"):
        alone = gw.trajectories(part)
        assert alone["faltering"].tolist() == whole.loc[part.index, "faltering"].tolist(), who


def test_a_row_is_as_known_on_its_day_but_for_the_doubts_of_later() -> None:
    frame = pd.DataFrame(ROWS)
    a = frame[frame["child"] == "a"]
    whole = gw.trajectories(a)["faltering"].tolist()
    assert [gw.trajectories(a.iloc[:n])["faltering"].iloc[-1] for n in range(1, 6)] == whole


@every_maker
def test_an_empty_frame(make: Callable[..., Any]) -> None:
    empty = make({"child": ["x"], "weight_kg": [3.0], "age_days": [3.0], "sex": ["f"]})
    empty = empty.slice(0, 0) if isinstance(empty, pa.Table) else empty[:0]
    for call in (gw.trajectories, gw.evidence):
        out = call(empty)
        assert len(out) == 0 and "faltering" in names(out)


def test_many_children_in_columns() -> None:
    n, m = 2000, 12
    rng = np.random.default_rng(5)
    age = np.tile(np.linspace(20, 500, m), n)
    frame = pl.DataFrame(
        {
            "child": [f"{k:05d}" for k in range(n) for _ in range(m)],
            "age_days": age,
            "weight_kg": rng.normal(1.0, 0.02, n * m) * (3.5 + age**0.62 / 7),
            "sex": rng.choice(["m", "f"], n).repeat(m),
        }
    )
    out = gw.trajectories(frame)
    assert out["latest"].sum() == n
    assert out.filter(pl.col("latest"))["since_best_z"].null_count() == 0
    assert set(out["faltering"].cast(pl.String).str.split(":").list.first().unique()) <= {
        "danger", "danger, confirm now", "concern", "watch", "in doubt, weigh again", "cannot tell", NOTHING,
        *("in doubt, weigh again (before" for _ in KINDS),
    }  # fmt: skip


# --- wrong arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({"child": "who"}, "child"),
        ({"weight_kg": "kg"}, "weight_kg"),
        ({"sex": None, "age_days": "days"}, "age_days"),
        ({"counts": "sex"}, "counts"),
        ({"clothed": "nowhere"}, "clothed"),
        ({"high_need": 1}, "high_need"),
        ({"level_free": None}, "level_free"),
        ({"measured_on": "age_days"}, "birth_date"),
        ({"columns": ["wisdom"]}, "columns"),
        ({"columns": {"z": "child"}}, "columns"),
        ({"not_numbers": "guess"}, "not_numbers"),
        ({"reference": "no-such"}, "reference"),
        ({"rules": "nice"}, "rules"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(named: dict[str, Any], field: str) -> None:
    with pytest.raises(gw.GrowthwatchError) as caught:
        gw.trajectories(pd.DataFrame(ROWS), **named)
    assert str(caught.value.field).split(",")[0] == field


@pytest.mark.parametrize(
    "ids",
    [
        pd.Series(["a", None, "b"]),
        pd.Series([1.0, np.nan, 2.0]),
        pd.Series([1, None, 2], dtype="Int64"),
        pl.Series([1.0, float("nan"), 2.0]),
        pl.Series(["a", None, "b"]),
        pa.chunked_array([["a", None, "b"]]),
        pa.chunked_array([[1.0, float("nan"), 2.0]]),
    ],
    ids=lambda s: f"{type(s).__module__.split('.')[0]} {getattr(s, 'dtype', getattr(s, 'type', ''))}",
)
def test_rows_without_an_id_are_counted(ids: Any) -> None:
    rest = {"weight_kg": [3.0, 4.0, 5.0], "age_days": [3, 40, 60], "sex": ["f", "f", "f"]}
    if isinstance(ids, pd.Series):
        frame: Any = pd.DataFrame({"child": ids, **rest})
    elif isinstance(ids, pl.Series):
        frame = pl.DataFrame({"child": ids, **rest})
    else:
        frame = pa.table({"child": ids, **rest})
    with pytest.raises(gw.GrowthwatchError, match=r"child.*1 of 3 have none, the first is row 1"):
        gw.trajectories(frame)


def test_plain_columns_take_no_argument_of_frames_and_weights_are_said_once() -> None:
    plain: dict[str, Any] = {"age_days": [10, 40], "sex": "f"}
    for named in ({"prefix": "x"}, {"columns": ["z"]}, {"measured_on": "on"}):
        with pytest.raises(gw.GrowthwatchError, match="data frames"):
            gw.trajectories([3.0, 4.0], **plain, **named)
    for call in (gw.trajectories, gw.evidence):
        with pytest.raises(gw.GrowthwatchError, match="weights once"):
            call([3.0, 4.0], weight_kg=[3.0, 4.0], **plain)
        with pytest.raises(gw.GrowthwatchError, match="weight_kg"):
            call(**plain)
        with pytest.raises(gw.GrowthwatchError, match="age_days"):
            call([3.0], sex="f")
    with pytest.raises(gw.GrowthwatchError, match="high_need"):
        gw.evidence([3.0, 4.0], **plain, high_need=True)
    with pytest.raises(gw.GrowthwatchError, match="collect"):
        gw.trajectories(pl.DataFrame(ROWS).lazy())


def test_words_in_a_column_of_weights() -> None:
    frame = pd.DataFrame({**ROWS, "weight_kg": ["3.3", "not weighed", *map(str, ROWS["weight_kg"][2:])]})
    with pytest.raises(gw.GrowthwatchError, match="not_numbers='missing'"):
        gw.trajectories(frame)
    assert gw.trajectories(frame, not_numbers="missing")["status"][1] == "missing_value"


def test_the_kernel_is_in_columns() -> None:
    """The lines that are run do not grow with the rows: nothing loops over rows or children."""
    import sys

    def lines(children: int) -> int:
        ids = np.repeat(np.arange(children), 3)
        age = np.tile([0.0, 60.0, 120.0], children)
        kg = np.tile([3.4, 5.0, 6.4], children)
        made = gw.trajectories(kg, age_days=age, sex="f", child=ids)
        status, need, rules = made.status_code, made.high_need, made.rules
        assert judge_rules and rules is not None
        count = 0

        def trace(frame: Any, event: str, _: Any) -> Any:
            nonlocal count
            if "faltering" not in frame.f_code.co_filename:
                return None
            count += event == "line"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            faltering(
                made.evidence, status_code=status, age_days=age, high_need=need, numbers=made.numbers, rules=rules
            )
        finally:
            sys.settrace(before)
        return count

    assert lines(400) == lines(4) > 0
