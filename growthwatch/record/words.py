"""The closed vocabularies of a record: who wrote, what was seen, which condition, which level."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

__all__ = [
    "NEW_CONDITIONS",
    "NEW_WORDS",
    "Asked",
    "Clothing",
    "Condition",
    "DangerSigns",
    "FamilyTold",
    "Level",
    "Role",
    "RoleWord",
    "Scale",
    "ServiceKind",
    "Sign",
    "SignWord",
    "Tier",
    "Topic",
]


class Role(StrEnum):
    """Who wrote an event: the closed vocabulary of roles."""

    HEALTH_VISITOR = "health_visitor"
    SPECIALIST_HEALTH_VISITOR = "specialist_health_visitor"
    COMMUNITY_NURSE = "community_nurse"
    SCHOOL_NURSE = "school_nurse"
    MIDWIFE = "midwife"
    GP = "gp"
    PRACTICE_NURSE = "practice_nurse"
    PAEDIATRICIAN = "paediatrician"
    HOSPITAL_DOCTOR = "hospital_doctor"
    HOSPITAL_NURSE = "hospital_nurse"
    EMERGENCY_DEPARTMENT = "emergency_department"
    OUT_OF_HOURS_CLINICIAN = "out_of_hours_clinician"
    DIETITIAN = "dietitian"
    PHYSIOTHERAPIST = "physiotherapist"
    OCCUPATIONAL_THERAPIST = "occupational_therapist"
    SPEECH_AND_LANGUAGE_THERAPIST = "speech_and_language_therapist"
    ENTERAL_NURSE = "enteral_nurse"
    RESPITE_WORKER = "respite_worker"
    PORTAGE_WORKER = "portage_worker"
    EARLY_YEARS_WORKER = "early_years_worker"
    SOCIAL_WORKER = "social_worker"
    TEAM_LEAD = "team_lead"
    NAMED_NURSE = "named_nurse"
    EARLY_SUPPORT_LEAD = "early_support_lead"
    ADMINISTRATOR = "administrator"
    FAMILY = "family"
    SYSTEM = "system"
    OTHER = "other"
    PARAMEDIC = "paramedic"


RoleWord = Literal[
    "health_visitor", "specialist_health_visitor", "community_nurse", "school_nurse", "midwife", "gp",
    "practice_nurse", "paediatrician", "hospital_doctor", "hospital_nurse", "emergency_department",
    "out_of_hours_clinician", "dietitian", "physiotherapist", "occupational_therapist",
    "speech_and_language_therapist", "enteral_nurse", "respite_worker", "portage_worker", "early_years_worker",
    "social_worker", "team_lead", "named_nurse", "early_support_lead", "administrator", "family", "system", "other",
    "paramedic",
]  # fmt: skip
"""The roles as words, which are taken wherever a `Role` is."""


class Sign(StrEnum):
    """A sign or symptom that somebody recorded: a closed vocabulary."""

    DETERIORATING = "deteriorating"
    ALTERED_RESPONSIVENESS = "altered_responsiveness"
    SUNKEN_EYES = "sunken_eyes"
    TACHYCARDIA = "tachycardia"
    TACHYPNOEA = "tachypnoea"
    REDUCED_TURGOR = "reduced_turgor"
    REDUCED_URINE = "reduced_urine"
    SHOCK = "shock"
    INTAKE_BELOW_75_PERCENT_24H = "intake_below_75_percent_24h"
    INTAKE_BELOW_50_PERCENT = "intake_below_50_percent"
    FAILED_TUBE = "failed_tube"
    VOMITING = "vomiting"
    FEVER = "fever"
    POOR_INTAKE = "poor_intake"
    DIARRHOEA = "diarrhoea"
    OEDEMA = "oedema"
    GREEN_VOMIT = "green_vomit"
    NO_WET_NAPPY_12H = "no_wet_nappy_12h"


SignWord = Literal[
    "deteriorating", "altered_responsiveness", "sunken_eyes", "tachycardia", "tachypnoea", "reduced_turgor",
    "reduced_urine", "shock", "intake_below_75_percent_24h", "intake_below_50_percent", "failed_tube", "vomiting",
    "fever", "poor_intake", "diarrhoea", "oedema", "green_vomit", "no_wet_nappy_12h",
]  # fmt: skip
"""The signs as words, which are taken wherever a `Sign` is."""

Clothing = Literal["naked", "nappy", "vest_and_pants", "light_clothes", "clothed"]
"""What the child wore on the scale."""

Scale = Literal["class_iii", "other"]
"""The class of the scale."""

Condition = Literal[
    "cerebral_palsy",
    "other_neurodisability",
    "trisomy_21",
    "turner",
    "noonan",
    "achondroplasia",
    "congenital_heart_disease",
    "cystic_fibrosis",
    "chronic_kidney_disease",
    "coeliac",
    "inflammatory_bowel_disease",
    "epilepsy",
    "tube_feeding",
    "ketogenic_diet",
    "unsafe_swallow",
    "disability",
    "other",
    "liver_disease",
    "steroids",
]
"""A condition that bears on growth or feeding."""

Level = Literal["universal", "early_help", "early_support", "child_in_need", "child_protection", "looked_after"]
"""A level of service."""

Tier = Literal["T0", "T1", "T2"]
"""A tier that a signed decision can lower a child to."""

Topic = Literal["weight", "feeding", "intake", "looks", "other"]
"""What a worry is about."""

DangerSigns = Literal["none", "present", "not_asked"]
"""What was found when danger signs were asked about and looked for."""

FamilyTold = Literal["agreed", "disagreed", "not_told"]
"""Whether the family knows of a request, and what they said to it."""

Asked = Literal["asked", "declined"]
"""Whether a carer was asked, or did not want to say."""

ServiceKind = Literal[
    "health_visiting",
    "gp",
    "paediatrics",
    "dietetics",
    "community_nursing",
    "speech_and_language",
    "hospital",
    "other",
]
"""Which kind of service an appointment was at."""

NEW_WORDS: frozenset[StrEnum] = frozenset({Role.PARAMEDIC, Sign.GREEN_VOMIT, Sign.NO_WET_NAPPY_12H})
"""Roles and signs that version 1 of the format does not have."""

NEW_CONDITIONS: frozenset[Condition] = frozenset({"liver_disease", "steroids"})
"""Conditions that version 1 of the format does not have."""
