"""Other packages that give z of weight for age, each by its own fastest route, beside growthwatch.

    pip install rcpchgrowth pygrowthstandards
    python benchmarks/peers.py --n 300

A package that is not installed, or that fails, is left out, and said to be.  They are much
slower than a loop over columns, so few rows are timed, and the time of one row is compared.
growthwatch is timed on a column of a million rows, and one row at a time.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

import growthwatch as gw

SEXES = ("male", "female")
Way = Callable[[str, int, float], Any]


def rcpchgrowth() -> Way:
    module: Any = import_module("rcpchgrowth")
    sds = module.sds_for_measurement
    return lambda sex, age, weight: sds(
        reference="uk-who", age=age / 365.25, measurement_method="weight", observation_value=weight, sex=sex
    )


def pygrowthstandards() -> Way:
    functional: Any = import_module("pygrowthstandards").functional
    return lambda sex, age, weight: functional.zscore("weight", weight, sex[0].upper(), age_days=age)


def pygrowup() -> Way:
    calculator: Any = import_module("pygrowup").Calculator(adjust_height_data=False, adjust_weight_scores=False)
    return lambda sex, age, weight: calculator.wfa(weight, age / 30.4375, sex[0].upper())


PEERS: dict[str, Callable[[], Way]] = {
    "rcpchgrowth": rcpchgrowth,
    "pygrowthstandards": pygrowthstandards,
    "pygrowup": pygrowup,
}


def seconds(way: Callable[[], Any], rounds: int) -> float:
    """Median time of a few rounds."""
    taken: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        way()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--n", type=int, default=300, help="rows that each other package scores")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    rng = np.random.default_rng(1606)
    age = rng.integers(30, 1400, 1_000_000)
    code = rng.integers(0, 2, age.size)
    sex = np.array(SEXES)[code]
    ref = gw.reference("uk-who")
    weight = np.round(ref.value(rng.normal(0, 1, age.size), age_days=age, sex=sex), 2)
    rows = [(str(sex[k]), int(age[k]), float(weight[k])) for k in range(asked.n)]
    whole = seconds(lambda: ref.score(weight, age_days=age, sex=sex), asked.rounds) / age.size
    single = seconds(lambda: [ref.score(w, age_days=a, sex=s).z for s, a, w in rows], asked.rounds) / asked.n
    print(f"{'growthwatch, a column':28} {whole * 1e6:10.3f} microseconds a row")
    print(f"{'growthwatch, one at a time':28} {single * 1e6:10.3f} microseconds a row   {single / whole:10,.0f} times")
    want = np.array([float(ref.z(w, age_days=a, sex=s)) for s, a, w in rows])
    for name, make in PEERS.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            print(f"{name:28} is not installed: left out")
            continue
        try:
            with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                warnings.simplefilter("ignore")
                way = make()
                got = np.array([float(way(*row)) for row in rows])
                each = seconds(lambda w=way: [w(*row) for row in rows], asked.rounds) / asked.n
        except Exception as e:  # whatever another package does must not stop the rest
            print(f"{name:28} {found} failed: left out ({type(e).__name__}: {e})")
            continue
        text = f"{f'{name} {found}':28} {each * 1e6:10.3f} microseconds a row   {each / whole:10,.0f} times"
        print(f"{text}   median difference of z {np.median(np.abs(got - want)):.0e}")


if __name__ == "__main__":
    main()
