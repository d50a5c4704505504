"""Children of whom charts are easily drawn wrong: each with the day on which it is looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache

import numpy as np
from builders import Child

from growthwatch.record import Record

Looked = tuple[Child, dt.date]


def _on(child: Child, day: int) -> Looked:
    return child, child.date(day)


def _early(gestation: int, sex: str = "male") -> Looked:
    """Born early, on one line, with a length and a head now and then."""
    child = Child(sex=sex, gestation_days=gestation, birth_kg=None)
    return _on(child.steady(-1.0, [0, 12, 30, 60, 100, 160, 240]), 250)


def _many(count: int, days: int) -> Looked:
    child = Child(birth_kg=None)
    wave = np.random.default_rng(12).normal(0, 0.15, count)
    for day, z in zip(np.linspace(20, days, count).astype(int), wave, strict=True):
        child.at_z(-0.5 + float(z), int(day))
    return _on(child, days + 3)


SITUATIONS: dict[str, Callable[[], Looked]] = {
    "no weight": lambda: _on(Child(birth_kg=None), 40),
    "one weight": lambda: _on(Child(), 3),
    "two weights": lambda: _on(Child().weigh(3.3, 8), 9),
    "a newborn": lambda: _on(Child(birth_kg=3.46).weigh(3.29, 3).weigh(3.02, 5).weigh(3.11, 7), 8),
    "23 weeks": lambda: _early(161),
    "27 weeks": lambda: _early(189, "female"),
    "31 weeks + 6": lambda: _early(223),
    "34 weeks": lambda: _early(238, "female"),
    "17 years": lambda: _on(Child(born="2006-03-01", sex="male", birth_kg=None).steady(
        -1.2, [4800, 5200, 5600, 5900, 6100, 6200]), 6210),
    "100 weights": lambda: _many(100, 900),
    "1,000 weights": lambda: _many(1000, 3000),
    "far below": lambda: _on(Child(birth_kg=None).steady(-6.0, [30, 90, 200, 300, 400]), 405),
    "far above": lambda: _on(Child(birth_kg=None).steady(5.0, [30, 90, 200, 300, 400]), 405),
    "a doubted last weight": lambda: _on(Child(birth_kg=None).steady(0.0, [30, 60, 90, 120, 150]).weigh(3.9, 160), 161),
    "two years of silence": lambda: _on(Child(birth_kg=None).steady(0.2, [30, 60, 120, 300, 420]), 1150),
    "two weights of a day": lambda: _on(Child(birth_kg=None).steady(0.0, [30, 60, 90]).weigh(6.2, 120).weigh(5.1, 120), 121),
}  # fmt: skip
"""By what is said of them."""


@cache
def looked(name: str) -> tuple[Child, Record, dt.date]:
    """One of them with its record, which is made and checked once."""
    one, day = SITUATIONS[name]()
    return one, one.record, day
