"""Records drawn at random from a seed: growth, illness, slips, late entries, corrections, plans and decisions.

No child is meant: the histories are made to reach as many turns of the rules as they can.
"""

from __future__ import annotations

import datetime as dt
import random
from functools import cache
from typing import Any

from growthwatch.record import Record
from growthwatch.references import reference

_GESTATIONS = (280, 280, 280, 280, 273, 259, 258, 231, 210, 170, None)
_CLOTHING = ("naked", "naked", "naked", "nappy", "clothed", "light_clothes", None)
_SCALES = ("class_iii", "class_iii", "class_iii", "other", None)
_RULES = ("S2", "S3", "G1", "G1b", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G12", "H2")


@cache
def _middle(sex: str) -> list[tuple[float, float]]:
    """Median and its SD, every ten days to six years."""
    uk = reference("uk-who")
    ages = list(range(0, 2200, 10))
    mid: Any = uk.value([0.0] * len(ages), age_days=ages, sex=sex)
    low: Any = uk.value([-1.0] * len(ages), age_days=ages, sex=sex)
    return [(float(m), float(m - s)) for m, s in zip(mid, low, strict=True)]


def random_record(seed: int) -> Record:
    """One child's record; the same seed gives the same record."""
    r = random.Random(seed)
    born = dt.date(2018, 1, 1) + dt.timedelta(days=r.randrange(1500))
    sex = r.choice(("male", "female", "male", "female", None))
    events: list[dict[str, Any]] = []
    lateness = r.choice((0.0, 0.05, 0.3))

    def add(type: str, age: int, **fields: Any) -> str:
        id = f"e{len(events)}"
        on = born + dt.timedelta(days=age)
        late = r.choice((1, 2, 5, 40, 200)) if r.random() < lateness else 0
        at = dt.datetime.combine(on + dt.timedelta(days=late), dt.time(r.randrange(7, 20), r.randrange(60)), dt.UTC)
        if r.random() < 0.01:
            at -= dt.timedelta(days=r.choice((1, 30)))
        time = at.time().replace(tzinfo=None) if r.random() < 0.2 else None
        role = fields.pop("role", "health_visitor")
        kept = {k: v for k, v in fields.items() if v is not None}
        shared = {"id": id, "type": type, "on": on, "recorded_at": at, "actor": "a", "role": role}
        events.append({**shared, **({"time": time} if time else {}), **kept})
        return id

    if r.random() < 0.97:
        add("born", 0, sex=sex, gestation_days=r.choice(_GESTATIONS))
    table = _middle(sex or "female")
    z, slope = r.gauss(0, 1.2), r.choice((0.0, 0.0, 0.0, -0.1, -0.2, -0.4)) / 30
    age, until, gap = 0, r.randrange(30, 2000), r.choice((1, 7, 14, 30, 60, 120))
    slow_from = r.randrange(0, 600)
    weighings: list[str] = []
    for _ in range(r.randrange(1, 45)):
        mid, sd = table[min(age // 10, len(table) - 1)]
        kg = max(mid + sd * (z + slope * max(0, age - slow_from) + r.gauss(0, 0.12)), 0.4)
        if r.random() < 0.05:
            kg *= r.choice((0.1, 2.2046, 0.7, 0.9, 0.85, 1.3, 1000, 0.4536))
        repeats = r.choice(weighings) if weighings and r.random() < 0.04 else None
        weighings.append(
            add(
                "weighed",
                age,
                weight_kg=round(kg, 2 if r.random() < 0.7 else 3),
                clothing=r.choice(_CLOTHING if r.random() < 0.5 else _CLOTHING[:1]),
                scale=r.choice(_SCALES if r.random() < 0.3 else _SCALES[:1]),
                repeats=repeats,
                date_certain=False if r.random() < 0.02 else None,
            )
        )
        if r.random() > 0.06:
            age += max(0, int(gap * r.choice((0.5, 1, 1, 1.5, 3))))
        if age > until:
            break

    def somewhen() -> int:
        return r.randrange(0, max(age, 1) + 60)

    for _ in range(r.randrange(0, 14)):
        what = r.randrange(16)
        if what < 4:
            add("contact", somewhen(), face_to_face=r.random() < 0.8)
        elif what == 4:
            signs = r.sample(["vomiting", "fever", "poor_intake", "diarrhoea", "sunken_eyes"], r.randrange(1, 3))
            add("sign_recorded", somewhen(), signs=signs)
        elif what == 5:
            add("illness_recorded", somewhen(), illness="cold", signs=["fever"] if r.random() < 0.3 else None)
        elif what == 6:
            role = r.choice(("gp", "paediatrician", "health_visitor", "hospital_doctor"))
            found = r.choice((None, "normal", "not_normal"))
            add("examined", somewhen(), outcome="seen", role=role, length=found, feeding=found)
        elif what == 7:
            condition = r.choice(("cerebral_palsy", "trisomy_21", "cystic_fibrosis", "congenital_heart_disease"))
            gmfcs = r.choice((None, 2, 4, 5)) if condition == "cerebral_palsy" else None
            add("condition_diagnosed", somewhen(), condition=condition, gmfcs=gmfcs)
        elif what == 8:
            add("condition_diagnosed", somewhen(), condition="tube_feeding")
        elif what == 9:
            plan = r.choice(("care", "care", "condition", "sick_day"))
            ref = "trisomy-21-uk-2002" if r.random() < 0.4 else None
            add("plan_signed", somewhen(), plan=plan, reason="agreed", floor_days=r.choice((None, 3, 14, 60, 200)),
                reference=ref, role="paediatrician")  # fmt: skip
        elif what == 10:
            rule = r.choice(_RULES)
            role = r.choice(("paediatrician", "health_visitor"))
            add("decision_signed", somewhen(), decision="close_finding", target=f"{rule}@start", reason="x", role=role)
        elif what == 11:
            tier = r.choice(("T0", "T1", "T2"))
            add("decision_signed", somewhen(), decision="lower_tier", tier=tier, reason="x", role="paediatrician")
        elif what == 12 and weighings:
            target = r.choice(weighings)
            add("decision_signed", somewhen(), decision="confirm_weight", target=target, reason="x",
                role="paediatrician")  # fmt: skip
        elif what == 13 and r.random() < 0.7:
            kind = r.choice(("clinical", "safeguarding"))
            to = r.choice(("Paediatrics", "Children's hospital", "dietitian", "social care"))
            id = add("referral_made", somewhen(), to=to, kind=kind, about="growth")
            if r.random() < 0.3:
                add("referral_closed", somewhen(), referral=id, outcome="no action", action_taken=False)
        elif what == 14:
            kind = r.choice(("concern", "was_not_brought", "level_changed", "protection_plan", "admission", "died"))
            if kind == "concern":
                add(kind, somewhen(), raised_by="mother", about="weight")
            elif kind == "was_not_brought":
                add(kind, somewhen(), service="clinic")
            elif kind == "level_changed":
                add(kind, somewhen(), to=r.choice(("universal", "child_in_need", "early_help")))
            elif kind == "protection_plan":
                add(kind, somewhen(), state=r.choice(("began", "ended")))
            elif kind == "admission":
                add(kind, somewhen())
            elif r.random() < 0.3:
                add(kind, age + r.randrange(200))
        elif what == 15 and events:
            target = r.choice(events)
            day = (target["on"] - born).days + r.randrange(1, 300)
            if r.random() < 0.5 or target["type"] != "weighed":
                if target["type"] != "entered_in_error":
                    add("entered_in_error", day, target=target["id"], reason="wrong child")
            else:
                kg = round(target["weight_kg"] * r.choice((0.97, 1.02, 0.9)), 3)
                id = add("weighed", 0, weight_kg=kg, clothing="naked", scale="class_iii", corrects=target["id"])
                late = born + dt.timedelta(days=day)
                events[-1] |= {
                    "id": id,
                    "on": target["on"],
                    "recorded_at": dt.datetime.combine(late, dt.time(12), dt.UTC),
                }
    return Record(f"child-{seed}", events)


def last_day(record: Record) -> dt.date:
    """Last day on which anything happened or was written down."""
    return max((max(e.on, e.recorded_at.date()) for e in record.events), default=dt.date(2020, 1, 1))


def ordinary_record(seed: int) -> Record:
    """One child of a caseload: weighed at clinics, on the day, mostly well; the same seed gives the same record."""
    r = random.Random(f"ordinary {seed}")
    born = dt.date(2019, 1, 1) + dt.timedelta(days=r.randrange(900))
    sex = r.choice(("male", "female"))
    table = _middle(sex)
    shared = {"actor": "a", "role": "health_visitor"}
    events: list[dict[str, Any]] = []

    def add(type: str, age: int, **fields: Any) -> None:
        on = born + dt.timedelta(days=age)
        at = dt.datetime.combine(on, dt.time(9 + len(events) % 8, len(events) % 60), dt.UTC)
        events.append({"id": f"e{len(events)}", "type": type, "on": on, "recorded_at": at, **shared, **fields})

    add("born", 0, sex=sex, gestation_days=r.choice((280, 280, 273, 266, 287)))
    z, slope = r.gauss(0, 1), r.choice((0.0,) * 9 + (-0.15,)) / 30
    ages = [0, 5, 12, 28, 56, 84, 112, 168, 224, 280, 365, 456, 548, 730]
    for planned in ages[: r.randrange(4, 15)]:
        age = max(0, planned + (r.randrange(-3, 25) if planned and r.random() < 0.7 else 0))
        if events[-1]["on"] > born + dt.timedelta(days=age) or (planned and r.random() < 0.07):
            continue
        mid, sd = table[age // 10]
        dip = -0.06 if 0 < age < 9 else 0.0
        kg = (mid + sd * (z + slope * max(0, age - 150) + r.gauss(0, 0.1))) * (1 + dip)
        if r.random() < 0.02:
            kg *= 0.93
        dress = "naked" if r.random() < 0.97 else "clothed"
        add("weighed", age, weight_kg=round(kg, 2), clothing=dress, scale="class_iii")
        if r.random() < 0.4:
            add("contact", age + r.randrange(0, 5), face_to_face=r.random() < 0.8)
        if r.random() < 0.02:
            add("sign_recorded", age + 1, signs=["fever"])
        if r.random() < 0.05:
            add("concern", age + 2, raised_by="mother", about="sleep")
    return Record(f"ordinary-{seed}", events)
