"""Draws the picture of docs/evidence.md: one child, its weights, and the evidence after each.

    python scripts/draw_evidence.py

The child is made up: healthy growth drawn from the packaged model with a fixed seed, and from 9
months on a fifth of an SD a month lost.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

import growthwatch as gw
from growthwatch.core.centiles import UK_NINE
from growthwatch.growth.evidence import detector
from growthwatch.growth.model import noise_sd, weight_model

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "evidence.png"
MONTH = 30.4375
ONSET = 9 * MONTH
BLUE, ORANGE, GREY, RED, AMBER = "#0072B2", "#D55E00", "#767676", "#B00020", "#B36B00"
SEED = 20260101


def main() -> None:
    ref = gw.reference("uk-who")
    age = np.round(np.concatenate(([0.0, 14.0], np.arange(1, 21) * MONTH)))
    noise = noise_sd(ref, np.ones(age.size, np.uint8), age)
    steady = np.linalg.cholesky(weight_model().covariance(age, noise)) @ np.random.default_rng(SEED).standard_normal(age.size)
    slowed = steady * 0.6 - 0.2 * np.maximum(age - ONSET, 0.0) / MONTH
    kg = ref.value(slowed, age_days=age, sex="female")
    ratio = gw.evidence(kg, age_days=age, sex="female")
    z = ref.z(kg, age_days=age, sex="female")
    falls = z[0] - z >= 2 * float(UK_NINE.space)
    limits = detector().thresholds

    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(7.2, 7.0), sharex=True, height_ratios=(3, 2), layout="constrained", dpi=150
    )
    days = np.linspace(0, age[-1] + 20, 300)
    for line in UK_NINE.lines:
        curve = ref.value(float(line.z), age_days=days, sex="female")
        top.plot(days / MONTH, curve, color=GREY, lw=0.7, ls=(0, line.dashes) if getattr(line, "dashes", None) else "-")
        top.annotate(line.ordinal, (days[-1] / MONTH, curve[-1]), xytext=(3, 0), textcoords="offset points", fontsize=7, va="center", color=GREY)
    top.plot(age / MONTH, kg, "o", color=BLUE, ms=5)
    top.set_ylabel("weight (kg)")
    bottom.plot(age / MONTH, np.maximum(ratio, 0.02), "o-", color=ORANGE, ms=4, lw=1)
    bottom.set_yscale("log")
    bottom.set_ylabel("fits slowing growth so many\ntimes better than healthy growth")
    bottom.set_xlabel("age (months)")
    for value, name, colour in ((limits.amber, "amber", AMBER), (limits.red, "red", RED)):
        bottom.axhline(value, color=colour, lw=1, ls="--")
        bottom.annotate(f"{name}: {value:g}", (0.1, value), xytext=(0, 3), textcoords="offset points", color=colour, fontsize=8)
    for axes in (top, bottom):
        axes.axvline(9, color=GREY, lw=0.8, ls=":")
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xticks(range(0, 21, 3))
    top.annotate("gain begins to slow", (9, top.get_ylim()[0]), xytext=(4, 6), textcoords="offset points", fontsize=8, color=GREY)
    amber = int(np.flatnonzero(ratio >= limits.amber)[0])
    bottom.annotate(
        f"amber at {age[amber] / MONTH:.0f} months",
        (age[amber] / MONTH, ratio[amber]),
        xytext=(-8, 14),
        textcoords="offset points",
        fontsize=8,
        ha="right",
    )
    for k in np.flatnonzero(falls)[:1]:
        top.annotate(
            f"falls two centile spaces from birth at {age[k] / MONTH:.0f} months",
            (age[k] / MONTH, kg[k]),
            xytext=(-6, -28),
            textcoords="offset points",
            ha="right",
            fontsize=8,
            arrowprops={"arrowstyle": "-", "lw": 0.6},
        )
    figure.savefig(PICTURE, metadata={"Software": "growthwatch"})
    print(PICTURE, [f"{r:.1f}" for r in ratio])


if __name__ == "__main__":
    main()
