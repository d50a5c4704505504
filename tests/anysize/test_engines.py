"""The same work in polars and DuckDB: the bytes of the one-process run, lazily, whatever the engine cuts or pushes."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from large_tables import DAY, as_bytes, bad_rows, caseload_table

import growthwatch as gw
from growthwatch.anysize.work import Work

CHILDREN = caseload_table(80, seed=13)
WORKS = {
    "score": gw.anysize.score(),
    "evidence": gw.anysize.evidence(),
    "review": gw.anysize.review(as_of=DAY),
}
TABLES = {"sound": CHILDREN, "bad": bad_rows(), "none": CHILDREN.slice(0, 0)}


def in_duckdb(work: Work, table: pa.Table, rows: int = 200) -> pa.Table:
    with duckdb.connect() as connection:
        return gw.anysize.duckdb(work, connection.from_arrow(table), rows=rows).read_all()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("kind", WORKS)
def test_polars_and_duckdb_give_the_bytes_of_the_one_process_run(kind: str, table: str) -> None:
    work, given = WORKS[kind], TABLES[table]
    expected = as_bytes(gw.anysize.run(work, given))
    lazy = gw.anysize.polars(work, pl.from_arrow(given).lazy())
    assert isinstance(lazy, pl.LazyFrame)
    for engine in ("streaming", "in-memory") if kind == "evidence" else ("streaming",):
        assert as_bytes(gw.anysize.arranged(lazy.collect(engine=engine))) == expected
    made = in_duckdb(work, given)
    assert as_bytes(gw.anysize.arranged(made)) == expected
    assert [i for i in made["child_id"].to_pylist() if i] == sorted(i for i in made["child_id"].to_pylist() if i)


# --- polars -------------------------------------------------------------------------------------


def test_polars_works_out_nothing_before_it_is_asked(tmp_path: Path) -> None:
    pq.write_table(CHILDREN, tmp_path / "a.parquet")
    lazy = gw.anysize.polars(WORKS["evidence"], pl.scan_parquet(tmp_path / "a.parquet"))
    assert lazy.collect_schema()["evidence"] == pl.Float64
    lazy.sink_parquet(tmp_path / "out.parquet")
    assert as_bytes(gw.anysize.arranged(pq.read_table(tmp_path / "out.parquet"))) == as_bytes(
        WORKS["evidence"].whole(CHILDREN)
    )
    (tmp_path / "a.parquet").unlink()
    with pytest.raises(Exception, match=r"a\.parquet|No such file"):
        lazy.collect()


def test_what_is_asked_of_results_is_not_asked_of_histories(tmp_path: Path) -> None:
    """A filter on weights, a slice or a choice of columns after the work must not take weights out before it."""
    pq.write_table(CHILDREN, tmp_path / "a.parquet")
    lazy = gw.anysize.polars(WORKS["evidence"], pl.scan_parquet(tmp_path / "a.parquet"))
    expected = pl.from_arrow(WORKS["evidence"].whole(CHILDREN))
    late = pl.col("weighed_on") > pl.date(2025, 10, 1)
    few = ["child_id", "weighed_on", "evidence"]
    made = lazy.filter(late).select(few).sort("child_id", "weighed_on").collect(engine="streaming")
    assert made.equals(expected.filter(late).select(few).sort("child_id", "weighed_on"))
    one = lazy.filter(pl.col("child_id") == "c000003").sort("weighed_on").collect()
    assert one.equals(expected.filter(pl.col("child_id") == "c000003"))
    assert lazy.head(3).collect().height == 3
    best = lazy.group_by("child_id").agg(pl.col("evidence").max()).sort("child_id").collect(engine="streaming")
    assert best.equals(expected.group_by("child_id").agg(pl.col("evidence").max()).sort("child_id"))


@pytest.mark.parametrize("table", TABLES)
def test_polars_reads_the_parts_of_a_folder_one_after_the_other(table: str, tmp_path: Path) -> None:
    """Lazily, with the bytes of the one-process run, and with whatever is asked of the results asked of these alone."""
    given = TABLES[table]
    if given.num_rows:
        gw.anysize.partition(given, tmp_path / "in", parts=3)
    else:
        (tmp_path / "in").mkdir()
        pq.write_table(given, tmp_path / "in" / "none.parquet")
    for work in WORKS.values() if table == "bad" else (WORKS["evidence"],):
        lazy = gw.anysize.polars(work, tmp_path / "in")
        expected = work.whole(given)
        assert isinstance(lazy, pl.LazyFrame) and lazy.collect_schema() == pl.from_arrow(expected).schema
        lazy.sink_parquet(tmp_path / "out.parquet")
        assert as_bytes(gw.anysize.arranged(pq.read_table(tmp_path / "out.parquet"))) == as_bytes(expected)
        for engine in ("streaming", "in-memory"):
            assert as_bytes(gw.anysize.arranged(lazy.collect(engine=engine))) == as_bytes(expected)


def test_of_the_parts_of_a_folder_nothing_more_is_read_than_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from growthwatch.anysize.parts import Part

    gw.anysize.partition(CHILDREN, tmp_path / "in", parts=4)
    lazy, read, table = gw.anysize.polars(WORKS["evidence"], str(tmp_path / "in")), [], Part.table

    def counted(part: Part) -> pa.Table:
        read.append(part.name)
        return table(part)

    monkeypatch.setattr(Part, "table", counted)
    expected = pl.from_arrow(WORKS["evidence"].whole(CHILDREN))
    assert not read, "nothing is worked out before it is asked for"
    assert lazy.head(3).collect().height == 3 and read == ["part-0000.parquet"]
    late, few = pl.col("weighed_on") > pl.date(2025, 10, 1), ["weighed_on", "evidence", "child_id"]
    by = ["child_id", "weighed_on", "evidence"]
    made = lazy.filter(late).select(few).collect(engine="streaming").sort(by)
    assert made.equals(expected.filter(late).select(few).sort(by))
    assert lazy.select(pl.len()).collect().item() == CHILDREN.num_rows
    assert lazy.head(5).filter(late).collect().height <= 5
    some = lazy.filter(late).head(5).collect()
    assert some.height == 5 and all(d > dt.date(2025, 10, 1) for d in some["weighed_on"].to_list())
    assert lazy.tail(2).collect().height == 2


def test_a_folder_that_splits_children_is_not_given_to_polars(tmp_path: Path) -> None:
    first = gw.anysize.arranged(CHILDREN)
    for name, piece in (("a", first.slice(0, 100)), ("b", first.slice(100))):
        pq.write_table(piece, tmp_path / f"{name}.parquet")
    with pytest.raises(gw.GrowthwatchError, match="partition"):
        gw.anysize.polars(WORKS["score"], tmp_path)
    with pytest.raises(gw.GrowthwatchError, match="a Parquet file, or a folder"):
        gw.anysize.polars(WORKS["score"], tmp_path / "nowhere")


def test_polars_takes_a_frame_that_is_not_lazy_and_ids_that_are_numbers() -> None:
    frame = pl.DataFrame({"child_id": [10, 9, 10], "age_days": [0, 0, 42], "sex": "f", "weight_kg": [3.1, 3.2, 4.4]})
    made = gw.anysize.polars(WORKS["score"], frame).sort("child_id", "age_days").collect()
    assert made["child_id"].to_list() == ["10", "10", "9"] and made["status"].to_list() == ["ok"] * 3
    coded = frame.with_columns(pl.col("sex").cast(pl.Categorical), pl.col("child_id").cast(pl.String))
    again = gw.anysize.polars(WORKS["score"], coded).sort("child_id", "age_days").collect()
    assert again.equals(made)


# --- DuckDB -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 7, 100_000])
def test_in_duckdb_any_number_of_rows_at_a_time_gives_the_same(rows: int) -> None:
    assert as_bytes(in_duckdb(WORKS["evidence"], CHILDREN, rows)) == as_bytes(WORKS["evidence"].whole(CHILDREN))


def test_duckdb_reads_files_and_asks_of_the_results(tmp_path: Path) -> None:
    gw.anysize.partition(CHILDREN, tmp_path / "in", parts=3)
    with duckdb.connect() as one, duckdb.connect() as other:
        found = gw.anysize.duckdb(WORKS["evidence"], one.sql(f"FROM '{tmp_path}/in/*.parquet'"))
        assert isinstance(found, pa.RecordBatchReader)
        said = other.sql("SELECT child_id, max(evidence) FROM found GROUP BY child_id ORDER BY child_id").fetchall()
    whole = pl.from_arrow(WORKS["evidence"].whole(CHILDREN))
    assert said == whole.group_by("child_id").agg(pl.col("evidence").max()).sort("child_id").rows()


def test_decimals_of_a_database_are_numbers() -> None:
    with duckdb.connect() as connection:
        relation = connection.sql(
            "SELECT 7 AS child_id, DATE '2025-01-06' AS birth_date, 'm' AS sex, "
            "TIMESTAMP '2025-02-17 09:30:00' AS weighed_on, 4.785::DECIMAL(6, 3) AS weight_kg"
        )
        [row] = gw.anysize.duckdb(WORKS["score"], relation).read_all().to_pylist()
    assert row["child_id"] == "7" and row["z"] == gw.reference("uk-who").z(4.785, age_days=42, sex="male")


# --- what is wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [CHILDREN, None, 3])
def test_what_is_no_frame_of_the_engine_is_refused(given: Any) -> None:
    for engine, field in ((gw.anysize.polars, "frame"), (gw.anysize.duckdb, "relation"), (gw.anysize.spark, "frame")):
        with pytest.raises(gw.GrowthwatchError) as e:
            engine(WORKS["score"], given)
        assert e.value.field == field


def test_duckdb_and_spark_bring_their_own_frames_and_no_folder() -> None:
    for engine, field in ((gw.anysize.duckdb, "relation"), (gw.anysize.spark, "frame")):
        with pytest.raises(gw.GrowthwatchError) as e:
            engine(WORKS["score"], "caseload.parquet")
        assert e.value.field == field


def test_a_wrong_column_is_said_before_anything_is_worked_out() -> None:
    lazy = pl.from_arrow(CHILDREN).lazy()
    with pytest.raises(gw.GrowthwatchError, match="weight_kg"):
        gw.anysize.polars(WORKS["score"], lazy.drop("weight_kg"))
    with pytest.raises(gw.GrowthwatchError, match="child_id"):
        gw.anysize.polars(WORKS["score"], lazy.drop("child_id"))
    with pytest.raises(gw.GrowthwatchError, match="weight_kg"):
        in_duckdb(WORKS["score"], CHILDREN.drop_columns(["weight_kg"]))
    with pytest.raises(gw.GrowthwatchError, match="child_id"):
        in_duckdb(WORKS["score"], CHILDREN.drop_columns(["child_id"]))
    with pytest.raises(gw.GrowthwatchError, match="work"):
        gw.anysize.polars("score", lazy)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("module", "engine", "install"),
    [
        ("polars", gw.anysize.polars, "pip install polars"),
        ("duckdb", gw.anysize.duckdb, r"growthwatch\[duckdb\]"),
        ("pyspark.sql.pandas.types", gw.anysize.spark, r"growthwatch\[spark\]"),
    ],
)
def test_a_library_that_is_not_installed_is_named(
    module: str, engine: Any, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(gw.GrowthwatchError, match=install):
        engine(WORKS["score"], CHILDREN)
