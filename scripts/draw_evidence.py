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
from growthwatch.growth.detector import detector
from growthwatch.growth.model import noise_sd, weight_model

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "evidence.png"
MONTH = 30.4375
ONSET = 9 * MONTH
BLUE, ORANGE, GREY, RED, AMBER = "#0072B2", "#D55E00", "#767676", "#B00020", "#B36B00"
SEED = 20260101


def main() -> None:
    """Draw it."""
    ref = gw.reference("uk-who")
    age = np.round(np.concatenate(([0.0, 14.0], np.arange(1, 21) * MONTH)))
    noise = noise_sd(ref, np.ones(age.size, np.uint8), age)
    root = np.linalg.cholesky(weight_model().covariance(age, noise))
    steady = root @ np.random.default_rng(SEED).standard_normal(age.size)
    slowed = steady * 0.6 - 0.2 * np.maximum(age - ONSET, 0.0) / MONTH
    kg = ref.value(slowed, age_days=age, sex="female")
    ratio = gw.evidence(kg, age_days=age, sex="female")
    limits = detector().thresholds

    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(7.2, 7.0), sharex=True, height_ratios=(3, 2), layout="constrained", dpi=150
    )
    # The lines break where the tables change, at two weeks.
    for days in (np.linspace(0, 13.99, 20), np.linspace(14.01, age[-1] + 20, 300)):
        for line in UK_NINE.lines:
            curve = ref.value(float(line.z), age_days=days, sex="female")
            top.plot(days / MONTH, curve, color=GREY, lw=0.7)
            if days[0] > 1:
                place = (days[-1] / MONTH, curve[-1])
                style = {"fontsize": 7, "va": "center", "color": GREY}
                top.annotate(line.ordinal, place, xytext=(3, 0), textcoords="offset points", **style)
    top.plot(age / MONTH, kg, "o", color=BLUE, ms=5)
    top.set_ylabel("weight (kg)")
    judged = age >= detector().ages.from_days
    bottom.plot(age[judged] / MONTH, ratio[judged], "o-", color=ORANGE, ms=4, lw=1)
    bottom.set_yscale("log")
    bottom.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    bottom.set_ylabel("evidence of\nslowing growth")
    bottom.set_xlabel("age (months)")
    for value, name, colour in ((limits.amber, "amber", AMBER), (limits.red, "red", RED)):
        bottom.axhline(value, color=colour, lw=1, ls="--")
        style = {"color": colour, "fontsize": 8}
        bottom.annotate(f"{name}: {value:g}", (0.1, value), xytext=(0, 3), textcoords="offset points", **style)
    for axes in (top, bottom):
        axes.axvline(9, color=GREY, lw=0.8, ls=":")
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xticks(range(0, 21, 3))
    foot = (9, top.get_ylim()[0])
    top.annotate("gain begins to slow", foot, xytext=(4, 6), textcoords="offset points", fontsize=8, color=GREY)
    amber = int(np.flatnonzero(ratio >= limits.amber)[0])
    bottom.annotate(
        f"amber at {age[amber] / MONTH:.0f} months",
        (age[amber] / MONTH, ratio[amber]),
        xytext=(-8, 14),
        textcoords="offset points",
        fontsize=8,
        ha="right",
    )
    figure.savefig(PICTURE, metadata={"Software": "growthwatch"})
    print(PICTURE, [f"{r:.1f}" for r in ratio])


if __name__ == "__main__":
    main()
