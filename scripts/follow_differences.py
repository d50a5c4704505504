"""List where what follows from weights as columns differs from what the protocol says of the same weights.

python scripts/follow_differences.py [--count 10000] [--show 3]

Random records are read by the protocol; the weights that count then are followed as columns, and each is
compared with what the protocol's own ledgers say: the best weight before it, the loss from it, the clock of
no net gain and its limits, the fall from birth, the fall below the highest of late, and the conditional gain.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from random_records import last_day, random_record  # noqa: E402

import growthwatch as gw  # noqa: E402
from growthwatch.core.calendar import end_of_day  # noqa: E402
from growthwatch.growth import follow, steps  # noqa: E402
from growthwatch.growth.detector import detector  # noqa: E402
from growthwatch.growth.model import weight_model  # noqa: E402
from growthwatch.growth.published import judge  # noqa: E402
from growthwatch.growth.rules import packaged_rules  # noqa: E402
from growthwatch.growth.weighings import read_weighings  # noqa: E402
from growthwatch.protocol.child import Scorer, read_child  # noqa: E402
from growthwatch.protocol.kinds.fall_from_birth import FallFromBirth  # noqa: E402
from growthwatch.protocol.kinds.gain import ConditionalGain  # noqa: E402
from growthwatch.protocol.kinds.kilograms import NoNetGain  # noqa: E402
from growthwatch.protocol.kinds.kind import At  # noqa: E402
from growthwatch.record.known import Known  # noqa: E402

FACTS = ("best", "loss", "clock", "limits", "fall", "fallen", "gain")


class Difference(NamedTuple):
    """One fact of one weight on which the two do not agree."""

    seed: int
    fact: str
    day: int
    columns: str
    protocol: str
    why: str


def _same(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is None and b is None
    if isinstance(a, tuple):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    return math.isclose(a, b, rel_tol=0.0, abs_tol=1e-9)


def _none(x: float) -> float | None:
    return None if math.isnan(x) else float(x)


def differences(seed: int) -> list[Difference]:
    """Every difference in one record."""
    record, protocol = random_record(seed), gw.protocol("uk-hv")
    last = last_day(record)
    known = Known.of(record, as_of=end_of_day(last, protocol.zone), zone=protocol.zone).effective()
    scorer = Scorer(protocol.settings, protocol.reference, [e for _, e in known])
    child = read_child(protocol.settings, protocol.reference, known, scorer)
    if child.ages.birth is None or not child.weights.valid:
        return []
    return list(_compare(seed, child, protocol))


def _compare(seed: int, child: Any, protocol: Any) -> Iterator[Difference]:
    birth, valid, terms = child.ages.birth, child.weights.valid, protocol.settings.terms
    n = len(valid)
    age = np.array([w.age_days for w in valid], np.float64)
    kg = np.array([w.kg for w in valid])
    need = child.conditions.high_need
    gestation = None if birth.gestation_days is None else np.full(n, float(birth.gestation_days))
    weighings, given = read_weighings(
        protocol.reference, kg, age, np.full(n, birth.sex, object), gestation, None, need, None,
        birth_date=birth.date,
    )  # fmt: skip
    rows, levels = weighings.rows, weighings.levels
    rules = {r.kind: r for r in packaged_rules()}
    lowest = weighings.lowest_kg
    best = follow.best_before(rows, lowest, terms.best_from_age_days)
    loss = follow.percent_below(best.kg, lowest)
    clock = follow.clock(rows, lowest, terms.best_from_age_days, 1.0 if need else 0.0)
    counted = judge(weighings, rules["no_net_gain"])
    g3 = next(r for r in protocol.rules if isinstance(r, FallFromBirth))
    at_birth = weighings.read_at_birth(g3.term_birth_from_gestation_days)
    fall = follow.fall_from_birth(rows, weighings.published_z, at_birth)
    fallen = follow.fallen(levels, terms.falling_within_days, terms.falling_least_days)
    g7 = next(r for r in protocol.rules if isinstance(r, ConditionalGain))
    gain = follow.conditional_gain(
        levels,
        weighings.published_z,
        weighings.followed_days,
        weighings.noise,
        weight_model(),
        g7.least_days,
        until_days=detector().ages.until_days,
    )
    g9 = next(r for r in protocol.rules if isinstance(r, NoNetGain))
    at = At(child, valid[-1].day, "T0", None, need)  # type: ignore[arg-type]
    g9._clock(at)
    states = child.growth._running[g9.id, need]
    birth_z = g3._birth_z(child)
    end = {w.day: w.place for w in valid}  # a column tells a day by all of its weights
    for w, r in zip(valid, given.row.tolist(), strict=True):
        if r < 0:
            continue
        theirs: dict[str, Any] = {}
        ours: dict[str, Any] = {}
        b = child.growth.best_before(w)
        lowest = min((v for v in valid if v.day == w.day), key=lambda v: v.exact)
        theirs["best"], ours["best"] = None if b is None else b.kg, _none(best.kg[r])
        theirs["loss"] = None if b is None else float(steps.percent_below(b.exact, lowest.exact))
        ours["loss"] = _none(loss[r])
        state = states[end[w.day] + 1].at
        theirs["clock"] = None if state.anchor is None else float(w.day - state.anchor.day)
        ours["clock"] = _none(float(clock.days(rows)[r]))
        if theirs["clock"] is not None and counted.status_code[r] == 0:
            theirs["limits"] = _limits(g9, child, w.day, need, theirs["clock"])
            ours["limits"] = int(counted.level[r])
        z = child.growth.z(w)
        theirs["fall"] = None if birth_z is None or z is None else birth_z - z
        ours["fall"] = _none(fall[r])
        c = child.growth.fallen(w)
        theirs["fallen"], ours["fallen"] = None if c is None else c[0], _none(fallen[r])
        g = child.growth.conditional_gain(w, g7.least_days)
        theirs["gain"] = None if g is None else g[0]
        ours["gain"] = _none(gain.z[r])
        for fact in ours:
            if not _same(ours[fact], theirs[fact]):
                yield Difference(seed, fact, w.age_days, str(ours[fact]), str(theirs[fact]), _why(fact, ours, theirs))


def _limits(g9: Any, child: Any, day: int, need: bool, count: float) -> int:
    """Level of the clock on a day, by calendar months."""
    level = 0
    for band in g9.clock:
        start = (
            child.ages.birth.day + band.from_days if band.from_days is not None else child.ages.mark(band.from_months)
        )
        if day >= start:
            amber = band.high_need_amber_days if need and band.high_need_amber_days is not None else band.amber_days
            red = band.high_need_red_days if need and band.high_need_red_days is not None else band.red_days
            level = int(count >= amber) + int(count >= red)
    return level if day < child.ages.mark(g9.clock[-1].until_months) else 0


def _why(fact: str, ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    if fact == "limits":
        return "months"
    if (ours[fact] is None) != (theirs[fact] is None):
        return "only one has a figure"
    return "another figure"


def main() -> int:
    """Print how many differences there are, by fact and cause, and some of each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--show", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    found: dict[tuple[str, str], list[Difference]] = {}
    with Pool(given.processes) as pool:
        for some in pool.imap(differences, range(given.count), chunksize=20):
            for d in some:
                found.setdefault((d.fact, d.why), []).append(d)
    for (fact, why), some in sorted(found.items()):
        records = len({d.seed for d in some})
        print(f"{fact}: {why}: {len(some)} weights of {records} records")
        for d in some[: given.show]:
            print(f"    record {d.seed}, day {d.day}: columns {d.columns}, protocol {d.protocol}")
    print(f"{given.count} records")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
