"""The same work inside polars, DuckDB and Spark: each brings the rows of a child together, and calls `Work.whole`.

Nothing is worked out here.  An engine may cut a table where it likes, so each is told first to bring the rows of a
child together: polars by a group, DuckDB by an order, Spark by a hash of the child and an order.  Where they lie
together already, in the parts of a folder, polars is handed one block after the other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from growthwatch.anysize.parts import Part, blocks, parts_of, whole_children
from growthwatch.anysize.tables import CHILD, arranged, pa, plain
from growthwatch.anysize.work import Work
from growthwatch.core.columns import instance
from growthwatch.core.errors import GrowthwatchError

__all__ = ["duckdb", "polars", "spark"]

_WORK = "what growthwatch.anysize.score, evidence or review returns"
_CHILDREN = 5_000
"""Children that are worked on at a time where polars asks for the parts of a folder."""


def _lacking(name: str, install: str) -> GrowthwatchError:
    return GrowthwatchError.of("growthwatch.anysize", name, f"it to be installed: pip install {install}")


# --- polars -------------------------------------------------------------------------------------


def polars(work: Work, frame: Any) -> Any:
    """Do some work lazily in polars.

    Parameters
    ----------
    work
        `score`, `evidence` or `review` of this room.
    frame
        A Parquet file, or a folder in which each child stands in one part (`partition` writes one).  Or a polars
        LazyFrame, such as ``polars.scan_parquet`` returns, or a DataFrame.

    Returns
    -------
    polars.LazyFrame
        In no certain order.  Nothing is worked out before it is collected or written.

    Raises
    ------
    GrowthwatchError
        For a wrong argument or column, and for a child that stands in two parts of a folder.

    Notes
    -----
    Of a folder one part is read at a time, when polars asks for more (``register_io_source``): with
    ``.sink_parquet(path)`` memory is that of the largest part, however many there are.

    Of a frame nobody knows where the rows of a child end before all were read.  ``group_by`` makes each child one row,
    whose cells are lists, and holds them all; so ``map_batches`` may be given any rows together, and the streaming
    engine may be used: ``.collect(engine="streaming")``, ``.sink_parquet(path)``.
    """
    try:
        pl: Any = import_module("polars")
    except ImportError as e:
        raise _lacking("polars", "polars") from e
    instance("work", work, Work, _WORK)
    if isinstance(frame, str | os.PathLike):
        return _of_parts(pl, work, parts_of(Path(os.fspath(frame))))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(frame, pl.DataFrame):
        frame = frame.lazy()
    if not isinstance(frame, pl.LazyFrame):
        raise GrowthwatchError.of("frame", frame, "a LazyFrame or DataFrame of polars, or a folder")
    given = frame.collect_schema()
    empty = plain(pl.DataFrame(schema=given).to_arrow())
    made = pl.from_arrow(work.schema(empty.schema).empty_table()).schema
    names = [n for n in given.names() if n != CHILD]
    kept = pl.col(CHILD).cast(pl.String)

    def whole(children: Any) -> Any:
        table = (children.explode(names) if names else children).select(given.names()).to_arrow()
        return pl.from_arrow(work.whole(table), schema=made)

    grouped = frame.with_columns(kept).group_by(CHILD).agg(pl.col(n) for n in names)
    # A filter on what comes out must not be applied to what goes in: of half a child there is no history.
    return grouped.map_batches(
        whole, schema=made, streamable=True, predicate_pushdown=False, projection_pushdown=False, slice_pushdown=False
    )


def _of_parts(pl: Any, work: Work, parts: tuple[Part, ...]) -> Any:
    plugins: Any = import_module("polars.io.plugins")
    empty = work.schema(arranged(parts[0].none()).schema).empty_table()
    made = pl.from_arrow(empty).schema

    def source(names: list[str] | None, wanted: Any, most: int | None, _: int | None) -> Iterator[Any]:
        # Polars asks for some columns, rows or a number of rows: of what comes out, never of what goes in.
        for part in parts:
            for block in blocks(arranged(part.table()), _CHILDREN):
                frame = pl.from_arrow(work.done(block), schema=made)
                frame = frame if wanted is None else frame.filter(wanted)
                if most is not None:
                    frame = frame.head(most)
                    most -= frame.height
                yield frame if names is None else frame.select(names)
                if most == 0:
                    return

    return plugins.register_io_source(source, schema=made)


# --- DuckDB -------------------------------------------------------------------------------------


def duckdb(work: Work, relation: Any, *, rows: int = 65_536) -> Any:
    """Do some work on what DuckDB selects.

    Parameters
    ----------
    work
        `score`, `evidence` or `review` of this room.
    relation
        A relation of DuckDB, such as ``connection.sql("FROM 'caseload/*.parquet'")``.  DuckDB puts it in order of the
        child; what goes beyond its ``memory_limit`` (of itself most of the machine's) it keeps on disk.
    rows
        About how many rows are worked on at a time.

    Returns
    -------
    pyarrow.RecordBatchReader
        Results in order of the child, worked out as they are read.  DuckDB reads it by the name of the variable that
        holds it; do that on another connection (``duckdb.connect()``), for this one is still busy with the relation.
    """
    try:
        library: Any = import_module("duckdb")
    except ImportError as e:
        raise _lacking("duckdb", "'growthwatch[duckdb]'") from e
    instance("work", work, Work, _WORK)
    if not isinstance(relation, library.DuckDBPyRelation):
        raise GrowthwatchError.of("relation", relation, "a relation of DuckDB, such as connection.sql(...)")
    if CHILD not in relation.columns:
        raise GrowthwatchError.of("relation", relation.columns, f"a column {CHILD!r} that says whose row it is")
    ordered = relation.project(f"* REPLACE (CAST({CHILD} AS VARCHAR) AS {CHILD})").order(f"{CHILD} NULLS LAST")
    reader = ordered.to_arrow_reader(rows)
    schema = work.schema(plain(reader.schema.empty_table()).schema)
    made = (b for table in whole_children(reader, rows) for b in work.done(table).to_batches())
    return pa.RecordBatchReader.from_batches(schema, made)


# --- Spark --------------------------------------------------------------------------------------


class _InSpark:
    """What a Python worker of Spark runs on the batches of one partition."""

    def __init__(self, work: Work):
        self.work = work

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        for table in whole_children(batches):
            yield from self.work.done(table).to_batches()


def spark(work: Work, frame: Any, *, partitions: int | None = None) -> Any:
    """Do some work in Spark.

    Parameters
    ----------
    work
        `score`, `evidence` or `review` of this room.  It is sent along: workers need growthwatch installed.
    frame
        A DataFrame of Spark.
    partitions
        Into how many partitions children go, by Spark's hash of the child; None: as Spark is set.

    Returns
    -------
    pyspark.sql.DataFrame
        Lazy, in no certain order.

    Notes
    -----
    ``repartition`` by the child brings all rows of a child into one partition, ``sortWithinPartitions`` puts them side
    by side, and ``mapInArrow`` hands them over a batch at a time: a worker holds about 65,536 rows, never a partition.
    """
    try:
        types: Any = import_module("pyspark.sql.pandas.types")
    except ImportError as e:
        raise _lacking("pyspark", "'growthwatch[spark]'") from e
    instance("work", work, Work, _WORK)
    if not hasattr(frame, "mapInArrow"):
        raise GrowthwatchError.of("frame", frame, "a DataFrame of Spark")
    if CHILD not in frame.columns:
        raise GrowthwatchError.of("frame", frame.columns, f"a column {CHILD!r} that says whose row it is")
    frame = frame.withColumn(CHILD, frame[CHILD].cast("string"))
    empty = plain(types.to_arrow_schema(frame.schema).empty_table())
    schema = types.from_arrow_schema(work.schema(empty.schema))
    by_child = frame.repartition(CHILD) if partitions is None else frame.repartition(partitions, CHILD)
    return by_child.sortWithinPartitions(CHILD).mapInArrow(_InSpark(work), schema)
