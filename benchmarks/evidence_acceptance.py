"""What the running evidence has to hold to: each figure that was promised beside the one that is simulated.

    python benchmarks/evidence_acceptance.py [--n 20000] [--only held|old|real|found|series|ranking]

Children grow by the packaged covariance unless a row says otherwise; each row has its seed.  A row
fails where the simulated figure is beyond what was promised; the interval (95 %, Wilson) is printed
beside it.  Amber at 4 stands beside amber at 5 everywhere.  ``tests/growth/test_evidence_acceptance.py``
runs the same rows with fewer children.

Nothing here is clinical validation.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import worlds as w
from worlds import MONTH, YEAR, Floats

import growthwatch as gw
from growthwatch.growth.detector import Detector, SlowChannel, detector
from growthwatch.growth.evidence import Channels, channels
from growthwatch.growth.gain import since_best
from growthwatch.growth.model import WeightModel, noise_sd, weight_model
from growthwatch.growth.series import weight_series

TWO_YEARS = 2 * YEAR
Change = Callable[[Floats, Floats, w.Sexes, np.random.Generator], Floats]
"""What a decline makes of z: from ages, z, sex and a generator."""

WRONG: dict[str, dict[str, Any]] = {
    "SD of z 1.2": {"sd": 1.2},
    "drift faster (length x 0.8)": {"ell": 0.8},
    "transient variance .064": {"transient": 0.064},
    "the same, over 60 days": {"transient": 0.064, "transient_days": 60.0},
    "transient over 7 days": {"transient_days": 7.0},
    "heavy-tailed noise, 1 % of weights wrong": {"t_noise": True, "wrong_share": 0.01},
    "weighing noise 120 g": {"noise_kg": 0.12},
    "permanent share 0.10": {"permanent": 0.10},
}


FURTHER: dict[str, dict[str, Any]] = {
    "transient variance .1": {"transient": 0.1},
    "transient variance .1, over 60 days": {"transient": 0.1, "transient_days": 60.0},
}
"""Worlds further out than any that was tuned for: the model itself has nearly .064 by now.  Told only."""


@dataclass(frozen=True)
class Watched:
    """Evidence of many children, one row a weighing."""

    age: Floats
    ratio: Floats
    slow: Floats
    fit: Floats
    offsets: Any

    def reached(self, level: float, until_days: float = TWO_YEARS) -> Any:
        """Which children ever reach a level by an age."""
        return w.ever(np.where(self.age <= until_days, np.nan_to_num(self.ratio), 0.0), self.offsets) >= level

    def first(self, level: float, onset_days: float) -> Floats:
        """Days from an onset to the first weighing at a level, of those not alarmed before; infinite for never."""
        age = np.minimum.reduceat(np.where(self.ratio >= level, self.age, np.inf), self.offsets[:-1])
        return (age - onset_days)[age >= onset_days]


def watch(
    age: Floats, z: Floats, noise: Floats, found: Detector | None = None, model: WeightModel | None = None
) -> Any:
    """Run the detector over weighings [rank, child], birth left out."""
    columns, offsets = w.columns(age, z, noise)
    got: Channels = channels(columns, offsets, 0.0, found or detector(), model or weight_model())
    return Watched(columns[0], got.ratio, got.slow, got.fit, offsets)


def simulate(
    schedule: str,
    n: int,
    seed: int,
    change: Change | None = None,
    until_days: float = TWO_YEARS,
    found: Detector | None = None,
    model: WeightModel | None = None,
    **world: Any,
) -> Watched:
    """Watch n children, weighed at birth and by a schedule."""
    parts: list[Watched] = []
    size = 1000 if schedule == "daily" else 4000
    for k in range(-(-n // size)):
        rng = np.random.default_rng([seed, k])
        m = min(size, n - k * size)
        sex = w.sexes(m, rng)
        age = w.schedule(schedule, m, rng, until_days, birth=True)
        z, noise = w.healthy(age, rng, sex, **world)
        if change is not None:
            z = change(age, z, sex, rng)
        parts.append(watch(age[1:], z[1:], noise[1:], found, model))
    return _together(parts)


def as_real(n: int, seed: int, found: Detector | None = None, model: WeightModel | None = None) -> Watched:
    """Watch children whose weights hang together as those of real children: `worlds.as_real`."""
    parts: list[Watched] = []
    for k in range(-(-n // 4000)):
        age, z, noise, _ = w.as_real(min(4000, n - 4000 * k), np.random.default_rng([seed, k]))
        parts.append(watch(age[1:], z[1:], noise[1:], found, model))
    return _together(parts)


def _together(parts: list[Watched]) -> Watched:
    shifts = np.cumsum([0, *(p.age.size for p in parts[:-1])])
    ends = [sum(p.age.size for p in parts)]
    offsets = np.concatenate([*(p.offsets[:-1] + s for p, s in zip(parts, shifts, strict=True)), ends])
    columns = [np.concatenate([getattr(p, name) for p in parts]) for name in ("age", "ratio", "slow", "fit")]
    return Watched(*columns, offsets)


def added(decline: Callable[[Floats], Floats]) -> Change:
    """A fall that is added to healthy growth."""
    return lambda age, z, _sex, _rng: z + decline(age)


def falling(rate: float, onset_months: float) -> Change:
    """A fall of so many SD a month from an age on."""
    return added(lambda age: w.ramp(age, onset_months * MONTH, rate))


def no_gain(onset_months: float) -> Change:
    """No gain from an age on."""
    return lambda age, z, sex, rng: w.still(age, z, sex, onset_months * MONTH, rng)


# --- one child ------------------------------------------------------------------------------


def one(age: Floats, z: Floats, sex: int = 0) -> Watched:
    """Watch one child, with z on the standard."""
    noise = noise_sd(gw.reference(w.STANDARD), np.full(age.size, sex, np.uint8), age)
    return watch(age[:, None], z[:, None], noise[:, None])


def boy() -> Watched:
    """A boy who gains nothing from 98 days on."""
    age = np.concatenate(([42.0, 70.0], 98.0 + 28.0 * np.arange(8)))
    kg = np.concatenate(([4.5, 5.4], np.full(8, 6.1)))
    return one(age, gw.reference(w.STANDARD).z(kg, age_days=age, sex="male"))


def infant() -> Watched:
    """On the median each week until 6 weeks; then five weekly conditional gains of -2 to -3."""
    age, z = np.arange(14.0, 78.0, 7.0), np.zeros(10)
    noise = noise_sd(gw.reference(w.STANDARD), np.zeros(10, np.uint8), age)
    for k, gain in zip(range(5, 10), (-2.0, -2.5, -3.0, -2.5, -2.0), strict=True):
        r = float(weight_model().correlation(age[k - 1], age[k], noise[k - 1], noise[k]))
        z[k] = r * z[k - 1] + gain * np.sqrt(1.0 - r * r)
    return one(age, z)


# --- the rows -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A figure that was promised, and the one simulated."""

    name: str
    held: bool
    text: str


def percent(hits: Any) -> str:
    """A share in per cent, with its interval."""
    p, low, high = (100 * x for x in w.share(int(hits.sum()), hits.size))
    return f"{p:.2f} ({low:.2f}-{high:.2f})"


def at_most(name: str, got: Watched, amber: float, red: float | None = None, until: float = TWO_YEARS) -> Line:
    """False alarms: amber, and red, in at most so many per cent."""
    met = {c: got.reached(c, until) for c in (4.0, 5.0, 20.0)}
    held = 100 * met[5.0].mean() <= amber and (red is None or 100 * met[20.0].mean() <= red)
    limits = f"{amber:g}" + ("" if red is None else f" / {red:g}")
    asked = f"at most {limits} %: " if np.isfinite(amber) else ""
    text = f"{asked}amber 5 {percent(met[5.0])}, red {percent(met[20.0])}; amber 4 {percent(met[4.0])}"
    return Line(name, bool(held), text)


def found_by(
    name: str, got: Watched, onset_days: float, level: float, *, days: float = np.inf, share: float = 0.0
) -> Line:
    """Declines found: a median within so many days, or at least such a share."""
    late = {c: got.first(c, onset_days) for c in (4.0, level)}
    hits = {c: np.isfinite(d) for c, d in late.items()}
    middle = {c: float(np.sort(d)[d.size // 2]) for c, d in late.items()}
    held = middle[level] <= days and hits[level].mean() >= share
    asked = [f"median at most {days:.0f} d"] if np.isfinite(days) else []
    asked += [f"at least {100 * share:.0f} %"] if share > 0 else []
    text = f"{', '.join(asked)}: at {level:.2f} {percent(hits[level])} [{middle[level]:.0f}]"
    return Line(name, bool(held), f"{text}; at 4 {percent(hits[4.0])} [{middle[4.0]:.0f}]")


VISIT = 31.0
"""Median delays may be one visit later than the prototype's [days]."""


def held(n: int) -> list[Line]:
    """False alarms in the model's world, and in worlds in which it is wrong."""
    out: list[Line] = []
    for schedule, amber in (("monthly", 1.0), ("weekly", 1.5), ("routine", 0.5)):
        out.append(at_most(f"model's world, {schedule}", simulate(schedule, n, 1), amber))
    for schedule, m in (("monthly", n // 2), ("weekly", n // 4), ("daily", n // 10)):
        for k, (name, world) in enumerate(WRONG.items()):
            out.append(at_most(f"{name}, {schedule}", simulate(schedule, m, 20 + k, **world), 5.0, 1.5))
        for k, (name, world) in enumerate(FURTHER.items()):
            out.append(at_most(f"{name}, {schedule}", simulate(schedule, m, 40 + k, **world), np.inf))
    got = simulate("monthly", n, 1)
    last = got.slow[got.offsets[1:] - 1]
    se = last.std() / np.sqrt(last.size)
    text = f"at most .68: {last.mean():.3f} (standard error {se:.3f})"
    out.append(Line("mean of M of the slow channel at 2 years", bool(last.mean() <= 0.68), text))
    slow = detector().slow
    assert isinstance(slow, SlowChannel)
    account = slow.accounts[1]
    wide = simulate("monthly", n, 2, base=account.model(weight_model()), sd=account.scale)
    last = wide.slow[wide.offsets[1:] - 1]
    text = f"at most 1.36 x 1.25: {last.mean():.3f} (standard error {last.std() / np.sqrt(last.size):.3f})"
    out.append(Line("the same, of restless children", bool(last.mean() <= 1.36 * 1.25), text))
    right = simulate("monthly", n, 3).reached(5.0).mean()
    off = simulate("monthly", n, 3, added(lambda age: np.full(age.shape, -2.0))).reached(5.0).mean()
    out.append(Line("an offset of -2", abs(off - right) <= 0.0005, f"0.00 points: {100 * (off - right):+.3f}"))
    return out


def real(n: int) -> list[Line]:
    """Children whose weights hang together as those of real children."""
    return [at_most("as real children, monthly", as_real(n, 7), 3.5, 1.2)]


def old(n: int) -> list[Line]:
    """The same, which neither the detector nor the covariance of before holds: here a row must fail."""
    out: list[Line] = []
    before, second = detector("1"), weight_model("2")
    for name, found, model in (
        ("detector and covariance of before", before, second),
        ("detector of before, covariance refitted", before, None),
        ("this detector, covariance of before", None, second),
    ):
        line = at_most(f"as real children: {name}", as_real(n, 7, found, model), 3.5, 1.2)
        out.append(replace(line, held=not line.held, text=f"must fail; {line.text}"))
    return out


def found(n: int) -> list[Line]:
    """Declines."""
    out: list[Line] = []
    for name, schedule, change, onset, days in (
        ("monthly, no gain from 3 months", "monthly", no_gain(3), 3, 153),
        ("monthly, no gain from 6 months", "monthly", no_gain(6), 6, 244),
        ("weekly, no gain from 3 months", "weekly", no_gain(3), 3, 133),
        ("monthly, -.2 a month from 9 months", "monthly", falling(0.2, 9), 9, 274),
    ):
        got = simulate(schedule, n, 5, change)
        out.append(found_by(name, got, onset * MONTH, 5.0, days=days + VISIT))
    own = simulate("monthly", 4 * n, 6)
    best = w.ever(np.nan_to_num(own.ratio), own.offsets)
    level = float(np.quantile(best, 0.99))
    slow = simulate("monthly", n, 5, falling(0.1, 9))
    out.append(found_by("monthly, -.1 a month from 9 months, 1 % false alarms", slow, 9 * MONTH, level, share=0.28))
    shares: list[float] = []
    for rate in (0.2, 0.3, 0.4, 0.6):
        got = simulate("routine", n, 5, falling(rate, 12))
        shares.append(float(np.isfinite(got.first(5.0, 12 * MONTH)).mean()))
        share = 0.95 if rate == 0.4 else 0.0
        out.append(found_by(f"routine, -{rate:g} a month from 12 months", got, 12 * MONTH, 5.0, share=share))
    text = "each as often as the one before: " + ", ".join(f"{100 * s:.1f} %" for s in shares)
    # Of two shares near 1 the second may be less by chance
    out.append(Line("routine, the faster the sooner", bool((np.diff(shares) >= -0.005).all()), text))
    for name, change, onset, until in (
        ("monthly, step of .7 at 9 months", added(lambda a: w.step(a, 9 * MONTH)), 9, TWO_YEARS),
        ("monthly, step of 1.2 at 5 months", added(lambda a: w.step(a, 5 * MONTH, 1.2)), 5, TWO_YEARS),
        ("monthly, -.4 a month from 3 months", falling(0.4, 3), 3, TWO_YEARS),
    ):
        got = simulate("monthly", n, 5, change, until)
        out.append(found_by(name, got, onset * MONTH, 5.0))
    return out


def series(_n: int) -> list[Line]:
    """Two children by name."""
    him, her = boy(), infant()
    at = {int(a): k for k, a in enumerate(him.age)}
    fit, ratio = float(him.fit[at[182]]), float(him.ratio[at[238]])
    m = ", ".join(f"{him.ratio[at[d]]:.2f}" for d in (126, 154, 182, 210, 238, 266))
    f = ", ".join(f"{him.fit[at[d]]:.1f}" for d in (126, 154, 182, 210, 238, 266))
    return [
        Line("the boy, day 182", fit >= 10, f"fit at least 10: {fit:.1f}; fits {f}"),
        Line("the boy, day 238", ratio >= 5, f"M at least 5: {ratio:.2f}; M {m} on days 126, 154, ..., 266"),
        Line(
            "five weekly gains of -2 to -3",
            float(her.ratio[-1]) >= 20,
            f"M at least 20 at the end: {her.ratio[-1]:.1f}, fit {her.fit[-1]:.0f}",
        ),
    ]


def area(ill: Floats, well: Floats) -> float:
    """Area under the curve: how often one who declines stands above one who does not."""
    order = np.sort(well)
    below = np.searchsorted(order, ill, "left") + np.searchsorted(order, ill, "right")
    return float(below.mean() / (2 * order.size))


def ranking(n: int) -> list[Line]:
    """Sorting a caseload on one review day, routine visits: by the conditional z since the best, and by others."""
    out: list[Line] = []
    for schedule in ("routine", "monthly"):
        figures: dict[str, list[Floats]] = {}
        for ill in (False, True):
            rng = np.random.default_rng([9, ill])
            sex = w.sexes(n, rng)
            age = w.schedule(schedule, n, rng, birth=True)
            z, noise = w.healthy(age, rng, sex)
            # The review is at a weighing drawn from the schedule, the third or a later one; slowing began before it.
            rank = rng.integers(3, (~np.isnan(age)).sum(axis=0))
            day = age[rank, np.arange(n)]
            if ill:
                onset = rng.uniform(0.0, 1.0, n) * day
                kind = rng.integers(0, 4, n)
                rate, size = rng.uniform(0.1, 0.6, n), rng.uniform(0.7, 1.3, n)
                since = np.maximum(age - onset, 0.0)
                falls = [
                    since / MONTH * rate,
                    np.maximum(age, 0.0) / MONTH * rate / 3.0,
                    size * np.clip(since / 28, 0, 1),
                ]
                falls.append(-half_gain(age, sex, onset, rng.uniform(0.0, 0.5, n)))
                z = z - np.choose(kind, falls)
            age[np.arange(len(age))[:, None] > rank] = np.nan
            got = watch(age[1:], z[1:], noise[1:])
            last = got.offsets[1:] - 1
            columns, offsets = w.columns(age, z, noise)
            for free in (False, True):
                lowest = lowest_since(columns[0], columns[1], sex, offsets, free)
                figures.setdefault(f"since best{', level-free' if free else ''}", []).append(-lowest)
            figures.setdefault("M", []).append(got.ratio[last])
            figures.setdefault("fit", []).append(np.nan_to_num(got.fit[last]))
            figures.setdefault("z alone", []).append(-z[rank, np.arange(n)])
        for name, (well, ill_) in figures.items():
            got_area = area(ill_, well)
            held_ = not (schedule == "routine" and name == "since best") or got_area >= 0.80
            above = 100 * float((ill_ > np.quantile(well, 0.99)).mean())
            asked = "at least .80: " if schedule == "routine" and name == "since best" else ""
            out.append(
                Line(f"ranking, {schedule}: {name}", held_, f"{asked}area {got_area:.3f}, {above:.0f} % above 99 %")
            )
    return out


def half_gain(age: Floats, sex: w.Sexes, onset: Floats, share: Floats) -> Floats:
    """Z of a child on the median that gains only a share of what the median gains from an age on."""
    curves = gw.reference(w.STANDARD).curves("weight")
    codes = np.broadcast_to(sex, age.shape)
    known = np.where(np.isnan(age), 0.0, age)
    median = curves.value(np.zeros(age.size), codes.ravel(), known.ravel()).reshape(age.shape)
    start = curves.value(np.zeros(sex.size), sex, onset)
    kg = np.where(known > onset, start + share * (median - start), median)
    return curves.z(kg.ravel(), codes.ravel(), known.ravel()).reshape(age.shape)


def lowest_since(age: Floats, z: Floats, sex: w.Sexes, offsets: Any, free: bool) -> Floats:
    """Conditional z since the best sustained position, of the last weighing of each child; 0 where there is none."""
    ref = gw.reference(w.STANDARD)
    codes = np.repeat(sex, np.diff(offsets))
    kg = ref.curves("weight").value(z, codes, age)
    series = weight_series(ref, kg, age, codes.astype(int), child=offsets, sex_coding={0: "male", 1: "female"})
    return np.nan_to_num(since_best(series, level_free=free).z)


def main() -> None:
    parts: dict[str, Callable[[int], list[Line]]] = {
        "series": series, "real": real, "old": old, "found": found, "held": held, "ranking": ranking,
    }  # fmt: skip
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--only", choices=tuple(parts))
    given = parser.parse_args()
    print(f"detector {detector().hash[7:15]}, model {weight_model().hash[7:15]}, growthwatch {gw.__version__}")
    failed = 0
    for name, part in parts.items():
        if given.only not in (None, name):
            continue
        n = {"found": given.n // 10, "ranking": given.n // 5, "real": 2 * given.n}.get(name, given.n)
        for line in part(n):
            failed += not line.held
            print(f"{'held  ' if line.held else 'FAILED'} {line.name:52s} {line.text}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
