"""Settings of a protocol file: weights, terms, tiers, schedule, and what levels of rules have in common."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from growthwatch.protocol.file.values import (
    Date,
    Days,
    Flag,
    Loudness,
    Months,
    Number,
    Sourced,
    Stage,
    Text,
    TierName,
    Whole,
)
from growthwatch.record import Clothing, Condition, Level, Role, Scale
from growthwatch.references.metadata import CorrectionName

__all__ = [
    "Action",
    "ConditionFloor",
    "FloorBand",
    "Paediatrics",
    "Protected",
    "RoutinePoint",
    "RuleLevel",
    "Schedule",
    "ScheduleBand",
    "Settings",
    "SteadyExit",
    "Suspected",
    "Terms",
    "TierRules",
    "WeightRules",
]


class Action(Sourced):
    """What somebody must do, by when, and what happens if not.

    ``met_by`` names what in the record shows that it was done; without it, it stands until
    its finding closes.
    """

    do: Text
    owner: Role
    within_days: Days
    urgent_within_days: Days | None = None
    if_not: Text | None = None
    for_: Literal["ordinary", "high_need"] | None = Field(default=None, alias="for")
    met_by: (
        Literal[
            "valid_weight",
            "seen",
            "examined",
            "paediatrics_asked",
            "paediatrics_seen",
            "feeding_reviewed",
            "plan",
            "sick_day_plan",
        ]
        | None
    ) = None


class Suspected(Sourced):
    """When a weight is suspected of being an entry error."""

    beyond_z: Number = Field(gt=0)
    birth_beyond_z: Number = Field(gt=0)
    jump_z: Number = Field(gt=0)
    jump_within_days: Days
    factors: tuple[Annotated[float, Field(strict=True, gt=1)], ...]
    fits_within_z: Number = Field(gt=0)
    confirmed_within_z: Number = Field(gt=0)
    confirmed_within_days: Days
    ratio_without_z: Number = Field(gt=1)
    ratio_without_z_ever: Number = Field(gt=1)


class WeightRules(Sourced):
    """What makes a weight valid."""

    naked_below_months: Months
    clothing_below: tuple[Clothing, ...] = Field(min_length=1)
    clothing_from: tuple[Clothing, ...] = Field(min_length=1)
    scales: tuple[Scale, ...] = Field(min_length=1)
    repeat_within_minutes: Whole = Field(ge=0)
    least_kg: Number = Field(gt=0)
    most_kg: Number = Field(gt=0)
    suspected: Suspected
    confirm: Action


@cache
def _names(parts: tuple[str, ...], words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds one of the parts anywhere in a text, or one of the words as a word, whatever the case."""
    found = [re.escape(p) for p in parts] + [rf"(?<!\w){re.escape(w)}(?!\w)" for w in words]
    return re.compile("|".join(found), re.IGNORECASE)


class Paediatrics(Sourced):
    """Who counts as paediatrics or a hospital, and the words of free text that name them."""

    roles: tuple[Role, ...] = Field(min_length=1)
    parts: tuple[Text, ...] = ()
    words: tuple[Text, ...] = ()

    def named_in(self, text: str) -> bool:
        """Whether a text says that something goes to paediatrics or a hospital."""
        return bool(self.parts or self.words) and _names(self.parts, self.words).search(text) is not None


class Terms(Sourced):
    """Words of the rules that carry numbers: best weight, falling, exit, ill, high need."""

    best_from_age_days: Days
    falling_least_days: Days
    exit_least_days: Days
    exit_least_days_t3: Days
    ill_within_days: Days
    high_need_gmfcs_from: Whole = Field(ge=1, le=5)
    own_reference_conditions: tuple[Condition, ...] = ()
    examining_roles: tuple[Role, ...] = Field(min_length=1)
    sign_rules: tuple[Text, ...] = ()
    signing_roles: tuple[Role, ...] = Field(min_length=1)
    paediatrics: Paediatrics


class SteadyExit(Sourced):
    """When a tier may be lowered though a threshold is not cleared: steady growth, and all else normal."""

    tier: TierName
    high_need: Flag
    found_normal: tuple[Literal["length", "feeding"], ...]
    days: Whole = Field(gt=0, le=36525)
    within_spaces: Number = Field(gt=0)
    evidence_below: Number = Field(gt=0)


class Protected(Sourced):
    """To which tier a child in another rises who is protected: a protection plan, or an open safeguarding referral."""

    tier: TierName
    to: TierName


class TierRules(Sourced):
    """What is a known growth risk and what it raises to, what protection does, when a steady child may be lowered."""

    risk_tier: TierName
    risk_conditions: tuple[Condition, ...]
    risk_levels: tuple[Level, ...]
    preterm_born_before_days: Days
    preterm_until_corrected_months: Months
    safeguarding_is_risk: Flag = False
    protected: Protected | None = None
    steady: SteadyExit | None = None


class ScheduleBand(Sourced):
    """Floors, ceiling and grace for one band of age."""

    name: Text
    from_months: Months
    t1_days: Whole = Field(gt=0, le=36525)
    t2_days: Whole = Field(gt=0, le=36525)
    t3_days: Whole = Field(gt=0, le=36525)
    t3_after_gains_days: Whole | None = Field(default=None, gt=0, le=36525)
    ceiling_days: Whole = Field(gt=0, le=36525)
    ceiling_words: Text
    grace_days: Days


class RoutinePoint(Sourced):
    """A weight that every child is due, whatever the tier."""

    name: Text
    from_days: Days | None = None
    from_months: Months | None = None
    by_days: Days | None = None
    by_months: Months | None = None


class FloorBand(Sourced):
    """Days between weights from one age on."""

    from_months: Months
    until_months: Months | None = None
    days: Whole = Field(gt=0, le=36525)


class ConditionFloor(Sourced):
    """A floor that a condition sets."""

    name: Text
    condition: Condition | None = None
    high_need: Flag | None = None
    highest_risk: Flag | None = None
    orally_fed: Flag | None = None
    first_months: Months | None = None
    bands: tuple[FloorBand, ...] = Field(min_length=1)


class Schedule(Sourced):
    """How often a child is to be weighed."""

    earliest_fraction: Number = Field(ge=0, lt=1)
    grace_fraction: Number = Field(ge=0, le=1)
    lapsed_after_floors: Whole = Field(gt=1, le=100)
    plan_stretch_at_most: Number = Field(ge=1, le=100)
    plan_at_most_days: Whole = Field(gt=0, le=36525)
    plan_at_most_below_months: Months
    plan_lasts_months: Whole = Field(gt=0, le=36525)
    routine_lapses_after_days: Days
    after_routine: Text
    gains_for_longer_floor: Whole = Field(gt=0)
    bands: tuple[ScheduleBand, ...] = Field(min_length=1)
    routine: tuple[RoutinePoint, ...] = ()
    floors: tuple[ConditionFloor, ...] = ()


class RuleLevel(Sourced):
    """One severity of a rule; later levels are graver."""

    name: Text
    loudness: Loudness
    stage: Stage | None = None
    tier: TierName | None = None
    actions: tuple[Action, ...] = ()


class Settings(Sourced):
    """A protocol file without its rules."""

    schema_: Literal[1] = Field(alias="schema")
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    version: Text
    title: Text
    status: Text
    effective_from: Date
    effective_until: Date | None = None
    zone: Text
    calendar: Text
    reference: Text
    correction: CorrectionName
    weights: WeightRules
    terms: Terms
    tiers: TierRules
    schedule: Schedule
