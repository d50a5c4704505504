"""Memory is that of a part, or of what an engine was allowed, whatever the caseload: more children do not take more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from large_tables import caseload_table
from peak_memory import AGES, STATUS, most_memory, write_caseload

import growthwatch as gw
from growthwatch.anysize.engines import _InSpark
from growthwatch.anysize.parts import whole_children

PARTS = ("one process", "polars")
pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="only Linux says how much memory a process had at most")


def grows(folder: Path, ways: tuple[str, ...], sizes: tuple[int, int], a_part: int) -> dict[str, float]:
    """How much more memory the larger of two caseloads takes [MB]."""
    found: dict[str, list[float]] = {how: [] for how in ways}
    for children in sizes:
        source = write_caseload(folder / str(children), children, a_part)
        for how in ways:
            out = folder / f"{how}-{children}.parquet"
            found[how].append(most_memory(how, source, out))
            assert pq.read_table(out, columns=["child_id"]).num_rows == children * AGES.size
    return {how: most - least for how, (least, most) in found.items()}


def test_four_times_the_children_take_no_more_memory(tmp_path: Path) -> None:
    """The results of the more children alone would take 130 MB: where they are held, it is seen.

    Of fewer than eight parts polars has not taken yet what it works in.
    """
    found = grows(tmp_path, (*PARTS, "held"), (16_000, 64_000), 2_000)
    assert found.pop("held") > 80
    assert max(found.values()) < 40, found


def test_duckdb_takes_no_more_memory_than_it_may(tmp_path: Path) -> None:
    """From where it puts rows on the disk: twice the children would take 60 MB more while they are put in order."""
    found = grows(tmp_path, ("duckdb",), (32_000, 64_000), 2_000)
    assert found["duckdb"] < 25, found


@pytest.mark.slow
def test_ten_times_as_many_children_take_no_more_memory_in_parts_of_the_usual_size(tmp_path: Path) -> None:
    found = grows(tmp_path, (*PARTS, "duckdb"), (40_000, 400_000), 15_000)
    assert max(found.values()) < 60, found


def test_a_stream_of_whole_children_is_never_held() -> None:
    """What Spark and DuckDB hand over is worked on as it comes: no more is taken than what is given needs."""
    table = gw.anysize.arranged(caseload_table(400, seed=4))
    taken = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal taken
        for batch in table.to_batches(max_chunksize=100):
            taken += batch.num_rows
            yield batch

    given = 0
    for piece in whole_children(batches(), 500):
        given += piece.num_rows
        assert taken - given <= 600
    assert given == taken == table.num_rows
    taken = given = 0
    for batch in _InSpark(gw.anysize.score())(batches()):
        given += batch.num_rows
    assert given == table.num_rows
