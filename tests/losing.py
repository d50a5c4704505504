"""Children who lose ground, and the packaged protocol without some of its rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from builders import Child
from hypothesis import strategies as st

from growthwatch.protocol import Protocol, Review

PACKAGED = Path(__file__).parents[1] / "growthwatch" / "protocols" / "uk-hv.toml"
MONTHLY = [40, 70, 100, 130, 160, 190, 220, 250, 280, 310, 340, 370, 400]


def without(tmp_path: Path, *rules: str, **changes: str) -> Protocol:
    """The packaged protocol without some rules."""
    head, *parts = PACKAGED.read_text(encoding="utf-8").split("[[rules]]\nid = ")
    kept = [p for p in parts if p.split('"')[1] not in rules]
    path = tmp_path / "ours.toml"
    path.write_text("[[rules]]\nid = ".join([head, *kept]), encoding="utf-8")
    return Protocol.load(path)


def slowing(monthly: float = 0.4, start: float = 0.5, hold: int = 5, days: list[int] = MONTHLY, **more: Any) -> Child:
    """A child who holds a line and then loses so many z a month."""
    child = Child(birth_kg=None, **more).at_z(start, 0)
    for i, day in enumerate(days):
        child.at_z(start - monthly * max(0, i - hold), day)
    return child


def found(r: Review, rule: str) -> Any:
    return next(f for f in r.findings if f.rule == rule)


def line(r: Review, rule: str) -> Any:
    return next(t for t in r.trace if t.rule == rule)


@st.composite
def declining(draw: st.DrawFn) -> Child:
    """A child weighed regularly who may be losing ground, with slips, clothes, late entries and a plan."""
    step = draw(st.sampled_from([7, 14, 28, 28, 45]))
    rate = draw(st.sampled_from([0.0, 0.1, 0.2, 0.35, 0.6])) * step / 30
    z, start = draw(st.sampled_from([1.5, 0.7, 0.0, -0.7, -1.5])), draw(st.sampled_from([15, 40, 120, 260]))
    gestation = draw(st.sampled_from([280, 280, 280, 210]))
    child = Child(birth_kg=None, gestation_days=gestation, gmfcs=draw(st.sampled_from([None, None, 2, 5])))
    if draw(st.booleans()):
        child.condition("trisomy_21", 5)
        child.plan(
            draw(st.integers(10, 200)),
            plan="condition",
            reference=draw(st.sampled_from(["trisomy-21-uk-2002", "noonan-it-2024", "nonsense"])),
        )
    onset = draw(st.integers(0, 5))
    for i in range(draw(st.integers(2, 9))):
        z -= rate if i > onset else 0.0
        noise = draw(st.sampled_from([0.0, 0.1, -0.1, 0.2, -0.2]))
        kind = draw(st.sampled_from(["naked"] * 7 + ["clothed", "slip", "twice"]))
        late = draw(st.sampled_from([0, 0, 0, 0, 3, 50]))
        day = start + i * step + draw(st.integers(0, 3))
        child.at_z(
            z + noise - (3.5 if kind == "slip" else 0),
            day,
            clothing="clothed" if kind == "clothed" else "naked",
            late=late,
        )
        if kind == "slip" and draw(st.booleans()):
            child.decide(day + 1, "confirm_weight", target=child.last)
        if kind == "twice":
            child.at_z(z, day, late=late)
    return child


def last_day(child: Child) -> int:
    return max((e["recorded_at"].date() - child.birthday).days for e in child.events)
