"""A drawn caseload: invented children of 0 to 3 years, how they grow, and how they are weighed.

Others import this (`staff.py`, `burden.py`).  Children grow by the packaged model of healthy growth; some
have a condition, some decline, weights are sometimes clothed or entered wrongly.

Rates are plain guesses of what a team in England meets, each with why; no source gives them together.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import growthwatch as gw
from growthwatch.core.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from growthwatch.growth.healthy import Walk, condition_path
from growthwatch.growth.model import noise_sd

# --- who the children are ---------------------------------------------------------------------

WITH_CONDITION = 0.08
"""Share with a known condition: surveys count about one young child in twelve as disabled."""
HIGH_NEED_OF_CONDITIONS = 0.10
"""Of these with severe neurodisability: more than registers count, so that 300 children hold two or three."""
DECLINES_OF_CONDITIONS, DECLINES_OF_OTHERS = 0.25, 0.02
"""Who truly slows within the two years: feeding difficulty is common with a condition; else rare."""
DECLINE_Z_A_MONTH, DECLINE_Z_AT_MOST = 0.12, 1.5
"""How fast and how far: a third of a centile space in two months; a clear fall, not a collapse."""
EARLY_HELP = 0.05
"""Share at a level of help above universal without a condition."""
BORN_EARLY = 0.07
"""Born at 32 to 36 weeks: England, 7 to 8 % before 37 weeks, few of them before 32."""
OLDEST_AT_START_DAYS = int(3.0 * DAYS_PER_YEAR)
"""Ages at the start are even from birth to here, so that nobody is five before the end."""

# --- how weights are taken -----------------------------------------------------------------------

NOT_BROUGHT = 0.07
"""Share of appointments that are missed: 5 to 10 % in children's clinics."""
CLOTHED, OTHER_SCALE, NOT_SAID = 0.03, 0.01, 0.05
"""Share weighed in clothes, on another scale, and with neither written down."""
HEIGHT_WITH_WEIGHT = 0.7
"""How heights go with weights [correlation of z]: 0.6 to 0.75 in surveys of the first years."""
WRONG_ENTRY = 0.006
"""Weights entered wrongly: 0.63 % (Hirata 2017), most in pounds or with a misplaced point."""

CONDITIONS = ("trisomy_21", "congenital_heart_disease", "epilepsy", "coeliac", "disability", "tube_feeding")
SEEN = {"face_to_face": True, "danger_signs": "none", "advice_sought": "no"}
FIRST_ROUTINE = (5, 12, 60, 90, 118, 320, 400, 800)
"""Ages of weighing before the start [days]: first week, new birth visit, three times by four months, two reviews."""

UK = gw.reference("uk-who")


@dataclass
class Child:
    """An invented child, and the body that is weighed."""

    name: str
    born: dt.date
    sex: str
    gestation_days: int
    rng: np.random.Generator
    condition: str | None = None
    high_need: bool = False
    early_help: bool = False
    declines_from_days: float = math.inf
    dips: list[tuple[dt.date, float]] = field(default_factory=list[tuple[dt.date, float]])
    count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.walk = Walk(1, self.rng)
        self.walk_sex = np.array([self.sex == "female"], dtype=np.uint8)
        z = float(np.clip(self.walk.step(np.zeros(1), noise_sd(UK, self.walk_sex, np.zeros(1)))[0], -2.5, 2.5))
        early = self.gestation_days < 259
        at: dict[str, float] = {"corrected_age_days": float(self.gestation_days - 280)} if early else {"age_days": 0.0}
        self.birth_kg = float(UK.value(z, sex=self.sex, **at))
        self.first_loss = max(0.0, self.rng.normal(0.055, 0.022))
        self.stature = float(self.rng.normal())
        self.walked = 14.0
        self.last: tuple[dt.date, float] | None = None

    @property
    def healthy(self) -> bool:
        """No condition, and no decline."""
        return self.condition is None and math.isinf(self.declines_from_days)

    def kg(self, on: dt.date) -> float:
        """What a naked child weighs on a day, with the noise of one weighing."""
        if self.last is not None and self.last[0] == on:
            return max(0.3, self.last[1] + self.rng.normal(0.0, 0.02))
        age = (on - self.born).days
        if age < 14:
            lost = self.first_loss * min(age / 3.0, max(0.0, (13.0 - age) / 10.0))
            kg = self.birth_kg * (1.0 - lost)
        else:
            from_term = float(max(14, age - max(0, 280 - self.gestation_days)))
            self.walked = max(from_term, self.walked)
            noise = noise_sd(UK, self.walk_sex, np.array([self.walked]))
            z = float(self.walk.step(np.array([self.walked]), noise)[0])
            if self.high_need:
                z += float(condition_path(np.array([from_term]))[0])
            fallen = max(0.0, age - self.declines_from_days) / DAYS_PER_MONTH * DECLINE_Z_A_MONTH
            z -= min(DECLINE_Z_AT_MOST, fallen)
            kg = float(UK.value(z, age_days=age, sex=self.sex, gestation_days=self.gestation_days))
            if not math.isfinite(kg):
                kg = self.birth_kg
        for day, loss in self.dips:
            kg *= 1.0 - loss * max(0.0, 1.0 - abs((on - day).days) / 14.0)
        self.last = on, kg
        return kg

    def height_z(self, on: dt.date) -> float:
        """z of the height: small children are light, and light children small; as alike on every day."""
        age = (on - self.born).days
        z = float(UK.z(self.kg(on), age_days=age, sex=self.sex))
        return HEIGHT_WITH_WEIGHT * z + math.sqrt(1.0 - HEIGHT_WITH_WEIGHT**2) * self.stature

    # --- events -------------------------------------------------------------------------

    def event(self, type: str, on: dt.date, known: dt.date | None = None, **fields: Any) -> dict[str, Any]:
        """An event, written down at noon of its day or a later one, in the order of telling."""
        n = next(self.count)
        moment = dt.datetime.combine(known or on, dt.time(12, n // 60 % 60, n % 60), dt.UTC)
        shared = {"id": f"e{n}", "type": type, "on": on, "recorded_at": moment, "actor": "hv", "role": "health_visitor"}
        return shared | fields

    def weighed(self, on: dt.date, plain: bool = False) -> list[dict[str, Any]]:
        """A visit with a weighing: undressed on a class III scale, most of the time."""
        kg = self.kg(on)
        how: dict[str, Any] = {
            "clothing": "naked" if (on - self.born).days < 730 else "vest_and_pants",
            "scale": "class_iii",
        }
        draw = 1.0 if plain else self.rng.random()
        if draw < CLOTHED:
            kg, how["clothing"] = kg + max(0.15, self.rng.normal(0.5, 0.2)), "clothed"
        elif draw < CLOTHED + OTHER_SCALE:
            kg, how["scale"] = kg + self.rng.normal(0.0, 0.15), "other"
        elif draw < CLOTHED + OTHER_SCALE + NOT_SAID:
            how = {}
        if not plain and self.rng.random() < WRONG_ENTRY:
            kg *= self.rng.choice([10.0, 0.1, 2.2046, 0.4536])
        # The visit is written down first, so that its weight is known when the day is judged.
        visit = self.event("contact", on, weighed=True, service="health visiting", **SEEN)
        return [visit, self.event("weighed", on, weight_kg=round(kg, 2), **how)]

    def past(self, until: dt.date, with_lead: bool = True) -> list[dict[str, Any]]:
        """What the record holds before a day: birth, a condition, a lead, routine weights."""
        out = [
            self.event("born", self.born, actor="mw", role="midwife", sex=self.sex, gestation_days=self.gestation_days)
        ]
        out.append(
            self.event(
                "weighed",
                self.born,
                role="midwife",
                weight_kg=round(self.birth_kg, 2),
                clothing="naked",
                scale="class_iii",
            )
        )
        since = min(until, self.born + dt.timedelta(days=20))
        if self.condition is not None:
            what: dict[str, Any] = {"condition": self.condition}
            if self.high_need:
                what = {"condition": "cerebral_palsy", "gmfcs": 5, "high_need": True}
            out.append(self.event("condition_diagnosed", since, role="paediatrician", **what))
        if self.early_help:
            out.append(self.event("level_changed", since, role="early_support_lead", to="early_help"))
        if with_lead and (self.condition is not None or self.early_help):
            out.append(self.named(since))
        for age in FIRST_ROUTINE:
            on = self.born + dt.timedelta(days=age + int(self.rng.integers(-1, 2 + age // 40)))
            if on < until and self.rng.random() > NOT_BROUGHT:
                out += self.weighed(on)
        return out

    def named(self, on: dt.date, n: int = 1) -> dict[str, Any]:
        """A lead with a deputy and supervision."""
        return self.event(
            "lead_named",
            on,
            role="team_lead",
            name=f"Lead {n}",
            lead_role="health_visitor",
            deputy="Deputy",
            supervisor="Supervisor",
        )


def children(n: int, start: dt.date, seed: int, healthy: bool = False) -> list[Child]:
    """Draw children of 0 to 3 years on a day; all of them healthy, or a mixed caseload."""
    out: list[Child] = []
    for i in range(n):
        rng = np.random.default_rng([seed, i])
        sex = "female" if rng.random() < 0.5 else "male"
        early = not healthy and rng.random() < BORN_EARLY
        gestation = int(rng.integers(224, 259)) if early else int(np.clip(rng.normal(279, 8), 259, 294))
        born = start - dt.timedelta(days=int(rng.integers(0, OLDEST_AT_START_DAYS)))
        child = Child(f"child-{i}", born, sex, gestation, rng)
        if not healthy:
            if rng.random() < WITH_CONDITION:
                child.condition = str(rng.choice(CONDITIONS))
                child.high_need = bool(rng.random() < HIGH_NEED_OF_CONDITIONS)
            child.early_help = child.condition is None and bool(rng.random() < EARLY_HELP)
            share = DECLINES_OF_OTHERS if child.condition is None else DECLINES_OF_CONDITIONS
            if rng.random() < share:
                child.declines_from_days = (start - born).days + float(rng.uniform(30, 600))
        out.append(child)
    return out
