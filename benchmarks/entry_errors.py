"""Suspected entry errors: how many seeded slips are found, how many true weights are questioned, and at what cost.

    python benchmarks/entry_errors.py --children 20000

Children are made up here, on UK-WHO, by a generator that is not the library's own model of
growth: a level, two first-order processes in log age, weighing noise, scales of 10, 50 or 100 g,
preterm births and conditions.  Each kind of slip is seeded in 1 % of weights (or of children), in
turn, and so are true illnesses, which must not be questioned.  Intervals are Wilson's, 95 %.

Beside the figures stands what is published on growthcleanr and others, on other data: they are
not head to head.
"""

from __future__ import annotations

import argparse
import time
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

import growthwatch as gw
from growthwatch.growth.quality import Suspicions, suspected
from growthwatch.growth.slips import EntryError

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

REFERENCE = gw.reference("uk-who")
SEXES = np.array(["male", "female"])

# Routine ages in the UK [days], the share of children weighed at each, and how far the day varies.
ROUTINE = np.array(
    [
        (0, 1.0, 0), (5, 0.9, 1), (12, 0.85, 2), (28, 0.4, 5), (56, 0.9, 5), (84, 0.7, 6), (112, 0.8, 8),
        (183, 0.5, 15), (245, 0.4, 20), (320, 0.7, 30), (365, 0.5, 20), (500, 0.35, 40), (760, 0.7, 50),
        (915, 0.4, 50), (1100, 0.3, 60), (1350, 0.3, 60), (1600, 0.4, 60),
    ]
)  # fmt: skip


class Caseload(NamedTuple):
    child: npt.NDArray[np.intp]
    sex: npt.NDArray[np.intp]
    age: Floats
    gestation: Floats
    z: Floats
    kg: Floats  # true weight on the day, with the noise of weighing
    grain: Floats  # step of the scale [kg]

    @property
    def first(self) -> Flags:
        return np.r_[True, self.child[1:] != self.child[:-1]]

    def read(self, kg: Floats) -> Floats:
        """What the scale shows."""
        return np.round(np.maximum(np.round(kg / self.grain), 1) * self.grain, 3)


def kilograms(z: Floats, age: Floats, sex: npt.NDArray[np.intp], gestation: Floats) -> Floats:
    return REFERENCE.value(
        np.clip(z, -5.5, 5.0), age_days=age, sex=sex, gestation_days=gestation, sex_coding={0: "male", 1: "female"}
    )


def caseload(children: int, rng: np.random.Generator, monthly: bool = False) -> Caseload:
    ages: list[Floats] = []
    often = rng.random(children) < 0.15
    for i in range(children):
        if monthly:
            at = np.arange(0, 731, 30.4375) + np.r_[0, rng.integers(-4, 5, 24)]
        else:
            at = (ROUTINE[:, 0] + np.rint(rng.normal(0, 0.5, len(ROUTINE)) * ROUTINE[:, 2]))[
                rng.random(len(ROUTINE)) < ROUTINE[:, 1]
            ]
            more = rng.integers(14, 500, rng.poisson(3)) if not often[i] else np.arange(20, rng.integers(300, 1500), 28)
            at = np.r_[at, more]
        ages.append(np.unique(np.clip(np.floor(at), 0, 1800)))
    child = np.repeat(np.arange(children), [a.size for a in ages])
    age = np.concatenate(ages)
    first = np.r_[True, child[1:] != child[:-1]]
    sex = rng.integers(0, 2, children)
    gestation = np.where(
        rng.random(children) < 0.08, np.round(rng.triangular(180, 255, 259, children)), rng.integers(259, 294, children)
    ).astype(np.float64)
    level = rng.normal(0, 0.8, children) - 0.8 * (often & (rng.random(children) < 0.5))
    log = np.log(age + 30.0)
    step = np.r_[0.0, np.diff(log)]
    slow, quick = rng.standard_normal(age.size), rng.standard_normal(age.size)
    for path, length in ((slow, 1.6), (quick, 0.12)):
        keep = np.where(first, 0.0, np.exp(-np.abs(step) / length))
        fresh = path * np.sqrt(1 - keep * keep)
        for i in range(age.size):
            path[i] = fresh[i] + (keep[i] * path[i - 1] if i else 0.0)
    z = level[child] + 0.55 * slow + 0.16 * quick
    kg = kilograms(z, age, sex[child], gestation[child])
    kg = kg + rng.normal(0, 0.06, age.size) * np.minimum(1.0, kg / 6)
    grain = rng.choice([0.01, 0.05, 0.1], children, p=[0.75, 0.1, 0.15])
    return Caseload(child, sex[child], age, gestation[child], z, kg, grain[child])


# --- slips ------------------------------------------------------------------------------------


def swap(kg: Floats, rng: np.random.Generator) -> Floats:
    """Swap two neighbouring digits of each weight, as written with two decimals."""
    out = kg.copy()
    for i, w in enumerate(kg.tolist()):
        digits = f"{w:.2f}"
        bare = digits.replace(".", "")
        places = [k for k in range(len(bare) - 1) if bare[k] != bare[k + 1]]
        rng.shuffle(places)
        for k in places:
            new = bare[:k] + bare[k + 1] + bare[k] + bare[k + 2 :]
            if new[0] != "0" or len(bare) == 3:
                out[i] = float(new[:-2] + "." + new[-2:])
                break
    return np.maximum(out, 0.01)


def seeded(kind: str, c: Caseload, shown: Floats, rng: np.random.Generator) -> tuple[Floats, Flags]:
    """Weights with 1 % of slips of a kind, and which rows have one."""
    kg = shown.copy()
    bad = rng.random(kg.size) < 0.01
    if kind == "tenfold":
        kg[bad] *= np.where(rng.random(bad.sum()) < 0.5, 10.0, 0.1)
    elif kind == "grams":
        kg[bad] *= 1000.0
    elif kind == "pounds":
        kg[bad] *= np.where(rng.random(bad.sum()) < 0.7, 2.2046, 1 / 2.2046)
    elif kind == "swapped digits":
        kg[bad] = swap(kg[bad], rng)
    elif kind == "another child":
        kg[bad] = rng.choice(shown, bad.sum())
    elif kind == "another child, same age":
        order = np.argsort(c.age, kind="stable")
        place = np.empty(kg.size, np.intp)
        place[order] = np.arange(kg.size)
        near = np.clip(place[bad] + rng.integers(-200, 200, bad.sum()), 0, kg.size - 1)
        kg[bad] = shown[order[near]]
    elif kind == "carried forward":
        bad &= ~c.first & (np.r_[0, np.diff(c.age)] >= 7)
        kg[bad] = shown[np.flatnonzero(bad) - 1]
    elif kind == "clothed":
        kg[bad] += rng.gamma(4.0, 0.5 / 4.0, bad.sum())
    kg = np.round(kg, 3)
    return kg, bad & (np.abs(kg - shown) > 1e-9) if kind != "carried forward" else bad


def ill(c: Caseload, rng: np.random.Generator, kind: str) -> tuple[Floats, Flags]:
    """True weights of children of whom a tenth fall ill, and the rows that this touches."""
    n = int(c.child[-1]) + 1
    which = rng.random(n) < 0.1
    begins = rng.integers(20, 900, n)[c.child]
    since = c.age - begins
    deep = {"dip": rng.uniform(0.5, 2.0, n), "slow fall": rng.uniform(1.0, 3.0, n), "sudden loss": np.zeros(n)}[kind]
    if kind == "dip":  # down within days, back within weeks
        fall = deep[c.child] * np.exp(-np.maximum(since, 0) / 20.0) * (since >= 0)
    else:
        fall = deep[c.child] * np.clip(since / rng.uniform(60, 240, n)[c.child], 0.0, 1.0)
    kg = c.kg + (kilograms(c.z - fall, c.age, c.sex, c.gestation) - kilograms(c.z, c.age, c.sex, c.gestation))
    touched = which[c.child] & (since >= 0) & (fall > 0.3)
    if kind == "sudden loss":  # 8 to 15 % of weight, back within two weeks
        lost = rng.uniform(0.08, 0.15, n)[c.child] * np.exp(-np.maximum(since, 0) / 10.0) * (since >= 0)
        kg, touched = c.kg * (1 - lost), which[c.child] & (lost > 0.03)
    return np.where(touched, kg, c.kg), touched


# --- figures ----------------------------------------------------------------------------------


def wilson(hits: int, of: int) -> str:
    if of == 0:
        return "-"
    p, z = hits / of, 1.96
    middle, half = p + z * z / (2 * of), z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
    return f"{100 * p:6.2f} ({100 * max(low, 0.0):.2f}-{100 * high:.2f})"


def judge(
    c: Caseload, kg: Floats, hindsight: bool, age: Floats | None = None, sex: npt.NDArray[np.intp] | None = None
) -> Suspicions:
    return suspected(
        kg,
        age_days=c.age if age is None else age,
        sex=c.sex if sex is None else sex,
        gestation_days=c.gestation,
        child=c.child,
        hindsight=hindsight,
        sex_coding={0: "male", 1: "female"},
    )


CODES = {
    "tenfold": {EntryError.TENFOLD},
    "grams": {EntryError.GRAMS},
    "pounds": {EntryError.POUNDS},
    "swapped digits": {EntryError.SWAPPED_DIGITS},
    "another child": {EntryError.OTHER_CHILD},
    "another child, same age": {EntryError.OTHER_CHILD},
    "carried forward": {EntryError.CARRIED_FORWARD},
    "clothed": {EntryError.CLOTHED},
}

MILD = {"swapped digits", "another child", "another child, same age", "clothed"}  # many change little

PUBLISHED = """
Published, on other data (not head to head)
  growthcleanr (Daymont C et al. J Am Med Inform Assoc 2017;24:1080-7): sensitivity 97 % (94-99) and specificity
    90 % (85-94) against physicians' judgement of 400 values; 95 % of simulated errors of weight identified.
    3.8 % of weights of 1- to 21-year-olds excluded; exact repeats are excluded as carried forward by default.
  growthcleanr on 687 226 US children (Lin PD et al. JAMIA Open 2022;5:ooac089): 18 % of measurements flagged,
    mostly carried forward.
  NLME-A (Woolley CSC et al. PLoS ONE 2020;15:e0228154, weights, simulated errors): sensitivity 87.7 %,
    specificity 99.9 %; five methods without it 11 to 80 %, 99.3 to 99.5 %.
  growthcleanr's documented codes (unit errors, swapped height and weight, carried forward, outliers by moving
    average) name no digits, clothes, sex or birth date; its figures by kind of slip were not found.
"""


def line(name: str, found: Suspicions, bad: Flags, codes: set[EntryError]) -> str:
    hit, clean = found.suspect & bad, ~bad & ~np.isnan(found.probability)
    right = np.isin(found.code, list(codes)) & hit
    return (
        f"{name:28s} {'hindsight' if found.hindsight else 'at entry':9s} {int(bad.sum()):6d}  "
        f"{wilson(int(hit.sum()), int(bad.sum())):24s} {wilson(int(right.sum()), int(hit.sum())):24s} "
        f"{wilson(int((~found.suspect & clean).sum()), int(clean.sum())):24s}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--children", type=int, default=20_000)
    parser.add_argument("--evidence", type=int, default=4_000, help="children weighed monthly, for false alarms")
    parser.add_argument("--seed", type=int, default=1979)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    c = caseload(asked.children, rng)
    shown = c.read(c.kg)
    print(f"{asked.children} children, {shown.size} weights, SD of z {c.z.std():.2f}\n")
    print(f"{'seeded':28s} {'judged':9s} {'n':>6s}  {'sensitivity %':24s} {'of these, right kind %':24s} specificity %")
    true_z = REFERENCE.z(
        shown, age_days=c.age, sex=c.sex, gestation_days=c.gestation, sex_coding={0: "male", 1: "female"}
    )
    for hindsight in (False, True):
        none = np.zeros(shown.size, np.bool_)
        print(line("nothing", judge(c, shown, hindsight), none, set()))
    for kind, codes in CODES.items():
        kg, bad = seeded(kind, c, shown, rng)
        z = REFERENCE.z(kg, age_days=c.age, sex=c.sex, gestation_days=c.gestation, sex_coding={0: "male", 1: "female"})
        far = bad & (np.abs(z - true_z) >= 2.0)
        for hindsight in (False, True):
            found = judge(c, kg, hindsight)
            print(line(kind, found, bad, codes))
            if kind in MILD:
                hit = wilson(int((found.suspect & far).sum()), int(far.sum()))
                print(f"{'  moved by 2 SD or more':28s} {'':10s}{int(far.sum()):6d}  {hit}")
            if kind == "carried forward" and not hindsight:
                asked_soon = (found.likeliest == EntryError.CARRIED_FORWARD) & (found.probability >= 0.1)
                hit = wilson(int((asked_soon & bad).sum()), int(bad.sum()))
                spared = wilson(int((~asked_soon & ~bad).sum()), int((~bad).sum()))
                print(f"{'  were 10 % enough to ask':46s} {hit:24s} {'':24s} {spared}")
                repeat = ~c.first & (kg == np.r_[0.0, kg[:-1]])
                hit = wilson(int((repeat & bad).sum()), int(bad.sum()))
                spared = wilson(int((~repeat & ~bad).sum()), int((~bad).sum()))
                print(f"{'  every repeat (a plain rule)':46s} {hit:24s} {'':24s} {spared}")
    print("\nTrue illness: weights of ill children that are not questioned %, at entry and in hindsight")
    for kind in ("dip", "slow fall", "sudden loss"):
        kg, touched = ill(c, rng, kind)
        kg = c.read(kg)
        both = [judge(c, kg, h) for h in (False, True)]
        kept = [wilson(int((~f.suspect & touched).sum()), int(touched.sum())) for f in both]
        print(f"{kind:28s} {int(touched.sum()):6d}  {kept[0]:24s} {kept[1]:24s}")
    print("\nWrong for a whole child, 1 % of children: found in hindsight %, others spared %; the same, ever at entry")
    children = int(c.child[-1]) + 1
    for name in ("sex", "birth date by a year", "birth date by 3 months", "birth date by a month"):
        chosen = rng.random(children) < 0.01
        sex, age, kg = c.sex, c.age, shown
        if name == "sex":
            sex = np.where(chosen[c.child], 1 - c.sex, c.sex)
        else:
            days = 365 if "year" in name else 91 if "3" in name else 30
            signs = np.where(rng.random(children) < 0.5, 1, -1)[c.child]
            moved = c.age + signs * days
            shifted = chosen[c.child] & (c.age > 0)
            age = np.where(shifted, np.maximum(moved, 1), c.age)
            kg = np.where(shifted & (moved < 1), np.nan, shown)  # dated before birth: refused as it is
        found = judge(c, kg, True, age, sex)
        at_entry = judge(c, kg, False, age, sex)
        code = EntryError.WRONG_SEX if name == "sex" else EntryError.WRONG_BIRTH_DATE
        named = np.bincount(c.child, found.series_code == code, children) > 0
        live = np.bincount(c.child, at_entry.series_code == code, children) > 0
        several = chosen & (np.bincount(c.child, ~np.isnan(kg), children) >= 5)
        print(
            f"{name:28s} {int(several.sum()):6d}  "
            f"{wilson(int((named & several).sum()), int(several.sum())):24s} "
            f"{wilson(int((~named & ~chosen).sum()), int((~chosen).sum())):24s} "
            f"{wilson(int((live & several).sum()), int(several.sum())):24s} "
            f"{wilson(int((~live & ~chosen).sum()), int((~chosen).sum()))}"
        )
    print("\nCost, microseconds of processor a row")
    for hindsight in (False, True):
        begin = time.process_time()
        judge(c, shown, hindsight)
        print(f"{'hindsight' if hindsight else 'at entry':10s} {1e6 * (time.process_time() - begin) / shown.size:6.2f}")
    print("\nEvidence of slowing: healthy children weighed monthly who ever reach amber (5) by 2 years, %")
    m = caseload(asked.evidence, rng, monthly=True)
    clean = m.read(m.kg)
    wrong = clean.copy()
    for kind in ("tenfold", "pounds", "swapped digits", "another child"):
        part, bad = seeded(kind, m, clean, rng)
        bad &= rng.random(bad.size) < 0.25
        wrong[bad] = part[bad]
    kept = ~judge(m, wrong, False).suspect
    everything = np.ones(wrong.size, np.bool_)
    for name, kg, rows in (
        ("no errors", clean, everything),
        ("no errors, suspects left out", clean, ~judge(m, clean, False).suspect),
        ("1 % gross errors", wrong, everything),
        ("  suspects left out", wrong, kept),
    ):
        ratio = gw.evidence(
            kg[rows],
            age_days=m.age[rows],
            sex=SEXES[m.sex[rows]],
            gestation_days=m.gestation[rows],
            child=m.child[rows],
        )
        ever = np.bincount(m.child[rows], ratio >= 5.0, asked.evidence) > 0
        print(f"{name:32s} {wilson(int(ever.sum()), asked.evidence)}")
    print(PUBLISHED)


if __name__ == "__main__":
    main()
