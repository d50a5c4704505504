"""In blocks, in one process or in several: the same bytes, and what is wrong is said by the one who asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from large_tables import DAY, as_bytes, bad_rows, caseload_table

import growthwatch as gw

CHILDREN = caseload_table(60, seed=8)
WORKS = {
    "score": gw.anysize.score(),
    "evidence": gw.anysize.evidence(),
    "review": gw.anysize.review(as_of=DAY),
}


@pytest.mark.parametrize("children", [1, 7, 60, 1000])
def test_blocks_of_any_size_give_the_same_bytes(children: int) -> None:
    for kind in ("score", "evidence"):
        assert as_bytes(gw.anysize.run(WORKS[kind], CHILDREN, children=children)) == as_bytes(
            WORKS[kind].whole(CHILDREN)
        )


def test_reviews_in_blocks_are_the_same(tmp_path: Path) -> None:
    expected = as_bytes(WORKS["review"].whole(CHILDREN))
    assert as_bytes(gw.anysize.run(WORKS["review"], CHILDREN, children=9)) == expected
    gw.anysize.partition(CHILDREN, tmp_path / "in", parts=4)
    written = gw.anysize.run(WORKS["review"], tmp_path / "in", tmp_path / "out")
    assert written.rows == 60 and [f.name for f in written.files] == [f"part-{i:04d}.parquet" for i in range(4)]
    assert as_bytes(gw.anysize.arranged(pq.read_table(tmp_path / "out"))) == expected


def test_a_pool_gives_the_same_bytes_and_says_what_is_wrong(tmp_path: Path) -> None:
    """Of a table, of a folder, and of a folder into a folder; bad rows among them; and an error comes home."""
    table = pa.concat_tables([CHILDREN.drop_columns(["team"]), bad_rows()])
    gw.anysize.partition(table, tmp_path / "in", parts=3)
    for kind, work in WORKS.items():
        expected = as_bytes(work.whole(table))
        assert as_bytes(gw.anysize.run(work, tmp_path / "in", processes=2)) == expected
        if kind == "evidence":
            assert as_bytes(gw.anysize.run(work, table, processes=2, children=11)) == expected
            written = gw.anysize.run(work, tmp_path / "in", tmp_path / "out", processes=2)
            assert as_bytes(gw.anysize.arranged(pq.read_table(tmp_path / "out"))) == expected
            assert str(written) == f"{tmp_path / 'out'}: {table.num_rows} rows in 3 files"
    whole = (tmp_path / "in" / "part-0001.parquet").read_bytes()
    # Its end, which says what it holds, is as it was; what it holds of weights is not.
    broken = bytearray(whole)
    broken[4 : len(whole) // 2] = bytes(len(whole) // 2 - 4)
    (tmp_path / "in" / "part-0001.parquet").write_bytes(broken)
    with pytest.raises(gw.GrowthwatchError) as e:
        list(gw.anysize.run(WORKS["score"], tmp_path / "in", processes=2))
    assert e.value.field == "source"


def test_results_of_a_table_can_be_written(tmp_path: Path) -> None:
    written = gw.anysize.run(WORKS["score"], CHILDREN, tmp_path / "out", children=7)
    assert [f.name for f in written.files] == ["part-0000.parquet"] and written.rows == CHILDREN.num_rows
    assert gw.anysize.arranged(pq.read_table(tmp_path / "out")) == WORKS["score"].whole(CHILDREN)
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["part-0000.parquet"], "nothing half is left"


def test_an_empty_table_gives_an_empty_one(tmp_path: Path) -> None:
    for work in WORKS.values():
        made = gw.anysize.run(work, CHILDREN.slice(0, 0))
        assert made.num_rows == 0 and made.schema == work.schema(CHILDREN.schema)
    pq.write_table(CHILDREN.slice(0, 0), tmp_path / "none.parquet")
    assert gw.anysize.run(WORKS["score"], tmp_path).num_rows == 0
    assert gw.anysize.run(WORKS["score"], tmp_path, tmp_path / "out").rows == 0


@pytest.mark.parametrize("change", [{"processes": 0}, {"processes": 1.5}, {"children": 0}, {"children": True}])
def test_numbers_that_are_none(change: dict[str, Any]) -> None:
    with pytest.raises(gw.GrowthwatchError, match=next(iter(change))):
        gw.anysize.run(WORKS["score"], CHILDREN, **change)


@pytest.mark.parametrize("work", ["score", gw.score, None])
def test_work_that_is_none(work: Any) -> None:
    with pytest.raises(gw.GrowthwatchError, match="work"):
        gw.anysize.run(work, CHILDREN)


def test_a_script_that_forgets_whose_it_is_is_told(tmp_path: Path) -> None:
    """Processes that start anew read the script that started them."""
    script = tmp_path / "script.py"
    pq.write_table(CHILDREN, tmp_path / "a.parquet")
    script.write_text(
        f"import growthwatch as gw\ngw.anysize.run(gw.anysize.score(), {str(tmp_path / 'a.parquet')!r}, processes=2)\n"
    )
    found = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert found.returncode != 0 and 'if __name__ == "__main__":' in found.stderr


def test_without_pyarrow_it_says_what_is_missing_and_all_else_works() -> None:
    code = (
        "import sys\nsys.modules['pyarrow'] = None\nfrom growthwatch import *\nimport growthwatch as gw\n"
        "assert 'score' in dir(gw.anysize)\n"
        "try:\n    gw.anysize.score()\nexcept gw.GrowthwatchError as e:\n    print(e)\n"
        "try:\n    gw.anysize.nothing\nexcept AttributeError as e:\n    print(e)\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert found.returncode == 0, found.stderr
    assert "pip install 'growthwatch[tables]'" in found.stdout and "'nothing'" in found.stdout
