"""How fast growthwatch scores a caseload, beside a loop in C with its tables prepared.

    python benchmarks/z_against_c.py --n 100000 --rounds 11

Both give z and centile of weight for age, WHO 2006, for the same invented children, in turn,
in one process; growthwatch also checks every row and says why one has no number.  The ratio
is that of the medians: 1.0 is as fast as C, above is faster.  Without a C compiler only
growthwatch is timed.
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
from collections.abc import Callable
from pathlib import Path

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


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--n", type=int, default=100_000, help="children, about 14 weights each")
    parser.add_argument("--rounds", type=int, default=11)
    asked = parser.parse_args()
    sex, age, weight = caseload(asked.n)
    words = np.array(["", "male", "female"])[sex]
    ref = gw.reference("who-2006")
    ways: dict[str, Callable[[], tuple[np.ndarray, np.ndarray]]] = {}
    loop = c_loop()
    if loop is not None:
        ways["C loop"] = lambda: loop(sex, age, weight)

    def integers() -> tuple[np.ndarray, np.ndarray]:
        s = ref.score(weight, age_days=age, sex=sex, sex_coding=CODING)
        return s.z, s.centile

    def strings() -> tuple[np.ndarray, np.ndarray]:
        s = ref.score(weight, age_days=age, sex=words)
        return s.z, s.centile

    ways["growthwatch, sex as integers"] = integers
    ways["growthwatch, sex as words"] = strings
    first = {name: [part.copy() for part in way()] for name, way in ways.items()}
    z, centile = next(iter(first.values()))
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(asked.rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - start)
    print(f"{asked.n:,} children, {weight.size:,} weights, {asked.rounds} rounds in turn")
    for name, times in taken.items():
        rate = weight.size / statistics.median(times)
        text = f"{name:30} {rate / 1e6:7.1f} million rows/s"
        if "C loop" in taken:
            ratio = statistics.median(c / t for c, t in zip(taken["C loop"], times, strict=True))
            off = np.abs(first[name][0] - z) / np.maximum(1, np.abs(z))
            text += f"   ratio {ratio:5.2f}   largest difference: z {off.max():.0e}"
            text += f", centile {np.abs(first[name][1] - centile).max():.0e}"
        print(text)


if __name__ == "__main__":
    main()
