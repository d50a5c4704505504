"""Hold the invariants of the process rules on many long histories of moves, and count the moves.

python scripts/deep_invariants.py run KEPT.jsonl [--seed 11] [--steps 100000] [--size 40] [--minutes 30]
python scripts/deep_invariants.py show KEPT.jsonl

``run`` adds one line for each history to a file and goes on where the file ends: a run may be stopped at any time.
An invariant of one course is held on every day of every history; one that compares two courses, which costs
another fold or two, on one history in five.  ``show`` prints what was found, and how often each move was made.
Exit 1 where an invariant was broken.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from invariants import INVARIANTS, OF_ONE_COURSE, followed  # noqa: E402
from moves import seeded  # noqa: E402

SHARE = 5
"""One history in so many has an invariant that compares two courses held on it."""


def name(seed: int, number: int) -> int:
    """The seed of a history of a run."""
    return seed * 1_000_000 + number


def follow(seed: int, number: int, size: int) -> dict[str, Any]:
    """What one history came to: its moves, those that were refused, and the invariants that it broke."""
    h = seeded(name(seed, number), size)
    broken: dict[str, str] = {}
    held = 0
    for n, check in INVARIANTS.items():
        if n in OF_ONE_COURSE or (n + number) % SHARE == 0:
            held += 1
            try:
                check(h, random.Random(number))
            except Exception as e:  # whatever a record makes the engine do, the run goes on
                broken[str(n)] = f"{type(e).__name__} {e}"[:300]
    refused = {x.event for x in followed(h).state.refused}
    return {
        "history": number,
        "seed": name(seed, number),
        "steps": size,
        "held": held,
        "told": Counter(n for n, *_ in h.moves),
        "made": Counter(n for n, _ in h.made),
        "admitted": Counter(n for n, id in h.made if id not in refused),
        "broken": broken,
    }


def run(kept: Path, seed: int, steps: int, size: int, minutes: float) -> int:
    """Follow histories until so many steps are made, or the time is over."""
    lines = kept.read_text().splitlines() if kept.exists() else []
    number, done = len(lines), sum(json.loads(line)["steps"] for line in lines)
    end = time.monotonic() + 60 * minutes
    with kept.open("a") as file:
        while done < steps and time.monotonic() < end:
            found = follow(seed, number, size)
            print(json.dumps(found), file=file, flush=True)
            for n, why in found["broken"].items():
                print(f"seeded({found['seed']}, {size}): invariant {n}: {why}", flush=True)
            number, done = number + 1, done + size
    return show(kept)


def show(kept: Path) -> int:
    """Print what a run has found so far."""
    lines = [json.loads(line) for line in kept.read_text().splitlines()]
    total = sum(x["steps"] for x in lines)
    columns = {what: Counter[str]() for what in ("told", "made", "admitted")}
    for x in lines:
        for what, count in columns.items():
            count.update(x[what])
    print(f"{'move':16}{'of all steps':>14}{'made':>9}{'admitted':>10}")
    for move, n in sorted(columns["told"].items(), key=lambda x: -x[1]):
        print(f"{move:16}{n / total:>14.2%}{columns['made'][move]:>9}{columns['admitted'][move]:>10}")
    broken = [(x["seed"], x["steps"], n, why) for x in lines for n, why in x["broken"].items()]
    for seed, size, n, why in broken:
        print(f"seeded({seed}, {size}): invariant {n}: {why}")
    print(f"{total} steps in {len(lines)} histories, {sum(x['held'] for x in lines)} checks, {len(broken)} broken")
    return bool(broken)


def main() -> int:
    """Run, or show."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("kept", type=Path)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=24 * 60)
    args = parser.parse_args()
    if args.what == "show":
        return show(args.kept)
    return run(args.kept, args.seed, args.steps, args.size, args.minutes)


if __name__ == "__main__":
    sys.exit(main())
