"""One child's review, and its parts: milliseconds, median and best of many.

python benchmarks/review_speed.py
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable

import growthwatch as gw


def clock(what: Callable[[], object], times: int = 60) -> tuple[float, float]:
    what()
    taken: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        what()
        taken.append((time.perf_counter() - start) * 1e3)
    return statistics.median(taken), min(taken)


def thirty_events() -> gw.Record:
    """The first 30 events of the story of a slow decline: 20 months, 13 weights."""
    record = gw.Record.load("examples/c1-slow-decline.json")
    weights = [e for e in record if e.type in ("born", "weighed", "condition_diagnosed")]
    others = [e for e in record if e not in weights]
    return gw.Record(record.child_id, [*weights, *others[: 30 - len(weights)]])


def main() -> None:
    protocol = gw.protocol("uk-hv")
    record = thirty_events()
    text, last = record.dumps(), dt.date(2024, 4, 9)
    review = gw.review(record, protocol=protocol, as_of=last)
    weights = sum(e.type == "weighed" for e in record)
    print(f"{len(record)} events, {weights} weights, {len(review.findings)} findings open")
    for name, what in (
        ("review", lambda: gw.review(record, protocol=protocol, as_of=last)),
        ("review + explain", lambda: gw.review(record, protocol=protocol, as_of=last).explain()),
        ("review + to_json", lambda: gw.review(record, protocol=protocol, as_of=last).to_json()),
        ("replay", lambda: list(gw.replay(record, protocol=protocol, until=last))),
        ("loads", lambda: gw.Record.loads(text)),
    ):
        median, best = clock(what)
        print(f"{name:18s} median {median:6.2f} ms   best {best:6.2f} ms")


if __name__ == "__main__":
    main()
