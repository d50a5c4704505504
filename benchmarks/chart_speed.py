"""How long a chart takes: the first in a fresh process, and those after it.

Run: ``python benchmarks/chart_speed.py``.  Targets, at A4 and 200 dots per inch with the file
written: first chart below 1 s after ``import growthwatch``, later ones below 0.3 s.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "c1-slow-decline.json"

FIRST = """
import sys, time
import growthwatch as gw
start = time.perf_counter()
from growthwatch.charts import chart
from growthwatch.record import Record
record = Record.load(sys.argv[1])
loaded = time.perf_counter()
chart(record, path=sys.argv[2])
print(loaded - start, time.perf_counter() - loaded)
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "chart.png")
        runs = []
        for _ in range(5):
            done = subprocess.run(
                [sys.executable, "-c", FIRST, str(EXAMPLE), out], check=True, capture_output=True, text=True
            )
            runs.append([float(v) for v in done.stdout.split()])
        load, first = (min(column) for column in zip(*runs, strict=True))
        print(f"fresh process: record and rules {load:6.3f} s, first chart with matplotlib {first:6.3f} s")

        from growthwatch.charts import chart
        from growthwatch.record import Record

        record = Record.load(EXAMPLE)
        chart(record, path=out)
        wall, cpu = [], []
        for _ in range(20):
            start, used = time.perf_counter(), time.process_time()
            chart(record, path=out)
            wall.append(time.perf_counter() - start)
            cpu.append(time.process_time() - used)
        print(
            f"later charts: median {statistics.median(wall):.3f} s, best {min(wall):.3f} s, processor {min(cpu):.3f} s"
        )
        print(f"file: {Path(out).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
