"""How often the intervals of an attribution hold what they should, in simulated children.

    python benchmarks/attribution_coverage.py --children 10000

Children grow as the packaged model has it, on the standard or on the reference of a condition,
which may be wrong about its own mean (an Ornstein-Uhlenbeck error, drawn anew for each child,
with the SD and the time that the library assumes of it).  A loss is put on some of them after the
baseline: the true excess is what it took from z at the end.  Printed with 95 % intervals:

- covered: how often the 90 % interval of the excess holds the true one (aim: 88 to 92 %);
- called: how often the interval leaves out 0 (10 % of children without a loss);
- standard alone: called, in the same children, had nobody allowed for the condition;
- SD: of the excess about the true one;
- depends: how often the two disagree, and the result says so.

The last rows are wrong worlds: an error of the reference that the library was not told of, drift
that is faster than the model's, weights that are noisier.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np
from worlds import VERSION_1

import growthwatch as gw
from growthwatch.growth.attribution import attribution
from growthwatch.growth.detector import detector, reference_error
from growthwatch.growth.model import WeightModel, noise_sd, weight_model
from growthwatch.references import Reference

MONTH = 30.4375
SPANS = ((3, 6), (9, 12), (9, 18), (12, 18), (12, 24), (24, 36), (36, 47))
CODING = {0: "male", 1: "female"}


def simulate(
    rng: np.random.Generator, model: WeightModel, on: Reference, error: float, sex: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """Z of children on a reference at ages [child, age], errors of the reference included."""
    out = np.empty((sex.size, age.size))
    for code in (0, 1):
        rows = np.flatnonzero(sex == code)
        noise = noise_sd(on, np.full(age.size, code, np.uint8), age)
        c = model.covariance(age, noise, error, detector().reference_error.days)
        out[rows] = rng.standard_normal((rows.size, age.size)) @ np.linalg.cholesky(c).T
    return out


def share(hits: np.ndarray) -> str:
    p, n = float(hits.mean()), hits.size
    return f"{100 * p:5.1f} ±{196 * np.sqrt(p * (1 - p) / n):.1f}"


def one(
    rng: np.random.Generator,
    children: int,
    standard: Reference,
    condition: Reference | None,
    span: tuple[int, int],
    every: float,
    loss: float = 0.0,
    world: WeightModel | None = None,
    error: float | None = None,
) -> str:
    on = condition or standard
    start, end = (m * MONTH for m in span)
    age = np.unique(np.rint(np.append(np.arange(max(14.0, MONTH), end, every * MONTH), (start, end))))
    sex = rng.integers(0, 2, children).astype(np.uint8)
    z = simulate(rng, world or weight_model(), on, reference_error(on) if error is None else error, sex, age)
    fall = loss * np.clip((age - start) / (end - start), 0, 1)
    sexes, ages = np.repeat(sex, age.size).astype(int), np.tile(age, children)
    healthy, seen = (on.value(zs.ravel(), age_days=ages, sex=sexes, sex_coding=CODING) for zs in (z, z - fall))
    offsets = np.arange(children + 1) * age.size
    clock = time.perf_counter()
    found = attribution(
        seen,
        age_days=ages,
        sex=sexes,
        child=offsets,
        condition=condition,
        standard=standard,
        from_days=np.rint(start),
        sex_coding=CODING,
    )
    clock = time.perf_counter() - clock
    parts = found.on_condition or found.on_standard
    last = offsets[1:] - 1
    truth = np.array(
        standard.z(seen[last], age_days=ages[last], sex=sexes[last], sex_coding=CODING)
        - standard.z(healthy[last], age_days=ages[last], sex=sexes[last], sex_coding=CODING)
    )
    good = (parts.status_code == 0) & np.isfinite(truth)
    value, low, high = (column[good] for column in parts.excess)
    covered = (low <= truth[good]) & (truth[good] <= high)
    called = parts.verdict[good] != 0
    alone = found.on_standard.verdict[good] != 0
    return (
        f"{share(covered):>11} {share(called):>11} {share(alone):>11} {float(np.std(value - truth[good])):6.2f} "
        f"{share(found.depends_on_adjustment[good]):>11} {100 * (1 - good.mean()):5.1f} "
        f"{1e6 * clock / ages.size:6.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--children", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1606)
    options = parser.parse_args()
    standard = gw.reference("who-2006")
    down = gw.reference("trisomy-21-us-2015")
    columns = ("covered %", "called %", "alone %")
    head = f"{'reference':<20} {'span, months':<13} " + " ".join(f"{c:>11}" for c in columns)
    head += f" {'SD':>6} {'depends %':>11} {'none%':>5} {'µs/row':>6}"
    print(f"{options.children} children a row, seed {options.seed}, weighed monthly, 90 % intervals")
    print(head)
    row = 0
    for condition in (None, down):
        name = (condition or standard).id
        for span in SPANS:
            rng = np.random.default_rng([options.seed, row])
            row += 1
            print(
                f"{name:<20} {span[0]:>4} to {span[1]:<5} {one(rng, options.children, standard, condition, span, 1.0)}"
            )
    print("healthy children of another fit of the model (version 1)")
    for condition in (None, down):
        name = (condition or standard).id
        for span in SPANS:
            rng = np.random.default_rng([options.seed, row])
            row += 1
            found = one(rng, options.children, standard, condition, span, 1.0, world=VERSION_1)
            print(f"{name:<20} {span[0]:>4} to {span[1]:<5} {found}")
    model = weight_model()
    worlds = {
        "two weighings": {"every": 1000.0},
        "weekly": {"every": 12 / 52.18},
        "loss of 1 z": {"loss": 1.0},
        "reference error x2": {"error": 2 * reference_error(down)},
        "drift x1.25 faster": {"world": replace(model, length=model.length * 0.8)},
        "noise 120 g": {"world": replace(model, noise_kg=0.120)},
    }
    for name, change in worlds.items():
        rng = np.random.default_rng([options.seed, row])
        row += 1
        settings = {"every": 1.0, **change}
        print(f"{name:<20} {9:>4} to {18:<5} {one(rng, options.children, standard, down, (9, 18), **settings)}")


if __name__ == "__main__":
    main()
