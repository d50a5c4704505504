"""Facts: what happened to a child, and what somebody saw."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, model_validator

from growthwatch.record.forms import Added, Event
from growthwatch.record.values import (
    MAX_KEY_1,
    NO_SIGNS,
    Celsius,
    Day,
    Identifier,
    Keys,
    Name,
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
    Clothing,
    Condition,
    DangerSigns,
    Scale,
    ServiceKind,
    Sign,
    Topic,
)

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
    "Measured",
    "ParentsMeasured",
    "SignRecorded",
    "WasNotBrought",
    "Weighed",
]


class Born(Event, frozen=True):
    """The child was born; `on` is the birth date.

    Parameters
    ----------
    sex : {'male', 'female'}, optional
        Sex of the child, by which the references score.
    gestation_days : int from 140 to 315, optional
        Completed days of gestation at birth [days]; 40 weeks and 0 days is 280.
    """

    type: Literal["born"] = "born"
    sex: Literal["male", "female"] | None = None
    gestation_days: (
        Annotated[int, BeforeValidator(whole(140, 315, "completed days of gestation, a whole number from 140 to 315"))]
        | None
    ) = None


class Weighed(Event, frozen=True):
    """The child was weighed; whether the weight is valid is computed by the protocol, never stored.

    `scale_id` and `scale_checked_on` are shown and judge nothing.

    Parameters
    ----------
    weight_kg : float, required
        The weight [kg], exact as it was read.
    clothing : {'naked', 'nappy', 'vest_and_pants', 'light_clothes', 'clothed'}, optional
        What the child wore.
    scale : {'class_iii', 'other'}, optional
        The class of the scale.
    date_certain : bool, optional, default True
        Whether the day is certain.
    setting : str, optional
        Where, or how, in words.
    repeats : str, optional
        The id of the weighing that this one repeats: both happened.
    weighed_by : {'professional', 'family'}, optional, since version 2
        Who weighed.
    witnessed_by : str, optional, since version 2
        Who watched a family weigh.
    scale_id : str, optional, since version 2
        Which scale; shown, judges nothing.
    scale_checked_on : date, optional, since version 2
        When it was last checked; shown, judges nothing.
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
    witnessed_by: Name | None = None
    scale_id: Text | None = None
    scale_checked_on: Day | None = None


class Measured(Event, frozen=True):
    """A length, height, head or arm circumference, or a skinfold, was measured.

    Parameters
    ----------
    measure : {'height', 'head', 'arm', 'triceps_skinfold'}, required
        What was measured: lying length or standing height (``height``), circumference of head or arm, or a
        skinfold. Since version 2: ``triceps_skinfold``.
    value_cm : float, required
        The value [cm].
    position : {'lying', 'standing'}, optional
        How a length was measured.
    """

    added: ClassVar[Added] = {"measure": frozenset({"triceps_skinfold"})}

    type: Literal["measured"] = "measured"
    measure: Literal["height", "head", "arm", "triceps_skinfold"]
    value_cm: Positive
    position: Literal["lying", "standing"] | None = None


class Contact(Event, frozen=True):
    """Somebody saw the child, or spoke or wrote about the child.

    Parameters
    ----------
    face_to_face : bool, required
        Whether somebody saw the child.
    weighed : bool, optional, default False
        Whether the child was weighed then; the weight itself is an event of its own.
    out_of_hours : bool, optional, default False
        Whether it was out of hours.
    service : str, optional
        Which service.
    about : str, optional
        What it was about.
    advice : str, optional
        What advice was given.
    danger_signs : {'none', 'present', 'not_asked'}, optional, since version 2
        What was found when danger signs were asked about and looked for.
    advice_sought : {'yes', 'no', 'not_asked'}, optional, since version 2
        Whether the family asked anybody for advice since.
    not_weighed_because : str, optional, since version 2
        Why the child was not weighed.
    presentation : str, optional, since version 2
        How the child looked.
    """

    added: ClassVar[Added] = dict.fromkeys(("danger_signs", "advice_sought", "not_weighed_because", "presentation"))

    type: Literal["contact"] = "contact"
    face_to_face: bool
    weighed: bool = False
    out_of_hours: bool = False
    service: Name | None = None
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
    """Somebody was concerned; `explained_as` keeps how it was explained away, if it was.

    Parameters
    ----------
    raised_by : str, required
        Who was concerned.
    about : str, required
        What the worry is about, in words.
    explained_as : str, optional
        How the concern was explained away, if it was.
    topics : sequence of {'weight', 'feeding', 'intake', 'looks', 'other'}, optional, since version 2
        What it is about; not said, the concern is taken to be about growth.
    """

    judged_in_doubt: ClassVar[bool] = True
    added: ClassVar[Added] = {"topics": None}

    type: Literal["concern"] = "concern"
    raised_by: Name
    about: Text
    explained_as: Text | None = None
    topics: Annotated[tuple[Topic, ...], BeforeValidator(listing), AfterValidator(unique)] = ()


class SignRecorded(Event, frozen=True):
    """Signs or symptoms were recorded; `well` says whether the child was well otherwise.

    Parameters
    ----------
    signs : sequence of Sign, required
        The signs, each once, at least one.
    about : str, optional
        More, in words.
    temperature_c : float, optional, since version 2
        Body temperature [degrees Celsius], from 20 to 46.
    well : bool, optional, since version 2
        Whether the child was well otherwise.
    """

    judged_in_doubt: ClassVar[bool] = True
    added: ClassVar[Added] = dict.fromkeys(("temperature_c", "well"))

    type: Literal["sign_recorded"] = "sign_recorded"
    signs: Annotated[Signs, AfterValidator(not_empty)]
    about: Text | None = None
    temperature_c: Celsius | None = None
    well: bool | None = None


class IllnessRecorded(Event, frozen=True):
    """An illness was recorded, with or without signs; `well` says whether the child was well otherwise.

    Parameters
    ----------
    illness : str, required
        Which illness, in words.
    signs : sequence of Sign, optional
        The signs, each once.
    temperature_c : float, optional, since version 2
        Body temperature [degrees Celsius], from 20 to 46.
    well : bool, optional, since version 2
        Whether the child was well otherwise.
    """

    judged_in_doubt: ClassVar[bool] = True
    added: ClassVar[Added] = dict.fromkeys(("temperature_c", "well"))

    type: Literal["illness_recorded"] = "illness_recorded"
    illness: Text
    signs: Signs = NO_SIGNS
    temperature_c: Celsius | None = None
    well: bool | None = None


class Examined(Event, frozen=True):
    """A clinician examined the child; `answers` are finding keys or event ids.

    `length` and `feeding` say what was found of them, if they were looked at; `danger_signs` and `oedema`
    whether there were any; `explanation` whether the weight is explained.

    Parameters
    ----------
    answers : sequence of str, optional
        Keys of the findings, or ids of the events, that this examination answers.
    outcome : str, required
        What was found.
    length : {'normal', 'not_normal'}, optional
        What was found of the length, if it was looked at.
    feeding : {'normal', 'not_normal'}, optional
        What was found of the feeding, if it was looked at.
    danger_signs : {'none', 'present', 'not_asked'}, optional, since version 2
        What was found when danger signs were asked about and looked for.
    oedema : {'none', 'present'}, optional, since version 2
        Whether there was swelling.
    feed_observed : bool, optional, since version 2
        Whether a feed was watched.
    history_taken : bool, optional, since version 2
        Whether a feeding history was taken.
    explanation : {'found', 'none_found'}, optional, since version 2
        Whether the weight is explained.
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

    Parameters
    ----------
    kind : {'not_brought', 'cancelled', 'refused', 'no_access', 'cancelled_by_service'}, optional, default 'not_brought'
        What happened to the appointment. Since version 2: ``cancelled_by_service``.
    service : str, required
        Which service the child was expected at.
    moved_to : date, optional, since version 2
        The day of the next appointment, if one was made.
    service_kind : word, optional, since version 2
        Which kind of service that is. One of ``health_visiting``, ``gp``, ``paediatrics``, ``dietetics``,
        ``community_nursing``, ``speech_and_language``, ``hospital``, ``other``.
    """

    judged_in_doubt: ClassVar[bool] = True
    added: ClassVar[Added] = {"kind": frozenset({"cancelled_by_service"}), "moved_to": None, "service_kind": None}

    type: Literal["was_not_brought"] = "was_not_brought"
    kind: Literal["not_brought", "cancelled", "refused", "no_access", "cancelled_by_service"] = "not_brought"
    service: Name
    moved_to: Day | None = None
    service_kind: ServiceKind | None = None


class ConditionDiagnosed(Event, frozen=True):
    """A condition was diagnosed.

    Parameters
    ----------
    condition : word, required
        The condition. One of ``cerebral_palsy``, ``other_neurodisability``, ``trisomy_21``, ``turner``, ``noonan``,
        ``achondroplasia``, ``congenital_heart_disease``, ``cystic_fibrosis``, ``chronic_kidney_disease``,
        ``coeliac``, ``inflammatory_bowel_disease``, ``epilepsy``, ``tube_feeding``, ``ketogenic_diet``,
        ``unsafe_swallow``, ``disability``, ``other``, ``liver_disease``, ``steroids``. Since version 2:
        ``liver_disease``, ``steroids``.
    gmfcs : int from 1 to 5, optional
        GMFCS level; for ``cerebral_palsy`` only.
    high_need : bool, optional
        Whether the need is equivalent to GMFCS IV to V; from which GMFCS level need is high is for the protocol to
        say, and from there on it is, whatever stands here.
    highest_risk : bool, optional, default False
        Whether the child is at the highest risk; for ``congenital_heart_disease`` before surgery only.
    description : str, optional
        The diagnosis in words.
    """

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
    """A condition no longer holds: a tube is out, a heart is repaired, a diagnosis was dropped.

    Parameters
    ----------
    condition : word, required
        The condition. One of ``cerebral_palsy``, ``other_neurodisability``, ``trisomy_21``, ``turner``, ``noonan``,
        ``achondroplasia``, ``congenital_heart_disease``, ``cystic_fibrosis``, ``chronic_kidney_disease``,
        ``coeliac``, ``inflammatory_bowel_disease``, ``epilepsy``, ``tube_feeding``, ``ketogenic_diet``,
        ``unsafe_swallow``, ``disability``, ``other``, ``liver_disease``, ``steroids``. Since version 2:
        ``liver_disease``, ``steroids``.
    reason : str, required
        Why it no longer holds.
    """

    added: ClassVar[Added] = {"condition": NEW_CONDITIONS}

    type: Literal["condition_ended"] = "condition_ended"
    condition: Condition
    reason: Text


class ParentsMeasured(Event, frozen=True):
    """Heights of the parents; `reported` if they were told, not measured.

    Since version 2 of the format.

    Parameters
    ----------
    mother_cm : float, optional
        Height of the mother [cm].
    father_cm : float, optional
        Height of the father [cm].
    reported : bool, optional, default False
        Whether the heights were told, not measured.
    """

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


class Admission(Event, frozen=True):
    """The child was admitted to hospital.

    Parameters
    ----------
    hospital : str, optional
        To which hospital.
    """

    type: Literal["admission"] = "admission"
    hospital: Name | None = None


class Discharged(Event, frozen=True):
    """The child was discharged from hospital.

    Parameters
    ----------
    hospital : str, optional
        From which hospital.
    plan : str, optional
        The plan on discharge.
    """

    type: Literal["discharged"] = "discharged"
    hospital: Name | None = None
    plan: Text | None = None


class Died(Event, frozen=True):
    """The child died."""

    type: Literal["died"] = "died"


class EnteredInError(Event, frozen=True):
    """Another event was entered in error: from `recorded_at` on it no longer counts.

    To take a mark back, mark the mark: the event counts again.

    Parameters
    ----------
    target : str, required
        The id of the event that counts no more.
    reason : str, required
        Why it does not.
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
