"""One child's review, and its parts: milliseconds, median and best of many.

python benchmarks/review_speed.py
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def daily(days: int) -> gw.Record:
    """A girl weighed every day along the middle line, sliding slowly; now and then clothed."""
    born = dt.date(2018, 1, 15)
    z = [-min(2.0, day / 600) + 0.1 * math.sin(day) for day in range(days)]
    weights: Any = gw.reference("uk-who").value(z, age_days=list(range(days)), sex="female")
    shared: dict[str, Any] = {"actor": "hv", "role": "health_visitor"}
    events: list[dict[str, Any]] = [
        {"id": "b", "type": "born", "on": born, "recorded_at": f"{born}T12:00:00Z", "sex": "female", **shared}
    ]
    for day, kg in enumerate(weights.tolist()):
        on = born + dt.timedelta(days=day)
        wear = "clothed" if day % 7 == 3 else "naked"
        event = {"id": f"w{day}", "type": "weighed", "on": on, "recorded_at": f"{on}T12:00:00Z", **shared}
        events.append({**event, "weight_kg": round(kg, 3), "clothing": wear, "scale": "class_iii"})
    return gw.Record("daily", events)


def without_evidence(folder: Path) -> gw.Protocol:
    """The packaged protocol without the rules that look at a child's own past."""
    text = (Path(gw.__file__).parent / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")
    head, *rules = text.split("[[rules]]\nid = ")
    kept = [r for r in rules if r.split('"')[1] not in ("G3c", "G7", "G12")]
    path = folder / "before.toml"
    path.write_text("[[rules]]\nid = ".join([head, *kept]), encoding="utf-8")
    return gw.Protocol.load(path)


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
    # What the evidence, the gain and the condition's reference cost: the two by turns, in one run.
    with tempfile.TemporaryDirectory() as folder:
        before = without_evidence(Path(folder))
    pairs = [
        (
            clock(functools.partial(gw.review, record, protocol=before, as_of=last), 5)[1],
            clock(functools.partial(gw.review, record, protocol=protocol, as_of=last), 5)[1],
        )
        for _ in range(12)
    ]
    old, new = min(a for a, _ in pairs), min(b for _, b in pairs)
    print(f"review without G3c, G7, G12 best {old:6.2f} ms, with {new:6.2f} ms: ratio {new / old:.2f}")
    for days in (100, 300, 1000, 3000):
        long = daily(days)
        end = dt.date(2018, 1, 15) + dt.timedelta(days=days)
        _, best = clock(functools.partial(gw.review, long, protocol=protocol, as_of=end), 3)
        print(f"review of {days:5d} daily weights    best {best:8.1f} ms   {best / days:6.3f} ms a weight")


if __name__ == "__main__":
    main()
