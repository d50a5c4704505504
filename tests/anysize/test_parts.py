"""A Parquet folder in parts of whole children: nobody is split, nobody is lost, and what is wrong is said first."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from large_tables import as_bytes, bad_rows, caseload_table

import growthwatch as gw
from growthwatch.anysize.parts import blocks, parts_of, place_of, whole_children
from growthwatch.anysize.tables import arranged

CHILDREN = caseload_table(40, seed=5)
EVIDENCE = gw.anysize.evidence()


def ids_of(table: pa.Table) -> list[Any]:
    return table["child_id"].to_pylist()


def write(folder: Path, **files: pa.Table) -> Path:
    for name, table in files.items():
        path = folder / (name.replace("__", "/") + ".parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
    return folder


# --- partition ----------------------------------------------------------------------------------


def test_a_partition_holds_each_row_once_and_each_child_in_one_file(tmp_path: Path) -> None:
    files = gw.anysize.partition(CHILDREN, tmp_path / "out", parts=7)
    tables = [pq.read_table(f) for f in files]
    assert arranged(pa.concat_tables(tables)) == arranged(CHILDREN)
    where: dict[str, set[str]] = {}
    for file, table in zip(files, tables, strict=True):
        for id in ids_of(table):
            where.setdefault(id, set()).add(file.name)
    assert all(len(names) == 1 for names in where.values()) and len(where) == 40
    assert {f.name for f in files} == {f"part-{place_of(id, 7):04d}.parquet" for id in where}


def test_the_place_of_a_child_is_the_same_on_every_machine() -> None:
    """The first 8 bytes of BLAKE2b of "c000001" (b2sum -l 64), as a whole number, by the number of parts."""
    import hashlib

    digest = hashlib.blake2b(b"c000001", digest_size=8).hexdigest()
    assert place_of("c000001", 64) == int(digest, 16) % 64
    assert place_of(None, 64) == place_of("", 64) == place_of(" c000001", 64) == 0


@given(st.lists(st.text(max_size=5), max_size=30), st.integers(1, 9))
def test_places_are_places(ids: list[str], n: int) -> None:
    assert all(0 <= place_of(id, n) < n for id in ids)


def test_a_partition_of_files_that_split_children_brings_them_together(tmp_path: Path) -> None:
    half = CHILDREN.num_rows // 2
    write(tmp_path / "in", a=CHILDREN.slice(0, half), b=CHILDREN.slice(half))
    gw.anysize.partition(tmp_path / "in", tmp_path / "out", parts=5)
    assert as_bytes(gw.anysize.run(EVIDENCE, tmp_path / "out")) == as_bytes(EVIDENCE.whole(CHILDREN))


def test_bad_rows_go_along(tmp_path: Path) -> None:
    gw.anysize.partition(bad_rows(), tmp_path / "out", parts=4)
    assert as_bytes(gw.anysize.run(EVIDENCE, tmp_path / "out")) == as_bytes(EVIDENCE.whole(bad_rows()))


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    write(tmp_path / "there", a=CHILDREN)
    for folder in (tmp_path / "there", tmp_path / "there" / "a.parquet"):
        with pytest.raises(gw.GrowthwatchError, match="new or empty"):
            gw.anysize.partition(CHILDREN, folder)
        with pytest.raises(gw.GrowthwatchError, match="new or empty"):
            gw.anysize.run(EVIDENCE, CHILDREN, folder)
    assert pq.read_table(tmp_path / "there" / "a.parquet") == CHILDREN


@pytest.mark.parametrize("parts", [0, -1, 2.5, True, 10_001, "many"])
def test_a_number_of_parts_that_is_none(tmp_path: Path, parts: Any) -> None:
    with pytest.raises(gw.GrowthwatchError, match="parts"):
        gw.anysize.partition(CHILDREN, tmp_path / "out", parts=parts)
    assert not (tmp_path / "out").exists()


# --- parts --------------------------------------------------------------------------------------


def test_a_child_that_is_split_between_files_is_found_before_anything_is_done(tmp_path: Path) -> None:
    first = arranged(CHILDREN)
    write(tmp_path / "in", one=first.slice(0, 100), two=first.slice(100))
    split = first["child_id"][100].as_py()
    assert split == first["child_id"][99].as_py(), "the cut goes through a child"
    with pytest.raises(gw.GrowthwatchError, match="partition") as e:
        gw.anysize.run(EVIDENCE, tmp_path / "in", tmp_path / "out")
    assert e.value.value == split
    assert "one.parquet" in str(e.value) and "two.parquet" in str(e.value)
    assert list((tmp_path / "out").iterdir()) == []
    assert split not in e.value.redacted


def test_of_many_split_children_all_are_counted_and_the_parts_of_the_one_that_is_named_are_right(
    tmp_path: Path,
) -> None:
    """By a look through shares of the hashes: 40 children, of whom 17 stand in two of three parts."""
    table = arranged(CHILDREN)
    ids = sorted(set(ids_of(table)))
    of = {"one": ids[:20], "two": ids[20:] + ids[:10], "three": ids[10:17]}
    rows = {n: table.filter(pa.compute.is_in(table["child_id"], pa.array(w))) for n, w in of.items()}
    write(tmp_path, **rows)
    with pytest.raises(gw.GrowthwatchError, match=r"\(17 children in all do\)") as e:
        parts_of(tmp_path)
    assert [n for n, w in of.items() if f"{n}.parquet" in str(e.value)] == [
        n for n, w in of.items() if e.value.value in w
    ]
    write(tmp_path, two=rows["two"].filter(pa.compute.is_in(rows["two"]["child_id"], pa.array(ids[20:]))))
    (tmp_path / "three.parquet").unlink()
    assert [p.name for p in parts_of(tmp_path)] == ["one.parquet", "two.parquet"]


def test_however_few_rows_may_wait_a_partition_holds_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("growthwatch.anysize.parts._WAITING", 5)
    monkeypatch.setattr("growthwatch.anysize.parts._BATCH", 50)
    files = gw.anysize.partition(CHILDREN, tmp_path / "out", parts=3)
    assert arranged(pa.concat_tables([pq.read_table(f) for f in files])) == arranged(CHILDREN)
    assert min(pq.ParquetFile(f).metadata.num_row_groups for f in files) > 1, "they were written as they came"


def test_rows_without_an_id_may_stand_in_every_part(tmp_path: Path) -> None:
    table = bad_rows()
    nobody = pa.array([id in (None, "", " sound") for id in ids_of(table)])
    write(tmp_path, a=table.filter(nobody), b=table.filter(pa.compute.invert(nobody)), c=table.filter(nobody).slice(1))
    made = gw.anysize.run(EVIDENCE, tmp_path)
    assert [r["evidence_status"] for r in made.to_pylist()].count("missing_child") == 3 + 2


def test_rows_of_a_child_need_not_stand_together_within_a_part(tmp_path: Path) -> None:
    pq.write_table(CHILDREN, tmp_path / "all.parquet", row_group_size=17)
    assert as_bytes(gw.anysize.run(EVIDENCE, tmp_path / "all.parquet")) == as_bytes(EVIDENCE.whole(CHILDREN))
    assert as_bytes(gw.anysize.run(EVIDENCE, tmp_path)) == as_bytes(EVIDENCE.whole(CHILDREN))


def test_all_files_of_a_folder_in_the_folder_are_one_part(tmp_path: Path) -> None:
    table = CHILDREN.drop_columns(["team"])
    half = table.num_rows // 2
    write(tmp_path, **{"team=7__a": table.slice(0, half), "team=7__b": table.slice(half)})
    made = gw.anysize.run(EVIDENCE, tmp_path)
    assert set(made["team"].to_pylist()) == {"7"}
    assert as_bytes(made.drop_columns(["team"])) == as_bytes(EVIDENCE.whole(table))


def test_an_id_in_the_name_of_a_folder_keeps_its_zeros(tmp_path: Path) -> None:
    one = arranged(CHILDREN).slice(0, 3).drop_columns(["child_id"])
    write(tmp_path, **{"child_id=007__rows": one, "child_id=7__rows": one})
    made = gw.anysize.run(gw.anysize.score(), tmp_path)
    assert sorted(set(made["child_id"].to_pylist())) == ["007", "7"] and made.num_rows == 6


def test_a_column_that_one_file_lacks_is_missing_there(tmp_path: Path) -> None:
    table = arranged(CHILDREN)
    cut = ids_of(table).index("c000020")
    write(tmp_path, a=table.slice(0, cut).drop_columns(["gestation_days"]), b=table.slice(cut))
    made = gw.anysize.run(gw.anysize.score(), tmp_path)
    before = [r["gestation_days"] for r in made.to_pylist() if r["child_id"] < "c000020"]
    assert before == [None] * cut
    after = [r["gestation_days"] for r in made.to_pylist() if r["child_id"] >= "c000020"]
    assert after == table["gestation_days"].to_pylist()[cut:]


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    write(tmp_path / "a", x=CHILDREN)
    (tmp_path / "a" / "torn.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(gw.GrowthwatchError, match=r"torn\.parquet"):
        gw.anysize.run(EVIDENCE, tmp_path / "a")
    words = CHILDREN.set_column(5, "weight_kg", CHILDREN["weight_kg"].cast(pa.string()))
    write(tmp_path / "b", x=CHILDREN, y=words)
    with pytest.raises(gw.GrowthwatchError, match="same types"):
        gw.anysize.run(EVIDENCE, tmp_path / "b")
    whole = (tmp_path / "a" / "x.parquet").read_bytes()
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "x.parquet").write_bytes(whole[:4] + os.urandom(len(whole) // 2 - 4) + whole[len(whole) // 2 :])
    with pytest.raises(gw.GrowthwatchError):
        gw.anysize.run(EVIDENCE, tmp_path / "c")


@pytest.mark.parametrize("source", ["nowhere", ".", "empty"])
def test_where_there_is_nothing(tmp_path: Path, source: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no table")
    (tmp_path / "_metadata.parquet").write_bytes(b"not of the data")
    with pytest.raises(gw.GrowthwatchError, match="Parquet"):
        gw.anysize.run(EVIDENCE, tmp_path / source)


def test_a_part_that_would_not_fit_is_refused(tmp_path: Path) -> None:
    write(tmp_path, a=CHILDREN)
    with pytest.raises(gw.GrowthwatchError, match="partition"):
        parts_of(tmp_path, most=CHILDREN.num_rows - 1)
    assert len(parts_of(tmp_path, most=CHILDREN.num_rows)) == 1


def test_a_table_without_ids_is_refused(tmp_path: Path) -> None:
    write(tmp_path, a=CHILDREN.drop_columns(["child_id"]), b=CHILDREN.drop_columns(["child_id"]))
    with pytest.raises(gw.GrowthwatchError, match="child_id"):
        gw.anysize.run(EVIDENCE, tmp_path)


# --- cutting ------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from("abcdef") | st.none(), max_size=30), st.integers(1, 4))
def test_blocks_never_cut_through_a_child(ids: list[str | None], children: int) -> None:
    table = arranged(pa.table({"child_id": pa.array(ids, pa.string()), "n": pa.array(range(len(ids)), pa.int64())}))
    made = list(blocks(table, children))
    assert pa.concat_tables([table.slice(0, 0), *made]) == table
    seen = [set(ids_of(b)) - {None} for b in made]
    assert sum(map(len, seen)) == len(set().union(*seen)) if seen else not ids
    assert all(len(s) <= children for s in seen)


@given(st.lists(st.sampled_from("abcdef") | st.none(), max_size=30), st.integers(1, 9), st.integers(1, 12))
def test_a_stream_that_is_cut_anywhere_gives_whole_children(ids: list[str | None], every: int, rows: int) -> None:
    table = arranged(pa.table({"child_id": pa.array(ids, pa.string()), "n": pa.array(range(len(ids)), pa.int64())}))
    made = list(whole_children(table.to_batches(max_chunksize=every), rows))
    assert pa.concat_tables([table.slice(0, 0), *made]) == table
    seen = [set(ids_of(b)) - {None} for b in made]
    assert sum(map(len, seen)) == (len(set().union(*seen)) if seen else 0)


@pytest.mark.parametrize("ids", [["a", "b", "a"], ["b", "a"], ["a", None, "c", "b"], [None, "b", "a", None]])
@pytest.mark.parametrize("every", [1, 2, 10])
def test_a_stream_in_which_a_child_comes_back_is_refused(ids: list[str | None], every: int) -> None:
    table = pa.table({"child_id": pa.array(ids, pa.string())})
    with pytest.raises(gw.GrowthwatchError, match="stand together"):
        list(whole_children(table.to_batches(max_chunksize=every), 1))


def test_a_stream_holds_one_child_and_no_more_than_it_must() -> None:
    """30 children of 1,000 rows, 100 rows at a time: never more than a child and what was asked for."""
    n = 30_000
    ids = np.repeat([f"c{i:02d}" for i in range(30)], 1000)
    table = pa.table({"child_id": pa.array(ids.tolist(), pa.string())})
    held = [t.num_rows for t in whole_children(table.to_batches(max_chunksize=100), 500)]
    assert sum(held) == n and max(held) <= 1000 + 100


def test_days_between_files_keep_their_type(tmp_path: Path) -> None:
    gw.anysize.partition(CHILDREN, tmp_path / "out", parts=2)
    assert all(
        isinstance(d, dt.date) for f in (tmp_path / "out").iterdir() for d in pq.read_table(f)["weighed_on"].to_pylist()
    )
