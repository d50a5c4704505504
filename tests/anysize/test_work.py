"""One function, table in, table out: what it says is what the library says of each child, whatever stands beside it."""

from __future__ import annotations

import datetime as dt
import pickle
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from large_tables import DAY, as_bytes, bad_rows, caseload_table

import growthwatch as gw
from growthwatch.anysize.tables import readable

WORKS = {
    "score": gw.anysize.score(),
    "evidence": gw.anysize.evidence(),
    "review": gw.anysize.review(as_of=DAY, starts_on=dt.date(2026, 5, 1)),
}
CHILDREN = caseload_table(25, seed=3)


def by_child(table: pa.Table) -> dict[str | None, list[dict[str, Any]]]:
    out: dict[str | None, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        out.setdefault(row["child_id"], []).append(row)
    return out


@pytest.fixture(scope="module")
def whole() -> dict[str, pa.Table]:
    return {name: work.whole(CHILDREN) for name, work in WORKS.items()}


# --- it is what the library says ----------------------------------------------------------------


def test_scores_are_those_of_the_library(whole: dict[str, pa.Table]) -> None:
    arranged = gw.anysize.arranged(CHILDREN)
    expected = gw.score(arranged, birth_date="birth_date", measured_on="weighed_on", gestation_days="gestation_days")
    made = whole["score"]
    assert made.column_names[: len(CHILDREN.column_names)] == CHILDREN.column_names
    for name in ("z", "centile", "corrected_age_days"):
        assert made[name].to_pylist() == expected[name].to_pylist()
    assert made["status"].to_pylist() == [str(w) for w in expected["status"].to_pylist()]
    assert set(made["reference"].to_pylist()) == {"uk-who"}
    assert set(made["reference_hash"].to_pylist()) == {gw.reference("uk-who").hash}


def test_the_evidence_of_each_child_is_that_of_the_child_alone(whole: dict[str, pa.Table]) -> None:
    for id, rows in by_child(whole["evidence"]).items():
        alone = gw.evidence(
            [r["weight_kg"] for r in rows],
            age_days=[(r["weighed_on"] - r["birth_date"]).days for r in rows],
            sex=rows[0]["sex"],
            gestation_days=rows[0]["gestation_days"],
        )
        said = [np.nan if r["evidence"] is None else r["evidence"] for r in rows]
        np.testing.assert_array_equal(said, alone, err_msg=str(id))
        assert all(r["evidence"] is None or r["evidence"] == max(r["evidence_slow"], r["evidence_acute"]) for r in rows)


def test_the_review_of_each_child_is_that_of_its_record(whole: dict[str, pa.Table]) -> None:
    rows = by_child(whole["review"])
    ids = sorted({str(i) for i in CHILDREN["child_id"].to_pylist()})
    assert sorted(map(str, rows)) == ids
    cases = gw.caseload.read(CHILDREN)
    for id in ids[:8]:
        [row] = rows[id]
        record = cases.record(id, as_of=DAY, starts_on=dt.date(2026, 5, 1))
        made = gw.review(record, protocol=gw.protocol("uk-hv"), as_of=DAY, in_force_from=dt.date(2026, 5, 1))
        assert (row["tier"], row["next_weight"]) == (made.tier, made.due.due)
        assert row["weight_state"] == made.due.on(DAY).state
        asked = {o.do for o in made.obligations}
        assert row["do_first"] is None or any(row["do_first"].startswith(do) for do in asked) or row["deeds"] == 1
        assert row["rows"] == CHILDREN["child_id"].to_pylist().count(id) and row["refused"] == 0
        assert row["team"] == f"team {int(id[1:]) % 3}" and row["status"] == "reviewed"
        assert row["protocol_hash"] == gw.protocol("uk-hv").hash


def test_on_the_first_day_a_missed_weight_is_due_that_day_and_not_spread_over_a_team() -> None:
    """A start plan needs the whole team; a table of a country has none, so each child is judged by itself."""
    born = dt.date(2025, 1, 6)
    table = pa.table(
        {"child_id": ["a"], "birth_date": [born], "sex": ["male"], "weighed_on": [born], "weight_kg": [3.5]}
    )
    [row] = gw.anysize.review(as_of=DAY).whole(table).to_pylist()
    assert row["next_weight"] == DAY and row["deadline"] == DAY


# --- nothing else matters -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", WORKS)
def test_neither_order_nor_neighbours_change_a_byte(kind: str, whole: dict[str, pa.Table]) -> None:
    work = WORKS[kind]
    again = CHILDREN.take(pa.array(np.random.default_rng(1).permutation(CHILDREN.num_rows)))
    assert as_bytes(work.whole(again)) == as_bytes(whole[kind])
    some = pa.array([i in ("c000004", "c000017") for i in CHILDREN["child_id"].to_pylist()])
    alone = by_child(work.whole(CHILDREN.filter(some)))
    assert alone == {id: by_child(whole[kind])[id] for id in ("c000004", "c000017")}


@pytest.mark.parametrize("kind", ["score", "evidence"])
def test_names_of_types_do_not_matter(kind: str) -> None:
    few = gw.anysize.arranged(CHILDREN).slice(0, 20)
    expected = as_bytes(WORKS[kind].whole(few))
    coded = few
    for name in ("child_id", "sex", "team"):
        coded = coded.set_column(coded.schema.get_field_index(name), name, coded[name].dictionary_encode())
    large = few.cast(pa.schema([f.with_type(pa.large_string()) if f.type == pa.string() else f for f in few.schema]))
    timed = few.set_column(4, "weighed_on", few["weighed_on"].cast(pa.timestamp("us")))
    for table in (coded, large, timed, pl.from_arrow(few), few.to_batches()[0]):
        assert as_bytes(WORKS[kind].whole(table)) == expected
    assert WORKS[kind].whole(few.to_pandas()).num_rows == 20
    kg = pa.array([Decimal(str(v)) for v in few["weight_kg"].to_pylist()], pa.decimal128(8, 3))
    decimals = WORKS[kind].whole(few.set_column(5, "weight_kg", kg))
    name = {"score": "z", "evidence": "evidence"}[kind]
    assert decimals[name].to_pylist() == WORKS[kind].whole(few)[name].to_pylist()


def test_of_a_time_the_day_counts_as_its_own_time_zone_has_it() -> None:
    """23:30 in London on 16 June is 22:30 UTC on 16 June; 00:30 on 17 June is 23:30 UTC on 16 June."""
    moment = [dt.datetime(2025, 6, 16, 22, 30, tzinfo=dt.UTC), dt.datetime(2025, 6, 16, 23, 30, tzinfo=dt.UTC)]
    table = pa.table({"child_id": ["a", "a"], "weighed_on": pa.array(moment, pa.timestamp("s", "Europe/London"))})
    assert gw.anysize.arranged(table)["weighed_on"].to_pylist() == [dt.date(2025, 6, 16), dt.date(2025, 6, 17)]


def test_ids_that_are_whole_numbers_are_text() -> None:
    table = pa.table({"child_id": [10, 9, None]})
    assert gw.anysize.arranged(table)["child_id"].to_pylist() == ["10", "9", None]


def test_ages_will_do_for_what_needs_no_date() -> None:
    table = pa.table({"child_id": ["a", "a"], "age_days": [0, 42], "sex": ["m", "m"], "weight_kg": [3.5, 4.9]})
    assert gw.anysize.score().whole(table)["z"].to_pylist() == [
        gw.reference("uk-who").z(3.5, age_days=0, sex="male"),
        gw.reference("uk-who").z(4.9, age_days=42, sex="male"),
    ]
    assert gw.anysize.evidence().whole(table)["evidence_status"].to_pylist() == ["ok", "ok"]


def test_work_can_be_sent_elsewhere() -> None:
    for work in WORKS.values():
        again = pickle.loads(pickle.dumps(work))
        assert as_bytes(again.whole(CHILDREN.slice(0, 9))) == as_bytes(work.whole(CHILDREN.slice(0, 9)))


@pytest.mark.parametrize("kind", WORKS)
def test_names_and_types_never_depend_on_the_rows(kind: str, whole: dict[str, pa.Table]) -> None:
    work = WORKS[kind]
    assert work.schema(CHILDREN.schema) == whole[kind].schema
    empty = work.whole(CHILDREN.slice(0, 0))
    assert empty.num_rows == 0 and empty.schema == whole[kind].schema
    nothing = pa.table({n: pa.nulls(2) if n == "weight_kg" else CHILDREN[n].slice(0, 2) for n in CHILDREN.column_names})
    assert work.whole(nothing).schema.field(0) == whole[kind].schema.field(0)


# --- bad rows -----------------------------------------------------------------------------------


SCORED = {
    "no weight": "missing_value",
    "no number": "missing_value",
    "below nothing": "nonpositive_value",
    "without end": "not_finite",
    "no day": "missing_age",
    "no birth": "missing_age",
    "before birth": "before_birth",
    "no sex": "missing_sex",
    "what sex": "unknown_sex",
    "gestation": "invalid_gestation",
}


def test_a_bad_row_has_a_status_and_the_others_are_as_they_were() -> None:
    """Input policy: data that cannot be scored never raises; one bad row never spoils a column."""
    table = bad_rows()
    sound = pa.compute.equal(table["child_id"], "sound")
    for kind in ("score", "evidence"):
        made = WORKS[kind].whole(table)
        assert made.num_rows == table.num_rows
        kept = made.filter(pa.compute.equal(made["child_id"], "sound"))
        assert as_bytes(gw.anysize.arranged(kept)) == as_bytes(WORKS[kind].whole(table.filter(sound)))
        status = {"score": "status", "evidence": "evidence_status"}[kind]
        said = {id: [r[status] for r in rows] for id, rows in by_child(made).items()}
        assert {id: said[id] for id in SCORED} == {id: [word] for id, word in SCORED.items()}
        if kind == "evidence":
            assert said["two births"] == ["conflicting_birth_date"] * 2
            assert said["two sexes"] == ["conflicting_sex"] * 2
            assert said[None] == said[""] == said[" sound"] == ["missing_child"]
            of_none = [r for r in made.to_pylist() if r[status] != "ok"]
            assert all(r["evidence"] is None and r["evidence_fit"] is None for r in of_none)


def test_in_a_review_a_bad_row_is_counted_with_its_reason_and_the_others_are_judged() -> None:
    table = bad_rows()
    made = by_child(WORKS["review"].whole(table))
    alone = WORKS["review"].whole(table.filter(pa.compute.equal(table["child_id"], "sound"))).to_pylist()
    assert made["sound"] == alone
    refused = {id: (rows[0]["refused"], rows[0]["refused_why"]) for id, rows in made.items()}
    assert refused["no day"] == (1, "a weight without a day")
    assert refused["below nothing"] == (1, "less than nothing")
    assert made["no birth"][0]["status"] == made["two births"][0]["status"] == "no_birth_date"
    assert made["no birth"][0]["section"] == "cannot_wait"
    assert made["two births"][0]["doubted"] == 1
    for id in (None, "", " sound"):
        [row] = made[id]
        assert (row["status"], row["rows"], row["refused"], row["section"]) == ("missing_child", 1, 1, None)
    # A number of a row would be another one in another block.
    assert not any(
        w and "row " in w.lower() for rows in made.values() for r in rows for w in (r["why"], r["refused_why"])
    )


def test_a_day_that_no_calendar_has_is_missing() -> None:
    """Arrow holds days of the year 12000; Python's calendar ends with 9999."""
    days = pa.array([3_700_000, 20_000], pa.int32()).cast(pa.date32())
    table = pa.table(
        {
            "child_id": ["a", "b"],
            "birth_date": [dt.date(2024, 1, 1)] * 2,
            "sex": ["m", "m"],
            "weighed_on": days,
            "weight_kg": [9.0, 9.0],
        }
    )
    assert gw.anysize.score().whole(table)["status"].to_pylist()[0] == "missing_age"
    made = by_child(WORKS["review"].whole(table))
    assert made["a"][0]["refused_why"] == "a weight without a day" and made["b"][0]["refused"] == 0


@pytest.mark.parametrize("id", ["", " a", "a ", "a\u200bb", "a  b", "x" * 201, "1.2E+10"])
def test_ids_that_cannot_be_read(id: str) -> None:
    assert not readable(id) and readable("0042") and readable("a b")


# --- wrong columns ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        (lambda t: t.drop_columns(["child_id"]), "table", "child_id"),
        (lambda t: t.drop_columns(["weight_kg"]), "table", "weight_kg"),
        (lambda t: t.drop_columns(["birth_date"]), "table", "birth_date"),
        (lambda t: t.drop_columns(["sex"]), "table", "sex"),
        (lambda t: t.set_column(5, "weight_kg", t["weight_kg"].cast(pa.string())), "weight_kg", "numbers"),
        (lambda t: t.set_column(4, "weighed_on", t["weighed_on"].cast(pa.string())), "weighed_on", "dates"),
        (lambda t: t.set_column(2, "sex", t["gestation_days"]), "sex", "text"),
        (lambda t: t.set_column(0, "child_id", t["weight_kg"]), "child_id", "text"),
        (lambda t: t.append_column("more", pa.array([[1]] * t.num_rows)), "more", "leave it out"),
        (lambda t: t.append_column("team", t["team"]), "table", "once"),
    ],
)
@pytest.mark.parametrize("kind", WORKS)
def test_a_wrong_column_is_named(kind: str, change: Any, field: str, says: str) -> None:
    with pytest.raises(gw.GrowthwatchError, match=says) as e:
        WORKS[kind].whole(change(CHILDREN))
    assert e.value.field == field


def test_nothing_is_overwritten() -> None:
    for kind in ("score", "evidence"):
        with pytest.raises(gw.GrowthwatchError, match="overwritten"):
            WORKS[kind].whole(WORKS[kind].whole(CHILDREN))
    both = WORKS["evidence"].whole(WORKS["score"].whole(CHILDREN))
    assert {"z", "evidence"} <= set(both.column_names)


@pytest.mark.parametrize("given", [3, "caseload", None, [1, 2], {"child_id": []}])
def test_what_is_no_table_is_refused(given: Any) -> None:
    with pytest.raises(gw.GrowthwatchError, match="table"):
        gw.anysize.score().whole(given)
    with pytest.raises(gw.GrowthwatchError):
        gw.anysize.arranged(given)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(gw.GrowthwatchError, match="reference"):
        gw.anysize.score("no-such")
    with pytest.raises(gw.GrowthwatchError, match="reference"):
        gw.anysize.evidence(7)  # type: ignore[arg-type]
    with pytest.raises(gw.GrowthwatchError, match="protocol"):
        gw.anysize.review(as_of=DAY, protocol=3)  # type: ignore[arg-type]
    with pytest.raises(gw.GrowthwatchError, match="starts_on"):
        gw.anysize.review(as_of=DAY, starts_on=DAY + dt.timedelta(days=1))
    with pytest.raises(gw.GrowthwatchError, match="as_of"):
        gw.anysize.review(as_of="2026-06-01")  # type: ignore[arg-type]


def test_a_reference_of_ones_own_is_used() -> None:
    adjusted = gw.reference("uk-who+none")
    made = gw.anysize.score(adjusted).whole(CHILDREN)
    assert set(made["reference_hash"].to_pylist()) == {adjusted.hash}
    assert isinstance(made.to_pandas(), pd.DataFrame)
