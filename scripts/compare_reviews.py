"""Hold what reviews, replays and trajectories of random records say against what they said before.

python scripts/compare_reviews.py record before.json [--count 1000]
python scripts/compare_reviews.py check before.json [--show 3]

``record`` writes what each record says now; ``check`` says whether it says the same, and shows where not.
The protocol's hash is blanked, so that a file of rules may change its form.
"""

from __future__ import annotations

import argparse
import datetime as dt
import difflib
import json
import sys
import zlib
from multiprocessing import Pool
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from random_records import last_day, random_record  # noqa: E402

import growthwatch as gw  # noqa: E402
from growthwatch.core.canonical import short_hash  # noqa: E402


def answers(seed: int) -> list[str]:
    """Lines of text that a record's reviews, replay and trajectory come to."""
    record, protocol = random_record(seed), gw.protocol("uk-hv")
    end = last_day(record)
    start = min(e.on for e in record.events)
    days = [start + dt.timedelta(days=int((end - start).days * part)) for part in (0.4, 0.8, 1.0)]
    days.append(end + dt.timedelta(days=120))
    out: list[str] = []
    for day in days:
        review = gw.review(record, protocol=protocol, as_of=day)
        for said in (review.to_json(), review.explain()):
            out += said.replace(protocol.hash, "HASH").replace(short_hash(protocol.hash), "HASH").splitlines()
    hindsight = gw.review(record, protocol=protocol, as_of=days[1], known_at=end)
    out.append(hindsight.to_json().replace(protocol.hash, "HASH"))
    out += [str(c) for c in gw.replay(record, protocol=protocol, until=days[-1])]
    if seed % 5 == 0:
        try:
            out += gw.trajectory(record, as_of=days[2]).explain().splitlines()
        except gw.GrowthwatchError as e:
            out.append(str(e))
    return out


def main() -> int:
    """Record or check."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("record", "check"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--show", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    before: dict[str, Any] = json.loads(given.file.read_text()) if given.what == "check" else {}
    count = len(before) or given.count
    differ = 0
    made: dict[str, Any] = {}
    with Pool(given.processes) as pool:
        for seed, lines in enumerate(pool.imap(answers, range(count), chunksize=10)):
            text = "\n".join(lines)
            if given.what == "record":
                made[str(seed)] = zlib.compress(text.encode()).hex()
                continue
            old = zlib.decompress(bytes.fromhex(before[str(seed)])).decode()
            if old != text:
                differ += 1
                if differ <= given.show:
                    print(f"--- record {seed}")
                    for line in difflib.unified_diff(old.splitlines(), lines, lineterm="", n=0):
                        print(line[:400])
    if given.what == "record":
        given.file.write_text(json.dumps(made))
    print(f"{count} records" + (f", {differ} differ" if given.what == "check" else ""))
    return 1 if differ else 0


if __name__ == "__main__":
    raise SystemExit(main())
