"""How fast growthwatch scores a caseload, beside a loop in C with its tables prepared.

    python benchmarks/z_against_c.py --n 100000 --rounds 11
    python benchmarks/z_against_c.py --n 1000000 --rounds 5 --only arrays

All give z and centile of weight for age, for the same invented children, in turn, in one
process; growthwatch also checks every row and says why one has no number.  The loop in C is
WHO 2006 by day; it is the yardstick for UK-WHO too.  The ratio is the median of those of the
rounds: 1.0 is as fast as C, above is faster.  Memory is the most that one run adds, results
included, as tracemalloc sees it.  Without a C compiler only growthwatch is timed; frames are
scored of those libraries that are installed.  `benchmarks/peers.py` times other packages.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import growthwatch as gw

CODING = {1: "male", 2: "female"}
Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


def caseload(children: int, seed: int = 1606) -> Columns:
    """Sex (1 male, 2 female), age in days and weight in kg of invented children, about 14 weights each.

    Each child keeps to a line of its own (SD 0.9) and wanders about it (SD 0.4); one weight in a
    hundred is a slip: grams, pounds, or another child's.
    """
    rng = np.random.default_rng([seed, children])
    visits = np.clip(rng.poisson(14, children), 1, 40)
    child = np.repeat(np.arange(children), visits)
    n = child.size
    sex = rng.integers(1, 3, children).astype(np.int8)[child]
    age = (1826 * rng.beta(0.6, 1.6, n)).astype(np.int32)
    age = age[np.lexsort((age, child))]
    z = rng.normal(0, 0.9, children)[child] + rng.normal(0, 0.4, n)
    weight = gw.reference("who-2006").value(z, age_days=age, sex=sex, sex_coding=CODING)
    slip = rng.random(n)
    weight = np.where(slip < 0.002, weight * 1000, weight)
    weight = np.where((slip >= 0.002) & (slip < 0.006), weight * 2.2046, weight)
    weight = np.where((slip >= 0.006) & (slip < 0.01), np.roll(weight, 57), weight)
    return sex, age, np.maximum(np.round(weight, 2), 0.05)


def c_loop() -> Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]] | None:
    """Compile the loop in C; None where there is no compiler."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "lms.so"
        source = Path(__file__).with_name("lms.c")
        flags = ["-O3", "-march=native", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, "-o", str(library), str(source), "-lm"], check=True)
        score = ctypes.CDLL(str(library)).score
    score.restype = None
    curves = gw.reference("who-2006").curves("weight")
    days = 1827
    blocks: list[np.ndarray] = []
    for sex in (0, 1):
        codes = np.full(days, sex, np.uint8)
        power, median, spread = curves.parameters(codes, np.arange(days, dtype=float))
        at = [median * (1 + power * spread * k) ** (1 / power) for k in (-3, -2, 2, 3)]
        edges = [at[3], 1 / (at[3] - at[2]), at[0], 1 / (at[1] - at[0])]
        blocks.append(np.column_stack([power, np.log(median), 1 / (power * spread), *edges, power]))
    table = np.ascontiguousarray(np.vstack(blocks))
    results: list[np.ndarray] = []

    def run(sex: np.ndarray, age: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if not results or results[0].size != weight.size:
            results[:] = [np.zeros(weight.size), np.zeros(weight.size)]
        pointers = [a.ctypes.data_as(ctypes.c_void_p) for a in (sex, age, weight, *results)]
        score(table.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(days), *pointers, ctypes.c_int64(weight.size))
        return results[0], results[1]

    return run


def on_arrays(sex: np.ndarray, age: np.ndarray, weight: np.ndarray) -> dict[str, Callable[[], Any]]:
    """Ways to score numpy arrays."""
    words = np.array(["", "male", "female"])[sex]
    gestation = gestations(weight.size)
    ways: dict[str, Callable[[], Any]] = {}
    for which in ("who-2006", "uk-who"):
        ref = gw.reference(which)
        asked: dict[str, dict[str, Any]] = {
            "integers": {"sex": sex, "sex_coding": CODING},
            "words": {"sex": words},
            "integers, gestation": {"sex": sex, "sex_coding": CODING, "gestation_days": gestation},
            "words, gestation": {"sex": words, "gestation_days": gestation},
        }
        for name, arguments in asked.items():
            ways[f"{which}, {name}"] = lambda r=ref, a=arguments: r.score(weight, age_days=age, **a)
    return ways


def on_frames(sex: np.ndarray, age: np.ndarray, weight: np.ndarray) -> dict[str, Callable[[], Any]]:
    """Ways to score data frames with UK-WHO, of the libraries that are installed."""
    columns = {"weight_kg": weight, "age_days": age, "code": sex, "gestation_days": gestations(weight.size)}
    columns["word"] = np.array(["", "male", "female"])[sex]
    ways: dict[str, Callable[[], Any]] = {}
    for library in ("pandas", "polars", "pyarrow"):
        if find_spec(library) is None:
            print(f"{library} is not installed: left out")
            continue
        module = import_module(library)
        if library == "pandas":
            frame = module.DataFrame(columns)
            frame["category"] = frame["word"].astype("category")
            frame["object"] = frame["word"].astype(object)
        elif library == "polars":
            frame = module.DataFrame(columns)
            frame = frame.with_columns(category=frame["word"].cast(module.Categorical))
        else:
            frame = module.table(columns)
            frame = frame.append_column("category", module.array(columns["word"]).dictionary_encode())
        ways[f"{library}, integers"] = lambda f=frame: gw.score(f, sex="code", sex_coding=CODING)
        for kind in ("category", "word", "object") if library == "pandas" else ("category", "word"):
            ways[f"{library}, {kind}"] = lambda f=frame, k=kind: gw.score(f, sex=k)
        ways[f"{library}, category, gestation"] = lambda f=frame: gw.score(
            f, sex="category", gestation_days="gestation_days"
        )
    return ways


def gestations(n: int) -> np.ndarray:
    """Completed days of gestation of invented children: one in twelve is born before 37 weeks."""
    rng = np.random.default_rng(7)
    early = 259 - rng.gamma(1.5, 13, n)
    return np.where(rng.random(n) < 0.08, np.clip(early, 161, 258), np.clip(rng.normal(279, 8, n), 259, 294)).astype(
        np.int16
    )


def memory(way: Callable[[], Any], rows: int) -> float:
    """Most that one run adds [bytes a row]."""
    tracemalloc.start()
    kept = way()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del kept
    return most / rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--n", type=int, default=100_000, help="children, about 14 weights each")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--only", choices=["arrays", "frames"])
    asked = parser.parse_args()
    columns = sex, age, weight = caseload(asked.n)
    ways: dict[str, Callable[[], Any]] = {}
    loop = c_loop()
    if loop is not None:
        ways["C loop"] = lambda: loop(sex, age, weight)
    if asked.only != "frames":
        ways |= on_arrays(*columns)
    if asked.only != "arrays":
        ways |= on_frames(*columns)
    if loop is not None and asked.only != "frames":
        z, centile = loop(sex, age, weight)
        s = ways["who-2006, words"]()
        off = np.abs(s.z - z) / np.maximum(1, np.abs(z))
        print(f"largest difference from C: z {off.max():.0e}, centile {np.abs(s.centile - centile).max():.0e}")
    for way in ways.values():
        way()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(asked.rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - start)
    print(f"{asked.n:,} children, {weight.size:,} weights, {asked.rounds} rounds in turn")
    for name, times in taken.items():
        text = f"{name:32} {weight.size / statistics.median(times) / 1e6:7.1f} million rows/s"
        if loop is not None:
            ratio = statistics.median(c / t for c, t in zip(taken["C loop"], times, strict=True))
            best = min(taken["C loop"]) / min(times)
            text += f"   ratio {ratio:5.2f} (of the best rounds {best:5.2f})"
        if name != "C loop":
            text += f"   {memory(ways[name], weight.size):4.0f} bytes a row"
        print(text)


if __name__ == "__main__":
    main()
