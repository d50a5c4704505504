"""What a caseload of many children costs: read, reviewed, and written as one page; with the most memory it takes.

``python benchmarks/caseload_page.py [CHILDREN [SHARE [SD A MONTH]]]`` draws a table of invented children of up to
three years with ten weights each (seed 12), of whom a share (0.1) loses so many SD a month (0.15) from half its age on,
and prints processor times, the size of the page and the peak of memory beyond what the process holds before.  Nobody's
real child is in it.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import growthwatch as gw

DAY = dt.date(2024, 2, 27)
WEIGHTS = 10


def drawn(children: int, path: Path, share: float = 0.1, a_month: float = 0.15) -> None:
    """Write the table, in which a share of the children loses so many SD a month from half their age on."""
    rng = np.random.default_rng(12)
    uk = gw.reference("uk-who")
    age = rng.uniform(60, 3 * 365, children)
    at = np.rint(np.linspace(0.02, 1.0, WEIGHTS) * age[:, None] * rng.uniform(0.97, 1.0, (children, 1)))
    slows = rng.random(children) < share
    months = np.maximum(at - age[:, None] / 2, 0) / 30.4
    z = rng.normal(0, 1, (children, 1)) + rng.normal(0, 0.12, at.shape) - a_month * slows[:, None] * months
    sex = rng.choice(["male", "female"], children)
    kg = uk.value(np.clip(z, -4, 3).ravel(), age_days=at.ravel(), sex=np.repeat(sex, WEIGHTS)).reshape(at.shape)
    with path.open("w", encoding="utf-8") as f:
        f.write("child_id,birth_date,sex,weighed_on,weight_kg\n")
        for k in range(children):
            born = DAY - dt.timedelta(days=int(age[k]))
            for days, weight in zip(at[k], kg[k], strict=True):
                f.write(f"{k:06d},{born},{sex[k]},{born + dt.timedelta(days=int(days))},{weight:.2f}\n")


def held_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(children: int, share: float, a_month: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table, page = Path(folder) / "drawn.csv", Path(folder) / "page.html"
        drawn(children, table, share, a_month)
        before, steps = held_mb(), [time.process_time()]
        cases = gw.caseload.read(table)
        steps.append(time.process_time())
        # Three weeks after the first day, when what nobody did is late: the page is at its longest.
        reviewed = cases.review(as_of=DAY + dt.timedelta(days=21), starts_on=DAY)
        steps.append(time.process_time())
        reviewed.report(page)
        steps.append(time.process_time())
        read, review, write = np.diff(steps)
        size = page.stat().st_size / 1e6
    counts = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in reviewed.worklist().counts.items())
    print(f"{children} children, {children * WEIGHTS} weights: {counts}")
    print(f"read {read:.1f} s, reviewed {review:.1f} s, page {write:.1f} s of processor; page {size:.1f} MB")
    print(f"memory: {held_mb() - before:.0f} MB beyond the {before:.0f} MB held before")


if __name__ == "__main__":
    given = [float(x) for x in sys.argv[1:]]
    main(int(given[0]) if given else 3000, *(given[1:] + [0.1, 0.15][len(given[1:]) :]))
