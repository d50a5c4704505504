"""How much memory some work on a caseload takes at most: in a process of its own, which says so at its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

AGES = np.array([0, 5, 12, 28, 42, 56, 84, 112, 168, 224, 280, 365, 540, 730])
STATUS = Path("/proc/self/status")


def write_caseload(folder: Path, children: int, a_part: int) -> Path:
    """A Parquet folder of invented children with 14 weights each, so many children a part."""
    folder.mkdir()
    rng = np.random.default_rng(13)
    for first in range(0, children, a_part):
        n = min(a_part, children - first)
        born = np.datetime64("2024-01-08") + rng.integers(0, 365, n).astype("timedelta64[D]")
        days = born[:, None] + AGES.astype("timedelta64[D]")
        kg = 3.2 + 6.5 * (1 - np.exp(-AGES / 220)) + rng.normal(0, 0.2, (n, AGES.size))
        each = AGES.size
        table = {
            "child_id": np.repeat([f"{first + i:08d}" for i in range(n)], each).tolist(),
            "birth_date": pa.array(np.repeat(born, each)),
            "sex": np.repeat(rng.choice(["male", "female"], n), each).tolist(),
            "weighed_on": pa.array(days.ravel()),
            "weight_kg": kg.ravel().round(3),
        }
        pq.write_table(pa.table(table), folder / f"part-{first:08d}.parquet")
    return folder


def most_memory(how: str, folder: Path, out: Path) -> float:
    """Work on it in another process: its most memory [MB]."""
    where = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, __file__, how, str(folder), str(out)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": where},
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout.split()[-1])


def _work(how: str, folder: str, out: Path) -> None:
    import growthwatch as gw

    work = gw.anysize.score()
    if how == "one process":
        gw.anysize.run(work, folder, out, children=1000)
    elif how == "polars":
        gw.anysize.polars(work, folder).sink_parquet(out)
    elif how == "held":
        gw.anysize.polars(work, folder).collect().write_parquet(out)
    else:
        import duckdb

        # On one thread: each has memory of its own beside what the limit counts.
        with duckdb.connect(
            config={"memory_limit": "60MB", "threads": 1, "temp_directory": str(out.with_suffix(".tmp"))}
        ) as c:
            reader = gw.anysize.duckdb(work, c.sql(f"FROM '{folder}/*.parquet'"), rows=16_384)
            with pq.ParquetWriter(out, reader.schema) as writer:
                for batch in reader:
                    writer.write_batch(batch)


if __name__ == "__main__":
    _work(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    print(int(next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM")).split()[1]) / 1024)
