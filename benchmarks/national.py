"""A country's children: rows a second in every engine, memory, and what England's under-fives would cost a night.

    python benchmarks/national.py [--kinds score evidence review] [--engines one pool polars duckdb spark]
                                  [--score N ...] [--evidence N ...] [--review N ...] [--seed 1]

Each size is drawn once (14 weights a child, from birth to two years, grown by the packaged model of healthy growth),
and written as a Parquet folder partitioned by child.  Each run is a process of its own that reads the folder and writes
its results as Parquet, so that its processor time and its memory are its own: those of all processes that it started
(the pool's, Spark's Java and its Python workers), the memory as the greatest sum that was seen ten times a second
(pages that processes share are counted in each).  What more children cost is told from one size to the next, so that
starting (imports; Spark's Java) is in none of it.

A review costs some thousand times what a score does: each kind of work has sizes of its own.  DuckDB may use 256 MB,
Spark's Java 1 GB; what they hold beyond that they keep on disk.  It needs psutil.

The cost of England's under-fives is what more children cost, times their number, on paper: that has not been run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

import growthwatch as gw
from growthwatch.growth.healthy import Walk
from growthwatch.growth.model import noise_sd

DAY = dt.date(2026, 11, 28)
AGES = np.array([0, 5, 12, 28, 42, 56, 84, 112, 168, 224, 280, 365, 540, 730], float)
BLOCK = 20_000
UNDER_FIVES = 3_000_000
"""Children in England under five, rounded up: five years of 591,072 live births, those in Wales among them.

Source: Office for National Statistics, Births in England and Wales: 2023 (28 October 2024), live births in 2023.
"""
MOST_IN_DUCKDB, MOST_IN_JAVA = "256MB", "1g"
POUNDS_A_CORE_HOUR = 0.04
"""What a rented core costs about [£ an hour]: an assumption, to be replaced by one's own."""


def draw(children: int, folder: Path, seed: int) -> int:
    """Write a caseload, a block of children at a time; how many rows it has."""
    reference = gw.reference("uk-who")
    rng = np.random.default_rng(seed)
    raw = folder / "raw"
    raw.mkdir(parents=True)
    rows = 0
    for start in range(0, children, BLOCK):
        n = min(BLOCK, children - start)
        sex = rng.random(n) < 0.512
        words, codes = np.where(sex, "male", "female"), np.where(sex, 0, 1).astype(np.uint8)
        walk, kg = Walk(n, rng), np.empty((n, AGES.size))
        for j, age in enumerate(AGES):
            ages = np.full(n, age)
            z = walk.step(ages, noise_sd(reference, codes, ages))
            kg[:, j] = np.round(reference.value(z, age_days=ages, sex=words), 3)
        born = (np.datetime64(DAY) - rng.integers(740, 5 * 365, n).astype("timedelta64[D]")).astype("datetime64[D]")
        days = born[:, None] + AGES.astype("timedelta64[D]")[None, :]
        each = AGES.size
        table = pa.table(
            {
                "child_id": pa.array(np.repeat([f"{start + i:08d}" for i in range(n)], each).tolist(), pa.string()),
                "birth_date": pa.array(np.repeat(born, each)),
                "sex": pa.array(np.repeat(words, each).tolist(), pa.string()),
                "gestation_days": pa.array(np.repeat(rng.integers(259, 294, n), each).astype(np.int32)),
                "weighed_on": pa.array(days.ravel()),
                "weight_kg": pa.array(kg.ravel()),
            }
        )
        pq.write_table(table, raw / f"{start:08d}.parquet")
        rows += table.num_rows
    gw.anysize.partition(raw, folder / "caseload")
    shutil.rmtree(raw)
    return rows


# --- one run, in a process of its own -----------------------------------------------------------


def work_of(kind: str) -> Any:
    if kind == "review":
        return gw.anysize.review(as_of=DAY, starts_on=DAY - dt.timedelta(days=28))
    return gw.anysize.score() if kind == "score" else gw.anysize.evidence()


def go(engine: str, kind: str, source: Path, out: Path, cores: int) -> None:
    """Do it: read a folder, write results."""
    work = work_of(kind)
    if engine in ("one", "pool"):
        if engine == "one":
            pa.set_cpu_count(1)
        gw.anysize.run(work, source, out, processes=cores if engine == "pool" else 1, children=1000)
        return
    out.mkdir()
    if engine == "polars":
        gw.anysize.polars(work, source).sink_parquet(out / "rows.parquet")
    elif engine == "duckdb":
        import duckdb

        how = {"memory_limit": MOST_IN_DUCKDB, "threads": cores, "temp_directory": str(out / "tmp")}
        with duckdb.connect(config=how) as c:
            reader = gw.anysize.duckdb(work, c.sql(f"FROM '{source}/*.parquet'"))
            with pq.ParquetWriter(out / "rows.parquet", reader.schema) as writer:
                for batch in reader:
                    writer.write_batch(batch)
    else:
        from pyspark.sql import SparkSession

        os.environ["PYSPARK_PYTHON"] = sys.executable
        session = (
            SparkSession.builder.master(f"local[{cores}]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.memory", MOST_IN_JAVA)
            .config("spark.sql.shuffle.partitions", str(max(4, len(list(source.glob("*.parquet"))))))
            .getOrCreate()
        )
        gw.anysize.spark(work, session.read.parquet(str(source))).write.parquet(str(out / "rows"))
        session.stop()


def measured(engine: str, kind: str, source: Path, cores: int) -> dict[str, float]:
    """Run it in a process of its own: seconds, processor seconds, and the most memory [MB] of it and all it starts."""
    with tempfile.TemporaryDirectory(dir=source.parent) as scratch:
        out = Path(scratch) / "out"
        before = time.perf_counter()
        command = [sys.executable, __file__, "--go", engine, kind, str(source), str(out), "--cores", str(cores)]
        log = Path(scratch) / "log"
        with log.open("wb") as said:
            process = psutil.Popen(command, stdout=said, stderr=said)
            most, spent = 0.0, {}
            while process.poll() is None:
                memory = 0.0
                for p in [process, *_below(process)]:
                    try:
                        used = p.memory_info()
                        times = p.cpu_times()
                    except psutil.Error:
                        continue
                    memory += used.rss
                    spent[p.pid] = times.user + times.system
                most = max(most, memory)
                time.sleep(0.1)
        if process.returncode:
            raise SystemExit(f"{engine}, {kind}: {log.read_text(errors='replace')[-2000:]}")
        rows = sum(pq.ParquetFile(f).metadata.num_rows for f in out.rglob("*.parquet"))
        return {
            "seconds": time.perf_counter() - before,
            "cpu": float(sum(spent.values())),
            "mb": most / 1e6,
            "rows": rows,
        }


def _below(process: Any) -> list[Any]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


# --- the whole ----------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--score", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="sizes")
    parser.add_argument("--evidence", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--review", type=int, nargs="+", default=[500, 2_000, 8_000])
    parser.add_argument("--kinds", nargs="+", default=["score", "evidence", "review"])
    parser.add_argument("--engines", nargs="+", default=["one", "pool", "polars", "duckdb", "spark"])
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", type=Path, default=None, help="where tables are written, and deleted again")
    parser.add_argument("--go", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.go:
        engine, kind, source, out = given.go
        go(engine, kind, Path(source), Path(out), given.cores)
        return
    print(f"seed {given.seed}, {given.cores} cores, {dt.datetime.now(dt.UTC):%d %B %Y}, load {os.getloadavg()[0]:.0f}")
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        root = Path(scratch)
        draw(1, root / "start", given.seed)
        start = {e: measured(e, "score", root / "start" / "caseload", given.cores) for e in given.engines}
        print("start: one child")
        for engine, found in start.items():
            print(told(engine, found), flush=True)
        for kind in given.kinds:
            sizes = sorted(getattr(given, kind))
            runs: dict[str, list[tuple[int, dict[str, float]]]] = {e: [(1, start[e])] for e in given.engines}
            for n in sizes:
                folder = root / str(n)
                before = time.perf_counter()
                rows = n * AGES.size if folder.exists() else draw(n, folder, given.seed)
                drawn = time.perf_counter() - before
                stored = sum(f.stat().st_size for f in (folder / "caseload").iterdir()) / 1e6
                print(
                    f"\n{kind}: {n:,} children, {rows:,} weights, {stored:.0f} MB of Parquet (drawn in {drawn:.0f} s)",
                    flush=True,
                )
                for engine in given.engines:
                    found = measured(engine, kind, folder / "caseload", given.cores)
                    expected = n if kind == "review" else rows
                    assert found["rows"] == expected, f"{engine} wrote {found['rows']} rows of {expected}"
                    runs[engine].append((n, found))
                    print(told(engine, found), flush=True)
            print(f"\n{kind}: what more children cost, from each size to the next")
            for engine, of in runs.items():
                print(f"  {engine:8} " + "; ".join(growth(a, b) for a, b in itertools.pairwise(of[1:])), flush=True)
            if len(sizes) < 2:
                continue
            (less, a), (more, b) = runs[given.engines[0]][-2:]
            hours = (b["cpu"] - a["cpu"]) / (more - less) * UNDER_FIVES / 3600
            print(
                f"  England, on paper, in {given.engines[0]}: {UNDER_FIVES:,} children with {AGES.size} weights each "
                f"take {hours:.2f} hours of one core, at £{POUNDS_A_CORE_HOUR} an hour "
                f"£{hours * POUNDS_A_CORE_HOUR:.2f} a night"
            )


def told(engine: str, found: dict[str, float]) -> str:
    """One run in a line."""
    return f"  {engine:8} {found['seconds']:7.1f} s, {found['cpu']:7.1f} s of processor, {found['mb']:6.0f} MB at most"


def growth(one: tuple[int, dict[str, float]], two: tuple[int, dict[str, float]]) -> str:
    """What the children between two sizes cost: weights a second of processor (others may use the machine), memory."""
    (less, a), (more, b) = one, two
    weights = (more - less) * AGES.size
    cpu = b["cpu"] - a["cpu"]
    rate = f"{weights / cpu:,.0f} weights a second of processor" if cpu > 0.2 else "too little to be told"
    return f"{less:,} to {more:,}: {rate}, {b['mb'] - a['mb']:+.0f} MB"


if __name__ == "__main__":
    main()
