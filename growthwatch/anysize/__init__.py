"""A caseload of any size: one function, table in, table out, in blocks, in processes, and in the engines of a trust.

It needs pyarrow (``pip install "growthwatch[tables]"``), and says so when it is missing.
"""

from growthwatch.anysize.engines import duckdb, polars, spark
from growthwatch.anysize.parts import partition
from growthwatch.anysize.run import Written, run
from growthwatch.anysize.tables import arranged
from growthwatch.anysize.work import Work, evidence, review, score

__all__ = [
    "Work",
    "Written",
    "arranged",
    "duckdb",
    "evidence",
    "partition",
    "polars",
    "review",
    "run",
    "score",
    "spark",
]
