"""How long a chart takes: the first in a fresh process, and those after it.

Run: ``python benchmarks/chart_speed.py [--folder N]``.  Targets, at A4 and 200 dots per inch with the file
written, in seconds of processor: first chart below 1 s after ``import growthwatch``, each later one of ``growth`` below
120 ms, of another child each time, so that its words are new.  ``--folder``: N charts into a folder by two processes,
with the greatest memory that any of them used.
"""

from __future__ import annotations

import copy
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from growthwatch.charts import chart, charts
from growthwatch.record import Record

EXAMPLE = Path(__file__).parent.parent / "examples" / "c1-slow-decline.json"

KINDS = ("growth", "z", "newborn", "family", "events", "trajectory")

FIRST = """
import sys, time
import growthwatch as gw
start = time.process_time()
from growthwatch.charts import chart
from growthwatch.record import Record
record = Record.load(sys.argv[1])
loaded, wall = time.process_time(), time.perf_counter()
chart(record, path=sys.argv[2])
print(loaded - start, time.process_time() - loaded, time.perf_counter() - wall)
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
        load, first, wall = (min(column) for column in zip(*runs, strict=True))
        print(
            f"fresh process, the least of 5: record and rules {load:.3f} s of processor, first chart with matplotlib "
            f"{first:.3f} s of processor, {wall:.3f} s on the clock"
        )

        for kind in KINDS:
            chart(Record.load(EXAMPLE), kind=kind, path=out)
            wall, cpu = [], []
            for record in children(20):
                start, used = time.perf_counter(), time.process_time()
                chart(record, kind=kind, path=out)
                wall.append(time.perf_counter() - start)
                cpu.append(time.process_time() - used)
            print(
                f"{kind:10} later charts: clock median {statistics.median(wall):.3f} s, processor median "
                f"{statistics.median(cpu):.3f} s, least {min(cpu):.3f} s, file {Path(out).stat().st_size / 1000:.0f} kB"
            )


def children(count: int) -> list[Record]:
    """Children of other weights each, from one example."""
    found = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    out = []
    for k in range(count):
        events = copy.deepcopy(found["events"])
        for e in events:
            if e["type"] == "weighed":
                e["weight_kg"] = round(e["weight_kg"] * (0.9 + 0.01 * k), 2)
        out.append(Record(f"child-{k}", events))
    return out


def folder(count: int) -> None:
    """So many charts into a folder."""
    records = children(50)
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        found = charts((records[k % 50] for k in range(count)), place)
        took = time.perf_counter() - start
        assert all(not d.refused for d in found) and len(list(Path(place).iterdir())) == count
    used = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"{count} charts by two processes: {took:.1f} s; at most {max(used):.0f} MB in one process")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--folder"]:
        folder(int(sys.argv[2]))
    else:
        main()
