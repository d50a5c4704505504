"""Draw the pictures of ``docs/charts.md``: one of each kind, of invented children.

Run: ``python scripts/draw_charts.py [FOLDER]``; the folder is ``docs/images`` if none is given.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path
from typing import Any

import growthwatch as gw
from growthwatch.protocol import Comparison
from growthwatch.record import Record

ROOT = Path(__file__).parent.parent
DAY = dt.date(2024, 2, 27)
KINDS = ("events", "trajectory", "z", "family", "newborn")


def weights(name: str, born: dt.date, sex: str, z: list[tuple[int, float]]) -> Record:
    """An invented child who was weighed at these ages [days], at these z."""
    events: list[dict[str, Any]] = [_event("born", 0, born, sex=sex, gestation_days=280)]
    for age, score in z:
        kg = round(float(gw.reference("uk-who").value(score, age_days=age, sex=sex)), 2)
        events.append(_event("weighed", age, born, weight_kg=kg, clothing="naked", scale="class_iii"))
    return Record(name, events)


def _event(type_: str, age: int, born: dt.date, **more: Any) -> dict[str, Any]:
    on = born + dt.timedelta(days=age)
    moment = dt.datetime.combine(on, dt.time(12), dt.UTC)
    return {
        "id": f"{type_}-{age}", "type": type_, "on": on, "recorded_at": moment, "actor": "health visitor",
        "role": "health_visitor", **more,
    }  # fmt: skip


def children() -> list[Record]:
    """A small caseload."""
    before = {age: DAY - dt.timedelta(days=age) for age in (6, 90, 240, 420, 700, 1130)}
    return [
        weights("0733", before[90], "female", [(0, 0.2), (9, -0.2), (30, -0.3), (60, -0.6), (90, -2.3)]),
        Record.load(ROOT / "examples" / "c1-slow-decline.json"),
        weights("0871", before[6], "male", [(0, 0.1), (5, -1.3)]),
        weights("0219", before[420], "male", [(0, -0.1), (60, 0.1), (150, 0.0), (260, 0.1), (419, 0.0)]),
        weights("0655", before[240], "female", [(0, -0.5), (30, -0.6), (120, -0.9), (180, -1.5), (239, -2.2)]),
        weights("0391", before[1130], "female", [(600, -1.4), (760, -1.5), (890, -1.6)]),
    ]


def change() -> Comparison:
    """The packaged protocol, and one of a team's own that looks at the 9th line instead of the 2nd."""
    text = (ROOT / "growthwatch" / "protocols" / "uk-hv.toml").read_text(encoding="utf-8")
    start = text.index('id = "G4"')
    rule = text[start : text.index("[[rules.levels]]", start)]
    ours = text.replace(rule, rule.replace("line = -3", "line = -2")).replace('\nid = "uk-hv"', '\nid = "ours"', 1)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "ours.toml"
        path.write_text(ours, encoding="utf-8")
        new = gw.Protocol.load(path)
    return gw.compare(children(), gw.protocol("uk-hv"), new, until=DAY)


def main(folder: Path) -> None:
    """Draw them into a folder."""
    c1 = Record.load(ROOT / "examples" / "c1-slow-decline.json")
    born = dt.date(2019, 10, 20)
    steps = [(0, -1.2), (9, -1.7), (21, -1.5), (60, -1.3), (240, -1.4), (560, -1.8), (900, -2.1), (1440, -2.2)]
    across = weights("across", born, "male", [*steps, (1466, -2.69), (1590, -2.65)])
    first = weights(
        "first", DAY - dt.timedelta(days=12), "male", [(0, 0.0), (3, -0.9), (5, -1.3), (8, -0.9), (12, -0.4)]
    )
    maya = weights(
        "maya", dt.date(2023, 7, 20), "female", [(0, -0.6), (45, -0.9), (108, -1.4), (178, -1.9), (216, -2.2)]
    )
    gw.chart(c1, as_of=DAY, path=folder / "chart-c1.png")
    of = {"z": across, "newborn": first, "family": maya}
    for kind in KINDS:
        title = "Maya’s weight" if kind == "family" else None
        gw.chart(of.get(kind, c1), kind=kind, as_of=DAY, size="page", title=title, path=folder / f"chart-{kind}.png")
    gw.chart(children(), kind="multiples", as_of=DAY, size="page", path=folder / "chart-multiples.png")
    gw.chart(change(), kind="protocol-comparison", size="page", path=folder / "chart-protocol-comparison.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
