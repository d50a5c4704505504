"""A real Spark on this machine: the bytes of the one-process run, and the page that says how.

Needs Java 17 or later.  Where there is none this is skipped, and the summary of the run says so; with
``GROWTHWATCH_SPARK=required`` in the environment that is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from large_tables import DAY, as_bytes, bad_rows, caseload_table
from loud import no_spark

import growthwatch as gw

# pyspark says of itself which pandas it has not been tried with; nothing here goes through pandas.
pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pyspark"),
]

PAGE = Path(__file__).parents[2] / "docs" / "any-size.md"


def java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    inside = None if home is None else shutil.which("java", path=str(Path(home) / "bin"))
    return inside or shutil.which("java")


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    if java() is None:
        no_spark("Java")
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        no_spark("pyspark")
        return
    with pytest.MonkeyPatch.context() as patch:
        # Workers are this Python, and have this growthwatch.
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(gw.__file__).parents[1]), *sys.path[:3]]))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        builder = SparkSession.builder.master("local[2]").appName("growthwatch")
        for key, value in {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "1g",
            "spark.sql.shuffle.partitions": "4",
            "spark.python.worker.reuse": "true",
        }.items():
            builder = builder.config(key, value)
        made = builder.getOrCreate()
        yield made
        made.stop()


def in_spark(session: Any, work: Any, table: pa.Table, **how: Any) -> pa.Table:
    frame = gw.anysize.spark(work, session.createDataFrame(table), **how)
    return gw.anysize.arranged(frame.toArrow())


def test_a_table_of_1000_children_gives_the_bytes_of_the_one_process_run(session: Any) -> None:
    table = caseload_table(1000, seed=21)
    for work in (gw.anysize.score(), gw.anysize.evidence()):
        assert as_bytes(in_spark(session, work, table)) == as_bytes(gw.anysize.run(work, table))
    few = caseload_table(60, seed=22)
    work = gw.anysize.review(as_of=DAY)
    assert as_bytes(in_spark(session, work, few, partitions=3)) == as_bytes(gw.anysize.run(work, few))


def test_in_spark_bad_rows_have_a_status_and_none_is_lost(session: Any, tmp_path: Path) -> None:
    table = bad_rows()
    for work in (gw.anysize.evidence(), gw.anysize.review(as_of=DAY)):
        assert as_bytes(in_spark(session, work, table)) == as_bytes(gw.anysize.run(work, table))
    # From files that split every child, as Spark itself would write them.
    sound = caseload_table(40, seed=23)
    session.createDataFrame(sound).repartition(5).write.parquet(str(tmp_path / "in"))
    frame = gw.anysize.spark(gw.anysize.evidence(), session.read.parquet(str(tmp_path / "in")))
    assert as_bytes(gw.anysize.arranged(frame.toArrow())) == as_bytes(gw.anysize.evidence().whole(sound))
    with pytest.raises(gw.GrowthwatchError, match="partition"):
        gw.anysize.run(gw.anysize.evidence(), tmp_path / "in")


def test_a_wrong_column_is_said_before_anything_is_worked_out(session: Any) -> None:
    frame = session.createDataFrame(caseload_table(3, seed=1))
    with pytest.raises(gw.GrowthwatchError, match="child_id"):
        gw.anysize.spark(gw.anysize.score(), frame.drop("child_id"))
    with pytest.raises(gw.GrowthwatchError, match="weight_kg"):
        gw.anysize.spark(gw.anysize.score(), frame.drop("weight_kg"))


def test_the_code_about_spark_on_the_page_runs(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"^```python spark\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.S | re.M)
    assert blocks
    monkeypatch.chdir(tmp_path)
    gw.anysize.partition(caseload_table(20, seed=2), "caseload")
    names: dict[str, object] = {"__name__": "page", "session": session}
    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), names)


# --- the skip can fail --------------------------------------------------------------------------


def test_where_spark_is_required_its_lack_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROWTHWATCH_SPARK", "required")
    with pytest.raises(pytest.fail.Exception, match="NOTHING WAS RUN IN SPARK"):
        no_spark("Java")
    monkeypatch.setenv("GROWTHWATCH_SPARK", "")
    with pytest.raises(pytest.skip.Exception, match="NOTHING WAS RUN IN SPARK"):
        no_spark("Java")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert java() is None
