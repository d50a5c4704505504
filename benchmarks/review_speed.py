"""How long reviews take, beside a fixed piece of plain Python of the same run.

python benchmarks/review_speed.py                              # every row, 1,000 children
python benchmarks/review_speed.py --rows c1,append
python benchmarks/review_speed.py --rows cold,night --children 10000

Each row gives the median and the best of its runs by the clock on the wall, the best by the
processor's, and the latter as a multiple of that of the piece, which is timed beside it: multiples
can be compared between machines, and between busy and idle hours of one.  Ratios of two rows are
of processor times too.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import inspect
import math
import multiprocessing
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

try:
    import resource
except ImportError:  # not on Windows
    resource = None


import growthwatch as gw
import growthwatch.protocol as rules

BORN = dt.date(2018, 1, 15)
EXAMPLE = Path(__file__).parent.parent / "examples" / "c1-slow-decline.json"
LAST = dt.date(2024, 4, 9)
SHARED: dict[str, Any] = {"actor": "hv", "role": "health_visitor"}

RESUMES = {"resumable", "after"} <= set(inspect.signature(gw.review).parameters)
KEPT: dict[str, Any] = {"resumable": True} if RESUMES else {}
WAY = "going on from the review before" if RESUMES else "reviewed anew"
MANY: Callable[..., Iterator[gw.Review]] | None = getattr(rules, "review_many", None)


def after(review: gw.Review) -> dict[str, Any]:
    """What makes the next review go on from this one, where that can be done."""
    return {"after": review} if RESUMES else {}


# ---- Clocks ------------------------------------------------------------------------------


def piece() -> float:
    """The fixed piece of plain Python: about 20 ms on the machine on which it was chosen."""
    total, seen = 0.0, dict.fromkeys(range(97), 0)
    for n in range(160_000):
        key = n % 97
        seen[key] += 1
        total += seen[key] * 0.5 if n & 1 else -key
    return total


class Taken(NamedTuple):
    """What a run took, by the wall and by the processor, processes that it started included [ms]."""

    wall: float
    used: float


def used() -> float:
    """Processor time so far [s]."""
    if resource is None:
        return time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def once(what: Callable[[], object]) -> Taken:
    """One run."""
    start, before = time.perf_counter(), used()
    what()
    return Taken((time.perf_counter() - start) * 1e3, (used() - before) * 1e3)


def clock(what: Callable[[], object], times: int = 30) -> list[Taken]:
    """Many runs, after one that is not counted."""
    what()
    return [once(what) for _ in range(times)]


class Rows:
    """Prints rows; the piece is timed before each row and after it."""

    def __init__(self) -> None:
        self.pieces = [once(piece) for _ in range(5)]

    def head(self) -> None:
        print(f"{'':52s} {'median':>10s} {'best':>10s} {'processor':>11s} {'x piece':>9s}   to reach", flush=True)
        self("a fixed piece of plain Python", self.pieces)

    def __call__(self, name: str, runs: list[Taken], reach: str = "") -> float:
        """Print a row; its best by the processor [ms]."""
        self.pieces = [*self.pieces[-3:], *(once(piece) for _ in range(3))]
        median, best = statistics.median(r.wall for r in runs), min(r.wall for r in runs)
        least = min(r.used for r in runs)
        times = least / min(p.used for p in self.pieces)
        line = f"{name:52s} {median:7.2f} ms {best:7.2f} ms {least:8.2f} ms {times:9.3f}   {reach}"
        print(line.rstrip(), flush=True)
        return least

    @staticmethod
    def ratio(name: str, ratio: float, reach: str = "") -> None:
        print(f"{name:52s} {'':35s} {ratio:7.2f}   {reach}".rstrip(), flush=True)

    @staticmethod
    def says(text: str) -> None:
        print(f"    {text}", flush=True)


# ---- Records -----------------------------------------------------------------------------


def day_of(born: dt.date, age: int) -> dt.date:
    return born + dt.timedelta(days=age)


def thirty_events() -> gw.Record:
    """The first 30 events of the story of a slow decline: 20 months, 13 weights."""
    record = gw.Record.load(EXAMPLE)
    weights = [e for e in record if e.type in ("born", "weighed", "condition_diagnosed")]
    others = [e for e in record if e not in weights]
    return gw.Record(record.child_id, [*weights, *others[: 30 - len(weights)]])


def event(
    type: str, id: str, on: dt.date, written: dt.date | None = None, hour: int = 12, **fields: Any
) -> dict[str, Any]:
    """An event, written down on its day unless said otherwise."""
    at = f"{written or on}T{hour:02d}:00:00Z"
    return {"id": id, "type": type, "on": on, "recorded_at": at, **SHARED, **fields}


def weight(id: str, on: dt.date, kg: float, clothing: str = "naked", **more: Any) -> dict[str, Any]:
    """A weight on a good scale."""
    return event("weighed", id, on, weight_kg=round(kg, 3), clothing=clothing, scale="class_iii", **more)


def daily_events(days: int, clothed: Callable[[int], bool] = lambda day: day % 7 == 3) -> list[dict[str, Any]]:
    """A girl weighed every day along the middle line, sliding slowly; now and then clothed."""
    z = [-min(2.0, day / 600) + 0.1 * math.sin(day) for day in range(days)]
    kg: Any = gw.reference("uk-who").value(z, age_days=list(range(days)), sex="female")
    out = [event("born", "b", BORN, sex="female")]
    for day in range(days):
        on = day_of(BORN, day)
        out.append(weight(f"w{day}", on, float(kg[day]), "clothed" if clothed(day) else "naked"))
    return out


def daily(days: int, **more: Any) -> gw.Record:
    return gw.Record("daily", daily_events(days, **more))


def weekly_events(count: int, weights: int) -> list[dict[str, Any]]:
    """An event a week: of each three, so many are weights along the middle line, the others contacts."""
    days = list(range(0, 7 * count, 7))
    z = [0.15 * math.sin(n) for n in range(count)]
    kg: Any = gw.reference("uk-who").value(z, age_days=days, sex="female")
    out = [event("born", "b", BORN, sex="female")]
    for n, day in enumerate(days[: count - 1]):
        on = day_of(BORN, day)
        seen = event("contact", f"k{n}", on, face_to_face=True)
        out.append(weight(f"w{n}", on, float(kg[n])) if n % 3 < weights else seen)
    return out


def corrected(events: list[dict[str, Any]], within: int | None) -> gw.Record:
    """A tenth of the events corrected: within so many days, or on any later day of the record."""
    draw, out = random.Random(4), list(events)
    for n in sorted(draw.sample(range(1, len(events)), len(events) // 10)):
        was = events[n]
        left = max((events[-1]["on"] - was["on"]).days, 1)
        written = day_of(was["on"], draw.randint(1, min(within, left) if within else left))
        mark = {**was, "id": f"c{n}", "corrects": was["id"], "recorded_at": f"{written}T15:00:00Z"}
        if was["type"] == "weighed":
            mark["weight_kg"] = round(was["weight_kg"] * 1.02, 3)
        out.append(mark)
    return gw.Record("corrected", out)


# ---- Caseload ----------------------------------------------------------------------------

NIGHT = dt.date(2024, 6, 3)
"""The day at whose end all children are reviewed."""

AGES = (0, 5, 12, 28, 56, 84, 112, 168, 224, 280, 365, 456, 548, 730)
JITTER = (0, 1, 2, 3, 4, 5, 5, 7, 10, 10, 14, 14, 20, 20)
CONDITIONS = ("trisomy_21", "cerebral_palsy", "congenital_heart_disease")
BLOCK = 5000


def caseload(first: int, count: int) -> list[gw.Record]:
    """Invented children of 14 weights, a few clothed, and some contacts; 8 in 100 have a condition, 10 slow down."""
    draw = np.random.default_rng([7, first])
    born = [NIGHT - dt.timedelta(days=int(d)) for d in draw.integers(755, 1450, count)]
    ages = np.array(AGES) + np.rint(draw.uniform(-1, 1, (count, len(AGES))) * JITTER).astype(int)
    sexes = draw.choice(["male", "female"], count)
    at_birth, later = draw.normal(0, 1, (2, count, 1))
    share = np.exp(-ages / 100)
    z = share * at_birth + (1 - share) * (0.5 * at_birth + 0.7 * later) + draw.normal(0, 0.12, ages.shape)
    slows = (draw.random(count) < 0.10)[:, None]
    since = np.maximum(ages - draw.integers(60, 500, (count, 1)), 0)
    z -= slows * np.minimum(since * draw.uniform(0.1, 0.25, (count, 1)) / 30, 2.0)
    kg: Any = gw.reference("uk-who").value(z.ravel(), age_days=ages.ravel(), sex=np.repeat(sexes, len(AGES)))
    kg = np.asarray(kg).reshape(ages.shape)
    dressed = draw.random(ages.shape) < 0.03
    out: list[gw.Record] = []
    for n in range(count):
        at = functools.partial(day_of, born[n])
        events = [event("born", "b", born[n], hour=9, sex=str(sexes[n]), gestation_days=int(draw.integers(259, 290)))]
        for k, age in enumerate(ages[n].tolist()):
            events.append(weight(f"w{k}", at(age), float(kg[n, k]), "clothed" if dressed[n, k] else "naked"))
        if draw.random() < 0.08:
            condition = str(draw.choice(CONDITIONS))
            level = {"gmfcs": int(draw.integers(1, 6))} if condition == "cerebral_palsy" else {}
            events.append(
                event("condition_diagnosed", "d", at(int(draw.integers(20, 300))), condition=condition, **level)
            )
        for k, age in enumerate(draw.integers(10, 740, draw.integers(0, 4)).tolist()):
            events.append(event("contact", f"k{k}", at(age), face_to_face=bool(draw.random() < 0.7)))
        out.append(gw.Record(f"child-{first + n}", events))
    return out


def news(draw: random.Random, record: gw.Record, tonight: dt.date) -> dict[str, Any]:
    """What was recorded of a child today: a weight or a contact; a tenth is written up one to three days late."""
    on = tonight - dt.timedelta(days=draw.randint(1, 3) if draw.random() < 0.1 else 0)
    id = f"n{tonight}"
    if draw.random() < 0.4:
        return event("contact", id, on, tonight, face_to_face=True)
    last = max((e for e in record if e.type == "weighed"), key=lambda e: e.on)
    return weight(id, on, float(getattr(last, "weight_kg")) + draw.gauss(0.15, 0.1), written=tonight)  # noqa: B009


def all_reviews(
    records: list[gw.Record], protocol: gw.Protocol, resumable: bool = False, as_of: dt.date = NIGHT
) -> Iterator[gw.Review]:
    """Every child reviewed, many at a time where that can be done."""
    more = {"resumable": True} if resumable else {}
    if MANY is not None and set(more) <= set(inspect.signature(MANY).parameters):
        yield from MANY(records, protocol=protocol, as_of=as_of, **more)
    else:
        for record in records:
            yield gw.review(record, protocol=protocol, as_of=as_of, **(KEPT if resumable else {}))


def memory() -> str:
    """The most memory that this process has held."""
    try:
        held = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM"))
        return f"{int(held.split()[1]) / 1024:.0f} MB"
    except (OSError, StopIteration):
        return "not known here"


# ---- Rows --------------------------------------------------------------------------------


def row_c1(rows: Rows, _: argparse.Namespace) -> None:
    protocol, record = gw.protocol("uk-hv"), thirty_events()
    text = record.dumps()
    review = functools.partial(gw.review, record, protocol=protocol, as_of=LAST)
    weights = sum(e.type == "weighed" for e in record)
    rows("review, 30 events (C1), warm", clock(review, 60), "<= 5 ms")
    rows.says(f"{len(record)} events, {weights} weights, {len(review().findings)} findings open")
    rows("  review and explain", clock(lambda: review().explain()))
    rows("  review and to_json", clock(lambda: review().to_json()))
    rows("  replay", clock(lambda: list(gw.replay(record, protocol=protocol, until=LAST))))
    rows("  Record.loads", clock(lambda: gw.Record.loads(text)))


def row_parts(rows: Rows, _: argparse.Namespace) -> None:
    """What the evidence, the gain and the condition's reference cost: with and without, by turns."""
    protocol, record = gw.protocol("uk-hv"), thirty_events()
    text = (Path(gw.__file__).parent / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")
    head, *each = text.split("[[rules]]\nid = ")
    kept = [r for r in each if r.split('"')[1] not in ("G3c", "G7", "G12")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "without.toml"
        path.write_text("[[rules]]\nid = ".join([head, *kept]), encoding="utf-8")
        without = gw.Protocol.load(path)
    turns: tuple[list[Taken], list[Taken]] = ([], [])
    for _ in range(8):
        for p, runs in zip((without, protocol), turns, strict=True):
            runs += clock(functools.partial(gw.review, record, protocol=p, as_of=LAST), 5)
    old = rows("  C1 without G3c, G7, G12", turns[0])
    new = rows("  C1 with them, by turns", turns[1])
    rows.ratio("  with them against without", new / old)


def row_append(rows: Rows, _: argparse.Namespace) -> None:
    protocol = gw.protocol("uk-hv")
    events = weekly_events(220, weights=2)
    record = gw.Record("append", events[:200])
    last = gw.review(record, protocol=protocol, as_of=events[199]["on"], **KEPT)
    runs: list[Taken] = []

    def append(made: dict[str, Any]) -> None:
        nonlocal record, last
        record = record.append(made)
        last = gw.review(record, protocol=protocol, as_of=made["on"], **KEPT, **after(last))

    for made in events[200:]:
        runs.append(once(functools.partial(append, made)))
    rows("append one event and review, 200 events", runs, "<= 2 ms")
    rows.says(f"20 appends in turn, each {WAY}")


def row_weights(rows: Rows, _: argparse.Namespace) -> None:
    protocol = gw.protocol("uk-hv")

    def review(days: int, dressed: bool) -> Callable[[], object]:
        record = daily(days, clothed=lambda _: dressed)
        return functools.partial(gw.review, record, protocol=protocol, as_of=day_of(BORN, days))

    rows("1,000 valid weights", clock(review(1000, False), 5), "<= 100 ms")
    naked, clothed = review(800, False), review(800, True)
    naked(), clothed()
    pairs = [(once(naked), once(clothed)) for _ in range(5)]
    plain = rows("  800 naked weights", [a for a, _ in pairs])
    bounds = rows("  800 clothed weights, by turns", [b for _, b in pairs])
    rows.ratio("800 clothed weights against as many naked", bounds / plain, "<= 1.5")


FIRST = """
import datetime, sys, time
import growthwatch as gw
record = gw.Record.load(sys.argv[1])
review = gw.review(record, protocol=gw.protocol("uk-hv"), as_of=datetime.date(2024, 4, 9))
start, before = time.perf_counter(), time.process_time()
text = review.explain()
print((time.perf_counter() - start) * 1e3, (time.process_time() - before) * 1e3)
assert "healthy child in" in text
"""


def row_explain(rows: Rows, _: argparse.Namespace) -> None:
    command = [sys.executable, "-c", FIRST, str(EXAMPLE)]
    said = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(7)]
    runs = [Taken(*map(float, text.split())) for text in said]
    rows("first explain() of a process", runs, "<= 20 ms")


def row_cold(rows: Rows, options: argparse.Namespace) -> None:
    protocol = gw.protocol("uk-hv")
    list(all_reviews(caseload(10**7, 20), protocol))
    n, weights, findings = options.children, 0, 0
    before = memory()
    total = Taken(0.0, 0.0)

    def review_all(records: list[gw.Record]) -> None:
        nonlocal findings
        for review in all_reviews(records, protocol):
            findings += len(review.findings)

    for first in range(0, n, BLOCK):
        records = caseload(first, min(BLOCK, n - first))
        weights += sum(e.type == "weighed" for r in records for e in r)
        took = once(functools.partial(review_all, records))
        total = Taken(total.wall + took.wall, total.used + took.used)
    rows(f"{n:,} children of 14 weights, all reviewed cold", [total], "<= 12 s for 10,000, 120 s for 100,000")
    way = "in columns (review_many)" if MANY is not None else "one by one"
    rows.says(f"{way}; {total.wall / n:.3f} ms a child, {weights / n:.1f} weights and {findings / n:.2f} findings each")
    rows.says(f"most memory held {memory()} (<= 500 MB; {before} before), {BLOCK:,} records at a time among it")


def row_night(rows: Rows, options: argparse.Namespace) -> None:
    """Nights on which only children with news, or whose answer changes, are reviewed: in columns, and one by one."""
    protocol, draw = gw.protocol("uk-hv"), random.Random(11)
    n = min(options.children, 10_000)
    records = caseload(0, n)
    reviews = list(all_reviews(records, protocol))
    runs: list[Taken] = []
    alone: list[Taken] = []
    counts: list[str] = []
    for night in range(1, options.nights + 1):
        tonight = NIGHT + dt.timedelta(days=night)
        came = {k: news(draw, records[k], tonight) for k in draw.sample(range(n), max(1, n // 50))}
        changed = [
            k
            for k, before in enumerate(reviews)
            if k in came or (before.changes_on is not None and before.changes_on <= tonight)
        ]
        some = dict(zip(changed, all_reviews([records[k] for k in changed], protocol, resumable=True), strict=True))

        def going_on(came: dict[int, Any] = came, tonight: dt.date = tonight, some: Any = some) -> None:
            for k, before in some.items():
                record = records[k].append(came[k]) if k in came else records[k]
                gw.review(record, protocol=protocol, as_of=tonight, **KEPT, **after(before))

        def work(came: dict[int, Any] = came, tonight: dt.date = tonight) -> None:
            due: list[int] = []
            for k, before in enumerate(reviews):
                if k in came:
                    records[k] = records[k].append(came[k])
                elif before.changes_on is None or before.changes_on > tonight:
                    continue
                due.append(k)
            for k, made in zip(due, all_reviews([records[k] for k in due], protocol, as_of=tonight), strict=True):
                reviews[k] = made

        alone.append(once(going_on))
        runs.append(once(work))
        counts.append(f"{len(came)} + {len(changed) - len(came)}")
    rows(f"{n:,} children, the next night", runs, "<= 500 ms for 10,000")
    rows.says(f"in columns, no states kept; reviewed each night for news + for changes_on: {', '.join(counts)}")
    rows(f"  the same children one by one, {WAY}", alone)
    rows.says(f"most memory held {memory()}")


def row_corrected(rows: Rows, options: argparse.Namespace) -> None:
    protocol = gw.protocol("uk-hv")

    def three(name: str, events: list[dict[str, Any]], times: int) -> None:
        def review(record: gw.Record) -> Callable[[], object]:
            return functools.partial(gw.review, record, protocol=protocol, as_of=day_of(events[-1]["on"], 1))

        whats = [review(gw.Record("plain", events)), *(review(corrected(events, within)) for within in (14, None))]
        whats[0]()
        turns = [[once(what) for what in whats] for _ in range(times)]
        none, soon, spread = (list(column) for column in zip(*turns, strict=True))
        plain = rows(f"  {name}, none corrected", none)
        near = rows(f"  {name}, a tenth corrected in 14 days", soon)
        far = rows(f"  {name}, a tenth corrected some day later", spread)
        rows.ratio(f"{name}, corrected in 14 days against none", near / plain, "<= 2")
        rows.ratio("  corrected some day later against none", far / plain, "events x lag")

    for count in options.events:
        few = 3 if count <= 300 else 1
        three(f"{count} events", weekly_events(count, weights=1), few)
        if count <= 300:
            three(f"{count - 1} daily weights", daily_events(count - 1), 1)


def row_trajectory(rows: Rows, _: argparse.Namespace) -> None:
    record = thirty_events()
    rows("trajectory, 30 events", clock(lambda: gw.trajectory(record, as_of=LAST)), "<= 10 ms")


def row_import(rows: Rows, options: argparse.Namespace) -> None:
    """Whole processes, by turns."""
    codes = ("import numpy, scipy.special, pydantic", "import growthwatch; growthwatch.reference('uk-who')")
    commands = [[sys.executable, "-c", code] for code in codes]
    for command in commands:
        subprocess.run(command, check=True)
    pairs = [[once(functools.partial(subprocess.run, c, check=True)) for c in commands] for _ in range(options.imports)]
    theirs, ours = ([pair[k] for pair in pairs] for k in (0, 1))
    low = rows("  import numpy, scipy.special, pydantic", theirs)
    best = rows('  import growthwatch, gw.reference("uk-who"), by turns', ours)
    rows.ratio("import and reference against those three imports", best / low, "<= 1.2")
    rows.ratio(
        "  by the wall, medians", statistics.median(r.wall for r in ours) / statistics.median(r.wall for r in theirs)
    )


def row_daily(rows: Rows, _: argparse.Namespace) -> None:
    protocol = gw.protocol("uk-hv")
    for days in (100, 300, 1000, 3000):
        what = functools.partial(gw.review, daily(days), protocol=protocol, as_of=day_of(BORN, days))
        best = rows(f"  {days} daily weights, a seventh clothed", clock(what, 3))
        rows.says(f"{best / days:.3f} ms a weight")


ROWS: dict[str, Callable[[Rows, argparse.Namespace], None]] = {
    "c1": row_c1,
    "parts": row_parts,
    "append": row_append,
    "weights": row_weights,
    "explain": row_explain,
    "cold": row_cold,
    "night": row_night,
    "corrected": row_corrected,
    "trajectory": row_trajectory,
    "import": row_import,
    "daily": row_daily,
}
ALONE = ("cold", "night")
"""Rows in a process of their own: their memory is told."""


def run(name: str, options: argparse.Namespace) -> None:
    ROWS[name](Rows(), options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default=",".join(ROWS), help=f"some of {','.join(ROWS)}")
    parser.add_argument("--children", type=int, default=1000, help="children of the row cold; of night, up to 10,000")
    parser.add_argument("--nights", type=int, default=3)
    parser.add_argument("--events", type=int, nargs="+", default=[300], help="lengths of the row corrected")
    parser.add_argument("--imports", type=int, default=10, help="pairs of processes of the row import")
    options = parser.parse_args()
    wanted = options.rows.split(",")
    unknown = [name for name in wanted if name not in ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    print(f"growthwatch in {Path(gw.__file__).parent}, Python {sys.version.split()[0]}")
    Rows().head()
    for name in wanted:
        if name in ALONE:
            process = multiprocessing.get_context("spawn").Process(target=run, args=(name, options))
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(f"the row {name} failed")
        else:
            run(name, options)


if __name__ == "__main__":
    main()
