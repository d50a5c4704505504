"""Records built in a line or two: a child, and what happened to it, by age in days or by date."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
from typing import Any

import growthwatch.protocol as gwp
from growthwatch.core.calendar import as_instant
from growthwatch.protocol import Change, Finding, Obligation, Protocol, Review
from growthwatch.protocol.child.ages import months_after
from growthwatch.protocol.engine.fold import Fold
from growthwatch.record import Record
from growthwatch.record.known import Known
from growthwatch.references import reference

SPACE = 2 / 3
UK = reference("uk-who")
HV = gwp.protocol("uk-hv")

Day = int | str | dt.date

_USUAL = {("clothing", "naked"), ("scale", "class_iii"), ("role", "health_visitor"), ("date_certain", True)}


def folded(record: Record, day: dt.date, protocol: Protocol = HV, every_day: bool = False) -> Fold:
    """The fold of a record up to the end of a day."""
    fold = Fold(Known.of(record, as_of=as_instant(day, protocol.zone), zone=protocol.zone), [protocol], every_day)
    fold.run()
    return fold


def step_by_step(record: Record, day: dt.date, **more: Any) -> Review:
    """A review whose growth is worked out weight by weight, never in columns: one that can be gone on from."""
    return gwp.review(record, protocol=HV, as_of=day, resumable=True, **more)


class Child:
    """A child's record as it grows; every event returns the child.

    Days are ages in days, or dates.  An event is written down on its day at noon, or
    `late` days afterwards; of one day, in the order in which it was told.
    """

    def __init__(
        self,
        born: str | dt.date | None = "2024-01-15",
        sex: str | None = "female",
        gestation_days: int | None = 280,
        birth_kg: float | None = 3.4,
        gmfcs: int | None = None,
    ) -> None:
        self._count = itertools.count()
        self.events: list[dict[str, Any]] = []
        self.sex, self.gestation_days = sex, gestation_days
        self.birthday = dt.date.fromisoformat(str(born)) if born is not None else dt.date(2024, 1, 15)
        if born is not None:
            self.add("born", 0, sex=sex, gestation_days=gestation_days)
        if birth_kg is not None:
            self.weigh(birth_kg, 0)
        if gmfcs is not None:
            self.condition("cerebral_palsy", 0, gmfcs=gmfcs)

    def __repr__(self) -> str:
        told = [f"Child({self.sex}, {self.gestation_days}, {self.birthday})"]
        for e in self.events:
            late = (e["recorded_at"].date() - e["on"]).days
            rest = {
                k: v
                for k, v in e.items()
                if k not in ("type", "on", "recorded_at", "actor")
                and not (isinstance(v, str | bool) and (k, v) in _USUAL)
            }
            told.append(f"  {(e['on'] - self.birthday).days:5}{f' (+{late})' if late else ''} {e['type']} {rest}")
        return "\n".join(told)

    def copy(self) -> Child:
        """The same child, to be told of differently from here on."""
        return copy.deepcopy(self)

    def date(self, day: Day) -> dt.date:
        if isinstance(day, int):
            return self.birthday + dt.timedelta(days=day)
        return day if isinstance(day, dt.date) else dt.date.fromisoformat(day)

    def add(self, type: str, day: Day, *, late: int = 0, id: str | None = None, **fields: Any) -> Child:
        n = next(self._count)
        on = self.date(day)
        moment = dt.datetime.combine(on + dt.timedelta(days=late), dt.time(12, n // 60 % 60, n % 60), dt.UTC)
        self.last = id or f"{type}-{n}"
        self.events.append(
            {
                "id": self.last,
                "type": type,
                "on": on,
                "recorded_at": fields.pop("recorded_at", moment),
                "actor": "a",
                "role": fields.pop("role", "health_visitor"),
                **{k: v for k, v in fields.items() if v is not None},
            }
        )
        return self

    def weigh(self, kg: float, day: Day, **fields: Any) -> Child:
        fields = {"clothing": "naked", "scale": "class_iii"} | fields
        return self.add("weighed", day, weight_kg=kg, **fields)

    def clothed(self, kg: float, day: Day, **fields: Any) -> Child:
        return self.weigh(kg, day, clothing="clothed", **fields)

    def contact(self, day: Day, **fields: Any) -> Child:
        return self.add("contact", day, **{"face_to_face": True} | fields)

    def condition(self, condition: str, day: Day, **fields: Any) -> Child:
        return self.add("condition_diagnosed", day, condition=condition, **fields)

    def ill(self, day: Day, **fields: Any) -> Child:
        return self.add("illness_recorded", day, **{"illness": "cold"} | fields)

    def sign(self, sign: str, day: Day, **fields: Any) -> Child:
        return self.add("sign_recorded", day, signs=[sign], **fields)

    def examined(self, day: Day, **fields: Any) -> Child:
        return self.add("examined", day, **{"outcome": "seen", "role": "gp"} | fields)

    def plan(self, day: Day, **fields: Any) -> Child:
        """A plan that says what a plan must: an outcome for the child, and a day of review, six months ahead."""
        fields = {"plan": "care", "reason": "agreed"} | fields
        if fields["plan"] in ("care", "condition"):
            ends = dt.date.fromordinal(months_after(self.date(day).toordinal(), 6))
            fields = {"outcome_for_child": "half a kilogram in 28 days", "review_by": ends} | fields
        if fields.get("reference") is not None:
            fields = {"role": "paediatrician"} | fields
        return self.add("plan_signed", day, **fields)

    def led(self, day: Day = 0, **fields: Any) -> Child:
        """The child has a lead, with a deputy and a supervisor: without one, nobody signs the tier down."""
        usual = {"name": "Hana Reid", "lead_role": "health_visitor", "role": "team_lead"}
        return self.add("lead_named", day, **usual | {"deputy": "Tom Ellis", "supervisor": "Ada Quill"} | fields)

    def decide(self, day: Day, decision: str, **fields: Any) -> Child:
        """A decision; a weight is confirmed by somebody else than who weighed it."""
        if decision == "confirm_weight":
            fields = {"actor": "b"} | fields
        return self.add("decision_signed", day, decision=decision, reason="seen", **fields)

    def kg(self, z: float, day: int) -> float:
        """The weight at a z, as the reference has it."""
        return float(UK.value(z, age_days=day, sex=self.sex, gestation_days=self.gestation_days))  # pyright: ignore

    def at_z(self, z: float, day: int, **fields: Any) -> Child:
        return self.weigh(self.kg(z, day), day, **fields)

    def steady(self, z: float, days: list[int]) -> Child:
        for day in days:
            self.at_z(z, day)
        return self

    @property
    def record(self) -> Record:
        return Record("child", self.events)

    def review(self, day: Day, protocol: Protocol = HV, **more: Any) -> Review:
        return gwp.review(self.record, protocol=protocol, as_of=self.date(day), **more)

    def levels(self, day: Day, protocol: Protocol = HV) -> dict[str, str]:
        """Open findings at the end of a day: rule and level."""
        return {f.rule: f.level for f in self.review(day, protocol).findings}

    def changes(self, until: Day, protocol: Protocol = HV) -> list[Change]:
        return list(gwp.replay(self.record, protocol=protocol, until=self.date(until)))

    def opened(self, rule: str, until: Day, protocol: Protocol = HV) -> list[tuple[int, str]]:
        """Age and level of each opening and growing graver of a rule."""
        return [
            ((c.on - self.birthday).days, level)
            for c in self.changes(until, protocol)
            for _, r, level in (*c.opened, *c.raised)
            if r == rule
        ]

    def closed(self, rule: str, until: Day, protocol: Protocol = HV) -> list[tuple[int, str]]:
        """Age and closing event of each closing of a rule."""
        return [
            ((c.on - self.birthday).days, by)
            for c in self.changes(until, protocol)
            for _, r, by in c.closed
            if r == rule
        ]

    def age(self, day: dt.date | None) -> int | None:
        return None if day is None else (day - self.birthday).days

    def due_age(self, day: Day, protocol: Protocol = HV) -> int | None:
        return self.age(self.review(day, protocol).due.due)


def fallen(birth_z: float, z: float, day: int = 200, **more: Any) -> Child:
    child = Child(birth_kg=None, **more)
    born = more.get("gestation_days") or 280  # from 37+0 weeks on a birth is read at 40 weeks
    at = {"corrected_age_days": float(born - 280 if born < 259 else 0)}
    child.weigh(float(UK.value(birth_z, sex=child.sex, **at)), 0)  # pyright: ignore[reportArgumentType]
    return child.at_z(z, day)


def own_deeds(finding: Finding) -> list[Obligation]:
    """What the levels of a finding ask for themselves, without what the ladder adds where a deed is late."""
    return [o for o in finding.obligations if not (o.id or "").startswith(f"{finding.key}#{o.level}.E")]


def deadlines(child: Child, rule: str, day: int) -> list[int]:
    """Days allowed by each deed of the levels of an open finding."""
    found = [f for f in child.review(day).findings if f.rule == rule]
    return [(o.deadline - o.set_on).days for f in found for o in own_deeds(f)]
