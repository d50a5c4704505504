"""Score, review, follow, replay and chart invented children, and print what came out as JSON.

    python scripts/smoke.py

It needs the library alone.  What it prints is the same on every machine and with every version of what growthwatch
needs, but for the last digits of the figures under ``z``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import growthwatch as gw  # noqa: E402

AGES = [0, 3, 20, 200, 400, 617, 1000, 1500]
KG = [3.3, 3.1, 3.9, 7.0, 8.4, 9.14, 11.0, 12.5]


def made() -> dict[str, Any]:
    """What came out."""
    out: dict[str, Any] = {"version": gw.__version__, "z": {}, "children": {}}
    for id in ("uk-who", "who-2006", "cdc-2000", "trisomy-21-uk-2002", "preterm-nl-2012"):
        born = {"gestation_days": 220} if id == "preterm-nl-2012" else {}
        for sex in ("female", "male"):
            z = gw.reference(id).z(KG, age_days=AGES, sex=sex, **born)
            out["z"][f"{id} {sex}"] = [None if x != x else float(x) for x in z]
    protocol = gw.protocol("uk-hv")
    for path in sorted((ROOT / "examples").glob("c*.json")):
        if path.name.startswith("caseload"):
            continue
        record = gw.Record.load(path)
        day = record.events[-1].recorded_at.date() + dt.timedelta(days=7)
        review = gw.review(record, protocol=protocol, as_of=day)
        replayed = [str(change) for change in gw.replay(record, protocol=protocol, until=day)]
        chart = gw.chart(record, as_of=day)
        out["children"][path.stem] = {
            "review": review.explain(),
            "replay": hashlib.sha256("\n".join(replayed).encode()).hexdigest(),
            "trajectory": gw.trajectory(record, as_of=day).explain(),
            "alt_text": chart.alt_text,
            "png": chart.png()[:8].hex(),
        }
    return out


if __name__ == "__main__":
    print(json.dumps(made(), indent=1, sort_keys=True))
