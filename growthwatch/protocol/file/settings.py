"""Settings of a protocol file: weights, terms, tiers, schedule, and what levels of rules have in common."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from growthwatch.protocol.file.action import Action
from growthwatch.protocol.file.figures import Figures
from growthwatch.protocol.file.marks import NumberMark
from growthwatch.protocol.file.process import FirstDay, Guards, Ladder, People, RequestLimits, Snooze
from growthwatch.protocol.file.values import (
    Date,
    Days,
    FileId,
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
    "AfterFinding",
    "AskedFor",
    "BestAlone",
    "ConditionFloor",
    "Confirm",
    "ContactRules",
    "FirstDay",
    "FloorBand",
    "Fluid",
    "Gains",
    "OftenWeighed",
    "Paediatrics",
    "PlanRules",
    "Protected",
    "RiskAge",
    "RoutinePoint",
    "RuleLevel",
    "Schedule",
    "ScheduleBand",
    "Settings",
    "Stay",
    "StayLimit",
    "SteadyExit",
    "Suspected",
    "SuspectedRise",
    "Terms",
    "TierRules",
    "Uncertain",
    "WeightRules",
    "YoungFever",
]


class SuspectedRise(Sourced):
    """When a weight is suspected of being too high: so many per cent, or SD, more than the last valid one so soon.

    Counted from `from_days` after birth and after 40 weeks of gestation on.
    """

    percent: Number = Field(gt=0)
    percent_within_days: Days
    z: Number = Field(gt=0)
    z_within_days: Days
    from_days: Days


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
    rise: SuspectedRise


class Uncertain(Sourced):
    """When two uncertain weights running show a fall: from which age on, and by how many centile spaces."""

    from_age_days: Days
    falling_more_than_spaces: Number = Field(gt=0)


class BestAlone(Sourced):
    """When a best weight stands alone: both neighbours so far below it, and so near to it and to each other.

    Where one of them is further from it in time, both are so far below it in z.
    """

    below_percent: Number = Field(gt=0)
    neighbours_within_percent: Number = Field(ge=0)
    within_days: Days
    further_below_z: Number = Field(gt=0)


class Confirm(Action):
    """What is asked first where a finding rests on a weight that is not sure, and until when all else waits.

    ``then`` says in words when what the finding itself asks for is to be done.
    """

    then: Text


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
    uncertain: Uncertain
    best_alone: BestAlone
    confirm: Confirm


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


class YoungFever(Sourced):
    """From which temperature a child has a fever [°C], and below which age that is a danger sign [months]."""

    below_months: Months
    at_least_c: Number


class Fluid(Sourced):
    """What names fluid for a gain, and how old an examination without swelling may be that clears it."""

    conditions: tuple[Condition, ...] = ()
    oedema_within_days: Days
    examined_within_days: Days


class Terms(Sourced):
    """Words of the rules that carry numbers: best weight, falling, exit, ill, high need, fever, fluid."""

    best_from_age_days: Days
    falling_within_days: Days
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
    fever: YoungFever
    fluid: Fluid


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


class RiskAge(Sourced):
    """Who is at risk by age alone: born before so many days of gestation, or lighter than so much.

    It lasts up to so many months: of corrected age after a birth before 37 weeks, else of age.
    """

    name: Text
    born_before_days: Days | None = None
    lighter_than_kg: Number | None = Field(default=None, gt=0)
    until_months: Months


class TierRules(Sourced):
    """What is a known growth risk and what it raises to, what protection does, when a steady child may be lowered."""

    risk_tier: TierName
    risk_conditions: tuple[Condition, ...]
    risk_levels: tuple[Level, ...]
    risk_ages: tuple[RiskAge, ...] = ()
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
    """A weight that every child is due: in the lowest tier, or in every one.

    A valid weight from ``from`` on meets it, and it is due on the last day, ``by``.  It is overdue from the day
    after, and lapses the schedule's days later, where it does not say otherwise.
    """

    name: Text
    from_days: Days | None = None
    from_months: Months | None = None
    by_days: Days | None = None
    by_months: Months | None = None
    overdue_from_days: Days | None = None
    lapsed_from_days: Days | None = None
    every_tier: Flag = False


class FloorBand(Sourced):
    """Days between weights from one age on, or from so many days of gestation and age together."""

    from_months: Months = 0
    from_gestation_days: Days | None = None
    until_months: Months | None = None
    days: Whole = Field(gt=0, le=36525)


class ConditionFloor(Sourced):
    """A floor that a condition sets, or being born early or light (a `RiskAge`, by name)."""

    name: Text
    risk_ages: tuple[Text, ...] = ()
    condition: Condition | None = None
    high_need: Flag | None = None
    highest_risk: Flag | None = None
    orally_fed: Flag | None = None
    first_months: Months | None = None
    bands: tuple[FloorBand, ...] = Field(min_length=1)


class Gains(Sourced):
    """A run of gains: each so long after the weight before, and so much from the first to the last."""

    gains: Whole = Field(gt=0)
    least_days: Days
    least_percent: Number = Field(ge=0)


class AfterFinding(Sourced):
    """How often a child is weighed after findings of some rules have closed, until it has gained again."""

    rules: tuple[Text, ...]
    days: Whole = Field(gt=0, le=36525)
    until: Gains


class AskedFor(Sourced):
    """When a weight that a finding asks for lapses: so long after the grace, and a little more for a newborn."""

    lapsed_after_days: Days
    newborn_days: Days
    newborn_below_months: Months


class StayLimit(Sourced):
    """For whom a hospital may be silent how long, and how soon after a stay a weight is due at the latest."""

    tiers: tuple[TierName, ...] = ()
    high_need: Flag | None = None
    below_months: Months | None = None
    silent_days: Days
    weigh_within_days: Days


class Stay(Sourced):
    """A stay in hospital, during which no weight is due.

    Attributes
    ----------
    roles
        Who is of the hospital.
    on_the_ward
        Who may examine a child in hospital besides, so that an examination of theirs ends no stay.
    parts, words
        What in the words of a contact names the hospital: anywhere, or as a word.
    limits
        In order; of those that fit a child the first counts, and one without conditions fits all.
    """

    roles: tuple[Role, ...] = Field(min_length=1)
    on_the_ward: tuple[Role, ...] = ()
    parts: tuple[Text, ...] = ()
    words: tuple[Text, ...] = ()
    limits: tuple[StayLimit, ...] = Field(min_length=1)

    def named_in(self, text: str) -> bool:
        """Whether a text names a hospital."""
        return bool(self.parts or self.words) and _names(self.parts, self.words).search(text) is not None


class OftenWeighed(Sourced):
    """Which findings, and what of late, explain that a child is weighed more often than is usual."""

    tiers: tuple[TierName, ...]
    explained_by: tuple[Text, ...]
    within_days: Days


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
    gains_for_longer_floor: Gains
    after: AfterFinding | None = None
    asked: AskedFor
    stay: Stay
    often: OftenWeighed
    bands: tuple[ScheduleBand, ...] = Field(min_length=1)
    routine: tuple[RoutinePoint, ...] = ()
    floors: tuple[ConditionFloor, ...] = ()


class PlanRules(Sourced):
    """When a signed plan moves the level tests to the reference of a condition that it names.

    Attributes
    ----------
    plan_moves_levels
        Whether any does; if not, level tests stay on the protocol's reference.
    signing_roles
        Whose plan does.
    length_within_days
        How old a length or height may be.
    nutrition_within_months
        How old a review of nutrition may be [calendar months].
    nutrition_roles
        Whose examination of feeding is one.
    """

    plan_moves_levels: Flag
    signing_roles: tuple[Role, ...] = Field(min_length=1)
    length_within_days: Days
    nutrition_within_months: Months
    nutrition_roles: tuple[Role, ...] = Field(min_length=1)


class ContactRules(Sourced):
    """At which contacts face to face it is noted that something was not asked or done.

    Attributes
    ----------
    asked_from_tier, asked_for_high_need
        From which tier on, and whether for high need in every one, danger signs and advice are asked about.
    weighed_from_tier
        From which tier on a child who is seen is weighed, or it is said why not.
    """

    asked_from_tier: TierName
    asked_for_high_need: Flag
    weighed_from_tier: TierName


class RuleLevel(Sourced):
    """One severity of a rule; later levels are graver.  ``closes_words``: what closes it, if that is not the rule's."""

    name: Text
    loudness: Loudness
    stage: Stage | None = None
    tier: TierName | None = None
    closes_words: Text | None = None
    actions: tuple[Action, ...] = ()


class Settings(Sourced):
    """A protocol file without its rules."""

    schema_: Literal[2] = Field(alias="schema")
    id: FileId
    version: Text
    title: Text
    status: Text
    effective_from: Date
    effective_until: Date | None = None
    zone: Text
    calendar: Text
    reference: Text
    correction: CorrectionName
    figures: Figures | None = None
    numbers: tuple[NumberMark, ...] = ()
    weights: WeightRules
    terms: Terms
    tiers: TierRules
    plans: PlanRules
    contacts: ContactRules | None = None
    schedule: Schedule
    process: People
    requests: tuple[RequestLimits, ...] = Field(min_length=1)
    ladder: Ladder
    snooze: Snooze
    guards: Guards
    first_day: FirstDay
