"""A large caseload in one page: run once for a release; the figures stand in docs/pages.md."""

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import growthwatch as gw

ROOT = Path(__file__).parents[2]


def benchmark() -> Any:
    spec = importlib.util.spec_from_file_location("caseload_page", ROOT / "benchmarks" / "caseload_page.py")
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def page_of(children: int, folder: Path, *how: float) -> tuple[gw.caseload.Worklist, int, float]:
    drawn = benchmark()
    drawn.drawn(children, folder / "drawn.csv", *how)
    reviewed = gw.caseload.read(folder / "drawn.csv").review(
        as_of=drawn.DAY + dt.timedelta(days=21), starts_on=drawn.DAY
    )
    began = time.process_time()
    reviewed.report(folder / "page.html")
    return reviewed.worklist(), (folder / "page.html").stat().st_size, time.process_time() - began


CHILD = """
import resource, sys
import growthwatch as gw
import datetime as dt
day = dt.date.fromisoformat(sys.argv[2])
work = gw.caseload.read(sys.argv[1]).review(as_of=day, starts_on=day).worklist()
print(len(work), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def peak_mb(children: int, folder: Path) -> float:
    """The most memory [MB] that a process of its own takes from a table to the list."""
    drawn, table = benchmark(), folder / f"{children}.csv"
    drawn.drawn(children, table)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CHILD, str(table), str(drawn.DAY)]
    made = subprocess.run(command, capture_output=True, text=True, env=env, check=True)
    count, peak = made.stdout.split()
    assert int(count) == children
    return float(peak)


@pytest.mark.slow
def test_memory_grows_by_what_a_list_needs_of_a_child_and_no_more(tmp_path: Path) -> None:
    """Records and reviews are let go; of 10,000 children the list keeps at most 15 kB each, of 100,000 then 1.5 GB."""
    few, many = peak_mb(2000, tmp_path), peak_mb(10_000, tmp_path)
    assert many < 600 and (many - few) / 8000 * 1000 < 15


@pytest.mark.slow
def test_3000_children_are_one_page_below_15_mb_within_10_seconds(tmp_path: Path) -> None:
    """Most of them with something to do: 95 in 100 fall by 0.6 SD a month from half their age on."""
    work, size, seconds = page_of(3000, tmp_path, 0.95, 0.6)
    assert len(work) == 3000 and work.counts["nothing"] < 300 < 2000 < work.counts["cannot_wait"]
    assert size < 15_000_000 and seconds < 10.0


def test_a_page_grows_no_faster_than_the_children_with_something_to_do(tmp_path: Path) -> None:
    for children, how in ((20, (0.1,)), (80, (0.1,)), (40, (0.95, 0.6))):
        work, size, _ = page_of(children, tmp_path, *how)
        assert len(work) == children
        shown = sum(n for name, n in work.counts.items() if name != "nothing")
        # 15 MB for 3,000 children is 5,000 bytes a child with something to do; of the others a line.
        assert size < 40_000 + 5_000 * shown + 400 * (children - shown)
