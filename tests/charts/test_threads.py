"""Charts in threads: the same bytes as alone, in bounded memory, and with every error."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text

import growthwatch as gw
from growthwatch.charts.at_once import DRAWING, at_once

ROOT = Path(__file__).parents[2]
CHILD = ROOT / "examples" / "c3-acute-dehydration.json"

EIGHT = """
import sys, threading
from pathlib import Path
import growthwatch as gw

record = gw.Record.load(sys.argv[1])

def most():
    line = next(s for s in Path("/proc/self/status").read_text().splitlines() if s.startswith("VmHWM"))
    return int(line.split()[1]) / 1024

gw.chart(record).png()
one = most()

def draw():
    for _ in range(2):
        gw.chart(record).png()

threads = [threading.Thread(target=draw) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print(most() - one)
"""


def elsewhere(work: Callable[[], Any]) -> Any:
    """What a thread that is not the first gets of some work."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(timeout=120)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from Linux's /proc")
def test_eight_threads_that_draw_take_bounded_memory() -> None:
    """Before, they took more than 400 MB above the one of a first chart."""
    done = subprocess.run(
        [sys.executable, "-c", EIGHT, str(CHILD)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 200, f"eight threads took {done.stdout.strip()} MB more than one chart"


def test_a_chart_of_a_thread_is_that_of_the_first_to_the_byte() -> None:
    record = gw.Record.load(CHILD)

    def drawn() -> tuple[bytes, bytes, bytes]:
        chart = gw.chart(record, size="600px")
        return chart.png(), chart.svg(), chart.pdf()

    here = drawn()
    with ThreadPoolExecutor(4) as pool:
        assert all(there == here for there in pool.map(lambda _: drawn(), range(4)))


def test_no_more_threads_draw_than_are_allowed() -> None:
    running, most, lock = [0], [0], threading.Lock()
    gate = threading.Event()

    def work() -> str:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        gate.wait(0.05)
        with lock:
            running[0] -= 1
        return threading.current_thread().name

    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: at_once(work), range(16)))
    assert 1 <= most[0] <= DRAWING and all(name.startswith("growthwatch-draws") for name in names)
    assert at_once(lambda: threading.current_thread()) is threading.current_thread(), "the first thread draws itself"


def test_what_is_drawn_while_drawing_does_not_wait_for_itself() -> None:
    assert elsewhere(lambda: at_once(lambda: at_once(lambda: at_once(lambda: 3)))) == 3


def test_an_error_of_drawing_is_raised_where_it_was_asked_for() -> None:
    def fail() -> None:
        raise gw.GrowthwatchError.of("size", 3, "another")

    with pytest.raises(gw.GrowthwatchError, match="size: got 3"):
        elsewhere(lambda: at_once(fail))
    with pytest.raises(gw.GrowthwatchError, match="kind"):
        elsewhere(lambda: gw.chart(gw.Record.load(CHILD), kind="pie"))


def test_how_numpy_handles_errors_is_that_of_whoever_asks() -> None:
    def asks() -> str:
        with np.errstate(divide="raise"):
            return at_once(lambda: np.geterr()["divide"])

    assert elsewhere(asks) == "raise" or np.lib.NumpyVersion(np.__version__) < "2.2.0"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_process_that_was_forked_draws_with_threads_of_its_own() -> None:
    code = (
        "import os, sys, threading, growthwatch as gw\n"
        "from growthwatch.charts.at_once import at_once\n"
        "def ask():\n    at_once(lambda: None)\n    done.append(1)\n"
        "done = []\nt = threading.Thread(target=ask); t.start(); t.join()\n"
        "child = os.fork()\n"
        "t = threading.Thread(target=ask, daemon=True); t.start(); t.join(20)\n"
        "if child == 0:\n    os._exit(0 if len(done) == 2 else 7)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_a_chart_that_was_written_keeps_no_pixels() -> None:
    chart = gw.chart(gw.Record.load(CHILD))
    first = chart.png()
    held = [vars(t).get("_renderer") for t in chart.findobj(Text)]
    assert not any(
        isinstance(r, RendererAgg) and r.width > 100 for r in [*held, getattr(chart.canvas, "renderer", None)]
    )
    assert chart.png() == first, "and it can be written again"
