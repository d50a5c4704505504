"""How far the local recalibration is led astray by children who falter inside the caseload.

    python benchmarks/recalibration_bias.py [RUNS]

Invented children of a condition that runs 1 SD low, weighed six times to 2 years.  A share of
them falls by 2 SD: "before" their first weight, or "after" 6 months of age.  Printed for the
second year: the mean of the error of the children's own estimate [SD], its standard deviation,
and how often the 90 % interval holds the truth; beside the error of a plain mean.
Seeds are fixed.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import growthwatch as gw
from growthwatch.references.recalibration import recalibrate

TRUTH, SD, FALL = -1.0, 0.9, 2.0
KEEPS = 0.85
"""Correlation of z from one weighing to the next."""


def caseload(rng: np.random.Generator, n: int, share: float, when: str) -> dict[str, Any]:
    """Weights of n children, of whom a share falters."""
    age = np.tile(np.array([45.0, 140, 200, 300, 450, 600]), (n, 1)) + np.floor(rng.uniform(0, 20, (n, 6)))
    z = np.empty((n, 6))
    z[:, 0] = rng.normal(0, SD, n)
    for k in range(1, 6):
        z[:, k] = KEEPS * z[:, k - 1] + rng.normal(0, SD * np.sqrt(1 - KEEPS**2), n)
    ill = round(share * n)
    z[:ill] -= FALL if when == "before" else FALL * np.clip((age[:ill] - 183) / 120, 0, 1)
    sex = np.where(np.arange(n) % 2 == 0, "male", "female").repeat(6)
    days = age.ravel()
    weight = gw.reference("uk-who").value(z.ravel() + TRUTH, age_days=days, sex=sex)
    return {"child": np.arange(n).repeat(6), "age_days": days, "sex": sex, "weight_kg": weight}


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    uk = gw.reference("uk-who")
    print("| children | falter | when | error | its SD | 90 % interval holds | error once shrunk | plain mean |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for n in (10, 30, 100, 300):
        for share, when in ((0.0, "-"), *((s, w) for w in ("after", "before") for s in (0.05, 0.1, 0.2))):
            if share and round(share * n) == 0:
                continue
            raw, drawn, holds, mean = [], [], [], []
            for seed in range(runs):
                data = caseload(np.random.default_rng(seed), n, share, when)
                band = recalibrate(**data, reference=uk, prior=TRUTH).bands[-1]
                late = data["age_days"] >= band.from_days
                row = {k: data[k][late] for k in ("age_days", "sex")}
                raw.append(band.raw_shift - TRUTH)
                drawn.append(band.shift - TRUTH)
                holds.append(band.raw_interval[0] <= TRUTH <= band.raw_interval[1])
                mean.append(float(np.mean(uk.z(data["weight_kg"][late], **row))) - TRUTH)
            print(
                f"| {n} | {share:.0%} | {when} | {np.mean(raw):+.2f} | {np.std(raw):.2f} | {np.mean(holds):.0%} "
                f"| {np.mean(drawn):+.2f} | {np.mean(mean):+.2f} |"
            )


if __name__ == "__main__":
    main()
