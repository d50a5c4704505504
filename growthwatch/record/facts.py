"""Facts: what happened to a child, and what somebody saw."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from growthwatch.record.forms import Added, Event
from growthwatch.record.values import (
    MAX_KEY_1,
    AnyRole,
    Celsius,
    Day,
    Identifier,
    Key,
    Keys,
    Positive,
    Signs,
    Text,
    listing,
    not_empty,
    unique,
    whole,
    wrong,
)
from growthwatch.record.words import (
    NEW_CONDITIONS,
    Asked,
    Clothing,
    Condition,
    DangerSigns,
    Level,
    Scale,
    ServiceKind,
    Sign,
    Topic,
)

__all__ = [
    "Admission",
    "AdviceReported",
    "Born",
    "CarerAsked",
    "Concern",
    "ConditionDiagnosed",
    "ConditionEnded",
    "ConferenceHeld",
    "Contact",
    "Died",
    "Discharged",
    "EnteredInError",
    "Examined",
    "Explained",
    "IllnessRecorded",
    "LeadAway",
    "LeadLeft",
    "LeadNamed",
    "LevelChanged",
    "ListRead",
    "Measured",
    "MovedAway",
    "MovedIn",
    "ParentsMeasured",
    "ProtectionPlan",
    "ServiceAllocated",
    "SiblingKnown",
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
    """The child was weighed; whether the weight is valid is computed by the protocol, never stored.

    `scale_id` and `scale_checked_on` are shown and judge nothing.
    """

    judged_in_doubt: ClassVar[bool] = True
    refers: ClassVar[tuple[str, ...]] = ("repeats",)
    added: ClassVar[Added] = dict.fromkeys(("weighed_by", "witnessed_by", "scale_id", "scale_checked_on"))

    type: Literal["weighed"] = "weighed"
    weight_kg: Positive
    clothing: Clothing | None = None
    scale: Scale | None = None
    date_certain: bool = True
    setting: Text | None = None
    repeats: Identifier | None = None
    weighed_by: Literal["professional", "family"] | None = None
    witnessed_by: Text | None = None
    scale_id: Text | None = None
    scale_checked_on: Day | None = None


class Measured(Event, frozen=True):
    """A length, height, head or arm circumference, or a skinfold, was measured."""

    added: ClassVar[Added] = {"measure": frozenset({"triceps_skinfold"})}

    type: Literal["measured"] = "measured"
    measure: Literal["height", "head", "arm", "triceps_skinfold"]
    value_cm: Positive
    position: Literal["lying", "standing"] | None = None


class Contact(Event, frozen=True):
    """Somebody saw the child, or spoke or wrote about the child."""

    added: ClassVar[Added] = dict.fromkeys(("danger_signs", "advice_sought", "not_weighed_because", "presentation"))

    type: Literal["contact"] = "contact"
    face_to_face: bool
    weighed: bool = False
    out_of_hours: bool = False
    service: Text | None = None
    about: Text | None = None
    advice: Text | None = None
    danger_signs: DangerSigns | None = None
    advice_sought: Literal["yes", "no", "not_asked"] | None = None
    not_weighed_because: Text | None = None
    presentation: Text | None = None

    def in_doubt(self, day: dt.date) -> Event | None:
        """Danger signs that were found, and nothing of the contact itself."""
        return _found_danger(self, day) if self.danger_signs == "present" else None


class Concern(Event, frozen=True):
    """Somebody was concerned; `explained_as` keeps how it was explained away, if it was."""

    judged_in_doubt: ClassVar[bool] = True
    added: ClassVar[Added] = {"topics": None}

    type: Literal["concern"] = "concern"
    raised_by: Text
    about: Text
    explained_as: Text | None = None
    topics: Annotated[tuple[Topic, ...], BeforeValidator(listing), AfterValidator(unique)] = ()


class SignRecorded(Event, frozen=True):
    """Signs or symptoms were recorded; `well` says whether the child was well otherwise."""

    judged_in_doubt: ClassVar[bool] = True
    added: ClassVar[Added] = dict.fromkeys(("temperature_c", "well"))

    type: Literal["sign_recorded"] = "sign_recorded"
    signs: Annotated[Signs, AfterValidator(not_empty)]
    about: Text | None = None
    temperature_c: Celsius | None = None
    well: bool | None = None


class IllnessRecorded(Event, frozen=True):
    """An illness was recorded, with or without signs; `well` says whether the child was well otherwise."""

    judged_in_doubt: ClassVar[bool] = True
    added: ClassVar[Added] = dict.fromkeys(("temperature_c", "well"))

    type: Literal["illness_recorded"] = "illness_recorded"
    illness: Text
    signs: Signs = ()
    temperature_c: Celsius | None = None
    well: bool | None = None


class Examined(Event, frozen=True):
    """A clinician examined the child; `answers` are finding keys or event ids.

    `length` and `feeding` say what was found of them, if they were looked at; `danger_signs` and `oedema`
    whether there were any; `explanation` whether the weight is explained.
    """

    added: ClassVar[Added] = dict.fromkeys(("danger_signs", "oedema", "feed_observed", "history_taken", "explanation"))

    type: Literal["examined"] = "examined"
    answers: Keys = ()
    outcome: Text
    length: Literal["normal", "not_normal"] | None = None
    feeding: Literal["normal", "not_normal"] | None = None
    danger_signs: DangerSigns | None = None
    oedema: Literal["none", "present"] | None = None
    feed_observed: bool | None = None
    history_taken: bool | None = None
    explanation: Literal["found", "none_found"] | None = None

    @property
    def version(self) -> int:
        """The lowest version of the format that can hold this."""
        return 2 if any(len(key) > MAX_KEY_1 for key in self.answers) else super().version

    def in_doubt(self, day: dt.date) -> Event | None:
        """Danger signs that were found, or else oedema, and nothing of the examination itself."""
        if self.danger_signs == "present":
            return _found_danger(self, day)
        if self.oedema == "present":
            return SignRecorded(**_told(self), on=day, signs=(Sign.OEDEMA,))
        return None


def _told(e: Event) -> dict[str, Any]:
    """Which event it is, and who wrote it down when."""
    kept = ("id", "time", "recorded_at", "actor", "role", "corrects", "note")
    return {name: getattr(e, name) for name in kept}


def _found_danger(e: Event, day: dt.date) -> Contact:
    """Danger signs as somebody found them: no contact face to face, and so none that counts."""
    return Contact(**_told(e), on=day, face_to_face=False, danger_signs="present")


class WasNotBrought(Event, frozen=True):
    """The child was not brought, or the visit was cancelled, refused or had no access.

    `moved_to` is the day of the next appointment, if one was made.
    """

    judged_in_doubt: ClassVar[bool] = True
    added: ClassVar[Added] = {"kind": frozenset({"cancelled_by_service"}), "moved_to": None, "service_kind": None}

    type: Literal["was_not_brought"] = "was_not_brought"
    kind: Literal["not_brought", "cancelled", "refused", "no_access", "cancelled_by_service"] = "not_brought"
    service: Text
    moved_to: Day | None = None
    service_kind: ServiceKind | None = None


class ConditionDiagnosed(Event, frozen=True):
    """A condition was diagnosed."""

    added: ClassVar[Added] = {"condition": NEW_CONDITIONS}

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

    added: ClassVar[Added] = {"condition": NEW_CONDITIONS}

    type: Literal["condition_ended"] = "condition_ended"
    condition: Condition
    reason: Text


class LeadNamed(Event, frozen=True):
    """A lead professional was named; `replaces` is the event that named the one before."""

    is_arrangement: ClassVar[bool] = True
    refers: ClassVar[tuple[str, ...]] = ("replaces",)
    added: ClassVar[Added] = dict.fromkeys(("replaces", "deputy", "deputy_role", "supervisor"))

    type: Literal["lead_named"] = "lead_named"
    name: Text
    lead_role: AnyRole
    level: Text | None = None
    replaces: Identifier | None = None
    deputy: Text | None = None
    deputy_role: AnyRole | None = None
    supervisor: Text | None = None


class LeadLeft(Event, frozen=True):
    """The lead professional left; `name` says who, where two stood."""

    is_arrangement: ClassVar[bool] = True
    added: ClassVar[Added] = {"name": None}

    type: Literal["lead_left"] = "lead_left"
    reason: Text | None = None
    name: Text | None = None


class LevelChanged(Event, frozen=True):
    """The level of service changed.  The key of `from_` is ``from`` when written."""

    is_arrangement: ClassVar[bool] = True

    type: Literal["level_changed"] = "level_changed"
    from_: Level | None = Field(default=None, validation_alias="from", serialization_alias="from")
    to: Level
    plan_transferred: bool | None = None
    accepted_by: Text | None = None


class ProtectionPlan(Event, frozen=True):
    """A child protection plan began or ended."""

    is_arrangement: ClassVar[bool] = True

    type: Literal["protection_plan"] = "protection_plan"
    state: Literal["began", "ended"]
    category: Text | None = None


class StrategyDiscussion(Event, frozen=True):
    """A strategy discussion was held; who of health and of the disability service was there."""

    added: ClassVar[Added] = dict.fromkeys(("section_47", "health_present", "disability_present"))

    type: Literal["strategy_discussion"] = "strategy_discussion"
    outcome: Text | None = None
    section_47: bool | None = None
    health_present: bool | None = None
    disability_present: bool | None = None


class ConferenceHeld(Event, frozen=True):
    """A child protection conference or core group was held."""

    since: ClassVar[int] = 2

    type: Literal["conference_held"] = "conference_held"
    kind: Literal["initial", "core_group", "review"]
    weight_trend_shown: bool | None = None


class Explained(Event, frozen=True):
    """Somebody explained a finding or a worry by something.  The key of `as_` is ``as`` when written."""

    since: ClassVar[int] = 2

    type: Literal["explained"] = "explained"
    target: Key
    as_: Literal["condition", "family_size", "illness", "feeding", "equipment", "entry_error", "other"] = Field(
        validation_alias="as", serialization_alias="as"
    )
    words: Text


class AdviceReported(Event, frozen=True):
    """Somebody says that advice was given, which nobody may have written down."""

    since: ClassVar[int] = 2

    type: Literal["advice_reported"] = "advice_reported"
    advice_on: Day
    given_by: Text
    reported_by: Text
    about: Text


class CarerAsked(Event, frozen=True):
    """The carer was asked how he or she is; what was not asked about is left out."""

    since: ClassVar[int] = 2

    type: Literal["carer_asked"] = "carer_asked"
    history: Asked | None = None
    sleep: Asked | None = None
    support: Asked | None = None
    safety: Asked | None = None
    exhausted: bool | None = None


class LeadAway(Event, frozen=True):
    """The lead professional is away for a time.  The key of `from_` is ``from`` when written."""

    is_arrangement: ClassVar[bool] = True
    since: ClassVar[int] = 2

    type: Literal["lead_away"] = "lead_away"
    from_: Day = Field(validation_alias="from", serialization_alias="from")
    until: Day | None = None
    cover: Text | None = None
    cover_role: AnyRole | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until < self.from_:
            raise wrong("a day that is not before the first day away", field="until", value=self.until)
        return self


class SiblingKnown(Event, frozen=True):
    """There is a brother or sister, by pseudonym; or there is none."""

    since: ClassVar[int] = 2

    type: Literal["sibling_known"] = "sibling_known"
    sibling: Text | None = None
    none: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.sibling is None) == (self.none is None):
            raise wrong("either a sibling or none: true", field="sibling", value=self.sibling)
        return self


class ServiceAllocated(Event, frozen=True):
    """A service named the worker who looks after the child."""

    is_arrangement: ClassVar[bool] = True
    since: ClassVar[int] = 2

    type: Literal["service_allocated"] = "service_allocated"
    service: Text
    worker: Text


class ParentsMeasured(Event, frozen=True):
    """Heights of the parents; `reported` if they were told, not measured."""

    since: ClassVar[int] = 2

    type: Literal["parents_measured"] = "parents_measured"
    mother_cm: Positive | None = None
    father_cm: Positive | None = None
    reported: bool = False

    @model_validator(mode="after")
    def _one_at_least(self) -> Self:
        if self.mother_cm is None and self.father_cm is None:
            raise wrong("the height of at least one parent", field="mother_cm")
        return self


class ListRead(Event, frozen=True):
    """Somebody read a list, named by its hash, and this child's row in it."""

    since: ClassVar[int] = 2

    type: Literal["list_read"] = "list_read"
    list: Text
    by: Text


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

    is_arrangement: ClassVar[bool] = True

    type: Literal["moved_away"] = "moved_away"
    to_area: Text | None = None


class MovedIn(Event, frozen=True):
    """The family moved into the area."""

    is_arrangement: ClassVar[bool] = True
    since: ClassVar[int] = 2

    type: Literal["moved_in"] = "moved_in"
    from_area: Text | None = None


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
