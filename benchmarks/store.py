"""How long a store of many children takes: to fill, to verify, to open one child, to review every child.

python benchmarks/store.py [--children 2000] [--url sqlite:///FILE] [--reviews 200] [--seed 1]

Each child has 25 events: a birth, weights and contacts over two years.  Without ``--url`` the store is a file of
SQLite in a temporary folder.  The full size is ``--children 100000``: 2.5 million events.  Figures are of the wall
clock, and of this process alone in brackets: a machine that does other things too shows the difference.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

import growthwatch as gw

EVENTS = 25
AGES = (0, 5, 12, 14, 21, 28, 42, 60, 75, 90, 105, 118, 150, 180, 210, 240, 280, 320, 360, 400, 450, 520, 600, 660, 720)
_UTC = dt.UTC


def lines() -> dict[str, list[tuple[float, float]]]:
    """Median and one SD above it at each age [kg]."""
    uk, out = gw.reference("uk-who"), {}
    for sex in ("female", "male"):
        at = [
            uk.value([z] * len(AGES), age_days=list(AGES), sex=sex, measure="weight", gestation_days=280)
            for z in (0.0, 1.0)
        ]
        out[sex] = [(float(m), float(s - m)) for m, s in zip(*at, strict=True)]
    return out


def records(count: int, seed: int) -> Iterator[gw.Record]:
    """Records of so many invented children, one after the other."""
    drawn, on_lines = Random(seed), lines()
    for n in range(count):
        sex = drawn.choice(("female", "male"))
        born = dt.date(2022, 1, 1) + dt.timedelta(days=drawn.randrange(700))
        z, slope = drawn.gauss(0, 1), drawn.choice((0.0, 0.0, 0.0, -0.0015))
        events: list[dict[str, Any]] = []
        for k, age in enumerate(AGES):
            on = born + dt.timedelta(days=age)
            shared = {
                "id": f"e{k}", "on": on, "recorded_at": dt.datetime(on.year, on.month, on.day, 15, tzinfo=_UTC),
                "actor": f"hv{n % 40}", "role": "health_visitor",
            }  # fmt: skip
            if k == 0:
                events.append({**shared, "type": "born", "sex": sex, "gestation_days": 280})
            elif k % 5 == 3:
                events.append({**shared, "type": "contact", "face_to_face": True, "danger_signs": "none"})
            else:
                middle, sd = on_lines[sex][k]
                kg = round(middle + sd * (z + slope * age + drawn.gauss(0, 0.12)), 3)
                events.append({**shared, "type": "weighed", "weight_kg": kg, "clothing": "naked", "scale": "class_iii"})
        yield gw.Record(f"p{seed}-{n:07}", events)


class Clock:
    """Times one piece of work, and says so."""

    def __init__(self, what: str, of: int, each: str):
        self.what, self.of, self.each = what, of, each

    def __enter__(self) -> Clock:
        self.wall, self.own = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            return
        wall, own = time.perf_counter() - self.wall, time.process_time() - self.own
        each = 1e6 * own / self.of
        print(f"{self.what:<34} {wall:8.1f} s ({own:.1f}), {each:.0f} microseconds a {self.each}", flush=True)


class Each:
    """Times one small thing many times, and says what is usual."""

    def __init__(self, what: str):
        self.what = what
        self.wall: list[float] = []
        self.own: list[float] = []

    @contextlib.contextmanager
    def once(self) -> Iterator[None]:
        """One of them."""
        wall, own = time.perf_counter(), time.process_time()
        yield
        self.wall.append(1000 * (time.perf_counter() - wall))
        self.own.append(1000 * (time.process_time() - own))

    def say(self) -> None:
        """Print the middle and the slowest twentieth [ms]."""
        middle, slow = ((median(t), quantiles(t, n=20)[-1]) for t in (self.wall, self.own))
        print(
            f"{self.what:<34} median {middle[0]:.1f} ms ({slow[0]:.1f}), "
            f"95 in 100 below {middle[1]:.1f} ms ({slow[1]:.1f})",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, default=2000)
    parser.add_argument("--url", help="an empty store; a file of SQLite in a temporary folder if not given")
    parser.add_argument("--folder", help="where the temporary folder is made")
    parser.add_argument("--reviews", type=int, default=200, help="of so many children the review is timed")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gw-store-", dir=given.folder) as folder:
        path = Path(folder) / "store.db"
        measure(given.url or f"sqlite:///{path}", given.children, given.seed, given.reviews)
        if path.exists():
            print(f"{'on the disk':<34} {path.stat().st_size / 1e6:8.0f} MB")


def measure(url: str, children: int, seed: int, reviews: int) -> None:
    """Print how long each thing takes."""
    events = children * EVENTS
    print(
        f"{children} children, {events} events, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}", flush=True
    )
    with Clock("make the records (not the store's)", events, "event"):
        for _ in records(children, seed):
            pass
    with gw.store.open(url) as store:
        with Clock("import, making included", events, "event"):
            added = store.add(records(children, seed))
        assert (added.children, added.events) == (children, events)
        with Clock("verify every entry", events, "event"):
            assert store.verify(store.head())
        names = store.children()
        assert len(names) == children
        drawn = Random(seed + 1)
        opened = Each("open one child (300 drawn)")
        for name in drawn.choices(names, k=300):
            with opened.once():
                record = store.record(name)
            assert len(record) == EVENTS
        opened.say()
        appended = Each("append one event (100 drawn)")
        for n, name in enumerate(drawn.choices(names, k=100)):
            event = {
                "id": f"new{n}", "type": "weighed", "on": dt.date(2024, 6, 1), "actor": "hv1", "role": "health_visitor",
                "recorded_at": dt.datetime(2024, 6, 1, 15, tzinfo=_UTC), "weight_kg": 11.0,
            }  # fmt: skip
            with appended.once():
                store.append(name, event)
        appended.say()
        with Clock("read every record in turn", children, "child"):
            assert sum(len(r) for r in store.records()) == events + 100
        of, uk_hv = min(reviews, children), gw.protocol("uk-hv")
        with Clock(f"read and review {of} children", of, "child"):
            for record, _ in zip(store.records(), range(of), strict=False):
                gw.review(record, protocol=uk_hv, as_of=dt.date(2024, 6, 2))


if __name__ == "__main__":
    main()
