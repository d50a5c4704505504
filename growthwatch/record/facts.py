"""Facts: what happened to a child, and what somebody saw."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from growthwatch.record.forms import Event
from growthwatch.record.values import AnyRole, Identifier, Keys, Positive, Signs, Text, not_empty, whole, wrong
from growthwatch.record.words import Clothing, Condition, Level, Scale

__all__ = [
    "Admission",
    "Born",
    "Concern",
    "ConditionDiagnosed",
    "ConditionEnded",
    "Contact",
    "Died",
    "Discharged",
    "EnteredInError",
    "Examined",
    "IllnessRecorded",
    "LeadLeft",
    "LeadNamed",
    "LevelChanged",
    "Measured",
    "MovedAway",
    "ProtectionPlan",
    "SignRecorded",
    "StrategyDiscussion",
    "WasNotBrought",
    "Weighed",
]


class Born(Event, frozen=True):
    """The child was born; `on` is the birth date."""

    type: Literal["born"] = "born"
    sex: Literal["male", "female"] | None = None
    gestation_days: (
        Annotated[int, BeforeValidator(whole(140, 315, "completed days of gestation, a whole number from 140 to 315"))]
        | None
    ) = None


class Weighed(Event, frozen=True):
    """The child was weighed; whether the weight is valid is computed by the protocol, never stored."""

    refers: ClassVar[tuple[str, ...]] = ("repeats",)

    type: Literal["weighed"] = "weighed"
    weight_kg: Positive
    clothing: Clothing | None = None
    scale: Scale | None = None
    date_certain: bool = True
    setting: Text | None = None
    repeats: Identifier | None = None


class Measured(Event, frozen=True):
    """A length, height, head or arm circumference was measured."""

    type: Literal["measured"] = "measured"
    measure: Literal["height", "head", "arm"]
    value_cm: Positive
    position: Literal["lying", "standing"] | None = None


class Contact(Event, frozen=True):
    """Somebody saw the child, or spoke or wrote about the child."""

    type: Literal["contact"] = "contact"
    face_to_face: bool
    weighed: bool = False
    out_of_hours: bool = False
    service: Text | None = None
    about: Text | None = None
    advice: Text | None = None


class Concern(Event, frozen=True):
    """Somebody was concerned; `explained_as` keeps how it was explained away, if it was."""

    type: Literal["concern"] = "concern"
    raised_by: Text
    about: Text
    explained_as: Text | None = None


class SignRecorded(Event, frozen=True):
    """Signs or symptoms were recorded."""

    type: Literal["sign_recorded"] = "sign_recorded"
    signs: Annotated[Signs, AfterValidator(not_empty)]
    about: Text | None = None


class IllnessRecorded(Event, frozen=True):
    """An illness was recorded, with or without signs."""

    type: Literal["illness_recorded"] = "illness_recorded"
    illness: Text
    signs: Signs = ()


class Examined(Event, frozen=True):
    """A clinician examined the child; `answers` are finding keys or event ids.

    `length` and `feeding` say what was found of them, if they were looked at.
    """

    type: Literal["examined"] = "examined"
    answers: Keys = ()
    outcome: Text
    length: Literal["normal", "not_normal"] | None = None
    feeding: Literal["normal", "not_normal"] | None = None


class WasNotBrought(Event, frozen=True):
    """The child was not brought, or the visit was cancelled, refused or had no access."""

    type: Literal["was_not_brought"] = "was_not_brought"
    kind: Literal["not_brought", "cancelled", "refused", "no_access"] = "not_brought"
    service: Text


class ConditionDiagnosed(Event, frozen=True):
    """A condition was diagnosed."""

    type: Literal["condition_diagnosed"] = "condition_diagnosed"
    condition: Condition
    gmfcs: Annotated[int, BeforeValidator(whole(1, 5, "a GMFCS level, a whole number from 1 to 5"))] | None = None
    high_need: bool | None = None
    highest_risk: bool = False
    description: Text | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.gmfcs is not None and self.condition != "cerebral_palsy":
            raise wrong("no GMFCS level: it is for cerebral_palsy only", field="gmfcs", value=self.gmfcs)
        if self.highest_risk and self.condition != "congenital_heart_disease":
            raise wrong("false: it is for congenital_heart_disease only", field="highest_risk", value=True)
        return self


class ConditionEnded(Event, frozen=True):
    """A condition no longer holds: a tube is out, a heart is repaired, a diagnosis was dropped."""

    type: Literal["condition_ended"] = "condition_ended"
    condition: Condition
    reason: Text


class LeadNamed(Event, frozen=True):
    """A lead professional was named."""

    type: Literal["lead_named"] = "lead_named"
    name: Text
    lead_role: AnyRole
    level: Text | None = None


class LeadLeft(Event, frozen=True):
    """The lead professional left."""

    type: Literal["lead_left"] = "lead_left"
    reason: Text | None = None


class LevelChanged(Event, frozen=True):
    """The level of service changed.  The key of `from_` is ``from`` when written."""

    type: Literal["level_changed"] = "level_changed"
    from_: Level | None = Field(default=None, validation_alias="from", serialization_alias="from")
    to: Level
    plan_transferred: bool | None = None
    accepted_by: Text | None = None


class ProtectionPlan(Event, frozen=True):
    """A child protection plan began or ended."""

    type: Literal["protection_plan"] = "protection_plan"
    state: Literal["began", "ended"]
    category: Text | None = None


class StrategyDiscussion(Event, frozen=True):
    """A strategy discussion was held."""

    type: Literal["strategy_discussion"] = "strategy_discussion"
    outcome: Text | None = None


class Admission(Event, frozen=True):
    """The child was admitted to hospital."""

    type: Literal["admission"] = "admission"
    hospital: Text | None = None


class Discharged(Event, frozen=True):
    """The child was discharged from hospital."""

    type: Literal["discharged"] = "discharged"
    hospital: Text | None = None
    plan: Text | None = None


class MovedAway(Event, frozen=True):
    """The family moved out of the area."""

    type: Literal["moved_away"] = "moved_away"
    to_area: Text | None = None


class Died(Event, frozen=True):
    """The child died."""

    type: Literal["died"] = "died"


class EnteredInError(Event, frozen=True):
    """Another event was entered in error: from `recorded_at` on it no longer counts.

    To take a mark back, mark the mark: the event counts again.
    """

    refers: ClassVar[tuple[str, ...]] = ("target",)

    type: Literal["entered_in_error"] = "entered_in_error"
    target: Identifier
    reason: Text

    @model_validator(mode="after")
    def _corrects_nothing(self) -> Self:
        if self.corrects is not None:
            raise wrong(
                "nothing: an error mark replaces no event; mark the wrong mark in error and make a new one",
                field="corrects",
                value=self.corrects,
            )
        return self
