"""Tables of many invented children, for what works on tables of any size; and their bytes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DAY = dt.date(2026, 6, 1)
AGES = (0, 5, 10, 14, 42, 56, 84, 112, 180, 240, 300, 365, 500, 730)


def caseload_table(children: int, seed: int, *, shuffled: bool = True) -> pa.Table:
    """Children born in the two years before `DAY`, with up to 14 weights each, none after that day."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[Any, ...]] = []
    for number in range(children):
        born = DAY - dt.timedelta(days=int(rng.integers(20, 760)))
        sex, gestation = str(rng.choice(["male", "female"])), int(rng.choice([280, 273, 250, 231]))
        level, slowing = rng.normal(0, 0.4), rng.random() < 0.2
        for age in AGES:
            on = born + dt.timedelta(days=age)
            if on > DAY:
                break
            kg = (3.2 + 6.5 * (1 - np.exp(-age / 220))) * (1 + 0.1 * level) + rng.normal(0, 0.08)
            kg -= 0.003 * max(0, age - 180) if slowing else 0
            rows.append((f"c{number:06d}", born, sex, gestation, on, round(float(kg), 3), f"team {number % 3}"))
    if shuffled:
        rng.shuffle(rows)  # type: ignore[arg-type]
    columns = list(zip(*rows, strict=True))
    return pa.table(
        {
            "child_id": pa.array([str(v) for v in columns[0]], pa.string()),
            "birth_date": pa.array(list(columns[1]), pa.date32()),
            "sex": pa.array([str(v) for v in columns[2]], pa.string()),
            "gestation_days": pa.array([int(v) for v in columns[3]], pa.int32()),
            "weighed_on": pa.array(list(columns[4]), pa.date32()),
            "weight_kg": pa.array([float(v) for v in columns[5]], pa.float64()),
            "team": pa.array([str(v) for v in columns[6]], pa.string()),
        }
    )


def bad_rows() -> pa.Table:
    """A sound child, `sound`, and among its rows everything that rows of such tables have."""
    born, days = dt.date(2025, 1, 6), [dt.date(2025, 1, 6), dt.date(2025, 2, 17), dt.date(2025, 5, 5)]
    rows: list[tuple[str | None, dt.date | None, str | None, int | None, dt.date | None, float | None]] = [
        ("sound", born, "female", 280, days[0], 3.4),
        ("sound", born, "female", 280, days[1], 4.7),
        ("sound", born, "female", 280, days[2], 6.4),
        ("no weight", born, "female", 280, days[1], None),
        ("no number", born, "female", 280, days[1], float("nan")),
        ("below nothing", born, "female", 280, days[1], -4.0),
        ("without end", born, "female", 280, days[1], float("inf")),
        ("no day", born, "female", 280, None, 4.7),
        ("no birth", None, "female", 280, days[1], 4.7),
        ("before birth", born, "female", 280, dt.date(2024, 12, 1), 4.7),
        ("no sex", born, None, 280, days[1], 4.7),
        ("what sex", born, "girlish", 280, days[1], 4.7),
        ("gestation", born, "female", 28, days[1], 4.7),
        ("two births", born, "female", 280, days[0], 3.4),
        ("two births", dt.date(2024, 1, 6), "female", 280, days[1], 4.7),
        ("two sexes", born, "female", 280, days[0], 3.4),
        ("two sexes", born, "male", 280, days[1], 4.7),
        (None, born, "female", 280, days[1], 4.7),
        ("", born, "female", 280, days[1], 4.7),
        (" sound", born, "female", 280, days[1], 4.7),
    ]
    names = ("child_id", "birth_date", "sex", "gestation_days", "weighed_on", "weight_kg")
    types = (pa.string(), pa.date32(), pa.string(), pa.int32(), pa.date32(), pa.float64())
    columns = list(zip(*rows, strict=True))
    return pa.table({n: pa.array(list(c), t) for n, c, t in zip(names, columns, types, strict=True)})


def as_bytes(table: pa.Table) -> bytes:
    """A table as a Parquet file: two tables are the same when these are."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()
